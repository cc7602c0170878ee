//! Runs the transcripts of kubectl.
//!
//! Before each command the server holds the objects that were recorded then. A command that only
//! reads must print the recorded text to the letter, ages one second off at most. Any other output
//! is compared in its normal form. A case passes if all its commands pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cluster::ApiServer;
use cluster::apiserver::{Key, Storage};
use conformance::{Tally, file_name, folders, read};
use kubernetes::columns::seconds;
use kubernetes::object::{Value, from_yaml, parse_json};
use terminal::Output;
use terminal::kubectl::{Config, Desk, Files, Kubectl, Logs, Process};
use terminal::shell::{Job, Shell, World};
use text::FileId;

use crate::kubectl_normal::{Normal, show_difference};

/// Milliseconds that a command waits at most.
const LONGEST: i64 = 600_000;
/// Milliseconds between the end of a command's requests and the state that it waits for.
const BETWEEN: i64 = 1_000;
/// Seconds from the start of a command until it prints, on a busy machine.
const LATE: i64 = 10;

pub fn run(folder: &Path, tally: &mut Tally) {
    let normal = Normal::new();
    let (mut passed, mut total) = (0, 0);
    for case in folders(folder) {
        if !case.join("transcript.json").is_file() {
            continue;
        }
        tally.case(&file_name(&case), || {
            let (good, failures) = run_case(folder, &case, &normal);
            passed += good;
            total += good + failures.len();
            let count = good + failures.len();
            match &failures[..] {
                [] => Ok(()),
                failures => Err(format!("{good}/{count} commands, not: {}", failures.join("; "))),
            }
        });
    }
    tally.failures.push(format!("commands {passed}/{total}"));
}

/// The world of a case: recorded objects, files, a kubeconfig.
struct Machine {
    server: ApiServer,
    files: Workspace,
    config: Config,
    logs: Recorded,
    stdin: String,
    /// The state after the command: what it waits for.
    after: Value,
}

/// The files of a case, and those that commands wrote.
struct Workspace {
    folder: PathBuf,
    written: BTreeMap<String, String>,
}

impl Files for Workspace {
    fn read(&self, path: &str) -> Option<String> {
        let read = || std::fs::read_to_string(self.folder.join(path)).ok();
        self.written.get(path).cloned().or_else(read)
    }

    fn list(&self, folder: &str) -> Option<Vec<String>> {
        let entries = std::fs::read_dir(self.folder.join(folder)).ok()?;
        let mut names: Vec<String> = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        Some(names)
    }
}

/// What the stand-in for the kubelet answers to `kubectl logs`.
struct Recorded {
    containers: Vec<Value>,
    at: i64,
}

pub fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            rest.is_empty()
                || (0..=text.len())
                    .filter(|at| text.is_char_boundary(*at))
                    .any(|at| glob(rest, &text[at..]))
        }),
    }
}

impl Logs for Recorded {
    fn lines(&self, pod: &Value, container: &str, _: bool) -> Vec<(i64, String)> {
        let spec = &pod["spec"];
        let mut all = spec.list("containers").iter().chain(spec.list("initContainers"));
        let image = all.find(|one| one.str("name") == container).map_or("", |one| one.str("image"));
        let name = pod["metadata"].str("name");
        let fits =
            |key: &str, rule: &Value, text: &str| !rule.has(key) || glob(rule.str(key), text);
        let rule = self.containers.iter().find(|rule| {
            fits("image", rule, image)
                && fits("container", rule, container)
                && fits("pod", rule, name)
        });
        let lines = rule.map_or(&[][..], |rule| rule.list("logs"));
        let at = self.at * 1000;
        lines.iter().filter_map(Value::as_str).map(|line| (at, line.to_owned())).collect()
    }
}

impl World for Machine {
    fn read_file(&self, path: &str) -> Option<String> {
        self.files.read(path)
    }

    fn list_folder(&self, path: &str) -> Option<Vec<String>> {
        self.files.list(path)
    }

    fn write_file(&mut self, path: &str, text: &str) -> Result<(), String> {
        self.files.written.insert(path.to_owned(), text.to_owned());
        Ok(())
    }

    fn start(&mut self, words: &[String], stdin: &str) -> Option<Job> {
        let (name, rest) = words.split_first()?;
        if name != "kubectl" {
            return None;
        }
        let words: Vec<&str> = rest.iter().map(String::as_str).collect();
        let stdin = if stdin.is_empty() { self.stdin.clone() } else { stdin.to_owned() };
        let namespace = self.config.namespace().to_owned();
        let desk = Desk {
            config: self.config.clone(),
            stdin: &stdin,
            logs: Some(&self.logs),
            descriptions: None,
            metrics: None,
            live: false,
        };
        let mut kubectl =
            Kubectl { server: &mut self.server, files: &self.files, namespace: &namespace, desk };
        let mut process = kubectl.start(&words);
        self.config = kubectl.desk.config;
        self.finish(&mut process);
        Some(Job::Ended(process.into_output()))
    }

    fn poll(&mut self, process: &mut Process) {
        self.finish(process);
    }

    fn now(&self) -> i64 {
        self.server.time() * 1000
    }

    fn programs(&self) -> &[&'static str] {
        &["kubectl"]
    }
}

impl Machine {
    /// Looks at a command that waits, now and when its limit has passed.
    fn finish(&mut self, process: &mut Process) {
        let now = self.now();
        process.poll(&mut self.server, now);
        if !process.has_ended() && !self.after.is_null() {
            change(&mut self.server, &std::mem::take(&mut self.after));
            process.poll(&mut self.server, now + BETWEEN);
        }
        if !process.has_ended() {
            let end = process.wakes_at().unwrap_or(now + LONGEST);
            process.poll(&mut self.server, end);
        }
    }
}

pub fn json(path: &Path) -> Value {
    parse_json(&read(path)).unwrap_or_default()
}

pub fn yaml_file(path: &Path) -> Value {
    let parsed = yaml::parse(FileId(0), &read(path));
    parsed.root().and_then(|root| from_yaml(root).ok()).unwrap_or_default()
}

/// Runs a case. Returns the number of commands that passed, and those that did not.
fn run_case(folder: &Path, case: &Path, normal: &Normal) -> (usize, Vec<String>) {
    let description = yaml_file(&case.join("case.yaml"));
    let context = &description["context"];
    let config = if context.is_null() {
        Config::default()
    } else {
        let (name, cluster) = (context.str("context"), context.str("cluster"));
        Config::named(name, cluster, context.str("user"), "https://192.168.49.2:8443")
    };
    let mut server = ApiServer::new(0, 1);
    let built_in = built_in(&server);
    server.storage = Storage::default();
    let recorded = json(&folder.join(description.str("cluster")));
    restore(&mut server, &recorded);
    for mut object in built_in {
        let system = recorded.as_list().into_iter().flatten().find(|one| {
            one.str("kind") == "Namespace" && one["metadata"].str("name") == "kube-system"
        });
        let created = system.map(|one| one["metadata"]["creationTimestamp"].clone());
        object.entry("metadata").set("creationTimestamp", created.unwrap_or_default());
        server.restore(&object);
    }
    let mut machine = Machine {
        server,
        files: Workspace { folder: case.join("files"), written: BTreeMap::new() },
        config,
        logs: Recorded { containers: description.list("containers").to_vec(), at: 0 },
        stdin: String::new(),
        after: Value::Null,
    };
    let (mut passed, mut failures) = (0, Vec::new());
    for step in json(&case.join("transcript.json")).as_list().into_iter().flatten() {
        if !step.bool("unstable") {
            match check(&mut machine, step, normal) {
                true => passed += 1,
                false => failures.push(step.str("command").to_owned()),
            }
        } else {
            let _ = command(&mut machine, step, 0);
        }
        change(&mut machine.server, &step["after"]);
    }
    (passed, failures)
}

/// Puts the objects after a command into the server, and removes what is gone.
fn change(server: &mut ApiServer, after: &Value) {
    restore(server, &after["set"]);
    for path in after.list("gone").iter().filter_map(Value::as_str) {
        remove(server, path);
    }
}

/// Puts recorded objects into the server, definitions first, and a Lease for each node.
fn restore(server: &mut ApiServer, objects: &Value) {
    let is_definition = |object: &&Value| object.str("kind") == "CustomResourceDefinition";
    let all = || objects.as_list().into_iter().flatten();
    all().filter(is_definition).for_each(|object| server.restore(object));
    all().for_each(|object| server.restore(object));
    for node in all().filter(|object| object.str("kind") == "Node") {
        let name = node["metadata"].str("name");
        let lease = format!(
            r#"{{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{{"name":"{name}","namespace":"kube-node-lease"}},"spec":{{"holderIdentity":"{name}","renewTime":"2026-01-01T00:00:00.000000Z"}}}}"#
        );
        server.restore(&parse_json(&lease).unwrap_or_default());
    }
}

/// Objects that every API server has and that the recording leaves out.
fn built_in(server: &ApiServer) -> Vec<Value> {
    let kinds = ["PriorityClass", "ClusterRole", "ClusterRoleBinding"];
    let objects = server.storage.iter().filter(|(key, _)| kinds.contains(&key.kind));
    objects.map(|(_, object)| object.clone()).collect()
}

fn remove(server: &mut ApiServer, path: &str) {
    let gone: Vec<Key> = server
        .storage
        .iter()
        .filter(|(key, object)| {
            let (version, kind) = (object.str("apiVersion"), object.str("kind"));
            format!("{version}/{kind}/{}/{}", key.namespace, key.name) == path
        })
        .map(|(key, _)| key.clone())
        .collect();
    for key in gone {
        server.storage.remove(&key);
    }
}

/// Runs the command of a step `late` seconds after it was typed.
fn command(machine: &mut Machine, step: &Value, late: i64) -> Output {
    let at = seconds(step.str("at")).unwrap_or_default() + late;
    machine.server.set_time(at);
    machine.logs.at = at;
    step.str("stdin").clone_into(&mut machine.stdin);
    machine.after = step["after"].clone();
    Shell::default().run(step.str("command"), machine)
}

/// Returns true if a command does what was recorded. What it changes is dropped: the recorded
/// objects follow.
fn check(machine: &mut Machine, step: &Value, normal: &Normal) -> bool {
    let text =
        |raw: &str, plain: &str| step[raw].as_str().unwrap_or_else(|| step.str(plain)).to_owned();
    let exit = step.int("exit").try_into().unwrap_or(-1);
    let recorded =
        Output { stdout: text("raw_stdout", "stdout"), stderr: text("raw_stderr", "stderr"), exit };
    let (server, config) = (machine.server.clone(), machine.config.clone());
    let reads = step["after"].is_null();
    let mut outputs = Vec::new();
    for late in 0..=if reads { LATE } else { 0 } {
        machine.server = server.clone();
        machine.config = config.clone();
        let output = command(machine, step, late);
        let near = output.exit == recorded.exit
            && normal.is_near(&output.stdout, &recorded.stdout)
            && normal.is_near(&output.stderr, &recorded.stderr);
        if near {
            machine.server = server;
            return true;
        }
        outputs.push(output);
    }
    let names = random_names(&server, &machine.server);
    let addresses = addresses(&server, &machine.server);
    machine.server = server;
    // A text without a recording to the letter, one about times or certificates, one whose lines
    // have no order, and a change are normalized.
    // The stand-in for the kubelet writes its logs at times of its own.
    let unknown = ["RenewTime", "X509SHA256", "/tmp/LIVE-"]
        .iter()
        .any(|part| step.str("stdout").contains(part))
        || step.str("command").contains("--timestamps");
    let drains = step.str("command").starts_with("kubectl drain");
    let letters = step.has("raw_stdout") && reads && !unknown && !drains;
    let normalized = |text: &str| {
        let text = normal.text(text, &names, &addresses);
        if step.str("command").contains("--all-containers") {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            return lines.join("\n") + "\n";
        }
        text
    };
    let Some(output) = outputs.into_iter().next() else { return false };
    let found = [&output.stdout, &output.stderr].map(|text| normalized(text));
    let expected = [step.str("stdout"), step.str("stderr")].map(str::to_owned);
    let same = !letters && output.exit == exit && found == expected;
    if !same && found == expected {
        let [expected, found] = [recorded, output].map(|one| [one.stdout, one.stderr]);
        show_difference(step, &expected, exit, &found);
    } else if !same {
        show_difference(step, &expected, output.exit, &found);
    }
    same
}

/// Names that end in random letters, before and after a command.
pub fn random_names(before: &ApiServer, after: &ApiServer) -> BTreeSet<String> {
    let objects = before.storage.iter().chain(after.storage.iter());
    let random = objects.filter(|(_, object)| {
        let metadata = &object["metadata"];
        let end = metadata.str("name").strip_prefix(metadata.str("generateName"));
        metadata.has("generateName") && end.is_some_and(is_random)
    });
    random.map(|(key, _)| key.name.to_string()).collect()
}

/// Returns true for five letters of those that the API server chooses from. The ordinals of a
/// StatefulSet's pods are none.
fn is_random(end: &str) -> bool {
    end.len() == 5 && end.bytes().all(|letter| b"bcdfghjklmnpqrstvwxz2456789".contains(&letter))
}

/// Addresses that the API server chose for Services, but its own.
pub fn addresses(before: &ApiServer, after: &ApiServer) -> BTreeSet<String> {
    let objects = before.storage.iter().chain(after.storage.iter());
    let services = objects.filter(|(key, _)| key.kind == "Service" && &*key.name != "kubernetes");
    let addresses = services.filter_map(|(_, object)| {
        let address = object["spec"].str("clusterIP");
        let annotations = &object["metadata"]["annotations"];
        let applied = annotations.str("kubectl.kubernetes.io/last-applied-configuration");
        let mut parts = address.split('.');
        // The range of Services is 10.96.0.0/12.
        let chosen = parts.next() == Some("10")
            && parts
                .next()
                .and_then(|part| part.parse().ok())
                .is_some_and(|part: u8| part >> 4 == 6);
        (chosen && !applied.contains(address)).then(|| address.to_owned())
    });
    addresses.collect()
}
