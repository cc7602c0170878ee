//! Requests of the server, and the network that answers them.

use discovery::{Access, Resolver};
use go::Duration;
use kubernetes::Cluster;
use promql::Timestamp;

/// A request that the server sends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outgoing {
    pub method: &'static str,
    pub url: String,
    /// Without `Host`, which is that of the URL.
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub tls: TlsClient,
    pub timeout: Duration,
}

/// The verification of the certificate of the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsClient {
    pub insecure_skip_verify: bool,
    /// Empty for the host of the URL.
    pub server_name: String,
    /// The certificate authorities in PEM; None for those of the system.
    pub ca: Option<String>,
}

/// A request with its outcome, and the time that it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    pub outcome: RequestOutcome,
    pub takes: Duration,
}

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestOutcome {
    Answered(Answer),
    /// The error of the connection, as Go prints it without method and URL:
    /// `dial tcp 10.0.0.1:80: connect: connection refused`.
    Failed(String),
    /// The connection leads back to the server, which answers a request for this path itself.
    Own(String),
}

impl From<Result<Answer, String>> for RequestOutcome {
    fn from(result: Result<Answer, String>) -> Self {
        match result {
            Ok(answer) => Self::Answered(answer),
            Err(error) => Self::Failed(error),
        }
    }
}

/// A response of another server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// The first header of a name, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// Objects that a Kubernetes client may see.
pub struct ClusterView<'a> {
    pub cluster: &'a Cluster,
    pub access: &'a dyn Access,
}

/// The network around a server.
pub trait Network: Resolver {
    /// Sends a request at a time.
    fn send(&mut self, request: &Outgoing, now: Timestamp) -> Exchange;

    /// The objects behind an API server; the URL is empty for that of the own cluster. None if
    /// requests have to be sent with [`Network::send`].
    fn cluster(&self, api_server: &str) -> Option<ClusterView<'_>>;

    /// A number that changes whenever [`Network::cluster`] may show something else.
    fn revision(&self) -> u64;
}

impl Outgoing {
    /// The error of a request that failed, with method and URL: `Get "http://…": EOF`.
    ///
    /// Source: net/http client.go `Client.do`.
    pub fn failure(&self, error: &str) -> String {
        let mut method = self.method.to_ascii_lowercase();
        if let Some(first) = method.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        format!("{method} {}: {error}", go::quote::quote(&self.url))
    }
}

/// Sends a request. An answer that takes longer than the timeout is an error, and so is one that
/// never comes. The error names method and URL. `own` answers a request that leads back to the
/// server, given its path.
pub(crate) fn send(
    network: &mut dyn Network,
    request: &Outgoing,
    now: Timestamp,
    own: &dyn Fn(&str) -> Result<Answer, String>,
) -> (Result<Answer, String>, Duration) {
    let Exchange { outcome, takes } = network.send(request, now);
    if request.timeout.millis() > 0 && takes >= request.timeout {
        return (Err(request.failure("context deadline exceeded")), request.timeout);
    }
    let result = match outcome {
        RequestOutcome::Answered(answer) => Ok(answer),
        RequestOutcome::Failed(error) => Err(error),
        RequestOutcome::Own(path) => own(&path),
    };
    (result.map_err(|error| request.failure(&error)), takes)
}
