//! The functions that Prometheus adds to those of Go.
//!
//! Source: prometheus template/template.go, util/strutil.

use std::collections::BTreeMap;
use std::net::IpAddr;

use go::net::{join_host_port, split_host_port};
use go::number::parse_float;
use go::quote::{can_backquote, quote};
use go::template::{Call, Functions, List, Signature, Value};
use go::time::DateTime;
use go::url::{path, query_escape};
use go::{Duration, Regex, case};
use prometheus::rule_files::template_function;

use super::objects::{self, GoDuration, Sample, Time};
use super::{TemplateContext, TemplateSample, humanize};

/// Prometheus's functions for one template.
pub(super) struct AlertFunctions<'a> {
    pub context: &'a TemplateContext<'a>,
}

type Result<T> = std::result::Result<T, String>;

/// Go's error for a function that dereferences a nil pointer.
const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

impl Functions for AlertFunctions<'_> {
    fn signature(&self, name: &str) -> Option<&Signature> {
        template_function(name)
    }

    fn call(&self, name: &str, arguments: &[Value], _call: &Call<'_>) -> Result<Value> {
        let any = |at: usize| arguments.get(at).unwrap_or(&Value::Nil);
        let text = |at: usize| any(at).as_str().unwrap_or_default();
        match name {
            "externalURL" => Ok(Value::string(self.context.external_url)),
            "pathPrefix" => Ok(Value::string(path(self.context.external_url))),
            "now" => Ok(Value::Float(self.context.now as f64 / 1000.0)),
            "query" => (self.context.query)(text(0)).map(objects::samples),
            "first" | "label" | "sortByLabel" | "strvalue" | "value" => of_samples(name, arguments),
            "args" => {
                let named = arguments.iter().enumerate();
                let named = named.map(|(at, value)| (format!("arg{at}").into(), value.clone()));
                Ok(Value::map(named.collect::<BTreeMap<_, _>>()))
            }
            "toTime" | "toDuration" => of_number(name, to_float(any(0))?),
            name if name.starts_with("humanize") => of_number(name, to_float(any(0))?),
            _ => of_text(name, text(0), text(1), text(2)),
        }
    }
}

/// Functions of samples.
fn of_samples(name: &str, arguments: &[Value]) -> Result<Value> {
    let any = |at: usize| arguments.get(at).unwrap_or(&Value::Nil);
    let sample = |at: usize| sample(any(at)).ok_or_else(|| NIL_POINTER.to_owned());
    let label = |sample: &TemplateSample, name: &str| {
        Value::string(sample.labels.get(name).map_or("", String::as_str))
    };
    match name {
        "first" => {
            let first = any(0).as_list().and_then(<[Value]>::first);
            first.cloned().ok_or_else(|| "first() called on vector with no elements".to_owned())
        }
        "label" => Ok(label(sample(1)?, any(0).as_str().unwrap_or_default())),
        "strvalue" => Ok(label(sample(0)?, "__value__")),
        "value" => Ok(objects::value(&sample(0)?.value)),
        _ => {
            let (by, Value::List(list)) = (any(0).as_str().unwrap_or_default(), any(1)) else {
                return Ok(Value::Nil);
            };
            let mut items = list.items.to_vec();
            let of =
                |value: &Value| self::sample(value).and_then(|one| one.labels.get(by)).cloned();
            items.sort_by_cached_key(|value| of(value).unwrap_or_default());
            Ok(Value::List(List { kind: list.kind, items: items.into() }))
        }
    }
}

fn sample(value: &Value) -> Option<&TemplateSample> {
    value.downcast::<Sample>().map(|sample| &sample.0)
}

/// Functions of a number.
fn of_number(name: &str, number: f64) -> Result<Value> {
    let time = |number: f64| humanize::to_millis(number).map(DateTime::of_unix_millis);
    match name {
        "toTime" if !number.is_finite() => Err("value is NaN or Inf".to_owned()),
        "toTime" => Ok(Value::object(Time(time(number)?))),
        "toDuration" => Ok(Value::object(GoDuration((number * 1e9) as i64))),
        "humanizeTimestamp" if number.is_finite() => Ok(Value::string(time(number)?.print())),
        "humanizeTimestamp" => Ok(Value::string(humanize::four_digits(number))),
        "humanize1024" => Ok(Value::string(humanize::binary(number))),
        "humanizeDuration" => Ok(Value::string(humanize::duration(number))),
        "humanizePercentage" => Ok(Value::string(humanize::percentage(number))),
        _ => Ok(Value::string(humanize::si(number))),
    }
}

/// Functions of up to three texts.
fn of_text(name: &str, first: &str, second: &str, third: &str) -> Result<Value> {
    Ok(Value::string(match name {
        "graphLink" => link(first, 0),
        "tableLink" => link(first, 1),
        "match" => {
            let regex = Regex::unanchored(first).map_err(|error| error.message)?;
            return Ok(Value::Bool(regex.is_match(second)));
        }
        "reReplaceAll" => {
            // Prometheus lets the compilation panic, and Go reports the panic.
            let regex = Regex::unanchored(first).map_err(|error| {
                let pattern =
                    if can_backquote(first) { format!("`{first}`") } else { quote(first) };
                format!("regexp: Compile({pattern}): {}", error.message)
            })?;
            regex.replace_all(third, second)
        }
        "parseDuration" => {
            let positive = first.strip_prefix('-').unwrap_or(first);
            let seconds = Duration::parse(positive).map_err(|error| error.to_string())?.seconds();
            return Ok(Value::Float(if positive == first { seconds } else { -seconds }));
        }
        "stripPort" => split_host_port(first).map_or(first, |(host, _)| host).to_owned(),
        "stripDomain" => strip_domain(first),
        "title" => case::title(first),
        "toLower" => case::lower(first),
        "toUpper" => case::upper(first),
        "urlQueryEscape" => query_escape(first),
        "safeHtml" => first.to_owned(),
        _ => return Err(format!("{name} is not a function")),
    }))
}

/// Source: prometheus template/template.go `convertToFloat`.
fn to_float(value: &Value) -> Result<f64> {
    match value {
        Value::Float(value) => Ok(*value),
        Value::Int(value) | Value::Int64(value) => Ok(*value as f64),
        Value::Uint64(value) => Ok(*value as f64),
        Value::String(text) => parse_float(text).map_err(|error| error.to_string()),
        other => Err(format!("can't convert {} to float", other.type_name())),
    }
}

/// A link to the page that graphs or lists an expression.
fn link(expression: &str, tab: u8) -> String {
    format!("/graph?g0.expr={}&g0.tab={tab}", query_escape(expression))
}

fn strip_domain(address: &str) -> String {
    let (host, port) = split_host_port(address).unwrap_or((address, ""));
    if host.parse::<IpAddr>().is_ok() {
        return address.to_owned();
    }
    let first = host.split('.').next().unwrap_or_default();
    if port.is_empty() { first.to_owned() } else { join_host_port(first, port) }
}
