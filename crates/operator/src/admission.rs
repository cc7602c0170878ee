//! The admission webhook of the Operator: what it changes and refuses.
//!
//! Source: prometheus-operator pkg/admission.

use cluster::Status;
use cluster::apiserver::{Cause, Reason, Webhook};
use kubernetes::kinds::Kind;
use kubernetes::object::{Value, go_value};
use kubernetes::validation::ErrorKind;

use crate::alertmanager;
use crate::rules;

/// The annotation of a PrometheusRule that the webhook has seen.
const VALIDATED: &str = "prometheus-operator-validated";

/// The webhook, as an API server calls it.
pub static WEBHOOK: Webhook = Webhook { mutate, validate };

/// Turns labels and annotations of rules into texts, and marks the object.
fn mutate(kind: &Kind, object: &mut Value) {
    if kind.kind != "PrometheusRule" {
        return;
    }
    for group in object.entry("spec").items_mut("groups") {
        for rule in group.items_mut("rules") {
            for field in ["labels", "annotations"] {
                if !rule[field].is_empty() {
                    texts(rule.entry(field));
                }
            }
        }
    }
    object.entry("metadata").entry("annotations").set(VALIDATED, "true");
}

fn texts(map: &mut Value) {
    for (_, value) in map.map_mut().iter_mut() {
        if value.as_str().is_none() && !value.is_null() {
            *value = go_value(value).into();
        }
    }
}

fn validate(kind: &Kind, object: &Value) -> Result<(), Status> {
    match kind.kind {
        "PrometheusRule" => {
            let errors = rules::refused(object);
            if errors.is_empty() {
                return Ok(());
            }
            let webhook = "prometheusrulevalidate.monitoring.coreos.com";
            Err(denied(webhook, "Rules are not valid", "prometheusrules", errors))
        }
        "AlertmanagerConfig" => alertmanager::validate(object).map_err(|error| {
            let webhook = "alertmanagerconfigsvalidate.monitoring.coreos.com";
            denied(webhook, "AlertmanagerConfig is invalid", "alertmanagerconfigs", vec![error])
        }),
        _ => Ok(()),
    }
}

fn denied(webhook: &str, message: &str, resource: &str, errors: Vec<String>) -> Status {
    let text = format!("admission webhook \"{webhook}\" denied the request: {message}");
    let mut status = Status::new(Reason::Invalid, text);
    status.name = resource.to_owned();
    let cause =
        |message| Cause { path: String::new(), kind: ErrorKind::Invalid, message, rule: None };
    status.causes = errors.into_iter().map(cause).collect();
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::kinds::KIND;
    use kubernetes::object::parse_json;

    const RULES: Kind = Kind { kind: "PrometheusRule", ..KIND };

    #[test]
    fn labels_become_texts_and_rules_are_checked() {
        let rule = |rule: &str| {
            let text = format!(r#"{{"spec":{{"groups":[{{"name":"a","rules":[{rule}]}}]}}}}"#);
            parse_json(&text).expect("JSON")
        };
        let mut object = rule(r#"{"alert":"X","expr":"up","labels":{"severity":5}}"#);
        mutate(&RULES, &mut object);
        let labels = &object["spec"].list("groups")[0].list("rules")[0]["labels"];
        assert_eq!(labels.str("severity"), "5");
        assert_eq!(object["metadata"]["annotations"].str(VALIDATED), "true");
        assert_eq!(validate(&RULES, &object), Ok(()));
        for refused in [
            r#"{"alert":"X","expr":"sum("}"#,
            r#"{"record":"bad-name","expr":"1"}"#,
            r#"{"record":"x","expr":"1","for":"1m"}"#,
        ] {
            let status = validate(&RULES, &rule(refused)).expect_err(refused);
            assert!(status.message.ends_with("denied the request: Rules are not valid"));
        }
    }
}
