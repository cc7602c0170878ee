//! What the Prometheus Operator makes of custom resources, beside the recordings of the real one.

use std::collections::BTreeSet;
use std::path::Path;

use conformance::{Tally, file_name, files, folders, read};
use kubernetes::object::{Value, from_yaml, to_json};
use operator::reconcile::{Line, Synced};
use terminal::kubectl::Kubectl;
use text::FileId;

use crate::operator_world::World;

/// Flags of the published `bundle.yaml`.
const FLAGS: &[&str] = &[
    "--kubelet-service=kube-system/kubelet",
    "--kubelet-endpoints=true",
    "--kubelet-endpointslice=false",
    "--watch-referenced-objects-in-all-namespaces=true",
    "--disable-unmanaged-prometheus-configuration=true",
    "--prometheus-config-reloader=quay.io/prometheus-operator/prometheus-config-reloader:v0.94.1",
];

/// Cases that leave out StatefulSets, Services and empty TLS assets.
const SHORT: &[&str] = &["sm-", "pm-", "probe-", "sc-", "bad-", "rule-", "gate-"];

pub fn run(folder: &Path, tally: &mut Tally) {
    for case in folders(&folder.join("cases")) {
        tally.case(&file_name(&case), || check(&case));
    }
}

pub fn documents(text: &str) -> Vec<Value> {
    let parsed = yaml::parse(FileId(0), text);
    let documents = parsed.documents.iter().filter_map(|document| from_yaml(&document.root).ok());
    documents.filter(|document| !document.is_null()).collect()
}

fn one(case: &Path, name: &str) -> Value {
    documents(&read(&case.join(name))).pop().unwrap_or_default()
}

fn check(case: &Path) -> Result<(), String> {
    let definition = one(case, "case.yaml");
    let mut world = World::new(&definition, FLAGS);
    let output = world.apply(&read(&case.join("input.yaml")));
    same_lines(&one(case, "apply.yaml"), &output)?;
    let inputs = documents(&read(&case.join("input.yaml")));
    world.order(&inputs);
    let said = world.settle(definition["pods_ready"].as_bool() != Some(false));
    let short = SHORT.iter().any(|prefix| file_name(case).starts_with(prefix));
    let checks = Checks { case, world: &mut world, inputs: &inputs, short };
    checks.all(&said)
}

fn same_lines(expected: &Value, output: &terminal::Output) -> Result<(), String> {
    for (what, found) in [("stderr", &output.stderr), ("stdout", &output.stdout)] {
        let wanted: Vec<&str> = expected.list(what).iter().filter_map(Value::as_str).collect();
        let found: Vec<&str> = found.lines().collect();
        if wanted != found {
            let at = wanted.iter().zip(&found).position(|(wanted, found)| wanted != found);
            let at = at.unwrap_or(wanted.len().min(found.len()));
            let line = |lines: &[&str]| lines.get(at).map(|line| (*line).to_owned());
            return Err(format!(
                "apply {what}, line {at}\n      expected {:?}\n      found    {:?}",
                line(&wanted),
                line(&found)
            ));
        }
    }
    if expected.int("exit") != i64::from(output.exit) {
        return Err(format!("apply: exit {}", output.exit));
    }
    Ok(())
}

struct Checks<'a> {
    case: &'a Path,
    world: &'a mut World,
    inputs: &'a [Value],
    short: bool,
}

impl Checks<'_> {
    fn all(mut self, said: &Synced) -> Result<(), String> {
        self.configurations()?;
        self.lists()?;
        self.sets()?;
        self.status()?;
        self.events(said)?;
        self.log(&said.log)?;
        self.table()?;
        self.verdicts("promtool.yaml")?;
        self.verdicts("amtool.yaml")
    }

    fn stored(&self, kind: &str) -> Vec<Value> {
        let server = &self.world.server;
        let found = server.storage.iter().filter(|(key, _)| key.kind == kind);
        let found = found.map(|(_, object)| object.clone()).filter(|object| {
            let metadata = &object["metadata"];
            !self.inputs.iter().any(|input| {
                input.str("kind") == kind
                    && input["metadata"].str("name") == metadata.str("name")
                    && input["metadata"].str("namespace") == metadata.str("namespace")
            })
        });
        found.collect()
    }

    fn configurations(&self) -> Result<(), String> {
        for (ending, secret, key) in [
            (".prometheus.yaml", "prometheus-NAME", "prometheus.yaml.gz"),
            (".prometheus-agent.yaml", "prom-agent-NAME", "prometheus.yaml.gz"),
            (".alertmanager.yaml", "alertmanager-NAME-generated", "alertmanager.yaml.gz"),
        ] {
            let mut expected = BTreeSet::new();
            for file in files(self.case, &[ending]) {
                let name = file_name(&file).replace(ending, "");
                let wanted = secret.replace("NAME", &name);
                expected.insert(wanted.clone());
                let found = self.stored("Secret");
                let found = found.iter().find(|one| one["metadata"].str("name") == wanted);
                let Some(found) = found else { return Err(format!("no Secret {wanted}")) };
                let text = unzipped(found, key).ok_or_else(|| format!("no {key} in {wanted}"))?;
                same_text(&read(&file), &text)
                    .map_err(|error| format!("{name}{ending}: {error}"))?;
            }
            if ending == ".prometheus-agent.yaml" {
                continue;
            }
            for secret in self.stored("Secret") {
                let name = secret["metadata"].str("name").to_owned();
                let ours = !secret["data"][key].is_null() && !name.starts_with("prom-agent");
                if ours && !expected.contains(&name) {
                    return Err(format!("the Operator wrote no {name}"));
                }
            }
        }
        Ok(())
    }

    /// Objects that stand in one file: ConfigMaps, Secrets, Services, Endpoints.
    fn lists(&self) -> Result<(), String> {
        for (file, kind) in [
            ("configmaps.yaml", "ConfigMap"),
            ("secrets.yaml", "Secret"),
            ("services.yaml", "Service"),
            ("endpoints.yaml", "Endpoints"),
            ("stored.yaml", "PrometheusRule"),
        ] {
            let path = self.case.join(file);
            if !path.exists() && (self.short || matches!(kind, "Endpoints" | "PrometheusRule")) {
                continue;
            }
            let listed = one(self.case, file);
            // Some short cases have all Secrets.
            let is_asset = |one: &Value| one["metadata"].str("name").contains("-tls-assets-");
            let assets = self.short && listed.as_list().unwrap_or_default().iter().all(is_asset);
            let shown = |one: &Value| self.shown(kind, one, assets);
            let mut found: Vec<Value> = match kind {
                "PrometheusRule" => self.all_rules(),
                kind => self.stored(kind).iter().filter_map(shown).collect(),
            };
            found.sort_by_key(name_of);
            let mut expected: Vec<Value> = listed.as_list().unwrap_or_default().to_vec();
            expected.sort_by_key(name_of);
            same(&Value::from(expected), &Value::from(found), file)?;
        }
        Ok(())
    }

    fn all_rules(&self) -> Vec<Value> {
        let rules =
            self.world.server.storage.iter().filter(|(key, _)| key.kind == "PrometheusRule");
        let rules = rules.map(|(_, object)| {
            let mut out = bare(object);
            out.set("kind", "PrometheusRule");
            out
        });
        rules.collect()
    }

    /// An object as the recordings have it; None for one that they leave out.
    fn shown(&self, kind: &str, object: &Value, assets: bool) -> Option<Value> {
        let metadata = &object["metadata"];
        let name = metadata.str("name");
        if name == "kube-root-ca.crt"
            || (metadata.str("namespace") == "default" && name == "kubernetes")
        {
            return None;
        }
        let mut out = bare(object);
        if matches!(kind, "Secret" | "ConfigMap") && out["data"].is_null() {
            out.set("data", Value::map());
        }
        if kind == "Secret" {
            let mut data = Value::map();
            for (key, value) in object.entries("data") {
                let bytes =
                    go::base64::decode(value.as_str().unwrap_or_default()).unwrap_or_default();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                data.set(key, self.secret_text(name, key, text));
            }
            out.set("data", data);
            out.remove("type");
            let is_asset = name.contains("-tls-assets-");
            if assets && (!is_asset || out["data"].is_empty()) {
                return None;
            }
        }
        if kind == "Service" {
            for key in ["clusterIP", "clusterIPs"] {
                let ip = out["spec"][key].clone();
                if !to_json(&ip).contains("None") {
                    out.entry("spec").set(
                        key,
                        if key == "clusterIP" {
                            "IP".into()
                        } else {
                            Value::from(vec!["IP".into()])
                        },
                    );
                }
            }
        }
        Some(out)
    }

    fn secret_text(&self, name: &str, key: &str, text: String) -> Value {
        let of = |prefix: &str, ending: &str, own: &str| {
            let base = name.strip_prefix(prefix)?.strip_suffix(own)?;
            (key.ends_with(".gz")).then(|| format!("see {base}{ending}"))
        };
        let see = of("prometheus-", ".prometheus.yaml", "")
            .or_else(|| of("prom-agent-", ".prometheus-agent.yaml", ""))
            .or_else(|| of("alertmanager-", ".alertmanager.yaml", "-generated"));
        see.unwrap_or(text).into()
    }

    fn sets(&self) -> Result<(), String> {
        if self.short {
            return Ok(());
        }
        for (kind, ending) in
            [("StatefulSet", ".statefulset.yaml"), ("DaemonSet", ".daemonset.yaml")]
        {
            let mut names = BTreeSet::new();
            for file in files(self.case, &[ending]) {
                let name = file_name(&file).replace(ending, "");
                let found = self.stored(kind);
                let found = found.iter().find(|one| one["metadata"].str("name") == name);
                let Some(found) = found else { return Err(format!("no {kind} {name}")) };
                same(&one(self.case, &file_name(&file)), &bare(found), &name)?;
                names.insert(name);
            }
            let more = self.stored(kind);
            let more = more.iter().find(|one| !names.contains(one["metadata"].str("name")));
            if let Some(more) = more {
                return Err(format!(
                    "the Operator made no {kind} {}",
                    more["metadata"].str("name")
                ));
            }
        }
        Ok(())
    }

    fn status(&self) -> Result<(), String> {
        let expected = one(self.case, "status.yaml");
        let mut found = Vec::new();
        for (key, object) in self.world.server.storage.iter() {
            if key.group != "monitoring.coreos.com" || object["status"].is_empty() {
                continue;
            }
            let mut out = Value::map();
            out.set("kind", key.kind);
            out.set("namespace", &*key.namespace);
            out.set("name", &*key.name);
            let finalizers = &object["metadata"]["finalizers"];
            if !finalizers.is_empty() {
                out.set("finalizers", finalizers.clone());
            }
            out.set("status", without_times(&object["status"]));
            found.push(out);
        }
        let key = |one: &Value| {
            format!("{} {} {}", one.str("kind"), one.str("namespace"), one.str("name"))
        };
        found.sort_by_key(key);
        let mut expected: Vec<Value> = expected.as_list().unwrap_or_default().to_vec();
        expected.sort_by_key(key);
        same(&Value::from(expected), &Value::from(found), "status.yaml")
    }

    fn events(&self, said: &Synced) -> Result<(), String> {
        let shown = |event: &operator::reconcile::Event| {
            let mut out = Value::map();
            out.set("kind", &*event.kind);
            out.set("namespace", &*event.namespace);
            out.set("name", &*event.name);
            out.set("type", "Warning");
            out.set("reason", operator::reconcile::INVALID);
            out.set("action", event.action);
            out.set("reportingController", event.controller);
            out.set("note", &*event.note);
            to_json(&out)
        };
        let found: BTreeSet<String> = said.events.iter().map(shown).collect();
        let expected = one(self.case, "events.yaml");
        let expected: BTreeSet<String> =
            expected.as_list().unwrap_or_default().iter().map(to_json).collect();
        sets(&expected, &found, "events.yaml")
    }

    /// The lines about what was skipped and what failed.
    fn log(&self, lines: &[Line]) -> Result<(), String> {
        let expected = one(self.case, "log.yaml");
        let matters =
            |message: &str| message.starts_with("skipping") || message == "Unhandled Error";
        let expected: BTreeSet<String> = expected
            .as_list()
            .unwrap_or_default()
            .iter()
            .filter(|line| matters(line.str("msg")))
            .map(to_json)
            .collect();
        let found: BTreeSet<String> = lines
            .iter()
            .filter(|line| matters(line.message))
            .map(|line| {
                let mut out = Value::map();
                out.set("level", line.level);
                out.set("msg", line.message);
                for (key, value) in &line.fields {
                    out.set(key, &**value);
                }
                to_json(&out)
            })
            .collect();
        sets(&expected, &found, "log.yaml")
    }

    fn table(&mut self) -> Result<(), String> {
        let path = self.case.join("get.txt");
        if !path.exists() {
            return Ok(());
        }
        let kinds = ["Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler"];
        let plurals = ["prometheuses", "prometheusagents", "alertmanagers", "thanosrulers"];
        let has = |kind: &str| self.world.server.storage.iter().any(|(key, _)| key.kind == kind);
        let words: Vec<&str> =
            kinds.iter().zip(plurals).filter(|(kind, _)| has(kind)).map(|(_, word)| word).collect();
        let words = words.join(",");
        let files = |_: &str| None;
        let mut kubectl = Kubectl::new(&mut self.world.server, &files, "default");
        let output = kubectl.run(&["get", &words, "-A"]);
        let ageless = |line: &str| {
            let age = line.split_whitespace().last().unwrap_or_default();
            let is_age = age.ends_with('s') && age.starts_with(|c: char| c.is_ascii_digit());
            if is_age { line.replace(age, "AGE") } else { line.to_owned() }
        };
        let found: Vec<String> = output.stdout.lines().map(ageless).collect();
        same_text(&read(&path), &(found.join("\n") + "\n"))
            .map_err(|error| format!("get.txt: {error}"))
    }

    /// The exit codes of a checker on the generated configurations.
    fn verdicts(&self, file: &str) -> Result<(), String> {
        let expected = one(self.case, file);
        for verdict in expected.as_list().unwrap_or_default() {
            let name = verdict.str("file");
            let text = read(&self.case.join(name));
            let exit = match file {
                "promtool.yaml" => crate::operator_world::promtool(name, &text),
                _ => crate::operator_world::amtool(&text),
            };
            if verdict.int("exit") != exit {
                return Err(format!("{file}: exit {exit} for {name}"));
            }
        }
        Ok(())
    }
}

fn unzipped(secret: &Value, key: &str) -> Option<String> {
    let bytes = go::base64::decode(secret["data"][key].as_str()?).ok()?;
    String::from_utf8(operator::unzip(&bytes)?).ok()
}

fn name_of(object: &Value) -> String {
    let metadata = &object["metadata"];
    format!("{}/{}", metadata.str("namespace"), metadata.str("name"))
}

/// Metadata and content of an object, without what the recordings drop.
fn bare(object: &Value) -> Value {
    let mut out = object.clone();
    for key in ["apiVersion", "kind", "status"] {
        out.remove(key);
    }
    let metadata = out.entry("metadata");
    for key in ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"] {
        metadata.remove(key);
    }
    for owner in metadata.items_mut("ownerReferences") {
        owner.remove("uid");
    }
    let hash = "prometheus-operator-input-hash";
    if metadata["annotations"].has(hash) {
        metadata.entry("annotations").set(hash, "HASH");
    }
    // Written by kubectl, and by the API server for old clients.
    for key in [
        "kubectl.kubernetes.io/last-applied-configuration",
        "deprecated.daemonset.template.generation",
    ] {
        if metadata["annotations"].has(key) {
            metadata.entry("annotations").remove(key);
        }
    }
    for key in ["annotations", "labels", "ownerReferences"] {
        if metadata[key].is_empty() {
            metadata.remove(key);
        }
    }
    without_uids(out)
}

/// Replaces every UID in keys and texts by `UID`.
fn without_uids(value: Value) -> Value {
    match value {
        Value::String(text) => hidden(&text).into(),
        Value::List(list) => list.iter().cloned().map(without_uids).collect::<Vec<_>>().into(),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| (hidden(key), without_uids(value.clone())));
            entries.collect::<kubernetes::object::Map>().into()
        }
        other => other,
    }
}

fn hidden(text: &str) -> String {
    let is_uid = |part: &str| {
        part.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
    };
    let (mut out, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        if rest.is_char_boundary(36.min(rest.len())) && rest.len() >= 36 && is_uid(&rest[..36]) {
            out.push_str("UID");
            rest = &rest[36..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn without_times(value: &Value) -> Value {
    match value {
        Value::List(list) => list.iter().map(without_times).collect::<Vec<_>>().into(),
        Value::Map(map) => {
            let kept = map.iter().filter(|(key, _)| &***key != "lastTransitionTime");
            let entries = kept.map(|(key, value)| (key.clone(), without_times(value)));
            entries.collect::<kubernetes::object::Map>().into()
        }
        other => other.clone(),
    }
}

fn sets(expected: &BTreeSet<String>, found: &BTreeSet<String>, what: &str) -> Result<(), String> {
    if let Some(missing) = expected.difference(found).next() {
        let other = found.difference(expected).next();
        return Err(format!("{what} lacks {missing}\n      has {other:?}"));
    }
    match found.difference(expected).next() {
        Some(more) => Err(format!("{what} has {more} besides")),
        None => Ok(()),
    }
}

fn same_text(expected: &str, found: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let (mut wanted, mut got) = (expected.lines(), found.lines());
    for number in 1.. {
        let (wanted, got) = (wanted.next(), got.next());
        if wanted != got || wanted.is_none() {
            return Err(format!(
                "line {number}\n      expected {wanted:?}\n      found    {got:?}"
            ));
        }
    }
    Ok(())
}

fn same(expected: &Value, found: &Value, what: &str) -> Result<(), String> {
    match difference(expected, found, "") {
        None => Ok(()),
        Some(difference) => Err(format!("{what}: {difference}")),
    }
}

/// The first place at which two objects differ.
fn difference(expected: &Value, found: &Value, path: &str) -> Option<String> {
    let short = |value: &Value| -> String { to_json(value).chars().take(400).collect() };
    match (expected, found) {
        (Value::Map(left), Value::Map(right)) => {
            let keys: BTreeSet<&str> = left.keys().chain(right.keys()).map(|key| &**key).collect();
            keys.into_iter().find_map(|key| {
                if left.contains(key) != right.contains(key) {
                    let (left, right) = (short(&expected[key]), short(&found[key]));
                    return Some(format!("{path}.{key}: expected {left}, found {right}"));
                }
                difference(&expected[key], &found[key], &format!("{path}.{key}"))
            })
        }
        (Value::List(left), Value::List(right)) => {
            let count = left.len().max(right.len());
            (0..count).find_map(|number| match (left.get(number), right.get(number)) {
                (Some(left), Some(right)) => difference(left, right, &format!("{path}[{number}]")),
                (left, right) => {
                    let shown = |value: Option<&Value>| value.map(short);
                    Some(format!(
                        "{path}[{number}]: expected {:?}, found {:?}",
                        shown(left),
                        shown(right)
                    ))
                }
            })
        }
        _ if expected == found => None,
        _ => Some(format!("{path}: expected {}, found {}", short(expected), short(found))),
    }
}
