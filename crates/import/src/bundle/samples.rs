//! Discovered targets as files of target groups: `MECHANISM/JOB.yml`, which replaces the discovery of
//! that mechanism for that job.
//!
//! A server shows the discovered labels of a target together with the defaults of its job. Labels that
//! equal a default are left out, so that they follow the configuration again.

use std::collections::{BTreeMap, HashMap};

use discovery::targets::Job;
use prometheus::config::{ScrapeConfig, SdMechanism};
use yaml::Printer;

use super::{LabelMap, Targets};

const ADDRESS: &str = "__address__";
const STATIC: &str = "static_configs";

/// A file of target groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub job: String,
    /// The key of the mechanism, such as `consul_sd_configs`.
    pub mechanism: String,
    pub targets: usize,
    pub text: String,
}

/// Returns the files of all jobs whose targets a server found by service discovery. `server` is
/// named in the first line.
pub fn samples(jobs: &[ScrapeConfig], targets: &Targets, server: &str) -> Vec<Sample> {
    let mut by_pool: HashMap<&str, Vec<&LabelMap>> = HashMap::new();
    for target in &targets.active_targets {
        by_pool.entry(&target.scrape_pool).or_default().push(&target.discovered_labels);
    }
    for target in &targets.dropped_targets {
        by_pool.entry(&target.scrape_pool).or_default().push(&target.discovered_labels);
    }
    let mut found = Vec::new();
    for job in jobs {
        let targets = by_pool.remove(&*job.job_name.value).unwrap_or_default();
        found.extend(of_job(job, &targets, server));
    }
    found
}

fn of_job(job: &ScrapeConfig, targets: &[&LabelMap], server: &str) -> Vec<Sample> {
    let mut keys: Vec<String> = Vec::new();
    for entry in &job.discovery {
        let key = key(&entry.mechanism);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let mut of_key: BTreeMap<&str, Vec<&LabelMap>> =
        keys.iter().filter(|key| *key != STATIC).map(|key| (key.as_str(), Vec::new())).collect();
    for target in targets {
        let by_label = of_key.keys().copied().find(|key| has_labels_of(target, key));
        let only = || match &keys[..] {
            [key] if key != STATIC => Some(key.as_str()),
            _ => None,
        };
        if let Some(found) = by_label.or_else(only).and_then(|key| of_key.get_mut(key)) {
            found.push(target);
        }
    }
    let defaults = Job::new(job).defaults;
    let defaults: LabelMap = defaults
        .iter()
        .map(|one| (one.label.name.to_string(), one.label.value.to_string()))
        .collect();
    let name = &*job.job_name.value;
    let sample = |(key, targets): (&str, Vec<&LabelMap>)| Sample {
        job: name.to_owned(),
        mechanism: key.to_owned(),
        targets: targets.len(),
        text: text(&groups(&targets, &defaults), key, server),
    };
    of_key.into_iter().map(sample).collect()
}

fn key(mechanism: &SdMechanism) -> String {
    match mechanism {
        SdMechanism::Static(_) => STATIC.to_owned(),
        SdMechanism::File { .. } => "file_sd_configs".to_owned(),
        SdMechanism::Dns { .. } => "dns_sd_configs".to_owned(),
        SdMechanism::Http { .. } => "http_sd_configs".to_owned(),
        SdMechanism::Kubernetes(_) => "kubernetes_sd_configs".to_owned(),
        SdMechanism::Other { key } => key.to_string(),
    }
}

/// Mechanisms whose labels do not begin with their own name.
const LABELS: [(&str, &[&str]); 3] = [
    ("file", &["__meta_filepath"]),
    ("http", &["__meta_url"]),
    (
        "aws",
        &[
            "__meta_ec2_",
            "__meta_ecs_",
            "__meta_elasticache_",
            "__meta_lightsail_",
            "__meta_msk_",
            "__meta_rds_",
        ],
    ),
];

/// Returns true if a target has a label that only this mechanism sets.
fn has_labels_of(target: &LabelMap, key: &str) -> bool {
    let stem = key.trim_end_matches("_sd_configs");
    let own = format!("__meta_{stem}_");
    let listed = LABELS.iter().find(|(name, _)| *name == stem).map(|(_, labels)| *labels);
    target.keys().any(|name| match listed {
        Some(labels) => labels.iter().any(|label| name.starts_with(label)),
        None => name.starts_with(&own),
    })
}

/// Addresses of targets with equal labels.
struct Group {
    addresses: Vec<String>,
    labels: LabelMap,
}

fn groups(targets: &[&LabelMap], defaults: &LabelMap) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<LabelMap, usize> = HashMap::new();
    for target in targets {
        let mut labels: LabelMap = (*target).clone();
        let address = labels.remove(ADDRESS).unwrap_or_default();
        labels.retain(|name, value| defaults.get(name) != Some(value));
        let at = *known.entry(labels.clone()).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.addresses.push(address),
            None => groups.push(Group { addresses: vec![address], labels }),
        }
    }
    groups
}

fn text(groups: &[Group], key: &str, server: &str) -> String {
    let mut printer = Printer::new();
    printer.begin_list();
    for group in groups {
        printer.item();
        printer.begin_map();
        printer.key("targets");
        printer.begin_list();
        for address in &group.addresses {
            printer.item();
            printer.string(address);
        }
        printer.end();
        if !group.labels.is_empty() {
            printer.key("labels");
            printer.begin_map();
            for (name, value) in &group.labels {
                printer.key(name);
                printer.string(value);
            }
            printer.end();
        }
        printer.end();
    }
    printer.end();
    let head =
        format!("# Targets that {server} found by {key}. The file replaces the discovery.\n");
    head + &printer.finish()
}
