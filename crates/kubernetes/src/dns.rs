//! DNS lookups from a pod: Services, pods, ExternalNames, names outside of the cluster.
//!
//! Source: the Kubernetes DNS specification 1.1, and a pod's resolv.conf with `ndots:5`.

use super::cluster::Cluster;
use super::controllers::cluster_dns_ip;
use super::objects::{EndpointAddress, ObjectRef, Resource, Service, Text};
use text::IndexSort;

/// The default cluster domain.
const DOMAIN: &str = "cluster.local";

/// The maximum number of ExternalNames that are followed.
const MAX_CHAIN: usize = 8;

/// The result of an address lookup.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// The requested host.
    pub host: String,
    /// The fully qualified names that were followed; several if an ExternalName points elsewhere.
    pub chain: Vec<String>,
    pub found: Found,
}

/// The result of resolving a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The host is an IP address.
    Literal(Text),
    /// `localhost`.
    Localhost,
    /// A Service with a ClusterIP.
    ClusterIp {
        service: ObjectRef,
        ip: Text,
    },
    /// A headless Service: the addresses of its ready pods, or of the named pod.
    Pods {
        service: ObjectRef,
        ips: Vec<Text>,
    },
    /// A pod, by a name with its IP.
    Pod {
        ip: Text,
    },
    /// A name outside of the cluster.
    External(String),
    Nothing(NoAnswer),
}

/// The reason why a name has no address.
#[derive(Clone, Debug, PartialEq)]
pub enum NoAnswer {
    /// The name does not exist. `similar` are Services with a similar name.
    Unknown { similar: Vec<Suggestion> },
    /// A headless Service without ready pods.
    HeadlessWithoutPods { service: ObjectRef },
    /// ExternalNames that form a loop.
    Loop,
}

/// A Service with a similar name.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub service: ObjectRef,
    /// The shortest name that resolves from the pod.
    pub host: String,
}

impl Resolution {
    /// The error of Go's resolver. None if there is an answer.
    pub fn error(&self, cluster: &Cluster) -> Option<String> {
        match &self.found {
            Found::Nothing(_) => Some(format!(
                "lookup {} on {}:53: no such host",
                self.host,
                cluster_dns_ip(cluster)
            )),
            _ => None,
        }
    }
}

/// Resolves a host from a pod in a namespace.
pub fn resolve(cluster: &Cluster, namespace: &str, host: &str) -> Resolution {
    let mut chain = Vec::new();
    let found = resolve_from(cluster, namespace, host, &mut chain);
    Resolution { host: host.to_owned(), chain, found }
}

fn resolve_from(cluster: &Cluster, namespace: &str, host: &str, chain: &mut Vec<String>) -> Found {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok() {
        return Found::Literal(bare.into());
    }
    let lower = host.to_ascii_lowercase();
    if lower == "localhost" || lower.ends_with(".localhost") {
        return Found::Localhost;
    }
    if chain.len() >= MAX_CHAIN {
        return Found::Nothing(NoAnswer::Loop);
    }
    for name in candidates(namespace, &lower) {
        let Some(inside) = name.strip_suffix(DOMAIN).and_then(|rest| rest.strip_suffix('.')) else {
            continue;
        };
        if let Some(found) = in_cluster(cluster, inside) {
            chain.push(name);
            return match found {
                // The target of an ExternalName is fully qualified, so no search domains apply.
                Found::External(target) => {
                    let target = target.trim_end_matches('.').to_owned() + ".";
                    resolve_from(cluster, namespace, &target, chain)
                }
                found => found,
            };
        }
    }
    let name = lower.trim_end_matches('.');
    if is_public(name) {
        return Found::External(name.to_owned());
    }
    Found::Nothing(NoAnswer::Unknown { similar: similar(cluster, namespace, name) })
}

/// Returns the fully qualified names to try. With fewer than five dots the search domains come
/// first.
fn candidates(namespace: &str, host: &str) -> Vec<String> {
    if let Some(absolute) = host.strip_suffix('.') {
        return vec![absolute.to_owned()];
    }
    let search = [format!("{namespace}.svc.{DOMAIN}"), format!("svc.{DOMAIN}"), DOMAIN.to_owned()];
    let mut names: Vec<String> = search.iter().map(|suffix| format!("{host}.{suffix}")).collect();
    if host.matches('.').count() >= 5 {
        names.insert(0, host.to_owned());
    } else {
        names.push(host.to_owned());
    }
    names
}

/// Resolves a name relative to the cluster domain: `web.default.svc`, `web-0.web.default.svc`,
/// `10-244-0-5.default.pod`.
fn in_cluster(cluster: &Cluster, name: &str) -> Option<Found> {
    let labels: Vec<&str> = name.split('.').collect();
    match labels.as_slice() {
        [service, namespace, "svc"] => {
            Some(service_addresses(cluster, cluster.services.get(namespace, service)?))
        }
        [host, service, namespace, "svc"] => {
            let service = cluster.services.get(namespace, service)?;
            let ips: Vec<Text> = ready_addresses(cluster, service)
                .into_iter()
                .filter(|address| record_name(address) == *host)
                .map(|address| address.ip.value.clone())
                .collect();
            let service = service.reference();
            (!ips.is_empty()).then_some(Found::Pods { service, ips })
        }
        [dashed, namespace, "pod"] => {
            cluster.namespaces.get("", namespace)?;
            let ip = dashed.replace('-', ".");
            ip.parse::<std::net::Ipv4Addr>().ok()?;
            Some(Found::Pod { ip: ip.into() })
        }
        _ => None,
    }
}

fn service_addresses(cluster: &Cluster, service: &Service) -> Found {
    if service.is_external_name() {
        return Found::External(service.external_name.value.to_ascii_lowercase());
    }
    let reference = service.reference();
    if !service.is_headless() {
        return Found::ClusterIp { service: reference, ip: service.cluster_ip.value.clone() };
    }
    let ips: Vec<Text> = ready_addresses(cluster, service)
        .into_iter()
        .map(|address| address.ip.value.clone())
        .collect();
    if ips.is_empty() {
        Found::Nothing(NoAnswer::HeadlessWithoutPods { service: reference })
    } else {
        Found::Pods { service: reference, ips }
    }
}

fn ready_addresses<'a>(cluster: &'a Cluster, service: &Service) -> Vec<&'a EndpointAddress> {
    let (namespace, name) = (&service.meta.namespace.value, &service.meta.name.value);
    let mut addresses: Vec<&EndpointAddress> = Vec::new();
    let endpoints = cluster.endpoints.get(namespace, name);
    for subset in endpoints.iter().flat_map(|endpoints| &endpoints.subsets) {
        for address in &subset.addresses {
            if !addresses.iter().any(|one| one.ip.value == address.ip.value) {
                addresses.push(address);
            }
        }
    }
    addresses
}

/// Returns the first label of a pod's name in a headless Service.
fn record_name(address: &EndpointAddress) -> String {
    if address.hostname.is_empty() {
        address.ip.value.replace(['.', ':'], "-")
    } else {
        address.hostname.to_string()
    }
}

/// One SRV record: a name without the final dot, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    pub target: String,
    pub port: i32,
}

/// Looks up SRV records: `_http._tcp.web.default.svc.cluster.local`, or `web.default.svc` for those
/// of every port. Source: CoreDNS plugin/kubernetes, `matchPortAndProtocol`.
pub fn lookup_srv(cluster: &Cluster, namespace: &str, host: &str) -> Vec<Srv> {
    let host = host.to_ascii_lowercase();
    for name in candidates(namespace, &host) {
        let Some(inside) = name.strip_suffix(DOMAIN).and_then(|rest| rest.strip_suffix('.')) else {
            continue;
        };
        let labels: Vec<&str> = inside.split('.').collect();
        let (wanted, service, namespace) = match labels.as_slice() {
            [port, protocol, service, namespace, "svc"] => {
                let (port, protocol) = (port.strip_prefix('_'), protocol.strip_prefix('_'));
                let Some(wanted) = port.zip(protocol) else { continue };
                (Some(wanted), service, namespace)
            }
            [service, namespace, "svc"] => (None, service, namespace),
            _ => continue,
        };
        let Some(service) = cluster.services.get(namespace, service) else { continue };
        let records = srv_records(cluster, service, wanted);
        if !records.is_empty() {
            return records;
        }
    }
    Vec::new()
}

/// Returns the SRV records of a Service. `wanted` is the name and protocol of a port; None means
/// all ports.
fn srv_records(cluster: &Cluster, service: &Service, wanted: Option<(&str, &str)>) -> Vec<Srv> {
    let (namespace, name) = (&service.meta.namespace.value, &service.meta.name.value);
    let base = format!("{name}.{namespace}.svc.{DOMAIN}");
    let named = |one: &str, proto: &str| {
        wanted.is_none_or(|(port, protocol)| one == port && proto.eq_ignore_ascii_case(protocol))
    };
    if !service.is_headless() {
        return service
            .ports
            .iter()
            .filter(|one| named(&one.name.value, &one.protocol))
            .map(|one| Srv { target: base.clone(), port: one.port.value })
            .collect();
    }
    let mut records = Vec::new();
    let endpoints = cluster.endpoints.get(namespace, name);
    for subset in endpoints.iter().flat_map(|endpoints| &endpoints.subsets) {
        for one in &subset.ports {
            let proto = one.protocol.as_deref().unwrap_or("TCP");
            if !named(one.name.as_deref().unwrap_or_default(), proto) {
                continue;
            }
            for address in &subset.addresses {
                let target = format!("{}.{base}", record_name(address));
                records.push(Srv { target, port: one.port.map_or(0, |port| port.value) });
            }
        }
    }
    records
}

/// Suffixes of names that public DNS may resolve. Other names, such as `web.monitoring` with an
/// unknown namespace, do not exist.
const PUBLIC: &[&str] = &[
    "app", "biz", "cloud", "com", "dev", "edu", "example", "gov", "info", "int", "internal", "lan",
    "mil", "net", "online", "org", "page", "site", "tech", "xyz",
];

fn is_public(name: &str) -> bool {
    let Some((_, last)) = name.rsplit_once('.') else { return false };
    PUBLIC.contains(&last) || last.len() == 2 && last.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Returns Services with a similar name, and Services with the same name in other namespaces.
fn similar(cluster: &Cluster, namespace: &str, host: &str) -> Vec<Suggestion> {
    let first = host.split('.').next().unwrap_or(host);
    let mut scored: Vec<(usize, Suggestion)> = cluster
        .services
        .iter()
        .filter_map(|service| {
            let name = &*service.meta.name.value;
            let distance = distance(first, name);
            let near = distance <= 2.max(first.len() / 4)
                || first.len() >= 4 && (name.contains(first) || first.contains(name));
            near.then(|| {
                let host = host_for(namespace, service);
                (distance, Suggestion { service: service.reference(), host })
            })
        })
        .collect();
    scored.index_sort_by(|a, b| (a.0, &a.1.host).cmp(&(b.0, &b.1.host)));
    scored.truncate(3);
    scored.into_iter().map(|(_, suggestion)| suggestion).collect()
}

/// Returns the shortest name of a Service that resolves from a namespace.
pub fn host_for(namespace: &str, service: &Service) -> String {
    let (name, home) = (&service.meta.name.value, &service.meta.namespace.value);
    if &**home == namespace { name.to_string() } else { format!("{name}.{home}") }
}

/// The edit distance of two names. Long names are not compared.
pub fn distance(one: &str, other: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if a.len() > 64 || b.len() > 64 {
        return usize::from(one != other) * 64;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (slot, y) in row.iter_mut().skip(1).zip(&b) {
            let best = (diagonal + usize::from(x != y)).min(*slot + 1).min(left + 1);
            diagonal = *slot;
            *slot = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distance() {
        for (a, b, expected) in
            [("", "", 0), ("a", "", 1), ("proxy", "poxy", 1), ("abc", "acb", 2), ("web", "db", 2)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn srv_records_of_one_port_and_of_all() {
        use crate::testing::{prometheus_and_web, simulate};
        let headless = "---
apiVersion: v1
kind: Service
metadata: {name: peers}
spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: gossip, port: 7946}]}
";
        let state = simulate(&format!("{}{headless}", prometheus_and_web()));
        let ask = |host: &str| -> Vec<String> {
            let found = lookup_srv(&state.cluster, "default", host);
            found.iter().map(|one| format!("{}:{}", one.target, one.port)).collect()
        };
        let web = ["web.default.svc.cluster.local:80"];
        assert_eq!(ask("_http._tcp.web"), web);
        assert_eq!(ask("_http._tcp.web.default.svc.cluster.local."), web);
        assert_eq!(ask("web.default"), web);
        assert!(ask("_other._tcp.web").is_empty() && ask("_http._udp.web").is_empty());
        assert!(ask("nowhere").is_empty());
        // A headless Service has a record for each pod, with the port of the pod.
        let peers = ask("_http._tcp.peers");
        assert_eq!(peers.len(), 2);
        assert!(peers.iter().all(|one| one.ends_with(".peers.default.svc.cluster.local:8080")));
        assert_eq!(ask("peers").len(), 4);
    }

    #[test]
    fn the_search_list_comes_first_for_short_names() {
        let names = candidates("shop", "web");
        assert_eq!(names.first().map(String::as_str), Some("web.shop.svc.cluster.local"));
        assert_eq!(names.last().map(String::as_str), Some("web"));
        assert_eq!(candidates("shop", "web."), ["web"]);
        assert_eq!(candidates("x", "a.b.c.d.e.f").first().map(String::as_str), Some("a.b.c.d.e.f"));
    }

    #[test]
    fn only_real_domains_are_outside() {
        assert!(is_public("example.com") && is_public("a.b.de"));
        assert!(!is_public("web") && !is_public("web.monitoring") && !is_public("web.default.svc"));
    }
}
