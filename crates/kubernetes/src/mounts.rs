//! Files in a container: ConfigMaps and Secrets that are mounted as directories or with `subPath`
//! as single files.

use super::cluster::Cluster;
use super::objects::{
    Container, DataEntry, Field, Kind, ObjectRef, PodFile, PodSpec, Projection, SourceKind, Text,
    VolumeMount, VolumeSource,
};
use go::quote::quote;
use text::IndexSort;
use text::Location;

/// A mounted file.
#[derive(Clone, Debug)]
pub struct MountedFile {
    /// The absolute path, without trailing slash.
    pub path: String,
    /// The ConfigMap or Secret that has the file as a key.
    pub source: ObjectRef,
    pub entry: DataEntry,
    /// True for a file that is mounted with `subPath`. It is not updated while the container runs.
    pub by_sub_path: bool,
    pub mount: Option<Location>,
}

/// The content of a path in a container.
#[derive(Clone, Debug)]
pub enum PathInContainer {
    File(Box<MountedFile>),
    /// A volume is mounted there and does not have the file.
    NotInVolume {
        mount: Option<Location>,
        volume: Text,
        /// The ConfigMap or Secret of the volume.
        source: Option<ObjectRef>,
        /// The files of the volume.
        present: Vec<String>,
    },
    /// A volume with unknown content, such as a PersistentVolumeClaim.
    Opaque {
        mount: Option<Location>,
        volume: Text,
    },
    /// A file that the kubelet makes for the pod.
    OfPod(PodFile),
    /// No volume is mounted there; the path belongs to the image.
    Image,
}

/// The reason why the kubelet cannot set up a volume.
#[derive(Clone, Debug, PartialEq)]
pub struct VolumeProblem {
    pub volume: Text,
    /// `configmap "x" not found`
    pub message: String,
    pub at: Option<Location>,
    /// The object that is missing or does not have the key.
    pub source: ObjectRef,
    /// The missing key. None if the object is missing.
    pub key: Option<Text>,
}

/// Returns the data of a ConfigMap or Secret. Returns None if it does not exist.
fn data<'a>(
    cluster: &'a Cluster,
    kind: SourceKind,
    namespace: &str,
    name: &str,
) -> Option<&'a [DataEntry]> {
    match kind {
        SourceKind::ConfigMap => {
            cluster.config_maps.get(namespace, name).map(|map| map.data.as_slice())
        }
        SourceKind::Secret => {
            cluster.secrets.get(namespace, name).map(|secret| secret.data.as_slice())
        }
    }
}

fn source_ref(kind: SourceKind, namespace: &str, name: &Field<Text>) -> ObjectRef {
    let kind = match kind {
        SourceKind::ConfigMap => Kind::ConfigMap,
        SourceKind::Secret => Kind::Secret,
    };
    ObjectRef { kind, namespace: namespace.into(), name: name.value.clone() }
}

/// Returns the sources of a volume. Returns None if it has other sources than ConfigMaps and
/// Secrets.
fn projections(source: &VolumeSource) -> Option<Vec<(SourceKind, &Projection)>> {
    match source {
        VolumeSource::ConfigMap(projection) => Some(vec![(SourceKind::ConfigMap, projection)]),
        VolumeSource::Secret(projection) => Some(vec![(SourceKind::Secret, projection)]),
        VolumeSource::Projected { parts, .. } => {
            Some(parts.iter().map(|(kind, projection)| (*kind, projection)).collect())
        }
        _ => None,
    }
}

/// Returns the files of a volume, by path.
fn volume_files(
    cluster: &Cluster,
    namespace: &str,
    source: &VolumeSource,
) -> Option<Vec<(String, ObjectRef, DataEntry)>> {
    let mut files: Vec<(String, ObjectRef, DataEntry)> = Vec::new();
    for (kind, projection) in projections(source)? {
        let reference = source_ref(kind, namespace, &projection.name);
        let known = data(cluster, kind, namespace, &projection.name.value);
        let published = is_published(&projection.name.value).then(root_certificate);
        let entries = match (known, &published) {
            (Some(entries), _) => entries,
            (None, Some(certificate)) => std::slice::from_ref(certificate),
            (None, None) => &[],
        };
        let found: Vec<(String, &DataEntry)> = match &projection.items {
            None => entries.iter().map(|entry| (entry.key.to_string(), entry)).collect(),
            Some(items) => items
                .iter()
                .filter_map(|item| {
                    let entry = entries.iter().find(|entry| entry.key == item.key.value)?;
                    Some((item.path.value.trim_matches('/').to_owned(), entry))
                })
                .collect(),
        };
        for (path, entry) in found {
            // The later source of a projected volume wins.
            files.retain(|(old, ..)| *old != path);
            files.push((path, reference.clone(), entry.clone()));
        }
    }
    Some(files)
}

/// The key of the ConfigMap that Kubernetes publishes in every namespace.
fn root_certificate() -> DataEntry {
    DataEntry { key: "ca.crt".into(), value: "".into(), key_at: None, at: None, node: None }
}

/// Returns the file of the pod at a path of a projected volume.
fn pod_file(source: &VolumeSource, mount: &VolumeMount, path: &str) -> Option<PodFile> {
    let VolumeSource::Projected { of_pod, .. } = source else { return None };
    let base = clean_path("/", &mount.mount_path.value);
    let inside = clean_path("/", below(&base, path)?);
    let sub_path = clean_path("/", &mount.sub_path.value);
    let whole = clean_path(&sub_path, inside.trim_start_matches('/'));
    of_pod.iter().find(|(name, _)| clean_path("/", name) == whole).map(|(_, file)| *file)
}

/// Normalizes a path: `/a//b/./c/` becomes `/a/b/c`. Relative paths are resolved against `base`.
pub fn clean_path(base: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{base}/{path}") };
    go::path::clean(&whole)
}

/// Returns the path relative to a directory. Returns None if it is not below it.
fn below<'a>(directory: &str, path: &'a str) -> Option<&'a str> {
    if directory == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// Returns the mount of a path: the deepest one that contains it; of equal ones the last.
pub fn mount_of<'a>(container: &'a Container, path: &str) -> Option<&'a VolumeMount> {
    let depth = |mount: &VolumeMount| {
        let mount_path = clean_path("/", &mount.mount_path.value);
        below(&mount_path, path).map(|_| mount_path.len())
    };
    container
        .volume_mounts
        .iter()
        .filter_map(|mount| Some((depth(mount)?, mount)))
        .max_by_key(|(depth, _)| *depth)
        .map(|(_, mount)| mount)
}

/// Returns the content of a path in a container.
pub fn resolve(
    cluster: &Cluster,
    namespace: &str,
    spec: &PodSpec,
    container: &Container,
    path: &str,
) -> PathInContainer {
    let path = clean_path("/", path);
    let Some(mount) = mount_of(container, &path) else {
        return PathInContainer::Image;
    };
    let volume = mount.name.value.clone();
    let source = spec.volume(&volume).map(|volume| &volume.source);
    if let Some(file) = source.and_then(|source| pod_file(source, mount, &path)) {
        return PathInContainer::OfPod(file);
    }
    let files = source.and_then(|source| volume_files(cluster, namespace, source));
    let Some(files) = files else {
        return PathInContainer::Opaque { mount: mount.location, volume };
    };
    let reference = source
        .and_then(projections)
        .and_then(|parts| parts.first().map(|(kind, one)| source_ref(*kind, namespace, &one.name)));
    let mut found = mounted(&files, mount);
    match found.iter().position(|file| file.path == path) {
        Some(at) => PathInContainer::File(Box::new(found.swap_remove(at))),
        None => PathInContainer::NotInVolume {
            mount: mount.location,
            volume,
            source: reference,
            present: found.into_iter().map(|file| file.path).collect(),
        },
    }
}

fn mounted(files: &[(String, ObjectRef, DataEntry)], mount: &VolumeMount) -> Vec<MountedFile> {
    let base = clean_path("/", &mount.mount_path.value);
    let sub_path = clean_path("/", &mount.sub_path.value);
    files
        .iter()
        .filter_map(|(name, source, entry)| {
            let whole = format!("/{name}");
            let rest = below(&sub_path, &whole)?;
            let path = if rest.is_empty() { base.clone() } else { clean_path(&base, rest) };
            Some(MountedFile {
                path,
                source: source.clone(),
                entry: entry.clone(),
                by_sub_path: !mount.sub_path.value.is_empty(),
                mount: mount.location,
            })
        })
        .collect()
}

/// Returns all files of ConfigMaps and Secrets in a container, by path.
pub fn files(
    cluster: &Cluster,
    namespace: &str,
    spec: &PodSpec,
    container: &Container,
) -> Vec<MountedFile> {
    let mut all: Vec<MountedFile> = Vec::new();
    for mount in &container.volume_mounts {
        let Some(volume) = spec.volume(&mount.name.value) else { continue };
        let Some(files) = volume_files(cluster, namespace, &volume.source) else { continue };
        for file in mounted(&files, mount) {
            // A deeper mount hides files of an outer one.
            let visible = mount_of(container, &file.path)
                .is_some_and(|deciding| std::ptr::eq(deciding, mount));
            if visible {
                all.push(file);
            }
        }
    }
    all.index_sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// Returns the reason why the kubelet cannot set up a volume of a pod.
///
/// Missing Secrets are ignored, because Secrets are often not part of the manifests.
/// PersistentVolumeClaims are handled by [`super::controllers`].
pub fn volume_problem(cluster: &Cluster, namespace: &str, spec: &PodSpec) -> Option<VolumeProblem> {
    for volume in &spec.volumes {
        for (kind, projection) in projections(&volume.source).unwrap_or_default() {
            if projection.optional {
                continue;
            }
            let source = source_ref(kind, namespace, &projection.name);
            let problem =
                |message: String, at: Option<Location>, key: Option<Text>| VolumeProblem {
                    volume: volume.name.value.clone(),
                    message,
                    at: at.or(volume.location),
                    source: source.clone(),
                    key,
                };
            let word = match kind {
                SourceKind::ConfigMap => "configmap",
                SourceKind::Secret => "secret",
            };
            let Some(entries) = data(cluster, kind, namespace, &projection.name.value) else {
                if kind == SourceKind::Secret || is_published(&projection.name.value) {
                    continue;
                }
                let message = format!("{word} {} not found", quote(&projection.name.value));
                return Some(problem(message, projection.name.at, None));
            };
            for item in projection.items.iter().flatten() {
                if !entries.iter().any(|entry| entry.key == item.key.value) {
                    let message =
                        format!("{word} references non-existent config key: {}", item.key.value);
                    let message = message.replace(
                        "secret references non-existent config key",
                        "references non-existent secret key",
                    );
                    return Some(problem(message, item.key.at, Some(item.key.value.clone())));
                }
            }
        }
    }
    None
}

/// Returns true for ConfigMaps that Kubernetes creates in every namespace.
fn is_published(name: &str) -> bool {
    name == "kube-root-ca.crt"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (base, path, clean) in [
            ("/", "/etc/prometheus/", "/etc/prometheus"),
            ("/prometheus", "prometheus.yml", "/prometheus/prometheus.yml"),
            ("/a", "./b//c/../d", "/a/b/d"),
            ("/", "../..", "/"),
        ] {
            assert_eq!(clean_path(base, path), clean);
        }
    }

    #[test]
    fn a_path_lies_below_whole_names_only() {
        assert_eq!(below("/etc/prometheus", "/etc/prometheus/a"), Some("a"));
        assert_eq!(below("/etc/prometheus", "/etc/prometheus"), Some(""));
        assert_eq!(below("/etc/prom", "/etc/prometheus"), None);
        assert_eq!(below("/", "/a"), Some("a"));
    }
}
