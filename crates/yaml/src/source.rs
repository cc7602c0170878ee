//! A parsed text with the positions of its parts in the host file.

use std::sync::Arc;

use super::tree::{Node, ScalarStyle};
use text::Span;

/// A text of its own or the inner text of a scalar, with a map between its offsets and the file's.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The text that was parsed.
    pub text: Arc<str>,
    /// Ordered by `inner`; between two pieces offsets continue evenly. Empty: both are the same.
    pieces: Arc<[Piece]>,
}

/// From here on, byte `inner` of the text is byte `host` of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    inner: u32,
    host: u32,
    /// The length of the piece in the file. Later offsets map to its end.
    host_len: u32,
}

impl Source {
    /// A text that is a file.
    pub fn whole(text: &str) -> Self {
        Self { text: text.into(), pieces: Arc::from([]) }
    }

    /// The inner text of a scalar of `host`. The node's span must count in bytes of `host`. Returns
    /// None for a node that is no scalar or whose span does not fit the text.
    pub fn of_scalar(host: &str, node: &Node) -> Option<Self> {
        let scalar = node.as_scalar()?;
        let raw = host.get(node.span.range())?;
        let mut map = MapBuilder { host_start: node.span.start, ..MapBuilder::default() };
        match scalar.style {
            ScalarStyle::Literal => map.literal(raw, &scalar.text),
            ScalarStyle::Folded => {
                map.at = raw.find('\n').map_or(raw.len(), |at| at + 1);
                map.flowing(raw, &scalar.text, Escapes::None);
            }
            ScalarStyle::Single if raw.starts_with('\'') => {
                map.at = 1;
                map.flowing(raw, &scalar.text, Escapes::DoubledQuote);
            }
            ScalarStyle::Double if raw.starts_with('"') => {
                map.at = 1;
                map.flowing(raw, &scalar.text, Escapes::Backslash);
            }
            // Quotes that do not stand in the file were put there to mend it.
            ScalarStyle::Plain | ScalarStyle::Single | ScalarStyle::Double => {
                map.flowing(raw, &scalar.text, Escapes::None);
            }
        }
        let end = node.span.end;
        map.push(scalar.text.len(), (end - node.span.start) as usize, 0);
        Some(Self { text: scalar.text.clone(), pieces: map.pieces.into() })
    }

    /// The file's offset for one of the text.
    pub fn to_host(&self, inner: u32) -> u32 {
        let behind = self.pieces.partition_point(|piece| piece.inner <= inner);
        match behind.checked_sub(1).and_then(|at| self.pieces.get(at)) {
            Some(piece) => piece.host + (inner - piece.inner).min(piece.host_len),
            None => self.pieces.first().map_or(inner, |piece| piece.host),
        }
    }

    pub fn span_to_host(&self, span: Span) -> Span {
        let start = self.to_host(span.start);
        let end = if span.is_empty() { start } else { self.end_to_host(span.end) };
        Span::new(start, end.max(start))
    }

    /// The end of a span goes to the end of the piece that it closes, not to the start of the next
    /// line's text after the indentation.
    fn end_to_host(&self, inner: u32) -> u32 {
        let behind = self.pieces.partition_point(|piece| piece.inner < inner);
        match behind.checked_sub(1).and_then(|at| self.pieces.get(at)) {
            Some(piece) => piece.host + (inner - piece.inner).min(piece.host_len),
            None => self.to_host(inner),
        }
    }

    /// The text's offset for one of the file; one before or after the text goes to its start or
    /// end, one in the indentation of a block to the line's start.
    pub fn from_host(&self, host: u32) -> u32 {
        if self.pieces.is_empty() {
            return host.min(self.text.len() as u32);
        }
        let behind = self.pieces.partition_point(|piece| piece.host <= host);
        let Some(at) = behind.checked_sub(1) else { return 0 };
        let Some(piece) = self.pieces.get(at) else { return 0 };
        let limit = self.pieces.get(at + 1).map_or(self.text.len() as u32, |next| next.inner);
        let mut inner = (piece.inner + (host - piece.host)).min(limit);
        while !self.text.is_char_boundary(inner as usize) {
            inner -= 1;
        }
        inner
    }

    /// Returns the distance by which everything before byte `upto` moves in the file between this
    /// text and a `new` one, which have the same start. None if not all of it moves alike.
    pub(super) fn moved_before(&self, new: &Source, upto: usize) -> Option<i64> {
        if upto == 0 {
            return Some(i64::from(new.to_host(0)) - i64::from(self.to_host(0)));
        }
        let of = |pieces: &[Piece]| pieces.partition_point(|piece| (piece.inner as usize) < upto);
        let (old, new) = (self.pieces.get(..of(&self.pieces))?, new.pieces.get(..of(&new.pieces))?);
        moved_alike(old, new, (0, 0))
    }

    /// The same for what follows byte `from` of this text and `new_from` of a new one, which
    /// end alike.
    pub(super) fn moved_behind(&self, new: &Source, from: usize, new_from: usize) -> Option<i64> {
        if self.is_whole() && new.is_whole() {
            return Some(new_from as i64 - from as i64);
        }
        if from == self.text.len() && new_from == new.text.len() {
            return Some(0);
        }
        let behind =
            |pieces: &[Piece], from| pieces.partition_point(|piece| (piece.inner as usize) < from);
        let old_pieces = self.pieces.get(behind(&self.pieces, from)..)?;
        let new_pieces = new.pieces.get(behind(&new.pieces, new_from)..)?;
        // Without a piece that begins right there, the one before would have a say.
        let begins = old_pieces.first()?.inner as usize == from;
        begins.then(|| moved_alike(old_pieces, new_pieces, (from as u32, new_from as u32)))?
    }

    /// Returns true if every line is the same in the file, so that offsets map one to one.
    pub(super) fn is_faithful(&self) -> bool {
        let bytes: usize = self.pieces.iter().map(|piece| piece.host_len as usize).sum();
        self.is_whole() || bytes == self.text.len()
    }

    /// True where text and file are the same.
    pub fn is_whole(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Returns the indentation in the file before the line of an offset. Lines that are inserted into
    /// the file need that indentation in addition to their own.
    pub fn indentation_at(&self, host: &str, inner: u32) -> usize {
        if self.is_whole() {
            return 0;
        }
        let line = self
            .text
            .get(..inner as usize)
            .map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
        let start = self.to_host(line as u32) as usize;
        let before = host.get(..start).unwrap_or_default();
        before.len() - before.trim_end_matches(' ').len()
    }
}

/// By how much the places of all pieces differ, counted from two offsets of the texts.
fn moved_alike(old: &[Piece], new: &[Piece], (from, new_from): (u32, u32)) -> Option<i64> {
    let by = |(old, new): (&Piece, &Piece)| i64::from(new.host) - i64::from(old.host);
    let Some(first) = old.iter().zip(new).next().map(by) else {
        return (old.is_empty() && new.is_empty()).then_some(0);
    };
    let alike = |(old, new): (&Piece, &Piece)| {
        old.inner.checked_sub(from) == new.inner.checked_sub(new_from)
            && old.host_len == new.host_len
            && by((old, new)) == first
    };
    (old.len() == new.len() && old.iter().zip(new).all(alike)).then_some(first)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    None,
    DoubledQuote,
    Backslash,
}

#[derive(Default)]
struct MapBuilder {
    host_start: u32,
    /// The current offset in the raw text.
    at: usize,
    pieces: Vec<Piece>,
}

impl MapBuilder {
    /// `inner` stands at `raw`; a piece is made only where the offsets do not continue evenly.
    fn push(&mut self, inner: usize, raw: usize, len: usize) {
        let (inner, host) = (inner as u32, self.host_start + raw as u32);
        if let Some(last) = self.pieces.last_mut() {
            let even =
                last.host + (inner - last.inner) == host && last.host_len == inner - last.inner;
            if even {
                last.host_len += len as u32;
                return;
            }
            if last.inner == inner {
                *last = Piece { inner, host, host_len: len as u32 };
                return;
            }
        }
        self.pieces.push(Piece { inner, host, host_len: len as u32 });
    }

    /// Lines are copied without the block's indentation.
    fn literal(&mut self, raw: &str, text: &str) {
        let mut lines = raw.split_inclusive('\n');
        let mut at = lines.next().map_or(0, str::len);
        let mut inner = 0;
        let body: Vec<(usize, &str)> = lines
            .map(|line| {
                let start = at;
                at += line.len();
                (start, line.trim_end_matches(['\n', '\r']))
            })
            .collect();
        let mut inner_lines = text.split_inclusive('\n');
        for (start, line) in body {
            let Some(wanted) = inner_lines.next() else { break };
            // The indentation is the blanks before the line's text.
            let bare = wanted.trim_end_matches('\n');
            match line.strip_suffix(bare) {
                Some(cut) => {
                    let start = start + cut.len();
                    self.push(inner, start, wanted.len().min(raw.len() - start));
                }
                // The file was mended before it was read: the line is all there is to point at.
                None => self.push(inner, start, 0),
            }
            inner += wanted.len();
        }
    }

    /// Text whose line breaks and escapes do not stand in the file as they are: both are read side
    /// by side, and any character that is no blank brings them together again.
    fn flowing(&mut self, raw: &str, text: &str, escapes: Escapes) {
        for (inner, c) in text.char_indices() {
            if !matches!(c, ' ' | '\n' | '\t') || escapes == Escapes::Backslash {
                self.skip_breaks(raw, c, escapes);
            }
            let here = raw.get(self.at..).unwrap_or_default();
            let len = match escapes {
                Escapes::DoubledQuote if c == '\'' && here.starts_with("''") => 2,
                Escapes::Backslash if here.starts_with('\\') => escape_len(here),
                _ => match here.chars().next() {
                    Some(found) if found == c => found.len_utf8(),
                    // A break folded into a blank: it and the indentation after it are one.
                    Some('\n' | '\r') => {
                        here.len() - here.trim_start_matches(['\n', '\r', ' ', '\t']).len()
                    }
                    _ => 0,
                },
            };
            self.push(inner, self.at, len.min(c.len_utf8()));
            self.at += len;
        }
    }

    fn skip_breaks(&mut self, raw: &str, c: char, escapes: Escapes) {
        loop {
            let here = raw.get(self.at..).unwrap_or_default();
            if escapes == Escapes::Backslash
                && let Some(behind) = here.strip_prefix("\\\n").or(here.strip_prefix("\\\r\n"))
            {
                let behind = behind.trim_start_matches([' ', '\t']);
                self.at += here.len() - behind.len();
                continue;
            }
            match here.chars().next() {
                Some(blank @ (' ' | '\t' | '\n' | '\r')) if c != ' ' && c != '\n' && c != blank => {
                    self.at += 1;
                }
                // Such a character was read as blanks.
                Some(refused) if is_refused(refused) => self.at += refused.len_utf8(),
                _ => break,
            }
        }
    }
}

/// Characters that YAML does not allow in a text.
pub(super) fn is_refused(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f'..='\u{84}'
        | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

/// Length of an escape sequence at the start of `text`, its backslash included.
fn escape_len(text: &str) -> usize {
    let mut chars = text.chars();
    chars.next();
    let len = match chars.next() {
        Some('x') => 4,
        Some('u') => 6,
        Some('U') => 10,
        Some(c) => 1 + c.len_utf8(),
        None => 1,
    };
    len.min(text.len())
}
