//! Workloads in time: commands at their seconds, the states between them, events and output.

use std::path::Path;

use cluster::kubelet::NodeOptions;
use cluster::program::read_behaviors;
use cluster::{Cluster, Options};
use conformance::{Tally, file_name, json, list, read};
use kubernetes::object::{Value as Object, from_yaml};
use serde_json::Value;
use terminal::Output;
use terminal::kubectl::{Kubectl, Process};
use text::FileId;

use crate::rollout_compare::{self as compare, Event, Seen};
use crate::rollout_state::{self as state, NAMESPACE, Names};

const START: i64 = 1_767_225_600_000;
/// Milliseconds between the commands before the time starts and its start.
const PAUSE: i64 = 2000;
/// Milliseconds from the start of kubectl to its first look at what it waits for.
const STARTUP: i64 = 63;
/// Milliseconds after which a command before the start is given up.
const LONGEST: i64 = 120_000;

pub fn run(folder: &Path, tally: &mut Tally) {
    for case in conformance::folders(folder) {
        tally.case(&file_name(&case), || run_case(&case));
    }
}

/// A step of a case.
struct Step {
    /// Milliseconds after the start.
    at: i64,
    command: String,
}

/// A command that was started, and when.
struct Running {
    command: String,
    process: Process,
    /// The time of its first look at the cluster.
    from: i64,
}

/// The output of a command, without what is thrown away.
fn output_of(command: &str, process: Process) -> Output {
    let mut output = process.into_output();
    if command.ends_with("> /dev/null") {
        output.stdout.clear();
    }
    output
}

struct World<'a> {
    folder: &'a Path,
    cluster: Cluster,
    names: Names,
    /// The time of the first change; None before it.
    zero: Option<i64>,
    running: Vec<Running>,
    seen: Vec<Seen>,
    min_endpoints: usize,
    max_desired: i64,
    min_available: Option<i64>,
    /// The number of objects written before the start.
    revision: u64,
    /// Names of events in the order in which they appeared.
    events: Vec<String>,
}

fn run_case(folder: &Path) -> Result<(), String> {
    let recorded = json(&folder.join("sequence.json"));
    let case = document(&read(&folder.join("case.yaml")));
    let mut world = World::new(folder)?;
    let commands = list(&recorded["commands"]);
    let mut outputs = Vec::new();
    for command in case.list("before").iter().filter_map(Object::as_str) {
        let known = commands.iter().any(|one| one["command"] == command && one["when"] == "before");
        outputs.extend(world.before(command, known)?);
    }
    world.pass(PAUSE);
    world.begin();
    let mut recorded_steps: Vec<&Value> =
        commands.iter().filter(|one| one.get("when").is_none()).collect();
    for step in steps(&case) {
        // A change counts from the end of its command, a wait from its start.
        let same = recorded_steps.iter().position(|one| one["command"] == step.command);
        let recorded = same.map(|at| recorded_steps.remove(at));
        let at = recorded.and_then(|one| one["started"].as_f64().or(one["t"].as_f64()));
        let at = at.map_or(step.at, |seconds| (seconds * 1000.0) as i64);
        world.pass_until(world.start() + at);
        world.start_command(&step.command)?;
    }
    let duration = (case["duration"].as_int().unwrap_or_default() * 1000).max(1000);
    world.pass_until(world.start() + duration);
    let running = std::mem::take(&mut world.running);
    outputs.extend(running.into_iter().map(|one| {
        let output = output_of(&one.command, one.process);
        (one.command, output)
    }));
    for command in case.list("after").iter().filter_map(Object::as_str) {
        let process = world.process(command)?;
        outputs.push((command.to_owned(), process.into_output()));
    }
    world.show();
    world.compare(&recorded, &outputs)
}

fn document(text: &str) -> Object {
    let parsed = yaml::parse(FileId(0), text);
    parsed.root().and_then(|root| from_yaml(root).ok()).unwrap_or_default()
}

fn steps(case: &Object) -> Vec<Step> {
    let seconds = |value: &Object| match value {
        Object::Int(seconds) => seconds * 1000,
        Object::Float(seconds) => (seconds * 1000.0) as i64,
        _ => 0,
    };
    let step = |one: &Object| Step { at: seconds(&one["at"]), command: one.str("run").to_owned() };
    case.list("steps").iter().map(step).collect()
}

impl<'a> World<'a> {
    fn new(folder: &'a Path) -> Result<Self, String> {
        let mut cluster = Cluster::new(Options { now: START, seed: 1 });
        for name in ["node-1", "node-2", "node-3"] {
            cluster.add_node(&NodeOptions::new(name));
        }
        let text = read(&folder.join("behaviour.yaml"));
        let (behaviors, diagnostics) = read_behaviors(FileId(0), &text);
        if let Some(wrong) = diagnostics.first() {
            return Err(format!("behaviour.yaml: {}", wrong.message));
        }
        cluster.kubelets.programs = std::sync::Arc::new(behaviors);
        cluster.kubelets.images = super::kubelet::images(&folder.join("../images.json"));
        cluster.advance(START + 5000);
        Ok(World {
            folder,
            cluster,
            names: Names::default(),
            zero: None,
            running: Vec::new(),
            seen: Vec::new(),
            min_endpoints: usize::MAX,
            max_desired: 0,
            min_available: None,
            revision: 0,
            events: Vec::new(),
        })
    }

    /// The time at which the steps begin.
    fn start(&self) -> i64 {
        self.zero.unwrap_or_else(|| self.cluster.now())
    }

    fn begin(&mut self) {
        self.look();
        self.zero = Some(self.cluster.now());
        self.revision = self.latest();
        self.look();
    }

    /// The newest version of all objects.
    fn latest(&self) -> u64 {
        let versions = self.cluster.server.storage.iter().map(|(_, object)| version(object));
        versions.max().unwrap_or_default()
    }

    fn pass(&mut self, time: i64) {
        self.pass_until(self.cluster.now() + time);
    }

    /// Lets time pass; looks at the cluster after each change.
    fn pass_until(&mut self, to: i64) {
        loop {
            self.look();
            let wakes = self.running.iter().filter_map(|one| one.process.wakes_at()).min();
            let now = self.cluster.now();
            let first = self.running.iter().map(|one| one.from).filter(|from| *from > now).min();
            let next = [self.cluster.next_time(), wakes, first].into_iter().flatten().min();
            let at = next.unwrap_or(to).min(to).max(self.cluster.now());
            let done = self.cluster.now() >= to;
            self.cluster.advance(at);
            if done {
                return self.look();
            }
        }
    }

    /// Notes the state, and lets the commands that wait look at it.
    fn look(&mut self) {
        let now = self.cluster.now();
        for one in self.running.iter_mut().filter(|one| one.from <= now) {
            one.process.poll(&mut self.cluster.server, now);
        }
        self.cluster.server.set_manager("");
        let server = &self.cluster.server;
        self.names.learn(server);
        for (key, _) in server.storage.list("", "Event", NAMESPACE) {
            if !self.events.iter().any(|known| **known == *key.name) {
                self.events.push(key.name.to_string());
            }
        }
        let Some(zero) = self.zero else { return };
        self.min_endpoints = self.min_endpoints.min(state::ready_endpoints(server));
        self.max_desired = self.max_desired.max(state::desired(server));
        if let Some(available) = state::available(server) {
            self.min_available =
                Some(self.min_available.map_or(available, |one| one.min(available)));
        }
        let state = state::state(server, &self.names);
        if self.seen.last().is_none_or(|(_, last)| *last != state) {
            self.seen.push(((now - zero) as f64 / 1000.0, state));
        }
    }

    /// Runs a command before the start to its end. One that the recording does not have was done
    /// without kubectl.
    fn before(&mut self, command: &str, known: bool) -> Result<Vec<(String, Output)>, String> {
        if let Some(file) = command.strip_prefix("kubectl apply -f ").filter(|_| !known) {
            let text = read(&self.folder.join(file));
            let parsed = yaml::parse(FileId(0), &text);
            for document in &parsed.documents {
                let object = from_yaml(&document.root).map_err(|error| error.message)?;
                let server = &mut self.cluster.server;
                let kind = server.kind(object.str("apiVersion"), object.str("kind"));
                let kind = kind.ok_or("no such kind")?;
                let created = server.create(kind, NAMESPACE, &object);
                created.map_err(|status| status.message)?;
            }
            return Ok(Vec::new());
        }
        let mut process = self.process(command)?;
        let limit = self.cluster.now() + LONGEST;
        while !process.has_ended() && self.cluster.now() < limit {
            let now = self.cluster.now();
            process.poll(&mut self.cluster.server, now);
            self.look();
            let next = [self.cluster.next_time(), process.wakes_at()];
            let at = next.into_iter().flatten().min().unwrap_or(limit).min(limit);
            self.cluster.advance(at);
        }
        let output = (command.to_owned(), process.into_output());
        Ok(if known { vec![output] } else { Vec::new() })
    }

    fn start_command(&mut self, command: &str) -> Result<(), String> {
        let process = self.process(command)?;
        let from = self.cluster.now() + STARTUP;
        self.running.push(Running { command: command.to_owned(), process, from });
        self.look();
        Ok(())
    }

    /// Starts a command as it is typed in a shell.
    fn process(&mut self, command: &str) -> Result<Process, String> {
        let words = self.words(command)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let folder = self.folder;
        let files = |path: &str| std::fs::read_to_string(folder.join(path)).ok();
        let server = &mut self.cluster.server;
        let mut kubectl = Kubectl::new(server, &files, NAMESPACE);
        let (program, words) = words.split_first().ok_or("an empty command")?;
        if *program != "kubectl" {
            return Err(format!("the command {program} is not known"));
        }
        let process = kubectl.start(words);
        self.cluster.server.set_manager("");
        Ok(process)
    }

    /// Splits a command into words: quotes, and `"$(… | head -1)"`.
    fn words(&mut self, command: &str) -> Result<Vec<String>, String> {
        let mut command = command.trim_end_matches("> /dev/null").trim().to_owned();
        if let Some((head, rest)) = command.split_once("\"$(")
            && let Some((inner, tail)) = rest.split_once(")\"")
        {
            let inner = inner.trim_end_matches("| head -1").trim().to_owned();
            let output = self.process(&inner)?.into_output();
            let first = output.stdout.lines().next().unwrap_or_default();
            command = format!("{head}{first}{tail}");
        }
        Ok(conformance::words(&command))
    }

    /// Prints the states, if `ROLLOUT_STATES` is set.
    fn show(&self) {
        if std::env::var_os("ROLLOUT_STATES").is_some() {
            self.seen.iter().for_each(|(t, state)| println!("    {t:.2} {state}"));
        }
    }

    fn compare(&self, recorded: &Value, outputs: &[(String, Output)]) -> Result<(), String> {
        let mut wrong = Vec::new();
        wrong.extend(compare::sequence(list(&recorded["sequence"]), &self.seen).err());
        let extremes = &recorded["extremes"];
        for (key, seen) in [
            ("minEndpointsReady", self.min_endpoints as i64),
            ("maxDesired", self.max_desired),
            ("minAvailable", self.min_available.unwrap_or(-1)),
        ] {
            if let Some(expected) = extremes[key].as_i64().filter(|expected| *expected != seen) {
                wrong.push(format!("{key}: {expected}, not {seen}"));
            }
        }
        for (object, expected) in recorded["events"].as_object().into_iter().flatten() {
            wrong.extend(compare::events(object, expected, &self.events_of(object)).err());
        }
        let mut outputs: Vec<&(String, Output)> = outputs.iter().collect();
        for expected in list(&recorded["commands"]) {
            let command = expected["command"].as_str().unwrap_or_default();
            let Some(at) = outputs.iter().position(|(known, _)| known == command) else {
                wrong.push(format!("{command}: was not run"));
                continue;
            };
            let (_, output) = outputs.remove(at);
            wrong.extend(self.compare_output(command, expected, output).err());
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n        ")) }
    }

    fn compare_output(
        &self,
        command: &str,
        expected: &Value,
        output: &Output,
    ) -> Result<(), String> {
        let exit = expected["exitCode"].as_i64().unwrap_or_default();
        let text = |key: &str| expected[key].as_str().unwrap_or_default();
        let got = |text: &str| {
            let text = self.names.replace(text);
            let text = ["node-1", "node-2", "node-3"]
                .iter()
                .fold(text, |text, node| text.replace(node, "<node>"));
            compare::normalized(&text)
        };
        if exit != i64::from(output.exit) {
            return Err(format!("{command}: exit {exit}, not {}: {}", output.exit, output.stderr));
        }
        // What differs between runs is not recorded.
        let is_recorded = expected.get("stdout").is_some() || exit != 0;
        let common = list(&expected["stdoutCommon"]);
        let (stdout, stderr) = (got(&output.stdout), got(&output.stderr));
        if is_recorded && common.is_empty() && compare::normalized(text("stdout")) != stdout {
            return Err(format!("{command}: expected {:?}, got {stdout:?}", text("stdout")));
        }
        for line in common.iter().filter_map(Value::as_str) {
            if !stdout.lines().any(|printed| printed == line) {
                return Err(format!("{command}: {line:?} is missing in {stdout:?}"));
            }
        }
        if compare::normalized(text("stderr")) != stderr {
            return Err(format!("{command}: expected {:?}, got {stderr:?}", text("stderr")));
        }
        Ok(())
    }

    /// Events of an object (`deployment/web`) that were written since the start, in order; equal
    /// texts are counted.
    fn events_of(&self, object: &str) -> Vec<Event> {
        let mut found: Vec<Event> = Vec::new();
        let stored: Vec<&Object> =
            self.cluster.server.storage.list("", "Event", NAMESPACE).map(|(_, one)| one).collect();
        for name in &self.events {
            let Some(event) = stored.iter().find(|one| one["metadata"].str("name") == name) else {
                continue;
            };
            let about = &event["involvedObject"];
            let shown = self.names.replace(about.str("name"));
            let key = format!("{}/{shown}", about.str("kind").to_lowercase());
            if key != object || version(event) <= self.revision {
                continue;
            }
            let message = self.names.replace(event.str("message"));
            let (ty, reason) = (event.str("type"), event.str("reason"));
            let count = event.int("count").max(1);
            let same = |one: &&mut Event| (one.0 == ty) && one.1 == reason && one.2 == message;
            match found.iter_mut().find(same) {
                Some(known) => known.3 += count,
                None => found.push((ty.to_owned(), reason.to_owned(), message, count)),
            }
        }
        found
    }
}

fn version(object: &Object) -> u64 {
    object["metadata"].str("resourceVersion").parse().unwrap_or_default()
}
