//! Documentation of ServiceAccounts, roles and bindings.

use crate::openapi::{OVERLAY, Overlay};
use schema::Allowed;

const RULE: &str = "io.k8s.api.rbac.v1.PolicyRule";
const SUBJECT: &str = "io.k8s.api.rbac.v1.Subject";
const ROLE_REF: &str = "io.k8s.api.rbac.v1.RoleRef";

pub(super) static OVERLAYS: &[Overlay] = &[
    Overlay {
        record: RULE,
        key: "apiGroups",
        doc: "Which parts of the API: an empty text for Pods, Services, Endpoints and Nodes, \
              `discovery.k8s.io` for EndpointSlices, `networking.k8s.io` for Ingresses.",
        mistakes: "EndpointSlices are not in the empty group: a rule copied from the old example lets discovery \
                   by the role `endpointslice` find nothing.",
        example: "apiGroups: ['', discovery.k8s.io]",
        ..OVERLAY
    },
    Overlay {
        record: RULE,
        key: "resources",
        doc: "What the rule is about, in lower case and the plural. Each role of `kubernetes_sd_configs` needs its \
              own: `pod` needs pods; `endpoints` needs endpoints, services and pods; `node` needs nodes.",
        example: "resources: [pods, services, endpoints]",
        ..OVERLAY
    },
    Overlay {
        record: RULE,
        key: "verbs",
        note: "{verbs of the rule}",
        doc: "What may be done. Discovery lists and then watches; `get` alone is not enough.",
        example: "verbs: [get, list, watch]",
        ..OVERLAY
    },
    Overlay {
        record: RULE,
        key: "nonResourceURLs",
        doc: "Paths of the API server itself, such as `/metrics`, for scraping it.",
        example: "nonResourceURLs: [/metrics]",
        ..OVERLAY
    },
    Overlay {
        record: SUBJECT,
        key: "kind",
        allowed: &[
            Allowed { value: "ServiceAccount", doc: "The account of pods." },
            Allowed { value: "User", doc: "A person." },
            Allowed { value: "Group", doc: "Several at once." },
        ],
        doc: "Who gets the permissions.",
        example: "kind: ServiceAccount",
        ..OVERLAY
    },
    Overlay {
        record: SUBJECT,
        key: "namespace",
        doc: "The namespace of the ServiceAccount.",
        mistakes: "It is the account's namespace, not that of what may be seen. Left out or wrong, the binding is \
                   for an account that no pod has.",
        example: "namespace: monitoring",
        ..OVERLAY
    },
    Overlay {
        record: ROLE_REF,
        key: "kind",
        allowed: &[
            Allowed {
                value: "ClusterRole",
                doc: "Of the cluster; may be bound in one namespace too.",
            },
            Allowed { value: "Role", doc: "Of the binding's namespace." },
        ],
        doc: "What kind of role is bound. It cannot be changed later.",
        example: "kind: ClusterRole",
        ..OVERLAY
    },
];
