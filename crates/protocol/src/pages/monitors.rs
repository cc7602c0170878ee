//! Page "Monitors": the gates between the monitors of the Prometheus Operator and their targets.

use serde::{Deserialize, Serialize};

use text::Location;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The Prometheus objects, as `namespace/name`.
    pub servers: Vec<String>,
    /// The reason why nothing acts on the monitors; empty if the Operator runs.
    pub note: String,
    /// By kind, namespace and name.
    pub monitors: Vec<Monitor>,
    /// The number of monitors that are left out.
    pub more: u32,
}

/// A monitor, Probe, ScrapeConfig or PrometheusRule, and the gates that it passes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Monitor {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub location: Option<Location>,
    /// The Prometheus object whose gates are shown, as `namespace/name`: the one that lets it pass
    /// furthest. Empty if there is none.
    pub server: String,
    /// The gates in order, up to the first that lets nothing pass.
    pub gates: Vec<Gate>,
    /// True if something passes every gate.
    pub passes: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    pub name: String,
    /// What is counted: `monitor`, `Services`, `targets`.
    pub counted: String,
    pub passed: u32,
    /// The number that came to the gate.
    pub of: u32,
    /// The number that may still pass, because a first scrape is to come.
    pub waiting: u32,
    /// Why some did not pass, in sentences; empty if all passed.
    pub reason: String,
}

/// The most monitors that a view holds.
pub const MONITORS: usize = 200;
