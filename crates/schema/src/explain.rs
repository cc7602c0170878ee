//! Explanations of the fields of a tree: inline notes, hover cards and the outline.

use super::{
    Allowed, DefaultValue, Deprecated, Field, PathSegment, Record, Resolved, Scope, Subject, Type,
    TypedNode, ValueSource, Version, value_text, visit,
};
use text::{Location, Span};
use yaml::{Kind, Node, scalars};

/// A short note at the end of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// The span of the key.
    pub span: Span,
    pub text: String,
}

/// A description: a text of the table, or the index of a text that is loaded when needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Description {
    Text(&'static str),
    Numbered(u16),
    Absent,
}

impl Description {
    fn of(doc: &'static str, id: Option<u16>) -> Self {
        match id {
            _ if !doc.is_empty() => Self::Text(doc),
            Some(id) => Self::Numbered(id),
            None => Self::Absent,
        }
    }
}

/// The explanation of a value.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// `scrape_configs[0].scrape_interval`
    pub path: String,
    pub steps: Vec<PathSegment>,
    /// The key as written. For the item of a list its number. Empty for the root.
    pub title: String,
    /// The span of the key.
    pub key: Option<Span>,
    pub value: Span,
    /// `duration`, `list of strings`
    pub type_text: String,
    pub required: bool,
    /// False if the record does not have the key. Most other parts are empty then.
    pub known: bool,
    pub default: DefaultValue,
    pub effective: Option<Resolved<String>>,
    pub doc: Description,
    pub mistakes: &'static str,
    pub example: &'static str,
    pub allowed: &'static [Allowed],
    pub since: Option<Version>,
    pub deprecated: Option<Deprecated>,
    pub secret: bool,
    /// The consequences of the value, as sentences.
    pub consequences: Vec<String>,
    /// The record that has the field.
    pub of: Option<&'static Record>,
    pub record: Option<&'static Record>,
    /// The keys and items on the path from the root, each with its span.
    pub trail: Vec<(String, Span)>,
}

/// An entry of an outline. Its children follow with a larger depth.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlineItem {
    pub depth: usize,
    pub title: String,
    /// The value of the identifying key of an item, or empty.
    pub detail: String,
    pub span: Span,
}

/// The inline notes of all written fields.
pub fn notes(subject: &Subject<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    visit(subject, &mut |place| {
        if let (Some(field), Some(entry)) = (place.field, place.entry)
            && !field.note.is_empty()
            && place.node.alias.is_none()
            && let Some(mut text) = fill(field.note, place)
        {
            // The note of a boolean describes `true`.
            if matches!(field.ty, Type::Bool) && scalars::bool(place.node).is_ok_and(|on| !on) {
                text.insert_str(0, "off: ");
            }
            notes.push(Note { span: entry.key.span, text });
        }
        place.node.alias.is_none()
    });
    notes
}

/// Replaces the placeholders `{name}`. Returns None if one of them is not known.
fn fill(template: &str, place: &TypedNode<'_, '_>) -> Option<String> {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}')?;
        text.push_str(before);
        text.push_str(&placeholder(place, name)?);
        rest = behind;
    }
    text.push_str(rest);
    Some(text)
}

fn placeholder(place: &TypedNode<'_, '_>, name: &str) -> Option<String> {
    if let Some(known) = place.subject.hooks.placeholder(place, name) {
        return Some(known);
    }
    match name {
        "value" => effective(place).map(|effective| effective.value),
        "default" => place.field?.default.text().map(str::to_owned),
        "count" => match &place.node.kind {
            Kind::Sequence(sequence) => Some(sequence.items.len().to_string()),
            Kind::Mapping(mapping) => Some(mapping.iter().count().to_string()),
            Kind::Scalar(_) => None,
        },
        _ => None,
    }
}

/// The value in force at a node, in one line: the written value, or what holds without one. Secrets
/// are masked. Returns None for collections and for values about which nothing is known.
pub fn effective(place: &TypedNode<'_, '_>) -> Option<Resolved<String>> {
    let node = place.node;
    let scope = place.scope();
    if let (Some(field), Some(scope)) = (place.field, &scope)
        && (node.is_null() || scope.is_unset(field))
    {
        return default_value(scope, field);
    }
    let text = node.text().filter(|_| !node.is_null())?;
    let is_secret = place.field.is_some_and(|field| field.secret);
    let text = if is_secret { "<secret>" } else { text };
    Some(Resolved::written(text.to_owned(), place.subject.location(node.written_span())))
}

/// The value in force of a field that is not written, in one line. Returns None if the field has no
/// default. The text is empty if the default depends on something outside the file.
pub fn default_value(scope: &Scope<'_>, field: &'static Field) -> Option<Resolved<String>> {
    if matches!(field.default, DefaultValue::None) {
        return None;
    }
    Some(scope.default_of(field).map(|node| value_text(&node)))
}

/// The name of a type as it is shown: `string`, `list of strings`, `map of strings`, `enum`.
pub fn type_text(ty: &Type) -> String {
    match ty {
        Type::Any => "any".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::Int { .. } | Type::Uint { .. } => "integer".to_owned(),
        Type::Float => "float".to_owned(),
        Type::String => "string".to_owned(),
        Type::Duration { .. } => "duration".to_owned(),
        Type::Size => "size".to_owned(),
        Type::Url => "URL".to_owned(),
        Type::Path { .. } => "file path".to_owned(),
        Type::Secret => "secret".to_owned(),
        Type::LabelName => "label name".to_owned(),
        Type::LabelValue => "label value".to_owned(),
        Type::MetricName => "metric name".to_owned(),
        Type::Regex => "regular expression".to_owned(),
        Type::Replacement => "replacement".to_owned(),
        Type::Template => "template".to_owned(),
        Type::PromQl => "PromQL expression".to_owned(),
        Type::Time => "time".to_owned(),
        Type::Bytes => "base64".to_owned(),
        Type::Quantity => "quantity".to_owned(),
        Type::Enum(_) => "enum".to_owned(),
        Type::List(item) => format!("list of {}", plural(item)),
        Type::Map { value, .. } => format!("map of {}", plural(value)),
        Type::Record(record) => record.name.to_owned(),
        Type::OneOf(types) => {
            // A string beside an enum only means that Go checks the value later.
            let words = types.iter().any(|ty| matches!(ty, Type::Enum(_)));
            let shown = types.iter().filter(|ty| !words || !matches!(ty, Type::String));
            shown.map(type_text).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn plural(ty: &Type) -> String {
    match ty {
        Type::Any => "any type".to_owned(),
        Type::Secret => "secrets".to_owned(),
        Type::Quantity => "quantities".to_owned(),
        Type::Bytes => "base64".to_owned(),
        Type::Enum(_) | Type::OneOf([Type::Enum(_), Type::String]) => "enum values".to_owned(),
        Type::Record(record) => record.name.to_owned(),
        ty => format!("{}s", type_text(ty)),
    }
}

/// The values of an enum, also inside a list.
fn allowed(ty: &Type) -> &'static [Allowed] {
    match ty {
        Type::Enum(allowed) => allowed,
        Type::List(item) => allowed(item),
        Type::OneOf(types) => {
            types.iter().map(allowed).find(|words| !words.is_empty()).unwrap_or_default()
        }
        _ => &[],
    }
}

/// The explanation of the innermost value or key at an offset of the file. Between values it is the
/// explanation of the enclosing section.
pub fn explain_at(subject: &Subject<'_>, offset: u32) -> Option<Explanation> {
    let mut best: Option<(usize, Explanation)> = None;
    visit(subject, &mut |place| {
        let whole = match place.entry {
            Some(entry) => entry.span(),
            None => place.node.written_span(),
        };
        if !whole.touches(offset) {
            // A merged value is written elsewhere, and the item of a list begins at its text.
            return place.path.is_empty();
        }
        let depth = place.path.len();
        if best.as_ref().is_none_or(|(known, _)| depth >= *known) {
            best = Some((depth, explanation(place)));
        }
        true
    });
    best.map(|(_, explanation)| explanation)
}

/// The field whose list contains the item.
fn list_of(place: &TypedNode<'_, '_>) -> Option<&'static Field> {
    match place.path {
        [.., PathSegment::Key(key), PathSegment::Index(_)] => place.record()?.field(key),
        _ => None,
    }
}

/// The field whose map contains the entry.
fn map_of(place: &TypedNode<'_, '_>) -> Option<&'static Field> {
    match place.path {
        [.., PathSegment::Key(key), PathSegment::Key(_)] => {
            let field = place.record()?.field(key)?;
            matches!(field.ty, Type::Map { .. }).then_some(field)
        }
        _ => None,
    }
}

/// The explanation of a visited value.
pub fn explanation(place: &TypedNode<'_, '_>) -> Explanation {
    let field = place.field;
    let record = match place.ty {
        Type::Record(record) => Some(record),
        _ => None,
    };
    let shown = field.map_or(place.ty, |field| field.ty);
    let list = list_of(place);
    let doc = match (field, record) {
        (Some(field), _) => Description::of(field.doc, field.doc_id),
        (None, Some(record)) => Description::of(record.doc, record.doc_id),
        (None, None) => {
            let field = list.or_else(|| map_of(place));
            field.map_or(Description::Absent, |field| Description::of(field.doc, field.doc_id))
        }
    };
    Explanation {
        path: place.path_text(),
        steps: place.path.to_vec(),
        title: match place.path.last() {
            Some(PathSegment::Key(key)) => key.to_string(),
            Some(PathSegment::Index(index)) => match list {
                Some(list) => format!("{}, item {}", list.key, index + 1),
                None => format!("item {}", index + 1),
            },
            None => record.map_or_else(String::new, |record| record.name.to_owned()),
        },
        key: place.entry.map(|entry| entry.key.span),
        value: place.node.written_span(),
        type_text: if place.unknown { String::new() } else { type_text(&shown) },
        required: field.is_some_and(|field| field.required),
        known: !place.unknown,
        default: field.map_or(DefaultValue::None, |field| field.default),
        effective: if place.unknown { None } else { effective(place) },
        doc,
        mistakes: field.map_or("", |field| field.mistakes),
        example: field.map_or("", |field| field.example),
        allowed: allowed(&shown),
        since: field.map(|field| field.since).filter(|since| *since > Version(0, 0)),
        deprecated: field.and_then(|field| field.deprecated),
        secret: field.is_some_and(|field| field.secret) || matches!(place.ty, Type::Secret),
        consequences: if place.unknown {
            Vec::new()
        } else {
            place.subject.hooks.consequences(place)
        },
        of: place.record(),
        record,
        trail: trail(place),
    }
}

fn trail(place: &TypedNode<'_, '_>) -> Vec<(String, Span)> {
    let mut trail = Vec::with_capacity(place.path.len());
    for (depth, (step, parent)) in place.path.iter().zip(place.parents).enumerate() {
        let entry = match step {
            PathSegment::Key(key) => match parent.entry(key) {
                Some(entry) => (key.to_string(), entry.key.span),
                None => continue,
            },
            PathSegment::Index(index) => {
                let item = parent.items().get(*index);
                let label = item.and_then(identity).unwrap_or_else(|| index.to_string());
                let span = item.map_or(Span::default(), Node::written_span);
                (label, Span::new(span.start, span.start))
            }
        };
        debug_assert!(depth < place.path.len());
        trail.push(entry);
    }
    trail
}

/// Keys whose values identify the items of a list.
const IDENTIFYING: &[&str] =
    &["job_name", "name", "alert", "record", "role", "action", "target_label", "key", "host"];

/// The value that identifies an item of a list.
pub fn identity(node: &Node) -> Option<String> {
    let value = IDENTIFYING.iter().find_map(|key| node.get(key).and_then(Node::text))?;
    Some(value.chars().take(60).collect())
}

/// The outline of a tree: fields with a mapping or a list, and the items of lists of mappings.
pub fn outline(subject: &Subject<'_>) -> Vec<OutlineItem> {
    const MAX_ITEMS: usize = 5000;
    let mut items = Vec::new();
    visit(subject, &mut |place| {
        if items.len() >= MAX_ITEMS || place.node.alias.is_some() {
            return false;
        }
        let collection = place.node.as_scalar().is_none();
        let title = match place.path.last() {
            None => return true,
            Some(PathSegment::Key(key)) => key.to_string(),
            Some(PathSegment::Index(index)) => format!("{}", index + 1),
        };
        if collection {
            items.push(OutlineItem {
                depth: place.path.len() - 1,
                title,
                detail: identity(place.node).unwrap_or_default(),
                span: place.head(),
            });
        }
        true
    });
    items
}

impl Explanation {
    /// The source of the value in force, in words.
    pub fn origin_text(&self, line_of: &dyn Fn(Location) -> u32) -> Option<String> {
        Some(match self.effective.as_ref()?.source {
            ValueSource::Written(_) => "written here".to_owned(),
            ValueSource::Default => "the default".to_owned(),
            ValueSource::Inherited { path, at } => format!("from {path}, line {}", line_of(at)),
            ValueSource::Computed(words) => words.to_owned(),
        })
    }
}
