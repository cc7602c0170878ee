//! Recording and alerting rules in simulated time.

use crate::analysis::rule_files::RuleSet;
use go::Duration;
use prometheus::rule_files::RuleGroup;
use promql::Timestamp;
use promql::storage::Storage;
use rules::{GroupRun, PromqlRules, RuleContext};

/// Bytes of labels that are hashed and compared in the time in which a sample is stored.
const BYTES_OF_A_SAMPLE: usize = 100;

/// The cost of the evaluation of one rule, in samples, besides that of its series.
const RULE: usize = 10;

/// The groups with their state.
#[derive(Clone, Default)]
pub struct RuleRuns {
    runs: Vec<Run>,
    context: RuleContext,
    engine: PromqlRules,
}

#[derive(Clone)]
struct Run {
    /// The content of the group without its place, so that an edit elsewhere does not restart it.
    content: String,
    group: GroupRun,
    interval: i64,
    next: Timestamp,
}

impl RuleRuns {
    /// Replaces the groups. Groups whose content has not changed keep their alerts.
    pub fn fit(&mut self, set: &RuleSet, now: Timestamp) {
        let mut known = std::mem::take(&mut self.runs);
        self.context = set.context.clone();
        self.engine.engine.options.default_subquery_step = set.interval;
        for group in set.active() {
            let content = content(group);
            let own = group.interval.as_ref().map_or(set.interval, |setting| setting.value);
            let interval = own.millis().max(1000);
            // With another evaluation_interval it is another group.
            let same = |run: &Run| run.content == content && run.interval == interval;
            if let Some(at) = known.iter().position(same) {
                let mut run = known.swap_remove(at);
                // Places move with the text.
                for (rule, new) in run.group.rules.iter_mut().zip(&group.rules) {
                    rule.rule = new.clone();
                }
                run.group.group = group.clone();
                self.runs.push(run);
                continue;
            }
            self.runs.push(Run {
                content,
                group: GroupRun::new(group.clone(), set.query_offset),
                interval,
                next: now - now.rem_euclid(interval) + interval,
            });
        }
    }

    /// Returns the time at which the next group is due.
    pub fn next(&self) -> Option<Timestamp> {
        self.runs.iter().map(|run| run.next).min()
    }

    /// Evaluates the groups that are due. Returns the cost in samples.
    pub fn evaluate(&mut self, storage: &mut Storage, time: Timestamp) -> usize {
        let mut cost = 0_usize;
        for run in self.runs.iter_mut().filter(|run| run.next <= time) {
            run.group.evaluate(storage, &self.engine, time, &self.context);
            run.next = time - time.rem_euclid(run.interval) + run.interval;
            cost = cost.saturating_add(run.group.rules.len() * RULE);
            cost = cost.saturating_add(run.group.label_bytes() / BYTES_OF_A_SAMPLE);
        }
        cost
    }

    /// Skips the groups that are due, while the server does not run.
    pub fn skip(&mut self, time: Timestamp) {
        for run in self.runs.iter_mut().filter(|run| run.next <= time) {
            run.next = time - time.rem_euclid(run.interval) + run.interval;
        }
    }

    pub fn groups(&self) -> impl Iterator<Item = (&GroupRun, Duration)> {
        self.runs.iter().map(|run| (&run.group, Duration(run.interval)))
    }
}

fn content(group: &RuleGroup) -> String {
    let rules: Vec<String> = group
        .rules
        .iter()
        .map(|rule| format!("{:?} {} {:?}", rule.kind, rule.expr, rule.labels))
        .collect();
    let interval = group.interval.as_ref().map(|setting| setting.value);
    let offset = group.query_offset.as_ref().map(|setting| setting.value);
    format!("{} {interval:?} {offset:?} {} {}", group.name, group.limit, rules.join("\n"))
}
