//! Services and Ingresses with the pods and Services that they lead to.

use super::{GraphBuilder, Health, Line, simple};
use kubernetes::controllers::target_port;
use kubernetes::objects::{
    Kind, ObjectOrigin, ObjectRef, Resource, Service, ServicePort, contains_all,
};

impl GraphBuilder<'_> {
    /// Adds a Service and its edges to the pods that it selects.
    pub(super) fn service(&mut self, service: &Service) {
        if service.meta.origin == ObjectOrigin::BuiltIn {
            return;
        }
        let (health, state, reason) = self.service_state(service);
        let mut node = simple(&service.reference(), 0, service.meta.place());
        node.lines = service.ports.iter().map(port_line).collect();
        (node.health, node.state, node.reason) = (health, state, reason);
        let Some(from) = self.add(service.reference(), node) else { return };
        if service.selector.is_empty() {
            return;
        }
        let state = self.state;
        let selected = state
            .cluster
            .pods
            .in_namespace(&service.meta.namespace.value)
            .filter(|pod| contains_all(&service.selector, &pod.meta.labels));
        for pod in selected {
            let Some(to) = self.known.get(&pod.reference()).copied() else { continue };
            let ports: Vec<String> = service
                .ports
                .iter()
                .map(|port| match target_port(pod, port) {
                    Some(target) => format!("{} → {}", port.port.value, target.value),
                    None => format!("{} → no such port", port.port.value),
                })
                .collect();
            let broken = service.ports.iter().any(|port| target_port(pod, port).is_none());
            let health = match (broken, pod.status.is_ready()) {
                (true, _) => Health::Bad,
                (false, true) => Health::Good,
                (false, false) => Health::Waiting,
            };
            self.edge(from, to, ports.join(", "), health, service.selector_at);
        }
    }

    /// Health, state and reason of a Service.
    fn service_state(&self, service: &Service) -> (Health, String, Option<String>) {
        if service.is_external_name() {
            let state = format!("leads to {}", service.external_name.value);
            return (Health::Neutral, state, None);
        }
        let meta = &service.meta;
        let endpoints = self.state.cluster.endpoints.get(&meta.namespace.value, &meta.name.value);
        let mut subsets = endpoints.iter().flat_map(|one| &one.subsets);
        if subsets.any(|subset| !subset.addresses.is_empty()) {
            return (Health::Good, service.service_type.value.to_string(), None);
        }
        let reason = "The selector matches no ready pod with these ports, so connections are refused at once.";
        (Health::Bad, "no ready endpoints".into(), Some(reason.to_owned()))
    }

    /// Adds all Ingresses and their edges to Services.
    pub(super) fn ingresses(&mut self) {
        let state = self.state;
        for ingress in &state.cluster.ingresses {
            let mut node = simple(&ingress.reference(), 0, ingress.meta.place());
            let mut services = Vec::new();
            for rule in &ingress.rules {
                for path in rule.paths.iter().flatten() {
                    let service = ObjectRef {
                        kind: Kind::Service,
                        namespace: ingress.meta.namespace.value.clone(),
                        name: path.service.value.clone(),
                    };
                    let known = self.known.get(&service).copied();
                    let text =
                        format!("{}{} → {}", rule.host.value, path.path.value, path.service.value);
                    let health = if known.is_some() { Health::Good } else { Health::Bad };
                    node.health = node.health.max(health);
                    let label = format!("{}{}", rule.host.value, path.path.value);
                    services.extend(known.map(|known| (known, label, path.service.at)));
                    node.lines.push(Line { text, health, at: path.service.at });
                }
            }
            let Some(from) = self.add(ingress.reference(), node) else { continue };
            for (to, label, at) in services {
                let health = self.health(to);
                self.edge(from, to, label, health, at);
            }
        }
    }
}

/// A port in the notation of kubectl: `80:30080/TCP http`.
fn port_line(port: &ServicePort) -> Line {
    let node_port = port.node_port.map_or(String::new(), |one| format!(":{}", one.value));
    let name = match &*port.name.value {
        "" => String::new(),
        name => format!(" {name}"),
    };
    let text = format!("{}{node_port}/{}{name}", port.port.value, port.protocol);
    Line { text, health: Health::Neutral, at: port.port.at }
}
