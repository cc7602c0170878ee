//! Mechanisms whose servers are not simulated. Their targets are read from a file of the workspace,
//! with the `__meta_` labels of the mechanism.

use std::sync::Arc;

use super::{Counts, Discovered, Environment, LogLevel, LogLine, SdFile, file, static_config};
use prometheus::config::ScrapeConfig;
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
