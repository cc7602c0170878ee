//! Completions.

use super::context::{CursorContext, Slot, context};
use super::explain::{default_value, type_text};
use super::{
    Allowed, CompletionRequest, DefaultValue, Description, Field, Hooks, PathSegment, Record,
    Resolved, Scope, Subject, Suggestion, Type,
};
use text::IndexSort;
use text::Span;
use yaml::{Node, Source};

/// Completions and the span that they replace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completions {
    /// The replaced span, in bytes of the file.
    pub span: Span,
    /// The completions, most useful first.
    pub items: Vec<Completion>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    pub label: String,
    /// The inserted text. Further lines have the indentation of the file.
    pub insert: String,
    /// A short text beside the label: type and default, or the meaning of a value.
    pub detail: String,
    pub doc: Description,
    /// The documentation by the hooks. Empty if they have none.
    pub more: String,
    pub kind: CompletionKind,
    pub deprecated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    Field,
    Value,
}

/// The completions at an offset of the file `host`, which contains `source`. The tree of `subject`
/// may be outdated or broken: the path is derived from the indentation. The result is empty if no
/// table describes the place.
pub fn complete_at(subject: &Subject<'_>, source: &Source, host: &str, offset: u32) -> Completions {
    let inner = source.from_host(offset) as usize;
    let context = context(&source.text, inner);
    let from = source.to_host(context.from as u32).min(offset);
    let to = source.to_host(context.to as u32).max(offset);
    let mut items = Items {
        subject,
        context: &context,
        indentation: source.indentation_at(host, context.from as u32) + context.column,
        items: Vec::new(),
    };
    if let Some((ty, field)) = type_at(subject, &context.path) {
        items.at(ty, field);
    }
    Completions { span: Span::new(from, to), items: items.items }
}

/// The type at a path, and the field that the path ends with.
fn type_at(subject: &Subject<'_>, path: &[PathSegment]) -> Option<(Type, Option<&'static Field>)> {
    let mut node = Some(subject.root);
    let refine = |ty, node: Option<&Node>| match node {
        Some(node) => subject.hooks.refine(node, ty),
        None => ty,
    };
    let mut ty = refine(subject.ty, node);
    let mut field = None;
    for step in path {
        node = node.and_then(|node| child(node, step));
        (ty, field) = below(ty, step)?;
        ty = refine(ty, node);
    }
    Some((ty, field))
}

fn child<'a>(node: &'a Node, step: &PathSegment) -> Option<&'a Node> {
    match step {
        PathSegment::Key(key) => node.get(key),
        PathSegment::Index(index) => node.items().get(*index),
    }
}

fn node_at<'a>(root: &'a Node, path: &[PathSegment]) -> Option<&'a Node> {
    path.iter().try_fold(root, child)
}

fn below(ty: Type, step: &PathSegment) -> Option<(Type, Option<&'static Field>)> {
    match (ty, step) {
        (Type::Record(record), PathSegment::Key(key)) => {
            record.field(key).map(|field| (field.ty, Some(field)))
        }
        (Type::Map { value, .. }, PathSegment::Key(_)) => Some((*value, None)),
        (Type::List(item), PathSegment::Index(_)) => Some((*item, None)),
        (Type::OneOf(types), step) => types.iter().find_map(|ty| below(*ty, step)),
        (Type::Any, _) => Some((Type::Any, None)),
        _ => None,
    }
}

struct Items<'a, 's> {
    subject: &'s Subject<'a>,
    context: &'s CursorContext,
    /// Column of the keys in the file.
    indentation: usize,
    items: Vec<Completion>,
}

impl<'s> Items<'_, 's> {
    fn at(&mut self, ty: Type, field: Option<&'static Field>) {
        match self.context.slot {
            Slot::Value => self.value(ty, field),
            Slot::Key => match ty {
                // `- ` in front of a plain value.
                Type::Record(_) | Type::Map { .. } | Type::OneOf(_) => self.keys(ty, field, ""),
                ty => self.value(ty, field),
            },
            Slot::Line => match ty {
                Type::List(item) => self.list_item(*item, field),
                ty => self.keys(ty, field, ""),
            },
        }
    }

    fn list_item(&mut self, item: Type, field: Option<&'static Field>) {
        match item {
            Type::Record(_) | Type::Map { .. } => {
                self.indentation += 2;
                self.keys(item, field, "- ");
            }
            item => {
                self.value(item, field);
                for item in &mut self.items {
                    item.insert = format!("- {}", item.insert);
                }
            }
        }
    }

    fn keys(&mut self, ty: Type, field: Option<&'static Field>, lead: &str) {
        match ty {
            Type::Record(record) => self.record_keys(record, lead),
            Type::OneOf(types) => {
                if let Some(ty) = types.iter().find(|ty| matches!(ty, Type::Record(_))) {
                    self.keys(*ty, field, lead);
                }
            }
            Type::Map { .. } => {
                for suggestion in self.suggestions(ty, field, true) {
                    self.items.push(Completion {
                        insert: format!("{lead}{}: ", yaml::quoted(&suggestion.value)),
                        label: suggestion.value,
                        detail: suggestion.detail,
                        doc: Description::Absent,
                        more: suggestion.doc,
                        kind: CompletionKind::Field,
                        deprecated: false,
                    });
                }
            }
            _ => {}
        }
    }

    /// The fields that are not written yet: required ones first, deprecated ones last.
    fn record_keys(&mut self, record: &'static Record, lead: &str) {
        let missing = record
            .all_fields()
            .filter(|field| !self.context.written.iter().any(|key| key == field.key));
        let mut fields: Vec<&'static Field> = missing.collect();
        fields.index_sort_by_key(|field| (field.deprecated.is_some(), !field.required));
        let scope = self.scope(record, &self.context.path);
        for field in fields {
            let detail = detail(&scope, field);
            let insert = format!("{lead}{}", self.snippet(field));
            self.items.push(Completion {
                label: field.key.to_owned(),
                insert,
                detail,
                doc: match field.doc_id {
                    _ if !field.doc.is_empty() => Description::Text(field.doc),
                    Some(id) => Description::Numbered(id),
                    None => Description::Absent,
                },
                more: String::new(),
                kind: CompletionKind::Field,
                deprecated: field.deprecated.is_some(),
            });
        }
    }

    /// A field with its default, or with the first line of its section.
    fn snippet(&self, field: &Field) -> String {
        let key = field.key;
        let margin = " ".repeat(self.indentation + 2);
        match field.ty {
            Type::Record(record) => format!("{key}:\n{margin}{}", first_key(record)),
            Type::Map { .. } => format!("{key}:\n{margin}"),
            Type::List(Type::Record(record)) => format!("{key}:\n{margin}- {}", first_key(record)),
            Type::List(_) => format!("{key}:\n{margin}- "),
            _ => match field.default {
                DefaultValue::Literal(text) => format!("{key}: {text}"),
                DefaultValue::Zero if matches!(field.ty, Type::Bool) => format!("{key}: true"),
                _ => format!("{key}: "),
            },
        }
    }

    /// The section at a path.
    fn scope(&self, record: &'static Record, path: &[PathSegment]) -> Scope<'s> {
        let subject = self.subject;
        let node = node_at(subject.root, path);
        Scope::new(subject.file, node, record, subject.root(), subject.hooks)
    }

    /// The default of the field whose value is completed.
    fn default_here(&self, field: &'static Field) -> Option<Resolved<String>> {
        let (_, section) = self.context.path.split_last()?;
        match type_at(self.subject, section)? {
            (Type::Record(record), _) => default_value(&self.scope(record, section), field),
            _ => None,
        }
    }

    fn value(&mut self, ty: Type, field: Option<&'static Field>) {
        let suggestions = self.suggestions(ty, field, false);
        for suggestion in suggestions {
            self.push_value(suggestion);
        }
        let default = field.and_then(|field| self.default_here(field));
        // An empty string is not worth a completion.
        let worth_it = |text: &String| !text.is_empty() && text != "\"\"";
        let default = default.map(|default| default.value).filter(worth_it);
        match ty {
            Type::Bool => {
                for value in ["true", "false"] {
                    let is_default = default.as_deref() == Some(value);
                    self.plain(value, if is_default { "default" } else { "" }, "");
                }
            }
            Type::Enum(allowed) => self.allowed(allowed, default.as_deref()),
            Type::List(item) => self.value(*item, None),
            Type::OneOf(types) => {
                for ty in types.iter().filter(|ty| matches!(ty, Type::Enum(_) | Type::Bool)) {
                    self.value(*ty, field);
                }
            }
            Type::Duration { .. } => {
                if let Some(default) = &default {
                    self.plain(default, "default", "");
                }
                for value in ["5s", "10s", "15s", "30s", "1m", "5m", "1h"] {
                    if default.as_deref() != Some(value) {
                        self.plain(value, "", "");
                    }
                }
            }
            Type::Any | Type::Map { .. } | Type::Record(_) => {}
            _ => {
                if let Some(default) = &default {
                    self.plain(default, "default", "");
                }
            }
        }
    }

    fn allowed(&mut self, allowed: &'static [Allowed], default: Option<&str>) {
        for value in allowed {
            let is_default = default == Some(value.value);
            self.plain(value.value, if is_default { "default" } else { "" }, value.doc);
        }
    }

    fn plain(&mut self, value: &str, detail: &str, doc: &'static str) {
        let mut completion = value_completion(Suggestion::new(value, detail));
        if !doc.is_empty() {
            completion.doc = Description::Text(doc);
        }
        self.push(completion);
    }

    fn push_value(&mut self, suggestion: Suggestion) {
        self.push(value_completion(suggestion));
    }

    fn push(&mut self, completion: Completion) {
        const MOST: usize = 500;
        let known = |known: &Completion| known.label == completion.label;
        if self.items.len() < MOST && !self.items.iter().any(known) {
            self.items.push(completion);
        }
    }

    fn suggestions(&self, ty: Type, field: Option<&'static Field>, key: bool) -> Vec<Suggestion> {
        let hooks: &dyn Hooks = self.subject.hooks;
        hooks.suggest(&CompletionRequest {
            path: &self.context.path,
            field,
            ty,
            key,
            prefix: &self.context.prefix,
            root: self.subject.root,
        })
    }
}

fn value_completion(suggestion: Suggestion) -> Completion {
    // Booleans and numbers stay as they are. Other values are quoted if necessary.
    let typed = matches!(
        yaml::scalars::resolve(&Node::scalar(
            Span::default(),
            &*suggestion.value,
            yaml::ScalarStyle::Plain
        )),
        Some(Ok(value)) if !matches!(value.go_type(), "string" | "<nil>")
    );
    let insert =
        if typed { suggestion.value.clone() } else { yaml::quoted(&suggestion.value).into_owned() };
    Completion {
        insert,
        label: suggestion.value,
        detail: suggestion.detail,
        doc: Description::Absent,
        more: suggestion.doc,
        kind: CompletionKind::Value,
        deprecated: false,
    }
}

/// `job_name: `, for the first line of a new record.
fn first_key(record: &'static Record) -> String {
    match record.all_fields().find(|field| field.required) {
        Some(field) if !matches!(field.ty, Type::Record(_) | Type::List(_) | Type::Map { .. }) => {
            format!("{}: ", field.key)
        }
        _ => String::new(),
    }
}

/// `duration, default 1m`
fn detail(scope: &Scope<'_>, field: &'static Field) -> String {
    let ty = type_text(&field.ty);
    if field.required {
        return format!("{ty}, required");
    }
    match default_value(scope, field) {
        Some(default)
            if !default.value.is_empty() && !matches!(field.default, DefaultValue::Zero) =>
        {
            format!("{ty}, default {}", default.value)
        }
        _ => ty,
    }
}
