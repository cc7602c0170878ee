//! Files of targets, and discovery that needs neither a cluster nor DNS.
//!
//! Source: discovery/file/file.go `readFile`, cmd/promtool/main.go `checkSDFile`.

use discovery::{Discovered, Environment, Record, RecordType, Resolver, SdFile, Unrestricted};
use kubernetes::Cluster;
use prometheus::config::ScrapeConfig;
use prometheus::promtool;
use text::{FileId, Severity};
use yaml::Parsed;

use crate::files::Files;

/// Runs the discovery of a job without a cluster and without DNS.
pub fn discover_without_cluster(
    job: &ScrapeConfig,
    directory: &str,
    files: &[SdFile<'_>],
) -> Vec<Discovered> {
    let cluster = Cluster::default();
    let environment = Environment {
        cluster: &cluster,
        access: &Unrestricted,
        own_namespace: None,
        resolver: &NoNames,
        config_directory: directory,
        files,
        samples: &[],
    };
    discovery::discover(job, &environment)
}

struct NoNames;

impl Resolver for NoNames {
    fn resolve(&self, _: &str, _: RecordType) -> Option<Vec<Record>> {
        None
    }
}

/// Reads a file of targets. Source: cmd/promtool/main.go `checkSDFile`.
pub fn targets_file(path: &str, files: &Files) -> Result<Parsed, String> {
    let text = files.read(path)?;
    let extension = go::path::ext(path);
    match &*extension.to_lowercase() {
        ".json" => json_error(text).or_else(|| json_mismatch(text)).map_or(Ok(()), Err)?,
        ".yml" | ".yaml" => {}
        _ => return Err(format!("invalid file extension: {}", go::quote::quote(extension))),
    }
    let parsed = yaml::parse(FileId(1), text);
    if let Some(error) = parsed.refusal.as_ref().filter(|_| extension != ".json") {
        return Err(error.clone());
    }
    let found = promtool::check_targets_file(&parsed);
    let errors: Vec<_> = found.iter().filter(|one| one.severity == Severity::Error).collect();
    match errors.first() {
        None => Ok(parsed),
        Some(_) if extension == ".json" => {
            // encoding/json has words of its own for a field that is not known.
            let unknown = errors.iter().find_map(|one| {
                let field = one.message.strip_prefix("field ")?;
                field.split(' ').next()
            });
            Err(match (unknown, errors.first()) {
                (Some(field), _) => format!("json: unknown field {}", go::quote::quote(field)),
                (None, Some(error)) => error.message.clone(),
                (None, None) => String::new(),
            })
        }
        Some(error) => {
            let listed = prometheus::unmarshal_errors(&parsed, &found);
            Err(listed.unwrap_or_else(|| error.message.clone()))
        }
    }
}

/// The error of a text that is not JSON, in the words of Go's scanner. None for JSON.
fn json_error(text: &str) -> Option<String> {
    let error = serde_json::from_str::<serde_json::Value>(text).err()?;
    if error.is_eof() {
        return Some("unexpected end of JSON input".to_owned());
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let at = error.column().saturating_sub(1);
    let c = line.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\n');
    let c = match c {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => format!("'{}'", c.escape_debug()),
    };
    let before: usize =
        text.lines().take(error.line().saturating_sub(1)).map(|l| l.len() + 1).sum();
    let seen = text.get(..before + at).unwrap_or(text).trim_end();
    let place = place(seen);
    Some(format!("invalid character {c} {place}"))
}

/// The first value of another type than a list of target groups has. None if there is none.
/// Source: discovery/targetgroup/targetgroup.go `UnmarshalJSON`, encoding/json `UnmarshalTypeError`.
fn json_mismatch(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let kind = |value: &serde_json::Value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::Bool(_) => Some("bool"),
        serde_json::Value::Number(_) => Some("number"),
        serde_json::Value::String(_) => Some("string"),
        serde_json::Value::Array(_) => Some("array"),
        serde_json::Value::Object(_) => Some("object"),
    };
    let wrong = |value, wanted: &str, into: &str| {
        let kind = kind(value).filter(|kind| *kind != wanted)?;
        Some(format!("json: cannot unmarshal {kind} into Go {into}"))
    };
    if let Some(error) = wrong(&value, "array", "value of type []*targetgroup.Group") {
        return Some(error);
    }
    let group_type = r#"struct { Targets []string "json:\"targets\""; Labels model.LabelSet "json:\"labels\"" }"#;
    let label_set = "value of type map[model.LabelName]model.LabelValue";
    value.as_array()?.iter().find_map(|group| {
        let targets = group.get("targets").unwrap_or(&serde_json::Value::Null);
        let labels = group.get("labels").unwrap_or(&serde_json::Value::Null);
        let mut each = targets.as_array().into_iter().flatten();
        let mut values = labels.as_object().into_iter().flat_map(|all| all.values());
        wrong(group, "object", &format!("value of type {group_type}"))
            .or_else(|| wrong(targets, "array", "struct field .targets of type []string"))
            .or_else(|| {
                each.find_map(|one| wrong(one, "string", "struct field .targets of type string"))
            })
            .or_else(|| wrong(labels, "object", label_set))
            .or_else(|| {
                values.find_map(|one| wrong(one, "string", "value of type model.LabelValue"))
            })
    })
}

/// The place in the grammar that Go's scanner names after a text. Source: encoding/json scanner.go.
fn place(seen: &str) -> &'static str {
    let mut open = Vec::new();
    let mut in_string = false;
    let mut escaped = false;
    for c in seen.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => open.push(c),
            '}' | ']' if !in_string => {
                open.pop();
            }
            _ => {}
        }
    }
    if in_string {
        return "in string literal";
    }
    let object = open.last() == Some(&'{');
    match seen.chars().last() {
        None | Some('[' | ':') => "looking for beginning of value",
        Some('{') => "looking for beginning of object key string",
        Some(',') if object => "looking for beginning of object key string",
        Some(',') => "looking for beginning of value",
        _ if open.is_empty() => "after top-level value",
        _ if !object => "after array element",
        // A colon follows a key, a comma follows a value.
        _ if is_behind_key(seen) => "after object key",
        _ => "after object key:value pair",
    }
}

/// Returns true if the last string of an object is a key.
fn is_behind_key(seen: &str) -> bool {
    let Some(begun) = seen.strip_suffix('"').and_then(|rest| rest.rfind('"')) else { return false };
    let before = seen.get(..begun).unwrap_or_default().trim_end();
    before.ends_with(['{', ','])
}
