//! `http_sd_configs`: targets from an HTTP response. The response is a file of the workspace.
//!
//! Source: prometheus discovery/http.

use go::quote::quote;
use schema::Resolved;
use std::sync::Arc;

use super::sample::{sample, sample_path};
use super::{Counts, Discovered, Environment, LogLevel, LogLine, TargetGroup, file, static_config};
use prometheus::config::ScrapeConfig;
use text::Location;
use yaml::Parsed;

const MECHANISM: &str = "http_sd_configs";

pub(super) fn discover(
    job: &ScrapeConfig,
    url: &Resolved<Arc<str>>,
    location: Location,
    environment: &Environment<'_>,
) -> Discovered {
    let mut found = Discovered { location, mechanism: MECHANISM.into(), ..Discovered::default() };
    let Some(body) = sample(MECHANISM, job, environment) else {
        let path = sample_path(MECHANISM, job);
        let message =
            format!("no file says what {} answers; put a body into {path}.json", url.value);
        found.unknown = true;
        found.log.push(LogLine { level: LogLevel::Info, message, at: Some(location) });
        return found;
    };
    match http_targets(body.parsed, &url.value) {
        Ok(groups) => {
            for group in groups {
                found.counts += Counts::of_targets(group.targets.len());
                found.groups.push(group);
            }
        }
        Err((error, at)) => {
            let message =
                format!("Unable to refresh target groups err={error}", error = quote(&error));
            found.log.push(LogLine { level: LogLevel::Error, message, at: Some(at) });
        }
    }
    found
}

/// Returns the target groups in the body of an answer of `url`. The error is that of Go's JSON
/// decoder, with the place in the body.
pub fn http_targets(body: &Parsed, url: &str) -> Result<Vec<Arc<TargetGroup>>, (String, Location)> {
    let configs = file::read(body, true)?;
    let groups = configs.into_iter().enumerate().map(|(i, (config, at))| {
        let mut group = static_config::group(&config, format!("{url}:{i}"), at);
        group.labels.set("__meta_url", url, None);
        Arc::new(group)
    });
    Ok(groups.collect())
}
