//! `file_sd_configs`: target groups in files of YAML or JSON.
//!
//! Source: prometheus discovery/file, discovery/targetgroup.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Counts, Discovered, Environment, LogLevel, LogLine, SdFile, TargetGroup, static_config,
};
use crate::prometheus::config::StaticConfig;
use crate::prometheus::glob_matches;
use crate::text::{Location, Span};
use crate::yaml::{Node, Parsed, ScalarStyle};

const FILE_PATH: &str = "__meta_filepath";

/// The groups of every file that a pattern matches. A file that cannot be read gives a line in the
/// log, and none of its groups.
pub(super) fn discover(
    patterns: &[(Arc<str>, Location)],
    location: Location,
    environment: &Environment<'_>,
) -> Discovered {
    let mut found =
        Discovered { location, mechanism: "file_sd_configs".into(), ..Discovered::default() };
    // A file that several patterns match has one source, so its groups are there once.
    let mut matched: BTreeMap<&str, &SdFile<'_>> = BTreeMap::new();
    for (pattern, at) in patterns {
        let pattern = absolute(environment.config_directory, pattern);
        let before = matched.len();
        let files = environment.files.iter().filter(|file| glob_matches(&pattern, file.path));
        matched.extend(files.map(|file| (file.path, file)));
        if matched.len() == before && !matched.keys().any(|path| glob_matches(&pattern, path)) {
            // Prometheus says nothing here; a learner wants to know.
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
                let message = format!("Error reading file path={path} err={error:?}");
                found.log.push(LogLine { level: LogLevel::Error, message, at: Some(at) });
            }
        }
    }
    found
}

fn groups(file: &SdFile<'_>, path: &str) -> Result<Vec<TargetGroup>, (String, Location)> {
    let configs = read(file.parsed, is_json(path))?;
    let groups = configs.into_iter().enumerate().map(|(i, (config, location))| {
        let mut group = static_config::group(&config, format!("{path}:{i}"), location);
        group.labels.set(FILE_PATH, path, None);
        group
    });
    Ok(groups.collect())
}

pub(super) fn is_json(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Joins a relative path to a directory, as Prometheus does with paths in its configuration.
fn absolute(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    format!("{}/{path}", directory.trim_end_matches('/'))
}

type ReadError = (String, Location);

/// Reads a list of groups as Prometheus decodes one from YAML (strictly) or JSON. Each comes with
/// its place.
pub(super) fn read(
    parsed: &Parsed,
    json: bool,
) -> Result<Vec<(StaticConfig, Location)>, ReadError> {
    let at = |span: Span| Location::new(parsed.file, span);
    if let Some(refusal) = &parsed.refusal {
        return Err((refusal.clone(), at(Span::default())));
    }
    let Some(root) = parsed.root().filter(|root| !root.is_null()) else {
        if json && parsed.root().is_none_or(|root| root.span.is_empty()) {
            return Err(("unexpected end of JSON input".into(), at(Span::default())));
        }
        return Ok(Vec::new());
    };
    let reader = Reader { parsed, json };
    let Some(list) = root.as_sequence() else {
        return Err(reader.mismatch(root, "[]*targetgroup.Group"));
    };
    let groups = list.items.iter().map(|item| {
        if item.is_null() {
            return Err(("nil target group item found".into(), at(item.span)));
        }
        Ok((reader.group(item)?, at(item.written_span())))
    });
    groups.collect()
}

struct Reader<'a> {
    parsed: &'a Parsed,
    json: bool,
}

impl Reader<'_> {
    fn at(&self, node: &Node) -> Location {
        Location::new(self.parsed.file, node.written_span())
    }

    fn mismatch(&self, node: &Node, wanted: &str) -> ReadError {
        let error = if self.json {
            let what = match node.as_scalar() {
                Some(scalar) if scalar.style == ScalarStyle::Double => "string",
                Some(scalar) if matches!(&*scalar.text, "true" | "false") => "bool",
                Some(_) => "number",
                None if node.as_mapping().is_some() => "object",
                None => "array",
            };
            format!("json: cannot unmarshal {what} into Go value of type {wanted}")
        } else {
            format!("yaml: unmarshal errors: cannot unmarshal into {wanted}")
        };
        (error, self.at(node))
    }

    fn group(&self, node: &Node) -> Result<StaticConfig, ReadError> {
        if node.as_mapping().is_none() {
            return Err(self.mismatch(node, "targetgroup.Group"));
        }
        let mut config = StaticConfig::default();
        for entry in node.entries() {
            // Go's JSON does not mind the case of a field's name.
            let key = entry.name().unwrap_or_default();
            let is = |name: &str| key == name || (self.json && key.eq_ignore_ascii_case(name));
            if is("targets") {
                self.targets(&entry.value, &mut config)?;
            } else if is("labels") {
                self.labels(&entry.value, &mut config)?;
            } else {
                let error = if self.json {
                    format!("json: unknown field {key:?}")
                } else {
                    format!("yaml: unmarshal errors: field {key} not found in type struct")
                };
                return Err((error, Location::new(self.parsed.file, entry.key.span)));
            }
        }
        Ok(config)
    }

    fn targets(&self, node: &Node, config: &mut StaticConfig) -> Result<(), ReadError> {
        if node.is_null() {
            return Ok(());
        }
        let Some(list) = node.as_sequence() else { return Err(self.mismatch(node, "[]string")) };
        for item in &list.items {
            config.targets.push((self.text(item)?, self.at(item)));
        }
        Ok(())
    }

    fn labels(&self, node: &Node, config: &mut StaticConfig) -> Result<(), ReadError> {
        if node.is_null() {
            return Ok(());
        }
        if node.as_mapping().is_none() {
            return Err(self.mismatch(node, "model.LabelSet"));
        }
        for entry in node.entries() {
            let name = entry.name().unwrap_or_default();
            if name.is_empty() {
                let error = format!("{name:?} is not a valid label name");
                return Err((error, Location::new(self.parsed.file, entry.key.span)));
            }
            config.labels.push((name.into(), self.text(&entry.value)?, self.at(&entry.value)));
        }
        Ok(())
    }

    /// A string. YAML takes any scalar as it is written, JSON only what is quoted.
    fn text(&self, node: &Node) -> Result<Arc<str>, ReadError> {
        let Some(scalar) = node.as_scalar() else { return Err(self.mismatch(node, "string")) };
        if node.is_null() {
            return Ok("".into());
        }
        if self.json && scalar.style != ScalarStyle::Double {
            return Err(self.mismatch(node, "string"));
        }
        Ok(scalar.text.clone())
    }
}
