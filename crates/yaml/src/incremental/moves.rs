//! Moved trees, and trees with one item replaced.

use std::sync::Arc;

use crate::{Comment, Document, Entry, Kind, Mapping, Node, Sequence};
use text::Span;

/// The distances by which offsets of the file move before and after a part.
#[derive(Clone, Copy)]
pub(super) struct Moves {
    pub before: i64,
    pub behind: i64,
}

/// An offset between all values at which text was inserted or deleted.
pub(super) struct Splice {
    /// In the old file.
    pub at: u32,
    pub moves: Moves,
}

impl Splice {
    fn offset(&self, offset: u32) -> u32 {
        shifted(offset, if offset < self.at { self.moves.before } else { self.moves.behind })
    }

    pub fn span(&self, span: Span) -> Span {
        Span::new(self.offset(span.start), self.offset(span.end))
    }

    fn entry(&self, entry: &Entry) -> Entry {
        Entry { key: self.node(&entry.key), value: self.node(&entry.value) }
    }

    /// Moves a node. A node on one side of the splice moves as a whole.
    pub fn node(&self, node: &Node) -> Node {
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

fn shifted(offset: u32, by: i64) -> u32 {
    u32::try_from(i64::from(offset) + by).unwrap_or_default()
}

pub(super) fn shifted_span(span: Span, by: i64) -> Span {
    Span::new(shifted(span.start, by), shifted(span.end, by))
}

pub(super) fn moved_document(document: &Document, by: i64) -> Document {
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

/// Returns the tree moved by a distance. A tree that does not move is shared.
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
    // Moved trees have no anchors and aliases.
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

/// An item that was parsed again.
pub(super) struct Item<'a> {
    pub node: &'a Node,
    /// The start of its list if it is the first item. None if that is unknown.
    pub start: Option<u32>,
}

/// Returns the tree with one item replaced in the list at a path. None if the lines of the item are
/// not those of exactly one item.
pub(super) fn replace(
    node: &Node,
    path: &[usize],
    item: &Item<'_>,
    old: Span,
    moves: Moves,
) -> Option<Node> {
    let mut start = shifted(node.span.start, moves.before);
    let (kind, end) = match (&node.kind, path.split_first()) {
        (Kind::Sequence(sequence), None) => {
            let items = &sequence.items;
            let from = items.partition_point(|one| one.span.start < old.start);
            let to = items.partition_point(|one| one.span.start < old.end);
            // A collection in brackets may extend beyond its indentation.
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
