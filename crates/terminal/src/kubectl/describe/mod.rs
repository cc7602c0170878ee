//! `kubectl describe`: one describer for each kind.
//!
//! | file | content |
//! | --- | --- |
//! | `command` | the command and what it names |
//! | `writer` | aligned text, labels, annotations, times |
//! | `pods`, `containers`, `volumes` | pods and their templates |
//! | `workloads` | what makes pods |
//! | `network`, `storage`, `config`, `policy`, `nodes` | the other kinds |
//! | `rules` | rules of roles in a compact order |
//! | `generic` | kinds that kubectl does not know |
//! | `events` | the events of an object |
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe describe.go.

pub(super) mod command;
mod config;
mod containers;
mod events;
mod generic;
mod network;
mod nodes;
mod pods;
mod policy;
pub(crate) mod rules;
mod storage;
mod volumes;
mod workloads;
mod writer;

use cluster::ApiServer;
use cluster::apiserver::Key;
use kubernetes::columns::{human_duration, seconds};
use kubernetes::kinds::{self, Kind};
use kubernetes::object::Value;

use writer::Writer;

/// The description of a pod template with tabs between its columns, as `kubectl rollout` prints it.
pub(super) fn pod_template(template: &Value) -> String {
    let mut writer = Writer::default();
    containers::template(&mut writer, template);
    writer.tabbed()
}

/// The context of a description.
struct DescribeContext<'a> {
    server: &'a ApiServer,
    /// Seconds since the epoch.
    now: i64,
}

impl DescribeContext<'_> {
    /// The objects of a kind in a namespace, sorted by name; of all namespaces if it is empty.
    fn list(&self, group: &str, kind: &str, namespace: &str) -> impl Iterator<Item = &Value> {
        let row = row(group, kind);
        let namespace = namespace.to_owned();
        let all = self.server.storage.list(
            row.map_or("", |row| row.group),
            row.map_or("", |row| row.kind),
            "",
        );
        all.filter(move |(key, _)| namespace.is_empty() || *key.namespace == *namespace)
            .map(|(_, object)| object)
    }

    fn get(&self, group: &str, kind: &str, namespace: &str, name: &str) -> Option<&Value> {
        self.server.storage.get(&Key::new(row(group, kind)?, namespace, name))
    }
}

fn row(group: &str, kind: &str) -> Option<&'static Kind> {
    kinds::KINDS.iter().find(|row| row.group == group && row.kind == kind)
}

/// Writes the description of an object.
type Describe = fn(&mut Writer, &DescribeContext<'_>, &Value);

/// A row of the table of descriptions.
struct Describer {
    group: &'static str,
    kind: &'static str,
    describe: Describe,
    /// Its events are shown.
    events: bool,
}

const fn with_events(group: &'static str, kind: &'static str, describe: Describe) -> Describer {
    Describer { group, kind, describe, events: true }
}

const fn alone(group: &'static str, kind: &'static str, describe: Describe) -> Describer {
    Describer { group, kind, describe, events: false }
}

const RBAC: &str = "rbac.authorization.k8s.io";

static DESCRIBERS: &[Describer] = &[
    with_events("", "Pod", pods::pod),
    with_events("", "ReplicationController", workloads::replication_controller),
    alone("", "Secret", config::secret),
    with_events("", "Service", network::service),
    with_events("", "ServiceAccount", config::service_account),
    with_events("", "Node", nodes::node),
    alone("", "LimitRange", policy::limit_range),
    alone("", "ResourceQuota", policy::resource_quota),
    with_events("", "PersistentVolume", storage::persistent_volume),
    with_events("", "PersistentVolumeClaim", storage::persistent_volume_claim),
    alone("", "Namespace", policy::namespace),
    with_events("", "Endpoints", network::endpoints),
    with_events("", "ConfigMap", config::config_map),
    with_events("discovery.k8s.io", "EndpointSlice", network::endpoint_slice),
    with_events("autoscaling", "HorizontalPodAutoscaler", policy::autoscaler),
    with_events("networking.k8s.io", "Ingress", network::ingress),
    with_events("networking.k8s.io", "IngressClass", network::ingress_class),
    alone("networking.k8s.io", "NetworkPolicy", network::network_policy),
    with_events("networking.k8s.io", "ServiceCIDR", config::service_cidr),
    with_events("batch", "Job", workloads::job),
    with_events("batch", "CronJob", workloads::cron_job),
    with_events("apps", "StatefulSet", workloads::stateful_set),
    with_events("apps", "Deployment", workloads::deployment),
    with_events("apps", "DaemonSet", workloads::daemon_set),
    with_events("apps", "ReplicaSet", workloads::replica_set),
    with_events("storage.k8s.io", "StorageClass", storage::storage_class),
    with_events("storage.k8s.io", "CSINode", storage::csi_node),
    with_events("policy", "PodDisruptionBudget", policy::pod_disruption_budget),
    alone(RBAC, "Role", config::role),
    alone(RBAC, "ClusterRole", config::role),
    alone(RBAC, "RoleBinding", config::role_binding),
    alone(RBAC, "ClusterRoleBinding", config::role_binding),
    with_events("scheduling.k8s.io", "PriorityClass", config::priority_class),
];

/// The description of an object.
pub(super) fn describe(
    server: &ApiServer,
    kind: &Kind,
    object: &Value,
    show_events: bool,
) -> String {
    let context = DescribeContext { server, now: server.time() };
    let known = |one: &&Describer| one.group == kind.group && one.kind == kind.kind;
    let any = with_events("", "", generic::object);
    let describer = DESCRIBERS.iter().find(known).unwrap_or(&any);
    let mut writer = Writer::default();
    (describer.describe)(&mut writer, &context, object);
    if show_events && describer.events {
        events::events(&mut writer, &context, object);
    }
    writer.finish()
}

/// The time since a moment.
fn since(at: &str, now: i64) -> String {
    seconds(at).map_or_else(|| "<unknown>".to_owned(), |at| human_duration(now - at))
}

/// The controller of an object: `ReplicaSet/web-1`.
fn controller(object: &Value) -> Option<String> {
    let mut owners = object["metadata"].list("ownerReferences").iter();
    let owner = owners.find(|owner| owner.bool("controller"))?;
    Some(format!("{}/{}", owner.str("kind"), owner.str("name")))
}
