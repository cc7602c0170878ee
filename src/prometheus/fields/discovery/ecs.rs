//! `ecs_sd_configs`: targets from tasks of ECS clusters.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use crate::schema::{Default, FIELD, Field, RECORD, Record, STRINGS, Type, Version};

/// Upstream: aws.ECSSDConfig.
pub static ECS: Record = Record {
    name: "ecs_sd_config",
    go_type: "aws.plain",
    doc: "Targets from tasks of ECS clusters.",
    fields: &[
        Field {
            key: "region",
            ty: Type::String,
            default: Default::Computed("from the machine's metadata"),
            note: "AWS region",
            doc: "The region. Empty takes the machine's own.",
            example: "region: eu-west-1",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "endpoint",
            ty: Type::String,
            default: Default::Zero,
            note: "other API endpoint",
            doc: "The URL of the API, where it is not the usual one.",
            example: "endpoint: https://ecs.eu-west-1.amazonaws.com",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "access_key",
            ty: Type::String,
            default: Default::Zero,
            note: "access key",
            doc: "The access key's id. Without one, AWS's usual chain is asked.",
            example: "access_key: AKIAEXAMPLE",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "secret_key",
            ty: Type::Secret,
            default: Default::Zero,
            note: "secret key",
            doc: "The secret that belongs to the access key.",
            example: "secret_key: abc",
            since: Version(3, 8),
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
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "role_arn",
            ty: Type::String,
            default: Default::Zero,
            note: "role to assume",
            doc: "The role that is assumed before asking.",
            example: "role_arn: arn:aws:iam::123456789012:role/prometheus",
            since: Version(3, 8),
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
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "port",
            ty: INT,
            default: Default::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped.",
            example: "port: 9100",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "clusters",
            ty: STRINGS,
            default: Default::None,
            note: "which clusters",
            doc: "Only these clusters, by ARN or name. None means all.",
            example: "clusters: [web]",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "request_concurrency",
            ty: INT,
            default: Default::Literal("20"),
            note: "requests at once",
            doc: "How many requests to AWS may run at once.",
            example: "request_concurrency: 5",
            since: Version(3, 8),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "ecs_sd_configs",
    record: &ECS,
    address: "The task's address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_ecs_cluster", doc: "cluster", roles: "" },
    Meta { name: "__meta_ecs_cluster_arn", doc: "cluster ARN", roles: "" },
    Meta { name: "__meta_ecs_service", doc: "service", roles: "" },
    Meta { name: "__meta_ecs_service_arn", doc: "service ARN", roles: "" },
    Meta { name: "__meta_ecs_service_status", doc: "service status", roles: "" },
    Meta { name: "__meta_ecs_task_group", doc: "task group", roles: "" },
    Meta { name: "__meta_ecs_task_arn", doc: "task ARN", roles: "" },
    Meta { name: "__meta_ecs_task_definition", doc: "task definition", roles: "" },
    Meta { name: "__meta_ecs_ip_address", doc: "IP address", roles: "" },
    Meta { name: "__meta_ecs_launch_type", doc: "launch type", roles: "" },
    Meta { name: "__meta_ecs_desired_status", doc: "desired status", roles: "" },
    Meta { name: "__meta_ecs_last_status", doc: "last status", roles: "" },
    Meta { name: "__meta_ecs_health_status", doc: "health status", roles: "" },
    Meta { name: "__meta_ecs_platform_family", doc: "platform family", roles: "" },
    Meta { name: "__meta_ecs_platform_version", doc: "platform version", roles: "" },
    Meta { name: "__meta_ecs_subnet_id", doc: "subnet ID", roles: "" },
    Meta { name: "__meta_ecs_availability_zone", doc: "availability zone", roles: "" },
    Meta { name: "__meta_ecs_region", doc: "region", roles: "" },
    Meta { name: "__meta_ecs_public_ip", doc: "public IP", roles: "" },
    Meta { name: "__meta_ecs_network_mode", doc: "network mode", roles: "" },
    Meta { name: "__meta_ecs_container_instance_arn", doc: "container instance ARN", roles: "" },
    Meta { name: "__meta_ecs_ec2_instance_id", doc: "EC2 instance ID", roles: "" },
    Meta { name: "__meta_ecs_ec2_instance_type", doc: "EC2 instance type", roles: "" },
    Meta { name: "__meta_ecs_ec2_instance_private_ip", doc: "EC2 instance private IP", roles: "" },
    Meta { name: "__meta_ecs_ec2_instance_public_ip", doc: "EC2 instance public IP", roles: "" },
    Meta { name: "__meta_ecs_tag_cluster_<tagkey>", doc: "each tag cluster", roles: "" },
    Meta { name: "__meta_ecs_tag_service_<tagkey>", doc: "each tag service", roles: "" },
    Meta { name: "__meta_ecs_tag_task_<tagkey>", doc: "each tag task", roles: "" },
    Meta { name: "__meta_ecs_tag_ec2_<tagkey>", doc: "each tag EC2", roles: "" },
];
