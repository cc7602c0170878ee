//! Declarations of fields and records.
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
//!     doc: "Defaults for every job that does not set them itself.",
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
    /// True if the field must be set.
    pub required: bool,
    /// The message of the real program if the field is missing: `job_name is empty`. Empty if it has
    /// none.
    pub missing: &'static str,
    pub default: DefaultValue,
    /// True if Prometheus replaces a written zero value by the default, as it does for intervals of
    /// `global`. It always does so if the default is inherited or derived.
    pub zero_is_unset: bool,
    /// True if Prometheus prints the field even if it has the zero value: its Go tag has no
    /// `omitempty`.
    pub always_printed: bool,
    /// A short note for the end of the line. A placeholder `{…}` is replaced by a hook. A note with an
    /// unknown placeholder is not shown. `{value}` is the value in force.
    pub note: &'static str,
    /// The description. Paragraphs are separated by an empty line.
    pub doc: &'static str,
    /// The index of the description among those that are loaded when needed, if [`Field::doc`] is empty.
    pub doc_id: Option<u16>,
    /// Common mistakes. Empty if there are none.
    pub mistakes: &'static str,
    /// An example in YAML with this key at its first level, `scrape_interval: 15s`.
    pub example: &'static str,
    pub since: Version,
    pub deprecated: Option<Deprecated>,
    /// True if the value is masked wherever a configuration is shown.
    pub secret: bool,
}

/// A field with all attributes at their defaults, for `..FIELD`.
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

/// The value in force if a field is not written.
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
    /// The default as it would be written in YAML. Returns None if it is not a literal.
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
    /// The replacement, as a sentence or a key. Never empty.
    pub instead: &'static str,
    /// The record and the field in it that replace a string, if the value stays the same.
    pub moved: Option<(&'static str, &'static str)>,
}

/// A value of an enum and its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    pub value: &'static str,
    pub doc: &'static str,
}

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Any value. It is not checked further.
    Any,
    Bool,
    /// An integer in a range. The bounds are included.
    Int {
        min: i64,
        max: i64,
    },
    Uint {
        max: u64,
    },
    Float,
    String,
    /// `15s`, `1h30m`. `zero` is true if 0 is allowed.
    Duration {
        zero: bool,
    },
    /// Bytes with a unit, `512MB`, as `github.com/alecthomas/units` reads them.
    Size,
    /// An absolute URL with scheme and host.
    Url,
    /// A file path. `glob` is true if `*` is allowed.
    Path {
        glob: bool,
    },
    /// A string that must not be shown.
    Secret,
    LabelName,
    LabelValue,
    MetricName,
    /// RE2, anchored at both ends.
    Regex,
    /// A replacement with `$1`, `${name}`.
    Replacement,
    /// A template of Go's text/template.
    Template,
    PromQl,
    /// A time as RFC 3339 writes it.
    Time,
    /// Base64.
    Bytes,
    /// A quantity of Kubernetes, `500m`, `1Gi`.
    Quantity,
    Enum(&'static [Allowed]),
    List(&'static Type),
    Map {
        key: &'static Type,
        value: &'static Type,
    },
    Record(&'static Record),
    /// One of several types. If none matches, the error of the first one is reported.
    OneOf(&'static [Type]),
}

/// A list of strings.
pub const STRINGS: Type = Type::List(&Type::String);

/// Label names with values.
pub const LABELS: Type = Type::Map { key: &Type::LabelName, value: &Type::LabelValue };

/// A mapping with unknown keys and values.
pub const ANY_MAP: Type = Type::Map { key: &Type::String, value: &Type::Any };

/// A mapping with known keys.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// The name: `scrape_config`, `Deployment`.
    pub name: &'static str,
    /// The Go type in the message `field x not found in type config.plain`. Empty if there is no such
    /// message.
    pub go_type: &'static str,
    /// Keys whose Go type does not follow from [`Type`], with the Go types of the value, of its items
    /// or values, and of theirs.
    pub go_names: &'static [(&'static str, &'static [&'static str])],
    pub doc: &'static str,
    /// Like [`Field::doc_id`].
    pub doc_id: Option<u16>,
    pub fields: &'static [Field],
    /// Records whose fields are written at the same level, as the HTTP client's settings are.
    pub inline: &'static [&'static Record],
    /// The own key before which Prometheus prints the inlined fields. Empty if it prints them last.
    pub inlined_before: &'static str,
    /// Checks that concern several fields. It is called after the checks of the single fields, with
    /// the mapping of the record, or with null.
    pub check: Option<fn(&mut CheckCx<'_>, &Node)>,
}

/// A record with all attributes at their defaults, for `..RECORD`.
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
    /// The record itself and all inlined records, at any depth.
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

    /// The Go type of the value of `key` (`depth` 0), of its items (1), or of theirs (2). Returns None
    /// if it follows from the type.
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

/// The decoder whose rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Prometheus: strict decoding by Go's yaml.v2.
    Prometheus,
    /// Rule files: strict decoding by Go's yaml.v3.
    Rules,
    /// Kubernetes: YAML is converted to JSON and decoded strictly.
    Kubernetes,
}

/// The context of the check of a record.
pub struct CheckCx<'a> {
    pub file: FileId,
    pub dialect: Dialect,
    /// Keys and indices from the root to the record.
    pub path: &'a [PathSegment],
    pub diagnostics: &'a mut Vec<Diagnostic>,
}
