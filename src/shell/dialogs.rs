//! Dialogs: help, a new file, the open file, import.

use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use super::SHORTCUTS;
use crate::app::use_dispatch;
use crate::state::{Action, Dialog};
use crate::widgets::icon::{Icon, icon};
use text::FileId;

#[derive(Properties, PartialEq)]
pub struct DialogsProps {
    pub dialog: Option<Dialog>,
    /// The open file.
    pub active: FileId,
    /// All files.
    pub names: Vec<(FileId, String)>,
}

/// The open dialog, shown by the browser itself, which keeps the focus in it and brings it back.
#[component]
pub fn Dialogs(props: &DialogsProps) -> Html {
    let node = use_node_ref();
    let dispatch = use_dispatch();
    {
        let node = node.clone();
        use_effect_with(props.dialog, move |dialog| {
            if let Some(element) = node.cast::<HtmlDialogElement>() {
                if dialog.is_some() && !element.open() {
                    // Fails only for a dialog that is open already.
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
    let (title, body) = match props.dialog {
        Some(Dialog::Help) => ("What this is", html! { <Help /> }),
        Some(Dialog::NewFile) => {
            ("New file", html! { <NameForm names={props.names.clone()} word="Create" /> })
        }
        Some(Dialog::File) => (
            "The open file",
            html! {
                <>
                    <NameForm names={props.names.clone()} active={props.active} word="Rename" />
                    if props.names.len() > 1 { <Remove active={props.active} /> }
                </>
            },
        ),
        Some(Dialog::Import) => ("Import", html! { <Import /> }),
        None => ("", Html::default()),
    };
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

#[component]
fn Help() -> Html {
    let dispatch = use_dispatch();
    html! {
        <>
            <p>{ "Edit Prometheus configuration and Kubernetes manifests on the left. On the right stands what a Prometheus 3.14 in that cluster would do: which targets it finds and why, what it scrapes from them as time goes on, and what a query gives." }</p>
            <p>{ "Time is simulated: play it, or go one scrape on, and let things happen with the buttons at the bottom. Nothing leaves your browser; your text is kept in it." }</p>
            <h3>{ "Keys" }</h3>
            <dl class="kv">
                { for SHORTCUTS.iter().map(|(keys, what)| html! {
                    <><dt><kbd>{ *keys }</kbd></dt><dd>{ *what }</dd></>
                }) }
            </dl>
            if debugging() {
                <h3>{ "Testing" }</h3>
                <button type="button" onclick={move |_| dispatch.emit(Action::Spin)}>
                    { "Start a job that never ends" }
                </button>
            }
        </>
    }
}

/// Whether the address asks for the tools that the tests use: `?debug`.
fn debugging() -> bool {
    let search = web_sys::window().and_then(|window| window.location().search().ok());
    search.is_some_and(|search| search.contains("debug"))
}

#[derive(Properties, PartialEq)]
struct NameFormProps {
    names: Vec<(FileId, String)>,
    /// The file that gets the name; a new one otherwise.
    #[prop_or_default]
    active: Option<FileId>,
    /// What the button says.
    word: &'static str,
}

/// Asks for a file's name, and says by the field why it cannot be one.
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
                input.set_custom_validity(&format!("There is a file {name} already."));
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

#[component]
fn Import() -> Html {
    let dispatch = use_dispatch();
    let readers = use_mut_ref(Vec::new);
    let onchange = move |event: Event| {
        let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
        let Some(list) = input.files() else { return };
        let files: Vec<gloo::file::File> = gloo::file::FileList::from(list).to_vec();
        let wanted = files.len();
        let read = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        for file in files {
            let (dispatch, read, name) = (dispatch.clone(), read.clone(), file.name());
            let reader = gloo::file::callbacks::read_as_text(&file, move |text| {
                let mut read = read.borrow_mut();
                read.push((name.clone(), text.ok()));
                if read.len() == wanted {
                    read.sort();
                    dispatch.emit(Action::OpenDialog(None));
                    let mut files = Vec::new();
                    for (name, text) in read.drain(..) {
                        match text {
                            Some(text) => files.push((name, text)),
                            None => {
                                dispatch.emit(Action::Say(format!("{name} could not be read.")))
                            }
                        }
                    }
                    dispatch.emit(Action::OpenFiles(files));
                }
            });
            readers.borrow_mut().push(reader);
        }
    };
    html! {
        <>
            <p>{ "Choose YAML files: " }<code>{ "prometheus.yml" }</code>{ ", manifests, rule files. They take the place of the files that are open." }</p>
            <input type="file" multiple=true accept=".yml,.yaml,.json,.prom,text/*" aria-label="Files to import" autofocus=true {onchange} />
        </>
    }
}
