//! Descriptions of volumes, claims and storage classes.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe describePersistentVolume and the like.

use kubernetes::columns::access_modes;
use kubernetes::object::Value;

use super::volumes;
use super::writer::{Writer, joined_labels, quantity, texts, time, truth};
use super::{DescribeContext, since};

/// The class of a claim or a volume; an old annotation comes first.
fn class(object: &Value) -> &str {
    let old = object["metadata"]["annotations"].str("volume.beta.kubernetes.io/storage-class");
    if old.is_empty() { object["spec"].str("storageClassName") } else { old }
}

/// The phase, or how long the object has been going away.
fn status(w: &mut Writer, context: &DescribeContext<'_>, object: &Value) {
    let deleted = object["metadata"].str("deletionTimestamp");
    if deleted.is_empty() {
        w.field(0, "Status", object["status"].str("phase"));
    } else {
        w.field(0, "Status", format!("Terminating (lasts {})", since(deleted, context.now)));
    }
}

fn finalizers(w: &mut Writer, object: &Value) {
    w.field(0, "Finalizers", format!("[{}]", texts(object["metadata"].list("finalizers"), " ")));
}

/// A PersistentVolumeClaim.
pub(super) fn persistent_volume_claim(
    w: &mut Writer,
    context: &DescribeContext<'_>,
    claim: &Value,
) {
    w.name(claim);
    w.field(0, "StorageClass", class(claim));
    status(w, context, claim);
    volume_of(w, claim, 0);
    finalizers(w, claim);
    capacity(w, claim, 0);
    w.lines("Used By", &users(context, claim));
    let conditions = claim["status"].list("conditions");
    if conditions.is_empty() {
        return;
    }
    w.line(0, "Conditions:");
    let heads = ["Type", "Status", "LastProbeTime", "LastTransitionTime", "Reason", "Message"];
    w.row(1, &heads);
    w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for one in conditions {
        let (probe, transition) =
            (time(one.str("lastProbeTime")), time(one.str("lastTransitionTime")));
        w.line(
            1,
            &format!(
                "{} \t{} \t{probe} \t{transition} \t{} \t{}",
                one.str("type"),
                one.str("status"),
                one.str("reason"),
                one.str("message")
            ),
        );
    }
}

/// The claim of an ephemeral volume, without name and state.
pub(super) fn claim_spec(w: &mut Writer, claim: &Value, level: usize) {
    w.field(level, "StorageClass", class(claim));
    volume_of(w, claim, level);
    capacity(w, claim, level);
}

fn volume_of(w: &mut Writer, claim: &Value, level: usize) {
    w.field(level, "Volume", claim["spec"].str("volumeName"));
    let indent = "  ".repeat(level);
    let metadata = &claim["metadata"];
    w.labels(&format!("{indent}Labels"), &metadata["labels"]);
    w.annotations(&format!("{indent}Annotations"), &metadata["annotations"]);
}

fn capacity(w: &mut Writer, claim: &Value, level: usize) {
    let (spec, status) = (&claim["spec"], &claim["status"]);
    let bound = !spec.str("volumeName").is_empty();
    let text = |text: String| if bound { text } else { String::new() };
    w.field(level, "Capacity", text(quantity(&status["capacity"]["storage"])));
    w.field(level, "Access Modes", text(access_modes(status.list("accessModes"))));
    if spec.has("volumeMode") {
        w.field(level, "VolumeMode", spec.str("volumeMode"));
    }
    let source = &spec["dataSource"];
    if source.is_null() {
        return;
    }
    w.line(level, "DataSource:");
    for (title, key) in [("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")] {
        if source.has(key) {
            w.field(level + 1, title, source.str(key));
        }
    }
}

/// The pods that mount a claim, or own it.
fn users(context: &DescribeContext<'_>, claim: &Value) -> Vec<String> {
    let metadata = &claim["metadata"];
    let owner = |pod: &Value| {
        metadata.list("ownerReferences").iter().any(|owner| {
            owner.str("kind") == "Pod" && owner.str("uid") == pod["metadata"].str("uid")
        })
    };
    let mounts = |pod: &Value| {
        pod["spec"]
            .list("volumes")
            .iter()
            .any(|volume| volume["persistentVolumeClaim"].str("claimName") == metadata.str("name"))
    };
    let pods = context.list("", "Pod", metadata.str("namespace"));
    let users = pods.filter(|pod| mounts(pod) || owner(pod));
    users.map(|pod| pod["metadata"].str("name").to_owned()).collect()
}

/// A PersistentVolume.
pub(super) fn persistent_volume(w: &mut Writer, context: &DescribeContext<'_>, volume: &Value) {
    let spec = &volume["spec"];
    w.field(0, "Name", volume["metadata"].str("name"));
    w.labels_and_annotations(volume);
    finalizers(w, volume);
    w.field(0, "StorageClass", class(volume));
    status(w, context, volume);
    let claim = &spec["claimRef"];
    let claim = if claim.is_null() {
        String::new()
    } else {
        format!("{}/{}", claim.str("namespace"), claim.str("name"))
    };
    w.field(0, "Claim", claim);
    w.field(0, "Reclaim Policy", spec.str("persistentVolumeReclaimPolicy"));
    w.field(0, "Access Modes", access_modes(spec.list("accessModes")));
    if spec.has("volumeMode") {
        w.field(0, "VolumeMode", spec.str("volumeMode"));
    }
    w.field(0, "Capacity", quantity(&spec["capacity"]["storage"]));
    node_affinity(w, &spec["nodeAffinity"]);
    w.field(0, "Message", volume["status"].str("message"));
    w.line(0, "Source:");
    volumes::source(w, spec);
}

fn node_affinity(w: &mut Writer, affinity: &Value) {
    let required = &affinity["required"];
    if required.is_null() {
        return w.field(0, "Node Affinity", "<none>");
    }
    w.line(0, "Node Affinity:\t");
    let terms = required.list("nodeSelectorTerms");
    if terms.is_empty() {
        return w.field(1, "Required Terms", "<none>");
    }
    w.line(1, "Required Terms:\t");
    for (number, term) in terms.iter().enumerate() {
        let requirements = term.list("matchExpressions").iter().map(|one| {
            let (key, operator) = (one.str("key"), one.str("operator").to_lowercase());
            match one.list("values") {
                [] => format!("{key} {operator}"),
                values => format!("{key} {operator} [{}]", texts(values, ", ")),
            }
        });
        w.indented_lines("    ", &format!("Term {number}"), &requirements.collect::<Vec<_>>());
    }
}

/// A StorageClass.
pub(super) fn storage_class(w: &mut Writer, _: &DescribeContext<'_>, class: &Value) {
    let metadata = &class["metadata"];
    let annotations = &metadata["annotations"];
    let default = [
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ]
    .iter()
    .any(|key| annotations.str(key) == "true");
    w.field(0, "Name", metadata.str("name"));
    w.field(0, "IsDefaultClass", if default { "Yes" } else { "No" });
    w.field(0, "Annotations", joined_labels(annotations));
    w.field(0, "Provisioner", class.str("provisioner"));
    w.field(0, "Parameters", joined_labels(&class["parameters"]));
    w.field(0, "AllowVolumeExpansion", truth(&class["allowVolumeExpansion"]));
    let options = class.list("mountOptions");
    if options.is_empty() {
        w.field(0, "MountOptions", "<none>");
    } else {
        w.line(0, "MountOptions:");
        options.iter().filter_map(Value::as_str).for_each(|option| w.line(1, option));
    }
    for (title, key) in
        [("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")]
    {
        if class.has(key) {
            w.field(0, title, class.str(key));
        }
    }
    topologies(w, &class["allowedTopologies"]);
}

fn topologies(w: &mut Writer, topologies: &Value) {
    let Some(terms) = topologies.as_list() else { return };
    if terms.is_empty() {
        return w.field(0, "AllowedTopologies", "<none>");
    }
    w.line(0, "AllowedTopologies:\t");
    for (number, term) in terms.iter().enumerate() {
        let requirements = term
            .list("matchLabelExpressions")
            .iter()
            .map(|one| format!("{} in [{}]", one.str("key"), texts(one.list("values"), ", ")));
        w.indented_lines("  ", &format!("Term {number}"), &requirements.collect::<Vec<_>>());
    }
}

/// A CSINode.
pub(super) fn csi_node(w: &mut Writer, _: &DescribeContext<'_>, node: &Value) {
    let metadata = &node["metadata"];
    w.field(0, "Name", metadata.str("name"));
    w.labels_and_annotations(node);
    w.field(0, "CreationTimestamp", time(metadata.str("creationTimestamp")));
    w.line(0, "Spec:");
    let Some(drivers) = node["spec"]["drivers"].as_list() else { return };
    w.line(1, "Drivers:");
    for driver in drivers {
        w.line(2, &format!("{}:", driver.str("name")));
        w.field(3, "Node ID", driver.str("nodeID"));
        if driver["allocatable"].has("count") {
            w.line(3, "Allocatables:");
            w.field(4, "Count", driver["allocatable"].int("count"));
        }
        if let Some(keys) = driver["topologyKeys"].as_list() {
            w.field(3, "Topology Keys", format!("[{}]", texts(keys, " ")));
        }
    }
}
