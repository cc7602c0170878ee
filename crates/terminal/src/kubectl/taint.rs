//! `kubectl taint`.
//!
//! Source: kubectl pkg/cmd/taint/taint.go, utils.go.

use cluster::apiserver::PatchType;
use go::quote::quote;
use kubernetes::object::Value;
use kubernetes::validation::names;

use super::builder::Target;
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::output::{DryRun, print_object};
use super::{Kubectl, Session, plain};

/// Flags of `taint` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[Flag::new("overwrite", Form::Switch)];

const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// A taint of the command line.
#[derive(Clone, Debug, PartialEq)]
struct Taint {
    key: String,
    value: String,
    effect: String,
}

#[derive(Debug, Default, PartialEq)]
struct Changes {
    add: Vec<Taint>,
    remove: Vec<Taint>,
}

impl Taint {
    /// Reads `key=value:effect`; all but the key can be missing.
    fn parse(text: &str) -> Result<Self, String> {
        let invalid = |errors: &[String]| {
            let errors = errors.join("; ");
            Err(format!("invalid taint spec: {text}, {errors}"))
        };
        let parts: Vec<&str> = text.split(':').collect();
        let (pair, effect) = match parts[..] {
            [key] => (vec![key], ""),
            [pair, effect] => {
                if !EFFECTS.contains(&effect) {
                    return Err(format!(
                        "invalid taint effect: {effect}, unsupported taint effect"
                    ));
                }
                (pair.split('=').collect(), effect)
            }
            _ => return Err(format!("invalid taint spec: {text}")),
        };
        let (key, value) = match pair[..] {
            [key] => (key, ""),
            [key, value] => (key, value),
            _ => return Err(format!("invalid taint spec: {text}")),
        };
        let wrong = names::label_value(value);
        if !wrong.is_empty() {
            return invalid(&wrong);
        }
        let wrong = names::qualified_name(key);
        if !wrong.is_empty() {
            return invalid(&wrong);
        }
        Ok(Self { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() })
    }

    fn object(&self) -> Value {
        let mut taint = Value::map();
        taint.set("effect", self.effect.as_str());
        taint.set("key", self.key.as_str());
        if !self.value.is_empty() {
            taint.set("value", self.value.as_str());
        }
        taint
    }

    fn shown(&self) -> String {
        let separator = if self.effect.is_empty() { "" } else { ":" };
        format!("{}{separator}{}", self.key, self.effect)
    }

    /// Returns true for a taint with the same key and effect.
    fn matches(&self, taint: &Value) -> bool {
        taint.str("key") == self.key && taint.str("effect") == self.effect
    }
}

impl Changes {
    fn parse(words: &[String]) -> Result<Self, String> {
        let mut changes = Self::default();
        for word in words {
            if let Some(text) = word.strip_suffix('-') {
                let taint = Taint::parse(text)?;
                changes.remove.push(Taint { value: String::new(), ..taint });
                continue;
            }
            let taint = Taint::parse(word)?;
            if taint.effect.is_empty() {
                return Err(format!("invalid taint spec: {word}"));
            }
            if changes.add.iter().any(|one| one.key == taint.key && one.effect == taint.effect) {
                return Err(format!(
                    "duplicated taints with the same key and effect: {{{} {} {} <nil>}}",
                    taint.key, taint.value, taint.effect
                ));
            }
            changes.add.push(taint);
        }
        Ok(changes)
    }

    /// The taints of a node after the changes, and what was done. Errors are about taints that are
    /// not there. Source: reorganizeTaints.
    fn apply(&self, old: &[Value], overwrite: bool) -> (Vec<Value>, &'static str, Vec<Failure>) {
        let mut new: Vec<Value> = self.add.iter().map(Taint::object).collect();
        let kept = old.iter().filter(|taint| !self.add.iter().any(|one| one.matches(taint)));
        new.extend(kept.cloned());
        let added = new.len() != old.len();
        let (mut failures, mut removed) = (Vec::new(), false);
        for taint in &self.remove {
            let before = new.len();
            new.retain(|known| {
                let same = known.str("key") == taint.key;
                !(same && (taint.effect.is_empty() || known.str("effect") == taint.effect))
            });
            removed = new.len() != before;
            if !removed {
                let message = format!("taint {} not found", quote(&taint.shown()));
                failures.push(Failure::Plain(message));
            }
        }
        let done = match (added, removed) {
            (true, true) => "modified",
            _ if overwrite => "modified",
            (true, false) => "tainted",
            _ => "untainted",
        };
        (new, done, failures)
    }
}

impl Kubectl<'_> {
    /// `kubectl taint nodes`.
    pub(super) fn taint(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let is_taint = |word: &String| word.contains(['=', ':']) || word.ends_with('-');
        let first = arguments.words.iter().position(is_taint).unwrap_or(arguments.words.len());
        let (resources, taints) = arguments.words.split_at(first);
        if !taints.iter().all(is_taint) {
            return plain(
                "node and taint arguments are mixed: all nodes must come before any taint",
            );
        }
        if resources.is_empty() {
            return plain("one or more resources must be specified as <resource> <name>");
        }
        if taints.is_empty() {
            return plain("at least one taint update is required");
        }
        let changes = match Changes::parse(taints) {
            Ok(changes) => changes,
            Err(message) => return session.usage(&message),
        };
        let named = resources.first().map(String::as_str).unwrap_or_default();
        if !matches!(named.to_lowercase().as_str(), "node" | "nodes" | "no") {
            return plain(format!(
                "invalid resource type {named}, only [\"node\" \"nodes\"] are supported"
            ));
        }
        if arguments.is("all") && arguments.given("selector") {
            return plain("setting 'all' parameter with a non empty selector is prohibited");
        }
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        let (targets, mut failures) = match self.targets(resources, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        for target in targets {
            failures.extend(self.taint_one(&target, &changes, dry_run, arguments, session));
        }
        failures
    }

    fn taint_one(
        &mut self,
        target: &Target,
        changes: &Changes,
        dry_run: DryRun,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let overwrite = arguments.is("overwrite");
        let old = target.object["spec"].list("taints");
        if !overwrite {
            let known: Vec<&str> = changes
                .add
                .iter()
                .filter(|taint| old.iter().any(|one| taint.matches(one)))
                .map(|taint| taint.key.as_str())
                .collect();
            if !known.is_empty() {
                let (name, known) = (&target.name, known.join(","));
                return plain(format!(
                    "node {name} already has {known} taint(s) with same effect(s) and --overwrite is false"
                ));
            }
        }
        let (new, done, failures) = changes.apply(old, overwrite);
        if !failures.is_empty() {
            return failures;
        }
        let operation = format!("{done}{}", dry_run.suffix());
        let mut patch = Value::map();
        patch.entry("spec").set("taints", new);
        let object = if dry_run == DryRun::Client {
            target.object.clone()
        } else {
            match self.send_patch(target, PatchType::Merge, &patch, dry_run) {
                Ok(accepted) => {
                    session.warn(&accepted.warnings);
                    accepted.object
                }
                Err(status) => return vec![status.into()],
            }
        };
        let printed = print_object(arguments, session, target.kind, &object, &operation);
        printed.err().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(words: &[&str]) -> Result<Changes, String> {
        Changes::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn taints_are_added_replaced_and_removed() {
        let old = [Taint::parse("a=1:NoSchedule").expect("it is valid").object()];
        for (words, overwrite, taints, done) in [
            (&["b=2:NoExecute"][..], false, &["b", "a"][..], "tainted"),
            (&["a=3:NoSchedule"], true, &["a"], "modified"),
            (&["a-"], false, &[], "untainted"),
            (&["a:NoSchedule-"], false, &[], "untainted"),
            (&["b:NoExecute", "c:NoExecute", "a-"], false, &["b", "c"], "modified"),
        ] {
            let (new, told, failures) = changes(words).expect("it is valid").apply(&old, overwrite);
            let keys: Vec<&str> = new.iter().map(|taint| taint.str("key")).collect();
            assert_eq!((&keys[..], told), (taints, done), "{words:?}");
            assert!(failures.is_empty());
        }
        let (.., failures) = changes(&["x-"]).expect("it is valid").apply(&old, false);
        assert_eq!(failures, plain("taint \"x\" not found"));
    }

    #[test]
    fn wrong_taints_are_refused() {
        for (word, start) in [
            ("a=b:Sometimes", "invalid taint effect: Sometimes, unsupported taint effect"),
            ("a=b", "invalid taint spec: a=b, name part must consist of"),
            ("a", "invalid taint spec: a"),
            ("a:b:c", "invalid taint spec: a:b:c"),
        ] {
            let error = changes(&[word]).err().unwrap_or_default();
            assert!(error.starts_with(start), "{word}: {error}");
        }
    }
}
