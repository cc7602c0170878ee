//! Jobs.

use std::sync::Arc;

use crate::config::{ScrapeConfig, Setting, Source};
use crate::validate::global as global_section;
use crate::validate::names::Scheme;
use crate::values::size;
use go::Duration;
use schema::Section;
use text::FileId;
use yaml::{Node, scalars};

use super::{discovery, duration_of, http, inherited, place, relabel};

/// Formats that are asked for where nothing is written.
pub const TEXT_PROTOCOLS: [&str; 4] =
    ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"];

type At<'v, 'a> = (FileId, &'v Section<'a>);

/// The jobs of a file that are mappings; `global` can be in another file.
pub fn scrape_jobs<'a>(
    file: FileId,
    view: &Section<'a>,
    global: Option<At<'_, 'a>>,
) -> Vec<ScrapeConfig> {
    view.items("scrape_configs")
        .iter()
        .filter_map(Section::new)
        .map(|job| one((file, &job), global))
        .collect()
}

fn one<'a>(own: At<'_, 'a>, global: Option<At<'_, 'a>>) -> ScrapeConfig {
    let (file, view) = own;
    let flag = |key, default| plain(own, key, default, |view, key| view.flag(key, default));
    let text = |key, default: &'static str| {
        plain(own, key, Arc::from(default), |view, key| Arc::from(&*view.text_or(key, default)))
    };
    let switch = |key| inherited(own, global, |view| switch_of(view, key), false);
    let limit = |key| inherited(own, global, |view| limit_of(view, key), 0);
    let own_limit = |key| inherited(own, None, |view| limit_of(view, key), 0);

    let scrape_interval = inherited(
        own,
        global,
        |view| duration_of(view, "scrape_interval"),
        global_section::INTERVAL,
    );
    let scrape_native_histograms = switch("scrape_native_histograms");
    let scheme = inherited(
        own,
        global,
        |view| word_of(view, "metric_name_validation_scheme"),
        Arc::from("utf8"),
    );
    ScrapeConfig {
        location: place(file, view.node),
        job_name: text("job_name", ""),
        honor_labels: flag("honor_labels", false),
        honor_timestamps: flag("honor_timestamps", true),
        track_timestamps_staleness: flag("track_timestamps_staleness", false),
        params: params(view),
        scrape_timeout: timeout(own, global, scrape_interval.value),
        scrape_interval,
        scrape_protocols: protocols(own, global, scrape_native_histograms.value),
        fallback_scrape_protocol: text("fallback_scrape_protocol", ""),
        scrape_native_histograms,
        always_scrape_classic_histograms: switch("always_scrape_classic_histograms"),
        convert_classic_histograms_to_nhcb: switch("convert_classic_histograms_to_nhcb"),
        metrics_path: text("metrics_path", "/metrics"),
        scheme: text("scheme", "http"),
        enable_compression: flag("enable_compression", true),
        body_size_limit: inherited(own, global, |view| size_of(view, "body_size_limit"), 0),
        sample_limit: limit("sample_limit"),
        target_limit: limit("target_limit"),
        label_limit: limit("label_limit"),
        label_name_length_limit: limit("label_name_length_limit"),
        label_value_length_limit: limit("label_value_length_limit"),
        native_histogram_bucket_limit: own_limit("native_histogram_bucket_limit"),
        native_histogram_min_bucket_factor: plain(
            own,
            "native_histogram_min_bucket_factor",
            0.0,
            |view, key| view.float(key, 0.0),
        ),
        keep_dropped_targets: limit("keep_dropped_targets"),
        metric_name_escaping_scheme: escaping(own, global, &scheme),
        metric_name_validation_scheme: scheme,
        extra_scrape_metrics: switch("extra_scrape_metrics"),
        http: http::settings(file, view),
        relabel_configs: relabel::rules(file, view, "relabel_configs"),
        metric_relabel_configs: relabel::rules(file, view, "metric_relabel_configs"),
        discovery: discovery::mechanisms(file, view),
    }
}

/// A value that `global` has nothing to do with.
fn plain<T>(
    own: At<'_, '_>,
    key: &str,
    default: T,
    read: impl Fn(&Section<'_>, &str) -> T,
) -> Setting<T> {
    match own.1.entry(key) {
        Some(entry) => Setting::written(read(own.1, key), place(own.0, &entry.value)),
        None => Setting::default(default),
    }
}

fn switch_of<'a>(view: &Section<'a>, key: &str) -> Option<(bool, &'a Node)> {
    let node = view.get(key)?;
    Some((scalars::bool(node).ok()?, node))
}

fn limit_of<'a>(view: &Section<'a>, key: &str) -> Option<(u64, &'a Node)> {
    let node = view.get(key)?;
    let value = scalars::uint(node, 64, "uint").ok()?;
    (value != 0).then_some((value, node))
}

fn size_of<'a>(view: &Section<'a>, key: &str) -> Option<(u64, &'a Node)> {
    let node = view.get(key)?;
    let value = size::parse(&scalars::string(node).ok()?).ok()?;
    u64::try_from(value).ok().filter(|value| *value != 0).map(|value| (value, node))
}

fn word_of<'a>(view: &Section<'a>, key: &str) -> Option<(Arc<str>, &'a Node)> {
    let node = view.get(key)?;
    let text = scalars::string(node).ok()?;
    (!text.is_empty()).then(|| (Arc::from(&*text), node))
}

/// The job's own timeout, else that of `global`, but never longer than the interval.
fn timeout<'a>(
    own: At<'_, 'a>,
    global: Option<At<'_, 'a>>,
    interval: Duration,
) -> Setting<Duration> {
    let read = |view: &Section<'a>| duration_of(view, "scrape_timeout");
    let timeout = inherited(own, global, read, global_section::TIMEOUT_DEFAULT);
    // Without a timeout of its own `global` takes its interval where that is shorter.
    let of_global = global
        .and_then(|(_, view)| duration_of(view, "scrape_interval"))
        .map_or(global_section::INTERVAL, |(value, _)| value);
    match timeout.source {
        Source::Written(_) => timeout,
        Source::Inherited(_) => Setting { value: timeout.value.min(interval), ..timeout },
        Source::Default => Setting::default(timeout.value.min(of_global).min(interval)),
    }
}

fn protocols<'a>(
    own: At<'_, 'a>,
    global: Option<At<'_, 'a>>,
    native_histograms: bool,
) -> Setting<Vec<Arc<str>>> {
    let read = |view: &Section<'a>| {
        let node = view.get("scrape_protocols")?;
        let list: Vec<Arc<str>> =
            view.texts("scrape_protocols").map(|(text, _)| Arc::from(&*text)).collect();
        (!list.is_empty()).then_some((list, node))
    };
    let first = native_histograms.then_some("PrometheusProto");
    let default = first.into_iter().chain(TEXT_PROTOCOLS).map(Arc::from).collect();
    inherited(own, global, read, default)
}

/// A job with a validation scheme of its own does not inherit `global`'s way of escaping.
fn escaping<'a>(
    own: At<'_, 'a>,
    global: Option<At<'_, 'a>>,
    scheme: &Setting<Arc<str>>,
) -> Setting<Arc<str>> {
    let own_scheme = matches!(scheme.source, Source::Written(_));
    let fitting = match Scheme::of(&scheme.value) {
        Scheme::Utf8 => "allow-utf-8",
        Scheme::Legacy => "underscores",
    };
    let read = |view: &Section<'a>| word_of(view, "metric_name_escaping_scheme");
    inherited(own, global.filter(|_| !own_scheme), read, Arc::from(fitting))
}

fn params(view: &Section<'_>) -> Vec<(Arc<str>, Vec<Arc<str>>)> {
    let Some(params) = view.get("params").and_then(Section::new) else { return Vec::new() };
    params
        .node
        .entries()
        .filter_map(|entry| {
            let name = scalars::string(&entry.key).ok()?;
            let values = entry
                .value
                .items()
                .iter()
                .filter_map(|item| Some(Arc::from(&*scalars::string(item).ok()?)));
            Some((Arc::from(&*name), values.collect()))
        })
        .collect()
}
