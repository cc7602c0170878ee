//! The sections `remote_write` and `remote_read`.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go GenerateRemoteWriteConfig,
//! generateRemoteReadConfig.

use super::{ConfigContext, relabel};
use crate::tree::{Entries, Field, Tree};
use crate::version::Version;

/// The name of a message in configuration and flags.
pub fn message_name(version: &str) -> &'static str {
    match version {
        "V2.0" => "io.prometheus.write.v2.Request",
        _ => "prometheus.WriteRequest",
    }
}

pub fn write(context: &ConfigContext<'_>, file: &mut Entries) {
    let field = context.spec.get("remoteWrite");
    let list = field.items();
    if !list.is_empty() {
        let items = list.iter().map(|one| write_one(context, one)).collect();
        file.put("remote_write", Tree::list(items).from(&field));
    }
}

fn write_one(context: &ConfigContext<'_>, one: &Field<'_>) -> Tree {
    let since = |version| context.version >= version;
    let mut out = Entries::default();
    out.copy("url", &one.get("url"));
    out.copy("remote_timeout", &one.get("remoteTimeout"));
    if one.get("headers").value.as_map().is_some_and(|map| !map.is_empty()) {
        out.copy("headers", &one.get("headers"));
    }
    out.copy_text("name", &one.get("name"));
    let message = one.get("messageVersion");
    if message.is_set() && since(Version(2, 54, 0)) {
        out.put("protobuf_message", Tree::text(message_name(message.text())).from(&message));
    }
    if since(Version(2, 27, 0)) {
        out.copy("send_exemplars", &one.get("sendExemplars"));
    }
    if since(Version(2, 40, 0)) {
        out.copy("send_native_histograms", &one.get("sendNativeHistograms"));
    }
    let rules = one.get("writeRelabelConfigs");
    if !rules.items().is_empty() {
        out.put("write_relabel_configs", Tree::list(relabel::user(&rules)).from(&rules));
    }
    context.basic_auth(&mut out, one);
    context.deprecated_tokens(&mut out, one);
    context.oauth2(&mut out, one);
    context.tls(&mut out, &one.get("tlsConfig"));
    context.authorization(&mut out, &one.get("authorization"));
    context.proxy(&mut out, one);
    if since(Version(2, 26, 0)) {
        context.sigv4(&mut out, one);
    }
    if one.get("azureAd").is_set() && since(Version(2, 45, 0)) {
        out.put("azuread", azure(context, &one.get("azureAd")));
    }
    context.follow_redirects(&mut out, one);
    context.enable_http2(&mut out, one);
    if one.get("queueConfig").is_set() {
        out.put("queue_config", queue(context, &one.get("queueConfig")));
    }
    if one.get("metadataConfig").is_set() {
        out.put("metadata_config", metadata(context, one));
    }
    if since(Version(3, 1, 0)) {
        out.copy("round_robin_dns", &one.get("roundRobinDNS"));
    }
    out.tree().from(one)
}

fn azure(context: &ConfigContext<'_>, field: &Field<'_>) -> Tree {
    let since = |version| context.version >= version;
    let mut out = Entries::default();
    let identity = field.get("managedIdentity");
    if identity.is_set() {
        let mut entries = Entries::default();
        entries.copy_text("client_id", &identity.get("clientId"));
        out.put("managed_identity", entries.tree().from(&identity));
    }
    let oauth = field.get("oauth");
    if oauth.is_set() && since(Version(2, 48, 0)) {
        let mut entries = Entries::default();
        entries.copy("client_id", &oauth.get("clientId"));
        entries.put("client_secret", context.secret(&oauth.get("clientSecret")));
        entries.copy("tenant_id", &oauth.get("tenantId"));
        out.put("oauth", entries.tree().from(&oauth));
    }
    let sdk = field.get("sdk");
    if sdk.is_set() && since(Version(2, 52, 0)) {
        let mut entries = Entries::default();
        let tenant = sdk.get("tenantId");
        entries.put("tenant_id", Tree::text(tenant.text()).from(&tenant));
        out.put("sdk", entries.tree().from(&sdk));
    }
    let workload = field.get("workloadIdentity");
    if workload.is_set() && since(Version(3, 7, 0)) {
        let mut entries = Entries::default();
        entries.copy("client_id", &workload.get("clientId"));
        entries.copy("tenant_id", &workload.get("tenantId"));
        out.put("workload_identity", entries.tree().from(&workload));
    }
    out.copy("cloud", &field.get("cloud"));
    if since(Version(3, 9, 0)) {
        out.copy_text("scope", &field.get("scope"));
    }
    out.tree().from(field)
}

fn queue(context: &ConfigContext<'_>, field: &Field<'_>) -> Tree {
    let since = |version| context.version >= version;
    let mut out = Entries::default();
    let mut number = |key: &str, name: &str, known: bool| {
        if field.value.int(name) != 0 && known {
            out.copy(key, &field.get(name));
        }
    };
    number("capacity", "capacity", true);
    number("min_shards", "minShards", true);
    number("max_shards", "maxShards", true);
    number("max_samples_per_send", "maxSamplesPerSend", true);
    out.copy("batch_send_deadline", &field.get("batchSendDeadline"));
    if field.value.int("maxRetries") != 0 && context.version < Version(2, 11, 0) {
        out.copy("max_retries", &field.get("maxRetries"));
    }
    out.copy("min_backoff", &field.get("minBackoff"));
    out.copy("max_backoff", &field.get("maxBackoff"));
    if field.value.bool("retryOnRateLimit") && since(Version(2, 26, 0)) {
        out.copy("retry_on_http_429", &field.get("retryOnRateLimit"));
    }
    if since(Version(2, 50, 0)) {
        out.copy("sample_age_limit", &field.get("sampleAgeLimit"));
    }
    out.tree().from(field)
}

/// Version 2 of the protocol carries metadata itself: sending it apart is off.
fn metadata(context: &ConfigContext<'_>, one: &Field<'_>) -> Tree {
    let field = one.get("metadataConfig");
    let mut out = Entries::default();
    let send = field.value.bool("send") && one.value.str("messageVersion") != "V2.0";
    out.put("send", Tree::raw(send).from(&field.get("send")));
    out.copy_text("send_interval", &field.get("sendInterval"));
    if context.version >= Version(2, 29, 0) {
        out.copy("max_samples_per_send", &field.get("maxSamplesPerSend"));
    }
    out.tree().from(&field)
}

pub fn read(context: &ConfigContext<'_>, file: &mut Entries) {
    let field = context.spec.get("remoteRead");
    let list = field.items();
    if !list.is_empty() {
        let items = list.iter().map(|one| read_one(context, one)).collect();
        file.put("remote_read", Tree::list(items).from(&field));
    }
}

fn read_one(context: &ConfigContext<'_>, one: &Field<'_>) -> Tree {
    let is_filled = |name: &str| one.value[name].as_map().is_some_and(|map| !map.is_empty());
    let mut out = Entries::default();
    out.copy("url", &one.get("url"));
    out.copy("remote_timeout", &one.get("remoteTimeout"));
    if is_filled("headers") && context.version >= Version(2, 26, 0) {
        out.copy("headers", &one.get("headers"));
    }
    out.copy_text("name", &one.get("name"));
    if is_filled("requiredMatchers") {
        out.copy("required_matchers", &one.get("requiredMatchers"));
    }
    if one.value.bool("readRecent") {
        out.copy("read_recent", &one.get("readRecent"));
    }
    context.basic_auth(&mut out, one);
    context.deprecated_tokens(&mut out, one);
    context.oauth2(&mut out, one);
    context.tls(&mut out, &one.get("tlsConfig"));
    context.authorization(&mut out, &one.get("authorization"));
    context.proxy(&mut out, one);
    context.follow_redirects(&mut out, one);
    if context.version >= Version(2, 34, 0) {
        out.copy("filter_external_labels", &one.get("filterExternalLabels"));
    }
    out.tree().from(one)
}
