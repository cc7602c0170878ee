//! The changes that lead to an update of endpoints, and when they happened.
//!
//! Source: staging src/k8s.io/endpointslice/trigger_time_tracker.go.

use std::collections::BTreeMap;

use kubernetes::object::Value;

use super::objects::condition;
use crate::apiserver::Key;

/// The annotation with the time of the first change since the last sync.
pub const LAST_CHANGE: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// What a controller has seen of a Service and its pods. Times are texts of RFC 3339.
#[derive(Clone, Debug, Default)]
struct Seen {
    service: String,
    pods: BTreeMap<String, String>,
}

/// The state of the trackers, by controller and Service.
#[derive(Clone, Debug, Default)]
pub struct Triggers {
    seen: BTreeMap<(&'static str, Key), Seen>,
}

impl Triggers {
    /// Returns the time of the first change that the controller has not seen, and notes all. None if
    /// nothing with a time has changed.
    pub fn first_change<'a>(
        &mut self,
        controller: &'static str,
        key: &Key,
        service: &Value,
        pods: impl Iterator<Item = &'a Value>,
    ) -> Option<String> {
        let created = service["metadata"].str("creationTimestamp").to_owned();
        let times = pods.filter_map(|pod| {
            let time = condition(pod, "Ready")?.str("lastTransitionTime").to_owned();
            Some((pod["metadata"].str("name").to_owned(), time))
        });
        let now = Seen { service: created.clone(), pods: times.collect() };
        let before = self.seen.insert((controller, key.clone()), now.clone());
        let Some(before) = before else { return Some(created) };
        let changed = now
            .pods
            .into_iter()
            .filter(|(name, time)| before.pods.get(name).is_none_or(|known| time > known));
        let of_service = (now.service > before.service).then_some(now.service);
        changed.map(|(_, time)| time).chain(of_service).min()
    }

    /// Forgets a Service that is gone.
    pub fn forget(&mut self, controller: &'static str, key: &Key) {
        self.seen.remove(&(controller, key.clone()));
    }
}

/// Sets the annotation, or takes it away if no change has a time.
pub fn annotate(object: &mut Value, time: Option<&str>) {
    let metadata = object.entry("metadata");
    match time {
        Some(time) => metadata.entry("annotations").set(LAST_CHANGE, time),
        None if metadata["annotations"].has(LAST_CHANGE) => {
            metadata.entry("annotations").remove(LAST_CHANGE);
            if metadata["annotations"].is_empty() {
                metadata.remove("annotations");
            }
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    fn pod(name: &str, time: &str) -> Value {
        let text = format!(
            r#"{{"metadata":{{"name":"{name}"}},"status":{{"conditions":[
            {{"type":"Ready","status":"True","lastTransitionTime":"{time}"}}]}}}}"#
        );
        parse_json(&text).expect("it is JSON")
    }

    #[test]
    fn the_first_change_since_the_last_sync_counts() {
        let service = parse_json(r#"{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"}}"#);
        let service = service.expect("it is JSON");
        let key = super::super::endpoints::service_key("default", "web");
        let mut triggers = Triggers::default();
        let (a, b) = (pod("a", "2026-01-01T00:00:05Z"), pod("b", "2026-01-01T00:00:03Z"));
        let mut first =
            |pods: &[&Value]| triggers.first_change("c", &key, &service, pods.iter().copied());
        // A new Service counts with its creation, whatever its pods say.
        assert_eq!(first(&[&a]).as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(first(&[&a]), None);
        assert_eq!(first(&[&a, &b]).as_deref(), Some("2026-01-01T00:00:03Z"));
        let later = pod("a", "2026-01-01T00:01:00Z");
        assert_eq!(first(&[&later, &b]).as_deref(), Some("2026-01-01T00:01:00Z"));
    }
}
