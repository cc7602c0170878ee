//! The functions of templates besides Go's own, one table for each family.
//!
//! Source: Masterminds/sprig v3.3 functions.go and its files, helm pkg/engine funcs.go.

mod base32;
mod convert;
mod data;
mod dates;
mod decimals;
mod dicts;
mod helm;
mod lists;
mod math;
mod random;
mod strings;
mod toml;
mod urls;
mod versions;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use go::template::{Call, Signature, Type, Value, sprint};

use crate::objects::Bytes;

pub use helm::{ERROR_END, ERROR_START, Library, Lookup, Signatures};

/// The most bytes that one call returns, and the most items.
pub const MAX_BYTES: usize = 16 << 20;
pub const MAX_ITEMS: usize = 1_000_000;

type FunctionResult = Result<Value, String>;

/// A function with what completion and hover show of it.
pub struct Function {
    pub signature: Signature,
    /// One sentence.
    pub summary: &'static str,
    run: fn(&[Value], &Call<'_>) -> FunctionResult,
}

/// The functions by family.
pub static FAMILIES: &[(&str, &[Function])] = &[
    ("strings", strings::TABLE),
    ("lists", lists::TABLE),
    ("dictionaries", dicts::TABLE),
    ("math", math::TABLE),
    ("conversion and defaults", convert::TABLE),
    ("decimal arithmetic", decimals::TABLE),
    ("data formats", data::TABLE),
    ("TOML", toml::TABLE),
    ("dates", dates::TABLE),
    ("URLs", urls::TABLE),
    ("versions", versions::TABLE),
    ("random values and certificates", random::TABLE),
    ("helm", helm::TABLE),
];

/// Returns a function of sprig or Helm by its name.
pub fn function(name: &str) -> Option<&'static Function> {
    static BY_NAME: OnceLock<BTreeMap<&'static str, &'static Function>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        let all = FAMILIES.iter().flat_map(|(_, functions)| functions.iter());
        all.map(|function| (function.signature.name, function)).collect()
    });
    by_name.get(name).copied()
}

const fn row(
    name: &'static str,
    parameters: &'static [Type],
    variadic: Option<Type>,
    summary: &'static str,
    run: fn(&[Value], &Call<'_>) -> FunctionResult,
) -> Function {
    Function { signature: Signature { name, parameters, variadic }, summary, run }
}

const S: Type = Type::String;
const I: Type = Type::Int;
const A: Type = Type::Any;
const M: Type = Type::Named("map[string]interface {}");
const MORE: Option<Type> = Some(Type::Any);

fn text(arguments: &[Value], at: usize) -> &str {
    arguments.get(at).and_then(Value::as_str).unwrap_or_default()
}

fn integer(arguments: &[Value], at: usize) -> i64 {
    arguments.get(at).and_then(Value::as_signed).unwrap_or_default()
}

fn any(arguments: &[Value], at: usize) -> &Value {
    arguments.get(at).unwrap_or(&Value::Nil)
}

fn string(text: impl Into<String>) -> FunctionResult {
    Ok(Value::string(text.into()))
}

/// A value as text. Source: sprig strings.go `strval`.
fn strval(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Nil => "<nil>".to_owned(),
        Value::List(list) if list.kind.name == "[]uint8" => {
            let bytes = list.items.iter().filter_map(Value::as_unsigned);
            let bytes: Vec<u8> = bytes.filter_map(|byte| u8::try_from(byte).ok()).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Value::Object(object) if object.as_any().is::<Bytes>() => {
            value.downcast().map(Bytes::text).unwrap_or_default()
        }
        other => sprint(std::slice::from_ref(other)),
    }
}

/// The kind of a value as Go's reflection names it.
fn kind(value: &Value) -> &str {
    match value {
        Value::Nil => "invalid",
        Value::List(_) => "slice",
        Value::Map(_) => "map",
        Value::Object(object) if object.type_name().starts_with('*') => "ptr",
        Value::Object(_) => "struct",
        other => other.type_name(),
    }
}

fn check_bytes(bytes: usize) -> Result<(), String> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    Err(format!("the result would have more than {MAX_BYTES} bytes"))
}

fn compile(pattern: &str) -> Result<go::Regex, String> {
    go::Regex::unanchored(pattern).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_documented() {
        let mut seen = BTreeMap::new();
        for (family, functions) in FAMILIES {
            for function in *functions {
                let name = function.signature.name;
                assert_eq!(seen.insert(name, family), None, "{name} is there twice");
                assert!(function.summary.ends_with('.'), "{name}");
            }
        }
        assert!(seen.len() > 150);
    }
}
