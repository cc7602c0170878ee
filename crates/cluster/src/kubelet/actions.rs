//! Computes the actions of a sync: which containers to start and which to kill.
//!
//! Source: pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions,
//! kuberuntime_container.go computeInitContainerActions.

use kubernetes::object::Value;

use super::runtime::{Record, Snapshot};

/// The reason of a kill. It decides which grace period counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillReason {
    Other,
    LivenessProbe,
    StartupProbe,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    pub id: String,
    pub name: String,
    pub message: String,
    pub reason: KillReason,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// All containers and the sandbox are stopped.
    pub kill_pod: bool,
    pub create_sandbox: bool,
    pub kill: Vec<Kill>,
    /// Names of init containers and containers to start, in order.
    pub start_init: Vec<String>,
    pub start: Vec<String>,
}

/// Results of the probes of a container that is running; None if there is none yet.
pub trait ProbeResults {
    fn failed_liveness(&self, id: &str) -> bool;
    fn startup(&self, id: &str) -> Option<bool>;
}

pub fn is_sidecar(container: &Value) -> bool {
    container.str("restartPolicy") == "Always"
}

/// True if a container that ended with `code` is started again.
/// Source: pkg/api/v1/pod ContainerShouldRestart.
pub fn restarts_after(pod: &Value, container: &Value, code: i64) -> bool {
    for rule in container.list("restartPolicyRules") {
        let codes = &rule["exitCodes"];
        let listed = codes.list("values").iter().any(|one| one.as_int() == Some(code));
        let matches = match codes.str("operator") {
            "In" => listed,
            "NotIn" => !listed,
            _ => false,
        };
        if matches && rule.str("action") == "Restart" {
            return true;
        }
    }
    let policy = match container.str("restartPolicy") {
        "" => pod["spec"].str("restartPolicy"),
        own => own,
    };
    match policy {
        "Never" => false,
        "OnFailure" => code != 0,
        _ => true,
    }
}

/// True if a container is to be started. Source: kubecontainer.ShouldContainerBeRestarted.
pub fn should_start(pod: &Value, container: &Value, snapshot: &Snapshot) -> bool {
    if pod["metadata"].has("deletionTimestamp") {
        return false;
    }
    match snapshot.find(container.str("name")) {
        None => true,
        Some(Record { ended: None, .. }) => false,
        Some(Record { ended: Some(ended), .. }) => restarts_after(pod, container, ended.code),
    }
}

/// True if a container was created. Source: hasAnyRegularContainerCreated.
fn any_created(pod: &Value, snapshot: &Snapshot) -> bool {
    pod["spec"].list("containers").iter().any(|one| snapshot.find(one.str("name")).is_some())
}

/// Computes the actions of a sync.
pub fn compute(pod: &Value, snapshot: &Snapshot, probes: &dyn ProbeResults) -> Actions {
    let spec = &pod["spec"];
    let ready = snapshot.sandbox.as_ref().is_some_and(|sandbox| sandbox.ready);
    if !ready {
        return with_new_sandbox(pod, snapshot);
    }
    let mut actions = Actions::default();
    if !init_actions(pod, snapshot, probes, &mut actions) || actions.kill_pod {
        return actions;
    }
    let mut kept = 0;
    for container in spec.list("containers") {
        let name = container.str("name");
        let record = snapshot.find(name).filter(|record| record.is_running());
        let Some(record) = record else {
            if should_start(pod, container, snapshot) {
                actions.start.push(name.to_owned());
            }
            continue;
        };
        match unhealthy(pod, container, record, probes) {
            None => kept += 1,
            Some((kill, restart)) => {
                if restart {
                    actions.start.push(name.to_owned());
                }
                actions.kill.push(kill);
            }
        }
    }
    if kept == 0 && actions.start.is_empty() {
        actions.kill_pod = true;
        actions.start_init.clear();
    }
    actions
}

fn with_new_sandbox(pod: &Value, snapshot: &Snapshot) -> Actions {
    let mut actions = Actions { kill_pod: true, create_sandbox: true, ..Actions::default() };
    let spec = &pod["spec"];
    let attempt = snapshot.sandbox.as_ref().map_or(0, |sandbox| sandbox.attempt + 1);
    if spec.str("restartPolicy") == "Never" && attempt != 0 && !snapshot.records.is_empty() {
        actions.create_sandbox = false;
        return actions;
    }
    let starts: Vec<String> = spec
        .list("containers")
        .iter()
        .filter(|container| {
            let ended = snapshot.find(container.str("name")).and_then(|one| one.ended.as_ref());
            let succeeded = ended.is_some_and(|ended| ended.code == 0);
            !(succeeded && spec.str("restartPolicy") == "OnFailure")
        })
        .map(|container| container.str("name").to_owned())
        .collect();
    if starts.is_empty() && any_created(pod, snapshot) {
        actions.create_sandbox = false;
        return actions;
    }
    match spec.list("initContainers").first() {
        Some(first) => actions.start_init.push(first.str("name").to_owned()),
        None => actions.start = starts,
    }
    actions
}

/// The reason to kill a running container, and whether it is started again.
fn unhealthy(
    pod: &Value,
    container: &Value,
    record: &Record,
    probes: &dyn ProbeResults,
) -> Option<(Kill, bool)> {
    let name = container.str("name");
    let mut restart = pod["spec"].str("restartPolicy") != "Never";
    let (message, reason) = if record.spec_image != container.str("image") {
        restart = true;
        (format!("Container {name} definition changed"), KillReason::Other)
    } else if probes.failed_liveness(&record.id) {
        (format!("Container {name} failed liveness probe"), KillReason::LivenessProbe)
    } else if probes.startup(&record.id) == Some(false) {
        (format!("Container {name} failed startup probe"), KillReason::StartupProbe)
    } else {
        return None;
    };
    let message = if restart { format!("{message}, will be restarted") } else { message };
    let kill = Kill { id: record.id.clone(), name: name.to_owned(), message, reason };
    Some((kill, restart))
}

/// Adds what init containers need. Returns true if all of them have done their work.
fn init_actions(
    pod: &Value,
    snapshot: &Snapshot,
    probes: &dyn ProbeResults,
    actions: &mut Actions,
) -> bool {
    let all = pod["spec"].list("initContainers");
    if all.is_empty() {
        return true;
    }
    let earlier = any_created(pod, snapshot);
    let mut initialized = earlier;
    let mut found = false;
    for (number, container) in all.iter().enumerate().rev() {
        let name = container.str("name");
        let sidecar = is_sidecar(container);
        // Before the newest init container only sidecars are kept running.
        let past = earlier || found;
        let Some(record) = snapshot.find(name) else {
            if past && sidecar {
                actions.start_init.push(name.to_owned());
            }
            continue;
        };
        if past && !sidecar {
            continue;
        }
        found = true;
        match init_step(pod, container, record, probes) {
            InitStep::Wait => {}
            InitStep::Restart(kill) => {
                actions.kill.extend(kill);
                actions.start_init.push(name.to_owned());
            }
            InitStep::FailPod => {
                actions.kill_pod = true;
                actions.start_init.clear();
                return false;
            }
            InitStep::Proceed if past => {}
            InitStep::Proceed => match all.get(number + 1) {
                Some(next) => actions.start_init.push(next.str("name").to_owned()),
                None => initialized = true,
            },
        }
    }
    if !found && !earlier && actions.start_init.is_empty() {
        actions.start_init.extend(all.first().map(|one| one.str("name").to_owned()));
    }
    actions.start_init.reverse();
    initialized
}

/// The next step of an init container that was created.
enum InitStep {
    /// It runs.
    Wait,
    /// It starts again, after it is killed if it is an unhealthy sidecar.
    Restart(Option<Kill>),
    /// It failed for good.
    FailPod,
    /// The container after it may start.
    Proceed,
}

fn init_step(
    pod: &Value,
    container: &Value,
    record: &Record,
    probes: &dyn ProbeResults,
) -> InitStep {
    let sidecar = is_sidecar(container);
    match &record.ended {
        None if !sidecar => InitStep::Wait,
        None => match unhealthy_sidecar(container, record, probes) {
            Some(kill) => InitStep::Restart(Some(kill)),
            None if has_started(container, record, probes) => InitStep::Proceed,
            None => InitStep::Wait,
        },
        Some(_) if sidecar => InitStep::Restart(None),
        Some(ended) if ended.code == 0 => InitStep::Proceed,
        Some(ended) if restarts_after(pod, container, ended.code) => InitStep::Restart(None),
        Some(_) => InitStep::FailPod,
    }
}

fn has_started(container: &Value, record: &Record, probes: &dyn ProbeResults) -> bool {
    !container.has("startupProbe") || probes.startup(&record.id) == Some(true)
}

fn unhealthy_sidecar(
    container: &Value,
    record: &Record,
    probes: &dyn ProbeResults,
) -> Option<Kill> {
    let name = container.str("name");
    let (probe, reason) = if probes.startup(&record.id) == Some(false) {
        ("startup", KillReason::StartupProbe)
    } else if probes.failed_liveness(&record.id) {
        ("liveness", KillReason::LivenessProbe)
    } else {
        return None;
    };
    let message = format!("Init container {name} failed {probe} probe");
    Some(Kill { id: record.id.clone(), name: name.to_owned(), message, reason })
}

#[cfg(test)]
#[path = "actions_tests.rs"]
mod tests;
