//! `kubectl get -w`: a table that grows by a row with each change.
//!
//! Source: kubectl pkg/cmd/get/get.go watch.

use std::collections::BTreeMap;

use cluster::ApiServer;
use kubernetes::kinds::Kind;
use kubernetes::object::Value;
use selectors::parse_labels;

use super::fields;
use super::find::{Group, matches_labels};
use super::tables::Shape;
use crate::kubectl::Session;
use crate::kubectl::process::Poll;
use crate::kubectl::table;

/// A watch on the objects of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    kind: &'static Kind,
    /// Empty for all namespaces.
    namespace: String,
    /// The only object that is watched; empty for all.
    name: String,
    labels: String,
    fields: String,
    shape: Shape,
    /// Widths of the columns so far.
    widths: Vec<usize>,
    /// The objects as they were printed, by namespace and name.
    seen: BTreeMap<(String, String), Value>,
}

/// The subject of a watch.
pub(crate) struct Target<'a> {
    pub kind: &'static Kind,
    pub namespace: &'a str,
    pub name: &'a str,
    pub labels: &'a str,
    pub fields: &'a str,
}

fn key(object: &Value) -> (String, String) {
    let metadata = &object["metadata"];
    (metadata.str("namespace").to_owned(), metadata.str("name").to_owned())
}

impl Watch {
    /// A watch after a table with these rows was printed.
    pub fn new(target: &Target<'_>, shape: Shape, rows: &[Vec<String>], objects: &[Value]) -> Self {
        Self {
            kind: target.kind,
            namespace: target.namespace.to_owned(),
            name: target.name.to_owned(),
            labels: target.labels.to_owned(),
            fields: target.fields.to_owned(),
            shape: Shape { headers: false, ..shape },
            widths: table::widths(rows),
            seen: objects.iter().map(|object| (key(object), object.clone())).collect(),
        }
    }

    /// Prints the objects that are new, changed or gone.
    pub fn poll(&mut self, server: &ApiServer, session: &mut Session) -> Poll {
        let terms = parse_labels(&self.labels).unwrap_or_default();
        let fields = fields::parse(self.kind, &self.fields).unwrap_or_default();
        let stored = server.storage.list(self.kind.group, self.kind.kind, &self.namespace);
        let now: BTreeMap<(String, String), Value> = stored
            .map(|(_, object)| object)
            .filter(|object| matches_labels(&terms, object) && fields::matches(&fields, object))
            .map(|object| (key(object), object.clone()))
            .filter(|((_, name), _)| self.name.is_empty() || *name == self.name)
            .collect();
        let version = |object: &Value| object["metadata"].str("resourceVersion").to_owned();
        let mut changed: Vec<Value> = self
            .seen
            .iter()
            .filter(|(key, _)| !now.contains_key(*key))
            .map(|(_, one)| one.clone())
            .collect();
        changed.extend(
            now.iter()
                .filter(|(key, object)| {
                    self.seen.get(*key).is_none_or(|known| version(known) != version(object))
                })
                .map(|(_, object)| object.clone()),
        );
        changed.sort_by_key(|object| version(object).parse::<u64>().unwrap_or_default());
        self.seen = now;
        if !changed.is_empty() {
            let rows = self.shape.rows(server, &Group { kind: self.kind, objects: changed });
            let text = table::lines_with(&rows, &mut self.widths);
            session.output.stdout.push_str(&text);
        }
        Poll::Pending
    }
}
