//! The tree of a query with the result of each node.

use super::in_words;
use crate::labels::plain_labels;
use promql::engine::{MatchTrace, Trace};
use promql::syntax::{Ast, NodeId};
use protocol::pages::query::{Matching, NodeRow};
use text::IndexSort;

/// The maximum number of listed groups of a matching.
const MOST_GROUPS: usize = 40;

pub(super) fn rows(ast: &Ast, trace: &Trace) -> Vec<NodeRow> {
    let parents = ast.parents();
    let mut order = Vec::new();
    walk(ast, &parents, ast.root(), &mut order);
    order
        .into_iter()
        .filter_map(|(id, depth)| {
            let found = trace.nodes.iter().find(|node| node.node == id)?;
            let mut cardinality: Vec<(String, usize)> =
                found.cardinality.iter().map(|(name, count)| (name.to_string(), *count)).collect();
            cardinality.index_sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            let shown = found.shown.iter().map(|(labels, value)| {
                (plain_labels(labels), value.as_ref().map(in_words).unwrap_or_default())
            });
            Some(NodeRow {
                node: id.index() as u32,
                depth,
                text: ast.print(id),
                value_type: ast.type_of(id).documented().to_owned(),
                series: found.series,
                samples: found.samples,
                samples_read: found.samples_read,
                cardinality,
                shown: shown.collect(),
                matching: found.matching.as_ref().map(matching),
                has_terms: matches!(ast.get(id).kind, promql::syntax::ExprKind::Call(_)),
            })
        })
        .collect()
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
    let all = |side: &[promql::Labels]| side.iter().map(plain_labels).collect();
    let groups = found.groups.iter().take(MOST_GROUPS);
    Matching {
        matched: found.matched,
        only_left: found.only_left,
        only_right: found.only_right,
        groups: groups
            .map(|group| (plain_labels(&group.signature), all(&group.left), all(&group.right)))
            .collect(),
    }
}
