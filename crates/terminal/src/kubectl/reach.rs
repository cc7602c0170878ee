//! Commands that reach into a container: `exec`, `attach`, `port-forward`, `cp`, and `top`. Their
//! arguments are checked as kubectl checks them.
//!
//! Source: staging/src/k8s.io/kubectl pkg/cmd/exec, attach, portforward, cp, top.

use kubernetes::object::Value;

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
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

/// Flags of `top`.
pub(super) const TOP_FLAGS: &[Flag] = &[
    Flag::new("sort-by", Form::Text),
    Flag::new("containers", Form::Switch),
    Flag::new("no-headers", Form::Switch),
    Flag::new("sum", Form::Switch),
    Flag::new("use-protocol-buffers", Form::Switch),
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
        if let Err(failure) = container_of(&pod, arguments) {
            return vec![failure];
        }
        plain("the terminal cannot run commands in containers")
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
        match container_of(&pod, arguments) {
            Ok(()) => plain("the terminal cannot attach to containers: see kubectl logs -f"),
            Err(failure) => vec![failure],
        }
    }

    /// `kubectl port-forward`.
    pub(crate) fn port_forward(
        &self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let [word, _, ..] = &arguments.words[..] else {
            return session.usage("TYPE/NAME and list of ports are required for port-forward");
        };
        match self.reached_pod(word, arguments) {
            Ok(_) => plain("the terminal cannot forward ports"),
            Err(failure) => vec![failure],
        }
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

    /// `kubectl top`: there is no metrics server.
    pub(crate) fn top(&self, arguments: &Arguments, session: &Session) -> Vec<Failure> {
        match arguments.words.first().map(String::as_str) {
            Some("pod" | "pods" | "po" | "node" | "nodes" | "no") => {
                plain("Metrics API not available")
            }
            _ => super::commands::unknown_subcommand(arguments, session),
        }
    }
}

/// Checks the container that a flag names.
fn container_of(pod: &Value, arguments: &Arguments) -> Result<(), Failure> {
    let Some(wanted) = arguments.text("container") else { return Ok(()) };
    let names = |key: &str| -> Vec<String> {
        let containers = pod["spec"].list(key).iter();
        containers.map(|container| container.str("name").to_owned()).collect()
    };
    let (mut all, init) = (names("containers"), names("initContainers"));
    if all.iter().chain(&init).any(|name| name == wanted) {
        return Ok(());
    }
    all.extend(init.iter().map(|name| format!("{name} (init)")));
    let name = pod["metadata"].str("name");
    let all = all.join(", ");
    Err(plain_failure(format!("container {wanted} is not valid for pod {name} out of: {all}")))
}
