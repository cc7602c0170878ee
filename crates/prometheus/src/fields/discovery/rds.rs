//! `rds_sd_configs`: targets from RDS databases and Aurora clusters.

use super::aws_fields::{
    ACCESS_KEY, CLUSTERS, ENDPOINT, EXTERNAL_ID, PORT, PROFILE, REFRESH_INTERVAL, REGION,
    REQUEST_CONCURRENCY, ROLE_ARN, SECRET_KEY,
};
use super::{Mechanism, Meta};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: aws.RDSSDConfig.
pub static RDS: Record = Record {
    name: "rds_sd_config",
    go_type: "aws.plain",
    go_names: &[("filters", &["[]*aws.Filter"])],
    doc: "Targets from RDS databases and Aurora clusters.",
    fields: &[
        Field { always_printed: true, since: Version(3, 11), ..REGION },
        Field { always_printed: true, since: Version(3, 11), ..ENDPOINT },
        Field { since: Version(3, 11), ..ACCESS_KEY },
        Field { since: Version(3, 11), ..SECRET_KEY },
        Field { since: Version(3, 11), ..PROFILE },
        Field { since: Version(3, 11), ..ROLE_ARN },
        Field { since: Version(3, 12), ..EXTERNAL_ID },
        Field { since: Version(3, 11), ..CLUSTERS },
        Field { always_printed: true, since: Version(3, 11), ..PORT },
        Field { since: Version(3, 11), ..REFRESH_INTERVAL },
        Field {
            key: "filters",
            always_printed: true,
            ty: Type::List(&Type::Record(&super::aws::FILTER)),
            default: DefaultValue::None,
            note: "which objects",
            doc: "Filters of the AWS API.",
            example: "filters:\n  - name: tag:env\n    values: [prod]",
            since: Version(3, 13),
            ..FIELD
        },
        Field { since: Version(3, 11), ..REQUEST_CONCURRENCY },
    ],
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "rds_sd_configs",
        ty: Type::List(&Type::Record(&RDS)),
        default: DefaultValue::None,
        note: "targets from RDS databases and Aurora clusters",
        doc: "Targets from RDS databases and Aurora clusters.",
        example: "rds_sd_configs:\n  - filters:\n      - name: tag:env\n        values: [prod]",
        since: Version(3, 11),
        ..FIELD
    },
    go_type: &["[]*aws.RDSSDConfig"],
    records: &[(&RDS, "aws.RDSSDConfig")],
    address: "The database's endpoint and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta {
        name: "__meta_rds_cluster_activity_stream_kinesis_stream_name",
        doc: "cluster activity stream kinesis stream name",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_activity_stream_kms_key_id",
        doc: "cluster activity stream KMS key ID",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_activity_stream_mode",
        doc: "cluster activity stream mode",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_activity_stream_status",
        doc: "cluster activity stream status",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_allocated_storage",
        doc: "cluster allocated storage",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_arn", doc: "cluster ARN", roles: "" },
    Meta {
        name: "__meta_rds_cluster_auto_minor_version_upgrade",
        doc: "cluster auto minor version upgrade",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_automatic_restart_time",
        doc: "cluster automatic restart time",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_aws_backup_recovery_point_arn",
        doc: "cluster AWS backup recovery point ARN",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_backtrack_consumed_change_records",
        doc: "cluster backtrack consumed change records",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_backtrack_window",
        doc: "cluster backtrack window",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_backup_retention_period",
        doc: "cluster backup retention period",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_capacity", doc: "cluster capacity", roles: "" },
    Meta {
        name: "__meta_rds_cluster_character_set_name",
        doc: "cluster character set name",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_clone_group_id", doc: "cluster clone group ID", roles: "" },
    Meta {
        name: "__meta_rds_cluster_cluster_create_time",
        doc: "cluster cluster create time",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_cluster_scalability_type",
        doc: "cluster cluster scalability type",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_copy_tags_to_snapshot",
        doc: "cluster copy tags to snapshot",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_cross_account_clone",
        doc: "cluster cross account clone",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_database_insights_mode",
        doc: "cluster database insights mode",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_database_name", doc: "cluster database name", roles: "" },
    Meta { name: "__meta_rds_cluster_db_system_id", doc: "cluster database system ID", roles: "" },
    Meta {
        name: "__meta_rds_cluster_deletion_protection",
        doc: "cluster deletion protection",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_earliest_backtrack_time",
        doc: "cluster earliest backtrack time",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_earliest_restorable_time",
        doc: "cluster earliest restorable time",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_endpoint", doc: "cluster endpoint", roles: "" },
    Meta {
        name: "__meta_rds_cluster_engine_lifecycle_support",
        doc: "cluster engine lifecycle support",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_engine_mode", doc: "cluster engine mode", roles: "" },
    Meta { name: "__meta_rds_cluster_engine_version", doc: "cluster engine version", roles: "" },
    Meta { name: "__meta_rds_cluster_engine", doc: "cluster engine", roles: "" },
    Meta {
        name: "__meta_rds_cluster_global_cluster_identifier",
        doc: "cluster global cluster identifier",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_global_write_forwarding_requested",
        doc: "cluster global write forwarding requested",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_global_write_forwarding_status",
        doc: "cluster global write forwarding status",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_hosted_zone_id", doc: "cluster hosted zone ID", roles: "" },
    Meta {
        name: "__meta_rds_cluster_http_endpoint_enabled",
        doc: "cluster HTTP endpoint enabled",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_iam_database_authentication_enabled",
        doc: "cluster IAM database authentication enabled",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_identifier", doc: "cluster identifier", roles: "" },
    Meta { name: "__meta_rds_cluster_instance_class", doc: "cluster instance class", roles: "" },
    Meta {
        name: "__meta_rds_cluster_io_optimized_next_allowed_modification_time",
        doc: "cluster io optimized next allowed modification time",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_iops", doc: "cluster IOPS", roles: "" },
    Meta { name: "__meta_rds_cluster_kms_key_id", doc: "cluster KMS key ID", roles: "" },
    Meta {
        name: "__meta_rds_cluster_latest_restorable_time",
        doc: "cluster latest restorable time",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_local_write_forwarding_status",
        doc: "cluster local write forwarding status",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_master_username", doc: "cluster master username", roles: "" },
    Meta {
        name: "__meta_rds_cluster_monitoring_interval",
        doc: "cluster monitoring interval",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_monitoring_role_arn",
        doc: "cluster monitoring role ARN",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_multi_az", doc: "cluster multi AZ", roles: "" },
    Meta { name: "__meta_rds_cluster_network_type", doc: "cluster network type", roles: "" },
    Meta { name: "__meta_rds_cluster_parameter_group", doc: "cluster parameter group", roles: "" },
    Meta {
        name: "__meta_rds_cluster_percent_progress",
        doc: "cluster percent progress",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_performance_insights_enabled",
        doc: "cluster performance insights enabled",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_performance_insights_kms_key_id",
        doc: "cluster performance insights KMS key ID",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_performance_insights_retention_period",
        doc: "cluster performance insights retention period",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_port", doc: "cluster port", roles: "" },
    Meta {
        name: "__meta_rds_cluster_preferred_backup_window",
        doc: "cluster preferred backup window",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_preferred_maintenance_window",
        doc: "cluster preferred maintenance window",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_publicly_accessible",
        doc: "cluster publicly accessible",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_reader_endpoint", doc: "cluster reader endpoint", roles: "" },
    Meta {
        name: "__meta_rds_cluster_replication_source_identifier",
        doc: "cluster replication source identifier",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_resource_id", doc: "cluster resource ID", roles: "" },
    Meta {
        name: "__meta_rds_cluster_serverless_v2_platform_version",
        doc: "cluster serverless v2 platform version",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_status", doc: "cluster status", roles: "" },
    Meta {
        name: "__meta_rds_cluster_storage_encrypted",
        doc: "cluster storage encrypted",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_storage_encryption_type",
        doc: "cluster storage encryption type",
        roles: "",
    },
    Meta {
        name: "__meta_rds_cluster_storage_throughput",
        doc: "cluster storage throughput",
        roles: "",
    },
    Meta { name: "__meta_rds_cluster_storage_type", doc: "cluster storage type", roles: "" },
    Meta { name: "__meta_rds_cluster_subnet_group", doc: "cluster subnet group", roles: "" },
    Meta { name: "__meta_rds_cluster_tag_<tagkey>", doc: "each cluster tag", roles: "" },
    Meta {
        name: "__meta_rds_cluster_upgrade_rollout_order",
        doc: "cluster upgrade rollout order",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_activity_stream_engine_native_audit_fields_included",
        doc: "instance activity stream engine native audit fields included",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_activity_stream_kinesis_stream_name",
        doc: "instance activity stream kinesis stream name",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_activity_stream_kms_key_id",
        doc: "instance activity stream KMS key ID",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_activity_stream_mode",
        doc: "instance activity stream mode",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_activity_stream_policy_status",
        doc: "instance activity stream policy status",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_activity_stream_status",
        doc: "instance activity stream status",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_allocated_storage",
        doc: "instance allocated storage",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_arn", doc: "instance ARN", roles: "" },
    Meta {
        name: "__meta_rds_instance_auto_minor_version_upgrade",
        doc: "instance auto minor version upgrade",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_automatic_restart_time",
        doc: "instance automatic restart time",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_automation_mode",
        doc: "instance automation mode",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_availability_zone",
        doc: "instance availability zone",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_aws_backup_recovery_point_arn",
        doc: "instance AWS backup recovery point ARN",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_backup_retention_period",
        doc: "instance backup retention period",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_backup_target", doc: "instance backup target", roles: "" },
    Meta {
        name: "__meta_rds_instance_ca_certificate_identifier",
        doc: "instance CA certificate identifier",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_character_set_name",
        doc: "instance character set name",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_class", doc: "instance class", roles: "" },
    Meta {
        name: "__meta_rds_instance_copy_tags_to_snapshot",
        doc: "instance copy tags to snapshot",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_custom_iam_instance_profile",
        doc: "instance custom IAM instance profile",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_customer_owned_ip_enabled",
        doc: "instance customer owned IP enabled",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_database_insights_mode",
        doc: "instance database insights mode",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_db_cluster_identifier",
        doc: "instance database cluster identifier",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_db_name", doc: "instance database name", roles: "" },
    Meta {
        name: "__meta_rds_instance_db_system_id",
        doc: "instance database system ID",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_dedicated_log_volume",
        doc: "instance dedicated log volume",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_deletion_protection",
        doc: "instance deletion protection",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_endpoint_address",
        doc: "instance endpoint address",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_endpoint_hosted_zone_id",
        doc: "instance endpoint hosted zone ID",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_endpoint_port", doc: "instance endpoint port", roles: "" },
    Meta {
        name: "__meta_rds_instance_engine_lifecycle_support",
        doc: "instance engine lifecycle support",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_engine_version", doc: "instance engine version", roles: "" },
    Meta { name: "__meta_rds_instance_engine", doc: "instance engine", roles: "" },
    Meta {
        name: "__meta_rds_instance_enhanced_monitoring_resource_arn",
        doc: "instance enhanced monitoring resource ARN",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_iam_database_authentication_enabled",
        doc: "instance IAM database authentication enabled",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_identifier", doc: "instance identifier", roles: "" },
    Meta {
        name: "__meta_rds_instance_instance_create_time",
        doc: "instance instance create time",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_iops", doc: "instance IOPS", roles: "" },
    Meta {
        name: "__meta_rds_instance_is_cluster_writer",
        doc: "instance is cluster writer",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_is_storage_config_upgrade_available",
        doc: "instance is storage config upgrade available",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_kms_key_id", doc: "instance KMS key ID", roles: "" },
    Meta {
        name: "__meta_rds_instance_latest_restorable_time",
        doc: "instance latest restorable time",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_license_model", doc: "instance license model", roles: "" },
    Meta {
        name: "__meta_rds_instance_listener_endpoint_address",
        doc: "instance listener endpoint address",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_listener_endpoint_hosted_zone_id",
        doc: "instance listener endpoint hosted zone ID",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_listener_endpoint_port",
        doc: "instance listener endpoint port",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_master_username",
        doc: "instance master username",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_max_allocated_storage",
        doc: "instance max allocated storage",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_monitoring_interval",
        doc: "instance monitoring interval",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_monitoring_role_arn",
        doc: "instance monitoring role ARN",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_multi_az", doc: "instance multi AZ", roles: "" },
    Meta { name: "__meta_rds_instance_multi_tenant", doc: "instance multi tenant", roles: "" },
    Meta {
        name: "__meta_rds_instance_nchar_character_set_name",
        doc: "instance nchar character set name",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_network_type", doc: "instance network type", roles: "" },
    Meta {
        name: "__meta_rds_instance_percent_progress",
        doc: "instance percent progress",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_performance_insights_enabled",
        doc: "instance performance insights enabled",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_performance_insights_kms_key_id",
        doc: "instance performance insights KMS key ID",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_performance_insights_retention_period",
        doc: "instance performance insights retention period",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_port", doc: "instance port", roles: "" },
    Meta {
        name: "__meta_rds_instance_preferred_backup_window",
        doc: "instance preferred backup window",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_preferred_maintenance_window",
        doc: "instance preferred maintenance window",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_promotion_tier", doc: "instance promotion tier", roles: "" },
    Meta {
        name: "__meta_rds_instance_publicly_accessible",
        doc: "instance publicly accessible",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_read_replica_source_db_cluster_identifier",
        doc: "instance read replica source database cluster identifier",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_read_replica_source_db_instance_identifier",
        doc: "instance read replica source database instance identifier",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_replica_mode", doc: "instance replica mode", roles: "" },
    Meta { name: "__meta_rds_instance_resource_id", doc: "instance resource ID", roles: "" },
    Meta {
        name: "__meta_rds_instance_resume_full_automation_mode_time",
        doc: "instance resume full automation mode time",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_secondary_availability_zone",
        doc: "instance secondary availability zone",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_status", doc: "instance status", roles: "" },
    Meta {
        name: "__meta_rds_instance_storage_encrypted",
        doc: "instance storage encrypted",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_storage_encryption_type",
        doc: "instance storage encryption type",
        roles: "",
    },
    Meta {
        name: "__meta_rds_instance_storage_throughput",
        doc: "instance storage throughput",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_storage_type", doc: "instance storage type", roles: "" },
    Meta {
        name: "__meta_rds_instance_storage_volume_status",
        doc: "instance storage volume status",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_subnet_group", doc: "instance subnet group", roles: "" },
    Meta { name: "__meta_rds_instance_tag_<tagkey>", doc: "each instance tag", roles: "" },
    Meta {
        name: "__meta_rds_instance_tde_credential_arn",
        doc: "instance TDE credential ARN",
        roles: "",
    },
    Meta { name: "__meta_rds_instance_timezone", doc: "instance timezone", roles: "" },
    Meta {
        name: "__meta_rds_instance_upgrade_rollout_order",
        doc: "instance upgrade rollout order",
        roles: "",
    },
];
