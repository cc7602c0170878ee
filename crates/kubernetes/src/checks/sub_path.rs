//! A configuration that is mounted with `subPath` and is therefore never updated.

use super::CheckContext;
use crate::mounts::{self, PathInContainer};
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[Code {
    code: "sub-path-never-updates",
    title: "A file that is never updated",
    doc: "A file of a ConfigMap that is mounted by `subPath` is copied once, when the container starts. Edits of the ConfigMap never reach it; only a new pod gets them. Mounted as a directory, the files are updated within a minute or so, and Prometheus uses them after a reload.",
    example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {prometheus.yml: ''}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      containers:\n        - name: prometheus\n          image: prom/prometheus\n          volumeMounts:\n            - name: config\n              mountPath: /etc/prometheus/prometheus.yml\n              subPath: prometheus.yml\n      volumes: [{name: config, configMap: {name: config}}]\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for instance in context.instances {
        let PathInContainer::File(file) = &instance.config else { continue };
        if !file.by_sub_path {
            continue;
        }
        let Some((_, container)) = context.spec_of(instance) else { continue };
        let Some(mount) = mounts::mount_of(container, &instance.config_path) else { continue };
        let Some(at) = mount.sub_path.at.or(mount.location) else { continue };
        let mut diagnostic = Diagnostic::warning(
            "sub-path-never-updates",
            at,
            "edits of the ConfigMap never reach this file",
        )
        .with_help(
            "The kubelet does not update files that are mounted by subPath; only a new pod gets the new content.",
        );
        diagnostic.fixes.extend(mount_the_directory(context, mount));
        found.push(diagnostic);
    }
}

/// Returns a fix that mounts the whole ConfigMap in the directory of the file.
fn mount_the_directory(
    context: &CheckContext<'_>,
    mount: &crate::objects::VolumeMount,
) -> Option<Fix> {
    let (path_at, sub_at) = (mount.mount_path.at?, mount.sub_path.at?);
    let directory = mount.mount_path.value.rsplit_once('/')?.0;
    let text = (context.text)(sub_at.file)?;
    let start = text.get(..sub_at.span.start as usize)?.rfind('\n')?;
    let line = text.get(start..sub_at.span.start as usize)?;
    // The fix removes only lines that hold nothing else.
    if line.trim() != "subPath:" || directory.is_empty() {
        return None;
    }
    let mut line_at = sub_at;
    line_at.span.start = start as u32;
    Some(Fix {
        title: format!("Mount the whole ConfigMap at {directory}"),
        applicability: Applicability::Suggestion,
        edits: vec![
            text::Edit { location: path_at, text: directory.to_owned() },
            text::Edit { location: line_at, text: String::new() },
        ],
    })
}
