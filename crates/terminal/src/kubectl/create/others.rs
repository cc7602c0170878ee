//! `kubectl create namespace`, `serviceaccount`, `quota`, `poddisruptionbudget` and `priorityclass`.
//!
//! Source: kubectl pkg/cmd/create/create_namespace.go, create_quota.go, create_pdb.go,
//! create_priorityclass.go.

use super::super::errors::Failure;
use super::super::flags::{Arguments, Flag, Form};
use super::super::set::quantities;
use super::super::{Kubectl, Session, plain};
use super::{named, one_name};
use kubernetes::object::{Value, parse_json};
use selectors::LabelOperator;

pub(super) const QUOTA: &[Flag] = &[Flag::new("hard", Form::Text), Flag::new("scopes", Form::Text)];
pub(super) const BUDGET: &[Flag] = &[
    Flag::new("max-unavailable", Form::Text),
    Flag::new("min-available", Form::Text),
    Flag::new("selector", Form::Text),
];
pub(super) const PRIORITY: &[Flag] = &[
    Flag::new("description", Form::Text),
    Flag::new("global-default", Form::Switch),
    Flag::new("preemption-policy", Form::Text),
    Flag::new("value", Form::Int),
];

impl Kubectl<'_> {
    pub(super) fn create_namespace(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let mut object = named("v1", "Namespace", name);
        object.set("spec", Value::map());
        object.set("status", Value::map());
        self.make(object, "", "created", arguments, session)
    }

    pub(super) fn create_service_account(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let object = named("v1", "ServiceAccount", name);
        self.make(object, "failed to create serviceaccount:", "created", arguments, session)
    }

    pub(super) fn create_quota(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let hard = match quantities(arguments.text("hard").unwrap_or_default()) {
            Ok(hard) => hard,
            Err(message) => return plain(message),
        };
        let mut object = named("v1", "ResourceQuota", name);
        let spec = object.entry("spec");
        spec.set("hard", Value::map());
        for (resource, quantity) in hard {
            spec.entry("hard").set(&resource, quantity);
        }
        let scopes = arguments.text("scopes").unwrap_or_default();
        let scopes: Vec<Value> =
            scopes.split(',').filter(|scope| !scope.is_empty()).map(Into::into).collect();
        if !scopes.is_empty() {
            spec.set("scopes", scopes);
        }
        object.set("status", Value::map());
        self.make(object, "failed to create quota:", "created", arguments, session)
    }

    pub(super) fn create_budget(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let text = |flag: &str| arguments.text(flag).filter(|text| !text.is_empty());
        let Some(selector) = text("selector") else {
            return plain("a selector must be specified");
        };
        let (key, amount) = match (text("min-available"), text("max-unavailable")) {
            (None, None) => {
                return plain("one of min-available or max-unavailable must be specified");
            }
            (Some(_), Some(_)) => {
                return plain("min-available and max-unavailable cannot be both specified");
            }
            (Some(amount), None) => ("minAvailable", amount),
            (None, Some(amount)) => ("maxUnavailable", amount),
        };
        let selector = match label_selector(selector) {
            Ok(selector) => selector,
            Err(message) => return plain(message),
        };
        let mut object = named("policy/v1", "PodDisruptionBudget", name);
        let spec = object.entry("spec");
        spec.set(key, super::service::port_value(amount));
        spec.set("selector", selector);
        let status =
            r#"{"currentHealthy":0,"desiredHealthy":0,"disruptionsAllowed":0,"expectedPods":0}"#;
        object.set("status", parse_json(status).unwrap_or_default());
        self.make(object, "failed to create poddisruptionbudgets:", "created", arguments, session)
    }

    pub(super) fn create_priority_class(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let mut object = named("scheduling.k8s.io/v1", "PriorityClass", name);
        object.set("value", arguments.int("value").unwrap_or_default());
        if arguments.is("global-default") {
            object.set("globalDefault", true);
        }
        if let Some(description) = arguments.text("description").filter(|text| !text.is_empty()) {
            object.set("description", description);
        }
        let policy = arguments.text("preemption-policy").unwrap_or("PreemptLowerPriority");
        object.set("preemptionPolicy", policy);
        self.make(object, "failed to create priorityclass:", "created", arguments, session)
    }
}

/// A selector of the command line as an object. Source: apimachinery metav1.ParseToLabelSelector.
fn label_selector(text: &str) -> Result<Value, String> {
    let mut selector = Value::map();
    for term in selectors::parse_labels(text)? {
        let operator = match term.operator {
            LabelOperator::In if term.values.len() == 1 => {
                let value = term.values.first().copied().unwrap_or_default();
                selector.entry("matchLabels").set(term.key, value);
                continue;
            }
            LabelOperator::In => "In",
            LabelOperator::NotIn => "NotIn",
            LabelOperator::Exists => "Exists",
            LabelOperator::DoesNotExist => "DoesNotExist",
            LabelOperator::Greater | LabelOperator::Less => {
                return Err("operators > and < are not allowed here".to_owned());
            }
        };
        let mut expression = Value::map();
        expression.set("key", term.key);
        expression.set("operator", operator);
        if !term.values.is_empty() {
            let values: Vec<Value> = term.values.iter().map(|value| (*value).into()).collect();
            expression.set("values", values);
        }
        selector.entry("matchExpressions").list_mut().push(expression);
    }
    Ok(selector)
}
