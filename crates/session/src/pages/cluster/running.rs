//! The objects that run, as `kubectl get` shows them: workloads, their ReplicaSets, their pods, and
//! the newest Events.

use std::collections::BTreeMap;

use cluster::controllers::REVISION;
use kubernetes::columns::{self, Column, age, event_time};
use kubernetes::object::Value;
use kubernetes::objects::{Kind, ObjectRef};
use protocol::pages::cluster::{EventLine, Health, Running, RunningRow};
use text::Location;

use crate::world::{Live, Snapshot};

/// Rows that are shown.
const ROWS: usize = 300;
/// Events that are shown.
const EVENTS: usize = 40;
/// ReplicaSets without pods that are shown of a Deployment.
const OLD_SETS: usize = 2;

/// A stored object with what is shown of it.
struct Stored<'a> {
    reference: ObjectRef,
    object: &'a Value,
}

/// Returns the running objects; None if the cluster does not run.
pub(super) fn running(snapshot: &Snapshot<'_>) -> Option<Running> {
    let live = snapshot.timeline.live()?;
    let now = live.world.now().div_euclid(1000);
    let tree = Tree { children: children(live), snapshot, now };
    let mut rows = Vec::new();
    let tops = tree.children.get(&None).map(Vec::as_slice).unwrap_or_default();
    tops.iter().for_each(|top| tree.add(top, 0, &mut rows));
    let hidden = rows.len().saturating_sub(ROWS) as u32;
    rows.truncate(ROWS);
    let lacks_operator = !snapshot.stored.generated.configurations.is_empty();
    Some(Running { rows, hidden, lacks_operator, events: events(live, now) })
}

/// Objects by the uid of their controller, or None for objects without one.
type Children<'a> = BTreeMap<Option<&'a str>, Vec<Stored<'a>>>;

fn children(live: &Live) -> Children<'_> {
    const KINDS: [Kind; 8] = [
        Kind::Deployment,
        Kind::StatefulSet,
        Kind::DaemonSet,
        Kind::CronJob,
        Kind::Job,
        Kind::ReplicationController,
        Kind::ReplicaSet,
        Kind::Pod,
    ];
    let mut children = Children::new();
    let storage = &live.world.cluster.server.storage;
    for (key, object) in storage.iter() {
        let Some(kind) = Kind::from_name(key.kind).filter(|kind| KINDS.contains(kind)) else {
            continue;
        };
        let mut owners = object["metadata"].list("ownerReferences").iter();
        let owner = owners.find(|owner| owner.bool("controller")).map(|owner| owner.str("uid"));
        let (namespace, name) = (key.namespace.clone(), key.name.clone());
        let reference = ObjectRef { kind, namespace, name };
        children.entry(owner).or_default().push(Stored { reference, object });
    }
    for of_owner in children.values_mut() {
        of_owner.sort_by_key(|one| {
            let place = KINDS.iter().position(|kind| *kind == one.reference.kind);
            let created = one.object["metadata"].str("creationTimestamp");
            // The newest ReplicaSet comes first.
            let revision = one.object.at(&["metadata", "annotations"]).str(REVISION);
            let revision = std::cmp::Reverse(revision.parse::<i64>().unwrap_or_default());
            (place, revision, created, one.reference.clone())
        });
    }
    children
}

struct Tree<'a> {
    children: Children<'a>,
    snapshot: &'a Snapshot<'a>,
    now: i64,
}

impl Tree<'_> {
    fn add(&self, stored: &Stored<'_>, depth: u8, rows: &mut Vec<RunningRow>) {
        rows.push(self.row(stored, depth));
        let uid = stored.object["metadata"].str("uid");
        let own = self.children.get(&Some(uid)).map(Vec::as_slice).unwrap_or_default();
        let mut empty = 0;
        for child in own {
            if child.reference.kind == Kind::ReplicaSet && is_empty(child.object) {
                empty += 1;
                if empty > OLD_SETS {
                    continue;
                }
            }
            self.add(child, depth + 1, rows);
        }
    }

    fn row(&self, stored: &Stored<'_>, depth: u8) -> RunningRow {
        let Stored { reference, object } = stored;
        let metadata = &object["metadata"];
        let (ready, state, restarts) = self.cells(stored);
        let is_ready = ready.split_once('/').is_none_or(|(ready, of)| ready == of);
        let health = match reference.kind {
            Kind::Pod if matches!(&*state, "Running" | "Completed") && is_ready => Health::Good,
            Kind::Pod if matches!(&*state, "Completed" | "Succeeded") => Health::Good,
            Kind::Pod if is_failure(&state) => Health::Bad,
            Kind::ReplicaSet if is_empty(object) => Health::Neutral,
            Kind::CronJob | Kind::Job => Health::Neutral,
            _ if is_ready && reference.kind != Kind::Pod => Health::Good,
            _ => Health::Waiting,
        };
        RunningRow {
            depth,
            kind: reference.kind.name().to_owned(),
            namespace: reference.namespace.to_string(),
            name: reference.name.to_string(),
            ready,
            state,
            restarts,
            age: age(metadata.str("creationTimestamp"), self.now),
            health,
            at: self.place(reference),
        }
    }

    /// READY, the state, and RESTARTS.
    fn cells(&self, stored: &Stored<'_>) -> (String, String, String) {
        let Stored { reference, object } = stored;
        let cell = |columns: &[Column], name: &str| {
            let found = columns.iter().find(|column| column.name == name);
            found.map(|column| (column.cell)(object, self.now)).unwrap_or_default()
        };
        let of = |ready: i64, wanted: i64| format!("{ready}/{wanted}");
        let (spec, status) = (&object["spec"], &object["status"]);
        match reference.kind {
            Kind::Pod => (
                cell(columns::POD, "READY"),
                cell(columns::POD, "STATUS"),
                cell(columns::POD, "RESTARTS"),
            ),
            Kind::Deployment => {
                (cell(columns::DEPLOYMENT, "READY"), rollout(object), String::new())
            }
            Kind::StatefulSet => {
                (cell(columns::STATEFUL_SET, "READY"), String::new(), String::new())
            }
            Kind::DaemonSet => {
                let wanted = status.int("desiredNumberScheduled");
                (of(status.int("numberReady"), wanted), String::new(), String::new())
            }
            Kind::ReplicaSet | Kind::ReplicationController => {
                let ready = of(status.int("readyReplicas"), spec.int("replicas"));
                let revision = object.at(&["metadata", "annotations"]).str(REVISION);
                let revision = match revision {
                    "" => String::new(),
                    revision => format!("revision {revision}"),
                };
                (ready, revision, String::new())
            }
            Kind::Job => {
                (cell(columns::JOB, "COMPLETIONS"), cell(columns::JOB, "STATUS"), String::new())
            }
            Kind::CronJob => (String::new(), cell(columns::CRON_JOB, "SCHEDULE"), String::new()),
            _ => (String::new(), String::new(), String::new()),
        }
    }

    fn place(&self, reference: &ObjectRef) -> Option<Location> {
        let ObjectRef { kind, namespace, name } = reference;
        self.snapshot.stored.state.cluster.meta(*kind, namespace, name)?.place()
    }
}

fn is_empty(object: &Value) -> bool {
    object["status"].int("replicas") == 0 && object["spec"].int("replicas") == 0
}

fn is_failure(state: &str) -> bool {
    const WAITING: [&str; 6] = [
        "Pending",
        "ContainerCreating",
        "PodInitializing",
        "Terminating",
        "Running",
        "SchedulingGated",
    ];
    let init = state.strip_prefix("Init:").unwrap_or(state);
    let counts = init.split('/').all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    !WAITING.contains(&init) && !counts
}

/// The state of a rollout, from the conditions of a Deployment.
fn rollout(object: &Value) -> String {
    let (spec, status) = (&object["spec"], &object["status"]);
    let wanted = spec.int("replicas");
    let (updated, all) = (status.int("updatedReplicas"), status.int("replicas"));
    let mut conditions = status.list("conditions").iter();
    let late = conditions.any(|one| {
        one.str("type") == "Progressing" && one.str("reason") == "ProgressDeadlineExceeded"
    });
    if spec.bool("paused") {
        return "paused".to_owned();
    }
    if late {
        return "progress deadline exceeded".to_owned();
    }
    if updated < wanted {
        return format!("{updated} of {wanted} updated");
    }
    if all > updated {
        return format!("{} old to end", all - updated);
    }
    String::new()
}

/// The newest Events first.
fn events(live: &Live, now: i64) -> Vec<EventLine> {
    let storage = &live.world.cluster.server.storage;
    let mut events: Vec<(&str, EventLine)> = storage
        .list("", "Event", "")
        .map(|(_, event)| {
            let time = event_time(event);
            let about = &event["involvedObject"];
            let line = EventLine {
                age: age(time, now),
                warning: event.str("type") == "Warning",
                reason: event.str("reason").to_owned(),
                object: format!("{}/{}", about.str("kind").to_lowercase(), about.str("name")),
                message: event.str("message").to_owned(),
                count: event.int("count").max(1) as u32,
            };
            (time, line)
        })
        .collect();
    events.sort_by(|a, b| b.0.cmp(a.0));
    events.into_iter().map(|(_, line)| line).take(EVENTS).collect()
}
