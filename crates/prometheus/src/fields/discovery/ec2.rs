//! `ec2_sd_configs`: targets from EC2 instances.

use super::aws_fields::{
    ACCESS_KEY, ENDPOINT, EXTERNAL_ID, PORT, PROFILE, REFRESH_INTERVAL, REGION, ROLE_ARN,
    SECRET_KEY,
};
use super::{Mechanism, Meta};
use crate::validate::{EMPTY, NIL_SECTION, fault, missing};
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: aws.EC2SDConfig, config.EC2SDConfig, ec2.SDConfig, ec2.EC2SDConfig.
pub static EC2: Record = Record {
    name: "ec2_sd_config",
    go_type: "aws.plain",
    go_names: &[("filters", &["[]*aws.Filter"])],
    doc: "Targets from EC2 instances.",
    fields: &[
        Field {
            always_printed: true,
            example: "endpoint: https://ec2.eu-west-1.amazonaws.com",
            since: Version(2, 4),
            ..ENDPOINT
        },
        Field { always_printed: true, since: Version(0, 16), ..REGION },
        Field { since: Version(0, 16), ..ACCESS_KEY },
        Field { since: Version(0, 16), ..SECRET_KEY },
        Field { since: Version(1, 4), ..PROFILE },
        Field { since: Version(1, 8), ..ROLE_ARN },
        Field { since: Version(3, 12), ..EXTERNAL_ID },
        Field { since: Version(0, 16), ..REFRESH_INTERVAL },
        Field { always_printed: true, since: Version(0, 16), ..PORT },
        Field {
            key: "filters",
            always_printed: true,
            ty: Type::List(&Type::Record(&super::aws::FILTER)),
            default: DefaultValue::None,
            note: "which objects",
            doc: "Filters of the AWS API.",
            example: "filters:\n  - name: tag:env\n    values: [prod]",
            since: Version(2, 3),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    for item in view.items("filters") {
        if item.is_null() {
            fault(cx, EMPTY, item.written_span(), NIL_SECTION);
        }
        let Some(filter) = Section::new(item) else { continue };
        if filter.items("values").is_empty() {
            let message = "EC2 SD configuration filter values cannot be empty";
            missing(cx, &filter, "values", message);
        }
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "ec2_sd_configs",
        ty: Type::List(&Type::Record(&EC2)),
        default: DefaultValue::None,
        note: "targets from EC2 instances",
        doc: "Targets from EC2 instances.",
        example: "ec2_sd_configs:\n  - region: eu-west-1",
        since: Version(0, 16),
        ..FIELD
    },
    go_type: &["[]*aws.EC2SDConfig"],
    records: &[(&EC2, "aws.EC2SDConfig")],
    address: "The instance's private address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_ec2_ami", doc: "AMI", roles: "" },
    Meta { name: "__meta_ec2_architecture", doc: "architecture", roles: "" },
    Meta { name: "__meta_ec2_availability_zone", doc: "availability zone", roles: "" },
    Meta { name: "__meta_ec2_availability_zone_id", doc: "availability zone ID", roles: "" },
    Meta { name: "__meta_ec2_instance_id", doc: "instance ID", roles: "" },
    Meta { name: "__meta_ec2_instance_lifecycle", doc: "instance lifecycle", roles: "" },
    Meta { name: "__meta_ec2_instance_state", doc: "instance state", roles: "" },
    Meta { name: "__meta_ec2_instance_type", doc: "instance type", roles: "" },
    Meta { name: "__meta_ec2_ipv6_addresses", doc: "IPv6 addresses", roles: "" },
    Meta { name: "__meta_ec2_owner_id", doc: "owner ID", roles: "" },
    Meta { name: "__meta_ec2_platform", doc: "platform", roles: "" },
    Meta { name: "__meta_ec2_default_ipv6_address", doc: "default IPv6 address", roles: "" },
    Meta { name: "__meta_ec2_primary_ipv6_addresses", doc: "primary IPv6 addresses", roles: "" },
    Meta { name: "__meta_ec2_primary_subnet_id", doc: "primary subnet ID", roles: "" },
    Meta { name: "__meta_ec2_private_dns_name", doc: "private DNS name", roles: "" },
    Meta { name: "__meta_ec2_private_ip", doc: "private IP", roles: "" },
    Meta { name: "__meta_ec2_public_dns_name", doc: "public DNS name", roles: "" },
    Meta { name: "__meta_ec2_public_ip", doc: "public IP", roles: "" },
    Meta { name: "__meta_ec2_region", doc: "region", roles: "" },
    Meta { name: "__meta_ec2_subnet_id", doc: "subnet ID", roles: "" },
    Meta { name: "__meta_ec2_tag_<tagkey>", doc: "each tag", roles: "" },
    Meta { name: "__meta_ec2_vpc_id", doc: "VPC ID", roles: "" },
];
