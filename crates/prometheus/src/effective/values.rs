//! The value in force of one key.

use go::case;
use std::sync::Arc;

use super::text_of;
use crate::values::size;
use go::Duration;
use go::url;
use schema::Section;
use schema::{DefaultValue, Field, Record, Type};
use yaml::{Node, scalars};

/// A value as it is to be printed.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// As it stands: a number, a boolean, a duration.
    Raw(String),
    /// As it stands, and also when it is zero, because Go holds it by a pointer.
    Shown(bool),
    /// An empty mapping that is shown.
    Empty,
    /// A text that is shown even when it is empty.
    Written(Arc<str>),
    /// With the quotes that it needs.
    Text(Arc<str>),
    List(Vec<Arc<str>>),
    Pairs(Vec<(Arc<str>, Arc<str>)>),
    /// A list or mapping as written.
    Node(&'a Node),
    /// Texts in brackets.
    Flow(Vec<Arc<str>>),
}

fn value_is_empty(node: &Node) -> bool {
    node.entries().next().is_none()
}

impl Value<'_> {
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Raw(text) => {
                matches!(&**text, "false" | "0" | "0s" | "0B" | "null" | "[]" | "{}")
            }
            Self::Shown(_) | Self::Written(_) | Self::Empty => false,
            Self::Text(text) => text.is_empty(),
            Self::List(items) | Self::Flow(items) => items.is_empty(),
            Self::Pairs(pairs) => pairs.is_empty(),
            Self::Node(node) => node.items().is_empty() && node.entries().next().is_none(),
        }
    }

    fn raw(text: impl ToString) -> Self {
        Self::Raw(text.to_string())
    }
}

/// Sections that Go holds by a pointer: they are printed when they are there, even empty.
pub fn is_pointer(key: &str) -> bool {
    !matches!(
        key,
        "tls_config"
            | "namespaces"
            | "attach_metadata"
            | "chunk_encoding"
            | "queue_config"
            | "metadata_config"
            | "otlp"
            | "tracing"
            | "alerting"
            | "storage"
            | "runtime"
    )
}

/// Settings for which Prometheus fills no default in, though it acts on one.
const UNFILLED: [(&str, &str); 6] = [
    ("exemplars", "max_exemplars"),
    ("oauth2", "grant_type"),
    ("oauth2", "signature_algorithm"),
    ("sigv4", "service_name"),
    ("aws_sd_config", "refresh_interval"),
    ("aws_sd_config", "port"),
];

/// Returns true if all values of a section are zero values.
pub fn all_zero(node: Option<&Node>, record: &'static Record) -> bool {
    let Some(node) = node else { return true };
    node.entries().all(|entry| {
        let Some(field) = entry.name().and_then(|name| record.field(name)) else { return true };
        match field.ty {
            Type::Record(below) => all_zero(Some(&entry.value), below),
            ty => scalar(&entry.value, &ty, field.secret).is_zero(),
        }
    })
}

/// Returns the value of a key that Prometheus computes, whatever is written.
fn computed<'a>(node: Option<&'a Node>, record: &str, key: &str) -> Option<Value<'a>> {
    let section = node.and_then(Section::new);
    match (record, key) {
        ("tsdb", "outofordertimewindow") => {
            let window = section.map_or(Duration(0), |section| {
                section.duration("out_of_order_time_window", Duration(0))
            });
            Some(Value::raw(window.millis()))
        }
        ("digitalocean_sd_config", "httpclient") => Some(Value::raw("null")),
        ("outscale_sd_config", "endpoint") => match section {
            Some(section) if section.filled(key) => None,
            section => {
                let region = section
                    .map_or("eu-west-2".into(), |section| section.text_or("region", "eu-west-2"));
                Some(Value::Text(Arc::from(format!("https://api.{region}.outscale.com/api/v1"))))
            }
        },
        _ => None,
    }
}

/// Returns the value of a written field, as Prometheus prints it.
fn written<'a>(node: &'a Node, record: &str, field: &'static Field) -> Value<'a> {
    match (field.key, scalar(node, &field.ty, field.secret)) {
        ("action", Value::Text(text)) => Value::Text(Arc::from(case::lower(&text))),
        ("proxy_url" | "api_server", Value::Text(text)) if !node.is_null() => {
            Value::Written(Arc::from(url::print(&text)))
        }
        ("url", Value::Text(text)) if record.starts_with("remote_") => {
            Value::Text(Arc::from(url::print(&text)))
        }
        ("http_headers", Value::Node(node)) if value_is_empty(node) && !node.is_null() => {
            Value::Empty
        }
        ("regex", Value::Text(text)) => Value::Written(text),
        ("type", Value::Text(text)) if record == "authorization" && text.is_empty() => {
            Value::Text(Arc::from("Bearer"))
        }
        ("source_labels", Value::Node(node)) => {
            Value::Flow(node.items().iter().map(text_of).collect())
        }
        ("promote_resource_attributes" | "ignore_resource_attributes", Value::Node(node)) => {
            let trimmed = |node: &Node| Arc::from(text_of(node).trim());
            Value::List(node.items().iter().map(trimmed).collect())
        }
        ("gogc", value) if value.is_zero() => Value::raw("75"),
        (_, value) => value,
    }
}

/// Returns the value of a key: computed, written, or the default of the table of fields.
pub fn of_field<'a>(
    node: Option<&'a Node>,
    record: &'static Record,
    key: &'static str,
) -> Value<'a> {
    let Some(field) = record.field(key) else { return Value::raw("null") };
    if let Some(value) = computed(node, record.name, key) {
        return value;
    }
    if let Some(node) = node.and_then(|node| node.get(key)) {
        return written(node, record.name, field);
    }
    if key == "enable_http2" || key == "follow_redirects" {
        let off = record.name == "aws_sd_config"
            || (key == "enable_http2" && record.name == "remote_write");
        return Value::raw(!off);
    }
    match field.default {
        // The default regex is not printed.
        _ if key == "regex" => Value::Text(Arc::from("")),
        _ if UNFILLED.contains(&(record.name, key)) => zero(&field.ty),
        DefaultValue::Literal(text) => literal(text, &field.ty),
        _ => zero(&field.ty),
    }
}

fn literal<'a>(text: &str, ty: &Type) -> Value<'a> {
    match ty {
        Type::Bool | Type::Int { .. } | Type::Uint { .. } | Type::Float | Type::Duration { .. } => {
            Value::raw(text)
        }
        _ => Value::Text(Arc::from(text)),
    }
}

fn zero<'a>(ty: &Type) -> Value<'a> {
    match ty {
        Type::Bool => Value::raw("false"),
        Type::Int { .. } | Type::Uint { .. } | Type::Float => Value::raw("0"),
        Type::Duration { .. } => Value::raw("0s"),
        Type::Size => Value::raw("0B"),
        Type::List(_) => Value::raw("[]"),
        Type::Map { .. } => Value::raw("{}"),
        Type::Secret => Value::raw("null"),
        _ => Value::Text(Arc::from("")),
    }
}

/// A written value in the form in which Go prints it back.
pub fn scalar<'a>(node: &'a Node, ty: &Type, secret: bool) -> Value<'a> {
    if node.is_null() {
        return zero(ty);
    }
    match ty {
        Type::Bool => scalars::bool(node).map_or(Value::Node(node), Value::raw),
        Type::Int { .. } => scalars::int(node, 64, "int").map_or(Value::Node(node), Value::raw),
        Type::Uint { .. } => scalars::uint(node, 64, "uint").map_or(Value::Node(node), Value::raw),
        Type::Float => scalars::float(node).map_or(Value::Node(node), Value::raw),
        Type::Duration { .. } => match Duration::parse(&text_of(node)) {
            Ok(duration) => Value::raw(duration),
            Err(_) => Value::Text(text_of(node)),
        },
        Type::Size => match size::parse(&text_of(node)) {
            Ok(bytes) => Value::Raw(size::print(bytes)),
            Err(_) => Value::Text(text_of(node)),
        },
        Type::List(_) | Type::Map { .. } | Type::Record(_) | Type::Any => Value::Node(node),
        _ if secret || matches!(ty, Type::Secret) => match text_of(node).is_empty() {
            true => Value::raw("null"),
            false => Value::Text(Arc::from("<secret>")),
        },
        _ => Value::Text(text_of(node)),
    }
}

/// Fields of `global` that Prometheus fills in even if they are not written.
const FILLED: [&str; 6] = [
    "scrape_interval",
    "scrape_timeout",
    "evaluation_interval",
    "metric_name_validation_scheme",
    "scrape_native_histograms",
    "extra_scrape_metrics",
];

/// Returns true if the printed value of a field is its value in force, with inheritance. Other
/// fields are printed as they are written.
pub fn is_filled_in(record: &Record, field: &Field, section: Option<&Node>) -> bool {
    match record.name {
        "scrape_config" => {
            matches!(field.default, DefaultValue::Inherited(_) | DefaultValue::Derived { .. })
        }
        // The escaping scheme is filled in only if the whole section is absent.
        "global" => {
            FILLED.contains(&field.key)
                || (field.key == "metric_name_escaping_scheme" && section.is_none())
        }
        _ => false,
    }
}

/// The value in force of a field that is filled in.
pub fn in_force<'a>(node: &Node, ty: &Type) -> Value<'a> {
    match ty {
        // Go has pointers here, so that false is printed too.
        Type::Bool => Value::Shown(scalars::bool(node).unwrap_or_default()),
        Type::List(_) => Value::List(schema::texts(node)),
        _ => match scalar(node, ty, false) {
            Value::Raw(text) => Value::Raw(text),
            _ => Value::Text(text_of(node)),
        },
    }
}
