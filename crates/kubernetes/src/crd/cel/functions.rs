//! Functions of the subset.
//!
//! Source: cel-go ext/strings.go; apiserver pkg/cel/library/lists.go.

use std::cmp::Ordering;

use go::Regex;

use super::Operator;
use super::eval::{Evaluated, Failure, arithmetic, compare, equal, error, no_overload};
use crate::object::{Value, json::json_float};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    IndexOf,
    LastIndexOf,
    LowerAscii,
    UpperAscii,
    Replace,
    Split,
    Substring,
    Trim,
    CharAt,
    Join,
    IsSorted,
    Sum,
    Min,
    Max,
    String,
    Int,
    Double,
    Dyn,
}

/// Names, whether they stand after a dot (None: both), numbers of arguments with the receiver.
static FUNCTIONS: &[(&str, Option<bool>, &[usize], Function)] = &[
    ("size", None, &[1], Function::Size),
    ("startsWith", Some(true), &[2], Function::StartsWith),
    ("endsWith", Some(true), &[2], Function::EndsWith),
    ("contains", Some(true), &[2], Function::Contains),
    ("matches", None, &[2], Function::Matches),
    ("indexOf", Some(true), &[2, 3], Function::IndexOf),
    ("lastIndexOf", Some(true), &[2], Function::LastIndexOf),
    ("lowerAscii", Some(true), &[1], Function::LowerAscii),
    ("upperAscii", Some(true), &[1], Function::UpperAscii),
    ("replace", Some(true), &[3, 4], Function::Replace),
    ("split", Some(true), &[2, 3], Function::Split),
    ("substring", Some(true), &[2, 3], Function::Substring),
    ("trim", Some(true), &[1], Function::Trim),
    ("charAt", Some(true), &[2], Function::CharAt),
    ("join", Some(true), &[1, 2], Function::Join),
    ("isSorted", Some(true), &[1], Function::IsSorted),
    ("sum", Some(true), &[1], Function::Sum),
    ("min", Some(true), &[1], Function::Min),
    ("max", Some(true), &[1], Function::Max),
    ("string", Some(false), &[1], Function::String),
    ("int", Some(false), &[1], Function::Int),
    ("double", Some(false), &[1], Function::Double),
    ("dyn", Some(false), &[1], Function::Dyn),
];

impl Function {
    /// Returns the function of a name and a number of arguments; the receiver counts as one.
    pub fn find(name: &str, method: bool, arguments: usize) -> Option<Self> {
        let fits = |row: &&(&str, Option<bool>, &[usize], Self)| {
            row.0 == name && row.1.is_none_or(|own| own == method) && row.2.contains(&arguments)
        };
        FUNCTIONS.iter().find(fits).map(|row| row.3)
    }
}

/// Longest text that `replace` makes.
const MAX_LENGTH: usize = 1 << 20;

pub(super) fn call(function: Function, arguments: &[Value]) -> Evaluated {
    let Some((first, rest)) = arguments.split_first() else { return no_overload() };
    match (first, function) {
        (_, Function::Dyn) => Ok(first.clone()),
        (_, Function::String | Function::Int | Function::Double) => convert(function, first),
        (Value::String(text), _) => on_text(function, text, rest),
        (Value::List(list), _) => on_list(function, list, rest),
        (Value::Map(map), Function::Size) => Ok((map.len() as i64).into()),
        _ => no_overload(),
    }
}

fn convert(function: Function, value: &Value) -> Evaluated {
    Ok(match (function, value) {
        (Function::String, Value::Float(float)) => json_float(*float).into(),
        (Function::String, Value::Int(int)) => int.to_string().into(),
        (Function::String, Value::Bool(bool)) => bool.to_string().into(),
        (Function::String, Value::String(_))
        | (Function::Int, Value::Int(_))
        | (Function::Double, Value::Float(_)) => value.clone(),
        (Function::Int, Value::Float(float)) if float.abs() < 9.2e18 => (*float as i64).into(),
        (Function::Int, Value::Float(_)) => return error("integer overflow"),
        (Function::Int, Value::String(text)) => match text.parse::<i64>() {
            Ok(int) => int.into(),
            Err(_) => return error("type conversion error from 'string' to 'int'"),
        },
        (Function::Double, Value::Int(int)) => Value::Float(*int as f64),
        (Function::Double, Value::String(text)) => match text.parse::<f64>() {
            Ok(float) => Value::Float(float),
            Err(_) => return error("type conversion error from 'string' to 'double'"),
        },
        _ => return no_overload(),
    })
}

fn on_text(function: Function, text: &str, rest: &[Value]) -> Evaluated {
    let argument = |at: usize| rest.get(at).and_then(Value::as_str);
    let number = |at: usize| rest.get(at).and_then(Value::as_int);
    let int = |count: usize| Ok((count as i64).into());
    match (function, argument(0)) {
        (Function::Size, _) => int(text.chars().count()),
        (Function::StartsWith, Some(part)) => Ok(text.starts_with(part).into()),
        (Function::EndsWith, Some(part)) => Ok(text.ends_with(part).into()),
        (Function::Contains, Some(part)) => Ok(text.contains(part).into()),
        (Function::Matches, Some(pattern)) => match Regex::unanchored(pattern) {
            Ok(regex) => Ok(regex.is_match(text).into()),
            Err(problem) => error(problem.to_string()),
        },
        (Function::IndexOf, Some(part)) => {
            let from = number(1).unwrap_or(0);
            let Some(start) = byte_at(text, from) else {
                return error(format!("index out of range: {from}"));
            };
            Ok(text[start..].find(part).map_or(-1, |at| char_at(text, start + at)).into())
        }
        (Function::LastIndexOf, Some(part)) => {
            Ok(text.rfind(part).map_or(-1, |at| char_at(text, at)).into())
        }
        (Function::LowerAscii, _) => Ok(text.to_ascii_lowercase().into()),
        (Function::UpperAscii, _) => Ok(text.to_ascii_uppercase().into()),
        (Function::Trim, _) => Ok(text.trim().into()),
        (Function::Replace, Some(from)) => {
            let Some(to) = argument(1) else { return no_overload() };
            if text.len().saturating_mul(to.len() + 1) > MAX_LENGTH {
                return Err(Failure::TooLong);
            }
            let limit =
                number(2).map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
            Ok(text.replacen(from, to, limit).into())
        }
        (Function::Split, Some(by)) => Ok(split(text, by, number(1).unwrap_or(-1)).into()),
        (Function::Substring, _) => {
            let (Some(from), to) = (number(0), number(1)) else { return no_overload() };
            let end = to.map_or(Some(text.len()), |to| byte_at(text, to));
            match (byte_at(text, from), end) {
                (Some(start), Some(end)) if start <= end => Ok(text[start..end].into()),
                _ => error(format!("index out of range: {}", to.unwrap_or(from))),
            }
        }
        (Function::CharAt, _) => {
            let Some(index) = number(0) else { return no_overload() };
            let Some(at) = byte_at(text, index) else {
                return error(format!("index out of range: {index}"));
            };
            Ok(text[at..].chars().next().map(String::from).unwrap_or_default().into())
        }
        _ => no_overload(),
    }
}

/// The byte offset of a character, or of the end of the text.
fn byte_at(text: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(index)
}

fn char_at(text: &str, byte: usize) -> i64 {
    text.char_indices().take_while(|(at, _)| *at < byte).count() as i64
}

/// Splits as Go's `strings.SplitN`: an empty separator parts all characters.
fn split(text: &str, by: &str, limit: i64) -> Vec<Value> {
    let Ok(limit) = usize::try_from(if limit < 0 { i64::MAX } else { limit }) else {
        return Vec::new();
    };
    if limit == 0 {
        return Vec::new();
    }
    if !by.is_empty() {
        return text.splitn(limit, by).map(Value::from).collect();
    }
    let mut parts: Vec<Value> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if parts.len() + 1 == limit { rest.len() } else { first.len_utf8() };
        parts.push(rest[..end].into());
        rest = &rest[end..];
    }
    parts
}

fn on_list(function: Function, list: &[Value], rest: &[Value]) -> Evaluated {
    let index = |at: Option<usize>| Ok(at.map_or(-1, |at| at as i64).into());
    match (function, rest.first()) {
        (Function::Size, _) => Ok((list.len() as i64).into()),
        (Function::IndexOf, Some(item)) => index(list.iter().position(|one| equal(one, item))),
        (Function::LastIndexOf, Some(item)) => index(list.iter().rposition(|one| equal(one, item))),
        (Function::Join, by) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            let Some(texts) = texts else { return no_overload() };
            Ok(texts.join(by.and_then(Value::as_str).unwrap_or_default()).into())
        }
        (Function::IsSorted, _) => {
            for pair in list.windows(2) {
                if let [left, right] = pair
                    && compare(left, right)? == Some(Ordering::Greater)
                {
                    return Ok(false.into());
                }
            }
            Ok(true.into())
        }
        (Function::Sum, _) => {
            let zero = if matches!(list.first(), Some(Value::Float(_))) {
                Value::Float(0.0)
            } else {
                Value::Int(0)
            };
            list.iter().try_fold(zero, |sum, item| arithmetic(Operator::Add, &sum, item))
        }
        (Function::Min | Function::Max, _) => {
            let wanted = if function == Function::Min { Ordering::Less } else { Ordering::Greater };
            let mut items = list.iter();
            let name = if function == Function::Min { "min" } else { "max" };
            let Some(mut best) = items.next() else {
                return error(format!("{name} called on empty list"));
            };
            for item in items {
                if compare(item, best)? == Some(wanted) {
                    best = item;
                }
            }
            Ok(best.clone())
        }
        _ => no_overload(),
    }
}
