//! Generates the table of Kubernetes fields from the schemas of `k8s-openapi`.
//!
//! `kubernetes_fields.txt` has three kinds of lines, with fields separated by tabs:
//!
//! - `K`, API version, kind, type number: one line for each kind;
//! - `R`, full type name, description number: types are numbered from 0 in this order;
//! - `F`, key, type, description number, `r` if required: fields of the type above.
//!
//! Types are `s` string, `b` boolean, `i` int32, `l` int64, `n` number, `q` quantity, `p` number or
//! string, `t` time, `y` base64, `a` any, `[T` list, `{T` map, `#N` the type with that number.
//!
//! `kubernetes_descriptions.json` is the list of distinct descriptions; number 0 is empty. It is
//! ten times the size of the table, so the page fetches it on demand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use k8s_openapi::Resource;
use k8s_openapi::api::{apps, batch, core, discovery, networking, rbac, storage};
use k8s_openapi::schemars::generate::SchemaSettings;
use k8s_openapi::schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says so"));
    generate(&out);
}

/// Writes both files to `out`.
fn generate(out: &Path) {
    let mut kinds =
        Kinds { generator: SchemaSettings::default().into_generator(), found: Vec::new() };
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
    let Kinds { mut generator, found } = kinds;
    let types = generator.take_definitions(true);
    let (table, descriptions) = Table::new(&types).write(&found);
    std::fs::write(out.join("kubernetes_fields.txt"), table).expect("the build folder takes files");
    let descriptions = serde_json::to_string(&descriptions).expect("a list of texts is JSON");
    std::fs::write(out.join("kubernetes_descriptions.json"), descriptions)
        .expect("the build folder takes files");
}

struct Kinds {
    generator: SchemaGenerator,
    /// API version, kind, name of the type.
    found: Vec<(&'static str, &'static str, String)>,
}

impl Kinds {
    fn add<T: Resource + JsonSchema>(&mut self) {
        self.generator.subschema_for::<T>();
        self.found.push((T::API_VERSION, T::KIND, T::schema_name().into_owned()));
    }
}

struct Table<'a> {
    types: &'a Map<String, Value>,
    /// Numbers of types with fields. Other types are inlined.
    numbers: BTreeMap<&'a str, usize>,
    descriptions: Vec<String>,
    known: BTreeMap<String, usize>,
}

impl<'a> Table<'a> {
    fn new(types: &'a Map<String, Value>) -> Self {
        let with_fields = types.iter().filter(|(_, ty)| ty.get("properties").is_some());
        let numbers = with_fields.enumerate().map(|(number, (name, _))| (name.as_str(), number));
        Self {
            types,
            numbers: numbers.collect(),
            descriptions: vec![String::new()],
            known: BTreeMap::from([(String::new(), 0)]),
        }
    }

    fn write(mut self, kinds: &[(&str, &str, String)]) -> (String, Vec<String>) {
        let mut text = String::new();
        for (version, kind, name) in kinds {
            let number = self.numbers[name.as_str()];
            let _ = writeln!(text, "K\t{version}\t{kind}\t{number}");
        }
        for (name, ty) in self.types {
            let Some(fields) = ty.get("properties").and_then(Value::as_object) else { continue };
            let description = self.description(ty);
            let _ = writeln!(text, "R\t{name}\t{description}");
            let required: Vec<&str> =
                ty["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            for (key, field) in fields {
                let code = self.code(field);
                let description = self.description(field);
                let flag = if required.contains(&key.as_str()) { "r" } else { "" };
                let _ = writeln!(text, "F\t{key}\t{code}\t{description}\t{flag}");
            }
        }
        (text, self.descriptions)
    }

    fn description(&mut self, schema: &Value) -> usize {
        let text = schema["description"].as_str().unwrap_or_default();
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
