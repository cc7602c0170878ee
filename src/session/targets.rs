//! Targets and programs as the simulation wants them: who answers each target, and what with.

use std::sync::Arc;

use super::server::{Server, listens, process_key};
use crate::kubernetes::controllers::Simulated;
use crate::kubernetes::dns::{self, Found};
use crate::kubernetes::network::{Connection, Network, Outcome, Server as Answering, connect};
use crate::kubernetes::objects::{Container, Pod};
use crate::lessons::{Scenario, WorkloadRule};
use crate::model::{Duration, Labels};
use crate::prometheus::config::Config;
use crate::simulation::scrape::ScrapeSettings;
use crate::simulation::workload::{Workload, library};
use crate::simulation::world::{ProcessSpec, Reach, Takes, TargetSpec};
use crate::targets::names::{ADDRESS, METRICS_PATH, SCHEME};
use crate::targets::{Pool, Target, TargetTable};
use crate::text::Location;

/// How a target is reached, and by which way.
#[derive(Clone, Debug)]
pub struct Route {
    pub spec: TargetSpec,
    pub connection: Connection,
    /// Where the target is written, or the object that it was made from.
    pub written: Option<Location>,
}

/// Where a target comes from: the place of the last of its origins.
fn written(pool: &Pool, target: &Target) -> Option<Location> {
    let origin = target.origins.last()?;
    let group =
        pool.discovered.get(origin.mechanism as usize)?.groups.get(origin.group as usize)?;
    group.targets.get(origin.target as usize)?.at
}

/// The programs that run in the cluster's pods and answer requests.
pub fn processes(state: &Simulated, scenario: Option<&Scenario>) -> Vec<ProcessSpec> {
    let mut specs = Vec::from_iter(plain_to_tls());
    for pod in state.cluster.pods.iter() {
        for container in &pod.spec.containers {
            for port in ports(container) {
                if let Some(spec) = process(pod, container, port, scenario) {
                    specs.push(spec);
                }
            }
        }
    }
    specs
}

/// The key of what answers plain HTTP on a port that speaks TLS.
const PLAIN_TO_TLS: &str = "tls";

fn plain_to_tls() -> Option<ProcessSpec> {
    Some(ProcessSpec {
        key: PLAIN_TO_TLS.into(),
        workload: unknown()?.clone(),
        path: "".into(),
        status: Some(400),
    })
}

/// What a program exposes of which nothing is known: what any program's client library does.
fn unknown() -> Option<&'static Arc<Workload>> {
    library().by_name("process")
}

/// The ports that a container is known to listen on.
fn ports(container: &Container) -> Vec<i32> {
    let mut ports: Vec<i32> =
        container.ports.iter().map(|port| port.container_port.value).collect();
    if crate::kubernetes::prometheus::is_prometheus(container) {
        ports.push(9090);
    }
    let image = &container.image.value;
    if ports.is_empty() {
        let rules = library().iter().flat_map(|workload| &workload.matches);
        let fits = |part: &Arc<str>| image.contains(&**part);
        let known = rules.filter(|rule| rule.image.as_ref().is_some_and(fits));
        ports.extend(known.filter_map(|rule| rule.port.map(i32::from)));
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn process(
    pod: &Pod,
    container: &Container,
    port: i32,
    scenario: Option<&Scenario>,
) -> Option<ProcessSpec> {
    let image = &container.image.value;
    let rule: Option<&WorkloadRule> = scenario
        .and_then(|scenario| scenario.workloads.iter().find(|rule| rule.is_for(image, port)));
    // A program without metrics has no path that it would expose them under.
    let silent = rule.is_some_and(|rule| rule.workload.is_empty());
    let workload: &Arc<Workload> = match rule {
        Some(_) if silent => unknown()?,
        Some(rule) => library().by_name(rule.workload)?,
        None => library().for_container(image, u16::try_from(port).ok()?).or_else(unknown)?,
    };
    Some(ProcessSpec {
        key: process_key(
            &pod.meta.namespace.value,
            &pod.meta.name.value,
            &container.name.value,
            port,
        ),
        workload: workload.clone(),
        path: match rule {
            Some(_) if silent => "".into(),
            Some(rule) => rule.path.into(),
            None => workload.path.clone(),
        },
        status: rule.map(|rule| rule.status).filter(|status| *status != 200),
    })
}

/// All targets of a table with the way to each.
pub fn routes(
    table: &TargetTable,
    config: &Config,
    state: &Simulated,
    server: &Server,
    scenario: Option<&Scenario>,
    processes: &[ProcessSpec],
) -> Vec<Route> {
    let listens =
        |pod: &Pod, container: &Container, port: i32| listens(scenario, pod, container, port);
    let network = Network { state, listens: &listens };
    let mut routes = Vec::new();
    for pool in &table.pools {
        let job = config.scrape_configs.iter().find(|job| **job.job_name == *pool.name);
        let Some(job) = job else { continue };
        let settings = Arc::new(ScrapeSettings::new(job));
        for (number, target) in pool.active.iter().enumerate() {
            let (host, port) = host_port(target.labels.get(ADDRESS), target.labels.get(SCHEME));
            let connection = connect(network, server.origin(), &host, port, number);
            let route = route(pool, target, &settings, connection, processes);
            let dialled = dialled(state, &server.namespace, &host, port);
            routes.push(Route { spec: TargetSpec { dialled, ..route.spec }, ..route });
        }
    }
    routes
}

fn route(
    pool: &Pool,
    target: &Target,
    settings: &Arc<ScrapeSettings>,
    connection: Connection,
    processes: &[ProcessSpec],
) -> Route {
    let reach = reach(&connection, &target.labels, processes);
    let spec = TargetSpec {
        labels: target.labels.clone(),
        public: target.public_labels(),
        job: pool.name.clone(),
        url: target.url.as_str().into(),
        dialled: "".into(),
        interval: positive(target.interval),
        timeout: positive(target.timeout),
        settings: settings.clone(),
        forced_error: pool.limit_error.as_deref().map(Arc::from),
        reach,
    };
    Route { spec, connection, written: written(pool, target) }
}

/// The address behind a name, with the port: what a failed dial says.
fn dialled(state: &Simulated, namespace: &str, host: &str, port: i32) -> Arc<str> {
    let ip = match dns::resolve(&state.cluster, namespace, host).found {
        Found::Literal(ip) | Found::ClusterIp { ip, .. } | Found::Pod { ip } => ip,
        Found::Pods { ips, .. } => ips.into_iter().next().unwrap_or_else(|| host.into()),
        Found::Localhost => "::1".into(),
        Found::External(_) | Found::Nothing(_) => host.into(),
    };
    if ip.contains(':') { format!("[{ip}]:{port}").into() } else { format!("{ip}:{port}").into() }
}

fn positive(duration: Duration) -> Duration {
    Duration(duration.0.max(1))
}

/// An address without a port is dialled at the scheme's own. Source: Go's net/http.
fn host_port(address: &str, scheme: &str) -> (String, i32) {
    let usual = if scheme == "https" { 443 } else { 80 };
    let split = address
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || (host.starts_with('[') && host.ends_with(']')));
    let (host, port) = match split {
        Some((host, port)) => (host, port.parse().unwrap_or(usual)),
        None => (address, usual),
    };
    (host.trim_start_matches('[').trim_end_matches(']').to_owned(), port)
}

fn nobody(error: impl Into<Arc<str>>, takes: Takes) -> Reach {
    Reach::Nobody { error: error.into(), takes }
}

/// Who answers at the end of a connection, as Go's client meets it.
fn reach(connection: &Connection, labels: &Labels, processes: &[ProcessSpec]) -> Reach {
    let https = labels.get(SCHEME) == "https";
    let path: Arc<str> = labels.get(METRICS_PATH).into();
    match &connection.outcome {
        Outcome::Failed { error, .. } => {
            let late = error.contains("deadline exceeded") || error.contains("i/o timeout");
            nobody(error.as_str(), if late { Takes::Timeout } else { Takes::Moment })
        }
        Outcome::Connected(Answering::Container { namespace, pod, container, port }) => {
            let key = process_key(namespace, pod, container, *port);
            if https {
                nobody("http: server gave HTTP response to HTTPS client", Takes::Moment)
            } else if processes.iter().any(|process| process.key == key) {
                Reach::Process { key, path }
            } else {
                nobody("EOF", Takes::Moment)
            }
        }
        Outcome::Connected(Answering::ApiServer | Answering::Kubelet { .. }) => {
            if https {
                let error = "tls: failed to verify certificate: x509: certificate signed by unknown authority";
                nobody(error, Takes::Moment)
            } else {
                Reach::Process { key: PLAIN_TO_TLS.into(), path }
            }
        }
        Outcome::Connected(Answering::External { .. }) => {
            nobody("context deadline exceeded", Takes::Timeout)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_dialled_as_go_does() {
        for (address, scheme, host, port) in [
            ("proxy-service:8080", "http", "proxy-service", 8080),
            ("proxy-service", "http", "proxy-service", 80),
            ("proxy-service", "https", "proxy-service", 443),
            ("[fd00::1]:9100", "http", "fd00::1", 9100),
            ("10.0.0.1", "http", "10.0.0.1", 80),
        ] {
            assert_eq!(host_port(address, scheme), (host.to_owned(), port), "{address}");
        }
    }
}
