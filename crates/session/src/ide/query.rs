//! Completions and hover cards of PromQL queries, from the simulated series.

use std::collections::BTreeSet;

use crate::analysis::live;
use crate::analysis::metric_types::{family, kind, report};
use crate::workspace::sources::Sources;
use crate::world::Snapshot;
use go::Duration;
use promql::METRIC_NAME;
use promql::assist::{CompletionKind, Facts, MetricKind, complete, hover};
use protocol::{Card, Completion, Completions};
use simulation::workload::FamilySpec;
use simulation::world::World;

pub struct WorldFacts<'a> {
    pub world: &'a World,
    /// Types that a live server knows.
    pub sources: &'a Sources,
}

impl WorldFacts<'_> {
    /// The family that a series' name belongs to.
    fn family(&self, metric: &str) -> Option<&FamilySpec> {
        let processes = self.world.processes();
        family(processes.flat_map(|process| &process.workload.families), metric)
    }

    fn labels_of<'b>(
        &'b self,
        metric: Option<&'b str>,
    ) -> impl Iterator<Item = &'b promql::Labels> + 'b {
        self.world
            .storage
            .iter()
            .map(|series| series.labels())
            .filter(move |labels| metric.is_none_or(|metric| labels.metric_name() == metric))
    }
}

impl Facts for WorldFacts<'_> {
    fn metric_names(&self) -> Vec<String> {
        let names = self.world.storage.label_values(METRIC_NAME);
        names.map(|(name, _)| name.to_string()).collect()
    }

    fn label_names(&self, metric: Option<&str>) -> Vec<String> {
        let labels = self.labels_of(metric).flat_map(|labels| labels.iter());
        let names: BTreeSet<&str> =
            labels.map(|label| &*label.name).filter(|name| *name != METRIC_NAME).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    fn label_values(&self, metric: Option<&str>, label: &str) -> Vec<String> {
        let values: BTreeSet<&str> =
            self.labels_of(metric).filter_map(|labels| labels.find(label)).collect();
        values.into_iter().map(str::to_owned).collect()
    }

    fn metric_kind(&self, metric: &str) -> Option<MetricKind> {
        if report(metric).is_some() {
            return Some(MetricKind::Gauge);
        }
        match self.family(metric) {
            Some(family) => Some(kind(family, metric)),
            None => live::metric_kind(self.sources, metric),
        }
    }

    fn metric_help(&self, metric: &str) -> Option<String> {
        match report(metric) {
            Some(help) => Some(help.to_owned()),
            None => match self.family(metric) {
                Some(family) => Some(family.help.to_string()),
                None => live::metric_help(self.sources, metric),
            },
        }
    }

    fn scrape_interval(&self, metric: &str) -> Option<Duration> {
        let jobs: BTreeSet<&str> =
            self.labels_of(Some(metric)).map(|labels| labels.get("job")).collect();
        let targets = self.world.reports().map(|(target, ..)| target);
        targets.filter(|target| jobs.contains(&*target.job)).map(|target| target.interval).max()
    }
}

pub fn world_facts<'a>(snapshot: &Snapshot<'a>) -> WorldFacts<'a> {
    WorldFacts { world: &snapshot.timeline.world, sources: snapshot.sources }
}

/// Returns completions at an offset of a query.
pub fn complete_query(snapshot: &Snapshot<'_>, query: &str, offset: u32) -> Option<Completions> {
    let found = complete(query, offset, &world_facts(snapshot));
    let count = found.items.len() as i32;
    let items = (0..).zip(found.items).map(|(rank, item)| Completion {
        detail: if item.detail.is_empty() { name_of(item.kind).to_owned() } else { item.detail },
        label: item.label,
        insert: item.insert,
        doc: item.doc,
        rank: ((count - rank) * 99 / count.max(1)).clamp(-99, 99),
    });
    (count > 0).then(|| Completions { span: found.span, items: items.collect() })
}

/// Returns the hover card at an offset of a query.
pub fn hover_query(snapshot: &Snapshot<'_>, query: &str, offset: u32) -> Option<Card> {
    let found = hover(query, offset, &world_facts(snapshot))?;
    Some(Card {
        span: found.span,
        title: found.title,
        body: found.doc.split("\n\n").map(str::to_owned).collect(),
        code: found.example.map(str::to_owned),
        ..Card::default()
    })
}

fn name_of(kind: CompletionKind) -> &'static str {
    match kind {
        CompletionKind::Metric => "metric",
        CompletionKind::Function => "function",
        CompletionKind::Aggregation => "aggregation",
        CompletionKind::LabelName => "label",
        CompletionKind::LabelValue => "value",
        CompletionKind::Duration => "duration",
        CompletionKind::Operator => "operator",
        CompletionKind::Keyword => "keyword",
    }
}
