//! A cluster in time: workloads, scheduling, determinism.

use kubernetes::kinds;
use kubernetes::object::{Value, parse_json};

use super::{Cluster, Options, StorageProvisioner};
use crate::apiserver::Key;
use crate::controllers::objects::set_condition;

const START: i64 = 1_767_225_600_000;

fn cluster(seed: u64) -> Cluster {
    let mut cluster = Cluster::new(Options { now: START, seed });
    create(&mut cluster, r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}}"#);
    let key = Key { kind: "Node", group: "", namespace: "".into(), name: "n".into() };
    let mut node = cluster.server.storage.get(&key).cloned().expect("it was created");
    let capacity = parse_json(r#"{"cpu":"2","memory":"4Gi","pods":"110"}"#).expect("it is JSON");
    node.entry("status").set("allocatable", capacity);
    cluster.server.write(&key, node);
    cluster.advance(START + 1000);
    cluster
}

fn create(cluster: &mut Cluster, json: &str) {
    let object = parse_json(json).expect("it is JSON");
    let kind = kinds::find(object.str("apiVersion"), object.str("kind")).expect("a kind");
    cluster.server.create(kind, "default", &object).expect("it is accepted");
}

fn deployment(replicas: i64, cpu: &str) -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"web"}},"spec":{{
        "replicas":{replicas},"selector":{{"matchLabels":{{"app":"web"}}}},
        "template":{{"metadata":{{"labels":{{"app":"web"}}}},"spec":{{"containers":[
        {{"name":"web","image":"web:1","resources":{{"requests":{{"cpu":"{cpu}"}}}}}}]}}}}}}}}"#
    )
}

fn pods(cluster: &Cluster) -> Vec<Value> {
    cluster.server.storage.list("", "Pod", "default").map(|(_, pod)| pod.clone()).collect()
}

/// Makes all pods ready, as a kubelet would.
fn run_pods(cluster: &mut Cluster) {
    let keys: Vec<Key> =
        cluster.server.storage.list("", "Pod", "default").map(|(key, _)| key.clone()).collect();
    for key in keys {
        let mut pod = cluster.server.storage.get(&key).cloned().expect("it is there");
        let time = cluster.server.timestamp();
        let ready = format!(r#"{{"type":"Ready","status":"True","lastTransitionTime":"{time}"}}"#);
        let status = pod.entry("status");
        status.set("phase", "Running");
        set_condition(status.entry("conditions"), parse_json(&ready).expect("it is JSON"));
        cluster.server.write(&key, pod);
    }
}

fn stored_deployment(cluster: &Cluster) -> Value {
    let key =
        Key { kind: "Deployment", group: "apps", namespace: "default".into(), name: "web".into() };
    cluster.server.storage.get(&key).cloned().expect("it is there")
}

#[test]
fn a_deployment_makes_pods_that_get_a_node_and_becomes_available() {
    let mut cluster = cluster(1);
    create(&mut cluster, &deployment(3, "100m"));
    cluster.advance(START + 3000);
    let made = pods(&cluster);
    assert_eq!(made.len(), 3);
    assert!(made.iter().all(|pod| pod["spec"].str("nodeName") == "n"));
    run_pods(&mut cluster);
    let (settled, at_rest) = cluster.settled();
    assert!(at_rest);
    let status = stored_deployment(&settled)["status"].clone();
    assert_eq!(status.int("availableReplicas"), 3);
    let progressing = &status.list("conditions")[1];
    assert_eq!(progressing.str("reason"), "NewReplicaSetAvailable");
    let before = stored_deployment(&cluster)["status"].int("availableReplicas");
    assert_eq!(before, 0, "settling changes only the clone");
}

#[test]
fn pods_that_do_not_fit_say_why() {
    let mut cluster = cluster(1);
    create(&mut cluster, &deployment(3, "900m"));
    cluster.advance(START + 3000);
    let waiting: Vec<Value> =
        pods(&cluster).into_iter().filter(|pod| !pod["spec"].has("nodeName")).collect();
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        waiting[0]["status"].list("conditions")[0].str("message"),
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
    );
}

#[test]
fn equal_seeds_give_equal_clusters() {
    let run = |seed| {
        let mut cluster = cluster(seed);
        create(&mut cluster, &deployment(2, "100m"));
        cluster.advance(START + 5000);
        cluster.server.storage.iter().map(|(key, _)| key.clone()).collect::<Vec<Key>>()
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}

#[test]
fn a_deadline_that_passes_is_noted() {
    let mut cluster = cluster(1);
    let text = deployment(1, "100m")
        .replace("\"replicas\":1", "\"replicas\":1,\"progressDeadlineSeconds\":5");
    create(&mut cluster, &text);
    cluster.advance(START + 60_000);
    let status = stored_deployment(&cluster)["status"].clone();
    let reasons: Vec<&str> =
        status.list("conditions").iter().map(|one| one.str("reason")).collect();
    assert!(reasons.contains(&"ProgressDeadlineExceeded"), "{reasons:?}");
}

const CLASS: &str = r#"{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass",
    "metadata":{"name":"standard"},"provisioner":"k8s.io/minikube-hostpath"}"#;
const CLAIM: &str = r#"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},
    "spec":{"storageClassName":"standard","accessModes":["ReadWriteOnce"],
    "resources":{"requests":{"storage":"5Gi"}}}}"#;

/// A cluster with a claim of the class of minikube, five seconds later.
fn with_claim(provisioner: StorageProvisioner) -> Cluster {
    let mut cluster = cluster(1);
    cluster.set_storage_provisioner(provisioner);
    create(&mut cluster, CLASS);
    create(&mut cluster, CLAIM);
    cluster.advance(cluster.now() + 5_000);
    cluster
}

/// The reasons of events about the claim.
fn reasons(cluster: &Cluster) -> Vec<String> {
    let events = cluster.server.storage.list("", "Event", "default");
    let of_claim = events.filter(|(_, event)| event["involvedObject"].str("name") == "data");
    of_claim.map(|(_, event)| event.str("reason").to_owned()).collect()
}

fn volumes(cluster: &Cluster) -> Vec<Value> {
    cluster.server.storage.list("", "PersistentVolume", "").map(|(_, one)| one.clone()).collect()
}

#[test]
fn a_claim_gets_a_volume_from_the_provisioner() {
    let cluster = with_claim(StorageProvisioner::Running);
    let key = crate::scheduler::volumes::claim_key("default", "data");
    let claim = cluster.server.storage.get(&key).expect("the claim");
    let volume = format!("pvc-{}", claim["metadata"].str("uid"));
    assert_eq!(claim["status"].str("phase"), "Bound");
    assert_eq!(claim["spec"].str("volumeName"), volume);
    let made = volumes(&cluster);
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["spec"]["hostPath"].str("path"), "/tmp/hostpath-provisioner/default/data");
    assert_eq!(made[0]["status"].str("phase"), "Bound");
    let expected = ["ExternalProvisioning", "Provisioning", "ProvisioningSucceeded"];
    assert_eq!(reasons(&cluster), expected);
}

#[test]
fn a_claim_stays_pending_without_the_provisioner() {
    let mut cluster = with_claim(StorageProvisioner::Absent);
    assert_eq!(volumes(&cluster), Vec::<Value>::new());
    assert_eq!(reasons(&cluster), ["ExternalProvisioning"]);
    cluster.set_storage_provisioner(StorageProvisioner::Running);
    cluster.advance(cluster.now() + 1_000);
    assert_eq!(volumes(&cluster).len(), 1);
}

#[test]
fn the_provisioner_deletes_its_volumes() {
    for (provisioner, left) in
        [(StorageProvisioner::Running, 0), (StorageProvisioner::KeepsVolumes, 1)]
    {
        let mut cluster = with_claim(provisioner);
        let key = crate::scheduler::volumes::claim_key("default", "data");
        cluster.server.storage.remove(&key);
        cluster.advance(cluster.now() + 2_000);
        assert_eq!(volumes(&cluster).len(), left, "{provisioner:?}");
    }
}
