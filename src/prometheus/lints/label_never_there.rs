//! A meta label that no target of the job has.

use crate::prometheus::check::View;
use crate::prometheus::fields::discovery::{Listed, MECHANISMS, Mechanism};
use crate::text::{Applicability, Code, Diagnostic, Fix};

use super::{Context, Lint};

pub const LINT: Lint = Lint {
    code: Code {
        code: "label-never-there",
        title: "No target of this job has this label",
        doc: "Each discovery mechanism, and in Kubernetes each role, gives its own `__meta_…` labels. A label that is never there counts as empty: a `keep` rule on it drops every target, a `replace` rule copies nothing.",
        example: "scrape_configs:\n  - job_name: a\n    kubernetes_sd_configs: [{role: service}]\n    relabel_configs:\n      - source_labels: [__meta_kubernetes_pod_name]\n        regex: web\n        action: keep\n",
    },
    run,
};

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        let used = used_mechanisms(&job.view);
        // Files and web services may hand out any label.
        if used.is_empty()
            || used.iter().any(|(one, _)| {
                ["file_sd_configs", "http_sd_configs", "static_configs"].contains(&one.key)
            })
        {
            continue;
        }
        for rule in job.view.items("relabel_configs").iter().filter_map(View::new) {
            for (label, node) in rule.texts("source_labels") {
                if !label.starts_with("__meta_") || is_there(&used, &label) {
                    continue;
                }
                let location = context.place(node.written_span());
                let message = format!("no target of this job has the label `{label}`");
                let mut one = Diagnostic::warning("label-never-there", location, message)
                    .with_help(explain(&used, &label));
                if let Some(similar) = similar(&used, &label) {
                    let title = format!("Use {similar}");
                    one = one.with_fix(Fix::replace(
                        title,
                        Applicability::Suggestion,
                        location,
                        similar,
                    ));
                }
                found.push(one);
            }
        }
    }
}

/// Mechanisms of a job with the role of each entry.
fn used_mechanisms<'a>(job: &View<'a>) -> Vec<(&'static Mechanism, String)> {
    let mut used = Vec::new();
    for listed in MECHANISMS {
        for entry in job.items(listed.key).iter().filter_map(View::new) {
            used.push((listed.mechanism(), entry.text("role").into_owned()));
        }
    }
    used
}

fn is_there(used: &[(&'static Mechanism, String)], label: &str) -> bool {
    used.iter().any(|(mechanism, role)| {
        mechanism.meta().any(|meta| meta.matches(label) && meta.has_role(role))
    })
}

fn explain(used: &[(&'static Mechanism, String)], label: &str) -> String {
    for (mechanism, role) in used {
        if let Some(meta) = mechanism.meta().find(|meta| meta.matches(label)) {
            let roles = meta.roles.replace(' ', "`, `");
            return format!("It is there for the roles `{roles}`, but not for `{role}`.");
        }
    }
    match MECHANISMS
        .iter()
        .map(Listed::mechanism)
        .find(|one| one.meta().any(|meta| meta.matches(label)))
    {
        Some(other) => format!("It comes from `{}`, which this job does not use.", other.key),
        None => "No discovery mechanism of Prometheus gives it.".to_owned(),
    }
}

/// The label of these mechanisms that is nearest, where it is near.
fn similar(used: &[(&'static Mechanism, String)], label: &str) -> Option<String> {
    used.iter()
        .flat_map(|(mechanism, role)| mechanism.meta().filter(|meta| meta.has_role(role)))
        .filter(|meta| !meta.name.contains('<'))
        .map(|meta| (distance(meta.name, label), meta.name))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, name)| name.to_owned())
}

/// How many single changes lead from one text to the other, up to a limit that no name reaches.
fn distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 3 || b.len() > 200 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn labels_of_other_roles_and_mechanisms() {
        for (mechanism, label, expected) in [
            ("kubernetes_sd_configs: [{role: service}]", "__meta_kubernetes_pod_name", 1),
            ("kubernetes_sd_configs: [{role: pod}]", "__meta_kubernetes_pod_name", 0),
            ("kubernetes_sd_configs: [{role: pod}]", "__meta_kubernetes_pod_label_app", 0),
            ("kubernetes_sd_configs: [{role: pod}]", "__meta_kubernetes_pods_name", 1),
            ("dns_sd_configs: [{names: [a]}]", "__meta_ec2_region", 1),
            ("file_sd_configs: [{files: [a.yml]}]", "__meta_any", 0),
            ("aws_sd_configs: [{role: ec2}]", "__meta_ec2_region", 0),
        ] {
            let text = format!(
                "scrape_configs: [{{job_name: a, {mechanism}, relabel_configs: [{{source_labels: [{label}], target_label: b}}]}}]"
            );
            assert_eq!(found("label-never-there", &text).len(), expected, "{mechanism} {label}");
        }
    }
}
