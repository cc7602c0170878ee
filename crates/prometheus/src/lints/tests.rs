use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{Mode, NoFiles, load};
use text::{Applicability, FileId, apply_edits};
use yaml::{Parsed, parse};

fn all(text: &str, files: &dyn Files) -> Vec<Diagnostic> {
    let parsed = parse(FileId(1), text);
    let loaded = load(&parsed, files, Mode::Server);
    lint(&parsed, text, &loaded.config, files)
}

fn workspace() -> BTreeMap<String, Parsed> {
    BTreeMap::from([("there.yml".to_owned(), parse(FileId(2), "groups: []"))])
}

fn pick(code: &str, text: &str, found: Vec<Diagnostic>) -> Vec<(String, String)> {
    let of_code = found.into_iter().filter(|one| one.code == code);
    of_code.map(|one| (one.message, one.location.span.slice(text).to_owned())).collect()
}

/// Messages of one code, with the text that they point to; in a workspace with `there.yml`.
pub fn found(code: &str, text: &str) -> Vec<(String, String)> {
    pick(code, text, all(text, &workspace()))
}

/// The findings of a code with their fixes.
pub fn diagnostics(code: &str, text: &str) -> Vec<Diagnostic> {
    all(text, &workspace()).into_iter().filter(|one| one.code == code).collect()
}

/// The same where no other file is known.
pub fn found_alone(code: &str, text: &str) -> Vec<(String, String)> {
    pick(code, text, all(text, &NoFiles))
}

/// The same for a rule of `relabel_configs`.
pub fn in_rule(code: &str, rule: &str) -> Vec<(String, String)> {
    let rule = rule.replace('\n', "\n        ");
    let text = format!(
        "scrape_configs:\n  - job_name: a\n    static_configs: [{{targets: ['a:1']}}]\n    relabel_configs:\n      - {rule}\n"
    );
    found(code, &text)
}

#[test]
fn every_example_gives_its_finding_and_no_error() {
    for code in codes() {
        let hits = found(code.code, code.example);
        assert!(!hits.is_empty(), "{}", code.code);
        let parsed = parse(FileId(1), code.example);
        let loaded = load(&parsed, &workspace(), Mode::Server);
        assert!(loaded.diagnostics.is_empty(), "{}: {:?}", code.code, loaded.diagnostics);
    }
}

#[test]
fn every_lint_has_its_own_code() {
    let listed: BTreeSet<&str> = codes().map(|code| code.code).collect();
    assert_eq!(listed.len(), LINTS.len());
}

#[test]
fn a_safe_fix_removes_its_finding_and_breaks_nothing() {
    let mut fixed = 0;
    for code in codes() {
        let text = code.example;
        for one in all(text, &workspace()) {
            for fix in one.fixes.iter().filter(|fix| fix.applicability == Applicability::Safe) {
                let mended = apply_edits(text, FileId(1), &fix.edits).unwrap();
                let before = pick(&one.code, text, all(text, &workspace()));
                let after = pick(&one.code, &mended, all(&mended, &workspace()));
                assert!(after.len() < before.len(), "{}: {mended}", one.code);
                let parsed = parse(FileId(1), &mended);
                assert!(
                    load(&parsed, &workspace(), Mode::Server).diagnostics.is_empty(),
                    "{mended}"
                );
                fixed += 1;
            }
        }
    }
    assert!(fixed >= 2, "no safe fix was tried");
}

#[test]
fn every_finding_says_what_to_do_and_every_fix_does_it() {
    let mut fixed = BTreeSet::new();
    for code in codes() {
        let text = code.example;
        for one in all(text, &workspace()).iter().filter(|one| one.code == code.code) {
            assert!(one.help.is_some() || !one.fixes.is_empty(), "{}", code.code);
            for fix in &one.fixes {
                let mended = apply_edits(text, FileId(1), &fix.edits).unwrap();
                let loaded = load(&parse(FileId(1), &mended), &workspace(), Mode::Server);
                assert!(loaded.diagnostics.is_empty(), "{}: {mended}", code.code);
                let after = found(code.code, &mended);
                assert!(after.len() < found(code.code, text).len(), "{}: {mended}", code.code);
                fixed.insert(code.code);
            }
        }
    }
    assert!(fixed.len() >= 7, "{fixed:?}");
}

#[test]
fn comments_silence() {
    let job = "scrape_configs:\n  - job_name: a\n    honor_labels: true";
    let rest = "\n    static_configs: [{targets: [b]}]\n";
    let code = "honor-labels-risk";
    let count = |text: &str| found(code, text).len();
    assert_eq!(count(&format!("{job}{rest}")), 1);
    assert_eq!(count(&format!("{job} # playground: ignore honor-labels-risk{rest}")), 0);
    assert_eq!(count(&format!("{job} # playground: ignore no-discovery{rest}")), 1);
    assert_eq!(count(&format!("# playground: ignore-file a, honor-labels-risk\n{job}{rest}")), 0);
    let above = job.replace("    honor", "    # playground: ignore honor-labels-risk\n    honor");
    assert_eq!(count(&format!("{above}{rest}")), 0);
}
