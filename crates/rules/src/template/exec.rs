//! A template's tree into text.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TemplateContext;
use super::functions::call;
use super::parser::{Base, Command, Node, Operand, Pipeline, Template};
use super::value::TemplateValue;

/// The longest text a template may make, and the most nodes it may visit while doing so.
const MAX_OUTPUT: usize = 1 << 20;
const MAX_STEPS: usize = 1_000_000;
/// How deep templates may call each other.
const MAX_CALLS: usize = 50;

pub(super) fn execute(
    template: &Template,
    text: &str,
    context: &TemplateContext<'_>,
    data: TemplateValue,
) -> Result<String, String> {
    let mut state = State {
        template,
        text,
        context,
        name: context.name,
        variables: vec![("$".to_owned(), data.clone())],
        out: String::new(),
        steps: 0,
        calls: 0,
    };
    state.walk(&template.body, &data)?;
    Ok(state.out)
}

struct State<'a> {
    template: &'a Template,
    text: &'a str,
    context: &'a TemplateContext<'a>,
    /// The template that runs.
    name: &'a str,
    variables: Vec<(String, TemplateValue)>,
    out: String,
    steps: usize,
    calls: usize,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq)]
enum Flow {
    On,
    Break,
    Continue,
}

impl<'a> State<'a> {
    /// `template: NAME:LINE:COLUMN: executing "NAME" at <WHAT>: why`
    fn fault(&self, at: usize, end: usize, why: &str) -> String {
        let before = self.text.get(..at).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline);
        let what = self.text.get(at..end).unwrap_or_default();
        let what = if what.len() > 20 {
            let cut = (0..=20).rev().find(|&cut| what.is_char_boundary(cut)).unwrap_or(0);
            format!("{}...", what.get(..cut).unwrap_or_default())
        } else {
            what.to_owned()
        };
        let (outer, name) = (self.context.name, self.name);
        format!("template: {outer}:{line}:{column}: executing {name:?} at <{what}>: {why}")
    }

    fn walk(&mut self, nodes: &'a [Node], dot: &TemplateValue) -> Result<Flow, String> {
        for node in nodes {
            self.steps += 1;
            if self.steps > MAX_STEPS || self.out.len() > MAX_OUTPUT {
                return Err(format!("template: {}: the template does too much", self.context.name));
            }
            let flow = self.node(node, dot)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, node: &'a Node, dot: &TemplateValue) -> Result<Flow, String> {
        let scope = self.variables.len();
        let flow = match node {
            Node::Text(text) => {
                self.out.push_str(text);
                Flow::On
            }
            Node::Action(pipeline) => {
                let value = self.pipeline(pipeline, dot)?;
                if pipeline.variables.is_empty() {
                    self.out.push_str(&value.print());
                }
                return Ok(Flow::On);
            }
            Node::If { condition, then, otherwise } => {
                let holds = self.pipeline(condition, dot)?.is_true();
                self.walk(if holds { then } else { otherwise }, dot)?
            }
            Node::With { value, then, otherwise } => {
                let value = self.pipeline(value, dot)?;
                if value.is_true() { self.walk(then, &value)? } else { self.walk(otherwise, dot)? }
            }
            Node::Range { over, body, otherwise } => self.range(over, body, otherwise, dot)?,
            Node::Call { name, at, argument } => self.call(name, *at, argument.as_ref(), dot)?,
            Node::Break => Flow::Break,
            Node::Continue => Flow::Continue,
        };
        self.variables.truncate(scope);
        Ok(flow)
    }

    fn range(
        &mut self,
        over: &'a Pipeline,
        body: &'a [Node],
        otherwise: &'a [Node],
        dot: &TemplateValue,
    ) -> Result<Flow, String> {
        let quiet = Pipeline { variables: Vec::new(), ..over.clone() };
        let value = self.evaluate(&quiet, dot)?;
        let items: Vec<(TemplateValue, TemplateValue)> = match &value {
            TemplateValue::Nil => Vec::new(),
            TemplateValue::Samples(samples) => samples
                .iter()
                .enumerate()
                .map(|(at, sample)| {
                    (TemplateValue::Int(at as i64), TemplateValue::Sample(Arc::new(sample.clone())))
                })
                .collect(),
            TemplateValue::Strings(map) => map
                .iter()
                .map(|(key, value)| {
                    (TemplateValue::string(&**key), TemplateValue::string(&**value))
                })
                .collect(),
            TemplateValue::Map(map) => map
                .iter()
                .map(|(key, value)| (TemplateValue::string(&**key), value.clone()))
                .collect(),
            TemplateValue::Int(count) => (0..(*count).min(MAX_STEPS as i64))
                .map(|at| (TemplateValue::Int(at), TemplateValue::Int(at)))
                .collect(),
            other => {
                let command = over.commands.first();
                let (at, end) = command.map_or((0, 0), |command| (command.at, command.end));
                let why = format!("range can't iterate over {}", other.print());
                return Err(self.fault(at, end, &why));
            }
        };
        if items.is_empty() {
            return self.walk(otherwise, dot);
        }
        for (key, item) in items {
            let scope = self.variables.len();
            match &over.variables[..] {
                [one] => self.assign(one, item.clone(), over.declares),
                [first, second] => {
                    self.assign(first, key, over.declares);
                    self.assign(second, item.clone(), over.declares);
                }
                _ => {}
            }
            let flow = self.walk(body, &item)?;
            self.variables.truncate(scope);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    fn call(
        &mut self,
        name: &'a str,
        at: usize,
        argument: Option<&'a Pipeline>,
        dot: &TemplateValue,
    ) -> Result<Flow, String> {
        let Some(body) = self.template.defined.get(name) else {
            let why = format!("template {name:?} not defined");
            return Err(self.fault(at, at, &why));
        };
        if self.calls >= MAX_CALLS {
            return Err(self.fault(at, at, "exceeded maximum template depth"));
        }
        let data = match argument {
            Some(pipeline) => self.pipeline(pipeline, dot)?,
            None => TemplateValue::Nil,
        };
        let variables =
            std::mem::replace(&mut self.variables, vec![("$".to_owned(), data.clone())]);
        let outer = std::mem::replace(&mut self.name, name);
        self.calls += 1;
        let result = self.walk(body, &data);
        self.calls -= 1;
        self.name = outer;
        self.variables = variables;
        result.map(|_| Flow::On)
    }

    fn assign(&mut self, name: &str, value: TemplateValue, declares: bool) {
        let known = self.variables.iter_mut().rev().find(|(known, _)| known == name);
        match known {
            Some((_, slot)) if !declares => *slot = value,
            _ => self.variables.push((name.to_owned(), value)),
        }
    }

    fn pipeline(
        &mut self,
        pipeline: &Pipeline,
        dot: &TemplateValue,
    ) -> Result<TemplateValue, String> {
        let value = self.evaluate(pipeline, dot)?;
        for name in &pipeline.variables {
            self.assign(name, value.clone(), pipeline.declares);
        }
        Ok(value)
    }

    fn evaluate(
        &mut self,
        pipeline: &Pipeline,
        dot: &TemplateValue,
    ) -> Result<TemplateValue, String> {
        let mut value = None;
        for command in &pipeline.commands {
            value = Some(self.command(command, dot, value)?);
        }
        Ok(value.unwrap_or(TemplateValue::Nil))
    }

    fn command(
        &mut self,
        command: &Command,
        dot: &TemplateValue,
        last: Option<TemplateValue>,
    ) -> Result<TemplateValue, String> {
        let Some((head, rest)) = command.operands.split_first() else {
            return Ok(TemplateValue::Nil);
        };
        let Base::Function(name) = &head.base else {
            if !rest.is_empty() || last.is_some() {
                let why = format!(
                    "can't give argument to non-function {}",
                    self.text.get(head.at..command.end).unwrap_or_default()
                );
                return Err(self.fault(command.at, command.end, &why));
            }
            return self.operand(head, dot);
        };
        // These two stop at the first argument that decides.
        if matches!(&**name, "and" | "or") {
            let mut value = TemplateValue::Nil;
            for operand in rest {
                value = self.operand(operand, dot)?;
                if value.is_true() == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut arguments = Vec::with_capacity(rest.len() + 1);
        for operand in rest {
            arguments.push(self.operand(operand, dot)?);
        }
        arguments.extend(last);
        let end = head.at + name.len();
        call(name, &arguments, self.context).map_err(|why| match why {
            super::functions::Fault::Arguments(why) => self.fault(head.at, end, &why),
            super::functions::Fault::Failed(why) => {
                self.fault(head.at, command.end, &format!("error calling {name}: {why}"))
            }
        })
    }

    fn operand(&mut self, operand: &Operand, dot: &TemplateValue) -> Result<TemplateValue, String> {
        let mut value = match &operand.base {
            Base::Dot => dot.clone(),
            Base::Nil => TemplateValue::Nil,
            Base::Literal(value) => value.clone(),
            Base::Variable(name) => {
                let found = self.variables.iter().rev().find(|(known, _)| known == name);
                found.map_or(TemplateValue::Nil, |(_, value)| value.clone())
            }
            Base::Function(name) => {
                let (at, end) = (operand.at, operand.at + name.len());
                call(name, &[], self.context).map_err(|why| self.fault(at, end, why.text()))?
            }
            Base::Pipeline(pipeline) => self.pipeline(pipeline, dot)?,
        };
        let length: usize = operand.fields.iter().map(|field| field.len() + 1).sum();
        let base = match &operand.base {
            Base::Variable(name) => name.len(),
            _ => 0,
        };
        for field in &operand.fields {
            value = field_of(&value, field)
                .map_err(|why| self.fault(operand.at, operand.at + base + length, &why))?;
        }
        Ok(value)
    }
}

fn field_of(value: &TemplateValue, name: &str) -> Result<TemplateValue, String> {
    let missing = || format!("can't evaluate field {name} in type {}", value.go_type());
    match value {
        TemplateValue::Strings(map) => {
            Ok(TemplateValue::string(map.get(name).map_or("", String::as_str)))
        }
        TemplateValue::Map(map) => Ok(map.get(name).cloned().unwrap_or(TemplateValue::Nil)),
        TemplateValue::Struct(fields) => fields.get(name).cloned().ok_or_else(missing),
        TemplateValue::Sample(sample) => match name {
            "Labels" => {
                let labels: BTreeMap<String, String> = sample.labels.clone();
                Ok(TemplateValue::Strings(Arc::new(labels)))
            }
            "Value" => Ok(sample.value.clone()),
            _ => Err(missing()),
        },
        TemplateValue::Histogram(histogram) => match name {
            "Count" => Ok(TemplateValue::Float(histogram.count)),
            "Sum" => Ok(TemplateValue::Float(histogram.sum)),
            "ZeroCount" => Ok(TemplateValue::Float(histogram.zero_count)),
            "ZeroThreshold" => Ok(TemplateValue::Float(histogram.zero_threshold)),
            "Schema" => Ok(TemplateValue::Int(i64::from(histogram.schema))),
            _ => Err(missing()),
        },
        TemplateValue::Nil => Err(format!("nil data; no entry for key {name:?}")),
        _ => Err(missing()),
    }
}
