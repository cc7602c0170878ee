//! Creates the account `default` and the root certificate in each namespace.
//!
//! Source: pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher.

use super::Reconciler;
use crate::apiserver::{ApiServer, Event, Key, Presence};

const ROOT_CA_NAME: &str = "kube-root-ca.crt";

/// Stands for the certificate of the simulated cluster.
pub const CERTIFICATE: &str =
    "-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVkIGNsdXN0ZXI=\n-----END CERTIFICATE-----\n";

pub const ACCOUNTS: Reconciler = Reconciler {
    name: "serviceaccount-controller",
    keys: |server, event| namespaces(server, event, "ServiceAccount", "default"),
    reconcile: |server, key| {
        if is_open(server, key) {
            server.put_missing("ServiceAccount", &key.name, "default", |_| {});
        }
    },
};

pub const ROOT_CA: Reconciler = Reconciler {
    name: "root-ca-certificate-publisher-controller",
    keys: |server, event| namespaces(server, event, "ConfigMap", ROOT_CA_NAME),
    reconcile: |server, key| {
        if is_open(server, key) {
            server.put_missing("ConfigMap", &key.name, ROOT_CA_NAME, |object| {
                object.entry("data").set("ca.crt", CERTIFICATE);
                let annotations = object.entry("metadata").entry("annotations");
                annotations.set(
                    "kubernetes.io/description",
                    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
                );
            });
        }
    },
};

/// The namespace that changed, or that lost one of its objects.
fn namespaces(_: &ApiServer, event: &Event, kind: &str, name: &str) -> Vec<Key> {
    if event.key.kind == "Namespace" {
        return vec![event.key.clone()];
    }
    if event.key.kind == kind && &*event.key.name == name {
        return vec![namespace_key(&event.key.namespace)];
    }
    Vec::new()
}

fn namespace_key(name: &str) -> Key {
    Key { kind: "Namespace", group: "", namespace: "".into(), name: name.into() }
}

fn is_open(server: &ApiServer, key: &Key) -> bool {
    server.storage.presence(key) == Presence::Stored
}

impl ApiServer {
    /// Stores an object of the core group unless it is there.
    fn put_missing(
        &mut self,
        kind: &'static str,
        namespace: &str,
        name: &str,
        fill: impl FnOnce(&mut kubernetes::object::Value),
    ) {
        let key = Key { kind, group: "", namespace: namespace.into(), name: name.into() };
        if !self.storage.contains(&key) {
            self.put_system("v1", kind, namespace, name, fill);
        }
    }
}
