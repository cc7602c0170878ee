//! Admission: plugins that fill in, check and refuse, in the order of the API server.
//!
//! Source: pkg/kubeapiserver/options/plugins.go.

mod limits;
mod network;
mod pods;
pub mod quota;
mod runtime;
mod storage;

use kubernetes::kinds::Kind;
use kubernetes::object::Value;

use super::{ApiServer, Key, Presence, Reason, Status};

/// Runs the mutating plugins. `old` is the stored object of a change.
pub fn mutate(
    server: &mut ApiServer,
    kind: &'static Kind,
    namespace: &str,
    object: &mut Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    if old.is_none() {
        namespace_exists(server, kind, namespace, object)?;
        limits::fill(server, kind, namespace, object);
    }
    if kind.kind == "Pod" && kind.group.is_empty() && old.is_none() {
        pods::service_account(server, kind, namespace, object)?;
        pods::priority(server, kind, object)?;
        pods::tolerations(object);
        runtime::fill(server, kind, object)?;
    }
    if kind.kind == "PriorityClass" {
        pods::one_default_class(server, kind, object)?;
    }
    if old.is_none() {
        storage::fill(server, kind, object);
        network::fill(server, kind, object);
    }
    Ok(())
}

/// Runs the validating plugins, after validation of the object.
pub fn validate(
    server: &ApiServer,
    kind: &'static Kind,
    namespace: &str,
    object: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    if kind.kind == "Pod" && kind.group.is_empty() && old.is_none() {
        runtime::check(server, kind, object)?;
    }
    storage::may_grow(server, kind, object, old)?;
    limits::check(server, kind, namespace, object)?;
    quota::check(server, kind, namespace, object, old)
}

/// Updates the counters of quotas after an object was accepted.
pub fn accepted(server: &mut ApiServer, kind: &'static Kind, namespace: &str, object: &Value) {
    quota::charge(server, kind, namespace, object);
}

/// Objects need a namespace that is there and stays. Source: NamespaceLifecycle.
fn namespace_exists(
    server: &ApiServer,
    kind: &'static Kind,
    namespace: &str,
    object: &Value,
) -> Result<(), Status> {
    if !kind.namespaced {
        return Ok(());
    }
    let key = Key { kind: "Namespace", group: "", namespace: "".into(), name: namespace.into() };
    match server.storage.presence(&key) {
        Presence::Stored => Ok(()),
        Presence::Absent => {
            let message = format!("namespaces \"{namespace}\" not found");
            Err(Status::new(Reason::NotFound, message))
        }
        Presence::Ending => {
            let message = format!(
                "unable to create new content in namespace {namespace} because it is being terminated"
            );
            Err(Status::forbidden(kind, object["metadata"].str("name"), &message))
        }
    }
}
