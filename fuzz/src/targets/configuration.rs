//! The files of Prometheus: configuration, relabeling, rules, unit tests.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use discovery::targets::{Pool, Populated, Target, TargetId};
use discovery::{Environment, SdFile, Unrestricted, discover};
use prometheus::effective::effective;
use prometheus::explain::PrometheusHooks;
use prometheus::fields::root::ROOT;
use prometheus::rule_files::{RuleKind, RuleOptions, load_rules, refusals};
use prometheus::{Mode, NoFiles, lints::lint, load};
use promql::SampleValue;
use promql::engine::{Engine, EngineOptions};
use rules::PromqlRules;
use rules::template::{LIMITS, TemplateContext, TemplateSample, expand};
use rules::unit_test::{self, RuleFiles, TestOptions};
use schema::{Dialect, Subject, Type, complete_at, explain_at, notes};
use text::{Diagnostic, FileId, apply_edits};
use yaml::{Parsed, Source, parse};

use crate::input::{Archive, boundary, numbers, text};

/// The spans of findings and the edits of their fixes lie on whole characters.
fn check_findings(text: &str, file: FileId, found: &[Diagnostic]) {
    for one in found {
        assert!(text.get(one.location.span.range()).is_some(), "{}", one.code);
        for fix in &one.fixes {
            assert!(apply_edits(text, file, &fix.edits).is_some(), "{}: {}", one.code, fix.title);
        }
    }
}

/// Checks, lints, the configuration in force, explanations and completions of any text.
pub fn configuration(data: &[u8]) {
    let ([offset], rest) = numbers::<1>(data);
    let text = text(rest);
    let file = FileId(1);
    let parsed = parse(file, &text);
    let loaded = load(&parsed, &NoFiles, Mode::Server);
    check_findings(&text, file, &loaded.diagnostics);
    check_findings(&text, file, &lint(&parsed, &text, &loaded.config, &NoFiles));
    let shown = effective(&parsed);
    assert_eq!(shown.sources.len(), shown.text.lines().count());
    let hooks = PrometheusHooks::new(&loaded.config);
    let ty = Type::Record(&ROOT);
    let Some(subject) = Subject::first(&parsed, ty, Dialect::Prometheus, &hooks) else { return };
    for note in notes(&subject) {
        assert!(text.get(note.span.range()).is_some());
    }
    let offset = boundary(&text, offset) as u32;
    explain_at(&subject, offset);
    complete_at(&subject, &Source::whole(&text), &text, offset);
}

/// Discovery and relabeling of a configuration: what is explained is what the table shows.
pub fn relabel(data: &[u8]) {
    let mut archive = Archive::read(data);
    let text = archive.take("");
    let loaded = load(&parse(FileId(1), &text), &NoFiles, Mode::Server);
    let manifests = archive.take("manifests");
    let manifests = kubernetes::decode::decode([&parse(FileId(2), &manifests)], "default");
    let read: Vec<(String, Parsed)> =
        archive.files.iter().map(|(path, text)| (path.clone(), parse(FileId(3), text))).collect();
    let files: Vec<SdFile<'_>> =
        read.iter().map(|(path, parsed)| SdFile { path, parsed }).collect();
    let environment = Environment {
        cluster: &manifests.cluster,
        access: &Unrestricted,
        own_namespace: Some("default"),
        resolver: &NoNames,
        config_directory: "/etc/prometheus",
        files: &files,
        samples: &files,
    };
    for job in &loaded.config.scrape_configs {
        let pool = Pool::new(job, discover(job, &environment));
        assert!(pool.active.len() <= pool.target_counts.kept);
        for target in pool.active.iter().take(20) {
            let explained = pool.explain(last(target)).expect("it was discovered");
            let Populated::Kept(labels) = &explained.outcome else { panic!("it was kept") };
            assert_eq!(labels, &target.labels);
        }
        for dropped in pool.dropped.iter().take(20) {
            let explained = pool.explain(dropped.origin).expect("it was discovered");
            assert!(!matches!(explained.outcome, Populated::Kept(_)));
        }
        let hits = pool.rule_hits();
        assert!(hits.rules.len() <= pool.job.rules.len());
    }
}

/// The discovered target whose labels an active target shows.
fn last(target: &Target) -> TargetId {
    *target.origins.last().expect("a target comes from somewhere")
}

/// A resolver that knows no names.
struct NoNames;

impl discovery::Resolver for NoNames {
    fn resolve(&self, _: &str, _: discovery::RecordType) -> Option<Vec<discovery::Record>> {
        None
    }
}

/// Rule files and the templates in them.
pub fn rules(data: &[u8]) {
    let text = text(data);
    let file = FileId(1);
    let parsed = parse(file, &text);
    let loaded = load_rules(&parsed, &text, &RuleOptions::default());
    check_findings(&text, file, &loaded.diagnostics);
    refusals(&parsed, &loaded);
    let labels: BTreeMap<String, String> = [("job", "a"), ("instance", "b:1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let sample = TemplateSample { labels: labels.clone(), value: SampleValue::Float(1.5) };
    let query = |_: &str| Ok(vec![sample.clone(); 3]);
    let limits = Cell::new(LIMITS);
    let context = TemplateContext {
        name: "__alert_A",
        labels,
        external_labels: BTreeMap::new(),
        external_url: "http://localhost:9090",
        value: SampleValue::Float(f64::MIN_POSITIVE),
        now: 1_700_000_000_000,
        query: &query,
        limits: &limits,
    };
    for rule in loaded.groups.iter().flat_map(|group| &group.rules) {
        let RuleKind::Alerting { annotations, .. } = &rule.kind else { continue };
        for (_, template) in rule.labels.iter().chain(annotations) {
            let _ = expand(template, &context);
        }
    }
    // Templates also by themselves: most texts are no rule file.
    for line in text.lines().filter(|line| line.contains("{{")).take(5) {
        let _ = expand(line, &context);
    }
}

/// The rule files of an archive.
struct Named(BTreeMap<String, (Arc<str>, Arc<Parsed>)>);

impl RuleFiles for Named {
    fn matching(&self, pattern: &str) -> Vec<(String, Arc<str>, Arc<Parsed>)> {
        let found = self.0.iter().filter(|(name, _)| go::path::matches(pattern, name));
        found.map(|(name, (text, parsed))| (name.clone(), text.clone(), parsed.clone())).collect()
    }
}

/// Unit tests of rules: the nameless file, with the others as rule files.
pub fn unit_tests(data: &[u8]) {
    let mut archive = Archive::read(data);
    let Ok(file) = unit_test::load(&parse(FileId(1), &archive.take(""))) else { return };
    let read = archive.files.into_iter().map(|(name, text)| {
        let parsed = parse(FileId(2), &text);
        (name, (Arc::from(text), Arc::new(parsed)))
    });
    let engine = |interval| PromqlRules {
        engine: Engine::new(EngineOptions {
            default_subquery_step: interval,
            max_samples: 50_000,
            ..EngineOptions::default()
        }),
        ..PromqlRules::default()
    };
    unit_test::run(&file, &Named(read.collect()), &TestOptions::default(), engine);
}
