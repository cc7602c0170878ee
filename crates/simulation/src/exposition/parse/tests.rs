//! Bodies and the records or the error that they parse to.

use proptest::prelude::*;

use super::*;
use Format::{OpenMetrics, PrometheusText};

fn read(body: &str, format: Format) -> Vec<(String, f64, Option<Timestamp>)> {
    let result = parse(body, format);
    assert_eq!(result.error, None, "{body:?}");
    result.samples().map(|s| (s.labels.to_string(), s.value, s.timestamp)).collect()
}

#[test]
fn samples_of_the_text_format() {
    for (line, labels, value, timestamp) in [
        ("up 1", r#"{__name__="up"}"#, 1.0, None),
        ("up\t 1e3\t17", r#"{__name__="up"}"#, 1000.0, Some(17)),
        (r#"a:b{x="1",} +Inf"#, r#"{__name__="a:b", x="1"}"#, f64::INFINITY, None),
        (r#"a { x = "q\"\\\n" , y="" } 31"#, r#"{__name__="a", x="q\"\\\n"}"#, 31.0, None),
        // Prometheus cuts the name from the start of the line.
        ("  a 31", r#"{__name__="  a"}"#, 31.0, None),
        (r#"{"näme",x="1"} 2"#, r#"{__name__="näme", x="1"}"#, 2.0, None),
        (r#"{x="1","b.c"} 2"#, r#"{__name__="b.c", x="1"}"#, 2.0, None),
        (r#"a{"b.c"="d"} 2"#, r#"{__name__="a", "b.c"="d"}"#, 2.0, None),
    ] {
        assert_eq!(read(line, PrometheusText), [(labels.to_owned(), value, timestamp)], "{line}");
    }
}

#[test]
fn help_texts_unescape_as_their_format_does() {
    for (format, end) in [(PrometheusText, ""), (OpenMetrics, "# EOF\n")] {
        let body = format!("# HELP a x\\\\y\\nz\\\"\n{end}");
        let quotes = if format == OpenMetrics { "\"" } else { "\\\"" };
        let read = parse(&body, format);
        let expected = format!("x\\y\nz{quotes}");
        let Entry::Help { text, .. } = &read.records[0].entry else { panic!() };
        assert_eq!(**text, *expected);
    }
    for (line, expected) in [("# HELP a   b ", "  b "), ("# HELP a", ""), ("# HELP a \t", "")] {
        let read = parse(line, PrometheusText);
        let Entry::Help { text, .. } = &read.records[0].entry else { panic!() };
        assert_eq!(&**text, expected, "{line:?}");
    }
}

#[test]
fn bounds_are_written_the_canonical_way() {
    let body = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n\
                    # TYPE g gauge\ng{le=\"1\"} 1\n";
    let labels: Vec<String> =
        read(body, PrometheusText).into_iter().map(|(labels, ..)| labels).collect();
    assert_eq!(
        labels,
        [
            r#"{__name__="h_bucket", le="1.0"}"#,
            r#"{__name__="h_bucket", le="+Inf"}"#,
            r#"{__name__="g", le="1"}"#
        ]
    );
}

#[test]
fn openmetrics_has_exemplars_units_and_seconds() {
    let body = "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds Time \\\"x\\\".\n\
                    a_seconds_total{b=\"c\"} 2 1.5 # {trace=\"t1\"} 0.5 1.25\n# EOF\n";
    let result = parse(body, OpenMetrics);
    assert_eq!(result.error, None);
    let kinds: Vec<_> = result.records.iter().map(|record| (record.line, &record.entry)).collect();
    assert!(matches!(kinds[0], (1, Entry::Type { metric_type: MetricType::Counter, .. })));
    assert!(matches!(kinds[1], (2, Entry::Unit { unit, .. }) if &**unit == "seconds"));
    assert!(matches!(kinds[2], (3, Entry::Help { text, .. }) if &**text == "Time \"x\"."));
    let sample = result.samples().next().unwrap();
    assert_eq!(sample.timestamp, Some(1500));
    let exemplar = sample.exemplar.as_ref().unwrap();
    assert_eq!(exemplar.labels.to_string(), r#"{trace="t1"}"#);
    assert_eq!((exemplar.value, exemplar.timestamp), (0.5, Some(1250)));
    assert_eq!(kinds[3].0, 4);
    assert_eq!(result.records[0].span.slice(body), "# TYPE a_seconds counter");
}

#[test]
fn mistakes_have_their_line_and_prometheus_words() {
    for (format, body, line, message) in [
        (
            PrometheusText,
            "a 1\nb{c=d} 1\n",
            2,
            r#"expected label value, got "d" ("INVALID") while parsing: "b{c=d""#,
        ),
        (
            PrometheusText,
            "a 1 2 b\n",
            1,
            r#"expected next entry after timestamp, got "b" ("INVALID") while parsing: "a 1 2 b""#,
        ),
        (
            PrometheusText,
            "a x\n",
            1,
            r#"strconv.ParseFloat: parsing "x": invalid syntax while parsing: "a x""#,
        ),
        (PrometheusText, "a 1_0\n", 1, r#"unsupported character in float while parsing: "a 1_0""#),
        (PrometheusText, "# TYPE a count\n", 1, r#"invalid metric type "count""#),
        (PrometheusText, "{x=\"1\"} 1\n", 1, r#"metric name not set while parsing: "{x=\"1\"} 1""#),
        (PrometheusText, "{\"a\",\"b\"} 1\n", 1, "metric name already set"),
        (
            PrometheusText,
            "\n\n<html>\n",
            3,
            r#"expected a valid start token, got "<" ("INVALID") while parsing: "<""#,
        ),
        (PrometheusText, "a\0 1\n", 1, r#"expected value after metric, got "\x00" ("INVALID")"#),
        (OpenMetrics, "a", 1, r#"expected value after metric, got "a" ("EOF") while parsing: "a""#),
        // A break is added to every body of the text format, so this one quotes two.
        (PrometheusText, "a{b=\"c\n", 1, r#"got "\"c\n\n" ("INVALID")"#),
        (PrometheusText, "# TYPE a  counter\n", 1, r#"invalid metric type " counter""#),
        (PrometheusText, "# TYPE aé gauge\n", 1, r#"invalid metric type "\xa9 gauge""#),
        (PrometheusText, "# HELP aé b\n", 1, r#"help text "\xa9 b" is not a valid utf8 string"#),
        (PrometheusText, "# TYPE \"a\n", 1, r#"expected metric name after TYPE, got "\"a\n\n""#),
        // Text after a value is reported as the start of the next line.
        (
            OpenMetrics,
            "a 1 \n# EOF\n",
            1,
            r#"expected a valid start token, got "\n#" ("LINEBREAK") while parsing: "\n#""#,
        ),
        (OpenMetrics, "a 1 # b\n# EOF\n", 1, r#"expected a valid start token, got "b"#),
        (OpenMetrics, "a 1 2 # b\n# EOF\n", 1, r##"got " # b" ("INVALID")"##),
        (OpenMetrics, "# HELLO\n", 1, r##"got "# HELL" ("INVALID") while parsing: "# HELL""##),
        (OpenMetrics, "a 1 2 \n# EOF\n", 1, r#"got " \n" ("INVALID") while parsing: "a 1 2 \n""#),
        (OpenMetrics, "a{b=\"c\n# EOF\n", 1, r#"got "\"c\n" ("INVALID")"#),
        (
            OpenMetrics,
            "a_total 1 # {b=\"c\"}\n# EOF\n",
            1,
            r#"expected value after exemplar labels, got "\n" ("INVALID")"#,
        ),
        (OpenMetrics, "a 1 -Inf\n# EOF\n", 1, "invalid timestamp -Inf"),
        (PrometheusText, "a{b=é} 1\n", 1, r#"got "\xc3" ("INVALID") while parsing: "a{b=\xc3""#),
        (OpenMetrics, "a 1\n", 2, "data does not end with # EOF"),
        (OpenMetrics, "a 1\n# EOF\nb 1\n", 2, "unexpected data after # EOF"),
        (OpenMetrics, "a  1\n# EOF\n", 1, "expected value after metric"),
        (
            OpenMetrics,
            "# UNIT a_bytes seconds\n# EOF\n",
            1,
            r#"unit "seconds" not a suffix of metric "a_bytes""#,
        ),
        (OpenMetrics, "\n# EOF\n", 1, "expected a valid start token"),
        (OpenMetrics, "a_total 1 NaN\n# EOF\n", 1, "invalid timestamp NaN"),
    ] {
        let error = parse(body, format).error.unwrap_or_else(|| panic!("{body:?} is read"));
        assert_eq!(error.line, line, "{body:?}");
        assert!(error.message.contains(message), "{body:?}: {}", error.message);
    }
}

proptest! {
    #[test]
    fn no_body_panics(body in "([a-c_:{}\",= \t#\\\\é☺0-9.+-]|\n|# TYPE |# HELP |# EOF){0,80}") {
        for format in [PrometheusText, OpenMetrics] {
            let result = parse(&body, format);
            for record in &result.records {
                prop_assert!(body.get(record.span.range()).is_some());
            }
        }
    }
}
