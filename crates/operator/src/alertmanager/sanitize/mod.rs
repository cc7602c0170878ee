//! A configuration for an older Alertmanager: keys that it does not know are taken out with a
//! warning; what cannot be left out is an error.
//!
//! | file | content |
//! | --- | --- |
//! | here | the walk over a configuration; routes, inhibition rules, HTTP clients |
//! | `rules` | the tables of keys |
//! | `checks` | errors of receivers and of `global` |
//!
//! Source: prometheus-operator pkg/alertmanager/amcfg.go, the methods `sanitize`.

mod checks;
mod rules;

use kubernetes::object::Value;

use self::rules::{Drop, Pair, Rules};
use super::load::http_headers;
use crate::checks::at;
use crate::reconcile::Line;
use crate::store::Checked;
use crate::tree::{Data, Tree};
use crate::version::Version;

/// A walk over a configuration.
pub struct Sanitize<'a> {
    version: Version,
    alertmanager: &'a Value,
    /// Warnings, as log lines of the Operator.
    pub log: Vec<Line>,
}

impl<'a> Sanitize<'a> {
    pub fn new(alertmanager: &'a Value, version: Version) -> Self {
        Self { version, alertmanager, log: Vec::new() }
    }

    fn before(&self, minor: u64) -> bool {
        self.version < Version(0, minor, 0)
    }

    fn warn(&mut self, message: &'static str, fields: Vec<(&'static str, String)>) {
        let metadata = &self.alertmanager["metadata"];
        let mut all = vec![
            ("component", "alertmanager-controller".to_owned()),
            ("alertmanager", metadata.str("name").to_owned()),
            ("namespace", metadata.str("namespace").to_owned()),
        ];
        all.extend(fields);
        self.log.push(Line { level: "warn", message, fields: all });
    }

    /// Changes a configuration for the version.
    pub fn config(&mut self, config: &mut Tree) -> Checked {
        if let Some(global) = config.get_mut("global") {
            if let Some(client) = global.get_mut("http_config") {
                self.client(client)?;
            }
            self.apply(&rules::GLOBAL, global, "")?;
        }
        for receiver in config.items_mut("receivers") {
            let name = receiver.str("name").to_owned();
            for rules in rules::RECEIVERS {
                for one in receiver.items_mut(rules.list) {
                    self.receiver(rules, one, &name)?;
                }
            }
        }
        for (number, rule) in config.items_mut("inhibit_rules").iter_mut().enumerate() {
            at(self.inhibit_rule(rule), &format!("inhibit_rules[{number}]"))?;
        }
        if self.before(22) {
            config.remove("mute_time_intervals");
        }
        if self.before(24) {
            config.remove("time_intervals");
        }
        if self.before(25) {
            for list in ["mute_time_intervals", "time_intervals"] {
                self.locations(config.items_mut(list));
            }
        }
        match config.get_mut("route") {
            Some(route) => self.route(route),
            None => Ok(()),
        }
    }

    fn receiver(&mut self, rules: &Rules, receiver: &mut Tree, name: &str) -> Checked {
        if let Some((minor, reason)) = rules.since
            && self.before(minor)
        {
            return Err(reason.to_owned());
        }
        self.apply(rules, receiver, name)?;
        match receiver.get_mut("http_config") {
            Some(client) => self.client(client),
            None => Ok(()),
        }
    }

    fn apply(&mut self, rules: &Rules, tree: &mut Tree, receiver: &str) -> Checked {
        let fields = |receiver: &str| match receiver {
            "" => Vec::new(),
            name => vec![("receiver", name.to_owned())],
        };
        self.drops(rules.drops, tree, &fields(receiver));
        for Pair { first, second, message } in rules.pairs {
            if tree.has(first) && tree.has(second) {
                tree.remove(second);
                self.warn(message, fields(receiver));
            }
        }
        (rules.check)(tree, self.version)
    }

    fn drops(&mut self, drops: &[Drop], tree: &mut Tree, fields: &[(&'static str, String)]) {
        for Drop { key, minor, message } in drops {
            if !self.before(*minor) {
                continue;
            }
            let Some(old) = tree.remove(key) else { continue };
            let is_pointer = matches!(&old.data, Data::Raw(raw) if raw == "false");
            if is_pointer || !old.is_empty() {
                let mut fields = fields.to_vec();
                fields.push(("current_version", self.version.to_string()));
                self.warn(message, fields);
            }
        }
    }

    fn client(&mut self, client: &mut Tree) -> Checked {
        for key in ["authorization", "oauth2"] {
            if self.before(22) && client.get(key).is_some() {
                return Err(format!(
                    "'{key}' set in 'http_config' but supported in Alertmanager >= 0.22.0 only"
                ));
            }
        }
        http_headers(client)?;
        self.drops(rules::HTTP, client, &[]);
        if let Some(tls) = client.get_mut("tls_config") {
            self.drops(rules::TLS, tls, &[]);
            checks::tls_versions(tls)?;
        }
        checks::proxy(client)?;
        let Some(oauth2) = client.get_mut("oauth2") else { return Ok(()) };
        let proxy = ["proxy_url", "no_proxy", "proxy_connect_header"];
        if self.before(25) && proxy.iter().any(|key| oauth2.has(key)) {
            for key in proxy.into_iter().chain(["proxy_from_environment"]) {
                oauth2.remove(key);
            }
            let message = "'proxyConfig' set in 'oauth2' but supported in Alertmanager >= 0.25.0 only - dropping field from provided config";
            self.warn(message, vec![("current_version", self.version.to_string())]);
        }
        Ok(())
    }

    fn inhibit_rule(&mut self, rule: &mut Tree) -> Checked {
        let (target, source) = (rule.has("target_matchers"), rule.has("source_matchers"));
        if self.before(22) {
            if target || source {
                let shown = |key: &str| list_shown(rule.items(key));
                return Err(format!(
                    "target_matchers and source_matchers matching is supported in Alertmanager >= \
                     0.22.0 only (target_matchers={}, source_matchers={})",
                    shown("target_matchers"),
                    shown("source_matchers")
                ));
            }
            return Ok(());
        }
        let old = ["source_match", "target_match", "source_match_re", "target_match_re"];
        if old.iter().any(|key| rule.has(key)) {
            let fields = old.iter().map(|key| (*key, map_shown(rule.get(key)))).collect();
            let message = "inhibit rule is using a deprecated match syntax which will be removed in future versions";
            self.warn(message, fields);
        }
        Ok(())
    }

    fn locations(&mut self, named: &mut [Tree]) {
        for interval in named.iter_mut().flat_map(|one| one.items_mut("time_intervals")) {
            if interval.remove("location").is_some() {
                let message = "time_interval location is supported in Alertmanager >= 0.25.0 only - dropping config";
                self.warn(message, Vec::new());
            }
        }
    }

    fn route(&mut self, route: &mut Tree) -> Checked {
        let receiver = ("receiver", route.str("receiver").to_owned());
        if self.before(22) && route.has("matchers") {
            return Err(format!(
                "invalid syntax in route config for 'matchers' comparison based matching is \
                 supported in Alertmanager >= 0.22.0 only (matchers={})",
                list_shown(route.items("matchers"))
            ));
        }
        if !self.before(22) && (route.has("match") || route.has("match_re")) {
            let (equal, regex) = (map_shown(route.get("match")), map_shown(route.get("match_re")));
            let fields = vec![receiver.clone(), ("match", equal), ("match_re", regex)];
            let message = "'matchers' field is using a deprecated syntax which will be removed in future versions";
            self.warn(message, fields);
        }
        for (minor, key, message) in [
            (
                22,
                "mute_time_intervals",
                "named mute time intervals in route is supported in Alertmanager >= 0.22.0 only - dropping config",
            ),
            (
                24,
                "active_time_intervals",
                "active time intervals in route is supported in Alertmanager >= 0.24.0 only - dropping config",
            ),
        ] {
            if self.before(minor) {
                let shown = list_shown(route.items(key));
                self.warn(message, vec![receiver.clone(), (key, shown)]);
                route.remove(key);
            }
        }
        checks::route_times(route)?;
        for (number, below) in route.items_mut("routes").iter_mut().enumerate() {
            at(self.route(below), &format!("route[{number}]"))?;
        }
        Ok(())
    }
}

/// A list of texts as Go prints it.
fn list_shown(items: &[Tree]) -> String {
    let texts: Vec<&str> = items
        .iter()
        .map(|item| if let Data::Text(text) = &item.data { &**text } else { "" })
        .collect();
    format!("[{}]", texts.join(" "))
}

/// A map of texts as Go prints it.
fn map_shown(map: Option<&Tree>) -> String {
    let entries = map.map(Tree::entries).unwrap_or_default();
    let texts: Vec<String> = entries
        .iter()
        .map(|(key, value)| match &value.data {
            Data::Text(text) => format!("{key}:{text}"),
            _ => format!("{key}:"),
        })
        .collect();
    format!("map[{}]", texts.join(" "))
}
