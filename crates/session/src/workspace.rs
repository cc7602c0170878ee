//! The files that are open.

use serde::{Deserialize, Serialize};

use scenarios::Scenario;
use text::FileId;

/// A file with its text as typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    pub id: FileId,
    pub name: String,
    pub text: String,
}

/// All files, and the scenario they began as.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// The name of a scenario; it says what containers answer. Empty where there is none.
    pub scenario: String,
    /// In the order of the tabs.
    pub files: Vec<File>,
    /// Codes of findings that nobody wants to see; errors are shown all the same.
    pub silenced: Vec<String>,
}

impl Workspace {
    /// The files of a scenario, numbered from `first`.
    pub fn of_scenario(scenario: &Scenario, first: u32) -> Self {
        let files = (first..)
            .zip((scenario.files)())
            .map(|(id, file)| File {
                id: FileId(id),
                name: file.name.to_owned(),
                text: file.text.to_owned(),
            })
            .collect();
        Self { scenario: scenario.name.to_owned(), files, ..Self::default() }
    }

    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.iter().find(|file| file.id == id)
    }

    pub fn file_mut(&mut self, id: FileId) -> Option<&mut File> {
        self.files.iter_mut().find(|file| file.id == id)
    }
}
