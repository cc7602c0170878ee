//! The clock of the world, the programs that act by themselves, and their turns.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cluster::Cluster;
use cluster::kubelet::Active;
use cluster::program::{Process as Program, Programs};
use kubernetes::controllers::ClusterState;
use promql::Timestamp;
use promql::storage::Storage;
use server::{DataSource, Files, Host, Request, Response, Started, start};

use crate::account::ServiceAccount;
use crate::commands::Terminal;
use crate::disks::{Disks, Volume};
use crate::disturbances::Disturbances;
use crate::network::ServicePorts;
use crate::prometheus::PrometheusProgram;
use crate::reloader::Reloader;
use crate::server::{ContainerName, Outside, PrometheusServer};
use crate::view::View;
use crate::workloads::WorkloadProgram;

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

/// A server of the world: beside the cluster, in the order of the starts, or in a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServerId {
    Beside(usize),
    Container(ContainerName),
}

/// An event of a workload that a request has caused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caused {
    pub namespace: String,
    pub pod: String,
    pub container: String,
    pub port: u16,
    /// The stream of events of the workload.
    pub stream: Arc<str>,
}

/// A cluster and the servers that watch it.
///
/// A clone shares objects, typed views and stored samples with the original, and goes on by itself
/// from the same state.
#[derive(Clone)]
pub struct World {
    pub cluster: Cluster,
    pub service_ports: ServicePorts,
    servers: Vec<PrometheusServer>,
    pub(crate) view: Arc<View>,
    disks: Disks,
    /// Processes that acted in the last turn.
    known: Vec<Active>,
    pub terminal: Terminal,
    /// Pods that the network does not reach, by namespace and name.
    pub(crate) cut: BTreeSet<(String, String)>,
    data: DataSource,
    /// What acts on the programs.
    pub(crate) disturbances: Arc<Disturbances>,
    /// The programs without disturbances, if there have been some.
    pub(crate) undisturbed: Option<Arc<dyn Programs>>,
}

impl World {
    /// A world without servers beside the cluster. Prometheus runs in containers if the programs of
    /// the kubelets are those of [`crate::programs`].
    pub fn new(cluster: Cluster) -> Self {
        let (service_ports, servers, view, disks, known) = Default::default();
        let terminal = Terminal::default();
        let (cut, data, disturbances) = Default::default();
        Self {
            cluster,
            service_ports,
            servers,
            view,
            disks,
            known,
            terminal,
            cut,
            data,
            disturbances,
            undisturbed: None,
        }
    }

    /// Lets servers in containers that start from now on leave scrapes and evaluations to the owner
    /// of the world, who provides the data: see [`DataSource::Provided`].
    pub fn use_provided_data(&mut self) {
        self.data = DataSource::Provided;
    }

    /// Lets servers in containers that start from now on neither find nor scrape targets.
    pub fn leave_out_data(&mut self) {
        self.data = DataSource::Unused;
    }

    /// The typed objects of the API server, and a number that changes with them.
    pub fn objects(&mut self) -> (u64, &ClusterState) {
        let view = Arc::make_mut(&mut self.view);
        view.update(&self.cluster.server);
        (view.revision, &view.state)
    }

    /// Changes a server in a container. Returns None if there is none with the name.
    pub fn with_server<T>(
        &mut self,
        name: &ContainerName,
        change: impl FnOnce(&mut PrometheusServer) -> T,
    ) -> Option<T> {
        self.with_program(name, |program| program.server_mut().map(change)).flatten()
    }

    /// Takes the provided samples of a server that has ended since the last call.
    pub fn take_returned(&mut self) -> Option<Storage> {
        self.disks.take_returned()
    }

    fn with_program<T>(
        &mut self,
        name: &ContainerName,
        change: impl FnOnce(&mut PrometheusProgram) -> T,
    ) -> Option<T> {
        let active = self.known.iter().find(|active| {
            let program = self.program::<PrometheusProgram>(active);
            let server = program.and_then(PrometheusProgram::server);
            server.is_some_and(|server| server.container.as_ref() == Some(name))
        });
        let active = active?.clone();
        let mut process = self.cluster.kubelets.take_process(&active)?;
        let any: &mut dyn Any = &mut *process;
        let result = any.downcast_mut::<PrometheusProgram>().map(change);
        self.cluster.kubelets.return_process(&active, process);
        result
    }

    /// The events that requests to workloads have caused since the last call.
    pub fn take_caused(&mut self) -> Vec<Caused> {
        let mut all = Vec::new();
        for (owner, process) in self.cluster.kubelets.processes_mut() {
            let any: &mut dyn Any = process;
            let Some(program) = any.downcast_mut::<WorkloadProgram>() else { continue };
            all.extend(program.take_caused().into_iter().map(|(port, stream)| Caused {
                namespace: owner.namespace.to_owned(),
                pod: owner.pod.to_owned(),
                container: owner.container.to_owned(),
                port,
                stream,
            }));
        }
        all
    }

    /// The clock, in milliseconds since the epoch.
    pub fn now(&self) -> Timestamp {
        self.cluster.now()
    }

    /// The servers beside the cluster.
    pub fn servers(&self) -> &[PrometheusServer] {
        &self.servers
    }

    pub fn server_mut(&mut self, number: usize) -> Option<&mut PrometheusServer> {
        self.servers.get_mut(number)
    }

    /// All servers that run now: those beside the cluster, then those in containers in the order of
    /// their starts.
    pub fn running_servers(&self) -> Vec<(ServerId, &PrometheusServer)> {
        let beside = self.servers.iter().enumerate();
        let beside = beside.map(|(number, server)| (ServerId::Beside(number), server));
        let active = self.known.iter().filter_map(|active| {
            let server = self.program::<PrometheusProgram>(active)?.server()?;
            Some((ServerId::Container(server.container.clone()?), server))
        });
        beside.chain(active).collect()
    }

    /// A server that runs.
    pub fn server(&self, id: &ServerId) -> Option<&PrometheusServer> {
        match id {
            ServerId::Beside(number) => self.servers.get(*number),
            ServerId::Container(_) => {
                let mut all = self.running_servers().into_iter();
                all.find(|(one, _)| one == id).map(|(_, server)| server)
            }
        }
    }

    fn program<P: Program>(&self, active: &Active) -> Option<&P> {
        let process: &dyn Any = self.cluster.kubelets.active_process(active)?;
        process.downcast_ref()
    }

    /// Starts a server beside the cluster now. Returns its number, or the reason why it has ended at
    /// once.
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
                let (container, connections) = (None, 0);
                let server = PrometheusServer { account, host, process, container, connections };
                self.servers.push(server);
                Ok(self.servers.len() - 1)
            }
            ended @ Started::Ended { .. } => Err(ended),
        }
    }

    /// Sends a request to a server. None if there is no such server, or if nothing listens.
    pub fn request(&mut self, id: &ServerId, request: &Request) -> Option<Response> {
        let now = self.now();
        match id {
            ServerId::Beside(number) => {
                let server = self.servers.get_mut(*number)?;
                server.process.request(request, &server.host)
            }
            ServerId::Container(name) => {
                self.with_program(name, |program| program.request(request, now)).flatten()
            }
        }
    }

    /// The time at which something happens next.
    pub fn next_time(&mut self) -> Option<Timestamp> {
        [self.cluster.next_time(), self.next_turn()].into_iter().flatten().min()
    }

    /// The time at which a server or another program acts next.
    pub(crate) fn next_turn(&mut self) -> Option<Timestamp> {
        let now = self.now();
        let active = self.cluster.kubelets.active();
        let programs = active.iter().filter_map(|active| {
            let process: &dyn Any = self.cluster.kubelets.active_process(active)?;
            if let Some(program) = process.downcast_ref::<PrometheusProgram>() {
                return program.next_time(now);
            }
            process.downcast_ref::<Reloader>()?.next_time(now)
        });
        let servers = self.servers.iter().filter_map(|server| server.process.next_time());
        servers.chain(programs).min()
    }

    /// Lets time pass until `to`, in milliseconds since the epoch.
    pub fn advance(&mut self, to: Timestamp) {
        loop {
            self.poll_terminals();
            let next = [self.next_time(), self.terminals_wake_at()].into_iter().flatten().min();
            let Some(at) = next.filter(|at| *at <= to) else { break };
            self.step(at.max(self.now()));
        }
        self.step(to.max(self.now()));
        self.poll_terminals();
    }

    /// Does what is due at a time: first the cluster, then each server and program.
    fn step(&mut self, at: Timestamp) {
        self.cluster.advance(at);
        let active = self.cluster.kubelets.active();
        if active != self.known {
            self.keep_data(&active);
            self.clean_disks(&active);
            self.known.clone_from(&active);
        }
        if self.looks_at_objects(&active, at) {
            Arc::make_mut(&mut self.view).update(&self.cluster.server);
        }
        let (view, service_ports) = (self.view.clone(), self.service_ports);
        let Self { cluster, cut, data, disturbances, .. } = self;
        let mut outside =
            Outside { cluster, view: &view, service_ports, cut, disturbances, data: *data };
        for active in &active {
            let Some(mut process) = outside.cluster.kubelets.take_process(active) else { continue };
            let any: &mut dyn Any = &mut *process;
            if let Some(program) = any.downcast_mut::<PrometheusProgram>() {
                program.advance(active, at, &mut outside, &mut self.disks);
            } else if let Some(reloader) = any.downcast_mut::<Reloader>() {
                reloader.advance(active, at, &mut outside);
            }
            outside.cluster.kubelets.return_process(active, process);
        }
        for server in &mut self.servers {
            server.advance(at, &mut outside);
        }
    }

    /// Returns true if a program that acts at a time reads objects. A server whose data nothing reads
    /// has none to read.
    fn looks_at_objects(&self, active: &[Active], at: Timestamp) -> bool {
        let is_due = |next: Option<Timestamp>| next.is_some_and(|next| next <= at);
        let reads = |active: &Active| {
            if let Some(reloader) = self.program::<Reloader>(active) {
                return is_due(reloader.next_time(at));
            }
            let program = self.program::<PrometheusProgram>(active);
            self.data != DataSource::Unused && is_due(program.and_then(|one| one.next_time(at)))
        };
        self.servers.iter().any(|one| is_due(one.process.next_time())) || active.iter().any(reads)
    }

    /// Keeps the data of servers whose containers have ended without a signal.
    fn keep_data(&mut self, active: &[Active]) {
        for gone in self.known.iter().filter(|one| !active.contains(one)) {
            let Some(mut process) = self.cluster.kubelets.take_process(gone) else { continue };
            let any: &mut dyn Any = &mut *process;
            if let Some(program) = any.downcast_mut::<PrometheusProgram>() {
                program.keep_data(&mut self.disks);
            }
            self.cluster.kubelets.return_process(gone, process);
        }
    }

    /// Unlocks what ended processes had locked, and forgets volumes that are gone.
    fn clean_disks(&mut self, active: &[Active]) {
        let Cluster { server, kubelets, .. } = &self.cluster;
        let exists = |volume: &Volume| match volume {
            Volume::Claim { namespace, name } => server
                .storage
                .list("", "PersistentVolumeClaim", namespace)
                .any(|(key, _)| *key.name == **name),
            Volume::Node { .. } => true,
            Volume::Pod { uid, .. } => kubelets.has_pod(uid),
            Volume::Container { .. } => false,
        };
        self.disks.clean(&|holder| active.contains(holder), &exists);
    }
}
