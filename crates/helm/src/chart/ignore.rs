//! The rules of `.helmignore`.
//!
//! Source: helm pkg/ignore rules.go.

/// The name of the file.
pub const FILE: &str = ".helmignore";

/// The files of a chart's folder that are not loaded.
#[derive(Clone, Debug)]
pub struct Rules {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    /// Begins with `!`: every file that does not match is ignored.
    negated: bool,
    /// Ends with `/`: only folders match.
    folders_only: bool,
    /// Has no `/`: the last part of the path is matched.
    base_only: bool,
    glob: String,
}

impl Rules {
    /// Reads the text of the file; the rules that always hold are added.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut patterns = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.contains("**") {
                return Err("double-star (**) syntax is not supported".to_owned());
            }
            if is_malformed(line) {
                return Err("syntax error in pattern".to_owned());
            }
            patterns.push(Pattern::new(line));
        }
        patterns.push(Pattern::new("templates/.?*"));
        Ok(Self { patterns })
    }

    /// Returns true if a file or folder is ignored; `path` is relative to the chart's folder.
    pub fn ignores(&self, path: &str, is_folder: bool) -> bool {
        for pattern in &self.patterns {
            let wrong_kind = pattern.folders_only && !is_folder;
            if pattern.negated {
                if wrong_kind || !pattern.matches(path) {
                    return true;
                }
            } else if !wrong_kind && pattern.matches(path) {
                return true;
            }
        }
        false
    }
}

impl Pattern {
    fn new(rule: &str) -> Self {
        let (rule, negated) = rule.strip_prefix('!').map_or((rule, false), |rule| (rule, true));
        let (rule, folders_only) =
            rule.strip_suffix('/').map_or((rule, false), |rule| (rule, true));
        let (glob, base_only) = match rule.strip_prefix('/') {
            Some(rooted) => (rooted, false),
            None => (rule, !rule.contains('/')),
        };
        Self { negated, folders_only, base_only, glob: glob.to_owned() }
    }

    fn matches(&self, path: &str) -> bool {
        let path = if self.base_only { go::path::base(path) } else { path };
        go::path::matches(&self.glob, path)
    }
}

/// Returns true if Go's `filepath.Match` refuses the pattern.
fn is_malformed(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => return true,
            '[' => {
                // A bracket that comes first is a member of the class.
                chars.next();
                if !chars.any(|inner| inner == ']') {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_ignore() {
        for (rules, path, is_folder, expected) in [
            ("*.bak", "templates/x.bak", false, true),
            ("/top.txt", "sub/top.txt", false, false),
            ("/top.txt", "top.txt", false, true),
            ("drafts/", "drafts", true, true),
            ("drafts/", "drafts", false, false),
            ("# comment\n\n", "a", false, false),
            ("", "templates/.hidden", false, true),
            ("!keep.txt", "Chart.yaml", false, true),
            ("!keep.txt", "keep.txt", false, false),
        ] {
            let found = Rules::parse(rules).map(|rules| rules.ignores(path, is_folder));
            assert_eq!(found, Ok(expected), "{rules} {path}");
        }
        assert!(Rules::parse("a/**").is_err());
        assert!(Rules::parse("[a").is_err());
    }
}
