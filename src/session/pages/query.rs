//! A query, its value as table and graph, and what Prometheus notes about it.

use serde::{Deserialize, Serialize};

use crate::model::number::format_float;
use crate::model::{Duration, Labels, Timestamp};
use crate::promql::engine::{
    Engine, EngineOptions, MatrixSeries, QueryError, QueryTime, SampleValue, Severity, Value,
};
use crate::promql::syntax::ParserOptions;
use crate::session::Session;
use crate::session::timeline::START;

/// Most series that are drawn, and most rows that are listed.
const MOST_SERIES: usize = 20;
const MOST_ROWS: usize = 200;
/// Points of a graph.
const POINTS: i64 = 240;
/// What a query may hold at once; Prometheus allows ten times as much.
const MAX_SAMPLES: usize = 5_000_000;

/// What the page wants to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub query: String,
    /// How far the graph looks back.
    pub seconds: u32,
}

/// The answer at the present moment, and over the time before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub query: String,
    pub seconds: u32,
    /// As the HTTP API words it.
    pub error: Option<String>,
    /// Warnings and infos that come with the answer.
    pub annotations: Vec<String>,
    /// `vector`, `matrix`, `scalar` or `string`.
    pub kind: String,
    pub rows: Vec<Row>,
    /// How many rows there would be.
    pub count: u32,
    pub graph: Graph,
    /// Samples that were read for the graph.
    pub samples_read: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub series: String,
    /// The value, or for a range vector its samples.
    pub value: String,
}

/// Series over common times in seconds since the start; NaN is a gap.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Graph {
    pub start: f64,
    pub end: f64,
    pub times: Vec<f64>,
    pub series: Vec<(String, Vec<f64>)>,
    /// How many series there would be.
    pub count: u32,
}

/// Gaps are NaN, so values are compared by their bits.
impl PartialEq for Graph {
    fn eq(&self, other: &Self) -> bool {
        let bits = |graph: &Self| -> Vec<u64> {
            graph.series.iter().flat_map(|(_, values)| values.iter().map(|v| v.to_bits())).collect()
        };
        self.times == other.times
            && self.start.to_bits() == other.start.to_bits()
            && self.end.to_bits() == other.end.to_bits()
            && self.count == other.count
            && self
                .series
                .iter()
                .map(|(name, _)| name)
                .eq(other.series.iter().map(|(name, _)| name))
            && bits(self) == bits(other)
    }
}

/// The answer, from what the session knows now.
pub fn view(session: &Session, question: &Question) -> View {
    let mut view =
        View { query: question.query.clone(), seconds: question.seconds, ..View::default() };
    if question.query.trim().is_empty() {
        return view;
    }
    let asked = Asked { session, query: &question.query };
    let now = session.timeline.world.now();
    match asked.answer(QueryTime::Instant(now)) {
        Err(error) => view.error = Some(error.message),
        Ok(answered) => {
            view.kind = answered.result.value.value_type().name().to_owned();
            let annotations = &answered.result.annotations;
            view.annotations = annotations.texts(Severity::Warning, &question.query);
            view.annotations.extend(annotations.texts(Severity::Info, &question.query));
            (view.rows, view.count) = rows(&answered.result.value);
            if !matches!(answered.result.value, Value::Matrix(_) | Value::String { .. }) {
                asked.draw(question.seconds, now, &mut view);
            }
        }
    }
    view
}

/// A query to be answered from the session's samples.
struct Asked<'a> {
    session: &'a Session,
    query: &'a str,
}

impl Asked<'_> {
    fn answer(&self, time: QueryTime) -> Result<crate::promql::engine::Answered, QueryError> {
        let config = &self.session.system.loaded.config;
        let interval = config.evaluation_interval.as_ref().map(|setting| setting.value);
        let engine = Engine::new(EngineOptions {
            max_samples: MAX_SAMPLES,
            default_subquery_step: interval.unwrap_or(Duration::from_secs(60)),
            ..EngineOptions::default()
        });
        let storage = &self.session.timeline.world.storage;
        engine.answer(storage, self.query, &ParserOptions::default(), time, None, None)
    }

    fn draw(&self, seconds: u32, now: Timestamp, view: &mut View) {
        let range = i64::from(seconds.max(30)) * 1_000;
        let step = (range / POINTS / 1_000).max(1) * 1_000;
        // Steps lie at whole multiples, so that a graph that moves on keeps its points.
        let end = now - now.rem_euclid(step);
        let time = QueryTime::Range { start: end - range, end, step: Duration(step) };
        let Ok(answered) = self.answer(time) else { return };
        view.samples_read = answered.result.stats.samples_read as u32;
        let Value::Matrix(series) = &answered.result.value else { return };
        let times: Vec<i64> = (0..=range / step).map(|n| end - range + n * step).collect();
        view.graph = Graph {
            start: seconds_of(end - range),
            end: seconds_of(now),
            series: series
                .iter()
                .take(MOST_SERIES)
                .map(|one| (name(&one.labels), values(one, &times)))
                .collect(),
            count: series.len() as u32,
            times: times.into_iter().map(seconds_of).collect(),
        };
    }
}

fn seconds_of(time: Timestamp) -> f64 {
    (time - START) as f64 / 1_000.0
}

fn values(series: &MatrixSeries, times: &[i64]) -> Vec<f64> {
    let mut points = series.floats.iter().peekable();
    times
        .iter()
        .map(|time| {
            while points.next_if(|(at, _)| at < time).is_some() {}
            points.next_if(|(at, _)| at == time).map_or(f64::NAN, |(_, value)| *value)
        })
        .collect()
}

fn name(labels: &Labels) -> String {
    labels.to_string()
}

fn sample(value: &SampleValue) -> String {
    match value {
        SampleValue::Float(value) => format_float(*value),
        SampleValue::Histogram(histogram) => histogram.to_string(),
    }
}

fn rows(value: &Value) -> (Vec<Row>, u32) {
    let one = |value: String| (vec![Row { series: String::new(), value }], 1);
    match value {
        Value::Scalar { value, .. } => one(format_float(*value)),
        Value::String { value, .. } => one(value.to_string()),
        Value::Vector(samples) => {
            let row = |one: &crate::promql::engine::VectorSample| Row {
                series: name(&one.labels),
                value: sample(&one.value),
            };
            (samples.iter().take(MOST_ROWS).map(row).collect(), samples.len() as u32)
        }
        Value::Matrix(series) => {
            let row = |one: &MatrixSeries| Row { series: name(&one.labels), value: samples(one) };
            (series.iter().take(MOST_ROWS).map(row).collect(), series.len() as u32)
        }
    }
}

/// A range vector's samples, each with its time, as Prometheus's table lists them.
fn samples(series: &MatrixSeries) -> String {
    let float = |(time, value): &(Timestamp, f64)| {
        format!("{} @{}s", format_float(*value), format_float(seconds_of(*time)))
    };
    series.floats.iter().take(60).map(float).collect::<Vec<_>>().join("\n")
}
