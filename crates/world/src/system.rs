//! The clock of the world, the servers, and their turns.

use std::collections::BTreeMap;

use cluster::Cluster;
use promql::Timestamp;
use server::{Files, Host, Process, Request, Response, Started, start};

use crate::account::{AccountAccess, ServiceAccount};
use crate::network::{ServicePorts, Surroundings};
use crate::view::View;

/// A Prometheus server that runs beside the cluster, with the files, variables and permissions of a
/// pod.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The arguments after the name of the program.
    pub args: Vec<String>,
    /// Texts by absolute path.
    pub files: Vec<(String, String)>,
    pub account: ServiceAccount,
    pub hostname: String,
}

/// A server of the world.
pub struct PrometheusServer {
    pub account: ServiceAccount,
    pub host: Host,
    pub process: Box<Process>,
    /// Connections that the server has made.
    connections: usize,
}

/// A cluster and the servers that watch it.
pub struct World {
    pub cluster: Cluster,
    pub service_ports: ServicePorts,
    servers: Vec<PrometheusServer>,
    view: View,
}

impl World {
    /// A world without servers.
    pub fn new(cluster: Cluster) -> Self {
        let (service_ports, servers, view) = Default::default();
        Self { cluster, service_ports, servers, view }
    }

    /// The clock, in milliseconds since the epoch.
    pub fn now(&self) -> Timestamp {
        self.cluster.now()
    }

    pub fn servers(&self) -> &[PrometheusServer] {
        &self.servers
    }

    pub fn server_mut(&mut self, number: usize) -> Option<&mut PrometheusServer> {
        self.servers.get_mut(number)
    }

    /// Starts a server now. Returns its number, or the reason why it has ended at once.
    pub fn start_server(&mut self, options: &ServerOptions) -> Result<usize, Started> {
        let mut files = Files::new("/prometheus", options.files.iter().cloned());
        options.account.mount(&mut files);
        let variables = [
            ("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
            ("KUBERNETES_SERVICE_PORT", "443"),
            ("HOSTNAME", &options.hostname),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let host = Host {
            files,
            environment: BTreeMap::from(variables),
            hostname: options.hostname.clone(),
            writable: vec!["/prometheus".to_owned()],
            ..Host::default()
        };
        match start(&options.args, &host, self.now()) {
            Started::Running(process) => {
                let account = options.account.clone();
                self.servers.push(PrometheusServer { account, host, process, connections: 0 });
                Ok(self.servers.len() - 1)
            }
            ended @ Started::Ended { .. } => Err(ended),
        }
    }

    /// Sends a request to a server. None if there is no such server, or if nothing listens.
    pub fn request(&mut self, number: usize, request: &Request) -> Option<Response> {
        let server = self.servers.get_mut(number)?;
        server.process.request(request, &server.host)
    }

    /// The time at which something happens next.
    pub fn next_time(&mut self) -> Option<Timestamp> {
        let servers = self.servers.iter().filter_map(|server| server.process.next_time());
        servers.chain(self.cluster.next_time()).min()
    }

    /// Lets time pass until `to`, in milliseconds since the epoch.
    pub fn advance(&mut self, to: Timestamp) {
        while let Some(at) = self.next_time().filter(|at| *at <= to) {
            self.step(at);
        }
        self.step(to);
    }

    /// Does what is due at a time: first the cluster, then each server.
    fn step(&mut self, at: Timestamp) {
        self.cluster.advance(at);
        for server in &mut self.servers {
            if server.process.next_time().is_none_or(|next| next > at) {
                server.process.pass(at);
                continue;
            }
            self.view.update(&self.cluster.server);
            let PrometheusServer { account, host, process, connections } = server;
            let access = AccountAccess::new(&self.view.state.cluster, account);
            let mut surroundings = Surroundings {
                cluster: &mut self.cluster,
                state: &self.view.state,
                revision: self.view.revision,
                access: &access,
                namespace: &account.namespace,
                pod: None,
                service_ports: self.service_ports,
                connections,
            };
            process.advance(at, host, &mut surroundings);
        }
    }
}
