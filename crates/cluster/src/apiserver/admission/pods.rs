//! Admission of Pods: account and token, priority, tolerations.
//!
//! Source: plugin/pkg/admission/serviceaccount, priority, defaulttolerationseconds.

use kubernetes::kinds::Kind;
use kubernetes::object::{Value, parse_json};

use crate::apiserver::{ApiServer, Key, Status};

const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

fn key(group: &'static str, kind: &'static str, namespace: &str, name: &str) -> Key {
    Key { kind, group, namespace: namespace.into(), name: name.into() }
}

/// Gives a pod its account and mounts the token of it.
pub fn service_account(
    server: &mut ApiServer,
    kind: &'static Kind,
    namespace: &str,
    object: &mut Value,
) -> Result<(), Status> {
    let spec = object.entry("spec");
    if spec.str("serviceAccountName").is_empty() {
        spec.set("serviceAccountName", "default");
        spec.set("serviceAccount", "default");
    }
    let name = spec.str("serviceAccountName").to_owned();
    let Some(account) = server.storage.get(&key("", "ServiceAccount", namespace, &name)).cloned()
    else {
        let message = format!(
            "error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found"
        );
        return Err(Status::forbidden(kind, object["metadata"].str("name"), &message));
    };
    let pod = object["metadata"].str("name").to_owned();
    let spec = object.entry("spec");
    let automount = spec["automountServiceAccountToken"]
        .as_bool()
        .or_else(|| account["automountServiceAccountToken"].as_bool());
    if automount != Some(false) {
        let suffix = server.random_suffix(namespace, &format!("{pod} kube-api-access-"));
        mount_token(spec, &suffix);
    }
    if spec["imagePullSecrets"].is_empty() && !account["imagePullSecrets"].is_empty() {
        spec.set("imagePullSecrets", account["imagePullSecrets"].clone());
    }
    Ok(())
}

fn mount_token(spec: &mut Value, suffix: &str) {
    let existing = spec
        .list("volumes")
        .iter()
        .map(|volume| volume.str("name"))
        .find(|name| name.starts_with("kube-api-access-"))
        .map(str::to_owned);
    let name = existing.clone().unwrap_or_else(|| format!("kube-api-access-{suffix}"));
    let mut needed = false;
    for list in ["initContainers", "containers"] {
        for container in spec.items_mut(list) {
            let mounted = |mount: &Value| mount.str("mountPath") == TOKEN_PATH;
            if container.list("volumeMounts").iter().any(mounted) {
                continue;
            }
            let mut mount = Value::map();
            mount.set("mountPath", TOKEN_PATH);
            mount.set("name", &*name);
            mount.set("readOnly", true);
            container.entry("volumeMounts").list_mut().push(mount);
            needed = true;
        }
    }
    if needed && existing.is_none() {
        let mut volume = parse_json(
            r#"{"projected":{"defaultMode":420,"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"items":[{"key":"ca.crt","path":"ca.crt"}],"name":"kube-root-ca.crt"}},{"downwardAPI":{"items":[{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"},"path":"namespace"}]}}]}}"#,
        )
        .unwrap_or_default();
        volume.set("name", name);
        spec.entry("volumes").list_mut().push(volume);
    }
}

/// Gives a pod the priority of its class.
pub fn priority(server: &ApiServer, kind: &'static Kind, object: &mut Value) -> Result<(), Status> {
    let classes = || server.storage.list("scheduling.k8s.io", "PriorityClass", "");
    let spec = object.entry("spec");
    let mut name = spec.str("priorityClassName").to_owned();
    if name.is_empty()
        && let Some((key, _)) = classes().find(|(_, class)| class.bool("globalDefault"))
    {
        name = key.name.to_string();
    }
    let class = classes().find(|(key, _)| *key.name == *name).map(|(_, class)| class);
    let (value, policy) = match class {
        Some(class) => (class.int("value"), class.str("preemptionPolicy")),
        None if name.is_empty() => (0, "PreemptLowerPriority"),
        None => {
            let message = format!("no PriorityClass with name {name} was found");
            return Err(Status::forbidden(kind, object["metadata"].str("name"), &message));
        }
    };
    if !name.is_empty() {
        spec.set("priorityClassName", name);
    }
    let wanted = spec["priority"].as_int();
    if wanted.is_some_and(|wanted| wanted != value) {
        let message = format!(
            "the integer value of priority ({}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name",
            wanted.unwrap_or_default()
        );
        return Err(Status::forbidden(kind, object["metadata"].str("name"), &message));
    }
    spec.set("priority", value);
    spec.set_default("preemptionPolicy", policy);
    Ok(())
}

/// Only one class can be the default.
pub fn one_default_class(
    server: &ApiServer,
    kind: &'static Kind,
    object: &Value,
) -> Result<(), Status> {
    let name = object["metadata"].str("name");
    if !object.bool("globalDefault") {
        return Ok(());
    }
    let other = server
        .storage
        .list("scheduling.k8s.io", "PriorityClass", "")
        .find(|(key, class)| class.bool("globalDefault") && &*key.name != name);
    match other {
        None => Ok(()),
        Some((key, _)) => {
            let message = format!(
                "PriorityClass {} is already marked as default. Only one default can exist",
                key.name
            );
            Err(Status::forbidden(kind, name, &message))
        }
    }
}

/// Pods leave a node that is not ready after five minutes.
pub fn tolerations(object: &mut Value) {
    let spec = object.entry("spec");
    for taint in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = spec.list("tolerations").iter().any(|one| {
            (one.str("key") == taint || one.str("key").is_empty())
                && matches!(one.str("effect"), "" | "NoExecute")
        });
        if tolerated {
            continue;
        }
        let mut toleration = Value::map();
        toleration.set("effect", "NoExecute");
        toleration.set("key", taint);
        toleration.set("operator", "Exists");
        toleration.set("tolerationSeconds", 300);
        spec.entry("tolerations").list_mut().push(toleration);
    }
}
