//! Tests that hold without recorded data.

use kubernetes::object::{Value, from_yaml};

use crate::{Gate, LeftOut, Refusal, configuration, gate};

fn objects(text: &str) -> Vec<Value> {
    let parsed = yaml::parse(text::FileId::default(), text);
    parsed.documents.iter().map(|one| from_yaml(&one.root).expect("the YAML is valid")).collect()
}

/// A Prometheus object in `monitoring` whose spec has these lines, and a ServiceMonitor in `shop`.
fn cluster(spec: &str) -> Vec<Value> {
    objects(&format!(
        "kind: Prometheus\nmetadata: {{name: k8s, namespace: monitoring}}\nspec:\n  shards: 1\n{spec}\
         ---\nkind: Namespace\nmetadata: {{name: shop, labels: {{team: a}}}}\n\
         ---\nkind: ServiceMonitor\nmetadata:\n  name: web\n  namespace: shop\n  labels: {{release: stack}}\n\
         spec:\n  selector:\n    matchLabels: {{app: web}}\n  endpoints:\n  - port: http\n    interval: 15s\n"
    ))
}

#[test]
fn absent_empty_and_labeled_selectors_differ() {
    for (spec, expected) in [
        ("", Gate::OtherNamespace),
        ("  serviceMonitorNamespaceSelector: {}\n", Gate::SelectorAbsent),
        ("  serviceMonitorSelector: {}\n", Gate::OtherNamespace),
        ("  serviceMonitorNamespaceSelector: {}\n  serviceMonitorSelector: {}\n", Gate::Selected),
        (
            "  serviceMonitorNamespaceSelector: {matchLabels: {team: b}}\n  serviceMonitorSelector: {}\n",
            Gate::NamespaceLabels,
        ),
        (
            "  serviceMonitorNamespaceSelector: {matchLabels: {team: a}}\n  \
             serviceMonitorSelector: {matchLabels: {release: other}}\n",
            Gate::Labels,
        ),
        (
            "  serviceMonitorNamespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}\n  \
             serviceMonitorSelector: {matchExpressions: [{key: release, operator: Exists}]}\n",
            Gate::Selected,
        ),
    ] {
        let all = cluster(spec);
        assert_eq!(gate(&all[0], &all[2], &all), expected, "{spec}");
    }
}

#[test]
fn lines_keep_the_field_that_they_came_from() {
    let all = cluster("  serviceMonitorNamespaceSelector: {}\n  serviceMonitorSelector: {}\n");
    let document = configuration(&all[0], &all).expect("a configuration").document;
    let lines: Vec<&str> = document.text.lines().collect();
    assert_eq!(lines.len(), document.origins.len());
    for (line, path) in [
        ("  scrape_interval: 15s", "spec.endpoints[0].interval"),
        ("    regex: http", "spec.endpoints[0].port"),
        ("    regex: (web);true", "spec.selector.matchLabels.app"),
        ("  relabel_configs:", "spec.endpoints[0]"),
        ("      time: 24h", "spec.retention"),
    ] {
        let at = lines.iter().position(|one| *one == line);
        let at = at.unwrap_or_else(|| panic!("no line {line:?} in\n{}", document.text));
        let origin = document.origins[at].as_ref().map(|origin| origin.path.as_str());
        assert_eq!(origin, Some(path), "{line}");
    }
}

#[test]
fn there_is_no_file_where_the_operator_would_write_another_one() {
    for (spec, expected) in [
        ("  paused: true\n", Refusal::Paused),
        ("  version: v4.0.0\n", Refusal::Version("v4.0.0".to_owned())),
        ("  remoteWrite: []\n", Refusal::NotCovered(vec!["spec.remoteWrite".to_owned()])),
    ] {
        let all = cluster(spec);
        assert_eq!(configuration(&all[0], &all).err(), Some(expected), "{spec}");
    }
}

#[test]
fn a_monitor_whose_secret_is_missing_is_left_out_whole() {
    let mut all = cluster("  serviceMonitorNamespaceSelector: {}\n  serviceMonitorSelector: {}\n");
    let endpoint = "port: http\nbasicAuth:\n  username: {name: login, key: user}\n  password: {name: login, key: word}\n";
    let endpoint = objects(endpoint).remove(0);
    all[2].entry("spec").entry("endpoints").list_mut().push(endpoint);
    let made = configuration(&all[0], &all).expect("a configuration");
    assert!(made.document.text.contains("scrape_configs: []"), "{}", made.document.text);
    assert_eq!(made.left_out.len(), 1);
    let LeftOut::Missing(missing) = &made.left_out[0].1 else { panic!("{made:?}") };
    assert_eq!(missing.path, "spec.endpoints[1].basicAuth.username");
}

#[test]
fn one_wrong_endpoint_rejects_the_monitor() {
    for (endpoint, reason) in [
        ("scrapeTimeout: 45s", "scrapeTimeout \"45s\" greater than scrapeInterval \"30s\""),
        (
            "{basicAuth: {}, oauth2: {}}",
            "basicAuth and oauth2 cannot be configured at the same time",
        ),
        (
            "{relabelings: [{action: HashMod, targetLabel: x}]}",
            "relabelConfigs: [0]: relabel configuration for hashmod requires non-zero modulus",
        ),
        (
            "{relabelings: [{action: Lowercase, targetLabel: x, replacement: other}]}",
            "relabelConfigs: [0]: 'replacement' can not be set for Lowercase action",
        ),
        (
            "{relabelings: [{sourceLabels: [x]}]}",
            "relabelConfigs: [0]: relabel configuration for replace action needs targetLabel value",
        ),
        ("{tlsConfig: {certFile: a}}", "tlsConfig: cannot specify client cert without client key"),
    ] {
        let spec = "  serviceMonitorNamespaceSelector: {}\n  serviceMonitorSelector: {}\n";
        let mut all = cluster(spec);
        let added = objects(endpoint).remove(0);
        all[2].entry("spec").entry("endpoints").list_mut().push(added);
        let made = configuration(&all[0], &all).expect("a configuration");
        let reasons: Vec<&LeftOut> = made.left_out.iter().map(|(_, reason)| reason).collect();
        let expected = LeftOut::Invalid(format!("endpoints[1]: {reason}"));
        assert_eq!(reasons, [&expected], "{endpoint}");
    }
}
