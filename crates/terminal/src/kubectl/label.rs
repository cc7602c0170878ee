//! `kubectl label` and `kubectl annotate`.
//!
//! Source: kubectl pkg/cmd/label/label.go, pkg/cmd/annotate/annotate.go.

use cluster::apiserver::PatchType;
use go::quote::quote;
use kubernetes::object::{Value, to_json};
use kubernetes::validation::names;

use super::builder::Target;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object};
use super::{Kubectl, Session, plain};

/// Flags of both commands besides those that they share with others.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("list", Form::Switch),
    Flag::new("local", Form::Switch),
    Flag::new("overwrite", Form::Switch),
    Flag::new("resource-version", Form::Text),
];

/// The part of the metadata that a command changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Labels,
    Annotations,
}

/// Keys to set and keys to remove.
#[derive(Debug, Default, PartialEq)]
struct Changes {
    set: Vec<(String, String)>,
    remove: Vec<String>,
}

impl Part {
    const fn key(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Annotations => "annotations",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Labels => "label",
            Self::Annotations => "annotation",
        }
    }

    /// Reads `key=value` and `key-`.
    fn changes(self, pairs: &[String]) -> Result<Changes, String> {
        let mut changes = Changes::default();
        let mut invalid = Vec::new();
        for pair in pairs {
            match (self, pair.split_once('=')) {
                (Self::Labels, Some((_, value))) if value.contains('=') => {
                    return Err(format!("invalid label spec: {pair}"));
                }
                (_, Some((key, value))) if !key.is_empty() => {
                    let wrong = names::label_value(value);
                    if self == Self::Labels && !wrong.is_empty() {
                        let wrong = wrong.join(";");
                        return Err(format!("invalid label value: {}: {wrong}", quote(pair)));
                    }
                    changes.set.push((key.to_owned(), value.to_owned()));
                }
                (_, None) if pair.len() > 1 && pair.ends_with('-') => {
                    changes.remove.push(pair.trim_end_matches('-').to_owned());
                }
                _ => invalid.push(pair.as_str()),
            }
        }
        if !invalid.is_empty() {
            return Err(format!("invalid {} format: {}", self.word(), invalid.join(", ")));
        }
        Ok(changes)
    }

    /// Refuses keys that are to be set and removed.
    fn contradiction(self, changes: &Changes) -> Option<String> {
        let both = |key: &&String| changes.set.iter().any(|(set, _)| set == *key);
        let both: Vec<&str> = changes.remove.iter().filter(both).map(String::as_str).collect();
        match self {
            _ if both.is_empty() => None,
            Self::Labels => {
                Some("can not both modify and remove a label in the same command".to_owned())
            }
            Self::Annotations => Some(format!(
                "can not both modify and remove the following annotation(s) in the same command: {}",
                both.join(", ")
            )),
        }
    }

    /// Refuses to overwrite a value. The cause of a change can always be overwritten.
    fn overwritten(self, changes: &Changes, current: &Value) -> Vec<Failure> {
        let present = changes.set.iter().filter_map(|(key, value)| {
            let old = current["metadata"][self.key()].get(key)?.as_str()?;
            let free = self == Self::Annotations && key == super::rollout::CHANGE_CAUSE;
            (old != value && !free).then_some((key, old))
        });
        match self {
            Self::Labels => present
                .map(|(key, old)| {
                    let text =
                        format!("'{key}' already has a value ({old}), and --overwrite is false");
                    Failure::Plain(text)
                })
                .collect(),
            Self::Annotations => {
                let list: Vec<String> = present
                    .map(|(key, old)| format!("'{key}' already has a value ({old})"))
                    .collect();
                if list.is_empty() {
                    return Vec::new();
                }
                let list = list.join("; ");
                plain(format!(
                    "--overwrite is false but found the following declared annotation(s): {list}"
                ))
            }
        }
    }
}

/// Splits arguments into resources and changes, which follow them.
/// Source: kubectl cmdutil.GetResourcesAndPairs.
pub(super) fn pairs(words: &[String], ty: &str) -> Result<(Vec<String>, Vec<String>), Failure> {
    let is_pair = |word: &String| {
        word.find('=').is_some_and(|at| at > 0) || word.len() > 1 && word.ends_with('-')
    };
    let first = words.iter().position(is_pair).unwrap_or(words.len());
    let (resources, pairs) = words.split_at(first);
    if let Some(word) = pairs.iter().find(|word| !is_pair(word)) {
        let message = format!("all resources must be specified before {ty} changes: {word}");
        return Err(Failure::Plain(message));
    }
    Ok((resources.to_vec(), pairs.to_vec()))
}

/// The error of a command that needs resources if none are named.
pub(super) const NO_RESOURCES: &str =
    "one or more resources must be specified as <resource> <name> or <resource>/<name>";

impl Kubectl<'_> {
    /// `kubectl label` and `kubectl annotate`.
    pub(super) fn set_metadata(
        &mut self,
        part: Part,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let (resources, pairs) = match pairs(&arguments.words, part.word()) {
            Ok(split) => split,
            Err(failure) => return vec![failure],
        };
        let changes = match part.changes(&pairs) {
            Ok(changes) => changes,
            Err(message) => return plain(message),
        };
        if arguments.is("all") && arguments.given("selector") {
            return plain("cannot set --all and --selector at the same time");
        }
        if resources.is_empty() && !arguments.given("filename") {
            return plain(NO_RESOURCES);
        }
        if pairs.is_empty() && !arguments.is("list") {
            return plain(format!("at least one {} update is required", part.word()));
        }
        if let Some(message) = part.contradiction(&changes) {
            return plain(message);
        }
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let (targets, mut failures) = match self.targets(&resources, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        let single = targets.len() == 1;
        for target in targets {
            if arguments.is("list") {
                list(part, &target, single, session);
                continue;
            }
            failures
                .extend(self.change_metadata(part, &changes, &target, dry_run, arguments, session));
        }
        failures
    }

    fn change_metadata(
        &mut self,
        part: Part,
        changes: &Changes,
        target: &Target,
        dry_run: DryRun,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let overwrite = arguments.is("overwrite");
        let current = &target.object;
        if part == Part::Labels {
            for key in changes.remove.iter().filter(|key| !current["metadata"]["labels"].has(key)) {
                session.print(&format!("label {} not found.", quote(key)));
            }
        }
        if !overwrite {
            let failures = part.overwritten(changes, current);
            if !failures.is_empty() {
                return failures;
            }
        }
        let (modified, patch) = changed(part, changes, current, arguments);
        let done = match part {
            Part::Annotations => "annotated",
            Part::Labels if modified == *current => "not labeled",
            Part::Labels if !overwrite && to_json(&modified).len() < to_json(current).len() => {
                "unlabeled"
            }
            Part::Labels => "labeled",
        };
        let object = if dry_run == DryRun::Client || arguments.is("local") {
            modified
        } else {
            match self.send_patch(target, PatchType::Merge, &patch, dry_run) {
                Ok(accepted) => {
                    session.warn(&accepted.warnings);
                    accepted.object
                }
                Err(status) => {
                    session.warn(&status.warnings);
                    return vec![status.into()];
                }
            }
        };
        let operation = format!("{done}{}", dry_run.suffix());
        let printed = print_object(arguments, session, target.kind, &object, &operation);
        printed.err().into_iter().collect()
    }
}

/// The object after the changes, and the merge patch that makes them.
fn changed(
    part: Part,
    changes: &Changes,
    current: &Value,
    arguments: &Arguments,
) -> (Value, Value) {
    let mut modified = current.clone();
    let mut patch = Value::map();
    if let Some(version) = arguments.text("resource-version").filter(|text| !text.is_empty()) {
        patch.entry("metadata").set("resourceVersion", version);
    }
    for (key, value) in &changes.set {
        modified.entry_at(&["metadata", part.key()]).set(key, value.as_str());
        patch.entry_at(&["metadata", part.key()]).set(key, value.as_str());
    }
    for key in changes.remove.iter().filter(|key| current["metadata"][part.key()].has(key)) {
        modified.entry_at(&["metadata", part.key()]).remove(key);
        patch.entry_at(&["metadata", part.key()]).set(key, Value::Null);
    }
    (modified, patch)
}

/// Prints all labels or annotations of an object.
fn list(part: Part, target: &Target, single: bool, session: &mut Session) {
    let indent = if single { "" } else { " " };
    if !single {
        let Target { kind, name, .. } = target;
        session.note(&format!("Listing {} for {}.{}/{name}:", part.key(), kind.kind, kind.group));
    }
    for (key, value) in target.object["metadata"].entries(part.key()) {
        session.print(&format!("{indent}{key}={}", value.as_str().unwrap_or_default()));
    }
}
