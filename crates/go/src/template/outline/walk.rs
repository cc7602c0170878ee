//! The walk over a tree that collects an [`Outline`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::tree::{Command, Node, Operand, OperandKind, Pipe, Tree};
use super::{DefaultCall, Origin, Outline, Reference, Step, TemplateCall};

/// Functions that take an absent value as it comes.
const GUARDS: [&str; 14] = [
    "default", "required", "coalesce", "ternary", "and", "or", "not", "empty", "eq", "ne",
    "hasKey", "kindIs", "dig", "all",
];

pub(super) fn tree(tree: &Tree, outline: &mut Outline) {
    let root = Origin::Path(Vec::new());
    let mut walk =
        Walk { template: tree.name.clone(), variables: vec![("$".into(), root.clone())], outline };
    walk.nodes(&tree.root, &root);
}

struct Walk<'o> {
    template: Arc<str>,
    variables: Vec<(Arc<str>, Origin)>,
    outline: &'o mut Outline,
}

impl Walk<'_> {
    fn nodes(&mut self, nodes: &[Node], dot: &Origin) {
        for node in nodes {
            self.node(node, dot);
        }
    }

    fn node(&mut self, node: &Node, dot: &Origin) {
        match node {
            Node::Text { .. } | Node::Break | Node::Continue => {}
            Node::Action(pipe) => {
                let value = self.pipe(pipe, dot, false);
                if pipe.variables.is_empty() {
                    let span = text::Span::new(pipe.at as u32, pipe.end as u32);
                    self.outline.writes.push(span);
                    self.use_whole(&value);
                }
            }
            Node::Branch { sets_dot, branches, otherwise } => {
                let mark = self.variables.len();
                for (pipe, list) in branches {
                    let value = self.pipe(pipe, dot, true);
                    self.nodes(list, if *sets_dot { &value } else { dot });
                }
                self.nodes(otherwise, dot);
                self.variables.truncate(mark);
            }
            Node::Range(range) => {
                let mark = self.variables.len();
                let over = self.commands(&range.pipe, dot, false);
                let element = over.part(&Step::Element);
                if range.pipe.assigns {
                    range.pipe.variables.iter().for_each(|name| self.forget(name));
                } else if let [before @ .., last] = range.pipe.variables.as_slice() {
                    self.variables
                        .extend(before.iter().map(|name| (name.clone(), Origin::Unknown)));
                    self.variables.push((last.clone(), element.clone()));
                }
                self.nodes(&range.body, &element);
                self.variables.truncate(mark);
                self.nodes(&range.otherwise, dot);
            }
            Node::Template(call) => {
                let argument = match &call.pipe {
                    Some(pipe) => self.pipe(pipe, dot, false),
                    None => Origin::Unknown,
                };
                let (span, name) = (call.span, call.name.clone());
                self.outline.calls.push(TemplateCall {
                    span,
                    template: self.template.clone(),
                    name,
                    argument,
                });
            }
        }
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Origin, is_guarded: bool) -> Origin {
        let value = self.commands(pipe, dot, is_guarded);
        for name in &pipe.variables {
            if pipe.assigns {
                self.use_whole(&value);
                self.forget(name);
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        value
    }

    fn commands(&mut self, pipe: &Pipe, dot: &Origin, is_guarded: bool) -> Origin {
        let mut last = None;
        let mut rest = pipe.commands.as_slice();
        while let [command, after @ ..] = rest {
            let is_guarded = is_guarded || after.iter().any(is_guard);
            last = Some(self.command(command, last, dot, is_guarded));
            rest = after;
        }
        last.unwrap_or(Origin::Unknown)
    }

    /// A variable that was assigned to has an unknown value from then on.
    fn forget(&mut self, name: &str) {
        let known = self.variables.iter_mut().rev().find(|(known, _)| **known == *name);
        let Some((_, value)) = known else { return };
        let before = std::mem::replace(value, Origin::Unknown);
        self.use_whole(&before);
    }

    fn use_whole(&mut self, value: &Origin) {
        for path in value.paths() {
            self.outline.whole.push((self.template.clone(), path.clone()));
        }
    }

    fn command(
        &mut self,
        command: &Command,
        last: Option<Origin>,
        dot: &Origin,
        is_guarded: bool,
    ) -> Origin {
        let Some((first, operands)) = command.operands.split_first() else {
            return Origin::Unknown;
        };
        let OperandKind::Function(name) = &first.kind else {
            let value = self.operand(first, dot, is_guarded);
            for operand in operands {
                let argument = self.operand(operand, dot, is_guarded);
                self.use_whole(&argument);
            }
            last.inspect(|last| self.use_whole(last));
            return value;
        };
        self.outline.functions.push((name.clone(), first.span));
        let is_guarded = is_guarded || GUARDS.contains(&&**name);
        let mut arguments: Vec<Origin> = Vec::new();
        for operand in operands {
            arguments.push(self.operand(operand, dot, is_guarded));
        }
        arguments.extend(last);
        self.function(name, operands, arguments, is_guarded)
    }

    /// The value of a function.
    fn function(
        &mut self,
        name: &str,
        operands: &[Operand],
        arguments: Vec<Origin>,
        is_guarded: bool,
    ) -> Origin {
        let mark = |walk: &mut Self, path: &Origin| {
            if let (Origin::Path(path), Some(span)) = (path, joined(operands)) {
                walk.outline.references.push(Reference {
                    span,
                    template: walk.template.clone(),
                    path: path.clone(),
                    is_guarded,
                });
            }
        };
        match (name, arguments.as_slice()) {
            ("include", [called, argument, ..]) => {
                let argument = argument.clone();
                match (called, operands.first()) {
                    (Origin::Constant(name), Some(operand)) => {
                        self.outline.calls.push(TemplateCall {
                            span: operand.span,
                            template: self.template.clone(),
                            name: name.clone(),
                            argument,
                        });
                    }
                    _ => self.outline.has_dynamic_calls = true,
                }
                Origin::Unknown
            }
            ("tpl", [text, _]) => {
                self.use_whole(text);
                Origin::Unknown
            }
            ("dict", entries) => dict(entries),
            ("index", [value, keys @ ..]) => {
                let steps: Vec<Step> = keys.iter().map(step).collect();
                let part = value.follow(&steps);
                mark(self, &part);
                part
            }
            ("get", [value, key]) => {
                let part = value.part(&step(key));
                mark(self, &part);
                part
            }
            ("hasKey", [value, key]) => {
                mark(self, &value.part(&step(key)));
                Origin::Unknown
            }
            ("dig", [keys @ .., instead, value]) => {
                let steps: Vec<Step> = keys.iter().map(step).collect();
                self.use_whole(instead);
                let part = value.follow(&steps);
                mark(self, &part);
                part
            }
            ("default", [instead, value]) => {
                self.use_whole(instead);
                if let (Origin::Constant(constant), Origin::Path(path), Some(operand)) =
                    (instead, value, operands.first())
                {
                    self.outline.defaults.push(DefaultCall {
                        span: operand.span,
                        template: self.template.clone(),
                        constant: constant.clone(),
                        path: path.clone(),
                    });
                }
                value.clone()
            }
            ("required", [_, value]) => value.clone(),
            ("not" | "empty" | "and" | "or" | "eq" | "ne" | "kindIs", _) => Origin::Unknown,
            _ => {
                arguments.iter().for_each(|argument| self.use_whole(argument));
                Origin::Unknown
            }
        }
    }

    fn operand(&mut self, operand: &Operand, dot: &Origin, is_guarded: bool) -> Origin {
        let (base, fields) = match &operand.kind {
            OperandKind::Dot => return dot.clone(),
            OperandKind::String { text, .. } => return Origin::Constant(text.clone()),
            OperandKind::Number(number) => return Origin::Constant(number.text.clone()),
            OperandKind::Bool(value) => return Origin::Constant(value.to_string().into()),
            OperandKind::Nil => return Origin::Unknown,
            OperandKind::Function(name) => {
                self.outline.functions.push((name.clone(), operand.span));
                return Origin::Unknown;
            }
            OperandKind::Pipe(pipe) => return self.pipe(pipe, dot, is_guarded),
            OperandKind::Field(fields) => (dot.clone(), fields.as_slice()),
            OperandKind::Variable(names) => {
                let Some((name, fields)) = names.split_first() else { return Origin::Unknown };
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                (known.map_or(Origin::Unknown, |(_, value)| value.clone()), fields)
            }
            OperandKind::Chain { base, fields } => {
                (self.operand(base, dot, is_guarded), fields.as_slice())
            }
        };
        let steps: Vec<Step> = fields.iter().cloned().map(Step::Field).collect();
        let value = base.follow(&steps);
        if let (Origin::Path(path), false) = (&value, fields.is_empty()) {
            self.outline.references.push(Reference {
                span: operand.span,
                template: self.template.clone(),
                path: path.clone(),
                is_guarded,
            });
        }
        value
    }
}

fn is_guard(command: &Command) -> bool {
    let first = command.operands.first().map(|operand| &operand.kind);
    matches!(first, Some(OperandKind::Function(name)) if GUARDS.contains(&&**name))
}

fn joined(operands: &[Operand]) -> Option<text::Span> {
    Some(operands.first()?.span.join(operands.last()?.span))
}

fn step(key: &Origin) -> Step {
    match key {
        // An integer is an index.
        Origin::Constant(name) if name.parse::<i64>().is_err() => Step::Field(name.clone()),
        _ => Step::Element,
    }
}

fn dict(entries: &[Origin]) -> Origin {
    let mut dict = BTreeMap::new();
    for pair in entries.chunks(2) {
        if let [Origin::Constant(key), value] = pair {
            dict.insert(key.clone(), value.clone());
        }
    }
    Origin::Dict(dict)
}
