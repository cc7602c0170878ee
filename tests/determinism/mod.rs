//! What the same inputs give on every machine: each scenario run for half an hour of simulated time
//! with something of everything happening, as one number for all its samples.
//!
//! The numbers stand in `checksums.txt`. Natively `BLESS=1 cargo test --test determinism` writes
//! them anew; the browser's tests hold its own run against the same file.

use scenarios::SCENARIOS;
use session::protocol::{Action, Past};
use session::{Envelope, Reply, Request, Session, Workspace};

/// Scenario and number, a line for each.
pub const KNOWN: &str = include_str!("checksums.txt");

const SLICE: u64 = 90_000;
const SLICES: usize = 20;

/// The lines that `checksums.txt` should have.
pub fn checksums() -> String {
    let lines = SCENARIOS.iter().map(|scenario| {
        let workspace = Workspace::of_scenario(scenario, 1);
        format!("{} {:016x}\n", scenario.name, run(workspace))
    });
    lines.collect()
}

fn run(workspace: Workspace) -> u64 {
    let mut session = Session::new();
    let mut actions: Vec<Action> = Vec::new();
    let mut send = |request: Request, actions: &mut Vec<Action>| -> bool {
        let Reply::Updated(update) = session.handle(Envelope { number: 1, request }).reply else {
            return false;
        };
        if let Some(new) = update.actions {
            *actions = new;
        }
        update.clock.goal.is_some()
    };
    send(Request::Open { workspace, revision: 1, past: Past::default() }, &mut actions);
    for slice in 0..SLICES {
        let mut more = send(Request::Advance { millis: SLICE }, &mut actions);
        while more {
            more = send(Request::Continue { show: false }, &mut actions);
        }
        // One line of the menu after the other, to one subject after the other.
        let menu: Vec<&Action> = actions.iter().filter(|action| !action.prominent).collect();
        let action = menu[slice * menu.len() / SLICES];
        let subject = action.subjects.get(slice % action.subjects.len().max(1));
        let lasts = action.lasts.first().map(|_| 45);
        let choice = action.choice(subject.map(|subject| subject.id.as_str()), lasts);
        send(Request::Act { action: choice }, &mut actions);
    }
    session.fingerprint()
}
