//! Findings of a schema and how they print.
//!
//! Source: santhosh-tekuri/jsonschema v6 output.go, kind/kind.go.

/// The keyword of the schema that a value violates.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// The path to the value.
    pub place: Vec<String>,
    pub message: String,
    pub kind: Kind,
    pub causes: Vec<Finding>,
}

/// The findings that are joined with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Several findings of one schema.
    Group,
    /// The findings of a schema that is referred to.
    Reference,
    Other,
}

impl Finding {
    pub fn new(place: &[String], message: impl Into<String>) -> Self {
        let message = message.into();
        Self { place: place.to_vec(), message, kind: Kind::Other, causes: Vec::new() }
    }

    pub fn with(self, causes: Vec<Finding>) -> Self {
        Self { causes, ..self }
    }

    /// One finding for those of a schema; None if there are none.
    pub fn group(place: &[String], mut findings: Vec<Finding>) -> Option<Self> {
        match findings.len() {
            0 => None,
            1 => findings.pop(),
            _ => {
                let kind = Kind::Group;
                let group = Self { kind, ..Self::new(place, "validation failed") };
                Some(group.with(findings))
            }
        }
    }

    /// The finding of a schema that is reached by a reference.
    pub fn reference(place: &[String], finding: Finding) -> Self {
        let reference = Self { kind: Kind::Reference, ..Self::new(place, "validation failed") };
        match finding.kind {
            Kind::Group => reference.with(finding.causes),
            _ => reference.with(vec![finding]),
        }
    }

    /// The lines below the root. The library has no order; here they are sorted.
    pub fn print_causes(&self) -> String {
        let causes = match self.kind {
            Kind::Group => &self.causes,
            _ => std::slice::from_ref(self),
        };
        sorted(causes, 0).join("\n")
    }

    fn print(&self, indent: usize) -> String {
        if self.kind == Kind::Reference
            && let [only] = self.causes.as_slice()
        {
            return only.print(indent);
        }
        let place: String = self.place.iter().map(|part| format!("/{}", escape(part))).collect();
        let mut lines =
            vec![format!("{}- at {}: {}", "  ".repeat(indent), quote(&place), self.message)];
        lines.extend(sorted(&self.causes, indent + 1));
        lines.join("\n")
    }
}

fn sorted(findings: &[Finding], indent: usize) -> Vec<String> {
    let mut blocks: Vec<String> = findings.iter().map(|one| one.print(indent)).collect();
    blocks.sort();
    blocks
}

/// A part of a JSON pointer.
fn escape(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// A text in single quotes.
pub(super) fn quote(text: &str) -> String {
    let quoted = go::quote::quote(text).replace("\\\"", "\"").replace('\'', "\\'");
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    format!("'{inside}'")
}

/// Texts in single quotes.
pub(super) fn quoted<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}

/// A scalar as it is shown.
pub(super) fn display(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => quote(text),
        serde_json::Value::Null => "<nil>".to_owned(),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => "value".to_owned(),
        other => other.to_string(),
    }
}
