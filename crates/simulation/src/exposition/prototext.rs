//! The text notation of protobuf messages, for display. Scrapes do not parse it.

use std::fmt::Write;
use std::sync::Arc;

use super::MetricType;
use crate::families::{Family, FamilySample};
use go::number::{format_general, parse_float};
use promql::histogram::{Buckets, FloatHistogram};

/// Returns a string in double quotes. Only `\n`, `\r` and `\t` have escapes of their own.
///
/// Source: protobuf internal/encoding/text `appendString`.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        let _ = match c {
            '"' | '\\' => write!(quoted, "\\{c}"),
            '\n' => write!(quoted, "\\n"),
            '\r' => write!(quoted, "\\r"),
            '\t' => write!(quoted, "\\t"),
            '\0'..='\u{1f}' | '\u{7f}' => write!(quoted, "\\x{:02x}", u32::from(c)),
            '\u{80}'..='\u{9f}' => write!(quoted, "\\u{:04x}", u32::from(c)),
            c => write!(quoted, "{c}"),
        };
    }
    quoted.push('"');
    quoted
}

/// The samples of a family with the same labels, which form one message.
struct Metric<'a> {
    labels: Vec<&'a (Arc<str>, Arc<str>)>,
    samples: Vec<&'a FamilySample>,
}

/// Writes all families as `MetricFamily` messages.
pub fn prototext(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families {
        let _ = writeln!(text, "name: {}", quoted(&name(family)));
        if !family.help.is_empty() {
            let _ = writeln!(text, "help: {}", quoted(&family.help));
        }
        let _ = writeln!(text, "type: {}", kind(family.metric_type));
        for metric in metrics(family) {
            write_metric(&mut text, family, &metric);
        }
        if !family.unit.is_empty() {
            let _ = writeln!(text, "unit: {}", quoted(&family.unit));
        }
        text.push('\n');
    }
    text
}

/// Returns the length of the encoded messages with their length prefixes, in bytes.
pub fn encoded_len(families: &[Family]) -> u64 {
    families
        .iter()
        .map(|family| {
            let heads = [name(family).len(), family.help.len(), family.unit.len()];
            let heads: u64 = heads.into_iter().map(|len| field(len as u64)).sum();
            let metrics: u64 =
                metrics(family).iter().map(|metric| field(metric_len(family, metric))).sum();
            let len = heads + 2 + metrics;
            len + varint(len)
        })
        .sum()
}

fn varint(value: u64) -> u64 {
    u64::from((64 - (value | 1).leading_zeros()).div_ceil(7))
}

/// The length of a length-delimited field; 0 if it is empty.
fn field(len: u64) -> u64 {
    if len == 0 { 0 } else { 1 + varint(len) + len }
}

/// The length of a numeric field; zero is not encoded.
fn counted(value: f64) -> u64 {
    if value == 0.0 { 0 } else { 1 + varint(value.max(0.0) as u64) }
}

const DOUBLE: u64 = 9;

fn metric_len(family: &Family, metric: &Metric<'_>) -> u64 {
    let labels: u64 = metric
        .labels
        .iter()
        .map(|(name, value)| field(field(name.len() as u64) + field(value.len() as u64)))
        .sum();
    let own = match family.metric_type {
        MetricType::Histogram | MetricType::GaugeHistogram => metric
            .samples
            .iter()
            .map(|sample| match (sample.suffix, &sample.histogram) {
                ("_bucket", _) => field(counted(sample.value) + DOUBLE),
                ("_sum", _) => DOUBLE,
                ("_count", _) => counted(sample.value),
                (_, Some(native)) => native_len(native),
                _ => 0,
            })
            .sum(),
        MetricType::Summary => metric
            .samples
            .iter()
            .map(|sample| match sample.suffix {
                "_count" => counted(sample.value),
                "_sum" => DOUBLE,
                _ => field(2 * DOUBLE),
            })
            .sum(),
        _ => DOUBLE,
    };
    labels + field(own)
}

fn native_len(histogram: &FloatHistogram) -> u64 {
    let side = |buckets: &Buckets| {
        let spans: u64 = buckets
            .spans
            .iter()
            .map(|span| {
                field(1 + varint(zigzag(span.offset.into())) + 1 + varint(span.length.into()))
            })
            .sum();
        let deltas: u64 = deltas(buckets).map(|delta| varint(zigzag(delta))).sum();
        spans + field(deltas)
    };
    1 + varint(zigzag(histogram.schema.into()))
        + DOUBLE
        + counted(histogram.zero_count)
        + side(&histogram.positive)
        + side(&histogram.negative)
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Counts of integer histograms are encoded as deltas.
fn deltas(buckets: &Buckets) -> impl Iterator<Item = i64> + '_ {
    let mut before = 0;
    buckets.counts.iter().map(move |count| {
        let delta = *count as i64 - before;
        before = *count as i64;
        delta
    })
}

fn name(family: &Family) -> String {
    let suffix = match family.metric_type {
        MetricType::Counter if !family.bare => "_total",
        MetricType::Info => "_info",
        _ => "",
    };
    format!("{}{suffix}", family.name)
}

fn kind(metric_type: MetricType) -> &'static str {
    match metric_type {
        MetricType::Counter => "COUNTER",
        MetricType::Gauge | MetricType::Info | MetricType::StateSet => "GAUGE",
        MetricType::Histogram => "HISTOGRAM",
        MetricType::GaugeHistogram => "GAUGE_HISTOGRAM",
        MetricType::Summary => "SUMMARY",
        MetricType::Unknown => "UNTYPED",
    }
}

fn metrics(family: &Family) -> Vec<Metric<'_>> {
    let mut metrics: Vec<Metric<'_>> = Vec::new();
    let bound = match family.metric_type {
        MetricType::Histogram | MetricType::GaugeHistogram => "le",
        MetricType::Summary => "quantile",
        _ => "",
    };
    for sample in family.samples.iter().filter(|sample| sample.suffix != "_created") {
        let labels: Vec<_> = sample.labels.iter().filter(|(name, _)| **name != *bound).collect();
        // The samples of a series are adjacent.
        match metrics.last_mut().filter(|last| last.labels == labels && !bound.is_empty()) {
            Some(last) => last.samples.push(sample),
            None => metrics.push(Metric { labels, samples: vec![sample] }),
        }
    }
    metrics
}

fn write_metric(text: &mut String, family: &Family, metric: &Metric<'_>) {
    text.push_str("metric: {\n");
    for (name, value) in &metric.labels {
        let (name, value) = (quoted(name), quoted(value));
        let _ = writeln!(text, "  label: {{ name: {name} value: {value} }}");
    }
    match family.metric_type {
        MetricType::Histogram | MetricType::GaugeHistogram => write_histogram(text, metric),
        MetricType::Summary => write_summary(text, metric),
        other => {
            let word = kind(other).to_ascii_lowercase();
            for sample in &metric.samples {
                let _ = writeln!(text, "  {word}: {{ value: {} }}", number(sample.value));
            }
        }
    }
    text.push_str("}\n");
}

fn write_summary(text: &mut String, metric: &Metric<'_>) {
    text.push_str("  summary: {\n");
    for sample in &metric.samples {
        let value = number(sample.value);
        let _ = match sample.suffix {
            "_count" => writeln!(text, "    sample_count: {value}"),
            "_sum" => writeln!(text, "    sample_sum: {value}"),
            _ => {
                let quantile = bound(sample, "quantile");
                writeln!(text, "    quantile: {{ quantile: {quantile} value: {value} }}")
            }
        };
    }
    text.push_str("  }\n");
}

fn write_histogram(text: &mut String, metric: &Metric<'_>) {
    text.push_str("  histogram: {\n");
    let of = |suffix: &str| metric.samples.iter().find(|sample| sample.suffix == suffix);
    for (key, suffix) in [("sample_count", "_count"), ("sample_sum", "_sum")] {
        if let Some(sample) = of(suffix) {
            let _ = writeln!(text, "    {key}: {}", number(sample.value));
        }
    }
    let native = metric.samples.iter().find_map(|sample| sample.histogram.as_ref());
    for sample in metric.samples.iter().filter(|sample| sample.suffix == "_bucket") {
        let upper = bound(sample, "le");
        // A native histogram alone has no classic buckets.
        if native.is_some() && upper == "inf" {
            continue;
        }
        let count = number(sample.value);
        let _ = writeln!(text, "    bucket: {{ cumulative_count: {count} upper_bound: {upper} }}");
    }
    if let Some(native) = native {
        let _ = writeln!(text, "    schema: {}", native.schema);
        let _ = writeln!(text, "    zero_threshold: {}", number(native.zero_threshold));
        let _ = writeln!(text, "    zero_count: {}", number(native.zero_count));
        for (side, buckets) in [("negative", &native.negative), ("positive", &native.positive)] {
            for span in &buckets.spans {
                let (offset, length) = (span.offset, span.length);
                let _ = writeln!(text, "    {side}_span: {{ offset: {offset} length: {length} }}");
            }
            for delta in deltas(buckets) {
                let _ = writeln!(text, "    {side}_delta: {delta}");
            }
        }
    }
    text.push_str("  }\n");
}

fn bound(sample: &FamilySample, name: &str) -> String {
    let text = sample.labels.iter().find(|(own, _)| &**own == name).map(|(_, value)| &**value);
    text.and_then(|text| parse_float(text).ok()).map_or_else(String::new, number)
}

fn number(value: f64) -> String {
    match value {
        value if value == f64::INFINITY => "inf".to_owned(),
        value if value == f64::NEG_INFINITY => "-inf".to_owned(),
        value if value.is_nan() => "nan".to_owned(),
        value => format_general(value, None),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn strings_are_escaped_as_protobuf_does() {
        for (text, expected) in [
            ("a b'ü", r#""a b'ü""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\n\r\t", r#""\n\r\t""#),
            ("\0\u{7}\u{1b}\u{7f}", r#""\x00\x07\x1b\x7f""#),
            ("\u{85}\u{200b}", "\"\\u0085\u{200b}\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
