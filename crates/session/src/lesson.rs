//! The open lesson: what its conditions see of the session.

use std::collections::BTreeMap;

use crate::pages::storage::Disk;
use crate::world::{START, Snapshot};
use kubernetes::object::{Value, to_json};
use kubernetes::objects::StringMap;
use lessons::predicate::Health;
use lessons::state::{Pod, Sample, State, Target};
use promql::engine::{Engine, EngineOptions, QueryTime, Value as Answer};
use promql::syntax::{ParserOptions, parse};
use promql::{Labels, SampleValue};
use protocol::{Action, LoggedEvent};
use simulation::world::Reach;

/// The most samples that a query of a lesson loads.
const MOST_SAMPLES: usize = 1_000_000;

/// The state of the session, as lessons see it.
pub struct Observed<'a> {
    pub snapshot: Snapshot<'a>,
    /// The number of applied texts and actions of the learner.
    pub changes: u64,
}

impl State for Observed<'_> {
    fn now(&self) -> u64 {
        self.snapshot.timeline.now()
    }

    fn changes(&self) -> u64 {
        self.changes
    }

    fn targets(&self) -> Vec<Target> {
        let reports = self.snapshot.timeline.world.reports();
        reports
            .map(|(target, report, _)| {
                let error = report.and_then(|report| report.error.clone());
                let health = match (report, &error) {
                    (Some(_), None) => Health::Up,
                    (Some(_), Some(_)) => Health::Down,
                    (None, _) => Health::Unknown,
                };
                let health = if target.reach == Reach::Unknown { Health::Unknown } else { health };
                Target {
                    job: target.job.to_string(),
                    labels: label_map(&target.public),
                    health,
                    error: error.unwrap_or_default(),
                }
            })
            .collect()
    }

    fn query(&self, query: &str, at: u64) -> Result<Vec<Sample>, String> {
        let ast = parse(query, &ParserOptions::ALL).map_err(|errors| errors.to_string())?;
        let options = EngineOptions { max_samples: MOST_SAMPLES, ..EngineOptions::default() };
        let time = QueryTime::Instant(START.saturating_add_unsigned(at));
        let storage = &self.snapshot.timeline.world.storage;
        let result = Engine::new(options).evaluate(storage, &ast, time, None);
        Ok(match result.map_err(|error| error.message)?.value {
            Answer::Scalar { value, .. } => {
                vec![Sample { labels: BTreeMap::new(), value: Some(value) }]
            }
            Answer::Vector(vector) => vector
                .into_iter()
                .map(|one| Sample {
                    labels: label_map(&one.labels),
                    value: match one.value {
                        SampleValue::Float(value) => Some(value),
                        SampleValue::Histogram(_) => None,
                    },
                })
                .collect(),
            Answer::Matrix(_) | Answer::String { .. } => Vec::new(),
        })
    }

    fn object_field(&self, kind: &str, namespace: &str, name: &str, path: &str) -> Option<String> {
        if let Some(live) = self.snapshot.timeline.live() {
            let storage = &live.world.cluster.server.storage;
            let mut all = storage.iter();
            let (_, root) = all.find(|(key, _)| {
                key.kind == kind
                    && *key.name == *name
                    && (*key.namespace == *namespace || key.namespace.is_empty())
            })?;
            return field(root, path);
        }
        let mut objects = self.snapshot.stored.applied.stored();
        let object = objects.find(|object| {
            object.kind == kind
                && object.name == name
                && (object.namespace == namespace || object.namespace.is_empty())
        })?;
        field(object.stored.as_ref()?, path)
    }

    fn pods(&self) -> Vec<Pod> {
        let pods = self.snapshot.stored.state.cluster.pods.iter();
        pods.map(|pod| {
            let restarts = pod.status.container_statuses.iter().map(|one| one.restart_count);
            Pod {
                namespace: pod.meta.namespace.value.to_string(),
                labels: string_map(&pod.meta.labels),
                phase: pod.status.phase.to_string(),
                ready: pod.status.is_ready(),
                restarts: u32::try_from(restarts.sum::<i64>()).unwrap_or_default(),
            }
        })
        .collect()
    }

    fn ready_endpoints(&self, namespace: &str, service: &str) -> Option<u32> {
        let cluster = &self.snapshot.stored.state.cluster;
        cluster.services.get(namespace, service)?;
        let slices = cluster.endpoint_slices.in_namespace(namespace).filter(|slice| {
            let of = slice.meta.labels.get("kubernetes.io/service-name");
            of.is_some_and(|of| &*of.value == service)
        });
        let endpoints = slices.flat_map(|slice| &slice.endpoints);
        Some(endpoints.filter(|endpoint| endpoint.ready != Some(false)).count() as u32)
    }

    fn disk_share(&self) -> Option<f64> {
        Disk::of(&self.snapshot)?.share_of_claim()
    }

    fn has_finding(&self, code: &str) -> bool {
        let mut files = self.snapshot.sources.iter();
        files.any(|file| self.snapshot.diagnostics_of(file.id).any(|found| *found.code == *code))
    }

    fn file(&self, name: &str) -> Option<&str> {
        let mut files = self.snapshot.workspace.files.iter();
        files.find(|file| file.name == name).map(|file| &*file.text)
    }

    fn file_names(&self) -> Vec<&str> {
        self.snapshot.workspace.files.iter().map(|file| &*file.name).collect()
    }

    fn actions(&self, since: u64) -> Vec<String> {
        let events = self.snapshot.timeline.past_events().iter();
        events.filter(|event| event.at >= since).filter_map(id_of).collect()
    }

    fn commands(&self, since: u64) -> Vec<String> {
        let events = self.snapshot.timeline.past_events().iter();
        let lines =
            events.filter(|event| event.at >= since).filter_map(|event| match &event.action {
                Action::Command { line, .. } => Some(line.clone()),
                _ => None,
            });
        lines.collect()
    }
}

fn id_of(event: &LoggedEvent) -> Option<String> {
    match &event.action {
        Action::Start(choice) => Some(choice.kind.to_string()),
        Action::SkipDelays => Some("skip".to_owned()),
        Action::End(_)
        | Action::Edit { .. }
        | Action::Command { .. }
        | Action::Interrupt { .. } => None,
    }
}

fn label_map(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|label| (label.name.to_string(), label.value.to_string())).collect()
}

fn string_map(map: &StringMap) -> BTreeMap<String, String> {
    map.iter().map(|entry| (entry.key.to_string(), entry.value.to_string())).collect()
}

/// The field at a path, as text.
fn field(root: &Value, path: &str) -> Option<String> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    parts.try_fold(root, |value, part| child(value, part)).map(text_of)
}

/// The value of a key, or the item with a number.
fn child<'a>(value: &'a Value, part: &str) -> Option<&'a Value> {
    match value {
        Value::List(list) => list.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => to_json(other),
    }
}
