//! What is said about a field, once, for every use of it.
//!
//! A table of fields is a plain static. [`FIELD`] and [`RECORD`] hold the values that most entries
//! do not state:
//!
//! ```
//! use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};
//!
//! static GLOBAL: Record = Record {
//!     name: "global",
//!     go_type: "config.plain",
//!     doc: "Settings that hold for every job unless the job says otherwise.",
//!     fields: &[Field {
//!         key: "scrape_interval",
//!         ty: Type::Duration { zero: false },
//!         default: DefaultValue::Literal("1m"),
//!         note: "how often targets are scraped",
//!         doc: "Time from one scrape of a target to its next.",
//!         example: "scrape_interval: 15s",
//!         since: Version(1, 0),
//!         ..FIELD
//!     }],
//!     ..RECORD
//! };
//! assert_eq!(GLOBAL.field("scrape_interval").unwrap().default.text(), Some("1m"));
//! ```

use std::borrow::Cow;

use super::{PathSegment, Resolved, Scope};
use text::{Diagnostic, FileId};
use yaml::Node;

/// A version of Prometheus (or Kubernetes), `Version(2, 50)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16);

/// One key of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub key: &'static str,
    pub ty: Type,
    /// Whether it is a mistake to leave it out.
    pub required: bool,
    /// The words in which the real program refuses a record without it: `job_name is empty`. Empty
    /// where it has none.
    pub missing: &'static str,
    pub default: DefaultValue,
    /// True if Prometheus replaces a written zero value by the default, as it does for intervals of
    /// `global`. It always does so if the default is inherited or derived.
    pub zero_is_unset: bool,
    /// True if Prometheus prints the field even if it has the zero value: its Go tag has no
    /// `omitempty`.
    pub always_printed: bool,
    /// A few words for the end of the line. `{…}` is replaced by what a hook knows under that name;
    /// a note with a name that nobody knows is not shown. `{value}` is the value in force.
    pub note: &'static str,
    /// What it does, in plain words; paragraphs are parted by an empty line.
    pub doc: &'static str,
    /// Where [`Field::doc`] is empty: its number in the descriptions that are fetched when needed.
    pub doc_id: Option<u16>,
    /// What people get wrong with it. Empty where there is nothing to say.
    pub mistakes: &'static str,
    /// YAML that has this key at its first level, `scrape_interval: 15s`.
    pub example: &'static str,
    pub since: Version,
    pub deprecated: Option<Deprecated>,
    /// Masked wherever a configuration is shown.
    pub secret: bool,
}

/// A field without any statement: the rest of a table's entries, `..FIELD`.
pub const FIELD: Field = Field {
    key: "",
    ty: Type::Any,
    required: false,
    missing: "",
    default: DefaultValue::None,
    zero_is_unset: false,
    always_printed: false,
    note: "",
    doc: "",
    doc_id: None,
    mistakes: "",
    example: "",
    since: Version(0, 0),
    deprecated: None,
    secret: false,
};

/// The value that holds where a field is left out.
#[derive(Clone, Copy, Debug)]
pub enum DefaultValue {
    /// No default: the feature is off.
    None,
    /// The zero value of the type: `""`, `0`, `false`, an empty list.
    Zero,
    /// A value as it would be written.
    Literal(&'static str),
    /// The value in force of another field, by its path from the root: `global.scrape_interval`.
    Inherited(&'static str),
    /// A value that follows from other fields of the file.
    Derived {
        /// The rule in words.
        text: &'static str,
        /// Computes the value for a section in which the field is not written.
        value: for<'a> fn(&Scope<'a>) -> Resolved<Cow<'a, Node>>,
    },
    /// A value that depends on something outside the file, described in words.
    Computed(&'static str),
}

impl DefaultValue {
    /// As it would be written in YAML, where it does not depend on anything.
    pub const fn text(self) -> Option<&'static str> {
        match self {
            Self::Literal(text) => Some(text),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecated {
    pub since: Version,
    /// What to do instead, in a sentence or as a key. Never empty.
    pub instead: &'static str,
}

/// One value that an enumeration allows, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    pub value: &'static str,
    pub doc: &'static str,
}

/// What a value must be.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Anything; nothing is checked below it.
    Any,
    Bool,
    /// A whole number within bounds, both included.
    Int {
        min: i64,
        max: i64,
    },
    Uint {
        max: u64,
    },
    Float,
    String,
    /// `15s`, `1h30m`; `zero` says whether 0 is taken.
    Duration {
        zero: bool,
    },
    /// Bytes with a unit, `512MB`, as `github.com/alecthomas/units` reads them.
    Size,
    /// An absolute URL with scheme and host.
    Url,
    /// A file's name; `glob` says whether `*` is taken.
    Path {
        glob: bool,
    },
    /// Text that must not be shown.
    Secret,
    LabelName,
    LabelValue,
    MetricName,
    /// RE2, anchored at both ends.
    Regex,
    /// A replacement with `$1`, `${name}`.
    Replacement,
    /// A text with `{{ … }}` of Go's text/template.
    Template,
    PromQl,
    /// A time as RFC 3339 writes it.
    Time,
    /// Base64.
    Bytes,
    /// Kubernetes's numbers with suffix, `500m`, `1Gi`.
    Quantity,
    Enum(&'static [Allowed]),
    List(&'static Type),
    Map {
        key: &'static Type,
        value: &'static Type,
    },
    Record(&'static Record),
    /// Any of these; where none fits, the first one's complaint is shown.
    OneOf(&'static [Type]),
}

/// A list of strings.
pub const STRINGS: Type = Type::List(&Type::String);

/// Label names with values.
pub const LABELS: Type = Type::Map { key: &Type::LabelName, value: &Type::LabelValue };

/// A mapping of which nothing more is known.
pub const ANY_MAP: Type = Type::Map { key: &Type::String, value: &Type::Any };

/// A mapping with known keys.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// What people call it: `scrape_config`, `Deployment`.
    pub name: &'static str,
    /// The Go type that appears in `field x not found in type config.plain`; empty where no such
    /// message exists.
    pub go_type: &'static str,
    /// Keys whose Go type does not follow from [`Type`], with what Go's messages call the value, its
    /// items or values, and theirs.
    pub go_names: &'static [(&'static str, &'static [&'static str])],
    pub doc: &'static str,
    /// Like [`Field::doc_id`].
    pub doc_id: Option<u16>,
    pub fields: &'static [Field],
    /// Records whose fields are written at the same level, as the HTTP client's settings are.
    pub inline: &'static [&'static Record],
    /// The own key before which Prometheus prints the inlined fields. Empty if it prints them last.
    pub inlined_before: &'static str,
    /// For what concerns several fields. It is called after the fields themselves were checked,
    /// with the record's mapping, or with null.
    pub check: Option<fn(&mut CheckCx<'_>, &Node)>,
}

/// A record without any statement: `..RECORD`.
pub const RECORD: Record = Record {
    name: "",
    go_type: "",
    go_names: &[],
    doc: "",
    doc_id: None,
    fields: &[],
    inline: &[],
    inlined_before: "",
    check: None,
};

impl Record {
    /// The record itself, then the inlined ones, whatever their depth.
    fn with_inlined(&'static self) -> impl Iterator<Item = &'static Record> {
        let mut waiting: Vec<&'static Record> = vec![self];
        std::iter::from_fn(move || {
            let record = waiting.pop()?;
            waiting.extend(record.inline.iter().rev());
            Some(record)
        })
    }

    /// All fields, own ones first, then those of the inlined records.
    pub fn all_fields(&'static self) -> impl Iterator<Item = &'static Field> {
        self.with_inlined().flat_map(|record| record.fields)
    }

    /// What Go's messages call the value of `key`, its items (`depth` 1), or theirs; nothing where
    /// the type itself says it.
    pub fn go_name(&'static self, key: &str, depth: usize) -> Option<&'static str> {
        let mut named = self.with_inlined().flat_map(|record| record.go_names);
        named.find(|(name, _)| *name == key)?.1.get(depth).copied()
    }

    /// All fields in the order in which Prometheus prints them.
    pub fn print_order(&'static self) -> Vec<&'static Field> {
        let place = self.fields.iter().position(|field| field.key == self.inlined_before);
        let (before, after) = self.fields.split_at(place.unwrap_or(self.fields.len()));
        let inlined = self.inline.iter().flat_map(|record| record.all_fields());
        before.iter().chain(inlined).chain(after).collect()
    }

    pub fn field(&'static self, key: &str) -> Option<&'static Field> {
        let own = self.fields.iter().find(|field| field.key == key);
        own.or_else(|| self.inline.iter().find_map(|record| record.field(key)))
    }
}

/// Whose rules of decoding hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Prometheus: strict decoding by Go's yaml.v2.
    Prometheus,
    /// Rule files: strict decoding by Go's yaml.v3.
    Rules,
    /// Kubernetes: YAML turned into JSON, then decoded; field names are strict, kinds are too.
    Kubernetes,
}

/// What a record's check is given beside the node.
pub struct CheckCx<'a> {
    pub file: FileId,
    pub dialect: Dialect,
    /// Keys and indices from the root to the record.
    pub path: &'a [PathSegment],
    pub diagnostics: &'a mut Vec<Diagnostic>,
}
