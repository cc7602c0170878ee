//! The expression tree: nodes in one vector, children before parents, a span on each.
//!
//! An arena instead of boxes: dropping, checking and numbering a tree is a walk along a vector, so
//! a chain of ten thousand operands costs no stack, and whoever keeps something per node (a trace,
//! a cache) keeps it in a vector of the same length.

use std::sync::{Arc, LazyLock};

use super::duration_expr::DurationExpr;
use super::functions::FunctionId;
use super::operators::{AggregateOp, BinaryOp, UnaryOp};
use crate::{METRIC_NAME, Matcher, Timestamp};
use go::Duration;
use text::Span;

/// A node's place in its [`Ast`]. Children have smaller numbers than their parent, the left child
/// smaller ones than the right, and the root the greatest: ascending order evaluates operands
/// before operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

impl NodeId {
    /// Returns the identifier as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A parsed query. Every node of it is reachable from the root, and there is at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Ast {
    nodes: Vec<Expr>,
    /// The type of each node, by [`NodeId::index`].
    types: Vec<ValueType>,
}

/// A node: its kind and the span of its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// The text that the node was parsed from.
    pub span: Span,
    /// The expression.
    pub kind: ExprKind,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number; `duration` when it was written as one (`5m` is 300).
    Number {
        /// The value.
        value: f64,
        /// True if it is written as a duration.
        duration: bool,
    },
    /// A string, unquoted.
    String(Arc<str>),
    /// An instant vector selector.
    Vector(VectorSelector),
    /// A range vector selector.
    Matrix(MatrixSelector),
    /// A subquery.
    Subquery(Subquery),
    /// A function call.
    Call(Call),
    /// An aggregation.
    Aggregate(Aggregate),
    /// A binary operation.
    Binary(Binary),
    /// A sign before an expression.
    Unary {
        /// The sign.
        op: UnaryOp,
        /// The operand.
        expr: NodeId,
    },
    /// An expression in parentheses.
    Paren(NodeId),
}

/// The type of an expression's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// No type: a node that does not exist.
    None,
    /// A scalar.
    Scalar,
    /// An instant vector.
    Vector,
    /// A range vector.
    Matrix,
    /// A string.
    String,
}

impl ValueType {
    /// As the HTTP API writes the type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Scalar => "scalar",
            Self::Vector => "vector",
            Self::Matrix => "matrix",
            Self::String => "string",
        }
    }

    /// As error messages and the documentation write the type.
    pub const fn documented(self) -> &'static str {
        match self {
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
            other => other.name(),
        }
    }
}

/// A selection of series, without the time range.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorSelector {
    /// The metric name written before the braces.
    pub name: Option<Arc<str>>,
    /// All matchers in the order of the text; the one for [`Self::name`] comes last.
    pub matchers: Vec<Matcher>,
    /// Name and braces, without modifiers; for an instant vector the node's span has those too.
    pub span: Span,
    /// The offset into the past. Negative offsets look ahead.
    pub offset: Option<DurationArg>,
    /// The `@` modifier.
    pub at: Option<AtModifier>,
    /// `anchored` and `smoothed`: how the ends of a range are read. Never both.
    pub anchored: bool,
    /// See [`Self::anchored`].
    pub smoothed: bool,
    /// Set on the second argument of `info`, where a selector may match everything.
    pub may_match_everything: bool,
}

/// `selector[range]`. Offset and `@` written after the bracket are in the selector.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSelector {
    /// The selector.
    pub selector: VectorSelector,
    /// The length of the range.
    pub range: DurationArg,
}

/// `expr[range:step]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// The inner expression.
    pub expr: NodeId,
    /// The length of the range.
    pub range: DurationArg,
    /// None: the default evaluation interval.
    pub step: Option<DurationArg>,
    /// The offset into the past.
    pub offset: Option<DurationArg>,
    /// The `@` modifier.
    pub at: Option<AtModifier>,
}

/// A range, step or offset: fixed, or to be computed when the query's step and range are known.
#[derive(Clone, Debug, PartialEq)]
pub enum DurationArg {
    /// The value, and whether it was written as a duration (`5m`) or in seconds (`300`).
    Fixed(Duration),
    /// A value that depends on the step and the range of the query.
    Computed(DurationExpr),
}

impl DurationArg {
    /// The value where it does not depend on the query's range and step.
    pub fn fixed(&self) -> Option<Duration> {
        match self {
            Self::Fixed(duration) => Some(*duration),
            Self::Computed(_) => None,
        }
    }
}

/// `@`: evaluate at a fixed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtModifier {
    /// A fixed time in milliseconds.
    Time(Timestamp),
    /// `@ start()`: the start of the query.
    Start,
    /// `@ end()`: the end of the query.
    End,
}

/// The label of metric names, shared by all matchers for it.
pub(super) fn metric_name_label() -> Arc<str> {
    static LABEL: LazyLock<Arc<str>> = LazyLock::new(|| METRIC_NAME.into());
    LABEL.clone()
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub function: FunctionId,
    /// The arguments, in order.
    pub args: Vec<NodeId>,
}

/// An aggregation.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The operator.
    pub op: AggregateOp,
    /// The parameter of aggregations such as `topk`, `quantile` and `count_values`.
    pub param: Option<NodeId>,
    /// The vector that is aggregated.
    pub expr: NodeId,
    /// The labels of `by` or `without`.
    pub grouping: Vec<Arc<str>>,
    /// True for `without`: `grouping` lists the labels to remove.
    pub without: bool,
}

/// A binary operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// The left operand.
    pub lhs: NodeId,
    /// The right operand.
    pub rhs: NodeId,
    /// A comparison that gives 0 or 1 instead of filtering.
    pub return_bool: bool,
    /// The vector matching. None if an operand is a scalar.
    pub matching: Option<Box<VectorMatching>>,
}

/// The vector matching of a binary operation.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorMatching {
    /// The cardinality.
    pub card: Cardinality,
    /// The labels of `on` or `ignoring`.
    pub labels: Vec<Arc<str>>,
    /// True if `labels` are those of `on`.
    pub on: bool,
    /// The labels of `group_left` or `group_right`: copied from the "one" side.
    pub include: Vec<Arc<str>>,
    /// The value that replaces a missing series of that side.
    pub fill_left: Option<f64>,
    /// The value that replaces a missing series of the right side.
    pub fill_right: Option<f64>,
}

/// The cardinality of a vector matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cardinality {
    /// Neither `group_left` nor `group_right`.
    OneToOne,
    /// `group_left`.
    ManyToOne,
    /// `group_right`.
    OneToMany,
    /// Set operators.
    ManyToMany,
}

impl Cardinality {
    /// As error messages name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneToOne => "one-to-one",
            Self::ManyToOne => "many-to-one",
            Self::OneToMany => "one-to-many",
            Self::ManyToMany => "many-to-many",
        }
    }
}

impl Ast {
    /// Takes nodes of which each refers to earlier ones only; the last is the root.
    pub(super) fn new(nodes: Vec<Expr>) -> Self {
        debug_assert!(!nodes.is_empty());
        let types = types(&nodes);
        Self { nodes, types }
    }

    /// Returns the type of a node.
    pub fn type_of(&self, id: NodeId) -> ValueType {
        self.types.get(id.index()).copied().unwrap_or(ValueType::None)
    }

    /// Returns the type of the whole expression.
    pub fn root_type(&self) -> ValueType {
        self.type_of(self.root())
    }

    /// Returns the identifier of the root.
    pub fn root(&self) -> NodeId {
        NodeId(self.nodes.len().saturating_sub(1) as u32)
    }

    /// Returns the root.
    pub fn root_expr(&self) -> &Expr {
        self.get(self.root())
    }

    /// The node of an id that this tree gave out.
    pub fn get(&self, id: NodeId) -> &Expr {
        &self.nodes[id.index()]
    }

    /// Returns the number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Returns false: an expression has a root.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All nodes, children before parents.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (NodeId, &Expr)> {
        self.nodes.iter().enumerate().map(|(i, expr)| (NodeId(i as u32), expr))
    }

    /// Changes every selector of the query in the order of the text.
    pub fn edit_selectors(&mut self, mut edit: impl FnMut(&mut VectorSelector)) {
        for node in &mut self.nodes {
            match &mut node.kind {
                ExprKind::Vector(selector) => edit(selector),
                ExprKind::Matrix(matrix) => edit(&mut matrix.selector),
                _ => {}
            }
        }
    }

    pub(super) fn nodes_mut(&mut self) -> &mut [Expr] {
        &mut self.nodes
    }

    /// The node without the parentheses around it.
    pub fn unwrap_parens(&self, mut id: NodeId) -> NodeId {
        while let ExprKind::Paren(inner) = self.get(id).kind {
            id = inner;
        }
        id
    }

    /// The operators of a chain that groups to the left, from the outermost to the innermost, whose
    /// left operand begins the chain; empty where the node is no binary operation. Such chains can
    /// be long, while everything else is nested no deeper than the parser's limit: whoever walks the
    /// tree recursively takes them in a loop.
    pub fn left_spine(&self, id: NodeId) -> Vec<(&Expr, &Binary)> {
        let mut spine = Vec::new();
        let mut expr = self.get(id);
        while let ExprKind::Binary(binary) = &expr.kind {
            spine.push((expr, binary));
            expr = self.get(binary.lhs);
        }
        spine
    }

    /// For each node its parent, by [`NodeId::index`]; nothing for the root.
    pub fn parents(&self) -> Vec<Option<NodeId>> {
        let mut parents = vec![None; self.nodes.len()];
        for (id, expr) in self.iter() {
            for child in expr.kind.children() {
                parents[child.index()] = Some(id);
            }
        }
        parents
    }

    /// For each node the first node of its subtree, by [`NodeId::index`]: the subtree of `id` is
    /// the run from that node to `id` itself.
    pub fn subtree_starts(&self) -> Vec<NodeId> {
        let mut starts: Vec<NodeId> = Vec::with_capacity(self.nodes.len());
        for (id, expr) in self.iter() {
            let first = expr.kind.children().map(|child| starts[child.index()]).min();
            starts.push(first.unwrap_or(id));
        }
        starts
    }
}

/// Computes the type of each node.
fn types(nodes: &[Expr]) -> Vec<ValueType> {
    let mut types: Vec<ValueType> = Vec::with_capacity(nodes.len());
    for expr in nodes {
        let of = |id: NodeId| types.get(id.index()).copied().unwrap_or(ValueType::None);
        types.push(match &expr.kind {
            ExprKind::Number { .. } => ValueType::Scalar,
            ExprKind::String(_) => ValueType::String,
            ExprKind::Vector(_) | ExprKind::Aggregate(_) => ValueType::Vector,
            ExprKind::Matrix(_) | ExprKind::Subquery(_) => ValueType::Matrix,
            ExprKind::Call(call) => call.function.get().returns,
            ExprKind::Binary(binary) => match (of(binary.lhs), of(binary.rhs)) {
                (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
                _ => ValueType::Vector,
            },
            ExprKind::Unary { expr, .. } | ExprKind::Paren(expr) => of(*expr),
        });
    }
    types
}

impl std::ops::Index<NodeId> for Ast {
    type Output = Expr;

    fn index(&self, id: NodeId) -> &Expr {
        self.get(id)
    }
}

impl ExprKind {
    /// The operands in the order of the text.
    pub fn children(&self) -> Children<'_> {
        let (two, rest): ([Option<NodeId>; 2], &[NodeId]) = match self {
            Self::Number { .. } | Self::String(_) | Self::Vector(_) | Self::Matrix(_) => {
                ([None, None], &[])
            }
            Self::Subquery(subquery) => ([Some(subquery.expr), None], &[]),
            Self::Call(call) => ([None, None], &call.args),
            Self::Aggregate(aggregate) => ([aggregate.param, Some(aggregate.expr)], &[]),
            Self::Binary(binary) => ([Some(binary.lhs), Some(binary.rhs)], &[]),
            Self::Unary { expr, .. } | Self::Paren(expr) => ([Some(*expr), None], &[]),
        };
        two.into_iter().flatten().chain(rest.iter().copied())
    }

    /// The selector of an instant or range vector.
    pub fn selector(&self) -> Option<&VectorSelector> {
        match self {
            Self::Vector(selector) => Some(selector),
            Self::Matrix(matrix) => Some(&matrix.selector),
            _ => None,
        }
    }
}

/// Iterator over the operands of a node.
pub type Children<'a> = std::iter::Chain<
    std::iter::Flatten<std::array::IntoIter<Option<NodeId>, 2>>,
    std::iter::Copied<std::slice::Iter<'a, NodeId>>,
>;
