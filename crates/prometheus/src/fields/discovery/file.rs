//! `file_sd_configs`: targets that are read from files of JSON or YAML, which other programs keep up to date.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: file.SDConfig, config.FileSDConfig.
pub static FILE: Record = Record {
    name: "file_sd_config",
    go_type: "file.plain",
    doc: "Targets that are read from files of JSON or YAML, which other programs keep up to date. A changed file is noticed at once.",
    fields: &[
        Field {
            key: "files",
            ty: Type::List(&Type::Path { glob: true }),
            default: DefaultValue::None,
            note: "files of target groups",
            doc: "Names of files that end in `.json`, `.yml` or `.yaml`. A `*` may stand in the last part of the path only.",
            mistakes: "Each file holds a list of groups with `targets` and `labels`, as in `static_configs`. A file that is broken keeps its last good targets.",
            example: "files:\n  - targets/*.yml",
            since: Version(0, 20),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("5m"),
            note: "read again every {value}",
            doc: "How often the files are read again even when no change was noticed.",
            example: "refresh_interval: 5m\nfiles: [a.yml]",
            since: Version(0, 15),
            ..FIELD
        },
    ],
    check: Some(validate::sd::file),
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "file_sd_configs",
    record: &FILE,
    address: "Each entry of `targets` becomes the address.",
    meta: &[META],
};

pub static META: &[Meta] =
    &[Meta { name: "__meta_filepath", doc: "the file that the target was read from", roles: "" }];
