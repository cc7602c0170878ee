use std::collections::BTreeMap;

use kubernetes::object::{Value, parse_json};
use text::FileId;

use super::read_behaviors;
use crate::program::{Behaviors, Exit, GrpcAnswer, HttpRequest, Process, Programs, Start};

const TEXT: &str = r#"
programs:
- match: {container: web}
  starts:
  - listen: [{port: 8080, from: 1s, to: 9s}]
    http:
    - &ok {path: /healthz, status: 200}
    - {path: /healthz, from: 5s, status: 503, delay: 250ms}
    grpc: [{port: 8080, service: a, status: NOT_SERVING}]
    exec: [{command: cat /tmp/x, code: 1, output: "none\n"}]
    exit: {after: 20s, code: 3, message: bye}
    memory: [{from: 2s, use: 60Mi}, {from: 7s, use: 200Mi}]
    term: {after: 2s, code: 143}
    log: [hello]
    logEnv: [A, B]
  - http: [*ok]
    term: {ignored: true}
- match: {image: "broken:1"}
  starts:
  - startError: no such file
"#;

fn programs() -> Behaviors {
    let (behaviors, diagnostics) = read_behaviors(FileId(0), TEXT);
    assert_eq!(diagnostics, []);
    behaviors
}

fn start(
    behaviors: &Behaviors,
    container: &str,
    earlier: usize,
) -> Result<Box<dyn Process>, String> {
    let pod = parse_json(r#"{"metadata":{"name":"p"}}"#).expect("JSON");
    let mut spec = Value::map();
    spec.set("name", container);
    spec.set("image", if container == "broken" { "broken:1" } else { "web:1" });
    let env = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
    behaviors.start(&Start {
        pod: &pod,
        container: &spec,
        env: &env,
        earlier_starts: earlier,
        pod_number: 1,
        image_pod_number: 1,
        now: 0,
    })
}

#[test]
fn a_process_follows_its_table() {
    let behaviors = programs();
    let mut process = start(&behaviors, "web", 0).expect("it starts");
    let lines: Vec<String> = process.log(0).into_iter().map(|(_, line)| line).collect();
    assert_eq!(lines, ["hello", "A=1", "B is not set"]);
    for (at, listens) in [(0, false), (1000, true), (8999, true), (9000, false)] {
        assert_eq!(process.listens(8080, at), listens, "at {at}");
    }
    let get = |path| HttpRequest::get(8080, path);
    for (path, at, status) in [("/healthz", 0, 200), ("/healthz?x=1", 5000, 503), ("/", 0, 404)] {
        assert_eq!(process.http(get(path), at).status, status, "{path} at {at}");
    }
    assert_eq!(process.grpc(8080, "a", 0), GrpcAnswer::Status("NOT_SERVING".into()));
    assert_eq!(process.grpc(8080, "b", 0), GrpcAnswer::UnknownService);
    assert_eq!(process.grpc(9090, "a", 0), GrpcAnswer::Unimplemented);
    assert_eq!(process.exec(&["cat", "/tmp/x"], 0).output, "none\n");
    assert_eq!(process.exec(&["ls"], 0).code, 0);
    assert_eq!(process.last_change(), 9000);
    let exit = Exit { code: 3, message: "bye".into(), out_of_memory: false };
    assert_eq!(process.end(None), Some((20_000, exit)));
    let end = process.end(Some(128 << 20)).expect("it ends");
    assert_eq!((end.0, end.1.code, end.1.out_of_memory), (7000, 137, true));
    process.terminate(3000);
    assert_eq!(process.end(None).map(|(at, exit)| (at, exit.code)), Some((5000, 143)));
}

#[test]
fn later_starts_use_the_last_entry() {
    let behaviors = programs();
    for earlier in [1, 2, 9] {
        let mut process = start(&behaviors, "web", earlier).expect("it starts");
        process.terminate(0);
        assert_eq!(process.end(None), None);
    }
    assert_eq!(start(&behaviors, "broken", 0).map(|_| ()), Err("no such file".to_owned()));
    let mut other = start(&behaviors, "other", 0).expect("it starts");
    assert!(!other.listens(80, 0));
    other.terminate(700);
    assert_eq!(other.end(None), Some((700, Exit::default())));
}

#[test]
fn what_cannot_be_read_is_reported() {
    for (text, code, part) in [
        ("programs: 3", "program-value", "Expected a list"),
        ("programs: [3]", "program-value", "Expected a mapping"),
        ("program: []", "program-unknown-field", "program"),
        ("programs: [{starts: [{listen: [{from: 1s}]}]}]", "program-value", "port is required"),
        ("programs: [{starts: [{listen: [{port: 0}]}]}]", "program-value", "from 1 to 65535"),
        ("programs: [{starts: [{exit: {after: soon}}]}]", "program-value", "a duration"),
        ("programs: [{starts: [{exit: {after: -1s}}]}]", "program-value", "a duration"),
        ("programs: [{starts: [{memory: [{use: much}]}]}]", "program-value", "a quantity"),
        ("programs: [{match: {pod: 0}}]", "program-value", "from 1 to"),
        ("programs: [{match: {pods: 1}}]", "program-unknown-field", "pods"),
    ] {
        let (_, diagnostics) = read_behaviors(FileId(0), text);
        let found = diagnostics.iter().any(|one| one.code == code && one.message.contains(part));
        assert!(found, "{text}: {diagnostics:?}");
    }
}

#[test]
fn long_lists_are_cut() {
    let text = format!("programs: [{}]", "{},".repeat(1500));
    let (behaviors, diagnostics) = read_behaviors(FileId(0), &text);
    assert_eq!(behaviors.entries.len(), 1000);
    assert!(diagnostics.iter().any(|one| one.code == "program-limit"), "{diagnostics:?}");
}
