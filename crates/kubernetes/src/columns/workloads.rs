//! The columns of what makes pods.
//!
//! Source: pkg/printers/internalversion/printers.go printDeployment and the like.

use super::{AGE, Column, NAME, column, labels, selector, wide};
use crate::object::Value;

fn of_status(object: &Value, key: &str) -> String {
    object["status"].int(key).to_string()
}

fn desired(object: &Value, _: i64) -> String {
    object["spec"].int("replicas").to_string()
}

fn ready(object: &Value, _: i64) -> String {
    format!("{}/{}", object["status"].int("readyReplicas"), object["spec"].int("replicas"))
}

fn of_containers(object: &Value, key: &str) -> String {
    let containers = object.at(&["spec", "template", "spec"]).list("containers");
    containers.iter().map(|one| one.str(key)).collect::<Vec<_>>().join(",")
}

pub(super) const CONTAINERS: Column = wide("CONTAINERS", |object, _| of_containers(object, "name"));
pub(super) const IMAGES: Column = wide("IMAGES", |object, _| of_containers(object, "image"));
pub(super) const SELECTOR: Column =
    wide("SELECTOR", |object, _| selector(&object["spec"]["selector"]));

pub const DEPLOYMENT: &[Column] = &[
    NAME,
    column("READY", ready),
    column("UP-TO-DATE", |object, _| of_status(object, "updatedReplicas")),
    column("AVAILABLE", |object, _| of_status(object, "availableReplicas")),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub const REPLICA_SET: &[Column] = &[
    NAME,
    column("DESIRED", desired),
    column("CURRENT", |object, _| of_status(object, "replicas")),
    column("READY", |object, _| of_status(object, "readyReplicas")),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

/// The columns of a ReplicationController, whose selector is a map.
pub const REPLICATION_CONTROLLER: &[Column] = &[
    NAME,
    column("DESIRED", desired),
    column("CURRENT", |object, _| of_status(object, "replicas")),
    column("READY", |object, _| of_status(object, "readyReplicas")),
    AGE,
    CONTAINERS,
    IMAGES,
    wide("SELECTOR", |object, _| labels(&object["spec"]["selector"])),
];

pub const STATEFUL_SET: &[Column] = &[NAME, column("READY", ready), AGE, CONTAINERS, IMAGES];

pub const DAEMON_SET: &[Column] = &[
    NAME,
    column("DESIRED", |object, _| of_status(object, "desiredNumberScheduled")),
    column("CURRENT", |object, _| of_status(object, "currentNumberScheduled")),
    column("READY", |object, _| of_status(object, "numberReady")),
    column("UP-TO-DATE", |object, _| of_status(object, "updatedNumberScheduled")),
    column("AVAILABLE", |object, _| of_status(object, "numberAvailable")),
    column("NODE SELECTOR", |object, _| {
        labels(&object.at(&["spec", "template", "spec"])["nodeSelector"])
    }),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];
