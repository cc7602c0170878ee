//! Reasons with the text of the field at fault.

use super::*;
use crate::controllers::ClusterState;
use crate::objects::{Kind, Resource};
use crate::testing::manifests;

/// A case: fields of the pod's `spec`, and of its `status` without the phase; Events with their
/// container, and lines of the log; then the reason, and the text of the field.
struct Case {
    spec: &'static str,
    status: &'static str,
    events: &'static [(&'static str, &'static str, &'static str)],
    logs: &'static [&'static str],
    message: &'static str,
    at: &'static str,
}

const CASE: Case = Case {
    spec: "nodeName: a, containers: [{name: app, image: x}]",
    status: "",
    events: &[],
    logs: &[],
    message: "",
    at: "",
};

/// Objects beside the pod.
const OTHERS: &str = "\
apiVersion: v1
kind: Node
metadata: {name: a, labels: {zone: z}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: small}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], storageClassName: ''}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: big}
spec: {storageClassName: '', accessModes: [ReadWriteOnce], resources: {requests: {storage: 9Gi}}}
status: {phase: Pending}
---
";

fn event(reason: &str, container: &str, message: &str) -> Event {
    let container = container.into();
    Event { container, ..Event::warning(reason, "kubelet", message) }
}

fn cause_of(case: &Case) -> Option<(String, String)> {
    let Case { spec, status, events, logs, .. } = case;
    let text = format!(
        "{OTHERS}apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{{spec}}}\nstatus: {{phase: Pending, {status}}}\n"
    );
    let mut state = ClusterState::observed(manifests(&text).cluster);
    let why = "no persistent volumes available for this claim and no storage class is set";
    state.pending_claims.insert(("default".into(), "big".into()), event("FailedBinding", "", why));
    let pod = state.cluster.pods.iter().next().expect("a pod").clone();
    let owner = pod.reference();
    let events: Vec<Event> = events.iter().map(|(a, b, c)| event(a, b, c)).collect();
    let logs: Vec<String> = logs.iter().map(|line| (*line).to_owned()).collect();
    let facts = PodFacts {
        state: &state,
        pod: &pod,
        owner: &owner,
        events: &events,
        logs: &logs,
        verdict: &|_| ConfigVerdict::Valid,
    };
    let cause = of_pod(facts)?;
    let at = cause.at.map(|at| at.span.slice(&text).lines().next().unwrap_or_default().to_owned());
    Some((cause.message, at.unwrap_or_default()))
}

fn check(cases: &[Case]) {
    for case in cases {
        let found = cause_of(case).unwrap_or_default();
        assert_eq!(found, (case.message.into(), case.at.into()), "{} {}", case.spec, case.status);
    }
}

#[test]
fn a_pod_without_a_node() {
    let refused = |message| [("FailedScheduling", "", message)];
    const SELECTOR: &str = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    let events: Vec<_> = [
        SELECTOR,
        "0/1 nodes are available: 1 Insufficient cpu. preemption: none.",
        "0/1 nodes are available: 1 Insufficient memory. preemption: none.",
        "0/1 nodes are available: 1 node(s) had untolerated taint(s). preemption: none.",
        "0/1 nodes are available: persistentvolumeclaim \"gone\" not found. preemption: none.",
        "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
        "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. preemption: none.",
    ]
    .map(refused)
    .into();
    let cases: [(&str, &str, &str); 7] = [
        (
            "nodeSelector: {zone: z, disk: ssd}, containers: [{name: app, image: x}]",
            "No node takes the pod: 1 node(s) didn't match Pod's node affinity/selector.",
            "disk",
        ),
        (
            "containers: [{name: app, image: x, resources: {requests: {cpu: 10m}}}, {name: b, image: x, resources: {requests: {cpu: '64'}}}]",
            "No node takes the pod: 1 Insufficient cpu.",
            "'64'",
        ),
        (
            "containers: [{name: app, image: x, resources: {limits: {memory: 1Ti}}}]",
            "No node takes the pod: 1 Insufficient memory.",
            "1Ti",
        ),
        (
            "containers: [{name: app, image: x}]",
            "No node takes the pod: 1 node(s) had untolerated taint(s).",
            "{containers: [{name: app, image: x}]}",
        ),
        (
            "containers: [{name: app, image: x}], volumes: [{name: d, persistentVolumeClaim: {claimName: gone}}]",
            "The volume names the claim gone, which does not exist.",
            "gone",
        ),
        (
            "containers: [{name: app, image: x}], volumes: [{name: d, persistentVolumeClaim: {claimName: big}}]",
            "The claim big is not bound: no persistent volumes available for this claim and no storage class is set.",
            "9Gi",
        ),
        (
            "containers: [{name: app, image: x, ports: [{containerPort: 80, hostPort: 80}]}]",
            "No node takes the pod: 1 node(s) didn't have free ports for the requested pod ports.",
            "80",
        ),
    ];
    for ((spec, message, at), events) in cases.into_iter().zip(events) {
        let events: &'static [_] = Box::leak(Box::new(events));
        check(&[Case { spec, events, message, at, ..CASE }]);
    }
}

#[test]
fn a_container_that_is_not_created() {
    check(&[
        Case {
            spec: "nodeName: a, containers: [{name: app, image: prom/promethues}]",
            status: "containerStatuses: [{name: app, state: {waiting: {reason: ImagePullBackOff, message: 'Back-off pulling image \"prom/promethues\": ErrImagePull: denied'}}}]",
            message: "The image prom/promethues cannot be pulled: there is no repository prom/promethues. Did you mean prom/prometheus?",
            at: "prom/promethues",
            ..CASE
        },
        Case {
            spec: "nodeName: a, containers: [{name: app, image: my.registry/own:9}]",
            status: "containerStatuses: [{name: app, state: {waiting: {reason: ErrImagePull, message: 'rpc error: code = NotFound desc = not found'}}}]",
            message: "The image my.registry/own:9 cannot be pulled: rpc error: code = NotFound desc = not found.",
            at: "my.registry/own:9",
            ..CASE
        },
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x, env: [{name: A, valueFrom: {configMapKeyRef: {name: m, key: k}}}]}]",
            status: "containerStatuses: [{name: app, state: {waiting: {reason: CreateContainerConfigError, message: 'configmap \"m\" not found'}}}]",
            message: "The container cannot be created: configmap \"m\" not found.",
            at: "m",
            ..CASE
        },
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x, env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]",
            status: "containerStatuses: [{name: app, state: {waiting: {reason: CreateContainerConfigError, message: \"couldn't find key k in Secret default/s\"}}}]",
            message: "The container cannot be created: couldn't find key k in Secret default/s.",
            at: "k",
            ..CASE
        },
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x}], volumes: [{name: v, configMap: {name: gone}}]",
            status: "containerStatuses: [{name: app, state: {waiting: {reason: ContainerCreating}}}]",
            events: &[(
                "FailedMount",
                "",
                "MountVolume.SetUp failed for volume \"v\" : configmap \"gone\" not found",
            )],
            message: "The pod waits for ConfigMap default/gone, which does not exist, and will wait for ever.",
            at: "gone",
            ..CASE
        },
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x, command: [wrong]}]",
            status: "containerStatuses: [{name: app, state: {waiting: {reason: RunContainerError, message: 'exec: \"wrong\": executable file not found in $PATH'}}}]",
            message: "Container app does not start: RunContainerError: exec: \"wrong\": executable file not found in $PATH.",
            at: "wrong",
            ..CASE
        },
        // It has only begun.
        Case {
            status: "containerStatuses: [{name: app, state: {waiting: {reason: ContainerCreating}}}]",
            ..CASE
        },
    ]);
}

#[test]
fn a_container_that_ends() {
    const ENDED: &str = "containerStatuses: [{name: app, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {reason: Error, exitCode: 1}}}]";
    const KILLED: &str = "containerStatuses: [{name: app, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {reason: OOMKilled, exitCode: 137}}}]";
    check(&[
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x, args: [--wrong]}]",
            status: ENDED,
            logs: &["starting", "panic: no such file"],
            message: "Container app ends with exit code 1: panic: no such file.",
            at: "--wrong",
            ..CASE
        },
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x, resources: {limits: {memory: 8Mi}}}]",
            status: KILLED,
            message: "The container used more memory than its limit of 8Mi and was killed (exit code 137).",
            at: "8Mi",
            ..CASE
        },
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x, livenessProbe: {httpGet: {path: /alive, port: 80}}}]",
            status: ENDED,
            events: &[
                (
                    "Unhealthy",
                    "app",
                    "Liveness probe failed: HTTP probe failed with statuscode: 404",
                ),
                ("Killing", "app", "Container app failed liveness probe, will be restarted"),
            ],
            message: "The liveness probe fails (HTTP probe failed with statuscode: 404), so the kubelet restarts the container.",
            at: "/alive",
            ..CASE
        },
        Case {
            spec: "nodeName: a, containers: [{name: app, image: prom/prometheus, args: [--config.file=/etc/prometheus/prometheus.yml, --storage.tsdb.path=/data]}]",
            status: ENDED,
            message: "Prometheus runs as the user nobody, who may not write to /data.",
            at: "--storage.tsdb.path=/data",
            ..CASE
        },
    ]);
}

#[test]
fn a_container_that_is_not_ready() {
    const RUNNING: &str = "containerStatuses: [{name: app, ready: false, state: {running: {}}}]";
    check(&[
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x, readinessProbe: {httpGet: {path: /, port: 81}}}]",
            status: RUNNING,
            events: &[(
                "Unhealthy",
                "app",
                "Readiness probe failed: Get \"http://10.244.0.5:81/\": dial tcp 10.244.0.5:81: connect: connection refused",
            )],
            message: "The readiness probe fails (Get \"http://10.244.0.5:81/\": dial tcp 10.244.0.5:81: connect: connection refused), so the pod's address is among the notReadyAddresses of its Services.",
            at: "81",
            ..CASE
        },
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x, startupProbe: {exec: {command: [test]}}}]",
            status: RUNNING,
            events: &[("Unhealthy", "app", "Startup probe failed: no")],
            message: "The startup probe fails (no), so the container does not count as started.",
            at: "{exec: {command: [test]}}",
            ..CASE
        },
        // Another container's probe.
        Case {
            spec: "nodeName: a, containers: [{name: app, image: x, readinessProbe: {tcpSocket: {port: 81}}}]",
            status: RUNNING,
            events: &[("Unhealthy", "other", "Readiness probe failed: no")],
            ..CASE
        },
    ]);
}

#[test]
fn a_workload_whose_pods_are_refused() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 7\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      serviceAccountName: nobody\n      containers:\n        - {name: web, image: web, resources: {limits: {cpu: '2'}}}\n";
    let cluster = manifests(text).cluster;
    let workload = cluster.workload(Kind::Deployment, "default", "web").expect("a workload");
    for (event, message, at) in [
        (
            "Error creating: pods \"web-1-\" is forbidden: error looking up service account default/nobody: serviceaccount \"nobody\" not found",
            "The ServiceAccount nobody does not exist in namespace default, so no pod is created at all; only the events of the Deployment tell.",
            "nobody",
        ),
        (
            "Error creating: pods \"web-1-x\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2",
            "A ResourceQuota refuses the pods: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2.",
            "7",
        ),
        (
            "Error creating: pods \"web-1-x\" is forbidden: exceeded quota: q, requested: limits.cpu=2, used: limits.cpu=0, limited: limits.cpu=1",
            "A ResourceQuota refuses the pods: exceeded quota: q, requested: limits.cpu=2, used: limits.cpu=0, limited: limits.cpu=1.",
            "'2'",
        ),
        (
            "Error creating: pods \"web-1-x\" is forbidden: failed quota: q: must specify requests.memory for: web",
            "A ResourceQuota refuses the pods: failed quota: q: must specify requests.memory for: web.",
            "{name: web, image: web, resources: {limits: {cpu: '2'}}}",
        ),
        (
            "Error creating: pods \"web-1-x\" is forbidden: maximum cpu usage per Container is 1, but limit is 2",
            "A LimitRange refuses the pods: maximum cpu usage per Container is 1, but limit is 2.",
            "'2'",
        ),
    ] {
        let event = Event::warning("FailedCreate", "replicaset-controller", event);
        let cause = of_refusal(workload, &event);
        let found = cause.at.map(|at| at.span.slice(text).trim_end());
        assert_eq!((&*cause.message, found), (message, Some(at)));
    }
}
