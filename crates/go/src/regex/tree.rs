//! Expressions as trees.

use super::classes::UnicodeClass;

/// A part of an expression, with the measures that the limits apply to.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub(super) height: u32,
    /// The number of instructions in Go's program.
    pub(super) size: u64,
    /// The largest product of nested counted repetitions.
    pub(super) weight: u32,
}

#[derive(Debug)]
pub(super) enum Kind {
    Empty,
    /// Upper and lower case are equal if `fold` is true.
    Literal {
        text: String,
        fold: bool,
    },
    Class(Class),
    /// `.`, with or without line breaks.
    Any {
        line_breaks: bool,
    },
    Assertion(Assertion),
    Capture(Box<Node>),
    Repeat {
        sub: Box<Node>,
        min: u32,
        max: Option<u32>,
        greedy: bool,
    },
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assertion {
    BeginText,
    EndText,
    BeginLine,
    EndLine,
    WordBoundary,
    NoWordBoundary,
}

#[derive(Debug)]
pub(super) struct Class {
    pub items: Vec<ClassItem>,
    pub negated: bool,
    pub fold: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClassItem {
    /// Code points. Those of surrogates match nothing.
    Range(u32, u32),
    Named {
        ranges: &'static [(char, char)],
        negated: bool,
    },
    Unicode {
        class: UnicodeClass,
        negated: bool,
    },
}

impl Node {
    pub(super) fn leaf(kind: Kind, size: u64) -> Self {
        Self { kind, height: 1, size: size.max(1), weight: 1 }
    }

    pub(super) fn class(items: Vec<ClassItem>, fold: bool) -> Self {
        Self::leaf(Kind::Class(Class { items, negated: false, fold }), 1)
    }

    pub(super) fn capture(sub: Self) -> Self {
        let (height, size, weight) = (sub.height + 1, sub.size.saturating_add(2), sub.weight);
        Self { kind: Kind::Capture(Box::new(sub)), height, size, weight }
    }

    pub(super) fn repeat(sub: Self, repeat: &Repeat, greedy: bool) -> Self {
        let copies = u64::from(repeat.max.unwrap_or(repeat.min));
        let optional = repeat.max.map_or(1, |max| max.saturating_sub(repeat.min));
        let size = match repeat.max {
            None if repeat.min == 0 => sub.size.saturating_add(2),
            _ => sub.size.saturating_mul(copies).saturating_add(u64::from(optional)),
        };
        let times = repeat.max.unwrap_or(repeat.min);
        let weight = match repeat.max {
            _ if !repeat.counted => sub.weight,
            Some(0) => 1,
            _ => sub.weight.saturating_mul(times.max(1)),
        };
        let height = sub.height + 1;
        let (min, max) = (repeat.min, repeat.max);
        let kind = Kind::Repeat { sub: Box::new(sub), min, max, greedy };
        Self { kind, height, size: size.max(1), weight }
    }

    /// Returns a sequence. Adjacent literals are joined, and sequences inside are spliced in.
    pub(super) fn concat(parts: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match (flat.last_mut().map(|last| &mut last.kind), part) {
                (
                    Some(Kind::Literal { text, fold }),
                    Self { kind: Kind::Literal { text: more, fold: more_fold }, .. },
                ) if *fold == more_fold => text.push_str(&more),
                (_, Self { kind: Kind::Concat(parts), .. }) => flat.extend(parts),
                (_, part) => flat.push(part),
            }
        }
        for node in &mut flat {
            if let Kind::Literal { text, .. } = &node.kind {
                node.size = text.chars().count() as u64;
            }
        }
        Self::many(flat, 0, Kind::Concat).unwrap_or_else(|| Self::leaf(Kind::Empty, 1))
    }

    pub(super) fn alternate(branches: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(branches.len());
        for branch in branches {
            match branch {
                Self { kind: Kind::Alternate(branches), .. } => flat.extend(branches),
                branch => flat.push(branch),
            }
        }
        Self::many(flat, 1, Kind::Alternate).unwrap_or_else(|| Self::leaf(Kind::Empty, 1))
    }

    /// Returns the only part as it is; None if there is no part.
    fn many(mut parts: Vec<Self>, joint: u64, kind: fn(Vec<Self>) -> Kind) -> Option<Self> {
        if parts.len() < 2 {
            return parts.pop();
        }
        let height = 1 + parts.iter().map(|part| part.height).max().unwrap_or(0);
        let weight = parts.iter().map(|part| part.weight).max().unwrap_or(1);
        let joints = joint * (parts.len() as u64 - 1);
        let size = parts.iter().fold(joints, |sum, part| sum.saturating_add(part.size));
        Some(Self { kind: kind(parts), height, size, weight })
    }
}

/// The number of repetitions of a part.
pub(super) struct Repeat {
    pub min: u32,
    pub max: Option<u32>,
    /// True if it is written with braces.
    pub counted: bool,
}
