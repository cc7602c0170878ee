//! The walk over a tree together with its tables.

use std::fmt;
use std::sync::Arc;

use super::{Dialect, Field, Hooks, Record, Root, Scope, Type};
use text::{FileId, Location, Span};
use yaml::{Entry, Kind, Node, Parsed};

/// A segment of the path from the root to a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathSegment {
    Key(Arc<str>),
    Index(usize),
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

/// Displays a path: `scrape_configs[0].relabel_configs[1].regex`.
pub struct PathText<'a>(pub &'a [PathSegment]);

impl fmt::Display for PathText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            match step {
                PathSegment::Key(key) if number == 0 => f.write_str(key)?,
                PathSegment::Key(key) => write!(f, ".{key}")?,
                PathSegment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A tree, the type of its root, and the dialect of its decoder.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub file: FileId,
    /// The span of the document.
    pub span: Span,
    pub root: &'a Node,
    pub ty: Type,
    pub dialect: Dialect,
    /// Lines with syntax errors. Findings there are suppressed.
    pub broken: &'a [Span],
    pub hooks: &'a dyn Hooks,
}

impl<'a> Subject<'a> {
    /// The first document of a file. Returns None if the file has none.
    pub fn first(
        parsed: &'a Parsed,
        ty: Type,
        dialect: Dialect,
        hooks: &'a dyn Hooks,
    ) -> Option<Self> {
        let document = parsed.documents.first()?;
        Some(Self {
            file: parsed.file,
            span: document.span,
            root: &document.root,
            ty,
            dialect,
            broken: &parsed.broken,
            hooks,
        })
    }

    pub fn location(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }

    /// The tree that inherited values come from: that of the hooks, unless this is a tree of the
    /// same kind.
    pub fn root(&self) -> Option<Root<'_>> {
        let own = match self.ty {
            Type::Record(record) => Some(Root { file: self.file, node: self.root, record }),
            _ => None,
        };
        let same = |other: &Root<'_>| own.is_some_and(|own| std::ptr::eq(own.record, other.record));
        self.hooks.root().filter(|other| !same(other)).or(own)
    }
}

/// A value of the tree together with its field, its type and its ancestors.
pub struct TypedNode<'a, 'w> {
    pub subject: &'w Subject<'a>,
    pub path: &'w [PathSegment],
    /// The enclosing mappings and lists, outermost first.
    pub parents: &'w [&'a Node],
    /// The enclosing records, outermost first. The last one is the record of the nearest section.
    pub records: &'w [&'static Record],
    /// The field, if the value is that of a known key.
    pub field: Option<&'static Field>,
    /// The entry with this value.
    pub entry: Option<&'a Entry>,
    /// True if the record does not have the key.
    pub unknown: bool,
    pub ty: Type,
    pub node: &'a Node,
}

impl<'a> TypedNode<'a, '_> {
    /// The record that has the field.
    pub fn record(&self) -> Option<&'static Record> {
        self.records.last().copied()
    }

    /// Returns the enclosing section with the sections that it inherits from. None outside of
    /// records.
    pub fn scope(&self) -> Option<Scope<'_>> {
        let file = self.subject.file;
        Some(Scope::new(
            file,
            self.parent(),
            self.record()?,
            self.subject.root(),
            self.subject.hooks,
        ))
    }

    /// The span of the key, or of the value if it has no key.
    pub fn head(&self) -> Span {
        self.entry.map_or(self.node.written_span(), |entry| entry.key.span)
    }

    /// The enclosing mapping or list.
    pub fn parent(&self) -> Option<&'a Node> {
        self.parents.last().copied()
    }

    pub fn path_text(&self) -> String {
        PathText(self.path).to_string()
    }
}

/// Visits every value, parents before children. Values of unknown keys are visited, their children
/// are not. The visitor returns true to visit the children of a value.
pub fn visit<'a>(subject: &Subject<'a>, visitor: &mut dyn FnMut(&TypedNode<'a, '_>) -> bool) {
    let mut walker =
        Walker { subject, visitor, path: Vec::new(), parents: Vec::new(), records: Vec::new() };
    walker.value(subject.root, subject.ty, None, None, false);
}

struct Walker<'a, 's, 'v> {
    subject: &'s Subject<'a>,
    visitor: &'v mut dyn FnMut(&TypedNode<'a, '_>) -> bool,
    path: Vec<PathSegment>,
    parents: Vec<&'a Node>,
    records: Vec<&'static Record>,
}

impl<'a> Walker<'a, '_, '_> {
    fn value(
        &mut self,
        node: &'a Node,
        ty: Type,
        field: Option<&'static Field>,
        entry: Option<&'a Entry>,
        unknown: bool,
    ) {
        let ty =
            if unknown { Type::Any } else { choose(self.subject.hooks.refine(node, ty), node) };
        let place = TypedNode {
            subject: self.subject,
            path: &self.path,
            parents: &self.parents,
            records: &self.records,
            field,
            entry,
            unknown,
            ty,
            node,
        };
        if !(self.visitor)(&place) || unknown {
            return;
        }
        self.parents.push(node);
        match (&node.kind, ty) {
            (Kind::Mapping(mapping), Type::Record(record)) => {
                self.records.push(record);
                for entry in mapping.iter() {
                    let field = record.field(entry.name().unwrap_or_default());
                    let ty = field.map_or(Type::Any, |field| field.ty);
                    self.path.push(step(entry));
                    self.value(&entry.value, ty, field, Some(entry), field.is_none());
                    self.path.pop();
                }
                self.records.pop();
            }
            (Kind::Mapping(mapping), Type::Map { value, .. }) => {
                self.entries(mapping.iter(), *value);
            }
            (Kind::Mapping(mapping), Type::Any) => self.entries(mapping.iter(), Type::Any),
            (Kind::Sequence(sequence), Type::List(item)) => self.items(&sequence.items, *item),
            (Kind::Sequence(sequence), Type::Any) => self.items(&sequence.items, Type::Any),
            _ => {}
        }
        self.parents.pop();
    }

    fn entries(&mut self, entries: impl Iterator<Item = &'a Entry>, ty: Type) {
        for entry in entries {
            self.path.push(step(entry));
            self.value(&entry.value, ty, None, Some(entry), false);
            self.path.pop();
        }
    }

    fn items(&mut self, items: &'a [Node], ty: Type) {
        for (index, item) in items.iter().enumerate() {
            self.path.push(PathSegment::Index(index));
            self.value(item, ty, None, None, false);
            self.path.pop();
        }
    }
}

/// The key of an entry. Empty if the key is not a scalar.
fn step(entry: &Entry) -> PathSegment {
    PathSegment::Key(entry.key.as_scalar().map_or_else(|| "".into(), |scalar| scalar.text.clone()))
}

/// Chooses the first of several types that matches the shape of the value.
fn choose(ty: Type, node: &Node) -> Type {
    let Type::OneOf(types) = ty else { return ty };
    let fits = |ty: &&Type| match (&node.kind, ty) {
        (_, Type::Any) => true,
        (Kind::Mapping(_), Type::Record(_) | Type::Map { .. }) => true,
        (Kind::Sequence(_), Type::List(_)) => true,
        (Kind::Scalar(_), Type::Record(_) | Type::Map { .. } | Type::List(_)) => false,
        (Kind::Scalar(_), _) => super::scalar::fits(ty, node),
        _ => false,
    };
    types.iter().find(fits).or(types.first()).copied().unwrap_or(Type::Any)
}
