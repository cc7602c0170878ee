//! Evaluations of labs whose results are computed by hand.

use super::*;

const EPSILON: f64 = 1e-9;

#[test]
fn the_terms_are_those_of_the_formula() {
    // Samples at 75, 90, 105 and 120 s with 20, 21, 23 and 24; the window is (67, 127].
    let lab = Lab::default();
    let evaluation = evaluate(&lab);
    assert_eq!(evaluation.ground_truth, Some(6.0));
    assert_eq!(evaluation.inside.len(), 4);
    let (terms, resets) = evaluation.rate().unwrap();
    assert!(resets.is_empty());
    assert_eq!(terms.increase, 4.0);
    let extrapolation = terms.extrapolation;
    assert_eq!(extrapolation.sampled_interval, 45.0);
    assert_eq!(extrapolation.average_interval, 15.0);
    assert_eq!((extrapolation.gap_at_start, extrapolation.gap_at_end), (8.0, 7.0));
    assert!((terms.result - 4.0 * 60.0 / 45.0).abs() < EPSILON);
    let result = |function, mode| evaluation.result(function, mode).unwrap();
    assert_eq!(result(Function::Increase, RangeMode::Usual), terms.result);
    assert!((result(Function::Rate, RangeMode::Usual) * 60.0 - terms.result).abs() < EPSILON);
    assert_eq!(result(Function::Increase, RangeMode::Closed), terms.result);
    assert_eq!(result(Function::Irate, RangeMode::Usual), 1.0 / 15.0);
    // 24 at the end, 18 at 60 s, the last sample before the window.
    assert_eq!(result(Function::Increase, RangeMode::Anchored), 6.0);
    // 19 is nearly half way from 18 at 60 s to 20 at 75 s, 24 + 2 × 7/15 the end.
    let smoothed = (24.0 + 2.0 * 7.0 / 15.0) - (18.0 + 2.0 * 7.0 / 15.0);
    assert!((result(Function::Increase, RangeMode::Smoothed) - smoothed).abs() < EPSILON);
}

#[test]
fn one_new_event_between_four_samples_is_a_third_more() {
    // The samples count 1 over 45 s, and the window of 60 s is 4/3 of that.
    let mut lab = Lab { at: 127_000, ..Lab::default() };
    lab.counter =
        protocol::lab::Counter { initial: 5.0, events: vec![(100_000, 1.0)], resets: Vec::new() };
    let evaluation = evaluate(&lab);
    assert!((evaluation.chosen.result.unwrap() - 4.0 / 3.0).abs() < EPSILON);
    assert_eq!(evaluation.ground_truth, Some(1.0));
}

#[test]
fn a_line_rises_by_what_is_counted() {
    for (function, mode) in [
        (Function::Increase, RangeMode::Usual),
        (Function::Increase, RangeMode::Anchored),
        (Function::Increase, RangeMode::Smoothed),
        (Function::Increase, RangeMode::Starts),
        (Function::Increase, RangeMode::Closed),
        (Function::Delta, RangeMode::Usual),
    ] {
        let mut lab = Lab { function, mode, at: 120_000, ..Lab::default() };
        lab.counter.resets = if function == Function::Increase { vec![98_000] } else { vec![] };
        let chosen = evaluate(&lab).chosen;
        let (first, last) = (chosen.path[0], chosen.path[chosen.path.len() - 1]);
        let risen = last.1 - first.1;
        assert!((risen - chosen.result.unwrap()).abs() < EPSILON, "{function:?} {mode:?}");
    }
    for function in [Function::Irate, Function::Deriv] {
        let chosen = evaluate(&Lab { function, ..Lab::default() }).chosen;
        let (first, last) = (chosen.path[0], chosen.path[1]);
        let slope = (last.1 - first.1) / (last.0 - first.0) * 1000.0;
        assert!((slope - chosen.result.unwrap()).abs() < EPSILON, "{function:?}");
    }
}

#[test]
fn version_two_took_in_the_sample_at_the_start() {
    let lab = Lab { at: 120_000, ..Lab::default() };
    let evaluation = evaluate(&lab);
    assert_eq!(evaluation.inside.len(), 4);
    let now = evaluation.result(Function::Increase, RangeMode::Usual).unwrap();
    let before = evaluation.result(Function::Increase, RangeMode::Closed).unwrap();
    assert_eq!(before, 6.0, "samples at 60 s and 120 s differ by six, and span the window");
    assert!((now - 4.0 * 60.0 / 45.0).abs() < EPSILON, "{now}");
    // One interval: two samples in a closed window, one in a half-open one.
    let narrow = Lab { range: Duration::from_secs(15), function: Function::Irate, ..lab };
    let evaluation = evaluate(&narrow);
    assert_eq!(evaluation.result(Function::Irate, RangeMode::Usual), None);
    assert_eq!(evaluation.result(Function::Irate, RangeMode::Closed), Some(1.0 / 15.0));
}

#[test]
fn start_timestamps_find_what_came_before_the_first_sample() {
    let mut lab = Lab { first_scrape: 100_000, at: 150_000, ..Lab::default() };
    lab.counter =
        protocol::lab::Counter { initial: 0.0, events: vec![(97_000, 1.0)], resets: vec![95_000] };
    let evaluation = evaluate(&lab);
    assert_eq!(evaluation.result(Function::Increase, RangeMode::Usual), Some(0.0));
    let found = evaluation.result(Function::Increase, RangeMode::Starts).unwrap();
    assert!(found >= 1.0, "{found}");
}

#[test]
fn what_the_engine_refuses_says_why() {
    let lab = Lab { function: Function::Irate, mode: RangeMode::Anchored, ..Lab::default() };
    let refused = evaluate(&lab).chosen.refused.unwrap();
    assert!(refused.contains("anchored modifier can only be used with"), "{refused}");
}

#[test]
fn a_step_longer_than_the_range_leaves_samples_out() {
    let lab = Lab { range: Duration::from_secs(30), at: 120_000, ..Lab::default() };
    for (mode, unused) in [
        (RangeMode::Usual, &[75_000, 90_000, 135_000, 150_000][..]),
        // A sample at a window's start is in it, or gives the value there.
        (RangeMode::Closed, &[75_000, 135_000]),
        (RangeMode::Anchored, &[75_000, 135_000]),
        (RangeMode::Smoothed, &[75_000, 135_000]),
    ] {
        let evaluation = evaluate(&Lab { mode, ..lab.clone() });
        assert_eq!(evaluation.aliasing.unused, unused, "{mode:?}");
    }
    let lab = Lab { at: 127_000, mode: RangeMode::Smoothed, ..lab };
    // Windows (37, 67] and (97, 127]: what lies on either side of their ends is read too.
    assert_eq!(evaluate(&lab).aliasing.unused, [0; 0]);
    let lab = Lab { step: Duration::from_secs(15), mode: RangeMode::Usual, ..lab };
    assert!(evaluate(&lab).aliasing.unused.is_empty());
}

#[test]
fn a_step_at_the_evaluation_says_what_the_chosen_way_says() {
    let lab = Lab { range: Duration::from_secs(15), at: 120_000, ..Lab::default() };
    for function in Function::ALL {
        for mode in RangeMode::ALL {
            let evaluation = evaluate(&Lab { function, mode, ..lab.clone() });
            let step = evaluation.aliasing.steps.iter().find(|step| step.0 == evaluation.end);
            let chosen = &evaluation.chosen;
            assert_eq!(step.map(|step| step.1), Some(chosen.result), "{function:?} {mode:?}");
            if mode == RangeMode::Closed {
                assert_eq!(evaluation.inside.len(), 2);
                assert!(chosen.result.is_some(), "{function:?}");
            }
        }
    }
}

#[test]
fn wider_windows_answer_more_often() {
    let lab = Lab { missed: vec![6, 9], ..Lab::default() };
    let shares: Vec<usize> = (1..=4).map(|intervals| coverage(&lab, intervals).0).collect();
    assert_eq!(shares[0], 0, "a window of one interval never holds two samples");
    assert!(shares.is_sorted() && shares[1] < shares[3], "{shares:?}");
    let (answered, asked) = coverage(&lab, 4);
    assert_eq!(answered, asked);
}

#[test]
fn an_empty_lab_has_no_terms() {
    let lab = Lab { at: -1_000_000, ..Lab::default() };
    let evaluation = evaluate(&lab);
    assert!(matches!(evaluation.chosen.arithmetic, Arithmetic::Plain));
    assert!(evaluation.variants.iter().all(|variant| variant.result.is_none()));
}
