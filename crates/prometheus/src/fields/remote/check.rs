//! Remote write and read.
//!
//! Source: config `RemoteWriteConfig.UnmarshalYAML`, `QueueConfig.Validate`,
//! `RemoteReadConfig.UnmarshalYAML`; storage/remote/azuread `AzureADConfig.Validate`; sigv4.

use go::Duration;
use go::case;
use schema::CheckCx;
use yaml::Node;

use crate::validate::{CONFLICT, HEADER, INVALID, fault, missing, url_field};
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
        let lower = case::lower(name);
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
        url_field(cx, view, "url");
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
