//! Answers to the preset questions. They are computed from the current lab.

use super::evaluate::{Evaluation, coverage, evaluate};
use promql::engine::{Arithmetic, EndClause, RateTerms, StartClause};
use protocol::lab::{Function, Lab, Preset, RangeMode};
use protocol::number::number;

type Answer = fn(&Lab, &Evaluation) -> String;

/// Answers by preset id.
static ANSWERS: &[(&str, Answer)] = &[
    ("fractional", fractional),
    ("first-increment", first_increment),
    ("one-interval", one_interval),
    ("four-intervals", four_intervals),
    ("rate-then-sum", rate_then_sum),
    ("irate", irate),
    ("missed-scrape", missed_scrape),
    ("restart", restart),
    ("counter-zero", counter_zero),
    ("aliasing", aliasing),
];

/// Returns the answer to a preset's question for the current lab.
pub fn answer(preset: &Preset, lab: &Lab, evaluation: &Evaluation) -> String {
    let found = ANSWERS.iter().find(|(id, _)| *id == preset.id);
    found.map_or_else(|| headline(lab, evaluation), |(_, answer)| answer(lab, evaluation))
}

/// Summarizes a lab in one or two sentences.
pub fn headline(lab: &Lab, evaluation: &Evaluation) -> String {
    let name = lab.function.name();
    let happened = happened(lab, evaluation.ground_truth);
    let chosen = &evaluation.chosen;
    if let Some(refused) = &chosen.refused {
        return format!("Prometheus **refuses** this: {refused}.");
    }
    let Some(result) = chosen.result.map(|result| with_unit(lab, result)) else {
        return nothing(lab, evaluation, &happened);
    };
    match &chosen.arithmetic {
        Arithmetic::Rate { terms, .. } => format!(
            "**{result}** from {name}(), and {happened}: the {} in the window show an increase of {} over {}, which Prometheus extrapolates to {}.",
            count(terms.samples as f64, "sample"),
            number(terms.increase),
            seconds(terms.extrapolation.sampled_interval),
            extrapolated(lab, terms),
        ),
        Arithmetic::Extended { terms, .. } => {
            let how = if terms.smoothed {
                "interpolated between samples"
            } else {
                "that of the last sample at or before it"
            };
            format!(
                "**{result}** from {name}(), and {happened}: the value at each end of the window is {how}, from {} to {}, so nothing is extrapolated.",
                number(terms.start.value),
                number(terms.end.value),
            )
        }
        Arithmetic::InstantRate(terms) => format!(
            "**{result}** from {name}(): the last two samples are {} apart and differ by {}. Other samples in the window are not used, and {happened} in it.",
            seconds(terms.interval),
            number(terms.difference),
        ),
        Arithmetic::Linear(terms) => format!(
            "**{result}** from {name}(): the slope of a linear regression over {}. It does not handle resets, so use it for gauges.",
            count(terms.samples as f64, "sample"),
        ),
        _ => format!("**{result}** from {name}(), and {happened}."),
    }
}

/// Describes the true increase. It is a number of events only if it is whole.
fn happened(lab: &Lab, truth: Option<f64>) -> String {
    match truth {
        None => "the true increase is not known".to_owned(),
        Some(truth) if lab.gauge => format!("the true change is {}", number(truth)),
        Some(truth) if truth.fract() != 0.0 => format!("the true increase is {}", number(truth)),
        Some(truth) => format!("{} happened", count(truth, "event")),
    }
}

fn nothing(lab: &Lab, evaluation: &Evaluation, happened: &str) -> String {
    let name = lab.function.name();
    let why = match evaluation.inside.len() {
        0 => "the window holds no sample".to_owned(),
        1 => "it needs two samples, and the window holds one".to_owned(),
        held => format!("the {held} samples in the window are not enough"),
    };
    format!("{name}() returns **nothing**: {why}; {happened} in it.")
}

/// Describes the time to which the increase is extrapolated.
fn extrapolated(lab: &Lab, terms: &RateTerms) -> String {
    let (covered, factor) = covered(terms);
    let to = match (covered - lab.range.seconds()).abs() < 1e-9 {
        true => format!("the whole window of {}", lab.range),
        false => format!("{} of the window's {}", seconds(covered), lab.range),
    };
    let per_second = match lab.function.per_second() {
        true => format!(" and divides by {}", seconds(lab.range.seconds())),
        false => String::new(),
    };
    format!("{to}, times {}{per_second}", number(factor))
}

/// Returns the seconds to which the increase is extrapolated, and the factor.
pub fn covered(terms: &RateTerms) -> (f64, f64) {
    let found = &terms.extrapolation;
    let covered = found.sampled_interval + found.extended_at_start + found.extended_at_end;
    let sampled = found.sampled_interval;
    (covered, if sampled > 0.0 { covered / sampled } else { 1.0 })
}

fn fractional(lab: &Lab, evaluation: &Evaluation) -> String {
    let Some((terms, _)) = evaluation.rate() else { return headline(lab, evaluation) };
    let but = match (terms.result == terms.result.round(), evaluation.ground_truth) {
        (true, _) => "a whole number this time".to_owned(),
        (false, Some(truth)) => format!("though {} happened", count(truth, "event")),
        (false, None) => "though events are whole".to_owned(),
    };
    format!(
        "**{}**, {but}: the {} in the window show an increase of {} over {}, which Prometheus extrapolates to {}.",
        with_unit(lab, terms.result),
        count(terms.samples as f64, "sample"),
        number(terms.increase),
        seconds(terms.extrapolation.sampled_interval),
        extrapolated(lab, terms),
    )
}

fn counter_zero(lab: &Lab, evaluation: &Evaluation) -> String {
    let Some((terms, _)) = evaluation.rate() else { return headline(lab, evaluation) };
    let found = &terms.extrapolation;
    let why = match (found.start_clause, found.to_zero) {
        (StartClause::CounterZero, _) => format!(
            "at its slope the counter was zero {} before the first sample, so the increase is extrapolated by that and not by the {} to the start of the window",
            seconds(found.extended_at_start),
            seconds(found.gap_at_start),
        ),
        (StartClause::StartTimestamp, _) => {
            "the start of the counter is known, so nothing is extrapolated at the start".to_owned()
        }
        (_, Some(zero)) => format!(
            "at its slope the counter would be zero {} before the first sample, earlier than the {} of the extrapolation, so zero is no limit",
            seconds(zero),
            seconds(found.extended_at_start),
        ),
        (_, None) => "the counter does not increase, so zero is no limit".to_owned(),
    };
    let truth = true_increase(evaluation);
    format!("**{}**, and the true increase is {truth}: {why}.", with_unit(lab, terms.result))
}

fn first_increment(lab: &Lab, evaluation: &Evaluation) -> String {
    let (Some(result), Some(first), Some(truth)) =
        (evaluation.chosen.result, evaluation.samples.first(), evaluation.ground_truth)
    else {
        return headline(lab, evaluation);
    };
    let before = lab.ground_truth(evaluation.start, first.at).unwrap_or(0.0);
    if first.at <= evaluation.start || before == 0.0 {
        return format!(
            "**{}**, and the true increase is {}: none of it is before the first sample at {}, so no increment is lost here.",
            with_unit(lab, result),
            number(truth),
            seconds(first.at as f64 / 1000.0),
        );
    }
    let with_starts = match evaluation.result(lab.function, RangeMode::Starts) {
        Some(starts) if starts != result => {
            format!("with start timestamps it is {}", with_unit(lab, starts))
        }
        _ => "programs avoid this by exposing counters at zero from the start".to_owned(),
    };
    format!(
        "**{}**, though the true increase is {}: the first sample is already {}, and Prometheus does not know the value before it; {with_starts}.",
        with_unit(lab, result),
        number(truth),
        number(first.value),
    )
}

fn one_interval(lab: &Lab, evaluation: &Evaluation) -> String {
    let (answered, asked) = coverage(lab, 1);
    let share = share(answered, asked);
    if evaluation.chosen.result.is_some() {
        return format!(
            "**{}** here, from the {} in the window of {}. A window of one interval ({}) returns a result at {share} of all times.",
            with_unit(lab, evaluation.chosen.result.unwrap_or_default()),
            count(evaluation.inside.len() as f64, "sample"),
            lab.range,
            lab.scrape_interval,
        );
    }
    if evaluation.chosen.refused.is_some() {
        return headline(lab, evaluation);
    }
    let edge = evaluation.samples.iter().any(|sample| sample.at == evaluation.start);
    let edge = match edge {
        true => " besides the one exactly at its start, which is excluded since version 3",
        false => "",
    };
    format!(
        "**Nothing**: a window of {} over samples every {} holds {}{edge}, and an increase needs two. A window of one interval returns a result at {share} of all times.",
        lab.range,
        lab.scrape_interval,
        count(evaluation.inside.len() as f64, "sample"),
    )
}

fn four_intervals(lab: &Lab, evaluation: &Evaluation) -> String {
    if evaluation.chosen.refused.is_some() {
        return headline(lab, evaluation);
    }
    let (answered, asked) = coverage(lab, 4);
    let four = share(answered, asked);
    let shares: Vec<String> = [3, 2, 1]
        .into_iter()
        .map(|intervals| {
            let (answered, asked) = coverage(lab, intervals);
            format!("{intervals} at {}", share(answered, asked))
        })
        .collect();
    let here = match evaluation.chosen.result {
        Some(result) => format!(
            "returns {} from {}",
            with_unit(lab, result),
            count(evaluation.inside.len() as f64, "sample")
        ),
        None => {
            format!("returns nothing from {}", count(evaluation.inside.len() as f64, "sample"))
        }
    };
    format!(
        "With {} a window of four intervals still returns a result at **{four}** of all times, of {}. This window of {} {here}.",
        count(lab.missed.len() as f64, "missed scrape"),
        shares.join(", of "),
        lab.range,
    )
}

fn rate_then_sum(lab: &Lab, evaluation: &Evaluation) -> String {
    let (Some(result), Some(summed), Some(truth)) =
        (evaluation.chosen.result, evaluation.summed, evaluation.ground_truth)
    else {
        return headline(lab, evaluation);
    };
    let name = lab.function.name();
    let numbers = format!(
        "{name}() of the sum returns **{}**, the sum of each counter's {name}() **{}**, and the true increase is {}",
        with_unit(lab, result),
        with_unit(lab, summed),
        number(truth),
    );
    match evaluation.rate() {
        Some((terms, [.., fall])) => format!(
            "{numbers}: when one counter was reset, the sum fell from {} to {}. Prometheus takes that for a reset of the sum and adds {}.",
            number(fall.before),
            number(fall.after),
            number(terms.reset_correction),
        ),
        _ => format!(
            "{numbers}: no counter was reset in this window, so the order makes little difference."
        ),
    }
}

fn irate(lab: &Lab, evaluation: &Evaluation) -> String {
    let of = |function| evaluation.result(function, RangeMode::Usual);
    let (Some(irate), Some(rate)) = (of(Function::Irate), of(Function::Rate)) else {
        return headline(lab, evaluation);
    };
    let verdict = if irate > rate * 1.05 {
        "it shows a burst at the end sooner"
    } else if irate < rate * 0.95 {
        "it misses events earlier in the window"
    } else {
        "at a steady rate both agree"
    };
    let truth = evaluation.ground_truth.map_or_else(String::new, |truth| {
        format!("; the truth over the window is {}/s", number(truth / lab.range.seconds()))
    });
    format!(
        "irate() returns **{}/s**, rate() **{}/s**: irate() uses only the last two of {}, so {verdict}{truth}.",
        number(irate),
        number(rate),
        count(evaluation.inside.len() as f64, "sample"),
    )
}

fn missed_scrape(lab: &Lab, evaluation: &Evaluation) -> String {
    let Some((terms, _)) = evaluation.rate() else { return headline(lab, evaluation) };
    let whole = evaluate(&Lab { missed: Vec::new(), ..lab.clone() });
    let without = whole.chosen.result.map_or("nothing".to_owned(), |result| with_unit(lab, result));
    let gone = whole.inside.len() - evaluation.inside.len().min(whole.inside.len());
    let extrapolation = &terms.extrapolation;
    let end = match extrapolation.end_clause {
        EndClause::HalfInterval => format!(
            "the last sample is {} from the end, more than {}, so only half an average interval is added there",
            seconds(extrapolation.gap_at_end),
            seconds(extrapolation.threshold),
        ),
        EndClause::WindowEnd => {
            "the next sample of a counter includes all events before it".to_owned()
        }
    };
    if gone == 0 {
        return format!(
            "**{}**: no scrape of this window is missed, so the result does not change.",
            with_unit(lab, terms.result)
        );
    }
    format!(
        "**{}** with {} missed in the window, **{without}** without, and the true increase is {}: {end}.",
        with_unit(lab, terms.result),
        count(gone as f64, "scrape"),
        true_increase(evaluation),
    )
}

fn restart(lab: &Lab, evaluation: &Evaluation) -> String {
    let Some((terms, resets @ [_, ..])) = evaluation.rate() else {
        return headline(lab, evaluation);
    };
    // Events between the last scrape of a process and its end are not sampled.
    let unseen: f64 = lab
        .resets()
        .iter()
        .filter(|at| evaluation.start < **at && **at <= evaluation.end)
        .filter_map(|&at| {
            let last = evaluation.samples.iter().rev().find(|sample| sample.at < at)?;
            lab.ground_truth(last.at, at)
        })
        .sum();
    let zero = match terms.extrapolation.start_clause {
        StartClause::CounterZero => ", and the extrapolation at the start ends at zero",
        _ => "",
    };
    let fall = resets.iter().map(|one| format!("{} to {}", number(one.before), number(one.after)));
    format!(
        "**{}**, and the true increase is {}: the value fell from {}, so {} is added; {} between the last scrape and the restart {} not sampled{zero}.",
        with_unit(lab, terms.result),
        true_increase(evaluation),
        fall.collect::<Vec<_>>().join(", then from "),
        number(terms.reset_correction),
        count(unseen, "event"),
        if unseen == 1.0 { "was" } else { "were" },
    )
}

fn aliasing(lab: &Lab, evaluation: &Evaluation) -> String {
    let found = &evaluation.aliasing;
    if found.unused.is_empty() {
        return format!(
            "**Every sample** is in the window of a step: a range of {} every {} leaves no gap.",
            lab.range, lab.step
        );
    }
    let values = found.steps.iter().filter_map(|(_, value)| *value);
    let highest = values.fold(f64::NEG_INFINITY, f64::max);
    let first = found.steps.first().map_or(lab.at, |step| step.0) - lab.range.millis();
    let last = found.steps.last().map_or(lab.at, |step| step.0);
    let happened = lab
        .ground_truth(first, last)
        .map_or_else(String::new, |truth| format!("; {} happened", count(truth, "event")));
    let highest = match highest.is_finite() {
        true => format!("; the highest value that it shows is {}", with_unit(lab, highest)),
        false => String::new(),
    };
    format!(
        "**{} of {} samples** are in no step's window: a graph with a range of {} every {} does not use them{happened}{highest}. Make the range at least as long as the step.",
        found.unused.len(),
        found.considered,
        lab.range,
        lab.step,
    )
}

/// Returns the true increase as text.
fn true_increase(evaluation: &Evaluation) -> String {
    evaluation.ground_truth.map_or("unknown".to_owned(), number)
}

fn share(part: usize, of: usize) -> String {
    format!("{} %", number((part as f64 / of.max(1) as f64 * 100.0).round()))
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
mod tests;
