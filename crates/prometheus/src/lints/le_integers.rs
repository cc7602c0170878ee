//! Rules that match `le="1"`, which Prometheus 3 writes as `le="1.0"`.

use schema::Section;
use text::{Code, Diagnostic};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "le-integers",
        title: "Prometheus 3 writes le=\"1\" as le=\"1.0\"",
        doc: "Since version 3, Prometheus normalizes the labels `le` and `quantile` to the form of OpenMetrics: `1` becomes `1.0`. A rule that matches integers no longer matches. Write `1(\\.0)?` to match both.",
        example: "scrape_configs:\n  - job_name: a\n    static_configs: [{targets: ['a:1']}]\n    metric_relabel_configs:\n      - source_labels: [le]\n        regex: (1|5|10)\n        action: keep\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        for rule in job.view.items("metric_relabel_configs").iter().filter_map(Section::new) {
            let labels: Vec<_> = rule.texts("source_labels").map(|(label, _)| label).collect();
            if !labels.iter().any(|label| label == "le" || label == "quantile") {
                continue;
            }
            let separator = rule.text_or("separator", ";");
            let regex = rule.text("regex");
            let has_integer = regex
                .split(['|', '(', ')'])
                .flat_map(|part| part.split(&*separator))
                .any(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
            if has_integer {
                let message = "integers in `le` and `quantile` end in `.0` since version 3";
                let location = context.place(rule.at("regex"));
                let help = "Write `1(\\.0)?` to match both, or `1\\.0`.";
                found.push(Diagnostic::warning("le-integers", location, message).with_help(help));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn whole_numbers_only() {
        for (label, regex, expected) in [
            ("le", "(1|5|10)", 1),
            ("le", "1", 1),
            ("'__name__', le", "x_bucket;10", 1),
            ("le", "0\\.5|1\\.0", 0),
            ("code", "200", 0),
        ] {
            let text = format!(
                "scrape_configs: [{{job_name: a, static_configs: [{{targets: [a]}}], metric_relabel_configs: [{{source_labels: [{label}], regex: '{regex}', action: keep}}]}}]"
            );
            assert_eq!(found("le-integers", &text).len(), expected, "{label} {regex}");
        }
    }
}
