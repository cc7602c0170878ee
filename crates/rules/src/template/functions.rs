//! Go's built-in functions, and those that Prometheus adds.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::printf::{printf, sprint};
use super::value::{TemplateSample, TemplateValue};
use super::{TemplateContext, humanize};
use go::Duration;
use go::number::parse_float;

/// Why a call gives nothing.
pub(super) enum Fault {
    /// It was given the wrong arguments; Go says so without naming the function's error.
    Arguments(String),
    Failed(String),
}

impl Fault {
    pub fn text(&self) -> &str {
        match self {
            Self::Arguments(text) | Self::Failed(text) => text,
        }
    }
}

/// How many arguments a function takes: at least, and at most where there is a limit.
struct Function {
    name: &'static str,
    least: usize,
    most: Option<usize>,
}

const fn takes(name: &'static str, least: usize) -> Function {
    Function { name, least, most: Some(least) }
}

const fn variadic(name: &'static str, least: usize) -> Function {
    Function { name, least, most: None }
}

/// Every function that a template may name. Source: Go text/template, prometheus template/template.go.
const FUNCTIONS: [Function; 46] = [
    variadic("and", 1),
    variadic("args", 0),
    variadic("call", 1),
    variadic("eq", 2),
    takes("externalURL", 0),
    takes("first", 1),
    takes("ge", 2),
    takes("graphLink", 1),
    takes("gt", 2),
    variadic("html", 0),
    takes("humanize", 1),
    takes("humanize1024", 1),
    takes("humanizeDuration", 1),
    takes("humanizePercentage", 1),
    takes("humanizeTimestamp", 1),
    variadic("index", 1),
    variadic("js", 0),
    takes("label", 2),
    takes("le", 2),
    takes("len", 1),
    takes("lt", 2),
    takes("match", 2),
    takes("ne", 2),
    takes("not", 1),
    takes("now", 0),
    variadic("or", 1),
    takes("parseDuration", 1),
    takes("pathPrefix", 0),
    variadic("print", 0),
    variadic("printf", 1),
    variadic("println", 0),
    takes("query", 1),
    takes("reReplaceAll", 3),
    takes("safeHtml", 1),
    variadic("slice", 1),
    takes("sortByLabel", 2),
    takes("stripDomain", 1),
    takes("stripPort", 1),
    takes("strvalue", 1),
    takes("tableLink", 1),
    takes("title", 1),
    takes("toDuration", 1),
    takes("toLower", 1),
    takes("toTime", 1),
    takes("toUpper", 1),
    variadic("urlquery", 0),
];

/// Functions that stand apart from the table's order.
const MORE: [Function; 2] = [takes("urlQueryEscape", 1), takes("value", 1)];

fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().chain(&MORE).find(|function| function.name == name)
}

pub(super) fn is_function(name: &str) -> bool {
    find(name).is_some()
}

type Value = TemplateValue;

pub(super) fn call(
    name: &str,
    arguments: &[Value],
    context: &TemplateContext<'_>,
) -> Result<Value, Fault> {
    let count = arguments.len();
    if let Some(function) = find(name)
        && (count < function.least || function.most.is_some_and(|most| count > most))
    {
        let want = match function.most {
            Some(_) => function.least.to_string(),
            None => format!("at least {}", function.least),
        };
        return Err(Fault::Arguments(format!(
            "wrong number of args for {name}: want {want} got {count}"
        )));
    }
    let at = |index: usize| arguments.get(index).unwrap_or(&Value::Nil);
    let failed = |why: String| Fault::Failed(why);
    Ok(match name {
        "eq" => Value::Bool(any_equal(at(0), arguments.get(1..).unwrap_or_default())?),
        "ne" => Value::Bool(!any_equal(at(0), arguments.get(1..).unwrap_or_default())?),
        "lt" => Value::Bool(compare(at(0), at(1))? == Some(Ordering::Less)),
        "le" => {
            Value::Bool(matches!(compare(at(0), at(1))?, Some(Ordering::Less | Ordering::Equal)))
        }
        "gt" => Value::Bool(compare(at(0), at(1))? == Some(Ordering::Greater)),
        "ge" => {
            Value::Bool(matches!(compare(at(0), at(1))?, Some(Ordering::Greater | Ordering::Equal)))
        }
        "not" => Value::Bool(!at(0).is_true()),
        "len" => Value::Int(length(at(0)).map_err(failed)?),
        "index" => index(at(0), arguments.get(1..).unwrap_or_default()).map_err(failed)?,
        "slice" => slice(at(0), arguments.get(1..).unwrap_or_default()).map_err(failed)?,
        "print" => Value::string(sprint(arguments)),
        "println" => {
            let texts: Vec<String> = arguments.iter().map(Value::print).collect();
            Value::string(format!("{}\n", texts.join(" ")))
        }
        "printf" => {
            Value::string(printf(text(at(0), name)?, arguments.get(1..).unwrap_or_default()))
        }
        "html" => Value::string(escape_html(&sprint(arguments))),
        "urlquery" => Value::string(query_escape(&sprint(arguments))),
        "js" | "call" => return Err(failed(format!("{name} is not supported here"))),
        _ => return prometheus_function(name, arguments, context),
    })
}

fn prometheus_function(
    name: &str,
    arguments: &[Value],
    context: &TemplateContext<'_>,
) -> Result<Value, Fault> {
    let at = |index: usize| arguments.get(index).unwrap_or(&Value::Nil);
    let failed = |why: String| Fault::Failed(why);
    let number = |index: usize| to_float(at(index)).map_err(Fault::Failed);
    Ok(match name {
        "query" => {
            let samples = (context.query)(text(at(0), name)?).map_err(failed)?;
            Value::Samples(Arc::new(samples))
        }
        "first" => match samples(at(0), name)?.first() {
            Some(sample) => Value::Sample(Arc::new(sample.clone())),
            None => return Err(failed("first() called on vector with no elements".into())),
        },
        "label" => {
            let (label, sample) = (text(at(0), name)?, sample(at(1), name)?);
            Value::string(sample.labels.get(label).map_or("", String::as_str))
        }
        "value" => sample(at(0), name)?.value.clone(),
        "strvalue" => {
            let sample = sample(at(0), name)?;
            Value::string(sample.labels.get("__value__").map_or("", String::as_str))
        }
        "args" => {
            let map: BTreeMap<String, Value> = arguments
                .iter()
                .enumerate()
                .map(|(at, value)| (format!("arg{at}"), value.clone()))
                .collect();
            Value::Map(Arc::new(map))
        }
        "sortByLabel" => {
            let label = text(at(0), name)?;
            let mut sorted = samples(at(1), name)?.to_vec();
            sorted.sort_by(|a, b| a.labels.get(label).cmp(&b.labels.get(label)));
            Value::Samples(Arc::new(sorted))
        }
        "reReplaceAll" => {
            let regex = regex(text(at(0), name)?).map_err(failed)?;
            Value::string(&*regex.replace_all(text(at(2), name)?, text(at(1), name)?))
        }
        "match" => {
            let regex = regex(text(at(0), name)?).map_err(failed)?;
            Value::Bool(regex.is_match(text(at(1), name)?))
        }
        "title" => Value::string(title(text(at(0), name)?)),
        "toUpper" => Value::string(text(at(0), name)?.to_uppercase()),
        "toLower" => Value::string(text(at(0), name)?.to_lowercase()),
        "safeHtml" => Value::string(text(at(0), name)?),
        "graphLink" => Value::string(link(text(at(0), name)?, 0)),
        "tableLink" => Value::string(link(text(at(0), name)?, 1)),
        "stripPort" => {
            let address = text(at(0), name)?;
            Value::string(split_host_port(address).map_or(address, |(host, _)| host))
        }
        "stripDomain" => Value::string(strip_domain(text(at(0), name)?)),
        "humanize" => Value::string(humanize::si(number(0)?)),
        "humanize1024" => Value::string(humanize::binary(number(0)?)),
        "humanizeDuration" => Value::string(humanize::duration(number(0)?)),
        "humanizePercentage" => Value::string(humanize::percentage(number(0)?)),
        "humanizeTimestamp" => {
            let value = number(0)?;
            if value.is_finite() {
                Value::string(humanize::time(humanize::to_millis(value).map_err(failed)?))
            } else {
                Value::string(humanize::four_digits(value))
            }
        }
        "toTime" => {
            let value = number(0)?;
            if !value.is_finite() {
                return Err(failed("value is NaN or Inf".into()));
            }
            Value::Time(humanize::to_millis(value).map_err(failed)?)
        }
        "toDuration" => Value::Duration((number(0)? * 1e9) as i64),
        "now" => Value::Float(context.now as f64 / 1000.0),
        "externalURL" => Value::string(context.external_url),
        "pathPrefix" => Value::string(path_of(context.external_url)),
        "parseDuration" => {
            let text = text(at(0), name)?;
            let positive = text.strip_prefix('-').unwrap_or(text);
            let seconds =
                Duration::parse(positive).map_err(|error| failed(error.to_string()))?.seconds();
            Value::Float(if positive.len() < text.len() { -seconds } else { seconds })
        }
        "urlQueryEscape" => Value::string(query_escape(text(at(0), name)?)),
        other => return Err(failed(format!("{other} is not supported here"))),
    })
}

fn wrong_type(value: &Value, want: &str) -> Fault {
    let why = match value {
        Value::Nil => format!("invalid value; expected {want}"),
        other => format!("wrong type for value; expected {want}; got {}", other.go_type()),
    };
    Fault::Arguments(why)
}

fn text<'a>(value: &'a Value, _function: &str) -> Result<&'a str, Fault> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong_type(other, "string")),
    }
}

fn samples<'a>(value: &'a Value, _function: &str) -> Result<&'a [TemplateSample], Fault> {
    match value {
        Value::Samples(samples) => Ok(samples),
        other => Err(wrong_type(other, "template.queryResult")),
    }
}

fn sample<'a>(value: &'a Value, _function: &str) -> Result<&'a TemplateSample, Fault> {
    match value {
        Value::Sample(sample) => Ok(sample),
        other => Err(wrong_type(other, "*template.sample")),
    }
}

fn to_float(value: &Value) -> Result<f64, String> {
    match value {
        Value::Float(value) => Ok(*value),
        Value::Int(value) => Ok(*value as f64),
        Value::String(text) => parse_float(text).map_err(|error| error.to_string()),
        Value::Duration(nanos) => Ok(*nanos as f64 / 1e9),
        other => Err(format!("can't convert {} to float", other.go_type())),
    }
}

fn any_equal(first: &Value, others: &[Value]) -> Result<bool, Fault> {
    for other in others {
        let equal = match (first, other) {
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Nil, Value::Nil) => true,
            (Value::Nil, _) | (_, Value::Nil) => false,
            _ => compare(first, other)? == Some(Ordering::Equal),
        };
        if equal {
            return Ok(true);
        }
    }
    Ok(false)
}

fn compare(a: &Value, b: &Value) -> Result<Option<Ordering>, Fault> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => {
            Ok(Some(a.cmp(b)))
        }
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
        (Value::String(a), Value::String(b)) => Ok(Some(a.cmp(b))),
        (
            Value::Int(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Bool(_)
            | Value::Duration(_),
            Value::Int(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Bool(_)
            | Value::Duration(_),
        ) => Err(Fault::Failed("incompatible types for comparison".into())),
        _ => Err(Fault::Failed("invalid type for comparison".into())),
    }
}

fn length(value: &Value) -> Result<i64, String> {
    let length = match value {
        Value::String(text) => text.len(),
        Value::Strings(map) => map.len(),
        Value::Map(map) => map.len(),
        Value::Samples(samples) => samples.len(),
        other => return Err(format!("len of type {}", other.go_type())),
    };
    Ok(length as i64)
}

fn index(value: &Value, keys: &[Value]) -> Result<Value, String> {
    let mut value = value.clone();
    for key in keys {
        value = match (&value, key) {
            (Value::Strings(map), Value::String(key)) => {
                Value::string(map.get(&**key).map_or("", String::as_str))
            }
            (Value::Map(map), Value::String(key)) => map.get(&**key).cloned().unwrap_or(Value::Nil),
            (Value::Samples(samples), Value::Int(at)) => {
                let found = usize::try_from(*at).ok().and_then(|at| samples.get(at));
                let sample = found.ok_or_else(|| format!("index out of range: {at}"))?;
                Value::Sample(Arc::new(sample.clone()))
            }
            (Value::String(text), Value::Int(at)) => {
                let found = usize::try_from(*at).ok().and_then(|at| text.as_bytes().get(at));
                Value::Int(i64::from(*found.ok_or_else(|| format!("index out of range: {at}"))?))
            }
            (Value::Strings(_) | Value::Map(_), key) => {
                return Err(format!("value has type {}; should be string", key.go_type()));
            }
            (Value::Samples(_) | Value::String(_), key) => {
                return Err(format!("cannot index slice/array with type {}", key.go_type()));
            }
            (Value::Nil, _) => return Err("index of untyped nil".into()),
            (other, _) => return Err(format!("can't index item of type {}", other.go_type())),
        };
    }
    Ok(value)
}

fn slice(value: &Value, bounds: &[Value]) -> Result<Value, String> {
    let mut range = [0, length(value)? as usize];
    for (slot, bound) in range.iter_mut().zip(bounds) {
        let Value::Int(bound) = bound else {
            return Err(format!("cannot index slice/array with type {}", bound.go_type()));
        };
        *slot = usize::try_from(*bound).map_err(|_| format!("index out of range: {bound}"))?;
    }
    let [from, to] = range;
    let out_of_range = || format!("index out of range: {to}");
    match value {
        Value::String(text) => text.get(from..to).map(Value::string).ok_or_else(out_of_range),
        Value::Samples(samples) => {
            let part = samples.get(from..to).ok_or_else(out_of_range)?;
            Ok(Value::Samples(Arc::new(part.to_vec())))
        }
        other => Err(format!("can't slice item of type {}", other.go_type())),
    }
}

fn regex(pattern: &str) -> Result<regex::Regex, String> {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| format!("error parsing regexp: `{pattern}`"))
}

/// Each word with its first letter in upper case.
fn title(text: &str) -> String {
    let mut in_word = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if in_word || !c.is_alphabetic() {
            out.push(c);
        } else {
            out.extend(c.to_uppercase());
        }
        in_word = c.is_alphanumeric() || c == '_' || c == '\'';
    }
    out
}

fn link(expression: &str, tab: u8) -> String {
    format!("/graph?g0.expr={}&g0.tab={tab}", query_escape(expression))
}

fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn query_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The host and port of `host:port`; IPv6 addresses stand in brackets.
fn split_host_port(address: &str) -> Option<(&str, &str)> {
    let (host, port) = address.rsplit_once(':')?;
    if let Some(inner) = host.strip_prefix('[') {
        return inner.strip_suffix(']').map(|host| (host, port));
    }
    (!host.contains([':', '[', ']']) && !port.contains([']', '['])).then_some((host, port))
}

fn strip_domain(address: &str) -> String {
    let (host, port) = split_host_port(address).unwrap_or((address, ""));
    if host.parse::<IpAddr>().is_ok() {
        return address.to_owned();
    }
    let first = host.split('.').next().unwrap_or_default();
    if port.is_empty() { first.to_owned() } else { format!("{first}:{port}") }
}

fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
    path.split(['?', '#']).next().unwrap_or_default()
}
