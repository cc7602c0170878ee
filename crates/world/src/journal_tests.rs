//! The journal gives the same states again.

use kubernetes::object::to_json;
use promql::Timestamp;

use crate::pod_tests::{GOOD, config_map, pod, world};
use crate::settle_tests::DEPLOYMENT;
use crate::{Entry, Fault, History, Input, World};

/// All objects, logs and stored samples of a world.
fn state(world: &World) -> String {
    let objects = world.cluster.server.storage.iter();
    let objects: String = objects.map(|(_, object)| to_json(object) + "\n").collect();
    let servers = world.running_servers().into_iter();
    let samples: String = servers
        .map(|(id, server)| format!("{id:?} {:x}\n", server.process.storage.fingerprint()))
        .collect();
    let log = world.cluster.kubelets.log("default", "prometheus", "prometheus", false, world.now());
    format!("{} {objects}{samples}{log:?}{:?}", world.now(), world.terminal.files)
}

fn history() -> (World, History) {
    let start = world(&config_map(GOOD));
    let mut history = History::new(start.clone());
    let second = |history: &History| history.world().now() + 1_000;
    let manifests = config_map(GOOD) + &pod("", "");
    assert_eq!(history.take(Input::Apply { manifests }).exit, 0);
    for _ in 0..30 {
        let to = second(&history);
        history.take(Input::Advance { to });
    }
    let web = Input::Edit { path: "web.yaml".to_owned(), text: Some(DEPLOYMENT.to_owned()) };
    history.take(web);
    let line = "kubectl apply -f web.yaml && kubectl rollout status deploy/web".to_owned();
    let output = history.take(Input::Command { line, stdin: String::new() });
    assert!(output.stdout.contains("successfully rolled out"), "{output:?}");
    let container = ["default", "prometheus", "prometheus"].map(str::to_owned);
    let [namespace, pod, container] = container;
    let kill = Fault::Kill { namespace: namespace.clone(), pod: pod.clone(), container, code: 9 };
    assert_eq!(history.take(Input::Fault(kill)).exit, 0);
    history.take(Input::Advance { to: second(&history) + 60_000 });
    history.take(Input::Fault(Fault::Cut { namespace, pod }));
    history.take(Input::Advance { to: second(&history) + 900_000 });
    (start, history)
}

#[test]
fn a_replay_gives_the_same_state() {
    let (start, history) = history();
    let text = serde_json::to_string(history.entries()).expect("it can be written");
    let entries: Vec<Entry> = serde_json::from_str(&text).expect("it can be read");
    assert_eq!(entries, history.entries());
    assert_eq!(entries.iter().filter(|one| matches!(one.input, Input::Advance { .. })).count(), 3);
    let replayed = History::replay(start, &entries);
    assert!(state(replayed.world()) == state(history.world()));
}

#[test]
fn any_moment_can_be_seen_again() {
    let (start, history) = history();
    let begin = start.now();
    for seconds in [0, 5, 17, 31, 40, 90, 300, 900] {
        let time: Timestamp = begin + seconds * 1_000;
        let mut fresh = start.clone();
        for entry in history.entries().iter().take_while(|entry| entry.at <= time) {
            fresh.advance(entry.at);
            fresh.take(&entry.input, time);
        }
        fresh.advance(time);
        let seen = history.at(time);
        assert_eq!(seen.now(), time);
        assert!(state(&seen) == state(&fresh), "after {seconds} s");
    }
}

#[test]
fn an_input_can_be_taken_back() {
    let (start, mut history) = history();
    let count = history.entries().len();
    assert!(history.undo());
    // The cut and what came after it are gone; the kill is the last input that is left.
    assert!(history.entries().len() < count);
    let replayed = History::replay(start, history.entries());
    assert!(state(replayed.world()) == state(history.world()));
    while history.undo() {}
    assert_eq!(history.entries(), []);
}

#[test]
fn a_killed_server_starts_again() {
    let (_, history) = history();
    let kind = kubernetes::kinds::find("v1", "Pod").expect("a kind");
    let pod = history.world().cluster.server.get(kind, "default", "prometheus").expect("a pod");
    let container = &pod["status"].list("containerStatuses")[0];
    assert_eq!(container.int("restartCount"), 1);
    assert_eq!(container["lastState"]["terminated"].int("exitCode"), 9);
    assert_eq!(history.world().running_servers().len(), 1);
}
