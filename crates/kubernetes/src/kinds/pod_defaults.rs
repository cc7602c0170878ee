//! Defaults of pod specs, in Pods and in templates.
//!
//! Source: pkg/apis/core/v1/defaults.go.

use std::sync::Arc;

use crate::object::Value;
use crate::validation::pod::pod_resources;
use crate::validation::resources;

/// Defaults of a Pod: those of its spec, and those that templates do not get.
pub fn pod(object: &mut Value) {
    spec(object.entry("spec"));
    let spec = object.entry("spec");
    for key in ["containers", "initContainers"] {
        for container in spec.items_mut(key) {
            requests_from_limits(container);
        }
    }
    requests_of_pod(spec);
    spec.set_default("enableServiceLinks", true);
    if spec.bool("hostNetwork") {
        host_ports(spec);
    }
}

fn requests_from_limits(container: &mut Value) {
    let Some(limits) = container["resources"]["limits"].as_map().cloned() else { return };
    for (name, value) in limits.iter() {
        container.entry_at(&["resources", "requests"]).set_default(name, value.clone());
    }
}

/// The requests of a pod as a whole follow from its containers, then from its limits.
/// Source: defaultHugePagePodLimits, defaultPodRequests.
fn requests_of_pod(spec: &mut Value) {
    let own = &spec["resources"];
    if own["limits"].is_empty() && own["requests"].is_empty() {
        return;
    }
    for (name, amount) in pod_resources::of_containers(spec, "limits") {
        let is_open = !spec["resources"]["limits"].has(&name);
        if name.starts_with("hugepages-") && is_open {
            spec.entry_at(&["resources", "limits"]).set(&name, amount.canonical());
        }
    }
    if spec["resources"]["limits"].is_empty() {
        return;
    }
    for (name, amount) in pod_resources::of_containers(spec, "requests") {
        let requests = &spec["resources"]["requests"];
        if matches!(&*name, "cpu" | "memory") && !requests.has(&name) {
            spec.entry_at(&["resources", "requests"]).set(&name, amount.canonical());
        }
    }
    let limits: Vec<(Arc<str>, Value)> = spec["resources"]
        .entries("limits")
        .filter(|(name, _)| resources::is_of_pods(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in limits {
        spec.entry_at(&["resources", "requests"]).set_default(&name, value);
    }
}

/// Defaults of a template's spec, where `template` holds it at `spec`.
pub fn template(template: &mut Value) {
    spec(template.entry("spec"));
}

fn spec(spec: &mut Value) {
    // The older name of the field is kept in step.
    let account = match spec.str("serviceAccountName") {
        "" => spec["serviceAccount"].clone(),
        _ => spec["serviceAccountName"].clone(),
    };
    if !account.is_null() {
        spec.set("serviceAccountName", account.clone());
        spec.set("serviceAccount", account);
    }
    for volume in spec.items_mut("volumes") {
        self::volume(volume);
    }
    for key in ["containers", "initContainers", "ephemeralContainers"] {
        for container in spec.items_mut(key) {
            self::container(container);
        }
    }
    spec.set_default_str("dnsPolicy", "ClusterFirst");
    spec.set_default_str("restartPolicy", "Always");
    spec.set_default("securityContext", Value::map());
    spec.set_default("terminationGracePeriodSeconds", 30);
    spec.set_default_str("schedulerName", "default-scheduler");
}

fn host_ports(spec: &mut Value) {
    for key in ["containers", "initContainers"] {
        for container in spec.items_mut(key) {
            for port in container.items_mut("ports") {
                let own = port.int("containerPort");
                port.set_default_int("hostPort", own);
            }
        }
    }
}

fn container(container: &mut Value) {
    let policy = if is_latest(container.str("image")) { "Always" } else { "IfNotPresent" };
    container.set_default_str("imagePullPolicy", policy);
    container.set_default_str("terminationMessagePath", "/dev/termination-log");
    container.set_default_str("terminationMessagePolicy", "File");
    for port in container.items_mut("ports") {
        port.set_default_str("protocol", "TCP");
    }
    for variable in container.items_mut("env") {
        if variable["valueFrom"].has("fieldRef") {
            variable.entry_at(&["valueFrom", "fieldRef"]).set_default_str("apiVersion", "v1");
        }
        if variable["valueFrom"].has("fileKeyRef") {
            variable.entry_at(&["valueFrom", "fileKeyRef"]).set_default("optional", false);
        }
    }
    for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if container.has(key) {
            probe(container.entry(key));
        }
    }
    for key in ["postStart", "preStop"] {
        if container["lifecycle"][key].has("httpGet") {
            http_get(container.entry_at(&["lifecycle", key, "httpGet"]));
        }
    }
}

/// True for an image without a tag or digest, or with the tag `latest`.
pub fn is_latest(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn probe(probe: &mut Value) {
    for (key, value) in [
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ] {
        probe.set_default_int(key, value);
    }
    if probe.has("httpGet") {
        http_get(probe.entry("httpGet"));
    }
    if probe.has("grpc") {
        probe.entry("grpc").set_default("service", "");
    }
}

fn http_get(action: &mut Value) {
    action.set_default_str("path", "/");
    action.set_default_str("scheme", "HTTP");
}

/// Sources that have a mode for their files.
const WITH_MODE: &[&str] = &["secret", "configMap", "downwardAPI", "projected"];

/// Keys of a volume that are no source.
fn has_source(volume: &Value) -> bool {
    volume.as_map().is_some_and(|map| map.keys().any(|key| &**key != "name"))
}

fn volume(volume: &mut Value) {
    if !has_source(volume) {
        volume.set("emptyDir", Value::map());
    }
    for key in WITH_MODE {
        if volume.has(key) {
            volume.entry(key).set_default("defaultMode", 0o644);
        }
    }
    host_path(volume);
    if volume.has("downwardAPI") {
        downward_items(volume.entry("downwardAPI"));
    }
    if volume.has("projected") {
        for source in volume.entry("projected").items_mut("sources") {
            if source.has("serviceAccountToken") {
                source.entry("serviceAccountToken").set_default("expirationSeconds", 3600);
            }
            if source.has("downwardAPI") {
                downward_items(source.entry("downwardAPI"));
            }
        }
    }
    if volume.has("iscsi") {
        volume.entry("iscsi").set_default_str("iscsiInterface", "default");
    }
    if volume.has("azureDisk") {
        let disk = volume.entry("azureDisk");
        for (key, value) in [("cachingMode", "ReadWrite"), ("kind", "Shared"), ("fsType", "ext4")] {
            disk.set_default(key, value);
        }
        disk.set_default("readOnly", false);
    }
    if volume.has("image") {
        let image = volume.entry("image");
        let policy = if is_latest(image.str("reference")) { "Always" } else { "IfNotPresent" };
        image.set_default_str("pullPolicy", policy);
    }
    if volume["ephemeral"].has("volumeClaimTemplate") {
        let claim = volume.entry_at(&["ephemeral", "volumeClaimTemplate", "spec"]);
        claim.set_default("volumeMode", "Filesystem");
    }
}

/// The type of a directory of the host: any.
pub fn host_path(volume: &mut Value) {
    if volume.has("hostPath") {
        volume.entry("hostPath").set_default("type", "");
    }
}

fn downward_items(source: &mut Value) {
    for item in source.items_mut("items") {
        if item.has("fieldRef") {
            item.entry("fieldRef").set_default_str("apiVersion", "v1");
        }
    }
}
