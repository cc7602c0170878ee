//! The steps of a connection: DNS, Service, endpoint, network policy, pod, program.

use super::failures::capitalize;
use super::policy::{self, Direction, Party};
use super::{Connection, ConnectionSource, DialResult, Layer, Network, Server, in_words};
use crate::cluster::Cluster;
use crate::controllers::{API_SERVER_PORT, cluster_dns_ip};
use crate::dns::{self, Found, Resolution};
use crate::objects::{EndpointAddress, ObjectRef, Pod, Resource, Service, StringMap, Text};
use go::net::join_host_port;

/// Connects to a TCP port of a host. `pick` selects one of several endpoints, modulo their number.
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

/// Connects to a TCP port of a host whose DNS answer is known.
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
        Found::Localhost => dialer.localhost("::1"),
        Found::ClusterIp { ip, .. } => dialer.address(ip),
        Found::Pods { service, ips } => dialer.headless(service, ips),
        Found::Pod { ip } => dialer.address(ip),
        Found::External(name) => Connection::connected(
            Server::External { host: name.clone(), port },
            format!("{name} is outside of the cluster, and no file says what answers there."),
        ),
        Found::Nothing(why) => dialer.no_such_host(resolution, why),
    }
}

fn needs_dns(resolution: &Resolution) -> bool {
    !matches!(resolution.found, Found::Literal(_) | Found::Localhost)
}

/// One attempt to connect.
pub(super) struct Dialer<'a> {
    pub network: Network<'a>,
    pub from: ConnectionSource<'a>,
    pub host: &'a str,
    pub port: i32,
    /// Selects one of several endpoints.
    pub pick: usize,
}

impl<'a> Dialer<'a> {
    pub(super) fn cluster(&self) -> &'a Cluster {
        &self.network.state.cluster
    }

    pub(super) fn source(&self) -> Option<&'a Pod> {
        let name = self.from.pod?;
        self.cluster().pods.get(self.from.namespace, name).map(|pod| &**pod)
    }

    /// `10.96.12.7:8000`, or `[fd00::1]:8000`.
    pub(super) fn at(&self, ip: &str, port: i32) -> String {
        join_host_port(ip, port)
    }

    pub(super) fn refused(&self, ip: &str, port: i32) -> String {
        format!("dial tcp {}: connect: connection refused", self.at(ip, port))
    }

    /// Returns the failure of a DNS query that a network policy drops.
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

    /// Connects to an IP address.
    fn address(&self, ip: &str) -> Connection {
        if let Some(service) = self.service_at(ip) {
            return self.service(service, ip);
        }
        if ip == "127.0.0.1" || ip == "::1" {
            return self.localhost(ip);
        }
        if let Some(failed_or_not) = self.node(ip) {
            return failed_or_not;
        }
        self.pod_address(ip, self.port, None)
    }

    pub(super) fn service_at(&self, ip: &str) -> Option<&'a Service> {
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
        if let DialResult::Failed { layer: Layer::NotListening, .. } = connection.outcome {
            connection = self.with_target_port(connection, port, *target, &address.ip.value);
        }
        connection
    }

    /// Connects to a pod of a headless Service. The ports of the Service are not used.
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

    /// Connects to a node: node ports, kubelet, API server, pods on the host network.
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

    /// Connects to the pod itself, at its address `ip`.
    fn localhost(&self, ip: &str) -> Connection {
        let Some(pod) = self.source() else {
            return Connection::failed(
                Layer::NotListening,
                self.refused(ip, self.port),
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
                self.refused(ip, self.port),
                format!(
                    "localhost is the pod of Prometheus itself ({}), where nothing listens on port {}. Another pod is reached by its Service's name.",
                    pod.meta.name.value, self.port
                ),
            ),
        }
    }

    pub(super) fn server(&self, pod: &Pod, container: &str) -> Server {
        Server::Container {
            namespace: pod.meta.namespace.value.clone(),
            pod: pod.meta.name.value.clone(),
            container: container.into(),
            port: self.port,
        }
    }

    /// Returns the running container of a pod that listens on a port.
    pub(super) fn listener<'p>(&self, pod: &'p Pod, port: i32) -> Option<&'p str> {
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

    /// Connects to a pod, directly or through the Service `via` with its IP.
    fn pod_address(&self, ip: &str, port: i32, via: Option<(&str, &Service)>) -> Connection {
        // Errors name the address that the client dialed.
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
}
