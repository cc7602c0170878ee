//! Defaults that follow from other fields.
//!
//! Source: config `GlobalConfig.UnmarshalYAML`, `ScrapeConfig.Validate`.

use std::borrow::Cow;

use go::Duration;
use schema::{Resolved, Scope, list, plain};
use yaml::Node;

use crate::validate::names::Scheme;

type Value<'a> = Resolved<Cow<'a, Node>>;

/// The scrape timeout of a Prometheus configuration that sets none.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Formats that are requested by default.
pub const TEXT_PROTOCOLS: [&str; 4] =
    ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"];

fn default<'a>(node: Node) -> Value<'a> {
    Resolved::default(Cow::Owned(node))
}

/// `global.scrape_timeout`: 10s, or the global interval if that is shorter.
pub fn global_timeout<'a>(global: &Scope<'a>) -> Value<'a> {
    let interval = global.duration("scrape_interval").value;
    default(plain(DEFAULT_TIMEOUT.min(interval).to_string()))
}

/// `scrape_timeout` of a job: the global timeout, or the interval of the job if that is shorter.
pub fn job_timeout<'a>(job: &Scope<'a>) -> Value<'a> {
    let interval = job.duration("scrape_interval").value;
    let global = job.inherited("global.scrape_timeout");
    let timeout = global.value.text().and_then(|text| Duration::parse(text).ok());
    match timeout {
        Some(timeout) if timeout <= interval => global,
        _ => Resolved { value: Cow::Owned(plain(interval.to_string())), source: global.source },
    }
}

/// `scrape_protocols` of a job: the global list, or the text formats, with protobuf first if native
/// histograms are scraped.
pub fn job_protocols<'a>(job: &Scope<'a>) -> Value<'a> {
    let global = job.inherited("global.scrape_protocols");
    if !global.value.items().is_empty() {
        return global;
    }
    default(protocols(job.bool("scrape_native_histograms").value))
}

fn protocols(native_histograms: bool) -> Node {
    list(native_histograms.then_some("PrometheusProto").into_iter().chain(TEXT_PROTOCOLS))
}

/// `metric_name_escaping_scheme` of a job: the global scheme. A job with its own validation scheme
/// does not inherit it and gets the scheme that fits its validation.
pub fn job_escaping<'a>(job: &Scope<'a>) -> Value<'a> {
    let validation = job.text("metric_name_validation_scheme");
    if !validation.is_written() {
        let global = job.inherited("global.metric_name_escaping_scheme");
        if global.value.text().is_some_and(|text| !text.is_empty()) {
            return global;
        }
    }
    default(plain(Scheme::of(&validation.value).escaping()))
}

/// `global.metric_name_escaping_scheme`: the scheme that fits the validation of names.
pub fn global_escaping<'a>(global: &Scope<'a>) -> Value<'a> {
    let validation = global.text("metric_name_validation_scheme");
    default(plain(Scheme::of(&validation.value).escaping()))
}
