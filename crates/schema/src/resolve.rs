//! The value in force of a field and its source: written, inherited or default.
//!
//! This is the only place that applies defaults and inheritance. Validation, hover cards, decoding
//! and the effective configuration read it, so that they cannot disagree.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use go::Duration;
use text::{FileId, Location, Span};
use yaml::{Collection, Kind, Node, ScalarStyle, Sequence, scalars};

use super::{DefaultValue, Dialect, Field, Hooks, Record, Section, Type, scalar};

/// A value in force and its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved<T> {
    pub value: T,
    pub source: ValueSource,
}

/// The source of a value in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ValueSource {
    /// The default of the field.
    #[default]
    Default,
    /// The value is written at the field itself.
    Written(Location),
    /// The value is written at another field, such as `global.scrape_interval`.
    Inherited { path: &'static str, at: Location },
    /// The value depends on something outside the file. The text describes it.
    Computed(&'static str),
}

impl<T> Resolved<T> {
    /// The default of a field.
    pub const fn default(value: T) -> Self {
        Self { value, source: ValueSource::Default }
    }

    /// A value that is written at `at`.
    pub const fn written(value: T, at: Location) -> Self {
        Self { value, source: ValueSource::Written(at) }
    }

    /// Converts the value and keeps the source.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Resolved<U> {
        Resolved { value: convert(self.value), source: self.source }
    }

    /// Returns true if the value is written at the field itself.
    pub fn is_written(&self) -> bool {
        matches!(self.source, ValueSource::Written(_))
    }
}

impl<T> Deref for Resolved<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// The tree that inherited values come from.
#[derive(Clone, Copy)]
pub struct Root<'a> {
    pub file: FileId,
    pub node: &'a Node,
    pub record: &'static Record,
}

/// A section of a tree, its record, and the tree that its fields inherit from.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    file: FileId,
    /// None if the section is not written.
    node: Option<&'a Node>,
    record: &'static Record,
    root: Option<Root<'a>>,
    hooks: &'a dyn Hooks,
    /// Number of inheritance steps so far.
    depth: u8,
}

/// Inheritance is at most one step today. The limit protects against a table with a cycle.
const MAX_DEPTH: u8 = 4;

impl<'a> Scope<'a> {
    /// A section that is a part of `root`, or of another file that inherits from `root`.
    /// `node` is None if the section is not written.
    pub fn new(
        file: FileId,
        node: Option<&'a Node>,
        record: &'static Record,
        root: Option<Root<'a>>,
        hooks: &'a dyn Hooks,
    ) -> Self {
        Self { file, node, record, root, hooks, depth: 0 }
    }

    /// The section as it is written. Returns None if it is not written or not a mapping.
    pub fn section(&self) -> Option<Section<'a>> {
        Section::new(self.node?)
    }

    pub fn file(&self) -> FileId {
        self.file
    }

    /// The value in force of the field `key` and its source. A value of the wrong type counts as
    /// absent. The value is null if nothing is known about it.
    pub fn resolve(&self, key: &str) -> Resolved<Cow<'a, Node>> {
        let Some(field) = self.record.field(key) else {
            debug_assert!(false, "{} has no field {key}", self.record.name);
            return Resolved::default(Cow::Owned(Node::null(0)));
        };
        self.written(field).unwrap_or_else(|| self.default_of(field))
    }

    /// Returns true if the field is absent, null, or has a zero value that Prometheus replaces by
    /// the default.
    pub fn is_unset(&self, field: &Field) -> bool {
        let node = self.node.and_then(|node| node.get(field.key));
        node.is_none_or(|node| {
            node.is_null() || (field.replaces_zero() && is_zero(&field.ty, node))
        })
    }

    /// The value that is written at the field. Returns None if the field is absent, has a value of
    /// the wrong type, or has a zero value that Prometheus replaces by the default.
    pub fn written(&self, field: &'static Field) -> Option<Resolved<Cow<'a, Node>>> {
        let node = self.node?.get(field.key)?;
        let valid =
            scalar::check(&field.ty, node, Dialect::Prometheus, &String::new, self.hooks).is_ok();
        if !valid || (field.replaces_zero() && is_zero(&field.ty, node)) {
            return None;
        }
        let at = Location::new(self.file, node.written_span());
        Some(Resolved::written(Cow::Borrowed(node), at))
    }

    /// The value in force of `field` if it is not written in this section.
    pub fn default_of(&self, field: &'static Field) -> Resolved<Cow<'a, Node>> {
        match field.default {
            DefaultValue::None | DefaultValue::Zero => {
                Resolved::default(Cow::Owned(zero(&field.ty)))
            }
            DefaultValue::Literal(text) => Resolved::default(Cow::Owned(plain(text))),
            DefaultValue::Computed(words) => {
                Resolved { value: Cow::Owned(Node::null(0)), source: ValueSource::Computed(words) }
            }
            DefaultValue::Derived { value, .. } => value(self),
            DefaultValue::Inherited(path) => self.inherited(path),
        }
    }

    /// The value in force of the field at `path`, `global.sample_limit`, as an inherited value.
    pub fn inherited(&self, path: &'static str) -> Resolved<Cow<'a, Node>> {
        let Some((above, key)) = self.above(path).filter(|_| self.depth < MAX_DEPTH) else {
            return Resolved::default(Cow::Owned(Node::null(0)));
        };
        let found = above.resolve(key);
        match found.source {
            ValueSource::Written(at) => {
                Resolved { value: found.value, source: ValueSource::Inherited { path, at } }
            }
            _ => found,
        }
    }

    /// The section that holds the field at `path`, and the key of the field.
    fn above(&self, path: &'static str) -> Option<(Self, &'static str)> {
        let root = self.root?;
        let (mut node, mut record) = (Some(root.node), root.record);
        let (sections, key) = path.rsplit_once('.').unwrap_or(("", path));
        for name in sections.split('.').filter(|name| !name.is_empty()) {
            node = node.and_then(|node| node.get(name));
            let Type::Record(below) = record.field(name)?.ty else { return None };
            record = below;
        }
        let above = Self { file: root.file, node, record, depth: self.depth + 1, ..*self };
        Some((above, key))
    }

    pub fn bool(&self, key: &str) -> Resolved<bool> {
        self.resolve(key).map(|node| scalars::bool(&node).unwrap_or_default())
    }

    pub fn uint(&self, key: &str) -> Resolved<u64> {
        self.resolve(key).map(|node| scalars::uint(&node, 64, "uint").unwrap_or_default())
    }

    pub fn float(&self, key: &str) -> Resolved<f64> {
        self.resolve(key).map(|node| scalars::float(&node).unwrap_or_default())
    }

    pub fn duration(&self, key: &str) -> Resolved<Duration> {
        let parse = |text: &str| Duration::parse(text).unwrap_or(Duration(0));
        self.resolve(key).map(|node| parse(&scalars::string(&node).unwrap_or_default()))
    }

    pub fn text(&self, key: &str) -> Resolved<Arc<str>> {
        self.resolve(key).map(|node| Arc::from(&*scalars::string(&node).unwrap_or_default()))
    }

    /// The items of a list of strings.
    pub fn texts(&self, key: &str) -> Resolved<Vec<Arc<str>>> {
        self.resolve(key).map(|node| texts(&node))
    }
}

/// The items of a list of strings. Items that are not scalars are left out.
pub fn texts(node: &Node) -> Vec<Arc<str>> {
    let texts = node.items().iter().filter_map(|item| scalars::string(item).ok());
    texts.map(|text| Arc::from(&*text)).collect()
}

impl Field {
    /// Returns true if Prometheus replaces a written zero value by the default.
    pub fn replaces_zero(&self) -> bool {
        self.zero_is_unset
            || matches!(self.default, DefaultValue::Inherited(_) | DefaultValue::Derived { .. })
    }
}

/// Returns true for null and for the zero value of a type. `false` is not zero: the booleans that
/// inherit are pointers in Go.
fn is_zero(ty: &Type, node: &Node) -> bool {
    if node.is_null() {
        return true;
    }
    match ty {
        Type::Bool => false,
        Type::Int { .. } | Type::Uint { .. } | Type::Float => scalars::float(node) == Ok(0.0),
        // `0`, `0s`, `0MB`.
        Type::Duration { .. } | Type::Size => {
            node.text().is_some_and(|text| !text.contains(|c| matches!(c, '1'..='9')))
        }
        Type::List(_) => node.items().is_empty(),
        Type::Map { .. } | Type::Record(_) => node.entries().next().is_none(),
        _ => scalars::string(node).is_ok_and(|text| text.is_empty()),
    }
}

/// A plain scalar that is not in any text, for a default.
pub fn plain(text: impl Into<Arc<str>>) -> Node {
    Node::scalar(Span::default(), text, ScalarStyle::Plain)
}

/// A list of strings that is not in any text, for a default.
pub fn list<'t>(items: impl IntoIterator<Item = &'t str>) -> Node {
    let items = items.into_iter().map(plain).collect();
    let sequence = Sequence { style: Collection::Flow, items };
    Node::new(Span::default(), Kind::Sequence(Arc::new(sequence)))
}

/// The zero value of a type.
fn zero(ty: &Type) -> Node {
    match ty {
        Type::Bool => plain("false"),
        Type::Int { .. } | Type::Uint { .. } | Type::Float | Type::Size => plain("0"),
        Type::Duration { .. } => plain("0s"),
        Type::List(_) => list([]),
        Type::Map { .. } | Type::Record(_) | Type::Any => Node::null(0),
        _ => Node::scalar(Span::default(), "", ScalarStyle::Double),
    }
}

/// A value in one line, as it would be written: `15s`, `[a, b]`, `""`. Empty for null and for
/// mappings.
pub fn value_text(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar(scalar) if scalar.text.is_empty() && !node.is_null() => "\"\"".to_owned(),
        Kind::Scalar(scalar) => scalar.text.to_string(),
        Kind::Sequence(_) => format!("[{}]", texts(node).join(", ")),
        Kind::Mapping(_) => String::new(),
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FIELD, NoHooks, RECORD, STRINGS};
    use yaml::parse;

    const FILE: FileId = FileId(3);

    fn half_of_interval<'a>(job: &Scope<'a>) -> Resolved<Cow<'a, Node>> {
        let interval = job.duration("interval");
        let half = Duration(interval.value.millis() / 2);
        Resolved { value: Cow::Owned(plain(half.to_string())), source: interval.source }
    }

    static ROOT: Record = Record {
        name: "root",
        fields: &[
            Field { key: "global", ty: Type::Record(&GLOBAL), ..FIELD },
            Field { key: "jobs", ty: Type::List(&Type::Record(&JOB)), ..FIELD },
        ],
        ..RECORD
    };

    static GLOBAL: Record = Record {
        name: "global",
        fields: &[
            Field {
                key: "interval",
                ty: Type::Duration { zero: true },
                default: DefaultValue::Literal("1m"),
                zero_is_unset: true,
                ..FIELD
            },
            Field {
                key: "limit",
                ty: Type::Uint { max: u64::MAX },
                default: DefaultValue::Zero,
                ..FIELD
            },
        ],
        ..RECORD
    };

    static JOB: Record = Record {
        name: "job",
        fields: &[
            Field {
                key: "interval",
                ty: Type::Duration { zero: true },
                default: DefaultValue::Inherited("global.interval"),
                ..FIELD
            },
            Field {
                key: "timeout",
                ty: Type::Duration { zero: true },
                default: DefaultValue::Derived { text: "half", value: half_of_interval },
                ..FIELD
            },
            // An inherited limit is one entry.
            Field {
                key: "limit",
                ty: Type::Uint { max: u64::MAX },
                default: DefaultValue::Inherited("global.limit"),
                ..FIELD
            },
            Field {
                key: "path",
                ty: Type::String,
                default: DefaultValue::Literal("/metrics"),
                ..FIELD
            },
            Field { key: "formats", ty: STRINGS, default: DefaultValue::Zero, ..FIELD },
            Field {
                key: "region",
                ty: Type::String,
                default: DefaultValue::Computed("the region of the machine"),
                ..FIELD
            },
        ],
        ..RECORD
    };

    /// The value in force of a field of the first job, and its source.
    fn in_force(text: &str, key: &str) -> (String, String) {
        let parsed = parse(FILE, text);
        let node = parsed.root().unwrap();
        let root = Root { file: FILE, node, record: &ROOT };
        let job = node.get("jobs").and_then(|jobs| jobs.items().first());
        let found = Scope::new(FILE, job, &JOB, Some(root), &NoHooks).resolve(key);
        let source = match found.source {
            ValueSource::Default => "default".to_owned(),
            ValueSource::Written(at) => format!("written: {}", at.span.slice(text)),
            ValueSource::Inherited { path, at } => format!("{path}: {}", at.span.slice(text)),
            ValueSource::Computed(words) => words.to_owned(),
        };
        (value_text(&found.value), source)
    }

    #[test]
    fn values_and_their_sources() {
        for (text, key, value, source) in [
            ("jobs: [{interval: 5s}]", "interval", "5s", "written: 5s"),
            ("jobs: [{}]", "interval", "1m", "default"),
            ("global: {interval: 30s}\njobs: [{}]", "interval", "30s", "global.interval: 30s"),
            (
                "global: {interval: 30s}\njobs: [{interval: }]",
                "interval",
                "30s",
                "global.interval: 30s",
            ),
            // Zero is replaced by the default, here and in `global`.
            (
                "global: {interval: 30s}\njobs: [{interval: 0s}]",
                "interval",
                "30s",
                "global.interval: 30s",
            ),
            ("global: {interval: 0}\njobs: [{}]", "interval", "1m", "default"),
            // A value of the wrong type counts as absent.
            ("jobs: [{interval: soon}]", "interval", "1m", "default"),
            ("global: {interval: 30s}\njobs: [{}]", "timeout", "15s", "global.interval: 30s"),
            ("jobs: [{timeout: 7s}]", "timeout", "7s", "written: 7s"),
            ("jobs: [{limit: 5}]", "limit", "5", "written: 5"),
            ("global: {limit: 7}\njobs: [{limit: 0}]", "limit", "7", "global.limit: 7"),
            ("jobs: [{}]", "limit", "0", "default"),
            ("jobs: [{path: ''}]", "path", "\"\"", "written: ''"),
            ("jobs: [{}]", "path", "/metrics", "default"),
            ("jobs: [{formats: [a, b]}]", "formats", "[a, b]", "written: [a, b]"),
            ("jobs: [{}]", "formats", "[]", "default"),
            ("jobs: [{}]", "region", "", "the region of the machine"),
            ("jobs: []", "interval", "1m", "default"),
        ] {
            assert_eq!(
                in_force(text, key),
                (value.to_owned(), source.to_owned()),
                "{key} of {text}"
            );
        }
    }

    #[test]
    fn a_table_with_a_cycle_ends() {
        static CYCLE: Record = Record {
            name: "cycle",
            fields: &[Field {
                key: "a",
                ty: Type::String,
                default: DefaultValue::Inherited("a"),
                ..FIELD
            }],
            ..RECORD
        };
        let node = Node::null(0);
        let root = Root { file: FILE, node: &node, record: &CYCLE };
        let found = Scope::new(FILE, None, &CYCLE, Some(root), &NoHooks).resolve("a");
        assert!(found.value.is_null());
    }
}
