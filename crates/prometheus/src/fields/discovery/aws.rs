//! `aws_sd_configs`: targets from AWS: one mechanism for all services that have one, chosen by the role.

use super::super::values;
use super::Mechanism;
use super::aws_fields::{
    ACCESS_KEY, CLUSTERS, ENDPOINT, EXTERNAL_ID, PORT, PROFILE, REFRESH_INTERVAL, REGION, ROLE_ARN,
    SECRET_KEY,
};
use crate::validate::role;
use go::quote::quote;
use schema::{
    CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Section, Type, Version,
};
use yaml::Node;

/// Upstream: aws.SDConfig.
pub static AWS: Record = Record {
    name: "aws_sd_config",
    go_type: "aws.plain",
    go_names: &[("filters", &["[]*aws.Filter"])],
    doc: "Targets from AWS: one mechanism for all services that have one, chosen by the role.",
    fields: &[
        Field {
            key: "role",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::AWS_ROLES), Type::String]),
            default: DefaultValue::None,
            note: "which service",
            doc: "The AWS service to discover targets from. Required.",
            example: "role: ec2",
            since: Version(3, 8),
            ..FIELD
        },
        Field { example: "region: eu-west-1\nrole: ec2", since: Version(3, 8), ..REGION },
        Field {
            example: "endpoint: https://ec2.eu-west-1.amazonaws.com\nrole: ec2",
            since: Version(3, 8),
            ..ENDPOINT
        },
        Field { example: "access_key: AKIAEXAMPLE\nrole: ec2", since: Version(3, 8), ..ACCESS_KEY },
        Field { example: "secret_key: abc\nrole: ec2", since: Version(3, 8), ..SECRET_KEY },
        Field { example: "profile: monitoring\nrole: ec2", since: Version(3, 8), ..PROFILE },
        Field {
            example: "role_arn: arn:aws:iam::123456789012:role/prometheus\nrole: ec2",
            since: Version(3, 8),
            ..ROLE_ARN
        },
        Field { example: "external_id: abc\nrole: ec2", since: Version(3, 12), ..EXTERNAL_ID },
        Field {
            example: "refresh_interval: 1m\nrole: ec2",
            since: Version(3, 8),
            ..REFRESH_INTERVAL
        },
        Field { example: "port: 9100\nrole: ec2", since: Version(3, 8), ..PORT },
        Field {
            key: "filters",
            ty: Type::List(&Type::Record(&FILTER)),
            default: DefaultValue::None,
            note: "which objects",
            doc: "Filters of the AWS API.",
            example: "filters:\n  - name: tag:env\n    values: [prod]\nrole: ec2",
            since: Version(3, 8),
            ..FIELD
        },
        Field { example: "clusters: [web]\nrole: ec2", since: Version(3, 8), ..CLUSTERS },
    ],
    inlined_before: "filters",
    inline: &[&CLIENT],
    check: Some(check),
    ..RECORD
};

/// The HTTP client's settings, which this mechanism takes without looking at what excludes what.
static CLIENT: Record =
    Record { check: Some(super::super::http::check::decoding), ..super::super::http::HTTP };

/// Upstream: aws.Filter, aws.EC2Filter, ec2.Filter, ec2.EC2Filter, config.EC2Filter.
pub static FILTER: Record = Record {
    name: "filter",
    go_type: "aws.Filter",
    doc: "One filter of AWS's API.",
    fields: &[
        Field {
            key: "name",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "what to filter by",
            doc: "The filter's name, such as `tag:env`.",
            example: "name: tag:env",
            since: Version(2, 3),
            ..FIELD
        },
        Field {
            key: "values",
            always_printed: true,
            ty: STRINGS,
            default: DefaultValue::None,
            note: "values to take",
            doc: "The values; any of them may match.",
            mistakes: "An empty list is refused.",
            example: "values: [prod]",
            since: Version(2, 3),
            ..FIELD
        },
    ],
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let roles = ["ec2", "ecs", "elasticache", "lightsail", "msk", "rds"];
    role(cx, &view, "role", &roles, "unknown AWS SD role \"\"", |role| {
        format!("unknown AWS SD role {}", quote(role))
    });
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "aws_sd_configs",
        ty: Type::List(&Type::Record(&AWS)),
        default: DefaultValue::None,
        note: "targets from AWS",
        doc: "Targets from AWS: one mechanism for all services that have one, chosen by the role.",
        example: "aws_sd_configs:\n  - role: ec2\n    region: eu-west-1",
        since: Version(3, 8),
        ..FIELD
    },
    go_type: &["[]*aws.SDConfig"],
    records: &[(&AWS, "aws.SDConfig"), (&FILTER, "aws.Filter")],
    address: "Depends on the role, as in the mechanism of the same name.",
    meta: &[
        super::ec2::META,
        super::ecs::META,
        super::elasticache::META,
        super::lightsail::META,
        super::msk::META,
        super::rds::META,
    ],
};
