//! The process of a container that runs a workload.

use std::collections::BTreeMap;
use std::sync::Arc;

use cluster::program::{
    ExecAnswer, Exit, GrpcAnswer, HttpAnswer, HttpRequest, Process, Programs, Start, Usage,
};
use kubernetes::listeners::{Listener, listeners};
use kubernetes::object::Value;
use simulation::effects::FaultEffects;
use simulation::exposition::{Format, negotiate_text};
use simulation::signal::{seed_of, unit};
use simulation::workload::{Influences, Process as Metrics, Readings};

use super::catalog::{Catalog, ContainerFacts, Served};
use super::hosts::allows;
use crate::disturbances::Disturbances;

/// Milliseconds until a program listens, from and to.
const STARTUP: (i64, i64) = (500, 2_500);
/// Milliseconds that a program takes to end after SIGTERM.
const SHUTDOWN: i64 = 200;
/// Milliseconds that an init container and the container of a Job run.
const TASK: i64 = 3_000;
/// Milliseconds over which the use of CPU is averaged.
const WINDOW: i64 = 15_000;
/// Additional events of one stream that a process remembers. Later ones are not counted.
const MOST_EVENTS: usize = 100_000;

/// The programs of containers whose workloads a catalog knows.
#[derive(Clone, Debug)]
pub struct WorkloadPrograms {
    catalog: Arc<Catalog>,
    /// Makes the values of metrics.
    seed: u64,
}

impl WorkloadPrograms {
    pub fn new(catalog: Arc<Catalog>, seed: u64) -> Self {
        Self { catalog, seed }
    }
}

impl Programs for WorkloadPrograms {
    fn start(&self, start: &Start<'_>) -> Result<Box<dyn Process>, String> {
        Ok(Box::new(WorkloadProgram::new(self.catalog.clone(), start, self.seed)))
    }
}

/// The container of a process.
#[derive(Debug)]
struct Container {
    image: String,
    name: String,
    namespace: String,
    pod: String,
    declared: Vec<u16>,
    /// The addresses that the flags name.
    listeners: Vec<Listener>,
    /// The numbers of named ports.
    named: BTreeMap<String, i64>,
    env: BTreeMap<String, String>,
    /// Paths that the probes of the container ask for. A program is taken to have them.
    probed: Vec<String>,
    /// The readiness probe.
    readiness: Value,
    /// Milliseconds since the epoch.
    started: i64,
    /// Makes the values of metrics.
    seed: u64,
    /// False after a restart: pasted values do not outlive the first process.
    first: bool,
    /// Milliseconds until the program listens.
    startup: i64,
}

impl Container {
    fn new(start: &Start<'_>, seed: u64) -> Self {
        let Start { pod, container, env, earlier_starts, now, .. } = *start;
        let metadata = &pod["metadata"];
        let tcp = |port: &&Value| matches!(port.str("protocol"), "" | "TCP");
        let declared = container.list("ports").iter().filter(tcp);
        let probes = ["startupProbe", "readinessProbe", "livenessProbe"];
        let probes = probes.iter().map(|probe| &container[*probe]["httpGet"]);
        let probed = probes.filter(|get| !get.is_null()).map(|get| match get.str("path") {
            path if path.starts_with('/') => path.to_owned(),
            path => format!("/{path}"),
        });
        let (pod, name) = (metadata.str("name").to_owned(), container.str("name").to_owned());
        let share = unit(seed_of(earlier_starts as u64, &format!("{pod}/{name}")));
        let (from, to) = STARTUP;
        let image = container.str("image");
        let arguments = container.list("command").iter().chain(container.list("args"));
        let arguments: Vec<&str> = arguments.filter_map(Value::as_str).collect();
        Self {
            listeners: listeners(image, &arguments),
            image: image.to_owned(),
            namespace: metadata.str("namespace").to_owned(),
            declared: declared
                .filter_map(|port| u16::try_from(port.int("containerPort")).ok())
                .collect(),
            named: container
                .list("ports")
                .iter()
                .map(|port| (port.str("name").to_owned(), port.int("containerPort")))
                .collect(),
            env: env.clone(),
            probed: probed.collect(),
            readiness: container["readinessProbe"].clone(),
            started: now,
            seed,
            first: earlier_starts == 0,
            startup: from + (share * (to - from) as f64) as i64,
            pod,
            name,
        }
    }

    fn facts(&self) -> ContainerFacts<'_> {
        ContainerFacts {
            image: &self.image,
            container: &self.name,
            namespace: &self.namespace,
            declared: &self.declared,
            listeners: &self.listeners,
        }
    }

    /// The metrics of the program on a port.
    fn metrics(&self, served: &Served, port: u16) -> Metrics {
        let Self { namespace, pod, name, started, .. } = self;
        let seed = seed_of(self.seed, &format!("{namespace}/{pod}/{name}:{port}"));
        let metrics = Metrics::new(served.workload.clone(), seed, *started);
        if self.first { metrics } else { metrics.restarted(*started) }
    }
}

/// The listener of a program on a port.
#[derive(Clone, Debug)]
struct Port {
    served: Served,
    metrics: Metrics,
    /// Times of events that requests have caused, by stream, in milliseconds since the epoch.
    caused: Arc<BTreeMap<Arc<str>, Vec<i64>>>,
    /// Streams of events that were caused since the last [`WorkloadProgram::take_caused`].
    unreported: Vec<Arc<str>>,
}

/// A running program. A clone shares everything that does not change.
#[derive(Clone, Debug)]
pub(crate) struct WorkloadProgram {
    catalog: Arc<Catalog>,
    container: Arc<Container>,
    /// Ports that were asked.
    ports: BTreeMap<u16, Port>,
    end: Option<i64>,
    /// What acts on the program from outside.
    pub(crate) disturbances: Arc<Disturbances>,
}

/// Returns true if the container runs to its end: an init container other than a sidecar, or one of
/// a Job.
fn is_task(start: &Start<'_>) -> bool {
    let mut owners = start.pod["metadata"].list("ownerReferences").iter();
    let name = start.container.str("name");
    let mut init = start.pod["spec"].list("initContainers").iter();
    let init = init.any(|one| one.str("name") == name && one.str("restartPolicy") != "Always");
    init || owners.any(|owner| owner.str("kind") == "Job")
}

impl WorkloadProgram {
    fn new(catalog: Arc<Catalog>, start: &Start<'_>, seed: u64) -> Self {
        let container = Arc::new(Container::new(start, seed));
        let end = is_task(start).then_some(TASK);
        Self { catalog, container, ports: BTreeMap::new(), end, disturbances: Arc::default() }
    }

    /// Returns true if the program tells its readiness probe that it is not ready.
    fn is_unready(&self) -> bool {
        let Container { namespace, pod, .. } = &*self.container;
        let unready = &self.disturbances.unready;
        !unready.is_empty() && unready.contains(&(namespace.clone(), pod.clone()))
    }

    /// The effects of faults on a port.
    fn effects(&self, port: u16, now: i64) -> FaultEffects {
        if self.disturbances.faults.is_empty() {
            return FaultEffects::default();
        }
        let Container { namespace, pod, name, .. } = &*self.container;
        self.disturbances.effects(&format!("{namespace}/{pod}/{name}:{port}"), now)
    }

    /// Counts events of a stream. Returns false if nothing listens on the port.
    pub fn cause(&mut self, port: u16, stream: &Arc<str>, count: u32, now: i64) -> bool {
        let found = self.port(port);
        let Some(port) = found else { return false };
        (0..count).for_each(|_| port.count(stream, now));
        true
    }

    /// A listener on a port; None if the program does not have it.
    fn new_port(&self, port: u16) -> Option<Port> {
        let served = self.catalog.served(self.container.facts(), port)?;
        let metrics = self.container.metrics(&served, port);
        Some(Port { served, metrics, caused: Arc::default(), unreported: Vec::new() })
    }

    fn port(&mut self, port: u16) -> Option<&mut Port> {
        if !self.ports.contains_key(&port) {
            let listener = self.new_port(port)?;
            self.ports.insert(port, listener);
        }
        self.ports.get_mut(&port)
    }

    /// The events that requests have caused since the last call: the port and the stream of each.
    pub fn take_caused(&mut self) -> Vec<(u16, Arc<str>)> {
        let ports = self.ports.iter_mut();
        let caused = ports.flat_map(|(number, port)| {
            std::mem::take(&mut port.unreported).into_iter().map(move |stream| (*number, stream))
        });
        caused.collect()
    }

    /// Returns true if the readiness probe asks for a path.
    fn is_readiness(&self, port: u16, path: &str) -> bool {
        let get = &self.container.readiness["httpGet"];
        let own = get.str("path").trim_start_matches('/');
        let number = get["port"].as_int().or_else(|| {
            let ports = &self.container.named;
            ports.get(get["port"].as_str()?).copied()
        });
        !get.is_null()
            && path.trim_start_matches('/') == own
            && number.is_none_or(|number| number == i64::from(port))
    }

    fn is_probed(&self, path: &str) -> bool {
        self.container.probed.iter().any(|one| one == path)
    }
}

impl Port {
    /// The metrics in the format that the Accept header asks for.
    fn body(
        &self,
        accept: &str,
        now: i64,
        effects: &FaultEffects,
        disturbances: &Disturbances,
    ) -> HttpAnswer {
        let formats = self.metrics.formats();
        let (format, escaping) = negotiate_text(accept, formats.openmetrics);
        let influences = Influences { changes: &disturbances.traffic, extra: Some(&self.caused) };
        let format = match &effects.content_type {
            Some(_) => Format::PrometheusText,
            None => format,
        };
        let body = self.metrics.text(now, influences, effects, &[], (format, escaping));
        let mut headers = content_type(format);
        if let (Some(own), Some((_, value))) = (&effects.content_type, headers.first_mut()) {
            *value = own.to_string();
        }
        HttpAnswer { body, headers, ..HttpAnswer::of(200) }
    }

    /// Performs the actions of a path. Returns the status of the answer; None if there is no action.
    fn act(&mut self, path: &str, now: i64) -> Option<u16> {
        let workload = self.served.workload.clone();
        let mut actions = workload.actions.iter().filter(|action| *action.path == *path).peekable();
        let status = actions.peek()?.status;
        for action in actions {
            self.count(&action.stream, now);
        }
        Some(status)
    }

    /// Counts an event.
    fn count(&mut self, stream: &Arc<str>, now: i64) {
        let caused = Arc::make_mut(&mut self.caused).entry(stream.clone()).or_default();
        if caused.len() < MOST_EVENTS {
            caused.push(now);
            self.unreported.push(stream.clone());
        }
    }

    /// The value of a metric without labels that the program reports.
    fn reading(&self, metric: &str, now: i64) -> Option<f64> {
        let mut values = Readings::default();
        let influences = Influences { changes: &[], extra: Some(&self.caused) };
        self.metrics.readings(now, influences, (false, false), &mut values);
        let samples = &self.metrics.plan().samples;
        let mut named = samples.iter().zip(values.floats);
        named.find(|(sample, _)| sample.labels.metric_name() == metric).map(|(_, value)| value)
    }

    /// Bytes of memory that the metrics report.
    fn memory(&self, now: i64) -> i64 {
        self.reading("process_resident_memory_bytes", now).map_or(0, |value| value as i64)
    }

    /// The use of resources that the metrics report; None if they report none.
    fn usage(&self, now: i64) -> Option<Usage> {
        let memory = self.reading("process_resident_memory_bytes", now)? as i64;
        let cpu = |at| self.reading("process_cpu_seconds_total", at).unwrap_or_default();
        let cores = (cpu(now) - cpu(now - WINDOW)) * 1000.0 / WINDOW as f64;
        Some(Usage { cores: cores.max(0.001), memory })
    }
}

/// The answer after the delay of a fault.
fn delayed(answer: HttpAnswer, effects: &FaultEffects) -> HttpAnswer {
    let delay = effects.takes.map_or(answer.delay, |takes| takes.millis());
    HttpAnswer { delay, ..answer }
}

fn content_type(format: Format) -> Vec<(String, String)> {
    vec![("Content-Type".to_owned(), format.content_type().to_owned())]
}

fn header<'a>(request: &HttpRequest<'a>, name: &str) -> &'a str {
    let found = request.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value)
}

impl Process for WorkloadProgram {
    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }

    fn end(&self, _limit: Option<i64>) -> Option<(i64, Exit)> {
        self.end.map(|at| (at, Exit::default()))
    }

    fn terminate(&mut self, at: i64) {
        let end = at + SHUTDOWN;
        self.end = Some(self.end.map_or(end, |own| own.min(end)));
    }

    fn listens(&self, port: u16, at: i64) -> bool {
        let Container { startup, listeners, .. } = &*self.container;
        let is_local = listeners.iter().any(|one| one.local && one.port == port);
        at >= *startup && (is_local || self.catalog.listens(self.container.facts(), port))
    }

    fn ports(&self, at: i64) -> Vec<u16> {
        let mut ports = self.catalog.ports(self.container.facts());
        ports.retain(|port| self.listens(*port, at));
        ports
    }

    fn http(&mut self, request: HttpRequest<'_>, at: i64) -> HttpAnswer {
        let now = self.container.started + at;
        let path = request.path.split(['?', '#']).next().unwrap_or_default();
        let path = if path.is_empty() { "/" } else { path };
        let is_probed = self.is_probed(path);
        let container = self.container.clone();
        let fails = self.is_unready() && self.is_readiness(request.port, path);
        if fails {
            return HttpAnswer::of(503);
        }
        let (effects, disturbances) = (self.effects(request.port, now), self.disturbances.clone());
        let Some(port) = self.port(request.port) else { return HttpAnswer::of(404) };
        let Served { hosts, status, error, .. } = port.served;
        if let Some(error) = error {
            return HttpAnswer::malformed(error);
        }
        if *port.served.path == *path
            && let Some(code) = effects.status
        {
            return delayed(HttpAnswer::of(code), &effects);
        }
        let refused = hosts.is_some_and(|variable| {
            let list = container.env.get(variable);
            !allows(list.map(String::as_str), header(&request, "Host"))
        });
        let status = if hosts.is_none() || refused { status } else { None };
        if refused {
            return HttpAnswer::of(status.unwrap_or(400));
        }
        if *port.served.path == *path {
            return match status {
                Some(status) => HttpAnswer::of(status),
                None => {
                    let accept = header(&request, "Accept");
                    delayed(port.body(accept, now, &effects, &disturbances), &effects)
                }
            };
        }
        let acted = port.act(path, now);
        match acted {
            Some(status) => HttpAnswer::of(status),
            None if is_probed => HttpAnswer::of(200),
            None => HttpAnswer::of(status.unwrap_or(404)),
        }
    }

    fn grpc(&mut self, port: u16, _service: &str, _at: i64) -> GrpcAnswer {
        let probed = self.container.readiness["grpc"].int("port") == i64::from(port);
        let status = if probed && self.is_unready() { "NOT_SERVING" } else { "SERVING" };
        GrpcAnswer::Status(status.to_owned())
    }

    fn exec(&mut self, command: &[&str], _at: i64) -> ExecAnswer {
        let probe = self.container.readiness["exec"].list("command");
        let same =
            !probe.is_empty() && probe.iter().filter_map(Value::as_str).eq(command.iter().copied());
        let code = i64::from(same && self.is_unready());
        ExecAnswer { code, ..ExecAnswer::default() }
    }

    fn log(&self, _at: i64) -> Vec<(i64, String)> {
        Vec::new()
    }

    fn memory(&self, at: i64) -> i64 {
        let now = self.container.started + at;
        self.ports.values().map(|port| port.memory(now)).max().unwrap_or_default()
    }

    fn usage(&self, at: i64) -> Usage {
        let now = self.container.started + at;
        let ports = self.catalog.ports(self.container.facts());
        let used = ports.into_iter().filter_map(|number| {
            let port = match self.ports.get(&number) {
                Some(port) => port.clone(),
                None => self.new_port(number)?,
            };
            port.usage(now)
        });
        // All ports are those of one process.
        let most = used.max_by(|a, b| a.memory.cmp(&b.memory));
        most.unwrap_or(Usage { cores: 0.001, memory: self.memory(at).max(8 << 20) })
    }

    fn last_change(&self) -> i64 {
        self.container.startup
    }
}
