//! What a visitor may let happen, and what it does.
//!
//! An [`Action`] is a line of the menu. Some want to know whom they concern and for how long; the
//! whole choice is written `id @ subject @ seconds`, and that text is what a timeline keeps.

mod menu;

use std::sync::Arc;

use super::protocol::Action;
use go::Duration;
use kubernetes::controllers::{ClusterState, Overrides};
use kubernetes::objects::ObjectRef;
use scenarios::Scenario;
use simulation::events::{EventKind, Fault};
use simulation::world::ProcessSpec;

pub use menu::possible;

/// Between the parts of a choice.
const THEN: &str = " @ ";

/// The subject that stands for all.
pub const ALL: &str = "*";

/// What is behind an action.
#[derive(Clone, Debug, PartialEq)]
enum Deed {
    Cause { workload: Arc<str>, stream: Arc<str>, count: u32 },
    Traffic(f64),
    Restart,
    Fault(Fault),
    Down,
    Cluster(Change),
    Reload,
}

/// What is done to a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    ScaleBy(i64),
    ScaleTo(i64),
    NotReady,
    Ready,
    Delete,
    Roll,
}

/// What an action does: something to the programs, to the cluster, or to the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    World(EventKind, Option<Duration>),
    /// Each change so many milliseconds after the one moment.
    Cluster(Vec<(u64, ClusterChange)>),
    /// Prometheus reads its configuration again.
    Reload,
}

/// A change of the cluster that no manifest tells of.
#[derive(Clone, Debug, PartialEq)]
pub enum ClusterChange {
    Scale {
        workload: ObjectRef,
        replicas: i64,
    },
    /// The first replica fails its readiness probe, or passes it again.
    Ready {
        workload: ObjectRef,
        ready: bool,
    },
    /// A replica is deleted; another one takes its place.
    Replace {
        workload: ObjectRef,
        replica: usize,
    },
}

/// An action and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    pub action: Action,
    deed: Deed,
    /// The workloads among the subjects, with their replicas.
    workloads: Arc<Vec<(ObjectRef, i64)>>,
}

/// A choice that was found among the actions.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    pub label: String,
    pub effect: Effect,
}

/// What actions hang on.
pub struct Scene<'a> {
    pub state: &'a ClusterState,
    pub processes: &'a [ProcessSpec],
    pub overrides: &'a Overrides,
    pub scenario: Option<&'a Scenario>,
    /// The longest timeout of any target.
    pub timeout: Duration,
}

/// A whole choice in one text.
pub fn write(id: &str, subject: Option<&str>, seconds: Option<u32>) -> String {
    let mut choice = id.to_owned();
    let seconds = seconds.map(|seconds| seconds.to_string());
    for part in subject.into_iter().chain(seconds.as_deref()) {
        choice.push_str(THEN);
        choice.push_str(part);
    }
    choice
}

/// Finds a choice; nothing where it is not possible any more.
pub fn choose(possible: &[Happening], choice: &str) -> Option<Chosen> {
    let mut parts = choice.split(THEN);
    let id = parts.next()?;
    let one = possible.iter().find(|one| one.action.id == id)?;
    let subject = match &one.action.subjects[..] {
        [] => None,
        all => {
            let named = parts.next()?;
            Some(all.iter().find(|subject| subject.id == named)?)
        }
    };
    let lasts = match &one.action.lasts[..] {
        [] => None,
        [usual, ..] => {
            let seconds = parts.next().and_then(|part| part.parse().ok()).unwrap_or(*usual);
            (seconds > 0).then(|| Duration::from_secs(i64::from(seconds)))
        }
    };
    let mut label = one.action.label.clone();
    if let Some(subject) = subject.filter(|subject| subject.id != ALL) {
        label = format!("{label}: {}", subject.label);
    }
    let effect = one.effect(subject.map(|subject| subject.id.as_str()), lasts)?;
    Some(Chosen { label, effect })
}

impl Happening {
    fn effect(&self, subject: Option<&str>, lasts: Option<Duration>) -> Option<Effect> {
        let process = subject.filter(|subject| *subject != ALL).map(Arc::<str>::from);
        let kind = match &self.deed {
            Deed::Cause { stream, count, .. } => {
                EventKind::Cause { process: process?, stream: stream.clone(), count: *count }
            }
            Deed::Traffic(factor) => EventKind::Traffic { factor: *factor },
            Deed::Restart => EventKind::Restart { process: process? },
            Deed::Fault(fault) => EventKind::Fault { process, fault: fault.clone() },
            Deed::Down => EventKind::PrometheusDown,
            Deed::Reload => return Some(Effect::Reload),
            Deed::Cluster(change) => {
                let mut all = self.workloads.iter();
                let (workload, replicas) =
                    all.find(|(owner, _)| Some(owner.to_string().as_str()) == subject)?;
                return Some(Effect::Cluster(changes(*change, workload, *replicas)));
            }
        };
        Some(Effect::World(kind, lasts))
    }
}

/// Between the pods of a rollout, in milliseconds: one starts, is ready, and the next is replaced.
const ROLL_STEP: u64 = 6_000;

fn changes(change: Change, workload: &ObjectRef, replicas: i64) -> Vec<(u64, ClusterChange)> {
    let workload = workload.clone();
    let one = match change {
        Change::ScaleBy(by) => ClusterChange::Scale { workload, replicas: replicas + by },
        Change::ScaleTo(replicas) => ClusterChange::Scale { workload, replicas },
        Change::NotReady => ClusterChange::Ready { workload, ready: false },
        Change::Ready => ClusterChange::Ready { workload, ready: true },
        Change::Delete => ClusterChange::Replace { workload, replica: 0 },
        Change::Roll => {
            let all = 0..replicas.clamp(0, 100) as usize;
            let after = |replica: usize| ROLL_STEP * replica as u64;
            let replace = |replica| ClusterChange::Replace { workload: workload.clone(), replica };
            return all.map(|replica| (after(replica), replace(replica))).collect();
        }
    };
    vec![(0, one)]
}

/// What the cluster is after the change.
pub fn change(overrides: &mut Overrides, change: &ClusterChange) {
    match change {
        ClusterChange::Scale { workload, replicas } => {
            overrides.scale.insert(workload.clone(), *replicas);
        }
        ClusterChange::Ready { workload, ready: true } => {
            overrides.not_ready.remove(workload);
        }
        ClusterChange::Ready { workload, ready: false } => {
            overrides.not_ready.entry(workload.clone()).or_default().insert(0);
        }
        ClusterChange::Replace { workload, replica } => {
            *overrides.replaced.entry((workload.clone(), *replica)).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use kubernetes::objects::Kind;

    fn process(key: &str) -> ProcessSpec {
        let workload = simulation::workload::library().by_name("giftcard").unwrap();
        ProcessSpec {
            key: key.into(),
            workload: workload.clone(),
            path: "/metrics".into(),
            status: None,
        }
    }

    fn all(processes: &[ProcessSpec]) -> Vec<Happening> {
        possible(&Scene {
            state: &ClusterState::default(),
            processes,
            overrides: &Overrides::default(),
            scenario: None,
            timeout: Duration::from_secs(10),
        })
    }

    #[test]
    fn no_two_lines_read_the_same() {
        let processes =
            ["a/p-1/web:80", "a/p-2/web:80", "a/p-2/web:81", "a/q/db:5432"].map(process);
        let all = all(&processes);
        let mut labels = BTreeSet::new();
        for one in all.iter().filter(|one| !one.action.prominent) {
            assert!(labels.insert(&one.action.label), "{}", one.action.label);
            let ends_well = one.action.help.ends_with('.') && one.action.help.len() > 20;
            assert!(ends_well, "{}: {}", one.action.id, one.action.help);
        }
        let restart = all.iter().find(|one| one.action.id == "restart").unwrap();
        let subjects: Vec<&str> =
            restart.action.subjects.iter().map(|subject| subject.label.as_str()).collect();
        assert_eq!(subjects, ["web in p-1", "web:80 in p-2", "web:81 in p-2", "db"]);
    }

    #[test]
    fn choices_are_read_as_they_are_written() {
        let processes = [process("a/p/web:80")];
        let all = all(&processes);
        for (choice, label, effect) in [
            (
                write("cut", Some(ALL), Some(30)),
                "Cut the network",
                Effect::World(
                    EventKind::Fault { process: None, fault: Fault::NetworkCut },
                    Some(Duration::from_secs(30)),
                ),
            ),
            (
                write("status-401", Some("a/p/web:80"), Some(0)),
                "HTTP 401 Unauthorized: web",
                Effect::World(
                    EventKind::Fault {
                        process: Some("a/p/web:80".into()),
                        fault: Fault::Status { code: 401 },
                    },
                    None,
                ),
            ),
            (write("reload", None, None), "Reload the configuration", Effect::Reload),
            (
                write("traffic 3", None, Some(60)),
                "Three times the traffic",
                Effect::World(EventKind::Traffic { factor: 3.0 }, Some(Duration::from_secs(60))),
            ),
        ] {
            let chosen = choose(&all, &choice).unwrap_or_else(|| panic!("{choice}"));
            assert_eq!((chosen.label.as_str(), chosen.effect), (label, effect));
        }
        for gone in ["cut", "cut @ a/other/web:80 @ 30", "no such", ""] {
            assert_eq!(choose(&all, gone), None, "{gone}");
        }
    }

    #[test]
    fn a_rollout_replaces_one_pod_after_the_other() {
        let workload =
            ObjectRef { kind: Kind::Deployment, namespace: "default".into(), name: "web".into() };
        let times: Vec<u64> =
            changes(Change::Roll, &workload, 3).into_iter().map(|(after, _)| after).collect();
        assert_eq!(times, [0, 6_000, 12_000]);
    }
}
