//! What the cluster holds after all controllers have run, and how its parts reach each other.

use serde::{Deserialize, Serialize};

use crate::Session;
use discovery::LogLevel;
use discovery::targets::TargetTable;
use kubernetes::controllers::{ClusterState, Event};
use kubernetes::graph::{Graph, Health, graph};
use kubernetes::objects::Kind;
use text::Location;

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

fn troubles(state: &ClusterState) -> Vec<Trouble> {
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
    let system = &session.system;
    let mut graph = graph(&system.state);
    mark_refusals(&mut graph, &system.table);
    View { graph, troubles: troubles(&system.state) }
}

/// An account that may not do what the configuration asks of it is in trouble, though all of its
/// objects are sound.
fn mark_refusals(graph: &mut Graph, table: &TargetTable) {
    let logged = table.pools.iter().flat_map(|pool| &pool.discovered).flat_map(|found| &found.log);
    let Some(refusal) = logged
        .filter(|line| line.level == LogLevel::Error)
        .find(|line| line.message.contains(" is forbidden: "))
    else {
        return;
    };
    let Some(server) = graph.nodes.iter().position(|node| node.prometheus) else { return };
    let given = graph.edges.iter_mut().filter(|edge| edge.from as usize == server);
    for edge in given {
        let Some(node) = graph.nodes.get_mut(edge.to as usize) else { continue };
        if node.kind == Kind::ServiceAccount.name() && node.health == Health::Good {
            edge.health = Health::Bad;
            node.health = Health::Bad;
            node.state = "lacks a permission".into();
            node.reason = Some(refusal.message.clone());
        }
    }
}
