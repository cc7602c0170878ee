//! Go's regular expression syntax into a tree, with Go's limits and errors.
//!
//! Source: Go's documentation of `regexp/syntax`, flags `Perl` (and `DotNL` for PromQL matchers).
//! The parser keeps a stack of open groups on the heap; no text makes it recurse.

use std::ops::Range;

use super::error::{ErrorKind, SyntaxError};
use super::tree::{Assertion, ClassItem, Kind, Node, Repeat};

/// The deepest tree that is accepted. Go's limit.
const MAX_HEIGHT: u32 = 1000;
/// The largest product of nested repetitions. Go's limit.
const MAX_REPEAT: u32 = 1000;
/// The most instructions in a program. Go allows 128 MiB of 40 bytes each.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// The most Unicode classes in an expression. Each has some hundred ranges.
pub(super) const MAX_UNICODE_CLASSES: u32 = 1000;

pub(super) struct Parsed {
    pub node: Node,
    /// Names of the groups; the first, the whole match, has none.
    pub names: Vec<Option<Box<str>>>,
}

impl Parsed {
    /// Returns the expression with anchors at both ends.
    pub fn anchored(self) -> Self {
        let look = |look| Node::leaf(Kind::Assertion(look), 1);
        let node =
            Node::concat(vec![look(Assertion::BeginText), self.node, look(Assertion::EndText)]);
        Self { node, ..self }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Flags {
    pub fold: bool,
    multi_line: bool,
    dot_all: bool,
    lazy: bool,
}

/// An open group: its complete branches, and the one that is being read.
struct Frame {
    /// The flags after the group.
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

pub(super) type Result<T> = std::result::Result<T, SyntaxError>;

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
    // Start of the previous repetition operator, which a second one must not follow.
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

pub(super) struct Parser<'t> {
    pub text: &'t str,
    pub pos: usize,
    pub flags: Flags,
    names: Vec<Option<Box<str>>>,
    open: Vec<Frame>,
    frame: Frame,
    pub unicode_classes: u32,
    /// The last `:]` of the text; there is no need to search for one after it.
    pub last_posix_end: Option<usize>,
}

impl Parser<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    pub(super) fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.pos += wanted.len();
        }
        found
    }

    pub(super) fn error(&self, kind: ErrorKind, at: Range<usize>) -> SyntaxError {
        SyntaxError { kind, at }
    }

    pub(super) fn push(&mut self, node: Node) -> Result<()> {
        check_limits(&node, self.text)?;
        self.frame.sequence.push(node);
        Ok(())
    }

    pub(super) fn look(&mut self, look: Assertion) -> Result<()> {
        self.push(Node::leaf(Kind::Assertion(look), 1))
    }

    pub(super) fn literal(&mut self, c: u32) -> Result<()> {
        let fold = self.flags.fold;
        let node = match char::from_u32(c) {
            Some(c) => Node::leaf(Kind::Literal { text: c.into(), fold }, 1),
            None => Node::class(vec![ClassItem::Range(c, c)], self.flags.fold),
        };
        self.push(node)
    }

    /// Reads one element. Returns its start if it is a repetition operator.
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
            '^' if self.flags.multi_line => self.look(Assertion::BeginLine),
            '^' => self.look(Assertion::BeginText),
            '$' if self.flags.multi_line => self.look(Assertion::EndLine),
            '$' => self.look(Assertion::EndText),
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

    /// Reads `{n}`, `{n,}` or `{n,m}`. Returns None if the brace is a literal.
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
}

enum Max {
    Same,
    Open,
    /// None if the number is too large.
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
