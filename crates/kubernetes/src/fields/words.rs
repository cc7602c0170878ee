//! Descriptions of common fields that need no more than words.

use crate::openapi::{OVERLAY, Overlay};

const fn doc(record: &'static str, key: &'static str, doc: &'static str) -> Overlay {
    Overlay { record, key, doc, ..OVERLAY }
}

const POD: &str = "io.k8s.api.core.v1.PodSpec";
const POD_SECURITY: &str = "io.k8s.api.core.v1.PodSecurityContext";
const SECURITY: &str = "io.k8s.api.core.v1.SecurityContext";
const CONTAINER: &str = "io.k8s.api.core.v1.Container";
const PORT: &str = "io.k8s.api.core.v1.ContainerPort";
const ENV: &str = "io.k8s.api.core.v1.EnvVar";
const ENV_SOURCE: &str = "io.k8s.api.core.v1.EnvVarSource";
const SECRET_KEY: &str = "io.k8s.api.core.v1.SecretKeySelector";
const CONFIG_KEY: &str = "io.k8s.api.core.v1.ConfigMapKeySelector";
const FIELD_REF: &str = "io.k8s.api.core.v1.ObjectFieldSelector";
const PROBE: &str = "io.k8s.api.core.v1.Probe";
const HTTP_GET: &str = "io.k8s.api.core.v1.HTTPGetAction";
const MOUNT: &str = "io.k8s.api.core.v1.VolumeMount";
const VOLUME: &str = "io.k8s.api.core.v1.Volume";
const CONFIG_MAP_VOLUME: &str = "io.k8s.api.core.v1.ConfigMapVolumeSource";
const SECRET_VOLUME: &str = "io.k8s.api.core.v1.SecretVolumeSource";
const CLAIM_VOLUME: &str = "io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource";
const HOST_PATH: &str = "io.k8s.api.core.v1.HostPathVolumeSource";
const KEY_TO_PATH: &str = "io.k8s.api.core.v1.KeyToPath";
const TEMPLATE: &str = "io.k8s.api.core.v1.PodTemplateSpec";
const TOLERATION: &str = "io.k8s.api.core.v1.Toleration";
const DEPLOYMENT: &str = "io.k8s.api.apps.v1.DeploymentSpec";
const STRATEGY: &str = "io.k8s.api.apps.v1.DeploymentStrategy";
const ROLLING: &str = "io.k8s.api.apps.v1.RollingUpdateDeployment";
const STATEFUL_SET: &str = "io.k8s.api.apps.v1.StatefulSetSpec";
const DAEMON_SET: &str = "io.k8s.api.apps.v1.DaemonSetSpec";
const JOB: &str = "io.k8s.api.batch.v1.JobSpec";
const CRON_JOB: &str = "io.k8s.api.batch.v1.CronJobSpec";
const CLAIM: &str = "io.k8s.api.core.v1.PersistentVolumeClaimSpec";
const CLAIM_RESOURCES: &str = "io.k8s.api.core.v1.VolumeResourceRequirements";
const PERSISTENT_VOLUME: &str = "io.k8s.api.core.v1.PersistentVolumeSpec";
const STORAGE_CLASS: &str = "io.k8s.api.storage.v1.StorageClass";
const SERVICE: &str = "io.k8s.api.core.v1.ServiceSpec";
const CLUSTER_ROLE: &str = "io.k8s.api.rbac.v1.ClusterRole";
const ROLE: &str = "io.k8s.api.rbac.v1.Role";
const RULE: &str = "io.k8s.api.rbac.v1.PolicyRule";
const CLUSTER_BINDING: &str = "io.k8s.api.rbac.v1.ClusterRoleBinding";
const BINDING: &str = "io.k8s.api.rbac.v1.RoleBinding";
const ROLE_REF: &str = "io.k8s.api.rbac.v1.RoleRef";
const SUBJECT: &str = "io.k8s.api.rbac.v1.Subject";
const INGRESS: &str = "io.k8s.api.networking.v1.IngressSpec";
const INGRESS_RULE: &str = "io.k8s.api.networking.v1.IngressRule";
const INGRESS_PATHS: &str = "io.k8s.api.networking.v1.HTTPIngressRuleValue";
const INGRESS_PATH: &str = "io.k8s.api.networking.v1.HTTPIngressPath";
const INGRESS_BACKEND: &str = "io.k8s.api.networking.v1.IngressBackend";
const INGRESS_SERVICE: &str = "io.k8s.api.networking.v1.IngressServiceBackend";
const INGRESS_PORT: &str = "io.k8s.api.networking.v1.ServiceBackendPort";
const POLICY: &str = "io.k8s.api.networking.v1.NetworkPolicySpec";
const CONFIG_MAP: &str = "io.k8s.api.core.v1.ConfigMap";
const SECRET: &str = "io.k8s.api.core.v1.Secret";

const ROLES: &str = "The rights. Each rule lists verbs and the resources or URLs that they are allowed on. Rules only add rights; none takes one away.";
const TO_WHOM: &str = "Those who get the rights: ServiceAccounts, users and groups.";
const WHICH_ROLE: &str =
    "The role whose rights are given. It cannot be changed; another role needs another binding.";

/// The key and the words for every kind, in the table of its record.
pub(super) const OF_EVERY_KIND: [(&str, &str); 4] = [
    (
        "apiVersion",
        "The API group and version that has this kind: `v1` for the core, `apps/v1` for Deployments. The API server refuses a kind in a group that does not have it.",
    ),
    (
        "metadata",
        "What the object is called and where it lives: name, namespace, labels and annotations.",
    ),
    (
        "spec",
        "What is wanted. Controllers compare it with what exists, and make the difference good.",
    ),
    ("status", "What exists. The cluster writes it; in a manifest it is ignored."),
];

#[rustfmt::skip] // one field on each line
pub(super) static OVERLAYS: &[Overlay] = &[
    doc(POD, "initContainers", "Containers that run to their end, one after the other, before the others start. If one fails, it is run again, and the pod does not become ready."),
    doc(POD, "securityContext", "The user and group of all containers, and the group of the files on volumes. The image of Prometheus runs as the user `nobody`, 65534."),
    doc(POD, "imagePullSecrets", "Secrets with the password of a private registry. Without the right one the pod waits with `ImagePullBackOff`."),
    doc(POD, "nodeSelector", "Labels that a node must have. If no node has them all, the pod stays Pending."),
    doc(POD, "tolerations", "Taints of nodes that the pod accepts. Without a toleration it is not scheduled onto a tainted node, such as a control plane."),
    doc(POD, "affinity", "Rules that draw the pod to nodes or pods, or keep it away from them."),
    doc(POD, "terminationGracePeriodSeconds", "How long a pod may take to end after SIGTERM before it is killed: 30 seconds by default. Prometheus needs the time to write its state."),
    doc(POD, "nodeName", "The node. The scheduler fills it in; written by hand, it goes around the scheduler."),
    doc(POD, "automountServiceAccountToken", "Whether the token of the ServiceAccount is mounted. Without it Prometheus cannot ask the API server for targets."),
    doc(POD_SECURITY, "runAsUser", "The numeric user that the processes run as, instead of the one of the image."),
    doc(POD_SECURITY, "runAsGroup", "The numeric primary group of the processes."),
    doc(POD_SECURITY, "runAsNonRoot", "Refuses to start a container that would run as root."),
    doc(POD_SECURITY, "fsGroup", "The group that owns the files on mounted volumes. Without it a process that is not root often cannot write to its volume: `permission denied` at `/prometheus`."),
    doc(SECURITY, "runAsUser", "The numeric user of this container, which wins over that of the pod."),
    doc(SECURITY, "runAsNonRoot", "Refuses to start this container as root."),
    doc(SECURITY, "readOnlyRootFilesystem", "Makes the file system of the image read-only. Programs then write to volumes only."),
    doc(SECURITY, "allowPrivilegeEscalation", "Whether a process may get more rights than its parent."),
    doc(SECURITY, "capabilities", "Rights of the kernel that are added or dropped."),
    doc(SECURITY, "privileged", "Gives the container the rights of the host."),
    doc(CONTAINER, "env", "Environment variables, each with a value or a source. They are read once, when the container starts."),
    doc(CONTAINER, "envFrom", "All keys of a ConfigMap or Secret as environment variables. A later change of them reaches no running container."),
    doc(CONTAINER, "resources", "What the container is promised (`requests`) and what it may use at most (`limits`), of CPU and memory."),
    doc(CONTAINER, "startupProbe", "A check that must pass once before the other probes begin. It gives a slow program time to start."),
    doc(CONTAINER, "securityContext", "The user and the rights of this container."),
    doc(CONTAINER, "workingDir", "The directory in which the program starts, instead of that of the image."),
    doc(CONTAINER, "lifecycle", "Hooks after the start and before the end of the container."),
    doc(PORT, "hostPort", "A port of the node that leads to the container. Two pods with the same one cannot share a node."),
    doc(ENV, "name", "The name of the variable."),
    doc(ENV, "value", "The value as text. `$(OTHER)` stands for a variable that is defined before."),
    doc(ENV, "valueFrom", "A source of the value: a key of a Secret or ConfigMap, or a field of the pod."),
    doc(ENV_SOURCE, "secretKeyRef", "A key of a Secret. If it does not exist, the container waits with `CreateContainerConfigError`."),
    doc(ENV_SOURCE, "configMapKeyRef", "A key of a ConfigMap. If it does not exist, the container waits with `CreateContainerConfigError`."),
    doc(ENV_SOURCE, "fieldRef", "A field of the pod itself, such as its name or its address."),
    doc(SECRET_KEY, "name", "The Secret, in the namespace of the pod."),
    doc(SECRET_KEY, "key", "The key in the Secret."),
    doc(CONFIG_KEY, "name", "The ConfigMap, in the namespace of the pod."),
    doc(CONFIG_KEY, "key", "The key in the ConfigMap."),
    doc(FIELD_REF, "fieldPath", "The field: `metadata.name`, `metadata.namespace`, `status.podIP`, `spec.nodeName` or another one."),
    doc(PROBE, "httpGet", "An HTTP request to the pod. A status from 200 to 399 passes."),
    doc(PROBE, "tcpSocket", "A connection to a port. If it opens, the probe passes."),
    doc(PROBE, "exec", "A command in the container. Exit code 0 passes."),
    doc(PROBE, "initialDelaySeconds", "How long to wait after the start of the container before the first check; 0 by default."),
    doc(PROBE, "periodSeconds", "The time from one check to the next; 10 seconds by default."),
    doc(PROBE, "timeoutSeconds", "How long a check may take; 1 second by default. A slow answer counts as a failure."),
    doc(PROBE, "failureThreshold", "How many checks in a row must fail; 3 by default. Then a failing liveness probe restarts the container, and a failing readiness probe takes the pod out of its Services."),
    doc(PROBE, "successThreshold", "How many checks in a row must pass after a failure; 1 by default."),
    doc(HTTP_GET, "path", "The path of the request. Prometheus has `/-/healthy` for liveness and `/-/ready` for readiness."),
    doc(HTTP_GET, "scheme", "`HTTP` or `HTTPS`. The certificate is not checked."),
    doc(MOUNT, "readOnly", "Whether the container can only read the volume."),
    doc(VOLUME, "configMap", "The keys of a ConfigMap as files. The kubelet updates them about a minute after a change."),
    doc(VOLUME, "secret", "The keys of a Secret as files, in memory and not on the disk of the node."),
    doc(VOLUME, "persistentVolumeClaim", "Disk space that outlives the pod, through a claim."),
    doc(VOLUME, "hostPath", "A directory of the node. Another node has other files there."),
    doc(VOLUME, "projected", "Several sources in one directory: ConfigMaps, Secrets, tokens, fields of the pod."),
    doc(CONFIG_MAP_VOLUME, "items", "Which keys become files, and under which paths. Without it all keys do, under their names."),
    doc(CONFIG_MAP_VOLUME, "defaultMode", "The permissions of the files; 0644 by default. In YAML write the leading zero."),
    doc(CONFIG_MAP_VOLUME, "optional", "Whether the pod starts without the ConfigMap."),
    doc(SECRET_VOLUME, "secretName", "The Secret, in the namespace of the pod."),
    doc(SECRET_VOLUME, "items", "Which keys become files, and under which paths."),
    doc(CLAIM_VOLUME, "claimName", "The PersistentVolumeClaim, in the namespace of the pod. Until it is bound the pod stays Pending."),
    doc(HOST_PATH, "path", "The directory or file on the node."),
    doc(KEY_TO_PATH, "key", "The key that becomes a file."),
    doc(KEY_TO_PATH, "path", "The path of the file below the mount path."),
    doc(TEMPLATE, "metadata", "Labels and annotations that each pod gets. Selectors of Services and of the workload look at these labels."),
    doc(TEMPLATE, "spec", "The containers and volumes of each pod."),
    doc(TOLERATION, "key", "The key of the taint; without it the toleration accepts every taint."),
    doc(TOLERATION, "operator", "`Equal` compares the value, `Exists` accepts any."),
    doc(TOLERATION, "effect", "Which effect is accepted: `NoSchedule`, `PreferNoSchedule`, `NoExecute`; without it all of them."),
    doc(DEPLOYMENT, "strategy", "How pods are replaced when the template changes: step by step (`RollingUpdate`), or all ended before the new ones start (`Recreate`)."),
    doc(DEPLOYMENT, "revisionHistoryLimit", "How many old ReplicaSets are kept for `kubectl rollout undo`; 10 by default."),
    doc(DEPLOYMENT, "minReadySeconds", "How long a new pod must be ready before the rollout goes on."),
    doc(DEPLOYMENT, "progressDeadlineSeconds", "How long a rollout may stand still before it counts as failed; 600 seconds by default. Nothing is undone."),
    doc(STRATEGY, "rollingUpdate", "How many pods may be missing, and how many may be too many, during a rollout."),
    doc(ROLLING, "maxUnavailable", "How many pods may be missing during a rollout, as a number or a percentage; 25 % by default, rounded down."),
    doc(ROLLING, "maxSurge", "How many pods more than wanted may exist during a rollout; 25 % by default, rounded up."),
    doc(STATEFUL_SET, "volumeClaimTemplates", "A claim for each pod: `NAME-POD`. It stays when the pod goes, and the next pod of this name gets it."),
    doc(STATEFUL_SET, "podManagementPolicy", "`OrderedReady` starts one pod after the other, `Parallel` all at once."),
    doc(STATEFUL_SET, "updateStrategy", "How pods are replaced when the template changes, from the last to the first."),
    doc(DAEMON_SET, "updateStrategy", "How pods are replaced when the template changes."),
    doc(JOB, "template", "The pod that does the work. Its `restartPolicy` is `Never` or `OnFailure`."),
    doc(JOB, "backoffLimit", "How many failures are accepted before the Job has failed; 6 by default."),
    doc(JOB, "completions", "How many pods must end well."),
    doc(JOB, "parallelism", "How many pods run at the same time."),
    doc(CRON_JOB, "schedule", "Minute, hour, day, month, day of the week: `*/5 * * * *` is every five minutes."),
    doc(CRON_JOB, "jobTemplate", "The Job that is created at each time of the schedule."),
    doc(CRON_JOB, "concurrencyPolicy", "What happens if the previous Job still runs: `Allow`, `Forbid` or `Replace`."),
    doc(CLAIM, "volumeName", "The volume to bind to. Without it a fitting one is found or made."),
    doc(CLAIM_RESOURCES, "requests", "How much space is asked for, as `storage`. It can grow later if the class allows it, and never shrink."),
    doc(PERSISTENT_VOLUME, "capacity", "The size of the volume, as `storage`."),
    doc(PERSISTENT_VOLUME, "hostPath", "A directory of the node, for clusters of one node."),
    doc(PERSISTENT_VOLUME, "storageClassName", "The class of the volume. A claim with another class does not bind to it."),
    doc(STORAGE_CLASS, "provisioner", "The driver that makes volumes of this class."),
    doc(STORAGE_CLASS, "reclaimPolicy", "What becomes of a volume when its claim is deleted: `Delete` (default) or `Retain`."),
    doc(STORAGE_CLASS, "volumeBindingMode", "When a volume is made: `Immediate`, or `WaitForFirstConsumer`, when a pod needs it."),
    doc(STORAGE_CLASS, "allowVolumeExpansion", "Whether a claim of this class may grow."),
    doc(SERVICE, "sessionAffinity", "`ClientIP` sends connections of one client to the same pod. The default is `None`."),
    doc(SERVICE, "externalTrafficPolicy", "`Local` sends connections from outside to pods of the same node only, and keeps the address of the client."),
    doc(SERVICE, "loadBalancerIP", "The address that is wished for. Not every provider supports it."),
    doc(CLUSTER_ROLE, "rules", ROLES),
    doc(ROLE, "rules", ROLES),
    doc(RULE, "resourceNames", "Names of objects that the rule is limited to. A list cannot be limited in this way."),
    doc(CLUSTER_BINDING, "roleRef", WHICH_ROLE),
    doc(CLUSTER_BINDING, "subjects", TO_WHOM),
    doc(BINDING, "roleRef", WHICH_ROLE),
    doc(BINDING, "subjects", TO_WHOM),
    doc(ROLE_REF, "apiGroup", "`rbac.authorization.k8s.io`, the group of roles."),
    doc(ROLE_REF, "name", "The name of the role. If there is none, the binding gives no rights, without an error."),
    doc(SUBJECT, "name", "The name of the ServiceAccount, user or group."),
    doc(SUBJECT, "apiGroup", "Empty for a ServiceAccount, `rbac.authorization.k8s.io` for users and groups."),
    doc(INGRESS, "ingressClassName", "The class of the controller that serves the Ingress. Without a controller nothing happens."),
    doc(INGRESS, "rules", "Which host and path lead to which Service."),
    doc(INGRESS, "tls", "Hosts that are served with TLS, and the Secrets with their certificates."),
    doc(INGRESS_RULE, "host", "The host name of the request; without it every host."),
    doc(INGRESS_RULE, "http", "The paths of this host."),
    doc(INGRESS_PATHS, "paths", "Paths with the Service behind each. The longest that fits is taken."),
    doc(INGRESS_PATH, "path", "The path of the request, as `pathType` reads it."),
    doc(INGRESS_PATH, "pathType", "`Exact`, `Prefix` (whole elements of the path), or `ImplementationSpecific`."),
    doc(INGRESS_PATH, "backend", "The Service that answers."),
    doc(INGRESS_BACKEND, "service", "The Service and its port."),
    doc(INGRESS_SERVICE, "name", "The Service, in the namespace of the Ingress."),
    doc(INGRESS_SERVICE, "port", "The port of the Service, by number or by name."),
    doc(INGRESS_PORT, "number", "The number of the port of the Service, not that of the pod."),
    doc(INGRESS_PORT, "name", "The name of the port of the Service."),
    doc(POLICY, "egress", "Where the selected pods may connect to. If egress is restricted, everything that no rule allows is dropped, DNS too."),
    doc(CONFIG_MAP, "binaryData", "Values in base64, for files that are no text."),
    doc(CONFIG_MAP, "immutable", "Whether the data can never change."),
    doc(SECRET, "type", "What the keys mean: `Opaque` (default) for anything, `kubernetes.io/tls` for a certificate."),
    doc(SECRET, "immutable", "Whether the data can never change."),
];
