//! A time series database that is gone with its pod.

use super::{Context, column, insert_lines};
use crate::kubernetes::mounts;
use crate::kubernetes::objects::VolumeSource;
use crate::text::{Code, Diagnostic};

pub(super) const CODES: &[Code] = &[Code {
    code: "storage-on-no-volume",
    title: "Samples that are lost with the pod",
    doc: "The directory of `--storage.tsdb.path` lies on no volume that outlives the pod: in the container's own file system, or in an `emptyDir`. Whenever the pod is made anew, by an update, a node that is drained, an eviction, Prometheus starts with an empty database. For a try that is all right; otherwise mount a PersistentVolumeClaim there.",
    example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {prometheus.yml: ''}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers:\n        - name: prometheus\n          image: prom/prometheus\n          volumeMounts:\n            - name: config\n              mountPath: /etc/prometheus\n      volumes:\n        - name: config\n          configMap: {name: config}\n",
}];

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for instance in context.instances {
        if instance.flag("agent").is_some() {
            continue;
        }
        let Some((spec, container)) = context.spec_of(instance) else { continue };
        let path = &instance.storage_path;
        let mount = mounts::mount_of(container, path);
        let volume = mount.and_then(|mount| spec.volume(&mount.name.value));
        let on_disk =
            |source: &VolumeSource| !matches!(source, VolumeSource::EmptyDir | VolumeSource::None);
        let templates = context.workloads().any(|workload| {
            let claim = |name: &str| {
                workload.volume_claim_templates.iter().any(|one| &*one.meta.name.value == name)
            };
            workload.meta.is_named(&instance.owner.namespace, &instance.owner.name)
                && mount.is_some_and(|mount| claim(&mount.name.value))
        });
        if templates || volume.is_some_and(|volume| on_disk(&volume.source)) {
            continue;
        }
        let at = instance.storage_flag.or(mount.and_then(|mount| mount.location));
        let Some(at) = at.or(container.name.at).or(container.location) else { continue };
        let (message, help) = match volume {
            Some(volume) => (
                format!("{path} is an emptyDir"),
                format!(
                    "The volume {} is emptied whenever the pod is made anew: by an update, a drained node, an eviction.",
                    volume.name.value
                ),
            ),
            None => (
                format!("{path} lies on no volume"),
                "Samples are written into the container and are gone with its next restart.".into(),
            ),
        };
        let mut diagnostic = Diagnostic::info("storage-on-no-volume", at, message).with_help(help);
        let last_mount = container.volume_mounts.last().and_then(|mount| mount.location);
        let last_volume = spec.volumes.last().and_then(|volume| volume.location);
        if let (None, Some(mount), Some(volume)) = (volume, last_mount, last_volume) {
            diagnostic.fixes.extend(add_claim(context, path, mount, volume));
        }
        found.push(diagnostic);
    }
}

/// Mounts a claim named `prometheus-data`; the claim itself is for the author to write.
fn add_claim(
    context: &Context<'_>,
    path: &str,
    mount: crate::text::Location,
    volume: crate::text::Location,
) -> Option<crate::text::Fix> {
    let title = "Mount a claim named prometheus-data".to_owned();
    let indent = |at| column(context, at).filter(|column| *column >= 2).map(|column| column - 2);
    let path = format!("  mountPath: {path}");
    let mount_lines = ["- name: data", &path];
    let mut fix = insert_lines(context, title, mount, indent(mount)?, &mount_lines)?;
    let volume_lines =
        ["- name: data", "  persistentVolumeClaim:", "    claimName: prometheus-data"];
    let second = insert_lines(context, String::new(), volume, indent(volume)?, &volume_lines)?;
    fix.edits.extend(second.edits);
    Some(fix)
}
