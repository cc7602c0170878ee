//! A job without targets.

use crate::prometheus::fields::discovery::MECHANISMS;
use crate::text::{Code, Diagnostic};

use super::{Context, Lint};

pub const LINT: Lint = Lint {
    code: Code {
        code: "no-discovery",
        title: "A job without targets",
        doc: "A job finds its targets by `static_configs` or by one of the `*_sd_configs`. Without any it is loaded, shown with no targets, and never scrapes.",
        example: "scrape_configs:\n  - job_name: a\n",
    },
    run,
};

fn run(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for job in context.jobs() {
        let any = MECHANISMS.iter().any(|mechanism| !job.view.items(mechanism.key).is_empty());
        if !any {
            let location = context.place(job.view.at("job_name"));
            let message = "this job has no targets: nothing says where to find them";
            found.push(Diagnostic::warning("no-discovery", location, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn any_mechanism_will_do() {
        assert_eq!(found("no-discovery", "scrape_configs: [{job_name: a}]").len(), 1);
        let text = "scrape_configs: [{job_name: a, vultr_sd_configs: [{}]}]";
        assert_eq!(found("no-discovery", text).len(), 0);
    }
}
