//! Execution of unit tests.

use go::quote::quote;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use text::IndexSort;

use super::diff::diff;
use super::{AlertTest, ComparedSample, ExprTest, TestGroup, UnitTestFile};
use crate::{AlertState, GroupRun, RuleContext, RuleEngine, RuleHealth};
use go::Duration;
use go::number::{format_exponent_shortest, format_float, is_stale_nan};
use go::time::format_duration;
use prometheus::rule_files::{RuleGroup, RuleKind, RuleOptions, load_rules, refusals};
use promql::histogram::FloatHistogram;
use promql::promqltest::{
    Command, Load, Script, SequenceValue, locate_series_error, parse_series_line,
};
use promql::storage::{SampleBuffer, Storage};
use promql::{Labels, SampleValue, Timestamp};
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
    /// `--diff`: alerts that differ are shown as one text in color.
    pub diff: bool,
    /// `--debug`: the series of a test are shown.
    pub debug: bool,
}

/// The result of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestReport {
    /// In promtool's words; none means success.
    pub errors: Vec<String>,
    /// All series at the end of the test, if they were asked for and the test came to its end.
    pub dump: Option<String>,
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
    let reports = file.tests.iter().map(|test| run_test(test, file, rule_files, options, &engine));
    reports.flat_map(|report| report.errors).collect()
}

/// Runs one test of a file.
pub fn run_test<E: RuleEngine>(
    test: &TestGroup,
    file: &UnitTestFile,
    rule_files: &dyn RuleFiles,
    options: &TestOptions,
    engine: &E,
) -> TestReport {
    let mut report = TestReport::default();
    match load_groups(file, rule_files, options) {
        Ok(groups) => run_group(test, file, groups, (engine, options), &mut report),
        Err(errors) => report.errors = errors,
    }
    report
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
            let errors = refusals(&parsed, &loaded);
            if !errors.is_empty() {
                return Err(errors.iter().map(|error| format!("{path}: {error}")).collect());
            }
            groups.extend(loaded.groups);
        }
    }
    groups.index_sort_by_key(|group| {
        file.group_eval_order.iter().position(|name| **name == *group.name).unwrap_or(0)
    });
    Ok(groups)
}

/// Converts the input series to a promqltest load command.
fn input(test: &TestGroup) -> Result<Load, String> {
    let mut text = format!("load {}\n", test.interval);
    for (number, (series, values)) in test.input_series.iter().enumerate() {
        let line = format!("{series} {values}");
        // The script has one line above the series.
        locate_series_error(&line).map_err(|(offset, message)| {
            // Behind the metric, the grammar names the values as the context of a missing end.
            let message = match message.strip_prefix("unexpected end of input, ") {
                Some(_) => "unexpected end of input in series values",
                None => &message,
            };
            format!("{}:{}: parse error: {message}", number + 2, offset + 1)
        })?;
        text.push_str(&format!("  {line}\n"));
    }
    let script = Script::parse(&text).map_err(|error| error.to_string())?;
    match script.commands.into_iter().next() {
        Some(Command::Load(load)) => Ok(Load { start: test.start, ..load }),
        _ => Err("no \"load\" command found".into()),
    }
}

/// Returns the error of a test of alerts without `alertname`.
fn alert_without_name(test: &TestGroup) -> Option<String> {
    let nameless = test.alert_tests.iter().find(|test| test.alertname.is_empty())?;
    let group = match test.name.is_empty() {
        true => String::new(),
        false => format!(" (in TestGroup {})", test.name),
    };
    let time = nameless.eval_time;
    Some(format!(
        "an item under alert_rule_test misses required attribute alertname at eval_time {time}{group}"
    ))
}

fn run_group(
    test: &TestGroup,
    file: &UnitTestFile,
    groups: Vec<RuleGroup>,
    (engine, options): (&impl RuleEngine, &TestOptions),
    report: &mut TestReport,
) {
    let errors = &mut report.errors;
    let load = match input(test) {
        Ok(load) => load,
        Err(error) => return errors.push(error),
    };
    if let Some(error) = alert_without_name(test) {
        return errors.push(error);
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
        diff: options.diff,
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
    if options.debug {
        report.dump = Some(run.dump(longest));
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
    diff: bool,
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
                    let (name, time) = (run.rule.name(), go_duration(time));
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
            got.index_sort();
            expected.index_sort();
            if got == expected {
                continue;
            }
            let name = match &*self.test.name {
                "" => String::new(),
                name => format!("    name: {name},\n"),
            };
            let head = format!("{name}    alertname: {}, time: {time}, \n        ", case.alertname);
            if self.diff {
                if let Some(text) = diff(&alerts_json(&expected), &alerts_json(&got)) {
                    let text = text.replace('\n', "\n            ");
                    errors.push(format!("{head}diff: {text}"));
                }
                continue;
            }
            let (expected, got) = (show_alerts(&expected), show_alerts(&got));
            errors.push(format!("{head}exp:{expected}, \n        got:{got}"));
        }
    }

    /// All series with their samples up to the second after the last check.
    fn dump(&self, longest: i64) -> String {
        let end = (longest + 1000) / 1000 * 1000;
        let (from, until) = (self.test.start, self.test.start.saturating_add(end));
        let mut series: Vec<_> = self.storage.iter().collect();
        series.index_sort_by(|a, b| a.labels().cmp(b.labels()));
        let mut buffer = SampleBuffer::default();
        let mut blocks = Vec::new();
        for series in series {
            buffer.clear();
            series.read(from.saturating_add(1), until, &mut buffer);
            let floats = buffer.float_times.iter().zip(&buffer.floats);
            let floats = floats
                .filter(|(_, value)| !is_stale_nan(**value))
                .map(|(time, value)| format!("\n{} @[{time}]", format_float(*value)));
            let histograms = buffer.histogram_times.iter().zip(&buffer.histograms);
            let histograms = histograms
                .filter(|(_, value)| !value.is_stale())
                .map(|(time, value)| format!("\n{value} @[{time}]"));
            let samples: String = floats.chain(histograms).collect();
            if !samples.is_empty() {
                blocks.push(format!("{} =>{samples}", series.labels()));
            }
        }
        format!(
            "Dump of all data (input_series and rules) at {}:\n{}",
            go_duration(end),
            blocks.join("\n")
        )
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
                    return errors.push(format!("{place}, err: labels {}: {why}", quote(labels)));
                }
            }
        }
        got.index_sort_by(|a, b| a.labels.cmp(&b.labels));
        expected.index_sort_by(|a, b| a.labels.cmp(&b.labels));
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

/// A map as Go prints a label set.
fn show_map(map: &BTreeMap<String, String>) -> String {
    Labels::from_pairs(map.iter().map(|(name, value)| (name.as_str(), value.as_str()))).to_string()
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
    format!("[{}\n            ]", lines.join(","))
}

/// Alerts as JSON; none is one without labels.
fn alerts_json(alerts: &Alerts) -> serde_json::Value {
    let empty = vec![(BTreeMap::new(), BTreeMap::new())];
    let alerts = if alerts.is_empty() { &empty } else { alerts };
    let alerts = alerts.iter().map(
        |(labels, annotations)| serde_json::json!({ "Labels": labels, "Annotations": annotations }),
    );
    serde_json::Value::Array(alerts.collect())
}

/// Milliseconds as Go prints a `time.Duration`: `1h0m0s`.
fn go_duration(millis: i64) -> String {
    format_duration(millis.saturating_mul(1_000_000))
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
                None => upper_exponent(sample.value),
            };
            format!("{} {value}", sample.labels)
        })
        .collect();
    texts.join(", ")
}

/// `1E+00`. Source: strconv `FormatFloat(f, 'E', -1)`.
fn upper_exponent(value: f64) -> String {
    let text = format_exponent_shortest(value);
    if value.is_finite() { text.to_uppercase() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_durations_are_printed_as_go_prints_them() {
        for (value, expected) in
            [(1.0, "1E+00"), (0.1 + 0.2, "3.0000000000000004E-01"), (f64::INFINITY, "+Inf")]
        {
            assert_eq!(upper_exponent(value), expected);
        }
        assert_eq!(go_duration(601_000), "10m1s");
    }

    #[test]
    fn several_alerts_are_divided_by_commas() {
        let one = |name: &str| {
            let labels = [("alertname".to_owned(), name.to_owned())].into_iter().collect();
            (labels, BTreeMap::new())
        };
        let text = show_alerts(&vec![one("a"), one("b")]);
        assert_eq!(
            text,
            "[\n            0:\n              Labels:{alertname=\"a\"}\n              Annotations:{},\n            1:\n              Labels:{alertname=\"b\"}\n              Annotations:{}\n            ]"
        );
    }
}
