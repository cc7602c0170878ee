//! Fixtures: configurations with the expected findings inside the text.
//!
//! A fixture file holds cases. Each starts with a line `## title`. A comment below a line marks a
//! finding of that line:
//!
//! ```yaml
//! ## the timeout is longer than the interval
//! scrape_configs: [{job_name: a, scrape_timeout: 61s}]
//! #                                              ^^^ error: scrape timeout greater than …
//! ```
//!
//! `#<` instead of `# ` marks a span that begins in the first column. Every finding must be marked.
//! `UPDATE_FIXTURES=1 cargo test -p prometheus` writes the actual findings into the files; the
//! change must be reviewed.

use std::fmt::Write as _;
use std::path::Path;

use text::{Diagnostic, FileId, Severity};

use crate::{Mode, NoFiles, load};

/// Findings of a main configuration file.
fn findings(text: &str) -> Vec<Diagnostic> {
    load(&yaml::parse(FileId(1), text), &NoFiles, Mode::Server).diagnostics
}

/// Compares every case of a file below `testdata/validation` with the actual findings.
#[track_caller]
fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/validation").join(name);
    let written = std::fs::read_to_string(&path).expect("the fixture exists");
    let bare: String = written.lines().filter(|line| !is_mark(line)).fold(
        String::with_capacity(written.len()),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    );
    let cases = bare.split_inclusive('\n').fold(Vec::<String>::new(), |mut cases, line| {
        if line.starts_with("## ") || cases.is_empty() {
            cases.push(String::new());
        }
        if let Some(case) = cases.last_mut() {
            case.push_str(line);
        }
        cases
    });
    let actual: Vec<String> = cases.iter().map(|case| marked(case, &findings(case))).collect();
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&path, actual.concat()).expect("the fixture can be written");
        return;
    }
    let mut rest = written.as_str();
    for case in actual {
        let end = rest[2..].find("\n## ").map_or(rest.len(), |at| at + 3);
        let (expected, behind) = rest.split_at(end);
        assert_eq!(expected, case, "{name}: expected on the left, actual on the right");
        rest = behind;
    }
}

fn is_mark(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('#') else { return false };
    let marks = rest.trim_start_matches(['<', ' ']).trim_start_matches('^');
    marks.len() < rest.len()
        && [" error: ", " warning: ", " info: "].iter().any(|kind| marks.starts_with(kind))
}

/// The text with a mark below each line for each of its findings.
fn marked(text: &str, findings: &[Diagnostic]) -> String {
    let mut marked = String::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        marked.push_str(line);
        let end = start + line.trim_end_matches('\n').len();
        for one in findings {
            let span = one.location.span;
            let (from, to) = (span.start as usize, (span.end as usize).clamp(start, end));
            if !(start..start + line.len()).contains(&from) {
                continue;
            }
            let column = text[start..from].chars().count();
            let width = text[from..to.max(from)].chars().count().max(1);
            let severity = match one.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                _ => "info",
            };
            let (lead, marks) = match column {
                0 => ("<".to_owned(), width.saturating_sub(2)),
                column => (" ".repeat(column - 1), width),
            };
            let marks = "^".repeat(marks);
            let _ = writeln!(marked, "#{lead}{marks} {severity}: {}", one.message);
        }
        start += line.len();
    }
    marked
}

#[test]
fn a_missing_or_moved_mark_is_noticed() {
    let text = "global: {scrape_interval: x}\n";
    let expected = "global: {scrape_interval: x}\n#                         ^ error: not a valid duration string: \"x\"\n";
    assert_eq!(marked(text, &findings(text)), expected);
    assert!(expected.lines().skip(1).all(is_mark));
    assert!(!is_mark("# a comment"));
}

#[test]
fn root() {
    check("root.yml");
}

#[test]
fn jobs() {
    check("jobs.yml");
}

#[test]
fn relabeling() {
    check("relabeling.yml");
}

#[test]
fn merge_keys() {
    check("merge_keys.yml");
}

#[test]
fn discovery() {
    check("discovery.yml");
}

#[test]
fn http_client() {
    check("http_client.yml");
}

#[test]
fn remote() {
    check("remote.yml");
}

#[test]
fn alerting() {
    check("alerting.yml");
}
