//! Kubernetes's own fields as records: the table is made while building, out of `k8s-openapi`.
//!
//! The table has types and which fields are required; descriptions are numbers into a list that
//! the page fetches when someone asks ([`Description::Numbered`](schema::Description)). What the
//! project itself says about a field, why it matters to Prometheus, which values it takes, is laid
//! over it ([`Overlay`]).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use schema::{Allowed, DefaultValue, Deprecated, FIELD, Field, RECORD, Record, Type};

/// Our own words about a field of Kubernetes. What is empty here leaves the table's statement.
#[derive(Clone, Copy, Debug)]
pub struct Overlay {
    /// Full name of the type, `io.k8s.api.core.v1.ServiceSpec`.
    pub record: &'static str,
    pub key: &'static str,
    pub ty: Option<Type>,
    pub allowed: &'static [Allowed],
    pub required: Option<bool>,
    pub default: DefaultValue,
    pub note: &'static str,
    pub doc: &'static str,
    pub mistakes: &'static str,
    pub example: &'static str,
    pub deprecated: Option<Deprecated>,
    pub secret: bool,
}

/// An overlay without any statement: `..OVERLAY`.
pub const OVERLAY: Overlay = Overlay {
    record: "",
    key: "",
    ty: None,
    allowed: &[],
    required: None,
    default: DefaultValue::None,
    note: "",
    doc: "",
    mistakes: "",
    example: "",
    deprecated: None,
    secret: false,
};

/// Records of all kinds and of the types that they are made of.
pub struct Table {
    kinds: HashMap<(&'static str, &'static str), &'static Record>,
    types: HashMap<&'static str, &'static Record>,
    /// Overlays that name no field of the table; a test keeps this empty.
    pub unknown: Vec<&'static Overlay>,
}

static FIELDS: &str = include_str!(concat!(env!("OUT_DIR"), "/kubernetes_fields.txt"));

/// The descriptions of the fields, which the table refers to by index: texts in Markdown.
///
/// In the browser they are a file of their own, `kubernetes.json`, a JSON list of strings, which is
/// provided when it is needed. Elsewhere they are part of the program.
#[derive(Debug, Default)]
pub struct Descriptions {
    provided: Option<Arc<Vec<String>>>,
    /// True after a description was requested that is not available yet.
    lacking: Cell<bool>,
}

impl Descriptions {
    /// The description of an index. Returns None, and remembers the request, as long as the
    /// descriptions are not available.
    pub fn get(&self, id: u16) -> Option<&str> {
        let Some(texts) = self.provided.as_deref().map(Vec::as_slice).or_else(|| bundled()) else {
            self.lacking.set(true);
            return None;
        };
        texts.get(usize::from(id)).map(String::as_str)
    }

    /// Provides the descriptions. Anything but a JSON list of strings is ignored: returns false.
    pub fn provide(&mut self, json: &str) -> bool {
        let texts = serde_json::from_str(json).ok().map(Arc::new);
        let valid = texts.is_some();
        self.provided = texts.or(self.provided.take());
        valid
    }

    /// The descriptions that were provided; None as long as they are not loaded.
    pub fn all(&self) -> Option<Arc<Vec<String>>> {
        self.provided.clone()
    }

    /// Returns true once after a description was requested that is not available.
    pub fn take_lacking(&self) -> bool {
        self.lacking.take() && self.provided.is_none()
    }
}

/// The descriptions that are part of the program; None in the browser.
#[cfg(not(target_arch = "wasm32"))]
pub fn bundled() -> Option<&'static [String]> {
    static JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/kubernetes_descriptions.json"));
    static TEXTS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    Some(TEXTS.get_or_init(|| serde_json::from_str(JSON).unwrap_or_default()))
}

/// The descriptions that are part of the program; None in the browser.
#[cfg(target_arch = "wasm32")]
pub fn bundled() -> Option<&'static [String]> {
    None
}

impl Table {
    /// Builds the records, which then live as long as the program does: call it once. `common` is
    /// the documentation of fields that all kinds have, by key.
    pub fn new(
        overlays: &'static [Overlay],
        common: &'static [(&'static str, &'static str)],
    ) -> Self {
        let builder = Builder::new(overlays, common);
        let types: HashMap<&'static str, &'static Record> = (0..builder.raw.len())
            .map(|number| (builder.raw[number].name, builder.record(number)))
            .collect();
        let kinds = builder
            .kinds
            .iter()
            .map(|(version, kind, number)| ((*version, *kind), builder.record(*number)));
        let kinds = kinds.collect();
        let laid = builder.laid.into_inner();
        let unknown = overlays
            .iter()
            .enumerate()
            .filter(|(number, _)| !laid.contains(number))
            .map(|(_, overlay)| overlay)
            .collect();
        Self { kinds, types, unknown }
    }

    /// The record of a kind: `("apps/v1", "Deployment")`.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&'static Record> {
        self.kinds.get(&(api_version, kind)).copied()
    }

    /// All kinds as API version and name.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.kinds.keys().copied()
    }

    /// The record of a type by its full name.
    pub fn get(&self, name: &str) -> Option<&'static Record> {
        self.types.get(name).copied()
    }
}

/// A type's lines in the table.
struct Raw {
    name: &'static str,
    description: u16,
    fields: Vec<&'static str>,
}

struct Builder {
    raw: Vec<Raw>,
    kinds: Vec<(&'static str, &'static str, usize)>,
    overlays: HashMap<(&'static str, &'static str), (usize, &'static Overlay)>,
    /// The documentation of fields that all kinds have.
    common: &'static [(&'static str, &'static str)],
    built: RefCell<HashMap<usize, &'static Record>>,
    open: RefCell<Vec<usize>>,
    laid: RefCell<std::collections::HashSet<usize>>,
}

impl Builder {
    fn new(overlays: &'static [Overlay], common: &'static [(&'static str, &'static str)]) -> Self {
        let mut raw: Vec<Raw> = Vec::new();
        let mut kinds = Vec::new();
        for line in FIELDS.lines() {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_default();
            match next() {
                "K" => kinds.push((next(), next(), next().parse().unwrap_or_default())),
                "R" => raw.push(Raw {
                    name: next(),
                    description: next().parse().unwrap_or_default(),
                    fields: Vec::new(),
                }),
                "F" => {
                    if let Some(last) = raw.last_mut() {
                        last.fields.push(line);
                    }
                }
                _ => {}
            }
        }
        let overlays = overlays
            .iter()
            .enumerate()
            .map(|(number, overlay)| ((overlay.record, overlay.key), (number, overlay)));
        Self {
            raw,
            kinds,
            overlays: overlays.collect(),
            common,
            built: RefCell::default(),
            open: RefCell::default(),
            laid: RefCell::default(),
        }
    }

    fn record(&self, number: usize) -> &'static Record {
        static UNKNOWN: Record = RECORD;
        if let Some(known) = self.built.borrow().get(&number) {
            return known;
        }
        let Some(raw) = self.raw.get(number) else { return &UNKNOWN };
        self.open.borrow_mut().push(number);
        let mut fields: Vec<Field> =
            raw.fields.iter().map(|line| self.field(raw.name, line)).collect();
        self.open.borrow_mut().pop();
        let kind = self.kinds.iter().find(|(_, _, of)| *of == number);
        if let Some((version, kind, _)) = kind {
            self.describe_kind(version, kind, &mut fields);
        }
        let record: &'static Record = Box::leak(Box::new(Record {
            name: raw.name.rsplit('.').next().unwrap_or(raw.name),
            doc_id: (raw.description > 0).then_some(raw.description),
            fields: Vec::leak(fields),
            ..RECORD
        }));
        self.built.borrow_mut().insert(number, record);
        record
    }

    /// Documents the fields that all kinds have, where no overlay does.
    fn describe_kind(&self, version: &str, kind: &'static str, fields: &mut [Field]) {
        for field in fields.iter_mut().filter(|field| field.doc.is_empty()) {
            if field.key == "kind" && field.doc_id.is_some() {
                let what = crate::kinds::find(version, kind).map_or("", |row| row.description);
                let text = format!("What the object is. `{kind}`: {}", lower_first(what));
                field.doc = Box::leak(text.into_boxed_str());
            } else if let Some((_, doc)) = self.common.iter().find(|(key, _)| *key == field.key) {
                field.doc = doc;
            }
        }
    }

    fn field(&self, record: &'static str, line: &'static str) -> Field {
        let mut columns = line.split('\t').skip(1);
        let mut next = || columns.next().unwrap_or_default();
        let (key, code, description, flag) = (next(), next(), next(), next());
        let description: u16 = description.parse().unwrap_or_default();
        let field = Field {
            key,
            ty: self.ty(code),
            required: flag == "r",
            doc_id: (description > 0).then_some(description),
            ..FIELD
        };
        match self.overlays.get(&(record, key)) {
            Some((number, overlay)) => {
                self.laid.borrow_mut().insert(*number);
                laid_over(field, overlay)
            }
            None => field,
        }
    }

    fn ty(&self, code: &'static str) -> Type {
        let boxed = |ty: Type| -> &'static Type { Box::leak(Box::new(ty)) };
        let rest = code.get(1..).unwrap_or_default();
        match code.as_bytes().first() {
            Some(b's') => Type::String,
            Some(b'b') => Type::Bool,
            Some(b'i') => Type::Int { min: i64::from(i32::MIN), max: i64::from(i32::MAX) },
            Some(b'l') => Type::Int { min: i64::MIN, max: i64::MAX },
            Some(b'n') => Type::Float,
            Some(b'q') => Type::Quantity,
            Some(b'p') => INT_OR_STRING,
            Some(b't') => Type::Time,
            Some(b'y') => Type::Bytes,
            Some(b'[') => Type::List(boxed(self.ty(rest))),
            Some(b'{') => Type::Map { key: &Type::String, value: boxed(self.ty(rest)) },
            Some(b'#') => {
                let number = rest.parse().unwrap_or(usize::MAX);
                // A type inside itself is not followed further.
                if self.open.borrow().contains(&number) {
                    Type::Any
                } else {
                    Type::Record(self.record(number))
                }
            }
            _ => Type::Any,
        }
    }
}

/// `Pods of one template.` within a sentence.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// A port, or a number or percentage of replicas.
const INT_OR_STRING: Type =
    Type::OneOf(&[Type::Int { min: i32::MIN as i64, max: i32::MAX as i64 }, Type::String]);

fn laid_over(mut field: Field, overlay: &Overlay) -> Field {
    if let Some(ty) = overlay.ty {
        field.ty = ty;
    } else if !overlay.allowed.is_empty() {
        field.ty = match field.ty {
            Type::List(_) => Type::List(Box::leak(Box::new(Type::Enum(overlay.allowed)))),
            _ => Type::Enum(overlay.allowed),
        };
    }
    field.required = overlay.required.unwrap_or(field.required);
    field.default = overlay.default;
    field.note = overlay.note;
    field.doc = overlay.doc;
    field.mistakes = overlay.mistakes;
    field.example = overlay.example;
    field.deprecated = overlay.deprecated;
    field.secret = overlay.secret;
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::{Dialect, NoHooks, Subject, check};
    use text::FileId;
    use yaml::parse;

    static OVERLAYS: &[Overlay] = &[
        Overlay {
            record: "io.k8s.api.core.v1.ServiceSpec",
            key: "type",
            allowed: &[Allowed { value: "ClusterIP", doc: "Inside only." }],
            doc: "Who can reach it.",
            ..OVERLAY
        },
        Overlay { record: "io.k8s.api.core.v1.ServiceSpec", key: "tpye", ..OVERLAY },
    ];

    #[test]
    fn kinds_have_their_fields() {
        let table = Table::new(OVERLAYS, &[]);
        assert_eq!(table.kinds().count(), 26);
        let deployment = table.kind("apps/v1", "Deployment").unwrap();
        let mut ty = Type::Record(deployment);
        for key in ["spec", "template", "spec", "containers"] {
            let Type::Record(record) = ty else { panic!("{key}: {ty:?}") };
            ty = record.field(key).unwrap().ty;
        }
        let Type::List(Type::Record(container)) = ty else { panic!("{ty:?}") };
        assert_eq!(container.name, "Container");
        assert!(container.field("name").unwrap().required);
        assert!(matches!(container.field("args").unwrap().ty, Type::List(Type::String)));
        assert!(table.kind("v1", "Deployment").is_none());
        let secret = table.kind("v1", "Secret").unwrap();
        let Type::Map { value: Type::Bytes, .. } = secret.field("data").unwrap().ty else {
            panic!("data of a Secret is base64");
        };
        let resources = table.get("io.k8s.api.core.v1.ResourceRequirements").unwrap();
        let Type::Map { value: Type::Quantity, .. } = resources.field("limits").unwrap().ty else {
            panic!("limits are quantities");
        };
    }

    #[test]
    fn every_description_is_there() {
        let table = Table::new(&[], &[]);
        let descriptions = Descriptions::default();
        let mut described = 0;
        for record in table.types.values() {
            for field in record.fields {
                if let Some(id) = field.doc_id {
                    assert!(descriptions.get(id).is_some_and(|text| !text.is_empty()));
                    described += 1;
                }
            }
        }
        assert!(described > 1000, "{described} fields are described");
        assert_eq!(descriptions.get(0), Some(""));
        assert_eq!(descriptions.get(u16::MAX), None);
        assert!(!descriptions.take_lacking(), "they are available");
    }

    #[test]
    fn provided_descriptions_replace_the_bundled_ones() {
        let mut descriptions = Descriptions::default();
        assert!(!descriptions.provide("<!doctype html>"), "from a captive portal");
        assert!(!descriptions.provide("{}"));
        assert!(descriptions.get(1).is_some_and(|text| text.len() > 1));
        assert!(descriptions.provide("[\"a\", \"b\"]"));
        assert!(!descriptions.provide("{}"));
        assert_eq!(descriptions.get(1), Some("b"));
    }

    #[test]
    fn overlays_are_laid_over_their_field() {
        let table = Table::new(OVERLAYS, &[]);
        let spec = table.get("io.k8s.api.core.v1.ServiceSpec").unwrap();
        let field = spec.field("type").unwrap();
        assert!(matches!(field.ty, Type::Enum(_)));
        assert_eq!(field.doc, "Who can reach it.");
        let unknown: Vec<&str> = table.unknown.iter().map(|overlay| overlay.key).collect();
        assert_eq!(unknown, ["tpye"]);
    }

    #[test]
    fn manifests_are_checked_by_it() {
        let table = Table::new(&[], &[]);
        let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  selector: {app: 5}\n  ports:\n  - port: '80'\n    targetPort: web\n  - targetPort: 5\n  typ: x\n";
        let parsed = parse(FileId(1), text);
        let ty = Type::Record(table.kind("v1", "Service").unwrap());
        let subject = Subject::first(&parsed, ty, Dialect::Kubernetes, &NoHooks).unwrap();
        let found: Vec<String> = check(&subject)
            .into_iter()
            .map(|one| format!("{}: {}", one.code, one.message))
            .collect();
        assert_eq!(
            found,
            [
                "wrong-type: json: cannot unmarshal number into Go struct field ServiceSpec.spec.selector.app of type string",
                "wrong-type: json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
                "missing-field: spec.ports[1].port: Required value",
                "unknown-field: unknown field \"spec.typ\"",
            ]
        );
    }
}
