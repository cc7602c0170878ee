//! The Secret in which the Prometheus Operator keeps the configuration that it generated.
//!
//! Source: prometheus-operator pkg/prometheus/server/operator.go; the key is `prometheus.yaml.gz`.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use kubernetes::object::Value;
use prometheus::fields::root::ROOT;
use protocol::import::MOST_BYTES;
use schema::Type;
use text::FileId;

use crate::bundle::redact;
use crate::unpack::printable;

/// The key of the Secret.
pub const KEY: &str = "prometheus.yaml.gz";
/// The text that Prometheus prints in place of a password.
const SECRET: &str = "<secret>";

/// A configuration in a Secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Namespace and name of the Secret.
    pub secret: String,
    pub text: String,
    /// True if credentials were taken out.
    pub redacted: bool,
}

/// Returns true if an object is a Secret with a configuration.
pub fn is_secret(object: &Value) -> bool {
    data(object).is_some()
}

fn data(object: &Value) -> Option<&str> {
    object["data"][KEY].as_str().filter(|_| object.str("kind") == "Secret")
}

/// Returns the configuration of a Secret, or a sentence about why it cannot be read. None for any
/// other object.
pub fn configuration(object: &Value) -> Option<Result<Found, String>> {
    let data = data(object)?;
    let metadata = &object["metadata"];
    let name = printable(metadata.str("name"));
    let secret = match metadata.str("namespace") {
        "" => name,
        namespace => format!("{}/{name}", printable(namespace)),
    };
    let refused = |reason: &str| {
        Some(Err(format!("The configuration in the Secret {secret} cannot be read: {reason}.")))
    };
    let Ok(packed) = go::base64::decode(data.trim()) else { return refused("it is not base64") };
    let mut text = Vec::new();
    let read =
        MultiGzDecoder::new(packed.as_slice()).take(MOST_BYTES as u64 + 1).read_to_end(&mut text);
    if read.is_err() {
        return refused("it is not gzip");
    }
    if text.len() > MOST_BYTES {
        return refused("it exceeds the limit of 64 MB");
    }
    let Ok(text) = String::from_utf8(text) else { return refused("it is not text") };
    let hidden = without_secrets(&redact::in_config(&text));
    Some(Ok(Found { secret, redacted: hidden != text, text: hidden }))
}

/// Replaces the values of all fields that are secrets.
fn without_secrets(text: &str) -> String {
    let names = secret_fields();
    let parsed = yaml::parse(FileId(0), text);
    let mut spans = Vec::new();
    let mut nodes: Vec<&yaml::Node> = parsed.documents.iter().map(|one| &one.root).collect();
    while let Some(node) = nodes.pop() {
        nodes.extend(node.items());
        for entry in node.entries() {
            let is_secret = entry.name().is_some_and(|name| names.contains(&name));
            match entry.value.as_scalar() {
                Some(value) if is_secret && !value.text.is_empty() => {
                    spans.push(entry.value.written_span())
                }
                _ => nodes.push(&entry.value),
            }
        }
    }
    spans.sort_unstable_by_key(|span| std::cmp::Reverse(span.start));
    let mut out = text.to_owned();
    for span in spans {
        let range = span.start as usize..span.end as usize;
        if out.get(range.clone()).is_some() {
            out.replace_range(range, SECRET);
        }
    }
    out
}

static CONFIGURATION: Type = Type::Record(&ROOT);

/// Names of the fields of a configuration that hold secrets.
fn secret_fields() -> Vec<&'static str> {
    let mut names = Vec::new();
    let mut seen: Vec<&'static str> = Vec::new();
    let mut types: Vec<(&'static str, &'static Type)> = vec![("", &CONFIGURATION)];
    while let Some((key, ty)) = types.pop() {
        match ty {
            Type::Secret => names.push(key),
            Type::List(inner) | Type::Map { value: inner, .. } => types.push((key, inner)),
            Type::OneOf(all) => types.extend(all.iter().map(|one| (key, one))),
            Type::Record(record) if !seen.contains(&record.name) => {
                seen.push(record.name);
                types.extend(record.all_fields().map(|field| (field.key, &field.ty)));
            }
            _ => {}
        }
    }
    names
}
