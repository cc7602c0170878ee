//! Workloads with more replicas than the simulation runs.

use super::{CheckContext, place};
use crate::controllers::MAX_PODS;
use text::{Applicability, Code, Diagnostic, Fix};

pub(super) const CODES: &[Code] = &[Code {
    code: "pods-left-out",
    title: "More pods than are simulated",
    doc: "This page creates at most 5,000 pods for the workloads of a cluster, so that it stays fast. Pods beyond that are missing wherever pods are shown: in the cluster, behind Services, and in the target table, where a real Prometheus would list them too.",
    example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 6000\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: web}]}\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for (owner, count) in &context.state.left_out {
        let workload = context.cluster().workload(owner.kind, &owner.namespace, &owner.name);
        let Some(workload) = workload else { continue };
        let replicas = workload.replicas.and_then(|replicas| replicas.at);
        let at = replicas.unwrap_or(place(&**workload));
        let (kind, name) = (owner.kind, &owner.name);
        let message = format!("{count} pods of {kind} {name} are left out");
        let mut diagnostic = Diagnostic::info("pods-left-out", at, message)
            .with_help(format!("A cluster is simulated with {MAX_PODS} pods at most."));
        let made = context.state.replicas.values().filter(|(one, _)| one == owner).count();
        if let Some(at) = replicas.filter(|_| made > 0) {
            let title = format!("Ask for {made} pods");
            let fix = Fix::replace(title, Applicability::Suggestion, at, made.to_string());
            diagnostic.fixes.push(fix);
        }
        found.push(diagnostic);
    }
}
