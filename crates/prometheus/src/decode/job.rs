//! Scrape configs.

use std::sync::Arc;

use schema::{Resolved, Root, Scope, Section};
use text::FileId;
use yaml::scalars;

use super::{discovery, http, place, relabel};
use crate::Notations;
use crate::config::ScrapeConfig;
use crate::fields::scrape::SCRAPE;
use crate::values::size;

/// The jobs of a file that are mappings. `root` is the main configuration file, from which the jobs
/// of every file inherit.
pub fn scrape_jobs<'a>(file: FileId, view: &Section<'a>, root: Root<'a>) -> Vec<ScrapeConfig> {
    let jobs = view.items("scrape_configs").iter().filter_map(Section::new);
    jobs.map(|job| scrape_job(file, &job, root)).collect()
}

fn scrape_job<'a>(file: FileId, view: &Section<'a>, root: Root<'a>) -> ScrapeConfig {
    let scope = Scope::new(file, Some(view.node), &SCRAPE, Some(root), &Notations);
    ScrapeConfig {
        location: place(file, view.node),
        job_name: scope.text("job_name"),
        honor_labels: scope.bool("honor_labels"),
        honor_timestamps: scope.bool("honor_timestamps"),
        track_timestamps_staleness: scope.bool("track_timestamps_staleness"),
        params: params(view),
        scrape_timeout: scope.duration("scrape_timeout"),
        scrape_interval: scope.duration("scrape_interval"),
        scrape_protocols: scope.texts("scrape_protocols"),
        fallback_scrape_protocol: scope.text("fallback_scrape_protocol"),
        scrape_native_histograms: scope.bool("scrape_native_histograms"),
        always_scrape_classic_histograms: scope.bool("always_scrape_classic_histograms"),
        convert_classic_histograms_to_nhcb: scope.bool("convert_classic_histograms_to_nhcb"),
        metrics_path: scope.text("metrics_path"),
        scheme: scope.text("scheme"),
        enable_compression: scope.bool("enable_compression"),
        body_size_limit: bytes(&scope, "body_size_limit"),
        sample_limit: scope.uint("sample_limit"),
        target_limit: scope.uint("target_limit"),
        label_limit: scope.uint("label_limit"),
        label_name_length_limit: scope.uint("label_name_length_limit"),
        label_value_length_limit: scope.uint("label_value_length_limit"),
        native_histogram_bucket_limit: scope.uint("native_histogram_bucket_limit"),
        native_histogram_min_bucket_factor: scope.float("native_histogram_min_bucket_factor"),
        keep_dropped_targets: scope.uint("keep_dropped_targets"),
        metric_name_escaping_scheme: scope.text("metric_name_escaping_scheme"),
        metric_name_validation_scheme: scope.text("metric_name_validation_scheme"),
        extra_scrape_metrics: scope.bool("extra_scrape_metrics"),
        http: http::settings(file, view),
        relabel_configs: relabel::rules(file, view, "relabel_configs"),
        metric_relabel_configs: relabel::rules(file, view, "metric_relabel_configs"),
        discovery: discovery::mechanisms(file, view),
    }
}

/// A size in bytes. A negative size counts as 0, which is no limit.
fn bytes(scope: &Scope<'_>, key: &str) -> Resolved<u64> {
    scope.text(key).map(|text| {
        let bytes = size::parse(&text).unwrap_or_default();
        u64::try_from(bytes).unwrap_or_default()
    })
}

fn params(view: &Section<'_>) -> Vec<(Arc<str>, Vec<Arc<str>>)> {
    let Some(params) = view.get("params").and_then(Section::new) else { return Vec::new() };
    let named = params.node.entries().filter_map(|entry| {
        let name = scalars::string(&entry.key).ok()?;
        Some((Arc::from(&*name), schema::texts(&entry.value)))
    });
    named.collect()
}
