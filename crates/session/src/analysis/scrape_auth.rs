//! TLS and credentials of scrapes: the files in Prometheus's pod, the certificates that it trusts, and
//! the answers of the API server and the kubelets to its credentials.

use std::sync::Arc;

use super::programs::{self, ProcessId};
use super::server::Server;
use super::tls_programs::TlsProgram;
use kubernetes::controllers::ClusterState;
use kubernetes::mounts::{self, PathInContainer};
use kubernetes::network::{self, Certificate, Server as Answering, distrust};
use kubernetes::objects::{Container, Kind, Pod, PodFile, PodSpec};
use kubernetes::prometheus::Instance;
use kubernetes::rbac::{self, Account, Request};
use prometheus::config::{Credentials, HttpSettings, Secret};
use simulation::events::status_line;
use text::{Location, Related};

/// The directory of the ServiceAccount's token and certificate in a pod.
const ACCOUNT_FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount/";

/// The ConfigMap with the cluster's root certificate, which every namespace has.
const ROOT_CA: &str = "kube-root-ca.crt";

/// A file in the container, by its meaning for TLS and credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Missing,
    ClusterAuthority,
    /// The token of the pod's own ServiceAccount.
    OwnToken,
    /// Exists, with unknown content.
    Other,
}

/// Prometheus as an HTTP client.
#[derive(Clone, Copy)]
pub struct ScrapeClient<'a> {
    pub state: &'a ClusterState,
    pub server: &'a Server,
    pub instance: Option<&'a Instance>,
}

/// The identity of a request for the API server and the kubelets.
#[derive(Clone, Copy, Debug)]
enum RequestUser<'a> {
    Anonymous,
    Account(Account<'a>),
    /// With an administrator's rights.
    Admin,
    /// Credentials that the cluster did not issue.
    Foreign,
}

/// The reason why a scrape does not get the target's metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The error as Prometheus prints it; if the request failed, the text after `Get "…": `.
    pub error: String,
    /// An explanation, as a sentence.
    pub text: String,
    pub related: Vec<Related>,
}

impl Refusal {
    pub fn new(error: impl Into<String>, text: impl Into<String>) -> Self {
        Self { error: error.into(), text: text.into(), related: Vec::new() }
    }

    pub fn with(mut self, at: Option<Location>, message: impl Into<String>) -> Self {
        self.related.extend(at.map(|location| Related { location, message: message.into() }));
        self
    }

    /// A refusal with an HTTP status.
    pub fn status(code: u16, text: impl Into<String>) -> Self {
        Self::new(format!("server returned HTTP status {}", status_line(code)), text)
    }

    /// Returns the HTTP status, if there is one.
    pub fn code(&self) -> Option<u16> {
        let line = self.error.strip_prefix("server returned HTTP status ")?;
        line.split(' ').next()?.parse().ok()
    }
}

/// The program that answers a request, and the path that it sees.
#[derive(Clone, Debug, PartialEq)]
pub struct Forwarded {
    pub process: ProcessId,
    pub path: Arc<str>,
}

impl<'a> ScrapeClient<'a> {
    fn container(&self) -> Option<(&'a Pod, &'a Container)> {
        let pod = self.state.cluster.pods.get(&self.server.namespace, self.server.pod.as_ref()?)?;
        let name = &self.instance?.container;
        Some((pod, pod.spec.running_containers().find(|one| one.name.value == *name)?))
    }

    /// Returns the file at a path of the Prometheus container; relative paths count from the
    /// configuration's folder. Outside of any pod every file is taken to be there.
    fn file(&self, path: &str) -> File {
        let folder = self.instance.map_or("", |instance| &instance.config_path);
        let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = mounts::clean_path(folder, path);
        let of_account = path.strip_prefix("/var").unwrap_or(&path);
        let of_account = of_account.strip_prefix(&ACCOUNT_FOLDER["/var".len()..]);
        let Some((pod, container)) = self.container() else {
            return match of_account {
                Some("ca.crt") => File::ClusterAuthority,
                _ => File::Other,
            };
        };
        let namespace = &pod.meta.namespace.value;
        match mounts::resolve(&self.state.cluster, namespace, &pod.spec, container, &path) {
            PathInContainer::File(found) if &*found.source.name == ROOT_CA => {
                File::ClusterAuthority
            }
            PathInContainer::OfPod(PodFile::Token) => File::OwnToken,
            PathInContainer::File(_)
            | PathInContainer::Opaque { .. }
            | PathInContainer::OfPod(PodFile::DownwardApi) => File::Other,
            PathInContainer::NotInVolume { source, .. } => {
                // Secrets are rarely kept beside manifests; one that is not here is taken to exist.
                let unseen = source.is_some_and(|source| {
                    source.kind == Kind::Secret
                        && self.state.cluster.secrets.get(&source.namespace, &source.name).is_none()
                });
                if unseen { File::Other } else { File::Missing }
            }
            PathInContainer::Image => match of_account {
                Some(_) if !self.has_token(&pod.spec) => File::Missing,
                Some("ca.crt") => File::ClusterAuthority,
                Some("token") => File::OwnToken,
                Some("namespace") => File::Other,
                _ if path.starts_with("/etc/ssl/certs/") => File::Other,
                _ => File::Missing,
            },
        }
    }

    /// Source: Kubernetes's ServiceAccount admission: the pod's word counts before the account's.
    fn has_token(&self, spec: &PodSpec) -> bool {
        let accounts = &self.state.cluster.service_accounts;
        let account = accounts.get(&self.server.namespace, &spec.service_account_name.value);
        spec.automount_token.or(account.and_then(|one| one.automount_token)).unwrap_or(true)
    }

    fn missing(&self, secret: Option<&Secret>) -> Option<(Arc<str>, Location)> {
        let secret = secret?;
        let path = secret.file.clone()?;
        (self.file(&path) == File::Missing).then_some((path, secret.at))
    }

    /// Returns the error with which the HTTP client of a job cannot be created. The job then has no
    /// scrape pool.
    ///
    /// Source: prometheus/common config `NewTLSConfigWithContext`; scrape/manager.go `reload`.
    pub fn client_error(&self, http: &HttpSettings) -> Option<Refusal> {
        let tls = &http.tls;
        for (secret, what) in [
            (&tls.ca, "unable to read CA cert"),
            (&tls.cert, "unable to read specified client cert"),
            (&tls.key, "unable to read specified client key"),
        ] {
            if let Some((path, at)) = self.missing(secret.as_ref()) {
                let error = format!("error creating HTTP client: {what}: {}", no_such_file(&path));
                return Some(Refusal::new(error, absent(&path)).with(Some(at), "named here"));
            }
        }
        None
    }

    /// Returns a refusal if no request can be sent. Credential files are read for each request.
    ///
    /// Source: prometheus/common config `authorizationCredentialsRoundTripper`, which reads the file
    /// before the request is dialed.
    pub fn unsent(&self, http: &HttpSettings) -> Option<Refusal> {
        let (secret, what) = match &http.credentials {
            Credentials::Token { secret, .. } => {
                (secret, "unable to read authorization credentials")
            }
            Credentials::Basic { password, .. } => (password, "unable to read basic auth password"),
            Credentials::None | Credentials::OAuth2 { .. } => return None,
        };
        let (path, at) = self.missing(secret.as_ref())?;
        let error = format!("{what}: {}", no_such_file(&path));
        Some(Refusal::new(error, absent(&path)).with(Some(at), "named here"))
    }

    /// Returns a refusal if the certificate of a server is not trusted.
    fn distrusts(&self, http: &HttpSettings, server: &Answering, host: &str) -> Option<Refusal> {
        let certificate = network::certificate(&self.state.cluster, server)?;
        self.distrusts_certificate(http, &certificate, &in_words(server), host)
    }

    fn distrusts_certificate(
        &self,
        http: &HttpSettings,
        certificate: &Certificate,
        who: &str,
        host: &str,
    ) -> Option<Refusal> {
        let tls = &http.tls;
        if tls.insecure_skip_verify {
            return None;
        }
        let host = tls.server_name.as_ref().map_or(host, |(name, _)| name);
        let authority = tls.ca.as_ref().and_then(|ca| ca.file.as_ref());
        let trusts_cluster =
            authority.is_some_and(|path| self.file(path) == File::ClusterAuthority);
        let error = distrust(certificate, host, trusts_cluster)?;
        let text = if !certificate.by_cluster {
            let names = match certificate.names.join(", ") {
                names if names.is_empty() => "no name".to_owned(),
                names => format!("the name {names}"),
            };
            let kubelets = if who.contains("kubelet") {
                ", or when the kubelets get certificates from the cluster's authority (serverTLSBootstrap)"
            } else {
                ""
            };
            format!(
                "{who} shows a certificate that it signed itself, for {names}. Prometheus takes it only with insecure_skip_verify: true{kubelets}."
            )
        } else if error.contains("unknown authority") {
            format!(
                "{who} shows a certificate of the cluster's own authority, which this job does not trust. In a pod it lies at {ACCOUNT_FOLDER}ca.crt: name it as tls_config.ca_file."
            )
        } else {
            format!("{who} has a certificate for other names than {host}.")
        };
        let at = tls.ca.as_ref().map(|ca| ca.at).or(tls.at);
        Some(Refusal::new(error, text).with(at, "what the job trusts"))
    }

    fn user(&self, http: &HttpSettings) -> RequestUser<'a> {
        // Outside of any pod, credentials that a job sends are taken to be an administrator's.
        let sends_any = http.tls.cert.is_some() || http.credentials != Credentials::None;
        if self.server.pod.is_none() && sends_any {
            return RequestUser::Admin;
        }
        if http.tls.cert.is_some() {
            return RequestUser::Foreign;
        }
        match &http.credentials {
            Credentials::Token { scheme, secret: Some(secret) }
                if scheme.eq_ignore_ascii_case("bearer") =>
            {
                match secret.file.as_ref().map(|path| self.file(path)) {
                    Some(File::OwnToken) => RequestUser::Account(self.server.account()),
                    _ => RequestUser::Foreign,
                }
            }
            // The API server takes neither passwords nor other schemes for credentials.
            Credentials::None | Credentials::Basic { .. } | Credentials::Token { .. } => {
                RequestUser::Anonymous
            }
            Credentials::OAuth2 { .. } => RequestUser::Foreign,
        }
    }

    /// Sends a request over TLS to the API server or a kubelet.
    pub fn send(
        &self,
        http: &HttpSettings,
        server: &Answering,
        host: &str,
        path: &str,
    ) -> Result<Forwarded, Refusal> {
        if let Some(refusal) = self.distrusts(http, server, host) {
            return Err(refusal);
        }
        match server {
            Answering::Kubelet { node } => self.kubelet(http, node, path),
            _ => self.api_server(http, path),
        }
    }

    /// Returns a refusal if a program that serves TLS does not answer a request of a path.
    pub fn refused_by_program(
        &self,
        http: &HttpSettings,
        program: &TlsProgram,
        (who, host, path): (&str, &str, &str),
    ) -> Option<Refusal> {
        let certificate = program.certificate();
        if let Some(refusal) = self.distrusts_certificate(http, &certificate, who, host) {
            return Some(refusal);
        }
        match self.user(http) {
            RequestUser::Anonymous => {
                let text = format!(
                    "{who} asks the API server who may read {path}. Send the ServiceAccount's token: authorization.credentials_file: {ACCOUNT_FOLDER}token."
                );
                Some(Refusal::status(program.anonymous, text))
            }
            RequestUser::Foreign => Some(self.stranger(http, who)),
            user => {
                let what = format!("get on the path {path} (nonResourceURLs)");
                let allowed = |account| rbac::path_allowed(&self.state.cluster, account, path);
                self.permitted(user, &what, allowed).err()
            }
        }
    }

    /// Source: Kubernetes pkg/kubelet/server/auth.go: which subresource of the node a path needs.
    fn kubelet(&self, http: &HttpSettings, node: &str, path: &str) -> Result<Forwarded, Refusal> {
        let below = |folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let folders = ["metrics", "stats", "logs", "spec"];
        let resource = match folders.into_iter().find(|folder| below(&format!("/{folder}"))) {
            Some("logs") => "nodes/log",
            Some("metrics") => "nodes/metrics",
            Some("stats") => "nodes/stats",
            Some("spec") => "nodes/spec",
            _ => "nodes/proxy",
        };
        match self.user(http) {
            RequestUser::Admin => {}
            RequestUser::Anonymous => {
                let text = format!(
                    "The kubelet of node {node} wants to know who asks. Send the ServiceAccount's token: authorization.credentials_file: {ACCOUNT_FOLDER}token."
                );
                return Err(Refusal::status(401, text));
            }
            RequestUser::Foreign => {
                return Err(self.stranger(http, &format!("kubelet of node {node}")));
            }
            RequestUser::Account(account) => {
                let request = Request::of_node(resource, node);
                if rbac::allowed(&self.state.cluster, account, request).is_none() {
                    let text = format!(
                        "The kubelet asks the API server, and no role of {} allows get on {resource}.",
                        account.user()
                    );
                    return Err(self.with_roles(Refusal::status(403, text), account));
                }
            }
        }
        kubelet_path(node, path)
    }

    fn api_server(&self, http: &HttpSettings, path: &str) -> Result<Forwarded, Refusal> {
        let user = self.user(http);
        if let RequestUser::Foreign = user {
            return Err(self.stranger(http, "API server"));
        }
        if let Some((node, rest)) = node_proxy(path) {
            let request = Request::of_node("nodes/proxy", node);
            self.permitted(user, "get on nodes/proxy", |account| {
                rbac::allowed(&self.state.cluster, account, request).is_some()
            })?;
            if !self.state.cluster.nodes.iter().any(|one| &*one.meta.name.value == node) {
                return Err(Refusal::status(404, format!("The cluster has no node {node}.")));
            }
            return kubelet_path(node, rest);
        }
        let what = format!("get on the path {path} (nonResourceURLs)");
        self.permitted(user, &what, |account| {
            rbac::path_allowed(&self.state.cluster, account, path)
        })?;
        if let Some(process) = programs::api_server(path) {
            return Ok(Forwarded { process, path: path.into() });
        }
        Err(Refusal::status(404, format!("The API server has no metrics at {path}.")))
    }

    fn permitted(
        &self,
        user: RequestUser<'a>,
        what: &str,
        allows: impl Fn(Account<'a>) -> bool,
    ) -> Result<(), Refusal> {
        match user {
            RequestUser::Admin => Ok(()),
            RequestUser::Account(account) if allows(account) => Ok(()),
            RequestUser::Account(account) => {
                let text = format!("No role of {} allows {what}.", account.user());
                Err(self.with_roles(Refusal::status(403, text), account))
            }
            RequestUser::Anonymous | RequestUser::Foreign => {
                let text = format!(
                    "Without credentials the request counts as system:anonymous, who may not do this. Send the ServiceAccount's token: authorization.credentials_file: {ACCOUNT_FOLDER}token."
                );
                Err(Refusal::status(403, text))
            }
        }
    }

    fn stranger(&self, http: &HttpSettings, who: &str) -> Refusal {
        let at = match &http.credentials {
            Credentials::Token { secret, .. } => secret.as_ref().map(|secret| secret.at),
            Credentials::OAuth2 { at } | Credentials::Basic { at, .. } => Some(*at),
            Credentials::None => http.tls.cert.as_ref().map(|cert| cert.at),
        };
        let text = format!(
            "The {who} does not know these credentials: this cluster has issued none but the tokens of its ServiceAccounts, {ACCOUNT_FOLDER}token in a pod."
        );
        Refusal::status(401, text).with(at, "the credentials")
    }

    fn with_roles(&self, refusal: Refusal, account: Account<'a>) -> Refusal {
        let roles = rbac::roles_of(&self.state.cluster, account);
        roles.take(3).fold(refusal, |refusal, (binding, role)| {
            let at = role.map_or(Some(binding.meta.name_place()), |role| {
                role.rules_at.or(Some(role.meta.name_place()))
            });
            refusal.with(at, "what the account may do")
        })
    }
}

/// `/api/v1/nodes/NAME/proxy/…` as the node and what the kubelet sees.
fn node_proxy(path: &str) -> Option<(&str, &str)> {
    let (node, rest) = path.strip_prefix("/api/v1/nodes/")?.split_once("/proxy")?;
    let node = node.split(':').next()?;
    let sound = !node.contains('/') && (rest.is_empty() || rest.starts_with('/'));
    sound.then_some((node, if rest.is_empty() { "/" } else { rest }))
}

fn kubelet_path(node: &str, path: &str) -> Result<Forwarded, Refusal> {
    let process = programs::kubelet(node, path).ok_or_else(|| {
        let text = format!(
            "The simulated kubelet has metrics at /metrics, /metrics/cadvisor, /metrics/probes and /metrics/slis, not at {path}."
        );
        Refusal::status(404, text)
    })?;
    Ok(Forwarded { process, path: path.into() })
}

fn in_words(server: &Answering) -> String {
    match server {
        Answering::Kubelet { node } => format!("The kubelet of node {node}"),
        _ => "The API server".to_owned(),
    }
}

fn no_such_file(path: &str) -> String {
    format!("unable to read file {path}: open {path}: no such file or directory")
}

fn absent(path: &str) -> String {
    format!(
        "The Prometheus container has no file {path}: no volume brings it, and the image has none."
    )
}
