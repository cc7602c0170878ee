//! Decoding of workloads.
//!
//! The field table reports unknown keys and wrong types. This module decodes what is valid and
//! reports errors across fields: unknown streams, duplicate series, families without a source of
//! values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fields::MOST_RATE;
use super::plan::MOST_SERIES;
use super::{
    Action, FamilySpec, Formats, Library, Match, Script, SeriesSpec, Workload, WorkloadFile,
};
use crate::exposition::MetricType;
use crate::signal::{Distribution, Level, Traffic};
use go::Duration;
use go::quote::quote;
use promql::promqltest::series::parse_series_line;
use promql::{Labels, METRIC_NAME};
use text::{Diagnostic, FileId, Location, Span};
use yaml::{Node, Parsed, scalars};

/// The maximum number of scripted values in a file.
const MOST_VALUES: usize = 200_000;

/// Decodes a workload file. Wrong types and unknown keys are reported by [`super::fields`].
pub fn decode_file(parsed: &Parsed, library: &Library) -> WorkloadFile {
    let Some(root) = parsed.root() else { return WorkloadFile::default() };
    let (own, mut diagnostics) = decode(root, parsed.file);
    let merged = library.with_included(&own);
    let mut findings = Findings { file: parsed.file, diagnostics: Vec::new() };
    findings.whole(root, &own, &merged, library);
    diagnostics.append(&mut findings.diagnostics);
    WorkloadFile { own, workload: Arc::new(merged), diagnostics }
}

/// Decodes a workload without its includes.
pub fn decode(root: &Node, file: FileId) -> (Workload, Vec<Diagnostic>) {
    let mut findings = Findings { file, diagnostics: Vec::new() };
    let mut workload = Workload {
        name: text(root.get("name")).unwrap_or_default(),
        title: text(root.get("title")).unwrap_or_default(),
        matches: items(root, "matches").map(matching).collect(),
        path: text(root.get("path")).unwrap_or_else(|| "/metrics".into()),
        includes: items(root, "includes").filter_map(|node| text(Some(node))).collect(),
        formats: formats(root),
        created: flag(root, "created"),
        streams: named(root, "streams").filter_map(|(k, v)| Some((k, traffic(v)?))).collect(),
        actions: items(root, "actions").map(action).collect(),
        families: items(root, "families").map(family).collect(),
    };
    let created = workload.created;
    workload.families.iter_mut().for_each(|family| family.created = created);
    findings.scripts(root, &mut workload.families);
    (workload, findings.diagnostics)
}

fn text(node: Option<&Node>) -> Option<Arc<str>> {
    let text = scalars::string(node?).ok()?;
    (!text.is_empty()).then(|| text.as_ref().into())
}

fn items<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a Node> + use<'a> {
    node.get(key).map_or(&[][..], Node::items).iter()
}

fn named<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = (Arc<str>, &'a Node)> + use<'a> {
    let entries = node.get(key).into_iter().flat_map(Node::entries);
    entries.filter_map(|entry| Some((entry.name()?.into(), &entry.value)))
}

fn number(node: &Node, key: &str) -> Option<f64> {
    scalars::float(node.get(key)?).ok().filter(|number| number.is_finite())
}

fn numbers(node: &Node, key: &str) -> Vec<f64> {
    let mut numbers: Vec<f64> = items(node, key)
        .filter_map(|item| scalars::float(item).ok())
        .filter(|number| number.is_finite())
        .collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    numbers
}

fn flag(node: &Node, key: &str) -> bool {
    node.get(key).is_some_and(|node| scalars::bool(node).unwrap_or_default())
}

fn formats(root: &Node) -> Formats {
    let has = |format: &str| items(root, "formats").any(|node| node.text() == Some(format));
    Formats { openmetrics: has("openmetrics"), protobuf: has("protobuf") }
}

fn matching(node: &Node) -> Match {
    let port = node.get("port").and_then(|port| scalars::uint(port, 16, "uint16").ok());
    Match {
        image: text(node.get("image")),
        container: text(node.get("container")),
        namespace: text(node.get("namespace")),
        port: port.and_then(|port| u16::try_from(port).ok()),
        address: text(node.get("address")),
    }
}

fn traffic(node: &Node) -> Option<Traffic> {
    let entry = node.entries().next()?;
    let of = &entry.value;
    let rate = number(of, "rate").unwrap_or_default().clamp(0.0, MOST_RATE);
    let positive = |key, usual| number(of, key).filter(|n| *n > 0.0).unwrap_or(usual);
    Some(match entry.name()? {
        "steady" => Traffic::Steady { rate },
        "random" => Traffic::Random { rate },
        "daily" => Traffic::Daily { rate, swing: number(of, "swing").unwrap_or_default() },
        "bursty" => Traffic::Bursty {
            rate,
            every: positive("every", 300.0),
            length: positive("length", 30.0),
        },
        _ => return None,
    })
}

fn action(node: &Node) -> Action {
    let name = text(node.get("name")).unwrap_or_default();
    let status = node.get("status").and_then(|status| scalars::uint(status, 16, "uint16").ok());
    Action {
        title: text(node.get("title")).unwrap_or_else(|| name.clone()),
        stream: text(node.get("stream")).unwrap_or_default(),
        path: text(node.get("path")).unwrap_or_default(),
        status: status.and_then(|status| u16::try_from(status).ok()).unwrap_or(200),
        name,
    }
}

fn metric_type(node: &Node) -> Option<MetricType> {
    let word = node.get("type")?.text()?;
    MetricType::ALL.into_iter().find(|known| known.as_str() == word)
}

fn family(node: &Node) -> FamilySpec {
    FamilySpec {
        name: text(node.get("name")).unwrap_or_default(),
        metric_type: metric_type(node).unwrap_or_default(),
        unit: text(node.get("unit")).unwrap_or_default(),
        help: text(node.get("help")).unwrap_or_default(),
        of: text(node.get("of")),
        by: number(node, "by"),
        takes: distribution(node),
        buckets: numbers(node, "buckets"),
        native_factor: number(node, "native_factor").filter(|factor| *factor > 1.0),
        quantiles: numbers(node, "quantiles"),
        level: level(node),
        whole: flag(node, "whole"),
        bare: flag(node, "bare"),
        exemplar: text(node.get("exemplar")),
        created: false,
        series: items(node, "series").map(series).collect(),
        each: named(node, "each")
            .map(|(name, list)| {
                let values = list.items().iter().filter_map(|item| scalars::string(item).ok());
                (name, values.map(|value| value.as_ref().into()).collect())
            })
            .collect(),
    }
}

fn series(node: &Node) -> SeriesSpec {
    let value = |node: &Node| scalars::string(node).ok().map(|text| text.as_ref().into());
    SeriesSpec {
        labels: named(node, "labels").filter_map(|(k, v)| Some((k, value(v)?))).collect(),
        share: number(node, "share").map(|share| share.clamp(0.0, 1.0)),
        of: text(node.get("of")),
        takes: distribution(node),
        level: level(node),
        given: None,
        script: None,
    }
}

fn distribution(node: &Node) -> Option<Distribution> {
    let takes = node.get("takes")?;
    let median = number(takes, "median").filter(|median| *median > 0.0).unwrap_or(0.1);
    let spread = number(takes, "spread").unwrap_or(1.0).clamp(0.0, 10.0);
    Some(Distribution { median, spread })
}

fn level(node: &Node) -> Option<Level> {
    let level = node.get("level")?;
    match level.text() {
        Some("start_time") => return Some(Level::StartTime),
        Some("uptime") => return Some(Level::Uptime),
        Some("now") => return Some(Level::Now),
        _ => {}
    }
    let entry = level.entries().next()?;
    let number = |key: &str| number(&entry.value, key).unwrap_or_default();
    Some(match entry.name()? {
        "constant" => Level::Constant { value: number("value") },
        "between" => Level::Between {
            low: number("low"),
            high: number("high"),
            every: Some(number("every")).filter(|every| *every > 0.0).unwrap_or(60.0),
        },
        "sawtooth" => {
            Level::Sawtooth { from: number("from"), by: number("by"), limit: number("limit") }
        }
        _ => return None,
    })
}

struct Findings {
    file: FileId,
    diagnostics: Vec<Diagnostic>,
}

impl Findings {
    fn at(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }

    /// Decodes series in promqltest notation to families, one for each name.
    fn scripts(&mut self, root: &Node, families: &mut Vec<FamilySpec>) {
        let interval = root.get("interval").and_then(Node::text).map(Duration::parse);
        let interval = interval.and_then(Result::ok).filter(|interval| interval.millis() > 0);
        let interval = interval.unwrap_or(Duration::from_secs(60));
        let mut left = MOST_VALUES;
        let mut known: BTreeSet<Labels> = BTreeSet::new();
        for item in items(root, "series") {
            let Some((labels, script)) = self.script(item, interval, &mut left) else { continue };
            let Some(node) = item.get("series") else { continue };
            if !known.insert(labels.clone()) {
                self.duplicate(node.written_span(), &format!("The series {labels}"));
                continue;
            }
            let usual = script.has_histograms().then_some(MetricType::Histogram);
            let metric_type = metric_type(item).or(usual).unwrap_or_default();
            let name = labels.metric_name();
            let (name, bare) = match (metric_type, name.strip_suffix("_total")) {
                (MetricType::Counter, Some(stem)) => (stem, false),
                (MetricType::Counter, None) => (name, true),
                _ => (
                    name.strip_suffix("_info")
                        .filter(|_| metric_type == MetricType::Info)
                        .unwrap_or(name),
                    false,
                ),
            };
            let written = labels.iter().filter(|label| &*label.name != METRIC_NAME);
            let spec = SeriesSpec {
                labels: written.map(|label| (label.name.clone(), label.value.clone())).collect(),
                script: Some(Arc::new(script)),
                ..SeriesSpec::default()
            };
            match families.iter_mut().find(|family| *family.name == *name) {
                Some(family) => family.series.push(spec),
                None => families.push(FamilySpec {
                    name: name.into(),
                    metric_type,
                    help: text(item.get("help")).unwrap_or_default(),
                    bare,
                    series: vec![spec],
                    ..FamilySpec::default()
                }),
            }
        }
    }

    fn script(
        &mut self,
        item: &Node,
        interval: Duration,
        left: &mut usize,
    ) -> Option<(Labels, Script)> {
        let (series, values) = (item.get("series")?, item.get("values")?);
        let line = match parse_series_line(&scalars::string(series).ok()?) {
            Ok(line) if !line.values.is_empty() => Err("values belong under `values`".to_owned()),
            Ok(line) if line.labels.metric_name().is_empty() => {
                Err("the series has no name".to_owned())
            }
            other => other,
        };
        let script = Script::parse(&scalars::string(values).ok()?, interval);
        let mut refuse = |node: &Node, error: &str| {
            let at = self.at(node.written_span());
            self.diagnostics.push(Diagnostic::error("series-notation", at, error.to_owned()));
        };
        let line = line.map_err(|error| refuse(series, &error)).ok()?;
        let script = script.map_err(|error| refuse(values, &error)).ok()?;
        if script.len() > *left {
            self.too_large(values.written_span(), "More than 200,000 written values");
            return None;
        }
        *left -= script.len();
        Some((line.labels, script))
    }

    fn too_large(&mut self, span: Span, message: &str) {
        self.diagnostics.push(Diagnostic::error("workload-too-large", self.at(span), message));
    }

    fn duplicate(&mut self, span: Span, what: &str) {
        let message = format!("{what} is there already");
        self.diagnostics.push(Diagnostic::error("workload-duplicate", self.at(span), message));
    }

    /// Reports errors across fields.
    fn whole(&mut self, root: &Node, own: &Workload, merged: &Workload, library: &Library) {
        for node in items(root, "includes") {
            let Some(name) = node.text() else { continue };
            if library.by_name(name).is_none() {
                let names: Vec<&str> = library.iter().map(|known| &*known.name).collect();
                let at = self.at(node.written_span());
                let message = format!("There is no ready-made workload {}", quote(name));
                let help = format!("There are {}.", names.join(", "));
                let one = Diagnostic::error("workload-unknown-include", at, message);
                self.diagnostics.push(one.with_help(help));
            }
        }
        for node in items(root, "actions").filter_map(|action| action.get("stream")) {
            self.stream(node, merged);
        }
        let mut names: BTreeMap<&str, ()> = BTreeMap::new();
        for (node, spec) in items(root, "families").zip(&own.families) {
            if names.insert(&spec.name, ()).is_some() {
                let name = node.get("name").map_or(node.span, Node::written_span);
                self.duplicate(name, &format!("The family {}", spec.name));
            }
            self.family(node, spec, merged);
        }
        let plan = super::Plan::new(merged, 0);
        if plan.samples.len() >= MOST_SERIES
            && let Some(entry) = root.entry("families").or(root.entry("series"))
        {
            self.too_large(entry.key.span, "The workload has more than 20,000 samples");
        }
    }

    fn stream(&mut self, node: &Node, merged: &Workload) {
        let Some(name) = node.text().filter(|name| !merged.streams.contains_key(*name)) else {
            return;
        };
        let known: Vec<&str> = merged.streams.keys().map(|name| &**name).collect();
        let help = match known.is_empty() {
            true => "Declare it: `streams: { name: { random: { rate: 1 } } }`.".to_owned(),
            false => format!("There are {}.", known.join(", ")),
        };
        let at = self.at(node.written_span());
        let message = format!("There is no stream {}", quote(name));
        let one = Diagnostic::error("workload-unknown-stream", at, message);
        self.diagnostics.push(one.with_help(help));
    }

    fn family(&mut self, node: &Node, spec: &FamilySpec, merged: &Workload) {
        use MetricType::{Counter, GaugeHistogram, Histogram, Summary};
        let histogram = matches!(spec.metric_type, Histogram | GaugeHistogram);
        let counts = histogram || matches!(spec.metric_type, Counter | Summary);
        for key in ["of"] {
            let own = node.get(key).into_iter();
            for found in own.chain(items(node, "series").filter_map(|series| series.get(key))) {
                self.stream(found, merged);
            }
        }
        let useful: [(&str, bool); 7] = [
            ("of", counts),
            ("by", spec.metric_type == Counter),
            ("takes", histogram || spec.metric_type == Summary),
            ("buckets", histogram),
            ("native_factor", histogram),
            ("quantiles", spec.metric_type == Summary),
            ("exemplar", histogram || spec.metric_type == Counter),
        ];
        for (key, useful) in useful {
            let Some(entry) = node.entry(key).filter(|_| !useful) else { continue };
            let message = format!("`{key}` has no meaning for a {}", spec.metric_type.as_str());
            let at = self.at(entry.key.span);
            self.diagnostics.push(Diagnostic::warning("workload-no-effect", at, message));
        }
        let moved = |series: &SeriesSpec| {
            let levelled = spec.metric_type == Counter && (series.level.or(spec.level)).is_some();
            levelled || series.of.is_some() || series.script.is_some()
        };
        let all_moved = spec.of.is_some()
            || (spec.metric_type == Counter && spec.level.is_some())
            || (!spec.series.is_empty() && spec.each.is_empty() && spec.series.iter().all(moved));
        if counts && !all_moved {
            let at = self.at(node.get("name").map_or(node.span, Node::written_span));
            let message = format!("Nothing moves the {} {}", spec.metric_type.as_str(), spec.name);
            let one = Diagnostic::warning("workload-without-motion", at, message);
            self.diagnostics.push(one.with_help("Name a stream of events with `of`."));
        }
        let mut known: BTreeSet<&BTreeMap<Arc<str>, Arc<str>>> = BTreeSet::new();
        for (series, spec) in items(node, "series").zip(&spec.series) {
            if !known.insert(&spec.labels) {
                let span = series.get("labels").map_or(series.span, Node::written_span);
                self.duplicate(span, "A series with these labels");
            }
        }
    }
}
