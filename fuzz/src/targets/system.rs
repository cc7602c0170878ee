//! The terminal, and the world in time.

use std::collections::BTreeMap;
use std::sync::Arc;

use cluster::kubelet::NodeOptions;
use cluster::program::{Behaviors, read_behaviors};
use cluster::{Cluster, Options};
use terminal::Output;
use terminal::kubectl::Process;
use terminal::shell::{Job, Shell, World as ShellWorld};
use text::FileId;
use world::{Fault, History, Input, World, programs};

use crate::input::{Archive, text};
use crate::seeds::START;

/// Files, a clock, and a program that prints its words and its input.
#[derive(Default)]
struct Desk {
    files: BTreeMap<String, String>,
    now: i64,
    started: usize,
}

impl ShellWorld for Desk {
    fn read_file(&self, path: &str) -> Option<String> {
        self.files.get(path).cloned()
    }

    fn list_folder(&self, path: &str) -> Option<Vec<String>> {
        path.is_empty().then(|| self.files.keys().cloned().collect())
    }

    fn write_file(&mut self, path: &str, text: &str) -> Result<(), String> {
        self.files.insert(path.to_owned(), text.to_owned());
        Ok(())
    }

    fn start(&mut self, words: &[String], stdin: &str) -> Option<Job> {
        self.started += 1;
        let (name, rest) = words.split_first()?;
        let mut output = Output::default();
        match name.as_str() {
            "show" => output.out(format!("<{}>{stdin}", rest.join("|"))),
            "fail" => output.exit = 3,
            "kubectl" | "curl" => output.out(rest.concat()),
            _ => return None,
        }
        Some(Job::Ended(output))
    }

    fn poll(&mut self, _: &mut Process) {}

    fn now(&self) -> i64 {
        self.now
    }

    fn programs(&self) -> &[&'static str] {
        &["show", "fail", "kubectl", "curl"]
    }
}

/// A script ends after a limited number of commands, with limited output.
pub fn shell(data: &[u8]) {
    let files = [("a.txt", "one\ntwo\nthree\n"), ("b.yaml", "a: 1\n")];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let mut desk = Desk { files: files.into(), ..Desk::default() };
    let mut shell = Shell::default();
    let mut run = shell.start(&text(data));
    for _ in 0..1_000 {
        run.poll(&mut shell, &mut desk);
        if run.has_ended() {
            break;
        }
        match run.wakes_at() {
            Some(at) => desk.now = at.max(desk.now),
            None => panic!("the shell waits for nothing"),
        }
    }
    run.cancel(&mut shell);
    assert!(run.output().stdout.len() < 64 << 20);
    let kept: usize = shell.variables.values().map(String::len).sum();
    assert!(kept < 64 << 20, "{kept} bytes in variables");
}

/// A node with a web program.
fn world_of(files: BTreeMap<String, String>) -> World {
    let mut cluster = Cluster::new(Options { now: START, seed: 3 });
    cluster.server.add_kubernetes_service();
    cluster.add_node(&NodeOptions::new("minikube"));
    let text = "programs: [{match: {container: web}, starts: [{listen: [{port: 8080}], http: [{path: \
                /metrics, body: 'm 1\n'}]}]}]";
    let (described, _) = read_behaviors(FileId(0), text);
    cluster.kubelets.programs = programs(described, Arc::new(Behaviors::default()));
    let mut world = World::new(cluster);
    world.terminal.files = Arc::new(files);
    world.advance(START + 2_000);
    world
}

/// One input of a line: a fault, a time, or a command.
fn input(line: &str, now: i64) -> Input {
    let words: Vec<&str> = line.split_whitespace().collect();
    let text = |at: usize| words.get(at).copied().unwrap_or_default().to_owned();
    match words.first().copied() {
        Some("advance") => {
            let seconds: i64 = text(1).parse().unwrap_or(1);
            Input::Advance { to: now + seconds.clamp(0, 300) * 1000 }
        }
        Some("kill") => Input::Fault(Fault::Kill {
            namespace: "default".to_owned(),
            pod: text(1),
            container: text(2),
            code: 137,
        }),
        Some("cut") => Input::Fault(Fault::Cut { namespace: "default".to_owned(), pod: text(1) }),
        _ => Input::Command { line: line.to_owned(), stdin: String::new() },
    }
}

/// The nameless file is a list of inputs, the others lie in the workspace. A replay gives the same
/// state.
pub fn world(data: &[u8]) {
    let mut archive = Archive::read(data);
    let lines = archive.take("");
    let start = world_of(archive.files);
    let mut history = History::new(start.clone());
    for line in lines.lines().filter(|line| !line.trim().is_empty()).take(6) {
        if history.world().now() > START + 3_600_000 {
            break;
        }
        let input = input(line, history.world().now());
        history.take(input);
    }
    let objects = |world: &World| {
        let iter = world.cluster.server.storage.iter();
        iter.map(|(_, object)| kubernetes::object::to_json(object)).collect::<String>()
    };
    let again = History::replay(start, history.entries());
    assert_eq!(again.world().now(), history.world().now());
    assert!(objects(again.world()) == objects(history.world()), "the replay differs");
}
