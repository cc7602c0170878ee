//! RBAC: permissions of a ServiceAccount, the rule that grants them, and the error of the API
//! server.

use super::cluster::Cluster;
use super::objects::{Kind, ObjectRef, PolicyRule, Resource, Role, RoleBinding};
use go::quote::quote;
use text::Location;

/// A ServiceAccount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    pub namespace: &'a str,
    pub name: &'a str,
}

/// A request to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    pub verb: &'a str,
    /// The API group; empty for the core group.
    pub api_group: &'a str,
    /// The resource, with subresource: `nodes/metrics`.
    pub resource: &'a str,
    /// The name of the object. None for requests for all objects, such as `list`.
    pub name: Option<&'a str>,
    /// The namespace. None for all namespaces and for cluster-scoped kinds.
    pub namespace: Option<&'a str>,
}

impl Account<'_> {
    /// Returns the user name: `system:serviceaccount:NAMESPACE:NAME`.
    pub fn user(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }
}

impl<'a> Request<'a> {
    pub fn of(kind: Kind, verb: &'a str, namespace: Option<&'a str>) -> Self {
        let (api_group, resource) = (kind.api_group(), kind.resource());
        Self { verb, api_group, resource, name: None, namespace }
    }

    /// A `get` request for a subresource of a node: `nodes/metrics`.
    pub fn of_node(resource: &'a str, node: &'a str) -> Self {
        Self { verb: "get", api_group: "", resource, name: Some(node), namespace: None }
    }
}

/// The rule that allows a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    pub binding: ObjectRef,
    pub role: ObjectRef,
    /// The location of the rule.
    pub at: Option<Location>,
}

/// Built-in ClusterRoles that allow reading discovered objects.
const BUILT_IN: &[&str] = &["cluster-admin", "admin", "edit", "view"];

/// The built-in ClusterRole with access to the kubelet API.
const KUBELET_ADMIN: &str = "system:kubelet-api-admin";

/// The built-in ClusterRole for monitoring.
const MONITORING: &str = "system:monitoring";

/// Paths that [`MONITORING`] allows.
const MONITORED: &[&str] = &[
    "/healthz",
    "/healthz/*",
    "/livez",
    "/livez/*",
    "/metrics",
    "/metrics/slis",
    "/readyz",
    "/readyz/*",
];

/// Returns the rule that allows a request. Returns None if it is forbidden. A Role does not allow
/// requests for all namespaces.
///
/// Source: Kubernetes plugin/pkg/auth/authorizer/rbac.
pub fn allowed(cluster: &Cluster, account: Account<'_>, request: Request<'_>) -> Option<Grant> {
    let mut bindings = bindings_of(cluster, account).filter(|binding| {
        let home = &*binding.meta.namespace.value;
        binding.kind == Kind::ClusterRoleBinding || request.namespace == Some(home)
    });
    bindings.find_map(|binding| by_role(cluster, binding, request))
}

/// Returns true if the account may read a non-resource URL of the API server: `/metrics`. Only
/// ClusterRoleBindings apply; an asterisk at the end matches any suffix.
///
/// Source: Kubernetes plugin/pkg/auth/authorizer/rbac.
pub fn path_allowed(cluster: &Cluster, account: Account<'_>, path: &str) -> bool {
    let covers = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => path.starts_with(prefix),
        None => path == pattern,
    };
    let mut bindings =
        bindings_of(cluster, account).filter(|binding| binding.kind == Kind::ClusterRoleBinding);
    bindings.any(|binding| {
        let name = &*binding.role_name.value;
        let Some(role) = cluster.roles.get_kind(Kind::ClusterRole, "", name) else {
            return name == "cluster-admin"
                || name == MONITORING && MONITORED.iter().any(|pattern| covers(pattern));
        };
        rules(cluster, role).into_iter().any(|rule| {
            let gets = rule.verbs.iter().any(|verb| matches!(&*verb.value, "get" | "*"));
            gets && rule.non_resource_urls.iter().any(|pattern| covers(&pattern.value))
        })
    })
}

fn bindings_of<'a>(
    cluster: &'a Cluster,
    account: Account<'a>,
) -> impl Iterator<Item = &'a RoleBinding> {
    let mentions = move |binding: &&RoleBinding| {
        binding.subjects.iter().any(|subject| is_subject(binding, subject, account))
    };
    cluster.role_bindings.iter().map(|binding| &**binding).filter(mentions)
}

fn is_subject(
    binding: &RoleBinding,
    subject: &super::objects::Subject,
    account: Account<'_>,
) -> bool {
    let Account { namespace, name } = account;
    match &*subject.kind.value {
        "ServiceAccount" => {
            let home = if subject.namespace.value.is_empty() {
                // A ClusterRoleBinding without a namespace is invalid; in a RoleBinding the
                // namespace of the binding applies.
                &binding.meta.namespace.value
            } else {
                &subject.namespace.value
            };
            &*subject.name.value == name && &**home == namespace
        }
        "Group" => {
            let group = &*subject.name.value;
            group == "system:serviceaccounts"
                || group == "system:authenticated"
                || group.strip_prefix("system:serviceaccounts:") == Some(namespace)
        }
        "User" => *subject.name.value == *format!("system:serviceaccount:{namespace}:{name}"),
        _ => false,
    }
}

fn by_role(cluster: &Cluster, binding: &RoleBinding, request: Request<'_>) -> Option<Grant> {
    let name = &*binding.role_name.value;
    let (kind, namespace) = match &*binding.role_kind.value {
        "ClusterRole" => (Kind::ClusterRole, ""),
        "Role" => (Kind::Role, &*binding.meta.namespace.value),
        _ => return None,
    };
    let reference = ObjectRef { kind, namespace: namespace.into(), name: name.into() };
    let grant = |at| Grant { binding: binding.reference(), role: reference.clone(), at };
    let Some(role) = cluster.roles.get_kind(kind, namespace, name) else {
        return built_in(kind, name, request).then(|| grant(None));
    };
    rules(cluster, role)
        .into_iter()
        .find(|rule| rule_allows(rule, request))
        .map(|rule| grant(rule.location))
}

/// Returns true if a built-in role allows the request. `admin`, `edit` and `view` do not include
/// cluster-scoped kinds.
fn built_in(kind: Kind, name: &str, request: Request<'_>) -> bool {
    if kind == Kind::ClusterRole && name == KUBELET_ADMIN {
        return request.resource.starts_with("nodes/");
    }
    if kind != Kind::ClusterRole || !BUILT_IN.contains(&name) {
        return false;
    }
    let reads = matches!(request.verb, "get" | "list" | "watch");
    let resource = request.resource.split('/').next().unwrap_or_default();
    let cluster_wide = matches!(resource, "nodes" | "persistentvolumes" | "storageclasses");
    let secret = name == "view" && request.resource == "secrets";
    name == "cluster-admin" || reads && !cluster_wide && !secret
}

/// Returns the rules of a role, including aggregated ones.
fn rules<'a>(cluster: &'a Cluster, role: &'a Role) -> Vec<&'a PolicyRule> {
    let mut rules: Vec<&PolicyRule> = role.rules.iter().collect();
    for selector in &role.aggregation {
        for other in &cluster.roles {
            let aggregates = other.kind == Kind::ClusterRole && other.aggregation.is_empty();
            if aggregates && selector.matches(&other.meta.labels) {
                rules.extend(&other.rules);
            }
        }
    }
    rules
}

fn rule_allows(rule: &PolicyRule, request: Request<'_>) -> bool {
    let has = |list: &[super::objects::Field<super::objects::Text>], wanted: &str| {
        list.iter().any(|one| &*one.value == wanted || &*one.value == "*")
    };
    // A rule with resourceNames allows only requests for these names.
    let named = |name: &str| rule.resource_names.iter().any(|one| *one.value == *name);
    let subresource = request.resource.split_once('/').map(|(_, below)| format!("*/{below}"));
    (rule.resource_names.is_empty() || request.name.is_some_and(named))
        && has(&rule.verbs, request.verb)
        && has(&rule.api_groups, request.api_group)
        && (has(&rule.resources, request.resource)
            || subresource.is_some_and(|all| has(&rule.resources, &all)))
}

/// Returns the bindings of an account with their roles.
pub fn roles_of<'a>(
    cluster: &'a Cluster,
    account: Account<'a>,
) -> impl Iterator<Item = (&'a RoleBinding, Option<&'a Role>)> {
    cluster.role_bindings.iter().filter_map(move |binding| {
        binding.subjects.iter().find(|subject| is_subject(binding, subject, account))?;
        let (kind, namespace) = match &*binding.role_kind.value {
            "Role" => (Kind::Role, &*binding.meta.namespace.value),
            _ => (Kind::ClusterRole, ""),
        };
        let role = cluster.roles.get_kind(kind, namespace, &binding.role_name.value);
        Some((&**binding, role.map(|role| &**role)))
    })
}

/// Returns the error of the API server for a forbidden request.
pub fn forbidden(user: &str, request: Request<'_>) -> String {
    let Request { verb, api_group, resource, .. } = request;
    let scope = match request.namespace {
        Some(namespace) => format!("in the namespace {namespace}", namespace = quote(namespace)),
        None => "at the cluster scope".to_owned(),
    };
    let full =
        if api_group.is_empty() { resource.to_owned() } else { format!("{resource}.{api_group}") };
    format!(
        "{full} is forbidden: User \"{user}\" cannot {verb} resource {resource} in API group {api_group} {scope}",
        resource = quote(resource),
        api_group = quote(api_group)
    )
}

/// The verbs that a client-go reflector needs.
pub const DISCOVERY_VERBS: [&str; 2] = ["list", "watch"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_servers_words() {
        let account = Account { namespace: "default", name: "prometheus" };
        assert_eq!(
            forbidden(&account.user(), Request::of(Kind::EndpointSlice, "list", None)),
            "endpointslices.discovery.k8s.io is forbidden: User \"system:serviceaccount:default:prometheus\" cannot list resource \"endpointslices\" in API group \"discovery.k8s.io\" at the cluster scope"
        );
        assert!(
            forbidden(&account.user(), Request::of(Kind::Pod, "list", Some("shop"))).ends_with(
                "cannot list resource \"pods\" in API group \"\" in the namespace \"shop\""
            )
        );
    }

    const ROLE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: prometheus}
rules:
  - {apiGroups: [''], resources: [nodes, services, endpoints, pods], verbs: [get, list, watch]}
  - {apiGroups: [networking.k8s.io], resources: [ingresses], verbs: ['*']}
  - {apiGroups: [''], resources: [configmaps], verbs: [list], resourceNames: [one]}
  - {apiGroups: [''], resources: [nodes/metrics], verbs: [get]}
  - {apiGroups: [''], resources: ['*/proxy'], verbs: [get], resourceNames: [one]}
  - {nonResourceURLs: [/metrics, /livez/*], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: KIND
metadata: {name: prometheus}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: NAME}
subjects: [{kind: ServiceAccount, name: prometheus, namespace: SPACE}]
";

    fn may(kind: &str, name: &str, space: &str, request: Request<'_>) -> bool {
        let text = ROLE.replace("KIND", kind).replace("NAME", name).replace("SPACE", space);
        let cluster = crate::testing::manifests(&text).cluster;
        let account = Account { namespace: "default", name: "prometheus" };
        allowed(&cluster, account, request).is_some()
    }

    #[test]
    fn rules_are_found_through_bindings() {
        let everywhere = |kind| Request::of(kind, "list", None);
        let here = |kind| Request::of(kind, "watch", Some("default"));
        for (binding, role, space, request, expected) in [
            ("ClusterRoleBinding", "prometheus", "default", everywhere(Kind::Pod), true),
            ("ClusterRoleBinding", "prometheus", "default", everywhere(Kind::EndpointSlice), false),
            ("ClusterRoleBinding", "prometheus", "default", everywhere(Kind::Ingress), true),
            ("ClusterRoleBinding", "prometheus", "default", everywhere(Kind::ConfigMap), false),
            ("ClusterRoleBinding", "prometheus", "monitoring", everywhere(Kind::Pod), false),
            ("ClusterRoleBinding", "view", "default", everywhere(Kind::EndpointSlice), true),
            ("ClusterRoleBinding", "view", "default", everywhere(Kind::Node), false),
            ("ClusterRoleBinding", "cluster-admin", "default", everywhere(Kind::Node), true),
            ("ClusterRoleBinding", "nobody", "default", everywhere(Kind::Pod), false),
            ("RoleBinding", "prometheus", "default", everywhere(Kind::Pod), false),
            ("RoleBinding", "prometheus", "default", here(Kind::Pod), true),
        ] {
            assert_eq!(
                may(binding, role, space, request),
                expected,
                "{binding} {role} {request:?}"
            );
        }
    }

    #[test]
    fn nodes_and_paths_have_rules_of_their_own() {
        let bound = |name: &str| {
            let text = ROLE.replace("KIND", "ClusterRoleBinding").replace("NAME", name);
            crate::testing::manifests(&text.replace("SPACE", "default")).cluster
        };
        let account = Account { namespace: "default", name: "prometheus" };
        for (role, resource, node, expected) in [
            ("prometheus", "nodes/metrics", "any", true),
            ("prometheus", "nodes/proxy", "one", true),
            ("prometheus", "nodes/proxy", "two", false),
            ("prometheus", "nodes/log", "one", false),
            ("system:kubelet-api-admin", "nodes/log", "one", true),
            ("view", "nodes/metrics", "one", false),
        ] {
            let request = Request::of_node(resource, node);
            let found = allowed(&bound(role), account, request).is_some();
            assert_eq!(found, expected, "{role} {resource} of {node}");
        }
        for (role, path, expected) in [
            ("prometheus", "/metrics", true),
            ("prometheus", "/metrics/slis", false),
            ("prometheus", "/livez/ping", true),
            ("system:monitoring", "/metrics/slis", true),
            ("cluster-admin", "/any", true),
            ("view", "/metrics", false),
        ] {
            assert_eq!(path_allowed(&bound(role), account, path), expected, "{role} {path}");
        }
    }
}
