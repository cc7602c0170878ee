//! One document of a manifest: applying it, and presenting what the API server says.
//!
//! An outcome has no places in the text, so that it holds when the document moves.

use std::sync::Arc;

use cluster::ApiServer;
use cluster::apiserver::Reason;
use kubernetes::crd::{self, Unchecked};
use kubernetes::object::{Value, from_yaml};
use terminal::kubectl::{Failure, apply_object, read};
use text::{Location, Span};
use yaml::Node;

use super::AppliedObject;
use crate::analysis::verdicts::{self, DocumentRoot};
use crate::workspace::sources::Source;

/// A document of a file, with the number of objects of it that are applied.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    pub source: &'a Arc<Source>,
    pub root: &'a Node,
    pub span: Span,
    pub limit: usize,
}

impl<'a> Document<'a> {
    pub fn text(&self) -> &'a str {
        self.span.slice(&self.source.text)
    }

    /// The node of each object: the document, or the items of a `List`.
    fn nodes(&self, outcome: &DocumentResult) -> Vec<&'a Node> {
        match outcome {
            DocumentResult::Items(_) => {
                self.root.get("items").map(Node::items).unwrap_or_default().iter().collect()
            }
            _ => vec![self.root],
        }
    }

    /// The node of one object.
    pub fn node(&self, outcome: &DocumentResult, number: usize) -> Option<&'a Node> {
        self.nodes(outcome).get(number).copied()
    }
}

/// The result of applying a document.
#[derive(Clone, Debug)]
pub enum DocumentResult {
    /// The document has no form in JSON.
    Unreadable,
    /// kubectl refuses the document as a whole.
    Invalid(Value, Failure),
    Object(Box<Judged>),
    /// A `List`. Items beyond the limit are missing.
    Items(Vec<Judged>),
}

/// The verdict on one object.
#[derive(Clone, Debug)]
pub struct Judged {
    pub value: Value,
    namespaced: bool,
    /// The object as it is stored, or the refusal.
    pub result: Result<Value, Failure>,
    /// The refusal of a plain apply, if only a server-side apply stores the object.
    only_server_side: Option<String>,
    warnings: Vec<String>,
    /// Rules of a definition that are outside of the subset of CEL.
    unchecked: Vec<Unchecked>,
}

impl Judged {
    /// Returns true if a second `kubectl apply` may have another result, because something that
    /// the object needs comes later in the text.
    pub fn may_pass_later(&self) -> bool {
        match &self.result {
            Err(Failure::NoMatch(_)) => true,
            Err(Failure::Server(status)) => {
                matches!(status.reason, Reason::NotFound | Reason::Forbidden)
            }
            Ok(_) | Err(Failure::Plain(_) | Failure::Bare(_) | Failure::Many(_)) => false,
        }
    }
}

impl DocumentResult {
    pub fn objects(&self) -> &[Judged] {
        match self {
            Self::Object(judged) => std::slice::from_ref(judged),
            Self::Items(items) => items,
            Self::Unreadable | Self::Invalid(..) => &[],
        }
    }
}

/// Applies the objects of a document.
pub fn apply(server: &mut ApiServer, document: &Document<'_>) -> DocumentResult {
    let name = &document.source.name;
    let Ok(value) = from_yaml(document.root) else { return DocumentResult::Unreadable };
    if let Err(failure) = read::validate(name, &value) {
        return DocumentResult::Invalid(value, failure);
    }
    if let Some(failure) = read::list_error(name, &value) {
        return DocumentResult::Object(Box::new(not_sent(value, failure)));
    }
    match read::items(&value) {
        None => DocumentResult::Object(Box::new(apply_value(server, document.source, value))),
        Some(items) => {
            let items = items.into_iter().take(document.limit);
            let judge = |item: Value| match read::item_error(server, &item) {
                Some(failure) => not_sent(item, failure),
                None => apply_value(server, document.source, item),
            };
            DocumentResult::Items(items.map(judge).collect())
        }
    }
}

/// An object that kubectl does not send.
fn not_sent(value: Value, failure: Failure) -> Judged {
    Judged {
        value,
        namespaced: false,
        result: Err(failure),
        only_server_side: None,
        warnings: Vec::new(),
        unchecked: Vec::new(),
    }
}

/// Applies one object.
pub fn apply_value(server: &mut ApiServer, source: &Source, value: Value) -> Judged {
    let info = match read::info(server, &source.name, value.clone(), 0..0) {
        Ok(info) => info,
        Err(failure) => return not_sent(value, failure),
    };
    let (kind, namespaced) = (info.kind, info.kind.namespaced);
    let mut applied = apply_object(server, info, source.namespace());
    let mut only_server_side = None;
    if let Err(failure) = &applied.result
        && value.str("kind") == "CustomResourceDefinition"
        && is_too_large(failure)
    {
        let name = value["metadata"].str("name");
        if server.apply(kind, "", name, &value, "kubectl", false).is_ok()
            && let Ok(stored) = server.get(kind, "", name)
        {
            only_server_side = Some(verdicts::message_of(failure));
            applied.result = Ok(stored);
        }
    }
    let versions = match value.str("kind") {
        "CustomResourceDefinition" => value["spec"].list("versions"),
        _ => &[],
    };
    let schemas = versions.iter().map(|version| &version["schema"]["openAPIV3Schema"]);
    let unchecked = schemas.flat_map(crd::unchecked).collect();
    let (result, warnings) = (applied.result, applied.warnings);
    Judged { value, namespaced, result, only_server_side, warnings, unchecked }
}

/// Returns true if the server refuses an object because of the annotation in which `kubectl apply`
/// keeps the manifest. A server-side apply has no such annotation.
fn is_too_large(failure: &Failure) -> bool {
    let Failure::Server(status) = failure else { return false };
    status.causes.iter().all(|cause| cause.path == "metadata.annotations")
        && !status.causes.is_empty()
}

/// The objects of a document with their verdicts, and the first object beyond the limit.
pub fn present(document: &Document<'_>, outcome: &DocumentResult) -> Vec<AppliedObject> {
    let (source, root) = (document.source, document.root);
    match outcome {
        DocumentResult::Unreadable => vec![unreadable(source, root)],
        DocumentResult::Invalid(value, failure) => {
            let place = DocumentRoot { file: source.id, root };
            vec![refused(place, value, failure)]
        }
        DocumentResult::Object(judged) => vec![present_object(source, root, judged)],
        DocumentResult::Items(items) => {
            let nodes = document.nodes(outcome);
            let pairs = nodes.iter().zip(items);
            let mut objects: Vec<AppliedObject> =
                pairs.map(|(node, judged)| present_object(source, node, judged)).collect();
            objects.extend(nodes.get(document.limit).map(|node| not_checked(source, node)));
            objects
        }
    }
}

/// One object with its verdict.
pub fn present_object(source: &Source, node: &Node, judged: &Judged) -> AppliedObject {
    let place = DocumentRoot { file: source.id, root: node };
    let mut object = match &judged.result {
        Ok(stored) => {
            AppliedObject { stored: Some(stored.clone()), ..described(place, &judged.value) }
        }
        Err(failure) => refused(place, &judged.value, failure),
    };
    if judged.namespaced && object.namespace.is_empty() {
        object.namespace = source.namespace().to_owned();
    }
    let refused_at_first = judged.only_server_side.iter();
    object
        .diagnostics
        .extend(refused_at_first.map(|message| verdicts::only_server_side(place, message)));
    object.diagnostics.extend(judged.warnings.iter().map(|text| verdicts::warning(place, text)));
    let unchecked = judged.unchecked.iter();
    object.diagnostics.extend(unchecked.map(|rule| verdicts::unchecked_rule(place, rule)));
    object
}

/// The first object beyond the limit. It has no verdict, and counts as accepted like all after it.
pub fn not_checked(source: &Source, node: &Node) -> AppliedObject {
    let place = DocumentRoot { file: source.id, root: node };
    let found = verdicts::not_checked(place, super::MOST_OBJECTS);
    AppliedObject { location: found.location, diagnostics: vec![found], ..AppliedObject::default() }
}

fn unreadable(source: &Source, root: &Node) -> AppliedObject {
    let error = match from_yaml(root) {
        Err(error) => error,
        Ok(_) => return AppliedObject::default(),
    };
    let message = format!(
        "error: error parsing {}: error converting YAML to JSON: {}",
        source.name, error.message
    );
    let location = Location::new(source.id, error.span);
    AppliedObject {
        location: Location::new(source.id, root.written_span()),
        diagnostics: vec![verdicts::unreadable(location, message.clone())],
        refusal: Some(message),
        ..AppliedObject::default()
    }
}

fn described(place: DocumentRoot<'_>, value: &Value) -> AppliedObject {
    AppliedObject {
        location: Location::new(place.file, place.root.written_span()),
        kind: value.str("kind").to_owned(),
        namespace: value["metadata"].str("namespace").to_owned(),
        name: value["metadata"].str("name").to_owned(),
        ..AppliedObject::default()
    }
}

fn refused(place: DocumentRoot<'_>, value: &Value, failure: &Failure) -> AppliedObject {
    AppliedObject {
        refusal: Some(verdicts::message_of(failure)),
        diagnostics: verdicts::refusal(place, failure),
        ..described(place, value)
    }
}
