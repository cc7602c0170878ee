//! `expressions.json`: which expressions the parser takes and which it refuses, and with what words.
//!
//! Two inputs of the table cannot pass: the Go table joins them of several strings, and only the
//! first of these was read off, which ends within a string or within braces. Prometheus refuses such
//! text too.

use std::path::Path;

use promql::syntax::{ParserOptions, parse};

use conformance::{Tally, json, list};

pub fn run(folder: &Path, tally: &mut Tally) {
    for case in list(&json(&folder.join("expressions.json"))) {
        let input = as_text(case["input"].as_str().unwrap_or_default());
        tally.case(&input, || {
            let fails = case["fails"].as_bool().unwrap_or_default();
            let part = case["error_contains"].as_str().unwrap_or_default();
            match parse(&input, &ParserOptions::ALL) {
                Ok(_) if fails => Err("is taken".to_owned()),
                Err(error) if !fails => Err(format!("is refused: {error}")),
                Err(error) if !error.to_string().contains(part) => {
                    Err(format!("{error}, without {part:?}"))
                }
                _ => Ok(()),
            }
        });
    }
}

/// Bytes that are not UTF-8 stand in the data as the code points of the same number.
fn as_text(input: &str) -> String {
    if input.chars().any(|c| c > '\u{ff}') {
        return input.to_owned();
    }
    let bytes: Vec<u8> = input.chars().map(|c| c as u8).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
