//! Documents: whole files, and YAML that is embedded in values of ConfigMaps.

use std::sync::Arc;

use crate::workspace::sources::{FileKind, Source, kind_of};
use kubernetes::fields;
use prometheus::fields::{root, rules};
use schema::{Dialect, Hooks, Subject, Type};
use simulation::workload::fields::WORKLOAD;
use text::{FileId, Span};
use yaml::{self, Parsed};

/// A document of one kind.
#[derive(Debug)]
pub struct Document {
    pub file: FileId,
    /// The span of the document in its file.
    pub span: Span,
    pub kind: FileKind,
    pub parsed: Arc<Parsed>,
    /// Between offsets of the text and of the file.
    pub source: yaml::Source,
    pub embedded: bool,
}

impl Document {
    pub fn whole(source: &Source) -> Self {
        Self {
            file: source.id,
            span: Span::new(0, source.text.len() as u32),
            kind: source.kind,
            parsed: source.parsed.clone(),
            // Only YAML documents have spans in the host file.
            source: match source.parsed.source.text.len() == source.text.len() {
                true => source.parsed.source.clone(),
                false => yaml::Source::whole(&source.text),
            },
            embedded: false,
        }
    }

    /// The text of a scalar; nothing for a node that is none. `before` is a region that may be the
    /// same text before an edit.
    pub fn inside(host: &Source, node: &yaml::Node, before: Option<&Document>) -> Option<Self> {
        let parsed = match before {
            Some(before) => yaml::embedded_incremental(&before.parsed, &host.text, node)?,
            None => yaml::embedded(host.id, &host.text, node)?,
        };
        Some(Self {
            file: host.id,
            span: node.span,
            kind: kind_of(&parsed),
            source: parsed.source.clone(),
            parsed: Arc::new(parsed),
            embedded: true,
        })
    }

    /// The type of the text's root, for kinds whose fields are known.
    pub fn root_type(&self) -> Option<Type> {
        Some(match self.kind {
            FileKind::Configuration => Type::Record(&root::ROOT),
            FileKind::Rules => Type::Record(&rules::RULE_FILE),
            FileKind::Workload => Type::Record(&WORKLOAD),
            _ => return None,
        })
    }

    pub fn subjects<'a>(&'a self, hooks: &'a dyn Hooks) -> Vec<Subject<'a>> {
        if matches!(self.kind, FileKind::Manifest | FileKind::Hooks) {
            return fields::subjects(&self.parsed, hooks);
        }
        let Some(ty) = self.root_type() else { return Vec::new() };
        Subject::first(&self.parsed, ty, Dialect::Prometheus, hooks).into_iter().collect()
    }
}

/// The innermost region at a place.
pub fn at<'a>(
    documents: impl Iterator<Item = &'a Arc<Document>>,
    file: FileId,
    offset: u32,
) -> Option<&'a Arc<Document>> {
    documents
        .filter(|document| document.file == file && document.span.touches(offset))
        .min_by_key(|document| document.span.len())
}
