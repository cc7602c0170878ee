//! Pictures of objects: the chain of fields and objects that an object belongs to, in this workspace.

use crate::analysis::Analysis;
use kubernetes::cluster::Cluster;
use kubernetes::mounts;
use kubernetes::objects::{
    Container, Kind, PodSpec, Resource, StringMap, VolumeSource, Workload, contains_all,
};
use kubernetes::prometheus::Instance;
use protocol::pages::explain::{Part, Picture};
use text::Location;

/// The most names in one part.
const MOST: usize = 3;

/// Returns the picture of an object. `name` is that of an object of the text.
pub fn of(analysis: &Analysis, kind: &str, namespace: &str, name: &str) -> Option<Picture> {
    let cluster = &analysis.state.cluster;
    let (text, parts) = match kind {
        "ConfigMap" => (CONFIG_MAP, config_map(analysis, namespace, name)?),
        "PersistentVolumeClaim" => (CLAIM, claim(analysis, namespace, name)?),
        "Service" => (SERVICE, service(cluster, namespace, name)?),
        "ServiceAccount" => (ACCOUNT, account(cluster, namespace, name)?),
        "Deployment" | "StatefulSet" | "DaemonSet" => {
            let kind = kind_of(kind)?;
            let workload = cluster.workload(kind, namespace, name)?;
            (workload_text(kind), pods_of(cluster, workload))
        }
        _ => return None,
    };
    let article = if kind.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    let title = format!("What is {article} {kind}?");
    Some(Picture { title, text: text.to_owned(), parts })
}

const CONFIG_MAP: &str =
    "Texts under keys. A pod that mounts it sees each key as a file. By itself it does nothing.";
const CLAIM: &str = "A request for disk space that outlives pods. A pod mounts it as a volume; the next pod gets the same data.";
const SERVICE: &str = "A stable name and address for pods that come and go. It sends each connection to one of its ready endpoints.";
const ACCOUNT: &str =
    "The name under which a pod talks to the API server. Bindings give it the rights of roles.";

fn kind_of(kind: &str) -> Option<Kind> {
    [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet]
        .into_iter()
        .find(|one| one.name() == kind)
}

fn workload_text(kind: Kind) -> &'static str {
    match kind {
        Kind::StatefulSet => {
            "Keeps a number of pods with fixed names and a volume each. It makes them from the template, in order."
        }
        Kind::DaemonSet => "Keeps one pod on each node, made from the template.",
        _ => {
            "Keeps a number of equal pods. It makes them from the template, and finds them by their labels."
        }
    }
}

fn part(what: &str, value: impl Into<String>, at: Option<Location>) -> Part {
    Part { what: what.to_owned(), value: value.into(), at }
}

/// The first names of a list, and the number of the others.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    let shown = all.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn labels(map: &StringMap) -> String {
    let all: Vec<String> = map.iter().map(|one| format!("{}={}", one.key, one.value)).collect();
    listed(all.iter().map(String::as_str))
}

/// The first workload of a namespace whose pods have a volume with this source, with the name of the
/// volume.
fn mounted_by<'a>(
    cluster: &'a Cluster,
    namespace: &'a str,
    is_source: impl Fn(&VolumeSource) -> bool,
) -> Option<(&'a Workload, &'a str, Option<Location>)> {
    cluster.workloads.in_namespace(namespace).find_map(|workload| {
        let mut volumes = workload.template.spec.volumes.iter();
        let volume = volumes.find(|volume| is_source(&volume.source))?;
        Some((&**workload, &*volume.name.value, volume.name.at))
    })
}

/// The container that mounts a volume, with the path.
fn mount_of<'a>(
    spec: &'a PodSpec,
    volume: &str,
) -> Option<(&'a Container, &'a str, Option<Location>)> {
    spec.containers.iter().find_map(|container| {
        let mut mounts = container.volume_mounts.iter();
        let mount = mounts.find(|mount| &*mount.name.value == volume)?;
        Some((container, &*mount.mount_path.value, mount.mount_path.at))
    })
}

/// key → volume → mountPath → `--config.file`
fn config_map(analysis: &Analysis, namespace: &str, name: &str) -> Option<Vec<Part>> {
    let map = analysis.state.cluster.config_maps.get(namespace, name)?;
    let keys = listed(map.data.iter().map(|entry| &*entry.key));
    let first = part("key", keys, map.data.first().and_then(|entry| entry.key_at));
    let is_source = |source: &VolumeSource| match source {
        VolumeSource::ConfigMap(of) => &*of.name.value == name,
        _ => false,
    };
    let flag = |instance: &Instance| {
        let at = instance.config_flag.or(instance.location);
        ("--config.file", instance.config_path.clone(), at)
    };
    Some(mounted(analysis, namespace, first, is_source, flag))
}

/// claim → volume → mountPath → `--storage.tsdb.path`
fn claim(analysis: &Analysis, namespace: &str, name: &str) -> Option<Vec<Part>> {
    let claim = analysis.state.cluster.persistent_volume_claims.get(namespace, name)?;
    let first = part("claim", format!("{name}, {}", claim.request.value), claim.request.at);
    let is_source = |source: &VolumeSource| match source {
        VolumeSource::PersistentVolumeClaim { claim_name, .. } => &*claim_name.value == name,
        _ => false,
    };
    let flag = |instance: &Instance| {
        ("--storage.tsdb.path", instance.storage_path.clone(), instance.storage_flag)
    };
    Some(mounted(analysis, namespace, first, is_source, flag))
}

/// The source of a volume → volume → mountPath → flag. `flag` gives a flag of Prometheus, its path,
/// and its place.
fn mounted(
    analysis: &Analysis,
    namespace: &str,
    source: Part,
    is_source: impl Fn(&VolumeSource) -> bool,
    flag: impl Fn(&Instance) -> (&'static str, String, Option<Location>),
) -> Vec<Part> {
    let mut parts = vec![source];
    let found = mounted_by(&analysis.state.cluster, namespace, is_source);
    let Some((workload, volume, at)) = found else {
        parts.push(part("volume", "", None));
        return parts;
    };
    parts.push(part("volume", format!("{volume} of {}", workload.meta.name.value), at));
    let Some((container, path, at)) = mount_of(&workload.template.spec, volume) else {
        parts.push(part("mountPath", "", None));
        return parts;
    };
    parts.push(part("mountPath", path, at));
    let runs = |one: &&Instance| {
        one.owner == workload.reference() && one.container == container.name.value
    };
    if let Some(instance) = analysis.instances.iter().find(runs) {
        let (name, path, at) = flag(instance);
        let mount = mounts::mount_of(container, &path);
        let is_inside = mount.is_some_and(|mount| &*mount.name.value == volume);
        parts.push(part(name, if is_inside { path } else { String::new() }, at));
    }
    parts
}

/// template labels → selector → pods → Services
fn pods_of(cluster: &Cluster, workload: &Workload) -> Vec<Part> {
    let template = &workload.template.meta.labels;
    let namespace = &*workload.meta.namespace.value;
    let first = template.iter().next().and_then(|entry| entry.key_at);
    let selector = workload.selector.clone().unwrap_or_default();
    let own = |labels: &StringMap| !selector.is_empty() && selector.matches(labels);
    let pods = cluster.pods.in_namespace(namespace).filter(|pod| own(&pod.meta.labels));
    let services = cluster.services.in_namespace(namespace).filter(|service| {
        !service.selector.is_empty() && contains_all(&service.selector, template)
    });
    vec![
        part("labels of the template", labels(template), first),
        part("selector", labels(&selector.match_labels), selector.location),
        part("pods", listed(pods.map(|pod| &*pod.meta.name.value)), None),
        part("Services", listed(services.map(|service| &*service.meta.name.value)), None),
    ]
}

/// selector → pods → endpoints
fn service(cluster: &Cluster, namespace: &str, name: &str) -> Option<Vec<Part>> {
    let service = cluster.services.get(namespace, name)?;
    if service.selector.is_empty() {
        return None;
    }
    let pods = cluster.pods.in_namespace(namespace);
    let pods = pods.filter(|pod| contains_all(&service.selector, &pod.meta.labels));
    let pods = listed(pods.map(|pod| &*pod.meta.name.value));
    let slices = cluster
        .endpoint_slices
        .in_namespace(namespace)
        .filter(|slice| slice.meta.labels.value("kubernetes.io/service-name") == Some(name));
    let mut ready = Vec::new();
    for slice in slices {
        let port = slice.ports.iter().find_map(|port| port.port.as_ref().map(|port| port.value));
        let endpoints = slice.endpoints.iter().filter(|one| one.ready != Some(false));
        for address in endpoints.flat_map(|endpoint| &endpoint.addresses) {
            ready.push(match port {
                Some(port) => format!("{}:{port}", address.value),
                None => address.value.to_string(),
            });
        }
    }
    ready.sort();
    ready.dedup();
    Some(vec![
        part("selector", labels(&service.selector), service.selector_at),
        part("pods", pods, None),
        part("ready endpoints", listed(ready.iter().map(String::as_str)), None),
    ])
}

/// pods → ServiceAccount → binding → role → rights
fn account(cluster: &Cluster, namespace: &str, name: &str) -> Option<Vec<Part>> {
    cluster.service_accounts.get(namespace, name)?;
    let pods = cluster.pods.in_namespace(namespace);
    let pods = pods.filter(|pod| &*pod.spec.service_account_name.value == name);
    let mut parts = vec![
        part("pods", listed(pods.map(|pod| &*pod.meta.name.value)), None),
        part("ServiceAccount", name, None),
    ];
    let binding = cluster.role_bindings.iter().find(|binding| {
        binding.subjects.iter().any(|subject| {
            let of = &*subject.namespace.value;
            &*subject.kind.value == "ServiceAccount"
                && &*subject.name.value == name
                && (of == namespace
                    || (of.is_empty() && *binding.meta.namespace.value == *namespace))
        })
    });
    let Some(binding) = binding else {
        parts.push(part("binding", "", None));
        return Some(parts);
    };
    let kind = &binding.role_kind.value;
    parts.push(part(binding.kind.name(), &*binding.meta.name.value, binding.meta.name.at));
    parts.push(part(kind, &*binding.role_name.value, binding.role_name.at));
    let role = cluster.roles.iter().find(|role| {
        role.kind.name() == &**kind
            && role.meta.name.value == binding.role_name.value
            && (&**kind == "ClusterRole"
                || role.meta.namespace.value == binding.meta.namespace.value)
    });
    let rule = role.and_then(|role| role.rules.first());
    let rights = rule.map_or(String::new(), |rule| {
        let verbs = listed(rule.verbs.iter().map(|verb| &*verb.value));
        format!("{verbs}: {}", listed(rule.resources.iter().map(|one| &*one.value)))
    });
    parts.push(part("may", rights, rule.and_then(|rule| rule.location)));
    Some(parts)
}
