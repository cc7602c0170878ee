//! The file of `--web.config.file`.
//!
//! Source: exporter-toolkit web/tls_config.go `Validate`.

use text::{FileId, LineIndex};
use yaml::scalars::{self, GoError};
use yaml::{Node, Parsed};

use crate::files::{Files, beside};

/// The type of a field.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Bool,
    Texts,
    Map,
    Section(&'static Section),
}

/// The Go type of a mapping and its fields.
struct Section {
    go_type: &'static str,
    fields: &'static [(&'static str, Shape)],
}

static CONFIG: Section = Section {
    go_type: "web.Config",
    fields: &[
        ("tls_server_config", Shape::Section(&TLS)),
        ("http_server_config", Shape::Section(&HTTP)),
        ("basic_auth_users", Shape::Map),
    ],
};

static HTTP: Section = Section {
    go_type: "web.HTTPConfig",
    fields: &[("http2", Shape::Bool), ("headers", Shape::Map)],
};

static TLS: Section = Section {
    go_type: "web.TLSConfig",
    fields: &[
        ("cert", Shape::Text),
        ("key", Shape::Text),
        ("client_ca", Shape::Text),
        ("cert_file", Shape::Text),
        ("key_file", Shape::Text),
        ("client_auth_type", Shape::Text),
        ("client_ca_file", Shape::Text),
        ("cipher_suites", Shape::Texts),
        ("curve_preferences", Shape::Texts),
        ("min_version", Shape::Text),
        ("max_version", Shape::Text),
        ("prefer_server_cipher_suites", Shape::Bool),
        ("client_allowed_sans", Shape::Texts),
    ],
};

/// Headers that may be configured, and their values where only some are allowed.
const HEADERS: &[(&str, &[&str])] = &[
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
    ("Content-Security-Policy", &[]),
];

const TLS_VERSIONS: &[&str] = &["TLS13", "TLS12", "TLS11", "TLS10"];
const CURVES: &[&str] = &["CurveP256", "CurveP384", "CurveP521", "X25519"];
const CLIENT_AUTH: &[&str] = &[
    "",
    "NoClientCert",
    "RequestClientCert",
    "RequireAnyClientCert",
    "RequireClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
];

/// Validates the file. The error is that of exporter-toolkit.
pub fn validate_web_config(file: &str, files: &Files) -> Result<(), String> {
    let parsed = yaml::parse(FileId(0), files.read(file)?);
    if let Some(error) = &parsed.refusal {
        return Err(error.clone());
    }
    let Some(root) = parsed.root().filter(|root| !root.is_null()) else { return Ok(()) };
    let mut errors = Vec::new();
    decode(&parsed, root, &CONFIG, &mut errors)?;
    if !errors.is_empty() {
        return Err(format!("yaml: unmarshal errors:{}", errors.concat()));
    }
    headers(root)?;
    for entry in root.get("basic_auth_users").into_iter().flat_map(Node::entries) {
        bcrypt(&scalars::string(&entry.value).unwrap_or_default())?;
    }
    match root.get("tls_server_config").filter(|tls| !tls.is_null()) {
        Some(tls) => certificates(tls, file, files),
        None => Ok(()),
    }
}

/// Lists what does not fit; the error ends the decoding.
fn decode(
    parsed: &Parsed,
    node: &Node,
    section: &Section,
    errors: &mut Vec<String>,
) -> Result<(), String> {
    let lines = LineIndex::new(&parsed.source.text);
    let mut list = |node: &Node, message: String| {
        let at = parsed.source.from_host(node.written_span().start);
        errors.push(format!("\n  line {}: {message}", lines.line_number(at)));
    };
    if node.as_mapping().is_none() {
        list(node, scalars::mismatch(node, section.go_type).to_string());
        return Ok(());
    }
    let mut below = Vec::new();
    for entry in node.entries() {
        let name = entry.name().unwrap_or_default();
        let value = &entry.value;
        let Some((_, shape)) = section.fields.iter().find(|(field, _)| *field == name) else {
            list(&entry.key, format!("field {name} not found in type {}", section.go_type));
            continue;
        };
        if value.is_null() {
            continue;
        }
        let fits = match shape {
            Shape::Text => scalars::string(value).map(|_| ()),
            Shape::Bool => scalars::bool(value).map(|_| ()),
            Shape::Texts if value.as_sequence().is_none() => {
                Err(scalars::mismatch(value, "[]string"))
            }
            Shape::Map if value.as_mapping().is_none() => {
                Err(scalars::mismatch(value, "map[string]string"))
            }
            Shape::Texts | Shape::Map => Ok(()),
            Shape::Section(section) => {
                below.push((value, *section));
                Ok(())
            }
        };
        match fits {
            Ok(()) => {}
            Err(GoError::Fatal(message)) => return Err(format!("yaml: {message}")),
            Err(error @ GoError::Mismatch(_)) => list(value, error.to_string()),
        }
        if let Some(message) = unknown_word(name, value) {
            return Err(message);
        }
    }
    below.into_iter().try_for_each(|(node, section)| decode(parsed, node, section, errors))
}

/// Checks values of enumerated types.
fn unknown_word(field: &str, value: &Node) -> Option<String> {
    let (words, what) = match field {
        "min_version" | "max_version" => (TLS_VERSIONS, "TLS version"),
        "curve_preferences" => (CURVES, "curve"),
        _ => return None,
    };
    let one = value.text().into_iter();
    let listed = value.items().iter().filter_map(Node::text);
    let unknown = one.chain(listed).find(|word| !words.contains(word))?;
    Some(format!("unknown {what}: {unknown}"))
}

fn headers(root: &Node) -> Result<(), String> {
    let headers = root.at(&["http_server_config", "headers"]);
    for entry in headers.into_iter().flat_map(Node::entries) {
        let name = entry.name().unwrap_or_default();
        let value = scalars::string(&entry.value).unwrap_or_default();
        let quoted = go::quote::quote(name);
        let Some((_, allowed)) = HEADERS.iter().find(|(one, _)| *one == name) else {
            return Err(format!("HTTP header {quoted} can not be configured"));
        };
        if !value.is_empty() && !allowed.is_empty() && !allowed.contains(&&*value) {
            let value = go::quote::quote(&value);
            return Err(format!(
                "invalid value for {name}. Expected one of: {}, but got: {value}",
                {
                    let allowed = allowed.iter().map(|one| go::quote::quote(one));
                    format!("[{}]", allowed.collect::<Vec<_>>().join(" "))
                }
            ));
        }
    }
    Ok(())
}

/// Refuses what is no hash of a password. Source: golang.org/x/crypto/bcrypt `newFromHash`.
fn bcrypt(hash: &str) -> Result<(), String> {
    let bytes = hash.as_bytes();
    if bytes.len() < 59 {
        return Err("crypto/bcrypt: hashedSecret too short to be a bcrypted password".into());
    }
    let at = |index: usize| bytes.get(index).copied().unwrap_or_default();
    if at(0) != b'$' {
        return Err(format!(
            "crypto/bcrypt: bcrypt hashes must start with '$', but hashedSecret started with '{}'",
            char::from(at(0))
        ));
    }
    if at(1) > b'2' {
        return Err(format!(
            "crypto/bcrypt: bcrypt algorithm version '{}' requested is newer than current version \
             '2'",
            char::from(at(1))
        ));
    }
    let cost = if at(2) == b'$' { 3 } else { 4 };
    let digits = hash.get(cost..cost + 2).unwrap_or_default();
    let number: i64 = digits.parse().map_err(|_| {
        format!("strconv.Atoi: parsing {}: invalid syntax", go::quote::quote(digits))
    })?;
    if !(4..=31).contains(&number) {
        return Err(format!(
            "crypto/bcrypt: cost {number} is outside allowed inclusive range 4..31"
        ));
    }
    Ok(())
}

/// Certificate and key, in the file or in files of their own.
/// Source: exporter-toolkit `ConfigToTLSConfig`, `validateTLSPaths`.
fn certificates(tls: &Node, file: &str, files: &Files) -> Result<(), String> {
    let text = |key: &str| {
        let node = tls.get(key).filter(|node| !node.is_null());
        node.and_then(|node| scalars::string(node).ok()).unwrap_or_default().into_owned()
    };
    let (cert, key, ca) = (text("cert"), text("key"), text("client_ca"));
    let path = |key: &str| beside(file, &text(key));
    let (cert_file, key_file, ca_file) =
        (path("cert_file"), path("key_file"), path("client_ca_file"));
    let auth = text("client_auth_type");
    if [&cert, &key, &ca, &cert_file, &key_file, &ca_file, &auth].iter().all(|one| one.is_empty()) {
        return Ok(());
    }
    for (inline, path, name) in
        [(&cert, &cert_file, "cert"), (&key, &key_file, "key"), (&ca, &ca_file, "client_ca")]
    {
        if !inline.is_empty() && !path.is_empty() {
            return Err(format!("more than one of {name} or {name}_file is set"));
        }
        if name != "client_ca" && inline.is_empty() && path.is_empty() {
            return Err(format!("missing one of {name} or {name}_file"));
        }
    }
    let load = |inline: &str, path: &str, name: &str| match path {
        "" => Ok(inline.to_owned()),
        path => files
            .read(path)
            .map(str::to_owned)
            .map_err(|error| format!("failed to read {name} ({path}): {error}")),
    };
    let cert = load(&cert, &cert_file, "cert_file")?;
    let key = load(&key, &key_file, "key_file")?;
    for (pem, what) in [(cert, "certificate"), (key, "key")] {
        if !pem.contains("-----BEGIN ") {
            return Err(format!(
                "failed to load X509KeyPair: tls: failed to find any PEM data in {what} input"
            ));
        }
    }
    if !ca_file.is_empty() {
        files
            .read(&ca_file)
            .map_err(|error| format!("failed to read client_ca_file ({ca_file}): {error}"))?;
    }
    if !CLIENT_AUTH.contains(&&*auth) {
        return Err(format!("invalid ClientAuth: {auth}"));
    }
    let has_ca = !ca.is_empty() || !ca_file.is_empty();
    if has_ca && matches!(&*auth, "" | "NoClientCert") {
        return Err("client CA's have been configured without a Client Auth Policy".into());
    }
    Ok(())
}
/// The names and bcrypt hashes of `basic_auth_users`.
pub(crate) fn web_users(path: &str, files: &Files) -> Vec<(String, String)> {
    let Ok(text) = files.read(path) else { return Vec::new() };
    let parsed = yaml::parse(FileId(0), text);
    let users = parsed.root().and_then(|root| root.get("basic_auth_users"));
    let text = |node: &Node| scalars::string(node).unwrap_or_default().into_owned();
    let entries = users.into_iter().flat_map(Node::entries);
    entries.map(|entry| (text(&entry.key), text(&entry.value))).collect()
}
