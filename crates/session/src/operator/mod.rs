//! The Prometheus Operator of a workspace: what it makes of the stored custom resources.
//!
//! The generated objects are manifests in files of their own, which the analysis reads beside those
//! of the workspace. A place in such a file leads to the field of the custom resource that the text
//! came from.
//!
//! | module | content |
//! | --- | --- |
//! | here | generated objects and configurations |
//! | [`installation`] | definitions, and the Operator with its flags |
//! | [`origins`] | from a place in a generated file to the workspace |
//! | [`findings`] | mistakes between custom resources, as diagnostics |
//! | [`cluster`] | pods and endpoints as the gates read them |
//! | `edits` | fixes as edits of manifests |

pub mod cluster;
mod edits;
pub mod findings;
pub mod installation;
pub mod origins;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kubernetes::controllers::{DEFAULT_NODE, DEFAULT_NODE_IP};
use kubernetes::object::{Map, Value, parse_json, to_yaml};
use kubernetes::prometheus::is_prometheus_image;
use operator::reconcile::{self, SyncOutcome, WORKLOADS};
use operator::{KINDS, Options, Resource, schema};
use protocol::File;
use text::{FileId, Location};
use yaml::Parsed;

use crate::workspace::sources::Sources;
use installation::{Definitions, Running, is_custom};
use origins::{GeneratedFile, Lines, Origins};

/// Generated objects and configurations at most.
const MOST_FILES: usize = 1_000;

/// The first id of generated files. Files of a workspace are numbered from 1.
const FIRST_ID: u32 = u32::MAX - 0xffff;

/// Returns true for a file that the Operator generates.
pub fn is_generated(file: FileId) -> bool {
    file.0 >= FIRST_ID && file != FileId::OUTSIDE
}

/// An object as the API server stores it, and the place of its manifest.
#[derive(Clone, Copy, Debug)]
pub struct StoredObject<'a> {
    pub value: &'a Value,
    pub location: Location,
}

/// A configuration that the Operator writes.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The Prometheus or PrometheusAgent.
    pub resource: Resource,
    /// The name of the Secret with the compressed text.
    pub secret: String,
    /// True if the Prometheus object is not in the workspace.
    pub is_assumed: bool,
    /// The text that the first pod reads.
    pub parsed: Arc<Parsed>,
}

/// What the Operator makes of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    pub definitions: Definitions,
    pub running: Running,
    /// Manifests of the generated objects.
    pub sources: Sources,
    pub configurations: Arc<Vec<Configuration>>,
    /// The objects that the Operator reads, with the assumed Prometheus object.
    pub objects: Arc<Vec<Value>>,
    /// Workloads whose sync fails, with the error.
    pub errors: Arc<Vec<(Resource, String)>>,
    pub origins: Origins,
}

impl Generated {
    /// The configuration in a Secret.
    pub fn configuration_of(&self, namespace: &str, secret: &str) -> Option<&Configuration> {
        self.configurations
            .iter()
            .find(|one| &*one.resource.namespace == namespace && one.secret == secret)
    }

    /// The configuration of the Prometheus object that is assumed.
    pub fn assumed(&self) -> Option<&Configuration> {
        self.configurations.iter().find(|one| one.is_assumed)
    }

    /// The monitors, Probes, ScrapeConfigs and PrometheusRules.
    pub fn selected_objects(&self) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(|one| is_selected(one))
    }

    /// The configuration whose text is a generated file.
    pub fn configuration(&self, file: FileId) -> Option<&Configuration> {
        self.configurations.iter().find(|one| one.parsed.file == file)
    }
}

/// The inputs of the last run.
#[derive(Clone, Debug, Default)]
struct Inputs {
    objects: Arc<Vec<Value>>,
    options: Option<Options>,
    assumed: bool,
}

impl PartialEq for Inputs {
    /// Objects that did not change share their allocation.
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&Value, &Value)| a.is_shared_with(b) || a == b;
        self.options == other.options
            && self.assumed == other.assumed
            && self.objects.len() == other.objects.len()
            && self.objects.iter().zip(other.objects.iter()).all(same)
    }
}

/// Generates objects, and keeps what does not change.
#[derive(Clone, Debug, Default)]
pub struct Generator {
    ids: BTreeMap<String, FileId>,
    last: Option<(Inputs, Generated)>,
}

impl Generator {
    /// Generates what the Operator makes of the stored objects of a workspace. A Prometheus object
    /// is assumed if there is none and `may_assume` is true.
    pub fn run(
        &mut self,
        workspace: &Sources,
        stored: &[StoredObject<'_>],
        definitions: Definitions,
        may_assume: bool,
    ) -> Generated {
        let running = Running::of(stored, definitions);
        let assumed = may_assume
            && !stored.iter().any(|one| is_server(one.value) || is_configured(one.value))
            && running.options().is_some()
            && stored.iter().any(|one| is_selected(one.value));
        let options = running.options().cloned();
        let objects = match options {
            Some(_) => inputs(stored, assumed),
            None => Vec::new(),
        };
        let inputs = Inputs { objects: Arc::new(objects), options, assumed };
        let known = self.last.take().filter(|(last, _)| *last == inputs);
        let mut generated = match known {
            Some((_, generated)) => generated,
            None => self.generate(&inputs),
        };
        generated.origins = generated.origins.with_places(workspace, stored);
        self.last = Some((inputs, generated.clone()));
        Generated { definitions, running, ..generated }
    }

    fn generate(&mut self, inputs: &Inputs) -> Generated {
        let mut made = Made::default();
        if let Some(options) = &inputs.options {
            let workloads = inputs.objects.iter();
            let workloads = workloads.filter(|one| {
                is_custom(one) && WORKLOADS.contains(&one.str("kind")) && options.manages(one)
            });
            for workload in workloads {
                let outcome = reconcile::sync(workload, &inputs.objects, options);
                made.add(workload, outcome, inputs.assumed);
            }
            let nodes: Vec<Value> =
                inputs.objects.iter().filter(|one| one.str("kind") == "Node").cloned().collect();
            for object in reconcile::kubelets(&nodes, options).objects {
                made.add_object(object, None);
            }
        }
        made.finish(&mut self.ids, inputs)
    }
}

/// Returns true for a Prometheus or a PrometheusAgent.
fn is_server(object: &Value) -> bool {
    is_custom(object) && matches!(object.str("kind"), "Prometheus" | "PrometheusAgent")
}

/// Returns true for an object of a kind that Prometheus objects select.
fn is_selected(object: &Value) -> bool {
    is_custom(object) && KINDS.iter().any(|kind| kind.kind == object.str("kind"))
}

/// Returns true for a workload that runs Prometheus, and for a ConfigMap with a key that is named as
/// its configuration.
fn is_configured(object: &Value) -> bool {
    if object.str("kind") == "ConfigMap" {
        return ["prometheus.yml", "prometheus.yaml"].iter().any(|key| object["data"].has(key));
    }
    let spec = match object.str("kind") {
        "Pod" => &object["spec"],
        _ => object.at(&["spec", "template", "spec"]),
    };
    let mut containers = spec.list("containers").iter();
    containers.any(|one| is_prometheus_image(one.str("image")))
}

/// The objects that the Operator reads.
fn inputs(stored: &[StoredObject<'_>], assumed: bool) -> Vec<Value> {
    const READ: [&str; 6] = ["Namespace", "Secret", "ConfigMap", "StorageClass", "Service", "Node"];
    let is_read = |one: &Value| is_custom(one) || READ.contains(&one.str("kind"));
    let mut objects: Vec<Value> =
        stored.iter().filter(|one| is_read(one.value)).map(|one| one.value.clone()).collect();
    let mut namespaces: BTreeSet<&str> =
        ["default", "kube-node-lease", "kube-public", "kube-system"].into();
    namespaces.extend(stored.iter().map(|one| one.value["metadata"].str("namespace")));
    namespaces.remove("");
    for one in stored.iter().filter(|one| one.value.str("kind") == "Namespace") {
        namespaces.remove(one.value["metadata"].str("name"));
    }
    let named = |kind: &str, name: &str| {
        let mut object = Value::map();
        object.set("apiVersion", "v1");
        object.set("kind", kind);
        object.entry("metadata").set("name", name);
        object
    };
    objects.extend(namespaces.into_iter().map(|name| named("Namespace", name)));
    if !objects.iter().any(|one| one.str("kind") == "Node") {
        let mut node = named("Node", DEFAULT_NODE);
        let mut address = Value::map();
        address.set("type", "InternalIP");
        address.set("address", DEFAULT_NODE_IP);
        node.entry("status").set("addresses", vec![address]);
        objects.push(node);
    }
    if !objects.iter().any(|one| one.str("kind") == "StorageClass") {
        objects.push(named("StorageClass", "standard"));
    }
    if assumed {
        objects.extend(assumed_prometheus());
    }
    objects
}

/// A Prometheus object that takes every object of every kind.
fn assumed_prometheus() -> Option<Value> {
    let mut object = parse_json(
        r#"{"apiVersion":"monitoring.coreos.com/v1","kind":"Prometheus",
            "metadata":{"name":"assumed","namespace":"default"},"spec":{}}"#,
    )
    .ok()?;
    for kind in KINDS {
        for selector in [kind.selector, kind.namespace_selector] {
            object.entry("spec").set(selector, Value::map());
        }
    }
    kubernetes::crd::decode(schema::schema("Prometheus"), &object).ok()
}

/// What a run generates, before it is written into files.
#[derive(Debug, Default)]
struct Made {
    /// Name, text and lines of each file.
    files: Vec<(String, String, GeneratedFile)>,
    /// The configurations, with the names of their files.
    configurations: Vec<(String, Configuration)>,
    errors: Vec<(Resource, String)>,
}

impl Made {
    fn add(&mut self, workload: &Value, outcome: SyncOutcome<'_>, assumed: bool) {
        let resource = Resource::of(workload);
        let SyncOutcome { writes, document, error, selection, .. } = outcome;
        if let Some(error) = error {
            self.errors.push((resource.clone(), error));
        }
        let environment = environment(&resource, writes.iter().map(|write| &write.object));
        if let Some(mut document) = document {
            for (name, value) in &environment {
                document.text = document.text.replace(&format!("$({name})"), value);
            }
            let secret = match &*resource.kind {
                "PrometheusAgent" => format!("prom-agent-{}", resource.name),
                _ => format!("prometheus-{}", resource.name),
            };
            let name = format!("configuration {}/{secret}", resource.namespace);
            let text = document.text.clone();
            let configuration = Configuration {
                resource: resource.clone(),
                secret,
                is_assumed: assumed,
                parsed: Arc::default(),
            };
            self.configurations.push((name.clone(), configuration));
            let lines = Lines::Configuration(document);
            self.files.push((name, text, GeneratedFile::new(Some(&resource), lines)));
        }
        let rules = Arc::new(selection.rule_files);
        for write in writes {
            let is_rules = write.object.str("kind") == "ConfigMap";
            if assumed && !is_rules {
                continue;
            }
            self.add_object(write.object, Some((&resource, &rules)));
        }
    }

    fn add_object(
        &mut self,
        object: Value,
        of: Option<(&Resource, &Arc<BTreeMap<String, operator::Document>>)>,
    ) {
        let metadata = &object["metadata"];
        let (kind, namespace) = (object.str("kind"), metadata.str("namespace"));
        let name = format!("{kind} {namespace}/{}", metadata.str("name"));
        let lines = match of {
            Some((_, rules)) if kind == "ConfigMap" => Lines::Rules(Arc::clone(rules)),
            _ => Lines::Object,
        };
        let file = GeneratedFile::new(of.map(|(resource, _)| resource), lines);
        match self.files.iter_mut().find(|(known, ..)| *known == name) {
            // Several workloads may own a Service.
            Some(_) => {}
            None => self.files.push((name, to_yaml(&object), file)),
        }
    }

    /// Reads the files as manifests and configurations.
    fn finish(mut self, ids: &mut BTreeMap<String, FileId>, inputs: &Inputs) -> Generated {
        self.files.truncate(MOST_FILES);
        let mut id = |name: &str| {
            let next = FileId(FIRST_ID + ids.len() as u32 % 0xffff);
            *ids.entry(name.to_owned()).or_insert(next)
        };
        let mut manifests = Vec::new();
        let mut files = BTreeMap::new();
        let mut texts = BTreeMap::new();
        for (name, text, file) in self.files {
            let id = id(&name);
            let file = file.with_text(id, &text);
            if file.is_object() {
                manifests.push(File { id, name, text });
            } else {
                texts.insert(name, Arc::new(yaml::parse(id, &text)));
            }
            files.insert(id, Arc::new(file));
        }
        let mut sources = Sources::default();
        sources.update(&manifests);
        let configurations = self.configurations.into_iter().filter_map(|(name, one)| {
            Some(Configuration { parsed: Arc::clone(texts.get(&name)?), ..one })
        });
        Generated {
            sources,
            configurations: Arc::new(configurations.collect()),
            objects: Arc::clone(&inputs.objects),
            errors: Arc::new(self.errors),
            origins: Origins::new(files),
            ..Generated::default()
        }
    }
}

/// The variables with which the config reloader of the first pod completes the configuration.
fn environment<'a>(
    resource: &Resource,
    written: impl Iterator<Item = &'a Value>,
) -> Vec<(String, String)> {
    let sets: Vec<&Value> =
        written.filter(|one| matches!(one.str("kind"), "StatefulSet" | "DaemonSet")).collect();
    let name = match sets.first() {
        Some(set) => set["metadata"].str("name").to_owned(),
        None => format!("prometheus-{}", resource.name),
    };
    let pod = format!("{name}-0");
    let mut variables: Map = Map::default();
    for (name, value) in [("POD_NAME", &*pod), ("NODE_NAME", DEFAULT_NODE), ("SHARD", "0")] {
        variables.insert(name, Value::from(value));
    }
    let containers = sets.first().map(|set| set.at(&["spec", "template", "spec"]));
    for container in containers.map(|spec| spec.list("containers")).unwrap_or_default() {
        for variable in container.list("env") {
            if let Some(value) = variable["value"].as_str() {
                variables.insert(variable.str("name"), Value::from(value));
            }
        }
    }
    let pairs = variables.iter();
    pairs
        .map(|(name, value)| (name.to_string(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}
