//! `static_configs`: targets that are written down here.

use super::Mechanism;
use schema::{DefaultValue, FIELD, Field, LABELS, RECORD, Record, STRINGS, Type, Version};

/// Upstream: config.TargetGroup, targetgroup.Group.
pub static STATIC: Record = Record {
    name: "static_config",
    go_type: r#"struct { Targets []string "yaml:\"targets\""; Labels model.LabelSet "yaml:\"labels\"" }"#,
    go_names: &[("labels", &["model.LabelSet", "model.LabelValue"])],
    doc: "Targets that are listed in the configuration.",
    fields: &[
        Field {
            key: "targets",
            always_printed: true,
            ty: STRINGS,
            default: DefaultValue::None,
            note: "host:port of each target",
            doc: "The targets, as host and port. Without a port, `:80` or `:443` is not added to the label any more since version 3, but the port of the scheme is used.",
            mistakes: "A URL is refused: the scheme goes into `scheme`, the path into `metrics_path`.",
            example: "targets: ['web:8080']",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "labels",
            ty: LABELS,
            default: DefaultValue::None,
            note: "labels for all of these targets",
            doc: "The labels of all targets of this entry. Relabeling can read them.",
            example: "labels:\n  env: prod",
            since: Version(0, 14),
            ..FIELD
        },
    ],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "static_configs",
        ty: Type::List(&Type::Record(&STATIC)),
        default: DefaultValue::None,
        note: "targets listed in the configuration",
        doc: "Targets that are listed in the configuration.",
        example: "static_configs:\n  - targets: ['web:8080']",
        since: Version(0, 20),
        ..FIELD
    },
    go_type: &["[]*targetgroup.Group"],
    records: &[(&STATIC, "config.TargetGroup")],
    address: "Each entry of `targets` becomes the address.",
    meta: &[],
};
