//! A URL that is scraped by two targets.

use std::collections::HashMap;

use crate::config::SdMechanism;
use text::{Code, Diagnostic, Location};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "scraped-twice",
        title: "The same URL is scraped twice",
        doc: "Two static targets have the same URL. In one job and with the same labels, Prometheus scrapes it once. In two jobs, or with different labels, every series exists twice, and sums count it twice.",
        example: "scrape_configs:\n  - job_name: a\n    static_configs: [{targets: ['web:8080']}]\n  - job_name: b\n    static_configs: [{targets: ['web:8080']}]\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<String, (Location, &str)> = HashMap::new();
    for job in &context.config.scrape_configs {
        // Rules may lead to different URLs, or choose.
        if !job.relabel_configs.is_empty() {
            continue;
        }
        for group in &job.discovery {
            let SdMechanism::Static(group) = &group.mechanism else { continue };
            for (target, location) in &group.targets {
                let url = job.static_url(group, target);
                let name: &str = &job.job_name.value;
                if let Some((first, other)) = seen.get(&url) {
                    if location.file != context.file {
                        continue;
                    }
                    let (message, help) = if *other == name {
                        let help = "With the same labels it is scraped once. With different labels it is scraped twice, and sums count it twice. Delete one.";
                        (format!("{url} is listed twice in this job"), help)
                    } else {
                        let help = "Every series exists twice, with different values of `job`, and sums count it twice. Delete one.";
                        (format!("{url} is also scraped by the job `{other}`"), help)
                    };
                    let one = Diagnostic::warning("scraped-twice", *location, message);
                    found.push(
                        one.with_help(help).with_related(*first, "first target with this URL"),
                    );
                } else {
                    seen.insert(url, (*location, name));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn path_and_parameters_tell_apart() {
        for (second, expected) in [
            ("static_configs: [{targets: ['web:1']}]", 1),
            ("static_configs: [{targets: ['web:2']}]", 0),
            ("metrics_path: /other, static_configs: [{targets: ['web:1']}]", 0),
            ("params: {a: [b]}, static_configs: [{targets: ['web:1']}]", 0),
            (
                "static_configs: [{targets: ['web:1']}], relabel_configs: [{action: drop, regex: a}]",
                0,
            ),
        ] {
            let text = format!(
                "scrape_configs: [{{job_name: a, static_configs: [{{targets: ['web:1']}}]}}, {{job_name: b, {second}}}]"
            );
            assert_eq!(found("scraped-twice", &text).len(), expected, "{second}");
        }
    }
}
