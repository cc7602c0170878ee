//! Relabelling rules.

use std::sync::Arc;

use crate::model::Regex;
use crate::prometheus::check::{View, relabel::action};
use crate::prometheus::config::RelabelConfig;
use crate::text::FileId;

use super::place;

/// The rules of a list that can be run.
pub fn rules(file: FileId, view: &View<'_>, key: &str) -> Vec<RelabelConfig> {
    view.items(key).iter().filter_map(View::new).filter_map(|rule| one(file, &rule)).collect()
}

fn one(file: FileId, rule: &View<'_>) -> Option<RelabelConfig> {
    let regex = rule.text_or("regex", "(.*)");
    Regex::new(&regex).ok()?;
    Some(RelabelConfig {
        location: place(file, rule.node),
        source_labels: rule.texts("source_labels").map(|(text, _)| Arc::from(&*text)).collect(),
        separator: Arc::from(&*rule.text_or("separator", ";")),
        regex: Arc::from(&*regex),
        modulus: rule.uint("modulus", 0),
        target_label: Arc::from(&*rule.text("target_label")),
        replacement: Arc::from(&*rule.text_or("replacement", "$1")),
        action: action(&rule.text_or("action", "replace"))?,
    })
}
