//! Documentation of metadata, ConfigMaps and Secrets.

use crate::openapi::{OVERLAY, Overlay};
use schema::DefaultValue;

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const SELECTOR: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector";
const CONFIG_MAP: &str = "io.k8s.api.core.v1.ConfigMap";
const SECRET: &str = "io.k8s.api.core.v1.Secret";

pub(super) static OVERLAYS: &[Overlay] = &[
    Overlay {
        record: META,
        key: "name",
        doc: "The object's name, unique for its kind in its namespace. A Service's name is also its \
              name in DNS, and so the host that a static target names. Discovery puts it into labels \
              such as `__meta_kubernetes_service_name` and `__meta_kubernetes_pod_name`.",
        mistakes: "Renaming an object means deleting it and making another one: everything that refers \
                   to it by name has to follow.",
        example: "name: proxy-service",
        ..OVERLAY
    },
    Overlay {
        record: META,
        key: "namespace",
        default: DefaultValue::Literal("default"),
        doc: "The namespace that the object lives in. A short host name such as `proxy-service` is looked \
              up in the namespace of the pod that asks; from elsewhere it takes \
              `proxy-service.shop`. Discovery puts it into `__meta_kubernetes_namespace`.",
        mistakes: "Services, ConfigMaps, Secrets and ServiceAccounts are only seen from pods of the same \
                   namespace.",
        example: "namespace: monitoring",
        ..OVERLAY
    },
    Overlay {
        record: META,
        key: "labels",
        doc: "Names and values that selectors look for. Discovery turns each into a label \
              `__meta_kubernetes_pod_label_app` (for a pod's `app`), for relabeling to keep or copy; \
              characters that a label name may not have become underscores.",
        mistakes: "A Service selects pods by the labels of the pod template, not by those of the \
                   Deployment.",
        example: "labels: {app: proxy}",
        ..OVERLAY
    },
    Overlay {
        record: META,
        key: "annotations",
        doc: "Notes for people and programs; selectors do not see them. Discovery turns each into a label \
              such as `__meta_kubernetes_pod_annotation_prometheus_io_scrape`.",
        mistakes: "`prometheus.io/scrape` and its sisters mean nothing by themselves: they work only where \
                   relabeling rules read them.",
        example: "annotations: {prometheus.io/scrape: \"true\"}",
        ..OVERLAY
    },
    Overlay {
        record: SELECTOR,
        key: "matchLabels",
        note: "picks pods with these labels",
        doc: "Labels that a pod must have, all of them, with exactly these values.",
        mistakes: "In a Deployment they must be among the labels of its own template, and they cannot be \
                   changed later.",
        example: "matchLabels: {app: proxy}",
        ..OVERLAY
    },
    // Documented here so that the first line of a file needs no fetched description.
    Overlay {
        record: CONFIG_MAP,
        key: "apiVersion",
        doc: "The part and the version of the Kubernetes API that the object is written for. ConfigMaps \
              belong to its core, which has no name of its own: just `v1`.",
        example: "apiVersion: v1",
        ..OVERLAY
    },
    Overlay {
        record: CONFIG_MAP,
        key: "data",
        doc: "Texts by name. Mounted as a volume each becomes a file of that name, which is how a \
              configuration reaches Prometheus: `prometheus.yml` below `/etc/prometheus`.",
        mistakes: "A change reaches the files of a running pod after a minute or so, never through a \
                   `subPath` mount, and Prometheus reads it only at a reload.",
        example: "data:\n  prometheus.yml: |\n    global: {}",
        ..OVERLAY
    },
    Overlay {
        record: SECRET,
        key: "data",
        secret: true,
        doc: "Values by name, in base64. Mounted or put into the environment they are clear text again.",
        mistakes: "Base64 is a notation and hides nothing.",
        example: "data: {password: c2VjcmV0}",
        ..OVERLAY
    },
    Overlay {
        record: SECRET,
        key: "stringData",
        secret: true,
        doc: "Values by name, in clear text; the API server turns them into `data`.",
        example: "stringData: {password: secret}",
        ..OVERLAY
    },
];
