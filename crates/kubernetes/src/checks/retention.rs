//! A size retention that exceeds the volume.

use super::CheckContext;
use crate::mounts;
use crate::objects::VolumeSource;
use crate::quantity;
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[Code {
    code: "retention-exceeds-volume",
    title: "A retention larger than the volume",
    doc: "`--storage.tsdb.retention.size` is meant to delete old blocks before the disk is full. Here the limit is larger than the volume, so the disk fills up first: Prometheus then cannot write its log, stops taking samples, and may not start again. Keep the limit at 80 to 85 percent of the volume; the write-ahead log and the chunks of the last hours come on top of the blocks.",
    example: "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  strategy: {type: Recreate}\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers:\n        - name: prometheus\n          image: prom/prometheus\n          args:\n            - --config.file=/etc/prometheus/prometheus.yml\n            - --storage.tsdb.path=/prometheus\n            - --storage.tsdb.retention.size=10GB\n          volumeMounts: [{name: data, mountPath: /prometheus}]\n      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for instance in context.instances {
        let Some(flag) = instance.flag("storage.tsdb.retention.size") else { continue };
        let limit = flag.value.as_deref().and_then(bytes);
        let Some((spec, container)) = context.spec_of(instance) else { continue };
        let claim = mounts::mount_of(container, &instance.storage_path)
            .and_then(|mount| spec.volume(&mount.name.value))
            .and_then(|volume| match &volume.source {
                VolumeSource::PersistentVolumeClaim { claim_name, .. } => context
                    .cluster()
                    .persistent_volume_claims
                    .get(&instance.namespace, &claim_name.value),
                _ => None,
            });
        let (Some(limit), Some(claim), Some(at)) = (limit, claim, flag.at) else { continue };
        let Some(size) = quantity::parse(&claim.request.value).filter(|size| *size > 0.0) else {
            continue;
        };
        if limit <= size {
            continue;
        }
        let mut diagnostic = Diagnostic::warning(
            "retention-exceeds-volume",
            at,
            format!("the limit is larger than the volume of {}", claim.request.value),
        )
        .with_help("The disk is full before anything is deleted for its size, and Prometheus stops taking samples.");
        if let Some(location) = claim.request.at {
            diagnostic = diagnostic.with_related(location, "the volume's size");
        }
        let megabytes = (size * 0.8 / (1024.0 * 1024.0)).floor();
        let fitting = format!("{megabytes}MB");
        found.push(diagnostic.with_fix(Fix::replace(
            format!("Limit the blocks to {fitting}, four fifths of the volume"),
            Applicability::Suggestion,
            at,
            format!("--storage.tsdb.retention.size={fitting}"),
        )));
    }
}

/// Parses a size flag of Prometheus. Units are powers of 1024.
fn bytes(text: &str) -> Option<f64> {
    let end = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = (text.get(..end)?, text.get(end..)?);
    let power = match unit.to_ascii_uppercase().as_str() {
        "B" => 0,
        "KB" | "KIB" => 1,
        "MB" | "MIB" => 2,
        "GB" | "GIB" => 3,
        "TB" | "TIB" => 4,
        "PB" | "PIB" => 5,
        "EB" | "EIB" => 6,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * 1024f64.powi(power))
}
