//! `kubectl set serviceaccount` and `kubectl set selector`.
//!
//! Source: kubectl pkg/cmd/set/set_serviceaccount.go, set_selector.go.

use kubernetes::object::Value;

use super::super::builder::Target;
use super::super::errors::Failure;
use super::super::flags::{Arguments, Flag, Form};
use super::super::label::NO_RESOURCES;
use super::super::{Kubectl, Session, plain};
use super::{Change, no_pods, pod_spec};

/// Flags of `set selector` besides those that it shares.
pub(super) const SELECTOR_FLAGS: &[Flag] = &[Flag::new("resource-version", Form::Text)];

impl Kubectl<'_> {
    /// `kubectl set serviceaccount`: the last word is the account.
    pub(super) fn set_service_account(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let Some((account, resources)) = arguments.words.split_last() else {
            return plain("serviceaccount is required");
        };
        let set = |target: &Target, modified: &mut Value| match pod_spec(target.kind.kind) {
            Some(path) => {
                modified.entry_at(path).set("serviceAccountName", account.as_str());
                Ok(())
            }
            None => Err(no_pods(target)),
        };
        let done = "serviceaccount updated";
        let failed = "failed to patch ServiceAccountName";
        self.set_last(resources, (done, failed), arguments, session, set)
    }

    /// `kubectl set selector`: the last word is the selector of a Service.
    pub(super) fn set_selector(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let Some((selector, resources)) = arguments.words.split_last() else {
            return plain(NO_RESOURCES);
        };
        let labels = match selector_labels(selector) {
            Ok(labels) => labels,
            Err(message) => return plain(message),
        };
        let set = |target: &Target, modified: &mut Value| {
            if target.kind.kind != "Service" {
                let message = "setting a selector is only supported for Services";
                return Err(Failure::Plain(message.to_owned()));
            }
            modified.entry("spec").set("selector", labels.clone());
            Ok(())
        };
        let (done, failed) = ("selector updated", "failed to patch selector:");
        self.set_last(resources, (done, failed), arguments, session, set)
    }

    /// Changes each object that the words before the last one name.
    fn set_last(
        &mut self,
        resources: &[String],
        (done, failed): (&str, &str),
        arguments: &Arguments,
        session: &mut Session,
        set: impl Fn(&Target, &mut Value) -> Result<(), Failure>,
    ) -> Vec<Failure> {
        let dry_run = match self.dry_run(arguments, session) {
            Ok(dry_run) => dry_run,
            Err(failure) => return vec![failure],
        };
        if resources.is_empty() && !arguments.given("filename") {
            return plain(NO_RESOURCES);
        }
        let (targets, mut failures) = match self.targets(resources, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        let change = Change { arguments, dry_run, done, failed };
        for target in targets {
            let mut modified = target.object.clone();
            let result = set(&target, &mut modified)
                .and_then(|()| self.send_change(&target, &modified, &change, session));
            failures.extend(result.err());
        }
        failures
    }
}

/// Labels of a selector. Source: apimachinery metav1.ParseToLabelSelector.
fn selector_labels(text: &str) -> Result<Value, String> {
    let mut labels = Value::map();
    for term in selectors::parse_labels(text)? {
        match (&term.operator, &term.values[..]) {
            (selectors::LabelOperator::In, [value]) => labels.set(term.key, *value),
            _ => {
                return Err(
                    "setting a selector is only supported for equality-based selectors".to_owned()
                );
            }
        }
    }
    Ok(labels)
}
