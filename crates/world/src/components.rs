//! Answers of the kubelets and the API server to requests over HTTPS.
//!
//! Source: Kubernetes pkg/kubelet/server/auth.go, apiserver pkg/endpoints/filters.

use cluster::controllers::CERTIFICATE;
use kubernetes::Cluster;
use kubernetes::network::{Server, certificate, distrust};
use kubernetes::rbac::{self, Request};
use server::network::{Answer, Outgoing};

use crate::account::ServiceAccount;

/// A component with a certificate, and the state that it shows.
pub(crate) struct Component<'a> {
    pub cluster: &'a Cluster,
    pub kubelets: &'a cluster::kubelet::Kubelets,
}

/// The sender of a request.
enum User {
    Anonymous,
    Account(ServiceAccount),
    /// The token is none that the cluster has issued.
    Unknown,
}

fn user(request: &Outgoing) -> User {
    let header = request.headers.iter().find(|(name, _)| name == "Authorization");
    let token = header.and_then(|(_, value)| value.strip_prefix("Bearer "));
    match (header, token.and_then(ServiceAccount::of_token)) {
        (None, _) => User::Anonymous,
        (_, Some(account)) => User::Account(account),
        _ => User::Unknown,
    }
}

fn plain(status: u16, body: impl Into<String>) -> Answer {
    let headers = vec![("Content-Type".to_owned(), "text/plain; charset=utf-8".to_owned())];
    Answer { status, headers, body: body.into() }
}

impl Component<'_> {
    /// Answers a request to a server of the cluster that speaks TLS. The error is that of the TLS
    /// handshake.
    pub fn answer(
        &self,
        server: &Server,
        request: &Outgoing,
        (scheme, host, path): (&str, &str, &str),
    ) -> Result<Answer, String> {
        if scheme != "https" {
            return Ok(plain(400, "Client sent an HTTP request to an HTTPS server.\n"));
        }
        self.handshake(server, request, host)?;
        Ok(match server {
            Server::Kubelet { node } => self.kubelet(node, request, path),
            _ => self.api_server(request, path),
        })
    }

    fn handshake(&self, server: &Server, request: &Outgoing, host: &str) -> Result<(), String> {
        let tls = &request.tls;
        let Some(certificate) = certificate(self.cluster, server) else { return Ok(()) };
        if tls.insecure_skip_verify {
            return Ok(());
        }
        let host = if tls.server_name.is_empty() { host } else { &tls.server_name };
        let trusts = tls.ca.as_deref().is_some_and(|ca| ca.trim() == CERTIFICATE.trim());
        distrust(&certificate, host, trusts).map_or(Ok(()), Err)
    }

    /// A kubelet knows the tokens of the API server and asks it for permission.
    fn kubelet(&self, node: &str, request: &Outgoing, path: &str) -> Answer {
        let User::Account(account) = user(request) else { return plain(401, "Unauthorized") };
        // Source: pkg/kubelet/server/auth.go `GetRequestAttributes`.
        let resource = match path {
            path if path.starts_with("/metrics") => "nodes/metrics",
            path if path.starts_with("/stats") => "nodes/stats",
            path if path.starts_with("/healthz") => "nodes/healthz",
            path if path.starts_with("/pods") => "nodes/pods",
            _ => "nodes/proxy",
        };
        if !self.may(&account, Request::of_node(resource, node)) {
            let user = account.account().user();
            let error = format!(
                "Forbidden (user={user}, verb=get, resource=nodes, subresource(s)=[{}])\n",
                resource.trim_start_matches("nodes/")
            );
            return plain(403, error);
        }
        self.kubelet_page(node, path)
    }

    fn may(&self, account: &ServiceAccount, request: Request<'_>) -> bool {
        rbac::allowed(self.cluster, account.account(), request).is_some()
    }

    /// The page of a kubelet for a user who may see it.
    fn kubelet_page(&self, node: &str, path: &str) -> Answer {
        match path.split('?').next() {
            Some("/metrics") => plain(200, self.kubelet_metrics(node)),
            Some("/healthz") => plain(200, "ok"),
            _ => plain(404, "404 page not found\n"),
        }
    }

    /// The numbers of pods and containers that run. Source: pkg/kubelet/metrics/metrics.go.
    fn kubelet_metrics(&self, node: &str) -> String {
        let (containers, pods) = self.kubelets.running(node);
        let families = [
            (
                "kubelet_node_name",
                "The node's name. The count is always 1.",
                format!("kubelet_node_name{{node=\"{node}\"}} 1"),
            ),
            (
                "kubelet_running_containers",
                "Number of containers currently running",
                format!("kubelet_running_containers{{container_state=\"running\"}} {containers}"),
            ),
            (
                "kubelet_running_pods",
                "Number of pods that have a running pod sandbox",
                format!("kubelet_running_pods {pods}"),
            ),
        ];
        let families = families.map(|(name, help, line)| {
            format!("# HELP {name} {help}\n# TYPE {name} gauge\n{line}\n")
        });
        families.concat()
    }

    /// The API server answers for paths of its own, and passes others on to the kubelets.
    fn api_server(&self, request: &Outgoing, path: &str) -> Answer {
        let account = match user(request) {
            User::Account(account) => account,
            User::Anonymous => return forbidden_path("system:anonymous", path),
            User::Unknown => return status(401, "Unauthorized", "Unauthorized"),
        };
        let name = account.account().user();
        if let Some(rest) = path.strip_prefix("/api/v1/nodes/") {
            let (node, rest) = rest.split_once("/proxy").unwrap_or((rest, ""));
            let known = self.cluster.nodes.get("", node).is_some();
            if !self.may(&account, Request::of_node("nodes/proxy", node)) {
                let message = format!(
                    "nodes {} is forbidden: User {} cannot get resource \"nodes/proxy\" in API group \
                     \"\" at the cluster scope",
                    go::quote::quote(node),
                    go::quote::quote(&name)
                );
                return status(403, "Forbidden", &message);
            }
            return match known {
                true => self.kubelet_page(node, rest),
                false => {
                    status(404, "NotFound", &format!("nodes {} not found", go::quote::quote(node)))
                }
            };
        }
        let page = path.split('?').next().unwrap_or_default();
        if !rbac::path_allowed(self.cluster, account.account(), page) {
            return forbidden_path(&name, page);
        }
        match page {
            "/metrics" => plain(200, api_server_metrics(self.cluster)),
            "/healthz" | "/livez" | "/readyz" => plain(200, "ok"),
            _ => status(404, "NotFound", "the server could not find the requested resource"),
        }
    }
}

/// The numbers of stored objects. Source: apiserver pkg/storage/etcd3/metrics.
fn api_server_metrics(cluster: &Cluster) -> String {
    let counts = [
        ("pods", cluster.pods.len()),
        ("nodes", cluster.nodes.len()),
        ("services", cluster.services.len()),
        ("namespaces", cluster.namespaces.len()),
        ("configmaps", cluster.config_maps.len()),
    ];
    let name = "apiserver_resource_objects";
    let lines = counts.map(|(kind, count)| format!("{name}{{resource=\"{kind}\"}} {count}\n"));
    format!("# HELP {name} Number of stored objects.\n# TYPE {name} gauge\n{}", lines.concat())
}

fn forbidden_path(user: &str, path: &str) -> Answer {
    let message = format!(
        "forbidden: User {} cannot get path {}",
        go::quote::quote(user),
        go::quote::quote(path)
    );
    status(403, "Forbidden", &message)
}

/// A `Status` object.
fn status(code: u16, reason: &str, message: &str) -> Answer {
    let body = format!(
        "{{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{{}},\"status\":\"Failure\",\
         \"message\":{},\"reason\":\"{reason}\",\"code\":{code}}}\n",
        go::json::quote(message, true)
    );
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    Answer { status: code, headers, body }
}
