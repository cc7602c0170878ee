//! How a discovered target came to its labels: each step, what it changed, and where each label of
//! the result comes from.

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
use prometheus::config::Source;
use promql::{Label, Labels};
use text::Location;

/// Everything about one discovered target.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Before relabeling.
    pub discovered: Labels,
    pub steps: Vec<PopulateStep>,
    pub outcome: Populated,
    /// Where the target is scraped, if it is.
    pub url: Option<String>,
    /// Where each discovered label came from, by name.
    pub given: BTreeMap<Arc<str>, Provenance>,
    /// The same after all steps: labels of the outcome, and those that went on the way.
    pub provenance: BTreeMap<Arc<str>, Provenance>,
}

/// Where a label's value was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// By a mechanism of discovery, from the field of a manifest or file where one is named.
    Discovered { mechanism: Arc<str>, at: Option<Location> },
    /// By the job's settings, for targets that do not bring their own.
    Job(Source),
    /// By the rule at this place in the job's list.
    Rule { index: usize, at: Location },
    /// From `__address__`, since nothing else set it.
    Instance,
}

/// One step and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopulateStep {
    pub kind: StepKind,
    pub changes: Vec<Change>,
    /// What a rule with source labels saw.
    pub source: Option<SourceMatch>,
    /// The target ends here.
    pub drops: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// A rule of `relabel_configs`, by its place.
    Rule(usize),
    Implicit(ImplicitStep),
}

/// The joined value of the source labels, and how the regex fared on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceMatch {
    pub value: String,
    /// Nothing for actions without a comparison.
    pub matched: Option<bool>,
    /// Byte ranges of the groups in the value, the whole match first.
    pub groups: Vec<Option<(usize, usize)>>,
}

/// A label before and after; the same on both sides where a step wrote what was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: Arc<str>,
    pub before: Option<Arc<str>>,
    pub after: Option<Arc<str>>,
}

impl Explanation {
    /// The labels that the target's series get.
    pub fn public_labels(&self) -> Labels {
        match &self.outcome {
            Populated::Kept(labels) => {
                labels.filtered(|label| !label.name.starts_with(RESERVED_PREFIX))
            }
            _ => Labels::empty(),
        }
    }
}

/// Runs a target through its job, and notes each step.
pub fn explain(
    job: &Job,
    found: &Discovered,
    group: &TargetGroup,
    target: &GroupTarget,
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
    let outcome = populate(job, set, &mut Scratch::default(), &mut recorder);
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
    Provenance::Job(default.map_or(Source::Default, |default| default.source))
}

/// Rules alone on labels alone, for trying them out.
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
