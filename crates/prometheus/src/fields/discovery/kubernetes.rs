//! `kubernetes_sd_configs`: targets from the Kubernetes API, kept up to date by watching it.

use super::super::http::check as http_check;
use super::super::values;
use super::{Mechanism, Meta};
use crate::validate::{CONFLICT, DUPLICATE, INVALID, fault, role, url_field};
use go::quote::quote;
use schema::{
    CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Section, Type, Version,
};
use text::Span;
use yaml::Node;

/// Upstream: kubernetes.SDConfig, config.KubernetesSDConfig.
pub static KUBERNETES: Record = Record {
    name: "kubernetes_sd_config",
    go_type: "kubernetes.plain",
    doc: "Targets from the Kubernetes API, which is watched for changes. The role decides which objects become targets.",
    fields: &[
        Field {
            key: "api_server",
            ty: Type::String,
            default: DefaultValue::Computed("the cluster that Prometheus runs in"),
            note: "which cluster",
            doc: "The URL of the API server. If it is empty, Prometheus uses the service account and the CA of its pod.",
            mistakes: "Credentials and `tls_config` require `api_server`; they are refused without it.",
            example: "api_server: https://kubernetes.example.com\nrole: pod",
            since: Version(1, 3),
            ..FIELD
        },
        Field {
            key: "role",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::K8S_ROLES), Type::String]),
            default: DefaultValue::None,
            note: "objects that become targets",
            doc: "The kind of objects to discover. It decides which objects are watched and which addresses become targets.",
            mistakes: "`endpoints` uses an API that Kubernetes has deprecated; `endpointslice` gives the same targets under other label names.",
            example: "role: pod",
            since: Version(1, 0),
            ..FIELD
        },
        Field {
            key: "kubeconfig_file",
            always_printed: true,
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "kubeconfig with address and credentials",
            doc: "A kubeconfig file with the address of the cluster and the credentials. It excludes `api_server` and HTTP settings.",
            example: "kubeconfig_file: /etc/prometheus/kubeconfig\nrole: pod",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "namespaces",
            ty: Type::Record(&NAMESPACES),
            default: DefaultValue::None,
            note: "namespaces to watch; all by default",
            doc: "The namespaces to watch. By default all namespaces are watched, which requires access to all of them.",
            example: "namespaces:\n  names: [default]\nrole: pod",
            since: Version(1, 7),
            ..FIELD
        },
        Field {
            key: "selectors",
            ty: Type::List(&Type::Record(&SELECTOR)),
            default: DefaultValue::None,
            note: "select objects at the API server",
            doc: "Label and field selectors for the requests to the API server, one for each kind of object that the role watches. They save memory in large clusters.",
            mistakes: "Selectors limit the watched objects before relabeling. The role `endpoints` with a pod selector still lists all Endpoints, without the labels of pods that were not selected.",
            example: "selectors:\n  - role: pod\n    label: app=web\nrole: pod",
            since: Version(2, 17),
            ..FIELD
        },
        Field {
            key: "attach_metadata",
            ty: Type::Record(&ATTACH),
            default: DefaultValue::None,
            note: "labels from related objects",
            doc: "Adds labels from the node, the namespace and the controllers of a pod.",
            example: "attach_metadata:\n  node: true\nrole: pod",
            since: Version(2, 35),
            ..FIELD
        },
    ],
    inlined_before: "namespaces",
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

/// Upstream: kubernetes.NamespaceDiscovery, config.KubernetesNamespaceDiscovery.
pub static NAMESPACES: Record = Record {
    name: "namespaces",
    go_type: "kubernetes.plain",
    doc: "The namespaces to watch.",
    fields: &[
        Field {
            key: "own_namespace",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "the namespace of Prometheus",
            doc: "If true, the namespace in which Prometheus runs is watched.",
            example: "own_namespace: true",
            since: Version(2, 33),
            ..FIELD
        },
        Field {
            key: "names",
            always_printed: true,
            ty: STRINGS,
            default: DefaultValue::None,
            note: "names of namespaces",
            doc: "The names of the namespaces.",
            example: "names: [default, web]",
            since: Version(1, 7),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: kubernetes.SelectorConfig.
pub static SELECTOR: Record = Record {
    name: "selector",
    go_type: "kubernetes.SelectorConfig",
    doc: "A selector for one kind of object.",
    fields: &[
        Field {
            key: "role",
            ty: Type::OneOf(&[Type::Enum(values::K8S_ROLES), Type::String]),
            default: DefaultValue::None,
            note: "kind of object",
            doc: "The role of the objects that the selector applies to.",
            example: "role: pod",
            since: Version(2, 17),
            ..FIELD
        },
        Field {
            key: "label",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "label selector",
            doc: "A label selector in the syntax of Kubernetes.",
            example: "label: app=web,tier!=test",
            since: Version(2, 17),
            ..FIELD
        },
        Field {
            key: "field",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "field selector",
            doc: "A field selector in the syntax of Kubernetes.",
            example: "field: spec.nodeName=node-1",
            since: Version(2, 17),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: kubernetes.AttachMetadataConfig, kubernetes.PodMetadataConfig.
pub static ATTACH: Record = Record {
    name: "attach_metadata",
    go_type: "kubernetes.AttachMetadataConfig",
    doc: "Labels from related objects. Each requires the permission to list and watch these objects.",
    fields: &[
        Field {
            key: "node",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "labels of the node",
            doc: "Adds the node's labels and annotations to pods and endpoints.",
            example: "node: true",
            since: Version(2, 35),
            ..FIELD
        },
        Field {
            key: "namespace",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "labels of the namespace",
            doc: "Adds the namespace's labels and annotations.",
            example: "namespace: true",
            since: Version(3, 6),
            ..FIELD
        },
        Field {
            key: "deployment",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "name of the Deployment",
            doc: "Adds the name of the pod's Deployment.",
            example: "deployment: true",
            since: Version(3, 11),
            ..FIELD
        },
        Field {
            key: "job",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "name of the Job",
            doc: "Adds the name of the pod's Job.",
            example: "job: true",
            since: Version(3, 11),
            ..FIELD
        },
        Field {
            key: "cronjob",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "name of the CronJob",
            doc: "Adds the name of the pod's CronJob.",
            example: "cronjob: true",
            since: Version(3, 11),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Which selectors each Kubernetes role takes, in the order of Prometheus's message.
const SELECTORS: [(&str, &[&str]); 6] = [
    ("pod", &["pod", "node"]),
    ("service", &["service"]),
    ("endpointslice", &["pod", "service", "endpointslice"]),
    ("endpoints", &["pod", "service", "endpoints"]),
    ("node", &["node"]),
    ("ingress", &["ingress"]),
];

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let roles = SELECTORS.map(|(role, _)| role);
    let unknown = |role: &str| format!("unknown Kubernetes SD role {}", quote(role));
    let absent = "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)";
    role(cx, &view, "role", &roles, absent, unknown);
    if view.has("api_server") {
        url_field(cx, &view, "api_server");
    }
    access(cx, &view);

    let own = view.text("role");
    let Some((_, allowed)) = SELECTORS.iter().find(|(role, _)| *role == own) else { return };
    let mut seen = Vec::new();
    for item in view.items("selectors") {
        if item.is_null() {
            let message = format!("{own} role supports only {} selectors", allowed.join(", "));
            fault(cx, INVALID, item.written_span(), message);
        }
        let Some(selector) = Section::new(item) else { continue };
        let kind = selector.text("role").into_owned();
        let at = selector.at("role");
        if selector.has("role") && !roles.contains(&&*kind) {
            fault(cx, INVALID, at, unknown(&kind));
        } else if seen.contains(&kind) {
            fault(cx, DUPLICATE, at, format!("duplicated selector role: {kind}"));
        } else if !allowed.contains(&&*kind) {
            let message = format!("{own} role supports only {} selectors", allowed.join(", "));
            fault(cx, INVALID, at, message);
        }
        seen.push(kind);
        if let Err(message) = selectors::parse_fields(&selector.text("field")) {
            fault(cx, INVALID, selector.at("field"), message);
        }
        if let Err(message) = selectors::parse_labels(&selector.text("label")) {
            fault(cx, INVALID, selector.at("label"), message);
        }
    }
}

/// The ways to reach a cluster, which exclude each other.
fn access(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    let server = view.has("api_server");
    let kubeconfig = view.filled("kubeconfig_file");
    let own = view.section("namespaces").filter(|names| names.flag("own_namespace", false));
    let custom = (!http_check::is_default(view)).then(|| {
        let key = http_check::KEYS.into_iter().find(|key| view.has(key)).unwrap_or_default();
        view.key_at(key)
    });
    let mut conflict = |span: Span, message: &str| fault(cx, CONFLICT, span, message);
    if server && kubeconfig {
        conflict(
            view.key_at("kubeconfig_file"),
            "cannot use 'kubeconfig_file' and 'api_server' simultaneously",
        );
    }
    match custom {
        Some(span) if kubeconfig => conflict(
            span,
            "cannot use a custom HTTP client configuration together with 'kubeconfig_file'",
        ),
        Some(span) if !server => conflict(
            span,
            "to use custom HTTP client configuration please provide the 'api_server' URL explicitly",
        ),
        _ => {}
    }
    if let Some(own) = own {
        let span = own.key_at("own_namespace");
        if server {
            conflict(span, "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously");
        }
        if kubeconfig {
            conflict(
                span,
                "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously",
            );
        }
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "kubernetes_sd_configs",
        ty: Type::List(&Type::Record(&KUBERNETES)),
        default: DefaultValue::None,
        note: "targets from the Kubernetes API, which is watched for changes",
        doc: "Targets from the Kubernetes API, which is watched for changes. The role decides which objects become targets.",
        example: "kubernetes_sd_configs:\n  - role: pod",
        since: Version(0, 16),
        ..FIELD
    },
    go_type: &["[]*kubernetes.SDConfig"],
    records: &[
        (&KUBERNETES, "kubernetes.SDConfig"),
        (&NAMESPACES, "kubernetes.NamespaceDiscovery"),
        (&SELECTOR, "kubernetes.SelectorConfig"),
        (&ATTACH, "kubernetes.AttachMetadataConfig"),
    ],
    address: "Depends on the role: a pod's or endpoint's address and port, a Service's DNS name and port, a node's address and kubelet port, an Ingress's host.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta {
        name: "__meta_kubernetes_namespace",
        doc: "namespace of the object",
        roles: "pod service endpoints endpointslice ingress",
    },
    Meta { name: "__meta_kubernetes_node_name", doc: "name of the node", roles: "node" },
    Meta {
        name: "__meta_kubernetes_node_provider_id",
        doc: "the cloud provider's name for the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_condition_<condition>",
        doc: "`true`, `false` or `unknown` for each condition, its type in lower case",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_label_<label>",
        doc: "each label of the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_labelpresent_<label>",
        doc: "`true` for each label of the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_annotation_<annotation>",
        doc: "each annotation of the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_address_<type>",
        doc: "the first address of each type",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_service_name",
        doc: "name of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_label_<label>",
        doc: "each label of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_labelpresent_<label>",
        doc: "`true` for each label of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_annotation_<annotation>",
        doc: "each annotation of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_cluster_ip",
        doc: "the Service's cluster address; absent for ExternalName",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_loadbalancer_ip",
        doc: "addresses of the load balancer",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_external_name",
        doc: "the DNS name of an ExternalName Service",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_port_name",
        doc: "name of the Service's port",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_port_number",
        doc: "number of the Service's port",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_port_protocol",
        doc: "protocol of the Service's port",
        roles: "service",
    },
    Meta { name: "__meta_kubernetes_service_type", doc: "type of the Service", roles: "service" },
    Meta {
        name: "__meta_kubernetes_pod_name",
        doc: "name of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_ip",
        doc: "address of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_label_<label>",
        doc: "each label of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_labelpresent_<label>",
        doc: "`true` for each label of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_annotation_<annotation>",
        doc: "each annotation of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_init",
        doc: "`true` for an init container",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_name",
        doc: "name of the container",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_id",
        doc: "id of the container, with the runtime before `://`",
        roles: "pod",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_image",
        doc: "image of the container",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_port_name",
        doc: "name of the container's port",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_port_number",
        doc: "number of the container's port",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_port_protocol",
        doc: "protocol of the container's port",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_ready",
        doc: "`true` or `false`: whether the pod is ready",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_phase",
        doc: "Pending, Running, Succeeded, Failed or Unknown",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_node_name",
        doc: "node that the pod runs on",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_host_ip",
        doc: "address of that node",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_uid",
        doc: "the pod's UID",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_controller_kind",
        doc: "kind of the pod's controller, such as ReplicaSet",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_controller_name",
        doc: "name of the pod's controller",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_deployment_name",
        doc: "Deployment of the pod; needs `attach_metadata.deployment`",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_job_name",
        doc: "Job of the pod; needs `attach_metadata.job`",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_cronjob_name",
        doc: "CronJob of the pod; needs `attach_metadata.cronjob`",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_name",
        doc: "name of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_label_<label>",
        doc: "each label of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_labelpresent_<label>",
        doc: "`true` for each label of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_annotation_<annotation>",
        doc: "each annotation of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_hostname",
        doc: "host name of the endpoint",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_node_name",
        doc: "node of the endpoint",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_ready",
        doc: "`true` or `false`: whether the endpoint is ready",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_port_name",
        doc: "name of the endpoint's port",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_port_protocol",
        doc: "protocol of the endpoint's port",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_address_target_kind",
        doc: "kind of the object of the address",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_address_target_name",
        doc: "name of the object of the address",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_name",
        doc: "name of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_label_<label>",
        doc: "each label of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_labelpresent_<label>",
        doc: "`true` for each label of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_annotation_<annotation>",
        doc: "each annotation of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_address_target_kind",
        doc: "kind of the object of the address",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_address_target_name",
        doc: "name of the object of the address",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_address_type",
        doc: "IPv4, IPv6 or FQDN",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_conditions_ready",
        doc: "whether the endpoint is ready",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_conditions_serving",
        doc: "whether the endpoint serves",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_conditions_terminating",
        doc: "whether the endpoint is going away",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_topology_kubernetes_io_hostname",
        doc: "node of the endpoint, by topology",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_topology_present_kubernetes_io_hostname",
        doc: "`true` if the host name is known",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_hostname",
        doc: "host name of the endpoint",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_node_name",
        doc: "node of the endpoint",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_zone",
        doc: "zone of the endpoint",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_port",
        doc: "port of the endpoint",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_port_name",
        doc: "name of the endpoint's port",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_port_protocol",
        doc: "protocol of the endpoint's port",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_port_app_protocol",
        doc: "application protocol of the endpoint's port",
        roles: "endpointslice",
    },
    Meta { name: "__meta_kubernetes_ingress_name", doc: "name of the Ingress", roles: "ingress" },
    Meta {
        name: "__meta_kubernetes_ingress_label_<label>",
        doc: "each label of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_labelpresent_<label>",
        doc: "`true` for each label of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_annotation_<annotation>",
        doc: "each annotation of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_class_name",
        doc: "class of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_scheme",
        doc: "`https` where the host has TLS, else `http`",
        roles: "ingress",
    },
    Meta { name: "__meta_kubernetes_ingress_host", doc: "host of the rule", roles: "ingress" },
    Meta {
        name: "__meta_kubernetes_ingress_path",
        doc: "path of the rule, `/` by default",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_namespace_label_<label>",
        doc: "each label of the namespace; needs `attach_metadata.namespace`",
        roles: "pod service endpoints endpointslice ingress",
    },
    Meta {
        name: "__meta_kubernetes_namespace_labelpresent_<label>",
        doc: "`true` for each label of the namespace",
        roles: "pod service endpoints endpointslice ingress",
    },
    Meta {
        name: "__meta_kubernetes_namespace_annotation_<annotation>",
        doc: "each annotation of the namespace; needs `attach_metadata.namespace`",
        roles: "pod service endpoints endpointslice ingress",
    },
    Meta {
        name: "__meta_kubernetes_namespace_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the namespace",
        roles: "pod service endpoints endpointslice ingress",
    },
];
