//! `kubectl scale`.
//!
//! Source: kubectl pkg/cmd/scale/scale.go, pkg/scale/scale.go.

use cluster::apiserver::{PatchType, Reason};
use cluster::{ApiServer, Status};
use kubernetes::kinds::Kind;
use kubernetes::object::Value;

use super::builder::Target;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object};
use super::process::{Deadline, Poll, Waiting};
use super::{Kubectl, Session, plain};

/// Flags of `scale` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("replicas", Form::Int),
    Flag::new("current-replicas", Form::Int),
    Flag::new("resource-version", Form::Text),
    Flag::new("timeout", Form::Duration),
];

/// Kinds with the subresource `scale`.
const SCALABLE: &[&str] = &["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];

/// Objects that are scaled one after the other, each when the one before has its size.
#[derive(Clone, Debug)]
pub(crate) struct Scaling {
    pub deadline: Deadline,
    limit: i64,
    arguments: Arguments,
    replicas: i64,
    /// The first one has been scaled.
    targets: Vec<Target>,
    failures: Vec<Failure>,
}

impl Kubectl<'_> {
    /// `kubectl scale`.
    pub(super) fn scale(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let replicas = arguments.int("replicas").unwrap_or(-1);
        if let Some(message) = mistake(replicas, arguments) {
            return plain(message);
        }
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let (targets, failures) = match self.targets(&arguments.words, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        if targets.is_empty() {
            return match failures.is_empty() {
                true => plain("no objects passed to scale"),
                false => failures,
            };
        }
        if targets.len() > 1 && arguments.given("resource-version") {
            return plain("cannot use --resource-version with multiple resources");
        }
        let limit = arguments.millis("timeout").filter(|limit| *limit > 0);
        if let (Some(limit), DryRun::None) = (limit, dry_run) {
            let mut scaling = Scaling {
                deadline: Deadline::new(Some(limit)),
                limit,
                arguments: arguments.clone(),
                replicas,
                targets,
                failures,
            };
            if let Some(failure) = scaling.scale_first(self.server, session) {
                return vec![failure];
            }
            session.waiting = Some(Waiting::Scale(Box::new(scaling)));
            return Vec::new();
        }
        for target in targets {
            let scaled = match dry_run {
                DryRun::None => scale(self.server, &target, arguments, replicas, session),
                DryRun::Client => Ok(()),
                DryRun::Server => {
                    scale(&mut self.server.clone(), &target, arguments, replicas, session)
                }
            };
            let printed = scaled.and_then(|()| {
                let operation = format!("scaled{}", dry_run.suffix());
                print_object(arguments, session, target.kind, &target.object, &operation)
            });
            if let Err(failure) = printed {
                return vec![failure];
            }
        }
        failures
    }
}

/// Returns the error of the sizes on the command line.
fn mistake(replicas: i64, arguments: &Arguments) -> Option<&'static str> {
    if replicas < 0 {
        return Some(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
        );
    }
    let current = arguments.int("current-replicas").unwrap_or(-1);
    (current < -1).then_some("The --current-replicas must specify an integer of -1 or greater")
}

/// Changes the size of one object.
fn scale(
    server: &mut ApiServer,
    target: &Target,
    arguments: &Arguments,
    replicas: i64,
    session: &mut Session,
) -> Result<(), Failure> {
    let Target { kind, namespace, name, .. } = target;
    if !is_scalable(kind) {
        let message = "the server could not find the requested resource";
        return Err(Status::new(Reason::NotFound, message).into());
    }
    let current = server.get(kind, namespace, name)?;
    let expected = arguments.int("current-replicas").unwrap_or(-1);
    let actual = current["spec"].int("replicas");
    if expected != -1 && expected != actual {
        return Err(Failure::Plain(format!("Expected replicas to be {expected}, was {actual}")));
    }
    let expected = arguments.text("resource-version").unwrap_or_default();
    let actual = current["metadata"].str("resourceVersion");
    if !expected.is_empty() && expected != actual {
        let message = format!("Expected resource version to be {expected}, was {actual}");
        return Err(Failure::Plain(message));
    }
    let mut patch = Value::map();
    patch.entry("spec").set("replicas", replicas);
    match server.patch_as(kind, namespace, name, &patch, PatchType::Merge) {
        Ok(accepted) => {
            session.warn(&accepted.warnings);
            Ok(())
        }
        Err(status) => {
            session.warn(&status.warnings);
            Err(status.into())
        }
    }
}

/// Returns true if a kind has the subresource `scale`.
pub(super) fn is_scalable(kind: &Kind) -> bool {
    matches!(kind.group, "" | "apps") && SCALABLE.contains(&kind.kind)
}

impl Scaling {
    fn scale_first(&mut self, server: &mut ApiServer, session: &mut Session) -> Option<Failure> {
        let target = self.targets.first()?;
        scale(server, target, &self.arguments, self.replicas, session).err()
    }

    /// Prints each object when it has its size, and scales the next one.
    pub fn poll(&mut self, server: &mut ApiServer, now: i64, session: &mut Session) -> Poll {
        while let Some(target) = self.targets.first() {
            let Target { kind, namespace, name, .. } = target;
            let object = server.get(kind, namespace, name).unwrap_or_default();
            let replicas = object["spec"].int("replicas");
            let done = replicas == object["status"].int("replicas") && replicas == self.replicas;
            if !done {
                if self.deadline.passed(now) {
                    let message =
                        format!("timed out waiting for {} to be synced", go::quote::quote(name));
                    return Poll::Ended(vec![Failure::Plain(message)]);
                }
                return Poll::Pending;
            }
            let printed = print_object(&self.arguments, session, kind, &target.object, "scaled");
            self.targets.remove(0);
            self.deadline = Deadline::new(Some(self.limit));
            if let Some(failure) = printed.err().or_else(|| self.scale_first(server, session)) {
                return Poll::Ended(vec![failure]);
            }
        }
        Poll::Ended(std::mem::take(&mut self.failures))
    }
}
