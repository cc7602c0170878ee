//! Commands that reach into a container: `exec`, `attach`, `port-forward`, `cp`, and `top`. Their
//! arguments are checked as kubectl checks them.
//!
//! Source: staging/src/k8s.io/kubectl pkg/cmd/exec, attach, portforward, cp, top.

use kubernetes::object::Value;

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::process::{Reach, Waiting};
use super::{Kubectl, Session, plain, plain_failure};

/// Flags of `exec` and `attach`.
pub(super) const FLAGS: &[Flag] = &[
    Flag::short("container", 'c', Form::Text),
    Flag::short("stdin", 'i', Form::Switch),
    Flag::short("tty", 't', Form::Switch),
    Flag::short("quiet", 'q', Form::Switch),
    Flag::new("pod-running-timeout", Form::Duration),
];

/// Flags of `port-forward`.
pub(super) const PORT_FLAGS: &[Flag] =
    &[Flag::new("address", Form::List), Flag::new("pod-running-timeout", Form::Duration)];

/// Flags of `cp`.
pub(super) const COPY_FLAGS: &[Flag] = &[
    Flag::short("container", 'c', Form::Text),
    Flag::new("no-preserve", Form::Switch),
    Flag::new("retries", Form::Int),
];

impl Kubectl<'_> {
    /// The pod that `exec`, `attach` or `port-forward` means.
    fn reached_pod(&self, word: &str, arguments: &Arguments) -> Result<Value, Failure> {
        let (kind, name) = word.split_once('/').unwrap_or(("pods", word));
        let kind = self.resource(kind)?;
        let object = self.server.get(kind, self.context(arguments), name)?;
        if kind.kind == "Pod" {
            return Ok(object);
        }
        let refused = |why: &str| {
            plain_failure(format!("cannot attach to *{}.{}: {why}", kind.version, kind.kind))
        };
        let pods = self.pods_of(&object, &refused)?;
        pods.into_iter().next().ok_or_else(|| plain_failure("timed out waiting for the condition"))
    }

    /// `kubectl exec`.
    pub(crate) fn exec(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let Some(word) = arguments.words.first() else {
            return session.usage("pod, type/name or --filename must be specified");
        };
        if arguments.words.len() < 2 {
            return plain("you must specify at least one command for the container");
        }
        if arguments.dash.is_none() {
            return session.usage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
        }
        let pod = match self.reached_pod(word, arguments) {
            Ok(pod) => pod,
            Err(failure) => return vec![failure],
        };
        let container = match container_of(&pod, arguments, session) {
            Ok(container) => container,
            Err(failure) => return vec![failure],
        };
        if !self.desk.live {
            return plain("the terminal cannot run commands in containers");
        }
        let metadata = &pod["metadata"];
        session.waiting = Some(Waiting::Reach(Box::new(Reach::Exec {
            namespace: metadata.str("namespace").to_owned(),
            pod: metadata.str("name").to_owned(),
            container,
            command: arguments.words.get(1..).unwrap_or_default().to_vec(),
        })));
        Vec::new()
    }

    /// `kubectl attach`.
    pub(crate) fn attach(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let Some(word) = arguments.words.first() else {
            return session.usage("at least 1 argument is required for attach");
        };
        let pod = match self.reached_pod(word, arguments) {
            Ok(pod) => pod,
            Err(failure) => return vec![failure],
        };
        match container_of(&pod, arguments, &mut Session::default()) {
            Ok(_) => plain("the terminal cannot attach to containers: see kubectl logs -f"),
            Err(failure) => vec![failure],
        }
    }

    /// `kubectl port-forward`.
    pub(crate) fn port_forward(
        &self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let [word, ports @ ..] = &arguments.words[..] else {
            return session.usage("TYPE/NAME and list of ports are required for port-forward");
        };
        if ports.is_empty() {
            return session.usage("TYPE/NAME and list of ports are required for port-forward");
        }
        let forward = self.reached_pod(word, arguments).and_then(|pod| {
            let ports = self.forwarded(word, &pod, ports, arguments)?;
            let metadata = &pod["metadata"];
            if pod["status"].str("phase") != "Running" {
                let phase = pod["status"].str("phase");
                let message = "unable to forward port because pod is not running. Current status";
                return Err(plain_failure(format!("{message}={phase}")));
            }
            Ok(Reach::Forward {
                namespace: metadata.str("namespace").to_owned(),
                pod: metadata.str("name").to_owned(),
                ports,
            })
        });
        match forward {
            Ok(_) if !self.desk.live => plain("the terminal cannot forward ports"),
            Ok(forward) => {
                session.waiting = Some(Waiting::Reach(Box::new(forward)));
                Vec::new()
            }
            Err(failure) => vec![failure],
        }
    }

    /// The ports that arguments like `8080:80` or `9090` name, as ports of the pod: those of a
    /// Service are translated. Source: portforward.go `translateServicePortToTargetPort`.
    fn forwarded(
        &self,
        word: &str,
        pod: &Value,
        ports: &[String],
        arguments: &Arguments,
    ) -> Result<Vec<(u16, u16)>, Failure> {
        let (kind, name) = word.split_once('/').unwrap_or(("pods", word));
        let kind = self.resource(kind)?;
        let service = match kind.kind {
            "Service" => Some(self.server.get(kind, self.context(arguments), name)?),
            _ => None,
        };
        let number = |text: &str| -> Result<u16, Failure> {
            let quoted = go::quote::quote(text);
            let wrong = || {
                plain_failure(format!(
                    "error parsing local port '{text}': strconv.ParseUint: parsing {quoted}: invalid syntax"
                ))
            };
            text.parse().map_err(|_| wrong())
        };
        let mut found = Vec::new();
        for port in ports {
            let (local, remote) = port.split_once(':').unwrap_or((port, port));
            let remote = match &service {
                Some(service) => target_port(service, pod, remote)?,
                None => match named_port(pod, remote) {
                    Some(number) => number,
                    None => number(remote)?,
                },
            };
            let local = match local.parse() {
                Ok(local) => local,
                Err(_) if local.is_empty() || local == port => remote,
                Err(_) => number(local)?,
            };
            found.push((local, remote));
        }
        Ok(found)
    }

    /// `kubectl cp`.
    pub(crate) fn copy(&self, arguments: &Arguments, _: &mut Session) -> Vec<Failure> {
        let [source, target] = &arguments.words[..] else {
            return plain("source and destination are required");
        };
        let remote = |path: &str| path.contains(':');
        match (remote(source), remote(target)) {
            (false, false) => plain("one of src or dest must be a remote file specification"),
            (true, true) => plain("src and dest cannot both be remote file specifications"),
            (false, true) if self.files.read(source).is_none() => {
                plain(format!("{source} doesn't exist in local filesystem"))
            }
            _ => plain("the terminal cannot copy files to or from containers"),
        }
    }

    /// `kubectl edit`: the caller opens the object in an editor of its own.
    pub(crate) fn edit(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        match self.targets(&arguments.words, arguments) {
            Err(failure) => vec![failure],
            Ok((_, failures)) if !failures.is_empty() => failures,
            Ok((targets, _)) => match targets.first() {
                None => plain("edit cancelled, no objects found"),
                Some(target) if self.desk.live => {
                    let object = &target.object;
                    session.waiting = Some(Waiting::Reach(Box::new(Reach::Edit {
                        api_version: object.str("apiVersion").to_owned(),
                        kind: object.str("kind").to_owned(),
                        namespace: target.namespace.clone(),
                        name: target.name.clone(),
                    })));
                    Vec::new()
                }
                Some(target) => plain(format!(
                    "the terminal has no editor: change the manifest of {0} and apply it, or use \
                     kubectl set, scale, patch, label or annotate",
                    target.shown()
                )),
            },
        }
    }
}

/// The container that a flag names, or the one that is meant without a flag.
///
/// Source: kubectl pkg/cmd/util/podcmd/podcmd.go `FindOrDefaultContainerByName`.
fn container_of(
    pod: &Value,
    arguments: &Arguments,
    session: &mut Session,
) -> Result<String, Failure> {
    let names = |key: &str| -> Vec<String> {
        let containers = pod["spec"].list(key).iter();
        containers.map(|container| container.str("name").to_owned()).collect()
    };
    let (mut all, init) = (names("containers"), names("initContainers"));
    let Some(wanted) = arguments.text("container") else {
        let annotated =
            pod["metadata"]["annotations"].str("kubectl.kubernetes.io/default-container");
        if all.iter().any(|name| name == annotated) {
            return Ok(annotated.to_owned());
        }
        let first = all.first().cloned().unwrap_or_default();
        if all.len() > 1 {
            let init = init.iter().map(|name| format!("{name} (init)"));
            let all: Vec<String> = all.iter().cloned().chain(init).collect();
            session.note(&format!("Defaulted container \"{first}\" out of: {}", all.join(", ")));
        }
        return Ok(first);
    };
    if all.iter().chain(&init).any(|name| name == wanted) {
        return Ok(wanted.to_owned());
    }
    all.extend(init.iter().map(|name| format!("{name} (init)")));
    let name = pod["metadata"].str("name");
    let all = all.join(", ");
    Err(plain_failure(format!("container {wanted} is not valid for pod {name} out of: {all}")))
}

/// The number of a port that containers of a pod name.
fn named_port(pod: &Value, name: &str) -> Option<u16> {
    let containers = pod["spec"].list("containers").iter();
    let mut ports = containers.flat_map(|container| container.list("ports"));
    let port = ports.find(|port| port.str("name") == name)?;
    u16::try_from(port.int("containerPort")).ok()
}

/// The port of a pod behind a port of a Service, given by number or name.
fn target_port(service: &Value, pod: &Value, port: &str) -> Result<u16, Failure> {
    let name = service["metadata"].str("name");
    let all = service["spec"].list("ports");
    let by_number = port.parse::<i64>().ok();
    let found = all.iter().find(|one| match by_number {
        Some(number) => one.int("port") == number,
        None => one.str("name") == port,
    });
    let Some(found) = found else {
        let message = match by_number {
            Some(number) => format!("Service {name} does not have a service port {number}"),
            None => format!("Service '{name}' does not have a named port '{port}'"),
        };
        return Err(plain_failure(message));
    };
    let target = &found["targetPort"];
    let number = match target.as_str() {
        Some(name) => named_port(pod, name).map(i64::from),
        None => target.as_int().or_else(|| Some(found.int("port"))),
    };
    let number = number.and_then(|number| u16::try_from(number).ok());
    number.ok_or_else(|| {
        plain_failure(format!("Pod '{}' does not have a named port", pod["metadata"].str("name")))
    })
}
