//! Dialogs of workspaces: the list, the confirmation before others are opened, and the conflict
//! between two tabs.

use js_sys::Date;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::workspaces::{
    CurrentWorkspace, Excerpt, Keep, Opening, OpeningSource, StoredWorkspace, WorkspaceRecord,
    differences,
};
use crate::state::{Action, Dialog, Document, Shared, valid};

/// Differing files that the conflict shows.
const MOST_DIFFERENCES: usize = 5;

#[derive(Properties, PartialEq)]
pub struct WorkspaceListProps {
    pub workspaces: Shared<Vec<WorkspaceRecord>>,
    pub current: CurrentWorkspace,
    pub storage_failed: Option<String>,
}

#[component]
pub fn WorkspaceList(props: &WorkspaceListProps) -> Html {
    let dispatch = use_dispatch();
    // The workspace that is being renamed.
    let renamed = use_state(|| None::<String>);
    let import = {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(Action::OpenDialog(Some(Dialog::Import)))
    };
    let export = move |_: MouseEvent| dispatch.emit(Action::Export);
    let is_open = |record: &&WorkspaceRecord| record.id == props.current.id;
    let own = || props.workspaces.iter().filter(|record| record.own && record.deleted == 0.0);
    let deleted = props.workspaces.iter().filter(|record| record.own && record.deleted > 0.0);
    let open = own().filter(is_open);
    let rows = open.chain(own().filter(|record| !is_open(record)));
    let row = |record: &WorkspaceRecord| {
        let id = record.id.clone();
        let rename = {
            let renamed = renamed.clone();
            Callback::from(move |on: bool| renamed.set(on.then(|| id.clone())))
        };
        html! {
            <Row key={record.id.clone()} record={record.clone()} open={record.id == props.current.id}
                renaming={renamed.as_ref() == Some(&record.id)} {rename} />
        }
    };
    html! {
        <>
            if let Some(reason) = &props.storage_failed {
                <p class="why">{ format!("Nothing can be saved: {reason}. Workspaces are lost when this page is closed. Export downloads the open files.") }</p>
            }
            if own().next().is_none() {
                <p class="empty">{ "No workspaces yet. When you change a scenario, the page saves your version here." }</p>
            } else {
                <ul class="workspaces">{ for rows.map(row) }</ul>
            }
            if props.workspaces.iter().any(|record| record.own && record.deleted > 0.0) {
                <section>
                    <h3>{ "Deleted" }</h3>
                    <p class="muted">{ "Removed for good after 7 days." }</p>
                    <ul class="workspaces">
                        { for deleted.map(|record| html! { <DeletedRow key={record.id.clone()} record={record.clone()} /> }) }
                    </ul>
                </section>
            }
            <div class="row dialog-foot">
                <span class="grow muted">{ "Workspaces are stored in this browser only." }</span>
                <button type="button" onclick={import}>{ "Import files…" }</button>
                <button type="button" onclick={export}>{ "Export the open files" }</button>
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct RowProps {
    record: WorkspaceRecord,
    /// True if the tab shows it.
    open: bool,
    renaming: bool,
    /// Starts or ends renaming.
    rename: Callback<bool>,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let dispatch = use_dispatch();
    let record = &props.record;
    let name = &record.name;
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    let start = props.rename.reform(|_: MouseEvent| true);
    let delete = act(Action::DeleteWorkspace { id: record.id.clone(), deleted: true });
    let row = use_node_ref();
    {
        // The row loses the focused element when it changes to the form and back.
        let (row, was) = (row.clone(), use_mut_ref(|| false));
        use_effect_with(props.renaming, move |renaming| {
            let was = std::mem::replace(&mut *was.borrow_mut(), *renaming);
            let selector = if *renaming { "input" } else { "button.rename" };
            let element = row.cast::<web_sys::Element>();
            let found = element.and_then(|row| row.query_selector(selector).ok().flatten());
            if (*renaming || was)
                && let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok())
            {
                // An element that takes no focus is still usable with the pointer.
                let _ = element.focus();
            }
        });
    }
    html! {
        <li ref={row} class={classes!(props.open.then_some("open"))}>
            if props.renaming {
                <RenameForm record={record.clone()} end={props.rename.reform(|()| false)} />
            } else {
                <div class="grow">
                    if props.open {
                        <span class="name" aria-current="true">{ name }</span>
                        { " " }<span class="st">{ "Open" }</span>
                    } else {
                        <button type="button" class="name link" onclick={act(Action::OpenWorkspace(record.id.clone()))}>{ name }</button>
                    }
                    <span class="facts-line">{ facts(record) }</span>
                </div>
                <button type="button" class="small quiet rename" aria-label={format!("Rename {name}")} onclick={start}>{ "Rename" }</button>
                if !props.open {
                    <button type="button" class="small quiet" aria-label={format!("Delete {name}")} onclick={delete}>{ "Delete" }</button>
                }
            }
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct RenameFormProps {
    record: WorkspaceRecord,
    end: Callback<()>,
}

#[component]
fn RenameForm(props: &RenameFormProps) -> Html {
    let dispatch = use_dispatch();
    let node = use_node_ref();
    let onsubmit = {
        let (node, id, end) = (node.clone(), props.record.id.clone(), props.end.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let Some(input) = node.cast::<HtmlInputElement>() else { return };
            dispatch.emit(Action::RenameWorkspace { id: id.clone(), name: input.value() });
            end.emit(());
        }
    };
    let cancel = props.end.reform(|_: MouseEvent| ());
    let onkeydown = {
        let end = props.end.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                // Escape ends renaming, not the dialog.
                event.prevent_default();
                event.stop_propagation();
                end.emit(());
            }
        }
    };
    html! {
        <form class="row grow" {onsubmit}>
            <input ref={node} class="grow" type="text" aria-label="Name of the workspace" required=true pattern=r".*\S.*"
                maxlength={(valid::MOST_NAME / 4).to_string()} value={props.record.name.clone()}
                autocomplete="off" {onkeydown} />
            <button type="submit" class="small primary">{ "Rename" }</button>
            <button type="button" class="small" onclick={cancel}>{ "Cancel" }</button>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct DeletedRowProps {
    record: WorkspaceRecord,
}

#[component]
fn DeletedRow(props: &DeletedRowProps) -> Html {
    let dispatch = use_dispatch();
    let record = &props.record;
    let id = record.id.clone();
    let undo = move |_: MouseEvent| {
        dispatch.emit(Action::DeleteWorkspace { id: id.clone(), deleted: false });
    };
    html! {
        <li class="deleted">
            <div class="grow">
                <span class="name">{ &record.name }</span>
                <span class="facts-line">{ facts(record) }</span>
            </div>
            <button type="button" class="small" aria-label={format!("Undo the deletion of {}", record.name)} onclick={undo}>{ "Undo" }</button>
        </li>
    }
}

fn facts(record: &WorkspaceRecord) -> String {
    let files =
        if record.files == 1 { "1 file".to_owned() } else { format!("{} files", record.files) };
    format!("{files} · {} · saved {}", size(record.bytes), when(record.saved))
}

/// Prints a number of bytes.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

/// Prints a time as `today, 14:32`, or with the date.
fn when(millis: f64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (then, now) = (Date::new(&millis.into()), Date::new_0());
    let day = |date: &Date| (date.get_full_year(), date.get_month(), date.get_date());
    let time = format!("{:02}:{:02}", then.get_hours(), then.get_minutes());
    if day(&then) == day(&now) {
        return format!("today, {time}");
    }
    let month = MONTHS.get(then.get_month() as usize).copied().unwrap_or_default();
    if then.get_full_year() == now.get_full_year() {
        format!("{month} {}, {time}", then.get_date())
    } else {
        format!("{month} {}, {}", then.get_date(), then.get_full_year())
    }
}

#[derive(Properties, PartialEq)]
pub struct ConfirmOpeningProps {
    pub opening: Shared<Opening>,
    /// The name under which the open files are kept.
    pub kept: String,
    pub storage_failed: Option<String>,
}

/// Asks before changed files are replaced.
#[component]
pub fn ConfirmOpening(props: &ConfirmOpeningProps) -> Html {
    let dispatch = use_dispatch();
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    let opening = &props.opening;
    let files = &opening.workspace.files;
    let what = match opening.source {
        OpeningSource::Scenario => format!("The scenario “{}”", opening.title),
        OpeningSource::Link => "A link".to_owned(),
        OpeningSource::Import => "Import".to_owned(),
        OpeningSource::Lesson => format!("The lesson “{}”", opening.title),
    };
    let names: Vec<&str> = files.iter().take(4).map(|file| file.name.as_str()).collect();
    let more =
        if files.len() > 4 { format!(" and {} more", files.len() - 4) } else { String::new() };
    html! {
        <>
            <p>{ format!("{what} opens as a new workspace with {}{more}.", names.join(", ")) }</p>
            if let Some(reason) = &props.storage_failed {
                <p class="why">{ format!("Your current files cannot be saved: {reason}. They stay in the list of workspaces until this page is closed. Export downloads them.") }</p>
            } else {
                <p>{ "Your current files are kept as the workspace " }<b>{ format!("“{}”", props.kept) }</b>{ ". The list of workspaces at the top opens it again." }</p>
            }
            <div class="row dialog-foot">
                <span class="sp" />
                if props.storage_failed.is_some() {
                    <button type="button" onclick={act(Action::Export)}>{ "Export the current files" }</button>
                }
                <button type="button" onclick={act(Action::OpenDialog(None))}>{ "Cancel" }</button>
                <button type="button" class="primary" autofocus=true onclick={act(Action::ConfirmOpening)}>{ "Open" }</button>
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
pub struct ConflictProps {
    pub conflict: Shared<StoredWorkspace>,
    pub documents: Vec<Shared<Document>>,
}

/// Shows the version of this tab and the one that another tab stored.
#[component]
pub fn Conflict(props: &ConflictProps) -> Html {
    let dispatch = use_dispatch();
    let keep = |keep: Keep| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(Action::ResolveConflict(keep))
    };
    let record = &props.conflict.record;
    let found = differences(&props.documents, &props.conflict.work.work().files);
    let hidden = found.len().saturating_sub(MOST_DIFFERENCES);
    html! {
        <>
            <p>{ "This tab and another tab changed " }<b>{ format!("“{}”", record.name) }</b>
                { format!(". The other tab saved its version {}. Nothing has been overwritten.", when(record.saved)) }</p>
            { for found.iter().take(MOST_DIFFERENCES).map(|file| html! {
                <section class="difference" key={file.name.clone()}>
                    <h3><code>{ &file.name }</code></h3>
                    <div class="versions">
                        { version("This tab", file.mine.as_ref()) }
                        { version("Other tab", file.other.as_ref()) }
                    </div>
                </section>
            }) }
            if hidden > 0 {
                <p class="muted">{ format!("{hidden} more files differ.") }</p>
            }
            if found.is_empty() {
                <p class="muted">{ "The texts are equal. The events on the timeline or the hidden checks differ." }</p>
            }
            <div class="row dialog-foot">
                <span class="sp" />
                <button type="button" onclick={keep(Keep::Mine)}>{ "Keep this tab's version" }</button>
                <button type="button" onclick={keep(Keep::Other)}>{ "Keep the other version" }</button>
                <button type="button" class="primary" autofocus=true onclick={keep(Keep::Both)}>{ "Keep both" }</button>
            </div>
        </>
    }
}

fn version(whose: &str, excerpt: Option<&Excerpt>) -> Html {
    html! {
        <div>
            <h4>{ whose }</h4>
            if let Some(Excerpt { first, text, more }) = excerpt {
                <pre class="text" tabindex="0" aria-label={format!("{whose}, from line {first}")}>
                    { for text.split('\n').enumerate().map(|(at, line)| html! {
                        <><i>{ first + at }</i>{ line }{ "\n" }</>
                    }) }
                    if *more { { "…" } }
                </pre>
            } else {
                <p class="muted">{ "The file does not exist." }</p>
            }
        </div>
    }
}
