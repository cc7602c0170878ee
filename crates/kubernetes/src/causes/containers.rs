//! Containers that do not start, end, or do not pass their probes.

use go::quote::quote;

use super::PodFacts;
use super::prometheus::{self, Fault};
use crate::controllers::Cause;
use crate::images;
use crate::mounts;
use crate::objects::{Container, ContainerState, ContainerStatus, Probe, SourceKind};
use text::Location;

/// The first container that does not start or has ended, with the reason.
pub(super) fn not_running(facts: PodFacts<'_>) -> Option<Cause> {
    facts.containers().find_map(|container| {
        let status = status_of(facts, &container.name.value)?;
        match &status.state {
            ContainerState::Waiting { reason, message } => match &**reason {
                "CrashLoopBackOff" => Some(ended(facts, container, status)),
                _ => waiting(facts, container, reason, message),
            },
            ContainerState::Terminated { exit_code, .. } if *exit_code != 0 => {
                Some(ended(facts, container, status))
            }
            // A container that ends with success is started again.
            ContainerState::Terminated { .. } if status.restart_count > 0 => {
                Some(ended(facts, container, status))
            }
            _ => None,
        }
    })
}

fn status_of<'a>(facts: PodFacts<'a>, name: &str) -> Option<&'a ContainerStatus> {
    let status = &facts.pod.status;
    let mut all = status.init_container_statuses.iter().chain(&status.container_statuses);
    all.find(|one| *one.name == *name)
}

/// The reason why a container was not created.
fn waiting(
    facts: PodFacts<'_>,
    container: &Container,
    reason: &str,
    message: &str,
) -> Option<Cause> {
    match reason {
        "" | "ContainerCreating" | "PodInitializing" => None,
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => {
            Some(image(container, reason, message))
        }
        "CreateContainerConfigError" => {
            let at = reference(facts, container, message).or(container.location);
            let message = format!("The container cannot be created: {message}.");
            Some(Cause { message, at })
        }
        _ => {
            let name = &container.name.value;
            let at = command(container).or(container.location);
            let message = match message {
                "" => format!("Container {name} does not start: {reason}."),
                message => format!("Container {name} does not start: {reason}: {message}."),
            };
            Some(Cause { message, at })
        }
    }
}

fn image(container: &Container, reason: &str, message: &str) -> Cause {
    let image = &container.image.value;
    let known = images::missing(image).filter(|_| reason != "InvalidImageName");
    let message = match (known, reason) {
        (Some(missing), _) => format!(
            "The image {image} cannot be pulled: {}. Did you mean {}?",
            missing.reason(),
            missing.replacement()
        ),
        (None, "InvalidImageName") => {
            format!("The image {} has no valid name: {message}.", quote(image))
        }
        (None, "ErrImageNeverPull") => format!("{message}."),
        (None, _) => {
            let error = message.rsplit("ErrImagePull: ").next().unwrap_or(message);
            format!("The image {image} cannot be pulled: {error}.")
        }
    };
    Cause { message, at: container.image.at.or(container.location) }
}

/// The variable whose ConfigMap, Secret or key a message names.
fn reference(facts: PodFacts<'_>, container: &Container, message: &str) -> Option<Location> {
    let key = message.strip_prefix("couldn't find key ").and_then(|rest| rest.split(' ').next());
    let names = |source: SourceKind, name: &str| {
        let (lower, kind) = match source {
            SourceKind::ConfigMap => ("configmap", "ConfigMap"),
            SourceKind::Secret => ("secret", "Secret"),
        };
        let namespace = &facts.pod.meta.namespace.value;
        message == format!("{lower} {} not found", quote(name))
            || message.ends_with(&format!(" in {kind} {namespace}/{name}"))
    };
    let variables = container.env.iter().filter_map(|one| one.value_from.as_ref());
    let of_variable =
        variables.filter(|from| names(from.source, &from.name.value)).find_map(|from| match key {
            Some(key) => (*from.key.value == *key).then_some(from.key.at),
            None => Some(from.name.at),
        });
    let whole = || {
        let mut all = container.env_from.iter();
        all.find(|from| names(from.source, &from.name.value)).map(|from| from.name.at)
    };
    of_variable.or_else(whole).flatten()
}

/// The place of what a container runs.
fn command(container: &Container) -> Option<Location> {
    let words = container.command.iter().chain(&container.args);
    words.filter_map(|word| word.at).next().or(container.image.at)
}

/// The reason why a container has ended.
fn ended(facts: PodFacts<'_>, container: &Container, status: &ContainerStatus) -> Cause {
    let (reason, exit_code) = match &status.state {
        ContainerState::Terminated { reason, exit_code, .. } => (reason.clone(), *exit_code),
        _ => status.last_end.clone().unwrap_or_default(),
    };
    let name = &container.name.value;
    if &*reason == "OOMKilled" {
        return prometheus::out_of_memory(container);
    }
    if let Some(cause) = killed_by_probe(facts, container) {
        return cause;
    }
    let known = prometheus::fault(facts.state, facts.pod, container, facts.owner, facts.verdict);
    // A server that ends for lack of memory was killed.
    let known = known.filter(|known| !matches!(known.fault, Fault::Memory));
    if let Some(known) = known {
        return known.cause;
    }
    if let Some(cause) = prometheus::locked(facts, container) {
        return cause;
    }
    let how = match &*reason {
        "" | "Error" | "Completed" => format!("exit code {exit_code}"),
        reason => format!("exit code {exit_code} ({reason})"),
    };
    let message = match facts.logs.last().map(|line| line.trim_end_matches('.')) {
        Some(line) if !line.is_empty() => format!("Container {name} ends with {how}: {line}."),
        _ => format!("Container {name} ends with {how}."),
    };
    Cause { message, at: command(container).or(container.location) }
}

/// The probe for which the kubelet ends a container.
fn killed_by_probe(facts: PodFacts<'_>, container: &Container) -> Option<Cause> {
    let name = &container.name.value;
    let kinds = [("Liveness", &container.liveness_probe), ("Startup", &container.startup_probe)];
    kinds.into_iter().find_map(|(title, probe)| {
        let probe = probe.as_ref()?;
        let killed =
            format!("Container {name} failed {} probe, will be restarted", title.to_lowercase());
        facts.event("Killing", &killed)?;
        let detail = detail(facts, name, title);
        let (kind, at) = (title.to_lowercase(), probe_place(probe, detail));
        let message = match detail {
            "" => format!("The {kind} probe fails, so the kubelet restarts the container."),
            detail => {
                format!("The {kind} probe fails ({detail}), so the kubelet restarts the container.")
            }
        };
        Some(Cause { message, at: at.or(container.location) })
    })
}

/// The output of the last failure of a probe.
fn detail<'a>(facts: PodFacts<'a>, container: &str, title: &str) -> &'a str {
    let start = format!("{title} probe failed: ");
    let mut events = facts.events.iter().rev();
    let found = events.find_map(|event| {
        let fits = event.container.is_empty() || *event.container == *container;
        fits.then(|| event.message.strip_prefix(&*start)).flatten()
    });
    found
        .map(|output| output.lines().next().unwrap_or_default().trim_end_matches('.'))
        .unwrap_or_default()
}

/// The field of a probe that does not fit the program.
fn probe_place(probe: &Probe, detail: &str) -> Option<Location> {
    let port = probe.port.as_ref().and_then(|port| port.at);
    let field = match detail {
        detail if detail.contains("statuscode") => probe.path.at,
        detail if detail.contains("connection refused") || detail.contains("couldn't find") => port,
        _ => None,
    };
    field.or(probe.location)
}

/// The probe that keeps a running container from being ready.
pub(super) fn probes(facts: PodFacts<'_>) -> Option<Cause> {
    facts.containers().find_map(|container| {
        let status = status_of(facts, &container.name.value)?;
        if status.ready || status.state != ContainerState::Running {
            return None;
        }
        let name = &container.name.value;
        if let Some(probe) = &container.startup_probe
            && let found @ (_, true) = failed(facts, name, "Startup")
        {
            let message = format!("The startup probe fails ({}), so the container does not count as started.", found.0);
            return Some(Cause { message, at: probe_place(probe, found.0).or(container.location) });
        }
        let probe = container.readiness_probe.as_ref()?;
        let (detail, has_failed) = failed(facts, name, "Readiness");
        if !has_failed {
            return None;
        }
        let message = format!("The readiness probe fails ({detail}), so the pod's address is among the notReadyAddresses of its Services.");
        Some(Cause { message, at: probe_place(probe, detail).or(container.location) })
    })
}

fn failed<'a>(facts: PodFacts<'a>, container: &str, title: &str) -> (&'a str, bool) {
    let detail = detail(facts, container, title);
    (detail, !detail.is_empty())
}

/// The volume that the kubelet cannot mount.
pub(super) fn volumes(facts: PodFacts<'_>) -> Option<Cause> {
    let event = facts.event("FailedMount", "")?;
    let is_created = |status: &ContainerStatus| !matches!(&status.state, ContainerState::Waiting { reason, .. } if matches!(&**reason, "ContainerCreating" | "PodInitializing"));
    if facts.pod.status.container_statuses.iter().any(is_created) {
        return None;
    }
    let namespace = &facts.pod.meta.namespace.value;
    if let Some(problem) = mounts::volume_problem(&facts.state.cluster, namespace, &facts.pod.spec)
    {
        return Some(Cause { message: sentence(&problem), at: problem.at });
    }
    let volumes = facts.pod.spec.volumes.iter();
    let named = volumes
        .filter(|volume| event.message.contains(&quote(&volume.name.value)))
        .find_map(|volume| volume.location);
    let message = event.message.trim_end_matches('.');
    Some(Cause { message: format!("{message}."), at: named.or(facts.place()) })
}

/// What a pod waits for.
pub fn sentence(problem: &mounts::VolumeProblem) -> String {
    let source = &problem.source;
    match &problem.key {
        None => {
            format!("The pod waits for {source}, which does not exist, and will wait for ever.")
        }
        Some(key) => format!("The pod waits for the key {key}, which {source} does not have."),
    }
}
