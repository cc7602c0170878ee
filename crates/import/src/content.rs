//! The kinds of text that an import treats in their own way.

use kubernetes::object::{Value, from_yaml, parse_json};
use serde_json::Map;
use text::FileId;

use crate::{bundle, exported, operator};

/// Bytes of a JSON text that is read. Its tree takes twenty times as much memory.
pub const MOST_JSON: usize = 16 << 20;

/// The content of a file.
pub enum Content {
    /// Answers of Prometheus's HTTP API.
    Bundle(Map<String, serde_json::Value>),
    /// Objects as `kubectl get` prints them.
    Objects(Vec<Value>),
    /// JSON that is too large to be read. It may be a bundle with secrets, so that it is not kept.
    TooLarge,
    Other,
}

/// Returns the text of a file; None if it is binary. UTF-16 is recognized by its byte order mark.
pub fn text(bytes: Vec<u8>) -> Option<String> {
    let wide = |bytes: &[u8], number: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| number(*pair)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes).ok(),
    };
    text.filter(|text| !text.contains('\0'))
}

/// Tells bundles and exported objects from other texts.
pub fn of(text: &str) -> Content {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('{') {
        return of_json(start);
    }
    // Words that every exported object has.
    let marks = ["resourceVersion:", "uid:", operator::KEY];
    if !start.contains("kind:") || !marks.iter().any(|mark| start.contains(mark)) {
        return Content::Other;
    }
    objects(text).map_or(Content::Other, Content::Objects)
}

fn of_json(text: &str) -> Content {
    if text.len() > MOST_JSON {
        return Content::TooLarge;
    }
    let Ok(object) = serde_json::from_str::<Map<String, serde_json::Value>>(text) else {
        return Content::Other;
    };
    if bundle::is_bundle(&object) {
        return Content::Bundle(object);
    }
    if let Some(bundle) = bundle::of_single_answer(&object) {
        return Content::Bundle(bundle);
    }
    match parse_json(text) {
        Ok(object) if is_of_server(&object) => Content::Objects(vec![object]),
        _ => Content::Other,
    }
}

/// Returns true for an object that an import changes: one with fields of the API server, and the
/// Secret of the Operator.
fn is_of_server(object: &Value) -> bool {
    exported::is_exported(object) || operator::is_secret(object)
}

/// Returns the objects of a YAML text if one of them was exported. A text with mistakes, and one that
/// is not only objects, stays as it is.
fn objects(text: &str) -> Option<Vec<Value>> {
    let parsed = yaml::parse(FileId(0), text);
    if parsed.refusal.is_some() || !parsed.broken.is_empty() {
        return None;
    }
    let mut objects = Vec::new();
    for document in parsed.documents.iter().filter(|document| !document.root.is_null()) {
        objects.push(from_yaml(&document.root).ok().filter(|object| object.as_map().is_some())?);
    }
    objects.iter().any(is_of_server).then_some(objects)
}

/// Returns a name for a pasted text.
pub fn name(text: &str) -> &'static str {
    if is_metrics(text) {
        return "pasted.prom";
    }
    let parsed = yaml::parse(FileId(0), text);
    let Some(root) = parsed.root() else { return "pasted.yaml" };
    let has = |keys: &[&str]| keys.iter().any(|key| root.get(key).is_some());
    if has(&["kind", "apiVersion"]) {
        "manifests.yaml"
    } else if has(&["services"]) {
        "compose.yaml"
    } else if has(&["groups"]) {
        "rules.yml"
    } else if has(&["scrape_configs", "global", "scrape_config_files"]) {
        bundle::files::CONFIG_FILE
    } else {
        "pasted.yaml"
    }
}

/// The fields by which a text is a configuration with jobs.
const JOBS: [&str; 2] = ["scrape_configs:", "scrape_config_files:"];

/// Returns true if a file is one that Prometheus starts with, by its name or by a line of its text.
pub fn is_configuration(name: &str, text: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    let has_jobs = || text.lines().any(|line| JOBS.iter().any(|field| line.starts_with(field)));
    matches!(last, "prometheus.yml" | "prometheus.yaml") || has_jobs()
}

/// Returns true for a `/metrics` body: it begins with a sample, or has only comments on metrics.
fn is_metrics(text: &str) -> bool {
    let has_comment = |line: &str| line.starts_with("# HELP ") || line.starts_with("# TYPE ");
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let is_sample = |line: &str| {
        let (name, value) = match (line.split_once('{'), line.rsplit_once('}')) {
            (Some((name, _)), Some((_, value))) => (name, value),
            _ => line.split_once(' ').unwrap_or_default(),
        };
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
        let number = value.split_whitespace().next().unwrap_or_default();
        !name.is_empty() && name.chars().all(letter) && number.parse::<f64>().is_ok()
    };
    match first {
        Some(line) => is_sample(line),
        None => text.lines().any(has_comment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_texts_are_named_by_their_content() {
        for (text, expected) in [
            ("# HELP up Up.\n# TYPE up gauge\nup 1\n", "pasted.prom"),
            ("jobs_total{queue=\"a b\"} 3 1700000000\n", "pasted.prom"),
            ("up 1\n", "pasted.prom"),
            ("global: {}\n", "prometheus.yml"),
            ("# TYPE of thing\nscrape_configs: []\n", "prometheus.yml"),
            ("groups: []\n", "rules.yml"),
            ("apiVersion: v1\nkind: Pod\n", "manifests.yaml"),
            ("services: {web: {image: nginx}}\n", "compose.yaml"),
            ("hello 1a\n", "pasted.yaml"),
            ("", "pasted.yaml"),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }

    #[test]
    fn binary_is_no_text() {
        assert_eq!(text(b"a: 1".to_vec()).as_deref(), Some("a: 1"));
        assert_eq!(text(vec![0xff, 0xfe, b'a', 0, b'b', 0]).as_deref(), Some("ab"));
        assert_eq!(text(vec![0xfe, 0xff, 0, b'a']).as_deref(), Some("a"));
        for bytes in
            [vec![0xff, 0xfe, b'a'], vec![0x80], b"a\0b".to_vec(), vec![0xff, 0xfe, 0, 0xd8]]
        {
            assert_eq!(text(bytes.clone()), None, "{bytes:?}");
        }
    }
}
