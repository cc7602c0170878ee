//! JSON as Go's encoders print it: fields in the order of the struct, maps sorted.

use std::fmt::Write as _;

use go::json::{format_float as format_json, quote};
use go::number::{format_float, format_general};
use promql::histogram::FloatHistogram;
use promql::{Labels, SampleValue, Timestamp};

/// A value to be printed. Objects keep the order of their fields.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// `<`, `>` and `&` are escaped, as `encoding/json` does.
    Text(String),
    /// A number that is already printed.
    Raw(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// An object whose texts keep `<`, `>` and `&`, as Prometheus prints label sets.
    Labels(Labels),
}

impl Json {
    /// An object of named fields.
    pub fn object<const N: usize>(fields: [(&str, Json); N]) -> Self {
        Self::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A list of texts.
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::Text(text.into())).collect())
    }

    /// A sample's time: seconds with up to three decimals.
    /// Source: util/jsonutil `MarshalTimestamp`.
    pub fn timestamp(time: Timestamp) -> Self {
        let sign = if time < 0 { "-" } else { "" };
        let (seconds, millis) = (time.unsigned_abs() / 1000, time.unsigned_abs() % 1000);
        Self::Raw(match millis {
            0 => format!("{sign}{seconds}"),
            _ => format!("{sign}{seconds}.{millis:03}"),
        })
    }

    /// A sample's value: a float as a text.
    /// Source: util/jsonutil `MarshalFloat`.
    pub fn sample_float(value: f64) -> Self {
        let size = value.abs();
        let exponent = size != 0.0 && value.is_finite() && !(1e-6..1e21).contains(&size);
        Self::Text(if exponent { format_general(value, None) } else { format_float(value) })
    }

    /// Source: util/jsonutil `MarshalHistogram`.
    pub fn histogram(histogram: &FloatHistogram) -> Self {
        let buckets: Vec<Json> = histogram
            .all_buckets()
            .filter(|bucket| bucket.count != 0.0)
            .map(|bucket| {
                let boundaries = match (bucket.lower_inclusive, bucket.upper_inclusive) {
                    (false, true) => 0,
                    (true, false) => 1,
                    (false, false) => 2,
                    (true, true) => 3,
                };
                let floats = [bucket.lower, bucket.upper, bucket.count].map(Self::sample_float);
                Self::List([Self::Int(boundaries)].into_iter().chain(floats).collect())
            })
            .collect();
        let mut fields = vec![
            ("count".to_owned(), Self::sample_float(histogram.count)),
            ("sum".to_owned(), Self::sample_float(histogram.sum)),
        ];
        if !buckets.is_empty() {
            fields.push(("buckets".to_owned(), Self::List(buckets)));
        }
        Self::Object(fields)
    }

    /// `[time, value]`, and whether the value is a histogram.
    pub fn sample(time: Timestamp, value: &SampleValue) -> (Self, bool) {
        let (value, histogram) = match value {
            SampleValue::Float(value) => (Self::sample_float(*value), false),
            SampleValue::Histogram(histogram) => (Self::histogram(histogram), true),
        };
        (Self::List(vec![Self::timestamp(time), value]), histogram)
    }

    /// The value as text, without spaces.
    pub fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Float(value) => out.push_str(&format_json(*value).unwrap_or_default()),
            Self::Text(text) => out.push_str(&quote(text, true)),
            Self::Raw(text) => out.push_str(text),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&quote(name, true));
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
            Self::Labels(labels) => {
                out.push('{');
                for (at, label) in labels.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&quote(&label.name, false));
                    out.push(':');
                    out.push_str(&quote(&label.value, false));
                }
                out.push('}');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_as_go_prints_them() {
        for (value, expected) in [
            (Json::timestamp(1_772_440_200_000), "1772440200"),
            (Json::timestamp(1_772_440_200_120), "1772440200.120"),
            (Json::timestamp(-1), "-0.001"),
            (Json::sample_float(1e21), "\"1e+21\""),
            (Json::sample_float(1e-9), "\"1e-09\""),
            (Json::sample_float(1e-6), "\"0.000001\""),
            (Json::sample_float(f64::INFINITY), "\"+Inf\""),
            (Json::sample_float(f64::NAN), "\"NaN\""),
            (Json::sample_float(0.0), "\"0\""),
            (Json::Float(1e-9), "1e-9"),
            (Json::Float(0.5), "0.5"),
            (Json::text("a<b \"c\"\n\u{1}"), r#""a\u003cb \"c\"\n\u0001""#),
            (Json::Labels(Labels::from_pairs([("a", "<")])), r#"{"a":"<"}"#),
            (
                Json::object([("b", Json::Null), ("a", Json::List(vec![Json::Bool(true)]))]),
                r#"{"b":null,"a":[true]}"#,
            ),
        ] {
            assert_eq!(value.print(), expected);
        }
    }

    #[test]
    fn histograms_list_their_populated_buckets() {
        let histogram = FloatHistogram { count: 2.0, sum: 3.5, ..FloatHistogram::default() };
        assert_eq!(Json::histogram(&histogram).print(), r#"{"count":"2","sum":"3.5"}"#);
    }
}
