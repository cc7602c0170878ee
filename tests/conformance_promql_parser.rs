//! The parser against Prometheus's own test data: the error texts that the server gave, and every
//! query of the engine's scripts. Skipped with a line where the data is not there.

use std::fs;
use std::path::PathBuf;

use promql::syntax::{ParserOptions, parse};
use serde_json::Value;

/// Counts cases and reports those that went wrong.
struct Tally {
    name: String,
    total: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), total: 0, wrong: Vec::new() }
    }

    fn count(&mut self, verdict: Result<(), String>) {
        self.total += 1;
        self.wrong.extend(verdict.err());
    }

    fn finish(self) {
        println!("{}: {}/{}", self.name, self.total - self.wrong.len(), self.total);
        assert!(self.wrong.is_empty(), "{}:\n{}", self.name, self.wrong.join("\n"));
        assert!(self.total > 0, "{} has no cases", self.name);
    }
}

#[test]
fn answered_queries() {
    let Some(dir) = conformance::data().ok() else { return };
    for name in ["data.jsonl", "aligned.jsonl"] {
        let text = fs::read_to_string(dir.join("queries").join(name)).unwrap();
        let mut tally = Tally::new(format!("queries/{name}"));
        for line in text.lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            let query = case["query"].as_str().unwrap();
            let expected = case["expected_error"]["error"]
                .as_str()
                .and_then(|error| error.strip_prefix("invalid parameter \"query\": "));
            let found =
                parse(query, &ParserOptions::default()).map(drop).map_err(|e| e.to_string());
            let same = match expected {
                Some(error) => found == Err(error.to_owned()),
                None => found.is_ok(),
            };
            tally.count(if same {
                Ok(())
            } else {
                Err(format!("{query:?}: {found:?}, expected {expected:?}"))
            });
        }
        tally.finish();
    }
}

/// The query of an `eval` line of a test script, where the line begins one.
fn query_of_eval(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("eval")?;
    let (_, rest) = rest.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let words = match rest.split_whitespace().next()? {
        "instant" => 3,
        "range" => 7,
        _ => return None,
    };
    let mut query = rest;
    for _ in 0..words {
        query = query.split_once(char::is_whitespace)?.1.trim_start();
    }
    Some(query)
}

#[test]
fn scripts() {
    let Some(dir) = conformance::data().ok() else { return };
    let mut files: Vec<PathBuf> = fs::read_dir(dir.join("promql"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "test"))
        .collect();
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let mut tally = Tally::new(format!("promql/{}", path.file_name().unwrap().display()));
        for query in text.lines().filter_map(query_of_eval) {
            tally.count(match parse(query, &ParserOptions::ALL) {
                Ok(_) => Ok(()),
                Err(errors) => Err(format!("{query:?}: {errors}")),
            });
        }
        tally.finish();
    }
}
