//! What scrapes leave in the storage.

use std::sync::Arc;

use super::{Answer, LabelLimits, PlannedAnswer, ScrapeSettings, TargetLoop};
use crate::model::number::is_stale_nan;
use crate::model::{Duration, Labels, Timestamp};
use crate::simulation::exposition::{Format, Wire, write};
use crate::simulation::workload::{Influences, Process, Readings, library};
use crate::storage::{SampleBuffer, Storage};

const T: Timestamp = 1_700_000_000_000;
const PLAIN: &str = "text/plain; version=0.0.4";

fn settings() -> ScrapeSettings {
    ScrapeSettings::plain()
}

fn target(settings: ScrapeSettings) -> TargetLoop {
    let labels = Labels::from_pairs([("job", "j"), ("instance", "i:1")]);
    TargetLoop::new(labels, Arc::new(settings), Duration::from_secs(10))
}

fn body(text: &str) -> Answer<'_> {
    Answer::Body { content_type: PLAIN, body: text }
}

/// All samples as `name{labels} value@seconds`, `stale` for markers, sorted.
fn stored(storage: &Storage) -> Vec<String> {
    let mut lines = Vec::new();
    for series in storage.iter() {
        let mut buffer = SampleBuffer::default();
        series.read(i64::MIN, i64::MAX, &mut buffer);
        for (&time, &value) in buffer.float_times.iter().zip(&buffer.floats) {
            let value = if is_stale_nan(value) { "stale".into() } else { value.to_string() };
            lines.push(format!("{} {value}@{}", series.labels(), (time - T) / 1000));
        }
    }
    lines.sort();
    lines
}

fn of(storage: &Storage, name: &str) -> Vec<String> {
    let name = format!("__name__={name:?}");
    stored(storage)
        .into_iter()
        .filter(|line| line.contains(&name))
        .filter_map(|line| line.rsplit_once(' ').map(|(_, sample)| sample.to_owned()))
        .collect()
}

#[test]
fn a_scrape_stores_samples_and_reports() {
    let mut storage = Storage::unbounded();
    let mut target = target(settings());
    let report =
        target.scrape(T, Duration(5), body("a 1\nb{x=\"y\",job=\"own\"} 2\n"), &mut storage);
    assert_eq!(report.error, None);
    assert_eq!((report.samples_scraped, report.series_added), (2, 2));
    let lines = stored(&storage);
    assert!(
        lines.contains(&r#"{__name__="a", instance="i:1", job="j"} 1@0"#.to_owned()),
        "{lines:?}"
    );
    assert!(lines.contains(
        &r#"{__name__="b", exported_job="own", instance="i:1", job="j", x="y"} 2@0"#.to_owned()
    ));
    assert_eq!(of(&storage, "up"), ["1@0"]);
    assert_eq!(of(&storage, "scrape_duration_seconds"), ["0.005@0"]);
    assert_eq!(lines.len(), 2 + 5);
}

#[test]
fn series_that_go_away_end_with_a_marker() {
    let mut storage = Storage::unbounded();
    let mut target = target(settings());
    target.scrape(T, Duration(1), body("a 1\nb 2\n"), &mut storage);
    let second = target.scrape(T + 15_000, Duration(1), body("a 3\n"), &mut storage);
    assert_eq!(second.series_added, 0);
    target.scrape(T + 30_000, Duration(1), Answer::Failed("no route"), &mut storage);
    assert_eq!(of(&storage, "a"), ["1@0", "3@15", "stale@30"]);
    assert_eq!(of(&storage, "b"), ["2@0", "stale@15"]);
    target.scrape(T + 45_000, Duration(1), body("a 4\n"), &mut storage);
    target.stop(T + 50_000, &mut storage);
    assert_eq!(of(&storage, "a"), ["1@0", "3@15", "4@45", "stale@30", "stale@50"]);
    assert_eq!(of(&storage, "up"), ["0@30", "1@0", "1@15", "1@45", "stale@50"]);
}

#[test]
fn samples_with_their_own_time_do_not_go_stale() {
    for (tracked, expected) in [(false, vec!["1@-5"]), (true, vec!["1@-5", "stale@15"])] {
        let mut storage = Storage::unbounded();
        let mut target =
            target(ScrapeSettings { track_timestamps_staleness: tracked, ..settings() });
        let text = format!("a 1 {}\n", T - 5_000);
        target.scrape(T, Duration(1), body(&text), &mut storage);
        target.scrape(T + 15_000, Duration(1), body("b 1\n"), &mut storage);
        assert_eq!(of(&storage, "a"), expected);
    }
    let mut storage = Storage::unbounded();
    let mut target = target(ScrapeSettings { honor_timestamps: false, ..settings() });
    target.scrape(T, Duration(1), body("a 1 17\n"), &mut storage);
    assert_eq!(of(&storage, "a"), ["1@0"]);
}

#[test]
fn an_answer_that_cannot_be_taken_fails_as_a_whole() {
    for (settings, answer, error) in [
        (settings(), Answer::Status("404 Not Found"), "server returned HTTP status 404 Not Found"),
        (settings(), body("a 1\nb x\n"), "strconv.ParseFloat"),
        (
            settings(),
            Answer::Body { content_type: "text/html", body: "<html>" },
            "received unsupported Content-Type \"text/html\"",
        ),
        (
            (ScrapeSettings { sample_limit: 1, ..settings() }),
            body("a 1\nb 1\n"),
            "sample limit exceeded",
        ),
        (
            (ScrapeSettings { body_size_limit: 8, ..settings() }),
            body("a 1\nb 1\n"),
            "body size limit exceeded",
        ),
        (
            (ScrapeSettings {
                labels: LabelLimits { count: 3, ..LabelLimits::default() },
                ..settings()
            }),
            body("a 1\nb{c=\"d\"} 1\n"),
            "label_limit exceeded (metric: b, number of labels: 4, limit: 3)",
        ),
        (
            (ScrapeSettings { legacy_names: true, ..settings() }),
            body("{\"a.b\"} 1\n"),
            "invalid metric name or label names",
        ),
    ] {
        let mut storage = Storage::unbounded();
        let mut target = target(settings);
        let report = target.scrape(T, Duration(1), answer, &mut storage);
        let got = report.error.unwrap_or_default();
        assert!(got.contains(error), "{got} instead of {error}");
        assert_eq!(of(&storage, "up"), ["0@0"]);
        assert_eq!(of(&storage, "a"), [""; 0]);
    }
}

#[test]
fn a_workload_stores_what_its_body_would() {
    for workload in library().iter() {
        let process = Process::new(workload.clone(), 3, T - 60_000);
        let (mut direct, mut by_text) = (Storage::unbounded(), Storage::unbounded());
        let (mut one, mut other) = (target(settings()), target(settings()));
        for round in 0..4 {
            let t = T + round * 15_000;
            let mut values = Readings::default();
            process.readings(t, Influences::default(), (false, false), &mut values);
            let planned = Answer::Planned(PlannedAnswer {
                plan: process.plan(),
                values: &values,
                wire: Wire::Text(Format::PrometheusText),
                started: None,
                bytes: None,
                stamp: None,
            });
            let families = process.families(t, Influences::default(), false);
            let text = write(&families, Format::PrometheusText);
            let (a, b) = if round == 2 {
                (Answer::Failed("x"), Answer::Failed("x"))
            } else {
                (planned, body(&text))
            };
            let first = one.scrape(t, Duration(1), a, &mut direct);
            let mut second = other.scrape(t, Duration(1), b, &mut by_text);
            second.body_bytes = first.body_bytes;
            assert_eq!(first, second, "{} {round}", workload.name);
        }
        assert_eq!(stored(&direct), stored(&by_text), "{}", workload.name);
    }
}
