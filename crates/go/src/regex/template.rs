//! Replacement templates as Go expands them.

use super::Captures;

/// Returns true if a template may have a variable. Like Prometheus, this only looks for a dollar.
pub fn has_variable(template: &str) -> bool {
    template.contains('$')
}

/// Returns an upper bound of the bytes of an expanded template: each variable has at most the whole
/// source as its value.
pub fn expansion_bound(template: &str, source: &str) -> usize {
    let variables = template.bytes().filter(|byte| *byte == b'$').count();
    template.len().saturating_add(variables.saturating_mul(source.len()))
}

/// `$name` takes the longest run of letters, digits and underscores, so `$1x` is the group `1x`;
/// `$$` is a dollar; a group that is unknown or took no part is empty; a dollar with no name after
/// it stays as it is.
///
/// Source: Go's documentation of `regexp.Regexp.Expand`.
pub(super) fn expand(
    template: &str,
    text: &str,
    captures: &Captures,
    names: &[Option<Box<str>>],
    into: &mut String,
) {
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('$') {
        into.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            into.push('$');
            rest = behind;
            continue;
        }
        let Some((name, behind)) = variable(behind) else {
            into.push('$');
            rest = behind;
            continue;
        };
        rest = behind;
        let group = match number(name) {
            Some(number) => captures.get(number),
            None => names
                .iter()
                .enumerate()
                .filter(|(_, candidate)| candidate.as_deref() == Some(name))
                .find_map(|(number, _)| captures.get(number)),
        };
        into.push_str(group.and_then(|group| text.get(group)).unwrap_or_default());
    }
    into.push_str(rest);
}

/// The name after a dollar, and what follows it.
fn variable(text: &str) -> Option<(&str, &str)> {
    let (braced, name_on) = match text.strip_prefix('{') {
        Some(inside) => (true, inside),
        None => (false, text),
    };
    // Go accepts letters and digits of any script here, not only of ASCII.
    let end = name_on.find(|c: char| !is_name_char(c)).unwrap_or(name_on.len());
    let (name, behind) = name_on.split_at(end);
    let behind = if braced { behind.strip_prefix('}')? } else { behind };
    (!name.is_empty()).then_some((name, behind))
}

/// Letters (general category L), decimal digits (Nd) and the underscore.
fn is_name_char(c: char) -> bool {
    if c.is_ascii() {
        return c == '_' || c.is_ascii_alphanumeric();
    }
    super::classes::is_letter_or_digit(c)
}

/// A decimal number without leading zeros names a group by its place. Anything else is a name, also
/// a number that is too long to be one.
fn number(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || name.len() > 9 || (name.len() > 1 && name.starts_with('0')) {
        return None;
    }
    name.parse().ok()
}
