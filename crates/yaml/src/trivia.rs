//! Blanks, comments, anchor names and directives, where Go's scanner is stricter than the parser.
//!
//! Source: go.yaml.in/yaml/v2 scannerc.go, `yaml_parser_scan_to_next_token` and the end of
//! `yaml_parser_scan_plain_scalar`.

/// Go's errors about tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    /// At the start of a token.
    NoToken,
    /// On a continuation line of a plain scalar, left of its text.
    Indentation,
}

/// The token before the trivia.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// None: the start of the text or of a line of a block.
    LineStart,
    /// A plain scalar in a collection that starts in this column.
    Plain {
        indent: usize,
    },
    Other,
}

/// Returns the first tab that Go refuses between two tokens, outside of brackets.
pub(super) fn refused_tab(
    text: &str,
    start: usize,
    end: usize,
    before: Before,
) -> Option<(usize, Tab)> {
    let gap = text.as_bytes().get(start..end)?;
    if !gap.contains(&b'\t') {
        return None;
    }
    let mut key_may_begin = before == Before::LineStart;
    // A plain scalar extends over blanks and lines up to a comment or other text.
    let mut plain = match before {
        Before::Plain { indent } => Some(indent),
        _ => None,
    };
    let (mut column, mut line_began) = (0, false);
    let mut at = 0;
    while let Some(&byte) = gap.get(at) {
        match byte {
            b'\n' => {
                (column, line_began, key_may_begin) = (0, true, true);
                at += 1;
                continue;
            }
            b'\t' => match plain {
                Some(indent) if line_began && column <= indent => {
                    return Some((start + at, Tab::Indentation));
                }
                Some(_) => {}
                None if key_may_begin => return Some((start + at, Tab::NoToken)),
                None => {}
            },
            b' ' | b'\r' => {}
            b'#' => {
                plain = None;
                at += gap[at..].iter().position(|&byte| byte == b'\n').unwrap_or(gap.len() - at);
                continue;
            }
            b'-' | b'?' if gap.get(at + 1).is_none_or(u8::is_ascii_whitespace) => {
                plain = None;
                key_may_begin = !(at > 0 && gap[at - 1] == byte);
            }
            _ => {
                plain = None;
                key_may_begin = false;
            }
        }
        column += 1;
        at += 1;
    }
    None
}

/// Returns true if Go accepts the name of an anchor or alias. Characters that end a name in Go, but
/// not for the parser, are accepted.
pub(super) fn is_anchor_name(name: &str) -> bool {
    let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_-".contains(c));
    rest.is_empty()
        || (rest.len() < name.len() && rest.starts_with(['?', ':', ',', ']', '}', '%', '@', '`']))
}

/// Returns Go's error about the directives at the start of a text, with the offset of the line.
pub(super) fn refused_directive(text: &str) -> Option<(usize, &'static str)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_end();
        match words.strip_prefix('%').map(|rest| rest.split_whitespace().collect::<Vec<_>>()) {
            None if words.is_empty() || words.starts_with('#') => {}
            None => return None,
            Some(words) => match words.as_slice() {
                ["YAML", "1.1", ..] | ["TAG", ..] => {}
                ["YAML", ..] => return Some((at, "found incompatible YAML document")),
                _ => return Some((at, "found unknown directive name")),
            },
        }
        at += line.len();
    }
    None
}

/// Returns the tabs at the start of lines from the bracket at `open` to its closing bracket, and in
/// the line of `at`.
pub(super) fn leading_tabs(text: &str, open: usize, at: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut depth, mut quote, mut escaped, mut line_start) = (0usize, None, false, false);
    for (offset, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'\n' => line_start = true,
            b'\t' if line_start && quote.is_none() => found.push((offset, offset + 1)),
            b' ' | b'\t' | b'\r' => {}
            _ => {
                line_start = false;
                match quote {
                    _ if escaped => escaped = false,
                    Some(b'"') if byte == b'\\' => escaped = true,
                    Some(open) if byte == open => quote = None,
                    Some(_) => {}
                    None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                    None if matches!(byte, b'[' | b'{') => depth += 1,
                    None if matches!(byte, b']' | b'}') => depth = depth.saturating_sub(1),
                    None => {}
                }
            }
        }
        if depth == 0 && offset > at {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_where_a_key_could_begin() {
        use Before::{LineStart, Other, Plain};
        for (gap, before, found) in [
            ("\t\n", LineStart, Some((0, Tab::NoToken))),
            (" \n", LineStart, None),
            (": \t", Other, None),
            ("\t# c\n", Other, None),
            ("-\t", Other, Some((1, Tab::NoToken))),
            ("\n  - \t", Other, Some((5, Tab::NoToken))),
            ("\n\t\n", Other, Some((1, Tab::NoToken))),
            ("\t\n", Plain { indent: 0 }, None),
            ("\n\t\n", Plain { indent: 0 }, Some((1, Tab::Indentation))),
            ("\n  \t\n", Plain { indent: 1 }, None),
            ("\n# c\n\t", Plain { indent: 0 }, Some((5, Tab::NoToken))),
        ] {
            assert_eq!(refused_tab(gap, 0, gap.len(), before), found, "{gap:?}");
        }
    }

    #[test]
    fn tabs_in_brackets() {
        let text = "{\n\t'a\n\tb': [\n\t],\n}\n\tc";
        assert_eq!(leading_tabs(text, 0, 3), [(2, 3), (13, 14)]);
    }

    #[test]
    fn names_and_directives() {
        for (name, taken) in
            [("a-1_B", true), (".yml", false), ("a/b", false), ("a:", true), ("é", false)]
        {
            assert_eq!(is_anchor_name(name), taken, "{name}");
        }
        assert_eq!(refused_directive("# c\n%YAML 1.1\n---\na: b"), None);
        assert_eq!(
            refused_directive("# c\n%YAML 1.2\n---\n"),
            Some((4, "found incompatible YAML document"))
        );
        assert_eq!(refused_directive("%A\n---\n"), Some((0, "found unknown directive name")));
    }
}
