//! Connections from a pod to a host and port: the server that answers, or the layer that refuses
//! and its error.
//!
//! kube-proxy is assumed to run in iptables mode.

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

/// The cluster and the ports on which its programs listen.
#[derive(Clone, Copy)]
pub struct Network<'a> {
    pub state: &'a ClusterState,
    /// Returns true if a running container listens on a TCP port. The program decides this;
    /// `containerPort` is informational.
    pub listens: &'a dyn Fn(&Pod, &Container, i32) -> bool,
}

/// Assumes that a program listens on the TCP ports that its container declares.
pub fn declared_ports(_: &Pod, container: &Container, port: i32) -> bool {
    container.ports.iter().any(|one| one.container_port.value == port && &*one.protocol == "TCP")
}

/// The source of a connection.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionSource<'a> {
    pub namespace: &'a str,
    /// The name of the pod. Without a pod no network policy applies.
    pub pod: Option<&'a str>,
}

/// The result of a connection attempt, with an explanation.
#[derive(Clone, Debug)]
pub struct Connection {
    pub outcome: DialResult,
    /// Explains which layer answered and which manifest decides.
    pub explanation: String,
    /// Related locations.
    pub related: Vec<Related>,
    pub remedies: Vec<Remedy>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DialResult {
    Connected(Server),
    Failed {
        layer: Layer,
        /// The error of Go, without the prefix `Get "…": `.
        error: String,
    },
}

/// The server that answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Server {
    Container {
        namespace: Text,
        pod: Text,
        container: Text,
        port: i32,
    },
    /// The API server. It requires TLS and authentication.
    ApiServer,
    /// The kubelet of a node. It requires TLS.
    Kubelet {
        node: Text,
    },
    /// The Prometheus server itself, if it runs in no pod.
    Prometheus,
    /// A server outside of the cluster.
    External {
        host: String,
        port: i32,
    },
}

/// The layer at which a connection fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// The name does not exist.
    Dns,
    /// The Service does not have the port. No iptables rule matches, so packets are lost.
    ServicePort,
    /// The Service has no ready endpoints. The connection is refused.
    NoEndpoints,
    /// No program of the pod listens on the port.
    NotListening,
    /// No pod has the IP.
    NoPod,
    NetworkPolicy,
}

/// A suggested remedy.
#[derive(Clone, Debug)]
pub enum Remedy {
    /// Another `host:port`, with the reason.
    Address { text: String, why: String },
    /// A fix of a manifest.
    Edit(Fix),
}

impl Connection {
    pub fn is_connected(&self) -> bool {
        matches!(self.outcome, DialResult::Connected(_))
    }

    pub fn connected(server: Server, explanation: String) -> Self {
        Self {
            outcome: DialResult::Connected(server),
            explanation,
            related: Vec::new(),
            remedies: Vec::new(),
        }
    }

    /// A connection to a port on which nothing listens.
    pub fn refused(error: String, explanation: String) -> Self {
        Self::failed(Layer::NotListening, error, explanation)
    }

    fn failed(layer: Layer, error: String, explanation: String) -> Self {
        Self {
            outcome: DialResult::Failed { layer, error },
            explanation,
            related: Vec::new(),
            remedies: Vec::new(),
        }
    }

    /// Adds a related location.
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

/// Names an object: `Service web`, or `Service shop/web` from another namespace.
fn in_words(reference: &ObjectRef, from: &str) -> String {
    if &*reference.namespace == from {
        format!("{} {}", reference.kind, reference.name)
    } else {
        reference.to_string()
    }
}
