//! Evaluates a group's rules and writes what they give into the storage.
//! Source: prometheus `rules/group.go`, `rules/recording.go`.

use std::collections::{BTreeMap, HashSet};

use super::alerting::{self, Alert};
use go::Duration;
use go::number::stale_nan;
use prometheus::rule_files::{Rule, RuleGroup, RuleKind};
use promql::storage::{AppendError, Sample, Storage};
use promql::syntax::Ast;
use promql::{Labels, METRIC_NAME, SampleValue, Timestamp};

/// What evaluates the expressions of rules.
pub trait RuleEngine {
    /// The samples of an instant query; a scalar is one without labels.
    fn evaluate(
        &self,
        storage: &Storage,
        ast: &Ast,
        time: Timestamp,
    ) -> Result<Vec<(Labels, SampleValue)>, String>;

    /// The same for a query in a template.
    fn evaluate_text(
        &self,
        storage: &Storage,
        query: &str,
        time: Timestamp,
    ) -> Result<Vec<(Labels, SampleValue)>, String>;
}

/// What templates can refer to besides the alert.
#[derive(Clone, Debug, Default)]
pub struct RuleContext {
    pub external_labels: BTreeMap<String, String>,
    pub external_url: String,
}

/// How the last evaluation of a rule went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RuleHealth {
    #[default]
    Unknown,
    Ok,
    Error(String),
}

/// A rule with what it remembers between evaluations.
#[derive(Clone, Debug)]
pub struct RuleRun {
    pub rule: Rule,
    pub health: RuleHealth,
    /// Alerts by their labels; those of recording rules are empty.
    pub alerts: BTreeMap<Labels, Alert>,
    /// The time of the last evaluation.
    pub evaluated: Option<Timestamp>,
    /// How many samples the last evaluation gave.
    pub samples: usize,
    /// Series written by the last evaluation. Those that are missing at the next go stale.
    series: HashSet<Labels>,
}

/// A group with what its rules remember.
#[derive(Clone, Debug)]
pub struct GroupRun {
    pub group: RuleGroup,
    pub rules: Vec<RuleRun>,
    query_offset: Duration,
}

impl GroupRun {
    /// `query_offset` holds for a group that has none.
    pub fn new(group: RuleGroup, query_offset: Duration) -> Self {
        let run = |rule: &Rule| RuleRun {
            rule: rule.clone(),
            health: RuleHealth::Unknown,
            alerts: BTreeMap::new(),
            evaluated: None,
            samples: 0,
            series: HashSet::new(),
        };
        let own = group.query_offset.as_ref().map(|offset| offset.value);
        let query_offset = own.unwrap_or(query_offset);
        Self { rules: group.rules.iter().map(run).collect(), group, query_offset }
    }

    /// Evaluates the rules one after the other, as of `time` less the group's query offset. A rule
    /// sees what those before it have written. One that fails writes nothing and stops no other.
    pub fn evaluate(
        &mut self,
        storage: &mut Storage,
        engine: &dyn RuleEngine,
        time: Timestamp,
        context: &RuleContext,
    ) {
        let offset = self.query_offset.millis();
        let limit = usize::try_from(self.group.limit).unwrap_or(usize::MAX);
        for run in &mut self.rules {
            run.evaluate(storage, engine, (time, offset), limit, context);
        }
    }
}

impl RuleRun {
    fn evaluate(
        &mut self,
        storage: &mut Storage,
        engine: &dyn RuleEngine,
        (time, offset): (Timestamp, i64),
        limit: usize,
        context: &RuleContext,
    ) {
        self.evaluated = Some(time);
        let as_of = time.saturating_sub(offset);
        let evaluated = match &self.rule.kind {
            RuleKind::Recording { record } => engine
                .evaluate(storage, &self.rule.ast, as_of)
                .and_then(|samples| record_samples(samples, record, &self.rule, limit)),
            RuleKind::Alerting { .. } => {
                engine.evaluate(storage, &self.rule.ast, as_of).and_then(|samples| {
                    let storage = &*storage;
                    let query = |text: &str, at: Timestamp| engine.evaluate_text(storage, text, at);
                    alerting::update(
                        &mut self.alerts,
                        &self.rule,
                        samples,
                        time,
                        limit,
                        context,
                        &query,
                    )
                })
            }
        };
        match evaluated {
            Ok(samples) => {
                self.samples = samples.len();
                self.health = self.write(storage, samples, as_of);
            }
            Err(error) => self.health = RuleHealth::Error(error),
        }
    }

    /// Writes samples, and staleness markers for series that are gone.
    fn write(
        &mut self,
        storage: &mut Storage,
        samples: Vec<(Labels, SampleValue)>,
        time: Timestamp,
    ) -> RuleHealth {
        let mut health = RuleHealth::Ok;
        let mut written = HashSet::with_capacity(samples.len());
        for (labels, value) in samples {
            match storage.append(&labels, Sample { time, start: 0, value }) {
                Ok(_) => {
                    written.insert(labels);
                }
                Err(error) => health = RuleHealth::Error(error.to_string()),
            }
        }
        for labels in self.series.difference(&written) {
            let marker = Sample::float(time, stale_nan());
            match storage.append(labels, marker) {
                // Another rule may write the series.
                Ok(_)
                | Err(
                    AppendError::OutOfOrder
                    | AppendError::Duplicate { .. }
                    | AppendError::DuplicateHistogram { .. },
                ) => {}
                Err(error) => health = RuleHealth::Error(error.to_string()),
            }
        }
        self.series = written;
        health
    }
}

fn record_samples(
    samples: Vec<(Labels, SampleValue)>,
    record: &str,
    rule: &Rule,
    limit: usize,
) -> Result<Vec<(Labels, SampleValue)>, String> {
    let mut seen = HashSet::with_capacity(samples.len());
    let mut recorded = Vec::with_capacity(samples.len());
    for (labels, value) in samples {
        let mut builder = labels.builder();
        builder.set(METRIC_NAME, record);
        for (name, value) in &rule.labels {
            builder.set(name.clone(), value.clone());
        }
        let labels = builder.build();
        if !seen.insert(labels.clone()) {
            return Err(
                "vector contains metrics with the same labelset after applying rule labels".into(),
            );
        }
        recorded.push((labels, value));
    }
    if limit > 0 && recorded.len() > limit {
        return Err(format!("exceeded limit of {limit} with {} series", recorded.len()));
    }
    Ok(recorded)
}

#[cfg(test)]
mod tests;
