//! Why a query has no answer, with the kind and the words of Prometheus's HTTP API.

use std::fmt;

/// The `errorType` of the HTTP API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The query itself is wrong.
    BadData,
    /// Evaluating it failed.
    Execution,
    /// It took longer than allowed.
    Timeout,
    /// Whoever asked has lost interest.
    Canceled,
}

impl ErrorKind {
    /// As the HTTP API writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
            Self::Canceled => "canceled",
        }
    }
}

/// An error with Prometheus's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    pub kind: ErrorKind,
    pub message: String,
}

impl QueryError {
    pub fn execution(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Execution, message: message.into() }
    }

    pub fn bad_data(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::BadData, message: message.into() }
    }

    pub(super) fn too_many_samples() -> Self {
        Self::execution(
            "query processing would load too many samples into memory in query execution",
        )
    }

    pub(super) fn same_labelset() -> Self {
        Self::execution("vector cannot contain metrics with the same labelset")
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for QueryError {}
