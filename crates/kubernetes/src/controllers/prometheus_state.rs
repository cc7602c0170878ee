//! Reasons for Prometheus not to start: flags, configuration file, data directory, memory.

use super::pod_state::{ConfigVerdict, ContainerFailure, crash_loop, out_of_memory};
use super::{Cause, ClusterState};
use crate::mounts::{self, PathInContainer};
use crate::objects::{Container, ObjectRef, Pod, VolumeSource};
use crate::prometheus::{self, IMAGE_CONFIG_PATH, Instance};
use crate::quantity;
use go::quote::quote;

/// Prometheus does not come up with less than this, even with nothing to scrape.
const LEAST_MEMORY: f64 = 32.0 * 1024.0 * 1024.0;

/// Returns the failure of a container that runs Prometheus. None for other containers.
pub(super) fn container_failure(
    state: &ClusterState,
    pod: &Pod,
    container: &Container,
    (owner, number): (&ObjectRef, usize),
    verdict: &dyn Fn(&Instance) -> ConfigVerdict,
) -> Option<ContainerFailure> {
    if !prometheus::is_prometheus(container) {
        return None;
    }
    let namespace = &pod.meta.namespace.value;
    let instance =
        prometheus::instance(&state.cluster, owner.clone(), namespace, &pod.spec, container);
    let verdict = verdict(&instance);
    bad_flags(container, &instance, &verdict)
        .or_else(|| no_config(container, &instance))
        .or_else(|| bad_config(container, &instance, &verdict))
        .or_else(|| bad_storage(state, pod, container, &instance))
        .or_else(|| locked_storage(pod, container, number, &instance))
        .or_else(|| too_little_memory(container))
}

/// A line as Prometheus logs it.
fn log(level: &str, source: &str, message: &str) -> String {
    format!("time=2026-01-01T00:00:05.120Z level={level} source={source} {message}")
}

fn bad_flags(
    container: &Container,
    instance: &Instance,
    verdict: &ConfigVerdict,
) -> Option<ContainerFailure> {
    let ConfigVerdict::Flags { exit_code, stderr, at } = verdict else { return None };
    let error = stderr.first().map_or("", |line| line.as_str());
    let message = format!("Prometheus refuses its command line and ends at once: {error}.");
    let cause = Cause { message, at: at.or(instance.location) };
    Some(crash_loop(container, i64::from(*exit_code), stderr.clone(), cause))
}

fn config_error(
    container: &Container,
    instance: &Instance,
    error: &str,
    cause: Cause,
) -> ContainerFailure {
    let what = format!("Error loading config (--config.file={})", instance.config_path);
    file_error(container, instance, ("main.go:751", &what), error, cause)
}

/// A container that ends because a file is refused. `what` is the place in the source and the message
/// of the log line.
fn file_error(
    container: &Container,
    instance: &Instance,
    (source, what): (&str, &str),
    error: &str,
    cause: Cause,
) -> ContainerFailure {
    let message = format!("msg={} file={} err={}", quote(what), instance.config_path, quote(error));
    crash_loop(container, 2, vec![log("ERROR", source, &message)], cause)
}

fn no_config(container: &Container, instance: &Instance) -> Option<ContainerFailure> {
    let path = &instance.config_path;
    let at = instance.config_flag.or(instance.location);
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
            let cause = Cause { message, at: mount.or(at) };
            Some(config_error(container, instance, &error, cause))
        }
        // The image has a configuration of its own, in one place.
        PathInContainer::Image if path != IMAGE_CONFIG_PATH => {
            let error = format!("open {path}: no such file or directory");
            let message = format!(
                "Prometheus reads {path}, where no volume is mounted and the image has no file."
            );
            Some(config_error(container, instance, &error, Cause { message, at }))
        }
        _ => None,
    }
}

fn bad_config(
    container: &Container,
    instance: &Instance,
    verdict: &ConfigVerdict,
) -> Option<ContainerFailure> {
    match verdict {
        ConfigVerdict::Valid | ConfigVerdict::Flags { .. } => None,
        ConfigVerdict::Invalid { rules, error, at } => {
            let file = if *rules { "a rule file" } else { "its configuration" };
            let message = format!("Prometheus refuses {file} and ends: {error}.");
            let cause = Cause { message, at: at.or(instance.config_flag).or(instance.location) };
            Some(if *rules {
                let path = quote(&instance.config_path);
                let what =
                    format!("Error loading rule file patterns from config (--config.file={path})");
                file_error(container, instance, ("main.go:771", &what), error, cause)
            } else {
                config_error(container, instance, error, cause)
            })
        }
    }
}

/// Provisioners whose volumes are writable for all users.
const OPEN_PROVISIONERS: &[&str] = &[
    "k8s.io/minikube-hostpath",
    "rancher.io/local-path",
    "docker.io/hostpath",
    "microk8s.io/hostpath",
];

/// Returns the failure of a data directory that the image's user `nobody` cannot write to.
fn bad_storage(
    state: &ClusterState,
    pod: &Pod,
    container: &Container,
    instance: &Instance,
) -> Option<ContainerFailure> {
    let path = &instance.storage_path;
    let denied = |error: &str, message: String, at| {
        let logs = logs_of_denied_storage(path, error);
        Some(crash_loop(container, 1, logs, Cause { message, at }))
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

/// Returns the failure of a replica whose data directory lies on a claim that an earlier replica uses.
///
/// Source: prometheus tsdb/db.go `Open`, tsdb/tsdbutil/dir_locker.go `Lock`.
fn locked_storage(
    pod: &Pod,
    container: &Container,
    number: usize,
    instance: &Instance,
) -> Option<ContainerFailure> {
    let path = &instance.storage_path;
    let mount = mounts::mount_of(container, path)?;
    let volume = pod.spec.volume(&mount.name.value)?;
    let VolumeSource::PersistentVolumeClaim { claim_name, .. } = &volume.source else {
        return None;
    };
    // A claim of a StatefulSet's template belongs to one replica.
    let of_pod = claim_name.value.ends_with(&format!("-{}", pod.meta.name.value));
    if number == 0 || of_pod || instance.flag("storage.tsdb.no-lockfile").is_some() {
        return None;
    }
    let message = format!(
        "Another replica has locked the data directory {path}: all replicas mount the claim {}.",
        claim_name.value
    );
    let replaced = format!(
        "msg=\"A lockfile from a previous execution already existed. It was replaced\" component=tsdb file={path}/lock"
    );
    let error = "msg=\"Fatal error\" err=\"opening storage failed: lock DB directory: resource temporarily unavailable\"";
    let logs =
        vec![log("WARN", "dir_locker.go:75", &replaced), log("ERROR", "main.go:1624", error)];
    Some(crash_loop(container, 1, logs, Cause { message, at: volume.location }))
}

/// Returns the log lines of a Prometheus that cannot create files in its data directory.
fn logs_of_denied_storage(path: &str, error: &str) -> Vec<String> {
    let file = format!("{path}/queries.active");
    vec![
        log(
            "ERROR",
            "query_logger.go:138",
            &format!(
                "msg=\"Error opening query log file\" component=activeQueryTracker file={file} err=\"open {file}: {error}\""
            ),
        ),
        log(
            "ERROR",
            "main.go:1003",
            &format!(
                "msg=\"failed to initialize active query tracker\" err=\"create mmap-ed active query log: open {file}: {error}\""
            ),
        ),
    ]
}

/// Returns the provisioner of a claim's StorageClass.
fn provisioner_of(
    state: &ClusterState,
    namespace: &str,
    claim: &str,
) -> Option<crate::objects::Text> {
    let claim = state.cluster.persistent_volume_claims.get(namespace, claim)?;
    let classes = &state.cluster.storage_classes;
    let class = match &claim.storage_class_name {
        Some(name) => classes.get("", &name.value)?.clone(),
        None => classes.iter().find(|one| one.is_default)?.clone(),
    };
    Some(class.provisioner.value.clone())
}

fn too_little_memory(container: &Container) -> Option<ContainerFailure> {
    let limit = container.memory_limit.as_ref()?;
    let bytes = quantity::parse(&limit.value)?;
    (bytes < LEAST_MEMORY).then(|| out_of_memory(container))
}
