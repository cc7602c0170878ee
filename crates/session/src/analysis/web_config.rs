//! Programs with a web configuration file: TLS and passwords of exporters and of Prometheus.
//!
//! The file holds hashes of the passwords, so that a password that a job sends is taken to be right.
//!
//! Source: prometheus/exporter-toolkit web/tls_config.go and web/handler.go.

use super::scrape_auth::Refusal;
use kubernetes::Cluster;
use kubernetes::mounts::{self, PathInContainer, clean_path};
use kubernetes::objects::{Container, Pod};
use kubernetes::prometheus::WORKING_DIRECTORY;
use prometheus::config::{Credentials, HttpSettings};
use text::{FileId, Location};
use yaml::Node;

/// The flags that name the file: of exporters and Prometheus, and of exporters before 2022.
const FLAGS: [&str; 2] = ["--web.config.file", "--web.config"];

/// The requirements of a program on its clients.
#[derive(Clone, Debug, PartialEq)]
pub enum WebConfig {
    /// The workspace does not have the file. The text says so.
    Unknown(String),
    Known {
        tls: bool,
        /// True if the program asks for a certificate of the client.
        client_certificate: bool,
        /// True if the program asks for a password.
        users: bool,
        /// The ConfigMap or Secret that holds the file.
        at: Option<Location>,
    },
}

/// The answer to a request, as far as the file decides it.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The program answers as without the file.
    Served,
    /// The program serves TLS, and the request is in plain HTTP.
    PlainToTls,
    /// The program serves plain HTTP, and the request is in TLS.
    TlsToPlain,
    Refused(Refusal),
    Unknown(String),
}

/// Returns the path of the file among arguments; None without the flag or with an empty value.
pub fn path<'a>(arguments: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut found = None;
    let mut waits = false;
    for argument in arguments {
        match argument.split_once('=') {
            _ if waits => found = Some(argument),
            Some((flag, value)) if FLAGS.contains(&flag) => found = Some(value),
            _ => {}
        }
        waits = !waits && FLAGS.contains(&argument);
    }
    found.filter(|path| !path.is_empty())
}

/// Returns the web configuration of a container; None if no flag names one.
pub fn of(cluster: &Cluster, pod: &Pod, container: &Container) -> Option<WebConfig> {
    let arguments = container.command.iter().chain(&container.args);
    let written = path(arguments.map(|argument| &*argument.value))?;
    // The working directory of an image is known only for Prometheus.
    let folder = match kubernetes::prometheus::is_prometheus(container) {
        true => WORKING_DIRECTORY,
        false => "/",
    };
    let path = clean_path(folder, written);
    let namespace = &pod.meta.namespace.value;
    match mounts::resolve(cluster, namespace, &pod.spec, container, &path) {
        PathInContainer::File(file) => Some(read(&file.entry.value, file.entry.at)),
        _ => Some(WebConfig::Unknown(format!(
            "The container {} reads {written}, which is not in the workspace. Whether it serves TLS and asks for a password is not known.",
            container.name.value
        ))),
    }
}

fn read(text: &str, at: Option<Location>) -> WebConfig {
    let parsed = yaml::parse(FileId(0), text);
    let root = parsed.root();
    let tls = root.and_then(|root| root.get("tls_server_config"));
    let has = |key: &str| tls.and_then(|tls| tls.get(key)).is_some_and(|value| !value.is_null());
    let client = tls.and_then(|tls| tls.get("client_auth_type")).and_then(Node::text);
    let users = root.and_then(|root| root.get("basic_auth_users"));
    WebConfig::Known {
        tls: ["cert_file", "cert", "key_file", "key"].into_iter().any(has),
        client_certificate: matches!(
            client,
            Some("RequireAnyClientCert" | "RequireAndVerifyClientCert")
        ),
        users: users.is_some_and(|users| users.entries().next().is_some()),
        at,
    }
}

impl WebConfig {
    /// Returns the answer to a request of a job. `https` is the scheme of the request.
    pub fn answer(&self, who: &str, http: &HttpSettings, https: bool) -> Answer {
        let (tls, client_certificate, users, at) = match self {
            Self::Unknown(text) => return Answer::Unknown(text.clone()),
            Self::Known { tls, client_certificate, users, at } => {
                (*tls, *client_certificate, *users, *at)
            }
        };
        match (tls, https) {
            (true, false) => return Answer::PlainToTls,
            (false, true) => return Answer::TlsToPlain,
            (true, true) if !http.tls.insecure_skip_verify => {
                return Answer::Unknown(format!(
                    "{who} serves TLS with a certificate that is not in the workspace. Whether this job trusts it is not known; with insecure_skip_verify: true it does."
                ));
            }
            _ => {}
        }
        if tls && client_certificate && http.tls.cert.is_none() {
            let text = format!("{who} asks for a certificate of the client: tls_config.cert_file.");
            let refusal = Refusal::new("remote error: tls: certificate required", text);
            return Answer::Refused(refusal.with(at, "the web configuration file"));
        }
        if users && !matches!(http.credentials, Credentials::Basic { .. }) {
            let text = format!("{who} asks for a user and a password: basic_auth.");
            let refusal = Refusal::status(401, text);
            return Answer::Refused(refusal.with(at, "the web configuration file"));
        }
        Answer::Served
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_flag_names_the_file() {
        for (arguments, expected) in [
            (&["--web.config.file=/a.yml"][..], Some("/a.yml")),
            (&["--web.config.file", "/a.yml", "--x"], Some("/a.yml")),
            (&["--web.config=/a.yml", "--web.config.file=/b.yml"], Some("/b.yml")),
            (&["--web.config.file="], None),
            (&["--web.config.file"], None),
            (&["--web.listen-address=:9100"], None),
        ] {
            assert_eq!(path(arguments.iter().copied()), expected, "{arguments:?}");
        }
    }

    #[test]
    fn the_file_says_what_clients_need() {
        for (text, expected) in [
            ("", (false, false, false)),
            ("basic_auth_users: {}\n", (false, false, false)),
            ("basic_auth_users: {prometheus: $2y$10$x}\n", (false, false, true)),
            ("tls_server_config: {cert_file: a, key_file: b}\n", (true, false, false)),
            (
                "tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert}\n",
                (true, true, false),
            ),
            ("http_server_config: {http2: false}\n", (false, false, false)),
            ("a: [\n", (false, false, false)),
        ] {
            let WebConfig::Known { tls, client_certificate, users, .. } = read(text, None) else {
                panic!("{text}");
            };
            assert_eq!((tls, client_certificate, users), expected, "{text}");
        }
    }
}
