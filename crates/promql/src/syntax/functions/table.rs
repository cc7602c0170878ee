//! The table of functions: identifier, name, arguments, repetition of the last argument, result,
//! stage, traits, documentation, example.

use super::{Function, FunctionTraits};
use crate::syntax::ast::ValueType::{Matrix, Scalar, String, Vector};

#[expect(non_upper_case_globals, reason = "keywords of the table below")]
mod stage {
    pub const stable: bool = false;
    pub const experimental: bool = true;
}

functions! {
    Abs "abs"(v: Vector) 0 -> Vector, stable:
        "Returns the absolute value of every sample.",
        "abs(delta(room_temperature_celsius[10m]))";
    Absent "absent"(v: Vector) 0 -> Vector, stable:
        "Returns an empty vector if the argument has elements, and a vector with the value \
         1 if it has none. Its labels are those of the equality matchers. Use it in alerts \
         on missing series.",
        r#"absent(up{job="giftcards"})"#;
    AbsentOverTime "absent_over_time"(v: Matrix) 0 -> Vector, stable:
        "Returns an empty vector if the range has samples, and a vector with the value 1 if \
         it has none. Unlike absent, it ignores gaps that are shorter than the range.",
        r#"absent_over_time(up{job="giftcards"}[10m])"#;
    Acos "acos"(v: Vector) 0 -> Vector, stable:
        "Returns the arccosine of every sample, in radians.",
        "acos(cos_phi)";
    Acosh "acosh"(v: Vector) 0 -> Vector, stable:
        "Returns the inverse hyperbolic cosine of every sample.",
        "acosh(vector(2))";
    Asin "asin"(v: Vector) 0 -> Vector, stable:
        "Returns the arcsine of every sample, in radians.",
        "asin(sin_phi)";
    Asinh "asinh"(v: Vector) 0 -> Vector, stable:
        "Returns the inverse hyperbolic sine of every sample.",
        "asinh(vector(2))";
    Atan "atan"(v: Vector) 0 -> Vector, stable:
        "Returns the arctangent of every sample, in radians. The operator atan2 takes both \
         coordinates.",
        "atan(slope)";
    Atanh "atanh"(v: Vector) 0 -> Vector, stable:
        "Returns the inverse hyperbolic tangent of every sample.",
        "atanh(vector(0.5))";
    AvgOverTime "avg_over_time"(v: Matrix) 0 -> Vector, stable:
        "Returns the average value of all samples in the range. Use it for gauges. All \
         samples have the same weight, even if they are not evenly spaced.",
        "avg_over_time(queue_length[5m])";
    Ceil "ceil"(v: Vector) 0 -> Vector, stable:
        "Rounds every value up to the nearest integer.",
        "ceil(disk_used_bytes / 1e9)";
    Changes "changes"(v: Matrix) 0 -> Vector, stable, [anchored]:
        "Returns the number of times that the value changed within the range.",
        "changes(process_start_time_seconds[1h])";
    Clamp "clamp"(v: Vector, min: Scalar, max: Scalar) 0 -> Vector, stable:
        "Limits every value to a minimum and a maximum. Returns an empty vector if the \
         minimum is greater than the maximum.",
        "clamp(battery_charge_ratio, 0, 1)";
    ClampMax "clamp_max"(v: Vector, max: Scalar) 0 -> Vector, stable:
        "Limits every value to a maximum.",
        "clamp_max(queue_length, 100)";
    ClampMin "clamp_min"(v: Vector, min: Scalar) 0 -> Vector, stable:
        "Limits every value to a minimum. Use it to avoid a division by zero.",
        "clamp_min(requests_total, 1)";
    Cos "cos"(v: Vector) 0 -> Vector, stable:
        "Returns the cosine of every sample, in radians.",
        "cos(angle_radians)";
    Cosh "cosh"(v: Vector) 0 -> Vector, stable:
        "Returns the hyperbolic cosine of every sample.",
        "cosh(x)";
    CountOverTime "count_over_time"(v: Matrix) 0 -> Vector, stable:
        "Returns the number of samples in the range. Use it to check that a range is wide \
         enough for the scrape interval.",
        "count_over_time(up[5m])";
    DayOfMonth "day_of_month"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "Returns the day of the month in UTC, from 1 to 31, for each Unix timestamp. The \
         default argument is the evaluation time.",
        "day_of_month()";
    DayOfWeek "day_of_week"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "Returns the day of the week in UTC, from 0 (Sunday) to 6, for each Unix timestamp. \
         The default argument is the evaluation time.",
        "day_of_week() > 0 < 6";
    DayOfYear "day_of_year"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "Returns the day of the year in UTC, from 1 to 366, for each Unix timestamp. The \
         default argument is the evaluation time.",
        "day_of_year()";
    DaysInMonth "days_in_month"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "Returns the number of days in the month in UTC, from 28 to 31, for each Unix \
         timestamp. The default argument is the evaluation time.",
        "days_in_month() - day_of_month()";
    Deg "deg"(v: Vector) 0 -> Vector, stable:
        "Converts radians to degrees.",
        "deg(angle_radians)";
    Delta "delta"(gauge: Matrix) 0 -> Vector, stable, [anchored smoothed two_samples]:
        "Returns the difference between the first and the last value in the range, \
         extrapolated to the whole range. Use it for gauges only.",
        "delta(room_temperature_celsius[2h])";
    Deriv "deriv"(gauge: Matrix) 0 -> Vector, stable, [two_samples]:
        "Returns the per-second derivative of a gauge, by simple linear regression over the \
         samples in the range.",
        "deriv(disk_free_bytes[1h])";
    #[cfg(feature = "experimental-functions")]
    DoubleExponentialSmoothing "double_exponential_smoothing"(v: Matrix, level: Scalar, trend: Scalar) 0 -> Vector, experimental:
        "Returns a smoothed value of a gauge. The first factor, between 0 and 1, is the \
         weight of new values; the second factor is the weight of the trend.",
        "double_exponential_smoothing(queue_length[10m], 0.5, 0.1)";
    #[cfg(feature = "experimental-functions")]
    End "end"() 0 -> Scalar, experimental, [time_dependent]:
        "Returns the end of the query range as a Unix timestamp. In an instant query, it is \
         the evaluation time.",
        "end() - start()";
    Exp "exp"(v: Vector) 0 -> Vector, stable:
        "Returns e raised to the power of every sample. Large values return +Inf.",
        "exp(ln(x))";
    FirstOverTime "first_over_time"(v: Matrix) 0 -> Vector, stable, [keeps_name]:
        "Returns the oldest sample in the range.",
        "first_over_time(queue_length[5m])";
    Floor "floor"(v: Vector) 0 -> Vector, stable:
        "Rounds every value down to the nearest integer.",
        "floor(time() / vector(86400))";
    HistogramAvg "histogram_avg"(h: Vector) 0 -> Vector, stable, [statistics]:
        "Returns the average of the observations in each native histogram: its sum divided \
         by its count. Ignores float samples.",
        "histogram_avg(rate(request_duration_seconds[5m]))";
    HistogramCount "histogram_count"(h: Vector) 0 -> Vector, stable, [statistics]:
        "Returns the number of observations in each native histogram. Ignores float \
         samples.",
        "histogram_count(rate(request_duration_seconds[5m]))";
    HistogramFraction "histogram_fraction"(lower: Scalar, upper: Scalar, h: Vector) 0 -> Vector, stable, [buckets]:
        "Returns the estimated fraction of observations between two bounds. Accepts native \
         histograms, and classic histograms with their le label.",
        "histogram_fraction(0, 0.2, rate(request_duration_seconds[1h]))";
    HistogramQuantile "histogram_quantile"(quantile: Scalar, h: Vector) 0 -> Vector, stable, [buckets]:
        "Returns the estimated quantile of the observations, interpolated within a bucket. \
         Apply rate to the buckets first. An aggregation of classic histograms must keep \
         the le label.",
        "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[5m])))";
    #[cfg(feature = "experimental-functions")]
    HistogramQuantiles "histogram_quantiles"(h: Vector, label: String, quantile: Scalar, quantile: Scalar) 9 -> Vector, experimental, [buckets]:
        "Returns several quantiles of a histogram. Each is a series with the quantile in \
         the given label.",
        r#"histogram_quantiles(sum(rate(request_duration_seconds[5m])), "quantile", 0.5, 0.9)"#;
    HistogramStddev "histogram_stddev"(h: Vector) 0 -> Vector, stable:
        "Returns the estimated standard deviation of the observations in each native \
         histogram. Ignores float samples.",
        "histogram_stddev(rate(request_duration_seconds[5m]))";
    HistogramStdvar "histogram_stdvar"(h: Vector) 0 -> Vector, stable:
        "Returns the estimated variance of the observations in each native histogram. \
         Ignores float samples.",
        "histogram_stdvar(rate(request_duration_seconds[5m]))";
    HistogramSum "histogram_sum"(h: Vector) 0 -> Vector, stable, [statistics]:
        "Returns the sum of the observations in each native histogram. Ignores float \
         samples.",
        "histogram_sum(rate(request_duration_seconds[5m]))";
    Hour "hour"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "Returns the hour of the day in UTC, from 0 to 23, for each Unix timestamp. The \
         default argument is the evaluation time.",
        "hour() >= 8 < 18";
    Idelta "idelta"(gauge: Matrix) 0 -> Vector, stable, [two_samples]:
        "Returns the difference between the last two samples in the range. Use it for \
         gauges.",
        "idelta(room_temperature_celsius[5m])";
    Increase "increase"(counter: Matrix) 0 -> Vector, stable, [counter anchored smoothed two_samples]:
        "Returns the increase of a counter over the range, adjusted for counter resets. The \
         result is extrapolated to the whole range, so it can be fractional even if the \
         counter has only integer values.",
        "increase(http_requests_total[1h])";
    #[cfg(feature = "experimental-functions")]
    Info "info"(v: Vector, labels: Vector) 1 -> Vector, experimental, [label_selector]:
        "Adds the labels of info metrics, such as target_info, to series with the same job \
         and instance. The second argument selects the labels and the info metrics.",
        r#"info(rate(http_requests_total[5m]), {k8s_cluster_name=~".+"})"#;
    Irate "irate"(counter: Matrix) 0 -> Vector, stable, [counter two_samples]:
        "Returns the per-second rate of increase of a counter between the last two samples \
         in the range. Use it to graph fast-moving counters, not in alerts.",
        "irate(http_requests_total[5m])";
    LabelJoin "label_join"(v: Vector, target: String, separator: String, source: String) -1 -> Vector, stable:
        "Joins the values of the source labels with the separator, and writes the result to \
         the target label.",
        r#"label_join(up, "where", "/", "job", "instance")"#;
    LabelReplace "label_replace"(v: Vector, target: String, replacement: String, source: String, regex: String) 0 -> Vector, stable:
        "If the regular expression matches the whole value of the source label, writes the \
         replacement to the target label. The replacement can use $1 or ${name} for capture \
         groups.",
        r#"label_replace(up, "host", "$1", "instance", "(.*):.*")"#;
    LastOverTime "last_over_time"(v: Matrix) 0 -> Vector, stable, [keeps_name]:
        "Returns the newest sample in the range, even if the series is stale.",
        "last_over_time(backup_size_bytes[2d])";
    Ln "ln"(v: Vector) 0 -> Vector, stable:
        "Returns the natural logarithm of every sample. Zero returns -Inf, negative values \
         return NaN.",
        "ln(x)";
    Log10 "log10"(v: Vector) 0 -> Vector, stable:
        "Returns the decimal logarithm of every sample.",
        "log10(request_size_bytes)";
    Log2 "log2"(v: Vector) 0 -> Vector, stable:
        "Returns the binary logarithm of every sample.",
        "log2(request_size_bytes)";
    #[cfg(feature = "experimental-functions")]
    MadOverTime "mad_over_time"(v: Matrix) 0 -> Vector, experimental:
        "Returns the median absolute deviation of all samples in the range.",
        "mad_over_time(queue_length[1h])";
    #[cfg(feature = "experimental-functions")]
    MaxOf "max_of"(a: Scalar, b: Scalar) 0 -> Scalar, experimental:
        "Returns the larger of two scalars. In a duration expression, it returns the longer \
         duration.",
        "max_of(1, scalar(queue_length))";
    MaxOverTime "max_over_time"(v: Matrix) 0 -> Vector, stable:
        "Returns the maximum value of all samples in the range.",
        "max_over_time(queue_length[1d])";
    #[cfg(feature = "experimental-functions")]
    MinOf "min_of"(a: Scalar, b: Scalar) 0 -> Scalar, experimental:
        "Returns the smaller of two scalars. In a duration expression, it returns the \
         shorter duration.",
        "min_of(1, scalar(queue_length))";
    MinOverTime "min_over_time"(v: Matrix) 0 -> Vector, stable:
        "Returns the minimum value of all samples in the range.",
        "min_over_time(disk_free_bytes[1d])";
    Minute "minute"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "Returns the minute of the hour in UTC, from 0 to 59, for each Unix timestamp. The \
         default argument is the evaluation time.",
        "minute()";
    Month "month"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "Returns the month in UTC, from 1 to 12, for each Unix timestamp. The default \
         argument is the evaluation time.",
        "month() == 12";
    Pi "pi"() 0 -> Scalar, stable:
        "Returns pi.",
        "2 * pi()";
    PredictLinear "predict_linear"(gauge: Matrix, seconds: Scalar) 0 -> Vector, stable, [two_samples time_dependent]:
        "Predicts the value of a gauge after the given number of seconds, by simple linear \
         regression over the samples in the range.",
        "predict_linear(disk_free_bytes[6h], 4 * 3600) < 0";
    PresentOverTime "present_over_time"(v: Matrix) 0 -> Vector, stable:
        "Returns the value 1 for every series that has a sample in the range.",
        "present_over_time(up[1h])";
    QuantileOverTime "quantile_over_time"(quantile: Scalar, v: Matrix) 0 -> Vector, stable:
        "Returns the quantile of all samples in the range, with linear interpolation. Use \
         it for gauges; for observations in histograms use histogram_quantile.",
        "quantile_over_time(0.95, queue_length[1h])";
    Rad "rad"(v: Vector) 0 -> Vector, stable:
        "Converts degrees to radians.",
        "rad(angle_degrees)";
    #[cfg(feature = "experimental-functions")]
    Range "range"() 0 -> Scalar, experimental, [time_dependent]:
        "Returns the duration of the query range in seconds, or 0 in an instant query. \
         Duration expressions can use it without the feature flag.",
        "increase(http_requests_total[range()])";
    Rate "rate"(counter: Matrix) 0 -> Vector, stable, [counter anchored smoothed two_samples]:
        "Returns the per-second average rate of increase of a counter, adjusted for counter \
         resets and extrapolated to the whole range. The range must have at least two \
         samples; four scrape intervals are recommended. Apply rate before an aggregation, \
         not after it.",
        "rate(http_requests_total[5m])";
    Resets "resets"(counter: Matrix) 0 -> Vector, stable, [anchored]:
        "Returns the number of counter resets within the range. Any decrease between two \
         consecutive samples is a counter reset.",
        "resets(http_requests_total[1d])";
    Round "round"(v: Vector, to: Scalar) 1 -> Vector, stable:
        "Rounds every value to the nearest integer, or to the nearest multiple of the \
         second argument. Ties round up.",
        "round(queue_length, 0.1)";
    Scalar "scalar"(v: Vector) 0 -> Scalar, stable:
        "Returns the value of a single-element vector as a scalar. Returns NaN if the \
         vector does not have exactly one element.",
        "scalar(sum(up))";
    Sgn "sgn"(v: Vector) 0 -> Vector, stable:
        "Returns the sign of every sample: 1 for positive values, -1 for negative values, \
         and 0 for zero.",
        "sgn(delta(queue_length[5m]))";
    Sin "sin"(v: Vector) 0 -> Vector, stable:
        "Returns the sine of every sample, in radians.",
        "sin(angle_radians)";
    Sinh "sinh"(v: Vector) 0 -> Vector, stable:
        "Returns the hyperbolic sine of every sample.",
        "sinh(x)";
    Sort "sort"(v: Vector) 0 -> Vector, stable:
        "Sorts the series by value, in ascending order. Has no effect in range queries.",
        "sort(queue_length)";
    #[cfg(feature = "experimental-functions")]
    SortByLabel "sort_by_label"(v: Vector, label: String) -1 -> Vector, experimental:
        "Sorts the series by the values of the given labels, in natural order. Affects only \
         instant queries.",
        r#"sort_by_label(up, "job", "instance")"#;
    #[cfg(feature = "experimental-functions")]
    SortByLabelDesc "sort_by_label_desc"(v: Vector, label: String) -1 -> Vector, experimental:
        "Sorts the series by the values of the given labels, in descending natural order. \
         Affects only instant queries.",
        r#"sort_by_label_desc(up, "instance")"#;
    SortDesc "sort_desc"(v: Vector) 0 -> Vector, stable:
        "Sorts the series by value, in descending order. Has no effect in range queries.",
        "sort_desc(sum by (job) (up))";
    Sqrt "sqrt"(v: Vector) 0 -> Vector, stable:
        "Returns the square root of every sample.",
        "sqrt(variance)";
    #[cfg(feature = "experimental-functions")]
    Start "start"() 0 -> Scalar, experimental, [time_dependent]:
        "Returns the start of the query range as a Unix timestamp. In an instant query, it \
         is the evaluation time.",
        "time() - start()";
    #[cfg(feature = "experimental-functions")]
    StartTimestamp "start_timestamp"(v: Vector) 0 -> Vector, experimental, [sample_times]:
        "Returns the start timestamp of every sample as a Unix timestamp, if the sample has \
         one.",
        "time() - start_timestamp(http_requests_total)";
    StddevOverTime "stddev_over_time"(v: Matrix) 0 -> Vector, stable:
        "Returns the population standard deviation of all samples in the range.",
        "stddev_over_time(queue_length[1h])";
    StdvarOverTime "stdvar_over_time"(v: Matrix) 0 -> Vector, stable:
        "Returns the population variance of all samples in the range.",
        "stdvar_over_time(queue_length[1h])";
    #[cfg(feature = "experimental-functions")]
    Step "step"() 0 -> Scalar, experimental, [time_dependent]:
        "Returns the query resolution step in seconds, or 0 in an instant query. Duration \
         expressions can use it without the feature flag.",
        "rate(http_requests_total[max_of(step(), 1m)])";
    SumOverTime "sum_over_time"(v: Matrix) 0 -> Vector, stable:
        "Returns the sum of all samples in the range. Use it for gauges; for counters use \
         increase.",
        "sum_over_time(batch_items[1h])";
    Tan "tan"(v: Vector) 0 -> Vector, stable:
        "Returns the tangent of every sample, in radians.",
        "tan(angle_radians)";
    Tanh "tanh"(v: Vector) 0 -> Vector, stable:
        "Returns the hyperbolic tangent of every sample.",
        "tanh(x)";
    Time "time"() 0 -> Scalar, stable, [time_dependent]:
        "Returns the evaluation time as a Unix timestamp. It is not the current time.",
        "time() - process_start_time_seconds";
    Timestamp "timestamp"(v: Vector) 0 -> Vector, stable, [time_dependent sample_times]:
        "Returns the timestamp of each sample, in seconds since the epoch.",
        "time() - timestamp(up)";
    #[cfg(feature = "experimental-functions")]
    TsOfFirstOverTime "ts_of_first_over_time"(v: Matrix) 0 -> Vector, experimental:
        "Returns the Unix timestamp of the oldest sample in the range.",
        "ts_of_first_over_time(up[1h])";
    #[cfg(feature = "experimental-functions")]
    TsOfLastOverTime "ts_of_last_over_time"(v: Matrix) 0 -> Vector, experimental:
        "Returns the Unix timestamp of the newest sample in the range.",
        "ts_of_last_over_time(up[1h])";
    #[cfg(feature = "experimental-functions")]
    TsOfMaxOverTime "ts_of_max_over_time"(v: Matrix) 0 -> Vector, experimental:
        "Returns the Unix timestamp of the last sample with the maximum value in the range.",
        "ts_of_max_over_time(queue_length[1d])";
    #[cfg(feature = "experimental-functions")]
    TsOfMinOverTime "ts_of_min_over_time"(v: Matrix) 0 -> Vector, experimental:
        "Returns the Unix timestamp of the last sample with the minimum value in the range.",
        "ts_of_min_over_time(queue_length[1d])";
    Vector "vector"(s: Scalar) 0 -> Vector, stable:
        "Returns a scalar as a vector with one element without labels. `or vector(0)` is a \
         default for an empty result.",
        "sum(rate(http_errors_total[5m])) or vector(0)";
    Year "year"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "Returns the year in UTC for each Unix timestamp. The default argument is the \
         evaluation time.",
        "year()";
}
