//! Texts and regular expressions.
//!
//! Source: sprig strings.go, regex.go.

use go::case;
use go::quote::quote;
use go::template::Value;

use super::{
    A, Function, FunctionResult, I, MORE, S, any, check_bytes, compile, integer, row, string,
    strval, text,
};

pub(super) static TABLE: &[Function] = &[
    row("hello", &[], None, "Returns Hello!.", |_, _| string("Hello!")),
    row("upper", &[S], None, "Converts to upper case.", |a, _| string(case::upper(text(a, 0)))),
    row("lower", &[S], None, "Converts to lower case.", |a, _| string(case::lower(text(a, 0)))),
    row("title", &[S], None, "Makes the first letter of each word upper case.", |a, _| {
        string(words(text(a, 0), true))
    }),
    row("untitle", &[S], None, "Makes the first letter of each word lower case.", |a, _| {
        string(words(text(a, 0), false))
    }),
    row("trim", &[S], None, "Removes white space from both ends.", |a, _| {
        string(text(a, 0).trim())
    }),
    row("trimAll", &[S, S], None, "Removes the given characters from both ends.", trim_all),
    row("trimall", &[S, S], None, "Removes the given characters from both ends.", trim_all),
    row("trimSuffix", &[S, S], None, "Removes a suffix.", |a, _| {
        string(text(a, 1).strip_suffix(text(a, 0)).unwrap_or(text(a, 1)))
    }),
    row("trimPrefix", &[S, S], None, "Removes a prefix.", |a, _| {
        string(text(a, 1).strip_prefix(text(a, 0)).unwrap_or(text(a, 1)))
    }),
    row(
        "trunc",
        &[I, S],
        None,
        "Keeps the first n bytes, or the last if n is negative.",
        |a, _| trunc(integer(a, 0), text(a, 1)),
    ),
    row("substr", &[I, I, S], None, "Returns the bytes from a start to an end.", |a, _| {
        substr(integer(a, 0), integer(a, 1), text(a, 2))
    }),
    row("repeat", &[I, S], None, "Repeats a text.", |a, _| {
        repeat(integer(a, 0), text(a, 1)).map(Value::string)
    }),
    row("nospace", &[S], None, "Removes all white space.", |a, _| {
        string(text(a, 0).split_whitespace().collect::<String>())
    }),
    row("initials", &[S], None, "Returns the first letter of each word.", |a, _| {
        string(
            text(a, 0)
                .split_whitespace()
                .filter_map(|word| word.chars().next())
                .collect::<String>(),
        )
    }),
    row(
        "contains",
        &[S, S],
        None,
        "Returns true if the second text contains the first.",
        |a, _| Ok(Value::Bool(text(a, 1).contains(text(a, 0)))),
    ),
    row(
        "hasPrefix",
        &[S, S],
        None,
        "Returns true if the second text begins with the first.",
        |a, _| Ok(Value::Bool(text(a, 1).starts_with(text(a, 0)))),
    ),
    row(
        "hasSuffix",
        &[S, S],
        None,
        "Returns true if the second text ends with the first.",
        |a, _| Ok(Value::Bool(text(a, 1).ends_with(text(a, 0)))),
    ),
    row("quote", &[], MORE, "Puts each value into double quotes.", |a, _| {
        joined(a, " ", |text| quote(&text))
    }),
    row("squote", &[], MORE, "Puts each value into single quotes.", |a, _| {
        joined(a, " ", |text| format!("'{text}'"))
    }),
    row("cat", &[], MORE, "Joins values with spaces.", |a, _| joined(a, " ", |text| text)),
    row("indent", &[I, S], None, "Indents each line by n spaces.", |a, _| {
        indent(integer(a, 0), text(a, 1)).map(Value::string)
    }),
    row(
        "nindent",
        &[I, S],
        None,
        "Starts a new line and indents each line by n spaces.",
        |a, _| indent(integer(a, 0), text(a, 1)).map(|text| Value::string(format!("\n{text}"))),
    ),
    row("replace", &[S, S, S], None, "Replaces a text by another in the third.", replace),
    row("plural", &[S, S, I], None, "Chooses the singular or plural form for a count.", |a, _| {
        string(text(a, usize::from(integer(a, 2) != 1)))
    }),
    row("snakecase", &[S], None, "Converts to snake_case.", |a, _| {
        string(separated(text(a, 0), '_'))
    }),
    row("kebabcase", &[S], None, "Converts to kebab-case.", |a, _| {
        string(separated(text(a, 0), '-'))
    }),
    row("camelcase", &[S], None, "Converts to CamelCase.", |a, _| string(camel(text(a, 0)))),
    row("swapcase", &[S], None, "Swaps upper and lower case.", |a, _| {
        string(text(a, 0).chars().map(swap).collect::<String>())
    }),
    row("wrap", &[I, S], None, "Breaks lines at a number of columns.", |a, _| {
        wrap(integer(a, 0), "\n", false, text(a, 1))
    }),
    row(
        "wrapWith",
        &[I, S, S],
        None,
        "Breaks lines at a number of columns with a text of choice.",
        |a, _| wrap(integer(a, 0), text(a, 1), true, text(a, 2)),
    ),
    row("abbrev", &[I, S], None, "Shortens a text and ends it with dots.", |a, _| {
        abbreviate(0, integer(a, 0), text(a, 1))
    }),
    row("abbrevboth", &[I, I, S], None, "Shortens a text at both ends.", |a, _| {
        abbreviate(integer(a, 0), integer(a, 1), text(a, 2))
    }),
    row("toString", &[A], None, "Converts a value to text.", |a, _| string(strval(any(a, 0)))),
    row(
        "split",
        &[S, S],
        None,
        "Splits a text into a dictionary with the keys _0, _1 and so on.",
        |a, _| Ok(numbered(text(a, 1).split(text(a, 0)))),
    ),
    row("splitn", &[S, I, S], None, "Splits a text into at most n parts.", |a, _| {
        Ok(numbered(
            text(a, 2).splitn(usize::try_from(integer(a, 1)).unwrap_or(usize::MAX), text(a, 0)),
        ))
    }),
    row("splitList", &[S, S], None, "Splits a text into a list.", |a, _| {
        Ok(Value::strings(split_list(text(a, 0), text(a, 1))))
    }),
    row("join", &[S, A], None, "Joins the items of a list.", |a, _| {
        Ok(Value::string(strings_of(any(a, 1)).join(text(a, 0))))
    }),
    row("sortAlpha", &[A], None, "Sorts a list by its texts.", |a, _| {
        let mut texts = strings_of(any(a, 0));
        texts.sort();
        Ok(Value::strings(texts))
    }),
    row("toStrings", &[A], None, "Converts the items of a list to texts.", |a, _| {
        Ok(Value::strings(strings_of(any(a, 0))))
    }),
    row("regexMatch", &[S, S], None, "Returns true if the text has a match.", |a, _| {
        Ok(Value::Bool(compile(text(a, 0)).is_ok_and(|regex| regex.is_match(text(a, 1)))))
    }),
    row("mustRegexMatch", &[S, S], None, "Returns true if the text has a match.", |a, _| {
        Ok(Value::Bool(compile(text(a, 0))?.is_match(text(a, 1))))
    }),
    row("regexFind", &[S, S], None, "Returns the first match.", |a, _| {
        find(a).map_err(|error| must(text(a, 0), error))
    }),
    row("mustRegexFind", &[S, S], None, "Returns the first match.", |a, _| find(a)),
    row("regexFindAll", &[S, S, I], None, "Returns the first n matches.", |a, _| {
        find_all(a).map_err(|error| must(text(a, 0), error))
    }),
    row("mustRegexFindAll", &[S, S, I], None, "Returns the first n matches.", |a, _| find_all(a)),
    row(
        "regexReplaceAll",
        &[S, S, S],
        None,
        "Replaces matches by a template with ${1}.",
        |a, _| replace_all(a, false).map_err(|error| must(text(a, 0), error)),
    ),
    row(
        "mustRegexReplaceAll",
        &[S, S, S],
        None,
        "Replaces matches by a template with ${1}.",
        |a, _| replace_all(a, false),
    ),
    row("regexReplaceAllLiteral", &[S, S, S], None, "Replaces matches by a text.", |a, _| {
        replace_all(a, true).map_err(|error| must(text(a, 0), error))
    }),
    row("mustRegexReplaceAllLiteral", &[S, S, S], None, "Replaces matches by a text.", |a, _| {
        replace_all(a, true)
    }),
    row("regexSplit", &[S, S, I], None, "Splits a text at matches.", |a, _| {
        regex_split(a).map_err(|error| must(text(a, 0), error))
    }),
    row("mustRegexSplit", &[S, S, I], None, "Splits a text at matches.", |a, _| regex_split(a)),
    row(
        "regexQuoteMeta",
        &[S],
        None,
        "Escapes the special characters of regular expressions.",
        |a, _| string(go::regex::quote_meta(text(a, 0))),
    ),
];

/// The panic of `MustCompile`.
fn must(pattern: &str, error: String) -> String {
    format!("regexp: Compile(`{pattern}`): {error}")
}

fn trim_all(a: &[Value], _: &go::template::Call<'_>) -> FunctionResult {
    let set = text(a, 0);
    string(text(a, 1).trim_matches(|c| set.contains(c)))
}

fn words(text: &str, upper: bool) -> String {
    let mut before = ' ';
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let starts = !(before.is_alphanumeric() || before == '_' || before == '\'')
            && (upper || before.is_whitespace());
        match (starts, upper) {
            (true, true) => out.push(case::upper_char(c)),
            (true, false) => out.push(case::lower_char(c)),
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// Bytes of a text. A character that is cut becomes U+FFFD.
fn bytes(text: &str, from: usize, to: usize) -> FunctionResult {
    let bytes = text.as_bytes().get(from..to).unwrap_or_default();
    string(String::from_utf8_lossy(bytes))
}

fn trunc(count: i64, text: &str) -> FunctionResult {
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    match text.len().checked_sub(wanted) {
        Some(from) if count < 0 => bytes(text, from, text.len()),
        Some(_) => bytes(text, 0, wanted),
        None => string(text),
    }
}

fn substr(start: i64, end: i64, text: &str) -> FunctionResult {
    let place = |number: i64| usize::try_from(number).ok();
    let to = place(end).filter(|end| *end <= text.len()).unwrap_or(text.len());
    let Some(from) = place(start) else { return bytes(text, 0, to) };
    if from > to {
        return Err(format!("runtime error: slice bounds out of range [{from}:{to}]"));
    }
    bytes(text, from, to)
}

fn repeat(count: i64, text: &str) -> Result<String, String> {
    let count = usize::try_from(count).map_err(|_| "strings: negative Repeat count")?;
    check_bytes(count.saturating_mul(text.len()))?;
    Ok(text.repeat(count))
}

fn indent(count: i64, text: &str) -> Result<String, String> {
    let pad = repeat(count, " ")?;
    check_bytes(
        text.len().saturating_add(pad.len().saturating_mul(text.matches('\n').count() + 1)),
    )?;
    Ok(format!("{pad}{}", text.replace('\n', &format!("\n{pad}"))))
}

fn replace(a: &[Value], _: &go::template::Call<'_>) -> FunctionResult {
    let (old, new, source) = (text(a, 0), text(a, 1), text(a, 2));
    let grown = (source.matches(old).count() + 1).saturating_mul(new.len());
    check_bytes(source.len().saturating_add(grown))?;
    string(source.replace(old, new))
}

fn joined(values: &[Value], separator: &str, each: fn(String) -> String) -> FunctionResult {
    let present = values.iter().filter(|value| !matches!(value, Value::Nil));
    string(present.map(|value| each(strval(value))).collect::<Vec<_>>().join(separator))
}

/// The texts of a list's items without nulls; of another value its own text.
/// Source: sprig strings.go `strslice`.
fn strings_of(value: &Value) -> Vec<String> {
    match value {
        Value::Nil => Vec::new(),
        Value::List(list) => {
            list.items.iter().filter(|item| !matches!(item, Value::Nil)).map(strval).collect()
        }
        other => vec![strval(other)],
    }
}

fn numbered<'a>(parts: impl Iterator<Item = &'a str>) -> Value {
    let named: Vec<(String, &str)> =
        parts.enumerate().map(|(at, part)| (format!("_{at}"), part)).collect();
    Value::string_map(named.iter().map(|(name, part)| (name.as_str(), *part)))
}

fn split_list(separator: &str, text: &str) -> Vec<String> {
    if separator.is_empty() {
        return text.chars().map(String::from).collect();
    }
    text.split(separator).map(str::to_owned).collect()
}

/// Source: huandu/xstrings `ToSnakeCase`.
fn separated(text: &str, separator: char) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, &c) in chars.iter().enumerate() {
        if matches!(c, '_' | '-' | ' ') {
            if !out.ends_with(separator) {
                out.push(separator);
            }
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let next = chars.get(at + 1);
        let starts = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && next.is_some_and(|next| next.is_lowercase()))
            });
        if starts && !out.ends_with(separator) {
            out.push(separator);
        }
        out.push(case::lower_char(c));
    }
    out
}

/// Source: huandu/xstrings `ToPascalCase`.
fn camel(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut starts = true;
    for c in text.chars() {
        match c {
            '_' | '-' | ' ' => starts = true,
            '.' => {
                out.push(c);
                starts = false;
            }
            _ if starts => {
                out.push(case::upper_char(c));
                starts = false;
            }
            _ => out.push(c),
        }
    }
    out
}

fn swap(c: char) -> char {
    if c.is_uppercase() { case::lower_char(c) } else { case::upper_char(c) }
}

/// Source: Masterminds/goutils `WrapCustom`.
fn wrap(width: i64, newline: &str, cuts: bool, text: &str) -> FunctionResult {
    let width = usize::try_from(width.max(1)).unwrap_or(usize::MAX);
    let newline = if newline.is_empty() { "\n" } else { newline };
    check_bytes(text.len().saturating_mul(newline.len().saturating_add(1)))?;
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while chars.len() - at > width {
        if chars.get(at) == Some(&' ') {
            at += 1;
            continue;
        }
        let end = at.saturating_add(width);
        let space = (at..=end).rev().find(|place| chars.get(*place) == Some(&' '));
        let later = (end..chars.len()).find(|place| chars.get(*place) == Some(&' '));
        let (stop, skip) = match (space, cuts, later) {
            (Some(space), ..) => (space, 1),
            (None, true, _) => (end, 0),
            (None, false, Some(later)) => (later, 1),
            (None, false, None) => break,
        };
        out.extend(chars.get(at..stop).unwrap_or_default());
        out.push_str(newline);
        at = stop + skip;
    }
    out.extend(chars.get(at..).unwrap_or_default());
    string(out)
}

/// Source: Masterminds/goutils `AbbreviateFull`.
fn abbreviate(offset: i64, width: i64, text: &str) -> FunctionResult {
    let least = if offset > 0 { 7 } else { 4 };
    let length = text.len() as i64;
    if width < least || length <= width {
        return string(text);
    }
    let part = |from: i64, to: i64| {
        let place = |number: i64| usize::try_from(number).unwrap_or(0);
        let bytes = text.as_bytes().get(place(from)..place(to)).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let mut offset = offset.min(length);
    if length - offset < width - 3 {
        offset = length - (width - 3);
    }
    if offset <= 4 {
        return string(format!("{}...", part(0, width - 3)));
    }
    if offset + width - 3 < length {
        let rest = part(offset, length);
        let Ok(Value::String(rest)) = abbreviate(0, width - 3, &rest) else { return string("...") };
        return string(format!("...{rest}"));
    }
    string(format!("...{}", part(length - (width - 3), length)))
}

/// The places of matches in order, as Go's `FindAllStringIndex`. A negative limit is none.
fn matches_of(pattern: &str, text: &str, limit: i64) -> Result<Vec<(usize, usize)>, String> {
    let regex = compile(pattern)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // `replace_all` with the whole match shows where each match is: everything else is unchanged.
    let mark = '\u{1}';
    if text.contains(mark) {
        return Err("the text has the control character U+0001".to_owned());
    }
    let marked = regex.replace_all(text, "\u{1}${0}\u{1}");
    let (mut found, mut at, mut start) = (Vec::new(), 0, None);
    for c in marked.chars() {
        if c != mark {
            at += c.len_utf8();
        } else if let Some(from) = start.take() {
            found.push((from, at));
        } else {
            start = Some(at);
        }
    }
    found.truncate(limit);
    Ok(found)
}

fn find(a: &[Value]) -> FunctionResult {
    let found = matches_of(text(a, 0), text(a, 1), 1)?;
    let (from, to) = found.first().copied().unwrap_or_default();
    string(text(a, 1).get(from..to).unwrap_or_default())
}

fn find_all(a: &[Value]) -> FunctionResult {
    let found = matches_of(text(a, 0), text(a, 1), integer(a, 2))?;
    Ok(Value::strings(found.iter().filter_map(|(from, to)| text(a, 1).get(*from..*to))))
}

fn replace_all(a: &[Value], literal: bool) -> FunctionResult {
    let (source, new) = (text(a, 1), text(a, 2));
    check_bytes(source.len().saturating_mul(new.len().saturating_add(1)))?;
    let new = if literal { new.replace('$', "$$") } else { new.to_owned() };
    string(compile(text(a, 0))?.replace_all(source, &new))
}

fn regex_split(a: &[Value]) -> FunctionResult {
    let limit = integer(a, 2);
    if limit == 0 {
        return Ok(Value::strings::<String>([]));
    }
    let source = text(a, 1);
    let (mut parts, mut start) = (Vec::new(), 0);
    for (from, to) in matches_of(text(a, 0), source, -1)? {
        if limit > 0 && parts.len() as i64 == limit - 1 {
            break;
        }
        if to > 0 {
            parts.push(source.get(start..from).unwrap_or_default());
            start = to;
        }
    }
    parts.push(source.get(start..).unwrap_or_default());
    Ok(Value::strings(parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_wrapped() {
        assert_eq!(
            wrap(10, "\n", false, "the quick brown fox jumps").map(|v| v.print()).as_deref(),
            Ok("the quick\nbrown fox\njumps")
        );
        assert_eq!(trunc(-5, "hello world").map(|v| v.print()).as_deref(), Ok("world"));
        assert_eq!(
            abbreviate(5, 10, "1234 5678 9123").map(|v| v.print()).as_deref(),
            Ok("...5678...")
        );
        assert_eq!(separated("HTTPServer2Go", '_'), "http_server2_go");
    }
    /// Go maps one character to one character.
    #[test]
    fn case_is_mapped_as_go_maps_it() {
        assert_eq!(camel("ßa-ßb"), "ßaßb");
        assert_eq!(words("ßa ǆa", true), "ßa Ǆa");
        assert_eq!(separated("aİ", '_'), "a_i");
        assert_eq!("ßÄ".chars().map(swap).collect::<String>(), "ßä");
    }
}
