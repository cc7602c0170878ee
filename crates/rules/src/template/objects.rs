//! Samples, histograms, times and durations as values of templates.

use std::any::Any;
use std::sync::Arc;

use go::template::{Field, List, ListType, Object, Signature, Type, Value};
use go::time::{DateTime, MONTHS, SECOND, WEEKDAYS, format_duration, weekday};
use prometheus::rule_files::{QUERY_RESULT, SAMPLE};
use promql::SampleValue;
use promql::histogram::FloatHistogram;

use super::{TemplateSample, strings};

/// The type of what `query` gives: a slice of pointers.
static SAMPLES: ListType = ListType { name: QUERY_RESULT, boxed: false, methods: &[] };

/// A float64 or a pointer to a histogram.
pub(super) fn value(value: &SampleValue) -> Value {
    match value {
        SampleValue::Float(value) => Value::Float(*value),
        SampleValue::Histogram(histogram) => Value::object(Histogram(histogram.clone())),
    }
}

pub(super) fn samples(samples: Vec<TemplateSample>) -> Value {
    let items = samples.into_iter().map(|sample| Value::object(Sample(sample))).collect();
    Value::List(List { kind: &SAMPLES, items: Arc::new(items) })
}

const fn takes(name: &'static str, parameters: &'static [Type]) -> Signature {
    Signature { name, parameters, variadic: None }
}

fn plain(value: Value) -> Option<Field> {
    Some(Field { value, boxed: false })
}

/// The dot of an alert's template.
#[derive(Debug)]
pub(super) struct AlertData {
    pub labels: Value,
    pub external_labels: Value,
    pub external_url: Value,
    pub value: Value,
}

impl Object for AlertData {
    fn type_name(&self) -> &str {
        "struct { Labels map[string]string; ExternalLabels map[string]string; \
         ExternalURL string; Value interface {} }"
    }

    fn field(&self, name: &str) -> Option<Field> {
        match name {
            "Labels" => plain(self.labels.clone()),
            "ExternalLabels" => plain(self.external_labels.clone()),
            "ExternalURL" => plain(self.external_url.clone()),
            "Value" => Some(Field { value: self.value.clone(), boxed: true }),
            _ => None,
        }
    }

    fn print(&self) -> String {
        let [labels, external, url, value] =
            [&self.labels, &self.external_labels, &self.external_url, &self.value]
                .map(Value::print);
        format!("{{{labels} {external} {url} {value}}}")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
pub(super) struct Sample(pub TemplateSample);

impl Object for Sample {
    fn type_name(&self) -> &str {
        SAMPLE
    }

    fn field(&self, name: &str) -> Option<Field> {
        match name {
            "Labels" => plain(strings(&self.0.labels)),
            "Value" => Some(Field { value: value(&self.0.value), boxed: true }),
            _ => None,
        }
    }

    fn print(&self) -> String {
        format!("&{{{} {}}}", strings(&self.0.labels).print(), value(&self.0.value).print())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct Histogram(Arc<FloatHistogram>);

impl Object for Histogram {
    fn type_name(&self) -> &str {
        "*histogram.FloatHistogram"
    }

    fn field(&self, name: &str) -> Option<Field> {
        let histogram = &self.0;
        plain(match name {
            "Schema" => Value::Int32(histogram.schema),
            "ZeroThreshold" => Value::Float(histogram.zero_threshold),
            "ZeroCount" => Value::Float(histogram.zero_count),
            "Count" => Value::Float(histogram.count),
            "Sum" => Value::Float(histogram.sum),
            _ => return None,
        })
    }

    fn print(&self) -> String {
        self.0.to_string()
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A `*time.Time` in UTC.
#[derive(Debug)]
pub(super) struct Time(pub DateTime);

const NOTHING: &[Type] = &[];

static TIME_METHODS: [Signature; 15] = [
    takes("Day", NOTHING),
    takes("Format", &[Type::String]),
    takes("Hour", NOTHING),
    takes("Minute", NOTHING),
    takes("Month", NOTHING),
    takes("Nanosecond", NOTHING),
    takes("Second", NOTHING),
    takes("String", NOTHING),
    takes("UTC", NOTHING),
    takes("Unix", NOTHING),
    takes("UnixMilli", NOTHING),
    takes("UnixNano", NOTHING),
    takes("Weekday", NOTHING),
    takes("Year", NOTHING),
    takes("YearDay", NOTHING),
];

impl Object for Time {
    fn type_name(&self) -> &str {
        "*time.Time"
    }

    fn field(&self, _name: &str) -> Option<Field> {
        None
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        TIME_METHODS.iter().find(|method| method.name == name)
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let DateTime { date, hour, minute, second, nanosecond } = self.0;
        let named = |names: &'static [&'static str], at: i64, kind| {
            let name = usize::try_from(at).ok().and_then(|at| names.get(at).copied());
            Value::object(Named { name: name.unwrap_or_default(), kind })
        };
        Ok(match name {
            "Day" => Value::Int(date.day),
            "Hour" => Value::Int(hour),
            "Minute" => Value::Int(minute),
            "Month" => named(&MONTHS, date.month - 1, "time.Month"),
            "Nanosecond" => Value::Int(nanosecond),
            "Second" => Value::Int(second),
            "UTC" => Value::object(Self(self.0)),
            "Unix" => Value::Int64(self.0.unix()),
            "UnixMilli" => Value::Int64(self.0.unix() * 1000 + nanosecond / 1_000_000),
            "UnixNano" => Value::Int64(self.0.unix().wrapping_mul(SECOND).wrapping_add(nanosecond)),
            "Weekday" => named(&WEEKDAYS, weekday(date.days()), "time.Weekday"),
            "Year" => Value::Int(date.year),
            "YearDay" => Value::Int(date.year_day()),
            "Format" => {
                let layout = arguments.first().and_then(Value::as_str).unwrap_or_default();
                Value::string(self.0.format(layout))
            }
            _ => Value::string(self.0.print()),
        })
    }

    fn print(&self) -> String {
        self.0.print()
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A month or a day of the week.
#[derive(Debug)]
struct Named {
    name: &'static str,
    kind: &'static str,
}

impl Object for Named {
    fn type_name(&self) -> &str {
        self.kind
    }

    fn field(&self, _name: &str) -> Option<Field> {
        None
    }

    fn print(&self) -> String {
        self.name.to_owned()
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A `*time.Duration`, in nanoseconds.
#[derive(Debug)]
pub(super) struct GoDuration(pub i64);

static DURATION_METHODS: [Signature; 7] = [
    takes("Hours", NOTHING),
    takes("Microseconds", NOTHING),
    takes("Milliseconds", NOTHING),
    takes("Minutes", NOTHING),
    takes("Nanoseconds", NOTHING),
    takes("Seconds", NOTHING),
    takes("String", NOTHING),
];

impl Object for GoDuration {
    fn type_name(&self) -> &str {
        "*time.Duration"
    }

    fn field(&self, _name: &str) -> Option<Field> {
        None
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        DURATION_METHODS.iter().find(|method| method.name == name)
    }

    fn call(&self, name: &str, _arguments: &[Value]) -> Result<Value, String> {
        let seconds = self.0 as f64 / SECOND as f64;
        Ok(match name {
            "Hours" => Value::Float(seconds / 3600.0),
            "Minutes" => Value::Float(seconds / 60.0),
            "Seconds" => Value::Float(seconds),
            "Milliseconds" => Value::Int64(self.0 / 1_000_000),
            "Microseconds" => Value::Int64(self.0 / 1_000),
            "Nanoseconds" => Value::Int64(self.0),
            _ => Value::string(self.print()),
        })
    }

    fn print(&self) -> String {
        format_duration(self.0)
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
