//! `kubectl delete`: deletes objects, and waits until they are gone.
//!
//! Source: kubectl pkg/cmd/delete/delete.go, pkg/cmd/wait/wait.go IsDeleted.

use cluster::ApiServer;
use cluster::apiserver::Propagation;
use kubernetes::kinds::Kind;
use kubernetes::object::Value;

use super::builder::Request;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::DryRun;
use super::process::{Deadline, Poll, Waiting};
use super::{Kubectl, Session};

/// Flags of `delete` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("cascade", Form::Optional("background")),
    Flag::new("force", Form::Switch),
    Flag::new("grace-period", Form::Int),
    Flag::new("ignore-not-found", Form::Switch),
    Flag::short("interactive", 'i', Form::Switch),
    Flag::new("now", Form::Switch),
    Flag::short("output", 'o', Form::Text),
    Flag::new("raw", Form::Text),
    Flag::new("timeout", Form::Duration),
    Flag::new("wait", Form::Switch),
];

/// A wait for objects that were deleted.
#[derive(Clone, Debug)]
pub(crate) struct Deletion {
    pub deadline: Deadline,
    objects: Vec<Deleted>,
    /// The text after the name of a deleted object; empty to print nothing.
    done: &'static str,
}

/// An object whose deletion was asked for.
#[derive(Clone, Debug)]
pub(super) struct Deleted {
    pub kind: &'static Kind,
    pub namespace: String,
    pub name: String,
    /// A new object of the same name has another one.
    pub uid: String,
}

/// Options of deleting objects.
struct Mode {
    propagation: Propagation,
    /// Seconds; None for the object's own time.
    grace: Option<i64>,
    force: bool,
    dry_run: DryRun,
    short: bool,
}

impl Deleted {
    /// Returns true if the object is there no longer.
    pub fn is_gone(&self, server: &ApiServer) -> bool {
        let found = server.get(self.kind, &self.namespace, &self.name);
        found.map_or(true, |object| object["metadata"].str("uid") != self.uid)
    }
}

/// Returns true if one of the deleted objects controls this one. kubectl lists a kind when it comes
/// to it; the garbage collector has then removed the dependents of the kinds before.
fn has_owner_in(object: &Value, deleted: &[Deleted]) -> bool {
    let owners = object["metadata"].list("ownerReferences").iter();
    let mut controllers = owners.filter(|owner| owner.bool("controller"));
    controllers.any(|owner| deleted.iter().any(|one| one.uid == owner.str("uid")))
}

impl Deletion {
    /// A wait for objects. Without a limit it lasts until they are gone.
    pub(super) fn new(objects: Vec<Deleted>, limit: Option<i64>) -> Self {
        Self { deadline: Deadline::new(limit), objects, done: "" }
    }

    /// The same wait with a line for each object that is gone.
    pub(super) fn printing(self, done: &'static str) -> Self {
        Self { done, ..self }
    }

    pub fn poll(&mut self, server: &mut ApiServer, now: i64, session: &mut Session) -> Poll {
        let (gone, rest): (Vec<Deleted>, Vec<Deleted>) =
            std::mem::take(&mut self.objects).into_iter().partition(|one| one.is_gone(server));
        self.objects = rest;
        for object in gone.iter().filter(|_| !self.done.is_empty()) {
            session.print(&format!("{}/{} {}", object.kind.printed(), object.name, self.done));
        }
        if self.objects.is_empty() {
            return Poll::Ended(Vec::new());
        }
        if !self.deadline.passed(now) {
            return Poll::Pending;
        }
        let failures = self.objects.iter().map(|object| {
            let Deleted { kind, name, .. } = object;
            let message = format!("timed out waiting for the condition on {}/{name}", kind.plural);
            Failure::Plain(message)
        });
        Poll::Ended(failures.collect())
    }
}

impl Kubectl<'_> {
    /// `kubectl delete`.
    pub(super) fn delete(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let mode = match self.delete_mode(arguments, session) {
            Ok(mode) => mode,
            Err(failure) => return vec![failure],
        };
        let (requests, mut failures) = match self.requests(&arguments.words, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        let by_selector = requests.iter().any(|one| matches!(one, Request::All { .. }));
        let ignore = arguments.switch("ignore-not-found", arguments.is("all"));
        let (mut found, mut deleted) = (0, Vec::new());
        for request in requests {
            let source = match &request {
                Request::File(info) => info.source.clone(),
                _ => String::new(),
            };
            let named = match request {
                Request::All { kind } => match self.all(kind, arguments) {
                    Ok(targets) => {
                        let left = targets.into_iter().filter(|target| {
                            mode.propagation != Propagation::Background
                                || mode.dry_run != DryRun::None
                                || !has_owner_in(&target.object, &deleted)
                        });
                        left.map(|target| (kind, (target.namespace, target.name))).collect()
                    }
                    Err(failure) => return vec![failure],
                },
                Request::Named { kind, name } => {
                    let own = if kind.namespaced { self.context(arguments) } else { "" };
                    vec![(kind, (own.to_owned(), name))]
                }
                Request::File(info) => vec![(info.kind, (info.namespace, info.name))],
            };
            for (kind, (namespace, name)) in named {
                match self.delete_one(kind, namespace, name, &mode, session) {
                    Ok(one) => {
                        found += 1;
                        deleted.push(one);
                    }
                    Err(Failure::Server(status))
                        if ignore && status.reason == cluster::apiserver::Reason::NotFound => {}
                    Err(failure) if source.is_empty() => failures.push(failure),
                    Err(failure) => failures.push(failure.while_doing("deleting", &source)),
                }
            }
        }
        if found == 0 && failures.is_empty() && by_selector {
            session.print("No resources found");
        }
        let waits = arguments.switch("wait", true) && mode.dry_run == DryRun::None;
        if waits && failures.is_empty() && !deleted.is_empty() {
            let limit = arguments.millis("timeout").filter(|limit| *limit > 0);
            session.waiting = Some(Waiting::Delete(Deletion::new(deleted, limit)));
        }
        failures
    }

    fn delete_mode(&self, arguments: &Arguments, session: &mut Session) -> Result<Mode, Failure> {
        let refused = |text: &str| Err(Failure::Plain(text.to_owned()));
        let propagation = match arguments.text("cascade").unwrap_or("background") {
            "background" | "true" => Propagation::Background,
            "orphan" | "false" => Propagation::Orphan,
            "foreground" => Propagation::Foreground,
            other => {
                return Err(Failure::Plain(format!(
                    "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
                )));
            }
        };
        if arguments.is("all") && arguments.given("selector") {
            return refused("cannot set --all and --selector at the same time");
        }
        let words = &arguments.words;
        if arguments.is("all") && words.iter().any(|word| word.contains('/')) {
            return refused(
                "selectors and the all flag cannot be used when passing resource/name arguments",
            );
        }
        if arguments.is("all") && words.len() > 1 {
            return refused("name cannot be provided when a selector is specified");
        }
        if arguments.is("all") && arguments.given("field-selector") {
            return refused("cannot set --all and --field-selector at the same time");
        }
        let mut grace = arguments.int("grace-period").filter(|grace| *grace >= 0);
        let force = arguments.is("force");
        if arguments.is("now") {
            if grace.is_some() {
                return refused("--now and --grace-period cannot be specified together");
            }
            grace = Some(1);
        }
        if force && grace.is_some_and(|grace| grace > 0) {
            return refused(
                "--force and --grace-period greater than 0 cannot be specified together",
            );
        }
        if force && grace.is_none() {
            grace = Some(0);
        }
        // Without --force a pod has at least a second.
        if !force && grace == Some(0) {
            grace = Some(1);
        }
        let short = match arguments.text("output").unwrap_or_default() {
            "" => false,
            "name" => true,
            _ => return refused("unexpected -o output mode: only -o name is supported"),
        };
        if force {
            session.note("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.");
        }
        Ok(Mode { propagation, grace, force, dry_run: self.dry_run(arguments, session)?, short })
    }

    fn delete_one(
        &mut self,
        kind: &'static Kind,
        namespace: String,
        name: String,
        mode: &Mode,
        session: &mut Session,
    ) -> Result<Deleted, Failure> {
        super::apply::valid_name(&name).map_err(Failure::Plain)?;
        let found = self.server.get(kind, &namespace, &name).unwrap_or_default();
        let uid = found["metadata"].str("uid").to_owned();
        match mode.dry_run {
            DryRun::None => {
                self.server.delete_with(kind, &namespace, &name, mode.propagation, mode.grace)?;
            }
            DryRun::Client => drop(self.server.get(kind, &namespace, &name)?),
            DryRun::Server => {
                let mut copy = self.server.clone();
                copy.delete_with(kind, &namespace, &name, mode.propagation, mode.grace)?;
            }
        }
        if mode.short {
            session.print(&format!("{}/{name}", kind.printed()));
        } else {
            let force = if mode.force { "force " } else { "" };
            let from = match kind.namespaced {
                true => format!(" from {namespace} namespace"),
                false => String::new(),
            };
            let suffix = mode.dry_run.suffix();
            session.print(&format!("{} \"{name}\" {force}deleted{from}{suffix}", kind.printed()));
        }
        Ok(Deleted { kind, namespace, name, uid })
    }
}
