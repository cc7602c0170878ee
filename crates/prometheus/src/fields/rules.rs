//! Rule files: groups of recording and alerting rules.

use super::{DURATION, INT};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: rulefmt.RuleGroups.
pub static RULE_FILE: Record = Record {
    name: "rule_file",
    go_type: "rulefmt.RuleGroups",
    doc: "A file of rules. Groups run side by side; the rules of a group run one after the other, at one time.",
    fields: &[Field {
        key: "groups",
        ty: Type::List(&Type::Record(&GROUP)),
        default: DefaultValue::None,
        note: "groups of rules",
        doc: "The groups.",
        example: "groups:\n  - name: web\n    rules:\n      - record: job:http_requests:rate5m\n        expr: sum by (job) (rate(http_requests_total[5m]))",
        since: Version(2, 0),
        ..FIELD
    }],
    ..RECORD
};

/// Upstream: rulefmt.RuleGroup.
pub static GROUP: Record = Record {
    name: "rule_group",
    go_type: "rulefmt.RuleGroup",
    doc: "Rules that are evaluated together, in order: a rule can use the series that the rules above it have just recorded.",
    fields: &[
        Field {
            key: "name",
            ty: Type::String,
            default: DefaultValue::None,
            note: "unique in the file",
            doc: "The group's name. It must be unique in its file.",
            example: "name: web",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "interval",
            ty: DURATION,
            default: DefaultValue::Inherited("global.evaluation_interval"),
            note: "evaluate every {value}",
            doc: "The time between two evaluations of the group.",
            mistakes: "An interval above two and a half minutes leaves gaps in recorded series, since instant queries look back five minutes.",
            example: "interval: 30s",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "query_offset",
            ty: DURATION,
            default: DefaultValue::Inherited("global.rule_query_offset"),
            note: "look {value} into the past",
            doc: "The rules are evaluated as of this much before now.",
            example: "query_offset: 30s",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "limit",
            ty: INT,
            default: DefaultValue::Literal("0"),
            note: "at most {value} results",
            doc: "The maximum number of alerts or series that a rule may produce. A rule that produces more fails. 0 means no limit.",
            example: "limit: 100",
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "rules",
            ty: Type::List(&Type::Record(&RULE)),
            default: DefaultValue::None,
            note: "the rules, in order",
            doc: "The rules of the group.",
            example: "rules:\n  - record: job:up:sum\n    expr: sum by (job) (up)",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "labels",
            ty: Type::Map { key: &Type::String, value: &Type::String },
            default: DefaultValue::None,
            note: "labels for all rules",
            doc: "Labels that each rule of the group adds, unless it sets them itself.",
            example: "labels:\n  team: web",
            since: Version(3, 0),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: rulefmt.Rule.
pub static RULE: Record = Record {
    name: "rule",
    go_type: "rulefmt.Rule",
    doc: "One rule: either it records the result of an expression as a new series, or it raises an alert for each series that the expression returns.",
    fields: &[
        Field {
            key: "record",
            ty: Type::MetricName,
            default: DefaultValue::Zero,
            note: "name of the new series",
            doc: "The name under which the result is stored. By custom it is `level:metric:operations`.",
            mistakes: "A rule has either `record` or `alert`.",
            example: "record: job:http_requests:rate5m\nexpr: sum by (job) (rate(http_requests_total[5m]))",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "alert",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name of the alert",
            doc: "The alert's name. Each series that the expression returns is one alert.",
            example: "alert: TargetDown\nexpr: up == 0",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "expr",
            ty: Type::PromQl,
            default: DefaultValue::Zero,
            note: "what is evaluated",
            doc: "The PromQL expression. For an alerting rule it is the condition: each series that it returns is an alert.",
            mistakes: "`up == 0` returns the series that are down; `up == bool 0` returns all and so alerts for all.",
            example: "expr: up == 0\nalert: TargetDown",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "for",
            ty: DURATION,
            default: DefaultValue::Literal("0s"),
            note: "must hold for {value} before it fires",
            doc: "The time for which the expression must return a series before its alert fires. Until then the alert is pending.",
            mistakes: "One evaluation without the series resets the time.",
            example: "for: 5m\nalert: TargetDown\nexpr: up == 0",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "keep_firing_for",
            ty: DURATION,
            default: DefaultValue::Literal("0s"),
            note: "keeps firing for {value} afterwards",
            doc: "The time for which an alert continues to fire after the expression stops returning its series. It prevents flapping alerts.",
            example: "keep_firing_for: 10m\nalert: TargetDown\nexpr: up == 0",
            since: Version(2, 42),
            ..FIELD
        },
        Field {
            key: "labels",
            ty: Type::Map { key: &Type::String, value: &Type::Template },
            default: DefaultValue::None,
            note: "labels of the result",
            doc: "Labels that are added to the result, or override it. For alerts they are templates.",
            mistakes: "A label with the measured value makes a new alert at each evaluation. Put the value into an annotation.",
            example: "labels:\n  severity: page\nalert: TargetDown\nexpr: up == 0",
            since: Version(2, 0),
            ..FIELD
        },
        Field {
            key: "annotations",
            ty: Type::Map { key: &Type::String, value: &Type::Template },
            default: DefaultValue::None,
            note: "text for humans",
            doc: "Texts that go with the alert, as templates: `{{ $labels.instance }}`, `{{ $value }}`.",
            example: "annotations:\n  summary: '{{ $labels.instance }} is down'\nalert: TargetDown\nexpr: up == 0",
            since: Version(2, 0),
            ..FIELD
        },
    ],
    ..RECORD
};
