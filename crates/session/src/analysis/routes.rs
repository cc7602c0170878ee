//! Routes: for each target the connection to it, and the program that answers.

use go::quote::quote;
use schema::ValueSource;
use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::compose;
use super::programs::{ProcessId, Programs, Spot};
use super::scrape_auth::{Forwarded, Refusal, ScrapeClient};
use super::tls_programs::{self, TlsProgram};
use super::web_config::{self, Answer, WebConfig};
use discovery::targets::names::{ADDRESS, METRICS_PATH, SCHEME};
use discovery::targets::{Pool, Target, TargetTable};
use go::Duration;
use go::net::{dialed, join_host_port};
use kubernetes::dns::{self, Found, Resolution};
use kubernetes::images::Answer as Silence;
use kubernetes::network::{
    Connection, DialResult, Network, Server as Answering, connect, connect_to,
};
use kubernetes::objects::{Container, Pod};
use prometheus::config::{Config, HttpSettings, ScrapeConfig};
use scenarios::WorkloadRule;
use simulation::scrape::ScrapeSettings;
use simulation::world::{FailureDelay, ProcessSpec, Reach, TargetSpec};
use text::Location;

/// A target, the connection to it, and the program that answers.
#[derive(Clone, Debug)]
pub struct Route {
    pub spec: TargetSpec,
    pub connection: Connection,
    /// The reason why the program that answers has no metrics for Prometheus, or why its answer is not
    /// known.
    pub refusal: Option<Refusal>,
    /// The text of the target, or of the object that it was discovered from.
    pub written: Option<Location>,
    /// `host:port` of the target.
    pub address: String,
}

/// Returns the place of the last target that was merged into this one.
fn written(pool: &Pool, target: &Target) -> Option<Location> {
    let origin = target.origins.last()?;
    let group =
        pool.discovered.get(origin.mechanism as usize)?.groups.get(origin.group as usize)?;
    group.targets.get(origin.target as usize)?.at
}

/// Returns the jobs whose HTTP client cannot be created. Prometheus has no scrape pool for them.
pub fn failed_clients(config: &Config, client: ScrapeClient<'_>) -> BTreeMap<Arc<str>, Refusal> {
    let jobs = config.scrape_configs.iter();
    jobs.filter_map(|job| Some((job.job_name.value.clone(), client.client_error(&job.http)?)))
        .collect()
}

/// Finds the program at the end of a connection.
struct RouteFinder<'a> {
    client: ScrapeClient<'a>,
    network: Network<'a>,
    programs: Programs<'a>,
    processes: &'a FxHashMap<&'a str, &'a ProcessSpec>,
}

/// A scrape pool with the job that it belongs to.
struct RoutePool<'a> {
    pool: &'a Pool,
    job: &'a ScrapeConfig,
    settings: &'a Arc<ScrapeSettings>,
}

/// Returns the routes to all targets, except those of jobs that have no scrape pool.
pub fn routes(
    table: &TargetTable,
    config: &Config,
    client: ScrapeClient<'_>,
    failed_clients: &BTreeMap<Arc<str>, Refusal>,
    programs: Programs<'_>,
    processes: &[ProcessSpec],
) -> Vec<Route> {
    let listens =
        |pod: &Pod, container: &Container, port: i32| programs.listens(pod, container, port);
    let ScrapeClient { state, server, .. } = client;
    let network = Network { state, listens: &listens };
    // Of programs with the same name the first one answers.
    let named = processes.iter().rev().map(|process| (&*process.key, process));
    let finder = RouteFinder { client, network, programs, processes: &named.collect() };
    let mut routes = Vec::new();
    for (number, pool) in table.pools.iter().enumerate() {
        if failed_clients.contains_key(&pool.name) {
            continue;
        }
        // Pools are in the order of the jobs.
        let of_pool = |job: &&ScrapeConfig| **job.job_name == *pool.name;
        let job = config.scrape_configs.get(number).filter(of_pool);
        let Some(job) = job.or_else(|| config.scrape_configs.iter().find(of_pool)) else {
            continue;
        };
        let settings = Arc::new(ScrapeSettings::new(job).with_features(job, server.features));
        let pool = RoutePool { pool, job, settings: &settings };
        let active = pool.pool.active.iter().enumerate();
        routes.extend(active.map(|(number, target)| finder.route(&pool, number, target)));
    }
    routes
}

/// The port that Prometheus listens on without `--web.listen-address`.
const SERVER_PORT: i32 = 9090;

/// Returns the connection of a server that runs in no pod: to itself, or to a host that nothing describes.
fn by_itself(
    server: &crate::analysis::server::Server,
    resolution: &Resolution,
    port: i32,
) -> Option<Connection> {
    if server.pod.is_some() || server.stopped.is_some() {
        return None;
    }
    let host = &resolution.host;
    let local = match &resolution.found {
        Found::Localhost => true,
        Found::Literal(ip) => ip.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        _ => false,
    };
    let (answering, explanation) = match (local, port) {
        (true, SERVER_PORT) => {
            (Answering::Prometheus, "Prometheus itself listens there.".to_owned())
        }
        (true, _) if server.on_host => (
            Answering::External { host: host.clone(), port },
            format!(
                "No file says what listens on port {port} of the host on which Prometheus runs."
            ),
        ),
        (false, _) if server.on_host => (
            Answering::External { host: host.clone(), port },
            format!("No file says what {} is, nor what answers there.", join_host_port(host, port)),
        ),
        _ => return None,
    };
    Some(Connection::connected(answering, explanation))
}

/// Host and port of the proxy that a job's requests go through.
fn proxy(http: &HttpSettings) -> Option<(String, i32)> {
    let (url, _) = http.proxy.as_ref()?;
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
    Some(dialed(address, scheme))
}

/// A connection to the proxy in place of the target. Source: Go's net/http names the step.
fn by_proxy(mut connection: Connection) -> Connection {
    if let DialResult::Failed { error, .. } = &mut connection.outcome {
        *error = format!("proxyconnect tcp: {error}");
        connection.explanation = format!("By proxy_url. {}", connection.explanation);
    }
    connection
}

/// A target for the simulation, without the program that answers.
fn spec(pool: &Pool, target: &Target, settings: &Arc<ScrapeSettings>) -> TargetSpec {
    TargetSpec {
        labels: target.labels.clone(),
        public: target.public_labels(),
        job: pool.name.clone(),
        url: target.url.as_str().into(),
        dialed: "".into(),
        interval: positive(target.interval),
        timeout: positive(target.timeout),
        settings: settings.for_target(&target.labels),
        forced_error: pool.limit_error.as_deref().map(Arc::from),
        refused: None,
        reach: unreachable("EOF", FailureDelay::Immediate),
    }
}

/// The address that a name resolves to, with the port, as in the errors of failed dials.
fn resolved(resolution: &Resolution, port: i32) -> Arc<str> {
    let host = || resolution.host.as_str().into();
    let ip = match &resolution.found {
        Found::Literal(ip) | Found::ClusterIp { ip, .. } | Found::Pod { ip } => ip.clone(),
        Found::Pods { ips, .. } => ips.first().cloned().unwrap_or_else(host),
        Found::Localhost => "::1".into(),
        Found::External(_) | Found::Nothing(_) => host(),
    };
    join_host_port(&ip, port).into()
}

fn positive(duration: Duration) -> Duration {
    Duration(duration.0.max(1))
}

/// The error for a port that is no number: no request comes out of the URL. Source: Go's net/url.
fn unread(target: &Target) -> String {
    let port = target.labels.get(ADDRESS).rsplit(':').next().unwrap_or_default();
    format!("parse {}: invalid port {} after host", quote(&target.url), quote(&format!(":{port}")))
}

/// The path as it is asked for: the URL has a slash before it. Source: Go's net/url `URL.String`.
fn request_path(path: &str) -> Arc<str> {
    if path.starts_with('/') { path.into() } else { format!("/{path}").into() }
}

/// A connection that is refused at once.
pub(super) fn refused(error: String, explanation: String) -> (Connection, Reach) {
    let reach = unreachable(error.as_str(), FailureDelay::Immediate);
    (Connection::refused(error, explanation), reach)
}

fn unreachable(error: impl Into<Arc<str>>, takes: FailureDelay) -> Reach {
    Reach::Unreachable { error: error.into(), takes }
}

impl RouteFinder<'_> {
    /// Returns the route to a target. `number` chooses among the endpoints of a Service.
    fn route(&self, pool: &RoutePool<'_>, number: usize, target: &Target) -> Route {
        let RoutePool { pool, job, settings } = pool;
        let (network, server) = (self.network, self.client.server);
        let (host, port) = dialed(target.labels.get(ADDRESS), target.labels.get(SCHEME));
        let address = join_host_port(&host, port);
        let resolution = dns::resolve(&network.state.cluster, &server.namespace, &host);
        let proxy = proxy(&job.http)
            .map(|(host, port)| by_proxy(connect(network, server.origin(), &host, port, number)));
        let blocked = proxy.filter(|connection| !connection.is_connected());
        let outside =
            self.outside(&address, target).or_else(|| self.in_compose((&host, port), target));
        let (connection, reach, refusal) = match (blocked, outside) {
            (None, Some((connection, reach))) => (connection, reach, None),
            (blocked, _) => {
                let connection =
                    blocked.or_else(|| by_itself(server, &resolution, port)).unwrap_or_else(|| {
                        connect_to(network, server.origin(), &resolution, port, number)
                    });
                let (reach, refusal) = self.reach(&connection, job, target, &host);
                (connection, reach, refusal)
            }
        };
        let dialed = resolved(&resolution, port);
        let refused = self.refused_host(&connection, &host);
        let mut spec = TargetSpec { dialed, reach, refused, ..spec(pool, target, settings) };
        if port < 0 {
            spec.forced_error.get_or_insert_with(|| unread(target).into());
        }
        Route { spec, connection, refusal, written: written(pool, target), address }
    }

    /// Returns the connection to a program that a file describes by its address, and the program.
    fn outside(&self, address: &str, target: &Target) -> Option<(Connection, Reach)> {
        self.programs.addresses().find(|(own, _)| ***own == *address)?;
        let (host, port) = dialed(address, target.labels.get(SCHEME));
        let answering = Answering::External { host, port };
        let explanation = format!("A file of the workspace describes what answers at {address}.");
        let key = ProcessId::Address(address.to_owned()).key();
        let path = request_path(target.labels.get(METRICS_PATH));
        Some((Connection::connected(answering, explanation), Reach::Process { key, path }))
    }

    /// Returns the connection to a container of a Compose file, and the program.
    fn in_compose(
        &self,
        (host, port): (&str, i32),
        target: &Target,
    ) -> Option<(Connection, Reach)> {
        let path = request_path(target.labels.get(METRICS_PATH));
        compose::connection(self.programs.files, self.client.server, (host, port), &path)
    }

    fn spot(&self, namespace: &str, pod: &str, container: &str, port: i32) -> Option<Spot<'_>> {
        let pod = self.client.state.cluster.pods.get(namespace, pod)?;
        let mut containers = pod.spec.running_containers();
        let container = containers.find(|one| *one.name.value == *container)?;
        Some(Spot { pod, container, port })
    }

    /// The status with which the program at the end of a connection refuses requests for a host.
    fn refused_host(&self, connection: &Connection, host: &str) -> Option<u16> {
        let DialResult::Connected(Answering::Container { namespace, pod, container, port }) =
            &connection.outcome
        else {
            return None;
        };
        let spot = self.spot(namespace, pod, container, *port)?;
        self.programs.refuses_host(spot, self.client.state, host)
    }

    /// Returns the program at a port of a container, with the reason if it has no metrics.
    fn container_port(
        &self,
        namespace: &str,
        pod: &str,
        (container, port): (&str, i32),
        (host, path): (&str, Arc<str>),
        job: &ScrapeConfig,
    ) -> (Reach, Option<Refusal>) {
        let spot = self.spot(namespace, pod, container, port);
        if let Some(spot) = spot.filter(|spot| !self.programs.is_known(*spot)) {
            return (Reach::Unknown, Some(unknown_image(spot.container)));
        }
        let key = ProcessId::container(namespace, pod, container, port).key();
        let Some(process) = self.processes.get(&*key) else {
            return (unreachable("EOF", FailureDelay::Immediate), None);
        };
        let rule = spot.and_then(|spot| self.programs.rule(spot));
        let refused =
            spot.and_then(|spot| self.programs.refuses_host(spot, self.client.state, host));
        if let Some(code) = refused {
            let because = rule.map_or("", |rule| rule.reason);
            let text = format!("{container} refuses requests for the host {host}. {because}");
            let at = spot.and_then(|spot| spot.container.location);
            let refusal = Refusal::status(code, text.trim_end()).with(at, "the container");
            return (Reach::Process { key, path }, Some(refusal));
        }
        let refusal = unmetered(process, rule, &path, job, spot.map(|spot| spot.container));
        (Reach::Process { key, path }, refusal)
    }

    fn is_prometheus(&self, namespace: &str, pod: &str, container: &str) -> bool {
        let pod = self.client.state.cluster.pods.get(namespace, pod);
        let mut containers = pod.into_iter().flat_map(|pod| pod.spec.running_containers());
        containers
            .any(|one| *one.name.value == *container && kubernetes::prometheus::is_prometheus(one))
    }

    /// Returns the program if a container serves TLS on a port.
    fn tls_program(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        port: i32,
    ) -> Option<&'static TlsProgram> {
        let pod = self.client.state.cluster.pods.get(namespace, pod)?;
        let mut containers = pod.spec.running_containers();
        tls_programs::find(containers.find(|one| *one.name.value == *container)?, port)
    }

    /// Returns the program at a port that serves TLS, as a job asks it.
    fn tls_container(
        &self,
        (namespace, pod, container, port): (&str, &str, &str, i32),
        job: &ScrapeConfig,
        (https, host, path): (bool, &str, Arc<str>),
    ) -> (Reach, Option<Refusal>) {
        if !https {
            return plain_to_tls(job, path);
        }
        let refusal = self.tls_program(namespace, pod, container, port).and_then(|program| {
            let who = format!("The container {container}");
            self.client.refused_by_program(&job.http, program, (&who, host, &path))
        });
        match refusal {
            None => self.container_port(namespace, pod, (container, port), (host, path), job),
            Some(refusal) => (answer_of(&refusal, path), Some(refusal)),
        }
    }

    /// Returns the program at a port of a container, as a job asks it.
    fn in_container(
        &self,
        place: (&str, &str, &str, i32),
        job: &ScrapeConfig,
        (https, host, path): (bool, &str, Arc<str>),
    ) -> (Reach, Option<Refusal>) {
        let (namespace, pod, container, port) = place;
        if self.tls_program(namespace, pod, container, port).is_some() {
            return self.tls_container(place, job, (https, host, path));
        }
        let who = format!("The container {container}");
        let answer = match self.web_config(namespace, pod, container) {
            Some(config) => config.answer(&who, &job.http, https),
            None if https => Answer::TlsToPlain,
            None => Answer::Served,
        };
        match answer {
            // What another server has stored is not simulated.
            Answer::Served
                if path.ends_with("/federate") && self.is_prometheus(namespace, pod, container) =>
            {
                (Reach::Unknown, None)
            }
            Answer::Served => self.silent(place).unwrap_or_else(|| {
                self.container_port(namespace, pod, (container, port), (host, path), job)
            }),
            Answer::PlainToTls => plain_to_tls(job, path),
            Answer::TlsToPlain => tls_to_plain(job),
            Answer::Refused(refusal) => (answer_of(&refusal, path), Some(refusal)),
            Answer::Unknown(text) => (Reach::Unknown, Some(Refusal::new("", text))),
        }
    }

    /// The answer of a public program that has no metrics.
    fn silent(&self, place: (&str, &str, &str, i32)) -> Option<(Reach, Option<Refusal>)> {
        let (namespace, pod, container, port) = place;
        let spot = self.spot(namespace, pod, container, port)?;
        let program = self.programs.without_metrics(spot)?;
        let at = spot.container.location;
        let name = program.name;
        let has_own = || {
            let mut mounts = spot.container.volume_mounts.iter();
            mounts.any(|mount| mount.mount_path.value.starts_with(program.configuration))
        };
        if !program.configuration.is_empty() && has_own() {
            let text = format!(
                "{container} runs {name} with a configuration of its own, which is not read here. Describe what it answers."
            );
            return Some((Reach::Unknown, Some(Refusal::new("", text).with(at, "the container"))));
        }
        let exporter = program.exporter;
        let text = format!("{name} has no metrics for Prometheus; {exporter} has them.");
        let refusal = match program.answer {
            Silence::Status(code) => Refusal::status(code, text),
            Silence::Error(error) => Refusal::new(error, text),
            Silence::Other => {
                let text =
                    format!("{text} The scrape fails, with an error that is not known here.");
                return Some((
                    Reach::Unknown,
                    Some(Refusal::new("", text).with(at, "the container")),
                ));
            }
        };
        let refusal = refusal.with(at, "the container");
        Some((answer_of(&refusal, "".into()), Some(refusal)))
    }

    fn web_config(&self, namespace: &str, pod: &str, container: &str) -> Option<WebConfig> {
        // The file does not depend on the port.
        let Spot { pod, container, .. } = self.spot(namespace, pod, container, 0)?;
        web_config::of(&self.client.state.cluster, pod, container)
    }

    /// Returns the program at the end of a connection, as Go's HTTP client meets it.
    fn reach(
        &self,
        connection: &Connection,
        job: &ScrapeConfig,
        target: &Target,
        host: &str,
    ) -> (Reach, Option<Refusal>) {
        let https = target.labels.get(SCHEME) == "https";
        let path = request_path(target.labels.get(METRICS_PATH));
        if let Some(refusal) = self.client.unsent(&job.http) {
            return (answer_of(&refusal, path), Some(refusal));
        }
        match &connection.outcome {
            DialResult::Failed { error, .. } => {
                let late = error.contains("deadline exceeded") || error.contains("i/o timeout");
                let takes = if late { FailureDelay::Timeout } else { FailureDelay::Immediate };
                (unreachable(error.as_str(), takes), None)
            }
            DialResult::Connected(Answering::Container { namespace, pod, container, port }) => {
                self.in_container((namespace, pod, container, *port), job, (https, host, path))
            }
            DialResult::Connected(Answering::External { .. }) => (Reach::Unknown, None),
            DialResult::Connected(Answering::Prometheus) if !https => {
                (Reach::Process { key: ProcessId::Server.key(), path }, None)
            }
            DialResult::Connected(Answering::Prometheus) => tls_to_plain(job),
            DialResult::Connected(_) if !https => plain_to_tls(job, path),
            DialResult::Connected(server) => {
                match self.client.send(&job.http, server, host, &path) {
                    Ok(Forwarded { process, path }) => {
                        (Reach::Process { key: process.key(), path }, None)
                    }
                    Err(refusal) => (answer_of(&refusal, path), Some(refusal)),
                }
            }
        }
    }
}

/// The reason why the answer of a container is not known.
fn unknown_image(container: &Container) -> Refusal {
    let text = format!(
        "No file says what {} answers. The image is assumed to exist, and its container to listen.",
        container.image.value
    );
    Refusal::new("", text).with(container.image.at.or(container.location), "the image")
}

/// A request in plain HTTP to a port that serves TLS.
///
/// Source: Go's net/http `conn.serve`: "Client sent an HTTP request to an HTTPS server."
fn plain_to_tls(job: &ScrapeConfig, path: Arc<str>) -> (Reach, Option<Refusal>) {
    let text = "The port speaks TLS, and the job asks with plain HTTP.";
    let refusal = Refusal::status(400, text)
        .with(Some(place_of_scheme(job)), "scheme: https belongs to this job");
    (Reach::Process { key: ProcessId::HttpStatus(400).key(), path }, Some(refusal))
}

/// A request in TLS to a port that serves plain HTTP. Source: Go's net/http Transport.
fn tls_to_plain(job: &ScrapeConfig) -> (Reach, Option<Refusal>) {
    let error = "http: server gave HTTP response to HTTPS client";
    let text = "The program speaks plain HTTP, and the job asks with scheme: https.";
    let refusal = Refusal::new(error, text).with(Some(place_of_scheme(job)), "asked so here");
    (unreachable(error, FailureDelay::Immediate), Some(refusal))
}

/// The answer that a refusal is: an HTTP status, or a failed request.
fn answer_of(refusal: &Refusal, path: Arc<str>) -> Reach {
    match refusal.code() {
        Some(code) => Reach::Process { key: ProcessId::HttpStatus(code).key(), path },
        None => unreachable(refusal.error.as_str(), FailureDelay::Immediate),
    }
}

fn place_of_scheme(job: &ScrapeConfig) -> Location {
    place_of(&job.scheme.source).unwrap_or(job.location)
}

fn place_of(source: &schema::ValueSource) -> Option<Location> {
    match source {
        ValueSource::Written(at) | ValueSource::Inherited { at, .. } => Some(*at),
        ValueSource::Default | ValueSource::Computed(_) => None,
    }
}

/// Returns the reason why a program that answers has no metrics at this path.
fn unmetered(
    process: &ProcessSpec,
    rule: Option<&WorkloadRule>,
    path: &str,
    job: &ScrapeConfig,
    container: Option<&Container>,
) -> Option<Refusal> {
    let name = container.map_or("The program", |one| &one.name.value);
    let because = rule.map_or("", |rule| rule.reason);
    let at = container.and_then(|one| one.location);
    if process.path.is_empty() {
        let text = format!("{name} listens here, but has no metrics. {because}");
        let code = process.status.unwrap_or(404);
        return Some(Refusal::status(code, text.trim_end()).with(at, "the container"));
    }
    if *process.path != *path {
        let text =
            format!("{name} has its metrics at {}, and the target asks for {path}.", process.path);
        let asked = place_of(&job.metrics_path.source).unwrap_or(job.location);
        return Some(Refusal::status(404, text).with(Some(asked), "the path is asked for here"));
    }
    let code = process.status?;
    let text = format!("{name} answers {path} with an error of its own. {because}");
    Some(Refusal::status(code, text.trim_end()).with(at, "the container"))
}
