//! A job without targets.

use crate::fields::discovery::MECHANISMS;
use text::{Code, Diagnostic};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "no-discovery",
        title: "A job without targets",
        doc: "A job discovers its targets with `static_configs` or one of the `*_sd_configs`. A job without any of them is loaded but has no targets.",
        example: "scrape_configs:\n  - job_name: a\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        // A value that is not a list has a diagnostic of its own.
        let says = |key| {
            let list = job.view.get(key);
            list.is_some_and(|list| !list.items().is_empty() || list.as_mapping().is_some())
        };
        let any = MECHANISMS.iter().any(|mechanism| says(mechanism.key()));
        if !any {
            let location = context.place(job.view.at("job_name"));
            let message = "this job has no service discovery and therefore no targets";
            let help =
                "List them under `static_configs`, or let one of the `*_sd_configs` find them.";
            found.push(Diagnostic::warning("no-discovery", location, message).with_help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn any_mechanism_will_do() {
        assert_eq!(found("no-discovery", "scrape_configs: [{job_name: a}]").len(), 1);
        for (jobs, expected) in [
            ("vultr_sd_configs: [{}]", 0),
            ("static_configs: {targets: [a]}", 0),
            ("static_configs: []", 1),
            ("static_configs:", 1),
        ] {
            let text = format!("scrape_configs: [{{job_name: a, {jobs}}}]");
            assert_eq!(found("no-discovery", &text).len(), expected, "{jobs}");
        }
    }
}
