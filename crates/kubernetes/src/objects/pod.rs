//! Pods: what is asked for (`spec`), and what the kubelet reports (`status`).

use super::meta::resource;
use super::{Field, ObjectMeta, StringMap, Text};
use text::Location;

#[derive(Clone, Debug, Default)]
pub struct Pod {
    pub meta: ObjectMeta,
    pub spec: PodSpec,
    pub status: PodStatus,
}

resource!(Pod);

#[derive(Clone, Debug, Default)]
pub struct PodSpec {
    pub containers: Vec<Container>,
    pub init_containers: Vec<Container>,
    pub volumes: Vec<Volume>,
    /// Empty until the pod is scheduled.
    pub node_name: Field<Text>,
    pub node_selector: StringMap,
    pub tolerations: Vec<Toleration>,
    pub host_network: bool,
    pub hostname: Text,
    pub subdomain: Text,
    /// `default` where none is given.
    pub service_account_name: Field<Text>,
    /// Not set: the ServiceAccount decides.
    pub automount_token: Option<bool>,
    /// `Always` where none is given.
    pub restart_policy: Text,
    pub scheduler_name: Text,
    pub run_as_user: Option<i64>,
    pub fs_group: Option<i64>,
    pub location: Option<Location>,
}

impl PodSpec {
    /// Containers, then init containers: the order in which Prometheus makes targets of them.
    pub fn all_containers(&self) -> impl Iterator<Item = (&Container, bool)> {
        let main = self.containers.iter().map(|container| (container, false));
        main.chain(self.init_containers.iter().map(|container| (container, true)))
    }

    /// Containers that run as long as the pod does: all but the init containers that are no
    /// sidecars.
    pub fn running_containers(&self) -> impl Iterator<Item = &Container> {
        let sidecars = self.init_containers.iter().filter(|container| container.is_sidecar());
        self.containers.iter().chain(sidecars)
    }

    pub fn volume(&self, name: &str) -> Option<&Volume> {
        self.volumes.iter().find(|volume| &*volume.name.value == name)
    }
}

/// Lets a pod onto nodes with a taint.
#[derive(Clone, Debug, Default)]
pub struct Toleration {
    /// Empty, with the operator `Exists`, tolerates every taint.
    pub key: Text,
    pub exists: bool,
    /// The value that the taint must have, except with the operator `Exists`.
    pub value: Text,
    /// Empty stands for every effect.
    pub effect: Text,
}

#[derive(Clone, Debug, Default)]
pub struct Container {
    pub name: Field<Text>,
    pub image: Field<Text>,
    pub command: Vec<Field<Text>>,
    pub args: Vec<Field<Text>>,
    pub ports: Vec<ContainerPort>,
    pub env: Vec<EnvVar>,
    pub env_from: Vec<EnvFrom>,
    pub volume_mounts: Vec<VolumeMount>,
    pub readiness_probe: Option<Probe>,
    pub liveness_probe: Option<Probe>,
    pub startup_probe: Option<Probe>,
    pub memory_limit: Option<Field<Text>>,
    pub memory_request: Option<Field<Text>>,
    pub cpu_limit: Option<Field<Text>>,
    pub cpu_request: Option<Field<Text>>,
    /// Only init containers have one; `Always` makes a sidecar of it.
    pub restart_policy: Text,
    pub location: Option<Location>,
}

impl Container {
    pub fn is_sidecar(&self) -> bool {
        &*self.restart_policy == "Always"
    }
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct ContainerPort {
    /// Empty where the port has no name.
    pub name: Field<Text>,
    pub container_port: Field<i32>,
    /// `TCP` where none is given.
    pub protocol: Text,
    pub host_port: Option<i32>,
}

#[derive(Clone, Debug, Default)]
pub struct EnvVar {
    pub name: Field<Text>,
    pub value: Option<Field<Text>>,
    pub value_from: Option<KeySelector>,
}

/// A key of a ConfigMap or Secret that a variable takes its value from.
#[derive(Clone, Debug)]
pub struct KeySelector {
    pub source: SourceKind,
    pub name: Field<Text>,
    pub key: Field<Text>,
    pub optional: bool,
}

/// A ConfigMap or Secret of which every key becomes a variable.
#[derive(Clone, Debug)]
pub struct EnvFrom {
    pub source: SourceKind,
    pub name: Field<Text>,
    pub optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    ConfigMap,
    Secret,
}

#[derive(Clone, Debug, Default)]
pub struct VolumeMount {
    pub name: Field<Text>,
    pub mount_path: Field<Text>,
    /// Empty where the whole volume is mounted.
    pub sub_path: Field<Text>,
    pub read_only: bool,
    pub location: Option<Location>,
}

#[derive(Clone, Debug, Default)]
pub struct Volume {
    pub name: Field<Text>,
    pub source: VolumeSource,
    pub location: Option<Location>,
}

/// A file of a projected volume that the kubelet makes for the pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodFile {
    /// A token of the pod's ServiceAccount.
    Token,
    /// A field of the pod.
    DownwardApi,
}

#[derive(Clone, Debug, Default)]
pub enum VolumeSource {
    ConfigMap(Projection),
    Secret(Projection),
    /// ConfigMaps, Secrets and files about the pod in one directory.
    Projected {
        parts: Vec<(SourceKind, Projection)>,
        of_pod: Vec<(Text, PodFile)>,
    },
    PersistentVolumeClaim {
        claim_name: Field<Text>,
        read_only: bool,
    },
    EmptyDir,
    HostPath(Field<Text>),
    /// Any other source, by its key; where none is given Kubernetes refuses nothing and uses an
    /// empty directory.
    Other(Text),
    #[default]
    None,
}

/// Keys of a ConfigMap or Secret as files.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    pub name: Field<Text>,
    /// None stands for every key, each under its own name.
    pub items: Option<Vec<KeyToPath>>,
    pub optional: bool,
}

#[derive(Clone, Debug, Default)]
pub struct KeyToPath {
    pub key: Field<Text>,
    pub path: Field<Text>,
}

#[derive(Clone, Debug, Default)]
pub struct Probe {
    /// `httpGet`, `tcpSocket`, `grpc`; nothing for `exec`.
    pub port: Option<PortRef>,
    /// The path of an `httpGet`.
    pub path: Field<Text>,
    pub is_http: bool,
    pub initial_delay_seconds: i64,
    pub period_seconds: i64,
    pub failure_threshold: i64,
    pub location: Option<Location>,
}

/// A port by number or by the name a container gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct PortRef {
    pub target: PortTarget,
    pub at: Option<Location>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortTarget {
    Number(i32),
    Name(Text),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodStatus {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`; empty where the status was not
    /// given.
    pub phase: Text,
    pub reason: Text,
    pub message: Text,
    /// Empty until the network is set up.
    pub pod_ip: Text,
    pub pod_ips: Vec<Text>,
    pub host_ip: Text,
    pub conditions: Vec<Condition>,
    pub container_statuses: Vec<ContainerStatus>,
    pub init_container_statuses: Vec<ContainerStatus>,
}

impl PodStatus {
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| &*condition.kind == kind)
    }

    pub fn is_ready(&self) -> bool {
        self.condition("Ready").is_some_and(|condition| &*condition.status == "True")
    }

    /// `true`, `false` or `unknown`, as Prometheus puts it into a label.
    pub fn ready_label(&self) -> &'static str {
        match self.condition("Ready").map(|condition| &*condition.status) {
            Some("True") => "true",
            Some("False") => "false",
            _ => "unknown",
        }
    }

    /// Returns true if the pod has ended and will not run again.
    pub fn is_terminal(&self) -> bool {
        matches!(&*self.phase, "Succeeded" | "Failed")
    }
}

/// A condition of a pod or node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// `Ready`, `MemoryPressure`, …
    pub kind: Text,
    /// `True`, `False` or `Unknown`.
    pub status: Text,
    pub reason: Text,
    pub message: Text,
}

impl Condition {
    pub fn new(kind: &str, status: bool) -> Self {
        let status = if status { "True" } else { "False" };
        Self { kind: kind.into(), status: status.into(), ..Self::default() }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerStatus {
    pub name: Text,
    pub ready: bool,
    pub restart_count: i64,
    pub image: Text,
    pub image_id: Text,
    /// `containerd://…`; empty before the container was started.
    pub container_id: Text,
    pub state: ContainerState,
    /// The reason and the exit code of the last run; None if it has not ended.
    pub last_end: Option<(Text, i64)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum ContainerState {
    #[default]
    Unknown,
    Running,
    /// Not running, with the reason that `kubectl get pods` shows in STATUS.
    Waiting {
        reason: Text,
        message: Text,
    },
    Terminated {
        reason: Text,
        exit_code: i64,
        message: Text,
    },
}
