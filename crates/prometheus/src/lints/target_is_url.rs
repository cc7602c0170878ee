//! A static target that is a URL.

use go::case;
use go::quote::quote;
use schema::Section;
use text::{Code, Diagnostic};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "target-is-url",
        title: "A target that is a URL cannot be scraped",
        doc: "A target is a host and a port. Prometheus accepts a URL in a job with relabeling rules, because a rule can replace `__address__`, as for the blackbox exporter. In this job no rule writes `__address__`, so the target is dropped with a line in the log.",
        example: "scrape_configs:\n  - job_name: a\n    static_configs: [{targets: ['http://web']}]\n    relabel_configs: [{source_labels: [__address__], target_label: __param_target}]\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    let alertmanagers = context.root.section("alerting");
    let alertmanagers = alertmanagers.iter().flat_map(|view| view.items("alertmanagers"));
    for view in
        context.root.items("scrape_configs").iter().chain(alertmanagers).filter_map(Section::new)
    {
        let rules: Vec<Section<'_>> =
            view.items("relabel_configs").iter().filter_map(Section::new).collect();
        if rules.is_empty() || rules.iter().any(writes_address) {
            continue;
        }
        for group in view.items("static_configs").iter().filter_map(Section::new) {
            for (target, node) in group.texts("targets") {
                if target.contains('/') {
                    let message = format!("{} is not a valid hostname", quote(&target));
                    let location = context.place(node.written_span());
                    let help = "No rule of this section writes `__address__`, so the target remains a URL and cannot be scraped.";
                    found.push(
                        Diagnostic::error("target-is-url", location, message).with_help(help),
                    );
                }
            }
        }
    }
}

/// Returns true if a rule can change the address or drop the target.
fn writes_address(rule: &Section<'_>) -> bool {
    let target = rule.text("target_label");
    let action = case::lower(&rule.text_or("action", "replace"));
    target == "__address__"
        || target.contains('$')
        || matches!(&*action, "labelmap" | "keep" | "drop" | "keepequal" | "dropequal")
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn a_rule_may_mend_it() {
        for (rule, expected) in [
            ("{source_labels: [__address__], target_label: __param_target}", 1),
            ("{target_label: __address__, replacement: b}", 0),
            ("{action: drop, regex: a}", 0),
        ] {
            let text = format!(
                "scrape_configs: [{{job_name: a, static_configs: [{{targets: ['http://b']}}], relabel_configs: [{rule}]}}]"
            );
            assert_eq!(found("target-is-url", &text).len(), expected, "{rule}");
        }
    }
}
