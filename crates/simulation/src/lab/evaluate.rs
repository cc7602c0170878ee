//! What the engine makes of the lab's samples, term by term, with the truth beside it.

use super::state::{Function, Lab, LabSample, RangeMode};
use go::Duration;
use promql::engine::{
    Arithmetic, Engine, EngineOptions, QueryTime, RateKind, RateTerms, ResetTerm, TermsRequest,
    TraceRequest, Value, rate_terms,
};
use promql::storage::{Sample, Storage};
use promql::syntax::{Ast, ParserOptions, parse};
use promql::{Labels, SampleValue, Timestamp};

/// Most steps of the range query, before the evaluation and after it.
const MOST_STEPS: i64 = 300;

/// Everything there is to draw and to say.
#[derive(Clone, Debug)]
pub struct Evaluation {
    pub samples: Vec<LabSample>,
    /// The window is `(start, end]`.
    pub start: Timestamp,
    pub end: Timestamp,
    /// What really happened in the window, if that is known.
    pub ground_truth: Option<f64>,
    /// The samples in the window.
    pub inside: Vec<LabSample>,
    /// The chosen function.
    pub chosen: Variant,
    /// The chosen function and its kin over the same window, read in each way.
    pub variants: Vec<Variant>,
    /// Of two counters: the rates taken first and added then.
    pub summed: Option<f64>,
    /// Over a range query with the lab's step.
    pub aliasing: Aliasing,
}

/// One way to ask how much happened.
#[derive(Clone, Debug)]
pub struct Variant {
    pub function: Function,
    pub mode: RangeMode,
    pub result: Option<f64>,
    /// Why the engine refuses it.
    pub refused: Option<String>,
    /// The result as events over the window, to be set beside the truth.
    pub events: Option<f64>,
    /// The terms that the engine noted down.
    pub arithmetic: Arithmetic,
    /// The result as a line: it rises by as much as is counted in the time that it spans.
    pub path: Vec<(f64, f64)>,
}

/// What a range query with this step sees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aliasing {
    /// Each step with its value.
    pub steps: Vec<(Timestamp, Option<f64>)>,
    /// Samples that no step ever looked at.
    pub unused: Vec<Timestamp>,
    /// How many lie between the first step's window and the last.
    pub considered: usize,
}

impl Evaluation {
    /// The terms of a rate, where the chosen function has them.
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

/// Evaluates the lab with Prometheus's engine.
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

/// Of how many moments of the lab, in tenths of the scrape interval, a window of so many intervals
/// gives a rate: answered, asked.
pub(super) fn coverage(lab: &Lab, intervals: i64) -> (usize, usize) {
    let interval = lab.scrape_interval.millis().max(1);
    let samples = lab.samples();
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return (0, 0) };
    let wide = Lab { range: Duration(interval * intervals), ..lab.clone() };
    let bench = Bench::new(&wide, &samples, false);
    let step = (interval / 10).max((last.at - first.at) / 2_000).max(1);
    // From where even the widest window of four intervals would be full.
    let start = (first.at + 4 * interval).min(last.at);
    let query = wide.query(Function::Rate, RangeMode::Usual);
    let answered = bench.over(&query, start, last.at, Duration(step)).len();
    (answered, ((last.at - start) / step + 1) as usize)
}

/// Takes the chosen function of each counter and adds the results.
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

/// A storage with the lab's series, and the engine beside it.
struct Bench<'a> {
    lab: &'a Lab,
    storage: Storage,
    engine: Engine,
    labels: Labels,
}

impl<'a> Bench<'a> {
    /// With `starts`, each sample knows since when the counter counts.
    fn new(lab: &'a Lab, samples: &[LabSample], starts: bool) -> Self {
        let labels = lab.labels();
        let mut storage = Storage::unbounded();
        for sample in samples {
            let before = lab.resets().iter().copied().filter(|&at| at <= sample.at).max();
            let start = before.filter(|_| starts).unwrap_or(0);
            let value = SampleValue::Float(sample.value);
            let sample = Sample { time: sample.at, start, value };
            // Two samples at one time cannot be; the lab has none.
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

    /// The query in which the engine itself reads the window in this way, where it can.
    fn query(&self, function: Function, mode: RangeMode) -> String {
        match (mode, rate_kind(function)) {
            // Where nothing hangs on the window's length, a moment more is a closed window.
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

    /// The terms that the engine noted down while it evaluated a query.
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

    /// Version 2 took in a sample at the window's start: the engine's arithmetic over `[start, end]`.
    fn closed_rate(
        &self,
        kind: RateKind,
        samples: &[LabSample],
    ) -> (Arithmetic, Option<f64>, Option<String>) {
        let points: Vec<(Timestamp, f64)> =
            samples.iter().map(|sample| (sample.at, sample.value)).collect();
        match rate_terms(kind, &points, self.lab.window(), true) {
            // One sample was not enough in any version.
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

/// The line that an arithmetic stands for, in milliseconds and values.
fn path(arithmetic: &Arithmetic, (start, end): (Timestamp, Timestamp)) -> Vec<(f64, f64)> {
    match arithmetic {
        Arithmetic::Rate { terms, .. } => {
            let found = &terms.extrapolation;
            let last = terms.last.0 as f64;
            let first = last - found.sampled_interval * 1000.0;
            // A counter that is known to have begun in the window began at zero.
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
    // Steps that the evaluation time is one of, from the first whose window is in the lab.
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

/// The places of the samples that a window ending then reads: those in it, and with `anchored` and
/// `smoothed` the ones on the other side of its ends.
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
mod tests {
    use super::*;

    const EPSILON: f64 = 1e-9;

    #[test]
    fn the_terms_are_those_of_the_formula() {
        // Samples at 75, 90, 105 and 120 s with 20, 21, 23 and 24; the window is (67, 127].
        let lab = Lab::default();
        let evaluation = evaluate(&lab);
        assert_eq!(evaluation.ground_truth, Some(6.0));
        assert_eq!(evaluation.inside.len(), 4);
        let (terms, resets) = evaluation.rate().unwrap();
        assert!(resets.is_empty());
        assert_eq!(terms.increase, 4.0);
        let extrapolation = terms.extrapolation;
        assert_eq!(extrapolation.sampled_interval, 45.0);
        assert_eq!(extrapolation.average_interval, 15.0);
        assert_eq!((extrapolation.gap_at_start, extrapolation.gap_at_end), (8.0, 7.0));
        assert!((terms.result - 4.0 * 60.0 / 45.0).abs() < EPSILON);
        let result = |function, mode| evaluation.result(function, mode).unwrap();
        assert_eq!(result(Function::Increase, RangeMode::Usual), terms.result);
        assert!((result(Function::Rate, RangeMode::Usual) * 60.0 - terms.result).abs() < EPSILON);
        assert_eq!(result(Function::Increase, RangeMode::Closed), terms.result);
        assert_eq!(result(Function::Irate, RangeMode::Usual), 1.0 / 15.0);
        // 24 at the end, 18 at 60 s, the last sample before the window.
        assert_eq!(result(Function::Increase, RangeMode::Anchored), 6.0);
        // 19 is nearly half way from 18 at 60 s to 20 at 75 s, 24 + 2 × 7/15 the end.
        let smoothed = (24.0 + 2.0 * 7.0 / 15.0) - (18.0 + 2.0 * 7.0 / 15.0);
        assert!((result(Function::Increase, RangeMode::Smoothed) - smoothed).abs() < EPSILON);
    }

    #[test]
    fn one_new_event_between_four_samples_is_a_third_more() {
        // The samples count 1 over 45 s, and the window of 60 s is 4/3 of that.
        let mut lab = Lab { at: 127_000, ..Lab::default() };
        lab.counter = super::super::Counter {
            initial: 5.0,
            events: vec![(100_000, 1.0)],
            resets: Vec::new(),
        };
        let evaluation = evaluate(&lab);
        assert!((evaluation.chosen.result.unwrap() - 4.0 / 3.0).abs() < EPSILON);
        assert_eq!(evaluation.ground_truth, Some(1.0));
    }

    #[test]
    fn a_line_rises_by_what_is_counted() {
        for (function, mode) in [
            (Function::Increase, RangeMode::Usual),
            (Function::Increase, RangeMode::Anchored),
            (Function::Increase, RangeMode::Smoothed),
            (Function::Increase, RangeMode::Starts),
            (Function::Increase, RangeMode::Closed),
            (Function::Delta, RangeMode::Usual),
        ] {
            let mut lab = Lab { function, mode, at: 120_000, ..Lab::default() };
            lab.counter.resets = if function == Function::Increase { vec![98_000] } else { vec![] };
            let chosen = evaluate(&lab).chosen;
            let (first, last) = (chosen.path[0], chosen.path[chosen.path.len() - 1]);
            let risen = last.1 - first.1;
            assert!((risen - chosen.result.unwrap()).abs() < EPSILON, "{function:?} {mode:?}");
        }
        for function in [Function::Irate, Function::Deriv] {
            let chosen = evaluate(&Lab { function, ..Lab::default() }).chosen;
            let (first, last) = (chosen.path[0], chosen.path[1]);
            let slope = (last.1 - first.1) / (last.0 - first.0) * 1000.0;
            assert!((slope - chosen.result.unwrap()).abs() < EPSILON, "{function:?}");
        }
    }

    #[test]
    fn version_two_took_in_the_sample_at_the_start() {
        let lab = Lab { at: 120_000, ..Lab::default() };
        let evaluation = evaluate(&lab);
        assert_eq!(evaluation.inside.len(), 4);
        let now = evaluation.result(Function::Increase, RangeMode::Usual).unwrap();
        let before = evaluation.result(Function::Increase, RangeMode::Closed).unwrap();
        assert_eq!(before, 6.0, "samples at 60 s and 120 s differ by six, and span the window");
        assert!((now - 4.0 * 60.0 / 45.0).abs() < EPSILON, "{now}");
        // One interval: two samples in a closed window, one in a half-open one.
        let narrow = Lab { range: Duration::from_secs(15), function: Function::Irate, ..lab };
        let evaluation = evaluate(&narrow);
        assert_eq!(evaluation.result(Function::Irate, RangeMode::Usual), None);
        assert_eq!(evaluation.result(Function::Irate, RangeMode::Closed), Some(1.0 / 15.0));
    }

    #[test]
    fn start_timestamps_find_what_came_before_the_first_sample() {
        let mut lab = Lab { first_scrape: 100_000, at: 150_000, ..Lab::default() };
        lab.counter = super::super::Counter {
            initial: 0.0,
            events: vec![(97_000, 1.0)],
            resets: vec![95_000],
        };
        let evaluation = evaluate(&lab);
        assert_eq!(evaluation.result(Function::Increase, RangeMode::Usual), Some(0.0));
        let found = evaluation.result(Function::Increase, RangeMode::Starts).unwrap();
        assert!(found >= 1.0, "{found}");
    }

    #[test]
    fn what_the_engine_refuses_says_why() {
        let lab = Lab { function: Function::Irate, mode: RangeMode::Anchored, ..Lab::default() };
        let refused = evaluate(&lab).chosen.refused.unwrap();
        assert!(refused.contains("anchored modifier can only be used with"), "{refused}");
    }

    #[test]
    fn a_step_longer_than_the_range_leaves_samples_out() {
        let lab = Lab { range: Duration::from_secs(30), at: 120_000, ..Lab::default() };
        for (mode, unused) in [
            (RangeMode::Usual, &[75_000, 90_000, 135_000, 150_000][..]),
            // A sample at a window's start is in it, or gives the value there.
            (RangeMode::Closed, &[75_000, 135_000]),
            (RangeMode::Anchored, &[75_000, 135_000]),
            (RangeMode::Smoothed, &[75_000, 135_000]),
        ] {
            let evaluation = evaluate(&Lab { mode, ..lab.clone() });
            assert_eq!(evaluation.aliasing.unused, unused, "{mode:?}");
        }
        let lab = Lab { at: 127_000, mode: RangeMode::Smoothed, ..lab };
        // Windows (37, 67] and (97, 127]: what lies on either side of their ends is read too.
        assert_eq!(evaluate(&lab).aliasing.unused, [0; 0]);
        let lab = Lab { step: Duration::from_secs(15), mode: RangeMode::Usual, ..lab };
        assert!(evaluate(&lab).aliasing.unused.is_empty());
    }

    #[test]
    fn a_step_at_the_evaluation_says_what_the_chosen_way_says() {
        let lab = Lab { range: Duration::from_secs(15), at: 120_000, ..Lab::default() };
        for function in Function::ALL {
            for mode in RangeMode::ALL {
                let evaluation = evaluate(&Lab { function, mode, ..lab.clone() });
                let step = evaluation.aliasing.steps.iter().find(|step| step.0 == evaluation.end);
                let chosen = &evaluation.chosen;
                assert_eq!(step.map(|step| step.1), Some(chosen.result), "{function:?} {mode:?}");
                if mode == RangeMode::Closed {
                    assert_eq!(evaluation.inside.len(), 2);
                    assert!(chosen.result.is_some(), "{function:?}");
                }
            }
        }
    }

    #[test]
    fn wider_windows_answer_more_often() {
        let lab = Lab { missed: vec![6, 9], ..Lab::default() };
        let shares: Vec<usize> = (1..=4).map(|intervals| coverage(&lab, intervals).0).collect();
        assert_eq!(shares[0], 0, "a window of one interval never holds two samples");
        assert!(shares.is_sorted() && shares[1] < shares[3], "{shares:?}");
        let (answered, asked) = coverage(&lab, 4);
        assert_eq!(answered, asked);
    }

    #[test]
    fn an_empty_lab_has_no_terms() {
        let lab = Lab { at: -1_000_000, ..Lab::default() };
        let evaluation = evaluate(&lab);
        assert!(matches!(evaluation.chosen.arithmetic, Arithmetic::Plain));
        assert!(evaluation.variants.iter().all(|variant| variant.result.is_none()));
    }
}
