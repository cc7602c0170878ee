//! The arithmetic of one sample as rows.

use super::{in_words, series_name};
use crate::labels::plain_labels;
use crate::pages::arithmetic;
use crate::world::START;
use go::number::format_float;
use promql::Timestamp;
use promql::engine::{Arithmetic, Terms};
use protocol::lab::Function;
use protocol::number::number;
use protocol::pages::query::TermsView;
use protocol::pages::rate_lab::SeriesWindow;

/// Returns None for functions that the lab does not have, and for histograms.
fn series_window(terms: &Terms) -> Option<SeriesWindow> {
    let name = terms.function.name();
    let function = Function::ALL.into_iter().find(|one| one.name() == name)?;
    let end = u64::try_from(terms.end - START).ok()?;
    (terms.histograms.is_empty() && !terms.floats.is_empty()).then(|| SeriesWindow {
        labels: plain_labels(&terms.labels),
        end,
        function: Some(function),
        range: Some(terms.end - terms.start),
    })
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
    let when = |time: Timestamp| format!("−{} s", number(before(time)));
    rows.extend(arithmetic::rows(&terms.arithmetic, &when));
    match &terms.arithmetic {
        Arithmetic::Counting(times) => {
            let times: Vec<String> =
                times.iter().map(|time| format!("{} s", number(before(*time)))).collect();
            let text = if times.is_empty() { "none".to_owned() } else { times.join(", ") };
            rows.push(("counted, before the end".to_owned(), text));
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
        _ => {}
    }
    TermsView {
        series: series_name(&terms.labels),
        rows,
        result: terms.result.as_ref().map_or("nothing".to_owned(), in_words),
        samples: floats.chain(histograms).collect(),
        series_window: series_window(terms),
    }
}
