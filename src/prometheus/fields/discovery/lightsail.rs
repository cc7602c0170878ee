//! `lightsail_sd_configs`: targets from Lightsail instances.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use crate::schema::{Default, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: aws.LightsailSDConfig.
pub static LIGHTSAIL: Record = Record {
    name: "lightsail_sd_config",
    go_type: "aws.plain",
    doc: "Targets from Lightsail instances.",
    fields: &[
        Field {
            key: "region",
            ty: Type::String,
            default: Default::Computed("from the machine's metadata"),
            note: "AWS region",
            doc: "The region. Empty takes the machine's own.",
            example: "region: eu-west-1",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "endpoint",
            ty: Type::String,
            default: Default::Zero,
            note: "other API endpoint",
            doc: "The URL of the API, where it is not the usual one.",
            example: "endpoint: https://lightsail.eu-west-1.amazonaws.com",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "access_key",
            ty: Type::String,
            default: Default::Zero,
            note: "access key",
            doc: "The access key's id. Without one, AWS's usual chain is asked.",
            example: "access_key: AKIAEXAMPLE",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "secret_key",
            ty: Type::Secret,
            default: Default::Zero,
            note: "secret key",
            doc: "The secret that belongs to the access key.",
            example: "secret_key: abc",
            since: Version(2, 27),
            secret: true,
            ..FIELD
        },
        Field {
            key: "profile",
            ty: Type::String,
            default: Default::Zero,
            note: "named profile",
            doc: "The profile in AWS's shared files.",
            example: "profile: monitoring",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "role_arn",
            ty: Type::String,
            default: Default::Zero,
            note: "role to assume",
            doc: "The role that is assumed before asking.",
            example: "role_arn: arn:aws:iam::123456789012:role/prometheus",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "external_id",
            ty: Type::String,
            default: Default::Zero,
            note: "external id of the role",
            doc: "The id that the role's owner asks for.",
            example: "external_id: abc",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: Default::Literal("1m"),
            note: "ask every {value}",
            doc: "How often AWS is asked.",
            example: "refresh_interval: 1m",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "port",
            ty: INT,
            default: Default::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped.",
            example: "port: 9100",
            since: Version(2, 27),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "lightsail_sd_configs",
    record: &LIGHTSAIL,
    address: "The instance's private address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_lightsail_availability_zone", doc: "availability zone", roles: "" },
    Meta { name: "__meta_lightsail_blueprint_id", doc: "blueprint ID", roles: "" },
    Meta { name: "__meta_lightsail_bundle_id", doc: "bundle ID", roles: "" },
    Meta { name: "__meta_lightsail_instance_name", doc: "instance name", roles: "" },
    Meta { name: "__meta_lightsail_instance_state", doc: "instance state", roles: "" },
    Meta {
        name: "__meta_lightsail_instance_support_code",
        doc: "instance support code",
        roles: "",
    },
    Meta { name: "__meta_lightsail_ipv6_addresses", doc: "IPv6 addresses", roles: "" },
    Meta { name: "__meta_lightsail_private_ip", doc: "private IP", roles: "" },
    Meta { name: "__meta_lightsail_public_ip", doc: "public IP", roles: "" },
    Meta { name: "__meta_lightsail_region", doc: "region", roles: "" },
    Meta { name: "__meta_lightsail_tag_<tagkey>", doc: "each tag", roles: "" },
];
