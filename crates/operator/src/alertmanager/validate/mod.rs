//! Checks of an AlertmanagerConfig that need no other object, as the admission webhook makes them.
//!
//! | file | content |
//! | --- | --- |
//! | here | receivers' names, routes, time intervals, the global configuration |
//! | `receivers` | the settings of receivers |
//!
//! Source: prometheus-operator pkg/alertmanager/validation/v1alpha1 ValidateAlertmanagerConfig,
//! pkg/alertmanager/validation/v1, pkg/apis/monitoring/v1alpha1/validation.go.

mod receivers;

use std::collections::BTreeSet;

use kubernetes::object::Value;

use super::ranges::{Range, minutes};
use super::url;
use crate::checks::{at, valid_http, valid_proxy, valid_safe_tls};
use crate::store::Checked;

/// Deepest tree of routes that is followed.
const MAX_DEPTH: usize = 64;

/// Checks an AlertmanagerConfig.
pub fn validate(config: &Value) -> Checked {
    let spec = &config["spec"];
    let mut names = BTreeSet::new();
    for receiver in spec.list("receivers") {
        let name = receiver.str("name");
        let quoted = go::quote::quote(name);
        if !names.insert(name) {
            return Err(format!("{quoted} receiver is not unique"));
        }
        at(receivers::receiver(receiver), &format!("failed to validate receiver {quoted}"))?;
    }
    let mut intervals = BTreeSet::new();
    for (number, interval) in spec.list("muteTimeIntervals").iter().enumerate() {
        at(time_interval(interval), &format!("mute time interval[{number}] is invalid"))?;
        intervals.insert(interval.str("name"));
    }
    route(&spec["route"], &names, &intervals, 0)
}

fn time_interval(interval: &Value) -> Checked {
    if interval.str("name").is_empty() {
        return Err("empty name field for mute time interval".to_owned());
    }
    for (number, one) in interval.list("timeIntervals").iter().enumerate() {
        for range in one.list("times") {
            at(time_range(range), &format!("time range at {number} is invalid"))?;
        }
        for (field, unit, what) in [
            ("weekdays", Range::Weekday, "weekday range"),
            (
                "daysOfMonth",
                Range::DayOfMonth,
                "mute time interval is invalid - day of month range",
            ),
            ("months", Range::Month, "month range"),
            ("years", Range::Year, "year range"),
        ] {
            for range in one.list(field) {
                at(unit.of_field(range), &format!("{what} at {number} is invalid"))?;
            }
        }
    }
    Ok(())
}

fn time_range(range: &Value) -> Checked {
    let (start, end) = (range.str("startTime"), range.str("endTime"));
    if start.is_empty() || end.is_empty() {
        return Err("start and end are required".to_owned());
    }
    let from = at(minutes(start), "start time invalid")?;
    let to = at(minutes(end), "end time invalid")?;
    if from >= to {
        return Err(format!("start time {from} cannot be equal or greater than end time {to}"));
    }
    Ok(())
}

/// Checks a matcher. Those without a match type are older ones, and not checked.
pub fn matcher(matcher: &Value) -> Checked {
    let kind = matcher.str("matchType");
    if kind.is_empty() {
        return Ok(());
    }
    if !matches!(kind, "=" | "!=" | "=~" | "!~") {
        return Err(format!("invalid 'matchType' '{kind}' provided'"));
    }
    if matcher.str("name").trim().is_empty() {
        return Err("matcher 'name' is required".to_owned());
    }
    Ok(())
}

/// Fields of a route and of its matchers. The schema of the custom resource does not know the routes
/// below the root.
static ROUTE_FIELDS: &[&str] = &[
    "receiver",
    "groupBy",
    "groupWait",
    "groupInterval",
    "repeatInterval",
    "matchers",
    "continue",
    "routes",
    "muteTimeIntervals",
    "activeTimeIntervals",
];
static MATCHER_FIELDS: &[&str] = &["name", "value", "matchType", "regex"];

/// Refuses unknown fields of a route below the root. Source: Route.ChildRoutes.
fn known_fields(route: &Value) -> Checked {
    let unknown = |value: &Value, known: &[&str]| {
        let keys = value.as_map().into_iter().flat_map(|map| map.keys());
        let mut keys = keys.filter(|key| !known.iter().any(|name| name.eq_ignore_ascii_case(key)));
        keys.next().map(|key| format!("json: unknown field {}", go::quote::quote(key)))
    };
    let in_matchers =
        || route.list("matchers").iter().find_map(|matcher| unknown(matcher, MATCHER_FIELDS));
    match unknown(route, ROUTE_FIELDS).or_else(in_matchers) {
        Some(reason) => Err(reason),
        None => Ok(()),
    }
}

fn group_by(route: &Value) -> Checked {
    let groups: Vec<&str> = route.list("groupBy").iter().filter_map(Value::as_str).collect();
    let unique: BTreeSet<&str> = groups.iter().copied().collect();
    let shown = groups.join(" ");
    if unique.len() < groups.len() {
        return Err(format!("duplicate values not permitted in route 'groupBy': [{shown}]"));
    }
    if groups.len() > 1 && unique.contains("...") {
        return Err(format!("'...' must be a sole value in route 'groupBy': [{shown}]"));
    }
    Ok(())
}

fn route(
    route: &Value,
    receivers: &BTreeSet<&str>,
    intervals: &BTreeSet<&str>,
    depth: usize,
) -> Checked {
    if route.is_null() {
        return Ok(());
    }
    if depth > MAX_DEPTH {
        return Err("json: exceeded max depth".to_owned());
    }
    let receiver = route.str("receiver");
    if receiver.is_empty() && depth == 0 {
        return Err("root route must define a receiver".to_owned());
    }
    let quote = go::quote::quote;
    if !receiver.is_empty() && !receivers.contains(receiver) {
        return Err(format!("receiver {} not found", quote(receiver)));
    }
    group_by(route)?;
    for (field, what) in
        [("muteTimeIntervals", "mute time interval"), ("activeTimeIntervals", "time interval")]
    {
        let mut names = route.list(field).iter().filter_map(Value::as_str);
        if let Some(unknown) = names.find(|name| !intervals.contains(name)) {
            return Err(format!("{what} {} not found", quote(unknown)));
        }
    }
    for (number, one) in route.list("matchers").iter().enumerate() {
        at(matcher(one), &format!("matcher[{number}]"))?;
    }
    for (number, below) in route.list("routes").iter().enumerate() {
        at(known_fields(below), &format!("route[{number}]"))?;
    }
    for (number, below) in route.list("routes").iter().enumerate() {
        at(self::route(below, receivers, intervals, depth + 1), &format!("route[{number}]"))?;
    }
    Ok(())
}

/// Groups of the global configuration with a URL, as messages name them.
static GLOBAL_URLS: &[(&str, &str)] = &[
    ("telegram", "telegram"),
    ("jira", "jira"),
    ("victorops", "victorops"),
    ("rocketChat", "rocketChat"),
    ("webex", "webex"),
    ("wechat", "'wechat'"),
];

/// Checks the global configuration of an Alertmanager.
pub fn global(global: &Value) -> Checked {
    let client = &global["httpConfig"];
    let checked = valid_http(client)
        .and_then(|()| at(valid_safe_tls(&client["tlsConfig"]), "tlsConfig"))
        .and_then(|()| valid_proxy(client));
    at(checked, "'httpConfig'")?;
    for (group, shown) in GLOBAL_URLS {
        let text = global[*group].str("apiURL");
        if !text.is_empty() {
            at(url::valid(text), &format!("{shown}: invalid 'apiURL'"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn routes_and_intervals_are_checked() {
        let receivers = r#""receivers":[{"name":"a"}]"#;
        for (spec, expected) in [
            (r#""route":{"receiver":"a"}"#, ""),
            (r#""route":{"receiver":"b"}"#, "receiver \"b\" not found"),
            (r#""route":{"receiver":""}"#, "root route must define a receiver"),
            (
                r#""route":{"receiver":"a","routes":[{"receiver":"c"}]}"#,
                "route[0]: receiver \"c\" not found",
            ),
            (
                r#""route":{"receiver":"a","routes":[{"recevier":"a"}]}"#,
                "route[0]: json: unknown field \"recevier\"",
            ),
            (
                r#""route":{"receiver":"a","muteTimeIntervals":["n"]}"#,
                "mute time interval \"n\" not found",
            ),
            (
                r#""route":{"receiver":"a","groupBy":["x","x"]}"#,
                "duplicate values not permitted in route 'groupBy': [x x]",
            ),
            (
                r#""route":{"receiver":"a","matchers":[{"name":" ","matchType":"="}]}"#,
                "matcher[0]: matcher 'name' is required",
            ),
            (
                r#""muteTimeIntervals":[{"name":"t","timeIntervals":[{"months":["may:april"]}]}]"#,
                "mute time interval[0] is invalid: month range at 0 is invalid: end month april is before start month may",
            ),
            (
                r#""muteTimeIntervals":[{"name":"t","timeIntervals":[{"weekdays":["fryday"]}]}]"#,
                "mute time interval[0] is invalid: weekday range at 0 is invalid: failed to parse start day from weekday range: fryday is an invalid weekday",
            ),
            (
                r#""muteTimeIntervals":[{"name":"t","timeIntervals":[{"daysOfMonth":[{"start":-3,"end":2}]}]}]"#,
                "mute time interval[0] is invalid: mute time interval is invalid - day of month range at 0 is invalid: end day must be negative if start day is negative",
            ),
        ] {
            let text = format!(r#"{{"spec":{{{spec},{receivers}}}}}"#);
            let config = parse_json(&text).expect("JSON");
            assert_eq!(validate(&config).err().unwrap_or_default(), expected, "{spec}");
        }
    }
}
