//! Programs in containers that serve their metrics over TLS and ask the API server who may read them.

use kubernetes::network::Certificate;
use kubernetes::objects::Container;

/// A program that serves TLS with a certificate that it signs itself.
#[derive(Debug, PartialEq)]
pub struct TlsProgram {
    /// A part of the image's name.
    image: &'static str,
    /// The flag with the address or the port.
    flag: &'static str,
    port: i32,
    /// Names and addresses of the certificate.
    names: &'static [&'static str],
    ips: &'static [&'static str],
    /// The HTTP status for a request without credentials.
    pub anonymous: u16,
}

/// A program on the server library of Kubernetes.
///
/// Source: k8s.io/apiserver/pkg/server/options `MaybeDefaultWithSelfSignedCerts`.
const fn on_apiserver(image: &'static str, port: i32) -> TlsProgram {
    TlsProgram {
        image,
        flag: "--secure-port=",
        port,
        names: &["localhost"],
        ips: &["127.0.0.1"],
        anonymous: 403,
    }
}

static PROGRAMS: &[TlsProgram] = &[
    // Source: kube-rbac-proxy cmd/kube-rbac-proxy/app `Run`: the certificate has no name.
    TlsProgram {
        image: "kube-rbac-proxy",
        flag: "--secure-listen-address=",
        port: 8443,
        names: &[],
        ips: &[],
        anonymous: 401,
    },
    on_apiserver("metrics-server", 10250),
    on_apiserver("kube-controller-manager", 10257),
    on_apiserver("kube-scheduler", 10259),
    on_apiserver("prometheus-adapter", 6443),
];

impl TlsProgram {
    /// Returns true for kube-rbac-proxy, which passes requests on.
    pub fn is_proxy(&self) -> bool {
        self.image == "kube-rbac-proxy"
    }

    pub fn certificate(&self) -> Certificate {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        Certificate { names: owned(self.names), ips: owned(self.ips), by_cluster: false }
    }

    /// The port that it serves with these arguments.
    fn port_of(&self, container: &Container) -> i32 {
        let arguments = container.command.iter().chain(&container.args);
        let given = arguments.filter_map(|one| one.value.strip_prefix(self.flag)).next_back();
        given.and_then(|value| value.rsplit(':').next()?.parse().ok()).unwrap_or(self.port)
    }
}

/// Returns the program if a container serves TLS on a port.
pub fn find(container: &Container, port: i32) -> Option<&'static TlsProgram> {
    let mut of_image = PROGRAMS.iter().filter(|one| container.image.value.contains(one.image));
    of_image.find(|one| one.port_of(container) == port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::objects::Field;

    #[test]
    fn the_port_is_that_of_the_flag() {
        let container = |image: &str, args: &[&str]| Container {
            image: Field::text(image),
            args: args.iter().map(|one| Field::text(one)).collect(),
            ..Container::default()
        };
        for (image, args, port, expected) in [
            ("quay.io/brancz/kube-rbac-proxy:v1", &[][..], 8443, true),
            ("quay.io/brancz/kube-rbac-proxy:v1", &["--secure-listen-address=:9443"], 8443, false),
            (
                "quay.io/brancz/kube-rbac-proxy:v1",
                &["--secure-listen-address=[$(IP)]:9443"],
                9443,
                true,
            ),
            (
                "registry.k8s.io/metrics-server/metrics-server:v0.7.2",
                &["--secure-port=4443"],
                4443,
                true,
            ),
            ("nginx", &["--secure-port=4443"], 4443, false),
        ] {
            assert_eq!(find(&container(image, args), port).is_some(), expected, "{image} {args:?}");
        }
    }
}
