//! Page "Chart": what the templates of a chart render, and what the last change of the text changed.

use serde::{Deserialize, Serialize};

use text::{FileId, Location};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// The file in the editor. Its chart is shown, and what it renders if it is a template.
    pub file: FileId,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Name and version of the chart; empty if the workspace has no chart.
    pub name: String,
    pub version: String,
    /// The command that makes the release: `helm install web ./web`.
    pub command: String,
    /// True if the chart is not installed.
    pub is_absent: bool,
    /// The message of Helm if the chart does not render, and its place.
    pub failure: Option<(String, Location)>,
    pub templates: Vec<Template>,
    /// What the open template renders.
    pub open: Option<Rendered>,
    /// What the last change of a file of the chart changed in the rendered text.
    pub changes: Vec<Change>,
    /// The number of changed lines that are not shown.
    pub more_changes: u32,
    /// The rendered NOTES.txt.
    pub notes: String,
}

/// A template of the chart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// The path in the chart: `templates/service.yaml`.
    pub path: String,
    pub at: Location,
    /// The objects that it renders: `Service web`.
    pub objects: Vec<String>,
    /// True for the file in the editor.
    pub is_open: bool,
}

/// A rendered text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    pub path: String,
    pub lines: Vec<Line>,
    /// The number of lines that are left out.
    pub more: u32,
}

/// A line of rendered text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub text: String,
    /// The place in the template.
    pub at: Option<Location>,
    /// The file of the place if it is not the open template.
    pub file: Option<String>,
    /// True if the line stands in the template as it is.
    pub verbatim: bool,
    /// The values that the line was made of, with their places in the files of values.
    pub values: Vec<(String, Option<Location>)>,
}

/// The difference of a rendered file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub path: String,
    pub at: Option<Location>,
    pub lines: Vec<ChangedLine>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangedLine {
    pub text: String,
    pub kind: LineKind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineKind {
    #[default]
    Same,
    Removed,
    Added,
    /// Lines are left out here.
    Gap,
}

/// The most lines of a rendered text in a view.
pub const LINES: usize = 3_000;
/// The most lines of differences in a view.
pub const CHANGED_LINES: usize = 400;
