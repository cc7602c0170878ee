//! Secrets with the token of an account: filled in, or deleted if the account is not there.
//!
//! Source: pkg/controller/serviceaccount/tokens_controller.go.

use super::Reconciler;
use crate::apiserver::{ApiServer, Key, Propagation};

const TYPE: &str = "kubernetes.io/service-account-token";
const ACCOUNT: &str = "kubernetes.io/service-account.name";
const ACCOUNT_UID: &str = "kubernetes.io/service-account.uid";

pub const TOKENS: Reconciler = Reconciler {
    name: "serviceaccount-token-controller",
    keys: |server, event| match event.key.kind {
        "Secret" if event.object.str("type") == TYPE => vec![event.key.clone()],
        "ServiceAccount" => server
            .storage
            .list("", "Secret", &event.key.namespace)
            .filter(|(_, secret)| {
                secret.str("type") == TYPE
                    && secret["metadata"]["annotations"].str(ACCOUNT) == &*event.key.name
            })
            .map(|(key, _)| key.clone())
            .collect(),
        _ => Vec::new(),
    },
    reconcile,
};

fn reconcile(server: &mut ApiServer, key: &Key) {
    let Some(mut secret) = server.storage.get(key).cloned() else { return };
    let name = secret["metadata"]["annotations"].str(ACCOUNT).to_owned();
    let account = Key {
        kind: "ServiceAccount",
        group: "",
        namespace: key.namespace.clone(),
        name: name.as_str().into(),
    };
    let uid = server.storage.get(&account).map(|found| found["metadata"].str("uid").to_owned());
    let Some(uid) = uid else {
        if let Some(kind) = server.row_of(key) {
            // A secret that is gone already needs nothing.
            let _ = server.delete(kind, &key.namespace, &key.name, Propagation::Background);
        }
        return;
    };
    if secret["data"].has("token") {
        return;
    }
    secret.entry("metadata").entry("annotations").set(ACCOUNT_UID, &*uid);
    let token = format!("simulated.{}.{name}.{uid}", key.namespace);
    for (field, text) in [
        ("ca.crt", super::serviceaccount::CERTIFICATE),
        ("namespace", &*key.namespace),
        ("token", &*token),
    ] {
        secret.entry("data").set(field, go::base64::encode(text.as_bytes()));
    }
    server.write(key, secret);
}
