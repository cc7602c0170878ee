//! Volumes for claims: the provisioner `k8s.io/minikube-hostpath` of minikube.
//!
//! Source: minikube cmd/storage-provisioner, pkg/storage; sig-storage-lib-external-provisioner
//! controller provisionClaimOperation, deleteVolumeOperation.

use kubernetes::object::Value;

use super::Controller;
use super::binder::claim_reference;
use super::objects::is_deleting;
use crate::apiserver::{ApiServer, Event, Key, timestamp_of};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;
use crate::scheduler::volumes as claims;

/// The name by which storage classes refer to the provisioner.
pub const NAME: &str = "k8s.io/minikube-hostpath";

/// The provisioner of minikube.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StorageProvisioner {
    /// The cluster has no provisioner. Claims of its class stay pending.
    #[default]
    Absent,
    /// Volumes are made, and deleted when their claims are gone.
    Running,
    /// Volumes are made, but never deleted.
    KeepsVolumes,
}

pub const PROVISIONER: Controller = Controller {
    component: "k8s.io/minikube-hostpath_minikube",
    keys,
    sync,
    // Later than the event of the binder that names the provisioner.
    delay: (180, 220),
};

fn keys(_: &ApiServer, event: &Event) -> Vec<Key> {
    let object = &event.object;
    let concerns = match event.key.kind {
        "PersistentVolumeClaim" => object["metadata"]["annotations"].has(claims::PROVISIONER),
        "PersistentVolume" => object["status"].str("phase") == "Released",
        _ => false,
    };
    if concerns { vec![event.key.clone()] } else { Vec::new() }
}

/// Claims and volumes that the provisioner has to look at when it starts.
pub fn open(server: &ApiServer) -> Vec<Key> {
    let kinds = ["PersistentVolumeClaim", "PersistentVolume"];
    let all = kinds.iter().flat_map(|kind| server.storage.list("", kind, ""));
    all.map(|(key, _)| key.clone()).collect()
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(object) = context.server.storage.get(key).cloned() else { return Ok(()) };
    match (key.kind, context.storage_provisioner) {
        (_, StorageProvisioner::Absent) => {}
        ("PersistentVolumeClaim", _) => provision(context, key, &object),
        (_, StorageProvisioner::Running) => delete(context, key, object),
        (_, StorageProvisioner::KeepsVolumes) => {}
    }
    Ok(())
}

/// Makes the volume of a claim that has none. The binder binds the two.
fn provision(context: &mut ControllerContext<'_>, key: &Key, claim: &Value) {
    let annotations = &claim["metadata"]["annotations"];
    if annotations.str(claims::PROVISIONER) != NAME
        || !claim["spec"].str("volumeName").is_empty()
        || is_deleting(claim)
    {
        return;
    }
    let Some(class) = claims::class_of(context.server, claim).cloned() else { return };
    if claims::waits_for_consumer(context.server, claim)
        && !annotations.has("volume.kubernetes.io/selected-node")
    {
        return;
    }
    let name = format!("pvc-{}", claim["metadata"].str("uid"));
    if context.server.storage.get(&claims::volume_key(&name)).is_some() {
        return;
    }
    let message = format!(
        "External provisioner is provisioning volume for claim \"{}/{}\"",
        key.namespace, key.name
    );
    context.event(claim, Type::Normal, "Provisioning", &message);
    let now = timestamp_of(context.seconds());
    context.server.put_system("v1", "PersistentVolume", "", &name, |volume| {
        describe(volume, key, claim, &class);
        let status = volume.entry("status");
        status.set("phase", "Pending");
        status.set("lastPhaseTransitionTime", now);
    });
    let message = format!("Successfully provisioned volume {name}");
    context.event(claim, Type::Normal, "ProvisioningSucceeded", &message);
}

/// Source: minikube pkg/storage hostPathProvisioner.Provision.
fn describe(volume: &mut Value, key: &Key, claim: &Value, class: &Value) {
    let metadata = volume.entry("metadata");
    metadata.set("finalizers", vec![Value::from("kubernetes.io/pv-protection")]);
    let annotations = metadata.entry("annotations");
    annotations.set("hostPathProvisionerIdentity", "minikube");
    annotations.set("pv.kubernetes.io/provisioned-by", NAME);
    let asked = &claim["spec"];
    let spec = volume.entry("spec");
    spec.set("accessModes", asked["accessModes"].clone());
    let size = asked["resources"]["requests"]["storage"].clone();
    spec.entry("capacity").set("storage", size);
    spec.set("claimRef", claim_reference(key, claim));
    let path = format!("/tmp/hostpath-provisioner/{}/{}", key.namespace, key.name);
    let folder = spec.entry("hostPath");
    folder.set("path", path);
    folder.set("type", "");
    let policy = match class.str("reclaimPolicy") {
        "" => "Delete",
        policy => policy,
    };
    spec.set("persistentVolumeReclaimPolicy", policy);
    spec.set("storageClassName", asked.str("storageClassName"));
    spec.set("volumeMode", asked.str("volumeMode"));
}

/// Removes a volume of its own whose claim is gone, if the policy says so.
fn delete(context: &mut ControllerContext<'_>, key: &Key, volume: Value) {
    if is_own(&volume)
        && volume["status"].str("phase") == "Released"
        && volume["spec"].str("persistentVolumeReclaimPolicy") == "Delete"
    {
        context.server.storage.remove(key);
    }
}

/// Returns true if an external provisioner made the volume: the binder does not delete it.
pub fn is_own(volume: &Value) -> bool {
    volume["metadata"]["annotations"].str("pv.kubernetes.io/provisioned-by") == NAME
}
