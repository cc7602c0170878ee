//! Reading a text again after an edit: the list item or the document around the edit is read anew,
//! the rest of the tree is taken over and moved to where it stands now.
//!
//! The result is the one of [`super::parse`]; a property test holds the two against each other.
//! What makes that sound: the old text was read at the first attempt and without any finding; it
//! has no anchors, aliases or merge keys in it, through which one place could change another; and
//! the part that is read anew is cut out at lines where nothing can reach over: a `- ` line of a
//! block list up to the next line that is indented no deeper, or the lines between two `---`.
//! Wherever that cannot be shown cheaply, the whole text is read.

use std::ops::Range;
use std::sync::Arc;

use super::builder::{Built, build};
use super::parse::{MAX_BYTES, read};
use super::source::{Source, is_refused};
use super::tree::{
    Collection, Comment, Document, Entry, Kind, MAX_DEPTH, Mapping, Node, Parsed, Sequence,
};
use crate::text::Span;

/// As [`super::parse`], with what was read before the edit.
pub fn parse_again(before: &Parsed, text: &str) -> Parsed {
    let source = Source::whole(text);
    again(before, &source).unwrap_or_else(|| read(before.file, source))
}

/// As [`super::embedded`], with what was read before the edit.
pub fn embedded_again(before: &Parsed, host: &str, scalar: &Node) -> Option<Parsed> {
    let source = Source::of_scalar(host, scalar)?;
    Some(again(before, &source).unwrap_or_else(|| read(before.file, source)))
}

fn again(before: &Parsed, source: &Source) -> Option<Parsed> {
    let faithful = before.source.is_faithful() && source.is_faithful();
    if !before.plain || !faithful || source.text.len() > MAX_BYTES {
        return None;
    }
    let edit = Edit::between(&before.source.text, &source.text)?;
    let reader = Again { before, source, edit };
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

/// What is between what two texts begin and end with in common, on character boundaries.
#[derive(Clone, Copy, Debug)]
struct Edit {
    start: usize,
    old_end: usize,
    new_end: usize,
}

impl Edit {
    /// Nothing where the texts have too little in common to gain anything.
    fn between(old: &str, new: &str) -> Option<Self> {
        let most = old.len().min(new.len());
        let mut start = common(old.as_bytes(), new.as_bytes());
        while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = common_end(old.as_bytes(), new.as_bytes()).min(most - start);
        while !old.is_char_boundary(old.len() - end) || !new.is_char_boundary(new.len() - end) {
            end -= 1;
        }
        let edit = Self { start, old_end: old.len() - end, new_end: new.len() - end };
        (edit.new_end - start <= new.len() / 2 || edit.new_end == start).then_some(edit)
    }

    /// Where an offset behind the edit is now.
    fn moved(self, old: usize) -> usize {
        (old + self.new_end).saturating_sub(self.old_end)
    }
}

/// Bytes that are compared at once.
const STRIDE: usize = 256;

fn common(a: &[u8], b: &[u8]) -> usize {
    let strides = a.chunks_exact(STRIDE).zip(b.chunks_exact(STRIDE));
    let from = strides.take_while(|(a, b)| a == b).count() * STRIDE;
    let rest = a.iter().zip(b).skip(from);
    from + rest.take_while(|(a, b)| a == b).count()
}

fn common_end(a: &[u8], b: &[u8]) -> usize {
    let strides = a.rchunks_exact(STRIDE).zip(b.rchunks_exact(STRIDE));
    let from = strides.take_while(|(a, b)| a == b).count() * STRIDE;
    let (a, b) = (&a[..a.len() - from], &b[..b.len() - from]);
    from + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Whole lines that are read anew, in both texts.
#[derive(Clone, Debug)]
struct Part {
    old: Range<usize>,
    new: Range<usize>,
}

/// How far places of the file move that lie before a part and behind it.
#[derive(Clone, Copy)]
struct Moves {
    before: i64,
    behind: i64,
}

/// A place at which something was put in or taken away between all values.
struct Seam {
    /// In the old file.
    at: u32,
    moves: Moves,
}

impl Seam {
    fn offset(&self, offset: u32) -> u32 {
        shifted(offset, if offset < self.at { self.moves.before } else { self.moves.behind })
    }

    fn span(&self, span: Span) -> Span {
        Span::new(self.offset(span.start), self.offset(span.end))
    }

    fn entry(&self, entry: &Entry) -> Entry {
        Entry { key: self.node(&entry.key), value: self.node(&entry.value) }
    }

    /// What stands on one side of the seam moves as a whole.
    fn node(&self, node: &Node) -> Node {
        if node.span.end < self.at {
            return moved(node, self.moves.before);
        }
        if node.span.start >= self.at {
            return moved(node, self.moves.behind);
        }
        let kind = match &node.kind {
            Kind::Scalar(scalar) => Kind::Scalar(scalar.clone()),
            Kind::Sequence(sequence) => Kind::Sequence(Arc::new(Sequence {
                style: sequence.style,
                items: sequence.items.iter().map(|item| self.node(item)).collect(),
            })),
            Kind::Mapping(mapping) => Kind::Mapping(Arc::new(Mapping {
                style: mapping.style,
                entries: mapping.entries.iter().map(|entry| self.entry(entry)).collect(),
                merged: Vec::new(),
            })),
        };
        Node { span: self.span(node.span), kind, ..node.clone() }
    }
}

struct Again<'a> {
    before: &'a Parsed,
    source: &'a Source,
    edit: Edit,
}

/// A list on the way from a document's root to the edit.
struct Step {
    /// Places of children on the way to the list: of entries' values, or of items.
    path: Vec<usize>,
    column: usize,
    /// Whether it begins at its first dash, not at its first item. See [`dash_column`].
    at_dash: bool,
}

impl Again<'_> {
    fn old(&self) -> &str {
        &self.before.source.text
    }

    fn text(&self) -> &str {
        &self.source.text
    }

    /// A text that stands elsewhere in its file, and is the same otherwise.
    fn unchanged(&self) -> Option<Vec<Document>> {
        let Edit { start, old_end, new_end } = self.edit;
        if start != old_end || start != new_end {
            return None;
        }
        let by = self.before.source.moved_before(self.source, self.old().len())?;
        Some(self.before.documents.iter().map(|document| moved_document(document, by)).collect())
    }

    /// An edit within a comment moves what stands behind it, and that is all.
    fn comment(&self) -> Option<Vec<Document>> {
        let Edit { start, old_end, new_end } = self.edit;
        let inner = |host: u32| self.before.source.from_host(host) as usize;
        let mut comments = self.before.documents.iter().flat_map(|document| &document.comments);
        let within =
            |one: &&Comment| inner(one.span.start) < start && old_end <= inner(one.span.end);
        comments.find(within)?;
        let brought = self.text().get(start..new_end)?;
        let lines = |text| line_start(text, start)..next_line(text, start);
        let part = Part { old: lines(self.old()), new: lines(self.text()) };
        // Behind the last line of a scalar nothing tells how far the end of a document moves.
        let one_line = part.new.end == self.edit.moved(part.old.end)
            && (part.old.end < self.old().len() || self.source.is_whole());
        if !one_line || brought.contains(['\n', '\r']) || brought.chars().any(is_refused) {
            return None;
        }
        let seam = Seam { at: self.before.source.to_host(start as u32), moves: self.moves(&part)? };
        let documents = self.before.documents.iter();
        let comment = |one: &Comment| Comment { span: seam.span(one.span) };
        let moved = documents.map(|document| Document {
            span: seam.span(document.span),
            root: seam.node(&document.root),
            comments: document.comments.iter().map(comment).collect(),
        });
        Some(moved.collect())
    }

    /// Reads the innermost item of a list around the edit that can be cut out.
    fn item(&self) -> Option<Vec<Document>> {
        let at = self.before.source.to_host(self.edit.start as u32);
        let number = self.before.documents.iter().rposition(|one| one.span.start <= at)?;
        let document = self.before.documents.get(number)?;
        self.lists(&document.root, at)
            .iter()
            .rev()
            .find_map(|step| self.read_item(number, document, step))
    }

    fn read_item(&self, number: usize, document: &Document, step: &Step) -> Option<Vec<Document>> {
        let part = self.lines_of_item(step.column)?;
        let moves = self.moves(&part)?;
        let inner = |host: u32| self.before.source.from_host(host) as usize;
        // The comments at the end of a document can count to the next one.
        let last_lines = part.old.end >= inner(document.span.end);
        if last_lines && number + 1 < self.before.documents.len() {
            return None;
        }
        let is_last = part.new.end == self.text().len();
        let mut text = self.text().get(part.new.clone())?.to_owned();
        if !is_last {
            text.extend(std::iter::repeat_n(' ', step.column));
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
        let start = if step.at_dash {
            Some(read.root.span.start)
        } else {
            self.content_of(&part, step.column)
        };
        let item = Item { node, start };
        if step.path.len() + 2 + usize::from(item.node.height) > MAX_DEPTH {
            return None;
        }
        let old_span = self.before.source.span_to_host(span_of(&part.old));
        let root = replace(&document.root, &step.path, &item, old_span, moves)?;
        let comments = self.comments(document, &part, read, moves);
        let span = self.span(document, read, is_last);
        Some(self.with(number, Document { span, root, comments }, moves))
    }

    /// Reads the document around the edit.
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
        let text = self.text().get(part.new.clone())?;
        // Comments before a marker can count to the document behind it.
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

    /// Where the document around the edit stands now.
    fn span(&self, document: &Document, read: &Document, is_last: bool) -> Span {
        let inner = |host: u32| self.before.source.from_host(host);
        let start = inner(document.span.start);
        let end = self.edit.moved(inner(document.span.end) as usize) as u32;
        let span = self.source.span_to_host(Span::new(start, end.max(start)));
        if is_last { Span::new(span.start, read.span.end.max(span.start)) } else { span }
    }

    /// Where the text behind the dash of a part's first line stands.
    fn content_of(&self, part: &Part, column: usize) -> Option<u32> {
        let line = line_at(self.text(), part.new.start);
        let behind = line.get(column + 1..)?;
        let content = behind.trim_start_matches(' ');
        let at = part.new.start + line.len() - content.len();
        (!content.starts_with(['\n', '#']) && !content.is_empty())
            .then(|| self.source.to_host(at as u32))
    }

    /// The lists around a place of the file, outermost first.
    fn lists(&self, root: &Node, at: u32) -> Vec<Step> {
        let (mut steps, mut path, mut node) = (Vec::new(), Vec::new(), root);
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
                        steps.push(Step { path: path.clone(), column, at_dash });
                    }
                    let items = &sequence.items;
                    let behind = items.partition_point(|item| item.span.start <= at);
                    behind.checked_sub(1).and_then(|at| Some((at, items.get(at)?)))
                }
                _ => None,
            };
            let Some((number, below)) = next else { return steps };
            path.push(number);
            node = below;
        }
    }

    /// From the last line with a dash in a column up to the next one that is indented no deeper,
    /// where the edit lies between the dash and the end of the last line.
    fn lines_of_item(&self, column: usize) -> Option<Part> {
        let old = self.old();
        // What is put in at the start of a line follows the line before.
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
        // In the new text nothing of it may stand further out.
        let new = self.text();
        let first = line_at(new, part.new.start);
        let ends = end_of_item(new, next_line(new, part.new.start), column);
        let sound = first.get(column..).is_some_and(is_dash) && ends >= part.new.end;
        sound.then_some(part)
    }

    /// The lines between two markers of documents.
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

    /// The lines from `start` up to `end` of the old text, where the edit leaves their end alone
    /// and brings nothing that has to be mended.
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
            && !text.lines().any(has_mark);
        sound.then_some(part)
    }

    /// How places move; nothing where they do not all move alike.
    fn moves(&self, part: &Part) -> Option<Moves> {
        let (old, new) = (&self.before.source, self.source);
        Some(Moves {
            before: old.moved_before(new, part.old.start)?,
            behind: old.moved_behind(new, part.old.end, part.new.end)?,
        })
    }

    /// Reads a text of its own that stands at an offset of the new one.
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

    /// All documents, with another one at a place.
    fn with(&self, number: usize, new: Document, moves: Moves) -> Vec<Document> {
        let all = &self.before.documents;
        let before = all.iter().take(number).map(|one| moved_document(one, moves.before));
        let behind = all.iter().skip(number + 1).map(|one| moved_document(one, moves.behind));
        before.chain([new]).chain(behind).collect()
    }
}

/// Longest part that is read anew; with a longer one, not much is gained.
const MAX_PART: usize = 1 << 20;

fn span_of(range: &Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// The start of the line behind the one at a place, or the text's end.
fn next_line(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |found| at + found + 1)
}

fn line_at(text: &str, start: usize) -> &str {
    text.get(start..next_line(text, start)).unwrap_or_default()
}

/// Nothing for blank lines and those of a comment alone, which may stand anywhere.
fn indentation(line: &str) -> Option<usize> {
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    let rest = line.get(indent..).unwrap_or_default().trim_end();
    (!rest.is_empty() && !rest.starts_with('#')).then_some(indent)
}

/// The column of the dashes of a block list. It begins at its first dash, or, where that is
/// indented no deeper than the key above, at its first item.
fn dash_column(text: &str, start: usize) -> Option<(usize, bool)> {
    let before = text.get(line_start(text, start)..start)?;
    let is_list = text.get(start..).is_some_and(|rest| is_dash(line_at(rest, 0)));
    let indent = before.trim_end_matches(' ');
    match indent.strip_suffix('-') {
        None => (is_list && indent.is_empty()).then_some((before.len(), true)),
        // Of a list inside a list on one line it would be hard to say which one is meant.
        Some(blank) => {
            (!is_list && blank.bytes().all(|byte| byte == b' ')).then_some((blank.len(), false))
        }
    }
}

fn is_dash(rest: &str) -> bool {
    rest.starts_with("- ") || rest.trim_end_matches('\n') == "-"
}

fn end_of_item(text: &str, from: usize, column: usize) -> usize {
    let mut end = from;
    while end < text.len() && indentation(line_at(text, end)).is_none_or(|indent| indent > column) {
        end = next_line(text, end);
    }
    end
}

/// Whether a line has an indicator of keys where a key would be: how it is read depends on more
/// around it than other lines do.
fn has_mark(line: &str) -> bool {
    let content = line.trim_start_matches([' ', '-']);
    content.starts_with([':', '?'])
}

fn is_marker(line: &str) -> bool {
    line.starts_with("---") || line.starts_with("...")
}

fn shifted(offset: u32, by: i64) -> u32 {
    u32::try_from(i64::from(offset) + by).unwrap_or_default()
}

fn shifted_span(span: Span, by: i64) -> Span {
    Span::new(shifted(span.start, by), shifted(span.end, by))
}

fn moved_document(document: &Document, by: i64) -> Document {
    let comments = document.comments.iter();
    Document {
        span: shifted_span(document.span, by),
        root: moved(&document.root, by),
        comments: comments.map(|one| Comment { span: shifted_span(one.span, by) }).collect(),
    }
}

fn moved_all(nodes: &[Node], by: i64) -> impl Iterator<Item = Node> {
    nodes.iter().map(move |node| moved(node, by))
}

fn moved_entry(entry: &Entry, by: i64) -> Entry {
    Entry { key: moved(&entry.key, by), value: moved(&entry.value, by) }
}

/// The same tree elsewhere. What does not move is shared.
fn moved(node: &Node, by: i64) -> Node {
    if by == 0 {
        return node.clone();
    }
    let kind = match &node.kind {
        Kind::Scalar(scalar) => Kind::Scalar(scalar.clone()),
        Kind::Sequence(sequence) => Kind::Sequence(Arc::new(Sequence {
            style: sequence.style,
            items: moved_all(&sequence.items, by).collect(),
        })),
        Kind::Mapping(mapping) => Kind::Mapping(Arc::new(Mapping {
            style: mapping.style,
            entries: mapping.entries.iter().map(|entry| moved_entry(entry, by)).collect(),
            merged: Vec::new(),
        })),
    };
    // There are no anchors and aliases in what is moved.
    Node {
        span: shifted_span(node.span, by),
        kind,
        tag: node.tag.clone(),
        anchor: None,
        alias: None,
        weight: node.weight,
        height: node.height,
    }
}

/// An item that was read anew.
struct Item<'a> {
    node: &'a Node,
    /// Where its list begins, where it is the first. Nothing where that is hard to say.
    start: Option<u32>,
}

/// A tree with another item in the list at a path. Nothing where the lines of the item are not
/// those of exactly one.
fn replace(node: &Node, path: &[usize], item: &Item<'_>, old: Span, moves: Moves) -> Option<Node> {
    let mut start = shifted(node.span.start, moves.before);
    let (kind, end) = match (&node.kind, path.split_first()) {
        (Kind::Sequence(sequence), None) => {
            let items = &sequence.items;
            let from = items.partition_point(|one| one.span.start < old.start);
            let to = items.partition_point(|one| one.span.start < old.end);
            // What stands in brackets may reach further than its indentation says.
            if to != from + 1 || items.get(from)?.span.end > old.end {
                return None;
            }
            if from == 0 {
                start = item.start?;
            }
            let before = moved_all(items.get(..from)?, moves.before);
            let behind = moved_all(items.get(to..)?, moves.behind);
            let items: Vec<Node> = before.chain([item.node.clone()]).chain(behind).collect();
            let end = items.last()?.span.end;
            (Kind::Sequence(Arc::new(Sequence { style: sequence.style, items })), end)
        }
        (Kind::Sequence(sequence), Some((&at, below))) => {
            let items = &sequence.items;
            let new = replace(items.get(at)?, below, item, old, moves)?;
            let before = moved_all(items.get(..at)?, moves.before);
            let behind = moved_all(items.get(at + 1..)?, moves.behind);
            let items: Vec<Node> = before.chain([new]).chain(behind).collect();
            let end = items.last()?.span.end;
            (Kind::Sequence(Arc::new(Sequence { style: sequence.style, items })), end)
        }
        (Kind::Mapping(mapping), Some((&at, below))) => {
            let entries = &mapping.entries;
            let changed = entries.get(at)?;
            let value = replace(&changed.value, below, item, old, moves)?;
            let entry = Entry { key: moved(&changed.key, moves.before), value };
            let before = entries.get(..at)?.iter().map(|entry| moved_entry(entry, moves.before));
            let behind =
                entries.get(at + 1..)?.iter().map(|entry| moved_entry(entry, moves.behind));
            let entries: Vec<Entry> = before.chain([entry]).chain(behind).collect();
            let last = entries.last()?;
            let end = last.key.span.end.max(last.value.span.end);
            let style = mapping.style;
            (Kind::Mapping(Arc::new(Mapping { style, entries, merged: Vec::new() })), end)
        }
        _ => return None,
    };
    let mut new = Node::new(Span::new(start, end.max(start)), kind);
    new.tag = node.tag.clone();
    Some(new)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::FileId;
    use crate::yaml::{embedded, parse};

    const FILE: FileId = FileId(3);

    const CONFIG: &str = "# head
global:
  scrape_interval: 15s # often
scrape_configs:
- job_name: a
  static_configs:
  - targets: [x:1, 'y:2']
    labels: {team: web}
  # about rules
  relabel_configs:
    - source_labels: [__address__]
      regex: (.+):(.+)
    -   action: labeldrop
        regex: tmp_.*
    -
      action: drop
- job_name: b

  params:
    module:
      - |
        several
         lines
      - >-
        folded
        text
      - \"quoted
        over lines\"
# between
- job_name: ☺
  static_configs:
    - targets:
      - z:3
  honor_labels:
rule_files:
  - one.yml
  - two.yml
# end
";

    const MANIFESTS: &str = "# head
apiVersion: v1
kind: Service
metadata: {name: a}
---
kind: Deployment
spec:
  template:
    containers:
      - name: web
        ports:
        - containerPort: 80
        - containerPort: 81
--- # with words
kind: ConfigMap
data:
  a.yml: |
    - job_name: c
      targets:
        - one
    - job_name: d

---
- 1
- - 2
  - 3
-
";

    /// A configuration as a value of a ConfigMap.
    fn within(inner: &str) -> String {
        let mut text = "kind: ConfigMap\ndata:\n  a: b\n  prometheus.yml: |\n".to_owned();
        for line in inner.lines() {
            let indent = if line.is_empty() { "" } else { "    " };
            text.push_str(&format!("{indent}{line}\n"));
        }
        text.push_str("  z: end\n");
        text
    }

    fn scalar(host: &Parsed) -> Option<&Node> {
        host.root()?.at(&["data", "prometheus.yml"]).filter(|node| node.text().is_some())
    }

    fn assert_same<T: std::fmt::Debug>(again: T, whole: T, text: &str) {
        let (again, whole) = (format!("{again:#?}"), format!("{whole:#?}"));
        // The whole of both would say nothing to anybody.
        let lines = again.lines().zip(whole.lines()).enumerate();
        let first = lines.filter(|(_, (again, whole))| again != whole).take(5);
        let first: Vec<_> = first.collect();
        assert!(again == whole, "{first:#?} in {text:?}");
    }

    const PIECES: [&str; 38] = [
        "",
        "x",
        "xyz",
        "\n",
        " ",
        "  ",
        ":",
        ": ",
        "- ",
        "-",
        "\n- ",
        "\n    - q",
        "#",
        " # c",
        "'",
        "\"",
        "|",
        ">",
        "{",
        "}",
        "[",
        "]",
        "---\n",
        "\n---\n",
        "...\n",
        "&a ",
        "*a",
        "<<: ",
        "!!str ",
        "\t",
        "\r\n",
        "\u{0}",
        "é☺",
        "%",
        "\n  job_name: z\n",
        "? ",
        "~",
        "\n\n",
    ];

    type Change = (prop::sample::Index, usize, usize, bool);

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let one = (any::<prop::sample::Index>(), 0..6usize, 0..PIECES.len(), any::<bool>());
        prop::collection::vec(one, 1..8)
    }

    /// Takes some characters away and puts a piece there. Most changes only put one there, so that
    /// most texts stay sound.
    fn changed(text: &str, (at, length, piece, cuts): &Change) -> String {
        let places: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let from = at.index(places.len());
        let to = if *cuts { (from + length).min(places.len() - 1) } else { from };
        format!("{}{}{}", &text[..places[from]], PIECES[*piece], &text[places[to]..])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn a_text_read_again_is_the_text_read(start in 0..2usize, changes in changes()) {
            let mut text = [CONFIG, MANIFESTS][start].to_owned();
            let mut before = parse(FILE, &text);
            for change in &changes {
                let next = changed(&text, change);
                let again = parse_again(&before, &next);
                assert_same(&again, &parse(FILE, &next), &next);
                // From a sound text most changes can be followed; from a broken one, none.
                if again.plain || start == 1 {
                    (text, before) = (next, again);
                }
            }
        }

        #[test]
        fn so_is_a_text_inside_another(changes in changes()) {
            let (mut text, mut host) = (within(CONFIG), parse(FILE, &within(CONFIG)));
            let mut before = scalar(&host).and_then(|node| embedded(FILE, &text, node));
            for change in &changes {
                let next = changed(&text, change);
                let next_host = parse_again(&host, &next);
                let Some(node) = scalar(&next_host) else { continue };
                let Some(known) = &before else { break };
                let again = embedded_again(known, &next, node);
                let whole = embedded(FILE, &next, node);
                assert_same(&again, &whole, &next);
                if next_host.plain {
                    (text, host, before) = (next, next_host, again);
                }
            }
            prop_assert!(!text.is_empty());
        }
    }

    #[test]
    fn what_an_edit_does_not_touch_is_shared_or_moved() {
        for (from, to) in [
            ("honor_labels:", "honor_labels: true"),
            ("several", "severalx"),
            ("z:3", "z:31"),
            ("# about", "# much about"),
            ("# between", "# b"),
            ("action: drop\n", "action: drop\n      regex: a\n"),
            ("two.yml", "2.yml"),
        ] {
            let before = parse(FILE, CONFIG);
            let text = CONFIG.replacen(from, to, 1);
            let source = Source::whole(&text);
            assert!(before.plain, "{:?}", before.diagnostics);
            let again = again(&before, &source).unwrap_or_else(|| panic!("{from} is not followed"));
            assert_same(&again, &parse(FILE, &text), &text);
            let first = |parsed: &Parsed| match parsed.root()?.get("global")?.kind.clone() {
                Kind::Mapping(mapping) => Some(Arc::as_ptr(&mapping)),
                _ => None,
            };
            assert_eq!(first(&before), first(&again), "what stands before is the same tree");
        }
    }

    #[test]
    fn a_comment_moves_what_stands_behind_it() {
        let before = parse(FILE, CONFIG);
        for (from, to) in [("# head", "# head of the file"), ("# often", "# x"), ("# end", "# é")]
        {
            let text = CONFIG.replacen(from, to, 1);
            let source = Source::whole(&text);
            let edit = Edit::between(CONFIG, &text);
            let documents =
                edit.and_then(|edit| Again { before: &before, source: &source, edit }.comment());
            let expected = parse(FILE, &text).documents;
            assert_same(documents, Some(expected), &text);
        }
        let text = CONFIG.replacen("# often", "", 1);
        let source = Source::whole(&text);
        let edit = Edit::between(CONFIG, &text).unwrap_or_else(|| panic!("little has changed"));
        assert!(Again { before: &before, source: &source, edit }.comment().is_none());
    }

    #[test]
    fn documents_are_followed_one_by_one() {
        let before = parse(FILE, MANIFESTS);
        for (from, to) in [("name: a", "name: ab"), ("kind: ConfigMap", "kind: Secret")] {
            let text = MANIFESTS.replacen(from, to, 1);
            let again = again(&before, &Source::whole(&text));
            let followed = from.starts_with("name");
            assert_eq!(again.is_some(), followed, "{from}: a marker with words is left alone");
            if let Some(again) = again {
                assert_same(&again, &parse(FILE, &text), &text);
            }
        }
    }

    #[test]
    fn what_could_reach_over_is_read_as_a_whole() {
        let before = parse(FILE, CONFIG);
        for (from, to) in [
            ("- job_name: b", "-job_name: b"),
            ("targets: [x:1", "targets: &a [x:1"),
            ("regex: tmp_.*", "regex: 'tmp_.*"),
            ("scrape_interval: 15s", "scrape_interval: 16s"),
        ] {
            let text = CONFIG.replacen(from, to, 1);
            assert!(again(&before, &Source::whole(&text)).is_none(), "{from}");
        }
    }
}
