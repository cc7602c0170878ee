//! A text with changes, and the way back to the offsets of the text as written.

use text::IndexSort;
use text::Span;

/// A copy of a text with changes, and a map from its offsets to those of the original.
pub(crate) struct Patched<'a> {
    pub(super) original: &'a str,
    blanked: Vec<(usize, usize, usize)>,
    inserted: Vec<(usize, String, usize)>,
    /// Key of the changes that are made now, by which they can be taken back: the start of the line
    /// of an error.
    purpose: usize,
    text: String,
    /// Insertions, in order: offset in `text` and length.
    shifts: Vec<(usize, usize)>,
}

impl<'a> Patched<'a> {
    pub fn new(original: &'a str) -> Self {
        Self {
            original,
            blanked: Vec::new(),
            inserted: Vec::new(),
            purpose: usize::MAX,
            text: original.to_owned(),
            shifts: Vec::new(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes back the changes made for `purpose`. Changes noted from now on are made for it.
    pub fn begin(&mut self, purpose: usize) {
        self.purpose = purpose;
        self.blanked.retain(|change| change.2 != purpose);
        self.inserted.retain(|change| change.2 != purpose);
    }

    pub fn blank(&mut self, from: usize, to: usize) {
        let to = to.min(self.original.len());
        if from < to {
            self.blanked.push((from, to, self.purpose));
        }
    }

    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.inserted.push((at.min(self.original.len()), text.into(), self.purpose));
    }

    /// Makes the changes noted so far. Returns false if the text stays the same.
    pub fn apply(&mut self) -> bool {
        self.inserted.index_sort_by_key(|(at, ..)| *at);
        self.blanked.index_sort();
        let mut blanked = Vec::with_capacity(self.blanked.len());
        for &(from, to, _) in &self.blanked {
            match blanked.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => blanked.push((from, to)),
            }
        }
        let mut text = String::with_capacity(self.original.len() + 64);
        self.shifts.clear();
        let mut insertions = self.inserted.iter().peekable();
        let mut blanks = blanked.iter().peekable();
        for (at, c) in self.original.char_indices().chain([(self.original.len(), '\0')]) {
            while blanks.next_if(|&&(_, to)| to <= at).is_some() {}
            let is_blank = blanks.peek().is_some_and(|&&(from, to)| from <= at && at < to);
            while let Some((_, put, _)) = insertions.next_if(|(place, ..)| *place <= at) {
                if !is_blank {
                    self.shifts.push((text.len(), put.len()));
                    text.push_str(put);
                }
            }
            if at == self.original.len() {
                break;
            }
            if is_blank && c != '\n' && c != '\r' {
                text.extend(std::iter::repeat_n(' ', c.len_utf8()));
            } else {
                text.push(c);
            }
        }
        let changed = text != self.text;
        self.text = text;
        changed
    }

    /// Returns the offset in the original for one in [`Patched::text`].
    pub fn original_offset(&self, offset: usize) -> usize {
        let mut shift = 0;
        for &(at, len) in &self.shifts {
            if at >= offset {
                break;
            }
            shift += len.min(offset - at);
        }
        offset - shift
    }

    pub fn original_span(&self, span: Span) -> Span {
        if self.shifts.is_empty() {
            return span;
        }
        let start = self.original_offset(span.start as usize);
        let end = self.original_offset(span.end as usize);
        Span::new(start as u32, end.max(start) as u32)
    }
}
