//! `kubernetes_sd_configs`: targets from the Kubernetes API, kept up to date by watching it.

mod meta;

use super::super::http::check as http_check;
use super::super::values;
use super::Mechanism;
use crate::validate::{CONFLICT, DUPLICATE, INVALID, fault, role, url_field};
use go::quote::quote;
pub use meta::META;
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

/// The selectors that each role supports, in the order of Prometheus's message.
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
