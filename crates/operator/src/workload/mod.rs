//! The objects that run a workload: StatefulSets, DaemonSets, Secrets, ConfigMaps and Services.
//!
//! | file | makes |
//! | --- | --- |
//! | here | metadata, and what containers and pods share |
//! | `prometheus` | the StatefulSets of a Prometheus server or agent, the DaemonSet of an agent |
//! | `secrets` | the Secrets and ConfigMaps of a Prometheus |
//! | `thanos_sidecar` | its sidecar |
//! | `alertmanager`, `ruler` | the StatefulSets of an Alertmanager and a ThanosRuler |
//! | `prometheus_arguments` | the arguments of Prometheus |
//! | `reloader` | the config reloader |
//! | `web_config` | the Secret and the mounts of the web configuration |
//! | `arguments`, `names`, `volumes` | parts of a pod |
//!
//! Source: prometheus-operator pkg/operator/factory.go.

/// Makes a mapping from keys and values.
macro_rules! object {
    ($($key:literal : $value:expr),+ $(,)?) => {{
        let mut map = kubernetes::object::Value::map();
        $(map.set($key, $value);)+
        map
    }};
}
pub(crate) use object;

pub mod alertmanager;
pub mod arguments;
pub mod cluster_tls;
pub mod names;
pub mod prometheus;
mod prometheus_arguments;
pub mod reloader;
pub mod ruler;
pub mod secrets;
pub mod thanos_sidecar;
pub mod tls_references;
pub mod volumes;
pub mod web_config;

use kubernetes::merge::strategic_merge;
use kubernetes::object::{Map, Value};
use kubernetes::types::types;

use crate::options::Options;
use crate::store::Checked;

const MANAGER: &str = "prometheus-operator";

/// The annotation with the hash of what a StatefulSet was made from.
pub const INPUT_HASH: &str = "prometheus-operator-input-hash";

/// The reference of an object to the custom resource that it was made for.
fn owner(of: &Value, manages: bool) -> Value {
    let mut reference = object! {
        "apiVersion": of.str("apiVersion"),
        "kind": of.str("kind"),
        "name": of["metadata"].str("name"),
        "uid": of["metadata"].str("uid"),
    };
    if manages {
        reference.set("controller", true);
        reference.set("blockOwnerDeletion", true);
    }
    reference
}

/// Metadata of an object that the Operator manages.
pub struct Meta<'a> {
    pub owner: &'a Value,
    pub name: &'a str,
    /// Labels besides those of the Operator. Later ones take precedence.
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(String, String)>,
    /// False for Services, whose owner does not manage them.
    pub controlled: bool,
}

impl<'a> Meta<'a> {
    pub fn new(owner: &'a Value, name: &'a str) -> Self {
        Self { owner, name, labels: Vec::new(), annotations: Vec::new(), controlled: true }
    }

    fn value(&self, options: &Options) -> Value {
        let mut labels = object! {
            "managed-by": MANAGER,
            "app.kubernetes.io/managed-by": MANAGER,
        };
        for (key, value) in &self.labels {
            labels.set(key, &**value);
        }
        for (key, value) in &options.labels {
            labels.set(key, &**value);
        }
        let mut annotations = Value::map();
        for (key, value) in &self.annotations {
            annotations.set(key, &**value);
        }
        for (key, value) in &options.annotations {
            annotations.set(key, &**value);
        }
        let mut metadata = object! {
            "name": self.name,
            "namespace": self.owner["metadata"].str("namespace"),
            "labels": labels,
            "ownerReferences": vec![owner(self.owner, self.controlled)],
        };
        if !annotations.is_empty() {
            metadata.set("annotations", annotations);
        }
        metadata
    }
}

/// An object of a kind with its metadata.
pub fn managed(api_version: &str, kind: &str, meta: &Meta<'_>, options: &Options) -> Value {
    object! {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": meta.value(options),
    }
}

/// A Secret with texts.
pub fn secret<'t>(
    meta: &Meta<'_>,
    options: &Options,
    data: impl IntoIterator<Item = (&'t str, &'t [u8])>,
) -> Value {
    let mut secret = managed("v1", "Secret", meta, options);
    let mut entries = Value::map();
    for (key, bytes) in data {
        entries.set(key, go::base64::encode(bytes));
    }
    secret.set("data", entries);
    secret.set("type", "Opaque");
    secret
}

/// Sets a field unless the value is empty.
pub fn set_filled(to: &mut Value, key: &str, value: impl Into<Value>) {
    let value = value.into();
    if !value.is_empty() {
        to.set(key, value);
    }
}

/// Copies a field if it is set.
pub fn copy(to: &mut Value, key: &str, value: &Value) {
    if !value.is_null() {
        to.set(key, value.clone());
    }
}

/// Copies a number unless it is absent or 0.
pub fn copy_number(to: &mut Value, key: &str, value: &Value) {
    if value.as_int().is_some_and(|number| number != 0) {
        to.set(key, value.clone());
    }
}

/// Entries of a mapping of texts.
pub fn pairs(map: &Value) -> Vec<(String, String)> {
    let entries = map.as_map().into_iter().flat_map(Map::iter);
    entries
        .map(|(key, value)| (key.to_string(), value.as_str().unwrap_or_default().into()))
        .collect()
}

/// The annotations of a custom resource that its StatefulSet gets.
pub fn inherited_annotations(of: &Value) -> Vec<(String, String)> {
    let mut annotations = pairs(&of["metadata"]["annotations"]);
    annotations.retain(|(key, _)| !key.starts_with("kubectl.kubernetes.io/"));
    annotations.push((INPUT_HASH.to_owned(), String::new()));
    annotations
}

/// A mapping of texts.
pub fn text_map<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Value {
    let mut map = Value::map();
    for (key, value) in pairs {
        map.set(key.as_ref(), value.as_ref());
    }
    map
}

/// The security context of the Operator's containers.
pub fn container_security() -> Value {
    object! {
        "readOnlyRootFilesystem": true,
        "allowPrivilegeEscalation": false,
        "capabilities": object! { "drop": &["ALL"][..] },
    }
}

/// A container port.
pub fn port(name: &str, number: i64) -> Value {
    object! { "name": name, "containerPort": number, "protocol": "TCP" }
}

/// A probe with an HTTP request or, if Prometheus listens locally, a command in the container.
pub fn probe_handler(
    local: bool,
    path: &str,
    port: impl Into<Value>,
    number: i64,
    tls: bool,
) -> Value {
    if local {
        let url = format!("http://localhost:{number}{path}");
        let script = format!(
            "if [ -x \"$(command -v curl)\" ]; then exec curl --fail {url}; elif [ -x \"$(command -v \
             wget)\" ]; then exec wget -q -O /dev/null {url}; else exit 1; fi"
        );
        return object! { "exec": object! { "command": &["sh", "-c", &*script][..] } };
    }
    let mut get = object! { "path": path, "port": port };
    if tls {
        get.set("scheme", "HTTPS");
    }
    object! { "httpGet": get }
}

/// Merges containers of a custom resource into those of the Operator, by name.
/// Source: pkg/k8s/merge.go MergePatchContainers.
pub fn merge_containers(base: Vec<Value>, patches: &[Value]) -> Checked<Vec<Value>> {
    let mut merged = Vec::new();
    let patch_of = |name: &str| patches.iter().rev().find(|patch| patch.str("name") == name);
    for container in base {
        let Some(patch) = patch_of(container.str("name")) else {
            merged.push(container);
            continue;
        };
        let schema = types().named("io.k8s.api.core.v1.Container");
        let own = container.as_map().cloned().unwrap_or_default();
        let mut changes = patch.as_map().cloned().unwrap_or_default();
        let result = strategic_merge(&own, &mut changes, schema)
            .map_err(|error| format!("failed to generate merge patch for container: {error}"))?;
        let mut result = Value::from(result);
        one_handler(&mut result, patch);
        merged.push(result);
    }
    let known: Vec<String> = merged.iter().map(|one| one.str("name").to_owned()).collect();
    let rest = patches.iter().filter(|patch| !known.iter().any(|name| name == patch.str("name")));
    merged.extend(rest.cloned());
    Ok(merged)
}

/// A probe keeps the handler of the patch if the merge left several.
fn one_handler(merged: &mut Value, patch: &Value) {
    const HANDLERS: &[&str] = &["httpGet", "tcpSocket", "exec", "grpc"];
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        let own = &merged[probe];
        if patch[probe].is_null() || HANDLERS.iter().filter(|name| own.has(name)).count() < 2 {
            continue;
        }
        for name in HANDLERS {
            merged.entry(probe).remove(name);
            if patch[probe].has(name) {
                let handler = patch[probe][*name].clone();
                merged.entry(probe).set(name, handler);
            }
        }
    }
}

/// The image: the one that is named, or base image with digest, tag or version.
/// Source: pkg/operator/image.go BuildImagePath.
pub fn image(spec: &Value, default_base: &str, version: &str) -> String {
    let named = spec.str("image");
    if !named.trim().is_empty() {
        return named.to_owned();
    }
    let of = |key: &str, default: &str| -> String {
        let text = spec.str(key);
        if text.trim().is_empty() { default.to_owned() } else { text.to_owned() }
    };
    let (base, sha, tag) = (of("baseImage", default_base), of("sha", ""), of("tag", ""));
    let last = base.rsplit('/').next().unwrap_or_default();
    if last.contains(':') || last.contains('@') {
        return base;
    }
    match (sha.is_empty(), tag.is_empty()) {
        (false, _) => format!("{base}@sha256:{sha}"),
        (true, false) => format!("{base}:{tag}"),
        (true, true) => format!("{base}:{version}"),
    }
}

/// Fields of a pod spec that custom resources have in common.
pub fn pod_fields(pod: &mut Value, spec: &Value, default_grace: i64) {
    copy(pod, "securityContext", &spec["securityContext"]);
    for key in ["serviceAccountName", "schedulerName", "priorityClassName", "dnsPolicy"] {
        set_filled(pod, key, spec[key].clone());
    }
    let automount = spec["automountServiceAccountToken"].as_bool().unwrap_or(true);
    pod.set("automountServiceAccountToken", automount);
    let grace = spec["terminationGracePeriodSeconds"].as_int().unwrap_or(default_grace);
    pod.set("terminationGracePeriodSeconds", grace);
    for key in ["nodeSelector", "tolerations", "imagePullSecrets"] {
        set_filled(pod, key, spec[key].clone());
    }
    for key in ["affinity", "enableServiceLinks", "hostUsers"] {
        copy(pod, key, &spec[key]);
    }
    host_and_dns(pod, spec);
}

fn host_and_dns(pod: &mut Value, spec: &Value) {
    if spec.bool("hostNetwork") {
        pod.set("hostNetwork", true);
        pod.set_default_str("dnsPolicy", "ClusterFirstWithHostNet");
    }
    copy(pod, "dnsConfig", &spec["dnsConfig"]);
    set_filled(pod, "hostAliases", spec["hostAliases"].clone());
}

/// Spread constraints. Those with `additionalLabelSelectors` get the labels of the pods, with or
/// without that of the shard.
pub fn spread(pod: &mut Value, spec: &Value, selector: &[(String, String)]) {
    let constraints = spec.list("topologySpreadConstraints").iter().map(|one| {
        let mut one = one.clone();
        let added = one.remove("additionalLabelSelectors");
        let Some(added) = added.as_ref().and_then(Value::as_str) else { return one };
        for (key, value) in selector {
            if added == "OnResource" && key == prometheus::SHARD {
                continue;
            }
            one.entry_at(&["labelSelector", "matchLabels"]).set(key, &**value);
        }
        one
    });
    set_filled(pod, "topologySpreadConstraints", constraints.collect::<Vec<_>>());
}

/// The update strategy of a StatefulSet.
pub fn update_strategy(spec: &Value) -> Value {
    let own = &spec["updateStrategy"];
    if own.is_null() {
        return object! { "type": "RollingUpdate" };
    }
    let mut strategy = object! { "type": own.str("type") };
    let rolling = &own["rollingUpdate"];
    if !rolling.is_null() {
        let mut value = Value::map();
        copy(&mut value, "maxUnavailable", &rolling["maxUnavailable"]);
        strategy.set("rollingUpdate", value);
    }
    strategy
}

/// The name of the web port.
fn port_name(spec: &Value) -> &str {
    let name = spec.str("portName");
    if name.is_empty() { "web" } else { name }
}

/// The prefix of all paths of the web server.
fn route_prefix(spec: &Value) -> &str {
    let prefix = spec.str("routePrefix");
    if prefix.is_empty() { "/" } else { prefix }
}
