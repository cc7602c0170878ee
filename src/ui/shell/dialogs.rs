//! Dialogs: help, a new file, import.

use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use super::SHORTCUTS;
use crate::ui::app::use_dispatch;
use crate::ui::state::{Action, Dialog};
use crate::ui::widgets::icon::{Icon, icon};

#[derive(Properties, PartialEq)]
pub struct DialogsProps {
    pub dialog: Option<Dialog>,
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
        Some(Dialog::NewFile) => ("New file", html! { <NewFile /> }),
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

#[component]
fn NewFile() -> Html {
    let dispatch = use_dispatch();
    let node = use_node_ref();
    let onsubmit = {
        let node = node.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(input) = node.cast::<HtmlInputElement>() {
                dispatch.emit(Action::NewFile(input.value()));
            }
        }
    };
    html! {
        <form {onsubmit} class="row">
            <label for="new-file">{ "Name" }</label>
            <input ref={node} id="new-file" type="text" required=true placeholder="rules.yaml" autocomplete="off" />
            <button type="submit" class="primary">{ "Create" }</button>
        </form>
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
                read.push((name.clone(), text.unwrap_or_default()));
                if read.len() == wanted {
                    read.sort();
                    dispatch.emit(Action::OpenFiles(std::mem::take(&mut *read)));
                    dispatch.emit(Action::OpenDialog(None));
                }
            });
            readers.borrow_mut().push(reader);
        }
    };
    html! {
        <>
            <p>{ "Choose YAML files: " }<code>{ "prometheus.yml" }</code>{ ", manifests, rule files. They take the place of the files that are open." }</p>
            <input type="file" multiple=true accept=".yml,.yaml,.json,text/*" aria-label="Files to import" {onchange} />
        </>
    }
}
