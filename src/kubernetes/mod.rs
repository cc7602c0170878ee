//! The simulated cluster: objects, controllers, names, network and permissions.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | [`objects`] | the typed objects, and the syntax of their names and selectors |
//! | [`cluster`] | objects → tables that are asked by kind, namespace and name |

pub mod cluster;
pub mod objects;

pub use cluster::{Cluster, Table};
