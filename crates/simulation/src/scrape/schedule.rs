//! The scrape schedule: each target has its own offset, which spreads scrapes over the interval.

use go::Duration;
use promql::Timestamp;

/// Returns the offset of a target in its interval, in milliseconds. It depends on the target hash
/// and the server's seed only.
///
/// Source: prometheus scrape/target.go `Target.offset`.
pub fn offset(target_hash: u64, server_seed: u64, interval: Duration) -> i64 {
    let nanos = (interval.millis().max(1) as u64).saturating_mul(1_000_000);
    (((target_hash ^ server_seed) % nanos) / 1_000_000) as i64
}

/// Returns the time of the first scrape at or after `now`.
pub fn first_scrape(now: Timestamp, offset: i64, interval: Duration) -> Timestamp {
    let interval = interval.millis().max(1);
    now + (offset - now).rem_euclid(interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrapes_stay_at_their_place() {
        let interval = Duration::from_secs(15);
        for hash in [0, 1, 0xdead_beef_1234_5678, u64::MAX] {
            let place = offset(hash, 42, interval);
            assert!((0..15_000).contains(&place));
            for now in [1_700_000_000_000, 1_700_000_007_431] {
                let first = first_scrape(now, place, interval);
                assert!(first >= now && first - now < 15_000);
                assert_eq!(first % 15_000, place);
            }
        }
    }
}
