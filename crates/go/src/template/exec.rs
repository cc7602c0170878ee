//! Templates run: trees into text.
//!
//! Control structures are walked with a stack of frames on the heap, so that templates may call
//! each other as deep as in Go. Expressions recurse no deeper than the parser lets them nest.
//!
//! Source: text/template exec.go.

mod calls;

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use super::tree::{Command, Node, Operand, OperandKind, Pipe, Range, Template, Tree};
use super::value::{Argument, List, Map, Value};
use super::{Functions, MissingKey, Templates};
use crate::quote::quote;
use text::Span;

/// The deepest nesting of template calls. Source: text/template `maxExecDepth`.
pub const MAX_DEPTH: usize = 100_000;

/// Limits of one execution, so that a template can neither hang nor fill the memory.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nodes that are walked and functions that are called.
    pub steps: u64,
    /// Bytes of text written and of strings that functions return.
    pub bytes: u64,
    /// The deepest nesting of templates that functions execute, as Helm's `include` does.
    pub nested: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 10_000_000, bytes: 64 << 20, nested: 50 }
    }
}

/// An error that ended an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecError {
    /// Name of the template in which it happened.
    pub name: String,
    /// As Go prints it: `template: NAME:LINE:COLUMN: executing "NAME" at <WHAT>: why`.
    pub message: String,
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ExecError {}

/// The rest of the limits.
#[derive(Debug)]
pub(super) struct Budget {
    steps: Cell<u64>,
    bytes: Cell<u64>,
    nested: Cell<u32>,
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Self {
            steps: Cell::new(limits.steps),
            bytes: Cell::new(limits.bytes),
            nested: Cell::new(limits.nested),
        }
    }

    /// What is left of the limits.
    pub fn left(&self) -> Limits {
        Limits { steps: self.steps.get(), bytes: self.bytes.get(), nested: self.nested.get() }
    }

    fn step(&self) -> Result<(), String> {
        let left = self.steps.get().checked_sub(1).ok_or("the template takes too many steps")?;
        self.steps.set(left);
        Ok(())
    }

    fn bytes(&self, count: usize) -> Result<(), String> {
        let left = self.bytes.get().checked_sub(count as u64);
        self.bytes.set(left.ok_or("the template makes too much text")?);
        Ok(())
    }
}

/// The execution in which a function is called.
pub struct Call<'a> {
    pub(super) templates: &'a Templates,
    pub(super) functions: &'a dyn Functions,
    pub(super) missing: MissingKey,
    pub(super) budget: &'a Budget,
}

impl Call<'_> {
    /// Returns true if a template of that name is defined.
    pub fn is_defined(&self, name: &str) -> bool {
        self.templates.trees.contains_key(name)
    }

    /// The templates that are executed.
    pub fn templates(&self) -> &Templates {
        self.templates
    }

    /// Executes a template of the same set and returns its text.
    pub fn execute(&self, name: &str, data: Value) -> Result<String, ExecError> {
        self.execute_in(self.templates, name, data)
    }

    /// Executes a template of another set within the limits of this execution.
    pub fn execute_in(
        &self,
        templates: &Templates,
        name: &str,
        data: Value,
    ) -> Result<String, ExecError> {
        let call = Call { templates, ..*self };
        let Some(left) = self.budget.nested.get().checked_sub(1) else {
            let message = format!("template: {name}: functions run templates too deep");
            return Err(ExecError { name: name.to_owned(), message });
        };
        self.budget.nested.set(left);
        let result = execute(call, name, data);
        self.budget.nested.set(left + 1);
        result
    }
}

/// A part of an execution's text, up to the start of the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its offset in the text.
    pub start: usize,
    /// The name of the text of the template that wrote it.
    pub template: Arc<str>,
    /// The plain text or the pipeline in the text of the template.
    pub span: Span,
    /// True for plain text, which stands in the template as in the result.
    pub verbatim: bool,
}

pub(super) fn execute(call: Call<'_>, name: &str, data: Value) -> Result<String, ExecError> {
    run(call, name, data, false).map(|(text, _)| text)
}

/// Executes a template and notes where each part of its text comes from, if `traced`.
pub(super) fn run(
    call: Call<'_>,
    name: &str,
    data: Value,
    traced: bool,
) -> Result<(String, Vec<Piece>), ExecError> {
    let templates = call.templates;
    let Some(tree) = templates.trees.get(name) else {
        let message = format!(
            "template: no template {} associated with template {}",
            quote(name),
            quote(name)
        );
        return Err(ExecError { name: name.to_owned(), message });
    };
    let data = Argument::plain(data);
    let mut state = State {
        call,
        tree,
        variables: vec![(DOLLAR.into(), data.clone())],
        at: CurrentNode::Start,
        out: String::new(),
        pieces: traced.then(Vec::new),
        depth: 0,
    };
    state.walk(data).map_err(|message| ExecError {
        name: state.tree.name.to_string(),
        message: state.locate(&message),
    })?;
    Ok((state.out, state.pieces.unwrap_or_default()))
}

const DOLLAR: &str = "$";

/// The node that is executed, for messages.
#[derive(Clone, Copy)]
enum CurrentNode<'t> {
    Start,
    Template(&'t Template),
    Pipe(&'t Pipe),
    Command(&'t Command),
    Operand(&'t Operand),
}

struct State<'t> {
    call: Call<'t>,
    tree: &'t Tree,
    variables: Vec<(Arc<str>, Argument)>,
    at: CurrentNode<'t>,
    out: String,
    /// The origins of the text, if they were requested.
    pieces: Option<Vec<Piece>>,
    depth: usize,
}

/// An entry on the stack of the walk.
enum Frame<'t> {
    /// Nodes that are left to walk.
    List {
        nodes: std::slice::Iter<'t, Node>,
        dot: Argument,
    },
    /// Variables from here on go out of scope.
    Scope {
        mark: usize,
    },
    Range(Box<Iteration<'t>>),
    /// The calling template continues.
    Return {
        tree: &'t Tree,
        variables: Vec<(Arc<str>, Argument)>,
    },
}

/// A `range` under way.
struct Iteration<'t> {
    range: &'t Range,
    items: Items,
    next: usize,
    /// Variables before the range, and those with its own.
    outer: usize,
    mark: usize,
}

/// The elements of a `range`.
enum Items {
    List(List),
    Map(Map, Vec<Arc<str>>),
    /// The integers up to a count, of the count's type.
    Count(Value, i64),
}

/// The last argument of a command, which comes from the command before it in the pipe.
type Final = Option<Argument>;
type Result<T, E = String> = std::result::Result<T, E>;

impl<'t> State<'t> {
    /// Puts place and template in front of a message.
    fn locate(&self, message: &str) -> String {
        let (at, context) = match self.at {
            CurrentNode::Start => return format!("template: {}: {message}", self.tree.name),
            CurrentNode::Template(node) => (node.at, node.to_string()),
            CurrentNode::Pipe(node) => (node.at, node.to_string()),
            CurrentNode::Command(node) => (node.at, node.to_string()),
            CurrentNode::Operand(node) => (node.at, node.to_string()),
        };
        let before = self.tree.text.get(..at).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
        let (text_name, name) = (&self.tree.text_name, quote(&self.tree.name));
        format!("template: {text_name}:{line}:{column}: executing {name} at <{context}>: {message}")
    }

    /// Notes where in the templates the text comes from that is written next.
    fn note(&mut self, start: usize, end: usize, verbatim: bool) {
        if let Some(pieces) = &mut self.pieces {
            let template = self.tree.text_name.clone();
            let span = Span::new(start as u32, end as u32);
            pieces.push(Piece { start: self.out.len(), template, span, verbatim });
        }
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.call.budget.bytes(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn walk(&mut self, dot: Argument) -> Result<()> {
        let mut frames = vec![Frame::List { nodes: self.tree.root.iter(), dot }];
        while let Some(frame) = frames.last_mut() {
            match frame {
                Frame::List { nodes, dot } => {
                    let Some(node) = nodes.next() else {
                        frames.pop();
                        continue;
                    };
                    let dot = dot.clone();
                    self.call.budget.step()?;
                    self.node(node, dot, &mut frames)?;
                }
                Frame::Scope { mark } => {
                    self.variables.truncate(*mark);
                    frames.pop();
                }
                Frame::Range(iteration) => {
                    self.variables.truncate(iteration.mark);
                    self.call.budget.step()?;
                    match self.iterate(iteration)? {
                        Some(element) => {
                            let nodes = iteration.range.body.iter();
                            frames.push(Frame::List { nodes, dot: element });
                        }
                        None => {
                            self.variables.truncate(iteration.outer);
                            frames.pop();
                        }
                    }
                }
                Frame::Return { tree, variables } => {
                    self.tree = tree;
                    self.variables = std::mem::take(variables);
                    self.depth -= 1;
                    frames.pop();
                }
            }
        }
        Ok(())
    }

    fn node(&mut self, node: &'t Node, dot: Argument, frames: &mut Vec<Frame<'t>>) -> Result<()> {
        match node {
            Node::Text { at, text } => {
                self.note(*at, *at + text.len(), true);
                self.write(text)?;
            }
            Node::Action(pipe) => {
                let value = self.pipe(&dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.note(pipe.at, pipe.end, false);
                    self.write(&value.value.print())?;
                }
            }
            Node::Branch { sets_dot, branches, otherwise } => {
                frames.push(Frame::Scope { mark: self.variables.len() });
                for (pipe, list) in branches {
                    let value = self.pipe(&dot, pipe)?;
                    if value.value.is_true() {
                        let dot = if *sets_dot { value } else { dot };
                        frames.push(Frame::List { nodes: list.iter(), dot });
                        return Ok(());
                    }
                }
                frames.push(Frame::List { nodes: otherwise.iter(), dot });
            }
            Node::Range(range) => self.range(range, dot, frames)?,
            Node::Template(node) => {
                let (tree, dot) = self.template(node, &dot)?;
                let variables = vec![(DOLLAR.into(), dot.clone())];
                frames.push(Frame::Return {
                    tree: std::mem::replace(&mut self.tree, tree),
                    variables: std::mem::replace(&mut self.variables, variables),
                });
                frames.push(Frame::List { nodes: tree.root.iter(), dot });
            }
            Node::Break => {
                while let Some(frame) = frames.pop() {
                    if let Frame::Range(iteration) = frame {
                        self.variables.truncate(iteration.outer);
                        break;
                    }
                }
            }
            Node::Continue => {
                while !matches!(frames.last(), None | Some(Frame::Range(_))) {
                    frames.pop();
                }
            }
        }
        Ok(())
    }

    fn range(
        &mut self,
        range: &'t Range,
        dot: Argument,
        frames: &mut Vec<Frame<'t>>,
    ) -> Result<()> {
        let outer = self.variables.len();
        let over = self.pipe(&dot, &range.pipe)?.value;
        let items = match over {
            Value::Nil => None,
            Value::List(list) => Some(Items::List(list)),
            Value::Map(map) => {
                let keys = map.entries().keys().cloned().collect();
                Some(Items::Map(map, keys))
            }
            value => {
                let unsigned =
                    value.as_unsigned().map(|count| i64::try_from(count).unwrap_or(i64::MAX));
                let Some(count) = value.as_signed().or(unsigned) else {
                    return Err(format!("range can't iterate over {}", value.print()));
                };
                if range.pipe.variables.len() > 1 {
                    let shown = value.print();
                    return Err(format!(
                        "can't use {shown} to iterate over more than one variable"
                    ));
                }
                Some(Items::Count(value, count))
            }
        };
        let mark = self.variables.len();
        match items.filter(|items| !items.is_empty()) {
            Some(items) => {
                let iteration = Iteration { range, items, next: 0, outer, mark };
                frames.push(Frame::Range(Box::new(iteration)));
            }
            None => {
                frames.push(Frame::Scope { mark: outer });
                frames.push(Frame::List { nodes: range.otherwise.iter(), dot });
            }
        }
        Ok(())
    }

    /// Sets the variables for the next element, and returns it.
    fn iterate(&mut self, iteration: &mut Iteration<'t>) -> Result<Option<Argument>> {
        let Some((index, element)) = iteration.items.get(iteration.next) else { return Ok(None) };
        iteration.next += 1;
        let pipe = &iteration.range.pipe;
        match (pipe.variables.as_slice(), pipe.assigns) {
            ([], _) => {}
            ([one], true) => self.assign(one, element.clone())?,
            ([first, second, ..], true) => {
                self.assign(first, index)?;
                self.assign(second, element.clone())?;
            }
            (declared, false) => {
                let count = self.variables.len();
                let mut set = |from_end: usize, value: Argument| {
                    let slot =
                        count.checked_sub(from_end).and_then(|at| self.variables.get_mut(at));
                    if let Some((_, slot)) = slot {
                        *slot = value;
                    }
                };
                set(1, element.clone());
                if declared.len() > 1 {
                    set(2, index);
                }
            }
        }
        Ok(Some(element))
    }

    fn template(&mut self, node: &'t Template, dot: &Argument) -> Result<(&'t Tree, Argument)> {
        self.at = CurrentNode::Template(node);
        let Some(tree) = self.call.templates.trees.get(&node.name) else {
            return Err(format!("template {} not defined", quote(&node.name)));
        };
        if self.depth >= MAX_DEPTH {
            return Err(format!("exceeded maximum template depth ({MAX_DEPTH})"));
        }
        let dot = match &node.pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Argument::plain(Value::Nil),
        };
        self.depth += 1;
        Ok((tree, dot))
    }

    fn assign(&mut self, name: &str, value: Argument) -> Result<()> {
        let slot = self.variables.iter_mut().rev().find(|(known, _)| **known == *name);
        let (_, slot) = slot.ok_or_else(|| format!("undefined variable: {name}"))?;
        *slot = value;
        Ok(())
    }

    fn pipe(&mut self, dot: &Argument, pipe: &'t Pipe) -> Result<Argument> {
        self.at = CurrentNode::Pipe(pipe);
        let mut last = None;
        for command in &pipe.commands {
            // The value of an interface is unwrapped.
            last = Some(self.command(dot, command, last)?.unboxed());
        }
        let value = last.unwrap_or(Argument::plain(Value::Nil));
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(name, value.clone())?;
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    fn command(&mut self, dot: &Argument, command: &'t Command, last: Final) -> Result<Argument> {
        let operands = command.operands.as_slice();
        let Some((first, arguments)) = operands.split_first() else {
            return Ok(Argument::plain(Value::Nil));
        };
        match &first.kind {
            OperandKind::Function(name) => {
                self.at = CurrentNode::Operand(first);
                return self.function(dot, name, CurrentNode::Command(command), arguments, last);
            }
            OperandKind::Field(_) | OperandKind::Chain { .. } => {
                return self.with_fields(dot, first, arguments, last);
            }
            OperandKind::Variable(names) if names.len() > 1 => {
                return self.with_fields(dot, first, arguments, last);
            }
            OperandKind::Pipe(_) => {}
            _ => self.at = CurrentNode::Operand(first),
        }
        if !arguments.is_empty() || last.is_some() {
            return Err(format!("can't give argument to non-function {first}"));
        }
        match &first.kind {
            OperandKind::Nil => Err("nil is not a command".to_owned()),
            _ => self.value(dot, first),
        }
    }

    /// An operand that takes no argument, for a place that takes any type.
    fn value(&mut self, dot: &Argument, operand: &'t Operand) -> Result<Argument> {
        match &operand.kind {
            OperandKind::Pipe(pipe) => return self.pipe(dot, pipe),
            OperandKind::Field(_) | OperandKind::Chain { .. } => {
                return self.with_fields(dot, operand, &[], None);
            }
            OperandKind::Variable(names) if names.len() > 1 => {
                return self.with_fields(dot, operand, &[], None);
            }
            _ => self.at = CurrentNode::Operand(operand),
        }
        let value = match &operand.kind {
            OperandKind::Bool(value) => Value::Bool(*value),
            OperandKind::Dot => return Ok(dot.clone()),
            OperandKind::Number(number) => calls::constant(number)?,
            OperandKind::String { text, .. } => Value::String(text.clone()),
            OperandKind::Variable(names) => return self.variable(names.first()),
            OperandKind::Function(name) => {
                return self.function(dot, name, CurrentNode::Operand(operand), &[], None);
            }
            _ => Value::Nil,
        };
        Ok(Argument::plain(value))
    }

    fn variable(&self, name: Option<&Arc<str>>) -> Result<Argument> {
        let found = self.variables.iter().rev().find(|(known, _)| Some(known) == name);
        let name = name.map_or("", |name| name);
        found.map(|(_, value)| value.clone()).ok_or_else(|| format!("undefined variable: {name}"))
    }
}

impl Items {
    fn is_empty(&self) -> bool {
        match self {
            Self::List(list) => list.items.is_empty(),
            Self::Map(_, keys) => keys.is_empty(),
            Self::Count(_, count) => *count <= 0,
        }
    }

    /// The index or key of an element, and the element.
    fn get(&self, at: usize) -> Option<(Argument, Argument)> {
        match self {
            Self::List(list) => {
                let value = list.items.get(at)?.clone();
                let index = Argument::plain(Value::Int(at as i64));
                Some((index, Argument { value, boxed: list.kind.boxed }))
            }
            Self::Map(map, keys) => {
                let key = keys.get(at)?;
                let value = map.get(key)?;
                let key = Argument::plain(Value::String(key.clone()));
                Some((key, Argument { value, boxed: map.kind.boxed }))
            }
            Self::Count(kind, count) => {
                let number = i64::try_from(at).ok().filter(|number| number < count)?;
                let value = match kind {
                    Value::Int64(_) => Value::Int64(number),
                    Value::Int32(_) => Value::Int32(i32::try_from(number).ok()?),
                    Value::Uint8(_) => Value::Uint8(u8::try_from(number).ok()?),
                    Value::Uint64(_) => Value::Uint64(number as u64),
                    _ => Value::Int(number),
                };
                Some((Argument::plain(Value::Nil), Argument::plain(value)))
            }
        }
    }
}
