//! Page "Cluster": the objects of the cluster and their relations.

use serde::{Deserialize, Serialize};

use text::Location;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub graph: Graph,
    /// Pods that do not run.
    pub failing_pods: Vec<PodReport>,
    /// Objects of the manifests that the API server refuses.
    pub refused: Vec<Refused>,
}

/// An object that the API server refuses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// True if the object is stored as an earlier text has it; false if it does not exist.
    pub stays: bool,
    /// `Deployment web`.
    pub object: String,
    /// The words of kubectl.
    pub message: String,
    pub at: Option<Location>,
}

/// The output of `kubectl describe pod` and `kubectl logs` for a pod that does not run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PodReport {
    /// `namespace/name`.
    pub pod: String,
    /// The column STATUS of `kubectl get pods`.
    pub status: String,
    /// The reason, as a sentence.
    pub cause: String,
    pub at: Option<Location>,
    /// The lines under Events.
    pub events: Vec<String>,
    pub logs: Vec<String>,
}

/// The health of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Health {
    /// Unknown, or without meaning for the object.
    Neutral,
    Good,
    /// Not ready yet.
    Waiting,
    Bad,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub column: u8,
    pub health: Health,
    /// A short description of the state: `Running`, `no ready endpoints`.
    pub state: String,
    /// The reason of a problem, as a sentence.
    pub reason: Option<String>,
    /// Containers with their ports, ports of a Service, keys of a ConfigMap.
    pub lines: Vec<Line>,
    /// The number of lines that are left out.
    pub hidden: u32,
    /// The manifest of the object.
    pub at: Option<Location>,
    /// True if Prometheus runs in the pod.
    pub prometheus: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub text: String,
    pub health: Health,
    pub at: Option<Location>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Indices in [`Graph::nodes`].
    pub from: u32,
    pub to: u32,
    /// `80 → 8080`, `mounted at /etc/prometheus`, `runs as`.
    pub label: String,
    pub health: Health,
    pub at: Option<Location>,
}

/// The graph of the cluster; nodes in the order of their columns, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// The number of objects that are left out.
    pub hidden: u32,
}
