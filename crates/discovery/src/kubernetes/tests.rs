use super::*;
use crate::{GroupTarget, Record, RecordType, Resolver};
use kubernetes::{Cluster, decode};
use prometheus::config::SdSelector;
use schema::Resolved;
use text::FileId;

struct NoNames;

impl Resolver for NoNames {
    fn resolve(&self, _name: &str, _record_type: RecordType) -> Option<Vec<Record>> {
        None
    }
}

/// Allows the listed requests, `verb kind namespace`; `*` is the whole cluster.
struct Only(&'static [&'static str]);

impl Access for Only {
    fn allows(&self, verb: &str, kind: Kind, namespace: Option<&str>) -> bool {
        let allowed = |namespace: &str| self.0.contains(&&*format!("{verb} {kind} {namespace}"));
        allowed("*") || namespace.is_some_and(allowed)
    }

    fn user(&self) -> &str {
        "system:serviceaccount:monitoring:prometheus"
    }
}

fn cluster(manifests: &str) -> Cluster {
    let parsed = yaml::parse(FileId(1), manifests);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    decode::decode([&parsed], "default").cluster
}

fn config(role: KubernetesRole) -> KubernetesSdConfig {
    KubernetesSdConfig {
        role: Resolved::default(role),
        api_server: "".into(),
        own_namespace: false,
        namespaces: Vec::new(),
        selectors: Vec::new(),
        attach_node_metadata: false,
        attach_namespace_metadata: false,
        attach_deployment_metadata: false,
        attach_job_metadata: false,
        attach_cronjob_metadata: false,
    }
}

fn run_as(config: &KubernetesSdConfig, cluster: &Cluster, access: &dyn Access) -> Discovered {
    let environment = Environment {
        cluster,
        access,
        own_namespace: Some("shop"),
        resolver: &NoNames,
        config_directory: "/etc/prometheus",
        files: &[],
        samples: &[],
    };
    discover(config, Location::default(), &environment)
}

fn run(config: &KubernetesSdConfig, cluster: &Cluster) -> Discovered {
    run_as(config, cluster, &Unrestricted)
}

/// The labels of a target and its group as `name=value`, without the prefix `__meta_kubernetes_`.
fn lines(group: &TargetGroup, target: &GroupTarget) -> Vec<String> {
    let mut labels = group.labels.clone();
    labels.merge(&target.labels);
    let mut lines: Vec<String> = labels
        .iter()
        .filter(|label| !label.value.is_empty())
        .map(|label| format!("{}={}", label.name.trim_start_matches(labels::META), label.value))
        .collect();
    lines.sort();
    lines
}

fn all(found: &Discovered) -> Vec<Vec<String>> {
    let targets = found
        .groups
        .iter()
        .flat_map(|group| group.targets.iter().map(move |target| lines(group, target)));
    targets.collect()
}

fn addresses(found: &Discovered) -> Vec<String> {
    let targets = found.groups.iter().flat_map(|group| &group.targets);
    targets.map(|t| t.labels.get("__address__").unwrap().value.to_string()).collect()
}

const POD: &str = "
apiVersion: v1
kind: Pod
metadata:
  name: web-1
  namespace: shop
  uid: u-1
  labels: {app.kubernetes.io/name: web}
  annotations: {prometheus.io/port: '9102'}
  ownerReferences: [{kind: ReplicaSet, name: web-rs, controller: true}]
spec:
  nodeName: n1
  initContainers:
  - {name: setup, image: busybox}
  containers:
  - name: app
    image: web:1
    ports: [{name: http, containerPort: 8080}, {containerPort: 9102, protocol: TCP}]
  - {name: sidecar, image: side:2}
status:
  phase: Running
  podIP: 10.0.0.5
  hostIP: 192.0.2.1
  conditions: [{type: Ready, status: 'False'}]
  containerStatuses: [{name: app, containerID: containerd://abc}]
---
apiVersion: v1
kind: Pod
metadata: {name: starting, namespace: shop}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: {name: six, namespace: other, labels: {app.kubernetes.io/name: six}}
spec: {nodeName: n2, containers: [{name: app, image: a, ports: [{containerPort: 80}]}]}
status: {phase: Pending, podIP: 'fd00::5'}
---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.io/os: linux}}
spec: {providerID: kind://n1}
status:
  addresses: [{type: Hostname, address: n1.local}, {type: InternalIP, address: 192.0.2.1}, {type: InternalIP, address: 192.0.2.9}]
  conditions: [{type: Ready, status: 'True'}, {type: MemoryPressure, status: 'False'}]
  daemonEndpoints: {kubeletEndpoint: {Port: 10250}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-rs, namespace: shop, ownerReferences: [{kind: Deployment, name: web, controller: true}]}
spec: {selector: {}, template: {spec: {containers: []}}}
";

#[test]
fn a_pod_gives_a_target_for_each_port_and_each_container_without_ports() {
    let found = run(&config(KubernetesRole::Pod), &cluster(POD));
    assert_eq!(
        addresses(&found),
        ["10.0.0.5:8080", "10.0.0.5:9102", "10.0.0.5", "10.0.0.5", "[fd00::5]:80"]
    );
    assert_eq!(
        all(&found)[0],
        [
            "__address__=10.0.0.5:8080",
            "namespace=shop",
            "pod_annotation_prometheus_io_port=9102",
            "pod_annotationpresent_prometheus_io_port=true",
            "pod_container_id=containerd://abc",
            "pod_container_image=web:1",
            "pod_container_init=false",
            "pod_container_name=app",
            "pod_container_port_name=http",
            "pod_container_port_number=8080",
            "pod_container_port_protocol=TCP",
            "pod_controller_kind=ReplicaSet",
            "pod_controller_name=web-rs",
            "pod_host_ip=192.0.2.1",
            "pod_ip=10.0.0.5",
            "pod_label_app_kubernetes_io_name=web",
            "pod_labelpresent_app_kubernetes_io_name=true",
            "pod_name=web-1",
            "pod_node_name=n1",
            "pod_phase=Running",
            "pod_ready=false",
            "pod_uid=u-1",
        ]
    );
    assert!(all(&found)[3].contains(&"pod_container_init=true".into()));
    assert!(all(&found)[4].contains(&"pod_ready=unknown".into()));
    let Counts { objects, permitted, in_role, selected, targets } = found.counts;
    assert_eq!([objects, permitted, in_role, selected, targets], [4, 4, 3, 3, 5]);
}

#[test]
fn labels_lead_to_their_fields() {
    let found = run(&config(KubernetesRole::Pod), &cluster(POD));
    let group = &found.groups[0];
    for (labels, name, written) in [
        (&group.labels, "pod_annotation_prometheus_io_port", "'9102'"),
        (&group.labels, "pod_label_app_kubernetes_io_name", "web"),
        (&group.labels, "namespace", "shop"),
        (&group.targets[0].labels, "pod_container_port_number", "8080"),
        (&group.targets[0].labels, "pod_container_image", "web:1"),
    ] {
        let at = labels.get(&format!("{}{name}", labels::META)).unwrap().at.unwrap();
        assert_eq!(&POD[at.span.range()], written, "{name}");
    }
    let address = group.targets[0].labels.get("__address__").unwrap().at.unwrap();
    assert_eq!(&POD[address.span.range()], "8080");
}

#[test]
fn metadata_is_attached_on_demand() {
    let mut config = config(KubernetesRole::Pod);
    config.attach_node_metadata = true;
    config.attach_namespace_metadata = true;
    config.attach_deployment_metadata = true;
    let found = run(&config, &cluster(POD));
    let first = &all(&found)[0];
    for expected in [
        "namespace_label_team=a",
        "node_label_kubernetes_io_os=linux",
        "node_name=n1",
        "pod_deployment_name=web",
    ] {
        assert!(first.contains(&expected.into()), "{expected} not in {first:#?}");
    }
    assert!(!addresses(&found).contains(&"[fd00::5]:80".into()), "its node is not known");
}

#[test]
fn namespaces_and_selectors_narrow_what_is_found() {
    let cluster = cluster(POD);
    let mut config = config(KubernetesRole::Pod);
    config.own_namespace = true;
    config.namespaces = vec!["none".into(), "none".into()];
    assert_eq!(run(&config, &cluster).counts.selected, 2);
    config.namespaces = vec!["other".into()];
    config.own_namespace = false;
    assert_eq!(addresses(&run(&config, &cluster)), ["[fd00::5]:80"]);
    config.namespaces.clear();
    let select = |role, label: &str, field: &str| {
        vec![SdSelector { role, label: label.into(), field: field.into() }]
    };
    config.selectors = select(KubernetesRole::Pod, "app.kubernetes.io/name in (six)", "");
    assert_eq!(addresses(&run(&config, &cluster)), ["[fd00::5]:80"]);
    config.selectors = select(KubernetesRole::Pod, "", "status.phase=Running,spec.nodeName!=n9");
    assert_eq!(run(&config, &cluster).counts.selected, 1);
    config.selectors = select(KubernetesRole::Pod, "", "spec.color=red");
    let found = run(&config, &cluster);
    assert!(found.groups.is_empty());
    assert_eq!(
        found.log[0].message,
        "failed to list *v1.Pod: field label not supported: spec.color"
    );
    config.selectors = select(KubernetesRole::Pod, "", "spec.schedulerName=default-scheduler");
    assert_eq!(run(&config, &cluster).counts.selected, 3);
    config.selectors = select(KubernetesRole::Pod, "", "spec.schedulerName=own");
    assert_eq!(run(&config, &cluster).counts.selected, 0);
    // Nodes are not listed, so the selector is not evaluated.
    config.selectors = select(KubernetesRole::Node, "", "spec.color=red");
    assert_eq!(run(&config, &cluster).counts.selected, 3);
    config.attach_node_metadata = true;
    assert!(run(&config, &cluster).log[0].message.contains("*v1.Node: field label not supported"));
}

#[test]
fn what_is_forbidden_is_logged_and_not_found() {
    let cluster = cluster(POD);
    let mut config = config(KubernetesRole::Pod);
    let found = run_as(&config, &cluster, &Only(&["list Pod shop", "watch Pod shop"]));
    assert!(found.groups.is_empty());
    assert_eq!(found.counts.permitted, 0);
    assert_eq!(
        found.log[0].message,
        "failed to list *v1.Pod: pods is forbidden: User \
         \"system:serviceaccount:monitoring:prometheus\" cannot list resource \"pods\" in API \
         group \"\" at the cluster scope"
    );
    config.namespaces = vec!["shop".into(), "other".into()];
    let found = run_as(&config, &cluster, &Only(&["list Pod shop", "watch Pod shop"]));
    assert_eq!((found.counts.permitted, found.counts.in_role, found.counts.selected), (2, 2, 2));
    assert!(found.log[0].message.ends_with("in the namespace \"other\""));

    config.role = Resolved::default(KubernetesRole::EndpointSlice);
    config.namespaces.clear();
    let found = run_as(&config, &cluster, &Only(&["list Pod *", "watch Pod *", "list Service *"]));
    let messages: Vec<&str> = found.log.iter().map(|line| &*line.message).collect();
    assert_eq!(messages.len(), 2);
    assert!(messages[0].contains("endpointslices.discovery.k8s.io is forbidden"), "{messages:?}");
    assert!(messages[1].starts_with("failed to watch *v1.Service"), "{messages:?}");
}

#[test]
fn owners_that_may_not_be_listed_cost_labels_only() {
    let endpoints = "---
apiVersion: v1
kind: Endpoints
metadata: {name: web, namespace: shop}
subsets: [{addresses: [{ip: 10.0.0.5, targetRef: {kind: Pod, namespace: shop, name: web-1}}], ports: [{port: 8080}]}]
";
    let cluster = cluster(&format!("{POD}{endpoints}"));
    let mut config = config(KubernetesRole::Endpoints);
    config.attach_deployment_metadata = true;
    let deployment = String::from("pod_deployment_name=web");
    assert!(all(&run(&config, &cluster))[0].contains(&deployment));
    let found = run_as(
        &config,
        &cluster,
        &Only(&[
            "list Endpoints *",
            "watch Endpoints *",
            "list Service *",
            "watch Service *",
            "list Pod *",
            "watch Pod *",
        ]),
    );
    assert!(!all(&found)[0].contains(&deployment));
    assert_eq!(found.log.len(), 1);
    assert!(found.log[0].message.starts_with("failed to list *v1.ReplicaSet: "));
    // Role pod waits for the owners.
    config.role = Resolved::default(KubernetesRole::Pod);
    let found = run_as(&config, &cluster, &Only(&["list Pod *", "watch Pod *"]));
    assert!(found.groups.is_empty());
}

#[test]
fn a_node() {
    let found = run(&config(KubernetesRole::Node), &cluster(POD));
    assert_eq!(
        all(&found)[0],
        [
            "__address__=192.0.2.1:10250",
            "instance=n1",
            "node_address_Hostname=n1.local",
            "node_address_InternalIP=192.0.2.1",
            "node_condition_memorypressure=false",
            "node_condition_ready=true",
            "node_label_kubernetes_io_os=linux",
            "node_labelpresent_kubernetes_io_os=true",
            "node_name=n1",
            "node_provider_id=kind://n1",
        ]
    );
}

const SERVICES: &str = "
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {clusterIP: 10.96.0.7, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: out, namespace: shop}
spec: {type: ExternalName, externalName: example.com, ports: [{port: 443}]}
---
apiVersion: v1
kind: Service
metadata: {name: lb, namespace: shop}
spec: {type: LoadBalancer, clusterIP: 10.96.0.8, ports: [{port: 1}]}
status: {loadBalancer: {ingress: [{ip: 192.0.2.7}, {hostname: x}, {ip: 192.0.2.8}]}}
---
apiVersion: v1
kind: Endpoints
metadata: {name: web, namespace: shop}
subsets:
- addresses: [{ip: 10.0.0.5, nodeName: n1, targetRef: {kind: Pod, name: web-1, namespace: shop}}]
  notReadyAddresses: [{ip: 10.0.0.6, hostname: h}]
  ports: [{name: http, port: 8080, protocol: TCP}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-abc, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints:
- addresses: [10.0.0.5]
  conditions: {ready: true, serving: true, terminating: false}
  nodeName: n1
  zone: z1
  targetRef: {kind: Pod, name: web-1, namespace: shop}
ports: [{name: http, port: 8080, protocol: TCP}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: nginx
  tls: [{hosts: ['*.example.com']}]
  rules:
  - host: a.example.com
    http: {paths: [{path: /a}, {path: ''}]}
  - host: example.org
";

#[test]
fn a_service() {
    let found = run(&config(KubernetesRole::Service), &cluster(SERVICES));
    assert_eq!(
        all(&found)[0],
        [
            "__address__=web.shop.svc:80",
            "namespace=shop",
            "service_cluster_ip=10.96.0.7",
            "service_label_app=web",
            "service_labelpresent_app=true",
            "service_name=web",
            "service_port_name=http",
            "service_port_number=80",
            "service_port_protocol=TCP",
            "service_type=ClusterIP",
        ]
    );
    assert!(all(&found)[1].contains(&"service_external_name=example.com".into()));
    assert!(!all(&found)[1].iter().any(|line| line.starts_with("service_cluster_ip")));
    assert!(all(&found)[2].contains(&"service_loadbalancer_ip=192.0.2.7,192.0.2.8".into()));
}

#[test]
fn endpoints_lead_to_pods_and_to_ports_that_the_service_leaves_out() {
    let found = run(&config(KubernetesRole::Endpoints), &cluster(&format!("{POD}---{SERVICES}")));
    assert_eq!(addresses(&found), ["10.0.0.5:8080", "10.0.0.6:8080", "10.0.0.5:9102"]);
    let targets = all(&found);
    for (target, expected) in [
        (0, "endpoint_ready=true"),
        (0, "endpoint_port_name=http"),
        (0, "endpoint_port_protocol=TCP"),
        (0, "endpoint_node_name=n1"),
        (0, "endpoint_address_target_kind=Pod"),
        (0, "endpoint_address_target_name=web-1"),
        (0, "endpoints_name=web"),
        (0, "service_label_app=web"),
        (0, "pod_container_name=app"),
        (0, "pod_container_port_name=http"),
        (0, "pod_name=web-1"),
        (1, "endpoint_ready=false"),
        (1, "endpoint_hostname=h"),
        (1, "service_name=web"),
        (2, "pod_container_port_number=9102"),
        (2, "pod_ready=false"),
        (2, "service_name=web"),
    ] {
        assert!(targets[target].contains(&expected.into()), "{expected}: {:#?}", targets[target]);
    }
    assert!(!targets[1].iter().any(|line| line.starts_with("pod_")));
    assert!(!targets[2].iter().any(|line| line.starts_with("endpoint_")));
    assert!(!targets[0].iter().any(|line| line.starts_with("pod_container_id")));
}

#[test]
fn an_endpoint_slice() {
    let both = cluster(&format!("{POD}---{SERVICES}"));
    let found = run(&config(KubernetesRole::EndpointSlice), &both);
    assert_eq!(addresses(&found), ["10.0.0.5:8080", "10.0.0.5:9102"]);
    let targets = all(&found);
    for expected in [
        "endpointslice_address_type=IPv4",
        "endpointslice_address_target_kind=Pod",
        "endpointslice_address_target_name=web-1",
        "endpointslice_endpoint_conditions_ready=true",
        "endpointslice_endpoint_conditions_serving=true",
        "endpointslice_endpoint_conditions_terminating=false",
        "endpointslice_endpoint_node_name=n1",
        "endpointslice_endpoint_zone=z1",
        "endpointslice_label_kubernetes_io_service_name=web",
        "endpointslice_name=web-abc",
        "endpointslice_port=8080",
        "endpointslice_port_name=http",
        "endpointslice_port_protocol=TCP",
        "pod_container_port_number=8080",
        "service_name=web",
    ] {
        assert!(targets[0].contains(&expected.into()), "{expected}: {:#?}", targets[0]);
    }
    // A pod selector removes the pod's labels, but not its address.
    let mut config = config(KubernetesRole::EndpointSlice);
    config.selectors =
        vec![SdSelector { role: KubernetesRole::Pod, label: "none".into(), field: "".into() }];
    let found = run(&config, &both);
    assert_eq!(addresses(&found), ["10.0.0.5:8080"]);
    assert!(!all(&found)[0].iter().any(|line| line.starts_with("pod_")));
}

#[test]
fn an_ingress() {
    let found = run(&config(KubernetesRole::Ingress), &cluster(SERVICES));
    let lines = |host: &str, path: &str, scheme: &str| {
        [
            format!("__address__={host}"),
            "ingress_class_name=nginx".into(),
            format!("ingress_host={host}"),
            "ingress_name=web".into(),
            format!("ingress_path={path}"),
            format!("ingress_scheme={scheme}"),
            "namespace=shop".into(),
        ]
    };
    assert_eq!(
        all(&found),
        [
            lines("a.example.com", "/a", "https"),
            lines("a.example.com", "/", "https"),
            lines("example.org", "/", "http"),
        ]
    );
}
