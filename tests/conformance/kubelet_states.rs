//! States of pods and events in the form of the recordings.

use kubernetes::columns::POD;
use kubernetes::object::Value as Object;
use serde_json::{Map, Value, json};

/// What is different in each run.
#[derive(Default)]
pub struct Names {
    uid: String,
    address: String,
    token_volume: String,
}

impl Names {
    pub fn learn(&mut self, pod: &Object) {
        let uid = pod["metadata"].str("uid");
        if !uid.is_empty() {
            self.uid = uid.to_owned();
        }
        let address = pod["status"].str("podIP");
        if !address.is_empty() {
            self.address = address.to_owned();
        }
        let volumes = pod["spec"].list("volumes").iter().map(|volume| volume.str("name"));
        for name in volumes.filter(|name| name.starts_with("kube-api-access-")) {
            self.token_volume = name.to_owned();
        }
    }

    /// A text with placeholders.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (own, placeholder) in [
            (&self.uid, "<uid>"),
            (&self.address, "<podIP>"),
            (&self.token_volume, "kube-api-access-<suffix>"),
        ] {
            if !own.is_empty() {
                text = text.replace(own, placeholder);
            }
        }
        for node in ["node-1", "node-2", "node-3"] {
            text = text.replace(node, "<node>");
        }
        text = between(&text, "failed to start exec \"", "\"", "EXECID");
        text = between(&text, "\" in ", " (", "<duration>");
        if text.starts_with("Successfully pulled") {
            text = between(&text, " (", " including", "<duration>");
        }
        text
    }

    /// An event as `type`, `reason`, `message`, `source`, `field`, `count`.
    pub fn event(&self, event: &Object) -> Value {
        let field = event["involvedObject"].str("fieldPath");
        json!({
            "type": event.str("type"),
            "reason": event.str("reason"),
            "message": self.text(event.str("message")),
            "source": event["source"].str("component"),
            "field": if field.is_empty() { Value::Null } else { field.into() },
            "count": event.int("count"),
        })
    }
}

/// Replaces the text between two marks.
fn between(text: &str, before: &str, after: &str, placeholder: &str) -> String {
    let replaced = || {
        let start = text.find(before)? + before.len();
        let end = start + text.get(start..)?.find(after)?;
        Some(format!("{}{placeholder}{}", text.get(..start)?, text.get(end..)?))
    };
    replaced().unwrap_or_else(|| text.to_owned())
}

/// The state of a pod; None stands for one that is gone.
pub fn state_of(pod: Option<&Object>, names: &Names, now: i64) -> Value {
    let Some(pod) = pod else { return json!({"gone": true}) };
    let status = &pod["status"];
    let mut state = Map::new();
    let mut columns = Map::new();
    for column in POD.iter().filter(|one| matches!(one.name, "READY" | "STATUS" | "RESTARTS")) {
        let text = (column.cell)(pod, now);
        columns.insert(column.name.to_owned(), between(&text, "(", " ago)", "<age>").into());
    }
    state.insert("columns".to_owned(), columns.into());
    for key in ["phase", "reason", "message"] {
        if !status.str(key).is_empty() {
            state.insert(key.to_owned(), status.str(key).into());
        }
    }
    let conditions = status.list("conditions").iter().map(|one| {
        let keys = ["status", "reason", "message"].iter();
        let fields = keys.filter(|key| !one.str(key).is_empty());
        let fields: Map<String, Value> =
            fields.map(|key| ((*key).to_owned(), one.str(key).into())).collect();
        (one.str("type").to_owned(), Value::from(fields))
    });
    state.insert("conditions".to_owned(), conditions.collect::<Map<String, Value>>().into());
    for (list, key) in
        [("initContainerStatuses", "initContainers"), ("containerStatuses", "containers")]
    {
        let all = status.list(list).iter();
        let all: Map<String, Value> =
            all.map(|one| (one.str("name").to_owned(), container(one, names))).collect();
        if !all.is_empty() {
            state.insert(key.to_owned(), all.into());
        }
    }
    if !status.str("podIP").is_empty() {
        state.insert("podIP".to_owned(), true.into());
    }
    if pod["metadata"].has("deletionTimestamp") {
        let seconds = pod["metadata"].int("deletionGracePeriodSeconds");
        state.insert("deleting".to_owned(), json!({"gracePeriodSeconds": seconds}));
    }
    state.into()
}

fn container(one: &Object, names: &Names) -> Value {
    let mut container = Map::new();
    container.insert("ready".to_owned(), one.bool("ready").into());
    if one.has("started") {
        container.insert("started".to_owned(), one.bool("started").into());
    }
    container.insert("restartCount".to_owned(), one.int("restartCount").into());
    for key in ["state", "lastState"] {
        let state = container_state(&one[key], names);
        if !state.is_empty() {
            container.insert(key.to_owned(), state.into());
        }
    }
    container.insert("image".to_owned(), one.str("image").into());
    container.into()
}

fn container_state(state: &Object, names: &Names) -> Map<String, Value> {
    let mut found = Map::new();
    for key in ["waiting", "running", "terminated"] {
        if !state.has(key) {
            continue;
        }
        let one = &state[key];
        let mut fields = Map::new();
        for field in ["reason", "message"] {
            if !one.str(field).is_empty() {
                fields.insert(field.to_owned(), names.text(one.str(field)).into());
            }
        }
        if key == "terminated" {
            fields.insert("exitCode".to_owned(), one.int("exitCode").into());
        }
        found.insert(key.to_owned(), fields.into());
    }
    found
}
