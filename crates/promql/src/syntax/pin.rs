//! A query made independent of the time at which it is evaluated.

use super::ast::{Ast, AtModifier, ExprKind};
use crate::Timestamp;

/// Functions whose value depends on the time of the evaluation even where that of their argument
/// does not. Source: prometheus promql/functions.go.
const BOUND_TO_TIME: [&str; 15] = [
    "days_in_month",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "end",
    "hour",
    "minute",
    "month",
    "predict_linear",
    "range",
    "start",
    "step",
    "time",
    "timestamp",
    "year",
];

impl Ast {
    /// The expression with `@ time` at every selector and subquery that has no time of its own and
    /// is not within a subquery. `None` where a function is bound to the time of the evaluation.
    pub fn pinned(&self, time: Timestamp) -> Option<Self> {
        let unpinnable = self.iter().any(|(_, expr)| match &expr.kind {
            ExprKind::Call(call) => BOUND_TO_TIME.contains(&call.function.name()),
            _ => false,
        });
        if unpinnable {
            return None;
        }
        let mut within_subquery = vec![false; self.len()];
        // Parents have greater numbers than their children, so they come first backwards.
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
