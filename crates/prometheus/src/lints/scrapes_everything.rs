//! A Kubernetes job that selects no objects.

use go::case;
use schema::Section;
use text::{Code, Diagnostic};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "scrapes-everything",
        title: "Every object of the cluster becomes a target",
        doc: "Service discovery returns every object of its role, unless a relabeling rule keeps or drops targets or a selector limits the objects. The annotation `prometheus.io/scrape` is a convention, not a feature: it has an effect only if a rule reads it:\n\n`source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape]`, `regex: \"true\"`, `action: keep`.",
        example: "scrape_configs:\n  - job_name: a\n    kubernetes_sd_configs: [{role: pod}]\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        let rules = job.view.items("relabel_configs").iter().filter_map(Section::new);
        let chooses = rules
            .map(|rule| case::lower(&rule.text_or("action", "replace")))
            .any(|action| matches!(&*action, "keep" | "drop" | "keepequal" | "dropequal"));
        if chooses {
            continue;
        }
        let entries = job.view.items("kubernetes_sd_configs").iter().filter_map(Section::new);
        for entry in entries {
            let role = entry.text("role");
            let objects = match &*role {
                "pod" => "pod",
                "service" => "Service",
                "endpoints" => "Endpoints object",
                "endpointslice" => "EndpointSlice",
                "ingress" => "Ingress",
                // Nodes are few and all alike.
                _ => continue,
            };
            if entry.has("selectors") {
                continue;
            }
            let message =
                format!("every {objects} of the watched namespaces becomes a target of this job");
            let help = "No rule keeps or drops targets. The annotation `prometheus.io/scrape` has an effect only if a `keep` rule reads it.";
            let location = context.place(entry.at("role"));
            found.push(Diagnostic::info("scrapes-everything", location, message).with_help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn a_rule_or_a_selector_chooses() {
        for (rest, expected) in [
            ("kubernetes_sd_configs: [{role: pod}]", 1),
            ("kubernetes_sd_configs: [{role: node}]", 0),
            ("kubernetes_sd_configs: [{role: pod, selectors: [{role: pod, label: a=b}]}]", 0),
            (
                "kubernetes_sd_configs: [{role: pod}], relabel_configs: [{action: keep, regex: a}]",
                0,
            ),
        ] {
            let text = format!("scrape_configs: [{{job_name: a, {rest}}}]");
            assert_eq!(found("scrapes-everything", &text).len(), expected, "{rest}");
        }
    }
}
