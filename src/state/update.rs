//! Applies an action to the state and returns the effects.

mod files;
mod worker;

use super::{Action, Effect, Page, SavedWork, Shared, Side, State};
use protocol::{EventLog, File, PageQuery, Request, pages};
use text::{FileId, Fix, Location, apply_edits};

/// The maximum length of a tick in milliseconds, so that a page that was suspended does not advance
/// too far.
const LONGEST_TICK: f64 = 1_000.0;

/// Applies an action. The effects run in their order.
pub fn update(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::OpenScenario(name) => files::open_scenario(state, &name),
        Action::OpenWork(work) => files::open_work(state, *work),
        Action::OpenFiles(files) => files::open_files(state, files),
        Action::NewFile(name) => files::new_file(state, &name),
        Action::WriteFile { name, text, replace } => files::write_file(state, name, text, replace),
        Action::RenameFile(name) => files::rename_file(state, &name),
        Action::Undo => files::undo(state),
        Action::CloseFile(file) => files::close_file(state, file),
        Action::Typed { file, text } => typed(state, file, text),
        Action::CursorMoved { file, utf16 } => cursor_moved(state, file, utf16),
        Action::Activate(file) => activate(state, file),
        Action::ShowSource(location) => show_source(state, location),
        Action::Highlight(location) => vec![Effect::Highlight(location)],
        Action::ApplyFix(fix) => apply_fix(state, &fix),
        Action::Show(page) => show(state, page),
        Action::SetQuery(question) => ask(state, question),
        Action::Graph(query) => graph(state, query),
        Action::ShowSide(side) => saved(|| state.preferences.side = side),
        Action::SetTheme(theme) => {
            state.preferences.theme = theme;
            vec![Effect::ApplyTheme(theme), Effect::Save]
        }
        Action::ToggleNotes => saved(|| state.preferences.notes = !state.preferences.notes),
        Action::SetSplit(percent) => saved(|| state.preferences.split = percent.clamp(20.0, 80.0)),
        Action::Play(playing) => saved(|| state.playing = playing),
        Action::SetSpeed(speed) => saved(|| state.speed = speed),
        Action::NextScrape => send_paused(state, Request::NextScrape),
        Action::Seek(at) => send_paused(state, Request::Seek { at }),
        Action::Advance(millis) => send_paused(state, Request::Advance { millis }),
        Action::StopRun => {
            state.run = None;
            state.stopping = true;
            vec![Effect::Send(Request::Stop)]
        }
        Action::SetDelays(delays) => {
            state.past = Shared::new(EventLog { delays, ..(*state.past).clone() });
            vec![Effect::Send(Request::SetDelays { on: delays }), Effect::Save]
        }
        Action::Tick(millis) => tick(state, millis),
        Action::ShowCheck(code) => show_check(state, code),
        Action::Silence { code, silent } => silence(state, code, silent),
        Action::Act(action) => vec![Effect::Send(Request::Act { action })],
        Action::Updated(update) => worker::updated(state, *update),
        Action::WorkerFailed { failure, gave_up } => worker::failed(state, failure, gave_up),
        Action::RestartWorker => replay(state).map(Effect::Send).into(),
        Action::StorageFailed(reason) => {
            if !state.storage_failed {
                state.storage_failed = true;
                state.notify(format!(
                    "Your work cannot be saved: {reason}. All other features work."
                ));
            }
            Vec::new()
        }
        Action::Notify(text) => {
            state.notify(text);
            Vec::new()
        }
        Action::Dismiss(id) => {
            let left = state
                .notifications
                .iter()
                .filter(|notification| notification.id != id)
                .cloned()
                .collect();
            state.notifications = Shared::new(left);
            Vec::new()
        }
        Action::OpenDialog(dialog) => {
            state.dialog = dialog;
            Vec::new()
        }
        Action::Export => vec![Effect::Download(state.workspace().files)],
        Action::Copy(text) => vec![Effect::CopyText(text)],
        Action::Download(file) => vec![Effect::Download(vec![file])],
        Action::Share => vec![Effect::CopyLink(Box::new(SavedWork::of(state)))],
        Action::Spin => vec![Effect::Send(Request::Spin)],
        Action::PanicWorker => vec![Effect::Send(Request::Panic)],
    }
}

/// Returns the requests that restore the session in a new worker.
pub fn replay(state: &State) -> [Request; 2] {
    let open = Request::Open {
        workspace: state.workspace(),
        revision: state.revision,
        log: (*state.past).clone(),
    };
    [open, Request::Watch { query: state.question.clone() }]
}

fn saved(change: impl FnOnce()) -> Vec<Effect> {
    change();
    vec![Effect::Save]
}

/// Opens the documentation of a check.
fn show_check(state: &mut State, code: String) -> Vec<Effect> {
    let search = String::new();
    let question = PageQuery::Checks(pages::checks::Query { open: Some(code), search });
    let mut effects = show(state, Page::Checks);
    effects.extend(ask(state, question));
    effects
}

fn silence(state: &mut State, code: String, silent: bool) -> Vec<Effect> {
    state.silenced.retain(|known| *known != code);
    if silent {
        state.silenced.push(code);
    }
    vec![Effect::Send(Request::Silence { codes: state.silenced.clone() }), Effect::Save]
}

fn send_paused(state: &mut State, request: Request) -> Vec<Effect> {
    state.playing = false;
    vec![Effect::Send(request), Effect::Save]
}

fn graph(state: &mut State, query: String) -> Vec<Effect> {
    let question = pages::query::Query { query: Some(query), ..Default::default() };
    state.asked.retain(|(asked, _)| *asked != Page::Query);
    state.asked.push((Page::Query, PageQuery::Query(question)));
    show(state, Page::Query)
}

fn typed(state: &mut State, file: FileId, text: String) -> Vec<Effect> {
    let Some(document) = state.document(file) else { return Vec::new() };
    if document.text == text {
        return Vec::new();
    }
    let name = document.name.clone();
    files::send_file(state, File { id: file, name, text })
}

fn cursor_moved(state: &mut State, file: FileId, utf16: u32) -> Vec<Effect> {
    let Some(document) = state.document(file) else { return Vec::new() };
    let offset = document.index.byte_of_utf16(utf16);
    if file != state.active || state.cursor == offset {
        return Vec::new();
    }
    state.cursor = offset;
    if state.preferences.page == Page::Explain { ask(state, explain(state)) } else { Vec::new() }
}

fn activate(state: &mut State, file: FileId) -> Vec<Effect> {
    if state.active == file || state.document(file).is_none() {
        return Vec::new();
    }
    state.active = file;
    state.cursor = 0;
    let mut effects = vec![Effect::ShowDocument, Effect::Save];
    if state.preferences.page == Page::Explain {
        effects.extend(ask(state, explain(state)));
    }
    effects
}

fn show_source(state: &mut State, location: Location) -> Vec<Effect> {
    if state.document(location.file).is_none() {
        return Vec::new();
    }
    let mut effects = activate(state, location.file);
    state.side_to_text();
    effects.push(Effect::Reveal { location, focus: true });
    effects
}

fn apply_fix(state: &mut State, fix: &Fix) -> Vec<Effect> {
    let mut changed = Vec::new();
    for document in &state.documents {
        if !fix.edits.iter().any(|edit| edit.location.file == document.id) {
            continue;
        }
        let Some(text) = apply_edits(&document.text, document.id, &fix.edits) else {
            state.notify("The text has changed, and the fix no longer applies.");
            return Vec::new();
        };
        changed.push(File { id: document.id, name: document.name.clone(), text });
    }
    let Some(first) = changed.first().map(|file| file.id) else { return Vec::new() };
    let mut effects = Vec::new();
    for file in changed {
        effects.extend(files::send_file(state, file));
    }
    if state.active != first {
        state.active = first;
        state.cursor = 0;
    }
    effects.push(Effect::ShowDocument);
    if let Some(edit) = fix.edits.iter().find(|edit| edit.location.file == first) {
        let mut location = edit.location;
        location.span.end = location.span.start + edit.text.len() as u32;
        effects.push(Effect::Reveal { location, focus: false });
    }
    effects
}

fn show(state: &mut State, page: Page) -> Vec<Effect> {
    state.preferences.page = page;
    state.preferences.side = Side::Results;
    let question = question_of(state, page);
    let mut effects = ask(state, question);
    effects.push(Effect::Save);
    effects
}

fn ask(state: &mut State, question: PageQuery) -> Vec<Effect> {
    let page = state.preferences.page;
    state.asked.retain(|(asked, _)| *asked != page);
    state.asked.push((page, question.clone()));
    if state.question == question {
        return Vec::new();
    }
    if std::mem::discriminant(&state.question) != std::mem::discriminant(&question) {
        state.view = None;
    }
    state.question = question.clone();
    // Queries are saved like text, except for Explain, which follows the cursor.
    let kept = (!matches!(question, PageQuery::Explain(_))).then_some(Effect::Save);
    std::iter::once(Effect::Send(Request::Watch { query: question })).chain(kept).collect()
}

fn explain(state: &State) -> PageQuery {
    PageQuery::Explain(pages::explain::Query { file: state.active, offset: state.cursor })
}

/// Returns the query of a page that is opened.
fn question_of(state: &State, page: Page) -> PageQuery {
    if page == Page::Explain {
        return explain(state);
    }
    let before = state.asked.iter().find(|(asked, _)| *asked == page);
    before.map_or_else(|| PageQuery::of(page), |(_, query)| query.clone())
}

fn tick(state: &State, millis: f64) -> Vec<Effect> {
    if !state.playing || !state.ready || state.run.is_some() {
        return Vec::new();
    }
    let millis = (millis.min(LONGEST_TICK) * f64::from(state.speed)) as u64;
    vec![Effect::Send(Request::Advance { millis })]
}

#[cfg(test)]
mod tests;
