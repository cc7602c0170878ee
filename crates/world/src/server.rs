//! A Prometheus server of the world: its process, and what surrounds it.

use std::collections::BTreeSet;
use std::fmt;

use cluster::Cluster;
use promql::Timestamp;
use server::{DataSource, Host, Process};

use crate::account::{AccountAccess, ServiceAccount};
use crate::disturbances::Disturbances;
use crate::network::{ServicePorts, Surroundings};
use crate::view::View;

/// A container of a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerName {
    pub namespace: String,
    pub pod: String,
    pub container: String,
}

/// A Prometheus server with its surroundings.
#[derive(Clone)]
pub struct PrometheusServer {
    pub account: ServiceAccount,
    pub host: Host,
    pub process: Box<Process>,
    /// The container in which it runs; None if it runs beside the cluster.
    pub container: Option<ContainerName>,
    /// Connections that the server has made.
    pub(crate) connections: usize,
}

impl fmt::Debug for PrometheusServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrometheusServer")
            .field("account", &self.account)
            .field("container", &self.container)
            .field("phase", &self.process.phase())
            .finish_non_exhaustive()
    }
}

/// The surroundings of a server or another program.
pub(crate) struct Outside<'a> {
    pub cluster: &'a mut Cluster,
    pub view: &'a View,
    pub service_ports: ServicePorts,
    pub cut: &'a BTreeSet<(String, String)>,
    pub disturbances: &'a Disturbances,
    /// The origin of the data of servers that start.
    pub data: DataSource,
}

impl PrometheusServer {
    /// The port on which the server listens.
    pub fn port(&self) -> u16 {
        let address = self.process.flags.get("web.listen-address");
        go::net::listen_port(address).parse().unwrap_or_default()
    }

    /// Lets the time of the server pass until `to`, in milliseconds since the epoch.
    pub(crate) fn advance(&mut self, to: Timestamp, outside: &mut Outside<'_>) {
        if self.process.next_time().is_none_or(|next| next > to) {
            return self.process.pass(to);
        }
        let port = self.port();
        let Self { account, host, process, container, connections } = self;
        let access = AccountAccess::new(&outside.view.state.cluster, account);
        let mut surroundings = Surroundings {
            cluster: outside.cluster,
            state: &outside.view.state,
            revision: outside.view.revision,
            access: &access,
            namespace: container.as_ref().map_or(&account.namespace, |one| &one.namespace),
            pod: container.as_ref().map(|one| one.pod.as_str()),
            own: container.as_ref().map(|one| (one, port)),
            service_ports: outside.service_ports,
            cut: outside.cut,
            disturbances: outside.disturbances,
            connections,
        };
        process.advance(to, host, &mut surroundings);
    }
}
