//! Resources of a pod as a whole.
//!
//! Source: pkg/apis/core/validation validatePodResources, component-helpers resource
//! AggregateContainerRequests.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::object::{Quantity, Value};
use crate::validation::{Errors, Path, resources};

/// Amounts by the name of the resource.
pub type Amounts = BTreeMap<Arc<str>, Quantity>;

fn add(total: &mut Amounts, container: &Value, list: &str) {
    for (name, amount) in container["resources"].entries(list) {
        let sum = total.entry(name.clone()).or_insert(Quantity::ZERO);
        *sum = sum.plus(resources::quantity(amount));
    }
}

fn raise(total: &mut Amounts, least: &Amounts) {
    for (name, amount) in least {
        let known = total.entry(name.clone()).or_insert(*amount);
        *known = (*known).max(*amount);
    }
}

/// The requests or limits of all containers: the sum of containers and sidecars, or more where an
/// init container has more.
pub fn of_containers(spec: &Value, list: &str) -> Amounts {
    let (mut total, mut sidecars, mut init) = (Amounts::new(), Amounts::new(), Amounts::new());
    for container in spec.list("containers") {
        add(&mut total, container, list);
    }
    for container in spec.list("initContainers") {
        if container.str("restartPolicy") == "Always" {
            add(&mut total, container, list);
            add(&mut sidecars, container, list);
            raise(&mut init, &sidecars);
        } else {
            let mut needed = sidecars.clone();
            add(&mut needed, container, list);
            raise(&mut init, &needed);
        }
    }
    raise(&mut total, &init);
    total
}

/// The field `resources` of a pod.
pub fn check(errors: &mut Errors, spec: &Value, path: &Path<'_>, claims: &[&str]) {
    let own = &spec["resources"];
    let path = path.child("resources");
    if own.is_null() {
        return;
    }
    if spec["os"].str("name") == "windows" {
        return errors.forbidden(&path, "may not be set for a windows pod");
    }
    if own.has("claims") {
        let message = "claims may not be set for Resources at pod-level";
        errors.forbidden(&path.child("claims"), message);
    }
    resources::pod_requirements(errors, own, &path, claims);
    let requests = path.child("requests");
    for (name, amount) in of_containers(spec, "requests") {
        at_least(errors, own, "requests", (&name, amount), &requests);
    }
    let limits = path.child("limits");
    for (name, amount) in of_containers(spec, "limits") {
        if name.starts_with("hugepages-") {
            at_least(errors, own, "limits", (&name, amount), &limits);
        }
    }
    let containers = path.child("containers");
    for (number, container) in spec.list("containers").iter().enumerate() {
        for (name, limit) in container["resources"].entries("limits") {
            let Some(of_pod) = own["limits"].get(name) else { continue };
            if resources::quantity(limit) > resources::quantity(of_pod) {
                let of_pod = of_pod.as_str().unwrap_or_default();
                let message = format!("must be less than or equal to pod limits of {of_pod}");
                let at = containers.index(number);
                errors.invalid(&at.key(name).child("limits"), limit, &message);
            }
        }
    }
}

/// An amount of the pod covers that of its containers.
fn at_least(
    errors: &mut Errors,
    own: &Value,
    list: &str,
    (name, amount): (&str, Quantity),
    path: &Path<'_>,
) {
    let Some(of_pod) = own[list].get(name) else { return };
    if amount > resources::quantity(of_pod) {
        let amount = amount.canonical();
        let message =
            format!("must be greater than or equal to aggregate container {list} of {amount}");
        errors.invalid(&path.key(name), of_pod, &message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    #[test]
    fn the_pod_covers_its_containers() {
        for (spec, expected) in [
            (
                r#"{"resources":{"requests":{"cpu":"1"}},"containers":[{"resources":{"requests":{"cpu":"600m"}}},{"resources":{"requests":{"cpu":"600m","memory":"1Gi"}}}]}"#,
                &[
                    "spec.resources.requests[cpu]: Invalid value: \"1\": must be greater than or equal to aggregate container requests of 1200m",
                ][..],
            ),
            (
                r#"{"resources":{"limits":{"cpu":"1"}},"containers":[{"resources":{"limits":{"cpu":"2","memory":"1Gi"}}}]}"#,
                &[
                    "spec.resources.containers[0][cpu].limits: Invalid value: \"2\": must be less than or equal to pod limits of 1",
                ],
            ),
            (
                r#"{"resources":{"limits":{"ephemeral-storage":"1Gi"}}}"#,
                &[
                    "spec.resources.limits[ephemeral-storage]: Unsupported value: \"ephemeral-storage\": supported values: \"cpu\", \"hugepages-\", \"memory\"",
                ],
            ),
            (
                r#"{"os":{"name":"windows"},"resources":{}}"#,
                &["spec.resources: Forbidden: may not be set for a windows pod"],
            ),
        ] {
            let mut errors = Errors::default();
            check(&mut errors, &parse_json(spec).unwrap(), &Path::new("spec"), &[]);
            let texts: Vec<String> = errors.list.iter().map(ToString::to_string).collect();
            assert_eq!(texts, expected, "{spec}");
        }
    }

    #[test]
    fn init_containers_count_where_they_need_more() {
        let spec = parse_json(
            r#"{"containers":[{"resources":{"requests":{"cpu":"1"}}}],
                "initContainers":[
                  {"restartPolicy":"Always","resources":{"requests":{"cpu":"500m"}}},
                  {"resources":{"requests":{"cpu":"2","memory":"1Gi"}}}]}"#,
        );
        let total = of_containers(&spec.unwrap(), "requests");
        let texts: Vec<String> =
            total.iter().map(|(name, amount)| format!("{name} {}", amount.canonical())).collect();
        assert_eq!(texts, ["cpu 2500m", "memory 1Gi"]);
    }
}
