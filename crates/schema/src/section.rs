//! A section of a tree, read with Go's rules.

use std::borrow::Cow;

use go::Duration;
use text::Span;
use yaml::{Entry, Node, scalars};

/// A mapping with typed getters. An absent key has the default that the caller passes, null has the
/// zero value of the type, and a value of the wrong type counts as absent: the walk reports it.
#[derive(Clone, Copy)]
pub struct Section<'a> {
    pub node: &'a Node,
}

impl<'a> Section<'a> {
    /// Returns None if the node is not a mapping.
    pub fn new(node: &'a Node) -> Option<Self> {
        node.as_mapping().map(|_| Self { node })
    }

    pub fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.node.entry(key)
    }

    /// The value, unless it is absent or null.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key).filter(|node| !node.is_null())
    }

    /// Returns true if the key has a value that is not null.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// A nested section. Returns None if it is absent or not a mapping.
    pub fn section(&self, key: &str) -> Option<Section<'a>> {
        self.get(key).and_then(Section::new)
    }

    /// The items of a list, including nulls.
    pub fn items(&self, key: &str) -> &'a [Node] {
        self.get(key).map_or(&[], Node::items)
    }

    /// The strings of a list with their nodes. Other items are left out.
    pub fn texts(&self, key: &str) -> impl Iterator<Item = (Cow<'a, str>, &'a Node)> {
        self.items(key).iter().filter_map(|item| Some((scalars::string(item).ok()?, item)))
    }

    /// The string at a key. Empty if it is absent.
    pub fn text(&self, key: &str) -> Cow<'a, str> {
        self.text_or(key, "")
    }

    pub fn text_or(&self, key: &str, default: &'static str) -> Cow<'a, str> {
        self.node
            .get(key)
            .and_then(|node| scalars::string(node).ok())
            .unwrap_or(Cow::Borrowed(default))
    }

    /// Returns true if the key has a string that is not empty.
    pub fn filled(&self, key: &str) -> bool {
        !self.text(key).is_empty()
    }

    pub fn flag(&self, key: &str, default: bool) -> bool {
        self.node.get(key).and_then(|node| scalars::bool(node).ok()).unwrap_or(default)
    }

    pub fn int(&self, key: &str, default: i64) -> i64 {
        self.node.get(key).and_then(|node| scalars::int(node, 64, "int").ok()).unwrap_or(default)
    }

    pub fn uint(&self, key: &str, default: u64) -> u64 {
        self.node.get(key).and_then(|node| scalars::uint(node, 64, "uint").ok()).unwrap_or(default)
    }

    pub fn float(&self, key: &str, default: f64) -> f64 {
        self.node.get(key).and_then(|node| scalars::float(node).ok()).unwrap_or(default)
    }

    pub fn duration(&self, key: &str, default: Duration) -> Duration {
        let Some(node) = self.node.get(key) else { return default };
        if node.is_null() {
            return Duration(0);
        }
        scalars::string(node).ok().and_then(|text| Duration::parse(&text).ok()).unwrap_or(default)
    }

    /// The span for findings about `key`: its value, the key if the value is empty, or the first key of
    /// the section if the key is absent.
    pub fn at(&self, key: &str) -> Span {
        match self.entry(key) {
            Some(entry) if entry.value.written_span().is_empty() => entry.key.span,
            Some(entry) => first_line(entry.value.written_span(), entry),
            None => self.head(),
        }
    }

    /// The span of the key, or of the first key of the section if it is absent.
    pub fn key_at(&self, key: &str) -> Span {
        self.entry(key).map_or_else(|| self.head(), |entry| entry.key.span)
    }

    /// The span of the first key of the section.
    pub fn head(&self) -> Span {
        self.node.entries().next().map_or(self.node.written_span(), |entry| entry.key.span)
    }
}

/// The span of a scalar, or the key of a collection, which can be many lines.
fn first_line(value: Span, entry: &Entry) -> Span {
    if entry.value.as_scalar().is_some() { value } else { entry.key.span }
}
