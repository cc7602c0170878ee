//! The documents of a file that kubectl can read, and those that it cannot parse.

use std::ops::Range;
use std::sync::Arc;

use terminal::kubectl::read;
use text::{Diagnostic, FileId, Location, Span};
use yaml::Node;

use super::document::{Document, not_checked};
use super::{AppliedObject, MOST_OBJECTS};
use crate::analysis::verdicts;
use crate::workspace::sources::Source;

/// A document that kubectl cannot parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unparsed {
    pub file: FileId,
    pub span: Span,
    /// The message of kubectl.
    pub message: String,
}

impl Unparsed {
    /// Returns true if a position is in the document.
    pub fn holds(&self, at: u32) -> bool {
        self.span.start <= at && at < self.span.end
    }
}

/// The documents of a file.
#[derive(Debug)]
pub struct Documents<'a> {
    pub source: &'a Arc<Source>,
    /// Documents before the first one that kubectl cannot parse.
    pub reached: Vec<Document<'a>>,
    /// The other documents that parse. kubectl ends before them.
    pub unreached: Vec<Document<'a>>,
    /// The first object beyond the limit.
    pub beyond: Option<AppliedObject>,
    pub unparsed: Vec<Unparsed>,
}

/// The documents of a file, up to the limit of objects.
pub fn documents_of(source: &Arc<Source>) -> Documents<'_> {
    let unparsed = unparsed_of(source);
    let mut found = Documents {
        source,
        reached: Vec::new(),
        unreached: Vec::new(),
        beyond: None,
        unparsed: Vec::new(),
    };
    let mut left = MOST_OBJECTS;
    for document in &source.parsed.documents {
        let root = &document.root;
        let start = root.written_span().start;
        if root.is_null() || unparsed.iter().any(|one| one.holds(start)) {
            continue;
        }
        if left == 0 {
            found.beyond = Some(not_checked(source, root));
            break;
        }
        let one = Document { source, root, span: document.span, limit: left.min(count(root)) };
        left -= one.limit;
        match unparsed.iter().any(|one| one.span.start < start) {
            false => found.reached.push(one),
            true => found.unreached.push(one),
        }
    }
    found.unparsed = unparsed;
    found
}

/// The number of objects of a document.
fn count(root: &Node) -> usize {
    root.get("items").map_or(1, |items| items.items().len().max(1))
}

/// The documents that kubectl cannot parse, in their order.
fn unparsed_of(source: &Source) -> Vec<Unparsed> {
    if source.parsed.refusal.is_none() && read::bad_separator(&source.text).is_none() {
        return Vec::new();
    }
    let broken = |range: Range<usize>| {
        let text = source.text.get(range.clone()).unwrap_or_default();
        let error = match read::bad_separator(text) {
            Some(rest) => format!("invalid Yaml document separator: {rest}"),
            None => read::document(text).err()?,
        };
        let message = format!("error: error parsing {}: {error}", source.name);
        let span = Span::new(range.start as u32, range.end as u32);
        Some(Unparsed { file: source.id, span, message })
    };
    read::documents(&source.text).into_iter().filter_map(broken).collect()
}

/// The part of a file before the first document that kubectl cannot parse.
pub fn readable_part(source: &Source) -> Range<usize> {
    let end = unparsed_of(source).first().map(|first| first.span.start as usize);
    0..end.unwrap_or(source.text.len())
}

/// A document that kubectl cannot parse, as an object without a name, at the place of the tree that
/// a repair gives. Its diagnostic is that of the
/// first mistake in it (see [`verdicts::put_kubectl_first`]), or stands at its first line.
pub fn refused(source: &Source, unparsed: &Unparsed) -> AppliedObject {
    let has_own = |one: &Diagnostic| unparsed.holds(one.location.span.start);
    let roots = source.parsed.documents.iter().map(|document| document.root.written_span());
    let repaired = roots.into_iter().find(|span| unparsed.holds(span.start));
    let location = Location::new(source.id, repaired.unwrap_or(unparsed.span));
    let first = Span::new(unparsed.span.start, unparsed.span.start);
    let own = source.parsed.diagnostics.iter().any(has_own);
    let stated = || verdicts::unreadable(Location::new(source.id, first), unparsed.message.clone());
    AppliedObject {
        location,
        refusal: Some(unparsed.message.clone()),
        diagnostics: (!own).then(stated).into_iter().collect(),
        ..AppliedObject::default()
    }
}
