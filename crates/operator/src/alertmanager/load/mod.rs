//! The checks of Alertmanager's configuration that its types do not express.
//!
//! | file | content |
//! | --- | --- |
//! | here | sections, routes, time intervals, HTTP clients |
//! | `receivers` | one receiver |
//! | `joined` | receivers together with the section `global` |
//!
//! Source: alertmanager 0.34 config/config.go, the methods `UnmarshalYAML`; prometheus/common
//! config/http_config.go.

mod joined;
mod receivers;

use std::collections::BTreeSet;

use go::Duration;
use prometheus::fields::http::reserved_header;
use promql::is_legacy_label_name;

use super::decode;
use super::ranges::minutes;
use super::types::{CONFIG, In};
use crate::store::Checked;
use crate::tree::{Data, Tree};

pub use receivers::*;

/// Checks a configuration as Alertmanager does when it starts.
pub fn check(text: &str) -> Checked {
    let tree = decode::read(text, &CONFIG, In::Alertmanager)?;
    match tree.get("route") {
        None => Err("no route provided in config".to_owned()),
        Some(route) if route.is_true("continue") => {
            Err("cannot have continue in root route".to_owned())
        }
        Some(_) => Ok(()),
    }
}

fn refuse(reason: &str) -> Checked {
    Err(reason.to_owned())
}

fn texts(list: &[Tree]) -> impl Iterator<Item = &str> {
    list.iter().map(|item| if let Data::Text(text) = &item.data { &**text } else { "" })
}

/// Refuses a structure without this key.
pub fn required(tree: &Tree, key: &str, reason: &str) -> Checked {
    if tree.has(key) { Ok(()) } else { refuse(reason) }
}

/// Refuses a structure without a name.
pub fn named(tree: &Tree, reason: &str) -> Checked {
    required(tree, "name", reason)
}

/// Refuses two keys at once.
pub fn at_most_one(tree: &Tree, first: &str, second: &str) -> Checked {
    if tree.has(first) && tree.has(second) {
        return Err(format!("at most one of {first} & {second} must be configured"));
    }
    Ok(())
}

/// Refuses none of two keys, and both.
pub fn one_of(tree: &Tree, first: &str, second: &str) -> Checked {
    if !tree.has(first) && !tree.has(second) {
        return Err(format!("one of {first} or {second} must be configured"));
    }
    at_most_one(tree, first, second)
}

/// Checks the sections together.
pub fn config(config: &Tree) -> Checked {
    let empty = Tree::map();
    let global = config.get("global").unwrap_or(&empty);
    joined::global(global)?;
    let mut names = BTreeSet::new();
    for receiver in config.items("receivers") {
        let name = receiver.str("name");
        if names.contains(name) {
            let quoted = go::quote::quote(name);
            return Err(format!("notification config name {quoted} is not unique"));
        }
        joined::receiver(receiver, global)?;
        names.insert(name);
    }
    let Some(route) = config.get("route") else { return refuse("no routes provided") };
    root_route(route)?;
    receivers_exist(route, &names)?;
    let mut intervals = BTreeSet::new();
    for (list, what) in
        [("mute_time_intervals", "mute time interval"), ("time_intervals", "time interval")]
    {
        for interval in config.items(list) {
            let name = interval.str("name");
            if !intervals.insert(name) {
                return Err(format!("{what} {} is not unique", go::quote::quote(name)));
            }
        }
    }
    intervals_exist(route, &intervals)
}

fn root_route(route: &Tree) -> Checked {
    required(route, "receiver", "root route must specify a default receiver")?;
    for (key, what) in [
        ("match", "matchers"),
        ("match_re", "matchers"),
        ("matchers", "matchers"),
        ("mute_time_intervals", "mute time intervals"),
        ("active_time_intervals", "active time intervals"),
    ] {
        if route.has(key) {
            return Err(format!("root route must not have any {what}"));
        }
    }
    Ok(())
}

fn receivers_exist(route: &Tree, names: &BTreeSet<&str>) -> Checked {
    route.items("routes").iter().try_for_each(|below| receivers_exist(below, names))?;
    let receiver = route.str("receiver");
    if receiver.is_empty() || names.contains(receiver) {
        return Ok(());
    }
    Err(format!("undefined receiver {} used in route", go::quote::quote(receiver)))
}

fn intervals_exist(route: &Tree, names: &BTreeSet<&str>) -> Checked {
    route.items("routes").iter().try_for_each(|below| intervals_exist(below, names))?;
    for key in ["active_time_intervals", "mute_time_intervals"] {
        if let Some(name) = texts(route.items(key)).find(|name| !names.contains(name)) {
            let quoted = go::quote::quote(name);
            return Err(format!("undefined time interval {quoted} used in route"));
        }
    }
    Ok(())
}

fn label_names(map: Option<&Tree>) -> Checked {
    let entries = map.map(Tree::entries).unwrap_or_default();
    match entries.iter().find(|(name, _)| !is_legacy_label_name(name)) {
        Some((name, _)) => Err(format!("invalid label name {}", go::quote::quote(name))),
        None => Ok(()),
    }
}

pub fn route(route: &Tree) -> Checked {
    label_names(route.get("match"))?;
    let groups: Vec<&str> = texts(route.items("group_by")).collect();
    if groups.contains(&"") {
        return refuse("invalid label name \"\" in group_by list");
    }
    if groups.contains(&"...") && groups.iter().any(|group| *group != "...") {
        return refuse("cannot have wildcard group_by (`...`) and other labels at the same time");
    }
    let mut seen = BTreeSet::new();
    for group in groups.into_iter().filter(|group| *group != "...") {
        if !seen.insert(group) {
            return Err(format!("duplicated label {} in group_by", go::quote::quote(group)));
        }
    }
    for key in ["group_interval", "repeat_interval"] {
        let is_zero = Duration::parse(route.str(key)).is_ok_and(|duration| duration.0 == 0);
        if is_zero {
            return Err(format!("{key} cannot be zero"));
        }
    }
    Ok(())
}

pub fn inhibit_rule(rule: &Tree) -> Checked {
    label_names(rule.get("source_match"))?;
    label_names(rule.get("target_match"))?;
    if texts(rule.items("equal")).any(str::is_empty) {
        return refuse("invalid label name \"\" in equal list");
    }
    Ok(())
}

pub fn time_range(range: &Tree) -> Checked {
    let (start, end) = (range.str("start_time"), range.str("end_time"));
    if start.is_empty() || end.is_empty() {
        return refuse("both start and end times must be provided");
    }
    if minutes(start)? >= minutes(end)? {
        return refuse("start time cannot be equal or greater than end time");
    }
    Ok(())
}

/// Refuses headers that the client sets itself.
pub fn http_headers(client: &Tree) -> Checked {
    let headers = client.get("http_headers").map(Tree::entries).unwrap_or_default();
    match headers.iter().find_map(|(name, _)| reserved_header(name)) {
        Some(name) => Err(format!("setting header {} is not allowed", go::quote::quote(&name))),
        None => Ok(()),
    }
}

fn several(tree: &Tree, keys: &[&str], what: &str) -> Checked {
    if keys.iter().filter(|key| tree.has(key)).count() > 1 {
        return Err(format!("at most one of {what} must be configured"));
    }
    Ok(())
}

/// Checks an HTTP client. Source: HTTPClientConfig.Validate.
pub fn http_client(client: &Tree) -> Checked {
    at_most_one(client, "bearer_token", "bearer_token_file")?;
    let set = |key: &str| client.get(key);
    let token = client.has("bearer_token") || client.has("bearer_token_file");
    let (basic, oauth2) = (set("basic_auth"), set("oauth2"));
    if (basic.is_some() || oauth2.is_some()) && token {
        return refuse(
            "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured",
        );
    }
    if let Some(basic) = basic {
        for part in ["username", "password"] {
            let keys = [part, &format!("{part}_file"), &format!("{part}_ref")];
            several(basic, &keys, &format!("basic_auth {part}, {part}_file & {part}_ref"))?;
        }
    }
    if let Some(authorization) = set("authorization") {
        if token {
            return refuse("authorization is not compatible with bearer_token & bearer_token_file");
        }
        let keys = ["credentials", "credentials_file", "credentials_ref"];
        several(authorization, &keys, "authorization credentials & credentials_file")?;
        if authorization.str("type").trim().eq_ignore_ascii_case("basic") {
            return refuse(
                "authorization type cannot be set to \"basic\", use \"basic_auth\" instead",
            );
        }
        if basic.is_some() || oauth2.is_some() {
            return refuse("at most one of basic_auth, oauth2 & authorization must be configured");
        }
    }
    if basic.is_some() && oauth2.is_some() {
        return refuse("at most one of basic_auth, oauth2 & authorization must be configured");
    }
    proxy(client)?;
    http_headers(client)
}

pub fn oauth2(oauth2: &Tree) -> Checked {
    required(oauth2, "client_id", "oauth2 client_id must be configured")?;
    required(oauth2, "token_url", "oauth2 token_url must be configured")?;
    let keys = ["client_secret", "client_secret_file", "client_secret_ref"];
    if oauth2.str("grant_type").is_empty() && keys.iter().filter(|key| oauth2.has(key)).count() > 1
    {
        return refuse(
            "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be \
             configured using grant-type=client_credentials",
        );
    }
    proxy(oauth2)
}

fn proxy(client: &Tree) -> Checked {
    go::url::parse(client.str("proxy_url"))?;
    let environment = client.is_true("proxy_from_environment");
    let (url, exceptions) = (client.has("proxy_url"), client.has("no_proxy"));
    if client.has("proxy_connect_header") && !environment && !url {
        return refuse(
            "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also \
             be configured",
        );
    }
    if environment && url {
        return refuse("if proxy_from_environment is configured, proxy_url must not be configured");
    }
    if environment && exceptions {
        return refuse("if proxy_from_environment is configured, no_proxy must not be configured");
    }
    if !url && exceptions {
        return refuse("if no_proxy is configured, proxy_url must also be configured");
    }
    Ok(())
}

/// Checks the keys and the versions of TLS. Source: TLSConfig.Validate, TLSVersion.UnmarshalYAML.
pub fn tls(tls: &Tree) -> Checked {
    for key in ["min_version", "max_version"] {
        let version = tls.str(key);
        if !["", "TLS10", "TLS11", "TLS12", "TLS13"].contains(&version) {
            return Err(format!("unknown TLS version: {version}"));
        }
    }
    for (part, what) in [
        ("ca", "ca, ca_file & ca_ref"),
        ("cert", "cert, cert_file & cert_ref"),
        ("key", "key and key_file"),
    ] {
        several(tls, &[part, &format!("{part}_file"), &format!("{part}_ref")], what)?;
    }
    let any = |part: &str| {
        [part, &format!("{part}_file"), &format!("{part}_ref")].iter().any(|key| tls.has(key))
    };
    match (any("cert"), any("key")) {
        (true, false) => refuse(
            "exactly one of key or key_file must be configured when a client certificate is \
             configured",
        ),
        (false, true) => refuse(
            "exactly one of cert or cert_file must be configured when a client key is configured",
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: &str = "route: {receiver: a}\nreceivers:\n- name: a\n";

    #[test]
    fn sections_and_receivers_are_checked() {
        let with = |receiver: &str| format!("{DEFAULT}  {receiver}\n");
        let global = |global: &str, receiver: &str| format!("global: {global}\n{}", with(receiver));
        for (text, expected) in [
            (DEFAULT.to_owned(), ""),
            (
                "rout: {}".to_owned(),
                "yaml: unmarshal errors:\n  line 1: field rout not found in type config.plain",
            ),
            ("receivers: []".to_owned(), "no routes provided"),
            (String::new(), "no route provided in config"),
            (
                "route: {receiver: a}\nreceivers: []".to_owned(),
                "undefined receiver \"a\" used in route",
            ),
            (
                "route: {receiver: a, routes: [{receiver: b}]}\nreceivers: [{name: a}]".to_owned(),
                "undefined receiver \"b\" used in route",
            ),
            (
                "route: {receiver: a}\nreceivers: [{name: a}, {name: a}]".to_owned(),
                "notification config name \"a\" is not unique",
            ),
            (
                "route: {receiver: a, continue: true}\nreceivers: [{name: a}]".to_owned(),
                "cannot have continue in root route",
            ),
            (
                "route: {receiver: a, group_by: [x, x]}\nreceivers: [{name: a}]".to_owned(),
                "duplicated label \"x\" in group_by",
            ),
            (
                with("slack_configs: [{channel: x}]"),
                "no Slack API URL nor App token set either inline or in a file",
            ),
            (global("{slack_api_url: 'https://a'}", "slack_configs: [{channel: x}]"), ""),
            (with("email_configs: [{to: x}]"), "no global SMTP smarthost set"),
            (with("webhook_configs: [null]"), "missing webhook config"),
            (with("webhook_configs: [{url: '{{ .X }}'}]"), ""),
            (with("webhook_configs: [{url: a}]"), "invalid URL: unsupported scheme \"\" for URL"),
            (
                with("webhook_configs: [{url: 'http://a', max_alerts: x}]"),
                "yaml: unmarshal errors:\n  line 4: cannot unmarshal !!str `x` into uint64",
            ),
            (
                with("webex_configs: [{room_id: x}]"),
                "missing webex_configs.http_config.authorization",
            ),
            (
                with("telegram_configs: [{bot_token: x, chat_id: 1, parse_mode: y}]"),
                "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string",
            ),
            (
                format!(
                    "{DEFAULT}time_intervals:\n- name: t\n  time_intervals: [{{months: ['13:x']}}]"
                ),
                "x is not a valid month",
            ),
        ] {
            assert_eq!(check(&text).err().unwrap_or_default(), expected, "{text}");
        }
    }
}
