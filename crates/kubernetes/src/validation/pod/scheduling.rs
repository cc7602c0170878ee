//! Fields that constrain scheduling: affinity, tolerations, topology spread, gates.
//!
//! Source: pkg/apis/core/validation validateAffinity, ValidateTolerations,
//! validateTopologySpreadConstraints.

use crate::object::Value;
use crate::validation::{Errors, Path, meta, names};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub fn affinity(errors: &mut Errors, affinity: &Value, path: &Path<'_>) {
    let node = &affinity["nodeAffinity"];
    let at = path.child("nodeAffinity");
    if node.has(REQUIRED) {
        node_selector(errors, &node[REQUIRED], &at.child(REQUIRED));
    }
    for (number, term) in node.list(PREFERRED).iter().enumerate() {
        let list = at.child(PREFERRED);
        let at = list.index(number);
        weight(errors, term, &at);
        node_selector_term(errors, &term["preference"], false, &at.child("preference"));
    }
    for key in ["podAffinity", "podAntiAffinity"] {
        let at = path.child(key);
        for (number, term) in affinity[key].list(REQUIRED).iter().enumerate() {
            pod_affinity_term(errors, term, &at.child(REQUIRED).index(number));
        }
        for (number, weighted) in affinity[key].list(PREFERRED).iter().enumerate() {
            let list = at.child(PREFERRED);
            let at = list.index(number);
            weight(errors, weighted, &at);
            pod_affinity_term(errors, &weighted["podAffinityTerm"], &at.child("podAffinityTerm"));
        }
    }
}

fn weight(errors: &mut Errors, term: &Value, path: &Path<'_>) {
    let weight = term.int("weight");
    if !(1..=100).contains(&weight) {
        errors.invalid(&path.child("weight"), weight, "must be in the range 1-100");
    }
}

/// Terms of which one must select the node: of pods and of volumes.
pub fn node_selector(errors: &mut Errors, selector: &Value, path: &Path<'_>) {
    let at = path.child("nodeSelectorTerms");
    let terms = selector.list("nodeSelectorTerms");
    if terms.is_empty() {
        errors.required(&at, "must have at least one node selector term");
    }
    for (number, term) in terms.iter().enumerate() {
        node_selector_term(errors, term, true, &at.index(number));
    }
}

fn node_selector_term(errors: &mut Errors, term: &Value, values: bool, path: &Path<'_>) {
    for (number, one) in term.list("matchExpressions").iter().enumerate() {
        node_requirement(errors, one, values, &path.child("matchExpressions").index(number));
    }
    for (number, one) in term.list("matchFields").iter().enumerate() {
        field_requirement(errors, one, &path.child("matchFields").index(number));
    }
}

fn node_requirement(errors: &mut Errors, one: &Value, checked: bool, path: &Path<'_>) {
    let values = one.list("values");
    let at = path.child("values");
    match one.str("operator") {
        "In" | "NotIn" if values.is_empty() => {
            errors.required(&at, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let message = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            errors.forbidden(&at, message);
        }
        "Gt" | "Lt" if values.len() != 1 => {
            let message = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            errors.required(&at, message);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
    }
    meta::label_name(errors, one.str("key"), &path.child("key"));
    if checked {
        for (number, value) in values.iter().filter_map(Value::as_str).enumerate() {
            errors.invalid_each(&at.index(number), value, names::label_value(value));
        }
    }
}

fn field_requirement(errors: &mut Errors, one: &Value, path: &Path<'_>) {
    let values = one.list("values");
    match one.str("operator") {
        "In" | "NotIn" if values.len() != 1 => {
            let message =
                "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            errors.required(&path.child("values"), message);
        }
        "In" | "NotIn" => {}
        other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
    }
    let key = one.str("key");
    if key != "metadata.name" {
        return errors.invalid(&path.child("key"), key, "not a valid field selector key");
    }
    for (number, value) in values.iter().filter_map(Value::as_str).enumerate() {
        let wrong = names::dns1123_subdomain(value);
        errors.invalid_each(&path.child("values").index(number), value, wrong);
    }
}

fn pod_affinity_term(errors: &mut Errors, term: &Value, path: &Path<'_>) {
    for key in ["labelSelector", "namespaceSelector"] {
        meta::label_selector(errors, &term[key], &path.child(key));
    }
    for name in term.list("namespaces").iter().filter_map(Value::as_str) {
        errors.invalid_each(&path.child("namespace"), name, names::dns1123_label(name));
    }
    label_keys(errors, term, path);
    let key = term.str("topologyKey");
    if key.is_empty() {
        errors.required(&path.child("topologyKey"), "can not be empty");
    }
    meta::label_name(errors, key, &path.child("topologyKey"));
}

/// Keys whose values are taken from the labels of the pod.
/// Source: ValidateMatchLabelKeysAndMismatchLabelKeys.
fn label_keys(errors: &mut Errors, term: &Value, path: &Path<'_>) {
    let (selector, match_at) = (&term["labelSelector"], path.child("matchLabelKeys"));
    for key in ["matchLabelKeys", "mismatchLabelKeys"] {
        let (keys, at) = (term.list(key), path.child(key));
        if !keys.is_empty() && selector.is_null() {
            errors.forbidden(&at, "must not be specified when labelSelector is not set");
            continue;
        }
        for (number, name) in keys.iter().filter_map(Value::as_str).enumerate() {
            meta::label_name(errors, name, &at.index(number));
        }
    }
    let keys = term.list("matchLabelKeys");
    let place = |name: &str| keys.iter().rposition(|key| key.as_str() == Some(name));
    let mut selected: Vec<&str> = selector.entries("matchLabels").map(|(key, _)| &**key).collect();
    for expression in selector.list("matchExpressions") {
        let key = expression.str("key");
        if let Some(number) = place(key).filter(|_| selected.contains(&key)) {
            // The server leaves the name of the list out of the path.
            let message = "exists in both matchLabelKeys and labelSelector";
            errors.invalid(&path.index(number), key, message);
        }
        selected.push(key);
    }
    let others = term.list("mismatchLabelKeys");
    for (number, key) in keys.iter().enumerate().filter(|(_, key)| others.contains(key)) {
        let message = "exists in both matchLabelKeys and mismatchLabelKeys";
        errors.invalid(&match_at.index(number), key, message);
    }
}

pub fn tolerations(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    for (number, toleration) in spec.list("tolerations").iter().enumerate() {
        self::toleration(errors, toleration, &path.index(number));
    }
}

fn toleration(errors: &mut Errors, toleration: &Value, path: &Path<'_>) {
    let (key, operator) = (toleration.str("key"), toleration.str("operator"));
    let (value, effect) = (toleration.str("value"), toleration.str("effect"));
    if !key.is_empty() {
        meta::label_name(errors, key, &path.child("key"));
    } else if operator != "Exists" {
        let message = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
        errors.invalid(&path.child("operator"), operator, message);
    }
    if toleration.has("tolerationSeconds") && effect != "NoExecute" {
        let message = "effect must be 'NoExecute' when `tolerationSeconds` is set";
        errors.invalid(&path.child("effect"), effect, message);
    }
    match operator {
        "" | "Equal" => {
            let wrong = names::label_value(value);
            if !wrong.is_empty() {
                errors.invalid(&path.child("operator"), value, &wrong.join(";"));
            }
        }
        "Exists" if !value.is_empty() => {
            let message = "value must be empty when `operator` is 'Exists'";
            errors.invalid(&path.child("operator"), value, message);
        }
        "Exists" => {}
        other => errors.not_supported(&path.child("operator"), other, &["Equal", "Exists"]),
    }
    if !effect.is_empty() {
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        errors.one_of(&path.child("effect"), effect, &effects);
    }
}

pub fn spread_constraints(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let constraints = spec.list("topologySpreadConstraints");
    for (number, constraint) in constraints.iter().enumerate() {
        let at = path.index(number);
        let behind = constraints.get(number + 1..).unwrap_or_default();
        spread_constraint(errors, constraint, behind, &at);
    }
}

fn spread_constraint(errors: &mut Errors, one: &Value, behind: &[Value], path: &Path<'_>) {
    let (key, when) = (one.str("topologyKey"), one.str("whenUnsatisfiable"));
    if one.int("maxSkew") <= 0 {
        errors.invalid(&path.child("maxSkew"), one.int("maxSkew"), "must be greater than zero");
    }
    if key.is_empty() {
        errors.required(&path.child("topologyKey"), "can not be empty");
    }
    let at = path.child("whenUnsatisfiable");
    errors.one_of(&at, when, &["DoNotSchedule", "ScheduleAnyway"]);
    let same =
        |other: &Value| other.str("topologyKey") == key && other.str("whenUnsatisfiable") == when;
    if behind.iter().any(same) {
        let at = path.child("{topologyKey, whenUnsatisfiable}");
        errors.duplicate(&at, &format!("{{{key}, {when}}}"));
    }
    if let Some(domains) = one["minDomains"].as_int() {
        let at = path.child("minDomains");
        if domains <= 0 {
            errors.invalid(&at, domains, "must be greater than zero");
        }
        if when != "DoNotSchedule" {
            let message =
                format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}");
            errors.invalid(&at, domains, &message);
        }
    }
    for key in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
        if let Some(policy) = one[key].as_str() {
            errors.one_of(&path.child(key), policy, &["Honor", "Ignore"]);
        }
    }
    label_keys(errors, one, path);
    meta::label_selector(errors, &one["labelSelector"], &path.child("labelSelector"));
}

/// Readiness gates and scheduling gates.
pub fn gates(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let at = path.child("readinessGates");
    for (number, gate) in spec.list("readinessGates").iter().enumerate() {
        let ty = gate.str("conditionType");
        let wrong = names::qualified_name(ty);
        errors.invalid_each(&at.index(number).child("conditionType"), ty, wrong);
    }
    let at = path.child("schedulingGates");
    let mut seen: Vec<&str> = Vec::new();
    for (number, gate) in spec.list("schedulingGates").iter().enumerate() {
        let name = gate.str("name");
        errors.invalid_each(&at.index(number), name, names::qualified_name(name));
        if seen.contains(&name) {
            errors.duplicate(&at.index(number), name);
        }
        seen.push(name);
    }
}
