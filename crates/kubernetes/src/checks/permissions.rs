//! Discovery roles whose objects the ServiceAccount may not list or watch.

use super::{CheckContext, RoleDependency, column, insert_lines};
use crate::objects::{Kind, Text};
use crate::prometheus::Instance;
use crate::rbac::{self, Account, DISCOVERY_VERBS, Request};
use text::{Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[Code {
    code: "discovery-forbidden",
    title: "Discovery that the ServiceAccount is not allowed",
    doc: "kubernetes_sd_configs lists and watches objects with the rights of the pod's ServiceAccount. What no rule of a role allows is forbidden: Prometheus logs `… is forbidden: User \"system:serviceaccount:…\" cannot list resource …`, finds no targets, and shows an empty pool.\n\nRole endpoints needs endpoints, services and pods; role endpointslice needs `endpointslices` of the group `discovery.k8s.io`, which the widely copied example leaves out. Without `namespaces` the list is for the whole cluster, which only a ClusterRole with a ClusterRoleBinding allows.",
    example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata:\n  prometheus.yml: |\n    scrape_configs:\n      - job_name: slices\n        kubernetes_sd_configs:\n          - role: endpointslice\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: prometheus}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: prometheus\nrules:\n  - apiGroups: ['']\n    resources: [nodes, services, endpoints, pods]\n    verbs: [get, list, watch]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: prometheus}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: prometheus}\nsubjects: [{kind: ServiceAccount, name: prometheus, namespace: default}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec:\n      serviceAccountName: prometheus\n      containers: [{name: prometheus, image: prom/prometheus, volumeMounts: [{name: config, mountPath: /etc/prometheus}]}]\n      volumes: [{name: config, configMap: {name: config}}]\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for dependencies in context.dependencies {
        let Some(instance) = context.instances.get(dependencies.instance) else { continue };
        for role in &dependencies.roles {
            found.extend(finding(context, instance, role));
        }
    }
}

/// Returns the kinds, each with a namespace or for the whole cluster, that the account may not list
/// and watch.
fn missing_permissions<'n>(
    context: &CheckContext<'_>,
    account: Account<'_>,
    need: &'n RoleDependency,
) -> Vec<(Kind, Option<&'n Text>)> {
    let scopes = |kind: Kind| -> Vec<Option<&'n Text>> {
        if need.namespaces.is_empty() || !kind.is_namespaced() {
            vec![None]
        } else {
            need.namespaces.iter().map(Some).collect()
        }
    };
    let allowed = |kind: Kind, scope: Option<&Text>| {
        let namespace = scope.map(|one| &**one);
        DISCOVERY_VERBS.iter().all(|verb| {
            let request = Request::of(kind, verb, namespace);
            rbac::allowed(context.cluster(), account, request).is_some()
        })
    };
    let asked =
        need.kinds.iter().flat_map(|kind| scopes(*kind).into_iter().map(|one| (*kind, one)));
    asked.filter(|(kind, scope)| !allowed(*kind, *scope)).collect()
}

fn finding(
    context: &CheckContext<'_>,
    instance: &Instance,
    need: &RoleDependency,
) -> Option<Diagnostic> {
    let cluster = context.cluster();
    let account = Account { namespace: &instance.namespace, name: &instance.service_account };
    let missing = missing_permissions(context, account, need);
    let (first, scope) = *missing.first()?;
    let verb = DISCOVERY_VERBS
        .into_iter()
        .find(|verb| {
            let request = Request::of(first, verb, scope.map(|one| &**one));
            rbac::allowed(cluster, account, request).is_none()
        })
        .unwrap_or("list");
    let request = Request::of(first, verb, scope.map(|one| &**one));
    let names: Vec<&str> = missing.iter().map(|(kind, _)| kind.resource()).collect();
    let mut help = format!(
        "Role {} needs {}. Prometheus logs this repeatedly, and job {} finds no targets.",
        need.role,
        names.join(", "),
        need.job
    );
    let mut roles = rbac::roles_of(cluster, account).peekable();
    if roles.peek().is_none() {
        help.push_str(&format!(
            " No binding names the ServiceAccount {}/{}.",
            account.namespace, account.name
        ));
    }
    let mut diagnostic = Diagnostic::warning(
        "discovery-forbidden",
        need.at,
        rbac::forbidden(&account.user(), request),
    )
    .with_help(help);
    for (binding, role) in roles {
        diagnostic = diagnostic
            .with_related(binding.meta.name_place(), "this binding gives the account its rights");
        let everywhere = binding.kind == Kind::ClusterRoleBinding;
        let in_scope =
            everywhere || scope.is_some_and(|scope| *scope == binding.meta.namespace.value);
        if let Some(role) = role.filter(|_| in_scope && diagnostic.fixes.is_empty()) {
            diagnostic.fixes.extend(grant(context, role, &missing));
        }
    }
    if let Some(at) = instance.service_account.at {
        diagnostic = diagnostic.with_related(at, "the ServiceAccount");
    }
    Some(diagnostic)
}

/// Returns a fix that appends a rule with the missing permissions to the role.
fn grant(
    context: &CheckContext<'_>,
    role: &crate::objects::Role,
    missing: &[(Kind, Option<&Text>)],
) -> Option<Fix> {
    let last = role.rules.last()?.location?;
    let text = (context.text)(last.file)?;
    // Flow style is not edited.
    if last.span.slice(text).starts_with('{') {
        return None;
    }
    let indent = column(context, last)?.checked_sub(2)?;
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (kind, _) in missing {
        let (group, resource) = (kind.api_group(), kind.resource());
        match groups.iter_mut().find(|(one, _)| *one == group) {
            Some((_, resources)) if resources.contains(&resource) => {}
            Some((_, resources)) => resources.push(resource),
            None => groups.push((group, vec![resource])),
        }
    }
    let mut lines = Vec::new();
    for (group, resources) in &groups {
        let group = if group.is_empty() { "''" } else { group };
        lines.push(format!("- apiGroups: [{group}]"));
        lines.push(format!("  resources: [{}]", resources.join(", ")));
        lines.push("  verbs: [get, list, watch]".to_owned());
    }
    let resources: Vec<&str> = groups.into_iter().flat_map(|(_, resources)| resources).collect();
    let title = format!("Allow {} in {} {}", resources.join(", "), role.kind, role.meta.name.value);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    insert_lines(context, title, last, indent, &lines)
}
