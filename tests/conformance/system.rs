//! The whole chain: manifests, a cluster with kubelets, Prometheus's own discovery, targets, `up`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use cluster::kubelet::NodeOptions;
use cluster::program::read_behaviors;
use cluster::{Cluster, Options};
use conformance::{Tally, file_name, folders, json as read_json, list, read};
use promql::engine::{Engine, EngineOptions, Value as QueryValue};
use promql::syntax::{ParserOptions, parse};
use serde_json::{Map, Value, json};
use server::{Level, Request, Started};
use terminal::kubectl::Kubectl;
use text::FileId;
use world::{ServerId, ServerOptions, ServiceAccount, ServicePorts, World};

use crate::system_names::Names;

const START: i64 = 1_767_225_600_000;
/// Milliseconds without a change of a pod, Service or EndpointSlice after which the cluster is at
/// rest, and of the target table.
const QUIET: (i64, i64) = (6_000, 11_000);
/// From the application of the manifests until the first look.
const FIRST_LOOK: i64 = 40_000;
/// Between the requests of two objects.
const APPLY: i64 = 30;
/// The longest wait for rest.
const LONGEST: i64 = 150_000;
/// The steps of range queries.
const SAMPLING: i64 = 500;
/// Seconds that a change may be earlier or later: a scrape interval and a look of the discovery.
const TOLERANCE: f64 = 10.0;

pub fn run(folder: &Path, tally: &mut Tally) {
    for case in folders(folder) {
        tally.case(&file_name(&case), || compare(&case));
    }
}

/// A case that runs.
struct Running<'a> {
    folder: &'a Path,
    case: Value,
    world: World,
    names: Names,
    /// The starts of the steps.
    starts: Vec<i64>,
    wrong: Vec<String>,
}

/// Seeds with which a case is run. Names, uids and addresses are chosen at random. They decide which
/// of equally old pods a ReplicaSet deletes, and when a target is scraped; the recordings have one
/// choice.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;

/// Compares a case with a simulation that may have made the recorded choices. The error is that of
/// the first seed.
fn compare(folder: &Path) -> Result<(), String> {
    let mut first = Ok(());
    for seed in SEEDS {
        match compare_with(folder, seed) {
            Ok(()) => return Ok(()),
            Err(error) if first.is_ok() => first = Err(error),
            Err(_) => {}
        }
    }
    first
}

fn compare_with(folder: &Path, seed: u64) -> Result<(), String> {
    let case: Value = serde_yaml::from_str(&read(&folder.join("case.yaml")))
        .map_err(|error| error.to_string())?;
    let mut world = World::new(cluster(folder, seed)?);
    world.service_ports = ServicePorts::Refuse;
    let (names, starts, wrong) = (Names::default(), Vec::new(), Vec::new());
    let mut running = Running { folder, case, world, names, starts, wrong };
    running.begin()?;
    running.look("");
    let steps = list(&running.case["steps"]).to_vec();
    for (number, step) in steps.iter().enumerate() {
        running.starts.push(running.world.now());
        running.take(number, step)?;
        running.look(&format!("-{:02}", number + 1));
    }
    running.same_series();
    running.same_log();
    match running.wrong.is_empty() {
        true => Ok(()),
        false => Err(running.wrong.join("\n      ")),
    }
}

/// The two nodes of the recordings, and the programs of a case.
fn cluster(folder: &Path, seed: u64) -> Result<Cluster, String> {
    let mut cluster = Cluster::new(Options { now: START, seed });
    cluster.server.add_kubernetes_service();
    cluster.server.publish_api_server("192.168.49.2", 8443);
    let shared = folder.parent().unwrap_or(folder).join("cluster.yaml");
    let shared: Value = serde_yaml::from_str(&read(&shared)).map_err(|error| error.to_string())?;
    for node in list(&shared["nodes"]) {
        let name = node["name"].as_str().unwrap_or_default();
        let mut options = NodeOptions::new(name);
        let labels = node["labels"].as_object().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        options.labels = labels.map(|(key, value)| (key.clone(), text(value))).collect();
        cluster.add_node(&options);
        let patch = json!({
            "metadata": { "annotations": node["annotations"] },
            "spec": { "taints": node["taints"] },
        });
        kubectl(&mut cluster, folder, &["patch", "node", name, "-p", &patch.to_string()]);
    }
    let (behaviors, diagnostics) = read_behaviors(FileId(0), &read(&folder.join("behaviour.yaml")));
    if let Some(first) = diagnostics.first() {
        return Err(format!("behaviour.yaml: {}", first.message));
    }
    cluster.kubelets.programs = Arc::new(behaviors);
    Ok(cluster)
}

/// Runs a command. Returns exit code, output and errors.
fn kubectl(cluster: &mut Cluster, folder: &Path, words: &[&str]) -> (i64, String, String) {
    let files = |path: &str| std::fs::read_to_string(folder.join(path)).ok();
    let server = &mut cluster.server;
    let mut kubectl = Kubectl::new(server, &files, "default");
    let output = kubectl.run(words);
    (i64::from(output.exit), output.stdout, output.stderr)
}

impl Running<'_> {
    fn begin(&mut self) -> Result<(), String> {
        self.world.advance(START + 2_000);
        let applied = self.world.now();
        let folder = self.folder;
        // kubectl sends one object after the other, and controllers work meanwhile.
        let text = read(&folder.join("manifests.yaml"));
        for range in terminal::kubectl::read::documents(&text) {
            let document = text.get(range).unwrap_or_default().to_owned();
            let files = |_: &str| Some(document.clone());
            let server = &mut self.world.cluster.server;
            let mut kubectl = Kubectl::new(server, &files, "default");
            let output = kubectl.run(&["apply", "-f", "manifests.yaml"]);
            if output.exit != 0 && !output.stderr.contains("no objects passed to apply") {
                return Err(format!("manifests: {}", output.stderr));
            }
            self.world.advance(self.world.now() + APPLY);
        }
        self.rest_of_cluster(applied + 15_000);
        let account = self.case["serviceAccount"].as_str().unwrap_or_default();
        let (namespace, name) = account.split_once('/').unwrap_or_default();
        let mut files = vec![self.file("prometheus.yml", "prometheus.yml")];
        if folder.join("alerts.yml").is_file() {
            files.push(self.file("alerts.yml", "alerts.yml"));
        }
        let args =
            ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"];
        let options = ServerOptions {
            args: args
                .iter()
                .map(|&arg| arg.to_owned())
                .chain(["--web.enable-lifecycle".to_owned()])
                .collect(),
            files,
            account: ServiceAccount::new(namespace, name),
            hostname: "prometheus-0".to_owned(),
        };
        if let Err(Started::Ended { log, .. }) = self.world.start_server(&options) {
            return Err(format!("the server does not start: {log:?}"));
        }
        self.advance(applied + FIRST_LOOK);
        Ok(())
    }

    fn file(&self, from: &str, name: &str) -> (String, String) {
        (format!("/etc/prometheus/{name}"), read(&self.folder.join(from)))
    }

    /// Lets time pass, and learns the names of objects that come and go.
    fn advance(&mut self, to: i64) {
        while self.world.now() < to {
            let at = (self.world.now() + SAMPLING).min(to);
            self.world.advance(at);
            self.names.learn(&self.world.cluster.server);
        }
    }

    fn rest_of_cluster(&mut self, limit: i64) {
        let shown = |running: &Self| running.names.moving(&running.world.cluster.server);
        let (mut before, mut since) = (shown(self), self.world.now());
        while self.world.now() < limit && self.world.now() - since < QUIET.0 {
            self.advance(self.world.now() + SAMPLING);
            let now = shown(self);
            if now != before {
                (before, since) = (now, self.world.now());
            }
        }
    }

    fn rest(&mut self) {
        let limit = self.world.now() + LONGEST;
        self.rest_of_cluster(limit);
        let (mut before, mut since) = (self.targets(), self.world.now());
        while self.world.now() < limit && self.world.now() - since < QUIET.1 {
            self.advance(self.world.now() + SAMPLING);
            let now = self.targets();
            if now != before {
                (before, since) = (now, self.world.now());
            }
        }
    }

    fn take(&mut self, number: usize, step: &Value) -> Result<(), String> {
        let recorded = read_json(&self.folder.join("commands.json"));
        let expected = list(&recorded).get(number).cloned().unwrap_or_default();
        if let Some(command) = step["run"].as_str() {
            let words = conformance::words(command);
            let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
            let (code, out, errors) = kubectl(&mut self.world.cluster, self.folder, &words);
            let found = json!({ "rc": code, "out": out, "err": errors });
            for key in ["rc", "out", "err"] {
                self.same(&format!("step {number}: {key}"), &found[key], &expected[key]);
            }
        } else if let Some(name) = step["reload"].as_str() {
            let (path, text) = self.file(name, "prometheus.yml");
            let server = self.world.server_mut(0).ok_or("the server is gone")?;
            server.host.files.write(&path, text);
            let request =
                Request { method: "POST".into(), target: "/-/reload".into(), ..Request::default() };
            let response =
                self.world.request(&ServerId::Beside(0), &request).ok_or("nothing answers")?;
            self.same("reload: status", &json!(response.status), &expected["status"]);
            self.same("reload: body", &json!(response.body), &expected["body"]);
        } else if let Some(seconds) = step["wait"].as_f64() {
            self.advance(self.world.now() + (seconds * 1000.0) as i64);
        } else {
            return Err(format!("step {step}"));
        }
        match step["observedAfterSeconds"].as_f64() {
            Some(seconds) => self.advance(self.world.now() + (seconds * 1000.0) as i64),
            None => self.rest(),
        }
        Ok(())
    }

    fn same(&mut self, what: &str, found: &Value, expected: &Value) {
        if found != expected {
            self.wrong.push(format!("{what}: {found}, expected {expected}"));
        }
    }

    /// The target table as it is, without times.
    fn targets(&self) -> Value {
        let Some(server) = self.world.servers().first() else { return Value::Null };
        let labels = |labels: &promql::Labels| -> Map<String, Value> {
            labels.iter().map(|one| (one.name.to_string(), json!(&*one.value))).collect()
        };
        let (mut active, mut dropped) = (Vec::new(), Vec::new());
        for pool in server.process.scrape_pools() {
            for target in &pool.targets {
                active.push(json!({
                    "discoveredLabels": labels(&target.discovered),
                    "labels": labels(&target.labels),
                    "scrapePool": pool.name,
                    "scrapeUrl": target.url,
                    "lastError": target.last_error,
                    "health": target.health.name(),
                    "scrapeInterval": target.interval,
                    "scrapeTimeout": target.timeout,
                }));
            }
            let of_pool = pool.dropped.iter();
            dropped.extend(of_pool.map(|one| {
                json!({
                    "discoveredLabels": labels(one),
                    "scrapePool": pool.name,
                })
            }));
        }
        json!({ "active": active, "dropped": dropped })
    }

    /// Compares the target table and the results of queries.
    fn look(&mut self, suffix: &str) {
        self.names.learn(&self.world.cluster.server);
        let expected = read_json(&self.folder.join(format!("targets{suffix}.json")));
        let found = self.names.write(&self.targets());
        let up = read_json(&self.folder.join(format!("up{suffix}.json")));
        let mut asked: Vec<String> = vec!["up".to_owned()];
        asked.extend(
            list(&self.case["queries"]).iter().filter_map(|one| one.as_str()).map(str::to_owned),
        );
        let results: BTreeMap<String, Value> =
            asked.iter().map(|text| (text.clone(), self.names.write(&self.query(text)))).collect();
        let differs = |numbering: &dyn Fn(&Value) -> Value| -> Vec<String> {
            let mut wrong = crate::system_names::differences(&numbering(&found), &expected);
            for (text, result) in &results {
                let wanted = if text == "up" { &up["up"] } else { &up["queries"][text] };
                wrong.extend(same_samples(text, &numbering(result), wanted));
            }
            wrong
        };
        let wrong = self.names.best_numbering(&differs);
        self.wrong.extend(wrong.into_iter().map(|one| format!("look{suffix}: {one}")));
    }

    fn query(&self, text: &str) -> Value {
        let Some(server) = self.world.servers().first() else { return Value::Null };
        json!(instant(&server.process.storage, text, self.world.now()))
    }

    /// Compares what range queries over the steps show.
    fn same_series(&mut self) {
        let path = self.folder.join("series.json");
        if !path.is_file() {
            return;
        }
        let expected = read_json(&path);
        for (text, wanted) in expected.as_object().into_iter().flatten() {
            let found = self.names.write(&self.segments(text));
            let differs = |numbering: &dyn Fn(&Value) -> Value| -> Vec<String> {
                same_segments(text, list(&numbering(&found)), list(wanted))
            };
            let wrong = self.names.best_numbering(&differs);
            self.wrong.extend(wrong.into_iter().map(|one| format!("series: {one}")));
        }
    }

    /// The results of a query as segments of equal values: `[[value, from, to]]`, in milliseconds.
    fn segments(&self, text: &str) -> Value {
        let Some(server) = self.world.servers().first() else { return Value::Null };
        let begin = self.starts.first().copied().unwrap_or_default() - 2_000;
        let end = self.world.now();
        let mut series: BTreeMap<String, Vec<(Value, i64, i64)>> = BTreeMap::new();
        let mut at = begin;
        while at <= end {
            for sample in instant(&server.process.storage, text, at) {
                let segments = series.entry(sample["metric"].to_string()).or_default();
                match segments.last_mut() {
                    Some((value, _, to)) if *value == sample["value"] && *to == at - SAMPLING => {
                        *to = at
                    }
                    _ => segments.push((sample["value"].clone(), at, at)),
                }
            }
            at += SAMPLING;
        }
        let shown = series.into_iter().map(|(metric, segments)| {
            let metric: Value = serde_json::from_str(&metric).unwrap_or_default();
            let segments = segments.into_iter().map(|(value, from, to)| {
                let from = if from <= begin { Value::Null } else { self.moment(from) };
                let to = if to + SAMPLING > end { Value::Null } else { self.moment(to) };
                json!({ "value": value, "from": from, "to": to })
            });
            json!({ "metric": metric, "segments": segments.collect::<Value>() })
        });
        shown.collect()
    }

    /// A time as step and seconds since its start.
    fn moment(&self, at: i64) -> Value {
        let step = self.starts.iter().filter(|start| **start <= at).count();
        let start = step.checked_sub(1).and_then(|step| self.starts.get(step));
        let start = start.or(self.starts.first()).copied().unwrap_or_default();
        json!({ "step": step, "at": (at - self.starts.first().copied().unwrap_or_default()) as f64 / 1000.0,
                "start": (start - self.starts.first().copied().unwrap_or_default()) as f64 / 1000.0 })
    }

    /// Each recorded line appears.
    fn same_log(&mut self) {
        let path = self.folder.join("log.txt");
        if !path.is_file() {
            return;
        }
        let Some(server) = self.world.servers().first() else { return };
        let lines = server.process.log.iter().filter(|line| line.level != Level::Info);
        let lines: Vec<(String, Option<String>)> = lines
            .map(|line| (line.message.clone(), line.field("err").map(str::to_owned)))
            .collect();
        let mut missing = Vec::new();
        for wanted in read(&path).lines() {
            let field = |name: &str| -> Option<String> {
                let rest = wanted.split_once(&format!(" {name}="))?.1;
                match rest.starts_with('"') {
                    true => {
                        serde_json::Deserializer::from_str(rest).into_iter::<String>().next()?.ok()
                    }
                    false => rest.split(' ').next().map(str::to_owned),
                }
            };
            let (message, error) = (field("msg").unwrap_or_default(), field("err"));
            if !lines.iter().any(|line| line.0 == message && line.1 == error) {
                missing.push(format!("log: no {wanted}"));
            }
        }
        self.wrong.extend(missing);
    }
}

/// The result of an instant query.
fn instant(storage: &promql::storage::Storage, text: &str, at: i64) -> Vec<Value> {
    let engine = Engine::new(EngineOptions::default());
    let Ok(ast) = parse(text, &ParserOptions::default()) else { return Vec::new() };
    let samples = match engine.instant(storage, &ast, at) {
        Ok(result) => match result.value {
            QueryValue::Vector(samples) => samples,
            _ => Vec::new(),
        },
        Err(_) => Vec::new(),
    };
    let shown = samples.iter().map(|sample| {
        let labels = sample.labels.iter();
        let labels: Map<String, Value> =
            labels.map(|one| (one.name.to_string(), json!(&*one.value))).collect();
        let value = match &sample.value {
            promql::SampleValue::Float(value) => go::number::format_float(*value),
            promql::SampleValue::Histogram(_) => String::new(),
        };
        json!({ "metric": labels, "value": value })
    });
    shown.collect()
}

/// Compares the samples of a query as sets.
fn same_samples(text: &str, found: &Value, expected: &Value) -> Vec<String> {
    let mut left = list(found).to_vec();
    let mut wrong = Vec::new();
    for wanted in list(expected) {
        match left.iter().position(|one| one == wanted) {
            Some(at) => drop(left.swap_remove(at)),
            None => wrong.push(format!("{text} lacks {wanted}")),
        }
    }
    wrong.extend(left.iter().map(|one| format!("{text} has {one} besides")));
    wrong
}

/// Compares series with their segments.
fn same_segments(text: &str, found: &[Value], expected: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for wanted in expected {
        let Some(own) = found.iter().find(|one| one["metric"] == wanted["metric"]) else {
            wrong.push(format!("{text} lacks {}", wanted["metric"]));
            continue;
        };
        let (own, wanted_segments) = (list(&own["segments"]), list(&wanted["segments"]));
        let same = own.len() == wanted_segments.len()
            && own.iter().zip(wanted_segments).all(|(own, wanted)| {
                own["value"] == wanted["value"]
                    && near(&own["from"], &wanted["from"])
                    && near(&own["to"], &wanted["to"])
            });
        if !same {
            wrong.push(format!(
                "{text} {}: {}, expected {}",
                wanted["metric"],
                json!(own),
                json!(wanted_segments)
            ));
        }
    }
    wrong
}

/// Returns true if a moment is within the tolerance of the recorded range.
fn near(found: &Value, expected: &Value) -> bool {
    if expected.is_null() || found.is_null() {
        return expected.is_null() && found.is_null();
    }
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let range = list(&expected["seconds"]);
    let (Some(low), Some(high)) = (range.first(), range.last()) else { return false };
    if found["step"] != expected["step"] {
        return false;
    }
    let seconds = number(&found["at"]) - number(&found["start"]);
    (number(low) - TOLERANCE..=number(high) + TOLERANCE).contains(&seconds)
}
