//! Service discovery: turns the configuration and the cluster into target groups. There is one file
//! for each mechanism and each Kubernetes role.
//!
//! Each discovered label has the field that it comes from. Messages that Prometheus would log are
//! part of the result, not errors: an entry that fails does not affect the others.

mod dns;
mod file;
mod group;
mod http;
mod json;
pub mod kubernetes;
mod sample;
mod static_config;
pub mod targets;

use std::collections::HashSet;
use std::sync::Arc;

use ::kubernetes::Cluster;
use prometheus::config::{ScrapeConfig, SdConfig, SdMechanism};
use text::Location;
use yaml::Parsed;

pub use dns::{Record, RecordType, Resolver};
pub use group::{
    Counts, Discovered, GroupTarget, LogLevel, LogLine, MetaLabel, MetaLabels, TargetGroup,
};
pub use http::http_targets;
pub use kubernetes::{Access, Unrestricted};

/// The inputs of service discovery.
pub struct Environment<'a> {
    pub cluster: &'a Cluster,
    pub access: &'a dyn Access,
    /// The namespace of Prometheus. None if it runs outside of the cluster.
    pub own_namespace: Option<&'a str>,
    pub resolver: &'a dyn Resolver,
    /// The directory of the configuration file. Relative paths are resolved against it.
    pub config_directory: &'a str,
    /// Files that Prometheus can read.
    pub files: &'a [SdFile<'a>],
    /// Workspace files that replace the discovery of a mechanism for a job, at
    /// `<mechanism>/<job>.yml`, `.yaml` or `.json`, in the format of file_sd. That of
    /// `http_sd_configs` with the extension `.json` is the body of the answer.
    pub samples: &'a [SdFile<'a>],
}

/// A file with its path. Paths in [`Environment::files`] are absolute.
#[derive(Clone, Copy)]
pub struct SdFile<'a> {
    pub path: &'a str,
    pub parsed: &'a Parsed,
}

/// Returns the results of a job's discovery entries, in the order of the configuration.
pub fn discover(job: &ScrapeConfig, environment: &Environment<'_>) -> Vec<Discovered> {
    discover_due(job, environment, &mut |_| None)
}

/// Returns the results of a job's discovery entries. `known` gives the result of an entry that is
/// not asked again, such as one whose refresh interval has not passed. Static entries are not known.
pub fn discover_due(
    job: &ScrapeConfig,
    environment: &Environment<'_>,
    known: &mut dyn FnMut(&SdConfig) -> Option<Discovered>,
) -> Vec<Discovered> {
    let mut all = Vec::new();
    // All static groups of a job have one provider. Equal entries share a provider too.
    let mut statics: Option<usize> = None;
    let mut seen: Vec<&SdMechanism> = Vec::new();
    let mut sampled: Vec<Arc<str>> = Vec::new();
    for entry in &job.discovery {
        if let SdMechanism::Static(config) = &entry.mechanism {
            let at = *statics.get_or_insert_with(|| {
                all.push(Discovered {
                    location: entry.location,
                    mechanism: "static_configs".into(),
                    ..Discovered::default()
                });
                all.len() - 1
            });
            if let Some(found) = all.get_mut(at) {
                static_config::add(config, entry.location, found);
            }
            continue;
        }
        if seen.iter().any(|earlier| is_same_provider(earlier, &entry.mechanism)) {
            continue;
        }
        seen.push(&entry.mechanism);
        if let Some(key) = sample::replaced(job, entry, environment) {
            // One file has the targets of all entries of a mechanism.
            if !sampled.contains(&key) {
                all.push(sample::discover(job, &key, entry.location, environment));
                sampled.push(key);
            }
            continue;
        }
        all.push(known(entry).unwrap_or_else(|| discover_entry(job, entry, environment)));
    }
    share_names(&mut all);
    all
}

fn share_names(all: &mut [Discovered]) {
    let mut known = HashSet::new();
    for group in all.iter_mut().flat_map(|found| &mut found.groups) {
        // A new group is not shared yet.
        let Some(group) = Arc::get_mut(group) else { continue };
        group.labels.share_names(&mut known);
        for target in &mut group.targets {
            target.labels.share_names(&mut known);
        }
    }
}

fn discover_entry(
    job: &ScrapeConfig,
    entry: &SdConfig,
    environment: &Environment<'_>,
) -> Discovered {
    let location = entry.location;
    match &entry.mechanism {
        SdMechanism::Static(_) => Discovered::default(),
        SdMechanism::File { files, .. } => file::discover(files, location, environment),
        SdMechanism::Dns { names, record_type, port, .. } => {
            dns::discover(job, names, record_type, *port, location, environment.resolver)
        }
        SdMechanism::Http { url, .. } => http::discover(job, url, location, environment),
        SdMechanism::Kubernetes(config) => kubernetes::discover(config, location, environment),
        SdMechanism::Other { key } => sample::discover(job, key, location, environment),
    }
}

/// Returns true if two entries are equal. Prometheus runs one provider for both.
///
/// Source: prometheus discovery/manager.go `registerProviders`.
pub fn is_same_provider(a: &SdMechanism, b: &SdMechanism) -> bool {
    fn texts(list: &[(Arc<str>, Location)]) -> impl Iterator<Item = &str> {
        list.iter().map(|(text, _)| &**text)
    }
    match (a, b) {
        (
            SdMechanism::File { files: a, refresh_interval: every_a },
            SdMechanism::File { files: b, refresh_interval: every_b },
        ) => texts(a).eq(texts(b)) && every_a == every_b,
        (
            SdMechanism::Dns { names: a, record_type: ta, port: pa, refresh_interval: every_a },
            SdMechanism::Dns { names: b, record_type: tb, port: pb, refresh_interval: every_b },
        ) => texts(a).eq(texts(b)) && ta == tb && pa == pb && every_a == every_b,
        (
            SdMechanism::Http { url: a, refresh_interval: every_a },
            SdMechanism::Http { url: b, refresh_interval: every_b },
        ) => a.value == b.value && every_a == every_b,
        (SdMechanism::Kubernetes(a), SdMechanism::Kubernetes(b)) => {
            let plain = |config: &prometheus::config::KubernetesSdConfig| {
                let selectors: Vec<_> = config
                    .selectors
                    .iter()
                    .map(|one| (one.role, one.label.clone(), one.field.clone()))
                    .collect();
                let attach = [
                    config.attach_node_metadata,
                    config.attach_namespace_metadata,
                    config.attach_deployment_metadata,
                    config.attach_job_metadata,
                    config.attach_cronjob_metadata,
                ];
                (
                    config.role.value,
                    config.namespaces.clone(),
                    config.own_namespace,
                    selectors,
                    attach,
                )
            };
            a.api_server == b.api_server && plain(a) == plain(b)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
