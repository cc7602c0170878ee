//! A subset of the Common Expression Language, for `x-kubernetes-validations`.
//!
//! | part | subset |
//! | --- | --- |
//! | literals | `null`, `true`, integers, doubles, strings (also raw and with `'''`), lists, maps |
//! | names | `self`, `oldSelf`, variables of macros |
//! | operators | `?:`, `\|\|`, `&&`, `!`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `+`, `-`, `*`, `/`, `%`, `.`, `[]` |
//! | macros | `has`, `all`, `exists`, `exists_one`, `filter`, `map` with one variable |
//! | conversions | `string`, `int`, `double`, `dyn` |
//! | strings | `size`, `startsWith`, `endsWith`, `contains`, `matches`, `indexOf`, `lastIndexOf`, `lowerAscii`, `upperAscii`, `replace`, `split`, `substring`, `trim`, `charAt`, `join` |
//! | lists | `size`, `isSorted`, `sum`, `min`, `max`, `indexOf`, `lastIndexOf` |
//!
//! Unsigned integers, bytes, durations, times, quantities, addresses, URLs, optional values and
//! `format` are outside. [`Expression::parse`] reports an expression that is outside, and its
//! rule is listed as not checked. Values are the trees of [`crate::object`].
//!
//! Source: cel-spec doc/langdef.md; apiserver pkg/cel/library.

mod eval;
mod functions;
mod lex;
mod parse;
#[cfg(test)]
mod tests;

use crate::object::Value;

pub use eval::Failure;

/// A parsed expression of the subset.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    root: Node,
    uses_old: bool,
}

/// The reason why an expression is not evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Byte offset in the expression.
    pub at: usize,
    /// The unsupported construct: `function duration`.
    pub what: String,
}

/// Values of the names in an expression.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    pub this: &'a Value,
    /// The value before an update; None on create.
    pub old: Option<&'a Value>,
}

impl Expression {
    /// Parses an expression. Text outside of the subset, or too long or deep, is an error.
    pub fn parse(text: &str) -> Result<Self, Outside> {
        let root = parse::parse(text)?;
        let uses_old = root.mentions("oldSelf");
        Ok(Self { root, uses_old })
    }

    /// Returns true for a transition rule, which is checked on update only.
    pub fn uses_old(&self) -> bool {
        self.uses_old
    }

    /// Evaluates the expression within a limit of steps.
    pub fn evaluate(&self, input: Input<'_>) -> Result<Value, Failure> {
        eval::evaluate(&self.root, input)
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Literal(Value),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Name(String),
    /// `operand.field`
    Select(Box<Node>, String),
    /// `has(operand.field)`
    Has(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    /// Operands of a chain of `&&` or `||`, so that long chains need no recursion.
    Chain(Logic, Vec<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Conditional(Box<Node>, Box<Node>, Box<Node>),
    /// A function, with the receiver as first argument.
    Call(functions::Function, Vec<Node>),
    Macro {
        kind: Macro,
        range: Box<Node>,
        variable: String,
        body: Box<Node>,
        then: Option<Box<Node>>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Logic {
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

impl Node {
    fn mentions(&self, name: &str) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Name(own) => own == name,
            Self::List(nodes) | Self::Chain(_, nodes) | Self::Call(_, nodes) => {
                nodes.iter().any(|node| node.mentions(name))
            }
            Self::Map(entries) => {
                entries.iter().any(|(key, value)| key.mentions(name) || value.mentions(name))
            }
            Self::Select(node, _) | Self::Has(node, _) | Self::Not(node) | Self::Negate(node) => {
                node.mentions(name)
            }
            Self::Index(left, right) | Self::Binary(_, left, right) => {
                left.mentions(name) || right.mentions(name)
            }
            Self::Conditional(test, yes, no) => {
                [test, yes, no].iter().any(|node| node.mentions(name))
            }
            Self::Macro { range, body, then, .. } => {
                range.mentions(name)
                    || body.mentions(name)
                    || then.as_ref().is_some_and(|node| node.mentions(name))
            }
        }
    }
}

/// The name of a property behind its escaped form in expressions.
/// Source: apiserver pkg/cel/escaping.go.
fn unescape(name: &str) -> String {
    if !name.contains("__") {
        return name.to_owned();
    }
    let reserved = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__"));
    if let Some(word) = reserved.filter(|word| RESERVED.contains(word)) {
        return word.to_owned();
    }
    let mut out = String::new();
    let mut rest = name;
    while let Some(at) = rest.find("__") {
        out.push_str(&rest[..at]);
        let known =
            ESCAPES.iter().find_map(|(from, to)| Some((rest[at..].strip_prefix(from)?, to)));
        let (behind, text) = known.unwrap_or((&rest[at + 2..], &"__"));
        out.push_str(text);
        rest = behind;
    }
    out + rest
}

static ESCAPES: &[(&str, &str)] =
    &[("__underscores__", "__"), ("__dot__", "."), ("__dash__", "-"), ("__slash__", "/")];

/// Words that are no identifiers. Source: cel-spec RESERVED.
static RESERVED: &[&str] = &[
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];
