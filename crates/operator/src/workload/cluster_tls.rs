//! Mutual TLS between the members of an Alertmanager cluster: its Secret, and how a pod mounts it.
//!
//! Source: prometheus-operator pkg/alertmanager/clustertlsconfig/config.go.

use kubernetes::object::Value;

use super::tls_references::{Reference, mounts, references};
use super::volumes::secret_volume;
use super::web_config::{server_file, server_options, valid_tls};
use crate::checks::{at, valid_safe_tls};
use crate::store::Checked;
use crate::tree::{self, Entries, Field, Tree};

/// The folder in the pod.
const FOLDER: &str = "/etc/alertmanager/cluster_tls_config";

/// The key of the Secret.
pub const FILE: &str = "cluster-tls-config.yaml";

/// The settings of an Alertmanager's cluster.
pub struct ClusterTls<'a> {
    /// `spec.clusterTLS`; null without one.
    field: Field<'a>,
}

impl<'a> ClusterTls<'a> {
    /// Reads `clusterTLS` of a spec. The error is the Operator's.
    pub fn new(field: Field<'a>) -> Checked<Self> {
        if field.is_set() {
            let client = &field.value["client"];
            at(valid_tls(&field.value["server"]), "invalid server TLS configuration")?;
            let what = "invalid client TLS configuration";
            at(valid_safe_tls(client), what)?;
            if client["cert"].is_empty() {
                return Err(format!("{what}: certificate is required"));
            }
        }
        Ok(Self { field })
    }

    /// The path of the file, which is an argument of Alertmanager; None without settings.
    pub fn path(&self) -> Option<String> {
        self.field.is_set().then(|| format!("{FOLDER}/{FILE}"))
    }

    fn server(&self) -> Vec<Reference<'a>> {
        let tls = &self.field.value["server"];
        let folder = format!("{FOLDER}/server_tls");
        references(&tls["keySecret"], &tls["cert"], &tls["client_ca"], &folder)
    }

    fn client(&self) -> Vec<Reference<'a>> {
        let tls = &self.field.value["client"];
        let folder = format!("{FOLDER}/client_tls");
        references(&tls["keySecret"], &tls["cert"], &tls["ca"], &folder)
    }

    /// The volumes and mounts. `secret` is the name of the Secret with the file.
    pub fn mounts(&self, secret: &str) -> Checked<(Vec<Value>, Vec<Value>)> {
        let mut volumes = vec![secret_volume("cluster-tls-config", secret)];
        let mut all = vec![object! {
            "name": "cluster-tls-config",
            "readOnly": true,
            "mountPath": format!("{FOLDER}/{FILE}"),
            "subPath": FILE,
        }];
        if self.field.is_set() {
            for (references, side) in [(self.server(), "server"), (self.client(), "client")] {
                let prefix = format!("cluster-tls-{side}-config-");
                let (more, more_mounts) = mounts(&references, &prefix)?;
                volumes.extend(more);
                all.extend(more_mounts);
            }
        }
        Ok((volumes, all))
    }

    /// The text of the file; empty without settings.
    pub fn text(&self) -> String {
        if !self.field.is_set() {
            return String::new();
        }
        let (server, client) = (self.field.get("server"), self.field.get("client"));
        let mut file = Entries::default();
        file.put("tls_server_config", self.server_tree(&server));
        file.put("tls_client_config", self.client_tree(&client));
        tree::print(&file.tree()).text
    }

    fn server_tree(&self, tls: &Field<'_>) -> Tree {
        let (mut out, references) = (Entries::default(), self.server());
        server_file(&mut out, tls, &references, ("key_file", "keyFile", "key"));
        server_file(&mut out, tls, &references, ("cert_file", "certFile", "cert"));
        out.copy_text("client_auth_type", &tls.get("clientAuthType"));
        server_file(&mut out, tls, &references, ("client_ca_file", "clientCAFile", "client-ca"));
        server_options(&mut out, tls);
        out.tree().from(tls)
    }

    fn client_tree(&self, tls: &Field<'_>) -> Tree {
        let mut out = Entries::default();
        for (key, what) in [("key_file", "key"), ("cert_file", "cert"), ("ca_file", "client-ca")] {
            if let Some(one) = self.client().iter().find(|one| one.what == what) {
                out.put(key, Tree::text(one.path()).from(tls));
            }
        }
        out.copy("server_name", &tls.get("serverName"));
        out.copy("insecure_skip_verify", &tls.get("insecureSkipVerify"));
        out.tree().from(tls)
    }
}
