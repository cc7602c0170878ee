//! Annotations: the warnings and infos of a query. Each message occurs once, with the position in the
//! query that it is about.
//!
//! Source for the messages: prometheus util/annotations.

use std::collections::BTreeMap;
use std::fmt;

use super::time_functions::rfc3339;
use crate::Timestamp;
use crate::syntax::quote;
use go::number::format_general;
use text::Span;

/// The severity of an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The result may differ from the intended one.
    Info,
    /// The result is probably wrong.
    Warning,
}

/// An operation on native histograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HistogramOperation {
    /// The operator `+`.
    Addition,
    /// The operator `-`, or a difference over a window.
    Subtraction,
    /// An aggregation, or a sum or mean over a window.
    Aggregation,
}

impl fmt::Display for HistogramOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Addition => "addition",
            Self::Subtraction => "subtraction",
            Self::Aggregation => "aggregation",
        })
    }
}

/// ` for metric name "x"`. Empty if the name is not known.
struct ForMetric<'a>(&'a str);

impl fmt::Display for ForMetric<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " for metric name {}", quote(self.0)) }
    }
}

/// The messages: severity, name, parameters, text.
macro_rules! messages {
    ($($severity:ident $name:ident $({ $($field:ident: $type:ty),* })? =>
        $text:literal $(, $argument:expr)*;)*) => {
        /// The message of an annotation. Equal messages are one annotation.
        ///
        /// `metric` is a metric name; it is empty if the engine has dropped the name. Numbers are
        /// stored as text, so that messages with equal texts are equal.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Message {
            $(#[doc = concat!("`", $text, "`")] $name $({ $(
                #[doc = concat!("The parameter `", stringify!($field), "` of the text.")]
                $field: $type,
            )* })?,)*
        }

        impl Message {
            /// Returns the severity.
            pub fn severity(&self) -> Severity {
                match self { $(Self::$name { .. } => Severity::$severity,)* }
            }
        }

        impl fmt::Display for Message {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self.severity() {
                    Severity::Info => "PromQL info: ",
                    Severity::Warning => "PromQL warning: ",
                })?;
                match self {
                    $(Self::$name $({ $($field),* })? => write!(f, $text $(, $argument)*),)*
                }
            }
        }
    };
}

messages! {
    Warning InvalidQuantile { got: String } =>
        "quantile value should be between 0 and 1, got {got}";
    Warning InvalidRatio { got: String, capped: String } =>
        "ratio value should be between -1 and 1, got {got}, capping to {capped}";
    Warning BadBucketLabel { metric: String, label: String } =>
        "bucket label \"le\" is missing or has a malformed value of {}{}", quote(label), ForMetric(metric);
    Warning MixedFloatsHistograms { metric: String } =>
        "encountered a mix of histograms and floats for metric name {}", quote(metric);
    Warning MixedFloatsHistogramsInAggregation =>
        "encountered a mix of histograms and floats for aggregation";
    Warning MixedClassicNativeHistograms { metric: String } =>
        "vector contains a mix of classic and native histograms{}", ForMetric(metric);
    Warning NativeHistogramNotCounter { metric: String } =>
        "this native histogram metric is not a counter: {}", quote(metric);
    Warning NativeHistogramNotGauge { metric: String } =>
        "this native histogram metric is not a gauge: {}", quote(metric);
    Warning MixedExponentialCustomHistograms { metric: String } =>
        "vector contains a mix of histograms with exponential and custom buckets schemas for metric name {}", quote(metric);
    Warning IncompatibleBucketLayout { operator: &'static str } =>
        "incompatible bucket layout encountered for binary operator {operator}";
    Warning SortInRangeQuery =>
        "sort is ineffective for range queries since results are always ordered by labels";
    Warning HistogramCounterResetCollision { operation: HistogramOperation } =>
        "conflicting counter resets during histogram {operation}";
    Warning StartTimeOverlap { metric: String } =>
        "sample has start time that overlaps with previous sample timestamp for metric {}", quote(metric);
    Info PossibleNonCounter { metric: String } =>
        "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {}", quote(metric);
    Info PossibleNonCounterLabel { metric: String, label: String } =>
        "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got {}: {}", quote(label), quote(metric);
    Info HistogramQuantileForcedMonotonicity { metric: String } =>
        "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){}", ForMetric(metric);
    Info IncompatibleTypes { lhs: &'static str, operator: &'static str, rhs: &'static str } =>
        "incompatible sample types encountered for binary operator {}: {lhs} {operator} {rhs}", quote(operator);
    Info HistogramIgnoredInAggregation { aggregation: &'static str } =>
        "ignored histogram in {aggregation} aggregation";
    Info HistogramIgnoredInMixedRange { metric: String } =>
        "ignored histograms in a range containing both floats and histograms for metric name {}", quote(metric);
    Info NativeHistogramQuantileNanResult { metric: String } =>
        "input to histogram_quantile has NaN observations, result is NaN{}", ForMetric(metric);
    Info NativeHistogramQuantileNanSkew { metric: String } =>
        "input to histogram_quantile has NaN observations, result is skewed higher{}", ForMetric(metric);
    Info NativeHistogramFractionNans { metric: String } =>
        "input to histogram_fraction has NaN observations, which are excluded from all fractions{}", ForMetric(metric);
    Info MismatchedCustomBuckets { operation: HistogramOperation } =>
        "mismatched custom buckets were reconciled during {operation}";
}

/// The numbers that a message contains beside its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    /// No numbers.
    Plain,
    /// Number of series and steps at which start times overlapped.
    Occurrences(i64),
    /// The repair of classic buckets.
    Monotonicity(Monotonicity),
}

/// The range of buckets of classic histograms that were raised to be monotonic, and the largest
/// difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Monotonicity {
    /// The first evaluation time, in milliseconds.
    pub first: Timestamp,
    /// The last evaluation time, in milliseconds.
    pub last: Timestamp,
    /// The lowest bound whose count was raised.
    pub min_bucket: f64,
    /// The highest bound whose count was raised.
    pub max_bucket: f64,
    /// The largest amount by which a count was raised.
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

/// A warning or info about a part of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// The message.
    pub message: Message,
    /// The part of the query.
    pub span: Span,
    /// The numbers of the message.
    pub extent: Extent,
}

impl Annotation {
    /// Returns the severity.
    pub fn severity(&self) -> Severity {
        self.message.severity()
    }

    /// Returns the text of the HTTP API, which ends with the position as `(line:column)`.
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

/// Returns `line:column` of a byte offset. Both count from 1; columns are in bytes.
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

/// The annotations of a query. Each message occurs once.
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

    /// Returns true if there are no annotations.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of annotations.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the annotations in the order of their messages.
    pub fn iter(&self) -> impl Iterator<Item = Annotation> {
        self.0.iter().map(|(message, &(span, extent))| Annotation {
            message: message.clone(),
            span,
            extent,
        })
    }

    /// Returns the texts of one severity.
    pub fn texts(&self, severity: Severity, query: &str) -> Vec<String> {
        self.iter()
            .filter(|annotation| annotation.severity() == severity)
            .map(|annotation| annotation.render(query))
            .collect()
    }

    /// Returns the texts of the warnings.
    pub fn warnings(&self, query: &str) -> Vec<String> {
        self.texts(Severity::Warning, query)
    }

    /// Returns the texts of the infos.
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
