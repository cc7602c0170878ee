//! `openstack_sd_configs`: targets from OpenStack: hypervisors, instances or load balancers.

use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, required, role};
use go::quote::quote;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: openstack.SDConfig, config.OpenstackSDConfig.
pub static OPENSTACK: Record = Record {
    name: "openstack_sd_config",
    go_type: "openstack.plain",
    doc: "Targets from OpenStack: hypervisors, instances or load balancers.",
    fields: &[
        Field {
            key: "identity_endpoint",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Computed("from the OS_… environment variables"),
            note: "Keystone's URL",
            doc: "The URL of the identity service.",
            example: "identity_endpoint: https://keystone:5000/v3\nrole: instance\nregion: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "username",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "user name",
            doc: "The user's name; it needs a domain.",
            example: "username: prometheus\nrole: instance\nregion: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "userid",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "user id",
            doc: "The user's id, instead of the name.",
            example: "userid: '1'\nrole: instance\nregion: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "password",
            always_printed: true,
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "password",
            doc: "The user's password.",
            example: "password: abc\nrole: instance\nregion: eu",
            since: Version(1, 7),
            secret: true,
            ..FIELD
        },
        Field {
            key: "project_name",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "project",
            doc: "The project's name.",
            example: "project_name: web\nrole: instance\nregion: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "project_id",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "project id",
            doc: "The project's id, instead of the name.",
            example: "project_id: '1'\nrole: instance\nregion: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "domain_name",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "domain",
            doc: "The name of the domain. It excludes `domain_id`.",
            example: "domain_name: default\nrole: instance\nregion: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "domain_id",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "domain id",
            doc: "The ID of the domain. It excludes `domain_name`.",
            example: "domain_id: default\nrole: instance\nregion: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "application_credential_name",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "application credential",
            doc: "The name of an application credential.",
            example: "application_credential_name: prometheus\nrole: instance\nregion: eu",
            since: Version(2, 7),
            ..FIELD
        },
        Field {
            key: "application_credential_id",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "application credential id",
            doc: "The id of an application credential.",
            example: "application_credential_id: '1'\nrole: instance\nregion: eu",
            since: Version(2, 7),
            ..FIELD
        },
        Field {
            key: "application_credential_secret",
            always_printed: true,
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "its secret",
            doc: "The secret of the application credential.",
            example: "application_credential_secret: abc\nrole: instance\nregion: eu",
            since: Version(2, 7),
            secret: true,
            ..FIELD
        },
        Field {
            key: "role",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::OPENSTACK_ROLES), Type::String]),
            default: DefaultValue::None,
            note: "objects that become targets",
            doc: "The resources that become targets: hypervisors, instances or load balancers. Required.",
            example: "role: instance\nregion: eu",
            since: Version(1, 8),
            ..FIELD
        },
        Field {
            key: "region",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "region",
            doc: "The region. Required.",
            example: "region: eu\nrole: instance",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to OpenStack.",
            example: "refresh_interval: 1m\nrole: instance\nregion: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped.",
            example: "port: 9100\nrole: instance\nregion: eu",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "all_tenants",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "instances of all projects",
            doc: "If true, the instances of all projects are listed. This requires administrator rights.",
            example: "all_tenants: true\nrole: instance\nregion: eu",
            since: Version(2, 5),
            ..FIELD
        },
        Field {
            key: "tls_config",
            ty: Type::Record(&super::super::tls::TLS),
            default: DefaultValue::None,
            note: "certificates",
            doc: "Certificates for the connection to OpenStack.",
            example: "tls_config:\n  ca_file: /etc/prometheus/ca.crt\nrole: instance\nregion: eu",
            since: Version(2, 5),
            ..FIELD
        },
        Field {
            key: "availability",
            ty: Type::OneOf(&[Type::Enum(values::AVAILABILITY), Type::String]),
            default: DefaultValue::Literal("public"),
            note: "which endpoints of the API",
            doc: "The type of service endpoints to use.",
            example: "availability: internal\nrole: instance\nregion: eu",
            since: Version(2, 20),
            ..FIELD
        },
    ],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let availability = view.text_or("availability", "public");
    if !["public", "internal", "admin"].contains(&&*availability) {
        let message = format!(
            "unknown availability {availability}, must be one of admin, internal or public"
        );
        fault(cx, INVALID, view.at("availability"), message);
    }
    let absent = "role missing (one of: instance, hypervisor, loadbalancer)";
    role(cx, &view, "role", &["hypervisor", "instance", "loadbalancer"], absent, |role| {
        format!("unknown OpenStack SD role {}", quote(role))
    });
    required(cx, &view, &[("region", "openstack SD configuration requires a region")]);
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "openstack_sd_configs",
        ty: Type::List(&Type::Record(&OPENSTACK)),
        default: DefaultValue::None,
        note: "targets from OpenStack",
        doc: "Targets from OpenStack: hypervisors, instances or load balancers.",
        example: "openstack_sd_configs:\n  - tls_config:\n      ca_file: /etc/prometheus/ca.crt\n    role: instance\n    region: eu",
        since: Version(1, 7),
        ..FIELD
    },
    go_type: &["[]*openstack.SDConfig"],
    records: &[(&OPENSTACK, "openstack.SDConfig")],
    address: "Depends on the role: the object's address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta {
        name: "__meta_openstack_hypervisor_host_ip",
        doc: "hypervisor host IP",
        roles: "hypervisor",
    },
    Meta {
        name: "__meta_openstack_hypervisor_hostname",
        doc: "hypervisor hostname",
        roles: "hypervisor",
    },
    Meta { name: "__meta_openstack_hypervisor_id", doc: "hypervisor ID", roles: "hypervisor" },
    Meta {
        name: "__meta_openstack_hypervisor_state",
        doc: "hypervisor state",
        roles: "hypervisor",
    },
    Meta {
        name: "__meta_openstack_hypervisor_status",
        doc: "hypervisor status",
        roles: "hypervisor",
    },
    Meta { name: "__meta_openstack_hypervisor_type", doc: "hypervisor type", roles: "hypervisor" },
    Meta { name: "__meta_openstack_address_pool", doc: "address pool", roles: "instance" },
    Meta { name: "__meta_openstack_instance_flavor", doc: "instance flavor", roles: "instance" },
    Meta { name: "__meta_openstack_instance_id", doc: "instance ID", roles: "instance" },
    Meta { name: "__meta_openstack_instance_image", doc: "instance image", roles: "instance" },
    Meta { name: "__meta_openstack_instance_name", doc: "instance name", roles: "instance" },
    Meta { name: "__meta_openstack_instance_status", doc: "instance status", roles: "instance" },
    Meta { name: "__meta_openstack_private_ip", doc: "private IP", roles: "instance" },
    Meta { name: "__meta_openstack_project_id", doc: "project ID", roles: "instance loadbalancer" },
    Meta { name: "__meta_openstack_public_ip", doc: "public IP", roles: "instance" },
    Meta { name: "__meta_openstack_tag_<key>", doc: "each tag", roles: "instance" },
    Meta { name: "__meta_openstack_user_id", doc: "user ID", roles: "instance" },
    Meta {
        name: "__meta_openstack_loadbalancer_availability_zone",
        doc: "loadbalancer availability zone",
        roles: "loadbalancer",
    },
    Meta {
        name: "__meta_openstack_loadbalancer_floating_ip",
        doc: "loadbalancer floating IP",
        roles: "loadbalancer",
    },
    Meta {
        name: "__meta_openstack_loadbalancer_id",
        doc: "loadbalancer ID",
        roles: "loadbalancer",
    },
    Meta {
        name: "__meta_openstack_loadbalancer_name",
        doc: "loadbalancer name",
        roles: "loadbalancer",
    },
    Meta {
        name: "__meta_openstack_loadbalancer_provider",
        doc: "loadbalancer provider",
        roles: "loadbalancer",
    },
    Meta {
        name: "__meta_openstack_loadbalancer_operating_status",
        doc: "loadbalancer operating status",
        roles: "loadbalancer",
    },
    Meta {
        name: "__meta_openstack_loadbalancer_provisioning_status",
        doc: "loadbalancer provisioning status",
        roles: "loadbalancer",
    },
    Meta {
        name: "__meta_openstack_loadbalancer_tags",
        doc: "loadbalancer tags",
        roles: "loadbalancer",
    },
    Meta {
        name: "__meta_openstack_loadbalancer_vip",
        doc: "loadbalancer VIP",
        roles: "loadbalancer",
    },
];
