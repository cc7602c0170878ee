use proptest::prelude::*;

use super::*;
use go::number::almost_equal;

fn exponential(schema: i32, zero: (f64, f64), offset: i32, counts: &[f64]) -> FloatHistogram {
    let (zero_threshold, zero_count) = zero;
    FloatHistogram {
        schema,
        zero_threshold,
        zero_count,
        count: zero_count + counts.iter().sum::<f64>(),
        sum: 10.0,
        positive: Buckets::single_span(offset, counts.to_vec()),
        ..FloatHistogram::default()
    }
}

fn custom(bounds: &[f64], counts: &[f64]) -> FloatHistogram {
    FloatHistogram {
        schema: CUSTOM_BUCKETS_SCHEMA,
        count: counts.iter().sum(),
        sum: 10.0,
        positive: Buckets::single_span(0, counts.to_vec()),
        custom_values: Some(bounds.into()),
        ..FloatHistogram::default()
    }
}

#[test]
fn shows_populated_buckets() {
    let mut histogram = exponential(1, (0.01, 5.5), 1, &[3.3, 0.0, 4.2]);
    histogram.negative = Buckets::single_span(4, vec![3.0, 0.1]);
    assert_eq!(
        histogram.to_string(),
        "{count:13, sum:10, [-5.65685424949238,-4):0.1, [-4,-2.82842712474619):3, [-0.01,0.01]:5.5, \
         (1,1.414213562373095]:3.3, (2,2.82842712474619]:4.2}"
    );
    assert_eq!(
        custom(&[1.0, 5.0], &[1.0, 2.0, 3.0]).to_string(),
        "{count:6, sum:10, [-Inf,1]:1, (1,5]:2, (5,+Inf]:3}"
    );
    assert_eq!(
        histogram.test_expression(),
        "{{schema:1 count:13 sum:10 z_bucket:5.5 z_bucket_w:0.01 offset:1 buckets:[3.3 0 4.2] \
         n_offset:4 n_buckets:[3 0.1]}}"
    );
}

#[test]
fn adds_across_schemas() {
    let mut coarse = exponential(0, (0.0, 0.0), 0, &[1.0, 2.0]);
    let fine = exponential(1, (0.0, 1.0), -1, &[1.0, 1.0, 1.0, 1.0, 1.0]);
    let notes = coarse.add(&fine).unwrap();
    assert_eq!(notes, AddNotes::default());
    // Fine buckets -1 and 0 end in coarse bucket 0, 1 and 2 in 1, 3 in 2.
    assert_eq!(coarse.test_expression(), "{{count:9 sum:20 z_bucket:1 buckets:[3 4 1]}}");
    coarse.sub(&fine).unwrap();
    coarse.compact(0);
    assert_eq!(coarse.test_expression(), "{{count:3 sum:10 buckets:[1 2]}}");
}

#[test]
fn widens_the_zero_bucket() {
    // A zero bucket to 3 ends within (2,4], so it is widened to 4.
    let mut narrow = exponential(0, (0.0, 1.0), 1, &[2.0, 4.0, 8.0]);
    let wide = exponential(0, (3.0, 10.0), 3, &[1.0]);
    narrow.add(&wide).unwrap();
    assert_eq!(
        narrow.test_expression(),
        "{{count:26 sum:20 z_bucket:17 z_bucket_w:4 offset:3 buckets:[9]}}"
    );
}

#[test]
fn reconciles_custom_bounds() {
    let mut left = custom(&[1.0, 2.0, 5.0], &[1.0, 2.0, 3.0, 4.0]);
    let right = custom(&[2.0, 4.0, 5.0], &[10.0, 20.0, 30.0, 40.0]);
    assert!(left.add(&right).unwrap().bounds_reconciled);
    assert_eq!(
        left.test_expression(),
        "{{schema:-53 count:110 sum:20 custom_values:[2 5] buckets:[13 53 44]}}"
    );
    assert_eq!(
        left.add(&exponential(0, (0.0, 0.0), 0, &[1.0])),
        Err(HistogramError::IncompatibleSchema)
    );
}

#[test]
fn hints_settle() {
    use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
    for (a, b, settled, collision) in [
        (Reset, Reset, Reset, false),
        (Gauge, Reset, Gauge, false),
        (NotReset, Gauge, Gauge, false),
        (Unknown, Reset, Unknown, false),
        (NotReset, Unknown, Unknown, false),
        (NotReset, Reset, Unknown, true),
    ] {
        let mut left = FloatHistogram { counter_reset_hint: a, ..FloatHistogram::default() };
        let right = FloatHistogram { counter_reset_hint: b, ..FloatHistogram::default() };
        assert_eq!(left.add(&right).unwrap().counter_reset_collision, collision, "{a:?} {b:?}");
        assert_eq!(left.counter_reset_hint, settled, "{a:?} {b:?}");
    }
}

#[test]
fn detects_resets() {
    let before = exponential(1, (0.5, 1.0), 0, &[1.0, 2.0, 0.0, 4.0]);
    let same = before.clone();
    let grown = exponential(1, (0.5, 1.0), 0, &[1.0, 2.0, 5.0, 4.0, 1.0]);
    let fell = exponential(1, (0.5, 1.0), 0, &[1.0, 1.0, 5.0, 4.0]);
    let missing = exponential(1, (0.5, 5.0), 0, &[1.0, 2.0]);
    let coarser = exponential(0, (0.5, 1.0), 0, &[1.0, 2.0, 4.0]);
    let finer = exponential(2, (0.5, 1.0), 0, &[10.0, 20.0]);
    let narrower = exponential(1, (0.25, 9.0), 0, &[1.0, 2.0, 0.0, 4.0]);
    for (name, now, reset) in [
        ("same", &same, false),
        ("grown", &grown, false),
        ("fell", &fell, true),
        ("missing", &missing, true),
        ("coarser", &coarser, false),
        ("finer", &finer, true),
        ("narrower", &narrower, true),
    ] {
        assert_eq!(now.detect_reset(&before), reset, "{name}");
    }
    let known = FloatHistogram { counter_reset_hint: CounterResetHint::NotReset, ..fell };
    assert!(!known.detect_reset(&before));
    let bounds = custom(&[1.0, 2.0], &[5.0, 5.0, 5.0]);
    assert!(!custom(&[2.0], &[10.0, 5.0]).detect_reset(&bounds));
    assert!(custom(&[2.0], &[9.0, 9.0]).detect_reset(&bounds));
}

#[test]
fn trims() {
    let histogram = exponential(0, (0.0, 0.0), 1, &[4.0, 4.0]);
    let mut below = histogram.clone();
    below.keep_below(2.0);
    assert_eq!(below.test_expression(), "{{count:4 sum:5.656854249492381 offset:1 buckets:[4]}}");
    let mut above = histogram.clone();
    above.keep_above(2f64.powf(1.5));
    assert!(almost_equal(above.count, 2.0, 1e-12), "{above}");
    let mut all = histogram.clone();
    all.keep_below(4.0);
    assert!(all.same_data(&histogram));
    let mut custom = custom(&[1.0, 5.0], &[1.0, 2.0, 3.0]);
    custom.keep_below(3.0);
    assert_eq!(
        custom.test_expression(),
        "{{schema:-53 count:2 sum:2.5 custom_values:[1 5] buckets:[1 1]}}"
    );
}

#[test]
fn quantiles_and_fractions() {
    let histogram = exponential(0, (0.0, 0.0), 1, &[4.0, 4.0]);
    for (q, value) in
        [(0.0, 1.0), (0.25, 2f64.sqrt()), (0.5, 2.0), (1.0, 4.0), (2.0, f64::INFINITY)]
    {
        let (got, note) = histogram.quantile(q);
        assert!(almost_equal(got, value, 1e-12) && note.is_none(), "{q}: {got}");
    }
    assert_eq!(histogram.fraction(1.0, 2.0), (0.5, None));
    assert!(almost_equal(histogram.fraction(f64::NEG_INFINITY, 2f64.powf(1.5)).0, 0.75, 1e-12));
    let with_nans = FloatHistogram { count: 16.0, sum: f64::NAN, ..histogram };
    assert_eq!(with_nans.quantile(0.25), (2.0, Some(NanNote::QuantileSkewed)));
    assert_eq!(with_nans.quantile(0.9).1, Some(NanNote::QuantileIsNan));
    assert_eq!(with_nans.fraction(0.0, 9.0), (0.5, Some(NanNote::FractionWithoutNans)));
    let custom = custom(&[1.0, 5.0], &[1.0, 2.0, 1.0]);
    assert_eq!(custom.quantile(0.5).0, 3.0);
    assert_eq!(custom.quantile(0.9).0, 5.0);
}

#[test]
fn compacts() {
    let mut buckets = exponential(0, (0.0, 0.0), -2, &[0.0, 1.0, 0.0, 0.0, 2.0, 0.0]);
    buckets.compact(0);
    assert_eq!(
        buckets.positive.spans,
        [Span { offset: -1, length: 1 }, Span { offset: 2, length: 1 }]
    );
    buckets.compact(2);
    assert_eq!(buckets.positive.spans, [Span { offset: -1, length: 4 }]);
    assert_eq!(buckets.positive.counts, [1.0, 0.0, 0.0, 2.0]);
}

#[test]
fn validates() {
    let good = custom(&[1.0, 5.0], &[1.0, 2.0, 1.0]);
    assert_eq!(good.validate(), Ok(()));
    for (histogram, text) in [
        (
            custom(&[1.0, 5.0], &[1.0, 2.0, 1.0, 1.0]),
            "custom buckets: only 2 custom bounds defined which is insufficient to cover total span length of 4: histogram custom bounds are too few",
        ),
        (
            custom(&[5.0, 1.0], &[1.0]),
            "custom buckets: previous bound is 5.000000 and current is 1.000000: histogram custom bounds must be in strictly increasing order",
        ),
        (
            exponential(9, (0.0, 0.0), 0, &[]),
            "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema 9",
        ),
        (
            exponential(0, (0.0, 5.0), 0, &[-1.0]),
            "positive side: bucket number 1 has observation count of -1: histogram has a bucket whose observation count is negative",
        ),
    ] {
        assert_eq!(histogram.validate().unwrap_err().to_string(), text);
    }
}

fn any_histogram() -> impl Strategy<Value = FloatHistogram> {
    let counts = || prop::collection::vec(0u8..5, 0..12);
    (
        -4..=8i32,
        prop::sample::select(vec![0.0, 1.0, 65536.0]),
        0u8..9,
        -20..20i32,
        counts(),
        -20..20i32,
        counts(),
    )
        .prop_map(|(schema, width, zero, offset, above, n_offset, below)| {
            let floats = |counts: &[u8]| counts.iter().map(|&n| f64::from(n)).collect::<Vec<_>>();
            let mut histogram =
                exponential(schema, (width, f64::from(zero)), offset, &floats(&above));
            histogram.negative = Buckets::single_span(n_offset, floats(&below));
            histogram.count += floats(&below).iter().sum::<f64>();
            histogram.drop_buckets_in_zero_bucket(None);
            histogram
        })
}

proptest! {
    #[test]
    fn addition_commutes_and_agrees_with_the_exact_one(a in any_histogram(), b in any_histogram()) {
        let mut left = a.clone();
        left.add(&b).unwrap();
        left.compact(0);
        let mut right = b.clone();
        right.add(&a).unwrap();
        right.compact(0);
        prop_assert!(left.same_data(&right), "{} {}", left, right);
        let mut exact = a.clone();
        let mut lost = None;
        exact.kahan_add(&b, &mut lost).unwrap();
        exact.add(&lost.unwrap()).unwrap();
        exact.compact(0);
        prop_assert!(left.same_data(&exact), "{} {}", left, exact);
        let total: f64 = left.all_buckets().map(|bucket| bucket.count).sum();
        prop_assert!(total <= a.count + b.count);
    }

    #[test]
    fn all_buckets_ascend(a in any_histogram()) {
        let ascending: Vec<Bucket> = a.all_buckets().collect();
        let mut descending: Vec<Bucket> = a.all_buckets_reversed().collect();
        descending.reverse();
        prop_assert_eq!(&ascending, &descending);
        prop_assert!(ascending.windows(2).all(|pair| pair[0].upper <= pair[1].lower));
    }
}
