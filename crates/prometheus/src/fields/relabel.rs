//! One relabeling rule.

pub(crate) mod check;

use super::{UINT, values};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: relabel.Config, config.RelabelConfig, config.DefaultedRelabelConfig.
pub static RELABEL: Record = Record {
    name: "relabel_config",
    go_type: "relabel.plain",
    go_names: &[("source_labels", &["model.LabelNames"]), ("modulus", &["uint64"])],
    doc: "One relabeling step. The values of the source labels are joined and matched against the anchored regular expression; then the action keeps, drops or changes labels.",
    fields: &[
        Field {
            key: "source_labels",
            ty: Type::List(&Type::LabelName),
            default: DefaultValue::None,
            note: "the labels to look at",
            doc: "The labels whose values are joined by the separator; the result is what the regular expression is matched against. A label that is not there counts as empty.",
            example: "source_labels: [__meta_kubernetes_namespace, __meta_kubernetes_pod_name]",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "separator",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Literal(";"),
            note: "joins the values",
            doc: "Stands between the values of several source labels.",
            mistakes: "The regular expression must reckon with it: two labels `a` and `b` give `a;b`.",
            example: "separator: /",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "regex",
            ty: Type::Regex,
            default: DefaultValue::Literal("(.*)"),
            note: "must match the whole of it",
            doc: "A regular expression in RE2's notation. It is anchored at both ends: `web` does not match `web-1`, `web.*` does. The dot matches line breaks too.",
            mistakes: r#"A dot in a host name matches any character; write `\.` for a real one. `^` and `$` are not needed."#,
            example: r#"regex: (.+):\d+"#,
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "modulus",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "number of buckets for hashmod",
            doc: "For the action `hashmod`: the hash of the joined values is taken modulo this. With a `keep` rule on the result several servers share the targets among them.",
            example: "modulus: 4\naction: hashmod\nsource_labels: [__address__]\ntarget_label: __tmp_hash",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "target_label",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "the label to write",
            doc: "The label that gets the result. Needed for `replace`, `hashmod`, `lowercase`, `uppercase`, `keepequal` and `dropequal`. For `replace` it may hold groups, `${1}`.",
            example: "target_label: namespace",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "replacement",
            always_printed: true,
            ty: Type::Replacement,
            default: DefaultValue::Literal("$1"),
            note: "what to write; `$1` is the first group",
            doc: "The value that is written to the target label. `$1` and `${name}` refer to groups of the regular expression. For `labelmap` it is the name of the new label. An empty result removes the label.",
            mistakes: "`$1_total` asks for a group called `1_total`, which is empty: write `${1}_total`.",
            example: "replacement: ${1}:9100\ntarget_label: __address__",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "action",
            ty: Type::OneOf(&[Type::Enum(values::ACTIONS), Type::String]),
            default: DefaultValue::Literal("replace"),
            note: "what the rule does",
            doc: "The action to perform based on the match of the regular expression. The name is case insensitive.",
            example: "action: keep",
            since: Version(0, 14),
            ..FIELD
        },
    ],
    ..RECORD
};
