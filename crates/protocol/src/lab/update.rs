//! Changes of a lab: `update(lab, action) → lab`.

use super::{ADDED, Function, Lab, MOST_POINTS, Placed, RangeMode, Timestamp};
use go::Duration;

/// An action of the user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LabAction {
    /// Moves a sample.
    Move {
        id: u32,
        at: Timestamp,
        value: f64,
    },
    /// Moves a sample by a difference.
    Nudge {
        id: u32,
        by: Timestamp,
        value: f64,
    },
    /// Skips a scrape, or removes an added sample.
    Drop(u32),
    /// Restores a missed scrape.
    Bring(u32),
    Add {
        at: Timestamp,
        value: f64,
    },
    /// Adds a sample at the evaluation time with the value of the series.
    AddNow,
    /// Sets the evaluation time.
    Evaluate(Timestamp),
    /// Moves the evaluation time by a difference.
    Slide(Timestamp),
    Range(Duration),
    Step(Duration),
    ScrapeInterval(Duration),
    Jitter(Duration),
    Function(Function),
    Mode(RangeMode),
    /// Toggles an additional function.
    Overlay(Function, RangeMode),
    /// Restarts the process at the evaluation time.
    Restart,
    /// Skips the last scrape before the evaluation time.
    MissLast,
    /// Reverts all changes of samples, scrapes and restarts.
    Undo,
}

/// Returns the lab after an action.
pub fn update(lab: &Lab, action: LabAction) -> Lab {
    let mut next = lab.clone();
    match action {
        LabAction::Move { id, at, value } => place(&mut next, id, at, value),
        LabAction::Nudge { id, by, value } => {
            if let Some(sample) = lab.samples().into_iter().find(|sample| sample.id == id) {
                place(&mut next, id, sample.at + by, sample.value + value);
            }
        }
        LabAction::Drop(id) => {
            next.placed.retain(|placed| placed.id != id);
            if id < ADDED && !next.missed.contains(&id) {
                next.missed.push(id);
            }
        }
        LabAction::Bring(id) => next.missed.retain(|missed| *missed != id),
        LabAction::Add { at, value } => add(&mut next, at, value),
        LabAction::AddNow => add(&mut next, lab.at, lab.exposed(lab.at)),
        LabAction::Evaluate(at) => next.at = within(lab, at),
        LabAction::Slide(by) => next.at = within(lab, lab.at.saturating_add(by)),
        LabAction::Range(range) => next.range = Duration(range.millis().max(1_000)),
        LabAction::Step(step) => next.step = step,
        LabAction::ScrapeInterval(interval) => {
            next.scrape_interval = interval;
            scrape_again(&mut next);
        }
        LabAction::Jitter(jitter) => {
            next.jitter = jitter;
            scrape_again(&mut next);
        }
        LabAction::Function(function) => next.function = function,
        LabAction::Mode(mode) => next.mode = mode,
        LabAction::Overlay(function, mode) => {
            let overlay = (function, mode);
            if next.overlays.contains(&overlay) {
                next.overlays.retain(|one| *one != overlay);
            } else {
                next.overlays.push(overlay);
            }
        }
        LabAction::Restart => {
            if !next.counter.resets.contains(&lab.at) {
                next.counter.resets.push(lab.at);
                next.restarts.push(lab.at);
            }
            scrape_again(&mut next);
        }
        LabAction::MissLast => miss_last(&mut next),
        LabAction::Undo => {
            next.placed.clear();
            next.missed.clear();
            // Resets of the series itself are kept.
            next.counter.resets.retain(|at| !lab.restarts.contains(at));
            next.restarts.clear();
        }
    }
    next
}

fn within(lab: &Lab, at: Timestamp) -> Timestamp {
    at.clamp(0, lab.length.millis())
}

fn place(lab: &mut Lab, id: u32, at: Timestamp, value: f64) {
    let at = within(lab, at);
    let value = if lab.gauge { value } else { value.max(0.0) };
    match lab.placed.iter_mut().find(|placed| placed.id == id) {
        Some(placed) => (placed.at, placed.value) = (at, value),
        None => lab.placed.push(Placed { id, at, value }),
    }
}

fn add(lab: &mut Lab, at: Timestamp, value: f64) {
    if lab.placed.len() >= MOST_POINTS {
        return;
    }
    let id = lab.placed.iter().map(|placed| placed.id + 1).max().unwrap_or(0).max(ADDED);
    place(lab, id, at, value);
}

/// Discards changed samples, because they belong to the previous scrapes.
fn scrape_again(lab: &mut Lab) {
    if let Some(taken) = lab.taken.as_mut().filter(|taken| taken.known) {
        if let Some(first) = taken.samples.first() {
            lab.first_scrape = first.0 % lab.scrape_interval.millis().max(1);
        }
        taken.samples.clear();
    }
    lab.placed.retain(|placed| placed.id >= ADDED);
}

fn miss_last(lab: &mut Lab) {
    let last = lab
        .scrapes()
        .filter(|(id, at, _)| *at <= lab.at && !lab.missed.contains(id))
        .map(|(id, ..)| id)
        .last();
    if let Some(last) = last {
        lab.missed.push(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(lab: &Lab, actions: &[LabAction]) -> Lab {
        actions.iter().fold(lab.clone(), |lab, action| update(&lab, *action))
    }

    fn samples(lab: &Lab) -> Vec<(Timestamp, f64)> {
        lab.samples().iter().take(4).map(|sample| (sample.at, sample.value)).collect()
    }

    #[test]
    fn samples_are_moved_dropped_added_and_put_back() {
        let lab = Lab::default();
        let base = [(0, 12.0), (15_000, 14.0), (30_000, 15.0), (45_000, 17.0)];
        for (actions, expected) in [
            (&[][..], base),
            // A sample that was moved twice is moved once, and nothing is left where it was.
            (
                &[
                    LabAction::Move { id: 1, at: 20_000, value: 3.0 },
                    LabAction::Move { id: 1, at: 17_000, value: 20.0 },
                ],
                [(0, 12.0), (17_000, 20.0), (30_000, 15.0), (45_000, 17.0)],
            ),
            (
                &[
                    LabAction::Nudge { id: 1, by: 1_000, value: 0.0 },
                    LabAction::Nudge { id: 1, by: 1_000, value: 2.0 },
                ],
                [(0, 12.0), (17_000, 16.0), (30_000, 15.0), (45_000, 17.0)],
            ),
            (&[LabAction::Drop(1)], [(0, 12.0), (30_000, 15.0), (45_000, 17.0), (60_000, 18.0)]),
            (&[LabAction::Drop(1), LabAction::Bring(1)], base),
            (
                &[LabAction::Add { at: 5_000, value: 13.0 }],
                [(0, 12.0), (5_000, 13.0), (15_000, 14.0), (30_000, 15.0)],
            ),
            (&[LabAction::Add { at: 5_000, value: 13.0 }, LabAction::Drop(ADDED)], base),
            // Times before the lab and values below zero cannot be.
            (
                &[LabAction::Move { id: 0, at: -5, value: -3.0 }],
                [(0, 0.0), (15_000, 14.0), (30_000, 15.0), (45_000, 17.0)],
            ),
            (&[LabAction::Move { id: 0, at: 3, value: 1.0 }, LabAction::Undo], base),
        ] {
            assert_eq!(samples(&all(&lab, actions)), expected, "{actions:?}");
        }
    }

    #[test]
    fn a_sample_dragged_over_another_does_not_eat_it() {
        let over = update(&Lab::default(), LabAction::Move { id: 1, at: 30_000, value: 99.0 });
        assert_eq!(samples(&over)[1], (30_000, 99.0));
        let past = update(&over, LabAction::Move { id: 1, at: 31_000, value: 99.0 });
        assert_eq!(samples(&past)[1..3], [(30_000, 15.0), (31_000, 99.0)]);
    }

    #[test]
    fn the_window_stays_in_the_lab_and_settings_are_set() {
        let lab = Lab::default();
        assert_eq!(update(&lab, LabAction::Evaluate(i64::MAX)).at, 180_000);
        assert_eq!(update(&lab, LabAction::Slide(-1_000)).at, 126_000);
        assert_eq!(update(&lab, LabAction::Slide(i64::MIN)).at, 0);
        assert_eq!(update(&lab, LabAction::Range(Duration(1))).range.millis(), 1_000);
        let overlay = LabAction::Overlay(Function::Rate, RangeMode::Closed);
        let once = update(&lab, overlay);
        assert_eq!(once.overlays, [(Function::Rate, RangeMode::Closed)]);
        assert!(update(&once, overlay).overlays.is_empty());
    }

    #[test]
    fn scrapes_are_missed_from_the_evaluation_backwards() {
        let missed = all(&Lab::default(), &[LabAction::MissLast, LabAction::MissLast]).missed;
        assert_eq!(missed, [8, 7], "scrapes at 120 s and 105 s");
    }

    #[test]
    fn undoing_keeps_the_resets_that_were_there_before() {
        let mut lab = Lab::default();
        lab.counter.resets = vec![50_000];
        let actions = [LabAction::Restart, LabAction::MissLast, LabAction::Drop(2)];
        let changed = all(&lab, &actions);
        assert_eq!(changed.counter.resets, [50_000, 127_000]);
        assert_eq!(update(&changed, LabAction::Undo), lab);
    }

    #[test]
    fn a_restart_is_seen_by_the_scrapes_behind_it() {
        let lab = update(&Lab::default(), LabAction::Restart);
        let after = lab.samples().into_iter().find(|sample| sample.at > lab.at);
        assert_eq!(after.map(|sample| sample.value), Some(1.0));
    }
}
