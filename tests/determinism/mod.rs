//! Results that must be equal on every machine: each scenario run for half an hour of simulated time
//! with something of everything happening, as one number for all its samples.
//!
//! The numbers stand in `checksums.txt`. Natively `BLESS=1 cargo test --test determinism` writes
//! them anew; the browser's tests hold its own run against the same file.

use protocol::{Action, ActionSpec, Envelope, EventLog, Reply, Request, Workspace};
use scenarios::SCENARIOS;
use session::Session;

/// Scenario and number, a line for each.
pub const KNOWN: &str = include_str!("checksums.txt");

const SLICE: u64 = 90_000;
const SLICES: usize = 20;

/// The lines that `checksums.txt` should have.
pub fn checksums() -> String {
    let lines = SCENARIOS.iter().map(|scenario| {
        let workspace = Workspace::from_files(scenario.name, scenario.texts(), 1);
        format!("{} {:016x}\n", scenario.name, run(workspace))
    });
    lines.collect()
}

fn run(workspace: Workspace) -> u64 {
    let mut session = Session::new();
    let mut actions: Vec<ActionSpec> = Vec::new();
    let mut send = |request: Request, actions: &mut Vec<ActionSpec>| -> bool {
        let Reply::Updated(update) = session.handle(Envelope { number: 1, request }).reply else {
            return false;
        };
        if let Some(new) = update.actions {
            *actions = new;
        }
        update.clock.goal.is_some()
    };
    send(Request::Open { workspace, revision: 1, log: EventLog::default() }, &mut actions);
    for slice in 0..SLICES {
        let mut more = send(Request::Advance { millis: SLICE }, &mut actions);
        while more {
            more = send(Request::Continue { show: false }, &mut actions);
        }
        // One line of the menu after the other, to one subject after the other.
        let menu: Vec<&ActionSpec> = actions.iter().filter(|action| !action.prominent).collect();
        let action = menu[slice * menu.len() / SLICES];
        let subject = action.subjects.get(slice % action.subjects.len().max(1));
        let lasts = action.durations.first().map(|_| 45);
        let choice = Action::Start(action.choice(subject, lasts));
        send(Request::Act { action: choice }, &mut actions);
    }
    session.fingerprint()
}
