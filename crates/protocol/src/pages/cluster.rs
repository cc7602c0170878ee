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
    /// The objects that run; None if the pages show what the text leads to.
    pub running: Option<Running>,
}

/// The running objects, as `kubectl get` shows them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// Workloads, each followed by its ReplicaSets and pods.
    pub rows: Vec<RunningRow>,
    /// The number of rows that are left out.
    pub hidden: u32,
    /// True if the text has objects of the Prometheus Operator, which does not run in the cluster.
    pub lacks_operator: bool,
    /// The newest first.
    pub events: Vec<EventLine>,
}

/// A workload, a ReplicaSet or a pod.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunningRow {
    /// The number of owners above the object.
    pub depth: u8,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// The column READY: `1/2`; empty if the kind has none.
    pub ready: String,
    /// The column STATUS of a pod, or how far a rollout is.
    pub state: String,
    /// The column RESTARTS of a pod.
    pub restarts: String,
    pub age: String,
    pub health: Health,
    pub at: Option<Location>,
}

/// An Event, as `kubectl get events` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventLine {
    pub age: String,
    pub warning: bool,
    pub reason: String,
    /// `pod/web-7d4b9c-x2x4z`.
    pub object: String,
    pub message: String,
    pub count: u32,
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
