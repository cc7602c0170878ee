//! The objects that a configuration lists and the addresses that it scrapes.

use kubernetes::checks::{RoleDependency, ScrapeDependencies, TargetAddress};
use kubernetes::objects::Kind;
use prometheus::config::{Config, KubernetesRole, KubernetesSdConfig, ScrapeConfig, SdMechanism};
use schema::ValueSource;
use text::Location;

/// Returns the dependencies of the configuration of an instance.
pub fn dependencies(instance: usize, namespace: &str, config: &Config) -> ScrapeDependencies {
    let mut dependencies = ScrapeDependencies { instance, ..ScrapeDependencies::default() };
    for job in &config.scrape_configs {
        let rewritten = job
            .relabel_configs
            .iter()
            .any(|rule| &*rule.target_label == "__address__" || rule.target_label.contains('$'));
        for entry in &job.discovery {
            match &entry.mechanism {
                SdMechanism::Kubernetes(config) if config.api_server.is_empty() => {
                    dependencies.roles.push(role(namespace, job, config, entry.location));
                }
                SdMechanism::Static(group) if !rewritten => {
                    let targets = group.targets.iter();
                    dependencies
                        .targets
                        .extend(targets.filter_map(|(text, at)| address(job, text, *at)));
                }
                _ => {}
            }
        }
    }
    dependencies
}

/// The kinds that an entry lists and watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleKinds {
    /// Kinds that must be listed before the entry has any target.
    pub waited_for: Vec<Kind>,
    /// Kinds that only add labels.
    pub optional: Vec<Kind>,
}

impl RoleKinds {
    /// Source: prometheus discovery/kubernetes, the caches that each role starts, and those that its
    /// `Run` waits for.
    pub fn of(config: &KubernetesSdConfig) -> Self {
        let role = *config.role;
        let mut waited_for = vec![role_kind(role)];
        let of_pods = matches!(role, KubernetesRole::Endpoints | KubernetesRole::EndpointSlice);
        if of_pods {
            waited_for.extend([Kind::Service, Kind::Pod]);
        }
        if config.attach_node_metadata && (of_pods || role == KubernetesRole::Pod) {
            waited_for.push(Kind::Node);
        }
        if config.attach_namespace_metadata && role != KubernetesRole::Node {
            waited_for.push(Kind::Namespace);
        }
        let mut owners = Vec::new();
        if of_pods || role == KubernetesRole::Pod {
            if config.attach_deployment_metadata {
                owners.push(Kind::ReplicaSet);
            }
            if config.attach_job_metadata || config.attach_cronjob_metadata {
                owners.push(Kind::Job);
            }
        }
        // Only role pod waits for the owners of pods.
        let optional = if of_pods { std::mem::take(&mut owners) } else { Vec::new() };
        waited_for.extend(owners);
        Self { waited_for, optional }
    }
}

/// The kind that a role discovers.
pub const fn role_kind(role: KubernetesRole) -> Kind {
    match role {
        KubernetesRole::Node => Kind::Node,
        KubernetesRole::Pod => Kind::Pod,
        KubernetesRole::Service => Kind::Service,
        KubernetesRole::Endpoints => Kind::Endpoints,
        KubernetesRole::EndpointSlice => Kind::EndpointSlice,
        KubernetesRole::Ingress => Kind::Ingress,
    }
}

fn role(
    namespace: &str,
    job: &ScrapeConfig,
    config: &KubernetesSdConfig,
    location: Location,
) -> RoleDependency {
    let RoleKinds { mut waited_for, optional } = RoleKinds::of(config);
    waited_for.extend(optional);
    let mut namespaces = config.namespaces.clone();
    if config.own_namespace && !namespaces.iter().any(|one| &**one == namespace) {
        namespaces.push(namespace.into());
    }
    let at = match config.role.source {
        ValueSource::Written(at) => at,
        _ => location,
    };
    RoleDependency {
        job: job.job_name.value.clone(),
        role: config.role.name(),
        kinds: waited_for,
        namespaces,
        at,
    }
}

/// Parses `host:port`, or a host with the default port of the scheme.
fn address(job: &ScrapeConfig, text: &str, at: Location) -> Option<TargetAddress> {
    let (host, port) = go::net::dialed(text, &job.scheme);
    if host.is_empty() || host.contains('/') {
        return None;
    }
    Some(TargetAddress {
        job: job.job_name.value.clone(),
        host,
        port: u16::try_from(port).ok()?.into(),
        has_port: go::net::has_port(text),
        at,
    })
}
