//! `kubernetes_sd_configs`: target groups from objects of the cluster. Each role has its own file.
//!
//! Source: prometheus discovery/kubernetes. Each role is in a file of its own, as there.

mod dependencies;
mod endpoints;
mod endpointslice;
mod ingress;
pub(super) mod labels;
mod node;
mod pod;
mod service;
mod store;

use std::sync::Arc;

use super::{Counts, Discovered, Environment, LogLevel, LogLine, TargetGroup};
pub use dependencies::{RoleKinds, dependencies, role_kind};
use kubernetes::objects::Kind;
use kubernetes::rbac;
use prometheus::config::{KubernetesRole, KubernetesSdConfig, SdSelector};
use store::Store;
use text::Location;

/// The permissions of the client that lists and watches objects.
pub trait Access {
    /// Returns true if `verb` is allowed on a kind, in a namespace or in the whole cluster.
    fn allows(&self, verb: &str, kind: Kind, namespace: Option<&str>) -> bool;

    /// The user name: `system:serviceaccount:NAMESPACE:NAME`.
    fn user(&self) -> &str;
}

/// A client that may do everything, such as an administrator.
pub struct Unrestricted;

impl Access for Unrestricted {
    fn allows(&self, _verb: &str, _kind: Kind, _namespace: Option<&str>) -> bool {
        true
    }

    fn user(&self) -> &str {
        "system:admin"
    }
}

/// Returns the result of one entry.
pub fn discover(
    config: &KubernetesSdConfig,
    location: Location,
    environment: &Environment<'_>,
) -> Discovered {
    let role = *config.role;
    let mut found = Discovered {
        location,
        mechanism: "kubernetes_sd_configs".into(),
        role: Some(role.name()),
        ..Discovered::default()
    };
    let Some(namespaces) = namespaces(config, environment, &mut found.log, location) else {
        return found;
    };
    for role in KubernetesRole::ALL {
        let kind = role_kind(role);
        let (all, permitted) = count(kind, &namespaces, environment);
        found.counts.objects += all;
        found.counts.permitted += permitted;
        if role == *config.role {
            found.counts.in_role = permitted;
        }
    }
    let kinds = RoleKinds::of(config);
    // Selectors apply only to kinds that are listed; nodes only with `attach_metadata`.
    let listed = |one: &&SdSelector| kinds.waited_for.contains(&role_kind(one.role));
    let selectors = match store::Selectors::new(config.selectors.iter().filter(listed)) {
        Ok(selectors) => selectors,
        Err(message) => {
            found.log.push(LogLine { level: LogLevel::Error, message, at: Some(location) });
            return found;
        }
    };
    // Nodes have no namespace, so one watch suffices.
    let scopes: Vec<Option<&str>> = match namespaces.as_slice() {
        _ if role == KubernetesRole::Node => vec![None],
        [] => vec![None],
        names => names.iter().map(|name| Some(&**name)).collect(),
    };
    for scope in scopes {
        // Every kind is requested, so that each rejection is logged.
        let log = &mut found.log;
        let mut may = |kind: &Kind| may_list(*kind, scope, environment.access, location, log);
        let refused = kinds.waited_for.iter().filter(|kind| !may(kind)).count();
        let unknown: Vec<Kind> = kinds.optional.iter().copied().filter(|kind| !may(kind)).collect();
        if refused > 0 {
            continue;
        }
        let mut store = Store::new(environment.cluster, scope, &selectors, config);
        store.attach_deployment &= !unknown.contains(&Kind::ReplicaSet);
        store.attach_cronjob &= !unknown.contains(&Kind::Job);
        let (groups, selected) = build(role, &store, &mut found.log, location);
        found.counts.selected += selected;
        found.counts.targets += groups.iter().map(|group| group.targets.len()).sum::<usize>();
        found.groups.extend(groups.into_iter().map(Arc::new));
    }
    found
}

/// Returns the number of objects of a kind and the number of those that may be listed, in the whole
/// cluster or in the requested namespaces.
fn count(kind: Kind, asked: &[Arc<str>], environment: &Environment<'_>) -> (usize, usize) {
    let objects = store::names(environment.cluster, kind);
    let access = environment.access;
    if access.allows("list", kind, None) {
        return (objects.len(), objects.len());
    }
    let may = |name: &&Arc<str>| access.allows("list", kind, Some(name));
    let open: Vec<&Arc<str>> = asked.iter().filter(may).collect();
    let permitted = objects.iter().filter(|home| open.iter().any(|name| &***name == **home));
    (objects.len(), permitted.count())
}

/// Returns the groups of a role and the number of objects that match the selectors.
fn build(
    role: KubernetesRole,
    store: &Store<'_>,
    log: &mut Vec<LogLine>,
    at: Location,
) -> (Vec<TargetGroup>, usize) {
    match role {
        KubernetesRole::Node => {
            let selected: Vec<_> = store.nodes().collect();
            let groups = selected.iter().filter_map(|node| {
                let group = node::group(node);
                if group.is_none() {
                    let message = "No node address found err=\"host address unknown\"".into();
                    log.push(LogLine { level: LogLevel::Warn, message, at: Some(at) });
                }
                group
            });
            (groups.collect(), selected.len())
        }
        KubernetesRole::Pod => counted(store.pods().map(|pod| pod::group(pod, store))),
        KubernetesRole::Service => {
            counted(store.services().map(|service| service::group(service, store)))
        }
        KubernetesRole::Endpoints => {
            counted(store.endpoints().map(|endpoints| endpoints::group(endpoints, store)))
        }
        KubernetesRole::EndpointSlice => {
            counted(store.endpoint_slices().map(|slice| endpointslice::group(slice, store)))
        }
        KubernetesRole::Ingress => {
            counted(store.ingresses().map(|ingress| ingress::group(ingress, store)))
        }
    }
}

fn counted(groups: impl Iterator<Item = TargetGroup>) -> (Vec<TargetGroup>, usize) {
    let groups: Vec<TargetGroup> = groups.collect();
    let count = groups.len();
    (groups, count)
}

/// Returns the namespaces of an entry; an empty list means all. Returns None if discovery does not
/// start.
fn namespaces(
    config: &KubernetesSdConfig,
    environment: &Environment<'_>,
    log: &mut Vec<LogLine>,
    at: Location,
) -> Option<Vec<Arc<str>>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for name in &config.namespaces {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    if config.own_namespace {
        let Some(own) = environment.own_namespace else {
            let message = "could not determine the pod's namespace: open \
                           /var/run/secrets/kubernetes.io/serviceaccount/namespace: \
                           no such file or directory"
                .into();
            log.push(LogLine { level: LogLevel::Error, message, at: Some(at) });
            return None;
        };
        if !names.iter().any(|name| &**name == own) {
            names.push(own.into());
        }
    }
    Some(names)
}

/// Returns true if a kind may be listed, and logs what is forbidden. A forbidden `watch` is only
/// logged, because the list succeeds before.
fn may_list(
    kind: Kind,
    scope: Option<&str>,
    access: &dyn Access,
    at: Location,
    log: &mut Vec<LogLine>,
) -> bool {
    let scope = if kind.is_namespaced() { scope } else { None };
    let refused = ["list", "watch"].into_iter().find(|verb| !access.allows(verb, kind, scope));
    if let Some(verb) = refused {
        let message = forbidden(access.user(), verb, kind, scope);
        log.push(LogLine { level: LogLevel::Error, message, at: Some(at) });
    }
    refused != Some("list")
}

/// The log message of client-go for a forbidden request.
fn forbidden(user: &str, verb: &str, kind: Kind, scope: Option<&str>) -> String {
    let answer = rbac::forbidden(user, rbac::Request::of(kind, verb, scope));
    format!("failed to {verb} *v1.{kind}: {answer}")
}

impl Counts {
    /// The counts of a mechanism that selects all its entries.
    pub(super) fn of_targets(targets: usize) -> Self {
        Self { objects: targets, permitted: targets, in_role: targets, selected: targets, targets }
    }
}

#[cfg(test)]
mod tests;
