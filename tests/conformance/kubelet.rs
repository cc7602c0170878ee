//! Timelines of pods on nodes with kubelets: states, events, files and logs.

use std::path::Path;
use std::sync::Arc;

use cluster::kubelet::NodeOptions;
use cluster::program::{Image, Images, PullFailure, read_behaviors};
use cluster::{Cluster, Options};
use conformance::{Tally, json, list, read};
use kubernetes::object::{Value as Object, from_yaml};
use serde_json::Value;
use terminal::kubectl::Kubectl;
use text::FileId;

use crate::kubelet_compare::{self as compare, Observed};
use crate::kubelet_states::{Names, state_of};

const START: i64 = 1_767_225_600_000;
/// Milliseconds that kubectl needs before its request is sent.
const KUBECTL: i64 = 60;

pub fn run(folder: &Path, tally: &mut Tally) {
    let images = images(&folder.join("images.json"));
    for case in conformance::folders(folder) {
        tally.case(&conformance::file_name(&case), || Run::of(&case, &images));
    }
}

/// Reads the images that are not simply present on each node.
pub fn images(path: &Path) -> Images {
    let mut images = Images::default();
    let described = json(path);
    for (name, one) in described.as_object().into_iter().flatten() {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let failure = one["pullError"]
            .as_str()
            .map(|error| PullFailure { code: text("pullCode"), text: error.to_owned() });
        images.insert(
            name,
            Image {
                present: one["present"].as_bool().unwrap_or(true),
                pull: go::time::parse_duration(&text("pull")).unwrap_or_default() / 1_000_000,
                failure,
                failing_pulls: one["failFirst"].as_u64().map(|count| count as usize),
                uid: one["uid"].as_i64(),
                user: text("user"),
                ..Image::default()
            },
        );
    }
    images
}

fn document(path: &Path) -> Object {
    let parsed = yaml::parse(FileId(0), &read(path));
    parsed.root().and_then(|root| from_yaml(root).ok()).unwrap_or_default()
}

/// One case that is run.
struct Run<'a> {
    folder: &'a Path,
    cluster: Cluster,
    expected: Value,
    pod: String,
    container: String,
    observed: Observed,
    names: Names,
    /// When the pod was created.
    created: Option<i64>,
    files: Vec<String>,
}

impl<'a> Run<'a> {
    fn of(folder: &'a Path, images: &Images) -> Result<(), String> {
        let case = document(&folder.join("case.yaml"));
        let pod = document(&folder.join("pod.yaml"));
        let mut cluster = Cluster::new(Options { now: START, seed: 1 });
        cluster.server.add_kubernetes_service();
        for name in ["node-1", "node-2", "node-3"] {
            cluster.add_node(&NodeOptions::new(name));
        }
        let (behaviors, diagnostics) =
            read_behaviors(FileId(0), &read(&folder.join("behaviour.yaml")));
        if let Some(one) = diagnostics.first() {
            return Err(format!("behaviour.yaml: {}", one.message));
        }
        cluster.kubelets.programs = Arc::new(behaviors);
        cluster.kubelets.images = images.clone();
        let containers = pod["spec"].list("containers");
        let mut run = Self {
            folder,
            cluster,
            expected: json(&folder.join("timeline.json")),
            pod: pod["metadata"].str("name").to_owned(),
            container: containers.first().map(|one| one.str("name").to_owned()).unwrap_or_default(),
            observed: Observed::default(),
            names: Names::default(),
            created: None,
            files: texts(&case, "files"),
        };
        run.play(&case)?;
        let expected = run.expected["qosClass"].as_str().unwrap_or_default();
        if !run.observed.qos_class.is_empty() && run.observed.qos_class != expected {
            return Err(format!("QoS class {}, expected {expected}", run.observed.qos_class));
        }
        compare::states(&run.expected, &run.observed)?;
        compare::events(&run.expected, &run.observed)?;
        compare::files(&run.expected, &case, &run.observed)?;
        run.compare_commands()
    }

    fn play(&mut self, case: &Object) -> Result<(), String> {
        self.cluster.advance(START + 5000);
        for command in texts(case, "before") {
            self.kubectl(&command)?;
            self.advance(1000);
        }
        // The pod is created at some moment of a second.
        self.advance(1300);
        let start = self.cluster.now();
        for step in case.list("steps") {
            let at = step["at"].as_int().unwrap_or_default() * 1000;
            let wait = start + at - self.cluster.now();
            self.advance(wait + if at > 0 { KUBECTL } else { 0 });
            self.kubectl(step.str("run"))?;
            self.observe();
        }
        let duration = self.expected["observedSeconds"].as_f64().unwrap_or_default();
        let end = start + (duration * 1000.0) as i64;
        self.advance(end - self.cluster.now());
        for command in texts(case, "after") {
            self.kubectl(&command)?;
        }
        let events = self.cluster.server.storage.list("", "Event", "default");
        let own = events.filter(|(_, event)| event["involvedObject"].str("name") == self.pod);
        self.observed.events = own.map(|(_, event)| self.names.event(event)).collect();
        // Waits that are longer than the recorded ones move states after the end.
        self.observed.end = duration;
        self.advance((duration * 600.0) as i64 + 5000);
        Ok(())
    }

    /// Lets time pass and notes what changes.
    fn advance(&mut self, millis: i64) {
        let end = self.cluster.now() + millis.max(0);
        while let Some(at) = self.cluster.next_time().filter(|at| *at <= end) {
            self.cluster.advance(at);
            self.observe();
        }
        self.cluster.advance(end);
        self.observe();
    }

    fn observe(&mut self) {
        let key = cluster::controllers::objects::pod_key("default", &self.pod);
        let pod = self.cluster.server.storage.get(&key).cloned();
        let Some(created) = self.created.or(pod.as_ref().map(|_| self.cluster.now())) else {
            return;
        };
        self.created = Some(created);
        let t = (self.cluster.now() - created) as f64 / 1000.0;
        if let Some(pod) = &pod {
            self.observed.qos_class = pod["status"].str("qosClass").to_owned();
            self.names.learn(pod);
        }
        let state = state_of(pod.as_ref(), &self.names, self.cluster.now() / 1000);
        self.observed.note(t, state);
        for file in &self.files {
            let kubelets = &self.cluster.kubelets;
            let content = kubelets.file("default", &self.pod, &self.container, file);
            self.observed.note_file(t, file, content);
        }
    }

    fn kubectl(&mut self, command: &str) -> Result<(), String> {
        let words = conformance::words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(("kubectl", words)) = words.split_first().map(|(first, rest)| (*first, rest))
        else {
            return Err(format!("no command of kubectl: {command}"));
        };
        let output = if let ["logs", pod, rest @ ..] = words {
            self.logs(pod, rest)
        } else {
            let folder = self.folder;
            let files = |path: &str| std::fs::read_to_string(folder.join(path)).ok();
            let server = &mut self.cluster.server;
            let output = Kubectl::new(server, &files, "default").run(words);
            self.cluster.server.set_manager("");
            if output.exit != 0 {
                return Err(format!("{command}: {}", output.stderr));
            }
            output.stdout
        };
        self.observed.commands.push((command.to_owned(), output));
        Ok(())
    }

    fn logs(&self, pod: &str, rest: &[&str]) -> String {
        let previous = rest.contains(&"--previous");
        let now = self.cluster.now();
        let kubelets = &self.cluster.kubelets;
        let lines = kubelets.log("default", pod, &self.container, previous, now);
        let lines = lines.map(|lines| lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>());
        lines.unwrap_or_default().iter().map(|line| format!("{line}\n")).collect()
    }

    /// Logs must agree. The runtime of the recordings does not keep those of earlier containers.
    fn compare_commands(&self) -> Result<(), String> {
        for expected in list(&self.expected["commands"]) {
            let command = expected["command"].as_str().unwrap_or_default();
            if !command.starts_with("kubectl logs") || command.contains("--previous") {
                continue;
            }
            let wanted = expected["stdout"].as_str().unwrap_or_default();
            let own = self.observed.commands.iter().find(|(own, _)| own == command);
            let own = own.map(|(_, output)| self.names.text(output)).unwrap_or_default();
            if own != wanted {
                return Err(format!("{command}: {own:?}, expected {wanted:?}"));
            }
        }
        Ok(())
    }
}

fn texts(object: &Object, key: &str) -> Vec<String> {
    object.list(key).iter().filter_map(Object::as_str).map(str::to_owned).collect()
}
