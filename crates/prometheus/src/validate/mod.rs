//! Helpers for the checks of records, and the codes that they report.
//!
//! The check of a record stands beside its fields, `fields/scrape/check.rs`. The schema walk checks
//! types and unknown keys; a record's check adds what concerns several fields or the meaning of one.
//! Prometheus stops at the first error; the checks report all of them, with Prometheus's messages.

pub mod names;

use go::url::{self, Url};
use schema::similar::nearest;
use schema::{CheckCx, Section};
use text::{Applicability, Diagnostic, Fix, Location, Span};
use yaml::{Node, scalars};

/// A required setting that is absent or empty.
pub const MISSING: &str = "missing-setting";
/// Settings that exclude each other.
pub const CONFLICT: &str = "conflicting-settings";
/// A value that is not one of those allowed.
pub const INVALID: &str = "invalid-setting";
/// A list item or section that is there but empty.
pub const EMPTY: &str = "empty-section";
/// Two entries with the same name.
pub const DUPLICATE: &str = "duplicate-name";
/// A label's name or value that may not be.
pub const LABEL: &str = "label-not-allowed";
/// A header that only Prometheus itself sets.
pub const HEADER: &str = "reserved-header";
/// A relabeling rule that contradicts itself.
pub const RELABEL: &str = "invalid-relabel-rule";
/// A timeout longer than its interval.
pub const TIMEOUT: &str = "timeout-over-interval";

/// The message for an empty item that crashes Prometheus.
pub const NIL_SECTION: &str =
    "Prometheus ends at this empty entry: invalid memory address or nil pointer dereference";

/// Reports an error at `span` of the file under check.
pub fn fault(cx: &mut CheckCx<'_>, code: &'static str, span: Span, message: impl Into<String>) {
    let location = Location::new(cx.file, span);
    cx.diagnostics.push(Diagnostic::error(code, location, message));
}

/// An error of a code that is a constant elsewhere.
pub fn fault_at(code: &'static str, at: Location, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code, at, message)
}

/// Reports that `key` must be set, at its empty value or at the section's head.
pub fn missing(cx: &mut CheckCx<'_>, view: &Section<'_>, key: &str, message: &str) {
    fault(cx, MISSING, view.at(key), message);
}

/// Reports a word that is none of `allowed`, unless it is empty.
pub fn word(
    cx: &mut CheckCx<'_>,
    view: &Section<'_>,
    key: &str,
    allowed: &[&str],
    message: impl FnOnce(&str) -> String,
) {
    let value = view.text(key);
    if view.has(key) && !allowed.contains(&&*value) {
        let location = Location::new(cx.file, view.at(key));
        let mut one = Diagnostic::error(INVALID, location, message(&value));
        let words = allowed.iter().copied().filter(|word| !word.is_empty());
        if let Some(near) = nearest(&value, words) {
            let title = format!("Use `{near}`");
            let fix = Fix::replace(title, Applicability::Suggestion, location, near);
            one = one.with_help(format!("Did you mean `{near}`?")).with_fix(fix);
        }
        cx.diagnostics.push(one);
    }
}

/// Reports each key that is absent or empty, with its message.
pub fn required(cx: &mut CheckCx<'_>, view: &Section<'_>, keys: &[(&str, &str)]) {
    for (key, message) in keys {
        if !view.filled(key) {
            missing(cx, view, key, message);
        }
    }
}

/// Reports a word that is not in `allowed`. Reports an absent key if `absent` is not empty.
pub fn role(
    cx: &mut CheckCx<'_>,
    view: &Section<'_>,
    key: &str,
    allowed: &[&str],
    absent: &str,
    unknown: impl FnOnce(&str) -> String,
) {
    word(cx, view, key, allowed, unknown);
    let null = view.entry(key).is_some_and(|entry| entry.value.is_null());
    if !absent.is_empty() && (null || view.entry(key).is_none()) {
        missing(cx, view, key, absent);
    }
}

/// Parses the URL at `key` and reports one that Go cannot parse.
pub fn url_field(cx: &mut CheckCx<'_>, view: &Section<'_>, key: &str) -> Option<Url> {
    match url::parse(&view.text(key)) {
        Ok(url) => Some(url),
        Err(message) => {
            fault(cx, INVALID, view.at(key), message);
            None
        }
    }
}

/// Returns true if a file pattern has its only `*` in the last part of the path.
pub fn is_pattern(text: &str) -> bool {
    text.split_once('*').is_none_or(|(_, behind)| !behind.contains('/'))
}

/// The bytes that Go decodes from a scalar. They may be invalid UTF-8 if it is a `!!binary`.
pub fn bytes(node: &Node) -> Vec<u8> {
    if node.tag.as_deref() == Some("tag:yaml.org,2002:binary")
        && let Some(bytes) = node.text().and_then(|text| go::base64::decode(text).ok())
    {
        return bytes;
    }
    scalars::string(node).map(|text| text.into_owned().into_bytes()).unwrap_or_default()
}
