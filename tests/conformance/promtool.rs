//! Rule files, unit tests, file_sd files and configurations with promtool's verdict.
//!
//! Which command a file is for follows from its content; that it must fail, from its name, save for
//! those listed here.

use go::path::matches as glob_matches;
use std::path::Path;
use std::sync::Arc;

use go::Duration;
use prometheus::rule_files::{RuleOptions, load_rules};
use prometheus::{Mode, NoFiles, load, promtool};
use promql::engine::{Engine, EngineOptions};
use promql::syntax::ParserOptions;
use rules::PromqlRules;
use rules::unit_test::{self, RuleFiles, TestOptions};
use text::{Diagnostic, FileId, Severity};
use yaml::{Parsed, parse};

use conformance::{Tally, files, read};

/// Files that promtool refuses although their names do not say so: some of their tests are wrong on
/// purpose, they need flags, or they name files that do not exist.
const FAILING: [&str; 7] = [
    "config_with_rule_files.yml",
    "config_with_tls_files.yml",
    "rules_extrafields.yml",
    "rules_run.yml",
    "rules_run_extrafields.yml",
    "rules_run_fuzzy.yml",
    "rules_run_no_fuzzy.yml",
];

/// A rule file that can be read, whose rule fails only when it is evaluated over certain series.
const READABLE: [&str; 1] = ["bad-rules-error.yml"];

/// Rule files that need feature flags.
const FLAGGED: [&str; 1] = ["features.yml"];

pub fn run(folder: &Path, tally: &mut Tally) {
    for path in files(folder, &[".yml", ".yaml", ".json"]) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = read(&path);
        let parsed = parse(FileId(1), &text);
        let has = |key: &str| parsed.root().is_some_and(|root| root.get(key).is_some());
        let must_fail =
            (name.contains("bad") || name.contains("failing") || FAILING.contains(&&*name))
                && !READABLE.contains(&&*name);
        if has("tests") {
            tally.case(&name, || verdict(must_fail, &test_rules(&parsed, folder)));
        } else if has("groups") {
            tally.case(&name, || verdict(must_fail, &check_rules(&parsed, &text, flags(&name))));
        } else if parsed.root().is_some_and(|root| root.as_sequence().is_some()) {
            let found = || errors(&promtool::check_targets_file(&parsed));
            tally.case(&name, || verdict(must_fail, &found()));
        } else {
            tally.case(&name, || verdict(must_fail, &check_config(&parsed, &text, folder)));
        }
    }
}

fn verdict(must_fail: bool, errors: &[String]) -> Result<(), String> {
    match (must_fail, errors.is_empty()) {
        (true, true) => Err("passes, but must fail".into()),
        (false, false) => Err(errors.join("; ")),
        _ => Ok(()),
    }
}

fn errors(diagnostics: &[Diagnostic]) -> Vec<String> {
    let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error);
    errors.map(|one| one.message.clone()).collect()
}

fn flags(name: &str) -> ParserOptions {
    if FLAGGED.contains(&name) { ParserOptions::ALL } else { ParserOptions::default() }
}

/// `promtool check rules`.
fn check_rules(parsed: &Parsed, text: &str, promql: ParserOptions) -> Vec<String> {
    let options = RuleOptions { promql, ..RuleOptions::default() };
    errors(&load_rules(parsed, text, &options).diagnostics)
}

/// `promtool check config`, with the rule files that the configuration names.
fn check_config(parsed: &Parsed, text: &str, folder: &Path) -> Vec<String> {
    let loaded = load(parsed, &NoFiles, Mode::Server);
    let mut found = errors(&loaded.diagnostics);
    let exists = |name: &str| folder.join(name).exists();
    found.extend(errors(&promtool::check_config(parsed, text, &loaded, &exists)));
    for (pattern, _) in &loaded.config.rule_files {
        for (_, text, parsed) in Folder(folder).matching(pattern) {
            found.extend(check_rules(&parsed, &text, ParserOptions::default()));
        }
    }
    found
}

/// `promtool test rules`.
fn test_rules(parsed: &Parsed, folder: &Path) -> Vec<String> {
    let file = match unit_test::load(parsed) {
        Ok(file) => file,
        Err(errors) => return errors,
    };
    unit_test::run(&file, &Folder(folder), &TestOptions::default(), |interval: Duration| {
        let options = EngineOptions { default_subquery_step: interval, ..EngineOptions::default() };
        PromqlRules { engine: Engine::new(options), parser: ParserOptions::default() }
    })
}

struct Folder<'a>(&'a Path);

impl RuleFiles for Folder<'_> {
    fn matching(&self, pattern: &str) -> Vec<(String, Arc<str>, Arc<Parsed>)> {
        let paths = files(self.0, &[".yml", ".yaml"]);
        let named = paths.iter().map(|path| {
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path)
        });
        named
            .filter(|(name, _)| glob_matches(pattern, name))
            .map(|(name, path)| {
                let text = read(path);
                let parsed = parse(FileId(2), &text);
                (name, Arc::from(text), Arc::new(parsed))
            })
            .collect()
    }
}
