//! The manifests of the workspace, applied to a fresh API server as `kubectl apply` does.
//!
//! Files are applied in the order of the workspace, each document in its turn. An object that is
//! refused because something it needs comes later (its namespace, the definition of its kind) is
//! applied a second time at the end, as a second `kubectl apply` does it, with a warning.
//!
//! The state of the server after each file is kept, so that an edit applies only its file and the
//! files after it. The result is the same as that of a fresh run.

use std::ops::Range;
use std::sync::Arc;

use cluster::ApiServer;
use cluster::apiserver::Reason;
use cluster::controllers::Controllers;
use kubernetes::object::{Value, from_yaml};
use protocol::ObjectKey;
use terminal::kubectl::{Failure, apply_object, read};
use text::{Diagnostic, Location};
use yaml::Node;

use super::NAMESPACE;
use super::verdicts::{self, Place};
use crate::workspace::sources::{FileKind, Source, Sources};

/// Simulated time begins on 1 January 2026.
const START: i64 = 1_767_225_600;
const SEED: u64 = 1;

/// Objects of a file that are applied at most. The time of the controllers grows faster than the
/// number of objects.
const MOST_OBJECTS: usize = 500;

/// An object of a manifest, with the verdict of the API server.
#[derive(Clone, Debug, Default)]
pub struct AppliedObject {
    /// The place of the object: the document, or an item of a `List`.
    pub location: Location,
    pub kind: String,
    /// Empty for an object of the cluster, and for one that kubectl cannot read.
    pub namespace: String,
    pub name: String,
    /// The object as it is stored; None if it is refused.
    pub stored: Option<Value>,
    /// The message of the refusal.
    pub refusal: Option<String>,
    /// True if a second `kubectl apply` may have another outcome.
    retry: bool,
    pub diagnostics: Vec<Diagnostic>,
}

impl AppliedObject {
    pub fn key(&self) -> ObjectKey {
        ObjectKey {
            kind: self.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }
}

/// The verdicts on all objects, in the order of the workspace.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    pub objects: Vec<AppliedObject>,
    /// Files with a text that kubectl cannot parse, with its message.
    pub unparsed: Vec<(text::FileId, String)>,
}

impl Applied {
    /// The objects that the server refuses.
    pub fn refused(&self) -> impl Iterator<Item = &AppliedObject> {
        self.objects.iter().filter(|object| object.refusal.is_some())
    }

    /// The objects that the server stores.
    pub fn stored(&self) -> impl Iterator<Item = &AppliedObject> {
        self.objects.iter().filter(|object| object.stored.is_some())
    }

    /// Returns true if the API server refuses the object at this place.
    pub fn is_refused(&self, location: Location) -> bool {
        self.refused().any(|object| object.location == location)
    }

    /// The object whose manifest contains the position.
    pub fn object_at(&self, file: text::FileId, offset: u32) -> Option<&AppliedObject> {
        let inside = |object: &&AppliedObject| {
            let Location { file: of, span } = object.location;
            of == file && span.start <= offset && offset <= span.end
        };
        self.objects.iter().rev().find(inside)
    }
}

/// Applies workspaces, and keeps the state after each file.
#[derive(Clone, Debug, Default)]
pub struct Applier {
    files: Vec<Arc<AppliedFile>>,
    /// The state after objects that were refused at first were applied again.
    again: Option<Cluster>,
}

#[derive(Debug)]
struct AppliedFile {
    source: Arc<Source>,
    after: Cluster,
    objects: Arc<Vec<AppliedObject>>,
    unparsed: Option<String>,
}

/// An API server with its controllers.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub server: ApiServer,
    controllers: Controllers,
}

impl Cluster {
    fn fresh() -> Self {
        let mut cluster =
            Self { server: ApiServer::new(START, SEED), controllers: Controllers::default() };
        cluster.server.add_kubernetes_service();
        cluster.settle();
        cluster
    }

    fn settle(&mut self) {
        self.controllers.settle(&mut self.server);
    }
}

impl Applier {
    /// Applies the manifests of a workspace to a fresh API server.
    pub fn run(&mut self, sources: &Sources) -> Applied {
        let manifests: Vec<&Arc<Source>> = sources.of_kind(FileKind::Manifest).collect();
        let known = self.files.iter().zip(&manifests);
        let same = known.take_while(|(file, source)| Arc::ptr_eq(&file.source, source)).count();
        self.files.truncate(same);
        for source in manifests.iter().skip(same) {
            let before = self.files.last().map(|file| file.after.clone());
            let file = apply_file(before.unwrap_or_else(Cluster::fresh), source);
            self.files.push(Arc::new(file));
        }
        let mut applied = Applied::default();
        for file in &self.files {
            applied.objects.extend(file.objects.iter().cloned());
            let error = file.unparsed.clone();
            applied.unparsed.extend(error.map(|error| (file.source.id, error)));
        }
        self.again = self.apply_again(&mut applied);
        applied
    }

    /// The state after the last run.
    pub fn cluster(&self) -> Option<&Cluster> {
        self.again.as_ref().or_else(|| self.files.last().map(|file| &file.after))
    }

    /// Applies objects again that were refused because something came later. Returns the state
    /// after that; None if there are no such objects.
    fn apply_again(&self, applied: &mut Applied) -> Option<Cluster> {
        if !applied.objects.iter().any(|object| object.retry) {
            return None;
        }
        let mut cluster = self.files.last()?.after.clone();
        for object in applied.objects.iter_mut().filter(|object| object.retry) {
            let file = self.files.iter().find(|file| file.source.id == object.location.file);
            let Some(source) = file.map(|file| &file.source) else { continue };
            let Some(node) = node_at(source, object.location) else { continue };
            let Ok(value) = from_yaml(node) else { continue };
            let again = apply_value(&mut cluster, source, node, value);
            if again.stored.is_some() {
                let first = object.refusal.take().unwrap_or_default();
                let place = Place { file: source.id, root: node };
                let warning = verdicts::only_the_second_time(place, &first);
                *object = again;
                object.diagnostics.push(warning);
            }
            cluster.settle();
        }
        Some(cluster)
    }
}

/// The node of an object, by its place.
pub fn node_at(source: &Source, location: Location) -> Option<&Node> {
    let roots = source.parsed.documents.iter().map(|document| &document.root);
    let with_items = roots.flat_map(|root| {
        let items = root.get("items").map(Node::items).unwrap_or_default();
        std::iter::once(root).chain(items)
    });
    with_items.into_iter().find(|node| node.written_span() == location.span)
}

/// Applies the documents of a file, and lets the controllers follow.
fn apply_file(mut cluster: Cluster, source: &Arc<Source>) -> AppliedFile {
    let (objects, unparsed) = apply_documents(&mut cluster, source);
    cluster.settle();
    AppliedFile { source: Arc::clone(source), after: cluster, objects: Arc::new(objects), unparsed }
}

/// Applies the documents of a file. Returns its objects, and the message for the first document that
/// kubectl cannot parse.
pub fn apply_documents(
    cluster: &mut Cluster,
    source: &Source,
) -> (Vec<AppliedObject>, Option<String>) {
    let (readable, unparsed) = readable_part(source);
    let mut objects = Vec::new();
    for document in &source.parsed.documents {
        let root = &document.root;
        if root.is_null() || !readable.contains(&(root.written_span().start as usize)) {
            continue;
        }
        if objects.len() >= MOST_OBJECTS {
            objects.push(not_checked(source, root));
            break;
        }
        apply_document(cluster, source, root, &mut objects);
    }
    (objects, unparsed)
}

/// The part of a file before the first document that kubectl cannot parse, and its message.
pub fn readable_part(source: &Source) -> (Range<usize>, Option<String>) {
    if source.parsed.refusal.is_none() {
        return (0..usize::MAX, None);
    }
    for range in read::documents(&source.text) {
        let text = source.text.get(range.clone()).unwrap_or_default();
        if let Err(error) = read::document(text) {
            let message = format!("error: error parsing {}: {error}", source.name);
            return (0..range.start, Some(message));
        }
    }
    (0..usize::MAX, None)
}

fn apply_document(
    cluster: &mut Cluster,
    source: &Source,
    root: &Node,
    objects: &mut Vec<AppliedObject>,
) {
    let value = match from_yaml(root) {
        Ok(value) => value,
        Err(error) => {
            let message = format!(
                "error: error parsing {}: error converting YAML to JSON: {error}",
                source.name
            );
            let location = Location::new(source.id, error.span);
            return objects.push(AppliedObject {
                location: Location::new(source.id, root.written_span()),
                diagnostics: vec![verdicts::unreadable(location, message.clone())],
                refusal: Some(message),
                ..AppliedObject::default()
            });
        }
    };
    if let Err(failure) = read::validate(&source.name, &value) {
        return objects.push(refused(source, root, &value, &failure));
    }
    let Some(items) = read::items(&value) else {
        return objects.push(apply_value(cluster, source, root, value));
    };
    let nodes = root.get("items").map(Node::items).unwrap_or_default();
    for (node, item) in nodes.iter().zip(items) {
        if objects.len() >= MOST_OBJECTS {
            return objects.push(not_checked(source, node));
        }
        objects.push(apply_value(cluster, source, node, item));
    }
}

/// The first object beyond the limit. It has no verdict, and counts as accepted like all after it.
fn not_checked(source: &Source, node: &Node) -> AppliedObject {
    let found = verdicts::not_checked(Place { file: source.id, root: node }, MOST_OBJECTS);
    AppliedObject { location: found.location, diagnostics: vec![found], ..AppliedObject::default() }
}

/// Applies one object that stands at a node.
fn apply_value(cluster: &mut Cluster, source: &Source, node: &Node, value: Value) -> AppliedObject {
    let info = match read::info(&cluster.server, &source.name, value.clone(), 0..0) {
        Ok(info) => info,
        Err(message) => return refused(source, node, &value, &Failure::Plain(message)),
    };
    let namespaced = info.kind.namespaced;
    let applied = apply_object(&mut cluster.server, info, NAMESPACE);
    let place = Place { file: source.id, root: node };
    let mut object = match applied.result {
        Ok(stored) => AppliedObject { stored: Some(stored), ..described(source, node, &value) },
        Err(failure) => refused(source, node, &value, &failure),
    };
    if namespaced && object.namespace.is_empty() {
        object.namespace = NAMESPACE.to_owned();
    }
    object.diagnostics.extend(applied.warnings.iter().map(|text| verdicts::warning(place, text)));
    object
}

fn described(source: &Source, node: &Node, value: &Value) -> AppliedObject {
    AppliedObject {
        location: Location::new(source.id, node.written_span()),
        kind: value.str("kind").to_owned(),
        namespace: value["metadata"].str("namespace").to_owned(),
        name: value["metadata"].str("name").to_owned(),
        ..AppliedObject::default()
    }
}

fn refused(source: &Source, node: &Node, value: &Value, failure: &Failure) -> AppliedObject {
    let place = Place { file: source.id, root: node };
    AppliedObject {
        refusal: Some(verdicts::message_of(failure)),
        retry: may_pass_later(failure),
        diagnostics: verdicts::refusal(place, failure),
        ..described(source, node, value)
    }
}

/// Returns true for refusals that objects further on in the text can lift.
fn may_pass_later(failure: &Failure) -> bool {
    match failure {
        Failure::Plain(text) => text.contains("no matches for kind"),
        Failure::Server(status) => {
            matches!(status.reason, Reason::NotFound | Reason::Forbidden)
        }
        Failure::Many(_) => false,
    }
}
