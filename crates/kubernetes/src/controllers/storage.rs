//! Claims and the volumes they are bound to.

use go::quote::quote;
use std::sync::Arc;

use super::{ClusterState, Event};
use crate::hash;
use crate::objects::{Field, PersistentVolume, PersistentVolumeClaim, Text};
use crate::quantity;

/// Binds each claim that has no status: to the volume it names, to one that fits, or to one that
/// its class provides.
pub(super) fn bind(state: &mut ClusterState) {
    let claims: Vec<(Text, Text)> = state
        .cluster
        .persistent_volume_claims
        .iter()
        .filter(|claim| claim.phase.is_empty())
        .map(|claim| (claim.meta.namespace.value.clone(), claim.meta.name.value.clone()))
        .collect();
    for (namespace, name) in claims {
        bind_one(state, &namespace, &name);
    }
}

/// Binds one claim; what keeps it pending is noted as the event that `kubectl describe` shows.
pub(super) fn bind_one(state: &mut ClusterState, namespace: &str, name: &str) {
    let Some(claim) = state.cluster.persistent_volume_claims.get(namespace, name).cloned() else {
        return;
    };
    let outcome = decide(state, &claim);
    let mut claim = (*claim).clone();
    match outcome {
        Ok(volume) => {
            claim.phase = "Bound".into();
            claim.volume_name = Field::new(volume, claim.volume_name.at);
        }
        Err(event) => {
            claim.phase = "Pending".into();
            state.pending_claims.insert((namespace.into(), name.into()), event);
        }
    }
    state.cluster.persistent_volume_claims.insert(claim);
}

/// The volume's name, or why there is none. Source: the persistent volume controller.
fn decide(state: &mut ClusterState, claim: &PersistentVolumeClaim) -> Result<Text, Event> {
    let from = "persistentvolume-controller";
    let class = match &claim.storage_class_name {
        Some(class) => class.value.clone(),
        None => state
            .cluster
            .storage_classes
            .iter()
            .find(|class| class.is_default)
            .map(|class| class.meta.name.value.clone())
            .unwrap_or_default(),
    };
    let fitting = state
        .cluster
        .persistent_volumes
        .iter()
        .filter(|volume| fits(volume, claim, &class))
        // The smallest that is large enough.
        .min_by_key(|volume| quantity::parse(&volume.capacity.value).unwrap_or(0.0) as u64)
        .cloned();
    if let Some(volume) = fitting {
        let mut volume = (*volume).clone();
        let name = volume.meta.name.value.clone();
        volume.claim = Some((claim.meta.namespace.value.clone(), claim.meta.name.value.clone()));
        volume.phase = "Bound".into();
        state.cluster.persistent_volumes.insert(volume);
        return Ok(name);
    }
    if !claim.volume_name.value.is_empty() {
        let message =
            format!("waiting for volume {} to be created", quote(&claim.volume_name.value));
        return Err(Event::normal("FailedBinding", from, message));
    }
    if class.is_empty() {
        let message = "no persistent volumes available for this claim and no storage class is set";
        return Err(Event::normal("FailedBinding", from, message));
    }
    match state.cluster.storage_classes.get("", &class) {
        None => {
            let message = format!("storageclass.storage.k8s.io {} not found", quote(&class));
            Err(Event::warning("ProvisioningFailed", from, message))
        }
        Some(found) if &*found.provisioner.value == "kubernetes.io/no-provisioner" => {
            let message = "waiting for first consumer to be created before binding";
            Err(Event::normal("WaitForFirstConsumer", from, message))
        }
        // A class that waits for a consumer is taken to find one.
        Some(_) => Ok(format!(
            "pvc-{}",
            hash::uuid(&["volume", &claim.meta.namespace.value, &claim.meta.name.value])
        )
        .into()),
    }
}

fn fits(volume: &Arc<PersistentVolume>, claim: &PersistentVolumeClaim, class: &str) -> bool {
    let key = (claim.meta.namespace.value.clone(), claim.meta.name.value.clone());
    let free = volume.claim.as_ref().is_none_or(|owner| *owner == key);
    let named =
        claim.volume_name.value.is_empty() || claim.volume_name.value == volume.meta.name.value;
    let modes = claim
        .access_modes
        .iter()
        .all(|mode| volume.access_modes.iter().any(|one| one.value == mode.value));
    let size = |text: &str| quantity::parse(text).unwrap_or(0.0);
    free && named
        && modes
        && &*volume.storage_class_name.value == class
        && size(&volume.capacity.value) >= size(&claim.request.value)
}
