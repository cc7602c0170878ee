//! The last scrape of a target, with its limits.

use crate::analysis::routes::Route;
use crate::world::START;
use crate::world::Snapshot;
use go::number::format_general;
use protocol::pages::metrics::{Meta, Scrape};

pub(super) fn scrape(snapshot: &Snapshot<'_>, route: &Route) -> Scrape {
    let spec = &route.spec;
    let settings = &spec.settings;
    let mut scrape = Scrape {
        accept: settings.accept(),
        rules: settings.metric_relabel.len() as u32,
        ..Scrape::default()
    };
    let status = snapshot.timeline.world.status(&spec.job, &spec.labels);
    let Some((Some(report), _)) = status else { return scrape };
    scrape.at = Some((report.at - START).max(0) as u64);
    scrape.error = report.error.clone();
    scrape.warnings = report.refused.warnings();
    let limited = |limit: u64| match limit {
        0 => "no limit".to_owned(),
        limit => format!("limit {limit}"),
    };
    let mut fact = |name: &str, value: String, against: String| {
        scrape.facts.push((name.to_owned(), value, against));
    };
    fact("samples scraped", report.samples_scraped.to_string(), "before relabeling".into());
    fact(
        "samples kept",
        report.samples_post_metric_relabeling.to_string(),
        format!("sample_limit: {}", limited(settings.sample_limit)),
    );
    fact("new series", report.series_added.to_string(), "not in the scrape before".into());
    let took = format!("{} ms", report.duration.millis());
    fact("duration", took, format!("timeout {}", spec.timeout));
    let names = simulation::scrape::report_names(settings.extra_scrape_metrics);
    for (name, about) in names {
        let labels = simulation::scrape::report_labels(name, &spec.public);
        let storage = &snapshot.timeline.world.storage;
        let last = storage.find(&labels).and_then(|id| storage.series(id)?.last_value());
        let value = match last {
            Some(promql::SampleValue::Float(value)) => format_general(value, None),
            _ => "—".to_owned(),
        };
        scrape.meta.push(Meta {
            name: name.to_owned(),
            value,
            about: about.to_owned(),
            query: super::stored::selector(&labels),
        });
    }
    scrape
}
