//! AlertmanagerConfigs: routes, receivers and time intervals.
//!
//! Of the settings of receivers only their URLs are checked.
//!
//! Source: prometheus-operator pkg/alertmanager/validation/v1alpha1.

use std::collections::BTreeSet;

use kubernetes::object::Value;

use crate::checks::at;
use crate::store::Checked;

/// Deepest tree of routes that is followed.
const MAX_DEPTH: usize = 64;

/// Lists of settings with a URL: list, field.
static URLS: &[(&str, &str)] = &[
    ("pagerdutyConfigs", "url"),
    ("opsgenieConfigs", "apiURL"),
    ("webhookConfigs", "url"),
    ("wechatConfigs", "apiURL"),
    ("victoropsConfigs", "apiUrl"),
    ("snsConfigs", "apiURL"),
    ("telegramConfigs", "apiURL"),
    ("webexConfigs", "apiURL"),
];

/// Checks an AlertmanagerConfig as the admission webhook does.
pub fn validate(config: &Value) -> Checked {
    let spec = &config["spec"];
    let mut receivers = BTreeSet::new();
    for receiver in spec.list("receivers") {
        let name = receiver.str("name");
        if !receivers.insert(name) {
            return Err(format!("{} receiver is not unique: <nil>", go::quote::quote(name)));
        }
        for (list, field) in URLS {
            for (number, one) in receiver.list(list).iter().enumerate() {
                let Some(text) = one[*field].as_str() else { continue };
                let checked = at(valid_url(text), &format!("invalid '{field}'"));
                at(checked, &format!("'{list}'[{number}]"))?;
            }
        }
    }
    let intervals = spec.list("muteTimeIntervals").iter().map(|one| one.str("name")).collect();
    route(&spec["route"], &receivers, &intervals, 0)
}

fn valid_url(text: &str) -> Checked {
    let url = go::url::parse(text)?;
    if !matches!(&*url.scheme, "http" | "https") {
        return Err(format!("unsupported scheme {} for URL", go::quote::quote(&url.scheme)));
    }
    if url.host.is_empty() {
        return Err("missing host for URL".to_owned());
    }
    Ok(())
}

fn route(
    route: &Value,
    receivers: &BTreeSet<&str>,
    intervals: &BTreeSet<&str>,
    depth: usize,
) -> Checked {
    if route.is_null() || depth > MAX_DEPTH {
        return Ok(());
    }
    let receiver = route.str("receiver");
    if receiver.is_empty() && depth == 0 {
        return Err("root route must define a receiver".to_owned());
    }
    let quote = go::quote::quote;
    if !receiver.is_empty() && !receivers.contains(receiver) {
        return Err(format!("receiver {} not found", quote(receiver)));
    }
    let groups: Vec<&str> = route.list("groupBy").iter().filter_map(Value::as_str).collect();
    let unique: BTreeSet<&str> = groups.iter().copied().collect();
    let shown = groups.join(" ");
    if unique.len() < groups.len() {
        return Err(format!("duplicate values not permitted in route 'groupBy': [{shown}]"));
    }
    if groups.len() > 1 && unique.contains("...") {
        return Err(format!("'...' must be a sole value in route 'groupBy': [{shown}]"));
    }
    for (field, what) in
        [("muteTimeIntervals", "mute time interval"), ("activeTimeIntervals", "time interval")]
    {
        let mut names = route.list(field).iter().filter_map(Value::as_str);
        if let Some(unknown) = names.find(|name| !intervals.contains(name)) {
            return Err(format!("{what} {} not found", quote(unknown)));
        }
    }
    for (number, below) in route.list("routes").iter().enumerate() {
        at(self::route(below, receivers, intervals, depth + 1), &format!("route[{number}]"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn routes_and_receivers_are_checked() {
        for (spec, expected) in [
            (r#"{"route":{"receiver":"a"},"receivers":[{"name":"a"}]}"#, None),
            (r#"{"receivers":[{"name":"a"}]}"#, None),
            (
                r#"{"route":{"receiver":"b"},"receivers":[{"name":"a"}]}"#,
                Some("receiver \"b\" not found"),
            ),
            (
                r#"{"route":{"receiver":"a","routes":[{"receiver":"c"}]},"receivers":[{"name":"a"}]}"#,
                Some("route[0]: receiver \"c\" not found"),
            ),
            (
                r#"{"route":{"receiver":"a","muteTimeIntervals":["n"]},"receivers":[{"name":"a"}]}"#,
                Some("mute time interval \"n\" not found"),
            ),
            (
                r#"{"route":{"receiver":"a"},"receivers":[{"name":"a","webhookConfigs":[{"url":"x.example.org"}]}]}"#,
                Some("'webhookConfigs'[0]: invalid 'url': unsupported scheme \"\" for URL"),
            ),
        ] {
            let config = parse_json(&format!(r#"{{"spec":{spec}}}"#)).expect("JSON");
            assert_eq!(validate(&config).err().as_deref(), expected, "{spec}");
        }
    }
}
