//! Checks of the Operator that refuse a custom resource as a whole, in its words.
//!
//! | file | checks |
//! | --- | --- |
//! | here | the ways of authentication, TLS and proxies |
//! | `monitors` | ServiceMonitors, PodMonitors and Probes |
//! | `relabel` | relabeling rules |
//! | `scrape_config` | ScrapeConfigs |
//! | `selector` | label selectors |
//! | `workload` | remote write and read, Alertmanagers, scrape classes of a Prometheus object |
//!
//! Each check also resolves the references to Secrets and ConfigMaps.
//!
//! Source: prometheus-operator pkg/assets, pkg/apis/monitoring/v1.

pub mod monitors;
pub mod relabel;
pub mod scrape_config;
pub mod selector;
pub mod workload;

use kubernetes::object::Value;

use crate::store::{Checked, Store, shown};
use crate::tree::Field;

/// Puts a path in front of a reason.
pub fn at<T>(checked: Checked<T>, path: &str) -> Checked<T> {
    checked.map_err(|reason| format!("{path}: {reason}"))
}

fn refuse<T>(reason: &str) -> Checked<T> {
    Err(reason.to_owned())
}

pub fn basic_auth(store: &Store<'_>, auth: &Field<'_>) -> Checked {
    if !auth.is_set() {
        return Ok(());
    }
    for part in ["username", "password"] {
        at(store.secret(&auth.get(part)), &format!("failed to get basic auth {part}"))?;
    }
    Ok(())
}

fn is_basic(authorization: &Value) -> bool {
    authorization.str("type").trim().eq_ignore_ascii_case("basic")
}

/// Rules of an `authorization` without files.
pub fn valid_safe_authorization(auth: &Value) -> Checked {
    if auth.is_null() {
        Ok(())
    } else if is_basic(auth) {
        refuse("'authorization' type cannot be set to \"basic\", use \"basicAuth\" instead")
    } else if auth["credentials"].is_null() {
        refuse("'authorization' credentials are required")
    } else {
        Ok(())
    }
}

/// Rules of an `authorization` that may name a file.
pub fn valid_authorization(auth: &Value) -> Checked {
    if !auth["credentials"].is_null() && !auth.str("credentialsFile").is_empty() {
        return refuse(
            "authorization can not specify both \"credentials\" and \"credentialsFile\"",
        );
    }
    if is_basic(auth) {
        return refuse("authorization type cannot be set to \"basic\", use \"basicAuth\" instead");
    }
    Ok(())
}

fn credentials(store: &Store<'_>, auth: &Field<'_>) -> Checked {
    let credentials = auth.get("credentials");
    if credentials.value.str("name").is_empty() {
        return Ok(());
    }
    let kind = go::quote::quote(auth.value.str("type"));
    at(store.secret(&credentials), &format!("failed to get authorization token of type {kind}"))?;
    Ok(())
}

pub fn safe_authorization(store: &Store<'_>, auth: &Field<'_>) -> Checked {
    if auth.value["credentials"].is_null() {
        return Ok(());
    }
    valid_safe_authorization(auth.value)?;
    credentials(store, auth)
}

pub fn authorization(store: &Store<'_>, auth: &Field<'_>) -> Checked {
    if auth.value["credentials"].is_null() {
        return Ok(());
    }
    valid_authorization(auth.value)?;
    credentials(store, auth)
}

fn one_source(reference: &Value) -> Checked {
    if !reference["secret"].is_null() && !reference["configMap"].is_null() {
        return refuse("cannot specify both Secret and ConfigMap");
    }
    Ok(())
}

/// Rules of OAuth 2.0 settings.
pub fn valid_oauth2(oauth2: &Value) -> Checked {
    if oauth2.is_null() {
        return Ok(());
    }
    if oauth2.str("tokenUrl").is_empty() {
        return refuse("OAuth2 tokenURL must be specified");
    }
    if oauth2["clientId"].is_empty() {
        return refuse("OAuth2 'clientID' must be specified");
    }
    at(one_source(&oauth2["clientId"]), "invalid OAuth2 'clientID'")?;
    at(valid_safe_tls(&oauth2["tlsConfig"]), "invalid OAuth2 'tlsConfig'")?;
    at(valid_proxy(oauth2), "invalid OAuth2 proxyConfig")
}

pub fn oauth2(store: &Store<'_>, oauth2: &Field<'_>) -> Checked {
    if !oauth2.is_set() {
        return Ok(());
    }
    valid_oauth2(oauth2.value)?;
    at(store.key(&oauth2.get("clientId")), "failed to get oauth2 client id")?;
    at(store.secret(&oauth2.get("clientSecret")), "failed to get oauth2 client secret")?;
    at(proxy_headers(store, oauth2), "failed to get oauth2 proxyConfig")?;
    at(safe_tls(store, &oauth2.get("tlsConfig")), "failed to get oauth2 tlsConfig")
}

fn inner_tls(tls: &Value) -> Checked {
    for part in ["ca", "cert"] {
        at(one_source(&tls[part]), &format!("{part} {}", shown(&tls[part])))?;
    }
    let (least, most) = (tls["minVersion"].as_str(), tls["maxVersion"].as_str());
    if least.zip(most).is_some_and(|(least, most)| most < least) {
        return refuse("maxVersion must more than or equal to minVersion");
    }
    Ok(())
}

/// Rules of a `tlsConfig` without files.
pub fn valid_safe_tls(tls: &Value) -> Checked {
    inner_tls(tls)?;
    let (cert, key) = (!tls["cert"].is_empty(), !tls["keySecret"].is_null());
    match (cert, key) {
        (true, false) => refuse("client cert specified without client key"),
        (false, true) => refuse("client key specified without client cert"),
        _ => Ok(()),
    }
}

/// Rules of a `tlsConfig` that may name files.
pub fn valid_tls(tls: &Value) -> Checked {
    inner_tls(tls)?;
    let file = |key: &str| !tls.str(key).is_empty();
    let key = !tls["keySecret"].is_null();
    for (reference, path, both) in [
        (!tls["ca"].is_empty(), "caFile", "cannot specify both 'caFile' and 'ca'"),
        (!tls["cert"].is_empty(), "certFile", "cannot specify both 'certFile' and 'cert'"),
        (key, "keyFile", "cannot specify both 'keyFile' and 'keySecret'"),
    ] {
        if reference && file(path) {
            return refuse(both);
        }
    }
    match (!tls["cert"].is_empty() || file("certFile"), key || file("keyFile")) {
        (true, false) => refuse("cannot specify client cert without client key"),
        (false, true) => refuse("cannot specify client key without client cert"),
        _ => Ok(()),
    }
}

pub fn safe_tls(store: &Store<'_>, tls: &Field<'_>) -> Checked {
    if !tls.is_set() {
        return Ok(());
    }
    at(valid_safe_tls(tls.value), "failed to validate TLS configuration")?;
    store.add_tls(tls)
}

pub fn tls(store: &Store<'_>, tls: &Field<'_>) -> Checked {
    if !tls.is_set() {
        return Ok(());
    }
    at(valid_tls(tls.value), "failed to validate TLS configuration")?;
    store.add_tls(tls)
}

/// Rules of the fields of a proxy, which stand beside other fields.
pub fn valid_proxy(config: &Value) -> Checked {
    let environment = config.bool("proxyFromEnvironment");
    let url = !config.str("proxyUrl").is_empty();
    let exceptions = !config.str("noProxy").is_empty();
    let header = !config["proxyConnectHeader"].is_empty();
    if header && !environment && !url {
        return refuse(
            "if proxyConnectHeader is configured, proxyUrl or proxyFromEnvironment must also be \
             configured",
        );
    }
    if environment && url {
        return refuse("if proxyFromEnvironment is configured, proxyUrl must not be configured");
    }
    if environment && exceptions {
        return refuse("if proxyFromEnvironment is configured, noProxy must not be configured");
    }
    if !url && exceptions {
        return refuse("if noProxy is configured, proxyUrl must also be configured");
    }
    Ok(())
}

pub fn proxy_headers(store: &Store<'_>, config: &Field<'_>) -> Checked {
    for (name, secrets) in config.get("proxyConnectHeader").entries() {
        for (number, secret) in secrets.items().iter().enumerate() {
            at(store.secret(secret), &format!("header[{name}][{number}]"))?;
        }
    }
    Ok(())
}

pub fn proxy(store: &Store<'_>, config: &Field<'_>) -> Checked {
    valid_proxy(config.value)?;
    proxy_headers(store, config)
}

pub fn sigv4(store: &Store<'_>, sigv4: &Field<'_>) -> Checked {
    let (access, secret) = (sigv4.get("accessKey"), sigv4.get("secretKey"));
    match (access.is_set(), secret.is_set()) {
        (false, false) => Ok(()),
        (true, true) => {
            at(store.secret(&access), "failed to read SigV4 access-key")?;
            at(store.secret(&secret), "failed to read SigV4 secret-key").map(|_| ())
        }
        _ => refuse("both accessKey and secretKey should be provided"),
    }
}

/// Refuses two ways of authentication on one endpoint, then the values of each.
/// Source: pkg/apis/monitoring/v1/http_config.go HTTPConfigWithoutTLS.Validate.
pub fn valid_http(config: &Value) -> Checked {
    let ways = ["authorization", "basicAuth", "bearerTokenSecret", "oauth2"];
    let set: Vec<&str> = ways.into_iter().filter(|way| !config[*way].is_null()).collect();
    if let [first, second, ..] = set[..] {
        return Err(format!("{first} and {second} cannot be configured at the same time"));
    }
    at(valid_safe_authorization(&config["authorization"]), "authorization")?;
    at(valid_oauth2(&config["oauth2"]), "oauth2")
}
