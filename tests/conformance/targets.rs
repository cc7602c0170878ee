//! Folders with cluster objects and configuration, and the target table of a real server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use discovery::targets::{Pool, TargetTable};
use discovery::{Environment, Record, RecordType, Resolver, SdFile, Unrestricted};
use kubernetes::{Cluster, decode};
use prometheus::{Mode, load};
use promql::Labels;
use serde_json::{Value, json};
use text::FileId;
use yaml::{self, Parsed};

use conformance::{Tally, json as read_json, list, read};

/// The directory of the configuration in the container of the recorded server.
const CONFIG_DIRECTORY: &str = "/etc/prometheus";

pub fn run(folder: &Path, tally: &mut Tally) {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|one| one.path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.join("targets.json").is_file()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        tally.case(&name, || compare(folder));
    }
}

struct NoNames;

impl Resolver for NoNames {
    fn resolve(&self, _name: &str, _record_type: RecordType) -> Option<Vec<Record>> {
        None
    }
}

fn compare(folder: &Path) -> Result<(), String> {
    let table = table(folder);
    let expected = read_json(&folder.join("targets.json"));
    let skipped: Vec<&str> =
        list(&expected["unspecifiedJobs"]).iter().filter_map(Value::as_str).collect();
    let pools: Vec<&Arc<Pool>> =
        table.pools.iter().filter(|pool| !skipped.contains(&&*pool.name)).collect();
    let mut wrong = Vec::new();
    let data = &expected["data"];
    for (what, mut found) in [
        ("activeTargets", active(&pools)),
        ("droppedTargets", dropped(&pools)),
        ("failedTargets", failed(&pools)),
    ] {
        for target in list(&data[what]) {
            if target["scrapePool"].as_str().is_some_and(|pool| skipped.contains(&pool)) {
                continue;
            }
            match found.iter().position(|found| same(found, target)) {
                Some(at) => {
                    found.swap_remove(at);
                }
                None => wrong.push(format!("{what} lacks {target}")),
            }
        }
        wrong.extend(found.iter().map(|target| format!("{what} has {target} besides")));
    }
    let counts: BTreeMap<&str, usize> =
        pools.iter().map(|pool| (&*pool.name, pool.dropped.len())).collect();
    for (pool, count) in data["droppedTargetCounts"].as_object().into_iter().flatten() {
        if skipped.contains(&pool.as_str()) {
            continue;
        }
        if counts.get(pool.as_str()).map(|count| json!(count)).as_ref() != Some(count) {
            wrong
                .push(format!("{pool}: {:?} dropped, expected {count}", counts.get(pool.as_str())));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// The same target; where several were merged, any of their discovered labels will do.
fn same(found: &Value, expected: &Value) -> bool {
    let fields = expected.as_object().into_iter().flatten();
    fields
        .filter(|(key, _)| !key.starts_with("discoveredLabels"))
        .all(|(key, value)| found[key] == *value)
        && (found["discoveredLabels"] == expected["discoveredLabels"]
            || list(&expected["discoveredLabelsAny"]).contains(&found["discoveredLabels"]))
}

fn table(folder: &Path) -> TargetTable {
    let parsed = |path: PathBuf| yaml::parse(FileId(0), &read(&path));
    let config =
        load(&parsed(folder.join("prometheus.yml")), &prometheus::NoFiles, Mode::Server).config;
    let objects = folder.join("cluster.json");
    let cluster = if objects.is_file() {
        decode::decode([&parsed(objects)], "default").cluster
    } else {
        Cluster::default()
    };
    let files: Vec<(String, Parsed)> = std::fs::read_dir(folder.join("sd"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            (format!("{CONFIG_DIRECTORY}/sd/{name}"), parsed(file.path()))
        })
        .collect();
    let files: Vec<SdFile<'_>> =
        files.iter().map(|(path, parsed)| SdFile { path, parsed }).collect();
    let environment = Environment {
        cluster: &cluster,
        access: &Unrestricted,
        own_namespace: Some("default"),
        resolver: &NoNames,
        config_directory: CONFIG_DIRECTORY,
        files: &files,
        samples: &[],
    };
    let pools = config
        .scrape_configs
        .iter()
        .map(|job| Arc::new(Pool::new(job, discovery::discover(job, &environment))));
    TargetTable { pools: pools.collect() }
}

fn object(labels: &Labels) -> Value {
    labels.iter().map(|label| (label.name.to_string(), json!(&*label.value))).collect()
}

fn active(pools: &[&Arc<Pool>]) -> Vec<Value> {
    let targets =
        pools.iter().flat_map(|pool| pool.active.iter().map(move |target| (pool, target)));
    let targets = targets.map(|(pool, target)| {
        json!({
            "discoveredLabels": object(&target.discovered),
            "labels": object(&target.public_labels()),
            "scrapePool": &*pool.name,
            "scrapeUrl": target.url,
            "scrapeInterval": target.interval_text(),
            "scrapeTimeout": target.timeout_text(),
        })
    });
    targets.collect()
}

fn dropped(pools: &[&Arc<Pool>]) -> Vec<Value> {
    let targets = pools.iter().flat_map(|pool| {
        pool.dropped.iter().take(pool.listed_dropped).map(move |target| (pool, target))
    });
    let targets = targets.map(|(pool, target)| {
        json!({ "discoveredLabels": object(&target.discovered), "scrapePool": &*pool.name })
    });
    targets.collect()
}

fn failed(pools: &[&Arc<Pool>]) -> Vec<Value> {
    let targets =
        pools.iter().flat_map(|pool| pool.failed.iter().map(move |target| (pool, target)));
    let targets = targets.map(|(pool, target)| {
        json!({
            "discoveredLabels": object(&target.discovered),
            "scrapePool": &*pool.name,
            "error": target.error,
        })
    });
    targets.collect()
}
