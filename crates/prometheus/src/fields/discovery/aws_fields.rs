//! The fields that the mechanisms of AWS's services share; each sets the version that added them.

use super::super::{DURATION, INT};
use schema::{DefaultValue, FIELD, Field, STRINGS, Type};

pub(super) const REGION: Field = Field {
    key: "region",
    ty: Type::String,
    default: DefaultValue::Computed("from the machine's metadata"),
    note: "AWS region",
    doc: "The region. If empty, the region of the machine is used.",
    example: "region: eu-west-1",
    ..FIELD
};

pub(super) const ENDPOINT: Field = Field {
    key: "endpoint",
    ty: Type::String,
    default: DefaultValue::Zero,
    note: "other API endpoint",
    doc: "The URL of the API, if it is not the default one.",
    example: "endpoint: https://rds.eu-west-1.amazonaws.com",
    ..FIELD
};

pub(super) const ACCESS_KEY: Field = Field {
    key: "access_key",
    ty: Type::String,
    default: DefaultValue::Zero,
    note: "access key",
    doc: "The ID of the access key. Without one, the default credential chain of AWS is used.",
    example: "access_key: AKIAEXAMPLE",
    ..FIELD
};

pub(super) const SECRET_KEY: Field = Field {
    key: "secret_key",
    ty: Type::Secret,
    default: DefaultValue::Zero,
    note: "secret key",
    doc: "The secret that belongs to the access key.",
    example: "secret_key: abc",
    secret: true,
    ..FIELD
};

pub(super) const PROFILE: Field = Field {
    key: "profile",
    ty: Type::String,
    default: DefaultValue::Zero,
    note: "named profile",
    doc: "The profile in AWS's shared files.",
    example: "profile: monitoring",
    ..FIELD
};

pub(super) const ROLE_ARN: Field = Field {
    key: "role_arn",
    ty: Type::String,
    default: DefaultValue::Zero,
    note: "role to assume",
    doc: "The role that is assumed before asking.",
    example: "role_arn: arn:aws:iam::123456789012:role/prometheus",
    ..FIELD
};

pub(super) const EXTERNAL_ID: Field = Field {
    key: "external_id",
    ty: Type::String,
    default: DefaultValue::Zero,
    note: "external id of the role",
    doc: "The external id that the role requires.",
    example: "external_id: abc",
    ..FIELD
};

pub(super) const REFRESH_INTERVAL: Field = Field {
    key: "refresh_interval",
    ty: DURATION,
    default: DefaultValue::Literal("1m"),
    note: "refresh every {value}",
    doc: "The time between two requests to AWS.",
    example: "refresh_interval: 1m",
    ..FIELD
};

pub(super) const PORT: Field = Field {
    key: "port",
    ty: INT,
    default: DefaultValue::Literal("80"),
    note: "port of the targets",
    doc: "The port that is scraped.",
    example: "port: 9100",
    ..FIELD
};

pub(super) const CLUSTERS: Field = Field {
    key: "clusters",
    ty: STRINGS,
    default: DefaultValue::None,
    note: "which clusters",
    doc: "Only these clusters, by ARN or name. None means all.",
    example: "clusters: [web]",
    ..FIELD
};

pub(super) const REQUEST_CONCURRENCY: Field = Field {
    key: "request_concurrency",
    ty: INT,
    default: DefaultValue::Literal("10"),
    note: "requests at once",
    doc: "The maximum number of concurrent requests to AWS.",
    example: "request_concurrency: 5",
    ..FIELD
};
