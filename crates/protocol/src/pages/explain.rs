//! Page "Explain": the field at the cursor.

use serde::{Deserialize, Serialize};

use text::{Diagnostic, FileId, Location};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    pub file: FileId,
    pub offset: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The keys from the root to the place, outermost first.
    pub path: Vec<Crumb>,
    /// The key at the place.
    pub title: String,
    /// The type in words: `duration`, `list of scrape_config`.
    pub kind: String,
    /// True if the key is a known field of its section.
    pub known: bool,
    /// The documentation, as paragraphs.
    pub doc: Vec<String>,
    /// Effects of the value in this workspace.
    pub consequences: Vec<Consequence>,
    /// Names and values: default, value in force, version.
    pub facts: Vec<(String, String)>,
    /// Frequent mistakes with this field.
    pub mistakes: Vec<String>,
    pub example: Option<String>,
    /// Allowed values with their descriptions, for enums.
    pub allowed: Vec<(String, String)>,
    /// Findings at this place.
    pub findings: Vec<Diagnostic>,
    /// The keys of a section, each with the first sentence of its documentation.
    pub siblings: Vec<(String, String)>,
    pub location: Option<Location>,
    /// The stored object of the manifest at the cursor, if the API server accepts it.
    pub stored: Option<StoredObject>,
    /// The refusal of the manifest at the cursor, in the words of kubectl.
    pub refusal: Option<String>,
    /// The object at the cursor and what it is connected with, in this workspace.
    pub picture: Option<Picture>,
    /// The disk and the memory that the simulated server needs.
    pub storage: Option<Estimate>,
}

/// A chain of objects and fields that belong together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The question that it answers: `What is a Service?`
    pub title: String,
    /// The answer, in a sentence or two.
    pub text: String,
    /// The parts in their order.
    pub parts: Vec<Part>,
}

/// A part of a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// What it is: `key`, `selector`.
    pub what: String,
    /// The value in this workspace; empty if there is none, where the chain is broken.
    pub value: String,
    pub at: Option<Location>,
}

/// A calculation, with what follows from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Names and values.
    pub rows: Vec<(String, String)>,
    pub verdicts: Vec<Consequence>,
}

/// An object as `kubectl get -o yaml` prints it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredObject {
    pub kind: String,
    pub name: String,
    pub lines: Vec<StoredLine>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredLine {
    pub text: String,
    /// The key in the manifest; None for a line that was filled in.
    pub at: Option<Location>,
    /// The origin of a line that the manifest does not have.
    pub filled: Option<Filled>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    /// `default`, or the part of Kubernetes that sets the field.
    pub by: String,
    /// The effects of the value, as sentences; empty for most fields.
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crumb {
    pub label: String,
    pub location: Location,
}

/// A sentence, and the places that it mentions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consequence {
    pub text: String,
    /// False if the sentence describes a problem.
    pub good: bool,
    pub links: Vec<(String, Location)>,
}
