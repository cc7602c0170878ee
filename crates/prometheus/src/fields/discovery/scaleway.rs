//! `scaleway_sd_configs`: targets from Scaleway's instances or bare metal servers.

use super::super::{DURATION, INT, values};
use super::outscale::secret_key;
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, required, role};
use go::quote::quote;
use go::url;
use schema::{
    CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Section, Type, Version,
};
use yaml::Node;

/// Upstream: scaleway.SDConfig.
pub static SCALEWAY: Record = Record {
    name: "scaleway_sd_config",
    go_type: "scaleway.plain",
    doc: "Targets from Scaleway's instances or bare metal servers.",
    fields: &[
        Field {
            key: "project_id",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "project",
            doc: "The project's id. Required.",
            example: "project_id: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "api_url",
            ty: Type::String,
            default: DefaultValue::Literal("https://api.scaleway.com"),
            note: "API's URL",
            doc: "The URL of the API.",
            example: "api_url: https://api.scaleway.com",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "zone",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Literal("fr-par-1"),
            note: "zone",
            doc: "The zone. Several zones need several entries.",
            example: "zone: nl-ams-1",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "access_key",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "access key",
            doc: "The access key. Required.",
            example: "access_key: SCWXXXXXXXXXXXXXXXXX",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "secret_key",
            always_printed: true,
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "secret key",
            doc: "The secret key.",
            example: "secret_key: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 26),
            secret: true,
            ..FIELD
        },
        Field {
            key: "secret_key_file",
            always_printed: true,
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the secret key",
            doc: "A file with the secret key.",
            example: "secret_key_file: /etc/prometheus/scaleway",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "name_filter",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "which names",
            doc: "Only servers with this name.",
            example: "name_filter: web",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "tags_filter",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "which tags",
            doc: "Only servers with all of these tags.",
            example: "tags_filter: [metrics]",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to Scaleway.",
            example: "refresh_interval: 1m",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every server.",
            example: "port: 9100",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "role",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::SCALEWAY_ROLES), Type::String]),
            default: DefaultValue::None,
            note: "objects that become targets",
            doc: "The resources that become targets: instances or bare metal servers. Required.",
            example: "role: instance",
            since: Version(2, 26),
            ..FIELD
        },
    ],
    inlined_before: "refresh_interval",
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let absent = "role missing (one of: instance, baremetal)";
    role(cx, &view, "role", &["instance", "baremetal"], absent, |role| {
        format!("unknown role {}", quote(role))
    });
    required(cx, &view, &[("project_id", "project_id is mandatory")]);
    secret_key(cx, &view);
    required(cx, &view, &[("access_key", "access_key is mandatory")]);
    scaleway_client(cx, &view);
}

/// Checks of the client library. Source: scaleway-sdk-go scw `settings.validate`.
fn scaleway_client(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    const UUID: &str = "expected a UUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    let invalid = |cx: &mut CheckCx<'_>, key: &str, words: String| {
        fault(cx, INVALID, view.at(key), format!("scaleway-sdk-go: {words}"));
    };
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let access = view.text("access_key");
    let is_access = |rest: &str| rest.len() == 17 && rest.bytes().all(upper);
    if !access.is_empty() && !access.strip_prefix("SCW").is_some_and(is_access) {
        let words =
            format!("invalid access key format '{access}', expected SCWXXXXXXXXXXXXXXXXX format");
        invalid(cx, "access_key", words);
    }
    let secret = view.text("secret_key");
    if !secret.is_empty() && !view.filled("secret_key_file") && !has_uuid(&secret) {
        invalid(cx, "secret_key", format!("invalid secret key format '{secret}', {UUID}"));
    }
    let project = view.text("project_id");
    if !project.is_empty() && !has_uuid(&project) {
        invalid(cx, "project_id", format!("invalid project ID format '{project}', {UUID}"));
    }
    let zone = view.text_or("zone", "fr-par-1");
    if zone.is_empty() {
        invalid(cx, "zone", "default zone cannot be empty".to_owned());
    } else if !is_scaleway_zone(&zone) {
        invalid(cx, "zone", format!("invalid default zone format '{zone}'"));
    }
    let api = view.text_or("api_url", "https://api.scaleway.com");
    if url::parse(&api).is_err() {
        invalid(cx, "api_url", format!("invalid API url '{api}'"));
    } else if api.is_empty() || api.ends_with('/') {
        let words = format!("invalid API url '{api}' it should not have a trailing slash");
        invalid(cx, "api_url", words);
    }
}

/// Returns true if the text contains a UUID: groups of 8, 4, 4, 4 and 12 hexadecimal digits.
fn has_uuid(text: &str) -> bool {
    text.as_bytes().windows(36).any(|window| {
        window.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    })
}

/// `^[a-z]{2}-[a-z]{3}-[1-9]$`
fn is_scaleway_zone(text: &str) -> bool {
    text.len() == 8
        && text.bytes().enumerate().all(|(at, byte)| match at {
            2 | 6 => byte == b'-',
            7 => (b'1'..=b'9').contains(&byte),
            _ => byte.is_ascii_lowercase(),
        })
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "scaleway_sd_configs",
        ty: Type::List(&Type::Record(&SCALEWAY)),
        default: DefaultValue::None,
        note: "targets from Scaleway's instances or bare metal servers",
        doc: "Targets from Scaleway's instances or bare metal servers.",
        example: "scaleway_sd_configs:\n  - role: instance\n    project_id: 11111111-1111-1111-1111-111111111111\n    access_key: SCWXXXXXXXXXXXXXXXXX\n    secret_key_file: /etc/prometheus/scaleway",
        since: Version(2, 26),
        ..FIELD
    },
    go_type: &["[]*scaleway.SDConfig"],
    records: &[(&SCALEWAY, "scaleway.SDConfig")],
    address: "An instance's private address or a server's public one, and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_scaleway_instance_boot_type", doc: "instance boot type", roles: "" },
    Meta { name: "__meta_scaleway_instance_hostname", doc: "instance hostname", roles: "" },
    Meta { name: "__meta_scaleway_instance_id", doc: "instance ID", roles: "" },
    Meta { name: "__meta_scaleway_instance_image_arch", doc: "instance image arch", roles: "" },
    Meta { name: "__meta_scaleway_instance_image_id", doc: "instance image ID", roles: "" },
    Meta { name: "__meta_scaleway_instance_image_name", doc: "instance image name", roles: "" },
    Meta {
        name: "__meta_scaleway_instance_location_cluster_id",
        doc: "instance location cluster ID",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_instance_location_hypervisor_id",
        doc: "instance location hypervisor ID",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_instance_location_node_id",
        doc: "instance location node ID",
        roles: "",
    },
    Meta { name: "__meta_scaleway_instance_name", doc: "instance name", roles: "" },
    Meta {
        name: "__meta_scaleway_instance_organization_id",
        doc: "instance organization ID",
        roles: "",
    },
    Meta { name: "__meta_scaleway_instance_private_ipv4", doc: "instance private IPv4", roles: "" },
    Meta { name: "__meta_scaleway_instance_project_id", doc: "instance project ID", roles: "" },
    Meta { name: "__meta_scaleway_instance_public_ipv4", doc: "instance public IPv4", roles: "" },
    Meta { name: "__meta_scaleway_instance_public_ipv6", doc: "instance public IPv6", roles: "" },
    Meta {
        name: "__meta_scaleway_instance_public_ipv4_addresses",
        doc: "instance public IPv4 addresses",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_instance_public_ipv6_addresses",
        doc: "instance public IPv6 addresses",
        roles: "",
    },
    Meta { name: "__meta_scaleway_instance_region", doc: "instance region", roles: "" },
    Meta {
        name: "__meta_scaleway_instance_security_group_id",
        doc: "instance security group ID",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_instance_security_group_name",
        doc: "instance security group name",
        roles: "",
    },
    Meta { name: "__meta_scaleway_instance_status", doc: "instance status", roles: "" },
    Meta { name: "__meta_scaleway_instance_tags", doc: "instance tags", roles: "" },
    Meta { name: "__meta_scaleway_instance_type", doc: "instance type", roles: "" },
    Meta { name: "__meta_scaleway_instance_zone", doc: "instance zone", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_id", doc: "baremetal ID", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_public_ipv4", doc: "baremetal public IPv4", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_public_ipv6", doc: "baremetal public IPv6", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_name", doc: "baremetal name", roles: "" },
    Meta {
        name: "__meta_scaleway_baremetal_os_name",
        doc: "baremetal operating system name",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_baremetal_os_version",
        doc: "baremetal operating system version",
        roles: "",
    },
    Meta { name: "__meta_scaleway_baremetal_project_id", doc: "baremetal project ID", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_status", doc: "baremetal status", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_tags", doc: "baremetal tags", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_type", doc: "baremetal type", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_zone", doc: "baremetal zone", roles: "" },
];
