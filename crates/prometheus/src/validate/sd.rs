//! What each discovery mechanism asks for.
//!
//! Source: `SDConfig.UnmarshalYAML` of each package below discovery/.

use crate::values::quote::quote;
use crate::values::url;
use go::Duration;
use schema::CheckCx;
use text::Span;
use yaml::Node;

use super::{CONFLICT, DUPLICATE, INVALID, fault, http, missing, word};
use schema::Section;

/// Reports the first of these keys that is empty.
fn required(cx: &mut CheckCx<'_>, view: &Section<'_>, wanted: &[(&str, &str)]) {
    for (key, message) in wanted {
        if !view.filled(key) {
            missing(cx, view, key, message);
        }
    }
}

/// Reports a word that is not allowed, or, where `message` is not empty, its absence.
fn role(
    cx: &mut CheckCx<'_>,
    view: &Section<'_>,
    key: &str,
    allowed: &[&str],
    absent: &str,
    unknown: impl FnOnce(&str) -> String,
) {
    word(cx, view, key, allowed, unknown);
    let null = view.entry(key).is_some_and(|entry| entry.value.is_null());
    if !absent.is_empty() && (null || view.entry(key).is_none()) {
        missing(cx, view, key, absent);
    }
}

pub fn file(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.items("files").is_empty() {
        let message = "file service discovery config must contain at least one path name";
        missing(cx, &view, "files", message);
    }
    for (text, node) in view.texts("files") {
        if !is_file_name(&text) {
            let message = format!("path name {} is not valid for file discovery", quote(&text));
            fault(cx, INVALID, node.written_span(), message);
        }
    }
}

/// `^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$`
pub fn is_file_name(text: &str) -> bool {
    let Some((stem, extension)) = text.rsplit_once('.') else { return false };
    ["json", "yml", "yaml", "JSON", "YML", "YAML"].contains(&extension)
        && super::root::is_pattern(stem)
}

pub fn dns(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.items("names").is_empty() {
        let message = "DNS-SD config must contain at least one SRV record name";
        missing(cx, &view, "names", message);
    }
    let kind = view.text_or("type", "SRV");
    match &*kind.to_uppercase() {
        "SRV" => {}
        "A" | "AAAA" | "MX" | "NS" => {
            if view.int("port", 0) == 0 {
                let message =
                    "a port is required in DNS-SD configs for all record types except SRV";
                missing(cx, &view, "port", message);
            }
        }
        _ => fault(cx, INVALID, view.at("type"), format!("invalid DNS-SD records type {kind}")),
    }
}

pub fn http(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    web_url(cx, &view);
}

/// `url` as HTTP and PuppetDB discovery want it.
fn web_url(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    if !view.filled("url") {
        missing(cx, view, "url", "URL is missing");
        return;
    }
    let Some(url) = http::url(cx, view, "url") else { return };
    if !["http", "https"].contains(&&*url.scheme) {
        fault(cx, INVALID, view.at("url"), "URL scheme must be 'http' or 'https'");
    } else if url.host.is_empty() {
        fault(cx, INVALID, view.at("url"), "host is missing in URL");
    }
}

/// Which selectors each Kubernetes role takes, in the order of Prometheus's message.
const SELECTORS: [(&str, &[&str]); 6] = [
    ("pod", &["pod", "node"]),
    ("service", &["service"]),
    ("endpointslice", &["pod", "service", "endpointslice"]),
    ("endpoints", &["pod", "service", "endpoints"]),
    ("node", &["node"]),
    ("ingress", &["ingress"]),
];

pub fn kubernetes(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let roles = SELECTORS.map(|(role, _)| role);
    let unknown = |role: &str| format!("unknown Kubernetes SD role {}", quote(role));
    let absent = "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)";
    role(cx, &view, "role", &roles, absent, unknown);
    if view.has("api_server") {
        http::url(cx, &view, "api_server");
    }
    access(cx, &view);

    let own = view.text("role");
    let Some((_, allowed)) = SELECTORS.iter().find(|(role, _)| *role == own) else { return };
    let mut seen = Vec::new();
    for item in view.items("selectors") {
        if item.is_null() {
            let message = format!("{own} role supports only {} selectors", allowed.join(", "));
            fault(cx, INVALID, item.written_span(), message);
        }
        let Some(selector) = Section::new(item) else { continue };
        let kind = selector.text("role").into_owned();
        let at = selector.at("role");
        if selector.has("role") && !roles.contains(&&*kind) {
            fault(cx, INVALID, at, unknown(&kind));
        } else if seen.contains(&kind) {
            fault(cx, DUPLICATE, at, format!("duplicated selector role: {kind}"));
        } else if !allowed.contains(&&*kind) {
            let message = format!("{own} role supports only {} selectors", allowed.join(", "));
            fault(cx, INVALID, at, message);
        }
        seen.push(kind);
        if let Err(message) = selectors::parse_fields(&selector.text("field")) {
            fault(cx, INVALID, selector.at("field"), message);
        }
        if let Err(message) = selectors::parse_labels(&selector.text("label")) {
            fault(cx, INVALID, selector.at("label"), message);
        }
    }
}

/// The ways to reach a cluster, which exclude each other.
fn access(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    let server = view.has("api_server");
    let kubeconfig = view.filled("kubeconfig_file");
    let own = view.section("namespaces").filter(|names| names.flag("own_namespace", false));
    let custom = (!http::is_default(view)).then(|| {
        let key = http::KEYS.into_iter().find(|key| view.has(key)).unwrap_or_default();
        view.key_at(key)
    });
    let mut conflict = |span: Span, message: &str| fault(cx, CONFLICT, span, message);
    if server && kubeconfig {
        conflict(
            view.key_at("kubeconfig_file"),
            "cannot use 'kubeconfig_file' and 'api_server' simultaneously",
        );
    }
    match custom {
        Some(span) if kubeconfig => conflict(
            span,
            "cannot use a custom HTTP client configuration together with 'kubeconfig_file'",
        ),
        Some(span) if !server => conflict(
            span,
            "to use custom HTTP client configuration please provide the 'api_server' URL explicitly",
        ),
        _ => {}
    }
    if let Some(own) = own {
        let span = own.key_at("own_namespace");
        if server {
            conflict(span, "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously");
        }
        if kubeconfig {
            conflict(
                span,
                "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously",
            );
        }
    }
}

pub fn consul(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.text_or("server", "localhost:8500").trim().is_empty() {
        missing(cx, &view, "server", "consul SD configuration requires a server address");
    }
    let user = ["username", "password"].into_iter().find(|key| view.filled(key));
    if let Some(key) = user.filter(|_| view.has("basic_auth")) {
        let message = "at most one of consul SD configuration username and password and basic auth can be configured";
        fault(cx, CONFLICT, view.key_at(key), message);
    }
    // They become `basic_auth`, which is held against the other ways then.
    if let Some(key) = user.filter(|_| !view.has("basic_auth")) {
        let which = if view.filled("bearer_token") || view.filled("bearer_token_file") {
            "basic_auth, oauth2, bearer_token & bearer_token_file"
        } else {
            "basic_auth, oauth2 & authorization"
        };
        let ways = ["bearer_token", "bearer_token_file", "authorization", "oauth2"];
        if ways.iter().any(|way| view.has(way)) {
            let message = format!("at most one of {which} must be configured");
            fault(cx, CONFLICT, view.key_at(key), message);
        }
    }
    if view.filled("token") && (view.has("authorization") || view.has("oauth2")) {
        let message = "at most one of consul SD token, authorization, or oauth2 can be configured";
        fault(cx, CONFLICT, view.key_at("token"), message);
    }
}

/// `host` as both Docker mechanisms want it.
fn docker_host(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    if !view.filled("host") {
        missing(cx, view, "host", "host missing");
    } else {
        http::url(cx, view, "host");
    }
}

pub fn docker(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    docker_host(cx, &view);
}

pub fn dockerswarm(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    docker_host(cx, &view);
    if view.filled("role") {
        word(cx, &view, "role", &["services", "nodes", "tasks"], |role| {
            format!("invalid role {role}, expected tasks, services, or nodes")
        });
    } else {
        missing(cx, &view, "role", "role missing (one of: tasks, services, nodes)");
    }
}

pub fn azure(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let needs = |cx: &mut CheckCx<'_>, key: &str| {
        if !view.filled(key) {
            missing(cx, &view, key, &format!("azure SD configuration requires a {key}"));
        }
    };
    needs(cx, "subscription_id");
    let method = view.text_or("authentication_method", "OAuth");
    match &*method {
        "OAuth" => {
            for key in ["tenant_id", "client_id", "client_secret"] {
                needs(cx, key);
            }
        }
        "ManagedIdentity" | "SDK" | "WorkloadIdentity" => {}
        _ => {
            let message = format!(
                "unknown authentication_type {}. Supported types are \"OAuth\", \"ManagedIdentity\", \"SDK\" or \"WorkloadIdentity\"",
                quote(&method)
            );
            fault(cx, INVALID, view.at("authentication_method"), message);
        }
    }
}

pub fn digitalocean(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let absent = match view.entry("role") {
        Some(_) => "role missing (one of: droplets, databases)",
        None => "",
    };
    role(cx, &view, "role", &["droplets", "databases"], absent, |role| {
        format!("unknown DigitalOcean SD role {}", quote(role))
    });
}

pub fn eureka(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if !view.filled("server") {
        missing(cx, &view, "server", "eureka_sd: empty or null eureka server");
    } else if http::url(cx, &view, "server")
        .is_some_and(|url| url.scheme.is_empty() || url.host.is_empty())
    {
        fault(cx, INVALID, view.at("server"), "eureka_sd: invalid eureka server URL");
    }
}

pub fn gce(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    required(
        cx,
        &view,
        &[
            ("project", "GCE SD configuration requires a project"),
            ("zone", "GCE SD configuration requires a zone"),
        ],
    );
}

pub fn hetzner(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let absent = "role missing (one of: robot, hcloud)";
    role(cx, &view, "role", &["robot", "hcloud"], absent, |role| {
        format!("unknown role {}", quote(role))
    });
}

pub fn ionos(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    required(cx, &view, &[("datacenter_id", "datacenter id can't be empty")]);
}

pub fn kuma(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let server = view.text("server");
    if server.is_empty() {
        missing(cx, &view, "server", "kuma SD server must not be empty: ");
    } else if http::url(cx, &view, "server")
        .is_some_and(|url| url.scheme.is_empty() || url.host.is_empty())
    {
        let message = format!("kuma SD server must not be empty and have a scheme: {server}");
        fault(cx, INVALID, view.at("server"), message);
    }
}

pub fn marathon(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.items("servers").is_empty() {
        let message = "marathon_sd: must contain at least one Marathon server";
        missing(cx, &view, "servers", message);
    }
    let (token, file) = (view.filled("auth_token"), view.filled("auth_token_file"));
    let key = if token { "auth_token" } else { "auth_token_file" };
    let which = if token && file {
        "auth_token & auth_token_file"
    } else if !token && !file {
        return;
    } else if view.has("basic_auth") {
        "basic_auth, auth_token & auth_token_file"
    } else if view.filled("bearer_token") || view.filled("bearer_token_file") {
        "bearer_token, bearer_token_file, auth_token & auth_token_file"
    } else if view.has("authorization") {
        "auth_token, auth_token_file & authorization"
    } else {
        return;
    };
    let message = format!("marathon_sd: at most one of {which} must be configured");
    fault(cx, CONFLICT, view.key_at(key), message);
}

pub fn nerve(cx: &mut CheckCx<'_>, node: &Node) {
    zookeeper(cx, node, "nerve");
}

pub fn serverset(cx: &mut CheckCx<'_>, node: &Node) {
    zookeeper(cx, node, "serverset");
}

fn zookeeper(cx: &mut CheckCx<'_>, node: &Node, name: &str) {
    let Some(view) = Section::new(node) else { return };
    for (key, what) in [("servers", "Zookeeper server"), ("paths", "path")] {
        if view.items(key).is_empty() {
            let message = format!("{name} SD config must contain at least one {what}");
            missing(cx, &view, key, &message);
        }
    }
    for (path, node) in view.texts("paths") {
        if !path.starts_with('/') {
            let message = format!("{name} SD config paths must begin with '/': {path}");
            fault(cx, INVALID, node.written_span(), message);
        }
    }
}

pub fn nomad(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.text_or("server", "http://localhost:4646").trim().is_empty() {
        missing(cx, &view, "server", "nomad SD configuration requires a server address");
    }
}

pub fn oci(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    required(cx, &view, &[("region", "oci_sd: region is required")]);
    let keys =
        ["tenancy", "user", "fingerprint", "key_file", "key_passphrase", "key_passphrase_file"];
    let auth = view.text_or("auth", "api_key");
    match &*auth {
        "api_key" => {
            for key in &keys[..4] {
                if !view.filled(key) {
                    missing(cx, &view, key, &format!("oci_sd: api_key auth requires {key}"));
                }
            }
            if view.filled("key_passphrase") && view.filled("key_passphrase_file") {
                let message = "oci_sd: at most one of key_passphrase and key_passphrase_file must be configured";
                fault(cx, CONFLICT, view.key_at("key_passphrase_file"), message);
            }
        }
        "instance_principal" => {
            if let Some(key) = keys.into_iter().find(|key| view.filled(key)) {
                let message = "oci_sd: instance_principal auth must not have tenancy, user, fingerprint, key_file, key_passphrase, or key_passphrase_file set";
                fault(cx, CONFLICT, view.key_at(key), message);
            }
        }
        _ => {
            let message = format!(
                "oci_sd: unknown auth method {}, expected \"api_key\" or \"instance_principal\"",
                quote(&auth)
            );
            fault(cx, INVALID, view.at("auth"), message);
        }
    }
    for (i, (text, node)) in view.texts("compartments").enumerate() {
        if text.is_empty() {
            let message = format!("oci_sd: compartments[{i}] must not be empty");
            fault(cx, INVALID, node.written_span(), message);
        }
    }
    let interval = view.duration("refresh_interval", Duration::from_secs(60));
    if interval.millis() <= 0 {
        let message = format!("oci_sd: refresh_interval must be positive, got {interval}");
        fault(cx, INVALID, view.at("refresh_interval"), message);
    }
}

pub fn openstack(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let availability = view.text_or("availability", "public");
    if !["public", "internal", "admin"].contains(&&*availability) {
        let message = format!(
            "unknown availability {availability}, must be one of admin, internal or public"
        );
        fault(cx, INVALID, view.at("availability"), message);
    }
    let absent = "role missing (one of: instance, hypervisor, loadbalancer)";
    role(cx, &view, "role", &["hypervisor", "instance", "loadbalancer"], absent, |role| {
        format!("unknown OpenStack SD role {}", quote(role))
    });
    required(cx, &view, &[("region", "openstack SD configuration requires a region")]);
}

/// A secret that is given either as text or by a file.
fn secret_key(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    match (view.filled("secret_key"), view.filled("secret_key_file")) {
        (false, false) => {
            let message = "one of secret_key & secret_key_file must be configured";
            missing(cx, view, "secret_key", message);
        }
        (true, true) => {
            let message = "at most one of secret_key & secret_key_file must be configured";
            fault(cx, CONFLICT, view.key_at("secret_key_file"), message);
        }
        _ => {}
    }
}

pub fn outscale(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.text_or("region", "eu-west-2").is_empty() {
        missing(cx, &view, "region", "outscale SD configuration requires a region");
    }
    required(cx, &view, &[("access_key", "outscale SD configuration requires access_key")]);
    secret_key(cx, &view);
}

pub fn ovhcloud(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.text_or("endpoint", "ovh-eu").is_empty() {
        missing(cx, &view, "endpoint", "endpoint can not be empty");
    }
    required(
        cx,
        &view,
        &[
            ("application_key", "application key can not be empty"),
            ("application_secret", "application secret can not be empty"),
            ("consumer_key", "consumer key can not be empty"),
        ],
    );
    let service = view.text("service");
    if !["dedicated_server", "vps"].contains(&&*service) {
        fault(cx, INVALID, view.at("service"), format!("unknown service: {service}"));
    }
}

pub fn puppetdb(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    web_url(cx, &view);
    required(cx, &view, &[("query", "query missing")]);
}

pub fn scaleway(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let absent = "role missing (one of: instance, baremetal)";
    role(cx, &view, "role", &["instance", "baremetal"], absent, |role| {
        format!("unknown role {}", quote(role))
    });
    required(cx, &view, &[("project_id", "project_id is mandatory")]);
    secret_key(cx, &view);
    required(cx, &view, &[("access_key", "access_key is mandatory")]);
    scaleway_client(cx, &view);
}

/// What the provider's own client asks for. Source: scaleway-sdk-go scw `settings.validate`.
fn scaleway_client(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    const UUID: &str = "expected a UUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    let invalid = |cx: &mut CheckCx<'_>, key: &str, words: String| {
        fault(cx, INVALID, view.at(key), format!("scaleway-sdk-go: {words}"));
    };
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let access = view.text("access_key");
    let is_access = |rest: &str| rest.len() == 17 && rest.bytes().all(upper);
    if !access.is_empty() && !access.strip_prefix("SCW").is_some_and(is_access) {
        let words =
            format!("invalid access key format '{access}', expected SCWXXXXXXXXXXXXXXXXX format");
        invalid(cx, "access_key", words);
    }
    let secret = view.text("secret_key");
    if !secret.is_empty() && !view.filled("secret_key_file") && !has_uuid(&secret) {
        invalid(cx, "secret_key", format!("invalid secret key format '{secret}', {UUID}"));
    }
    let project = view.text("project_id");
    if !project.is_empty() && !has_uuid(&project) {
        invalid(cx, "project_id", format!("invalid project ID format '{project}', {UUID}"));
    }
    let zone = view.text_or("zone", "fr-par-1");
    if zone.is_empty() {
        invalid(cx, "zone", "default zone cannot be empty".to_owned());
    } else if !is_scaleway_zone(&zone) {
        invalid(cx, "zone", format!("invalid default zone format '{zone}'"));
    }
    let api = view.text_or("api_url", "https://api.scaleway.com");
    if url::parse(&api).is_err() {
        invalid(cx, "api_url", format!("invalid API url '{api}'"));
    } else if api.is_empty() || api.ends_with('/') {
        let words = format!("invalid API url '{api}' it should not have a trailing slash");
        invalid(cx, "api_url", words);
    }
}

/// Whether groups of 8, 4, 4, 4 and 12 hexadecimal digits stand anywhere in the text.
fn has_uuid(text: &str) -> bool {
    text.as_bytes().windows(36).any(|window| {
        window.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    })
}

/// `^[a-z]{2}-[a-z]{3}-[1-9]$`
fn is_scaleway_zone(text: &str) -> bool {
    text.len() == 8
        && text.bytes().enumerate().all(|(at, byte)| match at {
            2 | 6 => byte == b'-',
            7 => (b'1'..=b'9').contains(&byte),
            _ => byte.is_ascii_lowercase(),
        })
}

pub fn stackit(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let endpoint = view.text("endpoint");
    if endpoint.is_empty() && view.text_or("region", "eu01").is_empty() {
        missing(cx, &view, "endpoint", "stackit_sd: endpoint and region missing");
    }
    if let Err(reason) = url::parse(&endpoint) {
        let message = format!("stackit_sd: invalid endpoint {}: {reason}", quote(&endpoint));
        fault(cx, INVALID, view.at("endpoint"), message);
    }
}

pub fn triton(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if !["container", "cn"].contains(&&*view.text_or("role", "container")) {
        let message = "triton SD configuration requires role to be 'container' or 'cn'";
        fault(cx, INVALID, view.at("role"), message);
    }
    required(
        cx,
        &view,
        &[
            ("account", "triton SD configuration requires an account"),
            ("dns_suffix", "triton SD configuration requires a dns_suffix"),
            ("endpoint", "triton SD configuration requires an endpoint"),
        ],
    );
    if view.duration("refresh_interval", Duration::from_secs(60)).millis() <= 0 {
        let message = "triton SD configuration requires RefreshInterval to be a positive integer";
        fault(cx, INVALID, view.at("refresh_interval"), message);
    }
}

pub fn uyuni(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    required(cx, &view, &[("server", "Uyuni SD configuration requires server host")]);
    if let Err(reason) = url::parse(&view.text("server")) {
        fault(cx, INVALID, view.at("server"), format!("Uyuni Server URL is not valid: {reason}"));
    }
    required(
        cx,
        &view,
        &[
            ("username", "Uyuni SD configuration requires a username"),
            ("password", "Uyuni SD configuration requires a password"),
        ],
    );
}

pub fn ec2(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    for item in view.items("filters") {
        if item.is_null() {
            fault(cx, super::EMPTY, item.written_span(), super::NIL_SECTION);
        }
        let Some(filter) = Section::new(item) else { continue };
        if filter.items("values").is_empty() {
            let message = "EC2 SD configuration filter values cannot be empty";
            missing(cx, &filter, "values", message);
        }
    }
}

pub fn aws(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let roles = ["ec2", "ecs", "elasticache", "lightsail", "msk", "rds"];
    role(cx, &view, "role", &roles, "unknown AWS SD role \"\"", |role| {
        format!("unknown AWS SD role {}", quote(role))
    });
}
