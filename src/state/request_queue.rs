//! The queue of requests to the worker. One request is in flight at a time; newer requests replace
//! older ones that they make obsolete.

use std::collections::VecDeque;

use protocol::{Envelope, Request};

/// Requests in the order in which they are answered.
#[derive(Debug, Default)]
pub struct RequestQueue {
    next_number: u32,
    queued: VecDeque<Envelope>,
    /// The request that was sent and not answered.
    in_flight: Option<Envelope>,
    /// The number of workers that failed since the last answer to a request that changes the
    /// session.
    failures: u32,
}

/// The reaction to a failure of the worker.
#[derive(Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Start another worker and replay the inputs.
    Replay,
    /// Wait for another input, because the inputs themselves make the worker fail.
    GiveUp,
}

impl RequestQueue {
    /// Adds a request and returns its number.
    pub fn push(&mut self, request: Request) -> u32 {
        self.next_number += 1;
        let number = self.next_number;
        if let Request::Advance { millis } = request
            && let Some(Envelope { request: Request::Advance { millis: before }, .. }) =
                self.queued.back_mut()
        {
            *before += millis;
            return number;
        }
        self.queued.retain(|old| !replaces(&request, &old.request));
        self.queued.push_back(Envelope { number, request });
        number
    }

    /// Returns the next request to send if no request is in flight.
    pub fn next_request(&mut self) -> Option<Envelope> {
        if self.in_flight.is_some() {
            return None;
        }
        self.in_flight = self.queued.pop_front();
        self.in_flight.clone()
    }

    /// Returns true if no request that changes the session is in flight or queued.
    pub fn settled(&self) -> bool {
        !self.in_flight.iter().chain(&self.queued).any(|envelope| envelope.request.changes())
    }

    /// Returns true if a request that opens the workspace is queued.
    pub fn opens(&self) -> bool {
        self.queued.iter().any(|envelope| matches!(envelope.request, Request::Open { .. }))
    }

    /// Returns true if no request is in flight or queued.
    pub fn idle(&self) -> bool {
        self.in_flight.is_none() && self.queued.is_empty()
    }

    /// Accepts an answer. Returns false if the answer is not the expected one.
    pub fn accept_answer(&mut self, number: u32) -> bool {
        let awaited = self.in_flight.as_ref().is_some_and(|in_flight| in_flight.number == number);
        if awaited
            && let Some(Envelope { request, .. }) = self.in_flight.take()
            && request.changes()
            // The first request of a replay does not show that the failed one works now.
            && !matches!(request, Request::Open { .. })
        {
            self.failures = 0;
        }
        awaited
    }

    /// Records a failure of the worker. The replay restores the session, so that only requests that
    /// do not change it stay queued. The request in flight is dropped.
    pub fn record_failure(&mut self) -> Recovery {
        let culprit = self.in_flight.take();
        self.queued.retain(|envelope| !envelope.request.changes());
        if culprit.is_some_and(|culprit| culprit.request.changes()) {
            self.failures += 1;
        }
        if self.failures >= 2 {
            self.failures = 0;
            self.queued.clear();
            return Recovery::GiveUp;
        }
        Recovery::Replay
    }
}

/// Returns true if a new request makes an old one obsolete.
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

    fn drain(request_queue: &mut RequestQueue) -> Vec<Request> {
        let mut sent = Vec::new();
        while let Some(envelope) = request_queue.next_request() {
            assert!(request_queue.accept_answer(envelope.number));
            sent.push(envelope.request);
        }
        sent
    }

    #[test]
    fn one_request_at_a_time_and_only_the_newest_text() {
        let mut request_queue = RequestQueue::default();
        request_queue.push(edit(1, "a"));
        assert!(request_queue.next_request().is_some());
        for text in ["ab", "abc"] {
            request_queue.push(edit(1, text));
        }
        request_queue.push(edit(2, "x"));
        assert!(request_queue.next_request().is_none(), "the first is still on its way");
        assert!(!request_queue.accept_answer(99));
        assert!(request_queue.accept_answer(1));
        assert_eq!(drain(&mut request_queue), [edit(1, "abc"), edit(2, "x")]);
        assert!(request_queue.idle());
    }

    #[test]
    fn ticks_add_up() {
        let mut request_queue = RequestQueue::default();
        request_queue.push(Request::Advance { millis: 100 });
        request_queue.push(Request::Advance { millis: 50 });
        assert_eq!(drain(&mut request_queue), [Request::Advance { millis: 150 }]);
    }

    #[test]
    fn a_worker_that_was_ended_is_replaced_and_the_culprit_forgotten() {
        let mut request_queue = RequestQueue::default();
        request_queue.push(Request::Spin);
        let hover = Request::Hover { file: FileId(1), offset: 0 };
        request_queue.push(edit(1, "a"));
        request_queue.push(hover.clone());
        assert!(request_queue.next_request().is_some());
        assert_eq!(request_queue.record_failure(), Recovery::Replay);
        assert_eq!(drain(&mut request_queue), [hover], "the replay brings the text");
    }

    #[test]
    fn a_page_that_fails_after_every_replay_is_given_up() {
        let mut queue = RequestQueue::default();
        let open = || Request::Open {
            workspace: Default::default(),
            revision: 1,
            log: Default::default(),
        };
        let watch = || Request::Watch { query: PageQuery::Nothing };
        for expected in [Recovery::Replay, Recovery::GiveUp] {
            queue.push(open());
            queue.push(watch());
            let opened = queue.next_request().unwrap();
            assert!(queue.accept_answer(opened.number));
            queue.next_request();
            assert_eq!(queue.record_failure(), expected);
        }
    }

    #[test]
    fn a_text_that_always_takes_too_long_is_given_up() {
        let mut request_queue = RequestQueue::default();
        request_queue.push(edit(1, "slow"));
        request_queue.next_request();
        assert_eq!(request_queue.record_failure(), Recovery::Replay);
        let question = PageQuery::Nothing;
        request_queue.push(Request::Watch { query: question });
        request_queue.next_request();
        assert_eq!(request_queue.record_failure(), Recovery::GiveUp);
        assert!(request_queue.idle());
    }
}
