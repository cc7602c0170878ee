//! Answers as text. Samples are stored if the whole answer is valid.
//!
//! Source of the rules: prometheus scrape/scrape_append_v2.go `append`.

use std::collections::HashMap;

use super::reading::Reading;
use super::{Counts, Failure, TargetLoop};
use crate::exposition::review::Heads;
use crate::exposition::{
    Entry, ExposedSample, Exposition, Format, InvalidLabels, MetricType, choose_format, parse,
};
use go::number::{is_stale_nan, parse_float};
use promql::histogram::ClassicSamples;
use promql::storage::{SeriesId, Storage};
use promql::{Labels, METRIC_NAME, Timestamp};

/// A sample of the answer, or a histogram that is built from several samples.
struct ScrapedSample<'a> {
    labels: Labels,
    invalid_labels: Option<&'a InvalidLabels>,
    /// The explicit timestamp.
    timestamp: Option<Timestamp>,
    reading: Reading,
    /// True for cumulative values.
    cumulative: bool,
    started: Option<Timestamp>,
}

/// A sample that can be stored.
struct AcceptedSample<'a> {
    offer: ScrapedSample<'a>,
    series: SeriesId,
    /// True if the series is new.
    fresh: bool,
    time: Timestamp,
    /// True if the series gets staleness markers.
    tracked: bool,
}

/// The samples to store, unless the scrape fails.
struct AcceptedSamples<'a> {
    ready: Vec<AcceptedSample<'a>>,
    /// An error that ended the scrape.
    ended: Option<String>,
    /// The error of a limit. Samples beyond it are still counted.
    limit: Option<String>,
}

impl TargetLoop {
    pub(super) fn body(
        &mut self,
        t: Timestamp,
        content_type: &str,
        body: &str,
        counts: &mut Counts,
        storage: &mut Storage,
    ) -> Result<(), Failure> {
        self.fits(body.len() as u64, counts)?;
        if body.is_empty() {
            self.stale_but(t, Vec::new(), storage);
            return Ok(());
        }
        let format = choose_format(content_type, &self.settings.fallback_scrape_protocol)?;
        let exposition = parse(body, format);
        let offers = self.offers(&exposition, format);
        let AcceptedSamples { ready, ended, limit } = self.take(t, offers, counts, storage);
        let unread = exposition.error.as_ref().map(|error| error.message.clone());
        if let Some(error) = ended.or(unread).or(limit) {
            let read = ready.iter().filter(|one| one.tracked).map(|one| one.series);
            return Err(Failure { error, read: read.collect() });
        }
        self.store(t, ready, counts, storage);
        Ok(())
    }

    /// Returns all samples in the order in which Prometheus processes them.
    fn offers<'a>(&self, exposition: &'a Exposition, format: Format) -> Vec<ScrapedSample<'a>> {
        let heads = Heads::new(exposition);
        let histograms = self.settings.histograms;
        let starts = match format {
            Format::OpenMetrics if self.settings.features.parse_starts() => {
                Some(starts(exposition, &heads))
            }
            _ => None,
        };
        let started = |labels: &Labels| starts.as_ref()?.get(labels).copied();
        let mut offers = Vec::new();
        let mut classic: Option<Collected> = None;
        for record in &exposition.records {
            let Entry::Sample(sample) = &record.entry else {
                // A line of another series ends a histogram.
                offers.extend(classic.take().and_then(|found| found.offer(started)));
                continue;
            };
            let family = heads.family_of(sample);
            let metric_type = heads.metric_type(&family);
            if starts.is_some() && is_created(sample, metric_type) {
                continue;
            }
            let part = match histograms.convert && metric_type == MetricType::Histogram {
                true => Part::of(sample, &family),
                false => None,
            };
            if let Some(part) = part {
                let labels = without_bound(sample, &family);
                if classic.as_ref().is_some_and(|open| open.labels != labels) {
                    offers.extend(classic.take().and_then(|found| found.offer(started)));
                }
                let open = classic.get_or_insert_with(|| Collected::new(labels));
                open.timestamp = sample.timestamp;
                part.put(&mut open.samples, sample.value);
                if !histograms.always_classic {
                    continue;
                }
            } else {
                offers.extend(classic.take().and_then(|found| found.offer(started)));
            }
            offers.push(ScrapedSample {
                labels: sample.labels.clone(),
                invalid_labels: sample.invalid_labels.as_deref(),
                timestamp: sample.timestamp,
                reading: Reading::Float(sample.value),
                cumulative: is_cumulative(sample, &family, metric_type),
                started: started(&without_bound(sample, &family)),
            });
        }
        if exposition.error.is_none() {
            offers.extend(classic.and_then(|found| found.offer(started)));
        }
        offers
    }

    fn take<'a>(
        &mut self,
        t: Timestamp,
        offers: Vec<ScrapedSample<'a>>,
        counts: &mut Counts,
        storage: &mut Storage,
    ) -> AcceptedSamples<'a> {
        let mut ready: Vec<AcceptedSample<'a>> = Vec::with_capacity(offers.len());
        let (mut tried, mut ended, mut over_samples, mut over_buckets) = (0, None, None, None);
        for mut offer in offers {
            counts.scraped += 1;
            let given = offer.timestamp.filter(|_| self.settings.honor_timestamps);
            let found = match self.resolve(&offer.labels, offer.invalid_labels, storage) {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                Err(error) => {
                    ended = Some(error);
                    break;
                }
            };
            counts.kept += 1;
            if found.repeated && given.is_none() {
                counts.refused.duplicates += 1;
                continue;
            }
            if let Reading::Histogram(histogram) = &offer.reading {
                match self.settings.histogram_limits.apply(histogram) {
                    Ok(fitting) => offer.reading = Reading::Histogram(fitting),
                    Err(error) => {
                        over_buckets = Some(error);
                        self.forget(&offer, found.fresh);
                        continue;
                    }
                }
            }
            // A staleness marker of a known series is not counted.
            let marker = matches!(offer.reading, Reading::Float(value) if is_stale_nan(value));
            tried += u64::from(found.fresh || !marker);
            if let Err(error) = self.check_sample_limit(tried) {
                over_samples = Some(error);
                self.forget(&offer, found.fresh);
                continue;
            }
            if found.fresh && over_samples.is_none() && over_buckets.is_none() {
                counts.added += 1;
            }
            ready.push(AcceptedSample {
                offer,
                series: found.series,
                fresh: found.fresh,
                time: given.unwrap_or(t),
                tracked: given.is_none() || self.settings.track_timestamps_staleness,
            });
        }
        AcceptedSamples { ready, ended, limit: over_samples.or(over_buckets) }
    }

    fn store(
        &mut self,
        t: Timestamp,
        ready: Vec<AcceptedSample<'_>>,
        counts: &mut Counts,
        storage: &mut Storage,
    ) {
        let features = self.settings.features;
        let mut stored: Vec<(SeriesId, Timestamp)> = Vec::with_capacity(ready.len());
        let mut alive = Vec::with_capacity(ready.len());
        for one in ready {
            let AcceptedSample { offer, series, time, .. } = one;
            let mut reading = offer.reading.clone();
            let mut start = offer.started.filter(|start| *start < time);
            if features.synthesize && offer.cumulative && start.is_none() {
                match self.synthetic.take(series, time, reading) {
                    // The first sample is the reference and counts as stored.
                    None => continue,
                    Some((adjusted, began)) => (reading, start) = (adjusted, Some(began)),
                }
            } else if let Some(start) = start.filter(|_| features.zero_samples) {
                // The zero is rejected if later samples exist.
                let _ = storage.append_to(series, reading.zero(start));
            }
            let kept = start.filter(|_| features.store_starts).unwrap_or_default();
            let already = || stored.contains(&(series, time));
            if counts.refused.store(storage, series, t, reading.sample(time, kept), already) {
                stored.push((series, time));
                alive.extend(one.tracked.then_some(series));
            } else {
                self.synthetic.forget(series);
                self.forget(&offer, one.fresh);
                counts.added -= u64::from(one.fresh && counts.added > 0);
            }
        }
        self.forget_missing();
        self.replace_alive(t, alive, storage);
        self.planned = None;
    }

    /// Removes a new series whose sample was rejected.
    fn forget(&mut self, offer: &ScrapedSample<'_>, fresh: bool) {
        if fresh {
            let key = self.key(&offer.labels, offer.invalid_labels);
            self.known.remove(&key);
        }
    }
}

/// The samples of a classic histogram that is converted.
struct Collected {
    labels: Labels,
    samples: ClassicSamples,
    timestamp: Option<Timestamp>,
}

impl Collected {
    fn new(labels: Labels) -> Self {
        Self { labels, samples: ClassicSamples::default(), timestamp: None }
    }

    /// Returns the converted histogram. Returns None if the samples are inconsistent.
    fn offer<'a>(
        self,
        started: impl Fn(&Labels) -> Option<Timestamp>,
    ) -> Option<ScrapedSample<'a>> {
        Some(ScrapedSample {
            reading: Reading::Histogram(self.samples.convert().ok()?.into()),
            started: started(&self.labels),
            labels: self.labels,
            invalid_labels: None,
            timestamp: self.timestamp,
            cumulative: true,
        })
    }
}

/// The role of a sample in its classic histogram.
enum Part {
    Bucket(f64),
    Sum,
    Count,
}

impl Part {
    fn of(sample: &ExposedSample, family: &str) -> Option<Self> {
        match sample.labels.metric_name().strip_prefix(family)? {
            "_bucket" => {
                let bound = parse_float(sample.labels.find("le")?).ok()?;
                (!bound.is_nan()).then_some(Self::Bucket(bound))
            }
            "_sum" => Some(Self::Sum),
            "_count" => Some(Self::Count),
            _ => None,
        }
    }

    fn put(self, samples: &mut ClassicSamples, value: f64) {
        match self {
            Self::Bucket(bound) => samples.set_bucket(bound, value),
            Self::Sum => samples.set_sum(value),
            Self::Count => samples.set_count(value),
        }
    }
}

/// Returns the labels that all samples of a histogram or summary share, with the family name.
fn without_bound(sample: &ExposedSample, family: &str) -> Labels {
    let shared = sample.labels.filtered(|label| !matches!(&*label.name, "le" | "quantile"));
    match shared.metric_name() == family {
        true => shared,
        false => shared.builder().set(METRIC_NAME, family).build(),
    }
}

fn is_created(sample: &ExposedSample, metric_type: MetricType) -> bool {
    sample.labels.metric_name().ends_with("_created")
        && matches!(metric_type, MetricType::Counter | MetricType::Histogram | MetricType::Summary)
}

/// Returns true if a missing start timestamp is synthesized. Quantiles are not cumulative.
///
/// Source: prometheus scrape/scrape_append_v2.go `checkAndSynthesizeStartTime`.
fn is_cumulative(sample: &ExposedSample, family: &str, metric_type: MetricType) -> bool {
    match metric_type {
        MetricType::Counter | MetricType::Histogram => !is_created(sample, metric_type),
        MetricType::Summary => {
            matches!(sample.labels.metric_name().strip_prefix(family), Some("_sum" | "_count"))
        }
        _ => false,
    }
}

/// Returns the start of each series from `_created` samples, in milliseconds.
fn starts(exposition: &Exposition, heads: &Heads) -> HashMap<Labels, Timestamp> {
    let mut found = HashMap::new();
    for sample in exposition.samples() {
        let family = heads.family_of(sample);
        if is_created(sample, heads.metric_type(&family)) {
            found.insert(without_bound(sample, &family), (sample.value * 1000.0) as Timestamp);
        }
    }
    found
}
