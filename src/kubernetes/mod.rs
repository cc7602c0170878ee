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
//! | [`flags`] | the command line of Prometheus, explained |

pub mod cluster;
pub mod controllers;
pub mod decode;
pub mod flags;
pub mod hash;
pub mod mounts;
pub mod objects;
pub mod prometheus;
pub mod quantity;

pub use cluster::{Cluster, Table};
