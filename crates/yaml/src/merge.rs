//! Merge keys as Go's yaml.v2 resolves them: in the order of the text, the last value wins.
//!
//! The tree itself holds what yaml.v3 and the specification say: a written key wins over `<<`,
//! wherever that stands.
//!
//! Source: go.yaml.in/yaml/v2 decode.go, `mappingStruct` and `merge`.

use std::sync::Arc;

use super::tree::{Entry, Kind, Mapping, Node, Parsed, Sequence};

/// Returns the first document with merge keys applied in order. Returns None if that makes no
/// difference, which is nearly always.
pub fn merged_in_order(parsed: &Parsed) -> Option<Parsed> {
    let first = parsed.documents.first()?;
    let root = in_order(&first.root)?;
    let mut parsed = parsed.clone();
    parsed.documents.first_mut()?.root = root;
    Some(parsed)
}

/// The node, where anything in it differs. Trees are no deeper than the builder allows.
fn in_order(node: &Node) -> Option<Node> {
    let kind = match &node.kind {
        Kind::Scalar(_) => return None,
        Kind::Sequence(sequence) => {
            let items = changed(&sequence.items, in_order)?;
            Kind::Sequence(Arc::new(Sequence { style: sequence.style, items }))
        }
        Kind::Mapping(mapping) => {
            let own = overridden(mapping);
            let mapping = own.as_ref().unwrap_or(mapping);
            let below = |entry: &Entry| {
                let value = in_order(&entry.value)?;
                Some(Entry { key: entry.key.clone(), value })
            };
            let entries = changed(&mapping.entries, below);
            let merged = changed(&mapping.merged, below);
            if own.is_none() && entries.is_none() && merged.is_none() {
                return None;
            }
            Kind::Mapping(Arc::new(Mapping {
                style: mapping.style,
                entries: entries.unwrap_or_else(|| mapping.entries.clone()),
                merged: merged.unwrap_or_else(|| mapping.merged.clone()),
            }))
        }
    };
    let mut new = Node::new(node.span, kind);
    (new.tag, new.anchor, new.alias) = (node.tag.clone(), node.anchor.clone(), node.alias);
    Some(new)
}

/// All items, where one of them changes.
fn changed<T: Clone>(items: &[T], change: impl Fn(&T) -> Option<T>) -> Option<Vec<T>> {
    let mut changed: Option<Vec<T>> = None;
    for (at, item) in items.iter().enumerate() {
        if let Some(new) = change(item) {
            let all = changed.get_or_insert_with(|| items.to_vec());
            if let Some(place) = all.get_mut(at) {
                *place = new;
            }
        }
    }
    changed
}

/// The mapping without the entries that a later `<<` overrides, where there are any.
fn overridden(mapping: &Arc<Mapping>) -> Option<Arc<Mapping>> {
    let merges = mapping.entries.iter().position(Entry::is_merge)?;
    if merges == 0 && mapping.entries.iter().skip(1).all(|entry| !entry.is_merge()) {
        return None;
    }
    // The effective entries. The flag is true for an entry of the mapping itself, and false for a
    // merged one.
    let mut held: Vec<(Entry, bool)> = Vec::new();
    let hold = |held: &mut Vec<(Entry, bool)>, entry: &Entry, written: bool| {
        held.retain(|(known, _)| known.name().is_none() || known.name() != entry.name());
        held.push((entry.clone(), written));
    };
    for entry in &mapping.entries {
        if !entry.is_merge() {
            hold(&mut held, entry, true);
            continue;
        }
        let single = std::slice::from_ref(&entry.value);
        let sources = match &entry.value.kind {
            Kind::Sequence(sequence) => &sequence.items[..],
            _ => single,
        };
        for source in sources.iter().rev().filter_map(Node::as_mapping) {
            source.iter().for_each(|entry| hold(&mut held, entry, false));
        }
    }
    let loses = |entry: &Entry| {
        !entry.is_merge()
            && !held.iter().any(|(kept, written)| *written && kept.name() == entry.name())
    };
    if !mapping.entries.iter().any(loses) {
        return None;
    }
    let entries = mapping.entries.iter().filter(|entry| !loses(entry)).cloned().collect();
    let merged = held.into_iter().filter(|(_, written)| !written).map(|(entry, _)| entry).collect();
    Some(Arc::new(Mapping { style: mapping.style, entries, merged }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;
    use text::FileId;

    /// The value of `key` in the list's last item, with merges in order.
    fn last(text: &str, key: &str) -> Option<String> {
        let parsed = parse(FileId(1), text);
        let parsed = merged_in_order(&parsed).unwrap_or(parsed);
        let item = parsed.root()?.items().last()?.clone();
        item.get(key).and_then(Node::text).map(str::to_owned)
    }

    #[test]
    fn the_last_one_wins() {
        for (item, a, b) in [
            ("{<<: *x, a: 9}", "9", Some("2")),
            ("{a: 9, <<: *x}", "1", Some("2")),
            ("{a: 9, <<: [*x, *y]}", "1", Some("2")),
            ("{a: 9, <<: [*y, *x]}", "3", Some("2")),
            ("{a: 9, <<: {b: 7}}", "9", Some("7")),
            ("{a: 9}", "9", None),
        ] {
            let text = format!("- &x {{a: 1, b: 2}}\n- &y {{a: 3}}\n- {item}\n");
            assert_eq!(last(&text, "a").as_deref(), Some(a), "{item}");
            assert_eq!(last(&text, "b").as_deref(), b, "{item}");
        }
        let plain = parse(FileId(1), "- &x {a: 1}\n- {<<: *x, a: 2}\n");
        assert!(merged_in_order(&plain).is_none(), "a written key wins anyway");
    }
}
