//! The labels that exist at a relabeling rule.

use std::borrow::Cow;
use text::IndexSort;

use crate::fields::discovery::{MECHANISMS, names_label};
use schema::PathSegment;
use schema::Section;
use yaml::Node;

/// A label that a target or series can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLabel {
    /// The name. A part in angle brackets is a placeholder.
    pub name: Cow<'static, str>,
    /// The description, without a full stop.
    pub doc: Cow<'static, str>,
}

impl KnownLabel {
    pub fn new(name: impl Into<Cow<'static, str>>, doc: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), doc: doc.into() }
    }

    pub fn matches(&self, label: &str) -> bool {
        names_label(&self.name, label)
    }
}

/// The labels of every target before its first rule.
const OF_TARGETS: [(&str, &str); 6] = [
    ("__address__", "host and port of the target"),
    ("__scheme__", "http or https"),
    ("__metrics_path__", "path of the scrape URL"),
    ("__scrape_interval__", "interval of the scrapes"),
    ("__scrape_timeout__", "timeout of the scrapes"),
    ("job", "the name of the job"),
];

/// The labels that the rule at `path` can read: those of the target or series, and those that earlier
/// rules write.
pub fn labels_before(root: &Node, path: &[PathSegment]) -> Vec<KnownLabel> {
    let (section, key, number) = match path {
        [
            PathSegment::Key(list),
            PathSegment::Index(at),
            PathSegment::Key(key),
            PathSegment::Index(number),
            ..,
        ] => (root.get(list).and_then(|list| list.items().get(*at)), key, *number),
        [PathSegment::Key(alerting), PathSegment::Key(key), PathSegment::Index(number), ..]
            if &**alerting == "alerting" =>
        {
            (root.get("alerting"), key, *number)
        }
        [
            PathSegment::Key(_),
            PathSegment::Key(list),
            PathSegment::Index(at),
            PathSegment::Key(key),
            PathSegment::Index(number),
            ..,
        ] => {
            let list = root.get("alerting").and_then(|alerting| alerting.get(list));
            (list.and_then(|list| list.items().get(*at)), key, *number)
        }
        _ => return Vec::new(),
    };
    let Some(section) = section.and_then(Section::new) else { return Vec::new() };
    let mut known = match &**key {
        "relabel_configs" => of_target(&section),
        "metric_relabel_configs" => of_series(&section),
        "alert_relabel_configs" => vec![KnownLabel::new("alertname", "the alert name")],
        "write_relabel_configs" => {
            vec![
                KnownLabel::new("__name__", "the metric name"),
                KnownLabel::new("job", "the name of the job"),
            ]
        }
        _ => return Vec::new(),
    };
    let external = root.get("global").and_then(|global| global.get("external_labels"));
    if matches!(&**key, "alert_relabel_configs" | "write_relabel_configs") {
        for entry in external.into_iter().flat_map(Node::entries) {
            let name = entry.name().unwrap_or_default().to_owned();
            known.push(KnownLabel::new(name, "an external label"));
        }
    }
    for (i, rule) in section.items(key).iter().take(number).enumerate() {
        let Some(rule) = Section::new(rule) else { continue };
        let target = rule.text("target_label");
        if !target.is_empty()
            && !target.contains('$')
            && !known.iter().any(|one| one.matches(&target))
        {
            known.push(KnownLabel::new(target.into_owned(), format!("written by rule {}", i + 1)));
        }
    }
    known
}

/// The labels that targets of a job can have before its first rule.
pub fn of_target(job: &Section<'_>) -> Vec<KnownLabel> {
    let mut known: Vec<KnownLabel> =
        OF_TARGETS.iter().map(|(name, doc)| KnownLabel::new(*name, *doc)).collect();
    if let Some(params) = job.get("params") {
        for entry in params.entries() {
            let name = format!("__param_{}", entry.name().unwrap_or_default());
            known.push(KnownLabel::new(name, "a parameter of the scrape URL"));
        }
    }
    for listed in MECHANISMS {
        for entry in job.items(listed.key()).iter().filter_map(Section::new) {
            let role = entry.text("role");
            for meta in listed.meta().filter(|meta| meta.has_role(&role)) {
                known.push(KnownLabel::new(meta.name, meta.doc));
            }
            for label in entry.get("labels").into_iter().flat_map(Node::entries) {
                let name = label.name().unwrap_or_default().to_owned();
                if listed.key() == "static_configs" {
                    known.push(KnownLabel::new(name, "a label of a static target"));
                }
            }
        }
    }
    known.index_sort_by(|a, b| a.name.cmp(&b.name));
    known.dedup_by(|a, b| a.name == b.name);
    known
}

/// The labels of a series: its name, and the labels of its target without the prefix `__`.
fn of_series(job: &Section<'_>) -> Vec<KnownLabel> {
    let mut known = vec![
        KnownLabel::new("__name__", "the metric name"),
        KnownLabel::new("instance", "the target's address"),
        KnownLabel::new("job", "the name of the job"),
        KnownLabel::new("le", "upper bound of a histogram's bucket"),
        KnownLabel::new("quantile", "quantile of a summary"),
    ];
    for rule in job.items("relabel_configs").iter().filter_map(Section::new) {
        let target = rule.text("target_label");
        if !target.is_empty() && !target.starts_with("__") && !target.contains('$') {
            known.push(KnownLabel::new(target.into_owned(), "written by a rule of the target"));
        }
    }
    for group in job.items("static_configs").iter().filter_map(Section::new) {
        for label in group.get("labels").into_iter().flat_map(Node::entries) {
            let name = label.name().unwrap_or_default().to_owned();
            known.push(KnownLabel::new(name, "a label of a static target"));
        }
    }
    known.index_sort_by(|a, b| a.name.cmp(&b.name));
    known.dedup_by(|a, b| a.name == b.name);
    known
}
