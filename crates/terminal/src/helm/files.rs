//! The files that helm reads and writes.

use std::collections::BTreeMap;

use go::path::{clean, is_abs, join};
use helm::chart::ChartFile;

/// Files in memory, and the folder in which helm runs.
#[derive(Clone, Debug, Default)]
pub struct Files {
    directory: String,
    /// Contents by absolute path.
    contents: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// Files by absolute path.
    pub fn new(directory: &str, contents: BTreeMap<String, Vec<u8>>) -> Self {
        Self { directory: directory.to_owned(), contents }
    }

    /// The absolute form of a path.
    pub fn absolute(&self, path: &str) -> String {
        if is_abs(path) { clean(path) } else { join(&[&self.directory, path]) }
    }

    /// The content of a file. The error is that of Go.
    pub fn read(&self, path: &str) -> Result<&[u8], String> {
        let content = self.contents.get(&self.absolute(path));
        content.map(Vec::as_slice).ok_or_else(|| {
            if self.is_folder(path) {
                format!("read {path}: is a directory")
            } else {
                format!("open {path}: no such file or directory")
            }
        })
    }

    /// Writes a file.
    pub fn write(&mut self, path: &str, content: Vec<u8>) {
        self.contents.insert(self.absolute(path), content);
    }

    /// All files by absolute path.
    pub fn all(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.contents
    }

    /// Returns true if a file is there.
    pub fn is_file(&self, path: &str) -> bool {
        self.contents.contains_key(&self.absolute(path))
    }

    /// Returns true if a file is below the path.
    pub fn is_folder(&self, path: &str) -> bool {
        self.below(path).next().is_some()
    }

    fn below(&self, path: &str) -> impl Iterator<Item = (&str, &[u8])> {
        let folder = self.absolute(path);
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let from = self.contents.range(folder.clone()..);
        from.map_while(move |(name, content)| {
            name.strip_prefix(&folder).map(|name| (name, content.as_slice()))
        })
    }

    /// The files of a folder with their paths from there.
    pub fn folder(&self, path: &str) -> Vec<ChartFile> {
        self.below(path).map(|(name, content)| ChartFile::new(name, content)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_hold_what_is_below() {
        let contents = [("/w/c/Chart.yaml", "x"), ("/w/c-d/a", "y"), ("/w/c/t/a", "z")];
        let contents =
            contents.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        let files = Files::new("/w", contents.collect());
        let names: Vec<String> = files.folder("./c").into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["Chart.yaml", "t/a"]);
        assert!(files.is_folder("c/t") && !files.is_file("c") && files.is_file("/w/c/t/a"));
        assert_eq!(files.read("n"), Err("open n: no such file or directory".to_owned()));
    }
}
