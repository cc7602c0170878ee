//! `histogram_quantile` and its kin, over native histograms and over the `le` buckets of classic
//! ones.
//!
//! Source: prometheus promql/functions.go and promql/engine.go `resetHistograms`.

use std::collections::HashMap;
use std::sync::Arc;
use text::IndexSort;

use super::annotations::{Extent, Message, Monotonicity};
use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::functions::HistogramStatistic;
use super::over_time::invalid_quantile;
use super::series::{Scalars, Series, is_present, without_metadata};
use super::trace::HistogramQuantileTerms;
use crate::histogram::{
    BucketRepair, ClassicBucket, FloatHistogram, NanNote, classic_fraction, classic_quantile,
};
use crate::syntax::{Call, NodeId};
use crate::{Label, Labels, METRIC_NAME};
use go::number::{format_general, parse_float};
use text::Span;

/// The label that holds a classic bucket's upper bound.
const BUCKET_LABEL: &str = "le";

/// The buckets of one classic histogram.
struct ClassicGroup {
    /// Without `le`.
    labels: Labels,
    /// Upper bound, and the place of the series that counts up to it.
    buckets: Vec<(f64, usize)>,
    /// The native histogram of the same name and labels.
    native: Option<usize>,
}

/// The series of an argument, sorted into native and classic histograms.
struct Histograms {
    series: Vec<Series>,
    groups: Vec<ClassicGroup>,
    /// Places of series with native histograms, and of the classic one with the same labels.
    native: Vec<(usize, Option<usize>)>,
    /// Places of series whose `le` is no number.
    bad: Vec<usize>,
}

/// The histogram at one step.
enum Input<'a> {
    Native(&'a FloatHistogram),
    Classic(&'a mut Vec<ClassicBucket>),
}

impl Histograms {
    fn new(series: Vec<Series>) -> Self {
        let mut places: HashMap<Labels, usize> = HashMap::new();
        let mut groups: Vec<ClassicGroup> = Vec::new();
        let (mut native, mut bad) = (Vec::new(), Vec::new());
        for (at, one) in series.iter().enumerate() {
            if !one.histograms.is_empty() {
                native.push((at, None));
            }
            if one.floats.is_empty() {
                continue;
            }
            let Ok(bound) = parse_float(one.labels.get(BUCKET_LABEL)) else {
                bad.push(at);
                continue;
            };
            let labels = one.labels.filtered(|label: &Label| &*label.name != BUCKET_LABEL);
            let place = *places.entry(labels.clone()).or_insert_with(|| {
                groups.push(ClassicGroup { labels, buckets: Vec::new(), native: None });
                groups.len() - 1
            });
            groups[place].buckets.push((bound, at));
        }
        for (at, group) in &mut native {
            *group = places.get(&series[*at].labels).copied();
            if let Some(place) = *group {
                groups[place].native = Some(*at);
            }
        }
        Self { series, groups, native, bad }
    }

    /// Fills in the buckets that a classic histogram has at a step.
    fn buckets_at(&self, group: &ClassicGroup, step: usize, into: &mut Vec<ClassicBucket>) {
        into.clear();
        into.extend(group.buckets.iter().filter_map(|&(upper_bound, at)| {
            let count = *self.series[at].floats.get(step)?;
            is_present(count).then_some(ClassicBucket { upper_bound, count })
        }));
    }

    /// Returns true if the group has a native histogram and classic buckets at the same step.
    fn conflict(&self, group: &ClassicGroup, step: usize) -> bool {
        group.native.is_some_and(|at| self.native_at(at, step).is_some())
            && group.buckets.iter().any(|&(_, at)| {
                self.series[at].floats.get(step).is_some_and(|&value| is_present(value))
            })
    }

    fn native_at(&self, at: usize, step: usize) -> Option<&Arc<FloatHistogram>> {
        self.series[at].histograms.get(step)?.as_ref()
    }
}

/// The number of samples of classic histograms that were forced to be monotonic, by metric name and
/// step.
///
/// At each step of a range query, Prometheus merges the counts of earlier steps into themselves, so
/// that the number in its annotation is larger than the number of samples. The annotation here has
/// the same number.
#[derive(Default)]
struct Repairs(HashMap<String, Vec<(usize, Monotonicity)>>);

impl Repairs {
    fn add(&mut self, metric: String, step: usize, eval_steps: &EvalSteps, repair: &BucketRepair) {
        let time = eval_steps.time(step);
        self.0.entry(metric).or_default().push((
            step,
            Monotonicity {
                first: time,
                last: time,
                min_bucket: repair.min_bound,
                max_bucket: repair.max_bound,
                max_diff: repair.max_difference,
                further: 0,
            },
        ));
    }

    fn into_annotations(self, ev: &mut Evaluator<'_>, span: Span, eval_steps: &EvalSteps) {
        for (metric, mut found) in self.0 {
            found.index_sort_by_key(|&(step, _)| step);
            let Some(&(first_step, first)) = found.first() else { continue };
            let mut all = first;
            let mut rest = found.iter().skip(1).peekable();
            for step in first_step..eval_steps.count {
                let mut this_step: Option<Monotonicity> = None;
                while let Some((_, one)) = rest.next_if(|(at, _)| *at == step) {
                    match &mut this_step {
                        None => this_step = Some(*one),
                        Some(merged) => merged.merge(one),
                    }
                }
                if let Some(this_step) = &this_step {
                    all.merge(this_step);
                }
                if step > first_step {
                    let itself = all;
                    all.merge(&itself);
                }
            }
            let message = Message::HistogramQuantileForcedMonotonicity { metric };
            ev.annotations.add_extent(message, span, Extent::Monotonicity(all));
        }
    }
}

/// The metric name in annotations. Prometheus has already dropped the name, unless name removal is
/// delayed.
fn name_for_annotations(ev: &Evaluator<'_>, labels: &Labels) -> String {
    if ev.options.delayed_name_removal { labels.get(METRIC_NAME).to_owned() } else { String::new() }
}

fn note_nans(ev: &mut Evaluator<'_>, note: Option<NanNote>, metric: &str, span: Span) {
    let metric = metric.to_owned();
    let message = match note {
        None => return,
        Some(NanNote::QuantileIsNan) => Message::NativeHistogramQuantileNanResult { metric },
        Some(NanNote::QuantileSkewed) => Message::NativeHistogramQuantileNanSkew { metric },
        Some(NanNote::FractionWithoutNans) => Message::NativeHistogramFractionNans { metric },
    };
    ev.annotations.add(message, span);
}

impl Evaluator<'_> {
    /// Remarks on series whose `le` is no number and on classic beside native histograms.
    fn note_unusable(&mut self, histograms: &Histograms, span: Span, eval_steps: &EvalSteps) {
        for one in histograms.bad.iter().filter_map(|&at| histograms.series.get(at)) {
            if one.floats.iter().any(|&value| is_present(value)) {
                let metric = name_for_annotations(self, &one.labels);
                let label = one.labels.get(BUCKET_LABEL).to_owned();
                self.annotations.add(Message::BadBucketLabel { metric, label }, span);
            }
        }
        for group in histograms.groups.iter().filter(|group| group.native.is_some()) {
            if (0..eval_steps.count).any(|step| histograms.conflict(group, step)) {
                let metric = name_for_annotations(self, &group.labels);
                self.annotations.add(Message::MixedClassicNativeHistograms { metric }, span);
            }
        }
    }

    /// A float for each histogram, native ones first. `compute` is called step by step for one
    /// histogram after the other, with its name for annotations.
    fn for_histograms(
        &mut self,
        histograms: &Histograms,
        eval_steps: &EvalSteps,
        mut compute: impl FnMut(&mut Self, Input<'_>, &str, &Labels, usize) -> f64,
    ) -> Result<Vec<Series>, QueryError> {
        let mut result = Vec::new();
        for &(at, group) in &histograms.native {
            self.limits.check_interrupt()?;
            let one = &histograms.series[at];
            let group = group.and_then(|place| histograms.groups.get(place));
            let name = name_for_annotations(self, &one.labels);
            let mut made = Series::new(one.labels.clone(), true);
            for step in 0..eval_steps.count {
                let Some(histogram) = histograms.native_at(at, step) else { continue };
                if group.is_some_and(|group| histograms.conflict(group, step)) {
                    continue;
                }
                let value = compute(self, Input::Native(histogram), &name, &one.labels, step);
                made.set_float(step, eval_steps.count, value);
            }
            result.push(made);
        }
        let mut buckets = Vec::new();
        for group in &histograms.groups {
            self.limits.check_interrupt()?;
            let name = name_for_annotations(self, &group.labels);
            let mut made = Series::new(group.labels.clone(), true);
            for step in 0..eval_steps.count {
                histograms.buckets_at(group, step, &mut buckets);
                if buckets.is_empty() || histograms.conflict(group, step) {
                    continue;
                }
                let input = Input::Classic(&mut buckets);
                let value = compute(self, input, &name, &group.labels, step);
                made.set_float(step, eval_steps.count, value);
            }
            result.push(made);
        }
        result.retain(|series| !series.floats.is_empty());
        if !self.options.delayed_name_removal {
            result.iter_mut().for_each(|series| {
                series.labels = without_metadata(&series.labels);
            });
        }
        Ok(result)
    }

    fn note_quantiles(&mut self, q: &Scalars, span: Span, eval_steps: &EvalSteps) {
        for step in 0..eval_steps.count {
            let q = q.at(step);
            if !(0.0..=1.0).contains(&q) {
                self.annotations.add(invalid_quantile(q), span);
            }
        }
    }

    /// Quantiles of one argument's histograms, and what had to be mended for them.
    fn quantiles(
        &mut self,
        id: NodeId,
        q: &Scalars,
        histograms: &Histograms,
        span: Span,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let mut repairs = Repairs::default();
        let made =
            self.for_histograms(histograms, eval_steps, |ev, input, name, labels, step| {
                let q = q.at(step);
                let wanted = ev
                    .trace
                    .as_ref()
                    .is_some_and(|trace| trace.wants_terms(id, eval_steps.time(step), labels));
                let before = match &input {
                    Input::Classic(buckets) if wanted => buckets.to_vec(),
                    _ => Vec::new(),
                };
                match input {
                    Input::Native(histogram) => {
                        let (value, note) = histogram.quantile(q);
                        note_nans(ev, note, name, span);
                        if wanted && let Some(trace) = &mut ev.trace {
                            let terms = HistogramQuantileTerms::native(q, histogram, value);
                            trace.histogram_quantile(id, labels, eval_steps.time(step), terms);
                        }
                        value
                    }
                    Input::Classic(buckets) => {
                        let found = classic_quantile(q, buckets);
                        if let Some(repair) = &found.forced_monotonic {
                            repairs.add(name.to_owned(), step, eval_steps, repair);
                        }
                        if wanted && let Some(trace) = &mut ev.trace {
                            let terms = HistogramQuantileTerms::classic(q, before, buckets, &found);
                            trace.histogram_quantile(id, labels, eval_steps.time(step), terms);
                        }
                        found.value
                    }
                }
            })?;
        repairs.into_annotations(self, span, eval_steps);
        Ok(made)
    }

    pub fn histogram_quantile(
        &mut self,
        id: NodeId,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let &[q, arg] = call.args.as_slice() else { return Ok(Vec::new()) };
        let quantile = self.take_scalar(q);
        let histograms = Histograms::new(self.take_vector(arg));
        self.note_quantiles(&quantile, self.span_of(q), eval_steps);
        let span = self.span_of(arg);
        self.note_unusable(&histograms, span, eval_steps);
        let made = self.quantiles(id, &quantile, &histograms, span, eval_steps)?;
        self.check_labelsets(made, eval_steps)
    }

    pub fn histogram_quantiles(
        &mut self,
        id: NodeId,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let [arg, label, quantiles @ ..] = call.args.as_slice() else { return Ok(Vec::new()) };
        let histograms = Histograms::new(self.take_vector(*arg));
        let (label, span) = (self.text_of(*label), self.span_of(*arg));
        self.note_unusable(&histograms, span, eval_steps);
        let mut result = Vec::new();
        for &q in quantiles {
            let quantile = self.take_scalar(q);
            self.note_quantiles(&quantile, self.span_of(q), eval_steps);
            for series in self.quantiles(id, &quantile, &histograms, span, eval_steps)? {
                result.extend(split_by_quantile(series, &label, &quantile, eval_steps));
            }
        }
        self.check_labelsets(result, eval_steps)
    }

    pub fn histogram_fraction(
        &mut self,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let &[lower, upper, arg] = call.args.as_slice() else { return Ok(Vec::new()) };
        let (lower, upper) = (self.take_scalar(lower), self.take_scalar(upper));
        let histograms = Histograms::new(self.take_vector(arg));
        let span = self.span_of(arg);
        self.note_unusable(&histograms, span, eval_steps);
        let made = self.for_histograms(&histograms, eval_steps, |ev, input, name, _, step| {
            let (lower, upper) = (lower.at(step), upper.at(step));
            match input {
                Input::Native(histogram) => {
                    let (value, note) = histogram.fraction(lower, upper);
                    note_nans(ev, note, name, span);
                    value
                }
                Input::Classic(buckets) => classic_fraction(lower, upper, buckets),
            }
        })?;
        self.check_labelsets(made, eval_steps)
    }

    /// Functions that read one number off each native histogram; floats are left out.
    pub fn histogram_statistic(
        &mut self,
        statistic: HistogramStatistic,
        arg: NodeId,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let value = |histogram: &FloatHistogram| match statistic {
            HistogramStatistic::Avg => histogram.sum / histogram.count,
            HistogramStatistic::Count => histogram.count,
            HistogramStatistic::Stddev => histogram.variance().sqrt(),
            HistogramStatistic::Stdvar => histogram.variance(),
            HistogramStatistic::Sum => histogram.sum,
        };
        let mut result = Vec::new();
        for one in self.take_vector(arg) {
            let mut made = Series::new(one.labels, true);
            for (step, histogram) in one.histograms.iter().enumerate() {
                if let Some(histogram) = histogram {
                    made.set_float(step, eval_steps.count, value(histogram));
                }
            }
            if made.floats.is_empty() {
                continue;
            }
            if !self.options.delayed_name_removal {
                // Unlike other functions these leave type and unit.
                made.labels = made.labels.filtered(|label: &Label| &*label.name != METRIC_NAME);
            }
            result.push(made);
        }
        self.check_labelsets(result, eval_steps)
    }
}

/// Gives each sample the quantile it is for as a label. Where the quantile changes from step to
/// step there is more than one series.
fn split_by_quantile(
    series: Series,
    label: &str,
    q: &Scalars,
    eval_steps: &EvalSteps,
) -> Vec<Series> {
    let mut made: Vec<(String, Series)> = Vec::new();
    for (step, &value) in series.floats.iter().enumerate().filter(|(_, value)| is_present(**value))
    {
        let text = open_metrics_float(q.at(step));
        let place = made.iter().position(|(known, _)| *known == text).unwrap_or_else(|| {
            let labels = series.labels.builder().set(label, text.as_str()).build();
            made.push((text, Series::new(labels, series.drop_name)));
            made.len() - 1
        });
        made[place].1.set_float(step, eval_steps.count, value);
    }
    made.into_iter().map(|(_, series)| series).collect()
}

/// A number as OpenMetrics writes `le` and `quantile`: never without a point or an exponent.
fn open_metrics_float(value: f64) -> String {
    let text = format_general(value, None);
    if !value.is_finite() || text.contains(['e', '.']) { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_open_metrics_writes_them() {
        for (value, text) in
            [(1.0, "1.0"), (0.5, "0.5"), (1e9, "1e+09"), (f64::INFINITY, "+Inf"), (-2.0, "-2.0")]
        {
            assert_eq!(open_metrics_float(value), text);
        }
    }

    #[test]
    fn classic_and_native_histograms_are_told_apart() {
        let of = |pairs: &[(&str, &str)], native: bool| {
            let mut series = Series::new(Labels::from_pairs(pairs.iter().copied()), false);
            if native {
                series.set_histogram(0, 1, Arc::new(FloatHistogram::default()));
            } else {
                series.set_float(0, 1, 1.0);
            }
            series
        };
        let histograms = Histograms::new(vec![
            of(&[("a", "x"), ("le", "1")], false),
            of(&[("a", "x"), ("le", "+Inf")], false),
            of(&[("a", "x")], true),
            of(&[("a", "y")], true),
            of(&[("a", "y"), ("le", "many")], false),
        ]);
        assert_eq!(histograms.groups.len(), 1);
        assert_eq!(histograms.groups[0].buckets, [(1.0, 0), (f64::INFINITY, 1)]);
        assert_eq!((histograms.native.len(), histograms.bad.as_slice()), (2, &[4][..]));
        assert!(histograms.conflict(&histograms.groups[0], 0));
    }
}
