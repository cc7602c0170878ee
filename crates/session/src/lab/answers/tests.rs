//! Answers to the preset questions.

use super::*;
use go::Duration;
use protocol::lab::{LabAction, update};
use protocol::lab::{PRESETS, preset};

fn answer_of(id: &str, lab: &Lab) -> String {
    answer(preset(id).unwrap(), lab, &evaluate(lab))
}

#[test]
fn presets_answer_from_what_they_show() {
    for (id, parts) in [
        (
            "fractional",
            &[
                "**1.333**",
                "an increase of 1 over 45 s",
                "times 1.333",
                "though 1 event happened",
                "window of 1m",
            ][..],
        ),
        (
            "first-increment",
            &["**0**", "though the true increase is 1:", "already 1", "timestamps it is"],
        ),
        (
            "one-interval",
            &["**Nothing**", "15s", "1 sample besides", "excluded since version 3", "0 %"],
        ),
        (
            "four-intervals",
            &[
                "2 missed scrapes",
                "of 1 at 0 %",
                "four intervals still returns a result at **100 %**",
            ],
        ),
        ("rate-then-sum", &["of the sum returns", "true increase is 10", "takes that for a reset"]),
        ("irate", &["only the last two of 4 samples", "sooner"]),
        ("missed-scrape", &["1 scrape missed", "half an average interval"]),
        ("restart", &["is added;", "true increase is 12", "not sampled"]),
        ("counter-zero", &["zero 5 s before", "not by the 8 s"]),
        ("aliasing", &["samples** are in no step's window", "20 events happened"]),
    ] {
        let text = answer_of(id, &(preset(id).unwrap().lab)());
        for part in parts {
            assert!(text.contains(part), "{id}: {text:?} lacks {part:?}");
        }
    }
    assert!(PRESETS.iter().map(|one| one.id).eq(ANSWERS.iter().map(|(id, _)| *id)));
}

/// An answer depends on the lab, not only on the question.
#[test]
fn every_answer_changes_with_the_lab() {
    let changes = [
        LabAction::Evaluate(60_000),
        LabAction::Range(Duration::from_secs(90)),
        LabAction::Step(Duration::from_secs(15)),
        LabAction::MissLast,
        LabAction::Function(Function::Rate),
        LabAction::Function(Function::Deriv),
        LabAction::Mode(RangeMode::Smoothed),
        LabAction::Undo,
    ];
    for preset in PRESETS {
        let lab = (preset.lab)();
        let before = answer_of(preset.id, &lab);
        let all: Vec<String> =
            changes.iter().map(|change| answer_of(preset.id, &update(&lab, *change))).collect();
        let different = all.iter().filter(|text| **text != before).count();
        assert!(different >= 2, "{}: always {before:?}", preset.id);
        for text in &all {
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            let inside = text.strip_suffix('.').unwrap_or_default();
            let sentences = inside.split(". ").filter(|sentence| !sentence.is_empty()).count();
            assert!((1..=2).contains(&sentences), "{sentences} sentences: {text}");
        }
    }
}

#[test]
fn only_whole_increases_are_counted_as_events() {
    let plain = Lab::default();
    let gauge = Lab { gauge: true, ..Lab::default() };
    let mut sum = Lab::default();
    sum.counter.events = vec![(100_000, 0.25)];
    for (lab, words) in [
        (plain, "6 events happened"),
        (gauge, "the true change is 6"),
        (sum, "the true increase is 0.25"),
    ] {
        let text = headline(&lab, &evaluate(&lab));
        assert!(text.contains(words), "{text}");
    }
}
