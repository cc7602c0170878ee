//! Incremental parsing after an edit. The list item or the document around the edit is parsed
//! again; the rest of the tree is reused and its spans are moved.
//!
//! The result equals that of [`super::parse`]; a property test compares the two. Three conditions
//! make this sound: the old text was parsed at the first attempt and without diagnostics; it has no
//! anchors, aliases or merge keys, through which one place could change another; and the part that
//! is parsed again is cut out at lines that no token crosses: from a `- ` line of a block list up to
//! the next line that is indented no deeper, or the lines between two `---`. If these conditions
//! cannot be shown cheaply, the whole text is parsed.

mod edit;
mod lines;
mod moves;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::builder::{Built, build};
use super::parse::{MAX_BYTES, read};
use super::source::{Source, is_refused};
use super::tree::{Collection, Comment, Document, Kind, MAX_DEPTH, Node, Parsed};
use edit::Edit;
use lines::{
    dash_column, end_of_item, has_mark, indentation, is_dash, is_marker, line_at, line_start,
    next_line, opens_at_end,
};
use moves::{Item, Moves, Splice, moved_document, replace, shifted_span};
use text::Span;

/// As [`super::parse`], with the result from before the edit.
pub fn parse_incremental(before: &Parsed, text: &str) -> Parsed {
    let source = Source::whole(text);
    reuse(before, &source).unwrap_or_else(|| read(before.file, source))
}

/// As [`super::embedded`], with the result from before the edit.
pub fn embedded_incremental(before: &Parsed, host: &str, scalar: &Node) -> Option<Parsed> {
    let source = Source::of_scalar(host, scalar)?;
    Some(reuse(before, &source).unwrap_or_else(|| read(before.file, source)))
}

fn reuse(before: &Parsed, source: &Source) -> Option<Parsed> {
    let faithful = before.source.is_faithful() && source.is_faithful();
    if !before.plain || !faithful || source.text.len() > MAX_BYTES {
        return None;
    }
    let edit = Edit::between(&before.source.text, &source.text)?;
    let reader = Incremental { before, source, edit };
    let documents = reader
        .unchanged()
        .or_else(|| reader.comment())
        .or_else(|| reader.item())
        .or_else(|| reader.document())?;
    Some(Parsed {
        file: before.file,
        source: source.clone(),
        documents,
        plain: true,
        ..Parsed::default()
    })
}

/// The lines that are parsed again, as byte ranges of both texts.
#[derive(Clone, Debug)]
struct Part {
    old: Range<usize>,
    new: Range<usize>,
}

struct Incremental<'a> {
    before: &'a Parsed,
    source: &'a Source,
    edit: Edit,
}

/// A list on the path from the document's root to the edit.
struct EnclosingList {
    /// Indices of children on the path to the list: of entries or of items.
    path: Vec<usize>,
    column: usize,
    /// True if it starts at its first dash, not at its first item. See [`dash_column`].
    at_dash: bool,
}

impl Incremental<'_> {
    fn old(&self) -> &str {
        &self.before.source.text
    }

    fn text(&self) -> &str {
        &self.source.text
    }

    /// Handles a text that moved in its file and is otherwise the same.
    fn unchanged(&self) -> Option<Vec<Document>> {
        let Edit { start, old_end, new_end } = self.edit;
        if start != old_end || start != new_end {
            return None;
        }
        let by = self.before.source.moved_before(self.source, self.old().len())?;
        Some(self.before.documents.iter().map(|document| moved_document(document, by)).collect())
    }

    /// Handles an edit within a comment, which only moves the text after it.
    fn comment(&self) -> Option<Vec<Document>> {
        let Edit { start, old_end, new_end } = self.edit;
        let inner = |host: u32| self.before.source.from_host(host) as usize;
        let mut comments = self.before.documents.iter().flat_map(|document| &document.comments);
        let within =
            |one: &&Comment| inner(one.span.start) < start && old_end <= inner(one.span.end);
        let touched = comments.find(within)?.span;
        let brought = self.text().get(start..new_end)?;
        let lines = |text| line_start(text, start)..next_line(text, start);
        let part = Part { old: lines(self.old()), new: lines(self.text()) };
        // After the last line of a scalar, nothing shows how far the end of a document moves.
        let one_line = part.new.end == self.edit.moved(part.old.end)
            && (part.old.end < self.old().len() || self.source.is_whole());
        if !one_line || brought.contains(['\n', '\r']) || brought.chars().any(is_refused) {
            return None;
        }
        let splice =
            Splice { at: self.before.source.to_host(start as u32), moves: self.moves(&part)? };
        // The line break after it may have become longer in the file.
        let (from, to) = (inner(touched.start), self.edit.moved(inner(touched.end)));
        if splice.span(touched) != self.source.span_to_host(span_of(&(from..to))) {
            return None;
        }
        let documents = self.before.documents.iter();
        let comment = |one: &Comment| Comment { span: splice.span(one.span) };
        let moved = documents.map(|document| Document {
            span: splice.span(document.span),
            root: splice.node(&document.root),
            comments: document.comments.iter().map(comment).collect(),
        });
        Some(moved.collect())
    }

    /// Parses the innermost list item around the edit that can be cut out.
    fn item(&self) -> Option<Vec<Document>> {
        let at = self.before.source.to_host(self.edit.start as u32);
        let number = self.before.documents.iter().rposition(|one| one.span.start <= at)?;
        let document = self.before.documents.get(number)?;
        self.lists(&document.root, at)
            .iter()
            .rev()
            .find_map(|list| self.read_item(number, document, list))
    }

    fn read_item(
        &self,
        number: usize,
        document: &Document,
        list: &EnclosingList,
    ) -> Option<Vec<Document>> {
        let part = self.lines_of_item(list.column)?;
        let moves = self.moves(&part)?;
        let inner = |host: u32| self.before.source.from_host(host) as usize;
        // Comments at the end of a document can belong to the next one.
        let last_lines = part.old.end >= inner(document.span.end);
        if last_lines && number + 1 < self.before.documents.len() {
            return None;
        }
        let is_last = part.new.end == self.text().len();
        let mut text = self.text().get(part.new.clone())?.to_owned();
        if !is_last {
            text.extend(std::iter::repeat_n(' ', list.column));
            text.push_str("- 0\n");
        }
        let built = self.build(&text, part.new.start)?;
        let [read] = built.documents.as_slice() else { return None };
        let Kind::Sequence(items) = &read.root.kind else { return None };
        let expected = 1 + usize::from(!is_last);
        if items.style != Collection::Block || items.items.len() != expected {
            return None;
        }
        let node = items.items.first()?;
        let start = if list.at_dash {
            Some(read.root.span.start)
        } else {
            self.content_of(&part, list.column)
        };
        let item = Item { node, start };
        if list.path.len() + 2 + usize::from(item.node.height) > MAX_DEPTH {
            return None;
        }
        let old_span = self.before.source.span_to_host(span_of(&part.old));
        let root = replace(&document.root, &list.path, &item, old_span, moves)?;
        let comments = self.comments(document, &part, read, moves);
        let span = self.span(document, read, is_last);
        Some(self.with(number, Document { span, root, comments }, moves))
    }

    /// Parses the document around the edit.
    fn document(&self) -> Option<Vec<Document>> {
        let part = self.lines_of_document()?;
        if part.new.len() > self.text().len() / 2 {
            return None;
        }
        let moves = self.moves(&part)?;
        let start = self.before.source.to_host(part.old.start.saturating_sub(1) as u32);
        let number = match part.old.start {
            0 => 0,
            _ => self.before.documents.iter().position(|one| one.span.start == start)?,
        };
        let document = self.before.documents.get(number)?;
        let inner = |host: u32| self.before.source.from_host(host) as usize;
        if part.old.start == 0 && inner(document.span.start) != 0 {
            return None;
        }
        // Comments above the marker belong to the document, but not to its lines.
        if document.comments.iter().any(|comment| inner(comment.span.start) < part.old.start) {
            return None;
        }
        let text = self.text().get(part.new.clone())?;
        // Comments before a marker can belong to the document after it.
        let last = text.lines().rev().map(str::trim_start).find(|line| !line.is_empty())?;
        if last.starts_with('#') {
            return None;
        }
        let mut built = self.build(text, part.new.start)?;
        let [_] = built.documents.as_slice() else { return None };
        let read = built.documents.pop()?;
        let span = self.span(document, &read, true);
        Some(self.with(number, Document { span, ..read }, moves))
    }

    /// Returns the new span of the document around the edit.
    fn span(&self, document: &Document, read: &Document, is_last: bool) -> Span {
        let inner = |host: u32| self.before.source.from_host(host);
        let start = inner(document.span.start);
        let end = self.edit.moved(inner(document.span.end) as usize) as u32;
        let span = self.source.span_to_host(Span::new(start, end.max(start)));
        if is_last { Span::new(span.start, read.span.end.max(span.start)) } else { span }
    }

    /// Returns the offset of the text after the dash of a part's first line.
    fn content_of(&self, part: &Part, column: usize) -> Option<u32> {
        let line = line_at(self.text(), part.new.start);
        let behind = line.get(column + 1..)?;
        let content = behind.trim_start_matches(' ');
        let at = part.new.start + line.len() - content.len();
        (!content.starts_with(['\n', '#']) && !content.is_empty())
            .then(|| self.source.to_host(at as u32))
    }

    /// Returns the lists around an offset of the file, outermost first.
    fn lists(&self, root: &Node, at: u32) -> Vec<EnclosingList> {
        let (mut lists, mut path, mut node) = (Vec::new(), Vec::new(), root);
        loop {
            let next = match &node.kind {
                Kind::Mapping(mapping) if mapping.style == Collection::Block => {
                    let entries = &mapping.entries;
                    let behind = entries.partition_point(|entry| entry.key.span.start <= at);
                    behind.checked_sub(1).and_then(|at| Some((at, &entries.get(at)?.value)))
                }
                Kind::Sequence(sequence) if sequence.style == Collection::Block => {
                    let start = self.before.source.from_host(node.span.start) as usize;
                    if let Some((column, at_dash)) = dash_column(self.old(), start) {
                        lists.push(EnclosingList { path: path.clone(), column, at_dash });
                    }
                    let items = &sequence.items;
                    let behind = items.partition_point(|item| item.span.start <= at);
                    behind.checked_sub(1).and_then(|at| Some((at, items.get(at)?)))
                }
                _ => None,
            };
            let Some((number, below)) = next else { return lists };
            path.push(number);
            node = below;
        }
    }

    /// Returns the lines of a list item whose dash is in a column. None if the edit is not between
    /// the dash and the end of the last line.
    fn lines_of_item(&self, column: usize) -> Option<Part> {
        let old = self.old();
        // Text inserted at the start of a line follows the line before.
        let mut start = line_start(old, self.edit.start.saturating_sub(1));
        loop {
            let line = line_at(old, start);
            match indentation(line) {
                Some(indent) if indent < column => return None,
                Some(indent) if indent == column => {
                    let dash = line.get(column..).is_some_and(is_dash);
                    if !dash {
                        return None;
                    }
                    break;
                }
                _ => start = line_start(old, start.checked_sub(1)?),
            }
        }
        if self.edit.start < start + column + 1 {
            return None;
        }
        let old_end = end_of_item(old, next_line(old, start), column);
        let part = self.part(start, old_end)?;
        // In the new text, no line of it may be indented less.
        let new = self.text();
        let first = line_at(new, part.new.start);
        let ends = end_of_item(new, next_line(new, part.new.start), column);
        let sound = first.get(column..).is_some_and(is_dash) && ends >= part.new.end;
        sound.then_some(part)
    }

    /// Returns the lines between two document markers.
    fn lines_of_document(&self) -> Option<Part> {
        let old = self.old();
        let mut start = line_start(old, self.edit.start);
        while start > 0 && !is_marker(line_at(old, start)) {
            start = line_start(old, start - 1);
        }
        if is_marker(line_at(old, start)) {
            if line_at(old, start).trim_end_matches('\n') != "---" {
                return None;
            }
            start = next_line(old, start);
        }
        if self.edit.start < start {
            return None;
        }
        let mut end = start;
        while end < old.len() && !is_marker(line_at(old, end)) {
            end = next_line(old, end);
        }
        if end < old.len() && !line_at(old, end).starts_with("---") {
            return None;
        }
        let part = self.part(start, end)?;
        let mut lines = self.text().get(part.new.clone())?.lines();
        let sound = !lines.any(|line| is_marker(line) || line.starts_with('%'));
        sound.then_some(part)
    }

    /// Returns the lines from `start` to `end` of the old text. None if the edit changes their end or
    /// inserts text that may need a repair.
    fn part(&self, start: usize, end: usize) -> Option<Part> {
        let old = self.old();
        let whole_lines = || {
            let before = self.text().get(..self.edit.new_end);
            before.is_some_and(|text| text.ends_with('\n'))
        };
        let cut = self.edit.old_end == end && end < old.len() && !whole_lines();
        if self.edit.old_end > end || cut {
            return None;
        }
        let part = Part { old: start..end, new: start..self.edit.moved(end) };
        let text = self.text().get(part.new.clone())?;
        let sound = part.new.len() <= MAX_PART
            && !text.contains(['\r', '\t'])
            && !text.chars().any(is_refused)
            && !text.lines().any(has_mark)
            && !opens_at_end(text);
        sound.then_some(part)
    }

    /// Returns how offsets move. None if they do not all move by the same distance.
    fn moves(&self, part: &Part) -> Option<Moves> {
        let (old, new) = (&self.before.source, self.source);
        Some(Moves {
            before: old.moved_before(new, part.old.start)?,
            behind: old.moved_behind(new, part.old.end, part.new.end)?,
        })
    }

    /// Parses a part of the new text that starts at an offset.
    fn build(&self, text: &str, start: usize) -> Option<Built> {
        let start = start as u32;
        let most = self.source.text.len() as u32;
        let locate = |span: Span| {
            let (from, to) = ((span.start + start).min(most), (span.end + start).min(most));
            self.source.span_to_host(Span::new(from, to))
        };
        let built = build(text, &locate);
        let sound = built.error.is_none() && built.problems.is_empty() && !built.linked;
        sound.then_some(built)
    }

    fn comments(
        &self,
        document: &Document,
        part: &Part,
        read: &Document,
        moves: Moves,
    ) -> Vec<Comment> {
        let old = self.before.source.span_to_host(span_of(&part.old));
        let (before, rest): (Vec<&Comment>, Vec<&Comment>) =
            document.comments.iter().partition(|comment| comment.span.start < old.start);
        let behind = rest.into_iter().filter(|comment| comment.span.start >= old.end);
        let comment = |comment: &Comment, by| Comment { span: shifted_span(comment.span, by) };
        before
            .into_iter()
            .map(|one| comment(one, moves.before))
            .chain(read.comments.iter().copied())
            .chain(behind.map(|one| comment(one, moves.behind)))
            .collect()
    }

    /// Returns all documents, with one of them replaced.
    fn with(&self, number: usize, new: Document, moves: Moves) -> Vec<Document> {
        let all = &self.before.documents;
        let before = all.iter().take(number).map(|one| moved_document(one, moves.before));
        let behind = all.iter().skip(number + 1).map(|one| moved_document(one, moves.behind));
        before.chain([new]).chain(behind).collect()
    }
}

/// The longest part that is parsed again, in bytes.
const MAX_PART: usize = 1 << 20;

fn span_of(range: &Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}
