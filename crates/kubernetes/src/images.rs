//! Public images: misspelled tags and repositories, which no registry has, and programs that are known
//! to have metrics or to have none.
//!
//! Of other images nothing is known, so that they are taken to be there.

use schema::similar::nearest;

/// A reference that cannot be pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingImage {
    /// The reference with its registry and tag: `docker.io/library/nginx:lates`.
    pub qualified: String,
    /// The repository as it is written.
    pub repository: String,
    /// The tag; empty if none is written.
    pub tag: String,
    pub meant: Meant,
}

/// The part of a reference that is wrong, with the one that was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    Tag(String),
    /// The last part of the repository.
    Repository(&'static str),
}

impl MissingImage {
    /// The code of gRPC and the error of the container runtime.
    /// Source: containerd core/remotes/docker resolver, authorizer.
    pub fn error(&self) -> (&'static str, String) {
        let name = &self.qualified;
        let head = format!(
            "failed to pull and unpack image \"{name}\": failed to resolve reference \"{name}\""
        );
        match self.meant {
            Meant::Tag(_) => ("NotFound", format!("{head}: {name}: not found")),
            Meant::Repository(_) => (
                "Unknown",
                format!(
                    "{head}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
                ),
            ),
        }
    }

    /// The reference that was probably meant.
    pub fn replacement(&self) -> String {
        let tag = |tag: &str| if tag.is_empty() { String::new() } else { format!(":{tag}") };
        match &self.meant {
            Meant::Tag(meant) => format!("{}{}", self.repository, tag(meant)),
            Meant::Repository(meant) => {
                let owner = self.repository.rsplit_once('/').map_or("", |(owner, _)| owner);
                format!("{owner}/{meant}{}", tag(&self.tag))
            }
        }
    }

    /// The reason in a sentence.
    pub fn reason(&self) -> String {
        match &self.meant {
            Meant::Tag(_) => format!("{} has no tag {}", self.repository, self.tag),
            Meant::Repository(_) => format!("there is no repository {}", self.repository),
        }
    }
}

/// Repositories of Docker Hub whose owner is `library`, with tags that are words besides `latest`.
const LIBRARY: &[(&str, &[&str])] = &[
    ("alpine", &["edge"]),
    ("busybox", &["stable", "unstable", "glibc", "musl", "uclibc"]),
    ("caddy", &["alpine", "builder"]),
    ("debian", &["stable", "oldstable", "unstable", "testing", "bookworm", "trixie"]),
    ("golang", &["alpine", "bookworm", "trixie"]),
    ("haproxy", &["alpine", "lts", "bookworm", "trixie"]),
    ("httpd", &["alpine", "bookworm", "trixie"]),
    ("mariadb", &["lts", "noble", "jammy"]),
    ("memcached", &["alpine", "bookworm", "trixie"]),
    ("mongo", &["noble", "jammy"]),
    ("mysql", &["lts", "innovation", "oracle"]),
    ("nginx", &["stable", "mainline", "alpine", "perl", "otel", "bookworm", "trixie"]),
    ("node", &["lts", "current", "alpine", "slim", "bookworm", "trixie"]),
    ("php", &["cli", "fpm", "apache", "zts", "alpine", "bookworm", "trixie"]),
    ("postgres", &["alpine", "bookworm", "trixie"]),
    ("python", &["slim", "alpine", "bookworm", "trixie"]),
    ("rabbitmq", &["management", "alpine"]),
    ("redis", &["alpine", "bookworm", "trixie"]),
    ("ruby", &["slim", "alpine", "bookworm", "trixie"]),
    ("traefik", &[]),
    ("ubuntu", &["rolling", "devel", "noble", "jammy"]),
];

/// Owners of Docker Hub and Quay, all of whose repositories have the tag `latest`.
const OWNERS: &[&str] =
    &["docker.io/prom", "docker.io/grafana", "quay.io/prometheus", "quay.io/prometheuscommunity"];

/// Repositories of the owner `prom` at Docker Hub and of `prometheus` at Quay.
const OF_PROMETHEUS: &[&str] = &[
    "alertmanager",
    "blackbox-exporter",
    "busybox",
    "cloudwatch-exporter",
    "collectd-exporter",
    "consul-exporter",
    "graphite-exporter",
    "haproxy-exporter",
    "influxdb-exporter",
    "memcached-exporter",
    "mysqld-exporter",
    "node-exporter",
    "prometheus",
    "pushgateway",
    "snmp-exporter",
    "statsd-exporter",
];

/// Repositories whose tags of versions begin with `v`, from this major version on.
const WITH_V: &[(&str, u32)] = &[
    ("docker.io/prom/prometheus", 2),
    ("quay.io/prometheus/prometheus", 2),
    ("docker.io/prom/node-exporter", 1),
    ("quay.io/prometheus/node-exporter", 1),
];

/// The name of a repository with its registry. Source: distribution/reference ParseNormalizedNamed.
fn qualified(repository: &str) -> String {
    let repository = repository.strip_prefix("index.docker.io/").unwrap_or(repository);
    match repository.split_once('/') {
        Some(("docker.io", name)) if !name.contains('/') => format!("docker.io/library/{name}"),
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => {
            repository.to_owned()
        }
        Some(_) => format!("docker.io/{repository}"),
        None => format!("docker.io/library/{repository}"),
    }
}

/// A public program without metrics.
#[derive(Debug, PartialEq, Eq)]
pub struct WithoutMetrics {
    /// The repository of Docker Hub.
    pub name: &'static str,
    pub answer: Answer,
    /// The directory of the configuration; empty if none can give it metrics.
    pub configuration: &'static str,
    /// The exporter that has its metrics.
    pub exporter: &'static str,
}

/// The answer to `GET /metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Status(u16),
    /// The program does not speak HTTP. The error is that of Go's HTTP client.
    Error(&'static str),
    /// The scrape fails, with an error that is not known here.
    Other,
}

macro_rules! malformed {
    ($line:literal) => {
        concat!(
            "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"",
            $line,
            "\""
        )
    };
}

static WITHOUT_METRICS: &[WithoutMetrics] = &[
    WithoutMetrics {
        name: "nginx",
        answer: Answer::Status(404),
        configuration: "/etc/nginx",
        exporter: "nginx-prometheus-exporter",
    },
    WithoutMetrics {
        name: "httpd",
        answer: Answer::Status(404),
        configuration: "/usr/local/apache2/conf",
        exporter: "apache_exporter",
    },
    WithoutMetrics {
        name: "redis",
        answer: Answer::Error(malformed!("-ERR wrong number of arguments for 'get' command")),
        configuration: "",
        exporter: "redis_exporter",
    },
    WithoutMetrics {
        name: "memcached",
        answer: Answer::Error(malformed!("ERROR")),
        configuration: "",
        exporter: "memcached-exporter",
    },
    // The server closes the connection: the request is no start of a session.
    WithoutMetrics {
        name: "postgres",
        answer: Answer::Error("EOF"),
        configuration: "",
        exporter: "postgres-exporter",
    },
    // The greeting has the version and random bytes.
    WithoutMetrics {
        name: "mysql",
        answer: Answer::Other,
        configuration: "",
        exporter: "mysqld-exporter",
    },
    WithoutMetrics {
        name: "mariadb",
        answer: Answer::Other,
        configuration: "",
        exporter: "mysqld-exporter",
    },
    WithoutMetrics {
        name: "mongo",
        answer: Answer::Other,
        configuration: "",
        exporter: "mongodb_exporter",
    },
];

/// Public images that have metrics at `/metrics`, with the port.
static WITH_METRICS: &[(&str, u16)] = &[
    ("docker.io/grafana/alloy", 12345),
    ("docker.io/grafana/grafana", 3000),
    ("docker.io/grafana/loki", 3100),
    ("docker.io/grafana/mimir", 8080),
    ("docker.io/grafana/promtail", 80),
    ("docker.io/grafana/tempo", 3200),
    ("docker.io/prom/alertmanager", 9093),
    ("docker.io/prom/blackbox-exporter", 9115),
    ("docker.io/prom/cloudwatch-exporter", 9106),
    ("docker.io/prom/collectd-exporter", 9103),
    ("docker.io/prom/consul-exporter", 9107),
    ("docker.io/prom/graphite-exporter", 9108),
    ("docker.io/prom/haproxy-exporter", 9101),
    ("docker.io/prom/influxdb-exporter", 9122),
    ("docker.io/prom/memcached-exporter", 9150),
    ("docker.io/prom/mysqld-exporter", 9104),
    ("docker.io/prom/pushgateway", 9091),
    ("docker.io/prom/snmp-exporter", 9116),
    ("docker.io/prom/statsd-exporter", 9102),
    ("quay.io/coreos/etcd", 2379),
    ("quay.io/prometheus/alertmanager", 9093),
    ("quay.io/prometheus/blackbox-exporter", 9115),
    ("quay.io/prometheus/memcached-exporter", 9150),
    ("quay.io/prometheus/mysqld-exporter", 9104),
    ("quay.io/prometheus/pushgateway", 9091),
    ("quay.io/prometheus/snmp-exporter", 9116),
    ("quay.io/prometheus/statsd-exporter", 9102),
    ("quay.io/prometheus-operator/prometheus-operator", 8080),
    ("quay.io/thanos/thanos", 10902),
    ("registry.k8s.io/ingress-nginx/controller", 10254),
];

/// Returns the usual port of a public image that is known to have metrics.
pub fn metrics_port(image: &str) -> Option<u16> {
    let name = qualified(repository(image));
    WITH_METRICS.iter().find(|(known, _)| *known == name).map(|(_, port)| *port)
}

/// A reference without tag and digest.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// Returns the program of a public image that has no metrics; None for any other image.
pub fn without_metrics(image: &str) -> Option<&'static WithoutMetrics> {
    let name = qualified(repository(image));
    let name = name.strip_prefix("docker.io/library/")?;
    WITHOUT_METRICS.iter().find(|one| one.name == name)
}

/// Returns the reason why a public image does not exist. None if the image exists, or if nothing is
/// known about it. References with a digest are pulled by the digest.
pub fn missing(image: &str) -> Option<MissingImage> {
    if image.contains('@') {
        return None;
    }
    let (repository, tag) =
        image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((image, ""));
    let name = qualified(repository);
    let of_tag = || {
        let meant = without_v(&name, tag).or_else(|| with_letters(&name, tag));
        meant.or_else(|| misspelled(&name, tag).map(str::to_owned)).map(Meant::Tag)
    };
    let meant = of_tag().or_else(|| other_repository(&name).map(Meant::Repository))?;
    let shown = if tag.is_empty() { "latest" } else { tag };
    Some(MissingImage {
        qualified: format!("{name}:{shown}"),
        repository: repository.to_owned(),
        tag: tag.to_owned(),
        meant,
    })
}

/// The repository of Prometheus that a name misspells.
fn other_repository(name: &str) -> Option<&'static str> {
    let own = name
        .strip_prefix("docker.io/prom/")
        .or_else(|| name.strip_prefix("quay.io/prometheus/"))
        .filter(|own| !OF_PROMETHEUS.contains(own))?;
    nearest(own, OF_PROMETHEUS.iter().copied())
}

/// `v2.48.0` for `v2.48.0x`: what follows a version begins with `-` or `_`.
fn with_letters(name: &str, tag: &str) -> Option<String> {
    let (owner, _) = name.rsplit_once('/')?;
    if !OWNERS.contains(&owner) {
        return None;
    }
    let version = tag.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let mut parts = version.trim_start_matches('v').split('.');
    let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
    let (_major, _minor, _patch) = (number()?, number()?, number()?);
    (version.len() < tag.len() && parts.next().is_none()).then(|| version.to_owned())
}

/// `2.48.0` where the tag is `v2.48.0`.
fn without_v(name: &str, tag: &str) -> Option<String> {
    let (_, first) = WITH_V.iter().find(|(own, _)| *own == name)?;
    let mut parts = tag.split('.');
    let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
    let (major, ..) = (number()?, number()?, number()?);
    (major >= *first && parts.next().is_none()).then(|| format!("v{tag}"))
}

/// The word that a tag of letters misspells.
fn misspelled(name: &str, tag: &str) -> Option<&'static str> {
    let words = match name.strip_prefix("docker.io/library/") {
        Some(own) => LIBRARY.iter().find(|(known, _)| *known == own)?.1,
        None => {
            let (owner, _) = name.rsplit_once('/')?;
            OWNERS.contains(&owner).then_some(&[][..])?
        }
    };
    let words = words.iter().chain(&["latest"]).copied();
    let is_known = words.clone().any(|one| one == tag);
    if is_known || !tag.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    // Short words are too similar to others.
    nearest(tag, words.filter(|word| word.len() > 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_public_images_that_do_not_exist() {
        for (image, meant) in [
            ("nginx:lates", Some("latest")),
            ("docker.io/nginx:latset", Some("latest")),
            ("docker.io/library/nginx:Latest", Some("latest")),
            ("nginx:alpin", Some("alpine")),
            ("prom/prometheus:latst", Some("latest")),
            ("grafana/grafana:lastest", Some("latest")),
            ("prom/prometheus:2.48.0", Some("v2.48.0")),
            ("quay.io/prometheus/node-exporter:1.8.2", Some("v1.8.2")),
            ("prom/prometheus:v2.48.0x", Some("v2.48.0")),
            ("grafana/grafana:9.5.2a", Some("9.5.2")),
            // These exist.
            ("nginx", None),
            ("nginx:latest", None),
            ("nginx:1.27", None),
            ("nginx:stable", None),
            ("debian:oldstable", None),
            ("busybox:unstable", None),
            ("prom/prometheus:v2.48.0", None),
            ("prom/node-exporter:0.12.0", None),
            ("nginx:lates@sha256:0000", None),
            ("prom/prometheus:v3.5.0-distroless", None),
            ("prom/prometheus:v3.0.0-rc.1", None),
            ("grafana/grafana:9.5.2-ubuntu", None),
            ("grafana/grafana:9.5.x", None),
            // Nothing is known about these.
            ("acme/shop:lates", None),
            ("registry.example.com:5000/nginx:lates", None),
            ("localhost:5000/nginx", None),
            ("nginx:canary", None),
            ("prom/prometheus:main", None),
            ("acme/app:1.2.3a", None),
            ("", None),
            (":", None),
        ] {
            let meant = meant.map(|tag| Meant::Tag(tag.to_owned()));
            assert_eq!(missing(image).map(|one| one.meant), meant, "{image}");
        }
    }

    #[test]
    fn programs_without_metrics_are_told_by_their_image() {
        for (image, expected) in [
            ("nginx", Some("nginx")),
            ("nginx:1.27-alpine", Some("nginx")),
            ("docker.io/library/redis:7@sha256:00", Some("redis")),
            ("docker.io/postgres", Some("postgres")),
            ("nginx/nginx-prometheus-exporter:1.3.0", None),
            ("bitnami/redis", None),
            ("registry.example.com/nginx", None),
            ("localhost:5000/nginx", None),
            ("", None),
        ] {
            assert_eq!(without_metrics(image).map(|one| one.name), expected, "{image}");
        }
    }

    #[test]
    fn programs_with_metrics_are_told_by_image_and_port() {
        for (image, port, expected) in [
            ("prom/alertmanager:v0.28.1", 9093, true),
            ("docker.io/prom/alertmanager@sha256:00", 9093, true),
            ("prom/alertmanager", 9094, false),
            ("registry.example.com/prom/alertmanager", 9093, false),
            ("alertmanager", 9093, false),
        ] {
            assert_eq!(metrics_port(image) == Some(port), expected, "{image} {port}");
        }
    }

    #[test]
    fn repositories_of_prometheus_that_do_not_exist() {
        for (image, replacement) in [
            ("prom/promtheus", Some("prom/prometheus")),
            ("prom/prometheuss:v3.1.0", Some("prom/prometheus:v3.1.0")),
            ("docker.io/prom/node-exporters:v1.8.2", Some("docker.io/prom/node-exporter:v1.8.2")),
            ("quay.io/prometheus/alertmanger", Some("quay.io/prometheus/alertmanager")),
            ("prom/prometheus", None),
            ("prom/something-else", None),
            ("acme/promtheus", None),
            ("registry.example.com/prom/promtheus", None),
        ] {
            let found = missing(image).map(|one| one.replacement());
            assert_eq!(found.as_deref(), replacement, "{image}");
        }
    }

    #[test]
    fn the_error_names_the_image_with_its_registry() {
        let (code, error) = missing("nginx:lates").unwrap().error();
        assert_eq!(code, "NotFound");
        assert!(error.ends_with("docker.io/library/nginx:lates: not found"), "{error}");
        let (code, error) = missing("prom/promtheus").unwrap().error();
        assert_eq!(code, "Unknown");
        assert!(
            error.contains("\"docker.io/prom/promtheus:latest\": pull access denied"),
            "{error}"
        );
    }
}
