//! The trace of an evaluation: the result, the reads and the duration of each node; the matched
//! series of binary operators; and, for one series and time, the terms of the arithmetic.
//!
//! The evaluation records the trace itself, or calls the same functions for it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use text::IndexSort;

use super::eval_steps::EvalSteps;
use super::extended::ExtendedTerms;
use super::histogram_rates::HistogramRateTerms;
use super::instant_rate::InstantRateTerms;
use super::matching::Groups;
use super::rates::{RateTerms, ResetTerm};
use super::regression::LinearTerms;
use super::series::{Output, SampleRef, Series, without_metadata};
use super::value::MatrixSeries;
use super::windows::RangeSeries;
use crate::histogram::{Bucket, BucketRepair, ClassicBucket, ClassicQuantile, FloatHistogram};
use crate::syntax::{FunctionId, NodeId};
use crate::{Labels, SampleValue, Timestamp};

/// Series shown of a node's result, and groups of a matching.
const SHOWN_SERIES: usize = 20;
const SHOWN_GROUPS: usize = 200;

/// The parts of an evaluation to trace.
#[derive(Clone, Copy, Default)]
pub struct TraceRequest<'a> {
    /// Milliseconds since any fixed time.
    pub clock: Option<&'a dyn Fn() -> f64>,
    /// The sample whose arithmetic is traced.
    pub terms: Option<&'a TermsRequest>,
}

/// A sample of a node's result.
#[derive(Clone, Debug, PartialEq)]
pub struct TermsRequest {
    /// The node of the expression.
    pub node: NodeId,
    /// The labels of the result or, with the metric name, of the series it was made from.
    pub labels: Labels,
    /// The evaluation time in milliseconds.
    pub time: Timestamp,
}

/// The trace of one node.
#[derive(Clone, Debug)]
pub struct NodeTrace {
    /// The node of the expression.
    pub node: NodeId,
    /// Steps that it was evaluated for; a subquery's inner nodes have steps of their own.
    pub steps: usize,
    /// The number of series in the result.
    pub series: usize,
    /// Floats and histograms in the result, over all steps.
    pub samples: usize,
    /// Distinct values of each label in the result.
    pub cardinality: BTreeMap<Arc<str>, usize>,
    /// Samples read from the storage for this node; a function of a range vector and a subquery
    /// count what was read inside them, too.
    pub samples_read: usize,
    /// Includes the evaluation of inner nodes. None without a clock.
    pub milliseconds: Option<f64>,
    /// Some series with their last sample.
    pub shown: Vec<(Labels, Option<SampleValue>)>,
    /// The vector matching of a binary operator.
    pub matching: Option<MatchTrace>,
}

/// Which series of two vectors met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchTrace {
    /// Groups with series on both sides, on the left only, on the right only.
    pub matched: usize,
    /// Groups with series on the left side only.
    pub only_left: usize,
    /// Groups with series on the right side only.
    pub only_right: usize,
    /// Those that fell out first, as far as shown.
    pub groups: Vec<MatchedGroup>,
}

/// Series with the same values in the matching labels. Where one side is empty, the other side's
/// series found no partner.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchedGroup {
    /// The values of the matching labels.
    pub signature: Labels,
    /// The series of the left side.
    pub left: Vec<Labels>,
    /// The series of the right side.
    pub right: Vec<Labels>,
}

/// The arithmetic of one sample.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The function.
    pub function: FunctionId,
    /// The series that was read.
    pub labels: Labels,
    /// The window; the start is not part of it.
    pub start: Timestamp,
    /// The end of the window in milliseconds.
    pub end: Timestamp,
    /// The samples in the window, including those that `anchored` and `smoothed` read outside of
    /// it.
    pub floats: Vec<(Timestamp, f64)>,
    /// The native histograms in the window, with their times.
    pub histograms: Vec<(Timestamp, Arc<FloatHistogram>)>,
    /// The steps from the samples to the result.
    pub arithmetic: Arithmetic,
    /// The result. None if the window has too few samples.
    pub result: Option<SampleValue>,
}

/// The steps from the samples to the result.
#[derive(Clone, Debug)]
pub enum Arithmetic {
    /// The result has no intermediate terms.
    Plain,
    /// `rate`, `increase` or `delta` over floats.
    Rate {
        /// The terms.
        terms: RateTerms,
        /// The counter resets in the window.
        resets: Vec<ResetTerm>,
    },
    /// A rate over native histograms; boxed because it is much larger than the others.
    HistogramRate(Box<HistogramRateTerms>),
    /// A rate over an `anchored` or `smoothed` window.
    Extended {
        /// The terms.
        terms: ExtendedTerms,
        /// The counter resets in the window.
        resets: Vec<ResetTerm>,
    },
    /// `irate` or `idelta` over floats.
    InstantRate(InstantRateTerms),
    /// The times at which a reset or a change was counted.
    Counting(Vec<Timestamp>),
    /// The regression line of `deriv` or `predict_linear`.
    Linear(LinearTerms),
    /// `histogram_quantile`.
    HistogramQuantile(HistogramQuantileTerms),
}

/// The terms of a quantile of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramQuantileTerms {
    /// The quantile, from 0 to 1.
    pub q: f64,
    /// The observation that was looked for: `q` times all observations.
    pub rank: f64,
    /// The number of observations.
    pub observations: f64,
    /// Cumulative classic buckets as they came and as they were mended; none for a native one.
    pub given: Vec<ClassicBucket>,
    /// The cumulative classic buckets after they were made monotonic.
    pub mended: Vec<ClassicBucket>,
    /// The change that made the buckets monotonic, if any.
    pub repair: Option<BucketRepair>,
    /// Buckets of a native histogram; none for a classic one.
    pub buckets: Vec<Bucket>,
    /// The place of the bucket that holds the observation, among `mended` or `buckets`.
    pub chosen: Option<usize>,
    /// The result.
    pub result: f64,
}

impl HistogramQuantileTerms {
    pub(super) fn classic(
        q: f64,
        given: Vec<ClassicBucket>,
        mended: &[ClassicBucket],
        found: &ClassicQuantile,
    ) -> Self {
        let observations = mended.last().map_or(0.0, |last| last.count);
        let rank = q * observations;
        let chosen = mended.iter().position(|bucket| bucket.count >= rank);
        Self {
            q,
            rank,
            observations,
            given,
            mended: mended.to_vec(),
            repair: found.forced_monotonic,
            buckets: Vec::new(),
            chosen,
            result: found.value,
        }
    }

    pub(super) fn native(q: f64, histogram: &FloatHistogram, result: f64) -> Self {
        let buckets: Vec<Bucket> = histogram.all_buckets().collect();
        let rank = q * histogram.count;
        let mut seen = 0.0;
        let chosen = buckets.iter().position(|bucket| {
            seen += bucket.count;
            bucket.count != 0.0 && seen >= rank
        });
        Self {
            q,
            rank,
            observations: histogram.count,
            given: Vec::new(),
            mended: Vec::new(),
            repair: None,
            buckets,
            chosen,
            result,
        }
    }
}

/// Everything that was noted down.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// In the order of evaluation.
    pub nodes: Vec<NodeTrace>,
    /// Of the sample that was asked for, if there is one.
    pub terms: Option<Terms>,
}

/// Takes notes during an evaluation.
pub(super) struct Tracer<'a> {
    request: TraceRequest<'a>,
    matching: BTreeMap<u32, MatchTrace>,
    pub trace: Trace,
}

impl<'a> Tracer<'a> {
    pub fn new(request: TraceRequest<'a>) -> Self {
        Self { request, matching: BTreeMap::new(), trace: Trace::default() }
    }

    pub fn now(&self) -> f64 {
        self.request.clock.map_or(0.0, |clock| clock())
    }

    fn elapsed(&self, since: Option<f64>) -> Option<f64> {
        let clock = self.request.clock?;
        Some(clock() - since?)
    }

    pub fn node_done(
        &mut self,
        node: NodeId,
        eval_steps: &EvalSteps,
        output: &Output,
        samples_read: usize,
        since: Option<f64>,
    ) {
        let milliseconds = self.elapsed(since);
        let matching = self.matching.remove(&node.0);
        let mut trace = NodeTrace {
            node,
            steps: eval_steps.count,
            series: 0,
            samples: 0,
            cardinality: BTreeMap::new(),
            samples_read,
            milliseconds,
            shown: Vec::new(),
            matching,
        };
        match output {
            Output::Scalar(scalars) => {
                trace.samples = eval_steps.count;
                let last = SampleValue::Float(scalars.at(eval_steps.count.saturating_sub(1)));
                trace.shown.push((Labels::empty(), Some(last)));
            }
            Output::Vector(series) => {
                trace.series = series.len();
                trace.samples = series
                    .iter()
                    .map(|one| {
                        let (floats, histograms) = one.counts();
                        floats + histograms
                    })
                    .sum();
                trace.cardinality = cardinality(series.iter().map(|one| &one.labels));
                trace.shown = series
                    .iter()
                    .take(SHOWN_SERIES)
                    .map(|one| (one.labels.clone(), last_sample(one, eval_steps)))
                    .collect();
            }
        }
        self.trace.nodes.push(trace);
    }

    /// A range vector that was read for the function around it.
    pub fn input_done(
        &mut self,
        node: NodeId,
        eval_steps: &EvalSteps,
        input: &[RangeSeries],
        samples_read: usize,
        since: Option<f64>,
    ) {
        let last = |one: &RangeSeries| one.samples.floats.last().copied();
        self.trace.nodes.push(NodeTrace {
            node,
            steps: eval_steps.count,
            series: input.len(),
            samples: input.iter().map(|one| one.samples.len()).sum(),
            cardinality: cardinality(input.iter().map(|one| &one.labels)),
            samples_read,
            milliseconds: self.elapsed(since),
            shown: input
                .iter()
                .take(SHOWN_SERIES)
                .map(|one| (one.labels.clone(), last(one).map(SampleValue::Float)))
                .collect(),
            matching: None,
        });
    }

    pub fn matrix_done(
        &mut self,
        node: NodeId,
        series: &[MatrixSeries],
        samples_read: usize,
        since: Option<f64>,
    ) {
        let last = |one: &MatrixSeries| one.floats.last().map(|&(_, value)| value);
        self.trace.nodes.push(NodeTrace {
            node,
            steps: 1,
            series: series.len(),
            samples: series.iter().map(|one| one.floats.len() + one.histograms.len()).sum(),
            cardinality: cardinality(series.iter().map(|one| &one.labels)),
            samples_read,
            milliseconds: self.elapsed(since),
            shown: series
                .iter()
                .take(SHOWN_SERIES)
                .map(|one| (one.labels.clone(), last(one).map(SampleValue::Float)))
                .collect(),
            matching: None,
        });
    }

    /// Notes which series met; `sides` are left and right as written, and `swapped` says that the
    /// groups name the right one first.
    pub fn matching(
        &mut self,
        node: NodeId,
        groups: &Groups,
        [left, right]: [&[Series]; 2],
        swapped: bool,
    ) {
        let mut trace = MatchTrace::default();
        let labels = |side: &[Series], places: &[usize]| -> Vec<Labels> {
            places.iter().filter_map(|&at| Some(side.get(at)?.labels.clone())).collect()
        };
        for group in &groups.groups {
            let (lefts, rights) =
                if swapped { (&group.one, &group.many) } else { (&group.many, &group.one) };
            match (lefts.is_empty(), rights.is_empty()) {
                (false, false) => trace.matched += 1,
                (false, true) => trace.only_left += 1,
                _ => trace.only_right += 1,
            }
            trace.groups.push(MatchedGroup {
                signature: group.signature.clone(),
                left: labels(left, lefts),
                right: labels(right, rights),
            });
        }
        trace.groups.index_sort_by_key(|group| !group.left.is_empty() && !group.right.is_empty());
        trace.groups.truncate(SHOWN_GROUPS);
        self.matching.insert(node.0, trace);
    }

    /// Returns true if the terms of this sample are requested.
    pub fn wants_terms(&self, node: NodeId, time: Timestamp, labels: &Labels) -> bool {
        self.request.terms.is_some_and(|wanted| {
            wanted.node == node && wanted.time == time && is_same_series(labels, &wanted.labels)
        })
    }

    pub fn histogram_quantile(
        &mut self,
        node: NodeId,
        labels: &Labels,
        time: Timestamp,
        terms: HistogramQuantileTerms,
    ) {
        debug_assert!(self.wants_terms(node, time, labels));
        self.trace.terms = Some(Terms {
            function: FunctionId::HistogramQuantile,
            labels: labels.clone(),
            start: time,
            end: time,
            floats: Vec::new(),
            histograms: Vec::new(),
            result: Some(SampleValue::Float(terms.result)),
            arithmetic: Arithmetic::HistogramQuantile(terms),
        });
    }

    /// Returns the series and the time of the sample whose terms are asked for, if `node` is its
    /// node and `input` has the series.
    pub fn terms_input<'i>(
        &self,
        node: NodeId,
        input: &'i [RangeSeries],
    ) -> Option<(&'i RangeSeries, Timestamp)> {
        let wanted = self.request.terms.filter(|wanted| wanted.node == node)?;
        let series = input.iter().find(|one| is_same_series(&one.labels, &wanted.labels))?;
        Some((series, wanted.time))
    }
}

fn is_same_series(labels: &Labels, wanted: &Labels) -> bool {
    labels == wanted || without_metadata(labels) == *wanted
}

fn last_sample(series: &Series, eval_steps: &EvalSteps) -> Option<SampleValue> {
    (0..eval_steps.count).rev().find_map(|step| series.at(step)).map(SampleRef::to_owned)
}

fn cardinality<'l>(all: impl Iterator<Item = &'l Labels>) -> BTreeMap<Arc<str>, usize> {
    let mut values: BTreeMap<&Arc<str>, HashSet<&str>> = BTreeMap::new();
    for label in all.flatten() {
        values.entry(&label.name).or_default().insert(&label.value);
    }
    values.into_iter().map(|(name, values)| (name.clone(), values.len())).collect()
}
