//! Compares the commands of kubectl that change objects with recorded transcripts, given the
//! recorded objects before each command.
//!
//! Only the command changes them: there are no controllers and no kubelets. So a drain that
//! waits for the end of its pods, a scale with a time limit, and a deletion of objects that another
//! deletion takes along differ here.

use std::path::Path;

use cluster::ApiServer;
use cluster::apiserver::{Key, Storage};
use conformance::{file_name, folder, folders};
use kubernetes::columns::seconds;
use kubernetes::object::{Value, parse_json};
use terminal::Output;
use terminal::kubectl::{Files, Kubectl};

/// Commands whose output was equal when this was written. The number must not fall.
const FLOOR: usize = 332;

/// The commands that are compared.
const COMMANDS: &[&str] = &[
    "annotate",
    "autoscale",
    "cordon",
    "create",
    "delete",
    "drain",
    "expose",
    "label",
    "patch",
    "replace",
    "rollout",
    "run",
    "scale",
    "set",
    "taint",
    "uncordon",
    "wait",
];

struct Folder<'a>(&'a Path);

impl Files for Folder<'_> {
    fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.0.join(path)).ok()
    }

    fn list(&self, folder: &str) -> Option<Vec<String>> {
        let path = self.0.join(folder);
        let names = conformance::files(&path, &[""]).iter().map(|path| file_name(path)).collect();
        path.is_dir().then_some(names)
    }
}

fn json(path: &Path) -> Value {
    parse_json(&std::fs::read_to_string(path).unwrap_or_default()).unwrap_or_default()
}

fn put(server: &mut ApiServer, object: &Value) {
    if let Some(kind) = server.kind(object.str("apiVersion"), object.str("kind")) {
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

/// Words of a command without shell syntax but quotes; None for any other.
fn words(command: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in command.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (Some(_), '$' | '\\' | '`')
            | (None, '$' | '\\' | '`' | '|' | ';' | '<' | '>' | '#') => {
                return None;
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

/// Lines in an order that does not depend on the order in which kubectl asks.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.sort_unstable();
    lines
}

/// Runs a command on the objects as they are; a wait ends at its limit.
fn run(server: &mut ApiServer, folder: &Path, words: &[&str], now: i64) -> Output {
    let files = Folder(folder);
    let mut kubectl = Kubectl::new(server, &files, "default");
    let mut process = kubectl.start(words);
    let mut at = now * 1000;
    process.poll(server, at);
    while let Some(next) = process.wakes_at().filter(|next| *next > at && *next < at + 60_000) {
        at = next;
        process.poll(server, at);
    }
    process.into_output()
}

#[test]
fn recorded_changes_are_told_in_the_same_words() {
    let Some(root) = folder("kubectl") else { return };
    let (mut passed, mut total) = (0, 0);
    for case in folders(&root) {
        let text = std::fs::read_to_string(case.join("case.yaml")).unwrap_or_default();
        let cluster = text.lines().find_map(|line| line.strip_prefix("cluster: "));
        let Some(cluster) = cluster else { continue };
        let mut server = ApiServer::new(0, 1);
        server.storage = Storage::default();
        json(&root.join(cluster)).as_list().into_iter().flatten().for_each(|object| {
            put(&mut server, object);
        });
        for step in json(&case.join("transcript.json")).as_list().into_iter().flatten() {
            let command = step.str("command");
            let words = words(command).unwrap_or_default();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if let ["kubectl", rest @ ..] = &words[..]
                && rest.first().is_some_and(|name| COMMANDS.contains(name))
                && !step.bool("unstable")
                && !rest.iter().any(|word| word.starts_with("--as="))
            {
                let now = seconds(step.str("at")).unwrap_or_default();
                server.set_time(now);
                let mut copy = server.clone();
                let output = run(&mut copy, &case.join("files"), rest, now);
                let text = |raw: &str, normal: &str| {
                    step[raw].as_str().unwrap_or_else(|| step.str(normal)).to_owned()
                };
                let (stdout, stderr) = (text("raw_stdout", "stdout"), text("raw_stderr", "stderr"));
                let equal = sorted(&stdout) == sorted(&output.stdout)
                    && sorted(&stderr) == sorted(&output.stderr)
                    && step.int("exit") == i64::from(output.exit);
                total += 1;
                passed += usize::from(equal);
                if !equal {
                    println!("{}: {command}", file_name(&case));
                    println!("    {} {stdout:?} {stderr:?}", step.int("exit"));
                    println!("    {} {:?} {:?}", output.exit, output.stdout, output.stderr);
                }
            }
            step["after"].list("set").iter().for_each(|object| put(&mut server, object));
            for path in step["after"].list("gone").iter().filter_map(Value::as_str) {
                remove(&mut server, path);
            }
        }
    }
    println!("changing commands, given objects: {passed}/{total} without shell syntax");
    assert!(passed >= FLOOR, "{passed} of {total} are equal, {FLOOR} were");
}
