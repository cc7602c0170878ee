//! Escape sequences and character classes in brackets.

use super::classes;
use super::error::{ErrorKind, SyntaxError};
use super::syntax::{MAX_UNICODE_CLASSES, Parser, Result};
use super::tree::{Assertion, Class, ClassItem, Kind, Node};

impl Parser<'_> {
    /// Something that begins with a backslash, outside a class.
    pub(super) fn escape(&mut self) -> Result<()> {
        let letter = self.rest().chars().nth(1);
        let look = match letter {
            Some('A') => Some(Assertion::BeginText),
            Some('z') => Some(Assertion::EndText),
            Some('b') => Some(Assertion::WordBoundary),
            Some('B') => Some(Assertion::NoWordBoundary),
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
            let node = Node::class(vec![item], self.flags.fold);
            return self.push(node);
        }
        let c = self.char_escape()?;
        self.literal(c)
    }

    /// Parses a class such as `\d`, `\pN` or `\p{Greek}`. None if there is none.
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
    pub(super) fn class(&mut self) -> Result<()> {
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

    /// `[:name:]`, if one is here.
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
