//! Values of series as pure functions of time and seed.
//!
//! The functions keep no state, so values can be computed at any time, in any order, with the same
//! result natively and in the browser. Counters count *events* whose exact times can be listed:
//! they are the ground truth that a scrape samples and that `rate` estimates. Logarithms and
//! similar functions come from `libm`, because platforms differ in the last digit.

use serde::{Deserialize, Serialize};

use promql::Timestamp;

const DAY: f64 = 86_400.0;

/// The rate of a stream. Rates are events per second, averaged over a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Traffic {
    /// Evenly spaced.
    Steady { rate: f64 },
    /// Irregular, like independent requests, with slow variation.
    Random { rate: f64 },
    /// Irregular, with a peak at 14:00 UTC. `swing` is the amplitude: 0.9 makes the peak 2.6 times
    /// the night's traffic.
    Daily { rate: f64, swing: f64 },
    /// One burst of `length` seconds in each period of `every` seconds.
    Bursty { rate: f64, every: f64, length: f64 },
}

/// A change of the traffic to `factor` times its normal rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrafficChange {
    pub at: Timestamp,
    pub factor: f64,
}

/// A stream of events: traffic, seed, changes, and additional events.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream<'a> {
    pub traffic: Traffic,
    pub seed: u64,
    /// Sorted by time.
    pub changes: &'a [TrafficChange],
    /// Times of additional events, sorted.
    pub extra: &'a [Timestamp],
}

impl Stream<'_> {
    /// Returns the number of events in `(from, to]`.
    pub fn count(&self, from: Timestamp, to: Timestamp) -> u64 {
        if to <= from {
            return 0;
        }
        let mut count = self.ordinal(to).saturating_sub(self.ordinal(from));
        count += (self.extra.partition_point(|&at| at <= to)
            - self.extra.partition_point(|&at| at <= from)) as u64;
        count
    }

    /// Returns the times of events in `(from, to]`, in order, at most `limit`.
    pub fn times(&self, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Timestamp> {
        let first = self.ordinal(from);
        let last = self.ordinal(to).max(first);
        let mut times: Vec<Timestamp> = (first..last)
            .take(limit)
            .map(|ordinal| self.time_of(ordinal + 1, from, to))
            .chain(self.extra.iter().copied().filter(|&at| from < at && at <= to))
            .collect();
        times.sort_unstable();
        times.truncate(limit);
        times
    }

    /// Returns the first millisecond in `(from, to]` at which `ordinal` events have occurred.
    fn time_of(&self, ordinal: u64, from: Timestamp, to: Timestamp) -> Timestamp {
        let (mut before, mut after) = (from, to);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if self.ordinal(middle) >= ordinal { after = middle } else { before = middle }
        }
        after
    }

    /// Returns the number of events since the epoch. The k-th unit of expected events holds exactly
    /// one event, at a position given by the seed. This allows random access.
    fn ordinal(&self, t: Timestamp) -> u64 {
        let expected = self.expected(t).max(0.0);
        let whole = expected.floor();
        let place = match self.traffic {
            Traffic::Steady { .. } => 0.5,
            _ => unit(mix(self.seed, whole as u64)),
        };
        whole as u64 + u64::from(expected - whole >= place)
    }

    /// Returns the expected number of events since the epoch; monotone in time.
    fn expected(&self, t: Timestamp) -> f64 {
        let mut total = 0.0;
        let mut since = 0.0;
        let mut factor = 1.0;
        for change in self.changes.iter().take_while(|change| change.at <= t) {
            let until = self.undisturbed(change.at);
            total += factor * (until - since);
            (since, factor) = (until, change.factor);
        }
        total + factor * (self.undisturbed(t) - since)
    }

    fn undisturbed(&self, t: Timestamp) -> f64 {
        let t = t as f64 / 1000.0;
        match self.traffic {
            Traffic::Steady { rate } => rate * t,
            Traffic::Random { rate } => rate * wander(self.seed, t),
            Traffic::Daily { rate, swing } => {
                let turns = std::f64::consts::TAU / DAY;
                let peak = 14.0 * 3600.0;
                rate * (wander(self.seed, t)
                    + swing.clamp(0.0, 0.9) / 2.0 * (libm::sin(turns * (t - peak)) / turns))
            }
            Traffic::Bursty { rate, every, length } => {
                let every = every.max(1.0);
                let length = length.clamp(0.1, every);
                let period = (t / every).floor();
                let begin = unit(mix(self.seed, period as u64)) * (every - length);
                let within = ((t - period * every - begin) / length).clamp(0.0, 1.0);
                rate * every * (period + within)
            }
        }
    }
}

/// Returns a monotone distortion of time by at most a minute.
fn wander(seed: u64, t: f64) -> f64 {
    t + 48.0 * (noise(seed ^ 0x5eed, t / 120.0) - 0.5)
}

/// Piecewise linear noise between 0 and 1 with a knot at every whole `x`.
pub fn noise(seed: u64, x: f64) -> f64 {
    let knot = x.floor();
    let (a, b) = (unit(mix(seed, knot as i64 as u64)), unit(mix(seed, (knot as i64 + 1) as u64)));
    a + (b - a) * (x - knot)
}

/// The values of a gauge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    Constant {
        value: f64,
    },
    /// Varies between `low` and `high`, with a turn every `every` seconds.
    Between {
        low: f64,
        high: f64,
        every: f64,
    },
    /// Varies in whole numbers.
    BetweenWhole {
        low: f64,
        high: f64,
        every: f64,
    },
    /// Grows from `from` by `by` per second since the start of the process, up to `limit`; then
    /// starts again.
    Sawtooth {
        from: f64,
        by: f64,
        limit: f64,
    },
    /// Unix time, in seconds, at which the process started.
    StartTime,
    /// Seconds since the process started.
    Uptime,
    /// Unix time, in seconds.
    Now,
}

impl Level {
    /// Returns the value at `t` for a process that started at `start`; whole numbers if `whole` is
    /// set.
    pub fn at(self, seed: u64, start: Timestamp, t: Timestamp, whole: bool) -> f64 {
        let age = (t - start) as f64 / 1000.0;
        let value = match self {
            Self::Constant { value } => value,
            Self::Between { low, high, every } => {
                low + (high - low) * noise(seed, t as f64 / 1000.0 / every.max(0.001))
            }
            Self::BetweenWhole { low, high, every } => {
                (low + (high - low) * noise(seed, t as f64 / 1000.0 / every.max(0.001))).round()
            }
            Self::Sawtooth { from, by, limit } => {
                let height = (limit - from).abs().max(f64::MIN_POSITIVE);
                from + (by * age).rem_euclid(height)
            }
            Self::StartTime => start as f64 / 1000.0,
            Self::Uptime => age,
            Self::Now => t as f64 / 1000.0,
        };
        if whole { value.round() } else { value }
    }
}

/// A log-normal distribution of observed values, such as latencies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distribution {
    pub median: f64,
    /// Standard deviation of the logarithm: 0.5 is narrow, 1.5 has a long tail.
    pub spread: f64,
}

impl Distribution {
    /// Returns the share of values at or below `bound`.
    pub fn share_below(self, bound: f64) -> f64 {
        if bound <= 0.0 {
            return 0.0;
        }
        normal_cdf(libm::log(bound / self.median) / self.spread.max(1e-6))
    }

    pub fn mean(self) -> f64 {
        self.median * libm::exp(self.spread * self.spread / 2.0)
    }

    /// Returns the quantile `q`.
    pub fn quantile(self, q: f64) -> f64 {
        let (mut low, mut high) = (-9.0, 9.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if normal_cdf(middle) < q { low = middle } else { high = middle }
        }
        self.median * libm::exp(low * self.spread)
    }
}

/// Returns how many of `count` events belong to a `share` of them. The first one follows after `1 -
/// phase` of a whole event. Monotone in both; all events for a share of 1.
pub fn share_of(count: u64, share: f64, phase: f64) -> u64 {
    if share >= 1.0 {
        return count;
    }
    (count as f64 * share + phase).floor().min(count as f64) as u64
}

/// Returns how many of `count` events are in each range; `below` has for each range the share of
/// events below its end. The sum is `count`, and no number decreases while `count` grows: ranges
/// are divided into halves, and each half is monotone.
pub fn divide(count: u64, below: &[f64], seed: u64) -> Vec<u64> {
    fn part(count: u64, below: &[f64], from: f64, seed: u64, counts: &mut Vec<u64>) {
        let Some((&end, _)) = below.split_last() else { return };
        let (left, right) = below.split_at(below.len() / 2);
        let Some(&middle) = left.last() else { return counts.push(count) };
        let share = if end > from { (middle - from) / (end - from) } else { 1.0 };
        let own = share_of(count, share, unit(mix(seed, counts.len() as u64)));
        part(own, left, from, mix(seed, 1), counts);
        part(count - own, right, middle, mix(seed, 2), counts);
    }
    let mut counts = Vec::with_capacity(below.len());
    part(count, below, 0.0, seed, &mut counts);
    counts
}

/// The standard normal distribution function, to about seven digits.
/// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17.
fn normal_cdf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let poly = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = libm::exp(-x * x / 2.0) / (2.0 * std::f64::consts::PI).sqrt() * poly;
    if x >= 0.0 { 1.0 - tail } else { tail }
}

/// Returns the seed of a named item.
pub fn seed_of(seed: u64, name: &str) -> u64 {
    name.bytes().fold(mix(seed, name.len() as u64), |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Mixes two numbers with the finalizer of SplitMix64.
pub fn mix(seed: u64, n: u64) -> u64 {
    let mut z = seed ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Maps a mixed number to `[0, 1)` by its upper bits.
pub fn unit(mixed: u64) -> f64 {
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = 1_700_000_000_000;

    fn streams() -> [Stream<'static>; 4] {
        [
            Traffic::Steady { rate: 0.2 },
            Traffic::Random { rate: 3.0 },
            Traffic::Daily { rate: 1.5, swing: 0.8 },
            Traffic::Bursty { rate: 0.5, every: 300.0, length: 20.0 },
        ]
        .map(|traffic| Stream { traffic, seed: 7, changes: &[], extra: &[] })
    }

    #[test]
    fn counts_are_monotone_additive_and_near_their_rate() {
        for stream in streams() {
            let mut sum = 0;
            let mut t = START;
            for step in 0..2000 {
                let next = t + 1 + (step * 7919) % 90_000;
                sum += stream.count(t, next);
                assert_eq!(stream.count(START, next), sum, "{stream:?} at {next}");
                t = next;
            }
            let day = stream.count(START, START + 86_400_000) as f64 / DAY;
            let rate = match stream.traffic {
                Traffic::Steady { rate }
                | Traffic::Random { rate }
                | Traffic::Daily { rate, .. }
                | Traffic::Bursty { rate, .. } => rate,
            };
            assert!((day - rate).abs() < rate * 0.02 + 0.002, "{stream:?}: {day}");
        }
    }

    #[test]
    fn times_are_those_that_were_counted() {
        for mut stream in streams() {
            stream.extra = &[START + 1_000, START + 2_000];
            let times = stream.times(START, START + 600_000, 10_000);
            assert_eq!(times.len() as u64, stream.count(START, START + 600_000));
            assert!(times.is_sorted());
            for &at in times.iter().take(50) {
                assert!(stream.count(at - 1, at) > 0, "{stream:?} at {at}");
            }
        }
    }

    #[test]
    fn a_change_of_traffic_counts_from_its_time_on() {
        let changes = [
            TrafficChange { at: START + 60_000, factor: 10.0 },
            TrafficChange { at: START + 120_000, factor: 0.0 },
        ];
        let [stream, ..] = streams();
        let calm = stream.count(START, START + 60_000);
        let changed = Stream { changes: &changes, ..stream };
        assert_eq!(changed.count(START, START + 60_000), calm);
        let busy = changed.count(START + 60_000, START + 120_000);
        assert!((busy as f64 - 120.0).abs() <= 1.0, "{busy}");
        assert_eq!(changed.count(START + 120_000, START + 600_000), 0);
    }

    #[test]
    fn no_range_loses_events_while_their_number_grows() {
        let latency = Distribution { median: 0.08, spread: 0.9 };
        let bounds = [0.01, 0.05, 0.1, 0.5, 1.0, f64::INFINITY];
        let below =
            bounds.map(|bound| if bound.is_finite() { latency.share_below(bound) } else { 1.0 });
        let mut before = vec![0; below.len()];
        for count in 0..2000 {
            let counts = divide(count, &below, 42);
            assert_eq!(counts.iter().sum::<u64>(), count);
            assert!(counts.iter().zip(&before).all(|(now, before)| now >= before), "{counts:?}");
            before = counts;
        }
        let mut upto = 0;
        for (count, share) in before.iter().zip(below) {
            upto += count;
            assert!((upto as f64 - share * 1999.0).abs() < 5.0, "{before:?}");
        }
        assert!((latency.share_below(latency.quantile(0.9)) - 0.9).abs() < 1e-6);
        assert!((latency.share_below(0.08) - 0.5).abs() < 1e-6);
        assert_eq!(divide(7, &[], 1), [0; 0]);
        assert_eq!(divide(7, &[0.5, 0.5, 1.0], 1).iter().sum::<u64>(), 7);
    }

    #[test]
    fn levels() {
        let between = Level::Between { low: 10.0, high: 20.0, every: 30.0 };
        for k in 0..1000 {
            let value = between.at(3, START, START + k * 1717, false);
            assert!((10.0..=20.0).contains(&value));
        }
        assert_eq!(Level::Uptime.at(0, START, START + 1500, false), 1.5);
        let saw = Level::Sawtooth { from: 1.0, by: 1.0, limit: 3.0 };
        assert_eq!(saw.at(0, START, START + 5_000, false), 2.0);
    }
}
