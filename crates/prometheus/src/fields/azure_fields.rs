//! The fields that Azure's ways to authenticate share; each sets the version that added them.

use schema::{DefaultValue, FIELD, Field, Type};

pub(super) const CLIENT_ID: Field = Field {
    key: "client_id",
    ty: Type::String,
    default: DefaultValue::Zero,
    note: "application",
    doc: "The application's id. Required.",
    example: "client_id: 00000000-0000-0000-0000-000000000000",
    ..FIELD
};

pub(super) const CLIENT_SECRET: Field = Field {
    key: "client_secret",
    ty: Type::Secret,
    default: DefaultValue::Zero,
    note: "its secret",
    doc: "The application's secret. Required.",
    example: "client_secret: abc",
    secret: true,
    ..FIELD
};

pub(super) const TENANT_ID: Field = Field {
    key: "tenant_id",
    ty: Type::String,
    default: DefaultValue::Zero,
    note: "tenant",
    doc: "The tenant in which it is registered. Required.",
    example: "tenant_id: 00000000-0000-0000-0000-000000000000",
    ..FIELD
};
