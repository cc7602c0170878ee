//! The tree: nodes with their spans and styles. It has no types of values.
//!
//! Invariants: every span is in bytes of the host file, also for YAML that was parsed out of a
//! block scalar; a tree is at most [`MAX_DEPTH`] levels deep, so that walking or dropping it by
//! recursion is safe; collections are shared, so that cloning a node costs next to nothing and an
//! alias costs no copy. [`Node::weight`] is bounded for a whole document, aliases expanded.

use std::sync::Arc;

use super::Source;
use text::{Diagnostic, FileId, Span};

/// The deepest nesting that is kept. Deeper values are reported and left out.
pub const MAX_DEPTH: usize = 100;

/// The result of parsing a text: its documents and its diagnostics.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    pub file: FileId,
    /// The parsed text, with the positions of its parts in the file.
    pub source: Source,
    pub documents: Vec<Document>,
    pub diagnostics: Vec<Diagnostic>,
    /// The error with which Go's library refuses the text: `yaml: line 3: did not find expected key`.
    /// None if Go accepts it.
    pub refusal: Option<String>,
    /// Lines with syntax errors, whose values come from a repair.
    pub broken: Vec<Span>,
    /// True if the text was parsed without a repair and without diagnostics, and has no anchors,
    /// aliases or merge keys.
    pub plain: bool,
}

impl Parsed {
    /// The value of the first document, the only one that Prometheus reads.
    pub fn root(&self) -> Option<&Node> {
        self.documents.first().map(|document| &document.root)
    }
}

/// One document of a stream.
#[derive(Clone, Debug)]
pub struct Document {
    /// From after the `---` (or the start of the text) to the next document's marker or the end.
    pub span: Span,
    /// Null where the document has no content.
    pub root: Node,
    pub comments: Vec<Comment>,
}

/// A comment from its `#` to the end of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    pub span: Span,
}

/// A value (or key) with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The span of the value. A quoted scalar includes its quotes, a block scalar starts at its `|`
    /// or `>`, an absent value has an empty span. An alias has the span of its anchor's value; see
    /// `alias`.
    pub span: Span,
    pub kind: Kind,
    /// The resolved tag: `tag:yaml.org,2002:binary`, `!mine`. None for a value without a tag.
    pub tag: Option<Arc<str>>,
    /// The name after `&`.
    pub anchor: Option<Arc<str>>,
    /// The span of `*name` if the value is written as an alias.
    pub alias: Option<Span>,
    /// The number of nodes in this tree, aliases expanded.
    pub weight: u32,
    /// The number of levels of collections, aliases expanded; 0 for a scalar.
    pub height: u16,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Scalar(Scalar),
    Sequence(Arc<Sequence>),
    Mapping(Arc<Mapping>),
}

/// Text of a scalar after quotes, escapes and folding are resolved. Its type is a matter of
/// [`super::scalars`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    pub text: Arc<str>,
    pub style: ScalarStyle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarStyle {
    Plain,
    Single,
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// The style of a collection: by indentation or in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Collection {
    Block,
    Flow,
}

#[derive(Clone, Debug)]
pub struct Sequence {
    pub style: Collection,
    pub items: Vec<Node>,
}

/// Entries in the order of the text. A `<<` whose value is a mapping or a list of mappings is kept
/// as an entry, and what it brings is in `merged`.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub style: Collection,
    pub entries: Vec<Entry>,
    /// Entries from merge keys that no written entry overrides.
    pub merged: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Node,
    pub value: Node,
}

impl Entry {
    /// The key's text, when it is a scalar.
    pub fn name(&self) -> Option<&str> {
        self.key.text()
    }

    /// From the key's start to the value's end (as written: of an alias, not of its anchor).
    pub fn span(&self) -> Span {
        let value = self.value.written_span();
        if value.start >= self.key.span.start { self.key.span.join(value) } else { self.key.span }
    }

    pub fn is_merge(&self) -> bool {
        matches!(&self.key.kind, Kind::Scalar(scalar)
            if scalar.style == ScalarStyle::Plain && &*scalar.text == "<<")
    }
}

impl Mapping {
    /// All entries that count: those written, without merge keys, then those merged in.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.is_merge()).chain(&self.merged)
    }

    /// The entry with this key; of several that are written, the last, as kubectl reads them.
    /// Prometheus refuses a key that is written twice.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        // Of all keys only this one can be a merge key; most lookups need not ask.
        if key == "<<" {
            return self.iter().find(|entry| entry.name() == Some(key));
        }
        // Most of the time that checks take is spent here, so it is written for speed.
        let is_it = |entry: &&Entry| match &entry.key.kind {
            Kind::Scalar(Scalar { text, .. }) => text.len() == key.len() && **text == *key,
            _ => false,
        };
        self.entries.iter().rev().find(is_it).or_else(|| self.merged.iter().find(is_it))
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }
}

impl Node {
    pub fn scalar(span: Span, text: impl Into<Arc<str>>, style: ScalarStyle) -> Self {
        Self::new(span, Kind::Scalar(Scalar { text: text.into(), style }))
    }

    /// A value that is not there.
    pub fn null(offset: u32) -> Self {
        Self::scalar(Span::at(offset), "", ScalarStyle::Plain)
    }

    pub fn new(span: Span, kind: Kind) -> Self {
        let weight = match &kind {
            Kind::Scalar(_) => 1,
            Kind::Sequence(sequence) => sum(sequence.items.iter().map(|item| item.weight)),
            Kind::Mapping(mapping) => sum(mapping
                .entries
                .iter()
                .chain(&mapping.merged)
                .map(|entry| entry.key.weight.saturating_add(entry.value.weight))),
        };
        let height = match &kind {
            Kind::Scalar(_) => 0,
            Kind::Sequence(sequence) => {
                1 + sequence.items.iter().map(|item| item.height).max().unwrap_or(0)
            }
            Kind::Mapping(mapping) => {
                let entries = mapping.entries.iter().chain(&mapping.merged);
                1 + entries.map(|e| e.key.height.max(e.value.height)).max().unwrap_or(0)
            }
        };
        Self { span, kind, tag: None, anchor: None, alias: None, weight, height }
    }

    /// The span in the text: that of the alias if the value is one.
    pub fn written_span(&self) -> Span {
        self.alias.unwrap_or(self.span)
    }

    /// A scalar's text.
    pub fn text(&self) -> Option<&str> {
        self.as_scalar().map(|scalar| &*scalar.text)
    }

    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.kind {
            Kind::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    pub fn as_sequence(&self) -> Option<&Sequence> {
        match &self.kind {
            Kind::Sequence(sequence) => Some(sequence),
            _ => None,
        }
    }

    /// Items of a sequence; empty for any other value.
    pub fn items(&self) -> &[Node] {
        self.as_sequence().map_or(&[], |sequence| &sequence.items)
    }

    /// Entries of a mapping without overridden ones, merged ones last; empty for any other value.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.as_mapping().into_iter().flat_map(Mapping::iter)
    }

    /// The value at a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.get(key)
    }

    /// The entry at a key of a mapping.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_mapping()?.entry(key)
    }

    /// The value at a path of keys and, for sequences, decimal indices.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, step| match &node.kind {
            Kind::Sequence(sequence) => sequence.items.get(step.parse::<usize>().ok()?),
            _ => node.get(step),
        })
    }

    /// Returns true if the value is absent or null.
    pub fn is_null(&self) -> bool {
        match &self.kind {
            Kind::Scalar(scalar) => match self.tag.as_deref() {
                None => {
                    scalar.style == ScalarStyle::Plain
                        && matches!(&*scalar.text, "" | "~" | "null" | "Null" | "NULL")
                }
                Some(tag) => tag == "tag:yaml.org,2002:null",
            },
            _ => false,
        }
    }
}

fn sum(weights: impl Iterator<Item = u32>) -> u32 {
    weights.fold(1, u32::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(at: u32, text: &str) -> Node {
        Node::scalar(Span::new(at, at + text.len() as u32), text, ScalarStyle::Plain)
    }

    fn map(entries: Vec<Entry>, merged: Vec<Entry>) -> Node {
        let mapping = Mapping { style: Collection::Block, entries, merged };
        Node::new(Span::new(0, 9), Kind::Mapping(Arc::new(mapping)))
    }

    #[test]
    fn lookups_see_merged_entries_and_no_merge_key() {
        let inner = map(vec![Entry { key: word(0, "a"), value: word(3, "1") }], vec![]);
        let merged: Vec<Entry> = inner.entries().cloned().collect();
        let node = map(vec![Entry { key: word(0, "<<"), value: inner }], merged);
        assert_eq!(node.get("a").and_then(Node::text), Some("1"));
        assert!(node.get("<<").is_none());
        assert_eq!(node.weight, 7, "itself, the key, the mapping of three, and the merged pair");
        assert_eq!(node.at(&["a"]).and_then(Node::text), Some("1"));
    }
}
