//! Answers and failures of the worker.

use super::super::restarts::Recovery;
use super::super::{Document, Effect, ErrorReport, Failure, Run, Shared, State, WorkerStatus};
use super::{lesson, terminals};
use protocol::pages::query::View as QueryView;
use protocol::{EventLog, PageQuery, Request, Update, View};
use std::mem::discriminant;

/// The interval, in microseconds of work, at which a long run shows results.
const SHOW_EVERY: u64 = 500_000;

/// Requests the next slice of a run that has not reached its goal.
fn continue_run(state: &mut State, now: u64, goal: Option<u64>, micros: u32) -> Option<Effect> {
    let Some(to) = goal else {
        state.run = None;
        state.restoring = None;
        state.stopping = false;
        return None;
    };
    if state.stopping {
        return None;
    }
    let before = state.run.filter(|run| run.to == to && run.from <= now);
    let mut run = before.unwrap_or(Run { from: now, to, spent: 0, since_shown: 0 });
    run.spent += u64::from(micros);
    run.since_shown += u64::from(micros);
    let show = run.since_shown > SHOW_EVERY;
    if show {
        run.since_shown = 0;
    }
    state.run = Some(run);
    Some(Effect::Send(Request::Continue { show }))
}

pub(super) fn updated(state: &mut State, update: Update) -> Vec<Effect> {
    state.ready = true;
    state.worker = WorkerStatus::Working;
    let mut effects = Vec::new();
    if update.clock.now != state.past.now || update.clock.events.is_some() {
        let events = update.clock.events.unwrap_or_else(|| state.past.events.clone());
        let now = update.clock.now;
        state.past = Shared::new(EventLog { now, events, ..(*state.past).clone() });
    }
    effects.extend(continue_run(state, update.clock.now, update.clock.goal, update.micros));
    if update.clock.store.since.is_some() && state.store.since.is_none() {
        let limit = update.clock.store.limit >> 20;
        state.notify(format!(
            "The samples exceed the limit of {limit} MB. The oldest samples are dropped."
        ));
    }
    state.store = update.clock.store;
    if *state.rollout != update.clock.rollout {
        state.rollout = Shared::new(update.clock.rollout);
    }
    if let Some(stored) = update.stored
        && update.revision == state.revision
    {
        let (before, after) = (&state.stored, &stored);
        if (before.mode, &before.files) != (after.mode, &after.files) {
            effects.push(Effect::Save);
        }
        state.stored = Shared::new(*stored);
    }
    if let Some(actions) = update.actions {
        state.actions = Shared::new(actions);
    }
    if let Some(summary) = update.summary {
        state.summary = Shared::new(summary);
    }
    for annotations in update.annotations {
        // Ignores annotations for an older text, whose offsets are different.
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
    effects.extend(terminals::updated(state, update.terminals));
    if let Some(progress) = update.lesson {
        effects.extend(lesson::updated(state, *progress));
    }
    if let Some(view) = update.view
        && view.answers(&state.query)
    {
        state.view = Some(Shared::new(*view));
    }
    effects
}

/// Remembers a query at which the worker failed, so that it is not asked again.
pub(super) fn cancel(state: &mut State, query: PageQuery) {
    let is_of_page = |other: &PageQuery| discriminant(other) == discriminant(&query);
    state.canceled.retain(|other| !is_of_page(other));
    state.canceled.push(query);
    if state.is_canceled() {
        show_canceled(state);
    }
}

/// Shows the page of a canceled query without an answer.
pub(super) fn show_canceled(state: &mut State) {
    state.view = canceled_view(&state.query);
}

/// The view of a query that was canceled: the page "Query" keeps its field, others have none.
pub fn canceled_view(query: &PageQuery) -> Option<Shared<View>> {
    match query {
        PageQuery::Query(query) => {
            let promql = query.query.clone().unwrap_or_default();
            let view =
                View::Query(QueryView { query: query.clone(), promql, ..Default::default() });
            Some(Shared::new(view))
        }
        _ => None,
    }
}

/// Starts a new worker that restores the session, or waits for the visitor.
pub(super) fn failed(state: &mut State, failure: Failure, recovery: Recovery) -> Vec<Effect> {
    let (status, start) = match (&failure, recovery) {
        (Failure::NotStarted(reason), Recovery::Restart { delay }) => {
            (WorkerStatus::Retrying(reason.clone()), Some(delay))
        }
        (Failure::NotStarted(reason), Recovery::GiveUp) => {
            (WorkerStatus::NotStarted(reason.clone()), None)
        }
        (_, Recovery::Restart { delay }) => (WorkerStatus::Starting, Some(delay)),
        (_, Recovery::GiveUp) => (WorkerStatus::Stopped, None),
    };
    state.worker = status;
    state.run = None;
    state.stopping = false;
    terminals::worker_failed(state);
    let gave_up = recovery == Recovery::GiveUp;
    match failure {
        Failure::NotStarted(_) => {}
        Failure::Timeout => state.playing &= !gave_up,
        Failure::Crashed(_) => state.playing = false,
    }
    let missing_file = matches!(failure, Failure::NotStarted(_));
    let report = |message, explanation, restart| {
        Some(Effect::ReportError(ErrorReport { missing_file, message, explanation, restart }))
    };
    let report = match failure {
        Failure::Timeout => {
            state.notify(if gave_up { TOO_LONG_AGAIN } else { TOO_LONG });
            None
        }
        Failure::NotStarted(_) if !gave_up => None,
        Failure::NotStarted(message) => report(message, NOT_STARTED, Some("Try again")),
        Failure::Crashed(message) if gave_up => {
            report(message, CRASHED_AGAIN, Some("Restart the simulation"))
        }
        Failure::Crashed(message) => report(message, CRASHED, None),
    };
    report.into_iter().chain(start.map(|delay| Effect::StartWorker { delay })).collect()
}

const TOO_LONG: &str = "A request took too long and was canceled. Your text is unchanged.";
const TOO_LONG_AGAIN: &str = "The simulation took too long and was stopped. Your text is \
     unchanged. Change it to start the simulation again.";
const NOT_STARTED: &str =
    "The simulation did not load. Check the network connection, then try again.";
const CRASHED: &str = "The simulation stopped because of an internal error and was restarted. \
     Your files are unchanged.";
const CRASHED_AGAIN: &str = "The simulation stopped because of an internal error, and stopped \
     again after a restart. Change the files or restart the simulation. Your files are unchanged.";

pub(super) fn starts_slowly(state: &mut State) -> Vec<Effect> {
    if state.worker == WorkerStatus::Starting {
        state.worker = WorkerStatus::StartingSlowly;
    }
    Vec::new()
}

/// Notifies the visitor once.
pub(super) fn descriptions_missing(state: &mut State) -> Vec<Effect> {
    if !state.descriptions_missing {
        state.descriptions_missing = true;
        state.notify(
            "The descriptions of Kubernetes fields did not load (kubernetes.json). Check the \
             network connection; they are requested again when one is needed.",
        );
    }
    Vec::new()
}
