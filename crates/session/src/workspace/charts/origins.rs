//! From a place in a rendered file to the template and to the values that it came from, and back.

use std::sync::Arc;

use go::template::Piece;
use protocol::MovedText;
use text::{FileId, Location, Span};

use super::references::{References, ValuePath};
use crate::workspace::sources::{Source, Sources};

/// The origins of a rendered file.
#[derive(Debug)]
pub struct Origins {
    /// The template that was rendered.
    pub template: Arc<Source>,
    /// The parts of the text in their order.
    parts: Vec<Part>,
    references: Arc<References>,
}

/// A part of a rendered text, up to the start of the next.
#[derive(Debug)]
struct Part {
    start: u32,
    /// The path of the text in the chart: `web/templates/_helpers.tpl`.
    path: Arc<str>,
    file: Arc<Source>,
    span: Span,
    /// True for text that stands in the template as in the result.
    verbatim: bool,
}

impl Part {
    /// The place of an offset of the rendered text in the template.
    fn place(&self, offset: u32) -> u32 {
        match self.verbatim {
            true => (self.span.start + offset.saturating_sub(self.start)).min(self.span.end),
            false => self.span.start,
        }
    }
}

impl Origins {
    /// `file_of` returns the file of a path in the chart.
    pub fn new<'a>(
        template: &Arc<Source>,
        pieces: &[Piece],
        file_of: &dyn Fn(&str) -> Option<&'a Arc<Source>>,
        references: &Arc<References>,
    ) -> Self {
        let part = |piece: &Piece| {
            Some(Part {
                start: u32::try_from(piece.start).ok()?,
                path: piece.template.clone(),
                file: Arc::clone(file_of(&piece.template)?),
                span: piece.span,
                verbatim: piece.verbatim,
            })
        };
        Self {
            template: Arc::clone(template),
            parts: pieces.iter().filter_map(part).collect(),
            references: Arc::clone(references),
        }
    }

    fn part_at(&self, offset: u32) -> Option<&Part> {
        let after = self.parts.partition_point(|part| part.start <= offset);
        self.parts.get(after.saturating_sub(1))
    }

    /// The place in the template. What an action writes comes from the action as a whole.
    pub fn locate(&self, span: Span) -> (&Arc<Source>, Span) {
        let Some(first) = self.part_at(span.start) else { return (&self.template, Span::at(0)) };
        let start = first.place(span.start);
        let end_of = |part: &Part| match part.verbatim {
            true => part.place(span.end),
            false => part.span.end,
        };
        let last = self.part_at(span.end.saturating_sub(1).max(span.start)).unwrap_or(first);
        let end = match last.file.id == first.file.id {
            true if end_of(last) >= start => end_of(last),
            _ if first.verbatim => first.span.end,
            _ => first.span.end.max(start),
        };
        (&first.file, Span::new(start, end))
    }

    /// The place of an edit in the template; None if the text is not written there as it is.
    pub fn editable(&self, span: Span) -> Option<(&Arc<Source>, Span)> {
        let first = self.part_at(span.start).filter(|part| part.verbatim)?;
        let last = self.part_at(span.end.saturating_sub(1).max(span.start))?;
        let is_within = std::ptr::eq(first, last)
            && first.span.end - first.span.start >= span.end - first.start;
        is_within.then(|| (&first.file, Span::new(first.place(span.start), first.place(span.end))))
    }

    /// The offset in the rendered text of a place in a template; None if the place writes nothing
    /// here.
    pub fn rendered(&self, at: Location) -> Option<u32> {
        let inside = |part: &&Part| part.file.id == at.file && part.span.touches(at.span.start);
        let length = |part: &Part, number: usize| {
            let end = self.parts.get(number + 1).map(|next| next.start);
            end.map_or(u32::MAX, |end| end - part.start)
        };
        let parts = self.parts.iter().enumerate().filter(|(_, part)| inside(part));
        parts
            .filter_map(|(number, part)| match part.verbatim {
                true => {
                    let delta = at.span.start - part.span.start;
                    (delta <= length(part, number)).then_some(part.start + delta)
                }
                false => Some(part.start),
            })
            .next()
    }

    /// The text that an action of a template writes, where it is reached first. `text` is the rendered
    /// text.
    pub fn written<'t>(&self, file: FileId, action: Span, text: &'t str) -> Option<&'t str> {
        let is_action = |part: &&Part| {
            part.file.id == file && !part.verbatim && action.contains_span(part.span)
        };
        let (number, part) = self.parts.iter().enumerate().find(|(_, part)| is_action(part))?;
        let end = self.parts.get(number + 1).map_or(text.len(), |next| next.start as usize);
        text.get(part.start as usize..end)
    }

    /// The values that the text in a span of the rendered file was made of.
    pub fn values(&self, span: Span) -> Vec<ValuePath> {
        let first = self.parts.partition_point(|part| part.start <= span.start).saturating_sub(1);
        let parts = self.parts.get(first..).unwrap_or_default();
        let end = span.end.max(span.start + 1);
        let mut found = Vec::new();
        for part in parts.iter().take_while(|part| part.start < end).filter(|part| !part.verbatim) {
            for value in self.references.within(&part.path, part.span) {
                if !found.contains(&value) {
                    found.push(value);
                }
            }
        }
        found
    }

    pub fn references(&self) -> &References {
        &self.references
    }
}

/// The place in the text of the workspace of a place in a rendered file. `read` are the files that the
/// place is in: those of the workspace, or the stored manifests. A place in another file is returned
/// as it is, and one in a file that is not rendered any more leads to the start of its template.
pub fn locate(workspace: &Sources, read: &Sources, at: Location) -> Location {
    let Some(template) = protocol::template_of(at.file) else { return at };
    let own = FileId(at.file.0 & !protocol::LEFT_OVER);
    let now = workspace.get(own).and_then(|source| Some((source, source.rendered.as_ref()?)));
    let Some((now, origins)) = now else { return Location::new(template, Span::at(0)) };
    let span = match read.get(at.file).filter(|read| read.text != now.text) {
        Some(read) => MovedText::between(own, &read.text, &now.text).to_written(at.span),
        None => at.span,
    };
    let (file, span) = origins.locate(span);
    Location::new(file.id, span)
}
