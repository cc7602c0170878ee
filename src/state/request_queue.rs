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

    /// Returns true if no request is in flight or queued.
    pub fn idle(&self) -> bool {
        self.in_flight.is_none() && self.queued.is_empty()
    }

    /// Returns the request that an answer belongs to, or None if no such answer is expected.
    pub fn accept_answer(&mut self, number: u32) -> Option<Request> {
        let awaited = self.in_flight.take_if(|in_flight| in_flight.number == number);
        awaited.map(|envelope| envelope.request)
    }

    /// Returns the request in flight, which a worker that failed does not answer.
    pub fn drop_in_flight(&mut self) -> Option<Request> {
        self.in_flight.take().map(|envelope| envelope.request)
    }

    /// Returns true if an import is in flight or queued.
    pub fn has_import(&self) -> bool {
        let mut all = self.in_flight.iter().chain(&self.queued);
        all.any(|envelope| matches!(envelope.request, Request::Import { .. }))
    }

    /// Drops all requests.
    pub fn clear(&mut self) {
        self.in_flight = None;
        self.queued.clear();
    }

    /// Puts the requests that restore the session in a new worker before all others. Requests
    /// whose effect the restored session has are dropped.
    pub fn restore(&mut self, requests: impl IntoIterator<Item = Request>) {
        self.in_flight = None;
        self.queued.retain(|envelope| !is_restored(&envelope.request));
        let waiting = std::mem::take(&mut self.queued);
        for request in requests {
            self.next_number += 1;
            self.queued.push_back(Envelope { number: self.next_number, request });
        }
        self.queued.extend(waiting);
    }
}

/// Returns true if a session that is opened with the state of the page has the effect of a request.
fn is_restored(request: &Request) -> bool {
    match request {
        Request::Open { .. }
        | Request::Edit { .. }
        | Request::EditFiles { .. }
        | Request::Remove { .. }
        | Request::Silence { .. }
        | Request::SetDelays { .. }
        | Request::SetRunning { .. }
        | Request::SetApplyMode { .. }
        | Request::ShowDefaults { .. }
        | Request::Watch { .. }
        | Request::SetLesson { .. }
        | Request::Continue { .. }
        | Request::Stop => true,
        Request::FollowText
        | Request::Apply
        | Request::DeleteObjects { .. }
        | Request::RecreateObjects { .. }
        | Request::Advance { .. }
        | Request::NextScrape
        | Request::Seek { .. }
        | Request::Act { .. }
        | Request::AnswerGoal { .. }
        | Request::Predict { .. }
        | Request::Hover { .. }
        | Request::Complete { .. }
        | Request::HoverQuery { .. }
        | Request::CompleteQuery { .. }
        | Request::CompleteLine { .. }
        | Request::Terminal(_)
        | Request::Import { .. }
        | Request::Spin
        | Request::Panic => false,
    }
}

/// Returns true if a new request makes an old one obsolete.
fn replaces(new: &Request, old: &Request) -> bool {
    match (new, old) {
        (Request::Edit { file: new, .. }, Request::Edit { file: old, .. }) => new.id == old.id,
        (Request::FollowText, Request::FollowText)
        | (Request::ShowDefaults { .. }, Request::ShowDefaults { .. })
        | (Request::Watch { .. }, Request::Watch { .. })
        | (Request::CompleteLine { .. }, Request::CompleteLine { .. })
        | (Request::SetLesson { .. }, Request::SetLesson { .. })
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
            assert_eq!(
                request_queue.accept_answer(envelope.number).as_ref(),
                Some(&envelope.request)
            );
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
        assert_eq!(request_queue.accept_answer(99), None);
        assert!(request_queue.accept_answer(1).is_some());
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
    fn a_new_worker_gets_the_session_before_anything_else() {
        let open = || Request::Open {
            workspace: Default::default(),
            revision: 1,
            log: Default::default(),
        };
        let watch = || Request::Watch { query: PageQuery::Nothing };
        let hover = || Request::Hover { file: FileId(1), offset: 0 };
        let act = || Request::Act { action: protocol::Action::SkipDelays };
        let tick = || Request::Advance { millis: 100 };
        let seek = || Request::Seek { at: 60_000 };
        let table = [
            // Sent and not answered, queued, what a new worker gets.
            (vec![edit(1, "a"), edit(2, "b"), watch()], vec![]),
            (vec![tick(), edit(1, "a"), hover()], vec![hover()]),
            (vec![tick(), act(), edit(1, "a"), seek()], vec![act(), seek()]),
            (vec![open(), watch(), act(), Request::Stop], vec![act()]),
            (vec![watch(), Request::Continue { show: true }], vec![]),
            (vec![Request::Spin, Request::SetDelays { on: true }, tick()], vec![tick()]),
            (vec![], vec![]),
        ];
        for (requests, kept) in table {
            let mut queue = RequestQueue::default();
            requests.iter().for_each(|request| _ = queue.push(request.clone()));
            queue.next_request();
            assert_eq!(queue.drop_in_flight(), requests.first().cloned());
            queue.restore([open(), watch()]);
            let sent = drain(&mut queue);
            assert_eq!(sent[..2], [open(), watch()], "{requests:?}");
            assert_eq!(sent[2..], kept, "{requests:?}");
        }
    }

    #[test]
    fn a_queue_that_was_cleared_waits_for_nothing() {
        let mut queue = RequestQueue::default();
        queue.push(edit(1, "slow"));
        queue.push(edit(2, "next"));
        let sent = queue.next_request().unwrap();
        queue.clear();
        assert!(queue.idle() && queue.settled());
        assert_eq!(queue.accept_answer(sent.number), None, "the worker that was ended");
    }
}
