//! Checks of the cloud providers' authentication sections.
//!
//! Source: prometheus/sigv4 `SigV4Config.UnmarshalYAML`; storage/remote/azuread
//! `AzureADConfig.Validate`.

use schema::{CheckCx, Section};
use yaml::Node;

use crate::validate::{CONFLICT, INVALID, MISSING, fault, missing};

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
        fault(cx, MISSING, view.head(), message);
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

/// 32 hexadecimal digits, with hyphens, in braces, or after `urn:uuid:`.
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
