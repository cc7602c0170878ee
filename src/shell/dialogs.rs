//! Dialogs: help, new file, rename or remove the file. Those of workspaces are in `workspaces`, those
//! of imports in `import`.

use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use super::SHORTCUTS;
use super::import::{Import, ImportReview, ShareLive};
use super::share::Share;
use super::workspaces::{ConfirmOpening, Conflict, WorkspaceList};
use crate::app::use_dispatch;
use crate::lesson::{Author, LessonList};
use crate::state::workspaces::{CurrentWorkspace, Opening, StoredWorkspace, WorkspaceRecord};
use crate::state::{Action, Dialog, Document, Learner, Shared};
use crate::widgets::icon::{Icon, icon};
use protocol::Imported;
use text::FileId;

#[derive(Properties, PartialEq)]
pub struct DialogsProps {
    pub dialog: Option<Dialog>,
    /// The active file.
    pub active: FileId,
    /// All files.
    pub names: Vec<(FileId, String)>,
    pub documents: Vec<Shared<Document>>,
    pub workspaces: Shared<Vec<WorkspaceRecord>>,
    pub current: CurrentWorkspace,
    pub opening: Option<Shared<Opening>>,
    pub imported: Option<Shared<Imported>>,
    pub conflict: Option<Shared<StoredWorkspace>>,
    pub storage_failed: Option<String>,
    pub learner: Shared<Learner>,
    /// The name of the open lesson.
    pub lesson: Option<String>,
}

/// Returns the title and the content of the open dialog.
fn content(props: &DialogsProps) -> (&'static str, Html) {
    match props.dialog {
        Some(Dialog::Help) => ("About the playground", html! { <Help /> }),
        Some(Dialog::NewFile) => {
            ("New file", html! { <NameForm names={props.names.clone()} word="Create" /> })
        }
        Some(Dialog::File) => (
            "File",
            html! {
                <>
                    <NameForm names={props.names.clone()} active={props.active} word="Rename" />
                    if props.names.len() > 1 { <Remove active={props.active} /> }
                </>
            },
        ),
        Some(Dialog::Import) => ("Import", html! { <Import /> }),
        Some(Dialog::ImportReview) => ("Import", review(props)),
        Some(Dialog::ShareLive) => ("Share data of a live system?", html! { <ShareLive /> }),
        Some(Dialog::Workspaces) => (
            "Workspaces",
            html! {
                <WorkspaceList workspaces={props.workspaces.clone()} current={props.current.clone()}
                    storage_failed={props.storage_failed.clone()} />
            },
        ),
        Some(Dialog::Opening) => ("Open other files?", confirm_opening(props)),
        Some(Dialog::Conflict) => ("Changed in two tabs", conflict(props)),
        Some(Dialog::Lessons) => (
            "Lessons",
            html! { <LessonList learner={props.learner.clone()} open={props.lesson.clone()} /> },
        ),
        Some(Dialog::Share) => ("Share", html! { <Share /> }),
        Some(Dialog::Homework) => {
            ("A lesson of your own", html! { <Author learner={props.learner.clone()} /> })
        }
        None => ("", Html::default()),
    }
}

/// The open dialog. The browser keeps the focus inside and restores it.
#[component]
pub fn Dialogs(props: &DialogsProps) -> Html {
    let node = use_node_ref();
    let dispatch = use_dispatch();
    {
        let node = node.clone();
        use_effect_with(props.dialog, move |dialog| {
            if let Some(element) = node.cast::<HtmlDialogElement>() {
                if dialog.is_some() && !element.open() {
                    // Fails only if the dialog is already open.
                    let _ = element.show_modal();
                } else if dialog.is_none() {
                    element.close();
                }
            }
        });
    }
    let close = {
        let dispatch = dispatch.clone();
        move || dispatch.emit(Action::OpenDialog(None))
    };
    let (title, body) = content(props);
    let onclose = {
        let close = close.clone();
        move |_: Event| close()
    };
    html! {
        <dialog ref={node} aria-labelledby="dialog-title" {onclose}>
            if props.dialog.is_some() {
                <div class="dialog-head">
                    <h2 id="dialog-title">{ title }</h2>
                    <span class="sp" />
                    <button type="button" class="quiet icon" aria-label="Close" onclick={move |_: MouseEvent| close()}>
                        { icon(Icon::Close) }
                    </button>
                </div>
                <div class="dialog-body">{ body }</div>
            }
        </dialog>
    }
}

fn confirm_opening(props: &DialogsProps) -> Html {
    let Some(opening) = &props.opening else { return Html::default() };
    html! {
        <ConfirmOpening opening={opening.clone()} kept={props.current.name.clone()}
            storage_failed={props.storage_failed.clone()} />
    }
}

fn review(props: &DialogsProps) -> Html {
    html! {
        <ImportReview imported={props.imported.clone()} documents={props.documents.clone()}
            current={props.current.clone()} storage_failed={props.storage_failed.clone()} />
    }
}

fn conflict(props: &DialogsProps) -> Html {
    let Some(conflict) = &props.conflict else { return Html::default() };
    html! { <Conflict conflict={conflict.clone()} documents={props.documents.clone()} /> }
}

#[component]
fn Help() -> Html {
    let dispatch = use_dispatch();
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    html! {
        <>
            <p>{ "Edit Prometheus configuration and Kubernetes manifests on the left. The right side shows what Prometheus 3.14 does in that cluster: the targets it discovers and why, the samples it scrapes over time, and the results of queries." }</p>
            <p>{ "Time is simulated. Use the controls at the bottom to play, to advance to the next scrape, and to cause events. All data stays in your browser, which also saves your files." }</p>
            <h3>{ "Keys" }</h3>
            <dl class="kv">
                { for SHORTCUTS.iter().map(|(keys, what)| html! {
                    <><dt><kbd>{ *keys }</kbd></dt><dd>{ *what }</dd></>
                }) }
            </dl>
            if debugging() {
                <h3>{ "Testing" }</h3>
                <div class="row">
                    <button type="button" onclick={act(Action::Spin)}>{ "Start a request that never ends" }</button>
                    <button type="button" onclick={act(Action::PanicWorker)}>{ "Make the worker panic" }</button>
                    <button type="button" onclick={|_: MouseEvent| panic!("requested in the help")}>{ "Make the page panic" }</button>
                </div>
            }
        </>
    }
}

/// Returns true if the address contains `?debug`, which shows tools for tests.
fn debugging() -> bool {
    let search = web_sys::window().and_then(|window| window.location().search().ok());
    search.is_some_and(|search| search.contains("debug"))
}

#[derive(Properties, PartialEq)]
struct NameFormProps {
    names: Vec<(FileId, String)>,
    /// The file that is renamed, or None for a new file.
    #[prop_or_default]
    active: Option<FileId>,
    /// The label of the button.
    word: &'static str,
}

/// A form for a file name. An invalid name is reported at the field.
#[component]
fn NameForm(props: &NameFormProps) -> Html {
    let dispatch = use_dispatch();
    let node = use_node_ref();
    let own = props.active.and_then(|active| props.names.iter().find(|(id, _)| *id == active));
    let value = own.map(|(_, name)| name.clone()).unwrap_or_default();
    let onsubmit = {
        let (node, names, active) = (node.clone(), props.names.clone(), props.active);
        move |event: SubmitEvent| {
            event.prevent_default();
            let Some(input) = node.cast::<HtmlInputElement>() else { return };
            let name = input.value().trim().to_owned();
            if names.iter().any(|(id, known)| *known == name && Some(*id) != active) {
                input.set_custom_validity(&format!("A file named {name} already exists."));
                input.report_validity();
                return;
            }
            dispatch.emit(match active {
                Some(_) => Action::RenameFile(name),
                None => Action::NewFile(name),
            });
        }
    };
    let oninput = |event: InputEvent| {
        event.target_unchecked_into::<HtmlInputElement>().set_custom_validity("");
    };
    html! {
        <form {onsubmit} class="row">
            <label for="file-name">{ "Name" }</label>
            <input ref={node} id="file-name" type="text" required=true pattern=r".*\S.*" {value} {oninput}
                placeholder="rules.yaml" autocomplete="off" autofocus=true />
            <button type="submit" class="primary">{ props.word }</button>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct RemoveProps {
    active: FileId,
}

#[component]
fn Remove(props: &RemoveProps) -> Html {
    let dispatch = use_dispatch();
    let active = props.active;
    let onclick = move |_: MouseEvent| dispatch.emit(Action::CloseFile(active));
    html! {
        <p class="row"><button type="button" {onclick}>{ "Remove the file" }</button></p>
    }
}
