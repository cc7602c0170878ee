//! `bundle.json` of each system: relabel steps and targets of a live server.
//!
//! From the configuration and the discovered labels the suite computes the steps of each target, and
//! the active and dropped targets of each pool. It does not compare results of scrapes, rules,
//! alerts and metadata.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use discovery::targets::{Pool, PopulateStep, Rule, Rules, explain_rules};
use discovery::{Discovered, GroupTarget, MetaLabels, TargetGroup};
use prometheus::config::ScrapeConfig;
use prometheus::{Mode, load};
use promql::Labels;
use serde_json::{Value, json};
use text::FileId;
use yaml::Parsed;

use conformance::{Tally, file_name, files, folders, json as read_json, list, read};

pub fn run(folder: &Path, tally: &mut Tally) {
    for system in folders(folder) {
        tally.case(&file_name(&system), || compare(&system));
    }
}

fn compare(system: &Path) -> Result<(), String> {
    let bundle = read_json(&system.join("bundle.json"));
    let targets = &bundle["targets"]["data"];
    let mut wrong = Vec::new();
    let jobs = jobs(system);
    let pools = list(&bundle["scrape_pools"]["data"]["scrapePools"]);
    let expected: Vec<&str> = pools.iter().filter_map(Value::as_str).collect();
    let mut found: Vec<&str> = jobs.iter().map(|job| &*job.job_name.value).collect();
    found.sort_unstable();
    if found != expected {
        wrong.push(format!("pools {found:?}, expected {expected:?}"));
    }
    for job in &jobs {
        let name = &*job.job_name.value;
        for step in list(&bundle["relabel_steps"][name]) {
            wrong.extend(steps(job, step).err().map(|error| format!("{name}: {error}")));
        }
        wrong.extend(pool(job, targets).into_iter().map(|error| format!("{name}: {error}")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Returns the scrape configs of a system, including those of `scrape_config_files`.
fn jobs(system: &Path) -> Vec<ScrapeConfig> {
    let root = system.join("files");
    let mut others: BTreeMap<String, Parsed> = BTreeMap::new();
    for folder in std::iter::once(root.clone()).chain(folders(&root)) {
        for path in files(&folder, &[".yml", ".yaml"]) {
            let id = FileId(others.len() as u32 + 1);
            let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
            others.insert(name, yaml::parse(id, &read(&path)));
        }
    }
    let main = yaml::parse(FileId(0), &read(&root.join("prometheus.yml")));
    load(&main, &others, Mode::Server).config.scrape_configs
}

/// Compares the steps of one target with `{labels, answer}` of a server.
fn steps(job: &ScrapeConfig, step: &Value) -> Result<(), String> {
    let legacy_names = &**job.metric_name_validation_scheme == "legacy";
    let rules = Rules::new(&job.relabel_configs, legacy_names);
    let (steps, _) = explain_rules(&rules, &labels(&step["labels"]));
    let mut output = step["labels"].as_object().cloned().unwrap_or_default();
    let mut kept = true;
    let found = (0..rules.len()).map(|index| {
        match steps.get(index) {
            Some(step) => kept &= apply(&mut output, step),
            None => kept = false,
        }
        let output = if kept { Value::from(output.clone()) } else { json!({}) };
        json!({ "rule": rules.get(index).map(rule), "output": output, "keep": kept })
    });
    let found: Value = found.collect();
    let expected = &step["answer"]["data"]["steps"];
    // A job without rules has no list of steps.
    if found == *expected || (rules.is_empty() && list(expected).is_empty()) {
        return Ok(());
    }
    Err(format!("steps {found}, expected {expected}"))
}

/// Applies the changes of a step. Returns false if the step drops the target.
fn apply(labels: &mut serde_json::Map<String, Value>, step: &PopulateStep) -> bool {
    for change in &step.changes {
        match &change.after {
            Some(after) => labels.insert(change.name.to_string(), json!(&**after)),
            None => labels.remove(&*change.name),
        };
    }
    !step.drops
}

/// Returns a rule as the API prints it: empty fields are left out, except for `replacement`.
fn rule(rule: &Rule) -> Value {
    let sources: Vec<&str> = rule.source_labels.iter().map(|name| &**name).collect();
    let mut fields = json!({
        "source_labels": sources,
        "separator": &*rule.separator,
        "regex": rule.regex.source(),
        "modulus": rule.modulus,
        "target_label": &*rule.target_label,
        "replacement": &*rule.replacement,
        "action": rule.action.name(),
    });
    if let Some(fields) = fields.as_object_mut() {
        let empty = [json!(""), json!(0), json!([])];
        fields.retain(|name, value| name == "replacement" || !empty.contains(value));
    }
    fields
}

/// Compares the targets of a pool. The server lists all active targets, and dropped ones up to
/// `keep_dropped_targets`.
fn pool(job: &ScrapeConfig, targets: &Value) -> Vec<String> {
    let name = &*job.job_name.value;
    let of_pool = |key: &str| -> Vec<&Value> {
        list(&targets[key]).iter().filter(|one| one["scrapePool"] == name).collect()
    };
    let (active, dropped) = (of_pool("activeTargets"), of_pool("droppedTargets"));
    let group = TargetGroup {
        targets: active.iter().chain(&dropped).map(|one| target(one)).collect(),
        ..TargetGroup::default()
    };
    let discovered = Discovered { groups: vec![Arc::new(group)], ..Discovered::default() };
    let pool = Pool::new(job, vec![discovered]);
    let mut wrong = Vec::new();
    if !pool.failed.is_empty() {
        wrong.push(format!("failed targets {:?}", pool.failed));
    }
    let found = pool.active.iter().map(|target| {
        json!({
            "discoveredLabels": object(&target.discovered),
            "labels": object(&target.public_labels()),
            "scrapeUrl": target.url,
            "scrapeInterval": target.interval_text(),
            "scrapeTimeout": target.timeout_text(),
        })
    });
    let keys = ["discoveredLabels", "labels", "scrapeUrl", "scrapeInterval", "scrapeTimeout"];
    let active: Vec<Value> = active
        .iter()
        .map(|target| keys.iter().map(|key| (key.to_string(), target[*key].clone())).collect())
        .collect();
    wrong.extend(difference("active", found.collect(), active));
    let found = pool.dropped.iter().map(|target| object(&target.discovered));
    let dropped = dropped.iter().map(|target| target["discoveredLabels"].clone());
    wrong.extend(difference("dropped", found.collect(), dropped.collect()));
    if let Some(limit) = &pool.limit_error {
        let others = of_pool("activeTargets").into_iter().filter(|one| one["lastError"] != **limit);
        wrong.extend(others.map(|one| format!("{limit}, expected {}", one["lastError"])));
    }
    wrong
}

/// Compares two sets.
fn difference(what: &str, mut found: Vec<Value>, mut expected: Vec<Value>) -> Vec<String> {
    expected.retain(|one| match found.iter().position(|other| other == one) {
        Some(at) => {
            found.swap_remove(at);
            false
        }
        None => true,
    });
    let missing = expected.iter().map(|one| format!("{what} lacks {one}"));
    missing.chain(found.iter().map(|one| format!("{what} has {one} besides"))).collect()
}

fn target(target: &Value) -> GroupTarget {
    let mut labels = MetaLabels::default();
    for (name, value) in target["discoveredLabels"].as_object().into_iter().flatten() {
        labels.set(name.as_str(), value.as_str().unwrap_or_default(), None);
    }
    GroupTarget { labels, ..GroupTarget::default() }
}

fn labels(value: &Value) -> Labels {
    let pairs = value.as_object().into_iter().flatten();
    Labels::from_pairs(
        pairs.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())),
    )
}

fn object(labels: &Labels) -> Value {
    labels.iter().map(|label| (label.name.to_string(), json!(&*label.value))).collect()
}
