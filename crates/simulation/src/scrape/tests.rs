//! The contents of the storage after scrapes.

use std::sync::Arc;

use super::{
    Answer, Features, HistogramLimits, Histograms, LabelLimits, PlannedAnswer, ScrapeReport,
    ScrapeSettings, TargetLoop,
};
use crate::exposition::{Escaping, Format, Wire, write};
use crate::workload::{Influences, Process, Readings, decode_file, library};
use discovery::targets::Rules;
use go::Duration;
use go::number::is_stale_nan;
use prometheus::config::RelabelAction;
use promql::storage::{SampleBuffer, Storage};
use promql::{Labels, Timestamp};

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

/// A scrape that fails in its middle stores nothing, and ends only the series it had not come to.
#[test]
fn series_that_were_read_before_a_scrape_failed_stay_as_they_were() {
    let few = ScrapeSettings { sample_limit: 3, ..settings() };
    let plain = LabelLimits { count: 3, ..LabelLimits::default() };
    let plain = ScrapeSettings { labels: plain, ..settings() };
    for (settings, second, error, ended) in [
        (settings(), "a 2\nb 2\nc x\n", "invalid syntax", "c"),
        (settings(), "<html>", "expected a valid start token", "abc"),
        (few.clone(), "a 2\nb 2\nc 2\nd 2\n", "sample limit exceeded", ""),
        (few, "d 2\nc 2\nb 2\na 2\n", "sample limit exceeded", "a"),
        (plain, "a 2\nb{x=\"y\"} 2\nc 2\n", "label_limit exceeded", "bc"),
    ] {
        let mut storage = Storage::unbounded();
        let mut target = target(settings);
        target.scrape(T, Duration(1), body("a 1\nb 1\nc 1\n"), &mut storage);
        let report = target.scrape(T + 15_000, Duration(1), body(second), &mut storage);
        assert!(report.error.as_ref().is_some_and(|text| text.contains(error)), "{report:?}");
        target.scrape(T + 30_000, Duration(1), Answer::Failed("no route"), &mut storage);
        for name in ["a", "b", "c"] {
            let marker = if ended.contains(name) { "stale@15" } else { "stale@30" };
            assert_eq!(of(&storage, name), ["1@0", marker], "{second}");
        }
    }
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
                escaping: Escaping::AllowUtf8,
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

/// Returns the samples that a scrape of a workload at `t` stores. The workload is YAML.
struct Bench {
    process: Process,
    target: TargetLoop,
    settings: ScrapeSettings,
    storage: Storage,
}

impl Bench {
    fn new(yaml: &str, settings: ScrapeSettings) -> Self {
        let parsed = yaml::parse(text::FileId(1), yaml);
        let file = decode_file(&parsed, library());
        assert!(file.diagnostics.is_empty(), "{:?}", file.diagnostics);
        Self {
            process: Process::new(file.workload, 1, T - 60_000),
            target: target(settings.clone()),
            settings,
            storage: Storage::unbounded(),
        }
    }

    fn scrape(&mut self, seconds: i64) -> ScrapeReport {
        let (t, formats) = (T + seconds * 1000, self.process.formats());
        let wire = self.settings.wire(formats);
        let mut values = Readings::default();
        let wants = (wire == Wire::Protobuf, self.settings.histograms.convert);
        self.process.readings(t, Influences::default(), wants, &mut values);
        let answer = PlannedAnswer {
            plan: self.process.plan(),
            values: &values,
            wire,
            escaping: self.settings.escaping(formats),
            started: self.process.started_in(wire),
            bytes: None,
            stamp: None,
        };
        self.target.scrape(t, Duration(1), Answer::Planned(answer), &mut self.storage)
    }

    /// Names of all series with samples, the reports left out.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .storage
            .iter()
            .filter(|series| series.last_value().is_some())
            .map(|series| series.labels().metric_name().to_owned())
            .filter(|name| name != "up" && !name.starts_with("scrape_"))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    fn histogram(&self, name: &str) -> Arc<promql::histogram::FloatHistogram> {
        let named = |series: &&promql::storage::Series| series.labels().metric_name() == name;
        match self.storage.iter().find(named).and_then(|series| series.last_value()) {
            Some(promql::SampleValue::Histogram(histogram)) => histogram,
            other => panic!("{other:?}"),
        }
    }
}

const MIXED: &str = "formats: [protobuf, openmetrics]\ncreated: true\nstreams: { r: { steady: { rate: 10 } } }\n\
    families:\n- { name: t_seconds, type: histogram, help: T., of: r, native_factor: 1.1, buckets: [0.1, 1] }\n";

fn protocols(list: &[&str]) -> Arc<[Arc<str>]> {
    list.iter().map(|one| Arc::from(*one)).collect()
}

#[test]
fn which_histograms_are_stored_hangs_on_format_and_settings() {
    let classic = ["t_seconds_bucket", "t_seconds_count", "t_seconds_sum"];
    let native = ["t_seconds"];
    let both = ["t_seconds", "t_seconds_bucket", "t_seconds_count", "t_seconds_sum"];
    let set = |native, always_classic, convert| Histograms { native, always_classic, convert };
    for (protocol, histograms, expected, schema) in [
        ("PrometheusProto", set(false, false, false), &classic[..], 0),
        ("PrometheusProto", set(true, false, false), &native, 3),
        ("PrometheusProto", set(true, true, false), &both, 3),
        ("PrometheusProto", set(true, false, true), &native, 3),
        ("PrometheusProto", set(false, false, true), &native, -53),
        ("PrometheusText0.0.4", set(true, false, false), &classic, 0),
        ("PrometheusText0.0.4", set(true, false, true), &native, -53),
        ("PrometheusText0.0.4", set(true, true, true), &both, -53),
    ] {
        let settings =
            ScrapeSettings { protocols: protocols(&[protocol]), histograms, ..settings() };
        let mut bench = Bench::new(MIXED, settings);
        let report = bench.scrape(0);
        let mut names = bench.names();
        names.retain(|name| !name.ends_with("_created"));
        assert_eq!(names, expected, "{protocol} {histograms:?}");
        assert_eq!(report.samples_scraped, report.samples_post_metric_relabeling);
        if schema != 0 {
            assert_eq!(bench.histogram("t_seconds").schema, schema, "{protocol} {histograms:?}");
            assert_eq!(bench.histogram("t_seconds").count, 600.0);
        }
    }
}

#[test]
fn a_text_that_says_the_same_is_converted_the_same_way() {
    let histograms = Histograms { convert: true, ..Histograms::default() };
    let mut bench = Bench::new(MIXED, ScrapeSettings { histograms, ..settings() });
    let planned = bench.scrape(0);
    let families = bench.process.families(T, Influences::default(), false);
    let text = write(&families, Format::PrometheusText);
    let mut storage = Storage::unbounded();
    let mut target = target(ScrapeSettings { histograms, ..settings() });
    let mut read = target.scrape(T, Duration(1), body(&text), &mut storage);
    read.body_bytes = planned.body_bytes;
    assert_eq!(read, planned);
    let stored = storage.iter().find(|series| series.labels().metric_name() == "t_seconds");
    let Some(promql::SampleValue::Histogram(histogram)) = stored.and_then(|one| one.last_value())
    else {
        panic!("a histogram is there");
    };
    assert!(histogram.same_data(&bench.histogram("t_seconds")));
}

#[test]
fn native_histograms_keep_to_their_limits() {
    let native = || ScrapeSettings {
        protocols: protocols(&["PrometheusProto"]),
        histograms: Histograms { native: true, ..Histograms::default() },
        ..settings()
    };
    let mut free = Bench::new(MIXED, native());
    free.scrape(0);
    let size = free.histogram("t_seconds").positive.counts.len() as u64;
    assert!(size > 30, "{size}");
    for (limits, schema) in [
        (HistogramLimits::new(size, 0.0), 3),
        (HistogramLimits::new(size - 1, 0.0), 2),
        (HistogramLimits::new(0, 1.5), 0),
        (HistogramLimits::new(0, 1.2), 1),
        (HistogramLimits::new(0, 100_000.0), -4),
    ] {
        let mut bench = Bench::new(MIXED, ScrapeSettings { histogram_limits: limits, ..native() });
        assert_eq!(bench.scrape(0).error, None);
        let histogram = bench.histogram("t_seconds");
        assert_eq!((histogram.schema, histogram.count), (schema, 600.0), "{limits:?}");
    }
    let limits = HistogramLimits::new(1, 0.0);
    let mut bench = Bench::new(MIXED, ScrapeSettings { histogram_limits: limits, ..native() });
    assert_eq!(bench.scrape(0).error.as_deref(), Some("histogram bucket limit exceeded"));
    assert_eq!(bench.names(), [""; 0]);
}

#[test]
fn times_of_creation_are_samples_or_zeros() {
    let yaml = "formats: [openmetrics]\ncreated: true\nstreams: { r: { steady: { rate: 1 } } }\n\
        families:\n- { name: a, type: counter, help: A., of: r }\n- { name: g, type: gauge, help: G. }\n";
    let openmetrics = protocols(&["OpenMetricsText1.0.0"]);
    let plain = ScrapeSettings { protocols: openmetrics, ..settings() };
    let mut bench = Bench::new(yaml, plain.clone());
    bench.scrape(0);
    assert_eq!(bench.names(), ["a_created", "a_total", "g"]);
    assert_eq!(of(&bench.storage, "a_total"), ["60@0"]);

    let features = Features { zero_samples: true, ..Features::default() };
    let mut bench = Bench::new(yaml, ScrapeSettings { features, ..plain.clone() });
    bench.scrape(0);
    bench.scrape(15);
    assert_eq!(bench.names(), ["a_total", "g"]);
    assert_eq!(of(&bench.storage, "a_total"), ["0@-60", "60@0", "75@15"]);
    assert_eq!(of(&bench.storage, "g"), ["1@0", "1@15"], "a gauge has no beginning");

    let features = Features { store_starts: true, ..Features::default() };
    let mut bench = Bench::new(yaml, ScrapeSettings { features, ..plain });
    bench.scrape(0);
    let mut buffer = SampleBuffer::default();
    let series = bench.storage.iter().find(|series| series.labels().metric_name() == "a_total");
    series.unwrap().read(i64::MIN, i64::MAX, &mut buffer);
    assert_eq!((buffer.float_times.len(), buffer.float_starts.first()), (1, Some(&(T - 60_000))));
}

#[test]
fn series_that_come_and_go_are_new_each_time() {
    let yaml = "interval: 15s\nseries:\n- { series: a, values: 0 0 0 0 1 _ 2 }\n- { series: b, values: 0x20 }\n";
    let mut bench = Bench::new(yaml, settings());
    let added: Vec<u64> = (0..4).map(|round| bench.scrape(round * 15).series_added).collect();
    assert_eq!(added, [2, 0, 1, 0]);
    assert_eq!(of(&bench.storage, "a"), ["1@0", "2@30", "stale@15", "stale@45"]);
}

#[test]
fn a_program_s_series_within_the_limit_outlive_a_scrape_beyond_it() {
    let yaml = "interval: 15s\nseries:\n- { series: a, values: 0x9 }\n- { series: b, values: _x4 1 1 _x9 }\n\
        - { series: c, values: 0x9 }\n";
    let mut bench = Bench::new(yaml, ScrapeSettings { sample_limit: 2, ..settings() });
    let errors: Vec<bool> = (-1..4).map(|round| bench.scrape(round * 15).error.is_some()).collect();
    assert_eq!(errors, [false, true, true, false, false]);
    // The limit cuts the text after a and b.
    assert_eq!(of(&bench.storage, "a"), ["0@-15", "0@30", "0@45"]);
    assert_eq!(of(&bench.storage, "b"), ["stale@30"]);
    assert_eq!(of(&bench.storage, "c"), ["0@-15", "0@30", "0@45", "stale@0"]);
}

#[test]
fn names_in_utf8_are_written_as_the_scrape_asks() {
    let yaml = "families:\n- { name: http.requests, type: gauge, help: R. }\n";
    for (protocol, escaping, expected) in [
        ("PrometheusText1.0.0", "allow-utf-8", "http.requests"),
        ("PrometheusText1.0.0", "values", "U__http_2e_requests"),
        ("PrometheusText1.0.0", "dots", "http_dot_requests"),
        ("PrometheusText0.0.4", "allow-utf-8", "http_requests"),
    ] {
        let settings = ScrapeSettings {
            protocols: protocols(&[protocol]),
            escaping: escaping.into(),
            ..settings()
        };
        let mut bench = Bench::new(yaml, settings);
        bench.scrape(0);
        assert_eq!(bench.names(), [expected], "{protocol} {escaping}");
    }
}

#[test]
fn reports_tell_what_a_scrape_came_to() {
    let three = "streams: { r: { steady: { rate: 1 } } }\nfamilies:\n- { name: a, type: gauge, help: A., each: { n: ['1', '2', '3'] } }\n";
    let limited = ScrapeSettings { sample_limit: 2, extra_scrape_metrics: true, ..settings() };
    let mut bench = Bench::new(three, limited);
    let report = bench.scrape(0);
    assert_eq!(report.error.as_deref(), Some("sample limit exceeded"));
    assert_eq!((report.samples_scraped, report.samples_post_metric_relabeling), (3, 3));
    assert_eq!(report.series_added, 2, "up to the limit");
    for (name, expected) in [
        ("up", "0@0"),
        ("scrape_samples_scraped", "3@0"),
        ("scrape_samples_post_metric_relabeling", "3@0"),
        ("scrape_series_added", "2@0"),
        ("scrape_timeout_seconds", "10@0"),
        ("scrape_sample_limit", "2@0"),
    ] {
        assert_eq!(of(&bench.storage, name), [expected], "{name}");
    }
    let mut storage = Storage::unbounded();
    let small = ScrapeSettings { body_size_limit: 3, extra_scrape_metrics: true, ..settings() };
    target(small).scrape(T, Duration(1), body("a 1\n"), &mut storage);
    assert_eq!(of(&storage, "scrape_body_size_bytes"), ["-1@0"]);
    let mut storage = Storage::unbounded();
    target(settings()).scrape(T, Duration(1), body("a 1\n"), &mut storage);
    assert_eq!(of(&storage, "scrape_body_size_bytes"), [""; 0]);
}

#[test]
fn what_a_label_set_cannot_hold_is_heeded() {
    let honoring = || ScrapeSettings { honor_labels: true, ..settings() };
    // Exposed empty, a label keeps the target's away where labels are honored.
    for (settings, text, expected) in [
        (honoring(), "a{job=\"\"} 1\n", r#"{__name__="a", instance="i:1"} 1@0"#),
        (honoring(), "a{job=\"own\"} 1\n", r#"{__name__="a", instance="i:1", job="own"} 1@0"#),
        (settings(), "a{job=\"\"} 1\n", r#"{__name__="a", instance="i:1", job="j"} 1@0"#),
        // Of two labels of one name the target's leaves only the first, and that as `exported_…`.
        (
            settings(),
            "a{job=\"b\",job=\"c\"} 1\n",
            r#"{__name__="a", exported_job="b", instance="i:1", job="j"} 1@0"#,
        ),
    ] {
        let mut storage = Storage::unbounded();
        let report = target(settings).scrape(T, Duration(1), body(text), &mut storage);
        assert_eq!(report.error, None, "{text}");
        assert!(stored(&storage).contains(&expected.to_owned()), "{:?}", stored(&storage));
    }
    // A pasted body's own program says it the same way.
    let yaml =
        "families:\n- { name: a, type: gauge, help: A., series: [{ labels: { job: '' } }] }\n";
    let mut bench = Bench::new(yaml, honoring());
    bench.scrape(0);
    assert!(stored(&bench.storage).contains(&r#"{__name__="a", instance="i:1"} 1@0"#.to_owned()));
    for (text, error) in [
        ("a{b=\"1\",b=\"2\"} 1\n", "label name \"b\" is not unique: invalid sample"),
        ("a{__name__=\"b\"} 1\n", "label name \"__name__\" is not unique: invalid sample"),
        ("a{\"\"=\"1\"} 1\n", "invalid metric name or label names: {\"\"=\"1\", __name__=\"a\""),
        ("{\"\"} 1\n", "missing metric name (__name__ label)"),
    ] {
        let mut storage = Storage::unbounded();
        let report = target(settings()).scrape(T, Duration(1), body(text), &mut storage);
        let got = report.error.unwrap_or_default();
        assert!(got.starts_with(error), "{text}: {got}");
    }
}

#[test]
fn repeated_and_refused_samples_are_counted_as_prometheus_counts_them() {
    let mut storage = Storage::unbounded();
    let mut target = target(settings());
    let first = target.scrape(T, Duration(1), body("a 1\na 2\nb 1\n"), &mut storage);
    assert_eq!(first.refused.duplicates, 1, "the same sample twice");
    assert_eq!((first.samples_scraped, first.samples_post_metric_relabeling), (3, 3));
    assert_eq!(first.series_added, 2);
    assert_eq!(of(&storage, "a"), ["1@0"]);
    // A rejected series is new again at the next scrape and gets no staleness markers.
    let late = format!("a 1\nb 1\nc 1 {}\n", T + 15_000 + 600_001);
    let second = target.scrape(T + 15_000, Duration(1), body(&late), &mut storage);
    assert_eq!((second.refused.out_of_bounds, second.series_added), (1, 0));
    assert_eq!(second.samples_post_metric_relabeling, 3);
    let third = target.scrape(T + 30_000, Duration(1), body("a 1\nb 1\nc 1\n"), &mut storage);
    assert_eq!(third.series_added, 1);
}

#[test]
fn series_that_relabeling_made_one_are_stored_once_without_a_word() {
    let mut rule = crate::testing::rule(RelabelAction::LabelDrop);
    rule.regex = "x".into();
    let metric_relabel = Arc::new(Rules::new([&rule], false));
    let mut storage = Storage::unbounded();
    let mut target = target(ScrapeSettings { metric_relabel, ..settings() });
    let report = target.scrape(T, Duration(1), body("a{x=\"1\"} 1\na{x=\"2\"} 2\n"), &mut storage);
    assert_eq!((report.error, report.refused.duplicates), (None, 0));
    assert_eq!((report.samples_post_metric_relabeling, report.series_added), (2, 2));
    assert_eq!(of(&storage, "a"), ["1@0"]);
}

#[test]
fn beyond_a_sample_limit_samples_are_counted_and_series_are_not_new() {
    let mut storage = Storage::unbounded();
    let mut target = target(ScrapeSettings { sample_limit: 2, ..settings() });
    let first = target.scrape(T, Duration(1), body("a 1\nb 1\nc 1\nd 1\n"), &mut storage);
    assert_eq!(first.error.as_deref(), Some("sample limit exceeded"));
    let counted = (first.samples_scraped, first.samples_post_metric_relabeling, first.series_added);
    assert_eq!(counted, (4, 4, 2));
    // The first two are known from the scrape that failed.
    let second = target.scrape(T + 15_000, Duration(1), body("a 1\nd 1\n"), &mut storage);
    assert_eq!((second.error, second.series_added), (None, 1));
    // A mistake in the body is named before the limit.
    let third = target.scrape(T + 30_000, Duration(1), body("a 1\nb 1\nc 1\nd x\n"), &mut storage);
    assert!(third.error.unwrap().contains("ParseFloat"));
}

#[test]
fn starts_are_read_from_a_body_or_made_up() {
    const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0";
    let scrape = |target: &mut TargetLoop, at: i64, value: f64, storage: &mut Storage| {
        let text = format!(
            "# TYPE a counter\na_total{{x=\"1\"}} {value}\n# TYPE g gauge\ng {value}\n\
             # TYPE c counter\nc_total 7\nc_created {}\n# EOF\n",
            (T - 60_000) / 1000
        );
        let answer = Answer::Body { content_type: OPENMETRICS, body: &text };
        target.scrape(T + at, Duration(1), answer, storage)
    };
    let features = Features { zero_samples: true, ..Features::default() };
    let mut storage = Storage::unbounded();
    let mut zeros = target(ScrapeSettings { features, ..settings() });
    scrape(&mut zeros, 0, 5.0, &mut storage);
    scrape(&mut zeros, 15_000, 6.0, &mut storage);
    assert_eq!(of(&storage, "c_total"), ["0@-60", "7@0", "7@15"]);
    assert_eq!(of(&storage, "c_created"), [""; 0]);
    assert_eq!(of(&storage, "a_total"), ["5@0", "6@15"]);

    let features = Features { synthesize: true, ..Features::default() };
    let mut storage = Storage::unbounded();
    let mut made_up = target(ScrapeSettings { features, ..settings() });
    for (at, value) in [(0, 5.0), (15_000, 8.0), (30_000, 2.0)] {
        let report = scrape(&mut made_up, at, value, &mut storage);
        assert_eq!(report.samples_post_metric_relabeling, 4);
    }
    assert_eq!(of(&storage, "a_total"), ["2@30", "3@15"]);
    assert_eq!(of(&storage, "g"), ["2@30", "5@0", "8@15"]);
}

#[test]
fn counters_of_a_workload_are_counted_from_their_first_sample() {
    let features = Features { synthesize: true, ..Features::default() };
    let mut plain = Bench::new(MIXED, settings());
    let mut made_up = Bench::new(MIXED, ScrapeSettings { features, ..settings() });
    for bench in [&mut plain, &mut made_up] {
        for at in 0..3 {
            bench.scrape(at * 15);
        }
    }
    let values = |bench: &Bench, name: &str| {
        let series = bench.storage.iter().find(|one| one.labels().metric_name() == name).unwrap();
        let mut read = SampleBuffer::default();
        series.read(i64::MIN, i64::MAX, &mut read);
        read.floats
    };
    let name = "t_seconds_count";
    let (real, adjusted) = (values(&plain, name), values(&made_up, name));
    assert_eq!(real.len(), 3);
    assert_eq!(adjusted, [real[1] - real[0], real[2] - real[0]]);
}
