//! A global timeout that is limited by the interval of a job.

use schema::Section;
use schema::ValueSource;
use text::{Code, Diagnostic};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "timeout-cut",
        title: "The global timeout is longer than the interval of this job",
        doc: "The global timeout is limited to the interval of each job. Scrapes of this job time out earlier than `global` specifies.",
        example: "global:\n  scrape_interval: 1m\n  scrape_timeout: 30s\nscrape_configs:\n  - job_name: a\n    scrape_interval: 15s\n    static_configs: [{targets: ['a:1']}]\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    let Some(global) = context.root.section("global") else { return };
    let written = global.duration("scrape_timeout", go::Duration(0));
    for job in context.jobs() {
        let timeout = &job.typed.scrape_timeout;
        let ValueSource::Inherited { at: from, .. } = timeout.source else { continue };
        if written > timeout.value {
            let message = format!(
                "the global timeout of {written} is cut to this job's interval, {}",
                timeout.value
            );
            let location = context.place(interval_at(&job.view));
            let one = Diagnostic::info("timeout-cut", location, message);
            let help =
                "The job's own interval is shorter, and a scrape must end before the next begins.";
            found.push(one.with_help(help).with_related(from, "the global timeout"));
        }
    }
}

fn interval_at(view: &Section<'_>) -> text::Span {
    view.at("scrape_interval")
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn only_a_written_timeout() {
        let job = "scrape_configs: [{job_name: a, scrape_interval: 5s, static_configs: [{targets: [a]}]}]";
        assert_eq!(found("timeout-cut", job).len(), 0, "the default follows silently");
        let text = format!("global: {{scrape_timeout: 20s}}\n{job}");
        assert_eq!(
            found("timeout-cut", &text),
            [("the global timeout of 20s is cut to this job's interval, 5s".into(), "5s".into())]
        );
    }
}
