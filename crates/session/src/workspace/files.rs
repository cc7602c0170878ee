//! The workspace as the file system that a configuration refers to.

use std::sync::Arc;

use super::sources::{FileKind, Source, Sources, is_configuration_name};
use go::path::matches as glob_matches;
use prometheus::{Files, WorkspaceFile};
use text::IndexSort;

/// The files of the workspace as a configuration names them.
///
/// A pattern names the files whose path it matches. If there is none, it names the files whose name
/// matches its last element, unless they are in other folders: a workspace often lacks the folders
/// of the machine that its files are for. Rules, files of targets and files of jobs are found in this way.
pub struct WorkspaceFiles<'a>(pub &'a Sources);

/// A file that a pattern names.
pub struct NamedFile<'a> {
    /// The path at which Prometheus reads the file: in the folder of the pattern.
    pub path: String,
    pub source: &'a Arc<Source>,
    /// True if the pattern matches the path of the file in the workspace.
    pub by_path: bool,
}

impl<'a> WorkspaceFiles<'a> {
    /// Returns the files that a pattern names, sorted by path.
    pub fn named(&self, pattern: &str) -> Vec<NamedFile<'a>> {
        let by_path = self.0.iter().filter(|source| glob_matches(pattern, &source.name));
        let mut found: Vec<NamedFile<'a>> = by_path
            .map(|source| NamedFile { path: source.name.clone(), source, by_path: true })
            .collect();
        let (folder, last) = pattern.rsplit_once('/').unwrap_or(("", pattern));
        if found.is_empty() && !folder.contains(['*', '?', '[']) {
            let parts = |source: &'a Arc<Source>| {
                source.name.rsplit_once('/').unwrap_or(("", source.name.as_str()))
            };
            let name = |source: &'a Arc<Source>| parts(source).1;
            // The configuration itself is none of the files that it names.
            let by_name = self.0.iter().filter(|source| {
                let (own, name) = parts(source);
                ends_with(folder, own)
                    && glob_matches(last, name)
                    && !is_configuration_name(&source.name)
            });
            found.extend(by_name.map(|source| {
                let path = match pattern.contains('/') {
                    true => format!("{folder}/{}", name(source)),
                    false => name(source).to_owned(),
                };
                NamedFile { path, source, by_path: false }
            }));
        }
        found.index_sort_by(|one, other| one.path.cmp(&other.path));
        found
    }
}

/// Returns true if a path ends with the folders of another one.
fn ends_with(path: &str, end: &str) -> bool {
    let rest = path.strip_suffix(end);
    rest.is_some_and(|rest| end.is_empty() || rest.is_empty() || rest.ends_with('/'))
}

impl Files for WorkspaceFiles<'_> {
    fn matching(&self, pattern: &str) -> Vec<WorkspaceFile<'_>> {
        let named = self.named(pattern).into_iter();
        named
            .map(|file| WorkspaceFile { path: &file.source.name, parsed: &file.source.parsed })
            .collect()
    }

    /// With manifests, a file that the configuration names can be a key of a ConfigMap.
    fn is_complete(&self) -> bool {
        self.0.of_kind(FileKind::Manifest).next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::File;
    use text::FileId;

    #[test]
    fn a_pattern_names_files_by_path_and_else_by_name() {
        let mut sources = Sources::default();
        let names = ["a.yml", "rules/b.yml", "targets.json", "prometheus.yml"];
        let file = |(id, name): (usize, &&str)| File {
            id: FileId(id as u32),
            name: (*name).into(),
            text: String::new(),
        };
        sources.update(&names.iter().enumerate().map(file).collect::<Vec<_>>());
        let files = WorkspaceFiles(&sources);
        for (pattern, expected) in [
            ("rules/*.yml", &["rules/b.yml true"][..]),
            ("*.yml", &["a.yml true", "prometheus.yml true"]),
            (
                "/etc/prometheus/rules/*.yml",
                &["/etc/prometheus/rules/a.yml false", "/etc/prometheus/rules/b.yml false"],
            ),
            ("sd/targets.json", &["sd/targets.json false"]),
            ("*/targets.json", &[]),
            ("/etc/more/*.yml", &["/etc/more/a.yml false"]),
            ("nothing.yml", &[]),
        ] {
            let named = files.named(pattern).into_iter();
            let found: Vec<String> =
                named.map(|file| format!("{} {}", file.path, file.by_path)).collect();
            assert_eq!(found, expected, "{pattern}");
        }
    }
}
