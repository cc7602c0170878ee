//! Query text into a typed expression with a span on every node.

mod ast;
mod check;
mod duration_expr;
mod error;
mod functions;
mod lexer;
mod operators;
mod parse;
mod pin;
mod printer;
mod quote;
#[cfg(test)]
mod tests;
mod token;
mod vocabulary;

pub use ast::{
    Aggregate, Ast, AtModifier, Binary, Call, Cardinality, DurationArg, Expr, ExprKind,
    MatrixSelector, NodeId, Subquery, ValueType, VectorMatching, VectorSelector,
};
pub use duration_expr::{DurationEvalError, DurationExpr, DurationFault, DurationOp, DurationTerm};
pub use error::{ParseError, ParseErrors};
pub use functions::{FUNCTIONS, Function, FunctionId, find_function};
pub(crate) use lexer::Lexer;
pub use operators::{AggregateOp, BinaryOp, UnaryOp};
pub use parse::{
    MAX_DEPTH, MAX_NODES, MAX_QUERY_BYTES, ParserOptions, parse, parse_metric_selector,
};
pub use quote::{invalid_byte, quote};
pub(crate) use token::{Token, TokenKind};
pub use vocabulary::{KEYWORDS, Word, find_keyword};
