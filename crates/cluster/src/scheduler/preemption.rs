//! Preemption: pods of lower priority that are removed to make room.
//!
//! Source: pkg/scheduler/framework/preemption, plugins/defaultpreemption.

use kubernetes::object::Value;

use super::affinity::Placed;
use super::filters::{Refusal, Snapshot, filter};
use crate::apiserver::disruption_target;
use crate::controllers::objects::{is_deleting, set_condition};
use crate::engine::ControllerContext;
use crate::recorder::Type;

/// The result of preemption for a pod that no node takes.
pub enum Plan<'a> {
    /// These pods of a node are removed.
    Nominate { node: &'a Value, victims: Vec<&'a Value> },
    /// No pod is preempted, for this reason.
    Nothing(String),
}

fn priority(pod: &Value) -> i64 {
    pod["spec"].int("priority")
}

/// Looks for a node that takes the pod once pods of lower priority are gone.
pub fn plan<'a>(
    snapshot: &Snapshot<'a>,
    pod: &Value,
    refusals: &[(&'a Value, Refusal)],
) -> Plan<'a> {
    if pod["spec"].str("preemptionPolicy") == "Never" {
        return Plan::Nothing("not eligible due to preemptionPolicy=Never.".to_owned());
    }
    let nominated = pod["status"].str("nominatedNodeName");
    let leaving = !nominated.is_empty()
        && snapshot.placed.iter().any(|one| {
            one.node["metadata"].str("name") == nominated
                && is_deleting(one.pod)
                && priority(one.pod) < priority(pod)
        });
    if leaving {
        return Plan::Nothing(
            "not eligible due to a terminating pod on the nominated node.".to_owned(),
        );
    }
    let mut best: Option<(&Value, Vec<&Value>)> = None;
    let (mut helpless, mut no_victims) = (0, 0);
    for (node, refusal) in refusals {
        if refusal.unresolvable {
            helpless += 1;
            continue;
        }
        match victims(snapshot, pod, node) {
            None => no_victims += 1,
            Some(victims) => {
                let better = best.as_ref().is_none_or(|(_, known)| cost(&victims) < cost(known));
                if better {
                    best = Some((node, victims));
                }
            }
        }
    }
    if let Some((node, victims)) = best {
        return Plan::Nominate { node, victims };
    }
    let mut texts = Vec::new();
    if no_victims > 0 {
        texts.push(format!("{no_victims} No preemption victims found for incoming pod"));
    }
    if helpless > 0 {
        texts.push(format!("{helpless} Preemption is not helpful for scheduling"));
    }
    texts.sort();
    let total = snapshot.nodes.len();
    Plan::Nothing(format!("0/{total} nodes are available: {}.", texts.join(", ")))
}

/// Nodes whose victims are less important come first, then those with fewer.
fn cost(victims: &[&Value]) -> (i64, i64, usize) {
    let highest = victims.iter().map(|pod| priority(pod)).max().unwrap_or(i64::MIN);
    let sum = victims.iter().map(|pod| priority(pod)).sum();
    (highest, sum, victims.len())
}

/// The pods of a node that have to go; None if even all of lower priority do not make room.
fn victims<'a>(snapshot: &Snapshot<'a>, pod: &Value, node: &'a Value) -> Option<Vec<&'a Value>> {
    let mut lower: Vec<&'a Value> =
        snapshot.on(node).filter(|other| priority(other) < priority(pod)).collect();
    if lower.is_empty() {
        return None;
    }
    lower.sort_by_key(|pod| -priority(pod));
    let fits = |gone: &[&Value]| {
        let stays = |one: &&Placed<'a>| {
            !gone.iter().any(|other| other["metadata"]["uid"] == one.pod["metadata"]["uid"])
        };
        let rest = Snapshot {
            server: snapshot.server,
            nodes: snapshot.nodes.clone(),
            placed: snapshot
                .placed
                .iter()
                .filter(stays)
                .map(|one| Placed { pod: one.pod, node: one.node })
                .collect(),
        };
        filter(&rest, pod, node).is_none()
    };
    if !fits(&lower) {
        return None;
    }
    // As many as possible may stay, the most important first.
    let mut gone = lower.clone();
    for candidate in lower {
        let without: Vec<&Value> = gone
            .iter()
            .filter(|one| one["metadata"]["uid"] != candidate["metadata"]["uid"])
            .copied()
            .collect();
        if fits(&without) {
            gone = without;
        }
    }
    Some(gone)
}

/// Removes the victims. Source: prepareCandidate.
pub fn evict(context: &mut ControllerContext<'_>, pod: &Value, node: &str, victims: &[Value]) {
    let uid = pod["metadata"].str("uid");
    for victim in victims {
        let key = super::pod_key_of(victim);
        if let Some(mut current) = context.server.storage.get(&key).cloned() {
            let message = "default-scheduler: preempting to accommodate a higher priority pod";
            let time = context.timestamp();
            let mut condition = disruption_target("PreemptionByScheduler", message, time);
            condition.set("observedGeneration", current["metadata"].int("generation"));
            set_condition(current.entry("status").entry("conditions"), condition);
            context.server.write(&key, current);
        }
        let message = format!("Preempted by pod {uid} on node {node}");
        context.event(victim, Type::Normal, "Preempted", &message);
        if let Some(row) = context.server.row_of(&key) {
            let _ = context.server.delete(row, &key.namespace, &key.name, Default::default());
        }
    }
}
