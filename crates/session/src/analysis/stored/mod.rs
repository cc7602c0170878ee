//! The text beside the stored objects: what an application of the text changes, what it refuses,
//! and which objects have no text any more.
//!
//! The state of the API server is kept as the manifests that it comes from. It is the state of a
//! fresh server to which they are applied. So a reload, a step back in time and a restart of the
//! worker restore it from these texts.

mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::{ApplyMode, Changes, ObjectKey, RefusedChange};
use rustc_hash::FxHashSet;
use text::{Diagnostic, FileId, Location, Severity, Span};

use super::apply::readable::documents_of;
use super::apply::{Applied, AppliedObject, Cluster, document};
use super::verdicts;
use crate::workspace::charts;
use crate::workspace::sources::{FileKind, Source, Sources};

/// One version of the manifests, with the verdicts of a fresh server on them.
#[derive(Clone, Copy)]
pub struct Version<'a> {
    pub sources: &'a Sources,
    pub applied: &'a Applied,
}

/// The difference between the stored objects and the text.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    pub changes: Changes,
    pub refused: Vec<RefusedChange>,
    /// Refusals of changes, for objects that a fresh server accepts.
    pub diagnostics: Vec<Diagnostic>,
    /// Stored objects whose text is gone.
    pub orphans: Vec<ObjectKey>,
    /// Files that kubectl cannot parse, and rendered files of charts that do not render now. They have
    /// stored objects.
    pub unparsed: Vec<FileId>,
    /// Stored objects that findings across objects count.
    pub kept: Kept,
}

/// Stored objects whose documents cannot be applied now: they do not parse, or are refused.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Their manifests, in files of their own.
    pub sources: Sources,
    /// The places of changes that are refused for them.
    pub replaced: Vec<Location>,
    /// The stored versions of files that kubectl cannot parse.
    pub before: Sources,
}

/// An object that is stored, and the file that it comes from.
#[derive(Clone, Copy)]
struct StoredObject<'a> {
    source: &'a Arc<Source>,
    object: &'a AppliedObject,
}

/// The stored objects and the text that is applied to them.
pub struct Comparison<'a> {
    stored: Version<'a>,
    written: Version<'a>,
    objects: BTreeMap<ObjectKey, StoredObject<'a>>,
    difference: Difference,
}

/// The stored versions of the files of a text that kubectl cannot parse.
pub fn unparsed_before(stored: &Sources, written: &Sources) -> Sources {
    let is_unparsed = |id: FileId| {
        let source = written.get(id);
        source.is_some_and(|source| source.parsed.refusal.is_some())
    };
    stored.filtered(|source| source.kind == FileKind::Manifest && is_unparsed(source.id))
}

impl<'a> Comparison<'a> {
    /// Compares two versions. `server` is the API server with the stored objects.
    pub fn new(stored: Version<'a>, written: Version<'a>, server: Option<&Cluster>) -> Self {
        let mut objects = BTreeMap::new();
        for object in stored.applied.stored() {
            if let Some(source) = stored.sources.get(object.location.file) {
                objects.insert(object.key(), StoredObject { source, object });
            }
        }
        let mut comparison = Self { stored, written, objects, difference: Difference::default() };
        if let Some(server) = server {
            comparison.try_changes(server);
        }
        comparison.find_failed_releases();
        comparison.find_orphans();
        comparison.difference.kept = comparison.find_kept();
        comparison
    }

    pub fn into_difference(self) -> Difference {
        self.difference
    }

    /// Applies the documents that differ to the stored objects, and notes what the server says.
    fn try_changes(&mut self, server: &Cluster) {
        let mut cluster: Option<Cluster> = None;
        for source in self.written.sources.of_kind(FileKind::Manifest) {
            if self.is_stored(source) {
                continue;
            }
            let documents = documents_of(source);
            let stored = self.stored.sources.get(source.id);
            if !documents.unparsed.is_empty() && stored.is_some() {
                self.difference.unparsed.push(source.id);
            }
            let applied = stored.map(|stored| self.applied_texts(stored)).unwrap_or_default();
            for document in &documents.reached {
                if applied.contains(document.text()) {
                    continue;
                }
                let cluster = cluster.get_or_insert_with(|| server.clone());
                let outcome = document::apply(&mut cluster.server, document);
                for object in document::present(document, &outcome) {
                    self.note(server, object);
                }
            }
        }
    }

    /// Notes the manifests of releases whose chart does not render now.
    fn find_failed_releases(&mut self) {
        let stored = self.stored.sources.of_kind(FileKind::Manifest);
        let kept = stored.filter(|source| charts::is_kept(self.written.sources, source));
        self.difference.unparsed.extend(kept.map(|source| source.id));
    }

    /// The texts of the documents of a file whose objects are stored as they are written.
    fn applied_texts(&self, stored: &'a Arc<Source>) -> FxHashSet<&'a str> {
        let is_current = |object: &AppliedObject| {
            let last = self.objects.get(&object.key());
            last.is_some_and(|last| last.object.location == object.location)
        };
        let objects = self.stored.applied.objects.iter();
        let of_file = objects.filter(|object| object.location.file == stored.id);
        let others: Vec<u32> = of_file
            .filter(|object| !is_current(object))
            .map(|object| object.location.span.start)
            .collect();
        let documents = documents_of(stored).reached.into_iter();
        let holds = |span: Span| others.iter().any(|at| span.start <= *at && *at < span.end);
        documents.filter(|one| !holds(one.span)).map(|one| one.text()).collect()
    }

    /// Returns true if the file is the one that the stored objects come from.
    fn is_stored(&self, source: &Arc<Source>) -> bool {
        self.stored.sources.get(source.id).is_some_and(|stored| Arc::ptr_eq(stored, source))
    }

    fn note(&mut self, server: &Cluster, tried: AppliedObject) {
        let fresh = self.written.applied.objects.iter().find(|one| one.location == tried.location);
        let creatable = fresh.is_some_and(|fresh| fresh.stored.is_some());
        let is_stored = self.objects.contains_key(&tried.key());
        match (&tried.stored, is_stored) {
            (Some(_), false) => self.difference.changes.created += 1,
            (None, false) => self.difference.changes.created += u32::from(creatable),
            (Some(after), true) => {
                let version = |object: &kubernetes::object::Value| {
                    object["metadata"].str("resourceVersion").to_owned()
                };
                let kind = server.server.kind(after.str("apiVersion"), after.str("kind"));
                let before = kind
                    .and_then(|kind| server.server.get(kind, &tried.namespace, &tried.name).ok());
                let same = before.is_some_and(|before| version(&before) == version(after));
                self.difference.changes.configured += u32::from(!same);
            }
            (None, true) => self.note_refusal(&tried, creatable),
        }
    }

    fn note_refusal(&mut self, tried: &AppliedObject, creatable: bool) {
        let errors = || tried.diagnostics.iter().filter(|one| one.severity == Severity::Error);
        let at = errors().next().map_or(tried.location, |first| first.location);
        self.difference.refused.push(RefusedChange {
            object: tried.key(),
            message: tried.refusal.clone().unwrap_or_default(),
            at,
            creatable,
        });
        if creatable {
            let changes = errors().cloned().map(verdicts::of_change);
            self.difference.diagnostics.extend(changes);
        }
    }

    fn find_orphans(&mut self) {
        let written = self.written_keys();
        let Self { objects, difference, .. } = self;
        let orphans = objects.iter().filter(|(key, stored)| {
            !written.contains(*key) && !difference.unparsed.contains(&stored.source.id)
        });
        difference.orphans = orphans.map(|(key, _)| key.clone()).collect();
    }

    /// The stored objects of documents that cannot be applied now.
    fn find_kept(&self) -> Kept {
        let refused: BTreeSet<&ObjectKey> =
            self.difference.refused.iter().map(|change| &change.object).collect();
        let (mut accepted, mut written) = (BTreeSet::new(), BTreeSet::new());
        let mut replaced = Vec::new();
        for object in &self.written.applied.objects {
            let key = object.key();
            if refused.contains(&key) {
                replaced.push(object.location);
            } else if object.stored.is_some() {
                accepted.insert(key.clone());
            }
            written.insert(key);
        }
        let is_kept = |(key, stored): &(&ObjectKey, &StoredObject<'_>)| {
            let cannot_parse = || self.difference.unparsed.contains(&stored.source.id);
            !accepted.contains(*key) && (written.contains(*key) || cannot_parse())
        };
        let kept = self.objects.iter().filter(is_kept).map(|(_, stored)| *stored).collect();
        let sources = versions::kept(self, kept);
        let before = unparsed_before(self.stored.sources, self.written.sources);
        Kept { sources, replaced, before }
    }

    fn written_keys(&self) -> BTreeSet<ObjectKey> {
        self.written.applied.objects.iter().map(AppliedObject::key).collect()
    }

    /// The stored manifests after the text is applied.
    pub fn applied(&self, mode: ApplyMode) -> Sources {
        versions::applied(self, mode)
    }

    /// The stored manifests with the files of the text that are no manifests.
    pub fn with_other_files(&self) -> Sources {
        versions::with_other_files(self)
    }

    /// The stored manifests without some objects.
    pub fn without(&self, keys: &[ObjectKey]) -> Sources {
        versions::without(self, keys)
    }

    /// The stored manifests after some objects were deleted and created from the text.
    pub fn recreated(&self, keys: &[ObjectKey]) -> Sources {
        versions::recreated(self, keys)
    }
}
