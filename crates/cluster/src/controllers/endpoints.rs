//! Endpoints of Services that have a selector.
//!
//! Source: pkg/controller/endpoint endpoints_controller.go; staging
//! src/k8s.io/endpointslice/util for what both kinds of endpoints share.

use kubernetes::object::{Value, to_json};

use super::Controller;
use super::objects::{is_deleting, is_ready, is_terminal};
use super::pod_control::selects_map;
use super::triggers;
use crate::apiserver::{ApiServer, Event, Key};
use crate::engine::{ControllerContext, Retry};

pub const HEADLESS: &str = "service.kubernetes.io/headless";
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const TOLERATE: &str = "service.alpha.kubernetes.io/tolerate-unready-endpoints";

pub const ENDPOINTS: Controller =
    Controller { component: "endpoint-controller", keys: service_keys, sync, delay: (10, 40) };

pub fn service_key(namespace: &str, name: &str) -> Key {
    Key { kind: "Service", group: "", namespace: namespace.into(), name: name.into() }
}

/// Services that a change concerns: a changed Service, and those that select a changed pod.
pub fn service_keys(server: &ApiServer, event: &Event) -> Vec<Key> {
    match event.key.kind {
        "Service" => vec![event.key.clone()],
        "Endpoints" => vec![service_key(&event.key.namespace, &event.key.name)],
        "Pod" if pod_matters(event) => {
            let services = server.storage.list("", "Service", &event.key.namespace);
            let selects = |service: &Value, pod: &Value| {
                selects_map(&service["spec"]["selector"], &pod["metadata"]["labels"])
            };
            services
                .filter(|(_, service)| {
                    selects(service, &event.object) || selects(service, &event.previous)
                })
                .map(|(key, _)| key.clone())
                .collect()
        }
        _ => Vec::new(),
    }
}

/// True if a change of a pod can change endpoints. Source: podEndpointsChanged.
fn pod_matters(event: &Event) -> bool {
    let (old, new) = (&event.previous, &event.object);
    if old.is_null() || event.change != crate::apiserver::Change::Modified {
        return true;
    }
    is_deleting(old) != is_deleting(new)
        || is_ready(old) != is_ready(new)
        || old["metadata"]["labels"] != new["metadata"]["labels"]
        || ["podIP", "podIPs", "phase"].iter().any(|key| old["status"][key] != new["status"][key])
        || old["spec"]["nodeName"] != new["spec"]["nodeName"]
}

/// True if the Service includes pods that are not ready, too.
pub fn publishes_not_ready(service: &Value) -> bool {
    service["spec"].bool("publishNotReadyAddresses")
        || service["metadata"]["annotations"].str(TOLERATE) == "true"
}

/// True if a pod can stand in endpoints; those that are being deleted only where they are wanted.
/// Source: ShouldPodBeInEndpoints.
pub fn may_be_endpoint(pod: &Value, terminating: bool) -> bool {
    if is_terminal(pod) || pod["status"].str("podIP").is_empty() {
        return false;
    }
    terminating || !is_deleting(pod)
}

/// The number of the port that a Service's port leads to in a pod. Source: FindPort.
pub fn find_port(pod: &Value, port: &Value) -> Option<i64> {
    let Some(name) = port["targetPort"].as_str() else {
        return Some(port["targetPort"].as_int().unwrap_or_else(|| port.int("port")));
    };
    let sidecars = pod["spec"]
        .list("initContainers")
        .iter()
        .filter(|container| container.str("restartPolicy") == "Always");
    pod["spec"].list("containers").iter().chain(sidecars).find_map(|container| {
        container
            .list("ports")
            .iter()
            .find(|one| one.str("name") == name && one.str("protocol") == port.str("protocol"))
            .map(|one| one.int("containerPort"))
    })
}

/// The host name under which a pod is known in a Service, if it has one.
pub fn hostname_in<'a>(pod: &'a Value, service: &Value) -> Option<&'a str> {
    let spec = &pod["spec"];
    let named = !spec.str("hostname").is_empty()
        && spec["subdomain"] == service["metadata"]["name"]
        && service["metadata"]["namespace"] == pod["metadata"]["namespace"];
    named.then(|| spec.str("hostname"))
}

pub fn target_reference(pod: &Value) -> Value {
    let mut reference = Value::map();
    reference.set("kind", "Pod");
    for key in ["name", "namespace", "uid"] {
        reference.set(key, pod["metadata"][key].clone());
    }
    reference
}

fn address_of(pod: &Value, service: &Value) -> Value {
    let mut address = Value::map();
    address.set("ip", pod["status"].str("podIP"));
    address.set("nodeName", pod["spec"].str("nodeName"));
    address.set("targetRef", target_reference(pod));
    if let Some(hostname) = hostname_in(pod, service) {
        address.set("hostname", hostname);
    }
    address
}

/// Ports of a Service as they stand in endpoints of a pod; those it does not have are left out.
pub fn ports_of(service: &Value, pod: &Value) -> Vec<Value> {
    service["spec"]
        .list("ports")
        .iter()
        .filter_map(|port| {
            let mut found = Value::map();
            found.set("port", find_port(pod, port)?);
            found.set("protocol", port.str("protocol"));
            if !port.str("name").is_empty() {
                found.set("name", port.str("name"));
            }
            if port.has("appProtocol") {
                found.set("appProtocol", port["appProtocol"].clone());
            }
            Some(found)
        })
        .collect()
}

/// Addresses with the same ports form a subset. Source: RepackSubsets.
#[derive(Default)]
struct Subset {
    ports: Vec<Value>,
    ready: Vec<Value>,
    not_ready: Vec<Value>,
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let endpoints_key = Key { kind: "Endpoints", ..key.clone() };
    let Some(service) = context.server.storage.get(key).cloned() else {
        let own = context.server.storage.get(&endpoints_key);
        if own.is_some_and(|own| own["metadata"]["labels"].has(MANAGED_BY)) {
            context.server.storage.remove(&endpoints_key);
        }
        context.triggers.forget(ENDPOINTS.component, key);
        return Ok(());
    };
    if service["spec"]["selector"].is_empty() || service["spec"].str("type") == "ExternalName" {
        return Ok(());
    }
    let pods = pods_of(context.server, &service);
    let changed = context.triggers.first_change(ENDPOINTS.component, key, &service, pods);
    let subsets = subsets(context.server, &service);
    let mut labels = service["metadata"]["labels"].clone();
    if service["spec"].str("clusterIP") == "None" {
        labels.set(HEADLESS, "");
    } else if labels.has(HEADLESS) {
        labels.remove(HEADLESS);
    }
    labels.set(MANAGED_BY, "endpoint-controller");
    let fill = |object: &mut Value| {
        object.entry("metadata").set("labels", labels);
        match subsets.is_empty() {
            true => drop(object.remove("subsets")),
            false => object.set("subsets", subsets),
        }
    };
    match context.server.storage.get(&endpoints_key).cloned() {
        Some(stored) => {
            let mut object = stored.clone();
            fill(&mut object);
            if object != stored {
                triggers::annotate(&mut object, changed.as_deref());
            }
            context.server.write(&endpoints_key, object);
        }
        None => {
            let fill = |object: &mut Value| {
                fill(object);
                triggers::annotate(object, changed.as_deref());
            };
            context.server.put_system("v1", "Endpoints", &key.namespace, &key.name, fill);
        }
    }
    Ok(())
}

/// The pods that a Service selects.
pub fn pods_of<'a>(server: &'a ApiServer, service: &'a Value) -> impl Iterator<Item = &'a Value> {
    let namespace = service["metadata"].str("namespace");
    let pods = server.storage.list("", "Pod", namespace).map(|(_, pod)| pod);
    pods.filter(|pod| selects_map(&service["spec"]["selector"], &pod["metadata"]["labels"]))
}

fn subsets(server: &ApiServer, service: &Value) -> Vec<Value> {
    let unready = publishes_not_ready(service);
    let mut subsets: Vec<Subset> = Vec::new();
    for pod in pods_of(server, service) {
        if !may_be_endpoint(pod, unready) {
            continue;
        }
        let ports = ports_of(service, pod);
        let headless = service["spec"].str("clusterIP") == "None";
        if ports.is_empty() && !(headless && service["spec"].list("ports").is_empty()) {
            continue;
        }
        // A port that the pod lacks is in a subset of its own: each port is looked at by itself.
        let at = subsets.iter().position(|subset| subset.ports == ports);
        let at = at.unwrap_or_else(|| {
            subsets.push(Subset { ports, ..Subset::default() });
            subsets.len() - 1
        });
        let Some(subset) = subsets.get_mut(at) else { continue };
        let address = address_of(pod, service);
        if is_ready(pod) || unready {
            subset.ready.push(address);
        } else {
            subset.not_ready.push(address);
        }
    }
    subsets.into_iter().map(Subset::into_value).collect()
}

impl Subset {
    fn into_value(mut self) -> Value {
        let mut value = Value::map();
        for (key, list) in
            [("addresses", &mut self.ready), ("notReadyAddresses", &mut self.not_ready)]
        {
            list.sort_by_key(|address| {
                (address.str("ip").to_owned(), to_json(&address["targetRef"]))
            });
            if !list.is_empty() {
                value.set(key, std::mem::take(list));
            }
        }
        if !self.ports.is_empty() {
            self.ports.sort_by_key(hash_of);
            value.set("ports", self.ports);
        }
        value
    }
}

/// The hash by which the ports of a subset are sorted: FNV-1a over 128 bits of the port as Go prints
/// it. Source: pkg/api/v1/endpoints util.go `portsByHash`.
fn hash_of(port: &Value) -> u128 {
    let app_protocol = match port["appProtocol"].as_str() {
        Some(name) => format!("(*string){name}"),
        None => "(*string)<nil>".to_owned(),
    };
    let printed = format!(
        "(v1.EndpointPort){{Name:(string){} Port:(int32){} Protocol:(v1.Protocol){} AppProtocol:{app_protocol}}}",
        port.str("name"),
        port.int("port"),
        port.str("protocol"),
    );
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + 0x13b;
    printed.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn ports_stand_in_the_order_of_their_hashes() {
        for (name, port, protocol, next, number, other) in [
            ("metrics", 9153, "TCP", "dns-tcp", 53, "TCP"),
            ("dns-tcp", 53, "TCP", "dns", 53, "UDP"),
            ("http", 8080, "TCP", "grpc", 50051, "TCP"),
            ("http", 8080, "TCP", "https", 8443, "TCP"),
            ("metrics", 9102, "TCP", "http", 8000, "TCP"),
        ] {
            let value = |name: &str, port: i32, protocol: &str| {
                let text = format!(r#"{{"name":"{name}","port":{port},"protocol":"{protocol}"}}"#);
                parse_json(&text).expect("JSON")
            };
            let (first, second) = (value(name, port, protocol), value(next, number, other));
            assert!(hash_of(&first) < hash_of(&second), "{name} before {next}");
        }
    }
}
