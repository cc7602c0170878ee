//! Containers that run Prometheus: flags, configuration file, storage, account.

use super::cluster::Cluster;
use super::flags;
use super::images::{self, Meant};
use super::mounts::{self, PathInContainer};
use super::objects::{Container, Field, ObjectMeta, ObjectRef, PodSpec, Resource, Text};
use text::Location;

/// The configuration of the image. It scrapes Prometheus itself.
pub const IMAGE_CONFIG_PATH: &str = "/etc/prometheus/prometheus.yml";

/// The working directory of the image. Relative paths of flags are resolved against it.
pub const WORKING_DIRECTORY: &str = "/prometheus";

/// The flags of the image, which `args` replaces.
const IMAGE_FLAGS: &[(&str, &str)] =
    &[("config.file", IMAGE_CONFIG_PATH), ("storage.tsdb.path", "/prometheus")];

/// A Prometheus server: one for each workload, regardless of its replicas.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The workload, or a pod without a controller.
    pub owner: ObjectRef,
    pub namespace: Text,
    pub container: Text,
    pub image: Field<Text>,
    pub service_account: Field<Text>,
    pub flags: Vec<Flag>,
    /// The arguments as written; empty if the image's own apply.
    pub arguments: Vec<Field<Text>>,
    /// Absolute.
    pub config_path: String,
    /// The location of the flag. None if it is the default.
    pub config_flag: Option<Location>,
    pub config: PathInContainer,
    /// Absolute.
    pub storage_path: String,
    pub storage_flag: Option<Location>,
    pub listen_port: i32,
    pub location: Option<Location>,
}

/// A command line flag: `--name=value`, `--name value` or `--name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    pub name: Text,
    pub value: Option<Text>,
    /// The location of the argument with the name.
    pub at: Option<Location>,
}

impl Instance {
    /// Returns the last occurrence of a flag.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        last(&self.flags, name)
    }
}

/// The last flag with a name, which counts.
fn last<'a>(flags: &'a [Flag], name: &str) -> Option<&'a Flag> {
    flags.iter().rev().find(|flag| &*flag.name == name)
}

/// Returns true for images named prometheus, from any registry, and for misspellings of the public
/// ones: the container is to run Prometheus, and has no image to run.
pub fn is_prometheus_image(image: &str) -> bool {
    let name = image.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    let misspelled = || {
        let meant = images::missing(image).map(|missing| missing.meant);
        meant == Some(Meant::Repository("prometheus"))
    };
    last.split(':').next() == Some("prometheus") || misspelled()
}

/// Returns true for images of version 2. They have flags that version 3 does not have.
pub fn is_version_2(image: &str) -> bool {
    let image = image.split('@').next().unwrap_or_default();
    let tag =
        image.rsplit('/').next().and_then(|last| last.split_once(':')).map_or("", |(_, tag)| tag);
    tag.trim_start_matches('v').starts_with("2.")
}

/// Returns true if a container runs Prometheus, by its image name or its flags.
pub fn is_prometheus(container: &Container) -> bool {
    is_prometheus_image(&container.image.value)
        || container
            .args
            .iter()
            .chain(&container.command)
            .any(|argument| argument.value.trim_start_matches('-').starts_with("storage.tsdb.path"))
}

/// Returns all Prometheus servers. Pods of a workload are not listed separately.
pub fn instances(cluster: &Cluster) -> Vec<Instance> {
    let mut found = Vec::new();
    for workload in &cluster.workloads {
        // Controlled workloads are represented by their owner.
        if !workload.meta.has_controlling_workload() {
            let spec = &workload.template.spec;
            add(cluster, workload.reference(), &workload.meta, spec, &mut found);
        }
    }
    for pod in &cluster.pods {
        if pod.meta.controller().is_none() {
            add(cluster, pod.reference(), &pod.meta, &pod.spec, &mut found);
        }
    }
    found
}

fn add(
    cluster: &Cluster,
    owner: ObjectRef,
    meta: &ObjectMeta,
    spec: &PodSpec,
    found: &mut Vec<Instance>,
) {
    for container in spec.containers.iter().filter(|container| is_prometheus(container)) {
        found.push(instance(cluster, owner.clone(), &meta.namespace.value, spec, container));
    }
}

/// Returns the Prometheus server of a container.
pub fn instance(
    cluster: &Cluster,
    owner: ObjectRef,
    namespace: &Text,
    spec: &PodSpec,
    container: &Container,
) -> Instance {
    let flags = flags_of(container);
    let path = |name: &str, default: &str| {
        let flag = last(&flags, name).filter(|flag| flag.value.is_some());
        let value = flag.and_then(|flag| flag.value.as_deref()).unwrap_or(default);
        (mounts::clean_path(WORKING_DIRECTORY, value), flag.and_then(|flag| flag.at))
    };
    let (config_path, config_flag) = path("config.file", "prometheus.yml");
    let (storage_path, storage_flag) = path("storage.tsdb.path", "data/");
    let listen_port = last(&flags, "web.listen-address")
        .and_then(|flag| go::net::listen_port(flag.value.as_deref()?).parse().ok())
        .unwrap_or(9090);
    let config = match mounts::resolve(cluster, namespace, spec, container, &config_path) {
        opaque @ PathInContainer::Opaque { .. } => {
            source_of_reloader(cluster, namespace, spec, container, &config_path).unwrap_or(opaque)
        }
        found => found,
    };
    Instance {
        owner,
        namespace: namespace.clone(),
        container: container.name.value.clone(),
        image: container.image.clone(),
        service_account: spec.service_account_name.clone(),
        config_path,
        config_flag,
        config,
        storage_path,
        storage_flag,
        listen_port,
        location: container.location,
        flags,
        arguments: container.command.iter().skip(1).chain(&container.args).cloned().collect(),
    }
}

/// Returns the file from which a config reloader of the pod writes a file in a shared volume. The
/// copy has the variables of the reloader's environment filled in.
///
/// Source: prometheus-operator cmd/prometheus-config-reloader, `--config-file` and
/// `--config-envsubst-file`.
fn source_of_reloader(
    cluster: &Cluster,
    namespace: &Text,
    spec: &PodSpec,
    container: &Container,
    path: &str,
) -> Option<PathInContainer> {
    let volume = &mounts::mount_of(container, path)?.name.value;
    let reloaders = spec.containers.iter().chain(&spec.init_containers);
    reloaders.filter(|one| one.location != container.location).find_map(|reloader| {
        let flags = parse_flags(reloader.command.iter().skip(1).chain(&reloader.args));
        let value = |name: &str| last(&flags, name)?.value.as_deref();
        let written = value("config-envsubst-file").filter(|written| *written == path)?;
        let mount = mounts::mount_of(reloader, written)?;
        let source = mounts::resolve(cluster, namespace, spec, reloader, value("config-file")?);
        let is_file = matches!(source, PathInContainer::File(_));
        (mount.name.value == *volume && is_file).then_some(source)
    })
}

/// Returns the flags of `args`, of `command`, or of the image.
fn flags_of(container: &Container) -> Vec<Flag> {
    if container.args.is_empty() && container.command.is_empty() {
        let flag = |(name, value): &(&str, &str)| Flag {
            name: (*name).into(),
            value: Some((*value).into()),
            at: None,
        };
        return IMAGE_FLAGS.iter().map(flag).collect();
    }
    parse_flags(container.command.iter().skip(1).chain(&container.args))
}

/// Parses flags. The value of a flag without `=` is the next argument.
fn parse_flags<'a>(arguments: impl Iterator<Item = &'a Field<Text>>) -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    let mut waiting = false;
    for argument in arguments {
        let Some(text) = argument.value.strip_prefix("--") else {
            if let (true, Some(last)) = (waiting, flags.last_mut()) {
                last.value = Some(argument.value.clone());
            }
            waiting = false;
            continue;
        };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.into())),
            None => (text, None),
        };
        waiting = value.is_none() && flags::find(name).is_some_and(|flag| flag.takes_value);
        flags.push(Flag { name: name.into(), value, at: argument.at });
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(image: &str, args: &[&str]) -> Container {
        Container {
            image: Field::text(image),
            args: args.iter().map(|one| Field::text(one)).collect(),
            ..Container::default()
        }
    }

    #[test]
    fn prometheus_is_known_by_image_or_flags() {
        for (image, args, yes) in [
            ("prom/prometheus:v3.14.0", &[][..], true),
            ("quay.io/prometheus/prometheus@sha256:00", &[], true),
            ("localhost:5000/prometheus", &[], true),
            ("prom/node-exporter", &[], false),
            ("prom/prometheus-config", &[], false),
            ("mine:1", &["--storage.tsdb.path=/data"], true),
        ] {
            assert_eq!(is_prometheus(&container(image, args)), yes, "{image}");
        }
    }

    #[test]
    fn flags_take_their_value_either_way() {
        let args = ["--config.file=/a.yml", "--web.enable-lifecycle", "--log.level", "debug"];
        let flags = flags_of(&container("prometheus", &args));
        let pairs: Vec<_> = flags.iter().map(|flag| (&*flag.name, flag.value.as_deref())).collect();
        assert_eq!(
            pairs,
            [
                ("config.file", Some("/a.yml")),
                ("web.enable-lifecycle", None),
                ("log.level", Some("debug")),
            ]
        );
    }

    #[test]
    fn paths_come_from_the_image_until_args_replace_them() {
        let cluster = Cluster::default();
        let make = |args: &[&str]| {
            let owner = ObjectRef {
                kind: super::super::objects::Kind::Pod,
                namespace: "default".into(),
                name: "p".into(),
            };
            let container = container("prom/prometheus", args);
            instance(&cluster, owner, &"default".into(), &PodSpec::default(), &container)
        };
        let plain = make(&[]);
        assert_eq!((&*plain.config_path, &*plain.storage_path), (IMAGE_CONFIG_PATH, "/prometheus"));
        let with = make(&["--web.listen-address=:9091"]);
        assert_eq!(with.config_path, "/prometheus/prometheus.yml");
        assert_eq!(with.storage_path, "/prometheus/data");
        assert_eq!(with.listen_port, 9091);
        assert!(matches!(plain.config, PathInContainer::Image));
    }
}
