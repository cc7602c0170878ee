//! LimitRanges.
//!
//! Source: pkg/apis/core/validation ValidateLimitRange, pkg/apis/core/v1 SetDefaults_LimitRangeItem.

use super::{KIND, Kind};
use crate::object::{Quantity, Value};
use crate::validation::{Errors, Path, names, resources};
use text::IndexSort;

pub const LIMIT_RANGE: Kind = Kind {
    kind: "LimitRange",
    columns: crate::columns::NAME_AND_CREATED,
    plural: "limitranges",
    short_names: &["limits"],
    description: "Bounds and defaults of what pods ask for in a namespace.",
    defaults: |object| {
        for item in object.entry("spec").items_mut("limits") {
            if item.str("type") == "Container" {
                fill(item, "max", "default");
                fill(item, "default", "defaultRequest");
                fill(item, "min", "defaultRequest");
            }
        }
    },
    validate: |errors, object| {
        let path = Path::new("spec");
        let limits = path.child("limits");
        let mut seen: Vec<&str> = Vec::new();
        for (number, item) in object["spec"].list("limits").iter().enumerate() {
            let at = limits.index(number);
            limit_type(errors, item.str("type"), &at.child("type"));
            if seen.contains(&item.str("type")) {
                errors.duplicate(&at.child("type"), item.str("type"));
            }
            seen.push(item.str("type"));
            self::item(errors, item, &at);
        }
    },
    ..KIND
};

fn fill(item: &mut Value, from: &str, to: &str) {
    let Some(source) = item[from].as_map().cloned() else { return };
    for (name, value) in source.iter() {
        item.entry(to).set_default(name, value.clone());
    }
}

fn limit_type(errors: &mut Errors, ty: &str, path: &Path<'_>) {
    let wrong = names::qualified_name(ty);
    if !wrong.is_empty() {
        return errors.invalid_each(path, ty, wrong);
    }
    if !ty.contains('/') && !matches!(ty, "Pod" | "Container" | "PersistentVolumeClaim") {
        errors.invalid(path, ty, "must be a standard limit type or fully qualified");
    }
}

fn item(errors: &mut Errors, item: &Value, path: &Path<'_>) {
    let ty = item.str("type");
    let mut keys: Vec<&str> = Vec::new();
    for list in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
        let at = path.child(list);
        if ty == "Pod" && matches!(list, "default" | "defaultRequest") {
            if !item[list].is_empty() {
                errors.forbidden(&at, "may not be specified when `type` is 'Pod'");
            }
            continue;
        }
        if list == "maxLimitRequestRatio" && ty == "PersistentVolumeClaim" {
            storage_bounds(errors, item, path);
        }
        for (name, _) in item.entries(list) {
            resources::limit_resource_name(errors, ty, name, &at.key(name));
            if !keys.contains(&&**name) {
                keys.push(name);
            }
        }
    }
    keys.index_sort();
    for key in keys {
        bounds(errors, item, key, path);
    }
}

fn storage_bounds(errors: &mut Errors, item: &Value, path: &Path<'_>) {
    if !item["min"].has("storage") && !item["max"].has("storage") {
        let message =
            "either minimum or maximum storage value is required, but neither was provided";
        errors.required(&path.child("limits"), message);
    }
}

/// The bounds and defaults of one resource must be in order.
fn bounds(errors: &mut Errors, item: &Value, key: &str, path: &Path<'_>) {
    let find = |list: &str| {
        let value = item[list].get(key)?;
        Some((resources::quantity(value), value.as_str().unwrap_or_default()))
    };
    let (min, max) = (find("min"), find("max"));
    let (default, request) = (find("default"), find("defaultRequest"));
    // Field, shown value, lower value and its name, upper value and its name.
    type Side<'a> = Option<(Quantity, &'a str)>;
    type Row<'a> = (&'a str, Side<'a>, (Side<'a>, &'a str), (Side<'a>, &'a str));
    let rows: &[Row<'_>] = &[
        ("min", min, (min, "min value"), (max, "max value")),
        ("defaultRequest", request, (min, "min value"), (request, "default request value")),
        ("defaultRequest", request, (request, "default request value"), (max, "max value")),
        (
            "defaultRequest",
            request,
            (request, "default request value"),
            (default, "default limit value"),
        ),
        ("default", min, (min, "min value"), (default, "default value")),
        ("default", max, (default, "default value"), (max, "max value")),
    ];
    for (field, shown, (lower, lower_name), (upper, upper_name)) in rows {
        if let (Some((_, shown)), Some((low, low_text)), Some((high, high_text))) =
            (shown, lower, upper)
            && low > high
        {
            let message =
                format!("{lower_name} {low_text} is greater than {upper_name} {high_text}");
            errors.invalid(&path.child(field).key(key), *shown, &message);
        }
    }
    ratio(errors, item, key, path);
    if let (Some((low, request)), Some((high, text))) = (request, default)
        && low != high
        && !resources::overcommit_allowed(key)
    {
        let message =
            format!("default value {text} must equal to defaultRequest value {request} in {key}");
        errors.invalid(&path.child("defaultRequest").key(key), request, &message);
    }
}

fn ratio(errors: &mut Errors, item: &Value, key: &str, path: &Path<'_>) {
    let find = |list: &str| item[list].get(key).map(resources::quantity);
    let Some(ratio) = find("maxLimitRequestRatio") else { return };
    let list = path.child("maxLimitRequestRatio");
    let at = list.key(key);
    let value = &item["maxLimitRequestRatio"][key];
    let text = value.as_str().unwrap_or_default();
    if ratio < Quantity::whole(1) {
        errors.invalid(&at, value, &format!("ratio {text} is less than 1"));
    }
    if let (Some(min), Some(max)) = (find("min"), find("max"))
        && min.nano > 0
    {
        let limit = max.nano as f64 / min.nano as f64;
        if ratio.nano as f64 / 1e9 > limit {
            let message = format!("ratio {text} is greater than max/min = {limit:.6}");
            errors.invalid(&at, value, &message);
        }
    }
}
