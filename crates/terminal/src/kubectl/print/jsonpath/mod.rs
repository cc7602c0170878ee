//! JSONPath templates as kubectl reads and evaluates them.
//!
//! | file | content |
//! | --- | --- |
//! | `parse` | texts and actions into nodes |
//! | `evaluate` | nodes against an object |
//!
//! Source: client-go util/jsonpath.

mod evaluate;
mod parse;

pub(crate) use evaluate::{find, render};
pub(crate) use parse::{parse, relaxed};

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// Text outside of braces.
    Text(String),
    /// An action in braces: steps from the current value.
    Action(Vec<PathStep>),
    /// The body is evaluated for each value that the steps find.
    Range(Vec<PathStep>, Vec<Part>),
}

/// A step of an action.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PathStep {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Field(String),
    /// `[a:b:c]`; a single index is a slice with a derived end.
    Slice(Slice),
    Wildcard,
    Recursive,
    /// `[0,2]` or `['a','b']`: the results of all, one after the other.
    Union(Vec<Vec<PathStep>>),
    Filter(Box<Filter>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    step: Option<i64>,
    /// The end follows from a single index.
    single: bool,
}

/// `?(@.a == "b")`: items for which the comparison holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter {
    left: Vec<PathStep>,
    operator: Operator,
    right: Vec<PathStep>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Exists,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
