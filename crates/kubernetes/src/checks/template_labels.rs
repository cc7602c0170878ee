//! A workload whose selector does not match its template.

use super::{CheckContext, insert_lines, place};
use crate::controllers::is_consistent;
use crate::objects::{Entry, Kind, Text, Workload};
use text::{Applicability, Code, Diagnostic, Edit, Fix, Location, Span};

pub(super) const CODES: &[Code] = &[
    Code {
        code: "template-misses-selector",
        title: "A template without the labels of its own selector",
        doc: "A Deployment, StatefulSet, DaemonSet or ReplicaSet selects its pods by its selector, so the labels of its template must match it. The API server refuses the object otherwise: `selector does not match template labels`. The selector of an object that exists cannot be changed; change the template, or delete the object first.",
        example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: shop}}\n    spec: {containers: [{name: web, image: web}]}\n",
    },
    Code {
        code: "workload-without-selector",
        title: "A workload without a selector",
        doc: "A Deployment, StatefulSet, DaemonSet or ReplicaSet needs `spec.selector`: by it the controller identifies its pods. The API server refuses the object without it.",
        example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: web}]}\n",
    },
];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for workload in context.workloads() {
        if is_consistent(workload) || matches!(workload.kind, Kind::Job | Kind::CronJob) {
            continue;
        }
        let kind = workload.kind;
        let Some(selector) = &workload.selector else {
            // ReplicaSets in kubectl output are often shortened.
            let message = format!("{kind} {} has no selector", workload.meta.name.value);
            let mut diagnostic =
                Diagnostic::error("workload-without-selector", place(workload), message)
                    .with_help("Add spec.selector.matchLabels with labels that the template has.");
            diagnostic.fixes.extend(select_template(context, workload));
            found.push(diagnostic);
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
        if let Some(entry) = missed {
            let title = format!("Give the pods {}={}", entry.key, entry.value);
            match labels.get(&entry.key).map(|label| (label.at, &label.value)) {
                Some((Some(at), given)) => {
                    let replace = |title, at, value: &Text| {
                        Fix::replace(title, Applicability::Suggestion, at, value.to_string())
                    };
                    diagnostic = diagnostic.with_related(at, "the template's label");
                    let select = format!("Select {}={given}", entry.key);
                    let fix = entry.at.map(|at| replace(select, at, given));
                    diagnostic.fixes.extend(fix);
                    diagnostic.fixes.push(replace(title, at, &entry.value));
                }
                Some((None, _)) => {}
                None => diagnostic.fixes.extend(add_label(context, title, workload, entry)),
            }
        }
        found.push(diagnostic);
    }
}

/// Returns a fix that appends a label to the template, in block or flow style.
fn add_label(
    context: &CheckContext<'_>,
    title: String,
    workload: &Workload,
    entry: &Entry,
) -> Option<Fix> {
    let last = workload.template.meta.labels.iter().last()?;
    let (key_at, value_at) = (last.key_at?, last.at?);
    let text = (context.text)(key_at.file)?;
    let line = text.get(..key_at.span.start as usize)?.rsplit('\n').next()?;
    let label = format!("{}: {}", entry.key, entry.value);
    if line.trim().is_empty() {
        return insert_lines(context, title, value_at, line.chars().count(), &[&label]);
    }
    let behind = Location::new(value_at.file, Span::at(value_at.span.end));
    Some(Fix::replace(title, Applicability::Suggestion, behind, format!(", {label}")))
}

/// Returns a fix that inserts a selector for the first label of the template.
fn select_template(context: &CheckContext<'_>, workload: &Workload) -> Option<Fix> {
    let label = workload.template.meta.labels.iter().next()?;
    let template = workload.template.location?;
    let text = (context.text)(template.file)?;
    // The key is on the line before its value. Only block style is edited.
    let before = text.get(..template.span.start as usize)?.trim_end();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.get(line_start..)?;
    let indent = line.strip_suffix("template:")?;
    if !indent.trim().is_empty() {
        return None;
    }
    let (key, value) = (&label.key, &label.value);
    Some(Fix {
        title: format!("Select {key}={value}"),
        applicability: Applicability::Suggestion,
        edits: vec![Edit {
            location: Location::new(template.file, Span::at(line_start as u32)),
            text: format!(
                "{indent}selector:\n{indent}  matchLabels:\n{indent}    {key}: {value}\n"
            ),
        }],
    })
}
