//! Execution of unit tests.

use go::quote::quote;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{AlertTest, ComparedSample, ExprTest, TestGroup, UnitTestFile};
use crate::{AlertState, GroupRun, RuleContext, RuleEngine, RuleHealth};
use go::Duration;
use prometheus::rule_files::{RuleGroup, RuleKind, RuleOptions, load_rules};
use promql::histogram::FloatHistogram;
use promql::promqltest::{Command, Load, Script, SequenceValue, parse_series_line};
use promql::storage::Storage;
use promql::{Labels, SampleValue, Timestamp};
use text::Severity;
use yaml::Parsed;

/// The maximum number of group evaluations in a test.
const MAX_EVALUATIONS: i64 = 1_000_000;

/// Provides rule files.
pub trait RuleFiles {
    /// Returns path, text and tree of each file that matches a pattern.
    fn matching(&self, pattern: &str) -> Vec<(String, Arc<str>, Arc<Parsed>)>;
}

/// Test options.
#[derive(Clone, Copy, Debug, Default)]
pub struct TestOptions {
    pub rules: RuleOptions,
}

/// Runs all tests of a file. Returns the errors of promtool; none means success. `engine` creates
/// the engine for the evaluation interval.
pub fn run<E: RuleEngine>(
    file: &UnitTestFile,
    rule_files: &dyn RuleFiles,
    options: &TestOptions,
    engine: impl Fn(Duration) -> E,
) -> Vec<String> {
    let engine = engine(file.evaluation_interval);
    let mut errors = Vec::new();
    for test in &file.tests {
        let groups = match load_groups(file, rule_files, options) {
            Ok(groups) => groups,
            Err(why) => {
                errors.extend(why);
                continue;
            }
        };
        run_test(test, file, groups, &engine, &mut errors);
    }
    errors
}

/// Loads the groups of all rule files, in the order of evaluation.
fn load_groups(
    file: &UnitTestFile,
    rule_files: &dyn RuleFiles,
    options: &TestOptions,
) -> Result<Vec<RuleGroup>, Vec<String>> {
    let mut groups = Vec::new();
    for pattern in &file.rule_files {
        for (path, text, parsed) in rule_files.matching(pattern) {
            let loaded = load_rules(&parsed, &text, &options.rules);
            let errors: Vec<String> = loaded
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.severity == Severity::Error)
                .map(|diagnostic| format!("{path}: {}", diagnostic.message))
                .collect();
            if !errors.is_empty() {
                return Err(errors);
            }
            groups.extend(loaded.groups);
        }
    }
    groups.sort_by_key(|group| {
        file.group_eval_order.iter().position(|name| **name == *group.name).unwrap_or(0)
    });
    Ok(groups)
}

/// Converts the input series to a promqltest load command.
fn input(test: &TestGroup) -> Result<Load, String> {
    let mut text = format!("load {}\n", test.interval);
    for (series, values) in &test.input_series {
        text.push_str(&format!("  {series} {values}\n"));
    }
    let script = Script::parse(&text).map_err(|error| error.to_string())?;
    match script.commands.into_iter().next() {
        Some(Command::Load(load)) => Ok(Load { start: test.start, ..load }),
        _ => Err("no \"load\" command found".into()),
    }
}

fn run_test(
    test: &TestGroup,
    file: &UnitTestFile,
    groups: Vec<RuleGroup>,
    engine: &impl RuleEngine,
    errors: &mut Vec<String>,
) {
    let load = match input(test) {
        Ok(load) => load,
        Err(error) => return errors.push(error),
    };
    if let Some(nameless) = test.alert_tests.iter().find(|test| test.alertname.is_empty()) {
        let place = if test.name.is_empty() {
            String::new()
        } else {
            format!(" (in TestGroup {})", test.name)
        };
        return errors.push(format!(
            "an item under alert_rule_test misses required attribute alertname at eval_time {}{place}",
            nameless.eval_time
        ));
    }
    let context = RuleContext {
        external_labels: test.external_labels.clone(),
        external_url: test.external_url.clone(),
    };
    let mut run = Run {
        test,
        storage: Storage::unbounded(),
        groups: groups.into_iter().map(|group| GroupRun::new(group, Duration(0))).collect(),
        engine,
        context,
        inputs: Inputs::new(&load),
    };
    let interval = file.evaluation_interval.millis();
    let longest = latest(test).millis();
    if longest / interval.max(1) > MAX_EVALUATIONS {
        return errors.push(format!("more than {MAX_EVALUATIONS} evaluations"));
    }
    let times: BTreeSet<Duration> = test.alert_tests.iter().map(|test| test.eval_time).collect();
    let mut times = times.into_iter().peekable();
    let mut passed = 0;
    while passed <= longest {
        if let Err(failures) = run.step(test.start.saturating_add(passed), errors) {
            return errors.extend(failures);
        }
        while let Some(time) = times.next_if(|time| time.millis() < passed.saturating_add(interval))
        {
            run.check_alerts(time, errors);
        }
        passed += interval;
    }
    for expr in &test.expr_tests {
        run.check_expr(expr, file.fuzzy_compare, errors);
    }
}

fn latest(test: &TestGroup) -> Duration {
    let alerts = test.alert_tests.iter().map(|test| test.eval_time);
    alerts.chain(test.expr_tests.iter().map(|test| test.eval_time)).max().unwrap_or_default()
}

/// The remaining input samples.
struct Inputs {
    series: Vec<(Labels, std::iter::Peekable<std::vec::IntoIter<promql::storage::Sample>>)>,
}

impl Inputs {
    fn new(load: &Load) -> Self {
        let series = load
            .series
            .iter()
            .map(|(labels, values, offsets)| {
                let samples: Vec<_> = load.samples(values, offsets).collect();
                (labels.clone(), samples.into_iter().peekable())
            })
            .collect();
        Self { series }
    }

    fn store_until(&mut self, time: Timestamp, storage: &mut Storage) -> Result<(), String> {
        for (labels, samples) in &mut self.series {
            while let Some(sample) = samples.next_if(|sample| sample.time <= time) {
                storage.append(labels, sample).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }
}

struct Run<'a, E> {
    test: &'a TestGroup,
    storage: Storage,
    groups: Vec<GroupRun>,
    engine: &'a E,
    context: RuleContext,
    inputs: Inputs,
}

type Alerts = Vec<(BTreeMap<String, String>, BTreeMap<String, String>)>;

impl<E: RuleEngine> Run<'_, E> {
    /// Stores the input up to a time and evaluates all groups. A failing rule ends the test.
    fn step(&mut self, time: Timestamp, errors: &mut Vec<String>) -> Result<(), Vec<String>> {
        if let Err(error) = self.inputs.store_until(time, &mut self.storage) {
            errors.push(error);
            return Ok(());
        }
        let mut failures = Vec::new();
        for group in &mut self.groups {
            group.evaluate(&mut self.storage, self.engine, time, &self.context);
            for run in &group.rules {
                if let RuleHealth::Error(why) = &run.health {
                    let (name, time) = (run.rule.name(), Duration(time));
                    failures.push(format!("    rule: {name}, time: {time}, err: {why}"));
                }
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(failures) }
    }

    fn check_alerts(&self, time: Duration, errors: &mut Vec<String>) {
        for case in self.test.alert_tests.iter().filter(|case| case.eval_time == time) {
            let mut got = self.firing(&case.alertname);
            let mut expected = expected_alerts(case);
            got.sort();
            expected.sort();
            if got != expected {
                let name = match &*self.test.name {
                    "" => String::new(),
                    name => format!("    name: {name},\n"),
                };
                errors.push(format!(
                    "{name}    alertname: {}, time: {time}, \n        exp:{}, \n        got:{}",
                    case.alertname,
                    show_alerts(&expected),
                    show_alerts(&got)
                ));
            }
        }
    }

    fn firing(&self, name: &str) -> Alerts {
        let rules = self.groups.iter().flat_map(|group| &group.rules).filter(
            |run| matches!(&run.rule.kind, RuleKind::Alerting { alert, .. } if **alert == *name),
        );
        rules
            .flat_map(|run| run.alerts.values())
            .filter(|alert| alert.state == AlertState::Firing)
            .map(|alert| {
                let labels = alert.labels.iter();
                let labels = labels.map(|l| (l.name.to_string(), l.value.to_string())).collect();
                let annotations = alert.annotations.iter();
                (labels, annotations.map(|(n, v)| (n.to_string(), v.to_string())).collect())
            })
            .collect()
    }

    fn check_expr(&self, case: &ExprTest, fuzzy: bool, errors: &mut Vec<String>) {
        let place = format!("    expr: {}, time: {}", quote(&case.expr), case.eval_time);
        let time = self.test.start.saturating_add(case.eval_time.millis());
        let got = match self.engine.evaluate_text(&self.storage, &case.expr, time) {
            Ok(samples) => samples,
            Err(error) => return errors.push(format!("{place}, err: {error}")),
        };
        let mut got: Vec<ComparedSample> = got.into_iter().map(compared).collect();
        let mut expected = Vec::with_capacity(case.expected.len());
        for (labels, value, histogram) in &case.expected {
            match expected_sample(labels, *value, histogram) {
                Ok(sample) => expected.push(sample),
                Err(why) => {
                    return errors.push(format!("{place}, err: labels {labels:?}: {why}"));
                }
            }
        }
        got.sort_by(|a, b| a.labels.cmp(&b.labels));
        expected.sort_by(|a, b| a.labels.cmp(&b.labels));
        let same = got.len() == expected.len()
            && got.iter().zip(&expected).all(|(got, expected)| same_sample(got, expected, fuzzy));
        if !same {
            errors.push(format!(
                "{place},\n        exp: {}\n        got: {}",
                show_samples(&expected),
                show_samples(&got)
            ));
        }
    }
}

fn expected_alerts(case: &AlertTest) -> Alerts {
    let with_name =
        |(labels, annotations): &(BTreeMap<String, String>, BTreeMap<String, String>)| {
            let mut labels = labels.clone();
            labels.insert("alertname".into(), case.alertname.clone());
            (labels, annotations.clone())
        };
    case.expected.iter().map(with_name).collect()
}

fn compared((labels, value): (Labels, SampleValue)) -> ComparedSample {
    match value {
        SampleValue::Float(value) => ComparedSample { labels, value, histogram: None },
        SampleValue::Histogram(histogram) => {
            ComparedSample { labels, value: 0.0, histogram: Some(histogram) }
        }
    }
}

fn expected_sample(labels: &str, value: f64, histogram: &str) -> Result<ComparedSample, String> {
    let histogram: Option<Arc<FloatHistogram>> = match histogram {
        "" => None,
        text => {
            let line = parse_series_line(&format!("{{}} {text}"))?;
            match &line.values[..] {
                [SequenceValue::Histogram { histogram, .. }] => Some(histogram.clone()),
                [_] => return Err("expected histogram".into()),
                values => return Err(format!("expected 1 value, got {}", values.len())),
            }
        }
    };
    let labels = match labels.trim() {
        "" => Labels::empty(),
        text => {
            let line = parse_series_line(text)?;
            if !line.values.is_empty() {
                return Err("unexpected values behind labels".into());
            }
            line.labels
        }
    };
    Ok(ComparedSample { labels, value, histogram })
}

fn same_sample(got: &ComparedSample, expected: &ComparedSample, fuzzy: bool) -> bool {
    let (a, b) = (got.value, expected.value);
    let same_value = a == b || (fuzzy && (a.next_down() == b || a.next_up() == b));
    let text = |sample: &ComparedSample| {
        sample.histogram.as_ref().map(|histogram| histogram.test_expression())
    };
    got.labels == expected.labels && same_value && text(got) == text(expected)
}

fn show_map(map: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> =
        map.iter().map(|(name, value)| format!("{name}={value}", value = quote(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn show_alerts(alerts: &Alerts) -> String {
    if alerts.is_empty() {
        return "[]".into();
    }
    let lines: Vec<String> = alerts
        .iter()
        .enumerate()
        .map(|(at, (labels, annotations))| {
            let (labels, annotations) = (show_map(labels), show_map(annotations));
            format!("\n            {at}:\n              Labels:{labels}\n              Annotations:{annotations}")
        })
        .collect();
    format!("[{}\n            ]", lines.concat())
}

fn show_samples(samples: &[ComparedSample]) -> String {
    if samples.is_empty() {
        return "nil".into();
    }
    let texts: Vec<String> = samples
        .iter()
        .map(|sample| {
            let value = match &sample.histogram {
                Some(histogram) => histogram.test_expression(),
                None => go::number::format_exponent(sample.value, 16),
            };
            format!("{} {value}", sample.labels)
        })
        .collect();
    texts.join(", ")
}
