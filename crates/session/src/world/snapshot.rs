//! A view of the whole session at one moment, which the presenters and the language features read.

use super::timeline::Timeline;
use crate::analysis::Analysis;
use crate::analysis::stored::Difference;
use crate::workspace::charts::changes::Renderings;
use crate::workspace::sources::Sources;
use kubernetes::openapi::Descriptions;
use protocol::Workspace;
use text::{Diagnostic, FileId, Severity};

/// The state of a session.
#[derive(Clone, Copy)]
pub struct Snapshot<'a> {
    pub workspace: &'a Workspace,
    pub sources: &'a Sources,
    /// The analysis of the current text, which the language features read.
    pub analysis: &'a Analysis,
    /// The analysis of the stored objects, which the pages of results read.
    pub stored: &'a Analysis,
    /// The difference between the two.
    pub difference: &'a Difference,
    /// Fields of the text that the running cluster has with another value.
    pub drift: &'a [Diagnostic],
    /// The renderings of the charts that were applied.
    pub renderings: &'a Renderings,
    pub timeline: &'a Timeline,
    /// The descriptions of Kubernetes fields.
    pub descriptions: &'a Descriptions,
}

impl<'a> Snapshot<'a> {
    /// Returns the diagnostics of a file: all errors, and the findings that are not silenced.
    pub fn diagnostics_of(self, file: FileId) -> impl Iterator<Item = &'a Diagnostic> {
        let silenced = &self.workspace.silenced;
        let all = self.analysis.diagnostics.iter().chain(&self.difference.diagnostics);
        all.chain(self.drift).filter(move |found| {
            let shown = found.severity == Severity::Error
                || !silenced.iter().any(|code| **code == *found.code);
            found.location.file == file && shown
        })
    }
}
