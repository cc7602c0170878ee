//! The other files that a configuration names, as the workspace has them.

use std::collections::BTreeMap;

use yaml::Parsed;

/// A file of the workspace.
#[derive(Clone, Copy, Debug)]
pub struct WorkspaceFile<'a> {
    /// As the configuration would name it, relative to the configuration's folder.
    pub path: &'a str,
    pub parsed: &'a Parsed,
}

/// Where other files are looked up; `scrape_config_files`, rule files, and file discovery.
pub trait Files {
    /// Files whose path the pattern matches, sorted by path.
    fn matching(&self, pattern: &str) -> Vec<WorkspaceFile<'_>>;

    /// Whether a file that is not here is nowhere: only then its absence is worth a word.
    fn is_complete(&self) -> bool {
        true
    }
}

/// A workspace with the main file only.
pub struct NoFiles;

impl Files for NoFiles {
    fn matching(&self, _pattern: &str) -> Vec<WorkspaceFile<'_>> {
        Vec::new()
    }

    fn is_complete(&self) -> bool {
        false
    }
}

impl Files for BTreeMap<String, Parsed> {
    fn matching(&self, pattern: &str) -> Vec<WorkspaceFile<'_>> {
        self.iter()
            .filter(|(path, _)| glob_matches(pattern, path))
            .map(|(path, parsed)| WorkspaceFile { path, parsed })
            .collect()
    }
}

/// Whether a path matches a pattern with `*`, `?` and `[a-z]`, of which none crosses a slash.
/// A leading `./` is ignored. Source: Go's path/filepath `Match`.
pub fn glob_matches(pattern: &str, path: &str) -> bool {
    let strip = |text: &'_ str| text.strip_prefix("./").unwrap_or(text).to_owned();
    let pattern: Vec<char> = strip(pattern).chars().collect();
    let path: Vec<char> = strip(path).chars().collect();
    // The last star is the only place to come back to, so this takes time pattern × path at most.
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < path.len() || p < pattern.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
            continue;
        }
        if let (Some(&c), Some(next)) = (path.get(t), step(&pattern, p, path.get(t))) {
            debug_assert!(c != '\0' || next > p);
            p = next;
            t += 1;
            continue;
        }
        match star {
            Some((at, from)) if from < path.len() && path[from] != '/' => {
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
            _ => return false,
        }
    }
    true
}

/// The pattern's position behind the piece that matches `c`.
fn step(pattern: &[char], at: usize, c: Option<&char>) -> Option<usize> {
    let &c = c?;
    match pattern.get(at)? {
        '?' => (c != '/').then_some(at + 1),
        '\\' => (pattern.get(at + 1) == Some(&c)).then_some(at + 2),
        '[' => {
            let negated = pattern.get(at + 1) == Some(&'^');
            let mut i = at + 1 + usize::from(negated);
            let mut inside = false;
            while let Some(&low) = pattern.get(i).filter(|c| **c != ']') {
                let range = pattern.get(i + 1) == Some(&'-');
                let high = if range { *pattern.get(i + 2)? } else { low };
                inside |= (low..=high).contains(&c);
                i += if range { 3 } else { 1 };
            }
            pattern.get(i)?;
            (inside != negated && c != '/').then_some(i + 1)
        }
        one => (*one == c).then_some(at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, holds) in [
            ("rules/*.yml", "rules/a.yml", true),
            ("rules/*.yml", "rules/b/a.yml", false),
            ("./rules/*", "rules/a.yml", true),
            ("*", "a/b", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[a", "a", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b", "a", false),
            ("", "", true),
            ("é*", "éa", true),
        ] {
            assert_eq!(glob_matches(pattern, path), holds, "{pattern} {path}");
        }
    }
}
