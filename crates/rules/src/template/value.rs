//! What expressions in templates evaluate to, and how it prints.

use std::collections::BTreeMap;
use std::sync::Arc;

use go::number::format_general;
use promql::histogram::FloatHistogram;

/// A value in a template. The kinds are those that Go would have in their places, since functions
/// and comparisons refuse values of the wrong kind.
#[derive(Clone, Debug)]
pub enum TemplateValue {
    /// No value: a missing key, or `nil`.
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(Arc<str>),
    /// Labels: a missing one is the empty string.
    Strings(Arc<BTreeMap<String, String>>),
    /// What `args` makes: a missing key is no value.
    Map(Arc<BTreeMap<String, TemplateValue>>),
    /// A structure: a missing field is an error.
    Struct(Arc<BTreeMap<String, TemplateValue>>),
    /// What `query` gives.
    Samples(Arc<Vec<TemplateSample>>),
    Sample(Arc<TemplateSample>),
    Histogram(Arc<FloatHistogram>),
    /// Milliseconds since 1970.
    Time(i64),
    /// Nanoseconds.
    Duration(i64),
}

/// A series' value at one time.
#[derive(Clone, Debug)]
pub struct TemplateSample {
    pub labels: BTreeMap<String, String>,
    /// A float or a histogram.
    pub value: TemplateValue,
}

impl TemplateValue {
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// What `if` and its kin take for true: anything that is not empty or zero.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(value) | Self::Duration(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::String(text) => !text.is_empty(),
            Self::Strings(map) => !map.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Samples(samples) => !samples.is_empty(),
            Self::Struct(_) | Self::Sample(_) | Self::Histogram(_) | Self::Time(_) => true,
        }
    }

    /// The type's name in Go.
    pub fn go_type(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float64",
            Self::String(_) => "string",
            Self::Strings(_) => "map[string]string",
            Self::Map(_) => "map[string]interface {}",
            Self::Struct(_) => "struct",
            Self::Samples(_) => "template.queryResult",
            Self::Sample(_) => "*template.sample",
            Self::Histogram(_) => "*histogram.FloatHistogram",
            Self::Time(_) => "*time.Time",
            Self::Duration(_) => "*time.Duration",
        }
    }

    /// As Go prints the value: `%v`.
    pub fn print(&self) -> String {
        match self {
            Self::Nil => "<no value>".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => format_general(*value, None),
            Self::String(text) => text.to_string(),
            Self::Strings(map) => {
                let pairs: Vec<String> =
                    map.iter().map(|(key, value)| format!("{key}:{value}")).collect();
                format!("map[{}]", pairs.join(" "))
            }
            Self::Map(map) | Self::Struct(map) => {
                let pairs: Vec<String> =
                    map.iter().map(|(key, value)| format!("{key}:{}", value.print())).collect();
                format!("map[{}]", pairs.join(" "))
            }
            Self::Samples(samples) => {
                let texts: Vec<String> = samples.iter().map(TemplateSample::print).collect();
                format!("[{}]", texts.join(" "))
            }
            Self::Sample(sample) => sample.print(),
            Self::Histogram(histogram) => histogram.to_string(),
            Self::Time(millis) => super::humanize::time(*millis),
            Self::Duration(nanos) => super::humanize::go_duration(*nanos),
        }
    }
}

impl TemplateSample {
    fn print(&self) -> String {
        let labels = TemplateValue::Strings(Arc::new(self.labels.clone()));
        format!("&{{{} {}}}", labels.print(), self.value.print())
    }
}
