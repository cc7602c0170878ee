//! Commands that change objects one by one.
//!
//! Source: kubectl pkg/cmd/create, delete, patch, scale, label, annotate, set, rollout.

use kubernetes::kinds::Kind;
use kubernetes::merge;
use kubernetes::object::{Map, Value, parse_json};

use cluster::apiserver::Propagation;

use super::errors::Failure;
use super::{Arguments, Kubectl, Session};

/// Objects that words name: a kind, and names of that kind.
type Named = (&'static Kind, Vec<String>);

impl Kubectl<'_> {
    fn context<'b>(&'b self, arguments: &'b Arguments) -> &'b str {
        arguments.namespace.as_deref().unwrap_or(self.namespace)
    }

    /// Reads `deployment web`, `deployment/web` or `deployment web api`. Returns the words that are
    /// left: those with `=` or a `-` at their end belong to the command.
    fn named(&self, words: &[String]) -> Result<(Named, Vec<String>), Failure> {
        let is_name = |word: &&String| !word.contains('=') && !word.ends_with('-');
        let (names, rest): (Vec<&String>, Vec<&String>) = words.iter().partition(is_name);
        let rest = rest.into_iter().cloned().collect();
        let Some((first, others)) = names.split_first() else {
            let message =
                "one or more resources must be specified as <resource> <name> or <resource>/<name>";
            return Err(Failure::Plain(message.to_owned()));
        };
        let (word, names): (&str, Vec<String>) = match first.split_once('/') {
            Some((word, name)) => (word, vec![name.to_owned()]),
            None => (first, others.iter().map(|name| (*name).clone()).collect()),
        };
        let Some(kind) = self.server.kind_named(word) else {
            let message =
                format!("the server doesn't have a resource type {}", go::quote::quote(word));
            return Err(Failure::Plain(message));
        };
        Ok(((kind, names), rest))
    }

    pub(crate) fn create(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let (infos, mut failures) = self.infos(arguments);
        if infos.is_empty() && failures.is_empty() {
            return vec![Failure::Plain("no objects passed to create".to_owned())];
        }
        for info in infos {
            match self.server.create(info.kind, &info.namespace, &info.object) {
                Ok(accepted) => {
                    session.warn(&accepted.warnings);
                    let name = accepted.object["metadata"].str("name");
                    session.print(&format!("{}/{name} created", info.kind.printed()));
                }
                Err(status) => {
                    session.warn(&status.warnings);
                    let failure = Failure::from(status).while_doing("creating", &info.source);
                    failures.push(failure);
                }
            }
        }
        failures
    }

    pub(crate) fn delete(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let mut targets: Vec<(&'static Kind, String, String)> = Vec::new();
        let mut failures = Vec::new();
        if arguments.files.is_empty() {
            let namespace = self.context(arguments).to_owned();
            match self.named(&arguments.words) {
                Ok(((kind, names), _)) => {
                    targets.extend(names.into_iter().map(|name| (kind, namespace.clone(), name)));
                }
                Err(failure) => return vec![failure],
            }
        } else {
            let (infos, wrong) = self.infos(arguments);
            failures.extend(wrong);
            targets.extend(infos.into_iter().map(|info| (info.kind, info.namespace, info.name)));
        }
        for (kind, namespace, name) in targets {
            match self.server.delete(kind, &namespace, &name, Propagation::Background) {
                Ok(_) => {
                    let from = if kind.namespaced {
                        format!(" from {namespace} namespace")
                    } else {
                        String::new()
                    };
                    session.print(&format!("{} \"{name}\" deleted{from}", kind.printed()));
                }
                Err(status) => failures.push(status.into()),
            }
        }
        failures
    }

    /// Sends a patch for each named object and prints what became of it.
    fn patch_named(
        &mut self,
        arguments: &Arguments,
        (kind, names): Named,
        done: &str,
        session: &mut Session,
        patch: impl Fn(&Value) -> Map,
    ) -> Vec<Failure> {
        let namespace = self.context(arguments).to_owned();
        let mut failures = Vec::new();
        for name in names {
            let current = match self.server.get(kind, &namespace, &name) {
                Ok(current) => current,
                Err(status) => {
                    failures.push(status.into());
                    continue;
                }
            };
            match self.server.patch(kind, &namespace, &name, &patch(&current)) {
                Ok(accepted) => {
                    session.warn(&accepted.warnings);
                    let before = &current["metadata"]["resourceVersion"];
                    let same = accepted.object["metadata"]["resourceVersion"] == *before;
                    let no = if same && done == "patched" { " (no change)" } else { "" };
                    session.print(&format!("{}/{name} {done}{no}", kind.printed()));
                }
                Err(status) => {
                    session.warn(&status.warnings);
                    failures.push(status.into());
                }
            }
        }
        failures
    }

    pub(crate) fn patch(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let text = arguments.flag(&["p", "patch"]).unwrap_or_default();
        let patch = match super::read::document(text) {
            Ok(Value::Map(map)) => (*map).clone(),
            _ => {
                let message = format!("unable to parse {}", go::quote::quote(text));
                return vec![Failure::Plain(message)];
            }
        };
        match self.named(&arguments.words) {
            Ok((named, _)) => {
                self.patch_named(arguments, named, "patched", session, |_| patch.clone())
            }
            Err(failure) => vec![failure],
        }
    }

    pub(crate) fn scale(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let Some(replicas) =
            arguments.flag(&["replicas"]).and_then(|text| text.parse::<i64>().ok())
        else {
            let message = "required flag(s) \"replicas\" not set";
            return vec![Failure::Plain(message.to_owned())];
        };
        let mut patch = Value::map();
        patch.entry("spec").set("replicas", replicas);
        let patch = patch.as_map().cloned().unwrap_or_default();
        match self.named(&arguments.words) {
            Ok((named, _)) => {
                self.patch_named(arguments, named, "scaled", session, |_| patch.clone())
            }
            Err(failure) => vec![failure],
        }
    }

    /// `kubectl label` and `kubectl annotate`.
    pub(crate) fn set_metadata(
        &mut self,
        key: &str,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let (named, changes) = match self.named(&arguments.words) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        let mut patch = Value::map();
        let entries = patch.entry("metadata").entry(key);
        for change in &changes {
            match change.split_once('=') {
                Some((name, value)) => entries.set(name, value),
                None => entries.set(change.trim_end_matches('-'), Value::Null),
            }
        }
        let removes = changes.iter().all(|change| !change.contains('='));
        let done = match (key, removes) {
            ("labels", true) => "unlabeled",
            ("labels", false) => "labeled",
            _ => "annotated",
        };
        let patch = patch.as_map().cloned().unwrap_or_default();
        self.patch_named(arguments, named, done, session, |_| patch.clone())
    }

    /// `kubectl set env deployment/web A=1 B-`: for all containers.
    pub(crate) fn set_env(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let Some((what, words)) = arguments.words.split_first() else { return Vec::new() };
        if what != "env" {
            let message = format!("unknown command {} for \"kubectl set\"", go::quote::quote(what));
            return vec![Failure::Plain(message)];
        }
        let (named, changes) = match self.named(words) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        let named_kind = named.0;
        self.patch_named(arguments, named, "env updated", session, |current| {
            env_patch(named_kind, current, &changes)
        })
    }

    pub(crate) fn rollout(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let Some((what, words)) = arguments.words.split_first() else { return Vec::new() };
        let (paused, done) = match what.as_str() {
            "pause" => (true, "paused"),
            "resume" => (false, "resumed"),
            other => {
                let other = go::quote::quote(other);
                let message = format!("unknown command {other} for \"kubectl rollout\"");
                return vec![Failure::Plain(message)];
            }
        };
        let patch = parse_json(if paused {
            r#"{"spec":{"paused":true}}"#
        } else {
            r#"{"spec":{"paused":null}}"#
        });
        let patch = patch.unwrap_or_default().as_map().cloned().unwrap_or_default();
        match self.named(words) {
            Ok((named, _)) => self.patch_named(arguments, named, done, session, |_| patch.clone()),
            Err(failure) => vec![failure],
        }
    }
}

/// The patch that sets or removes variables in all containers: new ones go to the end.
fn env_patch(kind: &Kind, current: &Value, changes: &[String]) -> Map {
    let pod = match current.str("kind") {
        "Pod" => &["spec"][..],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => &["spec", "template", "spec"],
    };
    let mut modified = current.clone();
    for container in modified.entry_at(pod).items_mut("containers") {
        for change in changes {
            let (name, value) = match change.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (change.trim_end_matches('-'), None),
            };
            set_variable(container, name, value);
        }
    }
    let map = |value: &Value| value.as_map().cloned().unwrap_or_default();
    let patch = merge::two_way_patch(&map(current), &map(&modified), kind.type_id());
    patch.unwrap_or_default()
}

fn set_variable(container: &mut Value, name: &str, value: Option<&str>) {
    let variables = container.entry("env").list_mut();
    let Some(value) = value else {
        return variables.retain(|variable| variable.str("name") != name);
    };
    let mut variable = Value::map();
    variable.set("name", name);
    variable.set("value", value);
    match variables.iter_mut().find(|one| one.str("name") == name) {
        Some(known) => *known = variable,
        None => variables.push(variable),
    }
}
