//! Adds `@` modifiers, so that a query does not depend on the evaluation time.

use super::ast::{Ast, AtModifier, ExprKind};
use crate::Timestamp;

impl Ast {
    /// Returns the expression with `@ time` (milliseconds) added to every selector and subquery that
    /// has no fixed time and is not part of a subquery. Returns None if a function depends on the
    /// evaluation time.
    pub fn pinned(&self, time: Timestamp) -> Option<Self> {
        let time_dependent = self.iter().any(|(_, expr)| match &expr.kind {
            ExprKind::Call(call) => call.function.get().traits.time_dependent,
            _ => false,
        });
        if time_dependent {
            return None;
        }
        let mut within_subquery = vec![false; self.len()];
        // Parents have greater identifiers than their children.
        for (id, expr) in self.iter().rev() {
            let inside = within_subquery.get(id.index()).copied().unwrap_or_default()
                || matches!(expr.kind, ExprKind::Subquery(_));
            for child in expr.kind.children() {
                if let Some(slot) = within_subquery.get_mut(child.index()) {
                    *slot = inside;
                }
            }
        }
        let mut pinned = self.clone();
        for (expr, inside) in pinned.nodes_mut().iter_mut().zip(within_subquery) {
            let at = match &mut expr.kind {
                ExprKind::Vector(selector) => &mut selector.at,
                ExprKind::Matrix(matrix) => &mut matrix.selector.at,
                ExprKind::Subquery(subquery) => &mut subquery.at,
                _ => continue,
            };
            if !inside && !matches!(at, Some(AtModifier::Time(_))) {
                *at = Some(AtModifier::Time(time));
            }
        }
        Some(pinned)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ParserOptions, parse};

    #[test]
    fn pins_what_has_no_time() {
        for (query, pinned) in [
            ("a + b offset 5m", Some("a @ 60.000 + b @ 60.000 offset 5m")),
            ("rate(a[5m] @ 3)", Some("rate(a[5m] @ 3.000)")),
            ("rate(a[5m:1m])", Some("rate(a[5m:1m] @ 60.000)")),
            ("a @ start()", Some("a @ 60.000")),
            ("time()", None),
            ("hour(a)", None),
        ] {
            let ast = parse(query, &ParserOptions::ALL).unwrap();
            let got = ast.pinned(60_000).map(|ast| ast.to_string());
            assert_eq!(got.as_deref(), pinned, "{query}");
        }
    }
}
