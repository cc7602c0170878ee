//! From a pod to a host and port: who answers, or which layer refuses, and in which words.
//!
//! kube-proxy is taken to work in its usual mode, with rules of iptables.

mod certificate;
mod connect;
mod failures;
mod policy;
#[cfg(test)]
mod tests;

pub use certificate::{Certificate, certificate, distrust};
pub use connect::{connect, connect_to};
pub use policy::{Denied, Direction, in_cidr};

use super::controllers::ClusterState;
use super::objects::{Container, ObjectRef, Pod, Text};
use text::{Fix, Related};

/// The cluster, and what the programs in it listen on.
#[derive(Clone, Copy)]
pub struct Network<'a> {
    pub state: &'a ClusterState,
    /// Whether a container that runs listens on a TCP port. `containerPort` is only a note and
    /// opens nothing, so this is the program's matter.
    pub listens: &'a dyn Fn(&Pod, &Container, i32) -> bool,
}

/// What a program is taken to listen on when nothing else is known: the ports it declares, and for
/// Prometheus the one of its flags.
pub fn declared_ports(_: &Pod, container: &Container, port: i32) -> bool {
    container.ports.iter().any(|one| one.container_port.value == port && &*one.protocol == "TCP")
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionSource<'a> {
    pub namespace: &'a str,
    /// The pod's name. Without one the connection comes from nowhere in particular, and no policy
    /// is looked at.
    pub pod: Option<&'a str>,
}

/// What became of an attempt to connect.
#[derive(Clone, Debug)]
pub struct Connection {
    pub outcome: DialResult,
    /// A sentence or two for people: which layer answered, and what in which manifest decides.
    pub explanation: String,
    /// The places that have to do with it.
    pub related: Vec<Related>,
    pub remedies: Vec<Remedy>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DialResult {
    Connected(Server),
    Failed {
        layer: Layer,
        /// As Go words it behind `Get "…": `.
        error: String,
    },
}

/// Who answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Server {
    Container {
        namespace: Text,
        pod: Text,
        container: Text,
        port: i32,
    },
    /// It speaks TLS and wants to know who asks.
    ApiServer,
    /// A node's kubelet; TLS too.
    Kubelet {
        node: Text,
    },
    /// Something that is not in the cluster.
    External {
        host: String,
        port: i32,
    },
}

/// The layer at which a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// No such name.
    Dns,
    /// The Service has no such port: no rule takes the packets, and they are lost.
    ServicePort,
    /// The Service has no ready endpoints: refused at once.
    NoEndpoints,
    /// Nothing in the pod listens on the port.
    NotListening,
    /// No pod has the address.
    NoPod,
    NetworkPolicy,
}

/// Something that would help.
#[derive(Clone, Debug)]
pub enum Remedy {
    /// Another `host:port` in place of the one that was tried, and why.
    Address { text: String, why: String },
    /// A change of a manifest.
    Edit(Fix),
}

impl Connection {
    pub fn is_connected(&self) -> bool {
        matches!(self.outcome, DialResult::Connected(_))
    }

    fn connected(server: Server, explanation: String) -> Self {
        Self {
            outcome: DialResult::Connected(server),
            explanation,
            related: Vec::new(),
            remedies: Vec::new(),
        }
    }

    fn failed(layer: Layer, error: String, explanation: String) -> Self {
        Self {
            outcome: DialResult::Failed { layer, error },
            explanation,
            related: Vec::new(),
            remedies: Vec::new(),
        }
    }

    /// What Kubernetes object is named in a message.
    fn with_related(mut self, at: Option<text::Location>, message: impl Into<String>) -> Self {
        if let Some(location) = at {
            self.related.push(Related { location, message: message.into() });
        }
        self
    }

    fn with_remedy(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }
}

/// A Service or pod in words: `Service web` or, from elsewhere, `Service shop/web`.
fn in_words(reference: &ObjectRef, from: &str) -> String {
    if &*reference.namespace == from {
        format!("{} {}", reference.kind, reference.name)
    } else {
        reference.to_string()
    }
}
