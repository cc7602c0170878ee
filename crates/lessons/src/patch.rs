//! Changes of files, written as diffs.
//!
//! A patch is a list of sections. `--- NAME` starts changes of an existing file: hunks that begin
//! with a line `@@`, with lines that start with a space (kept), `-` (removed) or `+` (added). The
//! kept and removed lines of a hunk must occur exactly once in the file. `+++ NAME` starts a whole
//! file, new or replaced, with `+` before each line. Line numbers are neither needed nor allowed.

use crate::lesson::LessonFile;

/// Applies a patch. Returns the files in their order, new ones last.
pub fn apply(files: &[LessonFile], patch: &str) -> Result<Vec<LessonFile>, String> {
    let mut files = files.to_vec();
    let mut lines = patch.lines().peekable();
    let mut sections = 0;
    while let Some(line) = lines.next() {
        let body = |line: &&str| !line.starts_with("--- ") && !line.starts_with("+++ ");
        let mut section = Vec::new();
        while let Some(line) = lines.next_if(body) {
            section.push(line);
        }
        sections += 1;
        if let Some(name) = line.strip_prefix("--- ") {
            let found = files.iter_mut().find(|file| file.name == name);
            let file = found.ok_or_else(|| format!("there is no file {name}"))?;
            for hunk in hunks(&section).map_err(|error| format!("{name}: {error}"))? {
                file.text = apply_hunk(&file.text, hunk).map_err(|e| format!("{name}: {e}"))?;
            }
        } else if let Some(name) = line.strip_prefix("+++ ") {
            let text = whole_file(&section).map_err(|error| format!("{name}: {error}"))?;
            match files.iter_mut().find(|file| file.name == name) {
                Some(file) => file.text = text,
                None => files.push(LessonFile { name: name.to_owned(), text }),
            }
        } else {
            return Err(format!("expected `--- NAME` or `+++ NAME`, found {line:?}"));
        }
    }
    if sections == 0 {
        return Err("the patch is empty".to_owned());
    }
    Ok(files)
}

/// The lines of each hunk.
fn hunks<'a>(section: &'a [&'a str]) -> Result<Vec<&'a [&'a str]>, String> {
    let mut found: Vec<&[&str]> = section.split(|line| *line == "@@").collect();
    let before = found.first().is_some_and(|lines| lines.is_empty());
    if !before || found.len() < 2 {
        return Err("expected a line `@@`".to_owned());
    }
    found.remove(0);
    Ok(found)
}

fn apply_hunk(text: &str, hunk: &[&str]) -> Result<String, String> {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for line in hunk {
        // An editor may have removed the space of an empty line.
        let (kind, rest) = line.split_at_checked(1).unwrap_or((" ", ""));
        match kind {
            " " => {
                old.push(rest);
                new.push(rest);
            }
            "-" => old.push(rest),
            "+" => new.push(rest),
            _ => return Err(format!("expected ' ', '-' or '+' before {line:?}")),
        }
    }
    if old == new {
        return Err("a hunk changes nothing".to_owned());
    }
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len().checked_sub(old.len());
    let places: Vec<usize> = (0..=last.ok_or("a hunk is longer than the file")?)
        .filter(|&at| lines.get(at..at + old.len()) == Some(&old[..]))
        .collect();
    let [at] = places[..] else {
        return Err(format!("the lines {old:?} occur {} times", places.len()));
    };
    let (before, after) = (lines.iter().take(at), lines.iter().skip(at + old.len()));
    let all: Vec<&str> = before.chain(&new).chain(after).copied().collect();
    Ok(joined(&all))
}

fn whole_file(section: &[&str]) -> Result<String, String> {
    let lines: Result<Vec<&str>, String> = section
        .iter()
        .map(|line| line.strip_prefix('+').ok_or_else(|| format!("expected '+' before {line:?}")))
        .collect();
    Ok(joined(&lines?))
}

fn joined(lines: &[&str]) -> String {
    let mut text = lines.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Returns the lines that a patch adds, without their indentation.
pub fn added_lines(patch: &str) -> impl Iterator<Item = &str> {
    let added = patch.lines().filter(|line| !line.starts_with("+++ "));
    added.filter_map(|line| line.strip_prefix('+').map(str::trim))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<LessonFile> {
        vec![LessonFile { name: "a.yaml".into(), text: "a: 1\nb: 2\nc: 2\n".into() }]
    }

    #[test]
    fn hunks_and_whole_files_are_applied() {
        let patch = "--- a.yaml\n@@\n a: 1\n-b: 2\n+b: 3\n@@\n+d: 4\n c: 2\n+++ b.yaml\n+x: 1\n";
        let after = apply(&files(), patch).unwrap();
        assert_eq!(after[0].text, "a: 1\nb: 3\nd: 4\nc: 2\n");
        assert_eq!(after[1], LessonFile { name: "b.yaml".into(), text: "x: 1\n".into() });
        assert_eq!(added_lines(patch).collect::<Vec<_>>(), ["b: 3", "d: 4", "x: 1"]);
    }

    #[test]
    fn inexact_patches_are_refused() {
        for (patch, error) in [
            ("", "the patch is empty"),
            ("--- b.yaml\n@@\n-a\n", "there is no file b.yaml"),
            ("--- a.yaml\n@@\n-a: 2\n+a: 3\n", "a.yaml: the lines [\"a: 2\"] occur 0 times"),
            ("--- a.yaml\n@@\n a: 1\n", "a.yaml: a hunk changes nothing"),
            ("--- a.yaml\n-a: 1\n", "a.yaml: expected a line `@@`"),
            ("--- a.yaml\n@@\n+x: 1\n", "a.yaml: the lines [] occur 4 times"),
            ("a: 1\n", "expected `--- NAME` or `+++ NAME`, found \"a: 1\""),
            ("+++ b.yaml\nx\n", "b.yaml: expected '+' before \"x\""),
        ] {
            assert_eq!(apply(&files(), patch), Err(error.to_owned()), "{patch}");
        }
    }
}
