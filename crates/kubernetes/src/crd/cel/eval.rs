//! Evaluation of expressions over trees, within a limit of steps.

use super::functions;
use super::{Input, Logic, Macro, Node, Operator};
use crate::object::{Map, Value};

/// Steps of one evaluation. The API server limits the cost of a rule in a similar way.
const MAX_STEPS: usize = 200_000;

/// The reason why an evaluation has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An error of the language, in the words of cel-go: `no such key: x`.
    Error(String),
    /// More steps than the limit. The API server may still have an answer.
    TooLong,
}

pub(super) type Evaluated = Result<Value, Failure>;

pub(super) fn error<T>(message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Error(message.into()))
}

pub(super) fn no_overload<T>() -> Result<T, Failure> {
    error("no such overload")
}

pub(super) fn evaluate(root: &Node, input: Input<'_>) -> Evaluated {
    let mut machine = Machine { input, variables: Vec::new(), steps: 0 };
    machine.node(root)
}

struct Machine<'a> {
    input: Input<'a>,
    /// Variables of the macros around, innermost last.
    variables: Vec<(&'a str, Value)>,
    steps: usize,
}

impl<'a> Machine<'a> {
    fn count(&mut self, steps: usize) -> Result<(), Failure> {
        self.steps += steps.max(1);
        if self.steps > MAX_STEPS { Err(Failure::TooLong) } else { Ok(()) }
    }

    fn nodes(&mut self, nodes: &'a [Node]) -> Result<Vec<Value>, Failure> {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    fn node(&mut self, node: &'a Node) -> Evaluated {
        self.count(1)?;
        match node {
            Node::Literal(value) => Ok(value.clone()),
            Node::List(nodes) => Ok(self.nodes(nodes)?.into()),
            Node::Map(entries) => self.map(entries),
            Node::Name(name) => self.name(name),
            Node::Select(operand, field) => {
                let operand = self.node(operand)?;
                let Some(map) = operand.as_map() else { return no_overload() };
                map.get(field).cloned().map_or_else(|| error(format!("no such key: {field}")), Ok)
            }
            Node::Has(operand, field) => match self.node(operand)? {
                Value::Map(map) => Ok(map.contains(field).into()),
                _ => no_overload(),
            },
            Node::Index(operand, index) => {
                let (operand, index) = (self.node(operand)?, self.node(index)?);
                at_index(&operand, &index)
            }
            Node::Not(operand) => match self.node(operand)? {
                Value::Bool(value) => Ok((!value).into()),
                _ => no_overload(),
            },
            Node::Negate(operand) => match self.node(operand)? {
                Value::Int(value) => value
                    .checked_neg()
                    .map_or_else(|| error("integer overflow"), |int| Ok(int.into())),
                Value::Float(value) => Ok(Value::Float(-value)),
                _ => no_overload(),
            },
            Node::Chain(logic, nodes) => self.chain(*logic, nodes),
            Node::Binary(operator, left, right) => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                self.count(weight(&left).min(weight(&right)))?;
                binary(*operator, &left, &right)
            }
            Node::Conditional(test, yes, no) => match self.node(test)? {
                Value::Bool(true) => self.node(yes),
                Value::Bool(false) => self.node(no),
                _ => no_overload(),
            },
            Node::Call(function, arguments) => {
                let values = self.nodes(arguments)?;
                self.count(values.iter().map(weight).sum())?;
                functions::call(*function, &values)
            }
            Node::Macro { kind, range, variable, body, then } => {
                let range = self.node(range)?;
                self.comprehension(*kind, &range, variable, body, then.as_deref())
            }
        }
    }

    fn name(&self, name: &str) -> Evaluated {
        if let Some((_, value)) = self.variables.iter().rev().find(|(own, _)| *own == name) {
            return Ok(value.clone());
        }
        match (name, self.input.old) {
            ("self", _) => Ok(self.input.this.clone()),
            ("oldSelf", Some(old)) => Ok(old.clone()),
            _ => error(format!("no such attribute(s): {name}")),
        }
    }

    fn map(&mut self, entries: &'a [(Node, Node)]) -> Evaluated {
        let mut map = Map::new();
        for (key, value) in entries {
            let key = self.node(key)?;
            let Some(key) = key.as_str() else { return no_overload() };
            let value = self.node(value)?;
            if map.insert(key, value).is_some() {
                return error(format!("Failed with repeated key: {key}"));
            }
        }
        Ok(map.into())
    }

    /// One operand decides, even if another one fails.
    fn chain(&mut self, logic: Logic, nodes: &'a [Node]) -> Evaluated {
        let deciding = logic == Logic::Or;
        let mut failure = None;
        for node in nodes {
            match self.node(node) {
                Ok(Value::Bool(value)) if value == deciding => return Ok(value.into()),
                Ok(Value::Bool(_)) => {}
                Ok(_) => failure = failure.or(Some(Failure::Error("no such overload".to_owned()))),
                Err(Failure::TooLong) => return Err(Failure::TooLong),
                Err(other) => failure = failure.or(Some(other)),
            }
        }
        failure.map_or(Ok((!deciding).into()), Err)
    }

    fn comprehension(
        &mut self,
        kind: Macro,
        range: &Value,
        variable: &'a str,
        body: &'a Node,
        then: Option<&'a Node>,
    ) -> Evaluated {
        let items: Vec<Value> = match range {
            Value::List(list) => list.to_vec(),
            Value::Map(map) => map.keys().map(|key| key.clone().into()).collect(),
            _ => return no_overload(),
        };
        let (mut out, mut count, mut failure) = (Vec::new(), 0, None);
        for item in items {
            self.variables.push((variable, item.clone()));
            let found = self.node(body);
            let mapped = match (&found, then) {
                (Ok(Value::Bool(true)), Some(then)) => Some(self.node(then)),
                _ => None,
            };
            self.variables.pop();
            match (kind, found) {
                (_, Err(Failure::TooLong)) => return Err(Failure::TooLong),
                (Macro::All, Ok(Value::Bool(false))) => return Ok(false.into()),
                (Macro::Exists, Ok(Value::Bool(true))) => return Ok(true.into()),
                (Macro::All | Macro::Exists, Err(other)) => failure = failure.or(Some(other)),
                (_, Err(other)) => return Err(other),
                (Macro::Map, Ok(value)) if then.is_none() => out.push(value),
                (Macro::Map, Ok(Value::Bool(_))) => out.extend(mapped.transpose()?),
                (Macro::Filter, Ok(Value::Bool(true))) => out.push(item),
                (_, Ok(Value::Bool(value))) => count += usize::from(value),
                (_, Ok(_)) => return no_overload(),
            }
        }
        match (kind, failure) {
            (_, Some(failure)) => Err(failure),
            (Macro::All, None) => Ok(true.into()),
            (Macro::Exists, None) => Ok(false.into()),
            (Macro::ExistsOne, None) => Ok((count == 1).into()),
            (Macro::Filter | Macro::Map, None) => Ok(out.into()),
        }
    }
}

/// The cost of looking at a value.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() / 16,
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => 1,
    }
}

fn at_index(operand: &Value, index: &Value) -> Evaluated {
    match (operand, index) {
        (Value::List(list), Value::Int(at)) => {
            let item = usize::try_from(*at).ok().and_then(|at| list.get(at));
            item.cloned().map_or_else(|| error(format!("index out of bounds: {at}")), Ok)
        }
        (Value::Map(map), Value::String(key)) => {
            map.get(key).cloned().map_or_else(|| error(format!("no such key: {key}")), Ok)
        }
        _ => no_overload(),
    }
}

/// Equality of the language: numbers of both types are compared by value.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            *int as f64 == *float
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left.iter().zip(right.iter()).all(|(left, right)| equal(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, value)| right.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => left == right,
    }
}

pub(super) fn compare(left: &Value, right: &Value) -> Result<Option<std::cmp::Ordering>, Failure> {
    Ok(match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Int(left), Value::Float(right)) => (*left as f64).partial_cmp(right),
        (Value::Float(left), Value::Int(right)) => left.partial_cmp(&(*right as f64)),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => return no_overload(),
    })
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Evaluated {
    match operator {
        Operator::Equal => Ok(equal(left, right).into()),
        Operator::NotEqual => Ok((!equal(left, right)).into()),
        Operator::Less => Ok(compare(left, right)?.is_some_and(|order| order.is_lt()).into()),
        Operator::LessOrEqual => {
            Ok(compare(left, right)?.is_some_and(|order| order.is_le()).into())
        }
        Operator::Greater => Ok(compare(left, right)?.is_some_and(|order| order.is_gt()).into()),
        Operator::GreaterOrEqual => {
            Ok(compare(left, right)?.is_some_and(|order| order.is_ge()).into())
        }
        Operator::In => match right {
            Value::List(list) => Ok(list.iter().any(|item| equal(left, item)).into()),
            Value::Map(map) => Ok(left.as_str().is_some_and(|key| map.contains(key)).into()),
            _ => no_overload(),
        },
        _ => arithmetic(operator, left, right),
    }
}

/// Longest text and list that an addition makes.
const MAX_LENGTH: usize = 1 << 20;

pub(super) fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Evaluated {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => {
            if *right == 0 && matches!(operator, Operator::Divide | Operator::Modulo) {
                let by_zero = if operator == Operator::Divide {
                    "division by zero"
                } else {
                    "modulus by zero"
                };
                return error(by_zero);
            }
            let result = match operator {
                Operator::Add => left.checked_add(*right),
                Operator::Subtract => left.checked_sub(*right),
                Operator::Multiply => left.checked_mul(*right),
                Operator::Divide => left.checked_div(*right),
                Operator::Modulo => left.checked_rem(*right),
                _ => return no_overload(),
            };
            result.map_or_else(|| error("integer overflow"), |int| Ok(int.into()))
        }
        (Value::Float(left), Value::Float(right)) => Ok(Value::Float(match operator {
            Operator::Add => left + right,
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide => left / right,
            _ => return no_overload(),
        })),
        (Value::String(left), Value::String(right)) if operator == Operator::Add => {
            if left.len() + right.len() > MAX_LENGTH {
                return Err(Failure::TooLong);
            }
            Ok(format!("{left}{right}").into())
        }
        (Value::List(left), Value::List(right)) if operator == Operator::Add => {
            if left.len() + right.len() > MAX_LENGTH {
                return Err(Failure::TooLong);
            }
            Ok(left.iter().chain(right.iter()).cloned().collect::<Vec<_>>().into())
        }
        _ => no_overload(),
    }
}
