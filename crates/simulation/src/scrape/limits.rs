//! Limits on labels and on native histogram buckets. Exceeding a limit fails the scrape.

use std::sync::Arc;

use go::quote::quote;
use promql::Labels;
use promql::histogram::FloatHistogram;

/// 0 is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabelLimits {
    pub count: u64,
    /// Bytes.
    pub name_length: u64,
    /// Bytes.
    pub value_length: u64,
}

impl LabelLimits {
    /// Returns the error for labels that exceed a limit.
    ///
    /// Source: prometheus scrape/scrape.go `verifyLabelLimits`.
    pub fn check(self, labels: &Labels) -> Result<(), String> {
        let metric = cut(labels.metric_name());
        let (count, limit) = (labels.len() as u64, self.count);
        if limit > 0 && count > limit {
            return Err(format!(
                "label_limit exceeded (metric: {metric}, number of labels: {count}, limit: {limit})"
            ));
        }
        for label in labels {
            let name = cut(&label.name);
            let (length, limit) = (label.name.len() as u64, self.name_length);
            if limit > 0 && length > limit {
                return Err(format!(
                    "label_name_length_limit exceeded (metric: {metric}, label name: {name}, \
                     length: {length}, limit: {limit})"
                ));
            }
            let (length, limit) = (label.value.len() as u64, self.value_length);
            if limit > 0 && length > limit {
                return Err(format!(
                    "label_value_length_limit exceeded (metric: {metric}, label name: {name}, \
                     value: {}, length: {length}, limit: {limit})",
                    quote(cut(&label.value))
                ));
            }
        }
        Ok(())
    }
}

/// Limits on native histograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistogramLimits {
    /// 0 is no limit.
    pub buckets: u64,
    pub max_schema: i32,
}

/// The range of schemas.
const SCHEMAS: (i32, i32) = (-4, 8);

impl HistogramLimits {
    /// Limits from `native_histogram_bucket_limit` and `native_histogram_min_bucket_factor`.
    ///
    /// Source: prometheus scrape/scrape.go `pickSchema`.
    pub fn new(buckets: u64, min_factor: f64) -> Self {
        let factor = if min_factor <= 1.0 { 1.00271 } else { min_factor };
        let schema = libm::floor(-libm::log2(libm::log2(factor)));
        let (lowest, highest) = (f64::from(SCHEMAS.0), f64::from(SCHEMAS.1));
        Self { buckets, max_schema: schema.clamp(lowest, highest) as i32 }
    }

    /// Reduces the resolution of a histogram to the limits. The error fails the scrape.
    ///
    /// Source: prometheus scrape/target.go `bucketLimitAppender`, `maxSchemaAppender`.
    pub fn apply(self, histogram: &Arc<FloatHistogram>) -> Result<Arc<FloatHistogram>, String> {
        let size = |h: &FloatHistogram| (h.positive.counts.len() + h.negative.counts.len()) as u64;
        let over = |h: &FloatHistogram| self.buckets > 0 && size(h) > self.buckets;
        let exponential = !histogram.uses_custom_buckets();
        let fine = exponential && histogram.schema > self.max_schema;
        if !fine && !over(histogram) {
            return Ok(histogram.clone());
        }
        let mut coarse = FloatHistogram::clone(histogram);
        if fine {
            coarse.reduce_resolution(self.max_schema);
        }
        while over(&coarse) {
            if !exponential || coarse.schema <= SCHEMAS.0 {
                return Err("histogram bucket limit exceeded".to_owned());
            }
            let schema = coarse.schema - 1;
            coarse.reduce_resolution(schema);
        }
        Ok(Arc::new(coarse))
    }
}

/// The first 50 characters.
fn cut(text: &str) -> &str {
    text.char_indices().nth(50).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_their_words() {
        let labels = Labels::from_pairs([("__name__", "m"), ("abc", "défg")]);
        let none = LabelLimits::default();
        for (limits, error) in [
            (none, None),
            (LabelLimits { count: 2, name_length: 8, value_length: 5 }, None),
            (
                LabelLimits { count: 1, ..none },
                Some("label_limit exceeded (metric: m, number of labels: 2, limit: 1)"),
            ),
            (
                LabelLimits { name_length: 7, ..none },
                Some(
                    "label_name_length_limit exceeded (metric: m, label name: __name__, length: 8, limit: 7)",
                ),
            ),
            (
                LabelLimits { value_length: 4, ..none },
                Some(
                    "label_value_length_limit exceeded (metric: m, label name: abc, value: \"défg\", length: 5, limit: 4)",
                ),
            ),
        ] {
            assert_eq!(limits.check(&labels).err().as_deref(), error);
        }
        assert_eq!(cut(&"é".repeat(60)), "é".repeat(50));
    }
}
