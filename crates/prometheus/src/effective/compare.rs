//! Two configurations, compared by what they mean.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, SdMechanism};
use text::FileId;
use yaml::{Kind, Node, parse};

use super::EffectiveConfig;

/// One difference in meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    JobGained {
        job: String,
    },
    JobLost {
        job: String,
    },
    TargetGained {
        job: String,
        target: String,
    },
    TargetLost {
        job: String,
        target: String,
    },
    /// A label of a static target; no `to` where it is lost, no `from` where it is gained.
    Label {
        job: String,
        target: String,
        label: String,
        from: Option<String>,
        to: Option<String>,
    },
    /// Any other setting in force, by its path below the job or the file; the job is empty for
    /// settings of the file.
    Setting {
        job: String,
        path: String,
        from: Option<String>,
        to: Option<String>,
    },
}

/// The changes from `before` to `after`. Order, comments, quotes, and defaults that are written
/// out make no difference.
pub fn compare(
    before: (&Config, &EffectiveConfig),
    after: (&Config, &EffectiveConfig),
) -> Vec<Change> {
    let mut changes = Vec::new();
    let (old_settings, new_settings) = (settings(before.1), settings(after.1));
    let (old_targets, new_targets) = (targets(before.0), targets(after.0));
    let jobs: BTreeSet<&String> = old_settings.keys().chain(new_settings.keys()).collect();
    let (no_targets, no_labels) = (BTreeMap::new(), BTreeMap::new());
    for job in jobs {
        match (old_settings.get(job), new_settings.get(job)) {
            (Some(_), None) => changes.push(Change::JobLost { job: job.clone() }),
            (None, Some(_)) => changes.push(Change::JobGained { job: job.clone() }),
            _ => {
                let (old, new) = (&old_settings[job], &new_settings[job]);
                for (path, from, to) in differences(old, new) {
                    changes.push(Change::Setting { job: job.clone(), path, from, to });
                }
            }
        }
        let old = old_targets.get(job).unwrap_or(&no_targets);
        let new = new_targets.get(job).unwrap_or(&no_targets);
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for target in names {
            let (job, name) = (job.clone(), target.clone());
            match (old.get(target), new.get(target)) {
                (Some(_), None) => changes.push(Change::TargetLost { job, target: name }),
                (None, Some(_)) => changes.push(Change::TargetGained { job, target: name }),
                (old, new) => {
                    let (old, new) = (old.unwrap_or(&no_labels), new.unwrap_or(&no_labels));
                    for (label, from, to) in differences(old, new) {
                        let (job, target) = (job.clone(), name.clone());
                        changes.push(Change::Label { job, target, label, from, to });
                    }
                }
            }
        }
    }
    changes
}

type Texts = BTreeMap<String, String>;

fn differences(old: &Texts, new: &Texts) -> Vec<(String, Option<String>, Option<String>)> {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    keys.into_iter()
        .filter(|key| old.get(*key) != new.get(*key))
        .map(|key| (key.clone(), old.get(key).cloned(), new.get(key).cloned()))
        .collect()
}

/// Static targets of each job with their labels. One that stands several times is numbered.
fn targets(config: &Config) -> BTreeMap<String, BTreeMap<String, Texts>> {
    let mut jobs: BTreeMap<String, BTreeMap<String, Texts>> = BTreeMap::new();
    for job in &config.scrape_configs {
        let targets = jobs.entry(job.job_name.value.to_string()).or_default();
        for entry in &job.discovery {
            let SdMechanism::Static(group) = &entry.mechanism else { continue };
            let labels: Texts = group
                .labels
                .iter()
                .map(|(name, value, _)| (name.to_string(), value.to_string()))
                .collect();
            for (target, _) in &group.targets {
                let mut name = target.to_string();
                let mut number = 2;
                while targets.contains_key(&name) {
                    name = format!("{target} ({number})");
                    number += 1;
                }
                targets.insert(name, labels.clone());
            }
        }
    }
    jobs
}

/// Settings in force of each job by their paths, and under the empty name those of the file.
fn settings(effective: &EffectiveConfig) -> BTreeMap<String, Texts> {
    let parsed = parse(FileId(0), &effective.text);
    let mut all: BTreeMap<String, Texts> = BTreeMap::from([(String::new(), Texts::new())]);
    let Some(root) = parsed.root() else { return all };
    for entry in root.entries() {
        let key = entry.name().unwrap_or_default();
        if key != "scrape_configs" {
            flatten(key, &entry.value, all.entry(String::new()).or_default());
            continue;
        }
        for job in entry.value.items() {
            let name = job.get("job_name").and_then(Node::text).unwrap_or_default().to_owned();
            let texts = all.entry(name).or_default();
            for entry in job.entries() {
                let key = entry.name().unwrap_or_default();
                if key != "static_configs" && key != "job_name" {
                    flatten(key, &entry.value, texts);
                }
            }
        }
    }
    all
}

fn flatten(path: &str, node: &Node, into: &mut Texts) {
    match &node.kind {
        Kind::Scalar(scalar) => {
            into.insert(path.to_owned(), scalar.text.to_string());
        }
        Kind::Sequence(sequence) => {
            for (i, item) in sequence.items.iter().enumerate() {
                flatten(&format!("{path}[{i}]"), item, into);
            }
        }
        Kind::Mapping(mapping) => {
            for entry in mapping.iter() {
                let name = entry.name().unwrap_or_default();
                flatten(&format!("{path}.{name}"), &entry.value, into);
            }
        }
    }
}
