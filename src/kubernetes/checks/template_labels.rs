//! A workload whose pods would not have the labels that it selects.

use super::{Context, place};
use crate::kubernetes::controllers::is_consistent;
use crate::kubernetes::objects::Kind;
use crate::text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[
    Code {
        code: "template-misses-selector",
        title: "A template without the labels of its own selector",
        doc: "A Deployment, StatefulSet, DaemonSet or ReplicaSet knows its pods by its selector, so the labels of its template must match it. The API server refuses the object otherwise: `selector does not match template labels`. The selector of an object that exists cannot be changed; change the template, or delete the object first.",
        example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: shop}}\n    spec: {containers: [{name: web, image: web}]}\n",
    },
    Code {
        code: "workload-without-selector",
        title: "A workload without a selector",
        doc: "A Deployment, StatefulSet, DaemonSet or ReplicaSet needs `spec.selector`: with it the controller tells its own pods from others. The API server refuses the object without it.",
        example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: web}]}\n",
    },
];

pub(super) fn check(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for workload in context.workloads() {
        if is_consistent(workload) || matches!(workload.kind, Kind::Job | Kind::CronJob) {
            continue;
        }
        let kind = workload.kind;
        let Some(selector) = &workload.selector else {
            // ReplicaSets that kubectl printed are often trimmed.
            found.push(
                Diagnostic::error(
                    "workload-without-selector",
                    place(workload),
                    format!("{kind} {} has no selector", workload.meta.name.value),
                )
                .with_help("Add spec.selector.matchLabels with labels that the template has."),
            );
            continue;
        };
        let labels = &workload.template.meta.labels;
        let missed =
            selector.match_labels.iter().find(|one| labels.value(&one.key) != Some(&*one.value));
        let at = missed.and_then(|one| one.at).or(selector.location);
        let mut diagnostic = Diagnostic::error(
            "template-misses-selector",
            at.unwrap_or(place(workload)),
            "selector does not match template labels",
        )
        .with_help(format!("The API server refuses this {kind}, so it has no pods at all."));
        if let Some(entry) = missed
            && let Some(label) = labels.get(&entry.key)
            && let Some(at) = label.at
        {
            diagnostic =
                diagnostic.with_related(at, "the template's label").with_fix(Fix::replace(
                    format!("Give the pods {}={}", entry.key, entry.value),
                    Applicability::Suggestion,
                    at,
                    entry.value.to_string(),
                ));
        }
        found.push(diagnostic);
    }
}
