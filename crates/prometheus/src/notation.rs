//! The notations of the configuration that the schema walk does not know itself.

use super::values::size;
use go::url;
use schema::{Hooks, Type};

/// Sizes and URLs, read as Prometheus's libraries read them.
pub struct Notations;

impl Hooks for Notations {
    fn notation(&self, ty: &Type, text: &str) -> Result<(), String> {
        match ty {
            Type::Size => size::parse(text).map(drop),
            Type::Url if !text.is_empty() => url::parse(text).map(drop),
            _ => Ok(()),
        }
    }
}
