//! PersistentVolumeClaims that are missing or not bound.

use super::{CheckContext, is_written, nearest};
use crate::objects::VolumeSource;
use go::quote::quote;
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[
    Code {
        code: "claim-missing",
        title: "A PersistentVolumeClaim that does not exist",
        doc: "The pod mounts a claim that is not in its namespace. It stays Pending: `persistentvolumeclaim \"x\" not found`.",
        example: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: web}]\n      volumes: [{name: data, persistentVolumeClaim: {claimName: dat}}]\n",
    },
    Code {
        code: "claim-pending",
        title: "A claim that no volume satisfies",
        doc: "No volume fits the claim and no StorageClass provides one, so it stays Pending, and so does every pod that mounts it. A claim without `storageClassName` takes the default class of the cluster, one with an empty name takes none.",
        example: "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: standard}\nprovisioner: k8s.io/minikube-hostpath\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {storageClassName: standrd, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n",
    },
];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    missing(context, found);
    for ((namespace, name), event) in &context.state.pending_claims {
        let claim = context.cluster().persistent_volume_claims.get(namespace, name);
        let Some(claim) = claim.filter(|claim| is_written(&claim.meta)) else { continue };
        let class = claim.storage_class_name.as_ref();
        let at = class.and_then(|class| class.at).unwrap_or(claim.meta.name_place());
        let mut diagnostic = Diagnostic::error("claim-pending", at, event.message.clone())
            .with_help("The claim stays Pending, and so does every pod that mounts it.");
        let classes = context.cluster().storage_classes.iter().map(|one| &*one.meta.name.value);
        if let Some((near, at)) =
            class.and_then(|class| Some((nearest(&class.value, classes)?, class.at?)))
        {
            diagnostic = diagnostic.with_fix(Fix::replace(
                format!("Use the class {near}"),
                Applicability::Suggestion,
                at,
                near,
            ));
        }
        found.push(diagnostic);
    }
}

fn missing(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    let claims = &context.cluster().persistent_volume_claims;
    for (meta, spec) in context.pod_specs() {
        let namespace = &*meta.namespace.value;
        for volume in &spec.volumes {
            let VolumeSource::PersistentVolumeClaim { claim_name, .. } = &volume.source else {
                continue;
            };
            if claims.get(namespace, claim_name).is_some() {
                continue;
            }
            let at = claim_name.at.or(volume.location).unwrap_or(meta.location);
            let message = format!("persistentvolumeclaim {} not found", quote(claim_name));
            let mut diagnostic = Diagnostic::error("claim-missing", at, message)
                .with_help("The pod stays Pending until the claim exists.");
            let names = claims.in_namespace(namespace).map(|claim| &*claim.meta.name.value);
            if let (Some(near), Some(at)) = (nearest(claim_name, names), claim_name.at) {
                diagnostic = diagnostic.with_fix(Fix::replace(
                    format!("Use the claim {near}"),
                    Applicability::Suggestion,
                    at,
                    near,
                ));
            }
            found.push(diagnostic);
        }
    }
}
