//! `kubectl api-resources`, `api-versions`, `version`, `cluster-info`.
//!
//! Source: staging/src/k8s.io/kubectl pkg/cmd/apiresources, pkg/cmd/version, pkg/cmd/clusterinfo.

use kubernetes::object::{Value, parse_json, to_yaml};

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::print::indented;
use super::{Kubectl, Session, plain, table};

/// Flags of `api-resources`.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("api-group", Form::Text),
    Flag::new("namespaced", Form::Switch),
    Flag::new("no-headers", Form::Switch),
    Flag::new("verbs", Form::List),
    Flag::new("cached", Form::Switch),
    Flag::new("sort-by", Form::Text),
    Flag::new("categories", Form::List),
    Flag::short("output", 'o', Form::Text),
];

/// Flags of `version`.
pub(super) const VERSION_FLAGS: &[Flag] =
    &[Flag::new("client", Form::Switch), Flag::short("output", 'o', Form::Text)];

/// Verbs of most resources.
const ALL: &str = "create,delete,deletecollection,get,list,patch,update,watch";
/// Verbs of resources that are only reviewed.
const CREATE: &str = "create";

/// Resources of a group: plural, short names, version, namespaced, kind, verbs, categories.
type Row =
    (&'static str, &'static str, &'static str, bool, &'static str, &'static str, &'static str);

/// All resources in the order in which kubectl lists them: by group, the core group first.
#[rustfmt::skip]
const RESOURCES: &[Row] = &[
    ("bindings", "", "v1", true, "Binding", CREATE, ""),
    ("componentstatuses", "cs", "v1", false, "ComponentStatus", "get,list", ""),
    ("configmaps", "cm", "v1", true, "ConfigMap", ALL, ""),
    ("endpoints", "ep", "v1", true, "Endpoints", ALL, ""),
    ("events", "ev", "v1", true, "Event", ALL, ""),
    ("limitranges", "limits", "v1", true, "LimitRange", ALL, ""),
    ("namespaces", "ns", "v1", false, "Namespace", "create,delete,get,list,patch,update,watch", ""),
    ("nodes", "no", "v1", false, "Node", ALL, ""),
    ("persistentvolumeclaims", "pvc", "v1", true, "PersistentVolumeClaim", ALL, ""),
    ("persistentvolumes", "pv", "v1", false, "PersistentVolume", ALL, ""),
    ("pods", "po", "v1", true, "Pod", ALL, "all"),
    ("podtemplates", "", "v1", true, "PodTemplate", ALL, ""),
    ("replicationcontrollers", "rc", "v1", true, "ReplicationController", ALL, "all"),
    ("resourcequotas", "quota", "v1", true, "ResourceQuota", ALL, ""),
    ("secrets", "", "v1", true, "Secret", ALL, ""),
    ("serviceaccounts", "sa", "v1", true, "ServiceAccount", ALL, ""),
    ("services", "svc", "v1", true, "Service", ALL, "all"),
    ("mutatingadmissionpolicies", "", "admissionregistration.k8s.io/v1", false, "MutatingAdmissionPolicy", ALL, "api-extensions"),
    ("mutatingadmissionpolicybindings", "", "admissionregistration.k8s.io/v1", false, "MutatingAdmissionPolicyBinding", ALL, "api-extensions"),
    ("mutatingwebhookconfigurations", "", "admissionregistration.k8s.io/v1", false, "MutatingWebhookConfiguration", ALL, "api-extensions"),
    ("validatingadmissionpolicies", "", "admissionregistration.k8s.io/v1", false, "ValidatingAdmissionPolicy", ALL, "api-extensions"),
    ("validatingadmissionpolicybindings", "", "admissionregistration.k8s.io/v1", false, "ValidatingAdmissionPolicyBinding", ALL, "api-extensions"),
    ("validatingwebhookconfigurations", "", "admissionregistration.k8s.io/v1", false, "ValidatingWebhookConfiguration", ALL, "api-extensions"),
    ("customresourcedefinitions", "crd,crds", "apiextensions.k8s.io/v1", false, "CustomResourceDefinition", ALL, "api-extensions"),
    ("apiservices", "", "apiregistration.k8s.io/v1", false, "APIService", ALL, "api-extensions"),
    ("controllerrevisions", "", "apps/v1", true, "ControllerRevision", ALL, ""),
    ("daemonsets", "ds", "apps/v1", true, "DaemonSet", ALL, "all"),
    ("deployments", "deploy", "apps/v1", true, "Deployment", ALL, "all"),
    ("replicasets", "rs", "apps/v1", true, "ReplicaSet", ALL, "all"),
    ("statefulsets", "sts", "apps/v1", true, "StatefulSet", ALL, "all"),
    ("selfsubjectreviews", "", "authentication.k8s.io/v1", false, "SelfSubjectReview", CREATE, ""),
    ("tokenreviews", "", "authentication.k8s.io/v1", false, "TokenReview", CREATE, ""),
    ("localsubjectaccessreviews", "", "authorization.k8s.io/v1", true, "LocalSubjectAccessReview", CREATE, ""),
    ("selfsubjectaccessreviews", "", "authorization.k8s.io/v1", false, "SelfSubjectAccessReview", CREATE, ""),
    ("selfsubjectrulesreviews", "", "authorization.k8s.io/v1", false, "SelfSubjectRulesReview", CREATE, ""),
    ("subjectaccessreviews", "", "authorization.k8s.io/v1", false, "SubjectAccessReview", CREATE, ""),
    ("horizontalpodautoscalers", "hpa", "autoscaling/v2", true, "HorizontalPodAutoscaler", ALL, "all"),
    ("cronjobs", "cj", "batch/v1", true, "CronJob", ALL, "all"),
    ("jobs", "", "batch/v1", true, "Job", ALL, "all"),
    ("certificatesigningrequests", "csr", "certificates.k8s.io/v1", false, "CertificateSigningRequest", ALL, ""),
    ("leases", "", "coordination.k8s.io/v1", true, "Lease", ALL, ""),
    ("endpointslices", "", "discovery.k8s.io/v1", true, "EndpointSlice", ALL, ""),
    ("events", "ev", "events.k8s.io/v1", true, "Event", ALL, ""),
    ("flowschemas", "", "flowcontrol.apiserver.k8s.io/v1", false, "FlowSchema", ALL, ""),
    ("prioritylevelconfigurations", "", "flowcontrol.apiserver.k8s.io/v1", false, "PriorityLevelConfiguration", ALL, ""),
    ("ingressclasses", "", "networking.k8s.io/v1", false, "IngressClass", ALL, ""),
    ("ingresses", "ing", "networking.k8s.io/v1", true, "Ingress", ALL, ""),
    ("ipaddresses", "ip", "networking.k8s.io/v1", false, "IPAddress", ALL, ""),
    ("networkpolicies", "netpol", "networking.k8s.io/v1", true, "NetworkPolicy", ALL, ""),
    ("servicecidrs", "", "networking.k8s.io/v1", false, "ServiceCIDR", ALL, ""),
    ("runtimeclasses", "", "node.k8s.io/v1", false, "RuntimeClass", ALL, ""),
    ("poddisruptionbudgets", "pdb", "policy/v1", true, "PodDisruptionBudget", ALL, ""),
    ("clusterrolebindings", "", "rbac.authorization.k8s.io/v1", false, "ClusterRoleBinding", ALL, ""),
    ("clusterroles", "", "rbac.authorization.k8s.io/v1", false, "ClusterRole", ALL, ""),
    ("rolebindings", "", "rbac.authorization.k8s.io/v1", true, "RoleBinding", ALL, ""),
    ("roles", "", "rbac.authorization.k8s.io/v1", true, "Role", ALL, ""),
    ("deviceclasses", "", "resource.k8s.io/v1", false, "DeviceClass", ALL, ""),
    ("resourceclaims", "", "resource.k8s.io/v1", true, "ResourceClaim", ALL, ""),
    ("resourceclaimtemplates", "", "resource.k8s.io/v1", true, "ResourceClaimTemplate", ALL, ""),
    ("resourceslices", "", "resource.k8s.io/v1", false, "ResourceSlice", ALL, ""),
    ("priorityclasses", "pc", "scheduling.k8s.io/v1", false, "PriorityClass", ALL, ""),
    ("csidrivers", "", "storage.k8s.io/v1", false, "CSIDriver", ALL, ""),
    ("csinodes", "", "storage.k8s.io/v1", false, "CSINode", ALL, ""),
    ("csistoragecapacities", "", "storage.k8s.io/v1", true, "CSIStorageCapacity", ALL, ""),
    ("storageclasses", "sc", "storage.k8s.io/v1", false, "StorageClass", ALL, ""),
    ("volumeattachments", "", "storage.k8s.io/v1", false, "VolumeAttachment", ALL, ""),
    ("volumeattributesclasses", "vac", "storage.k8s.io/v1", false, "VolumeAttributesClass", ALL, ""),
];

/// Versions that are served besides those of the resources above.
const OLDER: &[&str] = &["autoscaling/v1"];

/// Versions of kubectl and of the server.
const BUILD: &str = r#"{"buildDate":"1970-01-01T00:00:00Z","compiler":"gc","gitCommit":"$Format:%H$","gitTreeState":"","gitVersion":"v1.36.3","goVersion":"go1.26.8","major":"1","minor":"36","platform":"linux/amd64"}"#;
const KUSTOMIZE: &str = "v5.8.1";

/// A resource as a line of the table.
#[derive(Clone)]
struct Resource {
    plural: String,
    short: String,
    group_version: String,
    namespaced: bool,
    kind: String,
    verbs: String,
    categories: String,
}

impl Resource {
    fn group(&self) -> &str {
        self.group_version.split_once('/').map_or("", |(group, _)| group)
    }

    fn qualified(&self) -> String {
        match self.group() {
            "" => self.plural.clone(),
            group => format!("{}.{group}", self.plural),
        }
    }
}

impl Kubectl<'_> {
    fn api_resource_list(&self) -> Vec<Resource> {
        let known = RESOURCES.iter().map(|row| Resource {
            plural: row.0.to_owned(),
            short: row.1.to_owned(),
            group_version: row.2.to_owned(),
            namespaced: row.3,
            kind: row.4.to_owned(),
            verbs: row.5.to_owned(),
            categories: row.6.to_owned(),
        });
        let custom = self.server.custom_kinds().iter().map(|kind| Resource {
            plural: kind.plural.to_owned(),
            short: kind.short_names.join(","),
            group_version: kind.api_version(),
            namespaced: kind.namespaced,
            kind: kind.kind.to_owned(),
            verbs: "delete,deletecollection,get,list,patch,create,update,watch".to_owned(),
            categories: kind.categories.join(","),
        });
        let mut all: Vec<Resource> = known.chain(custom).collect();
        all.sort_by(|left, right| {
            (left.group(), &left.plural).cmp(&(right.group(), &right.plural))
        });
        all
    }

    /// `kubectl api-resources`.
    pub(crate) fn api_resources(
        &self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        if !arguments.words.is_empty() {
            let words = arguments.words.join(" ");
            return session.usage(&format!("unexpected arguments: [{words}]"));
        }
        let mut chosen = self.api_resource_list();
        let has_all = |list: &str, wanted: &[&str]| {
            wanted.iter().all(|one| list.split(',').any(|known| known == *one))
        };
        chosen.retain(|one| {
            arguments.text("api-group").is_none_or(|group| one.group() == group)
                && (!arguments.given("namespaced") || one.namespaced == arguments.is("namespaced"))
                && has_all(&one.verbs, &arguments.list("verbs"))
                && has_all(&one.categories, &arguments.list("categories"))
        });
        match arguments.text("sort-by") {
            Some("kind") => chosen.sort_by(|left, right| left.kind.cmp(&right.kind)),
            Some("name") => chosen.sort_by(|left, right| left.plural.cmp(&right.plural)),
            None | Some("") => {}
            Some(_) => return plain("--sort-by accepts only name or kind"),
        }
        let wide = match arguments.text("output").unwrap_or_default() {
            "" => false,
            "wide" => true,
            "name" => {
                chosen.iter().for_each(|one| session.print(&one.qualified()));
                return Vec::new();
            }
            other => return plain(format!("--output {other} is not available")),
        };
        let mut rows = Vec::new();
        if !arguments.is("no-headers") {
            let heads =
                ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES"];
            let count = if wide { heads.len() } else { heads.len() - 2 };
            rows.push(heads.iter().take(count).map(|head| (*head).to_owned()).collect());
        }
        for one in chosen {
            let mut row = vec![
                one.plural,
                one.short,
                one.group_version,
                one.namespaced.to_string(),
                one.kind,
            ];
            if wide {
                row.extend([one.verbs, one.categories]);
            }
            rows.push(row);
        }
        session.output.stdout.push_str(&table::lines(&rows));
        Vec::new()
    }

    /// `kubectl api-versions`.
    pub(crate) fn api_versions(&self, session: &mut Session) -> Vec<Failure> {
        let mut versions: Vec<String> =
            self.api_resource_list().into_iter().map(|one| one.group_version).collect();
        versions.extend(OLDER.iter().map(|version| (*version).to_owned()));
        versions.sort();
        versions.dedup();
        versions.iter().for_each(|version| session.print(version));
        Vec::new()
    }

    /// `kubectl version`.
    pub(crate) fn version(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let client = parse_json(BUILD).unwrap_or_default();
        let mut versions = Value::map();
        versions.set("clientVersion", client.clone());
        versions.set("kustomizeVersion", KUSTOMIZE);
        let with_server = !arguments.is("client");
        if with_server {
            let mut server = client;
            for (key, value) in [
                ("emulationMajor", "1"),
                ("emulationMinor", "36"),
                ("minCompatibilityMajor", "1"),
                ("minCompatibilityMinor", "35"),
            ] {
                server.set(key, value);
            }
            versions.set("serverVersion", server);
        }
        match arguments.text("output").unwrap_or_default() {
            "" => {
                let version = |key: &str| versions[key].str("gitVersion").to_owned();
                session.print(&format!("Client Version: {}", version("clientVersion")));
                session.print(&format!("Kustomize Version: {KUSTOMIZE}"));
                if with_server {
                    session.print(&format!("Server Version: {}", version("serverVersion")));
                }
            }
            "yaml" => session.print(&to_yaml(&versions)),
            "json" => session.output.stdout.push_str(&indented(&versions)),
            _ => return plain("--output must be 'yaml' or 'json'"),
        }
        Vec::new()
    }

    /// `kubectl cluster-info`.
    pub(crate) fn cluster_info(&self, session: &mut Session) -> Vec<Failure> {
        let server = self.desk.config.server();
        session.print(&format!("Kubernetes control plane is running at {server}"));
        let services = self.server.storage.list("", "Service", "kube-system");
        for (_, service) in services {
            let metadata = &service["metadata"];
            if metadata["labels"].str("kubernetes.io/cluster-service") != "true" {
                continue;
            }
            let title = match metadata["labels"].str("kubernetes.io/name") {
                "" => metadata.str("name"),
                name => name,
            };
            let port = service["spec"].list("ports").first().map_or("", |port| port.str("name"));
            let name = metadata.str("name");
            let port = if port.is_empty() { String::new() } else { format!(":{port}") };
            session.print(&format!(
                "{title} is running at {server}/api/v1/namespaces/kube-system/services/{name}{port}/proxy"
            ));
        }
        session.print(
            "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
        );
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_agree_with_the_table_of_kinds() {
        for kind in kubernetes::kinds::KINDS {
            let version = kind.api_version();
            let row = RESOURCES.iter().find(|row| row.4 == kind.kind && row.2 == version);
            let Some(row) = row else {
                assert!(OLDER.contains(&version.as_str()), "{version} {}", kind.kind);
                continue;
            };
            assert_eq!((row.0, row.3), (kind.plural, kind.namespaced), "{}", kind.kind);
            assert_eq!(row.1, kind.short_names.join(","), "{}", kind.kind);
        }
    }
}
