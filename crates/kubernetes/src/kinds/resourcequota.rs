//! ResourceQuotas.
//!
//! Source: pkg/apis/core/validation ValidateResourceQuotaSpec.

use super::{KIND, Kind, Update, keep_status, reset_status};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, resources};

pub const RESOURCE_QUOTA: Kind = Kind {
    kind: "ResourceQuota",
    columns: crate::columns::RESOURCE_QUOTA,
    plural: "resourcequotas",
    short_names: &["quota"],
    description: "How much of everything a namespace may use.",
    prepare_create: reset_status,
    prepare_update: keep_status,
    validate: |errors, object| spec(errors, &object["spec"]),
    validate_update: Update::With(|errors, new, old| {
        spec(errors, &new["spec"]);
        let path = Path::new("spec");
        let (new, old) = (&new["spec"], &old["spec"]);
        let has = |spec: &Value, scope: &Value| spec.list("scopes").contains(scope);
        let same = new.list("scopes").iter().all(|scope| has(old, scope))
            && old.list("scopes").iter().all(|scope| has(new, scope));
        if !same {
            errors.invalid(&path.child("scopes"), &new["scopes"], "field is immutable");
        }
    }),
    ..KIND
};

const SCOPES: &[&str] = &[
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];

fn spec(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    let hard = path.child("hard");
    for (name, value) in spec.entries("hard") {
        let at = hard.key(name);
        resources::quota_resource_name(errors, name, &at);
        resources::resource_quantity(errors, name, value, &at);
    }
    scopes(errors, spec, &path.child("scopes"));
    scope_selector(errors, spec, &path.child("scopeSelector"));
}

fn scopes(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let scopes: Vec<&str> = spec.list("scopes").iter().filter_map(Value::as_str).collect();
    for scope in &scopes {
        if !SCOPES.contains(scope) {
            errors.invalid(path, &spec["scopes"], "unsupported scope");
        }
        for _ in unfit_resources(spec, scope) {
            errors.invalid(path, &spec["scopes"], "unsupported scope applied to resource");
        }
    }
    conflicts(errors, spec, &scopes, path);
}

fn conflicts(errors: &mut Errors, spec: &Value, scopes: &[&str], path: &Path<'_>) {
    for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]] {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            errors.invalid(path, &spec["scopes"], "conflicting scopes");
        }
    }
}

/// Scopes with conditions. The paths have no indices: so the server prints them.
/// Source: pkg/apis/core/validation validateScopedResourceSelectorRequirement.
fn scope_selector(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let selector = &spec["scopeSelector"];
    let at = path.child("matchExpressions");
    let mut scopes: Vec<&str> = Vec::new();
    for one in selector.list("matchExpressions") {
        let (scope, operator) = (one.str("scopeName"), one.str("operator"));
        scopes.push(scope);
        if !SCOPES.contains(&scope) {
            errors.invalid(&at.child("scopeName"), scope, "unsupported scope");
        }
        for _ in unfit_resources(spec, scope) {
            let id = types().named("io.k8s.api.core.v1.ScopeSelector");
            let bad = id.map_or_else(String::new, |id| internal::to_json(id, selector));
            let message = "unsupported scope applied to resource";
            errors.invalid(&at, Bad::raw(bad), message);
        }
        if EXISTING.contains(&scope) && operator != "Exists" {
            let message = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            errors.invalid(&at.child("operator"), operator, message);
        }
        let has_values = !one.list("values").is_empty();
        match operator {
            "In" | "NotIn" if !has_values => {
                let message = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
                errors.required(&at.child("values"), message);
            }
            "Exists" | "DoesNotExist" if has_values => {
                let message = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                errors.invalid(&at.child("values"), &one["values"], message);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => errors.invalid(&at.child("operator"), other, "not a valid selector operator"),
        }
    }
    conflicts(errors, spec, &scopes, &at);
}

/// Scopes that are given or not, and have no values.
const EXISTING: &[&str] =
    &["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity"];

/// The resources of a quota that a scope does not fit.
fn unfit_resources<'a>(spec: &'a Value, scope: &'a str) -> impl Iterator<Item = &'a str> {
    let names = spec.entries("hard").map(|(name, _)| &**name);
    names.filter(move |name| resources::is_standard_for_quota(name) && !scope_fits(scope, name))
}

/// Returns true if a scope can limit a resource.
/// Source: pkg/apis/core/helper IsResourceQuotaScopeValidForResource.
fn scope_fits(scope: &str, resource: &str) -> bool {
    const COMPUTE: &[&str] =
        &["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
    match scope {
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => {
            matches!(resource, "persistentvolumeclaims" | "requests.storage")
        }
        scope if SCOPES.contains(&scope) => resource == "pods" || COMPUTE.contains(&resource),
        _ => true,
    }
}
