//! Manifests in the shape of kube-prometheus: 84 files with about 6,000 lines.

use protocol::File;
use text::FileId;

use super::monitoring_texts::*;

/// Components of the stack. Each has nine files.
const COMPONENTS: [&str; 9] = [
    "alertmanager",
    "blackbox-exporter",
    "grafana",
    "kube-state-metrics",
    "node-exporter",
    "prometheus",
    "prometheus-adapter",
    "prometheus-operator",
    "pushgateway",
];

/// The kinds of files of one component, with their content.
const FILES: [(&str, &str); 9] = [
    ("clusterRole", CLUSTER_ROLE),
    ("clusterRoleBinding", CLUSTER_ROLE_BINDING),
    ("configuration", CONFIGURATION),
    ("deployment", DEPLOYMENT),
    ("networkPolicy", NETWORK_POLICY),
    ("prometheusRule", PROMETHEUS_RULE),
    ("service", SERVICE),
    ("serviceAccount", SERVICE_ACCOUNT),
    ("serviceMonitor", SERVICE_MONITOR),
];

const LABELS: &str = "\n    app.kubernetes.io/component: NAME\n    app.kubernetes.io/name: NAME\n    app.kubernetes.io/part-of: kube-prometheus\n    app.kubernetes.io/version: 1.0.0";

/// The files in the order in which `kubectl apply -f setup -f .` takes them.
pub fn files() -> Vec<File> {
    let mut files: Vec<(String, String)> = vec![
        ("setup/namespace.yaml".to_owned(), NAMESPACE.to_owned()),
        ("setup/servicemonitors.yaml".to_owned(), definition("ServiceMonitor", MONITOR_SPEC)),
        ("setup/prometheusrules.yaml".to_owned(), definition("PrometheusRule", RULE_SPEC)),
    ];
    for name in COMPONENTS {
        for (kind, text) in FILES {
            let text = text.replace("{labels}", LABELS).replace("NAME", name);
            files.push((format!("{name}-{kind}.yaml"), text));
        }
    }
    let file = |(number, (name, text)): (usize, (String, String))| File {
        id: FileId(number as u32 + 1),
        name,
        text,
    };
    files.into_iter().enumerate().map(file).collect()
}

fn definition(kind: &str, spec: &str) -> String {
    let plural = format!("{}s", kind.to_lowercase());
    DEFINITION.replace("KIND", kind).replace("PLURAL", &plural).replace("SPEC", spec)
}

const NAMESPACE: &str = "apiVersion: v1
kind: Namespace
metadata:
  name: monitoring
  labels:
    pod-security.kubernetes.io/warn: privileged
";

const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: PLURAL.monitoring.coreos.com
spec:
  group: monitoring.coreos.com
  names:
    kind: KIND
    plural: PLURAL
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object}
            spec:
SPEC";

const MONITOR_SPEC: &str = "              type: object
              required: [selector, endpoints]
              properties:
                jobLabel: {type: string}
                selector:
                  type: object
                  properties:
                    matchLabels:
                      type: object
                      additionalProperties: {type: string}
                endpoints:
                  type: array
                  items:
                    type: object
                    properties:
                      bearerTokenFile: {type: string}
                      interval: {type: string, pattern: '^(0|([0-9]+(ms|[smhdwy]))+)$'}
                      scrapeTimeout: {type: string}
                      port: {type: string}
                      scheme: {type: string, enum: [http, https]}
                      honorLabels: {type: boolean}
                      relabelings: &relabelings
                        type: array
                        items:
                          type: object
                          properties:
                            action: {type: string, default: replace}
                            regex: {type: string}
                            replacement: {type: string}
                            separator: {type: string}
                            sourceLabels: {type: array, items: {type: string}}
                            targetLabel: {type: string}
                      metricRelabelings: *relabelings
                      tlsConfig:
                        type: object
                        properties:
                          insecureSkipVerify: {type: boolean}
";

const RULE_SPEC: &str = "              type: object
              properties:
                groups:
                  type: array
                  items:
                    type: object
                    required: [name]
                    properties:
                      name: {type: string}
                      interval: {type: string}
                      rules:
                        type: array
                        items:
                          type: object
                          required: [expr]
                          properties:
                            alert: {type: string}
                            record: {type: string}
                            expr: {x-kubernetes-int-or-string: true}
                            for: {type: string}
                            annotations:
                              type: object
                              additionalProperties: {type: string}
                            labels:
                              type: object
                              additionalProperties: {type: string}
";
