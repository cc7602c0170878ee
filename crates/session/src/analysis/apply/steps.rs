//! Incremental application: only documents whose outcome can differ are applied again.
//!
//! A run walks through the documents in their order. The documents of a file are applied, then the
//! controllers follow; at the end, objects that were refused at first are applied again. Each of
//! these pieces of work is kept with what it has read and written in the storage ([`Access`]). It is
//! repeated from its writes if the document is the same and nothing that it has read differs from
//! the last run. So the result equals that of a fresh run.

use std::hash::BuildHasher;
use std::sync::Arc;

use cluster::apiserver::{Access, Event, Key};
use kubernetes::object::Value;
use rustc_hash::{FxBuildHasher, FxHashMap};
use yaml::Node;

use super::Cluster;
use super::alignment::{Entry, align};
use super::document::{self, Document, DocumentResult, Judged};
use crate::workspace::sources::Source;

/// A document that was applied.
#[derive(Debug)]
pub struct ApplyStep {
    source: Arc<Source>,
    span: text::Span,
    limit: usize,
    pub outcome: DocumentResult,
    /// The changes for the controllers.
    events: Vec<Event>,
    apply: Work,
    /// The work of the controllers, after all documents of the file.
    settle: Work,
}

/// An object that was applied again.
#[derive(Debug)]
pub struct Again {
    of: Arc<ApplyStep>,
    pub number: usize,
    pub judged: Judged,
    work: Work,
}

/// The keys that a piece of work read and wrote.
#[derive(Clone, Debug, Default)]
struct Work {
    access: Access,
    /// The written objects; None if deleted.
    writes: Vec<(Key, Option<Value>)>,
}

/// The steps of a run, which the next run goes on from.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    pub documents: Vec<Arc<ApplyStep>>,
    pub again: Vec<Arc<Again>>,
}

impl Again {
    /// Returns true if the object is one of the step's document.
    pub fn is_of(&self, step: &Arc<ApplyStep>) -> bool {
        Arc::ptr_eq(&self.of, step)
    }
}

impl ApplyStep {
    pub fn file(&self) -> text::FileId {
        self.source.id
    }

    pub fn text(&self) -> &str {
        self.span.slice(&self.source.text)
    }

    /// Returns true if the step is one of this document.
    pub fn is_of(&self, document: &Document<'_>) -> bool {
        let (known, source) = (&self.source, document.source);
        known.id == source.id
            && known.name == source.name
            && known.namespace() == source.namespace()
            && self.limit == document.limit
            && (self.span == document.span && Arc::ptr_eq(known, source)
                || self.text() == document.text())
    }
}

/// Applies documents to a cluster. `before` are the steps of the last run.
pub fn run(cluster: &mut Cluster, before: &Steps, documents: &[Document<'_>]) -> Steps {
    let is_first = before.documents.is_empty();
    let mut run = Run { cluster, is_first, last: FxHashMap::default() };
    let entries = align(&before.documents, documents);
    let mut steps = Vec::with_capacity(documents.len());
    for file in entries.chunk_by(|a, b| a.file() == b.file()) {
        let applied: Vec<_> = file.iter().map(|entry| run.apply(entry)).collect();
        let settled = file.iter().zip(applied);
        steps.extend(settled.filter_map(|(entry, step)| run.settle(entry, step)));
    }
    let again = run.apply_again(&before.again, &steps, documents);
    Steps { documents: steps, again }
}

/// A run beside the last one.
struct Run<'a> {
    cluster: &'a mut Cluster,
    /// True if there was no last run.
    is_first: bool,
    /// Objects that this run or the last one has written differently so far, as they were in the
    /// last run at the same place.
    last: FxHashMap<Key, Last>,
}

struct Last {
    object: Option<Value>,
    differs: bool,
}

impl Run<'_> {
    /// Applies the document of an entry, or repeats what is known of it.
    fn apply(&mut self, entry: &Entry<'_>) -> Option<Arc<ApplyStep>> {
        if let (Some(known), Some(_)) = (entry.known, entry.document)
            && self.repeat(&known.apply)
        {
            return Some(Arc::clone(known));
        }
        let before = entry.known.map(|known| &known.apply);
        let Some(document) = entry.document else {
            before.inspect(|before| self.pass(before));
            return None;
        };
        let mut events = Vec::new();
        let (outcome, apply) = self.work(seed_of(document), before, |cluster| {
            let outcome = document::apply(&mut cluster.server, document);
            events = cluster.server.storage.take_events();
            outcome
        });
        let Document { source, span, limit, .. } = *document;
        let source = Arc::clone(source);
        Some(Arc::new(ApplyStep {
            source,
            span,
            limit,
            outcome,
            events,
            apply,
            settle: Work::default(),
        }))
    }

    /// Lets the controllers follow a document, or repeats what is known of that.
    fn settle(
        &mut self,
        entry: &Entry<'_>,
        step: Option<Arc<ApplyStep>>,
    ) -> Option<Arc<ApplyStep>> {
        let before = entry.known.map(|known| &known.settle);
        let Some(mut step) = step else {
            before.inspect(|before| self.pass(before));
            return None;
        };
        if entry.known.is_some_and(|known| Arc::ptr_eq(known, &step)) && self.repeat(&step.settle) {
            return Some(step);
        }
        let seed = entry.document.map(seed_of).unwrap_or_default() ^ 1;
        let ((), settle) = self.work(seed, before, |cluster| {
            cluster.server.storage.add_events(&step.events);
            cluster.settle();
        });
        match Arc::get_mut(&mut step) {
            Some(step) => step.settle = settle,
            None => {
                step = Arc::new(ApplyStep {
                    source: Arc::clone(&step.source),
                    span: step.span,
                    limit: step.limit,
                    outcome: step.outcome.clone(),
                    events: step.events.clone(),
                    apply: step.apply.clone(),
                    settle,
                });
            }
        }
        Some(step)
    }

    /// Applies objects again that were refused because something came later.
    fn apply_again(
        &mut self,
        before: &[Arc<Again>],
        steps: &[Arc<ApplyStep>],
        documents: &[Document<'_>],
    ) -> Vec<Arc<Again>> {
        let mut again = Vec::new();
        let mut rest = before;
        for (step, document) in steps.iter().zip(documents) {
            for (number, judged) in step.outcome.objects().iter().enumerate() {
                if !judged.may_pass_later() {
                    continue;
                }
                let same = |one: &Arc<Again>| Arc::ptr_eq(&one.of, step) && one.number == number;
                let known = rest.iter().position(same).and_then(|at| {
                    let (gone, from) = rest.split_at_checked(at)?;
                    gone.iter().for_each(|gone| self.pass(&gone.work));
                    let (known, after) = from.split_first()?;
                    rest = after;
                    Some(known)
                });
                again.push(self.again(known, step, number, judged, document));
            }
        }
        again
    }

    fn again(
        &mut self,
        known: Option<&Arc<Again>>,
        step: &Arc<ApplyStep>,
        number: usize,
        first: &Judged,
        document: &Document<'_>,
    ) -> Arc<Again> {
        if let Some(known) = known
            && self.repeat(&known.work)
        {
            return Arc::clone(known);
        }
        let seed = FxBuildHasher.hash_one((seed_of(document), number, "again"));
        let before = known.map(|known| &known.work);
        let (judged, work) = self.work(seed, before, |cluster| {
            let (server, source) = (&mut cluster.server, document.source);
            let judged = document::apply_value(server, source, first.value.clone());
            cluster.settle();
            judged
        });
        Arc::new(Again { of: Arc::clone(step), number, judged, work })
    }

    /// Repeats the writes of a piece of work if nothing that it has read differs from the last run.
    fn repeat(&mut self, work: &Work) -> bool {
        let storage = &self.cluster.server.storage;
        let differs = |(key, last): (&Key, &Last)| {
            let is_affected =
                || work.access.is_affected(key, last.object.as_ref(), storage.get(key));
            last.differs && is_affected()
        };
        if self.last.iter().any(differs) {
            return false;
        }
        for (key, object) in &work.writes {
            match object {
                Some(object) => self.cluster.server.restore_at(key, object),
                None => self.cluster.server.forget(key),
            }
            self.last.remove(key);
        }
        true
    }

    /// Does a piece of work again. `before` is the same piece of the last run, if there was one.
    fn work<T>(
        &mut self,
        seed: u64,
        before: Option<&Work>,
        act: impl FnOnce(&mut Cluster) -> T,
    ) -> (T, Work) {
        self.cluster.server.record(seed);
        let result = act(self.cluster);
        let storage = &mut self.cluster.server.storage;
        let access = storage.take_record();
        let state = |(key, _): (&Key, &Value)| (key.clone(), storage.get(key).cloned());
        let writes = access.written().map(state).collect();
        if self.is_first {
            return (result, Work { access, writes });
        }
        for (key, previous) in access.written() {
            let now = storage.get(key);
            let previous = Some(previous).filter(|previous| !previous.is_null());
            let last = self.last.entry(key.clone());
            let last = last.or_insert_with(|| Last { object: previous.cloned(), differs: false });
            last.differs = last.object.as_ref() != now;
        }
        before.inspect(|before| self.pass(before));
        (result, Work { access, writes })
    }

    /// Notes what a piece of work wrote in the last run.
    fn pass(&mut self, work: &Work) {
        for (key, object) in &work.writes {
            let differs = object.as_ref() != self.cluster.server.storage.get(key);
            self.last.insert(key.clone(), Last { object: object.clone(), differs });
        }
    }
}

/// The seed of what the server chooses for a document: uids and addresses. It follows from the
/// name of the object, so that an edit does not change them.
fn seed_of(document: &Document<'_>) -> u64 {
    let root = document.root;
    let first = root.get("items").and_then(|items| items.items().first());
    FxBuildHasher.hash_one((document.source.id, name_of(root), first.map(name_of)))
}

/// Kind, namespace and name of an object.
pub fn name_of(root: &Node) -> [Option<&str>; 3] {
    let metadata = root.get("metadata");
    [
        root.get("kind").and_then(Node::text),
        metadata.and_then(|metadata| metadata.get("namespace")?.text()),
        metadata.and_then(|metadata| metadata.get("name")?.text()),
    ]
}
