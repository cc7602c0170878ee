//! What the engine makes of the lab's samples, term by term, with the truth beside it.

use super::state::{Function, Lab, LabSample, SERIES};
use crate::model::{Labels, METRIC_NAME, Timestamp};
use crate::promql::engine::{
    Arithmetic, Engine, EngineOptions, InstantRateTerms, QueryTime, RateKind, RateTerms, ResetTerm,
    SampleValue, Terms, TermsRequest, TraceRequest, Value, rate_terms,
};
use crate::promql::syntax::{Ast, FunctionId, ParserOptions, parse};
use crate::storage::{Sample, Storage, Value as Stored};

/// Everything there is to draw and to say.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub samples: Vec<LabSample>,
    /// The window is `(start, end]`.
    pub start: Timestamp,
    pub end: Timestamp,
    /// How many events really happened in the window.
    pub truth: usize,
    /// The samples in the window.
    pub inside: Vec<LabSample>,
    /// The arithmetic of the chosen function, if it gave anything.
    pub terms: Option<LabTerms>,
    /// The chosen function and its kin over the same window.
    pub variants: Vec<Variant>,
    /// Over a range query with the lab's step.
    pub aliasing: Aliasing,
}

#[derive(Clone, Debug)]
pub enum LabTerms {
    Rate {
        terms: RateTerms,
        resets: Vec<ResetTerm>,
    },
    InstantRate(InstantRateTerms),
    /// `deriv` draws a line through all samples.
    Linear {
        slope: f64,
        samples: usize,
    },
}

/// One way to ask how much happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    pub name: String,
    pub result: Option<f64>,
    /// The result as events over the window, to be set beside the truth.
    pub events: Option<f64>,
    pub note: &'static str,
}

/// What a range query with this step sees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aliasing {
    /// Each step with its value.
    pub steps: Vec<(Timestamp, Option<f64>)>,
    /// Samples that no step's window ever held.
    pub unused: Vec<Timestamp>,
    /// Samples that more than one window held.
    pub shared: usize,
}

/// Evaluates the lab with Prometheus's engine.
pub fn evaluate(lab: &Lab) -> Outcome {
    let samples = lab.samples();
    let bench = Bench::new(lab, &samples, false);
    let (start, end) = (lab.at - lab.range.millis(), lab.at);
    let inside: Vec<LabSample> =
        samples.iter().copied().filter(|sample| start < sample.at && sample.at <= end).collect();
    Outcome {
        truth: lab.truth(start, end),
        terms: bench.terms(),
        variants: variants(lab, &samples, &bench),
        aliasing: aliasing(lab, &samples, &bench),
        samples,
        inside,
        start,
        end,
    }
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
        let labels = Labels::from_pairs([(METRIC_NAME, SERIES)]);
        let mut storage = Storage::unbounded();
        for sample in samples {
            let before = lab.resets.iter().copied().filter(|&at| at <= sample.at).max();
            let start = before.filter(|_| starts).unwrap_or(0);
            let value = Stored::Float(sample.value);
            let sample = Sample { time: sample.at, start, value };
            // Two samples at one time cannot be; the lab has none.
            let _ = storage.append(&labels, sample);
        }
        let options = EngineOptions { use_start_timestamps: starts, ..EngineOptions::default() };
        Self { lab, storage, engine: Engine::new(options), labels }
    }

    fn ask(&self, query: &str) -> Option<f64> {
        let value = self.engine.instant(&self.storage, &parsed(query)?, self.lab.at).ok()?.value;
        let Value::Vector(vector) = value else { return None };
        vector.into_iter().find_map(|sample| match sample.value {
            SampleValue::Float(value) => Some(value),
            SampleValue::Histogram(_) => None,
        })
    }

    fn over(&self, start: Timestamp, end: Timestamp) -> Vec<(Timestamp, f64)> {
        let Some(ast) = parsed(&self.lab.query("")) else { return Vec::new() };
        let result = self.engine.range(&self.storage, &ast, start, end, self.lab.step);
        match result.map(|result| result.value) {
            Ok(Value::Matrix(matrix)) => {
                matrix.into_iter().next().map(|series| series.floats).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// The terms that the engine noted down while it evaluated the lab's query.
    fn terms(&self) -> Option<LabTerms> {
        let ast = parsed(&self.lab.query(""))?;
        let request =
            TermsRequest { node: ast.root(), labels: self.labels.clone(), time: self.lab.at };
        let trace = TraceRequest { clock: None, terms: Some(&request) };
        let time = QueryTime::Instant(self.lab.at);
        let (_, trace) = self.engine.explain(&self.storage, &ast, time, None, trace).ok()?;
        let Terms { arithmetic, function, floats, .. } = trace.terms?;
        match arithmetic {
            Arithmetic::Rate { terms, resets } => Some(LabTerms::Rate { terms, resets }),
            Arithmetic::InstantRate(terms) => Some(LabTerms::InstantRate(terms)),
            Arithmetic::Linear(terms) if function == FunctionId::Deriv => {
                Some(LabTerms::Linear { slope: terms.slope, samples: floats.len() })
            }
            _ => None,
        }
    }
}

fn parsed(query: &str) -> Option<Ast> {
    parse(query, &ParserOptions::ALL).ok()
}

fn variants(lab: &Lab, samples: &[LabSample], bench: &Bench<'_>) -> Vec<Variant> {
    let seconds = lab.range.seconds();
    let variant = |name: String, result: Option<f64>, per_second: bool, note| Variant {
        events: result.map(|value| if per_second { value * seconds } else { value }),
        name,
        result,
        note,
    };
    let call = |function: Function| Lab { function, ..lab.clone() };
    let mut all = Vec::new();
    for (function, note) in [
        (Function::Increase, "stretched to the whole window"),
        (Function::Rate, "the same, divided by the window"),
        (Function::Irate, "only the last two samples"),
        (Function::Delta, "for gauges: a fall is a fall, not a reset"),
        (Function::Deriv, "the slope of a line through all samples"),
    ] {
        let query = call(function).query("");
        let result = bench.ask(&query);
        all.push(variant(function.name().to_owned(), result, function.per_second(), note));
    }
    for (modifier, note) in [
        ("anchored", "from the last sample before the window to the last one in it"),
        ("smoothed", "the values at both ends are interpolated"),
    ] {
        let query = call(Function::Increase).query(modifier);
        all.push(variant(format!("increase {modifier}"), bench.ask(&query), false, note));
    }
    let starts = Bench::new(lab, samples, true).ask(&call(Function::Increase).query(""));
    let note = "a counter that began in the window counts from zero";
    all.push(variant("increase with start timestamps".to_owned(), starts, false, note));
    let note = "a sample at the very start of the window counted too";
    let closed = closed_window(lab, samples);
    all.push(variant("increase of Prometheus 2".to_owned(), closed, false, note));
    all
}

/// Version 2 took in a sample at the window's start: the same arithmetic over `[start, end]`.
fn closed_window(lab: &Lab, samples: &[LabSample]) -> Option<f64> {
    let (start, end) = (lab.at - lab.range.millis(), lab.at);
    let points: Vec<(Timestamp, f64)> = samples
        .iter()
        .filter(|sample| start <= sample.at && sample.at <= end)
        .map(|sample| (sample.at, sample.value))
        .collect();
    if points.first().is_none_or(|first| first.0 != start) {
        return rate_terms(RateKind::Increase, &points, start, end).map(|(terms, _)| terms.result);
    }
    // A window of the same length that begins a moment earlier holds the same samples and
    // extrapolates to the same ends.
    rate_terms(RateKind::Increase, &points, start - 1, end).map(|(terms, _)| {
        let extrapolation = terms.extrapolation;
        let stretched = extrapolation.sampled_interval + extrapolation.extended_at_end;
        terms.increase * stretched / extrapolation.sampled_interval
    })
}

fn aliasing(lab: &Lab, samples: &[LabSample], bench: &Bench<'_>) -> Aliasing {
    let step = lab.step.millis().max(1);
    // Steps that the evaluation time is one of, from the first whose window is in the lab.
    let first = lab.at - (lab.at - lab.range.millis()).div_euclid(step) * step;
    let first = first.max(lab.at - 500 * step);
    let last = lab.at + (lab.length.millis() - lab.at).max(0).div_euclid(step).min(500) * step;
    let values = bench.over(first, last);
    let steps: Vec<Timestamp> = (0..=((last - first) / step)).map(|k| first + k * step).collect();
    let range = lab.range.millis();
    let windows =
        |at: Timestamp| steps.iter().filter(|&&end| end - range < at && at <= end).count();
    let within = |sample: &&LabSample| first - range < sample.at && sample.at <= last;
    let considered: Vec<&LabSample> = samples.iter().filter(within).collect();
    Aliasing {
        unused: considered.iter().map(|s| s.at).filter(|&at| windows(at) == 0).collect(),
        shared: considered.iter().filter(|sample| windows(sample.at) > 1).count(),
        steps: steps
            .iter()
            .map(|&at| (at, values.iter().find(|(time, _)| *time == at).map(|(_, v)| *v)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(outcome: &Outcome, name: &str) -> Option<f64> {
        outcome.variants.iter().find(|variant| variant.name == name)?.result
    }

    #[test]
    fn the_terms_are_those_of_the_formula() {
        // Samples at 75, 90, 105 and 120 s with 20, 21, 23 and 24; the window is (67, 127].
        let lab = Lab::default();
        let outcome = evaluate(&lab);
        assert_eq!(outcome.truth, 6);
        assert_eq!(outcome.inside.len(), 4);
        let Some(LabTerms::Rate { terms, resets }) = &outcome.terms else { panic!() };
        assert!(resets.is_empty());
        assert_eq!(terms.increase, 4.0);
        let extrapolation = terms.extrapolation;
        assert_eq!(extrapolation.sampled_interval, 45.0);
        assert_eq!(extrapolation.average_interval, 15.0);
        assert_eq!((extrapolation.gap_at_start, extrapolation.gap_at_end), (8.0, 7.0));
        assert!((terms.result - 4.0 * 60.0 / 45.0).abs() < 1e-12);
        assert_eq!(result(&outcome, "increase"), Some(terms.result));
        let rate = result(&outcome, "rate").unwrap();
        assert!((rate * 60.0 - terms.result).abs() < 1e-12);
        assert_eq!(result(&outcome, "increase of Prometheus 2"), Some(terms.result));
        assert_eq!(result(&outcome, "irate"), Some(1.0 / 15.0));
        // 24 at the end, 18 at 60 s, the last sample before the window.
        assert_eq!(result(&outcome, "increase anchored"), Some(6.0));
    }

    #[test]
    fn version_two_took_in_the_sample_at_the_start() {
        let lab = Lab { at: 120_000, ..Lab::default() };
        let outcome = evaluate(&lab);
        assert_eq!(outcome.inside.len(), 4);
        let now = result(&outcome, "increase").unwrap();
        let before = result(&outcome, "increase of Prometheus 2").unwrap();
        assert_eq!(before, 6.0, "samples at 60 s and 120 s differ by six, and span the window");
        assert!((now - 4.0 * 60.0 / 45.0).abs() < 1e-9, "{now}");
    }

    #[test]
    fn start_timestamps_find_what_came_before_the_first_sample() {
        let lab = Lab { resets: vec![98_000], ..Lab::default() };
        let outcome = evaluate(&lab);
        let Some(LabTerms::Rate { resets, .. }) = &outcome.terms else { panic!() };
        assert_eq!(resets.len(), 1);
        assert!(result(&outcome, "increase with start timestamps").is_some());
    }

    #[test]
    fn a_step_longer_than_the_range_leaves_samples_out() {
        use crate::model::Duration;
        let lab = Lab { range: Duration::from_secs(30), at: 120_000, ..Lab::default() };
        let outcome = evaluate(&lab);
        assert_eq!(outcome.aliasing.shared, 0);
        assert!(outcome.aliasing.unused.contains(&75_000), "{:?}", outcome.aliasing);
        let lab = Lab { step: Duration::from_secs(15), ..lab };
        assert!(evaluate(&lab).aliasing.unused.is_empty());
    }

    #[test]
    fn an_empty_lab_has_no_terms() {
        let lab = Lab { at: -1_000_000, ..Lab::default() };
        let outcome = evaluate(&lab);
        assert!(outcome.terms.is_none());
        assert!(outcome.variants.iter().all(|variant| variant.result.is_none()));
    }
}
