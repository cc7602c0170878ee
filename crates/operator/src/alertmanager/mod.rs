//! Alertmanager: its base configuration, and a check of it.
//!
//! The configuration of a Secret is passed on as it is. AlertmanagerConfigs are checked, but not
//! merged into it: [`configuration`] then gives none.
//!
//! Source: prometheus-operator pkg/alertmanager/operator.go loadConfigurationFromSecret.

mod validate;

use std::collections::BTreeSet;

use kubernetes::object::{Value, from_yaml};

use crate::store::{Checked, Store, secret_value};

pub use validate::validate;

/// The key of the base configuration.
const KEY: &str = "alertmanager.yaml";

/// The configuration without a Secret.
const DEFAULT: &str = "route:\n  receiver: 'null'\nreceivers:\n- name: 'null'";

/// The default as the Operator writes it again if it looks for AlertmanagerConfigs.
const DEFAULT_AGAIN: &str =
    "route:\n  receiver: \"null\"\nreceivers:\n- name: \"null\"\ntemplates: []\n";

/// Returns the configuration of an Alertmanager before it is compressed. `selected` is the number
/// of AlertmanagerConfigs that it takes. None if the configuration would have to be made from
/// AlertmanagerConfigs, or written again from a text of the user's own.
pub fn configuration(alertmanager: &Value, base: &Base, selected: usize) -> Option<String> {
    let spec = &alertmanager["spec"];
    let merges = !spec["alertmanagerConfigSelector"].is_null();
    match (spec["alertmanagerConfiguration"].is_null(), merges) {
        (true, false) => Some(base.text.clone()),
        (true, true) if selected == 0 && base.text == DEFAULT => Some(DEFAULT_AGAIN.to_owned()),
        _ => None,
    }
}

/// The base configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    pub text: String,
    /// Other keys of the Secret, which are mounted beside the configuration: names and Base64.
    pub others: Vec<(String, String)>,
}

/// Reads the base configuration of an Alertmanager. A Secret, a key or a text that is absent gives
/// the default.
pub fn base(alertmanager: &Value, store: &Store<'_>) -> Base {
    let metadata = &alertmanager["metadata"];
    let named = alertmanager["spec"].str("configSecret");
    let default_name = format!("alertmanager-{}", metadata.str("name"));
    let name = if named.is_empty() { &default_name } else { named };
    let Some(secret) = store.object("Secret", metadata.str("namespace"), name) else {
        return Base { text: DEFAULT.to_owned(), others: Vec::new() };
    };
    let text = secret_value(secret, KEY).filter(|text| !text.is_empty());
    let others = secret.entries("data").filter(|(key, _)| &***key != KEY);
    let others = others
        .map(|(key, value)| (key.to_string(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    Base { text: text.unwrap_or_else(|| DEFAULT.to_owned()), others }
}

/// Keys of a configuration. Source: alertmanager config/config.go Config.
static SECTIONS: &[&str] = &[
    "global",
    "route",
    "inhibit_rules",
    "receivers",
    "templates",
    "mute_time_intervals",
    "time_intervals",
    "tracing",
];

/// Deepest tree of routes that is followed.
const MAX_DEPTH: usize = 64;

/// Checks the sections of a configuration, and that routes name receivers that exist. Settings of
/// receivers are not checked.
pub fn check(text: &str) -> Checked {
    let parsed = yaml::parse(text::FileId::default(), text);
    if let Some(refusal) = parsed.refusal {
        return Err(refusal);
    }
    let root = parsed.root().and_then(|root| from_yaml(root).ok()).unwrap_or_default();
    let mut keys = root.as_map().into_iter().flat_map(|map| map.keys());
    if let Some(unknown) = keys.find(|key| !SECTIONS.contains(&&***key)) {
        return Err(format!("field {unknown} not found in type config.plain"));
    }
    let mut names = BTreeSet::new();
    for receiver in root.list("receivers") {
        let name = receiver.str("name");
        if name.is_empty() {
            return Err("missing name in receiver".to_owned());
        }
        if !names.insert(name) {
            return Err(format!(
                "notification config name {} is not unique",
                go::quote::quote(name)
            ));
        }
    }
    let route = &root["route"];
    if route.is_null() {
        return Err("no route provided in config".to_owned());
    }
    if route.str("receiver").is_empty() {
        return Err("root route must specify a default receiver".to_owned());
    }
    check_route(route, &names, 0)
}

fn check_route(route: &Value, names: &BTreeSet<&str>, depth: usize) -> Checked {
    let receiver = route.str("receiver");
    if !receiver.is_empty() && !names.contains(receiver) {
        return Err(format!("undefined receiver {} used in route", go::quote::quote(receiver)));
    }
    if depth > MAX_DEPTH {
        return Ok(());
    }
    route.list("routes").iter().try_for_each(|below| check_route(below, names, depth + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_receivers_are_checked() {
        for (text, expected) in [
            (DEFAULT, None),
            ("rout: {}", Some("field rout not found in type config.plain")),
            ("receivers: []", Some("no route provided in config")),
            ("route: {receiver: a}\nreceivers: []", Some("undefined receiver \"a\" used in route")),
            (
                "route: {receiver: a, routes: [{receiver: b}]}\nreceivers: [{name: a}]",
                Some("undefined receiver \"b\" used in route"),
            ),
            (
                "route: {receiver: a}\nreceivers: [{name: a}, {name: a}]",
                Some("notification config name \"a\" is not unique"),
            ),
        ] {
            assert_eq!(check(text).err().as_deref(), expected, "{text}");
        }
    }
}
