//! File names that no file of the workspace has.

use go::quote::quote;
use schema::Section;
use text::{Code, Diagnostic};

use super::{Lint, LintContext};

pub const LINT: Lint = Lint {
    code: Code {
        code: "unmatched-files",
        title: "No file has this name",
        doc: "Prometheus starts even if a pattern matches no file; the rules, jobs or targets are then missing. In Kubernetes the files must be keys of a mounted ConfigMap. Paths are relative to the folder of the configuration.",
        example: "rule_files: [rules/*.yml]\n",
    },
    run,
};

fn run(context: &LintContext<'_>, found: &mut Vec<Diagnostic>) {
    if !context.files.is_complete() {
        return;
    }
    let mut look = |view: &Section<'_>, key: &str, what: &str| {
        for (pattern, node) in view.texts(key) {
            if !context.files.matching(&pattern).is_empty() {
                continue;
            }
            let message = if pattern.contains('*') {
                format!("no file of this workspace matches {}", quote(&pattern))
            } else {
                format!("{} does not point to an existing file", quote(&pattern))
            };
            let location = context.place(node.written_span());
            found.push(Diagnostic::warning("unmatched-files", location, message).with_help(what));
        }
    };
    look(&context.root, "rule_files", "Prometheus starts without these rules.");
    look(&context.root, "scrape_config_files", "Prometheus starts without these jobs.");
    for job in context.root.items("scrape_configs").iter().filter_map(Section::new) {
        for entry in job.items("file_sd_configs").iter().filter_map(Section::new) {
            look(&entry, "files", "The job has no targets from there until the file appears.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, found_alone};

    #[test]
    fn files_of_the_workspace() {
        for (text, expected) in [
            ("rule_files: [rules/*.yml, there.yml]", 1),
            ("rule_files: [th*.yml]", 0),
            ("scrape_configs: [{job_name: a, file_sd_configs: [{files: [a.json]}]}]", 1),
        ] {
            assert_eq!(found("unmatched-files", text).len(), expected, "{text}");
        }
        assert_eq!(found_alone("unmatched-files", "rule_files: [a.yml]").len(), 0);
    }
}
