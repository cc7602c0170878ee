//! An answer as text: read line by line, and stored when all of it was read without a mistake.
//!
//! Source of the rules: prometheus scrape/scrape_append_v2.go `append`.

use std::collections::HashMap;

use super::reading::Reading;
use super::{Counts, Failure, TargetLoop};
use crate::exposition::review::Heads;
use crate::exposition::{
    Entry, ExposedSample, Exposition, Format, MetricType, Oddities, choose_format, parse,
};
use go::number::{is_stale_nan, parse_float};
use promql::histogram::ClassicSamples;
use promql::storage::{SeriesId, Storage};
use promql::{Labels, METRIC_NAME, Timestamp};

/// A sample of the answer, or a histogram that several of its samples make.
struct Offer<'a> {
    labels: Labels,
    oddities: Option<&'a Oddities>,
    /// The time that it came with.
    timestamp: Option<Timestamp>,
    reading: Reading,
    /// Whether it counts from some time on.
    cumulative: bool,
    started: Option<Timestamp>,
}

/// A sample ready to be stored.
struct Ready<'a> {
    offer: Offer<'a>,
    series: SeriesId,
    /// Its series was not known before.
    fresh: bool,
    time: Timestamp,
    /// Its series goes stale when it is gone.
    tracked: bool,
}

/// What is to be stored of the samples, if nothing fails the scrape.
struct Taken<'a> {
    ready: Vec<Ready<'a>>,
    /// An error that ended the scrape where it stood.
    ended: Option<String>,
    /// A limit beyond which samples were still counted.
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
        let Taken { ready, ended, limit } = self.take(t, offers, counts, storage);
        let unread = exposition.error.as_ref().map(|error| error.message.clone());
        if let Some(error) = ended.or(unread).or(limit) {
            let read = ready.iter().filter(|one| one.tracked).map(|one| one.series);
            return Err(Failure { error, read: read.collect() });
        }
        self.store(t, ready, counts, storage);
        Ok(())
    }

    /// Everything that counts as a sample, in the order in which Prometheus comes upon it.
    fn offers<'a>(&self, exposition: &'a Exposition, format: Format) -> Vec<Offer<'a>> {
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
                // A line between two series ends the histogram before it.
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
            offers.push(Offer {
                labels: sample.labels.clone(),
                oddities: sample.oddities.as_deref(),
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
        offers: Vec<Offer<'a>>,
        counts: &mut Counts,
        storage: &mut Storage,
    ) -> Taken<'a> {
        let mut ready: Vec<Ready<'a>> = Vec::with_capacity(offers.len());
        let (mut tried, mut ended, mut over_samples, mut over_buckets) = (0, None, None, None);
        for mut offer in offers {
            counts.scraped += 1;
            let given = offer.timestamp.filter(|_| self.settings.honor_timestamps);
            let found = match self.resolve(&offer.labels, offer.oddities, storage) {
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
            // A marker of a known series is no sample.
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
            ready.push(Ready {
                offer,
                series: found.series,
                fresh: found.fresh,
                time: given.unwrap_or(t),
                tracked: given.is_none() || self.settings.track_timestamps_staleness,
            });
        }
        Taken { ready, ended, limit: over_samples.or(over_buckets) }
    }

    fn store(
        &mut self,
        t: Timestamp,
        ready: Vec<Ready<'_>>,
        counts: &mut Counts,
        storage: &mut Storage,
    ) {
        let features = self.settings.features;
        let mut stored: Vec<(SeriesId, Timestamp)> = Vec::with_capacity(ready.len());
        let mut alive = Vec::with_capacity(ready.len());
        for one in ready {
            let Ready { offer, series, time, .. } = one;
            let mut reading = offer.reading.clone();
            let mut start = offer.started.filter(|start| *start < time);
            if features.synthesize && offer.cumulative && start.is_none() {
                match self.synthetic.take(series, time, reading) {
                    // The sample that the others are counted from. It counts as stored.
                    None => continue,
                    Some((adjusted, began)) => (reading, start) = (adjusted, Some(began)),
                }
            } else if let Some(start) = start.filter(|_| features.zero_samples) {
                // Where there are later samples already, the zero is out of order and left out.
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

    /// A new series whose sample was refused stays unknown.
    fn forget(&mut self, offer: &Offer<'_>, fresh: bool) {
        if fresh {
            let key = self.key(&offer.labels, offer.oddities);
            self.known.remove(&key);
        }
    }
}

/// The samples of a classic histogram that is to become a native one.
struct Collected {
    labels: Labels,
    samples: ClassicSamples,
    timestamp: Option<Timestamp>,
}

impl Collected {
    fn new(labels: Labels) -> Self {
        Self { labels, samples: ClassicSamples::default(), timestamp: None }
    }

    /// Nothing where its samples contradict one another.
    fn offer<'a>(self, started: impl Fn(&Labels) -> Option<Timestamp>) -> Option<Offer<'a>> {
        Some(Offer {
            reading: Reading::Histogram(self.samples.convert().ok()?.into()),
            started: started(&self.labels),
            labels: self.labels,
            oddities: None,
            timestamp: self.timestamp,
            cumulative: true,
        })
    }
}

/// What a sample is to its classic histogram.
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

/// The labels that all samples of a histogram or summary share, under the family's name.
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

/// Whether a start time is made up for it where it has none: quantiles of a summary count nothing.
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

/// When each series began, in milliseconds, as its `_created` sample says.
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
