//! What somebody has set up in the lab: real events, and how they are sampled.

use serde::{Deserialize, Serialize};

use crate::model::{Duration, Timestamp};
use crate::simulation::motion::{mix, unit};

/// The most samples and events that a lab takes.
pub const MOST_POINTS: usize = 2_000;

/// The lab: times are milliseconds from its beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lab {
    pub function: Function,
    /// When something was counted: the truth.
    pub events: Vec<Timestamp>,
    /// When the counter began anew at zero.
    pub resets: Vec<Timestamp>,
    /// What the counter had when the lab begins.
    pub initial: f64,
    /// A gauge goes up and down with its events instead.
    pub gauge: bool,
    pub scrape_interval: Duration,
    /// When the first scrape is made.
    pub first_scrape: Timestamp,
    /// Scrapes come up to this much early or late.
    pub jitter: Duration,
    pub seed: u64,
    /// Scrapes that are not made, by their number from 0.
    pub missed: Vec<u32>,
    /// How long the lab goes on.
    pub length: Duration,
    /// What was done to samples by hand.
    pub edits: Vec<Edit>,
    /// The range of the selector.
    pub range: Duration,
    /// The instant at which the query is evaluated.
    pub at: Timestamp,
    /// The step of the range query that shows aliasing.
    pub step: Duration,
}

/// What is computed over the window.
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

    /// Whether the result is per second; otherwise it is over the window.
    pub const fn per_second(self) -> bool {
        matches!(self, Self::Rate | Self::Irate | Self::Deriv)
    }
}

/// A change of one sample, named by its time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Edit {
    /// The sample at `from` is at another place.
    Move { from: Timestamp, to: Timestamp, value: f64 },
    /// The sample is not there.
    Drop { at: Timestamp },
    /// There is one more.
    Add { at: Timestamp, value: f64 },
}

/// A sample of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabSample {
    pub at: Timestamp,
    pub value: f64,
    /// Put there, or moved, by hand.
    pub edited: bool,
}

impl Default for Lab {
    /// One event every ten seconds, scraped every fifteen, looked at over a minute.
    fn default() -> Self {
        Self {
            function: Function::Increase,
            events: (0..18).map(|k| 4_000 + k * 10_000).collect(),
            resets: Vec::new(),
            initial: 12.0,
            gauge: false,
            scrape_interval: Duration::from_secs(15),
            first_scrape: 0,
            jitter: Duration(0),
            seed: 1,
            missed: Vec::new(),
            length: Duration::from_secs(180),
            edits: Vec::new(),
            range: Duration::from_secs(60),
            at: 127_000,
            step: Duration::from_secs(60),
        }
    }
}

impl Lab {
    /// The value that the process would expose at `t`.
    pub fn exposed(&self, t: Timestamp) -> f64 {
        let reset = self.resets.iter().copied().filter(|&at| at <= t).max();
        let since = reset.unwrap_or(Timestamp::MIN);
        let initial = if reset.is_some() { 0.0 } else { self.initial };
        let events = self.events.iter().filter(|&&at| since < at && at <= t);
        if self.gauge {
            initial
                + events.enumerate().map(|(k, _)| if k % 3 == 2 { -2.0 } else { 1.0 }).sum::<f64>()
        } else {
            initial + events.count() as f64
        }
    }

    /// Number of events in `(from, to]`.
    pub fn truth(&self, from: Timestamp, to: Timestamp) -> usize {
        self.events.iter().filter(|&&at| from < at && at <= to).count()
    }

    /// The samples, in order of time: what the scrapes found, with the edits made to it.
    pub fn samples(&self) -> Vec<LabSample> {
        let mut samples: Vec<LabSample> = self
            .scrapes()
            .map(|at| LabSample { at, value: self.exposed(at), edited: false })
            .collect();
        for edit in &self.edits {
            match *edit {
                Edit::Move { from, to, value } => {
                    samples.retain(|sample| sample.at != from && sample.at != to);
                    samples.push(LabSample { at: to, value, edited: true });
                }
                Edit::Drop { at } => samples.retain(|sample| sample.at != at),
                Edit::Add { at, value } => {
                    samples.retain(|sample| sample.at != at);
                    samples.push(LabSample { at, value, edited: true });
                }
            }
        }
        samples.retain(|sample| sample.value.is_finite());
        samples.sort_by_key(|sample| sample.at);
        samples.truncate(MOST_POINTS);
        samples
    }

    /// When scrapes are made.
    fn scrapes(&self) -> impl Iterator<Item = Timestamp> + '_ {
        let interval = self.scrape_interval.millis().max(100);
        let count = (self.length.millis() / interval + 1).clamp(0, MOST_POINTS as i64);
        // Jitter never lets scrapes overtake one another.
        let jitter = self.jitter.millis().clamp(0, interval / 2 - 1) as f64;
        (0..count).filter(|k| !self.missed.contains(&(*k as u32))).map(move |k| {
            let off = jitter * (2.0 * unit(mix(self.seed, k as u64)) - 1.0);
            self.first_scrape + k * interval + off as i64
        })
    }

    /// The query that the lab evaluates, as one would write it.
    pub fn query(&self, modifier: &str) -> String {
        let space = if modifier.is_empty() { "" } else { " " };
        format!("{}({SERIES}[{}]{space}{modifier})", self.function.name(), self.range)
    }
}

/// The name of the lab's series.
pub const SERIES: &str = "lab_events_total";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrapes_sample_the_truth() {
        let lab = Lab::default();
        let samples = lab.samples();
        assert_eq!(samples.len(), 13);
        assert_eq!(samples[0], LabSample { at: 0, value: 12.0, edited: false });
        assert_eq!(samples[2].value, 12.0 + 3.0, "events at 4 s, 14 s and 24 s");
        assert_eq!(lab.truth(0, 30_000), 3);
        assert_eq!(lab.query(""), "increase(lab_events_total[1m])");
        assert_eq!(lab.query("anchored"), "increase(lab_events_total[1m] anchored)");
    }

    #[test]
    fn a_reset_begins_at_zero_and_missed_scrapes_are_missing() {
        let lab = Lab { resets: vec![50_000], missed: vec![1], ..Lab::default() };
        let samples = lab.samples();
        assert_eq!(samples[1].at, 30_000);
        assert_eq!(samples.iter().find(|s| s.at == 60_000).map(|s| s.value), Some(1.0));
    }

    #[test]
    fn jitter_keeps_the_order() {
        let jitter = Duration::from_secs(60);
        let lab = Lab { jitter, ..Lab::default() };
        let times: Vec<_> = lab.samples().iter().map(|sample| sample.at).collect();
        assert!(times.is_sorted());
        assert_eq!(times.len(), 13);
        assert_ne!(times[3] % 15_000, 0);
    }

    #[test]
    fn samples_can_be_moved_dropped_and_added() {
        let edits = vec![
            Edit::Move { from: 15_000, to: 17_000, value: 20.0 },
            Edit::Drop { at: 30_000 },
            Edit::Add { at: 31_000, value: f64::NAN },
            Edit::Add { at: 32_000, value: 21.0 },
        ];
        let lab = Lab { edits, ..Lab::default() };
        let times: Vec<_> = lab.samples().iter().map(|sample| sample.at).take(4).collect();
        assert_eq!(times, [0, 17_000, 32_000, 45_000]);
    }
}
