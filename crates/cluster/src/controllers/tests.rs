//! Tests of the controllers on small clusters.

use kubernetes::kinds;
use kubernetes::object::{Value, parse_json};

use super::Controllers;
use crate::ApiServer;
use crate::apiserver::{Key, Propagation};

struct Cluster {
    server: ApiServer,
    controllers: Controllers,
}

impl Cluster {
    fn new() -> Self {
        let mut cluster =
            Self { server: ApiServer::new(0, 1), controllers: Controllers::default() };
        cluster.settle();
        cluster
    }

    fn settle(&mut self) {
        assert!(self.controllers.settle(&mut self.server), "the cluster comes to rest");
    }

    fn create(&mut self, namespace: &str, json: &str) -> Value {
        let object = parse_json(json).expect("it is JSON");
        let kind = kinds::find(object.str("apiVersion"), object.str("kind")).expect("a kind");
        let accepted = self.server.create(kind, namespace, &object).expect("it is accepted");
        self.settle();
        accepted.object
    }

    fn get(&self, kind: &'static str, namespace: &str, name: &str) -> Option<&Value> {
        let key = Key { kind, group: "", namespace: namespace.into(), name: name.into() };
        self.server.storage.get(&key)
    }
}

#[test]
fn a_namespace_has_an_account_and_ends_with_all_that_is_in_it() {
    let mut cluster = Cluster::new();
    cluster.create("", r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"#);
    assert!(cluster.get("ServiceAccount", "shop", "default").is_some());
    assert!(cluster.get("ConfigMap", "shop", "kube-root-ca.crt").is_some());
    let kind = kinds::find("v1", "Namespace").expect("a kind");
    cluster.server.delete(kind, "", "shop", Propagation::Background).expect("it is there");
    cluster.settle();
    assert!(cluster.get("Namespace", "", "shop").is_none());
    assert!(cluster.get("ServiceAccount", "shop", "default").is_none());
}

#[test]
fn a_claim_is_bound_to_the_smallest_volume_that_fits() {
    let mut cluster = Cluster::new();
    for (name, size) in [("large", "20Gi"), ("small", "5Gi"), ("tiny", "1Gi")] {
        cluster.create(
            "",
            &format!(
                r#"{{"apiVersion":"v1","kind":"PersistentVolume","metadata":{{"name":"{name}"}},"spec":{{"capacity":{{"storage":"{size}"}},"accessModes":["ReadWriteOnce"],"storageClassName":"m","hostPath":{{"path":"/x"}}}}}}"#
            ),
        );
    }
    cluster.create(
        "default",
        r#"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"m","resources":{"requests":{"storage":"3Gi"}}}}"#,
    );
    let claim = cluster.get("PersistentVolumeClaim", "default", "c").expect("it is there");
    assert_eq!(claim["spec"].str("volumeName"), "small");
    assert_eq!(claim["status"]["capacity"].str("storage"), "5Gi");
    let phase = |name| {
        cluster.get("PersistentVolume", "", name).map(|volume| volume["status"].str("phase"))
    };
    assert_eq!(phase("small"), Some("Bound"));
    assert_eq!(phase("large"), Some("Available"));
}

#[test]
fn a_quota_counts_what_is_there() {
    let mut cluster = Cluster::new();
    cluster.create(
        "default",
        r#"{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q"},"spec":{"hard":{"configmaps":"2","pods":"1"}}}"#,
    );
    let used = |cluster: &Cluster| {
        let quota = cluster.get("ResourceQuota", "default", "q").expect("it is there");
        quota["status"]["used"].str("configmaps").to_owned()
    };
    assert_eq!(used(&cluster), "1", "the root certificate counts");
    cluster.create("default", r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"#);
    assert_eq!(used(&cluster), "2");
    let kind = kinds::find("v1", "ConfigMap").expect("a kind");
    let more = parse_json(r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}}"#);
    let refused = cluster.server.create(kind, "default", &more.expect("it is JSON"));
    assert_eq!(
        refused.expect_err("the quota is full").message,
        "configmaps \"b\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2"
    );
}

#[test]
fn what_is_owned_goes_with_its_owner() {
    let mut cluster = Cluster::new();
    let owner = cluster
        .create("default", r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"owner"}}"#);
    let uid = owner["metadata"].str("uid").to_owned();
    cluster.create(
        "default",
        &format!(
            r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"child","ownerReferences":[{{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{uid}"}}]}}}}"#
        ),
    );
    let kind = kinds::find("v1", "ConfigMap").expect("a kind");
    cluster.server.delete(kind, "default", "owner", Propagation::Background).expect("it is there");
    cluster.settle();
    assert!(cluster.get("ConfigMap", "default", "child").is_none());
}
