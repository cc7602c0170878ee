//! The terms that the engine traced, as rows of a name and numbers.

use promql::Timestamp;
use promql::engine::{
    Arithmetic, Boundary, BoundaryClause, EndClause, ExtendedTerms, Extrapolation,
    HistogramRateTerms, InstantRateTerms, RateKind, RateTerms, ResetTerm, StartClause,
};
use protocol::number::number;

pub(super) type Rows = Vec<(String, String)>;

/// Returns the rows of rates and linear regressions; empty for other terms. Times are formatted by `when`.
pub(super) fn rows(arithmetic: &Arithmetic, when: &dyn Fn(Timestamp) -> String) -> Rows {
    let mut rows = Rows::new();
    match arithmetic {
        Arithmetic::Rate { terms, resets } => rate(terms, resets, when, &mut rows),
        Arithmetic::HistogramRate(terms) => histogram_rate(terms, &mut rows),
        Arithmetic::Extended { terms, resets } => extended(terms, resets, when, &mut rows),
        Arithmetic::InstantRate(terms) => instant(terms, &mut rows),
        Arithmetic::Linear(terms) => {
            push(&mut rows, "samples on the line", terms.samples.to_string());
            if !terms.constant {
                let sums = [terms.sum_x, terms.sum_y, terms.sum_xy, terms.sum_x2].map(number);
                let [x, y, xy, x2] = sums;
                push(
                    &mut rows,
                    "sums · x in seconds, y the value",
                    format!("Σx {x}, Σy {y}, Σxy {xy}, Σx² {x2}"),
                );
            }
            let slope = match terms.constant {
                true => "slope of the line · all values are equal",
                false => "slope of the line · (Σxy − Σx Σy / n) / (Σx² − (Σx)² / n)",
            };
            push(&mut rows, slope, format!("{} a second", number(terms.slope)));
        }
        Arithmetic::Plain | Arithmetic::Counting(_) | Arithmetic::HistogramQuantile(_) => {}
    }
    rows
}

fn push(rows: &mut Rows, name: impl Into<String>, text: impl Into<String>) {
    rows.push((name.into(), text.into()));
}

fn difference(rows: &mut Rows, (first, last): (f64, f64), what: &str) {
    let text = format!("{} − {} = {}", number(last), number(first), number(last - first));
    push(rows, what, text);
}

fn each_reset(resets: &[ResetTerm], when: &dyn Fn(Timestamp) -> String, rows: &mut Rows) {
    for reset in resets {
        let why = if reset.by_start_timestamp { ", as the start timestamp tells" } else { "" };
        push(
            rows,
            format!("reset before {}{why}", when(reset.time)),
            format!(
                "{} → {}: +{}",
                number(reset.before),
                number(reset.after),
                number(reset.before)
            ),
        );
    }
}

fn rate(
    terms: &RateTerms,
    resets: &[ResetTerm],
    when: &dyn Fn(Timestamp) -> String,
    rows: &mut Rows,
) {
    difference(rows, (terms.first.1, terms.last.1), "last − first");
    each_reset(resets, when, rows);
    if let Some(first) = terms.from_start_timestamp {
        push(rows, "began at zero in the window", format!("+{}", number(first)));
    }
    if terms.resets > 0 || terms.from_start_timestamp.is_some() {
        push(rows, "counted with it", number(terms.increase));
    }
    extrapolation(&terms.extrapolation, terms.samples, (terms.first.1, terms.increase), rows);
    factor(terms.kind, &terms.extrapolation, (terms.window_start, terms.window_end), rows);
    let factor = number(terms.extrapolation.factor);
    let text = format!("{} × {factor} = {}", number(terms.increase), number(terms.result));
    push(rows, "result", text);
}

fn histogram_rate(terms: &HistogramRateTerms, rows: &mut Rows) {
    difference(rows, (terms.first.1, terms.last.1), "observations, last − first");
    if terms.resets > 0 {
        let plural = if terms.resets == 1 { "a reset" } else { "resets" };
        push(
            rows,
            format!("added back for {plural}"),
            format!("+{} observations", number(terms.reset_correction)),
        );
    }
    if let Some(first) = terms.from_start_timestamp {
        push(rows, "began empty in the window", format!("+{} observations", number(first)));
    }
    push(rows, "increase of the count", number(terms.increase));
    push(rows, "increase of the sum", number(terms.increase_of_sum));
    extrapolation(&terms.extrapolation, terms.samples, (terms.first.1, terms.increase), rows);
    let factor = number(terms.extrapolation.factor);
    push(rows, "factor, for every bucket too", factor.clone());
    let result = [(terms.increase, terms.result.count), (terms.increase_of_sum, terms.result.sum)];
    for ((increase, value), name) in result.into_iter().zip(["count", "sum"]) {
        push(rows, name, format!("{} × {factor} = {}", number(increase), number(value)));
    }
}

fn extrapolation(
    found: &Extrapolation,
    samples: usize,
    (first, increase): (f64, f64),
    rows: &mut Rows,
) {
    let [gap_start, gap_end, threshold] =
        [found.gap_at_start, found.gap_at_end, found.threshold].map(number);
    let average = number(found.average_interval);
    // The time that a start timestamp adds is no interval between samples.
    let text = match samples.saturating_sub(1) {
        0 => "none: it is one sample".to_owned(),
        gaps => {
            format!("{} s / {gaps} = {average} s", number(found.average_interval * gaps as f64))
        }
    };
    push(rows, "average interval", text);
    push(rows, "threshold", format!("1.1 × {average} s = {threshold} s"));
    if let Some(zero) = found.to_zero {
        let [sampled, first, increase] = [found.sampled_interval, first, increase].map(number);
        let text = format!("{sampled} s × {first} / {increase} = {} s", number(zero));
        push(rows, "back to where the counter was zero", text);
    }
    let start = match found.start_clause {
        StartClause::WindowStart => {
            format!("{gap_start} s < {threshold} s: to the window's start")
        }
        StartClause::HalfInterval => format!("{gap_start} s ≥ {threshold} s: half an interval"),
        StartClause::CounterZero => {
            let zero = number(found.extended_at_start);
            format!("{zero} s to zero, nearer than {gap_start} s: not below zero")
        }
        StartClause::StartTimestamp => "the counter began in the window".to_owned(),
    };
    push(
        rows,
        format!("added at the start · {start}"),
        format!("+{} s", number(found.extended_at_start)),
    );
    let end = match found.end_clause {
        EndClause::WindowEnd => format!("{gap_end} s < {threshold} s: to the window's end"),
        EndClause::HalfInterval => format!("{gap_end} s ≥ {threshold} s: half an interval"),
    };
    push(
        rows,
        format!("added at the end · {end}"),
        format!("+{} s", number(found.extended_at_end)),
    );
}

fn factor(kind: RateKind, found: &Extrapolation, window: (Timestamp, Timestamp), rows: &mut Rows) {
    let sampled = number(found.sampled_interval);
    let extrapolated =
        number(found.sampled_interval + found.extended_at_start + found.extended_at_end);
    let (per, window) = match kind.per_second() {
        true => (" / window", format!(" / {} s", number((window.1 - window.0) as f64 / 1000.0))),
        false => ("", String::new()),
    };
    push(
        rows,
        format!("factor: extrapolated / sampled{per}"),
        format!("{extrapolated} s / {sampled} s{window} = {}", number(found.factor)),
    );
}

fn extended(
    terms: &ExtendedTerms,
    resets: &[ResetTerm],
    when: &dyn Fn(Timestamp) -> String,
    rows: &mut Rows,
) {
    for (end, name) in [(&terms.start, "value at the start"), (&terms.end, "value at the end")] {
        push(rows, format!("{name} · {}", boundary(end, when)), number(end.value));
    }
    difference(rows, (terms.start.value, terms.end.value), "end − start");
    each_reset(resets, when, rows);
    if terms.resets > 0 {
        push(rows, "counted with it", number(terms.increase));
    }
    push(rows, "extrapolated", "nothing: both ends have a value");
    let (increase, seconds) = (number(terms.increase), number(terms.seconds));
    let text = match terms.kind.per_second() {
        true => format!("{increase} / {seconds} s = {}", number(terms.result)),
        false => number(terms.result),
    };
    push(rows, "result", text);
}

fn boundary(end: &Boundary, when: &dyn Fn(Timestamp) -> String) -> String {
    match end.clause {
        BoundaryClause::Sample { time } if time == end.time => "a sample's own".to_owned(),
        BoundaryClause::Sample { time } => format!("of the sample at {}", when(time)),
        BoundaryClause::Line { before, after, from_zero } => {
            let from = if from_zero { "from zero, " } else { "" };
            format!("{from}between the samples at {} and {}", when(before.0), when(after.0))
        }
    }
}

fn instant(terms: &InstantRateTerms, rows: &mut Rows) {
    let (previous, last) = (number(terms.previous.1), number(terms.last.1));
    let text = if terms.reset {
        format!("{last}: counter reset after {previous}")
    } else {
        format!("{last} − {previous} = {}", number(terms.difference))
    };
    push(rows, "difference of the last two samples", text);
    push(rows, "time between them", format!("{} s", number(terms.interval)));
    let (difference, interval) = (number(terms.difference), number(terms.interval));
    push(rows, "result", format!("{difference} / {interval} s = {}", number(terms.result)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use promql::engine::{Engine, EngineOptions, QueryTime, TermsRequest, TraceRequest};
    use promql::promqltest::{Command, Script};
    use promql::storage::Storage;
    use promql::syntax::{ParserOptions, parse};
    use promql::{Labels, METRIC_NAME};

    /// The rows of a query over one series, at a number of seconds.
    fn row_texts(series: &str, query: &str, seconds: i64) -> Vec<String> {
        let script = Script::parse(&format!("load 10s\n  {series}\n")).unwrap();
        let mut storage = Storage::unbounded();
        for command in &script.commands {
            if let Command::Load(load) = command {
                load.store(&mut storage).unwrap();
            }
        }
        let ast = parse(query, &ParserOptions::ALL).unwrap();
        let labels = Labels::from_pairs([(METRIC_NAME, "m")]);
        let time = seconds * 1000;
        let request = TermsRequest { node: ast.root(), labels, time };
        let trace = TraceRequest { clock: None, terms: Some(&request) };
        let engine = Engine::new(EngineOptions::default());
        let time = QueryTime::Instant(time);
        let (_, trace) = engine.explain(&storage, &ast, time, None, trace).unwrap();
        let when = |t: Timestamp| format!("{} s", t / 1000);
        let rows = rows(&trace.terms.unwrap().arithmetic, &when);
        rows.into_iter().map(|(name, text)| format!("{name} | {text}")).collect()
    }

    #[test]
    fn every_kind_of_window_tells_its_terms() {
        for (series, query, at, expected) in [
            (
                "m 0+10x10",
                "increase(m[30s])",
                55,
                &[
                    "last − first | 50 − 30 = 20",
                    "factor: extrapolated / sampled | 30 s / 20 s = 1.5",
                    "result | 20 × 1.5 = 30",
                ][..],
            ),
            (
                "m 0 10 20 5 15 25",
                "increase(m[30s] anchored)",
                45,
                &[
                    "value at the start · of the sample at 10 s | 10",
                    "value at the end · of the sample at 40 s | 15",
                    "reset before 30 s | 20 → 5: +20",
                    "result | 25",
                ],
            ),
            (
                "m 0 10 20 30 40 50",
                "rate(m[30s] smoothed)",
                45,
                &[
                    "value at the start · between the samples at 10 s and 20 s | 15",
                    "value at the end · between the samples at 40 s and 50 s | 45",
                    "result | 30 / 30 s = 1",
                ],
            ),
            (
                "m _ 1 3 5 7",
                "increase(m[45s])",
                45,
                &[
                    "back to where the counter was zero | 30 s × 1 / 6 = 5 s",
                    "added at the start · 5 s to zero, nearer than 10 s: not below zero | +5 s",
                ],
            ),
            (
                "m 0 10 20 30",
                "deriv(m[1m])",
                30,
                &["sums · x in seconds, y the value | Σx 60, Σy 60, Σxy 1400, Σx² 1400"],
            ),
            ("m 0 10 20 5", "irate(m[30s])", 35, &["result | 5 / 10 s = 0.5"]),
            (
                "m {{schema:0 count:4 sum:8 buckets:[4]}} {{schema:0 count:10 sum:20 buckets:[10]}} {{schema:0 count:16 sum:26 buckets:[16]}}",
                "increase(m[30s])",
                25,
                &[
                    "observations, last − first | 16 − 4 = 12",
                    "increase of the sum | 18",
                    "count | 12 × 1.5 = 18",
                ],
            ),
        ] {
            let rows = row_texts(series, query, at);
            for row in expected {
                assert!(rows.iter().any(|one| one == row), "{query}: no {row:?} in {rows:#?}");
            }
        }
    }
}
