//! Outputs of kubectl against a real API server, and the stored objects.

use std::collections::BTreeMap;
use std::path::Path;

use cluster::ApiServer;
use cluster::controllers::Controllers;
use conformance::{Tally, read};
use kubernetes::object::{Value, from_yaml, to_json};
use terminal::Output;
use terminal::kubectl::Kubectl;
use text::FileId;

pub fn run(folder: &Path, tally: &mut Tally) {
    for case in conformance::folders(folder) {
        tally.case(&conformance::file_name(&case), || compare(&case));
    }
}

fn yaml_documents(text: &str) -> Vec<Value> {
    let parsed = yaml::parse(FileId(0), text);
    let documents = parsed.documents.iter().filter_map(|document| from_yaml(&document.root).ok());
    documents.filter(|document| !document.is_null()).collect()
}

/// Runs the steps of a case and compares each with the recording.
fn compare(folder: &Path) -> Result<(), String> {
    let case = yaml_documents(&read(&folder.join("case.yaml"))).pop().unwrap_or_default();
    let mut server = ApiServer::new(1_767_225_600, 1);
    let mut controllers = Controllers::default();
    controllers.settle(&mut server);
    let mut manifests = String::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".yaml") && !name.contains("objects") && name != "case.yaml" {
            manifests.push_str(&read(&entry.path()));
        }
    }
    let mut names = Placeholders { manifests, ..Placeholders::default() };
    let mut expected_objects = Value::Null;
    for (number, step) in case.list("steps").iter().enumerate() {
        let words = match step["apply"].as_str() {
            Some(file) => format!("apply -f {file}"),
            None => step.str("kubectl").to_owned(),
        };
        let words: Vec<&str> = words.split(' ').collect();
        let files = |path: &str| {
            std::fs::read(folder.join(path))
                .ok()
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let mut kubectl = Kubectl::new(&mut server, &files, "default");
        let output = kubectl.run(&words);
        controllers.settle(&mut server);
        if let Some(file) = step["objects"].as_str() {
            expected_objects = yaml_documents(&read(&folder.join(file))).into();
        }
        let at = format!("step {}", number + 1);
        let objects = stored(&server, &names.manifests);
        names.learn(&objects, &output);
        compare_output(step, &output, &mut names).map_err(|error| format!("{at}: {error}"))?;
        compare_objects(&expected_objects, objects, &mut names)
            .map_err(|error| format!("{at}: {error}"))?;
    }
    Ok(())
}

/// Turns values that the server chose into the names that the recordings have for them.
#[derive(Default)]
struct Placeholders {
    manifests: String,
    known: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Placeholders {
    fn add(&mut self, kind: &'static str, value: &str) {
        if value.is_empty() || self.known.contains_key(value) || self.manifests.contains(value) {
            return;
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        self.known.insert(value.to_owned(), format!("<{kind}{count}>"));
    }

    /// Finds chosen values in the order in which the recordings count them.
    fn learn(&mut self, objects: &[Value], output: &Output) {
        let mut uids = Vec::new();
        for object in objects {
            collect_uids(&object["metadata"]["labels"], &mut uids);
            collect_uids(&object["spec"], &mut uids);
        }
        for uid in uids {
            self.add("uid", &uid);
        }
        for word in output.stderr.split(|c: char| !c.is_ascii_hexdigit() && c != '-') {
            if is_uid(word) {
                self.add("uid", word);
            }
        }
        for object in objects.iter().filter(|object| object.str("kind") == "Service") {
            let spec = &object["spec"];
            for ip in spec.list("clusterIPs").iter().filter_map(Value::as_str) {
                if ip != "None" {
                    self.add("clusterIP", ip);
                }
            }
            for port in spec.list("ports") {
                let port = port.int("nodePort");
                if port != 0 {
                    self.add("nodePort", &port.to_string());
                }
            }
        }
    }

    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (value, name) in &self.known {
            text = text.replace(value, name);
        }
        if let Some(at) = text.find("in scheme \"") {
            let behind = &text[at + 11..];
            if let Some(end) = behind.find('"') {
                text = format!("{}in scheme <scheme>{}", &text[..at], &behind[end + 1..]);
            }
        }
        text
    }

    fn value(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => {
                if let Some(rand) = text.strip_prefix("kube-api-access-")
                    && !rand.starts_with('<')
                {
                    self.add("rand", rand);
                }
                self.text(&text).into()
            }
            Value::Int(int) if int >= 30_000 => match self.known.get(&int.to_string()) {
                Some(name) => Value::from(&**name),
                None => Value::Int(int),
            },
            Value::List(list) => {
                list.iter().map(|item| self.value(item.clone())).collect::<Vec<_>>().into()
            }
            Value::Map(map) => {
                let entries: kubernetes::object::Map = map
                    .iter()
                    .map(|(key, value)| (self.text(key), self.value(value.clone())))
                    .collect();
                entries.into()
            }
            other => other,
        }
    }
}

fn is_uid(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12]
}

fn collect_uids(value: &Value, uids: &mut Vec<String>) {
    match value {
        Value::String(text) if is_uid(text) => uids.push(text.to_string()),
        Value::List(list) => list.iter().for_each(|item| collect_uids(item, uids)),
        Value::Map(map) => map.iter().for_each(|(_, value)| collect_uids(value, uids)),
        _ => {}
    }
}

fn compare_output(step: &Value, output: &Output, names: &mut Placeholders) -> Result<(), String> {
    let (stdout, stderr) = (names.text(&output.stdout), names.text(&output.stderr));
    for (what, expected, found) in
        [("stderr", step.str("stderr"), &stderr), ("stdout", step.str("stdout"), &stdout)]
    {
        if expected != found {
            return Err(format!("{what}\n      expected {expected:?}\n      found    {found:?}"));
        }
    }
    if step.int("exit") != i64::from(output.exit) {
        return Err(format!("exit {}", output.exit));
    }
    Ok(())
}

/// Returns true for objects of a new cluster, which the recordings omit.
fn is_of_system(object: &Value, manifests: &str) -> bool {
    let name = object["metadata"].str("name");
    match object.str("kind") {
        "Namespace" => ["default", "kube-system", "kube-public", "kube-node-lease"].contains(&name),
        "ServiceAccount" => {
            name == "default"
                && !manifests.contains("kind: ServiceAccount\nmetadata:\n  name: default")
        }
        "ConfigMap" => name == "kube-root-ca.crt",
        "PriorityClass" => name.starts_with("system-"),
        "ClusterRole" | "ClusterRoleBinding" => {
            !object["metadata"]["labels"].str("kubernetes.io/bootstrapping").is_empty()
        }
        _ => false,
    }
}

/// Stored objects without what the recordings leave out.
fn stored(server: &ApiServer, manifests: &str) -> Vec<Value> {
    let mut objects = Vec::new();
    for (_, object) in server.storage.iter() {
        if is_of_system(object, manifests) {
            continue;
        }
        let mut object = object.clone();
        let metadata = object.entry("metadata");
        for key in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
            metadata.remove(key);
        }
        objects.push(object);
    }
    objects.sort_by_key(|object| {
        let metadata = &object["metadata"];
        (
            object.str("kind").to_owned(),
            metadata.str("namespace").to_owned(),
            metadata.str("name").to_owned(),
        )
    });
    objects
}

fn compare_objects(
    expected: &Value,
    objects: Vec<Value>,
    names: &mut Placeholders,
) -> Result<(), String> {
    let expected = expected.as_list().unwrap_or_default();
    let found: Vec<Value> = objects.into_iter().map(|object| names.value(object)).collect();
    for (number, wanted) in expected.iter().enumerate() {
        let Some(object) = found.get(number) else {
            return Err(format!("lacks the object {}", to_json(wanted)));
        };
        if let Some(difference) = difference(wanted, object, "") {
            let name = wanted["metadata"].str("name");
            return Err(format!("{} {name}: {difference}", wanted.str("kind")));
        }
    }
    match found.get(expected.len()) {
        None => Ok(()),
        Some(more) => Err(format!("has the object {} besides", to_json(more))),
    }
}

/// The first place at which two objects differ.
fn difference(expected: &Value, found: &Value, path: &str) -> Option<String> {
    match (expected, found) {
        (Value::Map(left), Value::Map(right)) => {
            let keys = left.keys().chain(right.keys());
            keys.into_iter()
                .find_map(|key| {
                    difference(&expected[&**key], &found[&**key], &format!("{path}.{key}"))
                })
                .or_else(|| {
                    (left.len() != right.len()).then(|| {
                        format!("{path}: keys differ: {} and {}", to_json(expected), to_json(found))
                    })
                })
        }
        (Value::List(left), Value::List(right)) if left.len() == right.len() => {
            left.iter().zip(right.iter()).enumerate().find_map(|(number, (left, right))| {
                difference(left, right, &format!("{path}[{number}]"))
            })
        }
        // Times and revisions stand for any value.
        (Value::String(text), _) if matches!(&**text, "<time>" | "<resourceVersion>") => {
            found.as_str().is_none().then(|| format!("{path}: no time"))
        }
        _ if expected == found => None,
        _ => Some(format!("{path}: expected {}, found {}", to_json(expected), to_json(found))),
    }
}
