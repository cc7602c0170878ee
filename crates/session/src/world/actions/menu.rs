//! The menu of actions: each line with its scopes, its durations, and its effect in words.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{scrape_timeout, workloads};
use crate::analysis::Analysis;
use go::Duration;
use kubernetes::objects::{Kind, ObjectRef, Probe};
use kubernetes::prometheus::is_prometheus_image;
use protocol::action::{Fault, WorkloadChange, WorkloadRef};
use protocol::{ActionKind, ActionSpec, Group, ProcessKey, Scope, Subject};
use scenarios::image_name;
use simulation::events::status_line;
use simulation::workload::Workload;
use simulation::world::ProcessSpec;

/// The most programs and workloads that can be chosen.
pub(super) const MOST: usize = 40;

/// Durations of faults in seconds, the default first; 0 means until the fault is ended.
const FAULT_DURATIONS: [u32; 7] = [120, 30, 60, 300, 900, 3600, 0];
const TRAFFIC_DURATIONS: [u32; 6] = [0, 30, 60, 300, 900, 3600];
const BURST_DURATIONS: [u32; 4] = [30, 60, 120, 300];

/// All actions that are possible, in the order of the menu. Buttons come first.
pub fn possible(analysis: &Analysis) -> Vec<ActionSpec> {
    let mut all = visitors(analysis);
    all.extend(traffic());
    all.extend(pods(analysis));
    all.extend(faults(analysis));
    all.extend(server(analysis));
    let buttons = buttons(analysis, &all);
    all.splice(0..0, buttons);
    all
}

/// A line of the menu that has neither subjects nor durations.
fn line(group: Group, kind: ActionKind, label: &str, help: &str) -> ActionSpec {
    ActionSpec {
        kind,
        label: label.to_owned(),
        help: help.to_owned(),
        group,
        prominent: false,
        scope: Scope::All,
        subjects: Vec::new(),
        durations: Vec::new(),
    }
}

/// The first action of visitors, and a restart of the first program that is not Prometheus.
fn buttons(analysis: &Analysis, all: &[ActionSpec]) -> Vec<ActionSpec> {
    let mut found = Vec::new();
    let button = |spec: &ActionSpec, scope: Scope, label: String| ActionSpec {
        label,
        scope,
        prominent: true,
        subjects: Vec::new(),
        durations: Vec::new(),
        ..spec.clone()
    };
    if let Some(first) = all.iter().find(|one| one.group == Group::Visitors)
        && let Some(subject) = first.subjects.first()
    {
        found.push(button(first, subject.scope.clone(), first.label.clone()));
    }
    let own = analysis
        .processes
        .iter()
        .filter(|process| &*process.workload.name != "prometheus")
        .find_map(|process| ProcessKey::parse(&process.key));
    if let Some(restart) = all.iter().find(|one| one.kind == ActionKind::RestartContainer)
        && let Some(key) = own
    {
        let label = format!("Restart {}", key.container);
        found.push(button(restart, Scope::Process(key), label));
    }
    found
}

/// Actions of visitors: the events of the scenario, then the actions that workloads offer.
fn visitors(analysis: &Analysis) -> Vec<ActionSpec> {
    let mut all: Vec<ActionSpec> = Vec::new();
    let mut offered: BTreeSet<(Arc<str>, Arc<str>)> = BTreeSet::new();
    for event in analysis.scenario.into_iter().flat_map(|scenario| scenario.events) {
        let processes = running(analysis, event.image, event.port);
        let Some(workload) = processes.first().map(|process| &process.workload) else { continue };
        let Some(action) = workload.actions.iter().find(|one| &*one.name == event.action) else {
            continue;
        };
        let times = event.times.max(1);
        if times == 1 {
            offered.insert((workload.name.clone(), action.name.clone()));
        }
        let kind = ActionKind::Visit { action: event.action.to_owned(), times };
        let mut spec = line(Group::Visitors, kind, event.label, event.help);
        spec.subjects = subjects(processes.into_iter());
        all.push(spec);
    }
    let mut seen = BTreeSet::new();
    for process in analysis.processes.iter() {
        if seen.insert(process.workload.name.clone()) && all.len() < MOST {
            all.extend(workload_actions(analysis, &process.workload, &offered));
        }
    }
    all
}

/// Actions that a workload offers, once and ten times, except those in `offered`.
fn workload_actions(
    analysis: &Analysis,
    workload: &Arc<Workload>,
    offered: &BTreeSet<(Arc<str>, Arc<str>)>,
) -> Vec<ActionSpec> {
    let mut all = Vec::new();
    for action in &workload.actions {
        for times in [1_u32, 10] {
            let known = (workload.name.clone(), action.name.clone());
            if times == 1 && offered.contains(&known) {
                continue;
            }
            let many = if times == 1 { String::new() } else { format!(" ×{times}") };
            let kind = ActionKind::Use {
                workload: workload.name.to_string(),
                action: action.name.to_string(),
                times,
            };
            let help = "The program counts it at once. Prometheus sees it at the next scrape.";
            let label = format!("{}{many}", action.title);
            let mut spec = line(Group::Visitors, kind, &label, help);
            let own = |process: &&ProcessSpec| process.workload.name == workload.name;
            spec.subjects = subjects(analysis.processes.iter().filter(own));
            all.push(spec);
        }
    }
    all
}

/// The processes in containers of an image that listen on a port.
fn running<'a>(analysis: &'a Analysis, image: &str, port: i32) -> Vec<&'a ProcessSpec> {
    let containers = analysis.state.cluster.pods.iter().flat_map(|pod| {
        let own = pod.spec.containers.iter();
        own.filter(|one| image_name(&one.image.value) == image).map(move |one| (pod, one))
    });
    let keys: BTreeSet<String> = containers
        .map(|(pod, container)| {
            let key = ProcessKey {
                namespace: pod.meta.namespace.value.to_string(),
                pod: pod.meta.name.value.to_string(),
                container: container.name.value.to_string(),
                port,
            };
            key.to_string()
        })
        .collect();
    analysis.processes.iter().filter(|process| keys.contains(&*process.key)).collect()
}

fn traffic() -> Vec<ActionSpec> {
    let lag = "rate() follows as its window fills with the new samples";
    [
        (
            3.0,
            "Three times the traffic",
            "Counters grow three times as fast",
            &TRAFFIC_DURATIONS[..],
        ),
        (0.1, "A tenth of the traffic", "Counters grow ten times more slowly", &TRAFFIC_DURATIONS),
        (0.0, "No traffic", "Counters keep their values and are still scraped", &TRAFFIC_DURATIONS),
        (20.0, "A burst, twenty times the traffic", "Counters jump", &BURST_DURATIONS),
        (1.0, "Usual traffic", "Ends every change of traffic that has no end of its own", &[]),
    ]
    .into_iter()
    .map(|(factor, label, help, durations)| {
        let help = format!("{help}; {lag}.");
        let mut spec = line(Group::Traffic, ActionKind::Traffic { factor }, label, &help);
        spec.durations = durations.to_vec();
        spec
    })
    .collect()
}

/// Changes of a workload: kind, label, help.
const CHANGES: [(WorkloadChange, &str, &str); 7] = [
    (
        WorkloadChange::RolloutRestart,
        "Restart the rollout",
        "Like kubectl rollout restart: the pods are replaced one after the other, each with a new \
         name and address. With discovery of pods or endpoints every target is a new one.",
    ),
    (
        WorkloadChange::DeletePod,
        "Delete a pod",
        "Its series end with staleness markers. A new pod with another name and address replaces \
         it.",
    ),
    (
        WorkloadChange::ScaleUp,
        "Scale up by one",
        "Like kubectl scale: one more pod becomes an endpoint of its Services.",
    ),
    (
        WorkloadChange::ScaleDown,
        "Scale down by one",
        "Like kubectl scale: the last pod is deleted, and its series end with staleness markers.",
    ),
    (
        WorkloadChange::ScaleToZero,
        "Scale to zero",
        "All pods are deleted. A Service without endpoints refuses connections at once.",
    ),
    (
        WorkloadChange::FailReadiness,
        "Fail the readiness probe",
        "The first pod is no longer a ready endpoint: Services send it no traffic, but discovery \
         of endpoints still lists it and Prometheus still scrapes it. In a running cluster the path \
         of the probe answers 503; a liveness probe with the same path restarts the container.",
    ),
    (WorkloadChange::PassReadiness, "Pass the readiness probe", "The first pod is ready again."),
];

fn pods(analysis: &Analysis) -> Vec<ActionSpec> {
    let mut restart = line(
        Group::Pods,
        ActionKind::RestartContainer,
        "Restart a container",
        "It does not answer for four seconds, then its counters begin at zero. rate() detects the \
         reset and adds the value before it.",
    );
    restart.subjects = subjects(analysis.processes.iter());
    let mut all = vec![restart];
    let workloads = workloads(analysis);
    for (change, label, help) in CHANGES {
        let possible = workloads.iter().filter(|workload| is_possible(analysis, change, workload));
        let subjects: Vec<Subject> = possible.map(workload_subject).collect();
        if subjects.is_empty() {
            continue;
        }
        let mut spec = line(Group::Pods, ActionKind::Workload(change), label, help);
        spec.subjects = subjects;
        all.push(spec);
    }
    all
}

/// Returns true if a workload with a number of pods can be changed in this way.
fn is_possible(
    analysis: &Analysis,
    change: WorkloadChange,
    (owner, replicas): &(ObjectRef, i64),
) -> bool {
    let scalable = is_scalable(owner);
    let not_ready = analysis.overrides.not_ready.get(owner).is_some_and(|pods| !pods.is_empty());
    match change {
        WorkloadChange::ScaleUp => scalable && (0..20).contains(replicas),
        WorkloadChange::ScaleDown => scalable && (1..=21).contains(replicas),
        WorkloadChange::ScaleToZero => scalable && *replicas != 0,
        WorkloadChange::RolloutRestart => scalable && *replicas > 0,
        WorkloadChange::DeletePod => *replicas > 0,
        WorkloadChange::FailReadiness => {
            *replicas > 0 && !not_ready && (!analysis.observed || has_readiness(analysis, owner))
        }
        WorkloadChange::PassReadiness => not_ready,
    }
}

/// Returns true if `kubectl scale` changes a workload.
pub(super) fn is_scalable(owner: &ObjectRef) -> bool {
    matches!(
        owner.kind,
        Kind::Deployment | Kind::StatefulSet | Kind::ReplicaSet | Kind::ReplicationController
    )
}

/// Returns true if the program of the first pod answers a readiness probe. A kubelet takes a pod
/// without such a probe as ready.
fn has_readiness(analysis: &Analysis, owner: &ObjectRef) -> bool {
    let first = analysis.state.replicas.iter().filter(|(_, (of, _))| of == owner);
    let Some((pod, _)) = first.min_by_key(|(_, (_, number))| *number) else { return false };
    let pod = analysis.state.cluster.pods.get(&pod.0, &pod.1);
    pod.is_some_and(|pod| {
        pod.spec.containers.iter().any(|one| {
            let answered = |probe: &Probe| probe.is_http || probe.port.is_none();
            one.readiness_probe.as_ref().is_some_and(answered)
                && !is_prometheus_image(&one.image.value)
        })
    })
}

fn workload_subject((owner, replicas): &(ObjectRef, i64)) -> Subject {
    let pods = if *replicas == 1 { "1 pod".to_owned() } else { format!("{replicas} pods") };
    Subject {
        scope: Scope::Workload(workload_ref(owner)),
        label: format!("{} ({pods})", owner.name),
    }
}

pub(super) fn workload_ref(owner: &ObjectRef) -> WorkloadRef {
    WorkloadRef {
        kind: owner.kind.name().to_owned(),
        namespace: owner.namespace.to_string(),
        name: owner.name.to_string(),
    }
}

/// Fault, label, help.
type FaultLine = (Fault, String, String);

fn fault(fault: Fault, label: impl Into<String>, help: &str) -> FaultLine {
    (fault, label.into(), help.to_owned())
}

/// Responses that Prometheus cannot use.
fn statuses() -> [FaultLine; 5] {
    let status = |code: u16, cause: &str| {
        let status = status_line(code);
        let help = format!(
            "{cause} The scrape fails with `server returned HTTP status {status}`, up is 0, and \
             the series become stale."
        );
        fault(Fault::Status(code), format!("HTTP {status}"), &help)
    };
    [
        status(400, "Like a web framework that does not know the host name."),
        status(401, "Like an expired token."),
        status(404, "Like a changed path of the metrics."),
        status(500, "Like an error in the code behind /metrics."),
        status(503, "Like a program that is not ready yet."),
    ]
}

fn clocks() -> [FaultLine; 5] {
    let skew = |minutes: i32, in_samples| Fault::ClockSkew { minutes, in_samples };
    [
        fault(
            skew(-5, false),
            "Clock 5m slow",
            "The program writes no timestamps, so the clock of Prometheus counts. Only values that \
             are times are wrong, for example process_start_time_seconds.",
        ),
        fault(
            skew(-5, true),
            "Clock 5m slow, with timestamps",
            "The program writes its own time with each sample. The samples are older than those \
             that are stored and are rejected as out of order. up stays 1; only the log shows it.",
        ),
        fault(
            skew(5, true),
            "Clock 5m fast, with timestamps",
            "Samples are in the future: a query does not return them before that time. When the \
             clock is right again, new samples are rejected as out of order.",
        ),
        fault(
            skew(20, true),
            "Clock 20m fast, with timestamps",
            "Samples more than ten minutes in the future are rejected as out of bounds. up stays \
             1; only the log shows it.",
        ),
        fault(
            skew(-120, true),
            "Clock 2h slow, with timestamps",
            "Samples are older than the hour that the head block accepts and are rejected as out \
             of bounds. up stays 1.",
        ),
    ]
}

fn network_faults(timeout: Duration) -> [FaultLine; 4] {
    let (late, slow) = (late_answer(timeout), slow_answer(timeout));
    [
        fault(
            Fault::NetworkCut,
            "Cut the network",
            "Packets are lost: a scrape waits for its timeout and fails with `context deadline \
             exceeded`, up is 0, and the series become stale. If every program is cut off, \
             Prometheus reaches only itself.",
        ),
        fault(
            Fault::CrashLoop,
            "Crash loop",
            "The container exits when it starts, so connections are refused. The kubelet restarts \
             it after 10s, 20s, 40s and so on up to 5m; counters begin at zero. If it is the \
             container of Prometheus, nothing is scraped meanwhile.",
        ),
        fault(
            Fault::SlowerThanTimeout,
            format!("Answer after {late}"),
            "Longer than the scrape timeout: the scrape fails with `context deadline exceeded`, \
             although the program works.",
        ),
        fault(
            Fault::SlowWithinTimeout,
            format!("Answer after {slow}"),
            "Shorter than the scrape timeout: the scrape succeeds, and scrape_duration_seconds \
             shows the delay.",
        ),
    ]
}

/// An answer that comes after the scrape timeout.
pub(super) fn late_answer(timeout: Duration) -> Duration {
    Duration(timeout.millis().max(1) + 2_000)
}

/// A slow answer that comes before the scrape timeout.
pub(super) fn slow_answer(timeout: Duration) -> Duration {
    Duration((timeout.millis().max(1) / 2).max(1))
}

fn faults(analysis: &Analysis) -> Vec<ActionSpec> {
    let others = [
        fault(
            Fault::WrongContentType,
            "Wrong content type",
            "The answer has the content type text/html, like a login page. Prometheus 3 fails the \
             scrape, unless fallback_scrape_protocol names a protocol.",
        ),
        fault(
            Fault::MissedScrapes,
            "Miss scrapes",
            "Like an overloaded server: nothing is stored, not even up 0, and no series becomes \
             stale. rate() has fewer samples, and after five minutes there is no value at all.",
        ),
    ];
    let mut scopes = vec![Subject { scope: Scope::All, label: "every program".into() }];
    scopes.extend(subjects(analysis.processes.iter()));
    let network = network_faults(scrape_timeout(analysis));
    let all = network.into_iter().chain(statuses()).chain(others).chain(clocks());
    all.map(|(fault, label, help)| {
        let mut spec = line(Group::Faults, ActionKind::Fault(fault), &label, &help);
        spec.subjects = scopes.clone();
        spec.durations = FAULT_DURATIONS.to_vec();
        spec
    })
    .collect()
}

fn server(analysis: &Analysis) -> Vec<ActionSpec> {
    let help = match analysis.observed {
        true => {
            "Scales the workload of Prometheus to zero, and back at the end. Nothing is marked \
             stale: queries find the last samples for five minutes, then nothing. The new pod has \
             only the samples on its volume."
        }
        false => {
            "It neither scrapes nor evaluates rules. Nothing is marked stale: queries find the last \
             samples for five minutes, then nothing. When it starts, it reads its configuration \
             again and has only the samples on its volume."
        }
    };
    let mut stop = line(Group::Prometheus, ActionKind::StopPrometheus, "Stop Prometheus", help);
    stop.durations = FAULT_DURATIONS.to_vec();
    let reload = line(
        Group::Prometheus,
        ActionKind::ReloadConfiguration,
        "Reload the configuration",
        "Like POST /-/reload or SIGHUP: Prometheus reads the mounted file. If it is invalid, the \
         old configuration stays in force and prometheus_config_last_reload_successful is 0.",
    );
    let can_stop = !analysis.observed || super::server_workload(analysis).is_some();
    let stop = Some(stop).filter(|_| can_stop);
    stop.into_iter().chain([reload]).collect()
}

/// Programs in pods by the container's name, with the pod's name if several have the same.
fn subjects<'a>(processes: impl Iterator<Item = &'a ProcessSpec>) -> Vec<Subject> {
    let keys = processes.filter_map(|process| ProcessKey::parse(&process.key));
    let keys: Vec<ProcessKey> = keys.take(MOST).collect();
    let label = |key: &ProcessKey| {
        let twins = || keys.iter().filter(|other| other.container == key.container);
        let in_pod = twins().filter(|other| other.pod == key.pod).count();
        match (twins().count(), in_pod) {
            (1, _) => key.container.clone(),
            (_, 1) => format!("{} in {}", key.container, key.pod),
            _ => format!("{}:{} in {}", key.container, key.port, key.pod),
        }
    };
    keys.iter()
        .map(|key| Subject { scope: Scope::Process(key.clone()), label: label(key) })
        .collect()
}
