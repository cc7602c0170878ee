//! What a query's answer does not say by itself: warnings and infos, each once, with the place in
//! the query that caused it.
//!
//! Source for the texts: prometheus util/annotations.

use crate::syntax::quote;
use std::collections::BTreeMap;
use std::fmt;

use super::time_functions::rfc3339;
use crate::Timestamp;
use go::number::format_general;
use text::Span;

/// Whether something is wrong, or only worth knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Warning,
}

/// What an operation on histograms did when something odd was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HistogramOperation {
    Addition,
    Subtraction,
    Aggregation,
}

impl HistogramOperation {
    const fn name(self) -> &'static str {
        match self {
            Self::Addition => "addition",
            Self::Subtraction => "subtraction",
            Self::Aggregation => "aggregation",
        }
    }
}

/// One kind of finding with its particulars. Two that are equal count as the same annotation.
///
/// Names are those of metrics, empty where the engine has already dropped them; numbers are kept
/// as they are printed, so that equal texts are equal messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Message {
    InvalidQuantile { got: String },
    InvalidRatio { got: String, capped: String },
    BadBucketLabel { metric: String, label: String },
    MixedFloatsHistograms { metric: String },
    MixedFloatsHistogramsInAggregation,
    MixedClassicNativeHistograms { metric: String },
    NativeHistogramNotCounter { metric: String },
    NativeHistogramNotGauge { metric: String },
    MixedExponentialCustomHistograms { metric: String },
    IncompatibleBucketLayout { operator: &'static str },
    SortInRangeQuery,
    HistogramCounterResetCollision(HistogramOperation),
    StartTimeOverlap { metric: String },
    PossibleNonCounter { metric: String },
    PossibleNonCounterLabel { metric: String, label: String },
    HistogramQuantileForcedMonotonicity { metric: String },
    IncompatibleTypes { lhs: &'static str, operator: &'static str, rhs: &'static str },
    HistogramIgnoredInAggregation { aggregation: &'static str },
    HistogramIgnoredInMixedRange { metric: String },
    NativeHistogramQuantileNanResult { metric: String },
    NativeHistogramQuantileNanSkew { metric: String },
    NativeHistogramFractionNans { metric: String },
    MismatchedCustomBuckets(HistogramOperation),
}

impl Message {
    pub fn severity(&self) -> Severity {
        match self {
            Self::InvalidQuantile { .. }
            | Self::InvalidRatio { .. }
            | Self::BadBucketLabel { .. }
            | Self::MixedFloatsHistograms { .. }
            | Self::MixedFloatsHistogramsInAggregation
            | Self::MixedClassicNativeHistograms { .. }
            | Self::NativeHistogramNotCounter { .. }
            | Self::NativeHistogramNotGauge { .. }
            | Self::MixedExponentialCustomHistograms { .. }
            | Self::IncompatibleBucketLayout { .. }
            | Self::SortInRangeQuery
            | Self::HistogramCounterResetCollision(_)
            | Self::StartTimeOverlap { .. } => Severity::Warning,
            Self::PossibleNonCounter { .. }
            | Self::PossibleNonCounterLabel { .. }
            | Self::HistogramQuantileForcedMonotonicity { .. }
            | Self::IncompatibleTypes { .. }
            | Self::HistogramIgnoredInAggregation { .. }
            | Self::HistogramIgnoredInMixedRange { .. }
            | Self::NativeHistogramQuantileNanResult { .. }
            | Self::NativeHistogramQuantileNanSkew { .. }
            | Self::NativeHistogramFractionNans { .. }
            | Self::MismatchedCustomBuckets(_) => Severity::Info,
        }
    }
}

/// ` for metric name "x"`, or nothing where the name is not known.
struct ForMetric<'a>(&'a str);

impl fmt::Display for ForMetric<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " for metric name {}", quote(self.0)) }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.severity() {
            Severity::Info => "PromQL info: ",
            Severity::Warning => "PromQL warning: ",
        })?;
        match self {
            Self::InvalidQuantile { got } => {
                write!(f, "quantile value should be between 0 and 1, got {got}")
            }
            Self::InvalidRatio { got, capped } => {
                write!(f, "ratio value should be between -1 and 1, got {got}, capping to {capped}")
            }
            Self::BadBucketLabel { metric, label } => write!(
                f,
                "bucket label \"le\" is missing or has a malformed value of {label}{}",
                ForMetric(metric),
                label = quote(label)
            ),
            Self::MixedFloatsHistograms { metric } => {
                write!(
                    f,
                    "encountered a mix of histograms and floats for metric name {metric}",
                    metric = quote(metric)
                )
            }
            Self::MixedFloatsHistogramsInAggregation => {
                f.write_str("encountered a mix of histograms and floats for aggregation")
            }
            Self::MixedClassicNativeHistograms { metric } => write!(
                f,
                "vector contains a mix of classic and native histograms{}",
                ForMetric(metric)
            ),
            Self::NativeHistogramNotCounter { metric } => {
                write!(
                    f,
                    "this native histogram metric is not a counter: {metric}",
                    metric = quote(metric)
                )
            }
            Self::NativeHistogramNotGauge { metric } => {
                write!(
                    f,
                    "this native histogram metric is not a gauge: {metric}",
                    metric = quote(metric)
                )
            }
            Self::MixedExponentialCustomHistograms { metric } => write!(
                f,
                "vector contains a mix of histograms with exponential and custom buckets schemas \
                 for metric name {metric}",
                metric = quote(metric)
            ),
            Self::IncompatibleBucketLayout { operator } => {
                write!(f, "incompatible bucket layout encountered for binary operator {operator}")
            }
            Self::SortInRangeQuery => f.write_str(
                "sort is ineffective for range queries since results are always ordered by labels",
            ),
            Self::HistogramCounterResetCollision(operation) => {
                write!(f, "conflicting counter resets during histogram {}", operation.name())
            }
            Self::StartTimeOverlap { metric } => write!(
                f,
                "sample has start time that overlaps with previous sample timestamp for metric \
                 {metric}",
                metric = quote(metric)
            ),
            Self::PossibleNonCounter { metric } => write!(
                f,
                "metric might not be a counter, name does not end in \
                 _total/_sum/_count/_bucket: {metric}",
                metric = quote(metric)
            ),
            Self::PossibleNonCounterLabel { metric, label } => write!(
                f,
                "metric might not be a counter, __type__ label is not set to \"counter\" or \
                 \"histogram\", got {label}: {metric}",
                label = quote(label),
                metric = quote(metric)
            ),
            Self::HistogramQuantileForcedMonotonicity { metric } => write!(
                f,
                "input to histogram_quantile needed to be fixed for monotonicity (see \
                 https://prometheus.io/docs/prometheus/latest/querying/functions/\
                 #histogram_quantile){}",
                ForMetric(metric)
            ),
            Self::IncompatibleTypes { lhs, operator, rhs } => write!(
                f,
                "incompatible sample types encountered for binary operator {quoted}: {lhs} \
                 {operator} {rhs}",
                quoted = quote(operator)
            ),
            Self::HistogramIgnoredInAggregation { aggregation } => {
                write!(f, "ignored histogram in {aggregation} aggregation")
            }
            Self::HistogramIgnoredInMixedRange { metric } => write!(
                f,
                "ignored histograms in a range containing both floats and histograms for metric \
                 name {metric}",
                metric = quote(metric)
            ),
            Self::NativeHistogramQuantileNanResult { metric } => write!(
                f,
                "input to histogram_quantile has NaN observations, result is NaN{}",
                ForMetric(metric)
            ),
            Self::NativeHistogramQuantileNanSkew { metric } => write!(
                f,
                "input to histogram_quantile has NaN observations, result is skewed higher{}",
                ForMetric(metric)
            ),
            Self::NativeHistogramFractionNans { metric } => write!(
                f,
                "input to histogram_fraction has NaN observations, which are excluded from all \
                 fractions{}",
                ForMetric(metric)
            ),
            Self::MismatchedCustomBuckets(operation) => {
                write!(f, "mismatched custom buckets were reconciled during {}", operation.name())
            }
        }
    }
}

/// How often something was seen, and how far it went, for the messages that say so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    Plain,
    /// Number of series and steps at which start times overlapped.
    Occurrences(i64),
    Monotonicity(Monotonicity),
}

/// Where and how much the buckets of classic histograms had to be raised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Monotonicity {
    pub first: Timestamp,
    pub last: Timestamp,
    pub min_bucket: f64,
    pub max_bucket: f64,
    pub max_diff: f64,
    /// Samples beyond the first, as Prometheus counts them.
    pub further: i64,
}

impl Monotonicity {
    pub(super) fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.min_bucket = self.min_bucket.min(other.min_bucket);
        self.max_bucket = self.max_bucket.max(other.max_bucket);
        self.max_diff = self.max_diff.max(other.max_diff);
        self.further = self.further.wrapping_add(other.further).wrapping_add(1);
    }
}

/// A message, the part of the query that it is about, and its extent.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    pub message: Message,
    pub span: Span,
    pub extent: Extent,
}

impl Annotation {
    pub fn severity(&self) -> Severity {
        self.message.severity()
    }

    /// The whole text with particulars and, as `line:column`, the place in the query.
    pub fn render(&self, query: &str) -> String {
        let place = position(query, self.span.start);
        match &self.extent {
            Extent::Plain | Extent::Occurrences(..=1) => format!("{} ({place})", self.message),
            Extent::Occurrences(count) => {
                format!("{} ({count} occurrences) ({place})", self.message)
            }
            Extent::Monotonicity(extent) => format!(
                "{}, from buckets {} to {}, with a max diff of {}, over {} samples from {} to {} \
                 ({place})",
                self.message,
                format_general(extent.min_bucket, None),
                format_general(extent.max_bucket, None),
                format_general(extent.max_diff, Some(2)),
                extent.further.wrapping_add(1),
                rfc3339(extent.first.div_euclid(1000)),
                rfc3339(extent.last.div_euclid(1000)),
            ),
        }
    }
}

/// `line:column` of a byte offset, both from 1, as Prometheus counts them (columns in bytes).
pub fn position(query: &str, offset: u32) -> String {
    let Some(before) = query.as_bytes().get(..offset as usize) else {
        return "invalid position".to_owned();
    };
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = match before.iter().rposition(|&byte| byte == b'\n') {
        Some(line_break) => before.len() - line_break,
        None => before.len() + 1,
    };
    format!("{line}:{column}")
}

/// The annotations of a query, each message once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations(BTreeMap<Message, (Span, Extent)>);

impl Annotations {
    pub(super) fn add(&mut self, message: Message, span: Span) {
        self.0.insert(message, (span, Extent::Plain));
    }

    /// Adds a message with its extent to those already there.
    pub(super) fn add_extent(&mut self, message: Message, span: Span, extent: Extent) {
        let extent = match (self.0.get(&message), extent) {
            (Some((_, Extent::Occurrences(before))), Extent::Occurrences(count)) => {
                Extent::Occurrences(before.wrapping_add(count))
            }
            (Some((_, Extent::Monotonicity(before))), Extent::Monotonicity(count)) => {
                let mut merged = *before;
                merged.merge(&count);
                Extent::Monotonicity(merged)
            }
            (_, extent) => extent,
        };
        self.0.insert(message, (span, extent));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = Annotation> {
        self.0.iter().map(|(message, &(span, extent))| Annotation {
            message: message.clone(),
            span,
            extent,
        })
    }

    /// The rendered texts of one severity.
    pub fn texts(&self, severity: Severity, query: &str) -> Vec<String> {
        self.iter()
            .filter(|annotation| annotation.severity() == severity)
            .map(|annotation| annotation.render(query))
            .collect()
    }

    pub fn warnings(&self, query: &str) -> Vec<String> {
        self.texts(Severity::Warning, query)
    }

    pub fn infos(&self, query: &str) -> Vec<String> {
        self.texts(Severity::Info, query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_bytes_from_one() {
        let query = "sum(\n  é + b)";
        for (offset, place) in [(0, "1:1"), (3, "1:4"), (5, "2:1"), (7, "2:3"), (99, "")] {
            let expected = if place.is_empty() { "invalid position" } else { place };
            assert_eq!(position(query, offset), expected, "{offset}");
        }
    }

    #[test]
    fn the_same_message_stands_once_and_the_last_place_wins() {
        let mut annotations = Annotations::default();
        let message = Message::PossibleNonCounter { metric: "up".into() };
        annotations.add(message.clone(), Span::new(0, 2));
        annotations.add(message, Span::new(5, 7));
        annotations.add(Message::SortInRangeQuery, Span::new(0, 7));
        assert_eq!(
            annotations.infos("up + \nup"),
            ["PromQL info: metric might not be a counter, name does not end in \
              _total/_sum/_count/_bucket: \"up\" (1:6)"]
        );
        assert_eq!(annotations.warnings("up + \nup").len(), 1);
    }

    #[test]
    fn extents_add_up() {
        let mut annotations = Annotations::default();
        let one = |time, bucket, diff| {
            Extent::Monotonicity(Monotonicity {
                first: time,
                last: time,
                min_bucket: bucket,
                max_bucket: bucket,
                max_diff: diff,
                further: 0,
            })
        };
        let message = || Message::HistogramQuantileForcedMonotonicity { metric: String::new() };
        annotations.add_extent(message(), Span::at(0), one(60_000, 10.0, 1.0));
        annotations.add_extent(message(), Span::at(0), one(0, 0.5, 2.25));
        let text = annotations.infos("x").concat();
        assert!(
            text.ends_with(
                ", from buckets 0.5 to 10, with a max diff of 2.2, over 2 samples from \
                 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z (1:1)"
            ),
            "{text}"
        );
    }
}
