//! The table of kinds: one row and one file for each.
//!
//! A row says how a kind is called, what the API server fills in, checks, and allows to change.
//! Fields and merge keys come from [`types`](crate::types). Resources defined by a
//! CustomResourceDefinition are rows made at run time (see [`crate::crd`]).
//!
//! Source: pkg/registry/*/strategy.go, pkg/apis/*/v1/defaults.go.

mod autoscaling;
mod config;
mod cronjob;
mod csidriver;
mod daemonset;
mod deployment;
mod endpoints;
mod ingress;
mod job;
mod job_policies;
mod limitrange;
mod namespace;
mod networkpolicy;
mod persistentvolume;
mod persistentvolumeclaim;
mod plain;
mod pod;
pub mod pod_defaults;
pub mod pod_profiles;
mod poddisruptionbudget;
mod priorityclass;
mod rbac;
mod replication;
mod resourcequota;
mod schedule;
pub mod service;
mod statefulset;
mod storageclass;
mod timezones;
mod volumeattributesclass;
mod warnings;
mod webhooks;

pub use autoscaling::{to_v1 as autoscaler_v1, to_v2 as autoscaler_v2};
pub use persistentvolume::NOW;
pub use pod::qos_class;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::columns::Column;
use crate::object::Value;
use crate::types::{TypeId, types};
use crate::validation::{Errors, meta::NameForm, names};

/// A row of the table.
#[derive(Clone, Copy)]
pub struct Kind {
    /// API group, empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    /// Name in URLs and commands: `deployments`.
    pub plural: &'static str,
    pub short_names: &'static [&'static str],
    /// Names that stand for several kinds: `all`.
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    /// One sentence for lists of kinds.
    pub description: &'static str,
    /// Columns of its table; empty if they are not described here.
    pub columns: &'static [Column],
    /// The validation of an object's name.
    pub name_form: NameForm,
    /// `metadata.generation` counts changes of the spec.
    pub generation: bool,
    /// Fills in defaults, when an object is decoded.
    pub defaults: fn(&mut Value),
    /// Clears what a client may not set, when an object is created.
    pub prepare_create: fn(&mut Value),
    /// Keeps what a client may not change; the second argument is the stored object.
    pub prepare_update: fn(&mut Value, &Value),
    /// Checks everything but the metadata.
    pub validate: fn(&mut Errors, &Value),
    /// Checks that apply only at creation.
    pub validate_create: fn(&mut Errors, &Value),
    /// Checks a change against the stored object.
    pub validate_update: Update,
    /// Where the name of an object is used as a DNS label, for a warning about a name that is none.
    pub name_use: Option<&'static str>,
    /// Warnings about an accepted object.
    pub warnings: fn(&Value) -> Vec<String>,
    /// A warning about the version itself.
    pub deprecated: Option<&'static str>,
}

/// The validation of an update.
#[derive(Clone, Copy)]
pub enum Update {
    /// As a creation.
    AsCreate,
    /// By a rule that calls `validate` itself where the server does.
    With(fn(&mut Errors, &Value, &Value)),
}

/// A row without rules: `..KIND`.
pub const KIND: Kind = Kind {
    group: "",
    version: "v1",
    kind: "",
    plural: "",
    short_names: &[],
    categories: &[],
    namespaced: true,
    description: "",
    columns: &[],
    name_form: names::dns1123_subdomain,
    generation: false,
    defaults: |_| {},
    prepare_create: |_| {},
    prepare_update: |_, _| {},
    validate: |_, _| {},
    validate_create: |_, _| {},
    validate_update: Update::AsCreate,
    name_use: None,
    warnings: |_| Vec::new(),
    deprecated: None,
};

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.api_version(), self.kind)
    }
}

impl Kind {
    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Name of one object in commands: `deployment`.
    pub fn singular(&self) -> String {
        self.kind.to_lowercase()
    }

    /// Resource with its group, as in messages: `deployments.apps`.
    pub fn resource(&self) -> String {
        qualified(self.plural, self.group)
    }

    /// Kind with its group in lower case, as kubectl prints it: `deployment.apps`.
    pub fn printed(&self) -> String {
        qualified(&self.singular(), self.group)
    }

    /// The warning about the name of a new object whose pods get names and hostnames from it.
    /// Source: WarningsOnCreate in pkg/registry/*/strategy.go.
    pub fn name_warning(&self, name: &str) -> Option<String> {
        let wrong = names::dns1123_label(name);
        let place = self.name_use.filter(|_| !wrong.is_empty())?;
        Some(format!(
            "metadata.name: this is used in {place}, which can result in surprising behavior; a DNS label is recommended: [{}]",
            wrong.join(" ")
        ))
    }

    /// The struct that holds objects of the kind.
    pub fn type_id(&self) -> Option<TypeId> {
        types().kind(&self.api_version(), self.kind)
    }
}

/// The use of a workload's name.
const IN_POD_NAMES: Option<&str> = Some("Pod names and hostnames");

fn qualified(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}

/// All rows. Of several versions of a kind the preferred one comes first.
pub static KINDS: &[Kind] = &[
    config::CONFIG_MAP,
    endpoints::ENDPOINTS,
    plain::EVENT,
    limitrange::LIMIT_RANGE,
    namespace::NAMESPACE,
    plain::NODE,
    persistentvolumeclaim::PERSISTENT_VOLUME_CLAIM,
    persistentvolume::PERSISTENT_VOLUME,
    pod::POD,
    pod::POD_TEMPLATE,
    replication::REPLICATION_CONTROLLER,
    resourcequota::RESOURCE_QUOTA,
    config::SECRET,
    plain::SERVICE_ACCOUNT,
    service::SERVICE,
    plain::COMPONENT_STATUS,
    webhooks::MUTATING_WEBHOOK_CONFIGURATION,
    webhooks::VALIDATING_WEBHOOK_CONFIGURATION,
    plain::CUSTOM_RESOURCE_DEFINITION,
    plain::API_SERVICE,
    plain::CONTROLLER_REVISION,
    daemonset::DAEMON_SET,
    deployment::DEPLOYMENT,
    replication::REPLICA_SET,
    statefulset::STATEFUL_SET,
    autoscaling::HORIZONTAL_POD_AUTOSCALER,
    autoscaling::HORIZONTAL_POD_AUTOSCALER_V1,
    cronjob::CRON_JOB,
    job::JOB,
    plain::LEASE,
    endpoints::ENDPOINT_SLICE,
    ingress::INGRESS_CLASS,
    ingress::INGRESS,
    networkpolicy::NETWORK_POLICY,
    plain::RUNTIME_CLASS,
    poddisruptionbudget::POD_DISRUPTION_BUDGET,
    rbac::CLUSTER_ROLE_BINDING,
    rbac::CLUSTER_ROLE,
    rbac::ROLE_BINDING,
    rbac::ROLE,
    priorityclass::PRIORITY_CLASS,
    csidriver::CSI_DRIVER,
    plain::CSI_NODE,
    storageclass::STORAGE_CLASS,
    plain::VOLUME_ATTACHMENT,
    volumeattributesclass::VOLUME_ATTRIBUTES_CLASS,
];

/// The row of a kind: `("apps/v1", "Deployment")`.
pub fn find(api_version: &str, kind: &str) -> Option<&'static Kind> {
    static ROWS: OnceLock<HashMap<(String, &'static str), &'static Kind>> = OnceLock::new();
    let rows =
        ROWS.get_or_init(|| KINDS.iter().map(|row| ((row.api_version(), row.kind), row)).collect());
    rows.get(&(api_version.to_owned(), kind)).copied()
}

/// The row that a word of a command names: plural, singular or short name, in any case, with or
/// without a group.
pub fn named(word: &str) -> Option<&'static Kind> {
    let word = word.to_lowercase();
    let (name, group) = word.split_once('.').map_or((&*word, None), |(name, group)| {
        (name, Some(group.strip_prefix("v1.").unwrap_or(group)))
    });
    KINDS.iter().find(|row| {
        (row.plural == name || row.singular() == name || row.short_names.contains(&name))
            && group.is_none_or(|group| row.group == group)
    })
}

/// True if a server has the group and version at all.
pub fn is_group_version(api_version: &str) -> bool {
    KINDS.iter().any(|row| row.api_version() == api_version)
}

/// Drops the status of an object that a client sends, and puts an empty one.
pub(crate) fn reset_status(object: &mut Value) {
    let kind = object.str("kind");
    let Some(id) = types().kind(object.str("apiVersion"), kind) else { return };
    let status = types().get(id).field("status");
    match status.map(|field| &field.ty) {
        Some(crate::types::Type::Struct(id)) => {
            object.set("status", crate::decoding::empty_struct(*id));
        }
        _ => {
            object.remove("status");
        }
    }
}

/// Puts back the stored status.
pub(crate) fn keep_status(new: &mut Value, old: &Value) {
    match old.get("status") {
        Some(status) => new.set("status", status.clone()),
        None => {
            new.remove("status");
        }
    }
}

#[cfg(test)]
mod tests;
