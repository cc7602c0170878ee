//! The steps from a discovered target to its labels, and the origin of each label.

use schema::ValueSource;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::RESERVED_PREFIX;
use super::populate::{
    ImplicitStep, Job, PopulateObserver, Populated, discovered_labels, populate,
};
use super::relabel::{LabelSet, Observer, Rule, Rules, Scratch};
use super::url::target_url;
use crate::{Discovered, GroupTarget, TargetGroup};
use go::regex::Captures;

use promql::{Label, Labels};
use text::Location;

/// The steps of one discovered target and their result.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Labels before relabeling.
    pub discovered: Labels,
    pub steps: Vec<PopulateStep>,
    pub outcome: Populated,
    /// The scrape URL; None if the target is dropped or invalid.
    pub url: Option<String>,
    /// The origin of each discovered label, by name.
    pub given: BTreeMap<Arc<str>, Provenance>,
    /// The origin of each label after all steps, including labels that were removed.
    pub provenance: BTreeMap<Arc<str>, Provenance>,
}

/// The origin of a label value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// Service discovery, with the field of a manifest or file if there is one.
    Discovered { mechanism: Arc<str>, at: Option<Location> },
    /// A default of the job.
    Job(ValueSource),
    /// A relabeling rule, by its index.
    Rule { index: usize, at: Location },
    /// The default of `instance`, taken from `__address__`.
    Instance,
}

/// A step and its changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopulateStep {
    pub kind: StepKind,
    pub changes: Vec<Change>,
    /// The source value of a rule, if its action has one.
    pub source: Option<SourceMatch>,
    /// True if the step drops the target.
    pub drops: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// A rule of `relabel_configs`, by its index.
    Rule(usize),
    Implicit(ImplicitStep),
}

/// The joined source labels and the match of the regex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceMatch {
    pub value: String,
    /// None for actions that do not match.
    pub matched: Option<bool>,
    /// Byte ranges of the capture groups in the value; the first is the whole match.
    pub groups: Vec<Option<(usize, usize)>>,
}

/// A label before and after a step. Both values are equal if the step wrote the same value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: Arc<str>,
    pub before: Option<Arc<str>>,
    pub after: Option<Arc<str>>,
}

impl Explanation {
    /// Labels that are added to series of the target.
    pub fn public_labels(&self) -> Labels {
        match &self.outcome {
            Populated::Kept(labels) => {
                labels.filtered(|label| !label.name.starts_with(RESERVED_PREFIX))
            }
            _ => Labels::empty(),
        }
    }
}

/// Populates a target and records each step. `refusal` is the error of a target that is not
/// relabeled.
pub fn explain(
    job: &Job,
    found: &Discovered,
    group: &TargetGroup,
    target: &GroupTarget,
    refusal: Option<String>,
) -> Explanation {
    let set = discovered_labels(job, group, target);
    let discovered = set.snapshot();
    let mut given = BTreeMap::new();
    for label in &discovered {
        let from = origin_of(job, found, group, target, label);
        given.insert(label.name.clone(), from);
    }
    let mut provenance = given.clone();
    let mut recorder = Recorder::default();
    let outcome = match refusal {
        Some(error) => Populated::Failed(error),
        None => populate(job, set, &mut Scratch::default(), &mut recorder),
    };
    for step in &recorder.steps {
        for change in step.changes.iter().filter(|change| change.after.is_some()) {
            let from = match step.kind {
                StepKind::Rule(index) => {
                    let at = job.rules.get(index).map_or(Location::default(), |rule| rule.location);
                    Provenance::Rule { index, at }
                }
                StepKind::Implicit(_) => Provenance::Instance,
            };
            provenance.insert(change.name.clone(), from);
        }
    }
    let url = match &outcome {
        Populated::Kept(labels) => Some(target_url(labels, &job.params)),
        _ => None,
    };
    Explanation { discovered, steps: recorder.steps, outcome, url, given, provenance }
}

fn origin_of(
    job: &Job,
    found: &Discovered,
    group: &TargetGroup,
    target: &GroupTarget,
    label: &Label,
) -> Provenance {
    let given = target.labels.get(&label.name).or_else(|| group.labels.get(&label.name));
    if let Some(given) = given.filter(|given| !given.value.is_empty()) {
        return Provenance::Discovered { mechanism: found.mechanism.clone(), at: given.at };
    }
    let default = job.defaults.iter().find(|default| default.label.name == label.name);
    Provenance::Job(default.map_or(ValueSource::Default, |default| default.source))
}

/// Applies rules to labels and records each step. The labels are None if they are dropped.
pub fn explain_rules(rules: &Rules, labels: &Labels) -> (Vec<PopulateStep>, Option<Labels>) {
    let mut recorder = Recorder::default();
    let mut set = LabelSet::from(labels);
    let kept = rules.run(&mut set, &mut Scratch::default(), &mut recorder).is_ok();
    (recorder.steps, kept.then(|| set.build()))
}

#[derive(Default)]
struct Recorder {
    steps: Vec<PopulateStep>,
}

impl Recorder {
    fn step(&mut self, kind: StepKind) {
        self.steps.push(PopulateStep { kind, changes: Vec::new(), source: None, drops: false });
    }
}

impl Observer for Recorder {
    fn begin(&mut self, index: usize, _rule: &Rule) {
        self.step(StepKind::Rule(index));
    }

    fn source(&mut self, value: &str, matched: Option<bool>, captures: Option<&Captures>) {
        let Some(step) = self.steps.last_mut() else { return };
        let groups = captures.into_iter().flat_map(Captures::iter);
        step.source = Some(SourceMatch {
            value: value.to_owned(),
            matched,
            groups: groups.map(|group| group.map(|group| (group.start, group.end))).collect(),
        });
    }

    fn change(&mut self, name: &str, before: Option<&Arc<str>>, after: Option<&Arc<str>>) {
        let Some(step) = self.steps.last_mut() else { return };
        if before.is_none() && after.is_none() {
            return;
        }
        step.changes.push(Change {
            name: name.into(),
            before: before.cloned(),
            after: after.cloned(),
        });
    }

    fn dropped(&mut self) {
        if let Some(step) = self.steps.last_mut() {
            step.drops = true;
        }
    }
}

impl PopulateObserver for Recorder {
    fn implicit(&mut self, step: ImplicitStep) {
        self.step(StepKind::Implicit(step));
    }
}
