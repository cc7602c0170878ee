//! `msk_sd_configs`: targets from the brokers of MSK, Amazon's managed Kafka.

use super::aws_fields::{
    ACCESS_KEY, CLUSTERS, ENDPOINT, EXTERNAL_ID, PORT, PROFILE, REFRESH_INTERVAL, REGION,
    REQUEST_CONCURRENCY, ROLE_ARN, SECRET_KEY,
};
use super::{Mechanism, Meta};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: aws.MSKSDConfig.
pub static MSK: Record = Record {
    name: "msk_sd_config",
    go_type: "aws.plain",
    doc: "Targets from the brokers of MSK, Amazon's managed Kafka.",
    fields: &[
        Field { always_printed: true, since: Version(3, 10), ..REGION },
        Field {
            always_printed: true,
            example: "endpoint: https://msk.eu-west-1.amazonaws.com",
            since: Version(3, 10),
            ..ENDPOINT
        },
        Field { since: Version(3, 10), ..ACCESS_KEY },
        Field { since: Version(3, 10), ..SECRET_KEY },
        Field { since: Version(3, 10), ..PROFILE },
        Field { since: Version(3, 10), ..ROLE_ARN },
        Field { since: Version(3, 12), ..EXTERNAL_ID },
        Field { since: Version(3, 10), ..CLUSTERS },
        Field { always_printed: true, since: Version(3, 10), ..PORT },
        Field { since: Version(3, 10), ..REFRESH_INTERVAL },
        Field { since: Version(3, 10), ..REQUEST_CONCURRENCY },
    ],
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "msk_sd_configs",
        ty: Type::List(&Type::Record(&MSK)),
        default: DefaultValue::None,
        note: "targets from the brokers of MSK, Amazon's managed Kafka",
        doc: "Targets from the brokers of MSK, Amazon's managed Kafka.",
        example: "msk_sd_configs:\n  - region: eu-west-1",
        since: Version(3, 10),
        ..FIELD
    },
    go_type: &["[]*aws.MSKSDConfig"],
    records: &[(&MSK, "aws.MSKSDConfig")],
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
