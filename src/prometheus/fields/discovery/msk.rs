//! `msk_sd_configs`: targets from the brokers of MSK, Amazon's managed Kafka.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use crate::schema::{Default, FIELD, Field, RECORD, Record, STRINGS, Type, Version};

/// Upstream: aws.MSKSDConfig.
pub static MSK: Record = Record {
    name: "msk_sd_config",
    go_type: "aws.plain",
    doc: "Targets from the brokers of MSK, Amazon's managed Kafka.",
    fields: &[
        Field {
            key: "region",
            ty: Type::String,
            default: Default::Computed("from the machine's metadata"),
            note: "AWS region",
            doc: "The region. Empty takes the machine's own.",
            example: "region: eu-west-1",
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "endpoint",
            ty: Type::String,
            default: Default::Zero,
            note: "other API endpoint",
            doc: "The URL of the API, where it is not the usual one.",
            example: "endpoint: https://msk.eu-west-1.amazonaws.com",
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "access_key",
            ty: Type::String,
            default: Default::Zero,
            note: "access key",
            doc: "The access key's id. Without one, AWS's usual chain is asked.",
            example: "access_key: AKIAEXAMPLE",
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "secret_key",
            ty: Type::Secret,
            default: Default::Zero,
            note: "secret key",
            doc: "The secret that belongs to the access key.",
            example: "secret_key: abc",
            since: Version(3, 10),
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
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "role_arn",
            ty: Type::String,
            default: Default::Zero,
            note: "role to assume",
            doc: "The role that is assumed before asking.",
            example: "role_arn: arn:aws:iam::123456789012:role/prometheus",
            since: Version(3, 10),
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
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "port",
            ty: INT,
            default: Default::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped.",
            example: "port: 9100",
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "clusters",
            ty: STRINGS,
            default: Default::None,
            note: "which clusters",
            doc: "Only these clusters, by ARN or name. None means all.",
            example: "clusters: [web]",
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "request_concurrency",
            ty: INT,
            default: Default::Literal("10"),
            note: "requests at once",
            doc: "How many requests to AWS may run at once.",
            example: "request_concurrency: 5",
            since: Version(3, 10),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "msk_sd_configs",
    record: &MSK,
    address: "The broker's address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_msk_cluster_name", doc: "cluster name", roles: "" },
    Meta { name: "__meta_msk_cluster_arn", doc: "cluster ARN", roles: "" },
    Meta { name: "__meta_msk_cluster_state", doc: "cluster state", roles: "" },
    Meta { name: "__meta_msk_cluster_type", doc: "cluster type", roles: "" },
    Meta { name: "__meta_msk_cluster_version", doc: "cluster version", roles: "" },
    Meta { name: "__meta_msk_cluster_kafka_version", doc: "cluster kafka version", roles: "" },
    Meta {
        name: "__meta_msk_cluster_jmx_exporter_enabled",
        doc: "cluster JMX exporter enabled",
        roles: "",
    },
    Meta {
        name: "__meta_msk_cluster_configuration_arn",
        doc: "cluster configuration ARN",
        roles: "",
    },
    Meta {
        name: "__meta_msk_cluster_configuration_revision",
        doc: "cluster configuration revision",
        roles: "",
    },
    Meta { name: "__meta_msk_cluster_tag_<tagkey>", doc: "each cluster tag", roles: "" },
    Meta { name: "__meta_msk_node_type", doc: "node type", roles: "" },
    Meta { name: "__meta_msk_node_arn", doc: "node ARN", roles: "" },
    Meta { name: "__meta_msk_node_added_time", doc: "node added time", roles: "" },
    Meta { name: "__meta_msk_node_instance_type", doc: "node instance type", roles: "" },
    Meta { name: "__meta_msk_node_attached_eni", doc: "node attached ENI", roles: "" },
    Meta { name: "__meta_msk_broker_id", doc: "broker ID", roles: "" },
    Meta { name: "__meta_msk_broker_endpoint_index", doc: "broker endpoint index", roles: "" },
    Meta { name: "__meta_msk_broker_client_subnet", doc: "broker client subnet", roles: "" },
    Meta { name: "__meta_msk_broker_client_vpc_ip", doc: "broker client VPC IP", roles: "" },
    Meta {
        name: "__meta_msk_broker_node_exporter_enabled",
        doc: "broker node exporter enabled",
        roles: "",
    },
    Meta {
        name: "__meta_msk_controller_endpoint_index",
        doc: "controller endpoint index",
        roles: "",
    },
];
