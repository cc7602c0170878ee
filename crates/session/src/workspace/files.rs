//! The workspace as the file system that a configuration refers to.

use super::sources::{FileKind, Sources};
use go::path::matches as glob_matches;
use prometheus::{Files, WorkspaceFile};
use text::IndexSort;

/// The files of the workspace as a configuration names them: by the name of their tab, in any
/// directory.
pub struct WorkspaceFiles<'a>(pub &'a Sources);

impl Files for WorkspaceFiles<'_> {
    fn matching(&self, pattern: &str) -> Vec<WorkspaceFile<'_>> {
        let last = pattern.rsplit('/').next().unwrap_or(pattern);
        let mut found: Vec<WorkspaceFile<'_>> = self
            .0
            .iter()
            .filter(|source| {
                glob_matches(pattern, &source.name) || glob_matches(last, &source.name)
            })
            .map(|source| WorkspaceFile { path: &source.name, parsed: &source.parsed })
            .collect();
        found.index_sort_by_key(|file| file.path);
        found
    }

    /// With manifests, a file that the configuration names can be a key of a ConfigMap.
    fn is_complete(&self) -> bool {
        self.0.of_kind(FileKind::Manifest).next().is_none()
    }
}
