//! Volumes in descriptions: what each source shows, as data.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe describeVolumes, printHostPathVolumeSource and
//! the like.

use kubernetes::object::Value;

use super::writer::{Writer, pairs, scalar};

/// The presentation of a field of a source.
enum Shown {
    /// As it is: a text, a number, or a boolean that is false if it is absent.
    Text,
    Bool,
    /// With another text if it is absent.
    Or(&'static str),
}

/// A source of volumes: its key, what it is called, and its fields.
struct Source {
    key: &'static str,
    title: &'static str,
    fields: &'static [(&'static str, &'static str, Shown)],
}

use Shown::{Bool, Or, Text};

/// Sources of volumes of pods and of PersistentVolumes.
const SOURCES: &[Source] = &[
    Source {
        key: "hostPath",
        title: "HostPath (bare host directory volume)",
        fields: &[("Path", "path", Text), ("HostPathType", "type", Or("<none>"))],
    },
    Source {
        key: "emptyDir",
        title: "EmptyDir (a temporary directory that shares a pod's lifetime)",
        fields: &[("Medium", "medium", Text), ("SizeLimit", "sizeLimit", Or("<unset>"))],
    },
    Source {
        key: "secret",
        title: "Secret (a volume populated by a Secret)",
        fields: &[("SecretName", "secretName", Text), ("Optional", "optional", Bool)],
    },
    Source {
        key: "configMap",
        title: "ConfigMap (a volume populated by a ConfigMap)",
        fields: &[("Name", "name", Text), ("Optional", "optional", Bool)],
    },
    Source {
        key: "nfs",
        title: "NFS (an NFS mount that lasts the lifetime of a pod)",
        fields: &[
            ("Server", "server", Text),
            ("Path", "path", Text),
            ("ReadOnly", "readOnly", Bool),
        ],
    },
    Source {
        key: "persistentVolumeClaim",
        title: "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        fields: &[("ClaimName", "claimName", Text), ("ReadOnly", "readOnly", Bool)],
    },
    Source {
        key: "local",
        title: "LocalVolume (a persistent volume backed by local storage on a node)",
        fields: &[("Path", "path", Text)],
    },
    Source {
        key: "image",
        title: "Image (a container image or OCI artifact)",
        fields: &[("Reference", "reference", Text), ("PullPolicy", "pullPolicy", Text)],
    },
    Source {
        key: "gitRepo",
        title: "GitRepo (a volume that is pulled from git when the pod is created)",
        fields: &[("Repository", "repository", Text), ("Revision", "revision", Text)],
    },
    Source {
        key: "gcePersistentDisk",
        title: "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        fields: &[
            ("PDName", "pdName", Text),
            ("FSType", "fsType", Text),
            ("Partition", "partition", Or("0")),
            ("ReadOnly", "readOnly", Bool),
        ],
    },
    Source {
        key: "awsElasticBlockStore",
        title: "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        fields: &[
            ("VolumeID", "volumeID", Text),
            ("FSType", "fsType", Text),
            ("Partition", "partition", Or("0")),
            ("ReadOnly", "readOnly", Bool),
        ],
    },
];

/// The volumes of a pod or of a template.
pub(super) fn volumes(w: &mut Writer, volumes: &[Value], indent: &str) {
    if volumes.is_empty() {
        return w.line(0, &format!("{indent}Volumes:\t<none>"));
    }
    w.line(0, &format!("{indent}Volumes:"));
    for volume in volumes {
        let space = if indent.is_empty() { "" } else { " " };
        w.line(1, &format!("{space}{}:", volume.str("name")));
        source(w, volume);
    }
}

/// The source of a volume of a pod, or of a PersistentVolume's spec.
pub(super) fn source(w: &mut Writer, volume: &Value) {
    if volume.has("projected") {
        return projected(w, &volume["projected"]);
    }
    if volume.has("downwardAPI") {
        return downward(w, &volume["downwardAPI"]);
    }
    if volume.has("csi") {
        return csi(w, &volume["csi"]);
    }
    if volume.has("ephemeral") {
        return ephemeral(w, &volume["ephemeral"]);
    }
    let Some(source) = SOURCES.iter().find(|source| !volume[source.key].is_null()) else {
        return w.line(1, "<unknown>");
    };
    w.field(2, "Type", source.title);
    for (title, key, shown) in source.fields {
        let value = &volume[source.key][*key];
        let text = match shown {
            Text => scalar(value),
            Bool => value.as_bool().unwrap_or_default().to_string(),
            Or(otherwise) if value.is_null() => (*otherwise).to_owned(),
            Or(_) => scalar(value),
        };
        w.field(2, title, text);
    }
}

fn projected(w: &mut Writer, volume: &Value) {
    w.field(2, "Type", "Projected (a volume that contains injected data from multiple sources)");
    for source in volume.list("sources") {
        if source.has("secret") {
            w.field(2, "SecretName", source["secret"].str("name"));
            w.field(2, "Optional", source["secret"].bool("optional"));
        } else if source.has("downwardAPI") {
            w.field(2, "DownwardAPI", "true");
        } else if source.has("configMap") {
            w.field(2, "ConfigMapName", source["configMap"].str("name"));
            w.field(2, "Optional", source["configMap"].bool("optional"));
        } else if source.has("serviceAccountToken") {
            let seconds = source["serviceAccountToken"].int("expirationSeconds");
            w.field(2, "TokenExpirationSeconds", seconds);
        }
    }
}

fn downward(w: &mut Writer, volume: &Value) {
    w.field(2, "Type", "DownwardAPI (a volume populated by information about the pod)");
    w.line(2, "Items:");
    for item in volume.list("items") {
        if item.has("fieldRef") {
            w.line(3, &format!("{} -> {}", item["fieldRef"].str("fieldPath"), item.str("path")));
        }
        if item.has("resourceFieldRef") {
            w.line(
                3,
                &format!("{} -> {}", item["resourceFieldRef"].str("resource"), item.str("path")),
            );
        }
    }
}

fn csi(w: &mut Writer, volume: &Value) {
    w.field(2, "Type", "CSI (a Container Storage Interface (CSI) volume source)");
    w.field(2, "Driver", volume.str("driver"));
    w.field(2, "FSType", volume.str("fsType"));
    if volume.has("volumeHandle") {
        w.field(2, "VolumeHandle", volume.str("volumeHandle"));
    }
    w.field(2, "ReadOnly", volume.bool("readOnly"));
    w.indented_lines("    ", "VolumeAttributes", &pairs(&volume["volumeAttributes"]));
}

fn ephemeral(w: &mut Writer, volume: &Value) {
    w.field(
        2,
        "Type",
        "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
    );
    let template = &volume["volumeClaimTemplate"];
    if !template.is_null() {
        super::storage::claim_spec(w, template, 2);
    }
}

#[cfg(test)]
mod tests {
    use kubernetes::object::parse_json;

    use super::*;

    #[test]
    fn each_source_shows_its_fields() {
        for (volume, text) in [
            (
                r#"{"hostPath":{"path":"/x"}}"#,
                "    Type:          HostPath (bare host directory volume)\n    Path:          /x\n    HostPathType:  <none>\n",
            ),
            (
                r#"{"emptyDir":{}}"#,
                "    Type:       EmptyDir (a temporary directory that shares a pod's lifetime)\n    Medium:     \n    SizeLimit:  <unset>\n",
            ),
            (
                r#"{"secret":{"secretName":"s","optional":true}}"#,
                "    Type:        Secret (a volume populated by a Secret)\n    SecretName:  s\n    Optional:    true\n",
            ),
            ("{}", "  <unknown>\n"),
        ] {
            let mut w = Writer::default();
            source(&mut w, &parse_json(volume).expect("the test has valid JSON"));
            assert_eq!(w.finish(), text, "{volume}");
        }
    }
}
