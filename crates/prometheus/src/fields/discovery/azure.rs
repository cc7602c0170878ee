//! `azure_sd_configs`: targets from virtual machines in Azure.

use super::super::azure_fields::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: azure.SDConfig, config.AzureSDConfig.
pub static AZURE: Record = Record {
    name: "azure_sd_config",
    go_type: "azure.plain",
    doc: "Targets from virtual machines in Azure.",
    fields: &[
        Field {
            key: "environment",
            ty: Type::String,
            default: DefaultValue::Literal("AzurePublicCloud"),
            note: "which Azure",
            doc: "The cloud's name.",
            example: "environment: AzurePublicCloud",
            since: Version(2, 4),
            ..FIELD
        },
        Field {
            key: "port",
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every machine.",
            example: "port: 9100",
            since: Version(0, 19),
            ..FIELD
        },
        Field {
            key: "subscription_id",
            ty: Type::String,
            default: DefaultValue::None,
            note: "subscription",
            doc: "The subscription's id. Required.",
            example: "subscription_id: 11111111-1111-1111-1111-111111111111",
            since: Version(0, 19),
            ..FIELD
        },
        Field { doc: "The tenant's id. Required for OAuth.", since: Version(0, 19), ..TENANT_ID },
        Field {
            doc: "The application's id. Required for OAuth.",
            since: Version(0, 19),
            ..CLIENT_ID
        },
        Field {
            doc: "The application's secret. Required for OAuth.",
            since: Version(0, 19),
            ..CLIENT_SECRET
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("5m"),
            note: "ask every {value}",
            doc: "How often the machines are listed.",
            example: "refresh_interval: 5m",
            since: Version(0, 19),
            ..FIELD
        },
        Field {
            key: "authentication_method",
            ty: Type::OneOf(&[Type::Enum(values::AZURE_METHODS), Type::String]),
            default: DefaultValue::Literal("OAuth"),
            note: "how to authenticate",
            doc: "How Prometheus proves who it is.",
            example: "authentication_method: ManagedIdentity",
            since: Version(2, 7),
            ..FIELD
        },
        Field {
            key: "resource_group",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "only this resource group",
            doc: "Only machines of this resource group. Empty means all.",
            example: "resource_group: web",
            since: Version(2, 35),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    check: Some(validate::sd::azure),
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "azure_sd_configs",
    record: &AZURE,
    address: "The machine's private address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_azure_machine_id", doc: "machine ID", roles: "" },
    Meta { name: "__meta_azure_machine_location", doc: "machine location", roles: "" },
    Meta { name: "__meta_azure_machine_name", doc: "machine name", roles: "" },
    Meta { name: "__meta_azure_machine_computer_name", doc: "machine computer name", roles: "" },
    Meta { name: "__meta_azure_machine_os_type", doc: "machine operating system type", roles: "" },
    Meta { name: "__meta_azure_machine_private_ip", doc: "machine private IP", roles: "" },
    Meta { name: "__meta_azure_machine_public_ip", doc: "machine public IP", roles: "" },
    Meta { name: "__meta_azure_machine_resource_group", doc: "machine resource group", roles: "" },
    Meta { name: "__meta_azure_machine_tag_<tagname>", doc: "each machine tag", roles: "" },
    Meta { name: "__meta_azure_machine_scale_set", doc: "machine scale set", roles: "" },
    Meta { name: "__meta_azure_machine_size", doc: "machine size", roles: "" },
    Meta { name: "__meta_azure_subscription_id", doc: "subscription ID", roles: "" },
    Meta { name: "__meta_azure_tenant_id", doc: "tenant ID", roles: "" },
];
