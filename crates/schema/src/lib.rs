//! Fields as data, and the walk over a tree that yields checks, explanations and completions.
//!
//! A table ([`Record`]) defines the fields; [`visit`] walks a tree with its table
//! value by value ([`TypedNode`]). Everything else is made of that: [`check()`] finds mistakes,
//! [`notes`], [`explain_at`] and [`outline`] describe what is written, [`complete_at`] offers what could be.
//! Higher crates extend the walk by [`Hooks`].

pub mod check;
mod codes;
mod complete;
mod context;
mod explain;
mod field;
mod hooks;
mod resolve;
mod scalar;
mod section;
pub mod similar;
#[cfg(test)]
mod tests;
mod visit;

pub use check::check;
pub use codes::CODES;
pub use complete::{Completion, CompletionKind, Completions, complete_at};
pub use explain::{
    Description, Explanation, Note, OutlineItem, default_value, effective, explain_at, notes,
    outline, type_text,
};
pub use field::{
    ANY_MAP, Allowed, CheckCx, DefaultValue, Deprecated, Dialect, FIELD, Field, LABELS, RECORD,
    Record, STRINGS, Type, Version,
};
pub use hooks::{CompletionRequest, Hooks, NoHooks, Suggestion};
pub use resolve::{Resolved, Root, Scope, ValueSource, list, plain, texts, value_text};
pub use section::Section;
pub use visit::{PathSegment, PathText, Subject, TypedNode, visit};
