//! The objects of a fresh cluster.

use kubernetes::kinds::{self, Kind};
use kubernetes::object::{Value, parse_json};

use super::{ApiServer, Key, Storage};

/// Namespaces of a fresh cluster.
const NAMESPACES: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];

/// Priority classes of the system: name, value, description.
const PRIORITY_CLASSES: &[(&str, i64, &str)] = &[
    (
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
    (
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their node.",
    ),
];

/// Parts of the control plane that ComponentStatus reports.
const COMPONENTS: &[&str] = &["controller-manager", "etcd-0", "scheduler"];

impl ApiServer {
    /// A fresh API server. `now` is in seconds since the epoch, `seed` makes uids and names.
    pub fn new(now: i64, seed: u64) -> Self {
        let mut server = Self {
            storage: Storage::default(),
            addresses: Default::default(),
            now,
            timestamp: Default::default(),
            random: seed,
            seed,
            made: Default::default(),
            custom: Vec::new(),
            manager: "kubectl-client-side-apply".to_owned(),
            field_validation: super::FieldValidation::default(),
            user: None,
            webhooks: Vec::new(),
        };
        server.put_bootstrap_roles();
        // The roles are complete: no controller has to look at them.
        server.storage.take_events();
        for name in NAMESPACES {
            server.put_system("v1", "Namespace", "", name, |object| {
                let metadata = object.entry("metadata");
                metadata.entry("labels").set("kubernetes.io/metadata.name", *name);
                object.entry("spec").set("finalizers", &["kubernetes"][..]);
                object.entry("status").set("phase", "Active");
            });
        }
        for (name, value, description) in PRIORITY_CLASSES {
            server.put_system("scheduling.k8s.io/v1", "PriorityClass", "", name, |object| {
                object.set("value", *value);
                object.set("description", *description);
                object.set("preemptionPolicy", "PreemptLowerPriority");
            });
        }
        server
    }

    /// Adds the Service `kubernetes`, which the namespace `default` of a real cluster has.
    pub fn add_kubernetes_service(&mut self) {
        self.put_system("v1", "Service", "default", "kubernetes", |object| {
            let labels = object.entry("metadata").entry("labels");
            labels.set("component", "apiserver");
            labels.set("provider", "kubernetes");
            let spec = parse_json(
                r#"{"clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1"],"internalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","ports":[{"name":"https","port":443,"protocol":"TCP","targetPort":6443}],"sessionAffinity":"None","type":"ClusterIP"}"#,
            );
            object.set("spec", spec.unwrap_or_default());
            object.entry("status").set("loadBalancer", Value::map());
        });
    }

    /// Publishes an address of the API server as the endpoint of the Service `kubernetes`.
    ///
    /// Source: pkg/controlplane/reconcilers.
    pub fn publish_api_server(&mut self, address: &str, port: i64) {
        let metadata = |object: &mut Value, label: &str, value: &str| {
            object.entry("metadata").entry("labels").set(label, value);
        };
        let ports = format!(r#"[{{"name":"https","port":{port},"protocol":"TCP"}}]"#);
        let ports = parse_json(&ports).unwrap_or_default();
        self.put_system("v1", "Endpoints", "default", "kubernetes", |object| {
            metadata(object, "endpointslice.kubernetes.io/skip-mirror", "true");
            let (mut subset, mut host) = (Value::map(), Value::map());
            host.set("ip", address);
            subset.set("addresses", vec![host]);
            subset.set("ports", ports.clone());
            object.set("subsets", vec![subset]);
        });
        self.put_system(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            "default",
            "kubernetes",
            |object| {
                metadata(object, "kubernetes.io/service-name", "kubernetes");
                let mut endpoint = Value::map();
                endpoint.set("addresses", &[address][..]);
                endpoint.entry("conditions").set("ready", true);
                object.set("addressType", "IPv4");
                object.set("endpoints", vec![endpoint]);
                object.set("ports", ports.clone());
            },
        );
    }

    /// Stores an object of the system without a request.
    pub(crate) fn put_system(
        &mut self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
        fill: impl FnOnce(&mut Value),
    ) {
        let Some(row) = kinds::find(api_version, kind) else { return };
        let mut object = Value::map();
        object.set("apiVersion", api_version);
        object.set("kind", kind);
        let uid = self.new_uid(kind, namespace, name);
        let timestamp = self.timestamp();
        let metadata = object.entry("metadata");
        metadata.set("name", name);
        if !namespace.is_empty() {
            metadata.set("namespace", namespace);
        }
        metadata.set("uid", uid);
        metadata.set("creationTimestamp", timestamp);
        fill(&mut object);
        self.storage.put(Key::new(row, namespace, name), object);
    }
}

/// A ComponentStatus, which is not stored but made when it is asked for.
pub fn component_status(kind: &Kind, name: &str) -> Option<Value> {
    if kind.kind != "ComponentStatus" || !COMPONENTS.contains(&name) {
        return None;
    }
    let mut object = Value::map();
    object.set("apiVersion", "v1");
    object.set("kind", "ComponentStatus");
    object.entry("metadata").set("name", name);
    let condition =
        parse_json(r#"[{"type":"Healthy","status":"True","message":"ok"}]"#).unwrap_or_default();
    object.set("conditions", condition);
    Some(object)
}
