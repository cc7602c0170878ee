//! The description of a node: its conditions, what it has, and what its pods ask for.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe describeNode, describeNodeResource.

use std::collections::BTreeMap;

use cluster::apiserver::quota::pod_total;
use kubernetes::object::{Quantity, Value};

use super::containers::taints;
use super::writer::{Writer, or, quantity, scalar, texts, time};
use super::{DescribeContext, since};

/// A Node.
pub(super) fn node(w: &mut Writer, context: &DescribeContext<'_>, node: &Value) {
    let (metadata, spec, status) = (&node["metadata"], &node["spec"], &node["status"]);
    w.field(0, "Name", metadata.str("name"));
    w.field(0, "Roles", kubernetes::columns::node_roles(node));
    w.labels_and_annotations(node);
    w.field(0, "CreationTimestamp", time(metadata.str("creationTimestamp")));
    taints(w, spec.list("taints"));
    w.field(0, "Unschedulable", spec.bool("unschedulable"));
    lease(w, context, metadata.str("name"));
    conditions(w, status.list("conditions"));
    w.line(0, "Addresses:");
    for address in status.list("addresses") {
        w.field(1, address.str("type"), address.str("address"));
    }
    for (title, key) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
        if !status[key].is_empty() {
            w.line(0, &format!("{title}:"));
        }
        for (name, amount) in status.entries(key) {
            w.field(1, name, quantity(amount));
        }
    }
    w.line(0, "System Info:");
    for (title, key) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ] {
        w.field(1, title, status["nodeInfo"].str(key));
    }
    for (title, text) in [
        ("PodCIDR", spec.str("podCIDR").to_owned()),
        ("PodCIDRs", texts(spec.list("podCIDRs"), ",")),
        ("ProviderID", spec.str("providerID").to_owned()),
    ] {
        if !text.is_empty() {
            w.field(0, title, text);
        }
    }
    pods(w, context, node);
}

fn lease(w: &mut Writer, context: &DescribeContext<'_>, name: &str) {
    let lease = context.get("coordination.k8s.io", "Lease", "kube-node-lease", name);
    let Some(lease) = lease else {
        let message =
            format!("Failed to get lease: leases.coordination.k8s.io \"{name}\" not found");
        return w.field(0, "Lease", message);
    };
    let spec = &lease["spec"];
    let at = |key: &str| if spec.has(key) { time(spec.str(key)) } else { "<unset>".to_owned() };
    w.line(0, "Lease:");
    w.field(1, "HolderIdentity", or(spec.str("holderIdentity"), "<unset>"));
    w.field(1, "AcquireTime", at("acquireTime"));
    w.field(1, "RenewTime", at("renewTime"));
}

fn conditions(w: &mut Writer, conditions: &[Value]) {
    if conditions.is_empty() {
        return;
    }
    w.line(0, "Conditions:");
    w.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for one in conditions {
        let (beat, change) =
            (time(one.str("lastHeartbeatTime")), time(one.str("lastTransitionTime")));
        let (ty, state) = (one.str("type"), one.str("status"));
        let (reason, message) = (one.str("reason"), one.str("message"));
        w.line(1, &format!("{ty} \t{state} \t{beat} \t{change} \t{reason} \t{message}"));
    }
}

/// Amounts of resources by name.
type Amounts = BTreeMap<String, Quantity>;

fn amounts(total: &Value) -> Amounts {
    let entries = total.as_map().into_iter().flat_map(|map| map.iter());
    let read = |(name, value): (&std::sync::Arc<str>, &Value)| {
        Some((name.to_string(), Quantity::parse(&scalar(value))?))
    };
    entries.filter_map(read).collect()
}

fn of(amounts: &Amounts, name: &str) -> Quantity {
    amounts.get(name).copied().unwrap_or(Quantity::ZERO)
}

/// An amount with its share of what the node has, in whole percent.
fn share(name: &str, amount: Quantity, all: Quantity) -> String {
    let (part, whole) = if name == "cpu" {
        (amount.milli_value(), all.milli_value())
    } else {
        (amount.value(), all.value())
    };
    let percent = if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 };
    format!("{} ({}%)", amount.canonical(), percent as i64)
}

fn pods(w: &mut Writer, context: &DescribeContext<'_>, node: &Value) {
    let name = node["metadata"].str("name");
    let status = &node["status"];
    let all = amounts(if status["allocatable"].is_empty() {
        &status["capacity"]
    } else {
        &status["allocatable"]
    });
    let mine: Vec<&Value> = context
        .list("", "Pod", "")
        .filter(|pod| pod["spec"].str("nodeName") == name)
        .filter(|pod| !matches!(pod["status"].str("phase"), "Succeeded" | "Failed"))
        .collect();
    w.line(0, &format!("Non-terminated Pods:\t({} in total)", mine.len()));
    w.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    w.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    for pod in mine {
        let (metadata, spec) = (&pod["metadata"], &pod["spec"]);
        let (asked, most) =
            (amounts(&pod_total(spec, "requests")), amounts(&pod_total(spec, "limits")));
        let cell = |amounts: &Amounts, name: &str| share(name, of(amounts, name), of(&all, name));
        w.line(
            1,
            &format!(
                "{}\t{}\t\t{}\t{}\t{}\t{}\t{}",
                metadata.str("namespace"),
                metadata.str("name"),
                cell(&asked, "cpu"),
                cell(&most, "cpu"),
                cell(&asked, "memory"),
                cell(&most, "memory"),
                since(metadata.str("creationTimestamp"), context.now)
            ),
        );
        for (total, more) in [(&mut requests, asked), (&mut limits, most)] {
            for (name, amount) in more {
                let sum = total.entry(name).or_insert(Quantity::ZERO);
                *sum = sum.plus(amount);
            }
        }
    }
    allocated(w, &all, &requests, &limits);
}

fn allocated(w: &mut Writer, all: &Amounts, requests: &Amounts, limits: &Amounts) {
    const MAIN: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
    w.line(0, "Allocated resources:");
    w.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    w.line(1, "Resource\tRequests\tLimits");
    w.line(1, "--------\t--------\t------");
    let pages = all.keys().map(String::as_str).filter(|name| name.starts_with("hugepages-"));
    for name in MAIN.into_iter().chain(pages) {
        let cell = |amounts: &Amounts| share(name, of(amounts, name), of(all, name));
        w.row(1, &[name, &cell(requests), &cell(limits)]);
    }
    let known =
        |name: &str| MAIN.contains(&name) || name == "pods" || name.starts_with("hugepages-");
    for name in all.keys().filter(|name| !known(name)) {
        w.row(1, &[name, &of(requests, name).canonical(), &of(limits, name).canonical()]);
    }
}
