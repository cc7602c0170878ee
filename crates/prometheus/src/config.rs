//! The configuration as typed values: defaults filled in, and for each value where it comes from.

use go::case;
use std::sync::Arc;

use super::values::scrape_url::{query, scrape_url};
use go::Duration;
use promql::Labels;
use schema::{Resolved, Root};
use text::{FileId, Location};
use yaml::{Kind, Mapping, Node};

/// One entry of `scrape_configs`.
#[derive(Clone, Debug)]
pub struct ScrapeConfig {
    pub location: Location,
    pub job_name: Resolved<Arc<str>>,
    pub honor_labels: Resolved<bool>,
    pub honor_timestamps: Resolved<bool>,
    pub track_timestamps_staleness: Resolved<bool>,
    pub params: Vec<(Arc<str>, Vec<Arc<str>>)>,
    pub scrape_interval: Resolved<Duration>,
    pub scrape_timeout: Resolved<Duration>,
    pub scrape_protocols: Resolved<Vec<Arc<str>>>,
    pub fallback_scrape_protocol: Resolved<Arc<str>>,
    pub scrape_native_histograms: Resolved<bool>,
    pub always_scrape_classic_histograms: Resolved<bool>,
    pub convert_classic_histograms_to_nhcb: Resolved<bool>,
    pub metrics_path: Resolved<Arc<str>>,
    pub scheme: Resolved<Arc<str>>,
    pub enable_compression: Resolved<bool>,
    /// Bytes; 0 is no limit, here and below.
    pub body_size_limit: Resolved<u64>,
    pub sample_limit: Resolved<u64>,
    pub target_limit: Resolved<u64>,
    pub label_limit: Resolved<u64>,
    pub label_name_length_limit: Resolved<u64>,
    pub label_value_length_limit: Resolved<u64>,
    pub native_histogram_bucket_limit: Resolved<u64>,
    pub native_histogram_min_bucket_factor: Resolved<f64>,
    pub keep_dropped_targets: Resolved<u64>,
    /// `utf8` or `legacy`.
    pub metric_name_validation_scheme: Resolved<Arc<str>>,
    pub metric_name_escaping_scheme: Resolved<Arc<str>>,
    pub extra_scrape_metrics: Resolved<bool>,
    pub http: HttpSettings,
    pub relabel_configs: Vec<RelabelConfig>,
    pub metric_relabel_configs: Vec<RelabelConfig>,
    /// In the order of the file.
    pub discovery: Vec<SdConfig>,
}

/// HTTP client settings: TLS, credentials and proxy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpSettings {
    pub tls: TlsSettings,
    pub credentials: Credentials,
    /// `proxy_url`.
    pub proxy: Option<(Arc<str>, Location)>,
}

/// `tls_config`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TlsSettings {
    /// The section, where it is written.
    pub at: Option<Location>,
    /// None for the certificate authorities of the system.
    pub ca: Option<Secret>,
    pub cert: Option<Secret>,
    pub key: Option<Secret>,
    /// None for the host of the URL.
    pub server_name: Option<(Arc<str>, Location)>,
    pub insecure_skip_verify: bool,
}

/// The credentials of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Credentials {
    #[default]
    None,
    Basic {
        at: Location,
        password: Option<Secret>,
    },
    /// `authorization`, and `bearer_token`, which is its old name.
    Token {
        scheme: Arc<str>,
        secret: Option<Secret>,
    },
    OAuth2 {
        at: Location,
    },
}

/// A secret that is written in the configuration or read from a file. The value itself is not kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    pub file: Option<Arc<str>>,
    pub at: Location,
}

/// One entry of a `*_sd_configs` or `static_configs` list.
#[derive(Clone, Debug)]
pub struct SdConfig {
    pub location: Location,
    pub mechanism: SdMechanism,
}

#[derive(Clone, Debug)]
pub enum SdMechanism {
    Static(StaticConfig),
    File {
        files: Vec<(Arc<str>, Location)>,
        refresh_interval: Duration,
    },
    Dns {
        names: Vec<(Arc<str>, Location)>,
        record_type: Arc<str>,
        port: u16,
        refresh_interval: Duration,
    },
    Http {
        url: Resolved<Arc<str>>,
        refresh_interval: Duration,
    },
    Kubernetes(KubernetesSdConfig),
    /// A mechanism that is not simulated. The key is that of the field, `consul_sd_configs`.
    Other {
        key: Arc<str>,
    },
}

/// `static_configs`, and one group of a file_sd or http_sd answer.
#[derive(Clone, Debug, Default)]
pub struct StaticConfig {
    pub targets: Vec<(Arc<str>, Location)>,
    pub labels: Vec<(Arc<str>, Arc<str>, Location)>,
}

impl ScrapeConfig {
    /// The URL of a static target, as long as no rule changes it. Labels of the group win over the
    /// job's settings, where they are not empty.
    ///
    /// Source: prometheus scrape/target.go `PopulateLabels`.
    pub fn static_url(&self, group: &StaticConfig, target: &str) -> String {
        let labels = || group.labels.iter().map(|(name, value, _)| (&**name, &**value));
        let labels = || labels().filter(|(_, value)| !value.is_empty());
        let label =
            |wanted: &str| labels().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let scheme = label("__scheme__").unwrap_or(&self.scheme.value);
        let path = label("__metrics_path__").unwrap_or(&self.metrics_path.value);
        scrape_url(scheme, target, path, &query(&self.params, labels()))
    }
}

#[derive(Clone, Debug)]
pub struct KubernetesSdConfig {
    pub role: Resolved<KubernetesRole>,
    /// Empty where Prometheus talks to the cluster that it runs in.
    pub api_server: Arc<str>,
    pub own_namespace: bool,
    /// Empty means all namespaces.
    pub namespaces: Vec<Arc<str>>,
    pub selectors: Vec<SdSelector>,
    pub attach_node_metadata: bool,
    pub attach_namespace_metadata: bool,
    pub attach_deployment_metadata: bool,
    pub attach_job_metadata: bool,
    pub attach_cronjob_metadata: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KubernetesRole {
    Node,
    Pod,
    Service,
    Endpoints,
    EndpointSlice,
    Ingress,
}

impl KubernetesRole {
    pub const ALL: [Self; 6] =
        [Self::Node, Self::Pod, Self::Service, Self::Endpoints, Self::EndpointSlice, Self::Ingress];

    /// As it is written in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Pod => "pod",
            Self::Service => "service",
            Self::Endpoints => "endpoints",
            Self::EndpointSlice => "endpointslice",
            Self::Ingress => "ingress",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// One of `selectors`: label and field selectors in Kubernetes's notation.
#[derive(Clone, Debug)]
pub struct SdSelector {
    pub role: KubernetesRole,
    pub label: Arc<str>,
    pub field: Arc<str>,
}

/// One relabeling rule, defaults filled in, already checked.
#[derive(Clone, Debug)]
pub struct RelabelConfig {
    pub location: Location,
    pub source_labels: Vec<Arc<str>>,
    pub separator: Arc<str>,
    /// As written, without the anchors that Prometheus adds.
    pub regex: Arc<str>,
    pub modulus: u64,
    pub target_label: Arc<str>,
    pub replacement: Arc<str>,
    /// None if the action is unknown.
    pub action: Option<RelabelAction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelabelAction {
    Replace,
    Keep,
    Drop,
    KeepEqual,
    DropEqual,
    HashMod,
    LabelMap,
    LabelDrop,
    LabelKeep,
    Lowercase,
    Uppercase,
}

impl RelabelAction {
    pub const ALL: [Self; 11] = [
        Self::Replace,
        Self::Keep,
        Self::Drop,
        Self::KeepEqual,
        Self::DropEqual,
        Self::HashMod,
        Self::LabelMap,
        Self::LabelDrop,
        Self::LabelKeep,
        Self::Lowercase,
        Self::Uppercase,
    ];

    /// The name as it is written in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::KeepEqual => "keepequal",
            Self::DropEqual => "dropequal",
            Self::HashMod => "hashmod",
            Self::LabelMap => "labelmap",
            Self::LabelDrop => "labeldrop",
            Self::LabelKeep => "labelkeep",
            Self::Lowercase => "lowercase",
            Self::Uppercase => "uppercase",
        }
    }

    /// The action of a name, in upper or lower case.
    pub fn from_name(name: &str) -> Option<Self> {
        let lower = case::lower(name);
        Self::ALL.into_iter().find(|action| action.name() == lower)
    }
}

/// The configuration, as far as higher crates need it.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub scrape_configs: Vec<ScrapeConfig>,
    pub rule_files: Vec<(Arc<str>, Location)>,
    pub evaluation_interval: Option<Resolved<Duration>>,
    /// The default query offset of rule groups.
    pub rule_query_offset: Option<Resolved<Duration>>,
    /// The retention time. None if samples are limited by size only.
    pub retention_time: Option<Resolved<Duration>>,
    pub external_labels: Labels,
    /// `scrape_config_files` patterns, as written.
    pub scrape_config_files: Vec<(Arc<str>, Location)>,
    /// The sections of the main file from which jobs inherit, also those of other files.
    pub inherited: Option<Inherited>,
}

/// The `global` section of the main configuration file, in a mapping of its own.
#[derive(Clone, Debug)]
pub struct Inherited {
    file: FileId,
    root: Node,
}

impl Inherited {
    /// Keeps the part of a main configuration file that others inherit from.
    pub fn of(file: FileId, root: &Node) -> Self {
        let entries = root.entry("global").cloned().into_iter().collect();
        let style = root.as_mapping().map_or(yaml::Collection::Block, |mapping| mapping.style);
        let mapping = Mapping { style, entries, merged: Vec::new() };
        Self { file, root: Node::new(root.span, Kind::Mapping(Arc::new(mapping))) }
    }

    pub fn root(&self) -> Root<'_> {
        Root { file: self.file, node: &self.root, record: &crate::fields::root::ROOT }
    }
}
