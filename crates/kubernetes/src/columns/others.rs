//! The columns of Services, configuration, storage, nodes and other kinds.
//!
//! Source: pkg/printers/internalversion/printers.go.

use super::{AGE, Column, NAME, column, labels, or_none, selector, wide};
use crate::object::{Map, Value};

fn joined(list: &[Value]) -> String {
    list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
}

fn size(value: &Value) -> usize {
    value.as_map().map_or(0, Map::len)
}

/// Addresses of a load balancer.
fn balancer(object: &Value) -> String {
    let ingress = object.at(&["status", "loadBalancer"]).list("ingress");
    let addresses = ingress.iter().map(|one| match one.str("ip") {
        "" => one.str("hostname"),
        ip => ip,
    });
    addresses.filter(|address| !address.is_empty()).collect::<Vec<_>>().join(",")
}

fn external_ip(service: &Value, _: i64) -> String {
    let spec = &service["spec"];
    let addresses = joined(spec.list("externalIPs"));
    match spec.str("type") {
        "ExternalName" => spec.str("externalName").to_owned(),
        "LoadBalancer" => match (balancer(service), addresses) {
            (balancer, addresses) if balancer.is_empty() && addresses.is_empty() => {
                "<pending>".to_owned()
            }
            (balancer, addresses) if addresses.is_empty() => balancer,
            (balancer, addresses) if balancer.is_empty() => addresses,
            (balancer, addresses) => format!("{balancer},{addresses}"),
        },
        _ => or_none(&addresses),
    }
}

fn service_ports(service: &Value, _: i64) -> String {
    let ports = service["spec"].list("ports").iter().map(|port| {
        let (number, protocol) = (port.int("port"), port.str("protocol"));
        match port.int("nodePort") {
            0 => format!("{number}/{protocol}"),
            node => format!("{number}:{node}/{protocol}"),
        }
    });
    or_none(&ports.collect::<Vec<_>>().join(","))
}

pub const SERVICE: &[Column] = &[
    NAME,
    column("TYPE", |service, _| service["spec"].str("type").to_owned()),
    column("CLUSTER-IP", |service, _| {
        let first = service["spec"].list("clusterIPs").first();
        or_none(first.and_then(Value::as_str).unwrap_or_default())
    }),
    column("EXTERNAL-IP", external_ip),
    column("PORT(S)", service_ports),
    AGE,
    wide("SELECTOR", |service, _| labels(&service["spec"]["selector"])),
];

fn hosts(ingress: &Value, _: i64) -> String {
    let rules = ingress["spec"].list("rules").iter();
    let hosts: Vec<&str> =
        rules.map(|rule| rule.str("host")).filter(|one| !one.is_empty()).collect();
    match &hosts[..] {
        [] => "*".to_owned(),
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first},{second},{third} + {} more...", rest.len())
        }
        hosts => hosts.join(","),
    }
}

pub const INGRESS: &[Column] = &[
    NAME,
    column("CLASS", |ingress, _| or_none(ingress["spec"].str("ingressClassName"))),
    column("HOSTS", hosts),
    column("ADDRESS", |ingress, _| balancer(ingress)),
    column("PORTS", |ingress, _| {
        let secure = !ingress["spec"].list("tls").is_empty();
        if secure { "80, 443" } else { "80" }.to_owned()
    }),
    AGE,
];

/// The name, marked if an annotation makes the class the default.
fn class_name(class: &Value, annotation: &str) -> String {
    let metadata = &class["metadata"];
    let default = metadata["annotations"].str(annotation) == "true";
    format!("{}{}", metadata.str("name"), if default { " (default)" } else { "" })
}

pub const INGRESS_CLASS: &[Column] = &[
    column("NAME", |class, _| class_name(class, "ingressclass.kubernetes.io/is-default-class")),
    column("CONTROLLER", |class, _| class["spec"].str("controller").to_owned()),
    column("PARAMETERS", |class, _| {
        let parameters = &class["spec"]["parameters"];
        let (kind, name) = (parameters.str("kind"), parameters.str("name"));
        match (parameters.is_null(), parameters.str("apiGroup")) {
            (true, _) => "<none>".to_owned(),
            (false, "") => format!("{kind}/{name}"),
            (false, group) => format!("{kind}.{group}/{name}"),
        }
    }),
    AGE,
];

pub const NETWORK_POLICY: &[Column] =
    &[NAME, column("POD-SELECTOR", |policy, _| selector(&policy["spec"]["podSelector"])), AGE];

pub const CONFIG_MAP: &[Column] = &[
    NAME,
    column("DATA", |map, _| (size(&map["data"]) + size(&map["binaryData"])).to_string()),
    AGE,
];

pub const SECRET: &[Column] = &[
    NAME,
    column("TYPE", |secret, _| secret.str("type").to_owned()),
    column("DATA", |secret, _| size(&secret["data"]).to_string()),
    AGE,
];

/// The phase; `Terminating` for what is being deleted.
fn phase(object: &Value, _: i64) -> String {
    let deleted = object["metadata"].has("deletionTimestamp");
    if deleted { "Terminating" } else { object["status"].str("phase") }.to_owned()
}

pub const NAMESPACE: &[Column] =
    &[NAME, column("STATUS", |object, _| object["status"].str("phase").to_owned()), AGE];

/// Access modes in short: `RWO,ROX`.
pub fn access_modes(modes: &[Value]) -> String {
    let short = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let has = |mode: &str| modes.iter().any(|one| one.as_str() == Some(mode));
    let found = short.iter().filter(|(mode, _)| has(mode)).map(|(_, short)| *short);
    found.collect::<Vec<_>>().join(",")
}

fn attributes_class(object: &Value, _: i64) -> String {
    match object["spec"].str("volumeAttributesClassName") {
        "" => "<unset>".to_owned(),
        class => class.to_owned(),
    }
}

fn storage_class(object: &Value, _: i64) -> String {
    let old = object["metadata"]["annotations"].str("volume.beta.kubernetes.io/storage-class");
    if old.is_empty() { object["spec"].str("storageClassName") } else { old }.to_owned()
}

const VOLUME_MODE: Column =
    wide("VOLUMEMODE", |object, _| match object["spec"].str("volumeMode") {
        "" => "<unset>".to_owned(),
        mode => mode.to_owned(),
    });

/// Returns the text for a bound claim; empty for a claim without a volume.
fn if_bound(claim: &Value, text: impl Fn(&Value) -> String) -> String {
    if claim["spec"].str("volumeName").is_empty() { String::new() } else { text(&claim["status"]) }
}

pub const PERSISTENT_VOLUME_CLAIM: &[Column] = &[
    NAME,
    column("STATUS", phase),
    column("VOLUME", |claim, _| claim["spec"].str("volumeName").to_owned()),
    column("CAPACITY", |claim, _| {
        if_bound(claim, |status| status["capacity"].str("storage").to_owned())
    }),
    column("ACCESS MODES", |claim, _| {
        if_bound(claim, |status| access_modes(status.list("accessModes")))
    }),
    column("STORAGECLASS", storage_class),
    column("VOLUMEATTRIBUTESCLASS", attributes_class),
    AGE,
    VOLUME_MODE,
];

pub const PERSISTENT_VOLUME: &[Column] = &[
    NAME,
    column("CAPACITY", |volume, _| volume["spec"]["capacity"].str("storage").to_owned()),
    column("ACCESS MODES", |volume, _| access_modes(volume["spec"].list("accessModes"))),
    column("RECLAIM POLICY", |volume, _| {
        volume["spec"].str("persistentVolumeReclaimPolicy").to_owned()
    }),
    column("STATUS", phase),
    column("CLAIM", |volume, _| {
        let claim = &volume["spec"]["claimRef"];
        if claim.is_null() {
            return String::new();
        }
        format!("{}/{}", claim.str("namespace"), claim.str("name"))
    }),
    column("STORAGECLASS", storage_class),
    column("VOLUMEATTRIBUTESCLASS", attributes_class),
    column("REASON", |volume, _| volume["status"].str("reason").to_owned()),
    AGE,
    VOLUME_MODE,
];

pub const STORAGE_CLASS: &[Column] = &[
    column("NAME", |class, _| class_name(class, "storageclass.kubernetes.io/is-default-class")),
    column("PROVISIONER", |class, _| class.str("provisioner").to_owned()),
    column("RECLAIMPOLICY", |class, _| class.str("reclaimPolicy").to_owned()),
    column("VOLUMEBINDINGMODE", |class, _| class.str("volumeBindingMode").to_owned()),
    column("ALLOWVOLUMEEXPANSION", |class, _| class.bool("allowVolumeExpansion").to_string()),
    AGE,
];

pub const VOLUME_ATTRIBUTES_CLASS: &[Column] = &[
    column("NAME", |class, _| class["metadata"].str("name").to_owned()),
    column("DRIVERNAME", |class, _| class.str("driverName").to_owned()),
    AGE,
];

fn node_status(node: &Value, _: i64) -> String {
    let conditions = node["status"].list("conditions").iter();
    let mut ready =
        conditions.filter(|one| one.str("type") == "Ready").map(|one| one.str("status"));
    let mut status = match ready.next_back() {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if node["spec"].bool("unschedulable") {
        status.push_str(",SchedulingDisabled");
    }
    status
}

/// The roles of a node, by its labels.
pub fn node_roles(node: &Value) -> String {
    let labels = node["metadata"].entries("labels");
    let mut roles: Vec<String> = labels
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role.to_owned()),
            None if &**key == "kubernetes.io/role" => value.as_str().map(str::to_owned),
            None => None,
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.sort_unstable();
    or_none(&roles.join(","))
}

fn node_address(node: &Value, kind: &str) -> String {
    let mut addresses = node["status"].list("addresses").iter();
    or_none(addresses.find(|one| one.str("type") == kind).map_or("", |one| one.str("address")))
}

/// A field of `status.nodeInfo`.
/// The kernel with the architecture of the node.
fn kernel(node: &Value) -> String {
    match info(node, "architecture") {
        architecture if architecture == "<unknown>" => info(node, "kernelVersion"),
        architecture => format!("{} ({architecture})", info(node, "kernelVersion")),
    }
}

fn info(node: &Value, key: &str) -> String {
    match node.at(&["status", "nodeInfo"]).str(key) {
        "" => "<unknown>".to_owned(),
        text => text.to_owned(),
    }
}

pub const NODE: &[Column] = &[
    NAME,
    column("STATUS", node_status),
    column("ROLES", |node, _| node_roles(node)),
    AGE,
    column("VERSION", |node, _| node.at(&["status", "nodeInfo"]).str("kubeletVersion").to_owned()),
    wide("INTERNAL-IP", |node, _| node_address(node, "InternalIP")),
    wide("EXTERNAL-IP", |node, _| node_address(node, "ExternalIP")),
    wide("OS-IMAGE", |node, _| info(node, "osImage")),
    wide("KERNEL-VERSION", |node, _| kernel(node)),
    wide("CONTAINER-RUNTIME", |node, _| info(node, "containerRuntimeVersion")),
];
