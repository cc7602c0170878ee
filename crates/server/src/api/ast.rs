//! An expression as JSON, for the tree view of Prometheus's page.
//!
//! Source: web/api/v1/translate_ast.go. Maps are printed with sorted keys.

use std::collections::BTreeMap;

use go::number::format_float;
use promql::Matcher;
use promql::syntax::{
    Ast, AtModifier, DurationArg, DurationExpr, DurationOp, ExprKind, Function, NodeId, Subquery,
    VectorMatching, VectorSelector,
};

use crate::json::Json;

/// The tree of a whole expression. Children come before parents in an [`Ast`], so that no recursion
/// is needed.
pub(super) fn translate(ast: &Ast) -> Json {
    let mut done: Vec<Json> = Vec::with_capacity(ast.len());
    for (id, _) in ast.iter() {
        let node = node(ast, id, &mut done);
        done.push(node);
    }
    done.pop().unwrap_or(Json::Null)
}

fn map<const N: usize>(fields: [(&str, Json); N]) -> Json {
    let sorted: BTreeMap<&str, Json> = fields.into_iter().collect();
    Json::Object(sorted.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn texts(names: &[std::sync::Arc<str>]) -> Json {
    Json::texts(names.iter().map(|name| name.to_string()))
}

/// Translates one node. Moves its translated children out of `done`.
fn node(ast: &Ast, id: NodeId, done: &mut [Json]) -> Json {
    let mut child = |id: NodeId| {
        done.get_mut(id.index()).map_or(Json::Null, |slot| std::mem::replace(slot, Json::Null))
    };
    match &ast.get(id).kind {
        ExprKind::Number { value, .. } => {
            map([("type", Json::text("numberLiteral")), ("val", number(*value))])
        }
        ExprKind::String(text) => {
            map([("type", Json::text("stringLiteral")), ("val", Json::text(&**text))])
        }
        ExprKind::Vector(selector) => Json::Object(selector_fields(selector, None)),
        ExprKind::Matrix(matrix) => {
            Json::Object(selector_fields(&matrix.selector, Some(&matrix.range)))
        }
        ExprKind::Subquery(one) => subquery(one, child(one.expr)),
        ExprKind::Call(call) => map([
            ("type", Json::text("call")),
            ("func", function(call.function.get())),
            ("args", Json::List(call.args.iter().map(|arg| child(*arg)).collect())),
        ]),
        ExprKind::Aggregate(aggregate) => map([
            ("type", Json::text("aggregation")),
            ("op", Json::text(aggregate.op.name())),
            ("expr", child(aggregate.expr)),
            ("param", aggregate.param.map_or(Json::Null, &mut child)),
            ("grouping", texts(&aggregate.grouping)),
            ("without", Json::Bool(aggregate.without)),
        ]),
        ExprKind::Binary(binary) => map([
            ("type", Json::text("binaryExpr")),
            ("op", Json::text(binary.op.symbol())),
            ("lhs", child(binary.lhs)),
            ("rhs", child(binary.rhs)),
            ("matching", binary.matching.as_deref().map_or(Json::Null, matching)),
            ("bool", Json::Bool(binary.return_bool)),
        ]),
        ExprKind::Unary { op, expr } => map([
            ("type", Json::text("unaryExpr")),
            ("op", Json::text(op.symbol())),
            ("expr", child(*expr)),
        ]),
        ExprKind::Paren(expr) => map([("type", Json::text("parenExpr")), ("expr", child(*expr))]),
    }
}

fn subquery(subquery: &Subquery, expr: Json) -> Json {
    let (range, range_expr) = duration(Some(&subquery.range));
    let (step, step_expr) = duration(subquery.step.as_ref());
    let (offset, offset_expr) = duration(subquery.offset.as_ref());
    let (timestamp, start_or_end) = at(subquery.at);
    map([
        ("type", Json::text("subquery")),
        ("expr", expr),
        ("range", range),
        ("rangeExpr", range_expr),
        ("offset", offset),
        ("offsetExpr", offset_expr),
        ("step", step),
        ("stepExpr", step_expr),
        ("timestamp", timestamp),
        ("startOrEnd", start_or_end),
    ])
}

fn function(function: &Function) -> Json {
    map([
        ("name", Json::text(function.name)),
        ("argTypes", Json::texts(function.args.iter().map(|one| one.name()))),
        ("variadic", Json::Int(function.variadic.into())),
        ("returnType", Json::text(function.returns.name())),
    ])
}

fn number(value: f64) -> Json {
    Json::Text(format_float(value))
}

fn matching(matching: &VectorMatching) -> Json {
    let fill = |value: Option<f64>| value.map_or(Json::Null, Json::Float);
    let fills = [("lhs", fill(matching.fill_left)), ("rhs", fill(matching.fill_right))];
    map([
        ("card", Json::text(matching.card.name())),
        ("labels", texts(&matching.labels)),
        ("on", Json::Bool(matching.on)),
        ("include", texts(&matching.include)),
        ("fillValues", map(fills)),
    ])
}

fn selector_fields(selector: &VectorSelector, range: Option<&DurationArg>) -> Vec<(String, Json)> {
    let (offset, offset_expr) = duration(selector.offset.as_ref());
    let (timestamp, start_or_end) = at(selector.at);
    let kind = if range.is_some() { "matrixSelector" } else { "vectorSelector" };
    let mut fields: BTreeMap<&str, Json> = [
        ("type", Json::text(kind)),
        ("name", Json::text(selector.name.as_deref().unwrap_or_default())),
        ("offset", offset),
        ("offsetExpr", offset_expr),
        ("matchers", Json::List(selector.matchers.iter().map(matcher).collect())),
        ("timestamp", timestamp),
        ("startOrEnd", start_or_end),
        ("anchored", Json::Bool(selector.anchored)),
        ("smoothed", Json::Bool(selector.smoothed)),
    ]
    .into_iter()
    .collect();
    if range.is_some() {
        let (range, range_expr) = duration(range);
        fields.insert("range", range);
        fields.insert("rangeExpr", range_expr);
    }
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn matcher(matcher: &Matcher) -> Json {
    map([
        ("name", Json::text(&*matcher.name)),
        ("value", Json::text(&*matcher.value)),
        ("type", Json::text(matcher.op.symbol())),
    ])
}

/// Milliseconds of `@`, and the word in its place.
fn at(modifier: Option<AtModifier>) -> (Json, Json) {
    match modifier {
        None => (Json::Null, Json::Null),
        Some(AtModifier::Time(time)) => (Json::Int(time), Json::Null),
        Some(AtModifier::Start) => (Json::Null, Json::text("start")),
        Some(AtModifier::End) => (Json::Null, Json::text("end")),
    }
}

/// Milliseconds of a duration, and the expression that computes it.
fn duration(duration: Option<&DurationArg>) -> (Json, Json) {
    match duration {
        None => (Json::Int(0), Json::Null),
        Some(DurationArg::Fixed(fixed)) => (Json::Int(fixed.millis()), Json::Null),
        Some(DurationArg::Computed(computed)) => (Json::Int(0), duration_expr(computed)),
    }
}

fn duration_expr(expr: &DurationExpr) -> Json {
    let mut stack: Vec<Json> = Vec::new();
    for term in expr.terms() {
        let node = match term.op {
            DurationOp::Number { value, duration } => map([
                ("type", Json::text("numberLiteral")),
                ("val", number(value)),
                ("duration", Json::Bool(duration)),
            ]),
            DurationOp::Paren => wrapped(stack.pop().unwrap_or(Json::Null)),
            op => {
                let operands = match op {
                    DurationOp::Step | DurationOp::Range => 0,
                    DurationOp::Sign(_) => 1,
                    _ => 2,
                };
                let rhs = if operands > 0 { stack.pop() } else { None };
                let lhs = if operands > 1 { stack.pop() } else { None };
                operation(op, lhs, rhs)
            }
        };
        stack.push(node);
    }
    stack.pop().unwrap_or(Json::Null)
}

fn operation(op: DurationOp, lhs: Option<Json>, rhs: Option<Json>) -> Json {
    let symbol = match op {
        DurationOp::Step => "step",
        DurationOp::Range => "range",
        DurationOp::Sign(sign) => sign.symbol(),
        DurationOp::Add => "+",
        DurationOp::Sub => "-",
        DurationOp::Mul => "*",
        DurationOp::Div => "/",
        DurationOp::Mod => "%",
        DurationOp::Pow => "^",
        DurationOp::Max => "max_of",
        DurationOp::Min => "min_of",
        DurationOp::Number { .. } | DurationOp::Paren => "",
    };
    map([
        ("type", Json::text("durationExpr")),
        ("op", Json::text(symbol)),
        ("lhs", lhs.unwrap_or(Json::Null)),
        ("rhs", rhs.unwrap_or(Json::Null)),
        ("wrapped", Json::Bool(false)),
    ])
}

/// An operation in parentheses; those around a number are not kept.
fn wrapped(node: Json) -> Json {
    let Json::Object(mut fields) = node else { return node };
    if let Some((_, value)) = fields.iter_mut().find(|(name, _)| name == "wrapped") {
        *value = Json::Bool(true);
    }
    Json::Object(fields)
}
