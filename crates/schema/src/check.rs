//! Checks of a tree against its tables.

use std::collections::{HashMap, HashSet};
use text::IndexSort;

use super::similar::nearest;
use super::{
    CheckCx, Dialect, PathSegment, PathText, Record, Subject, Type, TypedNode, scalar, visit,
};
use go::quote::quote;
use text::{Applicability, Diagnostic, Edit, Fix, Location, Severity, Span};
use yaml::{Entry, Kind, Mapping, Node, scalars};

/// The maximum number of findings for a tree.
const MAX_FINDINGS: usize = 2000;

/// Every finding about the tree, in the order of the text: unknown and duplicate keys, wrong types
/// and notations, missing and deprecated fields, and the findings of the records' checks and of the
/// hooks. If the check of a record reports a value, the general finding about it is left out.
pub fn check(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut general = Vec::new();
    let mut special = Vec::new();
    visit(subject, &mut |place| {
        if general.len() + special.len() >= MAX_FINDINGS {
            return false;
        }
        value(place, &mut general);
        if let Type::Record(record) = place.ty
            && (place.node.as_mapping().is_some() || place.node.is_null())
        {
            fields(place, record, &mut general);
            run_checks(place, record, &mut special);
        }
        place.subject.hooks.check(place, &mut special);
        true
    });
    let mut found = merge(general, special);
    found.retain(|one| !subject.broken.iter().any(|line| touches(*line, one.location.span)));
    found.index_sort_by_key(|one| (one.location.span.start, one.severity, one.location.span.end));
    found
}

/// Codes whose findings are left out if the check of a record reports the same place.
const GENERAL: &[&str] = &[
    "missing-field",
    "value-not-allowed",
    "invalid-duration",
    "invalid-label",
    "invalid-metric-name",
    "invalid-size",
    "invalid-url",
    "invalid-regex",
    "number-out-of-range",
];

fn merge(general: Vec<Diagnostic>, special: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let errors: Vec<&Diagnostic> =
        special.iter().filter(|one| one.severity == Severity::Error).collect();
    let places: HashSet<Span> = errors.iter().map(|one| one.location.span).collect();
    let mut found: Vec<Diagnostic> = general
        .into_iter()
        .filter(|one| !GENERAL.contains(&&*one.code) || !places.contains(&one.location.span))
        .collect();
    // A value of the wrong type is not reported as missing too.
    let wrong: HashSet<Span> =
        found.iter().filter(|one| one.code == "wrong-type").map(|one| one.location.span).collect();
    let said =
        |one: &Diagnostic| one.severity == Severity::Error && wrong.contains(&one.location.span);
    found.extend(special.into_iter().filter(|one| !said(one)));
    found
}

fn touches(line: Span, span: Span) -> bool {
    span.start <= line.end && line.start <= span.end && span.start >= line.start
}

/// Returns a fix that writes the value of a deprecated field below the fields that replace it. None if they are
/// written already, or if the value is no text of one line.
fn move_value(place: &TypedNode<'_, '_>, entry: &Entry, moved: (&str, &str)) -> Option<Fix> {
    let (record, field) = moved;
    if place.parent()?.get(record).is_some() {
        return None;
    }
    let value = place.node.text().filter(|text| !text.is_empty())?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=".contains(c);
    let value = if value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && value.chars().all(plain)
    {
        value.to_owned()
    } else if value.chars().any(|c| c.is_control()) {
        return None;
    } else {
        format!("'{}'", value.replace('\'', "''"))
    };
    let span = Span::new(entry.key.span.start, place.node.written_span().end);
    Some(Fix::replace(
        format!("Use {record}.{field}"),
        Applicability::Suggestion,
        place.subject.location(span),
        format!("{record}: {{{field}: {value}}}"),
    ))
}

/// Checks a value: unknown and deprecated keys, types.
fn value(place: &TypedNode<'_, '_>, found: &mut Vec<Diagnostic>) {
    if place.unknown {
        unknown(place, found);
        duplicates_below(place, found);
        return;
    }
    if let (Some(field), Some(entry)) = (place.field, place.entry)
        && let Some(old) = field.deprecated
    {
        let at = place.subject.location(entry.key.span);
        let message =
            format!("`{}` is deprecated since {}.{}", field.key, old.since.0, old.since.1);
        let mut one = Diagnostic::warning("deprecated-field", at, message).with_help(old.instead);
        if let Some(fix) = old.moved.and_then(|moved| move_value(place, entry, moved)) {
            one = one.with_fix(fix);
        }
        found.push(one);
    }
    let subject = place.subject;
    let owner = || owner(place);
    if let Err(mismatch) =
        scalar::check(&place.ty, place.node, subject.dialect, &owner, subject.hooks)
    {
        let at = match &place.node.kind {
            Kind::Scalar(_) => place.node.written_span(),
            _ => place.head(),
        };
        let mut one = Diagnostic::error(mismatch.code, subject.location(at), mismatch.message);
        if !mismatch.help.is_empty() {
            one = one.with_help(mismatch.help);
        }
        found.push(type_fixes(place, one));
    }
    if !matches!(place.ty, Type::Record(_))
        && let Some(mapping) = place.node.as_mapping()
    {
        duplicates(place, mapping, None, found);
    }
    if let (Type::Map { key, .. }, Some(mapping)) = (place.ty, place.node.as_mapping()) {
        for entry in mapping.iter() {
            if let Err(mismatch) =
                scalar::check(key, &entry.key, subject.dialect, &String::new, subject.hooks)
            {
                let at = subject.location(entry.key.span);
                found.push(Diagnostic::error(mismatch.code, at, mismatch.message));
            }
        }
    }
}

/// The name of a field in Go's messages. For Kubernetes the record and the path, as in `struct field
/// … of type`; for Prometheus the Go type if it does not follow from the type of the field.
fn owner(place: &TypedNode<'_, '_>) -> String {
    if place.subject.dialect != Dialect::Kubernetes {
        return go_name(place).unwrap_or_default().to_owned();
    }
    let mut owner = place.record().map_or_else(String::new, |record| record.name.to_owned());
    for step in steps_in_object(place) {
        if let PathSegment::Key(key) = step {
            owner.push('.');
            owner.push_str(key);
        }
    }
    owner
}

/// The Go type of a field, or of a value one or two levels below a field.
fn go_name(place: &TypedNode<'_, '_>) -> Option<&'static str> {
    let record = place.record()?;
    (0..place.path.len().min(3)).find_map(|depth| match place.path.iter().nth_back(depth)? {
        PathSegment::Key(key) if record.field(key).is_some() => record.go_name(key, depth),
        _ => None,
    })
}

/// The path from the object, also for an object inside a `List`.
fn path_in_object(place: &TypedNode<'_, '_>) -> String {
    PathText(steps_in_object(place)).to_string()
}

fn steps_in_object<'w>(place: &TypedNode<'_, 'w>) -> &'w [PathSegment] {
    match place.path {
        [PathSegment::Key(items), PathSegment::Index(_), rest @ ..]
            if &**items == "items"
                && place.subject.root.get("kind").and_then(Node::text) == Some("List") =>
        {
            rest
        }
        path => path,
    }
}

fn type_fixes(place: &TypedNode<'_, '_>, mut one: Diagnostic) -> Diagnostic {
    if one.code == "invalid-duration"
        && let Some(number) = place.node.text()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && number.contains(|c| c != '0')
    {
        let title = format!("Write `{number}s`");
        let (at, seconds) = (one.location, format!("{number}s"));
        return one.with_fix(Fix::replace(title, Applicability::Suggestion, at, seconds));
    }
    if one.code != "wrong-type" || place.node.alias.is_some() {
        return one;
    }
    let span = place.node.span;
    let location = place.subject.location(span);
    let Some(scalar) = place.node.as_scalar() else { return one };
    let simple = !scalar.text.contains(['\n', '[', ']', ',', '{', '}', '#', ':']);
    let text = yaml::quoted(&scalar.text);
    let single_line = span.len() as usize <= scalar.text.len() + 2;
    if !single_line {
        return one;
    }
    match place.ty {
        Type::List(_) if simple => {
            let list = format!("[{text}]");
            one = one.with_fix(Fix::replace(
                "Convert to a list",
                Applicability::Suggestion,
                location,
                list,
            ));
        }
        Type::Bool | Type::Int { .. } | Type::Uint { .. } | Type::Float
            if span.len() as usize == scalar.text.len() + 2 =>
        {
            let plain = Node::scalar(span, scalar.text.clone(), yaml::ScalarStyle::Plain);
            if scalar::fits(&place.ty, &plain) {
                one = one.with_fix(Fix::replace(
                    "Remove the quotes",
                    Applicability::Safe,
                    location,
                    &*scalar.text,
                ));
            }
        }
        _ if place.subject.dialect == Dialect::Kubernetes
            && matches!(place.ty, Type::String | Type::Enum(_))
            && simple =>
        {
            let quoted = format!("\"{}\"", scalar.text);
            one = one.with_fix(Fix::replace("Add quotes", Applicability::Safe, location, quoted));
        }
        _ => {}
    }
    one
}

fn unknown(place: &TypedNode<'_, '_>, found: &mut Vec<Diagnostic>) {
    let (Some(entry), Some(record)) = (place.entry, place.record()) else { return };
    let at = place.subject.location(entry.key.span);
    let name = match scalars::string(&entry.key) {
        Ok(name) => name,
        Err(error) => {
            let help = "The key must be a scalar.";
            found.push(Diagnostic::error("unknown-field", at, error.to_string()).with_help(help));
            return;
        }
    };
    let name = &*name;
    let message = match place.subject.dialect {
        Dialect::Prometheus | Dialect::Rules if !record.go_type.is_empty() => {
            format!("field {name} not found in type {}", record.go_type)
        }
        Dialect::Prometheus | Dialect::Rules => {
            format!("field {name} not found in {}", record.name)
        }
        Dialect::Kubernetes => format!("unknown field \"{}\"", path_in_object(place)),
    };
    let mut one = Diagnostic::error("unknown-field", at, message);
    let written: Vec<&str> =
        place.parent().into_iter().flat_map(Node::entries).filter_map(Entry::name).collect();
    let free = record.all_fields().map(|field| field.key).filter(|key| !written.contains(key));
    if let Some(near) = nearest(name, free) {
        one = one.with_help(format!("Did you mean `{near}`?")).with_fix(Fix::replace(
            format!("Rename to `{near}`"),
            Applicability::Suggestion,
            at,
            near,
        ));
    } else if let Some(help) = belongs_elsewhere(place, record, name) {
        one = one.with_help(help);
    } else {
        let keys: Vec<&str> = record.all_fields().map(|field| field.key).take(30).collect();
        one = one.with_help(format!("Known fields are `{}`.", keys.join("`, `")));
    }
    found.push(one);
}

/// A section in which the key is valid: one level deeper, or an enclosing one.
fn belongs_elsewhere(
    place: &TypedNode<'_, '_>,
    record: &'static Record,
    name: &str,
) -> Option<String> {
    let below = record
        .all_fields()
        .find(|field| record_of(&field.ty).is_some_and(|inner| inner.field(name).is_some()));
    if let Some(field) = below {
        return Some(format!("`{name}` is a field of `{}`, one level deeper.", field.key));
    }
    let above = place.records.iter().rev().skip(1).find(|outer| outer.field(name).is_some())?;
    Some(format!("`{name}` is a field of {}. Check the indentation.", above.name))
}

fn record_of(ty: &Type) -> Option<&'static Record> {
    match ty {
        Type::Record(record) => Some(record),
        Type::List(item) => record_of(item),
        _ => None,
    }
}

/// Checks the fields of a record together: duplicates and missing fields.
fn fields(place: &TypedNode<'_, '_>, record: &'static Record, found: &mut Vec<Diagnostic>) {
    if let Some(mapping) = place.node.as_mapping() {
        duplicates(place, mapping, Some(record), found);
    }
    // An absent or null section has no missing fields, unless it is the item of a list.
    let item = matches!(place.path.last(), Some(PathSegment::Index(_)));
    if place.node.is_null() && !item && !place.path.is_empty() {
        return;
    }
    let kubernetes = place.subject.dialect == Dialect::Kubernetes;
    // The API server writes the status itself.
    if kubernetes
        && place.path.iter().any(|step| matches!(step, PathSegment::Key(key) if &**key == "status"))
    {
        return;
    }
    for field in record.all_fields().filter(|field| field.required) {
        let value = place.node.get(field.key);
        let empty_list = kubernetes && matches!(field.ty, Type::List(_));
        if value.is_some_and(|value| !is_empty(value) || empty_list) {
            continue;
        }
        let at = match place.node.entry(field.key) {
            Some(entry) => entry.span(),
            None => section_head(place),
        };
        let message = if field.missing.is_empty() {
            match place.subject.dialect {
                Dialect::Prometheus | Dialect::Rules => format!("`{}` is missing", field.key),
                Dialect::Kubernetes => {
                    let path = path_in_object(place);
                    let dot = if path.is_empty() { "" } else { "." };
                    format!("{path}{dot}{}: Required value", field.key)
                }
            }
        } else {
            field.missing.to_owned()
        };
        found.push(Diagnostic::error("missing-field", place.subject.location(at), message));
    }
}

fn is_empty(node: &Node) -> bool {
    node.is_null() || node.text() == Some("")
}

/// The span for findings about a whole section: its key, or its first own key.
pub(super) fn section_head(place: &TypedNode<'_, '_>) -> Span {
    if let Some(entry) = place.entry {
        return entry.key.span;
    }
    let first = place.node.as_mapping().and_then(|mapping| mapping.entries.first());
    first.map_or(place.node.written_span(), |entry| entry.key.span)
}

/// Returns true if a mapping may have duplicate keys. Small mappings are compared directly.
fn repeats(mapping: &Mapping) -> bool {
    let entries = &mapping.entries;
    entries.len() > 16
        || entries.iter().enumerate().any(|(number, entry)| {
            let name = entry.name();
            entries.iter().take(number).any(|earlier| earlier.name() == name)
        })
}

fn duplicates(
    place: &TypedNode<'_, '_>,
    mapping: &Mapping,
    record: Option<&'static Record>,
    found: &mut Vec<Diagnostic>,
) {
    if mapping.entries.len() < 2 {
        return;
    }
    let in_map = place.subject.dialect == Dialect::Prometheus && record.is_none();
    if in_map && mapping.entries.iter().any(Entry::is_merge) {
        return merged_twice(place, mapping, found);
    }
    if !repeats(mapping) {
        return;
    }
    let mut first: HashMap<&str, Span> = HashMap::with_capacity(mapping.entries.len());
    let rules = place.subject.dialect == Dialect::Rules;
    for entry in mapping.entries.iter().filter(|entry| rules || !entry.is_merge()) {
        let Some(name) = entry.name() else { continue };
        let Some(&earlier) = first.get(name) else {
            first.insert(name, entry.key.span);
            continue;
        };
        let message = match (place.subject.dialect, record) {
            // The caller appends the line.
            (Dialect::Rules, _) => format!("mapping key {} already defined", quote(name)),
            (Dialect::Prometheus, Some(record)) if record.field(name).is_some() => {
                let owner = if record.go_type.is_empty() { record.name } else { record.go_type };
                format!("field {name} already set in type {owner}")
            }
            // An unknown key is reported as such each time.
            (Dialect::Prometheus, Some(_)) => continue,
            _ => format!("key {name} already set in map", name = quote(name)),
        };
        let location = |span| Location::new(place.subject.file, span);
        let one = Diagnostic::error("duplicate-key", location(entry.key.span), message)
            .with_help("Delete one of them, or merge both.")
            .with_related(location(earlier), "first occurrence");
        found.push(with_removal(place, entry, one));
    }
}

/// Reports keys that a merge key sets a second time, or that are set again after it. Go refuses both
/// in a map. In a record one overrides the other.
fn merged_twice(place: &TypedNode<'_, '_>, mapping: &Mapping, found: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&str, Span> = HashMap::new();
    let mut set = |entry: &'_ Entry, name: &str, earlier: Option<Span>| {
        let Some(earlier) = earlier else { return };
        let location = |span| Location::new(place.subject.file, span);
        let message = format!("key {} already set in map", quote(name));
        found.push(
            Diagnostic::error("duplicate-key", location(entry.key.span), message)
                .with_help("`<<` also sets this key. A map does not allow overrides.")
                .with_related(location(earlier), "first occurrence"),
        );
    };
    for entry in &mapping.entries {
        let sources = match &entry.value.kind {
            _ if !entry.is_merge() => {
                if let Some(name) = entry.name() {
                    set(entry, name, first.insert(name, entry.key.span));
                }
                continue;
            }
            Kind::Sequence(sequence) => &sequence.items[..],
            _ => std::slice::from_ref(&entry.value),
        };
        for source in sources.iter().rev().filter_map(Node::as_mapping) {
            for entry in source.iter() {
                if let Some(name) = entry.name() {
                    set(entry, name, first.insert(name, entry.key.span));
                }
            }
        }
    }
}

/// Adds a fix that deletes the entry.
fn with_removal(place: &TypedNode<'_, '_>, entry: &Entry, one: Diagnostic) -> Diagnostic {
    if entry.value.alias.is_some() {
        return one;
    }
    one.with_fix(Fix {
        title: "Delete this entry".to_owned(),
        applicability: Applicability::Suggestion,
        edits: vec![Edit { location: place.subject.location(entry.span()), text: String::new() }],
    })
}

/// Reports duplicate keys below an unknown key, which the walk does not visit.
fn duplicates_below(place: &TypedNode<'_, '_>, found: &mut Vec<Diagnostic>) {
    let mut waiting = vec![place.node];
    while let Some(node) = waiting.pop() {
        match &node.kind {
            Kind::Scalar(_) => {}
            Kind::Sequence(sequence) => waiting.extend(&sequence.items),
            Kind::Mapping(mapping) => {
                if place.subject.dialect != Dialect::Prometheus {
                    duplicates(place, mapping, None, found);
                }
                waiting.extend(mapping.entries.iter().map(|entry| &entry.value));
            }
        }
        if found.len() >= MAX_FINDINGS || node.alias.is_some() {
            break;
        }
    }
}

fn run_checks(place: &TypedNode<'_, '_>, record: &'static Record, special: &mut Vec<Diagnostic>) {
    let mut waiting = vec![record];
    while let Some(record) = waiting.pop() {
        waiting.extend(record.inline);
        let Some(check) = record.check else { continue };
        check(
            &mut CheckCx {
                file: place.subject.file,
                dialect: place.subject.dialect,
                path: place.path,
                diagnostics: special,
            },
            place.node,
        );
    }
}
