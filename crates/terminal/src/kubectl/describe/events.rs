//! The events of an object at the end of its description.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe DescribeEvents, searchEvents.

use kubernetes::object::Value;

use super::writer::Writer;
use super::{DescribeContext, since};

/// The table of events, or `<none>`.
pub(super) fn events(w: &mut Writer, context: &DescribeContext<'_>, object: &Value) {
    let found = about(context, object);
    if found.is_empty() {
        return w.field(0, "Events", "<none>");
    }
    w.flush();
    w.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage");
    w.line(1, "----\t------\t----\t----\t-------");
    for event in found {
        let source = match event["source"].str("component") {
            "" => event.str("reportingComponent"),
            component => component,
        };
        let text = event.str("message").trim();
        let message = match event["involvedObject"].str("fieldPath") {
            "" => text.to_owned(),
            path => format!("{path}: {text}"),
        };
        let age = age(event, context.now);
        w.row(1, &[event.str("type"), event.str("reason"), &age, source, &message]);
    }
}

/// When an event was seen: `5s`, or `5s (x3 over 20s)`.
fn age(event: &Value, now: i64) -> String {
    let first = match event.str("eventTime") {
        "" => event.str("firstTimestamp"),
        time => time,
    };
    let (first, series) = (since(first, now), &event["series"]);
    if !series.is_null() {
        let last = since(series.str("lastObservedTime"), now);
        return format!("{last} (x{} over {first})", series.int("count"));
    }
    if event.int("count") > 1 {
        let last = since(event.str("lastTimestamp"), now);
        return format!("{last} (x{} over {first})", event.int("count"));
    }
    first
}

/// The events about an object, by their last time.
fn about<'a>(context: &'a DescribeContext<'_>, object: &Value) -> Vec<&'a Value> {
    let metadata = &object["metadata"];
    let kind = object.str("kind");
    let matches = |event: &Value, uid: &str| {
        let about = &event["involvedObject"];
        about.str("name") == metadata.str("name")
            && about.str("namespace") == metadata.str("namespace")
            // A pod is looked for without its kind.
            && (kind == "Pod" || about.str("kind") == kind)
            && about.str("uid") == uid
    };
    let all = |uid: &str| -> Vec<&Value> {
        let events = context.list("", "Event", metadata.str("namespace"));
        events.filter(|event| matches(event, uid)).collect()
    };
    let mut found = all(metadata.str("uid"));
    if kind == "Node" {
        found.extend(all(metadata.str("name")));
    }
    found.sort_by_key(|event| event.str("lastTimestamp"));
    found
}
