//! Simulated time: actions, scrapes, rules, and the propagation of edits to Prometheus.

pub mod actions;
mod live;
mod rollout;
mod rule_runs;
mod snapshot;
mod timeline;

pub use live::Live;
pub use snapshot::Snapshot;
pub use timeline::{START, Timeline};
