//! `query analyze`: how many buckets of histograms are populated.
//!
//! Source: cmd/promtool/analyze.go.

use std::collections::{BTreeMap, BTreeSet};

use go::number::{format_fixed, parse_float};
use serde_json::Value;

use super::query::{Client, label_set, parse_time, seconds};
use super::{FAILURE, World};
use crate::Output;
use kingpin::Matches;

const HEADER: &str = "Bucket stats for each histogram series over time
------------------------------------------------
First the min, avg, and max number of populated buckets, followed by the total
number of buckets (only if different from the max number of populated buckets
which is typical for classic but not native histograms).
";

const FOOTER: &str = "
Aggregated bucket stats
-----------------------
Each line shows min/avg/max over the series above.";

pub(super) fn run(matches: &Matches, world: &World<'_>, output: &mut Output) -> i32 {
    match analyze(matches, world, output) {
        Ok(()) => 0,
        Err(error) => {
            output.err(error);
            FAILURE
        }
    }
}

fn analyze(matches: &Matches, world: &World<'_>, output: &mut Output) -> Result<(), String> {
    let kind = matches.flag("type").unwrap_or_default();
    if kind != "histogram" {
        return Err(format!("analyze type is {kind}, must be 'histogram'"));
    }
    let client = Client::new(world, matches.flag("server").unwrap_or_default());
    let end = match matches.flag("time") {
        None | Some("") => client.now(),
        Some(text) => {
            parse_time(text).map_err(|why| format!("error parsing time '{text}': {why}"))?
        }
    };
    let duration = go::time::parse_duration(matches.flag("duration").unwrap_or("1h"))?;
    output.out(HEADER);
    let (mut native, mut classic) = (Aggregated::default(), Aggregated::default());
    for selector in matches.flags("match") {
        let query = format!("{selector}[{}]", go::time::format_duration(duration));
        let data =
            client.api("POST", "/api/v1/query", &[("query", query), ("time", seconds(end))])?;
        if data.value["resultType"] != "matrix" {
            return Err("query of buckets resulted in non-Matrix".into());
        }
        let mut buckets: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for series in data.value["result"].as_array().into_iter().flatten() {
            if series.get("values").is_none() {
                if let Some(statistics) = of_native(series) {
                    let name = metric_name(series);
                    output.out(format!("- {name} (native): {}", statistics.print()));
                    native.add(&statistics);
                }
            } else if let Some(name) = classic_name(series) {
                buckets.entry(name).or_default().push(series);
            }
        }
        for (name, series) in buckets {
            if let Some(statistics) = of_classic(series)? {
                output.out(format!("- {name} (classic): {}", statistics.print()));
                classic.add(&statistics);
            }
        }
    }
    output.out(FOOTER);
    for (what, aggregated) in [("Native", native), ("Classic", classic)] {
        if !aggregated.rows.is_empty() {
            output.out(format!("\n{what} {}", aggregated.print()));
        }
    }
    Ok(())
}

/// The labels of a series without those of buckets; None if it is no bucket.
fn classic_name(series: &Value) -> Option<String> {
    let mut labels = series["metric"].as_object()?.clone();
    labels.remove("le")?;
    let name = labels.remove("__name__")?;
    let name = name.as_str().filter(|name| name.ends_with("_bucket"))?;
    Some(format!("{name}{}", label_set(&Value::Object(labels))))
}

fn metric_name(series: &Value) -> String {
    let mut labels = series["metric"].as_object().cloned().unwrap_or_default();
    let name = labels.remove("__name__").unwrap_or_default();
    let name = name.as_str().unwrap_or_default();
    match labels.is_empty() {
        true if !name.is_empty() => name.to_owned(),
        _ => format!("{name}{}", label_set(&Value::Object(labels))),
    }
}

/// Populated buckets over the samples of a histogram.
struct Statistics {
    min: i64,
    max: i64,
    total: i64,
    average: f64,
}

impl Statistics {
    fn of(populated: &[i64], total: usize) -> Self {
        Self {
            min: populated.iter().copied().min().unwrap_or_default(),
            max: populated.iter().copied().max().unwrap_or_default(),
            total: total as i64,
            average: populated.iter().sum::<i64>() as f64 / populated.len().max(1) as f64,
        }
    }

    fn print(&self) -> String {
        let short = format!("{}/{}/{}", self.min, format_fixed(self.average, 3), self.max);
        if self.max == self.total { short } else { format!("{short}/{}", self.total) }
    }
}

/// None if there are fewer than two samples.
fn of_native(series: &Value) -> Option<Statistics> {
    let histograms = series["histograms"].as_array().filter(|all| all.len() > 1)?;
    let mut bounds: BTreeSet<String> = BTreeSet::new();
    let mut populated = Vec::new();
    for histogram in histograms {
        let buckets = histogram[1]["buckets"].as_array().map_or(&[][..], Vec::as_slice);
        bounds.extend(buckets.iter().map(|one| format!("{}/{}/{}", one[0], one[1], one[2])));
        populated.push(buckets.len() as i64);
    }
    Some(Statistics::of(&populated, bounds.len()))
}

/// None if there are fewer than two samples.
fn of_classic(mut series: Vec<&Value>) -> Result<Option<Statistics>, String> {
    let bound = |series: &&Value| {
        parse_float(series["metric"]["le"].as_str().unwrap_or_default()).unwrap_or_default()
    };
    let values = |series: &Value| series["values"].as_array().cloned().unwrap_or_default();
    let samples = series.first().map_or(0, |first| values(first).len());
    if samples < 2 {
        return Ok(None);
    }
    series.sort_by(|a, b| bound(a).total_cmp(&bound(b)));
    let columns: Vec<Vec<Value>> = series.iter().map(|one| values(one)).collect();
    let count = |value: &Value| {
        parse_float(value[1].as_str().unwrap_or_default()).unwrap_or_default() as i64
    };
    let mut populated = Vec::with_capacity(samples);
    for at in 0..samples {
        let mut number = 0;
        let mut before: Option<&Value> = None;
        for column in &columns {
            // What is missing counts as empty.
            let Some(value) = column.get(at) else { break };
            if before.is_some_and(|before| before[0] != value[0]) {
                return Err("matrix result is not time aligned".into());
            }
            let own = count(value) - before.map_or(0, count);
            number += i64::from(own != 0);
            before = Some(value);
        }
        populated.push(number);
    }
    Ok(Some(Statistics::of(&populated, columns.len())))
}

/// Statistics of several series.
#[derive(Default)]
struct Aggregated {
    /// Minimum, average cut to a whole number, maximum and total of each.
    rows: Vec<[i64; 4]>,
}

impl Aggregated {
    fn add(&mut self, one: &Statistics) {
        self.rows.push([one.min, one.average as i64, one.max, one.total]);
    }

    fn print(&self) -> String {
        let column = |at: usize| {
            let values = || self.rows.iter().map(|row| row[at]);
            let (min, max) =
                (values().min().unwrap_or_default(), values().max().unwrap_or_default());
            let average = values().sum::<i64>() as f64 / self.rows.len().max(1) as f64;
            format!("{min}/{}/{max}", format_fixed(average, 3))
        };
        let mut out = format!(
            "histogram series ({} in total):\n- min populated: {}\n- avg populated: {}\n- max \
             populated: {}",
            self.rows.len(),
            column(0),
            column(1),
            column(2)
        );
        if column(2) != column(3) {
            out.push_str(&format!("\n- total: {}", column(3)));
        }
        out
    }
}
