//! The settings of an HTTP client: credentials, headers and TLS.
//!
//! Source: github.com/prometheus/common config/http_config.go.

use schema::Section;
use yaml::{Node, scalars};

use crate::files::{Files, beside};
use crate::network::{Outgoing, TlsClient};

/// The `User-Agent` header.
pub(crate) const USER_AGENT: &str = "Prometheus/3.14.0";

/// A text in the configuration, or the file that holds it. The path is resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Source {
    #[default]
    None,
    Text(String),
    File(String),
}

impl Source {
    /// Reads `key` and `key_file` of a section. `config` is the path of the configuration.
    fn of(section: &Section<'_>, key: &str, config: &str) -> Self {
        let file = section.text(&format!("{key}_file"));
        match (section.text(key), file) {
            (text, _) if !text.is_empty() => Self::Text(text.into_owned()),
            (_, file) if !file.is_empty() => Self::File(beside(config, &file)),
            _ => Self::None,
        }
    }

    /// The text. The error is that of a file that cannot be read.
    fn read(&self, files: &Files) -> Result<String, String> {
        match self {
            Self::None => Ok(String::new()),
            Self::Text(text) => Ok(text.clone()),
            Self::File(path) => match files.read(path) {
                Ok(text) => Ok(text.trim().to_owned()),
                Err(error) => Err(format!("unable to read file {path}: {error}")),
            },
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Credentials {
    #[default]
    None,
    Basic {
        username: Source,
        password: Source,
    },
    Token {
        scheme: String,
        token: Source,
    },
}

/// An HTTP client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Client {
    credentials: Credentials,
    /// `http_headers`, each with its values.
    headers: Vec<(String, Vec<Source>)>,
    insecure_skip_verify: bool,
    server_name: String,
    ca: Source,
    cert: Source,
    key: Source,
}

impl Client {
    /// Reads the settings of a section: a job, an entry of a discovery mechanism, an Alertmanager.
    pub fn of(section: &Section<'_>, config: &str) -> Self {
        let mut client = Self { credentials: credentials(section, config), ..Self::default() };
        if let Some(tls) = section.section("tls_config") {
            client.insecure_skip_verify = tls.flag("insecure_skip_verify", false);
            client.server_name = tls.text("server_name").into_owned();
            client.ca = Source::of(&tls, "ca", config);
            client.cert = Source::of(&tls, "cert", config);
            client.key = Source::of(&tls, "key", config);
        }
        for entry in section.get("http_headers").into_iter().flat_map(Node::entries) {
            let Some(given) = Section::new(&entry.value) else { continue };
            let texts = ["values", "secrets"];
            let texts = texts.iter().flat_map(|key| given.texts(key));
            let mut values: Vec<Source> =
                texts.map(|(text, _)| Source::Text(text.into_owned())).collect();
            values
                .extend(given.texts("files").map(|(file, _)| Source::File(beside(config, &file))));
            let name = scalars::string(&entry.key).unwrap_or_default();
            client.headers.push((canonical(&name), values));
        }
        client
    }

    /// Adds headers with one value each, as `remote_write` has them.
    pub fn add_headers(&mut self, headers: Option<&Node>) {
        for entry in headers.into_iter().flat_map(Node::entries) {
            let name = scalars::string(&entry.key).unwrap_or_default();
            let value = scalars::string(&entry.value).unwrap_or_default().into_owned();
            self.headers.push((canonical(&name), vec![Source::Text(value)]));
        }
    }

    /// Reads the files of the TLS section, as the creation of a client does: certificate
    /// authority, certificate, key. Source: `NewTLSConfig`.
    pub fn check_tls(&self, files: &Files) -> Result<(), String> {
        let named = [
            (&self.ca, "CA cert"),
            (&self.cert, "specified client cert"),
            (&self.key, "specified client key"),
        ];
        for (source, what) in named {
            source.read(files).map_err(|error| format!("unable to read {what}: {error}"))?;
        }
        Ok(())
    }

    /// Adds credentials, headers and TLS settings to a request. The error is that of a file that
    /// cannot be read, as the answer to the request shows it.
    pub fn authorize(&self, request: &mut Outgoing, files: &Files) -> Result<(), String> {
        for (name, values) in &self.headers {
            for value in values {
                let value = value
                    .read(files)
                    .map_err(|error| format!("unable to read headers secret: {error}"))?;
                request.headers.push((name.clone(), value));
            }
        }
        if let Some(value) = self.authorization(files)? {
            request.headers.push(("Authorization".to_owned(), value));
        }
        request.tls = TlsClient {
            insecure_skip_verify: self.insecure_skip_verify,
            server_name: self.server_name.clone(),
            ca: match &self.ca {
                Source::None => None,
                source => Some(source.read(files)?),
            },
        };
        Ok(())
    }

    fn authorization(&self, files: &Files) -> Result<Option<String>, String> {
        match &self.credentials {
            Credentials::None => Ok(None),
            Credentials::Basic { username, password } => {
                let username = username
                    .read(files)
                    .map_err(|error| format!("unable to read basic auth username: {error}"))?;
                let password = password
                    .read(files)
                    .map_err(|error| format!("unable to read basic auth password: {error}"))?;
                let pair = go::base64::encode(format!("{username}:{password}").as_bytes());
                Ok(Some(format!("Basic {pair}")))
            }
            Credentials::Token { scheme, token } => {
                let token = token.read(files).map_err(|error| {
                    format!("unable to read authorization credentials: {error}")
                })?;
                Ok(Some(format!("{scheme} {token}")))
            }
        }
    }
}

fn credentials(section: &Section<'_>, config: &str) -> Credentials {
    if let Some(basic) = section.section("basic_auth") {
        let username = Source::of(&basic, "username", config);
        let password = Source::of(&basic, "password", config);
        return Credentials::Basic { username, password };
    }
    if let Some(given) = section.section("authorization") {
        let token = Source::of(&given, "credentials", config);
        let scheme = given.text_or("type", "Bearer").trim().to_owned();
        let scheme = if scheme.is_empty() { "Bearer".to_owned() } else { scheme };
        return match token {
            Source::None => Credentials::None,
            token => Credentials::Token { scheme, token },
        };
    }
    match Source::of(section, "bearer_token", config) {
        Source::None => Credentials::None,
        token => Credentials::Token { scheme: "Bearer".to_owned(), token },
    }
}

/// A header's name as Go sends it: `X-Scope-Orgid`.
///
/// Source: net/textproto `CanonicalMIMEHeaderKey`.
pub(crate) fn canonical(name: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.chars().all(is_token) {
        return name.to_owned();
    }
    let mut upper = true;
    let canonical = name.chars().map(|c| {
        let shown = if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        upper = c == '-';
        shown
    });
    canonical.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::FileId;

    fn sent(text: &str) -> Result<Vec<String>, String> {
        let parsed = yaml::parse(FileId(0), text);
        let section = parsed.root().and_then(Section::new).expect("the text is a mapping");
        let client = Client::of(&section, "/etc/prometheus/prometheus.yml");
        let texts = [("/etc/prometheus/token", " abc\n")];
        let files = Files::new("/", texts.map(|(path, text)| (path.to_owned(), text.to_owned())));
        let mut request = Outgoing::default();
        client.check_tls(&files)?;
        client.authorize(&mut request, &files)?;
        Ok(request.headers.into_iter().map(|(name, value)| format!("{name}: {value}")).collect())
    }

    #[test]
    fn credentials_become_headers() {
        for (text, expected) in [
            ("a: 1", Ok(vec![])),
            (
                "basic_auth: {username: prom, password: secret}",
                Ok(vec!["Authorization: Basic cHJvbTpzZWNyZXQ="]),
            ),
            ("authorization: {credentials_file: token}", Ok(vec!["Authorization: Bearer abc"])),
            ("authorization: {type: Token, credentials: x}", Ok(vec!["Authorization: Token x"])),
            ("bearer_token: x", Ok(vec!["Authorization: Bearer x"])),
            (
                "http_headers: {x-scope-orgid: {values: [a, b]}}",
                Ok(vec!["X-Scope-Orgid: a", "X-Scope-Orgid: b"]),
            ),
            (
                "basic_auth: {username: prom, password_file: /p}",
                Err(
                    "unable to read basic auth password: unable to read file /p: open /p: no such file or directory",
                ),
            ),
            (
                "authorization: {credentials_file: gone}",
                Err(
                    "unable to read authorization credentials: unable to read file /etc/prometheus/gone: open /etc/prometheus/gone: no such file or directory",
                ),
            ),
            (
                "tls_config: {ca_file: ca.crt}",
                Err(
                    "unable to read CA cert: unable to read file /etc/prometheus/ca.crt: open /etc/prometheus/ca.crt: no such file or directory",
                ),
            ),
        ] {
            let expected = expected.map(|all| all.into_iter().map(str::to_owned).collect());
            assert_eq!(sent(text), expected.map_err(str::to_owned), "{text}");
        }
    }
}
