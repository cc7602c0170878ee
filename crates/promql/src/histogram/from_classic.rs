//! A classic histogram's cumulative counts into a native one with custom buckets.

use super::{Buckets, CUSTOM_BUCKETS_SCHEMA, FloatHistogram};
use go::number::format_general;

/// The samples of one classic histogram at one time, collected in any order.
#[derive(Clone, Debug, Default)]
pub struct ClassicSamples {
    /// Cumulative counts by upper bound, ascending.
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: f64,
    error: Option<String>,
}

impl ClassicSamples {
    /// The count of observations up to `bound`. Of two for one bound the first counts.
    pub fn set_bucket(&mut self, bound: f64, count: f64) {
        if bound.is_nan() {
            return self.fail("bucket boundary is NaN".into());
        }
        if count < 0.0 {
            let (bound, count) = (general(bound), general(count));
            return self
                .fail(format!("bucket count must be non-negative: le={bound}, count={count}"));
        }
        let at = self.buckets.partition_point(|bucket| bucket.0 < bound);
        if self.buckets.get(at).is_some_and(|bucket| bucket.0 == bound) {
            return;
        }
        let below = at.checked_sub(1).and_then(|below| self.buckets.get(below));
        if let Some(&(_, below)) = below.filter(|below| count < below.1) {
            let (count, below) = (general(count), general(below));
            return self.fail(format!("count is not cumulative: {count} < {below}"));
        }
        if let Some(&(_, above)) = self.buckets.get(at).filter(|above| count > above.1) {
            let (count, above) = (general(count), general(above));
            return self.fail(format!("count is not cumulative: {count} > {above}"));
        }
        self.buckets.insert(at, (bound, count));
    }

    /// Sets the number of observations: the sample `_count`.
    pub fn set_count(&mut self, count: f64) {
        if count < 0.0 {
            return self.fail(format!("count must be non-negative: count={}", general(count)));
        }
        self.count = Some(count);
    }

    /// Sets the sum of observations: the sample `_sum`.
    pub fn set_sum(&mut self, sum: f64) {
        self.sum = sum;
    }

    fn fail(&mut self, error: String) {
        self.error.get_or_insert(error);
    }

    /// The native histogram. Without a `+Inf` bucket the count takes its place. Fails where counts
    /// are negative, do not ascend or do not agree.
    /// Source: prometheus `util/convertnhcb`.
    pub fn convert(mut self) -> Result<FloatHistogram, String> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let highest = self.buckets.last().map(|bucket| bucket.1);
        let count = self.count.or(highest).unwrap_or_default();
        if self.buckets.last().is_none_or(|bucket| bucket.0 != f64::INFINITY) {
            self.buckets.push((f64::INFINITY, count));
        }
        if let Some(&(bound, last)) = self.buckets.last().filter(|last| last.1 != count) {
            let (count, bound, last) = (general(count), general(bound), general(last));
            return Err(format!("count mismatch: count={count} != le={bound} count={last}"));
        }
        let whole = self.buckets.iter().all(|bucket| bucket.1.fract() == 0.0);
        let mut below = 0.0;
        let mut counts = Vec::with_capacity(self.buckets.len());
        for &(_, cumulative) in &self.buckets {
            counts.push(cumulative - below);
            below = cumulative;
        }
        let bounds: Vec<f64> =
            self.buckets.iter().map(|bucket| bucket.0).filter(|bound| bound.is_finite()).collect();
        let mut histogram = FloatHistogram {
            schema: CUSTOM_BUCKETS_SCHEMA,
            count,
            sum: self.sum,
            positive: Buckets::single_span(0, counts),
            custom_values: (!bounds.is_empty()).then(|| bounds.into()),
            ..FloatHistogram::default()
        };
        // Integer histograms are stored with short gaps filled, float histograms without.
        histogram.compact(if whole { 2 } else { 0 });
        histogram.validate().map_err(|error| error.to_string())?;
        Ok(histogram)
    }
}

fn general(value: f64) -> String {
    format_general(value, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(buckets: &[(f64, f64)], count: Option<f64>) -> ClassicSamples {
        let mut samples = ClassicSamples::default();
        buckets.iter().for_each(|&(bound, count)| samples.set_bucket(bound, count));
        count.into_iter().for_each(|count| samples.set_count(count));
        samples.set_sum(7.0);
        samples
    }

    #[test]
    fn converts() {
        let inf = f64::INFINITY;
        for (buckets, count, expected) in [
            (
                &[(5.0, 3.0), (1.0, 1.0), (inf, 4.0)][..],
                None,
                "{{schema:-53 count:4 sum:7 custom_values:[1 5] buckets:[1 2 1]}}",
            ),
            (
                &[(1.0, 1.0)],
                Some(9.0),
                "{{schema:-53 count:9 sum:7 custom_values:[1] buckets:[1 8]}}",
            ),
            (&[(inf, 2.5)], None, "{{schema:-53 count:2.5 sum:7 custom_values:[] buckets:[2.5]}}"),
        ] {
            let got =
                samples(buckets, count).convert().map(|histogram| histogram.test_expression());
            assert_eq!(got.as_deref(), Ok(expected));
        }
        for (buckets, count, error) in [
            (&[(1.0, 5.0), (2.0, 3.0)][..], None, "count is not cumulative: 3 < 5"),
            (&[(2.0, 3.0), (1.0, 5.0)], None, "count is not cumulative: 5 > 3"),
            (&[(inf, 3.0)], Some(4.0), "count mismatch: count=4 != le=+Inf count=3"),
            (&[(1.0, -1.0)], None, "bucket count must be non-negative: le=1, count=-1"),
        ] {
            assert_eq!(samples(buckets, count).convert().unwrap_err(), error);
        }
    }
}
