//! Documentation of workloads.

use crate::openapi::{OVERLAY, Overlay};
use schema::{Allowed, DefaultValue};

const DEPLOYMENT: &str = "io.k8s.api.apps.v1.DeploymentSpec";
const STRATEGY: &str = "io.k8s.api.apps.v1.DeploymentStrategy";
const STATEFUL_SET: &str = "io.k8s.api.apps.v1.StatefulSetSpec";
const DAEMON_SET: &str = "io.k8s.api.apps.v1.DaemonSetSpec";
const CLAIM: &str = "io.k8s.api.core.v1.PersistentVolumeClaimSpec";
const VOLUME: &str = "io.k8s.api.core.v1.PersistentVolumeSpec";

const REPLICAS: &str = "How many pods there should be. Each pod is a target of its own for discovery, \
    with its own `instance`; through a Service's name Prometheus reaches one of them at random.";

const TEMPLATE: &str = "What each pod looks like: its labels, containers and volumes. Any change makes \
    new pods, with new names and addresses, and counters that start again at zero.";

const SELECTOR: &str = "Which pods belong to it. The labels must be those of the template below.";

static ACCESS_MODES: &[Allowed] = &[
    Allowed { value: "ReadWriteOnce", doc: "Written by the pods of one node." },
    Allowed { value: "ReadOnlyMany", doc: "Read by the pods of many nodes." },
    Allowed { value: "ReadWriteMany", doc: "Written by the pods of many nodes." },
    Allowed { value: "ReadWriteOncePod", doc: "Written by a single pod." },
];

pub(super) static OVERLAYS: &[Overlay] = &[
    Overlay {
        record: DEPLOYMENT,
        key: "replicas",
        default: DefaultValue::Literal("1"),
        note: "{value} × the pod below",
        doc: REPLICAS,
        mistakes: "Two replicas of Prometheus on one volume fight for its lock; two of them on two volumes \
                   both scrape everything.",
        example: "replicas: 2",
        ..OVERLAY
    },
    Overlay {
        record: DEPLOYMENT,
        key: "selector",
        doc: SELECTOR,
        example: "selector: {matchLabels: {app: web}}",
        ..OVERLAY
    },
    Overlay { record: DEPLOYMENT, key: "template", doc: TEMPLATE, ..OVERLAY },
    Overlay {
        record: STRATEGY,
        key: "type",
        default: DefaultValue::Literal("RollingUpdate"),
        allowed: &[
            Allowed { value: "RollingUpdate", doc: "New pods start before the old ones end." },
            Allowed { value: "Recreate", doc: "The old pods end before new ones start." },
        ],
        doc: "How pods are replaced.",
        mistakes: "With a rolling update two Prometheus pods want the same volume for a moment, and the new \
                   one cannot start: use `Recreate`.",
        example: "type: Recreate",
        ..OVERLAY
    },
    Overlay {
        record: STATEFUL_SET,
        key: "replicas",
        default: DefaultValue::Literal("1"),
        note: "{value} × the pod below",
        doc: "How many pods there should be, numbered from 0: `name-0`, `name-1`. Each is a target of its own, \
              and keeps its name and its volume when it is replaced.",
        example: "replicas: 2",
        ..OVERLAY
    },
    Overlay { record: STATEFUL_SET, key: "selector", doc: SELECTOR, ..OVERLAY },
    Overlay { record: STATEFUL_SET, key: "template", doc: TEMPLATE, ..OVERLAY },
    Overlay {
        record: STATEFUL_SET,
        key: "serviceName",
        doc: "The headless Service through which each pod has a name of its own: \
              `name-0.service.namespace.svc`.",
        example: "serviceName: prometheus",
        ..OVERLAY
    },
    Overlay { record: DAEMON_SET, key: "selector", doc: SELECTOR, ..OVERLAY },
    Overlay {
        record: DAEMON_SET,
        key: "template",
        doc: "What each pod looks like. One runs on every node that takes it, as node exporters do.",
        ..OVERLAY
    },
    Overlay {
        record: CLAIM,
        key: "accessModes",
        allowed: ACCESS_MODES,
        note: "who may use the volume at once",
        doc: "Who may use the volume at the same time. Prometheus wants a volume for itself.",
        example: "accessModes: [ReadWriteOnce]",
        ..OVERLAY
    },
    Overlay {
        record: CLAIM,
        key: "resources",
        doc: "How much space is asked for. Samples take one to two bytes each once compacted; the retention of \
              Prometheus must fit into this with room for the write-ahead log.",
        example: "resources: {requests: {storage: 10Gi}}",
        ..OVERLAY
    },
    Overlay {
        record: CLAIM,
        key: "storageClassName",
        doc: "Which class provides the volume. Left out, the cluster's default class does; an empty text asks \
              for a volume that is there already.",
        mistakes: "A class that does not exist leaves the claim pending, and every pod that mounts it.",
        example: "storageClassName: standard",
        ..OVERLAY
    },
    Overlay {
        record: VOLUME,
        key: "accessModes",
        allowed: ACCESS_MODES,
        doc: "Who may use the volume at the same time; a claim must ask for one of these.",
        example: "accessModes: [ReadWriteOnce]",
        ..OVERLAY
    },
    Overlay {
        record: VOLUME,
        key: "persistentVolumeReclaimPolicy",
        allowed: &[
            Allowed { value: "Retain", doc: "The data stays when the claim is deleted." },
            Allowed { value: "Delete", doc: "The data goes with the claim." },
            Allowed { value: "Recycle", doc: "An old way to empty the volume for the next claim." },
        ],
        doc: "What becomes of the data when the claim is deleted.",
        example: "persistentVolumeReclaimPolicy: Retain",
        ..OVERLAY
    },
];
