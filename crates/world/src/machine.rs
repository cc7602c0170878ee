//! Programs of the own machine besides kubectl: helm, promtool, minikube.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use cluster::StorageProvisioner;
use promql::Timestamp;
use server::network::Outgoing;
use server::{Files, Request, Response};
use terminal::Output;
use terminal::helm::{Files as ChartFiles, Helm};
use terminal::minikube::{self, Addon};
use terminal::promtool::{self, HttpServer};

use crate::World;
use crate::assumed::STANDARD;
use crate::inside;

/// The folder in which commands are typed.
const HOME: &str = "/home/user";
/// The path of the temporary files.
pub(crate) const TEMPORARY: &str = "/tmp/";

/// Programs that a learner may type and that do not run here, with what does the same.
const OTHERS: &[(&str, &str)] = &[
    ("alias", "k is short for kubectl here"),
    ("apt", "nothing is installed here; type ? for the commands that there are"),
    ("apt-get", "nothing is installed here; type ? for the commands that there are"),
    ("bg", "commands run in the foreground; open a second terminal"),
    ("brew", "nothing is installed here; type ? for the commands that there are"),
    ("docker", "images are only names in the simulated cluster; use kubectl set image"),
    ("fg", "commands run in the foreground; open a second terminal"),
    ("git", "the files are those of the workspace; Share and Export keep them"),
    ("history", "press ↑ for earlier lines, Ctrl+R to search them"),
    ("jobs", "commands run in the foreground; open a second terminal"),
    ("jq", "use kubectl -o jsonpath='{…}', or promtool query for the answers of Prometheus"),
    ("kill", "press Ctrl+C, or delete the pod"),
    ("man", "use kubectl explain for fields; type ? for the commands to begin with"),
    ("open", "the pages show what a browser shows; use curl for the answer itself"),
    ("prometheus", "it runs in containers of the cluster; see kubectl get pods"),
    ("vi", "open the file in the editor of the page"),
    ("vim", "open the file in the editor of the page"),
    ("nano", "open the file in the editor of the page"),
    ("xdg-open", "the pages show what a browser shows; use curl for the answer itself"),
    ("yq", "use kubectl -o jsonpath='{…}'"),
];

/// The manifests of the metrics server.
const METRICS_SERVER: &str = include_str!("../data/metrics_server.yaml");

/// Runs a program with its arguments. None if there is no such program.
pub(crate) fn run(world: &mut World, name: &str, rest: &[String], stdin: &str) -> Option<Output> {
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    match name {
        "helm" => Some(helm(world, &words)),
        "minikube" => Some(run_minikube(world, &words)),
        "promtool" => Some(run_promtool(world, rest, stdin)),
        name => {
            let (_, instead) = OTHERS.iter().find(|(other, _)| *other == name)?;
            let mut output = Output::default();
            output.err(format!("{name}: not part of the terminal; {instead}"));
            Some(output.ended(127))
        }
    }
}

/// The absolute path of a file of the terminal.
fn absolute(path: &str) -> String {
    match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{HOME}/{path}"),
    }
}

fn helm(world: &mut World, words: &[&str]) -> Output {
    let terminal = &world.terminal;
    let texts = terminal.files.iter();
    let contents: BTreeMap<String, Vec<u8>> =
        texts.map(|(path, text)| (absolute(path), text.clone().into_bytes())).collect();
    let before = contents.clone();
    let mut files = ChartFiles::new(HOME, contents);
    let namespace = terminal.config.namespace().to_owned();
    let server = Some(&mut world.cluster.server);
    let output = Helm { files: &mut files, server, namespace: &namespace }.run(words);
    // Controllers do not write in the name of helm.
    world.cluster.server.set_manager("");
    for (path, content) in files.all() {
        if before.get(path) != Some(content)
            && let Ok(text) = String::from_utf8(content.clone())
        {
            let path = path.strip_prefix(HOME).map_or(&**path, |path| path.trim_start_matches('/'));
            Arc::make_mut(&mut world.terminal.files).insert(path.to_owned(), text);
        }
    }
    output
}

fn run_minikube(world: &mut World, words: &[&str]) -> Output {
    let (output, request) = minikube::run(words, &world.cluster.server);
    match request {
        None => {}
        Some(minikube::Request::Enable(Addon::StorageProvisioner)) => {
            world.cluster.set_storage_provisioner(StorageProvisioner::Running);
        }
        Some(minikube::Request::Disable(Addon::StorageProvisioner)) => {
            world.cluster.set_storage_provisioner(StorageProvisioner::Absent);
        }
        Some(minikube::Request::Enable(Addon::DefaultStorageClass)) => {
            let _ = world.kubectl(&["apply", "-f", "-"], STANDARD);
        }
        Some(minikube::Request::Enable(Addon::MetricsServer)) => {
            let _ = world.kubectl(&["apply", "-f", "-"], METRICS_SERVER);
        }
        Some(minikube::Request::Disable(Addon::MetricsServer)) => {
            let _ = world.kubectl(&["delete", "--wait=false", "-f", "-"], METRICS_SERVER);
        }
        Some(minikube::Request::Disable(Addon::DefaultStorageClass)) => {
            let _ = world.kubectl(&["delete", "storageclass", "standard"], "");
        }
    }
    output
}

/// Servers as promtool reaches them from the own machine.
struct Network<'a> {
    world: RefCell<&'a mut World>,
    now: Timestamp,
}

impl HttpServer for Network<'_> {
    fn send(&self, address: &str, request: &Request) -> Result<Response, String> {
        let outgoing = Outgoing {
            method: if request.method == "POST" { "POST" } else { "GET" },
            url: format!("{address}{}", request.target),
            headers: request.headers.clone(),
            body: request.body.clone(),
            ..Outgoing::default()
        };
        let mut world = self.world.borrow_mut();
        match inside::from_machine(&mut world, &outgoing) {
            Ok(answer) => Ok(Response {
                status: answer.status,
                headers: answer.headers,
                body: answer.body,
                effect: None,
            }),
            Err(error) => Err(error),
        }
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}

fn run_promtool(world: &mut World, rest: &[String], stdin: &str) -> Output {
    let now = world.now();
    let texts = world.terminal.files.iter();
    let texts = texts.map(|(path, text)| (absolute(path), text.clone()));
    let files = Files::new(HOME, texts.collect::<Vec<_>>());
    let network = Network { world: RefCell::new(world), now };
    promtool::run(rest, stdin, &files, Some(&network))
}
