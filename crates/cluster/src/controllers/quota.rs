//! The used amounts of ResourceQuotas.
//!
//! Source: pkg/controller/resourcequota.

use kubernetes::object::{Map, Quantity, Value};

use super::Reconciler;
use crate::apiserver::{ApiServer, Key, quota};

pub const QUOTAS: Reconciler = Reconciler {
    name: "resourcequota-controller",
    keys: |server, event| {
        if event.key.kind == "ResourceQuota" {
            return vec![event.key.clone()];
        }
        if event.key.namespace.is_empty() {
            return Vec::new();
        }
        let quotas = server.storage.list("", "ResourceQuota", &event.key.namespace);
        quotas.map(|(key, _)| key.clone()).collect()
    },
    reconcile,
};

fn reconcile(server: &mut ApiServer, key: &Key) {
    let Some(mut object) = server.storage.get(key).cloned() else { return };
    let hard = object["spec"]["hard"].clone();
    let mut used = quota::Usage::new();
    for (one, counted) in server.storage.iter() {
        if one.namespace != key.namespace || !quota::in_scope(&object, one.kind, counted) {
            continue;
        }
        let Some(row) = server.row_of(one) else { continue };
        for (resource, amount) in quota::usage(one.group, one.kind, row.plural, counted) {
            let total = used.entry(resource).or_insert(Quantity::ZERO);
            *total = total.plus(amount);
        }
    }
    let used: Map = hard
        .as_map()
        .into_iter()
        .flat_map(Map::iter)
        .map(|(name, _)| {
            let amount = used.get(&**name).copied().unwrap_or(Quantity::ZERO);
            (name.clone(), Value::from(amount.canonical()))
        })
        .collect();
    let status = object.entry("status");
    if !hard.is_empty() {
        status.set("hard", hard);
        status.set("used", used);
    }
    server.write(key, object);
}
