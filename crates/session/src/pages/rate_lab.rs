//! The rate lab: the arithmetic of `rate` and related functions over samples that can be changed.

use text::IndexSort;
mod series;

use super::arithmetic;
use crate::lab::export::{self, Exported};
use crate::lab::{Evaluation, Variant, answer, covered, evaluate, headline};
use crate::world::Snapshot;
use go::Duration;
use promql::Timestamp;
use promql::engine::{Arithmetic, BoundaryClause, ResetTerm, StartClause};
use protocol::lab::{Function, Lab, MOST_POINTS, PRESETS, RangeMode, preset};
use protocol::number::number;
use protocol::pages::rate_lab::{
    CounterReset, Dot, Export, Measure, Query, Stretch, VariantRow, View,
};

/// The maximum number of steps of the range query.
const MOST_STEPS: usize = 60;

/// Returns the view of a lab. It depends on the query, and on the simulation for a series of it.
pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let mut query = query.clone();
    let mut note = None;
    if let Some(series) = &query.series {
        match series::lab(snapshot, series) {
            Some(lab) => query.lab = lab.into(),
            None => note = Some(format!("There are no samples of {} there.", series.name())),
        }
    }
    bound(&mut query.lab);
    let lab = &query.lab;
    let evaluation = evaluate(lab);
    let chosen = query.preset.as_deref().and_then(preset);
    let answer = chosen
        .map_or_else(|| headline(lab, &evaluation), |preset| answer(preset, lab, &evaluation));
    let samples = evaluation.samples.iter().map(|sample| Dot {
        id: sample.id,
        at: sample.at,
        value: sample.value,
        inside: lab.holds(sample.at),
        edited: sample.edited,
    });
    let (resets, corrected) = resets(&evaluation);
    View {
        presets: PRESETS.iter().map(|one| (one.id.to_owned(), one.question.to_owned())).collect(),
        answer,
        promql: lab.query(lab.function, lab.mode),
        dots: samples.collect(),
        missed: missed(lab),
        start: evaluation.start,
        end: evaluation.end,
        exposed: exposed(lab),
        resets,
        corrected,
        stretch: stretch(&evaluation.chosen.arithmetic),
        measure: measure(&evaluation.chosen.arithmetic),
        ends: ends(&evaluation.chosen.arithmetic),
        terms: terms(lab, &evaluation),
        chosen: variant(&evaluation.chosen, &evaluation),
        variants: evaluation.variants.iter().map(|one| variant(one, &evaluation)).collect(),
        truth: evaluation.ground_truth,
        steps: steps(&evaluation),
        unused: evaluation.aliasing.unused.clone(),
        considered: evaluation.aliasing.considered,
        choices: query
            .search
            .as_deref()
            .map_or_else(Vec::new, |text| series::choices(snapshot, text)),
        exported: query.export.map_or_else(Vec::new, |export| exported(lab, export)),
        note,
        query,
    }
}

/// Limits all numbers of a lab, because it can come from a link or from storage.
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

/// The value that the process exposes from each event on; the sum if there are two counters.
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
    times.index_sort();
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

/// Returns each reset that is corrected, with the corrected samples after it.
fn resets(evaluation: &Evaluation) -> (Vec<CounterReset>, Vec<(Timestamp, f64)>) {
    let resets: &[ResetTerm] = match &evaluation.chosen.arithmetic {
        Arithmetic::Rate { resets, .. } | Arithmetic::Extended { resets, .. } => resets,
        _ => &[],
    };
    let drawn = resets.iter().map(|reset| {
        let before = evaluation.samples.iter().rev().find(|sample| sample.at < reset.time);
        CounterReset {
            from: (before.map_or(reset.time, |sample| sample.at), reset.before),
            to: (reset.time, reset.after),
            text: format!("reset: +{}", number(reset.before)),
        }
    });
    let corrected = evaluation.inside.iter().filter_map(|sample| {
        let added: f64 =
            resets.iter().filter(|reset| reset.time <= sample.at).map(|reset| reset.before).sum();
        (added != 0.0).then_some((sample.at, sample.value + added))
    });
    (drawn.collect(), corrected.collect())
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
    // A counter with a known start in the window is drawn from its start.
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

fn terms(lab: &Lab, evaluation: &Evaluation) -> Vec<(String, String)> {
    let (inside, all) = (evaluation.inside.len(), evaluation.samples.len());
    let mut rows = vec![(
        "samples".to_owned(),
        format!("{inside} in the window, {} left out", all - inside.min(all)),
    )];
    let when = |time: Timestamp| format!("{} s", number(time as f64 / 1000.0));
    rows.extend(arithmetic::rows(&evaluation.chosen.arithmetic, &when));
    let chosen = variant(&evaluation.chosen, evaluation);
    match (&evaluation.chosen.refused, evaluation.chosen.result) {
        (Some(refused), _) => rows.push(("refused".to_owned(), refused.clone())),
        (None, None) => rows.push(("result".to_owned(), "nothing".to_owned())),
        (None, Some(result)) if !rows.iter().any(|(name, _)| name == "result") => {
            rows.push(("result".to_owned(), number(result)));
        }
        (None, Some(_)) => {}
    }
    if lab.function.per_second() && evaluation.chosen.result.is_some() {
        let seconds = number(lab.range.seconds());
        rows.push(("over the window".to_owned(), format!("× {seconds} s = {}", chosen.events)));
    }
    if let Some(truth) = evaluation.ground_truth {
        rows.push(("truth".to_owned(), number(truth)));
        if !chosen.error.is_empty() {
            rows.push(("error".to_owned(), chosen.error));
        }
    }
    if let Some(summed) = evaluation.summed {
        let name = format!("{} of each counter, then the sum", lab.function.name());
        rows.push((name, number(summed)));
    }
    rows
}

fn variant(one: &Variant, evaluation: &Evaluation) -> VariantRow {
    let shown = |value: Option<f64>| value.map_or("nothing".to_owned(), number);
    let note = match (&one.refused, one.mode, one.function) {
        (Some(_), ..) => "Prometheus refuses it",
        (_, RangeMode::Anchored, _) => "from the last sample before the window to the last in it",
        (_, RangeMode::Smoothed, _) => "the values at both ends are interpolated",
        (_, RangeMode::Starts, _) => "a counter that began in the window counts from zero",
        (_, RangeMode::Closed, _) => "a sample at the very start counted too",
        (_, RangeMode::Usual, Function::Increase) => "extrapolated to the whole window",
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
    let error = one.events.zip(evaluation.ground_truth).map(|(events, truth)| {
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

fn steps(evaluation: &Evaluation) -> Vec<(Timestamp, String)> {
    evaluation
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
