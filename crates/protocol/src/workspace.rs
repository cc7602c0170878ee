//! The files of a workspace.

use serde::{Deserialize, Serialize};

use crate::stored::ApplyMode;
use text::FileId;

/// A file with its text as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    pub id: FileId,
    pub name: String,
    pub text: String,
}

/// All files, and the scenario that they come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// The name of a scenario, which defines the programs in containers. Empty if there is none.
    pub scenario: String,
    /// Files in the order of the tabs.
    pub files: Vec<File>,
    /// Codes of findings that are hidden. Errors are shown regardless.
    pub silenced: Vec<String>,
    pub apply_mode: ApplyMode,
    /// The file whose defaults are shown in the text.
    pub defaults_of: Option<FileId>,
    /// The manifests that the stored objects come from; None if they are those of the files. See
    /// [`Stored::files`](crate::Stored::files).
    pub stored: Option<Vec<File>>,
}

impl Workspace {
    /// Creates a workspace from names and texts of files, which are numbered from `first`.
    pub fn from_files<'a>(
        scenario: &str,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        first: u32,
    ) -> Self {
        let files = (first..)
            .zip(files)
            .map(|(id, (name, text))| File {
                id: FileId(id),
                name: name.to_owned(),
                text: text.to_owned(),
            })
            .collect();
        Self { scenario: scenario.to_owned(), files, ..Self::default() }
    }

    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.iter().find(|file| file.id == id)
    }

    pub fn file_mut(&mut self, id: FileId) -> Option<&mut File> {
        self.files.iter_mut().find(|file| file.id == id)
    }
}
