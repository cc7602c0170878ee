//! Taints of nodes and tolerations of pods.
//!
//! Source: component-helpers scheduling/corev1/helpers.go, core/v1 toleration.go.

use kubernetes::object::Value;

/// True if a toleration takes a taint.
pub fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let effect = toleration.str("effect");
    if !effect.is_empty() && effect != taint.str("effect") {
        return false;
    }
    let key = toleration.str("key");
    if !key.is_empty() && key != taint.str("key") {
        return false;
    }
    match toleration.str("operator") {
        "" | "Equal" => toleration.str("value") == taint.str("value"),
        "Exists" => true,
        _ => false,
    }
}

/// The first taint of a node with one of the effects that a pod does not tolerate.
pub fn first_untolerated<'a>(spec: &Value, node: &'a Value, effects: &[&str]) -> Option<&'a Value> {
    node["spec"].list("taints").iter().find(|taint| {
        effects.contains(&taint.str("effect"))
            && !spec.list("tolerations").iter().any(|one| tolerates(one, taint))
    })
}

/// Taints that a scheduler would rather avoid and the pod does not tolerate.
pub fn avoided(spec: &Value, node: &Value) -> i64 {
    let taints = node["spec"].list("taints").iter();
    let untolerated = |taint: &&Value| {
        taint.str("effect") == "PreferNoSchedule"
            && !spec.list("tolerations").iter().any(|one| tolerates(one, taint))
    };
    taints.filter(untolerated).count() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn tolerations_take_taints() {
        let taint =
            parse_json(r#"{"key":"a","value":"b","effect":"NoSchedule"}"#).expect("it is JSON");
        for (toleration, expected) in [
            (r#"{"key":"a","operator":"Exists"}"#, true),
            (r#"{"operator":"Exists"}"#, true),
            (r#"{"key":"a","value":"b"}"#, true),
            (r#"{"key":"a","value":"c"}"#, false),
            (r#"{"key":"a","operator":"Exists","effect":"NoExecute"}"#, false),
        ] {
            let toleration = parse_json(toleration).expect("it is JSON");
            assert_eq!(tolerates(&toleration, &taint), expected, "{toleration:?}");
        }
    }
}
