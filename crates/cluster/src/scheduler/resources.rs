//! Requests of pods, and the resources that nodes have left.
//!
//! Source: component-helpers resource/helpers.go PodRequests, scheduler plugins noderesources/fit.go.

use std::collections::BTreeMap;

use kubernetes::object::{Quantity, Value};
use kubernetes::validation::resources::quantity;

/// Amounts by resource.
pub type Amounts = BTreeMap<String, Quantity>;

fn read(map: &Value) -> Amounts {
    let entries = map.as_map().into_iter().flat_map(|map| map.iter());
    entries.map(|(name, value)| (name.to_string(), quantity(value))).collect()
}

pub fn add(total: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        let sum = total.entry(name.clone()).or_insert(Quantity::ZERO);
        *sum = sum.plus(*amount);
    }
}

fn raise(total: &mut Amounts, least: &Amounts) {
    for (name, amount) in least {
        let known = total.entry(name.clone()).or_insert(Quantity::ZERO);
        if *known < *amount {
            *known = *amount;
        }
    }
}

/// The request of a pod: the sum of its containers and sidecars, or more where an init container
/// needs more. Source: PodRequests.
pub fn requests(spec: &Value) -> Amounts {
    let own = |container: &Value| read(&container["resources"]["requests"]);
    let mut total = Amounts::new();
    for container in spec.list("containers") {
        add(&mut total, &own(container));
    }
    let (mut sidecars, mut init) = (Amounts::new(), Amounts::new());
    for container in spec.list("initContainers") {
        if container.str("restartPolicy") == "Always" {
            add(&mut total, &own(container));
            add(&mut sidecars, &own(container));
            raise(&mut init, &sidecars);
        } else {
            let mut needed = own(container);
            add(&mut needed, &sidecars);
            raise(&mut init, &needed);
        }
    }
    raise(&mut total, &init);
    add(&mut total, &read(&spec["overhead"]));
    total
}

/// The resources that a node can give to pods.
pub fn allocatable(node: &Value) -> Amounts {
    let status = &node["status"];
    read(if status.has("allocatable") { &status["allocatable"] } else { &status["capacity"] })
}

/// The order of reasons: pods first, then cpu, memory, storage, then the rest by name.
fn order(name: &str) -> (usize, &str) {
    let known = ["cpu", "memory", "ephemeral-storage"];
    (known.iter().position(|one| *one == name).unwrap_or(known.len()), name)
}

/// Resources that a pod lacks on a node: the reason, and whether the node is too small for it even
/// when it is empty.
pub fn lacking(
    wanted: &Amounts,
    used: &Amounts,
    pods: i64,
    allocatable: &Amounts,
) -> Vec<(String, bool)> {
    let mut reasons = Vec::new();
    let most = allocatable.get("pods").map_or(110, Quantity::value);
    if pods + 1 > most {
        reasons.push(("Too many pods".to_owned(), false));
    }
    let mut names: Vec<&String> = wanted.keys().collect();
    names.sort_by_key(|name| order(name));
    for name in names {
        let amount = wanted.get(name).copied().unwrap_or(Quantity::ZERO);
        if amount.is_zero() {
            continue;
        }
        let all = allocatable.get(name).copied().unwrap_or(Quantity::ZERO);
        let taken = used.get(name).copied().unwrap_or(Quantity::ZERO);
        if taken.plus(amount) > all {
            reasons.push((format!("Insufficient {name}"), amount > all));
        }
    }
    reasons
}

/// The share of a node that is left with the pod on it, 0 to 100. Source: least_allocated.go.
pub fn least_allocated(wanted: &Amounts, used: &Amounts, allocatable: &Amounts) -> i64 {
    let share = |name: &str, least: i128| {
        let all = allocatable.get(name).map_or(0, |amount| amount.nano);
        let of = |amounts: &Amounts| amounts.get(name).map_or(0, |amount| amount.nano);
        let taken = of(used) + of(wanted).max(least);
        if all <= 0 || taken > all { 0 } else { ((all - taken) * 100 / all) as i64 }
    };
    // A pod without requests counts as 100m and 200Mi.
    (share("cpu", 100_000_000) + share("memory", 209_715_200 * 1_000_000_000)) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn an_init_container_and_a_sidecar_count() {
        let spec = parse_json(
            r#"{"containers":[{"resources":{"requests":{"cpu":"100m"}}}],
                "initContainers":[
                  {"restartPolicy":"Always","resources":{"requests":{"cpu":"50m"}}},
                  {"resources":{"requests":{"cpu":"200m"}}}]}"#,
        )
        .expect("it is JSON");
        assert_eq!(requests(&spec).get("cpu").map(Quantity::canonical).as_deref(), Some("250m"));
    }
}
