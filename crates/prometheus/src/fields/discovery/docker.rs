//! `docker_sd_configs`: targets from the containers of a Docker daemon: one for each network and port of a container.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use crate::validate::{missing, url_field};
use schema::{
    CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Section, Type, Version,
};
use yaml::Node;

/// Upstream: moby.DockerSDConfig.
pub static DOCKER: Record = Record {
    name: "docker_sd_config",
    go_type: "moby.plain",
    doc: "Targets from the containers of a Docker daemon: one for each network and port of a container.",
    fields: &[
        Field {
            key: "host",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "Docker's address",
            doc: "The address of the Docker daemon.",
            example: "host: unix:///var/run/docker.sock",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port for containers without one",
            doc: "The port of targets whose container exposes none.",
            example: "port: 8080\nhost: unix:///var/run/docker.sock",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "filters",
            always_printed: true,
            ty: Type::List(&Type::Record(&FILTER)),
            default: DefaultValue::None,
            note: "which containers",
            doc: "Filters of `docker ps --filter`.",
            example: "filters:\n  - name: label\n    values: [prometheus=true]\nhost: unix:///var/run/docker.sock",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "host_networking_host",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Literal("localhost"),
            note: "host of containers in the host's network",
            doc: "The host part of targets whose container uses the host's network.",
            example: "host_networking_host: node-1\nhost: unix:///var/run/docker.sock",
            since: Version(2, 30),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests for the list of containers.",
            example: "refresh_interval: 30s\nhost: unix:///var/run/docker.sock",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "match_first_network",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "one network only",
            doc: "If true, a container in several networks becomes a target in the first one only, so that it is not scraped twice.",
            example: "match_first_network: false\nhost: unix:///var/run/docker.sock",
            since: Version(2, 54),
            ..FIELD
        },
    ],
    inlined_before: "host",
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

/// Upstream: moby.Filter.
pub static FILTER: Record = Record {
    name: "filter",
    go_type: "moby.Filter",
    doc: "One filter of Docker's API.",
    fields: &[
        Field {
            key: "name",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "what to filter by",
            doc: "The filter's name, such as `label` or `name`.",
            example: "name: label",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "values",
            always_printed: true,
            ty: STRINGS,
            default: DefaultValue::None,
            note: "values to take",
            doc: "The values; any of them may match.",
            example: "values: [prometheus=true]",
            since: Version(2, 27),
            ..FIELD
        },
    ],
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    docker_host(cx, &view);
}

/// The check of `host` of both Docker mechanisms.
pub(super) fn docker_host(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    if !view.filled("host") {
        missing(cx, view, "host", "host missing");
    } else {
        url_field(cx, view, "host");
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "docker_sd_configs",
        ty: Type::List(&Type::Record(&DOCKER)),
        default: DefaultValue::None,
        note: "targets from the containers of a Docker daemon",
        doc: "Targets from the containers of a Docker daemon: one for each network and port of a container.",
        example: "docker_sd_configs:\n  - filters:\n      - name: label\n        values: [prometheus=true]\n    host: unix:///var/run/docker.sock",
        since: Version(2, 27),
        ..FIELD
    },
    go_type: &["[]*moby.DockerSDConfig"],
    records: &[(&DOCKER, "moby.DockerSDConfig"), (&FILTER, "moby.Filter")],
    address: "The address of the container in the network and each of its ports, or `port` if it has none.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_docker_container_id", doc: "id of the container", roles: "" },
    Meta {
        name: "__meta_docker_container_name",
        doc: "name of the container, with a slash before it",
        roles: "",
    },
    Meta { name: "__meta_docker_container_image", doc: "image of the container", roles: "" },
    Meta { name: "__meta_docker_container_image_id", doc: "hash of the image", roles: "" },
    Meta {
        name: "__meta_docker_container_network_mode",
        doc: "network mode of the container",
        roles: "",
    },
    Meta {
        name: "__meta_docker_container_label_<label>",
        doc: "each label of the container",
        roles: "",
    },
    Meta { name: "__meta_docker_network_id", doc: "id of the network", roles: "" },
    Meta { name: "__meta_docker_network_name", doc: "name of the network", roles: "" },
    Meta {
        name: "__meta_docker_network_ingress",
        doc: "whether the network is for ingress",
        roles: "",
    },
    Meta {
        name: "__meta_docker_network_internal",
        doc: "whether the network is internal",
        roles: "",
    },
    Meta {
        name: "__meta_docker_network_label_<label>",
        doc: "each label of the network",
        roles: "",
    },
    Meta { name: "__meta_docker_network_scope", doc: "scope of the network", roles: "" },
    Meta {
        name: "__meta_docker_network_ip",
        doc: "address of the container in the network",
        roles: "",
    },
    Meta { name: "__meta_docker_port_private", doc: "port in the container", roles: "" },
    Meta {
        name: "__meta_docker_port_public",
        doc: "port on the host if it is published",
        roles: "",
    },
    Meta {
        name: "__meta_docker_port_public_ip",
        doc: "address on the host if it is published",
        roles: "",
    },
];
