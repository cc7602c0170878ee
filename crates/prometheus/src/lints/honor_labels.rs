//! `honor_labels` in a job that is neither federation nor a Pushgateway.

use text::{Applicability, Code, Diagnostic, Fix};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "honor-labels-risk",
        title: "Targets may overwrite job and instance",
        doc: "With `honor_labels: true` a scraped series keeps its own `job`, `instance` and other labels of the target. This is correct for federation (`/federate`) and for the Pushgateway. In other jobs a target can expose series in the name of another target, and labels that are added to the target later have no effect on its series.",
        example: "scrape_configs:\n  - job_name: web\n    honor_labels: true\n    static_configs: [{targets: ['web:8080']}]\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        let known = job.typed.metrics_path.value.contains("federate")
            || whole_text(context, &job).to_lowercase().contains("pushgateway");
        if !job.typed.honor_labels.value || known {
            continue;
        }
        let Some(node) = job.view.get("honor_labels") else { continue };
        let span = node.written_span();
        let fix = Fix::replace(
            "Let Prometheus's labels win",
            Applicability::Suggestion,
            context.place(span),
            "false",
        );
        let message = "targets of this job may overwrite `job`, `instance` and every other label";
        let help = "With `false` the scraped labels get the prefix `exported_` and are kept.";
        let one = Diagnostic::info("honor-labels-risk", context.place(span), message);
        found.push(one.with_help(help).with_fix(fix));
    }
}

fn whole_text<'a>(context: &LintContext<'a>, job: &super::context::Job<'a>) -> &'a str {
    job.view.node.span.slice(context.text)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn not_for_federation_and_pushgateway() {
        for (job, expected) in [
            ("job_name: web, honor_labels: true", 1),
            ("job_name: web, honor_labels: false", 0),
            ("job_name: f, honor_labels: true, metrics_path: /federate", 0),
            ("job_name: pushgateway, honor_labels: true", 0),
        ] {
            let text = format!("scrape_configs: [{{{job}, static_configs: [{{targets: [a]}}]}}]");
            assert_eq!(found("honor-labels-risk", &text).len(), expected, "{job}");
        }
    }
}
