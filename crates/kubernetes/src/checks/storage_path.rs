//! A time series database that is not on a persistent volume.

use super::{CheckContext, append_document, column, insert_lines};
use crate::mounts;
use crate::objects::{Text, Volume, VolumeSource};
use text::{Applicability, Code, Diagnostic, Edit, Fix, Location, Span};

pub(super) const CODES: &[Code] = &[Code {
    code: "storage-on-no-volume",
    title: "Samples that are lost with the pod",
    doc: "The directory of `--storage.tsdb.path` lies on no volume that outlives the pod: in the container's own file system, or in an `emptyDir`. Whenever the pod is replaced, by an update, a drained node or an eviction, Prometheus starts with an empty database. This is fine for a test; otherwise mount a PersistentVolumeClaim there.",
    example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {prometheus.yml: ''}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers:\n        - name: prometheus\n          image: prom/prometheus\n          volumeMounts:\n            - name: config\n              mountPath: /etc/prometheus\n      volumes:\n        - name: config\n          configMap: {name: config}\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
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
                    "The volume {} is deleted with the pod: by an update, a drained node or an eviction.",
                    volume.name.value
                ),
            ),
            None => (
                format!("{path} lies on no volume"),
                "Samples are written into the container and are lost at its next restart.".into(),
            ),
        };
        let mut diagnostic = Diagnostic::info("storage-on-no-volume", at, message).with_help(help);
        let last_mount = container.volume_mounts.last().and_then(|mount| mount.location);
        let last_volume = spec.volumes.last().and_then(|volume| volume.location);
        let fix = match (volume, last_mount, last_volume) {
            (None, Some(mount), Some(volume)) => add_claim(context, path, mount, volume),
            (Some(volume), ..) => replace_empty_dir(context, volume),
            _ => None,
        };
        if let Some(mut fix) = fix {
            fix.edits.extend(write_claim(context, &instance.namespace, at));
            diagnostic.fixes.push(fix);
        }
        found.push(diagnostic);
    }
}

const CLAIM: &str = "prometheus-data";

/// Returns an edit that appends the PersistentVolumeClaim, unless one with the name exists.
fn write_claim(context: &CheckContext<'_>, namespace: &Text, at: Location) -> Option<Edit> {
    if context.cluster().persistent_volume_claims.get(namespace, CLAIM).is_some() {
        return None;
    }
    let (name, home) = (format!("  name: {CLAIM}"), format!("  namespace: {namespace}"));
    append_document(
        context,
        at.file,
        &[
            "apiVersion: v1",
            "kind: PersistentVolumeClaim",
            "metadata:",
            &name,
            &home,
            "spec:",
            "  accessModes: [ReadWriteOnce]",
            "  resources:",
            "    requests:",
            "      storage: 10Gi",
        ],
    )
}

/// Returns a fix that replaces `emptyDir: {}` with a claim.
fn replace_empty_dir(context: &CheckContext<'_>, volume: &Volume) -> Option<Fix> {
    let at = volume.location?;
    let written = at.span.slice((context.text)(at.file)?);
    let start = written.find("emptyDir:")?;
    let value = written.get(start + "emptyDir:".len()..)?;
    let braces = value.trim_start().strip_prefix("{}")?;
    let start = at.span.start + start as u32;
    let end = at.span.start + (written.len() - braces.len()) as u32;
    Some(Fix::replace(
        format!("Use a claim named {CLAIM} instead"),
        Applicability::Suggestion,
        Location::new(at.file, Span::new(start, end)),
        format!("persistentVolumeClaim: {{claimName: {CLAIM}}}"),
    ))
}

/// Returns a fix that mounts a claim at the path.
fn add_claim(
    context: &CheckContext<'_>,
    path: &str,
    mount: Location,
    volume: Location,
) -> Option<Fix> {
    let title = format!("Mount a claim named {CLAIM}");
    let indent = |at| column(context, at).filter(|column| *column >= 2).map(|column| column - 2);
    let path = format!("  mountPath: {path}");
    let mount_lines = ["- name: data", &path];
    let mut fix = insert_lines(context, title, mount, indent(mount)?, &mount_lines)?;
    let claim = format!("    claimName: {CLAIM}");
    let volume_lines = ["- name: data", "  persistentVolumeClaim:", &claim];
    let second = insert_lines(context, String::new(), volume, indent(volume)?, &volume_lines)?;
    fix.edits.extend(second.edits);
    Some(fix)
}
