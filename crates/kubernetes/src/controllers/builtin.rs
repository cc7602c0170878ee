//! Objects that every cluster has: namespaces, their default account, a node and the API server's
//! Service; and identifiers of all objects.

use std::sync::Arc;

use crate::cluster::{Cluster, Table};
use crate::hash;
use crate::objects::{
    Condition, Endpoint, EndpointAddress, EndpointPort, EndpointSlice, EndpointSubset, Endpoints,
    Field, Namespace, Node, NodeAddress, ObjectMeta, ObjectOrigin, PortRef, PortTarget, Resource,
    Service, ServiceAccount, ServicePort, StorageClass, StringMap, Text,
};

/// The node of a cluster whose manifests name none, as minikube calls its own.
pub const DEFAULT_NODE: &str = "minikube";
/// The network of minikube's nodes.
const NODE_RANGE: &str = "192.168.49";
/// The address of that node.
pub const DEFAULT_NODE_IP: &str = "192.168.49.2";

/// The port of the API server on its node.
pub const API_SERVER_PORT: i32 = 8443;
const API_SERVER_IP: &str = "10.96.0.1";

/// The address of the cluster's DNS: that of the Service `kube-dns`, or the usual one.
pub fn cluster_dns_ip(cluster: &Cluster) -> Text {
    cluster
        .services
        .get("kube-system", "kube-dns")
        .map(|service| service.cluster_ip.value.clone())
        .filter(|ip| !ip.is_empty() && &**ip != "None")
        .unwrap_or_else(|| "10.96.0.10".into())
}

pub(super) const CREATED: &str = "2026-01-01T00:00:00Z";

pub(super) fn add(cluster: &mut Cluster) {
    add_namespaces(cluster);
    if cluster.nodes.is_empty() {
        cluster.nodes.insert(default_node());
    }
    report_nodes(cluster);
    if cluster.storage_classes.is_empty() {
        cluster.storage_classes.insert(StorageClass {
            meta: meta("", "standard"),
            provisioner: Field::text("k8s.io/minikube-hostpath"),
            volume_binding_mode: "Immediate".into(),
            is_default: true,
        });
    }
    add_api_server(cluster);
    identify(cluster);
}

fn meta(namespace: &str, name: &str) -> ObjectMeta {
    ObjectMeta {
        namespace: Field::text(namespace),
        name: Field::text(name),
        origin: ObjectOrigin::BuiltIn,
        ..ObjectMeta::default()
    }
}

/// The namespaces of every cluster and those that objects are in; each with its default account.
fn add_namespaces(cluster: &mut Cluster) {
    let mut names: Vec<Text> =
        ["default", "kube-node-lease", "kube-public", "kube-system"].map(Text::from).to_vec();
    for (_, meta) in cluster.all() {
        let namespace = &meta.namespace.value;
        if !namespace.is_empty() && !names.contains(namespace) {
            names.push(namespace.clone());
        }
    }
    for name in &names {
        if cluster.namespaces.get("", name).is_none() {
            cluster.namespaces.insert(Namespace { meta: meta("", name) });
        }
    }
    for namespace in cluster.namespaces.iter_mut() {
        // The API server labels each namespace with its own name.
        let namespace = Arc::make_mut(namespace);
        let name = namespace.meta.name.value.clone();
        namespace.meta.labels.set("kubernetes.io/metadata.name", &name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in &names {
        if cluster.service_accounts.get(name, "default").is_none() {
            let account = ServiceAccount { meta: meta(name, "default"), automount_token: None };
            cluster.service_accounts.insert(account);
        }
    }
}

fn default_node() -> Node {
    let mut meta = meta("", DEFAULT_NODE);
    // Source: pkg/kubelet/kubelet_node_status.go `initialNode`.
    for (key, value) in [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", DEFAULT_NODE),
        ("kubernetes.io/os", "linux"),
    ] {
        meta.labels.set(key, value);
    }
    Node { meta, ..Node::default() }
}

/// Adds the status that kubelets report if the manifests omit it: addresses, conditions, the
/// port.
fn report_nodes(cluster: &mut Cluster) {
    for (number, node) in cluster.nodes.iter_mut().enumerate() {
        if !node.addresses.is_empty() && !node.conditions.is_empty() && node.kubelet_port != 0 {
            continue;
        }
        let node = Arc::make_mut(node);
        if node.addresses.is_empty() {
            let address = |kind: &str, address: &str| NodeAddress {
                kind: kind.into(),
                address: Field::text(address),
            };
            node.addresses = vec![
                address("InternalIP", &format!("{NODE_RANGE}.{}", 2 + number % 250)),
                address("Hostname", &node.meta.name.value),
            ];
        }
        if node.conditions.is_empty() {
            node.conditions = vec![
                Condition::new("MemoryPressure", false),
                Condition::new("DiskPressure", false),
                Condition::new("PIDPressure", false),
                Condition::new("Ready", true),
            ];
        }
        if node.kubelet_port == 0 {
            node.kubelet_port = 10250;
        }
    }
}

/// The Service `kubernetes` and the addresses behind it, as far as they are not given.
/// The Service `kubernetes`.
fn api_server_service() -> Service {
    let mut meta = meta("default", "kubernetes");
    meta.labels.set("component", "apiserver");
    meta.labels.set("provider", "kubernetes");
    Service {
        meta,
        service_type: Field::text("ClusterIP"),
        ports: vec![ServicePort {
            name: Field::text("https"),
            port: Field::derived(443),
            target_port: PortRef { target: PortTarget::Number(API_SERVER_PORT), at: None },
            protocol: "TCP".into(),
            node_port: None,
            app_protocol: None,
            location: None,
        }],
        cluster_ip: Field::text(API_SERVER_IP),
        ..Service::default()
    }
}

fn add_api_server(cluster: &mut Cluster) {
    let node_ip: Text = cluster
        .nodes
        .iter()
        .find_map(|node| node.address("InternalIP"))
        .unwrap_or(DEFAULT_NODE_IP)
        .into();
    if cluster.services.get("default", "kubernetes").is_none() {
        cluster.services.insert(api_server_service());
    }
    let port = || EndpointPort {
        name: Some("https".into()),
        port: Some(Field::derived(API_SERVER_PORT)),
        protocol: Some("TCP".into()),
        app_protocol: None,
    };
    if cluster.endpoints.get("default", "kubernetes").is_none() {
        let mut meta = meta("default", "kubernetes");
        meta.labels.set("endpointslice.kubernetes.io/skip-mirror", "true");
        let ip = Field::derived(node_ip.clone());
        cluster.endpoints.insert(Endpoints {
            meta,
            subsets: vec![EndpointSubset {
                addresses: vec![EndpointAddress { ip, ..EndpointAddress::default() }],
                not_ready_addresses: Vec::new(),
                ports: vec![port()],
            }],
        });
    }
    let of_kubernetes = |slice: &Arc<EndpointSlice>| {
        slice.meta.labels.value("kubernetes.io/service-name") == Some("kubernetes")
            && &*slice.meta.namespace.value == "default"
    };
    if !cluster.endpoint_slices.iter().any(of_kubernetes) {
        let mut meta = meta("default", "kubernetes");
        meta.labels.set("kubernetes.io/service-name", "kubernetes");
        cluster.endpoint_slices.insert(EndpointSlice {
            meta,
            address_type: "IPv4".into(),
            endpoints: vec![Endpoint {
                addresses: vec![Field::derived(node_ip)],
                ready: Some(true),
                ..Endpoint::default()
            }],
            ports: vec![port()],
        });
    }
}

/// Gives a UID and a time of creation to every object that has none.
fn identify(cluster: &mut Cluster) {
    macro_rules! each {
        ($($table:ident)*) => {$( identify_table(&mut cluster.$table, |object| &mut object.meta); )*};
    }
    each! {
        namespaces nodes workloads pods services endpoints endpoint_slices ingresses
        network_policies config_maps secrets persistent_volumes persistent_volume_claims
        storage_classes service_accounts roles role_bindings
    }
}

fn identify_table<T: Resource + Clone>(table: &mut Table<T>, meta: fn(&mut T) -> &mut ObjectMeta) {
    for object in table.iter_mut() {
        if !object.meta().uid.is_empty() {
            continue;
        }
        let kind = object.kind();
        let object = Arc::make_mut(object);
        identify_meta(meta(object), kind.name());
    }
}

/// A UID from kind, namespace and name, and the cluster's time of creation.
pub(super) fn identify_meta(meta: &mut ObjectMeta, kind: &str) {
    let parts = [kind, &meta.namespace.value, &meta.name.value];
    meta.uid = hash::uuid(&parts).into();
    if meta.creation_timestamp.is_empty() {
        meta.creation_timestamp = CREATED.into();
    }
}

/// Labels of the node that say where it is.
pub(super) fn zone(labels: &StringMap) -> Option<Text> {
    labels.value("topology.kubernetes.io/zone").map(Text::from)
}
