//! Targets in containers of a Compose file: by the name of a service, or by a published port.

use std::sync::Arc;

use super::programs::ProcessId;
use super::server::Server;
use super::web_config;
use crate::workspace::compose::Service;
use crate::workspace::sources::{FileKind, Sources};
use go::net::join_host_port;
use kubernetes::network::{Connection, Server as Answering};
use schema::similar::nearest;
use simulation::workload::{Workload, library};
use simulation::world::{ProcessSpec, Reach};

/// The name under which containers reach the host.
const HOST: &str = "host.docker.internal";

/// The services of all Compose files. Empty if the workspace has manifests.
#[derive(Clone, Copy, Debug)]
pub struct Compose<'a> {
    sources: &'a Sources,
}

/// The end of a connection to a service of a Compose file.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A program answers. The text says which.
    Program { key: Arc<str>, why: String },
    /// Prometheus itself.
    Prometheus,
    /// No program listens on a port of Prometheus's own container.
    Refused { why: String },
    /// A container whose program is not known, or a port on which it may not listen.
    Unknown { why: String },
}

/// Returns the program of an image; None if no program is known for it.
fn program(image: &str) -> Option<&'static Arc<Workload>> {
    let fits = |workload: &&Arc<Workload>| {
        let mut rules = workload.matches.iter().filter_map(|rule| rule.image.as_deref());
        rules.any(|part| image.contains(part))
    };
    library().iter().find(fits)
}

/// The ports on which a service's program is known to listen: those of the program, and those that
/// the file names.
fn ports(service: &Service, workload: &Workload) -> Vec<u16> {
    let own = workload.matches.iter().filter(|rule| rule.image.is_none());
    service.ports.iter().copied().chain(own.filter_map(|rule| rule.port)).collect()
}

impl<'a> Compose<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources }
    }

    fn services(self) -> impl Iterator<Item = &'a Service> {
        let files = self.sources.of_kind(FileKind::Compose);
        files.flat_map(|source| source.services.iter())
    }

    /// The service that runs Prometheus.
    pub fn prometheus(self) -> Option<&'a Service> {
        self.services().find(|service| service.is_prometheus())
    }

    /// The first service with a part of an image's name.
    pub fn with_image(self, part: &str) -> Option<&'a Service> {
        self.services().find(|service| service.image.contains(part))
    }

    /// The programs of all services whose image is known.
    pub fn processes(self) -> impl Iterator<Item = ProcessSpec> + 'a {
        let others = self.services().filter(|service| !service.is_prometheus());
        others.filter_map(|service| {
            let workload = program(&service.image)?.clone();
            let (key, path) =
                (ProcessId::Service(service.name.clone()).key(), workload.path.clone());
            Some(ProcessSpec { key, workload, path, status: None, started: None })
        })
    }

    /// Returns what a target leads to. None if no Compose file bears on it.
    pub fn find(self, host: &str, port: i32) -> Option<Found> {
        let port = u16::try_from(port).ok()?;
        if let Some(service) = self.services().find(|one| one.names.iter().any(|name| name == host))
        {
            return Some(self.in_service(service, port));
        }
        let prometheus = self.prometheus();
        let on_host = prometheus.is_none_or(|service| service.on_host);
        let is_local = host == "localhost" || host == "127.0.0.1" || host == "::1";
        if is_local && !on_host {
            return prometheus.map(|service| own_container(service, port));
        }
        if is_local || host == HOST {
            let is_there =
                |service: &&Service| service.published.iter().any(|(own, _)| *own == port);
            let service = self.services().find(is_there)?;
            let (_, container) = service.published.iter().find(|(own, _)| *own == port)?;
            return Some(self.in_service(service, *container));
        }
        let is_name =
            !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
        let looks_like_service = is_name && !host.contains('.') && self.services().next().is_some();
        looks_like_service.then(|| {
            let names =
                self.services().flat_map(|service| service.names.iter().map(String::as_str));
            let hint =
                nearest(host, names).map_or(String::new(), |name| format!(" Did you mean {name}?"));
            Found::Unknown { why: format!("The Compose file has no service {host}.{hint}") }
        })
    }

    fn in_service(self, service: &Service, port: u16) -> Found {
        let name = &service.name;
        if service.is_prometheus() {
            let own = service.prometheus_port();
            return match port == own {
                true => Found::Prometheus,
                false => Found::Unknown {
                    why: format!(
                        "The service {name} runs Prometheus, which listens on port {own}."
                    ),
                },
            };
        }
        let image = &service.image;
        if image.is_empty() {
            return Found::Unknown {
                why: format!(
                    "The image of the service {name} is built, so that its program is not known."
                ),
            };
        }
        let arguments = service.command.iter().flatten().map(|(argument, _)| argument.as_str());
        if let Some(path) = web_config::path(arguments) {
            return Found::Unknown {
                why: format!(
                    "The service {name} reads {path}, which is not in the workspace. Whether it serves TLS and asks for a password is not known."
                ),
            };
        }
        let Some(workload) = program(image) else {
            return Found::Unknown {
                why: format!("No program is known for the image {image} of the service {name}."),
            };
        };
        let known = ports(service, workload);
        if !known.is_empty() && !known.contains(&port) {
            let list: Vec<String> = known.iter().map(u16::to_string).collect();
            return Found::Unknown {
                why: format!(
                    "Port {port} of the service {name} is not known; those of {} are {}.",
                    workload.title,
                    list.join(", ")
                ),
            };
        }
        Found::Program {
            key: ProcessId::Service(name.clone()).key(),
            why: format!("The service {name} of the Compose file runs {image}."),
        }
    }
}

/// In the container of Prometheus only Prometheus itself listens.
fn own_container(service: &Service, port: u16) -> Found {
    match port == service.prometheus_port() {
        true => Found::Prometheus,
        false => Found::Refused {
            why: format!(
                "Prometheus runs in the container of the service {}. There, localhost is that container, and only Prometheus listens in it.",
                service.name
            ),
        },
    }
}

/// Returns the connection of a server that runs in no pod to a container of a Compose file, with the
/// program.
pub fn connection(
    sources: &Sources,
    server: &Server,
    (host, port): (&str, i32),
    path: &Arc<str>,
) -> Option<(Connection, Reach)> {
    if !server.on_host || server.stopped.is_some() {
        return None;
    }
    let external = || Answering::External { host: host.to_owned(), port };
    let process = |key| Reach::Process { key, path: path.clone() };
    Some(match Compose::new(sources).find(host, port)? {
        Found::Program { key, why } => (Connection::connected(external(), why), process(key)),
        Found::Prometheus => {
            let why = "Prometheus itself listens there.".to_owned();
            (Connection::connected(Answering::Prometheus, why), process(ProcessId::Server.key()))
        }
        Found::Unknown { why } => (Connection::connected(external(), why), Reach::Unknown),
        Found::Refused { why } => {
            let ip = if host == "localhost" { "::1" } else { host };
            let error =
                format!("dial tcp {}: connect: connection refused", join_host_port(ip, port));
            super::routes::refused(error, why)
        }
    })
}
