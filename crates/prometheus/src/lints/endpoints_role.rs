//! Use of the role `endpoints`, which is based on a deprecated API.

use schema::Section;
use text::{Applicability, Code, Diagnostic, Edit, Fix, Span};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "endpoints-role",
        title: "The Endpoints API is deprecated",
        doc: "Kubernetes has deprecated the Endpoints API since 1.33. An Endpoints object holds at most 1,000 addresses. The role `endpointslice` discovers the same targets. The labels of pods and Services keep their names; those of the endpoint itself change, for example `__meta_kubernetes_endpoint_port_name` to `__meta_kubernetes_endpointslice_port_name`. Prometheus then needs the permission to list and watch `endpointslices` in the group `discovery.k8s.io`.",
        example: "scrape_configs:\n  - job_name: a\n    kubernetes_sd_configs: [{role: endpoints}]\n    relabel_configs: [{source_labels: [__meta_kubernetes_service_name], regex: web, action: keep}]\n",
    },
    run,
};

/// Labels of an endpoint by role. A label of the Endpoints object itself has no counterpart: an EndpointSlice has
/// a name and labels of its own.
const RENAMED: &[(&str, &str)] = &[
    ("__meta_kubernetes_endpoint_hostname", "__meta_kubernetes_endpointslice_endpoint_hostname"),
    ("__meta_kubernetes_endpoint_node_name", "__meta_kubernetes_endpointslice_endpoint_node_name"),
    (
        "__meta_kubernetes_endpoint_ready",
        "__meta_kubernetes_endpointslice_endpoint_conditions_ready",
    ),
    ("__meta_kubernetes_endpoint_port_name", "__meta_kubernetes_endpointslice_port_name"),
    ("__meta_kubernetes_endpoint_port_protocol", "__meta_kubernetes_endpointslice_port_protocol"),
    (
        "__meta_kubernetes_endpoint_address_target_kind",
        "__meta_kubernetes_endpointslice_address_target_kind",
    ),
    (
        "__meta_kubernetes_endpoint_address_target_name",
        "__meta_kubernetes_endpointslice_address_target_name",
    ),
];

const PREFIX: &str = "__meta_kubernetes_endpoint";

/// Returns the edits that rename the labels of endpoints in a job. None if a label has no counterpart.
fn renamed(context: &LintContext<'_>, job: Span) -> Option<Vec<Edit>> {
    let text = job.slice(context.text);
    let mut edits = Vec::new();
    for (start, _) in text.match_indices(PREFIX) {
        let rest = text.get(start..)?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let label = rest.get(..end)?;
        let (_, new) = RENAMED.iter().find(|(old, _)| *old == label)?;
        let at = job.start + start as u32;
        let location = context.place(Span::new(at, at + end as u32));
        edits.push(Edit { location, text: (*new).to_owned() });
    }
    Some(edits)
}

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        let entries: Vec<Section<'_>> =
            job.view.items("kubernetes_sd_configs").iter().filter_map(Section::new).collect();
        let several = entries.len() > 1;
        for entry in entries.iter().filter(|entry| entry.text("role") == "endpoints") {
            let Some(node) = entry.get("role") else { continue };
            let Some((span, _)) = context.literal(node) else { continue };
            let edits = renamed(context, job.view.node.span);
            let renames = edits.as_ref().is_none_or(|edits| !edits.is_empty());
            let message = if renames {
                "the Endpoints API is deprecated; role endpointslice finds the same addresses, with other names of labels"
            } else {
                "the Endpoints API is deprecated; role endpointslice finds the same targets"
            };
            let mut one = Diagnostic::info("endpoints-role", context.place(span), message);
            // Selectors choose by labels of Endpoints, and another role of the job keeps its labels.
            let fits = !(entry.has("selectors") || several && renames);
            if let Some(mut edits) = edits.filter(|_| fits) {
                let title =
                    if renames { "Use endpointslice and its labels" } else { "Use endpointslice" };
                let applicability =
                    if renames { Applicability::Suggestion } else { Applicability::Safe };
                edits
                    .push(Edit { location: context.place(span), text: "endpointslice".to_owned() });
                one = one.with_fix(Fix { title: title.to_owned(), applicability, edits });
            }
            found.push(one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{diagnostics, found};

    #[test]
    fn endpoints_only() {
        for (role, expected) in [("endpoints", 1), ("endpointslice", 0), ("pod", 0)] {
            let text = format!(
                "scrape_configs: [{{job_name: a, kubernetes_sd_configs: [{{role: {role}}}]}}]"
            );
            assert_eq!(found("endpoints-role", &text).len(), expected, "{role}");
        }
    }

    #[test]
    fn the_fix_renames_the_labels_or_is_not_offered() {
        for (rule, expected) in [
            ("{source_labels: [__meta_kubernetes_service_name], regex: a, action: keep}", Some(0)),
            (
                "{source_labels: [__meta_kubernetes_endpoint_port_name, __meta_kubernetes_endpoint_ready], regex: a, action: keep}",
                Some(2),
            ),
            ("{source_labels: [__meta_kubernetes_endpoints_name], regex: a, action: keep}", None),
            ("{regex: __meta_kubernetes_endpoints_label_(.+), action: labelmap}", None),
        ] {
            let text = format!(
                "scrape_configs: [{{job_name: a, kubernetes_sd_configs: [{{role: endpoints}}], relabel_configs: [{rule}]}}]"
            );
            let all = diagnostics("endpoints-role", &text);
            let edits = all[0].fixes.first().map(|fix| fix.edits.len() - 1);
            assert_eq!(edits, expected, "{rule}");
        }
    }
}
