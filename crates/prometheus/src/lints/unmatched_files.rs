//! File names that no file of the workspace has.

use go::path::matches;
use go::quote::quote;
use schema::Section;
use text::{Code, Diagnostic};

use super::{Lint, LintContext};
use yaml::Node;

pub const LINT: Lint = Lint {
    code: Code {
        code: "unmatched-files",
        title: "No file has this name",
        doc: "Prometheus starts even if a pattern matches no file; the rules, jobs or targets are then missing. In Kubernetes the files must be keys of a mounted ConfigMap. Paths are relative to the folder of the configuration. A file of the workspace that only lacks the folder of the pattern is taken for it.",
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
            let matching = context.files.matching(&pattern);
            if let Some(file) = matching.first() {
                found.extend(without_folder(context, &pattern, node, file.path));
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

/// Says that a file of the workspace is taken although it is not in the folder of the pattern.
fn without_folder(
    context: &LintContext<'_>,
    pattern: &str,
    node: &Node,
    file: &str,
) -> Option<Diagnostic> {
    // An absolute path names a folder of the machine that Prometheus runs on.
    let (folder, _) = pattern.rsplit_once('/').filter(|_| !pattern.starts_with('/'))?;
    if matches(pattern, file) {
        return None;
    }
    let message = format!("the workspace has no such file in {}", quote(folder));
    let help = format!(
        "`{file}` is taken for it, because its name fits. Prometheus looks in the folder only."
    );
    let location = context.place(node.written_span());
    Some(Diagnostic::info("unmatched-files", location, message).with_help(help))
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
