//! Actions that change the set of files: scenarios, links, imports, new, renamed and removed files.

use super::super::{Document, Effect, Page, SavedWork, Shared, Side, State};
use super::{activate, question_of, replay};
use protocol::EventLog;
use protocol::{File, Request, Workspace};
use text::FileId;

pub(super) fn open_scenario(state: &mut State, name: &str) -> Vec<Effect> {
    let Some(scenario) = scenarios::scenario(name) else {
        state.notify(format!("The scenario {name} does not exist."));
        return Vec::new();
    };
    let workspace = Workspace::from_files(scenario.name, scenario.texts(), state.next_file);
    let open = workspace.files.iter().find(|file| file.name == scenario.open);
    let active = open.or(workspace.files.first()).map_or(FileId(0), |file| file.id);
    if let Some(page) = Page::of_id(scenario.view) {
        state.preferences.page = page;
    }
    open_workspace(state, workspace, active, EventLog::default())
}

/// Opens the work with new file ids, so that answers for the old files do not apply to them.
pub(super) fn open_work(state: &mut State, work: SavedWork) -> Vec<Effect> {
    let first = state.next_file;
    let at = work.files.iter().position(|file| file.id.0 == work.active).unwrap_or_default();
    let files = (first..).zip(work.files).map(|(id, file)| File { id: FileId(id), ..file });
    let workspace =
        Workspace { scenario: work.scenario, files: files.collect(), silenced: work.silenced };
    open_workspace(state, workspace, FileId(first + at as u32), work.past)
}

/// Restores the work that was kept last.
pub(super) fn undo(state: &mut State) -> Vec<Effect> {
    drop_undo_offers(state);
    state.replaced_work.take().map_or_else(Vec::new, |work| open_work(state, (*work).clone()))
}

/// Keeps the current work for an undo, and offers the undo. Only the last work is kept.
fn keep_for_undo(state: &mut State, says: &str) {
    drop_undo_offers(state);
    state.replaced_work = Some(Shared::new(SavedWork::of(state)));
    state.notify_with_undo(says);
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

/// Returns true if the files are equal to the open documents.
fn same_texts(state: &State, files: &[File]) -> bool {
    state.documents.len() == files.len()
        && state
            .documents
            .iter()
            .zip(files)
            .all(|(document, file)| document.name == file.name && document.text == file.text)
}

fn of_scenario(scenario: &scenarios::Scenario) -> Workspace {
    Workspace::from_files(scenario.name, scenario.texts(), 1)
}

/// Returns true if the files of the scenario are unchanged.
fn as_it_came(state: &State) -> bool {
    state.documents.is_empty()
        || scenarios::scenario(&state.scenario)
            .is_some_and(|scenario| same_texts(state, &of_scenario(scenario).files))
}

pub(super) fn open_files(state: &mut State, files: Vec<(String, String)>) -> Vec<Effect> {
    if files.is_empty() {
        return Vec::new();
    }
    // Files with other names do not belong to the scenario.
    let is_open = |name: &String| state.documents.iter().any(|one| one.name == *name);
    let belongs = files.iter().any(|(name, _)| is_open(name));
    let scenario = if belongs { state.scenario.clone() } else { String::new() };
    let first = state.next_file;
    let files = (first..)
        .zip(files)
        .map(|(id, (name, text))| File { id: FileId(id), name, text })
        .collect();
    let workspace = Workspace { scenario, files, silenced: state.silenced.clone() };
    open_workspace(state, workspace, FileId(first), EventLog::default())
}

fn open_workspace(
    state: &mut State,
    workspace: Workspace,
    active: FileId,
    past: EventLog,
) -> Vec<Effect> {
    if !same_texts(state, &workspace.files) && !as_it_came(state) {
        keep_for_undo(state, "The previous files were replaced.");
    }
    state.next_file += workspace.files.len() as u32;
    state.scenario = workspace.scenario;
    state.silenced = workspace.silenced;
    state.revision += 1;
    let revision = state.revision;
    state.documents = workspace
        .files
        .into_iter()
        .map(|file| Shared::new(Document::new(file, revision)))
        .collect();
    state.active = active;
    state.cursor = 0;
    state.annotations.clear();
    state.past = Shared::new(past);
    state.run = None;
    state.stopping = false;
    state.view = None;
    state.asked.clear();
    state.question = question_of(state, state.preferences.page);
    let mut effects = vec![Effect::DropEditorState(None), Effect::ShowDocument];
    effects.extend(replay(state).map(Effect::Send));
    effects.push(Effect::Save);
    effects
}

/// Returns the trimmed name. If the name is not valid, notifies the visitor and returns None.
fn file_name<'a>(state: &mut State, name: &'a str) -> Option<&'a str> {
    let name = name.trim();
    let fault = if name.is_empty() {
        "Enter a name for the file.".to_owned()
    } else if state.documents.iter().any(|document| document.name == name) {
        format!("A file named {name} already exists.")
    } else {
        return Some(name);
    };
    state.notify(fault);
    None
}

pub(super) fn new_file(state: &mut State, name: &str) -> Vec<Effect> {
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
    state.revision += 1;
    let revision = state.revision;
    let document = Shared::new(Document::new(file, revision));
    let file = document.file();
    match state.documents.iter_mut().find(|known| known.id == file.id) {
        Some(known) => *known = document,
        None => state.documents.push(document),
    }
    vec![Effect::Send(Request::Edit { file, revision }), Effect::Save]
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
    let name = state.documents[at].name.clone();
    keep_for_undo(state, &format!("Removed {name}."));
    state.documents.remove(at);
    state.annotations.retain(|annotations| annotations.file != file);
    state.revision += 1;
    let mut effects = vec![
        Effect::DropEditorState(Some(file)),
        Effect::Send(Request::Remove { file, revision: state.revision }),
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
