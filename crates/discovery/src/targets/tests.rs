use schema::{Resolved, ValueSource};
use std::sync::Arc;

use super::*;
use crate::{Discovered, GroupTarget, TargetGroup};
use go::Duration;
use prometheus::config::{RelabelAction, RelabelConfig, ScrapeConfig};
use promql::Labels;
use text::{FileId, Location, Span};

fn at(start: u32) -> Location {
    Location::new(FileId(1), Span::new(start, start + 1))
}

pub(crate) fn rule(action: RelabelAction) -> RelabelConfig {
    RelabelConfig {
        location: at(500),
        source_labels: Vec::new(),
        separator: ";".into(),
        regex: "(.*)".into(),
        modulus: 0,
        target_label: "".into(),
        replacement: "$1".into(),
        action: Some(action),
    }
}

fn replace(source: &str, regex: &str, target: &str, replacement: &str) -> RelabelConfig {
    RelabelConfig {
        source_labels: source.split_whitespace().map(Into::into).collect(),
        regex: regex.into(),
        target_label: target.into(),
        replacement: replacement.into(),
        ..rule(RelabelAction::Replace)
    }
}

fn run(rules: &[RelabelConfig], labels: &[(&str, &str)]) -> Option<String> {
    let rules = Rules::new(rules, false);
    match rules.relabel(&Labels::from_pairs(labels.iter().copied())) {
        RelabelResult::Kept(labels) => Some(labels.to_string()),
        RelabelResult::Dropped { .. } | RelabelResult::TooLarge { .. } => None,
    }
}

pub(crate) fn job(name: &str, rules: Vec<RelabelConfig>) -> ScrapeConfig {
    let off = || Resolved::default(false);
    let none = || Resolved::default(0);
    ScrapeConfig {
        location: at(100),
        job_name: Resolved::written(name.into(), at(101)),
        honor_labels: off(),
        honor_timestamps: Resolved::default(true),
        track_timestamps_staleness: off(),
        params: Vec::new(),
        scrape_interval: Resolved {
            value: Duration::from_secs(15),
            source: ValueSource::Inherited { path: "global.scrape_interval", at: at(7) },
        },
        scrape_timeout: Resolved::default(Duration::from_secs(10)),
        scrape_protocols: Resolved::default(Vec::new()),
        fallback_scrape_protocol: Resolved::default("".into()),
        scrape_native_histograms: off(),
        always_scrape_classic_histograms: off(),
        convert_classic_histograms_to_nhcb: off(),
        metrics_path: Resolved::default("/metrics".into()),
        scheme: Resolved::default("http".into()),
        enable_compression: Resolved::default(true),
        body_size_limit: none(),
        sample_limit: none(),
        target_limit: none(),
        label_limit: none(),
        label_name_length_limit: none(),
        label_value_length_limit: none(),
        native_histogram_bucket_limit: none(),
        native_histogram_min_bucket_factor: Resolved::default(0.0),
        keep_dropped_targets: none(),
        metric_name_validation_scheme: Resolved::default("utf8".into()),
        metric_name_escaping_scheme: Resolved::default("allow-utf-8".into()),
        extra_scrape_metrics: off(),
        http: prometheus::config::HttpSettings::default(),
        relabel_configs: rules,
        metric_relabel_configs: Vec::new(),
        discovery: Vec::new(),
    }
}

type Pairs<'a> = &'a [(&'a str, &'a str)];

/// Groups, each with its labels and its targets.
fn found(groups: &[(Pairs<'_>, &[Pairs<'_>])]) -> Vec<Discovered> {
    let meta = |pairs: &[(&str, &str)]| {
        let mut labels = crate::MetaLabels::default();
        for (i, (name, value)) in pairs.iter().enumerate() {
            labels.set(*name, *value, Some(at(i as u32)));
        }
        labels
    };
    let groups = groups.iter().map(|(labels, targets)| {
        let targets = targets
            .iter()
            .map(|labels| GroupTarget { labels: meta(labels), ..GroupTarget::default() });
        Arc::new(TargetGroup {
            labels: meta(labels),
            targets: targets.collect(),
            ..TargetGroup::default()
        })
    });
    vec![Discovered {
        mechanism: "static_configs".into(),
        groups: groups.collect(),
        ..Discovered::default()
    }]
}

/// A table of one job without rules: addresses with labels.
pub(crate) fn table_of(name: &str, targets: &[(&str, Pairs<'_>)]) -> TargetTable {
    let pairs: Vec<Vec<(&str, &str)>> = targets
        .iter()
        .map(|(address, labels)| {
            [("__address__", *address)].into_iter().chain(labels.iter().copied()).collect()
        })
        .collect();
    let slices: Vec<Pairs<'_>> = pairs.iter().map(Vec::as_slice).collect();
    let pool = Pool::new(&job(name, Vec::new()), found(&[(&[], &slices)]));
    TargetTable { pools: vec![Arc::new(pool)] }
}

#[test]
fn actions() {
    use RelabelAction as Action;
    let of = |action, source: &str, regex: &str, target: &str| RelabelConfig {
        action: Some(action),
        modulus: 5,
        ..replace(source, regex, target, "$1")
    };
    let cases = [
        (of(Action::Keep, "tier", "web|db", ""), Some("{host=\"A\", tier=\"web\"}")),
        (of(Action::Keep, "tier", "we", ""), None),
        (of(Action::Drop, "tier host", "web;a", ""), Some("{host=\"A\", tier=\"web\"}")),
        (of(Action::Drop, "tier host", "web;A", ""), None),
        (of(Action::KeepEqual, "tier", "", "host"), None),
        (of(Action::DropEqual, "tier", "", "host"), Some("{host=\"A\", tier=\"web\"}")),
        (of(Action::LabelDrop, "", "t.*", ""), Some("{host=\"A\"}")),
        (of(Action::LabelKeep, "", "t.*", ""), Some("{tier=\"web\"}")),
        (of(Action::LabelMap, "", "ho(st)", ""), Some("{host=\"A\", st=\"A\", tier=\"web\"}")),
        (
            of(Action::Lowercase, "host tier", "", "x"),
            Some("{host=\"A\", tier=\"web\", x=\"a;web\"}"),
        ),
        (of(Action::Uppercase, "none", "", "host"), Some("{tier=\"web\"}")),
        (of(Action::HashMod, "tier", "", "host"), Some("{host=\"4\", tier=\"web\"}")),
        (replace("tier", "w(.)b", "host", "<$1>"), Some("{host=\"<e>\", tier=\"web\"}")),
        (replace("tier", "(x)?web", "host", "$1"), Some("{tier=\"web\"}")),
        (
            replace("tier", "(.*)", "${1}.é", "y"),
            Some("{host=\"A\", tier=\"web\", \"web.é\"=\"y\"}"),
        ),
        (replace("none", "(.*)", "host", "$1"), Some("{tier=\"web\"}")),
        (replace("none", "(.*)", "$1", "y"), Some("{host=\"A\", tier=\"web\"}")),
    ];
    for (rule, expected) in cases {
        let found = run(std::slice::from_ref(&rule), &[("tier", "web"), ("host", "A")]);
        assert_eq!(found.as_deref(), expected, "{rule:?}");
    }
}

#[test]
fn a_rule_that_cannot_be_run_leaves_the_others_at_work_and_in_place() {
    let nameless = RelabelConfig { action: None, ..rule(RelabelAction::Keep) };
    let rules = [replace("a", "(", "b", "x"), nameless, replace("a", "(.*)", "c", "$1")];
    let rules = Rules::new(&rules, false);
    let RelabelResult::Kept(labels) = rules.relabel(&Labels::from_pairs([("a", "1")])) else {
        panic!()
    };
    assert_eq!(labels.to_string(), "{a=\"1\", c=\"1\"}");
    assert_eq!(rules.iter().next().map(|(index, _)| index), Some(2));
    assert_eq!(rules.len(), 3);
}

/// Prometheus holds a target's labels in the order target, group, job, rules, and a sample's in the
/// order of the names, those that a rule wrote after the others.
#[test]
fn of_labels_that_are_mapped_to_one_name_the_last_that_was_added_wins() {
    let map = |regex: &str, to: &str| RelabelConfig {
        regex: regex.into(),
        replacement: to.into(),
        ..rule(RelabelAction::LabelMap)
    };
    let group: Pairs<'_> = &[("__meta_a_app", "group"), ("__meta_only", "group")];
    let target: Pairs<'_> = &[("__address__", "h:1"), ("__meta_z_app", "target")];
    let mapped = |rules: Vec<RelabelConfig>| {
        let pool = Pool::new(&job("web", rules), found(&[(group, &[target])]));
        pool.active[0].labels.get("got").to_owned()
    };
    assert_eq!(mapped(vec![map("__meta_._app", "got")]), "group");
    assert_eq!(mapped(vec![map("job|__meta_._app", "got")]), "web");
    assert_eq!(mapped(vec![map("job|__scheme__|__scrape_timeout__", "got")]), "http");
    // The order of the rules counts, also where a label comes a second time.
    let made = |name: &str, value: &str| replace("", "(.*)", name, value);
    let all = map("__tmp_.", "got");
    assert_eq!(mapped(vec![made("__tmp_b", "1"), made("__tmp_a", "2"), all.clone()]), "2");
    let again = vec![
        made("__tmp_b", "1"),
        made("__tmp_a", "2"),
        made("__tmp_b", ""),
        made("__tmp_b", "3"),
        all.clone(),
    ];
    assert_eq!(mapped(again), "3");
    let dropped = RelabelConfig { regex: "__meta_.*".into(), ..rule(RelabelAction::LabelDrop) };
    assert_eq!(mapped(vec![made("__tmp_b", "1"), dropped, made("__tmp_a", "2"), all]), "2");

    let sample = [("a", "1"), ("b", "2")];
    let got = |rules: &[RelabelConfig]| run(rules, &sample).unwrap();
    assert_eq!(got(&[map("a|b", "c")]), "{a=\"1\", b=\"2\", c=\"2\"}");
    let rules = [replace("", "(.*)", "a", "new"), map("a|b", "c")];
    assert_eq!(got(&rules), "{a=\"new\", b=\"2\", c=\"new\"}");
}

#[test]
fn legacy_names_are_checked() {
    let config = replace("a", "(.*)", "${1}-x", "y");
    let labels = Labels::from_pairs([("a", "1")]);
    assert_eq!(Rules::new([&config], true).relabel(&labels), RelabelResult::Kept(labels.clone()));
    assert_ne!(Rules::new([&config], false).relabel(&labels), RelabelResult::Kept(labels));
}

#[test]
fn a_target_gets_the_labels_of_target_group_and_job() {
    let discovered = found(&[(
        &[("team", "a"), ("zone", "z"), ("__scheme__", "")],
        &[&[("__address__", "h:1"), ("team", "b"), ("zone", ""), ("__meta_x", "y")]],
    )]);
    let pool = Pool::new(&job("web", Vec::new()), discovered);
    let target = &pool.active[0];
    assert_eq!(target.public_labels().to_string(), r#"{instance="h:1", job="web", team="b"}"#);
    assert_eq!(target.labels.get("__meta_x"), "");
    assert_eq!(target.discovered.get("__meta_x"), "y");
    assert_eq!(target.discovered.get("__scrape_interval__"), "15s");
    assert_eq!(target.url, "http://h:1/metrics");
    assert_eq!((target.interval, target.timeout_text()), (Duration::from_secs(15), "10s"));
}

#[test]
fn failures_in_the_words_of_prometheus() {
    for (name, value, error) in [
        ("__address__", "", "no address"),
        ("__address__", "a/b", "\"a/b\" is not a valid hostname"),
        ("__scrape_interval__", "0s", "scrape interval cannot be 0"),
        (
            "__scrape_interval__",
            "1",
            "error parsing scrape interval: not a valid duration string: \"1\"",
        ),
        ("__scrape_timeout__", "0", "scrape timeout cannot be 0"),
        (
            "__scrape_timeout__",
            "1m",
            "scrape timeout cannot be greater than scrape interval (\"1m\" > \"15s\")",
        ),
        (
            "__scrape_native_histograms__",
            "yes",
            "error parsing scrape native histograms: strconv.ParseBool: parsing \"yes\": invalid syntax",
        ),
    ] {
        let mut labels = vec![("__address__", "h:1")];
        labels.retain(|(other, _)| *other != name);
        labels.push((name, value));
        let pool = Pool::new(&job("j", Vec::new()), found(&[(&[], &[&labels])]));
        assert_eq!(pool.failed[0].error, error);
        assert!(pool.active.is_empty() && pool.dropped.is_empty());
    }
}

#[test]
fn targets_that_end_up_the_same_are_one() {
    let rules =
        vec![replace("", "(.*)", "__address__", "one:1"), replace("", "(.*)", "instance", "i")];
    let discovered = found(&[(
        &[],
        &[
            &[("__address__", "a:1")],
            &[("__address__", "b:1"), ("x", "y")],
            &[("__address__", "c:1")],
        ],
    )]);
    let pool = Pool::new(&job("j", rules), discovered);
    let origins: Vec<Vec<u32>> =
        pool.active.iter().map(|t| t.origins.iter().map(|o| o.target).collect()).collect();
    assert_eq!(origins, [vec![0, 2], vec![1]]);
    assert_eq!(pool.active[0].discovered.get("__address__"), "c:1", "the last is shown");
    assert_eq!((pool.target_counts.kept, pool.target_counts.distinct), (3, 2));
}

#[test]
fn limits() {
    let rules = vec![RelabelConfig {
        source_labels: vec!["__address__".into()],
        regex: "x.*".into(),
        ..rule(RelabelAction::Drop)
    }];
    let mut config = job("j", rules);
    config.target_limit = Resolved::default(1);
    config.keep_dropped_targets = Resolved::default(1);
    let addresses = ["a", "b", "x1", "x2"].map(|address| [("__address__", address)]);
    let targets: Vec<&[(&str, &str)]> = addresses.iter().map(|labels| &labels[..]).collect();
    let pool = Pool::new(&config, found(&[(&[], &targets)]));
    assert_eq!(
        pool.limit_error.as_deref(),
        Some("target_limit exceeded (number of targets: 2, limit: 1)")
    );
    assert_eq!((pool.dropped.len(), pool.listed_dropped), (2, 1));
    assert_eq!(pool.dropped[1].rule, Some(0));
}

#[test]
fn every_step_is_told_and_every_label_knows_its_origin() {
    let rules = vec![
        replace("__meta_app none", "(?P<name>w.)b;(x)?", "app", "${name}"),
        replace("__address__", "never", "app", "x"),
        RelabelConfig { regex: "__meta_(app)".into(), ..rule(RelabelAction::LabelMap) },
    ];
    let discovered =
        found(&[(&[("zone", "z")], &[&[("__address__", "h:1"), ("__meta_app", "web")]])]);
    let pool = Pool::new(&job("j", rules), discovered);
    let explanation = pool.explain(pool.active[0].origins[0]).unwrap();
    assert_eq!(explanation.outcome, Populated::Kept(pool.active[0].labels.clone()));
    assert_eq!(explanation.discovered, pool.active[0].discovered);
    assert_eq!(explanation.url.as_deref(), Some("http://h:1/metrics"));
    assert_eq!(explanation.public_labels(), pool.active[0].public_labels());

    let kinds: Vec<StepKind> = explanation.steps.iter().map(|step| step.kind).collect();
    let implicit = [ImplicitStep::RemoveMeta, ImplicitStep::SetInstance].map(StepKind::Implicit);
    assert_eq!(kinds[..3], [0, 1, 2].map(StepKind::Rule));
    assert_eq!(kinds[3..], implicit);
    let source = explanation.steps[0].source.as_ref().unwrap();
    assert_eq!(source.value, "web;");
    assert_eq!(source.groups, [Some((0, 4)), Some((0, 2)), None]);
    assert_eq!(explanation.steps[1].source.as_ref().unwrap().matched, Some(false));
    assert!(explanation.steps[1].changes.is_empty());
    let change = |name: &str, before: Option<&str>, after: Option<&str>| Change {
        name: name.into(),
        before: before.map(Into::into),
        after: after.map(Into::into),
    };
    assert_eq!(explanation.steps[0].changes, [change("app", None, Some("we"))]);
    assert_eq!(explanation.steps[2].changes, [change("app", Some("we"), Some("web"))]);
    assert_eq!(explanation.steps[3].changes, [change("__meta_app", Some("web"), None)]);

    let mechanism: Arc<str> = "static_configs".into();
    for (name, expected) in [
        ("zone", Provenance::Discovered { mechanism: mechanism.clone(), at: Some(at(0)) }),
        ("__meta_app", Provenance::Discovered { mechanism, at: Some(at(1)) }),
        ("app", Provenance::Rule { index: 2, at: at(500) }),
        ("job", Provenance::Job(ValueSource::Written(at(101)))),
        (
            "__scrape_interval__",
            Provenance::Job(ValueSource::Inherited { path: "global.scrape_interval", at: at(7) }),
        ),
        ("instance", Provenance::Instance),
    ] {
        assert_eq!(explanation.provenance.get(name), Some(&expected), "{name}");
    }
}

#[test]
fn a_dropped_target_ends_at_its_rule() {
    let rules = vec![
        replace("", "(.*)", "a", "b"),
        RelabelConfig { regex: "x".into(), ..rule(RelabelAction::Keep) },
        replace("", "(.*)", "c", "d"),
    ];
    let pool = Pool::new(&job("j", rules), found(&[(&[], &[&[("__address__", "h:1")]])]));
    let explanation = pool.explain(pool.dropped[0].origin).unwrap();
    assert_eq!(explanation.outcome, Populated::Dropped { rule: 1 });
    assert_eq!(explanation.steps.iter().map(|step| step.drops).collect::<Vec<_>>(), [false, true]);
    assert!(explanation.url.is_none());
}

#[test]
fn touches_of_rules_are_counted() {
    let rules = vec![
        replace("__address__", "a.*", "x", "1"),
        RelabelConfig {
            source_labels: vec!["__address__".into()],
            regex: "b.*".into(),
            ..rule(RelabelAction::Drop)
        },
        replace("__address__", "(.*)", "job", "j"),
    ];
    let addresses = ["a:1", "b:1", "c:1"].map(|address| [("__address__", address)]);
    let targets: Vec<&[(&str, &str)]> = addresses.iter().map(|labels| &labels[..]).collect();
    let pool = Pool::new(&job("j", rules), found(&[(&[], &targets)]));
    let hits = pool.rule_hits();
    let uses: Vec<[u32; 3]> =
        hits.rules.iter().map(|one| [one.seen, one.changed, one.dropped]).collect();
    assert_eq!(uses, [[3, 1, 0], [3, 0, 1], [2, 0, 0]], "writing what is there changes nothing");
    let id = |target| TargetId { mechanism: 0, group: 0, target };
    let touched: Vec<Vec<usize>> =
        (0..3).map(|target| (0..3).filter(|&rule| hits.hits(id(target), rule)).collect()).collect();
    assert_eq!(touched, [vec![0], vec![1], vec![]]);
    assert!(hits.complete);
}

/// Rules can double a value or the number of labels with each step.
#[test]
fn label_sets_have_limits() {
    let double = replace("a a", "(.*)", "a", "$1");
    let map = |to: &str| RelabelConfig {
        regex: "(a.*)".into(),
        replacement: to.into(),
        ..rule(RelabelAction::LabelMap)
    };
    let maps: Vec<RelabelConfig> = (0..16).map(|number| map(&format!("${{1}}_{number}"))).collect();
    let long = replace("a", "(.*)", "a", &"$1".repeat(40_000));
    for (name, rules, expected) in [
        ("a value that doubles", vec![double.clone(); 60], RelabelResult::TooLarge { rule: 13 }),
        ("labels that double", maps, RelabelResult::TooLarge { rule: 9 }),
        ("a long replacement", vec![long.clone(), long], RelabelResult::TooLarge { rule: 0 }),
    ] {
        let labels = Labels::from_pairs([("a", "12345678")]);
        assert_eq!(Rules::new(&rules, false).relabel(&labels), expected, "{name}");
    }
    let few = vec![double; 8];
    assert!(matches!(
        Rules::new(&few, false).relabel(&Labels::from_pairs([("a", "1")])),
        RelabelResult::Kept(_)
    ));
}

/// The steps that are shown end where the table ends.
#[test]
fn a_job_has_limits() {
    for (count, rules, active) in [(60_usize, 20_000, 50), (50_005, 1, 50_000)] {
        let addresses: Vec<String> = (0..count).map(|number| format!("h{number}:80")).collect();
        let targets: Vec<Vec<(&str, &str)>> =
            addresses.iter().map(|address| vec![("__address__", &**address)]).collect();
        let targets: Vec<Pairs<'_>> = targets.iter().map(Vec::as_slice).collect();
        let config = job("a", vec![replace("nothing", "x", "y", "z"); rules]);
        let pool = Pool::new(&config, found(&[(&[], &targets)]));
        assert_eq!((pool.active.len(), pool.failed.len()), (active, count - active));
        for failed in &pool.failed {
            let explanation = pool.explain(failed.origin).unwrap();
            assert_eq!(explanation.outcome, Populated::Failed(failed.error.clone()));
            assert!(explanation.steps.is_empty());
        }
        assert_eq!(pool.rule_hits().rules[0].seen, active.min(20_000) as u32);
    }
}
