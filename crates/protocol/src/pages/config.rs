//! Page "Config": the effective configuration with the source of each line, and a comparison with
//! another configuration.

use serde::{Deserialize, Serialize};

use super::Note;
use text::{FileId, Location};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    pub compare_with: Comparison,
}

/// The configuration to compare with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    #[default]
    Nothing,
    /// The configuration of the scenario as it opens.
    Original,
    /// Another configuration of the workspace.
    File(FileId),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub query: Query,
    pub lines: Vec<Line>,
    /// The number of lines that are not shown.
    pub more: u32,
    /// The reason why no configuration is in force.
    pub note: Option<Note>,
    /// The possible comparisons, with their titles.
    pub choices: Vec<(Comparison, String)>,
    /// The differences from the other configuration to the one in force, if a comparison is chosen.
    pub changes: Option<Vec<Change>>,
    /// The number of differences that are not shown.
    pub more_changes: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub text: String,
    pub source: LineSource,
    pub location: Option<Location>,
}

/// The source of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineSource {
    #[default]
    /// Not written: the default of the field.
    Default,
    Written,
    /// Inherited from `global`.
    Inherited,
}

/// One difference in meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    /// Empty for the settings of the file.
    pub job: String,
    pub subject: Subject,
    /// A job, a target's URL, a label, or the path of a setting.
    pub name: String,
    /// None if the subject was added.
    pub from: Option<String>,
    /// None if the subject was removed.
    pub to: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subject {
    Job,
    Setting,
    Target,
    Label,
}
