//! The configuration as typed values: defaults filled in, and for each value where it comes from.

use std::sync::Arc;

use super::values::scrape_url::{query, scrape_url};
use go::Duration;
use promql::Labels;
use text::Location;

/// A value in force and its source.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting<T> {
    pub value: T,
    pub source: Source,
}

/// Where a value in force was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Source {
    /// Nowhere: it is the field's default.
    #[default]
    Default,
    /// In the text, at this field.
    Written(Location),
    /// In the text, at the field of `global` with the same meaning.
    Inherited(Location),
}

impl<T> Setting<T> {
    pub const fn default(value: T) -> Self {
        Self { value, source: Source::Default }
    }

    pub const fn written(value: T, at: Location) -> Self {
        Self { value, source: Source::Written(at) }
    }
}

impl<T> std::ops::Deref for Setting<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// One entry of `scrape_configs`.
#[derive(Clone, Debug)]
pub struct ScrapeConfig {
    pub location: Location,
    pub job_name: Setting<Arc<str>>,
    pub honor_labels: Setting<bool>,
    pub honor_timestamps: Setting<bool>,
    pub track_timestamps_staleness: Setting<bool>,
    pub params: Vec<(Arc<str>, Vec<Arc<str>>)>,
    pub scrape_interval: Setting<Duration>,
    pub scrape_timeout: Setting<Duration>,
    pub scrape_protocols: Setting<Vec<Arc<str>>>,
    pub fallback_scrape_protocol: Setting<Arc<str>>,
    pub scrape_native_histograms: Setting<bool>,
    pub always_scrape_classic_histograms: Setting<bool>,
    pub convert_classic_histograms_to_nhcb: Setting<bool>,
    pub metrics_path: Setting<Arc<str>>,
    pub scheme: Setting<Arc<str>>,
    pub enable_compression: Setting<bool>,
    /// Bytes; 0 is no limit, here and below.
    pub body_size_limit: Setting<u64>,
    pub sample_limit: Setting<u64>,
    pub target_limit: Setting<u64>,
    pub label_limit: Setting<u64>,
    pub label_name_length_limit: Setting<u64>,
    pub label_value_length_limit: Setting<u64>,
    pub native_histogram_bucket_limit: Setting<u64>,
    pub native_histogram_min_bucket_factor: Setting<f64>,
    pub keep_dropped_targets: Setting<u64>,
    /// `utf8` or `legacy`.
    pub metric_name_validation_scheme: Setting<Arc<str>>,
    pub metric_name_escaping_scheme: Setting<Arc<str>>,
    pub extra_scrape_metrics: Setting<bool>,
    pub http: HttpSettings,
    pub relabel_configs: Vec<RelabelConfig>,
    pub metric_relabel_configs: Vec<RelabelConfig>,
    /// In the order of the text.
    pub discovery: Vec<SdConfig>,
}

/// How a client talks HTTP: what it trusts, and what it shows of itself.
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
    /// Nothing: the certificate authorities of the system.
    pub ca: Option<Secret>,
    pub cert: Option<Secret>,
    pub key: Option<Secret>,
    /// Nothing: the host of the URL.
    pub server_name: Option<(Arc<str>, Location)>,
    pub insecure_skip_verify: bool,
}

/// What a request shows of who asks.
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

/// A value that stands in the text, or in a file that Prometheus reads. The value itself is not
/// kept: nothing here depends on it.
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
        url: Setting<Arc<str>>,
        refresh_interval: Duration,
    },
    Kubernetes(KubernetesSdConfig),
    /// A mechanism that cannot be simulated from text; named as its key is, `consul_sd_configs`.
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
    pub role: Setting<KubernetesRole>,
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

/// One relabelling rule, defaults filled in, already checked.
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
    /// Nothing where none of that name is known.
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

/// The whole configuration, as far as the rooms above need it.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub scrape_configs: Vec<ScrapeConfig>,
    pub rule_files: Vec<(Arc<str>, Location)>,
    pub evaluation_interval: Option<Setting<Duration>>,
    /// How far back rules look unless their group says otherwise.
    pub rule_query_offset: Option<Setting<Duration>>,
    /// How long samples are kept; nothing where only their size is limited.
    pub retention_time: Option<Setting<Duration>>,
    pub external_labels: Labels,
    /// `scrape_config_files` patterns, as written.
    pub scrape_config_files: Vec<(Arc<str>, Location)>,
}
