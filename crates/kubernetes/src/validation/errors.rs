//! Field paths and error lists, printed as Kubernetes prints them.
//!
//! Source: apimachinery pkg/util/validation/field.

use std::fmt;

use crate::object::{Value, to_json};

/// A path in an object, built on the stack: `spec.ports[0].port`.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    above: Option<&'a Path<'a>>,
    element: PathElement<'a>,
}

#[derive(Clone, Copy)]
enum PathElement<'a> {
    Field(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    /// A path of one field.
    pub const fn new(field: &'a str) -> Self {
        Self { above: None, element: PathElement::Field(field) }
    }

    /// A field below this one.
    pub const fn child<'b>(&'b self, field: &'b str) -> Path<'b> {
        Path { above: Some(self), element: PathElement::Field(field) }
    }

    /// An item of the list.
    pub const fn index(&self, index: usize) -> Path<'_> {
        Path { above: Some(self), element: PathElement::Index(index) }
    }

    /// A key of the mapping: `limits[cpu]`.
    pub const fn key<'b>(&'b self, key: &'b str) -> Path<'b> {
        Path { above: Some(self), element: PathElement::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.fmt(f)?;
        }
        match self.element {
            PathElement::Field("") => Ok(()),
            PathElement::Field(name) if self.above.is_some() => write!(f, ".{name}"),
            PathElement::Field(name) => f.write_str(name),
            PathElement::Index(index) => write!(f, "[{index}]"),
            PathElement::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// An error of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    NotFound,
    Required,
    Duplicate,
    Invalid,
    NotSupported,
    Forbidden,
    TooLong,
    TooMany,
    /// A value of another type than the schema has. It reads as an invalid value.
    TypeInvalid,
}

/// A rule whose errors have a fix of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The selector of a workload selects the pods of its template.
    SelectorMatchesTemplate,
}

impl Rule {
    /// The detail of an error of this rule.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::SelectorMatchesTemplate => "`selector` does not match template `labels`",
        }
    }
}

/// One error of validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field, as `spec.ports[0].port`.
    pub path: String,
    pub kind: ErrorKind,
    /// The message without the path: `Invalid value: 0: must be …`.
    pub message: String,
    /// The rule that the field breaks, if it is one of [`Rule`].
    pub rule: Option<Rule>,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// A value as it appears in a message.
pub struct Bad(String);

impl Bad {
    /// A value that is printed as it is, as JSON of internal types.
    pub fn raw(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Bad {
    fn from(text: &str) -> Self {
        Self(go::quote::quote(text))
    }
}

impl From<&String> for Bad {
    fn from(text: &String) -> Self {
        Self(go::quote::quote(text))
    }
}

impl From<i64> for Bad {
    fn from(int: i64) -> Self {
        Self(int.to_string())
    }
}

impl From<bool> for Bad {
    fn from(bool: bool) -> Self {
        Self(bool.to_string())
    }
}

impl From<&Value> for Bad {
    fn from(value: &Value) -> Self {
        match value {
            Value::String(text) => Self(go::quote::quote(text)),
            other => Self(to_json(other)),
        }
    }
}

/// Errors in the order in which the API server finds them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    pub list: Vec<FieldError>,
}

impl Errors {
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn push(&mut self, path: &Path<'_>, kind: ErrorKind, head: String, detail: &str) {
        let message = if detail.is_empty() { head } else { format!("{head}: {detail}") };
        self.list.push(FieldError { path: path.to_string(), kind, message, rule: None });
    }

    pub fn required(&mut self, path: &Path<'_>, detail: &str) {
        self.push(path, ErrorKind::Required, "Required value".to_owned(), detail);
    }

    pub fn invalid(&mut self, path: &Path<'_>, bad: impl Into<Bad>, detail: &str) {
        let head = format!("Invalid value: {}", bad.into().0);
        self.push(path, ErrorKind::Invalid, head, detail);
    }

    /// An invalid value that breaks a rule.
    pub fn breaks(&mut self, path: &Path<'_>, bad: impl Into<Bad>, rule: Rule) {
        self.invalid(path, bad, rule.detail());
        if let Some(last) = self.list.last_mut() {
            last.rule = Some(rule);
        }
    }

    /// An error about a value that is not shown.
    pub fn invalid_without_value(&mut self, path: &Path<'_>, detail: &str) {
        self.push(path, ErrorKind::Invalid, "Invalid value".to_owned(), detail);
    }

    /// One error for each message, about a text.
    pub fn invalid_each(&mut self, path: &Path<'_>, bad: &str, messages: Vec<String>) {
        for message in messages {
            self.invalid(path, bad, &message);
        }
    }

    pub fn duplicate(&mut self, path: &Path<'_>, bad: impl Into<Bad>) {
        let head = format!("Duplicate value: {}", bad.into().0);
        self.push(path, ErrorKind::Duplicate, head, "");
    }

    pub fn duplicate_with(&mut self, path: &Path<'_>, bad: impl Into<Bad>, detail: &str) {
        let head = format!("Duplicate value: {}", bad.into().0);
        self.push(path, ErrorKind::Duplicate, head, detail);
    }

    pub fn not_found(&mut self, path: &Path<'_>, bad: &str, detail: &str) {
        let head = format!("Not found: {}", go::quote::quote(bad));
        self.push(path, ErrorKind::NotFound, head, detail);
    }

    pub fn forbidden(&mut self, path: &Path<'_>, detail: &str) {
        self.push(path, ErrorKind::Forbidden, "Forbidden".to_owned(), detail);
    }

    pub fn too_long(&mut self, path: &Path<'_>, limit: usize) {
        let detail = format!("may not be more than {limit} bytes");
        self.push(path, ErrorKind::TooLong, "Too long".to_owned(), &detail);
    }

    pub fn too_many(&mut self, path: &Path<'_>, items: usize, limit: i64) {
        let detail = format!("must have at most {limit} item{}", if limit == 1 { "" } else { "s" });
        self.push(path, ErrorKind::TooMany, format!("Too many: {items}"), &detail);
    }

    pub fn type_invalid(&mut self, path: &Path<'_>, bad: impl Into<Bad>, detail: &str) {
        let head = format!("Invalid value: {}", bad.into().0);
        self.push(path, ErrorKind::TypeInvalid, head, detail);
    }

    /// The supported values are listed in the order given.
    pub fn not_supported(&mut self, path: &Path<'_>, bad: impl Into<Bad>, supported: &[&str]) {
        let head = format!("Unsupported value: {}", bad.into().0);
        let quoted: Vec<String> = supported.iter().map(|one| go::quote::quote(one)).collect();
        let detail = format!("supported values: {}", quoted.join(", "));
        self.push(path, ErrorKind::NotSupported, head, &detail);
    }

    /// An error unless the text is one of the supported values.
    pub fn one_of(&mut self, path: &Path<'_>, text: &str, supported: &[&str]) {
        if !supported.contains(&text) {
            self.not_supported(path, text, supported);
        }
    }

    /// As `one_of`, with `Required value` for an empty text.
    pub fn required_one_of(&mut self, path: &Path<'_>, text: &str, supported: &[&str]) {
        if text.is_empty() {
            self.required(path, "");
        } else {
            self.one_of(path, text, supported);
        }
    }

    pub fn non_negative(&mut self, path: &Path<'_>, value: i64) {
        if value < 0 {
            self.invalid(path, value, "must be greater than or equal to 0");
        }
    }

    /// An error if the value differs from the stored one.
    pub fn immutable(&mut self, path: &Path<'_>, new: &Value, old: &Value) {
        if new != old {
            self.invalid(path, new, "field is immutable");
        }
    }

    /// Lists the errors as a status message does: one alone, several in brackets.
    pub fn to_aggregate(&self) -> String {
        let mut seen: Vec<String> = Vec::new();
        for error in &self.list {
            let text = error.to_string();
            if !seen.contains(&text) {
                seen.push(text);
            }
        }
        match seen.len() {
            1 => seen.remove(0),
            _ => format!("[{}]", seen.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_printed_in_kubernetes_words() {
        let spec = Path::new("spec");
        let ports = spec.child("ports");
        let mut errors = Errors::default();
        errors.invalid(&ports.index(0).child("port"), 0, "must be between 1 and 65535, inclusive");
        errors.required(&spec.child("selector"), "");
        errors.not_supported(&spec.child("type"), "x", &["A", "B"]);
        errors.duplicate(&spec.child("hard").key("cpu"), "TCP//80");
        errors.forbidden(&spec, "may not");
        errors.too_long(&Path::new(""), 5);
        errors.not_found(&spec.child("name"), "a", "");
        let texts: Vec<String> = errors.list.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                "spec.selector: Required value",
                "spec.type: Unsupported value: \"x\": supported values: \"A\", \"B\"",
                "spec.hard[cpu]: Duplicate value: \"TCP//80\"",
                "spec: Forbidden: may not",
                ": Too long: may not be more than 5 bytes",
                "spec.name: Not found: \"a\"",
            ]
        );
    }
}
