//! Compares `kubectl get` with recorded transcripts, given the recorded objects and moments.

use std::path::Path;

use cluster::ApiServer;
use cluster::apiserver::{Key, Storage};
use kubernetes::columns::seconds;
use kubernetes::object::{Value, parse_json};
use terminal::Output;
use terminal::kubectl::Kubectl;

/// Commands whose text was equal when this was written. The number must not fall.
const FLOOR: usize = 215;

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    parse_json(&text).unwrap_or_default()
}

fn put(server: &mut ApiServer, object: &Value) {
    let kind = server.kind(object.str("apiVersion"), object.str("kind"));
    if let Some(kind) = kind {
        let metadata = &object["metadata"];
        let key = Key::new(kind, metadata.str("namespace"), metadata.str("name"));
        server.storage.put(key, object.clone());
    }
}

fn remove(server: &mut ApiServer, path: &str) {
    let gone = server.storage.iter().find_map(|(key, object)| {
        let (version, kind) = (object.str("apiVersion"), object.str("kind"));
        let name = format!("{version}/{kind}/{}/{}", key.namespace, key.name);
        (name == path).then(|| key.clone())
    });
    if let Some(key) = gone {
        server.storage.remove(&key);
    }
}

/// True if the output is that of the step. Ages may be one second off.
fn equal(server: &mut ApiServer, step: &Value, words: &[&str]) -> bool {
    let text =
        |raw: &str, normal: &str| step[raw].as_str().unwrap_or_else(|| step.str(normal)).to_owned();
    let expected = Output {
        stdout: text("raw_stdout", "stdout"),
        stderr: text("raw_stderr", "stderr"),
        exit: step.int("exit").try_into().unwrap_or(-1),
    };
    let at = seconds(step.str("at")).unwrap_or_default();
    (at..=at + 1).any(|now| {
        server.set_time(now);
        let mut kubectl = Kubectl::new(server, &|_: &str| None, "default");
        kubectl.run(words) == expected
    })
}

#[test]
fn recorded_tables_are_printed_to_the_letter() {
    let Some(folder) = conformance::folder("kubectl") else { return };
    let (mut passed, mut total) = (0, 0);
    for case in conformance::folders(&folder) {
        let text = std::fs::read_to_string(case.join("case.yaml")).unwrap_or_default();
        let cluster = text.lines().find_map(|line| line.strip_prefix("cluster: "));
        let Some(cluster) = cluster else { continue };
        let mut server = ApiServer::new(0, 1);
        server.storage = Storage::default();
        read(&folder.join(cluster)).as_list().into_iter().flatten().for_each(|object| {
            put(&mut server, object);
        });
        for step in read(&case.join("transcript.json")).as_list().into_iter().flatten() {
            let command = step.str("command");
            if let Some(rest) = command.strip_prefix("kubectl get ")
                && !rest.contains(['|', '$', '\'', '"', '>', ';', '\\', '#'])
                && !step.bool("unstable")
            {
                let mut words = vec!["get"];
                words.extend(rest.split_whitespace());
                total += 1;
                if equal(&mut server, step, &words) {
                    passed += 1;
                } else {
                    println!("{}: {command}", conformance::file_name(&case));
                }
            }
            step["after"].list("set").iter().for_each(|object| put(&mut server, object));
            for path in step["after"].list("gone").iter().filter_map(Value::as_str) {
                remove(&mut server, path);
            }
        }
    }
    println!("kubectl get, printers: {passed}/{total} commands without shell syntax");
    assert!(passed >= FLOOR, "{passed} of {total} are equal, {FLOOR} were");
}
