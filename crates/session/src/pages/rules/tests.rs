use super::View as Rules;
use crate::tests::Driver;
use protocol::{PageQuery, Request, View};

const CONFIG: &str = "
global: {scrape_interval: 15s, evaluation_interval: 15s}
rule_files: [rules.yml]
scrape_configs:
- job_name: web
  static_configs: [{targets: ['nowhere:1']}]
";

const RULES: &str = "
groups:
- name: up
  rules:
  - record: job:up:count
    expr: count by (job) (up)
  - alert: Down
    expr: up == 0
    for: 30s
    labels: {severity: page}
    annotations: {summary: '{{ $labels.job }} is down'}
";

const TESTS: &str = "
rule_files: [rules.yml]
tests:
- input_series: [{series: 'up{job=\"a\"}', values: 1}]
  promql_expr_test:
  - {expr: 'job:up:count', eval_time: 0, exp_samples: [{labels: 'job:up:count{job=\"a\"}', value: 1}]}
";

fn session(rules: &str) -> Driver {
    // With a manifest the server runs in a cluster, whose DNS does not know the host.
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let files = [("prometheus.yml", CONFIG), ("rules.yml", rules), ("tests.yml", TESTS)];
    opened(&[&files[..], &[("namespace.yaml", namespace)]].concat())
}

fn opened(files: &[(&str, &str)]) -> Driver {
    Driver::with_files(files)
}

fn rules(driver: &mut Driver, query: super::Query) -> Rules {
    match driver.watch(PageQuery::Rules(query)) {
        View::Rules(view) => view,
        other => panic!("{other:?}"),
    }
}

#[test]
fn alerts_fire_in_simulated_time() {
    let mut session = session(RULES);
    session.send(Request::Advance { millis: 40_000 });
    let view = rules(&mut session, super::Query::default());
    assert_eq!(view.note, None);
    assert_eq!((view.groups.len(), view.groups[0].interval.as_str()), (1, "15s"));
    let [recording, alerting] = &view.groups[0].rules[..] else { panic!("{view:?}") };
    assert_eq!((recording.health.as_str(), recording.series), ("ok", 1));
    assert_eq!(alerting.state.as_deref(), Some("pending"));
    session.send(Request::Advance { millis: 60_000 });
    let view = rules(&mut session, super::Query { search: "Down".into(), run_tests: false });
    assert_eq!(view.firing, 1);
    let alert = &view.groups[0].rules[0].alerts[0];
    assert_eq!(alert.annotations[0].1, "web is down");
}

#[test]
fn a_broken_file_stops_all_rules_and_tests_say_why() {
    let mut good = session(RULES);
    let query = super::Query { run_tests: true, ..super::Query::default() };
    let view = rules(&mut good, query.clone());
    assert_eq!(view.tests[0].errors, Some(Vec::new()));
    let mut broken = session(&RULES.replace("count by (job) (up)", "count by ("));
    let view = rules(&mut broken, query);
    assert!(view.note.is_some_and(|note| note.contains("rules.yml")));
    assert!(view.groups.is_empty());
    assert!(view.tests[0].errors.as_ref().is_some_and(|errors| !errors.is_empty()));
}

#[test]
fn tests_find_their_rules_under_the_key_of_a_config_map() {
    let indented: String = RULES.lines().map(|line| format!("    {line}\n")).collect();
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: prometheus}\ndata:\n";
    let query = super::Query { run_tests: true, ..super::Query::default() };
    for (key, found) in [("rules.yml", true), ("\"rules.yml\"", true), ("other.yml", false)] {
        let manifest = format!("{head}  {key}: |\n{indented}");
        let mut session = opened(&[("config.yaml", &manifest), ("tests.yml", TESTS)]);
        let view = rules(&mut session, query.clone());
        let errors = view.tests[0].errors.as_ref().unwrap();
        assert_eq!(errors.is_empty(), found, "{key}: {errors:?}");
    }
}
