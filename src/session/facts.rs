//! What the stored samples tell about metrics, for help with queries.

use std::collections::BTreeSet;

use super::protocol::{Card, Completion, Completions};
use super::stages::Session;
use crate::model::{Duration, METRIC_NAME};
use crate::promql::assist::{self, Facts, MetricKind};
use crate::simulation::exposition::MetricType;

/// Most names and values that are offered.
const MOST: usize = 1_000;

struct Stored<'a>(&'a Session);

impl Stored<'_> {
    /// Values that `pick` finds in the labels of series of a metric, each once.
    fn collect(
        &self,
        metric: Option<&str>,
        pick: impl Fn(&crate::model::Labels, &mut BTreeSet<String>),
    ) -> Vec<String> {
        let mut found = BTreeSet::new();
        for series in self.0.timeline.world.storage.iter() {
            let labels = series.labels();
            if metric.is_none_or(|metric| labels.metric_name() == metric) && found.len() < MOST {
                pick(labels, &mut found);
            }
        }
        found.into_iter().collect()
    }

    /// What the programs say about a metric's family.
    fn family<T>(
        &self,
        metric: &str,
        pick: impl Fn(&crate::simulation::workload::FamilySpec) -> T,
    ) -> Option<T> {
        let base = ["_total", "_bucket", "_count", "_sum"]
            .iter()
            .find_map(|suffix| metric.strip_suffix(suffix))
            .unwrap_or(metric);
        let processes = self.0.system.processes.iter();
        processes
            .flat_map(|process| &process.workload.families)
            .find(|family| &*family.name == metric || &*family.name == base)
            .map(pick)
    }
}

impl Facts for Stored<'_> {
    fn metric_names(&self) -> Vec<String> {
        self.collect(None, |labels, found| {
            found.insert(labels.metric_name().to_owned());
        })
    }

    fn label_names(&self, metric: Option<&str>) -> Vec<String> {
        self.collect(metric, |labels, found| {
            let names = labels.iter().map(|label| label.name.to_string());
            found.extend(names.filter(|name| name != METRIC_NAME));
        })
    }

    fn label_values(&self, metric: Option<&str>, label: &str) -> Vec<String> {
        self.collect(metric, |labels, found| {
            found.extend(labels.find(label).map(ToString::to_string));
        })
    }

    fn metric_kind(&self, metric: &str) -> Option<MetricKind> {
        self.family(metric, |family| match family.metric_type {
            MetricType::Counter => MetricKind::Counter,
            MetricType::Gauge => MetricKind::Gauge,
            MetricType::Histogram if family.buckets.is_empty() => MetricKind::Histogram,
            MetricType::Histogram => MetricKind::Counter,
            _ => MetricKind::Other,
        })
    }

    fn metric_help(&self, metric: &str) -> Option<String> {
        self.family(metric, |family| family.help.to_string())
    }

    fn scrape_interval(&self, _metric: &str) -> Option<Duration> {
        self.0.system.routes.iter().map(|route| route.spec.interval).max()
    }
}

impl Session {
    pub(super) fn hover_query(&self, query: &str, offset: u32) -> Option<Card> {
        let found = assist::hover(query, offset, &Stored(self))?;
        Some(Card {
            span: found.span,
            title: found.title,
            body: found.doc.split("\n\n").map(str::to_owned).collect(),
            code: found.example.map(str::to_owned),
            ..Card::default()
        })
    }

    pub(super) fn complete_query(&self, query: &str, offset: u32) -> Option<Completions> {
        let found = assist::complete(query, offset, &Stored(self));
        let count = found.items.len() as i32;
        let item = |(number, item): (usize, assist::Completion)| Completion {
            label: item.label,
            insert: item.insert,
            detail: item.detail,
            doc: item.doc,
            rank: (count - number as i32).min(99),
        };
        Some(Completions {
            span: found.span,
            items: found.items.into_iter().enumerate().map(item).collect(),
        })
    }
}
