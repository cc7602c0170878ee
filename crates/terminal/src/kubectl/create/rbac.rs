//! `kubectl create role`, `clusterrole`, `rolebinding` and `clusterrolebinding`.
//!
//! Source: kubectl pkg/cmd/create/create_role.go, create_clusterrole.go, create_rolebinding.go.

use std::collections::BTreeMap;

use kubernetes::object::Value;

use super::super::errors::Failure;
use super::super::flags::{Arguments, Flag, Form};
use super::super::{Kubectl, Session, plain};
use super::{named, one_name};

pub(super) const RULES: &[Flag] = &[
    Flag::new("resource", Form::List),
    Flag::new("resource-name", Form::Array),
    Flag::new("verb", Form::List),
];
pub(super) const CLUSTER_RULES: &[Flag] =
    &[Flag::new("aggregation-rule", Form::List), Flag::new("non-resource-url", Form::List)];
pub(super) const BINDING: &[Flag] = &[
    Flag::new("clusterrole", Form::Text),
    Flag::new("group", Form::Array),
    Flag::new("serviceaccount", Form::Array),
    Flag::new("user", Form::Array),
];
pub(super) const ROLE: &[Flag] = &[Flag::new("role", Form::Text)];

const API: &str = "rbac.authorization.k8s.io/v1";
const GROUP: &str = "rbac.authorization.k8s.io";

fn texts(items: &[&str]) -> Vec<Value> {
    let mut seen: Vec<Value> = Vec::new();
    for item in items {
        let item: Value = (*item).into();
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

impl Kubectl<'_> {
    pub(super) fn create_role(
        &mut self,
        cluster: bool,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let mut object = named(API, if cluster { "ClusterRole" } else { "Role" }, name);
        let aggregation = arguments.list("aggregation-rule");
        if aggregation.is_empty() {
            match self.rules(cluster, arguments) {
                Ok(rules) => object.set("rules", rules),
                Err(failure) => return vec![failure],
            }
        } else {
            let mut labels = Value::map();
            for (key, value) in aggregation.iter().filter_map(|pair| pair.split_once('=')) {
                labels.set(key, value);
            }
            let mut selector = Value::map();
            selector.set("matchLabels", labels);
            object.entry("aggregationRule").set("clusterRoleSelectors", vec![selector]);
            object.set("rules", Value::Null);
        }
        self.make(object, "", "created", arguments, session)
    }

    /// Rules for the verbs, one for each API group of the resources.
    fn rules(&self, cluster: bool, arguments: &Arguments) -> Result<Vec<Value>, Failure> {
        let refused = |text: &str| Err(Failure::Plain(text.to_owned()));
        let mut verbs = arguments.list("verb");
        if verbs.contains(&"*") {
            verbs = vec!["*"];
        }
        if verbs.is_empty() {
            return refused("at least one verb must be specified");
        }
        let urls = arguments.list("non-resource-url");
        let resources = arguments.list("resource");
        if resources.is_empty() && urls.is_empty() {
            return refused(if cluster {
                "one of resource or nonResourceURL must be specified"
            } else {
                "at least one resource must be specified"
            });
        }
        let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for resource in resources {
            let (base, subresource) = match resource.split_once('/') {
                Some((base, subresource)) => (base, Some(subresource)),
                None => (resource, None),
            };
            let (group, plural) = match base {
                "*" => ("*", "*"),
                base => {
                    let kind = self.resource(base)?;
                    (kind.group, kind.plural)
                }
            };
            let shown: Value = match subresource {
                Some(subresource) => format!("{plural}/{subresource}").into(),
                None => plural.into(),
            };
            let known = groups.entry(group.to_owned()).or_default();
            if !known.contains(&shown) {
                known.push(shown);
            }
        }
        let names = arguments.list("resource-name");
        let mut rules = Vec::new();
        for (group, resources) in groups {
            let mut rule = Value::map();
            rule.set("apiGroups", vec![Value::from(group)]);
            rule.set("resources", resources);
            if !names.is_empty() {
                rule.set("resourceNames", texts(&names));
            }
            rule.set("verbs", texts(&verbs));
            rules.push(rule);
        }
        if !urls.is_empty() {
            let mut rule = Value::map();
            rule.set("nonResourceURLs", texts(&urls));
            rule.set("verbs", texts(&verbs));
            rules.push(rule);
        }
        Ok(rules)
    }

    pub(super) fn create_binding(
        &mut self,
        cluster: bool,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let text = |flag: &str| arguments.text(flag).unwrap_or_default();
        let (role, cluster_role) = (text("role"), text("clusterrole"));
        if cluster && cluster_role.is_empty() {
            return plain("clusterrole must be specified");
        }
        if role.is_empty() == cluster_role.is_empty() {
            return plain("exactly one of clusterrole or role must be specified");
        }
        let kind = if cluster { "ClusterRoleBinding" } else { "RoleBinding" };
        let mut object = named(API, kind, name);
        let reference = object.entry("roleRef");
        reference.set("apiGroup", GROUP);
        reference.set("kind", if role.is_empty() { "ClusterRole" } else { "Role" });
        reference.set("name", if role.is_empty() { cluster_role } else { role });
        let mut subjects = Vec::new();
        for (flag, kind) in [("user", "User"), ("group", "Group")] {
            for name in arguments.list(flag) {
                let mut subject = Value::map();
                subject.set("apiGroup", GROUP);
                subject.set("kind", kind);
                subject.set("name", name);
                subjects.push(subject);
            }
        }
        for account in arguments.list("serviceaccount") {
            let parts: Vec<&str> = account.split(':').collect();
            let [namespace, name] = parts[..] else {
                return plain("serviceaccount must be <namespace>:<name>");
            };
            if namespace.is_empty() || name.is_empty() {
                return plain("serviceaccount must be <namespace>:<name>");
            }
            let mut subject = Value::map();
            subject.set("kind", "ServiceAccount");
            subject.set("name", name);
            subject.set("namespace", namespace);
            subjects.push(subject);
        }
        if !subjects.is_empty() {
            object.set("subjects", subjects);
        }
        let failed = format!("failed to create {}:", kind.to_lowercase());
        self.make(object, &failed, "created", arguments, session)
    }
}
