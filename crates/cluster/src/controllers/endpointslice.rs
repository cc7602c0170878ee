//! EndpointSlices of Services, and slices that mirror Endpoints made by hand.
//!
//! Source: staging/src/k8s.io/endpointslice reconciler.go, pkg/controller/endpointslicemirroring.

use kubernetes::object::{Value, to_json};

use super::Controller;
use super::endpoints::{
    HEADLESS, hostname_in, may_be_endpoint, pods_of, ports_of, publishes_not_ready, service_keys,
    target_reference,
};
use super::objects::{is_deleting, is_ready, owner_reference};
use super::triggers;
use crate::apiserver::Key;
use crate::engine::{ControllerContext, Retry};

const SERVICE: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const OWN: &str = "endpointslice-controller.k8s.io";
const MIRROR: &str = "endpointslicemirroring-controller.k8s.io";
/// Endpoints in one slice at most.
const LIMIT: usize = 100;

pub const ENDPOINT_SLICE: Controller = Controller {
    component: "endpoint-slice-controller",
    keys: |server, event| {
        if event.key.kind == "EndpointSlice" {
            return service_of(event);
        }
        service_keys(server, event)
    },
    sync,
    delay: (10, 40),
};

pub const MIRRORING: Controller = Controller {
    component: "endpoint-slice-mirroring-controller",
    keys: |_, event| match event.key.kind {
        "Endpoints" | "Service" => vec![Key { kind: "Endpoints", ..event.key.clone() }],
        _ => Vec::new(),
    },
    sync: mirror,
    delay: (10, 40),
};

fn service_of(event: &crate::apiserver::Event) -> Vec<Key> {
    let name = event.object["metadata"]["labels"].str(SERVICE);
    if name.is_empty() {
        return Vec::new();
    }
    vec![super::endpoints::service_key(&event.key.namespace, name)]
}

/// What the slices of an owner have in common.
struct Metadata<'a> {
    owner: &'a Value,
    labels: Value,
    /// When the change happened that leads to this sync.
    changed: Option<String>,
}

/// A slice as it should be: endpoints with the same family and ports.
#[derive(Clone, Debug)]
struct Wanted {
    family: &'static str,
    ports: Value,
    endpoints: Vec<Value>,
}

/// Families in which a Service has slices.
fn families(service: &Value) -> Vec<&'static str> {
    let listed = service["spec"].list("ipFamilies");
    if listed.is_empty() {
        return vec!["IPv4"];
    }
    listed
        .iter()
        .map(|family| if family.as_str() == Some("IPv6") { "IPv6" } else { "IPv4" })
        .collect()
}

fn addresses_of(pod: &Value, family: &str) -> Vec<Value> {
    pod["status"]
        .list("podIPs")
        .iter()
        .map(|one| one.str("ip"))
        .filter(|ip| ip.contains(':') == (family == "IPv6") && !ip.is_empty())
        .map(Value::from)
        .collect()
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(service) = context.server.storage.get(key).cloned() else {
        context.triggers.forget(ENDPOINT_SLICE.component, key);
        return Ok(());
    };
    if service["spec"]["selector"].is_empty()
        || service["spec"].str("type") == "ExternalName"
        || is_deleting(&service)
    {
        return Ok(());
    }
    let pods = pods_of(context.server, &service);
    let changed = context.triggers.first_change(ENDPOINT_SLICE.component, key, &service, pods);
    let mut wanted = Vec::new();
    for family in families(&service) {
        wanted.extend(slices_of(context, &service, family));
    }
    let mut labels = service["metadata"]["labels"].clone();
    if labels.has(HEADLESS) {
        labels.remove(HEADLESS);
    }
    if service["spec"].str("clusterIP") == "None" {
        labels.set(HEADLESS, "");
    }
    labels.set(SERVICE, &*key.name);
    labels.set(MANAGED_BY, OWN);
    let metadata = Metadata { owner: &service, labels, changed };
    reconcile(context, &metadata, &wanted, OWN);
    Ok(())
}

fn slices_of(
    context: &ControllerContext<'_>,
    service: &Value,
    family: &'static str,
) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for pod in pods_of(context.server, service) {
        if !may_be_endpoint(pod, true) {
            continue;
        }
        let addresses = addresses_of(pod, family);
        if addresses.is_empty() {
            continue;
        }
        let mut ports = ports_of(service, pod);
        for port in &mut ports {
            port.set_default("name", "");
        }
        ports.sort_by_key(to_json);
        let ports = if ports.is_empty() { Value::Null } else { ports.into() };
        let endpoint = endpoint_of(context, service, pod, addresses);
        let open = wanted.iter_mut().find(|one| one.ports == ports && one.endpoints.len() < LIMIT);
        match open {
            Some(one) => one.endpoints.push(endpoint),
            None => wanted.push(Wanted { family, ports, endpoints: vec![endpoint] }),
        }
    }
    if wanted.is_empty() {
        wanted.push(Wanted { family, ports: Value::Null, endpoints: Vec::new() });
    }
    wanted
}

fn endpoint_of(
    context: &ControllerContext<'_>,
    service: &Value,
    pod: &Value,
    addresses: Vec<Value>,
) -> Value {
    let serving = is_ready(pod);
    let terminating = is_deleting(pod);
    let ready = publishes_not_ready(service) || serving && !terminating;
    let mut endpoint = Value::map();
    endpoint.set("addresses", addresses);
    let conditions = endpoint.entry("conditions");
    conditions.set("ready", ready);
    conditions.set("serving", serving);
    conditions.set("terminating", terminating);
    endpoint.set("targetRef", target_reference(pod));
    let node = pod["spec"].str("nodeName");
    if !node.is_empty() {
        endpoint.set("nodeName", node);
        let key = Key { kind: "Node", group: "", namespace: "".into(), name: node.into() };
        let labels = context.server.storage.get(&key).map(|node| &node["metadata"]["labels"]);
        let zone = labels.map_or("", |labels| labels.str("topology.kubernetes.io/zone"));
        if !zone.is_empty() {
            endpoint.set("zone", zone);
        }
    }
    if let Some(hostname) = hostname_in(pod, service) {
        endpoint.set("hostname", hostname);
    }
    endpoint
}

/// Brings the slices of an owner in line with those that are wanted. A slice is kept for endpoints
/// with the same family and ports, or else for any of the family.
fn reconcile(
    context: &mut ControllerContext<'_>,
    common: &Metadata<'_>,
    wanted: &[Wanted],
    manager: &str,
) {
    let owner = common.owner;
    let namespace = owner["metadata"].str("namespace").to_owned();
    let name = owner["metadata"].str("name").to_owned();
    let mut existing: Vec<(Key, Value)> = context
        .server
        .storage
        .list("discovery.k8s.io", "EndpointSlice", &namespace)
        .filter(|(_, slice)| {
            let labels = &slice["metadata"]["labels"];
            labels.str(SERVICE) == name && labels.str(MANAGED_BY) == manager && !is_deleting(slice)
        })
        .map(|(key, slice)| (key.clone(), slice.clone()))
        .collect();
    let mut rest = Vec::new();
    for one in wanted {
        let at = existing.iter().position(|(_, slice)| {
            slice.str("addressType") == one.family && slice["ports"] == one.ports
        });
        match at {
            Some(at) => {
                let (key, slice) = existing.remove(at);
                fill(context, &key, &slice, common, one);
            }
            None => rest.push(one),
        }
    }
    for one in rest {
        let at = existing.iter().position(|(_, slice)| slice.str("addressType") == one.family);
        match at {
            Some(at) => {
                let (key, slice) = existing.remove(at);
                fill(context, &key, &slice, common, one);
            }
            None => create(context, common, one),
        }
    }
    for (key, _) in existing {
        context.server.storage.remove(&key);
    }
}

fn fill(
    context: &mut ControllerContext<'_>,
    key: &Key,
    stored: &Value,
    common: &Metadata<'_>,
    wanted: &Wanted,
) {
    let mut slice = stored.clone();
    let metadata = slice.entry("metadata");
    metadata.set("labels", common.labels.clone());
    metadata.set("ownerReferences", vec![owner_reference(common.owner)]);
    let endpoints = &wanted.endpoints;
    slice.set(
        "endpoints",
        if endpoints.is_empty() { Value::Null } else { endpoints.clone().into() },
    );
    slice.set("ports", wanted.ports.clone());
    if slice != *stored {
        triggers::annotate(&mut slice, common.changed.as_deref());
    }
    context.server.write(key, slice);
}

fn create(context: &mut ControllerContext<'_>, common: &Metadata<'_>, wanted: &Wanted) {
    let owner = common.owner;
    let namespace = owner["metadata"].str("namespace").to_owned();
    let prefix = format!("{}-", owner["metadata"].str("name"));
    let name = format!("{prefix}{}", context.server.random_suffix(&namespace, &prefix));
    let key = Key {
        kind: "EndpointSlice",
        group: "discovery.k8s.io",
        namespace: namespace.as_str().into(),
        name: name.as_str().into(),
    };
    context.server.put_system("discovery.k8s.io/v1", "EndpointSlice", &namespace, &name, |slice| {
        let metadata = slice.entry("metadata");
        metadata.set("generateName", &*prefix);
        metadata.set("labels", common.labels.clone());
        slice.set("addressType", wanted.family);
    });
    if let Some(slice) = context.server.storage.get(&key).cloned() {
        fill(context, &key, &slice, common, wanted);
    }
}

/// Copies Endpoints that no controller keeps into slices of their own.
fn mirror(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let service = context.server.storage.get(&Key { kind: "Service", ..key.clone() }).cloned();
    let Some(endpoints) = context.server.storage.get(key).cloned() else { return Ok(()) };
    let labels = &endpoints["metadata"]["labels"];
    let mirrored = service.is_some_and(|service| service["spec"]["selector"].is_empty())
        && !labels.has("endpoints.kubernetes.io/managed-by")
        && labels.str("endpointslice.kubernetes.io/skip-mirror") != "true"
        && &*key.name != "kubernetes";
    let mut wanted = Vec::new();
    if mirrored {
        wanted = endpoints["subsets"]
            .as_list()
            .unwrap_or_default()
            .iter()
            .map(mirrored_subset)
            .collect();
    }
    let mut own = labels.clone();
    own.set(SERVICE, &*key.name);
    own.set(MANAGED_BY, MIRROR);
    let metadata = Metadata { owner: &endpoints, labels: own, changed: None };
    reconcile(context, &metadata, &wanted, MIRROR);
    Ok(())
}

fn mirrored_subset(subset: &Value) -> Wanted {
    let mut ports: Vec<Value> = subset.list("ports").to_vec();
    for port in &mut ports {
        port.set_default("name", "");
    }
    let mut endpoints = Vec::new();
    for (list, ready) in [("addresses", true), ("notReadyAddresses", false)] {
        for address in subset.list(list) {
            let mut endpoint = Value::map();
            endpoint.set("addresses", vec![address["ip"].clone()]);
            endpoint.entry("conditions").set("ready", ready);
            for key in ["hostname", "nodeName", "targetRef"] {
                if address.has(key) {
                    endpoint.set(key, address[key].clone());
                }
            }
            endpoints.push(endpoint);
        }
    }
    let ipv6 = endpoints.first().is_some_and(|one| {
        one.list("addresses").first().and_then(Value::as_str).is_some_and(|ip| ip.contains(':'))
    });
    let ports = if ports.is_empty() { Value::Null } else { ports.into() };
    Wanted { family: if ipv6 { "IPv6" } else { "IPv4" }, ports, endpoints }
}
