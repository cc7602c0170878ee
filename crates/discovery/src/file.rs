//! `file_sd_configs`: target groups in files of YAML or JSON.
//!
//! Source: prometheus discovery/file, discovery/targetgroup.

use go::path::matches as glob_matches;
use go::quote::quote;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::static_config::group as target_group;
use super::{Counts, Discovered, Environment, LogLevel, LogLine, SdFile, TargetGroup, json};
use kubernetes::mounts::clean_path;
use prometheus::config::StaticConfig;
use prometheus::decode::static_config;
use prometheus::promtool::check_targets_file;
use schema::Section;
use text::{Location, Severity, Span};
use yaml::{Node, Parsed};

const FILE_PATH: &str = "__meta_filepath";

/// Returns the groups of all files that a pattern matches. A file that cannot be read is logged and
/// has no groups.
pub(super) fn discover(
    patterns: &[(Arc<str>, Location)],
    location: Location,
    environment: &Environment<'_>,
) -> Discovered {
    let mut found =
        Discovered { location, mechanism: "file_sd_configs".into(), ..Discovered::default() };
    // A file that several patterns match has one source, so its groups occur once.
    let mut matched: BTreeMap<&str, &SdFile<'_>> = BTreeMap::new();
    for (pattern, at) in patterns {
        let pattern = absolute(environment.config_directory, pattern);
        let before = matched.len();
        let files = environment.files.iter().filter(|file| glob_matches(&pattern, file.path));
        matched.extend(files.map(|file| (file.path, file)));
        if matched.len() == before && !matched.keys().any(|path| glob_matches(&pattern, path)) {
            // Prometheus logs nothing here. The message helps to find the cause.
            let message = format!("no file matches {pattern}");
            found.log.push(LogLine { level: LogLevel::Info, message, at: Some(*at) });
        }
    }
    for (path, file) in matched {
        match groups(file, path) {
            Ok(groups) => {
                let targets = groups.iter().map(|group| group.targets.len()).sum();
                found.counts += Counts::of_targets(targets);
                found.groups.extend(groups.into_iter().map(Arc::new));
            }
            Err((error, at)) => {
                let message =
                    format!("Error reading file path={path} err={error}", error = quote(&error));
                found.log.push(LogLine { level: LogLevel::Error, message, at: Some(at) });
            }
        }
    }
    found
}

fn groups(file: &SdFile<'_>, path: &str) -> Result<Vec<TargetGroup>, (String, Location)> {
    let configs = read(file.parsed, is_json(path))?;
    let groups = configs.into_iter().enumerate().map(|(i, (config, location))| {
        let mut group = target_group(&config, format!("{path}:{i}"), location);
        group.labels.set(FILE_PATH, path, None);
        group
    });
    Ok(groups.collect())
}

pub(super) fn is_json(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Resolves a path against the directory of the configuration file.
fn absolute(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    clean_path(directory, path)
}

type ReadError = (String, Location);

/// Reads a list of target groups, each with its location. YAML is decoded strictly: unknown keys
/// are errors.
pub(super) fn read(
    parsed: &Parsed,
    json: bool,
) -> Result<Vec<(StaticConfig, Location)>, ReadError> {
    if json {
        return json::read(parsed);
    }
    let at = |span: Span| Location::new(parsed.file, span);
    if let Some(refusal) = &parsed.refusal {
        return Err((refusal.clone(), at(Span::default())));
    }
    let faults = check_targets_file(parsed);
    if let Some(fault) = faults.into_iter().find(|one| one.severity == Severity::Error) {
        // Errors of label names and values have no line number.
        let error = match &*fault.code {
            "invalid-label" => fault.message,
            _ => {
                let before = parsed.source.from_host(fault.location.span.start) as usize;
                let before = parsed.source.text.get(..before).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                format!("yaml: unmarshal errors:\n  line {line}: {}", fault.message)
            }
        };
        return Err((error, fault.location));
    }
    let groups = parsed.root().map_or(&[][..], Node::items).iter().map(|item| {
        let Some(view) = Section::new(item) else {
            return Err(("nil target group item found".into(), at(item.span)));
        };
        Ok((static_config(parsed.file, &view), at(item.written_span())))
    });
    groups.collect()
}
