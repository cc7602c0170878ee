//! Tests of the commands that change objects and of those that wait.

use cluster::{Cluster, Options};

use super::{Kubectl, Process};
use crate::Output;

const START: i64 = 1_767_225_600_000;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: app
        image: web:1
";

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Options { now: START, seed: 1 });
    for name in ["node-1", "node-2"] {
        cluster.add_node(&cluster::kubelet::NodeOptions::new(name));
    }
    cluster.advance(START + 2000);
    cluster
}

fn start(cluster: &mut Cluster, command: &str) -> Process {
    let files = |path: &str| match path {
        "web.yaml" => Some(DEPLOYMENT.to_owned()),
        "a.txt" => Some("hello".to_owned()),
        _ => None,
    };
    let mut kubectl = Kubectl::new(&mut cluster.server, &files, "default");
    kubectl.start(&command.split(' ').collect::<Vec<_>>())
}

/// Runs a command to its end, for a minute at most, and lets three seconds pass.
fn run(cluster: &mut Cluster, command: &str) -> Output {
    let mut process = start(cluster, command);
    let limit = cluster.now() + 60_000;
    process.run(cluster, limit);
    assert!(process.has_ended(), "{command} does not end");
    cluster.advance(cluster.now() + 3000);
    process.into_output()
}

/// Runs commands in order. What is expected: exit code, standard output, standard error.
fn transcript(steps: &[(&str, i32, &str, &str)]) {
    let mut cluster = cluster();
    for (command, exit, stdout, stderr) in steps {
        let output = run(&mut cluster, command);
        assert_eq!(output.stdout, *stdout, "{command}");
        assert_eq!(output.stderr, *stderr, "{command}");
        assert_eq!(output.exit, *exit, "{command}");
    }
}

#[test]
fn a_rollout_is_watched_undone_and_paused() {
    transcript(&[
        ("create -f web.yaml", 0, "deployment.apps/web created\n", ""),
        ("rollout status deploy/web", 0, "deployment \"web\" successfully rolled out\n", ""),
        ("set image deploy/web app=web:2", 0, "deployment.apps/web image updated\n", ""),
        ("set image deploy/web app=web:2", 0, "", ""),
        ("set image deploy/web x=web:2", 1, "", "error: unable to find container named \"x\"\n"),
        (
            "rollout history deploy web",
            0,
            "deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n",
            "",
        ),
        ("rollout undo deploy/web", 0, "deployment.apps/web rolled back\n", ""),
        (
            "rollout undo deploy/web --to-revision=9",
            1,
            "",
            "error: unable to find specified revision 9 in history\n",
        ),
        ("rollout pause deploy/web", 0, "deployment.apps/web paused\n", ""),
        ("rollout pause deploy/web", 1, "", "error: deployments.apps \"web\" is already paused\n"),
        (
            "rollout restart deploy/web",
            1,
            "",
            "error: deployments.apps \"web\" can't restart paused deployment (run rollout resume first)\n",
        ),
        ("rollout resume deploy/web", 0, "deployment.apps/web resumed\n", ""),
        ("rollout restart deploy/web", 0, "deployment.apps/web restarted\n", ""),
        ("rollout status", 1, "", "error: required resource not specified\n"),
    ]);
}

#[test]
fn a_wait_ends_at_its_limit_and_not_before() {
    let mut cluster = cluster();
    run(&mut cluster, "create -f web.yaml");
    run(&mut cluster, "set image deploy/web app=web:bad");
    let mut process = start(&mut cluster, "wait deploy/web --for=condition=None --timeout=2s");
    let from = cluster.now();
    process.run(&mut cluster, from + 1900);
    assert!(!process.has_ended());
    process.run(&mut cluster, from + 5000);
    assert_eq!(cluster.now(), from + 2000);
    let output = process.into_output();
    assert_eq!(output.exit, 1);
    assert_eq!(output.stderr, "error: timed out waiting for the condition on deployments/web\n");
}

#[test]
fn deleting_waits_until_the_object_is_gone() {
    let mut cluster = cluster();
    run(&mut cluster, "run web --image=web:1");
    let mut process = start(&mut cluster, "delete pod web");
    assert!(!process.has_ended(), "the pod has to end first");
    assert_eq!(process.output().stdout, "pod \"web\" deleted from default namespace\n");
    let limit = cluster.now() + 60_000;
    process.run(&mut cluster, limit);
    assert!(process.has_ended());
    let output = run(&mut cluster, "delete pod web");
    assert_eq!(output.stderr, "Error from server (NotFound): pods \"web\" not found\n");
}

#[test]
fn nodes_are_cordoned_tainted_and_drained() {
    transcript(&[
        ("cordon node-1", 0, "node/node-1 cordoned\n", ""),
        ("create deployment web --image=web:1", 0, "deployment.apps/web created\n", ""),
        ("uncordon node-1", 0, "node/node-1 uncordoned\n", ""),
        ("uncordon node-1", 0, "node/node-1 already uncordoned\n", ""),
        ("taint nodes node-1 a=b:NoSchedule", 0, "node/node-1 tainted\n", ""),
        ("taint nodes node-1 a-", 0, "node/node-1 untainted\n", ""),
        ("run alone --image=web:1", 0, "pod/alone created\n", ""),
        ("drain nope", 1, "", "Error from server (NotFound): nodes \"nope\" not found\n"),
        (
            "drain",
            1,
            "",
            "error: USAGE: drain NODE [flags]\nSee 'kubectl drain -h' for help and examples\n",
        ),
    ]);
    let mut cluster = cluster();
    run(&mut cluster, "cordon node-1");
    run(&mut cluster, "create deployment web --image=web:1");
    let output = run(&mut cluster, "drain node-2");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!((output.exit, lines.len()), (0, 4), "{}{}", output.stdout, output.stderr);
    assert!(lines[1].starts_with("evicting pod default/web-"));
    assert_eq!(lines[3], "node/node-2 drained");
}

#[test]
fn dry_runs_change_nothing() {
    transcript(&[
        (
            "create cm c --from-literal=a=b --dry-run=client -o yaml",
            0,
            "apiVersion: v1\ndata:\n  a: b\nkind: ConfigMap\nmetadata:\n  name: c\n",
            "",
        ),
        (
            "create cm c --from-literal=a=b --dry-run=server",
            0,
            "configmap/c created (server dry run)\n",
            "",
        ),
        ("create cm c --from-file=a.txt", 0, "configmap/c created\n", ""),
        ("label cm c x=y --dry-run=server", 0, "configmap/c labeled (server dry run)\n", ""),
        ("label cm c x-", 0, "label \"x\" not found.\nconfigmap/c not labeled\n", ""),
        (
            "delete cm c --dry-run=client",
            0,
            "configmap \"c\" deleted from default namespace (dry run)\n",
            "",
        ),
        ("delete cm c", 0, "configmap \"c\" deleted from default namespace\n", ""),
        (
            "delete cm c --dry-run=x",
            1,
            "",
            "error: Invalid dry-run value (x). Must be \"none\", \"server\", or \"client\".\n",
        ),
    ]);
}

#[test]
fn mistakes_are_told_in_the_words_of_kubectl() {
    transcript(&[
        ("scale deploy web", 1, "", "error: required flag(s) \"replicas\" not set\n"),
        (
            "scale svc web --replicas=1",
            1,
            "",
            "Error from server (NotFound): services \"web\" not found\n",
        ),
        (
            "create deployment --image=x",
            1,
            "",
            "error: exactly one NAME is required, got 0\nSee 'kubectl create deployment -h' for help and examples\n",
        ),
        (
            "create foo",
            1,
            "",
            "error: Unexpected args: [foo]\nSee 'kubectl create -h' for help and examples\n",
        ),
        (
            "set imge deploy/web a=b",
            1,
            "",
            "error: unknown command \"imge deploy/web a=b\"\nSee 'kubectl set -h' for help and examples\n",
        ),
        (
            "run web --image=x --replicas=2",
            1,
            "",
            "error: unknown flag: --replicas\nSee 'kubectl run --help' for usage.\n",
        ),
        ("delete pods", 1, "", "error: resource(s) were provided, but no name was specified\n"),
        (
            "patch cm c",
            1,
            "",
            "error: must specify --patch or --patch-file containing the contents of the patch\n",
        ),
        ("wait pod/x", 1, "", "error: unrecognized condition: []\n"),
    ]);
}
