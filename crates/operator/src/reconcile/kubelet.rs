//! The Service of the kubelets and its Endpoints, which the Operator keeps for monitors of nodes.
//!
//! Source: prometheus-operator pkg/kubelet/controller.go.

use kubernetes::object::Value;

use crate::options::Options;
use crate::workload::object;

/// Ports of a kubelet.
static PORTS: &[(&str, i64)] =
    &[("https-metrics", 10250), ("cadvisor", 4194), ("http-metrics", 10255)];

/// The changes of a sync of the kubelets.
#[derive(Clone, Debug, Default)]
pub struct Kubelets {
    pub objects: Vec<Value>,
    /// Nodes without an address, which are left out.
    pub without_address: Vec<String>,
}

/// The address of a node: the internal one, else the external one.
fn address(node: &Value) -> Option<&str> {
    let addresses = node["status"].list("addresses");
    ["InternalIP", "ExternalIP"].iter().find_map(|kind| {
        let found = addresses.iter().find(|one| one.str("type") == *kind)?;
        Some(found.str("address"))
    })
}

fn labels() -> Value {
    object! {
        "k8s-app": "kubelet",
        "app.kubernetes.io/name": "kubelet",
        "app.kubernetes.io/managed-by": "prometheus-operator",
    }
}

/// Returns the Service and the Endpoints. Nothing without the flag `--kubelet-service`.
pub fn kubelets(nodes: &[Value], options: &Options) -> Kubelets {
    let Some((namespace, name)) = &options.kubelet else { return Kubelets::default() };
    let mut sorted: Vec<&Value> = nodes.iter().collect();
    sorted.sort_by_key(|node| node["metadata"].str("name"));
    let mut out = Kubelets::default();
    let mut addresses = Vec::new();
    for node in sorted {
        let metadata = &node["metadata"];
        let Some(ip) = address(node) else {
            out.without_address.push(metadata.str("name").to_owned());
            continue;
        };
        addresses.push(object! {
            "ip": ip,
            "nodeName": metadata.str("name"),
            "targetRef": object! {
                "kind": "Node",
                "name": metadata.str("name"),
                "uid": metadata.str("uid"),
            },
        });
    }
    let metadata = object! { "name": &**name, "namespace": &**namespace, "labels": labels() };
    let port = |(name, number): &(&str, i64)| object! { "name": *name, "port": *number };
    let ports: Vec<Value> = PORTS.iter().map(port).collect();
    out.objects.push(object! {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata.clone(),
        "spec": object! { "type": "ClusterIP", "clusterIP": "None", "ports": ports.clone() },
    });
    if options.kubelet_endpoints {
        let subset = object! { "addresses": addresses, "ports": ports };
        let subsets = if subset["addresses"].is_empty() { Vec::new() } else { vec![subset] };
        let mut endpoints =
            object! { "apiVersion": "v1", "kind": "Endpoints", "metadata": metadata };
        endpoints.set("subsets", subsets);
        out.objects.push(endpoints);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn nodes_are_sorted_and_those_without_address_are_left_out() {
        let node = |name: &str, addresses: &str| {
            let text = format!(
                r#"{{"metadata":{{"name":"{name}"}},"status":{{"addresses":[{addresses}]}}}}"#
            );
            parse_json(&text).expect("JSON")
        };
        let nodes = [
            node("b", r#"{"type":"InternalIP","address":"10.0.0.2"}"#),
            node("a", r#"{"type":"ExternalIP","address":"192.0.2.1"}"#),
            node("c", r#"{"type":"Hostname","address":"c"}"#),
        ];
        let options = Options::parse(&["--kubelet-service=kube-system/kubelet"]);
        let made = kubelets(&nodes, &options);
        assert_eq!(made.without_address, ["c"]);
        let subsets = made.objects[1].list("subsets");
        let ips: Vec<&str> = subsets[0].list("addresses").iter().map(|one| one.str("ip")).collect();
        assert_eq!(ips, ["192.0.2.1", "10.0.0.2"]);
        assert!(kubelets(&nodes, &Options::default()).objects.is_empty());
    }
}
