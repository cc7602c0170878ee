//! Stored objects beside the text: their files, and the places of results in the text.

use protocol::{ApplyMode, File, LEFT_OVER, Page, Stored, template_of, with_template};
use text::{FileId, Location};

use super::{Shared, State};

/// Gives the files of stored objects new ids. `id_of` returns the new id of a file of the workspace.
pub fn renumber(stored: &mut Option<Vec<File>>, id_of: impl Fn(FileId) -> Option<FileId>) {
    for (number, file) in (0..).zip(stored.iter_mut().flatten()) {
        let own = FileId(file.id.0 & !LEFT_OVER);
        let template = template_of(own);
        file.id = match id_of(template.unwrap_or(own)) {
            Some(id) if template.is_some() => with_template(file.id, id),
            Some(FileId(id)) => FileId(id | (file.id.0 & LEFT_OVER)),
            None => FileId(LEFT_OVER | (LEFT_OVER >> 1) | number),
        };
    }
}

impl State {
    /// Keeps the manifests of the stored objects before the text changes. The worker says later which
    /// of them differ.
    pub(super) fn keep_manifests(&mut self) {
        if self.stored.mode == ApplyMode::ByHand && self.stored.files.is_none() {
            let files = self.documents.iter().map(|document| document.file()).collect();
            self.stored = Shared::new(Stored { files: Some(files), ..(*self.stored).clone() });
        }
    }

    /// Returns the place in the text of a source that a page of results names. The pages about the
    /// stored objects name places in the text that was applied.
    pub(super) fn in_text(&self, location: Location) -> Location {
        let of_text = matches!(self.preferences.page, Page::Explain | Page::Checks | Page::Chart);
        let moved = self.stored.moved.iter().find(|moved| moved.file == location.file);
        match moved.filter(|_| !of_text) {
            Some(moved) => Location::new(location.file, moved.to_written(location.span)),
            None => location,
        }
    }
}
