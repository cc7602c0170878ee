//! Go's regular expression syntax → a tree, with Go's limits and error texts.
//!
//! Source: Go's documentation of `regexp/syntax`, flags `Perl` (and `DotNL` for PromQL matchers).
//! The parser keeps a stack of open groups on the heap; no text makes it recurse.

use std::ops::Range;

use super::classes::{self, UnicodeClass};

/// How deep a tree may be. Go's limit.
const MAX_HEIGHT: u32 = 1000;
/// The most times that something may be repeated, nested repetitions multiplied. Go's limit.
const MAX_REPEAT: u32 = 1000;
/// The most instructions that an expression may come to: Go allows 128 MiB of 40 bytes each.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// The most Unicode classes in an expression. Ours: each costs some hundred ranges.
const MAX_UNICODE_CLASSES: u32 = 1000;

/// What is wrong with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    InvalidCharRange,
    InvalidEscape,
    InvalidNamedCapture,
    InvalidPerlOp,
    InvalidRepeatOp,
    InvalidRepeatSize,
    MissingBracket,
    MissingParen,
    MissingRepeatArgument,
    TrailingBackslash,
    UnexpectedParen,
    NestingDepth,
    Large,
    /// Prometheus takes it; it is too large to be run here.
    TooLargeHere,
}

impl ErrorKind {
    /// Go's words for it.
    fn words(self) -> &'static str {
        match self {
            Self::InvalidCharRange => "invalid character class range",
            Self::InvalidEscape => "invalid escape sequence",
            Self::InvalidNamedCapture => "invalid named capture",
            Self::InvalidPerlOp => "invalid or unsupported Perl syntax",
            Self::InvalidRepeatOp => "invalid nested repetition operator",
            Self::InvalidRepeatSize => "invalid repeat count",
            Self::MissingBracket => "missing closing ]",
            Self::MissingParen => "missing closing )",
            Self::MissingRepeatArgument => "missing argument to repetition operator",
            Self::TrailingBackslash => "trailing backslash at end of expression",
            Self::UnexpectedParen => "unexpected )",
            Self::NestingDepth => "expression nests too deeply",
            Self::Large => "expression too large",
            Self::TooLargeHere => "too large to be run on this page",
        }
    }

    pub(super) fn message(self, at: &str) -> String {
        match self {
            Self::TooLargeHere => {
                format!("regular expression of {} bytes: {}", at.len(), self.words())
            }
            _ => format!("error parsing regexp: {}: `{at}`", self.words()),
        }
    }
}

/// A mistake and the bytes that Go quotes for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub kind: ErrorKind,
    pub at: Range<usize>,
}

pub(super) struct Parsed {
    pub node: Node,
    /// Names of the groups; the first, the whole match, has none.
    pub names: Vec<Option<Box<str>>>,
}

impl Parsed {
    /// The same, to match a whole text only.
    pub fn anchored(self) -> Self {
        let look = |look| Node::leaf(Kind::Look(look), 1);
        let node = Node::concat(vec![look(Look::BeginText), self.node, look(Look::EndText)]);
        Self { node, ..self }
    }
}

/// A part of an expression, and the measures that the limits are checked on.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    height: u32,
    /// Instructions that Go would need.
    size: u64,
    /// The largest product of nested counted repetitions.
    weight: u32,
}

#[derive(Debug)]
pub(super) enum Kind {
    Empty,
    /// Case is folded where `fold` holds.
    Literal {
        text: String,
        fold: bool,
    },
    Class(Class),
    /// `.` that takes line breaks too, or not.
    Any {
        line_breaks: bool,
    },
    Look(Look),
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
pub(super) enum Look {
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
    /// Code points, also those of surrogates, which match nothing.
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
    fn leaf(kind: Kind, size: u64) -> Self {
        Self { kind, height: 1, size: size.max(1), weight: 1 }
    }

    pub(super) fn height(&self) -> u32 {
        self.height
    }

    fn class(items: Vec<ClassItem>, flags: Flags) -> Self {
        Self::leaf(Kind::Class(Class { items, negated: false, fold: flags.fold }), 1)
    }

    fn capture(sub: Self) -> Self {
        let (height, size, weight) = (sub.height + 1, sub.size.saturating_add(2), sub.weight);
        Self { kind: Kind::Capture(Box::new(sub)), height, size, weight }
    }

    fn repeat(sub: Self, repeat: &Repeat, greedy: bool) -> Self {
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

    /// One after the other, literals run together; what is itself a sequence is spliced in.
    fn concat(parts: Vec<Self>) -> Self {
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

    fn alternate(branches: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(branches.len());
        for branch in branches {
            match branch {
                Self { kind: Kind::Alternate(branches), .. } => flat.extend(branches),
                branch => flat.push(branch),
            }
        }
        Self::many(flat, 1, Kind::Alternate).unwrap_or_else(|| Self::leaf(Kind::Empty, 1))
    }

    /// One part stands for itself; of none there is no node.
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

#[derive(Clone, Copy)]
struct Flags {
    fold: bool,
    multi_line: bool,
    dot_all: bool,
    lazy: bool,
}

struct Repeat {
    min: u32,
    max: Option<u32>,
    /// Written with braces.
    counted: bool,
}

/// An open group: its finished branches, and the one that is being read.
struct Frame {
    /// In force again when it closes.
    outer: Flags,
    captures: bool,
    branches: Vec<Node>,
    sequence: Vec<Node>,
}

impl Frame {
    fn new(outer: Flags, captures: bool) -> Self {
        Self { outer, captures, branches: Vec::new(), sequence: Vec::new() }
    }

    fn close(mut self) -> Node {
        self.branches.push(Node::concat(self.sequence));
        Node::alternate(self.branches)
    }
}

type Result<T> = std::result::Result<T, SyntaxError>;

/// Reads `text`; with `dot_all`, `.` takes line breaks from the start.
pub(super) fn parse(text: &str, dot_all: bool) -> Result<Parsed> {
    let flags = Flags { fold: false, multi_line: false, dot_all, lazy: false };
    let mut parser = Parser {
        text,
        pos: 0,
        flags,
        names: vec![None],
        open: Vec::new(),
        frame: Frame::new(flags, false),
        unicode_classes: 0,
        last_posix_end: text.rfind(":]"),
    };
    // Where the repetition operator just read began; a second one must not follow it.
    let mut last_repeat = None;
    while let Some(c) = parser.peek() {
        last_repeat = parser.step(c, last_repeat)?;
    }
    if !parser.open.is_empty() {
        return Err(parser.error(ErrorKind::MissingParen, 0..text.len()));
    }
    let node = parser.frame.close();
    check_limits(&node, text)?;
    Ok(Parsed { node, names: parser.names })
}

fn check_limits(node: &Node, text: &str) -> Result<()> {
    let kind = if node.size > MAX_SIZE {
        ErrorKind::Large
    } else if node.height > MAX_HEIGHT {
        ErrorKind::NestingDepth
    } else {
        return Ok(());
    };
    Err(SyntaxError { kind, at: 0..text.len() })
}

struct Parser<'t> {
    text: &'t str,
    pos: usize,
    flags: Flags,
    names: Vec<Option<Box<str>>>,
    open: Vec<Frame>,
    frame: Frame,
    unicode_classes: u32,
    /// Behind this there is no `:]`, so no search for one is worth its while.
    last_posix_end: Option<usize>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.pos += wanted.len();
        }
        found
    }

    fn error(&self, kind: ErrorKind, at: Range<usize>) -> SyntaxError {
        SyntaxError { kind, at }
    }

    fn push(&mut self, node: Node) -> Result<()> {
        check_limits(&node, self.text)?;
        self.frame.sequence.push(node);
        Ok(())
    }

    fn look(&mut self, look: Look) -> Result<()> {
        self.push(Node::leaf(Kind::Look(look), 1))
    }

    fn literal(&mut self, c: u32) -> Result<()> {
        let fold = self.flags.fold;
        let node = match char::from_u32(c) {
            Some(c) => Node::leaf(Kind::Literal { text: c.into(), fold }, 1),
            None => Node::class(vec![ClassItem::Range(c, c)], self.flags),
        };
        self.push(node)
    }

    /// Reads one thing; returns where it began if it was a repetition operator.
    fn step(&mut self, c: char, last_repeat: Option<usize>) -> Result<Option<usize>> {
        let start = self.pos;
        match c {
            '(' if self.rest().starts_with("(?") => self.group_with_flags()?,
            '[' => self.class()?,
            '\\' => self.escape()?,
            '*' | '+' | '?' => {
                self.pos += 1;
                let (min, max) = match c {
                    '*' => (0, None),
                    '+' => (1, None),
                    _ => (0, Some(1)),
                };
                return self.repeat(start, Repeat { min, max, counted: false }, last_repeat);
            }
            '{' => match self.braces()? {
                Some(repeat) => return self.repeat(start, repeat, last_repeat),
                None => {
                    self.pos += 1;
                    self.literal(u32::from('{'))?;
                }
            },
            _ => {
                self.pos += c.len_utf8();
                self.simple(c)?;
            }
        }
        Ok(None)
    }

    fn simple(&mut self, c: char) -> Result<()> {
        match c {
            '(' => {
                self.names.push(None);
                self.open_group(true, self.flags);
                Ok(())
            }
            ')' => self.close_group(),
            '|' => {
                let sequence = std::mem::take(&mut self.frame.sequence);
                let branch = Node::concat(sequence);
                check_limits(&branch, self.text)?;
                self.frame.branches.push(branch);
                Ok(())
            }
            '^' if self.flags.multi_line => self.look(Look::BeginLine),
            '^' => self.look(Look::BeginText),
            '$' if self.flags.multi_line => self.look(Look::EndLine),
            '$' => self.look(Look::EndText),
            '.' => {
                let line_breaks = self.flags.dot_all;
                self.push(Node::leaf(Kind::Any { line_breaks }, 1))
            }
            c => self.literal(u32::from(c)),
        }
    }

    fn open_group(&mut self, captures: bool, inner: Flags) {
        let frame = Frame::new(self.flags, captures);
        self.open.push(std::mem::replace(&mut self.frame, frame));
        self.flags = inner;
    }

    fn close_group(&mut self) -> Result<()> {
        let Some(outer) = self.open.pop() else {
            return Err(self.error(ErrorKind::UnexpectedParen, 0..self.text.len()));
        };
        let frame = std::mem::replace(&mut self.frame, outer);
        self.flags = frame.outer;
        let captures = frame.captures;
        let node = frame.close();
        self.push(if captures { Node::capture(node) } else { node })
    }

    /// `(?P<name>`, `(?<name>`, `(?flags)` or `(?flags:`.
    fn group_with_flags(&mut self) -> Result<()> {
        let start = self.pos;
        let rest = self.rest();
        let name_at = if rest.starts_with("(?P<") && rest.len() > 4 {
            Some(4)
        } else if rest.starts_with("(?<") && rest.len() > 3 {
            Some(3)
        } else {
            None
        };
        if let Some(name_at) = name_at {
            let Some(end) = rest.find('>') else {
                return Err(self.error(ErrorKind::InvalidNamedCapture, start..self.text.len()));
            };
            let name = rest.get(name_at..end).unwrap_or_default();
            let word = |c: char| c == '_' || c.is_ascii_alphanumeric();
            if name.is_empty() || !name.chars().all(word) {
                return Err(self.error(ErrorKind::InvalidNamedCapture, start..start + end + 1));
            }
            let name = name.into();
            self.names.push(Some(name));
            self.pos = start + end + 1;
            self.open_group(true, self.flags);
            return Ok(());
        }
        self.pos += 2;
        let mut flags = self.flags;
        let mut on = true;
        let mut seen = false;
        while let Some(c) = self.next() {
            match c {
                'i' => flags.fold = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_all = on,
                'U' => flags.lazy = on,
                '-' if on => {
                    on = false;
                    seen = false;
                    continue;
                }
                ':' if on || seen => {
                    self.open_group(false, flags);
                    return Ok(());
                }
                ')' if on || seen => {
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            seen = true;
        }
        Err(self.error(ErrorKind::InvalidPerlOp, start..self.pos))
    }

    /// `{n}`, `{n,}`, `{n,m}`; nothing where the brace is a literal.
    fn braces(&mut self) -> Result<Option<Repeat>> {
        let start = self.pos;
        let Some((min, max)) = self.rest().get(1..).and_then(counts) else { return Ok(None) };
        self.pos += self.rest().find('}').map_or(0, |end| end + 1);
        let too_many = |count: Option<u32>| count.is_none_or(|count| count > MAX_REPEAT);
        let max_count = match max {
            Max::Same => min,
            Max::Open => Some(MAX_REPEAT),
            Max::Given(count) => count,
        };
        let (Some(least), Some(most), false) =
            (min, max_count, too_many(min) || too_many(max_count) || max_count < min)
        else {
            return Err(self.error(ErrorKind::InvalidRepeatSize, start..self.pos));
        };
        let max = (!matches!(max, Max::Open)).then_some(most);
        Ok(Some(Repeat { min: least, max, counted: true }))
    }

    fn repeat(
        &mut self,
        start: usize,
        repeat: Repeat,
        last_repeat: Option<usize>,
    ) -> Result<Option<usize>> {
        let mut greedy = !self.flags.lazy;
        if self.eat("?") {
            greedy = !greedy;
        }
        if let Some(last) = last_repeat {
            return Err(self.error(ErrorKind::InvalidRepeatOp, last..self.pos));
        }
        let Some(sub) = self.frame.sequence.pop() else {
            return Err(self.error(ErrorKind::MissingRepeatArgument, start..self.pos));
        };
        let node = Node::repeat(sub, &repeat, greedy);
        check_limits(&node, self.text)?;
        if repeat.counted && node.weight > MAX_REPEAT && repeat.max.unwrap_or(repeat.min) >= 2 {
            return Err(self.error(ErrorKind::InvalidRepeatSize, start..self.pos));
        }
        self.frame.sequence.push(node);
        Ok(Some(start))
    }

    /// Something that begins with a backslash, outside a class.
    fn escape(&mut self) -> Result<()> {
        let letter = self.rest().chars().nth(1);
        let look = match letter {
            Some('A') => Some(Look::BeginText),
            Some('z') => Some(Look::EndText),
            Some('b') => Some(Look::WordBoundary),
            Some('B') => Some(Look::NoWordBoundary),
            _ => None,
        };
        if let Some(look) = look {
            self.pos += 2;
            return self.look(look);
        }
        if letter == Some('Q') {
            self.pos += 2;
            let rest = self.rest();
            let (literal, skip) = match rest.find("\\E") {
                Some(end) => (rest.get(..end).unwrap_or_default(), end + 2),
                None => (rest, rest.len()),
            };
            let literal = literal.to_owned();
            self.pos += skip;
            return literal.chars().try_for_each(|c| self.literal(u32::from(c)));
        }
        if let Some(item) = self.class_escape()? {
            let node = Node::class(vec![item], self.flags);
            return self.push(node);
        }
        let c = self.char_escape()?;
        self.literal(c)
    }

    /// `\d`, `\pN`, `\p{Greek}` and the like, if one stands here.
    fn class_escape(&mut self) -> Result<Option<ClassItem>> {
        let start = self.pos;
        let mut chars = self.rest().chars();
        if chars.next() != Some('\\') {
            return Ok(None);
        }
        let Some(letter) = chars.next() else { return Ok(None) };
        if let Some((ranges, negated)) = classes::perl(letter) {
            self.pos += 2;
            return Ok(Some(ClassItem::Named { ranges, negated }));
        }
        if !matches!(letter, 'p' | 'P') {
            return Ok(None);
        }
        let invalid = ErrorKind::InvalidCharRange;
        self.pos += 2;
        let name_start = self.pos;
        let name = match self.next() {
            Some('{') => {
                let Some(end) = self.rest().find('}') else {
                    return Err(self.error(invalid, start..self.text.len()));
                };
                self.pos += end + 1;
                self.text.get(name_start + 1..self.pos - 1)
            }
            _ => self.text.get(name_start..self.pos),
        };
        let name = name.unwrap_or_default();
        let (name, circumflex) = match name.strip_prefix('^') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let Some(class) = classes::unicode(name) else {
            return Err(self.error(invalid, start..self.pos));
        };
        self.unicode_classes += 1;
        if self.unicode_classes > MAX_UNICODE_CLASSES {
            return Err(self.error(ErrorKind::TooLargeHere, 0..self.text.len()));
        }
        Ok(Some(ClassItem::Unicode { class, negated: (letter == 'P') != circumflex }))
    }

    /// `\n`, `\x41`, `\101`, `\.`: one character, in a class or outside.
    fn char_escape(&mut self) -> Result<u32> {
        let start = self.pos;
        self.pos += 1;
        let Some(c) = self.next() else {
            return Err(self.error(ErrorKind::TrailingBackslash, self.pos..self.pos));
        };
        let value = match c {
            'a' => Some(7),
            'f' => Some(12),
            'n' => Some(10),
            'r' => Some(13),
            't' => Some(9),
            'v' => Some(11),
            'x' => self.hex(),
            '0' => Some(self.octal(c)),
            // A single digit would be a reference to a group, which there is not.
            '1'..='7' if self.peek().is_some_and(|next| next.is_digit(8)) => Some(self.octal(c)),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(u32::from(c)),
            _ => None,
        };
        value.ok_or_else(|| self.error(ErrorKind::InvalidEscape, start..self.pos))
    }

    /// Up to three octal digits, of which one is read.
    fn octal(&mut self, first: char) -> u32 {
        let mut value = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            value = value * 8 + digit;
            self.pos += 1;
        }
        value
    }

    /// Two hexadecimal digits, or any number in braces.
    fn hex(&mut self) -> Option<u32> {
        let first = self.next()?;
        if first != '{' {
            let second = self.next();
            return Some(first.to_digit(16)? * 16 + second?.to_digit(16)?);
        }
        let mut value = 0;
        let mut digits = 0;
        loop {
            match self.next()? {
                '}' => return (digits > 0).then_some(value),
                c => value = value * 16 + c.to_digit(16)?,
            }
            if value > u32::from(char::MAX) {
                return None;
            }
            digits += 1;
        }
    }

    /// `[…]`.
    fn class(&mut self) -> Result<()> {
        let start = self.pos;
        self.pos += 1;
        let negated = self.eat("^");
        let mut items = Vec::new();
        let mut first = true;
        while first || self.peek() != Some(']') {
            first = false;
            if let Some(item) = self.posix_class()? {
                items.push(item);
                continue;
            }
            if let Some(item) = self.class_escape()? {
                items.push(item);
                continue;
            }
            let range_start = self.pos;
            let low = self.class_char(start)?;
            let mut high = low;
            let rest = self.rest();
            if rest.len() >= 2 && rest.starts_with('-') && !rest.starts_with("-]") {
                self.pos += 1;
                high = self.class_char(start)?;
                if high < low {
                    let at = range_start..self.pos;
                    return Err(self.error(ErrorKind::InvalidCharRange, at));
                }
            }
            items.push(ClassItem::Range(low, high));
        }
        self.pos += 1;
        let class = Class { items, negated, fold: self.flags.fold };
        self.push(Node::leaf(Kind::Class(class), 1))
    }

    fn class_char(&mut self, class_start: usize) -> Result<u32> {
        if self.peek() == Some('\\') {
            return self.char_escape();
        }
        let end = self.text.len();
        let c = self.next();
        c.map(u32::from)
            .ok_or(SyntaxError { kind: ErrorKind::MissingBracket, at: class_start..end })
    }

    /// `[:name:]`, if one stands here.
    fn posix_class(&mut self) -> Result<Option<ClassItem>> {
        if !self.rest().starts_with("[:")
            || self.last_posix_end.is_none_or(|end| end < self.pos + 2)
        {
            return Ok(None);
        }
        let start = self.pos;
        let inside = self.rest().get(2..).unwrap_or_default();
        let Some(end) = inside.find(":]") else { return Ok(None) };
        let found = classes::posix(inside.get(..end).unwrap_or_default());
        self.pos += end + 4;
        match found {
            Some((ranges, negated)) => Ok(Some(ClassItem::Named { ranges, negated })),
            None => Err(self.error(ErrorKind::InvalidCharRange, start..self.pos)),
        }
    }
}

enum Max {
    Same,
    Open,
    /// `None` where the number is too large to be counted.
    Given(Option<u32>),
}

/// Reads `n}`, `n,}` or `n,m}`.
fn counts(text: &str) -> Option<(Option<u32>, Max)> {
    let (min, rest) = count(text)?;
    if rest.starts_with('}') {
        return Some((min, Max::Same));
    }
    let rest = rest.strip_prefix(',')?;
    if rest.starts_with('}') {
        return Some((min, Max::Open));
    }
    let (max, rest) = count(rest)?;
    rest.starts_with('}').then_some((min, Max::Given(max)))
}

/// A decimal number without leading zeros, and what follows; no value where it is too large.
fn count(text: &str) -> Option<(Option<u32>, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.len() > 1 && digits.starts_with('0');
    if digits.is_empty() || zeros {
        return None;
    }
    let value = if digits.len() > 9 { None } else { digits.parse().ok() };
    Some((value, rest))
}
