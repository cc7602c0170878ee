//! Small clusters for tests.

use super::controllers::{self, ClusterState, Inputs, Overrides};
use super::decode::{Manifests, decode};
use text::{FileId, Location};

/// Decodes one file of manifests in namespace `default`.
pub fn manifests(text: &str) -> Manifests {
    let parsed = yaml::parse(FileId(1), text);
    assert!(parsed.refusal.is_none(), "{:?}", parsed.refusal);
    decode([&parsed], "default")
}

/// Decodes manifests and runs the controllers.
pub fn simulate(text: &str) -> ClusterState {
    controllers::run_plain(&manifests(text).cluster)
}

pub fn simulate_with(text: &str, overrides: &Overrides) -> ClusterState {
    let verdict = &|_: &_| controllers::ConfigVerdict::Valid;
    controllers::run(&manifests(text).cluster, Inputs { overrides, verdict })
}

/// The text at a location.
pub fn at(text: &str, location: Option<Location>) -> &str {
    location.map_or("", |location| location.span.slice(text))
}

/// Prometheus with a configuration in a ConfigMap.
pub const PROMETHEUS: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  prometheus.yml: |
    scrape_configs: []
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: prometheus}
spec:
  selector: {matchLabels: {app: prometheus}}
  template:
    metadata: {labels: {app: prometheus}}
    spec:
      containers:
        - name: prometheus
          image: prom/prometheus:v3.14.0
          ports: [{containerPort: 9090}]
          volumeMounts:
            - {name: config, mountPath: /etc/prometheus}
      volumes:
        - name: config
          configMap: {name: config}
";

/// An application with a Service on port 80 and targetPort 8080.
pub const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: shop/web:1
          ports: [{name: http, containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
";

/// Both manifests as one file.
pub fn prometheus_and_web() -> String {
    format!("{PROMETHEUS}---{WEB}")
}

/// Replaces a part of a text. Panics if the text does not contain it.
pub fn change(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in the text");
    text.replacen(from, to, 1)
}
