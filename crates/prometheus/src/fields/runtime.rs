//! The process itself.

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
        note: "memory against CPU",
        doc: "How much the heap may grow, in percent, before Go collects garbage. A lower number saves memory and costs CPU; Go's own default is 100.",
        mistakes: "The environment variable GOGC is overridden by a value here. 0 counts as not set.",
        example: "gogc: 75",
        since: Version(2, 53),
        ..FIELD
    }],
    ..RECORD
};
