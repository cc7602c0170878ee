//! Exports of a lab: OpenMetrics text for backfilling, a promqltest script, and a recording rule
//! with a unit test.

use std::fmt::Write;

use super::evaluate::{Evaluation, evaluate};
use go::Duration;
use go::number::format_float;
use go::quote::quote;
use promql::{Timestamp, is_legacy_metric_name};
use protocol::lab::{Lab, LabSample, RangeMode};
use simulation::exposition::write_series;

/// The start of the lab in exports: 2026-01-01, the start of simulated time.
const ORIGIN: Timestamp = 1_767_225_600_000;

/// The maximum number of intervals in a script. Beyond it times are rounded.
const MOST_SLOTS: i64 = 4_000_000;

/// An exported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    pub name: &'static str,
    pub text: String,
}

/// The series as OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`.
pub fn openmetrics(lab: &Lab) -> Exported {
    let labels = lab.labels();
    let name = labels.metric_name();
    let (family, kind) = match name.strip_suffix("_total") {
        Some(family) if !lab.gauge => (family, "counter"),
        _ if lab.gauge => (name, "gauge"),
        _ => (name, "unknown"),
    };
    let rest = labels.without_name();
    let origin = lab.taken.as_ref().map_or(ORIGIN, |taken| taken.origin);
    let mut text = String::from("# TYPE ");
    text.push_str(&if is_legacy_metric_name(family) { family.to_owned() } else { quote(family) });
    let _ = writeln!(text, " {kind}");
    for sample in lab.samples() {
        let time = (origin + sample.at) as f64 / 1000.0;
        let value = format_float(sample.value);
        // Writing into a string does not fail.
        write_series(&mut text, name, rest.iter());
        let _ = writeln!(text, " {value} {time:.3}");
    }
    text.push_str("# EOF\n");
    Exported { name: "lab.om.txt", text }
}

/// The lab as a promqltest script.
pub fn script(lab: &Lab) -> Exported {
    let evaluation = evaluate(lab);
    let (step, values) = notation(&evaluation.samples);
    let mut text = format!(
        "# The rate lab's series, and what it says of it.\nload {step}\n  {} {values}\n",
        lab.selector()
    );
    let labels = lab.labels().without_name();
    let at = Duration(lab.at);
    for mode in [RangeMode::Usual, RangeMode::Anchored, RangeMode::Smoothed] {
        let Some(variant) = evaluation.variant(lab.function, mode) else { continue };
        let query = lab.query(lab.function, mode);
        let _ = write!(text, "\neval instant at {at} {query}\n");
        match (&variant.refused, variant.result) {
            (Some(_), _) => text.push_str("  expect fail\n"),
            (None, Some(result)) => {
                let _ = writeln!(text, "  {labels} {}", format_float(result));
            }
            (None, None) => {}
        }
    }
    range(lab, &evaluation, &labels.to_string(), &mut text);
    if let Some(closed) = evaluation.result(lab.function, RangeMode::Closed)
        && Some(closed) != evaluation.result(lab.function, RangeMode::Usual)
    {
        let closed = format_float(closed);
        let _ =
            write!(text, "\n# Version 2 counted the sample at the window's start too: {closed}\n");
    }
    Exported { name: "lab.test", text }
}

/// Appends the range query that shows aliasing.
fn range(lab: &Lab, evaluation: &Evaluation, labels: &str, text: &mut String) {
    let steps = &evaluation.aliasing.steps;
    let (Some((first, _)), Some((last, _)), RangeMode::Usual) =
        (steps.first(), steps.last(), lab.mode)
    else {
        return;
    };
    let (first, last) = (Duration(*first), Duration(*last));
    let query = lab.query(lab.function, lab.mode);
    let _ = write!(text, "\neval range from {first} to {last} step {} {query}\n", lab.step);
    if steps.iter().any(|(_, value)| value.is_some()) {
        let values: Vec<String> = steps
            .iter()
            .map(|(_, value)| value.map_or_else(|| "_".to_owned(), format_float))
            .collect();
        let _ = writeln!(text, "  {labels} {}", values.join(" "));
    }
}

/// A recording rule with the lab's query, and its unit test for `promtool test rules`.
pub fn unit_test(lab: &Lab) -> [Exported; 2] {
    let evaluation = evaluate(lab);
    let (step, values) = notation(&evaluation.samples);
    let labels = lab.labels();
    let record = recorded_name(labels.metric_name(), lab);
    let query = lab.query(lab.function, RangeMode::Usual);
    let rules = format!(
        "groups:\n- name: rate-lab\n  rules:\n  - record: {record}\n    expr: {}\n",
        quoted(&query)
    );
    let rest = labels.without_name();
    let series = if rest.is_empty() { record.clone() } else { format!("{record}{rest}") };
    let at = Duration(lab.at.max(1));
    let usual = evaluation.result(lab.function, RangeMode::Usual);
    let expected = |value: Option<f64>, labels: &str| match value {
        Some(value) => format!(
            "\n    exp_samples:\n    - labels: {}\n      value: {}\n",
            quoted(labels),
            format_float(value)
        ),
        None => "\n    exp_samples: []\n".to_owned(),
    };
    let mut tests = format!(
        "rule_files: [{RULES}]\nevaluation_interval: {at}\ntests:\n- interval: {step}\n  input_series:\n  - series: {}\n    values: {}\n  promql_expr_test:\n",
        quoted(&lab.selector()),
        quoted(&values),
    );
    for (expr, labels) in [(&query, rest.to_string()), (&record, series)] {
        let _ = write!(tests, "  - expr: {}\n    eval_time: {at}", quoted(expr));
        tests.push_str(&expected(usual, &labels));
    }
    if matches!(lab.mode, RangeMode::Anchored | RangeMode::Smoothed) {
        tests.push_str(
            "# promtool takes anchored and smoothed ranges only with a feature flag, so this asks as usual.\n",
        );
    }
    let closed = evaluation.result(lab.function, RangeMode::Closed);
    if closed != usual {
        let closed = closed.map_or("nothing".to_owned(), format_float);
        let _ = writeln!(
            tests,
            "# A sample lies on the window's start. promtool before version 3 counts it: {closed}"
        );
    }
    [Exported { name: RULES, text: rules }, Exported { name: "lab-tests.yml", text: tests }]
}

const RULES: &str = "lab-rules.yml";

/// Returns a rule name of the form level:metric:operations.
fn recorded_name(metric: &str, lab: &Lab) -> String {
    let safe: String = metric
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' })
        .collect();
    format!("lab:{}:{}{}", safe.trim_end_matches("_total"), lab.function.name(), lab.range)
}

/// Returns a quoted YAML scalar.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns the samples in series notation: the interval, and the values with `_` for missing ones.
/// The first value is at the start of the lab.
fn notation(samples: &[LabSample]) -> (Duration, String) {
    // If there is no sample after the start, any interval works.
    let step = match samples.iter().fold(0, |step, sample| greatest_divisor(step, sample.at)) {
        0 => 1_000,
        step => step,
    };
    let last = samples.last().map_or(0, |sample| sample.at);
    let step = step.max(last / MOST_SLOTS);
    let mut values: Vec<String> = Vec::new();
    let mut next = 0;
    for sample in samples {
        let slot = sample.at / step;
        match slot - next {
            gap if gap < 0 => continue,
            0 => {}
            1 => values.push("_".to_owned()),
            gap => values.push(format!("_x{gap}")),
        }
        values.push(format_float(sample.value));
        next = slot + 1;
    }
    if values.is_empty() {
        values.push("_".to_owned());
    }
    (Duration(step), values.join(" "))
}

fn greatest_divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use promql::promqltest::{ScriptEngine, run_script};
    use protocol::lab::{LabAction, PRESETS, update};

    #[test]
    fn samples_are_written_on_the_widest_grid_that_holds_them() {
        let sample = |at, value| LabSample { id: 0, at, value, edited: false };
        for (samples, step, values) in [
            (vec![sample(0, 1.0), sample(15_000, 2.0)], 15_000, "1 2"),
            (vec![sample(15_000, 1.0), sample(45_000, 2.5)], 15_000, "_ 1 _ 2.5"),
            (vec![sample(0, 1.0), sample(100, 2.0), sample(1_000, 3.0)], 100, "1 2 _x8 3"),
            (vec![], 1_000, "_"),
            (vec![sample(0, 7.0)], 1_000, "7"),
            (vec![sample(250, 7.0)], 250, "_ 7"),
        ] {
            assert_eq!(notation(&samples), (Duration(step), values.to_owned()));
        }
    }

    #[test]
    fn every_preset_s_script_passes_as_it_is_and_after_a_change() {
        for preset in PRESETS {
            for action in
                [LabAction::Slide(0), LabAction::Jitter(Duration(2_000)), LabAction::Restart]
            {
                let lab = update(&(preset.lab)(), action);
                let text = script(&lab).text;
                let report = run_script(preset.id, &text, &ScriptEngine::default());
                let failures: Vec<_> = report.failures.iter().map(ToString::to_string).collect();
                assert!(failures.is_empty(), "{}\n{text}", failures.join("\n"));
                assert_eq!(report.total, 4, "{text}");
            }
        }
    }

    #[test]
    fn a_wrong_number_fails_its_script() {
        let text = script(&Lab::default()).text.replace("5.33333", "5.43333");
        assert!(!run_script("wrong", &text, &ScriptEngine::default()).failures.is_empty());
    }

    #[test]
    fn openmetrics_names_the_family_and_ends() {
        let text = openmetrics(&Lab::default()).text;
        assert!(
            text.starts_with("# TYPE lab_events counter\nlab_events_total 12 1767225600.000\n")
        );
        assert!(text.ends_with("# EOF\n"));
    }
}
