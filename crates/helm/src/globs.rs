//! Patterns of `.Files.Glob`.
//!
//! Source: gobwas/glob with `/` as separator: `*` and `?` do not cross a slash, `**` does;
//! `{a,b}` are alternatives, `[a-c]` and `[!a]` classes.

/// The most alternatives that braces may spell out.
const MAX_ALTERNATIVES: usize = 1000;

/// A compiled pattern. One that cannot be read matches everything, as in Helm.
pub struct Glob {
    alternatives: Vec<Vec<Part>>,
}

#[derive(Clone)]
enum Part {
    Literal(char),
    /// One character but a slash.
    One,
    /// Any number of characters but slashes.
    Star,
    /// Any number of characters.
    Super,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    /// Compiles a pattern.
    pub fn new(pattern: &str) -> Self {
        let compiled = alternatives(pattern)
            .and_then(|texts| texts.iter().map(|text| parts(text)).collect::<Option<Vec<_>>>());
        Self { alternatives: compiled.unwrap_or_else(|| vec![vec![Part::Super]]) }
    }

    /// Returns true if the whole path matches.
    pub fn matches(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        self.alternatives.iter().any(|parts| matches(parts, &path))
    }
}

/// Spells out the braces. Returns None if they do not close.
fn alternatives(pattern: &str) -> Option<Vec<String>> {
    let Some(open) = pattern.find('{') else {
        return (!pattern.contains('}')).then(|| vec![pattern.to_owned()]);
    };
    let mut depth = 0usize;
    let mut pieces = vec![String::new()];
    let mut close = None;
    for (at, c) in pattern.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            close = Some(at);
            break;
        }
        match c {
            '{' if depth == 1 => {}
            ',' if depth == 1 => pieces.push(String::new()),
            c => pieces.last_mut()?.push(c),
        }
    }
    let close = close?;
    let before = pattern.get(..open)?;
    let rests = alternatives(pattern.get(close + 1..)?)?;
    let mut all = Vec::new();
    for piece in pieces {
        for inner in alternatives(&piece)? {
            for rest in &rests {
                if all.len() == MAX_ALTERNATIVES {
                    return None;
                }
                all.push(format!("{before}{inner}{rest}"));
            }
        }
    }
    Some(all)
}

fn parts(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '?' => Part::One,
            '*' if chars.next_if_eq(&'*').is_some() => Part::Super,
            '*' => Part::Star,
            '\\' => Part::Literal(chars.next()?),
            '[' => {
                let negated = chars.next_if_eq(&'!').is_some();
                let mut ranges = Vec::new();
                loop {
                    match chars.next()? {
                        ']' if !ranges.is_empty() => break,
                        low if chars.next_if_eq(&'-').is_some() => {
                            ranges.push((low, chars.next()?))
                        }
                        one => ranges.push((one, one)),
                    }
                }
                Part::Class { negated, ranges }
            }
            other => Part::Literal(other),
        });
    }
    Some(parts)
}

/// Matches with one row of states, in time parts × path.
fn matches(parts: &[Part], path: &[char]) -> bool {
    let mut states = vec![false; parts.len() + 1];
    states[0] = true;
    spread(parts, &mut states);
    for &c in path {
        let mut next = vec![false; parts.len() + 1];
        for (at, part) in parts.iter().enumerate().filter(|(at, _)| states[*at]) {
            match part {
                Part::Star if c != '/' => next[at] = true,
                Part::Super => next[at] = true,
                Part::Star => {}
                Part::Literal(one) => next[at + 1] |= *one == c,
                Part::One => next[at + 1] |= c != '/',
                Part::Class { negated, ranges } => {
                    let inside = ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
                    next[at + 1] |= inside != *negated;
                }
            }
        }
        spread(parts, &mut next);
        states = next;
    }
    states.last() == Some(&true)
}

/// Stars match nothing too.
fn spread(parts: &[Part], states: &mut [bool]) {
    for (at, part) in parts.iter().enumerate() {
        if states[at] && matches!(part, Part::Star | Part::Super) {
            states[at + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match() {
        for (pattern, path, expected) in [
            ("conf/*", "conf/a.ini", true),
            ("conf/*", "conf/sub/a.ini", false),
            ("conf/**", "conf/sub/a.ini", true),
            ("**.txt", "conf/sub/a.txt", true),
            ("*.{yaml,yml}", "a.yml", true),
            ("*.{yaml,yml}", "a.txt", false),
            ("{a,b{c,d}}", "bd", true),
            ("[!a]b", "cb", true),
            ("[a-c]b", "db", false),
            ("a?c", "a/c", false),
            ("", "a", false),
            ("{a", "anything/at all", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(path), expected, "{pattern} {path}");
        }
    }
}
