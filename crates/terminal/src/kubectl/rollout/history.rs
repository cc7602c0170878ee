//! `kubectl rollout history`: the revisions of workloads.
//!
//! A Deployment keeps its revisions as ReplicaSets; a DaemonSet and a StatefulSet keep them as
//! ControllerRevisions.
//!
//! Source: kubectl pkg/cmd/rollout/rollout_history.go, pkg/polymorphichelpers/history.go.

use cluster::ApiServer;
use kubernetes::kinds;
use kubernetes::merge;
use kubernetes::object::Value;

use super::super::builder::Target;
use super::super::describe;
use super::super::errors::Failure;
use super::super::flags::Arguments;
use super::super::output::print_object;
use super::super::{Kubectl, Session, plain};

/// A revision of a workload.
#[derive(Clone, Debug)]
pub(super) struct Revision {
    pub number: i64,
    /// The ReplicaSet or the ControllerRevision.
    pub object: Value,
}

impl Revision {
    /// The change cause of the revision; `<none>` if it has none.
    fn cause(&self) -> &str {
        let cause = self.object["metadata"]["annotations"].str(super::CHANGE_CAUSE);
        if cause.is_empty() { "<none>" } else { cause }
    }

    /// The pod template of the revision of a workload.
    pub fn template(&self, workload: &Target) -> Value {
        let mut template = match workload.kind.kind {
            "Deployment" => self.object["spec"]["template"].clone(),
            _ => applied(workload, &self.object["data"])["spec"]["template"].clone(),
        };
        let cause = self.object["metadata"]["annotations"].str(super::CHANGE_CAUSE);
        if workload.kind.kind == "Deployment" && !cause.is_empty() {
            template.entry_at(&["metadata", "annotations"]).set(super::CHANGE_CAUSE, cause);
        }
        template
    }
}

/// The workload after the patch that a ControllerRevision holds.
pub(super) fn applied(workload: &Target, data: &Value) -> Value {
    let object = workload.object.as_map().cloned().unwrap_or_default();
    let mut patch = data.as_map().cloned().unwrap_or_default();
    let merged = merge::strategic_merge(&object, &mut patch, workload.kind.type_id());
    merged.map_or_else(|_| workload.object.clone(), Into::into)
}

/// The revisions of a workload by number. The error is for kinds without revisions.
pub(super) fn revisions(server: &ApiServer, workload: &Target) -> Result<Vec<Revision>, String> {
    let (version, kind) = match workload.kind.kind {
        "Deployment" => ("apps/v1", "ReplicaSet"),
        "DaemonSet" | "StatefulSet" => ("apps/v1", "ControllerRevision"),
        other => {
            let group = &workload.kind.group;
            return Err(format!("no history viewer has been implemented for {other}.{group}"));
        }
    };
    let Some(row) = kinds::find(version, kind) else { return Ok(Vec::new()) };
    let uid = workload.object["metadata"].str("uid");
    let owned = |object: &Value| {
        let owners = object["metadata"].list("ownerReferences");
        owners.iter().any(|owner| owner.bool("controller") && owner.str("uid") == uid)
    };
    let number = |object: &Value| match kind {
        "ControllerRevision" => Some(object.int("revision")),
        _ => {
            let annotations = &object["metadata"]["annotations"];
            annotations.str("deployment.kubernetes.io/revision").parse().ok()
        }
    };
    let objects = server.storage.list(row.group, row.kind, &workload.namespace);
    let mut revisions: Vec<Revision> = objects
        .filter(|(_, object)| owned(object))
        .filter_map(|(_, object)| {
            Some(Revision { number: number(object)?, object: object.clone() })
        })
        .collect();
    revisions.sort_by_key(|revision| revision.number);
    Ok(revisions)
}

impl Kubectl<'_> {
    /// `kubectl rollout history`.
    pub(super) fn rollout_history(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let wanted = arguments.int("revision").unwrap_or_default();
        if wanted < 0 {
            return plain(format!("revision must be a positive integer: {wanted}"));
        }
        let (targets, mut failures) = match self.workloads(arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        for target in targets {
            let shown = revisions(self.server, &target)
                .and_then(|revisions| match arguments.given("output") {
                    true => Ok(objects(revisions, wanted)),
                    false => table(&target, &revisions, wanted).map(|shown| vec![shown]),
                })
                .map_err(Failure::Plain);
            let printed = shown.and_then(|list| {
                for shown in list {
                    match shown {
                        Shown::Object(object) => {
                            print_object(arguments, session, target.kind, &object, "")?;
                        }
                        Shown::Text(text) => session.print(&text),
                    }
                }
                Ok(())
            });
            failures.extend(printed.err());
        }
        failures
    }
}

/// The output about a workload.
enum Shown {
    Text(String),
    Object(Box<Value>),
}

/// The objects of all revisions, or of one.
fn objects(revisions: Vec<Revision>, wanted: i64) -> Vec<Shown> {
    let chosen = revisions.into_iter().filter(|one| wanted == 0 || one.number == wanted);
    chosen.map(|one| Shown::Object(Box::new(one.object))).collect()
}

/// The table of revisions, or the template of one.
fn table(target: &Target, revisions: &[Revision], wanted: i64) -> Result<Shown, String> {
    let name = target.shown();
    if revisions.is_empty() {
        return Ok(Shown::Text(format!("{name} \nNo rollout history found.")));
    }
    if wanted > 0 {
        let found = revisions.iter().find(|revision| revision.number == wanted);
        let revision = found.ok_or("unable to find the specified revision")?;
        let template = describe::pod_template(&revision.template(target));
        return Ok(Shown::Text(format!("{name} with revision #{wanted}\n{template}")));
    }
    let width = revisions.iter().map(|one| one.number.to_string().len() + 2).max();
    let width = width.unwrap_or_default().max("REVISION  ".len());
    let mut text = format!("{name} \n{:width$}CHANGE-CAUSE\n", "REVISION");
    for revision in revisions {
        text.push_str(&format!("{:<width$}{}\n", revision.number, revision.cause()));
    }
    Ok(Shown::Text(text))
}
