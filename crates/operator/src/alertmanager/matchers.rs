//! Matchers and regular expressions of a configuration.
//!
//! A text is taken if the classic parser or the parser for UTF-8 names takes it, as in Alertmanager's
//! default mode.
//!
//! Source: alertmanager matcher/compat, matcher/parse, pkg/labels/parse.go.

use go::regex::Regex;

use crate::store::Checked;

/// Operators, the longer ones first.
static OPERATORS: &[&str] = &["=~", "!~", "!=", "="];

/// Checks matchers in one text: `a="b"`, or `{a="b", c=~"d"}`.
pub fn check(text: &str) -> Checked {
    if modern(text).is_some() { Ok(()) } else { classic(text) }
}

/// Checks the regular expression of a label, which Alertmanager anchors.
pub fn check_regexp(label: &str, text: &str) -> Checked {
    Regex::new(text).map_err(|error| error.to_string())?;
    if promql::is_legacy_label_name(label) {
        Ok(())
    } else {
        Err(format!("invalid label name {}", go::quote::quote(label)))
    }
}

fn compiles(operator: &str, value: &str) -> bool {
    !operator.ends_with('~') || Regex::new(value).is_ok()
}

/// Reads matchers with names that may be any text. Returns None for a text with an error.
fn modern(text: &str) -> Option<()> {
    let text = text.trim();
    let (mut rest, braces) = match text.strip_prefix('{') {
        Some(inside) => (inside.strip_suffix('}')?.trim(), true),
        None => (text, false),
    };
    if rest.is_empty() {
        return braces.then_some(());
    }
    loop {
        let (_, after) = token(rest)?;
        let after = after.trim_start();
        let operator = OPERATORS.iter().find(|operator| after.starts_with(**operator))?;
        let (value, after) = token(after.get(operator.len()..)?.trim_start())?;
        if !compiles(operator, &value) {
            return None;
        }
        rest = match after.trim_start().strip_prefix(',') {
            None if after.trim().is_empty() => return Some(()),
            None => return None,
            Some(next) => next.trim_start(),
        };
        if rest.is_empty() {
            return Some(());
        }
    }
}

/// Reads a quoted or an unquoted token. Returns it and what follows it.
fn token(text: &str) -> Option<(String, &str)> {
    if let Some(inside) = text.strip_prefix('"') {
        let mut escaped = false;
        let end = inside.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        let value = go::quote::unquote(text.get(..end + 2)?)?;
        return Some((value, inside.get(end + 1..)?));
    }
    let reserved = |c: char| c.is_whitespace() || "{}!=~,\\\"'`".contains(c);
    let end = text.find(reserved).unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

/// Reads matchers whose names are classic label names.
fn classic(text: &str) -> Checked {
    let text = text.trim();
    let inside = text.strip_prefix('{').unwrap_or(text);
    let inside = inside.strip_suffix('}').unwrap_or(inside);
    split(inside).iter().try_for_each(|one| classic_one(one))
}

/// Splits at commas outside of quotes. Empty parts at the end are left out.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        if c == ',' && !quoted {
            parts.push(std::mem::take(&mut part));
            continue;
        }
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        part.push(c);
    }
    if !part.trim().is_empty() {
        parts.push(part);
    }
    parts
}

fn classic_one(text: &str) -> Checked {
    let bad = || format!("bad matcher format: {text}");
    let trimmed = text.trim();
    let end = trimmed
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(trimmed.len());
    let (name, rest) = trimmed.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(bad());
    }
    let rest = rest.trim_start();
    let operator =
        OPERATORS.iter().find(|operator| rest.starts_with(**operator)).ok_or_else(bad)?;
    let value = rest[operator.len()..].trim();
    let (opens, closes) = (value.starts_with('"'), value.len() > 1 && value.ends_with('"'));
    if opens != closes {
        return Err(format!("matcher value contains unescaped double quote: {value}"));
    }
    let bare = if opens { &value[1..value.len() - 1] } else { value };
    if compiles(operator, bare) { Ok(()) } else { Err(format!("invalid matcher: {text}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_of_both_kinds_are_taken() {
        for (text, good) in [
            ("alertname = Watchdog", true),
            ("severity=~\"page|warn\"", true),
            ("{a=\"b\", c!~d,}", true),
            ("foo=\"a, b\"", true),
            ("\"a b\"=\"c\"", true),
            ("a=", true),
            ("a=[x", true),
            ("a=~\"(\"", false),
            ("a", false),
            ("=b", false),
            ("1a=~x, b", false),
            ("a=\"b", false),
            ("é=b", true),
        ] {
            assert_eq!(check(text).is_ok(), good, "{text}");
        }
    }
}
