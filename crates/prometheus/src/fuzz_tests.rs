//! Configurations that were damaged at random: nothing panics, every span fits the text, and a
//! safe fix has the effect of its title.

use proptest::prelude::*;

use super::effective::effective;
use super::explain::PrometheusHooks;
use super::fields::root::ROOT;
use super::lints::lint;
use super::rule_files::{RuleOptions, load_rules};
use super::{Mode, NoFiles, load, refusal};
use schema::{Dialect, Subject, Type, complete_at, explain_at, notes, outline};
use text::{Applicability, Diagnostic, FileId, Severity, apply_edits};
use yaml::{Source, parse};

const CONFIGURATION: &str = r#"global:
  scrape_interval: 15s # often
  external_labels: {cluster: "é-1", replica: '$HOST'}
rule_files: [rules/*.yml]
alerting:
  alertmanagers:
    - static_configs: [{targets: ['am:9093']}]
      api_version: v2
scrape_configs:
  - job_name: 'web ☺'
    honor_labels: yes
    body_size_limit: 10MB
    basic_auth: {username: a, password: hunter2}
    static_configs:
      - targets: ['web:8080', "db:9100"]
        labels: {env: prod}
    relabel_configs:
      - source_labels: [__address__, job]
        regex: ^(.+);web.example.com$
        target_label: host
        replacement: $1_x
      - &keep {action: KEEP, regex: "a|b", source_labels: [env]}
      - <<: *keep
        action: drop
  - job_name: pods
    scrape_interval: 10m
    kubernetes_sd_configs:
      - role: endpoints
        selectors: [{role: pod, label: "app=web"}]
    metric_relabel_configs:
      - {source_labels: [le], regex: (1|5), action: keep}
remote_write:
  - url: http://u:p@h/w
    queue_config: {max_shards: 0x10}
storage: {tsdb: {retention: {time: 30d}}}
otlp:
"#;

const RULES: &str = r#"groups:
  - name: g
    interval: 30s
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: "Down é"
        expr: |
          up
            == 0
        for: 5m
        annotations: {summary: '{{ $labels.job }} is {{ $value | humanize }}'}
  - {name: f, rules: [{expr: "up 	",record: &a 'x:y', labels: {a: *a}}]}
"#;

/// Texts that mean something somewhere.
const PIECES: [&str; 29] = [
    "",
    ":",
    "- ",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    "'",
    "\"",
    "null",
    "-1",
    "1h30m",
    "é",
    "☺",
    "$1",
    "(",
    "^a$",
    "*keep",
    "!!binary x",
    "{{",
    "scrape_configs:",
    "\t",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\r",
    "\0",
];

#[derive(Clone, Debug)]
struct Damage {
    at: prop::sample::Index,
    length: usize,
    piece: usize,
}

fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let one = (any::<prop::sample::Index>(), 0..12usize, 0..PIECES.len())
        .prop_map(|(at, length, piece)| Damage { at, length, piece });
    prop::collection::vec(one, 0..6)
}

fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for Damage { at, length, piece } in damages {
        let start = at.index(chars.len() + 1);
        let end = (start + length).min(chars.len());
        chars.splice(start..end, PIECES[*piece].chars());
    }
    chars.into_iter().collect()
}

fn all_fit(text: &str, found: &[Diagnostic]) {
    for one in found {
        let related = one.related.iter().map(|related| related.location);
        let edits = one.fixes.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.location));
        for location in related.chain(edits).chain([one.location]) {
            assert!(
                text.get(location.span.range()).is_some(),
                "{}: {:?} does not fit the text",
                one.code,
                location.span
            );
        }
        assert!(!one.message.is_empty());
    }
}

/// All findings and explanations of a configuration.
fn findings(text: &str) -> Vec<Diagnostic> {
    let parsed = parse(FileId(1), text);
    let loaded = load(&parsed, &NoFiles, Mode::Server);
    let mut found = loaded.diagnostics.clone();
    found.extend(lint(&parsed, text, &loaded.config, &NoFiles));
    found
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|one| one.severity == Severity::Error).count()
}

/// Reads the text in every way there is.
fn read(text: &str, offset: u32) {
    let parsed = parse(FileId(1), text);
    let loaded = load(&parsed, &NoFiles, Mode::Server);
    let _ = refusal(&loaded, "prometheus.yml");
    let shown = effective(&parsed);
    assert_eq!(shown.sources.len(), shown.text.lines().count());
    let hooks = PrometheusHooks::new(&loaded.config);
    let ty = Type::Record(&ROOT);
    let Some(subject) = Subject::first(&parsed, ty, Dialect::Prometheus, &hooks) else { return };
    for note in notes(&subject) {
        assert!(text.get(note.span.range()).is_some());
    }
    outline(&subject);
    explain_at(&subject, offset);
    complete_at(&subject, &Source::whole(text), text, offset);
}

fn boundary(text: &str, at: prop::sample::Index) -> u32 {
    let mut offset = at.index(text.len() + 1);
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset as u32
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_configurations_are_read(damages in damage(), at in any::<prop::sample::Index>()) {
        let text = damaged(CONFIGURATION, &damages);
        all_fit(&text, &findings(&text));
        read(&text, boundary(&text, at));
    }

    #[test]
    fn damaged_rules_are_read(damages in damage()) {
        let text = damaged(RULES, &damages);
        let loaded = load_rules(&parse(FileId(1), &text), &text, &RuleOptions::default());
        all_fit(&text, &loaded.diagnostics);
    }

    #[test]
    fn a_safe_fix_removes_its_finding_and_adds_no_error(damages in damage()) {
        let text = damaged(CONFIGURATION, &damages);
        let before = findings(&text);
        for one in &before {
            for fix in one.fixes.iter().filter(|fix| fix.applicability == Applicability::Safe) {
                let Some(mended) = apply_edits(&text, FileId(1), &fix.edits) else {
                    prop_assert!(false, "{}: the edits of {:?} do not fit", one.code, fix.title);
                    continue;
                };
                let after = findings(&mended);
                let count = |found: &[Diagnostic]| {
                    found.iter().filter(|other| other.code == one.code && other.message == one.message).count()
                };
                prop_assert!(count(&after) < count(&before), "{}: {:?} stays in\n{mended}", one.code, one.message);
                prop_assert!(errors(&after) <= errors(&before), "{}: {:?} makes an error in\n{mended}", one.code, fix.title);
            }
        }
    }
}

#[test]
fn the_undamaged_texts_are_good() {
    assert_eq!(errors(&findings(CONFIGURATION)), 0, "{:?}", findings(CONFIGURATION));
    let loaded = load_rules(&parse(FileId(1), RULES), RULES, &RuleOptions::default());
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
}

/// A line that could only be read as if it were quoted: the quotes are not in the file.
#[test]
fn an_expression_that_was_mended_is_pointed_at() {
    let text =
        "groups:\n  - name: g\n    rules:\n      - record: a\n        expr: ésum by - alert: é\n";
    let loaded = load_rules(&parse(FileId(1), text), text, &RuleOptions::default());
    all_fit(text, &loaded.diagnostics);
    let found = loaded.diagnostics.iter().find(|one| one.code == "invalid-expression");
    assert!(found.is_some_and(|one| one.location.span.slice(text).starts_with('é')), "{found:?}");
}
