//! Volumes of a pod: mounting, and the content of files that come from objects.
//!
//! Source: pkg/kubelet/volumemanager, pkg/volume/{configmap,secret,projected,downwardapi},
//! pkg/util/goroutinemap/exponentialbackoff.

use std::collections::BTreeMap;

use kubernetes::object::Value;

use super::environment::{allocatable, entries, key, metadata_field, resource};
use crate::apiserver::ApiServer;

/// Milliseconds from the first sync of a pod to the first attempt to mount its volumes: two loops
/// that run every 100 ms.
const FIRST_ATTEMPT: i64 = 150;
/// Waiting time after a failed attempt; it doubles.
const FIRST_RETRY: i64 = 500;
const LONGEST_RETRY: i64 = 122_000;
/// A pod waits for its volumes in steps of this many milliseconds.
pub const POLL: i64 = 300;
/// Milliseconds after which a sync gives up waiting.
pub const TIMEOUT: i64 = 123_000;

/// Paths below a mount, with their content.
type Files = BTreeMap<String, String>;

#[derive(Clone, Debug, Default)]
struct Volume {
    mounted: bool,
    /// When the next attempt is due; None if there is none to make.
    attempt: Option<i64>,
    retry: i64,
    files: Files,
}

/// The volumes that containers of a pod mount.
#[derive(Clone, Debug, Default)]
pub struct Volumes {
    by_name: BTreeMap<String, Volume>,
    /// The number of changes of files.
    version: u64,
}

impl Volumes {
    /// Starts to mount the volumes that are not mounted, and refreshes those that are.
    pub fn process(&mut self, pod: &Value, now: i64) {
        for volume in pod["spec"].list("volumes") {
            let name = volume.str("name");
            let used = containers(pod).any(|container| {
                container.list("volumeMounts").iter().any(|mount| mount.str("name") == name)
            });
            if !used {
                continue;
            }
            let known = self.by_name.entry(name.to_owned()).or_default();
            if known.attempt.is_none() {
                known.attempt = Some(now + if known.mounted { 100 } else { FIRST_ATTEMPT });
            }
        }
    }

    pub fn all_mounted(&self) -> bool {
        self.by_name.values().all(|volume| volume.mounted)
    }

    /// True if a volume could not be mounted and is tried again.
    pub fn has_failed(&self) -> bool {
        self.by_name.values().any(|volume| volume.retry > 0)
    }

    pub fn next_attempt(&self) -> Option<i64> {
        self.by_name.values().filter_map(|volume| volume.attempt).min()
    }

    /// Does the attempts that are due. Returns the messages of those that failed.
    pub fn attempt(&mut self, server: &ApiServer, pod: &Value, now: i64) -> Vec<String> {
        let mut failures = Vec::new();
        for source in pod["spec"].list("volumes") {
            let name = source.str("name");
            let Some(volume) = self.by_name.get_mut(name) else { continue };
            if volume.attempt.is_none_or(|at| at > now) {
                continue;
            }
            match files(server, pod, source) {
                Ok(files) => {
                    // What containers have written stays.
                    let files =
                        if is_writable(source) { std::mem::take(&mut volume.files) } else { files };
                    self.version += u64::from(volume.files != files);
                    *volume = Volume { mounted: true, files, ..Volume::default() };
                }
                Err(error) => {
                    volume.retry = (volume.retry * 2).clamp(FIRST_RETRY, LONGEST_RETRY);
                    volume.attempt = Some(now + volume.retry);
                    let name = go::quote::quote(name);
                    failures.push(format!("MountVolume.SetUp failed for volume {name} : {error}"));
                }
            }
        }
        failures
    }

    /// The number of changes of files so far.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The files of a volume: paths in it and contents.
    pub fn files(&self, volume: &str) -> impl Iterator<Item = (&str, &str)> {
        let files = self.by_name.get(volume).into_iter().flat_map(|volume| &volume.files);
        files.map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Writes a file. Returns false if the volume cannot be written, or is not mounted.
    pub fn write(&mut self, pod: &Value, volume: &str, path: &str, text: &str) -> bool {
        let mut sources = pod["spec"].list("volumes").iter();
        let source = sources.find(|one| one.str("name") == volume);
        let Some(known) = self.by_name.get_mut(volume) else { return false };
        if !source.is_some_and(is_writable) {
            return false;
        }
        if known.files.get(path).is_none_or(|old| old != text) {
            known.files.insert(path.to_owned(), text.to_owned());
            self.version += 1;
        }
        true
    }

    /// The content of a file of a volume. `sub_path` is empty or a path in the volume.
    pub fn file(&self, volume: &str, path: &str) -> Option<&str> {
        self.by_name.get(volume)?.files.get(path).map(String::as_str)
    }
}

/// True if containers can write into a volume.
pub fn is_writable(volume: &Value) -> bool {
    !["configMap", "secret", "projected", "downwardAPI"].iter().any(|kind| volume.has(kind))
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let spec = &pod["spec"];
    spec.list("initContainers").iter().chain(spec.list("containers"))
}

/// The mount of a container that holds a path, and the path in its volume.
pub fn mount_of<'a>(container: &'a Value, path: &str) -> Option<(&'a Value, String)> {
    let mounts = container.list("volumeMounts").iter();
    let found = mounts.filter_map(|mount| {
        let at = mount.str("mountPath").trim_end_matches('/');
        let rest = path.strip_prefix(at)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| (mount, rest.trim_start_matches('/')))
    });
    let (mount, rest) = found.max_by_key(|(mount, _)| mount.str("mountPath").len())?;
    let path = match (mount.str("subPath"), rest) {
        ("", rest) => rest.to_owned(),
        (sub, "") => sub.to_owned(),
        (sub, rest) => format!("{sub}/{rest}"),
    };
    Some((mount, path))
}

/// The files of a volume, or the reason for which it cannot be mounted.
fn files(server: &ApiServer, pod: &Value, volume: &Value) -> Result<Files, String> {
    let namespace = pod["metadata"].str("namespace");
    if volume.has("configMap") {
        let source = &volume["configMap"];
        return from_object(server, namespace, source, source.str("name"), "ConfigMap");
    }
    if volume.has("secret") {
        let source = &volume["secret"];
        return from_object(server, namespace, source, source.str("secretName"), "Secret");
    }
    if volume.has("downwardAPI") {
        return Ok(downward(server, pod, &volume["downwardAPI"]));
    }
    let mut all = Files::new();
    let mut errors: Vec<String> = Vec::new();
    for source in volume["projected"].list("sources") {
        let part = if source.has("configMap") {
            let source = &source["configMap"];
            from_object(server, namespace, source, source.str("name"), "ConfigMap")
        } else if source.has("secret") {
            let source = &source["secret"];
            from_object(server, namespace, source, source.str("name"), "Secret")
        } else if source.has("downwardAPI") {
            Ok(downward(server, pod, &source["downwardAPI"]))
        } else if source.has("serviceAccountToken") {
            Ok(token(pod, &source["serviceAccountToken"]))
        } else {
            Ok(Files::new())
        };
        match part {
            Ok(files) => all.extend(files),
            Err(error) => errors.push(error),
        }
    }
    match errors.as_slice() {
        [] => Ok(all),
        [one] => Err(one.clone()),
        many => Err(format!("[{}]", many.join(", "))),
    }
}

fn from_object(
    server: &ApiServer,
    namespace: &str,
    source: &Value,
    name: &str,
    kind: &'static str,
) -> Result<Files, String> {
    let lower = kind.to_lowercase();
    let optional = source.bool("optional");
    let Some(object) = server.storage.get(&key(kind, namespace, name)) else {
        return if optional {
            Ok(Files::new())
        } else {
            Err(format!("{lower} {} not found", go::quote::quote(name)))
        };
    };
    let all = entries(object);
    let items = source.list("items");
    if items.is_empty() {
        return Ok(all);
    }
    let word = if kind == "ConfigMap" { "config" } else { "secret" };
    let of = if kind == "ConfigMap" { "configmap references" } else { "references" };
    let mut files = Files::new();
    for item in items {
        match all.get(item.str("key")) {
            Some(content) => drop(files.insert(item.str("path").to_owned(), content.clone())),
            None if optional => {}
            None => return Err(format!("{of} non-existent {word} key: {}", item.str("key"))),
        }
    }
    Ok(files)
}

fn downward(server: &ApiServer, pod: &Value, source: &Value) -> Files {
    let node = allocatable(server, pod);
    let items = source.list("items").iter();
    let content = |item: &Value| {
        if item.has("fieldRef") {
            metadata_field(pod, item["fieldRef"].str("fieldPath"))
        } else {
            resource(pod, &Value::Null, &node, &item["resourceFieldRef"])
        }
    };
    items.map(|item| (item.str("path").to_owned(), content(item))).collect()
}

/// A token that is stable for a pod. It is not signed.
fn token(pod: &Value, source: &Value) -> Files {
    let metadata = &pod["metadata"];
    let claims = format!(
        "system:serviceaccount:{}:{}/{}",
        metadata.str("namespace"),
        pod["spec"].str("serviceAccountName"),
        metadata.str("uid")
    );
    Files::from([(source.str("path").to_owned(), go::base64::encode(claims.as_bytes()))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn the_longest_mount_holds_a_path() {
        let container = parse_json(
            r#"{"volumeMounts":[{"name":"a","mountPath":"/etc"},{"name":"b","mountPath":"/etc/app/"},
            {"name":"c","mountPath":"/etc/app/one.conf","subPath":"d/one"}]}"#,
        )
        .expect("JSON");
        for (path, expected) in [
            ("/etc/hosts", Some(("a", "hosts"))),
            ("/etc/app/x/y", Some(("b", "x/y"))),
            ("/etc/app/one.conf", Some(("c", "d/one"))),
            ("/etcetera", None),
        ] {
            let found = mount_of(&container, path);
            let found = found.as_ref().map(|(mount, path)| (mount.str("name"), path.as_str()));
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn waits_between_attempts_double() {
        let server = ApiServer::new(0, 1);
        let pod = parse_json(
            r#"{"metadata":{"namespace":"default"},"spec":{"containers":[{"name":"a","volumeMounts":
            [{"name":"v","mountPath":"/v"}]}],"volumes":[{"name":"v","configMap":{"name":"m"}}]}}"#,
        )
        .expect("JSON");
        let mut volumes = Volumes::default();
        volumes.process(&pod, 0);
        let mut times = Vec::new();
        for _ in 0..4 {
            let at = volumes.next_attempt().expect("an attempt is due");
            let expected = "MountVolume.SetUp failed for volume \"v\" : configmap \"m\" not found";
            assert_eq!(volumes.attempt(&server, &pod, at), [expected]);
            times.push(at);
        }
        assert_eq!(times, [150, 650, 1650, 3650]);
        assert!(!volumes.all_mounted());
    }
}
