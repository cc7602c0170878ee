//! `azure_sd_configs`: targets from virtual machines in Azure.

use super::super::azure_fields::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, missing};
use go::quote::quote;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

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
            always_printed: true,
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
            always_printed: true,
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
            note: "refresh every {value}",
            doc: "The time between two requests for the list of virtual machines.",
            example: "refresh_interval: 5m",
            since: Version(0, 19),
            ..FIELD
        },
        Field {
            key: "authentication_method",
            ty: Type::OneOf(&[Type::Enum(values::AZURE_METHODS), Type::String]),
            default: DefaultValue::Literal("OAuth"),
            note: "how to authenticate",
            doc: "The method by which Prometheus authenticates.",
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
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let needs = |cx: &mut CheckCx<'_>, key: &str| {
        if !view.filled(key) {
            missing(cx, &view, key, &format!("azure SD configuration requires a {key}"));
        }
    };
    needs(cx, "subscription_id");
    let method = view.text_or("authentication_method", "OAuth");
    match &*method {
        "OAuth" => {
            for key in ["tenant_id", "client_id", "client_secret"] {
                needs(cx, key);
            }
        }
        "ManagedIdentity" | "SDK" | "WorkloadIdentity" => {}
        _ => {
            let message = format!(
                "unknown authentication_type {}. Supported types are \"OAuth\", \"ManagedIdentity\", \"SDK\" or \"WorkloadIdentity\"",
                quote(&method)
            );
            fault(cx, INVALID, view.at("authentication_method"), message);
        }
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "azure_sd_configs",
        ty: Type::List(&Type::Record(&AZURE)),
        default: DefaultValue::None,
        note: "targets from virtual machines in Azure",
        doc: "Targets from virtual machines in Azure.",
        example: "azure_sd_configs:\n  - subscription_id: 11111111-1111-1111-1111-111111111111\n    authentication_method: ManagedIdentity",
        since: Version(0, 19),
        ..FIELD
    },
    go_type: &["[]*azure.SDConfig"],
    records: &[(&AZURE, "azure.SDConfig")],
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
