//! `kubectl cordon`, `uncordon` and `drain`.
//!
//! Source: kubectl pkg/cmd/drain/drain.go, pkg/drain/drain.go, filters.go, cordon.go.

use cluster::ApiServer;
use cluster::apiserver::{PatchType, Reason};
use go::quote::quote;
use kubernetes::object::Value;

use super::builder::{Target, Targets};
use super::delete::Deleted;
use super::drain_filter::Filter;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object};
use super::process::{Deadline, Poll, Waiting};
use super::{Kubectl, Session, plain};

/// Flags of `drain` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("chunk-size", Form::Int),
    Flag::new("delete-emptydir-data", Form::Switch),
    Flag::new("disable-eviction", Form::Switch),
    Flag::new("force", Form::Switch),
    Flag::new("grace-period", Form::Int),
    Flag::new("ignore-daemonsets", Form::Switch),
    Flag::new("pod-selector", Form::Text),
    Flag::new("skip-wait-for-delete-timeout", Form::Int),
    Flag::new("timeout", Form::Duration),
];

/// Milliseconds until an eviction that a budget refused is tried again.
const RETRY: i64 = 5000;

/// The nodes that are drained, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Drain {
    arguments: Arguments,
    dry_run: DryRun,
    filter: Filter,
    nodes: Vec<Target>,
    /// The evictions on the first node, if they have begun.
    current: Option<Evictions>,
    /// Errors of nodes, and the nodes that are not drained.
    fatal: Vec<Failure>,
    remaining: Vec<String>,
}

/// Evictions of the pods of a node.
#[derive(Clone, Debug)]
struct Evictions {
    deadline: Deadline,
    pods: Vec<(Deleted, State)>,
}

/// The state of an eviction.
#[derive(Clone, Debug, PartialEq)]
enum State {
    /// It is tried at this time.
    Evict(i64),
    /// The pod ends.
    Terminating,
    Done,
    Failed(String),
}

impl Kubectl<'_> {
    /// The nodes that a command names.
    fn nodes(
        &self,
        name: &str,
        arguments: &Arguments,
        session: &Session,
    ) -> Result<Targets, Vec<Failure>> {
        let selects = arguments.text("selector").is_some_and(|text| !text.is_empty());
        if arguments.words.is_empty() && !selects {
            return Err(session.usage(&format!("USAGE: {name} NODE [flags]")));
        }
        if !arguments.words.is_empty() && selects {
            return Err(plain("error: cannot specify both a node name and a --selector option"));
        }
        let named = arguments
            .words
            .iter()
            .map(|word| word.split_once('/').map_or(word.clone(), |(_, name)| name.to_owned()));
        let mut words = vec!["nodes".to_owned()];
        words.extend(named);
        self.targets(&words, arguments).map_err(|failure| vec![failure])
    }

    /// `kubectl cordon` and `kubectl uncordon`.
    pub(super) fn cordon(
        &mut self,
        unschedulable: bool,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = if unschedulable { "cordon" } else { "uncordon" };
        let (nodes, mut failures) = match self.nodes(name, arguments, session) {
            Ok(found) => found,
            Err(failures) => return failures,
        };
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        for node in nodes {
            let done = self.cordon_one(&node, unschedulable, dry_run, arguments, session);
            failures.extend(done.err());
        }
        failures
    }

    fn cordon_one(
        &mut self,
        node: &Target,
        unschedulable: bool,
        dry_run: DryRun,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), Failure> {
        let done = if unschedulable { "cordoned" } else { "uncordoned" };
        let same = node.object["spec"].bool("unschedulable") == unschedulable;
        let already = if same { "already " } else { "" };
        let operation = format!("{already}{done}{}", dry_run.suffix());
        if !same && dry_run != DryRun::Client {
            let mut patch = Value::map();
            let value = if unschedulable { Value::Bool(true) } else { Value::Null };
            patch.entry("spec").set("unschedulable", value);
            self.send_patch(node, PatchType::Merge, &patch, dry_run)?;
        }
        print_object(arguments, session, node.kind, &node.object, &operation)
    }

    /// `kubectl drain`.
    pub(super) fn drain(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let (nodes, failures) = match self.nodes("drain", arguments, session) {
            Ok(found) => found,
            Err(failures) => return failures,
        };
        let filter = match Filter::of(arguments) {
            Ok(filter) => filter,
            Err(message) => return plain(message),
        };
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        if !failures.is_empty() {
            return failures;
        }
        for node in &nodes {
            if let Err(failure) = self.cordon_one(node, true, dry_run, arguments, session) {
                return vec![failure];
            }
        }
        session.waiting = Some(Waiting::Drain(Box::new(Drain {
            arguments: arguments.clone(),
            dry_run,
            filter,
            nodes,
            current: None,
            fatal: Vec::new(),
            remaining: Vec::new(),
        })));
        Vec::new()
    }
}

impl Drain {
    /// Evicts what can be evicted now.
    pub fn poll(&mut self, server: &mut ApiServer, now: i64, session: &mut Session) -> Poll {
        while let Some(node) = self.nodes.first().cloned() {
            let result = match self.current.take() {
                None => self.begin(server, &node, now, session),
                Some(current) => self.go_on(current, server, &node, now, session),
            };
            match result {
                Ok(Some(current)) if current.waits(now) => {
                    self.current = Some(current);
                    return Poll::Pending;
                }
                Ok(Some(current)) => {
                    self.current = Some(current);
                    continue;
                }
                Ok(None) => {
                    let operation = format!("drained{}", self.dry_run.suffix());
                    let (kind, object) = (node.kind, &node.object);
                    let printed = print_object(&self.arguments, session, kind, object, &operation);
                    self.fatal.extend(printed.err());
                }
                Err(failure) => {
                    session.note(&format!(
                        "error: unable to drain node {} due to error: {}, continuing command...",
                        quote(&node.name),
                        reasons(&failure)
                    ));
                    self.fatal.push(failure);
                    self.remaining.push(node.name.clone());
                }
            }
            self.nodes.remove(0);
        }
        if !self.remaining.is_empty() {
            session.note("There are pending nodes to be drained:");
            self.remaining.iter().for_each(|name| session.note(&format!(" {name}")));
        }
        Poll::Ended(std::mem::take(&mut self.fatal))
    }

    /// Chooses the pods of a node. Returns None if nothing is to be waited for.
    fn begin(
        &self,
        server: &ApiServer,
        node: &Target,
        now: i64,
        session: &mut Session,
    ) -> Result<Option<Evictions>, Failure> {
        let chosen = self.filter.pods(server, &node.name, now).map_err(many)?;
        if !chosen.warnings.is_empty() {
            session.note(&format!("Warning: {}", chosen.warnings));
        }
        if self.dry_run == DryRun::Client {
            for pod in &chosen.pods {
                session.print(&format!("evicting pod {}/{} (dry run)", pod.namespace, pod.name));
            }
            return Ok(None);
        }
        let limit = self.arguments.millis("timeout").filter(|limit| *limit > 0);
        let pods = chosen.pods.into_iter().map(|pod| (pod, State::Evict(now))).collect();
        Ok(Some(Evictions { deadline: Deadline::new(limit), pods }))
    }

    /// Takes a step for each pod. Returns None at the end.
    fn go_on(
        &self,
        mut current: Evictions,
        server: &mut ApiServer,
        node: &Target,
        now: i64,
        session: &mut Session,
    ) -> Result<Option<Evictions>, Failure> {
        let passed = current.deadline.passed(now);
        for (pod, state) in &mut current.pods {
            *state = self.step(pod, state.clone(), passed, server, now, session);
        }
        let ended = |state: &State| matches!(state, State::Done | State::Failed(_));
        if !current.pods.iter().all(|(_, state)| ended(state)) {
            return Ok(Some(current));
        }
        let failed: Vec<String> = current
            .pods
            .iter()
            .filter_map(|(_, state)| match state {
                State::Failed(message) => Some(message.clone()),
                _ => None,
            })
            .collect();
        if failed.is_empty() {
            return Ok(None);
        }
        let failure = many(failed);
        let pending = self.filter.pods(server, &node.name, now).unwrap_or_default();
        if !pending.pods.is_empty() {
            let (name, reasons) = (quote(&node.name), reasons(&failure));
            session.note(&format!(
                "There are pending pods in node {name} when an error occurred: {reasons}"
            ));
            pending.pods.iter().for_each(|pod| session.note(&format!("pod/{}", pod.name)));
        }
        Err(failure)
    }

    /// The next state of an eviction.
    fn step(
        &self,
        pod: &Deleted,
        state: State,
        passed: bool,
        server: &mut ApiServer,
        now: i64,
        session: &mut Session,
    ) -> State {
        let Deleted { namespace, name, .. } = pod;
        let about = format!("pods/{} -n {}", quote(name), quote(namespace));
        let limit = go::time::format_duration(
            self.arguments.millis("timeout").unwrap_or_default().saturating_mul(1_000_000),
        );
        match state {
            State::Evict(at) if now >= at => {
                let suffix = self.dry_run.suffix();
                session.print(&format!("evicting pod {namespace}/{name}{suffix}"));
                if passed {
                    return State::Failed(format!(
                        "error when evicting {about}: global timeout reached: {limit}"
                    ));
                }
                match self.evict(pod, server) {
                    Ok(()) if self.dry_run == DryRun::Server => State::Done,
                    Ok(()) => State::Terminating,
                    Err(status) if status.reason == Reason::NotFound => State::Done,
                    Err(status) if status.reason == Reason::TooManyRequests => {
                        session.note(&format!(
                            "error when evicting {about} (will retry after 5s): {}",
                            status.message
                        ));
                        State::Evict(now + RETRY)
                    }
                    Err(status) => {
                        State::Failed(format!("error when evicting {about}: {}", status.message))
                    }
                }
            }
            State::Terminating if pod.is_gone(server) => {
                let done =
                    if self.arguments.is("disable-eviction") { "deleted" } else { "evicted" };
                session.print(&format!("pod/{name} {done}"));
                State::Done
            }
            State::Terminating if passed => State::Failed(format!(
                "error when waiting for pod {} in namespace {} to terminate: global timeout reached: {limit}",
                quote(name),
                quote(namespace)
            )),
            state => state,
        }
    }

    fn evict(&self, pod: &Deleted, server: &mut ApiServer) -> Result<(), cluster::Status> {
        let mut copy;
        let server = match self.dry_run {
            DryRun::None => server,
            _ => {
                copy = server.clone();
                &mut copy
            }
        };
        if self.arguments.is("disable-eviction") {
            let grace = self.arguments.int("grace-period").filter(|grace| *grace >= 0);
            let Deleted { kind, namespace, name, .. } = pod;
            return server
                .delete_with(kind, namespace, name, Default::default(), grace)
                .map(|_| ());
        }
        server.evict(&pod.namespace, &pod.name).map(|_| ())
    }

    /// The time at which something is to be tried or given up.
    pub fn wakes_at(&self) -> Option<i64> {
        let current = self.current.as_ref()?;
        let tries = current.pods.iter().filter_map(|(_, state)| match state {
            State::Evict(at) => Some(*at),
            _ => None,
        });
        let ends = current.pods.iter().any(|(_, state)| *state == State::Terminating);
        tries.chain(current.deadline.at().filter(|_| ends)).min()
    }
}

impl Evictions {
    /// Returns true if nothing can be done now.
    fn waits(&self, now: i64) -> bool {
        let ready = |state: &State| match state {
            State::Evict(at) => now >= *at,
            _ => false,
        };
        let open = |state: &State| matches!(state, State::Evict(_) | State::Terminating);
        self.pods.iter().any(|(_, state)| open(state))
            && !self.pods.iter().any(|(_, state)| ready(state))
    }
}

/// Several messages as one error that names them all.
fn many(messages: Vec<String>) -> Failure {
    Failure::Many(messages.into_iter().map(Failure::Plain).collect())
}

/// Go's text of an aggregate: one message alone, several in brackets.
fn reasons(failure: &Failure) -> String {
    match failure {
        Failure::Many(list) => match &list[..] {
            [one] => one.text(),
            _ => failure.text(),
        },
        other => other.text(),
    }
}
