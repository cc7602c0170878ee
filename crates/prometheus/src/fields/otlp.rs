//! Metrics that applications push by OpenTelemetry's protocol.

pub(crate) mod check;

use super::values;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Type, Version};

/// Upstream: config.OTLPConfig.
pub static OTLP: Record = Record {
    name: "otlp",
    go_type: "config.plain",
    go_names: &[("translation_strategy", &["otlptranslator.TranslationStrategyOption"])],
    doc: "The conversion of pushed OpenTelemetry metrics into series.",
    fields: &[
        Field {
            key: "promote_all_resource_attributes",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "all attributes become labels",
            doc: "Makes every resource attribute a label of every series, except those of `ignore_resource_attributes`.",
            mistakes: "Attributes such as a pod's name then change the identity of all series at each deployment.",
            example: "promote_all_resource_attributes: true",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "promote_resource_attributes",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "attributes that become labels",
            doc: "Resource attributes that become labels of every series. All others are found on `target_info` only.",
            example: "promote_resource_attributes: [service.namespace]",
            since: Version(2, 55),
            ..FIELD
        },
        Field {
            key: "ignore_resource_attributes",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "attributes that do not become labels",
            doc: "Attributes that are not promoted if all others are.",
            mistakes: "It needs `promote_all_resource_attributes: true`.",
            example: "ignore_resource_attributes: [process.pid]\npromote_all_resource_attributes: true",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "translation_strategy",
            ty: Type::OneOf(&[Type::Enum(values::TRANSLATIONS), Type::String]),
            default: DefaultValue::Literal("UnderscoreEscapingWithSuffixes"),
            note: "how names are written",
            doc: "The translation of metric and label names: how dots are replaced, and whether unit and `_total` suffixes are added.",
            mistakes: "Strategies that keep dots need `metric_name_validation_scheme: utf8`.",
            example: "translation_strategy: NoUTF8EscapingWithSuffixes",
            since: Version(3, 0),
            ..FIELD
        },
        Field {
            key: "keep_identifying_resource_attributes",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "keep service.name on target_info",
            doc: "`service.name`, `service.namespace` and `service.instance.id` become `job` and `instance`. With true they stay on `target_info` as well.",
            example: "keep_identifying_resource_attributes: true",
            since: Version(3, 1),
            ..FIELD
        },
        Field {
            key: "convert_histograms_to_nhcb",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "explicit buckets become native histograms",
            doc: "Turns histograms with explicit buckets into native histograms with custom buckets.",
            example: "convert_histograms_to_nhcb: true",
            since: Version(3, 4),
            ..FIELD
        },
        Field {
            key: "promote_scope_metadata",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "scope name and version become labels",
            doc: "Makes the instrumentation scope's name, version, schema URL and attributes labels.",
            example: "promote_scope_metadata: true",
            since: Version(3, 6),
            ..FIELD
        },
        Field {
            key: "label_name_underscore_sanitization",
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "`_x` becomes `key_x`",
            doc: "If true, label names that begin with an underscore get the prefix `key_`. This applies if dots are replaced by underscores.",
            example: "label_name_underscore_sanitization: false",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "label_name_preserve_multiple_underscores",
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "keep `__` inside names",
            doc: "If true, multiple consecutive underscores are kept. This applies if dots are replaced by underscores.",
            example: "label_name_preserve_multiple_underscores: false",
            since: Version(3, 8),
            ..FIELD
        },
    ],
    check: Some(check::check),
    ..RECORD
};
