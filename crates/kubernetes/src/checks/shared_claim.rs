//! A PersistentVolumeClaim that several pods of a workload write to.

use super::{CheckContext, place};
use crate::objects::{Kind, VolumeSource, Workload};
use crate::prometheus::is_prometheus;
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[
    Code {
        code: "claim-shared-by-replicas",
        title: "A claim that several replicas share",
        doc: "All replicas of a Deployment mount the same PersistentVolumeClaim. With ReadWriteOnce the pods on a second node wait forever (`Multi-Attach error`). Prometheus locks its directory, so a second server on the same volume ends with `lock DB directory: resource temporarily unavailable`. Give each replica a volume of its own: a StatefulSet with volumeClaimTemplates does that.",
        example: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers: [{name: prometheus, image: prom/prometheus, volumeMounts: [{name: data, mountPath: /prometheus}]}]\n      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\n",
    },
    Code {
        code: "claim-blocks-update",
        title: "An update that waits for its own volume",
        doc: "A Deployment starts the new pod before it ends the old one (RollingUpdate). Here both need the same volume: on another node the new pod cannot attach it, and on the same node Prometheus cannot get the lock of its directory and crashes until the old one is gone, which the update waits for. With `strategy: {type: Recreate}` the old pod ends first.",
        example: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  strategy: {type: RollingUpdate}\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers: [{name: prometheus, image: prom/prometheus, volumeMounts: [{name: data, mountPath: /prometheus}]}]\n      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\n",
    },
];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for workload in context.workloads() {
        for volume in &workload.template.spec.volumes {
            let VolumeSource::PersistentVolumeClaim { claim_name, read_only: false } =
                &volume.source
            else {
                continue;
            };
            let namespace = &workload.meta.namespace.value;
            let claim = context.cluster().persistent_volume_claims.get(namespace, claim_name);
            let once = claim.is_some_and(|claim| {
                claim.access_modes.iter().all(|mode| &*mode.value != "ReadWriteMany")
            });
            found.extend(finding(workload, claim_name, once));
        }
    }
}

fn finding(
    workload: &Workload,
    claim: &crate::objects::Field<crate::objects::Text>,
    once: bool,
) -> Option<Diagnostic> {
    let prometheus = workload.template.spec.containers.iter().any(is_prometheus);
    if !once && !prometheus {
        return None;
    }
    if workload.desired() > 1 {
        let at = workload.replicas.and_then(|replicas| replicas.at).unwrap_or(place(workload));
        let message = format!("{} replicas share the claim {}", workload.desired(), claim.value);
        let mut diagnostic = Diagnostic::warning("claim-shared-by-replicas", at, message)
            .with_help("A volume with ReadWriteOnce is attached to one node only, and Prometheus locks its directory against a second server.");
        if let Some(location) = claim.at {
            diagnostic = diagnostic.with_related(location, "the claim is mounted here");
        }
        return Some(diagnostic.with_fix(Fix::replace(
            "Use one replica",
            Applicability::Suggestion,
            at,
            "1",
        )));
    }
    if workload.kind != Kind::Deployment || !prometheus || &*workload.strategy.value == "Recreate" {
        return None;
    }
    let at = workload.strategy.at.unwrap_or(place(workload));
    let mut diagnostic = Diagnostic::info(
        "claim-blocks-update",
        at,
        "a rolling update runs two servers on one volume",
    )
    .with_help("The new Prometheus cannot lock the directory while the old one runs; with the strategy Recreate the old one ends first.");
    if let Some(at) = workload.strategy.at {
        diagnostic = diagnostic.with_fix(Fix::replace(
            "Use the strategy Recreate",
            Applicability::Suggestion,
            at,
            "Recreate",
        ));
    }
    Some(diagnostic)
}
