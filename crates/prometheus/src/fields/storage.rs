//! The local time series database.

pub(crate) mod check;

use super::{DURATION, INT, values};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: config.StorageConfig.
pub static STORAGE: Record = Record {
    name: "storage",
    go_type: "config.StorageConfig",
    doc: "Settings of the local storage that a reload can change.",
    fields: &[
        Field {
            key: "tsdb",
            ty: Type::Record(&TSDB),
            default: DefaultValue::None,
            note: "blocks, retention, late samples",
            doc: "Settings of the time series database.",
            example: "tsdb:\n  retention:\n    time: 30d",
            since: Version(2, 39),
            ..FIELD
        },
        Field {
            key: "exemplars",
            ty: Type::Record(&EXEMPLARS),
            default: DefaultValue::None,
            note: "the buffer for exemplars",
            doc: "Settings of the exemplar storage, which the feature flag `exemplar-storage` switches on.",
            example: "exemplars:\n  max_exemplars: 100000",
            since: Version(2, 29),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: config.TSDBConfig.
pub static TSDB: Record = Record {
    name: "tsdb",
    go_type: "config.plain",
    doc: "Settings of the time series database.",
    fields: &[
        Field {
            key: "outofordertimewindow",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Computed("out_of_order_time_window in milliseconds"),
            note: "printed by Prometheus, not for writing",
            doc: "The value of `out_of_order_time_window` in milliseconds. Prometheus prints it on its configuration page and accepts it in a file, but overwrites the value.",
            mistakes: "A value written here has no effect. Write `out_of_order_time_window`.",
            example: "outofordertimewindow: 0",
            since: Version(2, 39),
            ..FIELD
        },
        Field {
            key: "out_of_order_time_window",
            ty: DURATION,
            default: DefaultValue::Literal("0s"),
            note: "accept samples up to {value} late",
            doc: "The maximum age of a sample, relative to the newest sample, that is still accepted. 0 accepts samples in order only.",
            example: "out_of_order_time_window: 30m",
            since: Version(2, 39),
            ..FIELD
        },
        Field {
            key: "stale_series_compaction_threshold",
            ty: Type::Float,
            default: DefaultValue::Zero,
            note: "compact when this share is stale",
            doc: "The ratio of stale series in memory that triggers an early compaction into a block, between 0 and 1. 0 disables it.",
            example: "stale_series_compaction_threshold: 0.3",
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "chunk_encoding",
            ty: Type::Record(&CHUNKS),
            default: DefaultValue::None,
            note: "how samples are packed",
            doc: "The encoding of samples in new chunks.",
            example: "chunk_encoding:\n  floats: xor",
            since: Version(3, 13),
            ..FIELD
        },
        Field {
            key: "retention",
            ty: Type::Record(&RETENTION),
            default: DefaultValue::None,
            note: "how long data is kept",
            doc: "The limits after which old data is deleted: age, size, or share of the disk. The first limit that is reached applies.",
            example: "retention:\n  time: 30d\n  size: 50GB",
            since: Version(3, 8),
            ..FIELD
        },
    ],
    check: Some(check::tsdb),
    ..RECORD
};

/// Upstream: config.TSDBRetentionConfig.
pub static RETENTION: Record = Record {
    name: "retention",
    go_type: "config.plain",
    doc: "The limits after which old data is deleted.",
    fields: &[
        Field {
            key: "time",
            ty: DURATION,
            default: DefaultValue::Computed("15d where there is no `retention` section"),
            note: "keep data for {value}",
            doc: "The time for which samples are kept. 0 disables deletion by age.",
            mistakes: "Data goes in whole blocks: the oldest block is deleted only when all of it is too old. A `retention` section without `time` keeps data of any age.",
            example: "time: 30d",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "size",
            ty: Type::Size,
            default: DefaultValue::Zero,
            note: "keep up to {value}",
            doc: "The maximum total size of all blocks. The oldest blocks are deleted first. A unit is required. 0 means no limit.",
            example: "size: 50GB",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "percentage",
            ty: Type::Float,
            default: DefaultValue::Zero,
            note: "keep up to this share of the disk",
            doc: "The maximum percentage of the disk that blocks may use. 0 means no limit.",
            example: "percentage: 80",
            since: Version(3, 11),
            ..FIELD
        },
    ],
    check: Some(check::retention),
    ..RECORD
};

/// Upstream: config.ChunkEncodingConfig.
pub static CHUNKS: Record = Record {
    name: "chunk_encoding",
    go_type: "config.ChunkEncodingConfig",
    doc: "The encoding of samples in new chunks.",
    fields: &[Field {
        key: "floats",
        ty: Type::OneOf(&[Type::Enum(values::CHUNK_ENCODINGS), Type::String]),
        default: DefaultValue::Computed("xor, or xor2 with the feature flag xor2-encoding"),
        note: "encoding of numbers",
        doc: "The encoding of plain samples.",
        mistakes: "Blocks with `xor2` cannot be read by older versions of Prometheus.",
        example: "floats: xor2",
        since: Version(3, 13),
        ..FIELD
    }],
    ..RECORD
};

/// Upstream: config.ExemplarsConfig.
pub static EXEMPLARS: Record = Record {
    name: "exemplars",
    go_type: "config.ExemplarsConfig",
    go_names: &[("max_exemplars", &["int64"])],
    doc: "The buffer for exemplars.",
    fields: &[Field {
        key: "max_exemplars",
        ty: INT,
        default: DefaultValue::Literal("100000"),
        note: "room for {value} exemplars",
        doc: "The maximum number of exemplars in memory, over all series. The oldest exemplar is overwritten. 0 or less disables the storage of exemplars.",
        example: "max_exemplars: 50000",
        since: Version(2, 29),
        ..FIELD
    }],
    ..RECORD
};
