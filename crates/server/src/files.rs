//! The files that a process can read.

use std::collections::{BTreeMap, BTreeSet};

use go::path::{clean, dir, join, matches as glob_matches};

/// Symbolic links that lead from one to the next, at most. Source: Linux `MAXSYMLINKS`.
const MAX_LINKS: usize = 40;

/// Files in memory, as a process with a working directory sees them.
#[derive(Clone, Debug, Default)]
pub struct Files {
    working_directory: String,
    /// Texts by absolute path.
    texts: BTreeMap<String, String>,
    /// Symbolic links by absolute path, each with what it points to.
    links: BTreeMap<String, String>,
    /// Paths that the user of the process may not read.
    unreadable: BTreeSet<String>,
    /// Absolute paths of folders that exist even if they are empty.
    folders: BTreeSet<String>,
}

impl Files {
    /// Files by absolute path, seen from an absolute folder.
    pub fn new(
        working_directory: impl Into<String>,
        texts: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self {
            working_directory: working_directory.into(),
            texts: texts.into_iter().collect(),
            links: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            folders: BTreeSet::new(),
        }
    }

    /// The absolute path, without `.` and `..`.
    pub fn absolute(&self, path: &str) -> String {
        let joined = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("{}/{path}", self.working_directory),
        };
        clean(&joined)
    }

    /// The absolute path after symbolic links.
    fn real(&self, path: &str) -> String {
        let mut path = self.absolute(path);
        for _ in 0..MAX_LINKS {
            let inside = |link: &str| {
                path.strip_prefix(link).filter(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let found = self.links.iter().find_map(|(link, to)| Some((link, to, inside(link)?)));
            let Some((link, to, rest)) = found else { return path };
            let target = match to.starts_with('/') {
                true => to.clone(),
                false => join(&[&dir(link), to]),
            };
            path = clean(&format!("{target}{rest}"));
        }
        path
    }

    /// Makes a symbolic link, or changes what it points to.
    pub fn link(&mut self, path: &str, to: &str) {
        self.links.insert(self.absolute(path), to.to_owned());
    }

    /// Gives a file or a symbolic link another name. What had that name is replaced.
    pub fn rename(&mut self, from: &str, to: &str) {
        let (from, to) = (self.absolute(from), self.absolute(to));
        if let Some(target) = self.links.remove(&from) {
            self.texts.remove(&to);
            self.links.insert(to, target);
        } else if let Some(text) = self.texts.remove(&from) {
            self.links.remove(&to);
            self.texts.insert(to, text);
        }
    }

    /// The text of a file. The error is that of Go's `os.ReadFile`.
    pub fn read(&self, path: &str) -> Result<&str, String> {
        let absolute = self.real(path);
        if self.unreadable.contains(&absolute) {
            return Err(format!("open {path}: permission denied"));
        }
        match self.texts.get(&absolute) {
            Some(text) => Ok(text),
            None if self.is_folder(path) => Err(format!("read {path}: is a directory")),
            None => Err(format!("open {path}: no such file or directory")),
        }
    }

    /// Writes a file.
    pub fn write(&mut self, path: &str, text: impl Into<String>) {
        self.texts.insert(self.real(path), text.into());
    }

    pub fn remove(&mut self, path: &str) {
        let path = self.absolute(path);
        if self.links.remove(&path).is_none() {
            self.texts.remove(&path);
        }
    }

    /// Makes a folder, which may stay empty.
    pub fn add_folder(&mut self, path: &str) {
        self.folders.insert(self.absolute(path));
    }

    /// All files: absolute paths and texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Takes the right to read a file away.
    pub fn forbid(&mut self, path: &str) {
        self.unreadable.insert(self.absolute(path));
    }

    pub fn exists(&self, path: &str) -> bool {
        self.texts.contains_key(&self.real(path)) || self.is_folder(path)
    }

    /// True for a file, false for a folder, None if nothing has the path.
    pub fn is_file(&self, path: &str) -> Option<bool> {
        match self.texts.contains_key(&self.real(path)) {
            true => Some(true),
            false => self.is_folder(path).then_some(false),
        }
    }

    fn is_folder(&self, path: &str) -> bool {
        let path = self.real(path);
        let prefix = format!("{}/", path.trim_end_matches('/'));
        path == self.working_directory
            || self
                .folders
                .range(path.clone()..)
                .next()
                .is_some_and(|one| *one == path || one.starts_with(&prefix))
            || self.texts.keys().any(|one| one.starts_with(&prefix))
    }

    /// Paths that a pattern matches, in the form of the pattern: relative ones stay relative.
    /// Source: path/filepath `Glob`.
    pub fn glob(&self, pattern: &str) -> Vec<String> {
        if !pattern.contains(['*', '?', '[', '\\']) {
            return if self.exists(pattern) { vec![pattern.to_owned()] } else { Vec::new() };
        }
        let relative = !pattern.starts_with('/');
        let prefix = format!("{}/", self.working_directory.trim_end_matches('/'));
        let mut found = BTreeSet::new();
        let links = self.links.keys().filter(|link| self.is_file(link) == Some(true));
        for path in self.texts.keys().chain(links) {
            let shown = match relative {
                true => match path.strip_prefix(&prefix) {
                    Some(inside) => inside,
                    None => continue,
                },
                false => path,
            };
            if glob_matches(pattern, shown) {
                found.insert(shown.to_owned());
            }
        }
        found.into_iter().collect()
    }
}

/// A path that a file names, relative to the folder of that file.
/// Source: common/config `JoinDir`.
pub fn beside(file: &str, path: &str) -> String {
    if path.is_empty() || path.starts_with('/') {
        return path.to_owned();
    }
    join(&[&dir(file), path])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let texts = ["/w/a.yml", "/w/r/b.yml", "/w/r/c.yml", "/x/d.yml"];
        Files::new("/w", texts.map(|path| (path.to_owned(), path.to_owned())))
    }

    #[test]
    fn patterns_keep_their_form() {
        for (pattern, expected) in [
            ("r/*.yml", &["r/b.yml", "r/c.yml"][..]),
            ("/w/r/*.yml", &["/w/r/b.yml", "/w/r/c.yml"]),
            ("a.yml", &["a.yml"]),
            ("gone.yml", &[]),
            ("r", &["r"]),
        ] {
            assert_eq!(files().glob(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn links_are_followed() {
        let mut files = Files::new("/w", [("/w/..v1/a".to_owned(), "1".to_owned())]);
        files.write("/w/..v2/a", "2");
        files.link("/w/..data", "..v1");
        files.link("/w/a", "..data/a");
        assert_eq!(files.read("a"), Ok("1"));
        assert_eq!(files.glob("/w/*"), ["/w/a"]);
        files.link("/w/..tmp", "..v2");
        files.rename("/w/..tmp", "/w/..data");
        assert_eq!(files.read("/w/a"), Ok("2"));
        files.link("/w/x", "y");
        files.link("/w/y", "x");
        assert!(files.read("x").is_err());
        files.remove("a");
        assert!(!files.exists("/w/a"));
    }

    #[test]
    fn files_are_read() {
        let files = files();
        assert_eq!(files.read("./r/../a.yml"), Ok("/w/a.yml"));
        assert_eq!(files.read("r"), Err("read r: is a directory".to_owned()));
        assert_eq!(files.read("b"), Err("open b: no such file or directory".to_owned()));
        assert_eq!(files.is_file("r"), Some(false));
    }

    #[test]
    fn paths_are_joined() {
        for (file, path, expected) in [
            ("p.yml", "r/*.yml", "r/*.yml"),
            ("c/p.yml", "../r/a", "r/a"),
            ("c/p.yml", "/a", "/a"),
            ("/c/p.yml", "./a", "/c/a"),
        ] {
            assert_eq!(beside(file, path), expected);
        }
    }
}
