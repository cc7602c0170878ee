//! Rule files that Prometheus refuses: at its start it ends, at a reload it keeps the former rules.
//! The words are those of the recordings in `conformance/server`.

use super::driver::Driver;
use protocol::pages::{rules, targets};
use protocol::{PageQuery, Request, View};
use text::FileId;

const CONFIG: &str = "global: {scrape_interval: 15s}\nrule_files: [rules/*.yml]\nscrape_configs:\n- job_name: prometheus\n  static_configs: [{targets: ['localhost:9090']}]\n";

fn rules(expr: &str) -> String {
    format!("groups:\n- name: availability\n  rules:\n  - alert: TargetDown\n    expr: {expr}\n")
}

fn table(driver: &mut Driver) -> targets::View {
    match driver.watch(PageQuery::Targets(targets::Query::default())) {
        View::Targets(view) => view,
        other => panic!("{other:?}"),
    }
}

/// The title and the lines of the note above the target table.
fn note(driver: &mut Driver) -> (String, String) {
    let note = table(driver).note.unwrap_or_default();
    (note.title, note.lines.join("\n"))
}

fn rule_page(driver: &mut Driver) -> rules::View {
    match driver.watch(PageQuery::Rules(rules::Query::default())) {
        View::Rules(view) => view,
        other => panic!("{other:?}"),
    }
}

const SAID: &str = "parse rules from file \"rules/a.yml\" (pattern: \"rules/*.yml\"): rules/a.yml: 5:11: group \"availability\", rule 1, \"TargetDown\": could not parse expression: 1:6: parse error: unexpected end of input";

#[test]
fn a_bad_expression_stops_the_start() {
    let bad = rules("up ==");
    let mut driver = Driver::with_files(&[("prometheus.yml", CONFIG), ("rules/a.yml", &bad)]);
    driver.advance(60_000);
    let expected = ("Prometheus refuses a rule file and ends".to_owned(), SAID.to_owned());
    assert_eq!(note(&mut driver), expected);
    assert_eq!(table(&mut driver).pools, []);
    assert_eq!(driver.session.timeline.world.reports().count(), 0);
    driver.write(FileId(2), "rules/a.yml", &rules("up == 0"));
    driver.advance(60_000);
    assert_eq!((note(&mut driver), table(&mut driver).up), (Default::default(), 1));
    assert_eq!(rule_page(&mut driver).groups.len(), 1);
}

#[test]
fn a_reload_with_a_bad_rule_takes_the_jobs_and_keeps_the_rules() {
    let good = rules("up == 0");
    let mut driver = Driver::with_files(&[("prometheus.yml", CONFIG), ("rules/a.yml", &good)]);
    driver.send(Request::SetDelays { on: true });
    driver.advance(60_000);
    driver.write(FileId(2), "rules/a.yml", &rules("up =="));
    let node = "- job_name: node\n  static_configs: [{targets: ['localhost:9090']}]\n";
    driver.write(FileId(1), "prometheus.yml", &format!("{CONFIG}{node}"));
    driver.advance(1_000);
    driver.act("reload");
    let stage = driver.stage("Reload").text.clone();
    assert!(stage.contains("goes on with the old rules") && stage.contains("5:11"), "{stage}");
    driver.advance(60_000);
    let scraped = driver.session.timeline.world.reports().filter(|(_, report, _)| report.is_some());
    assert_eq!(scraped.count(), 2, "both jobs are scraped");
    let view = table(&mut driver);
    assert_eq!((view.up, view.pools.len()), (2, 2));
    assert!(view.note.is_some_and(|note| note.title.contains("the former rules")));
    let page = rule_page(&mut driver);
    assert_eq!(page.groups[0].rules[0].expr, "up == 0");
    assert!(page.note.is_some_and(|note| note.contains("5:11")));
    // A restart reads the file again, and ends.
    driver.send(Request::SetDelays { on: false });
    assert_eq!(note(&mut driver).1, SAID);
    assert_eq!(driver.session.timeline.world.reports().count(), 0);
}

const VERSION_1: &str = "ALERT TargetDown\n  IF up == 0\n  FOR 5m\n  LABELS { severity = \"page\" }\n  ANNOTATIONS {\n    summary = \"{{ $labels.instance }} is down\",\n  }\n\njob:up:sum = sum by (job) (up)\n";

#[test]
fn rules_of_version_1_are_one_finding_and_stop_the_start() {
    for name in ["rules/old.yml", "alert.rules"] {
        let config = CONFIG.replace("rules/*.yml", name);
        let driver = Driver::with_files(&[("prometheus.yml", &config), (name, VERSION_1)]);
        let snapshot = driver.session.snapshot();
        let codes: Vec<&str> = snapshot.analysis.diagnostics.iter().map(|one| &*one.code).collect();
        assert_eq!(codes, ["rules-of-version-1"], "{name}");
        let refusal = snapshot.analysis.rules.refusal.as_ref().expect(name);
        assert!(refusal.errors[0].starts_with("yaml: "), "{:?}", refusal.errors);
        assert!(snapshot.analysis.table.pools.is_empty());
    }
}

fn in_cluster(expr: &str, key: &str) -> String {
    let rules = rules(expr).replace('\n', "\n    ");
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: prometheus}}\nspec:\n  volumes: [{{name: c, configMap: {{name: c}}}}]\n  containers:\n  - name: p\n    image: prom/prometheus:v3.14.0\n    volumeMounts: [{{name: c, mountPath: /etc/prometheus}}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  prometheus.yml: |\n    rule_files: [{key}]\n    scrape_configs:\n    - job_name: a\n      static_configs: [{{targets: [localhost:9090]}}]\n  {key}: |\n    {rules}\n"
    )
}

#[test]
fn in_a_cluster_the_container_logs_the_line_of_prometheus() {
    for key in ["a.yml", "prometheus.rules"] {
        let mut driver = Driver::with_files(&[("p.yaml", &in_cluster("up ==", key))]);
        let (title, lines) = note(&mut driver);
        assert!(
            title.starts_with("Prometheus does not run: Prometheus refuses a rule file"),
            "{title}"
        );
        let path = format!("/etc/prometheus/{key}");
        let expected = format!(
            "level=ERROR source=main.go:771 msg=\"Error loading rule file patterns from config (--config.file=\\\"/etc/prometheus/prometheus.yml\\\")\" file=/etc/prometheus/prometheus.yml err=\"parse rules from file \\\"{path}\\\" (pattern: \\\"{path}\\\"): {path}: 5:11: group"
        );
        assert!(lines.contains(&expected), "{lines}\n{expected}");
        let mut driver = Driver::with_files(&[("p.yaml", &in_cluster("up == 0", key))]);
        driver.advance(90_000);
        assert_eq!((table(&mut driver).up, rule_page(&mut driver).groups.len()), (1, 1), "{key}");
    }
}

#[test]
fn log_lines_are_the_words_of_prometheus() {
    for (text, error) in [
        ("a\n", "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `a` into config.plain"),
        (
            "global:\n\tscrape_interval: 5s\n",
            "yaml: line 2: found character that cannot start any token",
        ),
        (
            "scrape_configs\n- job_name: a\n",
            "yaml: line 2: mapping values are not allowed in this context",
        ),
    ] {
        let mut driver = Driver::with_files(&[("prometheus.yml", text)]);
        let expected = format!("parsing YAML file prometheus.yml: {error}");
        assert_eq!(note(&mut driver).1, expected);
    }
}
