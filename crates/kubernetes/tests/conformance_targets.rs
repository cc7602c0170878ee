//! Compares the controllers with objects of real API servers: for each case of `targets/` with
//! manifests, the objects that service discovery reads must be equal. Generated names, UIDs and
//! ClusterIPs are ignored.

#![expect(clippy::unwrap_used, reason = "what cannot go on stops at once and says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kubernetes::cluster::Cluster;
use kubernetes::controllers::{ConfigVerdict, Inputs, Overrides, run};
use kubernetes::decode::{Manifests, decode};
use kubernetes::objects::{
    EndpointAddress, EndpointPort, EndpointSlice, Endpoints, Kind, Node, ObjectMeta, ObjectRef,
    Pod, Service, StringMap, TargetRef,
};
use text::FileId;

fn read(paths: &[PathBuf]) -> Manifests {
    let parsed: Vec<yaml::Parsed> = paths
        .iter()
        .enumerate()
        .map(|(number, path)| {
            let text = std::fs::read_to_string(path).unwrap();
            let parsed = yaml::parse(FileId(number as u32), &text);
            assert!(parsed.refusal.is_none(), "{}: {:?}", path.display(), parsed.refusal);
            parsed
        })
        .collect();
    decode(&parsed, "default")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// `state.yaml`: `overrides: {namespace/Kind/name: {notReady: [1]}}`.
fn overrides(path: &Path) -> Overrides {
    let mut overrides = Overrides::default();
    let Ok(text) = std::fs::read_to_string(path) else { return overrides };
    let parsed = yaml::parse(FileId(99), &text);
    let root = parsed.root().unwrap();
    for entry in root.get("overrides").into_iter().flat_map(yaml::Node::entries) {
        let name: Vec<&str> = entry.name().unwrap().split('/').collect();
        let [namespace, kind, name] = name[..] else { panic!("{name:?}") };
        let kind = Kind::from_name(kind).unwrap();
        let owner = ObjectRef { kind, namespace: namespace.into(), name: name.into() };
        for (key, value) in entry.value.entries().map(|one| (one.name().unwrap(), &one.value)) {
            assert_eq!(key, "notReady", "a key of state.yaml that nobody knows");
            let numbers: BTreeSet<usize> =
                value.items().iter().map(|item| item.text().unwrap().parse().unwrap()).collect();
            overrides.not_ready.insert(owner.clone(), numbers);
        }
    }
    overrides
}

/// Prints the objects that discovery reads, one line for each. Pods are named by their address.
fn view(cluster: &Cluster, own_ips: &BTreeSet<String>) -> Vec<String> {
    let pods: BTreeMap<String, String> = cluster
        .pods
        .iter()
        .map(|pod| (pod.meta.name.value.to_string(), format!("pod@{}", pod.status.pod_ip)))
        .collect();
    let target = |target: &Option<TargetRef>| -> Target {
        let one = target.as_ref()?;
        Some((one.kind.to_string(), pods.get(&*one.name).cloned()))
    };
    let mut lines: Vec<String> =
        cluster.pods.iter().map(|pod| format!("Pod {}", pod_line(pod))).collect();
    lines.extend(cluster.services.iter().map(|service| service_line(service, own_ips)));
    lines.extend(cluster.endpoints.iter().map(|endpoints| endpoints_line(endpoints, &target)));
    lines.extend(cluster.endpoint_slices.iter().map(|slice| slice_line(slice, &target)));
    lines.extend(cluster.nodes.iter().map(|node| node_line(node)));
    lines.sort();
    lines
}

/// Kind and address of the target of an endpoint.
type Target = Option<(String, Option<String>)>;

fn service_line(service: &Service, own_ips: &BTreeSet<String>) -> String {
    let ip = if own_ips.contains(&*service.meta.name.value) || service.is_headless() {
        &*service.cluster_ip.value
    } else {
        "assigned"
    };
    let ports: Vec<String> = service
        .ports
        .iter()
        .map(|port| {
            let target = &port.target_port.target;
            format!("{}:{}/{}>{target:?}", *port.name, *port.port, port.protocol)
        })
        .collect();
    format!(
        "Service {} {} {ip} {} {ports:?} {:?}",
        meta(&service.meta),
        *service.service_type,
        *service.external_name,
        service.ip_families,
    )
}

fn endpoints_line(endpoints: &Endpoints, target: &dyn Fn(&Option<TargetRef>) -> Target) -> String {
    let side = |list: &[EndpointAddress]| {
        let line = |one: &EndpointAddress| {
            format!("{} {:?} {:?}", *one.ip, one.node_name, target(&one.target_ref))
        };
        let mut list: Vec<String> = list.iter().map(line).collect();
        list.sort();
        list
    };
    let subsets: Vec<String> = endpoints
        .subsets
        .iter()
        .map(|subset| {
            let (ready, not_ready) = (side(&subset.addresses), side(&subset.not_ready_addresses));
            format!("{ready:?} {not_ready:?} {:?}", ports(&subset.ports))
        })
        .collect();
    format!("Endpoints {} {subsets:?}", meta(&endpoints.meta))
}

fn slice_line(slice: &EndpointSlice, target: &dyn Fn(&Option<TargetRef>) -> Target) -> String {
    let endpoints: Vec<String> = slice
        .endpoints
        .iter()
        .map(|one| {
            let ips: Vec<_> = one.addresses.iter().map(|ip| &*ip.value).collect();
            let target = target(&one.target_ref);
            let conditions = (one.ready, one.serving, one.terminating);
            format!("{ips:?} {conditions:?} {:?} {target:?}", one.node_name)
        })
        .collect();
    let service = slice.meta.labels.value("kubernetes.io/service-name");
    format!(
        "EndpointSlice of {service:?} {:?} {} {endpoints:?} {:?}",
        labels(&slice.meta.labels),
        slice.address_type,
        ports(&slice.ports)
    )
}

fn node_line(node: &Node) -> String {
    let conditions: Vec<_> =
        node.conditions.iter().map(|one| format!("{}={}", one.kind, one.status)).collect();
    let addresses: Vec<_> =
        node.addresses.iter().map(|one| format!("{}={}", one.kind, *one.address)).collect();
    format!("Node {} {addresses:?} {conditions:?} {}", meta(&node.meta), node.kubelet_port)
}

fn meta(meta: &ObjectMeta) -> String {
    let annotations = labels(&meta.annotations);
    format!("{}/{} {:?} {annotations:?}", *meta.namespace, *meta.name, labels(&meta.labels))
}

fn labels(map: &StringMap) -> BTreeMap<String, String> {
    map.iter()
        // The trimmed nodes of the data lack the labels that kubelets set beside the stable ones.
        .filter(|entry| !entry.key.starts_with("beta.kubernetes.io/"))
        .map(|entry| {
            let generated = &*entry.key == "pod-template-hash";
            let value = if generated { "generated" } else { &*entry.value };
            (entry.key.to_string(), value.to_owned())
        })
        .collect()
}

fn ports(ports: &[EndpointPort]) -> Vec<String> {
    let mut list: Vec<String> = ports
        .iter()
        .map(|port| {
            let number = port.port.map(|port| port.value);
            format!("{:?} {number:?} {:?}", port.name, port.protocol)
        })
        .collect();
    list.sort();
    list
}

fn pod_line(pod: &Pod) -> String {
    let containers: Vec<String> = pod
        .spec
        .all_containers()
        .map(|(container, init)| {
            let ports: Vec<String> = container
                .ports
                .iter()
                .map(|port| format!("{}:{}/{}", *port.name, *port.container_port, port.protocol))
                .collect();
            format!("{} {} {init} {ports:?}", *container.name, *container.image)
        })
        .collect();
    let status = &pod.status;
    let owner = pod.meta.controller().map(|owner| owner.kind.to_string());
    let statuses: Vec<_> = status
        .container_statuses
        .iter()
        .chain(&status.init_container_statuses)
        .map(|one| (one.name.to_string(), one.ready, !one.container_id.is_empty()))
        .collect();
    format!(
        "{} {:?} {} {} {} {} {:?} {owner:?} {containers:?} {statuses:?}",
        *pod.meta.namespace,
        labels(&pod.meta.labels),
        status.pod_ip,
        status.host_ip,
        status.phase,
        status.ready_label(),
        *pod.spec.node_name,
    )
}

#[test]
fn controllers_make_what_a_real_server_held() {
    let Some(root) = conformance::folder("targets") else { return };
    let mut cases = 0;
    for case in files(&root) {
        if !case.join("manifests").is_dir() || !case.join("cluster.json").is_file() {
            continue;
        }
        cases += 1;
        let written = read(&files(&case.join("manifests")));
        let overrides = overrides(&case.join("state.yaml"));
        let verdict = &|_: &_| ConfigVerdict::Valid;
        let made = run(&written.cluster, Inputs { overrides: &overrides, verdict });
        let real = read(&[case.join("cluster.json")]);
        let own_ips: BTreeSet<String> = written
            .cluster
            .services
            .iter()
            .filter(|service| !service.cluster_ip.value.is_empty())
            .map(|service| service.meta.name.value.to_string())
            .collect();
        let made = view(&made.cluster, &own_ips);
        let real = view(&real.cluster, &own_ips);
        for line in &real {
            // Conditions and addresses that a trimmed manifest of a node leaves out stay out.
            assert!(made.contains(line), "{}:\nmissing {line}\nin {made:#?}", case.display());
        }
        for line in &made {
            let builtin =
                line.contains("default/kubernetes") || line.contains("Some(\"kubernetes\")");
            assert!(builtin || real.contains(line), "{}:\ntoo much {line}", case.display());
        }
    }
    println!("{cases} clusters compared");
}

/// Everything that a real server held passes through the controllers unchanged.
#[test]
fn real_objects_win_over_derived_ones() {
    let Some(root) = conformance::folder("targets") else { return };
    for case in files(&root).iter().filter(|case| case.join("cluster.json").is_file()) {
        let real = read(&[case.join("cluster.json")]).cluster;
        let overrides = Overrides::default();
        let verdict = &|_: &_| ConfigVerdict::Valid;
        let made = run(&real, Inputs { overrides: &overrides, verdict }).cluster;
        let names = |cluster: &Cluster| -> BTreeSet<String> {
            let all = cluster.all();
            all.iter()
                .map(|(kind, meta)| format!("{kind} {}/{}", *meta.namespace, *meta.name))
                .collect()
        };
        let (before, after) = (names(&real), names(&made));
        let lost: Vec<_> = before.difference(&after).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", case.display());
        let builtin =
            ["kube-public", "kube-node-lease", "/default", "default/kubernetes", "/standard"];
        let added: Vec<_> = after
            .difference(&before)
            .filter(|name| !builtin.iter().any(|one| name.contains(one)))
            .collect();
        assert!(added.is_empty(), "{}: {added:?}", case.display());
        assert_eq!(real.pods.len(), made.pods.len());
        for pod in &real.pods {
            let same = made.pods.get(&pod.meta.namespace, &pod.meta.name).unwrap();
            assert_eq!(pod.status, same.status);
        }
    }
}
