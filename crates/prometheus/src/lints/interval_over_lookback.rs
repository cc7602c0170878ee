//! An interval after which series become stale between two scrapes.

use go::Duration;
use schema::ValueSource;
use text::{Applicability, Code, Diagnostic, Fix};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "interval-over-lookback",
        title: "Series become stale between two scrapes",
        doc: "An instant query looks back five minutes for the newest sample of a series (`--query.lookback-delta`). With an interval of five minutes or more, the series disappears before each scrape: graphs have gaps, and alerts resolve and fire again. Intervals up to two minutes tolerate one failed scrape without a gap.",
        example: "scrape_configs:\n  - job_name: a\n    scrape_interval: 10m\n    static_configs: [{targets: ['a:1']}]\n",
    },
    run,
};

const LOOKBACK: Duration = Duration::from_secs(300);
const TWO_MINUTES: Duration = Duration::from_secs(120);

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        let setting = &job.typed.scrape_interval;
        // One that is inherited is reported for each job, at the job's name: `global` may be in
        // another file.
        let location = match setting.source {
            ValueSource::Written(location) => location,
            _ => context.place(job.view.at("job_name")),
        };
        let (name, interval) = (&job.typed.job_name.value, setting.value);
        let mut one = if interval >= LOOKBACK {
            let message = format!(
                "too long scrape interval found, data point will be marked as stale - job: {name}, interval: {interval}"
            );
            let help = "An instant query looks back five minutes. After that the series is absent until the next scrape.";
            Diagnostic::warning("interval-over-lookback", location, message).with_help(help)
        } else if interval > TWO_MINUTES {
            let message = format!("one failed scrape causes a gap at an interval of {interval}");
            let help = "An instant query looks back five minutes. Intervals up to two minutes tolerate one failed scrape.";
            Diagnostic::info("interval-over-lookback", location, message).with_help(help)
        } else {
            continue;
        };
        if matches!(setting.source, ValueSource::Written(_)) {
            let title = "Scrape every two minutes";
            let fix = Fix::replace(title, Applicability::Suggestion, location, "2m");
            one = one.with_fix(fix);
        }
        found.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn from_two_minutes_on() {
        for (interval, expected) in [("2m", 0), ("3m", 1), ("5m", 1), ("1h", 1)] {
            let text = format!(
                "scrape_configs: [{{job_name: a, scrape_interval: {interval}, static_configs: [{{targets: [a]}}]}}]"
            );
            assert_eq!(found("interval-over-lookback", &text).len(), expected, "{interval}");
        }
    }
}
