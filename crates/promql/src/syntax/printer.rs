//! Expressions as text: on one line, and broken over lines where they are long.
//!
//! Both forms are Prometheus's own (`format_query`), and reading them gives the same expression.
//! They differ from its form where that could not be read back: labels named like keywords are
//! quoted, and U+FFFD is escaped. Source: prometheus promql/parser/printer.go and prettier.go.

use std::fmt;
use std::sync::Arc;
use text::IndexSort;

use super::ast::{
    Aggregate, Ast, AtModifier, Binary, Cardinality, DurationArg, ExprKind, MatrixSelector, NodeId,
    Subquery, VectorMatching, VectorSelector,
};
use super::quote::{push_quoted, quote};
use super::token::{TokenKind, keyword};
use crate::{METRIC_NAME, is_legacy_label_name};
use crate::{MatchOp, Matcher};
use go::Duration;
use go::number::{format_fixed, format_float, format_general};

/// Expressions longer than this many bytes are broken over lines.
const LINE_LENGTH: usize = 100;
/// Deeper levels are not indented further, so that a long chain does not grow with its square.
const DEEPEST_INDENT: usize = 100;

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.print(self.root()))
    }
}

impl Ast {
    /// A subexpression on one line.
    pub fn print(&self, id: NodeId) -> String {
        OneLine::new(self, id).text
    }

    /// The whole expression, broken over lines where it is longer than 100 bytes.
    pub fn pretty(&self) -> String {
        self.pretty_within(LINE_LENGTH)
    }

    /// As [`Ast::pretty`], with lines of another length.
    pub fn pretty_within(&self, line_length: usize) -> String {
        let line = OneLine::new(self, self.root());
        let mut pretty = Pretty { ast: self, line, line_length, text: String::new() };
        pretty.node(self.root(), 0);
        pretty.text
    }

    /// The operation of the node without its operands: `sum by (job)`, `rate`, `> bool`, `[5m:1m]`.
    /// Selectors and literals are complete.
    pub fn heading(&self, id: NodeId) -> String {
        let mut text = String::new();
        match &self[id].kind {
            ExprKind::Subquery(subquery) => push_subquery_suffix(&mut text, subquery),
            ExprKind::Call(call) => text.push_str(call.function.name()),
            ExprKind::Aggregate(aggregate) => push_aggregate(&mut text, aggregate),
            ExprKind::Binary(binary) => push_operator(&mut text, binary),
            ExprKind::Unary { op, .. } => text.push_str(op.symbol()),
            ExprKind::Paren(_) => text.push_str("( )"),
            _ => return self.print(id),
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// An expression on one line, and where in it each node is.
struct OneLine<'a> {
    ast: &'a Ast,
    text: String,
    /// Begin and end in [`Self::text`], by [`NodeId::index`].
    places: Vec<(usize, usize)>,
}

impl<'a> OneLine<'a> {
    fn new(ast: &'a Ast, id: NodeId) -> Self {
        let mut line = Self { ast, text: String::new(), places: vec![(0, 0); ast.len()] };
        line.node(id);
        line
    }

    fn node(&mut self, id: NodeId) {
        let begin = self.text.len();
        let ast = self.ast;
        match &ast[id].kind {
            ExprKind::Number { value, duration } => push_number(&mut self.text, *value, *duration),
            ExprKind::String(text) => push_quoted(&mut self.text, text),
            ExprKind::Vector(selector) => {
                push_selector(&mut self.text, selector);
                push_at(&mut self.text, selector.at);
                push_extended(&mut self.text, selector);
                push_offset(&mut self.text, selector.offset.as_ref());
            }
            ExprKind::Matrix(MatrixSelector { selector, range }) => {
                push_selector(&mut self.text, selector);
                self.text.push('[');
                push_duration(&mut self.text, range);
                self.text.push(']');
                push_extended(&mut self.text, selector);
                push_at(&mut self.text, selector.at);
                push_offset(&mut self.text, selector.offset.as_ref());
            }
            ExprKind::Subquery(subquery) => {
                self.node(subquery.expr);
                push_subquery_suffix(&mut self.text, subquery);
            }
            ExprKind::Call(call) => {
                self.text.push_str(call.function.name());
                self.text.push('(');
                self.list(&call.args);
                self.text.push(')');
            }
            ExprKind::Aggregate(aggregate) => {
                push_aggregate(&mut self.text, aggregate);
                self.text.push('(');
                if let Some(param) = aggregate.param {
                    self.node(param);
                    self.text.push_str(", ");
                }
                self.node(aggregate.expr);
                self.text.push(')');
            }
            ExprKind::Binary(_) => return self.chain(id),
            ExprKind::Unary { op, expr } => {
                self.text.push_str(op.symbol());
                self.node(*expr);
            }
            ExprKind::Paren(inner) => {
                self.text.push('(');
                self.node(*inner);
                self.text.push(')');
            }
        }
        self.places[id.index()] = (begin, self.text.len());
    }

    fn list(&mut self, nodes: &[NodeId]) {
        for (i, &node) in nodes.iter().enumerate() {
            if i > 0 {
                self.text.push_str(", ");
            }
            self.node(node);
        }
    }

    /// A binary operation, and those that it has on its left, in a loop.
    fn chain(&mut self, id: NodeId) {
        let begin = self.text.len();
        let operations = chain_ids(self.ast, id);
        if let Some((_, first)) = operations.last() {
            self.node(first.lhs);
        }
        for (id, binary) in operations.into_iter().rev() {
            self.text.push(' ');
            push_operator(&mut self.text, binary);
            self.text.push(' ');
            self.node(binary.rhs);
            self.places[id.index()] = (begin, self.text.len());
        }
    }

    fn len(&self, id: NodeId) -> usize {
        let (begin, end) = self.places[id.index()];
        end - begin
    }

    fn slice(&self, id: NodeId) -> &str {
        let (begin, end) = self.places[id.index()];
        self.text.get(begin..end).unwrap_or_default()
    }
}

/// The operations of a chain to the left, from the outermost inwards.
fn chain_ids(ast: &Ast, mut id: NodeId) -> Vec<(NodeId, &Binary)> {
    let mut chain = Vec::new();
    while let ExprKind::Binary(binary) = &ast[id].kind {
        chain.push((id, binary));
        id = binary.lhs;
    }
    chain
}

struct Pretty<'a> {
    ast: &'a Ast,
    line: OneLine<'a>,
    line_length: usize,
    text: String,
}

impl Pretty<'_> {
    fn is_long(&self, id: NodeId) -> bool {
        self.line.len(id) > self.line_length
    }

    fn indent(&mut self, level: usize) {
        for _ in 0..level.min(DEEPEST_INDENT) {
            self.text.push_str("  ");
        }
    }

    fn whole(&mut self, id: NodeId, level: usize) {
        self.indent(level);
        self.text.push_str(self.line.slice(id));
    }

    /// A node at the beginning of a line; operands of a broken one stand on lines of their own.
    fn node(&mut self, id: NodeId, level: usize) {
        let ast = self.ast;
        let long = self.is_long(id);
        match &ast[id].kind {
            ExprKind::Call(call) if long => {
                self.indent(level);
                self.text.push_str(call.function.name());
                self.text.push_str("(\n");
                for (i, &arg) in call.args.iter().enumerate() {
                    if i > 0 {
                        self.text.push_str(",\n");
                    }
                    self.node(arg, level + 1);
                }
                self.close(level);
            }
            ExprKind::Aggregate(aggregate) if long => {
                self.indent(level);
                push_aggregate(&mut self.text, aggregate);
                self.text.push_str("(\n");
                if let Some(param) = aggregate.param {
                    self.node(param, level + 1);
                    self.text.push_str(",\n");
                }
                self.node(aggregate.expr, level + 1);
                self.close(level);
            }
            ExprKind::Paren(inner) if long => {
                self.indent(level);
                self.text.push_str("(\n");
                self.node(*inner, level + 1);
                self.close(level);
            }
            ExprKind::Binary(_) if long => self.chain(id, level),
            ExprKind::Subquery(subquery) if long => {
                self.node(subquery.expr, level);
                push_subquery_suffix(&mut self.text, subquery);
            }
            // Prometheus does not indent these.
            ExprKind::Subquery(_) => self.text.push_str(self.line.slice(id)),
            ExprKind::Unary { op, expr } => {
                self.indent(level);
                self.text.push_str(op.symbol());
                let operand = self.text.len();
                self.node(*expr, level);
                let indented = self.text.get(operand..).unwrap_or_default();
                let blank = indented.len() - indented.trim_start().len();
                self.text.drain(operand..operand + blank);
            }
            _ => self.whole(id, level),
        }
    }

    fn close(&mut self, level: usize) {
        self.text.push('\n');
        self.indent(level);
        self.text.push(')');
    }

    /// Operators stand on lines between their operands; each left operand is a level deeper.
    fn chain(&mut self, id: NodeId, level: usize) {
        let mut broken = chain_ids(self.ast, id);
        broken.retain(|&(id, _)| self.is_long(id));
        let depth = broken.len();
        if let Some((_, innermost)) = broken.last() {
            self.node(innermost.lhs, level + depth);
        }
        for (at, (_, binary)) in broken.into_iter().enumerate().rev() {
            self.text.push('\n');
            self.indent(level + at);
            push_operator(&mut self.text, binary);
            self.text.push('\n');
            self.node(binary.rhs, level + at + 1);
        }
    }
}

fn push_number(out: &mut String, value: f64, duration: bool) {
    if !duration {
        out.push_str(&format_float(value));
        return;
    }
    let duration = Duration((value * 1000.0).round() as i64);
    out.push_str(&duration.to_string());
}

/// Name and braces. Matchers are sorted as text.
fn push_selector(out: &mut String, selector: &VectorSelector) {
    let name = selector.name.as_deref().unwrap_or_default();
    out.push_str(name);
    let mut matchers: Vec<String> = selector
        .matchers
        .iter()
        .filter(|matcher| {
            let is_name = &*matcher.name == METRIC_NAME && matcher.op == MatchOp::Equal;
            !(is_name && *matcher.value == *name && !name.is_empty())
        })
        .map(Matcher::to_string)
        .collect();
    matchers.index_sort();
    if !matchers.is_empty() || name.is_empty() {
        out.push('{');
        out.push_str(&matchers.join(","));
        out.push('}');
    }
}

/// The form in a selector: `job=~"api.*"`.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_legacy_label_name(&self.name) {
            f.write_str(&self.name)?;
        } else {
            f.write_str(&quote(&self.name))?;
        }
        f.write_str(self.op.symbol())?;
        f.write_str(&quote(&self.value))
    }
}

fn push_at(out: &mut String, at: Option<AtModifier>) {
    match at {
        None => {}
        Some(AtModifier::Start) => out.push_str(" @ start()"),
        Some(AtModifier::End) => out.push_str(" @ end()"),
        Some(AtModifier::Time(millis)) => {
            out.push_str(" @ ");
            out.push_str(&format_fixed(millis as f64 / 1000.0, 3));
        }
    }
}

fn push_extended(out: &mut String, selector: &VectorSelector) {
    if selector.anchored {
        out.push_str(" anchored");
    } else if selector.smoothed {
        out.push_str(" smoothed");
    }
}

/// An offset of zero is not written.
fn push_offset(out: &mut String, offset: Option<&DurationArg>) {
    match offset {
        None | Some(DurationArg::Fixed(Duration(0))) => {}
        Some(DurationArg::Fixed(offset)) => {
            out.push_str(" offset ");
            out.push_str(&offset.to_string());
        }
        Some(DurationArg::Computed(expr)) => {
            out.push_str(" offset ");
            out.push_str(&expr.print_as_offset());
        }
    }
}

fn push_duration(out: &mut String, duration: &DurationArg) {
    match duration {
        DurationArg::Fixed(duration) => out.push_str(&duration.to_string()),
        DurationArg::Computed(expr) => out.push_str(&expr.to_string()),
    }
}

fn push_subquery_suffix(out: &mut String, subquery: &Subquery) {
    out.push('[');
    push_duration(out, &subquery.range);
    out.push(':');
    if let Some(step) = &subquery.step {
        push_duration(out, step);
    }
    out.push(']');
    push_at(out, subquery.at);
    push_offset(out, subquery.offset.as_ref());
}

/// The operator with its grouping, up to the opening parenthesis.
fn push_aggregate(out: &mut String, aggregate: &Aggregate) {
    out.push_str(aggregate.op.name());
    let word = match (aggregate.without, aggregate.grouping.is_empty()) {
        (true, _) => " without ",
        (false, false) => " by ",
        (false, true) => return,
    };
    out.push_str(word);
    push_labels(out, &aggregate.grouping);
    out.push(' ');
}

fn push_labels(out: &mut String, labels: &[Arc<str>]) {
    out.push('(');
    for (i, label) in labels.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        if is_legacy_label_name(label) && keyword(label).is_none_or(TokenKind::is_grouping_label) {
            out.push_str(label);
        } else {
            push_quoted(out, label);
        }
    }
    out.push(')');
}

/// The operator with its modifiers.
fn push_operator(out: &mut String, binary: &Binary) {
    out.push_str(binary.op.symbol());
    if binary.return_bool {
        out.push_str(" bool");
    }
    if let Some(matching) = &binary.matching {
        push_matching(out, matching);
    }
}

fn push_matching(out: &mut String, matching: &VectorMatching) {
    let group = match matching.card {
        Cardinality::ManyToOne => Some(" group_left "),
        Cardinality::OneToMany => Some(" group_right "),
        Cardinality::OneToOne | Cardinality::ManyToMany => None,
    };
    if !matching.labels.is_empty() || matching.on || group.is_some() {
        out.push_str(if matching.on { " on " } else { " ignoring " });
        push_labels(out, &matching.labels);
    }
    if let Some(group) = group {
        out.push_str(group);
        push_labels(out, &matching.include);
    }
    let mut fill = |word: &str, value: f64| {
        out.push_str(word);
        out.push_str(&format_general(value, None));
        out.push(')');
    };
    match (matching.fill_left, matching.fill_right) {
        (Some(left), Some(right)) if left == right => fill(" fill (", left),
        (left, right) => {
            if let Some(left) = left {
                fill(" fill_left (", left);
            }
            if let Some(right) = right {
                fill(" fill_right (", right);
            }
        }
    }
}
