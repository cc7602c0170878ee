//! What a condition can see of the simulated system.

use std::collections::BTreeMap;

use crate::predicate::Health;

/// The state of the simulated system at one moment. Times are milliseconds since the start of the
/// simulation.
pub trait State {
    fn now(&self) -> u64;

    /// The number of changes that the learner has made: applied texts and actions.
    fn changes(&self) -> u64;

    /// The active targets.
    fn targets(&self) -> Vec<Target>;

    /// Evaluates an instant query. Errors are the message of the engine.
    fn query(&self, query: &str, at: u64) -> Result<Vec<Sample>, String>;

    /// The value of a field of a stored object as text; the JSON of a list or a mapping. An empty
    /// path names the object itself. Returns None if the object or the field does not exist.
    fn object_field(&self, kind: &str, namespace: &str, name: &str, path: &str) -> Option<String>;

    fn pods(&self) -> Vec<Pod>;

    /// The number of ready endpoints of a Service; None if the Service does not exist.
    fn ready_endpoints(&self, namespace: &str, service: &str) -> Option<u32>;

    /// The part of its claim that the server's database can come to fill; None without a claim.
    fn disk_share(&self) -> Option<f64>;

    /// Returns true if a finding has this code.
    fn has_finding(&self, code: &str) -> bool;

    fn file(&self, name: &str) -> Option<&str>;

    /// The names of all files.
    fn file_names(&self) -> Vec<&str>;

    /// Identifiers of the actions since a time, in their order.
    fn actions(&self, since: u64) -> Vec<String>;

    /// The commands since a time, in their order.
    fn commands(&self, since: u64) -> Vec<String>;
}

/// An active target.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub job: String,
    pub labels: BTreeMap<String, String>,
    pub health: Health,
    /// The error of the last scrape; empty if there is none.
    pub error: String,
}

/// A series of an instant vector. Histograms have no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub labels: BTreeMap<String, String>,
    pub value: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    pub namespace: String,
    pub labels: BTreeMap<String, String>,
    pub phase: String,
    pub ready: bool,
    /// The restarts of all containers.
    pub restarts: u32,
}
