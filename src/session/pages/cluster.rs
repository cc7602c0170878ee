//! What the cluster holds after all controllers have run, and how its parts reach each other.

use serde::{Deserialize, Serialize};

use crate::kubernetes::controllers::{Event, Simulated};
use crate::kubernetes::graph::{Graph, graph};
use crate::session::Session;
use crate::text::Location;

/// What the page wants to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub graph: Graph,
    /// Pods that do not run, as kubectl would tell of them.
    pub troubles: Vec<Trouble>,
}

/// What `kubectl describe pod` and `kubectl logs` would show of a pod in trouble.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// `namespace/name`.
    pub pod: String,
    /// The column STATUS of `kubectl get pods`.
    pub status: String,
    /// Why, in a sentence.
    pub cause: String,
    pub at: Option<Location>,
    /// The lines under Events.
    pub events: Vec<String>,
    pub logs: Vec<String>,
}

/// Pods in trouble beyond these look alike.
const TROUBLES: usize = 8;

fn troubles(state: &Simulated) -> Vec<Trouble> {
    let pods = state.cluster.pods.iter().filter_map(|pod| {
        let (namespace, name) = (&pod.meta.namespace.value, &pod.meta.name.value);
        let report = state.report(namespace, name)?;
        let cause = report.cause.as_ref()?;
        let event = |event: &Event| {
            let kind = if event.warning { "Warning" } else { "Normal" };
            format!("{kind}  {}  {}  {}", event.reason, event.from, event.message)
        };
        Some(Trouble {
            pod: format!("{namespace}/{name}"),
            status: report.status.to_string(),
            cause: cause.message.clone(),
            at: cause.at,
            events: report.events.iter().map(event).collect(),
            logs: report.logs.clone(),
        })
    });
    pods.take(TROUBLES).collect()
}

/// The answer, from what the session knows now.
pub fn view(session: &Session, _question: &Question) -> View {
    let state = &session.system.state;
    View { graph: graph(state), troubles: troubles(state) }
}
