//! Query text into a typed expression with a span on every node.

mod ast;
mod duration_expr;
mod functions;
mod operators;

pub use ast::{
    Aggregate, Ast, AtModifier, Binary, Call, Cardinality, DurationArg, Expr, ExprKind, Matcher,
    MatrixSelector, NodeId, Subquery, ValueType, VectorMatching, VectorSelector,
};
pub use duration_expr::{DurationEvalError, DurationExpr, DurationFault};
pub use functions::{FUNCTIONS, Function, FunctionId, find_function};
pub use operators::{AggregateOp, BinaryOp, MatchOp, UnaryOp};
