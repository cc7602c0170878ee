//! One action, one step: the new state, and what is to be done outside.

mod files;

use super::{Action, Document, Effect, Page, Run, SavedWork, Shared, Side, State};
use protocol::{EventLog, Update};
use protocol::{File, Request};
use protocol::{PageQuery, pages};
use text::{FileId, Fix, Location, apply_edits};

/// Most simulated time that one real tick may bring, so that a page that slept does not race.
const LONGEST_TICK: f64 = 1_000.0;

/// Changes the state; the effects are to be carried out in their order.
pub fn update(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::OpenScenario(name) => files::open_scenario(state, &name),
        Action::OpenWork(work) => files::open_work(state, *work),
        Action::OpenFiles(files) => files::open_files(state, files),
        Action::NewFile(name) => files::new_file(state, &name),
        Action::WriteFile { name, text, replace } => files::write_file(state, name, text, replace),
        Action::RenameFile(name) => files::rename_file(state, &name),
        Action::TakeBack => files::take_back(state),
        Action::CloseFile(file) => files::close_file(state, file),
        Action::Typed { file, text } => typed(state, file, text),
        Action::CursorMoved { file, utf16 } => cursor_moved(state, file, utf16),
        Action::Activate(file) => activate(state, file),
        Action::Jump(location) => jump(state, location),
        Action::Point(location) => vec![Effect::Mark(location)],
        Action::ApplyFix(fix) => apply_fix(state, &fix),
        Action::Show(page) => show(state, page),
        Action::Ask(question) => ask(state, question),
        Action::Graph(query) => graph(state, query),
        Action::ShowSide(side) => saved(|| state.look.side = side),
        Action::SetTheme(theme) => {
            state.look.theme = theme;
            vec![Effect::ApplyTheme(theme), Effect::Save]
        }
        Action::ToggleNotes => saved(|| state.look.notes = !state.look.notes),
        Action::SetSplit(percent) => saved(|| state.look.split = percent.clamp(20.0, 80.0)),
        Action::Play(playing) => saved(|| state.playing = playing),
        Action::SetSpeed(speed) => saved(|| state.speed = speed),
        Action::NextScrape => send_paused(state, Request::NextScrape),
        Action::Seek(at) => send_paused(state, Request::Seek { at }),
        Action::Ahead(millis) => send_paused(state, Request::Advance { millis }),
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
        Action::Why(code) => why(state, code),
        Action::Silence { code, silent } => silence(state, code, silent),
        Action::Act(action) => vec![Effect::Send(Request::Act { action })],
        Action::Updated(update) => updated(state, *update),
        Action::WorkerRestarted { gave_up } => restarted(state, gave_up),
        Action::StorageFailed(reason) => {
            if !state.storage_failed {
                state.storage_failed = true;
                state.toast(format!(
                    "Nothing can be kept over a reload here: {reason}. Everything else works."
                ));
            }
            Vec::new()
        }
        Action::Say(text) => {
            state.toast(text);
            Vec::new()
        }
        Action::Dismiss(id) => {
            let left = state.toasts.iter().filter(|toast| toast.id != id).cloned().collect();
            state.toasts = Shared::new(left);
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
    }
}

/// The requests that bring a new worker to where the old one was.
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

/// Opens the documentation of a finding.
fn why(state: &mut State, code: String) -> Vec<Effect> {
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
    if state.look.page == Page::Explain { ask(state, explain(state)) } else { Vec::new() }
}

fn activate(state: &mut State, file: FileId) -> Vec<Effect> {
    if state.active == file || state.document(file).is_none() {
        return Vec::new();
    }
    state.active = file;
    state.cursor = 0;
    let mut effects = vec![Effect::ShowDocument, Effect::Save];
    if state.look.page == Page::Explain {
        effects.extend(ask(state, explain(state)));
    }
    effects
}

fn jump(state: &mut State, location: Location) -> Vec<Effect> {
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
            state.toast("The text has changed since; the fix does not fit any more.");
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
    state.look.page = page;
    state.look.side = Side::Results;
    let question = question_of(state, page);
    let mut effects = ask(state, question);
    effects.push(Effect::Save);
    effects
}

fn ask(state: &mut State, question: PageQuery) -> Vec<Effect> {
    let page = state.look.page;
    state.asked.retain(|(asked, _)| *asked != page);
    state.asked.push((page, question.clone()));
    if state.question == question {
        return Vec::new();
    }
    if std::mem::discriminant(&state.question) != std::mem::discriminant(&question) {
        state.view = None;
    }
    state.question = question.clone();
    // What was set up on a page is kept as the text is; Explain follows the cursor.
    let kept = (!matches!(question, PageQuery::Explain(_))).then_some(Effect::Save);
    std::iter::once(Effect::Send(Request::Watch { query: question })).chain(kept).collect()
}

fn explain(state: &State) -> PageQuery {
    PageQuery::Explain(pages::explain::Query { file: state.active, offset: state.cursor })
}

/// What a page wants to see when it comes into view.
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

/// Results of a long run are shown again after so many microseconds of work.
const SHOW_EVERY: u64 = 500_000;

/// Asks for the next slice of a way that is not at its end.
fn go_on(state: &mut State, now: u64, goal: Option<u64>, micros: u32) -> Option<Effect> {
    let Some(to) = goal else {
        state.run = None;
        state.stopping = false;
        return None;
    };
    if state.stopping {
        return None;
    }
    let before = state.run.filter(|run| run.to == to && run.from <= now);
    let mut run = before.unwrap_or(Run { from: now, to, spent: 0, unseen: 0 });
    run.spent += u64::from(micros);
    run.unseen += u64::from(micros);
    let show = run.unseen > SHOW_EVERY;
    if show {
        run.unseen = 0;
    }
    state.run = Some(run);
    Some(Effect::Send(Request::Continue { show }))
}

fn updated(state: &mut State, update: Update) -> Vec<Effect> {
    state.ready = true;
    let mut effects = Vec::new();
    if update.clock.now != state.past.now || update.clock.events.is_some() {
        let events = update.clock.events.unwrap_or_else(|| state.past.events.clone());
        let delays = state.past.delays;
        state.past = Shared::new(EventLog { now: update.clock.now, events, delays });
    }
    effects.extend(go_on(state, update.clock.now, update.clock.goal, update.micros));
    if update.clock.store.since.is_some() && state.store.since.is_none() {
        let limit = update.clock.store.limit >> 20;
        state.toast(format!(
            "The samples take more than the {limit} MB that they may: the oldest are dropped."
        ));
    }
    state.store = update.clock.store;
    if *state.rollout != update.clock.rollout {
        state.rollout = Shared::new(update.clock.rollout);
    }
    if let Some(actions) = update.actions {
        state.actions = Shared::new(actions);
    }
    if let Some(summary) = update.summary {
        state.summary = Shared::new(summary);
    }
    for annotations in update.annotations {
        // Offsets of an older text would point to the wrong places; a newer answer is on its way.
        let fits = |document: &&Shared<Document>| update.revision >= document.revision;
        if state.document(annotations.file).filter(fits).is_none() {
            continue;
        }
        state.annotations.retain(|known| known.file != annotations.file);
        if annotations.file == state.active {
            effects.push(Effect::Annotate);
        }
        state.annotations.push(Shared::new(annotations));
    }
    if let Some(view) = update.view
        && view.answers(&state.question)
    {
        state.view = Some(Shared::new(*view));
    }
    effects
}

fn restarted(state: &mut State, gave_up: bool) -> Vec<Effect> {
    if gave_up {
        state.playing = false;
        state.toast(
            "This takes the simulation too long, so it was stopped. Your text is kept; \
             change it and it is tried again.",
        );
        return Vec::new();
    }
    state.toast("A job took too long and was ended. Your text is as it was.");
    replay(state).map(Effect::Send).into()
}

#[cfg(test)]
mod tests;
