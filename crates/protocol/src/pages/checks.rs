//! Page "Checks": the documentation of every check, with the number of its findings.

use serde::{Deserialize, Serialize};

use text::Location;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Shows only codes whose name or title contains this text; empty for all.
    pub search: String,
    /// The code whose documentation is open.
    pub open: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub query: Query,
    /// Checks with findings first, then by name.
    pub checks: Vec<Check>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub code: String,
    pub title: String,
    /// The number of findings in all files, including silenced ones.
    pub found: u32,
    pub first: Option<Location>,
    pub silenced: bool,
    /// The documentation, if the code is open.
    pub page: Option<Page>,
}

/// The documentation of a code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub paragraphs: Vec<String>,
    /// A file with the finding.
    pub example: String,
    /// The findings in this workspace, with their places; only the first if there are many.
    pub here: Vec<(String, Location)>,
    /// Changes between versions of Prometheus; empty for most checks.
    pub changes: Vec<Change>,
}

/// A change between two versions of Prometheus. The texts have code in backquotes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub area: String,
    pub before: String,
    pub after: String,
    /// True if the change bears on this workspace; None if the files do not tell.
    pub here: Option<bool>,
}
