//! The text formats as client libraries write them.

use std::fmt::Write;

use super::{Exemplar, Format, MetricType};
use crate::families::{Family, FamilySample};
use go::number::format_general;
use promql::{is_legacy_label_name, is_legacy_metric_name};

/// Writes a body. The `TYPE` line of a counter has the suffix `_total` only in the text format.
/// Units, exemplars and `# EOF` are written only in OpenMetrics.
pub fn write(families: &[Family], format: Format) -> String {
    let mut body = String::new();
    for family in families {
        write_family(&mut body, family, format);
    }
    if format == Format::OpenMetrics {
        body.push_str("# EOF\n");
    }
    body
}

fn write_family(body: &mut String, family: &Family, format: Format) {
    let name = header_name(family, format);
    let quoted = if is_legacy_metric_name(&name) { name } else { quote(&name) };
    let openmetrics = format == Format::OpenMetrics;
    if !family.help.is_empty() {
        let _ = writeln!(body, "# HELP {quoted} {}", escape(&family.help, openmetrics));
    }
    let _ = writeln!(body, "# TYPE {quoted} {}", type_word(family.metric_type, format));
    if openmetrics && !family.unit.is_empty() {
        let _ = writeln!(body, "# UNIT {quoted} {}", family.unit);
    }
    // In the text format libraries write creation times as a separate gauge.
    let created = |sample: &FamilySample| sample.suffix == "_created" && !openmetrics;
    for sample in family.samples.iter().filter(|sample| !created(sample)) {
        write_sample(body, family, sample, format);
    }
    if family.samples.iter().any(created) {
        let name = format!("{}_created", family.name);
        let name = if is_legacy_metric_name(&name) { name } else { quote(&name) };
        if !family.help.is_empty() {
            let _ = writeln!(body, "# HELP {name} {}", escape(&family.help, false));
        }
        let _ = writeln!(body, "# TYPE {name} gauge");
    }
    for sample in family.samples.iter().filter(|sample| created(sample)) {
        write_sample(body, family, sample, format);
    }
}

fn header_name(family: &Family, format: Format) -> String {
    let suffix = match (format, family.metric_type) {
        (Format::PrometheusText, MetricType::Counter) if !family.bare => "_total",
        (Format::PrometheusText, MetricType::Info) => "_info",
        _ => "",
    };
    format!("{}{suffix}", family.name)
}

/// Returns the type name. Types that the text format does not have become gauge or untyped.
fn type_word(metric_type: MetricType, format: Format) -> &'static str {
    match (format, metric_type) {
        (Format::OpenMetrics, _) => metric_type.as_str(),
        (_, MetricType::Info | MetricType::StateSet) => "gauge",
        (_, MetricType::GaugeHistogram) => "histogram",
        (_, MetricType::Unknown) => "untyped",
        _ => metric_type.as_str(),
    }
}

fn write_sample(body: &mut String, family: &Family, sample: &FamilySample, format: Format) {
    let bare = format == Format::PrometheusText && family.bare && sample.suffix == "_total";
    let name = format!("{}{}", family.name, if bare { "" } else { sample.suffix });
    write_series(body, &name, sample.labels.iter().map(|(label, value)| (&**label, &**value)));
    body.push(' ');
    body.push_str(&match format {
        Format::OpenMetrics => format_openmetrics_float(sample.value),
        Format::PrometheusText => format_general(sample.value, None),
    });
    if let (Format::OpenMetrics, Some(exemplar)) = (format, &sample.exemplar) {
        write_exemplar(body, exemplar);
    }
    body.push('\n');
}

/// Writes a name and its labels, without blanks, as OpenMetrics requires.
pub fn write_series<'a>(
    body: &mut String,
    name: &str,
    labels: impl Iterator<Item = (&'a str, &'a str)>,
) {
    let legacy = is_legacy_metric_name(name);
    let mut before = "{";
    if legacy {
        body.push_str(name);
    } else {
        let _ = write!(body, "{{{}", quote(name));
        before = ",";
    }
    for (label, value) in labels {
        let label = if is_legacy_label_name(label) { label.to_owned() } else { quote(label) };
        let _ = write!(body, "{before}{label}={}", quote(value));
        before = ",";
    }
    if before == "," {
        body.push('}');
    }
}

fn write_exemplar(body: &mut String, exemplar: &Exemplar) {
    body.push_str(" # {");
    for (i, label) in exemplar.labels.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        let name = match is_legacy_label_name(&label.name) {
            true => label.name.to_string(),
            false => quote(&label.name),
        };
        let _ = write!(body, "{comma}{name}={}", quote(&label.value));
    }
    let _ = write!(body, "}} {}", format_openmetrics_float(exemplar.value));
    if let Some(timestamp) = exemplar.timestamp {
        let _ = write!(body, " {:.3}", timestamp as f64 / 1000.0);
    }
}

fn quote(text: &str) -> String {
    format!("\"{}\"", escape(text, true))
}

fn escape(text: &str, quotes: bool) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quotes { escaped.replace('"', "\\\"") } else { escaped }
}

/// Formats a float in OpenMetrics notation: with a point or an exponent, or as `+Inf` or `NaN`.
///
/// Source: prometheus model/labels `FormatOpenMetricsFloat`.
pub fn format_openmetrics_float(value: f64) -> String {
    let text = format_general(value, None);
    if text.contains(['e', '.', 'N', 'I']) { text } else { text + ".0" }
}
