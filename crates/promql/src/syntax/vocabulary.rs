//! Descriptions of keywords and operators for hover and completion.

use super::operators::{AggregateOp, BinaryOp};

/// The description of a keyword or operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word or sign.
    pub name: &'static str,
    /// The description in complete sentences.
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
        "Returns the sum of the values of each group. For counters, apply rate first.",
        "sum by (job) (rate(http_requests_total[5m]))",
    ),
    word(
        "avg",
        "Returns the average of the values of each group. To average ratios, divide the sums \
         instead.",
        "avg by (job) (up)",
    ),
    word("count", "Returns the number of series in each group.", "count by (job) (up == 0)"),
    word("min", "Returns the minimum value of each group.", "min by (job) (up)"),
    word("max", "Returns the maximum value of each group.", "max by (instance) (queue_length)"),
    word("group", "Returns the value 1 for each group.", "group by (job, version) (build_info)"),
    word(
        "stddev",
        "Returns the population standard deviation of the values of each group.",
        "stddev by (job) (queue_length)",
    ),
    word(
        "stdvar",
        "Returns the population variance of the values of each group.",
        "stdvar by (job) (queue_length)",
    ),
    word(
        "topk",
        "Returns the k series with the largest values of each group, with all their labels. A \
         range query selects at each step, so its result can have more than k series.",
        "topk(3, sum by (path) (rate(http_requests_total[5m])))",
    ),
    word(
        "bottomk",
        "Returns the k series with the smallest values of each group, with all their labels. A \
         range query selects at each step, so its result can have more than k series.",
        "bottomk by (job) (1, disk_free_bytes)",
    ),
    word(
        "count_values",
        "Returns the number of series for each value. The value is written to the given label.",
        "count_values(\"version\", build_version)",
    ),
    word(
        "quantile",
        "Returns the quantile of the values of each group, with linear interpolation. For \
         buckets of a histogram, use histogram_quantile.",
        "quantile by (job) (0.9, queue_length)",
    ),
    word("limitk", "Returns any k series of each group.", "limitk(5, up)"),
    word(
        "limit_ratio",
        "Returns approximately the given ratio of the series. The selection depends on the \
         labels only. A negative ratio returns the complement.",
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
        "Adds values. Between vectors, series with the same labels match; the metric name is \
         removed.",
        "memory_used_bytes + memory_free_bytes",
    ),
    word(
        "-",
        "Subtracts values. Between vectors, series with the same labels match; the metric name \
         is removed.",
        "memory_total_bytes - memory_free_bytes",
    ),
    word(
        "*",
        "Multiplies values. With group_left and an info metric of value 1, it adds labels.",
        "up * on (instance) group_left (version) build_info",
    ),
    word(
        "/",
        "Divides values. A division by zero returns +Inf, -Inf or NaN.",
        "sum(rate(http_errors_total[5m])) / sum(rate(http_requests_total[5m]))",
    ),
    word(
        "%",
        "Returns the remainder of a division, with the sign of the left side.",
        "time() % 86400",
    ),
    word(
        "^",
        "Raises the left side to the power of the right side. It is right-associative: 2 ^ 3 ^ \
         2 is 2 ^ 9.",
        "2 ^ 10",
    ),
    word(
        "atan2",
        "Returns the angle in radians of the point whose y coordinate is the left side and \
         whose x coordinate is the right side.",
        "wind_north atan2 wind_east",
    ),
    word(
        "==",
        "Filters the left side to series whose value is equal to the right side. With bool, \
         returns 1 or 0.",
        "up == 0",
    ),
    word(
        "!=",
        "Filters the left side to series whose value is not equal to the right side. With bool, \
         returns 1 or 0.",
        "queue_length != 0",
    ),
    word(
        ">",
        "Filters the left side to series whose value is greater than the right side. With bool, \
         returns 1 or 0.",
        "queue_length > 100",
    ),
    word(
        "<",
        "Filters the left side to series whose value is less than the right side. With bool, \
         returns 1 or 0.",
        "disk_free_bytes < 1e9",
    ),
    word(
        ">=",
        "Filters the left side to series whose value is greater than or equal to the right \
         side. With bool, returns 1 or 0.",
        "queue_length >= 100",
    ),
    word(
        "<=",
        "Filters the left side to series whose value is less than or equal to the right side. \
         With bool, returns 1 or 0.",
        "disk_free_bytes <= 1e9",
    ),
    word(
        "</",
        "Removes observations above the right side from a native histogram.",
        "request_duration_seconds </ 0.5",
    ),
    word(
        ">/",
        "Removes observations below the right side from a native histogram.",
        "request_duration_seconds >/ 0.5",
    ),
    word(
        "and",
        "Returns the series of the left side that have a series with the same labels on the \
         right side. The values of the right side are ignored.",
        "up == 0 and on (job) critical_jobs",
    ),
    word(
        "or",
        "Returns all series of the left side, and the series of the right side without a series \
         with the same labels on the left side.",
        "sum(rate(http_errors_total[5m])) or vector(0)",
    ),
    word(
        "unless",
        "Returns the series of the left side without a series with the same labels on the right \
         side.",
        "up == 0 unless on (instance) maintenance",
    ),
];

impl BinaryOp {
    /// Returns the documentation of the operator.
    pub fn word(self) -> &'static Word {
        &OPERATORS[self as usize]
    }
}

/// Modifiers and number words.
pub const KEYWORDS: &[Word] = &[
    word(
        "by",
        "Groups by the listed labels and removes all others. Aggregations of classic histograms \
         must keep le.",
        "sum by (job) (up)",
    ),
    word(
        "without",
        "Removes the listed labels and groups by all others.",
        "sum without (instance) (up)",
    ),
    word(
        "on",
        "Matches series of both sides by the listed labels only.",
        "up * on (instance) machine_info",
    ),
    word(
        "ignoring",
        "Matches series of both sides by all labels except the listed ones.",
        "errors_total / ignoring (code) requests_total",
    ),
    word(
        "group_left",
        "Allows several series on the left side to match one series on the right side. The \
         labels in parentheses are copied from the right side.",
        "up * on (instance) group_left (version) build_info",
    ),
    word(
        "group_right",
        "Allows several series on the right side to match one series on the left side. The \
         labels in parentheses are copied from the left side.",
        "build_info * on (instance) group_right (version) up",
    ),
    word(
        "bool",
        "Makes the comparison return 1 or 0 for every series instead of filtering.",
        "up == bool 0",
    ),
    word(
        "fill",
        "Sets the value for series without a match on the other side. Requires a feature flag.",
        "errors_total / fill (0) requests_total",
    ),
    word(
        "fill_left",
        "Sets the value for series that are missing on the left side. Requires a feature flag.",
        "errors_total / fill_left (0) requests_total",
    ),
    word(
        "fill_right",
        "Sets the value for series that are missing on the right side. Requires a feature flag.",
        "requests_total - fill_right (0) errors_total",
    ),
    word(
        "offset",
        "Shifts the evaluation time into the past. A negative offset shifts it into the future.",
        "rate(http_requests_total[5m] offset 1d)",
    ),
    word(
        "@",
        "Sets the evaluation time to a Unix timestamp, or to start() or end() of the query \
         range.",
        "queue_length @ end()",
    ),
    word(
        "anchored",
        "Extends the range to the last sample before it, so that an increase is not \
         extrapolated. Requires a feature flag.",
        "increase(http_requests_total[5m] anchored)",
    ),
    word(
        "smoothed",
        "Interpolates the values at the boundaries of the range from the surrounding samples. \
         Requires a feature flag.",
        "rate(http_requests_total[5m] smoothed)",
    ),
    word("inf", "Infinity. It is greater than every other number.", "queue_length < Inf"),
    word("nan", "Not a number. It is not equal to any number, including itself.", "vector(NaN)"),
];

/// Returns the modifier of a name, case-insensitively.
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
