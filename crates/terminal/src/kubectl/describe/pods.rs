//! The description of a pod.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe describePod.

use kubernetes::kinds::qos_class;
use kubernetes::object::Value;

use super::containers::{
    Owner, containers, node_selectors, resources, seccomp, tolerations, topology_spread,
};
use super::volumes::volumes;
use super::writer::{Writer, time};
use super::{DescribeContext, controller, since};

/// A Pod.
pub(super) fn pod(w: &mut Writer, context: &DescribeContext<'_>, pod: &Value) {
    let (spec, status) = (&pod["spec"], &pod["status"]);
    w.name(pod);
    if let Some(priority) = spec["priority"].as_int() {
        w.field(0, "Priority", priority);
    }
    for (title, key) in [
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ] {
        if !spec.str(key).is_empty() {
            w.field(0, title, spec.str(key));
        }
    }
    match spec.str("nodeName") {
        "" => w.field(0, "Node", "<none>"),
        node => w.field(0, "Node", format!("{node}/{}", status.str("hostIP"))),
    }
    if status.has("startTime") {
        w.field(0, "Start Time", time(status.str("startTime")));
    }
    w.labels_and_annotations(pod);
    phase(w, context, pod);
    for (title, key) in [("Reason", "reason"), ("Message", "message")] {
        if !status.str(key).is_empty() {
            w.field(0, title, status.str(key));
        }
    }
    seccomp(w, spec.at(&["securityContext", "seccompProfile"]), 0);
    addresses(w, status);
    if let Some(controller) = controller(pod) {
        w.field(0, "Controlled By", controller);
    }
    if !status.str("nominatedNodeName").is_empty() {
        w.field(0, "NominatedNodeName", status.str("nominatedNodeName"));
    }
    if spec.has("resources") {
        w.line(0, "Resources:");
        resources(w, &spec["resources"], 1);
    }
    all_containers(w, pod);
    conditions(w, spec, status);
    volumes(w, spec.list("volumes"), "");
    w.field(0, "QoS Class", qos_class(spec));
    node_selectors(w, &spec["nodeSelector"]);
    tolerations(w, "Tolerations", spec.list("tolerations"));
    topology_spread(w, spec.list("topologySpreadConstraints"), "");
}

fn phase(w: &mut Writer, context: &DescribeContext<'_>, pod: &Value) {
    let (metadata, phase) = (&pod["metadata"], pod["status"].str("phase"));
    let deleted = metadata.str("deletionTimestamp");
    if deleted.is_empty() || matches!(phase, "Failed" | "Succeeded") {
        return w.field(0, "Status", phase);
    }
    w.field(0, "Status", format!("Terminating (lasts {})", since(deleted, context.now)));
    let seconds = metadata.int("deletionGracePeriodSeconds");
    w.field(0, "Termination Grace Period", format!("{seconds}s"));
}

fn addresses(w: &mut Writer, status: &Value) {
    w.field(0, "IP", status.str("podIP"));
    if status.list("podIPs").is_empty() {
        return w.field(0, "IPs", "<none>");
    }
    w.line(0, "IPs:");
    status.list("podIPs").iter().for_each(|address| w.field(1, "IP", address.str("ip")));
}

fn all_containers(w: &mut Writer, pod: &Value) {
    let (spec, status) = (&pod["spec"], &pod["status"]);
    for (title, key, statuses) in [
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
        ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
    ] {
        if key == "containers" || !spec.list(key).is_empty() {
            containers(w, title, spec.list(key), status.list(statuses), Owner::Pod(pod));
        }
    }
}

fn conditions(w: &mut Writer, spec: &Value, status: &Value) {
    let conditions = status.list("conditions");
    let gates = spec.list("readinessGates");
    if !gates.is_empty() {
        w.line(0, "Readiness Gates:\n  Type\tStatus");
    }
    for gate in gates {
        let ty = gate.str("conditionType");
        let found = conditions.iter().find(|one| one.str("type") == ty);
        let state = found.map_or("<none>", |one| one.str("status"));
        w.line(1, &format!("{ty} \t{state} "));
    }
    if !conditions.is_empty() {
        w.line(0, "Conditions:\n  Type\tStatus");
    }
    for one in conditions {
        w.line(1, &format!("{} \t{} ", one.str("type"), one.str("status")));
    }
}
