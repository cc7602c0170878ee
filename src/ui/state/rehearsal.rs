//! The first moments of a visit, as the page sends them to its worker.
//!
//! The release build plays them to learn which functions the first view needs; the others go into a
//! file that is fetched when one of them is called (see `scripts/split.mjs`).

use super::traffic::Traffic;
use super::{Action, Effect, Page, State, update};
use crate::lessons;
use crate::session::{Envelope, Reply, Session};

/// Real milliseconds that the clock plays in all.
const PLAYED: usize = 60_000;

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
    for _ in 0..PLAYED / 1_000 {
        visit.act(Action::Tick(1_000.0));
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
