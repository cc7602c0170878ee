use super::*;
use text::FileId;
use yaml::parse;

fn loaded(text: &str) -> LoadedRules {
    load_rules(&parse(FileId(1), text), text, &RuleOptions::default())
}

/// Messages, each with the text that it points to.
fn complaints(text: &str) -> Vec<(String, String)> {
    loaded(text)
        .diagnostics
        .into_iter()
        .map(|one| (one.message, one.location.span.slice(text).to_owned()))
        .collect()
}

fn rules(rules: &str) -> String {
    format!("groups:\n  - name: g\n    rules:\n{rules}")
}

#[test]
fn groups_and_rules_are_typed() {
    let text = "groups:\n  - name: web\n    interval: 30s\n    labels: {team: a, env: b}\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n        labels: {env: c}\n      - alert: Down\n        expr: up == 0\n        for: 5m\n        annotations:\n          summary: '{{ $labels.job }}'\n";
    let loaded = loaded(text);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let group = &loaded.groups[0];
    assert_eq!(group.interval.as_ref().map(|one| one.value), Some(Duration::from_secs(30)));
    let [record, alert] = group.rules.as_slice() else { panic!("two rules") };
    assert_eq!(&**record.name(), "job:up:sum");
    let labels: Vec<_> = record.labels.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(labels, ["env=c", "team=a"]);
    let RuleKind::Alerting { hold, .. } = &alert.kind else { panic!("an alert") };
    assert_eq!(*hold, Duration::from_secs(300));
}

#[test]
fn mistakes_have_upstream_words_and_places() {
    for (text, message, place) in [
        (
            rules("      - record: a\n        alert: b\n        expr: up\n"),
            "4:17: 5:16: group \"g\", rule 1, \"b\": only one of 'record' and 'alert' must be set",
            "alert",
        ),
        (
            rules("      - expr: up\n"),
            "0:0: 0:0: group \"g\", rule 1, \"\": one of 'record' or 'alert' must be set",
            "expr",
        ),
        (
            rules("      - record: a\n        expr: ''\n"),
            "5:15: group \"g\", rule 1, \"a\": field 'expr' must be set in rule",
            "''",
        ),
        (
            rules("      - alert: a\n        expr: up\n        labels: {b: !!binary /w==}\n"),
            "group \"g\", rule 1, \"a\": invalid label value: \u{fffd}",
            "/w==",
        ),
        (
            "groups: [{name: g, rules: [{for: 5m, expr: \"1\u{a0}\",record: a}]}]".to_owned(),
            "1:57: group \"g\", rule 1, \"a\": invalid field 'for' in recording rule",
            "for",
        ),
        (
            rules("      - record: a\n        for: 5m\n        expr: up\n"),
            "4:17: group \"g\", rule 1, \"a\": invalid field 'for' in recording rule",
            "for",
        ),
        (
            rules("      - record: up{a}\n        expr: up\n"),
            "4:17: group \"g\", rule 1, \"up{a}\": braces present in the recording rule name; should it be in expr?: up{a}",
            "up{a}",
        ),
        (
            rules("      - record: a\n        expr: up\n        labels: {__name__: b}\n"),
            "group \"g\", rule 1, \"a\": invalid label name: __name__",
            "__name__",
        ),
        (
            rules(
                "      - alert: a\n        expr: up\n        annotations: {b: '{{ $label.c }}'}\n",
            ),
            "group \"g\", rule 1, \"a\": annotation \"b\": template: __alert_a:1: undefined variable \"$label\"",
            "$label",
        ),
        (
            "groups:\n  - name: g\n  - name: g\n".to_owned(),
            "0:0: groupname: \"g\" is repeated in the same file",
            "g",
        ),
        (
            rules("      - record: a\n        record: b\n        expr: up\n"),
            "mapping key \"record\" already defined at line 4",
            "record",
        ),
        (
            rules("      - record: a\n        expr: up\n        labels: yes\n"),
            "cannot unmarshal !!str `yes` into map[string]string",
            "yes",
        ),
        ("groups:\n  - rules: []\n".to_owned(), "0:0: Groupname must not be empty", "rules"),
    ] {
        let found = complaints(&text);
        assert!(
            found.iter().any(|(found, at)| found == message && at == place),
            "{text}\nwanted {message} at {place}\ngot {found:?}"
        );
    }
}

#[test]
fn an_expression_points_into_the_text() {
    let text = rules(
        "      - record: a\n        expr: |\n          sum(\n            up +\n          )\n",
    );
    let found = complaints(&text);
    let (message, place) = &found[0];
    assert!(
        message.starts_with("5:15: group \"g\", rule 1, \"a\": could not parse expression: "),
        "{message}"
    );
    assert_eq!(place, ")");
}
