//! Counts which rule affects which target.

use std::sync::Arc;

use super::populate::{PopulateObserver, Populated, discovered_labels, populate};
use super::relabel::{Observer, Rule, Scratch};
use super::table::{Pool, TargetId};

/// The maximum number of targets that are counted.
const MOST_TARGETS: usize = 20_000;

/// The effects of the rules of a job on its targets.
#[derive(Debug, Default)]
pub struct RuleHits {
    /// Counts by rule index.
    pub rules: Vec<RuleCounts>,
    /// The rules that change or drop each target, in the order of discovery.
    targets: Vec<(TargetId, Box<[u16]>)>,
    /// True if all targets are counted.
    pub complete: bool,
}

/// The number of targets that a rule affects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCounts {
    /// Targets that reach the rule.
    pub seen: u32,
    /// Targets with a label that the rule changes.
    pub changed: u32,
    pub dropped: u32,
}

impl RuleHits {
    /// Returns true if a rule changes or drops a target.
    pub fn hits(&self, id: TargetId, rule: usize) -> bool {
        let at = self.targets.binary_search_by_key(&id, |(id, _)| *id);
        let rules = at.ok().and_then(|at| self.targets.get(at));
        rules.is_some_and(|(_, rules)| rules.iter().any(|&one| usize::from(one) == rule))
    }
}

impl Pool {
    /// Applies the rules to all targets and counts their effects.
    pub(super) fn count_rule_hits(&self) -> RuleHits {
        let mut counter = Counter {
            rules: vec![RuleCounts::default(); self.job.rules.len()],
            ..Counter::default()
        };
        let mut scratch = Scratch::default();
        let mut targets = Vec::new();
        let relabeled =
            self.discovered_targets().take_while(|(id, ..)| !self.is_beyond_limits(*id));
        for (origin, group, target) in relabeled.take(MOST_TARGETS) {
            counter.touched.clear();
            let set = discovered_labels(&self.job, group, target);
            let outcome = populate(&self.job, set, &mut scratch, &mut counter);
            debug_assert!(matches!(outcome, Populated::Dropped { .. }) == counter.was_dropped());
            targets.push((origin, counter.touched.as_slice().into()));
        }
        let complete = targets.len() < MOST_TARGETS;
        RuleHits { rules: counter.rules, targets, complete }
    }
}

#[derive(Default)]
struct Counter {
    rules: Vec<RuleCounts>,
    /// The current rule; `usize::MAX` after the last rule.
    rule: usize,
    touched: Vec<u16>,
    dropped: bool,
}

impl Counter {
    fn was_dropped(&self) -> bool {
        self.dropped
    }

    /// Records an effect of the current rule. Returns true if it is its first on this target.
    fn touch(&mut self) -> bool {
        let rule = u16::try_from(self.rule).unwrap_or(u16::MAX);
        let first = self.touched.last() != Some(&rule);
        if first {
            self.touched.push(rule);
        }
        first
    }
}

impl Observer for Counter {
    fn begin(&mut self, index: usize, _rule: &Rule) {
        self.rule = index;
        self.dropped = false;
        if let Some(found) = self.rules.get_mut(index) {
            found.seen += 1;
        }
    }

    fn change(&mut self, _name: &str, before: Option<&Arc<str>>, after: Option<&Arc<str>>) {
        if before != after
            && self.touch()
            && let Some(found) = self.rules.get_mut(self.rule)
        {
            found.changed += 1;
        }
    }

    fn dropped(&mut self) {
        self.dropped = true;
        self.touch();
        if let Some(found) = self.rules.get_mut(self.rule) {
            found.dropped += 1;
        }
    }
}

impl PopulateObserver for Counter {
    /// No rule is applied after this step.
    fn implicit(&mut self, _step: super::populate::ImplicitStep) {
        self.rule = usize::MAX;
    }
}
