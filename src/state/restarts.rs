//! Decides when a worker that failed is started again, and when it is given up.

use protocol::Request;

/// Milliseconds before each further start after a start that failed.
const DELAYS: [u32; 4] = [1_000, 2_000, 4_000, 8_000];
/// The number of failures at work after which the worker is given up.
const MOST_FAILURES: u32 = 2;
/// The number of answers to requests that no visitor made after which earlier failures do not
/// count any more.
const CALM: u32 = 100;

/// The failures of workers, as far as they still count.
#[derive(Debug, Default)]
pub struct Restarts {
    /// Starts that failed since the last answer.
    starts: usize,
    /// Failures at work.
    failures: u32,
    /// Answers since the last failure, except those that restore the session.
    calm: u32,
}

/// The reaction to a failure of the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Start another worker after this number of milliseconds.
    Restart { delay: u32 },
    /// Wait for the visitor, because another start would fail for the same reason.
    GiveUp,
}

impl Restarts {
    /// Records that a worker did not start. Further starts back off and end.
    pub fn start_failed(&mut self) -> Recovery {
        let delay = DELAYS.get(self.starts).copied();
        self.starts += 1;
        match delay {
            Some(delay) => Recovery::Restart { delay },
            None => {
                *self = Self::default();
                Recovery::GiveUp
            }
        }
    }

    /// Records that a worker failed at a request, or between requests. A request that only reads
    /// the session, and the query of a page, are not sent again, so that their failure does not
    /// count.
    pub fn work_failed(&mut self, culprit: Option<&Request>) -> Recovery {
        self.calm = 0;
        let repeats =
            |request: &Request| request.changes() && !matches!(request, Request::Watch { .. });
        if culprit.is_none_or(repeats) {
            self.failures += 1;
        }
        if self.failures >= MOST_FAILURES {
            *self = Self::default();
            return Recovery::GiveUp;
        }
        Recovery::Restart { delay: 0 }
    }

    /// Records an answer. `running` is true if simulated time has not reached its goal.
    ///
    /// An answer to a request that restores the session, or that the page makes by itself, does not
    /// show that the next one works: a failure can lie further ahead in simulated time.
    pub fn answered(&mut self, request: &Request, running: bool) {
        self.starts = 0;
        match request {
            Request::Open { .. } | Request::Watch { .. } => return,
            _ if running => return,
            Request::Advance { .. } | Request::Continue { .. } | Request::Stop => self.calm += 1,
            request if request.changes() => self.calm = CALM,
            _ => return,
        }
        if self.calm >= CALM {
            self.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::PageQuery;
    use text::FileId;

    const TICK: Request = Request::Advance { millis: 100 };

    fn open() -> Request {
        Request::Open { workspace: Default::default(), revision: 1, log: Default::default() }
    }

    fn watch() -> Request {
        Request::Watch { query: PageQuery::Nothing }
    }

    #[test]
    fn starts_that_fail_back_off_and_end() {
        let mut restarts = Restarts::default();
        for _ in 0..2 {
            let delays: Vec<_> = (0..5).map(|_| restarts.start_failed()).collect();
            let restart = |delay| Recovery::Restart { delay };
            let expected = [restart(1_000), restart(2_000), restart(4_000), restart(8_000)];
            assert_eq!(delays[..4], expected);
            assert_eq!(delays[4], Recovery::GiveUp, "the visitor can start it again");
        }
        restarts.start_failed();
        restarts.answered(&open(), false);
        assert_eq!(restarts.start_failed(), Recovery::Restart { delay: 1_000 });
    }

    #[test]
    fn a_request_that_fails_after_every_restart_is_given_up() {
        for culprit in [Some(TICK), Some(open()), None] {
            let mut restarts = Restarts::default();
            let mut reactions = Vec::new();
            for _ in 0..2 {
                // The new worker restores the session and works for a while.
                restarts.answered(&open(), true);
                restarts.answered(&watch(), true);
                for _ in 0..2 * CALM {
                    restarts.answered(&Request::Continue { show: false }, true);
                }
                for _ in 0..CALM / 4 {
                    restarts.answered(&TICK, false);
                }
                reactions.push(restarts.work_failed(culprit.as_ref()));
            }
            let expected = [Recovery::Restart { delay: 0 }, Recovery::GiveUp];
            assert_eq!(reactions, expected, "{culprit:?}");
        }
    }

    #[test]
    fn failures_that_lie_far_apart_do_not_add_up() {
        let edit = Request::Remove { file: FileId(1), revision: 2 };
        for calm in [vec![edit], vec![TICK; CALM as usize]] {
            let mut restarts = Restarts::default();
            for _ in 0..5 {
                for request in &calm {
                    restarts.answered(request, false);
                }
                let reaction = restarts.work_failed(Some(&TICK));
                assert_eq!(reaction, Recovery::Restart { delay: 0 });
            }
        }
    }

    #[test]
    fn a_question_that_fails_is_not_asked_again_and_does_not_count() {
        let mut restarts = Restarts::default();
        for culprit in
            [Request::Spin, Request::Hover { file: FileId(1), offset: 0 }, watch(), watch()]
        {
            let reaction = restarts.work_failed(Some(&culprit));
            assert_eq!(reaction, Recovery::Restart { delay: 0 });
        }
    }
}
