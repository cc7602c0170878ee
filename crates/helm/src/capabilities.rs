//! The capabilities of a cluster, as templates read them.
//!
//! Source: helm pkg/chart/common capabilities.go, client-go kubernetes/scheme register.go.

/// The Kubernetes version and the API versions of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    pub kube_version: KubeVersion,
    /// `apps/v1`; of a cluster also with the kind: `apps/v1/Deployment`.
    pub api_versions: Vec<String>,
}

/// A version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    /// As the server gives it: `v1.33.4-gke.1245000`.
    pub version: String,
    /// Without what is after the numbers.
    pub normalized: String,
    pub major: String,
    pub minor: String,
}

impl Default for Capabilities {
    /// The capabilities that Helm assumes without a cluster.
    fn default() -> Self {
        Self {
            kube_version: KubeVersion {
                version: "v1.36.0".to_owned(),
                normalized: "v1.36.0".to_owned(),
                major: "1".to_owned(),
                minor: "36".to_owned(),
            },
            api_versions: KNOWN_VERSIONS.iter().map(|version| (*version).to_owned()).collect(),
        }
    }
}

impl KubeVersion {
    /// Reads a version such as `1.31` or `v1.31.2`. Source: apimachinery pkg/util/version
    /// `ParseGeneric`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let quoted = go::quote::quote(text);
        let trimmed = text.trim_start();
        let digits = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
        let numbers = digits.get(..end).unwrap_or_default().trim_end_matches('.');
        let parts: Vec<&str> = numbers.split('.').collect();
        if parts.iter().any(|part| part.is_empty()) || parts.len() < 2 {
            return Err(format!("could not parse {quoted} as version"));
        }
        if let Some(part) = parts.iter().find(|part| part.len() > 1 && part.starts_with('0')) {
            let part = go::quote::quote(part);
            return Err(format!("illegal zero-prefixed version component {part} in {quoted}"));
        }
        let numbers = parts.iter().map(|part| part.parse::<u64>().map_err(|_| {
            let part = go::quote::quote(part);
            format!("illegal non-numeric version component {part} in {quoted}: strconv.ParseUint: parsing {part}: value out of range")
        }));
        let numbers = numbers.collect::<Result<Vec<u64>, String>>()?;
        let number = |at: usize| numbers.get(at).map(u64::to_string).unwrap_or_default();
        let joined: Vec<String> = numbers.iter().map(u64::to_string).collect();
        Ok(Self {
            version: if text.starts_with('v') { text.to_owned() } else { format!("v{text}") },
            normalized: format!("v{}", joined.join(".")),
            major: number(0),
            minor: number(1),
        })
    }
}

/// The API versions that Helm's client library has types for.
pub const KNOWN_VERSIONS: &[&str] = &[
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
    "apiextensions.k8s.io/v1beta1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1alpha1",
    "certificates.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "internal.apiserver.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1alpha1",
    "rbac.authorization.k8s.io/v1beta1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1alpha3",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1beta2",
    "scheduling.k8s.io/v1",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storage.k8s.io/v1beta1",
    "storagemigration.k8s.io/v1beta1",
    "v1",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (text, version, normalized) in [
            ("1.16", "v1.16", "v1.16"),
            ("v1.20.1", "v1.20.1", "v1.20.1"),
            ("v1.33.4-gke.1245000", "v1.33.4-gke.1245000", "v1.33.4"),
        ] {
            let read = KubeVersion::parse(text).expect("a version");
            assert_eq!((&*read.version, &*read.normalized), (version, normalized));
        }
        let error = KubeVersion::parse("latest").map(|_| ());
        assert_eq!(error, Err("could not parse \"latest\" as version".to_owned()));
        assert!(KubeVersion::parse("1").is_err());
    }

    #[test]
    fn known_versions_are_sorted() {
        assert!(KNOWN_VERSIONS.is_sorted());
    }
}
