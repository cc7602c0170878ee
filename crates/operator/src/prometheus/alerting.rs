//! The section `alerting`.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go appendAlertingConfig,
//! generateAlertmanagerConfig.

use kubernetes::object::Value;

use super::ConfigContext;
use super::additional::{Texts, list};
use super::http::scheme;
use super::relabel::{self, rule};
use crate::checks::at;
use crate::store::Checked;
use crate::tree::{Entries, Field, Tree};
use crate::version::Version;

/// Writes `alerting` if anything requests it.
pub fn alerting(context: &ConfigContext<'_>, file: &mut Entries, texts: &Texts<'_>) -> Checked {
    let field = context.spec.get("alerting");
    let asked =
        field.is_set() || texts.alert_relabel_configs.is_some() || texts.alertmanagers.is_some();
    if !asked {
        return Ok(());
    }
    let mut managers: Vec<Tree> =
        field.get("alertmanagers").items().iter().map(|one| alertmanager(context, one)).collect();
    let what = "generating alerting configuration failed";
    let added = list(&texts.alertmanagers)
        .map_err(|_| format!("{what}: unmarshalling additional alertmanager configs failed"))?;
    managers.extend(added);
    let mut rules = Vec::new();
    let replica = context.spec.get("replicaExternalLabelName");
    let name = replica.value.as_str().unwrap_or("prometheus_replica");
    if !name.is_empty() {
        let pattern = go::regex::quote_meta(name);
        rules.push(rule(&[("action", "labeldrop"), ("regex", &pattern)]).from(&replica));
    }
    let added = at(
        list(&texts.alert_relabel_configs),
        "unmarshalling additional alerting relabel configs failed",
    );
    rules.extend(at(added, what)?);
    let mut section = Entries::default();
    section.put("alert_relabel_configs", Tree::list(rules));
    section.put("alertmanagers", Tree::list(managers));
    file.put("alerting", section.tree().from(&field));
    Ok(())
}

fn alertmanager(context: &ConfigContext<'_>, one: &Field<'_>) -> Tree {
    let mut out = Entries::default();
    scheme(&mut out, &one.get("scheme"));
    out.copy("path_prefix", &one.get("pathPrefix"));
    out.copy("timeout", &one.get("timeout"));
    context.enable_http2(&mut out, one);
    context.tls(&mut out, &one.get("tlsConfig"));
    context.proxy(&mut out, one);
    let role = context.endpoints_role(&one.get(""));
    let namespace = one.get("namespace");
    let own = namespace.value.as_str().unwrap_or(&one.resource.namespace);
    let none = one.get("");
    context.kubernetes_sd_in(&mut out, role, own, &none, &none, None);
    out.copy_text("bearer_token_file", &one.get("bearerTokenFile"));
    if context.version >= Version(2, 26, 0) {
        context.basic_auth(&mut out, one);
    }
    context.authorization(&mut out, &one.get("authorization"));
    if context.version >= Version(2, 48, 0) {
        context.sigv4(&mut out, one);
    }
    let api = one.get("apiVersion");
    let name = go::case::lower(api.text());
    if name == "v2" || (name == "v1" && context.version < Version(3, 0, 0)) {
        out.put("api_version", Tree::text(name).from(&api));
    }
    let mut rules = vec![
        rule(&[
            ("action", "keep"),
            ("source_labels", "__meta_kubernetes_service_name"),
            ("regex", one.value.str("name")),
        ])
        .from(&one.get("name")),
    ];
    rules.extend(port(&one.get("port"), role));
    rules.extend(relabel::user(&one.get("relabelings")));
    out.put("relabel_configs", Tree::list(rules));
    if !one.value.list("alertRelabelings").is_empty() && context.version >= Version(2, 51, 0) {
        let field = one.get("alertRelabelings");
        out.put("alert_relabel_configs", Tree::list(relabel::user(&field)).from(&field));
    }
    out.tree().from(one)
}

fn port(port: &Field<'_>, role: &str) -> Option<Tree> {
    let of = if role == "endpointslice" { "endpointslice" } else { "endpoint" };
    let (source, text) = match port.value {
        Value::String(name) if !name.is_empty() => {
            (format!("__meta_kubernetes_{of}_port_name"), name.to_string())
        }
        Value::Int(number) if *number != 0 => {
            ("__meta_kubernetes_pod_container_port_number".to_owned(), number.to_string())
        }
        _ => return None,
    };
    let pairs = [("action", "keep"), ("source_labels", &*source), ("regex", &*text)];
    Some(rule(&pairs).from(port))
}
