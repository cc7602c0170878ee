//! Slash-separated paths as Go's `path` handles them.

pub use crate::glob::matches;

/// Returns the last element; `.` for an empty path, `/` for one of slashes. Source: path `Base`.
pub fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/";
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

/// Returns everything but the last element, cleaned. Source: path `Dir`.
pub fn dir(path: &str) -> String {
    clean(path.rfind('/').and_then(|slash| path.get(..=slash)).unwrap_or_default())
}

/// Returns the end of the last element from its last dot on. Source: path `Ext`.
pub fn ext(path: &str) -> &str {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.rfind('.').and_then(|dot| last.get(dot..)).unwrap_or_default()
}

pub fn is_abs(path: &str) -> bool {
    path.starts_with('/')
}

/// Joins elements with slashes; empty ones are skipped. Source: path `Join`.
pub fn join(elements: &[&str]) -> String {
    let elements: Vec<&str> = elements.iter().copied().filter(|one| !one.is_empty()).collect();
    if elements.is_empty() { String::new() } else { clean(&elements.join("/")) }
}

/// Returns the shortest path to the same place: without `.`, `..` that can be taken out, and
/// repeated slashes. Source: path `Clean`.
pub fn clean(path: &str) -> String {
    let rooted = is_abs(path);
    let mut kept: Vec<&str> = Vec::new();
    for element in path.split('/') {
        match element {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            ".." if rooted => {}
            element => kept.push(element),
        }
    }
    match (rooted, kept.is_empty()) {
        (true, _) => format!("/{}", kept.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => kept.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for (path, of_base, of_dir, of_ext) in [
            ("", ".", ".", ""),
            ("/", "/", "/", ""),
            ("//", "/", "/", ""),
            ("a", "a", ".", ""),
            ("/a/b.tar.gz", "b.tar.gz", "/a", ".gz"),
            ("a/b/", "b", "a/b", ""),
            ("a.d/b", "b", "a.d", ""),
            ("/a", "a", "/", ""),
        ] {
            assert_eq!(base(path), of_base, "{path}");
            assert_eq!(dir(path), of_dir, "{path}");
            assert_eq!(ext(path), of_ext, "{path}");
        }
    }

    #[test]
    fn cleaned_and_joined() {
        for (path, cleaned) in [
            ("", "."),
            ("a//b/./c/..", "a/b"),
            ("/../a", "/a"),
            ("../../a", "../../a"),
            ("a/../..", ".."),
            ("/..", "/"),
            ("./a/", "a"),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
        assert_eq!(join(&["a", "", "../b"]), "b");
        assert_eq!(join(&["", ""]), "");
        assert_eq!(join(&["/etc/prometheus", "rules/*.yml"]), "/etc/prometheus/rules/*.yml");
        assert!(is_abs("/a") && !is_abs("a"));
    }
}
