//! Commands in the world: the shell and its programs, while the time of the cluster passes.

use std::collections::BTreeMap;
use std::sync::Arc;

use cluster::kubelet::Kubelets;
use kubernetes::object::Value;
use promql::Timestamp;
use terminal::Output;
use terminal::kubectl::{Config, Desk, Files, Held, Kubectl, Logs, Metrics, Process, Reach, Usage};
use terminal::shell::{Job, Run, Shell, World as ShellWorld};

use crate::World;
use crate::held::{self, Forward};
use crate::inside;
use crate::machine;
use crate::terminals::{Edited, Terminals};

/// Milliseconds that a command waits at most.
const LONGEST: i64 = 3_600_000;
/// The programs of the shell.
const PROGRAMS: &[&str] = &["curl", "helm", "kubectl", "minikube", "promtool", "wget"];

/// State that commands share: files, the kubeconfig, variables, forwarded ports.
#[derive(Clone, Debug, Default)]
pub struct Terminal {
    /// The files of the workspace by path.
    pub files: Arc<BTreeMap<String, String>>,
    pub config: Config,
    pub shell: Shell,
    /// The descriptions of fields for `kubectl explain`; natively they are part of the program.
    pub descriptions: Option<Arc<Vec<String>>>,
    /// Ports of the own machine that lead to a port of a pod.
    pub(crate) forwards: BTreeMap<u16, Forward>,
    /// The terminals in which command lines run while time passes.
    pub(crate) terminals: Terminals,
    /// Objects that `kubectl edit` opens, until the caller takes them.
    pub(crate) edited: Vec<Edited>,
}

struct WorkspaceFiles<'a>(&'a BTreeMap<String, String>);

impl Files for WorkspaceFiles<'_> {
    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path.strip_prefix("./").unwrap_or(path)).cloned()
    }

    fn list(&self, folder: &str) -> Option<Vec<String>> {
        let folder = folder.trim_start_matches("./").trim_matches('/');
        let prefix = if matches!(folder, "" | ".") { String::new() } else { format!("{folder}/") };
        let inside = self.0.keys().filter_map(|path| path.strip_prefix(&prefix));
        let mut names: Vec<String> =
            inside.filter_map(|rest| rest.split('/').next().map(str::to_owned)).collect();
        names.dedup();
        (!names.is_empty() || prefix.is_empty()).then_some(names)
    }
}

/// The logs and the use of containers, as the kubelets have them.
struct Containers<'a> {
    kubelets: &'a Kubelets,
    now: Timestamp,
}

impl Logs for Containers<'_> {
    fn lines(&self, pod: &Value, container: &str, previous: bool) -> Vec<(i64, String)> {
        let metadata = &pod["metadata"];
        let (namespace, name) = (metadata.str("namespace"), metadata.str("name"));
        let lines = self.kubelets.log(namespace, name, container, previous, self.now);
        lines.unwrap_or_default()
    }
}

impl Metrics for Containers<'_> {
    fn usage(&self, pod: &Value, container: &str) -> Option<(Usage, i64)> {
        let metadata = &pod["metadata"];
        let (namespace, name) = (metadata.str("namespace"), metadata.str("name"));
        let (used, started) = self.kubelets.usage(namespace, name, container, self.now)?;
        let millicores = (used.cores * 1000.0).ceil() as i64;
        Some((Usage { millicores, bytes: used.memory }, started.div_euclid(1000)))
    }
}

/// The world as the shell sees it.
struct Desktop<'a> {
    world: &'a mut World,
    stdin: &'a str,
    /// The terminal in which the command line runs; None for a caller that waits for its end.
    terminal: Option<u32>,
}

impl ShellWorld for Desktop<'_> {
    fn read_file(&self, path: &str) -> Option<String> {
        WorkspaceFiles(&self.world.terminal.files).read(path)
    }

    fn list_folder(&self, path: &str) -> Option<Vec<String>> {
        WorkspaceFiles(&self.world.terminal.files).list(path)
    }

    fn write_file(&mut self, path: &str, text: &str) -> Result<(), String> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let inside = path.strip_prefix(machine::TEMPORARY).unwrap_or(path);
        if inside.starts_with('/') || inside.split('/').any(|part| matches!(part, "" | "." | ".."))
        {
            return Err("Permission denied".to_owned());
        }
        Arc::make_mut(&mut self.world.terminal.files).insert(path.to_owned(), text.to_owned());
        Ok(())
    }

    fn start(&mut self, words: &[String], stdin: &str) -> Option<Job> {
        let (name, rest) = words.split_first()?;
        let stdin = if stdin.is_empty() { self.stdin } else { stdin };
        match name.as_str() {
            "kubectl" | "k" => {
                let words: Vec<&str> = rest.iter().map(String::as_str).collect();
                Some(Job::Kubectl(Box::new(self.world.start_kubectl(&words, stdin))))
            }
            "curl" | "wget" => {
                let (output, saved) = inside::client(self.world, name, rest, None);
                match saved {
                    Some((path, body)) => {
                        let written = self.write_file(&path, &body);
                        let error = written.err().map(|error| format!("{name}: {path}: {error}\n"));
                        let mut output = output;
                        output.stderr.push_str(&error.unwrap_or_default());
                        Some(Job::Ended(output))
                    }
                    None => Some(Job::Ended(output)),
                }
            }
            name => machine::run(self.world, name, rest, stdin).map(Job::Ended),
        }
    }

    fn poll(&mut self, process: &mut Process) {
        let now = self.world.now();
        process.poll(&mut self.world.cluster.server, now);
        self.world.answer(process, self.terminal);
    }

    fn now(&self) -> i64 {
        self.world.now()
    }

    fn programs(&self) -> &[&'static str] {
        PROGRAMS
    }
}

impl World {
    /// Starts kubectl with the words behind its name.
    fn start_kubectl(&mut self, words: &[&str], stdin: &str) -> Process {
        let now = self.now();
        let namespace = self.terminal.config.namespace().to_owned();
        let kubelets = &self.cluster.kubelets;
        let containers = Containers { kubelets, now };
        let files = WorkspaceFiles(&self.terminal.files);
        let config = self.terminal.config.clone();
        let descriptions = self.terminal.descriptions.clone();
        let descriptions = descriptions.as_deref().map(Vec::as_slice);
        let (logs, metrics) = (Some(&containers as &dyn Logs), Some(&containers as &dyn Metrics));
        let desk = Desk { config, stdin, logs, descriptions, metrics, live: true };
        let server = &mut self.cluster.server;
        let mut kubectl = Kubectl { server, files: &files, namespace: &namespace, desk };
        let process = kubectl.start(words);
        self.terminal.config = kubectl.desk.config;
        // Controllers do not write in the name of kubectl.
        self.cluster.server.set_manager("");
        process
    }

    /// Answers what a command asks of a container, and shows a held command what it looks at. Without
    /// a terminal nobody can press Ctrl+C, and a held command ends at once.
    fn answer(&mut self, process: &mut Process, terminal: Option<u32>) {
        self.cluster.server.set_manager("");
        if let Some(reach) = process.reach().cloned() {
            match reach {
                Reach::Exec { namespace, pod, container, command } => {
                    let output = inside::exec(self, (&namespace, &pod, &container), &command);
                    process.answer(output);
                }
                Reach::Forward { namespace, pod, ports } => {
                    let held = Held::Forward { namespace, pod, ports };
                    let output = held::listen(self, &held, terminal);
                    match output.exit {
                        0 => {
                            process.print(&output);
                            process.hold(held);
                        }
                        _ => process.answer(output),
                    }
                }
                Reach::Edit { api_version, kind, namespace, name } => {
                    self.terminal.edited.push(Edited { api_version, kind, namespace, name });
                    let mut output = Output::default();
                    output.err("terminal: opened in the editor of the page");
                    process.answer(output);
                }
            }
        }
        let Some(held) = process.held_mut() else { return };
        let (output, ended) = held::look(self, held);
        process.print(&output);
        match (ended, terminal) {
            (Some(exit), _) => process.answer(Output::default().ended(exit)),
            (None, None) => process.answer(Output::default()),
            (None, Some(_)) => {}
        }
    }

    /// Starts a command line. It goes on with [`World::poll_command`].
    pub fn start_command(&mut self, line: &str) -> Run {
        self.terminal.shell.start(line)
    }

    /// Looks at a command line: after its start, after each change of the cluster, and at the time
    /// at which it wakes.
    pub fn poll_command(&mut self, run: &mut Run, stdin: &str) {
        let mut shell = std::mem::take(&mut self.terminal.shell);
        run.poll(&mut shell, &mut Desktop { world: self, stdin, terminal: None });
        self.terminal.shell = shell;
    }

    /// Looks at the command line of a terminal.
    pub(crate) fn poll_in_terminal(&mut self, run: &mut Run, shell: &mut Shell, terminal: u32) {
        run.poll(shell, &mut Desktop { world: self, stdin: "", terminal: Some(terminal) });
    }

    /// Runs a command line to its end while time passes, but no longer than an hour.
    pub fn command(&mut self, line: &str) -> Output {
        self.command_with(line, "", self.now() + LONGEST)
    }

    /// Runs a command line with an input, until its end or a time.
    pub fn command_with(&mut self, line: &str, stdin: &str, limit: Timestamp) -> Output {
        let mut run = self.start_command(line);
        loop {
            self.poll_command(&mut run, stdin);
            if run.has_ended() || self.now() >= limit {
                return run.into_output();
            }
            let next = [self.next_time(), run.wakes_at()].into_iter().flatten().min();
            self.advance(next.unwrap_or(limit).clamp(self.now(), limit));
        }
    }

    /// Applies manifests as `kubectl apply -f` does. Time passes between two objects.
    pub fn apply(&mut self, manifests: &str) -> Output {
        self.kubectl(&["apply", "-f", "-"], manifests)
    }

    /// Deletes the objects of manifests as `kubectl delete -f --wait=false` does.
    pub fn delete(&mut self, manifests: &str) -> Output {
        self.kubectl(&["delete", "--wait=false", "-f", "-"], manifests)
    }

    /// Runs kubectl to its end while time passes, but no longer than an hour.
    pub fn kubectl(&mut self, words: &[&str], stdin: &str) -> Output {
        self.kubectl_until(words, stdin, self.now() + LONGEST)
    }

    /// Runs kubectl to its end, but no longer than some milliseconds.
    pub fn kubectl_within(&mut self, words: &[&str], stdin: &str, millis: i64) -> Output {
        self.kubectl_until(words, stdin, self.now().saturating_add(millis))
    }

    /// Runs kubectl until its end or a time.
    pub(crate) fn kubectl_until(
        &mut self,
        words: &[&str],
        stdin: &str,
        limit: Timestamp,
    ) -> Output {
        let mut process = self.start_kubectl(words, stdin);
        loop {
            let now = self.now();
            process.poll(&mut self.cluster.server, now);
            self.answer(&mut process, None);
            if process.has_ended() || now >= limit {
                return process.into_output();
            }
            let next = [self.next_time(), process.wakes_at()].into_iter().flatten().min();
            self.advance(next.unwrap_or(limit).clamp(now, limit));
        }
    }
}
