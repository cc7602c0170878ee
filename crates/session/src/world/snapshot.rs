//! A view of the whole session at one moment, which the presenters and the language features read.

use super::timeline::Timeline;
use crate::analysis::Analysis;
use crate::analysis::cluster::{SelectedPods, selector_place};
use crate::analysis::stored::Difference;
use crate::workspace::sources::Sources;
use kubernetes::openapi::Descriptions;
use protocol::Workspace;
use text::{Diagnostic, FileId, Location, Severity};

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
    pub timeline: &'a Timeline,
    /// The descriptions of Kubernetes fields.
    pub descriptions: &'a Descriptions,
}

impl<'a> Snapshot<'a> {
    /// Returns the diagnostics of a file: all errors, and the findings that are not silenced.
    pub fn diagnostics_of(self, file: FileId) -> impl Iterator<Item = &'a Diagnostic> {
        let silenced = &self.workspace.silenced;
        self.analysis.diagnostics.iter().chain(&self.difference.diagnostics).filter(move |found| {
            let shown = found.severity == Severity::Error
                || !silenced.iter().any(|code| **code == *found.code);
            found.location.file == file && shown && !self.is_untrue_now(found)
        })
    }

    /// Returns true for a finding about a Service without pods that has pods: those of a stored object
    /// whose change is refused.
    fn is_untrue_now(self, found: &Diagnostic) -> bool {
        &*found.code == "service-selects-nothing"
            && !self.difference.refused.is_empty()
            && self.stored_pods(found.location).is_some_and(|pods| pods.selected > 0)
    }

    /// The pods that the stored Service with a selector at this place of the text selects; None if it
    /// is not stored.
    pub fn stored_pods(self, selector: Location) -> Option<SelectedPods> {
        let mut written = self.analysis.state.cluster.services.iter();
        let written = written.find(|service| {
            service.selector_at == Some(selector) || selector_place(service) == Some(selector)
        })?;
        let (namespace, name) = (&written.meta.namespace.value, &written.meta.name.value);
        let cluster = &self.stored.state.cluster;
        let mut services = cluster.services.iter();
        let stored = services.find(|service| {
            service.meta.namespace.value == *namespace && service.meta.name.value == *name
        })?;
        Some(SelectedPods::of(stored, cluster))
    }
}
