//! Extension points of the walk: notations, checks, consequences and suggestions of higher crates.

use super::{PathSegment, Root, Type, TypedNode};
use text::Diagnostic;
use yaml::Node;

/// Extensions of the walk by higher crates. Every method has a default that adds nothing.
pub trait Hooks {
    /// The type of a value that declares its own type, as Kubernetes objects do with `kind`.
    fn refine(&self, node: &Node, ty: Type) -> Type {
        let _ = node;
        ty
    }

    /// Checks a notation that this crate does not know (`Size`, `Url`, `PromQl`, `Template`, …). The
    /// error is the message of the real program.
    fn notation(&self, ty: &Type, text: &str) -> Result<(), String> {
        let _ = (ty, text);
        Ok(())
    }

    /// Adds findings about a value.
    fn check(&self, place: &TypedNode<'_, '_>, diagnostics: &mut Vec<Diagnostic>) {
        let _ = (place, diagnostics);
    }

    /// The tree that inherited values come from, if it is not the tree itself: a file with scrape
    /// configs inherits from the main configuration file.
    fn root(&self) -> Option<Root<'_>> {
        None
    }

    /// The value of the placeholder `{name}` in the inline note of a field.
    fn placeholder(&self, place: &TypedNode<'_, '_>, name: &str) -> Option<String> {
        let _ = (place, name);
        None
    }

    /// The consequences of a value, in sentences.
    fn consequences(&self, place: &TypedNode<'_, '_>) -> Vec<String> {
        let _ = place;
        Vec::new()
    }

    /// Suggested values, or keys of a map.
    fn suggest(&self, wanted: &CompletionRequest<'_>) -> Vec<Suggestion> {
        let _ = wanted;
        Vec::new()
    }
}

/// Hooks that add nothing.
pub struct NoHooks;

impl Hooks for NoHooks {}

/// A request for completions.
pub struct CompletionRequest<'a> {
    /// The path to the value, or to the mapping that gets a key.
    pub path: &'a [PathSegment],
    pub field: Option<&'static super::Field>,
    pub ty: Type,
    /// True if a key is requested, false for a value.
    pub key: bool,
    /// The text before the cursor.
    pub prefix: &'a str,
    /// The whole tree, as far as it could be parsed.
    pub root: &'a Node,
}

/// A suggested value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggestion {
    pub value: String,
    /// A short text beside the value.
    pub detail: String,
    pub doc: String,
}

impl Suggestion {
    pub fn new(value: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { value: value.into(), detail: detail.into(), doc: String::new() }
    }
}
