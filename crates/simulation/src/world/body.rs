//! The answers of targets at the current time, outside of scrapes.

use std::sync::Arc;

use super::World;
use super::target::Reach;
use crate::effects::FaultEffects;
use crate::exposition::{Escaping, Format, Wire};
use crate::scrape_attempt::ResponseKind;
use crate::workload::{Influences, Plan, Readings};
use promql::Labels;

/// The answer of a target at the current time.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Text { content_type: Arc<str>, text: String },
    Error(String),
}

/// The samples of a program at the current time.
#[derive(Clone, Debug)]
pub struct Exposed {
    pub plan: Arc<Plan>,
    pub wire: Wire,
    /// The escaping scheme of names.
    pub escaping: Escaping,
    pub values: Readings,
}

impl World {
    /// The answer of the target to a scrape at the current time.
    pub fn body(&self, job: &str, labels: &Labels) -> Option<Body> {
        let live = self.loops.find(job, labels)?;
        let attempt = self.attempt(&live.spec);
        Some(match attempt.at(self.now, &mut Readings::default()).kind {
            ResponseKind::Error(error) => Body::Error(error),
            ResponseKind::Status(status) => Body::Error(format!("HTTP/1.1 {status}")),
            ResponseKind::Body { content_type, text } => Body::Text { content_type, text },
            ResponseKind::Planned { wire, .. } => {
                let Reach::Process { key, .. } = &live.spec.reach else { return None };
                let text = attempt.text(self.processes.get(key)?, self.now, wire);
                Body::Text { content_type: wire.content_type().into(), text }
            }
        })
    }

    /// The answer in the text format, regardless of the scrape protocols.
    pub fn plain_body(&self, job: &str, labels: &Labels) -> Option<String> {
        let live = self.loops.find(job, labels)?;
        let Reach::Process { key, .. } = &live.spec.reach else { return None };
        let attempt = self.attempt(&live.spec);
        Some(attempt.text(self.processes.get(key)?, self.now, Wire::Text(Format::PrometheusText)))
    }

    /// The metrics of a process at the current time, in the text format of Prometheus.
    pub fn metrics(&self, key: &str) -> Option<String> {
        let running = self.processes.get(key)?;
        let influences = Influences { changes: &self.traffic, extra: Some(&running.extra) };
        let format = (Format::PrometheusText, Escaping::AllowUtf8);
        let effects = FaultEffects::default();
        Some(running.process.text(self.now, influences, &effects, &running.pinned, format))
    }

    /// The samples of a scrape at the current time, including those that Prometheus derives.
    /// Returns None if the scrape fails or the answer has no plan.
    pub fn exposed(&self, job: &str, labels: &Labels) -> Option<Exposed> {
        let live = self.loops.find(job, labels)?;
        let attempt = self.attempt(&live.spec);
        let mut values = Readings::default();
        match attempt.at(self.now, &mut values).kind {
            ResponseKind::Planned { process, wire, escaping, .. } => {
                Some(Exposed { plan: process.plan().clone(), wire, escaping, values })
            }
            _ => None,
        }
    }
}
