//! `dockerswarm_sd_configs`: targets from a Docker Swarm: its services, tasks or nodes.

use super::super::{DURATION, INT, values};
use super::docker::docker_host;
use super::{Mechanism, Meta};
use crate::validate::{missing, word};
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: moby.DockerSwarmSDConfig, config.DockerSwarmSDConfig, dockerswarm.SDConfig.
pub static DOCKERSWARM: Record = Record {
    name: "dockerswarm_sd_config",
    go_type: "moby.plain",
    doc: "Targets from a Docker Swarm: its services, tasks or nodes.",
    fields: &[
        Field {
            key: "host",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "Docker's address",
            doc: "The address of the Docker daemon of a manager node.",
            example: "host: unix:///var/run/docker.sock\nrole: tasks",
            since: Version(2, 20),
            ..FIELD
        },
        Field {
            key: "role",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::SWARM_ROLES), Type::String]),
            default: DefaultValue::None,
            note: "objects that become targets",
            doc: "The resources that become targets: services, tasks or nodes.",
            example: "role: tasks\nhost: unix:///var/run/docker.sock",
            since: Version(2, 20),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port if none is published",
            doc: "The port for nodes, and for tasks and services without a published one.",
            example: "port: 9100\nhost: unix:///var/run/docker.sock\nrole: nodes",
            since: Version(2, 20),
            ..FIELD
        },
        Field {
            key: "filters",
            always_printed: true,
            ty: Type::List(&Type::Record(&super::docker::FILTER)),
            default: DefaultValue::None,
            note: "which objects",
            doc: "Filters of the Docker API.",
            example: "filters:\n  - name: name\n    values: [web]\nhost: unix:///var/run/docker.sock\nrole: tasks",
            since: Version(2, 23),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to the swarm.",
            example: "refresh_interval: 30s\nhost: unix:///var/run/docker.sock\nrole: tasks",
            since: Version(2, 20),
            ..FIELD
        },
    ],
    inlined_before: "host",
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    docker_host(cx, &view);
    if view.filled("role") {
        word(cx, &view, "role", &["services", "nodes", "tasks"], |role| {
            format!("invalid role {role}, expected tasks, services, or nodes")
        });
    } else {
        missing(cx, &view, "role", "role missing (one of: tasks, services, nodes)");
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "dockerswarm_sd_configs",
        ty: Type::List(&Type::Record(&DOCKERSWARM)),
        default: DefaultValue::None,
        note: "targets from a Docker Swarm",
        doc: "Targets from a Docker Swarm: its services, tasks or nodes.",
        example: "dockerswarm_sd_configs:\n  - filters:\n      - name: name\n        values: [web]\n    host: unix:///var/run/docker.sock\n    role: tasks",
        since: Version(2, 20),
        ..FIELD
    },
    go_type: &["[]*moby.DockerSwarmSDConfig"],
    records: &[(&DOCKERSWARM, "moby.DockerSwarmSDConfig")],
    address: "Depends on the role: a virtual address of the service, the task's address in a network, or the node's address.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_dockerswarm_service_id", doc: "service ID", roles: "services tasks" },
    Meta { name: "__meta_dockerswarm_service_name", doc: "service name", roles: "services tasks" },
    Meta { name: "__meta_dockerswarm_service_mode", doc: "service mode", roles: "services tasks" },
    Meta {
        name: "__meta_dockerswarm_service_endpoint_port_name",
        doc: "service endpoint port name",
        roles: "services",
    },
    Meta {
        name: "__meta_dockerswarm_service_endpoint_port_publish_mode",
        doc: "service endpoint port publish mode",
        roles: "services",
    },
    Meta {
        name: "__meta_dockerswarm_service_label_<labelname>",
        doc: "each service label",
        roles: "services tasks",
    },
    Meta {
        name: "__meta_dockerswarm_service_task_container_hostname",
        doc: "service task container hostname",
        roles: "services",
    },
    Meta {
        name: "__meta_dockerswarm_service_task_container_image",
        doc: "service task container image",
        roles: "services",
    },
    Meta {
        name: "__meta_dockerswarm_service_updating_status",
        doc: "service updating status",
        roles: "services",
    },
    Meta { name: "__meta_dockerswarm_network_id", doc: "network ID", roles: "services tasks" },
    Meta { name: "__meta_dockerswarm_network_name", doc: "network name", roles: "services tasks" },
    Meta {
        name: "__meta_dockerswarm_network_ingress",
        doc: "network ingress",
        roles: "services tasks",
    },
    Meta {
        name: "__meta_dockerswarm_network_internal",
        doc: "network internal",
        roles: "services tasks",
    },
    Meta {
        name: "__meta_dockerswarm_network_label_<labelname>",
        doc: "each network label",
        roles: "services tasks",
    },
    Meta {
        name: "__meta_dockerswarm_network_scope",
        doc: "network scope",
        roles: "services tasks",
    },
    Meta {
        name: "__meta_dockerswarm_container_label_<labelname>",
        doc: "each container label",
        roles: "tasks",
    },
    Meta { name: "__meta_dockerswarm_task_id", doc: "task ID", roles: "tasks" },
    Meta { name: "__meta_dockerswarm_task_container_id", doc: "task container ID", roles: "tasks" },
    Meta {
        name: "__meta_dockerswarm_task_desired_state",
        doc: "task desired state",
        roles: "tasks",
    },
    Meta { name: "__meta_dockerswarm_task_slot", doc: "task slot", roles: "tasks" },
    Meta { name: "__meta_dockerswarm_task_state", doc: "task state", roles: "tasks" },
    Meta {
        name: "__meta_dockerswarm_task_port_publish_mode",
        doc: "task port publish mode",
        roles: "tasks",
    },
    Meta { name: "__meta_dockerswarm_network_label", doc: "network label", roles: "tasks" },
    Meta { name: "__meta_dockerswarm_node_id", doc: "node ID", roles: "tasks nodes" },
    Meta { name: "__meta_dockerswarm_node_hostname", doc: "node hostname", roles: "tasks nodes" },
    Meta { name: "__meta_dockerswarm_node_address", doc: "node address", roles: "tasks nodes" },
    Meta {
        name: "__meta_dockerswarm_node_availability",
        doc: "node availability",
        roles: "tasks nodes",
    },
    Meta {
        name: "__meta_dockerswarm_node_label_<labelname>",
        doc: "each node label",
        roles: "tasks nodes",
    },
    Meta {
        name: "__meta_dockerswarm_node_platform_architecture",
        doc: "node platform architecture",
        roles: "tasks nodes",
    },
    Meta {
        name: "__meta_dockerswarm_node_platform_os",
        doc: "node platform operating system",
        roles: "tasks nodes",
    },
    Meta { name: "__meta_dockerswarm_node_role", doc: "node role", roles: "tasks nodes" },
    Meta { name: "__meta_dockerswarm_node_status", doc: "node status", roles: "tasks nodes" },
    Meta {
        name: "__meta_dockerswarm_node_engine_version",
        doc: "node engine version",
        roles: "nodes",
    },
    Meta {
        name: "__meta_dockerswarm_node_manager_address",
        doc: "node manager address",
        roles: "nodes",
    },
    Meta {
        name: "__meta_dockerswarm_node_manager_leader",
        doc: "node manager leader",
        roles: "nodes",
    },
    Meta {
        name: "__meta_dockerswarm_node_manager_reachability",
        doc: "node manager reachability",
        roles: "nodes",
    },
];
