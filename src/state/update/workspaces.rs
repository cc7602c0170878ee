//! Actions on stored workspaces: open, keep, rename, delete, and conflicts between tabs.

use super::super::valid::{self, ValidWork};
use super::super::workspaces::{
    CurrentWorkspace, Keep, Opening, OpeningSource, Stored, StoredWorkspace, WorkspaceRecord,
};
use super::super::{
    Dialog, Document, Effect, Page, SPEEDS, SavedWork, Shared, State, Undo, manifests,
};
use super::files::{forget_undo, notify_with_undo};
use super::{lesson, place, query_of, replay};
use protocol::{EventLog, File, Workspace};
use text::FileId;

pub(super) fn open_scenario(state: &mut State, name: &str) -> Vec<Effect> {
    let Some(scenario) = scenarios::scenario(name) else {
        state.notify(format!("The scenario {name} does not exist."));
        return Vec::new();
    };
    let workspace = Workspace::from_files(scenario.name, scenario.texts(), 1);
    let open = workspace.files.iter().find(|file| file.name == scenario.open);
    let active = open.or(workspace.files.first()).map_or(FileId(0), |file| file.id);
    let past = EventLog::default();
    let title = scenario.title.to_owned();
    let source = OpeningSource::Scenario;
    propose(state, Opening { source, title, workspace, active, past, live: false, lesson: None })
}

/// Opens the work of a link.
pub(super) fn open_work(state: &mut State, work: ValidWork) -> Vec<Effect> {
    if state.has_content(work.work()) {
        return Vec::new();
    }
    let work = work.into_work();
    let (active, live) = (FileId(work.active), work.live);
    let (workspace, past) = work.into_workspace();
    let title = String::new();
    let source = OpeningSource::Link;
    propose(state, Opening { source, title, active, workspace, past, live, lesson: None })
}

/// Opens files at once if nothing was changed, and asks otherwise.
pub(super) fn propose(state: &mut State, opening: Opening) -> Vec<Effect> {
    if state.is_changed() && !state.has_texts(&opening.workspace.files) {
        // The dialog shows the name that the work is kept under.
        state.claim();
        state.opening = Some(Shared::new(opening));
        state.dialog = Some(Dialog::Opening);
        return Vec::new();
    }
    open(state, opening)
}

pub(super) fn confirm_opening(state: &mut State) -> Vec<Effect> {
    state.dialog = None;
    state.opening.take().map_or_else(Vec::new, |opening| open(state, (*opening).clone()))
}

/// Keeps the open workspace and opens files as a new one.
pub(super) fn open(state: &mut State, opening: Opening) -> Vec<Effect> {
    let mut effects = put_aside(state);
    let changed = state.is_changed();
    let scenario = state.scenario.clone();
    let before = std::mem::take(&mut state.current);
    let before_id = before.id.clone();
    let id = state.new_workspace_id();
    let name = match opening.source {
        OpeningSource::Scenario => String::new(),
        OpeningSource::Link => state.free_name("From a link"),
        OpeningSource::Lesson => state.separate_name(format!("Lesson: {}", opening.title)),
        OpeningSource::Import if opening.title.is_empty() => state.free_name("Import"),
        OpeningSource::Import => state.free_name(&opening.title),
    };
    state.current = CurrentWorkspace::new(id, name, opening.source != OpeningSource::Scenario);
    if let (OpeningSource::Scenario, Some(scenario)) =
        (opening.source, scenarios::scenario(&opening.workspace.scenario))
        && let Some(page) = Page::of_id(scenario.view)
    {
        state.preferences.page = page;
    }
    if opening.source != OpeningSource::Lesson {
        state.page_queries.clear();
        state.canceled.clear();
    }
    let from_lesson = state.lesson.is_some();
    if let Some(lesson) = &opening.lesson {
        lesson::show_start(state, &lesson.lesson);
    }
    state.lesson = opening.lesson;
    state.live = opening.live;
    effects.extend(show_files(state, opening.workspace, opening.active, opening.past));
    if opening.source == OpeningSource::Import {
        let count = match state.documents.len() {
            1 => "1 file is".to_owned(),
            count => format!("{count} files are"),
        };
        let (undo, kept) = match before.own {
            true => {
                let kept = format!(" The previous files are kept as “{}”.", before.name);
                (Undo::Workspace(before.id), kept)
            }
            false => (Undo::Scenario(scenario), String::new()),
        };
        let says = format!("{count} open as the workspace “{}”.{kept}", state.current.name);
        notify_with_undo(state, undo, &says);
    } else if changed && !from_lesson {
        let says = format!("The previous files are kept as “{}”.", before.name);
        notify_with_undo(state, Undo::Workspace(before.id), &says);
    }
    if opening.source == OpeningSource::Lesson {
        // The files of the lesson before are in the list of deleted workspaces for some days.
        if from_lesson {
            effects.extend(delete(state, before_id, true));
        }
        effects.extend(lesson::keep(state));
    }
    effects.extend(place::arrive(state));
    effects
}

/// Stores the open workspace before another one is shown. A scenario as it came is removed.
fn put_aside(state: &mut State) -> Vec<Effect> {
    state.conflict = None;
    forget_undo(state);
    let request = state.unstored_request();
    if !state.current.own {
        let stored = state.current.revision > 0;
        let id = state.current.id.clone();
        return stored.then_some(Effect::RemoveWorkspace(id)).into_iter().collect();
    }
    match request {
        Some(Ok(mut request)) => {
            request.copy = Some(state.new_workspace_id());
            vec![Effect::Store(Box::new(request))]
        }
        Some(Err(refusal)) => {
            state.notify(format!("The previous files cannot be stored: {refusal}."));
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Shows files, with new ids, so that answers for the previous files do not apply to them.
pub(super) fn show_files(
    state: &mut State,
    workspace: Workspace,
    active: FileId,
    past: EventLog,
) -> Vec<Effect> {
    let first = state.next_file;
    let at = workspace.files.iter().position(|file| file.id == active).unwrap_or_default();
    state.next_file += workspace.files.len() as u32;
    state.scenario = workspace.scenario;
    state.silenced = workspace.silenced;
    state.revision += 1;
    let revision = state.revision;
    let mut stored = workspace.stored;
    let before: Vec<FileId> = workspace.files.iter().map(|file| file.id).collect();
    manifests::renumber(&mut stored, |id| {
        let at = before.iter().position(|known| *known == id)?;
        Some(FileId(first + at as u32))
    });
    let mode = workspace.apply_mode;
    state.stored = Shared::new(protocol::Stored { mode, files: stored, ..Default::default() });
    let files = (first..).zip(workspace.files).map(|(id, file)| File { id: FileId(id), ..file });
    state.documents = files.map(|file| Shared::new(Document::new(file, revision))).collect();
    state.active = FileId(first + at as u32);
    state.cursor = 0;
    state.annotations.clear();
    state.past = Shared::new(past);
    state.restoring = None;
    state.terminals.reset();
    state.view = None;
    state.query = query_of(state, state.preferences.page);
    let mut effects = vec![Effect::DropEditorState(None), Effect::ShowDocument];
    effects.extend(replay(state).into_iter().map(Effect::Send));
    effects.push(Effect::Save);
    effects
}

/// Shows the files of work as they were before a removal.
pub(super) fn restore_files(state: &mut State, work: SavedWork) -> Vec<Effect> {
    let active = FileId(work.active);
    state.live = work.live;
    let (workspace, past) = work.into_workspace();
    state.current.changed = true;
    show_files(state, workspace, active, past)
}

pub(super) fn open_workspace(state: &mut State, id: String) -> Vec<Effect> {
    state.dialog = None;
    state.opening = None;
    if id == state.current.id {
        return Vec::new();
    }
    // The work is stored before the other is read.
    let request = put_aside_request(state);
    request.into_iter().chain([Effect::ReadWorkspace(id)]).collect()
}

fn put_aside_request(state: &mut State) -> Option<Effect> {
    if !state.current.own && !state.is_changed() {
        return None;
    }
    put_aside(state).pop()
}

/// Shows a stored workspace that was asked for.
pub(super) fn workspace_read(state: &mut State, stored: StoredWorkspace) -> Vec<Effect> {
    let mut effects = put_aside(state);
    if stored.record.deleted > 0.0 {
        let id = stored.record.id.clone();
        effects.push(Effect::DeleteWorkspace { id, deleted: false });
    }
    effects.extend(adopt(state, stored));
    let kept = state.learner.open.clone().filter(|kept| kept.workspace == state.current.id);
    if let Some(kept) = kept.filter(|_| state.lesson.is_none()) {
        effects.extend(lesson::resume(state, kept));
    }
    effects
}

fn adopt(state: &mut State, stored: StoredWorkspace) -> Vec<Effect> {
    let StoredWorkspace { record, work } = stored;
    let work = work.into_work();
    state.conflict = None;
    forget_undo(state);
    state.playing = work.playing;
    if SPEEDS.contains(&work.speed) {
        state.speed = work.speed;
    }
    let active = FileId(work.active);
    state.live = work.live;
    if record.id != state.current.id {
        state.lesson = None;
    }
    let (workspace, past) = work.into_workspace();
    let effects = show_files(state, workspace, active, past);
    state.current = CurrentWorkspace::of(&record, state);
    effects
}

/// Takes over the version that another tab stored, or shows a conflict if this tab has changes too.
pub(super) fn newer_version_read(state: &mut State, stored: StoredWorkspace) -> Vec<Effect> {
    let current = &state.current;
    if stored.record.id != current.id || stored.record.revision == current.revision {
        return Vec::new();
    }
    if state.has_content(stored.work.work()) {
        state.current = CurrentWorkspace::of(&stored.record, state);
        return end_conflict(state);
    }
    if !state.is_unstored() {
        state.notify("This workspace was changed in another tab. The newest version is shown.");
        let mut work = stored.work.work().clone();
        let name = state.active_document().map(|document| document.name.clone());
        if let Some(file) = work.files.iter().find(|file| Some(&file.name) == name.as_ref()) {
            work.active = file.id.0;
        }
        work.playing = state.playing;
        work.speed = state.speed;
        let work = ValidWork::new(work).unwrap_or(stored.work);
        let effects = adopt(state, StoredWorkspace { record: stored.record, work });
        state.current.of_other_tab = true;
        return effects;
    }
    state.conflict = Some(Shared::new(stored));
    state.dialog = Some(Dialog::Conflict);
    Vec::new()
}

fn end_conflict(state: &mut State) -> Vec<Effect> {
    state.conflict = None;
    if state.dialog == Some(Dialog::Conflict) {
        state.dialog = None;
    }
    Vec::new()
}

pub(super) fn resolve_conflict(state: &mut State, keep: Keep) -> Vec<Effect> {
    state.dialog = None;
    let Some(other) = state.conflict.take() else { return Vec::new() };
    match keep {
        Keep::Mine => {
            state.current.revision = other.record.revision;
            vec![Effect::Save]
        }
        Keep::Other => adopt(state, (*other).clone()),
        Keep::Both => {
            let name = cut_name(&state.current.name, " (copy)");
            let id = state.new_workspace_id();
            let changed = state.current.changed;
            let name = state.separate_name(name);
            state.notify(format!(
                "Both versions are kept: “{}” and “{name}”, which is open in this tab.",
                other.record.name
            ));
            state.current = CurrentWorkspace::new(id, name, true);
            state.current.changed = changed;
            vec![Effect::Save]
        }
    }
}

/// Appends to a name, which stays within the limit.
fn cut_name(name: &str, end: &str) -> String {
    let most = valid::MOST_NAME - end.len();
    let cut = (0..=name.len().min(most)).rev().find(|at| name.is_char_boundary(*at));
    format!("{}{end}", &name[..cut.unwrap_or_default()])
}

pub(super) fn list(state: &mut State, mut records: Vec<WorkspaceRecord>) -> Vec<Effect> {
    records.retain(|record| !record.id.is_empty());
    for record in &mut records {
        if valid::check_name(&record.name).is_err() {
            record.name = "Workspace".to_owned();
        }
    }
    records.sort_by(|a, b| b.saved.total_cmp(&a.saved));
    if let Some(record) = records.iter().find(|record| record.id == state.current.id)
        && record.own
    {
        state.current.name = record.name.clone();
    }
    state.workspaces = Shared::new(records);
    Vec::new()
}

pub(super) fn rename(state: &mut State, id: String, name: &str) -> Vec<Effect> {
    let name = name.trim().to_owned();
    if let Err(refusal) = valid::check_name(&name) {
        state.notify(format!("The workspace cannot be renamed: {refusal}."));
        return Vec::new();
    }
    change_record(state, &id, |record| record.name.clone_from(&name));
    if state.current.id == id {
        state.current.name.clone_from(&name);
    }
    vec![Effect::RenameWorkspace { id, name }]
}

pub(super) fn delete(state: &mut State, id: String, deleted: bool) -> Vec<Effect> {
    if state.current.id == id {
        return Vec::new();
    }
    // The browser notes the time.
    change_record(state, &id, |record| record.deleted = if deleted { 1.0 } else { 0.0 });
    vec![Effect::DeleteWorkspace { id, deleted }]
}

/// Changes the record in the list at once; the list that the browser returns replaces it.
fn change_record(state: &mut State, id: &str, change: impl FnOnce(&mut WorkspaceRecord)) {
    let mut records = (*state.workspaces).clone();
    if let Some(record) = records.iter_mut().find(|record| record.id == id) {
        change(record);
    }
    state.workspaces = Shared::new(records);
}

pub(super) fn stored(state: &mut State, id: &str, outcome: Stored) -> Vec<Effect> {
    let mut effects = vec![Effect::ListWorkspaces];
    if state.current.id == id {
        state.current.note(&outcome);
        match outcome {
            Stored::Saved(_) if state.is_unstored() => effects.push(Effect::Save),
            Stored::Newer => effects.push(Effect::ReadNewerVersion(id.to_owned())),
            _ => {}
        }
    }
    match outcome {
        Stored::Failed(reason) => effects.extend(storage_failed(state, reason)),
        Stored::Saved(_) => state.storage_failed = None,
        Stored::Newer => {}
    }
    effects
}

/// Says once why nothing can be stored.
pub(super) fn storage_failed(state: &mut State, reason: String) -> Vec<Effect> {
    if state.storage_failed.is_none() {
        state.notify(format!(
            "Your work cannot be saved: {reason}. It is lost when this page is closed; Export \
             downloads it. All other features work."
        ));
    }
    state.storage_failed = Some(reason);
    Vec::new()
}

pub(super) fn changed_elsewhere(state: &State, id: &str) -> Vec<Effect> {
    let mut effects = vec![Effect::ListWorkspaces];
    if state.current.id == id {
        effects.push(Effect::ReadNewerVersion(id.to_owned()));
    }
    effects
}

#[cfg(test)]
mod tests;
