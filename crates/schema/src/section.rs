//! A section as checks read it: Go's values, and the places that complaints point to.

use std::borrow::Cow;

use go::Duration;
use text::Span;
use yaml::{Entry, Node, scalars};

/// A mapping with getters that know Go's zero values: a key that is absent has the default that the
/// caller names, a null has the type's zero value, and what does not fit counts as absent (the
/// schema walk reports it).
#[derive(Clone, Copy)]
pub struct Section<'a> {
    pub node: &'a Node,
}

impl<'a> Section<'a> {
    /// Nothing for what is no mapping; there is nothing to check then.
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

    /// Whether the key is there with a value.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// A section below, where it is a mapping.
    pub fn section(&self, key: &str) -> Option<Section<'a>> {
        self.get(key).and_then(Section::new)
    }

    /// A list's items, nulls included.
    pub fn items(&self, key: &str) -> &'a [Node] {
        self.get(key).map_or(&[], Node::items)
    }

    /// Texts of a list, with their nodes; what is no text is left out.
    pub fn texts(&self, key: &str) -> impl Iterator<Item = (Cow<'a, str>, &'a Node)> {
        self.items(key).iter().filter_map(|item| Some((scalars::string(item).ok()?, item)))
    }

    /// Empty where absent.
    pub fn text(&self, key: &str) -> Cow<'a, str> {
        self.text_or(key, "")
    }

    pub fn text_or(&self, key: &str, default: &'static str) -> Cow<'a, str> {
        self.node
            .get(key)
            .and_then(|node| scalars::string(node).ok())
            .unwrap_or(Cow::Borrowed(default))
    }

    /// Whether the key has a text that is not empty.
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

    /// Where to point for `key`: its value, the key where the value is empty, or the section's
    /// first key where it is absent.
    pub fn at(&self, key: &str) -> Span {
        match self.entry(key) {
            Some(entry) if entry.value.written_span().is_empty() => entry.key.span,
            Some(entry) => first_line(entry.value.written_span(), entry),
            None => self.head(),
        }
    }

    /// The key itself, or the section's first key where it is absent.
    pub fn key_at(&self, key: &str) -> Span {
        self.entry(key).map_or_else(|| self.head(), |entry| entry.key.span)
    }

    /// The section's first key.
    pub fn head(&self) -> Span {
        self.node.entries().next().map_or(self.node.written_span(), |entry| entry.key.span)
    }
}

/// A collection is pointed to by its key: its own span can be many lines.
fn first_line(value: Span, entry: &Entry) -> Span {
    if entry.value.as_scalar().is_some() { value } else { entry.key.span }
}
