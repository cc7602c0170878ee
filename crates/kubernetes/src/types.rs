//! The types of the API as the server sees them: fields with Go's types, merge keys and list types.
//!
//! The table is made while building (see `build.rs`) and read once. `openapi` makes records for the
//! editor of the same table; this module serves decoding, merging and validation, which need Go's
//! names and patch strategies.

use std::collections::HashMap;
use std::sync::OnceLock;

static FIELDS: &str = include_str!(concat!(env!("OUT_DIR"), "/kubernetes_fields.txt"));

/// All types, and which of them are kinds.
pub struct Types {
    structs: Vec<Struct>,
    kinds: HashMap<(&'static str, &'static str), TypeId>,
    names: HashMap<&'static str, TypeId>,
    /// Descriptions of types without fields, by their short names.
    scalars: HashMap<&'static str, u16>,
}

/// The number of a struct in the table.
pub type TypeId = usize;

/// A Go struct with its fields, sorted by key.
#[derive(Debug)]
pub struct Struct {
    /// Full name, as `io.k8s.api.core.v1.ServicePort`.
    pub name: &'static str,
    /// Number of the description.
    pub description: u16,
    pub fields: Vec<Field>,
}

/// One field of a struct.
#[derive(Debug)]
pub struct Field {
    pub key: &'static str,
    pub ty: Type,
    /// Number of the description in the list that the page fetches; 0 if there is none.
    pub description: u16,
    pub required: bool,
    /// Type in Go's words, as `[]v1.Container`; empty if it follows from `ty`.
    pub go: &'static str,
    /// Place in the Go struct.
    pub place: u16,
    /// Go name of the field if it is not the key with a capital letter.
    pub go_name: &'static str,
    /// The zero value differs from an absent one.
    pub pointer: bool,
    /// The zero value is not written.
    pub omit_empty: bool,
    pub patch: Patch,
    /// Keys of a list that is a map for server-side apply; empty otherwise.
    pub list_keys: Vec<&'static str>,
    pub list: ListType,
}

/// The strategy of a strategic merge patch for the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// Lists are merged, not replaced.
    pub merge: bool,
    /// Keys of a mapping that the patch does not name are dropped.
    pub retain_keys: bool,
    /// The whole value is replaced, also that of a mapping.
    pub replace: bool,
    /// Field by which items are matched; empty for lists of scalars.
    pub merge_key: &'static str,
}

/// The merge behavior of a list in server-side apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListType {
    #[default]
    Atomic,
    Set,
    Map,
}

/// The shape of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    String,
    Bool,
    Int32,
    Int64,
    Float,
    Quantity,
    IntOrString,
    Time,
    Bytes,
    Any,
    List(Box<Type>),
    Map(Box<Type>),
    Struct(TypeId),
}

/// The table. It is read at the first call.
pub fn types() -> &'static Types {
    static TYPES: OnceLock<Types> = OnceLock::new();
    TYPES.get_or_init(|| Types::read(FIELDS))
}

impl Types {
    fn read(text: &'static str) -> Self {
        let (structs, kinds, names, scalars) = Default::default();
        let mut types = Self { structs, kinds, names, scalars };
        for line in text.lines() {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_default();
            match next() {
                "K" | "N" => {
                    let (version, kind, number) = (next(), next(), next());
                    types.kinds.insert((version, kind), number.parse().unwrap_or_default());
                }
                "R" => {
                    let name = next();
                    types.names.insert(name, types.structs.len());
                    let description = next().parse().unwrap_or_default();
                    types.structs.push(Struct { name, description, fields: Vec::new() });
                }
                "S" => {
                    let name = next();
                    types.scalars.insert(name, next().parse().unwrap_or_default());
                }
                "F" => {
                    if let Some(last) = types.structs.last_mut() {
                        last.fields.push(Field::read(&mut next));
                    }
                }
                _ => {}
            }
        }
        types
    }

    /// The struct of a kind: `("apps/v1", "Deployment")`.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<TypeId> {
        self.kinds.get(&(api_version, kind)).copied()
    }

    /// The struct with a full name.
    pub fn named(&self, name: &str) -> Option<TypeId> {
        self.names.get(name).copied()
    }

    /// The struct with a number. Numbers come from this table, so there is one.
    pub fn get(&self, id: TypeId) -> &Struct {
        static NONE: Struct = Struct { name: "", description: 0, fields: Vec::new() };
        self.structs.get(id).unwrap_or(&NONE)
    }

    /// Number of the description of a type without fields, by its short name; 0 if it has none.
    pub fn scalar_description(&self, name: &str) -> u16 {
        self.scalars.get(name).copied().unwrap_or_default()
    }

    /// The struct of object metadata.
    pub fn object_meta(&self) -> TypeId {
        self.named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta").unwrap_or_default()
    }
}

impl Struct {
    /// Returns the field with this key. Keys are case-sensitive.
    pub fn field(&self, key: &str) -> Option<&Field> {
        let at = self.fields.binary_search_by(|field| field.key.cmp(key)).ok()?;
        self.fields.get(at)
    }

    /// Name without its package, as `ServicePort`.
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// Name as Go's reflection prints it, as `v1.ServicePort`.
    pub fn go_name(&self) -> String {
        let mut parts = self.name.rsplit('.');
        let (name, package) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        format!("{package}.{name}")
    }
}

impl Field {
    fn read(next: &mut impl FnMut() -> &'static str) -> Self {
        let (key, code, description, required) = (next(), next(), next(), next());
        let (go, place, go_name, flags) = (next(), next(), next(), next());
        let (strategy, merge_key, list) = (next(), next(), next());
        let (list, keys) = list.split_once(':').unwrap_or((list, ""));
        // Types without known facts about Go have pointers in all optional fields.
        let known = !place.is_empty();
        Self {
            key,
            ty: Type::read(code),
            description: description.parse().unwrap_or_default(),
            required: required == "r",
            go,
            place: place.parse().unwrap_or_default(),
            go_name,
            pointer: !known || flags.contains('p'),
            omit_empty: !known || flags.contains('o'),
            patch: Patch {
                merge: strategy.contains("merge"),
                retain_keys: strategy.contains("retainKeys"),
                replace: strategy.contains("replace"),
                merge_key,
            },
            list_keys: keys.split(',').filter(|key| !key.is_empty()).collect(),
            list: match list {
                "map" => ListType::Map,
                "set" => ListType::Set,
                _ => ListType::Atomic,
            },
        }
    }

    /// Type of the value in Go's words.
    pub fn go_type(&self) -> String {
        if self.go.is_empty() { self.ty.go() } else { self.go.to_owned() }
    }

    /// Go name of the field.
    pub fn go_field(&self) -> String {
        if !self.go_name.is_empty() {
            return self.go_name.to_owned();
        }
        let mut chars = self.key.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars).collect()
    }
}

impl Type {
    fn read(code: &'static str) -> Self {
        let rest = code.get(1..).unwrap_or_default();
        match code.as_bytes().first() {
            Some(b's') => Self::String,
            Some(b'b') => Self::Bool,
            Some(b'i') => Self::Int32,
            Some(b'l') => Self::Int64,
            Some(b'n') => Self::Float,
            Some(b'q') => Self::Quantity,
            Some(b'p') => Self::IntOrString,
            Some(b't') => Self::Time,
            Some(b'y') => Self::Bytes,
            Some(b'[') => Self::List(Box::new(Self::read(rest))),
            Some(b'{') => Self::Map(Box::new(Self::read(rest))),
            Some(b'#') => rest.parse().map_or(Self::Any, Self::Struct),
            _ => Self::Any,
        }
    }

    /// The type in Go's words if no field says otherwise.
    pub fn go(&self) -> String {
        match self {
            Self::String => "string".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Int32 => "int32".to_owned(),
            Self::Int64 => "int64".to_owned(),
            Self::Float => "float64".to_owned(),
            Self::Quantity => "resource.Quantity".to_owned(),
            Self::IntOrString => "intstr.IntOrString".to_owned(),
            Self::Time => "v1.Time".to_owned(),
            Self::Bytes => "[]uint8".to_owned(),
            Self::Any => "interface {}".to_owned(),
            Self::List(item) => format!("[]{}", item.go()),
            Self::Map(value) => format!("map[string]{}", value.go()),
            Self::Struct(id) => types().get(*id).go_name(),
        }
    }

    /// Item type of a list in Go's words, given the list's.
    pub fn go_item(&self, list: &str) -> String {
        list.strip_prefix("[]").map_or_else(|| self.go(), str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: (&str, &str), path: &[&str]) -> &'static Field {
        let types = types();
        let mut id = types.kind(kind.0, kind.1).expect("the kind is there");
        let mut found = None;
        for key in path {
            let field = types.get(id).field(key).unwrap_or_else(|| panic!("{key}"));
            let mut ty = &field.ty;
            while let Type::List(item) | Type::Map(item) = ty {
                ty = item;
            }
            if let Type::Struct(next) = ty {
                id = *next;
            }
            found = Some(field);
        }
        found.expect("a path has a key")
    }

    #[test]
    fn fields_know_their_go_type() {
        let pod = ("v1", "Pod");
        for (kind, path, go) in [
            (pod, &["spec", "containers"][..], "[]v1.Container"),
            (pod, &["spec", "restartPolicy"], "v1.RestartPolicy"),
            (pod, &["metadata", "labels"], "map[string]string"),
            (("apps/v1", "Deployment"), &["spec", "replicas"], "int32"),
            (("apps/v1", "Deployment"), &["spec", "template"], "v1.PodTemplateSpec"),
            (("v1", "Secret"), &["data"], "map[string][]uint8"),
            (("v1", "Service"), &["spec", "ports", "protocol"], "v1.Protocol"),
            (
                ("autoscaling/v2", "HorizontalPodAutoscaler"),
                &["spec", "metrics"],
                "[]v2.MetricSpec",
            ),
        ] {
            assert_eq!(field(kind, path).go_type(), go, "{path:?}");
        }
    }

    #[test]
    fn lists_know_their_merge_key() {
        let pod = ("v1", "Pod");
        for (kind, path, merge_key) in [
            (pod, &["spec", "containers"][..], "name"),
            (pod, &["spec", "containers", "ports"], "containerPort"),
            (pod, &["spec", "containers", "volumeMounts"], "mountPath"),
            (pod, &["spec", "tolerations"], ""),
            (("v1", "Service"), &["spec", "ports"], "port"),
        ] {
            let patch = field(kind, path).patch;
            assert_eq!(
                (patch.merge_key, patch.merge),
                (merge_key, !merge_key.is_empty()),
                "{path:?}"
            );
        }
        let volumes = field(pod, &["spec", "volumes"]).patch;
        assert!(volumes.merge && volumes.retain_keys);
        let ports = field(("v1", "Service"), &["spec", "ports"]);
        assert_eq!((ports.list, &*ports.list_keys), (ListType::Map, &["port", "protocol"][..]));
    }

    #[test]
    fn pointers_are_told_from_values() {
        let deployment = ("apps/v1", "Deployment");
        assert!(field(deployment, &["spec", "replicas"]).pointer);
        assert!(!field(deployment, &["spec", "minReadySeconds"]).pointer);
        assert!(!field(deployment, &["spec", "selector"]).omit_empty);
        assert_eq!(field(("v1", "Pod"), &["spec", "dnsPolicy"]).go_field(), "DNSPolicy");
        assert_eq!(field(("v1", "Pod"), &["spec", "nodeName"]).go_field(), "NodeName");
    }
}
