//! A file of the workspace: its text, and the index between bytes and offsets of the editor.

use protocol::{File, Revision};
use text::{FileId, LineIndex, Span};

#[derive(Debug)]
pub struct Document {
    pub id: FileId,
    pub name: String,
    pub text: String,
    pub index: LineIndex,
    /// The revision of this text. Answers for an older revision have different offsets.
    pub revision: Revision,
}

impl Document {
    /// Normalizes line endings to those of the editor, so that offsets are equal.
    pub fn new(file: File, revision: Revision) -> Self {
        let mut text = file.text;
        if text.contains('\r') {
            text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
        let index = LineIndex::new(&text);
        Self { id: file.id, name: file.name, text, index, revision }
    }

    pub fn file(&self) -> File {
        File { id: self.id, name: self.name.clone(), text: self.text.clone() }
    }

    /// Returns start and end in UTF-16 units.
    pub fn utf16(&self, span: Span) -> (u32, u32) {
        (self.index.utf16(span.start), self.index.utf16(span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_is_one_unit_as_in_the_editor() {
        let file = File { text: "a\r\nb\rc\n".into(), ..File::default() };
        let document = Document::new(file, 1);
        assert_eq!(document.text, "a\nb\nc\n");
        assert_eq!(document.utf16(Span::new(4, 5)), (4, 5));
    }
}
