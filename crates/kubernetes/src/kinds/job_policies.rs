//! Policies of Jobs: which failures count, and which completions are enough.
//!
//! Source: pkg/apis/batch/validation validatePodFailurePolicy, validateSuccessPolicy,
//! validatePodReplacementPolicy.

use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, names};

const MOST_RULES: i64 = 20;
const MOST_EXIT_CODES: i64 = 255;
const MOST_INDEX_BYTES: usize = 64 * 1024;
const ACTIONS: &[&str] = &["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS: &[&str] = &["In", "NotIn"];
const STATUSES: &[&str] = &["False", "True", "Unknown"];

/// A value that must be there and be one of a list.
fn required_one_of(errors: &mut Errors, path: &Path<'_>, value: &str, supported: &[&str]) {
    if value.is_empty() {
        let quoted: Vec<String> = supported.iter().map(|one| go::quote::quote(one)).collect();
        errors.required(path, &format!("valid values: [{}]", quoted.join(" ")));
    } else {
        errors.one_of(path, value, supported);
    }
}

fn too_many(errors: &mut Errors, path: &Path<'_>, items: usize, limit: i64) {
    if items > usize::try_from(limit).unwrap_or(usize::MAX) {
        errors.too_many(path, items, limit);
    }
}

/// The policy for pods that fail.
pub fn failure_policy(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let rules = path.child("rules");
    let list = spec["podFailurePolicy"].list("rules");
    too_many(errors, &rules, list.len(), MOST_RULES);
    for (number, rule) in list.iter().enumerate() {
        failure_rule(errors, spec, rule, &rules.index(number));
    }
}

fn failure_rule(errors: &mut Errors, spec: &Value, rule: &Value, path: &Path<'_>) {
    let action = rule.str("action");
    if action == "FailIndex" && !spec.has("backoffLimitPerIndex") {
        let message = "requires the backoffLimitPerIndex to be set";
        errors.invalid(&path.child("action"), action, message);
    }
    required_one_of(errors, &path.child("action"), action, ACTIONS);
    let conditions = rule.list("onPodConditions");
    if rule.has("onExitCodes") {
        exit_codes(errors, spec, &rule["onExitCodes"], &path.child("onExitCodes"));
    }
    let at = path.child("onPodConditions");
    too_many(errors, &at, conditions.len(), MOST_RULES);
    for (number, condition) in conditions.iter().enumerate() {
        let (at, ty) = (at.index(number), condition.str("type"));
        errors.invalid_each(&at.child("type"), ty, names::qualified_name(ty));
        required_one_of(errors, &at.child("status"), condition.str("status"), STATUSES);
    }
    match (rule.has("onExitCodes"), conditions.is_empty()) {
        (true, false) => {
            let message = "specifying both OnExitCodes and OnPodConditions is not supported";
            errors.invalid_without_value(path, message);
        }
        (false, true) => {
            let message = "specifying one of OnExitCodes and OnPodConditions is required";
            errors.invalid_without_value(path, message);
        }
        _ => {}
    }
}

fn exit_codes(errors: &mut Errors, spec: &Value, codes: &Value, path: &Path<'_>) {
    let operator = codes.str("operator");
    required_one_of(errors, &path.child("operator"), operator, OPERATORS);
    let pod = &spec["template"]["spec"];
    let is_container = |name: &str| {
        let lists = ["containers", "initContainers"].map(|key| pod.list(key));
        lists.iter().flat_map(|list| list.iter()).any(|one| one.str("name") == name)
    };
    if let Some(name) = codes["containerName"].as_str()
        && !is_container(name)
    {
        let message = "must be one of the container or initContainer names in the pod template";
        errors.invalid(&path.child("containerName"), name, message);
    }
    let values = path.child("values");
    let list: Vec<i64> = codes.list("values").iter().filter_map(Value::as_int).collect();
    if list.is_empty() {
        errors.invalid(&values, &codes["values"], "at least one value is required");
    }
    too_many(errors, &values, list.len(), MOST_EXIT_CODES);
    let mut seen: Vec<i64> = Vec::new();
    for (number, code) in list.iter().enumerate() {
        let at = values.index(number);
        if operator == "In" && *code == 0 {
            errors.invalid(&at, 0, "must not be 0 for the In operator");
        }
        if seen.contains(code) {
            errors.duplicate(&at, *code);
        }
        seen.push(*code);
    }
    if !list.is_sorted() {
        errors.invalid(&values, &codes["values"], "must be ordered");
    }
}

/// The policy for the completions that make a Job succeed.
pub fn success_policy(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let policy = &spec["successPolicy"];
    if spec.str("completionMode") != "Indexed" {
        let id = types().named("io.k8s.api.batch.v1.SuccessPolicy");
        let bad = id.map_or_else(String::new, |id| internal::to_json(id, policy));
        return errors.invalid(path, Bad::raw(bad), "requires indexed completion mode");
    }
    let rules = path.child("rules");
    let list = policy.list("rules");
    if list.is_empty() {
        let message = "at least one rules must be specified when the successPolicy is specified";
        errors.required(&rules, message);
    }
    too_many(errors, &rules, list.len(), MOST_RULES);
    for (number, rule) in list.iter().enumerate() {
        success_rule(errors, rule, spec.int("completions"), &rules.index(number));
    }
}

fn success_rule(errors: &mut Errors, rule: &Value, completions: i64, path: &Path<'_>) {
    let (count, indexes) = (rule["succeededCount"].as_int(), rule["succeededIndexes"].as_str());
    if count.is_none() && indexes.is_none() {
        let message = "at least one of succeededCount or succeededIndexes must be specified";
        errors.required(path, message);
    }
    let mut total = 0;
    if let Some(indexes) = indexes {
        let at = path.child("succeededIndexes");
        if indexes.len() > MOST_INDEX_BYTES {
            errors.too_long(&at, MOST_INDEX_BYTES);
        }
        match count_indexes(indexes, completions) {
            Ok(found) => total = found,
            Err(error) => {
                errors.invalid(&at, indexes, &format!("error parsing succeededIndexes: {error}"));
            }
        }
    }
    let Some(count) = count else { return };
    let at = path.child("succeededCount");
    errors.non_negative(&at, count);
    if count > completions {
        let message = format!(
            "must be less than or equal to {completions} (the number of specified completions)"
        );
        errors.invalid(&at, count, &message);
    }
    if indexes.is_some() && count > total {
        let message = format!(
            "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        );
        errors.invalid(&at, count, &message);
    }
}

/// The number of indexes in `1,3-5,7`. They stand in order and below the number of completions.
/// Source: pkg/apis/batch/validation validateIndexesFormat.
fn count_indexes(text: &str, completions: i64) -> Result<i64, String> {
    if text.is_empty() {
        return Ok(0);
    }
    let mut total = 0;
    let mut last: Option<i64> = None;
    for interval in text.split(',') {
        let parts: Vec<&str> = interval.split('-').collect();
        if parts.len() > 2 {
            return Err(format!(
                "the fragment {} violates the requirement that an index interval can have at most two parts separated by \"-\"",
                go::quote::quote(interval)
            ));
        }
        let mut first = 0;
        for (position, part) in parts.iter().enumerate() {
            let quoted = go::quote::quote(part);
            let index: i64 = part
                .parse()
                .map_err(|_| format!("cannot convert string to integer for index: {quoted}"))?;
            if index >= completions {
                return Err(format!("too large index: {quoted}"));
            }
            if let Some(last) = last
                && last >= index
            {
                return Err(format!("non-increasing order, previous: {last}, current: {index}"));
            }
            last = Some(index);
            if position == 0 {
                first = index;
            }
        }
        total += last.unwrap_or(first) - first + 1;
    }
    Ok(total)
}

/// When a pod that ends is replaced.
pub fn replacement_policy(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let Some(policy) = spec["podReplacementPolicy"].as_str() else { return };
    let supported: &[&str] = match spec.has("podFailurePolicy") {
        true => &["Failed"],
        false => &["Failed", "TerminatingOrFailed"],
    };
    errors.one_of(path, policy, supported);
}
