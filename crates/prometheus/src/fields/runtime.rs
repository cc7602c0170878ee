//! Settings of the Prometheus process.

use super::INT;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Version};

/// Upstream: config.RuntimeConfig.
pub static RUNTIME: Record = Record {
    name: "runtime",
    go_type: "config.RuntimeConfig",
    doc: "Settings of the Prometheus process.",
    fields: &[Field {
        key: "gogc",
        ty: INT,
        default: DefaultValue::Literal("75"),
        note: "garbage collection of Go",
        doc: "The percentage by which the heap may grow before Go collects garbage. A lower number saves memory and costs CPU. The default of Go is 100.",
        mistakes: "The value overrides the environment variable GOGC. 0 means not set.",
        example: "gogc: 75",
        since: Version(2, 53),
        ..FIELD
    }],
    ..RECORD
};
