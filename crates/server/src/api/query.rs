//! Queries: evaluation, exemplars, formatting, parsing.
//!
//! Source: web/api/v1/api.go `query`, `queryRange`, `queryExemplars`.

use go::Duration;
use promql::Matcher;
use promql::engine::{Engine, MatrixSeries, QueryResult, QueryTime, Value};
use promql::syntax::parse;

use super::samples::{self, Samples};
use super::{Answer, ApiError, Call, Data, ErrorType, ast, truncate};
use crate::json::Json;
use crate::state::ServerState;
use crate::time::{MAX_TIME, MIN_TIME, parse_time};

pub(super) fn instant(call: &Call<'_>) -> Answer {
    let limit = call.limit()?;
    let time = call.time("time", call.state.now)?;
    let expired = timeout(call)?;
    let engine = engine(call)?;
    evaluate(call, &engine, QueryTime::Instant(time), limit, expired)
}

pub(super) fn range(call: &Call<'_>) -> Answer {
    let limit = call.limit()?;
    let time =
        |name: &str| parse_time(call.param(name)).map_err(|why| ApiError::invalid(name, why));
    let (start, end) = (time("start")?, time("end")?);
    let order = QueryTime::Range { start, end, step: Duration(1) };
    if end < start {
        order.check()?;
    }
    let step = seconds(call.param("step")).map_err(|why| ApiError::invalid("step", why))?;
    // The engine counts in milliseconds; a shorter step is no step.
    let step = Duration((step * 1000.0) as i64);
    let time = QueryTime::Range { start, end, step };
    time.check()?;
    let expired = timeout(call)?;
    let engine = engine(call)?;
    evaluate(call, &engine, time, limit, expired)
}

/// Returns true if the timeout leaves no time at all.
fn timeout(call: &Call<'_>) -> Result<bool, ApiError> {
    match call.param("timeout") {
        "" => Ok(false),
        text => {
            let timeout = seconds(text).map_err(|why| ApiError::invalid("timeout", why))?;
            Ok(timeout <= 0.0)
        }
    }
}

/// The engine with the lookback of the request.
fn engine(call: &Call<'_>) -> Result<Engine, ApiError> {
    let mut engine = call.state.engine.clone();
    let text = call.param("lookback_delta");
    if !text.is_empty() {
        let lookback = seconds(text).map_err(|why| {
            ApiError::bad_data(format!("error parsing lookback delta duration: {why}"))
        })?;
        let lookback = Duration((lookback * 1000.0) as i64);
        if lookback.millis() > 0 {
            engine.options.lookback = lookback;
        }
    }
    Ok(engine)
}

fn evaluate(
    call: &Call<'_>,
    engine: &Engine,
    time: QueryTime,
    limit: Option<usize>,
    expired: bool,
) -> Answer {
    let state = call.state;
    let query = call.param("query");
    if expired {
        parse(query, &state.parser).map_err(|errors| ApiError::invalid("query", errors))?;
        let message = "query timed out in query execution".to_owned();
        return Err(ApiError { error_type: ErrorType::Timeout, message });
    }
    let answered = engine.answer(state.storage, query, &state.parser, time, None, None)?;
    let ast = answered.ast;
    let QueryResult { mut value, annotations, stats } = answered.result;
    let mut warnings = annotations.warnings(query);
    warnings.extend(match &mut value {
        Value::Vector(samples) => truncate(samples, limit),
        Value::Matrix(series) => truncate(series, limit),
        Value::Scalar { .. } | Value::String { .. } => Vec::new(),
    });
    let wanted = call.param("stats");
    if !matches!(wanted, "" | "true" | "all") {
        warnings.push(format!(
            "value {} for parameter \"stats\" is deprecated and will be rejected in the next \
             major release, use \"true\" or \"all\"",
            go::quote::quote(wanted)
        ));
    }
    let mut fields = vec![
        ("resultType".to_owned(), Json::text(value.value_type().name())),
        ("result".to_owned(), result(&value)),
    ];
    if !wanted.is_empty() {
        let samples = samples::count(state, engine, &ast, time, stats.samples_read);
        fields.push(("stats".to_owned(), statistics(samples, stats.peak_samples)));
    }
    let infos = annotations.infos(query);
    Ok(Data { warnings, infos, ..Data::from(Json::Object(fields)) })
}

/// Timings are those of the simulated clock, which stands still while a query runs.
fn statistics(samples: Samples, peak: usize) -> Json {
    const TIMINGS: [&str; 6] = [
        "evalTotalTime",
        "resultSortTime",
        "queryPreparationTime",
        "innerEvalTime",
        "execQueueTime",
        "execTotalTime",
    ];
    let timings = TIMINGS.iter().map(|name| ((*name).to_owned(), Json::Float(0.0)));
    Json::object([
        ("timings", Json::Object(timings.collect())),
        (
            "samples",
            Json::object([
                ("totalQueryableSamples", Json::Int(samples.total as i64)),
                ("samplesRead", Json::Int(samples.read as i64)),
                ("peakSamples", Json::Int(peak as i64)),
            ]),
        ),
    ])
}

/// A value in the form of its type. Source: web/api/v1/json_codec.go.
fn result(value: &Value) -> Json {
    match value {
        Value::Scalar { time, value } => {
            Json::List(vec![Json::timestamp(*time), Json::sample_float(*value)])
        }
        Value::String { time, value } => {
            Json::List(vec![Json::timestamp(*time), Json::text(&**value)])
        }
        Value::Vector(samples) => {
            let samples = samples.iter().map(|sample| {
                let (value, histogram) = Json::sample(sample.time, &sample.value);
                let name = if histogram { "histogram" } else { "value" };
                Json::object([("metric", Json::Labels(sample.labels.clone())), (name, value)])
            });
            Json::List(samples.collect())
        }
        Value::Matrix(series) => Json::List(series.iter().map(matrix_series).collect()),
    }
}

fn matrix_series(series: &MatrixSeries) -> Json {
    let mut fields = vec![("metric".to_owned(), Json::Labels(series.labels.clone()))];
    let point = |time: i64, value: Json| Json::List(vec![Json::timestamp(time), value]);
    if !series.floats.is_empty() {
        let points =
            series.floats.iter().map(|(time, value)| point(*time, Json::sample_float(*value)));
        fields.push(("values".to_owned(), Json::List(points.collect())));
    }
    if !series.histograms.is_empty() {
        let points =
            series.histograms.iter().map(|(time, value)| point(*time, Json::histogram(value)));
        fields.push(("histograms".to_owned(), Json::List(points.collect())));
    }
    Json::Object(fields)
}

pub(super) fn format(call: &Call<'_>) -> Answer {
    let ast = parse(call.param("query"), &call.state.parser)
        .map_err(|errors| ApiError::invalid("query", errors))?;
    Ok(Json::Text(ast.pretty()).into())
}

pub(super) fn parse_query(call: &Call<'_>) -> Answer {
    let ast = parse(call.param("query"), &call.state.parser)
        .map_err(|errors| ApiError::invalid("query", errors))?;
    Ok(ast::translate(&ast).into())
}

pub(super) fn exemplars(call: &Call<'_>) -> Answer {
    let (start, end) = (call.time("start", MIN_TIME)?, call.time("end", MAX_TIME)?);
    if end < start {
        return Err(ApiError::bad_data("end timestamp must not be before start timestamp"));
    }
    let ast = parse(call.param("query"), &call.state.parser)
        .map_err(|errors| ApiError::bad_data(errors.to_string()))?;
    let selectors: Vec<&[Matcher]> =
        ast.iter().filter_map(|(_, node)| Some(&*node.kind.selector()?.matchers)).collect();
    if selectors.is_empty() {
        return Ok(Data { data: None, ..Data::from(Json::Null) });
    }
    Ok(Json::List(selected(call.state, &selectors, start, end)).into())
}

/// Series that one of the selectors takes, each with its exemplars between two times.
fn selected(state: &ServerState<'_>, selectors: &[&[Matcher]], start: i64, end: i64) -> Vec<Json> {
    let mut series: Vec<_> = state
        .exemplars
        .iter()
        .filter(|series| {
            let takes = |matcher: &Matcher| matcher.matches(series.labels.get(&matcher.name));
            selectors.iter().any(|matchers| matchers.iter().all(takes))
        })
        .collect();
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    let with_exemplars = series.into_iter().filter_map(|series| {
        let exemplars: Vec<Json> = series
            .exemplars
            .iter()
            .filter(|one| (start..=end).contains(&one.time))
            .map(|one| {
                Json::object([
                    ("labels", Json::Labels(one.labels.clone())),
                    ("value", Json::sample_float(one.value)),
                    ("timestamp", Json::timestamp(one.time)),
                ])
            })
            .collect();
        let fields = [
            ("seriesLabels", Json::Labels(series.labels.clone())),
            ("exemplars", Json::List(exemplars.clone())),
        ];
        (!exemplars.is_empty()).then(|| Json::object(fields))
    });
    with_exemplars.collect()
}

/// A duration in seconds: a number, or a duration of Prometheus. Source: `parseDuration`.
fn seconds(text: &str) -> Result<f64, String> {
    let quoted = || go::quote::quote(text);
    if let Ok(seconds) = go::number::parse_float(text) {
        return match seconds * 1e9 {
            nanos if (-(2f64.powi(63))..=2f64.powi(63)).contains(&nanos) => Ok(seconds),
            nanos if nanos.is_nan() => Ok(0.0),
            _ => Err(format!("cannot parse {} to a valid duration. It overflows int64", quoted())),
        };
    }
    match Duration::parse(text) {
        Ok(duration) => Ok(duration.seconds()),
        Err(_) => Err(format!("cannot parse {} to a valid duration", quoted())),
    }
}
