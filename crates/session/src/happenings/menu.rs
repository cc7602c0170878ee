//! The menu of what may happen: each line with its subjects, its lengths, and what follows from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{ALL, Change, Deed, Happening, Scene, write};
use crate::protocol::{Action, Group, Subject};
use go::Duration;
use kubernetes::objects::{Kind, ObjectRef};
use scenarios::image_name;
use simulation::events::{Fault, status_line};
use simulation::workload::Workload;
use simulation::world::ProcessSpec;

/// How many programs and workloads can be chosen; a list of hundreds helps nobody.
const MOST: usize = 40;

/// Seconds that a fault can last; 0 is until somebody ends it.
const LASTS: [u32; 7] = [120, 30, 60, 300, 900, 3600, 0];
const SURGES: [u32; 6] = [0, 30, 60, 300, 900, 3600];
const BURSTS: [u32; 4] = [30, 60, 120, 300];

/// Everything that may happen, the most telling first.
pub fn possible(scene: &Scene<'_>) -> Vec<Happening> {
    let mut all = visitors(scene);
    all.extend(traffic());
    all.extend(pods(scene));
    all.extend(faults(scene));
    all.extend(server());
    let prominent: Vec<Happening> = shortcuts(scene, &all);
    all.splice(0..0, prominent);
    all
}

/// A line of the menu, without subjects and lengths.
fn line(group: Group, id: String, label: String, help: String, deed: Deed) -> Happening {
    let action = Action { id, label, help, group, ..Action::default() };
    Happening { action, deed, workloads: Arc::default() }
}

/// The first thing that visitors do, and a restart of the first program that is not Prometheus.
fn shortcuts(scene: &Scene<'_>, all: &[Happening]) -> Vec<Happening> {
    let mut found = Vec::new();
    let shorten = |one: &Happening, choice: String, label: String| {
        let action = Action {
            id: choice,
            label,
            prominent: true,
            subjects: Vec::new(),
            lasts: Vec::new(),
            ..one.action.clone()
        };
        Happening { action, ..one.clone() }
    };
    if let Some(first) = all.iter().find(|one| one.action.group == Group::Visitors) {
        let subject = first.action.subjects.first().map(|subject| subject.id.as_str());
        let choice = write(&first.action.id, subject, None);
        found.push(shorten(first, choice, first.action.label.clone()));
    }
    let own = |process: &&ProcessSpec| {
        process.key.contains('/') && &*process.workload.name != "prometheus"
    };
    if let Some(restart) = all.iter().find(|one| one.deed == Deed::Restart)
        && let Some(process) = scene.processes.iter().find(own)
    {
        let label = format!("Restart {}", container_of(&process.key));
        found.push(shorten(restart, write(&restart.action.id, Some(&process.key), None), label));
    }
    found
}

/// What people do to the programs: the scenario's own events, then all that the programs offer.
fn visitors(scene: &Scene<'_>) -> Vec<Happening> {
    let mut all: Vec<Happening> = Vec::new();
    let mut offered: BTreeSet<(Arc<str>, Arc<str>)> = BTreeSet::new();
    for event in scene.scenario.into_iter().flat_map(|scenario| scenario.events) {
        let keys: Vec<&ProcessSpec> = running(scene, event.image, event.port);
        let Some(workload) = keys.first().map(|process| &process.workload) else { continue };
        let Some(action) = workload.actions.iter().find(|one| &*one.name == event.action) else {
            continue;
        };
        let id = format!("visit {} {}", event.action, event.times.max(1));
        if event.times <= 1 {
            offered.insert((workload.name.clone(), action.name.clone()));
        }
        let deed = Deed::Cause {
            workload: workload.name.clone(),
            stream: action.stream.clone(),
            count: event.times.max(1),
        };
        let mut one = line(Group::Visitors, id, event.label.into(), event.help.into(), deed);
        one.action.subjects = subjects(keys.into_iter());
        all.push(one);
    }
    let mut seen = BTreeSet::new();
    for process in scene.processes {
        if seen.insert(process.workload.name.clone()) && all.len() < MOST {
            all.extend(offers(scene, &process.workload, &offered));
        }
    }
    all
}

fn offers(
    scene: &Scene<'_>,
    workload: &Arc<Workload>,
    offered: &BTreeSet<(Arc<str>, Arc<str>)>,
) -> Vec<Happening> {
    let mut all = Vec::new();
    for action in &workload.actions {
        for count in [1_u32, 10] {
            let known = (workload.name.clone(), action.name.clone());
            if count == 1 && offered.contains(&known) {
                continue;
            }
            let times = if count == 1 { String::new() } else { format!(" ×{count}") };
            let deed = Deed::Cause {
                workload: workload.name.clone(),
                stream: action.stream.clone(),
                count,
            };
            let mut one = line(
                Group::Visitors,
                format!("cause {} {} {count}", workload.name, action.name),
                format!("{}{times}", action.title),
                "The program counts it at once; Prometheus sees it at the next scrape.".into(),
                deed,
            );
            let own = |process: &&ProcessSpec| process.workload.name == workload.name;
            one.action.subjects = subjects(scene.processes.iter().filter(own));
            all.push(one);
        }
    }
    all
}

/// The processes in containers of an image that listen on a port.
fn running<'a>(scene: &Scene<'a>, image: &str, port: i32) -> Vec<&'a ProcessSpec> {
    let mut keys: Vec<String> = Vec::new();
    for pod in scene.state.cluster.pods.iter() {
        for container in &pod.spec.containers {
            if image_name(&container.image.value) == image {
                let (namespace, name) = (&pod.meta.namespace.value, &pod.meta.name.value);
                keys.push(format!("{namespace}/{name}/{}:{port}", container.name.value));
            }
        }
    }
    let known = |process: &&ProcessSpec| keys.iter().any(|key| **key == *process.key);
    scene.processes.iter().filter(known).collect()
}

fn traffic() -> Vec<Happening> {
    let seen = "rate() follows as its window fills with the new samples";
    [
        ("3", 3.0, "Three times the traffic", "Counters grow three times as fast", &SURGES[..]),
        ("0.1", 0.1, "A tenth of the traffic", "Counters grow ten times more slowly", &SURGES),
        ("0", 0.0, "No traffic", "Counters stand still; they are scraped all the same", &SURGES),
        ("20", 20.0, "A burst, twenty times the traffic", "Counters jump", &BURSTS),
        ("1", 1.0, "Traffic as usual", "What had no end of its own is over", &[]),
    ]
    .into_iter()
    .map(|(id, factor, label, help, lasts)| {
        let help = format!("{help}; {seen}.");
        let deed = Deed::Traffic(factor);
        let mut one = line(Group::Traffic, format!("traffic {id}"), label.into(), help, deed);
        one.action.lasts = lasts.to_vec();
        one
    })
    .collect()
}

/// What can be done to a workload: id, label, help.
const CHANGES: [(Change, &str, &str, &str); 7] = [
    (
        Change::Roll,
        "roll",
        "Roll out anew",
        "As kubectl rollout restart: one pod after the other is replaced, each with a new name \
             and address, so with discovery of pods or endpoints every target is a new one.",
    ),
    (
        Change::Delete,
        "delete",
        "Delete a pod",
        "Its series end with staleness markers; another pod takes its place, with another name \
             and address.",
    ),
    (
        Change::ScaleBy(1),
        "scale-up",
        "Scale up by one",
        "As kubectl scale: one more pod is an endpoint of its Services.",
    ),
    (
        Change::ScaleBy(-1),
        "scale-down",
        "Scale down by one",
        "As kubectl scale: the last pod goes, and its series end with staleness markers.",
    ),
    (
        Change::ScaleTo(0),
        "scale-zero",
        "Scale to zero",
        "No pod is left. A Service without endpoints refuses connections at once.",
    ),
    (
        Change::NotReady,
        "not-ready",
        "Fail the readiness probe",
        "The first pod is no ready endpoint any more: its Services do not send it traffic, but \
             discovery of endpoints still lists it and Prometheus still scrapes it.",
    ),
    (Change::Ready, "ready", "Pass the readiness probe", "The first pod is ready again."),
];

fn pods(scene: &Scene<'_>) -> Vec<Happening> {
    let in_pods = || scene.processes.iter().filter(|process| process.key.contains('/'));
    let mut restart = line(
        Group::Pods,
        "restart".into(),
        "Restart a container".into(),
        "It answers nothing for four seconds, then its counters begin at zero; rate() takes the \
         fall for a reset and adds what was there before."
            .into(),
        Deed::Restart,
    );
    restart.action.subjects = subjects(in_pods());
    let mut all = vec![restart];
    let workloads = workloads(scene);
    let scalable =
        |kind: Kind| matches!(kind, Kind::Deployment | Kind::StatefulSet | Kind::ReplicaSet);
    let not_ready = |owner: &ObjectRef| {
        scene.overrides.not_ready.get(owner).is_some_and(|numbers| !numbers.is_empty())
    };
    for (change, id, label, help) in CHANGES {
        let fits = |workload: &&(ObjectRef, i64)| match change {
            Change::ScaleBy(by) => {
                scalable(workload.0.kind) && (0..=20).contains(&(workload.1 + by))
            }
            Change::ScaleTo(to) => scalable(workload.0.kind) && workload.1 != to,
            Change::Roll => scalable(workload.0.kind) && workload.1 > 0,
            Change::Delete => workload.1 > 0,
            Change::NotReady => workload.1 > 0 && !not_ready(&workload.0),
            Change::Ready => not_ready(&workload.0),
        };
        let chosen: Vec<(ObjectRef, i64)> = workloads.iter().filter(fits).cloned().collect();
        if chosen.is_empty() {
            continue;
        }
        let deed = Deed::Cluster(change);
        let mut one = line(Group::Pods, id.into(), label.into(), help.into(), deed);
        let subject = |(owner, replicas): &(ObjectRef, i64)| Subject {
            id: owner.to_string(),
            label: format!("{} ({})", owner.name, of_pods(*replicas)),
        };
        one.action.subjects = chosen.iter().map(subject).collect();
        one.workloads = Arc::new(chosen);
        all.push(one);
    }
    all
}

fn of_pods(replicas: i64) -> String {
    if replicas == 1 { "1 pod".to_owned() } else { format!("{replicas} pods") }
}

/// Workloads with the number of their pods; one that was scaled to zero has none left.
fn workloads(scene: &Scene<'_>) -> Vec<(ObjectRef, i64)> {
    let mut counts: Vec<(ObjectRef, i64)> = Vec::new();
    let scaled = scene.overrides.scale.keys().map(|owner| (owner, 0));
    let owners = scene.state.replicas.values().map(|(owner, _)| (owner, 1));
    for (owner, count) in owners.chain(scaled) {
        match counts.iter_mut().find(|(known, _)| known == owner) {
            Some((_, total)) => *total += count,
            None => counts.push((owner.clone(), count)),
        }
    }
    counts.sort();
    counts.truncate(MOST);
    counts
}

/// Id, label, help, and what it does.
type FaultLine = (String, String, String, Fault);

fn fault(id: &str, label: impl Into<String>, help: &str, fault: Fault) -> FaultLine {
    (id.to_owned(), label.into(), help.to_owned(), fault)
}

/// Answers that Prometheus cannot use.
fn statuses() -> [FaultLine; 5] {
    let status = |code: u16, why: &str| {
        let text = format!("server returned HTTP status {}", status_line(code));
        let help = format!("{why} The scrape fails with `{text}`, up is 0, its series go stale.");
        let label = format!("HTTP {}", status_line(code));
        fault(&format!("status-{code}"), label, &help, Fault::Status { code })
    };
    [
        status(400, "As of a web framework that does not know the host's name."),
        status(401, "As when a token has expired."),
        status(404, "As when the path of the metrics has changed."),
        status(500, "As when the code behind /metrics fails."),
        status(503, "As of a program that is not ready yet."),
    ]
}

fn clocks() -> [FaultLine; 5] {
    let skew = |minutes: i64, stamps| Fault::ClockSkew { by: Duration(minutes * 60_000), stamps };
    [
        fault(
            "clock",
            "Clock 5m slow",
            "The program gives no times with its samples, so Prometheus's own clock counts; only \
             values that are times, as process_start_time_seconds, are off.",
            skew(-5, false),
        ),
        fault(
            "clock-slow",
            "Clock 5m slow, in samples too",
            "The program writes its own time behind each sample. They are older than what is \
             stored and refused as out of order; up stays 1, and only the log tells.",
            skew(-5, true),
        ),
        fault(
            "clock-fast",
            "Clock 5m fast, in samples too",
            "Samples lie in the future: a query for now does not see them until time gets there, \
             and once the clock is right new ones are refused as out of order.",
            skew(5, true),
        ),
        fault(
            "clock-ahead",
            "Clock 20m fast, in samples too",
            "More than ten minutes ahead is refused as out of bounds; up stays 1, and only the log \
             tells.",
            skew(20, true),
        ),
        fault(
            "clock-behind",
            "Clock 2h slow, in samples too",
            "Older than the hour that the head block still takes: refused as out of bounds; up \
             stays 1.",
            skew(-120, true),
        ),
    ]
}

fn faults(scene: &Scene<'_>) -> Vec<Happening> {
    let timeout = scene.timeout.millis().max(1);
    let (late, slow) = (Duration(timeout + 2_000), Duration((timeout / 2).max(1)));
    let network = [
        fault(
            "cut",
            "Cut the network",
            "Packets go nowhere: a scrape waits for its whole timeout and fails with `context \
             deadline exceeded`; up is 0, its series go stale. Cut off from all others, Prometheus \
             reaches only itself.",
            Fault::NetworkCut,
        ),
        fault(
            "crash",
            "Crash loop",
            "The container ends as soon as it starts, so connections are refused. The kubelet \
             tries again after 10s, 20s, 40s and so on up to 5m; counters begin at zero. If it is \
             Prometheus's own, nothing is scraped meanwhile.",
            Fault::CrashLoop,
        ),
        fault(
            "slow",
            format!("Answer after {late}"),
            "Longer than the scrape's timeout: `context deadline exceeded`, though the program \
             itself is well.",
            Fault::Slow { takes: late },
        ),
        fault(
            "sluggish",
            format!("Answer after {slow}"),
            "Still within the timeout: the scrape works, and scrape_duration_seconds shows it.",
            Fault::Slow { takes: slow },
        ),
    ];
    let others = [
        fault(
            "html",
            "Wrong content type",
            "The answer says text/html, as a login page does. Prometheus 3 refuses what it has no \
             parser for, unless fallback_scrape_protocol names one.",
            Fault::ContentType { content_type: "text/html".into() },
        ),
        fault(
            "missed",
            "Miss scrapes",
            "As by an overloaded server: nothing is stored, not even up 0, and nothing goes stale; \
             rate() has fewer samples, and after five minutes there is no value at all.",
            Fault::Missed,
        ),
    ];
    let mut whom = vec![Subject { id: ALL.into(), label: "every program".into() }];
    whom.extend(subjects(scene.processes.iter().filter(|process| process.key.contains('/'))));
    let all = network.into_iter().chain(statuses()).chain(others).chain(clocks());
    all.map(|(id, label, help, fault)| {
        let mut one = line(Group::Faults, id, label, help, Deed::Fault(fault));
        one.action.subjects = whom.clone();
        one.action.lasts = LASTS.to_vec();
        one
    })
    .collect()
}

fn server() -> Vec<Happening> {
    let mut down = line(
        Group::Prometheus,
        "down".into(),
        "Stop Prometheus".into(),
        "It neither scrapes nor evaluates rules. Nothing is marked stale: queries find the last \
         samples for five minutes, then nothing. When it starts it reads its configuration anew, \
         and has only the samples that lie on a volume."
            .into(),
        Deed::Down,
    );
    down.action.lasts = LASTS.to_vec();
    let reload = line(
        Group::Prometheus,
        "reload".into(),
        "Reload the configuration".into(),
        "As POST /-/reload or SIGHUP: it reads the file as it is mounted. One that it refuses \
         leaves the old one in force and sets prometheus_config_last_reload_successful to 0."
            .into(),
        Deed::Reload,
    );
    vec![down, reload]
}

/// Programs by the container's name, with the pod's where several have the same.
fn subjects<'a>(processes: impl Iterator<Item = &'a ProcessSpec>) -> Vec<Subject> {
    let all: Vec<&ProcessSpec> = processes.take(MOST).collect();
    let label = |process: &ProcessSpec| {
        let name = container_of(&process.key);
        let twins = all.iter().filter(|other| container_of(&other.key) == name).count();
        if twins < 2 {
            return name.to_owned();
        }
        let mut parts = process.key.split('/');
        let pod = parts.nth(1).unwrap_or_default();
        let port = process.key.rsplit_once(':').map_or("", |(_, port)| port);
        let in_pod = |other: &&&ProcessSpec| other.key.split('/').nth(1) == Some(pod);
        let ports =
            all.iter().filter(in_pod).filter(|other| container_of(&other.key) == name).count();
        if ports < 2 { format!("{name} in {pod}") } else { format!("{name}:{port} in {pod}") }
    };
    all.iter().map(|one| Subject { id: one.key.to_string(), label: label(one) }).collect()
}

/// `proxy` of `default/proxy-1/proxy:8080`.
fn container_of(key: &str) -> &str {
    let last = key.rsplit('/').next().unwrap_or(key);
    last.split(':').next().unwrap_or(last)
}
