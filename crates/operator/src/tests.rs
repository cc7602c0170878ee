//! Tests that hold without recorded data.

use kubernetes::object::{Value, from_yaml};

use crate::findings::{Change, Finding, Fix, Problem, findings};
use crate::funnel::{FunnelStep, Stage};
use crate::index::{Index, Server};
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
spec: {containers: [{name: web, ports: [{name: web, containerPort: 8080}]}]}
---
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
endpoints: [{addresses: [10.0.0.1]}, {addresses: [10.0.0.2], conditions: {ready: false}}]
---
kind: Namespace
metadata: {name: monitoring}
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

/// The gates of the ServiceMonitor.
fn funnel(all: &[Value]) -> Vec<FunnelStep> {
    let options = Options::default();
    let index = Index::new(all, &options);
    crate::funnel::funnel(&Server::new(&all[0], &index), &all[2], &index)
}

#[test]
fn a_funnel_has_numbers_and_ends_where_nothing_passes() {
    let all = cluster(ALL, OBJECTS);
    let steps = funnel(&all);
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
    let last = funnel(&all).pop().expect("a step");
    assert_eq!((last.stage, last.passed), (Stage::Namespace, 0));
    assert!(
        last.reason.contains("`serviceMonitorNamespaceSelector` is not set"),
        "{}",
        last.reason
    );
}

/// The objects after a fix.
fn fixed(objects: &[Value], fix: &Fix) -> Vec<Value> {
    let mut objects = objects.to_vec();
    for Change { resource, path, value } in &fix.changes {
        let object = objects.iter_mut().find(|one| crate::Resource::of(one) == *resource);
        let mut field = object.expect("the object of a fix is there");
        for step in kubernetes::object::steps(path) {
            field = match step.parse::<usize>() {
                Ok(number) => &mut field.list_mut()[number],
                Err(_) => field.entry(step),
            };
        }
        *field = value.clone();
    }
    objects
}

fn is_about(finding: &Finding, other: &Finding) -> bool {
    finding.problem == other.problem && finding.resource == other.resource
}

const POD_MONITOR: &str = "---
kind: PodMonitor
metadata: {name: pods, namespace: shop}
spec: {selector: {matchLabels: {run: web}}, podMetricsEndpoints: [{port: web}]}
";

/// Everything is taken.
const EVERY: &str = "  serviceMonitorNamespaceSelector: {}\n  serviceMonitorSelector: {}\n  \
    podMonitorNamespaceSelector: {}\n  podMonitorSelector: {}\n  probeSelector: {}\n  \
    probeNamespaceSelector: {}\n  ruleSelector: {matchLabels: {role: rules}}\n  \
    ruleNamespaceSelector: {}\n  scrapeConfigSelector: {matchExpressions: [{key: prometheus, operator: In, values: [k8s, all]}]}\n";

#[test]
fn each_gate_has_a_finding_and_its_fixes_leave_none() {
    use Problem::{NoProber, NotSearched, NotTaken, PortNotNamed, Rejected, SelectsOtherKind};
    let selected = "selector: {matchLabels: {app: web}}";
    let wanted = "  serviceMonitorNamespaceSelector: {}\n  serviceMonitorSelector: {matchLabels: {release: kube";
    let probe = |url: &str| {
        format!(
            "{OBJECTS}---\nkind: Probe\nmetadata: {{name: site, namespace: shop}}\nspec: {{prober: {{url: '{url}'}}, targets: {{staticConfig: {{static: [a]}}}}}}\n---\nkind: Service\nmetadata: {{name: blackbox-exporter, namespace: monitoring}}\nspec: {{ports: [{{name: http, port: 9115}}]}}\n"
        )
    };
    let pods = |from: &str, to: &str| format!("{OBJECTS}{}", POD_MONITOR.replace(from, to));
    let edited = |from: &str, to: &str| {
        assert!(OBJECTS.contains(from), "{from}");
        OBJECTS.replacen(from, to, 1)
    };
    let monitor_elsewhere = edited(
        "name: web, namespace: shop, labels: {release",
        "name: web, namespace: monitoring, labels: {release",
    );
    for (spec, text, problem, fix) in [
        (ALL, OBJECTS.to_owned(), None, None),
        // Absent, `{}` and labels.
        (
            "",
            OBJECTS.to_owned(),
            Some(NotTaken),
            Some(
                "Set serviceMonitorNamespaceSelector: {} in Prometheus k8s, and set serviceMonitorSelector: {} in Prometheus k8s",
            ),
        ),
        (
            "  serviceMonitorSelector: {}\n",
            OBJECTS.to_owned(),
            Some(NotTaken),
            Some("Set serviceMonitorNamespaceSelector: {} in Prometheus k8s"),
        ),
        (
            "  serviceMonitorNamespaceSelector: {}\n",
            OBJECTS.to_owned(),
            Some(NotTaken),
            Some("Set serviceMonitorSelector: {} in Prometheus k8s"),
        ),
        (
            &format!("{wanted}}}}}\n"),
            OBJECTS.to_owned(),
            Some(NotTaken),
            Some("Add the label release: kube"),
        ),
        (
            &format!("{wanted}, a: b}}}}\n"),
            OBJECTS.to_owned(),
            Some(NotTaken),
            Some("Add the labels a: b, release: kube"),
        ),
        (
            "  serviceMonitorNamespaceSelector: {matchLabels: {watch: yes!}}\n  serviceMonitorSelector: {}\n",
            OBJECTS.to_owned(),
            Some(NotTaken),
            Some("Add the label watch: yes! to the namespace"),
        ),
        (
            "  serviceMonitorNamespaceSelector: {}\n  serviceMonitorSelector: {matchExpressions: [{key: release, operator: DoesNotExist}]}\n",
            OBJECTS.to_owned(),
            Some(NotTaken),
            None,
        ),
        // The port of a ServiceMonitor.
        (ALL, edited("port: http,", "port: web,"), Some(PortNotNamed), Some("Use the port http")),
        (
            ALL,
            edited("port: http,", "port: '81',"),
            Some(PortNotNamed),
            Some("Use the port metrics"),
        ),
        (
            ALL,
            edited("port: http,", "targetPort: 9000,"),
            Some(PortNotNamed),
            Some("Use the port http"),
        ),
        (
            ALL,
            OBJECTS.replace("{name: http, port: 80}, {name: metrics, port: 81}", "{port: 80}"),
            Some(PortNotNamed),
            Some("Name the port of the Service web http"),
        ),
        // The selector.
        (
            ALL,
            edited(selected, "selector: {matchLabels: {tier: front}}"),
            Some(SelectsOtherKind),
            Some("Select the labels of the Service web"),
        ),
        (
            ALL,
            OBJECTS
                .replacen(selected, "selector: {matchLabels: {tier: front}}", 1)
                .replace(", labels: {app: web}}", "}"),
            Some(SelectsOtherKind),
            Some("Add the label tier: front to the Service web"),
        ),
        (ALL, monitor_elsewhere.clone(), Some(NotSearched), Some("Search the namespace shop")),
        (
            ALL,
            monitor_elsewhere.replace("port: http,", "port: web,"),
            Some(NotSearched),
            Some("Search the namespace shop"),
        ),
        (
            &format!("{ALL}  ignoreNamespaceSelectors: true\n"),
            monitor_elsewhere,
            Some(NotSearched),
            None,
        ),
        // PodMonitors.
        (EVERY, pods("x", "x"), None, None),
        (EVERY, pods("port: web", "port: http"), Some(PortNotNamed), Some("Use the port web")),
        (EVERY, pods("port: web", "portNumber: 81"), Some(PortNotNamed), Some("Use the port web")),
        (
            EVERY,
            pods("run: web", "app: web"),
            Some(SelectsOtherKind),
            Some("Select the pods behind the Service web"),
        ),
        (
            EVERY,
            pods("namespace: shop", "namespace: monitoring"),
            Some(NotSearched),
            Some("Search the namespace shop"),
        ),
        // Probes, rules and ScrapeConfigs.
        (EVERY, probe("blackbox-exporter:9115"), None, None),
        (
            EVERY,
            probe("blackbox.shop.svc:9115"),
            Some(NoProber),
            Some("Use the prober blackbox-exporter.monitoring.svc:9115"),
        ),
        (
            EVERY,
            probe("blackbox-exporter.monitoring.svc:19115"),
            Some(NoProber),
            Some("Use the prober blackbox-exporter.monitoring.svc:9115"),
        ),
        (EVERY, probe("blackbox.example.com"), None, None),
        (
            EVERY,
            format!(
                "{OBJECTS}---\nkind: PrometheusRule\nmetadata: {{name: r, namespace: shop}}\nspec: {{groups: [{{name: a, rules: [{{record: b, expr: up}}]}}]}}\n"
            ),
            Some(NotTaken),
            Some("Add the label role: rules"),
        ),
        (
            EVERY,
            format!(
                "{OBJECTS}---\nkind: PrometheusRule\nmetadata: {{name: r, namespace: shop, labels: {{role: rules}}}}\nspec: {{groups: [{{name: a, rules: [{{record: b, expr: 'sum('}}]}}]}}\n"
            ),
            Some(Rejected),
            None,
        ),
        (
            EVERY,
            format!(
                "{OBJECTS}---\nkind: ScrapeConfig\nmetadata: {{name: s, namespace: monitoring}}\nspec: {{staticConfigs: [{{targets: [a]}}]}}\n"
            ),
            Some(NotTaken),
            Some("Add the label prometheus: k8s"),
        ),
        (ALL, edited("interval: 15s", "scrapeTimeout: 50s"), Some(Rejected), None),
    ] {
        let all = cluster(spec, &text);
        let found = findings(&all, &Options::default());
        assert_eq!(found.first().map(|one| one.problem), problem, "{spec}{text}{found:#?}");
        let title = found.first().and_then(|one| one.fixes.first()).map(|fix| &*fix.title);
        assert_eq!(title, fix, "{spec}{found:#?}");
        for one in &found {
            for fix in &one.fixes {
                let left = findings(&fixed(&all, fix), &Options::default());
                assert!(left.iter().all(|left| !is_about(left, one)), "{fix:?} {left:#?}");
                let is_new = |left: &Finding| !found.iter().any(|one| is_about(one, left));
                assert!(!left.iter().any(is_new), "{fix:?} {left:#?}");
            }
        }
    }
    let found = findings(&objects(OBJECTS), &Options::default());
    assert_eq!(found[0].problem, Problem::NoPrometheus);
}

#[test]
fn a_target_port_is_that_of_a_container() {
    for (endpoint, port, fits) in [
        ("targetPort: 8080", "{name: http, port: 80, targetPort: web}", true),
        ("targetPort: web", "{name: http, port: 80, targetPort: 8080}", true),
        ("targetPort: web", "{name: http, port: 8080}", true),
        ("targetPort: 80", "{name: http, port: 80, targetPort: web}", false),
        ("targetPort: http", "{name: http, port: 80, targetPort: web}", false),
    ] {
        let text = OBJECTS
            .replace("port: http, interval", &format!("{endpoint}, interval"))
            .replace("{name: http, port: 80}", port);
        let passed = funnel(&cluster(ALL, &text)).iter().any(|step| step.stage == Stage::Addresses);
        assert_eq!(passed, fits, "{endpoint} {port}");
    }
}
