//! What a visitor may let happen, and what it does.

use std::collections::BTreeSet;

use super::protocol::Action;
use crate::kubernetes::controllers::{Overrides, Simulated};
use crate::kubernetes::objects::{Kind, ObjectRef};
use crate::model::Duration;
use crate::simulation::events::{EventKind, Fault};
use crate::simulation::world::ProcessSpec;

/// How many programs and workloads get actions of their own; a list of hundreds helps nobody.
const MOST: usize = 12;

/// What an action does: something to the programs, or something to the cluster.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    World(EventKind, Option<Duration>),
    Cluster(ClusterChange),
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
    /// The first replica is deleted; another one takes its place.
    Replace {
        workload: ObjectRef,
    },
}

/// An action and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    pub action: Action,
    pub effect: Effect,
}

fn happening(id: String, label: String, help: &str, effect: Effect) -> Happening {
    let action = Action { id, label, help: help.to_owned(), prominent: false };
    Happening { action, effect }
}

/// Everything that may happen to this cluster and these programs, the most telling first.
pub fn possible(
    state: &Simulated,
    processes: &[ProcessSpec],
    overrides: &Overrides,
) -> Vec<Happening> {
    let mut all = causes(processes);
    for found in all.iter_mut().take(1) {
        found.action.prominent = true;
    }
    let restarts = processes.iter().filter(|process| process.key.contains('/')).take(MOST);
    for process in restarts {
        let name = container_of(&process.key);
        let help = "The container starts anew in its pod: its counters begin at zero.";
        let kind = EventKind::Restart { process: process.key.clone() };
        let mut restart = happening(
            format!("restart {}", process.key),
            format!("Restart {name}"),
            help,
            Effect::World(kind, None),
        );
        restart.action.prominent = all.iter().filter(|one| one.action.prominent).count() < 2
            && !process.key.contains("prometheus");
        all.push(restart);
    }
    all.extend(traffic());
    all.extend(faults());
    all.extend(cluster_changes(state, overrides));
    all
}

/// What people may do to the programs.
fn causes(processes: &[ProcessSpec]) -> Vec<Happening> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for process in processes {
        for action in &process.workload.actions {
            if !seen.insert((process.workload.name.clone(), action.name.clone()))
                || all.len() >= MOST
            {
                continue;
            }
            for count in [1_u32, 10] {
                let times = if count == 1 { String::new() } else { format!(" ×{count}") };
                let kind = EventKind::Cause {
                    process: process.key.clone(),
                    stream: action.stream.clone(),
                    count,
                };
                all.push(happening(
                    format!("cause {} {} {count}", process.key, action.name),
                    format!("{}{times}", action.title),
                    "Prometheus sees it at the next scrape.",
                    Effect::World(kind, None),
                ));
            }
        }
    }
    all
}

fn traffic() -> impl Iterator<Item = Happening> {
    [(10.0, "Traffic ×10"), (1.0, "Traffic back to normal"), (0.0, "No traffic")].into_iter().map(
        |(factor, label)| {
            let effect = Effect::World(EventKind::Traffic { factor }, None);
            let help = "All that visitors do comes so many times as often.";
            happening(format!("traffic {factor}"), label.to_owned(), help, effect)
        },
    )
}

fn faults() -> impl Iterator<Item = Happening> {
    let minutes = |minutes: i64| Duration(minutes * 60_000);
    let fault = move |id: &str, label: &str, help: &str, fault: Fault| {
        let kind = EventKind::Fault { process: None, fault };
        let effect = Effect::World(kind, Some(minutes(2)));
        happening(id.to_owned(), label.to_owned(), help, effect)
    };
    let slow = Fault::Slow { takes: Duration(12_000) };
    [
        fault(
            "cut",
            "Cut the network for 2m",
            "Packets go nowhere: scrapes run into their timeout.",
            Fault::NetworkCut,
        ),
        fault(
            "crash",
            "Crash all programs for 2m",
            "Nothing listens: connections are refused.",
            Fault::CrashLoop,
        ),
        fault("slow", "Answer in 12s for 2m", "Slower than the usual timeout of 10s.", slow),
        fault(
            "500",
            "Answer 500 for 2m",
            "Every program answers with an error.",
            Fault::Status { code: 500 },
        ),
        fault("missed", "Miss scrapes for 2m", "As when Prometheus is overloaded.", Fault::Missed),
        happening(
            "down".to_owned(),
            "Stop Prometheus for 2m".to_owned(),
            "Nothing is scraped, and no staleness is marked.",
            Effect::World(EventKind::PrometheusDown, Some(minutes(2))),
        ),
    ]
    .into_iter()
}

fn cluster_changes(state: &Simulated, overrides: &Overrides) -> Vec<Happening> {
    let mut all = Vec::new();
    let owners: BTreeSet<&ObjectRef> = state.replicas.values().map(|(owner, _)| owner).collect();
    for owner in owners.into_iter().take(MOST) {
        let replicas = state.replicas.values().filter(|(of, _)| of == owner).count() as i64;
        let name = &owner.name;
        if matches!(owner.kind, Kind::Deployment | Kind::StatefulSet | Kind::ReplicaSet) {
            for to in [replicas + 1, replicas - 1].into_iter().filter(|to| (0..=20).contains(to)) {
                let change = ClusterChange::Scale { workload: owner.clone(), replicas: to };
                all.push(happening(
                    format!("scale {owner} {to}"),
                    format!("Scale {name} to {to}"),
                    "As kubectl scale does.",
                    Effect::Cluster(change),
                ));
            }
        }
        let ready = overrides.not_ready.get(owner).is_some_and(|numbers| !numbers.is_empty());
        let change = ClusterChange::Ready { workload: owner.clone(), ready };
        let (label, help) = if ready {
            (format!("{name} is ready again"), "The readiness probe passes.")
        } else {
            (format!("{name} is not ready"), "The first pod fails its readiness probe.")
        };
        all.push(happening(format!("ready {owner} {ready}"), label, help, Effect::Cluster(change)));
        let change = ClusterChange::Replace { workload: owner.clone() };
        all.push(happening(
            format!("replace {owner}"),
            format!("Delete a pod of {name}"),
            "Another one takes its place, with another name and address.",
            Effect::Cluster(change),
        ));
    }
    all
}

/// `proxy` of `default/proxy-1/proxy:8080`.
fn container_of(key: &str) -> &str {
    let last = key.rsplit('/').next().unwrap_or(key);
    last.split(':').next().unwrap_or(last)
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
        ClusterChange::Replace { workload } => {
            *overrides.replaced.entry((workload.clone(), 0)).or_default() += 1;
        }
    }
}
