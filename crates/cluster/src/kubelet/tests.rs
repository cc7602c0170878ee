//! Pods in time: starting, probes, restarts, deletion.

use std::sync::Arc;

use kubernetes::object::{Value, parse_json};
use text::FileId;

use super::NodeOptions;
use crate::apiserver::Key;
use crate::controllers::objects::{is_ready, pod_key};
use crate::program::{Image, read_behaviors};
use crate::{Cluster, Options};

const START: i64 = 1_767_225_600_000;

fn cluster(programs: &str) -> Cluster {
    let mut cluster = Cluster::new(Options { now: START, seed: 3 });
    cluster.add_node(&NodeOptions::new("node-1"));
    let (behaviors, diagnostics) = read_behaviors(FileId(0), programs);
    assert_eq!(diagnostics, []);
    cluster.kubelets.programs = Arc::new(behaviors);
    cluster.advance(START + 1000);
    cluster
}

fn create(cluster: &mut Cluster, spec: &str) {
    let text =
        format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web"}},"spec":{spec}}}"#);
    let object = parse_json(&text).expect("it is JSON");
    let kind = kubernetes::kinds::find("v1", "Pod").expect("a kind");
    cluster.server.create(kind, "default", &object).expect("it is accepted");
}

fn pod(cluster: &Cluster) -> Value {
    cluster.server.storage.get(&pod_key("default", "web")).cloned().unwrap_or_default()
}

/// Lets so many milliseconds pass.
fn pass(cluster: &mut Cluster, millis: i64) -> Value {
    cluster.advance(cluster.now() + millis);
    pod(cluster)
}

fn events(cluster: &Cluster, reason: &str) -> i64 {
    let events = cluster.server.storage.list("", "Event", "default");
    events.filter(|(_, event)| event.str("reason") == reason).map(|(_, one)| one.int("count")).sum()
}

fn state(pod: &Value) -> &Value {
    &pod["status"].list("containerStatuses")[0]["state"]
}

#[test]
fn a_pod_starts_and_is_ready() {
    let mut cluster = cluster("");
    create(&mut cluster, r#"{"containers":[{"name":"web","image":"web:1"}]}"#);
    let pod = pass(&mut cluster, 1700);
    assert_eq!(pod["status"].str("phase"), "Running");
    assert!(is_ready(&pod));
    assert!(pod["status"].str("podIP").starts_with("10.244.0."));
    for reason in ["Scheduled", "Pulled", "Created", "Started"] {
        assert_eq!(events(&cluster, reason), 1, "{reason}");
    }
}

#[test]
fn an_image_is_quoted_as_go_quotes() {
    let mut cluster = cluster("");
    create(&mut cluster, r#"{"containers":[{"name":"web","image":"web:\u007f"}]}"#);
    let pod = pass(&mut cluster, 1700);
    let message = state(&pod)["waiting"].str("message");
    let quoted = r#""web:\x7f""#;
    assert!(message.contains(&format!("couldn't parse image name {quoted}: ")), "{message}");
}

#[test]
fn readiness_follows_the_probe() {
    let mut cluster = cluster(
        "programs: [{starts: [{listen: [{port: 80, from: 4s}], http: [{path: /, from: 8s, status: \
         503}, {path: /, status: 200}]}]}]",
    );
    create(
        &mut cluster,
        r#"{"containers":[{"name":"web","image":"web:1","readinessProbe":{"httpGet":{"port":80},
        "periodSeconds":1,"failureThreshold":2}}]}"#,
    );
    for (millis, ready) in [(2000, false), (4000, true), (2000, true), (4000, false)] {
        let pod = pass(&mut cluster, millis);
        assert_eq!(is_ready(&pod), ready, "at {}", cluster.now() - START);
        assert!(state(&pod).has("running"));
    }
}

#[test]
fn a_program_that_ends_is_started_again_later_each_time() {
    let mut cluster = cluster("programs: [{starts: [{exit: {after: 1s, code: 1}}]}]");
    create(&mut cluster, r#"{"containers":[{"name":"web","image":"web:1"}]}"#);
    let restarts = |pod: &Value| pod["status"].list("containerStatuses")[0].int("restartCount");
    let pod = pass(&mut cluster, 6000);
    assert_eq!(restarts(&pod), 1);
    assert_eq!(state(&pod)["terminated"].str("reason"), "Error");
    assert!(!is_ready(&pod));
    let pod = pass(&mut cluster, 15_000);
    assert_eq!(restarts(&pod), 2);
    let pod = pass(&mut cluster, 60_000);
    assert!((3..=4).contains(&restarts(&pod)), "{}", restarts(&pod));
    assert!(events(&cluster, "BackOff") >= 2);
}

#[test]
fn a_deleted_pod_ends_within_its_grace_period() {
    for (term, waits) in [("{}", 0), ("{after: 3s}", 3000), ("{ignored: true}", 8000)] {
        let mut cluster = cluster(&format!("programs: [{{starts: [{{term: {term}}}]}}]"));
        create(
            &mut cluster,
            r#"{"terminationGracePeriodSeconds":8,"containers":[{"name":"web","image":"web:1"}]}"#,
        );
        pass(&mut cluster, 2000);
        let kind = kubernetes::kinds::find("v1", "Pod").expect("a kind");
        cluster.server.delete(kind, "default", "web", Default::default()).expect("it is there");
        if waits > 0 {
            let pod = pass(&mut cluster, waits - 100);
            assert!(state(&pod).has("running"), "{term}");
        }
        let pod = pass(&mut cluster, 1500);
        assert_eq!(pod, Value::Null, "{term}");
    }
}

#[test]
fn a_missing_image_is_tried_again() {
    let mut cluster = cluster("");
    cluster.kubelets.images.insert("web:9", Image::missing("web:9"));
    create(&mut cluster, r#"{"containers":[{"name":"web","image":"web:9"}]}"#);
    let pod = pass(&mut cluster, 3000);
    assert_eq!(state(&pod)["waiting"].str("reason"), "ErrImagePull");
    assert!(events(&cluster, "BackOff") >= 1);
    cluster.kubelets.images.insert("web:9", Image::default());
    let pod = pass(&mut cluster, 40_000);
    assert!(state(&pod).has("running"));
}

#[test]
fn a_clone_goes_on_in_the_same_way() {
    let mut one = cluster("programs: [{starts: [{exit: {after: 2s, code: 1}}]}]");
    create(&mut one, r#"{"containers":[{"name":"web","image":"web:1"}]}"#);
    one.advance(START + 5000);
    let mut other = one.clone();
    one.advance(START + 90_000);
    other.advance(START + 90_000);
    let all = |cluster: &Cluster| -> Vec<(Key, Value)> {
        cluster.server.storage.iter().map(|(key, one)| (key.clone(), one.clone())).collect()
    };
    assert!(all(&one) == all(&other));
}

#[test]
fn a_cluster_comes_to_rest() {
    let mut one = cluster("");
    create(&mut one, r#"{"containers":[{"name":"web","image":"web:1"}]}"#);
    let (settled, rested) = one.settled();
    assert!(rested);
    assert!(is_ready(&pod(&settled)));
}
