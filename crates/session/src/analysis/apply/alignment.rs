//! The documents of a text beside those of the last run.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use text::FileId;

use super::document::Document;
use super::steps::ApplyStep;

/// A document of the last run, one of the text, or one that is in both.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub known: Option<&'a Arc<ApplyStep>>,
    pub document: Option<&'a Document<'a>>,
}

impl Entry<'_> {
    pub fn file(&self) -> Option<FileId> {
        let known = self.known.map(|known| known.file());
        self.document.map(|document| document.source.id).or(known)
    }
}

/// Joins both in an order that each of them keeps. Documents of a file stay together.
pub fn align<'a>(known: &'a [Arc<ApplyStep>], documents: &'a [Document<'a>]) -> Vec<Entry<'a>> {
    let same = |(step, document): &(&Arc<ApplyStep>, &Document<'_>)| step.is_of(document);
    let head = known.iter().zip(documents).take_while(same).count();
    let (front, known) = known.split_at(head);
    let (front_documents, documents) = documents.split_at(head);
    let tail = known.iter().rev().zip(documents.iter().rev()).take_while(same).count();
    let (known, back) = known.split_at(known.len() - tail);
    let (documents, back_documents) = documents.split_at(documents.len() - tail);

    let both = |(known, document)| Entry { known: Some(known), document: Some(document) };
    let mut entries: Vec<Entry<'a>> = front.iter().zip(front_documents).map(both).collect();
    let (mut at_known, mut at_documents) = (0, 0);
    let ends = [(known.len(), documents.len())];
    for (end_known, end_documents) in common(known, documents).into_iter().chain(ends) {
        let gone = known.get(at_known..end_known).unwrap_or_default();
        let new = documents.get(at_documents..end_documents).unwrap_or_default();
        let pair = known.get(end_known).zip(documents.get(end_documents));
        let next = pair.or_else(|| back.first().zip(back_documents.first())).map(both);
        between(&mut entries, gone, new, next.and_then(|next| next.file()));
        entries.extend(pair.map(both));
        (at_known, at_documents) = (end_known + 1, end_documents + 1);
    }
    entries.extend(back.iter().zip(back_documents).map(both));
    entries
}

/// Pairs of equal documents, in the order of both.
fn common(known: &[Arc<ApplyStep>], documents: &[Document<'_>]) -> Vec<(usize, usize)> {
    let mut places: FxHashMap<(FileId, &str), Vec<usize>> = FxHashMap::default();
    for (at, step) in known.iter().enumerate().rev() {
        places.entry((step.file(), step.text())).or_default().push(at);
    }
    let mut pairs = Vec::new();
    let mut from = 0;
    for (number, document) in documents.iter().enumerate() {
        let Some(places) = places.get_mut(&(document.source.id, document.text())) else { continue };
        // The last place is the first one in the text.
        while let Some(at) = places.pop() {
            if at >= from && known.get(at).is_some_and(|step| step.is_of(document)) {
                pairs.push((at, number));
                from = at + 1;
                break;
            }
        }
    }
    pairs
}

/// Adds what is only in one of both between two documents that are in both: first what belongs to
/// the file before, then whole files, then what belongs to the file after.
fn between<'a>(
    entries: &mut Vec<Entry<'a>>,
    gone: &'a [Arc<ApplyStep>],
    new: &'a [Document<'a>],
    next: Option<FileId>,
) {
    let previous = entries.last().and_then(|entry| entry.file());
    let known = |step: &'a Arc<ApplyStep>| Entry { known: Some(step), document: None };
    let document = |document: &'a Document<'a>| Entry { known: None, document: Some(document) };
    let before = |file: FileId| Some(file) == previous;
    let (gone_before, gone) =
        gone.split_at(gone.iter().take_while(|step| before(step.file())).count());
    let (new_before, new) =
        new.split_at(new.iter().take_while(|new| before(new.source.id)).count());
    let after = |file: FileId| Some(file) == next;
    let gone_after = gone.iter().rev().take_while(|step| after(step.file())).count();
    let new_after = new.iter().rev().take_while(|new| after(new.source.id)).count();
    let (gone, gone_after) = gone.split_at(gone.len() - gone_after);
    let (new, new_after) = new.split_at(new.len() - new_after);
    for (gone, new) in [(gone_before, new_before), (gone, new), (gone_after, new_after)] {
        entries.extend(gone.iter().map(known));
        entries.extend(new.iter().map(document));
    }
}
