//! Typed groups and rules. A rule whose expression cannot be read is left out.

use std::collections::BTreeMap;
use std::sync::Arc;
use text::IndexSort;

use go::Duration;
use promql::syntax::parse;
use text::FileId;
use yaml::{Node, scalars};

use super::{Rule, RuleGroup, RuleKind, RuleOptions};
use crate::decode::place;
use schema::{Resolved, Section};

pub fn groups(file: FileId, root: &Node, options: &RuleOptions) -> Vec<RuleGroup> {
    let Some(view) = Section::new(root) else { return Vec::new() };
    view.items("groups")
        .iter()
        .filter_map(Section::new)
        .map(|view| group(file, &view, options))
        .collect()
}

fn group(file: FileId, view: &Section<'_>, options: &RuleOptions) -> RuleGroup {
    let duration = |key: &str, zero: bool| {
        let node = view.get(key)?;
        let value = view.duration(key, Duration(0));
        (zero || value.millis() != 0).then(|| Resolved::written(value, place(file, node)))
    };
    let labels = pairs(view, "labels");
    RuleGroup {
        location: place(file, view.node),
        name: Arc::from(&*view.text("name")),
        interval: duration("interval", false),
        query_offset: duration("query_offset", true),
        limit: u64::try_from(view.int("limit", 0)).unwrap_or(0),
        rules: view
            .items("rules")
            .iter()
            .filter_map(Section::new)
            .filter_map(|rule| one(file, &rule, &labels, options))
            .collect(),
        labels,
    }
}

fn one(
    file: FileId,
    view: &Section<'_>,
    group_labels: &[(Arc<str>, Arc<str>)],
    options: &RuleOptions,
) -> Option<Rule> {
    let expr = view.text("expr");
    let ast = parse(&expr, &options.promql).ok()?;
    let (record, alert) = (view.text("record"), view.text("alert"));
    let kind = match (record.is_empty(), alert.is_empty()) {
        (false, true) => RuleKind::Recording { record: Arc::from(&*record) },
        (true, false) => RuleKind::Alerting {
            alert: Arc::from(&*alert),
            hold: view.duration("for", Duration(0)),
            keep_firing_for: view.duration("keep_firing_for", Duration(0)),
            annotations: pairs(view, "annotations"),
        },
        _ => return None,
    };
    let mut labels: BTreeMap<Arc<str>, Arc<str>> = group_labels.iter().cloned().collect();
    labels.extend(pairs(view, "labels"));
    Some(Rule {
        location: place(file, view.node),
        kind,
        expr: Arc::from(&*expr),
        expr_location: view.get("expr").map(|node| place(file, node))?,
        ast: Arc::new(ast),
        labels: labels.into_iter().collect(),
    })
}

/// Names and values of a mapping of texts, sorted by name.
fn pairs(view: &Section<'_>, key: &str) -> Vec<(Arc<str>, Arc<str>)> {
    let Some(node) = view.get(key) else { return Vec::new() };
    let mut pairs: Vec<(Arc<str>, Arc<str>)> = node
        .entries()
        .filter(|entry| !entry.key.is_null())
        .filter_map(|entry| {
            let (name, value) =
                (scalars::string(&entry.key).ok()?, scalars::string(&entry.value).ok()?);
            Some((Arc::from(&*name), Arc::from(&*value)))
        })
        .collect();
    pairs.index_sort();
    pairs
}
