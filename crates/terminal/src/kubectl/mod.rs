//! kubectl: its reading of files, its requests, its words.
//!
//! | file | content |
//! | --- | --- |
//! | `commands` | the table of commands |
//! | `complete` | completion of command lines |
//! | `flags` | flags and arguments of command lines |
//! | `process` | commands that wait for the cluster, advanced with its clock |
//! | `files` | the files that `-f` names |
//! | `read` | files into objects: documents, lists, errors with lines |
//! | `builder` | the objects that words, files and selectors name |
//! | `apply` | `kubectl apply`, client-side and server-side |
//! | `autoscale`, `expose`, `run` | commands that make one object for another one, or from flags |
//! | `create`, `delete`, `drain`, `label`, `patch`, `replace`, `rollout`, `scale`, `set`, `taint` | commands that change objects |
//! | `auth` | `kubectl auth`, and the user of `--as` |
//! | `wait` | `kubectl wait` |
//! | `output` | dry runs, and what is printed about changed objects |
//! | `get`, `table`, `print` | `kubectl get`, its tables and its other formats |
//! | `diff` | what an apply would change |
//! | `explain` | the fields of kinds |
//! | `describe`, `events`, `logs` | what objects are and what happened to them |
//! | `resources` | `api-resources`, `api-versions`, `version`, `cluster-info` |
//! | `config`, `kubeconfig` | contexts, clusters and users |
//! | `top` | the use of resources |
//! | `reach` | commands that reach into containers |
//! | `suggest` | names that are near a word |
//! | `errors` | errors as kubectl prints them |
//!
//! Source: kubectl pkg/cmd, cli-runtime pkg/resource.

mod apply;
mod auth;
mod autoscale;
mod builder;
mod commands;
pub(crate) mod complete;
mod config;
mod create;
mod delete;
mod describe;
mod diff;
mod drain;
mod drain_filter;
mod errors;
mod events;
mod explain;
mod expose;
mod files;
mod flags;
mod get;
mod kubeconfig;
mod label;
mod logs;
mod output;
mod patch;
mod print;
mod process;
mod reach;
pub mod read;
mod replace;
mod resources;
mod rollout;
mod run;
mod scale;
mod set;
mod suggest;
mod table;
mod taint;
mod top;
mod wait;

use cluster::ApiServer;
use kubernetes::object::Value;

use crate::Output;
pub use apply::{Applied, apply_object};
pub use errors::{Failure, message};
pub use kubeconfig::Config;
pub use logs::log_time;
pub use process::{Followed, Held, Process, Reach};
pub(crate) use suggest::suggestions;
pub use top::{Metrics, Usage};

/// The files that a command can read.
pub trait Files {
    /// The text of a file; None if there is no such file.
    fn read(&self, path: &str) -> Option<String>;

    /// The names of the files of a folder, sorted; None if there is no such folder.
    fn list(&self, _folder: &str) -> Option<Vec<String>> {
        None
    }
}

impl<F: Fn(&str) -> Option<String>> Files for F {
    fn read(&self, path: &str) -> Option<String> {
        self(path)
    }
}

/// The context of kubectl: a server, files, and the namespace.
pub struct Kubectl<'a> {
    pub server: &'a mut ApiServer,
    pub files: &'a dyn Files,
    pub namespace: &'a str,
    pub desk: Desk<'a>,
}

/// The context of a reading command besides the server. A default one has a fresh kubeconfig, no
/// input and no logs.
#[derive(Default)]
pub struct Desk<'a> {
    pub config: Config,
    /// The text of `-f -`.
    pub stdin: &'a str,
    pub logs: Option<&'a dyn Logs>,
    /// The descriptions of fields, as [`kubernetes::openapi::Descriptions`] numbers them. Natively
    /// they are part of the program.
    pub descriptions: Option<&'a [String]>,
    /// The use of containers, for `kubectl top`.
    pub metrics: Option<&'a dyn Metrics>,
    /// True if the caller advances commands with a clock and answers a [`Reach`]. Objects are then
    /// sent one after the other, and commands can reach into containers.
    pub live: bool,
}

/// Logs of containers.
pub trait Logs {
    /// The lines of a container, each with its time in milliseconds since the epoch. `previous` requests
    /// the run before the last.
    fn lines(&self, pod: &Value, container: &str, previous: bool) -> Vec<(i64, String)>;
}

/// A running command: its output so far, and the condition that it waits for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    pub output: Output,
    /// The words that name the command: `kubectl rollout status`.
    pub path: String,
    /// Set by a command that ends later.
    pub waiting: Option<process::Waiting>,
    warned: Vec<String>,
}

impl Session {
    pub fn print(&mut self, line: &str) {
        self.output.out(line);
    }

    /// A warning of the server. The same one is printed once.
    pub fn warn(&mut self, warnings: &[String]) {
        for warning in warnings {
            if !self.warned.contains(warning) {
                self.warned.push(warning.clone());
                self.output.stderr.push_str(&format!("Warning: {warning}\n"));
            }
        }
    }

    /// A line of kubectl itself on the standard error.
    pub fn note(&mut self, text: &str) {
        self.output.err(text);
    }

    /// An error in the use of the command.
    pub fn usage(&self, message: &str) -> Vec<Failure> {
        vec![commands::usage_error(&self.path, message)]
    }
}

/// An error of kubectl as the only one of a command.
pub(crate) fn plain(text: impl Into<String>) -> Vec<Failure> {
    vec![Failure::Plain(text.into())]
}

/// An error of kubectl.
pub(crate) fn plain_failure(text: impl Into<String>) -> Failure {
    Failure::Plain(text.into())
}

impl<'a> Kubectl<'a> {
    /// kubectl in a namespace, with a fresh kubeconfig.
    pub fn new(server: &'a mut ApiServer, files: &'a dyn Files, namespace: &'a str) -> Self {
        Self { server, files, namespace, desk: Desk::default() }
    }
}

impl Kubectl<'_> {
    /// Runs a command, given as its words without the leading `kubectl`, for a caller without a
    /// clock: a command that would wait ends without an error where its wait begins.
    pub fn run(&mut self, words: &[&str]) -> Output {
        self.start(words).into_output()
    }

    /// Starts a command, given as its words without the leading `kubectl`. A command that waits is
    /// advanced with [`Process::poll`].
    pub fn start(&mut self, words: &[&str]) -> Process {
        let mut session = Session::default();
        let failures = match commands::find(words) {
            Ok(None) => Vec::new(),
            Err(word) => plain(suggest::unknown_command(word)),
            Ok(Some(found)) => self.run_found(&found, &mut session),
        };
        Process::new(session, failures)
    }

    fn run_found(&mut self, found: &commands::Found<'_>, session: &mut Session) -> Vec<Failure> {
        let command = found.command;
        session.path.clone_from(&found.path);
        let mut groups = command.flags.to_vec();
        groups.push(commands::GLOBAL);
        let arguments = match flags::Arguments::parse(&groups, &found.arguments) {
            Ok(arguments) => arguments,
            Err(error) => {
                let path = &found.path;
                return plain(format!("{error}\nSee '{path} --help' for usage."));
            }
        };
        for line in &arguments.deprecations {
            session.note(line);
        }
        let missing: Vec<String> = command
            .required
            .iter()
            .filter(|name| !arguments.given(name))
            .map(|name| format!("\"{name}\""))
            .collect();
        if !missing.is_empty() {
            return plain(format!("required flag(s) {} not set", missing.join(", ")));
        }
        // kubectl names itself after the command in each request.
        self.server.set_manager(arguments.text("field-manager").unwrap_or(command.manager));
        self.server.impersonate(auth::impersonated(&arguments));
        let failures = match self.named_context(&arguments, session) {
            Ok(None) => (command.run)(self, &arguments, session),
            Ok(Some(namespace)) => {
                let config = std::mem::take(&mut self.desk.config);
                let Desk { stdin, logs, descriptions, metrics, live, .. } = self.desk;
                let desk = Desk { config, stdin, logs, descriptions, metrics, live };
                let (server, files) = (&mut *self.server, self.files);
                let mut other = Kubectl { server, files, namespace: &namespace, desk };
                let failures = (command.run)(&mut other, &arguments, session);
                self.desk.config = other.desk.config;
                failures
            }
            Err(failure) => vec![failure],
        };
        self.server.impersonate(None);
        failures
    }
}

impl Kubectl<'_> {
    /// The namespace of the context that `--context` names; None without the flag.
    /// Source: client-go tools/clientcmd client_config.go ConfirmUsable.
    fn named_context(
        &self,
        arguments: &flags::Arguments,
        session: &Session,
    ) -> Result<Option<String>, Failure> {
        let wanted = arguments.text("context").filter(|name| !name.is_empty());
        let Some(wanted) = wanted.filter(|_| !session.path.starts_with("kubectl config")) else {
            return Ok(None);
        };
        match self.desk.config.context(wanted) {
            Some(context) => Ok(Some(match context.str("namespace") {
                "" => "default".to_owned(),
                namespace => namespace.to_owned(),
            })),
            None => Err(Failure::Bare(format!(
                "Error in configuration: context was not found for specified context: {wanted}"
            ))),
        }
    }
}

#[cfg(test)]
mod changing_tests;
#[cfg(test)]
mod tests;
