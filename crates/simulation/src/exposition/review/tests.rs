//! Findings of bodies that break conventions.

use super::super::{Format, parse};
use super::*;
use crate::workload::{Influences, Process, library};

fn codes(body: &str) -> Vec<&'static str> {
    let exposition = parse(body, Format::PrometheusText);
    assert_eq!(exposition.error, None);
    findings(&exposition).into_iter().map(|finding| finding.code.code()).collect()
}

#[test]
fn each_convention() {
    let head = |name: &str, kind: &str| format!("# HELP {name} x\n# TYPE {name} {kind}\n");
    for (body, expected) in [
        (head("a_total", "counter") + "a_total 1\n", vec![]),
        (head("a", "counter") + "a 1\n", vec!["counter-without-total"]),
        (head("a_total", "gauge") + "a_total 1\n", vec!["total-that-is-no-counter"]),
        (head("a_ms", "gauge") + "a_ms 1\n", vec!["unit-not-base"]),
        (head("request_duration", "gauge") + "request_duration 1\n", vec!["unit-missing"]),
        (head("request_duration_seconds", "gauge") + "request_duration_seconds 1\n", vec![]),
        (head("wait", "summary") + "wait_sum 1\nwait_count 1\n", vec!["unit-missing"]),
        ("a 1\n".to_owned(), vec!["metric-without-type", "metric-without-help"]),
        (head("a_gauge", "gauge") + "a_gauge 1\n", vec!["type-in-name"]),
        (
            head("a", "gauge") + "a{id=\"123e4567-e89b-12d3-a456-426614174000\"} 1\n",
            vec!["unbounded-label"],
        ),
        (head("a", "gauge") + "a{user=\"ann@example.org\"} 1\n", vec!["personal-data-in-label"]),
        (
            (0..60).fold(head("a", "gauge"), |body, k| body + &format!("a{{k=\"v{k}\"}} 1\n")),
            vec!["unbounded-label"],
        ),
        (
            head("h_seconds", "histogram")
                + "h_seconds_bucket{le=\"+Inf\"} 1\nh_seconds_sum 1\nh_seconds_count 1\n",
            vec![],
        ),
    ] {
        assert_eq!(codes(&body), expected, "{body}");
    }
}

#[test]
fn families_are_counted() {
    let body = "# TYPE h histogram\nh_bucket{le=\"1\",a=\"x\"} 1\nh_bucket{le=\"+Inf\",a=\"x\"} 2\n\
                    h_sum{a=\"x\"} 1\nh_count{a=\"x\"} 2\nplain{b=\"1\"} 1\nplain{b=\"2\"} 1\n";
    let families = families(&parse(body, Format::PrometheusText));
    assert_eq!(families.len(), 2);
    assert_eq!((&*families[0].name, families[0].series), ("h", 4));
    assert_eq!(families[0].labels, [("le".into(), 2), ("a".into(), 1)]);
    assert_eq!((&*families[1].name, families[1].series), ("plain", 2));
}

#[test]
fn every_line_of_every_workload_is_explained() {
    for workload in library().iter() {
        let process = Process::new(workload.clone(), 1, 0);
        let families = process.families(60_000, Influences::default(), false);
        let body = super::super::write(&families, Format::PrometheusText);
        for record in parse(&body, Format::PrometheusText).records {
            let text = explain(&record.entry);
            assert!(text.ends_with('.') && text.len() > 10, "{text}");
        }
    }
}
