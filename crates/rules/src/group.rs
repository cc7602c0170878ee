//! Evaluation of rule groups. Results are written to the storage.
//!
//! Source: prometheus rules/group.go, rules/recording.go.

use std::collections::{BTreeMap, HashSet};

use super::alerting::{self, Alert};
use go::Duration;
use go::number::stale_nan;
use prometheus::rule_files::{Rule, RuleGroup, RuleKind};
use promql::storage::{AppendError, Sample, Storage};
use promql::syntax::Ast;
use promql::{Labels, METRIC_NAME, SampleValue, Timestamp};

/// Evaluates rule expressions.
pub trait RuleEngine {
    /// Returns the samples of an instant query; a scalar is a sample without labels.
    fn evaluate(
        &self,
        storage: &Storage,
        ast: &Ast,
        time: Timestamp,
    ) -> Result<Vec<(Labels, SampleValue)>, String>;

    /// Evaluates the text of a template query.
    fn evaluate_text(
        &self,
        storage: &Storage,
        query: &str,
        time: Timestamp,
    ) -> Result<Vec<(Labels, SampleValue)>, String>;
}

/// Template data besides the alert.
#[derive(Clone, Debug, Default)]
pub struct RuleContext {
    pub external_labels: BTreeMap<String, String>,
    pub external_url: String,
}

/// The health of a rule after its last evaluation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RuleHealth {
    #[default]
    Unknown,
    Ok,
    Error(String),
}

/// A rule with its state.
#[derive(Clone, Debug)]
pub struct RuleRun {
    pub rule: Rule,
    pub health: RuleHealth,
    /// Alerts by labels; empty for recording rules.
    pub alerts: BTreeMap<Labels, Alert>,
    /// The time of the last evaluation.
    pub evaluated: Option<Timestamp>,
    /// The number of samples of the last evaluation.
    pub samples: usize,
    /// Series of the last evaluation. Missing series get staleness markers at the next one.
    series: HashSet<Labels>,
}

/// A group with the state of its rules.
#[derive(Clone, Debug)]
pub struct GroupRun {
    pub group: RuleGroup,
    pub rules: Vec<RuleRun>,
    query_offset: Duration,
}

impl GroupRun {
    /// Creates the state of a group. `query_offset` is the default.
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

    /// Takes over the state of the same group in the configuration before: alerts and series of each
    /// rule with the same name and labels.
    ///
    /// Source: prometheus rules/group.go `CopyState`.
    pub fn copy_state(&mut self, from: &mut Self) {
        for run in &mut self.rules {
            let same = |old: &&mut RuleRun| {
                old.rule.name() == run.rule.name() && old.rule.labels == run.rule.labels
            };
            let Some(old) = from.rules.iter_mut().find(same) else { continue };
            run.alerts = std::mem::take(&mut old.alerts);
            run.series = std::mem::take(&mut old.series);
            run.health = old.health.clone();
            run.evaluated = old.evaluated;
            run.samples = old.samples;
        }
    }

    /// Writes staleness markers for the series of the last evaluation, as for rules that a new
    /// configuration lacks.
    ///
    /// Source: prometheus rules/group.go `cleanupStaleSeries`.
    pub fn end(&mut self, storage: &mut Storage, time: Timestamp) {
        for labels in self.rules.iter_mut().flat_map(|run| std::mem::take(&mut run.series)) {
            // Another rule may have written the series.
            let _ = storage.append(&labels, Sample::float(time, stale_nan()));
        }
    }

    /// Bytes of the labels of the series that the last evaluation has written.
    pub fn label_bytes(&self) -> usize {
        let series = self.rules.iter().flat_map(|run| &run.series);
        series.flat_map(Labels::iter).map(|label| label.name.len() + label.value.len()).sum()
    }

    /// Evaluates the rules in order, at `time` minus the query offset. A rule sees the results of
    /// the previous ones. A rule that fails writes nothing and does not stop the others.
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

    /// Writes samples, and staleness markers for missing series.
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
                // Another rule may have written the series.
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
