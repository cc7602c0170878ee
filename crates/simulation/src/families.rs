//! What a container exposes at one instant: metric families with their samples.

use std::sync::Arc;

use super::exposition::{Escaping, Exemplar, MetricType};
use promql::histogram::FloatHistogram;

/// One metric family. `name` is OpenMetrics's: without `_total`, `_bucket` and the like.
#[derive(Clone, Debug)]
pub struct Family {
    pub name: Arc<str>,
    pub metric_type: MetricType,
    pub unit: Arc<str>,
    pub help: Arc<str>,
    /// A counter that lacks `_total` in the text format. OpenMetrics cannot do without.
    pub bare: bool,
    pub samples: Vec<FamilySample>,
}

/// One sample of a family. Labels stand in the order in which the library writes them.
#[derive(Clone, Debug)]
pub struct FamilySample {
    /// `_total`, `_bucket`, `_sum`, `_count`, `_created`, `_info` or nothing.
    pub suffix: &'static str,
    pub labels: Vec<(Arc<str>, Arc<str>)>,
    pub value: f64,
    /// A native histogram in the value's place; only protobuf carries it.
    pub histogram: Option<Arc<FloatHistogram>>,
    pub exemplar: Option<Exemplar>,
}

impl Family {
    /// Writes names for a reader that did not ask for UTF-8.
    pub fn escape(&mut self, escaping: Escaping) {
        self.name = escaping.name(&self.name).into();
        for (name, _) in self.samples.iter_mut().flat_map(|sample| &mut sample.labels) {
            *name = escaping.name(name).into();
        }
    }
}
