//! Workloads from pasted `/metrics` bodies: the series are those of the body, and their values
//! continue.
//!
//! The source of a value is derived from its type. The rate of a counter is its value divided by
//! the uptime of the program; the buckets of a histogram share the rate in proportion to their
//! observations; a gauge varies by a tenth.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{FamilySpec, Formats, Match, PastedSeries, SeriesSpec, Workload, WorkloadFile};
use crate::exposition::{Entry, ExposedSample, Exposition, Format, MetricType, parse, review};
use crate::signal::Level;
use go::Duration;
use go::number::{format_general, parse_float};
use go::quote::quote;
use promql::METRIC_NAME;
use text::{Diagnostic, FileId, Location, Span};

/// The assumed uptime, in seconds, if the body has no process start time.
const UPTIME: f64 = 3600.0;

/// A note about how the value of a line changes.
#[derive(Clone, Debug, PartialEq)]
pub struct PasteNote {
    pub span: Span,
    pub text: String,
}

/// The settings in the leading comments.
struct Head {
    matches: Vec<Match>,
    path: Arc<str>,
    uptime: f64,
}

/// Parses a body. `name` is the file name without folder and extension: the container name, with
/// the port after an underscore, unless a comment names the container.
pub fn paste(text: &str, name: &str, file: FileId) -> (WorkloadFile, Vec<PasteNote>) {
    let format = format_of(text);
    let exposition = parse(text, format);
    let mut diagnostics = Vec::new();
    let head = head(text, name, file, &mut diagnostics);
    if let Some(error) = &exposition.error {
        let at = Location::new(file, clamped(error.span, text));
        let one = Diagnostic::error("exposition-error", at, error.message.clone());
        diagnostics.push(one.with_help("A scrape of this body would store nothing."));
    }
    let mut reader = PasteReader {
        uptime: head.uptime,
        notes: Vec::new(),
        families: Vec::new(),
        places: HashMap::new(),
    };
    reader.read(&exposition);
    for record in &exposition.records {
        if let Entry::Sample(ExposedSample { timestamp: Some(_), .. }) = &record.entry {
            let at = Location::new(file, record.span);
            let message = "The time of this sample is left out, since its number goes on";
            diagnostics.push(Diagnostic::info("exposition-timestamp", at, message));
        }
    }
    for finding in review::findings(&exposition) {
        let line = exposition.records.iter().find(|record| record.line == finding.line);
        let at = Location::new(file, line.map_or(Span::new(0, 0), |record| record.span));
        let code = finding.code.code();
        let one = Diagnostic::new(text::Severity::Info, code, at, finding.message);
        diagnostics.push(one.with_help(finding.code.why()));
    }
    let workload = Workload {
        name: name.into(),
        title: name.into(),
        matches: head.matches,
        path: head.path,
        formats: Formats { openmetrics: format == Format::OpenMetrics, protobuf: false },
        families: reader.families,
        ..Workload::default()
    };
    let own = Workload { families: Vec::new(), ..workload.clone() };
    (WorkloadFile { own, workload: Arc::new(workload), diagnostics }, reader.notes)
}

/// Detects OpenMetrics by its `# EOF` line.
pub fn format_of(text: &str) -> Format {
    match text.trim_end().rsplit('\n').next() {
        Some("# EOF") => Format::OpenMetrics,
        _ => Format::PrometheusText,
    }
}

fn clamped(span: Span, text: &str) -> Span {
    let end = text.len() as u32;
    Span::new(span.start.min(end), span.end.min(end))
}

/// Parses the leading comments.
fn head(text: &str, name: &str, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Head {
    let mut head = Head { matches: Vec::new(), path: "/metrics".into(), uptime: UPTIME };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(start, start + line.trim_end().len() as u32);
        start += line.len() as u32;
        let Some(comment) = line.trim().strip_prefix('#') else {
            if line.trim().is_empty() {
                continue;
            }
            break;
        };
        let Some((key, value)) = comment.trim().split_once(':') else { continue };
        let value = value.trim();
        let read = match key.trim() {
            "for" => matching(value).map(|found| head.matches.push(found)),
            "path" if value.starts_with('/') => {
                head.path = value.into();
                Ok(())
            }
            "path" => Err("a path begins with a slash".to_owned()),
            "uptime" => match Duration::parse(value) {
                Ok(uptime) if uptime.millis() > 0 => {
                    head.uptime = uptime.seconds();
                    Ok(())
                }
                Ok(_) => Err("the time must be above 0".to_owned()),
                Err(error) => Err(error.to_string()),
            },
            _ => Ok(()),
        };
        if let Err(error) = read {
            let at = Location::new(file, span);
            diagnostics.push(Diagnostic::error("exposition-head", at, error));
        }
    }
    if head.matches.is_empty() {
        head.matches.push(by_name(name));
    }
    head
}

/// `container=web namespace=shop port=8080 image=shop/web`
fn matching(text: &str) -> Result<Match, String> {
    let mut found = Match::default();
    for part in text.split_ascii_whitespace() {
        let Some((key, value)) = part.split_once('=').filter(|(_, value)| !value.is_empty()) else {
            return Err(format!("{} is not of the form name=value", quote(part)));
        };
        match key {
            "image" => found.image = Some(value.into()),
            "container" => found.container = Some(value.into()),
            "namespace" => found.namespace = Some(value.into()),
            "address" => found.address = Some(value.into()),
            "port" => match value.parse() {
                Ok(port) => found.port = Some(port),
                Err(_) => return Err(format!("{} is no port", quote(value))),
            },
            _ => {
                let known = "image, container, namespace, port and address";
                return Err(format!("{} is not known; there are {known}", quote(key)));
            }
        }
    }
    if found == Match::default() {
        return Err("say which container or address: container=web port=8080".to_owned());
    }
    Ok(found)
}

/// Parses a file name: `web_8080` is port 8080 of the container `web`.
fn by_name(name: &str) -> Match {
    let (container, port) = match name.rsplit_once('_') {
        Some((container, port)) => (container, port.parse().ok()),
        None => (name, None),
    };
    let container = if port.is_some() { container } else { name };
    Match { container: Some(container.into()), port, ..Match::default() }
}

/// A sample with the span of its line.
type Placed<'a> = (&'a ExposedSample, Span);
type Pairs = BTreeMap<Arc<str>, Arc<str>>;

struct PasteReader {
    uptime: f64,
    notes: Vec<PasteNote>,
    families: Vec<FamilySpec>,
    /// Indexes in `families`.
    places: HashMap<(Arc<str>, MetricType, bool), usize>,
}

/// The samples of one series of a histogram or summary.
#[derive(Default)]
struct Parts {
    span: Option<Span>,
    bounds: Vec<(f64, f64)>,
    sum: Option<f64>,
    count: Option<f64>,
}

impl PasteReader {
    fn read(&mut self, exposition: &Exposition) {
        let heads = review::Heads::new(exposition);
        let mut order: Vec<(Arc<str>, Vec<Placed<'_>>)> = Vec::new();
        let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for record in &exposition.records {
            let Entry::Sample(sample) = &record.entry else { continue };
            let family = heads.family_of(sample);
            let place = *places.entry(family.clone()).or_insert_with(|| {
                order.push((family, Vec::new()));
                order.len() - 1
            });
            if let Some((_, samples)) = order.get_mut(place) {
                samples.push((sample, record.span));
            }
        }
        for (name, samples) in order {
            let metric_type = heads.metric_type(&name);
            let help = heads.help(&name);
            let unit = heads.unit(&name);
            match metric_type {
                MetricType::Histogram => self.compound(&name, &help, &unit, "le", &samples),
                MetricType::Summary => self.compound(&name, &help, &unit, "quantile", &samples),
                _ => self.singles(&name, metric_type, &help, &unit, &samples),
            }
        }
    }

    /// Adds a series to its family, and creates the family if needed.
    fn put(&mut self, spec: FamilySpec, series: SeriesSpec) {
        let key = (spec.name.clone(), spec.metric_type, spec.bare);
        let at = *self.places.entry(key).or_insert(self.families.len());
        if at == self.families.len() {
            self.families.push(spec);
        }
        if let Some(family) = self.families.get_mut(at) {
            family.series.push(series);
        }
    }

    /// Adds counters, gauges and untyped series.
    fn singles(
        &mut self,
        name: &str,
        metric_type: MetricType,
        help: &Arc<str>,
        unit: &Arc<str>,
        samples: &[Placed<'_>],
    ) {
        for (sample, span) in samples {
            let own = sample.labels.metric_name();
            if own.ends_with("_created") && own != name {
                // Creation times are generated.
                continue;
            }
            let (name, bare, metric_type) = match metric_type {
                MetricType::Counter => match own.strip_suffix("_total") {
                    Some(stem) => (stem, false, metric_type),
                    None => (own, true, metric_type),
                },
                MetricType::Info => (own.strip_suffix("_info").unwrap_or(own), false, metric_type),
                // Gauge histograms have the suffixes `_gcount` and `_gsum`.
                MetricType::GaugeHistogram => (own, false, MetricType::Unknown),
                _ => (own, false, metric_type),
            };
            let counts = metric_type == MetricType::Counter
                || (metric_type == MetricType::Unknown
                    && ["_total", "_count", "_sum", "_bucket"]
                        .iter()
                        .any(|end| own.ends_with(end)));
            let (series, note) = self.single(sample, counts && sample.value.is_finite());
            self.notes.push(PasteNote { span: *span, text: note });
            let spec = FamilySpec {
                name: name.into(),
                metric_type,
                help: help.clone(),
                unit: unit.clone(),
                bare,
                ..FamilySpec::default()
            };
            self.put(spec, series);
        }
    }

    fn single(&self, sample: &ExposedSample, counts: bool) -> (SeriesSpec, String) {
        let mut series = SeriesSpec { labels: plain(sample, ""), ..SeriesSpec::default() };
        let value = sample.value;
        if counts {
            let (rate, by) = self.pace(value);
            series.given = Some(PastedSeries::Counter { value, rate, by });
            return (series, per_second(rate * by));
        }
        let (level, note) = wandering(sample.labels.metric_name(), value);
        series.level = Some(level);
        (series, note)
    }

    /// Returns the rate of a counter and its increase per event. Whole numbers increase by one.
    fn pace(&self, value: f64) -> (f64, f64) {
        let rate = (value / self.uptime).max(0.0);
        match value.fract() == 0.0 && rate <= 1e4 {
            true => (rate, 1.0),
            false => (1.0_f64.min(rate * 1e9), rate),
        }
    }

    /// Adds the series of a histogram or summary.
    fn compound(
        &mut self,
        name: &str,
        help: &Arc<str>,
        unit: &Arc<str>,
        bound: &str,
        samples: &[Placed<'_>],
    ) {
        let histogram = bound == "le";
        for (labels, mut parts) in grouped(name, bound, samples) {
            parts.bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
            parts.bounds.dedup_by(|a, b| a.0 == b.0);
            let last = parts.bounds.last().filter(|_| histogram).map(|bucket| bucket.1);
            let count = parts.count.or(last).filter(|count| count.is_finite() && *count >= 0.0);
            let count = count.unwrap_or_default();
            let sum = parts.sum.filter(|sum| sum.is_finite()).unwrap_or_default();
            let rate = (count / self.uptime).min(1e6);
            if let Some(span) = parts.span {
                let text = format!("{} observations", per_second(rate));
                self.notes.push(PasteNote { span, text });
            }
            let given = if histogram {
                let mut buckets = ascending(parts.bounds, count);
                if buckets.last().is_none_or(|bucket| bucket.0 != f64::INFINITY) {
                    buckets.push((f64::INFINITY, count));
                }
                PastedSeries::Histogram { buckets, sum, rate }
            } else {
                PastedSeries::Summary { quantiles: parts.bounds, sum, count, rate }
            };
            let metric_type = if histogram { MetricType::Histogram } else { MetricType::Summary };
            let spec = FamilySpec {
                name: name.into(),
                metric_type,
                help: help.clone(),
                unit: unit.clone(),
                ..FamilySpec::default()
            };
            let series = SeriesSpec { labels, given: Some(given), ..SeriesSpec::default() };
            self.put(spec, series);
        }
    }
}

/// Groups the samples of a histogram or summary by their labels without `bound`, in the order of
/// the body.
fn grouped(name: &str, bound: &str, samples: &[Placed<'_>]) -> Vec<(Pairs, Parts)> {
    let mut groups: Vec<(Pairs, Parts)> = Vec::new();
    let mut places: BTreeMap<Pairs, usize> = BTreeMap::new();
    for (sample, span) in samples {
        let labels = plain(sample, bound);
        let place = *places.entry(labels.clone()).or_insert_with(|| {
            groups.push((labels, Parts::default()));
            groups.len() - 1
        });
        let Some((_, parts)) = groups.get_mut(place) else { continue };
        parts.span.get_or_insert(*span);
        match sample.labels.metric_name().strip_prefix(name) {
            Some("_sum") => parts.sum = Some(sample.value),
            Some("_count") => parts.count = Some(sample.value),
            Some("_bucket" | "") => {
                let at = sample.labels.find(bound).and_then(|text| parse_float(text).ok());
                parts.bounds.extend(at.map(|at| (at, sample.value)));
            }
            _ => {}
        }
    }
    groups
}

/// Makes bucket counts cumulative: none is below the one before it or above `count`.
fn ascending(buckets: Vec<(f64, f64)>, count: f64) -> Vec<(f64, f64)> {
    let mut below = 0.0;
    let one = |(bound, upto): (f64, f64)| {
        let upto = if upto.is_finite() { upto.clamp(below, count.max(below)) } else { below };
        below = if bound == f64::INFINITY { count.max(below) } else { upto };
        (bound, below)
    };
    buckets.into_iter().map(one).collect()
}

fn plain(sample: &ExposedSample, without: &str) -> Pairs {
    let own = sample
        .labels
        .iter()
        .filter(|label| !matches!(&*label.name, METRIC_NAME) && *label.name != *without);
    let empty = sample.invalid_labels.iter().flat_map(|odd| &odd.empty);
    own.map(|label| (label.name.clone(), label.value.clone()))
        .chain(empty.map(|name| (name.clone(), "".into())))
        .collect()
}

fn per_second(rate: f64) -> String {
    if rate == 0.0 {
        return "stays at 0".to_owned();
    }
    format!("moves on at {} a second", short(rate))
}

/// Formats a number with three digits.
fn short(value: f64) -> String {
    let digits = libm::floor(libm::log10(value.abs().max(1e-300))) as i32;
    let scale = libm::exp10(f64::from(2 - digits));
    format_general((value * scale).round() / scale, None)
}

/// Returns the level of a gauge. States, versions and timestamps are constant.
fn wandering(name: &str, value: f64) -> (Level, String) {
    let dated = ["_info", "_timestamp_seconds", "_time_seconds", "_created"];
    let fixed = !value.is_finite()
        || value == 0.0
        || value == 1.0
        || dated.iter().any(|end| name.ends_with(end))
        || ["max", "limit", "limits", "requests", "capacity"]
            .iter()
            .any(|word| name.split('_').any(|part| part == *word));
    if fixed {
        return (Level::Constant { value }, "stays".to_owned());
    }
    let reach = value.abs() / 10.0;
    let whole = value.fract() == 0.0;
    let (low, high) = match whole {
        true => (value - reach.max(1.0).round(), value + reach.max(1.0).round()),
        false => (value - reach, value + reach),
    };
    let low = if value > 0.0 { low.max(0.0) } else { low };
    let text =
        format!("wanders between {} and {}", format_general(low, None), format_general(high, None));
    let level = match whole {
        true => Level::BetweenWhole { low, high, every: 60.0 },
        false => Level::Between { low, high, every: 60.0 },
    };
    (level, text)
}
