//! Actions of the visitor: the menu of those that are possible, and their effects.

use text::IndexSort;
mod menu;

use std::sync::Arc;

use crate::analysis::Analysis;
use go::Duration;
use kubernetes::controllers::Overrides;
use kubernetes::objects::ObjectRef;
use protocol::action::{Fault, WorkloadChange};
use protocol::{ActionKind, Choice, Scope};
use simulation::events::{EventKind, Fault as SimulatedFault};

pub use menu::possible;

/// The effect of an action: on the programs, on the cluster, or on the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    World(EventKind, Option<Duration>),
    /// Changes of the cluster, each with its delay in milliseconds.
    Cluster(Vec<(u64, ClusterChange)>),
    /// Prometheus reads its configuration again.
    Reload,
}

/// A change of the cluster that is not made by a manifest.
#[derive(Clone, Debug, PartialEq)]
pub enum ClusterChange {
    Scale {
        workload: ObjectRef,
        replicas: i64,
    },
    /// The first replica passes or fails its readiness probe.
    Ready {
        workload: ObjectRef,
        ready: bool,
    },
    /// A replica is deleted and replaced by a new one.
    Replace {
        workload: ObjectRef,
        replica: usize,
    },
}

/// A choice that is possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// A short description for the time line.
    pub label: String,
    pub effect: Effect,
}

/// Resolves a choice. Returns None if it is not possible any more.
pub fn resolve(analysis: &Analysis, choice: &Choice) -> Option<Chosen> {
    let menu = possible(analysis);
    let spec = menu.iter().find(|one| one.kind == choice.kind && !one.prominent)?;
    let subject = match &spec.subjects[..] {
        [] if choice.scope == Scope::All => None,
        subjects => Some(subjects.iter().find(|subject| subject.scope == choice.scope)?),
    };
    let duration = spec.durations.first().and_then(|usual| {
        let seconds = choice.duration.unwrap_or(*usual);
        (seconds > 0).then(|| Duration::from_secs(i64::from(seconds)))
    });
    let label = match subject.filter(|subject| subject.scope != Scope::All) {
        Some(subject) => format!("{}: {}", spec.label, subject.label),
        None => spec.label.clone(),
    };
    Some(Chosen { label, effect: effect(analysis, choice, duration)? })
}

fn effect(analysis: &Analysis, choice: &Choice, duration: Option<Duration>) -> Option<Effect> {
    let process: Option<Arc<str>> = match &choice.scope {
        Scope::Process(key) => Some(key.to_string().into()),
        Scope::All | Scope::Workload(_) => None,
    };
    let kind = match &choice.kind {
        ActionKind::Visit { action, times } | ActionKind::Use { action, times, .. } => {
            let process = process?;
            let found = analysis.processes.iter().find(|one| one.key == process)?;
            let action = found.workload.actions.iter().find(|one| &*one.name == action)?;
            EventKind::Cause { process, stream: action.stream.clone(), count: *times }
        }
        ActionKind::Traffic { factor } => EventKind::Traffic { factor: *factor },
        ActionKind::RestartContainer => EventKind::Restart { process: process? },
        ActionKind::Fault(fault) => {
            EventKind::Fault { process, fault: simulated_fault(*fault, scrape_timeout(analysis)) }
        }
        ActionKind::StopPrometheus => EventKind::PrometheusDown,
        ActionKind::ReloadConfiguration => return Some(Effect::Reload),
        ActionKind::Workload(change) => {
            let Scope::Workload(wanted) = &choice.scope else { return None };
            let all = workloads(analysis);
            let (workload, replicas) =
                all.iter().find(|(owner, _)| menu::workload_ref(owner) == *wanted)?;
            return Some(Effect::Cluster(cluster_changes(*change, workload, *replicas)));
        }
    };
    Some(Effect::World(kind, duration))
}

fn simulated_fault(fault: Fault, timeout: Duration) -> SimulatedFault {
    match fault {
        Fault::NetworkCut => SimulatedFault::NetworkCut,
        Fault::CrashLoop => SimulatedFault::CrashLoop,
        Fault::SlowerThanTimeout => SimulatedFault::Slow { takes: menu::late_answer(timeout) },
        Fault::SlowWithinTimeout => SimulatedFault::Slow { takes: menu::slow_answer(timeout) },
        Fault::Status(code) => SimulatedFault::Status { code },
        Fault::WrongContentType => SimulatedFault::ContentType { content_type: "text/html".into() },
        Fault::MissedScrapes => SimulatedFault::Missed,
        Fault::ClockSkew { minutes, in_samples } => SimulatedFault::ClockSkew {
            by: Duration(i64::from(minutes) * 60_000),
            stamps: in_samples,
        },
    }
}

/// The longest scrape timeout of any target; the default if there is no target.
fn scrape_timeout(analysis: &Analysis) -> Duration {
    let timeouts = analysis.routes.iter().map(|route| route.spec.timeout);
    timeouts.max().unwrap_or(Duration::from_secs(10))
}

/// Workloads with the number of their pods. One that was scaled to zero has none.
fn workloads(analysis: &Analysis) -> Vec<(ObjectRef, i64)> {
    let mut counts: Vec<(ObjectRef, i64)> = Vec::new();
    let scaled = analysis.overrides.scale.keys().map(|owner| (owner, 0));
    let owners = analysis.state.replicas.values().map(|(owner, _)| (owner, 1));
    for (owner, count) in owners.chain(scaled) {
        match counts.iter_mut().find(|(known, _)| known == owner) {
            Some((_, total)) => *total += count,
            None => counts.push((owner.clone(), count)),
        }
    }
    counts.index_sort();
    counts.truncate(menu::MOST);
    counts
}

/// A workload of the menu, with the number of its pods.
pub fn workload(
    analysis: &Analysis,
    wanted: &protocol::action::WorkloadRef,
) -> Option<(ObjectRef, i64)> {
    workloads(analysis).into_iter().find(|(owner, _)| menu::workload_ref(owner) == *wanted)
}

/// The workload of Prometheus with the number of its pods, if it can be scaled.
pub fn server_workload(analysis: &Analysis) -> Option<(ObjectRef, i64)> {
    let owner = &analysis.instances.first()?.owner;
    let found = workloads(analysis).into_iter().find(|(workload, _)| workload == owner);
    found.filter(|(workload, _)| menu::is_scalable(workload))
}

/// Milliseconds between the pods of a rollout: one starts, is ready, and the next is replaced.
const ROLLOUT_STEP: u64 = 6_000;

fn cluster_changes(
    change: WorkloadChange,
    workload: &ObjectRef,
    replicas: i64,
) -> Vec<(u64, ClusterChange)> {
    let workload = workload.clone();
    let one = match change {
        WorkloadChange::ScaleUp => ClusterChange::Scale { workload, replicas: replicas + 1 },
        WorkloadChange::ScaleDown => ClusterChange::Scale { workload, replicas: replicas - 1 },
        WorkloadChange::ScaleToZero => ClusterChange::Scale { workload, replicas: 0 },
        WorkloadChange::FailReadiness => ClusterChange::Ready { workload, ready: false },
        WorkloadChange::PassReadiness => ClusterChange::Ready { workload, ready: true },
        WorkloadChange::DeletePod => ClusterChange::Replace { workload, replica: 0 },
        WorkloadChange::RolloutRestart => {
            let replace = |replica| ClusterChange::Replace { workload: workload.clone(), replica };
            let all = 0..replicas.clamp(0, 100) as usize;
            return all.map(|one| (ROLLOUT_STEP * one as u64, replace(one))).collect();
        }
    };
    vec![(0, one)]
}

/// Applies a change of the cluster.
pub fn apply(overrides: &mut Overrides, change: &ClusterChange) {
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
    use protocol::ProcessKey;
    use simulation::world::ProcessSpec;

    fn process(key: &str) -> ProcessSpec {
        let workload = simulation::workload::library().by_name("giftcard").unwrap();
        ProcessSpec {
            key: key.into(),
            workload: workload.clone(),
            path: "/metrics".into(),
            status: None,
            started: None,
        }
    }

    fn analysis(keys: &[&str]) -> Analysis {
        let processes = keys.iter().map(|key| process(key)).collect();
        Analysis { processes: Arc::new(processes), ..Analysis::default() }
    }

    fn scope(key: &str) -> Scope {
        Scope::Process(ProcessKey::parse(key).unwrap())
    }

    #[test]
    fn labels_are_unique_and_help_is_a_sentence() {
        let analysis = analysis(&["a/p-1/web:80", "a/p-2/web:80", "a/p-2/web:81", "a/q/db:5432"]);
        let all = possible(&analysis);
        let (mut labels, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for one in all.iter().filter(|one| !one.prominent) {
            assert!(labels.insert(&one.label), "{}", one.label);
            assert!(ids.insert(one.id()), "{}", one.id());
            let ends_well = one.help.ends_with('.') && one.help.len() > 20;
            assert!(ends_well, "{}: {}", one.label, one.help);
        }
        let is_restart = |one: &&protocol::ActionSpec| {
            one.kind == ActionKind::RestartContainer && !one.prominent
        };
        let restart = all.iter().find(is_restart).unwrap();
        let subjects: Vec<&str> =
            restart.subjects.iter().map(|subject| subject.label.as_str()).collect();
        assert_eq!(subjects, ["web in p-1", "web:80 in p-2", "web:81 in p-2", "db"]);
    }

    #[test]
    fn choices_have_effects() {
        let analysis = analysis(&["a/p/web:80"]);
        let fault = |process: Option<&str>, fault| EventKind::Fault {
            process: process.map(Into::into),
            fault,
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (kind, scope, duration, label, effect) in [
            (
                ActionKind::Fault(Fault::NetworkCut),
                Scope::All,
                Some(30),
                "Cut the network",
                Effect::World(fault(None, SimulatedFault::NetworkCut), seconds(30)),
            ),
            (
                ActionKind::Fault(Fault::Status(401)),
                scope("a/p/web:80"),
                Some(0),
                "HTTP 401 Unauthorized: web",
                Effect::World(
                    fault(Some("a/p/web:80"), SimulatedFault::Status { code: 401 }),
                    None,
                ),
            ),
            (
                ActionKind::ReloadConfiguration,
                Scope::All,
                None,
                "Reload the configuration",
                Effect::Reload,
            ),
            (
                ActionKind::Traffic { factor: 3.0 },
                Scope::All,
                Some(60),
                "Three times the traffic",
                Effect::World(EventKind::Traffic { factor: 3.0 }, seconds(60)),
            ),
            (
                ActionKind::StopPrometheus,
                Scope::All,
                None,
                "Stop Prometheus",
                Effect::World(EventKind::PrometheusDown, seconds(120)),
            ),
        ] {
            let choice = Choice { kind, scope, duration };
            let chosen = resolve(&analysis, &choice).unwrap_or_else(|| panic!("{choice:?}"));
            assert_eq!((chosen.label.as_str(), chosen.effect), (label, effect));
        }
        for (kind, scope) in [
            (ActionKind::RestartContainer, Scope::All),
            (ActionKind::Fault(Fault::NetworkCut), scope("a/other/web:80")),
            (ActionKind::Fault(Fault::Status(418)), Scope::All),
            (ActionKind::ReloadConfiguration, scope("a/p/web:80")),
        ] {
            let choice = Choice { kind, scope, duration: None };
            assert_eq!(resolve(&analysis, &choice), None, "{choice:?}");
        }
    }

    #[test]
    fn buttons_are_possible_choices() {
        let analysis = analysis(&["a/p/web:80"]);
        let menu = possible(&analysis);
        let buttons: Vec<_> = menu.iter().filter(|one| one.prominent).collect();
        assert_eq!(buttons.len(), 2);
        for button in buttons {
            assert!(resolve(&analysis, &button.choice(None, None)).is_some(), "{}", button.label);
        }
    }

    #[test]
    fn a_rollout_replaces_one_pod_after_the_other() {
        let workload =
            ObjectRef { kind: Kind::Deployment, namespace: "default".into(), name: "web".into() };
        let changes = cluster_changes(WorkloadChange::RolloutRestart, &workload, 3);
        let times: Vec<u64> = changes.into_iter().map(|(after, _)| after).collect();
        assert_eq!(times, [0, 6_000, 12_000]);
    }
}
