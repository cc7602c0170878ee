//! Patterns of file names as Go's `path/filepath` matches them.

/// Returns true if a path matches a pattern with `*`, `?` and `[a-z]`, of which none crosses a
/// slash. A leading `./` is ignored. A bad pattern matches nothing. Source: path/filepath `Match`.
pub fn matches(pattern: &str, path: &str) -> bool {
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

/// Returns the pattern's position after the piece that matches `c`.
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
            assert_eq!(matches(pattern, path), holds, "{pattern} {path}");
        }
    }
}
