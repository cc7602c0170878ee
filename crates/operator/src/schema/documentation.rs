//! Our words for the fields that decide whether a target appears.

/// The documentation of a field: kind, path, text.
pub static DOCUMENTED: &[(&str, &str, &str)] = &[
    (
        "ServiceMonitor",
        "spec.selector",
        "Selects Services by the labels of the Service object. The labels of pods do not count.",
    ),
    (
        "ServiceMonitor",
        "spec.namespaceSelector",
        "Namespaces in which Services are searched. Without it, only the namespace of the ServiceMonitor.",
    ),
    ("ServiceMonitor", "spec.namespaceSelector.any", "Searches all namespaces."),
    (
        "ServiceMonitor",
        "spec.namespaceSelector.matchNames",
        "Names of the namespaces that are searched.",
    ),
    ("ServiceMonitor", "spec.endpoints", "One scrape job for each entry."),
    (
        "ServiceMonitor",
        "spec.endpoints.port",
        "The name of a port of the Service. A number is not accepted; `targetPort` takes one.",
    ),
    (
        "ServiceMonitor",
        "spec.endpoints.targetPort",
        "The name or number of a container port of the pods behind the Service. `port` takes precedence.",
    ),
    (
        "ServiceMonitor",
        "spec.endpoints.path",
        "The path of the metrics. Prometheus takes `/metrics` without it.",
    ),
    (
        "ServiceMonitor",
        "spec.endpoints.interval",
        "The time between scrapes. Without it, the interval of the Prometheus object.",
    ),
    (
        "ServiceMonitor",
        "spec.endpoints.scrapeTimeout",
        "The time after which a scrape fails. It may not be longer than the interval.",
    ),
    (
        "ServiceMonitor",
        "spec.endpoints.relabelings",
        "Relabeling rules for targets, behind the rules that the Operator writes.",
    ),
    (
        "ServiceMonitor",
        "spec.endpoints.metricRelabelings",
        "Relabeling rules for samples after a scrape.",
    ),
    (
        "ServiceMonitor",
        "spec.endpoints.honorLabels",
        "Keeps labels of scraped samples that clash with those of the target.",
    ),
    (
        "ServiceMonitor",
        "spec.jobLabel",
        "The label of the Service whose value becomes the label `job`. Without it, `job` is the name of the Service.",
    ),
    (
        "ServiceMonitor",
        "spec.targetLabels",
        "Labels of the Service that are copied to its targets.",
    ),
    ("ServiceMonitor", "spec.podTargetLabels", "Labels of the pod that are copied to its targets."),
    ("PodMonitor", "spec.selector", "Selects pods by their labels."),
    (
        "PodMonitor",
        "spec.namespaceSelector",
        "Namespaces in which pods are searched. Without it, only the namespace of the PodMonitor.",
    ),
    ("PodMonitor", "spec.podMetricsEndpoints", "One scrape job for each entry."),
    ("PodMonitor", "spec.podMetricsEndpoints.port", "The name of a container port of the pod."),
    (
        "PodMonitor",
        "spec.podMetricsEndpoints.portNumber",
        "The number of a container port of the pod.",
    ),
    (
        "Probe",
        "spec.prober",
        "The exporter that probes the targets, for example the blackbox exporter.",
    ),
    (
        "Probe",
        "spec.prober.url",
        "The address of the prober as `HOST` or `HOST:PORT`, without scheme and path.",
    ),
    ("Probe", "spec.module", "The module of the prober, sent as the parameter `module`."),
    (
        "Probe",
        "spec.targets",
        "What is probed: static targets or Ingresses. One of the two is required.",
    ),
    (
        "ScrapeConfig",
        "spec.jobName",
        "The value of the label `job`. The name of the job itself is always `scrapeConfig/NAMESPACE/NAME`.",
    ),
    ("ScrapeConfig", "spec.staticConfigs", "Targets with fixed addresses."),
    ("PrometheusRule", "spec.groups", "Groups of rules, as in a rule file of Prometheus."),
    ("PrometheusRule", "spec.groups.rules", "Recording and alerting rules, evaluated in order."),
    ("PrometheusRule", "spec.groups.rules.expr", "The PromQL expression."),
    (
        "Prometheus",
        "spec.serviceMonitorSelector",
        "ServiceMonitors that are taken, by their labels. Without it none is taken; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.serviceMonitorNamespaceSelector",
        "Namespaces whose ServiceMonitors are taken, by the labels of the Namespace. Without it, only the namespace of the Prometheus object; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.podMonitorSelector",
        "PodMonitors that are taken, by their labels. Without it none is taken; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.podMonitorNamespaceSelector",
        "Namespaces whose PodMonitors are taken. Without it, only the namespace of the Prometheus object; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.probeSelector",
        "Probes that are taken, by their labels. Without it none is taken; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.probeNamespaceSelector",
        "Namespaces whose Probes are taken. Without it, only the namespace of the Prometheus object; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.scrapeConfigSelector",
        "ScrapeConfigs that are taken, by their labels. Without it none is taken; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.scrapeConfigNamespaceSelector",
        "Namespaces whose ScrapeConfigs are taken. Without it, only the namespace of the Prometheus object; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.ruleSelector",
        "PrometheusRules that are taken, by their labels. Without it none is taken; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.ruleNamespaceSelector",
        "Namespaces whose PrometheusRules are taken. Without it, only the namespace of the Prometheus object; `{}` takes all.",
    ),
    (
        "Prometheus",
        "spec.serviceAccountName",
        "The ServiceAccount of the pods. Service discovery needs its permission to list and watch Services, Endpoints and pods.",
    ),
    (
        "Prometheus",
        "spec.replicas",
        "The number of pods of each shard. All replicas of a shard scrape the same targets.",
    ),
    ("Prometheus", "spec.shards", "The number of StatefulSets between which targets are parted."),
    (
        "Prometheus",
        "spec.retention",
        "How long samples are kept. The default is 24h, without a default if `retentionSize` is set.",
    ),
    ("Prometheus", "spec.scrapeInterval", "The interval of jobs that do not set one."),
    ("Prometheus", "spec.evaluationInterval", "The interval of rule groups that do not set one."),
    (
        "Prometheus",
        "spec.externalLabels",
        "Labels for alerts and remote write. `prometheus` and `prometheus_replica` are set by the Operator.",
    ),
    (
        "Prometheus",
        "spec.enforcedNamespaceLabel",
        "A label with the namespace of the custom resource, set on all its series and rules.",
    ),
    ("Prometheus", "spec.ignoreNamespaceSelectors", "Restricts monitors to their own namespace."),
    ("Prometheus", "spec.overrideHonorLabels", "Turns `honorLabels` of all monitors off."),
    (
        "Prometheus",
        "spec.paused",
        "Stops the Operator from changing anything that belongs to the object.",
    ),
    (
        "Prometheus",
        "spec.additionalScrapeConfigs",
        "The key of a Secret with scrape jobs that are passed on unchecked.",
    ),
    ("Prometheus", "spec.alerting.alertmanagers", "Services of Alertmanagers that get the alerts."),
    ("Prometheus", "spec.remoteWrite", "Endpoints to which samples are sent."),
    (
        "Alertmanager",
        "spec.alertmanagerConfigSelector",
        "AlertmanagerConfigs that are taken, by their labels. Without it none is taken; `{}` takes all.",
    ),
    (
        "Alertmanager",
        "spec.configSecret",
        "The Secret with the base configuration in its key `alertmanager.yaml`. Without it, `alertmanager-NAME`.",
    ),
    (
        "AlertmanagerConfig",
        "spec.route",
        "The route of the configuration. The Operator adds a matcher for its namespace.",
    ),
    (
        "AlertmanagerConfig",
        "spec.receivers",
        "The receivers. Their names are prefixed with namespace and name of the object.",
    ),
    ("ThanosRuler", "spec.queryEndpoints", "Thanos queriers that evaluate the rules."),
    ("ThanosRuler", "spec.ruleSelector", "PrometheusRules that are taken, by their labels."),
];

/// The documented fields of a kind.
pub(super) fn of_kind(kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let kind = if kind == "PrometheusAgent" { "Prometheus" } else { kind };
    DOCUMENTED.iter().filter(move |row| row.0 == kind).map(|row| (row.1, row.2))
}

/// Returns the documentation of a field. List items have no number in the path.
pub fn documentation(kind: &str, path: &str) -> Option<&'static str> {
    let kind = if kind == "PrometheusAgent" { "Prometheus" } else { kind };
    DOCUMENTED.iter().find(|row| row.0 == kind && row.1 == path).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_fields_exist() {
        for (kind, path, text) in DOCUMENTED {
            assert!(crate::schema::field(kind, path).is_some(), "{kind} {path}");
            assert!(text.ends_with('.'), "{kind} {path}: a sentence ends with a period");
        }
    }
}
