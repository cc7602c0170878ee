//! `ecs_sd_configs`: targets from tasks of ECS clusters.

use super::aws_fields::{
    ACCESS_KEY, CLUSTERS, ENDPOINT, EXTERNAL_ID, PORT, PROFILE, REFRESH_INTERVAL, REGION,
    REQUEST_CONCURRENCY, ROLE_ARN, SECRET_KEY,
};
use super::{Mechanism, Meta};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: aws.ECSSDConfig.
pub static ECS: Record = Record {
    name: "ecs_sd_config",
    go_type: "aws.plain",
    doc: "Targets from tasks of ECS clusters.",
    fields: &[
        Field { always_printed: true, since: Version(3, 8), ..REGION },
        Field {
            always_printed: true,
            example: "endpoint: https://ecs.eu-west-1.amazonaws.com",
            since: Version(3, 8),
            ..ENDPOINT
        },
        Field { since: Version(3, 8), ..ACCESS_KEY },
        Field { since: Version(3, 8), ..SECRET_KEY },
        Field { since: Version(3, 8), ..PROFILE },
        Field { since: Version(3, 8), ..ROLE_ARN },
        Field { since: Version(3, 12), ..EXTERNAL_ID },
        Field { since: Version(3, 8), ..CLUSTERS },
        Field { always_printed: true, since: Version(3, 8), ..PORT },
        Field { since: Version(3, 8), ..REFRESH_INTERVAL },
        Field { default: DefaultValue::Literal("20"), since: Version(3, 8), ..REQUEST_CONCURRENCY },
    ],
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "ecs_sd_configs",
        ty: Type::List(&Type::Record(&ECS)),
        default: DefaultValue::None,
        note: "targets from tasks of ECS clusters",
        doc: "Targets from tasks of ECS clusters.",
        example: "ecs_sd_configs:\n  - region: eu-west-1",
        since: Version(3, 8),
        ..FIELD
    },
    go_type: &["[]*aws.ECSSDConfig"],
    records: &[(&ECS, "aws.ECSSDConfig")],
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
