//! The share of key lines of the scenarios whose field the page explains in its own words.

use super::driver::workspace;
use crate::Session;
use crate::ide::{chart_card, explain};
use protocol::{Envelope, EventLog, Request};
use schema::Description;
use std::collections::BTreeMap;

/// Key lines by the origin of their explanation, and the fields without own words.
#[derive(Default)]
struct Counts {
    own: usize,
    upstream: usize,
    nothing: usize,
    lacking: BTreeMap<String, usize>,
}

/// The offset of the key of a line `key: value`, `- key: value`, or None.
fn key_offset(line: &str) -> Option<usize> {
    let start = line.find(|c: char| c != ' ' && c != '-')?;
    let rest = &line[start..];
    let (key, after) = rest.split_once(':')?;
    let plain =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c));
    (plain && (after.is_empty() || after.starts_with(' '))).then_some(start)
}

fn count(scenario: &str, counts: &mut Counts) {
    let workspace = workspace(scenario);
    let files = workspace.files.clone();
    let mut session = Session::new();
    let request = Request::Open { workspace, revision: 1, log: EventLog::default() };
    session.handle(Envelope { number: 1, request });
    let snapshot = session.snapshot();
    for file in &files {
        let mut at = 0;
        for line in file.text.split_inclusive('\n') {
            if let Some(key) = key_offset(line) {
                let found = explain(&snapshot, file.id, (at + key) as u32);
                // Values and the fields of Chart.yaml have cards of their own.
                if found.is_none() && chart_card(&snapshot, file.id, (at + key) as u32).is_some() {
                    counts.own += 1;
                    at += line.len();
                    continue;
                }
                let path = found.as_ref().map_or_else(
                    || format!("{}: {}", file.name, line.trim()),
                    |found| format!("{}: {}", found.path, found.title),
                );
                match found.map_or(Description::Absent, |found| found.doc) {
                    Description::Text(text) if !text.is_empty() => counts.own += 1,
                    Description::Numbered(_) => {
                        counts.upstream += 1;
                        *counts.lacking.entry(format!("upstream {path}")).or_default() += 1;
                    }
                    _ => {
                        counts.nothing += 1;
                        *counts.lacking.entry(format!("nothing {path}")).or_default() += 1;
                    }
                }
            }
            at += line.len();
        }
    }
}

#[test]
fn most_key_lines_of_the_scenarios_are_explained_in_own_words() {
    let mut counts = Counts::default();
    for scenario in scenarios::SCENARIOS {
        count(scenario.name, &mut counts);
    }
    let Counts { own, upstream, nothing, lacking } = counts;
    let all = own + upstream + nothing;
    let percent = |part: usize| 100.0 * part as f64 / all as f64;
    println!(
        "{all} key lines: {own} own words, {upstream} upstream ({:.1} %), {nothing} nothing ({:.1} %)",
        percent(upstream),
        percent(nothing)
    );
    for (path, count) in &lacking {
        println!("{count:4} {path}");
    }
    assert!(all > 700, "{all} key lines");
    assert!(percent(upstream) <= 0.5, "{lacking:#?}");
    assert!(percent(nothing) <= 3.0, "{lacking:#?}");
}
