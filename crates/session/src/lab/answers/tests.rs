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
                "counted 1 over 45 s",
                "times 1.333",
                "though 1 event happened",
                "window of 1m",
            ][..],
        ),
        ("first-increment", &["**0**", "though 1 happened", "already 1", "timestamps it is"]),
        ("one-interval", &["**Nothing**", "15s", "1 sample besides", "no part of it", "0 %"]),
        (
            "four-intervals",
            &["2 missed scrapes", "of 1 at 0 %", "four intervals still answers at **100 %**"],
        ),
        (
            "rate-then-sum",
            &["of the sum says", "10 really happened", "which is taken for a restart"],
        ),
        ("irate", &["only the last two of 4 samples", "sooner"]),
        ("missed-scrape", &["1 scrape missed", "half an average interval"]),
        ("restart", &["is added back", "12 really happened", "seen by nobody"]),
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

/// A sentence that stays the same whatever is done to the lab would be no answer.
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
            assert!(!inside.is_empty() && !inside.contains(". "), "no sentence: {text}");
        }
    }
}

#[test]
fn what_is_no_row_of_events_is_not_called_so() {
    let plain = Lab::default();
    let gauge = Lab { gauge: true, ..Lab::default() };
    let mut sum = Lab::default();
    sum.counter.events = vec![(100_000, 0.25)];
    for (lab, words) in [
        (plain, "6 events really happened"),
        (gauge, "it really changed by 6"),
        (sum, "it really grew by 0.25"),
    ] {
        let text = headline(&lab, &evaluate(&lab));
        assert!(text.contains(words), "{text}");
    }
}
