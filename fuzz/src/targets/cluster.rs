//! Manifests: checks of the text, the API server with its controllers in time, and the Operator.

use cluster::apiserver::Key;
use cluster::kubelet::NodeOptions;
use cluster::{Cluster, Options};
use kubernetes::decode::decode;
use kubernetes::object::{Value, from_yaml, parse_json, to_json, to_yaml};
use text::FileId;
use yaml::parse;

use crate::input::{numbers, text};
use crate::seeds::START;

/// The objects of a text.
fn objects(text: &str) -> Vec<Value> {
    let parsed = parse(FileId(1), text);
    parsed.documents.iter().filter_map(|one| from_yaml(&one.root).ok()).collect()
}

/// Decoding: findings lie on whole characters, and an object is the same after printing.
pub fn manifests(data: &[u8]) {
    let source = text(data);
    let parsed = parse(FileId(1), &source);
    let decoded = decode([&parsed], "default");
    for one in &decoded.diagnostics {
        assert!(source.get(one.location.span.range()).is_some(), "{}", one.code);
    }
    for object in objects(&source) {
        let again = parse_json(&to_json(&object)).expect("it is JSON");
        assert_eq!(to_json(&again), to_json(&object));
        let printed = to_yaml(&object);
        let tree = parse(FileId(2), &printed);
        if let Some(root) = tree.root() {
            let again = from_yaml(root).expect("what is printed can be read");
            assert_eq!(to_json(&again), to_json(&object), "{printed}");
        }
    }
}

/// Creates what the API server accepts, and lets the controllers work for some minutes.
pub fn controllers(data: &[u8]) {
    let ([seed, seconds], rest) = numbers::<2>(data);
    let mut cluster = Cluster::new(Options { now: START, seed: seed as u64 });
    cluster.server.add_kubernetes_service();
    cluster.add_node(&NodeOptions::new("minikube"));
    cluster.advance(START + 2_000);
    create_all(&mut cluster, &text(rest));
    let end = START + 2_000 + (seconds % 900) as i64 * 1000;
    cluster.advance(end);
    assert_eq!(cluster.now(), end);
    let (settled, _) = cluster.settled();
    assert!(settled.now() >= cluster.now());
    for (key, object) in settled.server.storage.iter() {
        assert_eq!(object["metadata"].str("name"), &*key.name);
    }
}

fn create_all(cluster: &mut Cluster, text: &str) {
    for object in objects(text).into_iter().take(50) {
        let kind = cluster.server.kind(object.str("apiVersion"), object.str("kind"));
        let Some(kind) = kind else { continue };
        let namespace = match object["metadata"].str("namespace") {
            "" => "default",
            namespace => namespace,
        };
        let _ = cluster.server.create(kind, namespace, &object);
        let later = cluster.now() + 10;
        cluster.advance(later);
    }
}

/// Custom resources of the Operator: findings, the way of each monitor, and the configuration, which
/// Prometheus can read if the Operator writes one.
pub fn operator(data: &[u8]) {
    let objects = objects(&text(data));
    let options = operator::Options::default();
    operator::findings::findings(&objects, &options);
    let index = operator::index::Index::new(&objects, &options);
    for server in index.servers() {
        for monitor in &objects {
            operator::funnel::funnel(&server, monitor, &index);
        }
    }
    for workload in &objects {
        let outcome = operator::reconcile::sync(workload, &objects, &options);
        for write in &outcome.writes {
            let text = to_json(&write.object);
            parse_json(&text).expect("it is JSON");
        }
    }
    let mut cluster = Cluster::new(Options { now: START, seed: 1 });
    for object in objects.iter().take(50) {
        let kind = object.str("kind");
        if let Some(row) = cluster.server.kind(object.str("apiVersion"), kind) {
            let metadata = &object["metadata"];
            let key = Key::new(row, metadata.str("namespace"), metadata.str("name"));
            cluster.server.restore_at(&key, object);
        }
    }
    let program = operator::reconcile::Operator::default();
    for key in program.workloads(&cluster.server) {
        program.step(&mut cluster.server, &key);
    }
}
