//! A ServiceAccount that does not exist.

use super::{CheckContext, nearest};
use go::quote::quote;
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[Code {
    code: "service-account-missing",
    title: "A ServiceAccount that does not exist",
    doc: "The API server refuses to create pods whose ServiceAccount does not exist in their namespace. No pod appears at all, not even a pending one; only the events of the ReplicaSet show the reason: `error looking up service account`.",
    example: "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: prometheus}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {serviceAccountName: promethues, containers: [{name: web, image: web}]}\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for (meta, spec) in context.pod_specs() {
        let namespace = &*meta.namespace.value;
        let account = &spec.service_account_name;
        let accounts = &context.cluster().service_accounts;
        if accounts.get(namespace, account).is_some() {
            continue;
        }
        let at = account.at.unwrap_or(meta.location);
        let message = format!("serviceaccount {} not found", quote(account));
        let mut diagnostic = Diagnostic::error("service-account-missing", at, message)
            .with_help(format!("No pod of {} is created at all.", meta.name.value));
        let elsewhere = accounts.iter().find(|one| one.meta.name.value == account.value);
        if let Some(other) = elsewhere {
            let place = format!("one of this name is in namespace {}", other.meta.namespace.value);
            diagnostic = diagnostic.with_related(other.meta.name_place(), place);
        }
        let names = accounts.in_namespace(namespace).map(|one| &*one.meta.name.value);
        let near = nearest(account, names.filter(|name| *name != "default"));
        if let (Some(near), Some(at)) = (near, account.at) {
            diagnostic = diagnostic.with_fix(Fix::replace(
                format!("Use the ServiceAccount {near}"),
                Applicability::Suggestion,
                at,
                near,
            ));
        }
        found.push(diagnostic);
    }
}
