//! Starts, reloads, requests and ends of the Prometheus server.

use std::collections::BTreeMap;
use std::path::Path;

use conformance::{Tally, file_name, folders, json as read_json, list, read};
use promql::storage::Storage;
use serde_json::{Value, json};
use server::{Files, Host, Level, LogLine, Process, Request, Response, Started, start};

/// The folder of the files of a case.
const CONFIGURATION: &str = "/etc/prometheus";
/// The working directory and volume of the server.
const DATA: &str = "/prometheus";
const NOW: i64 = 1_772_445_600_000;

pub fn run(folder: &Path, tally: &mut Tally) {
    for case in folders(folder) {
        tally.case(&file_name(&case), || compare(&case));
    }
}

fn compare(folder: &Path) -> Result<(), String> {
    let case: Value = serde_yaml::from_str(&read(&folder.join("case.yaml")))
        .map_err(|error| error.to_string())?;
    let expected = read_json(&folder.join("result.json"));
    for key in ["health", "watch_queries", "record", "families", "watch_start"] {
        if !case[key].is_null() {
            return Err(format!("{key} needs a server in time"));
        }
    }
    let mut host = host(&case, folder)?;
    let args: Vec<String> = texts(&case["args"]);
    let mut process = match start(&args, &host) {
        Started::Running(process) => process,
        Started::Ended { exit_code, stderr, log, .. } => {
            same("starts", &json!(false), &expected["starts"])?;
            same("exit_code", &json!(exit_code), &expected["exit_code"])?;
            same("stderr", &json!(stderr), &expected["stderr"])?;
            return same_log(&log, &expected["log"]);
        }
    };
    same("starts", &json!(true), &expected["starts"])?;
    same_log(&process.log, &expected["log"])?;
    let mut config = process.config_yaml.clone();
    same_state("after_start", &process, &case, None, &expected["after_start"])?;
    let steps = case["steps"].as_array().cloned().unwrap_or_default();
    for (number, (step, expected)) in steps.iter().zip(list(&expected["steps"])).enumerate() {
        let before = process.log.len();
        let what = format!("step {number}");
        if let Some(response) = take(step, &case, &mut process, &mut host)? {
            same(&format!("{what}: status"), &json!(response.status), &expected["status"])?;
            if !expected["body"].is_null() {
                same(&format!("{what}: body"), &json!(response.body), &expected["body"])?;
            }
        }
        if !expected["after"].is_null() {
            process.refresh(&host);
            let changed = process.config_yaml != config;
            same_state(&what, &process, &case, Some(changed), &expected["after"])?;
            config.clone_from(&process.config_yaml);
        }
        if !expected["log"].is_null() {
            let lines = process.log.get(before..).unwrap_or_default();
            same_log(lines, &expected["log"]).map_err(|error| format!("{what}: {error}"))?;
        }
    }
    Ok(())
}

/// The host of a case: files, rights, other servers.
fn host(case: &Value, folder: &Path) -> Result<Host, String> {
    let mut files = Files::new(DATA, []);
    add_files(&folder.join("files"), CONFIGURATION, &mut files);
    let mut host = Host { files, writable: vec![DATA.into()], ..Host::default() };
    for command in texts(&case["prepare"]) {
        match command.split(' ').collect::<Vec<_>>()[..] {
            ["chmod", "000", path] => host.files.forbid(path),
            ["chown", "root:root", path] => host.writable.retain(|one| one != path),
            ["chmod", "755", _] => {}
            _ => return Err(format!("prepare: {command}")),
        }
    }
    let variables = case["env"].as_object().into_iter().flatten();
    host.environment = variables
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect::<BTreeMap<_, _>>();
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

fn add_files(folder: &Path, path: &str, files: &mut Files) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let inside = format!("{path}/{}", file_name(&entry.path()));
        match entry.path().is_dir() {
            true => add_files(&entry.path(), &inside, files),
            false => files.write(&inside, read(&entry.path())),
        }
    }
}

/// Carries out a step. Returns the answer of a request.
fn take(
    step: &Value,
    case: &Value,
    process: &mut Process,
    host: &mut Host,
) -> Result<Option<Response>, String> {
    let path = |key: &str| step[key].as_str().map(|name| format!("{CONFIGURATION}/{name}"));
    if let Some(path) = path("edit") {
        // The new text is written beside the file and renamed; discovery notices both.
        if step["in_place"] != true {
            process.refresh(host);
        }
        host.files.write(&path, step["content"].as_str().unwrap_or_default());
    } else if let Some(path) = path("delete") {
        host.files.remove(&path);
    } else if let Some(signal) = step["signal"].as_str() {
        if signal != "SIGHUP" {
            return Err(format!("signal {signal}"));
        }
        // The error is in the log.
        let _ = process.reload(host);
    } else if let Some(line) = step["request"].as_str() {
        let (method, target) = line.split_once(' ').unwrap_or((line, "/"));
        let prefix = step["base"].as_str().or(case["base"].as_str()).unwrap_or_default();
        let prefix = prefix.split_once("://").map_or("", |(_, rest)| rest);
        let prefix = prefix.find('/').map_or("", |at| &prefix[at..]);
        let request = Request {
            method: method.into(),
            target: format!("{prefix}{target}"),
            ..Request::default()
        };
        return Ok(process.request(&request, &Storage::unbounded(), NOW, host));
    } else {
        return Err(format!("step {step}"));
    }
    Ok(None)
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
    process: &Process,
    case: &Value,
    changed: Option<bool>,
    expected: &Value,
) -> Result<(), String> {
    if expected["exited"] == true {
        return same(&format!("{what}: ended"), &json!(process.ended), &json!(true));
    }
    let Some(expected) = expected.as_object() else {
        return Err(format!("{what}: the state could not be asked"));
    };
    for (key, expected) in expected {
        let found = match key.as_str() {
            "prometheus_config_last_reload_successful" => {
                json!(u8::from(process.reload_successful))
            }
            "rule_groups" if process.flags.is_on("agent") => continue,
            "rule_groups" => groups(process),
            "targets" => targets(process),
            "dropped" => process
                .pools
                .iter()
                .map(|pool| (pool.name.to_string(), json!(pool.dropped.len())))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            "notifications" => json!(process.notifications()),
            "config_changed" => json!(changed.unwrap_or_default()),
            "config" => json!(process.config_yaml),
            "metrics" => metrics(process, &case["watch_metrics"]),
            other => return Err(format!("{what}: {other} is not compared")),
        };
        same(&format!("{what}: {key}"), &found, expected)?;
    }
    Ok(())
}

fn groups(process: &Process) -> Value {
    let groups = process.groups.iter().map(|one| {
        let rules: Vec<&str> = one.group.rules.iter().map(|rule| &**rule.name()).collect();
        json!({
            "name": *one.group.name,
            "file": one.file,
            "interval": one.interval.millis() / 1000,
            "rules": rules,
        })
    });
    groups.collect()
}

fn targets(process: &Process) -> Value {
    let mut found: Vec<Value> = Vec::new();
    for pool in &process.pools {
        for target in &pool.active {
            let labels = target.public_labels();
            let labels: serde_json::Map<String, Value> =
                labels.iter().map(|one| (one.name.to_string(), json!(&*one.value))).collect();
            found.push(json!({
                "scrapePool": &*pool.name,
                "scrapeUrl": target.url,
                "labels": labels,
                "scrapeInterval": target.interval_text(),
            }));
        }
    }
    found.sort_by_key(|target| {
        (target["scrapePool"].to_string(), target["scrapeUrl"].to_string(), target.to_string())
    });
    json!(found)
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
