//! A volumeMount without a volume.

use super::{CheckContext, nearest};
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[Code {
    code: "volume-missing",
    title: "A mount of a volume that the pod does not have",
    doc: "Each entry of `volumeMounts` names an entry of the pod's `volumes` (or of a StatefulSet's `volumeClaimTemplates`). This name is not among them, so the API server refuses the object: `volumeMounts[0].name: Not found`.",
    example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: web, volumeMounts: [{name: dta, mountPath: /data}]}]\n      volumes: [{name: data, emptyDir: {}}]\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for (meta, spec) in context.pod_specs() {
        let claims = context
            .workloads()
            .filter(|one| std::ptr::eq(&one.meta, meta))
            .flat_map(|one| one.volume_claim_templates.iter().map(|claim| &*claim.meta.name.value));
        let names: Vec<&str> =
            spec.volumes.iter().map(|volume| &*volume.name.value).chain(claims).collect();
        for container in spec.containers.iter().chain(&spec.init_containers) {
            for mount in &container.volume_mounts {
                if names.contains(&&*mount.name.value) {
                    continue;
                }
                let at = mount.name.at.or(mount.location).unwrap_or(meta.location);
                let message = format!("the pod has no volume named {}", mount.name.value);
                let mut diagnostic = Diagnostic::error("volume-missing", at, message)
                    .with_help("The API server refuses the whole object.");
                let only = if let [only] = names.as_slice() { Some(*only) } else { None };
                let near = nearest(&mount.name, names.iter().copied()).or(only);
                if let (Some(near), Some(at)) = (near, mount.name.at) {
                    diagnostic = diagnostic.with_fix(Fix::replace(
                        format!("Mount the volume {near}"),
                        Applicability::Suggestion,
                        at,
                        near,
                    ));
                }
                found.push(diagnostic);
            }
        }
    }
}
