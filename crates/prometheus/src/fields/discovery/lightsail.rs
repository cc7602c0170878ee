//! `lightsail_sd_configs`: targets from Lightsail instances.

use super::aws_fields::{
    ACCESS_KEY, ENDPOINT, EXTERNAL_ID, PORT, PROFILE, REFRESH_INTERVAL, REGION, ROLE_ARN,
    SECRET_KEY,
};
use super::{Mechanism, Meta};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: aws.LightsailSDConfig.
pub static LIGHTSAIL: Record = Record {
    name: "lightsail_sd_config",
    go_type: "aws.plain",
    doc: "Targets from Lightsail instances.",
    fields: &[
        Field {
            always_printed: true,
            example: "endpoint: https://lightsail.eu-west-1.amazonaws.com",
            since: Version(2, 27),
            ..ENDPOINT
        },
        Field { always_printed: true, since: Version(2, 27), ..REGION },
        Field { since: Version(2, 27), ..ACCESS_KEY },
        Field { since: Version(2, 27), ..SECRET_KEY },
        Field { since: Version(2, 27), ..PROFILE },
        Field { since: Version(2, 27), ..ROLE_ARN },
        Field { since: Version(3, 12), ..EXTERNAL_ID },
        Field { since: Version(2, 27), ..REFRESH_INTERVAL },
        Field { always_printed: true, since: Version(2, 27), ..PORT },
    ],
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "lightsail_sd_configs",
        ty: Type::List(&Type::Record(&LIGHTSAIL)),
        default: DefaultValue::None,
        note: "targets from Lightsail instances",
        doc: "Targets from Lightsail instances.",
        example: "lightsail_sd_configs:\n  - region: eu-west-1",
        since: Version(2, 27),
        ..FIELD
    },
    go_type: &["[]*aws.LightsailSDConfig"],
    records: &[(&LIGHTSAIL, "aws.LightsailSDConfig")],
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
