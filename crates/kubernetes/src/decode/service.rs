//! Services, Endpoints, EndpointSlices and Ingresses, with the API server's defaults.

use super::read::FieldReader;
use crate::objects::{
    Endpoint, EndpointAddress, EndpointPort, EndpointSlice, EndpointSubset, Endpoints, Field,
    Ingress, IngressPath, IngressRule, ObjectMeta, PortRef, PortTarget, Service, ServicePort,
    TargetRef, Text,
};

pub(super) fn service(meta: ObjectMeta, object: FieldReader<'_>) -> Service {
    let spec = object.get("spec");
    let ingress = object.get("status").get("loadBalancer").get("ingress");
    Service {
        meta,
        service_type: spec.get("type").text().unwrap_or_else(|| Field::text("ClusterIP")),
        selector: spec.get("selector").string_map(),
        selector_at: spec.get("selector").at(),
        ports: spec.get("ports").items().filter_map(service_port).collect(),
        cluster_ip: spec.get("clusterIP").text().unwrap_or_default(),
        external_name: spec.get("externalName").text().unwrap_or_default(),
        publish_not_ready_addresses: spec.get("publishNotReadyAddresses").bool().unwrap_or(false),
        load_balancer_ip: spec.get("loadBalancerIP").text_or_empty(),
        load_balancer_ingress_ips: ingress
            .items()
            .map(|item| item.get("ip").text_or_empty())
            .filter(|ip| !ip.is_empty())
            .collect(),
        ip_families: spec.get("ipFamilies").plain_texts(),
        ip_family_policy: spec.get("ipFamilyPolicy").text_or_empty(),
    }
}

fn service_port(item: FieldReader<'_>) -> Option<ServicePort> {
    let port = item.get("port").int32()?;
    let same = || PortRef { target: PortTarget::Number(port.value), at: port.at };
    Some(ServicePort {
        name: item.get("name").text().unwrap_or_default(),
        port,
        target_port: item.get("targetPort").port().unwrap_or_else(same),
        protocol: item.get("protocol").text().map_or_else(|| "TCP".into(), |field| field.value),
        node_port: item.get("nodePort").int32().filter(|port| port.value != 0),
        app_protocol: item.get("appProtocol").text().map(|field| field.value),
        location: item.at(),
    })
}

pub(super) fn endpoints(meta: ObjectMeta, object: FieldReader<'_>) -> Endpoints {
    let address = |item: FieldReader<'_>| EndpointAddress {
        ip: item.get("ip").text().unwrap_or_default(),
        hostname: item.get("hostname").text_or_empty(),
        node_name: item.get("nodeName").text().map(|field| field.value),
        target_ref: target_ref(item.get("targetRef")),
    };
    let subset = |item: FieldReader<'_>| EndpointSubset {
        addresses: item.get("addresses").items().map(address).collect(),
        not_ready_addresses: item.get("notReadyAddresses").items().map(address).collect(),
        ports: item.get("ports").items().map(endpoint_port).collect(),
    };
    Endpoints { meta, subsets: object.get("subsets").items().map(subset).collect() }
}

/// A port of an Endpoints or EndpointSlice; both have the empty name and TCP as default.
fn endpoint_port(item: FieldReader<'_>) -> EndpointPort {
    let text = |key: &str| item.get(key).text().map(|field| field.value);
    EndpointPort {
        name: Some(text("name").unwrap_or_default()),
        port: item.get("port").int32(),
        protocol: Some(text("protocol").unwrap_or_else(|| "TCP".into())),
        app_protocol: text("appProtocol"),
    }
}

fn target_ref(value: FieldReader<'_>) -> Option<TargetRef> {
    value.exists().then(|| TargetRef {
        kind: value.get("kind").text_or_empty(),
        namespace: value.get("namespace").text_or_empty(),
        name: value.get("name").text_or_empty(),
        uid: value.get("uid").text_or_empty(),
    })
}

pub(super) fn endpoint_slice(meta: ObjectMeta, object: FieldReader<'_>) -> EndpointSlice {
    let text = |item: FieldReader<'_>, key: &str| item.get(key).text().map(|field| field.value);
    let endpoint = |item: FieldReader<'_>| {
        let conditions = item.get("conditions");
        Endpoint {
            addresses: item.get("addresses").texts(),
            ready: conditions.get("ready").bool(),
            serving: conditions.get("serving").bool(),
            terminating: conditions.get("terminating").bool(),
            hostname: text(item, "hostname"),
            node_name: text(item, "nodeName"),
            zone: text(item, "zone"),
            target_ref: target_ref(item.get("targetRef")),
            deprecated_topology: item.get("deprecatedTopology").string_map(),
        }
    };
    EndpointSlice {
        meta,
        address_type: object.get("addressType").text_or_empty(),
        endpoints: object.get("endpoints").items().map(endpoint).collect(),
        ports: object.get("ports").items().map(endpoint_port).collect(),
    }
}

pub(super) fn ingress(meta: ObjectMeta, object: FieldReader<'_>) -> Ingress {
    let spec = object.get("spec");
    let path = |item: FieldReader<'_>| {
        let service = item.get("backend").get("service");
        let port = service.get("port");
        IngressPath {
            path: item.get("path").text().unwrap_or_default(),
            service: service.get("name").text().unwrap_or_default(),
            service_port: port.get("number").port().or_else(|| port.get("name").port()),
        }
    };
    let rule = |item: FieldReader<'_>| {
        let http = item.get("http");
        IngressRule {
            host: item.get("host").text().unwrap_or_default(),
            paths: http.exists().then(|| http.get("paths").items().map(path).collect()),
            location: item.at(),
        }
    };
    let hosts = spec.get("tls").items().flat_map(|item| item.get("hosts").texts());
    Ingress {
        meta,
        class_name: spec.get("ingressClassName").text(),
        tls_hosts: hosts.collect::<Vec<Field<Text>>>(),
        rules: spec.get("rules").items().map(rule).collect(),
    }
}
