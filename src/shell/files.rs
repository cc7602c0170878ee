//! Tabs of the open files.

use web_sys::Element;
use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, Dialog, Document, Shared};
use crate::widgets::icon::{Icon, icon};
use crate::widgets::tabs::{show_active, tab_keys};
use protocol::Annotations;
use text::{FileId, Severity};

#[derive(Properties, PartialEq)]
pub struct FileTabsProps {
    pub documents: Vec<Shared<Document>>,
    pub active: FileId,
    pub annotations: Vec<Shared<Annotations>>,
}

/// Returns the number of diagnostics of a severity in a file.
fn count(annotations: &[Shared<Annotations>], file: FileId, severity: Severity) -> usize {
    let of_file = annotations.iter().filter(|annotations| annotations.file == file);
    of_file.flat_map(|file| &file.diagnostics).filter(|found| found.severity == severity).count()
}

fn tab(document: &Document, selected: bool, badge: Html, choose: Callback<MouseEvent>) -> Html {
    html! {
        <button type="button" role="tab" key={document.id.0} id={format!("file-{}", document.id.0)}
            aria-selected={selected.to_string()} aria-controls="editor"
            tabindex={if selected { "0" } else { "-1" }} onclick={choose}>
            { &document.name }
            { badge }
        </button>
    }
}

#[component]
pub fn FileTabs(props: &FileTabsProps) -> Html {
    let dispatch = use_dispatch();
    let files: Vec<FileId> = props.documents.iter().map(|document| document.id).collect();
    let active = active_index(&files, props.active);
    let choose = {
        let (dispatch, files) = (dispatch.clone(), files.clone());
        Callback::from(move |index: usize| dispatch.emit(Action::Activate(files[index])))
    };
    let new = {
        let dispatch = dispatch.clone();
        move |_| dispatch.emit(Action::OpenDialog(Some(Dialog::NewFile)))
    };
    let more = {
        let dispatch = dispatch.clone();
        move |_| dispatch.emit(Action::OpenDialog(Some(Dialog::File)))
    };
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with((props.active, files.len()), move |_| {
            if let Some(list) = list.cast::<Element>() {
                show_active(&list);
            }
        });
    }
    let onkeydown = {
        let (dispatch, active) = (dispatch.clone(), props.active);
        let arrows = tab_keys(files.len(), active_index(&files, active), choose.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Delete" {
                dispatch.emit(Action::CloseFile(active));
            }
            arrows.emit(event);
        })
    };
    html! {
        <div class="tabs files">
            <div class="tablist" ref={list} role="tablist" aria-label="Files" {onkeydown}>
                { for props.documents.iter().enumerate().map(|(index, document)| {
                    let badge = badge(&props.annotations, document.id);
                    tab(document, index == active, badge, choose.reform(move |_| index))
                }) }
            </div>
            <button type="button" class="add quiet" aria-label="New file" title="New file" onclick={new}>
                { icon(Icon::Plus) }
            </button>
            <button type="button" class="add quiet" aria-label="Rename or remove the file" title="Rename or remove the file" onclick={more}>
                { icon(Icon::More) }
            </button>
        </div>
    }
}

fn active_index(files: &[FileId], active: FileId) -> usize {
    files.iter().position(|file| *file == active).unwrap_or_default()
}

fn badge(annotations: &[Shared<Annotations>], file: FileId) -> Html {
    let errors = count(annotations, file, Severity::Error);
    let warnings = count(annotations, file, Severity::Warning);
    let (class, number, word) = match (errors, warnings) {
        (0, 0) => return Html::default(),
        (0, warnings) => ("badge warn", warnings, "warning"),
        (errors, _) => ("badge bad", errors, "error"),
    };
    let plural = if number == 1 { "" } else { "s" };
    html! {
        <>{ " " }<span {class}>{ number }<span class="visually-hidden">{ format!(" {word}{plural}") }</span></span></>
    }
}
