//! Role `ingress`. Source: prometheus discovery/kubernetes/ingress.go.

use super::labels::{META, NAMESPACE, add_namespace_labels, add_object_labels};
use super::store::Store;
use crate::{GroupTarget, MetaLabels, TargetGroup};
use kubernetes::objects::{Ingress, IngressRule, Resource};

/// Returns one target for each path of each rule.
pub(super) fn group(ingress: &Ingress, store: &Store<'_>) -> TargetGroup {
    let meta = &ingress.meta;
    let mut shared = MetaLabels::default();
    shared.set(NAMESPACE, meta.namespace.value.clone(), meta.namespace.at);
    if let Some(class) = &ingress.class_name {
        shared.set(format!("{META}ingress_class_name"), class.value.clone(), class.at);
    }
    add_object_labels(&mut shared, meta, "ingress");
    if store.attach_namespace {
        add_namespace_labels(&mut shared, store, &meta.namespace.value);
    }
    let targets = ingress.rules.iter().flat_map(|rule| {
        let secure = ingress.tls_hosts.iter().any(|host| covers(&host.value, &rule.host.value));
        targets_of(rule, if secure { "https" } else { "http" }).into_iter().map(|labels| {
            GroupTarget {
                labels,
                object: Some(ingress.reference()),
                at: rule.location.or(meta.place()),
            }
        })
    });
    TargetGroup {
        source: format!("ingress/{}/{}", meta.namespace.value, meta.name.value).into(),
        labels: shared,
        targets: targets.collect(),
    }
}

fn targets_of(rule: &IngressRule, scheme: &'static str) -> Vec<MetaLabels> {
    let target = |path: &str, at| {
        let mut labels = MetaLabels::default();
        let host = &rule.host;
        labels.set("__address__", host.value.clone(), host.at);
        labels.set(format!("{META}ingress_scheme"), scheme, None);
        labels.set(format!("{META}ingress_host"), host.value.clone(), host.at);
        let path = if path.is_empty() { "/" } else { path };
        labels.set(format!("{META}ingress_path"), path, at);
        labels
    };
    match &rule.paths {
        None => vec![target("/", None)],
        Some(paths) => paths.iter().map(|path| target(&path.path.value, path.path.at)).collect(),
    }
}

/// Returns true if a host of `tls` matches: equal, or a wildcard for one label.
fn covers(pattern: &str, host: &str) -> bool {
    if pattern == host {
        return true;
    }
    match (pattern.strip_prefix("*."), host.split_once('.')) {
        (Some(pattern), Some((_, host))) => pattern == host,
        _ => pattern == "*" && !host.contains('.'),
    }
}
