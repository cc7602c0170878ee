//! A source label that no target of the job has.

use std::collections::BTreeSet;

use crate::explain::{KnownLabel, of_target};
use crate::fields::discovery::{MECHANISMS, Mechanism};
use promql::METRIC_NAME;
use schema::Section;
use schema::similar::nearest;
use text::{Applicability, Code, Diagnostic, Fix};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "label-never-there",
        title: "No target of this job has this label",
        doc: "Each discovery mechanism, and each role of Kubernetes, sets its own `__meta_…` labels. In addition, a target has `__address__`, `__scheme__`, `__metrics_path__`, `__scrape_interval__`, `__scrape_timeout__`, `__param_…` for each parameter of the job, `job`, the labels of `static_configs`, and the labels that earlier rules write. `instance` is set after the last rule. A label that does not exist is empty: a `keep` rule on it drops every target, and a `replace` rule copies nothing.",
        example: "scrape_configs:\n  - job_name: a\n    kubernetes_sd_configs: [{role: service}]\n    relabel_configs:\n      - source_labels: [__meta_kubernetes_pod_name]\n        regex: web\n        action: keep\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        let used = used_mechanisms(&job.view);
        // Files and HTTP endpoints can set any label.
        if used.is_empty()
            || used
                .iter()
                .any(|(one, _)| ["file_sd_configs", "http_sd_configs"].contains(&one.key()))
        {
            continue;
        }
        let mut labels = known_labels(&job.view, &used);
        for rule in job.view.items("relabel_configs").iter().filter_map(Section::new) {
            for (label, node) in rule.texts("source_labels") {
                // Prometheus sets no label with this prefix aside from the rules: it is free for them, and a rule may
                // test whether an earlier one has set it.
                if label.is_empty() || label.starts_with("__tmp") || labels.has(&label) {
                    continue;
                }
                let location = context.place(node.written_span());
                let message = format!("no target of this job has the label `{label}`");
                let mut one = Diagnostic::warning("label-never-there", location, message)
                    .with_help(explain(&used, &label));
                if let Some(similar) = labels.similar(&label) {
                    let title = format!("Use {similar}");
                    let applicability = Applicability::Suggestion;
                    one = one.with_fix(Fix::replace(title, applicability, location, similar));
                }
                found.push(one);
            }
            labels.after(&rule);
        }
    }
}

/// The labels that targets can have at a rule.
struct KnownLabels {
    known: Vec<KnownLabel>,
    /// True if targets can have other labels whose names are not known.
    any: bool,
}

/// The labels that targets have before the first rule. Of most mechanisms only the `__meta_…` labels are
/// known in full.
fn known_labels(job: &Section<'_>, used: &[(&Mechanism, String)]) -> KnownLabels {
    let mut known = of_target(job);
    if used.iter().any(|(one, role)| one.key() == "kubernetes_sd_configs" && role == "node") {
        known.push(KnownLabel::new("instance", "the node's name"));
    }
    let listed = ["static_configs", "kubernetes_sd_configs"];
    KnownLabels { known, any: used.iter().any(|(one, _)| !listed.contains(&one.key())) }
}

impl KnownLabels {
    fn has(&self, label: &str) -> bool {
        // The metric name is reported by `wrong-stage`.
        (!label.starts_with("__meta_") && (self.any || label == METRIC_NAME))
            || self.known.iter().any(|one| one.matches(label))
    }

    /// Adds the labels that a rule may write.
    fn after(&mut self, rule: &Section<'_>) {
        let target = rule.text("target_label");
        self.any |= target.contains('$') || rule.text("action").eq_ignore_ascii_case("labelmap");
        self.known.push(KnownLabel::new(target.into_owned(), "written by a rule"));
    }

    /// The most similar label. Returns None if no label is similar.
    fn similar(&self, label: &str) -> Option<String> {
        // Sorted, so that the result does not depend on the order of the rules.
        let names: BTreeSet<&str> = self.known.iter().map(|one| &*one.name).collect();
        nearest(label, names.into_iter().filter(|name| !name.contains('<'))).map(str::to_owned)
    }
}

/// Mechanisms of a job with the role of each entry.
fn used_mechanisms<'a>(job: &Section<'a>) -> Vec<(&'static Mechanism, String)> {
    let mut used = Vec::new();
    for &mechanism in MECHANISMS {
        for entry in job.items(mechanism.key()).iter().filter_map(Section::new) {
            used.push((mechanism, entry.text("role").into_owned()));
        }
    }
    used
}

fn explain(used: &[(&'static Mechanism, String)], label: &str) -> String {
    if label == "instance" {
        return "It is set from `__address__` after the last rule. Use `__address__`.".to_owned();
    }
    if !label.starts_with("__meta_") {
        return "Neither service discovery nor an earlier rule sets it, so it is empty.".to_owned();
    }
    for (mechanism, role) in used {
        if let Some(meta) = mechanism.meta().find(|meta| meta.matches(label)) {
            let roles = meta.roles.replace(' ', "`, `");
            return format!("The roles `{roles}` set it, but the role `{role}` does not.");
        }
    }
    match MECHANISMS.iter().copied().find(|one| one.meta().any(|meta| meta.matches(label))) {
        Some(other) => format!("`{}` sets it, but this job does not use it.", other.key()),
        None => "No discovery mechanism of Prometheus sets it.".to_owned(),
    }
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
            ("aws_sd_configs: [{role: ec2}]", "any", 0),
            ("static_configs: [{targets: [a], labels: {__meta_x: b}}]", "__meta_x", 0),
            ("static_configs: [{targets: [a], labels: {env: b}}]", "env", 0),
            ("static_configs: [{targets: [a], labels: {env: b}}]", "team", 1),
            ("static_configs: [{targets: [a]}], params: {p: [b]}", "__param_p", 0),
            ("static_configs: [{targets: [a]}]", "__param_p", 1),
            ("static_configs: [{targets: [a]}]", "__meta_kubernetes_pod_name", 1),
            ("static_configs: [{targets: [a]}]", "__address__", 0),
            ("static_configs: [{targets: [a]}]", "__name__", 0),
            ("static_configs: [{targets: [a]}]", "instance", 1),
            ("kubernetes_sd_configs: [{role: node}]", "instance", 0),
            ("kubernetes_sd_configs: [{role: pod}]", "app", 1),
        ] {
            let text = format!(
                "scrape_configs: [{{job_name: a, {mechanism}, relabel_configs: [{{source_labels: [{label}], target_label: b}}]}}]"
            );
            assert_eq!(found("label-never-there", &text).len(), expected, "{mechanism} {label}");
        }
    }

    #[test]
    fn rules_above_give_labels() {
        for (rule, expected) in [
            ("{target_label: b, replacement: c}", 1),
            ("{target_label: made, replacement: c}", 0),
            ("{action: labelmap, regex: (.+)}", 0),
            ("{target_label: '${1}', source_labels: [job]}", 0),
        ] {
            let text = format!(
                "scrape_configs: [{{job_name: a, static_configs: [{{targets: [a]}}], relabel_configs: [{rule}, {{source_labels: [made], target_label: x}}]}}]"
            );
            assert_eq!(found("label-never-there", &text).len(), expected, "{rule}");
        }
    }
}
