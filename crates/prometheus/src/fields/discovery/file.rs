//! `file_sd_configs`: targets that are read from files of JSON or YAML, which other programs keep up to date.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, is_pattern, missing};
use go::quote::quote;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: file.SDConfig, config.FileSDConfig.
pub static FILE: Record = Record {
    name: "file_sd_config",
    go_type: "file.plain",
    doc: "Targets from JSON or YAML files that other programs maintain. Changes of the files are applied immediately.",
    fields: &[
        Field {
            key: "files",
            always_printed: true,
            ty: Type::List(&Type::Path { glob: true }),
            default: DefaultValue::None,
            note: "files of target groups",
            doc: "Names of files that end in `.json`, `.yml` or `.yaml`. A `*` is allowed only in the last element of the path.",
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
            doc: "The time after which the files are read again even if no change was detected.",
            example: "refresh_interval: 5m\nfiles: [a.yml]",
            since: Version(0, 15),
            ..FIELD
        },
    ],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.items("files").is_empty() {
        let message = "file service discovery config must contain at least one path name";
        missing(cx, &view, "files", message);
    }
    for (text, node) in view.texts("files") {
        if !is_file_name(&text) {
            let message = format!("path name {} is not valid for file discovery", quote(&text));
            fault(cx, INVALID, node.written_span(), message);
        }
    }
}

/// `^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$`
pub fn is_file_name(text: &str) -> bool {
    let Some((stem, extension)) = text.rsplit_once('.') else { return false };
    ["json", "yml", "yaml", "JSON", "YML", "YAML"].contains(&extension) && is_pattern(stem)
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "file_sd_configs",
        ty: Type::List(&Type::Record(&FILE)),
        default: DefaultValue::None,
        note: "targets from JSON or YAML files that other programs maintain",
        doc: "Targets from JSON or YAML files that other programs maintain. Changes of the files are applied immediately.",
        example: "file_sd_configs:\n  - files:\n      - targets/*.yml",
        since: Version(0, 15),
        ..FIELD
    },
    go_type: &["[]*file.SDConfig"],
    records: &[(&FILE, "file.SDConfig")],
    address: "Each entry of `targets` becomes the address.",
    meta: &[META],
};

pub static META: &[Meta] =
    &[Meta { name: "__meta_filepath", doc: "the file that the target was read from", roles: "" }];
