//! From the target table and the cluster to the simulation: which programs run, and whom each
//! scrape reaches.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kubernetes::controllers::Simulated;
use crate::kubernetes::network::{Connection, Network, Origin, Outcome, Server, connect};
use crate::kubernetes::objects::{Container, Pod};
use crate::kubernetes::prometheus::is_prometheus;
use crate::lessons::{WorkloadRule, image_name};
use crate::prometheus::config::ScrapeConfig;
use crate::simulation::scrape::ScrapeSettings;
use crate::simulation::workload::{Workload, library};
use crate::simulation::world::{ProcessSpec, Reach, Takes, TargetSpec};
use crate::targets::names::{ADDRESS, METRICS_PATH, SCHEME};
use crate::targets::{Pool, Target, TargetTable};

/// Where the server that scrapes runs.
#[derive(Clone, Debug, Default)]
pub struct Scraper {
    pub namespace: String,
    /// Without one, no policy is looked at.
    pub pod: Option<String>,
}

/// What the simulation needs to know, and what the target table shows of each connection.
#[derive(Clone, Debug, Default)]
pub struct Wiring {
    pub processes: Vec<ProcessSpec>,
    pub targets: Vec<TargetSpec>,
    /// For each of `targets`: who answers, or why nobody does.
    pub connections: Vec<Connection>,
}

/// Connects every target of the table from where the server runs.
pub fn wire(
    table: &TargetTable,
    configs: &[ScrapeConfig],
    cluster: &Simulated,
    from: &Scraper,
    rules: &[WorkloadRule],
) -> Wiring {
    let programs = Programs { rules };
    let listens = |_: &Pod, container: &Container, port: i32| programs.listens(container, port);
    let network = Network { state: cluster, listens: &listens };
    let mut wires = Wires {
        network,
        origin: Origin { namespace: &from.namespace, pod: from.pod.as_deref() },
        processes: programs.processes(cluster),
        wiring: Wiring::default(),
    };
    for pool in &table.pools {
        let config = configs.iter().find(|config| config.job_name.value == pool.name);
        let Some(config) = config else { continue };
        let settings = Arc::new(ScrapeSettings::new(config));
        for target in &pool.active {
            wires.target(pool, target, &settings);
        }
    }
    let Wires { processes, mut wiring, .. } = wires;
    wiring.processes = processes.into_values().collect();
    wiring
}

/// What containers run.
#[derive(Clone, Copy)]
struct Programs<'a> {
    rules: &'a [WorkloadRule],
}

impl Programs<'_> {
    /// `containerPort` opens nothing, so what is known of an image decides; of an unknown image
    /// the declared ports are all there is to go by.
    fn listens(self, container: &Container, port: i32) -> bool {
        let image = &*container.image.value;
        if self.rules.iter().any(|rule| rule.is_for(image, port)) {
            return true;
        }
        if self.rules.iter().any(|rule| rule.image == image_name(image)) {
            return false;
        }
        let mut declared = container.ports.iter().map(|one| one.container_port.value);
        declared.any(|declared| declared == port) || (port == 9090 && is_prometheus(container))
    }

    fn processes(self, cluster: &Simulated) -> BTreeMap<Arc<str>, ProcessSpec> {
        let mut processes = BTreeMap::new();
        for pod in cluster.cluster.pods.iter() {
            for container in &pod.spec.containers {
                let image = &*container.image.value;
                let ruled = self.rules.iter().filter(|rule| rule.image == image_name(image));
                let mut ports: Vec<i32> = ruled.map(|rule| rule.port).collect();
                ports.extend(container.ports.iter().map(|one| one.container_port.value));
                ports.extend(is_prometheus(container).then_some(9090));
                for port in ports.into_iter().filter(|&port| self.listens(container, port)) {
                    let key = key(
                        &pod.meta.namespace.value,
                        &pod.meta.name.value,
                        &container.name.value,
                        port,
                    );
                    let spec = self.process(key.clone(), image, port);
                    processes.entry(key).or_insert(spec);
                }
            }
        }
        processes
    }

    fn process(self, key: Arc<str>, image: &str, port: i32) -> ProcessSpec {
        let rule = self.rules.iter().find(|rule| rule.is_for(image, port));
        let workload = match rule {
            Some(rule) => library().by_name(rule.workload),
            None => u16::try_from(port).ok().and_then(|port| library().for_container(image, port)),
        };
        let Some(workload) = workload else { return silent(key) };
        ProcessSpec {
            key,
            workload: workload.clone(),
            path: rule.map_or_else(|| workload.path.clone(), |rule| rule.path.into()),
            status: rule.map(|rule| rule.status).filter(|&status| status != 200),
        }
    }
}

fn key(namespace: &str, pod: &str, container: &str, port: i32) -> Arc<str> {
    format!("{namespace}/{pod}/{container}:{port}").into()
}

/// A program that answers HTTP, but has no metrics.
fn silent(key: Arc<str>) -> ProcessSpec {
    let workload = Workload::silent();
    ProcessSpec { key, workload, path: "".into(), status: None }
}

struct Wires<'a> {
    network: Network<'a>,
    origin: Origin<'a>,
    processes: BTreeMap<Arc<str>, ProcessSpec>,
    wiring: Wiring,
}

impl Wires<'_> {
    fn target(&mut self, pool: &Pool, target: &Target, settings: &Arc<ScrapeSettings>) {
        let (host, port) = split_address(&target.labels);
        let connection = connect(self.network, self.origin, &host, port, 0);
        let reach = self.reach(&connection, target, &host, port);
        self.wiring.connections.push(connection);
        self.wiring.targets.push(TargetSpec {
            public: target.public_labels(),
            labels: target.labels.clone(),
            job: pool.name.clone(),
            url: target.url.as_str().into(),
            interval: target.interval,
            timeout: target.timeout,
            settings: settings.clone(),
            forced_error: pool.limit_error.as_deref().map(Into::into),
            reach,
        });
    }

    fn reach(&mut self, connection: &Connection, target: &Target, host: &str, port: i32) -> Reach {
        let path: Arc<str> = target.labels.get(METRICS_PATH).into();
        let tls = target.labels.get(SCHEME) == "https";
        let server = match &connection.outcome {
            Outcome::Connected(server) => server,
            Outcome::Failed { error, .. } => {
                let waits = error.contains("deadline exceeded");
                let takes = if waits { Takes::Timeout } else { Takes::Moment };
                return Reach::Nobody { error: error.as_str().into(), takes };
            }
        };
        match server {
            Server::Container { namespace, pod, container, port } if !tls => {
                let key = key(namespace, pod, container, *port);
                self.processes.entry(key.clone()).or_insert_with(|| silent(key.clone()));
                Reach::Process { key, path }
            }
            Server::Container { .. } => Reach::Nobody {
                error: "http: server gave HTTP response to HTTPS client".into(),
                takes: Takes::Moment,
            },
            Server::ApiServer => self.tls_server("kubernetes", &path, tls),
            Server::Kubelet { node } => self.tls_server(&format!("kubelet/{node}"), &path, tls),
            Server::External { .. } => self.outside(host, port, path),
        }
    }

    /// The API server and the kubelets. Asked without TLS they answer with a 400.
    fn tls_server(&mut self, name: &str, path: &str, tls: bool) -> Reach {
        let (program, path) = match path.strip_prefix("/api/v1/nodes/") {
            // The API server passes such requests on to the node's kubelet.
            Some(rest) => match rest.split_once("/proxy") {
                Some((node, path)) => (format!("kubelet/{node}"), path),
                None => (name.to_owned(), path),
            },
            None => (name.to_owned(), path),
        };
        let kubelet = program.starts_with("kubelet/");
        let workload = match path {
            "/metrics/cadvisor" if kubelet => "cadvisor",
            "/metrics" if kubelet => "kubelet",
            "/metrics" => "apiserver",
            _ => "",
        };
        let key: Arc<str> =
            format!("{program}{path}{}", if tls { "" } else { " without TLS" }).into();
        let spec = match library().by_name(workload) {
            Some(workload) => ProcessSpec {
                key: key.clone(),
                workload: workload.clone(),
                path: path.into(),
                status: (!tls).then_some(400),
            },
            None => silent(key.clone()),
        };
        self.processes.insert(key.clone(), spec);
        Reach::Process { key, path: path.into() }
    }

    /// Nothing is known of what lies outside of the cluster; it is taken to answer with what is
    /// usual on its port.
    fn outside(&mut self, host: &str, port: i32, path: Arc<str>) -> Reach {
        let key: Arc<str> = format!("{host}:{port}").into();
        let usual = u16::try_from(port).ok().and_then(|port| library().for_container("", port));
        if let Some(workload) = usual.or_else(|| library().by_name("go")) {
            let workload = workload.clone();
            let spec = ProcessSpec { key: key.clone(), workload, path: path.clone(), status: None };
            self.processes.insert(key.clone(), spec);
        }
        Reach::Process { key, path }
    }
}

/// The host and port of `__address__`; without a port, the one of the scheme.
fn split_address(labels: &crate::model::Labels) -> (String, i32) {
    let address = labels.get(ADDRESS);
    let usual = if labels.get(SCHEME) == "https" { 443 } else { 80 };
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, port.parse().unwrap_or(usual))
        }
        _ => (address, usual),
    };
    (host.trim_start_matches('[').trim_end_matches(']').to_owned(), port)
}
