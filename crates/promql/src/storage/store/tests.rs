use super::*;
use crate::MatchOp;
use crate::histogram::{Buckets, CounterResetHint, FloatHistogram};
use go::number::{is_stale_nan, stale_nan};

fn is(name: &str, values: &[&str]) -> Matcher {
    Matcher::one_of(name, values.iter().copied())
}

fn not(name: &str, value: &str) -> Matcher {
    Matcher::new(MatchOp::NotEqual, name, value, text::Span::default()).unwrap()
}

fn labels(text: &str) -> Labels {
    Labels::from_pairs(
        text.split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(n, v)| (n.to_owned(), v.to_owned())),
    )
}

#[test]
fn selects() {
    let mut storage = Storage::unbounded();
    for text in ["__name__=a,x=1", "__name__=a,x=2", "__name__=b,x=1", "__name__=b,y=1"] {
        storage.append(&labels(text), Sample::float(1000, 1.0)).unwrap();
    }
    storage.append(&labels("__name__=a,x=3"), Sample::float(9000, 1.0)).unwrap();
    for (matchers, found) in [
        (vec![is("__name__", &["a"])], "a1 a2 a3"),
        (vec![is("__name__", &["b", "a"]), is("x", &["1", "3"])], "a1 a3 b1"),
        (vec![not("x", "1"), is("__name__", &["a"])], "a2 a3"),
        (vec![not("x", "1"), is("x", &["1", "2"])], "a2"),
        (vec![is("x", &[""])], "b"),
        (vec![not("x", "")], "a1 a2 b1 a3"),
        (vec![not("z", "q")], "a1 a2 b1 b a3"),
        (vec![is("z", &["q"])], ""),
        (vec![], "a1 a2 b1 b a3"),
    ] {
        let series = storage.select_series(&matchers, 0, 10_000);
        let mut names: Vec<String> = series
            .iter()
            .map(|series| format!("{}{}", series.labels().metric_name(), series.labels().get("x")))
            .collect();
        let mut expected: Vec<&str> = found.split_whitespace().collect();
        assert_eq!(names.len(), expected.len(), "{found}");
        names.sort();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }
    assert_eq!(storage.select_series(&[is("__name__", &["a"])], 2000, 10_000).len(), 1);
    let values: Vec<(String, usize)> =
        storage.label_values("x").map(|(value, count)| (value.to_string(), count)).collect();
    assert_eq!(values, [("1".into(), 2), ("2".into(), 1), ("3".into(), 1)]);
}

#[test]
fn takes_samples_in_order_only() {
    let mut storage = Storage::new(Options::default());
    let one = labels("__name__=one");
    storage.append(&one, Sample::float(10_000_000, 1.0)).unwrap();
    for (time, value, result) in [
        (10_000_000, 1.0, Ok(())),
        (
            10_000_000,
            2.0,
            Err(
                "duplicate sample for timestamp 10000000; overrides not allowed: existing 1, new value 2",
            ),
        ),
        (9_999_999, 1.0, Err("out of order sample")),
        (6_399_999, 1.0, Err("out of bounds")),
        (10_000_001, 2.0, Ok(())),
    ] {
        let got = storage.append(&one, Sample::float(time, value)).map(|_| ());
        assert_eq!(got.map_err(|error| error.to_string()), result.map_err(str::to_owned));
    }
    assert_eq!(storage.sample_count(), 2);
    assert!(storage.append(&labels("a=b"), Sample::float(0, 1.0)).is_err());
    assert_eq!(storage.series_count(), 1);
}

#[test]
fn reads_across_chunks() {
    let mut storage = Storage::unbounded();
    let id = storage.append(&labels("a=b"), Sample::float(0, 0.0)).unwrap();
    for i in 1..1000 {
        let start = if i >= 500 { 1 } else { 0 };
        let sample = Sample { start, ..Sample::float(i * 15_000, i as f64 * 0.1) };
        storage.append_to(id, sample).unwrap();
    }
    let series = storage.series(id).unwrap();
    let mut buffer = SampleBuffer::default();
    series.read(1_500_001, 9_000_000, &mut buffer);
    assert_eq!(buffer.float_times.first(), Some(&1_515_000));
    assert_eq!(buffer.float_times.last(), Some(&9_000_000));
    assert_eq!(buffer.floats.len(), 500);
    assert_eq!(buffer.float_starts.len(), 500);
    assert_eq!(buffer.float_starts.iter().filter(|&&start| start == 1).count(), 101);
    assert_eq!(buffer.floats[0], 101.0 * 0.1);
    assert_eq!(series.len(), 1000);
}

#[test]
fn histograms_get_their_stored_hints() {
    let mut storage = Storage::unbounded();
    let one = labels("a=b");
    let histogram = |count: f64| {
        Arc::new(FloatHistogram {
            count,
            positive: Buckets::single_span(0, vec![count]),
            ..FloatHistogram::default()
        })
    };
    storage.append(&one, Sample::float(0, 1.0)).unwrap();
    for (time, count) in [(1, 1.0), (2, 2.0), (3, 1.0)] {
        storage.append(&one, Sample::histogram(time, histogram(count))).unwrap();
    }
    let id = storage.append(&one, Sample::float(4, stale_nan())).unwrap();
    let mut buffer = SampleBuffer::default();
    storage.series(id).unwrap().read(0, 10, &mut buffer);
    assert_eq!(buffer.floats, [1.0]);
    assert_eq!(buffer.histogram_times, [1, 2, 3, 4]);
    let hints: Vec<CounterResetHint> =
        buffer.histograms.iter().map(|histogram| histogram.counter_reset_hint).collect();
    use CounterResetHint::{NotReset, Unknown};
    assert_eq!(hints, [Unknown, NotReset, Unknown, Unknown]);
    assert!(is_stale_nan(buffer.histograms[3].sum));
    let bad = Arc::new(FloatHistogram { schema: 20, ..FloatHistogram::default() });
    assert!(storage.append(&one, Sample::histogram(9, bad)).is_err());
}

#[test]
fn a_nan_is_the_same_whoever_made_it() {
    let of = |bits: u64| {
        let mut storage = Storage::unbounded();
        storage.append(&labels("a=1"), Sample::float(1, f64::from_bits(bits))).unwrap();
        storage.fingerprint()
    };
    assert_eq!(of(0xfff8_0000_0000_0000), of(0x7ff8_0000_0000_0000));
    assert_ne!(of(0xfff8_0000_0000_0000), of(stale_nan().to_bits()));
}

#[test]
fn a_series_that_was_just_opened_stays() {
    let mut storage = Storage::new(Options::default());
    let (one, other) =
        (storage.open(&labels("a=1")).unwrap(), storage.open(&labels("a=2")).unwrap());
    for id in [one, other] {
        storage.append_to(id, Sample::float(1_700_000_000_000, 1.0)).unwrap();
    }
    assert_eq!((storage.series_count(), storage.removed()), (2, 0));
}

#[test]
fn keeps_within_its_bounds() {
    let mut storage =
        Storage::new(Options { retention: Some(Duration::from_secs(3600)), ..Options::default() });
    let (old, going_on) = (labels("a=old"), labels("a=on"));
    storage.append(&old, Sample::float(0, 1.0)).unwrap();
    for i in 0..2000 {
        storage.append(&going_on, Sample::float(i * 15_000, 1.0)).unwrap();
    }
    assert_eq!(storage.series_count(), 1);
    assert!(storage.find(&old).is_none());
    assert_eq!(storage.removed(), 1);
    assert!(storage.sample_count() <= 240 + 240, "{}", storage.sample_count());

    let mut small = Storage::new(Options { max_bytes: 50_000, ..Options::default() });
    for i in 0..100_000 {
        small.append(&going_on, Sample::float(i * 15_000, (i as f64).sqrt())).unwrap();
        assert!(small.bytes() <= 50_000);
    }
    assert!(small.sample_count() > 3000);
    let mut few = Storage::new(Options { max_series: 1, ..Options::default() });
    few.append(&old, Sample::float(0, 1.0)).unwrap();
    assert_eq!(few.append(&going_on, Sample::float(0, 1.0)), Err(AppendError::TooManySeries(1)));
}

#[test]
fn long_label_values_have_a_limit_and_count() {
    let mut storage =
        Storage::new(Options { max_label_bytes: 2_000, max_bytes: 50_000, ..Options::default() });
    let long = |number: usize, bytes: usize| labels(&format!("a={number:0bytes$}"));
    let refused = storage.append(&long(1, 2_000), Sample::float(0, 1.0));
    assert_eq!(refused, Err(AppendError::LabelsTooLarge(2_000)));
    assert_eq!((storage.series_count(), storage.bytes()), (0, 0));
    for number in 0..200 {
        let time = number as i64 * 15_000;
        storage.append(&long(number, 1_900), Sample::float(time, 1.0)).unwrap();
        assert!(storage.bytes() <= 50_000, "{number}: {}", storage.bytes());
    }
    assert!((10..=25).contains(&storage.series_count()), "{}", storage.series_count());
}

#[test]
fn histograms_keep_within_their_bounds_too() {
    let histogram = |count: f64| {
        Arc::new(FloatHistogram {
            count,
            positive: Buckets::single_span(0, vec![count; 100]),
            ..FloatHistogram::default()
        })
    };
    let mut storage = Storage::new(Options { max_bytes: 200_000, ..Options::default() });
    let all: Vec<Labels> = (0..10).map(|number| labels(&format!("a={number}"))).collect();
    for round in 0..500 {
        for one in &all {
            let sample = Sample::histogram(round * 15_000, histogram(round as f64));
            storage.append(one, sample).unwrap();
            assert!(storage.bytes() <= 200_000, "{round}: {}", storage.bytes());
        }
    }
    let counted: usize = storage.iter().map(Series::len).sum();
    assert_eq!(storage.sample_count(), counted);
    assert!(counted > 50 && storage.dropped_before().is_some());
    let mut buffer = SampleBuffer::default();
    let read: usize = storage
        .iter()
        .map(|series| {
            series.read(0, i64::MAX, &mut buffer);
            buffer.histograms.len()
        })
        .sum();
    assert_eq!(read, counted);
}

/// A day of ordinary scrapes: counters that grow irregularly, gauges that fluctuate, constant
/// values.
#[test]
fn an_ordinary_sample_takes_under_two_bytes() {
    let mut storage = Storage::unbounded();
    let mut noise = 1u64;
    let mut totals = [0.0; 30];
    for tick in 0..5760i64 {
        for (at, total) in totals.iter_mut().enumerate() {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let random = (noise >> 40) as f64;
            *total = match at % 3 {
                0 => *total + (random % 50.0).floor(),
                1 => (random % 20.0).floor(),
                _ => 1.0,
            };
            let one = Labels::from_pairs([("n".to_owned(), at.to_string())]);
            storage.append(&one, Sample::float(tick * 15_000, *total)).unwrap();
        }
    }
    let per_sample = storage.bytes() as f64 / storage.sample_count() as f64;
    assert!(per_sample < 1.7, "{per_sample} bytes for each sample");
}
