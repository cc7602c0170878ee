//! Actions that change the files of the open workspace: new, renamed and removed files.

use super::super::{Document, Effect, SavedWork, Shared, Side, State, Undo, valid};
use super::{activate, workspaces};
use protocol::{File, Request};
use text::FileId;

/// Reverts the last replacement or removal.
pub(super) fn undo(state: &mut State) -> Vec<Effect> {
    drop_undo_offers(state);
    match state.undo.take() {
        Some(Undo::Files(work)) => workspaces::restore_files(state, (*work).clone()),
        Some(Undo::Workspace(id)) => workspaces::open_workspace(state, id),
        Some(Undo::Scenario(name)) => workspaces::open_scenario(state, &name),
        None => Vec::new(),
    }
}

/// Offers an undo. Only the last one can be taken.
pub(super) fn notify_with_undo(state: &mut State, undo: Undo, says: &str) {
    drop_undo_offers(state);
    state.undo = Some(undo);
    state.notify_with_undo(says);
}

/// Drops the undo, when it does not belong to the open workspace any more.
pub(super) fn forget_undo(state: &mut State) {
    state.undo = None;
    drop_undo_offers(state);
}

fn drop_undo_offers(state: &mut State) {
    let left = state
        .notifications
        .iter()
        .filter(|notification| !notification.offers_undo)
        .cloned()
        .collect();
    state.notifications = Shared::new(left);
}

/// Returns the trimmed name. If the name is not valid, notifies the visitor and returns None.
fn file_name<'a>(state: &mut State, name: &'a str) -> Option<&'a str> {
    let name = name.trim();
    let fault = if name.is_empty() {
        "Enter a name for the file.".to_owned()
    } else if let Err(refusal) = valid::check_name(name) {
        format!("The file cannot have this name: {refusal}.")
    } else if state.documents.iter().any(|document| document.name == name) {
        format!("A file named {name} already exists.")
    } else {
        return Some(name);
    };
    state.notify(fault);
    None
}

/// Notifies the visitor and returns true if no further file fits.
fn is_full(state: &mut State) -> bool {
    let full = state.documents.len() >= valid::MOST_FILES;
    if full {
        state.notify(format!("A workspace can have {} files at most.", valid::MOST_FILES));
    }
    full
}

pub(super) fn new_file(state: &mut State, name: &str) -> Vec<Effect> {
    if is_full(state) {
        return Vec::new();
    }
    let Some(name) = file_name(state, name) else { return Vec::new() };
    let file = File { id: FileId(state.next_file), name: name.to_owned(), text: String::new() };
    state.next_file += 1;
    state.dialog = None;
    state.active = file.id;
    state.cursor = 0;
    state.side_to_text();
    let sent = send_file(state, file);
    [vec![Effect::ShowDocument], sent].concat()
}

/// Renames the active file.
pub(super) fn rename_file(state: &mut State, name: &str) -> Vec<Effect> {
    let Some(document) = state.active_document().cloned() else { return Vec::new() };
    if name.trim() == document.name {
        state.dialog = None;
        return Vec::new();
    }
    let Some(name) = file_name(state, name) else { return Vec::new() };
    state.dialog = None;
    send_file(state, File { name: name.to_owned(), ..document.file() })
}

pub(super) fn write_file(
    state: &mut State,
    name: String,
    text: String,
    replace: bool,
) -> Vec<Effect> {
    let known = state.documents.iter().find(|document| document.name == name).map(|one| one.id);
    if let Some(id) = known.filter(|_| !replace) {
        state.side_to_text();
        return [activate(state, id), vec![Effect::ShowDocument]].concat();
    }
    if known.is_none() && is_full(state) {
        return Vec::new();
    }
    let file = File { id: known.unwrap_or(FileId(state.next_file)), name, text };
    if known.is_none() {
        state.next_file += 1;
    }
    state.dialog = None;
    state.active = file.id;
    state.cursor = 0;
    state.side_to_text();
    let forget = known.map(|id| Effect::DropEditorState(Some(id)));
    let sent = send_file(state, file);
    forget.into_iter().chain([Effect::ShowDocument]).chain(sent).collect()
}

/// Stores the text of a file and sends it to the worker.
pub(super) fn send_file(state: &mut State, file: File) -> Vec<Effect> {
    state.keep_manifests();
    state.current.changed = true;
    state.revision += 1;
    let revision = state.revision;
    let document = Shared::new(Document::new(file, revision));
    let file = document.file();
    match state.documents.iter_mut().find(|known| known.id == file.id) {
        Some(known) => *known = document,
        None => state.documents.push(document),
    }
    vec![Effect::Send(Request::Edit { file, revision }), Effect::AwaitPause, Effect::Save]
}

pub(super) fn close_file(state: &mut State, file: FileId) -> Vec<Effect> {
    let Some(at) = state.documents.iter().position(|document| document.id == file) else {
        return Vec::new();
    };
    if state.documents.len() == 1 {
        state.notify("The last file cannot be removed.");
        return Vec::new();
    }
    state.dialog = None;
    state.keep_manifests();
    let name = state.documents[at].name.clone();
    let before = Shared::new(SavedWork::of(state));
    notify_with_undo(state, Undo::Files(before), &format!("Removed {name}."));
    state.current.changed = true;
    state.documents.remove(at);
    state.annotations.retain(|annotations| annotations.file != file);
    state.revision += 1;
    let mut effects = vec![
        Effect::DropEditorState(Some(file)),
        Effect::Send(Request::Remove { file, revision: state.revision }),
        Effect::AwaitPause,
        Effect::Save,
    ];
    if state.active == file {
        let next = at.min(state.documents.len() - 1);
        state.active = state.documents[next].id;
        state.cursor = 0;
        effects.push(Effect::ShowDocument);
    }
    effects
}

impl State {
    pub(super) fn side_to_text(&mut self) {
        self.preferences.side = Side::Text;
    }
}
