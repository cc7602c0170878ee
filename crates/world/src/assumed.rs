//! Objects that a text leaves out and a cluster has: the default StorageClass, and Secrets that
//! nobody writes into a repository.

use std::collections::{BTreeMap, BTreeSet};

use cluster::ApiServer;
use cluster::apiserver::Key;
use kubernetes::kinds;
use kubernetes::object::{Value, parse_json};

/// The StorageClass that minikube's add-on `default-storageclass` brings.
pub(crate) const STANDARD: &str = r#"{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass",
"metadata":{"name":"standard","labels":{"addonmanager.kubernetes.io/mode":"EnsureExists"},
"annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},
"provisioner":"k8s.io/minikube-hostpath"}"#;

/// The value of each key of an assumed Secret.
const VALUE: &str = "assumed";

/// Secrets by namespace and name, with the keys that pods need of them.
type Secrets = BTreeMap<(String, String), BTreeSet<String>>;

/// Adds the StorageClass `standard` if there is none, and the Secrets that pods need.
pub(crate) fn add(server: &mut ApiServer) {
    let has_class = server.storage.list("storage.k8s.io", "StorageClass", "").next().is_some();
    if !has_class
        && let (Some(kind), Ok(class)) =
            (kinds::find("storage.k8s.io/v1", "StorageClass"), parse_json(STANDARD))
    {
        let _ = server.create(kind, "", &class);
        set_default_class(server);
    }
    let mut wanted = Secrets::new();
    for (key, object) in server.storage.iter() {
        let spec = &object["spec"];
        let pod = match key.kind {
            "Pod" => spec,
            "CronJob" => spec.at(&["jobTemplate", "spec", "template", "spec"]),
            _ => spec.at(&["template", "spec"]),
        };
        if !pod.is_null() {
            secrets_of(pod, &key.namespace, &mut wanted);
        }
    }
    let Some(kind) = kinds::find("v1", "Secret") else { return };
    for ((namespace, name), keys) in wanted {
        if server.storage.contains(&Key::new(kind, &namespace, &name)) {
            continue;
        }
        let mut secret = Value::map();
        secret.set("apiVersion", "v1");
        secret.set("kind", "Secret");
        secret.entry("metadata").set("name", name);
        let data = secret.entry("stringData");
        keys.iter().for_each(|key| data.set(key, VALUE));
        // A name that the server refuses belongs to no Secret.
        let _ = server.create(kind, &namespace, &secret);
    }
}

/// Gives the class `standard` to claims that name none, as the API server does if the class is there
/// first. Source: plugin/pkg/admission/storage/storageclass/setdefault.
fn set_default_class(server: &mut ApiServer) {
    let claims = server.storage.list("", "PersistentVolumeClaim", "");
    let open = claims.filter(|(_, claim)| !claim["spec"].has("storageClassName"));
    let open: Vec<(Key, Value)> = open.map(|(key, claim)| (key.clone(), claim.clone())).collect();
    for (key, mut claim) in open {
        claim.entry("spec").set("storageClassName", "standard");
        server.write(&key, claim);
    }
}

/// Adds the Secrets that the pods of a specification need.
fn secrets_of(pod: &Value, namespace: &str, wanted: &mut Secrets) {
    let mut need = |reference: &Value, name: &str, keys: Vec<&str>| {
        let name = reference.str(name);
        if name.is_empty() || reference.bool("optional") {
            return;
        }
        let known = wanted.entry((namespace.to_owned(), name.to_owned())).or_default();
        known.extend(keys.into_iter().filter(|key| !key.is_empty()).map(str::to_owned));
    };
    let items = |source: &Value| -> Vec<String> {
        source.list("items").iter().map(|item| item.str("key").to_owned()).collect()
    };
    for volume in pod.list("volumes") {
        let (secret, projected) = (&volume["secret"], volume["projected"].list("sources"));
        need(secret, "secretName", items(secret).iter().map(String::as_str).collect());
        for secret in projected.iter().map(|source| &source["secret"]) {
            need(secret, "name", items(secret).iter().map(String::as_str).collect());
        }
    }
    for container in pod.list("initContainers").iter().chain(pod.list("containers")) {
        for variable in container.list("env") {
            let reference = &variable["valueFrom"]["secretKeyRef"];
            need(reference, "name", vec![reference.str("key")]);
        }
        for from in container.list("envFrom") {
            need(&from["secretRef"], "name", Vec::new());
        }
    }
}
