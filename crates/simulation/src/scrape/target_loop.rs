//! The scrape loop of one target and its state.
//!
//! A scrape is atomic: its samples are stored if the whole answer is valid. Series of the previous
//! scrape that are missing get a staleness marker.

mod parsed;
mod planned;
mod reading;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use self::planned::Planned;
use self::reading::Synthetic;
use super::{
    Answer, PlannedAnswer, Refused, ScrapeReport, ScrapeSettings, report_labels, sample_labels,
    target_labels,
};
use crate::exposition::InvalidLabels;
use discovery::targets::{RelabelResult, too_large};
use go::Duration;
use go::number::stale_nan;
use go::quote::quote;
use promql::storage::{AppendError, Sample, SeriesId, Storage};
use promql::{Labels, Timestamp};

/// Report series of every scrape, and those of `extra_scrape_metrics`.
pub(super) const REPORTS: [(&str, &str); 8] = [
    ("up", "1 where the last scrape worked, 0 where it did not."),
    ("scrape_duration_seconds", "How long the scrape took."),
    ("scrape_samples_scraped", "How many samples the target exposed."),
    ("scrape_samples_post_metric_relabeling", "How many samples were left after relabeling."),
    ("scrape_series_added", "How many series the scrape brought that were not known before."),
    ("scrape_timeout_seconds", "The timeout that the target has."),
    ("scrape_sample_limit", "The limit of samples that the target has; 0 is none."),
    ("scrape_body_size_bytes", "The size of the answer, uncompressed."),
];
pub(super) const EXTRA_REPORTS: usize = 3;

#[derive(Clone, Debug)]
pub struct TargetLoop {
    /// The labels of the target without those that begin with `__`.
    labels: Labels,
    settings: Arc<ScrapeSettings>,
    timeout: Duration,
    /// The series of each exposed label set. Entries are removed by a successful scrape without the
    /// sample.
    known: HashMap<Labels, Known>,
    /// The resolved series of the last workload.
    planned: Option<Planned>,
    /// Series of the last scrape, which get staleness markers if the next scrape does not have
    /// them.
    alive: Vec<SeriesId>,
    reports: Option<Vec<SeriesId>>,
    synthetic: Synthetic,
    round: u64,
    /// The number of series that the storage had removed when the series ids were resolved.
    removed: u64,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    /// None if `metric_relabel_configs` drops the sample.
    series: Option<SeriesId>,
    round: u64,
}

/// A failed scrape: the error, and the series that were read before it. These series get no
/// staleness markers, although none of their samples is stored.
///
/// Source: prometheus scrape/scrape.go `scrapeCache`, whose marks of what was seen outlive the
/// samples that are rolled back.
#[derive(Debug)]
struct Failure {
    error: String,
    read: Vec<SeriesId>,
}

impl From<String> for Failure {
    fn from(error: String) -> Self {
        Self { error, read: Vec::new() }
    }
}

/// The series of an exposed sample.
#[derive(Clone, Copy)]
struct Found {
    series: SeriesId,
    /// True if the scrape already had the sample.
    repeated: bool,
    /// True if no earlier scrape had it.
    fresh: bool,
}

#[derive(Default)]
struct Counts {
    scraped: u64,
    kept: u64,
    added: u64,
    bytes: i64,
    refused: Refused,
}

/// Samples that are further in the future are rejected.
///
/// Source: prometheus scrape/scrape.go `maxAheadTime`.
const MOST_AHEAD: i64 = 600_000;

impl Refused {
    /// Stores a sample of a scrape at `now`. Returns true if it was stored. A rejected sample is
    /// counted, unless `already` is set: the scrape then stored a sample of the same series,
    /// because relabeling merged two.
    fn store(
        &mut self,
        storage: &mut Storage,
        series: SeriesId,
        now: Timestamp,
        sample: Sample,
        already: impl FnOnce() -> bool,
    ) -> bool {
        if sample.time > now + MOST_AHEAD {
            self.out_of_bounds += 1;
            return false;
        }
        match storage.append_to(series, sample) {
            Err(AppendError::OutOfOrder) => self.out_of_order += 1,
            Err(AppendError::OutOfBounds) => self.out_of_bounds += 1,
            Err(AppendError::Duplicate { .. } | AppendError::DuplicateHistogram { .. }) => {
                if already() {
                    return true;
                }
                self.duplicates += 1;
            }
            _ => return true,
        }
        false
    }
}

impl TargetLoop {
    pub fn new(labels: Labels, settings: Arc<ScrapeSettings>, timeout: Duration) -> Self {
        Self {
            labels,
            settings,
            timeout,
            known: HashMap::new(),
            planned: None,
            alive: Vec::new(),
            reports: None,
            synthetic: Synthetic::default(),
            round: 0,
            removed: 0,
        }
    }

    /// Sets `sample_limit` and timeout after a reload.
    pub fn set_limits(&mut self, settings: Arc<ScrapeSettings>, timeout: Duration) {
        self.settings = settings;
        self.timeout = timeout;
    }

    pub fn has_scraped(&self) -> bool {
        self.round > 0
    }

    /// Processes the answer of a scrape at `t` that took `duration`.
    pub fn scrape(
        &mut self,
        t: Timestamp,
        duration: Duration,
        answer: Answer<'_>,
        storage: &mut Storage,
    ) -> ScrapeReport {
        self.round += 1;
        if self.removed != storage.removed() {
            self.removed = storage.removed();
            self.known.clear();
            self.planned = None;
            self.reports = None;
            self.synthetic.clear();
        }
        let mut counts = Counts::default();
        let result = match answer {
            Answer::Failed(error) => Err(error.to_owned().into()),
            Answer::Status(status) => Err(format!("server returned HTTP status {status}").into()),
            Answer::Body { content_type, body } => {
                self.body(t, content_type, body, &mut counts, storage)
            }
            Answer::Planned(answer) => self.planned(t, answer, &mut counts, storage),
        };
        let error = result.err().map(|failure| {
            self.stale_but(t, failure.read, storage);
            failure.error
        });
        let report = ScrapeReport {
            at: t,
            duration,
            error,
            samples_scraped: counts.scraped,
            samples_post_metric_relabeling: counts.kept,
            series_added: counts.added,
            body_bytes: counts.bytes,
            refused: counts.refused,
        };
        self.store_report(&report, storage);
        report
    }

    /// Writes staleness markers for all series of a removed target.
    pub fn stop(&mut self, t: Timestamp, storage: &mut Storage) {
        self.stale_but(t, Vec::new(), storage);
        for series in self.reports.take().into_iter().flatten() {
            store(storage, series, t, stale_nan());
        }
    }

    fn fits(&self, bytes: u64, counts: &mut Counts) -> Result<(), String> {
        let limit = self.settings.body_size_limit;
        if limit > 0 && bytes >= limit {
            counts.bytes = -1;
            return Err("body size limit exceeded".to_owned());
        }
        counts.bytes = bytes as i64;
        Ok(())
    }

    /// Returns the series of an exposed sample. Returns None if a rule drops it.
    fn resolve(
        &mut self,
        exposed: &Labels,
        invalid_labels: Option<&InvalidLabels>,
        storage: &mut Storage,
    ) -> Result<Option<Found>, String> {
        let key = self.key(exposed, invalid_labels);
        if let Some(known) = self.known.get_mut(&key) {
            let repeated = known.round == self.round;
            known.round = self.round;
            return Ok(known.series.map(|series| Found { series, repeated, fresh: false }));
        }
        let honor = self.settings.honor_labels;
        let empty = invalid_labels.map_or(&[][..], |odd| &odd.empty);
        let target = target_labels(&self.labels, empty, honor);
        let labels = sample_labels(exposed, &target, honor);
        let series = match self.settings.metric_relabel.relabel(&labels) {
            RelabelResult::Dropped { .. } => None,
            RelabelResult::TooLarge { rule } => return Err(too_large(rule)),
            RelabelResult::Kept(labels) if labels.is_empty() => None,
            RelabelResult::Kept(labels) => {
                self.settings.check(&labels)?;
                let twice =
                    invalid_labels.and_then(|invalid_labels| invalid_labels.repeated.as_deref());
                // Relabeling or a target label may remove the sample's label.
                let left = |name: &&str| {
                    labels.find(name) == exposed.find(name) && (honor || !target.has(name))
                };
                if let Some(name) = twice.filter(left) {
                    let name = quote(name);
                    return Err(format!("label name {name} is not unique: invalid sample"));
                }
                Some(storage.open(&labels).map_err(|error| error.to_string())?)
            }
        };
        self.known.insert(key, Known { series, round: self.round });
        Ok(series.map(|series| Found { series, repeated: false, fresh: true }))
    }

    /// Returns the key of an exposed sample. A label with an empty value is part of the key.
    fn key(&self, exposed: &Labels, invalid_labels: Option<&InvalidLabels>) -> Labels {
        let Some(odd) = invalid_labels.filter(|_| self.settings.honor_labels) else {
            return exposed.clone();
        };
        let away = odd.empty.iter().filter(|name| self.labels.has(name));
        let mut key = exposed.builder();
        for name in away {
            key.set(name.clone(), "\0");
        }
        key.build()
    }

    fn check_sample_limit(&self, stored: u64) -> Result<(), String> {
        match self.settings.sample_limit {
            limit if limit > 0 && stored > limit => Err("sample limit exceeded".to_owned()),
            _ => Ok(()),
        }
    }

    fn forget_missing(&mut self) {
        let round = self.round;
        self.known.retain(|_, known| known.round == round);
        if self.settings.features.synthesize {
            let seen: HashSet<SeriesId> =
                self.known.values().filter_map(|one| one.series).collect();
            self.synthetic.retain(|series| seen.contains(&series));
        }
    }

    fn replace_alive(&mut self, t: Timestamp, alive: Vec<SeriesId>, storage: &mut Storage) {
        if !self.alive.is_empty() {
            let now: HashSet<SeriesId> = alive.iter().copied().collect();
            for series in self.alive.iter().filter(|series| !now.contains(series)) {
                store(storage, *series, t, stale_nan());
            }
        }
        self.alive = alive;
    }

    /// Writes staleness markers for all series except these.
    fn stale_but(&mut self, t: Timestamp, read: Vec<SeriesId>, storage: &mut Storage) {
        self.replace_alive(t, read, storage);
        if let Some(planned) = &mut self.planned {
            planned.alive = None;
        }
    }

    fn store_report(&mut self, report: &ScrapeReport, storage: &mut Storage) {
        let values = [
            f64::from(u8::from(report.error.is_none())),
            report.duration.seconds(),
            report.samples_scraped as f64,
            report.samples_post_metric_relabeling as f64,
            report.series_added as f64,
            self.timeout.seconds(),
            self.settings.sample_limit as f64,
            report.body_bytes as f64,
        ];
        let extra = if self.settings.extra_scrape_metrics { 0 } else { EXTRA_REPORTS };
        let count = REPORTS.len() - extra;
        let labels = &self.labels;
        let series = self.reports.get_or_insert_with(|| {
            let names = REPORTS.iter().take(count);
            names.filter_map(|(name, _)| storage.open(&report_labels(name, labels)).ok()).collect()
        });
        for (series, value) in series.iter().zip(values) {
            store(storage, *series, report.at, value);
        }
    }
}

/// Stores a sample and ignores a rejection.
fn store(storage: &mut Storage, series: SeriesId, t: Timestamp, value: f64) {
    let _ = storage.append_to(series, Sample::float(t, value));
}
