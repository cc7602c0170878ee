//! Guesses at what a broken text was meant to be, so that the rest of it can be read.
//!
//! A repair blanks parts of the text or puts a few characters in; line breaks stay. It is tried
//! on a copy, and every offset can be led back to the text as it was.

use granit_parser::ErrorKind;

use text::Span;

/// A copy of a text with changes, and the way back to the original's offsets.
pub(super) struct Patched<'a> {
    original: &'a str,
    blanked: Vec<(usize, usize, usize)>,
    inserted: Vec<(usize, String, usize)>,
    /// What the changes are made for, so that they can be taken back: the line of an error.
    purpose: usize,
    text: String,
    /// Where insertions ended up: offset in `text` and length, in order.
    shifts: Vec<(usize, usize)>,
}

impl<'a> Patched<'a> {
    pub fn new(original: &'a str) -> Self {
        Self {
            original,
            blanked: Vec::new(),
            inserted: Vec::new(),
            purpose: usize::MAX,
            text: original.to_owned(),
            shifts: Vec::new(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes back what was changed for `purpose`, and notes what comes now for it.
    pub fn begin(&mut self, purpose: usize) {
        self.purpose = purpose;
        self.blanked.retain(|change| change.2 != purpose);
        self.inserted.retain(|change| change.2 != purpose);
    }

    pub fn blank(&mut self, from: usize, to: usize) {
        let to = to.min(self.original.len());
        if from < to {
            self.blanked.push((from, to, self.purpose));
        }
    }

    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.inserted.push((at.min(self.original.len()), text.into(), self.purpose));
    }

    /// Makes the changes noted so far. False when the text stays as it was.
    pub fn apply(&mut self) -> bool {
        self.inserted.sort_by_key(|(at, ..)| *at);
        self.blanked.sort_unstable();
        let mut blanked = Vec::with_capacity(self.blanked.len());
        for &(from, to, _) in &self.blanked {
            match blanked.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => blanked.push((from, to)),
            }
        }
        let mut text = String::with_capacity(self.original.len() + 64);
        self.shifts.clear();
        let mut insertions = self.inserted.iter().peekable();
        let mut blanks = blanked.iter().peekable();
        for (at, c) in self.original.char_indices().chain([(self.original.len(), '\0')]) {
            while blanks.next_if(|&&(_, to)| to <= at).is_some() {}
            let is_blank = blanks.peek().is_some_and(|&&(from, to)| from <= at && at < to);
            while let Some((_, put, _)) = insertions.next_if(|(place, ..)| *place <= at) {
                if !is_blank {
                    self.shifts.push((text.len(), put.len()));
                    text.push_str(put);
                }
            }
            if at == self.original.len() {
                break;
            }
            if is_blank && c != '\n' && c != '\r' {
                text.extend(std::iter::repeat_n(' ', c.len_utf8()));
            } else {
                text.push(c);
            }
        }
        let changed = text != self.text;
        self.text = text;
        changed
    }

    /// The original's offset for one of [`Patched::text`].
    pub fn original_offset(&self, offset: usize) -> usize {
        let mut shift = 0;
        for &(at, len) in &self.shifts {
            if at >= offset {
                break;
            }
            shift += len.min(offset - at);
        }
        offset - shift
    }

    pub fn original_span(&self, span: Span) -> Span {
        if self.shifts.is_empty() {
            return span;
        }
        let start = self.original_offset(span.start as usize);
        let end = self.original_offset(span.end as usize);
        Span::new(start as u32, end.max(start) as u32)
    }
}

/// What is known about an error, in offsets of the original.
pub(super) struct SyntaxFault<'e> {
    pub kind: &'e ErrorKind,
    pub at: usize,
    pub last_end: usize,
    /// Bytes before the first content on its line, mends included.
    pub first_column: usize,
    pub open_bracket: Option<usize>,
}

/// Notes the changes of the `level`-th guess: 0 is made for the kind of error, then come blanking
/// the line, its block, the whole top-level section, all the rest. Returns the span that is best
/// pointed at.
pub(super) fn guess(patched: &mut Patched<'_>, fault: &SyntaxFault<'_>, level: usize) -> Span {
    let text = patched.original;
    let line = line_at(text, fault.at);
    match level {
        0 => return targeted(patched, fault),
        1 => patched.blank(line.0, line.1),
        2 => {
            let (from, to) = block_at(text, line);
            patched.blank(from, to);
        }
        3 => {
            let (from, to) = section_at(text, line);
            patched.blank(from, to);
        }
        _ => patched.blank(line.0, text.len()),
    }
    Span::new(line.0 as u32, line.1 as u32)
}

fn targeted(patched: &mut Patched<'_>, fault: &SyntaxFault<'_>) -> Span {
    use ErrorKind as E;
    let text = patched.original;
    let at = fault.at;
    let line = line_at(text, at);
    match fault.kind {
        E::SimpleKeyExpected | E::InvalidSimpleKey => {
            missing_colon(patched, line).unwrap_or_else(|| content_span(text, line))
        }
        E::MappingValueNotAllowed | E::InvalidColonPlacement if fault.open_bracket.is_none() => {
            unexpected_colon(patched, at, line)
        }
        E::InvalidColonPlacement
        | E::MappingValueNotAllowed
        | E::ExpectedFlowMappingSeparator
        | E::ExpectedFlowSequenceSeparator
        | E::UnclosedFlowCollection { .. } => match fault.open_bracket {
            Some(open) => close_brackets(patched, open, line),
            None => content_span(text, line),
        },
        E::UnclosedQuotedScalar
        | E::InvalidQuotedScalarIndent
        | E::DocumentIndicatorInQuotedScalar => close_quote(patched, fault.last_end, at),
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabInPlainScalar
        | E::TabAtBlockScalarStart => blank_tabs(patched, line),
        E::ExpectedDocumentStart => indent_rest(patched, line, fault.first_column),
        E::ExpectedBlockMappingKey | E::ExpectedBlockSequenceEntry => reindent(patched, line),
        E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => {
            patched.blank(at, at + 1);
            Span::new(at as u32, (at + 1).min(text.len()) as u32)
        }
        E::UnknownQuotedScalarEscape
        | E::UnexpectedCharacter { .. }
        | E::InvalidTrailingDoubleQuotedScalar
        | E::InvalidTrailingSingleQuotedScalar
        | E::MissingAnchorOrAliasName
        | E::InvalidBlockScalarHeader => {
            let (_, end) = line;
            let at = at.clamp(line.0, end);
            patched.blank(at, end);
            let one = text.get(at..end).and_then(|rest| rest.chars().next());
            Span::new(at as u32, (at + one.map_or(0, char::len_utf8)) as u32)
        }
        _ => content_span(text, line),
    }
}

/// `key:value` gets its space, `key` its colon.
fn missing_colon(patched: &mut Patched<'_>, line: (usize, usize)) -> Option<Span> {
    let text = patched.original;
    let content = content_span(text, line);
    let shown = content.slice(text);
    if let Some(colon) = colon_without_space(shown) {
        let at = content.start as usize + colon + 1;
        patched.insert(at, " ");
        return Some(Span::new(content.start + colon as u32, at as u32));
    }
    if shown.is_empty() {
        return None;
    }
    patched.insert(content.end as usize, ":");
    Some(content)
}

/// Offset of the colon in `key:value` where the key looks like one.
pub(super) fn colon_without_space(line: &str) -> Option<usize> {
    let colon = line.find(':')?;
    let key = line.get(..colon)?.trim_start_matches("- ");
    let simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let follows = line.get(colon + 1..)?.chars().next()?;
    (!key.is_empty() && key.chars().all(simple) && !follows.is_whitespace()).then_some(colon)
}

fn unexpected_colon(patched: &mut Patched<'_>, at: usize, line: (usize, usize)) -> Span {
    let text = patched.original;
    let content = content_span(text, line);
    let here = Span::new(at as u32, (at + 1).min(text.len()) as u32);
    // A first colon on the line before this one means that a value holds `: `.
    let before = text.get(content.start as usize..at).unwrap_or_default();
    if let Some(colon) = before.find(": ") {
        let value = content.start as usize + colon + 2;
        let value = value + (text.len() - value - text[value..].trim_start_matches(' ').len());
        let quoted = Span::new(value as u32, content.end).slice(text);
        if quoted.contains('\'') {
            patched.blank(value, content.end as usize);
        } else {
            patched.insert(value, "'");
            patched.insert(content.end as usize, "'");
        }
        return Span::new(value as u32, content.end.max(value as u32));
    }
    let above = line_above(text, line);
    if let Some(above) = above {
        let above = content_span(text, above);
        if let Some(colon) = colon_without_space(above.slice(text)) {
            let colon = above.start as usize + colon;
            // With lines hanging below it, the key has no other value.
            if indent_of(text, line) > indent_of(text, line_at(text, colon)) {
                patched.blank(colon + 1, above.end as usize);
            } else {
                patched.insert(colon + 1, " ");
            }
            return Span::new(colon as u32, colon as u32 + 1);
        }
        // `key` alone, with what should hang below it.
        let shown = above.slice(text);
        let fits = above.start as usize - line_at(text, above.start as usize).0
            <= content.start as usize - line.0;
        if fits && !shown.contains(": ") && !shown.starts_with(['"', '\'', '[', '{']) {
            patched.insert(above.end as usize, ":");
            return above;
        }
    }
    patched.blank(line.0, line.1);
    here.join(content)
}

/// Puts in what is open before the line of the error, or, where the error is on the line of the
/// first open bracket, at the end of that.
fn close_brackets(patched: &mut Patched<'_>, open: usize, error_line: (usize, usize)) -> Span {
    let text = patched.original;
    let last = match line_above(text, error_line) {
        Some(above) if above.1 > open => above,
        _ => line_at(text, open),
    };
    let end = (content_span(text, last).end as usize).max(open + 1);
    let mut waiting = Vec::new();
    let mut quote = None;
    for c in text.get(open..end).unwrap_or_default().chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => waiting.push(']'),
            (None, '{') => waiting.push('}'),
            (None, ']' | '}') => {
                waiting.pop();
            }
            _ => {}
        }
    }
    let closing: String = quote.into_iter().chain(waiting.into_iter().rev()).collect();
    if !closing.is_empty() {
        patched.insert(end, closing);
    }
    Span::new(open as u32, open as u32 + 1)
}

/// Closes the first quote behind `from` at the end of its line. A quoted text that goes on at less
/// indentation and is closed later is none of this; it gets the indentation that it lacks.
fn close_quote(patched: &mut Patched<'_>, from: usize, at: usize) -> Span {
    let text = patched.original;
    let behind = text.get(from..).unwrap_or_default();
    let Some(open) = behind.find(['"', '\'']).map(|open| from + open) else {
        return content_span(text, line_at(text, at));
    };
    let quote = &text[open..=open];
    let line = line_at(text, open);
    let mut end = content_span(text, line).end as usize;
    if end <= open {
        end = line.1;
    }
    // At a line's start, before `key:`, it is the quote that is too much.
    let shown = content_span(text, line).slice(text);
    if shown.starts_with(quote) && (shown.ends_with(':') || shown.contains(": ")) {
        patched.blank(open, open + 1);
        return Span::new(open as u32, end as u32);
    }
    // A backslash at the end would take the quote as escaped.
    let shown = text.get(open..end).unwrap_or_default();
    if quote == "\"" && shown.ends_with('\\') {
        patched.blank(end - 1, end);
    }
    patched.insert(end, quote);
    Span::new(open as u32, end as u32)
}

/// Where the quoted text that was begun last ends, if behind it the line ends too: then it is a
/// text over several lines, which Go takes at any indentation.
pub(super) fn quote_goes_on(text: &str, from: usize) -> Option<(usize, usize)> {
    let open = from + text.get(from..)?.find(['"', '\''])?;
    let quote = text.as_bytes().get(open).copied()?;
    let mut bytes = text.bytes().enumerate().skip(open + 1);
    let close = loop {
        let (at, byte) = bytes.next()?;
        if byte == b'\\' && quote == b'"' {
            bytes.next();
        } else if byte == quote {
            if quote == b'\'' && text.as_bytes().get(at + 1) == Some(&quote) {
                bytes.next();
            } else {
                break at;
            }
        }
    };
    let rest = text.get(close + 1..)?.lines().next().unwrap_or_default().trim();
    let ends = rest.is_empty() || rest.starts_with(['#', ',', ']', '}']);
    let inside = text.get(open + 1..close)?;
    let looks_like_keys =
        inside.lines().skip(1).any(|line| line.contains(": ") || line.trim_end().ends_with(':'));
    (ends && !looks_like_keys).then_some((open, close))
}

/// Indents the lines of a quoted text, which changes nothing of its meaning.
pub(super) fn indent_quoted(patched: &mut Patched<'_>, open: usize, close: usize) {
    let inside = patched.original.get(open..close).unwrap_or_default();
    let starts: Vec<usize> = inside.match_indices('\n').map(|(at, _)| open + at + 1).collect();
    for start in starts {
        patched.insert(start, " ".repeat(2 * super::MAX_DEPTH));
    }
}

/// The column that a line with tabs before it was meant for: that of the content above, or, below
/// a key without a value, two further.
pub(super) fn meant_column(text: &str, line: (usize, usize)) -> usize {
    let Some(above) = line_above(text, line) else { return 0 };
    let is_item = content_span(text, line).slice(text).starts_with("- ");
    if content_span(text, above).slice(text).ends_with(':') {
        content_column(text, above) + 2
    } else if is_item {
        indent_of(text, above)
    } else {
        content_column(text, above)
    }
}

/// Puts spaces in the place of tabs, in a line and those with tabs that follow it.
fn blank_tabs(patched: &mut Patched<'_>, line: (usize, usize)) -> Span {
    let text = patched.original;
    let column = meant_column(text, line);
    let mut first = None;
    let mut least = None;
    let mut at = line.0;
    for line in text.get(line.0..).unwrap_or_default().split_inclusive('\n') {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let Some(tab) = line.get(..blanks).and_then(|blanks| blanks.find('\t')) else { break };
        first.get_or_insert(Span::new((at + tab) as u32, (at + blanks) as u32));
        patched.blank(at, at + blanks);
        // A tab counts as two columns.
        let width = blanks + line.get(..blanks).map_or(0, |blanks| blanks.matches('\t').count());
        let deeper = width.saturating_sub(*least.get_or_insert(width));
        // What is put in among blanked characters is left out.
        patched.insert(at + blanks, " ".repeat((column + deeper).saturating_sub(blanks)));
        at += line.len();
    }
    first.unwrap_or_else(|| {
        let found = text.get(line.0..line.1).and_then(|line| line.find('\t'));
        match found {
            Some(tab) => {
                patched.blank(line.0 + tab, line.0 + tab + 1);
                Span::new((line.0 + tab) as u32, (line.0 + tab + 1) as u32)
            }
            None => content_span(text, line),
        }
    })
}

/// Gives a line that begins between two columns, and what hangs below it, the deeper one of them.
fn reindent(patched: &mut Patched<'_>, line: (usize, usize)) -> Span {
    let text = patched.original;
    let indent = indent_of(text, line);
    let shown = content_span(text, line);
    let mut column = None;
    let mut above = line_above(text, line);
    while let Some(candidate) = above {
        let own = indent_of(text, candidate);
        let inside = content_column(text, candidate);
        for found in [own, inside] {
            if found > indent && column.is_none_or(|known| found < known) {
                column = Some(found);
            }
        }
        if own < indent {
            break;
        }
        above = line_above(text, candidate);
    }
    if let Some(column) = column {
        let spaces = " ".repeat(column - indent);
        let mut at = line.0;
        for (number, line) in
            text.get(line.0..).unwrap_or_default().split_inclusive('\n').enumerate()
        {
            let own = line.len() - line.trim_start_matches(' ').len();
            if !line.trim().is_empty() {
                // Its neighbours share the mistake, but those without indentation are most likely
                // right.
                if own < indent || number > 0 && own == 0 {
                    break;
                }
                patched.insert(at, spaces.clone());
            }
            at += line.len();
        }
    }
    shown
}

/// Where the first line is indented to the `column`, by mistake or by a mend, the lines from `line` on
/// get the same.
fn indent_rest(patched: &mut Patched<'_>, line: (usize, usize), column: usize) -> Span {
    let text = patched.original;
    let mut first = line;
    while let Some(above) = line_above(text, first) {
        if text.get(above.0..above.1).is_some_and(|line| line.starts_with("---")) {
            break;
        }
        first = above;
    }
    let missing = column.saturating_sub(indent_of(text, line));
    if missing > 0 {
        let mut at = line.0;
        for line in text.get(line.0..).unwrap_or_default().split_inclusive('\n') {
            if line.starts_with("---") {
                break;
            }
            patched.insert(at, " ".repeat(missing));
            at += line.len();
        }
    }
    content_span(text, first)
}

/// Start of the line and its end without the line break.
pub(super) fn line_at(text: &str, at: usize) -> (usize, usize) {
    let at = at.min(text.len());
    let bytes = text.as_bytes();
    let start = bytes.get(..at).and_then(|before| before.iter().rposition(|&b| b == b'\n'));
    let start = start.map_or(0, |newline| newline + 1);
    let len = bytes.get(start..).and_then(|rest| rest.iter().position(|&b| b == b'\n'));
    let end = len.map_or(text.len(), |len| start + len);
    let end = if end > start && bytes.get(end - 1) == Some(&b'\r') { end - 1 } else { end };
    (start, end)
}

/// The nearest line above that has content.
fn line_above(text: &str, line: (usize, usize)) -> Option<(usize, usize)> {
    let mut start = line.0;
    while start > 0 {
        let above = line_at(text, start - 1);
        let content = text.get(above.0..above.1)?.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return Some(above);
        }
        start = above.0;
    }
    None
}

fn indent_of(text: &str, line: (usize, usize)) -> usize {
    let shown = text.get(line.0..line.1).unwrap_or_default();
    shown.len() - shown.trim_start_matches([' ', '\t']).len()
}

/// Column of a line's content behind its dashes.
fn content_column(text: &str, line: (usize, usize)) -> usize {
    let shown = text.get(line.0..line.1).unwrap_or_default();
    let mut rest = shown.trim_start_matches(' ');
    while let Some(behind) = rest.strip_prefix("- ") {
        rest = behind.trim_start_matches(' ');
    }
    shown.len() - rest.len()
}

/// A line without indentation, comment and blanks at its end.
pub(super) fn content_span(text: &str, line: (usize, usize)) -> Span {
    let shown = text.get(line.0..line.1).unwrap_or_default();
    let start = line.0 + shown.len() - shown.trim_start().len();
    let shown = shown.trim_start();
    let shown = if shown.starts_with('#') {
        shown
    } else {
        shown.find(" #").map_or(shown, |at| &shown[..at])
    };
    let end = start + shown.trim_end().len();
    Span::new(start.min(line.1) as u32, end.min(line.1) as u32)
}

/// The line and all that is indented deeper below it.
fn block_at(text: &str, line: (usize, usize)) -> (usize, usize) {
    let indent = indent_of(text, line);
    let mut at = line.1;
    let mut end = line.1;
    while at < text.len() {
        let next = line_at(text, (at + 1).min(text.len()));
        if next.0 <= at && next.1 <= at {
            break;
        }
        let blank = text.get(next.0..next.1).is_none_or(|line| line.trim().is_empty());
        if !blank {
            if indent_of(text, next) <= indent {
                break;
            }
            end = next.1;
        }
        at = next.1.max(at + 1);
    }
    (line.0, end)
}

/// From the line above without indentation to the next one.
fn section_at(text: &str, line: (usize, usize)) -> (usize, usize) {
    let top = |line: &str| {
        line.chars().next().is_some_and(|c| !matches!(c, ' ' | '\t' | '#' | '-' | '\r' | '\n'))
    };
    let mut start = line.0;
    while start > 0 && !text.get(start..).is_some_and(top) {
        start = line_at(text, start - 1).0;
    }
    let mut end = line.0;
    for (number, line) in text.get(line.0..).unwrap_or_default().split_inclusive('\n').enumerate() {
        if number > 0 && top(line) {
            break;
        }
        end += line.len();
    }
    (start, end.max(line.1))
}
