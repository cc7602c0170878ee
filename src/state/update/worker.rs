//! Answers and failures of the worker.

use super::super::{Document, Effect, ErrorReport, Failure, Run, Shared, State};
use super::replay;
use protocol::{EventLog, Request, Update};

/// The interval, in microseconds of work, at which a long run shows results.
const SHOW_EVERY: u64 = 500_000;

/// Requests the next slice of a run that has not reached its goal.
fn continue_run(state: &mut State, now: u64, goal: Option<u64>, micros: u32) -> Option<Effect> {
    let Some(to) = goal else {
        state.run = None;
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
    let mut effects = Vec::new();
    if update.clock.now != state.past.now || update.clock.events.is_some() {
        let events = update.clock.events.unwrap_or_else(|| state.past.events.clone());
        let delays = state.past.delays;
        state.past = Shared::new(EventLog { now: update.clock.now, events, delays });
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
    if let Some(view) = update.view
        && view.answers(&state.question)
    {
        state.view = Some(Shared::new(*view));
    }
    effects
}

/// Restores the session in a new worker, or waits for another input if that failed before.
pub(super) fn failed(state: &mut State, failure: Failure, gave_up: bool) -> Vec<Effect> {
    if gave_up || failure != Failure::Timeout {
        state.playing = false;
    }
    let report = |message, explanation, restart| {
        Effect::ReportError(ErrorReport { message, explanation, restart })
    };
    let (report, restart) = match failure {
        Failure::Timeout if gave_up => {
            state.notify(
                "The simulation took too long and was stopped. Your text is unchanged. \
                 Change it to start the simulation again.",
            );
            (None, false)
        }
        Failure::Timeout => {
            state.notify("A request took too long and was canceled. Your text is unchanged.");
            (None, true)
        }
        Failure::NotStarted(message) => {
            (Some(report(message, NOT_STARTED, Some("Try again"))), false)
        }
        Failure::Crashed(message) if gave_up => {
            (Some(report(message, CRASHED_AGAIN, Some("Restart the simulation"))), false)
        }
        Failure::Crashed(message) => (Some(report(message, CRASHED, None)), true),
    };
    let replayed = restart.then(|| replay(state).map(Effect::Send)).into_iter().flatten();
    report.into_iter().chain(replayed).collect()
}

const NOT_STARTED: &str =
    "The simulation did not load. Check the network connection, then try again.";
const CRASHED: &str = "The simulation stopped because of an internal error and was restarted. \
     Your files are unchanged.";
const CRASHED_AGAIN: &str = "The simulation stopped because of an internal error, and stopped \
     again after a restart. Change the files or restart the simulation. Your files are unchanged.";
