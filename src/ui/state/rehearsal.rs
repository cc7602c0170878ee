//! The first moments of a visit, as the page sends them to its worker.
//!
//! The release build plays them to learn which functions the first view needs; the others go into a
//! file that is fetched when one of them is called (see `scripts/split.mjs`).

use super::traffic::Traffic;
use super::{Action, Effect, Page, State, update};
use crate::lessons;
use crate::session::{Envelope, Reply, Session};

/// How often the clock goes on.
const TICKS: usize = 800;
/// Real milliseconds from one look at the clock to the next: as the page has them, and some of a
/// slow machine.
const MILLIS: [f64; 7] = [100.0, 98.0, 102.0, 260.0, 117.0, 100.0, 1_500.0];
/// As many ticks at the start are short, because what is seen before and after the very first
/// samples depends on which of scrape, look and step of a graph comes first.
const SHORT: usize = 500;

/// The time from one tick to the next.
fn millis(tick: usize) -> f64 {
    if tick < SHORT { 10.0 } else { MILLIS[tick % MILLIS.len()] }
}

/// Opens the first scenario, lets the clock play, looks at the target table and types a letter.
/// Everything that was sent, in order.
pub fn first_moments() -> Vec<Envelope> {
    let mut visit = Visit {
        session: Session::new(),
        state: State::empty(),
        traffic: Traffic::default(),
        sent: Vec::new(),
    };
    let Some(first) = lessons::SCENARIOS.first() else { return Vec::new() };
    visit.act(Action::Play(true));
    visit.act(Action::OpenScenario(first.name.to_owned()));
    for tick in 0..TICKS {
        visit.act(Action::Tick(millis(tick)));
    }
    let page = visit.state.look.page;
    visit.act(Action::Show(Page::Targets));
    visit.act(Action::Show(page));
    if let Some(document) = visit.state.active_document() {
        let (file, text) = (document.id, format!("{}# a\n", document.text));
        visit.act(Action::CursorMoved { file, utf16: 1 });
        visit.act(Action::Typed { file, text });
    }
    visit.sent
}

struct Visit {
    session: Session,
    state: State,
    traffic: Traffic,
    sent: Vec<Envelope>,
}

impl Visit {
    /// Lets the page do something, and the worker answer until nothing is left to ask.
    fn act(&mut self, action: Action) {
        let mut actions = vec![action];
        while let Some(action) = actions.pop() {
            for effect in update(&mut self.state, action) {
                if let Effect::Send(request) = effect {
                    self.traffic.push(request);
                }
            }
            while let Some(envelope) = self.traffic.next_request() {
                let message = self.session.handle(envelope.clone());
                self.traffic.answered(envelope.number);
                self.sent.push(envelope);
                if let Reply::Updated(update) = message.reply {
                    actions.push(Action::Updated(update));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Request;

    #[test]
    fn the_first_moments_hold_what_a_first_view_asks() {
        let sent = first_moments();
        let any = |wanted: fn(&Request) -> bool| sent.iter().any(|one| wanted(&one.request));
        assert!(any(|request| matches!(request, Request::Open { .. })));
        assert!(any(|request| matches!(request, Request::Watch { .. })));
        assert!(any(|request| matches!(request, Request::Advance { .. })));
        assert!(any(|request| matches!(request, Request::Edit { .. })));
    }
}
