//! Claims of pods: whether they are bound, and where their volumes can be reached.
//!
//! Source: pkg/scheduler/framework/plugins volumebinding, volumerestrictions.

use kubernetes::object::Value;

use super::affinity;
use super::filters::Snapshot;
use crate::apiserver::{ApiServer, Key};

/// A claim of the pod is still open, and its class does not wait for the pod.
pub const UNBOUND: &str = "pod has unbound immediate PersistentVolumeClaims";

/// The annotation that says which program makes the volume of a claim.
pub const PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";

/// Claims that a pod uses, by name.
pub fn claims_of(pod: &Value) -> Vec<String> {
    pod["spec"]
        .list("volumes")
        .iter()
        .filter_map(|volume| {
            if volume.has("ephemeral") {
                let name = pod["metadata"].str("name");
                return Some(format!("{name}-{}", volume.str("name")));
            }
            let claim = volume["persistentVolumeClaim"].str("claimName");
            (!claim.is_empty()).then(|| claim.to_owned())
        })
        .collect()
}

pub fn claim_key(namespace: &str, name: &str) -> Key {
    Key { kind: "PersistentVolumeClaim", group: "", namespace: namespace.into(), name: name.into() }
}

pub fn volume_key(name: &str) -> Key {
    Key { kind: "PersistentVolume", group: "", namespace: "".into(), name: name.into() }
}

pub fn class_of<'a>(server: &'a ApiServer, claim: &Value) -> Option<&'a Value> {
    let name = claim["spec"].str("storageClassName");
    let key = Key {
        kind: "StorageClass",
        group: "storage.k8s.io",
        namespace: "".into(),
        name: name.into(),
    };
    server.storage.get(&key)
}

pub fn waits_for_consumer(server: &ApiServer, claim: &Value) -> bool {
    class_of(server, claim)
        .is_some_and(|class| class.str("volumeBindingMode") == "WaitForFirstConsumer")
}

fn is_bound(claim: &Value) -> bool {
    !claim["spec"].str("volumeName").is_empty()
        && claim["metadata"]["annotations"].has("pv.kubernetes.io/bind-completed")
}

/// A reason for which no node at all can take the pod. Source: VolumeBinding PreFilter.
pub fn refuses_all(server: &ApiServer, pod: &Value) -> Option<String> {
    let namespace = pod["metadata"].str("namespace");
    for name in claims_of(pod) {
        let Some(claim) = server.storage.get(&claim_key(namespace, &name)) else {
            return Some(format!("persistentvolumeclaim \"{name}\" not found"));
        };
        if claim["metadata"].has("deletionTimestamp") {
            return Some(format!("persistentvolumeclaim \"{name}\" is being deleted"));
        }
        if claim["status"].str("phase") == "Lost" {
            let volume = claim["spec"].str("volumeName");
            return Some(format!(
                "persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{volume}\""
            ));
        }
        if !is_bound(claim) && !waits_for_consumer(server, claim) {
            return Some(UNBOUND.to_owned());
        }
    }
    None
}

/// The reasons why the claims of a pod keep it from a node.
pub fn refuses(snapshot: &Snapshot<'_>, pod: &Value, node: &Value) -> Option<(&'static str, bool)> {
    let namespace = pod["metadata"].str("namespace");
    let server = snapshot.server;
    for name in claims_of(pod) {
        let Some(claim) = server.storage.get(&claim_key(namespace, &name)) else { continue };
        let once = claim["spec"]
            .list("accessModes")
            .iter()
            .any(|mode| mode.as_str() == Some("ReadWriteOncePod"));
        let used = snapshot.placed.iter().any(|one| {
            one.pod["metadata"].str("namespace") == namespace
                && one.pod["metadata"]["uid"] != pod["metadata"]["uid"]
                && claims_of(one.pod).contains(&name)
        });
        if once && used {
            let reason = "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";
            return Some((reason, false));
        }
        if is_bound(claim) {
            let volume = server.storage.get(&volume_key(claim["spec"].str("volumeName")));
            let Some(volume) = volume else {
                let reason =
                    "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
                return Some((reason, true));
            };
            if !reaches(volume, node) {
                let reason = "node(s) didn't match PersistentVolume's node affinity";
                return Some((reason, true));
            }
        } else if waits_for_consumer(server, claim)
            && !is_provisioned(server, claim)
            && !crate::controllers::has_volume_on(server, claim, node)
        {
            return Some(("node(s) didn't find available persistent volumes to bind", true));
        }
    }
    None
}

/// True if the class makes volumes itself.
fn is_provisioned(server: &ApiServer, claim: &Value) -> bool {
    class_of(server, claim)
        .is_some_and(|class| class.str("provisioner") != "kubernetes.io/no-provisioner")
}

/// True if a volume can be used on a node.
pub fn reaches(volume: &Value, node: &Value) -> bool {
    let required = &volume["spec"]["nodeAffinity"]["required"];
    required.is_null() || affinity::matches_terms(required.list("nodeSelectorTerms"), node)
}
