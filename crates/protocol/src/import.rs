//! Files that are imported: their bytes, and what becomes of them.

use serde::{Deserialize, Serialize};

/// Bytes of all files that an import reads at most, packed and unpacked.
pub const MOST_BYTES: usize = 64 << 20;
/// Files that an import keeps at most.
pub const MOST_FILES: usize = 1_000;

/// A file as the browser gives it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RawFile {
    /// The name, with folders if the file comes from a folder.
    pub name: String,
    #[serde(with = "bytes")]
    pub bytes: Vec<u8>,
    pub from: Given,
}

/// The way in which a file came to the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Given {
    /// The visitor chose it. It is kept whatever its name.
    #[default]
    Chosen,
    /// It is in a folder that the visitor chose. Only files with a known extension are kept.
    Folder,
    /// Pasted text, whose name follows from its content.
    Pasted,
}

/// The files of an import, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    pub files: Vec<ImportedFile>,
    /// The index of the file to show first.
    pub first: usize,
    /// Files that were left out or changed, as sentences.
    pub notes: Vec<String>,
    /// A title for the workspace; empty if the files say nothing about their origin.
    pub title: String,
    /// True if the files hold data of a running system.
    pub live: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFile {
    pub name: String,
    pub text: String,
}

/// Extensions of the files that are kept of a folder or an archive.
pub const EXTENSIONS: [&str; 12] =
    ["yml", "yaml", "json", "prom", "rules", "rule", "args", "gz", "tgz", "tar", "zip", "tpl"];

/// The file with which a chart leaves out files of its folder.
const HELM_IGNORE: &str = ".helmignore";

/// Returns true if a file of a folder or an archive is kept, by its name. Folders of version control
/// and of packages are skipped.
pub fn is_wanted(name: &str) -> bool {
    let (folders, last) = name.rsplit_once('/').unwrap_or(("", name));
    let skipped = |step: &str| step.starts_with('.') || step == "node_modules";
    let extension = last.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_known = || {
        let is_template = extension == "txt" && folders.split('/').any(|step| step == "templates");
        is_template || EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
    };
    !folders.split('/').any(skipped)
        && (last == HELM_IGNORE || !last.starts_with('.') && is_known())
}

/// Bytes as one value, not as a sequence of numbers.
mod bytes {
    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};
    use std::fmt;

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_byte_buf(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_folders_are_told_by_their_extension() {
        for (name, wanted) in [
            ("prometheus.yml", true),
            ("conf/rules/a.RULES", true),
            ("chart.tgz", true),
            ("web/templates/_helpers.tpl", true),
            ("web/templates/NOTES.txt", true),
            ("web/.helmignore", true),
            ("web/notes.txt", false),
            ("README.md", false),
            ("main.go", false),
            ("yml", false),
            (".golangci.yml", false),
            (".github/workflows/ci.yml", false),
            ("web/node_modules/a/package.json", false),
        ] {
            assert_eq!(is_wanted(name), wanted, "{name}");
        }
    }

    #[test]
    fn bytes_travel_as_they_are() {
        let bytes = (0..=255).collect();
        let file = RawFile { name: "a".into(), bytes, from: Given::Folder };
        let sent = crate::encode(&file);
        assert!(sent.len() < 256 + 16, "{}", sent.len());
        assert_eq!(crate::decode::<RawFile>(&sent), Ok(file));
    }
}
