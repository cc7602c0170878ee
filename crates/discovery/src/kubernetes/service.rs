//! Role `service`. Source: prometheus discovery/kubernetes/service.go.

use super::labels::{META, add_namespace_labels, service_labels};
use super::store::Store;
use crate::{GroupTarget, MetaLabels, TargetGroup};
use go::net::join_host_port;
use kubernetes::objects::{Resource, Service, ServicePort};

/// Returns one target for each port, at the DNS name of the Service.
pub(super) fn group(service: &Service, store: &Store<'_>) -> TargetGroup {
    let meta = &service.meta;
    let mut labels = service_labels(service);
    if store.attach_namespace {
        add_namespace_labels(&mut labels, store, &meta.namespace.value);
    }
    let targets = service.ports.iter().map(|port| GroupTarget {
        labels: target(service, port),
        object: Some(service.reference()),
        at: port.location.or(meta.place()),
    });
    TargetGroup {
        source: format!("svc/{}/{}", meta.namespace.value, meta.name.value).into(),
        labels,
        targets: targets.collect(),
    }
}

fn target(service: &Service, port: &ServicePort) -> MetaLabels {
    let meta = &service.meta;
    let mut labels = MetaLabels::default();
    let host = format!("{}.{}.svc", meta.name.value, meta.namespace.value);
    labels.set("__address__", join_host_port(&host, port.port.value), port.port.at);
    let name = |name: &str| format!("{META}service_{name}");
    labels.set(name("port_name"), port.name.value.clone(), port.name.at);
    labels.set(name("port_number"), port.port.value.to_string(), port.port.at);
    labels.set(name("port_protocol"), port.protocol.clone(), None);
    labels.set(name("type"), service.service_type.value.clone(), service.service_type.at);
    if service.is_external_name() {
        let external = &service.external_name;
        labels.set(name("external_name"), external.value.clone(), external.at);
    } else {
        let ip = &service.cluster_ip;
        labels.set(name("cluster_ip"), ip.value.clone(), ip.at);
    }
    if &*service.service_type.value == "LoadBalancer" {
        let ips = &service.load_balancer_ingress_ips;
        let given: Vec<&str> = ips.iter().map(|ip| &**ip).filter(|ip| !ip.is_empty()).collect();
        let value = match given.as_slice() {
            [] => service.load_balancer_ip.to_string(),
            given => given.join(","),
        };
        labels.set(name("loadbalancer_ip"), value, None);
    }
    labels
}
