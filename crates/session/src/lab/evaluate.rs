//! Evaluation of a lab: the results of the engine with their terms, and the ground truth.

use crate::labels::engine_labels;
use go::Duration;
use promql::engine::{
    Arithmetic, Engine, EngineOptions, QueryTime, RateKind, RateTerms, ResetTerm, TermsRequest,
    TraceRequest, Value, rate_terms,
};
use promql::storage::{Sample, Storage};
use promql::syntax::{Ast, ParserOptions, parse};
use promql::{Labels, SampleValue, Timestamp};
use protocol::lab::{Function, Lab, LabSample, RangeMode};

/// The maximum number of steps of the range query on each side of the evaluation time.
const MOST_STEPS: i64 = 300;

/// The evaluation of a lab.
#[derive(Clone, Debug)]
pub struct Evaluation {
    pub samples: Vec<LabSample>,
    /// The window is `(start, end]`.
    pub start: Timestamp,
    pub end: Timestamp,
    /// The true increase in the window, if it is known.
    pub ground_truth: Option<f64>,
    /// The samples in the window.
    pub inside: Vec<LabSample>,
    /// The chosen function.
    pub chosen: Variant,
    /// The chosen function and related functions over the same window in each mode.
    pub variants: Vec<Variant>,
    /// With two counters: the sum of their rates.
    pub summed: Option<f64>,
    /// The range query with the lab's step.
    pub aliasing: Aliasing,
}

/// The result of one function in one mode.
#[derive(Clone, Debug)]
pub struct Variant {
    pub function: Function,
    pub mode: RangeMode,
    pub result: Option<f64>,
    /// The error of the engine.
    pub refused: Option<String>,
    /// The result as an increase over the window, comparable with the ground truth.
    pub events: Option<f64>,
    /// The terms that the engine traced.
    pub arithmetic: Arithmetic,
    /// The result as a line whose rise is the counted increase over the covered time.
    pub path: Vec<(f64, f64)>,
}

/// The coverage of samples by a range query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aliasing {
    /// Each step with its value.
    pub steps: Vec<(Timestamp, Option<f64>)>,
    /// Times of samples that no step reads.
    pub unused: Vec<Timestamp>,
    /// The number of samples between the first and the last window.
    pub considered: usize,
}

impl Evaluation {
    /// The terms of a rate, if the selected function has them.
    pub fn rate(&self) -> Option<(&RateTerms, &[ResetTerm])> {
        match &self.chosen.arithmetic {
            Arithmetic::Rate { terms, resets } => Some((terms, resets)),
            _ => None,
        }
    }

    pub fn variant(&self, function: Function, mode: RangeMode) -> Option<&Variant> {
        self.variants.iter().find(|one| one.function == function && one.mode == mode)
    }

    pub fn result(&self, function: Function, mode: RangeMode) -> Option<f64> {
        self.variant(function, mode)?.result
    }
}

/// Evaluates a lab with the PromQL engine.
pub fn evaluate(lab: &Lab) -> Evaluation {
    let samples = lab.samples();
    let benches = [false, true].map(|starts| Bench::new(lab, &samples, starts));
    let bench = |mode: RangeMode| &benches[usize::from(mode == RangeMode::Starts)];
    let variant = |function, mode| bench(mode).variant(function, mode, &samples);
    let others = Function::ALL.into_iter().filter(|one| *one != lab.function);
    let asked = RangeMode::ALL.into_iter().map(|mode| (lab.function, mode));
    let variants = asked.chain(others.map(|function| (function, RangeMode::Usual)));
    let (start, end) = lab.window();
    let inside: Vec<LabSample> =
        samples.iter().copied().filter(|sample| lab.holds(sample.at)).collect();
    Evaluation {
        ground_truth: lab.ground_truth(start, end),
        chosen: variant(lab.function, lab.mode),
        variants: variants.map(|(function, mode)| variant(function, mode)).collect(),
        summed: summed(lab),
        aliasing: aliasing(lab, &samples, bench(lab.mode)),
        samples,
        inside,
        start,
        end,
    }
}

/// Returns the number of evaluation times at which a rate over a window of `intervals` has a result,
/// and the number of evaluation times. They are a tenth of the scrape interval apart.
pub(super) fn coverage(lab: &Lab, intervals: i64) -> (usize, usize) {
    let interval = lab.scrape_interval.millis().max(1);
    let samples = lab.samples();
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return (0, 0) };
    let wide = Lab { range: Duration(interval * intervals), ..lab.clone() };
    let bench = Bench::new(&wide, &samples, false);
    let step = (interval / 10).max((last.at - first.at) / 2_000).max(1);
    // The first time at which a window of four intervals is full.
    let start = (first.at + 4 * interval).min(last.at);
    let query = wide.query(Function::Rate, RangeMode::Usual);
    let answered = bench.over(&query, start, last.at, Duration(step)).len();
    (answered, ((last.at - start) / step + 1) as usize)
}

/// Returns the sum of the selected function over each counter.
fn summed(lab: &Lab) -> Option<f64> {
    lab.second.as_ref()?;
    let alone = lab.counters().map(|counter| Lab {
        counter: counter.clone(),
        second: None,
        placed: Vec::new(),
        ..lab.clone()
    });
    let results = alone.map(|lab| {
        let samples = lab.samples();
        Bench::new(&lab, &samples, false).variant(lab.function, RangeMode::Usual, &samples).result
    });
    results.sum()
}

/// A storage with the lab's series, and the engine.
struct Bench<'a> {
    lab: &'a Lab,
    storage: Storage,
    engine: Engine,
    labels: Labels,
}

impl<'a> Bench<'a> {
    /// With `starts`, samples have start timestamps.
    fn new(lab: &'a Lab, samples: &[LabSample], starts: bool) -> Self {
        let labels = engine_labels(&lab.labels());
        let mut storage = Storage::unbounded();
        for sample in samples {
            let before = lab.resets().iter().copied().filter(|&at| at <= sample.at).max();
            let start = before.filter(|_| starts).unwrap_or(0);
            let value = SampleValue::Float(sample.value);
            let sample = Sample { time: sample.at, start, value };
            // The lab has no two samples at the same time.
            let _ = storage.append(&labels, sample);
        }
        let options = EngineOptions { use_start_timestamps: starts, ..EngineOptions::default() };
        Self { lab, storage, engine: Engine::new(options), labels }
    }

    fn over(
        &self,
        query: &str,
        start: Timestamp,
        end: Timestamp,
        step: Duration,
    ) -> Vec<(Timestamp, f64)> {
        let Some(ast) = parsed(query) else { return Vec::new() };
        let result = self.engine.range(&self.storage, &ast, start, end, step);
        match result.map(|result| result.value) {
            Ok(Value::Matrix(matrix)) => {
                matrix.into_iter().next().map(|series| series.floats).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// The query in which the engine itself reads the window in this mode, where it can.
    fn query(&self, function: Function, mode: RangeMode) -> String {
        match (mode, rate_kind(function)) {
            // Functions that do not depend on the length of the window can use a window that is 1
            // ms longer.
            (RangeMode::Closed, None) => {
                let range = Duration(self.lab.range.millis() + 1);
                Lab { range, ..self.lab.clone() }.query(function, mode)
            }
            _ => self.lab.query(function, mode),
        }
    }

    fn variant(&self, function: Function, mode: RangeMode, samples: &[LabSample]) -> Variant {
        let (arithmetic, result, refused) = match (mode, rate_kind(function)) {
            (RangeMode::Closed, Some(kind)) => self.closed_rate(kind, samples),
            _ => self.traced(&self.query(function, mode)),
        };
        let seconds = self.lab.range.seconds();
        let over_window = if function.per_second() { seconds } else { 1.0 };
        let path = path(&arithmetic, self.lab.window());
        let events = result.map(|value| value * over_window);
        Variant { function, mode, result, refused, events, arithmetic, path }
    }

    /// Evaluates a query and returns its traced terms.
    fn traced(&self, query: &str) -> (Arithmetic, Option<f64>, Option<String>) {
        let Some(ast) = parsed(query) else { return (Arithmetic::Plain, None, None) };
        let time = QueryTime::Instant(self.lab.at);
        let request =
            TermsRequest { node: ast.root(), labels: self.labels.clone(), time: self.lab.at };
        let trace = TraceRequest { clock: None, terms: Some(&request) };
        let (result, trace) = match self.engine.explain(&self.storage, &ast, time, None, trace) {
            Ok(done) => done,
            Err(error) => return (Arithmetic::Plain, None, Some(error.message)),
        };
        let arithmetic = trace.terms.map_or(Arithmetic::Plain, |terms| terms.arithmetic);
        let Value::Vector(vector) = result.value else { return (arithmetic, None, None) };
        let result = vector.into_iter().find_map(|sample| match sample.value {
            SampleValue::Float(value) => Some(value),
            SampleValue::Histogram(_) => None,
        });
        (arithmetic, result, None)
    }

    /// Evaluates `[start, end]` as version 2 did, with the arithmetic of the engine.
    fn closed_rate(
        &self,
        kind: RateKind,
        samples: &[LabSample],
    ) -> (Arithmetic, Option<f64>, Option<String>) {
        let points: Vec<(Timestamp, f64)> =
            samples.iter().map(|sample| (sample.at, sample.value)).collect();
        match rate_terms(kind, &points, self.lab.window(), true) {
            // A rate requires two samples in all versions.
            Some((terms, resets)) => {
                let result = terms.result;
                (Arithmetic::Rate { terms, resets }, Some(result), None)
            }
            None => (Arithmetic::Plain, None, None),
        }
    }
}

fn rate_kind(function: Function) -> Option<RateKind> {
    match function {
        Function::Rate => Some(RateKind::Rate),
        Function::Increase => Some(RateKind::Increase),
        Function::Delta => Some(RateKind::Delta),
        Function::Irate | Function::Deriv => None,
    }
}

fn parsed(query: &str) -> Option<Ast> {
    parse(query, &ParserOptions::ALL).ok()
}

/// Returns the line of a result, as points of time in milliseconds and value.
fn path(arithmetic: &Arithmetic, (start, end): (Timestamp, Timestamp)) -> Vec<(f64, f64)> {
    match arithmetic {
        Arithmetic::Rate { terms, .. } => {
            let found = &terms.extrapolation;
            let last = terms.last.0 as f64;
            let first = last - found.sampled_interval * 1000.0;
            // A counter that started in the window started at zero.
            let low = terms.first.1 - terms.from_start_timestamp.unwrap_or(0.0);
            let high = low + terms.increase;
            let slope = match found.sampled_interval {
                0.0 => 0.0,
                seconds => terms.increase / seconds,
            };
            vec![
                (first - found.extended_at_start * 1000.0, low - slope * found.extended_at_start),
                (first, low),
                (last, high),
                (last + found.extended_at_end * 1000.0, high + slope * found.extended_at_end),
            ]
        }
        Arithmetic::Extended { terms, .. } => vec![
            (start as f64, terms.start.value),
            (end as f64, terms.start.value + terms.increase),
        ],
        Arithmetic::InstantRate(terms) => vec![
            (terms.previous.0 as f64, terms.previous.1),
            (terms.last.0 as f64, terms.previous.1 + terms.difference),
        ],
        Arithmetic::Linear(terms) => [start, end]
            .map(|time| {
                let seconds = (time - terms.origin) as f64 / 1000.0;
                (time as f64, terms.intercept + terms.slope * seconds)
            })
            .to_vec(),
        Arithmetic::Plain
        | Arithmetic::Counting(_)
        | Arithmetic::HistogramRate(_)
        | Arithmetic::HistogramQuantile(_) => Vec::new(),
    }
}

fn aliasing(lab: &Lab, samples: &[LabSample], bench: &Bench<'_>) -> Aliasing {
    let step = lab.step.millis().max(1);
    // The evaluation time is a step; the first step is the first with its window in the lab.
    let before = (lab.at - lab.range.millis()).div_euclid(step).clamp(0, MOST_STEPS);
    let after = (lab.length.millis() - lab.at).max(0).div_euclid(step).min(MOST_STEPS);
    let (first, last) = (lab.at - before * step, lab.at + after * step);
    let steps: Vec<Timestamp> = (0..=before + after).map(|k| first + k * step).collect();
    let values = match (lab.mode, rate_kind(lab.function)) {
        (RangeMode::Closed, Some(kind)) => closed_rates(lab, kind, samples, &steps),
        _ => bench.over(&bench.query(lab.function, lab.mode), first, last, Duration(step)),
    };
    let mut used = vec![false; samples.len()];
    for &end in &steps {
        let read = looked_at(lab, samples, end, bench.engine.options.lookback);
        used.get_mut(read).into_iter().flatten().for_each(|used| *used = true);
    }
    let start = first - lab.range.millis();
    let within = samples.iter().zip(used).filter(|(one, _)| start < one.at && one.at <= last);
    Aliasing {
        considered: within.clone().count(),
        unused: within.filter(|(_, used)| !used).map(|(one, _)| one.at).collect(),
        steps: steps
            .iter()
            .map(|&at| (at, values.iter().find(|(time, _)| *time == at).map(|(_, v)| *v)))
            .collect(),
    }
}

fn closed_rates(
    lab: &Lab,
    kind: RateKind,
    samples: &[LabSample],
    steps: &[Timestamp],
) -> Vec<(Timestamp, f64)> {
    let points: Vec<(Timestamp, f64)> = samples.iter().map(|one| (one.at, one.value)).collect();
    let range = lab.range.millis();
    let rate =
        |&at: &Timestamp| Some((at, rate_terms(kind, &points, (at - range, at), true)?.0.result));
    steps.iter().filter_map(rate).collect()
}

/// Returns the index range of samples that a window reads: those in it, and with `anchored` and
/// `smoothed` the neighbors of its ends.
fn looked_at(
    lab: &Lab,
    samples: &[LabSample],
    end: Timestamp,
    lookback: Duration,
) -> std::ops::Range<usize> {
    let (start, closed) = (end - lab.range.millis(), lab.mode == RangeMode::Closed);
    let mut first = samples.partition_point(|one| one.at < start || (one.at == start && !closed));
    let mut last = samples.partition_point(|one| one.at <= end);
    let at = |place: usize| samples.get(place).map(|one| one.at);
    if matches!(lab.mode, RangeMode::Anchored | RangeMode::Smoothed)
        && let Some(before) = first.checked_sub(1)
        && at(before) > Some(start - lookback.millis())
    {
        first = before;
    }
    let ends_at_sample = last.checked_sub(1).and_then(at) == Some(end);
    let reached = at(last).is_some_and(|after| after <= end + lookback.millis());
    if lab.mode == RangeMode::Smoothed && reached && !ends_at_sample {
        last += 1;
    }
    first..last
}

#[cfg(test)]
mod tests;
