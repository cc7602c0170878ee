//! A file as the page has it: text, and the index between bytes and the editor's offsets.

use crate::session::{File, Revision};
use crate::text::{FileId, LineIndex, Span};

#[derive(Debug)]
pub struct Document {
    pub id: FileId,
    pub name: String,
    pub text: String,
    pub index: LineIndex,
    /// The revision that brought this text; what was made from an older one has other offsets.
    pub revision: Revision,
}

impl Document {
    pub fn new(file: File, revision: Revision) -> Self {
        let index = LineIndex::new(&file.text);
        Self { id: file.id, name: file.name, text: file.text, index, revision }
    }

    pub fn file(&self) -> File {
        File { id: self.id, name: self.name.clone(), text: self.text.clone() }
    }

    /// Start and end as the editor counts them.
    pub fn utf16(&self, span: Span) -> (u32, u32) {
        (self.index.utf16(span.start), self.index.utf16(span.end))
    }
}
