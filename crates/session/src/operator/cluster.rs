//! Pods and endpoints of the simulated cluster, with the fields that the gates read.

use kubernetes::Cluster;
use kubernetes::object::{Map, Value};
use kubernetes::objects::{ObjectMeta, Pod};

/// The pods and the EndpointSlices of a cluster.
pub fn objects(cluster: &Cluster) -> Vec<Value> {
    let pods = cluster.pods.iter().map(|pod| of_pod(pod));
    let slices = cluster.endpoint_slices.iter().map(|slice| {
        let mut object = object("EndpointSlice", &slice.meta);
        let endpoints = slice.endpoints.iter().map(|endpoint| {
            let mut value = Value::map();
            value.entry("conditions").set("ready", endpoint.ready.unwrap_or(true));
            value
        });
        object.set("endpoints", endpoints.collect::<Vec<_>>());
        object
    });
    pods.chain(slices).collect()
}

fn object(kind: &str, meta: &ObjectMeta) -> Value {
    let mut object = Value::map();
    object.set("kind", kind);
    let metadata = object.entry("metadata");
    metadata.set("name", &*meta.name.value);
    metadata.set("namespace", &*meta.namespace.value);
    let labels: Map =
        meta.labels.iter().map(|one| (one.key.clone(), Value::from(&*one.value))).collect();
    metadata.set("labels", labels);
    object
}

fn of_pod(pod: &Pod) -> Value {
    let mut value = object("Pod", &pod.meta);
    let containers = pod.spec.containers.iter().map(|container| {
        let ports = container.ports.iter().map(|port| {
            let mut value = Value::map();
            value.set("name", &*port.name.value);
            value.set("containerPort", i64::from(port.container_port.value));
            value
        });
        let mut value = Value::map();
        value.set("ports", ports.collect::<Vec<_>>());
        value
    });
    value.entry("spec").set("containers", containers.collect::<Vec<_>>());
    value.entry("status").set("phase", pod.status.phase.to_string());
    value
}
