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

/// A bit of the ids of rendered files. The lower bits are those of the template.
const RENDERED: u32 = 1 << 29;
/// The bits of the id of a template, and those that number the files that it is rendered to.
const TEMPLATE: u32 = (1 << 20) - 1;
const NUMBER_SHIFT: u32 = 20;
const NUMBERS: u32 = 1 << 9;
/// The higher bits. Files with left-over objects have the highest one.
const HIGHER: u32 = 0b11 << 30;

/// The id of a file that a template of a chart is rendered to. A template has several if its chart is
/// there under several names. None if there is no id left.
pub fn rendered_id(template: FileId, number: u32) -> Option<FileId> {
    (number < NUMBERS && template.0 <= TEMPLATE)
        .then_some(FileId(RENDERED | (number << NUMBER_SHIFT) | template.0))
}

/// The template of a rendered file, and of a file with objects that are left over of it.
pub fn template_of(file: FileId) -> Option<FileId> {
    let own = file.0 & !crate::stored::LEFT_OVER;
    (own & HIGHER == 0 && own & RENDERED != 0).then_some(FileId(own & TEMPLATE))
}

/// The id of the rendered file in which the id of the template is replaced.
pub fn with_template(file: FileId, template: FileId) -> FileId {
    FileId((file.0 & !TEMPLATE) | (template.0 & TEMPLATE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::LEFT_OVER;

    #[test]
    fn rendered_files_have_the_id_of_their_template() {
        let id = rendered_id(FileId(7), 3).expect("an id");
        assert_eq!(template_of(id), Some(FileId(7)));
        assert_eq!(template_of(FileId(id.0 | LEFT_OVER)), Some(FileId(7)));
        assert_eq!(template_of(with_template(id, FileId(9))), Some(FileId(9)));
        for other in [7, LEFT_OVER | 7, u32::MAX, u32::MAX - 0xffff, LEFT_OVER | (1 << 30) | 1] {
            assert_eq!(template_of(FileId(other)), None, "{other:x}");
        }
        assert_eq!(rendered_id(FileId(7), NUMBERS), None);
        assert_eq!(rendered_id(FileId(TEMPLATE + 1), 0), None);
    }
}
