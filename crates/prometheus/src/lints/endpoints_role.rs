//! Use of the role `endpoints`, which is based on a deprecated API.

use schema::Section;
use text::{Applicability, Code, Diagnostic, Fix};

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

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        let entries = job.view.items("kubernetes_sd_configs").iter().filter_map(Section::new);
        for entry in entries.filter(|entry| entry.text("role") == "endpoints") {
            let Some(node) = entry.get("role") else { continue };
            let Some((span, _)) = context.literal(node) else { continue };
            let whole = job.view.node.span.slice(context.text);
            // Rules and selectors for Endpoints would have to change too.
            let applicability = if whole.contains("_endpoint") || entry.has("selectors") {
                Applicability::Suggestion
            } else {
                Applicability::Safe
            };
            let fix = Fix::replace(
                "Use endpointslice",
                applicability,
                context.place(span),
                "endpointslice",
            );
            let message =
                "the Endpoints API is deprecated; role endpointslice finds the same targets";
            found.push(
                Diagnostic::info("endpoints-role", context.place(span), message).with_fix(fix),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn endpoints_only() {
        for (role, expected) in [("endpoints", 1), ("endpointslice", 0), ("pod", 0)] {
            let text = format!(
                "scrape_configs: [{{job_name: a, kubernetes_sd_configs: [{{role: {role}}}]}}]"
            );
            assert_eq!(found("endpoints-role", &text).len(), expected, "{role}");
        }
    }
}
