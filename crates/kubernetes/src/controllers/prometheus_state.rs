//! A Prometheus that does not start, as its container shows it.

use super::ClusterState;
use super::pod_state::{ConfigVerdict, ContainerFailure, crash_loop, out_of_memory};
use crate::causes::{Fault, PrometheusFault, locked_storage, prometheus_fault};
use crate::objects::{Container, ObjectRef, Pod};
use crate::prometheus::{self, Instance};
use go::quote::quote;

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
    let fault = prometheus_fault(state, pod, container, owner, verdict);
    match fault {
        Some(fault) if fault.fault != Fault::Memory => Some(failure(container, fault)),
        fault => {
            let namespace = &pod.meta.namespace.value;
            let instance = prometheus::instance(
                &state.cluster,
                owner.clone(),
                namespace,
                &pod.spec,
                container,
            );
            locked(pod, container, number, &instance)
                .or_else(|| fault.map(|_| out_of_memory(container)))
        }
    }
}

fn failure(container: &Container, fault: PrometheusFault) -> ContainerFailure {
    let PrometheusFault { fault, cause, instance } = fault;
    match fault {
        Fault::Flags { exit_code, stderr } => {
            crash_loop(container, i64::from(exit_code), stderr, cause)
        }
        Fault::File { rules, error } => {
            let path = &instance.config_path;
            let (source, what) = match rules {
                true => {
                    let path = quote(path);
                    let what = format!(
                        "Error loading rule file patterns from config (--config.file={path})"
                    );
                    ("main.go:771", what)
                }
                false => ("main.go:751", format!("Error loading config (--config.file={path})")),
            };
            let message = format!("msg={} file={path} err={}", quote(&what), quote(&error));
            crash_loop(container, 2, vec![log("ERROR", source, &message)], cause)
        }
        Fault::Storage { error } => {
            let logs = logs_of_denied_storage(&instance.storage_path, error);
            crash_loop(container, 1, logs, cause)
        }
        Fault::Memory => out_of_memory(container),
    }
}

/// A line as Prometheus logs it.
fn log(level: &str, source: &str, message: &str) -> String {
    format!("time=2026-01-01T00:00:05.120Z level={level} source={source} {message}")
}

/// Returns the failure of a replica whose data directory lies on a claim that an earlier replica uses.
fn locked(
    pod: &Pod,
    container: &Container,
    number: usize,
    instance: &Instance,
) -> Option<ContainerFailure> {
    let cause = locked_storage(pod, container, instance)?;
    let path = &instance.storage_path;
    // A claim of a StatefulSet's template belongs to one replica.
    let of_pod = cause.message.ends_with(&format!("-{}.", pod.meta.name.value));
    if number == 0 || of_pod || instance.flag("storage.tsdb.no-lockfile").is_some() {
        return None;
    }
    let replaced = format!(
        "msg=\"A lockfile from a previous execution already existed. It was replaced\" component=tsdb file={path}/lock"
    );
    let error = "msg=\"Fatal error\" err=\"opening storage failed: lock DB directory: resource temporarily unavailable\"";
    let logs =
        vec![log("WARN", "dir_locker.go:75", &replaced), log("ERROR", "main.go:1624", error)];
    Some(crash_loop(container, 1, logs, cause))
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
