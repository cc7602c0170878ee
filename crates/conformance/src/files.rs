//! Reads files and folders of the data in a stable order.

use std::path::{Path, PathBuf};

use serde_json::Value;

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Returns the files of a folder whose names have one of the endings, sorted by name.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut paths = entries(folder);
    paths.retain(|path| {
        path.is_file() && endings.iter().any(|ending| file_name(path).ends_with(ending))
    });
    paths
}

/// Returns the subfolders of a folder, sorted by name.
pub fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut paths = entries(folder);
    paths.retain(|path| path.is_dir());
    paths
}

/// Returns the last part of a path.
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the text of a file, empty if it cannot be read. Bytes that are not UTF-8 become U+FFFD.
pub fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

/// Returns the JSON of a file, null if it has none.
pub fn json(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_default()
}

/// Returns the items of a JSON list, none if the value is not a list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The words of a recorded command line. Quotes of the shell keep blanks.
pub fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in command.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c == ' ' => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
