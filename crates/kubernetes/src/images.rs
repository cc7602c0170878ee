//! Public images: misspelled tags, which no registry has, and programs that have no metrics.
//!
//! Of other images nothing is known, so that they are taken to be there.

use schema::similar::nearest;

/// A reference that cannot be pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingTag {
    /// The name with its registry: `docker.io/library/nginx:lates`.
    pub qualified: String,
    /// The repository as it is written.
    pub repository: String,
    pub tag: String,
    /// The tag that was probably meant.
    pub nearest: String,
}

impl MissingTag {
    /// The error of the container runtime. Source: containerd core/remotes/docker resolver.
    pub fn error(&self) -> String {
        let name = &self.qualified;
        format!(
            "rpc error: code = NotFound desc = failed to pull and unpack image \"{name}\": failed to resolve reference \"{name}\": {name}: not found"
        )
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

/// Returns the program of a public image that has no metrics; None for any other image.
pub fn without_metrics(image: &str) -> Option<&'static WithoutMetrics> {
    let image = image.split('@').next().unwrap_or_default();
    let repository = match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    };
    let name = qualified(repository);
    let name = name.strip_prefix("docker.io/library/")?;
    WITHOUT_METRICS.iter().find(|one| one.name == name)
}

/// Returns the tag of a public image that does not exist. None if the image exists, or if nothing is
/// known about it. References with a digest are pulled by the digest.
pub fn missing_tag(image: &str) -> Option<MissingTag> {
    if image.contains('@') {
        return None;
    }
    let (repository, tag) = image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))?;
    let name = qualified(repository);
    let meant = without_v(&name, tag).or_else(|| misspelled(&name, tag).map(str::to_owned))?;
    Some(MissingTag {
        qualified: format!("{name}:{tag}"),
        repository: repository.to_owned(),
        tag: tag.to_owned(),
        nearest: meant,
    })
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
            // Nothing is known about these.
            ("acme/shop:lates", None),
            ("registry.example.com:5000/nginx:lates", None),
            ("localhost:5000/nginx", None),
            ("nginx:canary", None),
            ("prom/prometheus:main", None),
            ("", None),
            (":", None),
        ] {
            let found = missing_tag(image).map(|one| one.nearest);
            assert_eq!(found.as_deref(), meant, "{image}");
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
    fn the_error_names_the_image_with_its_registry() {
        let error = missing_tag("nginx:lates").unwrap().error();
        assert!(error.ends_with("docker.io/library/nginx:lates: not found"), "{error}");
    }
}
