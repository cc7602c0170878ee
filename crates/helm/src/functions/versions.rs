//! Semantic versions.
//!
//! Source: sprig semver.go, Masterminds/semver v3.

use std::any::Any;
use std::cmp::Ordering;

use go::template::{Field, Object, Signature, Type, Value};

use super::{Function, FunctionResult, S, row, text};
use crate::semver::{Constraint, Version};

pub(super) static TABLE: &[Function] = &[
    row("semver", &[S], None, "Reads a semantic version.", |a, _| {
        Ok(Value::object(VersionObject(Version::parse(text(a, 0))?)))
    }),
    row(
        "semverCompare",
        &[S, S],
        None,
        "Returns true if a version fits a constraint such as `>=1.2`.",
        compare,
    ),
];

fn compare(a: &[Value], _: &go::template::Call<'_>) -> FunctionResult {
    let constraint = Constraint::parse(text(a, 0))?;
    Ok(Value::Bool(constraint.allows(&Version::parse(text(a, 1))?)))
}

/// A version in a template.
#[derive(Debug)]
struct VersionObject(Version);

const VERSION: &str = "*semver.Version";

const fn method(name: &'static str, parameters: &'static [Type]) -> Signature {
    Signature { name, parameters, variadic: None }
}

static METHODS: &[Signature] = &[
    method("Major", &[]),
    method("Minor", &[]),
    method("Patch", &[]),
    method("Prerelease", &[]),
    method("Metadata", &[]),
    method("Original", &[]),
    method("String", &[]),
    method("Compare", &[Type::Named(VERSION)]),
    method("Equal", &[Type::Named(VERSION)]),
    method("GreaterThan", &[Type::Named(VERSION)]),
    method("LessThan", &[Type::Named(VERSION)]),
];

impl Object for VersionObject {
    fn type_name(&self) -> &str {
        VERSION
    }

    fn field(&self, _name: &str) -> Option<Field> {
        None
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        METHODS.iter().find(|method| method.name == name)
    }

    fn call(&self, name: &str, arguments: &[Value]) -> FunctionResult {
        let other = arguments.first().and_then(Value::downcast::<Self>);
        let order = other.map_or(Ordering::Greater, |other| self.0.compare(&other.0));
        Ok(match name {
            "Major" => Value::Uint64(self.0.major),
            "Minor" => Value::Uint64(self.0.minor),
            "Patch" => Value::Uint64(self.0.patch),
            "Prerelease" => Value::string(self.0.prerelease.as_str()),
            "Metadata" => Value::string(self.0.metadata.as_str()),
            "Original" => Value::string(self.0.original.as_str()),
            "Compare" => Value::Int(order as i64),
            "Equal" => Value::Bool(order.is_eq()),
            "GreaterThan" => Value::Bool(order.is_gt()),
            "LessThan" => Value::Bool(order.is_lt()),
            _ => Value::string(self.print()),
        })
    }

    fn print(&self) -> String {
        self.0.to_string()
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
