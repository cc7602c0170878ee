//! The types of metrics, from the programs that expose them.

use promql::assist::MetricKind;
use simulation::exposition::MetricType;
use simulation::scrape::report_names;
use simulation::workload::{FamilySpec, library};

use crate::workspace::sources::Sources;

/// Returns the family that a series' name belongs to.
pub fn family<'a>(
    families: impl Iterator<Item = &'a FamilySpec>,
    metric: &str,
) -> Option<&'a FamilySpec> {
    const SUFFIXES: [&str; 6] = ["", "_total", "_bucket", "_sum", "_count", "_info"];
    let stems = || SUFFIXES.iter().filter_map(|suffix| metric.strip_suffix(suffix));
    let mut families = families;
    families.find(|family| stems().any(|stem| *family.name == *stem))
}

/// Returns the type of a series of a family.
pub fn kind(family: &FamilySpec, metric: &str) -> MetricKind {
    let plain = *family.name == *metric;
    match family.metric_type {
        MetricType::Counter => MetricKind::Counter,
        MetricType::Histogram if plain => MetricKind::Histogram,
        MetricType::Histogram => MetricKind::Counter,
        MetricType::Summary if !plain => MetricKind::Counter,
        MetricType::Gauge | MetricType::Summary => MetricKind::Gauge,
        _ => MetricKind::Other,
    }
}

/// Returns the meaning of a series that every scrape adds.
pub fn report(metric: &str) -> Option<&'static str> {
    report_names(true).find(|(name, _)| *name == metric).map(|(_, about)| about)
}

/// Returns the type of a metric that a file of the workspace describes, or that a known program
/// exposes.
pub fn known_kind(sources: &Sources, metric: &str) -> Option<MetricKind> {
    if report(metric).is_some() {
        return Some(MetricKind::Gauge);
    }
    let written = sources.iter().filter_map(|source| source.workload.as_ref());
    let written = written.flat_map(|one| &one.file.workload.families);
    let known = library().iter().flat_map(|workload| &workload.families);
    family(written.chain(known), metric).map(|family| kind(family, metric))
}
