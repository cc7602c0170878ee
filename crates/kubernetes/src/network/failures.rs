//! Connections that fail: the layer, the error, the explanation, and fixes.

use super::connect::Dialer;
use super::policy::{self, Denied};
use super::{Connection, Layer, Remedy, Server, in_words};
use crate::cluster::Cluster;
use crate::dns::{NoAnswer, Resolution};
use crate::objects::{
    ObjectRef, Pod, PortTarget, Resource, Service, ServicePort, Workload, contains_all,
};
use text::{Applicability, Fix};

/// The error of a dial that exceeds the scrape timeout.
const DEADLINE: &str = "context deadline exceeded";

impl Dialer<'_> {
    pub(super) fn no_such_host(&self, resolution: &Resolution, why: &NoAnswer) -> Connection {
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

    pub(super) fn policies(&self, denied: &Denied) -> String {
        let names: Vec<String> =
            denied.policies.iter().map(|one| in_words(one, self.from.namespace)).collect();
        names.join(" and ")
    }

    pub(super) fn denied(&self, explanation: String, denied: &Denied) -> Connection {
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

    pub(super) fn no_such_port(&self, service: &Service, words: &str) -> Connection {
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

    pub(super) fn no_endpoints(&self, service: &Service, ip: &str, words: &str) -> Connection {
        let reference = service.reference();
        let error = self.refused(ip, self.port);
        let state = self.network.state;
        let selected: Vec<&Pod> = self
            .cluster()
            .pods
            .in_namespace(&reference.namespace)
            .filter(|pod| {
                !service.selector.is_empty() && contains_all(&service.selector, &pod.meta.labels)
            })
            .map(|pod| &**pod)
            .collect();
        let empty = state.without_replicas(&reference.namespace, &service.selector);
        let explanation = self.why_no_endpoints(service, &selected, empty, words);
        let mut failed = Connection::failed(Layer::NoEndpoints, error, explanation);
        if let (true, Some(workload)) = (selected.is_empty(), empty) {
            let at = workload.replicas.and_then(|replicas| replicas.at);
            return failed.with_related(at, "the number of replicas");
        }
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

    /// The reason for which a Service has no endpoints. `selected` are its pods, `empty` is a workload
    /// without replicas whose pods it would select.
    fn why_no_endpoints(
        &self,
        service: &Service,
        selected: &[&Pod],
        empty: Option<&Workload>,
        words: &str,
    ) -> String {
        let state = self.network.state;
        if service.selector.is_empty() {
            format!("{words} has no selector, and no Endpoints are written for it.")
        } else if let (true, Some(workload)) = (selected.is_empty(), empty) {
            format!(
                "{} has 0 replicas, so {words} has no endpoints and the connection is refused at once.",
                workload.reference()
            )
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
        }
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

    pub(super) fn nobody_at(
        &self,
        ip: &str,
        dialed: &str,
        port: i32,
        via_service: bool,
    ) -> Connection {
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
                format!("{ip} is no address of the cluster, and no file says what answers there."),
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

    pub(super) fn not_listening(
        &self,
        pod: &Pod,
        port: i32,
        through: String,
        error: String,
    ) -> Connection {
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

    /// Adds the targetPort of the Service to a failure, and a fix if another port is open.
    pub(super) fn with_target_port(
        &self,
        mut failed: Connection,
        port: &ServicePort,
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
            // Without a targetPort the location is that of the port, which must not change.
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

/// Returns true if the address is in the range of pod or Service addresses.
fn in_pod_range(cluster: &Cluster, ip: &str) -> bool {
    ip.starts_with("10.244.")
        || policy::in_cidr("10.96.0.0/12", ip)
        || cluster.pods.iter().any(|pod| {
            let prefix = |ip: &str| ip.rsplit_once(['.', ':']).map(|(prefix, _)| prefix.to_owned());
            !pod.status.pod_ip.is_empty() && prefix(&pod.status.pod_ip) == prefix(ip)
        })
}

pub(super) fn capitalize(text: String) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().collect::<String>() + chars.as_str(),
        None => text,
    }
}
