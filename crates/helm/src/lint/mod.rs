//! The findings of `helm lint`.
//!
//! | file | content |
//! | --- | --- |
//! | `manifest` | Chart.yaml |
//! | `templates` | values.yaml, rendered templates, dependencies, custom resource definitions |
//! | `deprecations` | deprecated API versions |
//!
//! Source: helm pkg/chart/v2/lint, pkg/action lint.go.

mod deprecations;
mod manifest;
mod templates;

use std::fmt;

use go::template::Entries;

use crate::capabilities::KubeVersion;
use crate::chart::ChartFile;
use crate::log::Log;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// A finding about a file of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub severity: Severity,
    /// The file, or the folder.
    pub path: String,
    pub text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        write!(f, "[{severity}] {}: {}", self.path, self.text)
    }
}

/// A chart to look at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The files of the chart's folder.
    pub files: &'a [ChartFile],
    /// The absolute path of the folder.
    pub location: &'a str,
    /// The user's values.
    pub values: &'a Entries,
    pub namespace: &'a str,
    pub kube_version: Option<&'a KubeVersion>,
    pub skip_schema: bool,
}

impl Subject<'_> {
    fn file(&self, name: &str) -> Option<&ChartFile> {
        self.files.iter().find(|file| file.name == name)
    }

    fn has_folder(&self, name: &str) -> bool {
        self.files
            .iter()
            .any(|file| file.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')))
    }
}

/// The findings so far.
#[derive(Debug, Default)]
struct Linter {
    messages: Vec<Message>,
}

impl Linter {
    /// Adds an error as a finding. Returns true if there was none.
    fn check(&mut self, severity: Severity, path: &str, result: Result<(), String>) -> bool {
        let Err(text) = result else { return true };
        self.messages.push(Message { severity, path: path.to_owned(), text });
        false
    }
}

/// All findings of a chart. Source: lint.go `RunAll`.
pub fn run(subject: Subject<'_>, log: &mut Log) -> Vec<Message> {
    let mut linter = Linter::default();
    manifest::check(&mut linter, subject);
    templates::check_values(&mut linter, subject, log);
    templates::check_templates(&mut linter, subject, log);
    templates::check_dependencies(&mut linter, subject, log);
    templates::check_crds(&mut linter, subject, log);
    linter.messages
}
