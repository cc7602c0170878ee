//! The alerts of alerting rules: pending, firing, inactive.
//!
//! Source: prometheus rules/alerting.go.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::group::RuleContext;
use super::template::{self, TemplateContext, TemplateSample, expand};
use go::template::Limits;
use prometheus::rule_files::{Rule, RuleKind};
use promql::{Labels, METRIC_NAME, SampleValue, Timestamp};

/// The time that a resolved alert is kept, so that Alertmanager is notified.
const RESOLVED_RETENTION: i64 = 15 * 60 * 1000;

/// The state of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertState {
    /// Resolved; kept for the retention.
    Inactive,
    /// The condition holds, but not yet for the `for` duration.
    Pending,
    Firing,
}

impl AlertState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

/// An alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    pub state: AlertState,
    pub labels: Labels,
    pub annotations: Vec<(Arc<str>, Arc<str>)>,
    /// The last value of the expression; 0 for histograms.
    pub value: f64,
    pub active_at: Timestamp,
    pub fired_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    /// The time since which it fires only because of `keep_firing_for`.
    pub keep_firing_since: Option<Timestamp>,
}

/// Evaluates a query of a template.
type Query<'a> = dyn Fn(&str, Timestamp) -> Result<Vec<(Labels, SampleValue)>, String> + 'a;

/// Updates the alerts with the result of the rule's expression. Returns the series `ALERTS` and
/// `ALERTS_FOR_STATE`.
pub(super) fn update(
    alerts: &mut BTreeMap<Labels, Alert>,
    rule: &Rule,
    samples: Vec<(Labels, SampleValue)>,
    time: Timestamp,
    limit: usize,
    context: &RuleContext,
    query: &Query<'_>,
) -> Result<Vec<(Labels, SampleValue)>, String> {
    let RuleKind::Alerting { alert: name, hold, keep_firing_for, annotations } = &rule.kind else {
        return Ok(Vec::new());
    };
    let mut given: BTreeMap<Labels, Alert> = BTreeMap::new();
    let limits = Cell::new(template::LIMITS);
    for (labels, value) in samples {
        let expander = Expander { name, context, query, now: time, limits: &limits };
        let alert = expander.alert(rule, annotations, labels, &value);
        if given.contains_key(&alert.labels) {
            return Err(
                "vector contains metrics with the same labelset after applying alert labels".into(),
            );
        }
        given.insert(alert.labels.clone(), alert);
    }
    let active: Vec<Labels> = given.keys().cloned().collect();
    for (labels, new) in given {
        match alerts.get_mut(&labels) {
            Some(known) if known.state != AlertState::Inactive => {
                known.value = new.value;
                known.annotations = new.annotations;
            }
            _ => {
                alerts.insert(labels, new);
            }
        }
    }
    let mut out = Vec::new();
    let mut count = 0;
    alerts.retain(|labels, alert| {
        let holds = active.binary_search(labels).is_ok();
        let step = advance(alert, holds, time, hold.millis(), keep_firing_for.millis());
        if step == AlertTransition::Active {
            count += 1;
            out.push(state_series(rule, name, alert));
            let since = alert.active_at.div_euclid(1000) as f64;
            out.push((
                series_labels(rule, name, alert, "ALERTS_FOR_STATE", None),
                SampleValue::Float(since),
            ));
        }
        step != AlertTransition::Gone
    });
    if limit > 0 && count > limit {
        alerts.clear();
        return Err(format!("exceeded limit of {limit} with {count} alerts"));
    }
    Ok(out)
}

/// The change of an alert by one evaluation.
#[derive(Clone, Copy, PartialEq)]
enum AlertTransition {
    Active,
    Resolved,
    Gone,
}

/// Applies one evaluation to an alert. `holds` is true if the expression returned it.
fn advance(
    alert: &mut Alert,
    holds: bool,
    time: Timestamp,
    hold: i64,
    keep: i64,
) -> AlertTransition {
    if holds {
        alert.keep_firing_since = None;
    } else {
        let kept = alert.state == AlertState::Firing
            && keep > 0
            && time - *alert.keep_firing_since.get_or_insert(time) < keep;
        if !kept {
            let old =
                alert.resolved_at.is_some_and(|resolved| time - resolved > RESOLVED_RETENTION);
            if alert.state == AlertState::Pending || old {
                return AlertTransition::Gone;
            }
            if alert.state != AlertState::Inactive {
                alert.state = AlertState::Inactive;
                alert.resolved_at = Some(time);
            }
            return AlertTransition::Resolved;
        }
    }
    let age = time - alert.active_at;
    if alert.state == AlertState::Pending && age >= hold {
        alert.state = AlertState::Firing;
        alert.fired_at = Some(time);
    }
    if alert.state == AlertState::Firing && age < hold {
        alert.state = AlertState::Pending;
        alert.fired_at = None;
        alert.keep_firing_since = None;
    }
    AlertTransition::Active
}

fn state_series(rule: &Rule, name: &str, alert: &Alert) -> (Labels, SampleValue) {
    (series_labels(rule, name, alert, "ALERTS", Some(alert.state)), SampleValue::Float(1.0))
}

/// Returns the labels of the alert series: those of the alert override those of the rule. A rule
/// label whose template is empty keeps its source text.
fn series_labels(
    rule: &Rule,
    name: &str,
    alert: &Alert,
    metric: &str,
    state: Option<AlertState>,
) -> Labels {
    let mut builder = promql::LabelsBuilder::new();
    for (label, value) in &rule.labels {
        builder.set(label.clone(), value.clone());
    }
    for label in &alert.labels {
        builder.set(label.name.clone(), label.value.clone());
    }
    builder.set(METRIC_NAME, metric).set("alertname", name);
    if let Some(state) = state {
        builder.set("alertstate", state.name());
    }
    builder.build()
}

/// Creates alerts from samples.
struct Expander<'a> {
    name: &'a str,
    context: &'a RuleContext,
    query: &'a Query<'a>,
    now: Timestamp,
    /// What is left of the limits of the templates of this evaluation.
    limits: &'a Cell<Limits>,
}

impl Expander<'_> {
    fn alert(
        &self,
        rule: &Rule,
        annotations: &[(Arc<str>, Arc<str>)],
        labels: Labels,
        value: &SampleValue,
    ) -> Alert {
        let mut builder = labels.builder();
        builder.remove(METRIC_NAME);
        for (name, text) in &rule.labels {
            builder.set(name.clone(), self.expand(text, &labels, value));
        }
        builder.set("alertname", self.name);
        let annotations = annotations
            .iter()
            .map(|(name, text)| (name.clone(), Arc::from(self.expand(text, &labels, value))))
            .collect();
        Alert {
            state: AlertState::Pending,
            labels: builder.build(),
            annotations,
            value: match value {
                SampleValue::Float(value) => *value,
                SampleValue::Histogram(_) => 0.0,
            },
            active_at: self.now,
            fired_at: None,
            resolved_at: None,
            keep_firing_since: None,
        }
    }

    /// Expands a template. On error the result is the error message.
    fn expand(&self, text: &str, labels: &Labels, value: &SampleValue) -> String {
        let query = |text: &str| {
            let samples = (self.query)(text, self.now)?;
            Ok(samples
                .iter()
                .map(|(labels, value)| TemplateSample {
                    labels: strings(labels),
                    value: value.clone(),
                })
                .collect())
        };
        let name = format!("__alert_{}", self.name);
        let context = TemplateContext {
            name: &name,
            labels: strings(labels),
            external_labels: self.context.external_labels.clone(),
            external_url: &self.context.external_url,
            value: value.clone(),
            now: self.now,
            query: &query,
            limits: self.limits,
        };
        expand(text, &context)
            .unwrap_or_else(|error| format!("<error expanding template: {error}>"))
    }
}

fn strings(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|label| (label.name.to_string(), label.value.to_string())).collect()
}
