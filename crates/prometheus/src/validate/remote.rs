//! Remote write and read.
//!
//! Source: config `RemoteWriteConfig.UnmarshalYAML`, `QueueConfig.Validate`,
//! `RemoteReadConfig.UnmarshalYAML`; storage/remote/azuread `AzureADConfig.Validate`; sigv4.

use go::Duration;
use schema::CheckCx;
use yaml::Node;

use super::{CONFLICT, HEADER, INVALID, fault, http, missing};
use schema::Section;

/// Headers that Prometheus sets itself, in lower case.
const RESERVED: [&str; 16] = [
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "accept-encoding",
    "x-prometheus-remote-write-version",
    "x-prometheus-remote-read-version",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

const AUTHORIZATION: &str = "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter";

/// Headers of remote endpoints and of tracing.
pub fn headers(cx: &mut CheckCx<'_>, view: &Section<'_>, authorization: &str) {
    let Some(headers) = view.get("headers") else { return };
    for entry in headers.entries() {
        let Some(name) = entry.name() else { continue };
        let lower = name.to_lowercase();
        if lower == "authorization" {
            fault(cx, HEADER, entry.key.span, authorization);
        } else if !lower.is_empty() && RESERVED.contains(&&*lower) {
            let message = format!("{name} is a reserved header. It must not be changed");
            fault(cx, HEADER, entry.key.span, message);
        }
    }
}

fn endpoint(cx: &mut CheckCx<'_>, view: &Section<'_>, message: &str) {
    if view.has("url") {
        http::url(cx, view, "url");
    } else {
        missing(cx, view, "url", message);
    }
    headers(cx, view, AUTHORIZATION);
}

pub fn read(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    endpoint(cx, &view, "url for remote_read is empty");
}

pub fn write(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    endpoint(cx, &view, "url for remote_write is empty");
    let known = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"];
    let message = view.text_or("protobuf_message", known[0]);
    if !known.contains(&&*message) {
        let message = format!(
            "invalid protobuf_message value: unknown type for remote write protobuf message {message}, supported: {}",
            known.join(", ")
        );
        fault(cx, INVALID, view.at("protobuf_message"), message);
    }
    queue(cx, &view);
    let ways = ["basic_auth", "authorization", "oauth2", "sigv4", "azuread", "google_iam"];
    let set: Vec<&str> = ways
        .into_iter()
        .filter(|way| {
            // The older token counts as `authorization`.
            let bearer = *way == "authorization"
                && (view.filled("bearer_token") || view.filled("bearer_token_file"));
            view.has(way) || bearer
        })
        .collect();
    let new = ["sigv4", "azuread", "google_iam"];
    if let (Some(_), Some(second)) = (set.first(), set.get(1))
        && set.iter().any(|way| new.contains(way))
    {
        let message = format!(
            "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently configured: [{}]",
            set.join(" ")
        );
        fault(cx, CONFLICT, view.key_at(second), message);
    }
}

fn queue(cx: &mut CheckCx<'_>, write: &Section<'_>) {
    let Some(entry) = write.entry("queue_config") else { return };
    let Some(queue) = Section::new(&entry.value) else {
        if entry.value.is_null() {
            // A null section has zeros, not defaults.
            let message = "remote write queue max_shards must be positive";
            fault(cx, INVALID, entry.key.span, message);
        }
        return;
    };
    let max_shards = queue.int("max_shards", 50);
    let min_shards = queue.int("min_shards", 1);
    let mut positive = |key: &str, value: i64| {
        if value <= 0 {
            let message = format!("remote write queue {key} must be positive");
            fault(cx, INVALID, queue.at(key), message);
        }
    };
    positive("max_shards", max_shards);
    positive("min_shards", min_shards);
    positive("max_samples_per_send", queue.int("max_samples_per_send", 2000));
    positive("capacity", queue.int("capacity", 10_000));
    if min_shards > max_shards && min_shards > 0 && max_shards > 0 {
        let key = if queue.has("min_shards") { "min_shards" } else { "max_shards" };
        let message = "remote write queue min_shards must not be greater than max_shards";
        fault(cx, CONFLICT, queue.at(key), message);
    }
    let max_backoff = queue.duration("max_backoff", Duration::from_secs(5));
    if max_backoff < queue.duration("min_backoff", Duration(30)) {
        let key = if queue.has("max_backoff") { "max_backoff" } else { "min_backoff" };
        let message = "remote write queue max_backoff must not be less than min_backoff";
        fault(cx, CONFLICT, queue.at(key), message);
    }
}

pub fn sigv4(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.filled("access_key") != view.filled("secret_key") {
        let key = if view.filled("access_key") { "access_key" } else { "secret_key" };
        let message = "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config";
        fault(cx, CONFLICT, view.key_at(key), message);
    }
    if view.filled("external_id") && !view.filled("role_arn") {
        fault(
            cx,
            CONFLICT,
            view.key_at("external_id"),
            "external_id can only be used with role_arn",
        );
    }
}

pub fn azuread(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if !["", "AzureChina", "AzureGovernment", "AzurePublic"].contains(&&*view.text("cloud")) {
        fault(cx, INVALID, view.at("cloud"), "must provide a cloud in the Azure AD config");
    }
    let ways = ["managed_identity", "workload_identity", "oauth", "sdk", "certificate"];
    let set: Vec<&str> = ways.into_iter().filter(|way| view.has(way)).collect();
    if set.is_empty() {
        let message = "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate or Azure SDK in the Azure AD config";
        fault(cx, super::MISSING, view.head(), message);
    }
    if let Some(second) = set.get(1) {
        let message = "cannot provide multiple authentication methods in the Azure AD config";
        fault(cx, CONFLICT, view.key_at(second), message);
    }
    if let Some(identity) = view.section("managed_identity")
        && identity.filled("client_id")
    {
        uuid(cx, &identity, "client_id", "Managed Identity");
    }
    if let Some(identity) = view.section("workload_identity") {
        required(cx, &identity, "Workload Identity", &["client_id", "tenant_id"]);
        uuid(cx, &identity, "client_id", "Workload Identity");
        uuid(cx, &identity, "tenant_id", "Workload Identity");
    }
    if let Some(oauth) = view.section("oauth") {
        required(cx, &oauth, "OAuth", &["client_id", "client_secret", "tenant_id"]);
        uuid(cx, &oauth, "client_id", "OAuth");
    }
    if let Some(certificate) = view.section("certificate") {
        let keys = ["client_id", "tenant_id", "certificate_path"];
        required(cx, &certificate, "Certificate", &keys);
        uuid(cx, &certificate, "client_id", "Certificate");
    }
    let scope = view.text("scope");
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "_:/.-".contains(c);
    if !scope.chars().all(allowed) {
        fault(cx, INVALID, view.at("scope"), "the provided scope contains invalid characters");
    }
}

fn required(cx: &mut CheckCx<'_>, view: &Section<'_>, what: &str, keys: &[&str]) {
    for key in keys {
        if !view.filled(key) {
            let message = format!("must provide an Azure {what} {key} in the Azure AD config");
            missing(cx, view, key, &message);
        }
    }
}

/// 32 hexadecimal digits, with hyphens, in braces, or behind `urn:uuid:`.
fn uuid(cx: &mut CheckCx<'_>, view: &Section<'_>, key: &str, what: &str) {
    let text = view.text(key);
    if text.is_empty() {
        return;
    }
    let lower = text.to_ascii_lowercase();
    let inner = lower.strip_prefix("urn:uuid:").unwrap_or(&lower);
    let inner = inner.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(inner);
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let parts: Vec<&str> = inner.split('-').collect();
    let fits = match parts.as_slice() {
        [all] => hex(all, 32),
        [a, b, c, d, e] => hex(a, 8) && hex(b, 4) && hex(c, 4) && hex(d, 4) && hex(e, 12),
        _ => false,
    };
    if !fits {
        let message = format!("the provided Azure {what} {key} is invalid");
        fault(cx, INVALID, view.at(key), message);
    }
}
