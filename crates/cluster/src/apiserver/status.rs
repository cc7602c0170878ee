//! Refusals: reason, message, and the fields at fault.
//!
//! Source: apimachinery pkg/api/errors.

use kubernetes::kinds::Kind;
use kubernetes::validation::{Errors, FieldError};

/// The reason of a refusal, as kubectl prints it in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    BadRequest,
    NotFound,
    AlreadyExists,
    Conflict,
    Invalid,
    Forbidden,
    MethodNotAllowed,
    TooManyRequests,
    RequestEntityTooLarge,
    /// An error inside the server, which has no reason.
    Unknown,
    ServiceUnavailable,
}

impl Reason {
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequest",
            Self::NotFound => "NotFound",
            Self::AlreadyExists => "AlreadyExists",
            Self::Conflict => "Conflict",
            Self::Invalid => "Invalid",
            Self::Forbidden => "Forbidden",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::TooManyRequests => "TooManyRequests",
            Self::RequestEntityTooLarge => "RequestEntityTooLarge",
            Self::Unknown => "",
            Self::ServiceUnavailable => "ServiceUnavailable",
        }
    }
}

/// A field at fault. Its path leads to the place in the text (`kubernetes::object::span_of`).
pub type Cause = FieldError;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub reason: Reason,
    pub message: String,
    /// Kind of the object, empty if it is not about one.
    pub kind: String,
    pub name: String,
    pub causes: Vec<Cause>,
    /// Warnings that were given before the request was refused.
    pub warnings: Vec<String>,
}

impl Status {
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            kind: String::new(),
            name: String::new(),
            causes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub fn not_found(kind: &Kind, name: &str) -> Self {
        Self::new(Reason::NotFound, format!("{} \"{name}\" not found", kind.resource()))
    }

    pub fn already_exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", kind.resource());
        Self::new(Reason::AlreadyExists, message)
    }

    pub fn forbidden(kind: &Kind, name: &str, message: &str) -> Self {
        let name = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
        let message = format!("{}{name} is forbidden: {message}", kind.resource());
        Self::new(Reason::Forbidden, message)
    }

    /// An object that does not pass validation.
    pub fn invalid(kind: &Kind, name: &str, errors: Errors) -> Self {
        let qualified = if kind.group.is_empty() {
            kind.kind.to_owned()
        } else {
            format!("{}.{}", kind.kind, kind.group)
        };
        let message = format!("{qualified} \"{name}\" is invalid: {}", errors.to_aggregate());
        Self {
            kind: kind.kind.to_owned(),
            name: name.to_owned(),
            causes: errors.list,
            ..Self::new(Reason::Invalid, message)
        }
    }

    /// A patch that does not lead to an object.
    pub fn invalid_patch(errors: Errors) -> Self {
        let message = format!(" \"\" is invalid: {}", errors.to_aggregate());
        Self { causes: errors.list, ..Self::new(Reason::Invalid, message) }
    }

    #[must_use]
    pub fn with_warnings(mut self, warnings: Vec<String>) -> Self {
        self.warnings = warnings;
        self
    }
}
