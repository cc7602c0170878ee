//! The columns of Jobs, autoscalers, budgets, endpoints and events.
//!
//! Source: pkg/printers/internalversion/printers.go printJob and the like.

use super::workloads::{CONTAINERS, IMAGES, SELECTOR};
use super::{AGE, Column, NAME, age, column, human_duration, or_none, seconds, selector, wide};
use crate::object::{Value, go_value, quantity};

/// Items that a list shows before `more`.
const MOST: usize = 3;

fn has_condition(object: &Value, name: &str) -> bool {
    let mut conditions = object["status"].list("conditions").iter();
    conditions.any(|one| one.str("type") == name && one.str("status") == "True")
}

fn job_status(job: &Value, _: i64) -> String {
    let going = job["metadata"].has("deletionTimestamp");
    let state = match () {
        _ if has_condition(job, "Complete") => "Complete",
        _ if has_condition(job, "Failed") => "Failed",
        _ if going => "Terminating",
        _ if has_condition(job, "Suspended") => "Suspended",
        _ if has_condition(job, "FailureTarget") => "FailureTarget",
        _ if has_condition(job, "SuccessCriteriaMet") => "SuccessCriteriaMet",
        _ => "Running",
    };
    state.to_owned()
}

fn completions(job: &Value, _: i64) -> String {
    let (spec, succeeded) = (&job["spec"], job["status"].int("succeeded"));
    match (spec["completions"].as_int(), spec.int("parallelism")) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{succeeded}/1 of {parallel}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

fn job_duration(job: &Value, now: i64) -> String {
    let status = &job["status"];
    let Some(start) = seconds(status.str("startTime")) else { return String::new() };
    human_duration(seconds(status.str("completionTime")).unwrap_or(now) - start)
}

pub const JOB: &[Column] = &[
    NAME,
    column("STATUS", job_status),
    column("COMPLETIONS", completions),
    column("DURATION", job_duration),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

fn template_containers(job: &Value, key: &str) -> String {
    let template = job.at(&["spec", "jobTemplate", "spec", "template", "spec"]);
    template.list("containers").iter().map(|one| one.str(key)).collect::<Vec<_>>().join(",")
}

pub const CRON_JOB: &[Column] = &[
    NAME,
    column("SCHEDULE", |job, _| job["spec"].str("schedule").to_owned()),
    column("TIMEZONE", |job, _| or_none(job["spec"].str("timeZone"))),
    column("SUSPEND", |job, _| match job["spec"]["suspend"].as_bool() {
        Some(true) => "True".to_owned(),
        Some(false) => "False".to_owned(),
        None => "<unset>".to_owned(),
    }),
    column("ACTIVE", |job, _| job["status"].list("active").len().to_string()),
    column("LAST SCHEDULE", |job, now| match job["status"].str("lastScheduleTime") {
        "" => "<none>".to_owned(),
        time => age(time, now),
    }),
    AGE,
    wide("CONTAINERS", |job, _| template_containers(job, "name")),
    wide("IMAGES", |job, _| template_containers(job, "image")),
    wide("SELECTOR", |job, _| selector(&job.at(&["spec", "jobTemplate", "spec"])["selector"])),
];

/// The current value and the target of a metric.
fn metric(metric: &Value, current: &Value) -> String {
    let (key, named) = match metric.str("type") {
        "Resource" => ("resource", true),
        "ContainerResource" => ("containerResource", true),
        "Pods" => ("pods", false),
        "Object" => ("object", false),
        "External" => ("external", false),
        _ => return "<unknown type>".to_owned(),
    };
    let (source, now) = (&metric[key], &current[key]["current"]);
    let target = &source["target"];
    let amount = |value: &Value| {
        let text = go_value(value);
        quantity::canonical(&text).unwrap_or(text)
    };
    let now = |key: &str, text: &dyn Fn(&Value) -> String| {
        if now.has(key) { text(&now[key]) } else { "<unknown>".to_owned() }
    };
    let title = if named { format!("{}: ", source.str("name")) } else { String::new() };
    if target.has("averageValue") {
        let note = if matches!(key, "object" | "external") { " (avg)" } else { "" };
        let wanted = amount(&target["averageValue"]);
        return format!("{title}{}/{wanted}{note}", now("averageValue", &amount));
    }
    if named {
        let percent = |value: &Value| format!("{}%", value.as_int().unwrap_or_default());
        let wanted = &target["averageUtilization"];
        let wanted = if wanted.is_null() { "<auto>".to_owned() } else { percent(wanted) };
        return format!("{title}{}/{wanted}", now("averageUtilization", &percent));
    }
    format!("{}/{}", now("value", &amount), amount(&target["value"]))
}

fn targets(autoscaler: &Value, _: i64) -> String {
    const SHOWN: usize = 2;
    let metrics = autoscaler["spec"].list("metrics");
    let current = autoscaler["status"].list("currentMetrics");
    let all: Vec<String> = metrics
        .iter()
        .enumerate()
        .map(|(number, one)| metric(one, current.get(number).unwrap_or(&Value::Null)))
        .collect();
    let shown = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => "<none>".to_owned(),
        count if count > SHOWN => format!("{shown} + {} more...", count - SHOWN),
        _ => shown,
    }
}

pub const HORIZONTAL_POD_AUTOSCALER: &[Column] = &[
    NAME,
    column("REFERENCE", |one, _| {
        let target = &one["spec"]["scaleTargetRef"];
        format!("{}/{}", target.str("kind"), target.str("name"))
    }),
    column("TARGETS", targets),
    column("MINPODS", |one, _| match one["spec"]["minReplicas"].as_int() {
        Some(least) => least.to_string(),
        None => "<unset>".to_owned(),
    }),
    column("MAXPODS", |one, _| one["spec"].int("maxReplicas").to_string()),
    column("REPLICAS", |one, _| one["status"].int("currentReplicas").to_string()),
    AGE,
];

fn available(budget: &Value, key: &str) -> String {
    let value = &budget["spec"][key];
    if value.is_null() { "N/A".to_owned() } else { go_value(value) }
}

pub const POD_DISRUPTION_BUDGET: &[Column] = &[
    NAME,
    column("MIN AVAILABLE", |budget, _| available(budget, "minAvailable")),
    column("MAX UNAVAILABLE", |budget, _| available(budget, "maxUnavailable")),
    column("ALLOWED DISRUPTIONS", |budget, _| {
        budget["status"].int("disruptionsAllowed").to_string()
    }),
    AGE,
];

/// The first items with the number of those that follow.
fn with_more(items: &[String]) -> String {
    let shown = items.iter().take(MOST).cloned().collect::<Vec<_>>().join(",");
    if items.len() > MOST { format!("{shown} + {} more...", items.len() - MOST) } else { shown }
}

fn endpoints(endpoints: &Value, _: i64) -> String {
    if endpoints.list("subsets").is_empty() {
        return "<none>".to_owned();
    }
    let mut all = Vec::new();
    for subset in endpoints.list("subsets") {
        let addresses = || subset.list("addresses").iter().map(|one| one.str("ip"));
        if subset.list("ports").is_empty() {
            all.extend(addresses().map(str::to_owned));
        }
        for port in subset.list("ports") {
            let port = port.int("port");
            all.extend(addresses().map(|address| go::net::join_host_port(address, port)));
        }
    }
    with_more(&all)
}

pub const ENDPOINTS: &[Column] = &[NAME, column("ENDPOINTS", endpoints), AGE];

fn unset_if_empty(text: String) -> String {
    if text.is_empty() { "<unset>".to_owned() } else { text }
}

pub const ENDPOINT_SLICE: &[Column] = &[
    NAME,
    column("ADDRESSTYPE", |slice, _| slice.str("addressType").to_owned()),
    column("PORTS", |slice, _| {
        let ports = slice.list("ports").iter().map(|port| {
            match (port["port"].as_int(), port.get("name")) {
                (Some(number), _) => number.to_string(),
                (None, Some(name)) => name.as_str().unwrap_or_default().to_owned(),
                (None, None) => "*".to_owned(),
            }
        });
        unset_if_empty(with_more(&ports.collect::<Vec<_>>()))
    }),
    column("ENDPOINTS", |slice, _| {
        let addresses = slice.list("endpoints").iter().flat_map(|one| one.list("addresses"));
        let addresses = addresses.filter_map(Value::as_str).map(str::to_owned);
        unset_if_empty(with_more(&addresses.collect::<Vec<_>>()))
    }),
    AGE,
];

fn first_seen(event: &Value, now: i64) -> String {
    match event.str("firstTimestamp") {
        "" => age(event.str("eventTime"), now),
        time => age(time, now),
    }
}

fn last_seen(event: &Value, now: i64) -> String {
    let series = &event["series"];
    match (series.is_null(), event.str("lastTimestamp")) {
        (false, _) => age(series.str("lastObservedTime"), now),
        (true, "") => first_seen(event, now),
        (true, time) => age(time, now),
    }
}

fn event_source(event: &Value, _: i64) -> String {
    let source = &event["source"];
    let (component, host) = match source.str("component") {
        "" => (event.str("reportingComponent"), event.str("reportingInstance")),
        component => (component, source.str("host")),
    };
    if host.is_empty() { component.to_owned() } else { format!("{component}, {host}") }
}

pub const EVENT: &[Column] = &[
    column("LAST SEEN", last_seen),
    column("TYPE", |event, _| event.str("type").to_owned()),
    column("REASON", |event, _| event.str("reason").to_owned()),
    column("OBJECT", |event, _| {
        let object = &event["involvedObject"];
        let kind = object.str("kind").to_lowercase();
        match object.str("name") {
            "" => kind,
            name => format!("{kind}/{name}"),
        }
    }),
    wide("SUBOBJECT", |event, _| event["involvedObject"].str("fieldPath").to_owned()),
    wide("SOURCE", event_source),
    column("MESSAGE", |event, _| event.str("message").trim().to_owned()),
    wide("FIRST SEEN", first_seen),
    wide("COUNT", |event, _| {
        let (count, series) = (event.int("count"), &event["series"]);
        if series.is_null() { count.max(1) } else { series.int("count") }.to_string()
    }),
    wide("NAME", |event, _| event["metadata"].str("name").to_owned()),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    fn row(columns: &[Column], object: &str) -> Vec<String> {
        let object = parse_json(object).expect("the test has valid JSON");
        columns
            .iter()
            .filter(|column| !column.wide && column.name != "AGE")
            .map(|column| (column.cell)(&object, 100))
            .collect()
    }

    #[test]
    fn rows_hold_what_the_server_prints() {
        for (columns, object, expected) in [
            (
                JOB,
                r#"{"metadata":{"name":"j"},"spec":{"completions":3},"status":{"succeeded":1,"startTime":"1970-01-01T00:00:40Z"}}"#,
                &["j", "Running", "1/3", "60s"][..],
            ),
            (
                JOB,
                r#"{"metadata":{"name":"j"},"spec":{"parallelism":2},"status":{"conditions":[{"type":"Failed","status":"True"}]}}"#,
                &["j", "Failed", "0/1 of 2", ""],
            ),
            (
                CRON_JOB,
                r#"{"metadata":{"name":"c"},"spec":{"schedule":"* * * * *","suspend":false}}"#,
                &["c", "* * * * *", "<none>", "False", "0", "<none>"],
            ),
            (
                HORIZONTAL_POD_AUTOSCALER,
                r#"{"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"averageUtilization":80}}}]},"status":{"currentReplicas":2,"currentMetrics":[{"resource":{"current":{"averageUtilization":12}}}]}}"#,
                &["h", "Deployment/d", "cpu: 12%/80%", "<unset>", "3", "2"],
            ),
            (
                POD_DISRUPTION_BUDGET,
                r#"{"metadata":{"name":"p"},"spec":{"maxUnavailable":"50%"}}"#,
                &["p", "N/A", "50%", "0"],
            ),
            (
                ENDPOINTS,
                r#"{"metadata":{"name":"e"},"subsets":[{"addresses":[{"ip":"1.1.1.1"},{"ip":"1.1.1.2"}],"ports":[{"port":1},{"port":2}]}]}"#,
                &["e", "1.1.1.1:1,1.1.1.2:1,1.1.1.1:2 + 1 more..."],
            ),
            (
                EVENT,
                r#"{"type":"Normal","reason":"R","message":" m ","lastTimestamp":"1970-01-01T00:01:35Z","involvedObject":{"kind":"Pod","name":"p"}}"#,
                &["5s", "Normal", "R", "pod/p", "m"],
            ),
        ] {
            assert_eq!(row(columns, object), expected, "{object}");
        }
    }
}
