//! Metric families with their samples at one time.

use std::sync::Arc;

use super::exposition::{Escaping, Exemplar, MetricType};
use promql::histogram::FloatHistogram;

/// A metric family. `name` is the OpenMetrics name, without `_total`, `_bucket` and other suffixes.
#[derive(Clone, Debug)]
pub struct Family {
    pub name: Arc<str>,
    pub metric_type: MetricType,
    pub unit: Arc<str>,
    pub help: Arc<str>,
    /// True for a counter without `_total` in the text format. OpenMetrics requires the suffix.
    pub bare: bool,
    pub samples: Vec<FamilySample>,
}

/// A sample of a family. Labels are in the order in which the library writes them.
#[derive(Clone, Debug)]
pub struct FamilySample {
    /// `_total`, `_bucket`, `_sum`, `_count`, `_created`, `_info` or empty.
    pub suffix: &'static str,
    pub labels: Vec<(Arc<str>, Arc<str>)>,
    pub value: f64,
    /// A native histogram instead of a float. Only protobuf supports it.
    pub histogram: Option<Arc<FloatHistogram>>,
    pub exemplar: Option<Exemplar>,
}

impl Family {
    /// Escapes all names.
    pub fn escape(&mut self, escaping: Escaping) {
        self.name = escaping.name(&self.name).into();
        for (name, _) in self.samples.iter_mut().flat_map(|sample| &mut sample.labels) {
            *name = escaping.name(name).into();
        }
    }
}
