//! The objects of a template's data that are no plain values: `.Capabilities`, `.Files`, and the
//! methods of `.Values`.
//!
//! Source: helm pkg/chart/common capabilities.go, values.go; pkg/engine files.go.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use go::template::{
    BYTE_LIST, Entries, Field, List, ListType, Map, MapType, Method, Object, Signature, Type, Value,
};

use crate::capabilities::{Capabilities, KubeVersion};
use crate::chart::ChartFile;
use crate::coalesce::{lookup_table, lookup_value};
use crate::globs::Glob;
use crate::to_yaml::to_yaml;

const fn method(
    name: &'static str,
    parameters: &'static [Type],
    call: fn(&Value, &[Value]) -> Result<Value, String>,
) -> Method {
    Method { signature: Signature { name, parameters, variadic: None }, call }
}

fn argument(arguments: &[Value]) -> &str {
    arguments.first().and_then(Value::as_str).unwrap_or_default()
}

fn entries(value: &Value) -> Arc<Entries> {
    value.as_map().unwrap_or_default()
}

/// The type of `.Values` and of the root of a template's data.
pub static VALUES: MapType = MapType {
    name: "common.Values",
    underlying: "map[string]interface {}",
    boxed: true,
    zero: || Value::Nil,
    methods: VALUES_METHODS,
};

const VALUES_METHODS: &[Method] = &[
    method("AsMap", &[], |receiver, _| {
        Ok(match receiver {
            Value::Map(map) => Value::Map(map.with_kind(&go::template::ANY_MAP)),
            other => other.clone(),
        })
    }),
    method("PathValue", &[Type::String], |receiver, arguments| {
        let path = argument(arguments);
        if path.is_empty() {
            return Err("YAML path cannot be empty".to_owned());
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        lookup_value(&entries(receiver), path)
            .ok_or_else(|| format!("{} is not a value", go::quote::quote(last)))
    }),
    method("Table", &[Type::String], |receiver, arguments| {
        let table = lookup_table(&entries(receiver), argument(arguments))?;
        Ok(Value::Map(Map::new(&VALUES, table)))
    }),
    method("YAML", &[], |receiver, _| {
        to_yaml(receiver).map(|text| Value::string(format!("{text}\n")))
    }),
];

/// The type of `.Capabilities.APIVersions`.
static VERSION_SET: ListType =
    ListType { name: "common.VersionSet", boxed: false, methods: VERSION_SET_METHODS };

const VERSION_SET_METHODS: &[Method] = &[method("Has", &[Type::String], |receiver, arguments| {
    let wanted = argument(arguments);
    let items = receiver.as_list().unwrap_or_default();
    Ok(Value::Bool(items.iter().any(|item| item.as_str() == Some(wanted))))
})];

fn text_field(text: &str) -> Option<Field> {
    Some(Field { value: Value::string(text), boxed: false })
}

/// `.Capabilities`.
#[derive(Debug)]
pub struct CapabilitiesObject(pub Capabilities);

impl Object for CapabilitiesObject {
    fn type_name(&self) -> &str {
        "*common.Capabilities"
    }

    fn field(&self, name: &str) -> Option<Field> {
        let value = match name {
            "KubeVersion" => Value::object(KubeVersionObject(self.0.kube_version.clone())),
            "APIVersions" => {
                let items = self.0.api_versions.iter().map(|one| Value::string(one.as_str()));
                Value::List(List { kind: &VERSION_SET, items: Arc::new(items.collect()) })
            }
            "HelmVersion" => Value::object(HelmVersionObject),
            _ => return None,
        };
        Some(Field { value, boxed: false })
    }

    fn print(&self) -> String {
        let versions = self.0.api_versions.join(" ");
        let kube = KubeVersionObject(self.0.kube_version.clone()).print();
        format!("&{{{kube} [{versions}] {}}}", HelmVersionObject.print())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `.Capabilities.KubeVersion`.
#[derive(Debug)]
pub(crate) struct KubeVersionObject(KubeVersion);

impl KubeVersionObject {
    /// The JSON of the struct, whose fields have an order.
    pub fn json(&self) -> String {
        let quote = |text: &str| go::json::quote(text, true);
        let KubeVersion { version, major, minor, .. } = &self.0;
        let (version, major, minor) = (quote(version), quote(major), quote(minor));
        format!("{{\"Version\":{version},\"Major\":{major},\"Minor\":{minor}}}")
    }
}

static GIT_VERSION: Signature = Signature { name: "GitVersion", parameters: &[], variadic: None };
static STRING: Signature = Signature { name: "String", parameters: &[], variadic: None };

impl Object for KubeVersionObject {
    fn type_name(&self) -> &str {
        "common.KubeVersion"
    }

    fn field(&self, name: &str) -> Option<Field> {
        match name {
            "Version" => text_field(&self.0.version),
            "Major" => text_field(&self.0.major),
            "Minor" => text_field(&self.0.minor),
            _ => None,
        }
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        match name {
            "GitVersion" => Some(&GIT_VERSION),
            "String" => Some(&STRING),
            _ => None,
        }
    }

    fn call(&self, name: &str, _arguments: &[Value]) -> Result<Value, String> {
        let text = if name == "GitVersion" { &self.0.version } else { &self.0.normalized };
        Ok(Value::string(text.as_str()))
    }

    fn print(&self) -> String {
        self.0.normalized.clone()
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `.Capabilities.HelmVersion`.
#[derive(Debug)]
struct HelmVersionObject;

/// The version of Helm that is modeled.
pub const HELM_VERSION: &str = "v4.2.4";

impl Object for HelmVersionObject {
    fn type_name(&self) -> &str {
        "version.BuildInfo"
    }

    fn field(&self, name: &str) -> Option<Field> {
        match name {
            "Version" => text_field(HELM_VERSION),
            "GitCommit" | "GitTreeState" => text_field(""),
            "GoVersion" => text_field("go1.26.8"),
            "KubeClientVersion" => text_field("v1.36"),
            _ => None,
        }
    }

    fn print(&self) -> String {
        format!("{{{HELM_VERSION}   go1.26.8 v1.36}}")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The bytes of a file among the files of a chart: Go's `[]byte`.
#[derive(Debug)]
pub struct Bytes(pub Arc<[u8]>);

impl Bytes {
    fn list(&self) -> Value {
        let items = self.0.iter().map(|byte| Value::Uint8(*byte)).collect();
        Value::List(List { kind: &BYTE_LIST, items: Arc::new(items) })
    }

    /// The bytes as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl Object for Bytes {
    fn type_name(&self) -> &str {
        BYTE_LIST.name
    }

    fn field(&self, _name: &str) -> Option<Field> {
        None
    }

    fn print(&self) -> String {
        self.list().print()
    }

    fn is_true(&self) -> bool {
        !self.0.is_empty()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The type of `.Files`.
static FILES: MapType = MapType {
    name: "engine.files",
    underlying: "map[string][]uint8",
    boxed: false,
    zero: || Value::List(List { kind: &BYTE_LIST, items: Arc::default() }),
    methods: FILES_METHODS,
};

const FILES_METHODS: &[Method] = &[
    method("AsConfig", &[], |receiver, _| by_base(receiver, |bytes| bytes.text())),
    method("AsSecrets", &[], |receiver, _| by_base(receiver, |bytes| go::base64::encode(&bytes.0))),
    method("Get", &[Type::String], |receiver, arguments| {
        let entries = entries(receiver);
        let bytes = entries.get(argument(arguments)).and_then(Value::downcast::<Bytes>);
        Ok(Value::string(bytes.map(Bytes::text).unwrap_or_default()))
    }),
    method("GetBytes", &[Type::String], |receiver, arguments| {
        let entries = entries(receiver);
        let bytes = entries.get(argument(arguments)).and_then(Value::downcast::<Bytes>);
        Ok(bytes.map_or_else(FILES.zero, Bytes::list))
    }),
    method("Glob", &[Type::String], |receiver, arguments| {
        let glob = Glob::new(argument(arguments));
        let entries = entries(receiver);
        let found = entries.iter().filter(|(name, _)| glob.matches(name));
        let found = found.map(|(name, bytes)| (name.clone(), bytes.clone())).collect();
        Ok(Value::Map(Map::new(&FILES, found)))
    }),
    method("Lines", &[Type::String], |receiver, arguments| {
        let entries = entries(receiver);
        let bytes = entries.get(argument(arguments)).and_then(Value::downcast::<Bytes>);
        let text = bytes.map(Bytes::text).unwrap_or_default();
        if text.is_empty() {
            return Ok(Value::strings([] as [&str; 0]));
        }
        Ok(Value::strings(text.strip_suffix('\n').unwrap_or(&text).split('\n')))
    }),
];

/// `.Files`.
pub fn files(files: &[ChartFile]) -> Value {
    let entries = files
        .iter()
        .map(|file| (file.name.as_str().into(), Value::object(Bytes(file.data.clone()))));
    Value::Map(Map::new(&FILES, entries.collect()))
}

/// The files as a YAML mapping from their base names.
fn by_base(receiver: &Value, content: fn(&Bytes) -> String) -> Result<Value, String> {
    let mut texts: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for (name, bytes) in entries(receiver).iter() {
        let text = bytes.downcast::<Bytes>().map(content).unwrap_or_default();
        texts.insert(go::path::base(name).into(), Value::string(text));
    }
    Ok(Value::string(to_yaml(&Value::map(texts)).unwrap_or_default()))
}
