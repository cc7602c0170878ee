//! The functions that every template has.
//!
//! Source: text/template funcs.go.

use std::cmp::Ordering;
use std::sync::Arc;

use super::escape::{html, js};
use super::printf::{sprint, sprintf, sprintln};
use super::value::{Argument, List, Signature, Type, Value};
use crate::url::query_escape;

const fn takes(name: &'static str, parameters: &'static [Type]) -> Signature {
    Signature { name, parameters, variadic: None }
}

const fn variadic(name: &'static str, parameters: &'static [Type], rest: Type) -> Signature {
    Signature { name, parameters, variadic: Some(rest) }
}

const ONE: &[Type] = &[Type::Value];
const TWO: &[Type] = &[Type::Value, Type::Value];

static BUILTINS: [Signature; 19] = [
    variadic("and", ONE, Type::Value),
    variadic("call", ONE, Type::Value),
    variadic("eq", ONE, Type::Value),
    takes("ge", TWO),
    takes("gt", TWO),
    variadic("html", &[], Type::Any),
    variadic("index", ONE, Type::Value),
    variadic("js", &[], Type::Any),
    takes("le", TWO),
    takes("len", ONE),
    takes("lt", TWO),
    takes("ne", TWO),
    takes("not", ONE),
    variadic("or", ONE, Type::Value),
    variadic("print", &[], Type::Any),
    variadic("printf", &[Type::String], Type::Any),
    variadic("println", &[], Type::Any),
    variadic("slice", ONE, Type::Value),
    variadic("urlquery", &[], Type::Any),
];

/// Returns what a built-in function takes; None if there is none of that name.
pub fn signature(name: &str) -> Option<&'static Signature> {
    BUILTINS.iter().find(|signature| signature.name == name)
}

/// Calls a built-in function with arguments of its types. `callee` is how the first argument of
/// `call` is written.
pub(super) fn call(name: &str, arguments: &[Argument], callee: &str) -> Result<Argument, String> {
    let (first, rest) = match arguments.split_first() {
        Some((first, rest)) => (Some(first), rest),
        None => (None, arguments),
    };
    let nil = Argument::plain(Value::Nil);
    let first = first.unwrap_or(&nil);
    let second = rest.first().unwrap_or(&nil);
    let values = || arguments.iter().map(|one| one.value.clone()).collect::<Vec<_>>();
    let less = |order: Option<Ordering>| order == Some(Ordering::Less);
    if name == "index" {
        return index(first, rest);
    }
    Ok(Argument::plain(match name {
        "eq" => Value::Bool(any_equal(&first.value, rest)?),
        "ne" => Value::Bool(!any_equal(&first.value, std::slice::from_ref(second))?),
        "lt" => Value::Bool(less(compare(&first.value, &second.value)?)),
        "le" => Value::Bool(matches!(
            compare(&first.value, &second.value)?,
            Some(Ordering::Less | Ordering::Equal)
        )),
        "gt" => Value::Bool(!matches!(
            compare(&first.value, &second.value)?,
            Some(Ordering::Less | Ordering::Equal)
        )),
        "ge" => Value::Bool(!less(compare(&first.value, &second.value)?)),
        "not" => Value::Bool(!first.value.is_true()),
        "len" => Value::Int(length(first)?),
        "slice" => slice(&first.value, rest)?,
        "print" => Value::string(sprint(&values())),
        "println" => Value::string(sprintln(&values())),
        "printf" => {
            let rest: Vec<Value> = rest.iter().map(|one| one.value.clone()).collect();
            Value::string(sprintf(first.value.as_str().unwrap_or_default(), &rest))
        }
        "html" => Value::string(html(&text_of(arguments))),
        "js" => Value::string(js(&text_of(arguments))),
        "urlquery" => Value::string(query_escape(&text_of(arguments))),
        "call" if matches!(first.value, Value::Nil) => return Err("call of nil".to_owned()),
        "call" => {
            let kind = first.value.type_name();
            return Err(format!("non-function {callee} of type {kind}"));
        }
        _ => return Err(format!("{name} is not a function")),
    }))
}

/// The arguments of an escaping function as one text, printed as actions print.
fn text_of(arguments: &[Argument]) -> String {
    let printed: Vec<Value> = arguments
        .iter()
        .map(|one| match &one.value {
            Value::Nil => Value::string("<no value>"),
            value => value.clone(),
        })
        .collect();
    sprint(&printed)
}

/// Groups of types that can be compared with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basic {
    Bool,
    Complex,
    Int,
    Float,
    String,
    Uint,
}

fn basic(value: &Value) -> Option<Basic> {
    match value {
        Value::Bool(_) => Some(Basic::Bool),
        Value::Int(_) | Value::Int64(_) | Value::Int32(_) => Some(Basic::Int),
        Value::Uint8(_) | Value::Uint64(_) => Some(Basic::Uint),
        Value::Float(_) => Some(Basic::Float),
        Value::Complex(..) => Some(Basic::Complex),
        Value::String(_) => Some(Basic::String),
        _ => None,
    }
}

fn incompatible(a: &Value, b: &Value) -> String {
    format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name())
}

/// Compares integers of either kind.
fn compare_integers(a: &Value, b: &Value) -> Option<Ordering> {
    let wide = |value: &Value| {
        value.as_signed().map(i128::from).or_else(|| value.as_unsigned().map(i128::from))
    };
    Some(wide(a)?.cmp(&wide(b)?))
}

fn any_equal(first: &Value, others: &[Argument]) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        if equal(first, &other.value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => return Ok(a == b),
        (Value::Float(a), Value::Float(b)) => return Ok(a == b),
        (Value::String(a), Value::String(b)) => return Ok(a == b),
        (Value::Complex(a, x), Value::Complex(b, y)) => return Ok(a == b && x == y),
        _ => {}
    }
    if let Some(order) = compare_integers(a, b) {
        return Ok(order == Ordering::Equal);
    }
    match (a, b) {
        (Value::Nil, _) | (_, Value::Nil) => Ok(matches!((a, b), (Value::Nil, Value::Nil))),
        _ if basic(a) != basic(b) => Err(incompatible(a, b)),
        (Value::Object(a), Value::Object(b)) => Ok(Arc::ptr_eq(a, b)),
        _ if std::mem::discriminant(a) != std::mem::discriminant(b) => {
            let (shown, other) =
                (sprintf("%s", std::slice::from_ref(a)), sprintf("%v", std::slice::from_ref(b)));
            let (kind, other_kind) = (a.type_name(), b.type_name());
            Err(format!("non-comparable types {shown}: {kind}, {other_kind}: {other}"))
        }
        _ => {
            let shown = sprintf("%s", std::slice::from_ref(b));
            Err(format!("non-comparable type {shown}: {}", b.type_name()))
        }
    }
}

/// Returns None if one of the two is NaN.
fn compare(a: &Value, b: &Value) -> Result<Option<Ordering>, String> {
    let invalid = || "invalid type for comparison".to_owned();
    let (of_a, of_b) = (basic(a).ok_or_else(invalid)?, basic(b).ok_or_else(invalid)?);
    if let Some(order) = compare_integers(a, b) {
        return Ok(Some(order));
    }
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
        (Value::String(a), Value::String(b)) => Ok(Some(a.cmp(b))),
        _ if of_a == of_b => Err(invalid()),
        _ => Err(incompatible(a, b)),
    }
}

fn length(of: &Argument) -> Result<i64, String> {
    let length = match &of.value {
        Value::String(text) => text.len(),
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.entries().len(),
        Value::Nil if of.boxed => return Err("len of nil pointer".to_owned()),
        Value::Nil => {
            return Err("reflect: call of reflect.Value.Type on zero Value".to_owned());
        }
        other => return Err(format!("len of type {}", other.type_name())),
    };
    Ok(length as i64)
}

/// An index of a slice or string of a length. The length itself passes, as in Go.
fn index_of(index: &Argument, name: &str, length: usize) -> Result<usize, String> {
    let number = match &index.value {
        Value::Nil if !index.boxed => {
            return Err("cannot index slice/array with nil".to_owned());
        }
        value => value.as_signed().or_else(|| value.as_unsigned().map(|number| number as i64)),
    };
    let Some(number) = number else {
        return Err(format!("cannot index slice/array with type {name}"));
    };
    let found = usize::try_from(number).ok().filter(|number| *number <= length);
    found.ok_or_else(|| format!("index out of range: {number}"))
}

fn index(of: &Argument, keys: &[Argument]) -> Result<Argument, String> {
    let mut item = of.clone();
    if matches!(item.value, Value::Nil) {
        return Err("index of untyped nil".to_owned());
    }
    for key in keys {
        // Indices are taken out of their interfaces.
        let key = key.clone().unboxed();
        item = match &item.value {
            Value::List(list) => {
                let at = index_of(&key, key.type_name(), list.items.len())?;
                let found = list.items.get(at).ok_or("reflect: slice index out of range")?;
                Argument { value: found.clone(), boxed: list.kind.boxed }
            }
            Value::String(text) => {
                let at = index_of(&key, key.type_name(), text.len())?;
                let byte = text.as_bytes().get(at).ok_or("reflect: string index out of range")?;
                Argument::plain(Value::Uint8(*byte))
            }
            Value::Map(map) => {
                let name = match &key.value {
                    Value::String(name) => name,
                    Value::Nil => return Err("value is nil; should be of type string".to_owned()),
                    other => {
                        let kind = other.type_name();
                        return Err(format!("value has type {kind}; should be string"));
                    }
                };
                let found = map.get(name);
                let value = found.unwrap_or_else(|| (map.kind.zero)());
                Argument { value, boxed: map.kind.boxed }
            }
            Value::Nil => return Err("index of nil pointer".to_owned()),
            other => return Err(format!("can't index item of type {}", other.type_name())),
        };
    }
    Ok(item)
}

fn slice(of: &Value, bounds: &[Argument]) -> Result<Value, String> {
    if matches!(of, Value::Nil) {
        return Err("slice of untyped nil".to_owned());
    }
    if bounds.len() > 3 {
        return Err(format!("too many slice indexes: {}", bounds.len()));
    }
    let length = match of {
        Value::String(_) if bounds.len() == 3 => {
            return Err("cannot 3-index slice a string".to_owned());
        }
        Value::String(text) => text.len(),
        Value::List(list) => list.items.len(),
        other => return Err(format!("can't slice item of type {}", other.type_name())),
    };
    let mut range = [0, length, length];
    for (slot, bound) in range.iter_mut().zip(bounds) {
        // Unlike `index`, this does not look into interfaces.
        *slot = if bound.boxed {
            return Err("cannot index slice/array with type interface {}".to_owned());
        } else {
            index_of(bound, bound.type_name(), length)?
        };
    }
    let [from, to, capacity] = range;
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    if to > capacity {
        return Err(format!("invalid slice index: {to} > {capacity}"));
    }
    Ok(match of {
        Value::String(text) => {
            let bytes = text.as_bytes().get(from..to).unwrap_or_default();
            Value::string(String::from_utf8_lossy(bytes).into_owned())
        }
        Value::List(list) => {
            let items = list.items.get(from..to).unwrap_or_default().to_vec();
            Value::List(List { kind: list.kind, items: Arc::new(items) })
        }
        _ => Value::Nil,
    })
}
