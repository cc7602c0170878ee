//! The addresses on which the flags of well-known programs let them listen.

use crate::images::metrics_port;

/// An address on which a program listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    pub port: u16,
    /// True for an address of the loopback interface, which only the pod itself reaches.
    pub local: bool,
}

/// A flag with an address or a port.
struct Flag {
    /// A part of the image's name; empty for all images.
    image: &'static str,
    name: &'static str,
    /// The flag with the host, if `name` is that of a port; empty if it is that of an address.
    host: &'static str,
}

const fn address(image: &'static str, name: &'static str) -> Flag {
    Flag { image, name, host: "" }
}

const fn port(image: &'static str, name: &'static str, host: &'static str) -> Flag {
    Flag { image, name, host }
}

static FLAGS: &[Flag] = &[
    // Source: github.com/prometheus/exporter-toolkit/web/kingpinflag.
    address("", "--web.listen-address"),
    // Source: kube-rbac-proxy cmd/kube-rbac-proxy/app/options.
    address("kube-rbac-proxy", "--secure-listen-address"),
    // Source: prometheus-operator cmd/prometheus-config-reloader.
    address("prometheus-config-reloader", "--listen-address"),
    // Source: kube-state-metrics pkg/options.
    port("kube-state-metrics", "--port", "--host"),
    port("kube-state-metrics", "--telemetry-port", "--telemetry-host"),
];

/// Returns the last value of a flag, as `--flag=value` or in two arguments.
pub fn flag_value<'a>(arguments: &[&'a str], name: &str) -> Option<&'a str> {
    let mut rest = arguments.iter();
    let mut found = None;
    while let Some(argument) = rest.next() {
        if *argument == name {
            found = rest.next().copied();
        } else if let Some(value) = argument.strip_prefix(name).and_then(|it| it.strip_prefix('='))
        {
            found = Some(value);
        }
    }
    found
}

fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// Returns the addresses that the arguments of a container name.
pub fn listeners(image: &str, arguments: &[&str]) -> Vec<Listener> {
    let of_image = FLAGS.iter().filter(|flag| image.contains(flag.image));
    let listener = |flag: &Flag| {
        let value = flag_value(arguments, flag.name)?;
        let (host, port) = match flag.host {
            "" => value.rsplit_once(':')?,
            host => (flag_value(arguments, host).unwrap_or_default(), value),
        };
        Some(Listener { port: port.parse().ok()?, local: is_local(host) })
    };
    of_image.filter_map(listener).collect()
}

/// Returns true if a program of a public image has its metrics on a port: the port of its flags or,
/// without such a flag, its usual one.
pub fn exposes_metrics(image: &str, listeners: &[Listener], port: u16) -> bool {
    let Some(usual) = metrics_port(image) else { return false };
    match listeners.first() {
        Some(_) => listeners.iter().any(|one| one.port == port),
        None => usual == port,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_name_the_addresses() {
        for (image, arguments, expected) in [
            (
                "quay.io/prometheus/node-exporter:v1",
                &["--web.listen-address=127.0.0.1:9101"][..],
                &[(9101, true)][..],
            ),
            ("acme/app", &["--web.listen-address", ":9200"], &[(9200, false)]),
            ("brancz/kube-rbac-proxy", &["--secure-listen-address=[$(IP)]:9100"], &[(9100, false)]),
            ("acme/app", &["--secure-listen-address=:8443"], &[]),
            (
                "kube-state-metrics/kube-state-metrics:v2",
                &[
                    "--host=127.0.0.1",
                    "--port=8081",
                    "--telemetry-host=::1",
                    "--telemetry-port=8082",
                ],
                &[(8081, true), (8082, true)],
            ),
            ("a/prometheus-config-reloader", &["--listen-address=:8080"], &[(8080, false)]),
            ("acme/app", &["--web.listen-address=:http", "--web.listen-address-x=:1"], &[]),
        ] {
            let expected: Vec<Listener> =
                expected.iter().map(|&(port, local)| Listener { port, local }).collect();
            assert_eq!(listeners(image, arguments), expected, "{image} {arguments:?}");
        }
    }

    #[test]
    fn metrics_are_on_the_port_of_the_flag() {
        let image = "quay.io/prometheus/blackbox-exporter:v0.28.0";
        let flagged = listeners(image, &["--web.listen-address=:19115"]);
        assert!(exposes_metrics(image, &flagged, 19115) && !exposes_metrics(image, &flagged, 9115));
        assert!(exposes_metrics(image, &[], 9115) && !exposes_metrics("acme/app", &flagged, 19115));
    }
}
