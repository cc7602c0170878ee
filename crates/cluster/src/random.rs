//! A generator of numbers that look random and follow from the seed.

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).saturating_add(1).max(1);
        low + (self.number() % width as u64) as i64
    }

    /// A time with an addition of 0 to `factor` times itself. Source: apimachinery wait.Jitter.
    pub fn jitter(&mut self, time: i64, factor: f64) -> i64 {
        let most = (time as f64 * factor) as i64;
        time + self.between(0, most.max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut random = Random::new(7);
        for _ in 0..1000 {
            assert!((3..=9).contains(&random.between(3, 9)));
            assert!((100..=150).contains(&random.jitter(100, 0.5)));
        }
        assert_eq!(random.between(4, 4), 4);
    }
}
