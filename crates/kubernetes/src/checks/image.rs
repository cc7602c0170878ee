//! Images that no registry has.

use super::CheckContext;
use crate::images::missing;
use crate::objects::Container;
use crate::prometheus::is_prometheus;
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[Code {
    code: "image-not-found",
    title: "An image that no registry has",
    doc: "The node cannot pull the image, so the container does not start: `kubectl get pods` shows `ErrImagePull`, then `ImagePullBackOff`, and the kubelet tries again and again. Only misspelled names of well-known public images are found. Other images are taken to exist.",
    example: "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    image: nginx:lates\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for (_, spec) in context.pod_specs() {
        found.extend(spec.init_containers.iter().chain(&spec.containers).filter_map(finding));
    }
}

fn finding(container: &Container) -> Option<Diagnostic> {
    let missing = missing(&container.image.value)?;
    let at = container.image.at?;
    let meant = missing.replacement();
    let message = format!("The image cannot be pulled: {}", missing.reason());
    let effect = match is_prometheus(container) {
        true => "Prometheus does not run: its pod waits with ImagePullBackOff.",
        false => "The pod waits with ImagePullBackOff, and its containers do not run.",
    };
    Some(
        Diagnostic::error("image-not-found", at, message)
            .with_help(format!("{effect} Did you mean {meant}?"))
            .with_fix(Fix::replace(
                format!("Use {meant}"),
                Applicability::Suggestion,
                at,
                meant.clone(),
            )),
    )
}
