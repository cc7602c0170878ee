use super::*;
use crate::AlertState;
use prometheus::rule_files::{RuleOptions, load_rules};
use promql::storage::SampleBuffer;
use text::FileId;
use yaml::parse;

/// Returns the metric `in` for all expressions, and fails for `1 + 1`.
struct Stub;

impl RuleEngine for Stub {
    fn evaluate(
        &self,
        storage: &Storage,
        ast: &Ast,
        time: Timestamp,
    ) -> Result<Vec<(Labels, SampleValue)>, String> {
        self.evaluate_text(storage, &ast.to_string(), time)
    }

    fn evaluate_text(
        &self,
        storage: &Storage,
        query: &str,
        time: Timestamp,
    ) -> Result<Vec<(Labels, SampleValue)>, String> {
        if query == "1 + 1" {
            return Err("it fails".into());
        }
        let mut found = Vec::new();
        for series in storage.iter().filter(|series| series.labels().metric_name() == "in") {
            let mut buffer = SampleBuffer::default();
            series.read(time, time, &mut buffer);
            found.extend(
                buffer
                    .floats
                    .first()
                    .map(|value| (series.labels().clone(), SampleValue::Float(*value))),
            );
        }
        Ok(found)
    }
}

fn groups(text: &str) -> Vec<GroupRun> {
    let loaded = load_rules(&parse(FileId(1), text), text, &RuleOptions::default());
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.groups.into_iter().map(|group| GroupRun::new(group, Duration(0))).collect()
}

fn input(storage: &mut Storage, time: Timestamp, values: &[(&str, f64)]) {
    for (x, value) in values {
        let labels = Labels::from_pairs([(METRIC_NAME, "in"), ("x", x)]);
        storage.append(&labels, Sample::float(time, *value)).unwrap();
    }
}

fn stored(storage: &Storage, metric: &str) -> Vec<String> {
    let mut lines: Vec<String> = storage
        .iter()
        .filter(|series| series.labels().metric_name() == metric)
        .map(|series| {
            let mut buffer = SampleBuffer::default();
            series.read(i64::MIN, i64::MAX, &mut buffer);
            let samples: Vec<String> = buffer
                .float_times
                .iter()
                .zip(&buffer.floats)
                .map(|(time, value)| match go::number::is_stale_nan(*value) {
                    true => format!("stale@{time}"),
                    false => format!("{value}@{time}"),
                })
                .collect();
            format!("{} {}", series.labels(), samples.join(" "))
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn records_and_marks_stale() {
    let mut group = groups(
        "groups:\n- name: g\n  labels: {team: a}\n  rules:\n  - record: out\n    expr: in\n    labels: {x: fixed}\n  - record: broken\n    expr: 1 + 1\n  - record: more\n    expr: in\n",
    )
    .remove(0);
    let mut storage = Storage::unbounded();
    let context = RuleContext::default();
    input(&mut storage, 0, &[("1", 5.0)]);
    group.evaluate(&mut storage, &Stub, 0, &context);
    input(&mut storage, 1000, &[("1", 5.0), ("2", 6.0)]);
    group.evaluate(&mut storage, &Stub, 1000, &context);
    group.evaluate(&mut storage, &Stub, 2000, &context);
    assert_eq!(
        stored(&storage, "out"),
        [r#"{__name__="out", team="a", x="fixed"} 5@0 stale@2000"#]
    );
    assert_eq!(
        stored(&storage, "more"),
        [
            r#"{__name__="more", team="a", x="1"} 5@0 5@1000 stale@2000"#,
            r#"{__name__="more", team="a", x="2"} 6@1000 stale@2000"#,
        ]
    );
    assert_eq!(group.rules[1].health, RuleHealth::Error("it fails".into()));
    assert_eq!(group.rules[2].health, RuleHealth::Ok);
}

#[test]
fn alerts_go_through_their_states() {
    let mut group = groups(
        "groups:\n- name: g\n  rules:\n  - alert: High\n    expr: in\n    for: 2s\n    keep_firing_for: 2s\n    labels: {severity: '{{ if gt $value 5.0 }}page{{ else }}note{{ end }}'}\n    annotations: {summary: '{{ $labels.x }} is {{ $value }}'}\n",
    )
    .remove(0);
    let mut storage = Storage::unbounded();
    let context = RuleContext::default();
    let mut states = Vec::new();
    for second in 0..8i64 {
        let time = second * 1000;
        if second < 4 {
            input(&mut storage, time, &[("1", 9.0)]);
        }
        group.evaluate(&mut storage, &Stub, time, &context);
        states.push(group.rules[0].alerts.values().map(|alert| alert.state).next().unwrap());
    }
    use AlertState::{Firing, Inactive, Pending};
    // The condition holds until second 3; the alert fires two seconds longer and is then resolved.
    assert_eq!(states, [Pending, Pending, Firing, Firing, Firing, Firing, Inactive, Inactive]);
    let alert = group.rules[0].alerts.values().next().unwrap().clone();
    assert_eq!(alert.labels.to_string(), r#"{alertname="High", severity="page", x="1"}"#);
    assert_eq!(&*alert.annotations[0].1, "1 is 9");
    assert_eq!((alert.fired_at, alert.resolved_at), (Some(2000), Some(6000)));
    assert_eq!(
        stored(&storage, "ALERTS"),
        [
            r#"{__name__="ALERTS", alertname="High", alertstate="firing", severity="page", x="1"} 1@2000 1@3000 1@4000 1@5000 stale@6000"#,
            r#"{__name__="ALERTS", alertname="High", alertstate="pending", severity="page", x="1"} 1@0 1@1000 stale@2000"#,
        ]
    );
    assert_eq!(stored(&storage, "ALERTS_FOR_STATE").len(), 1);
    group.evaluate(&mut storage, &Stub, 6000 + 15 * 60_000 + 1, &context);
    assert!(group.rules[0].alerts.is_empty());
}

#[test]
fn limits_and_collisions_are_errors() {
    let mut runs = groups(
        "groups:\n- name: a\n  limit: 1\n  rules:\n  - record: out\n    expr: in\n  - alert: Many\n    expr: in\n- name: b\n  rules:\n  - record: out\n    expr: in\n    labels: {x: same}\n  - alert: Same\n    expr: in\n    labels: {x: same}\n",
    );
    let mut storage = Storage::unbounded();
    input(&mut storage, 0, &[("1", 1.0), ("2", 2.0)]);
    let errors: Vec<RuleHealth> = runs
        .iter_mut()
        .flat_map(|group| {
            group.evaluate(&mut storage, &Stub, 0, &RuleContext::default());
            group.rules.iter().map(|rule| rule.health.clone()).collect::<Vec<_>>()
        })
        .collect();
    let expected = [
        "exceeded limit of 1 with 2 series",
        "exceeded limit of 1 with 2 alerts",
        "vector contains metrics with the same labelset after applying rule labels",
        "vector contains metrics with the same labelset after applying alert labels",
    ];
    assert_eq!(errors, expected.map(|text| RuleHealth::Error(text.into())));
}
