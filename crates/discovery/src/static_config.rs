//! `static_configs`: targets of the configuration.

use std::sync::Arc;

use super::{Counts, Discovered, GroupTarget, MetaLabels, TargetGroup};
use prometheus::config::StaticConfig;
use text::Location;

/// Adds a group. Its source is its index among the static groups of the job.
pub(super) fn add(config: &StaticConfig, location: Location, found: &mut Discovered) {
    let group = group(config, found.groups.len().to_string(), location);
    found.counts += Counts::of_targets(group.targets.len());
    found.groups.push(Arc::new(group));
}

/// Returns the group of a static config. Files and HTTP responses have the same format.
pub(super) fn group(
    config: &StaticConfig,
    source: impl Into<Arc<str>>,
    location: Location,
) -> TargetGroup {
    let mut labels = MetaLabels::default();
    for (name, value, at) in &config.labels {
        labels.set(name.clone(), value.clone(), Some(*at));
    }
    let targets = config.targets.iter().map(|(address, at)| {
        let mut labels = MetaLabels::default();
        labels.set("__address__", address.clone(), Some(*at));
        let at = if at.span.is_empty() { location } else { *at };
        GroupTarget { labels, object: None, at: Some(at) }
    });
    TargetGroup { source: source.into(), labels, targets: targets.collect() }
}
