//! ScrapeConfigs.
//!
//! Source: prometheus-operator pkg/prometheus/resource_selector.go checkScrapeConfig.

use kubernetes::object::Value;

use super::monitors::{scrape_class, static_labels, timeout};
use super::relabel;
use super::{at, basic_auth, oauth2, proxy, refuse, safe_authorization, safe_tls};
use crate::prometheus::ConfigContext;
use crate::store::Checked;
use crate::tree::Field;
use crate::version::Version;

pub fn scrape_config(context: &ConfigContext<'_>, object: &Field<'_>) -> Checked {
    let (spec, store) = (object.get("spec"), &context.store);
    scrape_class(context, &spec)?;
    at(relabel::rules(&spec.value["relabelings"], context.version), "relabelConfigs")?;
    at(basic_auth(store, &spec.get("basicAuth")), "basicAuth")?;
    at(safe_authorization(store, &spec.get("authorization")), "authorization")?;
    at(oauth2(store, &spec.get("oauth2")), "oauth2")?;
    at(safe_tls(store, &spec.get("tlsConfig")), "tlsConfig")?;
    timeout(context, spec.value.str("scrapeInterval"), spec.value.str("scrapeTimeout"))?;
    proxy(store, &spec)?;
    at(relabel::rules(&spec.value["metricRelabelings"], context.version), "metricRelabelConfigs")?;
    for (number, one) in spec.value.list("staticConfigs").iter().enumerate() {
        let labels = at(static_labels(context, &one["labels"]), &format!("[{number}]"));
        at(labels, "staticConfigs")?;
    }
    for kind in KINDS {
        at(discovery(context, &spec, kind), kind.path)?;
    }
    Ok(())
}

/// One kind of service discovery: what its settings refer to and which version knows it.
struct Kind {
    field: &'static str,
    /// The name in messages.
    path: &'static str,
    /// The first version and its message. It is checked even if no discovery of the kind is set.
    since: Option<(Version, &'static str)>,
    parts: &'static [Part],
    /// Rules of its own: before the parts, and after them.
    before: fn(&ConfigContext<'_>, usize, &Value) -> Checked,
    behind: fn(&ConfigContext<'_>, usize, &Value) -> Checked,
}

#[derive(Clone, Copy)]
enum Part {
    Basic,
    Authorization,
    OAuth2,
    Tls,
    Proxy,
    /// A reference to a Secret. It is checked if it is set.
    Secret(&'static str),
}

fn no_rules(_: &ConfigContext<'_>, _: usize, _: &Value) -> Checked {
    Ok(())
}

const PLAIN: Kind =
    Kind { field: "", path: "", since: None, parts: &[], before: no_rules, behind: no_rules };

use Part::{Authorization, Basic, OAuth2, Proxy, Secret, Tls};

/// The kinds in the order of the checks, each with its checks in their order.
static KINDS: &[Kind] = &[
    Kind {
        field: "httpSDConfigs",
        path: "httpSDConfigs",
        since: Some((
            Version(2, 28, 0),
            "HTTP SD configuration is only supported for Prometheus version >= 2.28.0",
        )),
        parts: &[Basic, Authorization, OAuth2, Tls, Proxy],
        before: |_, number, config| parsed(number, config.str("url")),
        ..PLAIN
    },
    Kind {
        field: "kubernetesSDConfigs",
        path: "kubernetesSDConfigs",
        parts: &[Basic, Authorization, OAuth2, Tls, Proxy],
        behind: kubernetes_rules,
        ..PLAIN
    },
    Kind {
        field: "consulSDConfigs",
        path: "consulSDConfigs",
        parts: &[Basic, Authorization, OAuth2, Tls, Secret("tokenRef"), Proxy],
        before: consul_rules,
        ..PLAIN
    },
    Kind { field: "dnsSDConfigs", path: "dnsSDConfigs", before: dns_rules, ..PLAIN },
    Kind {
        field: "ec2SDConfigs",
        path: "ec2SDConfigs",
        parts: &[Secret("accessKey"), Secret("secretKey"), Tls, Proxy],
        ..PLAIN
    },
    Kind {
        field: "azureSDConfigs",
        path: "azureSDConfigs",
        parts: &[Secret("clientSecret"), Basic, OAuth2, Proxy, Tls, Authorization],
        before: azure_rules,
        ..PLAIN
    },
    Kind {
        field: "openstackSDConfigs",
        path: "openstackSDConfigs",
        parts: &[Secret("password"), Secret("applicationCredentialSecret"), Tls],
        before: |context, number, config| {
            if config.str("role") == "LoadBalancer" && context.version < Version(3, 2, 0) {
                return Err(format!(
                    "[{number}]: The LoadBalancer role is only supported from Prometheus version 3.2.0"
                ));
            }
            Ok(())
        },
        ..PLAIN
    },
    Kind {
        field: "digitalOceanSDConfigs",
        path: "digitalOceanSDConfigs",
        since: Some((
            Version(2, 20, 0),
            "service discovery for Digital Ocean is only supported for Prometheus version >= 2.20.0",
        )),
        parts: &[Authorization, OAuth2, Tls, Proxy],
        ..PLAIN
    },
    Kind {
        field: "kumaSDConfigs",
        path: "kumaSDConfigs",
        parts: &[Authorization, OAuth2, Tls, Basic, Proxy],
        before: |context, number, config| {
            if !config["clientID"].is_null() && context.version < Version(2, 50, 0) {
                return refuse(
                    "field `clientID` in kuma SD configuration is only supported for Prometheus \
                     version >= 2.50.0",
                );
            }
            server(number, config)
        },
        ..PLAIN
    },
    Kind {
        field: "eurekaSDConfigs",
        path: "eurekaSDConfigs",
        parts: &[Authorization, OAuth2, Tls, Basic, Proxy],
        ..PLAIN
    },
    Kind {
        field: "dockerSDConfigs",
        path: "dockerSDConfigs",
        parts: &[Basic, Authorization, OAuth2, Tls, Proxy],
        before: |context, number, config| {
            since_field(context, number, config, "matchFirstNetwork", Version(2, 54, 1), "2.54.1")
        },
        behind: |_, number, config| parsed(number, config.str("host")),
        ..PLAIN
    },
    Kind {
        field: "linodeSDConfigs",
        path: "linodeSDConfigs",
        since: Some((
            Version(2, 28, 0),
            "linode SD configuration is only supported for Prometheus version >= 2.28.0",
        )),
        parts: &[Authorization, OAuth2, Tls, Proxy],
        ..PLAIN
    },
    Kind {
        field: "hetznerSDConfigs",
        path: "hetznerSDConfigs",
        parts: &[Basic, Authorization, OAuth2, Tls, Proxy],
        before: |context, number, config| {
            since_field(context, number, config, "labelSelector", Version(3, 5, 0), "3.5.0")
        },
        ..PLAIN
    },
    Kind {
        field: "nomadSDConfigs",
        path: "nomadSDConfigs",
        parts: &[Authorization, OAuth2, Tls, Basic, Proxy],
        before: |_, number, config| server(number, config),
        ..PLAIN
    },
    Kind {
        field: "dockerSwarmSDConfigs",
        path: "dockerswarmSDConfigs",
        since: Some((
            Version(2, 20, 0),
            "dockerswarm SD configuration is only supported for Prometheus version >= 2.20.0",
        )),
        parts: &[Authorization, OAuth2, Tls, Basic, Proxy],
        before: |_, number, config| parsed(number, config.str("host")),
        ..PLAIN
    },
    Kind {
        field: "puppetDBSDConfigs",
        path: "puppetDBSDConfigs",
        since: Some((
            Version(2, 31, 0),
            "puppetDB SD configuration is only supported for Prometheus version >= 2.31.0",
        )),
        parts: &[Authorization, OAuth2, Tls, Basic, Proxy],
        before: puppet_rules,
        ..PLAIN
    },
    Kind {
        field: "lightSailSDConfigs",
        path: "lightSailSDConfigs",
        since: Some((
            Version(2, 27, 0),
            "lightSail SD configuration is only supported for Prometheus version >= 2.27.0",
        )),
        parts: &[
            Secret("accessKey"),
            Secret("secretKey"),
            Authorization,
            OAuth2,
            Tls,
            Basic,
            Proxy,
        ],
        ..PLAIN
    },
    Kind {
        field: "ovhcloudSDConfigs",
        path: "OVHCloudSDConfigs",
        since: Some((
            Version(2, 40, 0),
            "OVHCloud SD configuration is only supported for Prometheus version >= 2.40.0",
        )),
        parts: &[Secret("applicationSecret"), Secret("consumerKey")],
        ..PLAIN
    },
    Kind {
        field: "scalewaySDConfigs",
        path: "ScalewaySDConfigs",
        since: Some((
            Version(2, 26, 0),
            "ScaleWay SD configuration is only supported for Prometheus version >= 2.26.0",
        )),
        parts: &[Secret("secretKey"), Proxy, Tls],
        ..PLAIN
    },
    Kind {
        field: "ionosSDConfigs",
        path: "IonosSDConfigs",
        since: Some((
            Version(2, 36, 0),
            "IONOS SD configuration is only supported for Prometheus version >= 2.36.0",
        )),
        parts: &[Authorization, Proxy, Tls, OAuth2],
        ..PLAIN
    },
];

fn discovery(context: &ConfigContext<'_>, spec: &Field<'_>, kind: &Kind) -> Checked {
    if let Some((since, reason)) = kind.since
        && context.version < since
    {
        return refuse(reason);
    }
    for (number, config) in spec.get(kind.field).items().iter().enumerate() {
        (kind.before)(context, number, config.value)?;
        if kind.field == "azureSDConfigs" && has_own_identity(config.value) {
            continue;
        }
        for part in kind.parts {
            at(check_part(context, config, *part), &format!("[{number}]"))?;
        }
        (kind.behind)(context, number, config.value)?;
    }
    Ok(())
}

fn check_part(context: &ConfigContext<'_>, config: &Field<'_>, part: Part) -> Checked {
    let store = &context.store;
    match part {
        Basic => basic_auth(store, &config.get("basicAuth")),
        Authorization => safe_authorization(store, &config.get("authorization")),
        OAuth2 => oauth2(store, &config.get("oauth2")),
        Tls => safe_tls(store, &config.get("tlsConfig")),
        Proxy => proxy(store, config),
        Secret(field) if config.get(field).is_set() => store.secret(&config.get(field)).map(|_| ()),
        Secret(_) => Ok(()),
    }
}

fn parsed(number: usize, url: &str) -> Checked {
    at(go::url::parse(url).map(|_| ()), &format!("[{number}]"))
}

fn server(number: usize, config: &Value) -> Checked {
    let text = config.str("server");
    let url = go::url::parse(text)
        .map_err(|reason| format!("[{number}]: cannot parse server: {reason}"))?;
    if url.scheme.is_empty() || url.host.is_empty() {
        return Err(format!("[{number}]: must not be empty and have a scheme: {text}"));
    }
    Ok(())
}

fn since_field(
    context: &ConfigContext<'_>,
    number: usize,
    config: &Value,
    field: &str,
    since: Version,
    text: &str,
) -> Checked {
    if !config[field].is_null() && context.version < since {
        return Err(format!(
            "[{number}]: field `{field}` is only supported for Prometheus version >= {text}"
        ));
    }
    Ok(())
}

/// Roles of selectors that a role takes.
static ROLES: &[(&str, &[&str])] = &[
    ("pod", &["pod"]),
    ("service", &["service"]),
    ("endpointslice", &["pod", "service", "endpointslice"]),
    ("endpoints", &["pod", "service", "endpoints"]),
    ("node", &["node"]),
    ("ingress", &["ingress"]),
];

fn kubernetes_rules(context: &ConfigContext<'_>, number: usize, config: &Value) -> Checked {
    let role = config.str("role");
    if role == "EndpointSlice" && context.version < Version(2, 21, 0) {
        return Err(format!(
            "[{number}]: EndpointSlice role is only supported for Prometheus version >= 2.21.0"
        ));
    }
    if !config["apiServer"].is_null() && config["namespaces"].bool("ownNamespace") {
        return Err(format!(
            "[{number}]: cannot use 'apiServer' and 'namespaces.ownNamespace' simultaneously"
        ));
    }
    let lower = go::case::lower(role);
    let allowed = ROLES.iter().find(|(name, _)| *name == lower).map_or(&[][..], |(_, all)| *all);
    for selector in config.list("selectors") {
        if !allowed.contains(&&*go::case::lower(selector.str("role"))) {
            let selectors = allowed.join(", ");
            return Err(format!("[{number}] : {role} role supports only {selectors} selectors"));
        }
    }
    for selector in config.list("selectors") {
        let path = format!("[{number}]");
        at(selectors::parse_fields(selector.str("field")).map(|_| ()), &path)?;
        at(selectors::parse_labels(selector.str("label")).map(|_| ()), &path)?;
    }
    Ok(())
}

fn consul_rules(context: &ConfigContext<'_>, _: usize, config: &Value) -> Checked {
    for (field, name, since, text) in [
        ("pathPrefix", "PathPrefix", Version(2, 45, 0), "2.45.0"),
        ("namespace", "Namespace", Version(2, 28, 0), "2.28.0"),
        ("filter", "Filter", Version(3, 0, 0), "3.0.0"),
        ("healthFilter", "HealthFilter", Version(3, 11, 2), "3.11.2"),
    ] {
        if !config[field].is_null() && context.version < since {
            return Err(format!(
                "field `config.{name}` is only supported for Prometheus version >= {text}"
            ));
        }
    }
    Ok(())
}

fn dns_rules(_: &ConfigContext<'_>, number: usize, config: &Value) -> Checked {
    match config["type"].as_str() {
        Some(kind) if kind != "SRV" && config["port"].is_null() => {
            Err(format!("[{number}]: port required for record type \"{kind}\""))
        }
        _ => Ok(()),
    }
}

fn has_own_identity(config: &Value) -> bool {
    matches!(config.str("authenticationMethod"), "ManagedIdentity" | "SDK" | "WorkloadIdentity")
}

fn azure_rules(context: &ConfigContext<'_>, number: usize, config: &Value) -> Checked {
    let method = config.str("authenticationMethod");
    for (concerns, since, reason) in [
        (
            method == "SDK",
            Version(2, 52, 0),
            "SDK authentication is only supported from Prometheus version 2.52.0",
        ),
        (
            method == "WorkloadIdentity",
            Version(3, 11, 0),
            "WorkloadIdentity authentication is only supported from Prometheus version 3.11.0",
        ),
        (
            !config["resourceGroup"].is_null(),
            Version(2, 35, 0),
            "ResourceGroup is only supported from Prometheus version >= 2.35.0",
        ),
    ] {
        if concerns && context.version < since {
            return Err(format!("[{number}]: {reason}"));
        }
    }
    if has_own_identity(config) {
        return Ok(());
    }
    for (missing, name) in [
        (config.str("tenantID").is_empty(), "tenantID"),
        (config.str("clientID").is_empty(), "clientID"),
        (config["clientSecret"].is_null(), "clientSecret"),
    ] {
        if missing {
            return Err(format!("[{number}]: configuration requires a {name}"));
        }
    }
    Ok(())
}

fn puppet_rules(_: &ConfigContext<'_>, number: usize, config: &Value) -> Checked {
    let url =
        go::url::parse(config.str("url")).map_err(|reason| format!("[{number}]: {reason}"))?;
    if !matches!(&*url.scheme, "http" | "https") {
        return Err(format!("[{number}]: URL scheme must be 'http' or 'https'"));
    }
    if url.host.is_empty() {
        return Err(format!("[{number}]: host is missing in URL"));
    }
    Ok(())
}
