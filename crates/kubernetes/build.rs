//! Generates the table of Kubernetes fields from the schemas of `k8s-openapi`.
//!
//! `kubernetes_fields.txt` has five kinds of lines, with fields separated by tabs:
//!
//! - `K`, API version, kind, number of its type: one for each kind of object that the editor knows;
//! - `N`, the same: kinds that only the API server knows;
//! - `R`, full name of a type, number of its description: types are numbered from 0 in this order;
//! - `F`, key, type, number of its description, `r` for a required one, Go type, place in the Go
//!   struct, Go name, flags (`p` pointer, `o` omitempty), patch strategy, merge key, list type:
//!   fields of the type above. The columns from the Go type on come from `data/go_types.txt`.
//!
//! Types are `s` string, `b` boolean, `i` int32, `l` int64, `n` number, `q` quantity, `p` number or
//! string, `t` time, `y` base64, `a` any, `[T` list, `{T` map, `#N` the type with that number.
//!
//! - `S`, name of a type without fields, number of its description.
//!
//! The description of a field whose Go type is an enumeration ends with its values, as in the
//! OpenAPI document of the API server; they come from `data/enums.txt`.
//!
//! `kubernetes_descriptions.json` is the list of distinct descriptions; number 0 is empty. It is
//! ten times the size of the table, so the page fetches it on demand.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use k8s_openapi::Resource;
use k8s_openapi::api::{
    admissionregistration, apps, autoscaling, batch, coordination, core, discovery, networking,
    node, policy, rbac, scheduling, storage,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration;
use k8s_openapi::schemars::generate::SchemaSettings;
use k8s_openapi::schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

const GO_TYPES: &str = "data/go_types.txt";
const ENUMS: &str = "data/enums.txt";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={GO_TYPES}");
    println!("cargo::rerun-if-changed={ENUMS}");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says so"));
    generate(&out);
}

/// Adds all kinds, in the order of the table.
fn add_kinds(kinds: &mut Kinds) {
    kinds.tag = 'K';
    kinds.add::<core::v1::Namespace>();
    kinds.add::<core::v1::Node>();
    kinds.add::<core::v1::Pod>();
    kinds.add::<apps::v1::Deployment>();
    kinds.add::<apps::v1::ReplicaSet>();
    kinds.add::<apps::v1::StatefulSet>();
    kinds.add::<apps::v1::DaemonSet>();
    kinds.add::<batch::v1::Job>();
    kinds.add::<batch::v1::CronJob>();
    kinds.add::<core::v1::Service>();
    kinds.add::<core::v1::Endpoints>();
    kinds.add::<discovery::v1::EndpointSlice>();
    kinds.add::<networking::v1::Ingress>();
    kinds.add::<networking::v1::IngressClass>();
    kinds.add::<networking::v1::NetworkPolicy>();
    kinds.add::<core::v1::ConfigMap>();
    kinds.add::<core::v1::Secret>();
    kinds.add::<core::v1::PersistentVolume>();
    kinds.add::<core::v1::PersistentVolumeClaim>();
    kinds.add::<storage::v1::StorageClass>();
    kinds.add::<core::v1::ServiceAccount>();
    kinds.add::<rbac::v1::Role>();
    kinds.add::<rbac::v1::ClusterRole>();
    kinds.add::<rbac::v1::RoleBinding>();
    kinds.add::<rbac::v1::ClusterRoleBinding>();
    kinds.add::<storage::v1::VolumeAttributesClass>();
    kinds.tag = 'N';
    kinds.add::<core::v1::ComponentStatus>();
    kinds.add::<core::v1::Event>();
    kinds.add::<core::v1::LimitRange>();
    kinds.add::<core::v1::PodTemplate>();
    kinds.add::<core::v1::ReplicationController>();
    kinds.add::<core::v1::ResourceQuota>();
    kinds.add::<apps::v1::ControllerRevision>();
    kinds.add::<autoscaling::v1::HorizontalPodAutoscaler>();
    kinds.add::<autoscaling::v2::HorizontalPodAutoscaler>();
    kinds.add::<policy::v1::PodDisruptionBudget>();
    kinds.add::<scheduling::v1::PriorityClass>();
    kinds.add::<coordination::v1::Lease>();
    kinds.add::<node::v1::RuntimeClass>();
    kinds.add::<storage::v1::CSIDriver>();
    kinds.add::<storage::v1::CSINode>();
    kinds.add::<storage::v1::VolumeAttachment>();
    kinds.add::<admissionregistration::v1::MutatingWebhookConfiguration>();
    kinds.add::<admissionregistration::v1::ValidatingWebhookConfiguration>();
    kinds.add::<apiextensions::v1::CustomResourceDefinition>();
    kinds.add::<apiregistration::v1::APIService>();
}

/// Writes both files to `out`.
fn generate(out: &Path) {
    let generator = SchemaSettings::default().into_generator();
    let mut kinds = Kinds { generator, found: Vec::new(), tag: 'K' };
    add_kinds(&mut kinds);
    let Kinds { mut generator, found, .. } = kinds;
    let types = generator.take_definitions(true);
    let go = std::fs::read_to_string(GO_TYPES).expect("the facts about Go types are there");
    let enums = std::fs::read_to_string(ENUMS).expect("the values of enumerations are there");
    let (table, descriptions) = Table::new(&types, go_fields(&go), values(&enums)).write(&found);
    std::fs::write(out.join("kubernetes_fields.txt"), table).expect("the build folder takes files");
    let descriptions = serde_json::to_string(&descriptions).expect("a list of texts is JSON");
    std::fs::write(out.join("kubernetes_descriptions.json"), descriptions)
        .expect("the build folder takes files");
}

struct Kinds {
    generator: SchemaGenerator,
    /// Tag of the line, API version, kind, name of the type.
    found: Vec<(char, &'static str, &'static str, String)>,
    tag: char,
}

impl Kinds {
    fn add<T: Resource + JsonSchema>(&mut self) {
        self.generator.subschema_for::<T>();
        self.found.push((self.tag, T::API_VERSION, T::KIND, T::schema_name().into_owned()));
    }
}

/// The columns about Go for each type and key, as they stand in a line of the table.
type GoFields = HashMap<(String, String), String>;

fn go_fields(text: &str) -> GoFields {
    let mut fields = GoFields::new();
    let (mut ty, mut package, mut place) = ("", "", 0);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("T\t") {
            (ty, place) = (name, 0);
            package = name.rsplit('.').nth(1).unwrap_or_default();
            continue;
        }
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        let (key, go, omit, strategy, merge_key, list, name) =
            (next(), next(), next(), next(), next(), next(), next());
        let pointer = if go.starts_with('*') { "p" } else { "" };
        let go = qualified(go.trim_start_matches('*'), package);
        let columns =
            format!("{go}\t{place}\t{name}\t{pointer}{omit}\t{strategy}\t{merge_key}\t{list}");
        fields.insert((ty.to_owned(), key.to_owned()), columns);
        place += 1;
    }
    fields
}

/// `[]Container` in the package `v1` is `[]v1.Container`, as Go's reflection names it.
fn qualified(go: &str, package: &str) -> String {
    let at = go.find(|c: char| c.is_alphabetic()).unwrap_or(0);
    let (front, name) = go.split_at(at);
    let go = match name.strip_prefix("map[string]") {
        Some(value) => format!("{front}map[string]{}", qualified(value, package)),
        None if name.starts_with(|c: char| c.is_uppercase()) => format!("{front}{package}.{name}"),
        None => go.to_owned(),
    };
    go.replace("corev1.", "v1.").replace("[]byte", "[]uint8")
}

struct Table<'a> {
    types: &'a Map<String, Value>,
    /// Numbers of types with fields. Other types are inlined.
    numbers: BTreeMap<&'a str, usize>,
    descriptions: Vec<String>,
    known: BTreeMap<String, usize>,
    go: GoFields,
    enums: HashMap<String, String>,
}

/// The list of values of each enumeration, as its description shows it.
/// Source: kube-openapi pkg/generators/enum.go.
fn values(text: &str) -> HashMap<String, String> {
    let mut enums: HashMap<String, String> = HashMap::new();
    let mut name = "";
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(next) = line.strip_prefix("E\t") {
            name = next;
            continue;
        }
        let (value, text) = line.split_once('\t').unwrap_or((line, ""));
        let list = enums.entry(name.to_owned()).or_default();
        let line = format!("\n - `\"{value}\"` {text}");
        list.push_str(line.trim_end_matches(' '));
    }
    enums
}

impl<'a> Table<'a> {
    fn new(types: &'a Map<String, Value>, go: GoFields, enums: HashMap<String, String>) -> Self {
        let with_fields = types.iter().filter(|(_, ty)| ty.get("properties").is_some());
        let numbers = with_fields.enumerate().map(|(number, (name, _))| (name.as_str(), number));
        Self {
            types,
            numbers: numbers.collect(),
            descriptions: vec![String::new()],
            known: BTreeMap::from([(String::new(), 0)]),
            go,
            enums,
        }
    }

    fn write(mut self, kinds: &[(char, &str, &str, String)]) -> (String, Vec<String>) {
        let mut text = String::new();
        for (tag, version, kind, name) in kinds {
            let number = self.numbers[name.as_str()];
            let _ = writeln!(text, "{tag}\t{version}\t{kind}\t{number}");
        }
        for (name, ty) in self.types {
            let Some(fields) = ty.get("properties").and_then(Value::as_object) else { continue };
            let description = self.description(ty["description"].as_str().unwrap_or_default());
            let _ = writeln!(text, "R\t{name}\t{description}");
            let required: Vec<&str> =
                ty["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            for (key, field) in fields {
                let code = self.code(field);
                let description = self.field_description(name, key, field);
                let flag = if required.contains(&key.as_str()) { "r" } else { "" };
                let go = self.go.get(&(name.clone(), key.clone())).map_or("", String::as_str);
                let line = format!("F\t{key}\t{code}\t{description}\t{flag}\t{go}");
                let _ = writeln!(text, "{}", line.trim_end_matches('\t'));
            }
        }
        for (name, ty) in self.types.iter().filter(|(_, ty)| ty.get("properties").is_none()) {
            let description = self.description(ty["description"].as_str().unwrap_or_default());
            let name = name.rsplit('.').next().unwrap_or(name);
            let _ = writeln!(text, "S\t{name}\t{description}");
        }
        (text, self.descriptions)
    }

    /// The description of a field, with the values of its enumeration.
    fn field_description(&mut self, name: &str, key: &str, field: &Value) -> usize {
        let text = field["description"].as_str().unwrap_or_default();
        let go = self.go.get(&(name.to_owned(), key.to_owned())).map_or("", String::as_str);
        let go = go.split('\t').next().unwrap_or_default();
        let (package, _) = name.rsplit_once('.').unwrap_or_default();
        let own = go.rsplit_once('.').map(|(_, ty)| format!("{package}.{ty}"));
        let core = go.strip_prefix("v1.").map(|ty| format!("io.k8s.api.core.v1.{ty}"));
        let values = own.and_then(|name| self.enums.get(&name));
        match values.or_else(|| self.enums.get(&core?)) {
            Some(values) => {
                let text = format!("{text}\n\nPossible enum values:{values}");
                self.description(&text)
            }
            None => self.description(text),
        }
    }

    fn description(&mut self, text: &str) -> usize {
        if let Some(&known) = self.known.get(text) {
            return known;
        }
        let number = self.descriptions.len();
        self.descriptions.push(text.to_owned());
        self.known.insert(text.to_owned(), number);
        number
    }

    fn code(&self, schema: &Value) -> String {
        if let Some(target) = schema["$ref"].as_str() {
            let name = target.rsplit('/').next().unwrap_or_default();
            return match self.numbers.get(name) {
                Some(number) => format!("#{number}"),
                None if name.ends_with(".Quantity") => "q".to_owned(),
                None => self.types.get(name).map_or_else(|| "a".to_owned(), |ty| self.code(ty)),
            };
        }
        if schema["x-kubernetes-int-or-string"] == true {
            return "p".to_owned();
        }
        let format = schema["format"].as_str();
        match schema["type"].as_str() {
            Some("string") => match format {
                Some("date-time") => "t",
                Some("byte") => "y",
                _ => "s",
            }
            .to_owned(),
            Some("integer") if format == Some("int64") => "l".to_owned(),
            Some("integer") => "i".to_owned(),
            Some("number") => "n".to_owned(),
            Some("boolean") => "b".to_owned(),
            Some("array") => format!("[{}", self.code(&schema["items"])),
            Some("object") if schema["additionalProperties"].is_object() => {
                format!("{{{}", self.code(&schema["additionalProperties"]))
            }
            _ => "a".to_owned(),
        }
    }
}
