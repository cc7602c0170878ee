//! What changes which files are open: scenarios, links, imports; new, renamed and removed ones.

use super::super::{Document, Effect, Page, SavedWork, Shared, Side, State};
use super::{activate, question_of, replay};
use protocol::EventLog;
use protocol::{File, Request, Workspace};
use text::FileId;

pub(super) fn open_scenario(state: &mut State, name: &str) -> Vec<Effect> {
    let Some(scenario) = scenarios::scenario(name) else {
        state.toast(format!("There is no scenario {name}."));
        return Vec::new();
    };
    let workspace = Workspace::from_files(scenario.name, scenario.texts(), state.next_file);
    let open = workspace.files.iter().find(|file| file.name == scenario.open);
    let active = open.or(workspace.files.first()).map_or(FileId(0), |file| file.id);
    if let Some(page) = Page::of_id(scenario.view) {
        state.look.page = page;
    }
    open_workspace(state, workspace, active, EventLog::default())
}

/// The files get new numbers, so that nothing of the old workspace is taken for theirs.
pub(super) fn open_work(state: &mut State, work: SavedWork) -> Vec<Effect> {
    let first = state.next_file;
    let at = work.files.iter().position(|file| file.id.0 == work.active).unwrap_or_default();
    let files = (first..).zip(work.files).map(|(id, file)| File { id: FileId(id), ..file });
    let workspace =
        Workspace { scenario: work.scenario, files: files.collect(), silenced: work.silenced };
    open_workspace(state, workspace, FileId(first + at as u32), work.past)
}

/// Brings back what was put aside last.
pub(super) fn take_back(state: &mut State) -> Vec<Effect> {
    drop_offers(state);
    state.aside.take().map_or_else(Vec::new, |work| open_work(state, (*work).clone()))
}

/// Keeps the work as it is, and says that it can be had again. Only the last is kept.
fn put_aside(state: &mut State, says: &str) {
    drop_offers(state);
    state.aside = Some(Shared::new(SavedWork::of(state)));
    state.offer(says);
}

fn drop_offers(state: &mut State) {
    let left = state.toasts.iter().filter(|toast| !toast.takes_back).cloned().collect();
    state.toasts = Shared::new(left);
}

/// Whether these files say what the open ones do.
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

/// Whether nothing was done to the scenario's files.
fn as_it_came(state: &State) -> bool {
    state.documents.is_empty()
        || scenarios::scenario(&state.scenario)
            .is_some_and(|scenario| same_texts(state, &of_scenario(scenario).files))
}

pub(super) fn open_files(state: &mut State, files: Vec<(String, String)>) -> Vec<Effect> {
    if files.is_empty() {
        return Vec::new();
    }
    // Files of other names have nothing to do with the scenario, and nothing of theirs answers as it
    // says.
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
        put_aside(state, "What was open before is put aside.");
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
    state.question = question_of(state, state.look.page);
    let mut effects = vec![Effect::Forget(None), Effect::ShowDocument];
    effects.extend(replay(state).map(Effect::Send));
    effects.push(Effect::Save);
    effects
}

/// A name for a file, without space around it; says why where it cannot be one.
fn file_name<'a>(state: &mut State, name: &'a str) -> Option<&'a str> {
    let name = name.trim();
    let fault = if name.is_empty() {
        "A file needs a name.".to_owned()
    } else if state.documents.iter().any(|document| document.name == name) {
        format!("There is a file {name} already.")
    } else {
        return Some(name);
    };
    state.toast(fault);
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

/// Gives the open file another name.
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
    let forget = known.map(|id| Effect::Forget(Some(id)));
    let sent = send_file(state, file);
    forget.into_iter().chain([Effect::ShowDocument]).chain(sent).collect()
}

/// Puts the file's text into the state and sends it.
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
        state.toast("The last file stays open.");
        return Vec::new();
    }
    state.dialog = None;
    let name = state.documents[at].name.clone();
    put_aside(state, &format!("{name} is removed."));
    state.documents.remove(at);
    state.annotations.retain(|annotations| annotations.file != file);
    state.revision += 1;
    let mut effects = vec![
        Effect::Forget(Some(file)),
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
        self.look.side = Side::Text;
    }
}
