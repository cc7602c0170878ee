//! The Secrets and ConfigMaps of a Prometheus server or agent.
//!
//! Source: prometheus-operator pkg/prometheus/common.go, pkg/operator/sharded_secret.go.

use std::collections::BTreeMap;

use kubernetes::object::Value;

use super::web_config::WebConfig;
use super::{Meta, managed, secret};
use crate::gzip;
use crate::options::Options;
use crate::select::Selection;

/// The key of the compressed configuration.
pub const CONFIG_KEY: &str = "prometheus.yaml.gz";

/// Largest sum of keys and values in a Secret of TLS assets.
const MAX_SIZE: usize = 1024 * 1024 - 50_000;

/// The ConfigMaps with the rule files.
pub fn rule_maps(owner: &Value, selection: &Selection<'_>, options: &Options) -> Vec<Value> {
    let name = owner["metadata"].str("name");
    let prefix = format!("prometheus-{name}");
    rule_maps_named(owner, &prefix, ("prometheus-name", name), selection, options)
}

/// As [`rule_maps`], with a prefix and a label.
pub fn rule_maps_named(
    owner: &Value,
    prefix: &str,
    label: (&str, &str),
    selection: &Selection<'_>,
    options: &Options,
) -> Vec<Value> {
    let buckets = selection.rule_buckets().into_iter().enumerate();
    buckets
        .map(|(number, files)| {
            let name = format!("{prefix}-rulefiles-{number}");
            let mut meta = Meta::new(owner, &name);
            meta.labels = vec![(label.0.to_owned(), label.1.to_owned())];
            let mut map = managed("v1", "ConfigMap", &meta, options);
            let mut data = Value::map();
            for (file, document) in files {
                data.set(file, &*document.text);
            }
            map.set("data", data);
            map
        })
        .collect()
}

/// The Secret with the configuration, compressed.
pub fn configuration(owner: &Value, name: &str, text: &str, options: &Options) -> Value {
    let bytes = gzip::compress(text.as_bytes());
    secret(&Meta::new(owner, name), options, [(CONFIG_KEY, &*bytes)])
}

/// The Secrets with the TLS assets; at least one.
pub fn tls_assets(
    owner: &Value,
    prefix: &str,
    assets: &BTreeMap<String, String>,
    options: &Options,
) -> Vec<Value> {
    let mut parts: Vec<Vec<(&str, &[u8])>> = vec![Vec::new()];
    let mut size = 0;
    for (key, text) in assets.iter().filter(|(_, text)| !text.is_empty()) {
        if size + key.len() + text.len() > MAX_SIZE {
            parts.push(Vec::new());
            size = 0;
        }
        size += key.len() + text.len();
        if let Some(last) = parts.last_mut() {
            last.push((key, text.as_bytes()));
        }
    }
    let parts = parts.into_iter().enumerate();
    parts
        .map(|(number, data)| {
            secret(&Meta::new(owner, &format!("{prefix}-{number}")), options, data)
        })
        .collect()
}

/// The Secret with the web configuration.
pub fn web_config(owner: &Value, name: &str, config: &WebConfig<'_>, options: &Options) -> Value {
    let text = config.text();
    secret(&Meta::new(owner, name), options, [("web-config.yaml", text.as_bytes())])
}

/// The Secret with which a Thanos sidecar reaches its Prometheus.
pub fn thanos_client(owner: &Value, name: &str, options: &Options) -> Value {
    let text = "tls_config:\n  insecure_skip_verify: true\n";
    let data = [("prometheus.http-client-file.yaml", text.as_bytes())];
    secret(&Meta::new(owner, name), options, data)
}
