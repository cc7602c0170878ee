//! URLs as the Operator and Alertmanager check them.
//!
//! Source: alertmanager config/common/url.go ParseURL, prometheus-operator
//! pkg/alertmanager/validation/validation.go.

use go::template::{NoFunctions, ParseOptions, check};

use crate::checks::at;
use crate::store::Checked;

/// Checks a URL of HTTP or HTTPS with a host.
pub fn parse(text: &str) -> Checked {
    let url = go::url::parse(text)?;
    if !matches!(&*url.scheme, "http" | "https") {
        return Err(format!("unsupported scheme {} for URL", go::quote::quote(&url.scheme)));
    }
    if url.host.is_empty() {
        return Err("missing host for URL".to_owned());
    }
    Ok(())
}

/// Go's error for a text that is put between quotes and read as JSON.
fn in_json(text: &str) -> Checked {
    match text.chars().find(|c| *c < ' ') {
        Some(c) => {
            let shown = go::quote::quote(&c.to_string());
            let shown = shown.trim_matches('"');
            Err(format!("invalid character '{shown}' in string literal"))
        }
        None => parse(text),
    }
}

/// Checks a URL.
pub fn valid(text: &str) -> Checked {
    at(in_json(text), &format!("validate url from string failed for {text}"))
}

/// Checks a URL that must not appear in messages.
pub fn valid_secret(text: &str) -> Checked {
    if text == "<secret>" {
        return Ok(());
    }
    let checked =
        in_json(text).map_err(|reason| reason.replace(&go::quote::quote(text), "[REDACTED]"));
    at(checked, "validate url from string failed with error")
}

/// Returns true for a text that is a template. The error is that of one that does not parse.
pub fn is_template(text: &str) -> Checked<bool> {
    if !text.contains("{{") {
        return Ok(false);
    }
    match check("", text, &NoFunctions, ParseOptions::default()) {
        Ok(()) => Ok(true),
        Err(error) => Err(error.to_string()),
    }
}

/// Checks a URL that may be a template.
pub fn valid_template(text: &str) -> Checked {
    if is_template(text)? { Ok(()) } else { valid_secret(text) }
}
