//! A query with its value as a table or a graph, and its explanation.

mod dashboards;
mod empty;
mod terms;
mod tree;
mod truth;

use crate::analysis::grafana;
use crate::ide;
use crate::labels::{engine_labels, plain_labels};
use crate::world::START;
use crate::world::Snapshot;
use go::Duration;
use go::number::format_float;
use promql::assist::grafana::{Intervals, Substituted, VARIABLE, substitute};
use promql::assist::lints;
use promql::engine::{
    Engine, EngineOptions, QueryResult, QueryTime, Severity, TermsRequest, Trace, TraceRequest,
    Value,
};
use promql::syntax::{Ast, NodeId, ParserOptions, parse};
use promql::{Labels, SampleValue, Timestamp};
use text::{Diagnostic, FileId, apply_edits};

use protocol::pages::query::{
    AnnotationKind, Answer, Graph, Hint, Line, Problem, Query, Row, Tab, View,
};

/// The maximum numbers of drawn series and of listed rows. The total is shown beside them.
const MOST_LINES: usize = 60;
const MOST_ROWS: usize = 500;

/// The maximum number of samples that a query of the page loads.
const MOST_SAMPLES: usize = 5_000_000;

/// The number of points of a graph without a chosen step, as in Prometheus's page.
const USUAL_POINTS: i64 = 250;
const MOST_POINTS: i64 = 2_000;

/// Evaluates the query at the time of the clock and returns the view.
pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let text = match &query.query {
        Some(text) => text.clone(),
        None => suggested_query(snapshot),
    };
    let now = snapshot.timeline.world.now();
    let end = query.end.map_or(now, |end| START.saturating_add_unsigned(end).min(now));
    let mut view = View {
        query: query.clone(),
        promql: text.clone(),
        at: u64::try_from(end - START).unwrap_or_default(),
        dashboards: dashboards::queries(snapshot.sources),
        ..View::default()
    };
    if text.trim().is_empty() {
        return view;
    }
    let (text, replaced) = match substitute(&text, &intervals(snapshot, query)) {
        Some(Substituted { query, values }) => (query, values),
        None => (text, Vec::new()),
    };
    let facts = ide::world_facts(snapshot);
    let ast = match parse(&text, &ParserOptions::ALL) {
        Ok(ast) => ast,
        Err(errors) => {
            let span = errors.first().map(|error| error.span).unwrap_or_default();
            let message = errors.to_string();
            view.problem = Some(Problem { message, start: span.start, end: span.end });
            let hint = lints::explain_refusal(&text, &facts, FileId(0));
            view.hints = hint.iter().map(|found| hint_of(found, &text)).collect();
            view.hints.extend(variables_hint(&replaced, &text));
            return view;
        }
    };
    let found = lints::lint(&text, &ast, &facts, FileId(0));
    view.hints = found.iter().map(|found| hint_of(found, &text)).collect();
    view.hints.extend(variables_hint(&replaced, &text));
    view.value_type = ast.root_type().documented().to_owned();
    Evaluation { snapshot, query, text: &text, ast: &ast, end }.answer(&mut view);
    view
}

/// The values that Grafana's variables have for this graph.
fn intervals(snapshot: &Snapshot<'_>, query: &Query) -> Intervals {
    let scraped = || snapshot.timeline.world.reports().map(|(target, ..)| target.interval).max();
    let written = grafana::scrape_interval(snapshot.sources, &snapshot.analysis.documents);
    let (range, step) = range_and_step(query);
    Intervals {
        step: Duration(step),
        range: Duration(range),
        scrape_interval: written.or_else(scraped).unwrap_or(Duration::from_secs(15)),
    }
}

/// Says which values stand for variables of Grafana.
fn variables_hint(replaced: &[(String, String)], query: &str) -> Option<Hint> {
    let values: Vec<String> =
        replaced.iter().map(|(name, value)| format!("{name} is {value}")).collect();
    (!values.is_empty()).then(|| Hint {
        code: VARIABLE.to_owned(),
        message: format!("Variables of Grafana: {}", values.join(", ")),
        help: "Grafana computes them from the range and the width of a graph and from the scrape interval. Prometheus does not know them.".to_owned(),
        rewrite: Some(("Write the values".to_owned(), query.to_owned())),
    })
}

/// The range of the graph and the distance of its points, in milliseconds.
fn range_and_step(query: &Query) -> (i64, i64) {
    let range = (query.range.min(30 * 86_400_000) as i64).max(1_000);
    let usual = (range / USUAL_POINTS).max(1_000) / 1_000 * 1_000;
    let chosen = query.step.map_or(usual, |step| step.min(i64::MAX as u64) as i64);
    (range, chosen.max(range / MOST_POINTS).max(1))
}

fn hint_of(found: &Diagnostic, query: &str) -> Hint {
    let rewrite = found.fixes.first().and_then(|fix| {
        let rewritten = apply_edits(query, FileId(0), &fix.edits)?;
        Some((fix.title.clone(), rewritten))
    });
    Hint {
        code: found.code.to_string(),
        message: found.message.clone(),
        help: found.help.clone().unwrap_or_default(),
        rewrite,
    }
}

/// A parsed query and the state that it is evaluated against.
pub(super) struct Evaluation<'a> {
    pub snapshot: &'a Snapshot<'a>,
    pub query: &'a Query,
    pub text: &'a str,
    pub ast: &'a Ast,
    pub end: Timestamp,
}

impl Evaluation<'_> {
    fn answer(&self, view: &mut View) {
        let result = match self.query.tab {
            Tab::Table => self.run(QueryTime::Instant(self.end), None),
            Tab::Graph => {
                let (start, step) = self.grid();
                self.run(QueryTime::Range { start, end: self.end, step: Duration(step) }, None)
            }
            Tab::Explain => {
                let request = self.query.terms.as_ref().and_then(|terms| {
                    Some(TermsRequest {
                        node: self.node(terms.node)?,
                        labels: engine_labels(&terms.labels),
                        time: self.end,
                    })
                });
                self.run(QueryTime::Instant(self.end), request.as_ref())
            }
        };
        let (result, trace) = match result {
            Ok(done) => done,
            Err(message) => {
                let end = self.text.len() as u32;
                view.problem = Some(Problem { message, start: 0, end });
                return;
            }
        };
        let kinds =
            [(Severity::Warning, AnnotationKind::Warning), (Severity::Info, AnnotationKind::Info)];
        for (severity, kind) in kinds {
            let texts = result.annotations.texts(severity, self.text);
            view.annotations.extend(texts.into_iter().map(|text| (kind, text)));
        }
        view.samples_read = result.stats.samples_read as u64;
        if is_empty(&result.value) {
            view.empty = empty::reasons(self);
        }
        view.answer = match self.query.tab {
            Tab::Table => table(result.value),
            Tab::Graph => Answer::Graph(self.graph(result.value)),
            Tab::Explain => {
                let (nodes, more) = tree::rows(self.ast, &trace);
                Answer::Explain { nodes, more, terms: trace.terms.as_ref().map(terms::view) }
            }
        };
    }

    fn node(&self, index: u32) -> Option<NodeId> {
        self.ast.iter().map(|(id, _)| id).find(|id| id.index() == index as usize)
    }

    /// Start and step of the graph, in milliseconds; the steps end at the end.
    fn grid(&self) -> (Timestamp, i64) {
        let (range, step) = range_and_step(self.query);
        // Points are aligned to the step, so that the graph does not flicker while time advances.
        let start = (self.end - range).div_euclid(step) * step + step;
        (start.min(self.end), step)
    }

    fn run(
        &self,
        time: QueryTime,
        terms: Option<&TermsRequest>,
    ) -> Result<(QueryResult, Trace), String> {
        let engine =
            Engine::new(EngineOptions { max_samples: MOST_SAMPLES, ..EngineOptions::default() });
        let storage = &self.snapshot.timeline.world.storage;
        let request = TraceRequest { clock: None, terms };
        let result = if self.query.tab == Tab::Explain {
            engine.explain(storage, self.ast, time, None, request)
        } else {
            engine.evaluate(storage, self.ast, time, None).map(|result| (result, Trace::default()))
        };
        result.map_err(|error| error.message)
    }

    fn graph(&self, value: Value) -> Graph {
        let (start, step) = self.grid();
        let points = ((self.end - start) / step + 1).max(0) as usize;
        let Value::Matrix(matrix) = value else { return Graph::default() };
        let total = matrix.len();
        let drawn: Vec<Labels> =
            matrix.iter().take(MOST_LINES).map(|series| series.labels.clone()).collect();
        let times: Vec<Timestamp> = (0..points as i64).map(|point| start + point * step).collect();
        let truth = if self.query.truth { truth::lines(self, &drawn, &times) } else { Vec::new() };
        let lines = matrix.into_iter().take(MOST_LINES).map(|series| {
            let mut values = vec![None; points];
            for (time, value) in series.floats {
                let at = usize::try_from((time - start) / step).unwrap_or(usize::MAX);
                if let Some(slot) = values.get_mut(at) {
                    *slot = Some(value).filter(|value| value.is_finite());
                }
            }
            Line { label: series_name(&series.labels), values }
        });
        Graph {
            start: (start - START) as f64 / 1000.0,
            end: (start - START + step * (points as i64 - 1).max(0)) as f64 / 1000.0,
            step: step as u64,
            points: points as u32,
            lines: lines.collect(),
            total,
            truth,
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Vector(vector) => vector.is_empty(),
        Value::Matrix(matrix) => matrix.is_empty(),
        Value::Scalar { .. } | Value::String { .. } => false,
    }
}

fn table(value: Value) -> Answer {
    let row = |labels, values| Row { labels, values };
    let rows: Vec<Row> = match value {
        Value::Scalar { value, .. } => {
            vec![row(protocol::Labels::default(), vec![format_float(value)])]
        }
        Value::String { value, .. } => {
            vec![row(protocol::Labels::default(), vec![value.to_string()])]
        }
        Value::Vector(vector) => vector
            .into_iter()
            .map(|one| row(plain_labels(&one.labels), vec![in_words(&one.value)]))
            .collect(),
        Value::Matrix(matrix) => matrix
            .into_iter()
            .map(|series| {
                let at = |time: Timestamp| format_float(time as f64 / 1000.0);
                let floats = series
                    .floats
                    .iter()
                    .map(|(time, value)| format!("{} @{}", format_float(*value), at(*time)));
                let histograms =
                    series.histograms.iter().map(|(time, value)| format!("{value} @{}", at(*time)));
                let values = floats.chain(histograms).take(MOST_ROWS).collect();
                row(plain_labels(&series.labels), values)
            })
            .collect(),
    };
    let total = rows.len();
    Answer::Table { rows: rows.into_iter().take(MOST_ROWS).collect(), total }
}

pub(super) fn in_words(value: &SampleValue) -> String {
    match value {
        SampleValue::Float(value) => format_float(*value),
        SampleValue::Histogram(histogram) => histogram.to_string(),
    }
}

/// `name{a="b"}`, as Prometheus names series.
pub(crate) fn series_name(labels: &Labels) -> String {
    let name = labels.metric_name();
    let rest = labels.filtered(|label| &*label.name != promql::METRIC_NAME);
    if rest.is_empty() && !name.is_empty() { name.to_owned() } else { format!("{name}{rest}") }
}

/// Returns the query of the scenario; `up` without a scenario.
fn suggested_query(snapshot: &Snapshot<'_>) -> String {
    let scenario = scenarios::scenario(&snapshot.workspace.scenario);
    scenario.map_or("up", |scenario| scenario.query).to_owned()
}
