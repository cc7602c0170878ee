//! When a target is scraped: at its own place within the interval, so that not all come at once.

use go::Duration;
use promql::Timestamp;

/// A target's place within its interval, in milliseconds. It hangs on the target's hash and the
/// server's seed only, so it stays the same over restarts.
/// Source: prometheus scrape/target.go `Target.offset`.
pub fn offset(target_hash: u64, server_seed: u64, interval: Duration) -> i64 {
    let nanos = (interval.millis().max(1) as u64).saturating_mul(1_000_000);
    (((target_hash ^ server_seed) % nanos) / 1_000_000) as i64
}

/// The first scrape at or after `now` for a target with this place in the interval.
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
