//! The simulated cluster: objects, controllers, names, network and permissions.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | [`objects`] | the typed objects, and the syntax of their names and selectors |
//! | [`cluster`] | objects → tables that are asked by kind, namespace and name |
//! | [`decode`] | documents → typed objects with the defaults of the API server |
//! | [`controllers`] | objects as applied → objects as the API server holds them after a while |
//! | [`mounts`] | volumes and mounts → the files that a container sees |
//! | [`prometheus`] | containers → the Prometheus servers among them, their flags and files |
//! | [`fields`] | what can be written in manifests, with our words over Kubernetes's own |
//! | [`flags`] | the command line of Prometheus, explained |
//! | [`dns`] | a name, asked from a pod → addresses, or why there are none |
//! | [`network`] | a pod, a host and a port → who answers, or which layer refuses |
//! | [`rbac`] | an account and a request → the rule that allows it |
//! | [`checks`] | the cluster and the configuration → what is at odds between them |
//! | [`graph`] | the cluster → nodes and edges of its picture |

pub mod checks;
pub mod cluster;
pub mod controllers;
pub mod decode;
pub mod dns;
pub mod fields;
pub mod flags;
pub mod graph;
pub mod hash;
pub mod mounts;
pub mod network;
pub mod objects;
pub mod openapi;
pub mod prometheus;
pub mod quantity;
pub mod rbac;
#[doc(hidden)]
pub mod testing;

pub use cluster::{Cluster, Table};
