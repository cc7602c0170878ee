//! The kubeconfig: clusters, users, contexts, and which of them is current.
//!
//! Source: client-go tools/clientcmd.

use kubernetes::object::{Value, parse_json};

/// The path of the file.
pub const PATH: &str = "/home/user/.kube/config";

/// A kubeconfig as its tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub tree: Value,
}

impl Default for Config {
    fn default() -> Self {
        Self::named("minikube", "minikube", "minikube", "https://192.168.49.2:8443")
    }
}

impl Config {
    /// A kubeconfig with one context.
    pub fn named(context: &str, cluster: &str, user: &str, server: &str) -> Self {
        let base = r#"{"apiVersion":"v1","kind":"Config","preferences":{}}"#;
        let mut tree = parse_json(base).unwrap_or_default();
        let named = |name: &str, key: &str, fields: &[(&str, &str)]| {
            let mut entry = Value::map();
            entry.set("name", name);
            fields.iter().for_each(|(field, value)| entry.entry(key).set(field, *value));
            Value::from(vec![entry])
        };
        let authority = ("certificate-authority-data", "<certificate>");
        tree.set("clusters", named(cluster, "cluster", &[authority, ("server", server)]));
        tree.set("contexts", named(context, "context", &[("cluster", cluster), ("user", user)]));
        let certificate = ("client-certificate-data", "<certificate>");
        tree.set(
            "users",
            named(user, "user", &[certificate, ("client-key-data", "<certificate>")]),
        );
        tree.set("current-context", context);
        Self { tree }
    }

    /// The name of the current context.
    pub fn current(&self) -> &str {
        self.tree.str("current-context")
    }

    /// The context of a name, without the name; None if there is none.
    pub fn context(&self, name: &str) -> Option<&Value> {
        let mut contexts = self.tree.list("contexts").iter();
        contexts.find(|entry| entry.str("name") == name).map(|entry| &entry["context"])
    }

    /// The namespace of the current context, `default` if it names none.
    pub fn namespace(&self) -> &str {
        let namespace = self.context(self.current()).map_or("", |one| one.str("namespace"));
        if namespace.is_empty() { "default" } else { namespace }
    }

    /// Sets the namespace of the current context.
    pub fn set_namespace(&mut self, namespace: &str) {
        let current = self.current().to_owned();
        for entry in self.tree.items_mut("contexts") {
            if entry.str("name") == current {
                entry.entry("context").set("namespace", namespace);
            }
        }
    }

    /// The address of the API server of the current context.
    pub fn server(&self) -> &str {
        let cluster = self.context(self.current()).map_or("", |one| one.str("cluster"));
        let mut clusters = self.tree.list("clusters").iter();
        let entry = clusters.find(|entry| entry.str("name") == cluster);
        entry.map_or("", |entry| entry["cluster"].str("server"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_names_the_namespace() {
        let mut config = Config::default();
        assert_eq!((config.current(), config.namespace()), ("minikube", "default"));
        config.set_namespace("dev");
        assert_eq!(config.namespace(), "dev");
        assert_eq!(config.server(), "https://192.168.49.2:8443");
        config.tree.set("current-context", "nope");
        assert_eq!((config.namespace(), config.server()), ("default", ""));
    }
}
