//! What the rooms above know and the walk does not: other notations, values in force, names that
//! exist here.

use super::{PathSegment, Root, Type, TypedNode};
use text::Diagnostic;
use yaml::Node;

/// Answers of the rooms above. Every method has a default, so that a hook states only what it
/// knows.
pub trait Hooks {
    /// The type of a value that says itself what it is, as Kubernetes objects do by `kind`.
    fn refine(&self, node: &Node, ty: Type) -> Type {
        let _ = node;
        ty
    }

    /// Whether a text is what the type asks for, where the notation is known above only (`Size`,
    /// `Url`, `PromQl`, `Template`, …). The message is that of the real program.
    fn notation(&self, ty: &Type, text: &str) -> Result<(), String> {
        let _ = (ty, text);
        Ok(())
    }

    /// More findings about a value.
    fn check(&self, place: &TypedNode<'_, '_>, diagnostics: &mut Vec<Diagnostic>) {
        let _ = (place, diagnostics);
    }

    /// The tree that inherited values come from, if it is not the tree itself: a file with scrape
    /// configs inherits from the main configuration file.
    fn root(&self) -> Option<Root<'_>> {
        None
    }

    /// What stands for `{name}` in the field's end-of-line note.
    fn placeholder(&self, place: &TypedNode<'_, '_>, name: &str) -> Option<String> {
        let _ = (place, name);
        None
    }

    /// What follows from a value here, in whole sentences.
    fn consequences(&self, place: &TypedNode<'_, '_>) -> Vec<String> {
        let _ = place;
        Vec::new()
    }

    /// Values, or keys of a free mapping, that make sense here.
    fn suggest(&self, wanted: &CompletionRequest<'_>) -> Vec<Suggestion> {
        let _ = wanted;
        Vec::new()
    }
}

/// Knows nothing more.
pub struct NoHooks;

impl Hooks for NoHooks {}

/// What is asked to be completed.
pub struct CompletionRequest<'a> {
    /// To the value, or to the mapping whose key is wanted.
    pub path: &'a [PathSegment],
    pub field: Option<&'static super::Field>,
    pub ty: Type,
    /// A key of a mapping is wanted, not a value.
    pub key: bool,
    /// What stands before the cursor already.
    pub prefix: &'a str,
    /// The whole tree, as far as it could be read.
    pub root: &'a Node,
}

/// One value that makes sense.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggestion {
    pub value: String,
    /// A few words beside it.
    pub detail: String,
    pub doc: String,
}

impl Suggestion {
    pub fn new(value: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { value: value.into(), detail: detail.into(), doc: String::new() }
    }
}
