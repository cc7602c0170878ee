//! Tests that hold without recorded data.

use kubernetes::object::{Value, from_yaml};

use crate::findings::{Problem, findings};
use crate::funnel::{Stage, funnel};
use crate::prometheus::{ConfigContext, configuration};
use crate::{Gate, KINDS, Namespaces, Options, Verdict, select};

fn objects(text: &str) -> Vec<Value> {
    let parsed = yaml::parse(text::FileId::default(), text);
    parsed.documents.iter().map(|one| from_yaml(&one.root).expect("the YAML is valid")).collect()
}

const OBJECTS: &str = "
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
kind: ServiceMonitor
metadata: {name: web, namespace: shop, labels: {release: stack}}
spec:
  selector: {matchLabels: {app: web}}
  endpoints:
  - {port: http, interval: 15s}
---
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {run: web}, ports: [{name: http, port: 80}, {name: metrics, port: 81}]}
---
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {run: web, tier: front}}
---
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
endpoints: [{addresses: [10.0.0.1]}, {addresses: [10.0.0.2], conditions: {ready: false}}]
";

/// A Prometheus object in `monitoring` whose spec has these lines, and the other objects.
fn cluster(spec: &str, others: &str) -> Vec<Value> {
    let spec = format!("spec:\n  scrapeInterval: 30s\n  evaluationInterval: 30s\n{spec}");
    let head = "kind: Prometheus\nmetadata: {name: k8s, namespace: monitoring}\n";
    objects(&format!("{head}{spec}---{others}"))
}

const ALL: &str = "  serviceMonitorNamespaceSelector: {}\n  serviceMonitorSelector: {}\n";

#[test]
fn absent_empty_and_labeled_selectors_differ() {
    for (spec, expected) in [
        ("", Gate::OtherNamespace),
        ("  serviceMonitorNamespaceSelector: {}\n", Gate::SelectorAbsent),
        ("  serviceMonitorSelector: {}\n", Gate::OtherNamespace),
        (ALL, Gate::Selected),
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
        let all = cluster(spec, OBJECTS);
        let options = Options::default();
        let gate = Namespaces::new(&all, &options).gate(&all[0], &all[2], &KINDS[0]);
        assert_eq!(gate, expected, "{spec}");
    }
    let all = cluster(ALL, OBJECTS);
    let options = Options::parse(&["--deny-namespaces=shop"]);
    let gate = Namespaces::new(&all, &options).gate(&all[0], &all[2], &KINDS[0]);
    assert_eq!(gate, Gate::NotWatched);
}

#[test]
fn lines_keep_the_field_that_they_came_from() {
    let all = cluster(ALL, OBJECTS);
    let options = Options::default();
    let context = ConfigContext::new(&all[0], &all, &options).expect("a version");
    let selection = select(&context, &all, &options).expect("valid selectors");
    let document = configuration(&context, &selection).expect("a configuration");
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
fn one_wrong_endpoint_rejects_the_monitor() {
    for (endpoint, reason) in [
        ("scrapeTimeout: 45s", "scrapeTimeout \"45s\" greater than scrapeInterval \"30s\""),
        (
            "{basicAuth: {}, oauth2: {}}",
            "basicAuth and oauth2 cannot be configured at the same time",
        ),
        (
            "basicAuth: {username: {name: a, key: b}}",
            "basicAuth: failed to get basic auth username: unable to get secret \"a\": secrets \"a\" not found",
        ),
        (
            "{relabelings: [{action: HashMod, targetLabel: x}]}",
            "relabelConfigs: [0]: relabel configuration for hashmod requires non-zero modulus",
        ),
        ("{tlsConfig: {certFile: a}}", "tlsConfig: cannot specify client cert without client key"),
    ] {
        let mut all = cluster(ALL, OBJECTS);
        let added = objects(endpoint).remove(0);
        all[2].entry("spec").entry("endpoints").list_mut().push(added);
        let options = Options::default();
        let context = ConfigContext::new(&all[0], &all, &options).expect("a version");
        let selection = select(&context, &all, &options).expect("valid selectors");
        let verdicts: Vec<&Verdict> = selection.objects.iter().map(|one| &one.verdict).collect();
        let expected = Verdict::Rejected(format!("endpoints[1]: {reason}"));
        assert_eq!(verdicts, [&expected], "{endpoint}");
    }
}

#[test]
fn a_funnel_has_numbers_and_ends_where_nothing_passes() {
    let options = Options::default();
    let all = cluster(ALL, OBJECTS);
    let steps = funnel(&all[0], &all[2], &all, &options);
    let numbers: Vec<(Stage, usize, usize)> =
        steps.iter().map(|step| (step.stage, step.passed, step.of)).collect();
    assert_eq!(
        numbers,
        [
            (Stage::Watched, 1, 1),
            (Stage::Running, 1, 1),
            (Stage::Namespace, 1, 1),
            (Stage::Labels, 1, 1),
            (Stage::Accepted, 1, 1),
            (Stage::Searched, 1, 1),
            (Stage::Selected, 1, 1),
            (Stage::Port, 1, 1),
            (Stage::Addresses, 1, 2),
        ]
    );
    assert_eq!(steps[8].reason, "No ready pod is behind the Service.");
    let all = cluster("  serviceMonitorSelector: {}\n", OBJECTS);
    let last = funnel(&all[0], &all[2], &all, &options).pop().expect("a step");
    assert_eq!((last.stage, last.passed), (Stage::Namespace, 0));
    assert!(
        last.reason.contains("`serviceMonitorNamespaceSelector` is not set"),
        "{}",
        last.reason
    );
}

#[test]
fn mistakes_are_found_with_their_fixes() {
    let probe = "---\nkind: Probe\nmetadata: {name: site, namespace: shop}\nspec:\n  prober: {url: 'blackbox.shop.svc:9115'}\n  targets: {staticConfig: {static: [a]}}\n";
    let probes = "  probeSelector: {}\n  probeNamespaceSelector: {}\n";
    let wanted = "  serviceMonitorNamespaceSelector: {}\n  serviceMonitorSelector: {matchLabels: {release: kube}}\n";
    for (spec, from, to, problem, fix) in [
        (ALL, "", "", None, None),
        (wanted, "", "", Some(Problem::NotTaken), Some("Add the label release: kube")),
        (ALL, "port: http,", "port: web,", Some(Problem::PortNotNamed), Some("Use the port http")),
        (
            ALL,
            "selector: {matchLabels: {app: web}}",
            "selector: {matchLabels: {tier: front}}",
            Some(Problem::SelectsPodsOnly),
            Some("Select the labels of the Service web"),
        ),
        (
            &format!("{ALL}{probes}"),
            "\n---\nkind: Pod",
            &format!("\n{probe}---\nkind: Pod"),
            Some(Problem::NoProber),
            None,
        ),
        (ALL, "interval: 15s", "scrapeTimeout: 50s", Some(Problem::Rejected), None),
    ] {
        let text = if from.is_empty() { OBJECTS.to_owned() } else { OBJECTS.replacen(from, to, 1) };
        assert!(from.is_empty() || text != OBJECTS, "{from} is in the objects");
        let found = findings(&cluster(spec, &text), &Options::default());
        assert_eq!(found.first().map(|one| one.problem), problem, "{found:?}");
        let title = found.first().and_then(|one| one.fixes.first()).map(|fix| &*fix.title);
        assert_eq!(title, fix, "{found:?}");
    }
    let found = findings(&objects(OBJECTS), &Options::default());
    assert_eq!(found[0].problem, Problem::NoPrometheus);
}
