//! From a place in a generated file to the field of the custom resource that it came from.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubernetes::object::{Value, span_of};
use operator::{Document, Origin, Resource};
use text::{FileId, LineIndex, Location};
use yaml::{Node, Parsed};

use super::StoredObject;
use super::installation::is_custom;
use crate::workspace::sources::{Source, Sources};

/// The origins of the lines of a generated file.
#[derive(Clone, Debug)]
pub enum Lines {
    /// A configuration, with an origin for each line.
    Configuration(Document),
    /// A ConfigMap with rule files, by key.
    Rules(Arc<BTreeMap<String, Document>>),
    /// An object as a whole.
    Object,
}

/// A generated file.
#[derive(Clone, Debug)]
pub struct GeneratedFile {
    /// The workload that the file was made for; None for the Service of the kubelets.
    owner: Option<Arc<Resource>>,
    lines: Lines,
    index: LineIndex,
    /// Of a ConfigMap with rule files.
    parsed: Option<Arc<Parsed>>,
}

impl GeneratedFile {
    pub fn new(owner: Option<&Resource>, lines: Lines) -> Self {
        let owner = owner.cloned().map(Arc::new);
        Self { owner, lines, index: LineIndex::new(""), parsed: None }
    }

    pub fn with_text(mut self, id: FileId, text: &str) -> Self {
        self.index = LineIndex::new(text);
        if matches!(self.lines, Lines::Rules(_)) {
            self.parsed = Some(Arc::new(yaml::parse(id, text)));
        }
        self
    }

    pub fn is_object(&self) -> bool {
        !matches!(self.lines, Lines::Configuration(_))
    }

    /// The field that the text at an offset came from.
    fn origin(&self, offset: u32) -> Option<Arc<Origin>> {
        match &self.lines {
            Lines::Configuration(document) => origin_of_line(document, self.line(offset)),
            Lines::Rules(files) => {
                let data = self.parsed.as_ref()?.root()?.get("data")?;
                let inside = |entry: &&yaml::Entry| {
                    entry.key.span.start <= offset && offset < entry.span().end
                };
                let entry = data.entries().find(inside)?;
                let document = files.get(entry.name()?)?;
                // A literal block begins on the line after its key.
                let first = self.line(entry.key.span.start) + 1;
                origin_of_line(document, self.line(offset).saturating_sub(first))
            }
            Lines::Object => None,
        }
    }

    /// The number of a line, from 0.
    fn line(&self, offset: u32) -> usize {
        self.index.line_col(offset).line as usize
    }
}

/// The origin of a line. A line without one belongs to the nearest line above that has one.
fn origin_of_line(document: &Document, line: usize) -> Option<Arc<Origin>> {
    let upto = document.origins.get(..=line).unwrap_or(&document.origins);
    upto.iter().rev().find_map(Clone::clone)
}

/// Kind, namespace and name.
type Key = (String, String, String);

fn key_of(resource: &Resource) -> Key {
    (resource.kind.to_string(), resource.namespace.to_string(), resource.name.to_string())
}

/// Other kinds whose objects a fix may change.
const PLAIN: [&str; 2] = ["Service", "Namespace"];

/// The generated files, and the places of the custom resources in the workspace, and of the objects
/// that they refer to.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    files: Arc<BTreeMap<FileId, Arc<GeneratedFile>>>,
    places: Arc<BTreeMap<Key, Location>>,
    workspace: Sources,
}

impl Origins {
    pub fn new(files: BTreeMap<FileId, Arc<GeneratedFile>>) -> Self {
        Self { files: Arc::new(files), ..Self::default() }
    }

    /// The same files, with the places of the resources in a workspace.
    pub fn with_places(&self, workspace: &Sources, stored: &[StoredObject<'_>]) -> Self {
        let is_named = |object: &Value| {
            let plain = PLAIN.contains(&object.str("kind")) && object.str("apiVersion") == "v1";
            plain || is_custom(object)
        };
        let named = stored.iter().filter(|one| is_named(one.value));
        let places = named.map(|one| (key_of(&Resource::of(one.value)), one.location)).collect();
        Self {
            files: Arc::clone(&self.files),
            places: Arc::new(places),
            workspace: workspace.clone(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The name of the first custom resource of the workspace.
    pub fn first(&self) -> Option<Location> {
        let custom = self.places.iter().filter(|(key, _)| !PLAIN.contains(&&*key.0));
        let at = *custom.map(|(_, at)| at).min()?;
        let root = self.workspace.get(at.file)?.object_at(at)?;
        let name = root.get("metadata").and_then(|metadata| metadata.get("name"));
        Some(Location::new(at.file, name.map_or(at.span, Node::written_span)))
    }

    /// The file and the node of a custom resource.
    pub fn resource(&self, resource: &Resource) -> Option<(&Arc<Source>, &Node)> {
        let at = *self.places.get(&key_of(resource))?;
        let source = self.workspace.get(at.file)?;
        Some((source, source.object_at(at)?))
    }

    /// The place of a field of a custom resource.
    pub fn field(&self, resource: &Resource, path: &str) -> Option<Location> {
        let (source, root) = self.resource(resource)?;
        let span = span_of(root, path);
        if span == root.written_span() {
            let name = root.get("metadata").and_then(|metadata| metadata.get("name"))?;
            return Some(Location::new(source.id, name.written_span()));
        }
        Some(Location::new(source.id, span))
    }

    /// The custom resource and the field that a place in a generated file came from.
    pub fn origin(&self, at: Location) -> Option<Origin> {
        let file = self.files.get(&at.file)?;
        match file.origin(at.span.start) {
            Some(origin) => Some((*origin).clone()),
            None => {
                let resource = file.owner.clone()?;
                Some(Origin { resource, path: String::new() })
            }
        }
    }

    /// The place in the workspace that a place in a generated file came from. A place in another
    /// file is returned as it is; one without an origin is outside of the workspace.
    pub fn locate(&self, at: Location) -> Location {
        if !super::is_generated(at.file) {
            return at;
        }
        let outside = Location { file: FileId::OUTSIDE, ..at };
        let origin = self.origin(at);
        origin.and_then(|one| self.field(&one.resource, &one.path)).unwrap_or(outside)
    }
}
