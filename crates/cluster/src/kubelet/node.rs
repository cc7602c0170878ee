//! Nodes with a kubelet.

use kubernetes::object::{Value, parse_json};

use super::Node;
use super::conditions::of;
use super::pod::TICK;
use crate::apiserver::Key;
use crate::engine::Cluster;

/// A node that joins the cluster.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    pub name: String,
    pub labels: Vec<(String, String)>,
    /// Amounts, by resource.
    pub capacity: Vec<(String, String)>,
}

impl NodeOptions {
    /// A node of minikube's size.
    pub fn new(name: &str) -> Self {
        let capacity =
            [("cpu", "2"), ("memory", "4Gi"), ("ephemeral-storage", "50Gi"), ("pods", "110")];
        Self {
            name: name.to_owned(),
            labels: Vec::new(),
            capacity: capacity.map(|(name, amount)| (name.to_owned(), amount.to_owned())).into(),
        }
    }
}

impl Cluster {
    /// Adds a node whose kubelet starts pods.
    pub fn add_node(&mut self, options: &NodeOptions) {
        let node = self.new_node(&options.name, None);
        let time = self.server.timestamp();
        self.server.put_system("v1", "Node", "", &options.name, |object| {
            fill(object, &node, options, &time);
        });
        self.kubelets.nodes.insert(node.name.clone(), node);
    }

    /// Lets a kubelet run the pods of a node that is stored already.
    pub fn run_kubelet(&mut self, name: &str) {
        let key = Key { kind: "Node", group: "", namespace: "".into(), name: name.into() };
        let Some(object) = self.server.storage.get(&key) else { return };
        let mut addresses = object["status"].list("addresses").iter();
        let address = addresses.find(|one| one.str("type") == "InternalIP");
        let address = address.map(|one| one.str("address").to_owned());
        let node = self.new_node(name, address);
        self.kubelets.nodes.insert(node.name.clone(), node);
    }

    fn new_node(&mut self, name: &str, address: Option<String>) -> Node {
        let number = self.kubelets.nodes.len() % 250;
        Node {
            name: name.into(),
            address: address.unwrap_or_else(|| format!("192.168.49.{}", 2 + number)),
            pod_network: format!("10.244.{number}"),
            relist_phase: self.random.between(0, TICK - 1),
            tick_phase: self.random.between(0, TICK - 1),
        }
    }
}

/// The port of a kubelet. Source: pkg/cluster/ports.
const KUBELET_PORT: i64 = 10250;

/// Conditions that a healthy kubelet reports: type, status, reason, message.
const CONDITIONS: &[(&str, bool, &str, &str)] = &[
    (
        "MemoryPressure",
        false,
        "KubeletHasSufficientMemory",
        "kubelet has sufficient memory available",
    ),
    ("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", true, "KubeletReady", "kubelet is posting ready status"),
];

/// Sets the labels and the status of the kubelet's node. Source: pkg/kubelet/nodestatus/setters.go.
fn fill(object: &mut Value, node: &Node, options: &NodeOptions, time: &str) {
    let labels = object.entry("metadata").entry("labels");
    for (label, value) in [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", &*options.name),
        ("kubernetes.io/os", "linux"),
    ] {
        labels.set(label, value);
    }
    for (label, value) in &options.labels {
        labels.set(label, &**value);
    }
    let status = object.entry("status");
    for list in ["capacity", "allocatable"] {
        let amounts = status.entry(list);
        for (resource, amount) in &options.capacity {
            amounts.set(resource, &**amount);
        }
    }
    let info = r#"{"architecture":"amd64","containerRuntimeVersion":"containerd://2.1.3",
        "kubeletVersion":"v1.36.3","operatingSystem":"linux","osImage":"Debian GNU/Linux 13",
        "kernelVersion":"6.12.0"}"#;
    let endpoint = status.entry("daemonEndpoints").entry("kubeletEndpoint");
    endpoint.set("Port", KUBELET_PORT);
    status.set("nodeInfo", parse_json(info).unwrap_or_default());
    let mut address = Value::map();
    address.set("type", "InternalIP");
    address.set("address", &*node.address);
    let mut hostname = Value::map();
    hostname.set("type", "Hostname");
    hostname.set("address", &*options.name);
    status.set("addresses", vec![address, hostname]);
    let conditions = CONDITIONS.iter().map(|(ty, holds, reason, message)| {
        let mut condition = of(ty, *holds, reason, message);
        condition.remove("lastProbeTime");
        condition.set("lastHeartbeatTime", time);
        condition.set("lastTransitionTime", time);
        condition
    });
    status.set("conditions", conditions.collect::<Vec<Value>>());
}
