//! The simulated cluster in time, and the Operator.

use std::fmt::Write as _;
use std::sync::Arc;

use cluster::kubelet::NodeOptions;
use cluster::program::{Behaviors, read_behaviors};
use cluster::{Cluster, Options};
use kubernetes::object::{Value, from_yaml};
use text::FileId;
use world::{World, programs};

use crate::{Case, Meter};

const START: i64 = 1_767_225_600_000;
const DAY: i64 = 86_400_000;
/// The simulated time of one step.
const SLICE: i64 = 60_000;

/// The cases; `divide` makes them smaller.
pub fn cases(divide: usize) -> Vec<Case> {
    let day = DAY / divide as i64;
    vec![
        Case::new("world: 1000 Deployments x 1000", in_time(deployments(1_000 / divide), 600_000)),
        Case::new("world: crash loops for a day", in_time(crash_loops(20), day)),
        Case::new("world: CronJobs for a day", in_time(cron_jobs(20), day)),
        Case::new("world: HPA for a day", in_time(autoscaled(5), day)),
        Case::new("world: 2000 objects", in_time(config_maps(2_000 / divide), 60_000)),
        Case::new("Operator: 2000 ServiceMonitors", operator_case(2_000 / divide)),
        Case::new("Operator: rules of 40 MB", operator_rules(40_000 / divide)),
    ]
}

/// Applies manifests and lets time pass.
fn in_time(manifests: String, millis: i64) -> impl Fn(&mut Meter) {
    move |meter| {
        let mut cluster = Cluster::new(Options { now: START, seed: 3 });
        cluster.server.add_kubernetes_service();
        cluster.add_node(&NodeOptions::new("minikube"));
        let text =
            "programs: [{match: {container: broken}, starts: [{exit: {after: 1s, code: 1}}]}]";
        let (described, _) = read_behaviors(FileId(0), text);
        cluster.kubelets.programs = programs(described, Arc::new(Behaviors::default()));
        let mut world = World::new(cluster);
        world.advance(START + 2_000);
        let output = meter.step("apply", || world.apply(&manifests));
        let end = world.now() + millis;
        while world.now() < end {
            let to = (world.now() + SLICE).min(end);
            meter.step("a minute", || world.advance(to));
        }
        let objects = world.cluster.server.storage.iter().count();
        let refused = output.stderr.lines().count();
        let said = output.stderr.lines().next().unwrap_or_default();
        let said: String = said.chars().take(120).collect();
        meter.note = format!("{objects} objects, {refused} refused: {said}");
    }
}

fn deployments(count: usize) -> String {
    (0..count).map(|number| deployment(&format!("d{number}"), 1_000, "web")).collect()
}

fn deployment(name: &str, replicas: usize, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: {replicas}\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
         spec: {{containers: [{{name: {container}, image: nginx, resources: {{requests: {{cpu: 10m}}}}}}]}}\n---\n"
    )
}

fn crash_loops(count: usize) -> String {
    (0..count).map(|number| deployment(&format!("d{number}"), 2, "broken")).collect()
}

fn cron_jobs(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let _ = write!(
            text,
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: c{number}}}\nspec:\n  schedule: '* * * * *'\n  \
             jobTemplate: {{spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: broken, image: busybox}}]}}}}}}}}\n---\n"
        );
    }
    text
}

fn autoscaled(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        text.push_str(&deployment(&format!("d{number}"), 2, "web"));
        let _ = write!(
            text,
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: d{number}}}\nspec:\n  \
             scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: d{number}}}\n  minReplicas: 1\n  maxReplicas: 50\n  \
             metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 50}}}}}}]\n---\n"
        );
    }
    text
}

fn config_maps(count: usize) -> String {
    let one = |number| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}}}\ndata: {{a: b}}\n---\n"
        )
    };
    (0..count).map(one).collect()
}

fn objects(text: &str) -> Vec<Value> {
    let parsed = yaml::parse(FileId(1), text);
    parsed.documents.iter().filter_map(|one| from_yaml(&one.root).ok()).collect()
}

const PROMETHEUS: &str = "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s, namespace: m}\nspec: {serviceMonitorSelector: {}, ruleSelector: {}}\n---\n";

fn synced(meter: &mut Meter, objects: &[Value]) {
    let options = operator::Options::default();
    let findings = meter.step("findings", || operator::findings::findings(objects, &options).len());
    let (writes, error) = meter.step("sync", || {
        let outcome = operator::reconcile::sync(&objects[0], objects, &options);
        (outcome.writes.len(), outcome.error)
    });
    meter.note =
        format!("{} objects, {findings} findings, {writes} writes, {error:?}", objects.len());
}

fn operator_case(monitors: usize) -> impl Fn(&mut Meter) {
    let mut text = PROMETHEUS.to_owned();
    for number in 0..monitors {
        let _ = write!(
            text,
            "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {{name: s{number}, namespace: m}}\nspec:\n  \
             selector: {{matchLabels: {{app: s{number}}}}}\n  endpoints: [{{port: http}}, {{port: metrics}}]\n---\n\
             apiVersion: v1\nkind: Service\nmetadata: {{name: s{number}, namespace: m, labels: {{app: s{number}}}}}\nspec: {{selector: {{a: b}}, ports: [{{name: http, port: 80}}]}}\n---\n"
        );
    }
    let objects = objects(&text);
    move |meter| synced(meter, &objects)
}

fn operator_rules(count: usize) -> impl Fn(&mut Meter) {
    let mut objects = objects(PROMETHEUS);
    let filler = "x".repeat(900);
    let mut text = String::new();
    for number in 0..count {
        if number % 400 == 0 {
            let _ = write!(
                text,
                "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {{name: r{number}, namespace: m}}\n\
                 spec:\n  groups:\n    - name: a\n      rules:\n"
            );
        }
        let _ =
            writeln!(text, "        - {{record: r{number}, expr: up, labels: {{a: {filler}}}}}");
        if number % 400 == 399 {
            objects.extend(self::objects(&text));
            text.clear();
        }
    }
    objects.extend(self::objects(&text));
    move |meter| synced(meter, &objects)
}
