//! The workload of a container: described by a file of the workspace, by the scenario, or known by
//! the image and the port.

use std::sync::Arc;

use kubernetes::images::{Answer, metrics_port, without_metrics};
use kubernetes::listeners::Listener;
use scenarios::{WorkloadRule, image_name};
use simulation::workload::{Match, Workload, WorkloadQuery, library};

/// The sources of knowledge about programs, in the order of precedence; the library of known images
/// comes last.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub described: Vec<Described>,
    /// The rules of the scenario.
    pub rules: &'static [WorkloadRule],
}

/// A workload that a file describes, with the containers that run it.
#[derive(Clone, Debug)]
pub struct Described {
    pub matches: Vec<Match>,
    pub workload: Arc<Workload>,
}

/// The facts about a container that decide which workload it runs.
#[derive(Clone, Copy, Debug)]
pub struct ContainerFacts<'a> {
    pub image: &'a str,
    pub container: &'a str,
    pub namespace: &'a str,
    /// The TCP ports that the container declares.
    pub declared: &'a [u16],
    /// The addresses that its flags name.
    pub listeners: &'a [Listener],
}

/// The answers of a program on one port.
#[derive(Clone, Debug)]
pub struct Served {
    pub workload: Arc<Workload>,
    /// The path of the metrics; empty if the program has none.
    pub path: Arc<str>,
    /// The HTTP status of the path, if it is not 200. Without metrics it is that of all paths.
    pub status: Option<u16>,
    /// The environment variable with the host names that the program answers to. Requests for other
    /// hosts get [`Self::status`].
    pub hosts: Option<&'static str>,
    /// The error of Go's HTTP client, if the program does not speak HTTP.
    pub error: Option<&'static str>,
}

impl Served {
    fn metrics(workload: &Arc<Workload>) -> Self {
        let (workload, path) = (workload.clone(), workload.path.clone());
        Self { workload, path, status: None, hosts: None, error: None }
    }

    /// A public program without metrics.
    fn without_metrics(workload: &Arc<Workload>, answer: Answer) -> Self {
        let (status, error) = match answer {
            Answer::Status(status) => (Some(status), None),
            Answer::Error(error) => (None, Some(error)),
            Answer::Other => (None, Some(MALFORMED)),
        };
        Self { path: "".into(), status, error, ..Self::metrics(workload) }
    }
}

/// The error if the first bytes of an answer are no HTTP. Go's client adds the bytes, which are not
/// known here.
const MALFORMED: &str = "net/http: HTTP/1.x transport connection broken: malformed HTTP response";

/// The workload of unknown programs: the metrics of every client library.
pub fn unknown() -> Option<&'static Arc<Workload>> {
    library().by_name("process")
}

impl<'a> ContainerFacts<'a> {
    fn query(&self, port: u16) -> WorkloadQuery<'a> {
        let Self { image, container, namespace, .. } = *self;
        WorkloadQuery { image, container, namespace, port }
    }
}

impl Catalog {
    /// The place of the first file that describes the program on a port.
    pub fn described_at(&self, facts: ContainerFacts<'_>, port: u16) -> Option<usize> {
        let query = facts.query(port);
        self.described.iter().position(|one| one.matches.iter().any(|rule| rule.fits(query)))
    }

    /// The scenario's rule for a port, unless a file describes the program.
    pub fn rule(&self, facts: ContainerFacts<'_>, port: u16) -> Option<&'static WorkloadRule> {
        if self.described_at(facts, port).is_some() {
            return None;
        }
        self.rules.iter().find(|rule| rule.is_for(facts.image, i32::from(port)))
    }

    /// The answers of the program on a port. None only if the library lacks a workload.
    pub fn served(&self, facts: ContainerFacts<'_>, port: u16) -> Option<Served> {
        if let Some(one) = self.described_at(facts, port).and_then(|at| self.described.get(at)) {
            return Some(Served::metrics(&one.workload));
        }
        let Some(rule) = self.rule(facts, port) else {
            let known = library().for_container(facts.image, port);
            let silent = without_metrics(facts.image).filter(|_| known.is_none());
            let workload = known.or_else(unknown)?;
            return Some(match silent {
                Some(program) => Served::without_metrics(workload, program.answer),
                None => Served::metrics(workload),
            });
        };
        // A program without metrics has no path that it would expose them under.
        let silent = rule.workload.is_empty();
        let workload = if silent { unknown()? } else { library().by_name(rule.workload)? }.clone();
        Some(Served {
            workload,
            path: if silent { "".into() } else { rule.path.into() },
            status: Some(rule.status).filter(|status| *status != 200),
            hosts: Some(rule.hosts).filter(|variable| !variable.is_empty()),
            error: None,
        })
    }

    /// The ports that files give to a container.
    fn described_ports<'b>(&'b self, facts: ContainerFacts<'b>) -> impl Iterator<Item = u16> + 'b {
        let rules = self.described.iter().flat_map(|one| &one.matches);
        let ports = rules.filter_map(|rule| rule.port);
        ports.filter(move |port| self.described_at(facts, *port).is_some())
    }

    /// The ports that programs of an image usually listen on.
    fn usual_ports(image: &str) -> impl Iterator<Item = u16> {
        let of_image = library().iter().filter(move |workload| {
            let fits = |part: &Arc<str>| image.contains(&**part);
            workload.matches.iter().any(|rule| rule.image.as_ref().is_some_and(fits))
        });
        let rules = of_image.flat_map(|workload| &workload.matches);
        rules.filter_map(|rule| rule.port).chain(metrics_port(image))
    }

    /// The declared ports or, without any, those of the image. A port that a flag names takes the
    /// place of the usual one.
    fn own_ports(facts: ContainerFacts<'_>) -> Vec<u16> {
        let mut ports = facts.declared.to_vec();
        if !facts.listeners.is_empty() {
            ports.retain(|port| Self::usual_ports(facts.image).all(|usual| usual != *port));
            let named = facts.listeners.iter();
            ports.retain(|port| named.clone().all(|one| one.port != *port));
            ports.extend(named.filter(|one| !one.local).map(|one| one.port));
        } else if ports.is_empty() {
            ports.extend(Self::usual_ports(facts.image));
        }
        ports
    }

    /// The ports on which a program of the container is known, sorted: those of its flags, the
    /// declared ones or, without any, those of the image; and those that files and the scenario give.
    pub fn ports(&self, facts: ContainerFacts<'_>) -> Vec<u16> {
        let mut ports = Self::own_ports(facts);
        let image = image_name(facts.image);
        let rules = self.rules.iter().filter(|rule| rule.image == image);
        ports.extend(rules.filter_map(|rule| u16::try_from(rule.port).ok()));
        ports.extend(self.described_ports(facts));
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// Returns true if the container listens on a port for other pods: a program of a file or of the
    /// scenario on its own port, and any other program on the ports of its flags and the declared
    /// ones or, without these, on those that its image is known for.
    pub fn listens(&self, facts: ContainerFacts<'_>, port: u16) -> bool {
        if self.described_ports(facts).any(|own| own == port) {
            return true;
        }
        let image = image_name(facts.image);
        let mut of_image = self.rules.iter().filter(|rule| rule.image == image).peekable();
        if of_image.peek().is_some() {
            return of_image.any(|rule| rule.port == i32::from(port) && !rule.closed);
        }
        if !facts.listeners.is_empty() || !facts.declared.is_empty() {
            return Self::own_ports(facts).contains(&port);
        }
        // A known program without a known port listens on any.
        let ports = self.ports(facts);
        match ports.is_empty() {
            true => library().for_container(facts.image, port).is_some(),
            false => ports.contains(&port),
        }
    }
}
