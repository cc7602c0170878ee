//! The additional findings of `promtool check config` and `check rules`.
//!
//! Source: cmd/promtool `checkConfig`, `checkSDFile`, `checkDuplicates`.

use go::quote::quote;
use std::collections::HashMap;
use std::sync::Arc;

use schema::{self, Dialect, Subject, Type};
use text::{Diagnostic, Location, Severity};
use yaml::{Node, Parsed};

use super::fields::discovery::fixed::STATIC;
use super::lints;
use super::rule_files::RuleGroup;
use super::validate::fault_at;
use super::{Loaded, NoFiles, Notations};
use schema::Section;

/// The code of a file that is named but absent.
pub const ABSENT: &str = "absent-file";
/// The code of rules that give the same series.
pub const DUPLICATE_RULES: &str = "duplicate-rules";

const STATIC_FILE: Type = Type::List(&Type::Record(&STATIC));

/// Errors of `check config` that a loaded file has all the same: files that do not exist, and
/// targets that can only fail. `exists` knows all files, by the names that the configuration uses.
pub fn check_config(
    parsed: &Parsed,
    text: &str,
    loaded: &Loaded,
    exists: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let Some(root) = parsed.root().and_then(Section::new) else { return Vec::new() };
    let mut found = Vec::new();
    let mut absent = |view: &Section<'_>, key: &str, what: &str| {
        let name = view.text(key);
        if !name.is_empty() && !exists(&name) {
            let message = format!(
                "error checking {what} {}: stat {name}: no such file or directory",
                quote(&name)
            );
            found.push(fault_at(ABSENT, Location::new(parsed.file, view.at(key)), message));
        }
    };
    for job in root.items("scrape_configs").iter().filter_map(Section::new) {
        if let Some(authorization) = job.section("authorization") {
            let what = "authorization credentials or bearer token file";
            absent(&authorization, "credentials_file", what);
        }
        absent(&job, "bearer_token_file", "authorization credentials or bearer token file");
        let clusters = job.items("kubernetes_sd_configs").iter().filter_map(Section::new);
        for tls in clusters.chain([job]).filter_map(|view| view.section("tls_config")) {
            absent(&tls, "cert_file", "client cert file");
            absent(&tls, "key_file", "client key file");
        }
    }
    for (name, node) in root.texts("rule_files") {
        if !name.contains('*') && !exists(&name) {
            let message = format!("{} does not point to an existing file", quote(&name));
            found.push(fault_at(ABSENT, super::decode::place(parsed.file, node), message));
        }
    }
    // Targets that stay URLs are refused by promtool, and lost without a word by the server.
    let findings = lints::lint(parsed, text, &loaded.config, &NoFiles);
    found.extend(findings.into_iter().filter(|one| one.severity == Severity::Error));
    found
}

/// A file of targets, as file discovery reads it.
pub fn check_targets_file(parsed: &Parsed) -> Vec<Diagnostic> {
    let mut found = parsed.diagnostics.clone();
    let subject = Subject::first(parsed, STATIC_FILE, Dialect::Prometheus, &Notations);
    found.extend(subject.map(|subject| schema::check(&subject)).unwrap_or_default());
    let items = parsed.root().map_or(&[][..], Node::items);
    for (index, item) in items.iter().enumerate().filter(|(_, item)| item.is_null()) {
        let message = format!("nil target group item found (index {index})");
        let at = Location::new(parsed.file, item.written_span());
        found.push(fault_at(super::validate::EMPTY, at, message));
    }
    found
}

/// A rule's name with its labels.
type Identity = (Arc<str>, Vec<(Arc<str>, Arc<str>)>);

/// Rules of a file with one name and the same labels, those of their groups included. With equal
/// expressions one of them is wasted. With different ones the values fight, unless the expressions
/// select different series, which promtool does not look at.
pub fn duplicate_rules(groups: &[RuleGroup]) -> Vec<Diagnostic> {
    let mut seen: HashMap<Identity, (Location, &str)> = HashMap::new();
    let mut found = Vec::new();
    for rule in groups.iter().flat_map(|group| &group.rules) {
        let identity = (rule.name().clone(), rule.labels.clone());
        match seen.get(&identity) {
            Some((first, expr)) => {
                let message =
                    format!("another rule produces `{}` with the same labels", rule.name());
                let mut one = Diagnostic::warning(DUPLICATE_RULES, rule.expr_location, message);
                if **expr != *rule.expr {
                    one.severity = Severity::Info;
                    one = one.with_help("`promtool check rules` reports rules with one name and the same labels. They are sound if their expressions select different series, for example by `code=~\"2..\"` and `code=~\"5..\"`.");
                }
                found.push(one.with_related(*first, "first one"));
            }
            None => {
                seen.insert(identity, (rule.expr_location, &rule.expr));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_files::{RuleOptions, load_rules};
    use crate::{Mode, load};
    use text::FileId;
    use yaml::parse;

    fn found(text: &str) -> Vec<String> {
        let parsed = parse(FileId(1), text);
        let loaded = load(&parsed, &NoFiles, Mode::Server);
        let found = check_config(&parsed, text, &loaded, &|name| name == "there");
        found.into_iter().map(|one| one.message).collect()
    }

    #[test]
    fn a_targets_file_has_no_empty_items() {
        let errors = |text: &str| {
            let found = check_targets_file(&parse(FileId(1), text));
            found.into_iter().map(|one| one.message).collect::<Vec<_>>()
        };
        assert!(errors("- targets: [a]\n").is_empty());
        assert_eq!(errors("- targets: [a]\n-\n"), ["nil target group item found (index 1)"]);
    }

    #[test]
    fn absent_files() {
        let job = |rest: &str| format!("scrape_configs: [{{job_name: a, {rest}}}]");
        assert!(found("rule_files: [there, 'r/*.yml']").is_empty());
        assert_eq!(found("rule_files: [gone]"), ["\"gone\" does not point to an existing file"]);
        assert!(found(&job("authorization: {credentials_file: there}")).is_empty());
        assert_eq!(
            found(&job("authorization: {credentials_file: gone}")),
            [
                "error checking authorization credentials or bearer token file \"gone\": stat gone: no such file or directory"
            ]
        );
        assert_eq!(found(&job("tls_config: {cert_file: a, key_file: there}")).len(), 1);
    }

    #[test]
    fn files_of_targets() {
        let wrong = |text: &str| check_targets_file(&parse(FileId(1), text)).len();
        assert_eq!(wrong("- targets: [a]\n  labels: {b: c}"), 0);
        assert_eq!(wrong("[{\"targets\": [\"a\"]}]"), 0);
        assert_eq!(wrong("- targats: [a]"), 1);
        assert_eq!(wrong("targets: [a]"), 1);
    }

    #[test]
    fn rules_of_one_identity() {
        let text = "groups:\n  - name: g\n    labels: {b: c}\n    rules:\n      - {record: a, expr: up}\n      - {record: a, expr: up, labels: {b: d}}\n      - {record: a, expr: up, labels: {b: c}}\n";
        let rules = load_rules(&parse(FileId(1), text), text, &RuleOptions::default());
        let found = duplicate_rules(&rules.groups);
        assert_eq!(found.iter().map(|one| one.severity).collect::<Vec<_>>(), [Severity::Warning]);
    }

    #[test]
    fn rules_with_other_expressions_may_give_other_series() {
        let text = "groups:\n  - name: g\n    rules:\n      - {record: a, expr: 'x{code=~\"2..\"}'}\n      - {record: a, expr: 'x{code=~\"5..\"}'}\n";
        let rules = load_rules(&parse(FileId(1), text), text, &RuleOptions::default());
        let found = duplicate_rules(&rules.groups);
        assert_eq!(found.iter().map(|one| one.severity).collect::<Vec<_>>(), [Severity::Info]);
    }
}
