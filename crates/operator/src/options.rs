//! Flags of the Operator.
//!
//! Source: prometheus-operator cmd/operator/main.go.

use std::collections::BTreeMap;

use kubernetes::object::Value;
use selectors::LabelOperator;

/// Flags of the Operator's container.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Namespaces that are watched; empty for all.
    pub namespaces: Vec<String>,
    pub deny_namespaces: Vec<String>,
    /// Namespaces of workloads, by kind: `prometheus`, `alertmanager`, `thanos-ruler`.
    pub instance_namespaces: BTreeMap<&'static str, Vec<String>>,
    /// Label selectors of workloads, by kind.
    pub instance_selectors: BTreeMap<&'static str, String>,
    /// False if an object without any monitor selector gets an empty configuration to be filled by
    /// its user.
    pub disable_unmanaged: bool,
    pub reloader_image: String,
    pub reloader_cpu: (String, String),
    pub reloader_memory: (String, String),
    pub reloader_probes: bool,
    /// `NAMESPACE/NAME` of the Service of the kubelets; None without it.
    pub kubelet: Option<(String, String)>,
    pub kubelet_endpoints: bool,
    pub kubelet_slices: bool,
    pub daemon_set: bool,
    pub config_resource_status: bool,
    pub topology_sharding: bool,
    pub shard_retention: bool,
    pub cluster_domain: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
}

/// The image of the config reloader that belongs to the Operator 0.94.1.
const RELOADER: &str = "quay.io/prometheus-operator/prometheus-config-reloader:v0.94.1";

impl Default for Options {
    fn default() -> Self {
        Self {
            namespaces: Vec::new(),
            deny_namespaces: Vec::new(),
            instance_namespaces: BTreeMap::new(),
            instance_selectors: BTreeMap::new(),
            disable_unmanaged: false,
            reloader_image: RELOADER.to_owned(),
            reloader_cpu: ("10m".to_owned(), "10m".to_owned()),
            reloader_memory: ("50Mi".to_owned(), "50Mi".to_owned()),
            reloader_probes: false,
            kubelet: None,
            kubelet_endpoints: true,
            kubelet_slices: false,
            daemon_set: false,
            config_resource_status: false,
            topology_sharding: true,
            shard_retention: true,
            cluster_domain: String::new(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
        }
    }
}

/// Kinds of workloads with the names of their flags.
static INSTANCES: &[&str] = &["prometheus", "alertmanager", "thanos-ruler"];

impl Options {
    /// Reads arguments of the container. Flags that change nothing here are skipped.
    pub fn parse<T: AsRef<str>>(arguments: &[T]) -> Self {
        let mut options = Self::default();
        for argument in arguments {
            let Some(flag) = argument.as_ref().trim_start_matches('-').split_once('=') else {
                options.set(argument.as_ref().trim_start_matches('-'), "true");
                continue;
            };
            options.set(flag.0, flag.1);
        }
        options
    }

    fn set(&mut self, name: &str, value: &str) {
        let list = || -> Vec<String> {
            value
                .split(',')
                .map(str::trim)
                .filter(|one| !one.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let is_true = matches!(value, "true" | "1" | "t" | "T" | "TRUE" | "True");
        for kind in INSTANCES {
            let of = name.strip_prefix(kind);
            if of == Some("-instance-selector") {
                self.instance_selectors.insert(kind, value.to_owned());
            } else if of == Some("-instance-namespaces") {
                self.instance_namespaces.insert(kind, list());
            }
        }
        match name {
            "namespaces" => self.namespaces = list(),
            "deny-namespaces" => self.deny_namespaces = list(),
            "disable-unmanaged-prometheus-configuration" => self.disable_unmanaged = is_true,
            "prometheus-config-reloader" => value.clone_into(&mut self.reloader_image),
            "config-reloader-cpu-request" => value.clone_into(&mut self.reloader_cpu.0),
            "config-reloader-cpu-limit" => value.clone_into(&mut self.reloader_cpu.1),
            "config-reloader-memory-request" => value.clone_into(&mut self.reloader_memory.0),
            "config-reloader-memory-limit" => value.clone_into(&mut self.reloader_memory.1),
            "enable-config-reloader-probes" => self.reloader_probes = is_true,
            "kubelet-service" | "kubelet-object" => {
                self.kubelet =
                    value.split_once('/').map(|(space, name)| (space.to_owned(), name.to_owned()));
            }
            "kubelet-endpoints" => self.kubelet_endpoints = is_true,
            "kubelet-endpointslice" => self.kubelet_slices = is_true,
            "cluster-domain" => value.clone_into(&mut self.cluster_domain),
            "labels" => self.labels = pairs(value),
            "annotations" => self.annotations = pairs(value),
            "feature-gates" => {
                for (gate, value) in pairs(value) {
                    self.gate(&gate, value == "true");
                }
            }
            _ => {}
        }
    }

    fn gate(&mut self, name: &str, on: bool) {
        match name {
            "PrometheusAgentDaemonSet" => self.daemon_set = on,
            "StatusForConfigurationResources" => self.config_resource_status = on,
            "PrometheusTopologySharding" => self.topology_sharding = on,
            "PrometheusShardRetentionPolicy" => self.shard_retention = on,
            _ => {}
        }
    }

    /// Returns true if objects of a namespace exist for the Operator.
    pub fn watches(&self, namespace: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|one| one == namespace);
        (self.namespaces.is_empty() || named(&self.namespaces)) && !named(&self.deny_namespaces)
    }

    /// Returns true if the Operator works on a Prometheus, Alertmanager or ThanosRuler.
    pub fn manages(&self, object: &Value) -> bool {
        let kind = match object.str("kind") {
            "Alertmanager" => "alertmanager",
            "ThanosRuler" => "thanos-ruler",
            _ => "prometheus",
        };
        let metadata = &object["metadata"];
        let namespace = metadata.str("namespace");
        let in_namespaces = match self.instance_namespaces.get(kind) {
            Some(list) if !list.is_empty() => list.iter().any(|one| one == namespace),
            _ => self.watches(namespace),
        };
        let selected =
            self.instance_selectors.get(kind).is_none_or(|text| matches(text, &metadata["labels"]));
        in_namespaces && selected
    }
}

/// Returns true if labels meet a selector written as text. A selector that cannot be read takes
/// nothing.
fn matches(selector: &str, labels: &Value) -> bool {
    let Ok(terms) = selectors::parse_labels(selector) else { return false };
    terms.iter().all(|term| {
        let found = labels.get(term.key).and_then(Value::as_str);
        let number = |text: &str| text.parse::<i64>().ok();
        let bound = term.values.first().and_then(|text| number(text));
        let listed = found.is_some_and(|found| term.values.contains(&found));
        match term.operator {
            LabelOperator::In => listed,
            LabelOperator::NotIn => !listed,
            LabelOperator::Exists => found.is_some(),
            LabelOperator::DoesNotExist => found.is_none(),
            LabelOperator::Greater => found.and_then(number).zip(bound).is_some_and(|(a, b)| a > b),
            LabelOperator::Less => found.and_then(number).zip(bound).is_some_and(|(a, b)| a < b),
        }
    })
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let pair =
        |one: &str| one.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    text.split(',').filter_map(pair).collect()
}
