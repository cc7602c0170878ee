//! Service accounts: tokens, the files in a pod, permissions.

use cluster::controllers::CERTIFICATE;
use discovery::Access;
use kubernetes::Cluster;
use kubernetes::objects::Kind;
use kubernetes::rbac::{self, Account, Request};
use server::Files;

/// The folder of a pod in which the files of its service account are mounted.
const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Tokens are this text, namespace, name and the uid of the pod in base64. They are not signed.
const TOKEN: &str = "system:serviceaccount:";

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    pub namespace: String,
    pub name: String,
}

impl ServiceAccount {
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }

    pub(crate) fn account(&self) -> Account<'_> {
        Account { namespace: &self.namespace, name: &self.name }
    }

    /// The token that requests of the account carry.
    pub(crate) fn token(&self) -> String {
        go::base64::encode(format!("{TOKEN}{}:{}/", self.namespace, self.name).as_bytes())
    }

    /// The account of a token; None if the cluster has not issued it.
    pub(crate) fn of_token(token: &str) -> Option<Self> {
        let claims = String::from_utf8(go::base64::decode(token).ok()?).ok()?;
        let (account, _) = claims.strip_prefix(TOKEN)?.split_once('/')?;
        let (namespace, name) = account.split_once(':')?;
        Some(Self::new(namespace, name))
    }

    /// Writes the files that a pod with this account has.
    pub(crate) fn mount(&self, files: &mut Files) {
        for (name, text) in
            [("token", &*self.token()), ("namespace", &self.namespace), ("ca.crt", CERTIFICATE)]
        {
            files.write(&format!("{FOLDER}/{name}"), text);
        }
    }
}

/// The permissions of an account in a cluster.
pub(crate) struct AccountAccess<'a> {
    pub cluster: &'a Cluster,
    pub account: &'a ServiceAccount,
    pub user: String,
}

impl<'a> AccountAccess<'a> {
    pub fn new(cluster: &'a Cluster, account: &'a ServiceAccount) -> Self {
        Self { cluster, account, user: account.account().user() }
    }
}

impl Access for AccountAccess<'_> {
    fn allows(&self, verb: &str, kind: Kind, namespace: Option<&str>) -> bool {
        let request = Request::of(kind, verb, namespace);
        rbac::allowed(self.cluster, self.account.account(), request).is_some()
    }

    fn user(&self) -> &str {
        &self.user
    }
}
