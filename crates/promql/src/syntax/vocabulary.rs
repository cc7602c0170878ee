//! What the words and signs of the language mean, beside functions: for hover and completion.

use super::operators::{AggregateOp, BinaryOp};

/// A word or sign, what it does, and a query with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word or sign.
    pub name: &'static str,
    /// What it does, in whole sentences.
    pub doc: &'static str,
    /// A query that uses it.
    pub example: &'static str,
}

const fn word(name: &'static str, doc: &'static str, example: &'static str) -> Word {
    Word { name, doc, example }
}

/// In the order of [`AggregateOp`].
const AGGREGATIONS: [Word; AggregateOp::ALL.len()] = [
    word(
        "sum",
        "Adds up the series of each group. Of counters, sum their rates, never the counters.",
        "sum by (job) (rate(http_requests_total[5m]))",
    ),
    word(
        "avg",
        "The mean of each group. Of ratios it weighs small and large alike: divide sums instead.",
        "avg by (job) (up)",
    ),
    word("count", "How many series each group has.", "count by (job) (up == 0)"),
    word("min", "The smallest value of each group.", "min by (job) (up)"),
    word("max", "The greatest value of each group.", "max by (instance) (queue_length)"),
    word(
        "group",
        "1 for each group that has a series: which combinations of labels are there.",
        "group by (job, version) (build_info)",
    ),
    word(
        "stddev",
        "The standard deviation of each group's values, as of a whole population.",
        "stddev by (job) (queue_length)",
    ),
    word(
        "stdvar",
        "The variance of each group's values, as of a whole population.",
        "stdvar by (job) (queue_length)",
    ),
    word(
        "topk",
        "The k series of each group with the greatest values, labels and all. In a range query each \
         step chooses anew, so that more than k series can show.",
        "topk(3, sum by (path) (rate(http_requests_total[5m])))",
    ),
    word(
        "bottomk",
        "The k series of each group with the smallest values, labels and all. In a range query each \
         step chooses anew.",
        "bottomk by (job) (1, disk_free_bytes)",
    ),
    word(
        "count_values",
        "How many series have each value; the value is written into the label named.",
        "count_values(\"version\", build_version)",
    ),
    word(
        "quantile",
        "The quantile across each group's series, interpolated between neighbours. Not for the \
         buckets of a histogram: that is histogram_quantile.",
        "quantile by (job) (0.9, queue_length)",
    ),
    word("limitk", "Any k series of each group: a sample to look at.", "limitk(5, up)"),
    word(
        "limit_ratio",
        "About the given share of all series, chosen by their labels and so always the same ones. A \
         negative ratio gives exactly the others.",
        "limit_ratio(0.1, up)",
    ),
];

impl AggregateOp {
    /// Returns the documentation of the operator.
    pub fn word(self) -> &'static Word {
        &AGGREGATIONS[self as usize]
    }
}

/// In the order of [`BinaryOp`].
const OPERATORS: [Word; BinaryOp::ALL.len()] = [
    word(
        "+",
        "Adds. Between vectors, series with the same labels meet; the metric name is dropped.",
        "memory_used_bytes + memory_free_bytes",
    ),
    word(
        "-",
        "Subtracts. Between vectors, series with the same labels meet; the metric name is dropped.",
        "memory_total_bytes - memory_free_bytes",
    ),
    word(
        "*",
        "Multiplies. With an info metric of value 1 and group_left it adds labels.",
        "up * on (instance) group_left (version) build_info",
    ),
    word(
        "/",
        "Divides. By zero gives +Inf, -Inf or NaN, not an error.",
        "sum(rate(http_errors_total[5m])) / sum(rate(http_requests_total[5m]))",
    ),
    word("%", "The rest of a division, with the sign of the left side.", "time() % 86400"),
    word("^", "To the power of. Groups to the right: 2 ^ 3 ^ 2 is 2 ^ 9.", "2 ^ 10"),
    word(
        "atan2",
        "The angle of the point whose height stands left and whose width stands right, in radians.",
        "wind_north atan2 wind_east",
    ),
    word(
        "==",
        "Keeps series of the left side whose value equals the right. With bool, 1 or 0 for each.",
        "up == 0",
    ),
    word(
        "!=",
        "Keeps series of the left side whose value differs. With bool, 1 or 0 for each.",
        "queue_length != 0",
    ),
    word(
        ">",
        "Keeps series of the left side whose value is greater. With bool, 1 or 0 for each.",
        "queue_length > 100",
    ),
    word(
        "<",
        "Keeps series of the left side whose value is smaller. With bool, 1 or 0 for each.",
        "disk_free_bytes < 1e9",
    ),
    word(
        ">=",
        "Keeps series of the left side whose value is greater or equal. With bool, 1 or 0 for each.",
        "queue_length >= 100",
    ),
    word(
        "<=",
        "Keeps series of the left side whose value is smaller or equal. With bool, 1 or 0 for each.",
        "disk_free_bytes <= 1e9",
    ),
    word(
        "</",
        "Drops the observations of a native histogram that lie above the right side.",
        "request_duration_seconds </ 0.5",
    ),
    word(
        ">/",
        "Drops the observations of a native histogram that lie below the right side.",
        "request_duration_seconds >/ 0.5",
    ),
    word(
        "and",
        "Series of the left side for which the right side has one with the same labels, whatever \
         its value.",
        "up == 0 and on (job) critical_jobs",
    ),
    word(
        "or",
        "All series of the left side, and those of the right whose labels the left does not have.",
        "sum(rate(http_errors_total[5m])) or vector(0)",
    ),
    word(
        "unless",
        "Series of the left side for which the right side has none with the same labels.",
        "up == 0 unless on (instance) maintenance",
    ),
];

impl BinaryOp {
    /// Returns the documentation of the operator.
    pub fn word(self) -> &'static Word {
        &OPERATORS[self as usize]
    }
}

/// Modifiers, and what may stand for a number.
pub const KEYWORDS: &[Word] = &[
    word(
        "by",
        "The labels to group by; all others are dropped. For classic histograms keep le.",
        "sum by (job) (up)",
    ),
    word(
        "without",
        "The labels to drop; series that then look the same form a group.",
        "sum without (instance) (up)",
    ),
    word(
        "on",
        "The labels by which series of both sides meet; all others are looked away from.",
        "up * on (instance) machine_info",
    ),
    word(
        "ignoring",
        "The labels to look away from when series of both sides meet.",
        "errors_total / ignoring (code) requests_total",
    ),
    word(
        "group_left",
        "Many series on the left may meet one on the right; labels in parentheses are copied from \
         that one.",
        "up * on (instance) group_left (version) build_info",
    ),
    word(
        "group_right",
        "Many series on the right may meet one on the left; labels in parentheses are copied from \
         that one.",
        "build_info * on (instance) group_right (version) up",
    ),
    word(
        "bool",
        "The comparison gives 1 or 0 for every series instead of filtering.",
        "up == bool 0",
    ),
    word(
        "fill",
        "A series that meets none on the other side is given this value to meet. Needs a feature \
         flag.",
        "errors_total / fill (0) requests_total",
    ),
    word(
        "fill_left",
        "The value that stands in for a series missing on the left. Needs a feature flag.",
        "errors_total / fill_left (0) requests_total",
    ),
    word(
        "fill_right",
        "The value that stands in for a series missing on the right. Needs a feature flag.",
        "requests_total - fill_right (0) errors_total",
    ),
    word(
        "offset",
        "Looks that far back before the evaluation time; with a minus, ahead.",
        "rate(http_requests_total[5m] offset 1d)",
    ),
    word(
        "@",
        "Evaluates at a fixed time, in Unix seconds, or at start() or end() of the query's range.",
        "queue_length @ end()",
    ),
    word(
        "anchored",
        "A range that begins with the last sample before its window, so that increases need no \
         extrapolation. Needs a feature flag.",
        "increase(http_requests_total[5m] anchored)",
    ),
    word(
        "smoothed",
        "A range whose ends are interpolated between the samples around them. Needs a feature flag.",
        "rate(http_requests_total[5m] smoothed)",
    ),
    word("inf", "Infinity. Greater than every other number.", "queue_length < Inf"),
    word("nan", "Not a number. Equal to nothing, not even to itself.", "vector(NaN)"),
];

/// The modifier of that name, in any case.
pub fn find_keyword(name: &str) -> Option<&'static Word> {
    KEYWORDS.iter().find(|word| word.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::super::{ParserOptions, parse};
    use super::*;

    #[test]
    fn every_operator_is_described_in_its_place() {
        for (i, op) in AggregateOp::ALL.into_iter().enumerate() {
            assert_eq!(op as usize, i);
            assert_eq!(op.word().name, op.name());
        }
        for (i, op) in BinaryOp::ALL.into_iter().enumerate() {
            assert_eq!(op as usize, i);
            assert_eq!(op.word().name, op.symbol());
        }
    }

    #[test]
    fn examples_parse_and_use_the_word() {
        for word in AGGREGATIONS.iter().chain(&OPERATORS).chain(KEYWORDS) {
            assert!(word.doc.ends_with('.'), "{}", word.name);
            if let Err(error) = parse(word.example, &ParserOptions::ALL) {
                panic!("{}: {error}", word.example);
            }
            assert!(word.example.to_lowercase().contains(word.name), "{}", word.example);
        }
    }
}
