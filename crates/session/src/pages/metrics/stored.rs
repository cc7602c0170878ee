//! The stored form of each sample: its labels after the target's labels were added and
//! `metric_relabel_configs` was applied, or the reason that it is not stored.

use super::{Answer, page_of, rule_at};
use discovery::targets::{RelabelResult, explain_rules, too_large};
use go::number::{format_general, is_stale_nan};
use promql::{Labels, METRIC_NAME, is_legacy_metric_name};
use protocol::pages::metrics::{Fate, Stored, View, Which};
use simulation::exposition::{Format, Wire};
use simulation::scrape::{sample_labels, target_labels};
use simulation::workload::Role;

/// A sample of the exposition.
pub(super) struct One {
    pub labels: Labels,
    /// Names that are exposed with an empty value.
    pub empty: Vec<std::sync::Arc<str>>,
    pub value: String,
    pub passed: Option<&'static str>,
    pub line: Option<u32>,
}

impl One {
    /// With its target's labels.
    pub fn joined(&self, target: &Labels, honor_labels: bool) -> Labels {
        let target = target_labels(target, &self.empty, honor_labels);
        sample_labels(&self.labels, &target, honor_labels)
    }
}

/// `name{label="value"}`, as queries have it.
pub fn selector(labels: &Labels) -> String {
    let name = labels.metric_name();
    if !is_legacy_metric_name(name) {
        return labels.to_string();
    }
    let rest = labels.filtered(|label| &*label.name != METRIC_NAME);
    if rest.is_empty() { name.to_owned() } else { format!("{name}{rest}") }
}

impl Answer<'_> {
    /// Every sample, as the scrape finds it.
    pub(super) fn samples(&self) -> Vec<One> {
        let spec = &self.route.spec;
        let lines = self.exposition.records.iter().filter_map(|record| match &record.entry {
            simulation::exposition::Entry::Sample(sample) => Some((record.line, sample)),
            _ => None,
        });
        let world = &self.snapshot.timeline.world;
        let Some(exposed) = world.exposed(&spec.job, &spec.labels) else {
            return lines
                .map(|(line, sample)| One {
                    labels: sample.labels.clone(),
                    empty: sample
                        .invalid_labels
                        .as_ref()
                        .map(|odd| odd.empty.clone())
                        .unwrap_or_default(),
                    value: format_general(sample.value, None),
                    passed: None,
                    line: Some(line),
                })
                .collect();
        };
        let lines: std::collections::HashMap<&Labels, u32> = match self.format {
            Some(_) => lines.map(|(line, sample)| (&sample.labels, line)).collect(),
            None => Default::default(),
        };
        let mut histograms = exposed.values.histograms.iter().peekable();
        let mut all = Vec::with_capacity(exposed.plan.samples.len());
        for (place, sample) in exposed.plan.samples.iter().enumerate() {
            let histogram = histograms.next_if(|(own, _)| *own == place).map(|(_, own)| own);
            let float = exposed.values.floats.get(place).copied().unwrap_or_default();
            let taken = spec.settings.histograms.take(sample.role, exposed.wire);
            let shown = match sample.role {
                Role::Native => exposed.wire == Wire::Protobuf,
                Role::Converted { .. } => taken,
                _ => !is_stale_nan(float),
            };
            if !shown || (taken && histogram.is_none() && is_histogram(sample.role)) {
                continue;
            }
            let labels = exposed.escaping.labels(&sample.labels).into_owned();
            all.push(One {
                value: histogram
                    .map_or_else(|| format_general(float, None), |own| own.test_expression()),
                passed: self.passed(sample.role, taken, exposed.wire),
                line: lines.get(&labels).copied(),
                empty: sample.empty(),
                labels,
            });
        }
        all
    }

    fn passed(&self, role: Role, taken: bool, wire: Wire) -> Option<&'static str> {
        let starts = self.route.spec.settings.features.parse_starts();
        match role {
            Role::Created if starts && wire == Wire::Text(Format::OpenMetrics) => {
                Some("read as the time at which the series began")
            }
            Role::Created if !taken => Some("protobuf has the time beside the value"),
            _ if taken => None,
            Role::Native => Some("scrape_native_histograms is off"),
            Role::Classic { native: true, .. } if wire == Wire::Protobuf => Some(
                "the native histogram is taken instead; always_scrape_classic_histograms would keep it",
            ),
            _ => {
                Some("convert_classic_histograms_to_nhcb makes one native histogram of its series")
            }
        }
    }

    /// Returns the outcome of a sample.
    pub(super) fn fate(&self, one: &One) -> Fate {
        let spec = &self.route.spec;
        let settings = &spec.settings;
        if let Some(why) = one.passed {
            return Fate::Passed { why: why.to_owned() };
        }
        let joined = one.joined(&spec.public, settings.honor_labels);
        match settings.metric_relabel.relabel(&joined) {
            RelabelResult::Kept(labels) if labels.is_empty() => {
                Fate::Passed { why: "rules left it no label".to_owned() }
            }
            RelabelResult::Kept(labels) => match settings.check(&labels) {
                Err(error) => Fate::Fails { error },
                Ok(()) => Fate::Stored {
                    changed: labels != joined,
                    query: selector(&labels),
                    labels: selector(&labels),
                },
            },
            RelabelResult::TooLarge { rule } => Fate::Fails { error: too_large(rule) },
            RelabelResult::Dropped { .. } => {
                let (steps, _) = explain_rules(&settings.metric_relabel, &joined);
                let rule = steps.iter().rposition(|step| step.drops).unwrap_or_default();
                let rule = steps.get(rule).map_or(rule, |step| match step.kind {
                    discovery::targets::StepKind::Rule(index) => index,
                    discovery::targets::StepKind::Implicit(_) => rule,
                });
                Fate::Dropped { rule: rule as u32 + 1, location: rule_at(self.route, rule) }
            }
        }
    }

    pub(super) fn stored(&self, view: &mut View) {
        let all = self.samples();
        view.all = all.len() as u32;
        let filter = view.query.filter.clone();
        let which = view.query.which;
        // The stored form is computed for all samples only if the filter depends on it.
        let chosen: Vec<&One> = all
            .iter()
            .filter(|one| filter.is_empty() || selector(&one.labels).contains(&filter))
            .filter(|one| match which {
                Which::All => true,
                Which::Left => !matches!(self.fate(one), Fate::Stored { .. }),
                Which::Changed => matches!(self.fate(one), Fate::Stored { changed: true, .. }),
            })
            .collect();
        let page = page_of(view, chosen.len());
        view.stored = chosen
            .get(page)
            .unwrap_or_default()
            .iter()
            .map(|one| Stored {
                exposed: selector(&one.labels),
                value: one.value.clone(),
                fate: self.fate(one),
                line: one.line,
            })
            .collect();
    }
}

fn is_histogram(role: Role) -> bool {
    matches!(role, Role::Native | Role::Converted { .. })
}
