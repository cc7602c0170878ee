//! Presenter of the page "Cluster": the objects after all controllers have run, and their relations.

mod graph;
mod running;

use crate::world::Snapshot;
use discovery::LogLevel;
use discovery::targets::TargetTable;
use graph::graph;
use kubernetes::controllers::{ClusterState, Event};
use kubernetes::objects::Kind;
use protocol::pages::cluster::{Graph, Health, PodReport, Query, Refused, View};

/// The maximum number of pods with problems.
const TROUBLES: usize = 8;

fn failing_pods(state: &ClusterState) -> Vec<PodReport> {
    let pods = state.cluster.pods.iter().filter_map(|pod| {
        let (namespace, name) = (&pod.meta.namespace.value, &pod.meta.name.value);
        let report = state.report(namespace, name)?;
        let cause = report.cause.as_ref()?;
        let event = |event: &Event| {
            let kind = if event.warning { "Warning" } else { "Normal" };
            format!("{kind}  {}  {}  {}", event.reason, event.from, event.message)
        };
        Some(PodReport {
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

/// Returns the view of the current state.
pub fn view(snapshot: &Snapshot<'_>, _query: &Query) -> View {
    let analysis = snapshot.stored;
    let mut graph = graph(&analysis.state);
    mark_refusals(&mut graph, &analysis.table);
    let failing_pods = failing_pods(&analysis.state);
    let running = running::running(snapshot);
    View { graph, refused: refused_objects(snapshot), failing_pods, running }
}

/// The objects that the API server refuses: those that do not exist, and those that are stored as an
/// earlier text has them.
pub(super) fn refused_objects(snapshot: &Snapshot<'_>) -> Vec<Refused> {
    let missing = snapshot.stored.applied.refused().map(|object| Refused {
        stays: false,
        object: object.key().to_string().trim().to_owned(),
        message: object.refusal.clone().unwrap_or_default(),
        at: Some(object.diagnostics.first().map_or(object.location, |first| first.location)),
    });
    let kept = snapshot.difference.refused.iter().map(|change| Refused {
        stays: true,
        object: change.object.to_string(),
        message: change.message.clone(),
        // The bar below the editor leads to the place in the text.
        at: None,
    });
    kept.chain(missing).take(TROUBLES).collect()
}

/// An account without the permissions that the configuration needs has a problem, though all of its
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
