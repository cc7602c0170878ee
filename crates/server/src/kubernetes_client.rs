//! Lists of Kubernetes objects from an API server that is reached over the network.
//!
//! Source: k8s.io/client-go rest/config.go, rest/request.go.

use discovery::Access;
use discovery::kubernetes::RoleKinds;
use kubernetes::objects::Kind;
use kubernetes::{Cluster, decode};
use prometheus::config::{KubernetesRole, KubernetesSdConfig};
use promql::Timestamp;
use text::FileId;

use crate::client::{Client, USER_AGENT};
use crate::files::Files;
use crate::network::{Network, Outgoing, send};
use crate::process::{Host, SERVICE_ACCOUNT};

/// A client of one API server.
pub(crate) struct ApiClient<'a> {
    url: String,
    client: &'a Client,
    /// The service account's token is sent.
    in_cluster: bool,
}

/// The objects of a discovery entry, and the lists that failed.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub cluster: Cluster,
    failed: Vec<(Kind, Option<String>, ListError)>,
}

/// The reason why a list failed.
#[derive(Debug)]
enum ListError {
    /// The connection failed. The client tries again without a word.
    Connection,
    /// The message of the API server.
    Refused(String),
}

impl Listing {
    /// The errors that the client logs.
    pub fn errors(&self) -> Vec<String> {
        let refused = self.failed.iter().filter_map(|(kind, _, error)| match error {
            ListError::Connection => None,
            ListError::Refused(message) => Some(format!("failed to list *v1.{kind}: {message}")),
        });
        refused.collect()
    }
}

impl Access for Listing {
    fn allows(&self, verb: &str, kind: Kind, namespace: Option<&str>) -> bool {
        let same = |(failed, scope, _): &(Kind, Option<String>, ListError)| {
            *failed == kind && scope.as_deref() == namespace
        };
        verb != "list" || !self.failed.iter().any(same)
    }

    fn user(&self) -> &str {
        ""
    }
}

impl<'a> ApiClient<'a> {
    /// The client for `api_server` of a discovery entry; empty for that of the own cluster.
    pub fn new(api_server: &str, client: &'a Client, host: &Host) -> Self {
        let variable = |name: &str| host.environment.get(name).cloned().unwrap_or_default();
        let url = match api_server {
            "" => {
                let address = variable("KUBERNETES_SERVICE_HOST");
                let port = variable("KUBERNETES_SERVICE_PORT");
                format!("https://{}", go::net::join_host_port(&address, port))
            }
            url => url.trim_end_matches('/').to_owned(),
        };
        Self { url, client, in_cluster: api_server.is_empty() }
    }

    /// Lists the objects that an entry needs.
    pub fn list(
        &self,
        settings: &KubernetesSdConfig,
        own_namespace: Option<&str>,
        files: &Files,
        network: &mut dyn Network,
        now: Timestamp,
    ) -> Listing {
        let mut scopes: Vec<&str> = settings.namespaces.iter().map(|name| &**name).collect();
        scopes.extend(own_namespace.map(str::trim).filter(|_| settings.own_namespace));
        scopes.dedup();
        let scopes: Vec<Option<&str>> = match scopes.as_slice() {
            _ if *settings.role == KubernetesRole::Node => vec![None],
            [] => vec![None],
            names => names.iter().copied().map(Some).collect(),
        };
        let kinds = RoleKinds::of(settings);
        let mut bodies = Vec::new();
        let mut failed = Vec::new();
        for scope in scopes {
            for kind in kinds.waited_for.iter().chain(&kinds.optional).copied() {
                let scope = scope.filter(|_| kind.is_namespaced());
                match self.list_kind(kind, scope, files, network, now) {
                    Ok(body) => bodies.push(yaml::parse(FileId(0), &body)),
                    Err(error) => failed.push((kind, scope.map(str::to_owned), error)),
                }
            }
        }
        Listing { cluster: decode::decode(&bodies, "default").cluster, failed }
    }

    fn list_kind(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        files: &Files,
        network: &mut dyn Network,
        now: Timestamp,
    ) -> Result<String, ListError> {
        let prefix = if kind.api_group().is_empty() { "api" } else { "apis" };
        let scope = namespace.map(|name| format!("namespaces/{name}/")).unwrap_or_default();
        let (version, resource) = (kind.api_version(), kind.resource());
        let mut request = Outgoing {
            method: "GET",
            url: format!(
                "{}/{prefix}/{version}/{scope}{resource}?limit=500&resourceVersion=0",
                self.url
            ),
            headers: vec![
                ("Accept".to_owned(), "application/json, */*".to_owned()),
                ("User-Agent".to_owned(), USER_AGENT.to_owned()),
            ],
            ..Outgoing::default()
        };
        self.client.authorize(&mut request, files).map_err(|_| ListError::Connection)?;
        if self.in_cluster {
            let token = files.read(&format!("{SERVICE_ACCOUNT}/token")).unwrap_or_default();
            let value = format!("Bearer {}", token.trim());
            request.headers.push(("Authorization".to_owned(), value));
            request.tls.ca =
                files.read(&format!("{SERVICE_ACCOUNT}/ca.crt")).ok().map(str::to_owned);
        }
        // A server is no API server.
        let own = |_: &str| Err("EOF".to_owned());
        let (answer, _) = send(network, &request, now, &own);
        let answer = answer.map_err(|_| ListError::Connection)?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        Err(ListError::Refused(message(answer.status, &answer.body, resource)))
    }
}

/// The message of a `Status`, or what the client makes of an answer that is none.
///
/// Source: k8s.io/apimachinery pkg/api/errors `NewGenericServerResponse`.
fn message(status: u16, body: &str, resource: &str) -> String {
    let said = serde_json::from_str::<serde_json::Value>(body).ok();
    let said = said.filter(|value| value["kind"] == "Status");
    if let Some(message) = said.as_ref().and_then(|value| value["message"].as_str()) {
        return message.to_owned();
    }
    let what = match status {
        401 => "the server has asked for the client to provide credentials",
        403 => return body.trim().to_owned(),
        404 => "the server could not find the requested resource",
        429 => "the server has received too many requests and has asked us to try again later",
        500 => "an error on the server has prevented the request from succeeding",
        503 => "the server is currently unable to handle the request",
        _ => "the server responded with the status code but did not return more information",
    };
    format!("{what} (get {resource})")
}
