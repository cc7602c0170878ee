//! Anchors, aliases and merge keys.

use std::sync::Arc;

use super::{Builder, Content, MAX_ALIASED, ProblemKind};
use crate::tree::{Entry, Kind, MAX_DEPTH, Node};
use text::Span;

impl Builder<'_> {
    /// Returns the entries that `<<` adds. Of several mappings the first wins; a written key wins
    /// over all.
    pub(super) fn merge(&mut self, entries: &[Entry]) -> Vec<Entry> {
        let mut merged: Vec<Entry> = Vec::new();
        if !entries.iter().any(Entry::is_merge) {
            return merged;
        }
        self.linked = true;
        let mut names: std::collections::HashSet<Arc<str>> = entries
            .iter()
            .filter_map(|entry| entry.key.as_scalar().map(|scalar| scalar.text.clone()))
            .collect();
        for entry in entries.iter().filter(|entry| entry.is_merge()) {
            let single = std::slice::from_ref(&entry.value);
            let sources = match &entry.value.kind {
                Kind::Sequence(sequence) => &sequence.items[..],
                _ => single,
            };
            for source in sources {
                let Some(mapping) = source.as_mapping() else {
                    self.problem_in_file(source.written_span(), ProblemKind::MergeWantsMap);
                    continue;
                };
                for entry in mapping.iter() {
                    let Some(name) = entry.key.as_scalar().map(|scalar| scalar.text.clone()) else {
                        continue;
                    };
                    if names.contains(&name) {
                        continue;
                    }
                    if !self.spend(entry.value.weight) {
                        let at = source.written_span();
                        self.problem_in_file(at, ProblemKind::TooManyAliases);
                        return merged;
                    }
                    names.insert(name);
                    merged.push(entry.clone());
                }
            }
        }
        merged
    }

    /// Charges `weight` to the limit of aliases. Returns false if the limit is reached.
    pub(super) fn spend(&mut self, weight: u32) -> bool {
        let sum = self.aliased.saturating_add(weight);
        let enough = sum <= MAX_ALIASED;
        if enough {
            self.aliased = sum;
        }
        enough
    }

    pub(super) fn alias(&mut self, id: usize, span: Span) {
        if self.skipped > 0 {
            return;
        }
        let written = (self.locate)(span);
        let mut node = Node::null(written.start);
        if let Some(name) = self.open_anchors.get(&id) {
            let name = name.to_string();
            self.problem(span, ProblemKind::AnchorInItself(name));
        } else if let Some((_, target)) = self.anchors.get(&id) {
            let target = target.clone();
            if self.frames.len() + usize::from(target.height) > MAX_DEPTH {
                self.problem(span, ProblemKind::TooDeep);
            } else if self.spend(target.weight) {
                node = target;
                node.anchor = None;
                node.alias = Some(written);
            } else {
                self.problem(span, ProblemKind::TooManyAliases);
            }
        }
        self.add(node, span);
    }

    pub(super) fn name_anchor(&mut self, id: usize, name: &str) {
        let name: Arc<str> = Arc::from(name);
        if let Some(open) = self.open_anchors.get_mut(&id) {
            *open = name;
        } else if let Some((known, node)) = self.anchors.get_mut(&id) {
            *known = name.clone();
            node.anchor = Some(name.clone());
            if self.fresh_anchor == id {
                self.name_last(name);
            }
        }
    }

    /// Gives the scalar added last the name of its anchor, whose event follows the scalar.
    pub(super) fn name_last(&mut self, name: Arc<str>) {
        let last = match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.root.as_mut(),
            Some(Content::Sequence(items)) => items.last_mut(),
            Some(Content::Mapping { entries, key }) => match key {
                Some(key) => Some(key),
                None => entries.last_mut().map(|entry| &mut entry.value),
            },
        };
        if let Some(node) = last {
            node.anchor = Some(name);
        }
    }
}
