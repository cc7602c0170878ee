//! The model of the page "Rate lab": a counter whose every event is known, and how it is sampled.
//!
//! The worker evaluates a lab; see `session::lab`.

use text::IndexSort;
mod presets;
mod update;

pub use presets::{PRESETS, Preset, preset};
pub use update::{LabAction, update};

use serde::{Deserialize, Serialize};

use crate::labels::Labels;
use go::Duration;

/// Milliseconds. In a lab they count from its beginning.
pub type Timestamp = i64;

/// The most samples and events that a lab takes.
pub const MOST_POINTS: usize = 2_000;

/// The name of the lab's own series.
pub const SERIES: &str = "lab_events_total";

/// The first number of samples that the visitor added; scrapes have lower numbers.
pub const ADDED: u32 = 1_000_000;

/// The lab: times are milliseconds from its beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lab {
    pub function: Function,
    pub mode: RangeMode,
    /// The events of the counter.
    pub counter: Counter,
    /// Another counter: the series is the sum of both.
    pub second: Option<Counter>,
    /// It may fall without a restart.
    pub gauge: bool,
    pub scrape_interval: Duration,
    /// When the first scrape is made.
    pub first_scrape: Timestamp,
    /// Scrapes come up to this much early or late.
    pub jitter: Duration,
    pub seed: u64,
    /// Samples of a series that was taken from somewhere, instead of scrapes of the counter.
    pub taken: Option<ImportedSeries>,
    /// Scrapes that are not made, by their number from 0.
    pub missed: Vec<u32>,
    /// Resets of the counter that the visitor made.
    #[serde(default)]
    pub restarts: Vec<Timestamp>,
    /// The length of the lab.
    pub length: Duration,
    /// Samples with a value that the visitor set.
    pub placed: Vec<Placed>,
    /// The range of the selector.
    pub range: Duration,
    /// The instant at which the query is evaluated.
    pub at: Timestamp,
    /// The step of the range query that shows aliasing.
    pub step: Duration,
    /// Functions that are drawn beside the chosen one.
    pub overlays: Vec<(Function, RangeMode)>,
}

/// The truth about one counter (or gauge).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counter {
    /// The value at the beginning of the lab.
    pub initial: f64,
    /// When how much was added.
    pub events: Vec<(Timestamp, f64)>,
    /// The time of the restart, at zero.
    pub resets: Vec<Timestamp>,
}

/// A series from elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportedSeries {
    pub labels: Labels,
    /// The lab's beginning, in milliseconds since 1970.
    pub origin: Timestamp,
    /// None if the series is scraped again from the known events.
    pub samples: Vec<(Timestamp, f64)>,
    /// True if the true events are known.
    pub known: bool,
}

/// A sample at a place of its own: a scrape that was moved, or one more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    pub id: u32,
    pub at: Timestamp,
    pub value: f64,
}

/// The function that is computed over the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Function {
    Rate,
    Increase,
    Irate,
    Delta,
    Deriv,
}

impl Function {
    pub const ALL: [Self; 5] = [Self::Rate, Self::Increase, Self::Irate, Self::Delta, Self::Deriv];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Increase => "increase",
            Self::Irate => "irate",
            Self::Delta => "delta",
            Self::Deriv => "deriv",
        }
    }

    /// Returns true if the result is per second, false if it is over the window.
    pub const fn per_second(self) -> bool {
        matches!(self, Self::Rate | Self::Irate | Self::Deriv)
    }

    /// Returns true if the function takes `anchored` and `smoothed`.
    pub const fn is_rate(self) -> bool {
        matches!(self, Self::Rate | Self::Increase | Self::Delta)
    }
}

/// The way in which the window is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RangeMode {
    /// As version 3 does it: `(t − r, t]`.
    #[default]
    Usual,
    Anchored,
    Smoothed,
    /// Each sample has a start timestamp.
    Starts,
    /// As version 2 did it: `[t − r, t]`.
    Closed,
}

impl RangeMode {
    pub const ALL: [Self; 5] =
        [Self::Usual, Self::Anchored, Self::Smoothed, Self::Starts, Self::Closed];

    /// In kebab case.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Anchored => "anchored",
            Self::Smoothed => "smoothed",
            Self::Starts => "starts",
            Self::Closed => "closed",
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Usual => "as usual: (t − r, t]",
            Self::Anchored => "anchored",
            Self::Smoothed => "smoothed",
            Self::Starts => "with start timestamps",
            Self::Closed => "closed window of version 2: [t − r, t]",
        }
    }
}

/// A sample of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabSample {
    /// The same however the sample is moved.
    pub id: u32,
    pub at: Timestamp,
    pub value: f64,
    /// Added or moved by the visitor.
    pub edited: bool,
}

impl Default for Lab {
    /// One event every ten seconds, scraped every fifteen, looked at over a minute.
    fn default() -> Self {
        Self {
            function: Function::Increase,
            mode: RangeMode::Usual,
            counter: Counter::evenly(12.0, 4_000, 10_000, 18),
            second: None,
            gauge: false,
            scrape_interval: Duration::from_secs(15),
            first_scrape: 0,
            jitter: Duration(0),
            seed: 1,
            taken: None,
            missed: Vec::new(),
            restarts: Vec::new(),
            length: Duration::from_secs(180),
            placed: Vec::new(),
            range: Duration::from_secs(60),
            at: 127_000,
            step: Duration::from_secs(60),
            overlays: Vec::new(),
        }
    }
}

impl Counter {
    /// `count` events at a fixed distance in milliseconds.
    pub fn evenly(initial: f64, first: i64, every: i64, count: i64) -> Self {
        let events = (0..count).map(|k| (first + k * every, 1.0)).collect();
        Self { initial, events, resets: Vec::new() }
    }

    /// The value that the process exposes at `t`.
    pub fn exposed(&self, t: Timestamp) -> f64 {
        let reset = self.resets.iter().copied().filter(|&at| at <= t).max();
        let since = reset.unwrap_or(Timestamp::MIN);
        let initial = if reset.is_some() { 0.0 } else { self.initial };
        self.events
            .iter()
            .filter(|(at, _)| since < *at && *at <= t)
            .fold(initial, |value, (_, by)| value + by)
    }

    /// The true number of events in `(from, to]`.
    pub fn ground_truth(&self, from: Timestamp, to: Timestamp) -> f64 {
        let within = self.events.iter().filter(|(at, _)| from < *at && *at <= to);
        // A sum of nothing would be a negative zero.
        within.fold(0.0, |sum, (_, by)| sum + by)
    }
}

impl Lab {
    /// The value that the series would have at `t`, were it scraped then.
    pub fn exposed(&self, t: Timestamp) -> f64 {
        self.counters().map(|counter| counter.exposed(t)).sum()
    }

    /// The true number of events in `(from, to]`, if it is known.
    pub fn ground_truth(&self, from: Timestamp, to: Timestamp) -> Option<f64> {
        let known = self.taken.as_ref().is_none_or(|taken| taken.known);
        known.then(|| self.counters().map(|counter| counter.ground_truth(from, to)).sum())
    }

    /// The counters that the series is made of.
    pub fn counters(&self) -> impl Iterator<Item = &Counter> {
        std::iter::once(&self.counter).chain(&self.second)
    }

    /// The times of restarts of the process, for the whole series.
    pub fn resets(&self) -> &[Timestamp] {
        &self.counter.resets
    }

    /// Returns the samples in order of time: those of scrapes with the visitor's changes.
    pub fn samples(&self) -> Vec<LabSample> {
        let place = |id: u32| self.placed.iter().find(|placed| placed.id == id);
        let mut samples: Vec<LabSample> = self
            .scrapes()
            .filter(|(id, ..)| !self.missed.contains(id))
            .map(|(id, at, value)| match place(id) {
                Some(placed) => LabSample { id, at: placed.at, value: placed.value, edited: true },
                None => LabSample { id, at, value, edited: false },
            })
            .collect();
        let added = self.placed.iter().filter(|placed| placed.id >= ADDED);
        samples.extend(added.map(|&Placed { id, at, value }| LabSample {
            id,
            at,
            value,
            edited: true,
        }));
        samples.retain(|sample| sample.value.is_finite());
        // There is one sample at a time: the one that was put there hides the other.
        samples.index_sort_by_key(|sample| (sample.at, !sample.edited));
        samples.dedup_by_key(|sample| sample.at);
        samples.truncate(MOST_POINTS);
        samples
    }

    /// Number, time and value of every scrape, also of those that are missed.
    pub fn scrapes(&self) -> impl Iterator<Item = (u32, Timestamp, f64)> + '_ {
        let taken = self.taken.as_ref().filter(|taken| !taken.known || !taken.samples.is_empty());
        let taken = taken.map(|taken| taken.samples.as_slice());
        let count = if taken.is_some() { 0 } else { self.scrape_count() };
        let made = (0..count).map(|k| {
            let at = self.scrape_time(k);
            (k, at, self.exposed(at))
        });
        let given = taken.unwrap_or_default().iter().take(MOST_POINTS).zip(0..);
        given.map(|(&(at, value), id)| (id, at, value)).chain(made)
    }

    fn scrape_count(&self) -> u32 {
        let interval = self.scrape_interval.millis().max(100);
        let span = self.length.millis() - self.first_scrape.min(self.length.millis());
        (span / interval + 1).clamp(0, MOST_POINTS as i64) as u32
    }

    fn scrape_time(&self, number: u32) -> Timestamp {
        let interval = self.scrape_interval.millis().max(100);
        // Jitter never lets scrapes overtake one another.
        let jitter = self.jitter.millis().clamp(0, interval / 2 - 1) as f64;
        let off = jitter * (2.0 * unit(mix(self.seed, u64::from(number))) - 1.0);
        (self.first_scrape + i64::from(number) * interval + off as i64).max(0)
    }

    /// Name and labels of the series.
    pub fn labels(&self) -> Labels {
        match &self.taken {
            Some(taken) => taken.labels.clone(),
            None => Labels::from_pairs([("__name__", SERIES)]),
        }
    }

    /// The series as a selector.
    pub fn selector(&self) -> String {
        self.labels().selector()
    }

    /// A query as one would write it. Start timestamps and the closed window are no part of it.
    pub fn query(&self, function: Function, mode: RangeMode) -> String {
        let modifier = match mode {
            RangeMode::Anchored => " anchored",
            RangeMode::Smoothed => " smoothed",
            _ => "",
        };
        format!("{}({}[{}]{modifier})", function.name(), self.selector(), self.range)
    }

    /// Returns true if a sample at this time is in the window.
    pub fn holds(&self, at: Timestamp) -> bool {
        let (start, end) = self.window();
        (start < at || (start == at && self.mode == RangeMode::Closed)) && at <= end
    }

    /// The window `(start, end]`.
    pub fn window(&self) -> (Timestamp, Timestamp) {
        (self.at - self.range.millis(), self.at)
    }
}

/// Mixes two numbers into a well-distributed third with the finalizer of SplitMix64.
fn mix(seed: u64, n: u64) -> u64 {
    let mut z = seed ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number in `[0, 1)` from the upper bits of a mixed one.
fn unit(mixed: u64) -> f64 {
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrapes_sample_the_truth() {
        let lab = Lab::default();
        let samples = lab.samples();
        assert_eq!(samples.len(), 13);
        assert_eq!(samples[0], LabSample { id: 0, at: 0, value: 12.0, edited: false });
        assert_eq!(samples[2].value, 12.0 + 3.0, "events at 4 s, 14 s and 24 s");
        assert_eq!(lab.ground_truth(0, 30_000), Some(3.0));
        assert_eq!(lab.query(lab.function, lab.mode), "increase(lab_events_total[1m])");
        let query = lab.query(Function::Rate, RangeMode::Anchored);
        assert_eq!(query, "rate(lab_events_total[1m] anchored)");
    }

    #[test]
    fn a_reset_begins_at_zero_and_missed_scrapes_are_missing() {
        let mut lab = Lab { missed: vec![1], ..Lab::default() };
        lab.counter.resets = vec![50_000];
        let samples = lab.samples();
        assert_eq!(samples[1].at, 30_000);
        assert_eq!(samples.iter().find(|s| s.at == 60_000).map(|s| s.value), Some(1.0));
    }

    #[test]
    fn jitter_keeps_the_order() {
        let lab = Lab { jitter: Duration::from_secs(60), ..Lab::default() };
        let times: Vec<_> = lab.samples().iter().map(|sample| sample.at).collect();
        assert!(times.is_sorted());
        assert_eq!(times.len(), 13);
        assert_ne!(times[3] % 15_000, 0);
    }

    #[test]
    fn a_taken_series_keeps_its_samples_and_labels() {
        let labels = Labels::from_pairs([("__name__", "a_total"), ("job", "web")]);
        let samples = vec![(1_000, 5.0), (16_000, 7.5)];
        let taken = ImportedSeries { labels, origin: 0, samples, known: false };
        let lab = Lab { taken: Some(taken), missed: vec![0], ..Lab::default() };
        assert_eq!(lab.samples()[0].value, 7.5);
        assert_eq!(lab.ground_truth(0, 60_000), None);
        assert_eq!(lab.selector(), r#"a_total{job="web"}"#);
    }
}
