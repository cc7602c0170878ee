//! The tree of a template, and how its parts print in messages.
//!
//! Source: text/template/parse node.go.

use std::fmt;
use std::sync::Arc;

use crate::quote::quote;
use text::Span;

/// A template with a name of its own: a whole text, or what stands between `define` and `end`.
#[derive(Debug)]
pub(super) struct Tree {
    pub name: Arc<str>,
    /// The name of the text that contains it, for messages.
    pub text_name: Arc<str>,
    pub text: Arc<str>,
    /// The place of its name in `define` or `block`; empty for a whole text.
    pub defined_at: Span,
    pub root: Vec<Node>,
}

impl Tree {
    /// Returns true if it has nothing but blanks.
    pub fn is_empty(&self) -> bool {
        self.root.iter().all(|node| match node {
            Node::Text { text, .. } => text.trim().is_empty(),
            _ => false,
        })
    }
}

#[derive(Debug)]
pub(super) enum Node {
    Text {
        at: usize,
        text: Arc<str>,
    },
    Action(Pipe),
    /// `if` and `with`: the branches of `else if` and `else with` follow one another.
    Branch {
        sets_dot: bool,
        branches: Vec<(Pipe, Vec<Node>)>,
        otherwise: Vec<Node>,
    },
    Range(Box<Range>),
    Template(Box<Template>),
    Break,
    Continue,
}

#[derive(Debug)]
pub(super) struct Range {
    pub pipe: Pipe,
    pub body: Vec<Node>,
    pub otherwise: Vec<Node>,
}

/// `{{template "name" pipe}}`.
#[derive(Debug)]
pub(super) struct Template {
    pub at: usize,
    /// The place of the name.
    pub span: Span,
    pub name: Arc<str>,
    pub pipe: Option<Pipe>,
}

/// Commands, each of which takes the value of the one before as its last argument.
#[derive(Debug)]
pub(super) struct Pipe {
    pub at: usize,
    /// The end of its last command.
    pub end: usize,
    /// True for `=`, false for `:=`.
    pub assigns: bool,
    pub variables: Vec<Arc<str>>,
    pub commands: Vec<Command>,
}

/// A function or method with its arguments, or a single operand.
#[derive(Debug)]
pub(super) struct Command {
    pub at: usize,
    pub operands: Vec<Operand>,
}

#[derive(Debug)]
pub(super) struct Operand {
    /// The place that messages name: of `.a.b` the last field.
    pub at: usize,
    pub span: Span,
    pub kind: OperandKind,
}

#[derive(Debug)]
pub(super) enum OperandKind {
    Bool(bool),
    Dot,
    Nil,
    Number(Number),
    String {
        quoted: Arc<str>,
        text: Arc<str>,
    },
    /// `.a.b`.
    Field(Vec<Arc<str>>),
    /// `$x.a.b`; the first is the variable.
    Variable(Vec<Arc<str>>),
    Function(Arc<str>),
    Pipe(Box<Pipe>),
    /// `(pipe).a.b` or `f.a.b`.
    Chain {
        base: Box<Operand>,
        fields: Vec<Arc<str>>,
    },
}

/// A constant under all types that can hold it.
#[derive(Debug, Default)]
pub(super) struct Number {
    pub text: Arc<str>,
    pub int: Option<i64>,
    pub uint: Option<u64>,
    pub float: Option<f64>,
    /// Real and imaginary part; only of constants with an `i`.
    pub complex: Option<(f64, f64)>,
}

fn joined(f: &mut fmt::Formatter<'_>, fields: &[Arc<str>]) -> fmt::Result {
    fields.iter().try_for_each(|field| write!(f, ".{field}"))
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            OperandKind::Bool(value) => write!(f, "{value}"),
            OperandKind::Dot => f.write_str("."),
            OperandKind::Nil => f.write_str("nil"),
            OperandKind::Number(number) => f.write_str(&number.text),
            OperandKind::String { quoted, .. } => f.write_str(quoted),
            OperandKind::Field(fields) => joined(f, fields),
            OperandKind::Variable(names) => f.write_str(&names.join(".")),
            OperandKind::Function(name) => f.write_str(name),
            OperandKind::Pipe(pipe) => write!(f, "{pipe}"),
            OperandKind::Chain { base, fields } => {
                if matches!(base.kind, OperandKind::Pipe(_)) {
                    write!(f, "({base})")?;
                } else {
                    write!(f, "{base}")?;
                }
                joined(f, fields)
            }
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, operand) in self.operands.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            if matches!(operand.kind, OperandKind::Pipe(_)) {
                write!(f, "({operand})")?;
            } else {
                write!(f, "{operand}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            f.write_str(&self.variables.join(", "))?;
            f.write_str(if self.assigns { " = " } else { " := " })?;
        }
        for (at, command) in self.commands.iter().enumerate() {
            if at > 0 {
                f.write_str(" | ")?;
            }
            write!(f, "{command}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{template {}", quote(&self.name))?;
        if let Some(pipe) = &self.pipe {
            write!(f, " {pipe}")?;
        }
        f.write_str("}}")
    }
}
