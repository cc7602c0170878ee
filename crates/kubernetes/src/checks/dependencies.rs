//! The objects that a Prometheus configuration lists and the addresses that it scrapes.

use crate::objects::{Kind, Text};
use text::Location;

/// The dependencies of the configuration of one Prometheus.
#[derive(Clone, Debug, Default)]
pub struct ScrapeDependencies {
    /// The index of the instance in [`super::CheckContext::instances`].
    pub instance: usize,
    pub roles: Vec<RoleDependency>,
    pub targets: Vec<TargetAddress>,
}

/// A `kubernetes_sd_configs` entry for the API server of this cluster.
#[derive(Clone, Debug)]
pub struct RoleDependency {
    pub job: Text,
    /// The name of the role: `endpoints`.
    pub role: &'static str,
    pub kinds: Vec<Kind>,
    /// Namespaces to list; empty means all.
    pub namespaces: Vec<Text>,
    pub at: Location,
}

/// A static target that relabeling does not change.
#[derive(Clone, Debug)]
pub struct TargetAddress {
    pub job: Text,
    pub host: String,
    pub port: i32,
    /// True if the address has an explicit port.
    pub has_port: bool,
    pub at: Location,
}
