//! `kubectl set env`: sets, removes and lists variables of containers.
//!
//! Source: kubectl pkg/cmd/set/set_env.go, pkg/cmd/set/env.

use go::quote::quote;
use kubernetes::object::Value;
use kubernetes::validation::names;

use super::super::builder::Target;
use super::super::errors::Failure;
use super::super::flags::{Arguments, Flag, Form};
use super::super::label::NO_RESOURCES;
use super::super::{Kubectl, Session, plain};
use super::{Change, for_containers, no_pods, pod_spec, selects};

/// Flags of `set env` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::short("env", 'e', Form::Array),
    Flag::new("from", Form::Text),
    Flag::new("keys", Form::List),
    Flag::new("list", Form::Switch),
    Flag::new("overwrite", Form::Switch),
    Flag::new("prefix", Form::Text),
    Flag::new("resolve", Form::Switch),
];

/// Variables to set and names to remove.
#[derive(Debug, Default)]
struct Changes {
    set: Vec<Value>,
    remove: Vec<String>,
}

impl Kubectl<'_> {
    /// `kubectl set env`.
    pub(super) fn set_env(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let (resources, words) = match split(&arguments.words) {
            Ok(split) => split,
            Err(failure) => return vec![failure],
        };
        if arguments.is("all") && arguments.given("selector") {
            return plain("cannot set --all and --selector at the same time");
        }
        if resources.is_empty() && !arguments.given("filename") {
            return plain(NO_RESOURCES);
        }
        if arguments.is("list") && arguments.given("output") {
            return plain("--list and --output may not be specified together");
        }
        if arguments.given("keys") && !arguments.given("from") {
            return plain(
                "when specifying --keys, a configmap or secret must be provided with --from",
            );
        }
        let changes = match self.changes(arguments, &words) {
            Ok(changes) => changes,
            Err(failure) => return vec![failure],
        };
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let (targets, failures) = match self.targets(&resources, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        if !failures.is_empty() {
            return failures;
        }
        let change = Change {
            arguments,
            dry_run,
            done: "env updated",
            failed: "failed to patch env update to pod template:",
        };
        let mut failures = Vec::new();
        for target in targets {
            let result = self.set_variables(&target, &changes, arguments, session);
            let result = result.and_then(|modified| match arguments.is("list") {
                true => Ok(()),
                false => self.send_change(&target, &modified, &change, session),
            });
            failures.extend(result.err());
        }
        failures
    }

    /// The variables of the command line and of `--from`.
    fn changes(&self, arguments: &Arguments, words: &[String]) -> Result<Changes, Failure> {
        let flags = arguments.list("env").into_iter().map(str::to_owned);
        let words: Vec<String> = flags.chain(words.iter().cloned()).collect();
        let mut changes = parse(&words).map_err(Failure::Plain)?;
        let Some(from) = arguments.text("from").filter(|from| !from.is_empty()) else {
            return Ok(changes);
        };
        let (kind, name) = from.split_once('/').ok_or_else(|| {
            Failure::Plain("resource(s) were provided, but no name was specified".to_owned())
        })?;
        let row = self.resource(kind)?;
        let field = match row.kind {
            "ConfigMap" => "configMapKeyRef",
            "Secret" => "secretKeyRef",
            other => {
                return Err(Failure::Plain(format!(
                    "unsupported resource specified in --from: {other}"
                )));
            }
        };
        let object = self.server.get(row, self.context(arguments), name)?;
        let keys = arguments.list("keys");
        let prefix = arguments.text("prefix").unwrap_or_default();
        for (key, _) in object.entries("data") {
            if !keys.is_empty() && !keys.contains(&&**key) {
                continue;
            }
            let mut variable = Value::map();
            variable.set("name", format!("{prefix}{}", variable_name(key)));
            let reference = variable.entry("valueFrom").entry(field);
            reference.set("key", &**key);
            reference.set("name", name);
            changes.set.push(variable);
        }
        Ok(changes)
    }

    /// Sets the variables of an object, or lists them.
    fn set_variables(
        &self,
        target: &Target,
        changes: &Changes,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<Value, Failure> {
        let mut modified = target.object.clone();
        let Some(path) = pod_spec(target.kind.kind) else { return Err(no_pods(target)) };
        let pattern = arguments.text("containers").unwrap_or("*");
        let overwrite = arguments.switch("overwrite", true);
        let lists = ["containers", "initContainers"];
        let mut refused = None;
        let mut listed = Vec::new();
        let spec = modified.entry_at(path);
        let found = for_containers(
            spec,
            &lists,
            |name| selects(pattern, name),
            |container| {
                if !overwrite {
                    refused = refused.take().or_else(|| overwritten(container, changes));
                }
                update(container, changes);
                listed.push(container.clone());
            },
        );
        let Target { kind, name, .. } = target;
        if found == 0 {
            let pattern = quote(pattern);
            session.note(&format!(
                "warning: {}/{name} does not have any containers matching {pattern}",
                kind.kind
            ));
        }
        if let Some(message) = refused {
            return Err(Failure::Plain(message));
        }
        if arguments.is("list") {
            for container in &listed {
                let container_name = container.str("name");
                session.print(&format!("# {} {name}, container {container_name}", kind.kind));
                for variable in container.list("env") {
                    self.list_variable(target, container, variable, arguments, session);
                }
            }
        }
        Ok(modified)
    }

    fn list_variable(
        &self,
        target: &Target,
        container: &Value,
        variable: &Value,
        arguments: &Arguments,
        session: &mut Session,
    ) {
        let (name, source) = (variable.str("name"), &variable["valueFrom"]);
        if source.is_null() {
            return session.print(&format!("{name}={}", variable.str("value")));
        }
        let shown = format!("# {name} from {}", reference(source));
        if !arguments.is("resolve") {
            return session.print(&shown);
        }
        match self.resolve(target, container, source) {
            Ok(value) => session.print(&format!("{name}={value}")),
            Err(error) => {
                session.print(&shown);
                session.note(&format!("error retrieving reference for {name}: {error}"));
            }
        }
    }

    /// The value of a reference. Source: kubectl pkg/cmd/set/env/env_resolve.go.
    fn resolve(
        &self,
        target: &Target,
        container: &Value,
        source: &Value,
    ) -> Result<String, String> {
        let object = |kind: &str, name: &str| {
            let row = kubernetes::kinds::find("v1", kind).ok_or("no such kind")?;
            let found = self.server.get(row, &target.namespace, name);
            found.map_err(|status| status.message)
        };
        let key = |what: &str, reference: &Value, object: &Value| {
            let (key, name) = (reference.str("key"), reference.str("name"));
            let value = object["data"].get(key).and_then(Value::as_str).map(str::to_owned);
            value.ok_or(format!("key {key} not found in {what} {name}"))
        };
        if let Some(reference) = source.get("secretKeyRef") {
            let secret = object("Secret", reference.str("name"))?;
            let value = key("secret", reference, &secret)?;
            let bytes = go::base64::decode(&value).unwrap_or_default();
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        if let Some(reference) = source.get("configMapKeyRef") {
            let map = object("ConfigMap", reference.str("name"))?;
            return key("config map", reference, &map);
        }
        if let Some(reference) = source.get("fieldRef") {
            let path = reference.str("fieldPath");
            return field(&target.object, path).ok_or(format!("unsupported fieldPath: {path}"));
        }
        let reference = source.get("resourceFieldRef").ok_or("invalid valueFrom")?;
        let resource = reference.str("resource");
        let value = resource
            .split_once('.')
            .and_then(|(part, name)| container["resources"][part].get(name)?.as_str());
        Ok(value.unwrap_or("0").to_owned())
    }
}

/// Splits words into resources and changes of variables, which follow them.
/// Source: kubectl pkg/cmd/set/env SplitEnvironmentFromResources.
fn split(words: &[String]) -> Result<(Vec<String>, Vec<String>), Failure> {
    let is_change = |word: &String| word.find('=').is_some_and(|at| at > 0) || word.ends_with('-');
    let first = words.iter().position(is_change).unwrap_or(words.len());
    let (resources, changes) = words.split_at(first);
    if changes.iter().all(is_change) {
        return Ok((resources.to_vec(), changes.to_vec()));
    }
    let words = words.join(" ");
    Err(Failure::Plain(format!(
        "all resources must be specified before environment changes: {words}"
    )))
}

/// Reads `NAME=value` and `NAME-`. Source: kubectl pkg/cmd/set/env ParseEnv.
fn parse(words: &[String]) -> Result<Changes, String> {
    let mut changes = Changes::default();
    for word in words {
        if let Some((name, value)) = word.split_once('=') {
            let wrong = names::env_name(name);
            if !wrong.is_empty() {
                return Err(format!(
                    "{} is not a valid key name: {}",
                    quote(name),
                    wrong.join(";")
                ));
            }
            let mut variable = Value::map();
            variable.set("name", name);
            variable.set("value", value);
            changes.set.push(variable);
        } else if let Some(name) = word.strip_suffix('-') {
            changes.remove.push(name.to_owned());
        } else {
            return Err(format!("unknown environment variable: {word}"));
        }
    }
    let both = |name: &&String| changes.set.iter().any(|one| one.str("name") == **name);
    match changes.remove.iter().find(both) {
        Some(name) => Err(format!(
            "can not both modify and remove the same environment variable: {}",
            quote(name)
        )),
        None => Ok(changes),
    }
}

/// Known variables keep their places; new ones go to the end. Source: updateEnv.
fn update(container: &mut Value, changes: &Changes) {
    if changes.set.is_empty() && changes.remove.is_empty() {
        return;
    }
    let mut covered = changes.remove.clone();
    let mut result = Vec::new();
    for variable in container.list("env").iter().chain(&changes.set) {
        let name = variable.str("name");
        if covered.iter().any(|known| known == name) {
            continue;
        }
        let newer = changes.set.iter().find(|one| one.str("name") == name);
        if newer.is_some() {
            covered.push(name.to_owned());
        }
        result.push(newer.unwrap_or(variable).clone());
    }
    container.set("env", result);
}

/// Refuses to change a variable that is set.
fn overwritten(container: &Value, changes: &Changes) -> Option<String> {
    let known = container.list("env").iter().find(|variable| {
        changes.set.iter().any(|one| {
            one.str("name") == variable.str("name") && one.str("value") != variable.str("value")
        })
    })?;
    let (name, value) = (known.str("name"), known.str("value"));
    Some(format!("'{name}' already has a value ({value}), and --overwrite is false"))
}

/// A key as the name of a variable. Source: keyToEnvName.
fn variable_name(key: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    key.chars().map(letter).collect()
}

/// A reference in words. Source: GetEnvVarRefString.
fn reference(source: &Value) -> String {
    let key = |what: &str, reference: &Value| {
        format!("{what} {}, key {}", reference.str("name"), reference.str("key"))
    };
    if let Some(one) = source.get("configMapKeyRef") {
        return key("configmap", one);
    }
    if let Some(one) = source.get("secretKeyRef") {
        return key("secret", one);
    }
    if let Some(one) = source.get("fieldRef") {
        return format!("field path {}", one.str("fieldPath"));
    }
    match source.get("resourceFieldRef") {
        Some(one) if one.str("containerName").is_empty() => {
            format!("resource field {}", one.str("resource"))
        }
        Some(one) => {
            format!("{} resource field {}", one.str("containerName"), one.str("resource"))
        }
        None => "invalid valueFrom".to_owned(),
    }
}

/// The value of a field of an object: `metadata.name`, `metadata.labels['app']`.
fn field(object: &Value, path: &str) -> Option<String> {
    if let Some((path, key)) = path.split_once("['") {
        let value = field_value(object, path).get(key.strip_suffix("']")?)?;
        return value.as_str().map(str::to_owned);
    }
    match field_value(object, path) {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    }
}

fn field_value<'a>(object: &'a Value, path: &str) -> &'a Value {
    object.at(&path.split('.').collect::<Vec<_>>())
}
