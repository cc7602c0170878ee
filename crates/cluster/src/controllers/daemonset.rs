//! DaemonSets: a pod on each node that suits.
//!
//! Source: pkg/controller/daemon daemon_controller.go, util/daemonset_util.go.

use std::collections::BTreeMap;

use kubernetes::object::{Value, parse_json};
use kubernetes::validation::meta;

use super::Controller;
use super::daemonset_update as update;
use super::objects::{
    is_available, is_deleting, is_ready, is_terminal, pod_from_template, set_count,
};
use super::pod_control::{claim_pods, create_in_batches, delete_pod, owner_keys};
use crate::apiserver::{Key, Status};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;
use crate::scheduler::{affinity, taints};

pub const HASH: &str = "controller-revision-hash";
pub const GENERATION: &str = "deprecated.daemonset.template.generation";

pub const DAEMON_SET: Controller = Controller {
    component: "daemonset-controller",
    keys: |server, event| match event.key.kind {
        "DaemonSet" => vec![event.key.clone()],
        "Pod" => owner_keys(server, event, "apps", "DaemonSet"),
        "Node" if concerns(event) => {
            server.storage.list("apps", "DaemonSet", "").map(|(key, _)| key.clone()).collect()
        }
        _ => Vec::new(),
    },
    sync,
    delay: (13, 15),
};

/// Labels, taints and the cordon of a node decide; its status does not.
fn concerns(event: &crate::apiserver::Event) -> bool {
    let (old, new) = (&event.previous, &event.object);
    old["spec"] != new["spec"]
        || old["metadata"]["labels"] != new["metadata"]["labels"]
        || old.is_null()
}

/// Taints that pods of a DaemonSet tolerate: key, effect.
static TOLERATED: &[(&str, &str)] = &[
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// Pods of a set by node.
pub type ByNode = BTreeMap<String, Vec<Value>>;

/// The node that a pod runs on or is meant for.
fn node_of(pod: &Value) -> String {
    let node = pod["spec"].str("nodeName");
    if !node.is_empty() {
        return node.to_owned();
    }
    let required =
        &pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    for term in required.list("nodeSelectorTerms") {
        for field in term.list("matchFields") {
            if let Some(name) = field.list("values").first().and_then(Value::as_str) {
                return name.to_owned();
            }
        }
    }
    String::new()
}

fn tolerate(spec: &mut Value) {
    let network = spec.bool("hostNetwork");
    let list = spec.entry("tolerations").list_mut();
    let extra = network.then_some(("node.kubernetes.io/network-unavailable", "NoSchedule"));
    for (key, effect) in TOLERATED.iter().copied().chain(extra) {
        let same = |one: &Value| one.str("key") == key && one.str("effect") == effect;
        if !list.iter().any(same) {
            let mut toleration = Value::map();
            toleration.set("effect", effect);
            toleration.set("key", key);
            toleration.set("operator", "Exists");
            list.push(toleration);
        }
    }
}

/// The pod that a set needs on a node.
fn new_pod(set: &Value, hash: &str, node: &str) -> Value {
    let mut pod = pod_from_template(&set["spec"]["template"], set);
    let labels = pod.entry("metadata").entry("labels");
    labels.set(HASH, hash);
    let generation = set["metadata"]["annotations"].str(GENERATION);
    labels.set("pod-template-generation", generation);
    let spec = pod.entry("spec");
    tolerate(spec);
    let field = parse_json(&format!(
        r#"{{"matchFields":[{{"key":"metadata.name","operator":"In","values":["{node}"]}}]}}"#
    ));
    let required = spec.entry_at(&[
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
    ]);
    let field = field.unwrap_or_default();
    let terms = required.entry("nodeSelectorTerms").list_mut();
    if terms.is_empty() {
        terms.push(field);
    } else {
        for term in terms {
            term.set("matchFields", field["matchFields"].clone());
        }
    }
    pod
}

/// Returns whether a pod of the set should start on a node, and whether a running one may stay.
/// Source: NodeShouldRunDaemonPod.
pub fn should_run(set: &Value, node: &Value) -> (bool, bool) {
    let name = node["metadata"].str("name");
    let pod = new_pod(set, "", name);
    let wanted = pod["spec"].str("nodeName");
    if !wanted.is_empty() && wanted != name {
        return (false, false);
    }
    if !affinity::matches_node(&pod["spec"], node) {
        return (false, false);
    }
    let untolerated =
        |effects: &[&str]| taints::first_untolerated(&pod["spec"], node, effects).is_some();
    if untolerated(&["NoSchedule", "NoExecute"]) {
        return (false, !untolerated(&["NoExecute"]));
    }
    (true, true)
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(set) = context.server.storage.get(key).cloned() else { return Ok(()) };
    let selector = set["spec"]["selector"].clone();
    if meta::is_empty_selector(&selector) {
        let message = "This daemon set is selecting all pods. A non-empty selector is required.";
        context.event(&set, Type::Warning, "SelectingAll", message);
        return Ok(());
    }
    if is_deleting(&set) {
        return Ok(());
    }
    let nodes: Vec<Value> =
        context.server.storage.list("", "Node", "").map(|(_, node)| node.clone()).collect();
    let pods = claim_pods(context, &set, |labels| meta::selects(&selector, labels));
    let (current, old) = update::revisions(context, &set, &pods);
    let hash = current["metadata"]["labels"].str(HASH).to_owned();
    let mut result = manage(context, &set, &hash, &nodes, &by_node(&pods));
    if result.is_ok() && set["spec"]["updateStrategy"].str("type") == "RollingUpdate" {
        let pods = claim_pods(context, &set, |labels| meta::selects(&selector, labels));
        result = update::roll(context, &set, &hash, &nodes, &by_node(&pods));
    }
    update::clean_up(context, &set, &pods, &old);
    let pods = claim_pods(context, &set, |labels| meta::selects(&selector, labels));
    write_status(context, key, &set, &hash, &nodes, &by_node(&pods));
    let min_ready = set["spec"].int("minReadySeconds");
    if let Some(after) = super::objects::next_available(pods.iter(), min_ready, context.now) {
        context.wake(key, after);
    }
    result.map_err(|_| Retry)
}

fn by_node(pods: &[Value]) -> ByNode {
    let mut map = ByNode::new();
    for pod in pods {
        map.entry(node_of(pod)).or_default().push(pod.clone());
    }
    map
}

/// Creates pods where they lack and deletes those that should not be. Source: manage.
fn manage(
    context: &mut ControllerContext<'_>,
    set: &Value,
    hash: &str,
    nodes: &[Value],
    by_node: &ByNode,
) -> Result<(), Status> {
    let (mut create, mut delete) = (Vec::new(), Vec::new());
    for node in nodes {
        let name = node["metadata"].str("name");
        let pods = by_node.get(name).map_or(&[][..], Vec::as_slice);
        on_node(context, set, hash, node, pods, &mut create, &mut delete);
    }
    // Pods of nodes that are gone.
    for (name, pods) in by_node {
        if !nodes.iter().any(|node| node["metadata"].str("name") == name) {
            delete
                .extend(pods.iter().filter(|pod| pod["spec"].str("nodeName").is_empty()).cloned());
        }
    }
    sync_nodes(context, set, hash, &create, &delete)
}

/// Source: podsShouldBeOnNode.
fn on_node(
    context: &mut ControllerContext<'_>,
    set: &Value,
    hash: &str,
    node: &Value,
    pods: &[Value],
    create: &mut Vec<String>,
    delete: &mut Vec<Value>,
) {
    let name = node["metadata"].str("name").to_owned();
    let (run, stay) = should_run(set, node);
    if !stay {
        return delete.extend(pods.iter().cloned());
    }
    if pods.is_empty() {
        if run {
            create.push(name);
        }
        return;
    }
    let mut running = Vec::new();
    for pod in pods.iter().filter(|pod| !is_deleting(pod)) {
        if pod["status"].str("phase") == "Failed" {
            let pod_name = pod["metadata"].str("name");
            let message = format!(
                "Found failed daemon pod default/{pod_name} on node {name}, will try to kill it"
            )
            .replace("default/", &format!("{}/", pod["metadata"].str("namespace")));
            context.event(set, Type::Warning, "FailedDaemonPod", &message);
            delete.push(pod.clone());
        } else if pod["status"].str("phase") == "Succeeded" {
            delete.push(pod.clone());
        } else {
            running.push(pod.clone());
        }
    }
    let surge = update::surge(set, 1) > 0;
    if surge {
        update::surplus_on_node(set, hash, running, context.seconds(), delete);
    } else if running.len() > 1 {
        super::objects::by_creation(&mut running);
        delete.extend(running.into_iter().skip(1));
    }
}

/// Creates and deletes pods. Source: syncNodes.
pub fn sync_nodes(
    context: &mut ControllerContext<'_>,
    set: &Value,
    hash: &str,
    create: &[String],
    delete: &[Value],
) -> Result<(), Status> {
    let created = create_in_batches(context, set, create.len() as i64, |number| {
        new_pod(set, hash, create.get(number as usize).map_or("", String::as_str))
    });
    for pod in delete {
        delete_pod(context, set, pod);
    }
    created
}

fn write_status(
    context: &mut ControllerContext<'_>,
    key: &Key,
    set: &Value,
    hash: &str,
    nodes: &[Value],
    by_node: &ByNode,
) {
    let min_ready = set["spec"].int("minReadySeconds");
    let now = context.seconds();
    let (mut desired, mut current, mut misscheduled) = (0, 0, 0);
    let (mut ready, mut available, mut updated) = (0, 0, 0);
    for node in nodes {
        let (run, _) = should_run(set, node);
        let pods = by_node.get(node["metadata"].str("name")).map_or(&[][..], Vec::as_slice);
        let mut pods: Vec<Value> =
            pods.iter().filter(|pod| !is_deleting(pod) || run).cloned().collect();
        if !run {
            misscheduled += i64::from(!pods.is_empty());
            continue;
        }
        desired += 1;
        super::objects::by_creation(&mut pods);
        let Some(pod) = pods.first() else { continue };
        current += 1;
        if is_ready(pod) && !is_terminal(pod) {
            ready += 1;
            available += i64::from(is_available(pod, min_ready, now));
        }
        // Of two pods of a surge, the older one counts. Source: updateDaemonSetStatus.
        updated += i64::from(pod["metadata"]["labels"].str(HASH) == hash);
    }
    let mut status = Value::map();
    status.set("currentNumberScheduled", current);
    status.set("desiredNumberScheduled", desired);
    status.set("numberMisscheduled", misscheduled);
    status.set("numberReady", ready);
    status.set("observedGeneration", set["metadata"].int("generation"));
    set_count(&mut status, "updatedNumberScheduled", updated);
    set_count(&mut status, "numberAvailable", available);
    set_count(&mut status, "numberUnavailable", desired - available);
    if let Some(mut object) = context.server.storage.get(key).cloned() {
        if set["status"].has("collisionCount") {
            status.set("collisionCount", set["status"]["collisionCount"].clone());
        }
        object.set("status", status);
        context.server.write(key, object);
    }
}
