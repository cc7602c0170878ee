//! Connections of a server in the cluster: names, Services, pods, TLS.

use std::collections::BTreeSet;

use cluster::program::{HttpAnswer, HttpRequest};

use discovery::{Access, Record, RecordType, Resolver};
use go::Duration;
use kubernetes::controllers::{ClusterState, cluster_dns_ip};
use kubernetes::dns::{self, Found};
use kubernetes::network::{
    ConnectionSource, DialResult, Layer, Network as ClusterNetwork, Server, connect,
};
use kubernetes::objects::{Container, Pod};
use promql::Timestamp;
use server::network::{Answer, ClusterView, Exchange, Network, Outgoing, RequestOutcome};

use crate::components::Component;
use crate::disturbances::Disturbances;
use crate::server::ContainerName;

/// The end of a connection to a port that a Service lacks, or to an address that no pod has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServicePorts {
    /// No rule of kube-proxy matches, and the packets are lost. No host has the address.
    #[default]
    Drop,
    /// The connection is refused: one host has the addresses of all Services and pods.
    Refuse,
}

/// The network as a server sees it.
pub(crate) struct Surroundings<'a> {
    pub cluster: &'a mut cluster::Cluster,
    pub state: &'a ClusterState,
    pub revision: u64,
    pub access: &'a dyn Access,
    /// The namespace whose names are found without it.
    pub namespace: &'a str,
    /// The pod of the server; None if it runs beside the cluster.
    pub pod: Option<&'a str>,
    /// The container of the server, whose process is taken out, and the port of the server.
    pub own: Option<(&'a ContainerName, u16)>,
    pub service_ports: ServicePorts,
    /// Pods that the network does not reach, by namespace and name.
    pub cut: &'a BTreeSet<(String, String)>,
    pub disturbances: &'a Disturbances,
    /// Counts connections: Services spread them over their endpoints.
    pub connections: &'a mut usize,
}

/// The parts of a URL: scheme, host, port, and the path with the query.
fn parts(url: &str) -> Option<(&str, String, i32, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let usual = if scheme == "https" { 443 } else { 80 };
    match go::net::split_host_port(authority) {
        Ok((host, port)) => Some((scheme, host.to_owned(), port.parse().ok()?, path)),
        Err(_) => {
            let host = authority.trim_start_matches('[').trim_end_matches(']');
            Some((scheme, host.to_owned(), usual, path))
        }
    }
}

/// The time of a round trip in the cluster.
const ROUND_TRIP: Duration = Duration(3);

fn failed(error: impl Into<String>, takes: Duration) -> Exchange {
    Exchange { outcome: RequestOutcome::Failed(error.into()), takes }
}

impl Surroundings<'_> {
    fn dial(&self, host: &str, port: i32, now: Timestamp) -> DialResult {
        let kubelets = &self.cluster.kubelets;
        let listens = |pod: &Pod, container: &Container, port: i32| {
            let (namespace, pod) = (&pod.meta.namespace.value, &pod.meta.name.value);
            let port = u16::try_from(port).unwrap_or_default();
            let container = &container.name.value;
            self.is_own(namespace, pod, container, port)
                || kubelets.listens(namespace, pod, container, port, now)
        };
        let network = ClusterNetwork { state: self.state, listens: &listens };
        let from = ConnectionSource { namespace: self.namespace, pod: self.pod };
        connect(network, from, host, port, *self.connections).outcome
    }

    /// True for the listener of the server itself.
    fn is_own(&self, namespace: &str, pod: &str, container: &str, port: u16) -> bool {
        self.own.is_some_and(|(own, listens)| {
            listens == port
                && own.namespace == namespace
                && own.pod == pod
                && own.container == container
        })
    }

    /// True if packets between this pod and a server are lost.
    fn is_cut(&self, server: &Server, now: Timestamp) -> bool {
        let cut = |namespace: &str, pod: &str| {
            self.cut.iter().any(|(one, name)| one == namespace && name == pod)
        };
        let other = match server {
            Server::Container { namespace, pod, container, port } => {
                let own = self.pod == Some(&**pod) && **namespace == *self.namespace;
                if own {
                    return false;
                }
                let process = format!("{namespace}/{pod}/{container}:{port}");
                cut(namespace, pod) || self.disturbances.effects(&process, now).cut
            }
            _ => false,
        };
        let is_own = |pod: &str| {
            cut(self.namespace, pod) || self.disturbances.cuts_off(self.namespace, pod, now)
        };
        other || self.pod.is_some_and(is_own)
    }

    fn no_such_host(&self, host: &str) -> String {
        let server = cluster_dns_ip(&self.state.cluster);
        format!("dial tcp: lookup {host} on {server}:53: no such host")
    }

    fn connected(
        &mut self,
        server: &Server,
        request: &Outgoing,
        url: (&str, &str, &str),
        now: Timestamp,
    ) -> Exchange {
        match server {
            Server::Container { .. } if url.0 == "https" => {
                failed("http: server gave HTTP response to HTTPS client", ROUND_TRIP)
            }
            Server::Container { namespace, pod, container, port } => {
                let port = u16::try_from(*port).unwrap_or_default();
                if self.is_own(namespace, pod, container, port) {
                    let path = if url.2.is_empty() { "/" } else { url.2 };
                    return Exchange {
                        outcome: RequestOutcome::Own(path.to_owned()),
                        takes: ROUND_TRIP,
                    };
                }
                let Outgoing { method, headers, body, .. } = request;
                let mut headers = headers.clone();
                if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Host")) {
                    headers.push(("Host".to_owned(), url.1.to_owned()));
                }
                let asked = HttpRequest { port, method, path: url.2, headers: &headers, body };
                let kubelets = &mut self.cluster.kubelets;
                match kubelets.http(namespace, pod, container, asked, now) {
                    Some(answer) => exchange(answer),
                    None => failed("EOF", ROUND_TRIP),
                }
            }
            // Nothing is known beyond the cluster: no name outside of it resolves.
            Server::External { .. } => failed(self.no_such_host(url.1), ROUND_TRIP),
            // A server beside the cluster answers its own requests; nothing else runs there.
            Server::Prometheus => failed("EOF", ROUND_TRIP),
            Server::ApiServer | Server::Kubelet { .. } => {
                let cluster = &self.state.cluster;
                let component = Component { cluster, kubelets: &self.cluster.kubelets };
                let outcome = component.answer(server, request, url);
                Exchange { outcome: outcome.into(), takes: ROUND_TRIP }
            }
        }
    }
}

fn exchange(answer: HttpAnswer) -> Exchange {
    let HttpAnswer { status, body, delay, headers, error } = answer;
    if let Some(error) = error {
        return failed(error, ROUND_TRIP);
    }
    let takes = Duration(ROUND_TRIP.millis().saturating_add(delay));
    Exchange { outcome: RequestOutcome::Answered(Answer { status, headers, body }), takes }
}

impl Resolver for Surroundings<'_> {
    fn resolve(&self, name: &str, record_type: RecordType) -> Option<Vec<Record>> {
        let cluster = &self.state.cluster;
        if record_type == RecordType::Srv {
            let found = dns::lookup_srv(cluster, self.namespace, name);
            let records = found.into_iter().map(|one| Record::Srv {
                target: format!("{}.", one.target.trim_end_matches('.')).into(),
                port: u16::try_from(one.port).unwrap_or_default(),
            });
            return Some(records.collect()).filter(|records: &Vec<_>| !records.is_empty());
        }
        let addresses = match dns::resolve(cluster, self.namespace, name).found {
            Found::Literal(ip) | Found::ClusterIp { ip, .. } | Found::Pod { ip } => vec![ip],
            Found::Pods { ips, .. } => ips,
            Found::Localhost => vec!["127.0.0.1".into()],
            Found::External(_) | Found::Nothing(_) => return None,
        };
        let wanted = |ip: &str| match record_type {
            RecordType::A => !ip.contains(':'),
            RecordType::Aaaa => ip.contains(':'),
            _ => false,
        };
        let addresses = addresses.into_iter().filter(|ip| wanted(ip));
        Some(addresses.map(Record::Address).collect())
    }
}

impl Network for Surroundings<'_> {
    fn send(&mut self, request: &Outgoing, now: Timestamp) -> Exchange {
        let Some((scheme, host, port, path)) = parts(&request.url) else {
            return failed("unsupported protocol scheme \"\"", Duration(0));
        };
        *self.connections = self.connections.wrapping_add(1);
        match self.dial(&host, port, now) {
            DialResult::Connected(server) if self.is_cut(&server, now) => {
                failed("context deadline exceeded", request.timeout)
            }
            DialResult::Connected(server) => {
                self.connected(&server, request, (scheme, &host, path), now)
            }
            DialResult::Failed { layer: Layer::ServicePort | Layer::NoPod, .. }
                if self.service_ports == ServicePorts::Refuse =>
            {
                let found = dns::resolve(&self.state.cluster, self.namespace, &host).found;
                let address = match found {
                    Found::ClusterIp { ip, .. } | Found::Literal(ip) => ip.to_string(),
                    _ => host,
                };
                let address = go::net::join_host_port(&address, port);
                failed(format!("dial tcp {address}: connect: connection refused"), ROUND_TRIP)
            }
            DialResult::Failed { error, .. } => {
                let late = error.contains("deadline exceeded") || error.contains("i/o timeout");
                failed(error, if late { request.timeout } else { ROUND_TRIP })
            }
        }
    }

    fn cluster(&self, api_server: &str) -> Option<ClusterView<'_>> {
        let own = api_server.is_empty() || api_server.contains("://kubernetes.default.svc");
        own.then_some(ClusterView { cluster: &self.state.cluster, access: self.access })
    }

    fn revision(&self) -> u64 {
        self.revision
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_parts() {
        for (url, expected) in [
            ("http://a:1/m?x=y", Some(("http", "a", 1, "/m?x=y"))),
            ("https://a", Some(("https", "a", 443, ""))),
            ("http://10.0.0.1/metrics", Some(("http", "10.0.0.1", 80, "/metrics"))),
            ("http://[fd00::1]:9/x", Some(("http", "fd00::1", 9, "/x"))),
            ("http://[fd00::1]/x", Some(("http", "fd00::1", 80, "/x"))),
            ("http://a:b/x", None),
            ("a", None),
        ] {
            let found = parts(url);
            let found =
                found.as_ref().map(|(scheme, host, port, path)| (*scheme, &**host, *port, *path));
            assert_eq!(found, expected, "{url}");
        }
    }
}
