//! The Prometheus Operator 0.94.1: objects, configuration and status from the custom resources of
//! monitoring.coreos.com.
//!
//! | module | content |
//! | --- | --- |
//! | `options` | flags of the Operator |
//! | `select` | the gates between an object and a workload, and what a workload takes |
//! | `index` | the stored objects by kind, namespace and label |
//! | `funnel`, `findings`, `findings_of_ports` | the way from a monitor to its targets, and mistakes with their fixes |
//! | `admission` | the admission webhook |
//! | `alertmanager` | the configuration of an Alertmanager |
//! | `checks` | why an object is refused, in the Operator's words |
//! | `prometheus` | the configuration of a Prometheus server or agent |
//! | `rules` | rule files |
//! | `store` | keys of Secrets and ConfigMaps, TLS assets |
//! | `tree` | generated YAML with the field that every line came from |
//!
//! | `workload` | StatefulSets, Secrets, ConfigMaps and Services |
//! | `reconcile` | what one sync writes and says, and the step that does it in a cluster |
//! | `schema` | the definitions of the ten kinds, and our words for their fields |
//!
//! All but the step is pure: from the stored objects of a cluster, with their defaults, to what the
//! Operator writes.

pub mod admission;
pub mod alertmanager;
mod checks;
pub mod findings;
mod findings_of_ports;
pub mod funnel;
mod gzip;
pub mod index;
mod options;
pub mod prometheus;
pub mod reconcile;
mod rules;
pub mod schema;
mod select;
mod store;
#[cfg(test)]
mod tests;
mod tree;
mod version;
mod workload;

pub use gzip::stored as unzip;
pub use options::Options;
pub use select::{Chosen, Gate, KINDS, Kind, Namespaces, Selection, Verdict, select};
pub use tree::{Document, Origin, Resource};
