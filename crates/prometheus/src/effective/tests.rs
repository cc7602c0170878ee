use super::*;
use crate::config::Config;
use crate::{Mode, NoFiles, load};
use text::Severity;
use yaml::parse;

fn shown(text: &str) -> (Config, EffectiveConfig) {
    let parsed = parse(FileId(1), text);
    let loaded = load(&parsed, &NoFiles, Mode::Server);
    let errors = loaded.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    assert_eq!(errors.count(), 0, "{:?}", loaded.diagnostics);
    let effective = effective(&parsed);
    (loaded.config, effective)
}

const EMPTY: &str = "global:
  scrape_interval: 1m
  scrape_timeout: 10s
  evaluation_interval: 1m
  metric_name_validation_scheme: utf8
  metric_name_escaping_scheme: allow-utf-8
  scrape_native_histograms: false
  extra_scrape_metrics: false
runtime:
  gogc: 75
storage:
  tsdb:
    outofordertimewindow: 0
    retention:
      time: 15d
otlp:
  translation_strategy: UnderscoreEscapingWithSuffixes
  label_name_underscore_sanitization: true
  label_name_preserve_multiple_underscores: true
";

#[test]
fn defaults_are_filled_in() {
    assert_eq!(shown("").1.text, EMPTY);
    assert_eq!(shown("global:\nruntime:\n").1.text, EMPTY);
}

#[test]
fn a_job_has_what_it_inherits_and_secrets_are_masked() {
    let text = "global: {scrape_interval: 15s}\nscrape_configs:\n  - job_name: web\n    basic_auth: {username: u, password: p}\n    static_configs:\n      - targets: [\"web:8080\"]\n        labels: {b: '1', a: yes}\n    relabel_configs:\n      - {source_labels: [a], target_label: c, action: REPLACE}\n";
    let (_, effective) = shown(text);
    let job = effective.text.split("scrape_configs:\n").nth(1).unwrap();
    let job = job.split("storage:").next().unwrap();
    assert_eq!(
        job,
        "- job_name: web
  honor_timestamps: true
  track_timestamps_staleness: false
  scrape_interval: 15s
  scrape_timeout: 10s
  scrape_protocols:
  - OpenMetricsText1.0.0
  - OpenMetricsText0.0.1
  - PrometheusText1.0.0
  - PrometheusText0.0.4
  scrape_native_histograms: false
  always_scrape_classic_histograms: false
  convert_classic_histograms_to_nhcb: false
  metrics_path: /metrics
  scheme: http
  enable_compression: true
  metric_name_validation_scheme: utf8
  metric_name_escaping_scheme: allow-utf-8
  extra_scrape_metrics: false
  basic_auth:
    username: u
    password: <secret>
  follow_redirects: true
  enable_http2: true
  relabel_configs:
  - source_labels: [a]
    separator: ;
    target_label: c
    replacement: $1
    action: replace
  static_configs:
  - targets:
    - web:8080
    labels:
      a: \"yes\"
      b: \"1\"
"
    );
}

#[test]
fn an_empty_regex_is_not_the_default() {
    for (regex, lines) in [("regex:", 1), ("regex: ''", 1), ("regex: (.*)", 0), ("{}", 0)] {
        let rule = regex.trim_matches(['{', '}']);
        let text = format!(
            "scrape_configs: [{{job_name: a, relabel_configs: [{{target_label: b, {rule}}}]}}]"
        );
        let shown = shown(&text).1.text;
        assert_eq!(shown.matches("regex: \"\"").count(), lines, "{regex}");
    }
}

#[test]
fn each_line_leads_to_its_source() {
    let text = "global: {scrape_interval: 15s}\nscrape_configs:\n  - job_name: web\n    metrics_path: /m\n";
    let (_, effective) = shown(text);
    assert_eq!(effective.sources.len(), effective.text.lines().count());
    let source = |wanted: &str, nth: usize| {
        let mut lines = effective.text.lines().zip(&effective.sources);
        lines.by_ref().filter(|(line, _)| line.trim() == wanted).nth(nth).map(|(_, source)| *source)
    };
    let slice = |source: Option<ValueSource>| match source {
        Some(ValueSource::Written(at) | ValueSource::Inherited { at, .. }) => at.span.slice(text),
        Some(ValueSource::Default) => "default",
        Some(ValueSource::Computed(_)) | None => "no such line",
    };
    assert_eq!(slice(source("scrape_interval: 15s", 0)), "scrape_interval: 15s");
    assert_eq!(slice(source("scrape_interval: 15s", 1)), "15s");
    assert!(matches!(source("scrape_interval: 15s", 1), Some(ValueSource::Inherited { .. })));
    assert_eq!(slice(source("metrics_path: /m", 0)), "metrics_path: /m");
    assert_eq!(slice(source("enable_compression: true", 0)), "default");
}

#[test]
fn what_is_shown_shows_the_same_again() {
    for text in [
        "",
        "scrape_configs: [{job_name: a, kubernetes_sd_configs: [{role: pod, namespaces: {names: [x]}}]}]",
        "remote_write: [{url: 'http://u:p@h/w', queue_config: {max_shards: 3}}]",
        "alerting: {alertmanagers: [{static_configs: [{targets: [a]}]}]}",
        "scrape_configs: [{job_name: 'yes', params: {b: ['1'], a: [x, y]}, dns_sd_configs: [{names: [a]}]}]",
        "storage: {tsdb: {retention: {size: 10GB}, out_of_order_time_window: 30m}, exemplars: {max_exemplars: 5}}",
        "tracing: {endpoint: 'a:1', sampling_fraction: 0.5}",
        "scrape_configs: [{job_name: a, tls_config: {}, body_size_limit: 10MB}]",
        "scrape_configs: [{job_name: a, bearer_token_file: t}]",
        "storage:\nscrape_configs: [{job_name: a, sample_limit: 0x10, honor_timestamps: no}]",
        "scrape_configs: [{job_name: a, http_headers: {}, digitalocean_sd_configs: [{}], relabel_configs: [{source_labels: ['a,b', 'c d'], target_label: e, regex: ''}]}]",
    ] {
        let once = shown(text).1.text;
        assert_eq!(shown(&once).1.text, once, "{text}");
    }
}

#[test]
fn differences_in_meaning() {
    let changes = |before: &str, after: &str| {
        let (before, after) = (shown(before), shown(after));
        compare((&before.0, &before.1), (&after.0, &after.1))
    };
    let job = "scrape_configs:\n  - job_name: web\n    static_configs:\n      - targets: ['a:1']\n        labels: {env: x}\n";
    assert_eq!(
        changes(
            job,
            &format!(
                "# a comment\nglobal:\n  scrape_interval: 60s\n  metric_name_escaping_scheme: allow-utf-8\n{job}"
            )
        ),
        []
    );
    assert_eq!(
        changes(job, &job.replace("a:1", "b:1")),
        [
            Change::TargetLost { job: "web".into(), target: "a:1".into() },
            Change::TargetGained { job: "web".into(), target: "b:1".into() },
        ]
    );
    assert_eq!(
        changes(job, &job.replace("env: x", "env: y")),
        [Change::Label {
            job: "web".into(),
            target: "a:1".into(),
            label: "env".into(),
            from: Some("x".into()),
            to: Some("y".into()),
        }]
    );
    let faster =
        changes(job, &job.replace("job_name: web", "job_name: web\n    scrape_interval: 5s"));
    assert!(faster.contains(&Change::Setting {
        job: "web".into(),
        path: "scrape_interval".into(),
        from: Some("1m".into()),
        to: Some("5s".into()),
    }));
    assert_eq!(changes(job, "")[0], Change::JobLost { job: "web".into() });
}
