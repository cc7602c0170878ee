//! The programs in containers and the metrics that they expose: from a file of the workspace, else
//! from the scenario, else from the table of known images and ports.

use std::fmt;
use std::sync::Arc;

use super::tls_programs;
use crate::workspace::sources::{Source, Sources};
use kubernetes::controllers::ClusterState;
use kubernetes::images::{WithoutMetrics, without_metrics};
use kubernetes::listeners::{Listener, exposes_metrics, flag_value, listeners};
use kubernetes::objects::{Container, DataEntry, Pod, SourceKind};
use kubernetes::prometheus;
use protocol::ProcessKey;
use scenarios::{Scenario, WorkloadRule};
use simulation::workload::{Match, WorkloadFile, WorkloadQuery, library};
use simulation::world::ProcessSpec;
use text::{Diagnostic, Location, Span};
use world::workloads::{Catalog, ContainerFacts, Described, Served, allows, unknown};

/// The catalog of a workspace: its workload files, and the rules of its scenario.
pub fn catalog(files: &Sources, scenario: Option<&Scenario>) -> Catalog {
    let described = written(files).map(|(_, file)| Described {
        matches: file.own.matches.clone(),
        workload: file.workload.clone(),
    });
    Catalog {
        described: described.collect(),
        rules: scenario.map_or(&[][..], |scenario| scenario.workloads),
    }
}

/// The workload files, in the order of the catalog.
fn written(files: &Sources) -> impl Iterator<Item = (&Arc<Source>, &WorkloadFile)> {
    files.iter().filter_map(|source| Some((source, &source.workload.as_ref()?.file)))
}

/// The programs of a workspace.
#[derive(Clone, Copy)]
pub struct Programs<'a> {
    /// Made by [`catalog`] from `files`.
    pub catalog: &'a Catalog,
    pub files: &'a Sources,
}

/// A container of a pod and one of its ports.
#[derive(Clone, Copy)]
pub struct Spot<'a> {
    pub pod: &'a Pod,
    pub container: &'a Container,
    pub port: i32,
}

/// The ports of a container that its text names.
struct NamedPorts {
    /// The TCP ports that it declares.
    declared: Vec<u16>,
    /// The addresses of its flags.
    listeners: Vec<Listener>,
}

impl NamedPorts {
    fn of(container: &Container) -> Self {
        let tcp = container.ports.iter().filter(|port| &*port.protocol == "TCP");
        let declared = tcp.filter_map(|port| u16::try_from(port.container_port.value).ok());
        Self {
            declared: declared.collect(),
            listeners: listeners(&container.image.value, &arguments(container)),
        }
    }
}

fn arguments(container: &Container) -> Vec<&str> {
    container.command.iter().chain(&container.args).map(|one| &*one.value).collect()
}

fn facts<'a>(pod: &'a Pod, container: &'a Container, ports: &'a NamedPorts) -> ContainerFacts<'a> {
    ContainerFacts {
        image: &container.image.value,
        container: &container.name.value,
        namespace: &pod.meta.namespace.value,
        declared: &ports.declared,
        listeners: &ports.listeners,
    }
}

impl Spot<'_> {
    fn wanted(&self) -> Option<WorkloadQuery<'_>> {
        Some(WorkloadQuery {
            image: &self.container.image.value,
            container: &self.container.name.value,
            namespace: &self.pod.meta.namespace.value,
            port: u16::try_from(self.port).ok()?,
        })
    }

    fn id(&self) -> ProcessId {
        let Self { pod, container, port } = self;
        let (namespace, name) = (&pod.meta.namespace.value, &pod.meta.name.value);
        ProcessId::container(namespace, name, &container.name.value, *port)
    }

    /// Calls a function with the facts about the container and the port.
    fn ask<T>(&self, ask: impl FnOnce(ContainerFacts<'_>, u16) -> Option<T>) -> Option<T> {
        let port = u16::try_from(self.port).ok()?;
        ask(facts(self.pod, self.container, &NamedPorts::of(self.container)), port)
    }
}

/// Identifies a process of the simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessId {
    /// A port of a container in a pod.
    Container(ProcessKey),
    /// The Prometheus server itself, if it runs in no pod.
    Server,
    /// A program outside of the cluster, by `host:port`.
    Address(String),
    /// A container of a Compose file, by the name of its service.
    Service(String),
    /// A path of the API server.
    ApiServer(&'static str),
    /// A path of the kubelet of a node.
    Kubelet { node: String, path: &'static str },
    /// A server that answers every request with an HTTP status.
    HttpStatus(u16),
}

impl ProcessId {
    pub fn container(namespace: &str, pod: &str, container: &str, port: i32) -> Self {
        Self::Container(ProcessKey {
            namespace: namespace.to_owned(),
            pod: pod.to_owned(),
            container: container.to_owned(),
            port,
        })
    }

    /// The key of the process in the simulation.
    pub fn key(&self) -> Arc<str> {
        self.to_string().into()
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(key) => key.fmt(f),
            Self::Server => f.write_str(SERVER),
            Self::Address(address) => write!(f, "address {address}"),
            Self::Service(name) => write!(f, "service {name}"),
            Self::ApiServer(path) => write!(f, "apiserver {path}"),
            Self::Kubelet { node, path } => write!(f, "kubelet {node} {path}"),
            Self::HttpStatus(code) => write!(f, "HTTP {code}"),
        }
    }
}

/// The names of the workloads of the cluster's own programs.
const SERVER: &str = "prometheus";

/// The paths of the API server with metrics, and the workloads that expose them.
///
/// Source: k8s.io/apiserver/pkg/server/options; k8s.io/component-base/metrics/prometheus/slis.
const API_SERVER: [(&str, &str); 2] =
    [("/metrics", "apiserver"), ("/metrics/slis", "component-slis")];
/// The paths of the kubelet with metrics, and the workloads that expose them.
///
/// Source: Kubernetes pkg/kubelet/server/server.go `InstallAuthNotRequiredHandlers`.
const KUBELET: [(&str, &str); 4] = [
    ("/metrics", "kubelet"),
    ("/metrics/cadvisor", "cadvisor"),
    ("/metrics/probes", "kubelet-probes"),
    ("/metrics/slis", "component-slis"),
];

/// Returns the process at a path of the API server.
pub fn api_server(path: &str) -> Option<ProcessId> {
    API_SERVER.iter().find(|(own, _)| *own == path).map(|(path, _)| ProcessId::ApiServer(path))
}

/// Returns the process at a path of a node's kubelet.
pub fn kubelet(node: &str, path: &str) -> Option<ProcessId> {
    let (path, _) = KUBELET.iter().find(|(own, _)| *own == path)?;
    Some(ProcessId::Kubelet { node: node.to_owned(), path })
}

/// The HTTP statuses of programs without metrics.
const STATUSES: [u16; 4] = [400, 401, 403, 404];

/// Processes that do not run in pods of the manifests: servers that answer with a status, the API
/// server, and the kubelet of each node.
fn outside_pods(state: &ClusterState) -> Vec<ProcessSpec> {
    let mut specs: Vec<ProcessSpec> = STATUSES.into_iter().filter_map(status_server).collect();
    let own = API_SERVER.iter();
    specs.extend(own.filter_map(|(path, name)| known(ProcessId::ApiServer(path), name, path)));
    for node in state.cluster.nodes.iter() {
        specs.extend(KUBELET.iter().filter_map(|(path, name)| {
            let node = node.meta.name.value.to_string();
            known(ProcessId::Kubelet { node, path }, name, path)
        }));
    }
    specs
}

/// A process of the library's workload with this name.
fn known(id: ProcessId, workload: &str, path: &str) -> Option<ProcessSpec> {
    let workload = library().by_name(workload)?.clone();
    Some(ProcessSpec { key: id.key(), workload, path: path.into(), status: None, started: None })
}

/// Prometheus itself, if it runs in no pod.
pub fn server() -> Option<ProcessSpec> {
    known(ProcessId::Server, SERVER, "/metrics")
}

fn status_server(code: u16) -> Option<ProcessSpec> {
    Some(ProcessSpec {
        key: ProcessId::HttpStatus(code).key(),
        workload: unknown()?.clone(),
        path: "".into(),
        status: Some(code),
        started: None,
    })
}

impl<'a> Programs<'a> {
    fn written(self) -> impl Iterator<Item = (&'a Arc<Source>, &'a WorkloadFile)> {
        written(self.files)
    }

    /// Returns the file that describes a program; the first of several.
    pub fn file_for(self, spot: Spot<'_>) -> Option<(&'a Arc<Source>, &'a WorkloadFile)> {
        let at = spot.ask(|facts, port| self.catalog.described_at(facts, port))?;
        self.written().nth(at)
    }

    /// The programs that run in the cluster's pods and answer requests.
    pub fn processes(self, state: &ClusterState) -> Vec<ProcessSpec> {
        let mut specs = outside_pods(state);
        specs.extend(self.spots(state).filter_map(|spot| self.process(spot)));
        specs.extend(self.addresses().map(|(address, file)| ProcessSpec {
            key: ProcessId::Address(address.to_string()).key(),
            workload: file.workload.clone(),
            path: file.workload.path.clone(),
            status: None,
            started: None,
        }));
        specs
    }

    /// Addresses outside of the cluster with the files that describe what answers there.
    pub fn addresses(self) -> impl Iterator<Item = (&'a Arc<str>, &'a WorkloadFile)> {
        self.written().flat_map(|(_, file)| {
            file.own.matches.iter().filter_map(move |rule| Some((rule.address.as_ref()?, file)))
        })
    }

    /// Returns all ports of all containers on which a program is known to listen.
    pub fn spots(self, state: &ClusterState) -> impl Iterator<Item = Spot<'_>> {
        let containers =
            state.cluster.pods.iter().flat_map(|pod| {
                pod.spec.running_containers().map(move |container| (pod, container))
            });
        containers.flat_map(move |(pod, container)| {
            self.ports(pod, container).into_iter().map(move |port| Spot { pod, container, port })
        })
    }

    fn ports(self, pod: &Pod, container: &Container) -> Vec<i32> {
        let mut ports = self.catalog.ports(facts(pod, container, &NamedPorts::of(container)));
        ports.extend(prometheus_port(container).and_then(|port| u16::try_from(port).ok()));
        ports.sort_unstable();
        ports.dedup();
        ports.into_iter().map(i32::from).collect()
    }

    /// Returns the scenario's rule for a port, unless a file describes the program.
    pub fn rule(self, spot: Spot<'_>) -> Option<&'static WorkloadRule> {
        spot.ask(|facts, port| self.catalog.rule(facts, port))
    }

    /// Returns the program of a public image that has no metrics, if neither a file nor the scenario
    /// says what the container runs.
    pub fn without_metrics(self, spot: Spot<'_>) -> Option<&'static WithoutMetrics> {
        let image = &spot.container.image.value;
        let port = u16::try_from(spot.port).ok()?;
        let is_known = self.file_for(spot).is_some()
            || self.rule(spot).is_some()
            || library().for_container(image, port).is_some();
        without_metrics(image).filter(|_| !is_known)
    }

    /// Returns the container of the same pod to which a proxy passes requests on.
    ///
    /// Source: kube-rbac-proxy cmd/kube-rbac-proxy/app/options, `--upstream`.
    fn upstream(self, spot: Spot<'_>) -> Option<Spot<'_>> {
        let Spot { pod, container, port } = spot;
        tls_programs::find(container, port).filter(|program| program.is_proxy())?;
        let url = flag_value(&arguments(container), "--upstream")?;
        let (_, address) = url.split_once("://")?;
        let port: i32 = address.split('/').next()?.rsplit_once(':')?.1.parse().ok()?;
        let others =
            pod.spec.running_containers().filter(|one| one.name.value != container.name.value);
        let mut listening = others.filter(|one| {
            let named = NamedPorts::of(one).listeners;
            self.listens(pod, one, port) || named.iter().any(|own| i32::from(own.port) == port)
        });
        Some(Spot { pod, container: listening.next()?, port })
    }

    /// Returns true if something says what the program at a port answers: a file, the scenario, or
    /// its image. Nothing is known about other programs, whatever their ports are called.
    pub fn is_known(self, spot: Spot<'_>) -> bool {
        if let Some(upstream) = self.upstream(spot) {
            return self.is_known(upstream);
        }
        let Spot { container, port, .. } = spot;
        let image = &container.image.value;
        let of_image = |port| {
            library().for_container(image, port).is_some()
                || exposes_metrics(image, &NamedPorts::of(container).listeners, port)
        };
        self.file_for(spot).is_some()
            || self.rule(spot).is_some()
            || without_metrics(image).is_some()
            || u16::try_from(port).is_ok_and(of_image)
            || prometheus::is_prometheus(container)
            || tls_programs::find(container, port).is_some()
    }

    /// Returns the process at a port.
    fn process(self, spot: Spot<'_>) -> Option<ProcessSpec> {
        if !self.is_known(spot) {
            return None;
        }
        let key = spot.id().key();
        let answering = self.upstream(spot).unwrap_or(spot);
        let served = answering.ask(|facts, port| self.catalog.served(facts, port))?;
        // Programs that do not speak HTTP are told apart by the routes.
        let Served { workload, path, status, hosts, .. } = served;
        // The status for other hosts is that of a route.
        let status = status.filter(|_| hosts.is_none());
        Some(ProcessSpec { key, workload, path, status, started: None })
    }

    /// The status with which a program answers requests for a host that it does not answer to.
    pub fn refuses_host(self, spot: Spot<'_>, state: &ClusterState, host: &str) -> Option<u16> {
        let served = spot.ask(|facts, port| self.catalog.served(facts, port))?;
        let namespace = &spot.pod.meta.namespace.value;
        let list = variable(state, namespace, spot.container, served.hosts?);
        served.status.filter(|_| !allows(list.as_deref(), host))
    }

    /// Returns true if a container listens on a port: Prometheus on the port of its flags, any other
    /// program on those of the catalog.
    pub fn listens(self, pod: &Pod, container: &Container, port: i32) -> bool {
        if let Some(own) = prometheus_port(container) {
            return port == own;
        }
        let ports = NamedPorts::of(container);
        let facts = facts(pod, container, &ports);
        u16::try_from(port).is_ok_and(|port| self.catalog.listens(facts, port))
    }

    /// Returns findings about workload files that match no container, or that another file overrides.
    pub fn check(self, state: &ClusterState) -> Vec<Diagnostic> {
        let spots: Vec<Spot<'_>> = self.spots(state).collect();
        self.written().filter_map(|(source, file)| self.unused(source, file, &spots)).collect()
    }

    fn unused(
        self,
        source: &Source,
        file: &WorkloadFile,
        spots: &[Spot<'_>],
    ) -> Option<Diagnostic> {
        let at = Location::new(source.id, head_span(source));
        let fits = |spot: &&Spot<'_>| {
            spot.wanted()
                .is_some_and(|wanted| file.own.matches.iter().any(|rule| rule.fits(wanted)))
        };
        let mut fitting = spots.iter().filter(fits).peekable();
        let has_address = file.own.matches.iter().any(|rule| rule.address.is_some());
        if fitting.peek().is_none() && !has_address {
            let help = match source.parsed.documents.is_empty() {
                true => {
                    "Say which container or address at the top: `# for: container=web port=8080`, `# for: address=host:80`."
                }
                false => "Say which container: `matches: [{ container: web, port: 8080 }]`.",
            };
            let message = "No container here exposes this";
            return Some(Diagnostic::warning("workload-fits-nothing", at, message).with_help(help));
        }
        let other = fitting.find_map(|spot| {
            self.file_for(*spot).filter(|(first, _)| first.id != source.id).map(|(first, _)| first)
        })?;
        let message = format!("{} comes first and fits a container that this fits too", other.name);
        Some(Diagnostic::info("workload-overruled", at, message))
    }
}

/// The value of an environment variable of a container. A variable of `env` hides one of `envFrom`.
fn variable(
    state: &ClusterState,
    namespace: &str,
    container: &Container,
    name: &str,
) -> Option<String> {
    let value = |source: SourceKind, object: &str, key: &str| {
        let data: &[DataEntry] = match source {
            SourceKind::ConfigMap => &state.cluster.config_maps.get(namespace, object)?.data,
            SourceKind::Secret => &state.cluster.secrets.get(namespace, object)?.data,
        };
        data.iter().find(|entry| *entry.key == *key).map(|entry| entry.value.to_string())
    };
    if let Some(own) = container.env.iter().rev().find(|one| *one.name.value == *name) {
        return match &own.value_from {
            Some(from) => value(from.source, &from.name.value, &from.key.value),
            None => own.value.as_ref().map(|field| field.value.to_string()),
        };
    }
    container.env_from.iter().rev().find_map(|from| value(from.source, &from.name.value, name))
}

/// Returns the span of the `matches` of a file.
fn head_span(source: &Source) -> Span {
    let entry = source.parsed.root().and_then(|root| root.entry("matches"));
    if let Some(entry) = entry {
        return entry.key.span;
    }
    let line = source.text.lines().next().unwrap_or_default();
    Span::new(0, line.len() as u32)
}

/// A rule in words: `container web, port 8080`.
pub fn in_words(rule: &Match) -> String {
    let named = [
        ("container", rule.container.as_deref()),
        ("namespace", rule.namespace.as_deref()),
        ("an image with", rule.image.as_deref()),
        ("address", rule.address.as_deref()),
    ];
    let named = named.into_iter().filter_map(|(word, value)| Some(format!("{word} {}", value?)));
    let port = rule.port.map(|port| format!("port {port}"));
    named.chain(port).collect::<Vec<_>>().join(", ")
}

fn prometheus_port(container: &Container) -> Option<i32> {
    if !prometheus::is_prometheus(container) {
        return None;
    }
    let flag = container.args.iter().chain(&container.command).find_map(|argument| {
        go::net::listen_port(argument.value.strip_prefix("--web.listen-address=")?).parse().ok()
    });
    Some(flag.unwrap_or(9090))
}
