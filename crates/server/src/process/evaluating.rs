//! Rule groups: when each is evaluated, and what becomes of a reload.
//!
//! Source: rules/manager.go, rules/group.go.

use std::collections::BTreeMap;

use go::Duration;
use prometheus::rule_files::RuleGroup;
use promql::engine::{Engine, EngineOptions};
use promql::syntax::ParserOptions;
use promql::{Labels, Timestamp};
use rules::{AlertState, GroupRun, PromqlRules, RuleContext, RuleHealth};
use simulation::scrape::{first_scrape, offset};
use simulation::signal::seed_of;

use super::log::LogLine;
use super::{Host, Process};
use crate::network::Network;
use crate::process::notifying::Notice;
use crate::state::Flags;

/// A rule group that is evaluated.
#[derive(Clone, Debug)]
pub struct RunningGroup {
    /// Path of the rule file.
    pub file: String,
    pub interval: Duration,
    pub run: GroupRun,
    pub last_evaluation: Option<Timestamp>,
    /// The time of the next evaluation.
    pub(super) next: Timestamp,
    /// When alerts were sent last, by the number of their rule and their labels.
    sent: BTreeMap<(usize, Labels), Timestamp>,
}

impl RunningGroup {
    /// A group that begins at `now`: its first evaluation is in the slot after the next.
    ///
    /// Source: rules/group.go `EvalTimestamp`, `run`.
    pub(super) fn new(
        file: String,
        interval: Duration,
        group: RuleGroup,
        query_offset: Duration,
        now: Timestamp,
    ) -> Self {
        let hash = seed_of(seed_of(0, &file), &group.name);
        let slot = offset(hash, 0, interval);
        let next = first_scrape(now + 1, slot, interval);
        let run = GroupRun::new(group, query_offset);
        Self { file, interval, run, last_evaluation: None, next, sent: BTreeMap::new() }
    }

    fn same_place(&self, other: &Self) -> bool {
        self.file == other.file && self.run.group.name == other.run.group.name
    }
}

/// The engine with the limits of the flags.
pub(super) fn engine(flags: &Flags) -> PromqlRules {
    let duration = |name: &str| Duration::parse(flags.get(name)).ok();
    let mut options = EngineOptions {
        delayed_name_removal: flags.has_feature("promql-delayed-name-removal"),
        type_and_unit_labels: flags.has_feature("type-and-unit-labels"),
        use_start_timestamps: flags.has_feature("st-storage"),
        ..EngineOptions::default()
    };
    if let Some(lookback) = duration("query.lookback-delta").filter(|one| one.millis() > 0) {
        options.lookback = lookback;
    }
    if let Ok(samples) = flags.get("query.max-samples").parse::<f64>() {
        options.max_samples = samples as usize;
    }
    PromqlRules { engine: Engine::new(options), parser: parser(flags) }
}

/// The parser with the features of the flags.
pub(super) fn parser(flags: &Flags) -> ParserOptions {
    ParserOptions {
        experimental_functions: flags.has_feature("promql-experimental-functions"),
        ..ParserOptions::default()
    }
}

impl Process {
    /// Replaces the groups. Those that stay keep the state of their rules; series of others become
    /// stale. Source: rules/manager.go `Update`.
    pub(super) fn replace_groups(&mut self, mut groups: Vec<RunningGroup>) {
        let mut former = std::mem::take(&mut self.groups);
        for group in &mut groups {
            let Some(at) = former.iter().position(|old| old.same_place(group)) else { continue };
            let mut old = former.swap_remove(at);
            if old.interval == group.interval {
                group.next = old.next;
            }
            group.last_evaluation = old.last_evaluation;
            group.run.copy_state(&mut old.run);
            group.sent = std::mem::take(&mut old.sent);
            old.run.end(&mut self.storage, self.now);
        }
        for mut old in former {
            old.run.end(&mut self.storage, self.now);
        }
        self.groups = groups;
    }

    /// Evaluates a group and sends its alerts.
    pub(super) fn evaluate(&mut self, number: usize, host: &Host, network: &mut dyn Network) {
        let Some(group) = self.groups.get_mut(number) else { return };
        let at = group.next;
        group.next = at + group.interval.millis().max(1);
        group.last_evaluation = Some(at);
        let context = RuleContext {
            external_labels: self
                .external_labels
                .iter()
                .map(|label| (label.name.to_string(), label.value.to_string()))
                .collect(),
            external_url: self.external_url.clone(),
        };
        group.run.evaluate(&mut self.storage, &self.rules, at, &context);
        let mut lines = Vec::new();
        for (index, rule) in group.run.rules.iter().enumerate() {
            self.appended += rule.samples as u64;
            let RuleHealth::Error(error) = &rule.health else { continue };
            let line = LogLine::warn("Evaluating rule failed").at("group.go:544");
            let line = line.with("component", "rule manager").with("file", &*group.file);
            let line = line.with("group", &*group.run.group.name);
            let line = line.with("name", &**rule.rule.name()).with("index", index.to_string());
            lines.push(line.with("err", &**error));
        }
        let notices = notices(group, at, &self.flags);
        self.log.extend(lines);
        self.notify(&notices, host, network);
    }
}

/// The alerts of a group that are to be sent: those that fire and were not sent for the resend
/// delay, and those that were resolved since.
///
/// Source: rules/alerting.go `sendAlerts`, `needsSending`.
fn notices(group: &mut RunningGroup, at: Timestamp, flags: &Flags) -> Vec<Notice> {
    let resend = Duration::parse(flags.get("rules.alert.resend-delay")).unwrap_or_default();
    let valid = 4 * group.interval.millis().max(resend.millis());
    let mut notices = Vec::new();
    let mut known = BTreeMap::new();
    for (number, rule) in group.run.rules.iter().enumerate() {
        for (labels, alert) in &rule.alerts {
            let key = (number, labels.clone());
            let last = group.sent.get(&key).copied();
            let fresh =
                alert.resolved_at.is_some_and(|resolved| last.is_none_or(|sent| resolved > sent));
            let due = fresh || last.is_none_or(|sent| sent + resend.millis() < at);
            if alert.state == AlertState::Pending || !due {
                known.extend(last.map(|sent| (key, sent)));
                continue;
            }
            known.insert(key, at);
            notices.push(Notice {
                labels: alert.labels.clone(),
                annotations: alert.annotations.clone(),
                starts_at: alert.fired_at.unwrap_or(alert.active_at),
                ends_at: alert.resolved_at.unwrap_or(at + valid),
                expression: rule.rule.ast.to_string(),
            });
        }
    }
    group.sent = known;
    notices
}
