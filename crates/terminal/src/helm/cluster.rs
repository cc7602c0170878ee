//! Manifests of a release on the cluster: creating, updating, removing, hooks.
//!
//! Source: helm pkg/kube client.go, pkg/action validate.go, hooks.go, resource_policy.go.

use ::helm::capabilities::{Capabilities, KubeVersion};
use ::helm::manifests::{Event, Head, Hook, Manifest, sort_for_removal, split};
use ::helm::values::from_json;
use cluster::apiserver::{ApiServer, Propagation, Reason, Status};
use go::quote::quote;
use go::template::Value;
use kubernetes::kinds::{self, Kind};
use kubernetes::object::{Value as Object, to_json};

use super::store::Release;
use crate::kubectl::read;

/// The name under which Helm applies.
const MANAGER: &str = "helm";

/// An object of a manifest.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub kind: &'static Kind,
    pub namespace: String,
    pub name: String,
    pub object: Object,
}

impl Resource {
    /// As messages of the client call it: `shop/web apps/v1, Kind=Deployment`.
    fn described(&self) -> String {
        let Kind { group, version, kind, .. } = self.kind;
        format!("{}/{} {group}/{version}, Kind={kind}", self.namespace, self.name)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.kind.api_version() == other.kind.api_version()
            && self.kind.kind == other.kind.kind
            && self.namespace == other.namespace
            && self.name == other.name
    }
}

/// Returns the capabilities of a cluster.
pub(super) fn capabilities(server: &ApiServer) -> Capabilities {
    let version = "v1.36.3".to_owned();
    let mut api_versions: Vec<String> = Vec::new();
    let mut add = |api_version: String, kind: &str| {
        for one in [api_version.clone(), format!("{api_version}/{kind}")] {
            if !api_versions.contains(&one) {
                api_versions.push(one);
            }
        }
    };
    for kind in kinds::KINDS {
        add(kind.api_version(), kind.kind);
    }
    let definitions = server.storage.list("apiextensions.k8s.io", "CustomResourceDefinition", "");
    for (_, definition) in definitions {
        let spec = &definition["spec"];
        for version in spec.list("versions") {
            let api_version = format!("{}/{}", spec.str("group"), version.str("name"));
            add(api_version, spec["names"].str("kind"));
        }
    }
    let kube_version = KubeVersion {
        normalized: version.clone(),
        version,
        major: "1".to_owned(),
        minor: "36".to_owned(),
    };
    Capabilities { kube_version, api_versions }
}

/// Reads objects for templates: apiVersion, kind, namespace, name.
pub(super) fn lookup(
    server: &ApiServer,
    api_version: &str,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Result<Option<Value>, String> {
    let Some(row) = server.kind(api_version, kind) else {
        return Ok(None);
    };
    let namespace = if row.namespaced { namespace } else { "" };
    if !name.is_empty() {
        return match server.get(row, namespace, name) {
            Ok(object) => from_json(&to_json(&object)).map(Some),
            Err(_) => Ok(None),
        };
    }
    let stored = server.storage.list(row.group, row.kind, namespace);
    let items: Vec<String> = stored.map(|(_, object)| to_json(object)).collect();
    let (version, kind) = (quote(api_version), quote(&format!("{kind}List")));
    let list = format!(
        "{{\"apiVersion\":{version},\"kind\":{kind},\"metadata\":{{}},\"items\":[{}]}}",
        items.join(",")
    );
    from_json(&list).map(Some)
}

/// Reads the objects of a manifest. The error is that of the client.
pub(super) fn build(
    server: &ApiServer,
    manifest: &str,
    namespace: &str,
) -> Result<Vec<Resource>, String> {
    let (infos, failures) = read::objects(server, "", manifest, true);
    if let Some(failure) = failures.first() {
        return Err(failure.text());
    }
    Ok(infos
        .into_iter()
        .map(|info| {
            let namespace = match (info.kind.namespaced, info.namespace.is_empty()) {
                (true, true) => namespace.to_owned(),
                _ => info.namespace,
            };
            let mut object = info.object;
            if info.kind.namespaced {
                object.entry("metadata").set("namespace", namespace.as_str());
            }
            Resource { kind: info.kind, namespace, name: info.name, object }
        })
        .collect())
}

const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const RELEASE_NAME: &str = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";

/// Marks objects as those of a release.
pub(super) fn take_over(resources: &mut [Resource], release: &Release) {
    for resource in resources {
        let metadata = resource.object.entry("metadata");
        metadata.entry("labels").set(MANAGED_BY, "Helm");
        metadata.entry("annotations").set(RELEASE_NAME, release.name.as_str());
        metadata.entry("annotations").set(RELEASE_NAMESPACE, release.namespace.as_str());
    }
}

/// The resources that exist already. Those of another owner are an error.
pub(super) fn existing(
    server: &ApiServer,
    resources: &[Resource],
    release: &Release,
    take_ownership: bool,
) -> Result<Vec<Resource>, String> {
    let mut found = Vec::new();
    for resource in resources {
        let Ok(object) = server.get(resource.kind, &resource.namespace, &resource.name) else {
            continue;
        };
        if !take_ownership {
            check_ownership(&object, release).map_err(|error| {
                format!(
                    "{} {} in namespace {} exists and cannot be imported into the current release: {error}",
                    resource.kind.kind,
                    quote(&resource.name),
                    quote(&resource.namespace)
                )
            })?;
        }
        found.push(resource.clone());
    }
    Ok(found)
}

fn check_ownership(object: &Object, release: &Release) -> Result<(), String> {
    let metadata = &object["metadata"];
    let mut errors = Vec::new();
    for (what, map, key, wanted) in [
        ("label", "labels", MANAGED_BY, "Helm"),
        ("annotation", "annotations", RELEASE_NAME, &*release.name),
        ("annotation", "annotations", RELEASE_NAMESPACE, &*release.namespace),
    ] {
        let (shown_key, shown) = (quote(key), quote(wanted));
        match metadata[map].get(key).and_then(Object::as_str) {
            None => errors.push(format!(
                "{what} validation error: missing key {shown_key}: must be set to {shown}"
            )),
            Some(found) if found != wanted => errors.push(format!(
                "{what} validation error: key {shown_key} must equal {shown}: current value is {}",
                quote(found)
            )),
            Some(_) => {}
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(format!("invalid ownership metadata; {}", errors.join("; ")))
}

/// Applies an object on the server.
fn apply(server: &mut ApiServer, resource: &Resource, force: bool) -> Result<(), String> {
    let Resource { kind, namespace, name, object } = resource;
    let applied = server.apply(kind, namespace, name, object, MANAGER, force);
    applied.map(|_| ()).map_err(|status: Status| {
        let described = resource.described();
        let message = status.message;
        match status.reason {
            Reason::Conflict => {
                format!("conflict occurred while applying object {described}: {message}")
            }
            _ => format!("server-side apply failed for object {described}: {message}"),
        }
    })
}

/// Creates or changes objects in turn, up to the first error.
pub(super) fn apply_all(
    server: &mut ApiServer,
    resources: &[Resource],
    force: bool,
) -> Result<(), String> {
    resources.iter().try_for_each(|resource| apply(server, resource, force))
}

/// Applies the target and removes what only the old manifest has.
pub(super) fn update(
    server: &mut ApiServer,
    old: &[Resource],
    target: &[Resource],
    force: bool,
) -> Result<(), String> {
    apply_all(server, target, force)?;
    for resource in old.iter().filter(|one| !target.iter().any(|other| one.is_same(other))) {
        let live = server.get(resource.kind, &resource.namespace, &resource.name);
        let kept = live.is_ok_and(|object| object["metadata"]["annotations"].str(POLICY) == "keep");
        if !kept {
            delete(server, resource, Propagation::Background);
        }
    }
    Ok(())
}

fn delete(server: &mut ApiServer, resource: &Resource, propagation: Propagation) {
    // An object that is gone already is no error.
    let _ = server.delete(resource.kind, &resource.namespace, &resource.name, propagation);
}

/// The annotation that keeps an object.
const POLICY: &str = "helm.sh/resource-policy";

/// Removes the objects of a release. Returns the text about those that are kept.
pub(super) fn remove(
    server: &mut ApiServer,
    release: &Release,
    propagation: Propagation,
) -> Result<String, String> {
    let manifests = split(&release.manifest).into_iter().map(|content| {
        Head::read(&content).map(|head| Manifest { path: String::new(), content, head })
    });
    let manifests: Result<Vec<Manifest>, String> = manifests.collect();
    let failed = || format!("failed to delete release: {}", release.name);
    let mut manifests = manifests.map_err(|_| failed())?;
    sort_for_removal(&mut manifests);
    let mut kept = String::new();
    for manifest in manifests {
        let policy = manifest.head.annotations.get(POLICY);
        if policy.is_some_and(|policy| policy.trim().eq_ignore_ascii_case("keep")) {
            kept.push_str(&format!("[{}] {}\n", manifest.head.kind, manifest.head.name));
            continue;
        }
        let resources =
            build(server, &manifest.content, &release.namespace).map_err(|_| failed())?;
        resources.iter().for_each(|resource| delete(server, resource, propagation));
    }
    Ok(kept)
}

/// Runs the hooks of an event: by weight, then in the order of the release. They are ready at once.
pub(super) fn run_hooks(
    server: &mut ApiServer,
    release: &Release,
    event: Event,
) -> Result<(), String> {
    let mut hooks: Vec<&Hook> =
        release.hooks.iter().filter(|hook| hook.events.contains(&event)).collect();
    hooks.sort_by(|a, b| (a.weight, &a.name).cmp(&(b.weight, &b.name)));
    let name = event.name();
    for hook in &hooks {
        if hook.delete_policies.is_empty() || has_policy(hook, "before-hook-creation") {
            delete_hook(server, hook, release);
        }
        let resources = build(server, &hook.manifest, &release.namespace).map_err(|error| {
            format!("unable to build kubernetes object for {name} hook {}: {error}", hook.path)
        })?;
        apply_all(server, &resources, false)
            .map_err(|error| format!("warning: Hook {name} {} failed: {error}", hook.path))?;
    }
    for hook in hooks.iter().rev().filter(|hook| has_policy(hook, "hook-succeeded")) {
        delete_hook(server, hook, release);
    }
    Ok(())
}

fn has_policy(hook: &Hook, policy: &str) -> bool {
    hook.delete_policies.iter().any(|one| one == policy)
}

fn delete_hook(server: &mut ApiServer, hook: &Hook, release: &Release) {
    if hook.kind == "CustomResourceDefinition" {
        return;
    }
    for resource in build(server, &hook.manifest, &release.namespace).unwrap_or_default() {
        delete(server, &resource, Propagation::Background);
    }
}
