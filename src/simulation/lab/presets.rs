//! Questions that people ask about `rate`, each with a lab that shows the answer and a sentence
//! that is computed from it.

use super::evaluate::{LabTerms, Outcome};
use super::state::{Function, Lab};
use crate::model::Duration;
use crate::promql::engine::{EndClause, StartClause};

/// A question, and how to see its answer.
pub struct Preset {
    /// In kebab case; stays the same when the question is reworded.
    pub id: &'static str,
    pub question: &'static str,
    pub lab: fn() -> Lab,
    pub answer: fn(&Lab, &Outcome) -> String,
}

pub static PRESETS: &[Preset] = &[
    Preset {
        id: "fractional",
        question: "Why is increase() fractional?",
        lab: Lab::default,
        answer: fractional,
    },
    Preset {
        id: "first-increment",
        question: "Why is the first increment lost?",
        lab: || Lab {
            initial: 0.0,
            events: vec![97_000],
            first_scrape: 100_000,
            at: 150_000,
            ..Lab::default()
        },
        answer: first_increment,
    },
    Preset {
        id: "one-interval",
        question: "Why does a window of one interval return nothing?",
        lab: || Lab { range: Duration::from_secs(15), ..Lab::default() },
        answer: one_interval,
    },
    Preset {
        id: "four-intervals",
        question: "Why four times the scrape interval?",
        lab: || Lab {
            function: Function::Rate,
            missed: vec![6, 7],
            range: Duration::from_secs(60),
            ..Lab::default()
        },
        answer: four_intervals,
    },
    Preset {
        id: "sum-then-rate",
        question: "Why rate, then sum?",
        lab: || Lab {
            // The sum of two counters of which one begins anew: a fall that is no reset of the sum.
            events: evenly(4_000, 10_000, 18),
            edits: (5..13)
                .map(|k| super::state::Edit::Move {
                    from: k * 15_000,
                    to: k * 15_000,
                    value: 400.0 + (k as f64 - 5.0) * 1.5,
                })
                .chain((0..5).map(|k| super::state::Edit::Move {
                    from: k * 15_000,
                    to: k * 15_000,
                    value: 900.0 + k as f64 * 1.5,
                }))
                .collect(),
            at: 100_000,
            ..Lab::default()
        },
        answer: sum_then_rate,
    },
    Preset {
        id: "irate",
        question: "irate() or rate()?",
        lab: || Lab {
            function: Function::Irate,
            events: evenly(4_000, 20_000, 5)
                .into_iter()
                .chain(evenly(106_000, 1_000, 12))
                .collect(),
            at: 127_000,
            ..Lab::default()
        },
        answer: irate,
    },
    Preset {
        id: "missed-scrape",
        question: "What does a missed scrape do?",
        lab: || Lab { missed: vec![8], ..Lab::default() },
        answer: missed_scrape,
    },
    Preset {
        id: "restart",
        question: "What does a restart do?",
        lab: || Lab { resets: vec![98_000], ..Lab::default() },
        answer: restart,
    },
    Preset {
        id: "aliasing",
        question: "Why does a graph miss a spike?",
        lab: || Lab {
            events: evenly(64_000, 500, 20),
            range: Duration::from_secs(30),
            step: Duration::from_secs(60),
            at: 120_000,
            ..Lab::default()
        },
        answer: aliasing,
    },
];

/// The preset with an id.
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

fn evenly(first: i64, every: i64, count: i64) -> Vec<i64> {
    (0..count).map(|k| first + k * every).collect()
}

/// What the lab shows, in one sentence, whatever has been done to it.
pub fn headline(lab: &Lab, outcome: &Outcome) -> String {
    let name = lab.function.name();
    let truth = count(outcome.truth as f64, "event");
    match (&outcome.terms, outcome.inside.len()) {
        (Some(LabTerms::Rate { terms, .. }), samples) => {
            let sampled = seconds(terms.extrapolation.sampled_interval);
            format!(
                "**{}** from {name}(), and **{truth}** really happened: the {samples} samples in the window span {sampled} of its {}, so the {} that they counted are stretched to it.",
                with_unit(lab, terms.result),
                lab.range,
                number(terms.increase),
            )
        }
        (Some(LabTerms::InstantRate(terms)), _) => format!(
            "**{}** from {name}(): the last two samples are {} apart and differ by {}; nothing else in the window counts, and {truth} really happened in it.",
            with_unit(lab, terms.result),
            seconds(terms.interval),
            number(terms.difference),
        ),
        (Some(LabTerms::Linear { slope, samples }), _) => format!(
            "**{}** from {name}(): the slope of the line nearest to {samples} samples. It knows nothing of resets, so it is for gauges.",
            with_unit(lab, *slope),
        ),
        (None, 0) => format!(
            "{name}() returns **nothing**: no sample lies in the window, and {truth} really happened in it."
        ),
        (None, _) => format!(
            "{name}() returns **nothing**: it needs two samples, and the window holds one; {truth} really happened in it."
        ),
    }
}

fn fractional(lab: &Lab, outcome: &Outcome) -> String {
    let Some(LabTerms::Rate { terms, .. }) = &outcome.terms else { return headline(lab, outcome) };
    let extrapolation = &terms.extrapolation;
    format!(
        "**{}**, though only whole events can happen: the samples counted {} over {}, and that is multiplied by {} to speak for the whole {}.",
        number(terms.result),
        number(terms.increase),
        seconds(extrapolation.sampled_interval),
        number(extrapolation.factor),
        lab.range,
    )
}

fn first_increment(lab: &Lab, outcome: &Outcome) -> String {
    let first = outcome.samples.first().map_or(0.0, |sample| sample.value);
    let got = match &outcome.terms {
        Some(LabTerms::Rate { terms, .. }) => terms.result,
        _ => return headline(lab, outcome),
    };
    let starts = outcome
        .variants
        .iter()
        .find(|variant| variant.name.contains("start timestamps"))
        .and_then(|variant| variant.result);
    let truth = outcome.truth;
    format!(
        "**{}**, though {truth} happened: the first sample ever seen was already {}, and from a single value nothing can be told of what came before. {}",
        number(got),
        number(first),
        match starts.filter(|&starts| starts != got) {
            Some(starts) => format!("With start timestamps it is {}.", number(starts)),
            None => "Let programs expose their counters at zero from the start.".to_owned(),
        },
    )
}

fn one_interval(lab: &Lab, outcome: &Outcome) -> String {
    let samples = outcome.inside.len();
    if outcome.terms.is_some() || samples > 1 {
        return headline(lab, outcome);
    }
    format!(
        "**Nothing**: a window of {} over samples every {} holds {}, and a difference needs two. The window's start is not part of it since version 3, so not even samples on both edges count.",
        lab.range,
        lab.scrape_interval,
        count(samples as f64, "sample"),
    )
}

fn four_intervals(lab: &Lab, outcome: &Outcome) -> String {
    let usual = lab.range.millis() / lab.scrape_interval.millis().max(1);
    let here = outcome.inside.len() as i64;
    let missing = count(lab.missed.len() as f64, "missed scrape");
    match &outcome.terms {
        Some(LabTerms::Rate { terms, .. }) => format!(
            "With {missing} the window still holds {here} of its {usual} samples, so rate() still says **{}**; a window of twice the interval would have been empty-handed.",
            with_unit(lab, terms.result),
        ),
        _ => format!(
            "With {missing} even this window is empty-handed: it holds {here} of its {usual} samples, and two are needed."
        ),
    }
}

fn sum_then_rate(lab: &Lab, outcome: &Outcome) -> String {
    match &outcome.terms {
        Some(LabTerms::Rate { terms, resets }) if !resets.is_empty() => format!(
            "**{}**, though {} happened: the series is a sum, and when one of its counters began anew the sum fell from {} to {}. That is taken for a restart from zero, so all of {} is added. Take the rate of each counter first, then the sum.",
            number(terms.result),
            outcome.truth,
            number(resets.iter().map(|reset| reset.before).sum::<f64>()),
            number(resets.last().map_or(0.0, |reset| reset.after)),
            number(terms.reset_correction),
        ),
        _ => headline(lab, outcome),
    }
}

fn irate(lab: &Lab, outcome: &Outcome) -> String {
    let of = |name: &str| {
        let found = outcome.variants.iter().find(|variant| variant.name == name);
        found.and_then(|variant| variant.result)
    };
    match (of("irate"), of("rate")) {
        (Some(irate), Some(rate)) => format!(
            "irate() says **{}/s**, rate() says **{}/s**: the first sees only the last two of {} samples. It is quick to show a burst, and as quick to miss one.",
            number(irate),
            number(rate),
            outcome.inside.len(),
        ),
        _ => headline(lab, outcome),
    }
}

fn missed_scrape(lab: &Lab, outcome: &Outcome) -> String {
    let Some(LabTerms::Rate { terms, .. }) = &outcome.terms else { return headline(lab, outcome) };
    let extrapolation = &terms.extrapolation;
    let end = match extrapolation.end_clause {
        EndClause::HalfInterval => format!(
            "the last sample is {} from the end, more than {}, so only half an average interval is added there",
            seconds(extrapolation.gap_at_end),
            seconds(extrapolation.threshold),
        ),
        EndClause::WindowEnd => "the samples around the gap still reach both ends".to_owned(),
    };
    format!(
        "**{}** beside {} real ones: nothing is lost, because the next sample of a counter holds all that happened before it; {end}.",
        number(terms.result),
        outcome.truth,
    )
}

fn restart(lab: &Lab, outcome: &Outcome) -> String {
    match &outcome.terms {
        Some(LabTerms::Rate { terms, resets }) if !resets.is_empty() => {
            let zero = match terms.extrapolation.start_clause {
                StartClause::CounterZero => " The start is not stretched below zero.",
                _ => "",
            };
            format!(
                "**{}** beside {} real ones: the value fell, so {} are added back and the counter goes on as if from there. What was counted between the last scrape and the restart is lost.{zero}",
                number(terms.result),
                outcome.truth,
                number(terms.reset_correction),
            )
        }
        _ => headline(lab, outcome),
    }
}

fn aliasing(lab: &Lab, outcome: &Outcome) -> String {
    let unused = outcome.aliasing.unused.len();
    if unused == 0 {
        return format!(
            "Every sample is in some step's window: a range of {} covers a step of {}.",
            lab.range, lab.step
        );
    }
    format!(
        "**{} of the samples** are in no step's window: with a step of {} and a range of {}, the graph never looks at them. Make the range at least as long as the step.",
        unused, lab.step, lab.range
    )
}

/// A number as people read it: at most four digits that matter.
pub fn number(value: f64) -> String {
    if value == value.round() && value.abs() < 1e9 {
        return format!("{value}");
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn seconds(value: f64) -> String {
    format!("{} s", number(value))
}

fn with_unit(lab: &Lab, value: f64) -> String {
    let unit = if lab.function.per_second() { "/s" } else { "" };
    format!("{}{unit}", number(value))
}

fn count(value: f64, noun: &str) -> String {
    let plural = if value == 1.0 { "" } else { "s" };
    format!("{} {noun}{plural}", number(value))
}

#[cfg(test)]
mod tests {
    use super::super::evaluate;
    use super::*;

    fn answer(id: &str) -> String {
        let preset = preset(id).unwrap();
        let lab = (preset.lab)();
        (preset.answer)(&lab, &evaluate(&lab))
    }

    #[test]
    fn presets_answer_from_what_they_show() {
        for (id, parts) in [
            ("fractional", &["**5.333**", "45 s", "1.333", "1m"][..]),
            ("first-increment", &["**0**", "though 1 happened", "already 1"]),
            ("one-interval", &["**Nothing**", "15s", "1 sample,"]),
            ("four-intervals", &["2 missed scrapes", "2 of its 4"]),
            ("sum-then-rate", &["fell from 906 to 400"]),
            ("irate", &["only the last two of 4 samples"]),
            ("missed-scrape", &["half an average interval"]),
            ("restart", &["added back"]),
            ("aliasing", &["of the samples** are in no step's window"]),
        ] {
            let text = answer(id);
            for part in parts {
                assert!(text.contains(part), "{id}: {text:?} lacks {part:?}");
            }
        }
        assert_eq!(PRESETS.len(), 9);
    }

    #[test]
    fn numbers_as_people_read_them() {
        for (value, text) in [
            (4.0, "4"),
            (5.333_333, "5.333"),
            (0.088_888, "0.08889"),
            (1234.56, "1235"),
            (-0.5, "-0.5"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
