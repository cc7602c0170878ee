//! Labels of one relabeling stage in the rules of another stage.

use schema::Section;
use text::{Applicability, Code, Diagnostic, Fix, Span};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "wrong-stage",
        title: "This label does not exist at this stage",
        doc: "Targets are relabeled before the scrape (`relabel_configs`), series after it (`metric_relabel_configs`). Labels that begin with `__`, such as `__meta_…` and `__address__`, are removed from the target after `relabel_configs`. The metric name, `__name__`, exists only after the scrape. To keep a meta label, copy it to a label without the prefix in `relabel_configs`.",
        example: "scrape_configs:\n  - job_name: a\n    static_configs: [{targets: ['a:1']}]\n    metric_relabel_configs:\n      - source_labels: [__meta_kubernetes_namespace]\n        target_label: namespace\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        for (key, other) in [
            ("relabel_configs", "metric_relabel_configs"),
            ("metric_relabel_configs", "relabel_configs"),
        ] {
            for rule in job.view.items(key).iter().filter_map(Section::new) {
                for (label, node) in rule.texts("source_labels") {
                    let wrong = match key {
                        "relabel_configs" => label == "__name__",
                        _ => label.starts_with("__") && label != "__name__",
                    };
                    // An earlier rule may have written it.
                    if wrong && !made_before(&job.view, key, &rule, &label) {
                        let message = format!("`{label}` does not exist in `{key}`");
                        let help = match key {
                            "relabel_configs" => format!(
                                "Metric names exist only after the scrape. Move the rule to `{other}`."
                            ),
                            _ => format!(
                                "It is removed after `{other}`. Copy it to a label without `__` there."
                            ),
                        };
                        let location = context.place(node.written_span());
                        let mut one =
                            Diagnostic::warning("wrong-stage", location, message).with_help(help);
                        if let Some(place) = alone(&job.view, key, other) {
                            let title = format!("Rename to `{other}`");
                            let place = context.place(place);
                            let applicability = Applicability::Suggestion;
                            one = one.with_fix(Fix::replace(title, applicability, place, other));
                        }
                        found.push(one);
                    }
                }
            }
        }
    }
}

/// The key of the list, if it has one rule only and the other list is absent.
fn alone(job: &Section<'_>, key: &str, other: &str) -> Option<Span> {
    let free = job.items(key).len() == 1 && job.entry(other).is_none();
    job.entry(key).filter(|_| free).map(|entry| entry.key.span)
}

fn made_before(job: &Section<'_>, key: &str, rule: &Section<'_>, label: &str) -> bool {
    job.items(key)
        .iter()
        .take_while(|other| other.span.start < rule.node.span.start)
        .filter_map(Section::new)
        .any(|other| {
            let target = other.text("target_label");
            target == label
                || target.contains('$')
                || other.text("action").eq_ignore_ascii_case("labelmap")
        })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn both_ways() {
        for (key, label, expected) in [
            ("relabel_configs", "__name__", 1),
            ("relabel_configs", "__address__", 0),
            ("metric_relabel_configs", "__name__", 0),
            ("metric_relabel_configs", "__address__", 1),
            ("metric_relabel_configs", "__meta_ec2_region", 1),
            ("metric_relabel_configs", "instance", 0),
        ] {
            let text = format!(
                "scrape_configs: [{{job_name: a, static_configs: [{{targets: [a]}}], {key}: [{{source_labels: [{label}], action: keep, regex: a}}]}}]"
            );
            assert_eq!(found("wrong-stage", &text).len(), expected, "{key} {label}");
        }
        let made = "scrape_configs: [{job_name: a, static_configs: [{targets: [a]}], metric_relabel_configs: [{target_label: __tmp, replacement: a}, {source_labels: [__tmp], target_label: b}]}]";
        assert_eq!(found("wrong-stage", made).len(), 0);
    }
}
