//! The commands of `kubectl` on our own cluster, while its time passes.
//!
//! The world of a case is applied to a fresh cluster with kubelets; only the nodes, storage classes
//! and what else the recording machine had of its own come from the recording. Programs do what
//! `case.yaml` says. Between commands that change something the cluster comes to rest. Every output is
//! compared in its normal form.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use cluster::controllers::CERTIFICATE;
use cluster::program::{
    ExecAnswer, Exit, GrpcAnswer, HttpAnswer, HttpRequest, Image, Process, Programs, Start,
};
use cluster::{ApiServer, Cluster, Options, StorageProvisioner};
use conformance::{Tally, file_name, folders, read};
use kubernetes::columns::seconds;
use kubernetes::object::{Value, parse_json};
use terminal::Output;
use terminal::kubectl::Config;
use world::World;

use crate::kubectl::{addresses, glob, json, random_names, yaml_file};
use crate::kubectl_normal::{Normal, show_difference, sorted};

/// Milliseconds without a change after which the cluster is at rest, and the longest wait for it.
const QUIET: i64 = 3_000;
const LONGEST: i64 = 20_000;
/// From the objects of the world until the first command: restarts that the recording shows at once
/// take minutes.
const BEFORE: i64 = 280_000;
/// Milliseconds that a command takes at most.
const COMMAND: i64 = 600_000;
/// When a container that completes ends, in milliseconds since its start.
const COMPLETES: i64 = 500;

pub fn run(folder: &Path, tally: &mut Tally) {
    let normal = Normal::new();
    let (mut passed, mut total) = (0, 0);
    for case in folders(folder) {
        if !case.join("transcript.json").is_file() {
            continue;
        }
        tally.case(&file_name(&case), || {
            let (good, failures) = run_case(folder, &case, &normal);
            let count = good + failures.len();
            passed += good;
            total += count;
            match &failures[..] {
                [] => Ok(()),
                failures => Err(format!("{good}/{count} commands, not: {}", failures.join("; "))),
            }
        });
    }
    tally.failures.push(format!("commands {passed}/{total}"));
}

/// The programs that `containers` of a case describes.
#[derive(Debug)]
struct StandIn {
    rules: Vec<Value>,
}

impl StandIn {
    fn rule(&self, image: &str, container: &str, pod: &str) -> Value {
        let fits =
            |key: &str, rule: &Value, text: &str| !rule.has(key) || glob(rule.str(key), text);
        let rule = self.rules.iter().find(|rule| {
            fits("image", rule, image)
                && fits("container", rule, container)
                && fits("pod", rule, pod)
        });
        rule.cloned().unwrap_or_default()
    }
}

impl Programs for StandIn {
    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, String> {
        let metadata = &start.pod["metadata"];
        let container = start.container;
        let rule = self.rule(container.str("image"), container.str("name"), metadata.str("name"));
        let init = start.pod["spec"].list("initContainers").contains(container);
        let of_job = metadata.list("ownerReferences").iter().any(|one| one.str("kind") == "Job");
        let does = match rule.str("does") {
            "" if of_job || init && container.str("restartPolicy") != "Always" => "complete",
            does => does,
        };
        let code = if rule.has("exit") { rule.int("exit") } else { 1 };
        let exit = |code, out_of_memory| Exit { code, out_of_memory, ..Exit::default() };
        let end = match does {
            "complete" => Some((COMPLETES, exit(0, false))),
            "fail" => Some((COMPLETES, exit(code, false))),
            "crash" => Some((crashes_after(&rule, start.earlier_starts), exit(code, false))),
            "oom" => Some((crashes_after(&rule, start.earlier_starts), exit(137, true))),
            _ => None,
        };
        let lines = rule.list("logs").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let is_ready = !matches!(does, "notready" | "hang");
        let listens = is_ready || rule.str("message").contains("statuscode");
        Ok(Box::new(Program { end, lines, is_ready, listens, terminated: None }))
    }
}

/// Milliseconds that a container runs until it crashes. The first time it runs so long that it has
/// its restarts, and waits for the next, when the first command is typed.
fn crashes_after(rule: &Value, earlier_starts: usize) -> i64 {
    if earlier_starts > 0 {
        return COMPLETES;
    }
    let restarts = if rule.has("restarts") { rule.int("restarts") } else { 4 };
    // The first restart follows at once, each later one waits twice as long as the one before.
    let next = 10_000 * (1_i64 << (restarts - 1).clamp(0, 4));
    (BEFORE - (next - 10_000) * 5 / 4 - next * 2 / 5).max(COMPLETES)
}

#[derive(Clone, Debug)]
struct Program {
    end: Option<(i64, Exit)>,
    lines: Vec<String>,
    is_ready: bool,
    listens: bool,
    terminated: Option<i64>,
}

impl Process for Program {
    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }

    fn end(&self, _: Option<i64>) -> Option<(i64, Exit)> {
        let own = self.end.clone();
        let terminated = self.terminated.map(|at| (at, Exit::default()));
        own.into_iter().chain(terminated).min_by_key(|(at, _)| *at)
    }

    fn terminate(&mut self, at: i64) {
        self.terminated.get_or_insert(at);
    }

    fn ports(&self, _: i64) -> Vec<u16> {
        Vec::new()
    }

    fn listens(&self, _: u16, _: i64) -> bool {
        self.listens
    }

    fn http(&mut self, _: HttpRequest<'_>, _: i64) -> HttpAnswer {
        HttpAnswer::of(if self.is_ready { 200 } else { 503 })
    }

    fn grpc(&mut self, _: u16, _: &str, _: i64) -> GrpcAnswer {
        GrpcAnswer::Status("SERVING".to_owned())
    }

    fn exec(&mut self, _: &[&str], _: i64) -> ExecAnswer {
        ExecAnswer { code: i64::from(!self.is_ready), ..ExecAnswer::default() }
    }

    fn log(&self, _: i64) -> Vec<(i64, String)> {
        self.lines.iter().map(|line| (0, line.clone())).collect()
    }

    fn memory(&self, _: i64) -> i64 {
        0
    }

    fn last_change(&self) -> i64 {
        0
    }
}

/// A cluster with the nodes of a recording and what its machine had of its own.
fn cluster(description: &Value, recorded: &Value, now: i64) -> Cluster {
    let mut cluster = Cluster::new(Options { now, seed: 1 });
    cluster.server.add_kubernetes_service();
    cluster.server.publish_api_server("192.168.49.2", 8443);
    let all = || recorded.as_list().into_iter().flatten();
    for object in all().filter(|one| matches!(one.str("kind"), "Node" | "StorageClass" | "CSINode"))
    {
        cluster.server.restore(object);
    }
    let nodes = all().filter(|object| object.str("kind") == "Node");
    for name in nodes.map(|node| node["metadata"].str("name")) {
        cluster.run_kubelet(name);
        let mut lease = parse_json(
            r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"kube-node-lease"},"spec":{"renewTime":"2026-01-01T00:00:00.000000Z"}}"#,
        )
        .unwrap_or_default();
        lease.entry("metadata").set("name", name);
        lease.entry("spec").set("holderIdentity", name);
        cluster.server.restore(&lease);
    }
    cluster.set_storage_provisioner(StorageProvisioner::KeepsVolumes);
    let rules = description.list("containers").to_vec();
    cluster.kubelets.images.unlisted = image;
    cluster.kubelets.programs = Arc::new(StandIn { rules });
    cluster
}

/// An image as the stand-in pulls it: each pod anew, with a size that follows from the name.
fn image(name: &str) -> Image {
    let size = 20_000_000 + 1_000_003 * name.len() as i64;
    Image { size, is_pulled_always: true, ..Image::of_registry(name) }
}

/// Describes the images of a text with manifests that cannot be pulled, and those that are there
/// already because their containers crash.
fn describe_images(cluster: &mut Cluster, rules: &[Value], text: &str) {
    let words = text.split([' ', '\'', '"', '=', '\n', ',']).filter(|word| !word.is_empty());
    for name in words {
        let rule = rules.iter().find(|rule| rule.has("image") && glob(rule.str("image"), name));
        let described = match rule.map(|rule| rule.str("does")) {
            Some("pull") => Image::missing(name),
            Some("crash" | "oom") => Image { present: true, ..image(name) },
            _ => continue,
        };
        cluster.kubelets.images.insert(name, described);
    }
}

/// Lets time pass until no object has changed for a while.
fn rest(world: &mut World, longest: i64) {
    let limit = world.now() + longest;
    let (mut revision, mut since) = (world.cluster.server.storage.revision(), world.now());
    while world.now() < limit && world.now() - since < QUIET {
        world.advance(world.now() + 250);
        let now = world.cluster.server.storage.revision();
        if now != revision {
            (revision, since) = (now, world.now());
        }
    }
}

/// The world of a case before the first command.
fn begin(folder: &Path, case: &Path, description: &Value) -> World {
    let recorded = json(&folder.join(description.str("cluster")));
    let transcript = json(&case.join("transcript.json"));
    let first = transcript.as_list().and_then(|steps| steps.first());
    let at = first.and_then(|step| seconds(step.str("at"))).unwrap_or_default() * 1000;
    let mut world = World::new(cluster(description, &recorded, at - BEFORE));
    world.advance(world.now() + 2_000);
    let rules = description.list("containers").to_vec();
    for step in transcript.as_list().unwrap_or_default() {
        describe_images(&mut world.cluster, &rules, step.str("command"));
    }
    for name in description.list("files").iter().filter_map(Value::as_str) {
        let text = read(&case.join("files").join(name));
        describe_images(&mut world.cluster, &rules, &text);
    }
    for name in description.list("world").iter().filter_map(Value::as_str) {
        let text = read(&case.join("world").join(name));
        describe_images(&mut world.cluster, &rules, &text);
        let _ = world.apply(&text);
        rest(&mut world, LONGEST);
    }
    world.advance(at);
    let files = std::fs::read_dir(case.join("files")).into_iter().flatten().flatten();
    let files = files
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), read(&entry.path())));
    let mut files: BTreeMap<String, String> = files.collect();
    for path in description.list("files").iter().filter_map(Value::as_str) {
        let at = case.join("files").join(path);
        if at.is_file() {
            files.insert(path.to_owned(), read(&at));
        }
    }
    world.terminal.files = Arc::new(files);
    let context = &description["context"];
    if !context.is_null() {
        let (name, cluster) = (context.str("context"), context.str("cluster"));
        let user = context.str("user");
        world.terminal.config = Config::named(name, cluster, user, "https://192.168.49.2:8443");
    }
    world
}

/// Runs a case. Returns the number of commands that passed, and those that did not.
fn run_case(folder: &Path, case: &Path, normal: &Normal) -> (usize, Vec<String>) {
    let description = yaml_file(&case.join("case.yaml"));
    let mut world = begin(folder, case, &description);
    let transcript = json(&case.join("transcript.json"));
    let mut recorded = json(&folder.join(description.str("cluster"))).as_list().map(<[_]>::to_vec);
    let steps = transcript.as_list().unwrap_or_default();
    let later = steps.iter().flat_map(|step| step["after"].list("set").iter().cloned());
    recorded.get_or_insert_default().extend(later);
    let hashes = hashes(recorded.iter().flatten());
    let typed: Vec<&str> = steps.iter().map(|step| step.str("command")).collect();
    let typed = typed.join("\n");
    let (mut passed, mut failures) = (0, Vec::new());
    for step in steps {
        let before = world.cluster.server.clone();
        let limit = world.now() + COMMAND;
        let output = world.command_with(step.str("command"), step.str("stdin"), limit);
        if !step.bool("unstable") {
            let expected = (step, &hashes, &*typed);
            match agrees(&before, &world.cluster.server, &output, expected, normal) {
                true => passed += 1,
                false => failures.push(step.str("command").to_owned()),
            }
        }
        if before.storage.revision() != world.cluster.server.storage.revision() {
            rest(&mut world, LONGEST);
        }
    }
    (passed, failures)
}

/// The hashes of pod templates in the labels of objects.
fn hashes<'a>(objects: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    let labels = ["pod-template-hash", "controller-revision-hash", "controller.kubernetes.io/hash"];
    let found = objects.flat_map(|object| {
        labels.map(|label| {
            let hash = object["metadata"]["labels"].str(label);
            hash.rsplit('-').next().unwrap_or_default().to_owned()
        })
    });
    found.filter(|hash| !hash.is_empty()).collect()
}

/// A text with a placeholder for each hash; lines with placeholders are sorted.
fn without_hashes(text: &str, hashes: &BTreeSet<String>) -> String {
    let mut text = text.to_owned();
    for hash in hashes {
        text = text.replace(hash, "<hash>");
    }
    // A failed pull alternates between the two.
    text = text.replace("  ErrImagePull  ", "  ImagePullBackOff  ");
    sorted(text.split('\n').map(str::to_owned).collect()).join("\n")
}

/// Node ports that the API server chose; `typed` are those of commands.
fn node_ports(before: &ApiServer, after: &ApiServer, typed: &str) -> BTreeSet<String> {
    let objects = before.storage.iter().chain(after.storage.iter());
    let services = objects.filter(|(key, _)| key.kind == "Service");
    let ports = services.flat_map(|(_, service)| {
        let annotations = &service["metadata"]["annotations"];
        let applied = annotations.str("kubectl.kubernetes.io/last-applied-configuration");
        let ports = service["spec"].list("ports").iter().map(|port| port.int("nodePort"));
        let ports = ports.filter(|port| *port > 0).map(|port| port.to_string());
        ports.filter(|port| !applied.contains(port) && !typed.contains(port)).collect::<Vec<_>>()
    });
    ports.collect()
}

/// Returns true if a command prints what was recorded, in its normal form.
fn agrees(
    before: &ApiServer,
    after: &ApiServer,
    output: &Output,
    (step, recorded, typed): (&Value, &BTreeSet<String>, &str),
    normal: &Normal,
) -> bool {
    let objects = before.storage.iter().chain(after.storage.iter());
    let own = hashes(objects.map(|(_, object)| object));
    let ports = node_ports(before, after, typed);
    let names = random_names(before, after);
    let addresses = addresses(before, after);
    let normalized = |text: &str| {
        let text = text.replace(CERTIFICATE.trim_end(), "<certificate>");
        let mut text = normal.text(&text, &names, &addresses);
        for port in &ports {
            text = text.replace(port, "<node-port>");
        }
        let text = without_hashes(&text, &own);
        if step.str("command").contains("--all-containers") {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            return lines.join("\n") + "\n";
        }
        text
    };
    let same = i64::from(output.exit) == step.int("exit")
        && normalized(&output.stdout) == without_hashes(step.str("stdout"), recorded)
        && normalized(&output.stderr) == without_hashes(step.str("stderr"), recorded);
    if !same {
        let expected = [step.str("stdout"), step.str("stderr")];
        let expected = expected.map(|text| without_hashes(text, recorded));
        let found = [&output.stdout, &output.stderr].map(|text| normalized(text));
        show_difference(step, &expected, output.exit, &found);
    }
    same
}
