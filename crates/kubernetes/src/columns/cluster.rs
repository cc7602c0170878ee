//! The columns of kinds that rule the cluster: quotas, roles, classes, extensions.
//!
//! Source: pkg/printers/internalversion/printers.go printResourceQuota and the like;
//! apiserver pkg/registry/rest/table.go for kinds without a printer.

use super::{AGE, Column, NAME, column, labels, or_none, wide};
use crate::object::Value;

/// The columns of a kind for which the server has no printer.
pub const NAME_AND_CREATED: &[Column] = &[
    NAME,
    column("CREATED AT", |object, _| object["metadata"].str("creationTimestamp").to_owned()),
];

/// Used and hard amounts of resources whose names pass.
fn amounts(quota: &Value, chosen: fn(&str) -> bool) -> String {
    let status = &quota["status"];
    let text = |value: &Value| {
        let text = crate::object::go_value(value);
        crate::object::quantity::canonical(&text).unwrap_or(text)
    };
    let parts = status.entries("hard").filter(|(name, _)| chosen(name)).map(|(name, hard)| {
        let used = &status["used"][&**name];
        let used = if used.is_null() { "0".to_owned() } else { text(used) };
        format!("{name}: {used}/{}", text(hard))
    });
    parts.collect::<Vec<_>>().join(", ")
}

pub const RESOURCE_QUOTA: &[Column] = &[
    NAME,
    column("REQUEST", |quota, _| amounts(quota, |name| !name.starts_with("limits"))),
    column("LIMIT", |quota, _| amounts(quota, |name| name.starts_with("limits"))),
    AGE,
];

/// Subjects of one kind, joined by commas and spaces.
fn subjects(binding: &Value, kind: &str) -> String {
    let chosen = binding.list("subjects").iter().filter(|subject| subject.str("kind") == kind);
    let names = chosen.map(|subject| match (kind, subject.str("namespace")) {
        ("ServiceAccount", namespace) => format!("{namespace}/{}", subject.str("name")),
        _ => subject.str("name").to_owned(),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// The columns of RoleBindings and ClusterRoleBindings.
pub const ROLE_BINDING: &[Column] = &[
    NAME,
    column("ROLE", |binding, _| {
        let role = &binding["roleRef"];
        format!("{}/{}", role.str("kind"), role.str("name"))
    }),
    AGE,
    wide("USERS", |binding, _| subjects(binding, "User")),
    wide("GROUPS", |binding, _| subjects(binding, "Group")),
    wide("SERVICEACCOUNTS", |binding, _| subjects(binding, "ServiceAccount")),
];

pub const PRIORITY_CLASS: &[Column] = &[
    NAME,
    column("VALUE", |class, _| class.int("value").to_string()),
    column("GLOBAL-DEFAULT", |class, _| class.bool("globalDefault").to_string()),
    AGE,
    column("PREEMPTIONPOLICY", |class, _| class.str("preemptionPolicy").to_owned()),
];

pub const CONTROLLER_REVISION: &[Column] = &[
    NAME,
    column("CONTROLLER", |revision, _| {
        let mut owners = revision["metadata"].list("ownerReferences").iter();
        owners.find(|owner| owner.bool("controller")).map_or_else(
            || "<none>".to_owned(),
            |owner| {
                let kind = owner.str("kind").to_lowercase();
                let name = owner.str("name");
                match owner.str("apiVersion").split_once('/') {
                    Some((group, _)) => format!("{kind}.{group}/{name}"),
                    None => format!("{kind}/{name}"),
                }
            },
        )
    }),
    column("REVISION", |revision, _| revision.int("revision").to_string()),
    AGE,
];

pub const LEASE: &[Column] =
    &[NAME, column("HOLDER", |lease, _| lease["spec"].str("holderIdentity").to_owned()), AGE];

pub const CSI_DRIVER: &[Column] = &[
    NAME,
    column("ATTACHREQUIRED", |driver, _| {
        driver["spec"]["attachRequired"].as_bool().unwrap_or(true).to_string()
    }),
    column("PODINFOONMOUNT", |driver, _| driver["spec"].bool("podInfoOnMount").to_string()),
    column("STORAGECAPACITY", |driver, _| driver["spec"].bool("storageCapacity").to_string()),
    column("TOKENREQUESTS", |driver, _| {
        let audiences = driver["spec"].list("tokenRequests").iter().map(|one| one.str("audience"));
        let audiences = audiences.collect::<Vec<_>>().join(",");
        if audiences.is_empty() { "<unset>".to_owned() } else { audiences }
    }),
    column("REQUIRESREPUBLISH", |driver, _| driver["spec"].bool("requiresRepublish").to_string()),
    column("MODES", |driver, _| {
        let modes = driver["spec"].list("volumeLifecycleModes").iter().filter_map(Value::as_str);
        or_none(&modes.collect::<Vec<_>>().join(","))
    }),
    AGE,
];

pub const CSI_NODE: &[Column] =
    &[NAME, column("DRIVERS", |node, _| node["spec"].list("drivers").len().to_string()), AGE];

pub const VOLUME_ATTACHMENT: &[Column] = &[
    NAME,
    column("ATTACHER", |one, _| one["spec"].str("attacher").to_owned()),
    column("PV", |one, _| one["spec"]["source"].str("persistentVolumeName").to_owned()),
    column("NODE", |one, _| one["spec"].str("nodeName").to_owned()),
    column("ATTACHED", |one, _| one["status"].bool("attached").to_string()),
    AGE,
];

pub const RUNTIME_CLASS: &[Column] =
    &[NAME, column("HANDLER", |class, _| class.str("handler").to_owned()), AGE];

fn containers(template: &Value, key: &str) -> String {
    let containers = template.at(&["template", "spec"]).list("containers");
    containers.iter().map(|one| one.str(key)).collect::<Vec<_>>().join(",")
}

pub const POD_TEMPLATE: &[Column] = &[
    NAME,
    column("CONTAINERS", |template, _| containers(template, "name")),
    column("IMAGES", |template, _| containers(template, "image")),
    column("POD LABELS", |template, _| labels(&template.at(&["template", "metadata"])["labels"])),
];

pub const COMPONENT_STATUS: &[Column] = &[
    NAME,
    column("STATUS", |component, _| {
        let mut healthy = component.list("conditions").iter();
        let healthy = healthy.find(|one| one.str("type") == "Healthy");
        match healthy.map(|one| one.str("status")) {
            Some("True") => "Healthy",
            Some("False") => "Unhealthy",
            _ => "Unknown",
        }
        .to_owned()
    }),
    column("MESSAGE", |component, _| component_text(component, "message")),
    column("ERROR", |component, _| component_text(component, "error")),
];

fn component_text(component: &Value, key: &str) -> String {
    let mut healthy = component.list("conditions").iter();
    let healthy = healthy.find(|one| one.str("type") == "Healthy");
    healthy.map_or("", |one| one.str(key)).to_owned()
}

/// The columns of both kinds of webhook configurations.
pub const WEBHOOKS: &[Column] =
    &[NAME, column("WEBHOOKS", |one, _| one.list("webhooks").len().to_string()), AGE];

pub const API_SERVICE: &[Column] = &[
    NAME,
    column("SERVICE", |one, _| {
        let service = &one["spec"]["service"];
        if service.is_null() {
            return "Local".to_owned();
        }
        format!("{}/{}", service.str("namespace"), service.str("name"))
    }),
    column("AVAILABLE", |one, _| {
        let mut conditions = one["status"].list("conditions").iter();
        let found = conditions.find(|condition| condition.str("type") == "Available");
        match found.map(|one| (one.str("status"), one.str("reason"))) {
            None => "Unknown".to_owned(),
            Some(("True", _)) => "True".to_owned(),
            Some((status, reason)) => format!("{status} ({reason})"),
        }
    }),
    AGE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    #[test]
    fn rows_hold_what_the_server_prints() {
        for (columns, object, expected) in [
            (
                RESOURCE_QUOTA,
                r#"{"metadata":{"name":"q"},"status":{"hard":{"pods":"5","limits.cpu":"1","services":"3"},"used":{"pods":"4","limits.cpu":"0"}}}"#,
                &["q", "pods: 4/5, services: 0/3", "limits.cpu: 0/1"][..],
            ),
            (
                ROLE_BINDING,
                r#"{"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"a","namespace":"n"}]}"#,
                &["b", "Role/r", "u", "", "n/a"],
            ),
            (
                CONTROLLER_REVISION,
                r#"{"metadata":{"name":"c","ownerReferences":[{"controller":true,"apiVersion":"apps/v1","kind":"StatefulSet","name":"s"}]},"revision":2}"#,
                &["c", "statefulset.apps/s", "2"],
            ),
        ] {
            let object = parse_json(object).expect("the test has valid JSON");
            let row: Vec<String> = columns
                .iter()
                .filter(|column| column.name != "AGE")
                .map(|column| (column.cell)(&object, 0))
                .collect();
            assert_eq!(row, expected);
        }
    }
}
