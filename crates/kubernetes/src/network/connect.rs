//! The way of a connection: name, Service, endpoint, policy, pod, program.

use super::policy::{self, Denied, Direction, Party};
use super::{Connection, ConnectionSource, Layer, Network, Remedy, Server, in_words};
use crate::cluster::Cluster;
use crate::controllers::{API_SERVER_PORT, cluster_dns_ip};
use crate::dns::{self, Found, NoAnswer, Resolution};
use crate::objects::{
    EndpointAddress, ObjectRef, Pod, PortTarget, Resource, Service, StringMap, Text,
};
use text::{Applicability, Fix};

/// Words of Go for a dial that takes longer than the scrape may.
const DEADLINE: &str = "context deadline exceeded";

/// Connects from a pod to a TCP port. Of several endpoints the one of number `pick` answers, so
/// that a caller who counts reaches all of them in turn.
pub fn connect(
    network: Network<'_>,
    from: ConnectionSource<'_>,
    host: &str,
    port: i32,
    pick: usize,
) -> Connection {
    let resolution = dns::resolve(&network.state.cluster, from.namespace, host);
    connect_to(network, from, &resolution, port, pick)
}

/// The same with the answer of DNS.
pub fn connect_to(
    network: Network<'_>,
    from: ConnectionSource<'_>,
    resolution: &Resolution,
    port: i32,
    pick: usize,
) -> Connection {
    let dialer = Dialer { network, from, host: &resolution.host, port, pick };
    if !(0..=65535).contains(&port) {
        return Connection::failed(
            Layer::ServicePort,
            format!("dial tcp: address {port}: invalid port"),
            "A port is a number up to 65535.".to_owned(),
        );
    }
    if needs_dns(resolution)
        && let Some(blocked) = dialer.dns_blocked()
    {
        return blocked;
    }
    match &resolution.found {
        Found::Literal(ip) => dialer.address(ip),
        Found::Localhost => dialer.localhost(),
        Found::ClusterIp { ip, .. } => dialer.address(ip),
        Found::Pods { service, ips } => dialer.headless(service, ips),
        Found::Pod { ip } => dialer.address(ip),
        Found::External(name) => Connection::connected(
            Server::External { host: name.clone(), port },
            format!("{name} lies outside of the cluster; nothing is known here of what answers."),
        ),
        Found::Nothing(why) => dialer.no_such_host(resolution, why),
    }
}

fn needs_dns(resolution: &Resolution) -> bool {
    !matches!(resolution.found, Found::Literal(_) | Found::Localhost)
}

struct Dialer<'a> {
    network: Network<'a>,
    from: ConnectionSource<'a>,
    host: &'a str,
    port: i32,
    pick: usize,
}

impl<'a> Dialer<'a> {
    fn cluster(&self) -> &'a Cluster {
        &self.network.state.cluster
    }

    fn source(&self) -> Option<&'a Pod> {
        let name = self.from.pod?;
        self.cluster().pods.get(self.from.namespace, name).map(|pod| &**pod)
    }

    /// `10.96.12.7:8000`, or `[fd00::1]:8000`.
    fn at(&self, ip: &str, port: i32) -> String {
        if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
    }

    fn refused(&self, ip: &str, port: i32) -> String {
        format!("dial tcp {}: connect: connection refused", self.at(ip, port))
    }

    fn no_such_host(&self, resolution: &Resolution, why: &NoAnswer) -> Connection {
        let lookup = resolution.error(self.cluster()).unwrap_or_default();
        let error = format!("dial tcp: {lookup}");
        let host = self.host;
        match why {
            NoAnswer::Unknown { similar } => {
                let mut explanation = format!(
                    "The cluster's DNS knows no name {host}: seen from namespace {}, no Service is called that.",
                    self.from.namespace
                );
                if let Some(nearest) = similar.first() {
                    explanation.push_str(&format!(
                        " There is a {}.",
                        in_words(&nearest.service, self.from.namespace)
                    ));
                }
                let mut failed = Connection::failed(Layer::Dns, error, explanation);
                for suggestion in similar {
                    let (namespace, name) =
                        (&suggestion.service.namespace, &suggestion.service.name);
                    let Some(service) = self.cluster().services.get(namespace, name) else {
                        continue;
                    };
                    let port = service
                        .ports
                        .iter()
                        .map(|one| one.port.value)
                        .find(|one| *one == self.port)
                        .or_else(|| service.ports.first().map(|one| one.port.value))
                        .unwrap_or(self.port);
                    let why =
                        format!("{} exists", in_words(&suggestion.service, self.from.namespace));
                    failed = failed
                        .with_related(
                            service.meta.name.at,
                            format!("Service {name} is defined here"),
                        )
                        .with_remedy(Remedy::Address {
                            text: format!("{}:{port}", suggestion.host),
                            why,
                        });
                }
                failed
            }
            NoAnswer::HeadlessWithoutPods { service } => {
                let explanation = format!(
                    "{} is headless: its name stands for the addresses of its ready pods, and it has none.",
                    in_words(service, self.from.namespace)
                );
                let failed = Connection::failed(Layer::Dns, error, explanation);
                self.with_selector(failed, service)
            }
            NoAnswer::Loop => Connection::failed(
                Layer::Dns,
                error,
                format!("{host} is an ExternalName that leads back to itself."),
            ),
        }
    }

    /// A policy that lets the pod reach nobody also keeps it from the DNS server.
    fn dns_blocked(&self) -> Option<Connection> {
        let source = self.source()?;
        let mut labels = StringMap::default();
        labels.set("k8s-app", "kube-dns");
        let server = Party {
            pod: None,
            namespace: "kube-system",
            labels: &labels,
            ip: cluster_dns_ip(self.cluster()),
        };
        let denied = policy::check(self.cluster(), &Party::of(source), &server, 53, "UDP").err()?;
        let explanation = format!(
            "{} lets the pod not even ask the DNS server: its egress rules have no entry for UDP port 53 of kube-system.",
            self.policies(&denied)
        );
        Some(self.denied(explanation, &denied))
    }

    fn policies(&self, denied: &Denied) -> String {
        let names: Vec<String> =
            denied.policies.iter().map(|one| in_words(one, self.from.namespace)).collect();
        names.join(" and ")
    }

    fn denied(&self, explanation: String, denied: &Denied) -> Connection {
        let mut failed = Connection::failed(Layer::NetworkPolicy, DEADLINE.into(), explanation);
        for policy in &denied.policies {
            let meta = self.cluster().meta(policy.kind, &policy.namespace, &policy.name);
            if let Some(meta) = meta {
                failed =
                    failed.with_related(Some(meta.name_place()), "this policy selects the pod");
            }
        }
        failed
    }

    /// An address of any kind.
    fn address(&self, ip: &str) -> Connection {
        if let Some(service) = self.service_at(ip) {
            return self.service(service, ip);
        }
        if ip == "127.0.0.1" || ip == "::1" {
            return self.localhost();
        }
        if let Some(failed_or_not) = self.node(ip) {
            return failed_or_not;
        }
        self.pod_address(ip, self.port, None)
    }

    fn service_at(&self, ip: &str) -> Option<&'a Service> {
        let has = |service: &Service| {
            &*service.cluster_ip.value == ip
                || service.load_balancer_ingress_ips.iter().any(|one| &**one == ip)
        };
        self.cluster().services.iter().find(|service| has(service)).map(|service| &**service)
    }

    fn service(&self, service: &'a Service, ip: &str) -> Connection {
        let reference = service.reference();
        let words = in_words(&reference, self.from.namespace);
        let port = service
            .ports
            .iter()
            .find(|port| port.port.value == self.port && &*port.protocol == "TCP");
        let Some(port) = port else {
            return self.no_such_port(service, &words);
        };
        let name = Some(port.name.value.clone());
        let (namespace, service_name) = (&reference.namespace, &reference.name);
        let mut ready: Vec<(&EndpointAddress, i32)> = Vec::new();
        let endpoints = self.cluster().endpoints.get(namespace, service_name);
        for subset in endpoints.iter().flat_map(|endpoints| &endpoints.subsets) {
            let target = subset.ports.iter().find(|one| {
                one.name == name && one.protocol.as_deref().is_none_or(|one| one == "TCP")
            });
            if let Some(target) = target.and_then(|target| target.port) {
                ready.extend(subset.addresses.iter().map(|address| (address, target.value)));
            }
        }
        let Some((address, target)) = ready.get(self.pick % ready.len().max(1)) else {
            return self.no_endpoints(service, ip, &words);
        };
        if &**namespace == "default" && &**service_name == "kubernetes" {
            return Connection::connected(
                Server::ApiServer,
                "The Service kubernetes leads to the API server, which speaks HTTPS.".into(),
            );
        }
        let mut connection = self.pod_address(&address.ip.value, *target, Some((ip, service)));
        if let super::DialResult::Failed { layer: Layer::NotListening, .. } = connection.outcome {
            connection = self.with_target_port(connection, port, *target, &address.ip.value);
        }
        connection
    }

    fn no_such_port(&self, service: &Service, words: &str) -> Connection {
        let ports: Vec<String> =
            service.ports.iter().map(|port| port.port.value.to_string()).collect();
        let udp = service.ports.iter().any(|port| port.port.value == self.port);
        let has = match (udp, ports.len()) {
            (true, _) => format!("has port {} for UDP only", self.port),
            (_, 0) => "has no ports".into(),
            (_, 1) => format!("has only port {}", ports.join("")),
            _ => format!("has only the ports {}", ports.join(", ")),
        };
        let explanation = format!(
            "{words} {has}. kube-proxy has no rule for port {}, so nobody answers and the scrape runs into its timeout.",
            self.port
        );
        let mut failed = Connection::failed(Layer::ServicePort, DEADLINE.into(), explanation);
        for port in service.ports.iter().filter(|port| &*port.protocol == "TCP").take(3) {
            let number = port.port.value;
            failed = failed
                .with_related(port.port.at, format!("the Service's port {number}"))
                .with_remedy(Remedy::Address {
                    text: format!("{}:{number}", self.host),
                    why: format!("{words} has port {number}"),
                });
        }
        if let (Some(at), [only]) = (service.ports.first().and_then(|port| port.port.at), &*ports) {
            let title = format!("Change the Service's port from {only} to {}", self.port);
            failed = failed.with_remedy(Remedy::Edit(Fix::replace(
                title,
                Applicability::Suggestion,
                at,
                self.port.to_string(),
            )));
        }
        failed
    }

    fn no_endpoints(&self, service: &Service, ip: &str, words: &str) -> Connection {
        let reference = service.reference();
        let error = self.refused(ip, self.port);
        let state = self.network.state;
        let selected: Vec<&Pod> = self
            .cluster()
            .pods
            .in_namespace(&reference.namespace)
            .filter(|pod| {
                !service.selector.is_empty()
                    && crate::objects::contains_all(&service.selector, &pod.meta.labels)
            })
            .map(|pod| &**pod)
            .collect();
        let explanation = if service.selector.is_empty() {
            format!("{words} has no selector, and nobody wrote Endpoints for it.")
        } else if selected.is_empty() {
            format!(
                "The selector of {words} matches no pod, so the Service has no endpoints and the connection is refused at once."
            )
        } else if selected.iter().any(|pod| pod.status.is_ready()) {
            format!(
                "The targetPort of {words} names a port that no container of its pods has, so the Service has no endpoints for port {}.",
                self.port
            )
        } else {
            let why = selected.iter().find_map(|pod| {
                let report = state.report(&pod.meta.namespace.value, &pod.meta.name.value)?;
                Some(format!(
                    " Pod {} is {}: {}",
                    pod.meta.name.value,
                    report.status,
                    report.cause.as_ref().map_or("not ready.", |cause| &cause.message)
                ))
            });
            format!(
                "{words} selects {} pod(s), but none is ready, so the connection is refused at once.{}",
                selected.len(),
                why.unwrap_or_default()
            )
        };
        let mut failed = Connection::failed(Layer::NoEndpoints, error, explanation);
        for pod in &selected {
            let report = state.report(&pod.meta.namespace.value, &pod.meta.name.value);
            if let Some(cause) = report.and_then(|report| report.cause.as_ref()) {
                failed = failed.with_related(cause.at, cause.message.clone());
                break;
            }
        }
        let targets = service.ports.iter().filter(|port| port.port.value == self.port);
        for port in targets.filter(|_| !selected.is_empty()) {
            if let PortTarget::Name(name) = &port.target_port.target {
                failed = failed.with_related(port.target_port.at, format!("targetPort {name}"));
            }
        }
        self.with_selector(failed, &reference)
    }

    fn with_selector(&self, failed: Connection, service: &ObjectRef) -> Connection {
        match self.cluster().services.get(&service.namespace, &service.name) {
            Some(service) => failed.with_related(
                service.selector_at.or(service.meta.name.at),
                "the Service's selector",
            ),
            None => failed,
        }
    }

    /// A headless Service's name: the pods themselves, on the port that was asked for; the
    /// Service's ports count for nothing.
    fn headless(&self, service: &ObjectRef, ips: &[Text]) -> Connection {
        let ip = ips.get(self.pick % ips.len().max(1)).cloned().unwrap_or_default();
        let mut connection = self.pod_address(&ip, self.port, None);
        if !connection.is_connected() {
            connection.explanation = format!(
                "{} is headless, so its name leads straight to a pod, past the Service's ports. {}",
                in_words(service, self.from.namespace),
                connection.explanation
            );
        }
        connection
    }

    /// A node's address: node ports, the API server, the kubelet, pods on the node's network.
    fn node(&self, ip: &str) -> Option<Connection> {
        let node = self
            .cluster()
            .nodes
            .iter()
            .find(|node| node.addresses.iter().any(|address| &*address.address.value == ip))?;
        let by_node_port = self.cluster().services.iter().find_map(|service| {
            let port = service.ports.iter().find(|port| {
                service.has_node_ports() && port.node_port.is_some_and(|one| one.value == self.port)
            })?;
            Some((service, port.port.value))
        });
        if let Some((service, port)) = by_node_port {
            let dialer = Dialer { port, ..*self };
            return Some(dialer.service(service, &service.cluster_ip.value));
        }
        if self.port == node.kubelet_port {
            let name = node.meta.name.value.clone();
            let explanation = format!("The kubelet of node {name} answers; it speaks HTTPS.");
            return Some(Connection::connected(Server::Kubelet { node: name }, explanation));
        }
        if self.port == API_SERVER_PORT || self.port == 6443 {
            let explanation = "The API server answers; it speaks HTTPS.".into();
            return Some(Connection::connected(Server::ApiServer, explanation));
        }
        Some(self.pod_address(ip, self.port, None))
    }

    fn localhost(&self) -> Connection {
        let Some(pod) = self.source() else {
            return Connection::failed(
                Layer::NotListening,
                self.refused("::1", self.port),
                "localhost is the pod that asks.".into(),
            );
        };
        match self.listener(pod, self.port) {
            Some(container) => Connection::connected(
                self.server(pod, container),
                format!("localhost is the pod itself; its container {container} answers."),
            ),
            None => Connection::failed(
                Layer::NotListening,
                self.refused("::1", self.port),
                format!(
                    "localhost is the pod of Prometheus itself ({}), where nothing listens on port {}. Another pod is reached by its Service's name.",
                    pod.meta.name.value, self.port
                ),
            ),
        }
    }

    fn server(&self, pod: &Pod, container: &str) -> Server {
        Server::Container {
            namespace: pod.meta.namespace.value.clone(),
            pod: pod.meta.name.value.clone(),
            container: container.into(),
            port: self.port,
        }
    }

    /// The container of a pod that listens on a port. A container that is not running listens on
    /// nothing.
    fn listener<'p>(&self, pod: &'p Pod, port: i32) -> Option<&'p str> {
        pod.spec
            .running_containers()
            .find(|container| {
                let status = pod
                    .status
                    .container_statuses
                    .iter()
                    .chain(&pod.status.init_container_statuses)
                    .find(|status| status.name == container.name.value);
                let runs = status.is_none_or(|status| {
                    use crate::objects::ContainerState;
                    matches!(status.state, ContainerState::Running | ContainerState::Unknown)
                });
                runs && (self.network.listens)(pod, container, port)
            })
            .map(|container| &*container.name.value)
    }

    /// A pod's address, directly or through a Service with its address.
    fn pod_address(&self, ip: &str, port: i32, via: Option<(&str, &Service)>) -> Connection {
        // The client only ever sees the address that it dialed.
        let (dialed, dialled_port) = via.map_or((ip, port), |(service, _)| (service, self.port));
        let pods: Vec<&Pod> = self.network.state.pods_at(ip).collect();
        let through = via.map_or(String::new(), |(_, service)| {
            format!("{} leads to ", in_words(&service.reference(), self.from.namespace))
        });
        let Some(first) = pods.first() else {
            return self.nobody_at(ip, dialed, dialled_port, via.is_some());
        };
        if let Some(source) = self.source() {
            let checked =
                policy::check(self.cluster(), &Party::of(source), &Party::of(first), port, "TCP");
            if let Err(denied) = checked {
                let side = match denied.direction {
                    Direction::Egress => "out of the pod of Prometheus",
                    Direction::Ingress => "into the pod",
                };
                let explanation = format!(
                    "{} does not let the connection {side} {} on port {port}; the packets are dropped and the scrape runs into its timeout.",
                    self.policies(&denied),
                    first.meta.name.value
                );
                return self.denied(explanation, &denied);
            }
        }
        for pod in &pods {
            if let Some(container) = self.listener(pod, port) {
                let dialer = Dialer { port, ..*self };
                let explanation = format!(
                    "{through}pod {}, where container {container} answers on port {port}.",
                    pod.meta.name.value
                );
                return Connection::connected(
                    dialer.server(pod, container),
                    capitalize(explanation),
                );
            }
        }
        self.not_listening(first, port, through, self.refused(dialed, dialled_port))
    }

    fn nobody_at(&self, ip: &str, dialed: &str, port: i32, via_service: bool) -> Connection {
        let inside = in_pod_range(self.cluster(), ip);
        if !inside && !via_service {
            let node = self
                .cluster()
                .nodes
                .iter()
                .any(|node| node.addresses.iter().any(|address| &*address.address.value == ip));
            if node {
                return Connection::failed(
                    Layer::NotListening,
                    self.refused(ip, port),
                    format!("{ip} is a node, where nothing listens on port {port}."),
                );
            }
        }
        if !inside {
            return Connection::connected(
                Server::External { host: ip.to_owned(), port },
                format!(
                    "{ip} is no address of the cluster; nothing is known here of what answers."
                ),
            );
        }
        Connection::failed(
            Layer::NoPod,
            format!("dial tcp {}: connect: no route to host", self.at(dialed, port)),
            format!(
                "No pod has the address {ip}. Addresses of pods change whenever a pod is made anew; a Service's name stays."
            ),
        )
    }

    fn not_listening(&self, pod: &Pod, port: i32, through: String, error: String) -> Connection {
        let name = &pod.meta.name.value;
        let report = self.network.state.report(&pod.meta.namespace.value, name);
        let cause = report.and_then(|report| report.cause.as_ref());
        let open: Vec<String> = pod
            .spec
            .running_containers()
            .flat_map(|container| container.ports.iter().map(move |port| (container, port)))
            .filter(|(container, one)| {
                (self.network.listens)(pod, container, one.container_port.value)
            })
            .map(|(container, one)| {
                format!("{} ({})", one.container_port.value, container.name.value)
            })
            .collect();
        let mut explanation =
            format!("{through}pod {name}, but nothing in it listens on port {port}");
        match (cause, open.is_empty()) {
            (Some(cause), _) => {
                let status = report.map(|report| report.status.clone()).unwrap_or_default();
                explanation.push_str(&format!(", for it is {status}: {}", cause.message));
            }
            (None, false) => explanation.push_str(&format!("; open are {}.", open.join(", "))),
            (None, true) => explanation.push('.'),
        }
        let failed = Connection::failed(Layer::NotListening, error, capitalize(explanation));
        let mut failed = failed.with_related(cause.and_then(|cause| cause.at), "the reason");
        if cause.is_none() {
            for container in &pod.spec.containers {
                for one in &container.ports {
                    let message = format!(
                        "container {} has port {}",
                        container.name.value, one.container_port.value
                    );
                    failed = failed.with_related(one.container_port.at, message);
                }
            }
        }
        failed
    }

    /// A Service that leads to a port on which its pod does not listen.
    fn with_target_port(
        &self,
        mut failed: Connection,
        port: &crate::objects::ServicePort,
        target: i32,
        ip: &str,
    ) -> Connection {
        failed = failed.with_related(
            port.target_port.at,
            format!("the Service sends connections to port {target}"),
        );
        let pod = self.network.state.pods_at(ip).next();
        let open = pod.and_then(|pod| {
            pod.spec.running_containers().find_map(|container| {
                let mut numbers = container.ports.iter().map(|one| one.container_port.value);
                numbers.find(|number| (self.network.listens)(pod, container, *number))
            })
        });
        let numeric = matches!(port.target_port.target, PortTarget::Number(_));
        if let (Some(open), Some(at), true) = (open, port.target_port.at, numeric) {
            // Without a targetPort the place is that of the port itself, which stays as it is.
            if port.port.at != Some(at) {
                failed = failed.with_remedy(Remedy::Edit(Fix::replace(
                    format!("Set the Service's targetPort to {open}"),
                    Applicability::Suggestion,
                    at,
                    open.to_string(),
                )));
            }
        }
        failed
    }
}

/// Whether pods get their addresses from the range that an address is in.
fn in_pod_range(cluster: &Cluster, ip: &str) -> bool {
    ip.starts_with("10.244.")
        || policy::in_cidr("10.96.0.0/12", ip)
        || cluster.pods.iter().any(|pod| {
            let prefix = |ip: &str| ip.rsplit_once(['.', ':']).map(|(prefix, _)| prefix.to_owned());
            !pod.status.pod_ip.is_empty() && prefix(&pod.status.pod_ip) == prefix(ip)
        })
}

fn capitalize(text: String) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().collect::<String>() + chars.as_str(),
        None => text,
    }
}
