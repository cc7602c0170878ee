//! Applies an action to the state and returns the effects.

mod files;
mod homework;
mod import;
mod lesson;
mod place;
mod terminals;
mod worker;
mod workspaces;

pub use worker::canceled_view;

use super::workspaces::Keep;
use super::{
    Action, Dialog, Effect, Page, Place, SavedWork, Shared, Side, State, Tour, WorkerStatus, valid,
};
use protocol::{EventLog, File, PageQuery, Request, Stored, pages};
use text::{FileId, Fix, Location, apply_edits};

/// The maximum length of a tick in milliseconds, so that a page that was suspended does not advance
/// too far.
const LONGEST_TICK: f64 = 1_000.0;

/// Applies an action. The effects run in their order.
pub fn update(state: &mut State, action: Action) -> Vec<Effect> {
    let before = state.defaults_of();
    let mut effects = change(state, action);
    if state.defaults_of() != before {
        effects.push(Effect::Send(Request::ShowDefaults { file: state.defaults_of() }));
    }
    effects
}

fn change(state: &mut State, action: Action) -> Vec<Effect> {
    if state.read_only && changes_files(&action) {
        state.notify(
            "The files of this page cannot be changed. Open it in the playground to change them.",
        );
        return vec![Effect::ShowDocument];
    }
    match action {
        Action::OpenScenario(name) => workspaces::open_scenario(state, &name),
        Action::OpenWork(work) => workspaces::open_work(state, *work),
        Action::Import(files) => import::read(state, files),
        Action::ImportRead(imported) => import::is_read(state, *imported),
        Action::ImportFailed => import::failed(state),
        Action::OpenImport => import::open(state),
        Action::AddImport { replace } => import::add(state, replace),
        Action::ConfirmOpening => workspaces::confirm_opening(state),
        Action::ListWorkspaces(records) => workspaces::list(state, records),
        Action::OpenWorkspace(id) => workspaces::open_workspace(state, id),
        Action::WorkspaceRead(stored) => workspaces::workspace_read(state, *stored),
        Action::NewerVersionRead(stored) => workspaces::newer_version_read(state, *stored),
        Action::RenameWorkspace { id, name } => workspaces::rename(state, id, &name),
        Action::DeleteWorkspace { id, deleted } => workspaces::delete(state, id, deleted),
        Action::Stored { id, outcome } => workspaces::stored(state, &id, outcome),
        Action::ChangedElsewhere(id) => workspaces::changed_elsewhere(state, &id),
        Action::ResolveConflict(keep) => workspaces::resolve_conflict(state, keep),
        Action::NewFile(name) => files::new_file(state, &name),
        Action::WriteFile { name, text, replace } => files::write_file(state, name, text, replace),
        Action::RenameFile(name) => files::rename_file(state, &name),
        Action::Undo => files::undo(state),
        Action::CloseFile(file) => files::close_file(state, file),
        // A worker that was given up opens with the text as it is when it starts again.
        Action::TypingPaused if state.worker == WorkerStatus::Stopped => Vec::new(),
        Action::TypingPaused => vec![Effect::Send(Request::FollowText)],
        Action::ApplyText => change_objects(state, Request::Apply),
        Action::SetApplyMode(mode) => {
            state.stored = Shared::new(Stored { mode, ..(*state.stored).clone() });
            vec![Effect::Send(Request::SetApplyMode { mode }), Effect::Save]
        }
        Action::DeleteObjects(objects) => change_objects(state, Request::DeleteObjects { objects }),
        Action::RecreateObjects(objects) => {
            change_objects(state, Request::RecreateObjects { objects })
        }
        Action::Typed { file, text } => typed(state, file, text),
        Action::CursorMoved { file, utf16 } => cursor_moved(state, file, utf16),
        Action::Activate(file) => activate(state, file),
        Action::ShowSource(location) => show_source(state, location),
        Action::ShowOrigin(location) => show_source(state, state.in_text(location)),
        Action::Highlight(location) => {
            vec![Effect::Highlight(location.map(|location| state.in_text(location)))]
        }
        Action::ApplyFix(fix) => apply_fix(state, &fix),
        Action::Show(page) => show(state, page),
        Action::SetQuery(query) => ask(state, query),
        Action::AskAgain => ask(state, state.query.clone()),
        Action::Graph(query) => graph(state, query),
        Action::ShowSide(side) => saved(|| state.preferences.side = side),
        Action::SetTheme(theme) => {
            state.preferences.theme = theme;
            vec![Effect::ApplyTheme(theme), Effect::Save]
        }
        Action::ToggleNotes => saved(|| state.preferences.notes = !state.preferences.notes),
        Action::ToggleDefaults => {
            saved(|| state.preferences.defaults = !state.preferences.defaults)
        }
        Action::SetSplit(percent) => saved(|| state.preferences.split = percent.clamp(20.0, 80.0)),
        Action::VisitStop(stop) => {
            state.tour = Some(Tour { stop: Some(stop) });
            Vec::new()
        }
        Action::CloseTour => {
            state.tour = None;
            Vec::new()
        }
        Action::OpenLesson(name) => lesson::open(state, name),
        Action::LessonFetched { json, continued } => lesson::fetched(state, json, continued),
        Action::ResetLesson => lesson::reset(state),
        Action::CloseLesson => lesson::close(state),
        Action::FollowAddress(address) => place::follow(state, *address),
        Action::OpenHomework(json) => homework::open(state, &json, true),
        Action::SetDraft(draft) => homework::set_draft(state, *draft),
        Action::TakeStart => homework::take_start(state),
        Action::TryDraft => homework::try_draft(state),
        Action::ShareDraft => homework::share(state),
        Action::ShareLesson => {
            let open = state.lesson.iter();
            open.map(|open| Effect::CopyHomework(open.json.clone())).collect()
        }
        Action::DownloadDraft => homework::download(state),
        Action::AnswerGoal { goal, answer } => lesson::answer(goal, answer),
        Action::Predict(answer) => lesson::predict(state, answer),
        Action::LearnerRead(learner) => lesson::learner_read(state, *learner),
        Action::SetLearnerName(name) => lesson::set_name(state, &name),
        Action::ForgetProgress => lesson::forget(state),
        Action::ExportProgress => lesson::export(state),
        Action::Play(playing) => {
            state.playing = playing;
            terminals::played(state, playing);
            vec![Effect::Save]
        }
        Action::SetSpeed(speed) => saved(|| state.speed = speed),
        Action::NextScrape => next_scrape(state),
        Action::Seek(at) => seek(state, at),
        Action::Advance(millis) => advance(state, millis),
        Action::StopRun => stop_run(state),
        Action::SetDelays(delays) => {
            state.past = Shared::new(EventLog { delays, ..(*state.past).clone() });
            vec![Effect::Send(Request::SetDelays { on: delays }), Effect::Save]
        }
        Action::SetRunning(running) => {
            state.past = Shared::new(EventLog { running, ..(*state.past).clone() });
            vec![Effect::Send(Request::SetRunning { on: running }), Effect::Save]
        }
        Action::Tick(millis) => tick(state, millis),
        Action::ShowCheck(code) => show_check(state, code),
        Action::Silence { code, silent } => silence(state, code, silent),
        Action::Act(action) => act(state, action),
        Action::Terminal(action) => terminals::act(state, action),
        Action::Updated(update) => worker::updated(state, *update),
        Action::WorkerFailed { failure, recovery, query } => {
            let canceled = query.map(|query| worker::cancel(state, *query));
            let mut effects = worker::failed(state, failure, recovery);
            effects.extend(canceled.map(|()| Effect::Save));
            effects
        }
        Action::WorkerStartsSlowly => worker::starts_slowly(state),
        Action::WorkerOutdated => {
            state.worker = WorkerStatus::Outdated;
            Vec::new()
        }
        Action::RestartWorker => {
            state.worker = WorkerStatus::Starting;
            vec![Effect::StartWorker { delay: 0 }]
        }
        Action::DescriptionsMissing => worker::descriptions_missing(state),
        Action::StorageFailed(reason) => workspaces::storage_failed(state, reason),
        Action::Notify(text) => {
            state.notify(text);
            Vec::new()
        }
        Action::Dismiss(id) => dismiss(state, id),
        Action::OpenDialog(dialog) => open_dialog(state, dialog),
        Action::Export => vec![Effect::Download(state.workspace().files)],
        Action::Copy(text) => vec![Effect::CopyText(text)],
        Action::Download(file) => vec![Effect::Download(vec![file])],
        // Data of a live system goes into a link only when the visitor says so.
        Action::Share if state.live => {
            state.dialog = Some(Dialog::ShareLive);
            Vec::new()
        }
        Action::Share | Action::ShareLive => {
            state.dialog = Some(Dialog::Share);
            Vec::new()
        }
        Action::CopyShare { form, place } => {
            state.dialog = None;
            let place = place.then(|| Place::of(state));
            vec![Effect::CopyLink { work: Box::new(SavedWork::of(state)), form, place }]
        }
        Action::Spin => vec![Effect::Send(Request::Spin)],
        Action::PanicWorker => vec![Effect::Send(Request::Panic)],
    }
}

/// Returns true if an action changes the files that are open.
fn changes_files(action: &Action) -> bool {
    matches!(
        action,
        Action::Typed { .. }
            | Action::ApplyFix(_)
            | Action::NewFile(_)
            | Action::WriteFile { .. }
            | Action::RenameFile(_)
            | Action::CloseFile(_)
            | Action::AddImport { .. }
    )
}

/// Sends a request that changes objects of the cluster. They are of this tab from now on.
fn change_objects(state: &mut State, request: Request) -> Vec<Effect> {
    state.current.of_other_tab = false;
    vec![Effect::Send(request), Effect::Save]
}

fn next_scrape(state: &mut State) -> Vec<Effect> {
    if is_over(state) {
        return Vec::new();
    }
    state.restoring = None;
    send_paused(state, Request::NextScrape)
}

fn seek(state: &mut State, at: u64) -> Vec<Effect> {
    state.restoring = None;
    let at = at.min(protocol::LAST_TIME);
    send_paused(state, Request::Seek { at })
}

fn advance(state: &mut State, millis: u64) -> Vec<Effect> {
    if is_over(state) {
        return Vec::new();
    }
    let millis = millis.min(protocol::LAST_TIME - state.past.now);
    state.restoring = state.restoring.map(|to| to.saturating_add(millis));
    send_paused(state, Request::Advance { millis })
}

fn stop_run(state: &mut State) -> Vec<Effect> {
    state.run = None;
    state.restoring = None;
    state.stopping = true;
    vec![Effect::Send(Request::Stop)]
}

fn dismiss(state: &mut State, id: u32) -> Vec<Effect> {
    let left = state.notifications.iter().filter(|one| one.id != id).cloned().collect();
    state.notifications = Shared::new(left);
    Vec::new()
}

/// Returns the requests that restore the session in a new worker: all files, the events, the time,
/// and the open lesson.
pub fn replay(state: &mut State) -> Vec<Request> {
    let log = state.log();
    state.restoring = Some(log.now);
    state.run = None;
    state.stopping = false;
    let open = Request::Open { workspace: state.workspace(), revision: state.revision, log };
    let mut requests = vec![open, Request::Watch { query: state.asked_query() }];
    if state.lesson.is_some() {
        requests.push(lesson::request(state));
    }
    requests
}

fn saved(change: impl FnOnce()) -> Vec<Effect> {
    change();
    vec![Effect::Save]
}

/// Opens the documentation of a check.
fn show_check(state: &mut State, code: String) -> Vec<Effect> {
    let search = String::new();
    let query = PageQuery::Checks(pages::checks::Query { open: Some(code), search });
    let mut effects = show(state, Page::Checks);
    effects.extend(set_query(state, query));
    effects
}

fn silence(state: &mut State, code: String, silent: bool) -> Vec<Effect> {
    state.silenced.retain(|known| *known != code);
    if silent {
        state.silenced.push(code);
    }
    vec![Effect::Send(Request::Silence { codes: state.silenced.clone() }), Effect::Save]
}

/// Opens a dialog, or closes the open one with its safe choice.
fn open_dialog(state: &mut State, dialog: Option<Dialog>) -> Vec<Effect> {
    let open = std::mem::replace(&mut state.dialog, dialog);
    match open {
        Some(Dialog::Opening) => {
            state.opening = None;
            state.place = None;
        }
        Some(Dialog::ImportReview) => state.imported = None,
        Some(Dialog::Conflict) => return workspaces::resolve_conflict(state, Keep::Both),
        _ => {}
    }
    if homework::is_form(dialog) {
        return homework::show_form(state);
    }
    let list = dialog == Some(Dialog::Workspaces);
    list.then_some([Effect::Save, Effect::ListWorkspaces]).into_iter().flatten().collect()
}

fn act(state: &mut State, action: protocol::Action) -> Vec<Effect> {
    if state.past.events.len() >= valid::MOST_ACTIONS {
        let most = valid::MOST_ACTIONS;
        state.notify(format!("The timeline can hold {most} events. Go back in time to drop some."));
        return Vec::new();
    }
    // The worker answers with the new events.
    vec![Effect::Send(Request::Act { action }), Effect::Save]
}

/// Stops the clock at the end of simulated time. Returns true if it is reached.
fn is_over(state: &mut State) -> bool {
    let over = state.past.now >= protocol::LAST_TIME;
    if over {
        state.playing = false;
        let days = protocol::LAST_TIME / 86_400_000;
        state
            .notify(format!("Simulated time ends after {days} days. Go back in time to continue."));
    }
    over
}

fn send_paused(state: &mut State, request: Request) -> Vec<Effect> {
    state.playing = false;
    vec![Effect::Send(request), Effect::Save]
}

fn graph(state: &mut State, query: String) -> Vec<Effect> {
    let query = pages::query::Query { query: Some(query), ..Default::default() };
    state.page_queries.retain(|(of, _)| *of != Page::Query);
    state.page_queries.push((Page::Query, PageQuery::Query(query)));
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
    if state.preferences.page == Page::Explain {
        set_query(state, explain(state))
    } else {
        Vec::new()
    }
}

fn activate(state: &mut State, file: FileId) -> Vec<Effect> {
    if state.active == file || state.document(file).is_none() {
        return Vec::new();
    }
    state.active = file;
    state.cursor = 0;
    let mut effects = vec![Effect::ShowDocument, Effect::Save];
    if let Some(query) = query_of_file(state, state.preferences.page) {
        effects.extend(set_query(state, query));
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
    let query = query_of(state, page);
    let mut effects = set_query(state, query);
    effects.push(Effect::Save);
    effects
}

/// Asks a query, even if it was canceled before.
fn ask(state: &mut State, query: PageQuery) -> Vec<Effect> {
    let before = state.canceled.len();
    state.canceled.retain(|canceled| *canceled != query);
    if state.canceled.len() == before || state.query != query {
        return set_query(state, query);
    }
    vec![Effect::Send(Request::Watch { query }), Effect::Save]
}

fn set_query(state: &mut State, query: PageQuery) -> Vec<Effect> {
    let page = state.preferences.page;
    state.page_queries.retain(|(of, _)| *of != page);
    state.page_queries.push((page, query.clone()));
    if state.query == query {
        return Vec::new();
    }
    if std::mem::discriminant(&state.query) != std::mem::discriminant(&query) {
        state.view = None;
    }
    state.query = query.clone();
    // Queries are saved like text, except for those that follow the open file.
    let follows_file = matches!(query, PageQuery::Explain(_) | PageQuery::Chart(_));
    let kept = (!follows_file).then_some(Effect::Save);
    if state.is_canceled() {
        worker::show_canceled(state);
    }
    let request = Request::Watch { query: state.asked_query() };
    std::iter::once(Effect::Send(request)).chain(kept).collect()
}

/// The query of a page that follows the open file; None for the other pages.
fn query_of_file(state: &State, page: Page) -> Option<PageQuery> {
    match page {
        Page::Explain => Some(explain(state)),
        Page::Chart => Some(PageQuery::Chart(pages::chart::Query { file: state.active })),
        _ => None,
    }
}

fn explain(state: &State) -> PageQuery {
    PageQuery::Explain(pages::explain::Query { file: state.active, offset: state.cursor })
}

/// Returns the query of a page that is opened.
fn query_of(state: &State, page: Page) -> PageQuery {
    if let Some(query) = query_of_file(state, page) {
        return query;
    }
    let before = state.page_queries.iter().find(|(of, _)| *of == page);
    before.map_or_else(|| PageQuery::of(page), |(_, query)| query.clone())
}

fn tick(state: &mut State, millis: f64) -> Vec<Effect> {
    if !state.playing || state.worker != WorkerStatus::Working || state.run.is_some() {
        return Vec::new();
    }
    if is_over(state) {
        return Vec::new();
    }
    let millis = (millis.min(LONGEST_TICK) * f64::from(state.speed)) as u64;
    vec![Effect::Send(Request::Advance { millis })]
}

#[cfg(test)]
mod tests;
