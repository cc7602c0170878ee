//! The arithmetic of `rate` and its sisters over samples one can change.

mod take;

use serde::{Deserialize, Serialize};

use super::arithmetic;
use crate::Session;
use go::Duration;
use promql::Timestamp;
use promql::engine::{Arithmetic, BoundaryClause, ResetTerm, StartClause};
use simulation::lab::export::{self, Exported};
use simulation::lab::{
    Evaluation, Function, Lab, LabAction, MOST_POINTS, PRESETS, RangeMode, Variant, answer,
    covered, evaluate, headline, number, preset, update,
};

pub use take::{Choice, Take};

/// Most steps of the range query that are shown.
const MOST_STEPS: usize = 60;

/// What the page wants to see: a lab, and the question that it began as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub lab: Lab,
    /// The id of the preset that it began as.
    pub preset: Option<String>,
    /// A series of the simulation takes the lab's place.
    pub take: Option<Take>,
    /// Series whose name contains this are offered.
    pub search: Option<String>,
    pub export: Option<Export>,
}

/// Files for other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Export {
    OpenMetrics,
    Script,
    UnitTest,
}

impl Default for Question {
    fn default() -> Self {
        Self::of_preset("fractional")
    }
}

impl Question {
    /// The lab of a preset; the plain one where there is none.
    pub fn of_preset(id: &str) -> Self {
        let found = preset(id);
        Self {
            lab: found.map_or_else(Lab::default, |found| (found.lab)()),
            preset: found.map(|found| found.id.to_owned()),
            take: None,
            search: None,
            export: None,
        }
    }

    /// As it began: the preset's lab, or the series without what was done to it.
    pub fn anew(&self) -> Self {
        let export = self.export;
        match &self.preset {
            Some(id) => Self { export, ..Self::of_preset(id) },
            None => Self { lab: update(&self.lab, LabAction::Undo), ..self.clone() },
        }
    }

    /// A series of the simulation.
    pub fn of_series(take: Take) -> Self {
        Self { preset: None, take: Some(take), ..Self::default() }
    }
}

/// What is drawn. Times are milliseconds from the lab's beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// With the lab as it is drawn: what was taken is in it, and everything is bounded.
    pub question: Question,
    /// Ids and questions.
    pub presets: Vec<(String, String)>,
    /// What the lab shows, in a sentence; what stands between `**` is strong.
    pub answer: String,
    pub query: String,
    pub dots: Vec<Dot>,
    /// Scrapes that are not made.
    pub missed: Vec<Dot>,
    /// The window is `(start, end]`.
    pub start: Timestamp,
    pub end: Timestamp,
    /// When something really happened, and what the process exposed from then on.
    pub exposed: Vec<(Timestamp, f64)>,
    /// From the sample before a reset to the one after it, and what was added back.
    pub falls: Vec<Fall>,
    /// Samples as they stand once everything before a reset was added back.
    pub lifted: Vec<(Timestamp, f64)>,
    /// How far the samples are stretched, at the start and at the end.
    pub stretch: Option<[Stretch; 2]>,
    /// From the first sample to the last, and how many average intervals that is.
    pub measure: Option<Measure>,
    /// Values at the window's ends that no sample gives: time, value.
    pub ends: Vec<(Timestamp, f64)>,
    /// Name, arithmetic.
    pub terms: Vec<(String, String)>,
    pub chosen: VariantRow,
    pub variants: Vec<VariantRow>,
    /// In events, if it is known.
    pub truth: Option<f64>,
    /// Steps of a range query, and value.
    pub steps: Vec<(Timestamp, String)>,
    /// Samples that no step used, of how many.
    pub unused: Vec<Timestamp>,
    pub considered: usize,
    pub choices: Vec<Choice>,
    /// Name and text.
    pub exported: Vec<(String, String)>,
    /// Why a series cannot be taken.
    pub note: Option<String>,
}

/// A sample, or a scrape that was not made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dot {
    pub id: u32,
    pub at: Timestamp,
    pub value: f64,
    pub inside: bool,
    pub edited: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fall {
    pub from: (Timestamp, f64),
    pub to: (Timestamp, f64),
    pub text: String,
}

/// An end of the window: how far it is from the samples, and how far they are stretched to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    pub from: Timestamp,
    pub to: Timestamp,
    /// The clause that decided: `8 s < 16.5 s`.
    pub text: String,
}

/// What the extrapolation goes by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    pub from: Timestamp,
    pub to: Timestamp,
    /// `3 × 15 s`, the average interval.
    pub average: String,
    /// `1 × 1.333`, what was counted and how much it is stretched.
    pub factor: String,
}

/// One way to ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantRow {
    pub function: Function,
    pub mode: RangeMode,
    pub name: String,
    pub note: String,
    pub result: String,
    /// As events over the window, and how many too many or too few.
    pub events: String,
    pub error: String,
    pub path: Vec<(f64, f64)>,
}

/// The answer; it hangs on the question, and on the simulation for what is taken from it.
pub fn view(session: &Session, question: &Question) -> View {
    let mut question = question.clone();
    let mut note = None;
    if let Some(take) = &question.take {
        match take::lab(session, take) {
            Some(lab) => question.lab = lab,
            None => note = Some(format!("There are no samples of {} there.", take.name())),
        }
    }
    bound(&mut question.lab);
    let lab = &question.lab;
    let outcome = evaluate(lab);
    let asked = question.preset.as_deref().and_then(preset);
    let answer =
        asked.map_or_else(|| headline(lab, &outcome), |asked| answer(asked, lab, &outcome));
    let samples = outcome.samples.iter().map(|sample| Dot {
        id: sample.id,
        at: sample.at,
        value: sample.value,
        inside: lab.holds(sample.at),
        edited: sample.edited,
    });
    let (falls, lifted) = falls(&outcome);
    View {
        presets: PRESETS.iter().map(|one| (one.id.to_owned(), one.question.to_owned())).collect(),
        answer,
        query: lab.query(lab.function, lab.mode),
        dots: samples.collect(),
        missed: missed(lab),
        start: outcome.start,
        end: outcome.end,
        exposed: exposed(lab),
        falls,
        lifted,
        stretch: stretch(&outcome.chosen.arithmetic),
        measure: measure(&outcome.chosen.arithmetic),
        ends: ends(&outcome.chosen.arithmetic),
        terms: terms(lab, &outcome),
        chosen: variant(&outcome.chosen, &outcome),
        variants: outcome.variants.iter().map(|one| variant(one, &outcome)).collect(),
        truth: outcome.ground_truth,
        steps: steps(&outcome),
        unused: outcome.aliasing.unused.clone(),
        considered: outcome.aliasing.considered,
        choices: question
            .search
            .as_deref()
            .map_or_else(Vec::new, |text| take::choices(session, text)),
        exported: question.export.map_or_else(Vec::new, |export| exported(lab, export)),
        note,
        question,
    }
}

/// A lab may come from a link or from storage, so nothing in it is taken for granted.
fn bound(lab: &mut Lab) {
    for counter in std::iter::once(&mut lab.counter).chain(&mut lab.second) {
        counter.events.truncate(MOST_POINTS);
        counter.events.retain(|(_, by)| by.is_finite());
        counter.resets.truncate(100);
        if !counter.initial.is_finite() {
            counter.initial = 0.0;
        }
    }
    lab.placed.truncate(MOST_POINTS);
    lab.placed.retain(|placed| placed.value.is_finite());
    lab.missed.truncate(MOST_POINTS);
    lab.restarts.truncate(100);
    lab.overlays.truncate(Function::ALL.len() * RangeMode::ALL.len());
    lab.length = Duration(lab.length.millis().clamp(10_000, 3_600_000));
    lab.range = Duration(lab.range.millis().clamp(1_000, 3_600_000));
    lab.step = Duration(lab.step.millis().clamp(1_000, 3_600_000));
    lab.scrape_interval = Duration(lab.scrape_interval.millis().clamp(1_000, 600_000));
    lab.jitter = Duration(lab.jitter.millis().clamp(0, 600_000));
    let length = lab.length.millis();
    lab.first_scrape = lab.first_scrape.clamp(0, length);
    lab.at = lab.at.clamp(0, length);
    for placed in &mut lab.placed {
        placed.at = placed.at.clamp(0, length);
    }
    if let Some(taken) = &mut lab.taken {
        taken.samples.truncate(MOST_POINTS);
        taken.samples.retain(|(at, value)| (0..=length).contains(at) && value.is_finite());
        taken.origin = taken.origin.clamp(0, 1 << 52);
    }
}

/// What the process exposed from each event on; both counters' together where there are two.
fn exposed(lab: &Lab) -> Vec<(Timestamp, f64)> {
    if lab.ground_truth(0, 0).is_none() {
        return Vec::new();
    }
    let mut times: Vec<Timestamp> = lab
        .counters()
        .flat_map(|counter| {
            counter.events.iter().map(|event| event.0).chain(counter.resets.iter().copied())
        })
        .filter(|at| (0..=lab.length.millis()).contains(at))
        .collect();
    times.push(0);
    times.sort_unstable();
    times.dedup();
    // The walk over all events for each of them is bounded by a few hundred of them.
    let every = times.len().div_ceil(600);
    times.into_iter().step_by(every).map(|at| (at, lab.exposed(at))).collect()
}

fn missed(lab: &Lab) -> Vec<Dot> {
    lab.scrapes()
        .filter(|(id, ..)| lab.missed.contains(id))
        .map(|(id, at, value)| Dot { id, at, value, inside: false, edited: false })
        .collect()
}

/// Each reset that was added back, and the samples behind it as they stand then.
fn falls(outcome: &Evaluation) -> (Vec<Fall>, Vec<(Timestamp, f64)>) {
    let resets: &[ResetTerm] = match &outcome.chosen.arithmetic {
        Arithmetic::Rate { resets, .. } | Arithmetic::Extended { resets, .. } => resets,
        _ => &[],
    };
    let falls = resets.iter().map(|reset| {
        let before = outcome.samples.iter().rev().find(|sample| sample.at < reset.time);
        Fall {
            from: (before.map_or(reset.time, |sample| sample.at), reset.before),
            to: (reset.time, reset.after),
            text: format!("reset: +{}", number(reset.before)),
        }
    });
    let lifted = outcome.inside.iter().filter_map(|sample| {
        let added: f64 =
            resets.iter().filter(|reset| reset.time <= sample.at).map(|reset| reset.before).sum();
        (added != 0.0).then_some((sample.at, sample.value + added))
    });
    (falls.collect(), lifted.collect())
}

fn stretch(arithmetic: &Arithmetic) -> Option<[Stretch; 2]> {
    let Arithmetic::Rate { terms, .. } = arithmetic else { return None };
    let found = &terms.extrapolation;
    let millis = |seconds: f64| (seconds * 1000.0).round() as i64;
    let compared = |gap: f64| {
        let sign = if gap < found.threshold { "<" } else { "≥" };
        format!("{} s {sign} {} s", number(gap), number(found.threshold))
    };
    let at_start = match found.start_clause {
        StartClause::WindowStart | StartClause::HalfInterval => compared(found.gap_at_start),
        StartClause::CounterZero => format!("zero {} s ago", number(found.extended_at_start)),
        StartClause::StartTimestamp => "start known".to_owned(),
    };
    // A counter that is known to have begun in the window is drawn from there on.
    let first = terms.last.0 - millis(found.sampled_interval);
    Some([
        Stretch { from: first, to: first - millis(found.extended_at_start), text: at_start },
        Stretch {
            from: terms.last.0,
            to: terms.last.0 + millis(found.extended_at_end),
            text: compared(found.gap_at_end),
        },
    ])
}

fn measure(arithmetic: &Arithmetic) -> Option<Measure> {
    let Arithmetic::Rate { terms, .. } = arithmetic else { return None };
    let average = match terms.samples.saturating_sub(1) {
        0 => "one sample".to_owned(),
        gaps => format!("{gaps} × {} s", number(terms.extrapolation.average_interval)),
    };
    let factor = format!("{} × {}", number(terms.increase), number(covered(terms).1));
    Some(Measure { from: terms.first.0, to: terms.last.0, average, factor })
}

/// The values that were read at the ends of an `anchored` or `smoothed` window.
fn ends(arithmetic: &Arithmetic) -> Vec<(Timestamp, f64)> {
    let Arithmetic::Extended { terms, .. } = arithmetic else { return Vec::new() };
    [terms.start, terms.end]
        .iter()
        .filter(|end| end.clause != BoundaryClause::Sample { time: end.time })
        .map(|end| (end.time, end.value))
        .collect()
}

fn terms(lab: &Lab, outcome: &Evaluation) -> Vec<(String, String)> {
    let (inside, all) = (outcome.inside.len(), outcome.samples.len());
    let mut rows = vec![(
        "samples".to_owned(),
        format!("{inside} in the window, {} left out", all - inside.min(all)),
    )];
    let when = |time: Timestamp| format!("{} s", number(time as f64 / 1000.0));
    rows.extend(arithmetic::rows(&outcome.chosen.arithmetic, &when));
    let chosen = variant(&outcome.chosen, outcome);
    match (&outcome.chosen.refused, outcome.chosen.result) {
        (Some(refused), _) => rows.push(("refused".to_owned(), refused.clone())),
        (None, None) => rows.push(("result".to_owned(), "nothing".to_owned())),
        (None, Some(result)) if !rows.iter().any(|(name, _)| name == "result") => {
            rows.push(("result".to_owned(), number(result)));
        }
        (None, Some(_)) => {}
    }
    if lab.function.per_second() && outcome.chosen.result.is_some() {
        let seconds = number(lab.range.seconds());
        rows.push(("over the window".to_owned(), format!("× {seconds} s = {}", chosen.events)));
    }
    if let Some(truth) = outcome.ground_truth {
        rows.push(("truth".to_owned(), number(truth)));
        if !chosen.error.is_empty() {
            rows.push(("error".to_owned(), chosen.error));
        }
    }
    if let Some(summed) = outcome.summed {
        let name = format!("{} of each counter, then the sum", lab.function.name());
        rows.push((name, number(summed)));
    }
    rows
}

fn variant(one: &Variant, outcome: &Evaluation) -> VariantRow {
    let shown = |value: Option<f64>| value.map_or("nothing".to_owned(), number);
    let note = match (&one.refused, one.mode, one.function) {
        (Some(_), ..) => "Prometheus refuses it",
        (_, RangeMode::Anchored, _) => "from the last sample before the window to the last in it",
        (_, RangeMode::Smoothed, _) => "the values at both ends are interpolated",
        (_, RangeMode::Starts, _) => "a counter that began in the window counts from zero",
        (_, RangeMode::Closed, _) => "a sample at the very start counted too",
        (_, RangeMode::Usual, Function::Increase) => "stretched to the whole window",
        (_, RangeMode::Usual, Function::Rate) => "the increase, divided by the window",
        (_, RangeMode::Usual, Function::Irate) => "only the last two samples",
        (_, RangeMode::Usual, Function::Delta) => "for gauges: a fall is a fall, not a reset",
        (_, RangeMode::Usual, Function::Deriv) => "the slope of a line through all samples",
    };
    let name = match one.mode {
        RangeMode::Usual => one.function.name().to_owned(),
        RangeMode::Anchored | RangeMode::Smoothed => {
            format!("{} {}", one.function.name(), one.mode.title())
        }
        RangeMode::Starts => format!("{} with start timestamps", one.function.name()),
        RangeMode::Closed => format!("{} of version 2", one.function.name()),
    };
    let error = one.events.zip(outcome.ground_truth).map(|(events, truth)| {
        let error = events - truth;
        let percent = match truth {
            0.0 => String::new(),
            truth => format!(" ({} %)", signed((error / truth * 100.0).round())),
        };
        match error.abs() < 1e-9 {
            true => "0".to_owned(),
            false => format!("{}{percent}", signed(error)),
        }
    });
    VariantRow {
        function: one.function,
        mode: one.mode,
        name,
        note: note.to_owned(),
        result: shown(one.result),
        events: shown(one.events),
        error: error.unwrap_or_default(),
        path: one.path.clone(),
    }
}

fn signed(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, number(value))
}

fn steps(outcome: &Evaluation) -> Vec<(Timestamp, String)> {
    outcome
        .aliasing
        .steps
        .iter()
        .take(MOST_STEPS)
        .map(|(at, value)| (*at, value.map_or("nothing".to_owned(), number)))
        .collect()
}

fn exported(lab: &Lab, export: Export) -> Vec<(String, String)> {
    let files: Vec<Exported> = match export {
        Export::OpenMetrics => vec![export::openmetrics(lab)],
        Export::Script => vec![export::script(lab)],
        Export::UnitTest => export::unit_test(lab).to_vec(),
    };
    files.into_iter().map(|file| (file.name.to_owned(), file.text)).collect()
}
