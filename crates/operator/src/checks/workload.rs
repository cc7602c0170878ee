//! Checks of a Prometheus object itself. A refusal fails its sync.
//!
//! Source: prometheus-operator pkg/prometheus/server/operator.go, pkg/prometheus/store.go,
//! pkg/prometheus/promcfg.go getScrapeClassConfig.

use kubernetes::object::Value;

use super::{at, authorization, basic_auth, oauth2, proxy_headers, refuse, relabel};
use super::{safe_authorization, sigv4, tls, valid_authorization, valid_proxy, valid_tls};
use crate::prometheus::{ConfigContext, Mode};
use crate::store::Checked;
use crate::tree::Field;
use crate::version::Version;

/// Checks the scrape classes.
pub fn scrape_classes(spec: &Value, version: Version) -> Checked {
    let mut defaults = 0;
    for class in spec.list("scrapeClasses") {
        let name = class.str("name");
        let of = |what: &str| format!("invalid {what} for scrapeClass {name}");
        at(relabel::rules(&class["relabelings"], version), &of("relabelings"))?;
        at(relabel::rules(&class["metricRelabelings"], version), &of("metric relabelings"))?;
        at(valid_tls(&class["tlsConfig"]), &of("TLS config"))?;
        at(valid_authorization(&class["authorization"]), &of("authorization"))?;
        defaults += usize::from(class.bool("default"));
        if defaults > 1 {
            return refuse("multiple default scrape classes defined");
        }
    }
    Ok(())
}

/// Checks what the configuration is made from and resolves what it refers to.
pub fn prepare(context: &ConfigContext<'_>) -> Checked {
    let (spec, store) = (&context.spec, &context.store);
    if context.mode == Mode::Server {
        for (number, one) in spec.get("remoteRead").items().iter().enumerate() {
            at(remote_read(context, one), &format!("remoteRead[{number}]"))?;
        }
    }
    for (number, one) in spec.get("remoteWrite").items().iter().enumerate() {
        let path = format!("remoteWrite[{number}]");
        at(valid_remote_write(context, one.value), &path)?;
        at(remote_write(context, one), &path)?;
    }
    let api = spec.get("apiserverConfig");
    if api.is_set() {
        let checked = basic_auth(store, &api.get("basicAuth"))
            .and_then(|()| authorization(store, &api.get("authorization")))
            .and_then(|()| tls(store, &api.get("tlsConfig")))
            .and_then(|()| proxy_headers(store, &api));
        at(checked, "apiserver config")?;
    }
    if context.mode == Mode::Server {
        let managers = spec.get("alerting").get("alertmanagers").items();
        for (number, one) in managers.iter().enumerate() {
            at(valid_alertmanager(context, one.value), &format!("alertmanager {number}"))?;
        }
        for (number, one) in managers.iter().enumerate() {
            at(alertmanager(context, one), &format!("alertmanager {number}"))?;
        }
    }
    for class in spec.get("scrapeClasses").items() {
        let path = format!("scrape class {}", go::quote::quote(class.value.str("name")));
        let checked = at(tls(store, &class.get("tlsConfig")), &path);
        at(checked, "failed to process scrape classes")?;
    }
    Ok(())
}

/// Refuses several ways of authentication. The names are sorted, as the recordings have them.
fn exclusive(value: &Value, texts: &[&str], others: &[&str]) -> Checked {
    let texts = texts.iter().filter(|name| !value.str(name).is_empty());
    let others = others.iter().filter(|name| !value[**name].is_null());
    let mut set: Vec<String> = texts.chain(others).map(|name| go::quote::quote(name)).collect();
    set.sort();
    if set.len() > 1 {
        let set = set.join(" and ");
        return Err(format!(
            "{set} can't be set at the same time, at most one of them must be defined"
        ));
    }
    Ok(())
}

fn remote_read(context: &ConfigContext<'_>, one: &Field<'_>) -> Checked {
    let store = &context.store;
    basic_auth(store, &one.get("basicAuth"))?;
    oauth2(store, &one.get("oauth2"))?;
    tls(store, &one.get("tlsConfig"))?;
    authorization(store, &one.get("authorization"))?;
    exclusive(
        one.value,
        &["bearerTokenFile", "bearerToken"],
        &["basicAuth", "oauth2", "authorization"],
    )?;
    proxy_headers(store, one)
}

fn remote_write(context: &ConfigContext<'_>, one: &Field<'_>) -> Checked {
    let store = &context.store;
    basic_auth(store, &one.get("basicAuth"))?;
    oauth2(store, &one.get("oauth2"))?;
    tls(store, &one.get("tlsConfig"))?;
    authorization(store, &one.get("authorization"))?;
    sigv4(store, &one.get("sigv4"))?;
    let azure = one.get("azureAd").get("oauth");
    if azure.is_set() {
        at(store.secret(&azure.get("clientSecret")), "failed to read AzureOAuth clientSecret")?;
    }
    proxy_headers(store, one)
}

fn valid_remote_write(context: &ConfigContext<'_>, one: &Value) -> Checked {
    exclusive(one, &[], &["basicAuth", "oauth2", "authorization", "sigv4", "azureAd"])?;
    azure(context, &one["azureAd"])?;
    valid_proxy(one)
}

/// Ways to log in to Azure: field, name in messages.
static AZURE: &[(&str, &str)] = &[
    ("managedIdentity", "Azure Managed Identity"),
    ("oauth", "Azure OAuth"),
    ("sdk", "Azure SDK"),
    ("workloadIdentity", "Azure Workload Identity"),
];

fn azure(context: &ConfigContext<'_>, azure: &Value) -> Checked {
    if azure.is_null() {
        return Ok(());
    }
    let set: Vec<&str> =
        AZURE.iter().filter(|(field, _)| !azure[*field].is_null()).map(|(_, name)| *name).collect();
    match set[..] {
        [] => {
            return refuse(
                "must provide Azure Managed Identity, Azure OAuth, Azure SDK, or Azure Workload \
                 Identity in the Azure AD config",
            );
        }
        [first, second, ..] => {
            return Err(format!("cannot provide both {first} and {second} in the Azure AD config"));
        }
        _ => {}
    }
    let identity = &azure["managedIdentity"];
    if !identity.is_null() && context.version < Version(3, 5, 0) {
        let id = identity.str("clientId");
        if id.is_empty() {
            let version = context.version;
            return Err(format!(
                "managedIdentidy: clientId is required with Prometheus < 3.5.0, current = {version}"
            ));
        }
    }
    for (field, since, text) in [
        ("oauth", Version(2, 48, 0), "v2.48.0"),
        ("sdk", Version(2, 52, 0), "v2.52.0"),
        ("workloadIdentity", Version(3, 7, 0), "v3.7.0"),
    ] {
        if !azure[field].is_null() && context.version < since {
            return Err(format!("azureAD.{field} requires Prometheus >= {text}"));
        }
    }
    for (field, key, reason) in [
        ("oauth", "clientId", "the provided Azure OAuth clientId is invalid"),
        (
            "workloadIdentity",
            "clientId",
            "the provided Azure Workload Identity clientId is invalid",
        ),
        (
            "workloadIdentity",
            "tenantId",
            "the provided Azure Workload Identity tenantId is invalid",
        ),
    ] {
        if !azure[field].is_null() && !is_uuid(azure[field].str(key)) {
            return refuse(reason);
        }
    }
    Ok(())
}

/// Returns true for the plain form of a UUID.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &&str| part.chars().all(|c| c.is_ascii_hexdigit());
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(hex)
}

fn valid_alertmanager(context: &ConfigContext<'_>, one: &Value) -> Checked {
    exclusive(one, &["bearerTokenFile"], &["basicAuth", "authorization", "sigv4"])?;
    at(relabel::rules(&one["relabelings"], context.version), "invalid relabelings")?;
    at(relabel::rules(&one["alertRelabelings"], context.version), "invalid alertRelabelings")
}

fn alertmanager(context: &ConfigContext<'_>, one: &Field<'_>) -> Checked {
    let store = &context.store;
    basic_auth(store, &one.get("basicAuth"))?;
    safe_authorization(store, &one.get("authorization"))?;
    sigv4(store, &one.get("sigv4"))?;
    tls(store, &one.get("tlsConfig"))?;
    proxy_headers(store, one)
}

/// Checks the settings of the TSDB.
pub fn storage(spec: &Value) -> Checked {
    let tsdb = &spec["tsdb"];
    let threshold = &tsdb["staleSeriesCompactionThreshold"];
    let number = match threshold {
        Value::String(text) => kubernetes::quantity::parse(text),
        Value::Int(int) => Some(*int as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    };
    if number.is_some_and(|number| !(0.0..=1.0).contains(&number)) {
        let shown = threshold
            .as_str()
            .map_or_else(|| kubernetes::object::to_json(threshold), str::to_owned);
        return Err(format!(
            "`staleSeriesCompactionThreshold` must be between 0 and 1. The current value is {shown}"
        ));
    }
    let mut features = spec.list("enableFeatures").iter().filter_map(Value::as_str);
    if tsdb["chunkEncoding"].str("floats") == "Xor" && features.any(|name| name == "st-storage") {
        return refuse(
            "chunk encoding \"Xor\" is incompatible with --enable-feature=st-storage (XOR chunks do \
             not store start timestamps)",
        );
    }
    Ok(())
}
