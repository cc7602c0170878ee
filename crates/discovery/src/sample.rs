//! Targets from a file of the workspace, with the `__meta_` labels of the mechanism: of mechanisms
//! whose servers are not simulated, and of others whose discovery such a file replaces.

use std::sync::Arc;

use super::{Counts, Discovered, Environment, LogLevel, LogLine, SdFile, file, static_config};
use prometheus::config::{ScrapeConfig, SdConfig, SdMechanism};
use text::Location;

/// The path of the sample targets of a job in the workspace, without extension.
pub(super) fn sample_path(mechanism: &str, job: &ScrapeConfig) -> String {
    format!("{mechanism}/{}", job.job_name.value)
}

pub(super) fn sample<'a>(
    mechanism: &str,
    job: &ScrapeConfig,
    environment: &'a Environment<'_>,
) -> Option<&'a SdFile<'a>> {
    let wanted = sample_path(mechanism, job);
    environment.samples.iter().find(|file| {
        let rest = file.path.trim_start_matches('/').strip_prefix(wanted.as_str());
        matches!(rest, Some(".yml" | ".yaml" | ".json"))
    })
}

/// Returns the key of a mechanism if a file of the workspace replaces its discovery.
pub(super) fn replaced(
    job: &ScrapeConfig,
    entry: &SdConfig,
    environment: &Environment<'_>,
) -> Option<Arc<str>> {
    let key: &str = match &entry.mechanism {
        SdMechanism::File { .. } => "file_sd_configs",
        SdMechanism::Dns { .. } => "dns_sd_configs",
        SdMechanism::Http { .. } => "http_sd_configs",
        SdMechanism::Kubernetes(_) => "kubernetes_sd_configs",
        SdMechanism::Other { key } => key,
        SdMechanism::Static(_) => return None,
    };
    let given = sample(key, job, environment)?;
    let is_body = key == "http_sd_configs" && file::is_json(given.path);
    (!is_body).then(|| key.into())
}

pub(super) fn discover(
    job: &ScrapeConfig,
    key: &Arc<str>,
    location: Location,
    environment: &Environment<'_>,
) -> Discovered {
    let mut found = Discovered { location, mechanism: key.clone(), ..Discovered::default() };
    let Some(given) = sample(key, job, environment) else {
        let path = sample_path(key, job);
        let message = format!("{key} cannot be simulated; put sample targets into {path}.yml");
        found.unknown = true;
        found.log.push(LogLine { level: LogLevel::Info, message, at: Some(location) });
        return found;
    };
    match file::read(given.parsed, file::is_json(given.path)) {
        Ok(configs) => {
            for (i, (config, at)) in configs.into_iter().enumerate() {
                let group = static_config::group(&config, format!("{key}:{i}"), at);
                found.counts += Counts::of_targets(group.targets.len());
                found.groups.push(Arc::new(group));
            }
        }
        Err((error, at)) => {
            let message = format!("{}: {error}", given.path);
            found.log.push(LogLine { level: LogLevel::Error, message, at: Some(at) });
        }
    }
    found
}
