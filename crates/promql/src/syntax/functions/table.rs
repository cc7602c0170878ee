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
        "One series of value 1 when nothing is selected, and nothing otherwise. Its labels \
         come from the equality matchers, which makes it fit for alerts on targets that have \
         vanished.",
        r#"absent(up{job="giftcards"})"#;
    AbsentOverTime "absent_over_time"(v: Matrix) 0 -> Vector, stable:
        "Like absent, but asks whether there was no sample in the whole window, so short \
         gaps are forgiven.",
        r#"absent_over_time(up{job="giftcards"}[10m])"#;
    Acos "acos"(v: Vector) 0 -> Vector, stable:
        "The arc cosine of every value, in radians.",
        "acos(cos_phi)";
    Acosh "acosh"(v: Vector) 0 -> Vector, stable:
        "The inverse hyperbolic cosine of every value.",
        "acosh(vector(2))";
    Asin "asin"(v: Vector) 0 -> Vector, stable:
        "The arc sine of every value, in radians.",
        "asin(sin_phi)";
    Asinh "asinh"(v: Vector) 0 -> Vector, stable:
        "The inverse hyperbolic sine of every value.",
        "asinh(vector(2))";
    Atan "atan"(v: Vector) 0 -> Vector, stable:
        "The arc tangent of every value, in radians. The operator atan2 takes both sides of \
         the angle.",
        "atan(slope)";
    Atanh "atanh"(v: Vector) 0 -> Vector, stable:
        "The inverse hyperbolic tangent of every value.",
        "atanh(vector(0.5))";
    AvgOverTime "avg_over_time"(v: Matrix) 0 -> Vector, stable:
        "The mean of each series' samples in the window. For gauges; every sample counts the \
         same however far apart they are.",
        "avg_over_time(queue_length[5m])";
    Ceil "ceil"(v: Vector) 0 -> Vector, stable:
        "Rounds every value up to a whole number.",
        "ceil(disk_used_bytes / 1e9)";
    Changes "changes"(v: Matrix) 0 -> Vector, stable, [anchored]:
        "How often the value differed from the one before it in the window. A restart shows \
         as a change of the start time.",
        "changes(process_start_time_seconds[1h])";
    Clamp "clamp"(v: Vector, min: Scalar, max: Scalar) 0 -> Vector, stable:
        "Forces every value between a lower and an upper bound. Where the lower bound lies \
         above the upper one nothing is left.",
        "clamp(battery_charge_ratio, 0, 1)";
    ClampMax "clamp_max"(v: Vector, max: Scalar) 0 -> Vector, stable:
        "Replaces every value above the bound by the bound.",
        "clamp_max(queue_length, 100)";
    ClampMin "clamp_min"(v: Vector, min: Scalar) 0 -> Vector, stable:
        "Replaces every value below the bound by the bound. Handy below a division, to keep \
         zero out.",
        "clamp_min(requests_total, 1)";
    Cos "cos"(v: Vector) 0 -> Vector, stable:
        "The cosine of every value, which is taken as radians.",
        "cos(angle_radians)";
    Cosh "cosh"(v: Vector) 0 -> Vector, stable:
        "The hyperbolic cosine of every value.",
        "cosh(x)";
    CountOverTime "count_over_time"(v: Matrix) 0 -> Vector, stable:
        "How many samples each series has in the window. Shows at once whether a window is \
         wide enough for the scrape interval.",
        "count_over_time(up[5m])";
    DayOfMonth "day_of_month"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "The day of the month in UTC, 1 to 31, of times given as Unix seconds; without an \
         argument of the evaluation time.",
        "day_of_month()";
    DayOfWeek "day_of_week"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "The day of the week in UTC, 0 for Sunday to 6, of times given as Unix seconds; \
         without an argument of the evaluation time.",
        "day_of_week() > 0 < 6";
    DayOfYear "day_of_year"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "The day of the year in UTC, 1 to 366, of times given as Unix seconds; without an \
         argument of the evaluation time.",
        "day_of_year()";
    DaysInMonth "days_in_month"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "How many days the month has in UTC, 28 to 31; without an argument the month of the \
         evaluation time.",
        "days_in_month() - day_of_month()";
    Deg "deg"(v: Vector) 0 -> Vector, stable:
        "Converts radians to degrees.",
        "deg(angle_radians)";
    Delta "delta"(gauge: Matrix) 0 -> Vector, stable, [anchored smoothed two_samples]:
        "How much a gauge rose or fell from one end of the window to the other, extrapolated \
         to the window's ends. For gauges only: resets of a counter would count as falls.",
        "delta(room_temperature_celsius[2h])";
    Deriv "deriv"(gauge: Matrix) 0 -> Vector, stable, [two_samples]:
        "The slope of a gauge per second, from a straight line laid through all samples of \
         the window.",
        "deriv(disk_free_bytes[1h])";
    #[cfg(feature = "experimental-functions")]
    DoubleExponentialSmoothing "double_exponential_smoothing"(v: Matrix, level: Scalar, trend: Scalar) 0 -> Vector, experimental:
        "Smooths a gauge, following level and trend. The first factor, between 0 and 1, is \
         the weight of new values against old ones, the second that of the trend.",
        "double_exponential_smoothing(queue_length[10m], 0.5, 0.1)";
    #[cfg(feature = "experimental-functions")]
    End "end"() 0 -> Scalar, experimental, [time_dependent]:
        "The end of the query's range as Unix seconds; in an instant query its time.",
        "end() - start()";
    Exp "exp"(v: Vector) 0 -> Vector, stable:
        "e to the power of every value. Large values become infinite.",
        "exp(ln(x))";
    FirstOverTime "first_over_time"(v: Matrix) 0 -> Vector, stable, [keeps_name]:
        "The oldest sample of each series in the window.",
        "first_over_time(queue_length[5m])";
    Floor "floor"(v: Vector) 0 -> Vector, stable:
        "Rounds every value down to a whole number.",
        "floor(time() / vector(86400))";
    HistogramAvg "histogram_avg"(h: Vector) 0 -> Vector, stable, [statistics]:
        "The mean of what a native histogram observed: its sum through its count. Floats are \
         left out.",
        "histogram_avg(rate(request_duration_seconds[5m]))";
    HistogramCount "histogram_count"(h: Vector) 0 -> Vector, stable, [statistics]:
        "The number of observations of a native histogram. Floats are left out.",
        "histogram_count(rate(request_duration_seconds[5m]))";
    HistogramFraction "histogram_fraction"(lower: Scalar, upper: Scalar, h: Vector) 0 -> Vector, stable, [buckets]:
        "Which share of the observations lies between two bounds, estimated within buckets. \
         For native histograms, and for classic ones with their le label.",
        "histogram_fraction(0, 0.2, rate(request_duration_seconds[1h]))";
    HistogramQuantile "histogram_quantile"(quantile: Scalar, h: Vector) 0 -> Vector, stable, [buckets]:
        "The value below which the given share of observations lies, estimated within the \
         bucket it falls in. Classic histograms must keep their le label, so aggregate by \
         (le, …); rate comes before.",
        "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[5m])))";
    #[cfg(feature = "experimental-functions")]
    HistogramQuantiles "histogram_quantiles"(h: Vector, label: String, quantile: Scalar, quantile: Scalar) 9 -> Vector, experimental, [buckets]:
        "Several quantiles of a histogram at once; each becomes a series with the quantile \
         in the label named.",
        r#"histogram_quantiles(sum(rate(request_duration_seconds[5m])), "quantile", 0.5, 0.9)"#;
    HistogramStddev "histogram_stddev"(h: Vector) 0 -> Vector, stable:
        "The standard deviation of what a native histogram observed, as far as its buckets \
         tell. Floats are left out.",
        "histogram_stddev(rate(request_duration_seconds[5m]))";
    HistogramStdvar "histogram_stdvar"(h: Vector) 0 -> Vector, stable:
        "The variance of what a native histogram observed, as far as its buckets tell. \
         Floats are left out.",
        "histogram_stdvar(rate(request_duration_seconds[5m]))";
    HistogramSum "histogram_sum"(h: Vector) 0 -> Vector, stable, [statistics]:
        "The sum of what a native histogram observed. Floats are left out.",
        "histogram_sum(rate(request_duration_seconds[5m]))";
    Hour "hour"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "The hour of the day in UTC, 0 to 23, of times given as Unix seconds; without an \
         argument of the evaluation time.",
        "hour() >= 8 < 18";
    Idelta "idelta"(gauge: Matrix) 0 -> Vector, stable, [two_samples]:
        "The difference of the last two samples in the window. For gauges.",
        "idelta(room_temperature_celsius[5m])";
    Increase "increase"(counter: Matrix) 0 -> Vector, stable, [counter anchored smoothed two_samples]:
        "How much a counter grew over the window: rate times the window's length. Restarts \
         are taken care of, and what happened at the edges is extrapolated, so whole numbers \
         need not come out whole.",
        "increase(http_requests_total[1h])";
    #[cfg(feature = "experimental-functions")]
    Info "info"(v: Vector, labels: Vector) 1 -> Vector, experimental, [label_selector]:
        "Adds the labels of info metrics such as target_info to series with the same job and \
         instance. A second argument, a selector without a name, says which labels and which \
         info metrics.",
        r#"info(rate(http_requests_total[5m]), {k8s_cluster_name=~".+"})"#;
    Irate "irate"(counter: Matrix) 0 -> Vector, stable, [counter two_samples]:
        "The speed of a counter per second between the last two samples of the window. \
         Follows spikes; too nervous for alerts.",
        "irate(http_requests_total[5m])";
    LabelJoin "label_join"(v: Vector, target: String, separator: String, source: String) -1 -> Vector, stable:
        "Writes the values of several labels, joined by a separator, into one label.",
        r#"label_join(up, "where", "/", "job", "instance")"#;
    LabelReplace "label_replace"(v: Vector, target: String, replacement: String, source: String, regex: String) 0 -> Vector, stable:
        "Where the regex matches the whole value of the source label, writes the \
         replacement, in which $1 or ${name} stand for groups, into the target label.",
        r#"label_replace(up, "host", "$1", "instance", "(.*):.*")"#;
    LastOverTime "last_over_time"(v: Matrix) 0 -> Vector, stable, [keeps_name]:
        "The newest sample of each series in the window, even if the series has gone stale \
         since.",
        "last_over_time(backup_size_bytes[2d])";
    Ln "ln"(v: Vector) 0 -> Vector, stable:
        "The natural logarithm of every value. Zero gives -Inf, less gives NaN.",
        "ln(x)";
    Log10 "log10"(v: Vector) 0 -> Vector, stable:
        "The decimal logarithm of every value.",
        "log10(request_size_bytes)";
    Log2 "log2"(v: Vector) 0 -> Vector, stable:
        "The binary logarithm of every value.",
        "log2(request_size_bytes)";
    #[cfg(feature = "experimental-functions")]
    MadOverTime "mad_over_time"(v: Matrix) 0 -> Vector, experimental:
        "The median of the distances from the median in the window: a spread that outliers \
         do not spoil.",
        "mad_over_time(queue_length[1h])";
    #[cfg(feature = "experimental-functions")]
    MaxOf "max_of"(a: Scalar, b: Scalar) 0 -> Scalar, experimental:
        "The greater of two scalars; in a duration, of two durations.",
        "max_of(1, scalar(queue_length))";
    MaxOverTime "max_over_time"(v: Matrix) 0 -> Vector, stable:
        "The greatest sample of each series in the window.",
        "max_over_time(queue_length[1d])";
    #[cfg(feature = "experimental-functions")]
    MinOf "min_of"(a: Scalar, b: Scalar) 0 -> Scalar, experimental:
        "The smaller of two scalars; in a duration, of two durations.",
        "min_of(1, scalar(queue_length))";
    MinOverTime "min_over_time"(v: Matrix) 0 -> Vector, stable:
        "The smallest sample of each series in the window.",
        "min_over_time(disk_free_bytes[1d])";
    Minute "minute"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "The minute of the hour in UTC, 0 to 59, of times given as Unix seconds; without an \
         argument of the evaluation time.",
        "minute()";
    Month "month"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "The month in UTC, 1 to 12, of times given as Unix seconds; without an argument of \
         the evaluation time.",
        "month() == 12";
    Pi "pi"() 0 -> Scalar, stable:
        "The ratio of a circle's circumference to its diameter, 3.14159 and so on.",
        "2 * pi()";
    PredictLinear "predict_linear"(gauge: Matrix, seconds: Scalar) 0 -> Vector, stable, [two_samples time_dependent]:
        "Where a gauge will be that many seconds from now if it keeps to the straight line \
         through the window's samples.",
        "predict_linear(disk_free_bytes[6h], 4 * 3600) < 0";
    PresentOverTime "present_over_time"(v: Matrix) 0 -> Vector, stable:
        "1 for every series that has a sample in the window.",
        "present_over_time(up[1h])";
    QuantileOverTime "quantile_over_time"(quantile: Scalar, v: Matrix) 0 -> Vector, stable:
        "The quantile of each series' samples in the window, interpolated between \
         neighbours. Of gauges; for latencies in histograms take histogram_quantile.",
        "quantile_over_time(0.95, queue_length[1h])";
    Rad "rad"(v: Vector) 0 -> Vector, stable:
        "Converts degrees to radians.",
        "rad(angle_degrees)";
    #[cfg(feature = "experimental-functions")]
    Range "range"() 0 -> Scalar, experimental, [time_dependent]:
        "The length of the query's range in seconds; 0 in an instant query. In a duration \
         without a flag.",
        "increase(http_requests_total[range()])";
    Rate "rate"(counter: Matrix) 0 -> Vector, stable, [counter anchored smoothed two_samples]:
        "The mean speed of a counter per second over the window. Restarts are taken care of. \
         The window must hold two samples, so make it at least four scrape intervals wide; \
         aggregate after, never before.",
        "rate(http_requests_total[5m])";
    Resets "resets"(counter: Matrix) 0 -> Vector, stable, [anchored]:
        "How often the value fell within the window: for a counter, how often it started \
         anew.",
        "resets(http_requests_total[1d])";
    Round "round"(v: Vector, to: Scalar) 1 -> Vector, stable:
        "Rounds every value to the nearest whole number, or to the nearest multiple of the \
         second argument. Halves go up.",
        "round(queue_length, 0.1)";
    Scalar "scalar"(v: Vector) 0 -> Scalar, stable:
        "The value of the only series of a vector, as a scalar; NaN where there is none or \
         more than one.",
        "scalar(sum(up))";
    Sgn "sgn"(v: Vector) 0 -> Vector, stable:
        "-1, 0 or 1, as the value is below, at or above zero.",
        "sgn(delta(queue_length[5m]))";
    Sin "sin"(v: Vector) 0 -> Vector, stable:
        "The sine of every value, which is taken as radians.",
        "sin(angle_radians)";
    Sinh "sinh"(v: Vector) 0 -> Vector, stable:
        "The hyperbolic sine of every value.",
        "sinh(x)";
    Sort "sort"(v: Vector) 0 -> Vector, stable:
        "Sorts the series by value, in ascending order. Has no effect in range queries.",
        "sort(queue_length)";
    #[cfg(feature = "experimental-functions")]
    SortByLabel "sort_by_label"(v: Vector, label: String) -1 -> Vector, experimental:
        "Series by the values of the labels named, numbers in them in natural order. Shows \
         in instant queries only.",
        r#"sort_by_label(up, "job", "instance")"#;
    #[cfg(feature = "experimental-functions")]
    SortByLabelDesc "sort_by_label_desc"(v: Vector, label: String) -1 -> Vector, experimental:
        "Like sort_by_label, in descending order.",
        r#"sort_by_label_desc(up, "instance")"#;
    SortDesc "sort_desc"(v: Vector) 0 -> Vector, stable:
        "Sorts the series by value, in descending order. Has no effect in range queries.",
        "sort_desc(sum by (job) (up))";
    Sqrt "sqrt"(v: Vector) 0 -> Vector, stable:
        "The square root of every value.",
        "sqrt(variance)";
    #[cfg(feature = "experimental-functions")]
    Start "start"() 0 -> Scalar, experimental, [time_dependent]:
        "The start of the query's range as Unix seconds; in an instant query its time.",
        "time() - start()";
    #[cfg(feature = "experimental-functions")]
    StartTimestamp "start_timestamp"(v: Vector) 0 -> Vector, experimental, [sample_times]:
        "When each counter began to count, as Unix seconds, where the series carries its \
         start time.",
        "time() - start_timestamp(http_requests_total)";
    StddevOverTime "stddev_over_time"(v: Matrix) 0 -> Vector, stable:
        "The standard deviation of each series' samples in the window.",
        "stddev_over_time(queue_length[1h])";
    StdvarOverTime "stdvar_over_time"(v: Matrix) 0 -> Vector, stable:
        "The variance of each series' samples in the window.",
        "stdvar_over_time(queue_length[1h])";
    #[cfg(feature = "experimental-functions")]
    Step "step"() 0 -> Scalar, experimental, [time_dependent]:
        "The query's resolution in seconds; 0 in an instant query. In a duration without a \
         flag.",
        "rate(http_requests_total[max_of(step(), 1m)])";
    SumOverTime "sum_over_time"(v: Matrix) 0 -> Vector, stable:
        "The sum of each series' samples in the window. For gauges that count something anew \
         at each scrape; a counter wants increase.",
        "sum_over_time(batch_items[1h])";
    Tan "tan"(v: Vector) 0 -> Vector, stable:
        "The tangent of every value, which is taken as radians.",
        "tan(angle_radians)";
    Tanh "tanh"(v: Vector) 0 -> Vector, stable:
        "The hyperbolic tangent of every value.",
        "tanh(x)";
    Time "time"() 0 -> Scalar, stable, [time_dependent]:
        "The evaluation time as Unix seconds: the time for which the query is answered, not \
         the clock on the wall.",
        "time() - process_start_time_seconds";
    Timestamp "timestamp"(v: Vector) 0 -> Vector, stable, [time_dependent sample_times]:
        "Returns the timestamp of each sample, in seconds since the epoch.",
        "time() - timestamp(up)";
    #[cfg(feature = "experimental-functions")]
    TsOfFirstOverTime "ts_of_first_over_time"(v: Matrix) 0 -> Vector, experimental:
        "When the oldest sample of the window was taken, as Unix seconds.",
        "ts_of_first_over_time(up[1h])";
    #[cfg(feature = "experimental-functions")]
    TsOfLastOverTime "ts_of_last_over_time"(v: Matrix) 0 -> Vector, experimental:
        "When the newest sample of the window was taken, as Unix seconds.",
        "ts_of_last_over_time(up[1h])";
    #[cfg(feature = "experimental-functions")]
    TsOfMaxOverTime "ts_of_max_over_time"(v: Matrix) 0 -> Vector, experimental:
        "When the greatest sample of the window was taken, as Unix seconds; the last of \
         several.",
        "ts_of_max_over_time(queue_length[1d])";
    #[cfg(feature = "experimental-functions")]
    TsOfMinOverTime "ts_of_min_over_time"(v: Matrix) 0 -> Vector, experimental:
        "When the smallest sample of the window was taken, as Unix seconds; the last of \
         several.",
        "ts_of_min_over_time(queue_length[1d])";
    Vector "vector"(s: Scalar) 0 -> Vector, stable:
        "A scalar as a vector of one series without labels. With or it stands in for an \
         empty result.",
        "sum(rate(http_errors_total[5m])) or vector(0)";
    Year "year"(v: Vector) 1 -> Vector, stable, [time_dependent]:
        "The year in UTC of times given as Unix seconds; without an argument of the \
         evaluation time.",
        "year()";
}
