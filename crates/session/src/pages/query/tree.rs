//! The tree of a query with the result of each node.

use super::in_words;
use crate::labels::plain_labels;
use std::collections::HashMap;

use promql::engine::{MatchTrace, NodeTrace, Trace};
use promql::syntax::{Ast, NodeId};
use protocol::pages::query::{MatchGroup, MatchSide, Matching, NodeRow};
use text::IndexSort;

/// The maximum number of listed nodes.
const MOST_NODES: usize = 200;
/// The maximum number of characters of a node's text.
const MOST_TEXT: usize = 400;
/// The maximum number of labels whose values are counted.
const MOST_LABELS: usize = 40;
/// The maximum number of listed groups of a matching.
const MOST_GROUPS: usize = 40;
/// The maximum number of listed series of a side of a group.
const MOST_SERIES: usize = 20;

/// Returns the nodes that were evaluated, and the number of those that are not listed.
pub(super) fn rows(ast: &Ast, trace: &Trace) -> (Vec<NodeRow>, usize) {
    let parents = ast.parents();
    let mut order = Vec::new();
    walk(ast, &parents, ast.root(), &mut order);
    let traced: HashMap<NodeId, &NodeTrace> =
        trace.nodes.iter().rev().map(|node| (node.node, node)).collect();
    let evaluated =
        order.into_iter().filter_map(|(id, depth)| Some((id, depth, *traced.get(&id)?)));
    let evaluated: Vec<(NodeId, u32, &NodeTrace)> = evaluated.collect();
    let more = evaluated.len().saturating_sub(MOST_NODES);
    let rows = evaluated
        .into_iter()
        .take(MOST_NODES)
        .map(|(id, depth, found)| {
            let mut cardinality: Vec<(String, usize)> =
                found.cardinality.iter().map(|(name, count)| (name.to_string(), *count)).collect();
            cardinality.index_sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            cardinality.truncate(MOST_LABELS);
            let shown = found.shown.iter().map(|(labels, value)| {
                (plain_labels(labels), value.as_ref().map(in_words).unwrap_or_default())
            });
            NodeRow {
                node: id.index() as u32,
                depth,
                text: shortened(ast.print(id)),
                value_type: ast.type_of(id).documented().to_owned(),
                series: found.series,
                samples: found.samples,
                samples_read: found.samples_read,
                cardinality,
                shown: shown.collect(),
                matching: found.matching.as_ref().map(matching),
                has_terms: matches!(ast.get(id).kind, promql::syntax::ExprKind::Call(_)),
            }
        })
        .collect();
    (rows, more)
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MOST_TEXT) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Returns the nodes in the order of the text, each with its depth. It does not recurse, because a
/// query can be a chain of thousands of operators.
fn walk(ast: &Ast, parents: &[Option<NodeId>], root: NodeId, order: &mut Vec<(NodeId, u32)>) {
    let mut children: Vec<Vec<NodeId>> = vec![Vec::new(); ast.len()];
    for (id, _) in ast.iter() {
        if let Some(Some(parent)) = parents.get(id.index())
            && let Some(slot) = children.get_mut(parent.index())
        {
            slot.push(id);
        }
    }
    let mut stack = vec![(root, 0)];
    while let Some((id, depth)) = stack.pop() {
        order.push((id, depth));
        let mut below = children.get(id.index()).cloned().unwrap_or_default();
        below.index_sort_by_key(|child| std::cmp::Reverse(ast.get(*child).span.start));
        stack.extend(below.into_iter().map(|child| (child, depth + 1)));
    }
}

fn matching(found: &MatchTrace) -> Matching {
    let side = |side: &[promql::Labels]| MatchSide {
        series: side.iter().take(MOST_SERIES).map(plain_labels).collect(),
        more: side.len().saturating_sub(MOST_SERIES),
    };
    let groups = found.groups.iter().take(MOST_GROUPS);
    Matching {
        matched: found.matched,
        only_left: found.only_left,
        only_right: found.only_right,
        groups: groups
            .map(|group| MatchGroup {
                signature: plain_labels(&group.signature),
                left: side(&group.left),
                right: side(&group.right),
            })
            .collect(),
    }
}
