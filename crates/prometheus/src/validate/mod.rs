//! What a section must fulfil as a whole, in the words in which Prometheus refuses it.
//!
//! Types and unknown keys are the schema walk's business. Here is what concerns several fields, or
//! one field's meaning. Prometheus stops at its first complaint; all are listed here.

pub mod alerting;
pub mod global;
pub mod http;
pub mod names;
pub mod otlp;
pub mod relabel;
pub mod remote;
pub mod root;
pub mod scrape;
pub mod sd;
pub mod storage;
#[cfg(test)]
mod tests;
pub mod tls;
pub mod tracing;

use schema::similar::nearest;
use schema::{CheckCx, Section};
use text::{Applicability, Diagnostic, Fix, Location, Span};

/// A required setting that is absent or empty.
pub const MISSING: &str = "missing-setting";
/// Settings that exclude each other.
pub const CONFLICT: &str = "conflicting-settings";
/// A value that is not one of those allowed.
pub const INVALID: &str = "invalid-setting";
/// A list item or section that is there but empty.
pub const EMPTY: &str = "empty-section";
/// Two things of one name.
pub const DUPLICATE: &str = "duplicate-name";
/// A label's name or value that may not be.
pub const LABEL: &str = "label-not-allowed";
/// A header that only Prometheus itself sets.
pub const HEADER: &str = "reserved-header";
/// A relabelling rule that contradicts itself.
pub const RELABEL: &str = "invalid-relabel-rule";
/// A timeout longer than its interval.
pub const TIMEOUT: &str = "timeout-over-interval";

/// What upstream says of an empty item that it forgot to expect.
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
