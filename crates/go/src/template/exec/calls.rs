//! Fields, methods and functions, and the types of their arguments.

use super::super::tree::{Number, Operand, OperandKind};
use super::super::value::{Argument, Map, Signature, Type, Value};
use super::super::{MissingKey, funcs};
use super::{CurrentNode, Final, Result, State};
use crate::quote::quote;

impl<'t> State<'t> {
    /// An operand with fields, of which the last may be a method with arguments.
    pub(super) fn with_fields(
        &mut self,
        dot: &Argument,
        operand: &'t Operand,
        arguments: &'t [Operand],
        last: Final,
    ) -> Result<Argument> {
        self.at = CurrentNode::Operand(operand);
        let (mut receiver, fields) = match &operand.kind {
            OperandKind::Field(fields) => (dot.clone(), fields.as_slice()),
            OperandKind::Variable(names) => {
                (self.variable(names.first())?, names.get(1..).unwrap_or_default())
            }
            OperandKind::Chain { base, fields } => {
                // The place stays where the base has left it.
                (self.value(dot, base)?, fields.as_slice())
            }
            _ => return self.value(dot, operand),
        };
        let Some((method, fields)) = fields.split_last() else { return Ok(receiver) };
        for field in fields {
            receiver = self.field(dot, operand, field, &receiver, &[], None)?;
        }
        self.field(dot, operand, method, &receiver, arguments, last)
    }

    fn field(
        &mut self,
        dot: &Argument,
        operand: &'t Operand,
        name: &str,
        receiver: &Argument,
        arguments: &'t [Operand],
        last: Final,
    ) -> Result<Argument> {
        let has_arguments = !arguments.is_empty() || last.is_some();
        let place = CurrentNode::Operand(operand);
        if let Some(method) = receiver.value.method(name) {
            let values = self.values(dot, &method.signature, arguments, last)?;
            let called = (method.call)(&receiver.value, &values).map(Argument::plain);
            return self.returned(name, place, called);
        }
        match &receiver.value {
            Value::Nil if receiver.boxed => {
                return Err(format!("nil pointer evaluating interface {{}}.{name}"));
            }
            Value::Nil => {
                if self.call.missing == MissingKey::Error {
                    return Err(format!("nil data; no entry for key {}", quote(name)));
                }
                return Ok(Argument::plain(Value::Nil));
            }
            Value::Object(object) => {
                if let Some(signature) = object.method(name) {
                    let values = self.values(dot, signature, arguments, last)?;
                    let called = object.call(name, &values).map(Argument::plain);
                    return self.returned(name, place, called);
                }
                if let Some(field) = object.field(name) {
                    if has_arguments {
                        return Err(format!(
                            "{name} has arguments but cannot be invoked as function"
                        ));
                    }
                    return Ok(Argument { value: field.value, boxed: field.boxed });
                }
            }
            Value::Map(map) => {
                if has_arguments {
                    return Err(format!("{name} is not a method but has arguments"));
                }
                return self.map_field(map, name);
            }
            _ => {}
        }
        Err(format!("can't evaluate field {name} in type {}", receiver.type_name()))
    }

    fn map_field(&self, map: &Map, name: &str) -> Result<Argument> {
        match (map.get(name), self.call.missing) {
            (Some(value), _) => Ok(Argument { value, boxed: map.kind.boxed }),
            (None, MissingKey::Invalid) => Ok(Argument::plain(Value::Nil)),
            (None, MissingKey::Zero) => {
                Ok(Argument { value: (map.kind.zero)(), boxed: map.kind.boxed })
            }
            (None, MissingKey::Error) => Err(format!("map has no entry for key {}", quote(name))),
        }
    }

    /// Evaluates the arguments of a call to plain values.
    fn values(
        &mut self,
        dot: &Argument,
        signature: &Signature,
        arguments: &'t [Operand],
        last: Final,
    ) -> Result<Vec<Value>> {
        let values = self.arguments(dot, signature, arguments, last)?;
        Ok(values.into_iter().map(|one| one.value).collect())
    }

    pub(super) fn function(
        &mut self,
        dot: &Argument,
        name: &str,
        place: CurrentNode<'t>,
        arguments: &'t [Operand],
        last: Final,
    ) -> Result<Argument> {
        self.call.budget.step()?;
        let functions = self.call.functions;
        if let Some(signature) = functions.signature(name) {
            let values = self.arguments(dot, signature, arguments, last)?;
            let values: Vec<Value> = values.into_iter().map(|one| one.value).collect();
            let result = functions.call(name, &values, &self.call).map(Argument::plain);
            return self.returned(name, place, result);
        }
        let Some(signature) = funcs::signature(name) else {
            return Err(format!("{} is not a defined function", quote(name)));
        };
        if matches!(name, "and" | "or") {
            return self.short_circuit(dot, signature, arguments, last);
        }
        let callee = match (name, arguments.first(), &last) {
            ("call", Some(operand), _) => operand.to_string(),
            ("call", None, Some(value)) => value.value.print(),
            _ => String::new(),
        };
        let values = self.arguments(dot, signature, arguments, last)?;
        let result = funcs::call(name, &values, &callee);
        self.returned(name, place, result)
    }

    /// The result of a call, charged to the limits.
    fn returned(
        &mut self,
        name: &str,
        place: CurrentNode<'t>,
        result: Result<Argument>,
    ) -> Result<Argument> {
        match result {
            Ok(result) => {
                if let Value::String(text) = &result.value {
                    self.call.budget.bytes(text.len())?;
                }
                Ok(result)
            }
            Err(message) => {
                self.at = place;
                Err(format!("error calling {name}: {message}"))
            }
        }
    }

    /// `and` and `or` stop at the first argument that decides.
    fn short_circuit(
        &mut self,
        dot: &Argument,
        signature: &Signature,
        arguments: &'t [Operand],
        last: Final,
    ) -> Result<Argument> {
        self.check_count(signature, arguments.len(), last.is_some())?;
        let mut value = Argument::plain(Value::Nil);
        for operand in arguments {
            value = self.argument(dot, Type::Value, operand)?;
            if value.value.is_true() == (signature.name == "or") {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    fn check_count(&self, signature: &Signature, given: usize, piped: bool) -> Result<()> {
        let (name, fixed) = (signature.name, signature.parameters.len());
        let count = given + usize::from(piped);
        if signature.variadic.is_some() {
            if count < fixed {
                return Err(format!(
                    "wrong number of args for {name}: want at least {fixed} got {given}"
                ));
            }
        } else if count != fixed {
            return Err(format!("wrong number of args for {name}: want {fixed} got {count}"));
        }
        Ok(())
    }

    fn arguments(
        &mut self,
        dot: &Argument,
        signature: &Signature,
        operands: &'t [Operand],
        last: Final,
    ) -> Result<Vec<Argument>> {
        self.check_count(signature, operands.len(), last.is_some())?;
        let wanted = |at: usize| {
            signature.parameters.get(at).copied().or(signature.variadic).unwrap_or(Type::Any)
        };
        let mut values = Vec::with_capacity(operands.len() + 1);
        for (at, operand) in operands.iter().enumerate() {
            values.push(self.argument(dot, wanted(at), operand)?);
        }
        if let Some(value) = last {
            values.push(validate(value, wanted(operands.len()))?);
        }
        Ok(values)
    }

    /// An operand as an argument of a type.
    fn argument(&mut self, dot: &Argument, wanted: Type, operand: &'t Operand) -> Result<Argument> {
        self.at = CurrentNode::Operand(operand);
        let found = |what: &str| Err(format!("expected {what}; found {operand}"));
        match &operand.kind {
            OperandKind::Nil if wanted.can_be_nil() => {
                return Ok(Argument::plain(Value::Nil));
            }
            OperandKind::Nil => return Err(format!("cannot assign nil to {}", wanted.name())),
            OperandKind::Bool(_) | OperandKind::Number(_) | OperandKind::String { .. } => {}
            _ => {
                let value = self.value(dot, operand)?;
                return validate(value, wanted);
            }
        }
        let value = match (wanted, &operand.kind) {
            (Type::Any | Type::Value, _) => return self.value(dot, operand),
            (Type::Bool, OperandKind::Bool(value)) => Value::Bool(*value),
            (Type::Bool, _) => return found("bool"),
            (Type::String, OperandKind::String { text, .. }) => Value::String(text.clone()),
            (Type::String, _) => return found("string"),
            (Type::Int, OperandKind::Number(Number { int: Some(int), .. })) => Value::Int(*int),
            (Type::Int64, OperandKind::Number(Number { int: Some(int), .. })) => Value::Int64(*int),
            (Type::Int | Type::Int64, _) => return found("integer"),
            (Type::Float, OperandKind::Number(Number { float: Some(float), .. })) => {
                Value::Float(*float)
            }
            (Type::Float, _) => return found("float"),
            (Type::Named(name), _) => {
                return Err(format!("can't handle {operand} for arg of type {name}"));
            }
        };
        Ok(Argument::plain(value))
    }
}

/// A value for a parameter of a type.
fn validate(value: Argument, wanted: Type) -> Result<Argument> {
    if matches!(value.value, Value::Nil) && !value.boxed {
        if wanted.can_be_nil() {
            return Ok(value);
        }
        return Err(format!("invalid value; expected {}", wanted.name()));
    }
    match wanted {
        Type::Value => Ok(value),
        Type::Any => Ok(value.unboxed()),
        _ if matches!(value.value, Value::Nil) || !wanted.accepts(&value.value) => {
            let got = match value.value {
                Value::Nil => "interface {}".to_owned(),
                ref value => value.type_name().to_owned(),
            };
            Err(format!("wrong type for value; expected {}; got {got}", wanted.name()))
        }
        _ => Ok(value.unboxed()),
    }
}

/// The value of a constant where any type would do: its syntax says which one it has.
pub(super) fn constant(number: &Number) -> Result<Value> {
    let text = &*number.text;
    if let Some((re, im)) = number.complex {
        return Ok(Value::Complex(re, im));
    }
    let hex_int =
        text.len() > 2 && matches!(text.get(..2), Some("0x" | "0X")) && !text.contains(['p', 'P']);
    let looks_float =
        !hex_int && !text.starts_with('\'') && text.contains(['.', 'e', 'E', 'p', 'P']);
    match (number.float, number.int, number.uint) {
        (Some(float), ..) if looks_float => Ok(Value::Float(float)),
        (_, Some(int), _) => Ok(Value::Int(int)),
        (_, None, Some(_)) => Err(format!("{text} overflows int")),
        _ => Ok(Value::Nil),
    }
}
