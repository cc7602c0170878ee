//! The files that a configuration refers to.

use go::path::matches;
use std::collections::BTreeMap;

use yaml::Parsed;

/// A file of the workspace.
#[derive(Clone, Copy, Debug)]
pub struct WorkspaceFile<'a> {
    /// The path relative to the folder of the configuration.
    pub path: &'a str,
    pub parsed: &'a Parsed,
}

/// The files that a configuration refers to: `scrape_config_files`, rule files and files of targets.
pub trait Files {
    /// Files whose path the pattern matches, sorted by path.
    fn matching(&self, pattern: &str) -> Vec<WorkspaceFile<'_>>;

    /// Returns true if all files are known, so that a missing file can be reported.
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
