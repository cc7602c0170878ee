//! Starts, reloads, requests and ends of the Prometheus server.

use std::collections::BTreeMap;
use std::path::Path;

use conformance::{Tally, file_name, folders, json as read_json, list, read};
use promql::engine::{Engine, EngineOptions, Value as QueryValue};
use promql::syntax::{ParserOptions, parse};
use serde_json::{Value, json};
use server::{Files, Host, Level, LogLine, Phase, Process, Request, Response, Started, start};

use crate::server_network::Exporters;

/// The folder of the files of a case.
const CONFIGURATION: &str = "/etc/prometheus";
/// The working directory and volume of the server.
const DATA: &str = "/prometheus";
const NOW: i64 = 1_772_445_600_000;
/// Milliseconds after the start, and after a step, in which the server settles.
const SETTLES: (i64, i64) = (16_000, 31_000);

pub fn run(folder: &Path, tally: &mut Tally) {
    for case in folders(folder) {
        tally.case(&file_name(&case), || compare(&case));
    }
}

/// A running server with its surroundings.
struct Running {
    process: Box<Process>,
    host: Host,
    network: Exporters,
}

impl Running {
    fn wait(&mut self, milliseconds: i64) {
        let Self { process, host, network } = self;
        process.advance(process.now() + milliseconds, host, network);
    }
}

fn compare(folder: &Path) -> Result<(), String> {
    let case: Value = serde_yaml::from_str(&read(&folder.join("case.yaml")))
        .map_err(|error| error.to_string())?;
    let expected = read_json(&folder.join("result.json"));
    let host = host(&case, folder)?;
    let args: Vec<String> = texts(&case["args"]);
    let process = match start(&args, &host, NOW) {
        Started::Running(process) => process,
        Started::Ended { exit_code, stderr, log, .. } => {
            same("starts", &json!(false), &expected["starts"])?;
            same("exit_code", &json!(exit_code), &expected["exit_code"])?;
            same("stderr", &json!(stderr), &expected["stderr"])?;
            return same_log(&log, &expected["log"]);
        }
    };
    let network = Exporters::new(&case["exporters"], NOW);
    let mut running = Running { process, host, network };
    same_while_starting(&mut running, &case["watch_start"], &expected["while_starting"])?;
    running.wait(SETTLES.0.max(case["settle"].as_i64().unwrap_or_default() * 1000));
    if let Phase::Ended { exit_code } = running.process.phase() {
        same("starts", &json!(false), &expected["starts"])?;
        same("exit_code", &json!(exit_code), &expected["exit_code"])?;
        return same_log(&running.process.log, &expected["log"]);
    }
    same("starts", &json!(true), &expected["starts"])?;
    same_log(&running.process.log, &expected["log"])?;
    same_state("after_start", &mut running, &case, None, &expected["after_start"])?;
    same_steps(&mut running, &case, &expected)?;
    if !expected["received"].is_null() {
        running.network.same_requests(list(&expected["received"]))?;
    }
    if !expected["families"].is_null() {
        same_families(&running.process.metrics(), &expected["families"])?;
    }
    let before = running.process.log.len();
    if running.process.exit_code().is_none() {
        running.process.terminate();
        let stopped = running.process.log.get(before..).unwrap_or_default();
        same_log(stopped, &expected["stop_log"])?;
    }
    same("exit_code", &json!(running.process.exit_code()), &expected["exit_code"])
}

fn same_steps(running: &mut Running, case: &Value, expected: &Value) -> Result<(), String> {
    let mut config = running.process.config_yaml.clone();
    let steps = case["steps"].as_array().cloned().unwrap_or_default();
    for (number, (step, expected)) in steps.iter().zip(list(&expected["steps"])).enumerate() {
        let before = running.process.log.len();
        let what = format!("step {number}");
        match take(step, case, running)? {
            Outcome::Response(response) => {
                let status = response.as_ref().map(|response| response.status);
                same(&format!("{what}: status"), &json!(status), &expected["status"])?;
                let body = response.as_ref().map(|response| &*response.body);
                if !expected["body"].is_null() {
                    same(&format!("{what}: body"), &json!(body), &expected["body"])?;
                }
            }
            Outcome::Output(output) => {
                same(&format!("{what}: output"), &json!(output), &expected["output"])?;
            }
            Outcome::None => {}
        }
        if !expected["after"].is_null() {
            running.wait(SETTLES.1);
            let changed = running.process.config_yaml != config;
            same_state(&what, running, case, Some(changed), &expected["after"])?;
            config.clone_from(&running.process.config_yaml);
        }
        if !expected["log"].is_null() {
            let lines = running.process.log.get(before..).unwrap_or_default();
            same_log(lines, &expected["log"]).map_err(|error| format!("{what}: {error}"))?;
        }
    }
    Ok(())
}

/// Compares the different answers of each path from the start until the server is ready.
fn same_while_starting(
    running: &mut Running,
    paths: &Value,
    expected: &Value,
) -> Result<(), String> {
    let paths = texts(paths);
    let mut found: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    while running.process.now() < NOW + 1_000 {
        for path in &paths {
            let response = running.process.request(&Request::get(path.as_str()), &running.host);
            let answer = json!({
                "status": response.as_ref().map(|one| one.status),
                "content_type": response.as_ref().and_then(|one| one.header("Content-Type")),
                "body": match &response {
                    None => "no answer",
                    Some(one) if one.status == 200 && path.starts_with("/api") => "…",
                    Some(one) => &one.body,
                },
            });
            let answers = found.entry(path).or_default();
            if answers.last() != Some(&answer) {
                answers.push(answer);
            }
        }
        running.wait(10);
    }
    match expected.is_null() {
        true => Ok(()),
        false => same("while_starting", &json!(found), expected),
    }
}

/// Compares name, help, type and label names of the metrics of the server.
fn same_families(text: &str, expected: &Value) -> Result<(), String> {
    let mut found: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.splitn(4, ' ');
        if words.next() != Some("#") {
            continue;
        }
        let (kind, name, rest) = (words.next(), words.next(), words.next().unwrap_or_default());
        let entry = found.entry(name.unwrap_or_default()).or_default();
        match kind {
            Some("HELP") => entry.0 = rest,
            _ => entry.1 = rest,
        }
    }
    let mut wrong = Vec::new();
    for family in list(expected) {
        let name = family["name"].as_str().unwrap_or_default();
        match found.remove(name) {
            None => wrong.push(format!("{name} is missing")),
            Some(own) if family["help"] != own.0 || family["type"] != own.1 => {
                wrong.push(format!("{name}: {own:?}"));
            }
            Some(_) => {}
        }
    }
    wrong.extend(found.keys().map(|name| format!("{name} besides")));
    if wrong.is_empty() { Ok(()) } else { Err(format!("families: {}", wrong.join(", "))) }
}

/// The host of a case: files, rights, other servers.
fn host(case: &Value, folder: &Path) -> Result<Host, String> {
    let mut files = Files::new(DATA, []);
    add_files(&folder.join("files"), CONFIGURATION, &mut files);
    let mut host = Host {
        files,
        writable: vec![DATA.into()],
        hostname: "prometheus-0".into(),
        ..Host::default()
    };
    for command in texts(&case["prepare"]) {
        prepare(&command, &mut host)?;
    }
    let variables = case["env"].as_object().into_iter().flatten();
    host.environment = variables
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect::<BTreeMap<_, _>>();
    host.environment.insert("HOSTNAME".to_owned(), host.hostname.clone());
    for arg in texts(&case["other_server"]["args"]) {
        if let Some(path) = arg.strip_prefix("--storage.tsdb.path=") {
            host.locked.push(path.to_owned());
        }
    }
    if !case["other_server"].is_null() {
        let given = texts(&case["other_server"]["args"]);
        let address = given.iter().find_map(|arg| arg.strip_prefix("--web.listen-address="));
        host.listening.push(address.unwrap_or("0.0.0.0:9090").to_owned());
    }
    Ok(host)
}

/// Carries out a command of the shell: what the cases use of it.
fn prepare(command: &str, host: &mut Host) -> Result<(), String> {
    if let Some(rest) = command.strip_prefix("printf '") {
        let (text, path) = rest.split_once("' > ").ok_or("printf without a file")?;
        host.files.write(path, text.replace("\\n", "\n"));
        return Ok(());
    }
    for command in command.split(['&', ';']).map(str::trim).filter(|one| !one.is_empty()) {
        match command.split(' ').collect::<Vec<_>>()[..] {
            ["chmod", "000", path] => host.files.forbid(path),
            ["chown", "root:root", path] => host.writable.retain(|one| one != path),
            ["chmod", "755", _] | ["mkdir", ..] => {}
            ["ln", "-s", target, path] => host.files.link(path, target),
            ["mv", "-T", from, to] => host.files.rename(from, to),
            _ => return Err(format!("the command {command}")),
        }
    }
    Ok(())
}

fn add_files(folder: &Path, path: &str, files: &mut Files) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let inside = format!("{path}/{}", file_name(&entry.path()));
        match entry.path().is_dir() {
            true => add_files(&entry.path(), &inside, files),
            false => files.write(&inside, read(&entry.path())),
        }
    }
}

/// What a step returns.
enum Outcome {
    None,
    /// The answer of a request; None if nothing listens.
    Response(Option<Response>),
    /// What a command printed.
    Output(String),
}

/// Carries out a step.
fn take(step: &Value, case: &Value, running: &mut Running) -> Result<Outcome, String> {
    let path = |key: &str| step[key].as_str().map(|name| format!("{CONFIGURATION}/{name}"));
    let Running { process, host, .. } = running;
    if let Some(path) = path("edit") {
        // The new text is written beside the file and renamed; discovery notices both.
        if step["in_place"] != true {
            process.notice_files(host);
        }
        host.files.write(&path, step["content"].as_str().unwrap_or_default());
    } else if let Some(path) = path("delete") {
        host.files.remove(&path);
    } else if let Some(signal) = step["signal"].as_str() {
        match signal {
            // The error is in the log.
            "SIGHUP" => drop(process.reload(host)),
            "SIGTERM" | "SIGINT" => process.terminate(),
            _ => return Err(format!("signal {signal}")),
        }
    } else if let Some(seconds) = step["wait"].as_f64() {
        running.wait((seconds * 1000.0) as i64);
    } else if let Some(command) = step["sh"].as_str() {
        if let Some(folder) = command.strip_prefix("ls ") {
            let mut words = folder.split(" | ");
            let folder = words.next().unwrap_or_default();
            let mut names = process.data_files(host);
            names.retain(|path| path.starts_with(folder));
            let hidden: Vec<&str> = words.filter_map(|one| one.strip_prefix("grep -v ")).collect();
            let mut listed: Vec<String> = names
                .iter()
                .filter_map(|path| path.strip_prefix(folder)?.split('/').nth(1))
                .filter(|name| !hidden.iter().any(|word| name.contains(word)))
                .map(|name| format!("{name}\n"))
                .collect();
            listed.dedup();
            return Ok(Outcome::Output(listed.concat()));
        }
        prepare(command, host)?;
    } else if let Some(line) = step["request"].as_str() {
        let (method, target) = line.split_once(' ').unwrap_or((line, "/"));
        let prefix = step["base"].as_str().or(case["base"].as_str()).unwrap_or_default();
        let prefix = prefix.split_once("://").map_or("", |(_, rest)| rest);
        let prefix = prefix.find('/').map_or("", |at| &prefix[at..]);
        let headers = step["headers"].as_object().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let request = Request {
            method: method.into(),
            target: format!("{prefix}{target}"),
            headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
            ..Request::default()
        };
        return Ok(Outcome::Response(process.request(&request, host)));
    } else {
        return Err(format!("step {step}"));
    }
    Ok(Outcome::None)
}

/// Compares warnings and errors.
fn same_log(log: &[LogLine], expected: &Value) -> Result<(), String> {
    let fields = ["err", "component", "file"];
    // The data keep the same line once.
    let first = |at: usize, line: &LogLine| log.iter().position(|one| one == line) == Some(at);
    let found: Vec<Value> = log
        .iter()
        .enumerate()
        .filter(|(at, line)| line.level != Level::Info && first(*at, line))
        .map(|(_, line)| line)
        .map(|line| {
            let mut value = json!({"level": line.level.name(), "msg": line.message});
            for field in fields {
                if let Some(text) = line.field(field) {
                    value[field] = json!(text);
                }
            }
            value
        })
        .collect();
    let wanted: Vec<Value> = list(expected)
        .iter()
        .filter(|line| line["level"] != "info")
        .map(|line| {
            let mut value = json!({"level": line["level"], "msg": line["msg"]});
            for field in fields {
                if !line[field].is_null() {
                    value[field] = line[field].clone();
                }
            }
            value
        })
        .collect();
    same("log", &json!(found), &json!(wanted))
}

fn same_state(
    what: &str,
    running: &mut Running,
    case: &Value,
    changed: Option<bool>,
    expected: &Value,
) -> Result<(), String> {
    let Running { process, host, .. } = running;
    if expected["exited"] == true {
        return same(
            &format!("{what}: ended"),
            &json!(process.exit_code().is_some()),
            &json!(true),
        );
    }
    let Some(expected) = expected.as_object() else {
        return Err(format!("{what}: the state could not be asked"));
    };
    let asked = process.request(&Request::get("/api/v1/targets"), host);
    let is_refused = asked.is_none_or(|response| response.status == 401);
    for (key, expected) in expected {
        let found = match key.as_str() {
            "notifications" => json!(process.notifications()),
            _ if is_refused => Value::Null,
            "prometheus_config_last_reload_successful" => {
                json!(u8::from(process.reload_successful))
            }
            "rule_groups" if process.flags.is_on("agent") => continue,
            "rule_groups" => groups(process),
            "targets" => targets(process, case["health"] == true),
            "dropped" => process
                .pools
                .iter()
                .map(|pool| (pool.name.to_string(), json!(pool.dropped.len())))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            "config_changed" => json!(changed.unwrap_or_default()),
            "config" => json!(process.config_yaml),
            "metrics" => metrics(process, &case["watch_metrics"]),
            "queries" => queries(process, &case["watch_queries"]),
            other => return Err(format!("{what}: {other} is not compared")),
        };
        same(&format!("{what}: {key}"), &found, expected)?;
    }
    Ok(())
}

fn groups(process: &Process) -> Value {
    let groups = process.groups.iter().map(|one| {
        let group = &one.run.group;
        let rules: Vec<&str> = group.rules.iter().map(|rule| &**rule.name()).collect();
        json!({
            "name": *group.name,
            "file": one.file,
            "interval": one.interval.millis() / 1000,
            "rules": rules,
        })
    });
    groups.collect()
}

fn targets(process: &Process, health: bool) -> Value {
    let mut found: Vec<Value> = Vec::new();
    for pool in process.scrape_pools() {
        for target in &pool.targets {
            let labels = target.labels.iter();
            let labels: serde_json::Map<String, Value> =
                labels.map(|one| (one.name.to_string(), json!(&*one.value))).collect();
            let mut shown = json!({
                "scrapePool": pool.name,
                "scrapeUrl": target.url,
                "labels": labels,
                "scrapeInterval": target.interval,
            });
            if health {
                shown["health"] = json!(target.health.name());
                shown["lastError"] = json!(target.last_error);
            }
            found.push(shown);
        }
    }
    found.sort_by_key(|target| {
        (target["scrapePool"].to_string(), target["scrapeUrl"].to_string(), target.to_string())
    });
    json!(found)
}

/// The results of instant queries, sorted.
fn queries(process: &Process, texts_of: &Value) -> Value {
    let engine = Engine::new(EngineOptions::default());
    let found = texts(texts_of).into_iter().map(|text| {
        let ast = parse(&text, &ParserOptions::default()).ok();
        let result = ast.map(|ast| engine.instant(&process.storage, &ast, process.now()));
        let samples = match result {
            Some(Ok(result)) => match result.value {
                QueryValue::Vector(samples) => samples,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let shown = samples.iter().map(|sample| {
            let labels = sample.labels.iter();
            let labels: serde_json::Map<String, Value> =
                labels.map(|one| (one.name.to_string(), json!(&*one.value))).collect();
            let value = match &sample.value {
                promql::SampleValue::Float(value) => go::number::format_general(*value, None),
                promql::SampleValue::Histogram(_) => String::new(),
            };
            json!({ "metric": labels, "value": value })
        });
        let mut shown: Vec<Value> = shown.collect();
        shown.sort_by_key(Value::to_string);
        (text, json!(shown))
    });
    found.collect::<serde_json::Map<_, _>>().into()
}

fn metrics(process: &Process, names: &Value) -> Value {
    let text = process.metrics();
    let of_name = |name: &String| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter(|line| line.split([' ', '{']).next() == Some(name))
            .map(str::to_owned)
            .collect()
    };
    let found = texts(names).into_iter().map(|name| {
        let lines = of_name(&name);
        (name, json!(lines))
    });
    found.collect::<serde_json::Map<_, _>>().into()
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: {found}, expected {expected}"))
}
