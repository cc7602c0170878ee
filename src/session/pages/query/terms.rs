//! The arithmetic behind one sample, as rows to read.

use serde::{Deserialize, Serialize};

use super::{in_words, series_name};
use crate::model::Timestamp;
use crate::model::number::format_float;
use crate::promql::engine::{Arithmetic, EndClause, RateTerms, StartClause, Terms};
use crate::simulation::lab::number;

/// What the engine noted down about one sample of a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TermsView {
    pub series: String,
    /// Name and arithmetic.
    pub rows: Vec<(String, String)>,
    pub result: String,
    /// The samples of the window: seconds before its end, and value.
    pub samples: Vec<(f64, String)>,
}

pub(super) fn view(terms: &Terms) -> TermsView {
    let before = |time: Timestamp| (terms.end - time) as f64 / 1000.0;
    let floats = terms.floats.iter().map(|(time, value)| (before(*time), format_float(*value)));
    let histograms =
        terms.histograms.iter().map(|(time, value)| (before(*time), value.to_string()));
    let window = (terms.end - terms.start) as f64 / 1000.0;
    let mut rows = vec![(
        "window".to_owned(),
        format!(
            "{} s, its start left out, {} samples",
            number(window),
            terms.floats.len() + terms.histograms.len()
        ),
    )];
    match &terms.arithmetic {
        Arithmetic::Plain => {}
        Arithmetic::Rate { terms, resets } => {
            rate_rows(terms, &mut rows);
            rows.extend(resets.iter().map(|reset| {
                let name = format!("reset {} s before the end", number(before(reset.time)));
                (name, format!("{} → {}", format_float(reset.before), format_float(reset.after)))
            }));
        }
        Arithmetic::InstantRate(terms) => {
            let (previous, last) = (format_float(terms.previous.1), format_float(terms.last.1));
            let text = if terms.reset {
                format!("{last}, because the counter began anew after {previous}")
            } else {
                format!("{last} − {previous} = {}", number(terms.difference))
            };
            rows.push(("difference of the last two".to_owned(), text));
            rows.push(("between them".to_owned(), format!("{} s", number(terms.interval))));
        }
        Arithmetic::Counting(times) => {
            let times: Vec<String> =
                times.iter().map(|time| format!("{} s", number(before(*time)))).collect();
            let text = if times.is_empty() { "none".to_owned() } else { times.join(", ") };
            rows.push(("counted, before the end".to_owned(), text));
        }
        Arithmetic::Linear(terms) => {
            rows.push(("samples on the line".to_owned(), terms.samples.to_string()));
            rows.push(("slope".to_owned(), format!("{} a second", number(terms.slope))));
            rows.push(("value at the origin".to_owned(), number(terms.intercept)));
        }
        Arithmetic::HistogramQuantile(terms) => {
            rows.push((
                "observation that is looked for".to_owned(),
                format!(
                    "{} × {} = {}",
                    number(terms.q),
                    number(terms.observations),
                    number(terms.rank)
                ),
            ));
            let classic = terms.mended.iter().enumerate().map(|(at, bucket)| {
                (at, format!("le {}", format_float(bucket.upper_bound)), number(bucket.count))
            });
            let native = terms
                .buckets
                .iter()
                .enumerate()
                .map(|(at, bucket)| (at, bucket.to_string(), String::new()));
            rows.extend(classic.chain(native).map(|(at, name, count)| {
                let mark = if terms.chosen == Some(at) { " ← here" } else { "" };
                (name, format!("{count}{mark}"))
            }));
        }
    }
    TermsView {
        series: series_name(&terms.labels),
        rows,
        result: terms.result.as_ref().map_or("nothing".to_owned(), in_words),
        samples: floats.chain(histograms).collect(),
    }
}

fn rate_rows(terms: &RateTerms, rows: &mut Vec<(String, String)>) {
    let mut row = |name: &str, text: String| rows.push((name.to_owned(), text));
    let extrapolation = &terms.extrapolation;
    let (first, last) = (format_float(terms.first.1), format_float(terms.last.1));
    let difference = number(terms.last.1 - terms.first.1);
    row("last − first", format!("{last} − {first} = {difference}"));
    if terms.resets > 0 {
        row("added back for resets", format!("+{}", number(terms.reset_correction)));
    }
    row(
        "average interval",
        format!(
            "{} s / {} = {} s",
            number(extrapolation.sampled_interval),
            terms.samples.saturating_sub(1),
            number(extrapolation.average_interval)
        ),
    );
    let threshold = number(extrapolation.threshold);
    let start = match extrapolation.start_clause {
        StartClause::WindowStart => format!(
            "{} s < {threshold} s: to the window's start",
            number(extrapolation.gap_at_start)
        ),
        StartClause::HalfInterval => {
            format!("{} s ≥ {threshold} s: half an interval", number(extrapolation.gap_at_start))
        }
        StartClause::CounterZero => "no farther than where the counter was zero".to_owned(),
        StartClause::StartTimestamp => "the counter began in the window".to_owned(),
    };
    row("added at the start", format!("{} s ({start})", number(extrapolation.extended_at_start)));
    let end = match extrapolation.end_clause {
        EndClause::WindowEnd => {
            format!("{} s < {threshold} s: to the window's end", number(extrapolation.gap_at_end))
        }
        EndClause::HalfInterval => {
            format!("{} s ≥ {threshold} s: half an interval", number(extrapolation.gap_at_end))
        }
    };
    row("added at the end", format!("{} s ({end})", number(extrapolation.extended_at_end)));
    row("factor", number(extrapolation.factor));
    row(
        "result",
        format!(
            "{} × {} = {}",
            number(terms.increase),
            number(extrapolation.factor),
            number(terms.result)
        ),
    );
}
