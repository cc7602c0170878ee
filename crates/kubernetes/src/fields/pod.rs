//! Documentation of pods, containers, volumes and probes.

use crate::openapi::{OVERLAY, Overlay};
use schema::{Allowed, DefaultValue, Type};

const POD: &str = "io.k8s.api.core.v1.PodSpec";
const CONTAINER: &str = "io.k8s.api.core.v1.Container";
const PORT: &str = "io.k8s.api.core.v1.ContainerPort";
const MOUNT: &str = "io.k8s.api.core.v1.VolumeMount";
const VOLUME: &str = "io.k8s.api.core.v1.Volume";
const CONFIG_MAP_VOLUME: &str = "io.k8s.api.core.v1.ConfigMapVolumeSource";
const HTTP_GET: &str = "io.k8s.api.core.v1.HTTPGetAction";
const RESOURCES: &str = "io.k8s.api.core.v1.ResourceRequirements";

pub(super) const PROTOCOLS: &[Allowed] = &[
    Allowed { value: "TCP", doc: "What HTTP, and so every scrape, runs over." },
    Allowed { value: "UDP", doc: "Datagrams; nothing that can be scraped." },
    Allowed { value: "SCTP", doc: "A protocol of telephone networks." },
];

pub(super) const PORT_NUMBER: Type = Type::Int { min: 1, max: 65535 };

pub(super) static OVERLAYS: &[Overlay] = &[
    Overlay {
        record: POD,
        key: "containers",
        doc: "The programs of the pod. They share one address: two of them cannot listen on one port. The \
              roles `pod` and `endpoints` make one target for each declared port.",
        ..OVERLAY
    },
    Overlay {
        record: POD,
        key: "serviceAccountName",
        default: DefaultValue::Literal("default"),
        note: "what it may ask the API server follows from its roles",
        doc: "The account that the pod speaks to the API server with. Prometheus's discovery may list only what \
              roles bound to this account allow.",
        mistakes: "The account `default` may list nothing, and discovery then finds no targets.",
        example: "serviceAccountName: prometheus",
        ..OVERLAY
    },
    Overlay {
        record: POD,
        key: "volumes",
        doc: "What can be mounted into the containers. A pod waits until every volume is there: a ConfigMap or \
              claim that is missing keeps it from starting.",
        example: "volumes:\n  - name: config\n    configMap: {name: prometheus-config}",
        ..OVERLAY
    },
    Overlay {
        record: POD,
        key: "hostNetwork",
        default: DefaultValue::Literal("false"),
        doc: "Whether the pod has the address of its node instead of its own. Ports then collide with those of \
              the node and of other such pods.",
        example: "hostNetwork: true",
        ..OVERLAY
    },
    Overlay {
        record: POD,
        key: "restartPolicy",
        default: DefaultValue::Literal("Always"),
        allowed: &[
            Allowed { value: "Always", doc: "A container that ends is started again." },
            Allowed { value: "OnFailure", doc: "Only one that fails is started again." },
            Allowed { value: "Never", doc: "It stays ended." },
        ],
        doc: "What happens when a container ends. After a restart its counters begin at zero.",
        example: "restartPolicy: Always",
        ..OVERLAY
    },
    Overlay {
        record: CONTAINER,
        key: "name",
        required: Some(true),
        doc: "The container's name within the pod; discovery puts it into `__meta_kubernetes_pod_container_name`.",
        example: "name: proxy",
        ..OVERLAY
    },
    Overlay {
        record: CONTAINER,
        key: "image",
        doc: "The program, as a name and a version in a registry.",
        mistakes: "`latest`, or no version at all, gives another program after the next restart.",
        example: "image: prom/prometheus:v3.14.0",
        ..OVERLAY
    },
    Overlay {
        record: CONTAINER,
        key: "args",
        doc: "Arguments of the program. For Prometheus its flags: `--config.file`, `--storage.tsdb.path`, \
              `--storage.tsdb.retention.time`, `--web.enable-lifecycle`.",
        mistakes: "Given arguments replace all of the image's own: the image's `--config.file` and \
                   `--storage.tsdb.path` have to be repeated.",
        example: "args: [\"--config.file=/etc/prometheus/prometheus.yml\"]",
        ..OVERLAY
    },
    Overlay {
        record: CONTAINER,
        key: "command",
        doc: "The program itself, instead of the image's. The image's own arguments are then gone too.",
        example: "command: [/bin/prometheus]",
        ..OVERLAY
    },
    Overlay {
        record: CONTAINER,
        key: "ports",
        doc: "Ports that the container says it listens on. The list opens nothing and closes nothing, but the \
              role `pod` makes one target for each, and a Service may name them.",
        mistakes: "A container without a declared port gives a target without a port.",
        example: "ports:\n  - name: metrics\n    containerPort: 9090",
        ..OVERLAY
    },
    Overlay {
        record: CONTAINER,
        key: "volumeMounts",
        doc: "Where volumes appear in the container's files.",
        example: "volumeMounts:\n  - name: config\n    mountPath: /etc/prometheus",
        ..OVERLAY
    },
    Overlay {
        record: CONTAINER,
        key: "readinessProbe",
        doc: "How the kubelet tells whether the container can serve. Until it succeeds the pod is not ready: \
              Services send it nothing, and discovery has `ready` as `false`.",
        mistakes: "Prometheus scrapes pods that are not ready all the same, unless a rule drops them.",
        example: "readinessProbe: {httpGet: {path: /-/ready, port: 9090}}",
        ..OVERLAY
    },
    Overlay {
        record: CONTAINER,
        key: "livenessProbe",
        doc: "How the kubelet tells whether the container is stuck; when it fails, the container is restarted.",
        example: "livenessProbe: {httpGet: {path: /-/healthy, port: 9090}}",
        ..OVERLAY
    },
    Overlay {
        record: CONTAINER,
        key: "imagePullPolicy",
        allowed: &[
            Allowed { value: "Always", doc: "Asks the registry at each start." },
            Allowed {
                value: "IfNotPresent",
                doc: "Fetches the image only where the node lacks it.",
            },
            Allowed { value: "Never", doc: "The node must have the image." },
        ],
        doc: "When the image is fetched.",
        example: "imagePullPolicy: IfNotPresent",
        ..OVERLAY
    },
    Overlay {
        record: RESOURCES,
        key: "limits",
        doc: "What the container may use at most. Over the memory limit it is killed (`OOMKilled`); over the CPU \
              limit it is slowed down, and scrapes of it may time out.",
        example: "limits: {memory: 512Mi, cpu: 500m}",
        ..OVERLAY
    },
    Overlay {
        record: RESOURCES,
        key: "requests",
        doc: "What is set aside for the container. A pod that asks for more than any node has stays pending.",
        example: "requests: {memory: 256Mi, cpu: 250m}",
        ..OVERLAY
    },
    Overlay {
        record: PORT,
        key: "name",
        doc: "A name for the port, which a Service's `targetPort` may use, and which discovery puts into \
              `__meta_kubernetes_pod_container_port_name`.",
        example: "name: metrics",
        ..OVERLAY
    },
    Overlay {
        record: PORT,
        key: "containerPort",
        ty: Some(PORT_NUMBER),
        note: "what the program listens on",
        doc: "The number that the program listens on. The role `pod` makes `address:port` of it.",
        mistakes: "It must be the number that the program really uses: saying another one here does not make it \
                   listen there, and the scrape ends with `connection refused`.",
        example: "containerPort: 8080",
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
        record: MOUNT,
        key: "name",
        doc: "Which of the pod's volumes.",
        example: "name: config",
        ..OVERLAY
    },
    Overlay {
        record: MOUNT,
        key: "mountPath",
        note: "where it appears in the container",
        doc: "The folder (or, with `subPath`, the file) that the volume appears as. What the image has there is \
              hidden.",
        example: "mountPath: /etc/prometheus",
        ..OVERLAY
    },
    Overlay {
        record: MOUNT,
        key: "subPath",
        doc: "One file or folder of the volume instead of all of it.",
        mistakes: "A file that is mounted this way never follows a change of its ConfigMap.",
        example: "subPath: prometheus.yml",
        ..OVERLAY
    },
    Overlay {
        record: VOLUME,
        key: "name",
        doc: "What mounts call the volume.",
        example: "name: config",
        ..OVERLAY
    },
    Overlay {
        record: VOLUME,
        key: "emptyDir",
        doc: "An empty folder that lives as long as the pod does.",
        mistakes: "With the data of Prometheus in it, every new pod begins without history.",
        example: "emptyDir: {}",
        ..OVERLAY
    },
    Overlay {
        record: CONFIG_MAP_VOLUME,
        key: "name",
        doc: "The ConfigMap, in the pod's namespace, whose texts become files.",
        mistakes: "While it does not exist the pod waits in `ContainerCreating`.",
        example: "name: prometheus-config",
        ..OVERLAY
    },
    Overlay {
        record: HTTP_GET,
        key: "port",
        doc: "Number or name of the container's port that is asked.",
        example: "port: 9090",
        ..OVERLAY
    },
];
