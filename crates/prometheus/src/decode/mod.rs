//! Decoding of the tree into typed values with their sources.
//!
//! Decoding never fails. What the checks refuse is left out, or stands at its default, so that one
//! broken job hides no other.

mod discovery;
mod http;
mod job;
mod relabel;

use std::sync::Arc;

use go::Duration;
use promql::LabelsBuilder;
use text::{FileId, Location};
use yaml::{Node, scalars};

pub use discovery::static_config;
pub use job::scrape_jobs;
pub use relabel::rules as relabel_rules;

use super::Notations;
use super::config::{Config, Inherited};
use super::fields::global::GLOBAL;
use super::fields::root::ROOT;
use schema::{Resolved, Root, Scope, Section};

/// The location of a value in its file.
pub(super) fn place(file: FileId, node: &Node) -> Location {
    Location::new(file, node.written_span())
}

/// Typed values of a main configuration file, without what other files bring in.
pub fn config(file: FileId, root: &Node) -> Config {
    let Some(view) = Section::new(root) else { return Config::default() };
    let global = view.section("global");
    let inherits = Root { file, node: root, record: &ROOT };
    let scope =
        Scope::new(file, global.map(|global| global.node), &GLOBAL, Some(inherits), &Notations);
    Config {
        scrape_configs: scrape_jobs(file, &view, inherits),
        rule_files: located_texts(file, &view, "rule_files"),
        scrape_config_files: located_texts(file, &view, "scrape_config_files"),
        evaluation_interval: Some(scope.duration("evaluation_interval")),
        rule_query_offset: Some(scope.duration("rule_query_offset")),
        external_labels: external_labels(global.as_ref()).build(),
        retention_time: retention(file, &view),
        inherited: Some(Inherited::of(file, root)),
    }
}

/// The retention in force: 15 days, unless it is limited by size only.
fn retention(file: FileId, view: &Section<'_>) -> Option<Resolved<Duration>> {
    let fifteen_days = Duration::from_secs(15 * 24 * 3600);
    let section = view
        .section("storage")
        .and_then(|storage| storage.section("tsdb"))
        .and_then(|tsdb| tsdb.section("retention"));
    let Some(section) = section else { return Some(Resolved::default(fifteen_days)) };
    match section.get("time") {
        Some(node) => {
            let value = section.duration("time", fifteen_days);
            (value.millis() > 0).then(|| Resolved::written(value, place(file, node)))
        }
        // A section without `time` leaves it at zero: age limits nothing.
        None => None,
    }
}

/// A list of texts with their places.
fn located_texts(file: FileId, view: &Section<'_>, key: &str) -> Vec<(Arc<str>, Location)> {
    view.texts(key).map(|(text, node)| (Arc::from(&*text), place(file, node))).collect()
}

fn external_labels(global: Option<&Section<'_>>) -> LabelsBuilder {
    let mut labels = LabelsBuilder::new();
    let Some(node) = global.and_then(|view| view.get("external_labels")) else { return labels };
    for entry in node.entries() {
        if let (Ok(name), Ok(value)) = (scalars::string(&entry.key), scalars::string(&entry.value))
        {
            labels.set(&*name, expand_environment(&value, |_| String::new()));
        }
    }
    labels
}

/// Replaces `$name` and `${name}` as Go's `os.Expand` does; `$$` is a dollar sign.
pub fn expand_environment(text: &str, value_of: impl Fn(&str) -> String) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, length) = shell_name(behind);
        match name {
            "$" => expanded.push('$'),
            "" if length == 0 => expanded.push('$'),
            "" => {}
            name => expanded.push_str(&value_of(name)),
        }
        rest = behind.get(length..).unwrap_or_default();
    }
    expanded.push_str(rest);
    expanded
}

/// The variable's name at the start of `text`, and how many bytes it takes with its braces.
fn shell_name(text: &str) -> (&str, usize) {
    let is_special = |c: char| "*#$@!?-0123456789".contains(c);
    if let Some(inner) = text.strip_prefix('{') {
        return match inner.split_once('}') {
            Some((name, _)) => (name, name.len() + 2),
            None => ("", 1),
        };
    }
    match text.chars().next() {
        Some(c) if is_special(c) => (&text[..1], 1),
        _ => {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let end = end.unwrap_or(text.len());
            (&text[..end], end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_variables() {
        let value_of = |name: &str| if name == "A" { "x".to_owned() } else { String::new() };
        for (text, expanded) in [
            ("a$A-${A}b", "ax-xb"),
            ("$$A", "$A"),
            ("100$", "100$"),
            ("${}x", "x"),
            ("${A", "A"),
            ("$B!", "!"),
            ("$-é", "é"),
        ] {
            assert_eq!(expand_environment(text, value_of), expanded, "{text}");
        }
    }
}
