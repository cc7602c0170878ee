//! The programs that the world itself provides: Prometheus and the reloaders of its configuration.

use std::sync::Arc;

use cluster::program::{Behaviors, Process, Programs, Start};
use kubernetes::object::Value;
use kubernetes::prometheus::is_prometheus_image;

use crate::prometheus::PrometheusProgram;
use crate::reloader::Reloader;

/// Prometheus and its reloaders, and for all other containers the programs of `others`. A container
/// that `described` matches runs what is described there, whatever its image is.
pub fn programs(described: Behaviors, others: Arc<dyn Programs>) -> Arc<dyn Programs> {
    Arc::new(WorldPrograms { described, others })
}

#[derive(Debug)]
struct WorldPrograms {
    described: Behaviors,
    others: Arc<dyn Programs>,
}

impl Programs for WorldPrograms {
    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, String> {
        if self.described.describes(start) {
            return self.described.start(start);
        }
        let image = start.container.str("image");
        let expand = |text: &str| {
            cluster::kubelet::expand(text, 1 << 20, |name| start.env.get(name).cloned())
        };
        let words = |field: &str| -> Vec<String> {
            let words = start.container.list(field).iter().filter_map(Value::as_str);
            words.map(expand).collect()
        };
        let (command, args) = (words("command"), words("args"));
        if is_prometheus_image(image)
            && let Some(args) = PrometheusProgram::arguments(&command, &args)
        {
            return Ok(Box::new(PrometheusProgram::new(args)));
        }
        if let Some(reloader) = Reloader::of(image, &command, &args) {
            return Ok(Box::new(reloader));
        }
        self.others.start(start)
    }
}
