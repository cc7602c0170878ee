//! Documents of YAML or JSON → typed objects, with the API server's defaults filled in.
//!
//! A document may be one object, a `List`, or what `kubectl get -o yaml` prints. Kinds that are
//! not known are kept by name. The types of values are the schema's business: what does not fit is
//! left out here without a word, so that the rest of the object is still of use.

mod others;
mod pod;
mod read;
mod service;

use super::cluster::Cluster;
use super::object::{Value, to_node};
use super::objects::{
    Field, Kind, Namespace, ObjectMeta, ObjectOrigin, Other, OwnerReference, Text,
};
use read::FieldReader;
use text::{Code, Diagnostic, FileId, Location};
use yaml::{Node, Parsed};

/// Objects of the manifests, and the location of each document.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    pub cluster: Cluster,
    pub documents: Vec<ManifestObject>,
    pub diagnostics: Vec<Diagnostic>,
}

/// One object of a manifest, whatever became of it.
#[derive(Clone, Debug)]
pub struct ManifestObject {
    pub api_version: Text,
    pub kind_name: Text,
    /// None for unknown kinds.
    pub kind: Option<Kind>,
    pub namespace: Text,
    pub name: Text,
    pub location: Location,
}

/// Returns true if a file has a document with `kind` or `apiVersion`.
pub fn is_manifest(parsed: &Parsed) -> bool {
    let object = |root: &Node| root.get("kind").is_some() || root.get("apiVersion").is_some();
    parsed.documents.iter().any(|document| object(&document.root))
}

/// Decodes files in order. `namespace` is that of objects which name none, as kubectl's current
/// context has one.
pub fn decode<'a>(files: impl IntoIterator<Item = &'a Parsed>, namespace: &str) -> Manifests {
    decode_without(files.into_iter().map(|file| (file, namespace)), &|_| false)
}

/// Decodes an object as the API server stores it. It has no places.
pub fn decode_stored(object: &Value) -> Cluster {
    let out = Manifests::default();
    let mut decoder = Decoder { namespace: "default".into(), is_refused: &|_| false, out };
    decoder.document(FileId::OUTSIDE, &to_node(object), 0);
    decoder.out.cluster
}

/// Decodes files, each with the namespace of objects that name none, without the objects at the places
/// for which `is_refused` returns true.
pub fn decode_without<'a>(
    files: impl IntoIterator<Item = (&'a Parsed, &'a str)>,
    is_refused: &dyn Fn(Location) -> bool,
) -> Manifests {
    let out = Manifests::default();
    let mut decoder = Decoder { namespace: Text::default(), is_refused, out };
    for (parsed, namespace) in files {
        if *decoder.namespace != *namespace {
            decoder.namespace = namespace.into();
        }
        for document in &parsed.documents {
            decoder.document(parsed.file, &document.root, 0);
        }
    }
    decoder.out
}

struct Decoder<'a> {
    namespace: Text,
    is_refused: &'a dyn Fn(Location) -> bool,
    out: Manifests,
}

/// The maximum depth of nested Lists. A List in a List is allowed.
const MAX_LIST_DEPTH: usize = 4;

impl Decoder<'_> {
    fn document(&mut self, file: FileId, root: &Node, depth: usize) {
        if root.is_null() {
            return;
        }
        let object = FieldReader::new(file, root);
        let at = Location::new(file, root.written_span());
        let kind_name = object.get("kind").text_or_empty();
        let api_version = object.get("apiVersion").text_or_empty();
        if root.as_mapping().is_none() {
            return;
        }
        if kind_name.ends_with("List") && object.get("items").exists() {
            if depth < MAX_LIST_DEPTH {
                for item in object.get("items").items() {
                    if let Some(node) = item.node() {
                        self.document(file, node, depth + 1);
                    }
                }
            }
            return;
        }
        let kind = Kind::from_name(&kind_name);
        let mut meta = object_meta(object.get("metadata"), Some(at));
        match kind {
            Some(kind) if !kind.is_namespaced() => meta.namespace = Field::default(),
            _ if meta.namespace.is_empty() => {
                meta.namespace = Field::derived(self.namespace.clone());
            }
            _ => {}
        }
        self.out.documents.push(ManifestObject {
            api_version: api_version.clone(),
            kind_name: kind_name.clone(),
            kind,
            namespace: meta.namespace.value.clone(),
            name: meta.name.value.clone(),
            location: at,
        });
        if (self.is_refused)(at) {
            return;
        }
        let Some(kind) = kind else {
            self.out.cluster.others.push(Other {
                meta,
                api_version: others::text_field(object, "apiVersion"),
                kind: others::text_field(object, "kind"),
            });
            return;
        };
        if let Some(earlier) = self.insert(kind, meta, object) {
            self.duplicate(kind, object, at, earlier);
        }
    }

    /// Adds the object; returns the place of the one it replaced.
    fn insert(
        &mut self,
        kind: Kind,
        meta: ObjectMeta,
        object: FieldReader<'_>,
    ) -> Option<Location> {
        let cluster = &mut self.out.cluster;
        macro_rules! add {
            ($table:ident, $object:expr) => {
                cluster.$table.insert($object).map(|old| old.meta.location)
            };
        }
        match kind {
            Kind::Namespace => add!(namespaces, Namespace { meta }),
            Kind::Node => add!(nodes, others::node(meta, object)),
            Kind::Pod => add!(pods, pod::pod(meta, object)),
            Kind::Deployment
            | Kind::ReplicaSet
            | Kind::ReplicationController
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob => add!(workloads, others::workload(kind, meta, object)),
            Kind::Service => add!(services, service::service(meta, object)),
            Kind::Endpoints => add!(endpoints, service::endpoints(meta, object)),
            Kind::EndpointSlice => add!(endpoint_slices, service::endpoint_slice(meta, object)),
            Kind::Ingress => add!(ingresses, service::ingress(meta, object)),
            Kind::NetworkPolicy => add!(network_policies, others::network_policy(meta, object)),
            Kind::ConfigMap => add!(config_maps, others::config_map(meta, object)),
            Kind::Secret => add!(secrets, others::secret(meta, object)),
            Kind::PersistentVolume => {
                add!(persistent_volumes, others::persistent_volume(meta, object))
            }
            Kind::PersistentVolumeClaim => {
                add!(persistent_volume_claims, others::persistent_volume_claim(meta, object))
            }
            Kind::StorageClass => add!(storage_classes, others::storage_class(meta, object)),
            Kind::ServiceAccount => add!(service_accounts, others::service_account(meta, object)),
            Kind::Role | Kind::ClusterRole => add!(roles, others::role(kind, meta, object)),
            Kind::RoleBinding | Kind::ClusterRoleBinding => {
                add!(role_bindings, others::role_binding(kind, meta, object))
            }
        }
    }

    fn duplicate(&mut self, kind: Kind, object: FieldReader<'_>, at: Location, earlier: Location) {
        let name = object.get("metadata").get("name");
        let message = format!("{kind} {} is written twice", name.text_or_empty());
        self.out.diagnostics.push(
            Diagnostic::warning("duplicate-object", name.at().unwrap_or(at), message)
                .with_help("kubectl applies documents in order, so the later one replaces what the earlier one said.")
                .with_related(earlier, "the earlier one"),
        );
    }
}

fn object_meta(metadata: FieldReader<'_>, location: Option<Location>) -> ObjectMeta {
    let owner = |item: FieldReader<'_>| OwnerReference {
        kind: item.get("kind").text_or_empty(),
        name: item.get("name").text_or_empty(),
        uid: item.get("uid").text_or_empty(),
        controller: item.get("controller").bool().unwrap_or(false),
    };
    ObjectMeta {
        name: metadata.get("name").text().unwrap_or_default(),
        namespace: metadata.get("namespace").text().unwrap_or_default(),
        generate_name: metadata.get("generateName").text_or_empty(),
        uid: metadata.get("uid").text_or_empty(),
        labels: metadata.get("labels").string_map(),
        annotations: metadata.get("annotations").string_map(),
        owner_references: metadata.get("ownerReferences").items().map(owner).collect(),
        creation_timestamp: metadata.get("creationTimestamp").text_or_empty(),
        deletion_timestamp: metadata.get("deletionTimestamp").text().map(|field| field.value),
        location: location.unwrap_or_default(),
        origin: ObjectOrigin::Written,
    }
}

/// The findings of this file.
pub static CODES: &[Code] = &[Code {
    code: "duplicate-object",
    title: "The same object twice",
    doc: "Two documents have the same kind, namespace and name. There is only one such object in a cluster: kubectl applies the documents in order and the later one wins.",
    example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
}];
