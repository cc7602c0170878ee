//! ServiceMonitors, PodMonitors and Probes.
//!
//! Source: prometheus-operator pkg/prometheus/resource_selector.go.

use go::Duration;
use kubernetes::object::Value;

use super::relabel;
use super::{at, basic_auth, oauth2, proxy, safe_authorization, safe_tls, selector, tls};
use super::{valid_http, valid_proxy, valid_safe_tls, valid_tls};
use crate::prometheus::ConfigContext;
use crate::store::Checked;
use crate::tree::Field;
use crate::version::Version;

pub fn service_monitor(context: &ConfigContext<'_>, monitor: &Field<'_>) -> Checked {
    let spec = monitor.get("spec");
    selector::label_selector(&spec.value["selector"])?;
    selector_mechanism(context, &spec)?;
    for (number, endpoint) in spec.get("endpoints").items().iter().enumerate() {
        at(service_endpoint(context, endpoint), &format!("endpoints[{number}]"))?;
        proxy(&context.store, endpoint)?;
    }
    at(scrape_class(context, &spec), "scrapeClassName")
}

fn service_endpoint(context: &ConfigContext<'_>, endpoint: &Field<'_>) -> Checked {
    let store = &context.store;
    files(context, endpoint.value)?;
    valid_http(endpoint.value)?;
    at(valid_tls(&endpoint.value["tlsConfig"]), "tlsConfig")?;
    valid_proxy(endpoint.value)?;
    let token = endpoint.get("bearerTokenSecret");
    if !token.value.str("name").is_empty() {
        at(store.secret(&token), "bearerTokenSecret")?;
    }
    at(basic_auth(store, &endpoint.get("basicAuth")), "basicAuth")?;
    at(tls(store, &endpoint.get("tlsConfig")), "tlsConfig")?;
    at(oauth2(store, &endpoint.get("oauth2")), "oauth2")?;
    at(safe_authorization(store, &endpoint.get("authorization")), "authorization")?;
    timeout(context, endpoint.value.str("interval"), endpoint.value.str("scrapeTimeout"))?;
    relabelings(context, endpoint.value)
}

fn relabelings(context: &ConfigContext<'_>, endpoint: &Value) -> Checked {
    at(relabel::rules(&endpoint["relabelings"], context.version), "relabelConfigs")?;
    at(relabel::rules(&endpoint["metricRelabelings"], context.version), "metricRelabelConfigs")
}

/// Refuses files of the Pod if the Prometheus object denies them.
fn files(context: &ConfigContext<'_>, endpoint: &Value) -> Checked {
    if !context.spec.value["arbitraryFSAccessThroughSMs"].bool("deny") {
        return Ok(());
    }
    let by = |what: &str| {
        Err(format!("it accesses file system via {what} which Prometheus specification prohibits"))
    };
    let tls = &endpoint["tlsConfig"];
    if !endpoint.str("bearerTokenFile").is_empty() {
        by("bearer token file")
    } else if ["caFile", "certFile", "keyFile"].iter().any(|key| !tls.str(key).is_empty()) {
        by("tls config")
    } else {
        Ok(())
    }
}

pub fn pod_monitor(context: &ConfigContext<'_>, monitor: &Field<'_>) -> Checked {
    let spec = monitor.get("spec");
    at(selector::label_selector(&spec.value["selector"]), "failed to parse label selector")?;
    selector_mechanism(context, &spec)?;
    for (number, endpoint) in spec.get("podMetricsEndpoints").items().iter().enumerate() {
        at(pod_endpoint(context, endpoint), &format!("endpoint[{number}]"))?;
    }
    at(scrape_class(context, &spec), "scrapeClassName")
}

fn pod_endpoint(context: &ConfigContext<'_>, endpoint: &Field<'_>) -> Checked {
    let store = &context.store;
    timeout(context, endpoint.value.str("interval"), endpoint.value.str("scrapeTimeout"))?;
    relabelings(context, endpoint.value)?;
    valid_http(endpoint.value)?;
    at(valid_safe_tls(&endpoint.value["tlsConfig"]), "tlsConfig")?;
    valid_proxy(endpoint.value)?;
    let token = endpoint.get("bearerTokenSecret");
    if !token.value.str("name").is_empty() && !token.value.str("key").is_empty() {
        at(store.secret(&token), "bearerTokenSecret")?;
    }
    at(basic_auth(store, &endpoint.get("basicAuth")), "basicAuth")?;
    at(safe_tls(store, &endpoint.get("tlsConfig")), "tlsConfig")?;
    at(oauth2(store, &endpoint.get("oauth2")), "oauth2")?;
    at(safe_authorization(store, &endpoint.get("authorization")), "authorization")?;
    at(proxy(store, endpoint), "proxyConfig")
}

pub fn probe(context: &ConfigContext<'_>, probe: &Field<'_>) -> Checked {
    let (spec, store) = (probe.get("spec"), &context.store);
    at(scrape_class(context, &spec), "scrapeClassName")?;
    let targets = spec.get("targets");
    let (fixed, ingress) = (targets.get("staticConfig"), targets.get("ingress"));
    if !fixed.is_set() && !ingress.is_set() {
        let reason =
            "at least one of .spec.targets.staticConfig and .spec.targets.ingress is required";
        return Err(reason.to_owned());
    }
    let token = spec.get("bearerTokenSecret");
    if token.is_set() {
        at(store.secret(&token), "bearerTokenSecret")?;
    }
    at(basic_auth(store, &spec.get("basicAuth")), "basicAuth")?;
    at(safe_tls(store, &spec.get("tlsConfig")), "tlsConfig")?;
    at(safe_authorization(store, &spec.get("authorization")), "authorization")?;
    at(oauth2(store, &spec.get("oauth2")), "oauth2")?;
    timeout(context, spec.value.str("interval"), spec.value.str("scrapeTimeout"))?;
    at(relabel::rules(&spec.value["metricRelabelings"], context.version), "metricRelabelConfigs")?;
    at(static_labels(context, &fixed.value["labels"]), "targets.staticConfig.labels")?;
    for (targets, path) in [
        (&fixed, "targets.staticConfig.relabelConfigs"),
        (&ingress, "targets.ingress.relabelConfigs"),
    ] {
        at(relabel::rules(&targets.value["relabelingConfigs"], context.version), path)?;
    }
    at(proxy(store, &spec.get("prober")), "proxy configuration")?;
    let url = spec.value["prober"].str("url");
    prober_url(url).map_err(|reason| {
        format!(
            "{} url specified in proberSpec is invalid, it should be of the format `hostname` or \
             `hostname:port`: {reason}",
            go::quote::quote(url)
        )
    })
}

/// Refuses names that are no label names.
pub fn static_labels(context: &ConfigContext<'_>, labels: &Value) -> Checked {
    let mut names = labels.as_map().into_iter().flat_map(|map| map.keys());
    match names.find(|name| !relabel::is_label_name(name, context.version)) {
        Some(name) => Err(format!("invalid label {}", go::quote::quote(name))),
        None => Ok(()),
    }
}

/// Refuses URLs with a scheme or a path, and ports that are no numbers.
fn prober_url(url: &str) -> Checked {
    let host_is_invalid = |host: &str| Err(format!("invalid host: {}", go::quote::quote(host)));
    match go::net::split_host_port(url) {
        Err(_) if is_host(url) => Ok(()),
        Err(_) => host_is_invalid(url),
        Ok((host, _)) if !is_host(host) => host_is_invalid(host),
        Ok((_, port)) if port.parse::<u16>().is_ok_and(|port| port > 0) => Ok(()),
        Ok((_, port)) => Err(format!("invalid port: {}", go::quote::quote(port))),
    }
}

/// Returns true for an IP address or a DNS name, with underscores. Source: govalidator IsHost.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        let edge = |c: char| c.is_ascii_alphanumeric() || c == '_';
        label.len() <= 63
            && label.starts_with(edge)
            && label.ends_with(edge)
            && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    let name = host.strip_suffix('.').unwrap_or(host);
    host.parse::<std::net::IpAddr>().is_ok()
        || (!name.is_empty() && name.replace('.', "").len() <= 255 && name.split('.').all(label))
}

fn selector_mechanism(context: &ConfigContext<'_>, spec: &Field<'_>) -> Checked {
    let by_role = spec.value.str("selectorMechanism") == "RoleSelector";
    if by_role && context.version < Version(2, 17, 0) {
        let reason =
            "RoleSelector selectorMechanism is only supported in Prometheus 2.17.0 and newer";
        return Err(reason.to_owned());
    }
    Ok(())
}

/// Refuses a timeout longer than the interval. An empty interval is that of the Prometheus object.
pub fn timeout(context: &ConfigContext<'_>, interval: &str, timeout: &str) -> Checked {
    if timeout.is_empty() {
        return Ok(());
    }
    let global = context.spec.value.str("scrapeInterval");
    compare_timeout(if interval.is_empty() { global } else { interval }, timeout)
}

/// Source: pkg/prometheus/promcfg.go CompareScrapeTimeoutToScrapeInterval.
pub fn compare_timeout(interval: &str, timeout: &str) -> Checked {
    let shorter = Duration::parse(interval).map_err(|error| {
        format!("invalid scrapeInterval {}: {error}", go::quote::quote(interval))
    })?;
    let longer = Duration::parse(timeout).map_err(|error| {
        format!("invalid scrapeTimeout: {}: {error}", go::quote::quote(timeout))
    })?;
    if longer.millis() > shorter.millis() {
        return Err(format!(
            "scrapeTimeout \"{timeout}\" greater than scrapeInterval \"{interval}\""
        ));
    }
    Ok(())
}

/// Refuses the name of a scrape class that the Prometheus object does not have.
pub fn scrape_class(context: &ConfigContext<'_>, spec: &Field<'_>) -> Checked {
    let name = spec.value.str("scrapeClass");
    let mut classes = context.spec.value.list("scrapeClasses").iter();
    if name.is_empty() || classes.any(|class| class.str("name") == name) {
        return Ok(());
    }
    Err(format!("scrapeClass {} not found in Prometheus scrapeClasses", go::quote::quote(name)))
}

#[cfg(test)]
mod tests {
    use super::prober_url;

    #[test]
    fn probers_are_hosts_with_or_without_port() {
        for (url, expected) in [
            ("blackbox:9115", None),
            ("blackbox", None),
            ("10.0.0.1:80", None),
            ("blackbox.monitoring.svc.:9115", None),
            ("http://blackbox:9115/probe", Some("invalid host: \"http://blackbox:9115/probe\"")),
            ("https://", Some("invalid port: \"//\"")),
            ("blackbox:port", Some("invalid port: \"port\"")),
            ("-a:1", Some("invalid host: \"-a\"")),
        ] {
            assert_eq!(prober_url(url).err().as_deref(), expected, "{url}");
        }
    }
}
