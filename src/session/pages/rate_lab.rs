//! The arithmetic of `rate` and its sisters over samples one can change.

use serde::{Deserialize, Serialize};

use crate::model::{Duration, Timestamp};
use crate::promql::engine::{EndClause, Extrapolation, RateTerms, ResetTerm, StartClause};
use crate::session::Session;
use crate::simulation::lab::{
    Edit, Lab, LabTerms, MOST_POINTS, Outcome, PRESETS, evaluate, headline, number, preset,
};

/// What the page wants to see: a lab, and the question that it began as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub lab: Lab,
    /// The id of a preset as long as nothing was changed.
    pub preset: Option<String>,
}

impl Default for Question {
    fn default() -> Self {
        Self::of_preset("fractional")
    }
}

impl Question {
    /// The lab of a preset; the plain one where there is none.
    pub fn of_preset(id: &str) -> Self {
        match preset(id) {
            Some(found) => Self { lab: (found.lab)(), preset: Some(id.to_owned()) },
            None => Self { lab: Lab::default(), preset: None },
        }
    }
}

/// What is drawn. Times are milliseconds from the lab's beginning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub question: Question,
    /// Ids and questions.
    pub presets: Vec<(String, String)>,
    /// What the lab shows, in a sentence; what stands between `**` is strong.
    pub answer: String,
    pub query: String,
    pub dots: Vec<Dot>,
    /// The window is `(start, end]`.
    pub start: Timestamp,
    pub end: Timestamp,
    /// When something really happened.
    pub events: Vec<Timestamp>,
    /// From the sample before a reset to the one after it, and what was added back.
    pub resets: Vec<(Timestamp, Timestamp, String)>,
    /// How far the samples are stretched, before the first and behind the last of the window.
    pub stretched: Option<(Timestamp, Timestamp)>,
    /// Name, arithmetic.
    pub terms: Vec<(String, String)>,
    /// Name, result, the same as events over the window, what is special about it.
    pub variants: Vec<[String; 4]>,
    pub truth: usize,
    /// Steps of a range query: seconds and value.
    pub steps: Vec<(String, String)>,
    /// Samples that no step used.
    pub unused: Vec<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dot {
    pub at: Timestamp,
    pub value: f64,
    pub inside: bool,
    pub edited: bool,
}

/// The answer; it hangs on the question alone.
pub fn view(_session: &Session, question: &Question) -> View {
    let mut question = question.clone();
    bound(&mut question.lab);
    let lab = &question.lab;
    let outcome = evaluate(lab);
    let asked = question.preset.as_deref().and_then(preset);
    let answer =
        asked.map_or_else(|| headline(lab, &outcome), |asked| (asked.answer)(lab, &outcome));
    let (stretched, resets) = match &outcome.terms {
        Some(LabTerms::Rate { terms, resets }) => {
            (Some(stretch(terms)), resets.iter().map(|reset| fall(&outcome, reset)).collect())
        }
        _ => (None, Vec::new()),
    };
    View {
        presets: PRESETS.iter().map(|one| (one.id.to_owned(), one.question.to_owned())).collect(),
        answer,
        query: lab.query(""),
        dots: outcome
            .samples
            .iter()
            .map(|sample| Dot {
                at: sample.at,
                value: sample.value,
                inside: outcome.start < sample.at && sample.at <= outcome.end,
                edited: sample.edited,
            })
            .collect(),
        start: outcome.start,
        end: outcome.end,
        events: lab.events.clone(),
        resets,
        stretched,
        terms: terms(lab, &outcome),
        variants: variants(&outcome),
        truth: outcome.truth,
        steps: steps(&outcome),
        unused: outcome.aliasing.unused.clone(),
        question,
    }
}

/// A lab may come from a link or from storage, so nothing in it is taken for granted.
fn bound(lab: &mut Lab) {
    lab.events.truncate(MOST_POINTS);
    lab.edits.truncate(MOST_POINTS);
    lab.resets.truncate(100);
    lab.missed.truncate(MOST_POINTS);
    lab.length = Duration(lab.length.millis().clamp(10_000, 3_600_000));
    lab.range = Duration(lab.range.millis().clamp(1_000, 3_600_000));
    lab.step = Duration(lab.step.millis().clamp(1_000, 3_600_000));
    lab.scrape_interval = Duration(lab.scrape_interval.millis().clamp(1_000, 600_000));
    lab.at = lab.at.clamp(0, lab.length.millis());
    lab.edits.retain(|edit| match edit {
        Edit::Move { value, .. } | Edit::Add { value, .. } => value.is_finite(),
        Edit::Drop { .. } => true,
    });
}

fn stretch(terms: &RateTerms) -> (Timestamp, Timestamp) {
    let millis = |seconds: f64| (seconds * 1000.0).round() as i64;
    (
        terms.first.0 - millis(terms.extrapolation.extended_at_start),
        terms.last.0 + millis(terms.extrapolation.extended_at_end),
    )
}

fn fall(outcome: &Outcome, reset: &ResetTerm) -> (Timestamp, Timestamp, String) {
    let before = outcome.samples.iter().rev().find(|sample| sample.at < reset.time);
    let from = before.map_or(reset.time, |sample| sample.at);
    (from, reset.time, format!("reset: add {} back", number(reset.before)))
}

fn terms(lab: &Lab, outcome: &Outcome) -> Vec<(String, String)> {
    let mut rows = vec![("samples in the window".to_owned(), outcome.inside.len().to_string())];
    let mut row = |name: &str, text: String| rows.push((name.to_owned(), text));
    match &outcome.terms {
        Some(LabTerms::Rate { terms, .. }) => {
            let (first, last) = (number(terms.first.1), number(terms.last.1));
            row(
                "last − first",
                format!("{last} − {first} = {}", number(terms.last.1 - terms.first.1)),
            );
            if terms.resets > 0 {
                let plural = if terms.resets == 1 { "1 reset" } else { "resets" };
                row(
                    &format!("added back for {plural}"),
                    format!("+{}", number(terms.reset_correction)),
                );
            }
            extrapolation(&terms.extrapolation, terms.samples, &mut row);
            if lab.function.per_second() {
                row("window", format!("{} s", number(lab.range.seconds())));
            }
            let factor = number(terms.extrapolation.factor);
            row(
                lab.function.name(),
                format!("{} × {factor} = {}", number(terms.increase), number(terms.result)),
            );
        }
        Some(LabTerms::InstantRate(terms)) => {
            let (previous, last) = (number(terms.previous.1), number(terms.last.1));
            row("last two samples", format!("{last} − {previous} = {}", number(terms.difference)));
            row("between them", format!("{} s", number(terms.interval)));
            row(
                lab.function.name(),
                format!(
                    "{} / {} s = {}",
                    number(terms.difference),
                    number(terms.interval),
                    number(terms.result)
                ),
            );
        }
        Some(LabTerms::Linear { slope, samples }) => {
            row("samples on the line", samples.to_string());
            row(lab.function.name(), format!("{} a second", number(*slope)));
        }
        None => row(lab.function.name(), "nothing: two samples are needed".to_owned()),
    }
    rows
}

fn extrapolation(found: &Extrapolation, samples: usize, row: &mut impl FnMut(&str, String)) {
    let [gap_start, gap_end, threshold] =
        [found.gap_at_start, found.gap_at_end, found.threshold].map(number);
    let intervals = samples.saturating_sub(1);
    let average = number(found.average_interval);
    row(
        "average interval",
        format!("{} s / {intervals} = {average} s", number(found.sampled_interval)),
    );
    row("threshold", format!("1.1 × {average} s = {threshold} s"));
    let start = match found.start_clause {
        StartClause::WindowStart => format!("{gap_start} s < {threshold} s"),
        StartClause::HalfInterval => format!("{gap_start} s ≥ {threshold} s, so half an interval"),
        StartClause::CounterZero => "not below zero".to_owned(),
        StartClause::StartTimestamp => "began in the window".to_owned(),
    };
    row(&format!("to the start · {start}"), format!("+{} s", number(found.extended_at_start)));
    let end = match found.end_clause {
        EndClause::WindowEnd => format!("{gap_end} s < {threshold} s"),
        EndClause::HalfInterval => format!("{gap_end} s ≥ {threshold} s, so half an interval"),
    };
    row(&format!("to the end · {end}"), format!("+{} s", number(found.extended_at_end)));
    row("factor", number(found.factor));
}

fn variants(outcome: &Outcome) -> Vec<[String; 4]> {
    let shown = |value: Option<f64>| value.map_or("nothing".to_owned(), number);
    outcome
        .variants
        .iter()
        .map(|one| [one.name.clone(), shown(one.result), shown(one.events), one.note.to_owned()])
        .collect()
}

fn steps(outcome: &Outcome) -> Vec<(String, String)> {
    outcome
        .aliasing
        .steps
        .iter()
        .take(60)
        .map(|(at, value)| (format!("{} s", at / 1000), value.map_or("nothing".to_owned(), number)))
        .collect()
}
