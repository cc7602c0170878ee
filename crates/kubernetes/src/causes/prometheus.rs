//! Reasons for Prometheus not to start: flags, configuration file, data directory, memory.

use super::PodFacts;
use crate::controllers::{Cause, ClusterState, ConfigVerdict};
use crate::mounts::{self, PathInContainer};
use crate::objects::{Container, ObjectRef, Pod, Text, VolumeSource};
use crate::prometheus::{self, IMAGE_CONFIG_PATH, Instance};
use crate::quantity;

/// Prometheus does not come up with less than this, even with nothing to scrape.
const LEAST_MEMORY: f64 = 32.0 * 1024.0 * 1024.0;

/// What keeps Prometheus from running.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The command line is refused, with these lines on standard error.
    Flags { exit_code: i32, stderr: Vec<String> },
    /// The configuration, or a rule file, is refused with an error.
    File { rules: bool, error: String },
    /// The data directory cannot be written, with the error of the system.
    Storage { error: &'static str },
    /// The memory limit is too low.
    Memory,
}

/// A fault, with the reason and the field.
#[derive(Clone, Debug)]
pub struct PrometheusFault {
    pub fault: Fault,
    pub cause: Cause,
    pub instance: Instance,
}

/// Returns what keeps a container that runs Prometheus from running. None for other containers.
pub fn fault(
    state: &ClusterState,
    pod: &Pod,
    container: &Container,
    owner: &ObjectRef,
    verdict: &dyn Fn(&Instance) -> ConfigVerdict,
) -> Option<PrometheusFault> {
    if !prometheus::is_prometheus(container) {
        return None;
    }
    let instance = instance(state, pod, container, owner);
    let verdict = verdict(&instance);
    let (fault, cause) = bad_flags(&instance, &verdict)
        .or_else(|| no_config(container, &instance))
        .or_else(|| bad_config(&instance, &verdict))
        .or_else(|| bad_storage(state, pod, container, &instance))
        .or_else(|| too_little_memory(container))?;
    Some(PrometheusFault { fault, cause, instance })
}

/// The server of a container.
fn instance(state: &ClusterState, pod: &Pod, container: &Container, owner: &ObjectRef) -> Instance {
    let namespace = &pod.meta.namespace.value;
    prometheus::instance(&state.cluster, owner.clone(), namespace, &pod.spec, container)
}

fn bad_flags(instance: &Instance, verdict: &ConfigVerdict) -> Option<(Fault, Cause)> {
    let ConfigVerdict::Flags { exit_code, stderr, at } = verdict else { return None };
    let error = stderr.first().map_or("", |line| line.as_str());
    let message = format!("Prometheus refuses its command line and ends at once: {error}.");
    let fault = Fault::Flags { exit_code: *exit_code, stderr: stderr.clone() };
    Some((fault, Cause { message, at: at.or(instance.location) }))
}

fn no_config(container: &Container, instance: &Instance) -> Option<(Fault, Cause)> {
    let path = &instance.config_path;
    let at = instance.config_flag.or(instance.location);
    let missing = |error, cause| Some((Fault::File { rules: false, error }, cause));
    match &instance.config {
        PathInContainer::NotInVolume { mount, present, source, .. } => {
            let whole = mounts::mount_of(container, path)
                .is_some_and(|mount| mounts::clean_path("/", &mount.mount_path.value) == *path);
            let error = if whole {
                format!("read {path}: is a directory")
            } else {
                format!("open {path}: no such file or directory")
            };
            let has = if present.is_empty() { "nothing".into() } else { present.join(", ") };
            let from = source.as_ref().map_or_else(|| "the volume".into(), ToString::to_string);
            let message =
                format!("Prometheus reads {path}, but what is mounted there from {from} is {has}.");
            missing(error, Cause { message, at: mount.or(at) })
        }
        // The image has a configuration of its own, in one place.
        PathInContainer::Image if path != IMAGE_CONFIG_PATH => {
            let error = format!("open {path}: no such file or directory");
            let message = format!(
                "Prometheus reads {path}, where no volume is mounted and the image has no file."
            );
            missing(error, Cause { message, at })
        }
        _ => None,
    }
}

fn bad_config(instance: &Instance, verdict: &ConfigVerdict) -> Option<(Fault, Cause)> {
    let ConfigVerdict::Invalid { rules, error, at } = verdict else { return None };
    let file = if *rules { "a rule file" } else { "its configuration" };
    let message = format!("Prometheus refuses {file} and ends: {error}.");
    let cause = Cause { message, at: at.or(instance.config_flag).or(instance.location) };
    Some((Fault::File { rules: *rules, error: error.clone() }, cause))
}

/// Provisioners whose volumes are writable for all users.
const OPEN_PROVISIONERS: &[&str] = &[
    "k8s.io/minikube-hostpath",
    "rancher.io/local-path",
    "docker.io/hostpath",
    "microk8s.io/hostpath",
];

/// A data directory that the image's user `nobody` cannot write to.
fn bad_storage(
    state: &ClusterState,
    pod: &Pod,
    container: &Container,
    instance: &Instance,
) -> Option<(Fault, Cause)> {
    let path = &instance.storage_path;
    let denied = |error: &'static str, message: String, at| {
        Some((Fault::Storage { error }, Cause { message, at }))
    };
    let root = pod.spec.run_as_user == Some(0);
    let Some(mount) = mounts::mount_of(container, path) else {
        if root
            || path == "/prometheus"
            || path.starts_with("/prometheus/")
            || path.starts_with("/tmp")
        {
            return None;
        }
        let message = format!("Prometheus runs as the user nobody, who may not write to {path}.");
        return denied("permission denied", message, instance.storage_flag.or(instance.location));
    };
    let volume = pod.spec.volume(&mount.name.value)?;
    match &volume.source {
        _ if mount.read_only => {
            let message = format!("The volume at {path} is mounted read-only.");
            denied("read-only file system", message, mount.location)
        }
        VolumeSource::ConfigMap(_) | VolumeSource::Secret(_) | VolumeSource::Projected { .. } => {
            let message = format!(
                "The data directory {path} lies on a ConfigMap or Secret, which is read-only."
            );
            denied("read-only file system", message, instance.storage_flag.or(mount.location))
        }
        VolumeSource::HostPath(_) if !root => {
            let message = format!(
                "The host's directory at {path} belongs to root, and Prometheus runs as the user nobody. fsGroup does not change that; an init container that runs chown does."
            );
            denied("permission denied", message, volume.location)
        }
        VolumeSource::PersistentVolumeClaim { claim_name, .. } if !root => {
            let namespace = &pod.meta.namespace.value;
            let provisioner = provisioner_of(state, namespace, &claim_name.value)?;
            let open = OPEN_PROVISIONERS.contains(&&*provisioner)
                || provisioner.contains("no-provisioner");
            if open || pod.spec.fs_group.is_some() || !pod.spec.init_containers.is_empty() {
                return None;
            }
            let message = format!(
                "A new volume of {provisioner} belongs to root, and Prometheus runs as the user nobody. With securityContext.fsGroup: 65534 the kubelet makes it writable.",
            );
            denied("permission denied", message, volume.location)
        }
        _ => None,
    }
}

/// The reason if another container has locked the data directory, which the log says.
///
/// Source: prometheus tsdb/db.go `Open`, tsdb/tsdbutil/dir_locker.go `Lock`.
pub(super) fn locked(facts: PodFacts<'_>, container: &Container) -> Option<Cause> {
    let is_lock = |line: &String| line.contains("lock DB directory");
    if !prometheus::is_prometheus(container) || !facts.logs.iter().any(is_lock) {
        return None;
    }
    let instance = instance(facts.state, facts.pod, container, facts.owner);
    locked_storage(facts.pod, container, &instance)
}

/// The reason if a data directory on a claim is locked by another replica. None if it lies on no
/// claim.
pub fn locked_storage(pod: &Pod, container: &Container, instance: &Instance) -> Option<Cause> {
    let path = &instance.storage_path;
    let mount = mounts::mount_of(container, path)?;
    let volume = pod.spec.volume(&mount.name.value)?;
    let VolumeSource::PersistentVolumeClaim { claim_name, .. } = &volume.source else {
        return None;
    };
    let message = format!(
        "Another replica has locked the data directory {path}: all replicas mount the claim {}.",
        claim_name.value
    );
    Some(Cause { message, at: volume.location })
}

/// Returns the provisioner of a claim's StorageClass.
fn provisioner_of(state: &ClusterState, namespace: &str, claim: &str) -> Option<Text> {
    let claim = state.cluster.persistent_volume_claims.get(namespace, claim)?;
    let classes = &state.cluster.storage_classes;
    let class = match &claim.storage_class_name {
        Some(name) => classes.get("", &name.value)?.clone(),
        None => classes.iter().find(|one| one.is_default)?.clone(),
    };
    Some(class.provisioner.value.clone())
}

fn too_little_memory(container: &Container) -> Option<(Fault, Cause)> {
    let limit = container.memory_limit.as_ref()?;
    let bytes = quantity::parse(&limit.value)?;
    (bytes < LEAST_MEMORY).then(|| (Fault::Memory, out_of_memory(container)))
}

/// The reason if a container used more memory than its limit.
pub fn out_of_memory(container: &Container) -> Cause {
    let limit = container.memory_limit.as_ref();
    let message = match limit {
        Some(limit) => format!(
            "The container used more memory than its limit of {} and was killed (exit code 137).",
            limit.value
        ),
        None => "The node ran out of memory and the container was killed (exit code 137).".into(),
    };
    Cause { message, at: limit.and_then(|limit| limit.at).or(container.location) }
}
