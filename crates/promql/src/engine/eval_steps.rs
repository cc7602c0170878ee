//! The times at which an expression is evaluated.

use super::error::QueryError;
use super::limits::MAX_POINTS;
use crate::Timestamp;

/// Evenly spaced times. An instant query has one, a subquery without a step inside its window none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EvalSteps {
    pub start: Timestamp,
    /// Milliseconds, at least 1.
    pub step: i64,
    pub count: usize,
    /// The requested end. The last step may lie before it.
    pub end: Timestamp,
}

impl EvalSteps {
    pub fn instant(time: Timestamp) -> Self {
        Self { start: time, step: 1, count: 1, end: time }
    }

    /// From `start` up to `end` at most. Fails where that is more steps than could ever be held.
    pub fn new(start: Timestamp, end: Timestamp, step: i64) -> Result<Self, QueryError> {
        let step = step.max(1);
        let Some(length) = end.checked_sub(start) else {
            return Err(QueryError::too_many_samples());
        };
        if length < 0 {
            return Ok(Self { start, step, count: 0, end });
        }
        match usize::try_from(length / step) {
            Ok(steps) if steps < MAX_POINTS => Ok(Self { start, step, count: steps + 1, end }),
            _ => Err(QueryError::too_many_samples()),
        }
    }

    /// The first time alone.
    pub fn first_only(self) -> Self {
        Self { count: self.count.min(1), end: self.start, ..self }
    }

    pub fn time(&self, step: usize) -> Timestamp {
        self.start.saturating_add(self.step.saturating_mul(step as i64))
    }

    /// The last time; the start where there is none.
    pub fn last(&self) -> Timestamp {
        self.time(self.count.saturating_sub(1))
    }

    /// Returns true for an instant query. A range query that is shorter than its step is none.
    pub fn is_instant(&self) -> bool {
        self.start == self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_both_ends() {
        for (start, end, step, count) in
            [(0, 0, 1, 1), (0, 10, 5, 3), (0, 9, 5, 2), (5, 4, 1, 0), (-10, 10, 10, 3)]
        {
            let eval_steps = EvalSteps::new(start, end, step).unwrap();
            assert_eq!(eval_steps.count, count, "{start} {end} {step}");
        }
        assert_eq!(EvalSteps::new(0, 10, 5).unwrap().last(), 10);
    }

    #[test]
    fn a_year_of_milliseconds_is_refused() {
        assert!(EvalSteps::new(0, 31_536_000_000, 1).is_err());
        assert!(EvalSteps::new(i64::MIN, i64::MAX, 1).is_err());
    }
}
