//! Relabeling rules: selectors as rules, a user's rules, and sharding.

use kubernetes::object::Value;

use super::{ConfigContext, Mode};
use crate::tree::{Data, Entries, Field, Tree};

/// Replaces every character that a Prometheus label name cannot hold.
pub fn sanitize(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

/// Returns a rule from pairs of key and value. The key `source_labels` takes names with commas
/// between them.
pub fn rule(pairs: &[(&str, &str)]) -> Tree {
    let mut entries = Entries::default();
    for (key, value) in pairs {
        let tree = match *key {
            "source_labels" => Tree::texts(value.split(',')),
            _ => Tree::text(*value),
        };
        entries.put(key, tree);
    }
    entries.tree()
}

/// The first rule of every job: keeps the name of the job.
pub fn first() -> Tree {
    rule(&[("source_labels", "job"), ("target_label", "__tmp_prometheus_job_name")])
}

/// Drops targets whose pod has ended.
pub fn running_filter() -> Tree {
    rule(&[
        ("action", "drop"),
        ("source_labels", "__meta_kubernetes_pod_phase"),
        ("regex", "(Failed|Succeeded)"),
    ])
}

/// Copies a discovered label to a target label if it is not empty.
pub fn copy_label(role: &str, label: &str, target: &str) -> Tree {
    let source = format!("__meta_kubernetes_{role}_label_{}", sanitize(label));
    rule(&[
        ("source_labels", &source),
        ("target_label", target),
        ("regex", "(.+)"),
        ("replacement", "${1}"),
    ])
}

/// Returns the rules that keep what a label selector selects. `role` is `service`, `pod` or
/// `ingress`.
pub fn selector(role: &str, selector: &Field<'_>) -> Vec<Tree> {
    let mut rules = Vec::new();
    let both = |key: &str| {
        let key = sanitize(key);
        format!("__meta_kubernetes_{role}_label_{key},__meta_kubernetes_{role}_labelpresent_{key}")
    };
    let kept = |action: &str, sources: &str, regex: &str, field: &Field<'_>| {
        rule(&[("action", action), ("source_labels", sources), ("regex", regex)]).from(field)
    };
    for (key, value) in selector.get("matchLabels").entries() {
        rules.push(kept("keep", &both(&key), &format!("({});true", value.text()), &value));
    }
    for expression in selector.get("matchExpressions").items() {
        let key = expression.value.str("key");
        let values: Vec<&str> =
            expression.value.list("values").iter().filter_map(Value::as_str).collect();
        let listed = format!("({});true", values.join("|"));
        let present = format!("__meta_kubernetes_{role}_labelpresent_{}", sanitize(key));
        rules.push(match expression.value.str("operator") {
            "In" => kept("keep", &both(key), &listed, &expression),
            "NotIn" => kept("drop", &both(key), &listed, &expression),
            "Exists" => kept("keep", &present, "true", &expression),
            "DoesNotExist" => kept("drop", &present, "true", &expression),
            _ => continue,
        });
    }
    rules
}

/// Returns a selector as the API server takes it in a query: `app=web,tier in (a,b),!old`.
pub fn selector_text(selector: &Field<'_>) -> String {
    let mut parts: Vec<(String, String)> = Vec::new();
    for (key, value) in selector.get("matchLabels").entries() {
        parts.push((key.to_string(), format!("{key}={}", value.text())));
    }
    for expression in selector.get("matchExpressions").items() {
        let key = expression.value.str("key");
        let mut values: Vec<&str> =
            expression.value.list("values").iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        values.dedup();
        let values = values.join(",");
        let part = match expression.value.str("operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        parts.push((key.to_owned(), part));
    }
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    parts.into_iter().map(|(_, part)| part).collect::<Vec<_>>().join(",")
}

/// Returns a user's rules in the order of keys that the Operator writes. The action is in lower
/// case, `replace` if absent (the default of the CRD).
pub fn user(rules: &Field<'_>) -> Vec<Tree> {
    rules.items().iter().map(user_rule).collect()
}

fn user_rule(rule: &Field<'_>) -> Tree {
    let mut entries = Entries::default();
    if !rule.value.list("sourceLabels").is_empty() {
        entries.copy("source_labels", &rule.get("sourceLabels"));
    }
    entries.copy("separator", &rule.get("separator"));
    entries.copy_text("target_label", &rule.get("targetLabel"));
    entries.copy_text("regex", &rule.get("regex"));
    if rule.value.int("modulus") != 0 {
        entries.copy("modulus", &rule.get("modulus"));
    }
    entries.copy("replacement", &rule.get("replacement"));
    let action = rule.get("action");
    let name = if action.text().is_empty() { "replace" } else { action.text() };
    entries.put("action", Tree::text(name.to_lowercase()).from(&action));
    entries.tree().from(rule)
}

/// Returns the rules that give each shard its part of the targets. `label` is hashed unless the
/// target has `__tmp_hash`. With a topology, a shard takes the targets of its zone only.
pub fn sharding(context: &ConfigContext<'_>, label: &str) -> Vec<Tree> {
    let shards = context.shards();
    let mut rules = Vec::new();
    if context.mode == Mode::DaemonSet {
        return rules;
    }
    if context.retains_shards {
        let active: Vec<String> =
            (0..shards.clamp(0, MAX_SHARDS)).map(|one| one.to_string()).collect();
        rules.push(rule(&[
            ("target_label", "__tmp_current_shard"),
            ("replacement", "$(SHARD)"),
            ("action", "replace"),
        ]));
        rules.push(rule(&[
            ("source_labels", "__tmp_current_shard"),
            ("regex", &active.join("|")),
            ("action", "keep"),
        ]));
    }
    let zones = context.zones();
    let (modulus, shard) = if zones.is_empty() {
        (shards, "SHARD")
    } else {
        rules.extend(topology());
        ((shards / zones.len() as i64).max(1), "INZONE_SHARD")
    };
    let mut hashmod = Entries::default();
    hashmod.put("source_labels", Tree::texts(["__tmp_hash"]));
    hashmod.put("target_label", Tree::text("__tmp_hash"));
    hashmod.put("modulus", Data::Raw(modulus.to_string()).into());
    hashmod.put("action", Tree::text("hashmod"));
    rules.push(rule(&[
        ("source_labels", &format!("{label},__tmp_hash")),
        ("target_label", "__tmp_hash"),
        ("regex", "(.+);"),
        ("replacement", "$1"),
        ("action", "replace"),
    ]));
    rules.push(hashmod.tree());
    rules.push(rule(&[
        ("source_labels", "__tmp_hash,__tmp_disable_sharding"),
        ("regex", &format!("$({shard});|.+;.+")),
        ("action", "keep"),
    ]));
    rules
}

/// Rules that keep the targets of the shard's zone.
fn topology() -> [Tree; 3] {
    let zone = "__meta_kubernetes_pod_label_topology_kubernetes_io_zone";
    let present = "__meta_kubernetes_pod_labelpresent_topology_kubernetes_io_zone";
    [
        rule(&[
            ("source_labels", "__meta_kubernetes_endpointslice_endpoint_zone,__tmp_topology"),
            ("target_label", "__tmp_topology"),
            ("regex", "(.+);"),
            ("replacement", "$1"),
            ("action", "replace"),
        ]),
        rule(&[
            ("source_labels", &format!("{zone},{present},__tmp_topology")),
            ("target_label", "__tmp_topology"),
            ("regex", "(.+);true;"),
            ("replacement", "$1"),
            ("action", "replace"),
        ]),
        rule(&[
            ("source_labels", "__tmp_topology,__tmp_disable_sharding"),
            ("regex", "$(TOPOLOGY_ZONE);|.+;.+"),
            ("action", "keep"),
        ]),
    ]
}

/// Returns true if a rule hashes already. Such rules get no sharding of their own.
pub fn hashes(rules: &[Tree]) -> bool {
    let hashmod = Data::Text("hashmod".to_owned());
    rules.iter().any(|rule| match &rule.data {
        Data::Map(entries) => {
            entries.iter().any(|(key, value)| key == "action" && value.data == hashmod)
        }
        _ => false,
    })
}

/// The largest number of shards that is written out.
const MAX_SHARDS: i64 = 10_000;
