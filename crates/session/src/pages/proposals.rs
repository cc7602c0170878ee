//! Proposed files for a target of which no file says what it answers.

use crate::analysis::routes::Route;
use kubernetes::network::{DialResult, Server};
use protocol::pages::targets::NewFile;
use simulation::workload::library;
use yaml::quoted;

/// The place of a program that answers scrapes.
pub(super) enum Place<'a> {
    /// `host:port`, outside of the cluster or in a Compose file.
    Address(&'a str),
    Container {
        namespace: &'a str,
        container: &'a str,
        port: i32,
    },
}

impl<'a> Place<'a> {
    /// The place of the program at the end of a route.
    pub fn of(route: &'a Route) -> Self {
        match &route.connection.outcome {
            DialResult::Connected(Server::Container { namespace, container, port, .. }) => {
                Self::Container { namespace, container, port: *port }
            }
            _ => Self::Address(&route.address),
        }
    }

    /// A name for the program, its port, and the words of a sentence for it.
    fn described(&self) -> (String, u16, String) {
        match self {
            Self::Address(address) => {
                let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
                let shown = address.chars().filter(|c| !c.is_control()).collect();
                (host.to_owned(), port.parse().unwrap_or_default(), shown)
            }
            Self::Container { container, port, .. } => {
                let shown = format!("port {port} of the container {container}");
                ((*container).to_owned(), u16::try_from(*port).unwrap_or_default(), shown)
            }
        }
    }

    /// The name of a file about the place, without extension.
    fn file_stem(&self) -> String {
        let name = match self {
            Self::Address(address) => (*address).to_owned(),
            Self::Container { container, port, .. } => format!("{container}-{port}"),
        };
        let letters = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = name.chars().map(letters).take(60).collect();
        name.trim_matches('-').to_owned()
    }

    /// A file that describes the program: the exporter that is known for the name or for the port,
    /// else the metrics that every client library has.
    pub fn program(&self) -> NewFile {
        let (host, port, shown) = self.described();
        let known = library().for_container(&host, port);
        let included = known.map_or("process", |workload| &*workload.name);
        let name = self.file_stem();
        let matches = match self {
            Self::Address(_) => format!("address: {}", quoted(&shown)),
            Self::Container { namespace, container, port } => {
                format!("container: {container}\n    namespace: {namespace}\n    port: {port}")
            }
        };
        let title = quoted(&shown);
        NewFile {
            name: format!("{name}.yaml"),
            text: format!(
                "# The program that answers at {shown}. Change `includes`, or write the metrics as `families`.\n\
                 name: {name}\n\
                 title: {title}\n\
                 matches:\n  - {matches}\n\
                 includes: [{included}]\n"
            ),
        }
    }

    /// A file for a pasted `/metrics` body of the program.
    pub fn body(&self, path: &str) -> NewFile {
        let matches = match self {
            Self::Address(address) => {
                let shown: String =
                    address.chars().filter(|c| !c.is_control() && *c != ' ').collect();
                format!("address={shown}")
            }
            Self::Container { namespace, container, port } => {
                format!("container={container} namespace={namespace} port={port}")
            }
        };
        let path: String = path.chars().filter(|c| !c.is_control()).collect();
        let path = match path.as_str() {
            "/metrics" => String::new(),
            other => format!("# path: {other}\n"),
        };
        NewFile {
            name: format!("{}.prom", self.file_stem()),
            text: format!(
                "# for: {matches}\n{path}# Paste the body of the answer below. Its counters go on from the values there.\n"
            ),
        }
    }
}
