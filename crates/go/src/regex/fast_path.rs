//! Patterns that need no engine: fixed strings, and literals with `.*` or `.+` between them.
//!
//! Nearly all regexes of real configurations and dashboards are of these kinds. They give the same
//! matches and groups as the engine; every other pattern is `General`.

use std::collections::HashSet;

use super::tree::{Assertion, Class, ClassItem, Kind, Node};

/// The most strings in a set that results from a product. Plain alternations may be longer.
const MAX_PRODUCT: usize = 256;
/// The size from which a hash set is faster than a linear search.
const HASH_FROM: usize = 16;

pub(super) enum FastPath {
    /// A set of strings. `grouped` is true if the pattern has groups.
    Set {
        strings: Vec<Box<str>>,
        hashed: HashSet<Box<str>>,
        grouped: bool,
    },
    /// Pieces of text with gaps between them.
    Gaps(Gaps),
    /// Several patterns with gaps, any of which may match.
    AnyOf(Vec<Gaps>),
    General,
}

/// `pieces[0] gap pieces[1] gap …`: the first piece begins the text, the last ends it.
#[derive(Default)]
pub(super) struct Gaps {
    pieces: Vec<String>,
    /// For each gap, true if it takes at least one character. One fewer than pieces.
    nonempty: Vec<bool>,
    /// Start and end of each group, in the order of their numbers.
    groups: Vec<(Mark, Mark)>,
    /// True for lazy gaps, which match the same texts with different groups.
    lazy: bool,
}

/// An offset in a piece.
#[derive(Clone, Copy, Default)]
struct Mark {
    piece: usize,
    offset: usize,
}

impl FastPath {
    /// `node` is an expression with its anchors.
    pub(super) fn of(node: &Node) -> Self {
        let Kind::Concat(parts) = &node.kind else { return Self::General };
        let [first, inner @ .., last] = parts.as_slice() else { return Self::General };
        if !is_look(first, Assertion::BeginText) || !is_look(last, Assertion::EndText) {
            return Self::General;
        }
        // Additional `^` and `$` in the pattern change nothing.
        let inner = match inner {
            [first, rest @ ..] if is_look(first, Assertion::BeginText) => rest,
            inner => inner,
        };
        let inner = match inner {
            [rest @ .., last] if is_look(last, Assertion::EndText) => rest,
            inner => inner,
        };
        let mut grouped = false;
        if let Some(strings) = strings_of(inner, &mut grouped) {
            let mut seen = HashSet::with_capacity(strings.len());
            let strings: Vec<Box<str>> = strings
                .into_iter()
                .map(String::into_boxed_str)
                .filter(|s| seen.insert(s.clone()))
                .collect();
            let hashed = if strings.len() >= HASH_FROM { seen } else { HashSet::new() };
            return Self::Set { strings, hashed, grouped };
        }
        if let Some(gaps) = Gaps::of(inner) {
            return Self::Gaps(gaps);
        }
        any_of(inner).map_or(Self::General, Self::AnyOf)
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Set { strings, hashed, .. } if hashed.is_empty() => {
                strings.iter().any(|string| **string == *text)
            }
            Self::Set { hashed, .. } => hashed.contains(text),
            Self::Gaps(gaps) => gaps.is_match(text),
            Self::AnyOf(patterns) => patterns.iter().any(|gaps| gaps.is_match(text)),
            Self::General => false,
        }
    }

    /// Returns true if [`FastPath::captures`] knows the groups of a pattern with groups.
    pub(super) fn knows_groups(&self) -> bool {
        match self {
            Self::Set { grouped, .. } => !grouped,
            Self::Gaps(gaps) => !gaps.lazy,
            Self::AnyOf(_) | Self::General => false,
        }
    }

    pub(super) fn captures(&self, text: &str, groups: &mut Vec<Option<(usize, usize)>>) -> bool {
        match self {
            Self::Gaps(gaps) => gaps.captures(text, groups),
            fast_path => {
                let matches = fast_path.is_match(text);
                if matches {
                    groups.push(Some((0, text.len())));
                }
                matches
            }
        }
    }

    pub(super) fn set(&self) -> Option<&[Box<str>]> {
        match self {
            Self::Set { strings, .. } => Some(strings),
            _ => None,
        }
    }

    pub(super) fn prefix(&self) -> &str {
        match self {
            Self::Set { strings, .. } if strings.len() == 1 => {
                strings.first().map_or("", |string| string)
            }
            Self::Gaps(gaps) => gaps.pieces.first().map_or("", String::as_str),
            _ => "",
        }
    }

    pub(super) fn is_everything(&self) -> bool {
        match self {
            Self::Gaps(gaps) => {
                gaps.pieces.iter().all(String::is_empty) && !gaps.nonempty.contains(&true)
            }
            _ => false,
        }
    }
}

fn is_look(node: &Node, wanted: Assertion) -> bool {
    matches!(&node.kind, Kind::Assertion(look) if *look == wanted)
}

/// Returns the strings that a sequence matches, in the order of preference. None if they are unknown
/// or too many.
fn strings_of(parts: &[Node], grouped: &mut bool) -> Option<Vec<String>> {
    let mut strings = vec![String::new()];
    for part in parts {
        let next = strings_of_one(part, grouped)?;
        if let [only] = next.as_slice() {
            if strings.len() > MAX_PRODUCT {
                return None;
            }
            strings.iter_mut().for_each(|string| string.push_str(only));
            continue;
        }
        if strings.len() > 1 || !strings.iter().all(String::is_empty) {
            if strings.len() * next.len() > MAX_PRODUCT {
                return None;
            }
            strings = strings
                .iter()
                .flat_map(|start| next.iter().map(move |end| format!("{start}{end}")))
                .collect();
        } else {
            strings = next;
        }
    }
    Some(strings)
}

fn strings_of_one(node: &Node, grouped: &mut bool) -> Option<Vec<String>> {
    match &node.kind {
        Kind::Empty => Some(vec![String::new()]),
        Kind::Literal { text, fold } => {
            // Folding does nothing to characters without case.
            (!fold || text.chars().all(|c| caseless(u32::from(c)))).then(|| vec![text.clone()])
        }
        Kind::Class(class) => few_chars(class),
        Kind::Capture(sub) => {
            *grouped = true;
            strings_of_one(sub, grouped)
        }
        Kind::Repeat { sub, min: 0, max: Some(1), greedy } => {
            let mut strings = strings_of_one(sub, grouped)?;
            strings.insert(if *greedy { strings.len() } else { 0 }, String::new());
            Some(strings)
        }
        Kind::Concat(parts) => strings_of(parts, grouped),
        Kind::Alternate(branches) => {
            let mut strings = Vec::with_capacity(branches.len());
            for branch in branches {
                strings.extend(strings_of_one(branch, grouped)?);
            }
            Some(strings)
        }
        Kind::Any { .. } | Kind::Assertion(_) | Kind::Repeat { .. } => None,
    }
}

/// Returns the characters of a class. None if they are many or have another case.
fn few_chars(class: &Class) -> Option<Vec<String>> {
    if class.negated {
        return None;
    }
    let mut chars = Vec::new();
    let mut add = |low: u32, high: u32| {
        let cased = class.fold && !(high < 128 && (low..=high).all(caseless));
        if cased || high - low >= MAX_PRODUCT as u32 || chars.len() > MAX_PRODUCT {
            return None;
        }
        chars.extend((low..=high).filter_map(char::from_u32).map(String::from));
        Some(())
    };
    for item in &class.items {
        match item {
            &ClassItem::Range(low, high) => add(low, high)?,
            ClassItem::Named { ranges, negated: false } => {
                for &(low, high) in *ranges {
                    add(u32::from(low), u32::from(high))?;
                }
            }
            _ => return None,
        }
    }
    // An empty class matches nothing; the engine handles it.
    (!chars.is_empty() && chars.len() <= MAX_PRODUCT).then_some(chars)
}

fn caseless(c: u32) -> bool {
    u8::try_from(c).is_ok_and(|c| c.is_ascii() && !c.is_ascii_alphabetic())
}

/// Returns the branches of a top-level alternation if all are literals with gaps.
fn any_of(parts: &[Node]) -> Option<Vec<Gaps>> {
    let [only] = parts else { return None };
    let only = match &only.kind {
        Kind::Capture(sub) => sub,
        _ => only,
    };
    let Kind::Alternate(branches) = &only.kind else { return None };
    branches.iter().map(|branch| Gaps::of(std::slice::from_ref(branch))).collect()
}

impl Gaps {
    fn of(parts: &[Node]) -> Option<Self> {
        let mut gaps = Self { pieces: vec![String::new()], ..Self::default() };
        let mut saw_greedy = false;
        for part in parts {
            gaps.add(part, &mut saw_greedy)?;
        }
        // The engine handles patterns with both kinds of gap.
        (!(gaps.lazy && saw_greedy)).then_some(gaps)
    }

    fn mark(&self) -> Mark {
        let piece = self.pieces.len().saturating_sub(1);
        Mark { piece, offset: self.pieces.last().map_or(0, String::len) }
    }

    fn add(&mut self, node: &Node, saw_greedy: &mut bool) -> Option<()> {
        match &node.kind {
            Kind::Empty => {}
            Kind::Literal { text, fold: false } => self.pieces.last_mut()?.push_str(text),
            Kind::Capture(sub) => {
                let at = self.groups.len();
                let start = self.mark();
                self.groups.push((start, start));
                self.add(sub, saw_greedy)?;
                let end = self.mark();
                self.groups.get_mut(at)?.1 = end;
            }
            Kind::Repeat { sub, min: min @ 0..=1, max: None, greedy } => {
                if !matches!(sub.kind, Kind::Any { line_breaks: true }) {
                    return None;
                }
                self.lazy |= !greedy;
                *saw_greedy |= greedy;
                self.pieces.push(String::new());
                self.nonempty.push(*min == 1);
            }
            Kind::Concat(parts) => {
                for part in parts {
                    self.add(part, saw_greedy)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// Places each piece as far left as possible: if any placement matches, this one does.
    fn is_match(&self, text: &str) -> bool {
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else {
            return false;
        };
        if self.nonempty.is_empty() {
            return text == first;
        }
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        let inner = self.pieces.get(1..self.pieces.len() - 1).unwrap_or_default();
        for (piece, nonempty) in inner.iter().zip(&self.nonempty) {
            if *nonempty {
                let mut chars = rest.chars();
                if chars.next().is_none() {
                    return false;
                }
                rest = chars.as_str();
            }
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = rest.get(at + piece.len()..).unwrap_or_default();
        }
        let nonempty = self.nonempty.last().is_some_and(|nonempty| *nonempty);
        rest.strip_suffix(last.as_str()).is_some_and(|gap| !nonempty || !gap.is_empty())
    }

    /// Places the pieces from the end: greedy gaps put each piece as far right as possible.
    fn captures(&self, text: &str, groups: &mut Vec<Option<(usize, usize)>>) -> bool {
        if !self.is_match(text) {
            return false;
        }
        let mut starts = vec![0; self.pieces.len()];
        let mut end = text.len();
        for (i, piece) in self.pieces.iter().enumerate().skip(1).rev() {
            let is_last = i + 1 == self.pieces.len();
            let head = text.get(..end).unwrap_or_default();
            let at =
                if is_last { end.checked_sub(piece.len()) } else { head.rfind(piece.as_str()) };
            let Some(at) = at else { return false };
            if let Some(start) = starts.get_mut(i) {
                *start = at;
            }
            end = at;
            if self.nonempty.get(i - 1) == Some(&true) {
                // The gap before this piece keeps a character.
                let before = text.get(..end).unwrap_or_default();
                end -= before.chars().next_back().map_or(0, char::len_utf8);
            }
        }
        let place = |mark: Mark| starts.get(mark.piece).map_or(0, |start| start + mark.offset);
        groups.push(Some((0, text.len())));
        groups.extend(self.groups.iter().map(|&(start, end)| Some((place(start), place(end)))));
        true
    }
}
