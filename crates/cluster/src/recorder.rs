//! Events that controllers write about objects: equal ones are counted, similar ones combined.
//!
//! Source: client-go tools/record/events_cache.go.

use std::collections::{BTreeMap, BTreeSet};

use kubernetes::object::Value;

use crate::apiserver::{ApiServer, Key, timestamp_of};

/// Different texts of one reason on one object, from which on they share an event.
const MAX_DIFFERENT: usize = 10;
/// Seconds after which texts are forgotten.
const WINDOW: i64 = 600;
/// Events about one object that may be written at once; one more every five minutes.
const BURST: f64 = 25.0;
const REFILL_PER_SECOND: f64 = 1.0 / 300.0;

/// The component whose events belong to one version of an object.
/// Source: client-go tools/events/event_broadcaster.go getKey.
const SCHEDULER: &str = "default-scheduler";

/// Seconds after which a series of equal events of [`SCHEDULER`] is written again. The first repetition
/// is written at once. Source: event_broadcaster.go refreshTime.
const SERIES_REFRESH: i64 = 1800;

fn last_of(event: &Value) -> i64 {
    kubernetes::columns::seconds(event.str("lastTimestamp")).unwrap_or_default()
}

/// The type of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Normal,
    Warning,
}

/// The content of an Event.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    pub object: &'a Value,
    /// The part of the object: `spec.containers{app}`; empty for the whole.
    pub field: &'a str,
    pub ty: Type,
    pub reason: &'a str,
    pub message: &'a str,
    /// The program that says it: `deployment-controller`.
    pub component: &'a str,
    /// The node of a kubelet, empty for others.
    pub host: &'a str,
}

#[derive(Clone, Debug, Default)]
struct Similar {
    texts: BTreeSet<String>,
    last: i64,
}

#[derive(Clone, Debug)]
struct Bucket {
    tokens: f64,
    last: i64,
}

/// Remembers what was written.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    similar: BTreeMap<String, Similar>,
    written: BTreeMap<String, Key>,
    buckets: BTreeMap<String, Bucket>,
    count: u64,
}

impl Recorder {
    /// Writes an event, or counts one more of those that are there. `now` is in milliseconds.
    pub fn write(&mut self, server: &mut ApiServer, now: i64, note: &Note<'_>) {
        let seconds = now.div_euclid(1000);
        let metadata = &note.object["metadata"];
        let source = format!("{}/{}/{}", note.component, note.host, metadata.str("uid"));
        let group = format!("{source}/{:?}/{}", note.ty, note.reason);
        let similar = self.similar.entry(group.clone()).or_default();
        if seconds - similar.last > WINDOW {
            similar.texts.clear();
        }
        similar.last = seconds;
        similar.texts.insert(note.message.to_owned());
        let combined = similar.texts.len() >= MAX_DIFFERENT;
        if combined {
            // The set need not grow any further.
            similar.texts.remove(note.message);
        }
        // The scheduler writes events.k8s.io: another version of the object is another event.
        let version =
            if note.component == SCHEDULER { metadata.str("resourceVersion") } else { "" };
        let identity = if combined {
            format!("{group}/{}", note.field)
        } else {
            format!("{group}/{}/{version}/{}", note.field, note.message)
        };
        let message = if combined {
            format!("(combined from similar events): {}", note.message)
        } else {
            note.message.to_owned()
        };
        // Recorded kubelets write more events about a pod than this filter lets pass.
        if note.host.is_empty() && !self.spend(&source, seconds) {
            return;
        }
        if let Some(key) = self.written.get(&identity)
            && let Some(mut event) = server.storage.get(key).cloned()
        {
            if note.component == SCHEDULER
                && seconds - last_of(&event) < SERIES_REFRESH
                && event.int("count") > 1
            {
                return;
            }
            event.set("count", event.int("count") + 1);
            event.set("lastTimestamp", timestamp_of(seconds));
            event.set("message", message);
            let key = key.clone();
            return server.write(&key, event);
        }
        let key = self.create(server, now, note, &message);
        self.written.insert(identity, key);
    }

    /// Takes a token from the bucket of an object. Source: EventSourceObjectSpamFilter.
    fn spend(&mut self, source: &str, now: i64) -> bool {
        let bucket =
            self.buckets.entry(source.to_owned()).or_insert(Bucket { tokens: BURST, last: now });
        let refilled = (now - bucket.last) as f64 * REFILL_PER_SECOND;
        bucket.tokens = (bucket.tokens + refilled).min(BURST);
        bucket.last = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }

    fn create(&mut self, server: &mut ApiServer, now: i64, note: &Note<'_>, message: &str) -> Key {
        let metadata = &note.object["metadata"];
        let time = server.timestamp();
        let namespace = match metadata.str("namespace") {
            "" => "default",
            namespace => namespace,
        };
        self.count += 1;
        let serial = (now as u64).wrapping_mul(1_000_000).wrapping_add(self.count % 1_000_000);
        let name = format!("{}.{serial:x}", metadata.str("name"));
        server.put_system("v1", "Event", namespace, &name, |event| {
            let involved = event.entry("involvedObject");
            for (key, value) in [
                ("apiVersion", note.object.str("apiVersion")),
                ("fieldPath", note.field),
                ("kind", note.object.str("kind")),
                ("name", metadata.str("name")),
                ("namespace", metadata.str("namespace")),
                ("resourceVersion", metadata.str("resourceVersion")),
                ("uid", metadata.str("uid")),
            ] {
                if !value.is_empty() {
                    involved.set(key, value);
                }
            }
            event.set("count", 1);
            event.set("eventTime", Value::Null);
            event.set("firstTimestamp", &*time);
            event.set("lastTimestamp", &*time);
            event.set("message", message);
            event.set("reason", note.reason);
            event.set("reportingComponent", note.component);
            event.set("reportingInstance", note.host);
            let source = event.entry("source");
            source.set("component", note.component);
            if !note.host.is_empty() {
                source.set("host", note.host);
            }
            let ty = if note.ty == Type::Normal { "Normal" } else { "Warning" };
            event.set("type", ty);
        });
        Key { kind: "Event", group: "", namespace: namespace.into(), name: name.into() }
    }
}
