use super::*;
use text::FileId;
use yaml::parse;

fn errors(text: &str) -> Vec<String> {
    load(&parse(FileId(1), text)).err().unwrap_or_default()
}

#[test]
fn reads_tests() {
    let file = load(&parse(
        FileId(1),
        "rule_files: [a.yml]\nfuzzy_compare: true\ntests:\n- interval: 30s\n  name: n\n  start_timestamp: 2024-01-01T00:00:00Z\n  input_series:\n  - series: up\n    values: 1\n  alert_rule_test:\n  - eval_time: 0\n    alertname: A\n    exp_alerts:\n    - {}\n    - exp_labels: {a: b}\n  promql_expr_test:\n  - expr: up\n    eval_time: 1m\n    exp_samples:\n    - labels: up\n      value: 1\n- {}\n",
    ))
    .unwrap();
    assert_eq!(file.evaluation_interval, Duration::from_secs(60));
    assert_eq!(file.tests.len(), 2);
    let test = &file.tests[0];
    assert_eq!(test.start, 1_704_067_200_000);
    assert_eq!(test.input_series, [("up".to_owned(), "1".to_owned())]);
    assert_eq!(test.alert_tests[0].expected.len(), 2);
    assert_eq!(test.expr_tests[0].expected[0].1, 1.0);
    assert_eq!(file.tests[1].interval, Duration::from_secs(60));
}

#[test]
fn refuses_what_is_not_known() {
    for (text, error) in [
        ("test: []", "field test not found in type main.unitTestFile"),
        ("tests: [{intervall: 1m}]", "field intervall not found in type main.testGroup"),
        ("tests: [{interval: 1x}]", "unknown unit"),
        ("group_eval_order: [a, a]", "group name repeated in evaluation order: a"),
        ("tests: {a: b}", "line 1: cannot unmarshal !!map into []main.testGroup"),
        ("tests: [{x: 1}, {interval: [], y: 1}]", "line 1: field y not found"),
        ("tests: [", ""),
    ] {
        let got = errors(text);
        assert!(got.iter().any(|got| got.contains(error)), "{text}: {got:?}");
    }
}

#[test]
fn reads_times() {
    for (text, time) in [
        ("1609459200", Some(1_609_459_200_000)),
        ("1609459200.5", Some(1_609_459_200_500)),
        ("2024-02-29T12:00:00.25+01:00", Some(1_709_204_400_250)),
        ("1970-01-01T00:00:00Z", Some(0)),
        ("2023-02-29T12:00:00Z", None),
        ("2024-01-01", None),
        ("é024-01-01T00:00:00Z", None),
        ("", None),
    ] {
        assert_eq!(read_time(text).ok(), time, "{text}");
    }
}
