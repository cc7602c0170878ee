//! The informer caches of an entry: the objects of a scope that match its selectors.

use std::sync::Arc;

use super::dependencies::role_kind;
use kubernetes::field_labels::supports_field;
use kubernetes::objects::{
    EndpointSlice, Endpoints, Ingress, Kind, Namespace, Node, ObjectMeta, Pod, Requirement,
    Resource, Service, Workload,
};
use kubernetes::{Cluster, Table};
use prometheus::config::{KubernetesRole, KubernetesSdConfig, SdSelector};
use selectors::{FieldTerm, LabelTerm, parse_fields, parse_labels};

/// The parsed selectors of an entry.
#[derive(Default)]
pub(super) struct Selectors(Vec<Selector>);

struct Selector {
    kind: Kind,
    labels: Vec<Requirement>,
    fields: Vec<FieldTerm>,
}

impl Selectors {
    /// Parses selectors. The error is that of the API server for an unsupported field.
    pub(super) fn new<'c>(configs: impl Iterator<Item = &'c SdSelector>) -> Result<Self, String> {
        let mut selectors = Vec::new();
        for config in configs {
            let kind = role_kind(config.role);
            let labels = parse_labels(&config.label)?.into_iter().map(requirement).collect();
            let fields = parse_fields(&config.field)?;
            for term in &fields {
                let namespaced = config.role != KubernetesRole::Node;
                let kind = kind.name();
                if !supports_field(kind, namespaced, &term.field) {
                    let field = &term.field;
                    return Err(format!(
                        "failed to list *v1.{kind}: field label not supported: {field}"
                    ));
                }
            }
            selectors.push(Selector { kind, labels, fields });
        }
        Ok(Self(selectors))
    }

    fn matches<T: Resource>(&self, object: &T, field: impl Fn(&str) -> String) -> bool {
        let meta = object.meta();
        self.0.iter().filter(|selector| selector.kind == object.kind()).all(|selector| {
            selector.labels.iter().all(|requirement| requirement.matches(&meta.labels))
                && selector.fields.iter().all(|term| {
                    let value = match &*term.field {
                        "metadata.name" => meta.name.value.to_string(),
                        "metadata.namespace" => meta.namespace.value.to_string(),
                        other => field(other),
                    };
                    (value == *term.value) == term.equal
                })
        })
    }
}

fn requirement(term: LabelTerm<'_>) -> Requirement {
    let values = term.values.into_iter().map(Into::into).collect();
    Requirement { key: term.key.into(), operator: term.operator, values }
}

/// The caches of one scope.
pub(super) struct Store<'a> {
    cluster: &'a Cluster,
    /// None means all namespaces.
    namespace: Option<&'a str>,
    selectors: &'a Selectors,
    pub attach_node: bool,
    pub attach_namespace: bool,
    pub attach_deployment: bool,
    pub attach_job: bool,
    pub attach_cronjob: bool,
}

impl<'a> Store<'a> {
    pub(super) fn new(
        cluster: &'a Cluster,
        namespace: Option<&'a str>,
        selectors: &'a Selectors,
        config: &KubernetesSdConfig,
    ) -> Self {
        Self {
            cluster,
            namespace,
            selectors,
            attach_node: config.attach_node_metadata,
            attach_namespace: config.attach_namespace_metadata,
            attach_deployment: config.attach_deployment_metadata,
            attach_job: config.attach_job_metadata,
            attach_cronjob: config.attach_cronjob_metadata,
        }
    }

    fn holds(&self, meta: &ObjectMeta) -> bool {
        self.namespace.is_none_or(|namespace| *namespace == *meta.namespace.value)
    }

    fn list<T: Resource>(&self, table: &'a Table<T>) -> impl Iterator<Item = &'a T> {
        let held = move |object: &&'a Arc<T>| {
            self.holds(object.meta()) && self.selectors.matches(&***object, |_| String::new())
        };
        table.iter().filter(held).map(|object| &**object)
    }

    fn takes_pod(&self, pod: &Pod) -> bool {
        let field = |name: &str| match name {
            "spec.nodeName" => pod.spec.node_name.value.to_string(),
            "spec.restartPolicy" => pod.spec.restart_policy.to_string(),
            "spec.schedulerName" => pod.spec.scheduler_name.to_string(),
            "spec.serviceAccountName" => pod.spec.service_account_name.value.to_string(),
            "spec.hostNetwork" => pod.spec.host_network.to_string(),
            "status.phase" => pod.status.phase.to_string(),
            "status.podIP" | "status.podIPs" => pod.status.pod_ip.to_string(),
            _ => String::new(),
        };
        self.holds(&pod.meta) && self.selectors.matches(pod, field)
    }

    fn takes_node(&self, node: &Node) -> bool {
        let field = |name: &str| match name {
            "spec.unschedulable" => node.unschedulable.to_string(),
            _ => String::new(),
        };
        self.selectors.matches(node, field)
    }

    fn takes_service(&self, service: &Service) -> bool {
        let field = |name: &str| match name {
            "spec.clusterIP" => service.cluster_ip.value.to_string(),
            "spec.type" => service.service_type.value.to_string(),
            _ => String::new(),
        };
        self.holds(&service.meta) && self.selectors.matches(service, field)
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &'a Node> {
        self.cluster.nodes.iter().map(|node| &**node).filter(|node| self.takes_node(node))
    }

    pub(super) fn node(&self, name: &str) -> Option<&'a Node> {
        self.cluster.nodes.get("", name).map(|node| &**node).filter(|node| self.takes_node(node))
    }

    pub(super) fn pods(&self) -> impl Iterator<Item = &'a Pod> {
        self.cluster.pods.iter().map(|pod| &**pod).filter(|pod| self.takes_pod(pod))
    }

    pub(super) fn pod(&self, namespace: &str, name: &str) -> Option<&'a Pod> {
        let pod = self.cluster.pods.get(namespace, name)?;
        self.takes_pod(pod).then_some(pod)
    }

    pub(super) fn services(&self) -> impl Iterator<Item = &'a Service> {
        let services = self.cluster.services.iter().map(|service| &**service);
        services.filter(|service| self.takes_service(service))
    }

    pub(super) fn service(&self, namespace: &str, name: &str) -> Option<&'a Service> {
        let service = self.cluster.services.get(namespace, name)?;
        self.takes_service(service).then_some(service)
    }

    pub(super) fn endpoints(&self) -> impl Iterator<Item = &'a Endpoints> {
        self.list(&self.cluster.endpoints)
    }

    pub(super) fn endpoint_slices(&self) -> impl Iterator<Item = &'a EndpointSlice> {
        self.list(&self.cluster.endpoint_slices)
    }

    pub(super) fn ingresses(&self) -> impl Iterator<Item = &'a Ingress> {
        self.list(&self.cluster.ingresses)
    }

    pub(super) fn namespace(&self, name: &str) -> Option<&'a Namespace> {
        self.cluster.namespaces.get("", name).map(|namespace| &**namespace)
    }

    pub(super) fn workload(&self, kind: Kind, namespace: &str, name: &str) -> Option<&'a Workload> {
        let workload = self.cluster.workload(kind, namespace, name)?;
        self.holds(&workload.meta).then_some(workload)
    }
}

/// Returns the namespaces of all objects of a kind.
pub(super) fn names(cluster: &Cluster, kind: Kind) -> Vec<&str> {
    fn of<T: Resource>(table: &Table<T>) -> Vec<&str> {
        table.iter().map(|object| &*object.meta().namespace.value).collect()
    }
    match kind {
        Kind::Node => of(&cluster.nodes),
        Kind::Pod => of(&cluster.pods),
        Kind::Service => of(&cluster.services),
        Kind::Endpoints => of(&cluster.endpoints),
        Kind::EndpointSlice => of(&cluster.endpoint_slices),
        Kind::Ingress => of(&cluster.ingresses),
        _ => Vec::new(),
    }
}
