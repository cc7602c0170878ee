//! `kubectl rollout status`: waits for a rollout and says what is missing.
//!
//! Source: kubectl pkg/cmd/rollout/rollout_status.go, pkg/polymorphichelpers/rollout_status.go.

use cluster::ApiServer;
use go::quote::quote;
use kubernetes::object::Value;

use super::super::builder::Target;
use super::super::errors::Failure;
use super::super::flags::Arguments;
use super::super::process::{Deadline, Poll, Waiting};
use super::super::{Kubectl, Session, plain};

/// A wait for the rollouts of workloads, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub deadline: Deadline,
    limit: Option<i64>,
    revision: i64,
    /// False if each state is reported once.
    watch: bool,
    targets: Vec<Target>,
    /// The version of the first one that was reported last.
    told: String,
    failures: Vec<Failure>,
}

/// A line about a rollout, and whether it is at its end.
type Told = Result<(String, bool), String>;

impl Kubectl<'_> {
    /// `kubectl rollout status`.
    pub(super) fn rollout_status(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let revision = arguments.int("revision").unwrap_or_default();
        if revision < 0 {
            return plain(format!("revision must be a positive integer: {revision}"));
        }
        let (targets, failures) = match self.workloads(arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        if targets.is_empty() {
            if failures.is_empty() {
                let namespace = self.context(arguments);
                session.note(&format!("No resources found in {namespace} namespace."));
            }
            return failures;
        }
        let limit = arguments.millis("timeout").filter(|limit| *limit > 0);
        let watch = arguments.switch("watch", true);
        session.waiting = Some(Waiting::RolloutStatus(Watch {
            deadline: Deadline::new(limit),
            limit,
            revision,
            watch,
            targets,
            told: String::new(),
            failures,
        }));
        Vec::new()
    }
}

impl Watch {
    /// Prints the state of a workload each time that it has changed.
    pub fn poll(&mut self, server: &mut ApiServer, now: i64, session: &mut Session) -> Poll {
        while let Some(target) = self.targets.first() {
            let found = server.get(target.kind, &target.namespace, &target.name);
            let uid = target.object["metadata"].str("uid");
            let Some(object) = found.ok().filter(|one| one["metadata"].str("uid") == uid) else {
                return Poll::Ended(plain("object has been deleted"));
            };
            let version = object["metadata"].str("resourceVersion");
            if version != self.told {
                self.told = version.to_owned();
                match told(target.kind.kind, &object, self.revision) {
                    Ok((line, done)) => {
                        session.print(&line);
                        if done || !self.watch {
                            self.targets.remove(0);
                            self.told.clear();
                            self.deadline = Deadline::new(self.limit);
                            continue;
                        }
                    }
                    Err(message) => return Poll::Ended(plain(message)),
                }
            }
            if self.deadline.passed(now) {
                return Poll::Ended(plain("timed out waiting for the condition"));
            }
            return Poll::Pending;
        }
        Poll::Ended(std::mem::take(&mut self.failures))
    }
}

/// The line for the state of a workload.
fn told(kind: &str, object: &Value, revision: i64) -> Told {
    match kind {
        "Deployment" => deployment(object, revision),
        "DaemonSet" => daemon_set(object),
        "StatefulSet" => stateful_set(object),
        other => Err(format!(
            "no status viewer has been implemented for {}",
            resource_kind(other, object.str("apiVersion"))
        )),
    }
}

/// A kind with its group: `ReplicaSet.apps`.
fn resource_kind(kind: &str, api_version: &str) -> String {
    match api_version.split_once('/') {
        Some((group, _)) => format!("{kind}.{group}"),
        None => kind.to_owned(),
    }
}

fn waiting(line: String) -> Told {
    Ok((line, false))
}

fn deployment(object: &Value, revision: i64) -> Told {
    let (metadata, spec, status) = (&object["metadata"], &object["spec"], &object["status"]);
    if revision > 0 {
        let text = metadata["annotations"].str("deployment.kubernetes.io/revision");
        let running: i64 = text.parse().unwrap_or_default();
        if running != revision {
            return Err(format!(
                "desired revision ({revision}) is different from the running revision ({running})"
            ));
        }
    }
    let name = quote(metadata.str("name"));
    if metadata.int("generation") > status.int("observedGeneration") {
        return waiting("Waiting for deployment spec update to be observed...".to_owned());
    }
    let timed_out = |one: &Value| {
        one.str("type") == "Progressing" && one.str("reason") == "ProgressDeadlineExceeded"
    };
    if status.list("conditions").iter().any(timed_out) {
        return Err(format!("deployment {name} exceeded its progress deadline"));
    }
    let (wanted, updated) = (spec.int("replicas"), status.int("updatedReplicas"));
    let (all, available) = (status.int("replicas"), status.int("availableReplicas"));
    let head = format!("Waiting for deployment {name} rollout to finish:");
    if updated < wanted {
        return waiting(format!(
            "{head} {updated} out of {wanted} new replicas have been updated..."
        ));
    }
    if all > updated {
        return waiting(format!(
            "{head} {} old replicas are pending termination...",
            all - updated
        ));
    }
    if available < updated {
        return waiting(format!(
            "{head} {available} of {updated} updated replicas are available..."
        ));
    }
    Ok((format!("deployment {name} successfully rolled out"), true))
}

/// Only rolling updates have a status.
fn rolls(object: &Value) -> Result<(), String> {
    match object["spec"]["updateStrategy"].str("type") {
        "RollingUpdate" => Ok(()),
        _ => Err("rollout status is only available for RollingUpdate strategy type".to_owned()),
    }
}

fn daemon_set(object: &Value) -> Told {
    rolls(object)?;
    let (metadata, status) = (&object["metadata"], &object["status"]);
    let name = quote(metadata.str("name"));
    if metadata.int("generation") > status.int("observedGeneration") {
        return waiting("Waiting for daemon set spec update to be observed...".to_owned());
    }
    let (wanted, updated) =
        (status.int("desiredNumberScheduled"), status.int("updatedNumberScheduled"));
    let available = status.int("numberAvailable");
    let head = format!("Waiting for daemon set {name} rollout to finish:");
    if updated < wanted {
        return waiting(format!("{head} {updated} out of {wanted} new pods have been updated..."));
    }
    if available < wanted {
        return waiting(format!("{head} {available} of {wanted} updated pods are available..."));
    }
    Ok((format!("daemon set {name} successfully rolled out"), true))
}

fn stateful_set(object: &Value) -> Told {
    rolls(object)?;
    let (metadata, spec, status) = (&object["metadata"], &object["spec"], &object["status"]);
    let observed = status.int("observedGeneration");
    if observed == 0 || metadata.int("generation") > observed {
        return waiting("Waiting for statefulset spec update to be observed...".to_owned());
    }
    let (wanted, ready) = (spec.int("replicas"), status.int("readyReplicas"));
    if ready < wanted {
        return waiting(format!("Waiting for {} pods to be ready...", wanted - ready));
    }
    let updated = status.int("updatedReplicas");
    let rolling = &spec["updateStrategy"]["rollingUpdate"];
    if !rolling.is_null() {
        let share = wanted - rolling.int("partition");
        if rolling.has("partition") && updated < share {
            return waiting(format!(
                "Waiting for partitioned roll out to finish: {updated} out of {share} new pods have been updated..."
            ));
        }
        let line =
            format!("partitioned roll out complete: {updated} new pods have been updated...");
        return Ok((line, true));
    }
    let revision = status.str("updateRevision");
    if revision != status.str("currentRevision") {
        return waiting(format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {revision}..."
        ));
    }
    let current = status.int("currentReplicas");
    let line =
        format!("statefulset rolling update complete {current} pods at revision {revision}...");
    Ok((line, true))
}
