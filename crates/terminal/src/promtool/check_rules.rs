//! `check rules`, and the rule files that a configuration names.
//!
//! Source: cmd/promtool/main.go `CheckRules`, `checkRules`, `checkDuplicates`.

use std::collections::BTreeMap;
use std::sync::Arc;

use prometheus::rule_files::{RuleGroup, RuleOptions, load_rules, refusals};
use promql::Labels;
use text::FileId;

use super::{FAILURE, LINT_FAILURE, World};
use crate::Output;
use kingpin::Matches;

/// The lint settings for rules.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lint {
    pub duplicate_rules: bool,
    pub fatal: bool,
    pub ignore_unknown_fields: bool,
}

impl Lint {
    /// Reads a list with commas. An unknown word is a warning.
    pub fn new(words: &str, matches: &Matches, output: &mut Output) -> Self {
        let mut lint = Self {
            duplicate_rules: false,
            fatal: matches.is_on("lint-fatal"),
            ignore_unknown_fields: matches.is_on("ignore-unknown-fields"),
        };
        for word in words.split(',').filter(|_| !words.is_empty()) {
            match word {
                "all" | "duplicate-rules" => lint.duplicate_rules = true,
                "none" => {}
                word => {
                    let word = go::quote::quote(word);
                    output.out(format!("WARNING: unknown lint option: {word}"));
                }
            }
        }
        lint
    }

    /// The exit code after all checks.
    pub fn exit(self, verdict: Verdict) -> i32 {
        match verdict {
            Verdict { failed: true, errors: true } => FAILURE,
            Verdict { failed: true, .. } if self.fatal => LINT_FAILURE,
            _ => 0,
        }
    }
}

/// The combined result of several checks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Verdict {
    pub failed: bool,
    /// Something other than a lint finding.
    pub errors: bool,
}

pub(super) fn run(matches: &Matches, world: &World<'_>, output: &mut Output) -> i32 {
    let lint = Lint::new(matches.flag("lint").unwrap_or_default(), matches, output);
    let files = matches.args("rule-files");
    let mut verdict = Verdict::default();
    if files.is_empty() {
        output.out("Checking standard input");
        check(world.stdin, "", lint, world, &mut verdict, output);
    }
    check_files(&files, lint, world, &mut verdict, output);
    lint.exit(verdict)
}

/// Checks rule files one after the other. A file that cannot be read hides those after it, once
/// there was an error.
pub(super) fn check_files<T: AsRef<str>>(
    files: &[T],
    lint: Lint,
    world: &World<'_>,
    verdict: &mut Verdict,
    output: &mut Output,
) {
    let mut own = Verdict::default();
    for file in files {
        let file = file.as_ref();
        output.out(format!("Checking {file}"));
        match world.files.read(file) {
            Ok(text) => check(text, &format!("{file}: "), lint, world, &mut own, output),
            Err(error) => {
                output.err("  FAILED:");
                output.err(format!("{file}: {error}"));
                own = Verdict { failed: true, errors: true };
            }
        }
    }
    verdict.failed |= own.failed;
    verdict.errors |= own.errors;
}

/// Checks one rule file; `prefix` precedes each error.
fn check(
    text: &str,
    prefix: &str,
    lint: Lint,
    world: &World<'_>,
    verdict: &mut Verdict,
    output: &mut Output,
) {
    let options = RuleOptions {
        promql: world.parser,
        ignore_unknown_fields: lint.ignore_unknown_fields,
        ..RuleOptions::default()
    };
    let parsed = yaml::parse(FileId(0), text);
    let loaded = load_rules(&parsed, text, &options);
    let errors = refusals(&parsed, &loaded);
    if !errors.is_empty() {
        output.err("  FAILED:");
        errors.iter().for_each(|error| output.err(format!("{prefix}{error}")));
        *verdict = Verdict { failed: true, errors: true };
        return;
    }
    let duplicates = if lint.duplicate_rules { duplicates(&loaded.groups) } else { Vec::new() };
    if duplicates.is_empty() {
        let count: usize = loaded.groups.iter().map(|group| group.rules.len()).sum();
        output.out(format!("  SUCCESS: {count} rules found"));
    } else {
        output.err("  FAILED:");
        output.err(format!("lint error {} duplicate rule(s) found.", duplicates.len()));
        for (metric, labels) in &duplicates {
            output.err(format!("Metric: {metric}\nLabel(s):"));
            labels.iter().for_each(|one| output.err(format!("\t{}: {}", one.name, one.value)));
        }
        output.err("Might cause inconsistency while recording expressions");
        verdict.failed = true;
    }
    output.out("");
}

/// Names with labels that several rules of a file have, sorted.
fn duplicates(groups: &[RuleGroup]) -> Vec<(Arc<str>, Labels)> {
    let mut counts: BTreeMap<(Arc<str>, Labels), usize> = BTreeMap::new();
    for rule in groups.iter().flat_map(|group| &group.rules) {
        let labels = rule.labels.iter().map(|(name, value)| (name.clone(), value.clone()));
        let key = (rule.name().clone(), Labels::from_pairs(labels));
        *counts.entry(key).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(key, _)| key).collect()
}
