//! Tests of workloads, pods, claims and Services.

use std::collections::BTreeSet;

use super::{ClusterState, ConfigVerdict, Inputs, Overrides, run};
use crate::objects::{ContainerState, Kind, ObjectRef};
use crate::testing::{
    PROMETHEUS, WEB, at, change, manifests, prometheus_and_web, simulate, simulate_with,
};

pub(super) fn owner(kind: Kind, name: &str) -> ObjectRef {
    ObjectRef { kind, namespace: "default".into(), name: name.into() }
}

fn names(state: &ClusterState) -> Vec<String> {
    state.cluster.pods.iter().map(|pod| pod.meta.name.value.to_string()).collect()
}

/// STATUS, the last event, the last log line and the text at fault, of the only pod.
fn story(text: &str) -> (String, String, String, String) {
    let state = simulate(text);
    let pod = state.cluster.pods.iter().next().expect("a pod");
    let report = state.report(&pod.meta.namespace, &pod.meta.name).expect("a report");
    let event = report.events.last().map(|event| event.message.clone()).unwrap_or_default();
    let log = report.logs.last().cloned().unwrap_or_default();
    let place = at(text, report.cause.as_ref().and_then(|cause| cause.at)).to_owned();
    (report.status.to_string(), event, log, place)
}

#[test]
fn a_deployment_makes_a_replica_set_and_pods() {
    let state = simulate(WEB);
    let names = names(&state);
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1]);
    for pod in &state.cluster.pods {
        let set = pod.meta.controller().unwrap();
        assert_eq!(&*set.kind, "ReplicaSet");
        let hash = pod.meta.labels.value("pod-template-hash").unwrap();
        assert_eq!(*set.name, *format!("web-{hash}"));
        assert!(pod.meta.name.value.starts_with(&format!("web-{hash}-")));
        let set = state.cluster.workload(Kind::ReplicaSet, "default", &set.name).unwrap();
        assert_eq!(&*set.meta.controller().unwrap().kind, "Deployment");
        // The label's place is that of the template.
        assert_eq!(at(WEB, pod.meta.labels.get("app").unwrap().at), "web");
    }
    assert_eq!(names, self::names(&simulate(&change(WEB, "replicas: 2", "replicas: 2 # two"))));
    let other = self::names(&simulate(&change(WEB, "shop/web:1", "shop/web:2")));
    assert!(names.iter().all(|name| !other.contains(name)), "a new template gives new pods");
}

#[test]
fn containers_after_an_init_container_that_does_not_run_wait() {
    let inits = "      initContainers:\n        - {name: one, image: busybox}\n        - {name: two, image: 'busybox:lates'}\n        - {name: three, image: busybox}\n      containers:";
    let state = simulate(&change(PROMETHEUS, "      containers:", inits));
    let pod = state.cluster.pods.iter().next().unwrap();
    let reasons: Vec<String> =
        pod.status
            .init_container_statuses
            .iter()
            .chain(&pod.status.container_statuses)
            .map(|status| match &status.state {
                ContainerState::Waiting { reason, .. }
                | ContainerState::Terminated { reason, .. } => reason.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
    let expected = ["Completed", "ImagePullBackOff", "PodInitializing", "PodInitializing"];
    assert_eq!(reasons, expected);
    assert_eq!(&*pod.status.phase, "Pending");
}

#[test]
fn stateful_sets_number_their_pods_and_claims() {
    let state = simulate(
        "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: postgres, volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
",
    );
    assert_eq!(names(&state), ["db-0", "db-1"]);
    let claim = state.cluster.persistent_volume_claims.get("default", "data-db-1").unwrap();
    assert_eq!(&*claim.phase, "Bound");
    let endpoints = state.cluster.endpoints.get("default", "db").unwrap();
    let hosts: Vec<_> = endpoints.subsets[0].addresses.iter().map(|one| &*one.hostname).collect();
    assert_eq!(hosts, ["db-0", "db-1"]);
    assert!(endpoints.meta.labels.get("service.kubernetes.io/headless").is_some());
}

#[test]
fn daemon_sets_skip_nodes_with_taints() {
    let nodes = "
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Node, metadata: {name: a}, spec: {taints: [{key: k, effect: NoSchedule}]}}
  - {apiVersion: v1, kind: Node, metadata: {name: b}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers: [{name: agent, image: agent}]
";
    let on = |state: &ClusterState| -> Vec<String> {
        state.cluster.pods.iter().map(|pod| pod.spec.node_name.value.to_string()).collect()
    };
    assert_eq!(on(&simulate(nodes)), ["b"]);
    let tolerant = nodes
        .replace("      containers", "      tolerations: [{operator: Exists}]\n      containers");
    assert_eq!(on(&simulate(&tolerant)), ["a", "b"]);
}

#[test]
fn a_cron_job_shows_its_last_run() {
    let state = simulate(
        "
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup}
spec:
  schedule: '0 * * * *'
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: backup, image: backup}]}
",
    );
    let pod = state.cluster.pods.iter().next().unwrap();
    assert_eq!(&*pod.status.phase, "Succeeded");
    let job = &pod.meta.controller().unwrap().name;
    let job = state.cluster.workload(Kind::Job, "default", job).unwrap();
    assert_eq!(&*job.meta.controller().unwrap().kind, "CronJob");
    assert_eq!(pod.meta.labels.value("job-name"), Some(&*job.meta.name.value));
}

#[test]
fn pods_that_cannot_start_say_why() {
    let with_claim = change(
        &change(
            PROMETHEUS,
            "      volumes:",
            "      volumes:\n        - name: data\n          persistentVolumeClaim: {claimName: data}",
        ),
        "/etc/prometheus}",
        "/etc/prometheus}\n            - {name: data, mountPath: /prometheus}",
    );
    let claim = |class: &str| {
        format!(
            "{with_claim}---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data}}\nspec:\n  accessModes: [ReadWriteOnce]\n  storageClassName: {class}\n  resources: {{requests: {{storage: 1Gi}}}}\n"
        )
    };
    let args =
        |args: &str| change(PROMETHEUS, "ports: [", &format!("args: [{args}]\n          ports: ["));
    let ebs = format!(
        "{}---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: gp3}}\nprovisioner: ebs.csi.aws.com\n",
        claim("gp3")
    );
    let table: &[(String, &str, &str, &str, &str)] = &[
        (PROMETHEUS.into(), "Running", "Started container prometheus", "", ""),
        (
            change(PROMETHEUS, "configMap: {name: config}", "configMap: {name: confg}"),
            "ContainerCreating",
            "MountVolume.SetUp failed for volume \"config\" : configmap \"confg\" not found",
            "",
            "confg",
        ),
        (
            change(
                PROMETHEUS,
                "configMap: {name: config}",
                "configMap: {name: config, items: [{key: prom.yml, path: prometheus.yml}]}",
            ),
            "ContainerCreating",
            "MountVolume.SetUp failed for volume \"config\" : configmap references non-existent config key: prom.yml",
            "",
            "prom.yml",
        ),
        (
            change(PROMETHEUS, "prometheus.yml: |", "prom.yml: |"),
            "CrashLoopBackOff",
            "Back-off restarting failed container prometheus in pod",
            "err=\"open /etc/prometheus/prometheus.yml: no such file or directory\"",
            "{name: config, mountPath: /etc/prometheus}",
        ),
        (
            args("--config.file=/etc/prom/prometheus.yml"),
            "CrashLoopBackOff",
            "Back-off restarting",
            "msg=\"Error loading config (--config.file=/etc/prom/prometheus.yml)\"",
            "--config.file=/etc/prom/prometheus.yml",
        ),
        (
            args("--web.enable-lifecycle"),
            "CrashLoopBackOff",
            "Back-off",
            "open /prometheus/prometheus.yml",
            "",
        ),
        (
            change(
                PROMETHEUS,
                "ports: [{",
                "resources: {limits: {memory: 16Mi}}\n          ports: [{",
            ),
            "OOMKilled",
            "Back-off",
            "",
            "16Mi",
        ),
        (with_claim.clone(), "Pending", "persistentvolumeclaim \"data\" not found", "", "data"),
        (claim("fast"), "Pending", "pod has unbound immediate PersistentVolumeClaims", "", ""),
        (claim("standard"), "Running", "Started", "", ""),
        (
            ebs.clone(),
            "CrashLoopBackOff",
            "Back-off",
            "open /prometheus/queries.active: permission denied",
            "",
        ),
        (
            change(
                &ebs,
                "      containers:",
                "      securityContext: {fsGroup: 65534}\n      containers:",
            ),
            "Running",
            "Started",
            "",
            "",
        ),
        (
            change(
                PROMETHEUS,
                "image: prom/prometheus:v3.14.0",
                "image: prom/prometheus:v3.14.0\n          envFrom: [{configMapRef: {name: settings}}]",
            ),
            "CreateContainerConfigError",
            "Error: configmap \"settings\" not found",
            "",
            "settings",
        ),
        (
            change(PROMETHEUS, "image: prom/prometheus:v3.14.0", "image: prom/prometheus:3.14.0"),
            "ImagePullBackOff",
            "Error: ImagePullBackOff",
            "",
            "prom/prometheus:3.14.0",
        ),
        (
            change(
                PROMETHEUS,
                "      containers:",
                "      initContainers: [{name: init, image: 'busybox:lates'}]\n      containers:",
            ),
            "Init:ImagePullBackOff",
            "Error: ImagePullBackOff",
            "",
            "'busybox:lates'",
        ),
        (
            change(
                PROMETHEUS,
                "      containers:",
                "      nodeSelector: {disk: ssd}\n      containers:",
            ),
            "Pending",
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector",
            "",
            "disk",
        ),
    ];
    for (text, status, event, log, place) in table {
        let (real_status, real_event, real_log, real_place) = story(text);
        assert_eq!(real_status, *status, "{text}\n{real_event}\n{real_log}");
        assert!(real_event.contains(event), "{real_event}\nlacks {event}");
        assert!(real_log.contains(log), "{real_log}\nlacks {log}");
        assert!(place.is_empty() || real_place == *place, "{real_place:?} instead of {place:?}");
    }
}

#[test]
fn an_invalid_configuration_ends_prometheus() {
    let overrides = Overrides::default();
    let run_with = |rules| {
        let verdict =
            &|_: &_| ConfigVerdict::Invalid { rules, error: "yaml: line 2".into(), at: None };
        run(&manifests(PROMETHEUS).cluster, Inputs { overrides: &overrides, verdict })
    };
    let state = run_with(false);
    let pod = state.cluster.pods.iter().next().unwrap();
    assert!(!pod.status.is_ready() && !pod.status.pod_ip.is_empty());
    let report = state.report("default", &pod.meta.name).unwrap();
    assert_eq!(&*report.status, "CrashLoopBackOff");
    assert!(report.logs[0].contains("err=\"yaml: line 2\""), "{:?}", report.logs);
    let state = run_with(true);
    let report = state.report("default", &pod.meta.name).unwrap();
    let expected = "level=ERROR source=main.go:771 msg=\"Error loading rule file patterns from config (--config.file=\\\"/etc/prometheus/prometheus.yml\\\")\" file=/etc/prometheus/prometheus.yml err=\"yaml: line 2\"";
    assert!(report.logs[0].ends_with(expected), "{:?}", report.logs);
}

#[test]
fn a_refused_command_line_ends_prometheus() {
    let overrides = Overrides::default();
    let verdict = &|_: &_| ConfigVerdict::Flags {
        exit_code: 1,
        stderr: vec!["unknown long flag '--x'".into()],
        at: None,
    };
    let state = run(&manifests(PROMETHEUS).cluster, Inputs { overrides: &overrides, verdict });
    let pod = state.cluster.pods.iter().next().unwrap();
    let report = state.report("default", &pod.meta.name).unwrap();
    assert_eq!(&*report.status, "CrashLoopBackOff");
    assert_eq!(report.logs, ["unknown long flag '--x'"]);
}

#[test]
fn replicas_that_share_a_claim_wait_for_its_lock() {
    let claim = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
    let data = "            - {name: data, mountPath: /prometheus}\n      volumes:\n        - name: data\n          VOLUME\n";
    let owned = change(PROMETHEUS, "      volumes:\n", data)
        .replace("spec:\n  selector", "spec:\n  replicas: 3\n  selector");
    for (volume, ready) in [("persistentVolumeClaim: {claimName: data}", 1), ("emptyDir: {}", 3)] {
        let state = simulate(&(owned.replace("VOLUME", volume) + claim));
        let (up, down): (Vec<_>, Vec<_>) =
            state.cluster.pods.iter().partition(|pod| pod.status.is_ready());
        assert_eq!((up.len(), down.len()), (ready, 3 - ready), "{volume}");
        for pod in down {
            let report = state.report("default", &pod.meta.name).expect("a report");
            assert_eq!(&*report.status, "CrashLoopBackOff");
            assert!(
                report.logs[1].ends_with("lock DB directory: resource temporarily unavailable\""),
                "{:?}",
                report.logs
            );
        }
    }
}

#[test]
fn a_missing_service_account_keeps_pods_from_being_made() {
    let text = change(
        PROMETHEUS,
        "      containers:",
        "      serviceAccountName: prom\n      containers:",
    );
    let state = simulate(&text);
    assert!(state.cluster.pods.is_empty());
    let (event, cause) = &state.refused[&owner(Kind::Deployment, "prometheus")];
    assert!(event.message.contains("serviceaccount \"prom\" not found"), "{}", event.message);
    assert_eq!(at(&text, cause.at), "prom");
}

#[test]
fn a_template_that_misses_its_selector_makes_nothing() {
    assert!(
        simulate(&change(WEB, "metadata: {labels: {app: web}}", "metadata: {labels: {app: wb}}"))
            .cluster
            .pods
            .is_empty()
    );
}

#[test]
fn events_change_one_pod_and_leave_the_others() {
    let text = prometheus_and_web();
    let before = simulate(&text);
    let ips = |state: &ClusterState| -> Vec<(String, String)> {
        let pods = state.cluster.pods.iter();
        pods.map(|pod| (pod.meta.name.value.to_string(), pod.status.pod_ip.to_string())).collect()
    };
    let web = owner(Kind::Deployment, "web");
    let mut overrides = Overrides::default();
    overrides.replaced.insert((web.clone(), 0), 1);
    overrides.scale.insert(web.clone(), 3);
    let after = simulate_with(&text, &overrides);
    let (old, new) = (ips(&before), ips(&after));
    assert_eq!((old.len(), new.len()), (3, 4));
    let kept = old.iter().filter(|pod| new.contains(pod)).count();
    assert_eq!(kept, 2, "Prometheus and the second web pod stay as they are");

    let mut overrides = Overrides::default();
    overrides.not_ready.insert(web, BTreeSet::from([1]));
    let state = simulate_with(&text, &overrides);
    let endpoints = state.cluster.endpoints.get("default", "web").unwrap();
    let subset = &endpoints.subsets[0];
    assert_eq!((subset.addresses.len(), subset.not_ready_addresses.len()), (1, 1));
    let slices = &state.cluster.endpoint_slices;
    let slice = slices.iter().find(|one| one.meta.name.value.starts_with("web-")).unwrap();
    let ready: Vec<_> = slice.endpoints.iter().map(|one| one.ready).collect();
    assert_eq!(ready, [Some(true), Some(false)]);
}

#[test]
fn a_cluster_has_so_many_pods_and_says_which_are_left_out() {
    let set = |name: &str, replicas: i64| {
        let text = change(WEB, "replicas: 2", &format!("replicas: {replicas}"));
        text.replace("web", name)
    };
    let text = format!("{}---{}---{}", set("one", 4_000), set("two", 1 << 40), set("three", 7));
    let state = simulate(&text);
    assert_eq!(state.cluster.pods.iter().count(), 5_000);
    let left_out: Vec<(&str, i64)> =
        state.left_out.iter().map(|(one, count)| (&*one.name, *count)).collect();
    assert_eq!(left_out, [("two", (1 << 40) - 993)]);
}

/// `kubectl get deployments,cronjobs,pods -o yaml` leaves out what stands between them.
#[test]
fn pods_that_are_there_are_not_made_again_where_their_direct_owner_is_left_out() {
    let text = "
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web-app, namespace: default}
  spec:
    replicas: 1
    selector: {matchLabels: {app: web}}
    template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
- apiVersion: v1
  kind: Pod
  metadata:
    name: web-app-5d4f-x1
    namespace: default
    labels: {app: web}
    ownerReferences: [{kind: ReplicaSet, name: web-app-5d4f, controller: true}]
  spec: {containers: [{name: web, image: web}]}
  status: {phase: Running, podIP: 10.9.9.9}
- apiVersion: batch/v1
  kind: CronJob
  metadata: {name: tidy, namespace: default}
  spec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}}
- apiVersion: v1
  kind: Pod
  metadata: {name: tidy-29-x, namespace: default, ownerReferences: [{kind: Job, name: tidy-29, controller: true}]}
  spec: {containers: [{name: a, image: a}]}
  status: {phase: Succeeded, podIP: 10.9.9.8}
";
    let state = simulate(text);
    assert_eq!(names(&state), ["web-app-5d4f-x1", "tidy-29-x"]);
    let key = ("default".into(), "web-app-5d4f-x1".into());
    assert_eq!(state.replicas[&key].0, owner(Kind::Deployment, "web-app"));
}

#[test]
fn a_stateful_set_waits_for_each_pod_unless_it_makes_them_in_parallel() {
    let set = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  serviceName: db
  podManagementPolicy: OrderedReady
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: db, env: [{name: A, valueFrom: {configMapKeyRef: {name: gone, key: a}}}]}]}
";
    let sound = change(set, "name: gone", "name: gone, optional: true");
    for (text, expected) in [
        (set, &["db-0"][..]),
        (&change(set, "OrderedReady", "Parallel"), &["db-0", "db-1", "db-2"]),
        (&change(set, "  podManagementPolicy: OrderedReady\n", ""), &["db-0"]),
        (&sound, &["db-0", "db-1", "db-2"]),
    ] {
        assert_eq!(names(&simulate(text)), expected, "{text}");
    }
    let cause = simulate(set).report("default", "db-0").unwrap().cause.clone().unwrap();
    assert!(
        cause.message.ends_with(
            "makes db-1 only when this pod is ready (podManagementPolicy: OrderedReady)."
        )
    );
    let mut overrides = Overrides::default();
    overrides.not_ready.insert(owner(Kind::StatefulSet, "db"), BTreeSet::from([0]));
    assert_eq!(names(&simulate_with(&sound, &overrides)).len(), 3, "what is made stays");
}

#[test]
fn taints_are_tolerated_by_value_and_by_daemons() {
    let node = "---
apiVersion: v1
kind: Node
metadata: {name: one}
spec: {taints: [{key: team, value: a, effect: NoSchedule}]}
";
    let pod = |toleration: &str| {
        format!(
            "{node}---
apiVersion: v1
kind: Pod
metadata: {{name: x}}
spec: {{containers: [{{name: x, image: x}}], tolerations: [{toleration}]}}
"
        )
    };
    for (toleration, status) in [
        ("", "Pending"),
        ("{key: team, value: a}", "Running"),
        ("{key: team, value: b}", "Pending"),
        ("{key: team, operator: Exists, effect: NoSchedule}", "Running"),
        ("{key: team, operator: Exists, effect: NoExecute}", "Pending"),
        ("{operator: Exists}", "Running"),
    ] {
        let state = simulate(&pod(toleration));
        assert_eq!(&*state.report("default", "x").unwrap().status, status, "{toleration}");
    }
    let daemon = "---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: a, image: a}]}}
";
    let cordoned = change(node, "key: team, value: a", "key: node.kubernetes.io/unschedulable");
    let cordoned = change(&cordoned, "spec: {", "spec: {unschedulable: true, ");
    assert_eq!(names(&simulate(&format!("{cordoned}{daemon}"))).len(), 1);
    assert!(names(&simulate(&format!("{node}{daemon}"))).is_empty());
}

#[test]
fn a_suspended_job_has_no_pods() {
    let job = "
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}
";
    assert!(names(&simulate(job)).is_empty());
    assert_eq!(names(&simulate(&change(job, "suspend: true", "suspend: false"))).len(), 1);
}
