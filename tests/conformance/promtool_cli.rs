//! Transcripts of promtool.

use std::collections::BTreeMap;
use std::path::Path;

use conformance::{Tally, file_name, folders, json, read};
use promql::Timestamp;
use serde_json::Value;
use server::{Request, Response, respond};
use terminal::promtool::{Files, HttpServer, run as promtool};

use crate::api_system::System;

/// The working directory, at which the files of a case were mounted.
const DIRECTORY: &str = "/etc/prometheus";

pub fn run(folder: &Path, tally: &mut Tally) {
    let systems = folder.parent().unwrap_or(folder).join("api");
    let mut loaded: BTreeMap<String, Result<System, String>> = BTreeMap::new();
    for case in folders(folder) {
        let name = file_name(&case);
        if !tally.wants(&name) {
            continue;
        }
        let definition: Value =
            serde_yaml::from_str(&read(&case.join("case.yaml"))).unwrap_or_default();
        let server = definition["server"].as_str();
        if let Some(server) = server {
            loaded.entry(server.to_owned()).or_insert_with(|| System::load(&systems.join(server)));
        }
        let system = server.and_then(|server| loaded.get(server));
        tally.case(&name, || {
            let system = match system {
                Some(system) => Some(system.as_ref().map_err(Clone::clone)?),
                None => None,
            };
            check(&case, &definition, system)
        });
    }
}

/// The server of a system at localhost:9090, and nothing anywhere else.
struct Local<'a>(&'a System);

impl HttpServer for Local<'_> {
    fn send(&self, address: &str, request: &Request) -> Result<Response, String> {
        match address {
            "http://localhost:9090" => Ok(respond(request, &self.0.state())),
            other => {
                let port = other.rsplit(':').next().unwrap_or_default();
                Err(format!("dial tcp 127.0.0.1:{port}: connect: connection refused"))
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.0.state().now
    }
}

fn check(case: &Path, definition: &Value, system: Option<&System>) -> Result<(), String> {
    let args = definition["args"].as_array().into_iter().flatten();
    let args: Vec<String> = args.filter_map(|arg| arg.as_str().map(str::to_owned)).collect();
    let mut texts = BTreeMap::new();
    read_files(&case.join("files"), DIRECTORY, &mut texts);
    let stdin = definition["stdin"].as_str().map(|name| format!("{DIRECTORY}/{name}"));
    let stdin = stdin.and_then(|path| texts.get(&path).cloned()).unwrap_or_default();
    let files = Files::new(DIRECTORY, texts);
    let local = system.map(Local);
    let server = local.as_ref().map(|local| local as &dyn HttpServer);
    let mut output = promtool(&args, &stdin, &files, server);
    let expected = json(&case.join("result.json"));
    let text = |key: &str| expected[key].as_str().unwrap_or_default().to_owned();
    let (mut stdout, mut stderr) = (text("stdout"), text("stderr"));
    normalize(&args, &mut output.stdout, &mut stdout, &mut output.stderr, &mut stderr);
    let mut wrong = Vec::new();
    for (what, got, expected) in
        [("stdout", &output.stdout, &stdout), ("stderr", &output.stderr, &stderr)]
    {
        if got != expected {
            wrong.push(format!("{what}:\n{got}\n  expected:\n{expected}"));
        }
    }
    if expected["exit"] != output.exit {
        wrong.push(format!("exit {}, expected {}", output.exit, expected["exit"]));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Takes out what differs from run to run: durations, the order of Go maps, the build.
fn normalize(
    args: &[String],
    stdout: &mut String,
    expected: &mut String,
    stderr: &mut String,
    expected_stderr: &mut String,
) {
    let took = |text: &str| {
        let lines = text.split_inclusive('\n').map(|line| match line.split_once("took ") {
            Some((before, _)) => format!("{before}took\n"),
            None => line.to_owned(),
        });
        lines.collect::<String>()
    };
    *stderr = took(stderr);
    *expected_stderr = took(expected_stderr);
    if args.iter().any(|arg| arg == "--version") {
        let first = |text: &str| text.split(" (").next().unwrap_or_default().to_owned();
        *stdout = first(stdout);
        *expected = first(expected);
    }
    if args.iter().any(|arg| arg == "service-discovery") {
        for text in [&mut *stdout, &mut *expected] {
            if let Ok(Value::Array(mut targets)) = serde_json::from_str(text) {
                targets.sort_by_key(ToString::to_string);
                *text = Value::Array(targets).to_string();
            }
        }
    }
    // Vectors of aggregations without an order are sets.
    let any = |text: &str| args.iter().any(|arg| arg.contains(text));
    let unordered = any("by (") && !any("sort");
    if args.iter().any(|arg| arg == "instant") && unordered {
        for text in [&mut *stdout, &mut *expected] {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            *text = lines.join("\n");
        }
    }
}

fn read_files(folder: &Path, at: &str, texts: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = format!("{at}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_files(&entry.path(), &path, texts);
        } else {
            texts.insert(path, read(&entry.path()));
        }
    }
}
