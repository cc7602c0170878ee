//! Labels of a discovered target: defaults of the job, relabeling, validation.
//!
//! Source: prometheus scrape/target.go `PopulateDiscoveredLabels` and `PopulateLabels`.

use schema::{Resolved, ValueSource};
use std::cmp::Ordering;
use std::sync::Arc;
use text::IndexSort;

use super::names::{
    ADDRESS, ALWAYS_CLASSIC, CONVERT_CLASSIC, INSTANCE, JOB, META_PREFIX, METRICS_PATH, NATIVE,
    PARAM_PREFIX, SCHEME, SCRAPE_INTERVAL, SCRAPE_TIMEOUT,
};
use super::relabel::{LabelSet, Observer, Rules, Scratch, Stop, too_large};
use crate::{GroupTarget, TargetGroup};
use go::Duration;
use go::quote::quote;
use prometheus::config::ScrapeConfig;
use promql::{Label, Labels};

/// A default label of the job, for targets that do not have the label.
#[derive(Clone, Debug)]
pub struct DefaultLabel {
    pub label: Label,
    pub source: ValueSource,
    /// The rank of the label, see [`LabelSet`].
    rank: u32,
}

/// Ranks of labels before relabeling: target, group, then the defaults of the job.
const TARGET_RANK: u32 = 1;
const GROUP_RANK: u32 = 2;
const FIRST_DEFAULT_RANK: u32 = 3;
const PARAM_RANK: u32 = 11;
const FIRST_RULE_RANK: u32 = 12;

/// The settings of a job that apply to all its targets.
#[derive(Debug)]
pub struct Job {
    pub name: Arc<str>,
    /// Default labels, sorted by name.
    pub defaults: Vec<DefaultLabel>,
    pub params: Vec<(Arc<str>, Vec<Arc<str>>)>,
    pub rules: Rules,
}

impl Job {
    pub fn new(config: &ScrapeConfig) -> Self {
        let legacy_names = &**config.metric_name_validation_scheme == "legacy";
        Self {
            name: config.job_name.value.clone(),
            defaults: defaults(config),
            params: config.params.clone(),
            rules: Rules::new(&config.relabel_configs, legacy_names),
        }
    }
}

fn defaults(config: &ScrapeConfig) -> Vec<DefaultLabel> {
    fn label<T>(name: &str, setting: &Resolved<T>, value: impl Into<Arc<str>>) -> DefaultLabel {
        let label = Label { name: name.into(), value: value.into() };
        DefaultLabel { label, source: setting.source, rank: 0 }
    }
    let text = |name, setting: &Resolved<Arc<str>>| label(name, setting, setting.value.clone());
    let time = |name, setting: &Resolved<Duration>| label(name, setting, setting.to_string());
    let flag = |name, setting: &Resolved<bool>| label(name, setting, setting.to_string());
    let mut defaults = vec![
        text(JOB, &config.job_name),
        time(SCRAPE_INTERVAL, &config.scrape_interval),
        time(SCRAPE_TIMEOUT, &config.scrape_timeout),
        text(METRICS_PATH, &config.metrics_path),
        text(SCHEME, &config.scheme),
        flag(CONVERT_CLASSIC, &config.convert_classic_histograms_to_nhcb),
        flag(ALWAYS_CLASSIC, &config.always_scrape_classic_histograms),
        flag(NATIVE, &config.scrape_native_histograms),
    ];
    for (default, rank) in defaults.iter_mut().zip(FIRST_DEFAULT_RANK..) {
        default.rank = rank;
    }
    for (name, values) in &config.params {
        if let Some(first) = values.first() {
            let name = format!("{PARAM_PREFIX}{name}").into();
            let label = Label { name, value: first.clone() };
            let source = ValueSource::Written(config.location);
            defaults.push(DefaultLabel { label, source, rank: PARAM_RANK });
        }
    }
    defaults.retain(|default| !default.label.value.is_empty());
    defaults.index_sort_by(|a, b| a.label.name.cmp(&b.label.name));
    defaults
}

/// The result of populating a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Populated {
    /// All labels, including those that begin with `__`.
    Kept(Labels),
    Dropped {
        rule: usize,
    },
    /// An invalid target, or one whose labels exceed the limits of relabeling. Prometheus logs the
    /// error of an invalid target and does not show the target.
    Failed(String),
}

/// Observes the implicit steps, besides those of relabeling rules.
pub trait PopulateObserver: Observer {
    fn implicit(&mut self, _step: ImplicitStep) {}
}

impl PopulateObserver for () {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImplicitStep {
    /// Removes labels that begin with `__meta_`.
    RemoveMeta,
    /// Sets `instance` to `__address__` if it is empty.
    SetInstance,
}

/// Returns the labels before relabeling: those of the target, the group and the job, in this order
/// of precedence. An empty label of the target hides that of the group, but not that of the job.
pub fn discovered_labels(job: &Job, group: &TargetGroup, target: &GroupTarget) -> LabelSet {
    let count = target.labels.len() + group.labels.len() + job.defaults.len();
    let mut labels: Vec<Label> = Vec::with_capacity(count);
    let mut ranks: Vec<u32> = Vec::with_capacity(count);
    // All three lists are sorted and can be merged.
    let mut own = target.labels.iter().peekable();
    let mut shared = group.labels.iter().peekable();
    let mut defaults = job.defaults.iter().peekable();
    loop {
        let order = match (own.peek(), shared.peek()) {
            (Some(a), Some(b)) => a.name.cmp(&b.name),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        let (given, rank) = match order {
            Ordering::Less => (own.next(), TARGET_RANK),
            Ordering::Greater => (shared.next(), GROUP_RANK),
            Ordering::Equal => {
                shared.next();
                (own.next(), TARGET_RANK)
            }
        };
        let Some(given) = given else { break };
        if given.value.is_empty() {
            continue;
        }
        while let Some(default) = defaults.next_if(|default| default.label.name < given.name) {
            labels.push(default.label.clone());
            ranks.push(default.rank);
        }
        defaults.next_if(|default| default.label.name == given.name);
        labels.push(Label { name: given.name.clone(), value: given.value.clone() });
        ranks.push(rank);
    }
    for default in defaults {
        labels.push(default.label.clone());
        ranks.push(default.rank);
    }
    LabelSet::from_sorted(labels, ranks, FIRST_RULE_RANK)
}

/// Relabels, validates and completes the labels of a target.
pub fn populate(
    job: &Job,
    mut set: LabelSet,
    scratch: &mut Scratch,
    steps: &mut impl PopulateObserver,
) -> Populated {
    match job.rules.run(&mut set, scratch, steps) {
        Ok(()) => {}
        Err(Stop::Dropped { rule }) => return Populated::Dropped { rule },
        Err(Stop::TooLarge { rule }) => return Populated::Failed(too_large(rule)),
    }
    if let Err(error) = check(&set) {
        return Populated::Failed(error);
    }
    steps.implicit(ImplicitStep::RemoveMeta);
    set.retain(|label| {
        let stays = !label.name.starts_with(META_PREFIX);
        if !stays {
            steps.change(&label.name, Some(&label.value), None);
        }
        stays
    });
    steps.implicit(ImplicitStep::SetInstance);
    if set.value(INSTANCE).is_none()
        && let Some(address) = set.value(ADDRESS).cloned()
    {
        steps.change(INSTANCE, None, Some(&address));
        set.set(&INSTANCE.into(), address);
    }
    Populated::Kept(set.build())
}

/// Validates a target. The error is that of Prometheus.
fn check(set: &LabelSet) -> Result<(), String> {
    let address = set.get(ADDRESS);
    if address.is_empty() {
        return Err("no address".into());
    }
    if address.contains('/') {
        return Err(format!("{} is not a valid hostname", quote(address)));
    }
    let interval = duration(set, SCRAPE_INTERVAL, "interval")?;
    let timeout = duration(set, SCRAPE_TIMEOUT, "timeout")?;
    if timeout > interval {
        return Err(format!(
            "scrape timeout cannot be greater than scrape interval ({} > {})",
            quote(set.get(SCRAPE_TIMEOUT)),
            quote(set.get(SCRAPE_INTERVAL))
        ));
    }
    for (name, what) in [
        (CONVERT_CLASSIC, "convert classic histograms to nhcb"),
        (ALWAYS_CLASSIC, "always scrape classic histograms"),
        (NATIVE, "scrape native histograms"),
    ] {
        let value = set.get(name);
        if !value.is_empty() && !is_bool(value) {
            let value = quote(value);
            return Err(format!(
                "error parsing {what}: strconv.ParseBool: parsing {value}: invalid syntax"
            ));
        }
    }
    Ok(())
}

fn duration(set: &LabelSet, name: &str, what: &str) -> Result<Duration, String> {
    let duration = Duration::parse(set.get(name))
        .map_err(|error| format!("error parsing scrape {what}: {error}"))?;
    if duration == Duration(0) {
        return Err(format!("scrape {what} cannot be 0"));
    }
    Ok(duration)
}

/// Returns true if Go's `strconv.ParseBool` accepts the text.
fn is_bool(text: &str) -> bool {
    matches!(
        text,
        "1" | "t" | "T" | "true" | "TRUE" | "True" | "0" | "f" | "F" | "false" | "FALSE" | "False"
    )
}
