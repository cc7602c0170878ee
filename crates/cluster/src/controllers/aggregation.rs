//! ClusterRoles that are made of others.
//!
//! Source: pkg/controller/clusterroleaggregation.

use kubernetes::object::Value;
use kubernetes::validation::meta;

use super::Reconciler;
use crate::apiserver::{ApiServer, Key};

pub const AGGREGATION: Reconciler = Reconciler {
    name: "clusterrole-aggregation-controller",
    keys: |server, event| {
        if event.key.kind != "ClusterRole" {
            return Vec::new();
        }
        let roles = server.storage.list(event.key.group, "ClusterRole", "");
        roles.filter(|(_, role)| role.has("aggregationRule")).map(|(key, _)| key.clone()).collect()
    },
    reconcile,
};

fn reconcile(server: &mut ApiServer, key: &Key) {
    let Some(mut object) = server.storage.get(key).cloned() else { return };
    let selectors = object["aggregationRule"].list("clusterRoleSelectors").to_vec();
    let mut rules: Vec<Value> = Vec::new();
    for selector in &selectors {
        for (other, role) in server.storage.list(key.group, "ClusterRole", "") {
            if other == key || !meta::selects(selector, &role["metadata"]["labels"]) {
                continue;
            }
            for rule in role.list("rules") {
                if !rules.contains(rule) {
                    rules.push(rule.clone());
                }
            }
        }
    }
    let rules = if rules.is_empty() { Value::Null } else { rules.into() };
    if object["rules"] != rules {
        object.set("rules", rules);
        server.write(key, object);
    }
}
