//! The target table: for each job its active, dropped and failed targets.
//!
//! Source: prometheus scrape/scrape.go `scrapePool.Sync`, and the API's `/targets`.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::explain::{Explanation, explain};
use super::names::{RESERVED_PREFIX, SCRAPE_INTERVAL, SCRAPE_TIMEOUT};
use super::populate::{Job, Populated, discovered_labels, populate};
use super::relabel::{LabelSet, Scratch};
use super::rule_hits::RuleHits;
use super::url::target_url;
use crate::{Counts, Discovered, GroupTarget, TargetGroup};
use go::Duration;
use prometheus::config::ScrapeConfig;
use promql::Labels;
use text::Location;

/// The target pools of all jobs, in the order of the configuration.
#[derive(Clone, Debug, Default)]
pub struct TargetTable {
    pub pools: Vec<Arc<Pool>>,
}

/// The targets of a job.
#[derive(Debug)]
pub struct Pool {
    pub name: Arc<str>,
    pub location: Location,
    pub job: Job,
    pub discovered: Vec<Discovered>,
    /// Distinct targets that are scraped.
    pub active: Vec<Target>,
    pub dropped: Vec<Dropped>,
    pub failed: Vec<Failed>,
    /// The number of dropped targets that Prometheus lists: `keep_dropped_targets`.
    pub listed_dropped: usize,
    /// The error of all scrapes if the pool exceeds `target_limit`.
    pub limit_error: Option<String>,
    pub target_counts: TargetCounts,
    /// The first target that is not relabeled because of [`MAX_TARGETS`], [`MAX_APPLIED`] or
    /// [`MAX_WRITTEN_IN_POOL`].
    end: Option<TargetId>,
    rule_hits: OnceLock<RuleHits>,
}

/// The most applications of rules to the targets of a job. Prometheus has no limit.
const MAX_APPLIED: usize = 1_000_000;
/// The most active targets of a job. Prometheus has no limit.
const MAX_TARGETS: usize = 50_000;
/// The most bytes that rules may write into the labels of all targets of a job. Prometheus has no
/// limit.
const MAX_WRITTEN_IN_POOL: usize = 32 << 20;

/// The error of targets beyond the limits.
fn beyond_limits() -> String {
    format!(
        "not relabeled: the playground stops after {MAX_TARGETS} targets, {MAX_APPLIED} applications \
         of rules, or {} MiB of labels, for each job; Prometheus has no such limit",
        MAX_WRITTEN_IN_POOL >> 20
    )
}

/// The number of targets at each stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetCounts {
    pub counts: Counts,
    pub dropped: usize,
    pub failed: usize,
    /// Targets that relabeling keeps and that are valid.
    pub kept: usize,
    /// Distinct kept targets.
    pub distinct: usize,
}

/// Identifies a discovered target in a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetId {
    /// The index in [`Pool::discovered`].
    pub mechanism: u32,
    pub group: u32,
    pub target: u32,
}

/// A target that is scraped.
#[derive(Clone, Debug)]
pub struct Target {
    /// Labels after relabeling, including those that begin with `__`.
    pub labels: Labels,
    pub url: String,
    pub interval: Duration,
    pub timeout: Duration,
    /// Labels before relabeling; of merged targets those of the last.
    pub discovered: Labels,
    /// The discovered targets that were merged into this one. Prometheus shows the last.
    pub origins: Vec<TargetId>,
}

impl Target {
    /// Labels that are added to series of the target.
    pub fn public_labels(&self) -> Labels {
        self.labels.filtered(|label| !label.name.starts_with(RESERVED_PREFIX))
    }

    /// `__scrape_interval__` as written; Prometheus shows it in this form.
    pub fn interval_text(&self) -> &str {
        self.labels.get(SCRAPE_INTERVAL)
    }

    pub fn timeout_text(&self) -> &str {
        self.labels.get(SCRAPE_TIMEOUT)
    }
}

#[derive(Clone, Debug)]
pub struct Dropped {
    pub discovered: Labels,
    /// The index of the rule. None if relabeling left no labels.
    pub rule: Option<usize>,
    pub origin: TargetId,
}

#[derive(Clone, Debug)]
pub struct Failed {
    pub discovered: Labels,
    /// The error of Prometheus.
    pub error: String,
    pub origin: TargetId,
}

impl TargetTable {
    pub fn pool(&self, name: &str) -> Option<&Arc<Pool>> {
        self.pools.iter().find(|pool| &*pool.name == name)
    }

    pub fn active(&self) -> impl Iterator<Item = (&Pool, &Target)> {
        self.pools.iter().flat_map(|pool| pool.active.iter().map(move |target| (&**pool, target)))
    }
}

impl Pool {
    /// Relabels all discovered targets of a job.
    pub fn new(config: &ScrapeConfig, discovered: Vec<Discovered>) -> Self {
        let job = Job::new(config);
        let count = discovered.iter().flat_map(|found| &found.groups);
        let count = count.map(|group| group.targets.len()).sum();
        let mut sync = Sync::default();
        sync.by_labels.reserve(count);
        for (mechanism, found) in discovered.iter().enumerate() {
            for (number, group) in found.groups.iter().enumerate() {
                for (target, labels) in group.targets.iter().enumerate() {
                    let origin = TargetId {
                        mechanism: mechanism as u32,
                        group: number as u32,
                        target: target as u32,
                    };
                    sync.add(&job, group, labels, origin);
                }
            }
        }
        let Sync { active, dropped, failed, kept, end, .. } = sync;
        let mut target_counts = TargetCounts {
            dropped: dropped.len(),
            failed: failed.len(),
            kept,
            distinct: active.len(),
            ..TargetCounts::default()
        };
        discovered.iter().for_each(|found| target_counts.counts += found.counts);
        let limit = *config.target_limit;
        let limit_error = (limit > 0 && active.len() as u64 > limit).then(|| {
            let count = active.len();
            format!("target_limit exceeded (number of targets: {count}, limit: {limit})")
        });
        let listed_dropped = match *config.keep_dropped_targets {
            0 => dropped.len(),
            limit => dropped.len().min(usize::try_from(limit).unwrap_or(usize::MAX)),
        };
        Self {
            name: job.name.clone(),
            location: config.location,
            job,
            discovered,
            active,
            dropped,
            failed,
            listed_dropped,
            limit_error,
            target_counts,
            end,
            rule_hits: OnceLock::new(),
        }
    }

    /// All discovered targets, in the order of discovery.
    pub fn discovered_targets(
        &self,
    ) -> impl Iterator<Item = (TargetId, &TargetGroup, &GroupTarget)> {
        self.discovered.iter().enumerate().flat_map(|(mechanism, found)| {
            found.groups.iter().enumerate().flat_map(move |(number, group)| {
                group.targets.iter().enumerate().map(move |(target, labels)| {
                    let origin = TargetId {
                        mechanism: mechanism as u32,
                        group: number as u32,
                        target: target as u32,
                    };
                    (origin, &**group, labels)
                })
            })
        })
    }

    /// The effects of each rule, computed on first use.
    pub fn rule_hits(&self) -> &RuleHits {
        self.rule_hits.get_or_init(|| self.count_rule_hits())
    }

    pub fn discovered_target(
        &self,
        id: TargetId,
    ) -> Option<(&Discovered, &TargetGroup, &GroupTarget)> {
        let found = self.discovered.get(id.mechanism as usize)?;
        let group = found.groups.get(id.group as usize)?;
        Some((found, group, group.targets.get(id.target as usize)?))
    }

    /// Returns every step from discovery to the final labels. The steps are computed by the code
    /// that computes the table.
    pub fn explain(&self, id: TargetId) -> Option<Explanation> {
        let (found, group, target) = self.discovered_target(id)?;
        let refusal = self.is_beyond_limits(id).then(beyond_limits);
        Some(explain(&self.job, found, group, target, refusal))
    }

    /// Returns true if a target is not relabeled because of the limits of the playground.
    pub(super) fn is_beyond_limits(&self, id: TargetId) -> bool {
        self.end.is_some_and(|end| id >= end)
    }
}

#[derive(Default)]
struct Sync {
    active: Vec<Target>,
    by_labels: FxHashMap<ByValues, usize>,
    dropped: Vec<Dropped>,
    failed: Vec<Failed>,
    kept: usize,
    scratch: Scratch,
    end: Option<TargetId>,
}

impl Sync {
    fn add(&mut self, job: &Job, group: &TargetGroup, target: &GroupTarget, origin: TargetId) {
        let set: LabelSet = discovered_labels(job, group, target);
        let discovered = set.snapshot();
        let Scratch { applied, written_in_all, .. } = self.scratch;
        let is_full = self.active.len() >= MAX_TARGETS;
        if is_full || applied >= MAX_APPLIED || written_in_all >= MAX_WRITTEN_IN_POOL {
            self.end.get_or_insert(origin);
            self.failed.push(Failed { discovered, error: beyond_limits(), origin });
            return;
        }
        match populate(job, set, &mut self.scratch, &mut ()) {
            Populated::Kept(labels) => {
                self.kept += 1;
                self.keep(job, labels, discovered, origin);
            }
            Populated::Dropped { rule } => {
                self.dropped.push(Dropped { discovered, rule: Some(rule), origin });
            }
            Populated::Failed(error) => self.failed.push(Failed { discovered, error, origin }),
        }
    }

    /// Adds a target, or merges it with one that has the same labels and therefore the same URL.
    fn keep(&mut self, job: &Job, labels: Labels, discovered: Labels, origin: TargetId) {
        let labels = ByValues(labels);
        if let Some(target) = self.by_labels.get(&labels).and_then(|&at| self.active.get_mut(at)) {
            target.discovered = discovered;
            target.origins.push(origin);
            return;
        }
        // `populate` has validated both.
        let ByValues(labels) = labels;
        let time = |name| Duration::parse(labels.get(name)).unwrap_or_default();
        let target = Target {
            url: target_url(&labels, &job.params),
            interval: time(SCRAPE_INTERVAL),
            timeout: time(SCRAPE_TIMEOUT),
            discovered,
            origins: vec![origin],
            labels,
        };
        self.by_labels.insert(ByValues(target.labels.clone()), self.active.len());
        self.active.push(target);
    }
}

/// A label set that is hashed by its values only, because targets of a job have mostly the same
/// label names.
#[derive(PartialEq, Eq)]
struct ByValues(Labels);

impl Hash for ByValues {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for label in &self.0 {
            state.write(label.value.as_bytes());
        }
    }
}
