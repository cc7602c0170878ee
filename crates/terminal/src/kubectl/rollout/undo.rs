//! `kubectl rollout undo`: the way back to a revision.
//!
//! Source: kubectl pkg/cmd/rollout/rollout_undo.go, pkg/polymorphichelpers/rollback.go.

use cluster::apiserver::PatchType;
use go::quote::quote;
use kubernetes::object::{Value, parse_json};

use super::super::builder::Target;
use super::super::describe;
use super::super::errors::Failure;
use super::super::flags::Arguments;
use super::super::output::{DryRun, print_object};
use super::super::{Kubectl, Session};
use super::history::{self, Revision, revisions};

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const HASH_LABEL: &str = "pod-template-hash";

/// Annotations of a Deployment that stay as they are. Source: annotationsToSkip.
const KEPT: &[&str] = &[
    LAST_APPLIED,
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

impl Kubectl<'_> {
    /// `kubectl rollout undo`.
    pub(super) fn rollout_undo(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let (targets, mut failures) = match self.workloads(arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        let wanted = arguments.int("to-revision").unwrap_or_default();
        for target in targets {
            let done = self.undo(&target, wanted, dry_run, session);
            let printed = done.and_then(|done| {
                let operation = format!("{done}{}", dry_run.suffix());
                print_object(arguments, session, target.kind, &target.object, &operation)
            });
            failures.extend(printed.err());
        }
        failures
    }

    /// Rolls one workload back. Returns what was done.
    fn undo(
        &mut self,
        target: &Target,
        wanted: i64,
        dry_run: DryRun,
        session: &mut Session,
    ) -> Result<String, Failure> {
        let kind = target.kind;
        if !matches!(kind.kind, "Deployment" | "DaemonSet" | "StatefulSet") {
            let dot = if kind.group.is_empty() { "" } else { "." };
            let message = format!(
                "no rollbacker has been implemented for \"{}{dot}{}\"",
                kind.kind, kind.group
            );
            return Err(Failure::Plain(message));
        }
        if target.object["metadata"]["annotations"].has(LAST_APPLIED) {
            session.note(&format!(
                "Warning: resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
                kind.plural, target.name
            ));
        }
        let known = revisions(self.server, target).map_err(Failure::Plain)?;
        let revision = chosen(target, &known, wanted).map_err(Failure::Plain)?;
        if dry_run == DryRun::Client {
            return Ok(describe::pod_template(&revision.template(target)));
        }
        if target.object["spec"].bool("paused") {
            let message = "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again";
            return Err(Failure::Plain(message.to_owned()));
        }
        if matches(target, revision) {
            return Ok(format!(
                "skipped rollback (current template already matches revision {wanted})"
            ));
        }
        let (ty, patch) = match kind.kind {
            "Deployment" => (PatchType::Json, deployment_patch(target, revision)),
            _ => (PatchType::Strategic, revision.object["data"].clone()),
        };
        match self.send_patch(target, ty, &patch, dry_run) {
            Ok(accepted) => {
                session.warn(&accepted.warnings);
                Ok("rolled back".to_owned())
            }
            Err(status) => {
                session.warn(&status.warnings);
                let message = status.message;
                Err(Failure::Plain(format!("failed restoring revision {wanted}: {message}")))
            }
        }
    }
}

/// The revision that is wanted; the one before the newest if the number is 0.
fn chosen<'a>(
    target: &Target,
    revisions: &'a [Revision],
    wanted: i64,
) -> Result<&'a Revision, String> {
    if wanted != 0 {
        let found = revisions.iter().find(|revision| revision.number == wanted);
        return found.ok_or(format!("unable to find specified revision {wanted} in history"));
    }
    let before = revisions.len().checked_sub(2).and_then(|at| revisions.get(at));
    before.ok_or_else(|| match target.kind.kind {
        "Deployment" => {
            format!("no rollout history found for deployment {}", quote(&target.name))
        }
        _ => "no last revision to roll back to".to_owned(),
    })
}

/// Returns true if the workload is as it was in the revision.
fn matches(target: &Target, revision: &Revision) -> bool {
    let current = &target.object["spec"]["template"];
    match target.kind.kind {
        "Deployment" => without_hash(&revision.object["spec"]["template"]) == without_hash(current),
        _ => history::applied(target, &revision.object["data"])["spec"]["template"] == *current,
    }
}

fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    if template["metadata"].has("labels") {
        template.entry_at(&["metadata", "labels"]).remove(HASH_LABEL);
    }
    template
}

/// Puts the template and the annotations of a ReplicaSet back into its Deployment.
fn deployment_patch(target: &Target, revision: &Revision) -> Value {
    let mut annotations = Value::map();
    for (key, value) in target.object["metadata"].entries("annotations") {
        if KEPT.contains(&&**key) {
            annotations.set(key, value.clone());
        }
    }
    for (key, value) in revision.object["metadata"].entries("annotations") {
        if !KEPT.contains(&&**key) {
            annotations.set(key, value.clone());
        }
    }
    let mut patch = parse_json(
        r#"[{"op":"replace","path":"/spec/template"},{"op":"replace","path":"/metadata/annotations"}]"#,
    )
    .unwrap_or_default();
    let values = [without_hash(&revision.object["spec"]["template"]), annotations];
    for (operation, value) in patch.list_mut().iter_mut().zip(values) {
        operation.set("value", value);
    }
    patch
}
