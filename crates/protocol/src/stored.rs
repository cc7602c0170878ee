//! The objects that the API server stores, beside the text of the manifests: how the text is
//! applied, and where the two differ.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::workspace::File;
use text::{FileId, Location, Span};

/// The way in which the text reaches the API server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApplyMode {
    /// After a pause in typing, with pruning: an object whose text is gone is deleted. A file that
    /// does not parse keeps the objects that it had.
    #[default]
    FollowText,
    /// When the visitor requests it, as `kubectl apply -f` does. An object whose text is gone stays.
    ByHand,
}

/// A bit of the ids of files that are not in the workspace. They hold stored objects whose file is
/// gone.
pub const LEFT_OVER: u32 = 1 << 31;

/// An object of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectKey {
    pub kind: String,
    /// Empty for an object without a namespace.
    pub namespace: String,
    pub name: String,
}

impl fmt::Display for ObjectKey {
    /// Prints `Deployment web`, or `Deployment shop/web` outside the namespace `default`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.namespace {
            "" | "default" => write!(f, "{} {}", self.kind, self.name),
            namespace => write!(f, "{} {namespace}/{}", self.kind, self.name),
        }
    }
}

/// A change of a stored object that the API server refuses. The object stays as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedChange {
    pub object: ObjectKey,
    /// The words of kubectl.
    pub message: String,
    /// The place in the text.
    pub at: Location,
    /// True if the text creates the object after the stored one is deleted.
    pub creatable: bool,
}

/// Kinds of differences between the text and the stored objects, with the number of objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    pub created: u32,
    pub configured: u32,
}

/// The stored objects, as far as they differ from the text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    pub mode: ApplyMode,
    /// The number of stored objects.
    pub objects: u32,
    /// The objects that an application of the text changes.
    pub changes: Changes,
    pub refused: Vec<RefusedChange>,
    /// Stored objects whose text is gone.
    pub orphans: Vec<ObjectKey>,
    /// Files that kubectl cannot parse, and that have stored objects of an earlier text.
    pub unparsed: Vec<FileId>,
    /// The manifests that the stored objects come from; None if they are those of the text.
    pub files: Option<Vec<File>>,
    /// Files whose stored text differs from the text of the editor.
    pub moved: Vec<MovedText>,
}

/// The difference between the stored text of a file and the text of the editor: one replaced range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedText {
    pub file: FileId,
    /// The range in the stored text. The text before it and after it is the same in both.
    pub stored: Span,
    /// The range in the text of the editor.
    pub written: Span,
}

impl MovedText {
    /// Compares two texts of a file.
    pub fn between(file: FileId, stored: &str, written: &str) -> Self {
        let common = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
            pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
        };
        let prefix = common(&mut stored.chars().zip(written.chars()));
        let (one, other) = (stored.get(prefix..), written.get(prefix..));
        let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
        let suffix = common(&mut one.chars().rev().zip(other.chars().rev()));
        let span = |text: &str| Span::new(prefix as u32, (text.len() - suffix) as u32);
        Self { file, stored: span(stored), written: span(written) }
    }

    /// The place in the text of the editor of a span of the stored text. A span inside the replaced
    /// range becomes the whole range.
    pub fn to_written(&self, span: Span) -> Span {
        let shift = |offset: u32| (offset - self.stored.end) + self.written.end;
        if span.end <= self.stored.start {
            span
        } else if span.start >= self.stored.end {
            Span::new(shift(span.start), shift(span.end))
        } else {
            let start = span.start.min(self.written.start);
            let end = if span.end >= self.stored.end { shift(span.end) } else { self.written.end };
            Span::new(start, end.max(start))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_the_stored_text_are_found_in_the_written_one() {
        let (stored, written) = ("a: 1\nb: é2\nc: 3\n", "a: 1\nb: èx22\nc: 3\n");
        let moved = MovedText::between(FileId(1), stored, written);
        for (from, to) in [("a", "a"), ("c", "c"), ("é2", "èx22"), ("é", "èx2")] {
            let start = stored.find(from).unwrap() as u32;
            let span = moved.to_written(Span::new(start, start + from.len() as u32));
            assert_eq!(span.slice(written), to, "{from}");
        }
        let whole = moved.to_written(Span::new(0, stored.len() as u32));
        assert_eq!(whole.slice(written), written);
    }

    #[test]
    fn repeated_text_is_not_counted_twice() {
        let moved = MovedText::between(FileId(1), "aaa", "aa");
        assert_eq!((moved.stored, moved.written), (Span::new(2, 3), Span::new(2, 2)));
        assert_eq!(moved.to_written(Span::new(2, 3)), Span::new(2, 2));
    }
}
