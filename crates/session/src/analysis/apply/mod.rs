//! The manifests of the workspace, applied to a fresh API server as `kubectl apply` does.
//!
//! Files are applied in the order of the workspace, each document in its turn. An object that is
//! refused because something it needs comes later (its namespace, the definition of its kind) is
//! applied a second time at the end, as a second `kubectl apply` does it, with a warning.
//!
//! | module | content |
//! | --- | --- |
//! | [`document`] | one document: applying it, presenting the verdict |
//! | [`steps`] | the documents of a workspace, applied again only as far as an edit concerns them |
//! | `alignment` | the documents of a text beside those of the last run |
//! | [`readable`] | the documents that kubectl can read |

mod alignment;
pub mod document;
pub mod readable;
mod steps;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use cluster::ApiServer;
use cluster::controllers::Controllers;
use kubernetes::kinds;
use kubernetes::object::Value;
use operator::schema;
use protocol::ObjectKey;
use rustc_hash::FxHashSet;
use text::{Diagnostic, FileId, Location};

use super::verdicts::{self, DocumentRoot};
use crate::operator::installation::Definitions;
use crate::workspace::sources::{FileKind, Source, Sources};
use document::Document;
use readable::{Unparsed, documents_of};
use steps::Steps;

/// Simulated time begins on 1 January 2026.
const START: i64 = 1_767_225_600;
const SEED: u64 = 1;

/// Objects of a file that are applied at most.
const MOST_OBJECTS: usize = 500;

/// An object of a manifest, with the verdict of the API server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppliedObject {
    /// The place of the object: the document, or an item of a `List`.
    pub location: Location,
    pub kind: String,
    /// Empty for an object of the cluster, and for one that kubectl cannot read.
    pub namespace: String,
    pub name: String,
    /// The object as it is stored; None if it is refused or not reached.
    pub stored: Option<Value>,
    /// The message of the refusal.
    pub refusal: Option<String>,
    /// True if kubectl ends at an earlier document of the file, which it cannot parse. The verdict
    /// is that of a file without that document.
    pub not_reached: bool,
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    pub objects: Vec<AppliedObject>,
    /// The documents that kubectl cannot parse.
    pub unparsed: Vec<Unparsed>,
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

    /// The places of objects that are not created: they are refused, or kubectl does not reach them.
    pub fn absent(&self) -> FxHashSet<Location> {
        let absent = |object: &&AppliedObject| object.refusal.is_some() || object.not_reached;
        self.objects.iter().filter(absent).map(|object| object.location).collect()
    }

    /// Returns true if the API server refuses the object at this place.
    pub fn is_refused(&self, location: Location) -> bool {
        self.refused().any(|object| object.location == location)
    }

    /// The object whose manifest contains the position.
    pub fn object_at(&self, file: FileId, offset: u32) -> Option<&AppliedObject> {
        let inside = |object: &&AppliedObject| {
            let Location { file: of, span } = object.location;
            of == file && span.start <= offset && offset <= span.end
        };
        self.objects.iter().rev().find(inside)
    }
}

/// Applies workspaces. What does not differ from the last one is not applied again.
#[derive(Clone, Debug, Default)]
pub struct Applier {
    /// A server without objects, and one with the definitions of the Prometheus Operator.
    fresh: [Option<Cluster>; 2],
    /// True if the last run had those definitions from the start.
    with_definitions: bool,
    steps: Steps,
    /// The state after the last run.
    after: Option<Cluster>,
}

/// An API server with its controllers.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub server: ApiServer,
    controllers: Controllers,
}

impl Cluster {
    fn fresh(with_definitions: bool) -> Self {
        let mut cluster =
            Self { server: ApiServer::new(START, SEED), controllers: Controllers::default() };
        cluster.server.add_kubernetes_service();
        let definition = kinds::find("apiextensions.k8s.io/v1", "CustomResourceDefinition");
        if let Some(kind) = definition.filter(|_| with_definitions) {
            for definition in schema::definitions() {
                // The server takes all of them: see the test of their rules.
                let _ = cluster.server.create(kind, "", definition);
            }
        }
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
        self.run_after(sources, &Sources::default())
    }

    /// Applies the manifests of a workspace to a fresh API server. Files with documents that kubectl
    /// cannot parse have the others of their documents in `before`, so that other objects find what
    /// they need.
    pub fn run_after(&mut self, sources: &Sources, before: &Sources) -> Applied {
        let files: Vec<&Arc<Source>> = sources.of_kind(FileKind::Manifest).collect();
        let files: Vec<_> = files
            .into_iter()
            .map(|source| {
                let file = documents_of(source);
                let kept = kept_documents(&file, before.get(source.id));
                (file, kept)
            })
            .collect();
        let documents: Vec<Document<'_>> = files
            .iter()
            .flat_map(|(file, kept)| file.reached.iter().chain(kept))
            .copied()
            .collect();
        let with_definitions = Definitions::of(sources).are_assumed();
        if with_definitions != self.with_definitions {
            self.with_definitions = with_definitions;
            self.steps = Steps::default();
        }
        let [plain, operated] = &mut self.fresh;
        let fresh = if with_definitions { operated } else { plain };
        let mut cluster = fresh.get_or_insert_with(|| Cluster::fresh(with_definitions)).clone();
        self.steps = steps::run(&mut cluster, &self.steps, &documents);

        let mut steps = self.steps.documents.iter();
        let mut again = self.steps.again.iter().peekable();
        let mut applied = Applied::default();
        for (file, kept) in files {
            for (document, step) in file.reached.iter().zip(steps.by_ref()) {
                let mut objects = document::present(document, &step.outcome);
                while let Some(again) = again.next_if(|again| again.is_of(step)) {
                    second_verdict(&mut objects, (document, &documents), &step.outcome, again);
                }
                applied.objects.extend(objects);
            }
            for step in steps.by_ref().take(kept.len()) {
                while again.next_if(|again| again.is_of(step)).is_some() {}
            }
            applied.objects.extend(file.beyond);
            for unparsed in &file.unparsed {
                applied.objects.push(readable::refused(file.source, unparsed));
            }
            if !file.unreached.is_empty() {
                applied.objects.extend(judge(&cluster, &file.unreached));
            }
            applied.unparsed.extend(file.unparsed);
        }
        self.after = Some(cluster);
        applied
    }

    /// The state after the last run.
    pub fn cluster(&self) -> Option<&Cluster> {
        self.after.as_ref()
    }
}

/// The documents of an earlier version of a file whose objects have no document that kubectl
/// reaches now. A file that parses has none.
fn kept_documents<'a>(
    file: &readable::Documents<'_>,
    before: Option<&'a Arc<Source>>,
) -> Vec<Document<'a>> {
    let Some(before) = before.filter(|_| !file.unparsed.is_empty()) else { return Vec::new() };
    let reached: FxHashSet<_> = file.reached.iter().map(|one| steps::name_of(one.root)).collect();
    let mut kept = documents_of(before).reached;
    kept.retain(|document| !reached.contains(&steps::name_of(document.root)));
    kept
}

/// Puts the verdict of a second `kubectl apply` in the place of the first one if it accepts.
fn second_verdict(
    objects: &mut [AppliedObject],
    (document, all): (&Document<'_>, &[Document<'_>]),
    outcome: &document::DocumentResult,
    again: &steps::Again,
) {
    let Some(object) = objects.get_mut(again.number) else { return };
    let Some(node) = document.node(outcome, again.number) else { return };
    if again.judged.result.is_ok() {
        let first = object.refusal.take().unwrap_or_default();
        let place = DocumentRoot { file: document.source.id, root: node };
        *object = document::present_object(document.source, node, &again.judged);
        if !is_of_other_folder(&first, document, all) {
            object.diagnostics.push(verdicts::only_the_second_time(place, &first));
        }
    }
}

/// Returns true if the namespace or the definition that a refusal misses comes from another folder.
/// `kubectl apply -f` reads one folder, and nothing says in which order folders are applied.
fn is_of_other_folder(refusal: &str, document: &Document<'_>, all: &[Document<'_>]) -> bool {
    let quoted = |before: &str| refusal.split_once(before)?.1.split('"').next();
    let is_missed = |root: &yaml::Node| {
        let text = |path: &[&str]| {
            let end = path.iter().try_fold(root, |node, key| node.get(key));
            end.and_then(yaml::Node::text).unwrap_or_default()
        };
        match text(&["kind"]) {
            "Namespace" => quoted("namespaces \"") == Some(text(&["metadata", "name"])),
            "CustomResourceDefinition" => {
                quoted("no matches for kind \"") == Some(text(&["spec", "names", "kind"]))
            }
            _ => false,
        }
    };
    let folder = |document: &Document<'_>| {
        let name: &str = &document.source.name;
        name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
    };
    let own = folder(document);
    all.iter().any(|other| folder(other) != own && is_missed(other.root))
}

/// The verdicts on documents that kubectl does not reach. They change nothing.
fn judge(cluster: &Cluster, documents: &[Document<'_>]) -> Vec<AppliedObject> {
    let mut cluster = cluster.clone();
    let mut objects = Vec::new();
    for document in documents {
        let outcome = document::apply(&mut cluster.server, document);
        objects.extend(document::present(document, &outcome));
    }
    for object in &mut objects {
        object.not_reached = true;
        object.stored = None;
    }
    objects
}
