//! TLS certificates of cluster components, and their verification by clients.

use super::Server;
use crate::Cluster;

/// A server certificate: its names and addresses, and its issuer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Certificate {
    pub names: Vec<String>,
    pub ips: Vec<String>,
    /// True if the cluster CA signed it; false if it is self-signed.
    pub by_cluster: bool,
}

/// Returns the certificate of a server. Returns None for plain HTTP and unknown servers.
///
/// The certificate of the API server is signed by the cluster CA and valid for all its names and
/// addresses. Without `serverTLSBootstrap` the kubelet's is self-signed and valid for the node name
/// only; kubeadm and minikube use this default.
pub fn certificate(cluster: &Cluster, server: &Server) -> Option<Certificate> {
    match server {
        Server::ApiServer => {
            let mut ips = vec!["127.0.0.1".to_owned()];
            let service = cluster.services.get("default", "kubernetes");
            ips.extend(service.map(|service| service.cluster_ip.value.to_string()));
            let addresses = cluster.nodes.iter().flat_map(|node| &node.addresses);
            let internal = addresses.filter(|address| &*address.kind == "InternalIP");
            ips.extend(internal.map(|address| address.address.value.to_string()));
            let names = [
                "control-plane",
                "kubernetes.default.svc.cluster.local",
                "kubernetes.default.svc",
                "kubernetes.default",
                "kubernetes",
                "localhost",
            ];
            Some(Certificate { names: names.map(str::to_owned).into(), ips, by_cluster: true })
        }
        Server::Kubelet { node } => {
            Some(Certificate { names: vec![node.to_string()], ..Certificate::default() })
        }
        Server::Container { .. } | Server::Prometheus | Server::External { .. } => None,
    }
}

/// Returns the error of a client that verifies a certificate for `host`. Returns None if the
/// certificate is accepted. The host name is verified before the signature.
///
/// Source: Go's crypto/x509 `Certificate.Verify`.
pub fn distrust(certificate: &Certificate, host: &str, trusts_cluster: bool) -> Option<String> {
    let reason = if !is_for(certificate, host) {
        not_for(certificate, host)
    } else if !(certificate.by_cluster && trusts_cluster) {
        "certificate signed by unknown authority".to_owned()
    } else {
        return None;
    };
    Some(format!("tls: failed to verify certificate: x509: {reason}"))
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

fn is_for(certificate: &Certificate, host: &str) -> bool {
    let list = if is_address(host) { &certificate.ips } else { &certificate.names };
    list.iter().any(|one| one.eq_ignore_ascii_case(host.trim_end_matches('.')))
}

fn not_for(certificate: &Certificate, host: &str) -> String {
    if is_address(host) {
        if certificate.ips.is_empty() {
            return format!(
                "cannot validate certificate for {host} because it doesn't contain any IP SANs"
            );
        }
        return format!("certificate is valid for {}, not {host}", certificate.ips.join(", "));
    }
    format!("certificate is valid for {}, not {host}", certificate.names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gos_words_in_gos_order() {
        let kubelet = Certificate { names: vec!["minikube".into()], ..Certificate::default() };
        let api = Certificate {
            names: vec!["kubernetes".into(), "localhost".into()],
            ips: vec!["10.96.0.1".into()],
            by_cluster: true,
        };
        for (certificate, host, trusts_cluster, expected) in [
            (&api, "10.96.0.1", true, ""),
            (&api, "Kubernetes", true, ""),
            (&api, "kubernetes", false, "certificate signed by unknown authority"),
            (&api, "other", false, "certificate is valid for kubernetes, localhost, not other"),
            (&api, "10.0.0.9", true, "certificate is valid for 10.96.0.1, not 10.0.0.9"),
            (
                &kubelet,
                "192.168.49.2",
                true,
                "cannot validate certificate for 192.168.49.2 because it doesn't contain any IP SANs",
            ),
            (&kubelet, "minikube", true, "certificate signed by unknown authority"),
        ] {
            let found = distrust(certificate, host, trusts_cluster).unwrap_or_default();
            let found = found.trim_start_matches("tls: failed to verify certificate: x509: ");
            assert_eq!(found, expected, "{host}");
        }
    }
}
