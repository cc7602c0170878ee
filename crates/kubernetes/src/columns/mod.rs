//! Columns of the tables that `kubectl get` prints: a name, a width class and the text of a cell.
//!
//! | file | content |
//! | --- | --- |
//! | `pods` | the columns of pods |
//! | `workloads` | the columns of what makes pods |
//! | `batch` | the columns of Jobs, autoscalers, endpoints and events |
//! | `cluster` | the columns of quotas, roles, classes and extensions |
//! | `others` | the columns of the other kinds |
//!
//! Source: pkg/printers/internalversion/printers.go.

mod batch;
mod cluster;
mod others;
mod pods;
mod workloads;

pub use batch::{
    CRON_JOB, ENDPOINT_SLICE, ENDPOINTS, EVENT, HORIZONTAL_POD_AUTOSCALER, JOB,
    POD_DISRUPTION_BUDGET,
};
pub use cluster::{
    API_SERVICE, COMPONENT_STATUS, CONTROLLER_REVISION, CSI_DRIVER, CSI_NODE, LEASE,
    NAME_AND_CREATED, POD_TEMPLATE, PRIORITY_CLASS, RESOURCE_QUOTA, ROLE_BINDING, RUNTIME_CLASS,
    VOLUME_ATTACHMENT, WEBHOOKS,
};
pub use others::{
    CONFIG_MAP, INGRESS, INGRESS_CLASS, NAMESPACE, NETWORK_POLICY, NODE, PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM, SECRET, SERVICE, STORAGE_CLASS, VOLUME_ATTRIBUTES_CLASS, access_modes,
    node_roles,
};
pub use pods::POD;
pub use workloads::{DAEMON_SET, DEPLOYMENT, REPLICA_SET, REPLICATION_CONTROLLER, STATEFUL_SET};

use crate::object::Value;

/// One column of a table.
#[derive(Clone, Copy)]
pub struct Column {
    /// The heading, in capitals.
    pub name: &'static str,
    /// Only `-o wide` shows the column.
    pub wide: bool,
    /// The text of a cell; the second argument is the time in seconds since the epoch.
    pub cell: fn(&Value, i64) -> String,
}

/// A column that is always shown.
const fn column(name: &'static str, cell: fn(&Value, i64) -> String) -> Column {
    Column { name, wide: false, cell }
}

/// A column of `-o wide`.
const fn wide(name: &'static str, cell: fn(&Value, i64) -> String) -> Column {
    Column { name, wide: true, cell }
}

const NAME: Column = column("NAME", |object, _| object["metadata"].str("name").to_owned());
const AGE: Column =
    column("AGE", |object, now| age(object["metadata"].str("creationTimestamp"), now));

/// The columns of a kind without columns of its own.
pub const NAME_AND_AGE: &[Column] = &[NAME, AGE];

/// The time from a moment to now: `5m56s`. A moment that is not set gives `<unknown>`.
pub fn age(since: &str, now: i64) -> String {
    seconds(since).map_or_else(|| "<unknown>".to_owned(), |since| human_duration(now - since))
}

/// Parses `2026-01-01T00:00:00Z` as seconds since 1970.
pub fn seconds(text: &str) -> Option<i64> {
    go::rfc3339::parse(text).map(go::time::DateTime::unix)
}

/// The last time of an Event; empty if it has none.
pub fn event_time(event: &Value) -> &str {
    let series = event["series"].str("lastObservedTime");
    [series, event.str("lastTimestamp"), event.str("eventTime")]
        .into_iter()
        .find(|time| !time.is_empty())
        .unwrap_or_default()
}

/// A duration with at most two units. Source: apimachinery pkg/util/duration HumanDuration.
pub fn human_duration(seconds: i64) -> String {
    let two = |large: i64, unit: char, small: i64, next: char| match small {
        0 => format!("{large}{unit}"),
        small => format!("{large}{unit}{small}{next}"),
    };
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match () {
        _ if seconds < -1 => "<invalid>".to_owned(),
        _ if seconds < 0 => "0s".to_owned(),
        _ if seconds < 120 => format!("{seconds}s"),
        _ if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
        _ if minutes < 180 => format!("{minutes}m"),
        _ if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        _ if hours < 48 => format!("{hours}h"),
        _ if hours < 192 => two(hours / 24, 'd', hours % 24, 'h'),
        _ if hours < 24 * 365 * 2 => format!("{}d", hours / 24),
        _ if hours < 24 * 365 * 8 => two(hours / 24 / 365, 'y', hours / 24 % 365, 'd'),
        _ => format!("{}y", hours / 24 / 365),
    }
}

/// The text, or `<none>` if it is empty.
fn or_none(text: &str) -> String {
    if text.is_empty() { "<none>".to_owned() } else { text.to_owned() }
}

/// Labels as `a=b,c=d`; `<none>` without any.
pub fn labels(labels: &Value) -> String {
    let pairs: Vec<String> = (labels.as_map().into_iter().flat_map(crate::object::Map::iter))
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    or_none(&pairs.join(","))
}

/// A label selector as text: pairs and requirements, sorted by key.
pub fn selector(selector: &Value) -> String {
    let mut terms: Vec<(String, String)> = selector
        .entries("matchLabels")
        .map(|(key, value)| {
            (key.to_string(), format!("{key}={}", value.as_str().unwrap_or_default()))
        })
        .collect();
    for term in selector.list("matchExpressions") {
        let key = term.str("key");
        let mut values: Vec<&str> = term.list("values").iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let text = match term.str("operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        };
        terms.push((key.to_owned(), text));
    }
    terms.sort_by(|left, right| left.0.cmp(&right.0));
    let terms: Vec<String> = terms.into_iter().map(|(_, text)| text).collect();
    or_none(&terms.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_at_most_two_units() {
        for (seconds, text) in [
            (-5, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (356, "5m56s"),
            (600, "10m"),
            (179 * 60, "179m"),
            (3 * 3600 + 60, "3h1m"),
            (8 * 3600, "8h"),
            (48 * 3600, "2d"),
            (49 * 3600, "2d1h"),
            (8 * 86_400, "8d"),
            (800 * 86_400, "2y70d"),
            (3000 * 86_400, "8y"),
        ] {
            assert_eq!(human_duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn selectors_are_sorted_by_key() {
        let given = crate::object::parse_json(
            r#"{"matchLabels":{"b":"x"},"matchExpressions":[{"key":"a","operator":"In","values":["q","p"]},{"key":"c","operator":"DoesNotExist"}]}"#,
        );
        assert_eq!(selector(&given.expect("JSON")), "a in (p,q),b=x,!c");
    }
}
