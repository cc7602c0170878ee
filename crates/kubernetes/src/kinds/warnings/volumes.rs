//! Warnings about volumes: deprecated sources, and files that overwrite each other.
//!
//! Source: pkg/api/pod/warnings.go warningsForOverlappingVirtualPaths, pkg/api/persistentvolume.

use super::{fractional, node_selector_term};
use crate::object::Value;
use crate::validation::Path;

/// Sources of pods' volumes that are deprecated or gone: key, name in the message, message.
const OLD_SOURCES: &[(&str, &str, &str)] = &[
    (
        "photonPersistentDisk",
        "photonPersistentDisk",
        "deprecated in v1.11, non-functional in v1.16+",
    ),
    ("gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

/// The same for persistent volumes, in their order.
const OLD_PERSISTENT: &[&str] =
    &["cephfs", "photonPersistentDisk", "scaleIO", "storageos", "glusterfs", "rbd"];

fn old_source(found: &mut Vec<String>, owner: &Value, key: &str, path: &Path<'_>) {
    let row = OLD_SOURCES.iter().find(|(known, ..)| *known == key && owner.has(key));
    if let Some((_, name, message)) = row {
        found.push(format!("{}: {message}", path.child(name)));
    }
}

/// Deprecated sources of a pod's volumes, and the claims of its ephemeral volumes.
pub fn sources(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let list = path.child("volumes");
    for (number, volume) in spec.list("volumes").iter().enumerate() {
        let at = list.index(number);
        for (key, ..) in OLD_SOURCES {
            // The claim of an ephemeral volume comes before the last two.
            if *key == "cephfs" && volume["ephemeral"].has("volumeClaimTemplate") {
                let source = at.child("ephemeral");
                let template = source.child("volumeClaimTemplate");
                let claim = &volume["ephemeral"]["volumeClaimTemplate"]["spec"];
                found.extend(claim_spec(claim, &template.child("spec")));
            }
            old_source(found, volume, key, &at);
        }
    }
}

/// Files of one volume at the same path, or one below the other.
pub fn overlapping_paths(found: &mut Vec<String>, spec: &Value) {
    for volume in spec.list("volumes") {
        let name = go::quote::quote(volume.str("name"));
        for (key, owner) in [("configMap", "name"), ("secret", "secretName"), ("downwardAPI", "")] {
            let source = &volume[key];
            let entries = entries_of(source.list("items"), "");
            for overlap in collisions(&entries) {
                let what = described(key, source.str(owner));
                found.push(format!("volume {name} ({what}): overlapping paths: {overlap}"));
            }
        }
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for source in volume["projected"].list("sources") {
            if source.is_empty() {
                found.push(format!("volume {name} (Projected) has no sources provided"));
            }
            let token = source["serviceAccountToken"].str("path");
            if source.has("serviceAccountToken") {
                entries.push(Entry { path: token, source: "ServiceAccountToken".to_owned() });
            }
            for key in ["configMap", "secret", "downwardAPI"] {
                let what = described(key, source[key].str("name"));
                entries.extend(entries_of(source[key].list("items"), &what));
            }
        }
        for overlap in collisions(&entries) {
            found.push(format!("volume {name} (Projected): overlapping paths: {overlap}"));
        }
    }
}

/// A file of a volume, and the source that it comes from; empty for a volume with one source.
#[derive(PartialEq)]
struct Entry<'a> {
    path: &'a str,
    source: String,
}

impl std::fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&go::quote::quote(self.path))?;
        if self.source.is_empty() { Ok(()) } else { write!(f, " ({})", self.source) }
    }
}

fn described(key: &str, name: &str) -> String {
    match key {
        "configMap" => format!("ConfigMap {}", go::quote::quote(name)),
        "secret" => format!("Secret {}", go::quote::quote(name)),
        _ => "DownwardAPI".to_owned(),
    }
}

fn entries_of<'a>(items: &'a [Value], source: &str) -> Vec<Entry<'a>> {
    let entry = |item: &'a Value| Entry { path: item.str("path"), source: source.to_owned() };
    items.iter().map(entry).collect()
}

/// Each file with an earlier one that it collides with.
fn collisions(entries: &[Entry<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    let mut earlier: Vec<Entry<'_>> = Vec::new();
    for entry in entries {
        let path = entry.path.trim_end_matches('/');
        let entry = Entry { path, source: entry.source.clone() };
        let is_below = |above: &str, below: &str| {
            below.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        for other in earlier.iter().filter(|other| !other.path.is_empty() && !path.is_empty()) {
            if is_below(path, other.path) || is_below(other.path, path) {
                found.push(format!("{entry} with {other}"));
            }
        }
        earlier.push(entry);
    }
    found
}

/// Warnings about the templates of claims. Their paths have no `spec`: so the server prints them.
/// Source: pkg/registry/apps/statefulset/strategy.go WarningsOnCreate.
pub fn claim_templates(spec: &Value) -> Vec<String> {
    let path = Path::new("spec");
    let list = path.child("volumeClaimTemplates");
    let templates = spec.list("volumeClaimTemplates").iter().enumerate();
    templates.flat_map(|(number, claim)| claim_spec(&claim["spec"], &list.index(number))).collect()
}

/// Warnings about a claim.
pub fn claim_spec(spec: &Value, path: &Path<'_>) -> Vec<String> {
    let resources = path.child("resources");
    let requests = resources.child("requests");
    let value = &spec["resources"]["requests"]["storage"];
    fractional(value)
        .map(|message| format!("{}: {message}", requests.key("storage")))
        .into_iter()
        .collect()
}

/// Warnings about a persistent volume.
pub fn persistent_volume(object: &Value) -> Vec<String> {
    const CLASS: &str = "volume.beta.kubernetes.io/storage-class";
    let spec = &object["spec"];
    let mut found = Vec::new();
    if object["metadata"]["annotations"].has(CLASS) {
        found.push(format!(
            "metadata.annotations[{CLASS}]: deprecated since v1.8; use \"storageClassName\" attribute instead"
        ));
    }
    if spec.str("persistentVolumeReclaimPolicy") == "Recycle" {
        found.push("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.".to_owned());
    }
    let path = Path::new("spec");
    let affinity = path.child("nodeAffinity");
    let required = affinity.child("required");
    let terms = required.child("nodeSelectorTerms");
    let list = spec["nodeAffinity"]["required"].list("nodeSelectorTerms");
    for (number, term) in list.iter().enumerate() {
        node_selector_term(&mut found, term, false, &terms.index(number));
    }
    for key in OLD_PERSISTENT {
        old_source(&mut found, spec, key, &path);
    }
    found
}
