//! Documentation of Services, Endpoints, Ingresses and NetworkPolicies.

use super::pod::{PORT_NUMBER, PROTOCOLS};
use crate::openapi::{OVERLAY, Overlay};
use schema::{Allowed, DefaultValue, Type};

const SPEC: &str = "io.k8s.api.core.v1.ServiceSpec";
const PORT: &str = "io.k8s.api.core.v1.ServicePort";
const SLICE: &str = "io.k8s.api.discovery.v1.EndpointSlice";
const CONDITIONS: &str = "io.k8s.api.discovery.v1.EndpointConditions";
const POLICY: &str = "io.k8s.api.networking.v1.NetworkPolicySpec";

pub(super) static OVERLAYS: &[Overlay] = &[
    Overlay {
        record: SPEC,
        key: "type",
        default: DefaultValue::Literal("ClusterIP"),
        allowed: &[
            Allowed { value: "ClusterIP", doc: "Reached from inside the cluster only." },
            Allowed { value: "NodePort", doc: "Also reached on a port of every node." },
            Allowed {
                value: "LoadBalancer",
                doc: "Also reached from outside through a load balancer.",
            },
            Allowed {
                value: "ExternalName",
                doc: "Another name in DNS for a host elsewhere; no pods behind it.",
            },
        ],
        doc: "From where the Service can be reached. Prometheus inside the cluster needs no more than \
              `ClusterIP`.",
        mistakes: "`NodePort` and `LoadBalancer` in front of Prometheus show its pages, without any password, to \
                   whoever reaches the nodes.",
        example: "type: NodePort",
        ..OVERLAY
    },
    Overlay {
        record: SPEC,
        key: "selector",
        note: "sends to ready pods with these labels",
        doc: "The labels of the pods that are behind the Service, in its own namespace. Ready ones get traffic; \
              the endpoints made of them are what the roles `endpoints` and `endpointslice` discover.",
        mistakes: "A selector that matches no pod is no error anywhere: the Service is there, and every \
                   connection to it is refused.",
        example: "selector: {app: proxy}",
        ..OVERLAY
    },
    Overlay {
        record: SPEC,
        key: "ports",
        doc: "The ports of the Service and where each leads. A target that names the Service must use one of \
              these: packets to any other port go nowhere, and the scrape ends with `context deadline exceeded`.",
        example: "ports:\n  - port: 8080\n    targetPort: 8080",
        ..OVERLAY
    },
    Overlay {
        record: SPEC,
        key: "clusterIP",
        doc: "The Service's own address. `None` makes it headless: its name then stands for the addresses of all \
              its pods, which `dns_sd_configs` can discover.",
        example: "clusterIP: None",
        ..OVERLAY
    },
    Overlay {
        record: SPEC,
        key: "externalName",
        doc: "The host elsewhere that an `ExternalName` Service stands for. There are no endpoints to discover.",
        example: "externalName: db.example.com",
        ..OVERLAY
    },
    Overlay {
        record: SPEC,
        key: "publishNotReadyAddresses",
        default: DefaultValue::Literal("false"),
        doc: "Whether pods that are not ready count as ready here, in DNS and in the endpoints.",
        example: "publishNotReadyAddresses: true",
        ..OVERLAY
    },
    Overlay {
        record: PORT,
        key: "name",
        doc: "A name for the port; needed where there are several. Discovery puts it into \
              `__meta_kubernetes_endpoint_port_name` and `__meta_kubernetes_service_port_name`.",
        example: "name: metrics",
        ..OVERLAY
    },
    Overlay {
        record: PORT,
        key: "port",
        ty: Some(PORT_NUMBER),
        note: "what others connect to",
        doc: "The port that others connect to at the Service's name: the one that a static target must name.",
        example: "port: 8080",
        ..OVERLAY
    },
    Overlay {
        record: PORT,
        key: "targetPort",
        default: DefaultValue::Computed("the same number as `port`"),
        note: "the port of the pod behind it",
        doc: "The pods' port, by number or by the name that their containers give it.",
        mistakes: "A name that no container has leaves the port without endpoints; a number on which nothing \
                   listens gives `connection refused`.",
        example: "targetPort: metrics",
        ..OVERLAY
    },
    Overlay {
        record: PORT,
        key: "nodePort",
        ty: Some(Type::Int { min: 1, max: 65535 }),
        doc: "The port on every node, usually between 30000 and 32767; chosen by the cluster where left out.",
        example: "nodePort: 30090",
        ..OVERLAY
    },
    Overlay {
        record: PORT,
        key: "protocol",
        default: DefaultValue::Literal("TCP"),
        allowed: PROTOCOLS,
        doc: "What runs over the port; scrapes need TCP.",
        example: "protocol: TCP",
        ..OVERLAY
    },
    Overlay {
        record: SLICE,
        key: "addressType",
        allowed: &[
            Allowed { value: "IPv4", doc: "Addresses of IP version 4." },
            Allowed { value: "IPv6", doc: "Addresses of IP version 6." },
            Allowed { value: "FQDN", doc: "Host names; deprecated." },
        ],
        doc: "What kind of addresses the slice holds.",
        example: "addressType: IPv4",
        ..OVERLAY
    },
    Overlay {
        record: SLICE,
        key: "endpoints",
        required: Some(false),
        doc: "The addresses behind the Service. The role `endpointslice` makes a target of each with each port.",
        ..OVERLAY
    },
    Overlay {
        record: CONDITIONS,
        key: "ready",
        doc: "Whether it gets traffic; discovery puts it into \
              `__meta_kubernetes_endpointslice_endpoint_conditions_ready`.",
        example: "ready: true",
        ..OVERLAY
    },
    Overlay {
        record: POLICY,
        key: "podSelector",
        doc: "The pods that the policy protects; empty means all pods of the namespace. What reaches them is then \
              only what some policy allows, and a scrape that none allows ends with a deadline.",
        example: "podSelector: {matchLabels: {app: web}}",
        ..OVERLAY
    },
    Overlay {
        record: POLICY,
        key: "ingress",
        doc: "Who may connect to the pods. Prometheus needs to be among them, by its pods' labels or its \
              namespace's.",
        mistakes: "An empty list lets nobody in.",
        example: "ingress: [{from: [{podSelector: {matchLabels: {app: prometheus}}}]}]",
        ..OVERLAY
    },
    Overlay {
        record: POLICY,
        key: "policyTypes",
        allowed: &[
            Allowed { value: "Ingress", doc: "Connections to the pods." },
            Allowed { value: "Egress", doc: "Connections from the pods." },
        ],
        doc: "Which directions the policy is about.",
        example: "policyTypes: [Ingress]",
        ..OVERLAY
    },
];
