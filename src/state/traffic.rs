//! What is on its way to the worker: one request at a time, the rest in a queue where newer ones
//! take the place of older ones that they make pointless.

use std::collections::VecDeque;

use protocol::{Envelope, Request};

/// Requests in the order in which they are to be answered.
#[derive(Debug, Default)]
pub struct Traffic {
    next_number: u32,
    waiting: VecDeque<Envelope>,
    /// Sent and not answered.
    flying: Option<Envelope>,
    /// Workers that were ended since the last answer to a request that changes the session.
    failures: u32,
}

/// What to do after a worker had to be ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Start another one and let it live through everything again.
    Replay,
    /// The text itself is what takes too long: wait for another text.
    GiveUp,
}

impl Traffic {
    /// Takes a request in; its number.
    pub fn push(&mut self, request: Request) -> u32 {
        self.next_number += 1;
        let number = self.next_number;
        if let Request::Advance { millis } = request
            && let Some(Envelope { request: Request::Advance { millis: before }, .. }) =
                self.waiting.back_mut()
        {
            *before += millis;
            return number;
        }
        self.waiting.retain(|old| !replaces(&request, &old.request));
        self.waiting.push_back(Envelope { number, request });
        number
    }

    /// The next request to send, when nothing is on its way.
    pub fn next_request(&mut self) -> Option<Envelope> {
        if self.flying.is_some() {
            return None;
        }
        self.flying = self.waiting.pop_front();
        self.flying.clone()
    }

    /// Whether a request waits for its answer.
    pub fn busy(&self) -> bool {
        self.flying.is_some()
    }

    /// Nothing is on its way or waits to be.
    pub fn idle(&self) -> bool {
        self.flying.is_none() && self.waiting.is_empty()
    }

    /// An answer came. False where it is not the one that is waited for.
    pub fn answered(&mut self, number: u32) -> bool {
        let awaited = self.flying.as_ref().is_some_and(|flying| flying.number == number);
        if awaited
            && let Some(flying) = self.flying.take()
            && flying.request.changes()
        {
            self.failures = 0;
        }
        awaited
    }

    /// The worker was ended with a request on its way. What changes the session is brought back by
    /// the replay, so only questions stay in the queue, and the one that failed is not asked again.
    pub fn failed(&mut self) -> Recovery {
        let culprit = self.flying.take();
        self.waiting.retain(|envelope| !envelope.request.changes());
        if culprit.is_some_and(|culprit| culprit.request.changes()) {
            self.failures += 1;
        }
        if self.failures >= 2 {
            self.failures = 0;
            self.waiting.clear();
            return Recovery::GiveUp;
        }
        Recovery::Replay
    }
}

/// A newer text, question or workspace makes an older one pointless.
fn replaces(new: &Request, old: &Request) -> bool {
    match (new, old) {
        (Request::Edit { file: new, .. }, Request::Edit { file: old, .. }) => new.id == old.id,
        (Request::Watch { .. }, Request::Watch { .. })
        | (Request::Continue { .. }, Request::Continue { .. }) => true,
        (Request::Open { .. }, old) => old.changes() && !matches!(old, Request::Watch { .. }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::File;
    use protocol::PageQuery;
    use text::FileId;

    fn edit(id: u32, text: &str) -> Request {
        let file = File { id: FileId(id), name: "a.yaml".into(), text: text.into() };
        Request::Edit { file, revision: 1 }
    }

    fn drain(traffic: &mut Traffic) -> Vec<Request> {
        let mut sent = Vec::new();
        while let Some(envelope) = traffic.next_request() {
            assert!(traffic.answered(envelope.number));
            sent.push(envelope.request);
        }
        sent
    }

    #[test]
    fn one_request_at_a_time_and_only_the_newest_text() {
        let mut traffic = Traffic::default();
        traffic.push(edit(1, "a"));
        assert!(traffic.next_request().is_some());
        for text in ["ab", "abc"] {
            traffic.push(edit(1, text));
        }
        traffic.push(edit(2, "x"));
        assert!(traffic.next_request().is_none(), "the first is still on its way");
        assert!(!traffic.answered(99));
        assert!(traffic.answered(1));
        assert_eq!(drain(&mut traffic), [edit(1, "abc"), edit(2, "x")]);
        assert!(traffic.idle());
    }

    #[test]
    fn ticks_add_up() {
        let mut traffic = Traffic::default();
        traffic.push(Request::Advance { millis: 100 });
        traffic.push(Request::Advance { millis: 50 });
        assert_eq!(drain(&mut traffic), [Request::Advance { millis: 150 }]);
    }

    #[test]
    fn a_worker_that_was_ended_is_replaced_and_the_culprit_forgotten() {
        let mut traffic = Traffic::default();
        traffic.push(Request::Spin);
        let hover = Request::Hover { file: FileId(1), offset: 0 };
        traffic.push(edit(1, "a"));
        traffic.push(hover.clone());
        assert!(traffic.next_request().is_some());
        assert_eq!(traffic.failed(), Recovery::Replay);
        assert_eq!(drain(&mut traffic), [hover], "the replay brings the text");
    }

    #[test]
    fn a_text_that_always_takes_too_long_is_given_up() {
        let mut traffic = Traffic::default();
        traffic.push(edit(1, "slow"));
        traffic.next_request();
        assert_eq!(traffic.failed(), Recovery::Replay);
        let question = PageQuery::Nothing;
        traffic.push(Request::Watch { query: question });
        traffic.next_request();
        assert_eq!(traffic.failed(), Recovery::GiveUp);
        assert!(traffic.idle());
    }
}
