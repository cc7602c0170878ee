//! Names and quantities of resources.
//!
//! Source: pkg/apis/core/validation validateResourceRequirements, pkg/apis/core/helper.

use super::{Errors, Path, names};
use crate::object::{Quantity, Value, quantity::Format};

/// Resources that a container can ask for.
const CONTAINER: &[&str] = &["cpu", "memory", "ephemeral-storage"];

/// Resources without a domain that are known at all.
const STANDARD: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];

/// Resources without a domain that a quota can limit.
const QUOTA: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
];

/// Resources that are counted.
const INTEGERS: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// The quantity that a decoded text stands for.
pub fn quantity(value: &Value) -> Quantity {
    value.as_str().and_then(Quantity::parse).unwrap_or(Quantity::ZERO)
}

fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// A resource of a domain of its own, such as a GPU.
pub fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && names::qualified_name(&format!("requests.{name}")).is_empty()
}

/// Returns false for a resource whose request and limit must be the same.
pub fn overcommit_allowed(name: &str) -> bool {
    is_native(name) && !is_huge_page(name)
}

fn resource_name(errors: &mut Errors, name: &str, path: &Path<'_>) -> bool {
    let wrong = names::qualified_name(name);
    if !wrong.is_empty() {
        errors.invalid_each(path, name, wrong);
        return false;
    }
    if !name.contains('/') && !STANDARD.contains(&name) && !is_huge_page(name) {
        errors.invalid(path, name, "must be a standard resource type or fully qualified");
    }
    true
}

fn container_resource_name(errors: &mut Errors, name: &str, path: &Path<'_>) {
    resource_name(errors, name, path);
    if !name.contains('/') {
        if !CONTAINER.contains(&name) && !is_huge_page(name) {
            errors.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        errors.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

/// Returns true for a resource without a domain that a quota can limit.
pub fn is_standard_for_quota(name: &str) -> bool {
    QUOTA.contains(&name)
}

/// The name of a resource in a quota.
pub fn quota_resource_name(errors: &mut Errors, name: &str, path: &Path<'_>) {
    resource_name(errors, name, path);
    let huge = name.strip_prefix("requests.").is_some_and(is_huge_page) || is_huge_page(name);
    if !name.contains('/') && !QUOTA.contains(&name) && !huge {
        errors.invalid(path, name, "must be a standard resource for quota");
    }
}

/// The name of a resource in an item of a LimitRange.
pub fn limit_resource_name(errors: &mut Errors, limit: &str, name: &str, path: &Path<'_>) {
    if matches!(limit, "Pod" | "Container") {
        container_resource_name(errors, name, path);
    } else {
        resource_name(errors, name, path);
    }
}

/// A quantity that is not negative, and whole where the resource is counted.
pub fn resource_quantity(errors: &mut Errors, name: &str, value: &Value, path: &Path<'_>) {
    let quantity = quantity(value);
    if quantity.nano < 0 {
        errors.invalid(path, value, "must be greater than or equal to 0");
    }
    let integer = INTEGERS.contains(&name) || is_extended(name);
    if integer && quantity.milli_value() % 1000 != 0 {
        errors.invalid(path, value, "must be an integer");
    }
}

pub fn positive_quantity(errors: &mut Errors, value: &Value, path: &Path<'_>) {
    if quantity(value).nano <= 0 {
        errors.invalid(path, value, "must be greater than zero");
    }
}

fn huge_page(errors: &mut Errors, name: &str, value: &Value, path: &Path<'_>) {
    let size = name.strip_prefix("hugepages-").and_then(Quantity::parse);
    let divisible =
        size.is_some_and(|size| size.value() > 0 && quantity(value).value() % size.value() == 0);
    if !divisible {
        let text = value.as_str().unwrap_or_default();
        let message = format!("{text} is not positive integer multiple of {name}");
        errors.invalid(path, value, &message);
    }
}

/// Requests and limits of a container.
pub fn requirements(errors: &mut Errors, resources: &Value, path: &Path<'_>, claims: &[&str]) {
    requirements_of(errors, resources, (path, container_resource_name), claims);
}

/// Requests and limits of a pod as a whole.
pub fn pod_requirements(errors: &mut Errors, resources: &Value, path: &Path<'_>, claims: &[&str]) {
    requirements_of(errors, resources, (path, pod_resource_name), claims);
}

/// Returns true for a resource that a pod as a whole can ask for.
pub fn is_of_pods(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || is_huge_page(name)
}

fn pod_resource_name(errors: &mut Errors, name: &str, path: &Path<'_>) {
    let before = errors.list.len();
    resource_name(errors, name, path);
    if errors.list.len() == before && !is_of_pods(name) {
        errors.not_supported(path, name, &["cpu", "hugepages-", "memory"]);
    }
}

type NameCheck = fn(&mut Errors, &str, &Path<'_>);

fn requirements_of(
    errors: &mut Errors,
    resources: &Value,
    (path, check_name): (&Path<'_>, NameCheck),
    claims: &[&str],
) {
    let (limits, requests) = (path.child("limits"), path.child("requests"));
    let (mut computes, mut huge) = (false, false);
    for (name, value) in resources.entries("limits") {
        let at = limits.key(name);
        check_name(errors, name, &at);
        resource_quantity(errors, name, value, &at);
        if is_huge_page(name) {
            huge = true;
            huge_page(errors, name, value, &at);
        }
        computes |= matches!(&**name, "cpu" | "memory");
    }
    for (name, value) in resources.entries("requests") {
        let at = requests.key(name);
        check_name(errors, name, &at);
        resource_quantity(errors, name, value, &at);
        request_within_limit(errors, resources, name, value, (&requests, &limits));
        if is_huge_page(name) {
            huge = true;
            huge_page(errors, name, value, &at);
        }
        computes |= matches!(&**name, "cpu" | "memory");
    }
    if huge && !computes {
        errors.forbidden(path, "HugePages require cpu or memory");
    }
    claim_names(errors, resources, &path.child("claims"), claims);
}

fn request_within_limit(
    errors: &mut Errors,
    resources: &Value,
    name: &str,
    request: &Value,
    (requests, limits): (&Path<'_>, &Path<'_>),
) {
    let Some(limit) = resources["limits"].get(name) else {
        if !overcommit_allowed(name) {
            errors.required(limits, "Limit must be set for non overcommitable resources");
        }
        return;
    };
    let text = limit.as_str().unwrap_or_default();
    let (asked, allowed) = (quantity(request), quantity(limit));
    if asked != allowed && !overcommit_allowed(name) {
        errors.invalid(requests, request, &format!("must be equal to {name} limit of {text}"));
    } else if asked > allowed {
        let message = format!("must be less than or equal to {name} limit of {text}");
        errors.invalid(requests, request, &message);
    }
}

/// The claims that a container uses: a whole claim, or one request of it.
/// Source: validateResourceClaimNames.
fn claim_names(errors: &mut Errors, resources: &Value, path: &Path<'_>, claims: &[&str]) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (number, claim) in resources.list("claims").iter().enumerate() {
        let at = path.index(number);
        let (name, request) = (claim.str("name"), claim.str("request"));
        if name.is_empty() {
            errors.required(&at, "");
            continue;
        }
        if seen.contains(&(name, "")) {
            errors.duplicate(&at, name);
        } else {
            if !request.is_empty() {
                errors.invalid_each(&at.child("request"), request, names::dns1123_label(request));
            }
            let overlaps = |other: &&(&str, &str)| other.0 == name;
            if seen.contains(&(name, request)) {
                errors.duplicate(&at, &format!("{name}/{request}"));
            } else if request.is_empty() {
                for _ in seen.iter().filter(overlaps) {
                    errors.duplicate(&at, name);
                }
            }
            seen.push((name, request));
        }
        if !claims.contains(&name) {
            let mut known = claims.to_vec();
            known.sort_unstable();
            let detail = "must be one of the names in pod.spec.resourceClaims";
            let detail = if claims.is_empty() {
                format!("{detail} which is empty")
            } else {
                format!("{detail}: {}", known.join(", "))
            };
            errors.not_found(&at, name, &detail);
        }
    }
}

/// The sum of two quantities in canonical form.
pub fn sum(left: &Value, right: &Value) -> Value {
    quantity(left).plus(quantity(right)).canonical().into()
}

/// A count as a quantity.
pub fn count(number: i64) -> Quantity {
    Quantity { nano: Quantity::whole(number).nano, format: Format::DecimalSi }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    #[test]
    fn requirements_are_checked_in_order() {
        for (resources, expected) in [
            (r#"{"limits":{"cpu":"1"},"requests":{"cpu":"500m"}}"#, &[][..]),
            (
                r#"{"limits":{"cpu":"500m"},"requests":{"cpu":"1"}}"#,
                &[
                    "r.requests: Invalid value: \"1\": must be less than or equal to cpu limit of 500m",
                ],
            ),
            (
                r#"{"requests":{"gpu":"1"}}"#,
                &[
                    "r.requests[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified",
                    "r.requests[gpu]: Invalid value: \"gpu\": must be a standard resource for containers",
                ],
            ),
            (
                r#"{"requests":{"nvidia.com/gpu":"1"}}"#,
                &["r.limits: Required value: Limit must be set for non overcommitable resources"],
            ),
            (
                r#"{"limits":{"nvidia.com/gpu":"500m"}}"#,
                &["r.limits[nvidia.com/gpu]: Invalid value: \"500m\": must be an integer"],
            ),
        ] {
            let mut errors = Errors::default();
            requirements(&mut errors, &parse_json(resources).unwrap(), &Path::new("r"), &[]);
            let texts: Vec<String> = errors.list.iter().map(ToString::to_string).collect();
            assert_eq!(texts, expected, "{resources}");
        }
    }
}
