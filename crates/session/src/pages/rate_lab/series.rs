//! A lab from a series of the simulation: its stored samples, and the true values of the program.

use crate::ide;
use crate::labels::{engine_labels, plain_labels};
use crate::pages::query::series_name;
use crate::world::START;
use crate::world::Snapshot;
use go::Duration;
use promql::assist::{Facts, MetricKind};
use promql::storage::SampleBuffer;
use promql::{Labels, SampleValue, Timestamp};
use protocol::lab::{Counter, Function, ImportedSeries, Lab};
use protocol::pages::rate_lab::{SeriesChoice, SeriesWindow};
use text::IndexSort;

/// The maximum number of offered series.
const MOST_CHOICES: usize = 40;

/// The length of the lab in scrape intervals.
const INTERVALS: i64 = 12;

/// The number of times at which the true value is computed.
const MOMENTS: i64 = 400;

/// Returns float series whose name contains the text, counters first.
pub(super) fn choices(snapshot: &Snapshot<'_>, text: &str) -> Vec<SeriesChoice> {
    let world = &snapshot.timeline.world;
    let end = u64::try_from(world.now() - START).unwrap_or_default();
    let mut found: Vec<SeriesChoice> = world
        .storage
        .iter()
        .filter(|series| series.len() > 1)
        .filter(|series| matches!(series.last_value(), Some(SampleValue::Float(_))))
        .map(|series| (series_name(series.labels()), series.labels()))
        .filter(|(name, _)| name.contains(text.trim()))
        .map(|(name, labels)| SeriesChoice {
            series: SeriesWindow { labels: plain_labels(labels), end, function: None, range: None },
            name,
        })
        .collect();
    found.index_sort_by_key(|one| {
        (!one.series.labels.metric_name().ends_with("_total"), one.name.clone())
    });
    found.truncate(MOST_CHOICES);
    found
}

/// Returns None if the series has no samples in the window.
pub(super) fn lab(snapshot: &Snapshot<'_>, window: &SeriesWindow) -> Option<Lab> {
    let world = &snapshot.timeline.world;
    let labels = engine_labels(&window.labels);
    let series = world.storage.series(world.storage.find(&labels)?)?;
    let name = labels.metric_name();
    let facts = ide::world_facts(snapshot);
    let interval = facts.scrape_interval(name).unwrap_or(Duration::from_secs(15));
    let interval = interval.millis().clamp(1_000, 300_000);
    let end = START.saturating_add_unsigned(window.end).min(world.now());
    let range = window.range.unwrap_or(4 * interval).clamp(1_000, 1_800_000);
    let length = (INTERVALS * interval).max(range + 4 * interval).min(3_600_000);
    let origin = end - length;
    let mut read = SampleBuffer::default();
    series.read(origin, end, &mut read);
    let samples: Vec<(Timestamp, f64)> = read
        .float_times
        .iter()
        .zip(&read.floats)
        .filter(|(at, value)| (origin..=end).contains(*at) && value.is_finite())
        .map(|(at, value)| (at - origin, *value))
        .collect();
    if samples.is_empty() {
        return None;
    }
    let gauge = facts.metric_kind(name) == Some(MetricKind::Gauge);
    let counter = truth(snapshot, &labels, (origin, end), gauge);
    let taken =
        ImportedSeries { labels: window.labels.clone(), origin, samples, known: counter.is_some() };
    let usual = if gauge { Function::Delta } else { Function::Increase };
    Some(Lab {
        function: window.function.unwrap_or(usual),
        counter: counter.unwrap_or_default(),
        gauge,
        scrape_interval: Duration(interval),
        first_scrape: taken.samples.first().map_or(0, |first| first.0),
        taken: Some(taken),
        length: Duration(length),
        range: Duration(range),
        at: length,
        step: Duration(range),
        ..Lab::default()
    })
}

/// Returns the true values of the program as steps.
fn truth(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    (origin, end): (Timestamp, Timestamp),
    gauge: bool,
) -> Option<Counter> {
    let world = &snapshot.timeline.world;
    let source = world.source_of(labels)?;
    let step = ((end - origin) / MOMENTS).max(1);
    let times: Vec<Timestamp> = (0..=(end - origin) / step).map(|k| origin + k * step).collect();
    let windows: Vec<(Timestamp, Timestamp)> =
        times.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
    let values = world.exact(&source, &times);
    let increases = world.exact_increase(&source, &windows);
    let mut counter =
        Counter { initial: values.iter().flatten().copied().next()?, ..Counter::default() };
    let pairs = values.windows(2).zip(&windows).zip(increases);
    for ((pair, (_, at)), increase) in pairs {
        let [Some(before), Some(after)] = pair else { continue };
        let at = at - origin;
        if gauge || after >= before {
            if after != before {
                counter.events.push((at, after - before));
            }
            continue;
        }
        // It was restarted: its value was counted since, the rest of the increase before.
        counter.resets.push(at - 1);
        let lost = increase.unwrap_or(*after) - after;
        if lost > 0.0 {
            counter.events.push((at - 1, lost));
        }
        counter.events.push((at, *after));
    }
    Some(counter)
}
