//! `elasticache_sd_configs`: targets from ElastiCache: serverless caches and cluster nodes.

use super::aws_fields::{
    ACCESS_KEY, CLUSTERS, ENDPOINT, EXTERNAL_ID, PORT, PROFILE, REFRESH_INTERVAL, REGION,
    REQUEST_CONCURRENCY, ROLE_ARN, SECRET_KEY,
};
use super::{Mechanism, Meta};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: aws.ElasticacheSDConfig.
pub static ELASTICACHE: Record = Record {
    name: "elasticache_sd_config",
    go_type: "aws.plain",
    doc: "Targets from ElastiCache: serverless caches and cluster nodes.",
    fields: &[
        Field { always_printed: true, since: Version(3, 11), ..REGION },
        Field {
            always_printed: true,
            example: "endpoint: https://elasticache.eu-west-1.amazonaws.com",
            since: Version(3, 11),
            ..ENDPOINT
        },
        Field { since: Version(3, 11), ..ACCESS_KEY },
        Field { since: Version(3, 11), ..SECRET_KEY },
        Field { since: Version(3, 11), ..PROFILE },
        Field { since: Version(3, 11), ..ROLE_ARN },
        Field { since: Version(3, 12), ..EXTERNAL_ID },
        Field { since: Version(3, 11), ..CLUSTERS },
        Field { always_printed: true, since: Version(3, 11), ..PORT },
        Field { since: Version(3, 11), ..REFRESH_INTERVAL },
        Field { since: Version(3, 11), ..REQUEST_CONCURRENCY },
    ],
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "elasticache_sd_configs",
        ty: Type::List(&Type::Record(&ELASTICACHE)),
        default: DefaultValue::None,
        note: "targets from ElastiCache",
        doc: "Targets from ElastiCache: serverless caches and cluster nodes.",
        example: "elasticache_sd_configs:\n  - region: eu-west-1",
        since: Version(3, 11),
        ..FIELD
    },
    go_type: &["[]*aws.ElasticacheSDConfig"],
    records: &[(&ELASTICACHE, "aws.ElasticacheSDConfig")],
    address: "The cache's endpoint and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_elasticache_deployment_option", doc: "deployment option", roles: "" },
    Meta {
        name: "__meta_elasticache_serverless_cache_arn",
        doc: "serverless cache ARN",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_name",
        doc: "serverless cache name",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_status",
        doc: "serverless cache status",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_engine",
        doc: "serverless cache engine",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_full_engine_version",
        doc: "serverless cache full engine version",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_major_engine_version",
        doc: "serverless cache major engine version",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_description",
        doc: "serverless cache description",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_create_time",
        doc: "serverless cache create time",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_snapshot_retention_limit",
        doc: "serverless cache snapshot retention limit",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_daily_snapshot_time",
        doc: "serverless cache daily snapshot time",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_user_group_id",
        doc: "serverless cache user group ID",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_kms_key_id",
        doc: "serverless cache KMS key ID",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_endpoint_address",
        doc: "serverless cache endpoint address",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_endpoint_port",
        doc: "serverless cache endpoint port",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_reader_endpoint_address",
        doc: "serverless cache reader endpoint address",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_reader_endpoint_port",
        doc: "serverless cache reader endpoint port",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_security_group_id_<index>",
        doc: "serverless cache security group ID, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_subnet_id_<index>",
        doc: "serverless cache subnet ID, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_cache_usage_limit_data_storage_maximum",
        doc: "serverless cache cache usage limit data storage maximum",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_cache_usage_limit_data_storage_minimum",
        doc: "serverless cache cache usage limit data storage minimum",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_cache_usage_limit_data_storage_unit",
        doc: "serverless cache cache usage limit data storage unit",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_cache_usage_limit_ecpu_per_second_maximum",
        doc: "serverless cache cache usage limit ECPU per second maximum",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_cache_usage_limit_ecpu_per_second_minimum",
        doc: "serverless cache cache usage limit ECPU per second minimum",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_serverless_cache_tag_<tagkey>",
        doc: "each serverless cache tag",
        roles: "",
    },
    Meta { name: "__meta_elasticache_cache_cluster_arn", doc: "cache cluster ARN", roles: "" },
    Meta {
        name: "__meta_elasticache_cache_cluster_cache_cluster_id",
        doc: "cache cluster cache cluster ID",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_cache_cluster_status",
        doc: "cache cluster cache cluster status",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_engine",
        doc: "cache cluster engine",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_engine_version",
        doc: "cache cluster engine version",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_cache_node_type",
        doc: "cache cluster cache node type",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_num_cache_nodes",
        doc: "cache cluster num cache nodes",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_cache_cluster_create_time",
        doc: "cache cluster cache cluster create time",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_at_rest_encryption_enabled",
        doc: "cache cluster at rest encryption enabled",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_transit_encryption_enabled",
        doc: "cache cluster transit encryption enabled",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_transit_encryption_mode",
        doc: "cache cluster transit encryption mode",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_auth_token_enabled",
        doc: "cache cluster auth token enabled",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_auth_token_last_modified",
        doc: "cache cluster auth token last modified",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_auto_minor_version_upgrade",
        doc: "cache cluster auto minor version upgrade",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_cache_parameter_group",
        doc: "cache cluster cache parameter group",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_cache_subnet_group_name",
        doc: "cache cluster cache subnet group name",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_client_download_landing_page",
        doc: "cache cluster client download landing page",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_ip_discovery",
        doc: "cache cluster IP discovery",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_network_type",
        doc: "cache cluster network type",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_preferred_availability_zone",
        doc: "cache cluster preferred availability zone",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_preferred_maintenance_window",
        doc: "cache cluster preferred maintenance window",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_preferred_outpost_arn",
        doc: "cache cluster preferred outpost ARN",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_replication_group_id",
        doc: "cache cluster replication group ID",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_replication_group_log_delivery_enabled",
        doc: "cache cluster replication group log delivery enabled",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_snapshot_retention_limit",
        doc: "cache cluster snapshot retention limit",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_snapshot_window",
        doc: "cache cluster snapshot window",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_configuration_endpoint_address",
        doc: "cache cluster configuration endpoint address",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_configuration_endpoint_port",
        doc: "cache cluster configuration endpoint port",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_notification_topic_arn",
        doc: "cache cluster notification topic ARN",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_notification_topic_status",
        doc: "cache cluster notification topic status",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_log_delivery_configuration_destination_type_<index>",
        doc: "cache cluster log delivery configuration destination type, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_log_delivery_configuration_log_format_<index>",
        doc: "cache cluster log delivery configuration log format, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_log_delivery_configuration_log_type_<index>",
        doc: "cache cluster log delivery configuration log type, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_log_delivery_configuration_status_<index>",
        doc: "cache cluster log delivery configuration status, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_log_delivery_configuration_message_<index>",
        doc: "cache cluster log delivery configuration message, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_log_delivery_configuration_log_group_<index>",
        doc: "cache cluster log delivery configuration log group, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_log_delivery_configuration_delivery_stream_<index>",
        doc: "cache cluster log delivery configuration delivery stream, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_pending_modified_values_auth_token_status",
        doc: "cache cluster pending modified values auth token status",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_pending_modified_values_cache_node_type",
        doc: "cache cluster pending modified values cache node type",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_pending_modified_values_engine_version",
        doc: "cache cluster pending modified values engine version",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_pending_modified_values_num_cache_nodes",
        doc: "cache cluster pending modified values num cache nodes",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_pending_modified_values_transit_encryption_enabled",
        doc: "cache cluster pending modified values transit encryption enabled",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_pending_modified_values_transit_encryption_mode",
        doc: "cache cluster pending modified values transit encryption mode",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_pending_modified_values_cache_node_ids_to_remove",
        doc: "cache cluster pending modified values cache node ids to remove",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_security_group_membership_id_<index>",
        doc: "cache cluster security group membership ID, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_security_group_membership_status_<index>",
        doc: "cache cluster security group membership status, counted from 0",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_node_id",
        doc: "cache cluster node ID",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_node_status",
        doc: "cache cluster node status",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_node_create_time",
        doc: "cache cluster node create time",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_node_availability_zone",
        doc: "cache cluster node availability zone",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_node_customer_outpost_arn",
        doc: "cache cluster node customer outpost ARN",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_node_source_cache_node_id",
        doc: "cache cluster node source cache node ID",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_node_parameter_group_status",
        doc: "cache cluster node parameter group status",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_node_endpoint_address",
        doc: "cache cluster node endpoint address",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_node_endpoint_port",
        doc: "cache cluster node endpoint port",
        roles: "",
    },
    Meta {
        name: "__meta_elasticache_cache_cluster_tag_<tagkey>",
        doc: "each cache cluster tag",
        roles: "",
    },
];
