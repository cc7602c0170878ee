//! The fields of manifests: the table of Kubernetes, with overlays that add documentation.

mod access;
mod meta;
mod pod;
mod service;
mod words;
mod workload;

use std::sync::OnceLock;

use crate::openapi::{Overlay, Table};
use schema::{Dialect, FIELD, Field, Hooks, RECORD, Record, Subject, Type};
use text::Diagnostic;
use yaml::{Node, Parsed};

/// All overlays.
static ROOMS: &[&[Overlay]] = &[
    meta::OVERLAYS,
    workload::OVERLAYS,
    pod::OVERLAYS,
    service::OVERLAYS,
    access::OVERLAYS,
    words::OVERLAYS,
];

/// The table of all records, built on first use.
pub fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(Vec::leak(ROOMS.concat()), &words::OF_EVERY_KIND))
}

/// `kind: List`, the output of `kubectl get`.
static LIST: Record = Record {
    name: "List",
    doc: "Several objects in one document, as `kubectl get -o yaml` writes them.",
    fields: &[
        Field { key: "apiVersion", ty: Type::String, required: true, ..FIELD },
        Field { key: "kind", ty: Type::String, required: true, ..FIELD },
        Field { key: "metadata", ty: Type::Any, ..FIELD },
        Field {
            key: "items",
            ty: Type::List(&Type::Any),
            doc: "The objects, each with its own `apiVersion` and `kind`.",
            ..FIELD
        },
    ],
    ..RECORD
};

/// Returns the type of an object by `apiVersion` and `kind`; `Any` for unknown kinds.
pub fn type_of(object: &Node) -> Type {
    let text = |key: &str| object.get(key).and_then(Node::text).unwrap_or_default();
    match (text("apiVersion"), text("kind")) {
        ("v1", "List") => Type::Record(&LIST),
        (version, kind) => table().kind(version, kind).map_or(Type::Any, Type::Record),
    }
}

/// Implements [`Hooks::refine`]: an object in a list has the type of its own kind.
pub fn refine(node: &Node, ty: Type) -> Type {
    match ty {
        Type::Any if node.get("kind").is_some() && node.get("apiVersion").is_some() => {
            type_of(node)
        }
        ty => ty,
    }
}

/// Returns one subject for each document of a file.
pub fn subjects<'a>(parsed: &'a Parsed, hooks: &'a dyn Hooks) -> Vec<Subject<'a>> {
    let documents = parsed.documents.iter();
    let of = |document: &'a yaml::Document| Subject {
        file: parsed.file,
        span: document.span,
        root: &document.root,
        ty: type_of(&document.root),
        dialect: Dialect::Kubernetes,
        broken: &parsed.broken,
        hooks,
    };
    documents.map(of).collect()
}

struct Refine;

impl Hooks for Refine {
    fn refine(&self, node: &Node, ty: Type) -> Type {
        refine(node, ty)
    }
}

/// Checks all documents of a file for unknown fields, wrong types and missing values.
pub fn check(parsed: &Parsed) -> Vec<Diagnostic> {
    subjects(parsed, &Refine).iter().flat_map(schema::check).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::FileId;
    use yaml::parse;

    #[test]
    fn our_words_are_about_fields_that_exist() {
        let unknown: Vec<String> = table()
            .unknown
            .iter()
            .map(|overlay| format!("{}.{}", overlay.record, overlay.key))
            .collect();
        assert_eq!(unknown, Vec::<String>::new());
    }

    #[test]
    fn our_words_are_whole() {
        for overlay in ROOMS.iter().copied().flatten() {
            let name = format!("{}.{}", overlay.record, overlay.key);
            assert!(overlay.doc.ends_with(['.', '`']), "{name} has a description");
            assert!(!overlay.note.ends_with('.'), "{name}: {}", overlay.note);
            for allowed in overlay.allowed {
                assert!(allowed.doc.ends_with('.'), "{name}: {}", allowed.value);
            }
            let parsed = parse(FileId(0), overlay.example);
            assert!(parsed.diagnostics.is_empty(), "{name}: {:?}", parsed.diagnostics);
            if !overlay.example.is_empty() {
                assert!(parsed.root().unwrap().get(overlay.key).is_some(), "{name}'s example");
            }
        }
    }

    #[test]
    fn objects_in_lists_say_what_they_are() {
        let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n  spec: {type: Public}\n- apiVersion: x/v1\n  kind: Mine\n  spec: {any: 1}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - image: x\n";
        let found: Vec<String> = check(&parse(FileId(0), text))
            .into_iter()
            .map(|one| format!("{} {}", one.code, one.location.span.slice(text)))
            .collect();
        assert_eq!(found, ["value-not-allowed Public", "missing-field image"]);
    }
}
