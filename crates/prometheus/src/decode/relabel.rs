//! Relabeling rules.

use std::sync::Arc;

use crate::config::{RelabelAction, RelabelConfig};
use schema::Section;
use text::FileId;

use super::place;

/// The rules of a list. One that cannot be run keeps its place, so that the others keep theirs.
pub fn rules(file: FileId, view: &Section<'_>, key: &str) -> Vec<RelabelConfig> {
    view.items(key).iter().map(|item| one(file, &Section { node: item })).collect()
}

fn one(file: FileId, rule: &Section<'_>) -> RelabelConfig {
    let known = rule
        .node
        .as_mapping()
        .and_then(|_| RelabelAction::from_name(&rule.text_or("action", "replace")));
    RelabelConfig {
        location: place(file, rule.node),
        source_labels: rule.texts("source_labels").map(|(text, _)| Arc::from(&*text)).collect(),
        separator: Arc::from(&*rule.text_or("separator", ";")),
        regex: Arc::from(&*rule.text_or("regex", "(.*)")),
        modulus: rule.uint("modulus", 0),
        target_label: Arc::from(&*rule.text("target_label")),
        replacement: Arc::from(&*rule.text_or("replacement", "$1")),
        action: known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_cannot_be_run_keep_their_places() {
        let text = "r: [{regex: '('}, {action: what}, null, {action: Drop, regex: a}]";
        let parsed = yaml::parse(FileId(0), text);
        let root = Section::new(parsed.root().unwrap()).unwrap();
        let actions: Vec<_> =
            rules(FileId(0), &root, "r").into_iter().map(|rule| rule.action).collect();
        use crate::config::RelabelAction::{Drop, Replace};
        assert_eq!(actions, [Some(Replace), None, None, Some(Drop)]);
    }
}
