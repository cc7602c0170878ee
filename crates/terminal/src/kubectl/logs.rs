//! `kubectl logs`: what containers have written.
//!
//! Source: staging/src/k8s.io/kubectl pkg/cmd/logs, pkg/polymorphichelpers logsforobject.go;
//! pkg/registry/core/pod/strategy.go LogLocation; pkg/kubelet/kubelet_pods.go validateContainerLogStatus.

use cluster::Status;
use cluster::apiserver::{Reason, timestamp_of};
use kubernetes::columns::seconds;
use kubernetes::object::Value;
use selectors::parse_labels;

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::get::matches_labels;
use super::process::{Followed, Held, Waiting};
use super::{Kubectl, Session, plain_failure};

/// Flags of `logs` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("all-containers", Form::Switch),
    Flag::new("all-pods", Form::Switch),
    Flag::short("container", 'c', Form::Text),
    Flag::short("follow", 'f', Form::Switch),
    Flag::new("ignore-errors", Form::Switch),
    Flag::new("insecure-skip-tls-verify-backend", Form::Switch),
    Flag::new("limit-bytes", Form::Int),
    Flag::new("max-log-requests", Form::Int),
    Flag::new("pod-running-timeout", Form::Duration),
    Flag::new("prefix", Form::Switch),
    Flag::short("previous", 'p', Form::Switch),
    Flag::new("since", Form::Duration),
    Flag::new("since-time", Form::Text),
    Flag::new("tail", Form::Int),
    Flag::new("timestamps", Form::Switch),
];

const EXPECTED: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

/// A container of a pod whose log is printed.
struct Source<'a> {
    pod: &'a Value,
    container: String,
}

impl Kubectl<'_> {
    /// `kubectl logs`.
    pub(crate) fn logs(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let selector = arguments.text("selector").unwrap_or_default();
        if arguments.words.is_empty() && selector.is_empty() {
            return session.usage(EXPECTED);
        }
        let pods = match self.log_pods(selector, arguments, session) {
            Ok(pods) => pods,
            Err(failure) => return vec![failure],
        };
        if pods.is_empty() {
            let namespace = self.context(arguments);
            session.note(&format!("No resources found in {namespace} namespace."));
            return Vec::new();
        }
        let mut followed = Vec::new();
        for pod in &pods {
            let sources = match log_sources(pod, arguments, session) {
                Ok(sources) => sources,
                Err(failure) => return vec![failure],
            };
            let selected = !selector.is_empty();
            for source in sources {
                let printed = self.log(&source, arguments, selected, session);
                match printed {
                    Err(failure) if arguments.is("ignore-errors") => session.note(&failure.text()),
                    Err(failure) => return vec![failure],
                    Ok(None) => {}
                    Ok(Some(seen)) => followed.push(followed_log(&source, arguments, seen)),
                }
            }
        }
        if arguments.is("follow") && self.desk.live && !followed.is_empty() {
            session.waiting = Some(Waiting::Held(Held::Follow(followed)));
        }
        Vec::new()
    }

    /// The pods that a selector or an argument names.
    fn log_pods(
        &self,
        selector: &str,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<Vec<Value>, Failure> {
        if !selector.is_empty() {
            let pods = self.resource("pods")?;
            return self.list(pods, Some(selector), arguments);
        }
        let word = arguments.words.first().map_or("", String::as_str);
        let (kind, name) = word.split_once('/').unwrap_or(("pods", word));
        let kind = self.resource(kind)?;
        let namespace = self.context(arguments);
        let object = self.server.get(kind, namespace, name).map_err(|status| {
            if status.reason != Reason::NotFound {
                return Failure::from(status);
            }
            let namespace = go::quote::quote(namespace);
            let message = format!("{} in namespace {namespace}", status.message);
            plain_failure(format!("error from server (NotFound): {message}"))
        })?;
        if kind.kind == "Pod" {
            return Ok(vec![object]);
        }
        let refused = |why: &str| {
            plain_failure(format!(
                "cannot get the logs from *{}.{}: {why}",
                kind.version, kind.kind
            ))
        };
        let mut pods = self.pods_of(&object, &refused)?;
        pods.sort_by_key(log_order);
        let count = pods.len();
        let Some(first) = pods.into_iter().next() else {
            return Err(plain_failure("timed out waiting for the condition"));
        };
        if count > 1 {
            let name = first["metadata"].str("name");
            session.note(&format!("Found {count} pods, using pod/{name}"));
        }
        Ok(vec![first])
    }

    /// The pods that the selector of a workload or a Service chooses.
    pub(super) fn pods_of(
        &self,
        object: &Value,
        refused: &dyn Fn(&str) -> Failure,
    ) -> Result<Vec<Value>, Failure> {
        let (kind, name) = (object.str("kind"), object["metadata"].str("name"));
        let selector = &object["spec"]["selector"];
        let text = match kind {
            "Service" | "ReplicationController" => {
                if selector.is_empty() {
                    return Err(refused(&format!(
                        "invalid service '{name}': Service is defined without a selector"
                    )));
                }
                kubernetes::columns::labels(selector)
            }
            "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
                kubernetes::columns::selector(selector)
            }
            _ => {
                return Err(refused(&format!("selector for *v1.{kind} not implemented")));
            }
        };
        let terms = parse_labels(&text).unwrap_or_default();
        let namespace = object["metadata"].str("namespace");
        let stored = self.server.storage.list("", "Pod", namespace);
        let chosen = stored.map(|(_, pod)| pod).filter(|pod| matches_labels(&terms, pod));
        Ok(chosen.cloned().collect())
    }

    /// Prints the log of one container. Returns the number of its lines; None if it has no log yet.
    fn log(
        &self,
        source: &Source<'_>,
        arguments: &Arguments,
        selected: bool,
        session: &mut Session,
    ) -> Result<Option<usize>, Failure> {
        let previous = arguments.is("previous");
        if !is_readable(source, previous)? {
            return Ok(None);
        }
        let logs = self.desk.logs;
        let mut lines =
            logs.map_or_else(Vec::new, |logs| logs.lines(source.pod, &source.container, previous));
        let seen = lines.len();
        let after = match (arguments.millis("since"), arguments.text("since-time")) {
            (Some(since), _) => Some(self.server.time() * 1000 - since),
            (None, Some(time)) => seconds(time).map(|time| time * 1000),
            (None, None) => None,
        };
        if let Some(after) = after {
            lines.retain(|(at, _)| *at >= after);
        }
        let default = if selected { 10 } else { -1 };
        let tail = arguments.int("tail").unwrap_or(default);
        if let Ok(tail) = usize::try_from(tail) {
            lines.drain(..lines.len().saturating_sub(tail));
        }
        let prefix = prefix(source, arguments);
        for (at, line) in lines {
            let time = if arguments.is("timestamps") {
                format!("{} ", log_time(at))
            } else {
                String::new()
            };
            session.print(&format!("{prefix}{time}{line}"));
        }
        Ok(Some(seen))
    }
}

/// The time of a line in a log, given in milliseconds since the epoch, with nine digits of the second.
/// Source: pkg/kubelet/kuberuntime/logs `timeFormatOut`.
pub fn log_time(at: i64) -> String {
    let time = timestamp_of(at.div_euclid(1000));
    format!("{}.{:03}000000Z", time.trim_end_matches('Z'), at.rem_euclid(1000))
}

/// The text in front of each line.
fn prefix(source: &Source<'_>, arguments: &Arguments) -> String {
    if !arguments.is("prefix") {
        return String::new();
    }
    format!("[pod/{}/{}] ", source.pod["metadata"].str("name"), source.container)
}

/// A log of which some lines are printed.
fn followed_log(source: &Source<'_>, arguments: &Arguments, seen: usize) -> Followed {
    let metadata = &source.pod["metadata"];
    let statuses = source.pod["status"].list("containerStatuses").iter();
    let mut own = statuses.filter(|status| status.str("name") == source.container);
    Followed {
        namespace: metadata.str("namespace").to_owned(),
        pod: metadata.str("name").to_owned(),
        uid: metadata.str("uid").to_owned(),
        container: source.container.clone(),
        restarts: own.next().map_or(0, |status| status.int("restartCount")),
        prefix: prefix(source, arguments),
        timestamps: arguments.is("timestamps"),
        seen,
        ended: false,
    }
}

/// The order in which kubectl prefers pods for their logs: running and ready ones first.
/// Source: kubectl pkg/util/podutils ByLogging.
fn log_order(pod: &Value) -> (bool, u8, bool) {
    let status = &pod["status"];
    let phase = match status.str("phase") {
        "Running" | "Succeeded" | "Failed" => 2,
        "Unknown" => 1,
        _ => 0,
    };
    let ready = status
        .list("conditions")
        .iter()
        .any(|one| one.str("type") == "Ready" && one.str("status") == "True");
    let assigned = !pod["spec"].str("nodeName").is_empty();
    (!assigned, 2 - phase, !ready)
}

/// The containers whose logs are asked for.
fn log_sources<'a>(
    pod: &'a Value,
    arguments: &Arguments,
    session: &mut Session,
) -> Result<Vec<Source<'a>>, Failure> {
    let spec = &pod["spec"];
    let names = |key: &str| -> Vec<&str> {
        spec.list(key).iter().map(|container| container.str("name")).collect()
    };
    let (init, main, ephemeral) =
        (names("initContainers"), names("containers"), names("ephemeralContainers"));
    let source = |container: &str| Source { pod, container: container.to_owned() };
    if arguments.is("all-containers") {
        return Ok(init.iter().chain(&main).chain(&ephemeral).map(|name| source(name)).collect());
    }
    let all = || {
        let mut words: Vec<String> = main.iter().map(|name| (*name).to_owned()).collect();
        words.extend(ephemeral.iter().map(|name| format!("{name} (ephem)")));
        words.extend(init.iter().map(|name| format!("{name} (init)")));
        words.join(", ")
    };
    let wanted = arguments.text("container").or(arguments.words.get(1).map(String::as_str));
    if let Some(wanted) = wanted {
        let known = init.contains(&wanted) || main.contains(&wanted) || ephemeral.contains(&wanted);
        if !known {
            let name = pod["metadata"].str("name");
            return Err(plain_failure(format!(
                "container {wanted} is not valid for pod {name} out of: {}",
                all()
            )));
        }
        return Ok(vec![source(wanted)]);
    }
    let annotated = pod["metadata"]["annotations"].str("kubectl.kubernetes.io/default-container");
    let default = match (annotated, main.first()) {
        (annotated, _) if main.contains(&annotated) => annotated,
        (_, Some(first)) => first,
        (_, None) => return Ok(Vec::new()),
    };
    if annotated != default && init.len() + main.len() + ephemeral.len() > 1 {
        let default = go::quote::quote(default);
        session.note(&format!("Defaulted container {default} out of: {}", all()));
    }
    Ok(vec![source(default)])
}

/// Returns an error, the kubelet's refusal, if it has no log of a container.
fn is_readable(source: &Source<'_>, previous: bool) -> Result<bool, Failure> {
    let (pod, container) = (source.pod, source.container.as_str());
    if pod["spec"].str("nodeName").is_empty() {
        return Ok(false);
    }
    let name = pod["metadata"].str("name");
    let statuses = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    let status = statuses
        .iter()
        .flat_map(|key| pod["status"].list(key))
        .find(|status| status.str("name") == container);
    let bad = |message: String| Failure::from(Status::new(Reason::BadRequest, message));
    let quote = go::quote::quote;
    let waiting = |why: &str| {
        let (container, name) = (quote(container), quote(name));
        bad(format!("container {container} in pod {name} is waiting to start: {why}"))
    };
    let Some(status) = status else { return Err(waiting("ContainerCreating")) };
    let (state, last) = (&status["state"], &status["lastState"]["terminated"]);
    if previous {
        if last.is_null() {
            let (container, name) = (quote(container), quote(name));
            return Err(bad(format!(
                "previous terminated container {container} in pod {name} not found"
            )));
        }
        return Ok(true);
    }
    if state.has("running") || state.has("terminated") || !last.is_null() {
        return Ok(true);
    }
    Err(waiting(match state["waiting"].str("reason") {
        "ErrImagePull" | "ImagePullBackOff" => "trying and failing to pull image",
        "" => "ContainerCreating",
        reason => reason,
    }))
}
