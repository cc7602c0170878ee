//! `check metrics`: the conventions that Prometheus's linter knows, and how many series there are.
//!
//! Source: client_golang prometheus/testutil/promlint, cmd/promtool/main.go `CheckMetrics`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use promql::{Labels, METRIC_NAME};
use simulation::exposition::review::Heads;
use simulation::exposition::{Entry, ExposedSample, Exposition, Format, MetricType, parse};

use super::{FAILURE, LINT_FAILURE, World};
use crate::Output;
use kingpin::Matches;

pub(super) fn run(matches: &Matches, world: &World<'_>, output: &mut Output) -> i32 {
    let (extended, lint) = (matches.is_on("extended"), matches.flag("lint") != Some("none"));
    if !extended && !lint {
        output.err("error: at least one of --extended or linting must be enabled");
        output.err(
            "Use --extended for cardinality analysis, or remove --lint=none to enable linting",
        );
        return FAILURE;
    }
    let families = match families(world.stdin) {
        Ok(families) => families,
        Err(error) if lint => {
            output.err(format!("error while linting: {error}"));
            return FAILURE;
        }
        Err(error) => {
            output.err(format!("error while parsing text to metric families: {error}"));
            return FAILURE;
        }
    };
    let mut problems: Vec<(Arc<str>, String)> = Vec::new();
    if lint {
        problems = families.iter().flat_map(problems_of).collect();
        problems.sort();
        problems.iter().for_each(|(metric, text)| output.err(format!("{metric} {text}")));
    }
    if extended {
        output.stdout.push_str(&cardinality(&families));
    }
    if problems.is_empty() { 0 } else { LINT_FAILURE }
}

/// A metric family with its samples, as the parser of the text format groups them.
struct Family {
    name: Arc<str>,
    metric_type: MetricType,
    help: Option<Arc<str>>,
    samples: Vec<ExposedSample>,
}

/// Source: common/expfmt text_parse.go `TextToMetricFamilies`.
fn families(text: &str) -> Result<Vec<Family>, String> {
    if let Some(error) = line_error(text) {
        return Err(format!("text format parsing error in {error}"));
    }
    let exposition = parse(text, Format::PrometheusText);
    if let Some(error) = &exposition.error {
        return Err(format!("text format parsing error in line {}: {error}", error.line));
    }
    Ok(grouped(&exposition))
}

/// The errors in which the parser of client libraries differs from that of scrapes.
fn line_error(text: &str) -> Option<String> {
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let content = line.trim_end_matches(['\n', '\r']);
        let sample = !content.trim_start().is_empty() && !content.trim_start().starts_with('#');
        if sample && let Some(value) = value_of(content) {
            let value = value.split([' ', '\t']).next().unwrap_or_default();
            if go::number::parse_float(value).is_err() {
                let value = go::quote::quote(value);
                return Some(format!("line {number}: expected float as value, got {value}"));
            }
        }
        if !line.ends_with('\n') {
            return Some(format!("line {number}: unexpected end of input stream"));
        }
    }
    None
}

/// The rest of a sample line after name and labels. None if these are incomplete.
fn value_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let end = line.find(['{', ' ', '\t'])?;
    let rest = line.get(end..)?.trim_start();
    let Some(labels) = rest.strip_prefix('{') else { return Some(rest) };
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in labels.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '}' if !quoted => return Some(labels.get(at + 1..)?.trim_start()),
            _ => {}
        }
    }
    None
}

/// Families in the order of their names. A family without samples is left out.
fn grouped(exposition: &Exposition) -> Vec<Family> {
    let heads = Heads::new(exposition);
    let mut helped: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
    for record in &exposition.records {
        if let Entry::Help { family, text } = &record.entry {
            helped.insert(family.clone(), text.clone());
        }
    }
    let mut families: BTreeMap<Arc<str>, Family> = BTreeMap::new();
    for sample in exposition.samples() {
        let name = heads.family_of(sample);
        let family = families.entry(name.clone()).or_insert_with(|| Family {
            metric_type: heads.metric_type(&name),
            help: helped.get(&name).cloned(),
            samples: Vec::new(),
            name,
        });
        family.samples.push(sample.clone());
    }
    families.into_values().collect()
}

/// Units and the base unit of each. Source: promlint/validations/units.go.
const UNITS: &[(&str, &str)] = &[
    ("amperes", "amperes"),
    ("bytes", "bytes"),
    ("celsius", "celsius"),
    ("grams", "grams"),
    ("joules", "joules"),
    ("kelvin", "kelvin"),
    ("meters", "meters"),
    ("metres", "metres"),
    ("seconds", "seconds"),
    ("volts", "volts"),
    ("minutes", "seconds"),
    ("hours", "seconds"),
    ("days", "seconds"),
    ("weeks", "seconds"),
    ("kelvins", "kelvin"),
    ("fahrenheit", "celsius"),
    ("rankine", "celsius"),
    ("inches", "meters"),
    ("yards", "meters"),
    ("miles", "meters"),
    ("bits", "bytes"),
    ("calories", "joules"),
    ("pounds", "grams"),
    ("ounces", "grams"),
];

const PREFIXES: &[&str] = &[
    "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega",
    "mibi", "giga", "gibi", "tera", "tebi", "peta", "pebi",
];

/// Short forms of units that names should not have. Source: promlint/validations/generic.go.
const ABBREVIATIONS: &[&str] =
    &["s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"];

fn problems_of(family: &Family) -> Vec<(Arc<str>, String)> {
    let mut found: Vec<String> = Vec::new();
    let name = &*family.name;
    if family.help.is_none() {
        found.push("no help text".into());
    }
    if let Some((unit, base)) = unit_of(name)
        && unit != base
    {
        found.push(format!("use base unit \"{base}\" instead of \"{unit}\""));
    }
    found.extend(type_problems(family));
    if name.contains(':') {
        found.push("metric names should not contain ':'".into());
    }
    if is_camel(name) {
        found.push("metric names should be written in 'snake_case' not 'camelCase'".into());
    }
    for sample in &family.samples {
        for label in sample.labels.iter().filter(|label| &*label.name != METRIC_NAME) {
            if is_camel(&label.name) {
                found.push("label names should be written in 'snake_case' not 'camelCase'".into());
            }
        }
    }
    let abbreviations = ABBREVIATIONS.iter().filter(|short| has_word(name, short)).count();
    let text = "metric names should not contain abbreviated units";
    found.extend(std::iter::repeat_n(text.to_owned(), abbreviations));
    let mut seen: BTreeSet<&Labels> = BTreeSet::new();
    if !family.samples.iter().all(|sample| seen.insert(&sample.labels)) {
        found.push("metric not unique".into());
    }
    found.into_iter().map(|text| (family.name.clone(), text)).collect()
}

/// Returns true if a word follows an underscore, as the end of the name or before another
/// underscore.
fn has_word(name: &str, word: &str) -> bool {
    name.to_lowercase().split('_').skip(1).any(|part| part == word)
}

/// Types whose names are not to stand in names. Source: client_model `MetricType`.
const TYPE_NAMES: &[&str] = &["counter", "gauge", "summary", "histogram", "gauge_histogram"];

/// Suffixes, labels and words that belong to types.
fn type_problems(family: &Family) -> Vec<String> {
    let name = &*family.name;
    let kind = family.metric_type;
    let mut found: Vec<String> = TYPE_NAMES
        .iter()
        .filter(|word| format!("{}_", name.to_lowercase()).contains(&format!("_{word}_")))
        .map(|word| format!("metric name should not include type '{word}'"))
        .collect();
    let (counter, histogram, summary) =
        (kind == MetricType::Counter, kind == MetricType::Histogram, kind == MetricType::Summary);
    if counter && !name.ends_with("_total") {
        found.push("counter metrics should have \"_total\" suffix".into());
    }
    // The other rules do not apply to untyped metrics.
    if kind == MetricType::Unknown {
        return found;
    }
    if !counter && name.ends_with("_total") {
        found.push("non-counter metrics should not have \"_total\" suffix".into());
    }
    if !histogram && name.ends_with("_bucket") {
        found.push("non-histogram metrics should not have \"_bucket\" suffix".into());
    }
    for suffix in ["_count", "_sum"] {
        if !histogram && !summary && name.ends_with(suffix) {
            found.push(format!(
                "non-histogram and non-summary metrics should not have \"{suffix}\" suffix"
            ));
        }
    }
    for sample in &family.samples {
        if !histogram && sample.labels.has("le") {
            found.push("non-histogram metrics should not have \"le\" label".into());
        }
        if !summary && sample.labels.has("quantile") {
            found.push("non-summary metrics should not have \"quantile\" label".into());
        }
    }
    found
}

/// The unit in a name with its base unit. Source: promlint/validations/generic.go `metricUnits`.
fn unit_of(name: &str) -> Option<(String, &'static str)> {
    let parts = || name.split('_');
    for part in parts() {
        if let Some((unit, base)) = UNITS.iter().find(|(unit, _)| *unit == part) {
            return Some(((*unit).to_owned(), base));
        }
        let prefixed = PREFIXES.iter().find_map(|prefix| {
            let rest = part.strip_prefix(prefix)?;
            UNITS.iter().find(|(unit, _)| *unit == rest)
        });
        if let Some((_, base)) = prefixed {
            return Some((part.to_owned(), base));
        }
    }
    None
}

/// A lower-case letter or digit before an upper-case letter.
fn is_camel(name: &str) -> bool {
    let letters: Vec<char> = name.chars().collect();
    letters.windows(2).any(|pair| match pair {
        [first, second] => first.is_ascii_lowercase() && second.is_ascii_uppercase(),
        _ => false,
    })
}

/// The table of `--extended`. Source: `checkMetricsExtended`; families of one size stand in the
/// order of a Go map there.
fn cardinality(families: &[Family]) -> String {
    let mut rows: Vec<(&str, usize)> =
        families.iter().map(|family| (&*family.name, family.samples.len())).collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let total: usize = rows.iter().map(|(_, count)| count).sum();
    let mut table: Vec<[String; 3]> =
        vec![["Metric".into(), "Cardinality".into(), "Percentage".into()]];
    for (name, count) in rows {
        let share = count as f64 / total.max(1) as f64 * 100.0;
        let share = format!("{}%", go::number::format_fixed(share, 2));
        table.push([name.to_owned(), count.to_string(), share]);
    }
    table.push(["Total".into(), total.to_string(), "100%".into()]);
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max();
    let widths = [0, 1, 2].map(|column| width(column).unwrap_or_default() + 4);
    let mut out = String::new();
    for row in &table {
        for (cell, width) in row.iter().zip(widths) {
            out.push_str(&format!("{cell:width$}"));
        }
        out.push('\n');
    }
    out
}
