//! What a configuration asks of the cluster: objects to list, addresses to reach.

use crate::objects::{Kind, Text};
use text::Location;

/// What the configuration of one Prometheus asks for.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// The instance's place in [`super::CheckContext::instances`].
    pub instance: usize,
    pub roles: Vec<RoleNeed>,
    pub targets: Vec<TargetAddress>,
}

/// One kubernetes_sd_configs entry that asks the cluster's own API server.
#[derive(Clone, Debug)]
pub struct RoleNeed {
    pub job: Text,
    /// As written: `endpoints`.
    pub role: &'static str,
    pub kinds: Vec<Kind>,
    /// Empty asks for all namespaces at once.
    pub namespaces: Vec<Text>,
    pub at: Location,
}

/// A target written by hand that is scraped as it is written.
#[derive(Clone, Debug)]
pub struct TargetAddress {
    pub job: Text,
    pub host: String,
    pub port: i32,
    /// Whether the port is written, and not the scheme's.
    pub has_port: bool,
    pub at: Location,
}
