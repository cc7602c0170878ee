//! Comments that silence findings.

use std::collections::{HashMap, HashSet};

use text::{Diagnostic, LineIndex, Severity};
use yaml::Parsed;

const MARK: &str = "playground:";

/// Leaves out what a comment of the file silences.
pub fn retain(parsed: &Parsed, text: &str, found: &mut Vec<Diagnostic>) {
    if found.is_empty() {
        return;
    }
    let comments = parsed.documents.iter().flat_map(|document| &document.comments);
    let mut by_line: HashMap<u32, Vec<&str>> = HashMap::new();
    let mut everywhere: HashSet<&str> = HashSet::new();
    let mut index = None;
    for comment in comments {
        let words = comment.span.slice(text).trim_start_matches('#').trim();
        let Some(command) = words.strip_prefix(MARK).map(str::trim) else { continue };
        let (verb, codes) = command.split_once([' ', '\t']).unwrap_or((command, ""));
        let codes = codes.split([',', ' ', '\t']).filter(|code| !code.is_empty());
        match verb {
            "ignore-file" => everywhere.extend(codes),
            "ignore" => {
                let lines = index.get_or_insert_with(|| LineIndex::new(text));
                let line = lines.line_col(comment.span.start).line;
                by_line.entry(line).or_default().extend(codes);
            }
            _ => {}
        }
    }
    if by_line.is_empty() && everywhere.is_empty() {
        return;
    }
    let lines = index.unwrap_or_else(|| LineIndex::new(text));
    found.retain(|one| {
        // Errors cannot be silenced.
        if one.severity == Severity::Error {
            return true;
        }
        let line = lines.line_col(one.location.span.start).line;
        let near = [Some(line), line.checked_sub(1)].into_iter().flatten();
        let here =
            near.filter_map(|line| by_line.get(&line)).any(|codes| codes.contains(&&*one.code));
        one.location.file != parsed.file || !(here || everywhere.contains(&*one.code))
    });
}
