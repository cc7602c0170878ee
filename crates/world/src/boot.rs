//! The surroundings of a server in a container: files, variables, volumes, addresses.

use std::collections::BTreeMap;

use cluster::kubelet::{Active, Kubelets, mount_of};
use go::path::clean;
use kubernetes::object::Value;
use kubernetes::prometheus::IMAGE_CONFIG_PATH;
use server::{CommandLine, Files, Host, IMAGE_CONFIGURATION, command_line};

use crate::account::ServiceAccount;
use crate::disks::{DataFolder, Disks, folder_of};
use crate::server::{ContainerName, Outside};

/// The working directory of the image, which its user may write.
const WORKING_DIRECTORY: &str = "/prometheus";
/// Variables of the image.
const IMAGE_VARIABLES: &[(&str, &str)] =
    &[("HOME", "/"), ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")];
/// The user of the image: nobody.
const IMAGE_USER: i64 = 65_534;
/// The mode of files of a volume if nothing else is said.
const DEFAULT_MODE: i64 = 0o644;

/// The container in which a server starts.
pub(crate) struct StartContext {
    pub host: Host,
    pub account: ServiceAccount,
    pub container: ContainerName,
    pub folder: DataFolder,
}

/// The surroundings of a server that starts with some arguments. None if its container is gone.
pub(crate) fn place(
    args: &[String],
    active: &Active,
    outside: &Outside<'_>,
    disks: &Disks,
) -> Option<StartContext> {
    let kubelets = &outside.cluster.kubelets;
    let view = kubelets.active_view(active)?;
    let (metadata, spec) = (&view.pod["metadata"], &view.pod["spec"]);
    let own = container_spec(view.pod, view.name);
    let text = |value: &Value, key: &str| value.str(key).to_owned();
    let container = ContainerName {
        namespace: text(metadata, "namespace"),
        pod: text(metadata, "name"),
        container: view.name.to_owned(),
    };
    let mut environment: BTreeMap<String, String> =
        IMAGE_VARIABLES.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    environment.extend(view.environment.clone());
    let hostname = match spec.bool("hostNetwork") {
        true => text(spec, "nodeName"),
        false if !spec.str("hostname").is_empty() => text(spec, "hostname"),
        false => container.pod.clone(),
    };
    environment.insert("HOSTNAME".to_owned(), hostname.clone());
    let mut host = Host {
        environment,
        hostname,
        addresses: vec![view.address.to_owned()],
        listening: taken_ports(kubelets, active, outside.cluster.now()),
        ..Host::default()
    };
    refresh_files(&mut host, kubelets, active);
    (host.writable, host.read_only) = folders(view.pod, &own);
    let data = host.files.absolute(&data_path(args));
    let folder = folder_of(view.pod, &own, &active.container, &data);
    if disks.is_locked(&folder, active) {
        host.locked.push(data);
    }
    let account = match spec.str("serviceAccountName") {
        "" => "default",
        name => name,
    };
    let account = ServiceAccount::new(container.namespace.clone(), account);
    Some(StartContext { host, account, container, folder })
}

/// The folder of the data, as the flags name it.
fn data_path(args: &[String]) -> String {
    match command_line(args) {
        CommandLine::Run(flags) => {
            let kind = if flags.is_on("agent") { "agent" } else { "tsdb" };
            flags.get(&format!("storage.{kind}.path")).to_owned()
        }
        _ => String::new(),
    }
}

pub(crate) fn container_spec(pod: &Value, name: &str) -> Value {
    let spec = &pod["spec"];
    let mut all = spec.list("containers").iter().chain(spec.list("initContainers"));
    all.find(|one| one.str("name") == name).cloned().unwrap_or_default()
}

/// Ports on which other containers of the pod listen.
fn taken_ports(kubelets: &Kubelets, active: &Active, now: i64) -> Vec<String> {
    let ports = kubelets.listening_ports(active, now);
    ports.into_iter().map(|port| format!("0.0.0.0:{port}")).collect()
}

/// The files that the image of Prometheus brings, unless a volume hides them.
pub(crate) fn image_files(container: &Value) -> BTreeMap<String, String> {
    let is_hidden = mount_of(container, IMAGE_CONFIG_PATH).is_some();
    let file = (IMAGE_CONFIG_PATH.to_owned(), IMAGE_CONFIGURATION.to_owned());
    (!is_hidden).then_some(file).into_iter().collect()
}

/// The files of a container: those of the image, and those of its volumes in front of them.
pub(crate) fn refresh_files(host: &mut Host, kubelets: &Kubelets, active: &Active) {
    let Some(view) = kubelets.active_view(active) else { return };
    let own = container_spec(view.pod, view.name);
    let mut all = image_files(&own);
    all.extend(kubelets.mounted_files(active));
    let hidden: Vec<String> =
        all.keys().filter(|path| !is_readable(view.pod, &own, path)).cloned().collect();
    let mut files = Files::new(WORKING_DIRECTORY, all);
    for mount in own.list("volumeMounts").iter().filter(|mount| mount.str("subPath").is_empty()) {
        files.add_folder(mount.str("mountPath"));
    }
    hidden.iter().for_each(|path| files.forbid(path));
    host.files = files;
}

/// A field of the security context of a container, or of its pod.
fn security<'a>(pod: &'a Value, container: &'a Value, field: &str) -> &'a Value {
    let own = &container["securityContext"][field];
    if own.is_null() { &pod["spec"]["securityContext"][field] } else { own }
}

fn user(pod: &Value, container: &Value) -> i64 {
    security(pod, container, "runAsUser").as_int().unwrap_or(IMAGE_USER)
}

fn volume_of<'a>(pod: &'a Value, mount: &Value) -> &'a Value {
    let mut volumes = pod["spec"].list("volumes").iter();
    volumes.find(|volume| volume.str("name") == mount.str("name")).unwrap_or(&Value::Null)
}

/// Returns true if the user of a container can read a file. Files of volumes belong to root; with
/// `fsGroup` the group of the pod can read them.
///
/// Source: pkg/volume/util/atomic_writer.go, pkg/volume/volume_linux.go `changeFilePermission`.
fn is_readable(pod: &Value, container: &Value, path: &str) -> bool {
    let Some((mount, _)) = mount_of(container, path) else { return true };
    let volume = volume_of(pod, mount);
    let kinds = ["configMap", "secret", "projected", "downwardAPI"];
    let Some(source) = kinds.iter().map(|kind| &volume[kind]).find(|source| !source.is_null())
    else {
        return true;
    };
    let mode = source["defaultMode"].as_int().unwrap_or(DEFAULT_MODE);
    mode & 0o004 != 0 || user(pod, container) == 0 || pod["spec"]["securityContext"].has("fsGroup")
}

/// Folders in which the user of a container can create files, and folders on read-only file systems.
///
/// A new folder of `emptyDir` belongs to everybody, and so do the folders that the provisioner of
/// minikube makes for claims. A folder of the node belongs to root.
fn folders(pod: &Value, container: &Value) -> (Vec<String>, Vec<String>) {
    let root = user(pod, container) == 0;
    let (mut writable, mut read_only) = (Vec::new(), Vec::new());
    if security(pod, container, "readOnlyRootFilesystem").as_bool() == Some(true) {
        read_only.push("/".to_owned());
    } else if root {
        writable.push("/".to_owned());
    } else {
        writable.extend([WORKING_DIRECTORY.to_owned(), "/tmp".to_owned()]);
    }
    for mount in container.list("volumeMounts") {
        let volume = volume_of(pod, mount);
        let path = clean(mount.str("mountPath"));
        let of_objects = ["configMap", "secret", "projected", "downwardAPI"];
        if mount.bool("readOnly") || of_objects.iter().any(|kind| volume.has(kind)) {
            read_only.push(path);
        } else if root || !volume.has("hostPath") {
            writable.push(path);
        } else {
            writable.retain(|folder| *folder != path);
        }
    }
    (writable, read_only)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    fn folders_of(pod: &str, container: &str) -> String {
        let parse = |text: &str| parse_json(text).expect("JSON");
        let (writable, read_only) = folders(&parse(pod), &parse(container));
        format!("{} | {}", writable.join(" "), read_only.join(" "))
    }

    #[test]
    fn folders_can_be_written_by_the_user_of_the_image() {
        let volumes = r#"{"spec":{"volumes":[{"name":"e","emptyDir":{}},{"name":"m","configMap":{}},
            {"name":"h","hostPath":{"path":"/x"}}]}}"#;
        for (pod, container, expected) in [
            ("{}", "{}", "/prometheus /tmp | "),
            ("{}", r#"{"securityContext":{"runAsUser":0}}"#, "/ | "),
            ("{}", r#"{"securityContext":{"readOnlyRootFilesystem":true}}"#, " | /"),
            (
                volumes,
                r#"{"volumeMounts":[{"name":"e","mountPath":"/data/"},{"name":"m","mountPath":"/etc/c"},
                {"name":"h","mountPath":"/host"}]}"#,
                "/prometheus /tmp /data | /etc/c",
            ),
        ] {
            assert_eq!(folders_of(pod, container), expected, "{container}");
        }
    }

    #[test]
    fn files_of_a_secret_can_be_hidden_from_the_user() {
        let pod = |more: &str| {
            let text = format!(
                r#"{{"spec":{{"volumes":[{{"name":"s","secret":{{"defaultMode":256}}}}]{more}}}}}"#
            );
            parse_json(&text).expect("JSON")
        };
        let container =
            parse_json(r#"{"volumeMounts":[{"name":"s","mountPath":"/s"}]}"#).expect("JSON");
        assert!(!is_readable(&pod(""), &container, "/s/key"));
        let group = r#","securityContext":{"fsGroup":2000}"#;
        assert!(is_readable(&pod(group), &container, "/s/key"));
        assert!(is_readable(&pod(""), &container, "/etc/key"));
    }
}
