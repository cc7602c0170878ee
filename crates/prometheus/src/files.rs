//! The other files that a configuration names, as the workspace has them.

use go::path::matches;
use std::collections::BTreeMap;

use yaml::Parsed;

/// A file of the workspace.
#[derive(Clone, Copy, Debug)]
pub struct WorkspaceFile<'a> {
    /// As the configuration would name it, relative to the configuration's folder.
    pub path: &'a str,
    pub parsed: &'a Parsed,
}

/// Where other files are looked up; `scrape_config_files`, rule files, and file discovery.
pub trait Files {
    /// Files whose path the pattern matches, sorted by path.
    fn matching(&self, pattern: &str) -> Vec<WorkspaceFile<'_>>;

    /// Whether a file that is not here is nowhere: only then its absence is worth a word.
    fn is_complete(&self) -> bool {
        true
    }
}

/// A workspace with the main file only.
pub struct NoFiles;

impl Files for NoFiles {
    fn matching(&self, _pattern: &str) -> Vec<WorkspaceFile<'_>> {
        Vec::new()
    }

    fn is_complete(&self) -> bool {
        false
    }
}

impl Files for BTreeMap<String, Parsed> {
    fn matching(&self, pattern: &str) -> Vec<WorkspaceFile<'_>> {
        self.iter()
            .filter(|(path, _)| matches(pattern, path))
            .map(|(path, parsed)| WorkspaceFile { path, parsed })
            .collect()
    }
}
