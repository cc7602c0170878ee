use super::*;
use crate::fields::root::ROOT;
use crate::{Mode, NoFiles, load};
use schema::ValueSource;
use schema::{Dialect, Subject, complete_at, explain_at, notes};
use text::FileId;
use yaml::parse;

const TEXT: &str = "global:
  scrape_interval: 15s
scrape_configs:
  - job_name: web
    metrics_path: /m
    static_configs:
      - targets: ['web:8080']
        labels: {env: prod}
  - job_name: pods
    scrape_interval: 30s
    kubernetes_sd_configs:
      - role: pod
    relabel_configs:
      - target_label: made
        replacement: x
      - source_labels: [__meta_kubernetes_namespace]
        regex: default|web
        action: keep
";

fn with<T>(text: &str, run: impl FnOnce(&Subject<'_>) -> T) -> T {
    let parsed = parse(FileId(1), text);
    let loaded = load(&parsed, &NoFiles, Mode::Server);
    let hooks = PrometheusHooks::new(&loaded.config);
    let subject =
        Subject::first(&parsed, Type::Record(&ROOT), Dialect::Prometheus, &hooks).unwrap();
    run(&subject)
}

fn sentences(needle: &str) -> Vec<String> {
    sentences_in(TEXT, needle)
}

fn sentences_in(text: &str, needle: &str) -> Vec<String> {
    let at = text.find(needle).unwrap() as u32;
    with(text, |subject| explain_at(subject, at).unwrap().consequences)
}

#[test]
fn urls_and_labels_are_those_of_prometheus() {
    let text = "scrape_configs:\n  - job_name: web\n    scrape_interval: 5s\n    metrics_path: m?x\n    params: {b: [c d, e], a: [f]}\n    static_configs:\n      - targets: [web]\n        labels: {job: other, __scheme__: https, __param_b: '&', __metrics_path__: ''}\n";
    assert_eq!(
        sentences_in(text, "labels: {job"),
        [
            "Scrapes https://web/m%3Fx?a=f&b=%26&b=e.",
            "Every series of these targets has the labels instance=\"host:port\", job=\"other\".",
        ]
    );
    assert!(
        sentences_in(text, "job_name: web")
            .contains(&"`scrape_timeout` is 5s, the default, limited to the interval.".to_owned())
    );
}

#[test]
fn rules_with_empty_texts_read_well() {
    for (rule, expected) in [
        (
            "{source_labels: [a], regex: '', action: drop}",
            "Drops everything whose `a` matches the empty string.",
        ),
        (
            "{source_labels: [a], target_label: b, replacement: ''}",
            "Removes `b` if `a` matches `(.*)`.",
        ),
        ("{target_label: b, replacement: ''}", "Removes `b`."),
        ("{source_labels: [a]}", "The `target_label` is missing."),
        ("{target_label: b, replacement: c}", "Sets `b` to `c`."),
        (
            "{target_label: b, replacement: c, regex: d}",
            "Sets `b` to `c` if the empty string matches `d`.",
        ),
    ] {
        let parsed = parse(FileId(1), rule);
        let view = parsed.root().and_then(Section::new);
        assert_eq!(view.map(|rule| consequences::sentence(&rule)).as_deref(), Some(expected));
    }
}

#[test]
fn notes_of_switches_that_are_off_say_so() {
    let text = "scrape_configs:\n  - honor_timestamps: no\n    enable_compression: true\n";
    let notes = with(text, notes);
    let notes: Vec<&str> = notes.iter().map(|note| &*note.text).skip(1).collect();
    assert_eq!(notes, ["off: use timestamps of the target", "request gzip compression"]);
}

#[test]
fn what_follows_is_said() {
    assert_eq!(
        sentences("scrape_interval: 15s"),
        [
            "Each target is scraped 5760 times a day, so each series gets 5760 samples a day.",
            "`rate` needs two samples in its window. Use `[1m]` or more, which is four times the interval, so that a failed scrape causes no gap.",
            "The job `web` inherits it.",
        ]
    );
    assert_eq!(
        sentences("job_name: web"),
        [
            "`scrape_interval` is 15s, from `global.scrape_interval`.",
            "`scrape_timeout` is 10s, the default.",
        ]
    );
    assert_eq!(sentences("metrics_path"), ["Scrapes http://web:8080/m."]);
    assert_eq!(
        sentences("labels: {env"),
        [
            "Scrapes http://web:8080/m.",
            "Every series of these targets has the labels job=\"web\", instance=\"host:port\", env=\"prod\".",
        ]
    );
    assert_eq!(
        sentences("regex"),
        [
            "Drops everything whose `__meta_kubernetes_namespace` does not match `default|web`.",
            "It matches exactly `default`, `web`.",
        ]
    );
    assert!(
        sentences("source_labels")
            .contains(&"`__meta_kubernetes_namespace`: namespace of the object.".to_owned())
    );
}

#[test]
fn notes_tell_the_value_in_force() {
    let notes = with(TEXT, notes);
    let of = |needle: &str| {
        let at = TEXT.find(needle).unwrap() as u32;
        notes.iter().find(|note| note.span.start == at).map(|note| &*note.text)
    };
    assert_eq!(of("scrape_interval: 30s"), Some("scrape every 30s"));
    assert_eq!(of("metrics_path"), Some("path of the scrape URL"));
}

#[test]
fn labels_at_a_point_are_offered() {
    let text = TEXT.replace("[__meta_kubernetes_namespace]", "[]");
    let at = text.find("source_labels: [").unwrap() + "source_labels: [".len();
    let found =
        with(&text, |subject| complete_at(subject, &yaml::Source::whole(&text), &text, at as u32));
    let values: Vec<String> = found.items.into_iter().map(|item| item.label).collect();
    for label in ["__address__", "__meta_kubernetes_pod_name", "made"] {
        assert!(values.iter().any(|value| value == label), "{label} of {values:?}");
    }
    assert!(!values.iter().any(|value| value == "__meta_kubernetes_node_name"));
}

#[test]
fn unwritten_values_name_their_source() {
    let parsed = parse(FileId(1), TEXT);
    let loaded = load(&parsed, &NoFiles, Mode::Server);
    let interval = &loaded.config.scrape_configs[0].scrape_interval;
    assert_eq!(interval.value, go::Duration::from_secs(15));
    let ValueSource::Inherited { path, at } = interval.source else { panic!() };
    assert_eq!((path, at.span.slice(TEXT)), ("global.scrape_interval", "15s"));
}
