//! Type checks, in the order of Prometheus.
//! Source: prometheus promql/parser/parse.go checkAST.

use std::fmt;

use super::ast::{
    Aggregate, Ast, Binary, Call, Cardinality, Expr, ExprKind, NodeId, ValueType, VectorMatching,
    VectorSelector,
};
use super::error::ErrorList;
use super::functions::{Function, FunctionId};
use super::operators::AggregateOp;
use super::quote::quote;
use crate::{METRIC_NAME, Matcher};
use text::Span;

/// Reports type errors, and completes what depends on types: scalars have no vector matching, set
/// operators match many-to-many, and the second argument of `info` can match every series.
pub(super) fn check(ast: &mut Ast, query: &str, errors: &mut ErrorList) {
    complete_defaults(ast);
    let root = ast.root();
    Checker { ast, query, errors }.visit(root);
    // After the checks, because their errors mention the matching.
    drop_scalar_matching(ast);
}

/// Sets the values that depend on the types of operands.
fn complete_defaults(ast: &mut Ast) {
    let mut label_selectors = Vec::new();
    for expr in ast.nodes_mut() {
        match &mut expr.kind {
            ExprKind::Binary(Binary { op, matching: Some(matching), .. })
                if op.is_set() && matching.card == Cardinality::OneToOne =>
            {
                matching.card = Cardinality::ManyToMany;
            }
            ExprKind::Call(Call { function, args }) if function.get().traits.label_selector => {
                label_selectors.extend(args.get(1).copied());
            }
            _ => {}
        }
    }
    for id in label_selectors {
        if let ExprKind::Vector(selector) = &mut ast.nodes_mut()[id.index()].kind {
            selector.may_match_everything = selector.name.is_none();
        }
    }
}

fn drop_scalar_matching(ast: &mut Ast) {
    let is_scalar = |(_, expr): (NodeId, &Expr)| match &expr.kind {
        ExprKind::Binary(Binary { lhs, rhs, matching: Some(_), .. }) => {
            [lhs, rhs].iter().any(|&&id| ast.type_of(id) != ValueType::Vector)
        }
        _ => false,
    };
    let scalar: Vec<bool> = ast.iter().map(is_scalar).collect();
    for (expr, scalar) in ast.nodes_mut().iter_mut().zip(scalar) {
        if let (ExprKind::Binary(Binary { matching, .. }), true) = (&mut expr.kind, scalar) {
            *matching = None;
        }
    }
}

/// The expression that requires a type, as error messages name it.
#[derive(Clone, Copy)]
enum TypeContext {
    Aggregation,
    Parameter,
    Call(FunctionId),
}

impl fmt::Display for TypeContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aggregation => f.write_str("aggregation expression"),
            Self::Parameter => f.write_str("aggregation parameter"),
            Self::Call(function) => write!(f, "call to function \"{}\"", function.name()),
        }
    }
}

struct Checker<'a> {
    ast: &'a Ast,
    query: &'a str,
    errors: &'a mut ErrorList,
}

impl<'a> Checker<'a> {
    fn of(&self, id: NodeId) -> ValueType {
        self.ast.type_of(id)
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.errors.push(span, message);
    }

    /// Checks a subtree. The parser's depth limit bounds the recursion; chains of operators to the
    /// left, which it does not count, are walked in a loop.
    fn visit(&mut self, id: NodeId) {
        let ast = self.ast;
        let expr = &ast[id];
        match &expr.kind {
            ExprKind::Number { .. } | ExprKind::String(_) => {}
            ExprKind::Vector(selector) => self.selector(selector),
            ExprKind::Matrix(matrix) => self.selector(&matrix.selector),
            ExprKind::Subquery(subquery) => {
                self.visit(subquery.expr);
                let found = self.of(subquery.expr);
                if found != ValueType::Vector {
                    let found = found.name();
                    self.error(
                        expr.span,
                        format!("subquery is only allowed on instant vector, got {found} instead"),
                    );
                }
            }
            ExprKind::Call(call) => self.call(expr, call),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::Binary(_) => self.binary_chain(id),
            ExprKind::Unary { expr: operand, .. } => {
                self.visit(*operand);
                let found = self.of(*operand);
                if !matches!(found, ValueType::Scalar | ValueType::Vector) {
                    let found = found.documented();
                    self.error(
                        expr.span,
                        format!(
                            "unary expression only allowed on expressions of type scalar or \
                             instant vector, got \"{found}\""
                        ),
                    );
                }
            }
            ExprKind::Paren(inner) => self.visit(*inner),
        }
    }

    fn expect(&mut self, id: NodeId, expected: ValueType, context: TypeContext) {
        self.visit(id);
        self.require_type(id, expected, context);
    }

    fn require_type(&mut self, id: NodeId, expected: ValueType, context: TypeContext) {
        let found = self.of(id);
        if found != expected {
            let (expected, found) = (expected.documented(), found.documented());
            let span = self.ast[id].span;
            self.error(span, format!("expected type {expected} in {context}, got {found}"));
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        self.expect(aggregate.expr, ValueType::Vector, TypeContext::Aggregation);
        if let Some(param) = aggregate.param {
            let expected = match aggregate.op {
                AggregateOp::CountValues => ValueType::String,
                _ => ValueType::Scalar,
            };
            self.expect(param, expected, TypeContext::Parameter);
        }
    }

    fn call(&mut self, expr: &Expr, call: &Call) {
        let function = call.function.get();
        let (least, most) = function.arity();
        let given = call.args.len();
        if given < least || most.is_some_and(|most| given > most) {
            self.wrong_count(expr.span, function, given);
        }
        let context = TypeContext::Call(call.function);
        if function.traits.label_selector {
            self.label_selector(expr, call, context);
        }
        for (i, &arg) in call.args.iter().enumerate() {
            let Some(&expected) = function.param_of(i).and_then(|at| function.args.get(at)) else {
                break;
            };
            self.expect(arg, expected, context);
        }
    }

    #[cold]
    fn wrong_count(&mut self, span: Span, function: &Function, given: usize) {
        let expected = match function.arity() {
            (all, _) if function.variadic == 0 => all.to_string(),
            (least, _) if given < least => format!("at least {least}"),
            (_, most) => format!("at most {}", most.unwrap_or_default()),
        };
        let name = function.name;
        self.error(
            span,
            format!("expected {expected} argument(s) in call to \"{name}\", got {given}"),
        );
    }

    /// Checks that the second argument of `info` is a selector without a metric name.
    fn label_selector(&mut self, expr: &Expr, call: &Call, context: TypeContext) {
        let Some(&selector) = call.args.get(1) else { return };
        let found = self.of(selector);
        if found != ValueType::Vector {
            let (expected, found) = (ValueType::Vector.documented(), found.documented());
            self.error(expr.span, format!("expected type {expected} in {context}, got {found}"));
        }
        let node = &self.ast[selector];
        match &node.kind {
            ExprKind::Vector(selector) if selector.name.is_none() => {}
            ExprKind::Vector(_) => {
                self.error(node.span, "expected label selectors only, got vector selector instead")
            }
            _ => self.error(node.span, "expected label selectors only"),
        }
    }

    fn binary_chain(&mut self, id: NodeId) {
        let ast = self.ast;
        let chain = ast.left_spine(id);
        if let Some((_, first)) = chain.last() {
            self.visit(first.lhs);
        }
        for (expr, binary) in chain.into_iter().rev() {
            self.visit(binary.rhs);
            self.binary(expr, binary);
        }
    }

    fn binary(&mut self, expr: &Expr, binary: &Binary) {
        let Binary { op, lhs, rhs, return_bool, matching } = binary;
        let (left, right) = (self.of(*lhs), self.of(*rhs));
        let scalars = left == ValueType::Scalar && right == ValueType::Scalar;
        if *return_bool && !op.is_comparison() {
            let at = self.between(binary);
            self.error(at, "bool modifier can only be used on comparison operators");
        }
        if op.is_comparison() && !return_bool && scalars {
            let at = self.between(binary);
            self.error(at, "comparisons between scalars must use BOOL modifier");
        }
        if let Some(matching) = matching {
            self.included_labels(binary, matching);
        }
        for (side, found) in [(lhs, left), (rhs, right)] {
            if !matches!(found, ValueType::Scalar | ValueType::Vector) {
                let span = self.ast[*side].span;
                self.error(
                    span,
                    "binary expression must contain only scalar and instant vector types",
                );
            }
        }
        if let Some(matching) = matching {
            let vectors = left == ValueType::Vector && right == ValueType::Vector;
            self.matching(expr.span, binary, matching, vectors);
        }
        if (left == ValueType::Scalar || right == ValueType::Scalar) && op.is_set() {
            let op = op.symbol();
            self.error(
                expr.span,
                format!("set operator \"{op}\" not allowed in binary scalar expression"),
            );
        }
    }

    fn included_labels(&mut self, binary: &Binary, matching: &VectorMatching) {
        if !matching.on {
            return;
        }
        for label in matching.labels.iter().filter(|label| matching.include.contains(label)) {
            let at = self.between(binary);
            let label = quote(label);
            self.error(at, format!("label {label} must not occur in ON and GROUP clause at once"));
        }
    }

    fn matching(&mut self, span: Span, binary: &Binary, matching: &VectorMatching, vectors: bool) {
        let fills = matching.fill_left.is_some() || matching.fill_right.is_some();
        if !vectors {
            if !matching.labels.is_empty() {
                self.error(span, "vector matching only allowed between instant vectors");
            }
            if fills {
                self.error(span, "filling in missing series only allowed between instant vectors");
            }
        } else if binary.op.is_set() {
            if matching.card != Cardinality::ManyToMany {
                let op = binary.op.symbol();
                self.error(span, format!("no grouping allowed for \"{op}\" operation"));
                self.error(span, "set operations must always be many-to-many");
            }
            if fills {
                self.error(span, "filling in missing series not allowed for set operators");
            }
        }
    }

    /// The operator with its modifiers, without the space around.
    fn between(&self, binary: &Binary) -> Span {
        let (start, end) = (self.ast[binary.lhs].span.end, self.ast[binary.rhs].span.start);
        let text = Span::new(start, end.max(start)).slice(self.query);
        let front = text.len() - text.trim_ascii_start().len();
        let behind = text.len() - text.trim_ascii_end().len();
        Span::new(start + front as u32, (end - behind as u32).max(start + front as u32))
    }

    fn selector(&mut self, selector: &VectorSelector) {
        if let Some(name) = &selector.name {
            let within = selector.matchers.split_last().map_or(&[][..], |(_, within)| within);
            for matcher in within.iter().filter(|matcher| &*matcher.name == METRIC_NAME) {
                let (name, value) = (quote(name), quote(&matcher.value));
                self.error(
                    selector.span,
                    format!("metric name must not be set twice: {name} or {value}"),
                );
            }
        } else if !selector.may_match_everything
            && !selector.matchers.iter().any(excludes_missing_label)
        {
            self.error(
                selector.span,
                "vector selector must contain at least one non-empty matcher",
            );
        }
    }
}

/// Returns true if the matcher does not match the empty string. A selector needs one such matcher.
fn excludes_missing_label(matcher: &Matcher) -> bool {
    !matcher.matches("")
}
