//! Checks of the Operator that make it leave out a whole monitor.
//!
//! Source: prometheus-operator pkg/prometheus/resource_selector.go, pkg/prometheus/validation.
//! Label names, prober URLs as host names, and pairs of TLS certificate and key are not checked.

use go::{Duration, Regex};
use kubernetes::object::Value;

use crate::scrape::Context;
use crate::tree::Field;
use crate::version::Version;

type Checked = Result<(), String>;

/// Returns the Operator's reason to reject a monitor.
pub fn monitor(context: &Context<'_>, monitor: &Field<'_>) -> Checked {
    let spec = monitor.get("spec");
    match &*monitor.resource.kind {
        "ServiceMonitor" => {
            selector(&spec.value["selector"])?;
            for (at, one) in spec.get("endpoints").items().iter().enumerate() {
                files(context, one)
                    .and_then(|()| endpoint(context, one))
                    .map_err(|reason| format!("endpoints[{at}]: {reason}"))?;
            }
            scrape_class(context, &spec).map_err(|reason| format!("scrapeClassName: {reason}"))
        }
        "PodMonitor" => {
            selector(&spec.value["selector"])
                .map_err(|reason| format!("failed to parse label selector: {reason}"))?;
            for (at, one) in spec.get("podMetricsEndpoints").items().iter().enumerate() {
                endpoint(context, one).map_err(|reason| format!("endpoint[{at}]: {reason}"))?;
            }
            scrape_class(context, &spec).map_err(|reason| format!("scrapeClassName: {reason}"))
        }
        _ => probe(context, &spec),
    }
}

fn probe(context: &Context<'_>, spec: &Field<'_>) -> Checked {
    scrape_class(context, spec).map_err(|reason| format!("scrapeClassName: {reason}"))?;
    let targets = spec.get("targets");
    let (fixed, ingress) = (targets.get("staticConfig"), targets.get("ingress"));
    if !fixed.is_set() && !ingress.is_set() {
        let reason =
            "at least one of .spec.targets.staticConfig and .spec.targets.ingress is required";
        return Err(reason.to_owned());
    }
    tls(context, &spec.get("tlsConfig"))?;
    timeout(context, spec)?;
    for (rules, path) in [
        (spec.get("metricRelabelings"), "metricRelabelConfigs"),
        (fixed.get("relabelingConfigs"), "targets.staticConfig.relabelConfigs"),
        (ingress.get("relabelingConfigs"), "targets.ingress.relabelConfigs"),
    ] {
        relabelings(context, &rules).map_err(|reason| format!("{path}: {reason}"))?;
    }
    proxy(&spec.value["prober"]).map_err(|reason| format!("proxy configuration: {reason}"))?;
    let url = spec.value["prober"].str("url");
    prober_url(url).map_err(|reason| {
        format!(
            "\"{url}\" url specified in proberSpec is invalid, it should be of the format \
             `hostname` or `hostname:port`: {reason}"
        )
    })
}

/// Refuses URLs with a scheme or a path, and ports that are no numbers.
fn prober_url(url: &str) -> Checked {
    match url.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => {
            let number = port.parse::<u16>().is_ok_and(|port| port > 0);
            let valid = number || port.is_empty();
            if valid { Ok(()) } else { Err(format!("invalid port: \"{port}\"")) }
        }
        _ if url.contains('/') => Err(format!("invalid host: \"{url}\"")),
        _ => Ok(()),
    }
}

fn endpoint(context: &Context<'_>, endpoint: &Field<'_>) -> Checked {
    let value = endpoint.value;
    authentication(value)?;
    proxy(value)?;
    tls(context, &endpoint.get("tlsConfig"))?;
    if value["authorization"].str("type").trim().eq_ignore_ascii_case("basic") {
        let reason = "'authorization' type cannot be set to \"basic\", use \"basicAuth\" instead";
        return Err(format!("authorization: {reason}"));
    }
    timeout(context, endpoint)?;
    relabelings(context, &endpoint.get("relabelings"))
        .map_err(|reason| format!("relabelConfigs: {reason}"))?;
    relabelings(context, &endpoint.get("metricRelabelings"))
        .map_err(|reason| format!("metricRelabelConfigs: {reason}"))
}

/// Refuses two ways of authentication on one endpoint.
fn authentication(endpoint: &Value) -> Checked {
    let ways = ["authorization", "basicAuth", "bearerTokenSecret", "oauth2"];
    let is_set = |way: &&&str| match **way {
        "bearerTokenSecret" => !endpoint["bearerTokenSecret"].str("name").is_empty(),
        way => !endpoint[way].is_null(),
    };
    let set: Vec<&&str> = ways.iter().filter(is_set).collect();
    match set[..] {
        [first, second, ..] => {
            Err(format!("{first} and {second} cannot be configured at the same time"))
        }
        _ => Ok(()),
    }
}

fn proxy(config: &Value) -> Checked {
    if config.bool("proxyFromEnvironment") && !config.str("proxyUrl").is_empty() {
        let reason = "if proxyFromEnvironment is configured, proxyUrl must not be configured";
        return Err(reason.to_owned());
    }
    Ok(())
}

/// Refuses files of the Pod if the Prometheus object denies them.
fn files(context: &Context<'_>, endpoint: &Field<'_>) -> Checked {
    if !context.spec.value["arbitraryFSAccessThroughSMs"].bool("deny") {
        return Ok(());
    }
    let by = |what: &str| {
        Err(format!("it accesses file system via {what} which Prometheus specification prohibits"))
    };
    let tls = &endpoint.value["tlsConfig"];
    if !endpoint.value.str("bearerTokenFile").is_empty() {
        by("bearer token file")
    } else if ["caFile", "certFile", "keyFile"].iter().any(|key| !tls.str(key).is_empty()) {
        by("tls config")
    } else {
        Ok(())
    }
}

fn tls(context: &Context<'_>, tls: &Field<'_>) -> Checked {
    let set = |key: &str| tls.value[key].as_map().is_some_and(|map| !map.is_empty());
    let file = |key: &str| !tls.value.str(key).is_empty();
    let (cert, key) = (set("cert") || file("certFile"), set("keySecret") || file("keyFile"));
    if cert && !key {
        return Err("tlsConfig: cannot specify client cert without client key".to_owned());
    }
    if key && !cert {
        return Err("tlsConfig: cannot specify client key without client cert".to_owned());
    }
    for part in ["ca", "cert"].into_iter().filter(|part| set(part)) {
        // A reference that leads nowhere is reported where the job is made.
        let found = context.store.secret_or_config_map(&tls.get(part));
        if found.is_ok_and(|text| !text.contains("-----BEGIN ") || !text.contains("-----END ")) {
            return Err(format!("tlsConfig: {part}: the value has no PEM block"));
        }
    }
    Ok(())
}

fn timeout(context: &Context<'_>, of: &Field<'_>) -> Checked {
    let timeout = of.value.str("scrapeTimeout");
    let own = of.value.str("interval");
    let global = context.spec.value["scrapeInterval"].as_str().unwrap_or("30s");
    let interval = if own.is_empty() { global } else { own };
    match (Duration::parse(timeout), Duration::parse(interval)) {
        (Ok(longer), Ok(shorter)) if longer.millis() > shorter.millis() => {
            Err(format!("scrapeTimeout \"{timeout}\" greater than scrapeInterval \"{interval}\""))
        }
        _ => Ok(()),
    }
}

fn scrape_class(context: &Context<'_>, spec: &Field<'_>) -> Checked {
    let name = spec.value.str("scrapeClass");
    let mut classes = context.spec.value.list("scrapeClasses").iter();
    if name.is_empty() || classes.any(|class| class.str("name") == name) {
        return Ok(());
    }
    Err(format!("scrapeClass \"{name}\" not found in Prometheus scrapeClasses"))
}

fn selector(selector: &Value) -> Checked {
    for expression in selector.list("matchExpressions") {
        let operator = expression.str("operator");
        let empty = expression.list("values").is_empty();
        match operator {
            "In" | "NotIn" if empty => {
                let reason = "for 'in', 'notin' operators, values set can't be empty";
                return Err(format!("values: Invalid value: null: {reason}"));
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => return Err(format!("\"{operator}\" is not a valid label selector operator")),
        }
    }
    Ok(())
}

fn relabelings(context: &Context<'_>, rules: &Field<'_>) -> Checked {
    for (at, rule) in rules.items().iter().enumerate() {
        relabeling(context, rule.value).map_err(|reason| format!("[{at}]: {reason}"))?;
    }
    Ok(())
}

fn relabeling(context: &Context<'_>, rule: &Value) -> Checked {
    let written = rule["action"].as_str().unwrap_or("replace");
    let action = written.to_lowercase();
    let case = matches!(&*action, "lowercase" | "uppercase");
    let equal = matches!(&*action, "keepequal" | "dropequal");
    for (concerns, since, text) in
        [(case, Version(2, 36, 0), "2.36.0"), (equal, Version(2, 41, 0), "2.41.0")]
    {
        if concerns && context.version < since {
            return Err(format!(
                "{written} relabel action is only supported from Prometheus version {text}"
            ));
        }
    }
    let regex = rule.str("regex");
    if let Err(error) = Regex::new(regex) {
        return Err(format!("invalid regex {regex} for relabel configuration: {error}"));
    }
    if action == "hashmod" && rule.int("modulus") == 0 {
        return Err("relabel configuration for hashmod requires non-zero modulus".to_owned());
    }
    let targets = case || equal || matches!(&*action, "replace" | "hashmod");
    if targets && rule.str("targetLabel").is_empty() {
        return Err(format!("relabel configuration for {written} action needs targetLabel value"));
    }
    let replaced = rule["replacement"].as_str().is_some_and(|text| text != "$1");
    if (case || equal) && replaced {
        return Err(format!("'replacement' can not be set for {written} action"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::prober_url;

    #[test]
    fn probers_are_hosts_with_or_without_port() {
        for (url, valid) in [
            ("blackbox:9115", true),
            ("blackbox", true),
            ("http://blackbox:9115/probe", false),
            ("https://", false),
            ("blackbox:port", false),
        ] {
            assert_eq!(prober_url(url).is_ok(), valid, "{url}");
        }
    }
}
