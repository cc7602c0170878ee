//! Tests of addresses, Endpoints and EndpointSlices.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::tests::owner;
use super::{ClusterState, Overrides};
use crate::objects::{Endpoint, EndpointSlice, Kind};
use crate::testing::{WEB, change, simulate, simulate_with};

#[test]
fn named_ports_that_differ_give_subsets_of_their_own() {
    let pod = |name: &str, port: i32| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: a}}}}\nspec:\n  containers: [{{name: c, image: i, ports: [{{name: http, containerPort: {port}}}]}}]\n"
        )
    };
    let text = format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec:\n  selector: {{app: a}}\n  ports: [{{port: 80, targetPort: http}}]\n{}{}{}",
        pod("x", 1000),
        pod("y", 2000),
        pod("z", 1000).replace("name: http", "name: web")
    );
    let state = simulate(&text);
    let endpoints = state.cluster.endpoints.get("default", "a").unwrap();
    let mut ports: Vec<i32> =
        endpoints.subsets.iter().map(|subset| subset.ports[0].port.unwrap().value).collect();
    ports.sort_unstable();
    assert_eq!(ports, [1000, 2000], "the pod without the name is behind no port");
    // The port's place is the container's, for a jump from a target to it.
    assert!(endpoints.subsets.iter().all(|subset| subset.ports[0].port.unwrap().at.is_some()));
}

#[test]
fn endpoints_written_by_hand_are_mirrored() {
    let state = simulate(
        "
apiVersion: v1
kind: Service
metadata: {name: legacy}
spec: {ports: [{port: 9100}]}
---
apiVersion: v1
kind: Endpoints
metadata:
  name: legacy
  annotations:
    example.com/scrape: 'true'
    kubectl.kubernetes.io/last-applied-configuration: '{}'
subsets:
- addresses: [{ip: 192.0.2.7}, {ip: '2001:db8::7'}]
  ports: [{port: 9100}]
- notReadyAddresses: [{ip: 192.0.2.8}]
  ports: [{port: 9100}]
- addresses: [{ip: 192.0.2.9}]
  ports: [{port: 9200}]
",
    );
    let of_legacy = |slice: &&Arc<EndpointSlice>| {
        slice.meta.labels.value("kubernetes.io/service-name") == Some("legacy")
    };
    let slices: Vec<_> = state.cluster.endpoint_slices.iter().filter(of_legacy).collect();
    let shown: Vec<String> = slices
        .iter()
        .map(|slice| {
            let port = slice.ports[0].port.unwrap().value;
            let address =
                |one: &Endpoint| format!(" {} {}", one.addresses[0].value, one.ready == Some(true));
            let addresses: String = slice.endpoints.iter().map(address).collect();
            format!("{} {port}{addresses}", slice.address_type)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "IPv4 9100 192.0.2.7 true 192.0.2.8 false",
            "IPv6 9100 2001:db8::7 true",
            "IPv4 9200 192.0.2.9 true",
        ]
    );
    let meta = &slices[0].meta;
    assert_eq!(
        meta.labels.value("endpointslice.kubernetes.io/managed-by"),
        Some("endpointslicemirroring-controller.k8s.io")
    );
    let annotations: Vec<&str> = meta.annotations.iter().map(|entry| &*entry.key).collect();
    assert_eq!(annotations, ["example.com/scrape"]);
}

#[test]
fn endpoints_hold_a_thousand_addresses_and_slices_all() {
    let text = change(WEB, "replicas: 2", "replicas: 1200");
    let unready: BTreeSet<usize> = (0..100).collect();
    for (not_ready, expected) in [(BTreeSet::new(), (1000, 0)), (unready, (1000, 0))] {
        let mut overrides = Overrides::default();
        overrides.not_ready.insert(owner(Kind::Deployment, "web"), not_ready);
        let state = simulate_with(&text, &overrides);
        let endpoints = state.cluster.endpoints.get("default", "web").unwrap();
        let subset = &endpoints.subsets[0];
        assert_eq!((subset.addresses.len(), subset.not_ready_addresses.len()), expected);
        let over_capacity =
            endpoints.meta.annotations.value("endpoints.kubernetes.io/over-capacity");
        assert_eq!(over_capacity, Some("truncated"));
        let slices = state.cluster.endpoint_slices.iter();
        let of_web = slices.filter(|slice| slice.meta.name.value.starts_with("web-"));
        assert_eq!(of_web.map(|slice| slice.endpoints.len()).sum::<usize>(), 1200);
    }
    let mut overrides = Overrides::default();
    overrides.not_ready.insert(owner(Kind::Deployment, "web"), (0..300).collect());
    let state = simulate_with(&text, &overrides);
    let subset = &state.cluster.endpoints.get("default", "web").unwrap().subsets[0];
    assert_eq!((subset.addresses.len(), subset.not_ready_addresses.len()), (900, 100));
}

#[test]
fn services_get_addresses_that_stay() {
    let service = |name: &str, kind: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{type: {kind}, ports: [{{port: 80}}]}}\n"
        )
    };
    let ip = |state: &ClusterState, name: &str| {
        state.cluster.services.get("default", name).unwrap().cluster_ip.value.to_string()
    };
    let one = simulate(&service("a", "ClusterIP"));
    let two = simulate(&format!("{}{}", service("b", "NodePort"), service("a", "ClusterIP")));
    assert_eq!(ip(&one, "a"), ip(&two, "a"));
    assert_ne!(ip(&two, "a"), ip(&two, "b"));
    let port = two.cluster.services.get("default", "b").unwrap().ports[0].node_port.unwrap().value;
    assert!((30_000..=32_767).contains(&port));
}

#[test]
fn pods_are_found_by_their_addresses() {
    let text = "
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: dual, namespace: default}, spec: {containers: []}, status: {phase: Running, podIP: 10.1.0.1, podIPs: [{ip: 10.1.0.1}, {ip: 'fd00::1'}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: done, namespace: default}, spec: {containers: []}, status: {phase: Succeeded, podIP: 10.1.0.2}}
- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}, spec: {hostNetwork: true, containers: []}, status: {phase: Running, podIP: 10.9.0.1}}
- {apiVersion: v1, kind: Pod, metadata: {name: b, namespace: default}, spec: {hostNetwork: true, containers: []}, status: {phase: Running, podIP: 10.9.0.1}}
";
    let state = simulate(text);
    for (ip, expected) in [
        ("10.1.0.1", &["dual"][..]),
        ("fd00::1", &["dual"]),
        ("10.1.0.2", &[]),
        ("10.9.0.1", &["a", "b"]),
        ("", &[]),
    ] {
        let found: Vec<&str> = state.pods_at(ip).map(|pod| &*pod.meta.name.value).collect();
        assert_eq!(found, expected, "{ip}");
    }
}
