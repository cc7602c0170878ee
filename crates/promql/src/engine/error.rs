//! Errors of queries, with the kinds and messages of Prometheus's HTTP API.

use std::fmt;

use crate::storage::StorageError;

/// The `errorType` of the HTTP API. Source: prometheus web/api/v1/api.go `errorType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The query or a parameter is invalid.
    BadData,
    /// The evaluation failed.
    Execution,
    /// The evaluation took too long.
    Timeout,
    /// The caller canceled the query.
    Canceled,
    /// The storage failed.
    Internal,
}

impl ErrorKind {
    /// Returns the name in the HTTP API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
            Self::Canceled => "canceled",
            Self::Internal => "internal",
        }
    }
}

/// The error of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// The kind.
    pub kind: ErrorKind,
    /// The message, as Prometheus writes it.
    pub message: String,
}

impl QueryError {
    /// Creates an error of the evaluation.
    pub fn execution(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Execution, message: message.into() }
    }

    /// Creates an error about the query or a parameter.
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

impl From<StorageError> for QueryError {
    fn from(error: StorageError) -> Self {
        Self { kind: ErrorKind::Internal, message: error.message }
    }
}
