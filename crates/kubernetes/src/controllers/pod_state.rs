//! The state of a scheduled pod: its volumes, the start of its containers, and the start of
//! Prometheus in them.

use go::quote::quote;
use std::sync::Arc;

use super::{Cause, ClusterState, Event, Inputs, PodReport, prometheus_state};
use crate::causes;
use crate::hash;
use crate::images;
use crate::mounts;
use crate::objects::{
    Condition, Container, ContainerState, ContainerStatus, Field, Kind, ObjectRef, Pod, SourceKind,
    Text,
};
use text::Location;

/// The result of loading a Prometheus configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigVerdict {
    Valid,
    /// Prometheus refuses a file and ends.
    Invalid {
        /// True for a rule file, false for the configuration.
        rules: bool,
        /// The error as `err=` in the log has it.
        error: String,
        /// The place at fault.
        at: Option<Location>,
    },
    /// The command line is refused before the configuration is read.
    Flags {
        exit_code: i32,
        /// The lines on standard error.
        stderr: Vec<String>,
        at: Option<Location>,
    },
}

/// The reason why a container does not run.
pub(super) struct ContainerFailure {
    pub container: Text,
    /// `CrashLoopBackOff`, `CreateContainerConfigError`, …
    pub status: &'static str,
    pub state: ContainerState,
    pub restarts: i64,
    pub events: Vec<Event>,
    pub logs: Vec<String>,
    pub cause: Cause,
}

/// Gives every pod without a status one, and a report.
pub(super) fn settle(state: &mut ClusterState, inputs: Inputs<'_>) {
    let pods: Vec<Arc<Pod>> = state.cluster.pods.iter().cloned().collect();
    for pod in pods {
        let key = (pod.meta.namespace.value.clone(), pod.meta.name.value.clone());
        if !pod.status.phase.is_empty() {
            let report = PodReport { status: shown_status(&pod), ..PodReport::default() };
            state.reports.insert(key, report);
            continue;
        }
        let owner = state.replicas.get(&key).cloned();
        let owner = owner.unwrap_or_else(|| (crate::objects::Resource::reference(&*pod), 0));
        let mut pod = (*pod).clone();
        let report = match state.reports.get(&key) {
            // The scheduler has given up on it.
            Some(report) => {
                pod.status.phase = "Pending".into();
                pod.status.conditions = vec![Condition::new("PodScheduled", false)];
                report.clone()
            }
            None => started(state, &mut pod, &owner, inputs),
        };
        state.reports.insert(key, report);
        state.cluster.pods.insert(pod);
    }
}

fn started(
    state: &ClusterState,
    pod: &mut Pod,
    (owner, number): &(ObjectRef, usize),
    inputs: Inputs<'_>,
) -> PodReport {
    let namespace = pod.meta.namespace.value.clone();
    if let Some(problem) = mounts::volume_problem(&state.cluster, &namespace, &pod.spec) {
        let cause = Cause { message: causes::volume_sentence(&problem), at: problem.at };
        let message = format!(
            "MountVolume.SetUp failed for volume \"{}\" : {}",
            problem.volume, problem.message
        );
        return waiting(
            pod,
            "ContainerCreating",
            Event::warning("FailedMount", "kubelet", message),
            cause,
        );
    }
    let restarts = inputs.overrides.restarted.get(&(owner.clone(), *number)).copied().unwrap_or(0);
    let failure = if inputs.overrides.is_out_of_memory(owner, *number) {
        pod.spec.containers.first().map(out_of_memory)
    } else {
        container_failure(state, pod, (owner, *number), inputs)
    };
    if owner.kind == Kind::CronJob && failure.is_none() {
        return completed(pod);
    }
    let unready = inputs.overrides.is_not_ready(owner, *number);
    match failure {
        Some(failure) => broken(pod, failure, restarts),
        None => running(pod, restarts, unready),
    }
}

/// The first container that does not run, and why.
fn container_failure(
    state: &ClusterState,
    pod: &Pod,
    replica: (&ObjectRef, usize),
    inputs: Inputs<'_>,
) -> Option<ContainerFailure> {
    let namespace = &pod.meta.namespace.value;
    // The kubelet pulls the image before it reads the environment.
    for container in pod.spec.init_containers.iter().chain(&pod.spec.containers) {
        let failure =
            missing_image(container).or_else(|| missing_environment(state, namespace, container));
        if failure.is_some() {
            return failure;
        }
    }
    pod.spec.containers.iter().find_map(|container| {
        prometheus_state::container_failure(state, pod, container, replica, inputs.verdict)
    })
}

/// A pod whose volumes are not there: it has no address yet.
fn waiting(pod: &mut Pod, status: &str, event: Event, cause: Cause) -> PodReport {
    pod.status.phase = "Pending".into();
    pod.status.pod_ip = Text::default();
    pod.status.pod_ips.clear();
    set_conditions(pod, false);
    pod.status.container_statuses = pod
        .spec
        .containers
        .iter()
        .map(|container| ContainerStatus {
            name: container.name.value.clone(),
            image: container.image.value.clone(),
            state: ContainerState::Waiting { reason: status.into(), message: Text::default() },
            ..ContainerStatus::default()
        })
        .collect();
    PodReport {
        status: status.into(),
        events: vec![scheduled(pod), event],
        logs: Vec::new(),
        cause: Some(cause),
    }
}

fn scheduled(pod: &Pod) -> Event {
    let message = format!(
        "Successfully assigned {}/{} to {}",
        pod.meta.namespace.value, pod.meta.name.value, pod.spec.node_name.value
    );
    Event::normal("Scheduled", "default-scheduler", message)
}

fn set_conditions(pod: &mut Pod, ready: bool) {
    pod.status.conditions = vec![
        Condition::new("PodScheduled", true),
        Condition::new("Initialized", true),
        Condition::new("Ready", ready),
        Condition::new("ContainersReady", ready),
    ];
}

/// The status of a container that runs, or has run where it is an init container.
fn container_status(
    pod: &Pod,
    container: &Container,
    restarts: u32,
    init: bool,
) -> ContainerStatus {
    let parts = [&*pod.meta.uid, &container.name.value, &restarts.to_string()];
    let state = if init && !container.is_sidecar() {
        ContainerState::Terminated {
            reason: "Completed".into(),
            exit_code: 0,
            message: Text::default(),
        }
    } else {
        ContainerState::Running
    };
    ContainerStatus {
        name: container.name.value.clone(),
        ready: true,
        restart_count: if init { 0 } else { i64::from(restarts) },
        image: container.image.value.clone(),
        image_id: Text::default(),
        container_id: hash::container_id(&parts).into(),
        state,
        last_end: None,
    }
}

fn set_container_statuses(pod: &mut Pod, restarts: u32) {
    let status = |init: bool| {
        let pod = &*pod;
        move |container: &Container| container_status(pod, container, restarts, init)
    };
    let main = pod.spec.containers.iter().map(status(false)).collect();
    let init = pod.spec.init_containers.iter().map(status(true)).collect();
    pod.status.container_statuses = main;
    pod.status.init_container_statuses = init;
}

fn running(pod: &mut Pod, restarts: u32, unready: bool) -> PodReport {
    pod.status.phase = "Running".into();
    set_conditions(pod, !unready);
    set_container_statuses(pod, restarts);
    let mut events = vec![scheduled(pod)];
    let containers: Vec<Field<Text>> =
        pod.spec.containers.iter().map(|container| container.name.clone()).collect();
    for name in &containers {
        events.push(Event::normal(
            "Created",
            "kubelet",
            format!("Created container: {}", name.value),
        ));
        events.push(Event::normal(
            "Started",
            "kubelet",
            format!("Started container {}", name.value),
        ));
    }
    let mut report = PodReport { status: "Running".into(), events, ..PodReport::default() };
    if unready {
        for status in &mut pod.status.container_statuses {
            status.ready = false;
        }
        let probe = pod.spec.containers.iter().find_map(|one| one.readiness_probe.as_ref());
        report.events.push(Event::warning(
            "Unhealthy",
            "kubelet",
            "Readiness probe failed: HTTP probe failed with statuscode: 503",
        ));
        report.cause = Some(Cause {
            message: "The readiness probe fails, so the pod's address is among the notReadyAddresses of its Services.".into(),
            at: probe.and_then(|probe| probe.location).or(pod.meta.place()),
        });
    }
    report
}

/// A pod of a run that is over. It keeps its address, and Prometheus still discovers it.
fn completed(pod: &mut Pod) -> PodReport {
    set_container_statuses(pod, 0);
    pod.status.phase = "Succeeded".into();
    set_conditions(pod, false);
    for status in &mut pod.status.container_statuses {
        status.ready = false;
        status.state = ContainerState::Terminated {
            reason: "Completed".into(),
            exit_code: 0,
            message: Text::default(),
        };
    }
    PodReport { status: "Completed".into(), events: vec![scheduled(pod)], ..PodReport::default() }
}

fn broken(pod: &mut Pod, failure: ContainerFailure, restarts: u32) -> PodReport {
    // A container that was never created leaves the pod Pending; one that crashes, Running.
    let created = !matches!(failure.status, "CreateContainerConfigError" | "ImagePullBackOff");
    pod.status.phase = if created { "Running" } else { "Pending" }.into();
    set_container_statuses(pod, restarts);
    set_conditions(pod, false);
    for status in
        pod.status.container_statuses.iter_mut().chain(&mut pod.status.init_container_statuses)
    {
        if status.name == failure.container {
            status.ready = false;
            status.restart_count += failure.restarts;
            status.state = failure.state.clone();
            if !created {
                status.container_id = Text::default();
            }
        }
    }
    let waits = hold_back_after(pod, &failure.container);
    let mut events = vec![scheduled(pod)];
    events.extend(failure.events);
    PodReport {
        status: if waits {
            format!("Init:{}", failure.status).into()
        } else {
            failure.status.into()
        },
        events,
        logs: failure.logs,
        cause: Some(failure.cause),
    }
}

/// Containers that come after an init container that does not run wait for it. Returns true if the
/// container is an init container.
fn hold_back_after(pod: &mut Pod, container: &str) -> bool {
    let init = &mut pod.status.init_container_statuses;
    let Some(at) = init.iter().position(|status| *status.name == *container) else { return false };
    let later = init.iter_mut().skip(at + 1).chain(&mut pod.status.container_statuses);
    for status in later {
        status.ready = false;
        status.container_id = Text::default();
        status.state =
            ContainerState::Waiting { reason: "PodInitializing".into(), message: Text::default() };
    }
    pod.status.phase = "Pending".into();
    true
}

/// A container that ends again and again.
pub(super) fn crash_loop(
    container: &Container,
    exit_code: i64,
    logs: Vec<String>,
    cause: Cause,
) -> ContainerFailure {
    let name = container.name.value.clone();
    let back_off = format!("Back-off restarting failed container {name} in pod");
    ContainerFailure {
        status: "CrashLoopBackOff",
        state: ContainerState::Waiting {
            reason: "CrashLoopBackOff".into(),
            message: format!(
                "back-off 5m0s restarting failed container={name} (exit code {exit_code})"
            )
            .into(),
        },
        restarts: 6,
        events: vec![
            Event::normal("Started", "kubelet", format!("Started container {name}")),
            Event::warning("BackOff", "kubelet", back_off),
        ],
        container: name,
        logs,
        cause,
    }
}

/// A container that used more memory than its limit.
pub(super) fn out_of_memory(container: &Container) -> ContainerFailure {
    let cause = causes::out_of_memory(container);
    let mut failure = crash_loop(container, 137, Vec::new(), cause);
    failure.status = "OOMKilled";
    failure.state = ContainerState::Terminated {
        reason: "OOMKilled".into(),
        exit_code: 137,
        message: Text::default(),
    };
    failure
}

/// An image that no registry has. The kubelet tries to pull it again and again.
///
/// Source: pkg/kubelet/images EnsureImageExists.
fn missing_image(container: &Container) -> Option<ContainerFailure> {
    let image = &container.image.value;
    let missing = images::missing(image)?;
    let (code, error) = missing.error();
    let (quoted, error) = (quote(image), format!("rpc error: code = {code} desc = {error}"));
    let event = |reason, message: String| Event::warning(reason, "kubelet", message);
    let back_off = format!("Back-off pulling image {quoted}");
    let cause = Cause {
        message: format!(
            "The image {image} cannot be pulled: {}. Did you mean {}?",
            missing.reason(),
            missing.replacement()
        ),
        at: container.image.at.or(container.location),
    };
    Some(ContainerFailure {
        container: container.name.value.clone(),
        status: "ImagePullBackOff",
        state: ContainerState::Waiting {
            reason: "ImagePullBackOff".into(),
            message: format!("{back_off}: ErrImagePull: {error}").into(),
        },
        restarts: 0,
        events: vec![
            Event::normal("Pulling", "kubelet", format!("Pulling image {quoted}")),
            event("Failed", format!("Failed to pull image {quoted}: {error}")),
            event("Failed", "Error: ErrImagePull".to_owned()),
            Event::normal("BackOff", "kubelet", back_off),
            event("Failed", "Error: ImagePullBackOff".to_owned()),
        ],
        logs: Vec::new(),
        cause,
    })
}

/// A variable whose ConfigMap, Secret or key is missing. Secrets that are not in the workspace are
/// taken to exist, see [`mounts::volume_problem`].
fn missing_environment(
    state: &ClusterState,
    namespace: &str,
    container: &Container,
) -> Option<ContainerFailure> {
    let keys = |source: SourceKind, name: &str| -> Option<Vec<Text>> {
        let data = match source {
            SourceKind::ConfigMap => &state.cluster.config_maps.get(namespace, name)?.data,
            SourceKind::Secret => &state.cluster.secrets.get(namespace, name)?.data,
        };
        Some(data.iter().map(|entry| entry.key.clone()).collect())
    };
    let no_config_map =
        |name: &Field<Text>| (format!("configmap {} not found", quote(&name.value)), name.at);
    let references = container.env.iter().filter_map(|variable| variable.value_from.as_ref());
    let of_variables = references.filter(|from| !from.optional).find_map(|from| {
        let key = &from.key.value;
        match keys(from.source, &from.name.value) {
            None => (from.source == SourceKind::ConfigMap).then(|| no_config_map(&from.name)),
            Some(keys) if keys.contains(key) => None,
            Some(_) => {
                let kind = match from.source {
                    SourceKind::ConfigMap => "ConfigMap",
                    SourceKind::Secret => "Secret",
                };
                let name = &from.name.value;
                Some((format!("couldn't find key {key} in {kind} {namespace}/{name}"), from.key.at))
            }
        }
    });
    let whole = || {
        let required = container.env_from.iter().filter(|from| !from.optional);
        let mut of_config_maps = required.filter(|from| from.source == SourceKind::ConfigMap);
        let missing = of_config_maps.find(|from| keys(from.source, &from.name.value).is_none());
        missing.map(|from| no_config_map(&from.name))
    };
    let (message, at) = of_variables.or_else(whole)?;
    let cause = Cause {
        message: format!("The container cannot be created: {message}."),
        at: at.or(container.location),
    };
    Some(ContainerFailure {
        container: container.name.value.clone(),
        status: "CreateContainerConfigError",
        state: ContainerState::Waiting {
            reason: "CreateContainerConfigError".into(),
            message: message.as_str().into(),
        },
        restarts: 0,
        events: vec![Event::warning("Failed", "kubelet", format!("Error: {message}"))],
        logs: Vec::new(),
        cause,
    })
}

/// The column STATUS for a pod whose status was given. Source: kubectl's printer.
fn shown_status(pod: &Pod) -> Text {
    if pod.meta.deletion_timestamp.is_some() {
        return "Terminating".into();
    }
    for status in pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses) {
        match &status.state {
            ContainerState::Waiting { reason, .. } if !reason.is_empty() => return reason.clone(),
            ContainerState::Terminated { reason, exit_code, .. }
                if *exit_code != 0 && !reason.is_empty() =>
            {
                return reason.clone();
            }
            _ => {}
        }
    }
    match &*pod.status.phase {
        _ if !pod.status.reason.is_empty() => pod.status.reason.clone(),
        "Succeeded" => "Completed".into(),
        "Failed" => "Error".into(),
        phase => phase.into(),
    }
}
