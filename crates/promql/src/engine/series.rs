//! The result of a node: one slot per step for each series.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::QueryError;
use super::eval_steps::EvalSteps;
use crate::histogram::FloatHistogram;
use crate::{Label, Labels, METRIC_NAME, SampleValue};
use go::number::{STALE_NAN_BITS, is_stale_nan};

/// The slot of a step without a float. A staleness marker never is a result: selectors drop it, and
/// arithmetic turns it into another NaN.
pub(super) const ABSENT: f64 = f64::from_bits(STALE_NAN_BITS);

/// Returns true if the slot holds a float.
#[inline]
pub(super) fn is_present(value: f64) -> bool {
    !is_stale_nan(value)
}

/// A [`SampleValue`], borrowed.
#[derive(Clone, Copy)]
pub(super) enum SampleRef<'a> {
    Float(f64),
    Histogram(&'a Arc<FloatHistogram>),
}

impl SampleRef<'_> {
    pub fn float(self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(value),
            Self::Histogram(_) => None,
        }
    }

    pub fn to_owned(self) -> SampleValue {
        match self {
            Self::Float(value) => SampleValue::Float(value),
            Self::Histogram(histogram) => SampleValue::Histogram(histogram.clone()),
        }
    }
}

/// A series over the steps of a grid. Either vector may be empty, which stands for "nothing at any
/// step"; otherwise it has one slot for each step. No step has both a float and a histogram.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    pub labels: Labels,
    /// The metric name goes away at the end of the evaluation (delayed name removal).
    pub drop_name: bool,
    pub floats: Vec<f64>,
    pub histograms: Vec<Option<Arc<FloatHistogram>>>,
}

impl Series {
    pub fn new(labels: Labels, drop_name: bool) -> Self {
        Self { labels, drop_name, ..Self::default() }
    }

    pub fn of_floats(labels: Labels, drop_name: bool, floats: Vec<f64>) -> Self {
        Self { labels, drop_name, floats, histograms: Vec::new() }
    }

    #[inline]
    pub fn at(&self, step: usize) -> Option<SampleRef<'_>> {
        if let Some(&value) = self.floats.get(step)
            && is_present(value)
        {
            return Some(SampleRef::Float(value));
        }
        self.histograms.get(step)?.as_ref().map(SampleRef::Histogram)
    }

    pub fn has(&self, step: usize) -> bool {
        self.at(step).is_some()
    }

    pub fn set(&mut self, step: usize, steps: usize, value: SampleValue) {
        match value {
            SampleValue::Float(value) => self.set_float(step, steps, value),
            SampleValue::Histogram(histogram) => self.set_histogram(step, steps, histogram),
        }
    }

    pub fn set_float(&mut self, step: usize, steps: usize, value: f64) {
        if self.floats.is_empty() {
            self.floats = vec![ABSENT; steps];
        }
        if let Some(slot) = self.floats.get_mut(step) {
            *slot = value;
        }
    }

    pub fn set_histogram(&mut self, step: usize, steps: usize, histogram: Arc<FloatHistogram>) {
        if self.histograms.is_empty() {
            self.histograms = vec![None; steps];
        }
        if let Some(slot) = self.histograms.get_mut(step) {
            *slot = Some(histogram);
        }
    }

    /// Takes away whatever there is at a step.
    pub fn clear(&mut self, step: usize) {
        if let Some(slot) = self.floats.get_mut(step) {
            *slot = ABSENT;
        }
        if let Some(slot) = self.histograms.get_mut(step) {
            *slot = None;
        }
    }

    /// Number of steps with a float, and of steps with a histogram.
    pub fn counts(&self) -> (usize, usize) {
        (
            self.floats.iter().filter(|&&value| is_present(value)).count(),
            self.histograms.iter().flatten().count(),
        )
    }

    pub fn is_empty(&self) -> bool {
        !self.floats.iter().any(|&value| is_present(value))
            && !self.histograms.iter().any(Option::is_some)
    }

    /// The number of samples that count against the limit: 1 for a float, more for a histogram.
    pub fn weight(&self) -> usize {
        let floats = self.floats.iter().filter(|&&value| is_present(value)).count();
        let histograms: usize =
            self.histograms.iter().flatten().map(|histogram| histogram_weight(histogram)).sum();
        floats + histograms
    }

    /// Makes the one step of this series all `steps` of it.
    pub fn repeat(&mut self, steps: usize) {
        if let Some(&value) = self.floats.first() {
            self.floats.resize(steps, value);
        }
        if let Some(value) = self.histograms.first().cloned() {
            self.histograms.resize(steps, value);
        }
    }
}

/// A histogram counts as many samples as fit its memory.
/// Source: prometheus promql/value.go `HPoint.size`.
pub(super) fn histogram_weight(histogram: &FloatHistogram) -> usize {
    (histogram.size() + 8) / 16
}

/// The values of a scalar: one for all steps, or one for each.
#[derive(Clone, Debug)]
pub(super) enum Scalars {
    Const(f64),
    Steps(Vec<f64>),
}

impl Scalars {
    #[inline]
    pub fn at(&self, step: usize) -> f64 {
        match self {
            Self::Const(value) => *value,
            Self::Steps(values) => values.get(step).copied().unwrap_or(f64::NAN),
        }
    }

    /// One value for each step of the grid.
    pub fn over(&self, eval_steps: &EvalSteps) -> Vec<f64> {
        (0..eval_steps.count).map(|step| self.at(step)).collect()
    }
}

/// The result of a node.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Scalar(Scalars),
    Vector(Vec<Series>),
}

impl Output {
    pub fn weight(&self) -> usize {
        match self {
            Self::Scalar(_) => 0,
            Self::Vector(series) => series.iter().map(Series::weight).sum(),
        }
    }
}

/// Returns true for the labels of name, type and unit. A function that changes the meaning of a
/// value removes them. Source: prometheus schema/labels.go.
pub(super) fn is_metadata_label(name: &str) -> bool {
    matches!(name, METRIC_NAME | "__type__" | "__unit__")
}

/// The labels without metric name, type and unit.
pub(super) fn without_metadata(labels: &Labels) -> Labels {
    labels.filtered(|label: &Label| !is_metadata_label(&label.name))
}

/// Returns true if two series have the same labels.
pub(super) fn has_same_labelset(series: &[Series]) -> bool {
    match series {
        [] | [_] => false,
        [a, b] => a.labels == b.labels,
        many => {
            let mut seen = std::collections::HashSet::with_capacity(many.len());
            !many.iter().all(|series| seen.insert(&series.labels))
        }
    }
}

/// Makes one series of those with the same labels. Fails where two have a sample at one step.
pub(super) fn merge_same_labelsets(
    series: Vec<Series>,
    steps: usize,
) -> Result<Vec<Series>, QueryError> {
    if !has_same_labelset(&series) {
        return Ok(series);
    }
    let mut places: HashMap<Labels, usize> = HashMap::with_capacity(series.len());
    let mut merged: Vec<Series> = Vec::with_capacity(series.len());
    for one in series {
        let Some(&place) = places.get(&one.labels) else {
            places.insert(one.labels.clone(), merged.len());
            merged.push(one);
            continue;
        };
        let Some(into) = merged.get_mut(place) else { continue };
        for step in 0..steps {
            let Some(value) = one.at(step) else { continue };
            if into.has(step) {
                return Err(QueryError::same_labelset());
            }
            into.set(step, steps, value.to_owned());
        }
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, floats: &[f64]) -> Series {
        Series::of_floats(Labels::from_pairs([("a", name)]), false, floats.to_vec())
    }

    #[test]
    fn series_of_the_same_labels_merge_where_they_do_not_overlap() {
        let merged = merge_same_labelsets(
            vec![
                series("x", &[1.0, ABSENT, ABSENT]),
                series("y", &[5.0, 5.0, 5.0]),
                series("x", &[ABSENT, 2.0, ABSENT]),
            ],
            3,
        )
        .unwrap();
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[0].counts(), (2, 0));
        assert_eq!(merged[0].at(1).and_then(SampleRef::float), Some(2.0));
        let overlap = vec![series("x", &[1.0]), series("x", &[2.0])];
        assert_eq!(merge_same_labelsets(overlap, 1).unwrap_err(), QueryError::same_labelset());
    }

    #[test]
    fn name_type_and_unit_go_together() {
        let labels = Labels::from_pairs([
            ("__name__", "x"),
            ("__type__", "gauge"),
            ("__unit__", "s"),
            ("job", "j"),
        ]);
        assert_eq!(without_metadata(&labels), Labels::from_pairs([("job", "j")]));
    }
}
