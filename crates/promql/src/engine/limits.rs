//! Limits of a query: samples in memory, time and nesting.

use super::error::{ErrorKind, QueryError};
use super::options::EngineOptions;

/// The reason to stop a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The query took too long.
    TimedOut,
    /// The caller canceled the query.
    Canceled,
}

/// Asked between series; gives a reason once the query is to be stopped.
pub type InterruptFn<'a> = &'a dyn Fn() -> Option<Interruption>;

/// Subqueries and fixed-time parts inside one another; evaluation nests calls only there.
pub(super) const MAX_NESTED_EVALUATIONS: usize = 100;

/// Points that one node may hold, absent ones too, so that a dense vector is never allocated for
/// a step of a millisecond over a year.
pub(super) const MAX_POINTS: usize = 50_000_000;

/// The most bytes of label values that `label_replace` and `label_join` may make in a query.
/// Prometheus has no limit.
pub(super) const MAX_LABEL_BYTES: usize = 32 << 20;

/// Counts samples in memory and checks the limits.
pub(super) struct Limits<'a> {
    max_samples: usize,
    current: usize,
    peak: usize,
    /// Bytes of label values that functions have made.
    label_bytes: usize,
    /// Samples that range functions may still read in their windows.
    window_samples: usize,
    interrupt: Option<InterruptFn<'a>>,
}

impl<'a> Limits<'a> {
    pub fn new(options: &EngineOptions, interrupt: Option<InterruptFn<'a>>) -> Self {
        let EngineOptions { max_samples, max_window_samples: window_samples, .. } = *options;
        Self { max_samples, current: 0, peak: 0, label_bytes: 0, window_samples, interrupt }
    }

    /// Takes note of samples that a range function has read in its windows, and asks whether the
    /// query is to be stopped.
    pub fn charge_windows(&mut self, samples: usize) -> Result<(), QueryError> {
        match self.window_samples.checked_sub(samples) {
            Some(left) => self.window_samples = left,
            None => return Err(interrupted(Interruption::TimedOut)),
        }
        self.check_interrupt()
    }

    /// Takes note of samples loaded or made.
    pub fn charge(&mut self, samples: usize) -> Result<(), QueryError> {
        self.current = self.current.saturating_add(samples);
        self.peak = self.peak.max(self.current);
        if self.current > self.max_samples { Err(QueryError::too_many_samples()) } else { Ok(()) }
    }

    /// Takes note of bytes of label values that a function makes.
    pub fn charge_labels(&mut self, bytes: usize) -> Result<(), QueryError> {
        self.label_bytes = self.label_bytes.saturating_add(bytes);
        self.check_labels(0)
    }

    /// Fails if a function cannot make so many bytes of label values.
    pub fn check_labels(&self, bytes: usize) -> Result<(), QueryError> {
        if self.label_bytes.saturating_add(bytes) <= MAX_LABEL_BYTES {
            return Ok(());
        }
        Err(QueryError::execution(format!(
            "the query makes more than {} MiB of label values; Prometheus has no such limit",
            MAX_LABEL_BYTES >> 20
        )))
    }

    /// Takes note of samples that are not needed any more.
    pub fn release(&mut self, samples: usize) {
        self.current = self.current.saturating_sub(samples);
    }

    /// The most samples that were held at one time.
    pub fn peak(&self) -> usize {
        self.peak
    }

    /// Fails where dense vectors of `series` × `steps` points are out of reach.
    pub fn check_points(&self, series: usize, steps: usize) -> Result<(), QueryError> {
        match series.checked_mul(steps) {
            Some(points) if points <= MAX_POINTS => Ok(()),
            _ => Err(QueryError::too_many_samples()),
        }
    }

    /// Fails once the query is to be stopped.
    pub fn check_interrupt(&self) -> Result<(), QueryError> {
        match self.interrupt.and_then(|asked| asked()) {
            None => Ok(()),
            Some(reason) => Err(interrupted(reason)),
        }
    }
}

fn interrupted(reason: Interruption) -> QueryError {
    let (kind, what) = match reason {
        Interruption::TimedOut => (ErrorKind::Timeout, "query timed out"),
        Interruption::Canceled => (ErrorKind::Canceled, "query was canceled"),
    };
    QueryError { kind, message: format!("{what} in expression evaluation") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn few() -> EngineOptions {
        EngineOptions { max_samples: 10, max_window_samples: 10, ..EngineOptions::default() }
    }

    #[test]
    fn samples_in_windows_are_limited() {
        let options = few();
        let mut limits = Limits::new(&options, None);
        assert!(limits.charge_windows(10).is_ok());
        let error = limits.charge_windows(1).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Timeout);
    }

    #[test]
    fn samples_are_counted_up_and_down() {
        let mut limits = Limits::new(&few(), None);
        assert!(limits.charge(10).is_ok());
        limits.release(5);
        assert!(limits.charge(5).is_ok());
        assert_eq!(limits.charge(1), Err(QueryError::too_many_samples()));
        assert_eq!(limits.peak(), 11);
    }

    #[test]
    fn label_values_are_limited() {
        let mut limits = Limits::new(&few(), None);
        assert!(limits.charge_labels(MAX_LABEL_BYTES).is_ok());
        assert!(limits.charge_labels(1).is_err());
    }

    #[test]
    fn an_interruption_ends_the_query() {
        let stop = || Some(Interruption::Canceled);
        let error = Limits::new(&few(), Some(&stop)).check_interrupt().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Canceled);
        assert_eq!(error.message, "query was canceled in expression evaluation");
        assert!(Limits::new(&few(), None).check_points(usize::MAX, 2).is_err());
    }
}
