//! Histograms as text: as Prometheus shows them, and as its test language writes them.

use std::fmt;

use super::buckets::Buckets;
use super::{Bucket, CounterResetHint, FloatHistogram};
use go::number::format_general;

fn general(value: f64) -> String {
    format_general(value, None)
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = if self.lower_inclusive { '[' } else { '(' };
        let close = if self.upper_inclusive { ']' } else { ')' };
        let (lower, upper) = (general(self.lower), general(self.upper));
        write!(f, "{open}{lower},{upper}{close}:{}", general(self.count))
    }
}

/// `{count:5, sum:10, [-0.1,0.1]:1, (1,2]:4}`: populated buckets in ascending order.
impl fmt::Display for FloatHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{count:{}, sum:{}", general(self.count), general(self.sum))?;
        let below = self.negative.indexed_reversed();
        for (index, count) in below.filter(|(_, count)| *count != 0.0) {
            write!(f, ", {}", self.negative_bucket(index, count))?;
        }
        if self.zero_count != 0.0 && !self.uses_custom_buckets() {
            write!(f, ", {}", self.zero_bucket())?;
        }
        for bucket in self.positive_buckets().filter(|bucket| bucket.count != 0.0) {
            write!(f, ", {bucket}")?;
        }
        f.write_str("}")
    }
}

impl FloatHistogram {
    /// `{{schema:1 count:5 buckets:[1 4]}}`, the notation of Prometheus's rule and query tests.
    /// It has one row of buckets for each side, so gaps come out as empty buckets.
    pub fn test_expression(&self) -> String {
        let mut compacted = self.clone();
        compacted.compact(usize::MAX);
        let mut parts: Vec<String> = Vec::new();
        if self.schema != 0 {
            parts.push(format!("schema:{}", self.schema));
        }
        for (key, value) in [
            ("count", self.count),
            ("sum", self.sum),
            ("z_bucket", self.zero_count),
            ("z_bucket_w", self.zero_threshold),
        ] {
            if value != 0.0 {
                parts.push(format!("{key}:{}", general(value)));
            }
        }
        if self.uses_custom_buckets() {
            parts.push(format!("custom_values:{}", list(self.bounds())));
        }
        let hint = match self.counter_reset_hint {
            CounterResetHint::Unknown => None,
            CounterResetHint::Reset => Some("reset"),
            CounterResetHint::NotReset => Some("not_reset"),
            CounterResetHint::Gauge => Some("gauge"),
        };
        parts.extend(hint.map(|hint| format!("counter_reset_hint:{hint}")));
        side(&mut parts, "offset", "buckets", &compacted.positive);
        side(&mut parts, "n_offset", "n_buckets", &compacted.negative);
        format!("{{{{{}}}}}", parts.join(" "))
    }
}

fn side(parts: &mut Vec<String>, offset: &str, buckets: &str, side: &Buckets) {
    if let Some(first) = side.spans.first().filter(|span| span.offset != 0) {
        parts.push(format!("{offset}:{}", first.offset));
    }
    if !side.is_empty() {
        parts.push(format!("{buckets}:{}", list(&side.counts)));
    }
}

fn list(values: &[f64]) -> String {
    let texts: Vec<String> = values.iter().map(|&value| general(value)).collect();
    format!("[{}]", texts.join(" "))
}
